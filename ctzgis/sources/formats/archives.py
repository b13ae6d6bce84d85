"""Layers out of archives, within bounds and under plain names (压缩包中的图层)."""

import lzma
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_UNZIPPED_BYTES", "UnpackedLayer", "require_safe_zip", "unpacked"]

MAX_UNZIPPED_BYTES: Final = 8 * 2**30
"""What an archive may unpack to."""

_GEOJSON: Final = (".geojson", ".json")
_MAX_MEMBERS: Final = 10_000
_CHUNK_BYTES: Final = 2**20
# All that Python's reader of archives raises when the bytes are not what they say.
_ZIP_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, LookupError, OverflowError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackedLayer:
    """
    A layer of an archive, unpacked.

    Attributes
    ----------
    path
        Where it lies now.
    member
        Its name in the archive.
    named
        Whether it was asked for by this name.
    others
        Names of other layers in the archive.
    """

    path: Path
    member: str
    named: bool
    others: tuple[str, ...]


@contextmanager
def unpacked(path: Path, layer: str | None) -> "Iterator[UnpackedLayer]":
    """
    Unpack the named or first layer of an archive for a while.

    Its files get plain names: those of Chinese archives are often in an encoding that
    nothing declares.

    Raises
    ------
    SourceError, InputError
        As ``require_safe_zip``; also if it holds no layer, or a member is damaged.
    """
    require_safe_zip(path)
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        members = archive.namelist()
        stems = list(
            dict.fromkeys(stem for name in members if (stem := _dataset(name)))
        )
        named = [s for s in stems if PurePosixPath(s).stem == layer]
        if not stems:
            msg = f"{path.name} holds no Shapefile, GeoPackage, FileGDB or GeoJSON"
            raise InputError(msg)
        chosen = (named or stems)[0]
        for member in members:
            rest = _part_of(member, chosen)
            if rest is not None:
                _unpack(archive, member, Path(f"{folder}/layer{rest}"), path)
        yield UnpackedLayer(
            path=Path(f"{folder}/layer{PurePosixPath(chosen).suffix}"),
            member=chosen,
            named=bool(named),
            others=tuple(stem for stem in stems if stem != chosen),
        )


def _dataset(member: str) -> str | None:
    """Return the path of the dataset a member is the head of."""
    for part in (path := PurePosixPath(member)), *path.parents:
        if part.suffix.lower() == ".gdb":
            return str(part)
    return member if path.suffix.lower() in (".shp", ".gpkg", *_GEOJSON) else None


def _part_of(member: str, dataset: str) -> str | None:
    """Return how a member's name goes on after the dataset's; ``None`` if it is another's."""
    if member == dataset or member.startswith(f"{dataset}/"):
        return PurePosixPath(dataset).suffix + member.removeprefix(dataset)
    stem = dataset.removesuffix(PurePosixPath(dataset).suffix)
    beside = dataset.lower().endswith(".shp") and member.startswith(f"{stem}.")
    return member.removeprefix(stem).lower() if beside else None


def _unpack(archive: zipfile.ZipFile, member: str, to: Path, path: Path) -> None:
    if member.endswith("/"):
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    size = archive.getinfo(member).file_size
    try:
        with archive.open(member) as packed, to.open("wb") as file:
            # A member may hold more than it declares.
            while (part := packed.read(_CHUNK_BYTES)) and size >= 0:
                size -= len(part)
                file.write(part)
    except _ZIP_FAULTS as error:
        msg = f"{path}: member {member[:80]!r} cannot be unpacked: {error}"
        raise SourceError(msg) from error
    if size < 0:
        msg = f"{path.name}: member {member[:80]!r} is larger than it says"
        raise InputError(msg)


def require_safe_zip(path: Path) -> None:
    """
    Refuse an archive that is damaged, too large, or reaches out of its folder.

    Raises
    ------
    SourceError
        If it is no whole zip file.
    InputError
        If it has more than 10,000 members, more than 8 GiB unpacked, or a member with an
        absolute path or one with ``..``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except _ZIP_FAULTS as error:
        msg = f"{path} cannot be read as a zip archive: {error}"
        raise SourceError(msg) from error
    if len(members) > _MAX_MEMBERS:
        msg = f"{path.name} has {len(members):,} members; {_MAX_MEMBERS:,} are the most"
        raise InputError(msg)
    size = sum(member.file_size for member in members)
    if size > MAX_UNZIPPED_BYTES:
        limit = MAX_UNZIPPED_BYTES // 2**30
        msg = f"{path.name} unpacks to {size / 2**30:.0f} GiB; {limit} GiB are the most"
        raise InputError(msg)
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
            msg = f"{path.name} has a member that leaves its folder: {name[:80]!r}"
            raise InputError(msg)
