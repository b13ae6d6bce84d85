"""Tables and areas that were measured, in files of their own (量算结果文件)."""

import importlib.util
import json
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.csv_files import write_csv
from ctzgis.errors import InputError, SourceError, fail_for_extra
from ctzgis.writing import require_place, written_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from ctzgis.provenance import Source

__all__ = ["require_writable", "write_measure"]

_TABLES: Final = (".csv", ".parquet", ".gpkg")
_AREAS: Final = (*_TABLES, ".geojson")
_SOURCES: Final = "ctzgis_sources"
_PARAMETERS: Final = "ctzgis_parameters"


def require_writable(path: "Path", *, drawn: bool) -> None:
    """
    Raise unless a result may be written to a path; ask before work begins.

    Parameters
    ----------
    path
        Where it is to be written; its ending says in what form.
    drawn
        Whether the result has geometry.

    Raises
    ------
    InputError
        If no form has this ending.
    SourceError
        If there is no such folder, it may not be written to, a folder has this name,
        or a writer is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> require_writable(Path("times.docx"), drawn=False)
    Traceback (most recent call last):
    ctzgis.errors.InputError: times.docx: the result is written as .csv, .parquet or .gpkg
    """
    forms = _AREAS if drawn else _TABLES
    if path.suffix.lower() not in forms:
        known = f"{', '.join(forms[:-1])} or {forms[-1]}"
        msg = f"{path.name}: the result is written as {known}"
        raise InputError(msg)
    if path.suffix.lower() == ".parquet" and not importlib.util.find_spec("pyarrow"):
        fail_for_extra(f"{path.name} needs a writer", "parquet")
    require_place(path)


def write_measure(
    frames: "Iterable[pd.DataFrame]",
    path: "Path",
    *,
    sources: "Iterable[Source]" = (),
    parameters: "Mapping[str, Any] | None" = None,
) -> int:
    """
    Write what was measured, whole or not at all.

    GeoPackage and Parquet hold every digit, and where it comes from as metadata. A CSV
    is for people: it has no geometry, the digits of :func:`ctzgis.csv_files.legible`,
    and marks on texts that a spreadsheet would run. GeoJSON is in WGS-84.

    Parameters
    ----------
    frames
        The rows, in parts that have the same columns; one alone if they have geometry.
    path
        File to write; its ending says in what form.
    sources
        What the measure was taken on.
    parameters
        With what it was taken.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    InputError
        If no form has this ending.
    SourceError
        If it cannot be written; a file that was there stays.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import isochrones
    >>> from ctzgis.examples import gridville, gridville_places
    >>> rings = isochrones(gridville(), gridville_places(), cutoffs_min=[2, 4])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_measure([rings], Path(folder) / "rings.gpkg")
    10
    """
    writers = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".gpkg": _write_gpkg,
        ".geojson": _write_geojson,
    }
    about = {
        _SOURCES: json.dumps([s.to_dict() for s in sources], ensure_ascii=False),
        _PARAMETERS: json.dumps(dict(parameters or {}), ensure_ascii=False),
    }
    require_writable(path, drawn=True)
    counter = _Counter(frames)
    with written_whole(path) as part:
        try:
            writers[path.suffix.lower()](counter, part, about)
        except RuntimeError as error:  # GDAL's, e.g. of a full disk
            msg = f"cannot write {path}: {error}"
            raise SourceError(msg) from error
    return counter.rows


class _Counter:
    """Frames on their way to a file, and how many rows went by."""

    def __init__(self, frames: "Iterable[pd.DataFrame]") -> None:
        self._frames = frames
        self.rows = 0

    def __iter__(self) -> "Iterator[pd.DataFrame]":
        for frame in self._frames:
            self.rows += len(frame)
            yield frame


def _write_csv(
    frames: "Iterable[pd.DataFrame]", path: "Path", _about: "Mapping[str, str]"
) -> None:
    # Excel takes a CSV for UTF-8 only if it starts with a byte order mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for number, frame in enumerate(frames):
            name = getattr(frame, "_geometry_column_name", None)
            cells = frame if name is None else frame.drop(columns=name)
            write_csv(cells, file, head=number == 0)


def _write_gpkg(
    frames: "Iterable[pd.DataFrame]", path: "Path", about: "Mapping[str, str]"
) -> None:
    import pyogrio

    for number, frame in enumerate(frames):
        more: dict[str, Any] = (
            {"append": True} if number else {"layer_metadata": dict(about)}
        )
        pyogrio.write_dataframe(frame, path, layer="measure", driver="GPKG", **more)


def _write_geojson(
    frames: "Iterable[gpd.GeoDataFrame]", path: "Path", _about: "Mapping[str, str]"
) -> None:
    import pyogrio

    for number, frame in enumerate(frames):
        more = {"append": True} if number else {}
        degrees = frame.to_crs(GEOGRAPHIC_CRS)
        pyogrio.write_dataframe(degrees, path, driver="GeoJSON", **more)


def _write_parquet(
    frames: "Iterable[pd.DataFrame]", path: "Path", about: "Mapping[str, str]"
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for frame in frames:
            table = _arrow(frame)
            known = {**(table.schema.metadata or {}), **_bytes(about)}
            table = table.replace_schema_metadata(known)
            if writer is None:
                writer = pq.ParquetWriter(path, table.schema, write_page_checksum=True)
            writer.write_table(table)
    except pa.ArrowInvalid as error:  # e.g. a column of numbers and texts
        msg = f"{path.name} cannot hold the result: {error}"
        raise InputError(msg) from error
    finally:
        if writer is not None:
            writer.close()


def _bytes(about: "Mapping[str, str]") -> dict[bytes, bytes]:
    return {key.encode(): value.encode() for key, value in about.items()}


def _arrow(frame: "pd.DataFrame") -> Any:
    """Return a frame as Arrow has it, GeoParquet's metadata with it."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    if not hasattr(frame, "to_crs"):
        return pa.Table.from_pandas(frame, preserve_index=False)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return pq.read_table(buffer)
