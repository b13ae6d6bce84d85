"""Read facilities of a kind: points, lines or areas from layers and tables (设施)."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError, SchemaError, naming
from ctzgis.provenance import Change, ReadReport, Source
from ctzgis.sources.formats.csv_tables import open_end
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.places.placing import placed
from ctzgis.sources.places.points import TABLES, table_of_points
from ctzgis.tables import FACILITIES
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.sources.places.datum import Datum
    from ctzgis.sources.places.placing import BBox

__all__ = ["given_facilities", "read_facilities", "require_kind"]

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AREAL: Final = 2
_SHOWN: Final = 3


def read_facilities(
    path: Path | str,
    kind: str,
    *,
    crs: str | None = None,
    datum: "Datum" = "wgs84",
    bbox: "BBox | None" = None,
    to_crs: str = REGION_CRS,
) -> "tuple[gpd.GeoDataFrame, Source]":
    r"""
    Read the facilities of a kind: points, lines or areas.

    Outlines that cross themselves are repaired; rows without a place are dropped; two
    points at one place are noticed. All of it is told in the report.

    Parameters
    ----------
    path
        A vector file, or a CSV table with ``lon`` and ``lat`` (also 经度, 纬度, …).
    kind
        What they are, e.g. ``"charger"``.
    crs
        What the coordinates are in, if not what the file says.
    datum
        ``"gcj02"`` or ``"bd09"`` coordinates are converted.
    bbox
        West, south, east and north in degrees; only what touches it is kept.
    to_crs
        CRS of the result.

    Returns
    -------
    GeoDataFrame, Source
        All fields of the file under the ``FACILITIES`` contract, and what was read.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    CRSError
        If it has no CRS, or its numbers cannot be coordinates in it.
    SchemaError
        If it holds nothing, or other things than points, lines and areas.
    InputError
        If the kind is no word, or nothing lies inside ``bbox``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "chargers.csv"
    >>> _ = path.write_text("lon,lat,count\n113.0,28.2,12\n", encoding="utf-8")
    >>> sites, source = read_facilities(path, "charger")
    >>> sites["count"].tolist(), source.what
    ([12], 'charger facilities given by the user')
    """
    require_kind(kind)
    path = Path(path)
    own_crs = None
    if path.suffix.lower() in TABLES:
        found, own_crs, _ = table_of_points(path)
    else:
        found = read_vector(path)
    frame, changes = _usable(found.frame.reset_index(drop=True), path.name)
    if path.suffix.lower() in TABLES:
        changes += open_end(path)
    spot = placed(
        frame, path.name, crs=crs or own_crs, datum=datum, bbox=bbox, to_crs=to_crs
    )
    with naming(path.name):
        FACILITIES.check(spot.frame)
    report = ReadReport(
        rows_in=len(found.frame),
        rows_kept=len(spot.frame),
        unit=Text("处", "facilities"),
        changes=(*changes, *spot.changes),
        crs_in=spot.crs_in,
        crs_out=spot.crs_out,
        datum="" if datum == "wgs84" else datum,
        encoding=found.encoding,
    )
    source = file_source(
        path, what=_what(kind), crs=spot.crs_in, notes=found.notes, report=report
    )
    return spot.frame.reset_index(drop=True), source


def given_facilities(
    frame: "gpd.GeoDataFrame", kind: str, *, to_crs: str = REGION_CRS
) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Take facilities of a kind from a frame, as :func:`read_facilities` does from a file.

    Raises
    ------
    CRSError
        If the frame has no CRS.
    SchemaError
        If it holds nothing, or other things than points, lines and areas.
    InputError
        If the kind is no word.
    """
    require_kind(kind)
    name = f"facilities {kind}"
    if frame.crs is None:
        msg = f"{name} have no CRS; say what the coordinates are in (frame.set_crs)"
        raise CRSError(msg)
    usable, changes = _usable(frame.reset_index(drop=True), name)
    spot = placed(usable, name, to_crs=to_crs)
    with naming(name):
        FACILITIES.check(spot.frame)
    report = ReadReport(
        rows_in=len(frame),
        rows_kept=len(spot.frame),
        unit=Text("处", "facilities"),
        changes=(*changes, *spot.changes),
        crs_in=spot.crs_in,
        crs_out=spot.crs_out,
    )
    what = _what(kind)
    source = Source(
        name=name, what=what.en, what_zh=what.zh, source="not stated",
        licence="unknown", crs=spot.crs_in, report=report,
    )  # fmt: skip
    return spot.frame.reset_index(drop=True), source


def require_kind(kind: str) -> None:
    """Raise ``InputError`` unless a kind is a word of small letters, as ``charger`` is."""
    if not _KIND.fullmatch(kind):
        msg = (
            f"kind of facilities {kind!r}; a word of small letters, digits and _ is "
            "expected, e.g. charger"
        )
        raise InputError(msg)


def _what(kind: str) -> Text:
    return Text(f"用户提供的设施（{kind}）", f"{kind} facilities given by the user")


def _usable(frame: Any, name: str) -> "tuple[gpd.GeoDataFrame, list[Change]]":
    """Return what has a place, areas repaired, and what was done."""
    shapes = np.asarray(frame.geometry.array)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if lost.all():
        raise SchemaError(FACILITIES.name, [f"{name} holds no rows with a geometry"])
    changes = []
    if lost.any():
        what = Text("没有坐标的行", "rows without coordinates")
        changes.append(_change("dropped", what, lost))
        frame = frame[~lost].reset_index(drop=True)
        shapes = shapes[~lost]
    wrong = (shapely.get_dimensions(shapes) == _AREAL) & ~shapely.is_valid(shapes)
    if wrong.any():
        whole = shapes.copy()
        whole[wrong] = shapely.buffer(shapely.make_valid(shapes[wrong]), 0)
        changes.append(_change("repaired", Text("无效的面", "invalid outlines"), wrong))
        frame = frame.set_geometry(whole, crs=frame.crs)
    twice = frame.geometry.to_wkb().duplicated().to_numpy()
    if twice.any():
        what = Text("与前面某行同在一处", "at the same place as one before")
        changes.append(_change("noticed", what, twice))
    return frame, changes


def _change(action: Any, what: Text, which: Any) -> Change:
    rows = tuple(map(str, np.flatnonzero(which)[:_SHOWN]))
    return Change(action=action, what=what, count=int(which.sum()), rows=rows)
