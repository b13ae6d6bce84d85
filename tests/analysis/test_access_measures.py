"""Gravity, floating catchments, reach: by hand, and against sums over all pairs."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from ctzgis.analysis import (
    Exponential,
    Gaussian,
    Linear,
    Power,
    Steps,
    floating_catchments,
    gravity_accessibility,
    reach,
    snapped_points,
    travel_time_matrix,
)
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules

PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]]


def scattered(seed, count, **columns):
    draw = np.random.default_rng(seed)
    xy = draw.uniform((495_000, 3_100_000), (505_000, 3_110_000), (count, 2))
    frame = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*xy.T),
        index=[f"{seed}-{i}" for i in range(count)],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


def far_away():
    return gpd.GeoDataFrame(
        {"population": [7], "supply": [7]},
        geometry=[Point(600_000, 3_100_000)],
        index=["far"],
        crs=PLACES.crs,
    )


@pytest.fixture(scope="module")
def people():
    return scattered(1, 60, population=np.arange(60.0))


@pytest.fixture(scope="module")
def hospitals():
    return scattered(2, 8, supply=np.arange(1.0, 9.0), population=5.0)


@pytest.mark.parametrize(
    ("decay", "at_10"),
    [
        (Exponential(beta_per_min=0.1), np.exp(-1)),
        (Gaussian(sigma_min=10), np.exp(-0.5)),
        (Power(alpha=2), 0.01),
        (Linear(zero_min=40), 0.75),
        (Steps({9: 1, 10: 0.5}), 0.5),
        (lambda minutes: minutes * 0 + 3, 3),
    ],
)
def test_the_weight_of_each_corner_is_that_of_ten_minutes(decay, at_10):
    found = gravity_accessibility(gridville(), CENTRE, PLACES, decay=decay)
    here = float(decay(np.array([0.0]))[0])
    assert found["potential"].tolist() == pytest.approx([1000 * here + 4000 * at_10])


@pytest.mark.parametrize("direction", ["from", "to"])
def test_potential_is_the_weighed_sum_over_all_pairs(people, hospitals, direction):
    frame = gridville().roads.roads
    frame["oneway"] = np.arange(len(frame)) % 3 == 0
    town = TravelNetwork(RoadNetwork(frame, gridville().roads.junctions))
    ends = (people, hospitals) if direction == "from" else (hospitals, people)
    minutes = travel_time_matrix(town, *ends).to_numpy()
    minutes = minutes if direction == "from" else minutes.T
    found = gravity_accessibility(
        town,
        people,
        hospitals,
        decay=Exponential(beta_per_min=0.2),
        value="supply",
        direction=direction,
    )
    wanted = np.exp(-0.2 * minutes) @ hospitals["supply"]
    # The graph is cut elsewhere, so times are rounded elsewhere.
    assert found["potential"].to_numpy() == pytest.approx(wanted, rel=1e-3)


def test_without_a_road_there_is_a_reason_and_no_potential():
    found = gravity_accessibility(
        gridville(), far_away(), PLACES, decay=Linear(zero_min=9)
    )
    assert found["potential"].isna().all()
    assert found["reason"].tolist() == ["no road near the origin"]


@pytest.mark.parametrize(
    "decay",
    [lambda t: t - 5, lambda t: t + np.nan, lambda t: t + np.inf, lambda _: 1.0],
)
def test_a_decay_that_gives_no_weights_is_refused(decay):
    with pytest.raises(InputError, match="one finite weight of 0 or more"):
        gravity_accessibility(gridville(), CENTRE, PLACES, decay=decay)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Exponential(beta_per_min=0), "beta_per_min is 0"),
        (lambda: Gaussian(sigma_min=-1), "sigma_min is -1"),
        (lambda: Power(alpha=np.nan), "alpha is nan"),
        (lambda: Power(alpha=1, least_min=0), "least_min is 0"),
        (lambda: Linear(zero_min=np.inf), "zero_min is inf"),
        (lambda: Steps({}), "no zones"),
        (lambda: Steps({10: -1}), "up to 10 min is -1"),
        (lambda: Steps({0: 1}), "minutes is 0"),
    ],
)
def test_decays_refuse_what_is_no_rate(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_two_hospitals_share_the_people_between_them():
    # West: 2 beds; east: 1. Centre and corners: all 5,000 within 15 min of both but the
    # far corners: west's people are centre, two western corners (5 + 5 km = 10 min).
    hospitals = gpd.GeoDataFrame(
        {"supply": [6.0, 3.0]},
        geometry=[Point(495_000, 3_105_000), Point(505_000, 3_105_000)],
        index=["west", "east"],
        crs=PLACES.crs,
    )
    found = floating_catchments(gridville(), PLACES, hospitals, cutoff_min=10)
    assert found.facilities["demand"].tolist() == [3000, 3000]
    assert found.facilities["supply_per_person"].tolist() == pytest.approx(
        [0.002, 0.001]
    )
    shares = found.people["supply_per_person"]
    assert shares["centre"] == pytest.approx(0.003)
    assert shares["south_west"] == pytest.approx(0.002)
    assert shares["north_east"] == pytest.approx(0.001)
    assert found.people["facilities_reached"].to_dict()["centre"] == 2


def test_catchments_are_the_two_sums_of_their_definition(people, hospitals):
    steps = Steps({3: 1.0, 6: 0.68, 9: 0.22})
    found = floating_catchments(
        gridville(), people, hospitals, cutoff_min=9, decay=steps
    )
    minutes = travel_time_matrix(gridville(), people, hospitals).to_numpy()
    weight = np.select([minutes <= 3, minutes <= 6, minutes <= 9], [1, 0.68, 0.22], 0)
    ratio = hospitals["supply"].to_numpy() / (people["population"].to_numpy() @ weight)
    assert found.people["supply_per_person"].to_numpy() == pytest.approx(weight @ ratio)
    assert found.facilities["supply_per_person"].to_numpy() == pytest.approx(ratio)


def test_what_people_have_adds_up_to_the_supply_in_reach(people, hospitals):
    found = floating_catchments(gridville(), people, hospitals, cutoff_min=30)
    given = found.people["supply_per_person"] @ people["population"]
    assert given == pytest.approx(hospitals["supply"].sum())


def test_a_facility_that_nobody_reaches_serves_nobody(people):
    hospitals = pd.concat([scattered(3, 1, supply=4.0), far_away()])
    found = floating_catchments(gridville(), people, hospitals, cutoff_min=30)
    assert found.facilities.loc["far", "reason"] == "no road near the destination"
    assert np.isnan(found.facilities.loc["far", "supply_per_person"])
    given = found.people["supply_per_person"] @ people["population"]
    assert given == pytest.approx(4.0)


def test_people_without_a_road_have_no_share():
    crowd = pd.concat([PLACES, far_away()])
    found = floating_catchments(
        gridville(), crowd, CENTRE.assign(supply=10), cutoff_min=10
    )
    assert np.isnan(found.people.loc["far", "supply_per_person"])
    assert found.people.loc["far", "reason"] == "no road near the origin"
    assert found.facilities["demand"].tolist() == [5000]


def test_negative_supply_is_refused():
    with pytest.raises(InputError, match="column 'supply' is below 0 in row 'centre'"):
        floating_catchments(
            gridville(), PLACES, CENTRE.assign(supply=-1), cutoff_min=10
        )


def test_no_facilities_leave_nothing(people):
    none = scattered(3, 1, supply=4.0).iloc[:0]
    found = floating_catchments(gridville(), people, none, cutoff_min=10)
    assert (found.people["supply_per_person"] == 0).all()
    assert found.facilities.empty


@pytest.mark.parametrize("direction", ["from", "to"])
def test_reach_is_what_networkx_finds_from_the_nearest_junctions(direction):
    frame = gridville().roads.roads
    frame["oneway"] = np.arange(len(frame)) % 4 == 0
    town = TravelNetwork(RoadNetwork(frame, gridville().roads.junctions))
    graph = nx.DiGraph()
    for row in frame.itertuples():
        graph.add_edge(row.from_id, row.to_id, weight=1.0)
        if not row.oneway:
            graph.add_edge(row.to_id, row.from_id, weight=1.0)
    graph = graph if direction == "from" else graph.reverse()
    start = town.roads.junctions.iloc[[17]]
    wanted = nx.single_source_dijkstra_path_length(graph, start.index[0], cutoff=5)
    found = reach(town, start, cutoff_min=5, direction=direction)
    minutes = found.set_index("junction_id")["travel_time_min"]
    assert minutes.to_dict() == pytest.approx(wanted)
    assert minutes.is_monotonic_increasing


def test_by_rail_junctions_count_on_foot_from_the_station_too():
    # Centre → east: wait 2, ride 2; then a kilometre on foot, 12.5 min.
    found = reach(gridville(), CENTRE, cutoff_min=17, mode="walk+rail+walk")
    near = shapely.distance(
        np.asarray(gridville().roads.junctions.geometry[found["junction_id"]].array),
        Point(505_000, 3_105_000),
    )
    assert (near < 1001).sum() == 4
    assert found.loc[near < 1, "travel_time_min"].tolist() == pytest.approx([4])


def test_origins_without_a_road_reach_nothing():
    found = reach(gridville(), far_away(), cutoff_min=5)
    assert found.empty
    assert list(found) == ["origin_id", "junction_id", "travel_time_min"]


def test_a_point_tells_its_road_and_its_part_of_the_network():
    frame = gridville().roads.roads
    # Cut the western column of streets off.
    x = shapely.get_coordinates(frame.geometry.array).reshape(-1, 2, 2)[:, :, 0]
    kept = (x.max(axis=1) <= 495_000) | (x.min(axis=1) > 495_000)
    town = TravelNetwork(RoadNetwork(frame[kept], gridville().roads.junctions))
    spots = gpd.GeoDataFrame(
        geometry=[Point(494_900, 3_100_500), Point(500_000, 3_100_500)],
        index=["west", "east"],
        crs=PLACES.crs,
    )
    rules = TravelRules(snap_radius_m=0)
    found = snapped_points(town, pd.concat([spots, far_away()]), rules=rules)
    assert found["component"].tolist()[:2] == [2, 1]
    assert found["component_share"].tolist()[:2] == pytest.approx([11 / 121, 110 / 121])
    assert found["snap_distance_m"].tolist() == pytest.approx(
        [100, 0, np.nan], nan_ok=True
    )
    assert found["roads"].tolist() == [1, 1, 0]
    assert found["reason"].tolist() == ["", "", "no road near the point"]
    assert pd.isna(found["component"].iloc[2])
    assert pd.isna(found["road_id"].iloc[2])


@pytest.mark.parametrize(
    "measure",
    [
        lambda town, spots: reach(town, spots, cutoff_min=5),
        snapped_points,
        lambda town, spots: gravity_accessibility(
            town, spots, PLACES, decay=Linear(zero_min=9)
        ),
        lambda town, spots: floating_catchments(
            town, spots, CENTRE.assign(supply=1), cutoff_min=9
        ),
    ],
)
def test_points_in_degrees_are_refused(measure):
    with pytest.raises(CRSError):
        measure(gridville(), PLACES.to_crs(4326))
