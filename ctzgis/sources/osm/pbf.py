"""Blocks of OpenStreetMap's PBF, looked through before they are read (PBF 数据块)."""

import zlib
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["require_sound_pbf"]

# Limits of the format itself.
_MAX_HEAD_BYTES: Final = 64 * 2**10
_MAX_BLOCK_BYTES: Final = 32 * 2**20

_SIZE, _TYPE, _VARINT, _BYTES = 3, 1, 0, 2
_RAW, _RAW_SIZE, _ZLIB = 1, 2, 3
_STRINGS, _STRING = 1, 1
_FIXED_BYTES: Final = {1: 8, 5: 4}


def require_sound_pbf(path: "Path") -> None:
    """
    Refuse a PBF file that ends early or that its reader would not survive.

    Texts with a zero byte inside make libosmium read beyond its memory, so every block
    is unpacked once and its texts are looked at. That takes a tenth of the reading.

    Raises
    ------
    SourceError
        If it ends within a block, or a block is damaged.
    InputError
        If its blocks are packed in another way than by zlib.
    """
    try:
        with path.open("rb") as file:
            for number, (kind, block) in enumerate(_blocks(file, path)):
                if kind != (b"OSMData" if number else b"OSMHeader"):
                    _fail(path, f"block {number} is no block of OpenStreetMap")
                if number and _holds_zero_byte(block):
                    _fail(path, f"a text in block {number} holds a zero byte")
    except (IndexError, ValueError, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        _fail(path, f"it is damaged: {error}", error)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        _fail(path, error.strerror or str(error), error)


def _fail(path: "Path", why: str, error: Exception | None = None) -> None:
    msg = f"{path} cannot be read as OpenStreetMap data: {why}"
    raise SourceError(msg) from error


def _blocks(file: "BinaryIO", path: "Path") -> "Iterator[tuple[bytes, bytes]]":
    """Yield the kind and content of each block."""
    while start := file.read(4):
        head = _message(_read(file, int.from_bytes(start, "big"), _MAX_HEAD_BYTES))
        kind, size = head.get(_TYPE), head.get(_SIZE)
        if len(start) < 4 or not isinstance(kind, bytes) or not isinstance(size, int):
            msg = "a block has no head"
            raise ValueError(msg)
        blob = _message(_read(file, size, _MAX_BLOCK_BYTES))
        raw, packed = blob.get(_RAW), blob.get(_ZLIB)
        if isinstance(raw, bytes) and packed is None:
            yield kind, raw
        elif isinstance(packed, bytes) and raw is None:
            yield kind, _unpacked(packed, blob.get(_RAW_SIZE))
        else:
            msg = (
                f"{path.name} is packed in another way than by zlib; convert it, e.g. "
                "`osmium cat in.osm.pbf -o out.osm.pbf`"
            )
            raise InputError(msg)


def _message(content: bytes) -> "dict[int, int | bytes]":
    """Return a message's fields, none of which may stand twice."""
    fields = list(_fields(content))
    message = dict(fields)
    if len(message) < len(fields):
        msg = "a field stands twice in the head of a block"
        raise ValueError(msg)
    return message


def _read(file: "BinaryIO", size: int, limit: int) -> bytes:
    if size > limit:
        msg = f"a block claims {size:,} bytes"
        raise ValueError(msg)
    content = file.read(size)
    if len(content) < size:
        msg = "it ends within a block; copy it again from where it came"
        raise ValueError(msg)
    return content


def _unpacked(packed: bytes, size: object) -> bytes:
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, _MAX_BLOCK_BYTES)
    if not unpacker.eof or len(content) != size:
        msg = f"a block does not unpack to the {size} bytes it claims"
        raise ValueError(msg)
    return content


def _holds_zero_byte(block: bytes) -> bool:
    for number, table in _fields(block):
        if number != _STRINGS or not isinstance(table, bytes):
            continue
        # The first text is empty, of length 0; no other zero means no text with one.
        if table.find(b"\0", 2) < 0 and table[:2] == b"\x0a\0":
            continue
        for _, text in _fields(table):
            if isinstance(text, bytes) and b"\0" in text:
                return True
    return False


def _fields(message: bytes) -> "Iterator[tuple[int, int | bytes]]":
    """Yield number and value of each field of a message of protocol buffers."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in _FIXED_BYTES:
            size = _FIXED_BYTES[kind]
        else:
            msg = f"a field is of kind {kind}"
            raise ValueError(msg)
        if at + size > end:
            msg = "a field reaches beyond its block"
            raise ValueError(msg)
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            msg = "a number is longer than 64 bits"
            raise ValueError(msg)
