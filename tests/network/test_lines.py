from dataclasses import replace

import pytest
from shapely import LineString, Point

from ctzgis.errors import InputError
from ctzgis.examples import gridville
from ctzgis.network import Stop, TransitLine

LINE = gridville().lines[0]


def test_minutes_between_stations_are_runs_and_dwells():
    stops = [
        replace(LINE.stops[0]),
        replace(LINE.stops[1], dwell_min=1.0),
        LINE.stops[2],
    ]
    line = replace(LINE, stops=tuple(stops))
    assert line.minutes("west", "east") == 2 + 1 + 2
    assert line.minutes("east", "west") == 5
    assert line.minutes("west", "centre") == 2


def test_a_line_does_not_stop_everywhere():
    with pytest.raises(InputError, match="'cross_town' does not stop at 'moon'"):
        LINE.minutes("west", "moon")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"stops": LINE.stops[:1], "sections": ()}, "has 1 stop; two or more"),
        ({"sections": LINE.sections[:1]}, "has 1 sections for 3 stops"),
        ({"headway_min": {"free": 0.0}}, "has a headway of 0.0 min"),
        ({"headway_min": {"free": float("nan")}}, "has a headway of nan min"),
        (
            {"headway_min": {"free": 4.0}},
            "has headways for free; free and peak are expected",
        ),
        (
            {"headway_min": {}},
            "has headways for no profile; free and peak are expected",
        ),
        (
            {"stops": (replace(LINE.stops[0], run_min=-1), *LINE.stops[1:])},
            "runs -1 min",
        ),
        (
            {"stops": (replace(LINE.stops[0], dwell_min=-1), *LINE.stops[1:])},
            "stands -1 min at west",
        ),
    ],
)
def test_impossible_lines_are_refused(changes, found):
    with pytest.raises(InputError, match=found):
        replace(LINE, **changes)


def test_the_path_of_a_part_joins_its_sections():
    assert LINE.path().length == 10_000
    assert LINE.path(1, 2).length == 5_000


def test_a_line_runs_from_its_opening_to_its_closing():
    line = replace(LINE, opens=2020, closes=2023)
    assert [line.runs_in(y) for y in (2019, 2020, 2022, 2023)] == [
        False,
        True,
        True,
        False,
    ]


def halts(*metres):
    return [
        Stop(station_id=str(i), name_zh=str(i), point=Point(x, 0), dwell_min=0.25)
        for i, x in enumerate(metres)
    ]


def at_speed(stops, kph=60.0, **more):
    headway = {"free": 8.0, "peak": 4.0}
    return TransitLine.at_speed(
        stops, kph=kph, id="m", name_zh="线", mode="metro", headway_min=headway, **more
    )


def test_run_times_at_a_mean_speed_are_length_over_speed():
    # 3 km and 9 km at 90 km/h: 2 and 6 minutes.
    line = at_speed(halts(0, 3_000, 12_000), kph=90)
    assert [stop.run_min for stop in line.stops] == [2.0, 6.0, 0.0]
    assert line.minutes("0", "2") == 2 + 0.25 + 6


def test_a_mean_speed_counts_along_the_course_where_it_is_given():
    course = [LineString([(0, 0), (0, 3_000), (4_000, 0)])]  # 3 and 5 km, 4 straight
    assert at_speed(halts(0, 4_000), sections=course).stops[0].run_min == 8.0
    assert at_speed(halts(0, 4_000)).stops[0].run_min == 4.0


def test_dwells_of_a_line_at_a_mean_speed_are_those_between_its_ends():
    line = at_speed(halts(0, 1_000, 2_000), dwell_min=1.0)
    assert [stop.dwell_min for stop in line.stops] == [0.25, 1.0, 0.25]


def test_what_no_line_at_a_mean_speed_can_be_is_refused():
    for kph in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="above 0 is expected"):
            at_speed(halts(0, 1_000), kph=kph)
    with pytest.raises(InputError, match="has 1 sections for 3 stops"):
        at_speed(halts(0, 1_000, 2_000), sections=[LineString([(0, 0), (1_000, 0)])])
    with pytest.raises(InputError, match=r"runs 0.0 min after 0"):
        at_speed(halts(0, 0))
    with pytest.raises(InputError, match="has 1 stop"):
        at_speed(halts(0))


def test_stops_without_run_times_make_no_line_by_themselves():
    with pytest.raises(InputError, match=r"runs 0.0 min"):
        replace(LINE, stops=(*halts(0, 1_000), LINE.stops[2]))
