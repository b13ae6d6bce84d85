"""Lines as a short text."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.reporting.maps.elements import script_json
from ctzgis.reporting.maps.packing import (
    ALPHABET,
    is_packed,
    packed,
    packed_size,
    unpacked,
)

STEPS = 10**5
POINT = st.tuples(
    st.integers(-180 * STEPS, 180 * STEPS), st.integers(-85 * STEPS, 85 * STEPS)
)
LINES = st.lists(st.lists(POINT, min_size=2, max_size=6, unique=True), max_size=5)


def as_lines(points):
    shapes = [shapely.LineString(np.array(part) / STEPS) for part in points]
    return np.array(shapes, dtype=object)


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_lines_come_back_as_they_were(points):
    back = unpacked(packed(as_lines(points), digits=5))
    found = sorted(
        np.rint(shapely.get_coordinates(part) * STEPS).tolist() for part in back
    )
    assert found == sorted([list(map(float, xy)) for xy in part] for part in points)


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_the_size_told_is_the_size_needed(points):
    assert packed_size(as_lines(points), digits=5) == len(
        packed(as_lines(points), digits=5).text
    )


def test_the_text_needs_no_escaping():
    assert script_json(ALPHABET) == f'"{ALPHABET}"'


def test_positions_are_rounded_to_the_decimals_asked_for():
    (back,) = unpacked(
        packed(as_lines([[(11297613, 2819949), (11297622, 2819955)]]), digits=3)
    )
    assert list(back.coords) == [(112.976, 28.199), (112.976, 28.2)]


def test_a_point_that_repeats_the_one_before_is_written_once():
    points = [(0, 0), (0, 0), (7, 9), (7, 9), (20, 0)]
    assert packed(as_lines([points]), digits=5).points == 3


def test_a_line_shorter_than_a_step_keeps_both_ends():
    short = packed(as_lines([[(0, 0), (1, 1)]]), digits=2)
    assert (short.lines, short.points) == (1, 2)


def test_lines_are_a_fifth_of_their_geojson():
    # Points some 50 m apart to six decimals: 2 x 2 digits, and 24 characters of JSON.
    steps = np.random.default_rng(3).integers(100, 500, (2_000, 2))
    road = shapely.LineString(np.round([113, 28] + steps.cumsum(axis=0) / 1e6, 6))
    text = packed(np.array([road]), digits=6).text
    assert len(text) < len(shapely.to_geojson(road)) / 5


@pytest.mark.parametrize(("points", "wanted"), [(999, False), (1_000, True)])
def test_only_long_lines_are_packed(points, wanted):
    line = shapely.LineString(np.stack([np.arange(points)] * 2, axis=1))
    assert is_packed(line) is wanted
    assert not is_packed(shapely.Point(0, 0).buffer(1, quad_segs=points))
