import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ctzgis import accessibility, travel_times
from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules

PLACES = gridville_places()


def reached(frame):
    return frame.pivot_table(index="point_id", columns="cutoff_min", values="reached")


def by_travel_times(
    network, points, opportunities, cutoffs, value="population", **options
):
    """Oracle: every trip one by one."""
    times = travel_times(network, points, opportunities, **options)
    times["value"] = times["to_id"].map(opportunities[value])
    return pd.DataFrame(
        {
            cutoff: times["value"].where(times["travel_time_min"] <= cutoff, 0.0)
            .groupby(times["from_id"]).sum()
            for cutoff in cutoffs
        }
    )  # fmt: skip


def test_a_corner_reaches_the_centre_then_two_corners_then_all():
    corner = PLACES.loc[["south_west"]]
    found = accessibility(gridville(), corner, PLACES, cutoffs_min=(9, 10, 20))
    # Centre and both near corners are 10 km away, the far one 20.
    assert found["reached"].tolist() == [1000, 4000, 5000]
    assert found["reached_share"].tolist() == [0.2, 0.8, 1.0]


def random_points(count, seed):
    rng = np.random.default_rng(seed)
    spots = rng.uniform((494_500, 3_099_500), (505_500, 3_110_500), (count, 2))
    return gpd.GeoDataFrame(
        {"jobs": rng.integers(1, 50, count)},
        geometry=shapely.points(spots),
        crs=REGION_CRS,
    )


@pytest.mark.parametrize(
    "mode", ["drive", "walk", "walk+rail+walk", "drive+rail+drive"]
)
@pytest.mark.parametrize("profile", ["free", "peak"])
def test_sums_are_those_of_the_trips_one_by_one(mode, profile):
    points, others = random_points(15, 1), random_points(20, 2)
    others.index = [f"o{i}" for i in others.index]
    cutoffs = (7.3, 21.7, 64.1)
    options = {"mode": mode, "profile": profile}
    found = accessibility(
        gridville(), points, others, cutoffs_min=cutoffs, value="jobs", **options
    )
    wanted = by_travel_times(gridville(), points, others, cutoffs, "jobs", **options)
    assert (reached(found).to_numpy() == wanted.to_numpy()).all()


def test_to_a_point_is_from_it_with_the_roads_turned():
    roads = gridville().roads.roads
    roads["oneway"] = np.arange(len(roads)) % 3 == 0
    forth = TravelNetwork(RoadNetwork(roads, gridville().roads.junctions))
    turned = roads.assign(from_id=roads["to_id"], to_id=roads["from_id"])
    turned = turned.set_geometry(shapely.reverse(np.asarray(turned.geometry.array)))
    back = TravelNetwork(RoadNetwork(turned, gridville().roads.junctions))
    one = accessibility(forth, PLACES, PLACES, cutoffs_min=(5, 12, 18), direction="to")
    other = accessibility(back, PLACES, PLACES, cutoffs_min=(5, 12, 18))
    assert one.equals(other)
    assert not one.equals(accessibility(forth, PLACES, PLACES, cutoffs_min=(5, 12, 18)))


def test_a_longer_cutoff_reaches_no_less():
    points, others = random_points(30, 3), random_points(30, 4)
    found = accessibility(
        gridville(), points, others, cutoffs_min=range(1, 40, 3), value="jobs"
    )
    assert (np.diff(reached(found).to_numpy(), axis=1) >= 0).all()


def test_a_point_reaches_what_is_at_its_own_place():
    off_road = random_points(5, 5)
    found = accessibility(
        gridville(), off_road, off_road, cutoffs_min=(0.001,), value="jobs"
    )
    assert found["reached"].tolist() == off_road["jobs"].tolist()


def test_a_point_far_from_every_road_has_a_reason():
    far = gpd.GeoDataFrame(
        {"population": 7}, geometry=gpd.points_from_xy([600_000], [3_200_000]),
        index=["far"], crs=REGION_CRS,
    )  # fmt: skip
    found = accessibility(gridville(), far, PLACES, cutoffs_min=(10,))
    assert np.isnan(found["reached"]).all()
    assert found["reason"].tolist() == ["no road near the origin"]
    to = accessibility(gridville(), far, PLACES, cutoffs_min=(10,), direction="to")
    assert to["reason"].tolist() == ["no road near the destination"]
    # What lies far away counts among all there is, and is reached by nobody.
    both = pd.concat([PLACES, far])
    found = accessibility(gridville(), PLACES, both, cutoffs_min=(99,))
    assert found["reached_share"].tolist() == pytest.approx([5000 / 5007] * 5)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"cutoffs_min": (0,)}, InputError, "above 0; 0 is given"),
        ({"cutoffs_min": (10, float("nan"))}, InputError, "above 0; nan is given"),
        ({"value": "jobs"}, InputError, "no column 'jobs'"),
        ({"direction": "both"}, InputError, "one of from, to"),
        ({"mode": "fly"}, InputError, "mode 'fly' is not known"),
        ({"points": PLACES.to_crs(4326)}, CRSError, "reproject"),
        ({"points": PLACES.buffer(1).to_frame("geometry")}, SchemaError, "geometry is"),
        (
            {"opportunities": PLACES.assign(population="x")},
            InputError,
            "undefined in row",
        ),
    ],
)
def test_bad_input_is_refused(change, error, said):
    given = {"points": PLACES, "opportunities": PLACES, "cutoffs_min": (10,), **change}
    points, opportunities = given.pop("points"), given.pop("opportunities")
    with pytest.raises(error, match=said):
        accessibility(gridville(), points, opportunities, **given)


def test_no_points_are_no_rows():
    assert accessibility(gridville(), PLACES.iloc[:0], PLACES, cutoffs_min=(10,)).empty


def test_inputs_stay_as_they_were():
    points, others = PLACES.copy(), PLACES.copy()
    accessibility(gridville(), points, others, cutoffs_min=(10,))
    assert points.equals(PLACES)
    assert others.equals(PLACES)


def test_changshas_streets_agree_with_trips_one_by_one(real_data):
    from ctzgis import read_network

    network = read_network(real_data / "changsha_streets")
    junctions = network.roads.junctions.sample(300, random_state=1).assign(people=3)
    points, others = junctions.iloc[:20], junctions.iloc[20:]
    rules = TravelRules(snap_radius_m=0)
    found = accessibility(
        network, points, others, cutoffs_min=(10, 20), value="people", rules=rules
    )
    wanted = by_travel_times(network, points, others, (10, 20), "people", rules=rules)
    assert (
        reached(found).to_numpy() == wanted.loc[sorted(points.index)].to_numpy()
    ).all()
