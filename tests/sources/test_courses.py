import dataclasses

import pytest
from shapely import LineString

from ctzgis.plan import Shape
from ctzgis.sources.plans.courses import courses_of


@pytest.fixture
def places(czt):
    return tuple(czt.place(key) for key in ("changsha", "zhuzhou"))


@pytest.fixture
def corridor(czt):
    return dataclasses.replace(
        czt.corridor("dongzhu_road"),
        waypoints=("changsha", "zhuzhou", "nowhere"),
        shapes=(),
    )


def on_network(places, *more):
    spots = [place.location.point for place in places]
    return Shape(
        role="course",
        geometry=LineString([*spots, *more]),
        accuracy_m=100,
        schematic=True,
        source="network",
    )


def test_a_course_on_the_network_comes_before_a_straight_one(corridor, places):
    courses = courses_of((corridor,), places, {corridor.id: on_network(places)})
    assert courses[corridor.id].source == "network"


def test_a_straight_course_says_how_many_waypoints_it_goes_through(corridor, places):
    (course,) = courses_of((corridor,), places, {}).values()
    assert course.geometry.length == pytest.approx(43_880, abs=100)
    assert "2 of its 3 waypoints" in course.source
    assert course.schematic


def test_one_located_waypoint_is_no_course(corridor, places):
    assert courses_of((corridor,), places[:1], {}) == {}


def test_a_course_that_misses_its_waypoints_or_runs_on_says_so(corridor, places):
    far = (500_000, 2_800_000)
    longer = on_network(places, far)
    (course,) = courses_of((corridor,), places, {corridor.id: longer}).values()
    assert "runs on beyond its waypoints" in course.source
    short = on_network((places[0], places[0]))
    (course,) = courses_of((corridor,), places, {corridor.id: short}).values()
    assert course.source == "network; does not reach 株洲"
