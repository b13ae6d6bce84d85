"""
Missing links of Gridville: a kilometre of road takes a minute.

Without the block between two neighbouring junctions the way round it is 3 km. A new road
of class secondary is travelled at 35 km/h, so a kilometre of it takes 60 / 35 min.
"""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.ops import substring

from ctzgis import read_network, write_network
from ctzgis.analysis.links.link_checks import link_edits, measured_links
from ctzgis.analysis.links.missing_links import missing_links
from ctzgis.cli import main
from ctzgis.cli.link_inputs import read_layer
from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville
from ctzgis.network import RoadNetwork, TravelNetwork
from ctzgis.network.edits import CloseRoad
from ctzgis.network.engine import matrix, prepare, search_graph
from ctzgis.network.engine.pairs import pair_minutes, pair_minutes_within
from ctzgis.sources.formats.files import data_folder

X0, Y0 = 495_000.0, 3_100_000.0


def at(column, row):
    return shapely.Point(X0 + 1000 * column, Y0 + 1000 * row)


def without(*pairs):
    """Gridville without the roads between pairs of junctions."""
    town = gridville()
    roads = town.roads.roads
    gone = [
        road
        for road, a, b in zip(
            roads.index, roads["from_id"], roads["to_id"], strict=True
        )
        if (a, b) in pairs or (b, a) in pairs
    ]
    assert len(gone) == len(pairs)
    return town.with_edits(*(CloseRoad(road_id=road) for road in gone))


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=REGION_CRS)


def people(**number):
    """People at junctions: j3_4=100."""
    spots = [map(int, key[1:].split("_")) for key in number]
    shapes = [at(*spot) for spot in spots]
    return frame(shapes, population=list(number.values())).set_axis(list(number))


def with_road(town, start, place):
    """A town with a straight road from one of its junctions to a new one, ``end``."""
    roads, junctions = town.roads.roads, town.roads.junctions
    line = shapely.LineString([junctions.geometry[start], place])
    road = roads.iloc[[0]].assign(from_id=start, to_id="end").set_geometry([line])
    end = junctions.iloc[[0]].set_geometry([place]).set_axis(["end"])
    return TravelNetwork(
        RoadNetwork(
            pd.concat([roads, road.set_axis(["new"])]), pd.concat([junctions, end])
        )
    )


GAP = without(("j4_4", "j5_4"))


def minutes(network, a, b):
    """Minutes between two junctions, there and back."""
    rows = network.roads.junctions.index.get_indexer([a, b])
    times = matrix(network.graph().search, rows, rows)
    return (times[0, 1] + times[1, 0]) / 2


def test_nothing_is_missing_on_a_full_grid():
    assert len(missing_links(gridville(), within_m=3000, detour_at_least=1.5)) == 0


def test_a_street_that_was_taken_out_is_found():
    (link,) = missing_links(GAP, within_m=1000).itertuples()
    assert (link.from_id, link.to_id, link.kind) == ("j4_4", "j5_4", "gap")
    assert (link.length_m, link.detour_m, link.detour_ratio) == (1000, 3000, 3)
    assert link.minutes_before == 3


def test_a_new_road_takes_the_time_of_its_class():
    (link,) = missing_links(GAP, within_m=1000).itertuples()
    assert link.minutes_after == pytest.approx(60 / 35, abs=1e-9)


def test_what_is_saved_is_the_hand_count():
    # 30 people at one end, 10 at the other, each to one of the 40: 2 × 30 × 10 / 40 = 15
    # trips cross, and each saves 3 - 60/35 min.
    asked = people(j4_4=30, j5_4=10)
    (link,) = missing_links(GAP, within_m=1000, around_m=400, people=asked).itertuples()
    assert (link.people_from, link.people_to, link.trips_across) == (30, 10, 15)
    assert link.saved_person_min == pytest.approx(15 * (3 - 60 / 35), abs=0.01)
    assert link.saved_person_min_per_km == pytest.approx(link.saved_person_min)
    assert link.demand == "people"


def test_a_link_to_nobody_saves_nothing():
    asked = people(j4_4=30)
    (link,) = missing_links(GAP, within_m=1000, around_m=400, people=asked).itertuples()
    assert link.saved_person_min == 0
    assert link.reason == "nobody lives around one of the ends"


