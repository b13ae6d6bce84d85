"""Tables of a GTFS feed: unpacked within bounds, decoded and typed (GTFS 表)."""

import csv
import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from ctzgis.errors import InputError, fail_for_extra
from ctzgis.provenance import Change
from ctzgis.sources.gtfs.archive import feed_files, first_few
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["WEEKDAYS", "FeedTables", "library", "read_tables", "refuse"]

_LONG_ROWS: Final = "rows have more fields than the header"
_MAX_WHOLE: Final = 2**31 - 1

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

# What pandas takes for a missing value, here a whole field of a table.
_MISSING_WORDS: Final = re.compile(
    r'(?<=[,"\n])(?=(?:#N/A(?: N/A)?|#NA|-?1\.#(?:IND|QNAN)|-?NaN|-?nan|<NA>|N/A|NA|'
    r'NULL|None|n/a|null)["\n,])'
)
_BLANK_FIELDS: Final = re.compile(r"(?<=[,\n])[ \t]+(?=[,\n])")

_Kind = Literal["text", "float", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What is read of one table: columns with their kinds, the needed ones, the key."""

    columns: "Mapping[str, _Kind]"
    needed: tuple[str, ...]
    key: tuple[str, ...] = ()


_TABLES: Final["Mapping[str, _Table]"] = {
    "stops": _Table(
        columns={
            "stop_id": "text", "stop_name": "text", "parent_station": "text",
            "stop_lat": "float", "stop_lon": "float",
        },
        needed=("stop_id", "stop_lat", "stop_lon"),
        key=("stop_id",),
    ),
    "routes": _Table(
        columns={
            "route_id": "text", "route_short_name": "text", "route_long_name": "text",
            "route_type": "whole",
        },
        needed=("route_id", "route_type"),
        key=("route_id",),
    ),
    "trips": _Table(
        columns={
            "trip_id": "text", "route_id": "text", "service_id": "text",
            "direction_id": "whole", "shape_id": "text",
        },
        needed=("trip_id", "route_id", "service_id"),
        key=("trip_id",),
    ),
    "stop_times": _Table(
        columns={
            "trip_id": "text", "stop_id": "text", "stop_sequence": "whole",
            "arrival_time": "text", "departure_time": "text", "pickup_type": "whole",
            "drop_off_type": "whole",
        },
        needed=(
            "trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time",
        ),
        key=("trip_id", "stop_sequence"),
    ),
    "calendar": _Table(
        columns={
            "service_id": "text", **dict.fromkeys(WEEKDAYS, "whole"),
            "start_date": "text", "end_date": "text",
        },
        needed=("service_id", *WEEKDAYS, "start_date", "end_date"),
        key=("service_id",),
    ),
    "calendar_dates": _Table(
        columns={"service_id": "text", "date": "text", "exception_type": "whole"},
        needed=("service_id", "date", "exception_type"),
        key=("service_id", "date"),
    ),
    "frequencies": _Table(
        columns={
            "trip_id": "text", "start_time": "text", "end_time": "text",
            "headway_secs": "whole",
        },
        needed=("trip_id", "start_time", "end_time", "headway_secs"),
        key=("trip_id", "start_time"),
    ),
    "shapes": _Table(
        columns={
            "shape_id": "text", "shape_pt_lat": "float", "shape_pt_lon": "float",
            "shape_pt_sequence": "whole",
        },
        needed=("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    ),
}  # fmt: skip
_NEEDED_TABLES: Final = ("stops", "routes", "trips", "stop_times")


@dataclass(frozen=True, slots=True, eq=False)
class FeedTables:
    """
    The tables of a feed that lines are made of.

    Attributes
    ----------
    frames
        A frame per table, empty where the feed has none. Every column is there: texts
        without blanks around them and ``""`` where empty, numbers as floats and NaN
        where empty. ``row`` is the row of the file, counted from 1 with the header and
        without blank lines.
    changes
        What was left out while reading.
    encoding
        Encoding of the texts.
    """

    frames: "Mapping[str, pd.DataFrame]"
    changes: tuple[Change, ...]
    encoding: str


def read_tables(path: Path) -> FeedTables:
    """
    Read the tables of a feed through gtfs_kit.

    Raises
    ------
    SourceError
        If the feed is missing or cannot be unpacked, or gtfs_kit is not installed.
    InputError
        If a table or column is missing, a cell is no number where one belongs, an id
        is used twice, or the feed exceeds the bounds.
    """
    gtfs_kit = library()
    with tempfile.TemporaryDirectory(prefix="ctzgis-gtfs-") as name:
        folder = Path(name)
        encodings = _written(path, folder)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # mixed types of columns not used
                feed = gtfs_kit.read_feed(folder, dist_units="m")
        except (ValueError, TypeError, OverflowError, OSError, RuntimeError) as error:
            raise _fault(folder, error) from error
    frames: dict[str, pd.DataFrame] = {}
    changes: list[Change] = []
    for table in _TABLES:
        frames[table], more = _frame(table, getattr(feed, table))
        changes += more
    for table in _NEEDED_TABLES:
        if frames[table].empty:
            msg = f"{table}.txt holds no rows; a feed with service is expected"
            raise InputError(msg)
    others = [table for table, encoding in encodings.items() if encoding != "UTF-8"]
    told = f"GB18030, as {', '.join(others)} is not UTF-8" if others else "UTF-8"
    return FeedTables(frames, tuple(changes), told)


def library() -> Any:
    """
    Return gtfs_kit.

    Raises
    ------
    SourceError
        If it is not installed, with the extra that brings it.
    """
    try:
        import gtfs_kit
    except ImportError:
        fail_for_extra("GTFS needs gtfs_kit, a reader", "gtfs")
    return gtfs_kit


def refuse(
    table: str, frame: "pd.DataFrame", wrong: "NDArray[np.bool_]", reason: str
) -> None:
    """
    Raise ``InputError`` naming the first row that is wrong, if there is one.

    ``reason`` is a format of the row's columns, e.g. ``"{stop_id!r} is unknown"``.
    """
    if not wrong.any():
        return
    first = frame.loc[wrong].iloc[0]
    more = f" (and {wrong.sum() - 1:,} more rows)" if wrong.sum() > 1 else ""
    values = {
        str(key): int(value) if isinstance(value, float) and value % 1 == 0 else value
        for key, value in first.items()
    }
    msg = f"{table}.txt row {first['row']}: {reason.format(**values)}{more}"
    raise InputError(msg)


def _written(path: Path, folder: Path) -> dict[str, str]:
    """Write the tables of a feed as UTF-8 into a folder and tell their encodings."""
    encodings = {}
    for table, data in feed_files(path, _TABLES):
        text, encodings[table] = _text(data, table)
        (folder / f"{table}.txt").write_bytes(_prepared(text, table).encode())
    return encodings


def _text(data: bytes, table: str) -> tuple[str, str]:
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return data.decode(encoding), name
        except UnicodeDecodeError:
            continue
    msg = f"{table}.txt is neither UTF-8 nor GB18030 text; save it as UTF-8"
    raise InputError(msg)


def _prepared(text: str, table: str) -> str:
    """
    Return a table that pandas reads as it is meant.

    Columns that nothing reads are renamed, so that a slip in one spoils nothing, and so
    are numbers, as gtfs_kit before 11 cuts types of routes to eight bits; a blank goes
    before words that pandas takes for missing, such as a station's code NA.
    """
    head, _, rest = (
        text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").partition("\n")
    )
    try:
        names = [name.strip() for name in next(csv.reader([head]), [])]
    except csv.Error as error:
        msg = f"{table}.txt has no header that can be read: {error}"
        raise InputError(msg) from error
    spec = _TABLES[table]
    for name in spec.columns:
        if names.count(name) > 1:
            msg = f"{table}.txt has column '{name}' twice"
            raise InputError(msg)
    missing = [repr(name) for name in spec.needed if name not in names]
    if missing:
        found = ", ".join(first_few(names))
        msg = f"{table}.txt has no column {', '.join(missing)}; it has {found}"
        raise InputError(msg)
    header = ",".join(
        _read_as(name, spec) or f"unused_{i}" for i, name in enumerate(names)
    )
    body = _BLANK_FIELDS.sub("", f"\n{rest}\n")
    return header + _MISSING_WORDS.sub(" ", body)


def _read_as(name: str, spec: _Table) -> str:
    kind = spec.columns.get(name)
    return "" if kind is None else name if kind == "text" else f"number_{name}"


def _frame(table: str, read: Any) -> "tuple[pd.DataFrame, list[Change]]":
    """Return a table with every column of its kind, and what was left out."""
    import numpy as np
    import pandas as pd

    spec = _TABLES[table]
    read = pd.DataFrame() if read is None else read
    if not isinstance(read.index, pd.RangeIndex):
        msg = f"{table}.txt: {_LONG_ROWS}"
        raise InputError(msg)
    columns: dict[str, Any] = {}
    for name, kind in spec.columns.items():
        read_as = _read_as(name, spec)
        if read_as not in read:
            columns[name] = np.full(len(read), "" if kind == "text" else np.nan)
        elif kind == "text":
            columns[name] = read[name].fillna("").str.strip().to_numpy(dtype=object)
        else:
            columns[name] = _numbers(table, name, read[read_as], kind)
    frame = pd.DataFrame(columns)
    frame["row"] = np.arange(len(frame)) + 2
    said_before = frame.duplicated(list(spec.columns)).to_numpy(dtype=bool)
    texts = [name for name in spec.key if spec.columns[name] == "text"]
    unnamed = (frame[texts] == "").any(axis=1).to_numpy(dtype=bool)
    changes = [
        Change(
            action="dropped",
            what=Text(f"{table}.txt 中{why.zh}的行", f"rows of {table}.txt {why.en}"),
            count=int(out.sum()),
            rows=first_few(frame.loc[out, "row"]),
        )
        for why, out in (
            (Text("重复", "said twice"), said_before),
            (
                Text(f"没有 {'、'.join(texts)} ", f"without {' or '.join(texts)}"),
                unnamed & ~said_before,
            ),
        )
        if out.any()
    ]
    frame = frame[~(said_before | unnamed)]
    if spec.key:
        twice = frame.duplicated(list(spec.key)).to_numpy(dtype=bool)
        shown = ", ".join(f"{name} {{{name}!r}}" for name in spec.key)
        refuse(table, frame, twice, f"{shown} is there already, with other values")
    return frame.reset_index(drop=True), changes


def _numbers(
    table: str, name: str, cells: "pd.Series[Any]", kind: _Kind
) -> "NDArray[np.float64]":
    """Return the numbers of a column, NaN where it is empty."""
    import numpy as np
    import pandas as pd

    texts = cells.astype("string").fillna("").str.strip()
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = ~np.isfinite(numbers) & (texts != "").to_numpy(dtype=bool)
    wanted = "a number"
    if kind == "whole":
        wanted = f"a whole number up to {_MAX_WHOLE:,}"
        with np.errstate(invalid="ignore"):
            wrong |= (np.abs(numbers) > _MAX_WHOLE) | (
                np.isfinite(numbers) & (numbers != np.round(numbers))
            )
    frame = pd.DataFrame({"cell": texts, "row": np.arange(len(texts)) + 2})
    refuse(table, frame, wrong, f"{name} is {{cell!r}}; {wanted} is expected")
    return numbers


def _fault(folder: Path, error: Exception) -> InputError:
    """Find the table that made the reader fail, and say why."""
    import pandas as pd

    for table in _TABLES:
        path = folder / f"{table}.txt"
        if not path.exists():
            continue
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        except (ValueError, OSError, RuntimeError) as fault:
            return InputError(f"{table}.txt cannot be read as a table: {fault}")
        if not isinstance(frame.index, pd.RangeIndex):
            return InputError(f"{table}.txt: {_LONG_ROWS}")
    return InputError(f"the feed's tables cannot be read: {error}")
