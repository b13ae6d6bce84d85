from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from ctzgis.analysis import (
    ServiceReach,
    corridor_access,
    corridor_continuity,
    corridor_courses,
    corridor_coverage,
    corridor_gaps,
    corridor_overlaps,
    corridor_served,
    corridor_status,
    places_served,
    service_coverage,
    service_reach,
    settlement_coverage,
    settlements_served,
    spacing_along,
    stations_of,
    with_ends,
)
from ctzgis.analysis.coverage.corridor_parts import corridor_parts
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.network import RoadNetwork, Stop, TravelNetwork
from ctzgis.texts import Text

PLACES = gridville_places()
X, Y = 495_000, 3_100_000


@pytest.fixture(scope="module")
def town():
    """Gridville whose south street is a corridor, 6 km built, 2 km opening in 2025."""
    base = gridville()
    roads = base.roads.roads
    south = roads[
        roads["from_id"].str.endswith("_0") & roads["to_id"].str.endswith("_0")
    ]
    roads["corridor_ids"] = None
    roads["replaces"] = None
    kept = south.index[:8]  # kilometres 0–8
    roads.loc[kept, "corridor_ids"] = "south;other"
    roads.loc[kept[6:], "opens"] = 2025  # kilometres 6–8
    roads.loc[kept[6:], "status"] = "planned"
    line = replace(base.lines[0], corridors={"rail": (1, 2)})
    return TravelNetwork(RoadNetwork(roads, base.roads.junctions), (line,))


def test_the_built_share_is_what_is_open_by_the_year(town):
    table = corridor_status(town, ["south", "rail", "none"], year=2020)
    assert table.loc["south", ["length_km", "built_km", "built_share"]].tolist() == [
        8,
        6,
        0.75,
    ]
    assert not table.loc["south", "complete"]
    assert table.loc["rail", "length_km"] == 5
    assert table.loc["rail", "complete"]
    assert np.isnan(table.loc["none", "built_share"])
    assert corridor_status(town, ["south"], year=2025)["built_share"].tolist() == [1]


def test_an_upgrade_counts_once_and_from_its_opening(town):
    roads = town.roads.roads
    row = (
        roads.loc[["r0"]]
        .rename(index={"r0": "r0-new"})
        .assign(opens=2022, replaces="r0")
    )
    roads.loc["r0", "closes"] = 2022
    more = TravelNetwork(RoadNetwork(pd.concat([roads, row]), town.roads.junctions))
    assert corridor_status(more, ["south"], year=2020).loc["south", "built_km"] == 5
    assert corridor_status(more, ["south"], year=2022).loc["south", "built_km"] == 6
    assert corridor_status(more, ["south"], year=2022).loc["south", "length_km"] == 8


def test_what_has_closed_and_is_replaced_by_none_is_not_built(town):
    roads = town.roads.roads
    roads.loc["r0", "closes"] = 2018
    closed = TravelNetwork(RoadNetwork(roads, town.roads.junctions))
    assert corridor_status(closed, ["south"], year=2017).loc["south", "built_km"] == 6
    table = corridor_status(closed, ["south"], year=2018).loc["south"]
    assert table[["length_km", "built_km"]].tolist() == [8, 5]


def test_a_road_replaced_by_one_outside_the_corridor_stays_in_it(town):
    roads = town.roads.roads
    row = roads.loc[["r0"]].rename(index={"r0": "r0-new"})
    row = row.assign(opens=2018, replaces="r0", corridor_ids=None)
    roads.loc["r0", "closes"] = 2018
    moved = TravelNetwork(RoadNetwork(pd.concat([roads, row]), town.roads.junctions))
    table = corridor_status(moved, ["south"], year=2018).loc["south"]
    assert table[["length_km", "built_km"]].tolist() == [8, 5]


def test_a_line_that_has_closed_is_not_built(town):
    line = replace(town.lines[0], closes=2018)
    table = corridor_status(TravelNetwork(town.roads, (line,)), ["rail"], year=2018)
    assert table.loc["rail", "built_share"] == 0