def test_twice_the_trips_save_twice():
    one = missing_links(GAP, within_m=1000)["saved_person_min"]
    two = missing_links(GAP, within_m=1000, trips_a_day=2)["saved_person_min"]
    assert one.iloc[0] > 0
    assert two.tolist() == (2 * one).tolist()


def test_where_more_people_live_is_ranked_first():
    town = without(("j1_1", "j2_1"), ("j7_7", "j7_8"))
    asked = people(j1_1=5, j2_1=5, j7_7=50, j7_8=50)
    links = missing_links(town, within_m=1000, around_m=400, people=asked)
    assert links["from_id"].tolist() == ["j7_7", "j1_1"]
    assert links["rank"].tolist() == [1, 2]


def test_adding_a_link_gives_the_promised_minutes():
    town = without(("j4_4", "j5_4"), ("j7_7", "j7_8"), ("j0_0", "j1_0"))
    links = missing_links(town, within_m=1000)
    assert len(links) == 3
    for _, link in links.iterrows():
        ends = link["from_id"], link["to_id"]
        built = town.with_edits(*link_edits(town, link))
        assert minutes(town, *ends) == pytest.approx(link["minutes_before"], abs=1e-3)
        assert minutes(built, *ends) == pytest.approx(link["minutes_after"], abs=1e-3)


# A street that ends 400 m south of row 5, half-way along a block.
DEAD_END = with_road(GAP, "j4_4", at(4.5, 4.6))


def test_a_dead_end_is_linked_to_the_nearest_place_on_a_road():
    # The way round: 0.781 km back to (4, 4), 1 km up, 0.5 km along.
    link = missing_links(DEAD_END, within_m=450).iloc[0]
    assert (link["kind"], link["from_id"], link["to_id"]) == ("dead_end", "end", None)
    assert link["length_m"] == pytest.approx(400)
    assert link["to_along_m"] == pytest.approx(500)
    assert link["detour_m"] == pytest.approx(1500 + np.hypot(500, 600), abs=0.1)
    assert link["geometry"].coords[-1] == (X0 + 4500, Y0 + 5000)


def test_building_a_link_onto_a_road_gives_the_promised_minutes():
    link = missing_links(DEAD_END, within_m=450).iloc[0]
    built = DEAD_END.with_edits(*link_edits(DEAD_END, link))
    found = minutes(built, "end", "link_1_end")
    assert found == pytest.approx(link["minutes_after"], abs=1e-3)
    # The road that was cut takes as long as before.
    assert minutes(built, "j5_5", "j4_5") == pytest.approx(1, abs=1e-3)


def river_along_a_row():
    """No street from row 4 to row 5 but in column 0; a river between them."""
    town = without(*((f"j{c}_4", f"j{c}_5") for c in range(1, 11)))
    line = shapely.LineString([(X0 - 500, Y0 + 4500), (X0 + 10_500, Y0 + 4500)])
    return town, frame([line], kind=["river"])


def test_a_river_along_a_row_is_crossed_far_from_its_bridge():
    town, river = river_along_a_row()
    links = missing_links(town, within_m=1000, barriers=river)
    assert set(links["kind"]) == {"river"}
    assert set(links["crosses"]) == {"river"}
    # In column c the way round is c + 1 + c km.
    columns = links["from_id"].str.extract(r"j(\d+)_", expand=False).astype(int)
    assert links["detour_m"].tolist() == (1000 * (2 * columns + 1)).tolist()
    assert columns.iloc[0] >= 9


def test_no_two_links_do_the_same():
    # With one in column k that in column c, whose way round it makes 2 |c - k| + 1 km in
    # place of 2 c + 1 km, is missing no more if that saves half of 2 c km.
    town, _ = river_along_a_row()
    links = missing_links(town, within_m=1000)
    columns = (
        links["from_id"].str.extract(r"j(\d+)_", expand=False).astype(int).tolist()
    )
    assert len(columns) >= 3
    for k in columns:
        for c in columns:
            assert c == k or 2 * abs(c - k) > c or c > k
    # Whatever was dropped has one among the rest that does so.
    for c in set(range(1, 11)) - set(columns):
        assert any(2 * abs(c - k) <= c for k in columns)


