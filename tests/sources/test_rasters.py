import csv
import subprocess
import sys
import textwrap
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin
from shapely import LineString, MultiPolygon, Point, Polygon, box

from ctzgis.crs import area_km2
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError
from ctzgis.sources.rasters.by_zone import read_class_shares, read_zonal_sums

X, Y = 400_000.0, 3_100_000.0  # lower left corner, EPSG:4547
CELL = 100.0


def raster(path, cells, *, transform=None, crs="EPSG:4547", **profile):
    """Write cells of 100 m, the first row in the north."""
    cells = np.asarray(cells)
    bands = cells[None] if cells.ndim == 2 else cells
    count, height, width = bands.shape
    if transform is None:
        transform = from_origin(X, Y + height * CELL, CELL, CELL)
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=count,
        dtype=bands.dtype, crs=crs, transform=transform, **profile,
    ) as file:  # fmt: skip
        file.write(bands)
    return path


def zone(*shapes, crs="EPSG:4547", index=None):
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs=crs)


def cells_box(left, low, right, high):
    """A box in units of cells from the lower left corner."""
    return box(X + left * CELL, Y + low * CELL, X + right * CELL, Y + high * CELL)


@pytest.fixture
def six(tmp_path):
    """1 2 3 over 4 5 6."""
    return raster(tmp_path / "six.tif", np.array([[1, 2, 3], [4, 5, 6]], "float32"))


def changes(source):
    return {change.what.en: change for change in source.report.changes}


# --- sums by hand --------------------------------------------------------------------


def test_whole_cells_add_up(six):
    sums, _ = read_zonal_sums(six, zone(cells_box(0, 0, 3, 2), cells_box(1, 0, 2, 1)))
    assert sums["sum"].tolist() == [21, 5]
    assert sums["covered_share"].tolist() == [1, 1]


def test_parts_of_cells_count_with_their_share(six):
    # A quarter of 4, half of 1: 1 + 0.5.
    sums, _ = read_zonal_sums(six, zone(cells_box(0.5, 0.5, 1, 2)))
    assert sums["sum"].tolist() == pytest.approx([4 * 0.25 + 1 * 0.5])


def test_a_triangle_takes_half_of_each_cell_on_its_edge(six):
    # Below the diagonal of the two cells 1 and 5 on it, and all of 4.
    triangle = Polygon([(X, Y), (X + 200, Y), (X, Y + 200)])
    sums, _ = read_zonal_sums(six, zone(triangle))
    assert sums["sum"].tolist() == pytest.approx([4 + 1 / 2 + 5 / 2])


def test_means_weigh_by_area_and_extremes_are_of_the_cells_touched(six):
    sums, _ = read_zonal_sums(six, zone(cells_box(0, 0, 1.5, 1)))
    row = sums.iloc[0]
    # 4 whole and half of 5.
    assert row["mean"] == pytest.approx((4 + 2.5) / 1.5)
    assert (row["min"], row["max"]) == (4, 5)


def test_holes_and_parts_are_minded(six):
    ring = cells_box(0, 0, 3, 2) - cells_box(1, 0, 2, 1)
    parts = MultiPolygon([cells_box(0, 0, 1, 1), cells_box(2, 1, 3, 2)])
    sums, _ = read_zonal_sums(six, zone(ring, parts))
    assert sums["sum"].tolist() == [21 - 5, 4 + 3]


def test_the_index_of_the_zones_is_kept(six):
    zones = zone(cells_box(0, 0, 1, 1), cells_box(1, 0, 2, 1), index=["b", "a"])
    assert read_zonal_sums(six, zones)[0].index.tolist() == ["b", "a"]


def test_zones_are_left_as_they_were(six):
    zones = zone(cells_box(0, 0, 1, 1)).to_crs(4490)
    before = zones.copy()
    read_zonal_sums(six, zones)
    pd.testing.assert_frame_equal(zones, before)


def test_no_zones_give_an_empty_table(six):
    sums, source = read_zonal_sums(six, zone())
    assert sums.empty
    assert list(sums) == ["sum", "mean", "min", "max", "covered_share"]
    assert source.report.rows_in == 0


