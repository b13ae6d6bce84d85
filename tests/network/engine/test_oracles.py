"""The engine against networkx and SciPy, and properties any shortest times have."""

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

from ctzgis.network import engine

TICKS_PER_MIN = 6000
MILLION = 1_000_000
CUTOFFS_MIN = (2.0, 5.0, 9.0, 14.0)


def town(seed, count=250):
    """Streets over random points; a fifth of them one-way, some doubled, one isle."""
    draw = np.random.default_rng(seed)
    xy = draw.uniform(0, 5000, (count, 2))
    faces = Delaunay(xy[:-3]).simplices
    pairs = np.unique(np.sort(np.r_[faces[:, :2], faces[:, 1:]], axis=1), axis=0)
    pairs = pairs[draw.random(len(pairs)) < 0.6]
    back = pairs[draw.random(len(pairs)) < 0.8][:, ::-1]
    doubled = pairs[draw.random(len(pairs)) < 0.05]
    arcs = np.concatenate([pairs, back, doubled]).astype(np.int64)
    metres = np.hypot(*(xy[arcs[:, 0]] - xy[arcs[:, 1]]).T)
    seconds = metres / draw.uniform(5, 20, len(arcs))
    ticks = np.rint(100 * seconds) * (draw.random(len(arcs)) > 0.02)
    return count, arcs[:, 0], arcs[:, 1], ticks / TICKS_PER_MIN, xy


def searching(count, tail, head, minutes, xy=None):
    return engine.search_graph(count, tail, head, minutes, xy=xy)


def prepared(count, tail, head, minutes, xy=None):
    return engine.prepare(engine.search_graph(count, tail, head, minutes, xy=xy))


@pytest.fixture(params=["scipy", "search", "prepared"])
def build(request, monkeypatch):
    """Build what is asked, and let nothing else answer."""
    if request.param == "prepared":
        return prepared
    monkeypatch.setenv("CTZGIS_ENGINE", request.param)
    return searching


@pytest.fixture(params=["scipy", "search"])
def build_graph(request, monkeypatch):
    """Build what answers questions for which nothing is prepared."""
    monkeypatch.setenv("CTZGIS_ENGINE", request.param)
    return searching


def ticks_of(minutes):
    return np.rint(np.asarray(minutes) * TICKS_PER_MIN)


def all_to_all(build, streets):
    everywhere = np.arange(streets[0])
    return ticks_of(engine.matrix(build(*streets), everywhere, everywhere))


def ticks_and_arcs(count, tail, head, minutes, xy=None):
    """
    SciPy's ticks between all pairs, and arcs of the quickest ways that have fewest.

    SciPy takes an arc of zero minutes for none. A millionth of a tick on each arc
    prevents that, and counts the arcs.
    """
    weight = ticks_of(minutes) * MILLION + 1
    order = np.lexsort((weight, head, tail))
    key = (tail * count + head)[order]
    first = order[np.unique(key, return_index=True)[1]]
    ends = (tail[first].astype(np.int32), head[first].astype(np.int32))
    found = dijkstra(csr_array((weight[first], ends), shape=(count, count)))
    reached = np.isfinite(found)
    arcs = np.where(reached, found, 0) % MILLION
    return np.where(reached, np.floor(found / MILLION), np.inf), arcs


def by_scipy(count, tail, head, minutes, xy=None):
    return ticks_and_arcs(count, tail, head, minutes)[0]


@pytest.fixture(scope="module", params=[1, 2], ids=lambda seed: f"town {seed}")
def streets(request):
    return town(request.param)


def test_every_pair_takes_what_scipy_says(build, streets):
    assert np.array_equal(all_to_all(build, streets), by_scipy(*streets))


def test_every_pair_takes_what_networkx_says(build, streets):
    count, tail, head, minutes, _ = streets
    other = nx.MultiDiGraph()
    other.add_nodes_from(range(count))
    arcs = zip(tail.tolist(), head.tolist(), ticks_of(minutes).tolist(), strict=True)
    other.add_weighted_edges_from(arcs, weight="ticks")
    found = all_to_all(build, streets)
    for origin in range(0, count, 40):
        reached = nx.single_source_dijkstra_path_length(other, origin, weight="ticks")
        assert found[origin].tolist() == [reached.get(v, np.inf) for v in range(count)]


@pytest.mark.parametrize("reverse", [False, True])
def test_sums_are_those_over_scipy_s_times(build, reverse, streets):
    count = streets[0]
    values = np.random.default_rng(0).integers(0, 1000, count).astype(float)
    times = by_scipy(*streets)
    times = times.T if reverse else times
    found = engine.sums_within(
        build(*streets), np.arange(count), CUTOFFS_MIN, values, reverse=reverse
    )
    for column, cutoff in enumerate(CUTOFFS_MIN):
        within = times <= cutoff * TICKS_PER_MIN
        assert found[:, column].tolist() == (within @ values).tolist()


