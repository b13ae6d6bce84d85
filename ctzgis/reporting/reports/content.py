"""What a report says, before any format gives it a look (报告内容)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ctzgis.texts import Text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Counts",
    "Figure",
    "Paragraph",
    "ReportContent",
    "Row",
    "Section",
    "Table",
    "readable",
    "same",
]

_MOST_READ: Final = 1_000

ColumnKind = Literal["text", "number", "status", "soft", "code"]
"""How a column is set: as text, to the right, bold, in grey, as a name of a file."""


def readable(text: str) -> str:
    r"""
    Return a text fit for a page: what can be printed, and dots for what nobody reads.

    Sheets and ``scorecard.json`` hold it in full.

    Examples
    --------
    >>> readable("name\x00"), len(readable("x" * 10_000))
    ('name ', 1002)
    """
    plain = printable(text)
    return f"{plain[:_MOST_READ]} …" if len(plain) > _MOST_READ else plain


def same(text: str) -> Text:
    """
    Return what data say, which reads the same in both languages.

    Examples
    --------
    >>> same("roads.geojson").zh
    'roads.geojson'
    """
    return Text(text, text)


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell of a table.

    Attributes
    ----------
    text
        What is read; lines end with a line feed.
    value
        The number behind the text, for a sheet to compute with; ``None`` for a text.
    mark
        A word set in bold after the text.
    """

    text: Text
    value: float | None = None
    mark: Text | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column of a table.

    Attributes
    ----------
    head
        What stands over it, with its unit.
    kind
        How it is set.
    number_format
        How a sheet shows its numbers, as spreadsheets write it.
    printed
        Whether pages show it too; a sheet shows all.
    """

    head: Text
    kind: ColumnKind = "text"
    number_format: str = "General"
    printed: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, with the status of its finding if it is one."""

    cells: tuple[Cell, ...]
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    A table.

    Attributes
    ----------
    name
        What it is called, where tables are numbered or have sheets of their own.
    columns, rows
        Its content; every row has a cell for each column.
    caption
        What is to be known to read it; ``None`` if the section says so.
    first
        How many rows pages show; ``None`` for all of them.
    """

    name: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: Text | None = None
    first: int | None = None

    def printed(self) -> "Table":
        """Return the table with the columns and rows that pages show."""
        kept = [n for n, column in enumerate(self.columns) if column.printed]
        return Table(
            name=self.name,
            columns=tuple(self.columns[n] for n in kept),
            rows=tuple(
                Row(tuple(row.cells[n] for n in kept), row.status)
                for row in self.rows[: self.first]
            ),
            caption=self._printed_caption(),
        )

    def _printed_caption(self) -> Text | None:
        """Return the caption, which says so if there are more rows."""
        if self.first is None or len(self.rows) <= self.first:
            return self.caption
        more = Text(
            f"共{len(self.rows):,}行，此处为前{self.first}行；全部见 layers.gpkg 与 .xlsx 报告",
            f"the first {self.first} of {len(self.rows):,}; all are in layers.gpkg and in "
            "the report as .xlsx",
        )
        if self.caption is None:
            return more
        return Text(f"{self.caption.zh} · {more.zh}", f"{self.caption.en} · {more.en}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``soft`` for a remark beside the matter."""

    text: Text
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings have which status: status, number, word."""

    items: tuple[tuple[str, int, Text], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    A map or chart; each format draws it with what it has.

    Attributes
    ----------
    view
        Which one, e.g. ``"core"``.
    caption
        What it shows.
    """

    view: str
    caption: Text


Block = Paragraph | Counts | Figure | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    A heading and what stands under it.

    Attributes
    ----------
    title
        The heading.
    blocks
        What stands under it, in reading order.
    level
        1 for a section of the report, 2 for one within it.
    aside
        What the heading carries in small type; ``None`` for nothing.
    """

    title: Text
    blocks: tuple[Block, ...]
    level: int = 1
    aside: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """
    A report in both languages; formats only set it.

    Attributes
    ----------
    title, lead
        What it is called, and what it is in a sentence.
    stamp
        What every page, sheet and picture carries; ``None`` if nothing is schematic.
    credits
        Whose data it rests on, in a line.
    sections
        What it says, in reading order.
    findings
        All findings as one table, with numbers to compute with.
    colophon
        Which version made it.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.reports.drafting import report_content
    >>> content = report_content(assess("czt", year=2020))
    >>> content.title.en
    'Spatial plans of the Chang-Zhu-Tan region: assessment of 2020'
    """

    title: Text
    lead: Text
    stamp: Text | None
    credits: Text
    sections: tuple[Section, ...]
    findings: Table
    colophon: Text

    def tables(self) -> "Iterator[Table]":
        """Yield the tables of all sections, in reading order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Table))
