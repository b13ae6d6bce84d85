"""Time circles by hand on Gridville, and against each other on the shipped network."""

import math
from dataclasses import replace

import geopandas as gpd
import pytest
from shapely import Point

from ctzgis import TravelNetwork, travel_times
from ctzgis.analysis.access.accuracy import Accuracy, settings
from ctzgis.analysis.access.circles import centre_times, edge_times, people_reached
from ctzgis.analysis.access.far_circles import (
    DRIVING_BREAKS,
    AirRules,
    DrivingBreaks,
    air_reach_km,
    air_times,
    flight_times,
    logistics_times,
)
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import DEFAULT_RULES

TOWN = gridville()
LINE = TOWN.lines[0]
HALF = Accuracy(speed_share=0.5, headway_share=0.5)
EXACT = Accuracy(speed_share=0.0, headway_share=0.0)


@pytest.fixture
def ends():
    return gpd.GeoDataFrame(
        geometry=[LINE.stops[0].point, LINE.stops[2].point],
        index=["west", "east"],
        crs="EPSG:4547",
    )


def row(frame, way, *pair):
    return frame.set_index(["way", "from_id", "to_id"]).loc[(way, *pair)]


def test_waiting_riding_changing_and_walking_add_up_by_hand():
    # A second line leads north from the centre: 5 min to a stop every 10 min.
    north = replace(
        LINE,
        id="north",
        stops=(
            replace(LINE.stops[1], run_min=5.0),
            replace(LINE.stops[2], station_id="north", point=Point(500_000, 3_110_000)),
        ),
        sections=LINE.sections[:1],
        headway_min={"free": 10.0, "peak": 10.0},
    )
    points = gpd.GeoDataFrame(
        geometry=[Point(495_000, 3_104_600), Point(500_400, 3_110_000)],
        index=["home", "work"],
        crs="EPSG:4547",
    )
    town = TravelNetwork(TOWN.roads, (LINE, north))

    def minutes(**changes):
        rules = replace(DEFAULT_RULES, **changes)
        found = travel_times(town, points, points, mode="walk+rail+walk", rules=rules)
        return found.loc[1, "travel_time_min"]

    walk, wait, ride, change = 400 / 80, 4 / 2 + 10 / 2, 2 + 5, 4
    assert minutes() == pytest.approx(walk + wait + ride + change + walk, abs=0.01)
    # None of the headway, or all of it, by one argument.
    assert minutes(wait_share=0.0) == pytest.approx(minutes() - wait, abs=0.01)
    assert minutes(wait_share=1.0) == pytest.approx(minutes() + wait, abs=0.01)
    assert minutes(transfer_min=6.0) == pytest.approx(minutes() + 2, abs=0.01)


def test_the_combined_way_is_the_quickest_of_all(ends):
    found = centre_times(TOWN, ends, accuracy=EXACT)
    # By car 10 km at a kilometre a minute; by metro 2 min of waiting and 4 of riding.
    assert row(found, "drive", "west", "east")["travel_time_min"] == pytest.approx(10)
    assert row(found, "combined", "west", "east")["travel_time_min"] == pytest.approx(6)
    assert row(found, "combined", "west", "east")["mode"] == "walk+rail+walk"


def test_without_doubt_the_band_is_the_time(ends):
    found = centre_times(TOWN, ends, accuracy=EXACT)
    assert found["low_min"].equals(found["travel_time_min"])
    assert found["high_min"].equals(found["travel_time_min"])


def test_the_band_is_that_of_quicker_and_slower_trains(ends):
    found = row(centre_times(TOWN, ends, accuracy=HALF), "rail_on_foot", "west", "east")
    # 4 min of riding at half as fast again, a headway of 2; at half the speed, and 6.
    assert found["low_min"] == pytest.approx(4 / 1.5 + 1)
    assert found["high_min"] == pytest.approx(4 / 0.5 + 3)


def test_the_band_of_a_drive_keeps_delays_at_junctions():
    junctions = TOWN.roads.junctions.assign(control="signals")
    roads = type(TOWN.roads)(TOWN.roads.roads, junctions)
    corners = gridville_places().iloc[[0, 1]]
    found = centre_times(
        TravelNetwork(roads), corners, ways={"drive": ("drive",)}, accuracy=HALF
    ).iloc[0]
    # 10 km and nine signals between the ends, of 15 s each.
    assert found["travel_time_min"] == pytest.approx(10 + 2.25)
    assert found["low_min"] == pytest.approx(10 / 1.5 + 2.25, abs=0.01)
    assert found["high_min"] == pytest.approx(10 / 0.5 + 2.25, abs=0.01)


