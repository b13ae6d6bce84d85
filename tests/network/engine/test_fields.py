import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.errors import InputError
from ctzgis.network.engine import fields
from ctzgis.network.engine.fields import (
    Spread,
    Tapers,
    TimedSegments,
    grid_over,
    lower,
    tapers,
)

OFF_ROAD = Spread(min_per_m=0.01, reach_m=300)
INF = np.inf


def segment(first_min, last_min, forth_min, back_min, ends=(0, 0, 1000, 0)):
    return TimedSegments(
        ends=np.array([ends], dtype=float),
        first_min=np.array([first_min], dtype=float),
        last_min=np.array([last_min], dtype=float),
        along_min=np.array([[forth_min, back_min]], dtype=float),
    )


def shares(found):
    """Return x of both ends and both radii, sorted."""
    rows = np.concatenate([found.ends[:, [0, 2]], found.radii], axis=1)
    turned = rows[:, 0] > rows[:, 1]
    rows[turned] = rows[turned][:, [1, 0, 3, 2]]
    return np.round(rows[np.lexsort(rows.T[::-1])], 6).tolist()


def test_radius_falls_from_where_time_limits_it_and_ends_where_time_does():
    # 8 min at 100 m/min: 800 m along. 300 m off the road take 3 min: up to 500 m in full.
    found, full = tapers(segment(0, INF, 10, INF), OFF_ROAD, 8)
    assert shares(found) == [[0, 500, 300, 300], [500, 800, 300, 0]]
    assert full.tolist() == [False]


def test_two_ways_meet_where_both_take_as_long():
    # From 0 at 0 min and from 1000 at 4 min: they meet at 700 m, at 7 min.
    found, full = tapers(segment(0, 4, 10, 10), OFF_ROAD, 8)
    assert shares(found) == [
        [0, 500, 300, 300],
        [500, 700, 300, 100],
        [700, 900, 100, 300],
        [900, 1000, 300, 300],
    ]
    assert not full.any()


def test_a_segment_reached_to_the_full_is_one_taper_whatever_more_time_there_is():
    for cutoff in (10.01, 11, 1000):
        found, full = tapers(segment(0, 4, 10, 10), OFF_ROAD, cutoff)
        assert shares(found) == [[0, 1000, 300, 300]]
        assert full.all()


def test_without_minutes_off_the_road_every_reached_place_has_the_full_radius():
    street = Spread(min_per_m=0, reach_m=50)
    found, _ = tapers(segment(2, INF, 10, INF), street, 8)
    assert shares(found) == [[0, 600, 50, 50]]
    found, _ = tapers(segment(8, INF, 10, INF), street, 8)
    assert shares(found) == [[0, 0, 50, 50]]


@pytest.mark.parametrize(
    "one",
    [
        segment(INF, INF, 10, 10),
        segment(0, 0, INF, INF),
        segment(8.1, 9, 10, 10),
        segment(0, INF, INF, 10),
    ],
)
def test_what_is_not_reached_has_no_taper(one):
    found, full = tapers(one, OFF_ROAD, 8)
    assert len(found) == 0
    assert not full.any()


def test_a_segment_without_length_is_a_disc():
    found, _ = tapers(segment(6, INF, 0, INF, (5, 5, 5, 5)), OFF_ROAD, 8)
    assert found.ends.tolist() == [[5, 5, 5, 5]]
    assert found.radii.tolist() == [[200, 200]]


def random_tapers(seed, count=60):
    draw = np.random.default_rng(seed)
    start = draw.uniform(0, 3000, (count, 2))
    way = draw.normal(0, 300, (count, 2))
    way[draw.random(count) < 0.1] = 0
    way[draw.random(count) < 0.2, 1] = 0
    radii = draw.uniform(0, 400, (count, 2))
    radii[draw.random(count) < 0.3] = 200
    return Tapers(np.concatenate([start, start + way], axis=1), radii)


def field_of(parts, cell_m=50.0, times=1, *, plainly):
    grid = grid_over((-500, -500, 3500, 3500), cell_m)
    field = grid.outside()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "_plainly", lambda *_: plainly)
        for _ in range(times):
            lower(field, grid, parts)
    return field, grid