def test_another_band_is_read(tmp_path):
    two = raster(tmp_path / "two.tif", np.array([[[1.0]], [[7.0]]]))
    assert read_zonal_sums(two, zone(cells_box(0, 0, 1, 1)), band=2)[0]["sum"][0] == 7


def test_scale_and_offset_of_a_file_are_applied(tmp_path):
    path = raster(tmp_path / "scaled.tif", np.array([[10, 20]], "int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (5,)
    # 10 × 0.1 + 5 and 20 × 0.1 + 5.
    assert read_zonal_sums(path, zone(cells_box(0, 0, 2, 1)))[0]["sum"][0] == pytest.approx(13)  # fmt: skip


# --- no data -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "nodata"),
    [
        (np.array([[-9999, 2, 3]], "float32"), -9999),
        (np.array([[np.nan, 2, 3]], "float32"), None),
        (np.array([[np.nan, 2, 3]], "float32"), np.nan),
        (np.array([[255, 2, 3]], "uint8"), 255),
    ],
)
def test_declared_gaps_and_nan_count_nowhere(tmp_path, cells, nodata):
    path = raster(tmp_path / "gap.tif", cells, nodata=nodata)
    sums, source = read_zonal_sums(path, zone(cells_box(0, 0, 2, 1)))
    row = sums.iloc[0]
    assert (row["sum"], row["mean"], row["min"]) == (2, 2, 2)
    assert row["covered_share"] == pytest.approx(0.5)
    assert changes(source)["zones partly without data"].rows == ("0",)


def test_a_zone_without_any_data_has_no_sum(tmp_path):
    path = raster(tmp_path / "gap.tif", np.array([[-1, 2]], "int16"), nodata=-1)
    sums, source = read_zonal_sums(
        path, zone(cells_box(0, 0, 1, 1), cells_box(7, 0, 8, 1), cells_box(1, 0, 2, 1))
    )
    assert sums["sum"].isna().tolist() == [True, True, False]
    assert sums["covered_share"].tolist() == [0, 0, 1]
    assert changes(source)["zones without any data"].count == 2


def test_a_zone_over_the_edge_is_covered_in_part(six):
    sums, _ = read_zonal_sums(six, zone(cells_box(2, 0, 6, 1)))
    assert sums["sum"][0] == 6
    assert sums["covered_share"][0] == pytest.approx(1 / 4)


@pytest.mark.parametrize("value", [-9999.0, -32768.0, -3.4028234663852886e38, np.inf])
def test_what_looks_like_a_gap_must_be_named(tmp_path, value):
    path = raster(tmp_path / "people.tif", np.array([[value, 2]], "float32"))
    whole = zone(cells_box(0, 0, 2, 1))
    with pytest.raises(InputError, match="looks like 'no data' but is not declared"):
        read_zonal_sums(path, whole)
    assert read_zonal_sums(path, whole, nodata=value)[0]["sum"][0] == 2


def test_a_gap_may_be_named_as_it_is_usually_written(tmp_path):
    least = np.finfo("float32").min
    path = raster(tmp_path / "people.tif", np.array([[least, 2]], "float32"))
    sums, _ = read_zonal_sums(path, zone(cells_box(0, 0, 2, 1)), nodata=-3.4e38)
    assert sums["sum"][0] == 2


def test_values_below_zero_are_noticed(tmp_path):
    path = raster(tmp_path / "people.tif", np.array([[-200, 2]], "float32"))
    _, source = read_zonal_sums(path, zone(cells_box(0, 0, 2, 1)))
    assert changes(source)["zones with values below zero"].rows == ("0",)


# --- where cells lie -----------------------------------------------------------------


def test_a_raster_turned_by_30_degrees_gives_what_an_upright_one_gives(tmp_path):
    cells = np.arange(1.0, 13).reshape(3, 4)
    upright = raster(tmp_path / "upright.tif", cells)
    whirl = Affine.translation(X, Y) @ Affine.rotation(30) @ Affine.translation(-X, -Y)
    turned = raster(
        tmp_path / "turned.tif", cells, transform=whirl @ from_origin(X, Y + 300, 100, 100)
    )  # fmt: skip
    shape = Polygon([(X + 30, Y + 20), (X + 370, Y + 90), (X + 150, Y + 280)])
    moved = shapely.affinity.rotate(shape, 30, origin=(X, Y))
    first, _ = read_zonal_sums(upright, zone(shape))
    second, _ = read_zonal_sums(turned, zone(moved))
    pd.testing.assert_frame_equal(first, second, rtol=1e-6)


def test_a_raster_that_starts_in_the_south_gives_the_same(tmp_path, six):
    flipped = raster(
        tmp_path / "flipped.tif",
        np.array([[4, 5, 6], [1, 2, 3]], "float32"),
        transform=Affine(CELL, 0, X, 0, CELL, Y),
    )
    shape = zone(Polygon([(X, Y), (X + 270, Y + 30), (X + 90, Y + 190)]))
    pd.testing.assert_frame_equal(
        read_zonal_sums(six, shape)[0], read_zonal_sums(flipped, shape)[0], rtol=1e-6
    )


def test_zones_are_converted_to_the_rasters_crs(six):
    zones = zone(cells_box(0.5, 0.2, 2.3, 1.7))
    here, _ = read_zonal_sums(six, zones)
    for crs in (4490, 32649, 4526):
        there, _ = read_zonal_sums(six, zones.to_crs(crs))
        pd.testing.assert_frame_equal(here, there, rtol=1e-5)


def test_long_edges_stay_straight_where_they_were_drawn(tmp_path):
    # In EPSG:4547 the edge of 300 km is straight; in degrees it bows by some 500 m.
    cells = np.ones((40, 60), "float32")
    path = raster(
        tmp_path / "degrees.tif", cells, crs="EPSG:4326",
        transform=from_origin(111, 30, 0.1, 0.1),
    )  # fmt: skip
    wide = zone(box(350_000, 2_950_000, 650_000, 3_150_000))
    sums, _ = read_zonal_sums(path, wide)
    dense = zone(wide.geometry[0].segmentize(10)).to_crs(4326).geometry[0]
    assert sums["sum"][0] == pytest.approx(dense.area / 0.01, rel=1e-7)


def test_means_in_degrees_weigh_by_true_area(tmp_path):
    # Rows of 20° height: seen on the sphere the upper ones are much smaller.
    path = raster(
        tmp_path / "degrees.tif", np.array([[60.0], [40.0]]), crs="EPSG:4326",
        transform=from_origin(0, 45, 1, 1),
    )  # fmt: skip
    sums, _ = read_zonal_sums(path, zone(box(0, 43, 1, 45), crs=4326))
    upper, lower = area_km2(zone(box(0, 44, 1, 45), box(0, 43, 1, 44), crs=4326))
    expected = (60 * upper + 40 * lower) / (upper + lower)
    assert sums["mean"][0] == pytest.approx(expected, rel=1e-5)
    assert sums["sum"][0] == 100
    assert sums["covered_share"][0] == pytest.approx(1, abs=1e-4)


def test_the_covered_share_in_degrees_is_that_of_true_areas(tmp_path):
    # The raster ends at 30° N, the zone at 60° N: more than half of its area.
    path = raster(
        tmp_path / "south.tif", np.ones((30, 1), "uint8"), crs="EPSG:4326",
        transform=from_origin(0, 30, 1, 1),
    )  # fmt: skip
    sums, _ = read_zonal_sums(path, zone(box(0, 0, 1, 60), crs=4326))
    rows = area_km2(zone(*(box(0, r, 1, r + 1) for r in range(60)), crs=4326))
    expected = rows[:30].sum() / rows.sum()
    assert sums["covered_share"][0] == pytest.approx(expected, rel=1e-3)
    assert expected > 0.57


# --- oracle --------------------------------------------------------------------------

NUMBERS = st.floats(-0.7, 5.7, allow_nan=False).map(lambda v: round(v, 3))
TRIANGLES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=7)
CELLS = st.lists(st.integers(0, 50), min_size=25, max_size=25)


