import csv

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString, Point

import ctzgis
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError
from ctzgis.sources.places.datum import to_bd09, to_gcj02
from ctzgis.sources.places.population import read_population


def table(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


def raster(path, cells, *, crs="EPSG:4547", transform=None, **profile):
    """Write cells of 100 m from 400,000 E, 3,100,000 N downwards."""
    height, width = cells.shape
    profile |= {
        "driver": "GTiff", "width": width, "height": height, "count": 1, "crs": crs,
        "dtype": cells.dtype,
        "transform": transform or from_origin(400_000, 3_100_000, 100, 100),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(cells, 1)
    return path


def dropped(source):
    return {c.what.en: c.count for c in source.report.changes if c.action == "dropped"}


def test_points_are_read_in_the_regions_crs(tmp_path):
    path = tmp_path / "people.gpkg"
    frame = gpd.GeoDataFrame(
        {"population": [5, 7]}, geometry=[Point(113, 28)] * 2, crs=4326
    )
    frame.to_file(path)
    people, source = read_population(path)
    assert people.crs.to_epsg() == 4547
    assert people["population"].sum() == 12
    assert source.name == "people.gpkg"


def test_a_raster_becomes_the_centres_of_its_inhabited_cells(tmp_path):
    path = tmp_path / "people.tif"
    cells = np.array([[1, 0, 3], [-99, 5, 0]], dtype="float32")
    profile = {
        "driver": "GTiff", "width": 3, "height": 2, "count": 1, "dtype": "float32",
        "crs": "EPSG:4547", "transform": from_origin(400_000, 3_100_200, 100, 100), "nodata": -99,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(cells, 1)
    people, _ = read_population(path)
    assert people["population"].tolist() == [1, 3, 5]
    assert [(p.x, p.y) for p in people.geometry] == [
        (400_050, 3_100_150),
        (400_250, 3_100_150),
        (400_150, 3_100_050),
    ]


@pytest.mark.parametrize(
    ("frame", "error", "found"),
    [
        (gpd.GeoDataFrame({"n": [1]}, geometry=[Point(113, 28)], crs=4326), SchemaError, "'population' is missing"),
        (gpd.GeoDataFrame({"population": [-1]}, geometry=[Point(113, 28)], crs=4326), SchemaError, "below 0"),
        (gpd.GeoDataFrame({"population": [1]}, geometry=[LineString([(113, 28), (114, 28)])], crs=4326), SchemaError, "Point is expected"),
        (gpd.GeoDataFrame({"population": []}, geometry=[], crs=4326), SchemaError, "holds no rows"),
        (gpd.GeoDataFrame({"population": [1]}, geometry=[Point(113, 28)]), CRSError, "has no CRS"),
    ],
)  # fmt: skip
def test_wrong_populations_are_refused(tmp_path, frame, error, found):
    path = tmp_path / "people.parquet"
    frame.to_parquet(path)
    with pytest.raises(error, match=found):
        read_population(path)


@pytest.mark.parametrize("name", ["none.gpkg", "none.tif"])
def test_a_missing_file_is_a_source_error(tmp_path, name):
    with pytest.raises(SourceError, match="does not exist"):
        read_population(tmp_path / name)


def test_a_raster_of_rubbish_is_a_source_error(tmp_path):
    path = tmp_path / "rubbish.tif"
    path.write_bytes(b"II*\x00rubbish")
    with pytest.raises(SourceError, match="cannot be read as a raster"):
        read_population(path)


# --- rasters part by part ------------------------------------------------------------


def test_empty_and_unknown_cells_are_counted_and_dropped(tmp_path):
    cells = np.array([[1, 0, 3], [-99, 5, 0]], "float32")
    people, source = read_population(raster(tmp_path / "p.tif", cells, nodata=-99))
    assert len(people) == 3
    assert (source.report.rows_in, source.report.rows_kept) == (6, 3)
    assert source.report.unit.en == "cells"
    assert dropped(source) == {"cells without people": 2, "cells without data": 1}


@pytest.mark.parametrize("tiled", [True, False])
def test_a_raster_of_many_blocks_gives_the_same_people(tmp_path, tiled):
    cells = np.random.default_rng(5).integers(0, 4, (700, 900)).astype("uint8")
    blocks = {"blockxsize": 128, "blockysize": 128} if tiled else {}
    path = raster(tmp_path / "p.tif", cells, tiled=tiled, **blocks)
    people, _ = read_population(path)
    assert people["population"].sum() == cells.sum()
    column = ((people.geometry.x - 400_050) / 100).astype(int)
    row = ((3_099_950 - people.geometry.y) / 100).astype(int)
    assert (cells[row, column] == people["population"]).all()


def test_only_the_bounds_are_read(tmp_path):
    # 0.1° cells from 110° E, 30° N; of 2 × 2 cells the centres lie in the bounds.
    cells = np.arange(1.0, 101).reshape(10, 10)
    grid = from_origin(110, 30, 0.1, 0.1)
    path = raster(tmp_path / "p.tif", cells, crs="EPSG:4326", transform=grid)
    people, source = read_population(path, bbox=(110.2, 29.5, 110.4, 29.7))
    assert sorted(people["population"]) == [33, 34, 43, 44]
    assert source.report.rows_in < 100


def test_bounds_are_degrees_whatever_the_raster_is_in(tmp_path):
    path = raster(tmp_path / "p.tif", np.ones((40, 40), "uint8"))
    people, _ = read_population(path)
    west, south, east, north = people.to_crs(4326).total_bounds
    half = (west + east) / 2
    left, _ = read_population(path, bbox=(west - 1, south - 1, half, north + 1))
    assert len(left) == pytest.approx(40 * 20, abs=20)
    assert left.geometry.x.max() < 402_050


def test_bounds_beside_the_raster_are_refused(tmp_path):
    path = raster(tmp_path / "p.tif", np.ones((4, 4), "uint8"))
    with pytest.raises(InputError, match="does not touch the bounds 10.00, 20.00"):
        read_population(path, bbox=(10, 20, 11, 21))


@pytest.mark.parametrize("bbox", [(1, 2, 3), (113, 28, 112, 29), (0, 0, 0, 0), "abcd"])
def test_bounds_that_are_none_are_refused(tmp_path, bbox):
    path = raster(tmp_path / "p.tif", np.ones((4, 4), "uint8"))
    with pytest.raises(InputError, match="west, south, east and north"):
        read_population(path, bbox=bbox)


def test_a_huge_raster_is_read_within_bounds_only(tmp_path):
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=100_000, height=100_000, count=1, dtype="uint8",
        crs="EPSG:4326", transform=from_origin(100, 40, 0.0001, 0.0001), tiled=True,
        blockxsize=512, blockysize=512, sparse_ok=True, compress="deflate",
    ) as file:  # fmt: skip
        file.write(
            np.full((512, 512), 3, "uint8"), 1,
            window=rasterio.windows.Window(512 * 100, 512 * 100, 512, 512),
        )  # fmt: skip
    with pytest.raises(
        InputError, match="10,000,000,000 cells to read; .* give a bbox"
    ):
        read_population(path)
    people, _ = read_population(path, bbox=(105, 34, 106, 35))
    assert people["population"].sum() == 3 * 512 * 512


def test_too_many_inhabited_cells_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ctzgis.sources.places.people_cells._MAX_INHABITED", 99)
    path = raster(tmp_path / "p.tif", np.ones((10, 10), "uint8"))
    with pytest.raises(InputError, match="more than 99 cells with people; give a bbox"):
        read_population(path)


def test_cells_below_0_are_refused(tmp_path):
    path = raster(tmp_path / "p.tif", np.array([[-200, 4]], "float32"))
    with pytest.raises(SchemaError, match="below 0 in cells of p.tif, e.g. -200"):
        read_population(path)
    people, _ = read_population(path, nodata=-200)
    assert people["population"].tolist() == [4]


def test_an_undeclared_gap_is_refused(tmp_path):
    path = raster(tmp_path / "p.tif", np.array([[-3.4028234e38, 4]], "float32"))
    with pytest.raises(InputError, match="looks like 'no data'"):
        read_population(path)


def test_a_raster_of_nobody_is_refused(tmp_path):
    path = raster(tmp_path / "p.tif", np.zeros((2, 2), "uint8"))
    with pytest.raises(InputError, match="holds nobody"):
        read_population(path)


def test_a_raster_without_crs_needs_one(tmp_path):
    path = raster(tmp_path / "p.tif", np.ones((1, 1), "uint8"), crs=None)
    with pytest.raises(CRSError, match="has no CRS"):
        read_population(path)
    people, _ = read_population(path, crs="EPSG:4547")
    assert (people.geometry.x[0], people.geometry.y[0]) == (400_050, 3_099_950)


def test_a_raster_that_is_cut_off_is_a_source_error(tmp_path):
    whole = raster(tmp_path / "w.tif", np.random.default_rng(1).random((200, 200)))
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[:99_000])
    with pytest.raises(SourceError, match="cut.tif cannot be read"):
        read_population(cut)


def test_a_raster_has_the_datum_of_its_crs(tmp_path):
    path = raster(tmp_path / "p.tif", np.ones((1, 1), "uint8"))
    with pytest.raises(InputError, match="its datum is that of its CRS"):
        read_population(path, datum="gcj02")


# --- tables of points ----------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    ["lon,lat,population", "LNG,LAT,POP", "longitude,latitude,pop", "经度,纬度,人口", " 经度,纬度 ,常住人口"],
)  # fmt: skip
def test_columns_of_a_table_are_found_by_their_names(tmp_path, head):
    path = table(tmp_path / "p.csv", f"{head}\n114,28,7\n114,28.5,8\n")
    people, source = read_population(path)
    assert people["population"].tolist() == [7, 8]
    # 114° E is the region's meridian.
    assert people.geometry.x.to_numpy() == pytest.approx([500_000] * 2)
    assert list(source.report.fields) == ["x", "y", "population"]


