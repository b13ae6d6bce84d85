"""
Roads of Gridville whose loss costs: a kilometre of road takes a minute.

The south-west corner hangs on two roads, one to the east and one to the north.
"""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from ctzgis import to_networkx, travel_times, write_network
from ctzgis.analysis.links.betweenness import betweenness
from ctzgis.analysis.links.lost_together import together
from ctzgis.analysis.links.resilience import critical_roads
from ctzgis.cli import main
from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork
from ctzgis.network.edits import CloseRoad
from ctzgis.network.engine import search_graph
from ctzgis.network.engine.low_links import parting_edges
from ctzgis.network.engine.passing import trips_over_arcs

X0, Y0 = 495_000.0, 3_100_000.0
PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]]


def at(column, row):
    return shapely.Point(X0 + 1000 * column, Y0 + 1000 * row)


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=REGION_CRS)


def road_of(town, a, b):
    roads = town.roads.roads
    forth = (roads["from_id"] == a) & (roads["to_id"] == b)
    back = (roads["from_id"] == b) & (roads["to_id"] == a)
    (road,) = roads.index[forth | back]
    return road


def without(*pairs):
    town = gridville()
    roads = [road_of(town, *pair) for pair in pairs]
    return town.with_edits(*(CloseRoad(road_id=road) for road in roads))


# The corner hangs on one road alone.
CORNER = without(("j0_0", "j1_0"))
NECK = road_of(CORNER, "j0_0", "j0_1")


def test_the_loss_of_the_only_road_cuts_a_corner_off():
    found = critical_roads(CORNER, PLACES, CENTRE, roads=[NECK])
    assert found["people_cut_off"].tolist() == [1000]
    assert found["added_person_min"].tolist() == [0]


def test_a_way_round_costs_its_minutes():
    # 1 + 1 + 1 km over column 1 in place of 1 km.
    people = frame([at(0, 0)], population=[10]).set_axis(["p"])
    goal = frame([at(0, 1)]).set_axis(["g"])
    road = road_of(gridville(), "j0_0", "j0_1")
    (lost,) = critical_roads(gridville(), people, goal, roads=[road]).itertuples()
    assert lost.added_person_min == pytest.approx(10 * 2)
    assert lost.longest_added_min == pytest.approx(2)
    assert (lost.people_delayed, lost.people_cut_off) == (10, 0)


def test_closing_is_what_taking_the_road_out_does():
    town, people = without(("j5_4", "j5_5"), ("j5_5", "j5_6")), PLACES
    centres = PLACES.loc[["centre", "north_east"]]
    ends = [("j4_5", "j5_5"), ("j0_0", "j0_1"), ("j9_10", "j10_10")]
    roads = [road_of(town, *pair) for pair in ends]
    found = critical_roads(town, people, centres, roads=roads, to="every")
    costs = []
    for road in roads:
        closed = town.with_edits(CloseRoad(road_id=road))
        before, after = (
            travel_times(each, people, centres)["travel_time_min"].sum()
            for each in (town, closed)
        )
        costs.append(1000 * (after - before))
    assert found.loc[roads, "added_person_min"].tolist() == pytest.approx(costs)
    assert max(costs) > 0


def test_who_lives_on_a_closed_road_gets_off_at_the_nearer_end():
    # 0.7 min to (0, 1), 700 m along the road; without it 0.3 back and 1 + 1 + 1 round.
    people = frame([shapely.Point(X0, Y0 + 300)], population=[1]).set_axis(["p"])
    goal = frame([at(0, 1)]).set_axis(["g"])
    road = road_of(gridville(), "j0_0", "j0_1")
    (lost,) = critical_roads(gridville(), people, goal, roads=[road]).itertuples()
    assert lost.added_person_min == pytest.approx(3.3 - 0.7, abs=0.01)


def test_what_is_on_a_closed_road_is_reached_from_the_nearer_end():
    people = frame([at(0, 1)], population=[1]).set_axis(["p"])
    goal = frame([shapely.Point(X0, Y0 + 300)]).set_axis(["g"])
    road = road_of(gridville(), "j0_0", "j0_1")
    (lost,) = critical_roads(gridville(), people, goal, roads=[road]).itertuples()
    assert lost.added_person_min == pytest.approx(3.3 - 0.7, abs=0.01)


def bridges():
    """Row 4 and row 5 are joined in columns 2 and 8 alone, over a river."""
    town = without(*((f"j{c}_4", f"j{c}_5") for c in range(11) if c not in (2, 8)))
    line = shapely.LineString([(X0 - 500, Y0 + 4500), (X0 + 10_500, Y0 + 4500)])
    return town, frame([line], kind=["river"])


