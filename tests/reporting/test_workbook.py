"""The report as a workbook, read back with openpyxl."""

import zipfile

import pytest

from ctzgis.reporting.reports.report import write_report
from ctzgis.reporting.reports.workbook import _number_format
from tests.reporting.hostile import FORMULA, NASTY

openpyxl = pytest.importorskip("openpyxl")

SHEETS = {
    "zh": [
        "概要",
        "记分卡",
        "廊道建成情况",
        "轴带与廊道服务的地点",
        "时间圈地点",
        "区县驻地",
        "绿心面积",
        "绿心内的道路与铁路",
        "缺少的资料",
        "文件之间的矛盾",
        "方法与精度",
        "参数假定",
        "数据来源",
        "轴带与廊道地点清单",
        "尚不能评估的目标清单",
    ],
    "en": [
        "Overview",
        "Scorecard",
        "Corridors built",
        "Places that axes, belts and",
        "Places of the time circles",
        "County seats",
        "Area of the green heart",
        "Roads and railways inside the",
        "What is missing",
        "Where documents differ",
        "Methods and accuracy",
        "Assumptions",
        "Sources",
        "List of places that corridors",
        "List of targets that wait",
    ],
}
HEAD = 5  # title, stamp, credits, a gap


@pytest.fixture(scope="module")
def books(assessment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    for lang in ("zh", "en"):
        write_report(assessment, folder / f"{lang}.xlsx", lang=lang)
    return {
        lang: openpyxl.load_workbook(folder / f"{lang}.xlsx") for lang in ("zh", "en")
    }


@pytest.fixture(scope="module")
def nasty_path(nasty, tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "nasty.xlsx"
    write_report(nasty, path, lang="en")
    return path


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_there_is_a_sheet_for_each_table(books, lang):
    assert books[lang].sheetnames == SHEETS[lang]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sheet_is_stamped_and_credits_its_sources(books, lang):
    stamp = {"zh": "示意数据", "en": "Schematic data"}[lang]
    for sheet in books[lang]:
        assert sheet["A2"].value.startswith(stamp)
        assert sheet["A3"].value.startswith(
            {"zh": "数据来源：", "en": "Sources: "}[lang]
        )
        assert stamp in sheet.oddFooter.center.text


def test_the_scorecard_has_a_row_per_finding_with_numbers(books, assessment):
    head, *rows = rows_of(books["en"]["Scorecard"])
    findings = assessment.scorecard.findings
    assert len(rows) == len(findings)
    for name, wanted in (
        ("Value", [f.measured.value for f in findings]),
        ("At least", [f.measured.low for f in findings]),
        ("Target value", [f.target for f in findings]),
    ):
        found = [row[head.index(name)] for row in rows]
        for cell, value in zip(found, wanted, strict=True):
            # The file holds 16 digits.
            assert cell == ("—" if value is None else pytest.approx(value, rel=1e-15))


def test_tables_hold_the_numbers_that_were_measured(books, assessment):
    _, *rows = rows_of(books["zh"]["廊道建成情况"])
    table = assessment.tables["corridor_status"]
    lengths = table.loc[table["length_km"] > 0, "length_km"].tolist()
    assert [row[1] for row in rows] == pytest.approx(lengths, rel=1e-15)
    share = books["zh"]["廊道建成情况"].cell(HEAD + 1, 4)
    assert share.number_format == "0%"


def test_sources_come_with_their_hashes(books, assessment):
    head, *rows = rows_of(books["en"]["Sources"])
    hashes = [row[head.index("SHA-256")] for row in rows]
    assert hashes == [source.sha256 or None for source in assessment.sources]


def test_golden_first_corridor(books):
    head, first, *_ = rows_of(books["zh"]["廊道建成情况"])
    assert head == [
        "廊道",
        "长度/公里",
        "已建/公里",
        "已建占比",
        "缺口/处",
        "缺口/公里",
    ]
    assert [type(value) for value in first] == [str, float, float, int, int, int]


def test_no_cell_is_a_formula_or_a_link(nasty_path):
    with zipfile.ZipFile(nasty_path) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        assert len(sheets) > 10
        for name in sheets:
            text = archive.read(name)
            assert b"<f>" not in text
            assert b"hyperlink" not in text


def test_what_a_spreadsheet_would_run_is_marked(nasty_path):
    book = openpyxl.load_workbook(nasty_path)
    texts = [c.value for sheet in book for row in sheet for c in row]
    texts = [text for text in texts if isinstance(text, str)]
    assert f"'{FORMULA}" in texts
    assert not [text for text in texts if text[0] in "=+-@\t"]


def test_hostile_names_break_no_sheet(nasty_path):
    book = openpyxl.load_workbook(nasty_path)
    names = {row[0].value for row in book["Scorecard"].iter_rows(min_row=HEAD + 1)}
    assert {NASTY[0], "长" * 10_000} <= names
    assert len(names) == len(NASTY)
    assert book.properties.title == f"{NASTY[0]}: assessment of 2020"


def test_no_number_shows_more_digits_than_it_tells(books):
    """Values of mixed units stay whole in their cells, and are shown rounded."""
    values = [
        cell
        for row in books["zh"]["记分卡"].iter_rows(min_row=HEAD + 1)
        for cell in row
        if isinstance(cell.value, float) and not cell.value.is_integer()
    ]
    assert values
    assert "General" not in {cell.number_format for cell in values}
    assert any(round(cell.value, 4) != cell.value for cell in values)


@pytest.mark.parametrize(
    ("value", "wanted", "shown"),
    [
        (1234.56, "General", "#,##0"),
        (-45.67, "General", "0.0"),
        (2.1453, "General", "0.00"),
        (0.0123, "General", "0.0000"),
        (2025, "General", "General"),
        (30.0, "General", "General"),
        (45.67, "0%", "0%"),
    ],
)
def test_a_number_is_shown_with_the_digits_of_its_size(value, wanted, shown):
    assert _number_format(value, wanted) == shown
