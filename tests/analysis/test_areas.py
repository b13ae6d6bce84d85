from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString
from shapely.ops import substring

from ctzgis.analysis.access.areas import areas_within, timed_segments
from ctzgis.errors import InputError
from ctzgis.network.engine.fields import Spread, TimedSegments
from ctzgis.network.reached import ReachedPieces

STREET = Spread(min_per_m=0, reach_m=100)
OFF_ROAD = Spread(min_per_m=0.012, reach_m=200)
INF = np.inf


def segments(ends, first, last, forth, back):
    return TimedSegments(
        ends=np.asarray(ends, dtype=float).reshape(-1, 4),
        first_min=np.asarray(first, dtype=float),
        last_min=np.asarray(last, dtype=float),
        along_min=np.stack([forth, back], axis=1).astype(float),
    )


def picked(roads, which):
    return TimedSegments(
        ends=roads.ends[which],
        first_min=roads.first_min[which],
        last_min=roads.last_min[which],
        along_min=roads.along_min[which],
    )


def grid_town(blocks=20, block_m=200.0, metres_per_min=400.0):
    """Streets of a town on a grid, with times from its middle."""
    k = (np.arange(2 * blocks + 1) - blocks) * block_m
    x, y = (part.ravel() for part in np.meshgrid(k, k[:-1]))
    north = np.stack([x, y, x, y + block_m], axis=1)
    ends = np.concatenate([north, north[:, [1, 0, 3, 2]]])
    first = np.abs(ends[:, :2]).sum(axis=1) / metres_per_min
    last = np.abs(ends[:, 2:]).sum(axis=1) / metres_per_min
    run = np.full(len(ends), block_m / metres_per_min)
    return segments(ends, first, last, run, run)


def random_streets(seed, count=150, side_m=3000.0):
    """Streets here and there, some one-way, some never reached, some without length."""
    draw = np.random.default_rng(seed)
    start = draw.uniform(0, side_m, (count, 2))
    way = draw.normal(0, 150, (count, 2))
    way[draw.random(count) < 0.05] = 0
    ends = np.concatenate([start, start + way], axis=1)
    first = np.hypot(*(start - side_m / 2).T) / 400 + draw.uniform(0, 2, count)
    run = np.hypot(*way.T) / draw.uniform(60, 800, count)
    last = first + run * draw.uniform(0, 2, count)
    forth, back = run.copy(), run.copy()
    forth[draw.random(count) < 0.2] = INF
    back[draw.random(count) < 0.2] = INF
    first[draw.random(count) < 0.1] = INF
    return segments(ends, first, last, forth, back)


def union_of_discs(roads, spread, cutoff_min, step_m=10.0):
    """
    Return the area by its definition: discs around points along the roads, one and the next
    joined by their convex hull, which is what lies between while radius changes evenly.
    """
    hulls = []
    for ends, first, last, (forth, back) in zip(
        roads.ends, roads.first_min, roads.last_min, roads.along_min, strict=True
    ):
        length = np.hypot(*(ends[2:] - ends[:2]))
        share = np.linspace(0, 1, int(np.ceil(length / step_m)) + 2)
        # The very places where time is over belong to it.
        over = [
            abs(at - (cutoff_min - start) / run)
            for start, run, at in ((first, forth, 0), (last, back, 1))
            if 0 <= cutoff_min - start < run < INF
        ]
        share = np.sort(np.concatenate([share, over]))
        ways = [(first, forth, share), (last, back, 1 - share)]
        arrivals = [a + run * s for a, run, s in ways if np.isfinite(run)]
        if not arrivals:
            continue
        left = cutoff_min - np.min(arrivals, axis=0)
        xy = ends[:2] + share[:, None] * (ends[2:] - ends[:2])
        left[np.abs(left) < 1e-9] = 0
        inside = left >= 0
        radius = np.full(len(share), spread.reach_m)
        if spread.min_per_m:
            radius = np.minimum(radius, left / spread.min_per_m)
        discs = shapely.buffer(shapely.points(xy[inside]), radius[inside], quad_segs=32)
        hulls += list(discs)
        hulls += [
            shapely.union(a, b).convex_hull
            for (a, i), (b, j) in pairwise(
                zip(discs, np.flatnonzero(inside), strict=True)
            )
            if j == i + 1
        ]
    return shapely.union_all(hulls)


