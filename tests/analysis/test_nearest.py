"""The nearest facility and what each serves: by hand, and against all pairs."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.ops
from shapely import LineString, Point

from ctzgis.analysis import (
    nearest_facilities,
    population_within,
    service_areas,
    travel_time_matrix,
)
from ctzgis.errors import InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules
from ctzgis.network.substrings import substrings

PLACES = gridville_places()
CORNERS = PLACES.drop(index="centre")


def points(*spots, **columns):
    frame = gpd.GeoDataFrame(
        geometry=[Point(spot) for spot in spots],
        index=[f"p{i}" for i in range(len(spots))],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


def scattered(seed, count, **columns):
    draw = np.random.default_rng(seed)
    xy = draw.uniform((495_000, 3_100_000), (505_000, 3_110_000), (count, 2))
    return points(*xy.tolist(), **columns)


@pytest.fixture(scope="module")
def town():
    """Gridville with a fifth of its streets one-way."""
    frame = gridville().roads.roads
    frame["oneway"] = np.arange(len(frame)) % 5 == 0
    return TravelNetwork(RoadNetwork(frame, gridville().roads.junctions))


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("k", [1, 3])
def test_the_nearest_are_the_least_of_all_pairs(town, direction, k):
    here, there = scattered(1, 50), scattered(2, 9)
    found = nearest_facilities(town, here, there, k=k, direction=direction)
    if direction == "from":
        minutes = travel_time_matrix(town, here, there).to_numpy()
    else:
        minutes = travel_time_matrix(town, there, here).to_numpy().T
    wanted = np.sort(minutes, axis=1)[:, :k].ravel()
    assert found["travel_time_min"].to_numpy() == pytest.approx(wanted, abs=0.005)
    named = minutes[
        here.index.get_indexer(found["point_id"]),
        there.index.get_indexer(found["facility_id"]),
    ]
    assert named == pytest.approx(wanted, abs=0.005)
    assert found["rank"].tolist() == list(range(1, k + 1)) * 50


@pytest.mark.parametrize("k", [1, 2])
def test_of_facilities_equally_near_the_first_is_taken(k):
    found = nearest_facilities(gridville(), PLACES.loc[["centre"]], CORNERS[::-1], k=k)
    assert found["facility_id"].tolist() == CORNERS.index[::-1][:k].tolist()


@pytest.mark.parametrize("k", [1, 2])
def test_a_point_is_no_minutes_from_itself(k):
    spots = scattered(4, 6)
    found = nearest_facilities(gridville(), spots, spots, k=k)
    nearest = found[found["rank"] == 1]
    assert nearest["facility_id"].tolist() == nearest["point_id"].tolist()
    assert (nearest["travel_time_min"] == 0).all()


@pytest.mark.parametrize("k", [1, 2])
def test_what_lies_beyond_the_cutoff_is_not_near(k):
    found = nearest_facilities(
        gridville(), PLACES.loc[["centre"]], CORNERS, k=k, cutoff_min=9.9
    )
    assert found["facility_id"].isna().all()
    assert found["travel_time_min"].isna().all()
    assert set(found["reason"]) == {"no facility within the cutoff"}
    exactly = nearest_facilities(
        gridville(), PLACES.loc[["centre"]], CORNERS, k=k, cutoff_min=10
    )
    assert exactly["travel_time_min"].tolist() == [10] * k


@pytest.mark.parametrize("k", [1, 2])
def test_points_and_facilities_without_a_road_have_a_reason(k):
    far = points((600_000, 3_100_000)).rename(index={"p0": "far"})
    found = nearest_facilities(gridville(), far, CORNERS, k=k)
    assert set(found["reason"]) == {"no road near the origin"}
    lost = nearest_facilities(gridville(), PLACES.loc[["centre"]], far, k=k)
    assert set(lost["reason"]) == {"no way to a facility"}


def test_fewer_facilities_than_asked_for_leave_gaps():
    found = nearest_facilities(gridville(), PLACES.loc[["centre"]], CORNERS[:2], k=4)
    assert found["facility_id"].notna().tolist() == [True, True, False, False]
    none = nearest_facilities(gridville(), PLACES.loc[["centre"]], CORNERS[:0])
    assert none["reason"].tolist() == ["no way to a facility"]


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_an_odd_number_of_facilities_is_refused(k):
    with pytest.raises(InputError, match="whole number above 0"):
        nearest_facilities(gridville(), PLACES, CORNERS, k=k)


def test_people_within_reach_of_any_count_once(town):
    people = scattered(5, 80, population=np.arange(80.0))
    there = scattered(6, 4)
    minutes = travel_time_matrix(town, people, there).min(axis=1).to_numpy()
    # None lies so near a cutoff that rounding could decide.
    assert np.abs(minutes[:, None] - [2, 4, 8]).min() > 0.01
    found = population_within(town, there, people, cutoffs_min=[8, 2, 4])
    wanted = [people["population"][minutes <= cutoff].sum() for cutoff in (8, 2, 4)]
    assert found["population"].tolist() == pytest.approx(wanted)
    assert found["population_share"].to_numpy() == pytest.approx(
        np.array(wanted) / people["population"].sum()
    )


def test_trips_may_lead_from_the_facilities():
    frame = gridville().roads.roads.iloc[[0]].assign(oneway=True)
    street = TravelNetwork(RoadNetwork(frame, gridville().roads.junctions))
    line = frame.geometry.iloc[0]
    first, last = (points(line.coords[k]) for k in (0, -1))
    people = last.assign(population=10)
    rules = TravelRules(snap_radius_m=0)
    to, from_ = (
        population_within(
            street, first, people, cutoffs_min=[60], direction=way, rules=rules
        )["population"].item()
        for way in ("to", "from")
    )
    assert (to, from_) == (0, 10)


def test_people_off_the_network_are_told():
    crowd = pd.concat([PLACES, points((600_000, 3_100_000), population=300)])
    found = population_within(
        gridville(), PLACES.loc[["centre"]], crowd, cutoffs_min=[10]
    )
    assert found["off_network"].tolist() == [300]
    assert found["population_share"].tolist() == pytest.approx([5000 / 5300])


def test_negative_people_are_refused():
    with pytest.raises(SchemaError):
        population_within(
            gridville(), CORNERS, CORNERS.assign(population=-1), cutoffs_min=[10]
        )


def test_corners_share_the_streets_of_a_square_town_evenly():
    areas = service_areas(gridville(), CORNERS, cutoff_min=30)
    assert areas.index.tolist() == CORNERS.index.tolist()
    # Streets through the middle are as far from two corners: to the first of them.
    assert areas["road_km"].sum() == pytest.approx(220)
    assert areas["road_km"].max() - areas["road_km"].min() <= 20


def test_a_short_cutoff_leaves_the_diamonds_around_the_corners():
    # Within 3 km of a corner along the streets: per quadrant 2 × (3 + 2 + 1) km.
    areas = service_areas(gridville(), CORNERS, cutoff_min=3)
    assert areas["road_km"].tolist() == pytest.approx([12] * 4)


@pytest.mark.parametrize("direction", ["from", "to"])
def test_every_place_is_in_the_area_of_its_nearest_facility(town, direction):
    there = scattered(8, 7)
    areas = service_areas(town, there, cutoff_min=6, direction=direction)
    frame = town.roads.roads
    draw = np.random.default_rng(9)
    along = draw.uniform(10, 990, len(frame))
    spots = points(
        *shapely.get_coordinates(
            shapely.line_interpolate_point(frame.geometry.array, along)
        ).tolist()
    )
    if direction == "to":
        minutes = travel_time_matrix(town, spots, there).to_numpy()
    else:
        minutes = travel_time_matrix(town, there, spots).to_numpy().T
    minutes = np.nan_to_num(minutes, nan=np.inf)
    least = np.sort(minutes, axis=1)
    clear = (least[:, 1] > least[:, 0] + 0.03) & (np.abs(least[:, 0] - 6) > 0.03)
    clear &= least[:, 0] > 0.03
    gap = shapely.distance(
        np.asarray(spots.geometry.array)[:, None], np.asarray(areas.geometry.array)
    )
    assert clear.sum() > 150
    for k in np.flatnonzero(clear):
        inside = np.flatnonzero(gap[k] < 1)
        wanted = [minutes[k].argmin()] if least[k, 0] < 6 else []
        assert inside.tolist() == wanted


def test_a_facility_without_a_road_serves_nothing():
    far = pd.concat([CORNERS, points((600_000, 3_100_000))])
    areas = service_areas(gridville(), far, cutoff_min=30)
    assert areas["road_km"].iloc[-1] == 0
    assert areas.geometry.iloc[-1].is_empty
    assert areas["road_km"].sum() == pytest.approx(220)


def test_no_facilities_have_no_areas():
    assert service_areas(gridville(), CORNERS[:0], cutoff_min=30).empty


def test_parts_of_a_bent_line_keep_its_bends():
    line = LineString([(0, 0), (10, 0), (10, 10), (0, 10)])
    found = substrings(
        np.array([line, line, line]),
        np.array([0.0, 5.0, 12.0]),
        np.array([30.0, 25.0, 13.0]),
    )
    assert [part.wkt for part in found] == [
        "LINESTRING (0 0, 10 0, 10 10, 0 10)",
        "LINESTRING (5 0, 10 0, 10 10, 5 10)",
        "LINESTRING (10 2, 10 3)",
    ]


def test_parts_of_random_lines_are_what_shapely_cuts():
    draw = np.random.default_rng(3)
    lines = np.array([LineString(draw.uniform(0, 99, (k, 2))) for k in range(2, 40)])
    ends = (
        np.sort(draw.random((len(lines), 2)), axis=1) * shapely.length(lines)[:, None]
    )
    found = substrings(lines, *ends.T)
    wanted = [
        shapely.ops.substring(line, *cut) for line, cut in zip(lines, ends, strict=True)
    ]
    assert shapely.equals_exact(found, wanted, tolerance=1e-6).all()


def test_service_areas_are_those_of_one_means_of_travel():
    with pytest.raises(InputError, match="one means of travel"):
        service_areas(gridville(), CORNERS, cutoff_min=9, mode="walk+rail+walk")
