import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.errors import InputError
from ctzgis.network.engine import (
    minutes_between,
    minutes_from,
    minutes_from_any,
    pack,
    scipy_search,
)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    vertex = st.integers(0, count - 1)
    minute = st.one_of(st.just(0.0), st.integers(1, 9).map(float))
    arcs = draw(st.lists(st.tuples(vertex, vertex, minute), max_size=40))
    return count, arcs


def packed(count, arcs):
    tail, head, minutes = (
        (np.array(x) for x in zip(*arcs, strict=True)) if arcs else ([],) * 3
    )
    return pack(
        count,
        np.asarray(tail, dtype=np.int64),
        np.asarray(head, dtype=np.int64),
        np.asarray(minutes, dtype=np.float64),
    )


def oracle(count, arcs, source, *, reverse=False):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(count))
    for a, b, w in arcs:
        graph.add_edge(*((b, a) if reverse else (a, b)), weight=w)
    found = nx.single_source_dijkstra_path_length(graph, source)
    return [found.get(v, np.inf) for v in range(count)]


@given(graphs(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_times_equal_networkx_with_ties_loops_zeros_and_parallel_arcs(graph, reverse):
    count, arcs = graph
    arrays = packed(count, arcs)
    found = minutes_from(arrays, np.arange(count), reverse=reverse)
    wanted = [oracle(count, arcs, s, reverse=reverse) for s in range(count)]
    assert found.tolist() == wanted


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_the_nearest_source_is_the_least_of_all_sources(graph):
    count, arcs = graph
    arrays = packed(count, arcs)
    sources = np.arange(0, count, 2)
    assert minutes_from_any(arrays, sources).tolist() == (
        minutes_from(arrays, sources).min(axis=0).tolist()
    )


def test_beyond_the_limit_nothing_is_reached():
    arrays = packed(3, [(0, 1, 4.0), (1, 2, 4.0)])
    assert minutes_from(arrays, np.array([0]), limit_min=5).tolist() == [[0, 4, np.inf]]


def test_no_source_reaches_nothing():
    arrays = packed(2, [(0, 1, 1.0)])
    none = np.array([], dtype=np.int64)
    assert minutes_from(arrays, none).shape == (0, 2)
    assert np.isinf(minutes_from_any(arrays, none)).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_negative_and_undefined_times_are_refused(bad):
    with pytest.raises(InputError, match="1 arcs have a negative or undefined time"):
        packed(2, [(0, 1, bad)])


@pytest.mark.parametrize("budget_bytes", [1, 2**28])
@given(graphs(), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_times_between_are_those_from_whichever_side_is_searched(
    budget_bytes, graph, few, many
):
    count, arcs = graph
    arrays = packed(count, arcs)
    ends = np.arange(few) % count, np.arange(many) % count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scipy_search, "_BUDGET_BYTES", budget_bytes)
        found = minutes_between(arrays, *ends)
    assert found.tolist() == minutes_from(arrays, ends[0])[:, ends[1]].tolist()
