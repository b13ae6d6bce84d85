"""To which roads points off the road are attached."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from ctzgis.analysis import snapped_points, travel_times
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import AddRoad, RoadNetwork, TravelNetwork, TravelRules
from ctzgis.network.snapping import MAX_ROADS, road_index, snap

PLACES = gridville_places()


def road(town, road_id):
    return town.roads.roads.loc[road_id].to_dict()


@pytest.fixture(scope="module")
def off_road():
    """Forty points anywhere in Gridville."""
    rng = np.random.default_rng(11)
    spots = shapely.points(
        rng.uniform(495_000, 505_000, 40), rng.uniform(3_100_000, 3_110_000, 40)
    )
    return gpd.GeoDataFrame(
        geometry=spots, index=[f"p{i}" for i in range(40)], crs=PLACES.crs
    )


@pytest.mark.parametrize("mode", ["drive", "walk", "walk+rail+walk"])
def test_a_new_road_never_lengthens_a_trip_of_points_that_had_a_road_near(
    off_road, mode
):
    # Every point in a block has roads within 500 m, and no more than 24 within 800 m.
    rules = TravelRules(snap_radius_m=800)
    town = gridville()
    junctions = town.roads.junctions
    rng = np.random.default_rng(12)
    before = travel_times(town, off_road, PLACES, mode=mode, rules=rules)
    for a, b in rng.choice(junctions.index, (8, 2), replace=False):
        course = LineString([junctions.geometry[a], junctions.geometry[b]])
        values = {
            **road(town, "r0"),
            "from_id": a,
            "to_id": b,
            "geometry": course,
            "oneway": True,
        }
        more = town.with_edits(AddRoad(road_id="new", values=values))
        after = travel_times(more, off_road, PLACES, mode=mode, rules=rules)
        longer = after["travel_time_min"] - before["travel_time_min"]
        assert longer.max() <= 1e-9


def test_a_nearer_blind_alley_takes_nobody_off_his_road():
    # 300 m north of the south street, whose junction is 500 m west: 0.3 × 1.3 / 20 × 60 =
    # 1.17 min and half a kilometre, 1.67 min. The alley, 100 m from the point, leads to
    # the far corner of the town.
    town = gridville()
    alley = AddRoad(
        road_id="alley",
        values={
            **road(town, "r0"),
            "from_id": "end",
            "to_id": "j10_10",
            "geometry": LineString(
                [(495_500, 3_100_400), (504_900, 3_100_400), (505_000, 3_110_000)]
            ),
        },
        junctions={"end": Point(495_500, 3_100_400)},
    )
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_500, 3_100_300)], index=["p"], crs=PLACES.crs
    )
    found = [
        travel_times(net, spot, PLACES.loc[["south_west"]])["travel_time_min"].iloc[0]
        for net in (town, town.with_edits(alley))
    ]
    assert found == pytest.approx([1.67, 1.67])


def test_a_point_on_a_road_uses_that_road():
    # On the south street, 400 m from the corner; no short cut over the fields, on which
    # walking as the crow flies would cost 1.3, less than the 1.41 of two sides of a block.
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_400, 3_100_000)], index=["p"], crs=PLACES.crs
    )
    found = travel_times(gridville(), spot, PLACES.loc[["north_west"]], mode="walk")
    # 0.4 km and 10 km at 4.8 km/h.
    assert found["travel_time_min"].iloc[0] == pytest.approx(10.4 / 4.8 * 60)


def test_no_trip_grows_longer_as_the_regions_network_grows(network, czt):
    places = network.roads.junctions.sample(60, random_state=3)
    places = places.set_geometry(places.translate(700, -400))
    centres = network.roads.junctions.iloc[[0, 60, 120]]
    before = travel_times(network.at(2015), places, centres)["travel_time_min"]
    for year in range(2018, 2036, 3):
        after = travel_times(network.at(year), places, centres)["travel_time_min"]
        assert not (after > before + 0.01).any()
        before = after


@pytest.mark.parametrize(
    ("x", "y", "radius_m", "wanted"),
    [
        # In the middle of a block four streets are 500 m off; the nearest others end there.
        (500_500, 3_105_400, 0, [400]),
        (500_500, 3_105_400, 550, [400, 500, 500]),
        (500_500, 3_105_400, 600, [400, 500, 500, 600]),
        # On a street, on a crossing, and a kilometre out of town.
        (500_500, 3_105_000, 600, [0]),
        (500_000, 3_105_000, 600, [0, 0, 0, 0]),
        (494_000, 3_105_500, 600, [1000]),
        (480_000, 3_105_500, 600, []),
    ],
)
def test_a_point_is_attached_to_the_roads_within_the_radius(x, y, radius_m, wanted):
    found = snap(
        gpd.GeoSeries([Point(x, y)], crs=PLACES.crs),
        road_index(gridville().roads.roads),
        radius_m=radius_m,
        max_distance_m=5_000,
    )
    assert found.off_m.tolist() == pytest.approx(wanted)
    assert found.found.tolist() == [bool(wanted)]


def test_of_too_many_roads_the_nearest_are_taken():
    streets, spot = gridville().roads.roads, Point(500_500, 3_105_400)
    spots = gpd.GeoSeries([spot], crs=PLACES.crs)
    found = snap(spots, road_index(streets), radius_m=5_000, max_distance_m=5_000)
    assert found.off_m.tolist() == pytest.approx(
        sorted(streets.distance(spot))[:MAX_ROADS]
    )


def test_on_a_street_map_a_point_uses_the_nearest_road_alone():
    town = gridville()
    frame = town.roads.roads
    junctions = town.roads.junctions
    small = RoadNetwork(
        frame.set_geometry(frame.geometry.affine_transform([0.2, 0, 0, 0.2, 0, 0])),
        junctions.set_geometry(
            junctions.geometry.affine_transform([0.2, 0, 0, 0.2, 0, 0])
        ),
    )
    x, y = small.junctions.geometry.iloc[0].coords[0]
    spot = gpd.GeoDataFrame(
        geometry=[Point(x + 90, y + 40)], index=["p"], crs=PLACES.crs
    )
    streets = snapped_points(TravelNetwork(small), spot)
    assert small.is_street_map
    assert streets["roads"].tolist() == [1]
    wide = TravelRules(snap_radius_m=100)
    assert snapped_points(TravelNetwork(small), spot, rules=wide)["roads"].item() > 1
    assert not town.roads.is_street_map
    assert snapped_points(town, off_streets(town))["roads"].item() == MAX_ROADS


def off_streets(town):
    x, y = town.roads.junctions.geometry.iloc[60].coords[0]
    return gpd.GeoDataFrame(
        geometry=[Point(x + 300, y + 300)], index=["p"], crs=PLACES.crs
    )
