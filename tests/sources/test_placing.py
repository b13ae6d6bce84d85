"""Zones, axes and units: what Chinese layers get wrong, and what is said of it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from ctzgis.crs import REGION_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.sources.places.datum import (
    from_bd09,
    from_gcj02,
    to_bd09,
    to_gcj02,
    to_wgs84,
)
from ctzgis.sources.places.placing import likely_readings, placed, require_bbox

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


STREETS = [
    LineString([(112.9 + i / 1e3, 28.2), (112.901 + i / 1e3, 28.2)]) for i in range(30)
]
NOWHERE = LineString([(0, 0), (1e-5, 0)])


def streets(crs, *more):
    rows = gpd.GeoSeries(STREETS, crs=4490).to_crs(crs)
    return gpd.GeoDataFrame(geometry=[*rows, *more], crs=crs)


@pytest.mark.parametrize("crs", [4490, 4526, 4547, 4525, "EPSG:4547+5737"])
def test_a_row_at_zero_is_dropped_and_does_not_move_the_others(crs):
    spot = placed(streets(crs, NOWHERE), "roads")
    assert spot.crs_out == REGION_CRS
    assert len(spot.frame) == 30
    assert str(spot.changes[0]) == "dropped 1: rows at 0, 0, far from all others (30)"


def test_a_row_at_zero_is_no_fault_of_the_datum():
    assert len(placed(streets(4490, NOWHERE), "roads", datum="gcj02").frame) == 30


def test_a_layer_around_zero_stays_whole():
    around = gpd.GeoDataFrame(geometry=[Point(0, 0), Point(0.01, 0.01)], crs=4326)
    assert len(placed(around, "buoys").frame) == 2


def test_a_stray_row_is_noticed_and_does_not_choose_the_reference_system():
    spot = placed(streets(4490, LineString([(11.2, 28.2), (11.3, 28.2)])), "roads")
    assert spot.crs_out == REGION_CRS
    said = [str(change) for change in spot.changes]
    assert said[0] == "noticed 1: rows that lie more than 10° from most others (30)"
    assert said[1].startswith("noticed 1: rows where CGCS2000 / 3-degree")


def test_rows_that_lie_nowhere_are_counted():
    far = LineString([(40_000_000, 3_000_000), (40_000_010, 3_000_000)])
    with pytest.raises(CRSError, match="in 1 of 31 rows, the first 30"):
        placed(streets(4547, far), "roads")


def test_a_grid_under_heights_is_held_against_its_numbers():
    frame = streets(4526).set_crs("EPSG:4547+5737", allow_override=True)
    with pytest.raises(
        CRSError, match="start with zone 38.*read it with crs='EPSG:4526'"
    ):
        placed(frame, "roads")


@pytest.mark.parametrize("crs", [2434, 2382, 4214, 4610])
def test_a_datum_whose_shift_is_unknown_is_noticed(crs):
    # PROJ knows no shift of 北京54 and 西安80 for Hunan and leaves the degrees as they are.
    said = [str(change) for change in placed(streets(crs), "roads").changes]
    assert any("whose shift to WGS-84 is not known here" in text for text in said)


@pytest.mark.parametrize("crs", [4490, 4547, 32649, 3857, 4326])
def test_a_datum_that_agrees_with_wgs84_is_not(crs):
    assert placed(streets(crs), "roads").changes == ()


def test_rows_that_the_result_stretches_are_noticed():
    # From 80 to 133° E in one zone of 6°, whose meridian is 105°. On the sphere
    # k² = 0.9996² / (1 - (cos φ sin Δλ)²) passes 1.02 at Δλ = 9.5°, which 16 rows lie
    # beyond in the west and 19 in the east; the last at 28.25°.
    lines = [LineString([(80 + i, 30), (80.5 + i, 30)]) for i in range(54)]
    spot = placed(gpd.GeoDataFrame(geometry=lines, crs=4490), "roads")
    said = str(spot.changes[-1])
    assert said.startswith(
        "noticed 35: rows where WGS 84 / UTM zone 48N changes areas by"
    )
    k2 = 0.9996**2 / (1 - (np.cos(np.pi / 6) * np.sin(np.radians(28.25))) ** 2)
    assert f"by up to {k2 - 1:.0%}" in said


def test_a_region_is_not_stretched():
    assert placed(streets(4490), "roads").changes == ()
