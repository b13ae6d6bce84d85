"""The report as a value and as a page: what it says, in which order, and how it refuses."""

import importlib.util
import re
from html.parser import HTMLParser

import pytest

from ctzgis.assessment import Status
from ctzgis.cli import main
from ctzgis.errors import InputError, SourceError
from ctzgis.reporting.files import write_assessment
from ctzgis.reporting.reports import report
from ctzgis.reporting.reports.content import Table
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.reporting.reports.parameter_words import named_parameters
from ctzgis.reporting.reports.report import (
    FORMATS,
    render_report,
    require_reports,
    write_report,
)
from ctzgis.texts import printable

SECTIONS = {
    "zh": [
        "评估内容",
        "图件",
        "记分卡",
        "廊道建成情况",
        "轴带与廊道服务的地点",
        "时间圈地点",
        "区县驻地",
        "绿心面积",
        "绿心内的道路与铁路",
        "尚不能评估的目标",
        "文件之间的矛盾",
        "方法与精度",
        "数据来源",
        "附录：轴带与廊道地点清单",
        "附录：尚不能评估的目标清单",
    ],
    "en": [
        "What was asked",
        "Maps and charts",
        "Scorecard",
        "Corridors built",
        "Places that axes, belts and corridors serve",
        "Places of the time circles",
        "County seats",
        "Area of the green heart",
        "Roads and railways inside the green heart",
        "Targets that cannot be assessed yet",
        "Where documents differ",
        "Methods and accuracy",
        "Sources",
        "Appendix: List of places that corridors serve",
        "Appendix: List of targets that wait",
    ],
}


@pytest.fixture(scope="module")
def content(assessment):
    return report_content(assessment)


