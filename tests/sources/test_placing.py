"""Zones, axes and units: what Chinese layers get wrong, and what is said of it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point

from ctzgis.errors import CRSError, InputError
from ctzgis.sources.datum import from_bd09, from_gcj02, to_bd09, to_gcj02, to_wgs84
from ctzgis.sources.placing import likely_readings, placed, require_bbox

SPOTS = gpd.GeoSeries([Point(112.90, 28.15), Point(113.05, 28.25)], crs=4326)
HERE = (112.5, 27.5, 113.5, 28.7)


def numbers(crs, labelled, *, shift=0.0, turned=False):
    """Changsha in the numbers of one CRS, labelled as another."""
    shapes = SPOTS.to_crs(crs).translate(shift, 0)
    if turned:
        shapes = shapely.transform(np.asarray(shapes.array), lambda xy: xy[:, ::-1])
    return gpd.GeoDataFrame(geometry=np.asarray(shapes), crs=labelled)


def metres_off(frame):
    return frame.to_crs(4547).distance(SPOTS.to_crs(4547)).max()


@pytest.mark.parametrize(
    "crs", [4326, 4490, 4525, 4526, 4546, 4547, 4497, 4508, 32649, 32650, 3857, 2362]
)
def test_whatever_crs_is_labelled_rightly_lands_in_place(crs):
    found = placed(numbers(crs, crs), "roads.shp", bbox=HERE)
    assert found.crs_out == "EPSG:4547"
    # Xian 1980 (2362) is another datum, metres off by its transformation.
    assert metres_off(found.frame) < (5 if crs == 2362 else 0.01)


@pytest.mark.parametrize(
    ("frame", "said", "remedy"),
    [
        (numbers(4526, 4547), "start with zone 38", {"crs": "EPSG:4526"}),
        (numbers(4525, 4526), "start with zone 37", {"crs": "EPSG:4525"}),
        (numbers(4497, 4547), "start with zone 19", {"crs": "EPSG:4497"}),
        (numbers(4547, 4526), "lack the zone's number", {"crs": "EPSG:4547"}),
        (numbers(4490, 4547), "look like degrees", {"crs": "EPSG:4490"}),
        (numbers(4547, 4490), "are no degrees", {"crs": "EPSG:4547"}),
        (numbers(4526, 4490), "are no degrees", {"crs": "EPSG:4526"}),
        (numbers(4547, 4547, turned=True), "axes are swapped", {"axes": "yx"}),
        (
            numbers(4526, 4526, turned=True),
            "axes are swapped",
            {"crs": "EPSG:4526", "axes": "yx"},
        ),
        (numbers(4490, 4490, turned=True), "is no latitude", {"axes": "yx"}),
    ],
)
def test_numbers_that_cannot_be_what_they_claim_are_refused_with_a_remedy(
    frame, said, remedy
):
    with pytest.raises(CRSError, match=said) as caught:
        placed(frame, "roads.shp")
    for argument, value in remedy.items():
        assert f"{argument}='{value}'" in str(caught.value)
    assert metres_off(placed(frame, "roads.shp", **remedy).frame) < 0.01


def test_another_zone_without_its_number_is_found_by_the_bounds():
    # Zone 37's numbers as zone 38's lie 3° east; nothing in them tells.
    frame = numbers(4546, 4547)
    with pytest.raises(InputError, match=r"around 115\.9.*crs='EPSG:4546'"):
        placed(frame, "roads.shp", bbox=HERE)
    assert (
        metres_off(placed(frame, "roads.shp", crs="EPSG:4546", bbox=HERE).frame) < 0.01
    )


def test_another_zone_is_noticed_even_without_bounds():
    (change,) = placed(numbers(4545, 4546), "roads.shp").changes
    # Zone 36 (108°) labelled 37: 5° east of its meridian.
    assert str(change).startswith(
        "noticed 2: rows that lie 5.0° from the zone's meridian"
    )


def test_a_layer_in_its_zone_is_not_suspected():
    assert placed(numbers(4547, 4547), "roads.shp").changes == ()


def test_a_layer_without_crs_is_refused_with_a_guess():
    frame = numbers(4526, None)
    with pytest.raises(CRSError, match="has no CRS.*may be crs='EPSG:4526'"):
        placed(frame, "roads.shp")


def test_a_label_that_is_replaced_is_told():
    found = placed(numbers(4526, 4547), "roads.shp", crs="EPSG:4526")
    assert str(found.changes[0]) == (
        "repaired 2: rows labelled EPSG:4547, read as EPSG:4526"
    )


@pytest.mark.parametrize("crs", ["EPSG:999999", "rubbish", ""])
def test_an_unknown_crs_is_refused(crs):
    with pytest.raises(CRSError, match="is not known"):
        placed(numbers(4547, 4547), "roads.shp", crs=crs)


@pytest.mark.parametrize(
    "bbox",
    [(1, 2, 3), (114, 28, 112, 29), (0, 0, 500, 50), "rubbish", (1, 2, 3, np.nan)],
)
def test_bounds_that_are_none_are_refused(bbox):
    with pytest.raises(InputError, match="west, south, east and north"):
        require_bbox(bbox)


def test_what_lies_outside_the_bounds_is_left_out_and_counted():
    found = placed(numbers(4547, 4547), "roads.shp", bbox=(112.85, 28.1, 112.95, 28.2))
    assert len(found.frame) == 1
    assert str(found.changes[0]) == "dropped 1: outside the given bounds"


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", to_gcj02), ("bd09", to_bd09)])
@pytest.mark.parametrize("crs", [4326, 4547])
def test_points_of_a_chinese_datum_land_where_they_are(datum, shift, crs):
    lon, lat = shift(SPOTS.x.to_numpy(), SPOTS.y.to_numpy())
    moved = gpd.GeoDataFrame(geometry=shapely.points(lon, lat), crs=4326).to_crs(crs)
    assert metres_off(moved) > 500
    found = placed(moved, "poi.shp", datum=datum)
    assert metres_off(found.frame) < 0.01
    assert "converted from" in str(found.changes[0])


@pytest.mark.parametrize(
    ("forth", "back"), [(to_gcj02, from_gcj02), (to_bd09, from_bd09)]
)
def test_shifts_are_undone_to_a_millimetre_over_hunan(forth, back):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(108.7, 114.3, 5000), rng.uniform(24.6, 30.2, 5000)
    x, y = back(*forth(lon, lat))
    assert np.hypot((x - lon) * 100_000, (y - lat) * 111_000).max() < 0.001


def test_a_datum_of_china_is_refused_elsewhere():
    with pytest.raises(InputError, match="outside China"):
        to_wgs84(np.array([-8.6]), np.array([41.1]), "gcj02")


def test_an_unknown_datum_is_refused():
    with pytest.raises(InputError, match="one of wgs84, gcj02, bd09"):
        to_wgs84(np.array([113.0]), np.array([28.0]), "mars")


def test_numbers_of_no_chinese_grid_are_guessed_at_by_nobody():
    assert likely_readings(np.array([9e6, 9e6, 9.1e6, 9.1e6])) == ()
    assert likely_readings(np.array([np.nan] * 4)) == ()


def test_inputs_stay_as_they_were():
    frame = numbers(4526, 4547)
    before = frame.copy()
    placed(frame, "roads.shp", crs="EPSG:4526", bbox=HERE)
    assert frame.equals(before)
    assert frame.crs == before.crs
