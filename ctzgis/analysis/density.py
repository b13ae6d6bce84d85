"""Road density: length of roads per area (路网密度)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from ctzgis.crs import area_km2, require_metric, require_same
from ctzgis.tables import STREETS, ZONES

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["mapped_share", "road_density"]


def road_density(
    streets: "gpd.GeoDataFrame", zones: "gpd.GeoDataFrame"
) -> pd.DataFrame:
    """
    Measure how densely roads serve each zone.

    Every line counts with the length that lies inside a zone; a line on the border
    of two zones counts half in each. Lines are counted as they are drawn: where
    both carriageways of a road are drawn, both count.

    Parameters
    ----------
    streets
        Lines in true metres.
    zones
        Polygons in the CRS of ``streets``.

    Returns
    -------
    DataFrame
        With the index of ``zones``: ``length_km``, ``area_km2`` (on the ellipsoid)
        and ``road_density_km_per_km2``; 0 where there is no road.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.

    Examples
    --------
    220 km of road on 100 km²; the 40 km on the outer border count half:

    >>> from ctzgis.examples import gridville, gridville_zones
    >>> town = gridville_zones().dissolve()
    >>> road_density(gridville().roads.roads, town)["road_density_km_per_km2"].round(2).tolist()
    [2.0]
    """
    STREETS.check(streets)
    ZONES.check(zones)
    require_metric(streets, "streets")
    require_same(streets, zones, left_name="streets", right_name="zones")
    lines = np.asarray(streets.geometry.array)
    areas = np.asarray(zones.geometry.array)
    length_m = np.array([_inside_m(lines, streets.sindex, area) for area in areas])
    frame = pd.DataFrame({"length_km": length_m / 1000}, index=zones.index)
    frame["area_km2"] = area_km2(zones)
    frame["road_density_km_per_km2"] = frame["length_km"] / frame["area_km2"]
    return frame


def mapped_share(
    streets: "gpd.GeoDataFrame",
    zones: "gpd.GeoDataFrame",
    *,
    within_m: float = 1_000.0,
    step_m: float = 250.0,
) -> "pd.Series[float]":
    """
    Tell which share of each zone a street layer can be said to map.

    Where no line is near, a layer may be cut off or the land may be empty; the two
    cannot be told apart, so such land counts as not mapped.

    Parameters
    ----------
    streets
        Lines in true metres.
    zones
        Polygons in the CRS of ``streets``.
    within_m
        Land nearer to a line than this is mapped.
    step_m
        Distance of the places that are looked at; the share is true to about one
        place in the zone.

    Returns
    -------
    Series
        Shares 0–1 named ``mapped_share``, with the index of ``zones``; NaN for a zone
        too small to hold a place.

    Raises
    ------
    CRSError
        If the two differ in CRS.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> mapped_share(gridville().roads.roads, gridville_zones()).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    require_same(streets, zones, left_name="streets", right_name="zones")
    shares = [_near_share(streets, zone, within_m, step_m) for zone in zones.geometry]
    return pd.Series(shares, index=zones.index, name="mapped_share", dtype="float64")


def _near_share(
    streets: "gpd.GeoDataFrame",
    zone: "shapely.Geometry",
    within_m: float,
    step_m: float,
) -> float:
    west, south, east, north = zone.bounds
    x, y = np.meshgrid(
        np.arange(west + step_m / 2, east, step_m),
        np.arange(south + step_m / 2, north, step_m),
    )
    places = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(zone)
    places = places[shapely.contains(zone, places)]
    if not len(places) or not len(streets):
        return float("nan") if not len(places) else 0.0
    near, _ = streets.sindex.nearest(places, max_distance=within_m, return_all=False)
    return len(near) / len(places)


def _inside_m(
    lines: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    index: "gpd.sindex.SpatialIndex",
    area: "shapely.Geometry",
) -> float:
    """Sum lengths inside an area; what runs along its border counts half."""
    shapely.prepare(area)
    near = lines[np.sort(index.query(area, predicate="intersects"))]
    whole = shapely.contains_properly(area, near)
    cut = near[~whole]
    inside = float(shapely.length(near[whole]).sum())
    inside += float(shapely.length(shapely.intersection(cut, area)).sum())
    along = float(
        shapely.length(shapely.intersection(cut, shapely.boundary(area))).sum()
    )
    return inside - along / 2