class Page(HTMLParser):
    """The texts, tags and attributes of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_has_these_sections_in_this_order(content, lang):
    titles = [s.title.get(lang) for s in content.sections if s.level == 1]
    assert titles == SECTIONS[lang]


def test_every_row_has_a_cell_for_each_column(content):
    for table in (content.findings, *content.tables()):
        assert {len(row.cells) for row in table.rows} == {len(table.columns)}


def test_the_findings_are_the_scorecard_with_its_numbers(content, assessment):
    measured = [finding.measured.value for finding in assessment.scorecard.findings]
    place = [c.head.en for c in content.findings.columns].index("Value")
    assert [row.cells[place].value for row in content.findings.rows] == measured


def test_reasons_are_counted_and_add_up_to_what_waits(content, assessment):
    (table,) = (t for t in content.tables() if t.name.en == "What is missing")
    counts = [row.cells[1].value for row in table.rows]
    assert sum(counts) == len(assessment.scorecard.waiting) > 0
    (listed,) = (
        t for t in content.tables() if t.name.en == "List of targets that wait"
    )
    names = sorted(row.cells[0].text for row in listed.rows)
    assert names == sorted(finding.name for finding in assessment.scorecard.waiting)


def test_places_are_summed_for_each_corridor_and_listed_in_the_appendix(
    content, assessment
):
    (table,) = (t for t in content.tables() if t.name.en.startswith("Places that axes"))
    (listed,) = (t for t in content.tables() if t.name.en.startswith("List of places"))
    places = assessment.tables["corridor_places"]
    assert len(listed.rows) == len(places)
    assert sum(row.cells[1].value for row in table.rows) == len(places)
    axis = places[places["corridor_id"] == "axis_xiangjiang"]
    (row,) = (r for r in table.rows if r.cells[0].text.zh == "湘江发展轴")
    assert row.cells[1].value == len(axis)
    assert row.cells[3].value == axis["distance_km"].max()
    assert row.cells[2].text.zh == axis.set_index("place_zh")["distance_km"].idxmax()


def test_every_assumption_is_a_row(content, assessment):
    (table,) = (t for t in content.tables() if t.name.en == "Assumptions")
    rows = {row.cells[0].text.en: row.cells[1].text.en for row in table.rows}
    assert rows["walking speed, km/h"] == "4.8"
    assert rows["cutoffs of isochrones, min"] == "15, 30, 45, 60"
    assert "travel_rules" in assessment.parameters
    nested = assessment.parameters["travel_rules"].values()
    inner = sum(len(v) if isinstance(v, dict) else 1 for v in nested)
    assert len(rows) == len(assessment.parameters) - 1 + inner


def test_no_assumption_is_told_by_its_name_in_code(content):
    (table,) = (t for t in content.tables() if t.name.en == "Assumptions")
    names = [row.cells[0].text for row in table.rows]
    assert not [name for name in names if name.zh == name.en or "_" in name.en]


def test_reach_of_facilities_is_one_assumption():
    reach = {
        "id": "t1",
        "name": {"zh": "公园", "en": "Parks"},
        "by": "straight",
        "distance_m": 500.0,
        "source": {"zh": "", "en": ""},
        "verified": True,
    }
    ((name, value),) = named_parameters({"service_reaches": {"t1": reach}})
    timed = {**reach, "by": "walk", "distance_m": None, "cutoff_min": 15.0}
    ((_, minutes),) = named_parameters({"service_reaches": {"t1": timed}})
    assert minutes == "15 min"
    assert (name.en, value) == ("reach (straight): Parks", "500 m")


def test_all_writers_that_are_missing_are_told_at_once(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=re.escape("'ctzgis[docx,xlsx]'")):
        require_reports(["html", "docx", "xlsx"])


def test_corridors_that_no_network_has_are_counted_not_listed(content, assessment):
    (table,) = (t for t in content.tables() if t.name.en == "Corridors built")
    status = assessment.tables["corridor_status"]
    left = int((status["length_km"] == 0).sum())
    assert left > 0
    assert len(table.rows) == len(status) - left
    assert f"{left} more that the network does not have" in table.caption.en


def test_tables_of_schematic_data_say_so(content):
    ground = [s for s in content.sections if s.title.zh in SECTIONS["zh"][3:9]]
    captions = [b.caption.zh for s in ground for b in s.blocks if isinstance(b, Table)]
    assert len(captions) == 6
    assert all(caption.endswith("示意数据") for caption in captions)


# --- the page --------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_begins_with_links_to_its_sections(assessment, lang):
    page = render_report(assessment, lang=lang)
    links = re.findall(r'<a href="#(s\d+)">([^<]+)</a>', page)
    heads = re.findall(r'<(h[23]) id="(s\d+)">([^<]+?)(?: <span|</h)', page)
    assert [name for level, _, name in heads if level == "h2"] == SECTIONS[lang]
    assert links == [(target, name) for _, target, name in heads]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_all_that_the_report_does(assessment, content, lang):
    said = " ".join(" ".join(Page(render_report(assessment, lang=lang)).texts).split())
    for section in content.sections:
        assert " ".join(section.title.get(lang).split()) in said
    for table in content.tables():
        for row in table.printed().rows:
            for cell in row.cells:
                assert " ".join(cell.text.get(lang).split()) in said


def test_the_page_shows_two_maps_and_a_chart(assessment):
    page = Page(render_report(assessment))
    assert page.tags.count("svg") == page.tags.count("figure") == 3


def test_hostile_names_are_text_on_the_page(nasty):
    page = Page(render_report(nasty, lang="en"))
    assert not {"script", "img", "iframe"} & set(page.tags)
    links = [value for key, value in page.attributes if key == "href"]
    assert links
    assert all(re.fullmatch(r"#s\d+", link) for link in links)
    assert not [key for key, _ in page.attributes if key.startswith("on")]
    said = "".join(page.texts)
    assert "<script>alert(1)</script>: assessment of 2020" in said
    assert "{{ 7*7 }} {% raise %}" in said
    assert said == printable(said)


def test_the_names_on_a_chart_are_cut_before_they_leave_it(nasty):
    html = render_report(nasty, lang="en")
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    names = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert "W" * 26 + "..." in names
    assert "长" * 13 + "..." in names


# --- refusals --------------------------------------------------------------------


def test_an_unknown_ending_is_refused_with_those_known(assessment, tmp_path):
    with pytest.raises(InputError, match=r"as \.html, \.docx, \.xlsx or \.md"):
        write_report(assessment, tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "extra"), [("docx", "docx"), ("xlsx", "xlsx")])
def test_a_missing_library_names_its_extra(
    assessment, tmp_path, monkeypatch, name, extra
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=re.escape(f"pip install 'ctzgis[{extra}]'")):
        write_report(assessment, tmp_path / f"report.{name}")


def test_all_missing_libraries_are_named_at_once(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=re.escape("'ctzgis[docx,xlsx]'")):
        require_reports(["html", "docx", "xlsx", "md"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_leaves_the_report_that_was_there(
    assessment, tmp_path, monkeypatch, name
):
    pytest.importorskip({"docx": "docx", "xlsx": "openpyxl"}.get(name, "html"))
    path = tmp_path / f"report.{name}"
    path.write_text("mine")

    def full_disk(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "report_content", full_disk)
    with pytest.raises(SourceError, match="No space left on device"):
        write_report(assessment, path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "mine"


def test_a_template_goes_with_word_only(assessment, tmp_path):
    with pytest.raises(InputError, match=r"goes with a \.docx"):
        write_report(assessment, tmp_path / "a.md", template=tmp_path / "t.dotx")


def test_a_folder_holds_the_reports_that_were_asked_for(assessment, tmp_path):
    pytest.importorskip("openpyxl")
    formats = ("xlsx", "md")
    files = write_assessment(assessment, tmp_path, formats=formats)
    reports = [path.name for path in files if path.stem == "report"]
    assert reports == [f"report.{name}" for name in formats]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in files)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["--formats", "pdf"],
            3,
            "no reports as 'pdf'; known are html, docx, xlsx, md",
        ),
        (["--template", "a.dotx"], 3, "a template goes with a report as docx"),
    ],
)
def test_the_command_refuses_before_it_measures(tmp_path, capsys, words, code, said):
    assert main(["assess", "--out", str(tmp_path / "out"), *words]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert "measuring" not in captured.err
    assert not (tmp_path / "out").exists()


def test_statuses_are_counted_as_the_scorecard_does(content, assessment):
    (counts,) = (b for b in content.sections[0].blocks if hasattr(b, "items"))
    found = {status: number for status, number, _ in counts.items}
    assert found == assessment.scorecard.counts
    assert list(found) == [status.value for status in Status]
