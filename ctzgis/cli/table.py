"""Tables and lines on a console; Chinese characters take two columns (表格输出)."""

import sys
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctzgis.provenance import Source
    from ctzgis.texts import Lang

__all__ = ["one_line", "plain", "say", "source_lines", "table"]


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

    Examples
    --------
    >>> table(("目标", "n"), [("路网密度", "7")], widths=(6, 3))
    ['目标    n', '──────  ─', '路网…   7']
    """
    limits = [
        min(limit, max(_width(row[i]) for row in (head, *rows)))
        for i, limit in enumerate(widths)
    ]
    lines = [head, ["─" * limit for limit in limits], *rows]
    return [
        "  ".join(_fit(c, n) for c, n in zip(line, limits, strict=True)).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, width: int) -> str:
    """Pad or cut a text to a width in columns; Chinese characters take two."""
    if _width(text) <= width:
        return text + " " * (width - _width(text))
    kept, used = "", 0
    for character in text:
        step = _width(character)
        if used + step > width - 1:
            break
        kept, used = kept + character, used + step
    return kept + "…" + " " * (width - used - 1)