def iou(left, right):
    return left.intersection(right).area / left.union(right).area


def test_half_a_road_is_its_band_with_a_round_end():
    road = segments([0, 0, 1000, 0], [0], [INF], [10], [INF])
    (area,) = areas_within(road, STREET, cutoffs_min=[5], cell_m=10)
    # 500 m of road, 100 m on either side, and half a disc at both ends.
    assert area.area == pytest.approx(2 * 100 * 500 + np.pi * 100**2, rel=1e-3)
    assert area.bounds == pytest.approx((-100, -100, 600, 100), abs=0.5)


def test_the_border_is_true_to_a_small_share_of_a_cell_for_both_limits():
    # To 800 m by time, with the full reach of 200 m up to 560 m: then the band narrows.
    road = segments([0, 0, 1000, 0], [0], [INF], [10], [INF])
    (area,) = areas_within(road, OFF_ROAD, cutoffs_min=[8], cell_m=20)
    exact = union_of_discs(road, OFF_ROAD, 8, step_m=1)
    far = area.boundary.difference(shapely.box(700, -200, 900, 200))
    corners = shapely.points(shapely.get_coordinates(far))
    assert shapely.distance(corners, exact.boundary).max() < 0.02 * 20


def test_the_diamond_of_a_fine_grid_has_the_area_by_hand():
    # Within 5 min at 400 m/min: the diamond |x| + |y| <= 2 km, 2 x 2² = 8 km². Streets every
    # 50 m, 30 m off the street: all of it, and beyond its border a margin. An outermost
    # street ends on the border; half-discs of 30 m there, 50 m apart in x and y, stand
    # up to 30 m beyond, so the margin is between 0 and 4 x 2828 m x 30 m = 0.34 km².
    town = grid_town(blocks=45, block_m=50.0)
    near = Spread(min_per_m=0, reach_m=30)
    (area,) = areas_within(town, near, cutoffs_min=[5], cell_m=10)
    border = 4 * np.sqrt(2) * 2000
    diamond = 2 * 2000**2
    assert diamond < area.area < diamond + border * 30 + np.pi * 30**2
    # With time off the road at the speed of the grid's diagonal, the margin vanishes:
    # 1/400 x √2 minutes a metre, so nothing lies beyond the diamond.
    slow = Spread(min_per_m=np.sqrt(2) / 400, reach_m=30)
    (area,) = areas_within(town, slow, cutoffs_min=[5], cell_m=10)
    assert area.area == pytest.approx(diamond, rel=0.01)
    whole = shapely.Polygon([(2000, 0), (0, 2000), (-2000, 0), (0, -2000)])
    assert area.difference(whole.buffer(0.5)).area < 1


@pytest.mark.parametrize("spread", [STREET, OFF_ROAD])
def test_a_grid_town_agrees_with_the_union_of_discs(spread):
    # Blocks of 500 m hold holes that nobody reaches. Borders lie on centres of cells, which
    # is the worst for corners of holes: half a cell of each is filled, 4 x 312 m² of
    # 160,000 m² a block, 0.8 %.
    town = grid_town(blocks=4, block_m=500.0)
    (area,) = areas_within(town, spread, cutoffs_min=[4], cell_m=25)
    exact = union_of_discs(town, spread, 4)
    assert iou(area, exact) > 0.992
    holes = sum(len(part.interiors) for part in area.geoms)
    assert holes == len(exact.interiors) > 0


@pytest.mark.parametrize("spread", [STREET, OFF_ROAD])
@pytest.mark.parametrize("seed", range(4))
def test_random_streets_agree_with_the_union_of_discs(seed, spread):
    roads = random_streets(seed)
    (area,) = areas_within(roads, spread, cutoffs_min=[4], cell_m=20)
    exact = union_of_discs(roads, spread, 4)
    assert area.is_valid
    assert iou(area, exact) > 0.99
    assert area.area == pytest.approx(exact.area, rel=0.005)


