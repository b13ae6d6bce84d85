"""A report as a workbook: a sheet for each table, numbers as numbers (报告工作簿)."""

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.reports.content import Counts, Paragraph, Table
from ctzgis.reporting.words import WORDS
from ctzgis.tables import safe_cell
from ctzgis.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctzgis.reporting.reports.content import Cell, Column, ReportContent
    from ctzgis.texts import Lang

__all__ = ["write_workbook"]

_TENTH, _TEN, _THOUSAND = 0.1, 10.0, 1000.0
_MOST_CHARACTERS: Final = 32_000
"""A cell holds 32,767."""
_LONGEST_NAME: Final = 31
_NOT_IN_NAMES: Final = dict.fromkeys(map(ord, "[]:*?/\\'"), " ")
_NARROWEST: Final = 8
_WIDEST: Final = 48
_ROWS_MEASURED: Final = 200
_COLOURS: Final = {
    "met": "00614F",
    "unmet": "A33B00",
    "not_assessable": "4D5761",
    "superseded": "6B4B7E",
}


def write_workbook(
    content: "ReportContent", path: "Path", *, lang: "Lang" = "zh"
) -> None:
    """
    Write a report as a workbook: an overview, all findings, and a sheet for each table.

    Every sheet says what it is, whose data it rests on, and that they are schematic if
    they are. No cell is a formula: a text that a spreadsheet would run is marked, as in
    a CSV.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = WORDS["overview"].get(lang)
    _overview(sheet, content, lang)
    for table in (content.findings, *_sheets(content)):
        sheet = book.create_sheet(_name(table, book.sheetnames, lang))
        _fill(sheet, table, content, lang)
    book.properties.title = _text(content.title.get(lang))[:250]
    book.properties.creator = "ctzgis"
    with path.open("wb") as file:
        book.save(file)


def _sheets(content: "ReportContent") -> "Iterator[Table]":
    """Yield the tables besides those of single targets, which the findings hold."""
    for section in content.sections:
        for block in section.blocks:
            if isinstance(block, Table) and (section.level == 1 or not _judged(block)):
                yield block


def _judged(table: Table) -> bool:
    return any(row.status for row in table.rows)


def _name(table: Table, taken: list[str], lang: "Lang") -> str:
    """Return a name for a sheet: what the table is called, cut to what is allowed."""
    stem = " ".join(_text(table.name.get(lang)).translate(_NOT_IN_NAMES).split())
    while len(stem) > _LONGEST_NAME and " " in stem:
        stem = stem.rpartition(" ")[0]
    name, number = stem[:_LONGEST_NAME], 2
    while name.casefold() in {other.casefold() for other in taken}:
        end = f" {number}"
        name, number = stem[: _LONGEST_NAME - len(end)] + end, number + 1
    return name


def _overview(sheet: Any, content: "ReportContent", lang: "Lang") -> None:
    from openpyxl.styles import Alignment, Font

    row = _head(sheet, content.title.get(lang), content, lang)
    _put(sheet, row, 1, content.lead.get(lang))
    row += 1
    for block in content.sections[0].blocks:
        if isinstance(block, Paragraph):
            _put(sheet, row, 1, block.text.get(lang))
            row += 1
        elif isinstance(block, Counts):
            for status, number, label in block.items:
                _put(sheet, row, 1, label.get(lang))
                sheet.cell(row, 1).font = Font(bold=True, color=_COLOURS[status])
                sheet.cell(row, 2, number)
                row += 1
    _put(sheet, row, 1, content.colophon.get(lang))
    sheet.column_dimensions["A"].width = 100
    for cells in sheet.iter_rows(max_col=1):
        cells[0].alignment = Alignment(wrap_text=True, vertical="top")


def _fill(sheet: Any, table: Table, content: "ReportContent", lang: "Lang") -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    caption = f" · {table.caption.get(lang)}" if table.caption else ""
    first = _head(sheet, f"{table.name.get(lang)}{caption}", content, lang)
    for place, column in enumerate(table.columns, start=1):
        _put(sheet, first, place, column.head.get(lang))
        head = sheet.cell(first, place)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="E8ECEF")
        head.alignment = Alignment(wrap_text=True, vertical="top")
    for line, row in enumerate(table.rows, start=first + 1):
        for place, column in enumerate(table.columns, start=1):
            _set(sheet.cell(line, place), row.cells[place - 1], column, lang)
        if row.status:
            _colour(sheet, line, table, row.status)
    last = first + len(table.rows)
    corner = sheet.cell(first + 1, 2).coordinate
    sheet.freeze_panes = corner
    sheet.auto_filter.ref = (
        f"{sheet.cell(first, 1).coordinate}:"
        f"{sheet.cell(last, len(table.columns)).coordinate}"
    )
    sheet.print_title_rows = f"{first}:{first}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    _widen(sheet, first, last)


def _head(sheet: Any, title: str, content: "ReportContent", lang: "Lang") -> int:
    """Write what the sheet is and whose data it rests on; return the next row."""
    from openpyxl.styles import Font

    _put(sheet, 1, 1, title)
    sheet.cell(1, 1).font = Font(bold=True, size=13)
    row = 2
    if content.stamp:
        _put(sheet, row, 1, content.stamp.get(lang))
        sheet.cell(row, 1).font = Font(bold=True, color=_COLOURS["unmet"])
        # In a footer "&" starts a command, and is itself when doubled.
        stamp = _text(content.stamp.get(lang)).replace("&", "&&")
        sheet.oddFooter.center.text = f"{stamp} · &P/&N"
        row += 1
    _put(
        sheet, row, 1, f"{content.credits.get(lang)} · {WORDS['see_sources'].get(lang)}"
    )
    return row + 2


def _set(cell: Any, content: "Cell", column: "Column", lang: "Lang") -> None:
    from openpyxl.styles import Alignment

    if content.value is not None:
        cell.value = content.value
        cell.number_format = _number_format(content.value, column.number_format)
    else:
        text = content.text.get(lang)
        if content.mark:
            first, *rest = text.split("\n")
            text = "\n".join((f"{first} {content.mark.get(lang)}", *rest))
        _write(cell, text)
    cell.alignment = Alignment(
        wrap_text=True,
        vertical="top",
        horizontal="right" if column.kind == "number" else None,
    )


def _number_format(value: Any, wanted: str) -> str:
    """Return how a number is shown; where units are mixed, with as much as it tells."""
    if wanted != "General" or not isinstance(value, float) or value.is_integer():
        return wanted
    size = abs(value)
    if size >= _THOUSAND:
        return "#,##0"
    if size >= _TEN:
        return "0.0"
    return "0.00" if size >= _TENTH else "0.0000"


def _put(sheet: Any, row: int, column: int, text: str) -> None:
    _write(sheet.cell(row, column), text)


def _write(cell: Any, text: str) -> None:
    """Write a text as a text: openpyxl takes what starts with = for a formula."""
    cell.value = safe_cell(_text(text))
    cell.data_type = "s"


def _text(text: str) -> str:
    plain = printable(text)
    if len(plain) > _MOST_CHARACTERS:
        plain = plain[:_MOST_CHARACTERS] + " …"
    return plain


def _colour(sheet: Any, line: int, table: Table, status: str) -> None:
    from openpyxl.styles import Font

    finding = WORDS["finding"]
    for place, column in enumerate(table.columns, start=1):
        if column.head == finding:
            sheet.cell(line, place).font = Font(bold=True, color=_COLOURS[status])


def _widen(sheet: Any, first: int, last: int) -> None:
    """Give each column the width of its longest line, within bounds."""
    rows = sheet.iter_rows(min_row=first, max_row=min(last, first + _ROWS_MEASURED))
    for cells in zip(*rows, strict=True):
        lines = (line for c in cells for line in str(c.value or "").split("\n"))
        longest = max(map(_width, lines))
        letter = cells[0].column_letter
        wide = min(max(longest + 2, _NARROWEST), _WIDEST)
        sheet.column_dimensions[letter].width = wide


def _width(text: str) -> int:
    """Return how wide the start of a text is: a Chinese character is two."""
    return sum(
        2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:_WIDEST]
    )
