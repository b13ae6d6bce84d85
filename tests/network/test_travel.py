from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from ctzgis.analysis import travel_times
from ctzgis.errors import CRSError, EditError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    RoadNetwork,
    TravelNetwork,
    TravelRules,
    UpgradeRoad,
    projects_of,
)

PLACES = gridville_places()


def minutes(network, a, b, **options):
    table = travel_times(network, PLACES.loc[[a]], PLACES.loc[[b]], **options)
    return table["travel_time_min"].iloc[0]


def road(town, road_id):
    return town.roads.roads.loc[road_id].to_dict()


def test_driving_follows_the_streets_at_a_kilometre_a_minute():
    assert minutes(gridville(), "centre", "north_east") == pytest.approx(10)


def test_the_peak_takes_twice_as_long_on_the_road():
    assert minutes(
        gridville(), "centre", "north_east", profile="peak"
    ) == pytest.approx(20)


def test_walking_ten_kilometres_takes_125_minutes():
    assert minutes(gridville(), "centre", "north_east", mode="walk") == pytest.approx(
        125
    )


def test_rail_is_wait_and_ride_and_walk():
    # Centre → east: wait 2 (half of 4), ride 2; then 5 km north on foot, 62.5 min.
    assert minutes(gridville(), "centre", "north_east", mode="walk+rail+walk") == (
        pytest.approx(2 + 2 + 62.5)
    )


def test_a_car_at_both_ends_parks_twice():
    # 0 km + 3 min, wait 2, ride 2, 3 min, 5 km by car.
    assert minutes(gridville(), "centre", "north_east", mode="drive+rail+drive") == (
        pytest.approx(3 + 2 + 2 + 3 + 5)
    )


def test_security_and_long_waits_are_charged_by_rule():
    rules = TravelRules(max_wait_min=1.5, security_min={"metro": 4.0})
    assert minutes(
        gridville(), "centre", "north_east", mode="walk+rail+walk", rules=rules
    ) == (pytest.approx(1.5 + 4 + 2 + 62.5))


def test_a_point_off_the_road_pays_for_the_way_to_it():
    # 200 m south of the south-west corner: 0.2 × 1.3 / 20 × 60 = 0.78 min, then 20 km.
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_000, 3_099_800)], index=["p"], crs=PLACES.crs
    )
    found = travel_times(gridville(), spot, PLACES.loc[["north_east"]])[
        "travel_time_min"
    ]
    assert found.iloc[0] == pytest.approx(0.78 + 20)


def test_a_point_in_the_middle_of_a_road_splits_it():
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_250, 3_100_000)], index=["p"], crs=PLACES.crs
    )
    to = travel_times(gridville(), spot, PLACES.loc[["south_west", "south_east"]])
    assert to["travel_time_min"].tolist() == pytest.approx([0.25, 9.75])


def test_two_points_on_one_road_meet_on_it():
    spots = gpd.GeoDataFrame(
        geometry=[Point(495_250, 3_100_000), Point(495_750, 3_100_000)],
        index=["a", "b"],
        crs=PLACES.crs,
    )
    found = travel_times(gridville(), spots, spots)["travel_time_min"]
    assert found.tolist() == pytest.approx([0, 0.5, 0.5, 0])


def test_a_point_too_far_from_any_road_says_so():
    spot = gpd.GeoDataFrame(
        geometry=[Point(600_000, 3_100_000)], index=["p"], crs=PLACES.crs
    )
    there = travel_times(gridville(), PLACES.loc[["centre"]], spot)
    assert np.isnan(there["travel_time_min"].iloc[0])
    assert there["reason"].iloc[0] == "no road near the destination"
    back = travel_times(gridville(), spot, PLACES.loc[["centre"]])
    assert back["reason"].iloc[0] == "no road near the origin"


def test_where_no_way_leads_the_reason_is_no_way():
    town = gridville()
    corner = town.roads.roads
    cut = [
        r for r, a, b in corner[["from_id", "to_id"]].itertuples() if "j10_10" in (a, b)
    ]
    island = town.with_edits(*(CloseRoad(road_id=r) for r in cut[1:]))
    island = island.with_edits(
        UpgradeRoad(
            road_id=cut[0],
            by=AddRoad(
                road_id="stub",
                values={
                    **road(town, cut[0]),
                    "from_id": "far",
                    "to_id": "j10_10",
                    "geometry": LineString(
                        [(505_000, 3_110_500), (505_000, 3_110_000)]
                    ),
                },
                junctions={"far": Point(505_000, 3_110_500)},
            ),
        )
    )
    table = travel_times(island, PLACES.loc[["centre"]], PLACES.loc[["north_east"]])
    assert table["reason"].tolist() == ["another part of the network"]