@settings(max_examples=60, deadline=None)
@given(spots=TRIANGLES, values=CELLS)
def test_sums_are_those_of_polygons_cut_by_shapely(tmp_path_factory, spots, values):
    shape = shapely.convex_hull(shapely.MultiPoint(spots))
    if shape.area < 0.01 or not shape.intersection(box(0, 0, 5, 5)).area > 1e-6:
        return
    path = tmp_path_factory.mktemp("oracle") / "cells.tif"
    raster(path, np.array(values, "float64").reshape(5, 5))
    to_map = lambda xy: xy * CELL + (X, Y)  # noqa: E731
    sums, _ = read_zonal_sums(path, zone(shapely.transform(shape, to_map)))
    expected = covered = 0.0
    for number, value in enumerate(values):
        row, column = divmod(number, 5)
        part = shape.intersection(box(column, 4 - row, column + 1, 5 - row)).area
        expected, covered = expected + part * value, covered + part
    # exactextract keeps shares of cells as float32.
    assert sums["sum"][0] == pytest.approx(expected, rel=1e-4, abs=1e-3)
    assert sums["covered_share"][0] == pytest.approx(covered / shape.area, rel=1e-4)


# --- classes -------------------------------------------------------------------------


@pytest.fixture
def cover(tmp_path):
    """Cropland 10, forest 20 and water 60; the last cell is a gap."""
    return raster(
        tmp_path / "cover.tif", np.array([[10, 10, 20], [60, 20, 0]], "uint8"), nodata=0
    )