def test_river_crossings_come_first():
    town, river = bridges()
    found = critical_roads(town, PLACES, CENTRE, rivers=river, busiest=20)
    assert found["over_river"].tolist()[:3] == [True, True, False]
    assert set(found.index[:2]) == {
        road_of(town, "j2_4", "j2_5"),
        road_of(town, "j8_4", "j8_5"),
    }
    assert found["kind"].tolist()[:2] == ["river", "river"]
    assert found["rank"].tolist() == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    ("kind", "counts"), [("main_stem", True), ("tributary", True), ("rail", False)]
)
def test_any_kind_of_river_counts_and_no_other_barrier(kind, counts):
    town, river = bridges()
    river = river.assign(kind=kind)
    found = critical_roads(town, PLACES, CENTRE, rivers=river, parting=0, busiest=0)
    assert len(found) == (2 if counts else 0)


def test_the_loss_of_a_bridge_sends_people_over_the_other():
    # South-west to the centre at (5, 5): 10 min over column 2; over column 8 it is
    # 8 + 5 + 3 = 16.
    town, river = bridges()
    people = PLACES.loc[["south_west"]]
    found = critical_roads(town, people, CENTRE, rivers=river, parting=0, busiest=0)
    assert found.index[0] == road_of(town, "j2_4", "j2_5")
    assert found["added_person_min"].tolist() == pytest.approx([6 * 1000, 0])


def test_roads_that_part_the_network_are_found():
    found = critical_roads(CORNER, PLACES, CENTRE, busiest=0)
    assert found["kind"].to_dict() == {NECK: "parting"}


def test_a_bridge_within_an_area_of_water_is_over_it():
    # The road over the river is cut on both banks: its middle touches no bank.
    town, river = bridges()
    water = river.set_geometry(river.buffer(1200)).assign(name_zh="湘江")
    found = critical_roads(town, PLACES, CENTRE, rivers=water, parting=0, busiest=0)
    assert road_of(town, "j2_4", "j2_5") in found.index
    assert set(found["river_zh"]) == {"湘江"}


@pytest.mark.parametrize("name", ["黄桥大道", "板桥路", "天桥街"])
def test_a_road_named_after_a_bridge_is_none(name):
    roads = gridville().roads.roads.assign(name_zh=name)
    town = TravelNetwork(RoadNetwork(roads, gridville().roads.junctions))
    found = critical_roads(town, PLACES, CENTRE, parting=0, busiest=0)
    assert len(found) == 0


@pytest.mark.parametrize(
    "name", ["湘江大桥", "湘潭一大桥—建设路", "G107(二大桥)", "莲城大桥东"]
)
def test_a_name_tells_a_bridge(name):
    roads = gridville().roads.roads
    roads.loc["r7", "name_zh"] = name
    town = TravelNetwork(RoadNetwork(roads, gridville().roads.junctions))
    found = critical_roads(town, PLACES, CENTRE, parting=0, busiest=0)
    assert found["kind"].to_dict() == {"r7": "bridge"}


def twin_town():
    """A one-way road each way, 30 m apart, from W to E, joined at both ends."""
    spots = {"w": (0, 0), "e": (1, 0), "w2": (0, 0.03), "e2": (1, 0.03)}
    junctions = frame([at(*spot) for spot in spots.values()]).set_axis([*spots])
    lanes = [("w", "e"), ("e2", "w2"), ("w", "w2"), ("e", "e2")]
    roads = frame(
        [shapely.LineString([at(*spots[a]), at(*spots[b])]) for a, b in lanes],
        from_id=[a for a, _ in lanes],
        to_id=[b for _, b in lanes],
        oneway=[True, True, False, False],
        road_class="primary",
        free_kph=60.0,
        peak_kph=30.0,
        status="built",
        opens=np.nan,
        closes=np.nan,
        name_zh=["桥", "桥", "西街", "东街"],
    ).set_axis(["forth", "back", "west", "east"])
    return TravelNetwork(RoadNetwork(roads, junctions))


def test_both_carriageways_are_lost_together():
    people, goal = frame([at(0, 0)], population=[5]), frame([at(1, 0)])
    goal = goal.set_axis(["g"])
    found = critical_roads(twin_town(), people, goal, roads=["back"])
    assert found["road_ids"].tolist() == ["back;forth"]
    assert found["people_cut_off"].tolist() == [5]