@given(
    st.integers(0, 10_000),
    st.lists(st.floats(0.1, 8), min_size=2, max_size=4, unique=True),
    st.sampled_from([STREET, OFF_ROAD]),
)
@settings(max_examples=25, deadline=None)
def test_areas_are_valid_and_larger_cutoffs_contain_smaller_ones(seed, cutoffs, spread):
    areas = areas_within(random_streets(seed), spread, cutoffs_min=cutoffs, cell_m=40)
    assert all(area.is_valid for area in areas)
    rising = [areas[k] for k in np.argsort(cutoffs)]
    for small, large in pairwise(rising):
        # Rounding of the last digit of coordinates only.
        assert small.difference(large).area < 1e-6
        assert shapely.make_valid(small).difference(large.buffer(1e-6)).is_empty


@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
@settings(max_examples=15, deadline=None)
def test_splitting_segments_changes_nothing(seed, share):
    roads = random_streets(seed, 60)
    (x1, y1, x2, y2), (forth, back) = roads.ends.T, roads.along_min.T
    x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
    split = segments(
        np.concatenate(
            [np.stack([x1, y1, x, y], axis=1), np.stack([x, y, x2, y2], axis=1)]
        ),
        np.r_[roads.first_min, roads.first_min + share * forth],
        np.r_[roads.last_min + (1 - share) * back, roads.last_min],
        np.r_[share * forth, (1 - share) * forth],
        np.r_[share * back, (1 - share) * back],
    )
    same(roads, split)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_reversing_segments_changes_nothing(seed):
    roads = random_streets(seed, 60)
    turned = TimedSegments(
        ends=roads.ends[:, [2, 3, 0, 1]],
        first_min=roads.last_min,
        last_min=roads.first_min,
        along_min=roads.along_min[:, ::-1],
    )
    same(roads, turned)


def same(left, right):
    for spread in (STREET, OFF_ROAD):
        one, other = (
            areas_within(roads, spread, cutoffs_min=[3, 5], cell_m=40)
            for roads in (left, right)
        )
        for a, b in zip(one, other, strict=True):
            assert a.symmetric_difference(b).area < 1e-3


@given(st.integers(0, 10_000), st.integers(1, 59))
@settings(max_examples=15, deadline=None)
def test_more_roads_never_shrink_an_area(seed, fewer):
    roads = random_streets(seed, 60)
    some = picked(roads, np.arange(fewer))
    for spread in (STREET, OFF_ROAD):
        (less,), (more,) = (
            areas_within(part, spread, cutoffs_min=[5], cell_m=40)
            for part in (some, roads)
        )
        assert less.difference(more).area < 1e-6


def test_nothing_reached_is_empty():
    never = segments([0, 0, 100, 0], [INF], [9], [1], [1])
    none = segments(np.empty((0, 4)), [], [], [], [])
    for roads in (never, none):
        first, second = areas_within(roads, STREET, cutoffs_min=[5, 2], cell_m=10)
        assert first.geom_type == second.geom_type == "MultiPolygon"
        assert first.is_empty
        assert second.is_empty


def test_a_shorter_cutoff_may_be_empty_beside_a_longer_one():
    road = segments([0, 0, 100, 0], [4], [INF], [1], [INF])
    long, short, longer = areas_within(road, STREET, cutoffs_min=[5, 2, 6], cell_m=10)
    assert short.is_empty
    assert long.area > 0
    # All is reached to the full within 5 min.
    assert longer.equals(long)


def test_no_way_off_the_road_has_no_area():
    road = segments([0, 0, 100, 0], [0], [INF], [1], [INF])
    on_it = Spread(min_per_m=0.1, reach_m=0)
    (area,) = areas_within(road, on_it, cutoffs_min=[5], cell_m=10)
    assert area.is_empty


@pytest.mark.parametrize("cutoff", [np.nan, np.inf])
def test_cutoffs_that_are_no_numbers_are_refused(cutoff):
    road = segments([0, 0, 100, 0], [0], [INF], [1], [INF])
    with pytest.raises(InputError, match="finite minutes"):
        areas_within(road, STREET, cutoffs_min=[5, cutoff], cell_m=10)


