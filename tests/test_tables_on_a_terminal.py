"""Tables of commands: whole in a file, as wide as the terminal on one."""

import os
import unicodedata

import pytest

from ctzgis.cli import main
from ctzgis.cli.table import table

HEAD = ("target", "why")
ROW = ("half an hour", "the documents set no share of people within half an hour")


def width_of(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.fixture
def terminal(monkeypatch):
    def of(columns):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setattr(
            "shutil.get_terminal_size", lambda: os.terminal_size((columns, 24))
        )

    return of


def test_a_table_is_cut_at_its_own_widths_where_there_is_no_terminal():
    lines = table(HEAD, [ROW], widths=(8, 60))
    assert lines[2] == "half an…  " + ROW[1]


def test_a_narrow_terminal_gets_the_same_words_in_more_lines(terminal):
    terminal(40)
    # 12 columns of the first, 2 between, 26 left for the second.
    assert table(HEAD, [ROW], widths=(22, 90)) == [
        "target        why",
        "────────────  " + "─" * 26,
        "half an hour  the documents set no share",
        "              of people within half an",
        "              hour",
    ]


@pytest.mark.parametrize("columns", [30, 60, 119, 120, 200])
def test_chinese_fits_too_and_loses_no_character(terminal, columns):
    terminal(columns)
    row = ("半小时通勤圈全面形成", "文件未规定人口比例；仅供参考，不作判定" * 3)
    lines = table(("目标", "说明"), [row], widths=(22, 200))
    assert max(map(width_of, lines)) <= columns
    assert sorted("".join(lines[2:]).replace(" ", "")) == sorted("".join(row))


def test_a_terminal_shows_in_full_what_a_file_has_cut(terminal):
    terminal(120)
    assert table(HEAD, [ROW], widths=(8, 60))[2:] == [
        "half an   " + ROW[1],
        "hour",
    ]


def test_names_break_behind_a_dash(terminal):
    terminal(12)
    lines = table(("on",), [("Changsha–Xiangtan",)], widths=(22,))
    assert lines[2:] == ["Changsha–", "Xiangtan"]


def test_numbers_keep_their_columns_while_texts_give_way(terminal):
    terminal(50)
    lines = table(
        ("why", "a", "b"), [("word " * 20, "1,234,567", "45.6 min")], widths=(90, 9, 9)
    )
    assert lines[2].endswith("  1,234,567  45.6 min")


def test_a_terminal_too_narrow_for_any_table_gets_one_anyway(terminal):
    terminal(5)
    assert table(("a" * 20, "b" * 20), [], widths=(20, 20))[0] == "aaaaaaaa  bbbbbbbb"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("columns", "reasons"), [(100, False), (120, False), (160, True)]
)
def test_a_scorecard_fits_and_keeps_its_reasons_for_a_wide_window(
    terminal, monkeypatch, capsys, assessment, lang, columns, reasons
):
    terminal(columns)
    monkeypatch.setattr("ctzgis.workflow.assess", lambda *_, **__: assessment)
    monkeypatch.setattr("ctzgis.reporting.files.write_assessment", lambda *_, **__: ())
    assert main(["assess", "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(width_of, lines)) <= columns
    head = next(line for line in lines if line.startswith(("目标", "target"))).split()
    assert (head[-1] in ("说明", "why")) is reasons
    told = "说明见报告" if lang == "zh" else "reasons: in the report"
    assert any(line.startswith(told) for line in lines) is not reasons
