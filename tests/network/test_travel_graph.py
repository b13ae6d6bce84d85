"""Graphs with anchors as vertices and other points joined to them."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from ctzgis.analysis import (
    accessibility,
    reach,
    travel_time_matrix,
    travel_times,
    travel_times_in_parts,
)
from ctzgis.errors import InputError, SchemaError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules, travel
from ctzgis.network.engine import matrix

PLACES = gridville_places()


def points(*spots, names=None):
    names = names or [f"p{i}" for i in range(len(spots))]
    return gpd.GeoDataFrame(
        geometry=[Point(spot) for spot in spots], index=names, crs=PLACES.crs
    )


def scattered(seed, count=25):
    """Points in and around Gridville, some of them on its streets."""
    draw = np.random.default_rng(seed)
    xy = draw.uniform((494_800, 3_099_800), (505_200, 3_110_200), (count, 2))
    xy[::3, 1] = np.round(xy[::3, 1] / 1000) * 1000
    return points(*xy.tolist())


def one_way_town(seed=3):
    """Gridville with a third of its streets one-way."""
    roads, lines = gridville().roads, gridville().lines
    frame = roads.roads
    frame["oneway"] = np.random.default_rng(seed).random(len(frame)) < 0.33
    return TravelNetwork(RoadNetwork(frame, roads.junctions), lines)


def street(*xy, oneway=False, **more):
    """A network of one street with junctions at its vertices."""
    spots = [Point(spot) for spot in xy]
    junctions = gpd.GeoDataFrame(
        geometry=spots, index=[f"j{i}" for i in range(len(xy))], crs=PLACES.crs
    )
    roads = gpd.GeoDataFrame(
        {
            "from_id": junctions.index[:-1],
            "to_id": junctions.index[1:],
            "road_class": "primary",
            "oneway": oneway,
            "free_kph": 60.0,
            "peak_kph": 30.0,
            "status": "built",
            "opens": np.nan,
            "closes": np.nan,
            **more,
        },
        geometry=[LineString(pair) for pair in pairwise(xy)],
        index=[f"r{i}" for i in range(len(xy) - 1)],
        crs=PLACES.crs,
    )
    return TravelNetwork(RoadNetwork(roads, junctions))


@pytest.mark.parametrize(
    "mode", ["drive", "walk", "cycle", "walk+rail+walk", "drive+rail+walk"]
)
@pytest.mark.parametrize("radius_m", [0.0, 1500.0])
def test_joined_points_travel_as_anchors_do(mode, radius_m):
    town, here, there = one_way_town(), scattered(1), scattered(2, 20)
    rules = TravelRules(snap_radius_m=radius_m)
    out = town.graph(there, mode=mode, rules=rules)
    back = town.graph(here, direction="to", mode=mode, rules=rules)
    forth = matrix(
        out.search, out.join(town.snap(here, out, rules=rules)).connectors, out.anchors
    )
    against = matrix(
        back.search,
        back.anchors,
        back.join(town.snap(there, back, rules=rules)).connectors,
    )
    assert np.isfinite(forth).all()
    # The cuts are elsewhere, so roads are rounded elsewhere, by 0.005 s each.
    assert np.allclose(forth, against, atol=100 * 0.005 / 60)


@pytest.mark.parametrize("mode", ["drive", "walk+rail+walk"])
def test_all_engines_give_the_same_times_bit_by_bit(mode, monkeypatch):
    town, here, there = one_way_town(), scattered(5), scattered(6)
    tables = []
    for name in ("scipy", "search"):
        monkeypatch.setenv("CTZGIS_ENGINE", name)
        tables.append(travel_times(town, here, there, mode=mode))
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_a_one_way_road_is_left_ahead_only():
    town = street((500_000, 3_105_000), (501_000, 3_105_000), oneway=True)
    spots = points((500_250, 3_105_000), (500_750, 3_105_000))
    found = travel_times(town, spots, spots)
    assert found["travel_time_min"].tolist() == pytest.approx(
        [0, 0.5, np.nan, 0], nan_ok=True
    )
    assert found["reason"].tolist() == ["", "", "no way along one-way streets", ""]


def test_two_points_at_one_place_of_a_one_way_road_are_no_minutes_apart():
    town = street((500_000, 3_105_000), (501_000, 3_105_000), oneway=True)
    here = points((500_300, 3_105_000), names=["a"])
    there = points((500_300, 3_105_000), names=["b"])
    assert travel_times(town, here, there)["travel_time_min"].tolist() == [0]


def test_what_lies_beyond_the_cutoff_is_told_from_what_no_road_leads_to():
    town = street((500_000, 3_105_000), (502_000, 3_105_000), (504_000, 3_105_000))
    here = points((500_000, 3_105_000))
    found = travel_times(
        town, here, points((502_000, 3_105_000), (504_000, 3_105_000)), cutoff_min=3
    )
    assert found["travel_time_min"].tolist() == pytest.approx([2, np.nan], nan_ok=True)
    assert found["reason"].tolist() == ["", "beyond the cutoff"]
    strict = street((500_000, 3_105_000), (504_000, 3_105_000), oneway=True)
    back = travel_times(strict, points((503_000, 3_105_000)), here, cutoff_min=3)
    assert back["reason"].tolist() == ["no way along one-way streets"]


def test_cyclists_ride_twelve_kilometres_an_hour_where_they_may():
    flags = {"cycle": [True, False], "cycle_oneway": [False, False]}
    town = street(
        (500_000, 3_105_000),
        (501_000, 3_105_000),
        (501_000, 3_106_000),
        oneway=True,
        **flags,
    )
    here, there = points((501_000, 3_105_000)), points((500_000, 3_105_000))
    found = travel_times(town, here, there, mode="cycle")
    assert found["travel_time_min"].tolist() == pytest.approx([5])
    closed = travel_times(town, here, points((501_000, 3_106_000)), mode="cycle")
    # Its junction is 1 km from the road that may be used: 6.5 min at 12 km/h × 1.3.
    assert closed["travel_time_min"].tolist() == pytest.approx([6.5])


def test_a_profile_of_ones_own_takes_its_speeds_from_its_column():
    town = street(
        (500_000, 3_105_000), (501_000, 3_105_000), night_kph=120.0, signals=2
    )
    ends = town.roads.junctions
    found = travel_times(town, ends, ends, profile="night")
    # 0.5 min of road; signals as in free flow, 2 × 15 s.
    assert found["travel_time_min"].iloc[1] == pytest.approx(1.0)
    rules = TravelRules(signal_s={"free": 15, "peak": 30, "night": 0})
    quick = travel_times(town, ends, ends, profile="night", rules=rules)
    assert quick["travel_time_min"].iloc[1] == pytest.approx(0.5)


@pytest.mark.parametrize("speed", [0.0, -3.0, np.nan, "fast"])
def test_a_profile_with_a_road_without_speed_is_refused(speed):
    town = street((500_000, 3_105_000), (501_000, 3_105_000), night_kph=speed)
    ends = town.roads.junctions
    with pytest.raises(InputError, match="'night_kph' has no speed above 0 for road"):
        travel_times(town, ends, ends, profile="night")


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(InputError, match="one of free, peak"):
        travel_times(gridville(), PLACES, PLACES, profile="night")


def test_the_same_question_does_not_build_the_graph_again():
    town = gridville()
    first = town.graph(PLACES)
    assert town.graph(PLACES.copy()) is first
    assert town.graph(PLACES.iloc[1:]) is not first
    assert town.graph(PLACES, profile="peak") is not first
    assert town.graph(PLACES, rules=TravelRules(snap_radius_m=5)) is not first
    assert town.graph(PLACES, direction="to") is not first


def test_few_graphs_are_kept():
    town = gridville()
    first = town.graph(PLACES)
    for k in range(1, 5):
        town.graph(PLACES.iloc[:k])
    assert town.graph(PLACES) is not first


def test_large_graphs_push_out_earlier_ones(monkeypatch):
    monkeypatch.setattr(travel, "_KEPT_VERTICES", 200)
    town = gridville()
    first = town.graph(PLACES)
    second = town.graph(PLACES.iloc[:2])
    assert town.graph(PLACES.iloc[:2]) is second
    assert town.graph(PLACES) is not first


def test_an_edited_network_forgets_the_graphs_of_the_old_one():
    town = gridville()
    assert one_way_town().graph(PLACES) is not town.graph(PLACES)
    assert town.at(2020).graph() is not town.graph()


def test_a_road_longer_than_others_does_not_mislead_joined_points():
    # Attachments are found by metres counted from road to road.
    draw = np.random.default_rng(4)
    steps = draw.uniform(0.2, 900, (40, 2))
    xy = np.cumsum(steps, axis=0) + np.array([500_000, 3_100_000])
    town = street(*map(tuple, xy))
    spots = points(*map(tuple, (xy[1:] + xy[:-1]) / 2))
    found = travel_times(town, spots, points(tuple(xy[0])), rules=EXACT)
    steps = np.hypot(*np.diff(xy, axis=0).T)
    wanted = (np.cumsum(steps) - steps / 2) / 1000
    assert found["travel_time_min"].to_numpy() == pytest.approx(wanted, abs=0.003)


EXACT = TravelRules(snap_radius_m=0)


def test_parts_of_a_table_are_the_table():
    town, here, there = one_way_town(), scattered(8), scattered(9, 7)
    whole = travel_times(town, here, there, cutoff_min=9)
    parts = list(
        travel_times_in_parts(town, here, there, cutoff_min=9, pairs_at_once=30)
    )
    assert [len(part) for part in parts] == [28] * 6 + [7]
    pd.testing.assert_frame_equal(pd.concat(parts), whole)


def test_a_matrix_has_a_row_an_origin():
    town, here, there = one_way_town(), scattered(8), scattered(9, 7)
    found = travel_time_matrix(town, here, there)
    long = travel_times(town, here, there)
    assert found.shape == (25, 7)
    assert found.to_numpy().ravel().tolist() == long["travel_time_min"].tolist()
    assert (found.index.name, found.columns.name) == ("from_id", "to_id")


@pytest.mark.parametrize("cutoff", [0, -1, np.nan])
def test_a_cutoff_that_is_no_time_is_refused(cutoff):
    with pytest.raises(InputError, match="minutes above 0"):
        travel_times(gridville(), PLACES, PLACES, cutoff_min=cutoff)


def test_more_pairs_than_a_table_holds_are_refused():
    many = points((500_000, 3_105_000)).loc[["p0"] * 11_000]
    many.index = [f"q{i}" for i in range(len(many))]
    with pytest.raises(InputError, match="121,000,000 pairs.*travel_times_in_parts"):
        travel_times(gridville(), many, many)


def test_no_points_give_an_empty_table():
    none = PLACES.iloc[:0]
    assert travel_times(gridville(), none, PLACES).empty
    assert travel_times(gridville(), PLACES, none).empty


def test_points_stay_as_they_are():
    before = PLACES.copy()
    travel_times(gridville(), PLACES, PLACES)
    pd.testing.assert_frame_equal(PLACES, before)
    assert shapely.equals(PLACES.geometry.array, before.geometry.array).all()


def crossing(**control):
    """Three kilometres of street; the junctions between may have a control."""
    xy = [(500_000 + 1000 * k, 3_105_000) for k in range(4)]
    town = street(*xy)
    junctions = town.roads.junctions
    junctions["control"] = [control.get(name) for name in junctions.index]
    return TravelNetwork(RoadNetwork(town.roads.roads, junctions))


@pytest.mark.parametrize(
    ("control", "seconds"), [("signals", 15), ("roundabout", 3), (None, 0)]
)
def test_drivers_lose_time_at_a_junction_by_its_control(control, seconds):
    town = crossing(j1=control)
    ends = town.roads.junctions.loc[["j0", "j3"]]
    found = travel_times(town, ends, ends)["travel_time_min"]
    assert found.tolist() == pytest.approx([0, 3 + seconds / 60, 3 + seconds / 60, 0])


def test_the_peak_loses_more_and_walkers_nothing():
    town = crossing(j1="signals", j2="stop")
    ends = town.roads.junctions.loc[["j0", "j3"]]
    peak = travel_times(town, ends, ends, profile="peak")["travel_time_min"]
    assert peak.iloc[1] == pytest.approx(6 + 30 / 60 + 5 / 60)
    on_foot = travel_times(town, ends, ends, mode="walk")["travel_time_min"]
    assert on_foot.iloc[1] == pytest.approx(3 / 4.8 * 60)


def test_who_starts_beside_a_junction_loses_its_delay_and_who_stops_short_does_not():
    town = crossing(j1="signals")
    spots = points((500_900, 3_105_000), (501_100, 3_105_000), (500_800, 3_105_000))
    found = travel_time_matrix(town, spots, spots)
    assert found.loc["p0", "p1"] == pytest.approx(0.2 + 0.25)
    assert found.loc["p1", "p0"] == pytest.approx(0.2 + 0.25)
    assert found.loc["p0", "p2"] == pytest.approx(0.1)


def test_an_unknown_control_is_refused():
    with pytest.raises(SchemaError, match="'control' has magic"):
        crossing(j1="magic")


def reversed_town(town):
    """All roads drawn, and so travelled, the other way."""
    frame = town.roads.roads
    turned = frame.assign(
        from_id=frame["to_id"],
        to_id=frame["from_id"],
        geometry=frame.geometry.reverse(),
    )
    return TravelNetwork(RoadNetwork(turned, town.roads.junctions), town.lines)


def test_reversing_all_roads_turns_from_into_to():
    town, here = one_way_town(), scattered(11).assign(population=3.0)
    there = scattered(12).assign(population=np.arange(25.0))
    turned = reversed_town(town)
    assert np.allclose(
        travel_time_matrix(town, here, there),
        travel_time_matrix(turned, there, here).T,
        atol=0.01,
        equal_nan=True,
    )
    options = {"cutoffs_min": [3, 7, 11]}
    reached = accessibility(town, here, there, direction="from", **options)
    back = accessibility(turned, here, there, direction="to", **options)
    assert np.allclose(reached["reached"], back["reached"])
    out = reach(town, here.iloc[:3], cutoff_min=6)
    into = reach(turned, here.iloc[:3], cutoff_min=6, direction="to")
    pd.testing.assert_frame_equal(
        out.sort_values(["origin_id", "junction_id"], ignore_index=True),
        into.sort_values(["origin_id", "junction_id"], ignore_index=True),
    )


def split_town(town, seed):
    """Every third road cut in two at a new junction somewhere along it."""
    draw = np.random.default_rng(seed)
    frame, junctions = town.roads.roads, town.roads.junctions
    cut = frame.iloc[::3]
    share = draw.uniform(0.1, 0.9, len(cut))
    at = shapely.line_interpolate_point(cut.geometry.array, share, normalized=True)
    names = [f"cut{i}" for i in range(len(cut))]
    new = gpd.GeoDataFrame(geometry=at, index=names, crs=frame.crs)
    ends = shapely.get_coordinates(cut.geometry.array).reshape(-1, 2, 2)
    middle = shapely.get_coordinates(at)
    halves = [
        cut.assign(
            **{column: names},
            geometry=shapely.linestrings(np.stack(pair, axis=1)),
        ).set_axis([f"{road}{part}" for road in cut.index])
        for column, pair, part in (
            ("to_id", (ends[:, 0], middle), "a"),
            ("from_id", (middle, ends[:, 1]), "b"),
        )
    ]
    roads = pd.concat([frame.drop(index=cut.index), *halves])
    return TravelNetwork(RoadNetwork(roads, pd.concat([junctions, new])), town.lines)


@pytest.mark.parametrize("mode", ["drive", "walk+rail+walk"])
def test_cutting_roads_in_two_changes_no_time(mode):
    town, here, there = one_way_town(), scattered(13), scattered(14)
    # With a radius a point may walk straight to the nearest place of either half.
    whole, cut = (
        travel_time_matrix(network, here, there, mode=mode, rules=EXACT)
        for network in (town, split_town(town, 15))
    )
    assert np.allclose(whole, cut, atol=0.01, equal_nan=True)
