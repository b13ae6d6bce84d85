"""Small pieces of HTML that notebooks show for a value (笔记本显示)."""

import html
from typing import TYPE_CHECKING, Final

from ctzgis.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["card", "table"]

_LONGEST: Final = 300
_MOST_ROWS: Final = 60
# Colours of the notebook, light or dark; lines of a grey that both show.
_BOX: Final = (
    "border:1px solid rgba(128,128,128,.45);border-radius:4px;padding:.5em .8em;"
    "display:inline-block;max-width:100%;overflow-wrap:anywhere;color:inherit"
)
# Notebooks set numbers and texts to the right unless a cell says otherwise.
_CELL: Final = "text-align:left;vertical-align:top;padding-right:1em"
_OPEN: Final = '<table style="border-collapse:collapse;font-size:90%;margin:.3em 0 0">'


def card(
    title: str,
    facts: "Iterable[tuple[str, str]]" = (),
    *,
    note: str = "",
    more: str = "",
) -> str:
    """
    Return a card as HTML: a title and facts, every text escaped.

    It has no script, no style of its own outside it, and asks no host for anything.

    Parameters
    ----------
    title
        What it is.
    facts
        Name and value of what is to be known of it; empty values are left out.
    note
        What has to be said first, e.g. that data are schematic.
    more
        HTML to set below, as :func:`table` returns it.

    Examples
    --------
    >>> "a &lt;b&gt;" in card("a <b>", [("km", "2.5")])
    True
    """
    said = f'<div style="font-weight:600">{_escaped(title)}</div>'
    if note:
        said += f'<div style="font-weight:600">⚠ {_escaped(note)}</div>'
    rows = [fact for fact in facts if fact[1]]
    listed = f"{_OPEN}{_lines(rows, tag='td')}</table>" if rows else ""
    return f'<div style="{_BOX}">{said}{listed}{more}</div>'


def table(
    head: "Sequence[str]", rows: "Sequence[Sequence[str]]", *, title: str = ""
) -> str:
    """
    Return a table as HTML, every text escaped; folded away if it has a title.

    Of many rows the first 60 are shown, and how many are left out is said.

    Examples
    --------
    >>> table(["name"], [["<script>"]]).count("<script>")
    0
    """
    hidden = len(rows) - _MOST_ROWS
    lines = _lines([head], tag="th") + _lines(rows[:_MOST_ROWS], tag="td")
    said = f"{_OPEN}{lines}</table>"
    if hidden > 0:
        said += f"<div>… +{hidden:,}</div>"
    if not title:
        return said
    return f"<details><summary>{_escaped(title)}</summary>{said}</details>"


def _lines(rows: "Iterable[Sequence[str]]", *, tag: str) -> str:
    """Return the rows of a table."""
    lines = (
        "".join(f'<{tag} style="{_CELL}">{_escaped(text)}</{tag}>' for text in row)
        for row in rows
    )
    return "".join(f'<tr style="background:none">{line}</tr>' for line in lines)


def _escaped(text: str) -> str:
    plain = printable(text)
    if len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST]} …"
    return html.escape(plain).replace("\n", "<br>")
