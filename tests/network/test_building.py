import geopandas as gpd
import pandas as pd
import pytest

from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville
from ctzgis.network import RoadNetwork, join_networks
from ctzgis.network.building import roads_of_lines


@pytest.fixture(scope="module")
def town():
    return gridville().roads


@pytest.fixture(scope="module")
def halves(town):
    east = town.roads.geometry.centroid.x > 500_000
    return town.keep(east), town.keep(~east)


def test_halves_of_a_town_join_to_the_town(town, halves):
    joined = join_networks(halves)
    assert sorted(joined.roads.index) == sorted(town.roads.index)
    assert len(joined.junctions) == len(town.junctions)
    assert joined.length_m == town.length_m


def test_ids_that_clash_get_a_number_before_them(town):
    turned = RoadNetwork(
        town.roads.set_geometry(town.roads.translate(50_000, 0)),
        town.junctions.set_geometry(town.junctions.translate(50_000, 0)),
    )
    joined = join_networks([town, turned])
    assert {"1:r0", "2:r0"} <= set(joined.roads.index)
    assert len(joined.roads) == 2 * len(town.roads)


def test_the_same_network_twice_is_itself(town):
    assert join_networks([town, town]).length_m == town.length_m


def test_a_road_is_cut_where_a_road_of_another_network_meets_it(town):
    # A road along two blocks of the southern border, and one block that ends at its middle.
    from shapely import LineString

    x, y = 495_000.0, 3_100_000.0
    long = gpd.GeoDataFrame(
        town.roads.iloc[:1].drop(columns="geometry").assign(from_id="a", to_id="b"),
        geometry=[LineString([(x, y - 500), (x + 1000, y - 500), (x + 2000, y - 500)])],
        crs=REGION_CRS,
    ).set_axis(["long"])
    ends = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([x, x + 2000], [y - 500] * 2),
        index=["a", "b"],
        crs=REGION_CRS,
    )
    short = long.set_geometry(
        [LineString([(x + 1000, y), (x + 1000, y - 500)])]
    ).set_axis(["short"])
    tips = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([x + 1000] * 2, [y, y - 500]),
        index=["a", "b"],
        crs=REGION_CRS,
    )
    joined = join_networks([RoadNetwork(long, ends), RoadNetwork(short, tips), town])
    assert {"long-0", "long-1", "short"} <= set(joined.roads.index)


def test_columns_that_only_one_network_has_are_completed_by_what_is_known(halves):
    east, west = halves
    told = RoadNetwork(
        east.roads.assign(drive=True, walk=False, cycle=True, cycle_oneway=True),
        east.junctions,
    )
    roads = join_networks([told, west]).roads
    of_west = roads.loc[west.roads.index]
    assert of_west["walk"].all()
    assert not of_west["cycle_oneway"].any()
    assert not roads.loc[east.roads.index, "walk"].any()


def test_nothing_to_join_is_refused():
    with pytest.raises(InputError, match="no network"):
        join_networks([])


def test_networks_in_two_reference_systems_are_refused(town):
    other = RoadNetwork(town.roads.to_crs(32649), town.junctions.to_crs(32649))
    with pytest.raises(CRSError, match="reproject"):
        join_networks([town, other])


def test_inputs_stay_as_they_were(halves):
    before = [half.roads for half in halves]
    join_networks(halves)
    assert all(half.roads.equals(b) for half, b in zip(halves, before, strict=True))


def test_a_road_to_come_stays_beside_the_one_it_replaces(town):
    roads = town.roads.head(2)
    as_planned = roads.assign(status="planned", opens=2030.0)
    lines = pd.concat([as_planned, roads]).drop(columns=["from_id", "to_id"])
    joined, _, changes = roads_of_lines(lines)
    assert joined["status"].tolist() == ["planned"] * 2 + ["built"] * 2
    assert not any(change.action == "dropped" for change in changes)
