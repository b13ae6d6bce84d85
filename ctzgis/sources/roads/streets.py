"""Read a user's street layer, to be measured (街道图层)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS, require_metric
from ctzgis.errors import InputError, SchemaError, naming
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.places.placing import elsewhere, placed
from ctzgis.sources.roads.street_fields import street_columns
from ctzgis.tables import STREETS
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.provenance import Source
    from ctzgis.sources.places.datum import Datum
    from ctzgis.sources.roads.fields import MappingLike

__all__ = ["StreetLayer", "read_streets", "require_overlap"]


@dataclass(frozen=True, slots=True, eq=False)
class StreetLayer:
    """
    A user's road layer, ready to be measured.

    Attributes
    ----------
    frame
        Lines under the ``STREETS`` contract, in EPSG:4547.
    source
        What was read, and what reading did to it.
    """

    frame: "gpd.GeoDataFrame"
    source: "Source"


def read_streets(
    path: Path | str,
    *,
    reproject: bool = False,
    crs: str | None = None,
    datum: "Datum" = "wgs84",
    mapping: "MappingLike" = None,
) -> StreetLayer:
    """
    Read a road layer to be measured, from any vector file.

    Lines of length zero are dropped and lines whose direction is against the way they are
    drawn are turned, and said so; nothing else is repaired.

    Class, name and number, ramps and rings, direction, level, bridges and tunnels, lanes and
    width are taken from fields with usual Chinese and English names; the report tells which.
    Classes are those of ``road_word``; a word that is not known is kept as it is, and told.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, GeoJSON, FileGDB, GeoParquet, ….
    reproject
        Whether a layer in degrees or in a CRS unfit for measuring may be
        converted to EPSG:4547; without it such a layer is refused.
    crs
        What the coordinates are in; as the file says if not given.
    datum
        ``"gcj02"`` or ``"bd09"`` coordinates are converted.
    mapping
        Field of each column, e.g. ``{"road_class": "等级"}``, and what values mean, e.g.
        ``{"road_class_values": {"甲": "primary"}}``, as for ``read_network``; or a TOML
        file with the same. What it does not name is guessed.

    Returns
    -------
    StreetLayer
        With ``road_class``, ``name_zh``, ``ref``, ``link``, ``roundabout``, ``oneway``,
        ``level``, ``bridge``, ``tunnel``, ``lanes`` and ``width_m``, where the layer tells
        them.

    Raises
    ------
    InputError
        If the mapping names a field or a meaning that there is not.
    SourceError
        If the file is missing or cannot be read.
    CRSError
        If the layer has no CRS, one that must not be measured in, or one that its numbers
        cannot be in.
    SchemaError
        If it is empty, holds other things than lines, or undefined coordinates.
    """
    import geopandas as gpd

    path = Path(path)
    found = read_vector(path)
    frame = found.frame
    if frame.empty:
        raise SchemaError(STREETS.name, [f"{path.name} holds no rows"])
    with naming(path.name):
        STREETS.check(frame)
    if crs is None and datum == "wgs84" and (frame.crs is None or not reproject):
        require_metric(frame, path.name)
    fields = frame.drop(columns=frame.geometry.name)
    taken = street_columns(fields.reset_index(drop=True), mapping, path.name)
    # Columns nothing reads may clash with those of the files the layer ends up in.
    lines = gpd.GeoDataFrame(
        taken.columns, geometry=_as_driven(frame, taken.backward), crs=frame.crs
    )
    spot = placed(lines, path.name, crs=crs, datum=datum, to_crs=REGION_CRS)
    zero = spot.frame.length == 0
    changes = [*spot.changes, *taken.changes]
    if zero.any():
        what = Text("零长度线", "lines of length zero")
        changes.append(Change(action="dropped", what=what, count=int(zero.sum())))
    report = ReadReport(
        rows_in=len(frame),
        rows_kept=int((~zero).sum()),
        unit=Text("条线", "lines"),
        changes=tuple(changes),
        crs_in=spot.crs_in,
        crs_out=spot.crs_out,
        datum="" if datum == "wgs84" else datum,
        encoding=found.encoding,
        fields=taken.fields,
    )
    source = file_source(
        path,
        what=Text("用户提供的道路图层", "road layer given by the user"),
        crs=spot.crs_in,
        notes=found.notes,
        report=report,
    )
    return StreetLayer(spot.frame[~zero], source)


def _as_driven(
    frame: "gpd.GeoDataFrame", backward: "NDArray[np.bool_]"
) -> "NDArray[np.object_]":
    """Turn lines whose one direction is against the way they are drawn."""
    shapes = np.asarray(frame.geometry.array)
    if backward.any():
        shapes = np.where(backward, shapely.reverse(shapes), shapes)
    return shapes


def require_overlap(layer: StreetLayer, region: "gpd.GeoSeries") -> None:
    """
    Refuse a layer that does not touch the region it is to be measured in.

    Raises
    ------
    InputError
        With the readings of its coordinates that would lie in the region.
    """
    if len(layer.frame.sindex.query(region.union_all(), predicate="intersects")):
        return
    as_read = layer.frame.to_crs(layer.source.crs)
    west, south, east, north = region.to_crs(GEOGRAPHIC_CRS).total_bounds
    told = elsewhere(
        as_read,
        layer.frame.to_crs(GEOGRAPHIC_CRS),
        layer.source.name,
        (west, south, east, north),
    )
    msg = f"{layer.source.name} does not touch the planning area: {told}"
    raise InputError(msg)
