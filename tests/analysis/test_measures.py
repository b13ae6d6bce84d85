from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from ctzgis.analysis import (
    centres_reached,
    edge_travel_times,
    isochrones,
    lengths_inside,
    pairwise_distances,
    travel_times,
)
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.network import RoadNetwork, TravelNetwork

TOWN, PLACES, ZONES = gridville(), gridville_places(), gridville_zones()
STREETS = TOWN.roads.roads


def test_a_larger_cutoff_contains_a_smaller_one():
    rings = isochrones(TOWN, PLACES.loc[["centre"]], cutoffs_min=[1, 2, 4, 8])
    shapes = rings.sort_values("cutoff_min").geometry.tolist()
    for small, large in pairwise(shapes):
        assert small.difference(large.buffer(1)).area == pytest.approx(0, abs=1)
    assert rings["area_km2"].is_monotonic_decreasing


def test_the_area_reached_lies_within_the_diamond_of_the_grid():
    # In 4 minutes at 1 km a minute nothing farther than 4 km along the grid is reached:
    # a diamond of 2 × 4² = 32 km². Blocks off the road take longer, so the area is less.
    ring = isochrones(TOWN, PLACES.loc[["centre"]], cutoffs_min=[4], cell_m=50).iloc[0]
    x, y = 500_000, 3_105_000
    diamond = shapely.Polygon([(x - 4e3, y), (x, y - 4e3), (x + 4e3, y), (x, y + 4e3)])
    assert ring.geometry.difference(diamond.buffer(100)).area == pytest.approx(
        0, abs=1e3
    )
    assert 16 < ring["area_km2"] < 32


def test_one_road_reached_has_the_area_of_its_shrinking_band():
    # One straight road from its end: 3 min reach 3 km; off the road, at 20 km/h over a
    # detour of 1.3, width falls from 3 × 256.4 = 769 m at the start to 0 at the end.
    from ctzgis.network import CloseRoad

    roads = STREETS[(STREETS["from_id"] + STREETS["to_id"]).str.count("_0") == 2]
    alone = TOWN.with_edits(
        *(CloseRoad(road_id=r) for r in STREETS.index.difference(roads.index))
    )
    ring = isochrones(
        alone, PLACES.loc[["south_west"]], cutoffs_min=[3], cell_m=25
    ).iloc[0]
    half_width, length = 3 * 20_000 / 1.3 / 60, 3_000
    # That is the disc around the start and the two tangents to it from the point where
    # time is over: 3.297 km². Spreading ahead at an angle adds to the bare triangles.
    tangent = np.sqrt(length**2 - half_width**2)
    behind = np.pi - np.arccos(half_width / length)
    wanted = (half_width * tangent + half_width**2 * behind) / 1e6
    assert ring["area_km2"] == pytest.approx(wanted, rel=0.001)


def later_than(network, origin, cutoff_min, **options):
    """Return by how much trips to random points inside an isochrone exceed its cutoff."""
    area = isochrones(network, origin, cutoffs_min=[cutoff_min], **options)
    west, south, east, north = area.total_bounds
    rng = np.random.default_rng(1)
    spots = shapely.points(
        rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)
    )
    inside = gpd.GeoDataFrame(geometry=spots, crs=area.crs).clip(area.union_all())
    times = travel_times(network, origin, inside, **options)["travel_time_min"]
    assert len(times) > 400
    assert times.notna().all()
    return times - cutoff_min


@pytest.mark.parametrize(
    ("mode", "cutoff_min", "kph", "road_kph"),
    [("drive", 4, 20, 60), ("walk", 30, 4.8, 4.8)],
)
def test_what_lies_inside_is_reached_in_time(mode, cutoff_min, kph, road_kph):
    # True to the way across half a cell of 100 m, over a detour of 1.3 off the road.
    km_min = 1.3 / kph * 60
    # Trips leave the road at the point's foot, h km off, the area at the best place: where
    # road takes g of the minutes of the way off it, that is sooner by h (1 - √(1 - g²)) of
    # these. Inside a block h is 0.5 km at most: 0.07 min by car, 2.9 min on foot.
    share = kph / road_kph / 1.3
    sooner_min = 0.5 * km_min * (1 - np.sqrt(1 - share**2))
    late = later_than(TOWN, PLACES.loc[["centre"]], cutoff_min, mode=mode)
    assert late.max() < sooner_min + 0.05 * km_min


