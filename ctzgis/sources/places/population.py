"""Read people at points: the shipped census settlements, or a user's file (人口)."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS
from ctzgis.errors import InputError, SchemaError, naming
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.csv_tables import open_end
from ctzgis.sources.formats.field_names import guessed_field
from ctzgis.sources.formats.files import data_folder, file_source, read_csv_rows
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.places.datum import DATUM_NAMES
from ctzgis.sources.places.people_cells import read_people_cells
from ctzgis.sources.places.placing import placed
from ctzgis.sources.places.points import TABLES, table_of_points
from ctzgis.sources.rasters.bands import RASTER_FORMATS
from ctzgis.tables import POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ctzgis.provenance import Source
    from ctzgis.sources.places.datum import Datum

    BBox = tuple[float, float, float, float]

__all__ = ["read_population", "read_settlements"]

_COLUMNS: Final = (
    "settlement_id", "name_zh", "county_code", "lon", "lat", "is_seat", "population",
    "accuracy_m",
)  # fmt: skip
_PEOPLE: Final = (
    "population", "pop", "人口", "常住人口", "人口数", "总人口", "常住人口数", "people",
)  # fmt: skip


def read_settlements(folder: Path | None = None) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read the shipped settlements with the people of the 2020 census.

    Returns
    -------
    GeoDataFrame, Source
        Indexed by ``settlement_id``: ``name_zh``, ``county_code``, ``is_seat``,
        ``population``, ``accuracy_m`` and points in EPSG:4547. A county's people are
        spread evenly over its settlements.
    """
    import geopandas as gpd
    import pandas as pd

    path = data_folder(folder) / "boundaries" / "settlements.csv"
    rows = pd.DataFrame(read_csv_rows(path, *_COLUMNS)).set_index("settlement_id")
    points = gpd.points_from_xy(
        rows["lon"].astype(float), rows["lat"].astype(float), crs=GEOGRAPHIC_CRS
    )
    frame = gpd.GeoDataFrame(
        {
            "name_zh": rows["name_zh"],
            "county_code": rows["county_code"],
            "is_seat": rows["is_seat"] == "true",
            "population": rows["population"].astype(int),
            "accuracy_m": rows["accuracy_m"].astype(float),
        },
        geometry=points,
    )
    return frame.to_crs(REGION_CRS), file_source(path)


