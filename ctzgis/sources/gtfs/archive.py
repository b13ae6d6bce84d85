"""Files of a GTFS feed out of a zip or a folder, within bounds (GTFS 压缩包)."""

import lzma
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from ctzgis.errors import CtzgisError, InputError, SourceError
from ctzgis.sources.formats.files import require_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["feed_files", "first_few"]

_MAX_MEMBERS: Final = 1_000
_MAX_BYTES: Final = 512 * 2**20
_MAX_LINE_BYTES: Final = 65_536
_SHOWN: Final = 5

_NEEDED: Final = ("stops", "routes", "trips", "stop_times")
_CALENDARS: Final = ("calendar", "calendar_dates")

# All that Python's readers of zips raise when the bytes are not what they say.
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, LookupError, OverflowError, MemoryError,
)  # fmt: skip


def feed_files(path: Path, tables: "Collection[str]") -> "Iterator[tuple[str, bytes]]":
    """
    Yield the tables a feed holds, with the bytes of each; nothing else is unpacked.

    The tables lie in a folder, at the top of a zip, or all in one folder of a zip.

    Raises
    ------
    SourceError
        If the feed is missing, or neither a folder nor a zip that can be read.
    InputError
        If a table that every feed has is missing, the zip holds more than 1,000 files
        or one that would leave its folder, or the tables have more than 512 MiB or a
        line of more than 64 KiB.
    """
    require_file(path)
    try:
        if path.is_dir():
            yield from _folder_files(path, tables)
        elif path.is_file():
            with zipfile.ZipFile(path) as archive:
                yield from _zip_files(path, archive, tables)
        else:
            msg = f"{path} is neither a folder nor a zip of GTFS tables"
            raise SourceError(msg)
    except CtzgisError:
        raise
    except _BROKEN as error:
        msg = (
            f"{path} cannot be read as a folder or zip of GTFS tables: "
            f"{type(error).__name__} {error}"
        )
        raise SourceError(msg) from error


def first_few(names: "Iterable[object]") -> tuple[str, ...]:
    """Return the first few names, as a report or message shows them."""
    return tuple(str(name) for name in list(names)[:_SHOWN])


def _folder_files(
    path: Path, tables: "Collection[str]"
) -> "Iterator[tuple[str, bytes]]":
    files = {table: path / f"{table}.txt" for table in tables}
    files = {table: file for table, file in files.items() if file.is_file()}
    _require_tables(path, files, [file.name for file in path.iterdir()])
    left = _MAX_BYTES
    for table, file in files.items():
        with file.open("rb") as stream:
            data = _bounded(stream, left, path)
        left -= len(data)
        yield table, data


def _zip_files(
    path: Path, archive: zipfile.ZipFile, tables: "Collection[str]"
) -> "Iterator[tuple[str, bytes]]":
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > _MAX_MEMBERS:
        msg = f"{path.name} holds {len(infos):,} files; a feed has {_MAX_MEMBERS:,} at most"
        raise InputError(msg)
    members = _members(path, infos, tables)
    _require_tables(path, members, [info.filename for info in infos])
    left = _MAX_BYTES
    for table, info in members.items():
        with archive.open(info) as stream:
            data = _bounded(stream, left, path)
        left -= len(data)
        yield table, data


def _members(
    path: Path, infos: list[zipfile.ZipInfo], tables: "Collection[str]"
) -> dict[str, zipfile.ZipInfo]:
    """Return the members that are tables, from the folder nearest to the top."""
    places = [(PurePosixPath(info.filename.replace("\\", "/")), info) for info in infos]
    for place, info in places:
        if place.is_absolute() or ".." in place.parts or ":" in str(place):
            msg = f"{path.name} holds {info.filename!r}, which would leave its folder"
            raise InputError(msg)
    found = [
        (place, info)
        for place, info in places
        if place.suffix == ".txt" and place.stem in tables
        if "__MACOSX" not in place.parts
    ]
    depth = min((len(place.parts) for place, _ in found), default=0)
    members: dict[str, zipfile.ZipInfo] = {}
    for place, info in found:
        if len(place.parts) > depth:
            continue
        if place.stem in members:
            msg = f"{path.name} holds {place.name} twice; give a zip of one feed"
            raise InputError(msg)
        members[place.stem] = info
    return members


def _bounded(stream: IO[bytes], left: int, path: Path) -> bytes:
    data = stream.read(left + 1)
    if len(data) > left:
        msg = (
            f"{path.name} holds more than {_MAX_BYTES // 2**20} MiB of tables; cut the "
            "feed to the region first"
        )
        raise InputError(msg)
    if max(map(len, data.splitlines()), default=0) > _MAX_LINE_BYTES:
        msg = f"{path.name} has a line of more than {_MAX_LINE_BYTES:,} bytes; is it a table?"
        raise InputError(msg)
    return data


def _require_tables(
    path: Path, found: "Mapping[str, object]", names: "Iterable[str]"
) -> None:
    missing = [f"{table}.txt" for table in _NEEDED if table not in found]
    if not any(table in found for table in _CALENDARS):
        missing.append("calendar.txt or calendar_dates.txt")
    if missing:
        held = ", ".join(first_few(sorted(names))) or "nothing"
        msg = f"{path.name} is no GTFS feed, without {', '.join(missing)}; it holds {held}"
        raise InputError(msg)