def test_a_one_way_street_can_only_be_driven_along():
    town = gridville()
    roads = town.roads.roads
    south = roads[
        roads["from_id"].str.endswith("_0") & roads["to_id"].str.endswith("_0")
    ]
    edits = [
        UpgradeRoad(
            road_id=r,
            by=AddRoad(road_id=f"{r}-one", values={**road(town, r), "oneway": True}),
        )
        for r in south.index
    ]
    one_way = town.with_edits(*edits)
    assert minutes(one_way, "south_west", "south_east") == pytest.approx(10)
    # Back: one block north, ten west, one south.
    assert minutes(one_way, "south_east", "south_west") == pytest.approx(12)
    assert minutes(one_way, "south_east", "south_west", mode="walk") == pytest.approx(
        125
    )


def test_one_way_streets_agree_with_networkx_between_all_junctions():
    town = gridville().roads
    one_way = TravelNetwork(RoadNetwork(town.roads.assign(oneway=True), town.junctions))
    graph = nx.DiGraph(
        (a, b)
        for a, b in one_way.roads.roads[["from_id", "to_id"]].itertuples(index=False)
    )
    sample = town.junctions.iloc[::5]
    found = travel_times(one_way, sample, sample)
    # Every street is a kilometre and takes a minute.
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    wanted = [
        hops[a].get(b, np.nan)
        for a, b in found[["from_id", "to_id"]].itertuples(index=False)
    ]
    assert found["travel_time_min"].tolist() == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("past_it_m", [0, 0.5])
def test_who_joins_a_one_way_street_at_its_start_may_take_another_there(past_it_m):
    # Two one-way streets leave the junction, one east, one north; the point is nearest to
    # the start of the first. Roads and junctions fit to a metre only.
    town = gridville().roads
    roads = town.roads[town.roads["from_id"] == "j1_0"].assign(oneway=True)
    streets = TravelNetwork(RoadNetwork(roads, town.junctions))
    spot = gpd.GeoDataFrame(
        geometry=[Point(496_000 + past_it_m, 3_099_900)], index=["p"], crs=PLACES.crs
    )
    ends = town.junctions.loc[["j2_0", "j1_1"]]
    found = travel_times(streets, spot, ends, rules=TravelRules(snap_radius_m=0))
    # 100 m off the road: 0.1 × 1.3 / 20 × 60 = 0.39 min; then 1 km.
    assert found["travel_time_min"].tolist() == pytest.approx([1.39, 1.39], abs=0.01)


def test_a_motorway_of_no_length_troubles_nobody_on_foot():
    town = gridville().roads
    dot = town.roads.loc[["r0"]].rename(index={"r0": "dot"})
    dot = dot.assign(road_class="motorway", to_id="j0_0")
    dot.geometry = [LineString([(495_000, 3_100_000)] * 2)]
    more = TravelNetwork(RoadNetwork(pd.concat([town.roads, dot]), town.junctions))
    assert minutes(more, "centre", "north_east", mode="walk") == pytest.approx(125)


def test_one_id_at_two_places_is_two_points():
    origin, destination = PLACES.loc[["south_west"]], PLACES.loc[["north_east"]]
    destination.index = origin.index
    found = travel_times(gridville(), origin, destination)["travel_time_min"]
    assert found.tolist() == pytest.approx([20])


def test_a_point_off_the_road_is_no_minute_from_itself():
    spot = gpd.GeoDataFrame(
        geometry=[Point(495_400, 3_100_500)], index=["p"], crs=PLACES.crs
    )
    assert travel_times(gridville(), spot, spot)["travel_time_min"].tolist() == [0]


def test_signals_delay_a_road():
    town = gridville()
    slow = town.with_edits(
        *(
            UpgradeRoad(
                road_id=r,
                by=AddRoad(road_id=f"{r}-s", values={**road(town, r), "signals": 2}),
            )
            for r in town.roads.roads.index
        )
    )
    # Two signals of 15 s on each of 10 roads: 5 min.
    assert minutes(slow, "centre", "north_east") == pytest.approx(15)


@pytest.mark.parametrize(
    "mode", ["drive", "walk", "walk+rail+walk", "drive+rail+drive"]
)
def test_a_new_road_or_line_never_worsens_a_time(mode):
    town = gridville()
    diagonal = AddRoad(
        road_id="diagonal",
        values={
            **road(town, "r0"),
            "from_id": "j0_0",
            "to_id": "j10_10",
            "geometry": LineString([(495_000, 3_100_000), (505_000, 3_110_000)]),
        },
    )
    quicker = replace(
        town.lines[0], id="express", headway_min={"free": 1.0, "peak": 1.0}
    )
    more = town.with_edits(diagonal, AddLine(line=quicker))
    before = travel_times(town, PLACES, PLACES, mode=mode)["travel_time_min"]
    after = travel_times(more, PLACES, PLACES, mode=mode)["travel_time_min"]
    assert (after <= before + 1e-9).all()
    assert (after < before - 1).any()


