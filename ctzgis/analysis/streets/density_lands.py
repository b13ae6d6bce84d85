"""The land within zones over which roads are counted (路网密度分母)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.analysis.streets.built_up import derived_built_up
from ctzgis.crs import area_km2, require_same
from ctzgis.errors import InputError
from ctzgis.tables import ZONES
from ctzgis.texts import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.streets.density_rules import Denominator

    Floats = NDArray[np.float64]

__all__ = ["Land", "land_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """
    The land of each zone that counts.

    Attributes
    ----------
    shapes
        Polygons; empty where a zone has no such land.
    km2
        Their areas on the ellipsoid.
    word
        What it is: ``"zone"``, ``"built_up"``, ``"built_up_derived"`` or
        ``"zone_without"``.
    told
        What it is, and how it was found.
    """

    shapes: "NDArray[np.object_]"
    km2: "Floats"
    word: str
    told: Text


def land_of(
    streets: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    denominator: "Denominator",
    *,
    built_up: gpd.GeoDataFrame | None = None,
    without: gpd.GeoDataFrame | None = None,
) -> Land:
    """
    Return the land of zones that counts; built-up areas are derived if none are given.

    Raises
    ------
    SchemaError, CRSError
        If given areas break their contract or differ in CRS.
    InputError
        If areas to leave out are wanted and none are given.
    """
    shapes = np.asarray(zones.geometry.array)
    word, told = "zone", Text("统计单元全域", "the whole zone")
    if denominator == "zone_without":
        if without is None:
            msg = (
                "denominator 'zone_without' needs areas to leave out; give without=…, "
                "e.g. water and the green heart"
            )
            raise InputError(msg)
        shapes = shapely.difference(shapes, _union(without, zones, "without"))
        word = "zone_without"
        told = Text("统计单元扣除给定范围", "the zone without the given areas")
    elif denominator == "built_up":
        word, told = "built_up", Text("给定的建成区", "the given built-up area")
        if built_up is None:
            built_up = derived_built_up(streets)
            word, told = "built_up_derived", built_up.attrs["rules"]
        shapes = shapely.intersection(shapes, _union(built_up, zones, "built_up"))
    if word != "zone":
        shapes = np.array([_areal(shape) for shape in shapes], dtype=object)
    measured = area_km2(gpd.GeoSeries(shapes, crs=zones.crs))
    km2 = np.asarray(measured, dtype=np.float64)
    return Land(shapes, km2, word, told)


def _union(
    areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, name: str
) -> shapely.Geometry:
    """Return given areas as one shape."""
    ZONES.check(areas)
    require_same(zones, areas, left_name="zones", right_name=name)
    return shapely.union_all(np.asarray(areas.geometry.array))


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return what has an area; where outlines merely touch, lines and points are left."""
    if isinstance(shape, (shapely.Polygon, shapely.MultiPolygon)):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