def test_over_a_river_ends_may_be_farther_apart():
    town, river = river_along_a_row()
    asked = {"within_m": 500, "over_rivers_m": 1000}
    assert len(missing_links(town, **asked)) == 0
    assert len(missing_links(town, barriers=river.assign(kind="rail"), **asked)) == 0
    found = missing_links(town, barriers=river, **asked)
    pd.testing.assert_frame_equal(
        found, missing_links(town, within_m=1000, barriers=river)
    )
    assert found["length_m"].tolist() == [1000] * len(found)


def test_a_river_may_be_an_area():
    town, river = river_along_a_row()
    water = river.set_geometry(river.buffer(400))
    found = missing_links(town, within_m=500, over_rivers_m=1000, barriers=water)
    assert len(found) == len(missing_links(town, within_m=1000))
    assert set(found["kind"]) == {"river"}


def test_a_river_is_not_crossed_farther_than_asked():
    town, river = river_along_a_row()
    asked = {"within_m": 500, "over_rivers_m": 999}
    assert len(missing_links(town, barriers=river, **asked)) == 0


def beside_an_avenue(away_m):
    """Two roads of four blocks beside each other, from one junction."""
    spots = {f"a{k}": at(k, 0) for k in range(5)}
    spots |= {f"b{k}": at(k, away_m / 1000) for k in range(1, 5)}
    pairs = [(f"a{k}", f"a{k + 1}") for k in range(4)]
    pairs += [("a0", "b1"), *((f"b{k}", f"b{k + 1}") for k in range(1, 4))]
    roads = gridville().roads.roads.iloc[: len(pairs)]
    lines = [shapely.LineString([spots[a], spots[b]]) for a, b in pairs]
    roads = roads.set_geometry(lines).assign(
        from_id=[a for a, _ in pairs], to_id=[b for _, b in pairs]
    )
    junctions = frame(list(spots.values()), junction_id=list(spots))
    return TravelNetwork(RoadNetwork(roads, junctions.set_index("junction_id")))


def test_a_link_between_two_carriageways_is_a_median():
    links = missing_links(beside_an_avenue(55)).set_index("from_id")
    assert links.loc[["a2", "a3"], "kind"].tolist() == ["median", "median"]


def test_farther_apart_it_is_a_gap():
    links = missing_links(beside_an_avenue(65)).set_index("from_id")
    assert links.loc[["a2", "a3"], "kind"].tolist() == ["gap", "gap"]


def lane_beside(away_m):
    """An avenue of two roads 30 m apart, and a lane south of it between its junctions."""
    town = beside_an_avenue(30)
    roads, junctions = town.roads.roads, town.roads.junctions
    end = shapely.Point(X0 + 1500, Y0 - away_m)
    line = shapely.LineString([end, (X0 + 1500, Y0 - 900), (X0, Y0 - 900), at(0, 0)])
    extra = roads.iloc[[0]].assign(from_id="lane", to_id="a0").set_geometry([line])
    more = frame([end]).set_axis(["lane"]).rename_axis("junction_id")
    return TravelNetwork(
        RoadNetwork(
            pd.concat([roads, extra.set_axis(["lane"])]), pd.concat([junctions, more])
        )
    )


def kinds_at(links, end):
    return set(links.loc[(links[["from_id", "to_id"]] == end).any(axis=1), "kind"])


def test_a_road_of_two_carriageways_without_a_junction_may_be_closed():
    # Both run for 4 km without meeting a third.
    assert kinds_at(missing_links(lane_beside(100)), "lane") == {"no_access"}


def test_a_bridge_onto_such_a_road_is_not_in_doubt():
    river = frame(
        [shapely.LineString([(X0, Y0 - 50), (X0 + 4000, Y0 - 50)])], kind=["river"]
    )
    assert kinds_at(missing_links(lane_beside(100), barriers=river), "lane") == {
        "river"
    }


