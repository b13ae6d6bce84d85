"""Small random graphs with everything that can be odd, against networkx and SciPy."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from ctzgis.network import engine
from ctzgis.network.engine import choice

TICKS_PER_MIN = 6000


@dataclass(frozen=True)
class Odd:
    """A directed multigraph: ties, loops, zeros, parallel arcs, islands, closed arcs."""

    count: int
    tail: np.ndarray
    head: np.ndarray
    ticks: np.ndarray  # inf where closed

    @property
    def minutes(self):
        return self.ticks / TICKS_PER_MIN

    def searchable(self):
        xy = np.random.default_rng(self.count).random((self.count, 2))
        return engine.search_graph(
            self.count, self.tail, self.head, self.minutes, xy=xy
        )

    def reversed(self):
        return Odd(self.count, self.head, self.tail, self.ticks)

    def with_ticks(self, ticks):
        return Odd(self.count, self.tail, self.head, np.asarray(ticks, dtype=float))

    def by_networkx(self):
        """Ticks between all vertices."""
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(self.count))
        for arc in zip(
            self.tail.tolist(), self.head.tolist(), self.ticks.tolist(), strict=True
        ):
            if np.isfinite(arc[2]):
                graph.add_edge(arc[0], arc[1], weight=arc[2])
        rows = dict(nx.all_pairs_dijkstra_path_length(graph))
        everywhere = range(self.count)
        return np.array(
            [[rows[u].get(v, np.inf) for v in everywhere] for u in everywhere]
        )

    def by_scipy(self):
        """Ticks between all vertices; of parallel arcs the last stored would count."""
        best = {}
        for arc in zip(
            self.tail.tolist(), self.head.tolist(), self.ticks.tolist(), strict=True
        ):
            best[arc[:2]] = min(arc[2], best.get(arc[:2], np.inf))
        best = {pair: ticks for pair, ticks in best.items() if np.isfinite(ticks)}
        tail, head = np.array(list(best), dtype=np.int32).reshape(-1, 2).T
        ticks = np.array(list(best.values()), dtype=float)
        matrix = csr_array((ticks, (tail, head)), shape=(self.count, self.count))
        return dijkstra(matrix)


@st.composite
def odd_graphs(draw, most=14):
    """Draw one."""
    count = draw(st.integers(1, most))
    vertex = st.integers(0, count - 1)
    ticks = st.one_of(
        st.integers(0, 4), st.integers(0, 300_000), st.just(np.inf), st.just(70_000)
    )
    arcs = draw(st.lists(st.tuples(vertex, vertex, ticks), max_size=4 * count))
    columns = np.array(arcs, dtype=float).reshape(-1, 3).T
    return Odd(count, columns[0].astype(int), columns[1].astype(int), columns[2])


def in_ticks(minutes):
    """Minutes come back as whole ticks."""
    return np.rint(np.asarray(minutes) * TICKS_PER_MIN)


@pytest.fixture(params=["scipy", "search", "hierarchy", "hierarchy with new times"])
def way(request, monkeypatch):
    """Returns what makes a graph ready for one of the engines."""
    if request.param in ("scipy", "search"):
        monkeypatch.setenv("CTZGIS_ENGINE", request.param)
        return Odd.searchable
    monkeypatch.setattr(choice, "_FEWEST_BY_BATCHES", 1)
    if request.param == "hierarchy":
        return lambda graph: engine.prepare(graph.searchable())
    return reweighted


def reweighted(graph):
    """Prepared with other times, some arcs closed that are open and the reverse."""
    draw = np.random.default_rng(len(graph.tail))
    other = draw.integers(0, 9, len(graph.tail)).astype(float)
    other[draw.random(len(other)) < 0.3] = np.inf
    before = engine.prepare(graph.with_ticks(other).searchable())
    return before.reweighted(graph.minutes)


# The function-scoped fixture only names the engine, which no example changes.
odd = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
numbers = st.integers(0, 2**20)


def some_of(graph, seed, most=6):
    """Vertices in any order, some of them twice."""
    draw = np.random.default_rng(seed)
    return draw.integers(graph.count, size=draw.integers(1, most))


def values_of(graph, seed, columns=()):
    return np.random.default_rng(seed).integers(0, 50, (graph.count, *columns))


def cutoffs_of(ticks, seed):
    """Cutoffs exactly at, and a tick before, times that occur."""
    met = np.unique(ticks[np.isfinite(ticks)])
    draw = np.random.default_rng(seed)
    at = draw.choice(met, 3)
    return np.maximum(at - np.array([0, 1, 0]), 0)


@given(odd_graphs(), numbers, st.booleans())
@odd
def test_matrix_is_what_networkx_and_scipy_say(way, graph, seed, threads):
    origins, destinations = some_of(graph, seed), some_of(graph, seed + 1)
    found = engine.matrix(way(graph), origins, destinations, threads=1 + threads)
    wanted = graph.by_networkx()
    assert np.array_equal(wanted, graph.by_scipy())
    assert np.array_equal(in_ticks(found), wanted[np.ix_(origins, destinations)])


@given(odd_graphs(), numbers)
@odd
def test_matrix_within_a_limit_keeps_what_lies_exactly_there(way, graph, seed):
    wanted = graph.by_scipy()
    limit = cutoffs_of(wanted, seed)[0]
    everywhere = np.arange(graph.count)
    found = engine.matrix(way(graph), everywhere, everywhere, limit / TICKS_PER_MIN)
    assert np.array_equal(in_ticks(found), np.where(wanted <= limit, wanted, np.inf))


@given(odd_graphs(), numbers, st.booleans(), st.booleans(), st.sampled_from([(), (2,)]))
@odd
def test_sums_count_what_lies_within_or_exactly_there(
    way, graph, seed, reverse, threads, columns
):
    ticks = graph.by_scipy()
    ticks = ticks.T if reverse else ticks
    cutoffs, values = cutoffs_of(ticks, seed), values_of(graph, seed, columns)
    origins = some_of(graph, seed, 40)
    found = engine.sums_within(
        way(graph),
        origins,
        cutoffs / TICKS_PER_MIN,
        values,
        reverse=reverse,
        threads=1 + threads,
    )
    assert found.shape == (len(origins), len(cutoffs), *columns)
    for at, cutoff in enumerate(cutoffs):
        assert np.array_equal(found[:, at], (ticks[origins] <= cutoff) @ values)


@given(odd_graphs(), numbers, st.booleans())
@odd
def test_reach_is_what_lies_within_nearest_first(way, graph, seed, reverse):
    ticks = graph.by_scipy()
    ticks = ticks.T if reverse else ticks
    origin, limit = int(some_of(graph, seed)[0]), cutoffs_of(ticks, seed)[0]
    vertices, minutes = engine.reach(
        way(graph), origin, limit / TICKS_PER_MIN, reverse=reverse
    )
    assert np.sort(vertices).tolist() == np.flatnonzero(ticks[origin] <= limit).tolist()
    assert in_ticks(minutes).tolist() == ticks[origin, vertices].tolist()
    assert (np.diff(minutes) >= 0).all()


@given(odd_graphs(), numbers, st.booleans())
@odd
def test_nearest_is_the_first_of_the_least_times(way, graph, seed, reverse):
    ticks = graph.by_scipy()
    ticks = ticks.T if reverse else ticks
    facilities, limit = some_of(graph, seed), cutoffs_of(ticks, seed)[0]
    minutes, facility = engine.nearest(
        way(graph), facilities, limit / TICKS_PER_MIN, reverse=reverse
    )
    least = ticks[facilities].min(axis=0)
    assert (
        in_ticks(minutes).tolist() == np.where(least <= limit, least, np.inf).tolist()
    )
    first = ticks[facilities].argmin(axis=0)
    assert facility.tolist() == np.where(least <= limit, first, -1).tolist()


def joined_points(graph, seed, points=5):
    """Points with up to three connectors each, some with none; and their ticks."""
    draw = np.random.default_rng(seed)
    size = draw.integers(1, 3 * points)
    point = draw.integers(points, size=size)
    vertex = draw.integers(graph.count, size=size)
    legs = draw.integers(0, 200_000, size).astype(float)
    return engine.connectors(points, point, vertex, legs / TICKS_PER_MIN), np.array(
        [
            [
                min(legs[(point == p) & (vertex == v)], default=np.inf)
                for v in range(graph.count)
            ]
            for p in range(points)
        ]
    )


def least_sums(left, right):
    """Least over the middle of sums."""
    return (left[:, :, None] + right[None, :, :]).min(axis=1)


@given(odd_graphs(), numbers)
@odd
def test_points_start_and_end_over_their_best_connector(way, graph, seed):
    origins, access = joined_points(graph, seed)
    destinations, egress = joined_points(graph, seed + 1, 4)
    wanted = least_sums(least_sums(access, graph.by_scipy()), egress.T)
    limit = cutoffs_of(np.append(wanted, 0), seed)[0]
    found = engine.matrix(way(graph), origins, destinations, limit / TICKS_PER_MIN)
    assert np.array_equal(in_ticks(found), np.where(wanted <= limit, wanted, np.inf))


@given(odd_graphs(), numbers, st.booleans())
@odd
def test_sums_and_reach_of_points_count_their_connectors(way, graph, seed, reverse):
    origins, access = joined_points(graph, seed, 40)
    ticks = graph.by_scipy()
    wanted = least_sums(access, ticks.T if reverse else ticks)
    cutoffs, values = cutoffs_of(np.append(wanted, 0), seed), values_of(graph, seed)
    found = engine.sums_within(
        way(graph), origins, cutoffs / TICKS_PER_MIN, values, reverse=reverse
    )
    for at, cutoff in enumerate(cutoffs):
        assert np.array_equal(found[:, at], (wanted <= cutoff) @ values)
    vertices, minutes = engine.reach(
        way(graph), origins.part(3, 4), cutoffs[0] / TICKS_PER_MIN, reverse=reverse
    )
    assert (
        np.sort(vertices).tolist() == np.flatnonzero(wanted[3] <= cutoffs[0]).tolist()
    )
    assert in_ticks(minutes).tolist() == wanted[3, vertices].tolist()
