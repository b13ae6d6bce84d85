"""Scenario cards: the example of the document, the shipped projects, hostile cards."""

import re
from pathlib import Path

import pytest

from ctzgis.analysis.access.travel_times import travel_time_matrix
from ctzgis.analysis.change.contributions import contributions, mean_minutes
from ctzgis.errors import CtzgisError, EditError, InputError, SourceError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import (
    AddLine,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    corridor_projects,
    projects_of,
    scenarios_of,
)
from ctzgis.network.scenarios import Scenario, contradictions
from ctzgis.sources.scenarios.reading import read_scenario, read_scenarios
from ctzgis.sources.scenarios.written import write_scenario

DOCUMENT = Path(__file__).parents[2] / "docs/scenario_format.md"
TOWN = gridville()


@pytest.fixture
def read(tmp_path):
    """Read a card of one project with the given edits, put into Gridville."""

    def done(edits, head="crs: EPSG:4547", name="card.yaml"):
        path = tmp_path / name
        path.write_text(f"{head}\nprojects: [{{id: p, opens: 2030, edits: [{edits}]}}]")
        return read_scenario(path, TOWN)[0]

    return done


def test_the_example_of_the_document_is_read_and_halves_make_a_whole(tmp_path):
    text = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)[0]
    path = tmp_path / "two_halves.yaml"
    path.write_text(text, encoding="utf-8")
    scenario, source = read_scenario(path, TOWN)
    assert [project.id for project in scenario.projects] == [
        "west_half", "east_half", "better_line",
    ]  # fmt: skip
    assert source.report.rows_kept == 3
    corners = gridville_places().loc[["south_west", "north_east"]]
    minutes = travel_time_matrix(scenario.applied(TOWN), corners, corners)
    # √200 km at 120 km/h.
    assert minutes.at["south_west", "north_east"] == pytest.approx(
        200**0.5 / 2, abs=1e-3
    )


def test_the_halves_of_the_document_are_worth_nothing_alone(tmp_path):
    text = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)[0]
    path = tmp_path / "two_halves.yaml"
    path.write_text(text, encoding="utf-8")
    halves = read_scenario(path, TOWN)[0].projects[:2]
    corners = gridville_places().loc[["south_west", "north_east"]]
    found = contributions(TOWN, halves, mean_minutes(corners))
    assert found.table["alone"].tolist() == [0, 0]
    # Without either the 20 min along the streets are left of 7.07.
    lost = [200**0.5 / 2 - 20] * 2
    assert found.table["left_out"].tolist() == pytest.approx(lost, abs=1e-3)


def test_shipped_projects_and_corridors_come_back_equal(network, tmp_path):
    projects = (*projects_of(network), *corridor_projects(network))
    assert len(projects) == 75
    some = [*projects[:10], *projects[10::8]]
    cards = scenarios_of(network, some, year=2025)
    for card in cards:
        write_scenario(card, tmp_path / f"{card.id}.yaml")
    found, sources = read_scenarios(tmp_path, network)
    assert len(sources) == len(cards)
    assert found == {card.id: card for card in cards}


@pytest.mark.parametrize(
    "key", ["dongzhu_road", "czt_ic_west_ring", "link_zhaoyun_yunfeng"]
)
def test_a_card_puts_back_what_its_base_leaves_out(network, key):
    project = {p.id: p for p in projects_of(network)}[key]
    (card,) = scenarios_of(network, [project], year=2025)
    with_it, now = card.applied(network), network.at(2025)
    assert set(with_it.roads.roads.index) == set(now.roads.roads.index)
    assert {line.id for line in with_it.lines} == {line.id for line in now.lines}
    base = card.base(network)
    assert set(base.roads.roads.index) != set(now.roads.roads.index) or {
        line.id for line in base.lines
    } != {line.id for line in now.lines}


