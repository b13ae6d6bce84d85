"""Components of the integration index, measured on Gridville and on 长株潭."""

import geopandas as gpd
import pytest
import shapely

from ctzgis.assessment.index.joining import Term, integration_index
from ctzgis.assessment.index.links import border_roads
from ctzgis.assessment.index.measures import (
    Ground,
    ground_of,
    measure_components,
)
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.network import RoadNetwork, TravelNetwork
from ctzgis.sources.plans.index_terms import read_index_terms

X, Y = 495_000, 3_100_000


def ground(network=None, **parts):
    """Return the towns of Gridville's southern quarters, 10 km of road apart."""
    centres = gridville_places().iloc[[0, 1]].set_axis(["sw", "se"])
    wanted = {"network": network or gridville(), "centres": centres}
    return Ground(**{**wanted, "cities": gridville_zones(), **parts})


def measured(*args, **parts):
    return {r.component: r for r in measure_components(ground(*args, **parts))}


def changed(**columns):
    """Return Gridville with other values in columns of its roads."""
    town = gridville()
    roads = town.roads.roads.assign(**columns)
    return TravelNetwork(RoadNetwork(roads, town.roads.junctions), town.lines)


@pytest.fixture(scope="module")
def town():
    return measured(people=gridville_places())


def test_the_index_of_a_toy_region_is_the_hand_count(town):
    terms = [
        # 10 km at 60 km/h are 10 min: (25 − 10) / (25 − 5) = 75 points.
        Term(id="centre_drive_free", weight=1, goal=5, floor=25),
        # One street name on 5 km of border are 20 per 100 km: 50 points.
        Term(id="main_roads", weight=1, goal=40, floor=0),
        # A train every 4 minutes, 15 an hour: 100 points.
        Term(id="direct_trains", weight=2, goal=15, floor=0),
    ]
    pair, region = integration_index(list(town.values()), terms)
    assert pair.value == pytest.approx((75 + 50 + 2 * 100) / 4)
    assert region.value == pytest.approx(pair.value)


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("centre_drive_free", 10),
        ("centre_drive_peak", 20),
        ("fast_roads", 0),
        ("main_roads", 20),
        ("direct_trains", 15),
        ("dead_ends", 0),
        ("other_centre_30", 1),
        ("two_centres_30", 1),
        ("network_changes", 0),
    ],
)
def test_components_are_as_worked_out_by_hand(town, component, value):
    assert town[component].value == pytest.approx(value)


@pytest.mark.parametrize("how", ["linear", "geometric"])
def test_quicker_roads_raise_the_index(czt, how):
    terms, _ = read_index_terms(czt)
    # 40 and 75 min, then 30 and 60.
    slow, quick = (
        measured(changed(free_kph=free, peak_kph=peak), people=gridville_places())
        for free, peak in ((15.0, 8.0), (20.0, 10.0))
    )
    before, after = (
        integration_index(list(found.values()), terms, aggregation=how)[0].value
        for found in (slow, quick)
    )
    assert after > before


def test_the_range_of_a_drive_is_that_of_its_speeds(town):
    drive = town["centre_drive_free"]
    assert drive.low == pytest.approx(10 / 1.15, abs=0.01)
    assert drive.high == pytest.approx(10 / 0.85, abs=0.01)


def test_every_value_lies_in_its_range(town):
    for reading in town.values():
        if reading.value is not None:
            assert reading.low <= reading.value <= reading.high, reading.component


def test_without_outlines_edges_and_stations_are_not_assessable(town):
    for component in ("edge_drive_free", "edge_drive_peak", "station_cover"):
        assert town[component].value is None
        assert not town[component].no_way
        assert "built-up" in town[component].reason.en


def test_without_people_and_lines_what_needs_them_is_not_assessable():
    bare = TravelNetwork(gridville().roads, ())
    found = measured(bare)
    for component in ("other_centre_30", "all_centres_60"):
        assert found[component].reason.en == "no people known there"
    for component in ("centre_rail_free", "direct_trains", "network_changes"):
        assert found[component].value is None
        assert found[component].reason.en == "the network has no rail lines"


def test_people_count_by_their_own_city_and_to_the_minute():
    # At 20 km/h 10 km take exactly half an hour, from the quarters' corners and from the
    # town's centre, which lies in the first; the northern corners reach one centre.
    found = measured(changed(free_kph=20.0), people=gridville_places())
    assert found["other_centre_30"].value == 1
    assert found["two_centres_30"].value == pytest.approx(3 / 5)
    slower = measured(changed(free_kph=19.9), people=gridville_places())
    assert slower["other_centre_30"].value == 0