def read_population(
    path: Path | str,
    *,
    column: str | None = None,
    crs: str | None = None,
    datum: "Datum" = "wgs84",
    bbox: "BBox | None" = None,
    nodata: float | None = None,
) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read a user's population: a raster of people, a layer of points, or a CSV table.

    A raster is read in parts, and only its cells with people are kept, so it may be
    larger than memory. Points and rows of a table are kept as they are.

    Parameters
    ----------
    path
        A GeoTIFF or the like whose first band counts people by cell; a vector file of
        points; or a CSV table with ``lon`` and ``lat`` (also ``lng``, 经度, 纬度, …), or
        with ``x`` and ``y`` and the ``crs`` they are in.
    column
        Field with the people; found by its name (``population``, ``pop``, 人口,
        常住人口, …) if not given.
    crs
        What the coordinates are in, if not what the file says.
    datum
        Datum of the coordinates: ``"wgs84"`` (with it CGCS2000), ``"gcj02"`` or
        ``"bd09"``; those of points and tables are converted.
    bbox
        West, south, east and north in degrees; only people inside are read.
    nodata
        A value of a raster that stands for no data, where the file does not say so.

    Returns
    -------
    GeoDataFrame, Source
        ``population`` at points (of a raster the centres of its cells) in EPSG:4547, or
        in the UTM zone of a place that does not fit; indexed from 0.

    Raises
    ------
    SourceError
        If the file is missing, cannot be read or is cut off.
    CRSError
        If it has no CRS, or its numbers cannot be coordinates in it.
    SchemaError
        If it is empty, holds other things than points, or counts that are missing or
        below 0.
    InputError
        If it has no such field, nobody in it, nothing inside ``bbox``, or more than 10
        million cells with people.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import read_population
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> rows = ["经度,纬度,常住人口", "112.98,28.19,1200", "113.15,27.83,800"]
    >>> _ = path.write_text(chr(10).join(rows), encoding="utf-8")
    >>> people, source = read_population(path)
    >>> int(people["population"].sum()), people.crs.to_epsg()
    (2000, 4547)
    >>> source.report.fields
    {'x': '经度', 'y': '纬度', 'population': '常住人口'}
    """
    path = Path(path)
    suffix = path.suffix.lower()
    notes: tuple[str, ...] = ()
    if suffix in RASTER_FORMATS:
        if datum != "wgs84":
            msg = (
                f"{path.name} is a raster; its datum is that of its CRS, not {datum!r}"
            )
            raise InputError(msg)
        frame, report = read_people_cells(path, crs=crs, bbox=bbox, nodata=nodata)
        crs = None
    else:
        frame, crs, notes, report = _points(path, column, crs)
    if not frame["population"].sum() > 0:
        msg = f"{path.name} holds nobody: its population adds up to 0"
        raise InputError(msg)
    at = placed(frame, path.name, crs=crs, datum=datum, bbox=bbox)
    report = replace(
        report,
        rows_kept=len(at.frame),
        changes=(*report.changes, *at.changes),
        crs_in=at.crs_in,
        crs_out=at.crs_out,
        datum="" if datum == "wgs84" else DATUM_NAMES[datum],
    )
    return at.frame.reset_index(drop=True), file_source(
        path,
        what=Text("用户提供的人口", "population given by the user"),
        crs=report.crs_in,
        notes=notes,
        report=report,
    )


def _points(
    path: Path, column: str | None, crs: str | None
) -> "tuple[gpd.GeoDataFrame, str | None, tuple[str, ...], ReadReport]":
    """Read people at points of a layer or table, the CRS they are in, and what was read."""
    fields: dict[str, str] = {}
    changes: tuple[Change, ...] = ()
    if path.suffix.lower() in TABLES:
        read, own_crs, fields = table_of_points(path)
        crs, changes = crs or own_crs, open_end(path)
    else:
        read = read_vector(path)
    rows = read.frame
    people = _people_field(path.name, rows.columns.drop(rows.geometry.name), column)
    frame = _people(rows[people], rows.geometry.array, rows.crs, path.name)
    report = ReadReport(
        rows_in=len(rows),
        rows_kept=len(rows),
        changes=changes,
        fields={**fields, "population": people},
        encoding=read.encoding,
    )
    return frame, crs, read.notes, report


def _people(
    people: "pd.Series[Any]", points: Any, crs: Any, name: str
) -> "gpd.GeoDataFrame":
    """Return people at points under the contract of the population."""
    import geopandas as gpd

    if people.empty:
        raise SchemaError(POPULATION.name, [f"{name} holds no rows"])
    frame = gpd.GeoDataFrame(
        {"population": people.to_numpy()}, geometry=points, crs=crs
    )
    with naming(name):
        POPULATION.check(frame)
    # A column of numbers may have been read as texts.
    return frame.assign(population=_as_numbers(frame["population"]))


def _as_numbers(values: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    return pd.to_numeric(values)


def _people_field(name: str, fields: "pd.Index[Any]", column: str | None) -> str:
    """Return the field that holds the people."""
    known = ", ".join(map(str, fields)) or "none"
    if column is not None:
        if column in fields:
            return column
        msg = f"{name} has no field '{column}'; it has: {known}"
        raise InputError(msg)
    found = guessed_field(fields, _PEOPLE)
    if found is None:
        msg = (
            f"column 'population' is missing in {name}, and none is called pop, 人口 or "
            f"常住人口; name one of its fields with column=: {known}"
        )
        raise SchemaError(POPULATION.name, [msg])
    return found
