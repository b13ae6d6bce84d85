"""
Before and after on Gridville: a kilometre of road takes a minute, 1,000 people a place.

Places are the four corners and the centre; sides are 10 min, diagonals 20 min, the centre
10 min from each corner.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.analysis.access.surfaces import travel_time_surface
from ctzgis.analysis.access.travel_times import travel_time_matrix
from ctzgis.analysis.change.changes import line_changes, road_changes
from ctzgis.analysis.change.comparison import compare
from ctzgis.analysis.change.surface_changes import surface_change
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    Stop,
    TransitLine,
    UpgradeRoad,
    projects_of,
    without_projects,
)

TOWN = gridville()
PLACES = gridville_places()
SOUTH_WEST = PLACES.loc[["south_west"]]


def spot(column, row):
    return 495_000 + column * 1000.0, 3_100_000 + row * 1000.0


def motorway(key, start, end, kph):
    values = {
        "from_id": "j{}_{}".format(*start), "to_id": "j{}_{}".format(*end),
        "road_class": "motorway", "oneway": False, "free_kph": float(kph),
        "peak_kph": float(kph), "signals": 0, "status": "planned", "name_zh": key,
        "geometry": shapely.LineString([spot(*start), spot(*end)]),
    }  # fmt: skip
    return AddRoad(road_id=key, values=values)


def upgraded(key, **values):
    row = {str(k): v for k, v in TOWN.roads.roads.loc[key].items()}
    return UpgradeRoad(road_id=key, by=AddRoad(road_id=key, values={**row, **values}))


DIAGONAL = motorway("diagonal", (0, 0), (10, 10), 120)
AFTER = TOWN.with_edits(DIAGONAL)
DIAGONAL_MIN = 200**0.5 / 2


@pytest.fixture(scope="module")
def found():
    people = PLACES.assign(side=["south", "south", "north", "north", "middle"])
    return compare(
        TOWN, AFTER, PLACES, SOUTH_WEST, cutoff_min=9, population=people, zone="side"
    )


def test_trips_tell_what_is_saved(found):
    trips = found.trips.set_index("from_id")
    assert trips.at["north_east", "saved_min"] == pytest.approx(
        20 - DIAGONAL_MIN, abs=1e-3
    )
    assert trips.at["north_east", "change"] == "quicker"
    # From the south-east it is 10 min along the side, and stays so.
    assert trips.at["south_east", "change"] == "same"
    assert trips.at["centre", "saved_min"] == 0


def test_people_who_come_into_reach_are_told(found):
    # 9 min: the corner itself before, the opposite corner too after.
    assert found.people["reach"][found.people["reach"] != ""].to_dict() == {
        "north_east": "gained"
    }


def test_winners_and_losers_are_counted_by_zone(found):
    zones = found.zones
    assert zones.index.tolist() == ["middle", "north", "south"]
    assert zones["population"].tolist() == [1000, 2000, 2000]
    assert zones["losers"].sum() == 0
    # The north-west gains nothing: by the north-east corner it takes 17 min, not 10.
    assert zones["winners"].tolist() == [0, 1000, 0]
    assert zones["gained"].tolist() == [0, 1000, 0]
    assert zones["reached_before"].tolist() == [0, 0, 1000]
    assert zones.at["north", "saved_min"] == pytest.approx(
        (20 - DIAGONAL_MIN) / 2, abs=1e-3
    )


def test_the_area_that_is_gained_lies_around_the_other_end(found):
    gained, lost = found.areas.geometry
    assert found.areas["change"].tolist() == ["gained", "lost"]
    assert found.areas["area_km2"].tolist()[1] == 0
    assert lost.is_empty
    end = shapely.Point(spot(10, 10))
    assert gained.contains(end)
    # 9 − 7.07 = 1.93 min are left at the end: 1.93 km along the streets, no farther.
    assert gained.distance(end) == 0
    assert (
        max(end.distance(shapely.Point(xy)) for xy in gained.geoms[0].exterior.coords)
        < 1_960
    )


def test_the_areas_before_and_after_differ_by_what_is_gained(found):
    before, after = found.rings.set_index("state")["area_km2"][["before", "after"]]
    gained, lost = found.areas["area_km2"]
    assert after - before == pytest.approx(gained - lost, abs=1e-3)


def test_a_longest_trip_of_nothing_is_refused():
    with pytest.raises(InputError, match="above 0"):
        compare(TOWN, TOWN, PLACES, cutoff_min=5, surface_min=0)


def test_the_summary_counts_trips_by_their_change(found):
    counts = found.summary().set_index("figure")["value"]
    # Of four trips to the south-west only the one from the north-east is quicker.
    kinds = ("quicker", "slower", "new", "lost")
    assert [counts[f"trips {kind}"] for kind in kinds] == [1, 0, 0, 0]


def test_the_surface_tells_the_same_where_trips_end(found):
    surface = found.surface
    column = int((spot(10, 10)[0] - surface.west) // surface.cell_m)
    row = int((surface.north - spot(10, 10)[1]) // surface.cell_m)
    # Before beyond the 18 min that are drawn; after 7.07 min and the way off the road.
    assert np.isnan(surface.before_min[row, column])
    assert 7.0 < surface.after_min[row, column] < 8.5
    saved = surface.saved_min
    assert np.nanmin(saved) > -0.01
    assert surface.surface().minutes.shape == saved.shape


def test_the_summary_adds_up(found):
    rows = found.summary().set_index("figure")["value"]
    assert rows["roads added"] == 1
    assert rows["roads added, length"] == pytest.approx(200**0.5)
    assert rows["people"] == 5000
    assert rows["people: gained"] == 1000
    # Four trips lead from elsewhere: 10, 10, 20 and 10 min before.
    assert rows["mean trip, before"] == pytest.approx(12.5)
    assert rows["mean trip, saved"] == pytest.approx((20 - DIAGONAL_MIN) / 4, abs=1e-3)
    assert "1 roads and 0 lines changed" in repr(found)


def test_nothing_changes_between_a_network_and_itself():
    same = compare(TOWN, TOWN, PLACES, cutoff_min=10, population=PLACES)
    assert len(same.roads) == len(same.lines) == 0
    assert same.trips["change"].unique().tolist() == ["same"]
    assert (
        same.zones.loc["all", ["winners", "losers", "gained", "lost"]].tolist()
        == [0] * 4
    )
    assert same.areas["area_km2"].tolist() == [0, 0]
    assert np.nanmax(np.abs(same.surface.saved_min)) == 0


def test_back_again_turns_winners_into_losers():
    there = compare(TOWN, AFTER, PLACES, SOUTH_WEST, cutoff_min=9, population=PLACES)
    back = compare(AFTER, TOWN, PLACES, SOUTH_WEST, cutoff_min=9, population=PLACES)
    assert back.zones["losers"].tolist() == there.zones["winners"].tolist()
    assert back.zones["lost"].tolist() == there.zones["gained"].tolist()
    assert back.areas["area_km2"].tolist() == there.areas["area_km2"].tolist()[::-1]


def test_a_corner_whose_streets_are_closed_is_reached_off_the_road():
    ends = {"r0", "r110"}  # the two streets of the south-west corner
    corner = TOWN.roads.roads
    touching = corner[(corner[["from_id", "to_id"]] == "j0_0").any(axis=1)].index
    assert set(touching) == ends
    shut = TOWN.with_edits(*[CloseRoad(road_id=key) for key in ends])
    trips = compare(TOWN, shut, PLACES, SOUTH_WEST, cutoff_min=10).trips
    moved = trips[trips["from_id"] == "south_east"].iloc[0]
    # The corner is joined to the next streets over 1 km of no road, at 20 km/h × 1.3.
    assert moved["change"] == "slower"
    assert moved["saved_min"] == pytest.approx(10 - (9 + 1.3 / 20 * 60), abs=1e-3)


def test_without_people_nobody_is_counted():
    nobody = compare(TOWN, AFTER, PLACES, cutoff_min=10)
    assert len(nobody.people) == 0
    assert len(nobody.zones) == 0
    assert nobody.summary().set_index("figure").at["people: winners", "value"] == 0


def test_roads_added_closed_and_upgraded_are_listed():
    after = TOWN.with_edits(
        DIAGONAL, CloseRoad(road_id="r1"), upgraded("r0", free_kph=120.0)
    )
    roads = road_changes(TOWN, after).set_index("road_id")
    assert roads["change"].to_dict() == {
        "diagonal": "added", "r1": "closed", "r0": "upgraded",
    }  # fmt: skip
    assert roads.at["r0", "free_kph_before"] == 60
    assert roads.at["r0", "free_kph"] == 120
    assert np.isnan(roads.at["diagonal", "free_kph_before"])
    assert np.isnan(roads.at["r1", "road_km"])
    assert roads.geometry.length["r1"] == 1000


def test_a_new_road_in_the_place_of_an_old_one_is_an_upgrade():
    row = {str(k): v for k, v in TOWN.roads.roads.loc["r0"].items()}
    by = AddRoad(road_id="new", values={**row, "free_kph": 90.0})
    found = road_changes(TOWN, TOWN.with_edits(UpgradeRoad(road_id="r0", by=by)))
    assert found[["road_id", "change", "replaced_id"]].values.tolist() == [
        ["new", "upgraded", "r0"]
    ]


def test_what_is_renamed_only_has_not_changed():
    after = TOWN.with_edits(upgraded("r0", name_zh="新名"))
    assert len(road_changes(TOWN, after)) == 0


def line(key, stops, *, replaces=None):
    points = [shapely.Point(spot(*at)) for at in stops]
    return TransitLine(
        id=key, name_zh=key, mode="metro", status="planned", replaces=replaces,
        stops=tuple(
            Stop(station_id=f"{key}{n}", name_zh=key, point=point, run_min=2.0)
            for n, point in enumerate(points)
        ),
        headway_min={"free": 4.0, "peak": 2.0},
        sections=tuple(
            shapely.LineString(pair) for pair in pairwise(points)
        ),
    )  # fmt: skip


def test_lines_added_closed_replaced_and_run_more_often_are_listed():
    new = line("new", [(0, 0), (10, 0)])
    added = line_changes(TOWN, TOWN.with_edits(AddLine(line=new)))
    assert added[["line_id", "change", "line_km"]].values.tolist() == [
        ["new", "added", 10.0]
    ]
    closed = line_changes(TOWN, TOWN.with_edits(CloseLine(line_id="cross_town")))
    assert closed[["line_id", "change", "run_min_before"]].values.tolist() == [
        ["cross_town", "closed", 4.0]
    ]
    other = line("longer", [(0, 0), (10, 0)], replaces="cross_town")
    swapped = TOWN.with_edits(CloseLine(line_id="cross_town"), AddLine(line=other))
    found = line_changes(TOWN, swapped)
    assert found[["change", "replaced_id"]].values.tolist() == [
        ["upgraded", "cross_town"]
    ]
    often = TOWN.with_edits(
        ChangeHeadway(line_id="cross_town", headway_min={"free": 2.0})
    )
    assert line_changes(TOWN, often)["free_headway_min"].tolist() == [2.0]


def test_the_eight_projects_change_what_their_cards_say(network):
    projects = [p for p in projects_of(network) if p.opens and p.opens <= 2025]
    base = without_projects(network, projects, year=2025)
    roads = road_changes(base, network.at(2025))
    # 三干: 8 + 8 + 6 upgraded; 四连线: 2 + 1 + 1 + 2 added; 西环线 replaces line 3.
    assert roads["change"].value_counts().to_dict() == {"upgraded": 22, "added": 6}
    lines = line_changes(base, network.at(2025))
    assert lines[["line_id", "change", "replaced_id"]].values.tolist() == [
        ["metro_3", "upgraded", "metro_3_2020"]
    ]


def test_surfaces_of_different_extent_lie_on_one_grid():
    centre = PLACES.loc[["centre"]]
    small, large = (
        travel_time_surface(TOWN, centre, cutoff_min=minutes, cell_m=250)
        for minutes in (2, 5)
    )
    both = surface_change(small, large)
    assert both.before_min.shape == large.minutes.shape
    assert np.array_equal(both.after_min, large.minutes, equal_nan=True)
    known = np.isfinite(both.before_min)
    assert known.sum() == np.isfinite(small.minutes).sum()
    assert np.abs(both.saved_min[known]).max() < 1e-5


def test_surfaces_that_do_not_fit_are_refused():
    centre = PLACES.loc[["centre"]]
    one, other = (
        travel_time_surface(TOWN, centre, cutoff_min=2, cell_m=cell)
        for cell in (250, 500)
    )
    with pytest.raises(InputError, match="250 m and 500 m wide"):
        surface_change(one, other)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InputError, match="cutoffs are minutes above 0"):
        compare(TOWN, AFTER, PLACES, cutoff_min=0)
    with pytest.raises(InputError, match="no column 'county'; it has: population"):
        compare(TOWN, AFTER, PLACES, cutoff_min=9, population=PLACES, zone="county")
    with pytest.raises(InputError, match="which is not given"):
        compare(TOWN, AFTER, PLACES, cutoff_min=9, zone="county")
    with pytest.raises(CRSError):
        compare(TOWN, AFTER, PLACES.to_crs(4326), cutoff_min=9)
    with pytest.raises(SchemaError, match="population"):
        compare(TOWN, AFTER, PLACES, cutoff_min=9, population=PLACES[["geometry"]])


def test_progress_is_told_when_it_takes_long(monkeypatch):
    monkeypatch.setattr("ctzgis.progress._WORTH_TELLING_S", 0.0)
    lines = []
    compare(TOWN, AFTER, PLACES, cutoff_min=9, progress=lines.append)
    assert lines[-1].startswith("comparing: done in")


def test_comparing_leaves_its_inputs_alone():
    before, people = TOWN.roads.roads, PLACES.copy()
    compare(TOWN, AFTER, PLACES, cutoff_min=9, population=PLACES)
    pd.testing.assert_frame_equal(before, TOWN.roads.roads)
    pd.testing.assert_frame_equal(people, PLACES)


COLUMNS = st.integers(0, 10)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(COLUMNS, COLUMNS), min_size=2, max_size=4, unique=True))
def test_a_line_that_is_added_never_worsens_a_time(stops):
    after = TOWN.with_edits(AddLine(line=line("new", stops)))
    mode = "walk+rail+walk"
    old, new = (
        travel_time_matrix(state, PLACES, PLACES, mode=mode) for state in (TOWN, after)
    )
    assert (new.fillna(np.inf) <= old.fillna(np.inf) + 1e-9).all(axis=None)