def test_what_lies_inside_is_reached_in_time_where_there_are_motorways(network):
    cell_min = 0.05 * 1.3 / 20 * 60
    origin = network.roads.junctions.loc[["c_tianxin"]]
    late = later_than(network.at(2020), origin, 30)
    # Where a road winds around a point, only its nearest place is where the point joins it.
    assert (late < cell_min).mean() > 0.995


@pytest.fixture(scope="module")
def motorway():
    """Streets of 1 km, a motorway of 20 km, streets of 1 km, in a row; 60 and 120 km/h."""
    x = np.array([0, 1, 21, 22, 32]) * 1000.0 + 480_000
    names = list("abcde")
    junctions = gpd.GeoDataFrame(
        geometry=shapely.points(x, 3_100_000), index=names, crs=STREETS.crs
    )
    roads = STREETS.iloc[:4].assign(
        from_id=names[:-1],
        to_id=names[1:],
        road_class=["secondary", "motorway", "secondary", "motorway"],
        free_kph=[60.0, 120.0, 60.0, 120.0],
    )
    roads.geometry = [
        LineString([(a, 3_100_000), (b, 3_100_000)]) for a, b in pairwise(x)
    ]
    return TravelNetwork(RoadNetwork(roads, junctions))


def test_nobody_leaves_a_motorway_between_its_junctions(motorway):
    # From a: 1 min to the motorway, 10 min on it. Beside its middle, km 11, and beside its
    # far end e, where no other road begins, nobody gets off; at c and d people do.
    junctions = motorway.roads.junctions
    area = isochrones(motorway, junctions.loc[["a"]], cutoffs_min=[30]).geometry.iloc[0]
    beside = shapely.points(junctions.geometry.x, 3_100_300)
    assert area.contains(beside).tolist() == [True, True, True, True, False]
    assert not area.contains(Point(491_000, 3_100_300))


def test_an_origin_off_the_road_lies_in_its_own_area(motorway):
    # 1.5 km off the road, at 20 km/h over a detour of 1.3: 5.85 min to the road.
    spot = gpd.GeoDataFrame(
        geometry=[Point(478_500, 3_100_000)], index=["p"], crs=STREETS.crs
    )
    rings = isochrones(motorway, spot, cutoffs_min=[1, 5, 10])
    assert rings.contains(spot.geometry.iloc[0]).all()
    # In 5 min nothing but the disc around it: 5 × 20 / 60 / 1.3 = 1.28 km wide, 5.16 km².
    assert rings.set_index("cutoff_min").at[5, "area_km2"] == pytest.approx(5.16, 0.01)


def test_an_origin_on_foot_lies_in_its_own_area_however_short_the_time():
    # One minute on foot are 80 m, less than a cell.
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_375, 3_100_375)], index=["p"], crs=STREETS.crs
    )
    rings = isochrones(TOWN, spot, cutoffs_min=[1], mode="walk")
    assert rings.contains(spot.geometry.iloc[0]).all()


def test_a_trip_with_rail_need_not_board():
    corner = PLACES.loc[["south_west"]]
    walk, rail = (
        isochrones(TOWN, corner, cutoffs_min=[30], mode=mode).iloc[0]
        for mode in ("walk", "walk+rail+walk")
    )
    # The west station is 5 km off, an hour on foot: half an hour is walking only.
    assert rail["area_km2"] == pytest.approx(walk["area_km2"])
    assert walk["area_km2"] > 1


@pytest.mark.parametrize("cutoffs", [[], [0], [-5], [float("nan")], [10, float("inf")]])
def test_impossible_cutoffs_are_refused(cutoffs):
    with pytest.raises(InputError, match="cutoffs are minutes above 0"):
        isochrones(TOWN, PLACES.loc[["centre"]], cutoffs_min=cutoffs)


def test_an_origin_far_from_any_road_reaches_nothing():
    far = PLACES.loc[["centre"]].set_geometry(PLACES.loc[["centre"]].translate(5e5, 0))
    rings = isochrones(TOWN, far, cutoffs_min=[10])
    assert rings.geometry.is_empty.all()
    assert rings["area_km2"].tolist() == [0]


def test_no_origins_give_an_empty_frame_of_the_right_shape():
    rings = isochrones(TOWN, PLACES[:0], cutoffs_min=[10])
    assert list(rings.columns) == ["origin_id", "cutoff_min", "area_km2", "geometry"]
    assert rings.empty


