"""Files: where shipped data lie, how they are hashed, bounded and described."""

import csv
import hashlib
import importlib.resources
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import InputError, SourceError
from ctzgis.provenance import ReadReport, Source
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "content_hash",
    "data_folder",
    "file_source",
    "read_csv_rows",
    "read_text",
    "read_toml",
    "require_file",
]

_MAX_TEXT_BYTES: Final = 32 * 2**20
_CHUNK_BYTES: Final = 2**20
_GIVEN: Final = Text("用户提供的文件", "file given by the user")
_PARQUET: Final = (".parquet", ".geoparquet")


def data_folder(folder: Path | None = None) -> Path:
    """
    Return the folder of the data: the given one, ``$CTZGIS_DATA`` or the shipped one.

    Raises
    ------
    SourceError
        If it does not exist.
    """
    named = folder or os.environ.get("CTZGIS_DATA")
    path = Path(named) if named else _shipped_folder()
    if not path.is_dir():
        msg = f"data folder {path} does not exist; see the README on CTZGIS_DATA"
        raise SourceError(msg)
    return path


def _shipped_folder() -> Path:
    # In a wheel the data are the package ctzgis._data; in a checkout they lie
    # beside the package.
    try:
        return Path(str(importlib.resources.files("ctzgis._data")))
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[3] / "data"


def file_source(
    path: Path,
    *,
    what: "Text | None" = None,
    crs: str = "",
    licence: str = "",
    notes: tuple["Text | str", ...] = (),
    report: ReadReport | None = None,
) -> Source:
    """
    Describe a file: by the ``SOURCES.toml`` beside it, else by its name and hash.

    ``what`` is what it holds if nothing beside it says so.

    Raises
    ------
    SourceError
        If the file cannot be read.
    """
    entry: Mapping[str, Any] = {}
    index = path.parent / "SOURCES.toml"
    if index.is_file():
        entry = read_toml(index).get(path.name, {})
    held = what or _GIVEN
    if "what" in entry:
        held = Text(str(entry.get("what_zh", "")), str(entry["what"]))
    return Source(
        name=path.name,
        what=held.en,
        what_zh=held.zh,
        source=str(entry.get("source", "not stated")),
        source_zh=str(entry.get("source_zh", "")),
        licence=licence or str(entry.get("licence", "unknown")),
        licence_zh="" if licence else str(entry.get("licence_zh", "")),
        crs=crs or str(entry.get("crs", "")),
        accuracy_m=entry.get("accuracy_m"),
        schematic=bool(entry.get("schematic", False)),
        date=str(entry.get("date", "")),
        url=str(entry.get("url", "")),
        sha256=content_hash(path),
        notes=notes,
        report=report,
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; its faults are told with the file's name."""
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"{path} is not valid TOML: {error}"
        raise InputError(msg) from error


def read_csv_rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """
    Read a UTF-8 CSV file with a header into one mapping per row.

    Raises
    ------
    SourceError
        If the file cannot be read.
    InputError
        If it lacks one of the columns, or has a row of another length.
    """
    reader = csv.DictReader(read_text(path).splitlines(), strict=True)
    try:
        fields, rows = reader.fieldnames or (), list(reader)
    except csv.Error as error:
        msg = f"{path} is not valid CSV: {error}"
        raise InputError(msg) from error
    if missing := [name for name in columns if name not in fields]:
        msg = f"{path} has no column {', '.join(map(repr, missing))}"
        raise InputError(msg)
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            msg = f"{path}: row {number} has another number of fields than the header"
            raise InputError(msg)
    return rows


def require_file(path: Path) -> None:
    """Raise ``SourceError`` if nothing is at a path."""
    try:
        there = path.exists()
    except OSError as error:  # e.g. a name that is too long
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    if not there:
        msg = f"{path} does not exist"
        raise SourceError(msg)


def read_text(path: Path) -> str:
    """
    Read a UTF-8 text file of bounded size.

    Raises
    ------
    SourceError
        If the file cannot be read.
    InputError
        If it is larger than 32 MiB or not UTF-8.
    """
    try:
        if path.stat().st_size > _MAX_TEXT_BYTES:
            msg = f"{path} is larger than {_MAX_TEXT_BYTES // 2**20} MiB"
            raise InputError(msg)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        raise InputError(msg) from error


def content_hash(path: Path) -> str:
    """
    Return the SHA-256 of a file, or of the files of a folder in order.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        if path.is_dir():  # a FileGDB is a folder: hash its files in order
            for part in sorted(p for p in path.rglob("*") if p.is_file()):
                digest.update(part.name.encode())
                digest.update(part.read_bytes())
            return digest.hexdigest()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    return digest.hexdigest()