def test_track_shared_by_two_services_counts_once(town):
    whole = replace(town.lines[0], corridors={"rail": (0, 2)})
    planned = replace(
        whole, id="half", corridors={"rail": (1, 2)}, status="planned", opens=2030
    )
    shared = TravelNetwork(town.roads, (whole, planned))
    table = corridor_status(shared, ["rail"], year=2020).loc["rail"]
    # 10 km of track, of which the second service uses 5; the first has built it all.
    assert table[["length_km", "built_km", "built_share"]].tolist() == [10, 10, 1]
    assert table["complete"]


def test_the_intercity_ring_is_as_long_as_its_track(network):
    # 101.8 km in docs/methods.md; its two services together run 147 km.
    table = corridor_status(network, ["czt_intercity"], year=2020)
    assert table.loc["czt_intercity", "length_km"] == pytest.approx(101.8, abs=0.1)


def test_a_corridor_with_a_break_is_not_complete(town):
    roads = town.roads.roads
    roads.loc["r2", "corridor_ids"] = None  # kilometre 2–3 does not belong to it
    broken = TravelNetwork(RoadNetwork(roads, town.roads.junctions))
    table = corridor_status(broken, ["south"], year=2025).loc["south"]
    assert table["built_share"] == 1
    assert not table["complete"]
    assert corridor_status(town, ["south"], year=2025).loc["south", "complete"]


def test_gaps_are_the_stretch_not_built(town):
    gaps = corridor_gaps(corridor_parts(town, ["south"], year=2020))
    assert gaps["kind"].tolist() == ["unbuilt"]
    assert gaps["length_km"].tolist() == [2]
    assert gaps.total_bounds.tolist() == [501_000, 3_100_000, 503_000, 3_100_000]


def test_gaps_are_also_the_breaks_between_parts(town):
    roads = town.roads.roads
    roads.loc["r2", "corridor_ids"] = None  # kilometre 2–3 does not belong to it
    broken = TravelNetwork(RoadNetwork(roads, town.roads.junctions))
    gaps = corridor_gaps(corridor_parts(broken, ["south"], year=2025))
    assert gaps["kind"].tolist() == ["break"]
    assert gaps["length_km"].tolist() == [1]


def test_a_place_is_served_by_distance_and_by_time(town):
    table = places_served(town, PLACES, ["south"], year=2020)
    # The centre lies 5 km north of the street. The corridor ends at kilometre 6; from the
    # south-east corner at kilometre 10 that is 4 km straight, and by car 4 km and twice a
    # block, since kilometres 6–8 of the street are not built.
    assert table.loc["centre"].tolist() == pytest.approx([5, 5])
    assert table.loc["south_west"].tolist() == pytest.approx([0, 0])
    assert table.loc["south_east"].tolist() == pytest.approx([4, 6])


def test_a_line_is_reached_at_its_stations_only(town):
    table = places_served(town, PLACES, ["rail"], year=2020)
    # The corner lies 5 km from the east station: 5 min; 5 km from the line as well.
    assert table.loc["north_east"].tolist() == pytest.approx([5, 5])


def test_a_corridor_the_network_does_not_have_serves_nobody(town):
    table = places_served(town, PLACES, ["none"], year=2020)
    assert table.isna().all().all()


def test_no_places_give_an_empty_table(town):
    assert places_served(town, PLACES[:0], ["south"], year=2020).empty


def test_nothing_is_changed(town):
    places: gpd.GeoDataFrame = PLACES.copy()
    places_served(town, PLACES, ["south"], year=2020)
    assert places.equals(PLACES)


# Who and what lies near corridors


def lines_of(*courses, crs=PLACES.crs):
    return gpd.GeoDataFrame(
        geometry=[LineString([(X + x, Y + y) for x, y in c]) for c in courses],
        index=[f"l{i}" for i in range(len(courses))],
        crs=crs,
    )