def test_a_field_beyond_memory_is_refused():
    with pytest.raises(InputError, match="give a larger cell_m"):
        isochrones(TOWN, PLACES.loc[["centre"]], cutoffs_min=[20], cell_m=1)


def test_from_edge_to_edge_only_the_road_between_counts():
    areas = gpd.GeoDataFrame(
        geometry=[
            box(494_900, 3_099_900, 497_500, 3_102_500),
            box(501_500, 3_100_500, 505_100, 3_103_500),
        ],
        index=["west", "east"],
        crs=STREETS.crs,
    )
    table = edge_travel_times(TOWN, areas).set_index(["from_id", "to_id"])[
        "travel_time_min"
    ]
    # On the street at 1 or 2 km north, from 2.5 km to 6.5 km: 4 km, 4 min.
    assert table["west", "east"] == pytest.approx(4)


def test_an_area_no_road_enters_is_not_reached():
    areas = gpd.GeoDataFrame(
        geometry=[
            box(494_900, 3_099_900, 497_500, 3_102_500),
            box(600_000, 0, 600_010, 10),
        ],
        index=["west", "nowhere"],
        crs=STREETS.crs,
    )
    table = edge_travel_times(TOWN, areas).set_index(["from_id", "to_id"])[
        "travel_time_min"
    ]
    assert np.isnan(table["west", "nowhere"])


def test_people_are_counted_by_how_many_centres_they_reach():
    times = pd.DataFrame(
        {
            "from_id": list("aabbcc"),
            "to_id": ["x", "y"] * 3,
            "travel_time_min": [10, 20, 30, 31, np.nan, 45],
        }
    )
    people = pd.Series({"a": 500, "b": 300, "c": 200})
    table = centres_reached(times, people, cutoff_min=30)
    assert table["population"].to_dict() == {1: 800, 2: 500}
    assert table["population_share"].to_dict() == {1: 0.8, 2: 0.5}


def test_nobody_has_no_share():
    times = pd.DataFrame({"from_id": ["a"], "to_id": ["x"], "travel_time_min": [1.0]})
    table = centres_reached(times, pd.Series({"a": 0}), cutoff_min=30)
    assert table["population_share"].isna().all()


def test_distances_are_straight():
    table = pairwise_distances(PLACES.loc[["south_west", "north_east", "centre"]])
    assert table["distance_km"].tolist() == pytest.approx([200**0.5, 50**0.5, 50**0.5])


def test_lengths_inside_a_zone_are_cut_at_its_border():
    zone = gpd.GeoDataFrame(
        geometry=[box(494_500, 3_099_500, 496_500, 3_100_500)],
        index=["z"],
        crs=STREETS.crs,
    )
    table = lengths_inside(STREETS, zone, by=["road_class", "status"])
    # The south street for 1.5 km, two cross streets (at 0 and 1 km) for 0.5 km each.
    assert table["length_km"].tolist() == pytest.approx([2.5])
    assert table["count"].tolist() == [4]
    assert table["zone_id"].tolist() == ["z"]


def test_a_line_on_the_border_of_two_zones_counts_half_in_each():
    # The street between the western quarters, 5 km, and 1 km inside one of them.
    lines = gpd.GeoDataFrame(
        {"kind": ["border", "inside"]},
        geometry=[
            LineString([(495_000, 3_105_000), (500_000, 3_105_000)]),
            LineString([(496_000, 3_101_500), (497_000, 3_101_500)]),
        ],
        crs=STREETS.crs,
    )
    table = lengths_inside(lines, ZONES.loc[["sw", "nw"]], by=["kind"])
    found = table.set_index(["zone_id", "kind"])["length_km"].to_dict()
    assert found == {
        ("sw", "border"): 2.5,
        ("nw", "border"): 2.5,
        ("sw", "inside"): 1,
    }


def test_lines_without_a_value_are_a_group_of_their_own():
    lines = gpd.GeoDataFrame(
        {"kind": [None, "road"]},
        geometry=[
            LineString([(496_000, y), (497_000, y)]) for y in (3_101_500, 3_102_500)
        ],
        crs=STREETS.crs,
    )
    table = lengths_inside(lines, ZONES.loc[["sw"]], by=["kind"])
    assert table["length_km"].tolist() == [1, 1]
    assert table["kind"].isna().sum() == 1