def test_a_table_in_gb18030_with_semicolons_is_read_and_told(tmp_path):
    text = "乡镇;经度;纬度;常住人口\n榔梨街道;113.1;28.2;90000\n㮾梨;113.1;28.2;1\n"
    path = table(tmp_path / "p.csv", text, encoding="gb18030")
    people, source = read_population(path)
    assert people["population"].sum() == 90_001
    assert "gb18030" in source.report.encoding.casefold()


def test_metres_in_a_table_need_a_crs(tmp_path):
    path = table(tmp_path / "p.csv", "x,y,pop\n38400000,3100000,5\n")
    with pytest.raises(
        CRSError, match="p.csv has no CRS; name the one its coordinates are in"
    ):
        read_population(path)
    people, source = read_population(path, crs="EPSG:4526")
    assert people.geometry.x[0] == pytest.approx(400_000)
    assert source.report.crs_in == "EPSG:4526"


def test_another_field_can_be_named(tmp_path):
    path = table(tmp_path / "p.csv", "lon,lat,pop,jobs\n113,28,1,99\n")
    people, source = read_population(path, column="jobs")
    assert people["population"].tolist() == [99]
    assert source.report.fields["population"] == "jobs"
    with pytest.raises(InputError, match="no field 'jab'; it has: lon, lat, pop, jobs"):
        read_population(path, column="jab")


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", to_gcj02), ("bd09", to_bd09)])
def test_shifted_coordinates_are_put_back(tmp_path, datum, shift):
    lon, lat = shift(np.array([112.97]), np.array([28.2]))
    path = table(tmp_path / "p.csv", f"lng,lat,pop\n{lon[0]},{lat[0]},5\n")
    people, source = read_population(path, datum=datum)
    true = gpd.GeoSeries([Point(112.97, 28.2)], crs=4326).to_crs(4547)
    assert people.distance(true).max() < 0.01
    assert source.report.datum in ("GCJ-02", "BD-09")


