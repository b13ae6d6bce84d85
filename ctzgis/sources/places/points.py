"""Read points: POI, stations, origins and destinations, from layers and tables (点数据)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import InputError, SchemaError, naming
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.csv_tables import open_end, read_csv_table
from ctzgis.sources.formats.field_names import guessed_field
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import VectorLayer, read_vector
from ctzgis.sources.places.placing import placed
from ctzgis.tables import POINTS
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ctzgis.provenance import Source
    from ctzgis.sources.places.datum import Datum
    from ctzgis.sources.places.placing import Axes, BBox

__all__ = ["TABLES", "coordinate_fields", "read_points", "table_of_points"]

TABLES: Final = (".csv", ".tsv", ".txt")
"""Endings of tables, which have coordinates in columns."""

# Fields of a table by what they hold; those of the first pair are in degrees.
_COORDINATES: Final = (
    (("lon", "lng", "long", "longitude", "经度"), ("lat", "latitude", "纬度")),
    (("x", "easting", "x坐标", "横坐标"), ("y", "northing", "y坐标", "纵坐标")),
)
_SHOWN: Final = 3


def read_points(
    path: Path | str,
    *,
    index: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    axes: "Axes" = "xy",
    datum: "Datum" = "wgs84",
    bbox: "BBox | None" = None,
    to_crs: str | None = None,
) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read points with all their fields, ready to be measured.

    Parameters
    ----------
    path
        A vector file of points, or a CSV table with ``lon`` and ``lat`` (also ``lng``,
        经度, 纬度, …), or with ``x`` and ``y`` and the ``crs`` they are in; codes such as
        050000 stay texts.
    index
        Field that names each row once; rows are numbered from 0 if not given.
    layer
        Which layer of a file with several.
    encoding
        Encoding of a Shapefile's texts; found if not given.
    crs
        What the coordinates are in, if not what the file says.
    axes
        ``"yx"`` if north stands before east.
    datum
        Datum of the coordinates: ``"wgs84"`` (with it CGCS2000), ``"gcj02"`` as Amap and
        Tencent give them, or ``"bd09"`` as Baidu does.
    bbox
        West, south, east and north in degrees; only points inside are kept.
    to_crs
        CRS of the result; EPSG:4547 if it fits the place, else its UTM zone.

    Returns
    -------
    GeoDataFrame, Source
        Points under the ``POINTS`` contract, and what was read. Rows without coordinates
        are dropped and told.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    CRSError
        If it has no CRS, or its numbers cannot be coordinates in it.
    SchemaError
        If it holds no points, or names one twice.
    InputError
        If it has no such field or it is empty in a row, or nothing lies inside ``bbox``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import read_points
    >>> path = Path(tempfile.mkdtemp()) / "poi.csv"
    >>> rows = ["名称,经度,纬度", "五一广场,112.9755,28.1966", ""]
    >>> _ = path.write_text(chr(10).join(rows), encoding="gbk")
    >>> poi, source = read_points(path, datum="gcj02", index="名称")
    >>> poi.to_crs(4326).get_coordinates().round(3).loc["五一广场"].tolist()
    [112.97, 28.2]
    >>> source.report
    1 of 1 points kept
    CRS: EPSG:4326 → EPSG:4547
    datum: gcj02
    encoding: GB18030 (not declared; UTF-8 does not fit)
    fields: x ← 经度, y ← 纬度
    repaired 1: geometries converted from GCJ-02
    """
    path = Path(path)
    if path.suffix.lower() in TABLES:
        found, own_crs, fields = table_of_points(path)
    else:
        found = read_vector(path, layer=layer, encoding=encoding)
        own_crs, fields = None, {}
    frame, changes = _with_coordinates(found.frame, path.name)
    if path.suffix.lower() in TABLES:
        changes += open_end(path)
    spot = placed(
        _indexed(frame, index, path.name),
        path.name,
        crs=crs or own_crs,
        axes=axes,
        datum=datum,
        bbox=bbox,
        to_crs=to_crs,
    )
    with naming(path.name):
        POINTS.check(spot.frame)
    report = ReadReport(
        rows_in=len(found.frame),
        rows_kept=len(spot.frame),
        unit=Text("个点", "points"),
        changes=(*changes, *spot.changes),
        crs_in=spot.crs_in,
        crs_out=spot.crs_out,
        datum="" if datum == "wgs84" else datum,
        encoding=found.encoding,
        fields=fields,
    )
    what = Text("用户提供的点", "points given by the user")
    source = file_source(
        path, what=what, crs=spot.crs_in, notes=found.notes, report=report
    )
    return spot.frame, source


