"""``ctzgis check`` as a user and a build server meet it."""

import csv
import xml.etree.ElementTree as ET

import pytest

import ctzgis.batch
from ctzgis.cli import main
from tests.batch.town import CHECK, HEAD

FAILS = CHECK.replace("c1", "c2").replace("cutoff_min = 10", "cutoff_min = 9")
OPEN = CHECK.replace("c1", "c3").replace('"any"', '"any"\nmode = "walk+rail+walk"')
LOST = CHECK.replace("c1", "c4").replace('origins = "places"', 'origins = "lost"')
LOST_HEAD = HEAD + '[points.lost]\nfile = "lost.csv"\n'


def run(capsys, *words):
    code = main(["check", *map(str, words)])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        (CHECK, (), 0),
        (CHECK + FAILS, (), 1),
        (CHECK + OPEN, (), 0),
        (CHECK + OPEN, ("--strict",), 1),
        (CHECK + LOST, (), 4),
        (FAILS + LOST, (), 1),
        (CHECK + FAILS, ("--only", "c1"), 0),
        (CHECK + FAILS, ("--only", "c1", "c2"), 1),
    ],
)
def test_the_exit_code_tells_what_came_of_it(capsys, write_checks, text, words, code):
    assert run(capsys, write_checks(text, LOST_HEAD), *words)[0] == code


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("检查", "结论", "未通过", "5个起点中1个满足", "方法：", "数据来源：", "通过 1  未通过 1  无法评估 1  出错 1")),
        ("en", ("check", "result", "failed", "1 of 5 origins keep it", "methods:", "sources:", "passed 1  failed 1  not assessable 1  error 1")),
    ],
)  # fmt: skip
def test_the_table_is_in_both_languages(capsys, write_checks, lang, words):
    path = write_checks(CHECK + FAILS + OPEN + LOST, LOST_HEAD)
    _, out, complaint = run(capsys, path, "--lang", lang)
    assert [word for word in words if word not in out] == []
    assert complaint == ""


def test_a_row_says_value_demand_and_worst_places(capsys, write_checks):
    _, out, _ = run(capsys, write_checks(FAILS), "--lang", "en")
    (row,) = (line for line in out.splitlines() if line.startswith("c2"))
    cells = [cell.strip() for cell in row.split("  ") if cell]
    assert cells[:4] == ["c2", "failed", "20%", "≥ 100% of origins ≤ 9 min"]
    assert cells[5].startswith("south_west 10 min")


def test_the_reason_of_an_error_is_told(capsys, write_checks):
    _, out, _ = run(capsys, write_checks(LOST, LOST_HEAD), "--lang", "en")
    assert "lost.csv does not exist" in out


def test_results_are_written_for_build_servers_and_spreadsheets(
    capsys, write_checks, tmp_path
):
    junit, table = tmp_path / "j.xml", tmp_path / "t.csv"
    run(capsys, write_checks(CHECK + FAILS), "--junit", junit, "--csv", table)
    (suite,) = ET.parse(junit).getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "checks.toml",
        "2",
        "1",
    )
    raw = table.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel reads it as GBK
    first, second = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    assert (first["check_id"], first["status"], first["value"]) == (
        "c1",
        "passed",
        "1",
    )
    assert (second["status"], second["kept"], second["origins"]) == ("failed", "1", "5")
    assert second["worst"].startswith("south_west 10.0; ")


def test_a_cell_is_no_formula(capsys, write_checks, tmp_path):
    table = tmp_path / "t.csv"
    run(capsys, write_checks(CHECK.replace("c1", "=1+1")), "--csv", table)
    assert table.read_text("utf-8-sig").splitlines()[1].startswith("'=1+1,")


def test_names_from_files_are_shown_and_not_obeyed(capsys, write_checks, town):
    places = (town / "places.csv").read_text("utf-8")
    (town / "places.csv").write_text(
        places.replace("south_west", "\x1b[31mred"), encoding="utf-8"
    )
    _, out, _ = run(capsys, write_checks(FAILS))
    assert "\x1b" not in out
    assert "?[31mred" in out


@pytest.mark.parametrize("option", ["--junit", "--csv"])
def test_a_place_that_cannot_be_written_to_is_told_before_work_begins(
    capsys, write_checks, tmp_path, monkeypatch, option
):
    monkeypatch.setattr(
        ctzgis.batch, "run_checks", lambda *a, **k: pytest.fail("it began")
    )
    code, out, complaint = run(capsys, write_checks(), option, tmp_path / "no" / "f")
    assert (code, out) == (4, "")
    assert "there is no folder" in complaint


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("[[check", 3, "checks.toml is not valid TOML"),
        (CHECK.replace("= 10", "= 0"), 3, "checks.toml, check 'c1': 'cutoff_min' is 0"),
    ],
)
def test_a_wrong_file_is_one_line_on_the_error_stream(
    capsys, write_checks, text, code, told
):
    found, out, complaint = run(capsys, write_checks(text))
    assert (found, out) == (code, "")
    assert told in complaint
    assert len(complaint.splitlines()) == 1


def test_a_missing_file_is_told(capsys, tmp_path):
    code, _, complaint = run(capsys, tmp_path / "none.toml")
    assert code == 4
    assert "none.toml cannot be read" in complaint


def test_an_unknown_check_is_told(capsys, write_checks):
    code, _, complaint = run(capsys, write_checks(), "--only", "c2")
    assert code == 3
    assert "there is no check 'c2'; there are: c1" in complaint


def test_an_interruption_writes_nothing(capsys, write_checks, tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("ctzgis.batch.runner.measure", interrupt)
    code, out, complaint = run(capsys, write_checks(), "--junit", tmp_path / "j.xml")
    assert (code, out) == (130, "")
    assert complaint == "ctzgis: interrupted; nothing was written\n"
    assert not (tmp_path / "j.xml").exists()


def test_a_full_disk_is_told(capsys, write_checks, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    path = write_checks()
    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    code, _, complaint = run(capsys, path, "--csv", tmp_path / "t.csv")
    assert code == 4
    assert "No space left on device" in complaint
    assert not list(tmp_path.glob("*t.csv"))
