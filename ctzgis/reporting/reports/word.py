"""A report as a Word document (Word 报告)."""

import io
from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.reports.content import Counts, Figure, Paragraph, readable
from ctzgis.reporting.reports.word_parts import (
    add_contents,
    add_field,
    add_heading,
    ease_table,
    ensure_styles,
    keep_whole,
    mark_header,
    set_chinese_fonts,
    set_widths,
    shade,
)
from ctzgis.reporting.reports.word_template import open_template
from ctzgis.reporting.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ctzgis.reporting.reports.content import (
        Block,
        Cell,
        Column,
        ReportContent,
        Table,
    )
    from ctzgis.texts import Lang, Text

__all__ = ["write_document"]

_LONGEST_PROPERTY: Final = 250
_TABLE_PT: Final = 8
_MARGIN_CM: Final = 2.0
_WIDEST_CM, _TALLEST_CM, _LEAST_CM = 16.5, 18.5, 8.0
# What a page has room for, and what a column asks for, in half characters.
_PAGE_LETTERS: Final = 110
_LONGEST_WORD, _WIDEST = 14, 60
_LONGEST_COUNTED: Final = 12
_COLOURS: Final = {
    "met": "00614F",
    "unmet": "A33B00",
    "not_assessable": "4D5761",
    "superseded": "6B4B7E",
}


def write_document(
    content: "ReportContent",
    path: "Path",
    *,
    lang: "Lang" = "zh",
    pictures: "Mapping[str, bytes] | None" = None,
    template: "Path | str | None" = None,
) -> None:
    """
    Write a report as a Word document.

    Contents, headings, captions and tables are of Word's own styles; the contents are a
    field that lists page numbers once Word updates it, captions are numbered by
    fields, heads of tables repeat on every page, and the stamp stands at the foot of
    each page.

    Parameters
    ----------
    content
        What it says.
    path
        File to write.
    lang
        Language of the report.
    pictures
        PNG of its figures, by name; a figure without one says where it is to be seen.
    template
        Word document or template whose styles, headers and page are taken, after what
        stands in it.

    Raises
    ------
    SourceError
        If the template cannot be read.
    """
    import docx

    own = template is None
    document = docx.Document() if own else open_template(template or "")
    ensure_styles(document)
    if own:
        set_chinese_fonts(document)
        _set_page(document)
    _Setter(document, lang, pictures or {}, own_look=own).set(content)
    _set_feet(document, content, lang, numbered=own)
    about = document.core_properties
    about.title = _said(content.title, lang)[:_LONGEST_PROPERTY]
    about.author, about.comments = "ctzgis", _said(content.colophon, lang)
    with path.open("wb") as file:
        document.save(file)


def _set_page(document: Any) -> None:
    from docx.shared import Cm

    for section in document.sections:
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(_MARGIN_CM)
        section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)


def _set_feet(
    document: Any, content: "ReportContent", lang: "Lang", *, numbered: bool
) -> None:
    """Put the stamp on every page, whatever kinds of feet a template has."""
    if not (content.stamp or numbered):
        return
    two_sided = document.settings.odd_and_even_pages_header_footer
    for number, section in enumerate(document.sections):
        feet = [section.footer]
        if section.different_first_page_header_footer:
            feet.append(section.first_page_footer)
        if two_sided:
            feet.append(section.even_page_footer)
        for foot in feet:
            if number == 0 or not foot.is_linked_to_previous:
                _set_foot(foot, content, lang, numbered=numbered)


