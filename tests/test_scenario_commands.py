"""``ctzgis compare`` and ``ctzgis projects``: states, cards and contributions."""

import json

import pandas as pd
import pyogrio
import pytest
import rasterio

from ctzgis.cli import main

CARD = """
name_zh: 对角线
name_en: diagonal
projects:
- {id: west, name_zh: 西, edits: [{upgrade_road: r0, with: {free_kph: 120}}]}
- {id: east, name_zh: 东, edits: [{upgrade_road: r1, with: {free_kph: 120}}]}
"""


@pytest.fixture
def run(capsys):
    def ran(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def card(town):
    path = town / "card.yaml"
    path.write_text(CARD, encoding="utf-8")
    return path


def own(town, *more):
    return (
        "--network", town / "town.gpkg", "--points", town / "places.csv",
        "--crs", "EPSG:4547", "--id-column", "id", "--lang", "en", *more,
    )  # fmt: skip


def test_two_years_are_compared_and_every_part_is_written(run, tmp_path):
    code, out, complaint = run("compare", 2019, 2025, "--lang", "en", "--out", tmp_path)
    assert (code, complaint) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    # docs/methods.md: 36.7 min in 2019, 32.7 in 2025.
    assert ["Zhuzhou", "Xiangtan", "36.7", "32.7", "4.0", "quicker"] in lines
    assert lines[0] == ["2019", "→", "2025", "(schematic)"]
    assert any(words[:1] == ["Yuhua"] for words in lines)
    assert "more zones have neither winners nor losers" in out
    summary = pd.read_csv(tmp_path / "summary.csv").set_index("figure")
    assert summary.at["roads upgraded", "value"] == 22
    # Whoever reads the file in Chinese finds the figures' names too.
    assert summary.at["roads upgraded", "name_zh"] == "提升道路"
    rings = pyogrio.read_dataframe(tmp_path / "rings.gpkg")
    assert rings["state"].tolist() == ["before", "after"]
    areas = pyogrio.read_dataframe(tmp_path / "areas.gpkg")
    assert areas["change"].tolist() == ["gained", "lost"]
    about = pyogrio.read_info(tmp_path / "roads.gpkg")["layer_metadata"]
    assert json.loads(about["ctzgis_parameters"])["after"] == "2025"
    with rasterio.open(tmp_path / "saved.tif") as surface:
        assert surface.crs.to_epsg() == 4547


def test_a_card_is_compared_with_the_year_it_is_put_into(run, town, card):
    code, out, _ = run("compare", 2020, card, *own(town))
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["2020", "→", "diagonal"]
    # Two of ten blocks take half a minute instead of one.
    assert ["south_west", "south_east", "10", "9", "1", "quicker"] in lines


def test_projects_are_listed(run):
    code, out, _ = run("projects", "--lang", "en")
    assert code == 0
    rows = {line.split()[0]: line.split() for line in out.splitlines()[2:]}
    assert len(rows) == 10
    assert rows["dongzhu_road"][-5:] == ["2020", "0", "8", "0", "0"]


def test_corridors_are_listed_too(run):
    out = run("projects", "--corridors")[1]
    assert len(out.splitlines()) == 2 + 75
    assert "changgan_hsr" in out


def test_cards_are_written_and_compared(run, tmp_path):
    cards = tmp_path / "made" / "cards"
    assert run("projects", "--cards", cards)[0] == 0
    assert len(list(cards.glob("*.yaml"))) == 10
    code, out, _ = run("compare", 2025, cards / "dongzhu_road.yaml", "--lang", "en")
    assert code == 0
    assert ["saved", "on", "average", "0", "min"] in [
        x.split() for x in out.splitlines()
    ]


def test_contributions_of_a_card_are_shown_and_written(run, town, card):
    out_file = town / "found.gpkg"
    code, out, _ = run(
        "projects", "--scenario", card, "--contribution", "minutes", *own(town),
        "--out", out_file,
    )  # fmt: skip
    assert code == 0
    # The south side serves south-west to south-east, centre and north-east, and south-east
    # to north-west: 8 of 20 ordered pairs gain half a minute by each block.
    assert "mean minutes between the points: 12.00 → 11.60 min" in out
    shown = next(line for line in out.splitlines() if line.startswith("west")).split()
    assert shown[2:5] == ["-0.20", "-0.20", "0"]
    assert "minus is a gain: less than before" in out
    drawn = pyogrio.read_dataframe(out_file)
    assert drawn.geometry.length.tolist() == pytest.approx([1000, 1000])


def test_contributions_in_a_year_of_the_shipped_network(run, tmp_path):
    path = tmp_path / "found.csv"
    code, out, _ = run(
        "projects", "--contribution", "people", "--lang", "en", "--out", path
    )
    assert code == 0
    head, *_, last, written = out.splitlines()
    # What is measured on schematic data is stamped, and what does not count is named.
    assert head == (
        "people who reach a point in time (schematic): 9,769,354 → 9,905,601 people"
    )
    assert last == ("not open yet: ic_cs_south_dafeng_zz_west, ic_xt_north_xt_zz_west")
    assert written == str(path)
    table = pd.read_csv(path).set_index("project_id")
    assert table.at["dongzhu_road", "alone"] == 60_233


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("compare", 2019, 1900), 3, "known from 2015 to 2035"),
        (("compare", 2019, "none.yaml"), 4, "none.yaml cannot be read"),
        (("compare", 2019, "none.txt"), 3, "no scenario card"),
        (("compare", 2019, "next"), 3, "no year and no scenario card"),
        (("compare", 2019, 2020, "--out", "a_file"), 4, "File exists"),
        (("projects", "--out", "a.csv"), 3, "--out is for contributions"),
        (("projects", "--contribution", "people", "--cards", "."), 3, "two things"),
        (("projects", "--contribution", "people", "--out", "a.docx"), 3, "a.docx"),
        (("projects", "--contribution", "people", "--year", 2016), 3, "no project"),
        (("projects", "--cards", "a_file/folder"), 4, "Not a directory"),
    ],
)
def test_what_cannot_be_done_is_told(run, tmp_path, monkeypatch, words, code, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_file").write_text("in the way")
    found, _, complaint = run(*words)
    assert found == code
    assert reason in complaint
    assert "Traceback" not in complaint


def test_a_bad_card_is_named_with_its_entry(run, town, card):
    card.write_text("projects: [{id: p, edits: [{close_road: r999}]}]")
    code, _, complaint = run("compare", 2020, card, *own(town))
    assert code == 3
    assert "card.yaml, project 'p', edit 1: the network has no road 'r999'" in complaint


def test_people_are_needed_to_be_counted(run, town, card):
    code, _, complaint = run(
        "projects", "--scenario", card, "--contribution", "people", *own(town)
    )
    assert (code, "give --population" in complaint) == (3, True)


def test_points_are_needed_with_a_network_of_ones_own(run, town):
    code, _, complaint = run("compare", 2020, 2020, "--network", town / "town.gpkg")
    assert (code, "--points" in complaint) == (3, True)


def test_reasons_are_told_in_the_language_asked_for(run, town):
    card = town / "needs.yaml"
    card.write_text(
        "projects:\n"
        "- id: builds\n"
        "  edits: [{add_road: x, from_id: j0_0, to_id: j1_1, road_class: primary}]\n"
        "- id: betters\n"
        "  edits: [{upgrade_road: x, with: {free_kph: 90}}]\n"
    )
    words = ("projects", "--scenario", card, "--contribution", "minutes", *own(town))
    chinese = run(*words, "--lang", "zh")[1]
    assert "单独：没有其他项目不能建" in chinese
    assert "在整体中：没有它其他项目不能建" in chinese
    assert "各点间平均时间" in chinese
    assert "alone: it cannot be built without others" in run(*words)[1]
