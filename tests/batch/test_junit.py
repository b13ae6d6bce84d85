"""Results as JUnit XML: what build servers read, whatever stands in names."""

import xml.etree.ElementTree as ET

import pytest

from ctzgis import read_checks, run_checks
from ctzgis.batch import junit_text, write_junit
from ctzgis.errors import SourceError
from tests.batch.town import CHECK, HEAD

# What the usual schema (junit-10.xsd) has in each element.
ATTRIBUTES = {
    "testsuites": {"tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


@pytest.fixture
def results(write_checks, town):
    """One check of each status: passed, failed, not assessable, error."""
    head = HEAD + '[points.lost]\nfile = "lost.csv"\n'
    text = (
        CHECK
        + CHECK.replace("c1", "c2").replace("= 10", "= 9")
        + CHECK.replace("c1", "c3").replace('"any"', '"any"\nmode = "walk+rail+walk"')
        + CHECK.replace("c1", "c4").replace('"places"', '"lost"')
    )
    return run_checks(read_checks(write_checks(text, head)))


def test_the_document_has_the_shape_of_the_usual_schema(results):
    root = ET.fromstring(junit_text(results))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    assert all(len(case) == 1 for case in root.iter("testcase"))


def test_each_status_has_its_element(results):
    root = ET.fromstring(junit_text(results))
    found = {case.get("name"): case[0].tag for case in root.iter("testcase")}
    assert found == {
        "c1: c1": "system-out",
        "c2: c2": "failure",
        "c3: c3": "skipped",
        "c4: c4": "error",
    }


def test_the_counts_are_those_of_the_cases(results):
    (suite,) = ET.fromstring(junit_text(results)).iter("testsuite")
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    assert float(suite.get("time")) == pytest.approx(
        sum(float(c.get("time")) for c in suite), abs=0.004
    )


def test_a_failure_says_value_demand_worst_places_and_sources(results):
    (failure,) = ET.fromstring(junit_text(results, lang="en")).iter("failure")
    # Of five places only the centre reaches itself in 9 min.
    assert failure.get("message") == "1 of 5 origins keep it"
    assert "value: 20%" in failure.text
    assert "wanted: ≥ 100% of origins ≤ 9 min" in failure.text
    assert "south_west 10 min" in failure.text
    assert "town.gpkg (" in failure.text


def test_texts_are_in_the_asked_language(results):
    assert "要求: ≥ 100%的起点 ≤ 10分钟" in junit_text(results, lang="zh")
    assert "要求" not in junit_text(results, lang="en")


def test_hostile_names_come_back_as_texts(write_checks, town):
    script = "<script>alert(1)</script>]]>&amp;"
    text = CHECK.replace('id = "c1"', f"id = \"c1\"\ntitle_en = '{script}'")
    places = (town / "places.csv").read_text("utf-8")
    (town / "places.csv").write_text(
        places.replace("south_west", "<b>\x01\x1b[31m\u202e\ufffe"), encoding="utf-8"
    )
    text = junit_text(
        run_checks(read_checks(write_checks(text))), name="a<b>\x00.toml", lang="en"
    )
    root = ET.fromstring(text)
    assert "<script" not in text
    (case,) = root.iter("testcase")
    assert case.get("name") == f"c1: {script}"
    assert case.get("classname") == "a<b>.toml"
    assert "<b>[31m 10 min" in case[0].text
    assert not set(text) & set("\x00\x01\x1b\u202e\ufffe")


def test_a_file_is_written_whole(results, tmp_path):
    path = tmp_path / "junit.xml"
    write_junit(results, path)
    assert ET.parse(path).getroot().get("tests") == "4"
    assert path.read_bytes().startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert not list(tmp_path.glob(".part*"))


def test_a_full_disk_leaves_the_file_that_was_there(results, tmp_path, monkeypatch):
    path = tmp_path / "junit.xml"
    path.write_text("mine")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_text", full)
        with pytest.raises(SourceError, match="cannot write .*No space left"):
            write_junit(results, path)
    assert path.read_text() == "mine"
    assert not list(tmp_path.glob(".part*"))


def test_no_checks_are_an_empty_suite():
    (suite,) = ET.fromstring(junit_text([])).iter("testsuite")
    assert (suite.get("tests"), len(suite)) == ("0", 0)
