"""Networks to OSMnx's graphs and back; OSMnx itself is the oracle."""

import json
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString

import ctzgis
from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville
from ctzgis.network import RoadNetwork
from ctzgis.network.adapters import from_osmnx, to_osmnx
from ctzgis.sources.osm.osmnx_web import FURTHER_TAGS
from ctzgis.sources.osm.roads import read_osm
from ctzgis.tables import ROAD_CLASSES, STATUSES

CHANGSHA = (112.97, 28.2)


def same(network, other):
    """Both hold the same ids, columns, types, values and lines."""
    assert_geodataframe_equal(network.roads, other.roads)
    assert_geodataframe_equal(network.junctions, other.junctions)


def graph_of(*edges, crs="EPSG:4326", spots=None):
    """A graph as OSMnx makes it: u, v, attributes; node n lies n/1000 degrees east."""
    graph = nx.MultiDiGraph(crs=crs, created_with="OSMnx 2.1.1")
    for u, v, attributes in edges:
        graph.add_edge(u, v, **attributes)
    for n in graph.nodes:
        x, y = (spots or {}).get(n, (CHANGSHA[0] + int(n) / 1000, CHANGSHA[1]))
        graph.nodes[n].update(x=x, y=y, street_count=1)
    return graph


def edge(osmid=7, highway="primary", length=98.0, **more):
    plain = {"oneway": False, "reversed": False}
    return {"osmid": osmid, "highway": highway, "length": length} | plain | more


def two_way(u, v, **attributes):
    return [(u, v, edge(**attributes)), (v, u, edge(**attributes, reversed=True))]


def road(graph, **options):
    (row,) = from_osmnx(graph, **options).roads.itertuples()
    return row


# A network as a graph


def test_a_two_way_road_becomes_two_edges_and_a_one_way_road_one():
    roads = gridville().roads.roads
    roads.loc["r0", "oneway"] = True
    graph = to_osmnx(RoadNetwork(roads, gridville().roads.junctions))
    assert graph.number_of_edges() == 2 * 219 + 1
    assert graph.has_edge(1, 2)
    assert not graph.has_edge(2, 1)
    assert graph.edges[1, 2, 0]["oneway"] is True
    assert graph.edges[2, 3, 0]["reversed"] is False
    assert graph.edges[3, 2, 0]["reversed"] is True


def test_osmnx_finds_the_graph_valid_by_its_strictest_rules():
    ox.convert.validate_graph(to_osmnx(gridville().roads), strict=True)


def test_osmnx_counts_as_many_kilometres_as_the_network():
    stats = ox.stats.basic_stats(to_osmnx(gridville().roads))
    assert stats["street_length_total"] == pytest.approx(220_000)
    assert stats["edge_length_total"] == pytest.approx(440_000)
    assert stats["streets_per_node_counts"] == {0: 0, 1: 0, 2: 4, 3: 36, 4: 81}


def test_osmnx_finds_the_quickest_way_across_gridville_in_20_minutes():
    graph = to_osmnx(gridville().roads)
    path = ox.routing.shortest_path(graph, 1, 121, weight="travel_time")
    steps = ox.routing.route_to_gdf(graph, path, weight="travel_time")
    assert steps["travel_time"].sum() == pytest.approx(20 * 60)


def test_osmnx_leaves_speeds_and_times_as_they_are():
    graph = to_osmnx(gridville().roads)
    timed = ox.routing.add_edge_travel_times(graph.copy())
    for u, v, k, data in graph.edges(keys=True, data=True):
        assert timed.edges[u, v, k]["travel_time"] == pytest.approx(data["travel_time"])


def test_an_urban_expressway_is_a_trunk_road_to_osmnx(network):
    graph = to_osmnx(network.roads)
    words = {
        data["highway"]
        for *_, data in graph.edges(data=True)
        if data["road_class"] == "urban_expressway"
    }
    assert words == {"trunk"}


# There and back from a network


def test_the_strategic_network_comes_back_whole(network):
    roads = network.roads
    same(from_osmnx(to_osmnx(roads)), roads)


