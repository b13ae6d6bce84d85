"""Tables and lines on a console; Chinese characters take two columns (表格输出)."""

import shutil
import sys
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctzgis.provenance import Source
    from ctzgis.texts import Lang

__all__ = [
    "folded",
    "one_line",
    "plain",
    "say",
    "source_lines",
    "table",
    "terminal_columns",
]


_GAP: Final = "  "
_LEAST: Final = 8
"""Width below which no column is narrowed to fit a terminal."""


def one_line(text: object) -> str:
    """Return a text without line breaks."""
    return " ".join(str(text).split())


def plain(value: object) -> str:
    """Return a text that a terminal shows and does not obey."""
    return "".join(c if c.isprintable() else "?" for c in one_line(value))


def say(text: str) -> None:
    """Tell a waiting person, and nobody else, what is being done."""
    if sys.stderr.isatty():
        print(f"ctzgis: {text}", file=sys.stderr)


def source_lines(sources: "Iterable[Source]", lang: "Lang") -> list[str]:
    """Return where a result comes from and what reading did, below a head."""
    zh = lang == "zh"
    drawn = "（示意）" if zh else " (schematic)"
    lines = []
    for source in sources:
        stamp = drawn if source.schematic else ""
        terms = source.terms(lang)
        if source.licence == "unknown":
            terms = "许可未注明" if zh else "licence not stated"
        lines.append(f"  {plain(source.name)} · {plain(terms)}{stamp}")
        lines += [f"    {plain(line)}" for line in source.told(lang)]
    return ["数据来源：" if zh else "sources:", *lines] if lines else []


def table(
    head: "Sequence[str]", rows: "Sequence[Sequence[str]]", *, widths: "Sequence[int]"
) -> list[str]:
    """
    Return the lines of a table; what is wider than its column is cut.

    On a terminal nothing is cut, and the table is as wide as that at most: the widest
    columns give way, and what is wider than its column goes on in lines below.

    Examples
    --------
    >>> table(("目标", "n"), [("路网密度", "7")], widths=(6, 3))
    ['目标    n', '──────  ─', '路网…   7']
    """
    limits = [
        min(limit, max(_width(row[i]) for row in (head, *rows)))
        for i, limit in enumerate(widths)
    ]
    if (most := terminal_columns()) is None:
        rows = [_cut(row, limits) for row in rows]
        head = _cut(head, limits)
    else:
        limits = _narrowed(limits, most)
    ruled = [head, ["─" * limit for limit in limits], *rows]
    return [line for row in ruled for line in _lines(row, limits)]


def terminal_columns() -> int | None:
    """Return how wide the terminal is, or nothing if what is printed goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _narrowed(limits: "Sequence[int]", most: int) -> list[int]:
    """Return widths of columns that fit a line, the widest made narrower first."""
    narrow = list(limits)
    while sum(narrow) + len(_GAP) * (len(narrow) - 1) > most:
        widest = narrow.index(max(narrow))
        if narrow[widest] <= _LEAST:
            break
        narrow[widest] -= 1
    return narrow


def _lines(row: "Sequence[str]", limits: "Sequence[int]") -> list[str]:
    """Return the lines of a row: one, unless a cell is wider than its column."""
    cells_folded = [folded(cell, n) for cell, n in zip(row, limits, strict=True)]
    return [
        _GAP.join(_padded(c, n) for c, n in zip(cells, limits, strict=True)).rstrip()
        for cells in zip_longest(*cells_folded, fillvalue="")
    ]


def folded(text: str, width: int) -> list[str]:
    """
    Return a text in pieces of a width; words are kept whole where they fit.

    Examples
    --------
    >>> folded("by rail, on foot", 8), folded("长沙—株洲", 6)
    (['by rail,', 'on foot'], ['长沙—', '株洲'])
    """
    pieces = []
    while _width(text) > width:
        end = _fitting(text, width)
        # Chinese breaks anywhere, other words at a space or behind a dash.
        if _width(text[end - 1 : end + 1]) == len(text[end - 1 : end + 1]):
            breaks = text.rfind(" ", 0, end + 1), text.rfind("–", 0, end) + 1
            end = max(breaks) if max(breaks) > 0 else end
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*pieces, text]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fitting(text: str, width: int) -> int:
    """Return how many characters fit a width; Chinese characters take two columns."""
    used = 0
    for number, character in enumerate(text):
        used += _width(character)
        if used > width:
            return number
    return len(text)


def _cut(row: "Sequence[str]", limits: "Sequence[int]") -> list[str]:
    """Return a row whose cells fit their columns, cut where they do not."""
    return [
        cell if _width(cell) <= limit else cell[: _fitting(cell, limit - 1)] + "…"
        for cell, limit in zip(row, limits, strict=True)
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
