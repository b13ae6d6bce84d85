"""``ctzgis circles`` on the command line."""

import re

import pytest

from ctzgis.cli import main


def test_the_centres_are_told_with_their_ranges(capsys):
    words = ["circles", "--lang", "en", "--mode", "drive", "--profile", "free"]
    assert main(words) == 0
    told = capsys.readouterr().out
    value, low, high = map(
        float,
        re.search(r"Changsha—Zhuzhou +by car +free +(\S+) +(\S+)–(\S+)", told).groups(),
    )
    # The same drive as in docs/methods.md.
    assert value == 46.5
    assert low < value < high
    assert "edge to edge" in told
    assert re.search(r"1 centre within 30 min +by car +free +\d+\.\d %", told)
    assert "(schematic)" in told


def test_the_table_is_chinese_unless_said_otherwise(capsys):
    assert main(["circles", "--mode", "combined", "--profile", "peak"]) == 0
    told = capsys.readouterr().out
    assert "长沙—株洲" in told
    assert "最快方式" in told
    assert "自由流" not in told


def test_planned_lines_are_there_when_asked_for(capsys):
    words = ["circles", "--year", "2035", "--mode", "rail", "--profile", "free"]
    main(words)
    without = capsys.readouterr().out
    assert main([*words, "--planned"]) == 0
    assert capsys.readouterr().out.splitlines()[0] != without.splitlines()[0]


def test_more_people_are_reached_in_more_time(capsys):
    shares = []
    for minutes in ("30", "60"):
        words = ["--lang", "en", "--mode", "drive", "--profile", "free"]
        main(["circles", "--minutes", minutes, *words])
        told = capsys.readouterr().out
        shares.append(float(re.search(r"3 centres.*free +(\S+) %", told)[1]))
    assert shares[0] < shares[1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--plan", "gridville"], 3),
        (["--population", "nowhere.csv"], 4),
        (["--plan", "nowhere"], 4),
    ],
)
def test_what_cannot_be_measured_is_told(words, code, capsys):
    assert main(["circles", *words]) == code
    assert capsys.readouterr().err.startswith("ctzgis: ")


@pytest.mark.parametrize(
    "words", [["--year", "1800"], ["--minutes", "0"], ["--minutes", "x"]]
)
def test_a_wrong_word_is_refused(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["circles", *words])
    assert "is no " in capsys.readouterr().err


def test_people_who_live_elsewhere_are_told_of(tmp_path, capsys):
    file = tmp_path / "people.csv"
    file.write_text("lon,lat,population\n120,30,5\n", encoding="utf-8")
    assert main(["circles", "--population", str(file), "--lang", "en"]) == 0
    assert "nobody of the given people lives there" in capsys.readouterr().out