def test_classes_share_a_zone_out(cover):
    shares, _ = read_class_shares(cover, zone(cells_box(0, 0, 2, 2)))
    assert shares.iloc[0].to_dict() == pytest.approx(
        {"10": 1 / 2, "20": 1 / 4, "60": 1 / 4, "covered_share": 1}
    )


def test_parts_of_cells_count_in_classes_too(cover):
    # Half of a 60 and half of a 20 in the south, a whole 20 never: 1 : 1.
    shares, _ = read_class_shares(cover, zone(cells_box(0.5, 0, 1.5, 1)))
    assert shares[["60", "20"]].iloc[0].tolist() == pytest.approx([0.5, 0.5])


def test_classes_are_named_and_those_without_a_name_told(cover):
    names = {20: "林地", 80: "雪地"}
    shares, source = read_class_shares(cover, zone(cells_box(0, 0, 2, 2)), names=names)
    assert list(shares) == ["林地", "雪地", "10", "60", "covered_share"]
    assert shares["雪地"][0] == 0
    assert changes(source)["classes without a name"].rows == ("10", "60")


def test_shares_are_of_the_area_with_data(cover):
    # 60, 20 and a gap: a third each, of which two have data.
    shares, source = read_class_shares(cover, zone(cells_box(0, 0, 3, 1)))
    assert shares[["20", "60"]].iloc[0].tolist() == pytest.approx([0.5, 0.5])
    assert shares["covered_share"][0] == pytest.approx(2 / 3)
    assert changes(source)["zones partly without data"].count == 1


def test_a_zone_without_data_has_no_shares(cover):
    shares, _ = read_class_shares(
        cover, zone(cells_box(2, 0, 3, 1)), names={20: "林地"}
    )
    assert np.isnan(shares["林地"][0])
    assert shares["covered_share"][0] == 0


def test_shares_in_degrees_are_those_of_true_areas(tmp_path):
    # A cell at 60° N is half as wide as one at the equator.
    path = raster(
        tmp_path / "world.tif", np.array([[1], [2], [3]] * 20, "uint8"),
        crs="EPSG:4326", transform=from_origin(0, 60, 1, 1),
    )  # fmt: skip
    shares, _ = read_class_shares(path, zone(box(0, 0, 1, 60), crs=4326))
    rows = area_km2(zone(*(box(0, 59 - r, 1, 60 - r) for r in range(60)), crs=4326))
    for number in (1, 2, 3):
        expected = rows[number - 1 :: 3].sum() / rows.sum()
        assert shares[str(number)][0] == pytest.approx(expected, rel=1e-4)