def _set_foot(
    foot: Any, content: "ReportContent", lang: "Lang", *, numbered: bool
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    empty = len(foot.paragraphs) == 1 and not foot.paragraphs[0].text
    line = foot.paragraphs[0] if empty else foot.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if content.stamp:
        run = line.add_run(_said(content.stamp, lang))
        run.bold, run.font.size = True, Pt(_TABLE_PT)
        run.font.color.rgb = RGBColor.from_string(_COLOURS["unmet"])
    if numbered:
        line.add_run(" · " if content.stamp else "").font.size = Pt(_TABLE_PT)
        add_field(line, "PAGE", "1", size_pt=_TABLE_PT)


class _Setter:
    """Sets a report into a document, part by part."""

    def __init__(
        self,
        document: Any,
        lang: "Lang",
        pictures: "Mapping[str, bytes]",
        *,
        own_look: bool,
    ) -> None:
        self._own_look = own_look  # a template has a look of its own
        self._document = document
        self._lang: Lang = lang
        self._pictures = pictures
        self._numbers = {"table": 0, "figure": 0}

    def set(self, content: "ReportContent") -> None:
        """Set the whole report."""
        self._document.add_heading(self._say(content.title), level=1)
        self._paragraph(content.lead, soft=True)
        if content.stamp:
            run = self._document.add_paragraph().add_run(self._say(content.stamp))
            run.bold = True
            _colour(run, _COLOURS["unmet"])
        entries = [
            (section.level + 1, self._say(section.title), f"_Toc{number:08}")
            for number, section in enumerate(content.sections)
        ]
        self._contents(entries)
        for section, (level, title, mark) in zip(
            content.sections, entries, strict=True
        ):
            add_heading(self._document, title, level, mark)
            if section.aside:
                self._paragraph(section.aside, soft=True, tied=True)
            for block in section.blocks:
                self._block(block)
        self._paragraph(content.credits, soft=True)
        self._paragraph(content.colophon, soft=True)

    def _contents(self, entries: list[tuple[int, str, str]]) -> None:
        if entries:
            head = self._document.add_paragraph()
            head.add_run(self._say(WORDS["contents"])).bold = True
            add_contents(self._document, entries)

    def _say(self, text: "Text") -> str:
        return _said(text, self._lang)

    def _block(self, block: "Block") -> None:
        if isinstance(block, Paragraph):
            self._paragraph(block.text, soft=block.soft)
        elif isinstance(block, Counts):
            self._counts(block)
        elif isinstance(block, Figure):
            self._figure(block)
        else:
            self._table(block.printed())

    def _paragraph(self, text: "Text", *, soft: bool, tied: bool = False) -> None:
        """Add a paragraph, tied to what follows or not."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = tied
        run = paragraph.add_run(self._say(text))
        if soft:
            _colour(run, _COLOURS["not_assessable"])

    def _counts(self, counts: Counts) -> None:
        table = self._new_table(2, len(counts.items))
        for column, (status, number, label) in enumerate(counts.items):
            for row, text in enumerate((str(number), self._say(label))):
                run = table.rows[row].cells[column].paragraphs[0].add_run(text)
                run.bold = True
                _colour(run, _COLOURS[status])
        self._document.add_paragraph()

    def _figure(self, figure: Figure) -> None:
        from docx.shared import Cm

        picture = self._pictures.get(figure.view)
        if picture is None:
            self._paragraph(WORDS["no_picture"], soft=True)
        else:
            paragraph = self._document.add_paragraph()
            paragraph.paragraph_format.keep_with_next = True
            shape = paragraph.add_run().add_picture(io.BytesIO(picture))
            most = min(int(Cm(_WIDEST_CM)), self._room()) / shape.width
            share = min(most, Cm(_TALLEST_CM) / shape.height)
            shape.width, shape.height = (
                round(shape.width * share),
                round(shape.height * share),
            )
            shape._inline.docPr.set("descr", self._say(figure.caption))
        self._caption("figure", self._say(figure.caption))

    def _room(self) -> int:
        """Return the width between the margins of the last section's pages."""
        from docx.shared import Cm

        section = self._document.sections[-1]
        taken = (section.left_margin or 0) + (section.right_margin or 0)
        return max(int((section.page_width or 0) - taken), int(Cm(_LEAST_CM)))

    def _caption(self, kind: str, text: str, *, above: bool = False) -> None:
        """Add a caption that a field numbers, as Word's own captions are."""
        self._numbers[kind] += 1
        line = self._document.add_paragraph(style="Caption")
        line.paragraph_format.keep_with_next = above
        gap = "" if self._lang == "zh" else " "
        line.add_run(f"{WORDS[kind].get(self._lang)}{gap}")
        add_field(line, f"SEQ {kind.capitalize()} \\* ARABIC", str(self._numbers[kind]))
        line.add_run(f"  {text}")

    def _table(self, table: "Table") -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        name = self._say(table.name)
        caption = f"{name}: {self._say(table.caption)}" if table.caption else name
        self._caption("table", caption, above=True)
        made = self._new_table(len(table.rows) + 1, len(table.columns))
        rows = iter(made.rows)
        head = next(rows)
        mark_header(head)
        for cell, column in zip(head.cells, table.columns, strict=True):
            shade(cell, "E8ECEF")
            self._write(cell, self._say(column.head), bold=True)
            if column.kind == "number":
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for row, made_row in zip(table.rows, rows, strict=True):
            keep_whole(made_row)
            colour = _COLOURS.get(row.status, "")
            for cell, value, column in zip(
                made_row.cells, row.cells, table.columns, strict=True
            ):
                self._cell(cell, value, column, colour)
        if self._own_look:
            ease_table(made)
        set_widths(made, [w * self._room() for w in _shares(table, self._lang)])
        self._document.add_paragraph()

    def _new_table(self, rows: int, columns: int) -> Any:
        table = self._document.add_table(rows, columns, style="Table Grid")
        table.autofit = True
        return table

    def _cell(self, cell: Any, value: "Cell", column: "Column", colour: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        first, *rest = readable(value.text.get(self._lang)).split("\n")
        verdict = column.kind == "status"
        self._write(cell, first, bold=verdict, colour=colour if verdict else "")
        if value.mark:
            self._write(cell, f" {self._say(value.mark)}", bold=True)
        for line in rest:
            self._write(cell, f"\n{line}")
        if column.kind == "number":
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _write(
        self, cell: Any, text: str, *, bold: bool = False, colour: str = ""
    ) -> None:
        from docx.shared import Pt

        run = cell.paragraphs[0].add_run(text)
        run.bold, run.font.size = bold, Pt(_TABLE_PT)
        if colour:
            _colour(run, colour)


def _shares(table: "Table", lang: "Lang") -> list[float]:
    """Return what share of the page each column is given, by the texts it holds."""
    floors, wishes = [], []
    for place, column in enumerate(table.columns):
        cells = (row.cells[place].text for row in table.rows)
        texts = [text.get(lang)[:_WIDEST] for text in (column.head, *cells)]
        # A number or a verdict stays in a line; other texts break between words.
        whole = column.kind in ("number", "status")
        words = texts if whole else " ".join(texts).split()
        longest = max(map(_letters, words), default=0)
        floors.append(min(longest, _LONGEST_WORD) * (1.2 if whole else 1) + 3)
        long = sum(sorted(map(_letters, texts))[-_LONGEST_COUNTED:])
        wishes.append(0 if whole else long)  # what is whole needs no more
    spare = max(_PAGE_LETTERS - sum(floors), 0)
    wished = max(sum(wishes), 1)
    given = [f + spare * w / wished for f, w in zip(floors, wishes, strict=True)]
    return [width / sum(given) for width in given]


def _letters(text: str) -> int:
    """Return how wide the start of a text is: a Chinese character is two."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text[:_WIDEST])


def _colour(run: Any, colour: str) -> None:
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(colour)


def _said(text: "Text", lang: "Lang") -> str:
    return readable(text.get(lang))
