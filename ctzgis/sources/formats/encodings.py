"""Encodings of Chinese texts: as declared, else UTF-8, else GB18030 (文字编码)."""

import codecs
import struct
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Encoding", "dbf_texts", "decoded", "encoding_of"]

_UTF8: Final = "UTF-8"
_GB: Final = "GB18030"
# GBK and GB2312 are parts of GB18030, and files labelled with them often hold more.
_WIDENED: Final = {"gbk": _GB, "cp936": _GB, "936": _GB, "gb2312": _GB, "ms936": _GB}
_LEAST_SCORE: Final = 0.5
_SURE_SCORE: Final = 0.95
_TEXT_FIELD: Final = b"C"
_DBF_HEAD_BYTES: Final = 32
_DBF_END: Final = 0x0D


@dataclass(frozen=True, slots=True)
class Encoding:
    """
    An encoding and how it was found.

    Attributes
    ----------
    name
        What Python and GDAL call it.
    why
        E.g. ``"declared"``.
    """

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


def encoding_of(texts: "Sequence[bytes]", declared: str | None = None) -> Encoding:
    """
    Find the encoding of some texts.

    UTF-8 if they can be read in it, which hardly any other text can; else the declared
    one, else GB18030. An encoding fits by the share of its characters that a Chinese or
    Latin text would hold; at the end of a text half a character may be cut off.

    Parameters
    ----------
    texts
        Texts as they stand in the file, e.g. the cells of a table.
    declared
        What the file says of itself, e.g. the content of its ``.cpg``; may be wrong.

    Examples
    --------
    >>> print(encoding_of(["五一大道".encode("gbk")]))
    GB18030 (not declared; UTF-8 does not fit)
    >>> print(encoding_of(["五一大道".encode("gbk")], declared="UTF-8"))
    GB18030 (declared as UTF-8, which does not fit)
    >>> print(encoding_of([b"Wuyi Road"]))
    UTF-8 (not declared)
    """
    known = _known(declared)
    texts = [text for text in texts if not text.isascii()]
    if texts and _score(texts, _UTF8) >= _SURE_SCORE:
        best = _UTF8
    elif known and _score(texts, known) >= _LEAST_SCORE:
        best = known
    else:
        best = max((_UTF8, _GB), key=lambda name: _score(texts, name))
    if not (declared and declared.strip()):
        hint = "" if best == _UTF8 else "; UTF-8 does not fit"
        return Encoding(best, f"not declared{hint}")
    misfit = f"declared as {declared.strip()[:20]}, which does not fit"
    return Encoding(best, "declared" if best == known else misfit)


def _known(declared: str | None) -> str | None:
    name = (declared or "").strip()
    if name.lower() in _WIDENED:
        return _WIDENED[name.lower()]
    if name.isdecimal():  # a Windows code page, as ArcGIS writes it
        name = _UTF8 if name == "65001" else f"cp{name}"
    try:
        return codecs.lookup(name).name.upper() if name else None
    except LookupError:
        return None


def _score(texts: "Sequence[bytes]", encoding: str) -> float:
    """Return the share of plausible characters among those beyond ASCII; 1 if none."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(decoded(text, encoding))
    beyond = {c: count for c, count in found.items() if c > "\x7f"}
    good = sum(count for c, count in beyond.items() if _plausible(c))
    return good / sum(beyond.values()) if beyond else 1.0


def _plausible(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF  # Chinese characters
        or 0x3400 <= code <= 0x4DBF  # rare Chinese characters
        or 0x3000 <= code <= 0x303F  # Chinese punctuation
        or 0xFF00 <= code <= 0xFFEF  # full-width forms
        or 0x00C0 <= code <= 0x024F  # Latin letters with accents
        or 0x2010 <= code <= 0x203B  # dashes, quotes, ellipsis, minutes, seconds
        or 0x2103 <= code <= 0x22FF  # ℃, №, Roman numerals, arrows, operators
        or 0x2460 <= code <= 0x26FF  # ①, ■, ★
        or character in "\ufeff·°²³×±"
    )


def decoded(text: bytes, encoding: str) -> str:
    """
    Decode a text whose last character may be cut off; what cannot be read becomes �.

    Examples
    --------
    >>> decoded("芙蓉路".encode()[:-1], "UTF-8")
    '芙蓉'
    """
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(text)


def dbf_texts(content: bytes) -> list[bytes]:
    """
    Return the field names and text cells of the beginning of a DBF file.

    Parameters
    ----------
    content
        The file, or as much of it as is to be looked at; a broken one gives what there is.
    """
    if len(content) < _DBF_HEAD_BYTES:
        return []
    head, row = struct.unpack_from("<HH", content, 8)
    names, spans, at = [], [], 1
    for position in range(_DBF_HEAD_BYTES, min(head, len(content)) - 31, 32):
        if content[position] == _DBF_END:
            break
        names.append(content[position : position + 11].split(b"\0")[0])
        width = content[position + 16]
        if content[position + 11 : position + 12] == _TEXT_FIELD:
            spans.append((at, at + width))
        at += width
    return [*names, *_cells(content, head, row, spans)]


def _cells(
    content: bytes, head: int, row: int, spans: "Sequence[tuple[int, int]]"
) -> "Iterator[bytes]":
    if row <= 0:
        return
    for start in range(head, len(content) - row + 1, row):
        for first, last in spans:
            if cell := content[start + first : start + last].rstrip(b" \0"):
                yield cell
