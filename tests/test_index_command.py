"""``ctzgis index`` on the command line."""

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest

from ctzgis.cli import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    words = ["--year", "2020", "--year", "2025", "--lang", "en"]
    kinds = {"--csv": "i.csv", "--chart": "i.svg", "--borders": "i.gpkg"}
    files = [
        word for kind, name in kinds.items() for word in (kind, str(folder / name))
    ]
    assert main(["index", *words, *files]) == 0
    return folder


@pytest.fixture(scope="module")
def table(run):
    return pd.read_csv(run / "i.csv", dtype={"state": str})


def test_the_parts_give_the_index(table):
    year = table[(table["state"] == "2025") & (table["subject"] == "changsha–zhuzhou")]
    parts = year[year["goal"].notna()]
    index = year.set_index("figure")["score"]["index"]
    # The file has four decimals of each weight.
    found = (parts["score"] * parts["weight_share"]).sum()
    assert index == pytest.approx(found, abs=0.05)
    assert parts["weight_share"].sum() == pytest.approx(1, abs=0.001)


def test_the_region_comes_nearer_from_2020_to_2025(table):
    index = table[(table["figure"] == "index") & (table["subject"] == "region")]
    before, after = index.set_index("state")["score"][["2020", "2025"]]
    # 铜霞路, 昭云—云峰 and the metro to 湘潭北 opened.
    assert before < after < before + 10


def test_the_drive_is_that_of_the_methods(table):
    row = table[(table["figure"] == "centre_drive_free") & (table["state"] == "2020")]
    minutes = row.set_index("subject")["value"].round(1)
    assert minutes["changsha–zhuzhou"] == 46.5


def test_the_chart_has_a_bar_for_each_index(run):
    tree = ET.parse(run / "i.svg")
    bars = [e for e in tree.iter() if e.tag.endswith("rect")]
    assert len(bars) == 1 + 8  # the ground, and four subjects in two years
    assert "href" not in (run / "i.svg").read_text("utf-8")


def test_the_borders_carry_their_index(run, table):
    borders = gpd.read_file(run / "i.gpkg").set_index(["state", "subject"])
    index = table[table["figure"] == "index"].set_index(["state", "subject"])["score"]
    assert len(borders) == 2 * 3
    for key, found in borders["index"].items():
        assert found == pytest.approx(index[key])
    assert borders["border_km"].sum() == pytest.approx(2 * 427.6, abs=1)


def test_a_scenario_stands_beside_a_year_under_our_own_name(tmp_path, capsys):
    card = tmp_path / "all.yaml"
    card.write_text("{year: 2035, undated: include, name_zh: 全部建成}", "utf-8")
    assert main(["index", "--year", "2025", "--scenario", str(card)]) == 0
    told = capsys.readouterr().out
    # Whose method it is comes first.
    assert told.startswith("本指数为 ctzgis 自有方法，不是官方一体化发展指数")
    assert "全部建成 · 全区域" in told
    assert "长沙—株洲" in told
    assert "index.toml" in told
    change = re.search(r"2025 → 全部建成 +全区域 +\+(\S+)", told)
    assert float(change[1]) > 3


def test_weights_of_ones_own_decide(tmp_path, capsys):
    path = tmp_path / "time.toml"
    path.write_text(
        '[[component]]\nid = "edge_drive_free"\nweight = 1\n', encoding="utf-8"
    )
    assert main(["index", "--weights", str(path), "--lang", "en"]) == 0
    assert re.search(r"2020 +the region +100\.0", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--year", "1990"], 3, "2015 to 2035"),
        (["--plan", "gridville"], 4, "--weights"),
        (["--weights", "nowhere.toml"], 4, "nowhere.toml"),
        (["--csv", "out.xlsx"], 3, ".csv"),
        (["--chart", "out.png"], 3, ".svg"),
        (["--borders", "out.csvx"], 3, ".gpkg"),
        (["--chart", "no/such/out.svg"], 4, "no folder"),
        (["--network", "nowhere.gpkg"], 4, "nowhere.gpkg"),
        (["--scenario", "nowhere.yaml"], 4, "nowhere.yaml"),
    ],
)
def test_what_cannot_be_done_is_told(words, code, told, capsys):
    assert main(["index", *words]) == code
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


@pytest.mark.parametrize("words", [["--year", "20"], ["--seed", "-1"]])
def test_arguments_that_make_no_sense_are_refused(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["index", *words])
    assert stop.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_the_indices_are_drawn_on_a_map(tmp_path, capsys):
    path = tmp_path / "index.html"
    years = ["--year", "2020", "--year", "2030"]
    assert main(["index", *years, "--map", str(path), "--lang", "en"]) == 0
    page = path.read_text(encoding="utf-8")
    for told in ("Integration index", "Changsha—Zhuzhou", '"2020"', '"2030"'):
        assert told in page
    assert str(path) in capsys.readouterr().out


def test_a_map_of_another_ending_is_refused_before_work(tmp_path, capsys):
    assert main(["index", "--map", str(tmp_path / "index.pdf")]) == 3
    assert ".html" in capsys.readouterr().err
