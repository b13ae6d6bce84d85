"""Rail networks, changes between their lines, and people near their stations."""

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely import Point

from ctzgis import TravelNetwork, travel_times
from ctzgis.analysis.rail.station_catchments import station_catchments
from ctzgis.analysis.rail.stations import (
    RAIL_NETWORKS,
    rail_networks,
    station_changes,
    stations,
    transfer_matrix,
)
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import DEFAULT_RULES, Stop

TOWN = gridville()
CROSS = TOWN.lines[0]
X, Y = 495_000, 3_100_000


def line(key, mode, *halts):
    """Return a line that stops at named places, in metres from Gridville's corner."""
    return type(CROSS).at_speed(
        [
            Stop(station_id=name, name_zh=name, point=Point(X + x, Y + y))
            for name, x, y in halts
        ],
        kph=60,
        id=key,
        name_zh=key,
        mode=mode,
        headway_min={"free": 10.0, "peak": 10.0},
    )


# An intercity line from south to north whose station lies 200 m from the centre's, and a
# railway that shares the east station.
SOUTH_NORTH = line(
    "ic", "intercity", ("s", 5_000, 0), ("mid", 5_200, 5_000), ("n", 5_000, 10_000)
)
RAILWAY = line("rw", "conventional", ("east", 10_000, 5_000), ("ne", 10_000, 10_000))
LINES = (CROSS, SOUTH_NORTH, RAILWAY)


def people(**spots):
    return gpd.GeoDataFrame(
        {"population": [n for *_, n in spots.values()]},
        geometry=[Point(X + x, Y + y) for x, y, _ in spots.values()],
        index=list(spots),
        crs="EPSG:4547",
    )


def counts(network, population, **limits):
    frame = station_catchments(
        network, population, **{"walk_min": (), "drive_min": (), **limits}
    )
    return frame.set_index(["of", "id", "limit"])["population"]


def test_the_network_of_a_line_follows_from_its_mode():
    found = rail_networks(LINES)
    assert found["network"].to_dict() == {
        "cross_town": "urban", "ic": "intercity", "rw": "trunk",
    }  # fmt: skip
    assert found.loc["cross_town", ["stations", "length_km"]].tolist() == [3, 10.0]


def test_a_line_named_by_its_id_is_in_the_network_said():
    found = rail_networks(LINES, networks={**RAIL_NETWORKS, "cross_town": "suburban"})
    assert found.at["cross_town", "network"] == "suburban"


def test_buses_are_in_no_rail_network():
    bus = replace(CROSS, id="b", mode="bus")
    assert rail_networks([bus]).empty
    assert stations([bus], crs="EPSG:4547").empty
    assert station_changes([bus, CROSS]).empty


def test_a_station_knows_its_lines_and_networks():
    found = stations(LINES, crs="EPSG:4547")
    assert found.at["east", "networks"] == ("trunk", "urban")
    assert found.at["east", "lines"] == ("cross_town", "rw")
    assert len(found) == 7


def test_changes_are_walks_over_the_detour_and_four_minutes_at_least():
    changes = station_changes(LINES).set_index(["from_line_id", "to_line_id"])
    across = changes.loc[[("cross_town", "ic")]]
    # 200 m × 1.3 at 80 m/min
    assert across["walk_min"].tolist() == [pytest.approx(3.25)]
    assert across["change_min"].tolist() == [4.0]
    assert across["seamless"].tolist() == [False]
    assert across["to_station_id"].tolist() == ["mid"]


def test_one_station_is_a_seamless_change():
    changes = station_changes(LINES).set_index(["from_line_id", "to_line_id"])
    shared = changes.loc[[("cross_town", "rw")]].iloc[0]
    assert (shared["walk_min"], shared["seamless"]) == (0.0, True)


def test_a_longer_walk_may_be_said_to_be_seamless():
    changes = station_changes(LINES, seamless_min=3.25)
    assert changes["seamless"].all()
    with pytest.raises(InputError, match="minutes of 0 or more"):
        station_changes(LINES, seamless_min=-1)
    with pytest.raises(InputError, match="minutes of 0 or more"):
        station_changes(LINES, seamless_min=float("nan"))


def test_stations_too_far_apart_are_no_change():
    near = replace(DEFAULT_RULES, max_transfer_m=199.0)
    pairs = station_changes(LINES, rules=near)[["from_line_id", "to_line_id"]]
    assert set(map(tuple, pairs.to_numpy())) == {
        ("cross_town", "rw"),
        ("rw", "cross_town"),
    }


def test_the_transfer_matrix_counts_pairs_of_stations_once():
    twin = replace(SOUTH_NORTH, id="ic2")
    matrix = transfer_matrix(station_changes([*LINES, twin]))
    row = matrix.loc[("intercity", "urban")]
    assert row[["station_pairs", "seamless_pairs"]].tolist() == [1, 0]
    assert row["least_walk_min"] == pytest.approx(3.25)
    assert matrix.loc[("trunk", "urban"), "seamless"]
    assert ("intercity", "trunk") not in matrix.index


