"""Parts of a Word document that python-docx has no words for (Word 元件)."""

from typing import Any, Final

__all__ = [
    "add_contents",
    "add_field",
    "add_heading",
    "ease_table",
    "ensure_styles",
    "keep_whole",
    "mark_header",
    "set_chinese_fonts",
    "set_widths",
    "shade",
]

# Word falls back from these to what the machine has; LibreOffice does too.
_LATIN: Final = "Calibri"
_CHINESE: Final = "Microsoft YaHei"
_HEADINGS: Final = {1: 18, 2: 14, 3: 11}
_TOC_STEP_CM, _TOC_PT = 0.7, 9
_RULES: Final = "B8C0C8"
_TABLE_PROPERTIES: Final = (
    "tblStyle",
    "tblpPr",
    "tblOverlap",
    "bidiVisual",
    "tblStyleRowBandSize",
    "tblStyleColBandSize",
    "tblW",
    "jc",
    "tblCellSpacing",
    "tblInd",
    "tblBorders",
    "shd",
    "tblLayout",
    "tblCellMar",
    "tblLook",
)
_THEMES: Final = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def add_field(
    paragraph: Any, code: str, shown: str, *, size_pt: float | None = None
) -> None:
    """Add a field that Word computes, e.g. a number, with what is shown until then."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" {code} ")
    run = paragraph.add_run(shown)
    if size_pt is not None:
        run.font.size = Pt(size_pt)
    paragraph._p.append(field)
    field.append(run._r)


def add_heading(document: Any, text: str, level: int, mark: str) -> None:
    """Add a heading with a bookmark that contents lead to."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    heading = document.add_heading(text, level=level)
    taken = document.element.xpath("//w:bookmarkStart/@w:id")
    number = str(max((int(one) for one in taken if one.isdigit()), default=-1) + 1)
    for place, tag in ((1, "bookmarkStart"), (len(heading._p) + 1, "bookmarkEnd")):
        end = OxmlElement(f"w:{tag}")
        end.set(qn("w:id"), number)
        if tag == "bookmarkStart":
            end.set(qn("w:name"), mark)
        heading._p.insert(place, end)


def add_contents(document: Any, entries: list[tuple[int, str, str]]) -> None:
    """
    Add the contents as Word's own field, with what it shows until it is updated.

    Each entry is the level of a heading, its text and its bookmark.
    """
    levels = [level for level, _, _ in entries]
    code = f'TOC \\o "{min(levels)}-{max(levels)}" \\h \\z \\u'
    last = len(entries) - 1
    for place, (level, text, mark) in enumerate(entries):
        line = document.add_paragraph(style=f"toc {level}")
        if place == 0:
            _add_field_end(line, "begin")
            line.add_run()._r.append(_instruction(code))
            _add_field_end(line, "separate")
        line._p.append(_link(line.add_run(text), mark))
        if place == last:
            _add_field_end(line, "end")


def _add_field_end(paragraph: Any, kind: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    end = OxmlElement("w:fldChar")
    end.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(end)


def _instruction(code: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {code} "
    return text


def _link(run: Any, mark: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), mark)
    link.append(run._r)
    return link


def mark_header(row: Any) -> None:
    """Let the head of a table repeat on every page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def keep_whole(row: Any) -> None:
    """Keep a row of a table on one page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def set_widths(table: Any, widths: list[float]) -> None:
    """Give the columns of a table their widths, in the units of Word's lengths."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = round(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = round(width)


def ease_table(table: Any) -> None:
    """Give a table grey rules and room between them and its texts."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        border = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("color", _RULES)):
            border.set(qn(f"w:{key}"), value)
        borders.append(border)
    for side in ("left", "right", "insideV"):
        border = OxmlElement(f"w:{side}")
        border.set(qn("w:val"), "nil")
        borders.append(border)
    room = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(twips))
        margin.set(qn("w:type"), "dxa")
        room.append(margin)
    look = table._tbl.tblPr
    # The schema has an order: borders, layout, margins, look.
    order = {name: place for place, name in enumerate(_TABLE_PROPERTIES)}
    parts = sorted(
        [*look, borders, room], key=lambda part: order.get(part.tag.split("}")[1], 0)
    )
    for part in parts:
        look.append(part)


def shade(cell: Any, colour: str) -> None:
    """Give a cell a ground."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    ground = OxmlElement("w:shd")
    ground.set(qn("w:val"), "clear")
    ground.set(qn("w:color"), "auto")
    ground.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(ground)


def ensure_styles(document: Any) -> None:
    """Add the styles of Word's own that a template lacks."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt

    names = {style.name for style in document.styles}
    for level, size in _HEADINGS.items():
        name = f"Heading {level}"
        if name not in names:
            style = document.styles.add_style(
                name, WD_STYLE_TYPE.PARAGRAPH, builtin=True
            )
            style.font.bold, style.font.size = True, Pt(size)
            style.paragraph_format.keep_with_next = True
            _set_outline(style, level)
    for level in _HEADINGS:
        if f"toc {level}" not in names:
            style = document.styles.add_style(
                f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True
            )
            style.paragraph_format.left_indent = Cm(_TOC_STEP_CM * max(level - 2, 0))
            style.paragraph_format.space_after = Pt(0)
            style.font.size = Pt(_TOC_PT)
    if "Caption" not in names:
        style = document.styles.add_style(
            "Caption", WD_STYLE_TYPE.PARAGRAPH, builtin=True
        )
        style.font.bold, style.font.size = True, Pt(9)
    if "Table Grid" not in names:
        style = document.styles.add_style(
            "Table Grid", WD_STYLE_TYPE.TABLE, builtin=True
        )
        _set_borders(style)


def _set_outline(style: Any, level: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level - 1))
    style.element.get_or_add_pPr().append(outline)


def _set_borders(style: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    look = OxmlElement("w:tblPr")
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        border = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("color", "auto")):
            border.set(qn(f"w:{key}"), value)
        borders.append(border)
    look.append(borders)
    style.element.append(look)


def _speak_chinese(style: Any) -> None:
    """Say that the Chinese is of the mainland, or marks are set as in Taiwan."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def set_chinese_fonts(document: Any) -> None:
    """Give text, headings and captions a typeface for each script, and ink for colour."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    names = ("Normal", "Caption", *(f"Heading {level}" for level in _HEADINGS))
    for name in names:
        style = document.styles[name]
        style.font.name = _LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in _THEMES:
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), _CHINESE)
        _speak_chinese(style)
        style.font.color.rgb = RGBColor.from_string("1D2733")
    for level, size in _HEADINGS.items():
        document.styles[f"Heading {level}"].font.size = Pt(size)
    document.styles["Normal"].font.size = Pt(10.5)