def test_an_area_too_wide_for_its_cells_is_refused():
    roads = segments(
        [[0, 0, 100, 0], [9e5, 9e5, 9e5, 9e5]], [0, 0], [0, 0], [1, 1], [1, 1]
    )
    with pytest.raises(InputError, match="give a larger cell_m"):
        areas_within(roads, STREET, cutoffs_min=[5], cell_m=10)


def pieces(road, start, end, times, forth, back):
    first, last = zip(*times, strict=True)
    floats = [
        np.asarray(part, dtype=float) for part in (start, end, first, last, forth, back)
    ]
    return ReachedPieces(np.asarray(road, dtype=np.int64), *floats)


ROADS = np.array(
    [
        LineString([(0, 0), (100, 0), (100, 100)]),
        LineString([(0, 0), (0, 300)]),
        LineString([(0, 0), (50, 0), (50, 0), (90, 0)]),
    ]
)


def test_a_piece_of_a_bent_road_has_its_corners_and_times_by_length():
    # From 50 m to 200 m of the first road, 15 min: to the corner 50 of 150 m, 5 min.
    cut = pieces([0], [50], [200], [(2, 30)], [15], [15])
    found = timed_segments(ROADS, cut)
    assert found.ends.tolist() == [[50, 0, 100, 0], [100, 0, 100, 100]]
    assert found.first_min.tolist() == pytest.approx([2, 7])
    assert found.last_min.tolist() == pytest.approx([40, 30])
    assert found.along_min.ravel().tolist() == pytest.approx([5, 5, 10, 10])


def test_one_way_pieces_are_entered_at_one_end_only():
    cut = pieces([1], [0], [300], [(1, 0)], [3], [INF])
    found = timed_segments(ROADS, cut)
    assert found.first_min.tolist() == [1]
    assert found.last_min.tolist() == [INF]
    assert found.along_min.tolist() == [[3, INF]]


def test_nothing_reached_has_no_segments():
    none = ReachedPieces(np.empty(0, dtype=np.int64), *[np.empty(0)] * 6)
    assert len(timed_segments(ROADS, none)) == 0


def test_pieces_without_length_and_doubled_points_do_no_harm():
    cut = pieces(
        [2, 2, 0],
        [0, 90, 200],
        [90, 90, 200],
        [(0, 3), (3, 3), (3, 0)],
        [3, 0, 0],
        [3, 0, 0],
    )
    found = timed_segments(ROADS, cut)
    lengths = np.hypot(*(found.ends[:, 2:] - found.ends[:, :2]).T)
    assert lengths.sum() == pytest.approx(90)
    assert np.isfinite(found.along_min).all()


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_segments_follow_the_roads_as_shapely_measures_them(seed):
    draw = np.random.default_rng(seed)
    lines = [LineString(draw.uniform(0, 500, (n, 2))) for n in draw.integers(2, 8, 6)]
    road = draw.integers(0, 6, 12)
    length = np.array([lines[k].length for k in road])
    cut = np.sort(draw.uniform(0, 1, (12, 2)), axis=1) * length[:, None]
    forth, back = draw.uniform(1, 5, (2, 12))
    at = np.arange(12)
    made = pieces(road, *cut.T, [(0, 0)] * 12, forth, back)
    found = timed_segments(np.array(lines), made)
    ways = np.hypot(*(found.ends[:, 2:] - found.ends[:, :2]).T)
    assert ways.sum() == pytest.approx((cut[:, 1] - cut[:, 0]).sum())
    # Each segment's middle lies on its road where its time says.
    parts = [substring(lines[road[k]], *cut[k]) for k in at]
    owner = np.repeat(at, shapely.get_num_coordinates(parts) - 1)
    middle = (found.ends[:, :2] + found.ends[:, 2:]) / 2
    share = (found.first_min + found.along_min[:, 0] / 2) / forth[owner]
    metre = cut[owner, 0] + share * (cut[owner, 1] - cut[owner, 0])
    spots = shapely.line_interpolate_point(np.array(lines)[road[owner]], metre)
    assert shapely.get_coordinates(spots) == pytest.approx(middle, abs=1e-6)