def test_a_hundred_thousand_origins_are_no_matter_of_memory(network):
    # A row of all vertices for each origin would be 80 GB and more.
    net = network.at(2020)
    roads = net.roads.roads
    rng = np.random.default_rng(5)
    lines = np.asarray(roads.geometry.array)[rng.integers(0, len(roads), 100_000)]
    metres = rng.uniform(0, 1, len(lines)) * shapely.length(lines)
    many = gpd.GeoDataFrame(
        geometry=shapely.line_interpolate_point(lines, metres), crs=roads.crs
    )
    centres = net.roads.junctions.iloc[[0, 60, 120]]
    found = travel_times(net, many, centres)["travel_time_min"]
    few = travel_times(net, many[:50], centres)["travel_time_min"]
    assert found.notna().mean() > 0.9
    assert found[:150].tolist() == pytest.approx(few.tolist(), nan_ok=True)


def test_one_station_at_two_places_is_refused():
    town = gridville()
    line = town.lines[0]
    stops = (replace(line.stops[0], point=Point(495_000, 3_105_300)), *line.stops[1:])
    with pytest.raises(
        InputError,
        match="station 'west' of line 'other' lies 300 m from where line 'cross_town'",
    ):
        town.with_edits(AddLine(line=replace(line, id="other", stops=stops)))


def test_closing_the_line_leaves_no_rail():
    alone = gridville().with_edits(CloseLine(line_id="cross_town"))
    table = travel_times(
        alone, PLACES.loc[["centre"]], PLACES.loc[["north_east"]], mode="walk+rail+walk"
    )
    assert table["reason"].tolist() == ["no way by rail"]


def test_a_shorter_headway_shortens_the_wait():
    town = gridville().with_edits(
        ChangeHeadway(line_id="cross_town", headway_min={"free": 2.0})
    )
    assert minutes(town, "centre", "north_east", mode="walk+rail+walk") == (
        pytest.approx(1 + 2 + 62.5)
    )


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (CloseRoad(road_id="none"), "there is no road 'none'"),
        (CloseLine(line_id="none"), "there is no line 'none'"),
        (ChangeHeadway(line_id="none", headway_min={}), "there is no line 'none'"),
        (AddLine(line=gridville().lines[0]), "line 'cross_town' is there already"),
        (AddRoad(road_id="r0", values={}), "road 'r0' is there already"),
    ],
)
def test_edits_that_do_not_fit_are_refused(edit, found):
    with pytest.raises(EditError, match=found):
        gridville().with_edits(edit)


def test_edits_leave_the_network_as_it_was():
    town = gridville()
    town.with_edits(CloseRoad(road_id="r0"), CloseLine(line_id="cross_town"))
    assert "r0" in town.roads.roads.index
    assert len(town.lines) == 1


def test_bad_points_are_refused():
    with pytest.raises(CRSError, match="origins is in EPSG:4326"):
        travel_times(gridville(), PLACES.to_crs(4326), PLACES)
    with pytest.raises(SchemaError, match="index repeats"):
        travel_times(gridville(), PLACES.loc[["centre", "centre"]], PLACES)
    with pytest.raises(InputError, match="mode 'fly' is not known; one of drive"):
        travel_times(gridville(), PLACES, PLACES, mode="fly")
    with pytest.raises(
        InputError, match="profile 'rush' is not known; one of free, pe"
    ):
        travel_times(gridville(), PLACES, PLACES, profile="rush")


def test_travel_times_leave_their_inputs_alone():
    before = PLACES.copy()
    travel_times(gridville(), PLACES, PLACES)
    assert before.equals(PLACES)


def test_a_project_alone_is_the_year_before_with_its_edits(network):
    projects = {p.id: p for p in projects_of(network)}
    assert len(projects) == 10
    dongzhu = projects["dongzhu_road"]
    with_it = network.at(2019).with_edits(*dongzhu.edits)
    roads = with_it.roads.roads
    assert (roads.loc[roads["project_id"] == "dongzhu_road", "free_kph"] == 65).all()
    assert with_it.roads.length_m == pytest.approx(network.at(2019).roads.length_m)
    ring = projects["czt_ic_west_ring"]
    assert {line.id for line in network.at(2022).with_edits(*ring.edits).lines} == {
        line.id for line in network.at(2023).lines
    }