def test_medians_come_last():
    asked = people(j1_0=9, j2_0=9, j3_0=9, j4_0=1)
    links = missing_links(beside_an_avenue(55), people=asked)
    # The roads' last ends do not run on.
    assert links["kind"].tolist()[0] == "dead_end"
    medians = links["kind"] == "median"
    assert medians.any()
    assert medians.tolist() == sorted(medians)


def test_a_green_heart_and_a_border_are_told():
    west = shapely.box(X0 - 500, Y0 - 500, X0 + 4500, Y0 + 10_500)
    east = shapely.box(X0 + 4500, Y0 - 500, X0 + 10_500, Y0 + 10_500)
    zones = frame([west, east]).set_axis(["西市", "东市"])
    heart = frame([at(4.5, 4).buffer(100)], kind=["green_heart"])
    found = missing_links(GAP, within_m=1000, barriers=heart, zones=zones)
    (link,) = found.itertuples()
    assert (link.kind, link.crosses) == ("green_heart", "green_heart;border")
    assert link.crosses_green_heart
    assert link.cross_city
    assert (link.from_zone, link.to_zone, link.rank_cross_city) == ("西市", "东市", 1)


def test_no_link_meets_a_road_between_its_ends():
    town = without(("j4_4", "j5_4"), ("j2_7", "j2_8"), ("j7_2", "j8_2"))
    links = missing_links(town, within_m=2500, detour_at_least=1.3)
    roads = town.roads.roads.union_all()
    inner = [substring(line, 1, line.length - 1) for line in links.geometry]
    assert len(links) >= 3
    assert not any(roads.intersects(line) for line in inner)


def test_moving_the_map_changes_nothing():
    town, _ = river_along_a_row()
    moved = [
        each.set_geometry(each.translate(12_345, -6_789))
        for each in (town.roads.roads, town.roads.junctions)
    ]
    here = missing_links(town, within_m=1000)
    there = missing_links(TravelNetwork(RoadNetwork(*moved)), within_m=1000)
    one, other = (each.drop(columns="geometry") for each in (here, there))
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)


def test_ends_without_a_way_come_last_with_a_reason():
    # j0_0 and a street from it hang on nothing, and row 4 has a gap in its middle.
    town = without(("j0_0", "j1_0"), ("j0_0", "j0_1"), ("j4_4", "j5_4"))
    links = missing_links(with_road(town, "j0_0", at(-0.5, 0)), within_m=1000)
    assert links["reason"].iloc[0] == ""
    lost = links.iloc[1:]
    assert set(lost["reason"]) == {"no way between the ends"}
    unknown = lost[["saved_person_min", "detour_ratio", "minutes_before"]]
    assert unknown.isna().to_numpy().all()


def test_motorways_are_not_joined():
    roads = GAP.roads.roads
    touching = (roads[["from_id", "to_id"]] == "j4_4").any(axis=1)
    roads.loc[touching, "road_class"] = "motorway"
    town = TravelNetwork(RoadNetwork(roads, GAP.roads.junctions))
    assert "j4_4" not in set(missing_links(town, within_m=1000)["from_id"])


def test_a_built_link_saves_what_was_estimated_where_all_are_sampled():
    # Eight junctions lie within 1 km, four a side: those who stand for all are all.
    # Four pairs of them, both ways, save 3 - 60/35 min; each is 1/8 of a trip.
    found = measured_links(GAP, missing_links(GAP, within_m=1000))
    saved = pytest.approx(8 / 8 * (3 - 60 / 35), abs=0.01)
    assert found["measured_person_min"].tolist() == [saved]
    assert found["estimated_person_min"].tolist() == [saved]


def test_estimates_rank_links_as_measuring_them_does():
    rng = np.random.default_rng(3)
    town = without(
        ("j1_1", "j2_1"), ("j7_7", "j7_8"), ("j4_2", "j5_2"), ("j2_6", "j2_7"),
        ("j8_3", "j8_4"), ("j5_9", "j6_9"),
    )  # fmt: skip
    spots = rng.uniform((X0, Y0), (X0 + 10_000, Y0 + 10_000), (300, 2))
    number = rng.integers(1, 100, 300)
    given = {
        "people": frame(shapely.points(spots), population=number),
        "around_m": 2000,
    }
    links = missing_links(town, within_m=1000, **given)
    found = measured_links(town, links, **given)
    ranks = found[["estimated_rank", "measured_rank"]]
    assert len(found) == 6
    assert ranks.corr("spearman").iloc[0, 1] > 0.5


