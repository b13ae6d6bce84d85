import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from ctzgis.network.topology import join_lines


def joined(*coordinates, **options):
    lines = np.array([LineString(xy) for xy in coordinates], dtype=object)
    return join_lines(lines, names=list(range(len(lines))), **options)


def told(noded):
    return [str(change) for change in noded.changes]


CROSS = ([(0, 5), (10, 5)], [(5, 0), (5, 10)])


def test_lines_are_cut_where_they_share_a_vertex():
    noded = joined([(0, 0), (5, 0), (10, 0)], [(5, 0), (5, 5)])
    assert shapely.length(noded.lines).tolist() == [5, 5, 5]
    assert noded.owner.tolist() == [0, 0, 1]
    assert len(noded.junctions) == 4


def test_a_shared_vertex_inside_two_lines_is_a_junction():
    noded = joined([(0, 0), (5, 5), (10, 10)], [(0, 10), (5, 5), (10, 0)])
    assert len(noded.lines) == 4


def test_lines_that_merely_cross_are_bridges():
    noded = joined(*CROSS)
    assert len(noded.lines) == 2
    assert told(noded)[-1].startswith("noticed 2: parts that do not hang together")


def test_crossings_are_cut_when_asked_for():
    noded = joined(*CROSS, at_crossings=True)
    assert shapely.length(noded.lines).tolist() == [5] * 4
    assert len(noded.junctions) == 5
    assert told(noded) == [
        "repaired 2: vertices added where lines cross or touch",
        "noticed 4: dead ends",
    ]


def test_lines_on_other_levels_are_not_cut():
    noded = joined(*CROSS, at_crossings=True, level=np.array([0, 1]))
    assert len(noded.lines) == 2


def test_an_end_on_a_line_joins_it_when_crossings_are_asked_for():
    noded = joined([(0, 0), (10, 0)], [(4, 0), (4, 5)], at_crossings=True)
    assert sorted(shapely.length(noded.lines)) == [4, 5, 6]


def test_lines_that_run_together_share_their_ends():
    noded = joined([(0, 0), (10, 0)], [(4, 0), (6, 0), (6, 5)], at_crossings=True)
    # 0-4, 4-6 once, 6-10 and the branch of 5.
    assert sorted(shapely.length(noded.lines)) == [2, 4, 4, 5]
    assert "dropped 1: pieces drawn twice (1)" in told(noded)


def test_a_line_of_length_zero_is_dropped():
    noded = joined([(0, 0), (5, 0)], [(3, 3), (3, 3)])
    assert len(noded.lines) == 1
    assert told(noded)[0] == "dropped 1: lines of length zero (1)"


def test_a_line_drawn_twice_is_there_once_even_if_turned():
    noded = joined([(0, 0), (5, 0)], [(5, 0), (0, 0)], [(0, 0), (5, 0)])
    assert noded.owner.tolist() == [0]
    assert "dropped 2: pieces drawn twice (1, 2)" in told(noded)


def test_two_one_way_lines_in_opposite_directions_stay():
    noded = joined([(0, 0), (5, 0)], [(5, 0), (0, 0)], oneway=np.array([True, True]))
    assert noded.owner.tolist() == [0, 1]


def test_of_a_one_way_line_and_one_of_both_ways_the_latter_stays():
    noded = joined([(0, 0), (5, 0)], [(5, 0), (0, 0)], oneway=np.array([True, False]))
    assert noded.owner.tolist() == [1]


def test_an_elevated_road_over_another_is_not_the_same():
    noded = joined([(0, 0), (5, 0)], [(0, 0), (5, 0)], level=np.array([0, 1]))
    assert len(noded.lines) == 2


def test_a_line_that_crosses_itself_is_noticed():
    noded = joined([(0, 0), (10, 0), (10, 5), (5, 5), (5, -5)])
    assert told(noded)[0] == "noticed 1: lines that cross themselves (0)"


def test_a_ring_is_one_piece_from_a_junction_to_itself():
    noded = joined([(0, 0), (5, 0), (5, 5), (0, 0)])
    assert len(noded.lines) == 1
    assert (noded.first == noded.last).all()


def test_gaps_between_ends_are_closed_within_the_tolerance():
    ends = ([(0, 0), (10, 0)], [(10.4, 0), (20, 0)])
    assert len(joined(*ends, gap_m=0.3).junctions) == 4
    noded = joined(*ends, gap_m=0.5)
    assert len(noded.junctions) == 3
    assert told(noded)[0] == "repaired 1: gaps closed, the widest 0.40 m (0)"


def test_an_end_short_of_a_line_is_drawn_to_it_and_cuts_it():
    noded = joined([(0, 0), (10, 0)], [(4, 0.3), (4, 5)], gap_m=0.5)
    assert sorted(shapely.length(noded.lines)) == pytest.approx([4, 5, 6])


def test_three_ends_near_each_other_meet_in_one_junction():
    star = ([(0.0, 0.2), (0, 9)], [(0.2, 0), (9, 0)], [(-0.1, 0), (-9, 0)])
    noded = joined(*star, gap_m=0.5)
    assert len(noded.junctions) == 4