def points_of(*spots, **columns):
    frame = gpd.GeoDataFrame(
        geometry=[Point(X + x, Y + y) for x, y in spots],
        index=[f"p{i}" for i in range(len(spots))],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


SOUTH = lines_of([(0, 0), (10_000, 0)])
MIDDLE = lines_of([(0, 5_000), (10_000, 5_000)]).rename(index={"l0": "middle"})
BOTH = pd.concat([SOUTH, MIDDLE])


def test_people_near_one_corridor_and_near_any():
    found = corridor_coverage(PLACES, BOTH, within_m=[100])
    shares = found.set_index("corridor_id")["coverage_share"].to_dict()
    assert shares == {"l0": 0.4, "middle": 0.2, "any": pytest.approx(0.6)}


def test_land_near_a_corridor_is_a_belt():
    found = corridor_coverage(gridville_zones(), MIDDLE, within_m=[1_000])
    # 2 km × 10 km of 100 km²; beyond the ends of the corridor there is no town.
    assert found["coverage_share"].tolist() == pytest.approx([0.2, 0.2])
    assert set(found["counts"]) == {"area_km2"}


def test_roads_near_a_corridor_count_with_the_part_that_is():
    cross = lines_of([(3_000, 4_000), (3_000, 9_000)])  # 5 km, of which 2 within 1 km
    found = corridor_coverage(cross, MIDDLE, within_m=[1_000])
    assert found["covered"].tolist() == pytest.approx([2, 2], rel=1e-3)
    assert set(found["counts"]) == {"length_km"}


def test_stations_near_a_corridor_count_one_each():
    stations = stations_of(gridville())
    found = corridor_coverage(stations, MIDDLE, within_m=[1], weight=None)
    assert found["covered"].tolist() == [3, 3]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1, 9_000), min_size=2, max_size=4), st.integers(0, 99))
def test_coverage_grows_with_the_width(widths, seed):
    spots = points_of(*np.random.default_rng(seed).uniform(0, 10_000, (30, 2)))
    found = corridor_coverage(spots, BOTH, within_m=sorted(widths), weight=None)
    for _, part in found.groupby("corridor_id"):
        assert part["coverage_share"].is_monotonic_increasing
        assert part["coverage_share"].between(0, 1).all()
    wide = found.set_index(["corridor_id", "within_m"])["coverage_share"]
    assert (wide["any"] >= wide["middle"]).all()


def test_people_within_minutes_of_a_corridor(town):
    access = corridor_access(town, ["rail"], year=2020)
    assert sorted(access.index) == ["centre", "east"]
    reach = ServiceReach(id="5", name=Text("", ""), by="drive", cutoff_min=5.0)
    found = service_coverage(PLACES, access, reach=reach, network=town.at(2020))
    # The eastern corners lie 5 km from the east station, the western ones 10 and more.
    assert found["served_share"].tolist() == [0.6]
    assert corridor_access(town, ["none"], year=2020).empty


def test_no_elements_have_no_share():
    found = corridor_coverage(PLACES[:0], BOTH, within_m=[100])
    assert found["coverage_share"].isna().all()


# What serves corridors


def test_a_corridor_is_served_around_its_stations():
    stations = points_of((0, 5_000), (5_000, 5_000), (10_000, 5_000))
    found = corridor_served(MIDDLE, stations, reach=1_000).loc["middle"]
    # 1 + 2 + 1 km of 10 are; two stretches of 3 km are not.
    assert found["served_km"] == pytest.approx(4, rel=1e-3)
    assert found["served_share"] == pytest.approx(0.4, rel=1e-3)
    assert found["longest_gap_km"] == pytest.approx(3, rel=1e-3)
    assert len(found.geometry.geoms) == 2


def test_a_corridor_without_stations_is_one_gap():
    found = corridor_served(MIDDLE, points_of(), reach=1_000).loc["middle"]
    assert found[["served_share", "longest_gap_km"]].tolist() == [0, 10]


def test_gaps_are_told_with_their_coordinates():
    stations = points_of((5_000, 5_000))
    gaps = corridor_served(MIDDLE, stations, reach=20_000)
    assert with_ends(gaps)[["from_lon", "to_lat"]].isna().all(axis=None)
    ends = with_ends(MIDDLE).loc["middle"]
    there = MIDDLE.to_crs(4326).geometry.item()
    assert (ends["from_lon"], ends["from_lat"]) == there.coords[0]
    assert (ends["to_lon"], ends["to_lat"]) == there.coords[-1]
    assert with_ends(MIDDLE[:0]).empty