@pytest.mark.parametrize("plainly", [True, False])
@pytest.mark.parametrize("cell_m", [40.0, 130.0])
def test_a_cell_holds_the_distance_to_the_hulls_of_discs(plainly, cell_m):
    # Shapely's convex hull of both discs is the same set; its distance an oracle outside.
    parts = random_tapers(1)
    field, grid = field_of(parts, cell_m, plainly=plainly)
    hulls = [
        shapely.union_all(
            shapely.buffer(shapely.points(e.reshape(2, 2)), r, quad_segs=200)
        ).convex_hull
        for e, r in zip(parts.ends, parts.radii, strict=True)
    ]
    union = shapely.union_all(hulls)
    centres = shapely.points(*np.meshgrid(grid.x(), grid.y()))
    metres = shapely.distance(centres, union)
    near = (metres > 0) & (metres <= cell_m)
    assert near.sum() > 50
    assert field[near] == pytest.approx(metres[near], abs=0.02)
    assert (
        field[shapely.contains_xy(union, *np.meshgrid(grid.x(), grid.y()))] <= 0
    ).all()
    assert (field[metres > cell_m] > cell_m - 0.02).all()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_compiled_and_plain_fields_are_equal_where_it_matters(seed):
    parts = random_tapers(seed)
    plain, compiled = (
        np.clip(field_of(parts, plainly=how)[0], -100, 50) for how in (True, False)
    )
    assert compiled == pytest.approx(plain, abs=1e-9)


def test_a_field_changes_by_a_metre_a_metre_at_most():
    field, grid = field_of(random_tapers(5), plainly=True)
    for part in (field, field.T):
        counts = np.maximum(part[1:], part[:-1]) <= grid.cell_m
        assert np.abs(np.diff(part, axis=0))[counts].max() <= grid.cell_m + 1e-9


def test_threads_change_nothing(monkeypatch):
    parts = random_tapers(3, 400)
    monkeypatch.setattr(fields, "_CELLS_A_THREAD", 10**12)
    alone, _ = field_of(parts, 10.0, plainly=False)
    monkeypatch.setattr(fields, "_CELLS_A_THREAD", 1)
    together, _ = field_of(parts, 10.0, plainly=False)
    assert (alone == together).all()


def test_what_lies_beside_the_grid_changes_nothing_on_it():
    away = Tapers(
        np.array([[-9e3, 0, -8e3, 0], [9e3, 9e3, 9e3, 9e3]]), np.full((2, 2), 50.0)
    )
    for plainly in (True, False):
        field, grid = field_of(away, plainly=plainly)
        assert (field == grid.outside()).all()


def test_a_grid_too_large_for_memory_is_refused():
    with pytest.raises(InputError, match="give a larger cell_m or a smaller cutoff"):
        grid_over((0, 0, 1e6, 1e6), 10)


@pytest.mark.parametrize("cell_m", [0, -5, np.nan, np.inf])
def test_cells_without_width_are_refused(cell_m):
    with pytest.raises(InputError, match="a width above zero"):
        grid_over((0, 0, 1, 1), cell_m)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
@pytest.mark.parametrize("name", ["min_per_m", "reach_m"])
def test_a_spread_without_bounds_is_refused(name, value):
    with pytest.raises(InputError, match=f"{name} is"):
        Spread(**{"min_per_m": 0.1, "reach_m": 100, name: value})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ends": np.array([[0, 0, np.nan, 0]])}, "not finite"),
        ({"ends": np.array([[0, 0, np.inf, 0]])}, "not finite"),
        ({"first_min": np.array([np.nan])}, "undefined"),
        ({"last_min": np.array([np.nan])}, "undefined"),
        ({"along_min": np.array([[-1.0, 1]])}, "negative or undefined"),
        ({"along_min": np.array([[np.nan, 1]])}, "negative or undefined"),
        ({"along_min": np.array([1.0, 1])}, "two durations"),
        ({"ends": np.zeros((2, 4))}, "2 segments need"),
    ],
)
def test_broken_segments_are_refused(change, told):
    whole = {
        "ends": np.array([[0.0, 0, 1, 0]]),
        "first_min": np.array([0.0]),
        "last_min": np.array([0.0]),
        "along_min": np.array([[1.0, 1]]),
    }
    with pytest.raises(InputError, match=told):
        TimedSegments(**{**whole, **change})
