import geopandas as gpd
import pytest
from shapely import MultiPolygon, Point, Polygon, box

from ctzgis.crs import REGION_CRS, area_km2, require_metric, require_same
from ctzgis.errors import CRSError


def points(crs, x=500_000.0, y=3_100_000.0):
    return gpd.GeoSeries([Point(x, y), Point(x + 1000, y + 1000)], crs=crs)


def test_the_regions_crs_may_be_measured_in():
    require_metric(points(REGION_CRS), "roads")


def test_an_empty_frame_in_metres_may_be_measured():
    require_metric(gpd.GeoSeries([], crs=REGION_CRS), "roads")


@pytest.mark.parametrize(
    ("crs", "x", "y", "found"),
    [
        (None, 0, 0, "has no CRS"),
        ("EPSG:4326", 113, 28, "degree"),
        ("EPSG:4490", 113, 28, "degree"),
        ("EPSG:3857", 12_579_000, 3_270_000, r"areas by \+29%"),
        # Zone 39 (CM 117E) is still true at 114E; UTM 30N over China is not.
        ("EPSG:32630", 9_500_000, 5_000_000, "changes areas"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_remedy(crs, x, y, found):
    with pytest.raises(CRSError, match=found) as caught:
        require_metric(points(crs, x, y), "roads")
    assert "roads" in str(caught.value)
    assert "to_crs" in str(caught.value) or "set_crs" in str(caught.value)


def test_two_crs_are_refused_and_both_named():
    with pytest.raises(CRSError, match="EPSG:4547 but zones is in EPSG:4526"):
        require_same(
            points(REGION_CRS),
            points("EPSG:4526"),
            left_name="roads",
            right_name="zones",
        )


def test_area_does_not_depend_on_the_projection():
    county = gpd.GeoSeries([box(112, 28, 112.1, 28.1)], crs="EPSG:4326")
    areas = [area_km2(county.to_crs(crs)).iloc[0] for crs in (4326, 4547, 3857, 4526)]
    # A tenth of a degree square at 28° N: 11.08 km by 9.83 km.
    assert areas[0] == pytest.approx(108.9, abs=0.2)
    assert areas == pytest.approx([areas[0]] * 4, rel=1e-6)


def test_area_of_nothing_is_missing():
    assert area_km2(gpd.GeoSeries([None], crs=REGION_CRS)).isna().all()


SQUARE = box(500_000, 3_100_000, 501_000, 3_101_000)


def test_area_of_two_squares_wound_oppositely_is_their_sum():
    other = Polygon(box(502_000, 3_100_000, 503_000, 3_101_000).exterior.coords[::-1])
    both = gpd.GeoSeries([MultiPolygon([SQUARE, other])], crs=REGION_CRS)
    assert area_km2(both).iloc[0] == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("step", [1, -1])
def test_a_hole_is_taken_off_however_it_is_wound(step):
    # 1 km² less 0.2 × 0.2 km².
    hole = box(500_400, 3_100_400, 500_600, 3_100_600).exterior.coords[::step]
    holed = gpd.GeoSeries([Polygon(SQUARE.exterior.coords, [hole])], crs=REGION_CRS)
    assert area_km2(holed).iloc[0] == pytest.approx(0.96, rel=1e-3)