def test_the_strategic_network_comes_back_from_graphml(network, tmp_path):
    ox.save_graphml(to_osmnx(network.roads), tmp_path / "net.graphml")
    back = from_osmnx(ox.load_graphml(tmp_path / "net.graphml"))
    assert_geodataframe_equal(back.roads, network.roads.roads)


def test_the_network_comes_back_from_osmnx_frames(network):
    graph = to_osmnx(network.roads)
    frames = ox.convert.graph_to_gdfs(graph)
    back = from_osmnx(ox.convert.graph_from_gdfs(*frames, graph_attrs=graph.graph))
    assert set(back.roads.index) == set(network.roads.roads.index)
    order = network.roads.roads.index
    assert_geodataframe_equal(back.roads.loc[order], network.roads.roads)


def test_the_network_comes_back_after_osmnx_reprojected_it(network):
    graph = ox.projection.project_graph(to_osmnx(network.roads), to_latlong=True)
    back = from_osmnx(graph)
    assert back.roads.crs == network.roads.roads.crs
    gaps = back.roads.geometry.hausdorff_distance(network.roads.roads.geometry)
    assert gaps.max() < 1e-3
    assert (back.roads["oneway"] == network.roads.roads["oneway"]).all()


TEXTS = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=8
) | st.sampled_from(["", "[]", '["a"]', '["a", 1]', "[1,2]", "{}", "True", "007", "["])


@st.composite
def networks(draw):
    """Small networks with loops, parallel roads, lone junctions and odd texts."""
    count = draw(st.integers(1, 5))
    whole = draw(st.booleans())
    ids = [str(10 + i) if whole else f"站{i}" for i in range(count)]
    grid = st.integers(-9, 9).map(lambda n: 500_000.25 + 137.5 * n)
    spots = draw(
        st.lists(st.tuples(grid, grid), min_size=count, max_size=count, unique=True)
    )
    spots = [(x, y + 2_620_000) for x, y in spots]
    junctions = gpd.GeoDataFrame(
        {"name_zh": [draw(TEXTS) for _ in ids], "street_count": 9, "empty": None},
        geometry=[shapely.Point(spot) for spot in spots],
        index=pd.Index(ids, name="junction_id", dtype="object"),
        crs=REGION_CRS,
    )
    rows, lines = [], []
    for _ in range(draw(st.integers(1, 8))):
        start, end = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        bends = [
            (x, y + 2_620_000)
            for x, y in draw(st.lists(st.tuples(grid, grid), max_size=2))
        ]
        lines.append(LineString([spots[start], *bends, spots[end]]))
        speed = st.floats(1, 130)
        rows.append(
            {
                "from_id": ids[start],
                "to_id": ids[end],
                "road_class": draw(st.sampled_from(ROAD_CLASSES)),
                "oneway": draw(st.booleans()),
                "free_kph": draw(speed),
                "peak_kph": draw(speed),
                "signals": draw(st.integers(0, 3)),
                "status": draw(st.sampled_from(STATUSES)),
                "opens": draw(st.sampled_from([math.nan, 1999.0, 2030.0])),
                "closes": math.nan,
                "name_zh": draw(TEXTS),
                "walk": draw(st.booleans()),
                "length": draw(st.floats(0, 9)),
                "key": draw(st.integers(0, 2)),
                "osmid": draw(TEXTS),
                "note": draw(TEXTS),
            }
        )
    roads = gpd.GeoDataFrame(
        rows,
        geometry=lines,
        crs=REGION_CRS,
        index=pd.Index(
            [f"r{i}" for i in range(len(rows))], name="road_id", dtype="object"
        ),
    )
    return RoadNetwork(roads, junctions)


@given(networks())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_network_comes_back_whole(network):
    same(from_osmnx(to_osmnx(network)), network)


@given(networks())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_graph_has_two_edges_per_two_way_road_and_one_per_one_way_road(network):
    oneway = network.roads["oneway"]
    edges = int(oneway.sum() + 2 * (~oneway).sum())
    assert to_osmnx(network).number_of_edges() == edges


