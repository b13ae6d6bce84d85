"""Lines and borders made simpler: what meets stays together, and nothing else meets."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.reporting.maps.shared_lines import shared_lines

NOWHERE = np.zeros((0, 2), dtype=np.int64)


def simpler(shapes, tolerance, *, fixed=NOWHERE):
    """Return lines or areas without points that lie within a tolerance; 1 is 1 m."""
    shapes = np.array(shapes, dtype=object)
    areas = shapes[0].geom_type.endswith("Polygon")
    kind, xy, offsets = shapely.to_ragged_array(shapes)
    whole = np.rint(xy).astype(np.int64)
    starts = offsets[0].astype(np.int64)
    lines = shared_lines(
        whole,
        starts,
        is_ring=np.full(len(starts) - 1, areas),
        fixed=np.asarray(fixed, dtype=np.int64),
        metres=(1.0, 1.0),
    )
    kept = lines.kept(tolerance)
    sums = np.concatenate([[0], np.cumsum(kept)])
    return shapely.from_ragged_array(
        kind, lines.whole[kept].astype(float), (sums[starts], *offsets[1:])
    )


def line(*points):
    return shapely.LineString(points)


def wiggly(start, end, seed, *, points=40, height=30):
    """Return points from one place to another that never turn back."""
    draw = np.random.default_rng(seed)
    along = np.linspace(0, 1, points)[:, None]
    straight = np.array(start) + along * (np.array(end) - np.array(start))
    normal = np.array([start[1] - end[1], end[0] - start[0]], dtype=float)
    normal /= np.hypot(*normal)
    off = draw.integers(-height, height + 1, points)
    off[[0, -1]] = 0
    return np.rint(straight + off[:, None] * normal).astype(int)


def network(seed):
    """Return a grid of wiggly lines between 5 x 5 junctions a kilometre apart."""
    lines = []
    for x in range(5):
        for y in range(5):
            for to in ((x + 1, y), (x, y + 1)):
                if max(to) < 5:
                    ends = (1000 * x, 1000 * y), (1000 * to[0], 1000 * to[1])
                    lines.append(line(*wiggly(*ends, seed + len(lines))))
    return lines


def fan(seed):
    """Return five lines between the same two junctions, each within the next."""
    draw = np.random.default_rng(seed)
    along = np.linspace(0, 1, 30)
    arch = np.sin(np.pi * along)
    lines = []
    for k in range(-2, 3):
        y = (1000 * k + draw.uniform(-450, 450, 30)) * arch
        lines.append(line(*np.rint(np.stack([100_000 * along, y], axis=1))))
    return lines


def crossing_pairs(lines):
    first, second = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = [(i, j) for i, j in zip(first, second, strict=True) if i < j]
    return {
        (i, j)
        for i, j in pairs
        if shapely.relate_pattern(lines[i], lines[j], "T********")
    }


@given(st.integers(0, 10_000), st.integers(1, 60))
@settings(max_examples=25, deadline=None)
def test_a_line_alone_is_simplified_as_douglas_and_peucker_would(seed, tolerance):
    drawn = line(*wiggly((0, 0), (4000, 0), seed))
    (ours,) = simpler([drawn], tolerance)
    theirs = shapely.simplify(drawn, tolerance, preserve_topology=False)
    assert ours.equals_exact(theirs, 0.0)


@given(st.integers(0, 10_000), st.floats(0.5, 200))
@settings(max_examples=20, deadline=None)
def test_lines_still_end_where_they_ended(seed, tolerance):
    lines = network(seed)
    for before, after in zip(lines, simpler(lines, tolerance), strict=True):
        assert after.coords[0] == before.coords[0]
        assert after.coords[-1] == before.coords[-1]


@given(st.integers(0, 10_000), st.floats(0.5, 200))
@settings(max_examples=20, deadline=None)
def test_no_lines_meet_that_did_not_meet_before(seed, tolerance):
    lines = network(seed)
    assert crossing_pairs(simpler(lines, tolerance)) <= crossing_pairs(lines)


@given(st.integers(0, 10_000), st.floats(10, 5000))
@settings(max_examples=20, deadline=None)
def test_lines_with_both_ends_in_common_stay_in_their_order(seed, tolerance):
    lines = fan(seed)
    assert crossing_pairs(lines) == set()
    drawn = simpler(lines, tolerance)
    assert crossing_pairs(drawn) == set()
    heights = [shapely.get_coordinates(part)[:, 1].mean() for part in drawn]
    assert heights == sorted(heights)


@given(st.integers(0, 10_000), st.floats(0.5, 200))
@settings(max_examples=20, deadline=None)
def test_no_point_is_moved_and_none_added(seed, tolerance):
    lines = network(seed)
    for before, after in zip(lines, simpler(lines, tolerance), strict=True):
        assert set(after.coords) <= set(before.coords)


def test_a_line_that_ends_on_another_stays_on_it():
    main = line((0, 0), (500, 9), (1000, 0))
    side = line((500, 9), (500, 400))
    assert (500, 9) in simpler([main, side], 50)[0].coords


def test_without_the_side_line_the_point_goes():
    assert len(simpler([line((0, 0), (500, 9), (1000, 0))], 50)[0].coords) == 2


def test_lines_that_pass_through_one_point_keep_it():
    one = line((0, 0), (500, 9), (1000, 0))
    other = line((500, -400), (500, 9), (510, 400))
    assert all((500, 9) in drawn.coords for drawn in simpler([one, other], 50))


def test_a_point_named_from_outside_stays():
    drawn = line((0, 0), (500, 9), (1000, 0))
    assert len(simpler([drawn], 50, fixed=[(500, 9)])[0].coords) == 3


def test_a_bend_round_the_end_of_another_line_stays():
    bend = line((0, 0), (400, 0), (500, 30), (600, 0), (1000, 0))
    dead_end = line((500, -300), (500, 15))
    drawn = simpler([bend, dead_end], 50)
    assert not drawn[0].intersects(drawn[1])
    # Far from it, the same bend goes.
    assert len(simpler([bend, line((500, -300), (500, -15))], 50)[0].coords) == 2


def test_two_ways_between_the_same_junctions_stay_two():
    left = line((0, 0), (500, 6), (1000, 0))
    right = line((0, 0), (500, -6), (1000, 0))
    drawn = simpler([left, right], 50)
    assert not drawn[0].equals(drawn[1])


def test_a_bridge_over_a_line_may_become_simpler():
    bridge = line((500, -300), (509, 0), (500, 300))
    drawn = simpler([line((0, 0), (1000, 0)), bridge], 50)
    assert len(drawn[1].coords) == 2


def test_a_line_drawn_twice_or_backwards_stays_one():
    points = wiggly((0, 0), (3000, 0), 5)
    drawn = simpler([line(*points), line(*points[::-1]), line(*points)], 20)
    assert len(drawn[0].coords) < len(points)
    assert drawn[0].equals_exact(drawn[2], 0.0)
    assert drawn[0].equals_exact(drawn[1].reverse(), 0.0)


def test_a_roundabout_does_not_collapse():
    ring = shapely.Point(0, 0).buffer(20).exterior
    (drawn,) = simpler([line(*np.rint(ring.coords))], 1000)
    assert drawn.is_closed
    assert len(drawn.coords) >= 4


def test_a_line_of_no_length_stays():
    drawn = simpler([line((5, 5), (5, 5)), line((0, 0), (9, 9))], 50)
    assert list(drawn[0].coords) == [(5, 5), (5, 5)]


# --- areas -----------------------------------------------------------------------


def counties(seed):
    """Return 3 x 3 areas whose borders wiggle and are shared."""
    border = {}
    for x in range(4):
        for y in range(4):
            for to in ((x + 1, y), (x, y + 1)):
                if max(to) < 4:
                    ends = (1000 * x, 1000 * y), (1000 * to[0], 1000 * to[1])
                    border[(x, y), to] = wiggly(*ends, seed + len(border))
    return [
        shapely.Polygon(
            np.concatenate(
                [
                    border[(x, y), (x + 1, y)],
                    border[(x + 1, y), (x + 1, y + 1)],
                    border[(x, y + 1), (x + 1, y + 1)][::-1],
                    border[(x, y), (x, y + 1)][::-1],
                ]
            )
        )
        for x in range(3)
        for y in range(3)
    ]


@given(st.integers(0, 10_000), st.floats(0.5, 150))
@settings(max_examples=15, deadline=None)
def test_areas_keep_their_common_borders(seed, tolerance):
    areas = counties(seed)
    if not all(shapely.is_valid(areas)):
        return
    drawn = simpler(areas, tolerance)
    assert shapely.is_valid(drawn).all()
    # Neither gap nor overlap: together they are as large as one by one.
    assert shapely.union_all(drawn).area == pytest.approx(shapely.area(drawn).sum())
    assert len(shapely.get_parts(shapely.union_all(drawn))) == 1


@given(st.integers(0, 10_000), st.floats(0.5, 150))
@settings(max_examples=15, deadline=None)
def test_an_area_changes_by_less_than_its_rim(seed, tolerance):
    areas = counties(seed)
    if not all(shapely.is_valid(areas)):
        return
    for before, after in zip(areas, simpler(areas, tolerance), strict=True):
        assert abs(after.area - before.area) < tolerance * before.length


def test_an_island_fills_its_hole_wherever_its_ring_starts():
    rim = np.rint(shapely.Point(0, 0).buffer(300).exterior.coords)[:-1]
    turned = np.roll(rim, 17, axis=0)
    sea = shapely.Polygon(
        [(-999, -999), (999, -999), (999, 999), (-999, 999)], [rim[::-1]]
    )
    drawn = simpler([sea, shapely.Polygon(turned)], 20)
    assert len(drawn[1].exterior.coords) < len(rim)
    assert shapely.Polygon(drawn[0].interiors[0]).equals(drawn[1])


def test_an_area_much_smaller_than_the_tolerance_stays_an_area():
    (drawn,) = simpler([shapely.Point(0, 0).buffer(5)], 1000)
    assert drawn.is_valid
    assert drawn.area > 0


def test_a_sliver_between_two_junctions_stays_open():
    # All of its points but two are near the chord; a neighbour makes both junctions.
    sliver = shapely.Polygon([(0, 0), (500, 4), (1000, 0), (500, -4)])
    beside = shapely.Polygon([(0, 0), (500, -4), (1000, 0), (500, -900)])
    drawn = simpler([sliver, beside], 50)
    assert drawn[0].is_valid and drawn[0].area > 0