def test_short_lines_do_not_vanish_when_gaps_are_closed():
    noded = joined(
        [(0, 0), (10, 0)], [(10.1, 0), (10.5, 0)], [(10.6, 0), (20, 0)], gap_m=0.5
    )
    assert len(noded.lines) == 3
    assert len(noded.junctions) == 4


def test_parts_that_do_not_hang_together_are_listed_with_their_share():
    noded = joined([(0, 0), (90, 0)], [(0, 50), (10, 50)])
    assert told(noded)[-1] == (
        "noticed 2: parts that do not hang together, by length 90.0%, 10.0%"
    )


def test_no_lines_at_all_are_no_roads():
    noded = joined()
    assert len(noded.lines) == len(noded.junctions) == 0


def test_inputs_stay_as_they_were():
    lines = np.array([LineString(xy) for xy in CROSS], dtype=object)
    before = shapely.to_wkb(lines)
    join_lines(lines, names=[0, 1], at_crossings=True, gap_m=1)
    assert (shapely.to_wkb(lines) == before).all()


places = st.integers(0, 6)
chains = st.lists(
    st.lists(st.tuples(places, places), min_size=2, max_size=5, unique=True),
    min_size=1,
    max_size=8,
)


@given(chains)
@settings(max_examples=200, deadline=None)
def test_the_network_has_the_edges_of_the_plain_graph_of_vertices(chains):
    # Oracle: every stretch between two vertices as an edge of a simple graph.
    graph = nx.Graph()
    for chain in chains:
        nx.add_path(graph, chain)
    noded = joined(*chains)
    mine = nx.MultiGraph()
    mine.add_nodes_from(range(len(noded.junctions)))
    mine.add_edges_from(zip(noded.first, noded.last, strict=True))
    assert nx.number_connected_components(mine) == nx.number_connected_components(graph)
    pieces = shapely.length(noded.lines)
    assert (pieces > 0).all()
    total = sum(np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in graph.edges)
    # Pieces drawn twice with other cuts between may stay; nothing is ever lost.
    assert shapely.length(shapely.union_all(noded.lines)) <= pieces.sum() + 1e-9
    assert pieces.sum() >= total - 1e-9


@given(chains)
@settings(max_examples=100, deadline=None)
def test_crossings_leave_nothing_that_crosses(chains):
    # A line that crosses itself is noticed, not cut.
    simple = [chain for chain in chains if LineString(chain).is_simple]
    noded = joined(*simple, at_crossings=True)
    for i, one in enumerate(noded.lines):
        assert not any(one.crosses(other) for other in noded.lines[:i])


@pytest.mark.parametrize("apart", [1e-9, 1e-5, 5e-4, 9e-4])
@pytest.mark.parametrize(
    "place", [(0.0004999, 7), (1.0005, 2.9995), (7, 38_499_999.9995)]
)
def test_vertices_within_a_millimetre_are_one_wherever_they_lie(place, apart):
    x, y = place
    noded = joined([(x - 9, y), (x, y)], [(x + apart, y), (x, y + 9)])
    assert len(noded.junctions) == 3


def test_an_end_on_a_slanting_line_joins_it():
    # Where an end was drawn onto a line, rounding leaves it beside the line: half of all
    # such ends do not touch it to the last bit.
    generator = np.random.default_rng(1)
    for _ in range(50):
        start, end, off = generator.uniform(0, 1000, (3, 2)) + np.array([5e5, 3.1e6])
        on = start + (end - start) * generator.uniform(0.1, 0.9)
        assert len(joined([start, end], [on, off], at_crossings=True).lines) == 3


def test_two_ends_that_meet_on_a_line_join_it():
    noded = joined(
        [(0, 0), (30, 10)],
        [(3, 1.001), (3, 9)],
        [(3, 1.001), (9, -9)],
        at_crossings=True,
    )
    assert len(noded.lines) == 4
    assert len(noded.junctions) == 5


def test_an_end_on_a_line_of_another_level_stays_apart():
    noded = joined(
        [(0, 0), (30, 10)],
        [(3, 1.001), (3, 9)],
        at_crossings=True,
        level=np.array([0, 1]),
    )
    assert len(noded.lines) == 2


def test_a_line_that_overshoots_another_by_little_is_cut_once():
    noded = joined([(0, 0), (10, 0)], [(5, -5), (5, 0.004)], at_crossings=True)
    assert sorted(shapely.length(noded.lines).round(3)) == [0.004, 5, 5, 5]


def test_lines_of_two_kinds_are_not_the_same_though_drawn_alike():
    noded = joined([(0, 0), (9, 0)], [(0, 0), (9, 0)], kind=np.array([0, 1]))
    assert noded.owner.tolist() == [0, 1]
    both = joined([(0, 0), (9, 0)], [(0, 0), (9, 0)], kind=np.array([1, 1]))
    assert both.owner.tolist() == [0]


def test_gaps_are_closed_to_the_ends_of_other_levels_but_not_under_a_bridge():
    level = np.array([1, 0])
    under = joined([(0, 0), (100, 0)], [(50, 3), (50, 50)], gap_m=5, level=level)
    assert len(under.junctions) == 4
    beyond = joined([(0, 0), (100, 0)], [(103, 0), (200, 0)], gap_m=5, level=level)
    assert len(beyond.junctions) == 3
