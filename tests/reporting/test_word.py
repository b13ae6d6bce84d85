"""The report as a Word document, read back with python-docx."""

import dataclasses
import io
import zipfile

import pytest

from ctzgis.errors import SourceError
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.reporting.reports.report import write_report
from ctzgis.reporting.reports.word import write_document
from ctzgis.reporting.reports.word_parts import _TABLE_PROPERTIES
from ctzgis.reporting.reports.word_template import read_template
from ctzgis.texts import printable
from tests.reporting.hostile import FORMULA

docx = pytest.importorskip("docx")

from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: E402
from docx.oxml.ns import qn  # noqa: E402

TYPES = "[Content_Types].xml"
PNG = bytes.fromhex(  # one white dot
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944"
    "4154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def content(assessment):
    return report_content(assessment)


@pytest.fixture(scope="module")
def short(content):
    """The first sections: paragraphs, counts, figures, headings and a table."""
    return dataclasses.replace(content, sections=content.sections[:4])


def written(content, path, **options):
    write_document(content, path, **options)
    return docx.Document(str(path))


@pytest.fixture(scope="module")
def document(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("word") / "report.docx"
    return written(content, path, pictures={"core": PNG})


def texts(document, style):
    return [p.text for p in document.paragraphs if p.style.name == style]


def test_headings_are_those_of_the_report(content, document):
    assert texts(document, "Heading 1") == [content.title.zh]
    for level in (1, 2):
        titles = [s.title.zh for s in content.sections if s.level == level]
        assert texts(document, f"Heading {level + 1}") == titles


def test_contents_lead_to_every_heading(content, document):
    body = document.element.body
    assert body.xpath("string(//w:instrText)").strip() == 'TOC \\o "2-3" \\h \\z \\u'
    ends = body.xpath("//w:fldChar/@w:fldCharType")
    assert ends == ["begin", "separate", "end"]
    links = body.xpath("//w:hyperlink")
    assert [link.text for link in links] == [s.title.zh for s in content.sections]
    for link in links:
        (mark,) = body.xpath(f"//w:bookmarkStart[@w:name='{link.get(qn('w:anchor'))}']")
        assert docx.text.paragraph.Paragraph(mark.getparent(), None).text == link.text
    numbers = body.xpath("//w:bookmarkStart/@w:id")
    assert len(numbers) == len(set(numbers)) == len(links)


def test_tables_come_in_order_with_all_their_cells(content, document):
    drafted = [table.printed() for table in content.tables()]
    found = document.tables[1:]  # after the counts
    assert len(found) == len(drafted)
    for table, draft in zip(found, drafted, strict=True):
        heads = [cell.text for cell in table.rows[0].cells]
        assert heads == [column.head.zh for column in draft.columns]
        assert len(table.rows) == len(draft.rows) + 1
        last = [cell.text for cell in table.rows[-1].cells]
        for said, cell in zip(last, draft.rows[-1].cells, strict=True):
            assert said.startswith(cell.text.zh.split("\n")[0])


def test_golden_first_rows_of_the_half_hour_circle(short, tmp_path):
    document = written(short, tmp_path / "a.docx", lang="en")
    assert texts(document, "Heading 2") == [
        "What was asked",
        "Maps and charts",
        "Scorecard",
    ]
    rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows[:2]]
    assert rows == [
        ["Indicator", "Measured on", "Profile", "Value", "Within", "Finding", "Why"],
        [
            "centre to centre, by car",
            "Changsha–Zhuzhou",
            "free flow",
            "46 min",
            "40–55 min",
            "unmet",
            "16 min above the target; not due until 2025",
        ],
    ]


def test_heads_of_tables_repeat_on_every_page(document):
    for table in document.tables[1:]:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")


def _properties(table):
    return [part.tag.split("}")[1] for part in table._tbl.tblPr]


def test_texts_of_tables_have_room_and_grey_rules(document):
    table = document.tables[1]  # the first holds counts
    names = _properties(table)
    assert names.index("tblBorders") < names.index("tblCellMar")
    assert names == sorted(names, key=_TABLE_PROPERTIES.index)
    rules = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert {rule.get(qn("w:color")) for rule in rules} == {"B8C0C8", None}


def test_numbers_stand_under_their_heads(content, document):
    columns = next(iter(content.tables())).printed().columns
    heads = document.tables[1].rows[0].cells
    for column, head in zip(columns, heads, strict=True):
        right = head.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
        assert right == (column.kind == "number")


def test_a_verdict_has_room_for_its_longest_word(short, tmp_path):
    document = written(short, tmp_path / "en.docx", lang="en")
    columns = next(short.tables()).printed().columns
    place = [column.kind for column in columns].index("status")
    width = document.tables[1].rows[1].cells[place].width
    # 14 bold letters of 8.5 pt, at about half their height, and the room beside them.
    assert width > 14 * 0.5 * 8.5 * 12_700


def test_captions_are_numbered_by_fields(content, document):
    body = document.element.body
    fields = body.xpath(".//w:fldSimple/@w:instr")
    tables = len(list(content.tables()))
    assert fields.count(" SEQ Table \\* ARABIC ") == tables
    assert fields.count(" SEQ Figure \\* ARABIC ") == 3
    captions = [p for p in document.paragraphs if p.style.name == "Caption"]
    assert len(captions) == tables + 3
    # python-docx leaves fields out of a paragraph's text.
    said = "".join(captions[0]._p.xpath(".//w:t/text()"))
    assert said.startswith("图1  2020年底的路网")


def test_a_picture_is_shown_with_words_for_who_cannot_see_it(document):
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr").startswith("2020年底的路网")


def test_a_picture_that_is_missing_says_where_it_is(document):
    said = [p.text for p in document.paragraphs if "ctzgis[figures]" in p.text]
    assert len(said) == 2  # the plan and the chart were not given


def test_the_stamp_is_on_every_page(document):
    for section in document.sections:
        assert "示意数据 · 未经审图 · 不得公开传播" in section.footer.paragraphs[0].text


def test_hostile_names_are_text(nasty, tmp_path):
    path = tmp_path / "a.docx"
    document = written(report_content(nasty), path, lang="en")
    assert texts(document, "Heading 1") == [
        "<script>alert(1)</script>: assessment of 2020"
    ]
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    assert FORMULA in cells
    fields = document.element.body.xpath(".//w:fldSimple/@w:instr")
    assert {field.split()[0] for field in fields} == {"SEQ"}
    # Links lead to headings, nowhere else; the one instruction makes the contents.
    links = document.element.body.xpath(".//w:hyperlink")
    assert all(set(link.attrib) == {qn("w:anchor")} for link in links)
    (made,) = document.element.body.xpath(".//w:instrText")
    assert made.text.split()[0] == "TOC"
    said = "".join(p.text for p in document.paragraphs)
    assert said == printable(said)


# --- templates -------------------------------------------------------------------


@pytest.fixture
def letterhead(tmp_path):
    """A document of an office: its own text, header and heading style."""
    path = tmp_path / "letterhead.docx"
    document = docx.Document()
    document.add_paragraph("规划院封面")
    document.sections[0].header.paragraphs[0].text = "某某规划院"
    document.styles["Heading 1"].font.name = "SimHei"
    document.save(str(path))
    return path


def as_template(path):
    """Turn a document into a template, as Word saves one."""
    made = path.with_suffix(".dotx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == TYPES:
                data = data.replace(b"document.main+xml", b"template.main+xml")
            new.writestr(name, data)
    return made


def test_a_template_keeps_its_text_header_and_styles(short, letterhead, tmp_path):
    document = written(
        short, tmp_path / "a.docx", template=as_template(letterhead), lang="en"
    )
    assert document.paragraphs[0].text == "规划院封面"
    assert document.sections[0].header.paragraphs[0].text == "某某规划院"
    assert document.styles["Heading 1"].font.name == "SimHei"
    assert texts(document, "Heading 1") == [short.title.en]


def test_a_template_keeps_the_look_of_its_tables(short, letterhead, tmp_path):
    made = written(short, tmp_path / "r.docx", template=letterhead)
    assert all("tblBorders" not in _properties(table) for table in made.tables)


def test_a_template_without_the_styles_is_given_them(short, letterhead, tmp_path):
    document = docx.Document(str(letterhead))
    for name in ("Heading 2", "Caption", "Table Grid"):
        document.styles[name].delete()
    document.save(str(letterhead))
    made = written(short, tmp_path / "a.docx", template=letterhead, lang="en")
    assert texts(made, "Heading 2")[0] == "What was asked"
    assert texts(made, "Caption")


def test_the_stamp_is_on_first_and_even_pages_of_a_template(
    short, letterhead, tmp_path
):
    document = docx.Document(str(letterhead))
    document.sections[0].different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    document.save(str(letterhead))
    made = written(short, tmp_path / "a.docx", template=letterhead).sections[0]
    for foot in (made.footer, made.first_page_footer, made.even_page_footer):
        assert "示意数据" in "".join(p.text for p in foot.paragraphs)


def test_a_template_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.dotx").write_bytes(b"PK no zip")
    with pytest.raises(SourceError, match=r"is no Word document \(\.docx, \.dotx\)"):
        read_template(tmp_path / "a.dotx")


def test_a_missing_template_is_refused_before_anything_is_written(assessment, tmp_path):
    with pytest.raises(SourceError, match="cannot read template"):
        write_report(assessment, tmp_path / "a.docx", template=tmp_path / "none.dotx")
    assert not list(tmp_path.iterdir())


def test_a_template_with_macros_is_refused(letterhead):
    with zipfile.ZipFile(letterhead) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[TYPES] = parts[TYPES].replace(
        b"openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"ms-word.document.macroEnabled.main+xml",
    )
    with zipfile.ZipFile(letterhead, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    with pytest.raises(SourceError, match="without macros"):
        read_template(letterhead)


def test_a_template_whose_parts_are_broken_is_refused(short, letterhead, tmp_path):
    with zipfile.ZipFile(letterhead) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for broken in ("word/document.xml", "word/styles.xml", "_rels/.rels"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as new:
            for name, data in parts.items():
                new.writestr(name, data[: len(data) // 2] if name == broken else data)
        letterhead.write_bytes(buffer.getvalue())
        with pytest.raises(SourceError, match="cannot|no Word document"):
            write_document(short, tmp_path / "a.docx", template=letterhead)