def test_every_kind_of_edit_comes_back_equal(read, tmp_path):
    scenario = read(
        "{add_road: new, from_id: j0_0, to_id: n, road_class: primary,"
        " junctions: {n: [495500, 3100500]}},"
        "{upgrade_road: r0, with: {free_kph: 90}},"
        "{upgrade_road: r1, by: {road_id: r1b, from_id: j1_0, to_id: j2_0,"
        " road_class: trunk, course: 'LINESTRING (496000 3100000, 497000 3100000)'}},"
        "{close_road: r2}, {change_headway: cross_town, headway_min: {peak: never}},"
        "{add_line: tram, mode: tram, headway_min: {free: 5, peak: never}, one_way: true,"
        " stops: [{station_id: a, at: [495000, 3100000], run_min: 3,"
        " via: [[496000, 3100500]]}, {station_id: b, at: [498000, 3100000]}]}"
    )
    write_scenario(scenario, tmp_path / "again.yaml")
    again, _ = read_scenario(tmp_path / "again.yaml", TOWN)
    assert again == Scenario(**{**_fields(scenario), "id": "card"})


def _fields(scenario):
    return {name: getattr(scenario, name) for name in scenario.__slots__}


def test_an_upgrade_keeps_what_it_does_not_name(read):
    roads = read("{upgrade_road: r0, with: {free_kph: 120}}").applied(TOWN).roads.roads
    assert roads.at["r0", "free_kph"] == 120
    assert roads.at["r0", "peak_kph"] == 30
    assert roads.at["r0", "project_id"] == "p"


def test_positions_in_degrees_are_turned_into_the_networks(read):
    # 0.051° west of the meridian 114° E; a degree is 98.4 km long at 28° N: 5.02 km.
    scenario = read(
        "{add_line: tram, mode: tram, headway_min: {free: 5, peak: 5}, stops: ["
        "{station_id: a, at: [113.949, 28.013], run_min: 3},"
        "{station_id: b, at: [113.98, 28.013]}]}",
        head="crs: EPSG:4490",
    )
    (tram,) = [e.line for e in scenario.edits if isinstance(e, AddLine)]
    assert tram.stops[0].point.x == pytest.approx(500_000 - 5_018, abs=20)
    assert 3_099_000 < tram.stops[0].point.y < 3_101_000


def test_shapes_may_lie_in_a_file_beside_the_card(read, tmp_path):
    import geopandas as gpd
    import shapely

    bend = shapely.LineString(
        [(495_000, 3_100_000), (495_200, 3_100_700), (496_000, 3_101_000)]
    )
    frame = gpd.GeoDataFrame({"id": ["bend"]}, geometry=[bend], crs=4547)
    frame.to_crs(4326).to_file(tmp_path / "shapes.geojson", driver="GeoJSON")
    scenario = read(
        "{add_road: bend, from_id: j0_0, to_id: j1_1, road_class: primary}",
        head="geometry: shapes.geojson",
    )
    drawn = scenario.edits[0].values["geometry"]
    assert drawn.hausdorff_distance(bend) < 0.01


def test_shapes_that_no_edit_names_are_told(tmp_path):
    import geopandas as gpd
    import shapely

    line = shapely.LineString([(495_000, 3_100_000), (496_000, 3_101_000)])
    frame = gpd.GeoDataFrame({"id": ["bend", "bnd"]}, geometry=[line, line], crs=4547)
    frame.to_crs(4326).to_file(tmp_path / "shapes.geojson", driver="GeoJSON")
    card = tmp_path / "card.yaml"
    card.write_text(
        "geometry: shapes.geojson\n"
        "projects: [{id: p, edits: [{add_road: bend, from_id: j0_0, to_id: j1_1, "
        "road_class: primary}]}]"
    )
    _, source = read_scenario(card, gridville())
    assert (
        "noticed 1: shapes in shapes.geojson that no edit names (bnd)"
        in source.told("en")
    )


ROAD = "from_id: j0_0, to_id: j1_1, road_class: primary"
STOP = "{station_id: a, at: [495000, 3100000], run_min: 3}"
TRAM = "mode: tram, headway_min: {free: 5, peak: 5}"

