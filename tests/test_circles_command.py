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


def test_a_page_is_written_and_what_it_found_is_told(tmp_path, capsys):
    file = tmp_path / "circles.html"
    words = ["circles", "--report", str(file), "--lang", "en", "--profile", "free"]
    assert main([*words, "--minutes", "45"]) == 0
    page = file.read_text(encoding="utf-8")
    assert "45-minute circle" in page
    # 2020, 2025 and every planned line, by car, by rail and combined.
    assert page.count('class="map"') == 9
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("End of 2020, combined, the quickest: free flow, 2 of 3")
    assert told[-1] == str(file)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--report", "circles.pdf"], 3),
        (["--report", "nowhere/circles.html", "--plan", "nowhere"], 4),
        (["--report", "circles.html", "--year", "2020"], 3),
        (["--report", "circles.html", "--planned"], 3),
        (["--report", "circles.html", "--mode", "rail"], 3),
        (["--report", "circles.html", "--far"], 3),
        (["--far", "--mode", "drive"], 3),
        (["--far", "--destinations", "nowhere.csv"], 4),
        (["--destinations", "away.csv"], 3),
    ],
)
def test_words_that_do_not_go_together_are_refused(words, code, capsys, tmp_path):
    assert main(["circles", *words]) == code
    assert capsys.readouterr().err.startswith("ctzgis: ")


def test_lorries_and_planes_are_told_with_what_is_assumed(tmp_path, capsys):
    file = tmp_path / "away.csv"
    file.write_text("id,lon,lat\nbeijing,116.60,40.08\nyueyang,113.13,29.36\n")
    words = ["circles", "--far", "--lang", "en", "--profile", "free"]
    assert main([*words, "--destinations", str(file), "--id-column", "id"]) == 0
    told = capsys.readouterr().out
    # Of four hours 3.5 are flown at 830 km/h, on routes a tenth longer.
    assert re.search(r"gate to gate\) +free +0 +— +2,641", told)
    # 1355 km of great circle, a tenth longer, at 830 km/h, and 30 min on the ground: 138;
    # with check-in, arrival and some 27 min of driving.
    minutes = int(re.search(r"Changsha—beijing +car and plane +free +(\d+)", told)[1])
    assert minutes == pytest.approx(138 + 60 + 30 + 27, abs=2)
    assert re.search(r"Changsha—beijing +lorry, with rests +free +— +—", told)
    assert re.search(r"Changsha—yueyang +lorry, with rests +free +\d+ +\d+–\d+", told)
    assert "article 62 (7)" in told
    assert "are assumptions" in told


def test_more_seats_lie_within_two_hours_than_within_one(capsys):
    seats = []
    for minutes in ("60", "120"):
        main(
            [
                "circles",
                "--far",
                "--lang",
                "en",
                "--profile",
                "free",
                "--minutes",
                minutes,
            ]
        )
        told = capsys.readouterr().out
        seats.append(int(re.search(r"Changsha +free +(\d+) / 23", told)[1]))
    assert seats[0] < seats[1] <= 23