def table_of_points(path: Path) -> tuple[VectorLayer, str | None, dict[str, str]]:
    """
    Read a CSV table with coordinates in two of its columns.

    Returns
    -------
    layer, crs, fields
        Its rows, with a point where both coordinates are numbers; WGS-84 if they are in
        degrees by their names, else ``None``; and the fields they were taken from.

    Raises
    ------
    SourceError, InputError
        If it cannot be read or has no such columns.
    """
    import geopandas as gpd
    import pandas as pd

    table, encoding = read_csv_table(path)
    x, y, in_degrees = coordinate_fields(path.name, table.columns)
    at = np.column_stack([pd.to_numeric(table[c], errors="coerce") for c in (x, y)])
    known = np.isfinite(at).all(axis=1)
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(at[known].astype(float))
    frame = gpd.GeoDataFrame(table, geometry=points)
    crs = GEOGRAPHIC_CRS if in_degrees else None
    return VectorLayer(frame, encoding), crs, {"x": x, "y": y}


def coordinate_fields(name: str, fields: "pd.Index[Any]") -> tuple[str, str, bool]:
    """
    Return the fields of the coordinates, and whether they are in degrees.

    Raises
    ------
    InputError
        If there are none.
    """
    for number, (easts, norths) in enumerate(_COORDINATES):
        x, y = guessed_field(fields, easts), guessed_field(fields, norths)
        if x is not None and y is not None:
            return x, y, number == 0
    msg = (
        f"{name} has no columns lon and lat (or 经度 and 纬度, or x and y); "
        f"it has: {', '.join(map(str, fields)) or 'none'}"
    )
    raise InputError(msg)


def _with_coordinates(
    frame: "gpd.GeoDataFrame", name: str
) -> "tuple[gpd.GeoDataFrame, list[Change]]":
    shapes = np.asarray(frame.geometry.array)
    with np.errstate(invalid="ignore"):
        middle = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    lost |= (shapely.get_type_id(shapes) == 0) & ~np.isfinite(middle).all(axis=1)
    if lost.all():
        raise SchemaError(POINTS.name, [f"{name} holds no rows with coordinates"])
    if not lost.any():
        return frame, []
    shown = tuple(map(str, np.flatnonzero(lost)[:_SHOWN]))
    what = Text("没有坐标的行", "rows without coordinates")
    change = Change(action="dropped", what=what, count=int(lost.sum()), rows=shown)
    return frame[~lost], [change]


def _indexed(
    frame: "gpd.GeoDataFrame", index: str | None, name: str
) -> "gpd.GeoDataFrame":
    if index is None:
        return frame.reset_index(drop=True)
    if index not in frame:
        shown = ", ".join(map(str, frame.columns.drop(frame.geometry.name)))
        msg = f"{name} has no field '{index}'; it has: {shown or 'none'}"
        raise InputError(msg)
    if (empty := frame[index].isna()).any():
        msg = (
            f"{name}: field '{index}', which is to name each row, is empty in "
            f"{int(empty.sum()):,} rows, the first {int(np.flatnonzero(empty)[0])}"
        )
        raise InputError(msg)
    return frame.set_index(index)