BAD = {
    "an unknown road": ("{close_road: r00}", "no road 'r00'; did you mean 'r"),
    "an unknown line": ("{close_line: cross_twn}", "did you mean 'cross_town'"),
    "an unknown junction": (
        "{add_road: x, from_id: j0_0, to_id: j99_0, road_class: primary}",
        "no junction 'j99_0'",
    ),
    "a negative speed": (f"{{add_road: x, {ROAD}, free_kph: -50}}", "'free_kph' is -50"),
    "a speed of zero in an upgrade": (
        "{upgrade_road: r0, with: {peak_kph: 0}}", "'peak_kph' is 0",
    ),
    "a speed that is a word": (f"{{add_road: x, {ROAD}, free_kph: fast}}", "'fast'"),
    "a speed that is not finite": (f"{{add_road: x, {ROAD}, free_kph: .nan}}", "nan"),
    "an unknown class": (
        "{add_road: x, from_id: j0_0, to_id: j1_1, road_class: primry}",
        "did you mean 'primary'",
    ),
    "a misspelt key": (f"{{add_road: x, {ROAD}, fre_kp: 50}}", "unknown key 'fre_kp'"),
    "a road that is there": (f"{{add_road: r0, {ROAD}}}", "'r0' is there already"),
    "a course that misses its junctions": (
        f"{{add_road: x, {ROAD}, course: [[495000, 3100000], [497000, 3101000]]}}",
        "ends 1000 m from its junction",
    ),
    "a course of one position": (
        f"{{add_road: x, {ROAD}, course: [[495000, 3100000]]}}", "one position",
    ),
    "a course that is no WKT": (f"{{add_road: x, {ROAD}, course: 'LINE 1'}}", "WKT"),
    "a position that is none": (
        f"{{add_road: x, {ROAD}, course: [[495000], [1, 2]]}}", "[x, y] is expected",
    ),
    "a road without length": (
        "{add_road: x, from_id: j0_0, to_id: j0_0, road_class: primary}", "no length",
    ),
    "a road that meets no other": (
        "{add_road: x, from_id: n, to_id: m, road_class: primary,"
        " junctions: {n: [495500, 3100500], m: [495600, 3100500]}}",
        "meets no other road",
    ),
    "two roads that only meet each other": (
        "{add_road: x, from_id: n, to_id: m, road_class: primary,"
        " junctions: {n: [495500, 3100500], m: [495600, 3100500]}},"
        "{add_road: y, from_id: m, to_id: o, road_class: primary,"
        " junctions: {o: [495700, 3100500]}}",
        "edit 1: road 'x' hangs loose",
    ),
    "a junction that is elsewhere": (
        f"{{add_road: x, {ROAD}, junctions: {{j0_0: [495900, 3100000]}}}}",
        "'j0_0' is another junction of the network already, 900 m away",
    ),
    "a junction at two places": (
        "{add_road: x, from_id: j0_0, to_id: n, road_class: primary,"
        " junctions: {n: [495500, 3100500]}},"
        "{add_road: y, from_id: j1_1, to_id: n, road_class: primary,"
        " junctions: {n: [495500, 3100600]}}",
        "edit 2, junctions: 'n' is another junction of this card already, 100 m away",
    ),
    "a misspelt speed": (
        "{upgrade_road: r0, with: {fre_kph: 120}}",
        "unknown key 'fre_kph'; did you mean 'free_kph'",
    ),
    "an upgrade to nothing": ("{upgrade_road: r0, with: {}}", "with: is empty"),
    "a speed with a digit too many": (
        "{upgrade_road: r0, with: {free_kph: 1200}}", "at most 300",
    ),
    "a misspelt profile": (
        "{change_headway: cross_town, headway_min: {fre: 2}}",
        "'fre' is no profile of the network, which has free, peak",
    ),
    "a line run more often and closed": (
        "{change_headway: cross_town, headway_min: {free: 2}}, {close_line: cross_town}",
        "edit 2: line 'cross_town' has a new headway by an earlier edit",
    ),
    "a line faster than any train": (
        f"{{add_line: x, {TRAM}, stops: [{{station_id: a, at: [495000, 3100000],"
        " run_min: 0.05}, {station_id: b, at: [505000, 3100000]}]}",
        "from a to b it would run 12,000 km/h in 0.05 min",
    ),
    "what replaces what stays": (
        f"{{add_road: x, {ROAD}, replaces: r0}}", "road 'r0' would stay beside it",
    ),
    "what replaces what never was": (
        f"{{add_road: x, {ROAD}, replaces: r998}}", "the network has no road 'r998'",
    ),
    "a line that replaces what stays": (
        f"{{add_line: x, {TRAM}, replaces: cross_town, stops: [{{station_id: a, at:"
        " [495000, 3100000], run_min: 5}, {station_id: b, at: [496000, 3100000]}]}",
        "line 'cross_town' would stay beside it",
    ),
    "a line of one stop": (f"{{add_line: x, {TRAM}, stops: [{STOP}]}}", "has 1 stop"),
    "a line of no stop": (f"{{add_line: x, {TRAM}}}", "has 0 stop"),
    "a stop far from any road": (
        f"{{add_line: x, {TRAM}, stops: [{STOP}, {{station_id: b, at: [600000, 3100000]}}]}}",
        "stop 2 ('b') lies farther than 5 km",
    ),
    "a station at two places": (
        f"{{add_line: x, {TRAM}, stops: [{STOP},"
        " {station_id: centre, at: [495000, 3101000]}]}",
        "station 'centre'",
    ),
    "a run of no time": (
        f"{{add_line: x, {TRAM}, stops: [{{station_id: a, at: [495000, 3100000],"
        " run_min: 0}, {station_id: b, at: [496000, 3100000]}]}",
        "runs 0.0 min",
    ),
    "a missing run": (
        f"{{add_line: x, {TRAM}, stops: [{{station_id: a, at: [495000, 3100000]}},"
        f" {STOP}]}}",
        "'run_min' is missing",
    ),
    "a headway of a word": (
        "{change_headway: cross_town, headway_min: {free: often}}", "'often'",
    ),
    "a headway below zero": (
        "{change_headway: cross_town, headway_min: {free: -1}}", "'free' is -1",
    ),
    "an edit that does nothing": ("{road: r0}", "one of add_road"),
    "an edit that does two things": (
        "{close_road: r0, close_line: cross_town}", "found close_road and close_line",
    ),
    "an edit that is a list": ("[1]", "a mapping is expected"),
    "a road closed twice": (
        "{close_road: r0}, {close_road: r0}", "edit 2: road 'r0' is closed already",
    ),
    "a road upgraded and closed": (
        "{upgrade_road: r0, with: {free_kph: 90}}, {close_road: r0}",
        "edit 2: road 'r0' is upgraded already",
    ),
    "a road added and closed": (
        f"{{add_road: x, {ROAD}}}, {{close_road: x}}", "edit 2: road 'x' is added by",
    ),
    "a line closed and run more often": (
        "{close_line: cross_town}, {change_headway: cross_town, headway_min: {free: 2}}",
        "edit 2: line 'cross_town' is closed already",
    ),
    "two headways": (
        "{change_headway: cross_town, headway_min: {free: 2}},"
        "{change_headway: cross_town, headway_min: {free: 3}}",
        "edit 2: line 'cross_town' has another free headway",
    ),
    "a circle of replacements": (
        "{upgrade_road: r0, by: {road_id: x, from_id: j0_0, to_id: j1_0,"
        " road_class: primary}},"
        "{upgrade_road: x, by: {road_id: r0, from_id: j0_0, to_id: j1_0,"
        " road_class: primary}}",
        "edit 2: replacements go in a circle: road 'x' → road 'r0' → road 'x'",
    ),
    "what replaces itself": (
        f"{{add_road: x, {ROAD}, replaces: x}}", "replacements go in a circle",
    ),
    "a name that steers the terminal": (
        f'{{add_road: x, {ROAD}, name_zh: "a\\u001b[2J"}}', "a line of text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_edit_is_named_with_file_and_entry(read, what):
    edits, reason = BAD[what]
    with pytest.raises(InputError) as told:
        read(edits)
    text = str(told.value)
    assert text.startswith("card.yaml, project 'p', edit ")
    assert reason in text
    assert "\x1b" not in text


HEADS = {
    "nothing": ("", "a mapping is expected, found nothing"),
    "a list": ("[1, 2]", "found a list"),
    "no YAML": ("a: [", "not valid YAML"),
    "an object": ("!!python/object/apply:os.system [ls]", "not valid YAML"),
    "aliases": ("a: &a [1]\nb: *a", "alias"),
    "a key twice": ("id: a\nid: b", "stands twice"),
    "an unknown key": ("project: []", "unknown key 'project'; did you mean 'projects'"),
    "a year that is none": ("year: 20x5", "'year' is '20x5'; a year"),
    "a year far off": ("year: 99999", "a year from 1800 to 2200"),
    "a CRS that is none": ("crs: EPSG:1", "no reference system"),
    "another file of the machine": ("geometry: ../../etc/passwd", "beside the card"),
    "a project without id": ("projects: [{edits: [{close_road: r0}]}]", "'id' is missing"),
    "a project without edits": ("projects: [{id: p}]", "project 'p': has no 'edits'"),
    "two projects of one id": (
        "projects: [{id: p, edits: [{close_road: r0}]}, {id: p, edits: [{close_road: r1}]}]",
        "project 'p': another project has this id",
    ),
    "leaving out of no year": ("without: [a]", "of no year"),
    "leaving out what is not there": ("year: 2025\nwithout: [a]", "no project or corridor"),
    "positions without a CRS": (
        "projects: [{id: p, edits: [{add_road: x, from_id: j0_0, to_id: j1_1,"
        " road_class: primary, course: [[1, 2], [3, 4]]}]}]",
        "does not say its 'crs'",
    ),
    "swapped degrees": (
        "crs: EPSG:4326\nprojects: [{id: p, edits: [{add_line: x, mode: tram,"
        " headway_min: {free: 5, peak: 5}, stops: [{station_id: a, at: [28.0, 113.9],"
        " run_min: 3}, {station_id: b, at: [28.0, 113.8]}]}]}]",
        "card.yaml, project 'p', edit 1",
    ),
    "a number beyond any float": (
        f"projects: [{{id: p, edits: [{{upgrade_road: r0, with: {{free_kph: 1{'0' * 400}}}}}]}}]",
        "is expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HEADS)
def test_a_bad_card_is_named(tmp_path, what):
    text, reason = HEADS[what]
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_scenario(path, TOWN)
    assert "card.yaml" in str(told.value)
    assert reason in str(told.value)


def test_files_that_are_no_cards(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_scenario(tmp_path / "none.yaml", TOWN)
    with pytest.raises(InputError, match=r"card.txt is no scenario card"):
        read_scenario(tmp_path / "card.txt", TOWN)
    with pytest.raises(SourceError, match="no folder"):
        read_scenarios(tmp_path / "none", TOWN)
    with pytest.raises(InputError, match="has no scenario cards"):
        read_scenarios(tmp_path, TOWN)
    (tmp_path / "gbk.yaml").write_bytes("name_zh: 洞株路".encode("gbk"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_scenario(tmp_path / "gbk.yaml", TOWN)


def test_two_cards_of_one_id_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("id: same")
    with pytest.raises(EditError, match=r"b.yaml: scenario 'same' is in another file"):
        read_scenarios(tmp_path, TOWN)


def test_a_broken_card_is_read_or_refused_in_one_line(tmp_path):
    whole = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)[
        0
    ].encode()
    path = tmp_path / "card.yaml"
    refused = 0
    for cut in range(0, len(whole), 23):
        for piece in (whole[:cut], whole[:cut] + b"\xff" + whole[cut + 1 :]):
            path.write_bytes(piece)
            try:
                read_scenario(path, TOWN)
            except CtzgisError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused > 50


def test_edits_that_do_not_contradict_each_other_are_left_alone():
    edits = [
        CloseRoad(road_id="a"),
        CloseLine(line_id="a"),
        ChangeHeadway(line_id="b", headway_min={"free": 2}),
        ChangeHeadway(line_id="b", headway_min={"peak": 2}),
    ]
    assert list(contradictions(edits)) == []


def test_reading_a_card_leaves_the_network_alone(read):
    before = TOWN.roads.roads
    read("{close_road: r0}").applied(TOWN)
    assert before.equals(TOWN.roads.roads)