def test_the_transfer_matrix_of_lines_is_by_their_ids():
    matrix = transfer_matrix(station_changes(LINES), between="line_id")
    assert ("cross_town", "ic") in matrix.index
    with pytest.raises(InputError, match="'network' or 'line_id'"):
        transfer_matrix(station_changes(LINES), between="mode")


def test_a_change_takes_what_a_trip_over_it_takes():
    town = TravelNetwork(TOWN.roads, LINES)
    ends = gpd.GeoDataFrame(
        geometry=[CROSS.stops[0].point, SOUTH_NORTH.stops[2].point],
        index=["w", "n"],
        crs="EPSG:4547",
    )
    trip = travel_times(town, ends, ends, mode="walk+rail+walk").loc[
        1, "travel_time_min"
    ]
    # Wait 2 and ride 2, change 4, wait 5 and security 5, ride hypot(0.2, 5) km at 60 km/h.
    assert trip == pytest.approx(2 + 2 + 4 + 5 + 5 + (0.2**2 + 5**2) ** 0.5, abs=0.01)


def test_people_within_straight_metres_count_to_the_limit():
    folk = people(
        at=(5_000, 5_000, 10), edge=(5_000, 5_800, 5), beyond=(5_000, 5_801, 3)
    )
    found = counts(TOWN, folk)
    assert found["station", "centre", 800.0] == 15
    assert found["all", "", 800.0] == 15


def test_who_lives_near_two_stations_counts_once_for_all_and_twice_by_station():
    both = people(between=(5_100, 5_000, 7))
    found = counts(TravelNetwork(TOWN.roads, LINES), both, straight_m=(150,))
    assert found["station", "centre", 150.0] == found["station", "mid", 150.0] == 7
    assert found["network", "urban", 150.0] == found["network", "intercity", 150.0] == 7
    assert found["network", "trunk", 150.0] == 0
    assert found["all", "", 150.0] == 7


def test_people_within_a_walk_go_along_the_roads():
    # 80 m a minute: 15 min are 1,200 m. From the middle of a block it is 500 m to a road,
    # 650 with the detour, and 500 along it.
    folk = people(
        near=(5_000, 6_200, 4),
        mid_block=(5_500, 5_500, 2),
        far=(5_000, 6_300, 1),
    )
    found = counts(TOWN, folk, straight_m=(), walk_min=(15,))
    assert found["station", "centre", 15.0] == 6
    assert found["all", "", 15.0] == found["station", "centre", 15.0]


def test_people_within_a_drive_are_those_of_a_kilometre_a_minute():
    found = counts(TOWN, gridville_places(), straight_m=(), drive_min=(5, 15))
    # From the corners it is 5 km to the west or east station.
    assert found["station", "west", 5.0] == 3_000
    assert found["station", "centre", 5.0] == 1_000
    assert found["all", "", 5.0] == 5_000
    assert found["station", "west", 15.0] == 5_000


def test_shares_are_of_all_people():
    frame = station_catchments(TOWN, gridville_places(), walk_min=(), drive_min=())
    share = frame.set_index(["of", "id"])["population_share"]
    assert share["all", ""] == 0.2
    nobody = gridville_places().assign(population=0)
    frame = station_catchments(TOWN, nobody, walk_min=(), drive_min=())
    assert frame["population_share"].isna().all()


def test_a_network_without_rail_has_nobody_near_it():
    frame = station_catchments(TravelNetwork(TOWN.roads), gridville_places())
    assert frame["of"].tolist() == ["all"] * 3
    assert frame["population"].tolist() == [0.0] * 3


def test_no_limit_gives_no_rows():
    frame = station_catchments(
        TOWN, gridville_places(), straight_m=(), walk_min=(), drive_min=()
    )
    assert list(frame) == ["of", "id", "by", "limit", "population", "population_share"]
    assert frame.empty


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(InputError, match="minutes above 0|above 0"):
        station_catchments(TOWN, gridville_places(), straight_m=(0,))
    with pytest.raises(CRSError, match="lines is in|EPSG"):
        station_catchments(TOWN, gridville_places().to_crs(4326))
    with pytest.raises(SchemaError, match="population"):
        station_catchments(TOWN, gridville_places()[["geometry"]])


def test_arguments_stay_as_they_were():
    folk = gridville_places()
    before = folk.copy()
    station_catchments(TOWN, folk)
    assert folk.equals(before)


def test_shipped_lines_of_all_years_are_in_three_networks(network):
    found = rail_networks(network.lines)
    assert set(found["network"]) == {"trunk", "intercity", "urban"}
    assert len(found) == len(network.lines)


def test_changes_of_2020_between_the_networks(network):
    changes = station_changes(network.at(2020).lines)
    matrix = transfer_matrix(changes)
    # By hand in stops.csv: 长沙 and 株洲 are stops of both kinds of railway.
    assert matrix.at[("intercity", "trunk"), "least_walk_min"] == 0
    # The metro station of 长沙南 is another one, 179 m from the railway's.
    south = changes[
        (changes["from_station_id"] == "c_css") & (changes["to_network"] == "urban")
    ]
    assert south["walk_min"].min() == pytest.approx(0.179 * 1.3 / 4.8 * 60, abs=0.01)