def test_neither_way_changes_what_it_is_given(network):
    roads, junctions = network.roads.roads, network.roads.junctions
    graph = to_osmnx(network.roads)
    before = nx.MultiDiGraph(graph)
    from_osmnx(graph)
    assert nx.utils.graphs_equal(graph, before)
    assert_geodataframe_equal(network.roads.roads, roads)
    assert_geodataframe_equal(network.roads.junctions, junctions)


# There and back from a graph


def osm_file(tmp_path):
    """A small town in OSM's own XML: a street, a loop, a parallel street, a one-way."""
    at = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (1, 1), 6: (2, 1), 7: (4, 0),
          8: (4, 1)}  # fmt: skip
    ways = {
        21: ((1, 2, 3), {"highway": "secondary", "name": "韶山路", "maxspeed": "60"}),
        22: ((3, 4), {"highway": "tertiary", "name": "芙蓉路"}),
        23: ((2, 5, 6, 3), {"highway": "residential", "oneway": "yes"}),
        24: ((4, 7, 8, 4), {"highway": "service"}),
    }
    nodes = "".join(
        f'<node id="{n}" lat="{CHANGSHA[1] + y / 500}" lon="{CHANGSHA[0] + x / 500}"/>'
        for n, (x, y) in at.items()
    )
    drawn = "".join(
        f'<way id="{w}">{"".join(f"<nd ref={chr(34)}{n}{chr(34)}/>" for n in refs)}'
        f"{''.join(f'<tag k={chr(34)}{k}{chr(34)} v={chr(34)}{v}{chr(34)}/>' for k, v in tags.items())}</way>"
        for w, (refs, tags) in ways.items()
    )
    path = tmp_path / "town.osm"
    path.write_text(f'<osm version="0.6">{nodes}{drawn}</osm>', encoding="utf-8")
    return path


@pytest.fixture(params=["whole", "simplified", "projected"])
def town(request, tmp_path):
    graph = ox.graph.graph_from_xml(
        osm_file(tmp_path), simplify=request.param == "simplified", retain_all=True
    )
    return ox.projection.project_graph(graph) if request.param == "projected" else graph


def keeps(graph, back):
    """Every node and edge is there, with every attribute but those that cannot survive."""
    assert list(back.nodes) == list(graph.nodes)
    for node, data in graph.nodes(data=True):
        kept = back.nodes[node]
        assert {n: v for n, v in data.items() if n not in "xy"}.items() <= kept.items()
    assert set(back.edges) == set(graph.edges)
    for u, v, k, data in graph.edges(keys=True, data=True):
        kept = back.edges[u, v, k]
        for name in data.keys() - {"geometry"}:
            assert kept[name] == data[name], (u, v, k, name)
        assert kept["speed_kph"] > 0


def test_a_graph_of_osmnx_comes_back_whole(town):
    keeps(town, to_osmnx(from_osmnx(town)))


def test_a_graph_with_bearings_and_speeds_comes_back_whole(town):
    if ox.projection.is_projected(town.graph["crs"]):
        town = ox.projection.project_graph(town, to_latlong=True)
    graph = ox.routing.add_edge_travel_times(ox.routing.add_edge_speeds(town))
    graph = ox.bearing.add_edge_bearings(graph)
    back = to_osmnx(from_osmnx(graph))
    for u, v, k, data in graph.edges(keys=True, data=True):
        kept = back.edges[u, v, k]
        # A loop has no bearing.
        assert kept.get("bearing") == (None if u == v else data["bearing"])
        assert kept["speed_kph"] == data["speed_kph"]
        assert kept["travel_time"] == pytest.approx(data["travel_time"])


def test_positions_and_lines_of_a_graph_survive_within_a_millimetre(town):
    back = ox.projection.project_graph(to_osmnx(from_osmnx(town)), to_crs=32649)
    there = ox.projection.project_graph(town, to_crs=32649)
    lines, kept = (ox.convert.graph_to_gdfs(g, nodes=False) for g in (there, back))
    assert (
        lines.geometry.hausdorff_distance(kept.loc[lines.index].geometry) < 1e-3
    ).all()


