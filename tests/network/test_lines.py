from dataclasses import replace

import pytest

from ctzgis.errors import InputError
from ctzgis.examples import gridville

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
