"""Circles of several states at once: by hand on Gridville, and against single measures."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ctzgis.analysis.access.accuracy import Accuracy
from ctzgis.analysis.access.circle_study import (
    CIRCLE_STATES,
    CIRCLE_WAYS,
    circle_study,
)
from ctzgis.analysis.access.circle_tables import slower_direction
from ctzgis.analysis.access.circles import people_reached
from ctzgis.analysis.access.isochrones import isochrones
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import Scenario, TravelNetwork

TOWN = gridville()
PLACES = gridville_places()
WEST = PLACES.loc[["south_west", "north_west"]]
NOW = Scenario(id="now", name_zh="现状", year=2020)
EXACT = Accuracy(speed_share=0.0, headway_share=0.0)
HALF = Accuracy(speed_share=0.5, headway_share=0.5)


def measured(network=TOWN, centres=WEST, **options):
    settled = {
        "states": [NOW],
        "profiles": ["free"],
        "population": PLACES,
        "minutes": 10,
    }
    return circle_study(network, centres, **{**settled, **options})


@pytest.fixture(scope="module")
def study():
    return measured(accuracy=HALF, profiles=["free", "peak"])


@pytest.fixture(scope="module")
def rail_ends():
    stops = TOWN.lines[0].stops
    return gpd.GeoDataFrame(
        geometry=[stops[0].point, stops[2].point], index=["w", "e"], crs=PLACES.crs
    )


def test_times_and_people_are_those_by_hand(study):
    circle = study.circle("now", "drive", "free")
    # 10 km at a kilometre a minute; half as fast again, and half as fast.
    assert circle.times.iloc[0].tolist() == [
        "south_west", "north_west", 10.0, pytest.approx(10 / 1.5), 20.0,
    ]  # fmt: skip
    # The western corners reach each other, the eastern ones one of them, the centre both.
    shares = circle.people.set_index("centres")["population_share"]
    assert shares.to_dict() == {1: 1.0, 2: 0.6}


def test_in_the_peak_everything_takes_twice_as_long(study):
    peak = study.circle("now", "drive", "peak").times
    assert peak["travel_time_min"].tolist() == [20.0]


def test_people_are_those_of_people_reached(study):
    found = people_reached(
        TOWN, PLACES, WEST, minutes=10, ways={"drive": ("drive",)}, accuracy=HALF
    )
    mine = study.circle("now", "drive", "free").people
    alone = found[found["way"] == "drive"].drop(columns="way").reset_index(drop=True)
    assert mine.equals(alone)


def test_areas_are_those_of_the_isochrones_to_each_centre(study):
    circle = study.circle("now", "drive", "free")
    south, north = isochrones(TOWN, WEST, cutoffs_min=[10], direction="to").geometry
    assert circle.reached[0].area == pytest.approx(shapely.union(south, north).area)
    both = shapely.intersection(south, north)
    assert circle.reached[1].area == pytest.approx(both.area)
    assert both.area > 0


def test_the_more_centres_the_smaller_the_area():
    circle = measured(centres=PLACES.iloc[:3]).circle("now", "drive", "free")
    areas = [shape.area for shape in circle.reached]
    assert len(areas) == 3
    assert areas == sorted(areas, reverse=True)
    assert areas[2] < areas[1] < areas[0]


def test_the_band_lies_around_the_circle(study):
    for circle in study.circles:
        stated = circle.reached[0]
        assert circle.inner.area < stated.area < circle.outer.area
        # Borders are true to a few metres.
        assert shapely.difference(circle.inner, stated.buffer(50)).area == 0
        assert shapely.difference(stated, circle.outer.buffer(50)).area == 0


def test_without_doubt_the_band_is_the_circle():
    circle = measured(accuracy=EXACT).circle("now", "drive", "free")
    assert circle.inner.equals(circle.reached[0])
    assert circle.outer.equals(circle.reached[0])


def test_combined_has_the_circle_of_every_way_and_the_quickest_time(rail_ends):
    found = measured(centres=rail_ends)
    drive, rail, combined = (found.circle("now", way, "free") for way in CIRCLE_WAYS)
    for part in (drive, rail):
        assert shapely.difference(part.reached[0], combined.reached[0]).area < 1
    # By car 10 km; by metro 2 min of waiting and 4 of riding.
    assert drive.times["travel_time_min"].tolist() == [pytest.approx(10)]
    assert rail.times["travel_time_min"].tolist() == [pytest.approx(6)]
    assert combined.times["travel_time_min"].tolist() == [pytest.approx(6)]


def test_edge_to_edge_is_by_car_and_none_by_rail():
    # Blocks with 10 km between their centres and 8 between their edges.
    areas = gpd.GeoDataFrame(
        geometry=PLACES.geometry.loc[WEST.index].buffer(1_000, cap_style="square"),
        index=WEST.index,
        crs=PLACES.crs,
    )
    found = measured(areas=areas)
    for way, times in (("drive", [8.0]), ("rail", []), ("combined", [8.0])):
        edges = found.circle("now", way, "free").edge_times
        assert edges["travel_time_min"].tolist() == times


def test_each_state_is_measured_on_its_own_network():
    later = TOWN.roads.roads.assign(opens=2030.0)
    slow = TOWN.roads.roads.assign(closes=2030.0, free_kph=30.0)
    slow.index = [f"old_{key}" for key in slow.index]
    frame = gpd.pd.concat([slow, later]).rename_axis("road_id")
    town = TravelNetwork(type(TOWN.roads)(frame, TOWN.roads.junctions), TOWN.lines)
    states = [NOW, replace(NOW, id="then", year=2030)]
    found = measured(town, states=states)
    minutes = [
        found.circle(key, "drive", "free").times["travel_time_min"][0]
        for key in ("now", "then")
    ]
    assert minutes == [20.0, 10.0]


def test_the_usual_states_leave_out_and_include_what_has_no_year(network):
    dated, undated = (
        state.applied(network).lines for state in (CIRCLE_STATES[1], CIRCLE_STATES[2])
    )
    assert {x.id for x in dated} < {x.id for x in undated}
    assert any(x.opens is None and x.status != "built" for x in undated)


def test_with_nobody_given_there_are_no_shares():
    found = measured(population=None)
    assert found.population == 0
    assert all(circle.people.empty for circle in found.circles)


def test_figures_come_in_one_table(study):
    frame = study.figures()
    # Of 3 ways and 2 profiles: a pair, shares of 1 and 2 centres, an area.
    assert len(frame) == 3 * 2 * 4
    drive = frame[(frame["way"] == "drive") & (frame["profile"] == "free")]
    pair = drive[drive["figure"] == "centre_time"].iloc[0]
    assert (pair["value"], pair["high"], pair["unit"]) == (10.0, 20.0, "min")
    assert (frame["low"] <= frame["value"]).all()


def test_areas_come_in_one_layer(study):
    layer = study.areas()
    assert layer.crs == PLACES.crs
    assert len(layer) == 3 * 2 * 4
    assert np.allclose(layer.area / 1e6, layer["area_km2"])
    assert set(layer["kind"]) == {"reached", "inner", "outer"}


def test_the_slower_direction_counts_and_no_way_back_is_no_way():
    rows = [("a", "b", 5.0, 4.0, 6.0), ("a", "c", 1.0, 1.0, 1.0),
            ("b", "a", 4.0, 4.5, np.nan), ("c", "a", np.nan, 1.0, 1.0)]  # fmt: skip
    names = ["from_id", "to_id", "travel_time_min", "low_min", "high_min"]
    found = slower_direction(gpd.pd.DataFrame(rows, columns=names))
    assert found["from_id"].tolist() == ["a", "a"]
    assert found.iloc[0, 2:].tolist() == [5.0, 4.5, pytest.approx(np.nan, nan_ok=True)]
    assert np.isnan(found["travel_time_min"][1])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"minutes": 0}, "above 0"),
        ({"states": []}, "there is no state"),
        ({"states": [NOW, NOW]}, "two states are called 'now'"),
        ({"ways": {}}, "there is no way"),
        ({"ways": {"drive": ()}}, "way 'drive' has no modes"),
        ({"profiles": []}, "there is no profile"),
        ({"profiles": ["night"]}, "night"),
        ({"centres": WEST.iloc[:0]}, "there is no centre"),
    ],
)
def test_what_cannot_be_measured_is_refused(options, told):
    with pytest.raises(InputError, match=told):
        measured(**options)


def test_centres_in_another_crs_are_refused():
    with pytest.raises(CRSError):
        measured(centres=WEST.to_crs("EPSG:4326"))


def test_a_circle_that_was_not_measured_is_refused(study):
    with pytest.raises(InputError, match="known are now; drive, rail, combined; free"):
        study.circle("now", "drive", "night")


def test_nothing_given_is_changed():
    centres, people = WEST.copy(), PLACES.copy()
    measured(centres=centres, population=people)
    assert centres.equals(WEST)
    assert people.equals(PLACES)
