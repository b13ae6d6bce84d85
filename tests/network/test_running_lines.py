"""Lines that run one way only, or not in every profile."""

import math
from dataclasses import replace
from typing import get_args

import pytest

from ctzgis import TravelNetwork, travel_times
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import DEFAULT_RULES
from ctzgis.network.layers import line_layer
from ctzgis.network.lines import LineMode
from ctzgis.reporting.style import style_of

TOWN = gridville()
LINE = TOWN.lines[0]
EASTBOUND = replace(LINE, one_way=True)
DAY_ONLY = replace(LINE, headway_min={"free": 4.0, "peak": math.inf})


def stations():
    ends = {stop.station_id: stop.point for stop in LINE.stops}
    places = gridville_places().iloc[:2].copy()
    places.index = ["west", "east"]
    return places.set_geometry([ends["west"], ends["east"]], crs=places.crs)


def by_rail(*lines, profile="free"):
    network = TravelNetwork(TOWN.roads, lines)
    found = travel_times(
        network, stations(), stations(), mode="walk+rail+walk", profile=profile
    )
    return found.set_index(["from_id", "to_id"])["travel_time_min"]


def test_a_line_runs_both_ways_unless_said_otherwise():
    # half of 4 min waited, 2 + 2 min ridden
    assert by_rail(LINE)["west", "east"] == pytest.approx(6.0)
    assert by_rail(LINE)["east", "west"] == pytest.approx(6.0)


def test_a_one_way_line_takes_nobody_the_other_way():
    there = by_rail(EASTBOUND)
    assert there["west", "east"] == pytest.approx(6.0)
    # A trip by rail boards, so it walks 10 km (125 min), waits 2 and rides 2 min to the
    # centre, and walks 5 km (62.5 min) back.
    assert there["east", "west"] == pytest.approx(125 + 2 + 2 + 62.5)


def test_two_one_way_lines_are_one_that_runs_both_ways():
    back = replace(
        EASTBOUND,
        id="back",
        stops=tuple(
            replace(stop, run_min=run)
            for stop, run in zip(LINE.stops[::-1], (2.0, 2.0, 0.0), strict=True)
        ),
        sections=tuple(section.reverse() for section in LINE.sections[::-1]),
    )
    assert by_rail(EASTBOUND, back).equals(by_rail(LINE))


def test_minutes_of_a_one_way_line_are_told_its_way_only():
    assert EASTBOUND.minutes("west", "east") == 4
    with pytest.raises(InputError, match="one way, not from 'east' to 'west'"):
        EASTBOUND.minutes("east", "west")


def test_a_one_way_loop_leads_from_every_station_to_its_first():
    west, centre, east = LINE.stops
    loop = replace(
        EASTBOUND,
        stops=(west, centre, replace(east, run_min=7.0), replace(west, run_min=0.0)),
        sections=(*LINE.sections, LINE.path().reverse()),
    )
    assert loop.minutes("east", "west") == 7
    assert loop.minutes("west", "west") == 0


def test_a_line_without_trains_in_a_profile_cannot_be_boarded_in_it():
    assert by_rail(DAY_ONLY, profile="free")["west", "east"] == pytest.approx(6.0)
    assert by_rail(DAY_ONLY, profile="peak").isna().all()


def test_a_line_that_does_not_run_has_no_stations():
    quiet = line_layer([DAY_ONLY], profile="peak", rules=DEFAULT_RULES)
    assert (quiet.count, quiet.stations, len(quiet.arcs.tail)) == (0, (), 0)


def test_a_line_that_does_not_run_leaves_the_others_as_they_are():
    night = replace(DAY_ONLY, id="night")
    assert by_rail(LINE, night, profile="peak").equals(by_rail(LINE, profile="peak"))


def test_whether_a_line_runs_is_told_by_profile():
    assert (DAY_ONLY.runs("free"), DAY_ONLY.runs("peak")) == (True, False)


@pytest.mark.parametrize("headway", [-math.inf, math.nan, 0.0, -1.0])
def test_a_headway_is_above_zero(headway):
    with pytest.raises(InputError, match=r"has a headway of .* min \(free\)"):
        replace(LINE, headway_min={"free": headway, "peak": 1.0})


@pytest.mark.parametrize("mode", get_args(LineMode))
def test_every_mode_of_lines_has_a_look_and_words(mode):
    look = style_of(f"line.{mode}")
    assert look.label.zh != look.label.en
    assert look is not style_of("line.metro") or mode == "metro"