def test_a_graph_comes_back_even_after_graphml(town, tmp_path):
    ox.save_graphml(to_osmnx(from_osmnx(town)), tmp_path / "town.graphml")
    keeps(town, ox.load_graphml(tmp_path / "town.graphml"))


@pytest.mark.parametrize("simplify", [False, True])
def test_a_real_map_comes_back_whole(real_data, simplify):
    path = real_data / "hnu_campus" / "map.osm"
    graph = ox.graph.graph_from_xml(path, simplify=simplify, retain_all=True)
    once = from_osmnx(graph)
    keeps(graph, to_osmnx(once))
    same(from_osmnx(to_osmnx(once)), once)


def test_osmnx_and_the_reader_of_files_see_the_same_roads(real_data, monkeypatch):
    path = real_data / "hnu_campus" / "map.osm"
    tags = [*ox.settings.useful_tags_way, *FURTHER_TAGS]
    monkeypatch.setattr(ox.settings, "useful_tags_way", tags)
    graph = ox.graph.graph_from_xml(path, simplify=False, retain_all=True)
    metres = [
        roads[roads["drive"]].length.groupby(roads["road_class"]).sum()
        for roads in (from_osmnx(graph).roads, read_osm(path).roads)
    ]
    pd.testing.assert_series_equal(*metres, rtol=1e-6)


# What becomes of edges


def test_twins_become_one_two_way_road_drawn_as_the_one_that_is_not_reversed():
    forth, back = two_way(1, 2)
    row = road(graph_of(back, forth))
    assert (row.from_id, row.to_id, row.oneway) == ("1", "2", False)


def test_streets_between_the_same_junctions_stay_apart():
    graph = graph_of(*two_way(1, 2, osmid=7), *two_way(1, 2, osmid=8))
    assert len(from_osmnx(graph).roads) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"oneway": True},
        {"osmid": 8},
        {"maxspeed": "30"},
        {"geometry": LineString([(112.972, 28.2), (112.97, 28.3), (112.971, 28.2)])},
    ],
    ids=["one-way", "another way", "another speed", "another line"],
)
def test_edges_that_are_not_the_same_street_stay_two_one_way_roads(other):
    graph = graph_of((1, 2, edge()), (2, 1, edge() | other))
    assert from_osmnx(graph).roads["oneway"].tolist() == [True, True]


def test_an_edge_without_its_twin_can_be_travelled_one_way_only():
    graph = graph_of((1, 2, edge()))
    assert road(graph).oneway
    assert to_osmnx(from_osmnx(graph)).edges[1, 2, 0]["oneway"] is False


def test_a_two_way_loop_is_one_road():
    ring = LineString(
        [(112.971, 28.2), (112.972, 28.2), (112.972, 28.21), (112.971, 28.2)]
    )
    graph = graph_of(
        (1, 1, edge(geometry=ring)),
        (1, 1, edge(geometry=ring.reverse(), reversed=True)),
    )
    row = road(graph)
    assert (row.from_id, row.to_id, row.oneway) == ("1", "1", False)
    assert set(to_osmnx(from_osmnx(graph)).edges) == {(1, 1, 0), (1, 1, 1)}


def test_a_junction_without_roads_stays():
    graph = graph_of(*two_way(1, 2))
    graph.add_node(3, x=113.0, y=28.3)
    assert from_osmnx(graph).junctions.index.tolist() == ["1", "2", "3"]


def test_a_line_drawn_from_the_end_is_turned_and_told():
    line = LineString([(112.972, 28.2), (112.9715, 28.201), (112.971, 28.2)])
    network = from_osmnx(graph_of((1, 2, edge(oneway=True, geometry=line))))
    assert (
        "repaired 1: lines drawn from the end, turned (1-2-0)"
        in network.sources[0].report.told()
    )


# What the tags say


