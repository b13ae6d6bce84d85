"""Every shipped file is described, and the descriptions fit the files."""

import tomllib
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

import ctzgis
from ctzgis.crs import area_km2
from ctzgis.sources.formats.files import data_folder, read_csv_rows

if TYPE_CHECKING:
    from pathlib import Path

DATA = data_folder()
FOLDERS = [DATA / "boundaries", DATA / "networks", *sorted((DATA / "plans").iterdir())]
FILES = [p for f in FOLDERS for p in sorted(f.iterdir()) if p.name != "SOURCES.toml"]


def described(path: "Path") -> dict:
    return tomllib.loads((path.parent / "SOURCES.toml").read_text("utf-8"))[path.name]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_each_file_says_what_it_is_from_whom_and_on_which_terms(path):
    entry = described(path)
    both = [
        f"{key}{end}" for key in ("what", "source", "licence") for end in ("", "_zh")
    ]
    for key in both:
        assert entry[key].strip(), f"{path.name} has no {key}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_nothing_is_described_that_is_not_there(folder):
    index = tomllib.loads((folder / "SOURCES.toml").read_text("utf-8"))
    assert set(index) == {p.name for p in folder.iterdir()} - {"SOURCES.toml"}


LAYERS = [p for p in FILES if p.suffix == ".geojson"]


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: p.name)
def test_each_layer_is_valid_in_degrees_with_accuracy(path):
    layer = gpd.read_file(path)
    entry = described(path)
    assert layer.crs.to_epsg() == 4326
    assert layer.geometry.is_valid.all()
    assert not layer.geometry.is_empty.any()
    west, south, east, north = layer.total_bounds
    assert 110 < west < east < 116
    assert 25 < south < north < 31
    assert entry["accuracy_m"] > 0
    if "accuracy_m" in layer:
        assert layer["accuracy_m"].max() <= entry["accuracy_m"]
    if "schematic" in layer:
        assert layer["schematic"].any() == entry["schematic"]


def test_the_counties_tile_the_region_without_overlap(czt):
    counties = czt.counties
    assert len(counties) == 23
    assert counties.area.sum() == pytest.approx(counties.union_all().area, rel=1e-5)
    assert counties.groupby("city_zh").size().to_dict() == {
        "长沙市": 9, "株洲市": 9, "湘潭市": 5,
    }  # fmt: skip


def test_county_areas_are_within_five_per_cent_of_official_ones(czt):
    rows = {
        r["code"]: r for r in read_csv_rows(DATA / "boundaries/county_statistics.csv")
    }
    areas = area_km2(czt.counties)
    ratios = {
        code: areas[code] / float(row["official_area_km2"])
        for code, row in rows.items()
        if row["official_area_km2"]
    }
    assert len(ratios) == 18
    # Where sources differ on the official figure by more than this, docs/methods.md says.
    far = {code for code, ratio in ratios.items() if abs(ratio - 1) > 0.05}
    assert far == {"430204"}


def test_the_people_of_the_settlements_are_those_of_the_counties():
    people, _ = ctzgis.read_settlements()
    counted = people.groupby("county_code")["population"].sum()
    rows = read_csv_rows(DATA / "boundaries/county_statistics.csv")
    assert counted.to_dict() == {r["code"]: int(r["population_2020"]) for r in rows}
    # The three cities' census total is 16,676,833; rounding loses 1,547 people.
    assert counted.sum() == pytest.approx(16_676_833, abs=2_000)


def test_each_settlement_lies_in_its_county_and_each_county_has_one_seat(czt):
    people, _ = ctzgis.read_settlements()
    counties = czt.counties.geometry
    # Within 250 m: the shipped outlines are simplified, and one seat lies on a border.
    off = [
        s
        for s, row in people.iterrows()
        if counties[row.county_code].distance(row.geometry) > 250
    ]
    assert off == []
    assert people.groupby("county_code")["is_seat"].sum().eq(1).all()


def test_the_green_hearts_zones_fill_its_outline(czt):
    heart = czt.protected
    for regime, stated in (("2018", 528.32), ("2024", 529.79)):
        rows = heart[heart["regime"] == regime]
        total = rows[rows["zone"] == "total"]
        zones = rows[rows["zone"] != "total"]
        assert area_km2(total).iloc[0] == pytest.approx(stated, rel=1e-4)
        assert area_km2(zones).sum() == pytest.approx(stated, rel=1e-3)
        outside = zones.union_all().difference(total.union_all())
        assert outside.area / 1e6 == pytest.approx(0, abs=0.1)


def test_the_rivers_banks_hold_the_parks_the_outline_lists_there(czt):
    """East parks lie on the right bank, west parks on the left: flow is northward."""
    import shapely

    river = czt.water.geometry["xiang_river"]
    for bank, side in (("axis_east_bank", 1), ("axis_west_bank", -1)):
        for member in czt.element(bank).members:
            point = czt.place(member.place).location.point
            at = river.project(point)
            a, b = river.interpolate(max(at - 50, 0)), river.interpolate(at + 50)
            turn = shapely.linearrings([a.coords[0], b.coords[0], point.coords[0]])
            right = not shapely.is_ccw(turn)
            assert right == (side == 1), member.place


def test_the_network_grows_year_by_year(network):
    lengths = [network.at(year).roads.length_m for year in range(2015, 2036)]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[5] < lengths[-1]


@pytest.mark.parametrize(
    ("year", "share"), [(2015, 0.998), (2020, 1), (2025, 1), (2035, 1)]
)
def test_the_road_network_of_every_year_hangs_together(network, year, share):
    import networkx as nx

    # In 2015 three access roads (5 km) wait for roads that opened in 2016–2020.
    roads = network.at(year).roads.roads
    graph = nx.Graph(zip(roads["from_id"], roads["to_id"], strict=True))
    largest = max(nx.connected_components(graph), key=len)
    connected = roads[roads["from_id"].isin(largest)].length.sum()
    assert connected >= share * roads.length.sum()


def test_what_replaces_is_open_when_the_replaced_closes(network):
    roads = network.roads.roads
    upgrades = roads[roads["replaces"].notna()]
    assert len(upgrades) == 22
    for row in upgrades.itertuples():
        old = roads.loc[row.replaces]
        assert old.closes == row.opens
        assert (old.from_id, old.to_id) == (row.from_id, row.to_id)
    lines = {line.id: line for line in network.lines}
    for line in network.lines:
        if line.replaces:
            assert lines[line.replaces].closes == line.opens


def test_every_corridor_of_the_system_is_in_the_network(czt, network):
    status = ctzgis.corridor_status(
        network, czt.system("sys_3r2l4l").members, year=2025
    )
    assert status["built_share"].notna().all()
