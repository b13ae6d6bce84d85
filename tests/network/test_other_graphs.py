"""Networks given to networkx and pandana: the same times there as here."""

import sys
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest

from ctzgis import to_networkx, to_pandana, travel_times
from ctzgis.errors import InputError, SourceError
from ctzgis.examples import gridville
from ctzgis.network import RoadNetwork, TravelNetwork


@pytest.fixture(scope="module")
def roads():
    """Gridville with one-way streets, a path and a motorway."""
    frame = gridville().roads.roads
    frame["oneway"] = np.arange(len(frame)) % 13 == 5
    frame["free_kph"] = 20.0 + np.arange(len(frame)) % 7 * 10
    frame.loc[frame.index[:3], "road_class"] = ["path", "motorway", "primary"]
    return RoadNetwork(frame, gridville().roads.junctions)


@pytest.mark.parametrize("means", ["drive", "walk", "cycle"])
def test_networkx_finds_the_same_times(roads, means):
    graph = to_networkx(roads, means=means)
    draw = np.random.default_rng(2)
    ends = [roads.junctions.iloc[draw.integers(121, size=20)] for _ in range(2)]
    ends = [side[~side.index.duplicated()] for side in ends]
    ours = travel_times(TravelNetwork(roads), *ends, mode=means)
    for row in ours.itertuples():
        wanted = nx.shortest_path_length(
            graph, row.from_id, row.to_id, weight="travel_time_min"
        )
        # 20 roads or so on a way, each rounded by 0.005 s.
        assert row.travel_time_min == pytest.approx(wanted, abs=0.01)


def test_a_way_back_is_drawn_backwards(roads):
    graph = to_networkx(roads)
    two_way = roads.roads[~roads.roads["oneway"]].iloc[5]
    forth = graph.edges[two_way.from_id, two_way.to_id, two_way.name]
    back = graph.edges[two_way.to_id, two_way.from_id, two_way.name]
    assert forth["geometry"].coords[:] == back["geometry"].coords[::-1]
    assert forth["length_m"] == back["length_m"] == 1000
    one_way = roads.roads[roads.roads["oneway"]].iloc[5]
    assert not graph.has_edge(one_way.to_id, one_way.from_id)


def test_nobody_drives_on_a_path_or_walks_on_a_motorway(roads):
    keys = {
        means: {key for *_, key in to_networkx(roads, means=means).edges(keys=True)}
        for means in ("drive", "walk")
    }
    path, motorway = roads.roads.index[:2]
    assert path not in keys["drive"]
    assert motorway not in keys["walk"]
    assert keys["drive"] | keys["walk"] == set(roads.roads.index)


def test_junctions_keep_their_places_and_the_graph_its_crs(roads):
    graph = to_networkx(roads)
    assert graph.graph["crs"] == roads.crs
    name = roads.junctions.index[7]
    point = roads.junctions.geometry.iloc[7]
    assert (graph.nodes[name]["x"], graph.nodes[name]["y"]) == (point.x, point.y)


class Given:
    """Stands in for pandana's network, which is not installed everywhere."""

    def __init__(self, *given, **named):
        self.x, self.y, self.start, self.end, self.weights = given
        self.named = named


def test_pandana_is_given_the_same_ways(roads, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandana", SimpleNamespace(Network=Given))
    other = to_pandana(roads)
    assert other.named == {"twoway": False}
    assert list(other.weights) == ["travel_time_min"]
    names = roads.junctions.index
    ways = {
        (names[start], names[end]): minutes
        for start, end, minutes in zip(
            other.start, other.end, other.weights["travel_time_min"], strict=True
        )
    }
    wanted = nx.get_edge_attributes(to_networkx(roads), "travel_time_min")
    assert ways == {(start, end): time for (start, end, _), time in wanted.items()}
    assert other.x.tolist() == roads.junctions.geometry.x.tolist()
    assert other.y.tolist() == roads.junctions.geometry.y.tolist()


def test_without_pandana_the_error_names_the_extra(roads, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandana", None)
    with pytest.raises(SourceError, match=r"pip install 'ctzgis\[pandana\]'"):
        to_pandana(roads)


@pytest.mark.parametrize("options", [{"means": "fly"}, {"profile": "night"}])
def test_unknown_words_name_the_known_ones(roads, options):
    with pytest.raises(InputError, match="is not known; one of"):
        to_networkx(roads, **options)


def test_a_network_tells_its_parts_and_extent(roads):
    assert repr(roads) == (
        "<RoadNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, "
        "free and peak, EPSG:4547>"
    )
    frame = roads.roads
    x = frame.geometry.bounds
    kept = (x["maxx"] <= 495_000) | (x["minx"] > 495_000)
    parted = roads.keep(kept)
    assert parted.components.tolist() == [110, 11]
    assert "2 parts, the largest 90.9%" in repr(parted)
    assert "0 parts" in repr(roads.keep(frame["oneway"] & False))
