"""What holds of every measure of streets, coverage and rail, each on Gridville."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import ctzgis
from ctzgis.errors import CtzgisError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.texts import Text

TOWN = gridville()
ROADS = TOWN.roads.roads
PLACES = gridville_places()
ZONES = gridville_zones()
STREET = gpd.GeoDataFrame(
    geometry=[TOWN.lines[0].path()], index=["main"], crs=ROADS.crs
)
STATIONS = ctzgis.stations_of(TOWN)
GUARDED = ZONES.assign(regime="2024", zone="core_protection")

# By name: the measure, and the frames it takes.
MEASURES = {
    "road_density": (
        lambda roads, zones: ctzgis.road_density(roads, zones, rules="raw"),
        (ROADS, ZONES),
    ),
    "road_density_by_class": (
        lambda roads, zones: ctzgis.road_density_by_class(roads, zones, rules="raw"),
        (ROADS, ZONES),
    ),
    "density_sensitivity": (ctzgis.density_sensitivity, (ROADS, ZONES)),
    "service_coverage": (
        lambda zones, sites: ctzgis.service_coverage(zones, sites, reach=800.0),
        (ZONES, PLACES),
    ),
    "served_points": (
        lambda demand, sites: ctzgis.served_points(demand, sites, reach=800.0),
        (PLACES, PLACES),
    ),
    "served_areas": (
        lambda zones, sites: ctzgis.served_areas(zones, sites, reach=800.0),
        (ZONES, PLACES),
    ),
    "corridor_coverage": (
        lambda places, lines: ctzgis.corridor_coverage(places, lines, within_m=[500]),
        (PLACES, STREET),
    ),
    "corridor_served": (
        lambda lines, sites: ctzgis.corridor_served(lines, sites, reach=800.0),
        (STREET, PLACES),
    ),
    "corridor_overlaps": (ctzgis.corridor_overlaps, (STREET, ROADS)),
    "spacing_along": (
        lambda lines, sites: ctzgis.spacing_along(lines, sites, within_m=500),
        (STREET, PLACES),
    ),
    "zone_conflicts": (
        lambda roads, zones: ctzgis.zone_conflicts({"roads": roads}, zones),
        (ROADS, GUARDED),
    ),
    "border_links": (ctzgis.border_links, (ROADS, ZONES)),
    "dead_ends": (ctzgis.dead_ends, (ROADS, ZONES)),
    "settlements_served": (
        lambda places, stations: ctzgis.settlements_served(
            places, stations, modes=["metro"], within_km=4
        ),
        (PLACES, STATIONS),
    ),
    "station_catchments": (
        lambda people: ctzgis.station_catchments(TOWN, people),
        (PLACES,),
    ),
}
KEEPS_INDEX = {
    "road_density": ZONES,
    "served_points": PLACES,
    "served_areas": ZONES,
    "corridor_served": STREET,
    "settlements_served": PLACES,
}
EVERY = pytest.mark.parametrize("name", MEASURES)
EACH_FRAME = pytest.mark.parametrize(
    ("name", "place"),
    [(name, k) for name, (_, frames) in MEASURES.items() for k in range(len(frames))],
)


def with_frame(name, place, frame):
    measure, frames = MEASURES[name]
    return measure(*(frame if k == place else given for k, given in enumerate(frames)))


def refused(name, place, frame):
    with pytest.raises(CtzgisError) as caught:
        with_frame(name, place, frame)
    return str(caught.value)


@EVERY
def test_rules_are_told_beside_the_figures(name):
    measure, frames = MEASURES[name]
    rules = measure(*frames).attrs["rules"]
    assert isinstance(rules, Text)
    assert rules.zh
    assert rules.en


@EVERY
def test_what_is_given_stays_as_it_is(name):
    measure, frames = MEASURES[name]
    before = [frame.copy(deep=True) for frame in frames]
    measure(*frames)
    for old, new in zip(before, frames, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))
        assert old.crs == new.crs


@EVERY
def test_geometries_come_in_the_crs_that_was_given(name):
    measure, frames = MEASURES[name]
    found = measure(*frames)
    if isinstance(found, gpd.GeoDataFrame):
        assert found.crs == frames[0].crs


@pytest.mark.parametrize("name", KEEPS_INDEX)
def test_the_index_is_that_of_the_input(name):
    measure, frames = MEASURES[name]
    assert measure(*frames).index.tolist() == KEEPS_INDEX[name].index.tolist()


@EACH_FRAME
def test_frames_without_crs_are_refused(name, place):
    frame = MEASURES[name][1][place].set_crs(None, allow_override=True)
    assert "CRS" in refused(name, place, frame)


@EACH_FRAME
def test_degrees_are_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:4490")
    refused(name, place, frame)


@EACH_FRAME
def test_web_mercator_is_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:3857")
    refused(name, place, frame)


@EACH_FRAME
def test_another_crs_is_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:4546")
    assert "EPSG:4546" in refused(name, place, frame)


@EACH_FRAME
def test_twice_the_same_id_is_refused(name, place):
    frame = MEASURES[name][1][place]
    refused(name, place, pd.concat([frame, frame.iloc[[0]]]))


@EACH_FRAME
def test_a_missing_geometry_is_refused(name, place):
    frame = MEASURES[name][1][place].copy()
    shapes = frame.geometry.to_numpy().copy()
    shapes[0] = None
    refused(
        name, place, frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))
    )


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (name, k)
        for name, (_, frames) in MEASURES.items()
        for k, frame in enumerate(frames)
        if frame.geom_type.iloc[0] == "Polygon"
    ],
)
def test_polygons_that_cross_themselves_are_refused(name, place):
    frame = MEASURES[name][1][place].copy()
    shapes = frame.geometry.to_numpy().copy()
    x, y = shapes[0].centroid.coords[0]
    corners = [(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)]
    shapes[0] = shapely.Polygon(corners)
    refused(
        name, place, frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))
    )
