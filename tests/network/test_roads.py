import pytest
from shapely import LineString

from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville
from ctzgis.network import RoadNetwork


def test_gridville_has_220_km_of_road():
    assert gridville().roads.length_m == 220_000


def test_handed_out_frames_are_copies():
    roads = gridville().roads
    roads.roads["free_kph"] = 1.0
    assert (roads.roads["free_kph"] == 60).all()


def test_a_road_without_its_junction_is_refused():
    town = gridville().roads
    with pytest.raises(InputError, match="names junction 'j0_0', which is missing"):
        RoadNetwork(town.roads, town.junctions.drop(index="j0_0"))


def test_a_road_that_ends_elsewhere_is_refused():
    town = gridville().roads
    roads = town.roads
    roads.loc["r0", "geometry"] = LineString(
        [(495_000, 3_100_000), (496_000, 3_100_500)]
    )
    with pytest.raises(
        InputError, match=r"road 'r0' ends 500 m from its junction \(to_id\)"
    ):
        RoadNetwork(roads, town.junctions)


def test_degrees_are_refused():
    town = gridville().roads
    with pytest.raises(CRSError, match="degree"):
        RoadNetwork(town.roads.to_crs(4326), town.junctions.to_crs(4326))


def test_a_broken_table_is_refused():
    town = gridville().roads
    with pytest.raises(SchemaError, match="'from_id' is missing"):
        RoadNetwork(town.roads.drop(columns="from_id"), town.junctions)


def test_a_year_has_what_is_open_at_its_end():
    town = gridville().roads
    roads = town.roads
    roads.loc["r0", "opens"] = 2020
    roads.loc["r1", "closes"] = 2020
    roads.loc["r2", ["status", "opens"]] = ["planned", float("nan")]
    changed = RoadNetwork(roads, town.junctions)

    def has(year, **options):
        kept = changed.at(year, **options).roads.index
        return [road in kept for road in ("r0", "r1", "r2")]

    assert has(2019) == [False, True, False]
    assert has(2020) == [True, False, False]
    assert has(2019, undated="include") == [False, True, True]