@pytest.mark.parametrize(
    ("attributes", "road_class", "free_kph"),
    [
        ({"highway": "primary"}, "primary", 45),
        ({"highway": "motorway_link"}, "motorway", 100),
        ({"highway": ["secondary", "residential"]}, "residential", 20),
        ({"maxspeed": "60"}, "primary", 51),  # 60 × 0.85
        ({"maxspeed": "30 mph"}, "primary", 30 * 1.609344 * 0.85),
        ({"maxspeed": ["80", "60"]}, "primary", 51),
        ({"maxspeed": "CN:urban"}, "primary", 45),
        ({"maxspeed": ["CN:urban", "40"]}, "primary", 34),
        ({"maxspeed": "60", "speed_kph": 47.5}, "primary", 47.5),
        ({"speed_kph": math.nan}, "primary", 45),
        ({"speed_kph": -3}, "primary", 45),
    ],
)
def test_class_and_speed_follow_the_tags(attributes, road_class, free_kph):
    row = road(graph_of((1, 2, edge(oneway=True) | attributes)))
    assert row.road_class == road_class
    assert row.free_kph == pytest.approx(free_kph)


def test_the_peak_keeps_the_proportion_of_the_class():
    row = road(graph_of((1, 2, edge(oneway=True, maxspeed="60"))))
    assert row.peak_kph == pytest.approx(51 * 24 / 45)


def test_names_are_joined_and_the_list_is_kept():
    graph = graph_of((1, 2, edge(oneway=True, name=["韶山路", "芙蓉路"])))
    network = from_osmnx(graph)
    assert network.roads["name_zh"].tolist() == ["韶山路 / 芙蓉路"]
    assert to_osmnx(network).edges[1, 2, 0]["name"] == ["韶山路", "芙蓉路"]


def test_one_closed_part_closes_the_whole_edge():
    graph = graph_of((1, 2, edge(oneway=True, access=["yes", "private"])))
    row = road(graph)
    assert (row.drive, row.walk, row.cycle) == (False, False, False)


def bare(**attributes):
    return {n: v for n, v in edge(oneway=True, **attributes).items() if n != "highway"}


def test_an_unknown_class_is_a_path_that_nobody_drives_on():
    network = from_osmnx(graph_of((1, 2, edge(highway="busway", oneway=True))))
    (row,) = network.roads.itertuples()
    assert (row.road_class, row.drive, row.walk) == ("path", False, True)
    said = network.sources[0].report.told()
    assert "noticed 1: edges of unknown highway, taken for paths (1-2-0)" in said


def test_what_is_no_highway_among_highways_is_open_to_nobody():
    # OSMnx reads buildings and rivers of a raw file as edges too.
    network = from_osmnx(graph_of((1, 2, edge()), (2, 3, bare())))
    row = network.roads.loc["2-3-0"]
    assert (row.drive, row.walk, row.cycle) == (False, False, False)
    said = network.sources[0].report.told()
    assert "noticed 1: edges without highway, open to nobody (2-3-0)" in said


def test_a_graph_without_classes_has_residential_roads():
    network = from_osmnx(graph_of((1, 2, bare()), (2, 3, bare())))
    assert network.roads["road_class"].tolist() == ["residential"] * 2
    said = network.sources[0].report.told()
    assert (
        "noticed 2: edges without highway, taken for residential (1-2-0, 2-3-0)" in said
    )


def test_a_graph_with_gaps_in_its_attributes_comes_back_twice():
    graph = graph_of(
        (1, 2, edge(name=["a", "b"])), (2, 3, bare()), (3, 4, edge(name="a"))
    )
    once = from_osmnx(graph)
    same(from_osmnx(to_osmnx(once)), once)


def test_a_road_added_to_streets_of_osm_has_a_number_of_its_own():
    once = from_osmnx(graph_of((1, 2, edge(osmid=7)), (2, 3, edge(osmid=8))))
    roads = once.roads
    roads.loc["2-3-0", "osmid"] = None
    graph = to_osmnx(RoadNetwork(roads, once.junctions))
    assert graph.edges[2, 3, 0]["osmid"] == -2
    ox.convert.validate_graph(graph, strict=True)


def test_a_length_that_is_not_the_lines_is_told():
    graph = ox.projection.project_graph(graph_of((1, 2, edge(length=500.0))))
    said = "\n".join(from_osmnx(graph).sources[0].report.told())
    assert "1: edges whose length is not their line's" in said