def test_a_corridor_in_two_stretches_is_continuous_by_the_longer(town):
    roads = town.roads.roads
    roads.loc["r2", "corridor_ids"] = None  # kilometre 2–3 does not belong to it
    broken = TravelNetwork(RoadNetwork(roads, town.roads.junctions))
    found = corridor_continuity(corridor_parts(broken, ["south"], year=2025))
    # Kilometres 0–2 and 3–8: 7 km, the longer stretch 5.
    assert found.loc["south"].tolist() == pytest.approx([7, 7, 2, 5, 5 / 7])
    early = corridor_continuity(corridor_parts(town, ["south"], year=2020))
    assert early.loc["south", "continuous_share"] == 0.75
    assert corridor_continuity(corridor_parts(town, ["none"], year=2020)).empty


def test_courses_join_the_parts(town):
    parts = corridor_parts(town, ["south"], year=2020)
    assert corridor_courses(parts)["length_km"].tolist() == [8]
    assert corridor_courses(parts, built=True)["length_km"].tolist() == [6]
    assert corridor_courses(parts).geometry.item().geom_type == "LineString"


# Overlaps


def test_corridors_side_by_side_overlap_and_crossing_ones_do_not():
    lines = lines_of(
        [(0, 0), (10_000, 0)],
        [(4_000, 60), (8_000, 60)],  # beside it for 4 km
        [(5_000, -5_000), (5_000, 5_000)],  # across
    )
    found = corridor_overlaps(lines, lines, tolerance_m=61)
    shares = found.set_index(["corridor_id", "other_id"])["overlap_share"].to_dict()
    assert shares.keys() == {("l0", "l1"), ("l1", "l0")}
    assert shares["l0", "l1"] == pytest.approx(0.4, abs=0.005)
    assert shares["l1", "l0"] == 1


def test_direction_of_drawing_does_not_matter_for_overlap():
    lines = lines_of([(0, 0), (5_000, 1)], [(5_000, 40), (0, 39)])
    assert corridor_overlaps(lines, lines)["overlap_share"].tolist() == pytest.approx(
        [1, 1]
    )


def test_corridors_too_far_apart_do_not_overlap():
    lines = lines_of([(0, 0), (5_000, 0)], [(0, 101), (5_000, 101)])
    assert corridor_overlaps(lines, lines, tolerance_m=100).empty
    assert corridor_overlaps(lines[:0], lines).empty


# Sites along routes


def test_spacing_counts_the_ways_to_the_ends():
    sites = points_of((2_000, 5_100), (7_000, 4_900), (5_000, 6_000))
    found = spacing_along(MIDDLE, sites, within_m=200, at_most_km=3)
    assert found["gap_km"].tolist() == [2, 5, 3]
    assert found["kept"].tolist() == [True, False, True]
    assert found["to_site"].tolist()[:2] == ["p0", "p1"]
    assert found.length.tolist() == [2_000, 5_000, 3_000]


def test_sites_at_the_ends_leave_no_gap_there():
    found = spacing_along(MIDDLE, points_of((0, 5_000), (10_000, 5_000)), within_m=1)
    assert found["gap_km"].tolist() == [10]
    assert found["kept"].all()


def test_a_route_without_sites_is_one_gap():
    found = spacing_along(MIDDLE, points_of(), within_m=500, at_most_km=50)
    assert found["gap_km"].tolist() == [10]
    assert found[["from_site", "to_site"]].isna().all(axis=None)
    assert spacing_along(MIDDLE[:0], PLACES, within_m=500).empty


@pytest.mark.parametrize("seed", range(5))
def test_gaps_sum_to_the_route(seed):
    sites = points_of(*np.random.default_rng(seed).uniform(0, 10_000, (40, 2)))
    found = spacing_along(MIDDLE, sites, within_m=1_500)
    assert found["gap_km"].sum() == pytest.approx(10)


# Stations


def two_modes():
    """Gridville with a railway whose one station is 300 m from the metro's centre."""
    base = gridville()
    rail = [points_of((5_000, 5_300)).geometry.item(), Point(X, Y + 10_000)]
    stops = tuple(
        Stop(station_id=name, name_zh=name, point=point, run_min=run)
        for name, point, run in zip(("hub", "north"), rail, (9.0, 0.0), strict=True)
    )
    line = replace(
        base.lines[0], id="rail", mode="hsr", stops=stops, sections=(LineString(rail),)
    )
    return TravelNetwork(base.roads, (*base.lines, line))