def test_an_unknown_datum_is_refused(tmp_path):
    path = table(tmp_path / "p.csv", "lon,lat,pop\n113,28,5\n")
    with pytest.raises(InputError, match="datum 'mars' is not known"):
        read_population(path, datum="mars")


@pytest.mark.parametrize(
    ("text", "error", "found"),
    [
        ("lon,lat,n\n113,28,1\n", SchemaError, "name one of its fields with column=: lon, lat, n"),
        ("a,b,pop\n113,28,1\n", InputError, "no columns lon and lat.*it has: a, b, pop"),
        ("lon,lat,pop\n", SchemaError, "holds no rows"),
        ("lon,lat,pop\n113,28,-1\n", SchemaError, "below 0"),
        ("lon,lat,pop\n113,28,\n", SchemaError, "no value"),
        ("lon,lat,pop\n113,28,many\n", SchemaError, "not a finite number"),
        ("lon,lat,pop\n113,28,inf\n", SchemaError, "not a finite number"),
        ("lon,lat,pop\n113,28,1\n113,,1\n", SchemaError, "geometry is missing or empty in row 1"),
        ("lon,lat,pop\nEast,28,1\n", SchemaError, "geometry is missing or empty in row 0"),
        ("lon,lat,pop\n28,113,1\n", CRSError, "axes are swapped"),
        ("lon,lat,pop\n400000,3100000,1\n", CRSError, "are no degrees"),
        ("lon,lat,pop\n113,28,0\n", InputError, "holds nobody"),
        ("lon,lat,pop\n113,28\n113,28,1,2,3\n", InputError, "not valid CSV"),
        ("lon,lat,pop,pop\n113,28,1,2\n", InputError, "two columns of one name"),
        ("", InputError, "p.csv"),
        ("lon,lat,pop\n<script>,28,1\n", SchemaError, "geometry is missing or empty in row 0"),
    ],
)  # fmt: skip
def test_wrong_tables_are_refused(tmp_path, text, error, found):
    with pytest.raises(error, match=found):
        read_population(table(tmp_path / "p.csv", text))