def test_shares_add_up_to_one(tmp_path):
    cells = np.random.default_rng(7).integers(1, 9, (30, 30)).astype("uint8")
    path = raster(tmp_path / "cover.tif", cells)
    shape = Point(X + 1500, Y + 1500).buffer(1200)
    shares, _ = read_class_shares(path, zone(shape))
    assert shares.drop(columns="covered_share").sum(axis=1)[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (np.array([[1.5, 2]]), "holds fractions"),
        (np.array([[1, 900_000]], "int32"), "classes span no more than"),
        (np.arange(1, 2001, dtype="int32").reshape(2, -1), "2,000 classes; 1,000 at"),
    ],
)
def test_what_is_no_class_is_refused(tmp_path, cells, found):
    path = raster(tmp_path / "cover.tif", cells)
    with pytest.raises(InputError, match=found):
        read_class_shares(path, zone(cells_box(0, 0, cells.shape[1], cells.shape[0])))


def test_two_classes_of_one_name_are_refused(cover):
    with pytest.raises(InputError, match="two classes the same"):
        read_class_shares(cover, zone(cells_box(0, 0, 1, 1)), names={1: "a", 2: "a"})


def test_a_crs_that_stretches_across_a_zone_is_told(tmp_path):
    path = raster(
        tmp_path / "web.tif", np.ones((4, 1), "uint8"), crs="EPSG:3857",
        transform=from_origin(12_500_000, 3_600_000, 100_000, 100_000),
    )  # fmt: skip
    zones = zone(box(12_500_000, 3_200_000, 12_600_000, 3_600_000), crs=3857)
    _, source = read_class_shares(path, zones)
    what = "zones across which the raster's CRS changes areas by more than 1 %"
    assert changes(source)[what].count == 1


# --- refusals ------------------------------------------------------------------------


def test_zones_elsewhere_are_refused(six):
    with pytest.raises(
        InputError, match="no zone lies on the raster six.tif.*EPSG:4547"
    ):
        read_zonal_sums(six, zone(cells_box(50, 0, 51, 1)))


@pytest.mark.parametrize("band", [0, 2, -1])
def test_a_band_that_does_not_exist_is_refused(six, band):
    with pytest.raises(InputError, match=f"has 1 band, but no band {band}"):
        read_zonal_sums(six, zone(cells_box(0, 0, 1, 1)), band=band)


def test_a_raster_without_crs_is_refused(tmp_path):
    path = raster(tmp_path / "nowhere.tif", np.ones((2, 2)), crs=None)
    with pytest.raises(CRSError, match="has no CRS"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    "grid",
    [Affine.identity(), Affine(1e-200, 0, X, 0, -1, Y), Affine(1, 0, 1e300, 0, -1, Y)],
)
def test_a_raster_without_georeference_is_refused(tmp_path, grid):
    path = raster(tmp_path / "picture.tif", np.ones((2, 2)), transform=grid)
    with pytest.raises(InputError, match="does not say where its cells lie"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


def test_zones_without_crs_and_other_things_are_refused(six):
    with pytest.raises(CRSError, match="zones have no CRS"):
        read_zonal_sums(six, zone(cells_box(0, 0, 1, 1), crs=None))
    with pytest.raises(SchemaError, match="LineString"):
        read_zonal_sums(six, zone(LineString([(X, Y), (X + 1, Y)])))


def test_complex_numbers_are_refused(tmp_path):
    path = raster(tmp_path / "waves.tif", np.array([[1 + 2j]], "complex64"))
    with pytest.raises(InputError, match="plain numbers are expected"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


@pytest.mark.parametrize("content", [b"", b"II*\x00rubbish", b"GIF89a" + b"\0" * 99])
def test_what_is_no_raster_is_a_source_error(tmp_path, content):
    path = tmp_path / "rubbish.tif"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="cannot be read as a raster"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


def test_a_missing_file_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_zonal_sums(tmp_path / "none.tif", zone(cells_box(0, 0, 1, 1)))


@pytest.mark.parametrize("compress", [None, "deflate"])
def test_a_raster_that_is_cut_off_is_a_source_error(tmp_path, compress):
    cells = np.random.default_rng(3).random((300, 300))
    path = raster(tmp_path / "whole.tif", cells, compress=compress)
    content = path.read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="cut.tif cannot be read"):
        read_zonal_sums(cut, zone(cells_box(0, 0, 300, 300)))


def test_a_raster_that_claims_to_be_huge_is_refused(tmp_path):
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=200_000, height=200_000, count=1, dtype="uint8",
        crs="EPSG:4547", transform=from_origin(X, Y, 1, 1), tiled=True,
        blockxsize=4096, blockysize=4096, sparse_ok=True,
    ):  # fmt: skip
        pass
    whole = zone(box(X, Y - 200_000, X + 200_000, Y))
    with pytest.raises(
        InputError, match="span 40,000,000,000 cells .* 5,000,000,000 at"
    ):
        read_zonal_sums(path, whole)
    part = zone(box(X + 100, Y - 200, X + 110, Y - 190))
    assert read_zonal_sums(path, part)[0]["sum"][0] == 0


