import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon

from ctzgis.errors import SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.tables import POINTS, POPULATION, ROADS, STREETS, ZONES

CRS = "EPSG:4547"
with np.errstate(invalid="ignore"):
    NAN_LINE = LineString([(0, 0), (1, np.nan)])


def broken_roads(**changes):
    frame = gridville().roads.roads
    for column, value in changes.items():
        frame[column] = frame[column].astype(object)
        frame.loc["r3", column] = value
    return frame


def test_good_frames_keep_their_contracts():
    ROADS.check(gridville().roads.roads)
    POPULATION.check(gridville_places())
    ZONES.check(gridville_zones())


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"free_kph": -5}, "'free_kph' is not above 0 in row 'r3'"),
        ({"free_kph": np.nan}, "'free_kph' has no value in row 'r3'"),
        ({"free_kph": np.inf}, "'free_kph' is not a finite number"),
        ({"free_kph": "fast"}, "'free_kph' is not a finite number"),
        ({"signals": -1}, "'signals' is below 0"),
        (
            {"road_class": "motorroad"},
            "'road_class' has motorroad; allowed are motorway",
        ),
        ({"status": "someday"}, "allowed are built, under_construction, planned"),
        ({"oneway": "yes"}, "'oneway' is not true or false"),
        ({"geometry": None}, "missing or empty in row 'r3'"),
        ({"geometry": LineString()}, "missing or empty in row 'r3'"),
        ({"geometry": Point(0, 0)}, "is Point in row 'r3'; LineString is expected"),
        ({"geometry": NAN_LINE}, "not numbers in row 'r3'"),
    ],
)
def test_a_broken_value_is_named_with_its_row(changes, found):
    with pytest.raises(SchemaError, match=found.replace("(", r"\(")):
        ROADS.check(broken_roads(**changes))


def test_all_problems_are_named_at_once():
    with pytest.raises(SchemaError) as caught:
        ROADS.check(broken_roads(free_kph=-5, status="someday", oneway=None))
    assert len(caught.value.problems) == 3
    assert caught.value.table == "roads"


def test_missing_columns_and_repeated_ids_are_named():
    frame = gridville().roads.roads.drop(columns="status")
    frame.index = ["same", *frame.index[1:-1], "same"]
    with pytest.raises(
        SchemaError, match="index repeats row 'same'.*'status' is missing"
    ):
        ROADS.check(frame)


def test_an_invalid_polygon_is_named_with_the_reason():
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(SchemaError, match="invalid.*Self-intersection"):
        ZONES.check(gpd.GeoDataFrame(geometry=[bow_tie], crs=CRS))


@pytest.mark.parametrize("table", [POINTS, ZONES, STREETS])
def test_an_empty_frame_keeps_the_contract(table):
    table.check(gpd.GeoDataFrame(geometry=[], crs=CRS))


def test_multipart_streets_are_allowed_and_polygons_are_not():
    lines = shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])
    STREETS.check(gpd.GeoDataFrame(geometry=[lines], crs=CRS))
    with pytest.raises(SchemaError, match="LineString or MultiLineString is expected"):
        STREETS.check(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=CRS))