def test_streets_of_another_name_or_direction_are_not_lost_together():
    roads, both = twin_town().roads.roads, np.array([0, 1])
    assert len(together(roads, both)) == 1
    assert len(together(roads.assign(name_zh=["一", "二", "三", "四"]), both)) == 2
    two_way = roads.assign(oneway=False)
    assert len(together(two_way, both)) == 2
    # Over one river they are, whatever they are called.
    assert len(together(two_way, both, np.array([0, 0, -1, -1]))) == 1


@pytest.mark.parametrize("seed", range(5))
def test_trips_over_arcs_are_those_of_networkx(seed):
    rng = np.random.default_rng(seed)
    count = 40
    arcs = rng.integers(0, count, (2, 110))
    weight = rng.integers(1, 4, 110).astype(float)
    graph = search_graph(count, *arcs, weight, xy=rng.uniform(0, 1, (count, 2)))
    other = nx.DiGraph()
    other.add_nodes_from(range(count))
    for a, b, w in zip(*arcs.tolist(), weight, strict=True):
        if a != b and not (other.has_edge(a, b) and other[a][b]["w"] <= w):
            other.add_edge(a, b, w=w)
    wanted = nx.edge_betweenness_centrality(other, normalized=False, weight="w")
    sums, _ = trips_over_arcs(graph, np.arange(count))
    tails = graph.outer[np.repeat(np.arange(count), np.diff(graph.forward.start))]
    ends = zip(tails.tolist(), graph.outer[graph.forward.head].tolist(), strict=True)
    assert dict(zip(ends, sums, strict=True)) == pytest.approx(wanted)


def test_betweenness_of_a_town_is_that_of_networkx():
    found = betweenness(gridville(), origins=None)
    simple = nx.DiGraph(to_networkx(gridville().roads))
    # Whole minutes, so that equally quick ways are so to the last bit.
    nx.set_edge_attributes(simple, 1, "minutes")
    wanted = nx.edge_betweenness_centrality(simple, normalized=False, weight="minutes")
    roads = gridville().roads.roads
    for road, a, b in zip(roads.index, roads["from_id"], roads["to_id"], strict=True):
        both = wanted[a, b] + wanted[b, a]
        assert found.loc[road, "betweenness"] == pytest.approx(both)
    assert (found["standard_error"] == 0).all()


def test_samples_are_right_on_average_and_off_by_their_error():
    whole = betweenness(gridville(), origins=None)["betweenness"]
    samples = [betweenness(gridville(), origins=40, seed=seed) for seed in range(20)]
    mean = sum(found["betweenness"] for found in samples) / 20
    assert mean.sum() == pytest.approx(whole.sum(), rel=0.02)
    # Of roads that few origins use a sample tells little, and not how little.
    busy = whole > whole.quantile(0.75)
    off = [
        (f["betweenness"] - whole)[busy] / f["standard_error"][busy] for f in samples
    ]
    assert 0.85 < (pd.concat(off).abs() < 2).mean() < 0.99


def test_a_cutoff_leaves_only_short_trips():
    # Trips of one minute: each road is on two, one each way.
    found = betweenness(gridville(), origins=None, cutoff_min=1)
    assert (found["betweenness"] == 2).all()


def test_the_same_sample_gives_the_same_answer():
    one, two = (betweenness(gridville(), origins=9, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(betweenness(gridville(), origins=9, seed=5))


def test_of_one_origin_the_error_is_unknown():
    assert betweenness(gridville(), origins=1)["standard_error"].isna().all()


@pytest.mark.parametrize("seed", range(5))
def test_parting_edges_are_the_bridges_of_networkx(seed):
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, 50, (2, 55))
    values = rng.integers(0, 9, 50)
    parting, lesser = parting_edges(50, tail, head, values)
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(50))
    graph.add_edges_from(zip(tail, head, range(55), strict=True))
    parts = nx.number_connected_components(graph)
    for edge in range(55):
        rest = graph.copy()
        rest.remove_edge(tail[edge], head[edge], edge)
        parted = nx.number_connected_components(rest) > parts
        assert parting[edge] == parted
        if parted:
            sides = (nx.node_connected_component(rest, e[edge]) for e in (tail, head))
            assert lesser[edge] == min(values[list(side)].sum() for side in sides)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"roads": ["r0", "nowhere"]}, "no road 'nowhere'"),
        ({"parting": -1}, "parting is -1"),
        ({"busiest": 1.5}, "busiest is 1.5"),
        ({"to": "some"}, "to is 'some'"),
        ({"mode": "drive+rail+walk"}, "mode 'drive.rail.walk' is not known"),
    ],
)
def test_what_is_out_of_range_is_refused(options, told):
    with pytest.raises(InputError, match=told):
        critical_roads(gridville(), PLACES, CENTRE, **options)