def test_in_the_peak_roads_and_trains_are_those_of_the_peak(ends):
    found = centre_times(TOWN, ends, profile="peak", accuracy=EXACT)
    assert row(found, "drive", "west", "east")["travel_time_min"] == pytest.approx(20)
    assert row(found, "rail_on_foot", "west", "east")["travel_time_min"] == (
        pytest.approx(5)
    )


def test_where_there_is_no_trip_there_is_no_band(ends):
    ways = {"drive": ("drive",), "rail": ("walk+rail+walk",)}
    found = centre_times(TravelNetwork(TOWN.roads), ends, ways=ways)
    none = row(found, "rail", "west", "east")
    assert none[["travel_time_min", "low_min", "high_min"]].isna().all()
    assert none["mode"] == ""
    assert row(found, "combined", "west", "east")["mode"] == "drive"


@pytest.mark.parametrize("ways", [{}, {"drive": ()}, {"combined": ("drive",)}])
def test_ways_without_modes_or_of_the_wrong_name_are_refused(ends, ways):
    with pytest.raises(InputError, match="one or more with their modes"):
        centre_times(TOWN, ends, ways=ways)


@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan, math.inf])
def test_an_accuracy_is_a_share(share):
    with pytest.raises(InputError, match="0 to below 1 is expected"):
        Accuracy(speed_share=share)
    with pytest.raises(InputError, match="0 to below 1 is expected"):
        Accuracy(headway_share=share)


def test_a_network_stays_as_it_was_when_others_are_made_of_it(ends):
    before = TOWN.roads.roads, TOWN.lines[0].stops[0].run_min
    settings(TOWN, accuracy=HALF)
    assert TOWN.roads.roads.equals(before[0])
    assert TOWN.lines[0].stops[0].run_min == before[1]


def test_people_reach_one_and_two_centres():
    places = gridville_places()
    west = places.loc[["south_west", "north_west"]]
    drive = {"drive": ("drive",)}
    found = people_reached(TOWN, places, west, minutes=10, ways=drive, accuracy=EXACT)
    reached = found.set_index(["way", "centres"])["population_share"]
    # Within 10 min: both western corners reach each other; the eastern ones reach one of
    # them, the centre both.
    assert reached["drive", 1] == 1.0
    assert reached["drive", 2] == 0.6


def test_more_people_reach_a_centre_where_all_is_quicker():
    places = gridville_places()
    found = people_reached(
        TOWN, places, places.loc[["centre"]], minutes=10, ways={"drive": ("drive",)}
    ).iloc[0]
    # The corners take exactly 10 min; 15 % slower they are late.
    assert (found["low_share"], found["population_share"], found["high_share"]) == (
        0.2, 1.0, 1.0,
    )  # fmt: skip
    with pytest.raises(InputError, match="above 0"):
        people_reached(TOWN, places, places, minutes=0)


def test_centre_times_are_those_of_the_assessment(czt, network):
    centres = gpd.GeoDataFrame(
        geometry=[czt.place(key).location.point for key in czt.centres],
        index=list(czt.centres),
        crs=czt.crs,
    )
    found = centre_times(network.at(2020), centres)
    plain = travel_times(network.at(2020), centres, centres)
    plain = plain.set_index(["from_id", "to_id"])["travel_time_min"]
    drive = found[found["way"] == "drive"].set_index(["from_id", "to_id"])
    assert (drive["travel_time_min"] == plain[drive.index]).all()
    # Signals keep their seconds, so the slowest drive is nearly one of 85 % of the speed.
    assert (drive["low_min"] < drive["travel_time_min"]).all()
    assert drive["high_min"].to_numpy() == pytest.approx(
        drive["travel_time_min"].to_numpy() / 0.85, rel=0.02
    )


def test_every_planned_line_leaves_no_pair_slower(czt, network):
    centres = gpd.GeoDataFrame(
        geometry=[czt.place(key).location.point for key in czt.centres],
        index=list(czt.centres),
        crs=czt.crs,
    )
    now, then = (
        centre_times(part, centres)
        for part in (network.at(2025), network.at(2035, undated="include"))
    )
    for name in ("travel_time_min", "low_min", "high_min"):
        assert (then[name] <= now[name] + 0.05).all()