def test_blocks_too_large_to_hold_are_refused(tmp_path):
    path = tmp_path / "strip.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=40_000, height=20_000, count=1, dtype="uint8",
        crs="EPSG:4547", transform=from_origin(X, Y, 1, 1), tiled=True,
        blockxsize=20_000, blockysize=16_000, sparse_ok=True,
    ):  # fmt: skip
        pass
    with pytest.raises(InputError, match="blocks of more than 256 MiB; rewrite it"):
        read_zonal_sums(path, zone(box(X, Y - 9, X + 9, Y)))


VRT = (
    '<VRTDataset rasterXSize="3" rasterYSize="2"><SRS>EPSG:4547</SRS>'
    f"<GeoTransform>{X}, 100, 0, {Y + 200}, 0, -100</GeoTransform>"
    '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
    '<SourceFilename relativeToVRT="1">six.tif</SourceFilename>'
    "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("six.tif", "/vsicurl/http://192.0.2.1/a.tif"),
        ("six.tif", "https://192.0.2.1/a.tif"),
        # As GDAL reads it, the same as the first.
        ("six.tif", "&#x2f;vsicurl&#x2f;http:&#x2f;&#x2f;192.0.2.1&#x2f;a.tif"),
        ("six.tif", "b.vrt"),
        ("six.tif", "lure.tif"),
        ("six.tif", "HDF5:six.tif"),
        ("six.tif", "[" * 5000),
        ('relativeToVRT="1"', 'relativeToVRT="2"'),
        ("<SRS>", "<PixelFunctionType>x</PixelFunctionType><SRS>"),
        ('band="1">', 'band="1" subClass="VRTDerivedRasterBand">'),
        ("<VRTDataset", '<!DOCTYPE x [<!ENTITY e "six.tif">]><VRTDataset'),
        ("six.tif", "six<!-- -->.tif"),
    ],
)
def test_a_vrt_that_leads_elsewhere_is_refused(tmp_path, six, old, new):
    (tmp_path / "lure.tif").write_text(VRT)
    path = tmp_path / "far.vrt"
    path.write_text(VRT.replace(old, new, 1))
    with pytest.raises(InputError, match="far.vrt (names|holds)"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


def test_a_vrt_that_is_cut_off_is_refused(tmp_path, six):
    path = tmp_path / "far.vrt"
    path.write_text(VRT[:-20])
    with pytest.raises(SourceError, match="far.vrt cannot be read as a VRT"):
        read_zonal_sums(path, zone(cells_box(0, 0, 1, 1)))


def test_a_vrt_of_files_beside_it_is_read(tmp_path, six):
    path = tmp_path / "beside.vrt"
    path.write_text(VRT)
    assert read_zonal_sums(path, zone(cells_box(0, 0, 3, 2)))[0]["sum"][0] == 21


def test_without_exactextract_the_remedy_is_named(six, monkeypatch):
    monkeypatch.setitem(sys.modules, "exactextract", None)
    with pytest.raises(SourceError, match=r"pip install 'ctzgis\[raster\]'"):
        read_zonal_sums(six, zone(cells_box(0, 0, 1, 1)))


# --- memory --------------------------------------------------------------------------


def test_a_raster_larger_than_memory_is_read_in_parts(tmp_path):
    """256 million cells, 1 GB as float32, within 350 MB for everything."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    path = tmp_path / "large.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=16_000, height=16_000, count=1, nodata=-1,
        dtype="float32", crs="EPSG:4547", transform=from_origin(X, Y, 5, 5), tiled=True,
        blockxsize=512, blockysize=512, sparse_ok=True, compress="deflate",
    ) as file:  # fmt: skip
        file.write(
            np.full((512, 512), 2, "float32"), 1,
            window=rasterio.windows.Window(9 * 512, 20 * 512, 512, 512),
        )  # fmt: skip
    program = f"""
        import re
        from pathlib import Path
        import geopandas as gpd
        from shapely import box
        from ctzgis.sources.rasters.by_zone import read_zonal_sums
        whole = gpd.GeoDataFrame(
            geometry=[box({X}, {Y} - 80_000, {X} + 80_000, {Y})], crs=4547)
        sums, _ = read_zonal_sums({str(path)!r}, whole)
        status = Path("/proc/self/status").read_text()
        print(sums["sum"][0], re.search(r"VmHWM:\\s*(\\d+) kB", status)[1])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    total, peak_kb = done.stdout.split()
    assert float(total) == 2 * 512 * 512
    assert float(peak_kb) < 350_000


# --- real files ----------------------------------------------------------------------


def test_the_elevation_of_porto_alegre_is_what_numpy_says(real_data):
    path = real_data / "porto_alegre" / "poa_elevation.tif"
    with rasterio.open(path) as file:
        cells, grid = file.read(1).astype(float), file.transform
    # 100 × 150 whole cells, and half of one more column.
    left, top = grid @ (50, 60)
    right, low = grid @ (150.5, 210)
    sums, _ = read_zonal_sums(path, zone(box(left, low, right, top), crs=4326))
    whole = cells[60:210, 50:150].sum() + cells[60:210, 150].sum() / 2
    assert sums["sum"][0] == pytest.approx(whole, rel=1e-6)
    lat = np.radians(top + (np.arange(150) + 0.5) * grid.e)[:, None]
    share = np.r_[np.ones(100), 0.5][None, :] * np.cos(lat)
    mean = (cells[60:210, 50:151] * share).sum() / share.sum()
    # The cosine is the sphere's weight, of which the ellipsoid's differs by 1e-5 here.
    assert sums["mean"][0] == pytest.approx(mean, rel=1e-4)


def test_hexagons_of_porto_alegre_have_the_elevation_of_the_cells_inside(real_data):
    folder = real_data / "porto_alegre"
    with (folder / "poa_hexgrid.csv").open() as file:
        spots = [(float(r["lon"]), float(r["lat"])) for r in csv.DictReader(file)][:40]
    discs = gpd.GeoSeries(gpd.points_from_xy(*zip(*spots, strict=True)), crs=4326)
    discs = zone(*discs.to_crs(32722).buffer(180), crs=32722)
    sums, _ = read_zonal_sums(folder / "poa_elevation.tif", discs)
    with rasterio.open(folder / "poa_elevation.tif") as file:
        cells, grid = file.read(1).astype(float), file.transform
    # An oracle of another kind: the mean of 2,500 points in the disc.
    spread = np.linspace(-180, 180, 57)
    at = np.stack(np.meshgrid(spread, spread), -1).reshape(-1, 2)
    at = at[np.hypot(*at.T) <= 180]
    for number, centre in enumerate(discs.centroid):
        points = gpd.GeoSeries(shapely.points(np.add(at, centre.coords)), crs=32722)
        points = points.to_crs(4326)
        column, row = ~grid @ (points.x.to_numpy(), points.y.to_numpy())
        inside = (row > 0) & (row < 403) & (column > 0) & (column < 413)
        if inside.all():
            mean = cells[row.astype(int), column.astype(int)].mean()
            assert sums["mean"][number] == pytest.approx(mean, abs=0.5)