def test_edges_carry_how_well_they_are_drawn():
    blocks = gpd.GeoDataFrame(
        {"accuracy_m": 1000.0},
        geometry=[
            shapely.box(X + a, Y + 500, X + a + 2_000, Y + 2_500) for a in (0, 8_000)
        ],
        index=["sw", "se"],
        crs="EPSG:4547",
    )
    edge = measured(built_up=blocks)["edge_drive_free"]
    assert edge.value == pytest.approx(6, abs=0.01)
    # 15 % of speed, and 2 km at 60 km/h for the two edges.
    assert edge.high == pytest.approx(6 / 0.85 + 2, abs=0.01)
    assert edge.low == pytest.approx(6 / 1.15 - 2, abs=0.01)


def test_a_road_counts_once_however_often_it_crosses():
    names = [f"street {y}" for y in gridville().roads.roads.geometry.centroid.y]
    assert len(border_roads(ground())) == 4  # one name on each of four borders
    by_street = border_roads(ground(changed(name_zh=names)))
    pairs = by_street.groupby(["zone_id", "other_id"]).size()
    assert pairs["sw", "se"] == 6


def test_roads_without_a_name_count_by_row():
    found = border_roads(ground(changed(name_zh=None)))
    assert len(found[found["other_id"] == "se"].drop_duplicates("road")) >= 6


def test_lesser_roads_are_no_links():
    found = measured(changed(road_class="residential"))
    assert found["fast_roads"].value == found["main_roads"].value == 0


def test_a_dead_end_near_the_border_is_counted():
    start = shapely.Point(X + 4_000, Y + 1_000)
    town = gridville()
    roads, junctions = town.roads.roads, town.roads.junctions
    row = roads.loc["r0"].copy()
    row["from_id"], row["to_id"] = "j4_1", "end"
    row["geometry"] = shapely.LineString([start, (X + 4_500, Y + 1_500)])
    roads.loc["stub"] = row
    junctions.loc["end"] = {
        "name_zh": "",
        "geometry": shapely.Point(X + 4_500, Y + 1_500),
    }
    # Older GeoPandas forgets the CRS when a row is added.
    roads, junctions = (
        f.set_crs(4547, allow_override=True) for f in (roads, junctions)
    )
    found = measured(TravelNetwork(RoadNetwork(roads, junctions), town.lines))
    assert found["dead_ends"].value == 1


def test_cities_apart_have_no_links_to_assess():
    zones = gridville_zones().loc[["sw", "ne"]]
    centres = gridville_places().iloc[[0, 3]].set_axis(["sw", "ne"])
    found = measured(centres=centres, cities=zones)
    for component in ("fast_roads", "main_roads", "dead_ends"):
        assert found[component].reason.en == "the cities share no border"


def test_where_no_way_leads_is_told_from_where_no_road_is_known():
    zones, places = gridville_zones(), gridville_places()
    centres = places.iloc[[0, 1]].set_axis(["sw", "se"])
    roads = gridville().roads.roads
    x = roads.geometry.centroid.x
    cut = roads[(x < X + 4_100) | (x > X + 5_900)]
    islands = TravelNetwork(RoadNetwork(cut, gridville().roads.junctions), ())
    found = measured(islands, centres=centres, cities=zones)
    assert found["centre_drive_free"].no_way
    west = roads[x < X + 2_900]
    half = TravelNetwork(RoadNetwork(west, gridville().roads.junctions), ())
    found = measured(half, centres=centres, cities=zones)
    assert not found["centre_drive_free"].no_way
    assert found["centre_drive_free"].reason.en == "no road near a centre"


def test_one_centre_and_one_without_a_city_are_refused():
    centres = gridville_places().iloc[[0]]
    with pytest.raises(InputError, match="two or more"):
        ground(centres=centres)
    with pytest.raises(InputError, match="without a city: north_west"):
        ground(centres=gridville_places().iloc[[2, 3]])


def test_the_inputs_stay_as_they_were():
    people, zones = gridville_places(), gridville_zones()
    before = people.copy(), zones.copy()
    measured(people=people, cities=zones)
    assert people.equals(before[0])
    assert zones.equals(before[1])


def test_a_plan_with_one_centre_and_a_network_elsewhere_are_refused(czt):
    from ctzgis import read_plan

    with pytest.raises(InputError, match="'gridville' places 1 centre"):
        ground_of(read_plan("gridville"), gridville(), None)
    town = gridville()
    far = town.roads.roads
    far.geometry = far.translate(0, -900_000)
    spots = town.roads.junctions
    spots.geometry = spots.translate(0, -900_000)
    away = TravelNetwork(RoadNetwork(far, spots), ())
    with pytest.raises(InputError, match="does not touch"):
        ground_of(czt, away, None)
