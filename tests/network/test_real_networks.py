"""Times on real street networks, against networkx over the same roads."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pytest

import ctzgis
from ctzgis.network import engine

TICKS_PER_MIN = 6000
ORIGINS, DESTINATIONS = 8, 25  # 200 random pairs
LIMIT_MIN = 12.0


@dataclass(frozen=True)
class Streets:
    """The arcs of a network, and what was drawn from its junctions."""

    count: int
    tail: np.ndarray
    head: np.ndarray
    minutes: np.ndarray
    xy: np.ndarray
    origins: np.ndarray
    destinations: np.ndarray

    @property
    def ticks(self):
        return np.rint(self.minutes * TICKS_PER_MIN).astype(np.int64)

    def searchable(self):
        return engine.search_graph(
            self.count, self.tail, self.head, self.minutes, xy=self.xy
        )

    def for_networkx(self, weight):
        """Of parallel arcs the quickest: networkx's simple graph keeps the last."""
        graph = nx.DiGraph()
        graph.add_nodes_from(range(self.count))
        slowest_first = np.argsort(-weight, kind="stable")
        columns = (self.tail, self.head, weight)
        arcs = zip(*(column[slowest_first].tolist() for column in columns), strict=True)
        graph.add_weighted_edges_from(arcs, weight="time")
        return graph


@pytest.fixture(
    scope="module",
    params=[
        "changsha_streets",
        "wuhan_streets/streets.parquet",
        "porto/porto_portugal.osm.pbf",
    ],
    ids=["Changsha", "Wuhan", "Porto"],
)
def streets(request, real_data):
    network = ctzgis.read_network(real_data / request.param).roads
    roads, junctions = network.roads, network.junctions
    first = junctions.index.get_indexer(roads["from_id"])
    last = junctions.index.get_indexer(roads["to_id"])
    minutes = roads.length.to_numpy() * 0.06 / roads["free_kph"].to_numpy()
    back = ~roads["oneway"].to_numpy(dtype=bool)
    draw = np.random.default_rng(4)
    return Streets(
        count=len(junctions),
        tail=np.r_[first, last[back]],
        head=np.r_[last, first[back]],
        minutes=np.r_[minutes, minutes[back]],
        xy=junctions.get_coordinates().to_numpy(),
        origins=draw.choice(len(junctions), ORIGINS, replace=False),
        destinations=draw.integers(len(junctions), size=(ORIGINS, DESTINATIONS)),
    )


@pytest.fixture(scope="module")
def graph(streets):
    return streets.searchable()


@pytest.fixture(scope="module")
def hierarchy(graph):
    return engine.prepare(graph)


@pytest.fixture(scope="module")
def by_networkx(streets):
    """Whole ticks from each origin to all it reaches."""
    other = streets.for_networkx(streets.ticks)
    return [
        nx.single_source_dijkstra_path_length(other, origin, weight="time")
        for origin in streets.origins.tolist()
    ]


@pytest.fixture
def own_kernels(monkeypatch):
    """Where little is asked, SciPy answers before a kernel is loaded: not here."""
    monkeypatch.setenv("CTZGIS_ENGINE", "search")


@pytest.fixture(params=["searching", "prepared"])
def asked(request, graph, hierarchy):
    """The graph as it is, and prepared."""
    if request.param == "prepared":
        return hierarchy
    request.getfixturevalue("own_kernels")
    return graph


def test_times_of_200_pairs_are_networkx_s_to_the_tick(streets, asked, by_networkx):
    found = engine.matrix(asked, streets.origins, streets.destinations.ravel())
    found = np.rint(found * TICKS_PER_MIN).reshape(ORIGINS, ORIGINS, DESTINATIONS)
    for row, (to, reached) in enumerate(
        zip(streets.destinations.tolist(), by_networkx, strict=True)
    ):
        wanted = [reached.get(place, np.inf) for place in to]
        assert found[row, row].tolist() == wanted


def test_rounding_costs_at_most_half_a_tick_an_arc(streets, graph, own_kernels):
    # Rounded and unrounded times may choose other ways; each is at most half a tick
    # an arc from the other's time on its own way.
    origin = int(streets.origins[0])
    exact, exact_ways = nx.single_source_dijkstra(
        streets.for_networkx(streets.minutes), origin, cutoff=LIMIT_MIN, weight="time"
    )
    _, ways = nx.single_source_dijkstra(
        streets.for_networkx(streets.ticks),
        origin,
        cutoff=LIMIT_MIN * TICKS_PER_MIN,
        weight="time",
    )
    found = dict(zip(*engine.reach(graph, origin, LIMIT_MIN), strict=True))
    both = exact.keys() & ways.keys()
    assert len(both) > 0.99 * max(len(exact), len(ways))
    for place in both:
        arcs = max(len(exact_ways[place]), len(ways[place])) - 1
        slack = 0.5 * arcs / TICKS_PER_MIN + 1e-9
        assert abs(found[place] - exact[place]) <= slack


def test_reach_is_what_networkx_reaches(streets, graph, by_networkx, own_kernels):
    for origin, reached in zip(streets.origins.tolist(), by_networkx, strict=True):
        vertices, minutes = engine.reach(graph, origin, LIMIT_MIN)
        found = dict(
            zip(vertices.tolist(), np.rint(minutes * TICKS_PER_MIN), strict=True)
        )
        most = LIMIT_MIN * TICKS_PER_MIN
        assert found == {v: t for v, t in reached.items() if t <= most}


def test_sums_are_those_over_what_networkx_reaches(streets, asked, by_networkx):
    values = np.random.default_rng(9).integers(1, 100, streets.count).astype(float)
    cutoffs = (4.0, 8.0, LIMIT_MIN)
    found = engine.sums_within(asked, streets.origins, cutoffs, values)
    for row, reached in zip(found, by_networkx, strict=True):
        place, ticks = (np.array(list(x)) for x in (reached, reached.values()))
        for total, cutoff in zip(row, cutoffs, strict=True):
            assert total == values[place[ticks <= cutoff * TICKS_PER_MIN]].sum()