def test_stations_tell_their_modes():
    found = stations_of(two_modes())
    assert found["modes"].to_dict() == {
        "west": "metro", "centre": "metro", "east": "metro", "hub": "hsr", "north": "hsr",
    }  # fmt: skip


def test_towns_under_the_rule_want_a_station_of_the_mode():
    towns = PLACES.assign(population=[100, 200, 300, 400, 500])
    found = settlements_served(
        towns, stations_of(two_modes()), modes=["hsr"], within_km=1, population_from=200
    )
    assert found.index.tolist() == PLACES.index.tolist()[1:]
    assert found["served"].to_dict() == {
        "south_east": False, "north_west": True, "north_east": False, "centre": True,
    }  # fmt: skip
    assert found.loc["centre", "distance_km"] == pytest.approx(0.3)
    total = settlement_coverage(found)
    assert total[["settlements", "served", "served_share"]].tolist() == [4, 2, 0.5]
    assert total["population_share"] == pytest.approx(800 / 1400)


def test_a_built_up_area_is_measured_from_its_edge():
    town = gridville_zones().loc[["sw"]].assign(population=1)
    found = settlements_served(
        town, stations_of(two_modes()), modes=["hsr"], within_km=0.3
    )
    assert found["distance_km"].tolist() == pytest.approx([0.3])
    assert found["served"].tolist() == [True]


def test_without_a_station_of_the_mode_nobody_is_served():
    found = settlements_served(
        PLACES, stations_of(gridville()), modes=["hsr"], within_km=99
    )
    assert not found["served"].any()
    assert found[["distance_km", "station_id"]].isna().all(axis=None)
    assert settlement_coverage(found[:0]).isna().tolist() == [False, False, True, True]


# Refusals


def test_degrees_and_other_crs_are_refused():
    degrees = BOTH.to_crs(4326)
    for wrong in (
        lambda: corridor_coverage(PLACES, degrees, within_m=[1]),
        lambda: corridor_served(degrees, PLACES, reach=1),
        lambda: corridor_overlaps(degrees, degrees),
        lambda: spacing_along(degrees, PLACES, within_m=1),
        lambda: settlements_served(
            PLACES.to_crs(4326), stations_of(gridville()), modes=["metro"], within_km=1
        ),
        lambda: with_ends(BOTH.set_crs(None, allow_override=True)),
    ):
        with pytest.raises(CRSError):
            wrong()


@pytest.mark.parametrize("metres", [0, -1, np.nan, np.inf])
def test_odd_distances_are_refused(metres):
    for wrong in (
        lambda: corridor_coverage(PLACES, BOTH, within_m=[metres]),
        lambda: corridor_coverage(SOUTH, BOTH, within_m=[metres]),
        lambda: corridor_served(BOTH, PLACES, reach=metres),
        lambda: corridor_overlaps(BOTH, BOTH, tolerance_m=metres),
        lambda: spacing_along(BOTH, PLACES, within_m=metres),
        lambda: settlements_served(
            PLACES, stations_of(gridville()), modes=["metro"], within_km=metres
        ),
    ):
        with pytest.raises(InputError):
            wrong()


def test_a_broken_line_is_no_route():
    with pytest.raises(SchemaError, match="MultiLineString"):
        spacing_along(BOTH.dissolve(), PLACES, within_m=1)


def test_repeated_ids_are_refused():
    twice = BOTH.iloc[[0, 0]]
    for wrong in (
        lambda: corridor_served(twice, PLACES, reach=1),
        lambda: corridor_overlaps(twice, BOTH),
        lambda: corridor_coverage(PLACES, twice, within_m=[1]),
    ):
        with pytest.raises(SchemaError, match="repeats"):
            wrong()


def test_a_walked_reach_does_not_serve_a_corridor():
    with pytest.raises(InputError, match="straight"):
        corridor_served(BOTH, PLACES, reach=service_reach("park_walk"))