@pytest.mark.parametrize("reverse", [False, True])
def test_reach_is_what_scipy_reaches(build_graph, reverse, streets):
    times = by_scipy(*streets)
    times = times.T if reverse else times
    graph = build_graph(*streets)
    for origin in range(0, streets[0], 25):
        vertices, minutes = engine.reach(graph, origin, 7.0, reverse=reverse)
        wanted = np.flatnonzero(times[origin] <= 7 * TICKS_PER_MIN)
        assert np.sort(vertices).tolist() == wanted.tolist()
        assert ticks_of(minutes).tolist() == times[origin][vertices].tolist()


@pytest.mark.parametrize("reverse", [False, True])
def test_the_nearest_facility_is_the_least_of_scipy_s_columns(
    build_graph, reverse, streets
):
    facilities = np.array([3, 50, 51, 200, streets[0] - 1])
    minutes, facility = engine.nearest(
        build_graph(*streets), facilities, reverse=reverse
    )
    times = by_scipy(*streets)
    # From each facility to everywhere, or from everywhere to each facility.
    rows = times[:, facilities].T if reverse else times[facilities]
    assert ticks_of(minutes).tolist() == rows.min(axis=0).tolist()
    reached = np.flatnonzero(np.isfinite(minutes))
    chosen = rows[facility[reached], reached]
    assert chosen.tolist() == ticks_of(minutes)[reached].tolist()


def test_a_longer_cutoff_never_shrinks_a_sum(build, streets):
    count = streets[0]
    values = np.random.default_rng(1).random(count)
    cutoffs = np.linspace(0, 20, 9)
    found = engine.sums_within(build(*streets), np.arange(count), cutoffs, values)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found[:, 0] >= values).all()


def test_a_new_arc_never_worsens_a_time(build, streets):
    count, tail, head, minutes, xy = streets
    draw = np.random.default_rng(2)
    new_tail, new_head = draw.integers(count, size=(2, 12))
    wider = (
        count,
        np.r_[tail, new_tail],
        np.r_[head, new_head],
        np.r_[minutes, np.full(12, 0.25)],
        xy,
    )
    before, after = all_to_all(build, streets), all_to_all(build, wider)
    assert (after <= before).all()
    assert (after < before).any()


def test_turning_all_arcs_round_turns_from_into_to(build, streets):
    count, tail, head, minutes, xy = streets
    turned = all_to_all(build, (count, head, tail, minutes, xy))
    assert np.array_equal(turned, all_to_all(build, streets).T)


def test_arcs_split_at_whole_ticks_change_nothing(build, streets):
    count = streets[0]
    split = _split(streets, lambda ticks: np.rint(ticks / 3))
    found = all_to_all(build, split)[:count, :count]
    assert np.array_equal(found, all_to_all(build, streets))


def test_arcs_split_anywhere_change_a_tick_an_arc_at_most(build, streets):
    count, tail, head, minutes, xy = streets
    uneven = (count, tail, head, minutes * 1.00137, xy)
    split = _split(uneven, lambda ticks: 0.3337 * ticks)
    found, wanted = all_to_all(build, split)[:count, :count], all_to_all(build, uneven)
    reached = np.isfinite(wanted)
    assert np.array_equal(np.isfinite(found), reached)
    # An arc and both its parts are rounded by half a tick each, which is one and a
    # half together, and so one, since sums are whole.
    before = ticks_and_arcs(*uneven)[1]
    after = ticks_and_arcs(*split)[1][:count, :count] / 2
    slack = np.maximum(before, after)[reached]
    assert (np.abs(found[reached] - wanted[reached]) <= slack).all()
    assert not np.array_equal(found, wanted)


def _split(streets, first_part):
    """Put a vertex into every arc."""
    count, tail, head, minutes, xy = streets
    ticks = minutes * TICKS_PER_MIN
    middle = count + np.arange(len(tail))
    first = first_part(ticks)
    return (
        count + len(tail),
        np.r_[tail, middle],
        np.r_[middle, head],
        np.r_[first, ticks - first] / TICKS_PER_MIN,
        np.concatenate([xy, (xy[tail] + xy[head]) / 2]),
    )


def test_numbering_junctions_otherwise_changes_no_time(build, streets):
    count, tail, head, minutes, xy = streets
    new = np.random.default_rng(6).permutation(count)
    places = np.empty_like(xy)
    places[new] = xy
    found = all_to_all(build, (count, new[tail], new[head], minutes, places))
    assert np.array_equal(found[np.ix_(new, new)], all_to_all(build, streets))


def test_new_times_are_those_of_a_network_built_with_them(streets):
    count, tail, head, minutes, _xy = streets
    other = minutes * np.random.default_rng(7).integers(1, 4, len(minutes))
    everywhere = np.arange(count)
    again = prepared(*streets).reweighted(other)
    found = ticks_of(engine.matrix(again, everywhere, everywhere))
    assert np.array_equal(found, by_scipy(count, tail, head, other))