def test_drives_from_edge_to_edge_lie_in_their_band(czt, network):
    edges = edge_times(network.at(2020), czt.built_up.loc[list(czt.centres)])
    assert len(edges) == 6
    assert (edges["low_min"] < edges["travel_time_min"]).all()
    assert (edges["travel_time_min"] < edges["high_min"]).all()


@pytest.mark.parametrize(
    ("minutes", "rest"),
    [
        (0, 0),
        (239, 0),
        (240, 0),
        (240.1, 20),
        (480, 20),
        (481, 40),
        (math.nan, math.nan),
    ],
)
def test_drivers_rest_after_every_four_hours(minutes, rest):
    import numpy as np

    found = DRIVING_BREAKS.added_min(np.array([minutes], dtype=float))
    assert found == pytest.approx([rest], nan_ok=True)


def test_a_rest_is_added_to_the_drive():
    corners = gridville_places().iloc[[0, 3]]
    breaks = DrivingBreaks(drive_min=15, rest_min=30)
    found = logistics_times(TOWN, corners, corners, breaks=breaks).iloc[1]
    assert found[["drive_min", "rest_min", "travel_time_min"]].tolist() == [20, 30, 50]
    with pytest.raises(InputError, match="a drive above 0"):
        DrivingBreaks(drive_min=0, rest_min=1)


def spots(*lonlat):
    return gpd.GeoDataFrame(
        geometry=[Point(*spot) for spot in lonlat],
        index=[f"p{i}" for i in range(len(lonlat))],
        crs="EPSG:4326",
    )


def test_great_circles_are_those_of_the_ellipsoid():
    found = flight_times(spots((0, 0)), spots((1, 0), (0, 90), (180, 0), (0, 0)))
    # A degree of the equator is 6378.137 km × π/180; a quarter of a meridian, and the way
    # over the pole to the other side, of WGS-84 are tabulated.
    assert found["great_circle_km"].tolist() == pytest.approx(
        [6378.137 * math.pi / 180, 10001.966, 20003.931, 0.0], abs=0.001
    )


def test_a_flight_is_the_detour_over_the_speed_and_the_ground():
    air = AirRules(cruise_kph=600, detour=1.2, ground_min=20)
    found = flight_times(spots((0, 0)), spots((0, 90), (0, 0)), air=air)
    assert found["flight_min"].tolist() == pytest.approx(
        [10001.966 * 1.2 / 10 + 20, 0.0], abs=0.01
    )


def test_the_circle_of_a_flight_is_where_flights_take_so_long():
    found = flight_times(spots((113.22, 28.19)), spots((113.22, 50.0)))
    minutes, km = found.loc[0, ["flight_min", "great_circle_km"]]
    assert air_reach_km(minutes) == pytest.approx(km)
    assert air_reach_km(20) == 0.0
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match="above 0"):
            air_reach_km(wrong)


def test_a_trip_by_air_takes_the_airport_that_is_quicker():
    places = gridville_places()
    fields = places.loc[["south_west", "south_east"]]
    away = fields.iloc[[1]].set_geometry(fields.iloc[[1]].translate(300_000, 0))
    home = places.loc[["north_west"]]
    found = air_times(TOWN, home, fields, away).iloc[0]
    # 10 km south and 3 min to park, against 20 km and 10 km less by plane.
    assert found["airport_id"] == "south_west"
    assert found["access_min"] == pytest.approx(13)
    flight = flight_times(fields.iloc[[0]], away)["flight_min"][0]
    assert found["travel_time_min"] == pytest.approx(13 + 60 + flight + 30)


def test_what_does_not_fly_is_refused():
    with pytest.raises(InputError, match="there is no airport"):
        air_times(TOWN, gridville_places(), gridville_places().iloc[:0], spots((0, 0)))
    with pytest.raises(InputError, match="a detour of 1 or more"):
        AirRules(detour=0.9)
    with pytest.raises(CRSError, match="have no CRS"):
        flight_times(spots((0, 0)), gpd.GeoDataFrame(geometry=[Point(0, 0)]))
    with pytest.raises(CRSError, match="leads to no degrees"):
        flight_times(spots((0, 95)), spots((0, 0)))


def test_where_no_airport_is_reached_there_is_no_trip():
    sea = gridville_places().iloc[[0]]
    sea = sea.set_geometry(sea.translate(-100_000, 0))
    found = air_times(TOWN, sea, gridville_places().iloc[[1]], spots((113, 30))).iloc[0]
    assert math.isnan(found["travel_time_min"])
    assert found["airport_id"] is None
