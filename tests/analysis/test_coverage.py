from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ctzgis.analysis import corridor_gaps, corridor_status, places_served
from ctzgis.analysis.coverage import corridor_parts
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork

if TYPE_CHECKING:
    import geopandas as gpd

PLACES = gridville_places()


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