def test_arguments_stay_as_they_are():
    town, river = river_along_a_row()
    asked, zones = people(j4_4=3), frame([at(5, 5).buffer(9000)])
    given = (asked, river, zones, town.roads.roads)
    before = [each.copy() for each in given]
    links = missing_links(
        town, within_m=1000, people=asked, barriers=river, zones=zones
    )
    measured_links(town, links, first=1, people=asked)
    for old, new in zip(before, (*given[:3], town.roads.roads), strict=True):
        pd.testing.assert_frame_equal(old, new)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"within_m": 0}, "within_m is 0; a number above 0"),
        ({"within_m": np.nan}, "within_m is nan"),
        ({"within_m": np.inf}, "within_m is inf"),
        ({"detour_at_least": 1}, "detour_at_least is 1; a number above 1"),
        ({"at_least_m": 501}, "from 0 to within_m"),
        ({"over_rivers_m": np.nan}, "over_rivers_m is nan"),
        ({"around_m": -1}, "around_m is -1"),
        ({"trips_a_day": 0}, "trips_a_day is 0"),
        ({"road_class": "boulevard"}, "road_class 'boulevard' is not known"),
        (
            {"mode": "walk+rail+walk"},
            "mode 'walk.rail.walk' is not known; one of drive",
        ),
        ({"profile": "night"}, "profile 'night' is not known"),
    ],
)
def test_what_is_out_of_range_is_refused(options, told):
    with pytest.raises(InputError, match=told):
        missing_links(GAP, **options)


BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("barriers", "told"),
    [
        (frame([at(0, 0)]), "no column 'kind'"),
        (frame([at(0, 0)], kind=["<script>"]), "kind '<script>'; known are river"),
        (frame([None], kind=["river"]), "without geometry"),
        (frame([BOW_TIE], kind=["river"]), "cross themselves"),
    ],
)
def test_broken_barriers_are_refused(barriers, told):
    with pytest.raises(InputError, match=told):
        missing_links(GAP, barriers=barriers)


@pytest.mark.parametrize("name", ["people", "barriers", "zones"])
def test_another_crs_is_refused(name):
    other = people(j0_0=1).assign(kind="river").to_crs(32649)
    with pytest.raises(CRSError, match=f"{name} is in"):
        missing_links(GAP, **{name: other})


def test_people_without_numbers_are_refused():
    with pytest.raises(SchemaError, match="population"):
        missing_links(GAP, people=frame([at(0, 0)]))


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr("ctzgis.analysis.links.link_candidates._MOST_PAIRS", 10)
    with pytest.raises(InputError, match="lower within_m"):
        missing_links(GAP, within_m=5000)


def test_a_street_is_named_before_the_motorway_it_leads_to():
    roads = GAP.roads.roads.assign(name_zh=None)
    touching = (roads[["from_id", "to_id"]] == "j4_4").any(axis=1)
    rows = roads.index[touching]
    roads.loc[rows[0], ["name_zh", "road_class"]] = ["高速", "motorway"]
    roads.loc[rows[1], "name_zh"] = "街"
    town = TravelNetwork(RoadNetwork(roads, GAP.roads.junctions))
    (link,) = missing_links(town, within_m=1000).itertuples()
    assert link.from_name == "街 / 高速"


def test_an_empty_network_has_no_links():
    empty = RoadNetwork(GAP.roads.roads.iloc[:0], GAP.roads.junctions.iloc[:0])
    links = missing_links(TravelNetwork(empty))
    assert len(links) == 0
    assert list(links) == list(missing_links(GAP, within_m=1000))


def test_links_of_another_network_are_refused():
    links = missing_links(GAP, within_m=1000)
    with pytest.raises(InputError, match="no junction 'nowhere'"):
        measured_links(GAP, links.assign(from_id="nowhere"))
    with pytest.raises(InputError, match="no column 'length_m'"):
        measured_links(GAP, links.drop(columns="length_m"))