def test_keys_may_be_texts():
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for node in (1, 2):
        graph.add_node(node, x=CHANGSHA[0] + node / 1000, y=CHANGSHA[1])
    graph.add_edge(1, 2, key="a", **edge(oneway=True))
    assert set(to_osmnx(from_osmnx(graph)).edges) == {(1, 2, "a")}


# Where it lies


def test_a_graph_of_the_region_goes_to_the_regions_crs():
    assert from_osmnx(graph_of(*two_way(1, 2))).roads.crs == "EPSG:4547"


def test_a_graph_from_elsewhere_goes_to_its_utm_zone():
    spots = {1: (-8.61, 41.15), 2: (-8.6, 41.15)}
    assert from_osmnx(graph_of(*two_way(1, 2), spots=spots)).roads.crs == "EPSG:32629"


def test_a_crs_may_be_named():
    assert (
        from_osmnx(graph_of(*two_way(1, 2)), crs="EPSG:32649").roads.crs == "EPSG:32649"
    )


def test_a_crs_in_degrees_is_refused():
    with pytest.raises(CRSError, match="degree"):
        from_osmnx(graph_of(*two_way(1, 2)), crs="EPSG:4326")


# What is refused


@pytest.mark.parametrize(
    ("spoil", "error", "match"),
    [
        (lambda g: nx.MultiGraph(g), InputError, "not MultiGraph"),
        (lambda g: g.graph.pop("crs") and g, CRSError, "does not say its CRS"),
        (lambda g: g.graph.update(crs="moon") or g, CRSError, "'moon'"),
        (lambda g: g.nodes[1].pop("x") and g, InputError, "no coordinates x and y: 1"),
        (lambda g: g.nodes[1].update(x="<b>") or g, InputError, "no coordinates"),
        (lambda g: g.nodes[1].update(x=1e9) or g, CRSError, "nowhere"),
        (lambda g: g.nodes[1].update(x=math.inf) or g, InputError, "no coordinates"),
        (lambda g: g.edges[1, 2, 0].update(geometry="LINESTRING") or g, InputError, "no line"),
        (
            lambda g: g.edges[1, 2, 0].update(geometry=LineString([(113, 28), (113, 29)])) or g,
            InputError,
            "from its junction",
        ),
    ],
)  # fmt: skip
def test_what_is_no_street_graph_is_refused(spoil, error, match):
    with pytest.raises(error, match=match):
        from_osmnx(spoil(graph_of(*two_way(1, 2))))


def test_an_empty_graph_is_refused():
    with pytest.raises(InputError, match="no nodes"):
        from_osmnx(nx.MultiDiGraph(crs="EPSG:4326"))


@pytest.mark.parametrize(
    "schema",
    [
        "[",
        "[]",
        "[" * 99_999,
        '{"crs": 1}',
        '{"crs": "EPSG:4547"}',
        '{"crs": "EPSG:4547", "roads": {}, "junctions": {}, "roads_index": [], '
        '"junctions_index": []}',
        '{"crs": "EPSG:4547", "roads": {"name_zh": "moon", "opens": "datetime64[ns, moon]"}, '
        '"junctions": {}, "roads_index": ["a", "int64"], "junctions_index": [null, "moon"]}',
    ],
)
def test_a_broken_note_of_columns_is_passed_over(schema):
    graph = graph_of(*two_way(1, 2))
    graph.graph["ctzgis"] = schema
    assert len(from_osmnx(graph).roads) == 1


def test_odd_attributes_stay_texts():
    odd = {"status": "<script>", "signals": "many", "opens": "soon", "note": {"a": {1}}}
    row = road(graph_of((1, 2, edge(oneway=True) | odd)))
    assert (row.status, row.signals) == ("built", 0)
    assert np.isnan(row.opens)
    assert json.loads(row.note) == {"a": [1]}


def test_the_names_are_public():
    assert ctzgis.from_osmnx is from_osmnx
    assert ctzgis.to_osmnx is to_osmnx