def test_frames_that_do_not_fit_are_refused():
    with pytest.raises(SchemaError, match="population"):
        critical_roads(gridville(), CENTRE[["geometry"]], CENTRE)
    with pytest.raises(CRSError, match="centres is in"):
        critical_roads(gridville(), PLACES, CENTRE.to_crs(32649))
    with pytest.raises(InputError, match="there are no centres"):
        critical_roads(gridville(), PLACES, CENTRE.iloc[:0])


@pytest.mark.parametrize("origins", [0, 2.5, -3])
def test_a_number_of_origins_that_is_none_is_refused(origins):
    with pytest.raises(InputError, match="origins is"):
        betweenness(gridville(), origins=origins)


def test_arguments_stay_as_they_are():
    town, river = bridges()
    before = [each.copy() for each in (PLACES, river, town.roads.roads)]
    critical_roads(town, PLACES, CENTRE, rivers=river, busiest=2)
    for old, new in zip(before, (PLACES, river, town.roads.roads), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_nobody_and_nothing_to_close_give_empty_answers():
    none = critical_roads(gridville(), PLACES, CENTRE, roads=[])
    assert len(none) == 0
    nobody = critical_roads(gridville(), PLACES.iloc[:0], CENTRE, roads=["r0"])
    assert nobody["people_cut_off"].tolist() == [0]
    gone = gridville().roads
    empty = RoadNetwork(gone.roads.iloc[:0], gone.junctions.iloc[:0])
    assert len(betweenness(TravelNetwork(empty))) == 0


def written(folder):
    """The town with two bridges, its river, people and centre as files."""
    town, river = bridges()
    write_network(town, folder / "town.gpkg")
    for name, part in (("people", PLACES), ("centre", CENTRE), ("river", river)):
        part.to_file(folder / f"{name}.gpkg")
    return [
        *("critical-roads", "--network", f"{folder / 'town.gpkg'}"),
        *("--people", f"{folder / 'people.gpkg'}"),
        *("--points", f"{folder / 'centre.gpkg'}"),
        *("--river", f"{folder / 'river.gpkg'}", "--parting", "0", "--busiest", "0"),
    ]


def test_the_command_lists_and_writes_what_the_measure_finds(tmp_path, capsys):
    words = written(tmp_path)
    out = tmp_path / "lost.gpkg"
    assert main([*words, "--lang", "en", "--out", str(out)]) == 0
    town, river = bridges()
    found = critical_roads(town, PLACES, CENTRE, rivers=river, parting=0, busiest=0)
    told = capsys.readouterr().out
    assert "1  river" in told
    assert f"{found['added_person_min'].iloc[0]:,.0f}" in told
    assert "2 roads closed one by one, 2 over rivers" in told
    there = gpd.read_file(out)
    assert there["road_id"].tolist() == found.index.tolist()
    assert there["added_person_min"].tolist() == pytest.approx(
        found["added_person_min"].tolist()
    )


def test_the_command_closes_the_roads_that_are_named(tmp_path, capsys):
    assert (
        main([*written(tmp_path), "--roads", "r0", "--out", f"{tmp_path}/l.csv"]) == 0
    )
    assert "指定" in capsys.readouterr().out
    assert pd.read_csv(tmp_path / "l.csv")["road_id"].tolist() == ["r0"]


def test_the_shipped_crossings_of_the_xiang_are_among_the_first(tmp_path, capsys):
    page = tmp_path / "roads.html"
    few = ("--parting", "0", "--busiest", "0")
    assert main(["critical-roads", *few, "--map", str(page)]) == 0
    first = capsys.readouterr().out
    assert "示意图" in page.read_text(encoding="utf-8")
    assert "湘江" in first
    assert "湘潭一大桥—建设路" in first


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--network", "none.gpkg"), 4),
        (("--river", "none.gpkg"), 4),
        (("--points", "none.gpkg"), 4),
        (("--roads", "nowhere"), 3),
        (("--out", "lost.docx"), 3),
    ],
)
def test_the_command_refuses_what_it_cannot_use(words, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["critical-roads", *words]) == code


@pytest.mark.parametrize(
    ("missing", "told"), [("--people", "--people"), ("--points", "--points")]
)
def test_with_a_network_the_command_asks_for_people_and_points(
    missing, told, tmp_path, capsys
):
    words = written(tmp_path)
    place = words.index(missing)
    assert main(words[:place] + words[place + 2 :]) == 3
    assert told in capsys.readouterr().err