def test_people_outside_the_bounds_are_dropped_and_counted(tmp_path):
    path = table(tmp_path / "p.csv", "lon,lat,pop\n113,28,5\n120,30,7\n")
    people, source = read_population(path, bbox=(112, 27, 114, 29))
    assert people["population"].tolist() == [5]
    assert dropped(source) == {"outside the given bounds": 1}
    assert (source.report.rows_in, source.report.rows_kept) == (2, 1)


def test_a_layer_may_call_its_people_otherwise(tmp_path):
    path = tmp_path / "people.gpkg"
    frame = gpd.GeoDataFrame({"常住人口": [5]}, geometry=[Point(113, 28)], crs=4490)
    frame.to_file(path)
    people, source = read_population(path)
    assert people["population"].tolist() == [5]
    assert source.report.fields == {"population": "常住人口"}
    assert (source.report.crs_in, source.report.crs_out) == ("EPSG:4490", "EPSG:4547")


def test_people_far_from_the_region_are_given_in_their_own_zone(tmp_path):
    path = table(tmp_path / "p.csv", "lon,lat,pop\n-51.2,-30.1,5\n")
    people, _ = read_population(path)
    assert people.crs.to_epsg() == 32722


def test_an_assessment_takes_a_table_of_points(tmp_path):
    rows = "112.98,28.19,4000\n113.13,27.83,2000\n112.94,27.83,1000\n120,30,99\n"
    path = table(tmp_path / "p.csv", "经度,纬度,人口\n" + rows)
    assessment = ctzgis.assess("czt", year=2020, population=path)
    (source,) = [s for s in assessment.sources if s.name == "p.csv"]
    assert (source.report.rows_in, source.report.rows_kept) == (4, 3)


# --- real files ----------------------------------------------------------------------


def test_the_hexagons_of_porto_alegre_are_read_whole(real_data):
    path = real_data / "porto_alegre" / "poa_hexgrid.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    people, source = read_population(path)
    assert len(people) == source.report.rows_in == len(rows) == 1227
    assert people["population"].sum() == sum(int(row["population"]) for row in rows)
    assert people.crs.to_epsg() == 32722
    degrees = people.to_crs(4326).geometry
    assert degrees.x.to_numpy() == pytest.approx([float(row["lon"]) for row in rows])


def test_schools_of_porto_alegre_can_be_read_in_their_place(real_data):
    path = real_data / "porto_alegre" / "poa_hexgrid.csv"
    with path.open() as file:
        schools = sum(int(row["schools"]) for row in csv.DictReader(file))
    assert read_population(path, column="schools")[0]["population"].sum() == schools


def test_what_stands_beside_a_file_is_told_of_it_in_both_languages(tmp_path):
    rows = ["lon,lat,population", "112.98,28.19,4000"]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "SOURCES.toml").write_text(
        '["people.csv"]\nwhat = "people"\nwhat_zh = "居民"\nsource = "survey"\n'
        'source_zh = "普查"\nlicence = "internal"\n',
        encoding="utf-8",
    )
    _, source = read_population(tmp_path / "people.csv", bbox=None)
    told = [(source.holds(x), source.made_by(x), source.terms(x)) for x in ("zh", "en")]
    assert told == [("居民", "普查", "internal"), ("people", "survey", "internal")]
    assert source.described("zh") == "people.csv · 居民 · 普查 · internal"
