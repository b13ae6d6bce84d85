"""Vector files that are whole, and are what their names say (文件完整性)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np

from ctzgis.errors import InputError, SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["require_json", "require_plain", "require_whole"]

# GDAL tells formats by content: a file of any name may hold one that reads other files,
# asks hosts or runs commands. So each name is held to the beginning of its own format.
_BEGINNINGS: Final = {
    ".shp": b"\x00\x00\x27\x0a",
    ".gpkg": b"SQLite format 3\x00",
    ".fgb": b"fgb",
    ".tab": b"!table",
    ".mif": b"version",
    ".kml": b"<",
    ".gpx": b"<",
}
_OTHERS: Final = (".gdb", ".geojson", ".json", ".parquet", ".geoparquet", ".zip")
_TEXTS: Final = (".tab", ".mif", ".kml", ".gpx")  # JSON is looked at where it is read
_LEADS_AWAY: Final = (
    b"<ogrvrt", b"<ogrwfs", b"<vrtdataset", b"<gdal_w", b"gdal_streamed_alg",
    b"<!doctype", b"<!entity",
)  # fmt: skip
_LOOKED_AT_BYTES: Final = 2**16
_BOM: Final = b"\xef\xbb\xbf"

_SHX_HEAD_BYTES: Final = 100
_DBF_HEAD_BYTES: Final = 32
_SQLITE_HEAD_BYTES: Final = 100
_COPY: Final = "copy it again from where it came"


def require_plain(path: Path) -> None:
    """
    Refuse a file that is not what its name says, or leads to other places.

    Raises
    ------
    InputError
        If its name is none of a known format, or what it holds leads elsewhere.
    SourceError
        If it does not begin as its format does, cannot be read, or is a folder of
        other things.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        if suffix != ".gdb" and not any(path.glob("*.[sS][hH][pP]")):
            msg = (
                f"{path} cannot be read: it is no FileGDB (.gdb) and holds no Shapefile, "
                "nor nodes.csv and edges.csv"
            )
            raise SourceError(msg)
        return
    if suffix not in _BEGINNINGS and suffix not in _OTHERS:
        known = ", ".join((*_BEGINNINGS, *_OTHERS))
        msg = (
            f"{path.name} ends in '{path.suffix}'; a vector layer is expected: {known}"
        )
        raise InputError(msg)
    try:
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT_BYTES).removeprefix(_BOM)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    wanted = _BEGINNINGS.get(suffix, b"")
    if not head.lstrip().lower().startswith(wanted.lower().lstrip()):
        msg = (
            f"{path} cannot be read as a vector layer: it does not begin as a "
            f"'{suffix}' does"
        )
        raise SourceError(msg)
    if suffix in _TEXTS:
        _require_here(head, path)


def require_json(content: bytes, path: Path) -> None:
    """
    Refuse a content that is no JSON or leads to other places.

    Raises
    ------
    SourceError, InputError
        As ``require_plain``.
    """
    if not content.removeprefix(_BOM).lstrip().startswith((b"{", b"[")):
        msg = f"{path} cannot be read as a vector layer: it is no GeoJSON"
        raise SourceError(msg)
    _require_here(content[:_LOOKED_AT_BYTES], path)


def _require_here(head: bytes, path: Path) -> None:
    low = head.lower()
    if found := [word for word in _LEADS_AWAY if word in low]:
        msg = (
            f"{path.name} holds '{found[0].decode()}', which leads to other files or "
            "hosts; only what is in the file itself is read"
        )
        raise InputError(msg)


def require_whole(path: Path) -> None:
    """
    Refuse a Shapefile or GeoPackage that lost a part or contradicts itself.

    GDAL gives rows without geometry or fewer rows for some of these, and no error.

    Raises
    ------
    SourceError
        If it ends early, its parts do not fit, or its pages are damaged.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".shp":
            _require_whole_shapefile(path)
        elif suffix == ".gpkg":
            _require_whole_sqlite(path)
        elif path.is_dir() and suffix != ".gdb":
            for part in sorted(path.glob("*.[sS][hH][pP]")):
                _require_whole_shapefile(part)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error


def _require_whole_shapefile(path: Path) -> None:
    told = _told_length(path)
    index, table = (_beside(path, ending) for ending in (".shx", ".dbf"))
    if index is None:
        msg = f"{path} has no .shx beside it; copy all files of the Shapefile"
        raise SourceError(msg)
    records = _index(index, _told_length(index))
    _require_records(path, told, records)
    if table is None:
        return
    with table.open("rb") as file:
        head = file.read(_DBF_HEAD_BYTES)
    if len(head) < _DBF_HEAD_BYTES:
        _fail(table, "it has no head")
    rows = int.from_bytes(head[4:8], "little")
    start, width = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
    if table.stat().st_size < start + rows * width:
        _fail(table, f"it ends before its {rows:,} rows do")
    if rows != len(records):
        _fail(path, f"it has {len(records):,} shapes but {rows:,} rows of attributes")


def _beside(path: Path, ending: str) -> Path | None:
    base = path.with_suffix("")
    for part in (Path(f"{base}{ending}"), Path(f"{base}{ending.upper()}")):
        if part.is_file():
            return part
    return None


def _told_length(path: Path) -> int:
    """Return the length in bytes that the head of a .shp or .shx tells."""
    with path.open("rb") as file:
        head = file.read(_SHX_HEAD_BYTES)
    told = 2 * int.from_bytes(head[24:28], "big")
    there = path.stat().st_size
    if len(head) < _SHX_HEAD_BYTES or told < _SHX_HEAD_BYTES or there < told:
        _fail(path, f"it has {there:,} bytes where its head tells {told:,}")
    return told


def _index(path: Path, told: int) -> "NDArray[np.int64]":
    """Return where each shape begins, and how long it is, in bytes."""
    with path.open("rb") as file:
        content = file.read(told)[_SHX_HEAD_BYTES:]
    words = np.frombuffer(content[: len(content) // 8 * 8], dtype=">i4")
    return 2 * words.reshape(-1, 2).astype(np.int64)


def _require_records(path: Path, told: int, records: "NDArray[np.int64]") -> None:
    """Hold the index against the shapes: each there, once, and of that length."""
    if not len(records):
        return
    start, size = records.T
    inside = (start >= _SHX_HEAD_BYTES) & (size >= 4) & (start + 8 + size <= told)
    if not inside.all():
        row = int(np.flatnonzero(~inside)[0])
        _fail(path, f"shape {row} lies outside the file by its .shx")
    content = np.memmap(path, dtype=np.uint8, mode="r")
    at = (start + 4)[:, None] + np.arange(4)
    sizes = np.ascontiguousarray(content[at]).view(">i4").ravel().astype(np.int64) * 2
    if (sizes != size).any() or len(np.unique(start)) < len(start):
        _fail(path, "its .shx is that of another file")


def _require_whole_sqlite(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(_SQLITE_HEAD_BYTES)
    if len(head) < _SQLITE_HEAD_BYTES:
        _fail(path, "it has no head")
    # Pages are 512 to 32,768 bytes; 1 stands for 65,536.
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big") if head[24:28] == head[92:96] else 0
    if path.stat().st_size < pages * (65_536 if page == 1 else page):
        _fail(path, f"it ends before its {pages:,} pages do")
    if Path(f"{path}-wal").exists():  # somebody is writing to it
        return
    try:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        _fail(path, str(error))
    if found[0] != "ok":
        _fail(path, str(found[0]))


def _fail(path: Path, why: str) -> NoReturn:
    msg = f"{path} cannot be read as a vector layer: {why}; {_COPY}"
    raise SourceError(msg)
