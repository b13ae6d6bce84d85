"""A report as Markdown text (文本报告)."""

import re
from typing import TYPE_CHECKING, Final

from ctzgis.reporting.reports.content import Counts, Figure, Paragraph, readable
from ctzgis.reporting.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.reporting.reports.content import (
        Block,
        Cell,
        Column,
        ReportContent,
        Table,
    )
    from ctzgis.texts import Lang, Text

__all__ = ["render_markdown"]

# What Markdown takes for its own wherever it stands in a line.
_MARKS: Final = re.compile(r"([\\`*_\[\]#|~$!])")
_ENTITIES: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
# What makes a line a list, a rule or a heading when it starts it.
_STARTS: Final = re.compile(r"^(\d*)((?<!\d)[-+=]|(?<=\d)[.)])")


def render_markdown(content: "ReportContent", *, lang: "Lang" = "zh") -> str:
    """
    Return a report as Markdown, tables as GitHub and Pandoc write them.

    Nothing in a text from data is taken for Markdown or HTML. Maps are named, not shown.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.reports.drafting import report_content
    >>> text = render_markdown(report_content(assess("czt", year=2020)), lang="en")
    >>> "## Scorecard" in text.splitlines()
    True
    """
    return "\n\n".join(_parts(content, lang)) + "\n"


def _parts(content: "ReportContent", lang: "Lang") -> "Iterator[str]":
    yield f"# {_said(content.title, lang)}"
    yield _line(content.lead, lang)
    stamp = f"**{_said(content.stamp, lang)}**" if content.stamp else ""
    if stamp:
        yield stamp
    for section in content.sections:
        yield f"{'#' * (section.level + 1)} {_said(section.title, lang)}"
        if section.aside:
            yield _line(section.aside, lang)
        for block in section.blocks:
            yield from _block(block, lang)
    yield _line(content.credits, lang)
    yield _line(content.colophon, lang)
    if stamp:
        yield stamp


def _block(block: "Block", lang: "Lang") -> "Iterator[str]":
    if isinstance(block, Paragraph):
        yield _line(block.text, lang)
    elif isinstance(block, Counts):
        yield "\n".join(
            f"- {_said(label, lang)}: **{n}**" for _, n, label in block.items
        )
    elif isinstance(block, Figure):
        elsewhere = WORDS["on_paper"].get(lang)
        yield f"*{WORDS['figure'].get(lang)}: {_said(block.caption, lang)}* ({elsewhere})"
    else:
        yield from _table(block.printed(), lang)


def _table(table: "Table", lang: "Lang") -> "Iterator[str]":
    if table.caption:
        yield f"*{_said(table.caption, lang)}*"
    head = " | ".join(_said(column.head, lang) for column in table.columns)
    rule = " | ".join("---:" if c.kind == "number" else "---" for c in table.columns)
    rows = (
        " | ".join(
            _cell(cell, column, lang)
            for cell, column in zip(row.cells, table.columns, strict=True)
        )
        for row in table.rows
    )
    yield "\n".join(f"| {line} |" for line in (head, rule, *rows))


def _cell(cell: "Cell", column: "Column", lang: "Lang") -> str:
    lines = [_escaped(line) for line in readable(cell.text.get(lang)).split("\n")]
    if cell.mark:
        lines[0] += f" **{_said(cell.mark, lang)}**"
    if column.kind == "status":
        lines[0] = f"**{lines[0]}**"
    return "<br>".join(lines)


def _said(text: "Text", lang: "Lang") -> str:
    return " ".join(_escaped(readable(text.get(lang))).split())


def _line(text: "Text", lang: "Lang") -> str:
    """Return a text as a paragraph, whatever it starts with."""
    return _STARTS.sub(r"\1\\\2", _said(text, lang))


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text.translate(_ENTITIES))