def test_times_of_pairs_are_those_of_the_matrix():
    rng = np.random.default_rng(0)
    arcs = rng.integers(0, 80, (2, 200))
    graph = search_graph(80, *arcs, rng.uniform(0, 9, 200).round(2))
    a, b = rng.integers(0, 80, (2, 900))
    wanted = matrix(graph, np.arange(80), np.arange(80))[a, b]
    assert (pair_minutes(prepare(graph), a, b) == wanted).all()
    near = pair_minutes_within(graph, a, b, np.full(900, 15.0))
    assert (near == np.where(wanted <= 15, wanted, np.inf)).all()


def test_the_command_lists_and_writes_links(tmp_path, capsys):
    write_network(GAP, tmp_path / "town.gpkg")
    people(j4_4=30, j5_4=10).to_file(tmp_path / "people.gpkg")
    river = frame([shapely.LineString([at(4.5, 3), at(4.5, 5)])])
    river.to_file(tmp_path / "river.gpkg")
    words = [
        *("missing-links", "--network", tmp_path / "town.gpkg", "--within", "1000"),
        *("--people", tmp_path / "people.gpkg", "--river", tmp_path / "river.gpkg"),
        *("--around", "400", "--lang", "en", "--out", tmp_path / "links.geojson"),
        *("--map", tmp_path / "links.html"),
    ]
    assert main([str(word) for word in words]) == 0
    told = capsys.readouterr().out
    assert "1  river" in told
    assert "1 candidates, 0 through the green heart" in told
    assert "without a saving" not in told
    assert "Missing links" in (tmp_path / "links.html").read_text(encoding="utf-8")
    written = gpd.read_file(tmp_path / "links.geojson")
    assert written["kind"].tolist() == ["river"]
    assert written["saved_person_min"].iloc[0] == pytest.approx(15 * 9 / 7, abs=0.01)


def test_the_command_names_links_between_cities(tmp_path, capsys):
    write_network(GAP, tmp_path / "town.gpkg")
    west = shapely.box(X0 - 500, Y0 - 500, X0 + 4500, Y0 + 10_500)
    east = shapely.box(X0 + 4500, Y0 - 500, X0 + 10_500, Y0 + 10_500)
    zones = frame([west, east], city=["西市", "东市"])
    zones.to_file(tmp_path / "zones.gpkg")
    words = [
        *("missing-links", "--network", tmp_path / "town.gpkg", "--within", "1000"),
        *("--zones", tmp_path / "zones.gpkg", "--zone-column", "city"),
    ]
    assert main([str(word) for word in words]) == 0
    told = capsys.readouterr().out
    assert "1 条连接两市" in told
    (line,) = [line for line in told.splitlines() if line.startswith("  #1 ")]
    assert {"西市", "东市"} == set(line.split("：")[0].removeprefix("  #1 ").split("—"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--network", "none.gpkg"), 4),
        (("--river", "none.gpkg"), 4),
        (("--road-class", "none"), 3),
        (("--out", "links.docx"), 3),
        (("--detour", "0.5"), 3),
    ],
)
def test_the_command_refuses_what_it_cannot_use(words, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["missing-links", *words]) == code


@pytest.fixture(scope="module")
def changsha(changsha_streets):
    return read_network(changsha_streets)


def test_changsha_is_searched_in_a_minute(changsha):
    began = time.monotonic()
    links = missing_links(changsha)
    assert time.monotonic() - began < 60
    assert len(links) > 1000


def test_bridges_missing_over_the_xiang_are_found(changsha):
    rivers, _ = read_layer(
        data_folder() / "boundaries" / "rivers.geojson", changsha.roads.crs
    )
    xiang = rivers[rivers["name_zh"] == "湘江"].assign(kind="river")
    links = missing_links(changsha, within_m=60, barriers=xiang)
    bridges = links[(links["kind"] == "river") & (links["length_m"] > 500)]
    assert len(bridges) >= 5
    assert (bridges["detour_ratio"] >= 3).all()
    # Each on two banks: the ends are on both sides of the water.
    assert bridges.intersects(xiang.union_all()).all()
