"""Points from layers and tables, in the datums and encodings of Chinese POI."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPoint, Point

from ctzgis import guess_datum, read_points
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.sources.places.datum import to_bd09, to_gcj02

LON, LAT = np.array([112.97, 113.14, 112.91]), np.array([28.20, 27.83, 27.86])


@pytest.fixture
def table(tmp_path):
    def write(text, encoding="utf-8", name="poi.csv"):
        path = tmp_path / name
        path.write_text(text, encoding)
        return path

    return write


def true_spots():
    return gpd.GeoSeries.from_xy(LON, LAT, crs=4326).to_crs(4547)


@pytest.mark.parametrize(
    ("datum", "shift"), [("wgs84", None), ("gcj02", to_gcj02), ("bd09", to_bd09)]
)
def test_points_land_where_they_are_whatever_their_datum(table, datum, shift):
    lon, lat = (LON, LAT) if shift is None else shift(LON, LAT)
    rows = "\n".join(
        f"{i},{x!r},{y!r}"
        for i, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    )
    found, source = read_points(table(f"id,lng,lat\n{rows}"), datum=datum)
    assert found.distance(true_spots()).max() < 0.001
    assert source.report.datum == ("" if datum == "wgs84" else datum)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_chinese_tables_are_read_in_any_encoding(table, encoding):
    path = table("名称,经度,纬度\n五一广场,112.97,28.20", encoding)
    found, _ = read_points(path, index="名称")
    assert found.index.tolist() == ["五一广场"]


def test_fields_stay_and_names_stay_text(table):
    found, _ = read_points(table("name,lon,lat\n<script>x</script>,112.97,28.2"))
    assert found["name"].tolist() == ["<script>x</script>"]


def test_rows_without_coordinates_are_dropped_and_told(table):
    path = table("id,lon,lat\n1,112.97,28.2\n2,,28.2\n3,abc,28.2\n4,inf,28.2")
    found, source = read_points(path)
    assert len(found) == 1
    assert (
        str(source.report.changes[0]) == "dropped 3: rows without coordinates (1, 2, 3)"
    )
    assert (source.report.rows_in, source.report.rows_kept) == (4, 1)


@pytest.mark.parametrize(
    ("text", "options", "error", "said"),
    [
        ("id,a\n1,2", {}, InputError, "no columns lon and lat"),
        ("id,x,y\n1,399000,3120000", {}, CRSError, "has no CRS"),
        (
            "id,lon,lat\n1,112,28\n1,113,28",
            {"index": "id"},
            SchemaError,
            "repeats row 1",
        ),
        ("id,lon,lat\n1,112,28", {"index": "no"}, InputError, "has no field 'no'"),
        ("id,lon,lat\n1,28.2,112.9", {}, CRSError, "swapped.*axes='yx'"),
        ("id,lon,lat\n1,-8,41", {"datum": "gcj02"}, InputError, "outside China"),
        ("id,lon,lat\n", {}, SchemaError, "no rows with coordinates"),
        ("id,lon\rx,lat\n1,112,28", {}, InputError, "not valid CSV: its header"),
        (
            "id,lon," + "x" * 140_000 + "\n1,2,3",
            {},
            InputError,
            "not valid CSV: its header",
        ),
        (
            "id,lon,lat\n1,112,28",
            {"bbox": (1, 1, 2, 2)},
            InputError,
            "outside the bounds",
        ),
    ],
)
def test_tables_that_cannot_be_trusted_are_refused(table, text, options, error, said):
    with pytest.raises(error, match=said):
        read_points(table(text), **options)


def test_swapped_axes_are_read_when_said(table):
    found, _ = read_points(table("id,lon,lat\n1,28.20,112.97"), axes="yx")
    assert found.distance(true_spots().iloc[:1]).max() < 0.001


def test_metres_are_read_with_their_crs(table):
    found, _ = read_points(table("x,y\n38399000,3120000"), crs="EPSG:4526")
    assert shapely.get_coordinates(found.geometry.iloc[0])[0].tolist() == pytest.approx(
        [399_000, 3_120_000]
    )


def test_layers_of_points_are_read_and_other_shapes_refused(tmp_path):
    path = tmp_path / "poi.gpkg"
    gpd.GeoDataFrame(
        {"n": [1, 2]}, geometry=[Point(112.9, 28.2), None], crs=4490
    ).to_file(path)
    found, source = read_points(path)
    assert found["n"].tolist() == [1]
    assert source.report.rows_in == 2
    several = gpd.GeoDataFrame(
        geometry=[MultiPoint([(112.9, 28.2), (113, 28)])], crs=4490
    )
    several.to_file(tmp_path / "m.gpkg")
    with pytest.raises(SchemaError, match="geometry is MultiPoint"):
        read_points(tmp_path / "m.gpkg")


# Real stations: 143 of Changsha in GCJ-02, converted independently, and OSM's own.


@pytest.fixture(scope="module")
def metro(real_data):
    return real_data / "changsha_metro/changsha_metro_stations.csv"


@pytest.fixture(scope="module")
def converted(metro):
    """The same stations as another program converted them."""
    rows = pd.read_csv(metro)
    points = gpd.points_from_xy(rows["lon_wgs84"], rows["lat_wgs84"], crs=4326)
    return gpd.GeoDataFrame(rows[["name"]], geometry=points).to_crs(4547)


def test_metro_stations_in_gcj02_land_on_their_converted_twins(metro, converted):
    found, _ = read_points(metro, datum="gcj02")
    assert len(found) == 143
    assert found.distance(converted).median() < 1.5


def test_metro_stations_land_on_those_of_openstreetmap(metro, real_data):
    found, _ = read_points(metro, datum="gcj02")
    mapped, source = read_points(
        real_data / "china_stations/Railway-station_oData.zip",
        bbox=(112.6, 27.9, 113.4, 28.6),
    )
    assert source.report.rows_in == 19_055
    to_nearest = found.geometry.apply(lambda spot: mapped.distance(spot).min())
    assert to_nearest.median() < 60


def test_metro_stations_left_in_gcj02_are_flagged(metro, converted):
    as_read, _ = read_points(metro)
    guess = guess_datum(as_read, converted)
    assert guess.datum == "gcj02"
    assert guess.best_m < 1.5 < 300 < guess.as_read_m
    right, _ = read_points(metro, datum="gcj02")
    assert guess_datum(right, converted).datum == "wgs84"


def test_metro_stations_left_in_gcj02_are_flagged_by_openstreetmap_too(
    metro, real_data
):
    as_read, _ = read_points(metro)
    mapped, _ = read_points(
        real_data / "china_stations/Railway-station_oData.zip",
        bbox=(112.8, 28.0, 113.2, 28.4),
    )
    # 34 m against OpenStreetMap's own stations once the shift is undone, 655 m before.
    guess = guess_datum(as_read, mapped)
    assert guess.datum == "gcj02"
    assert guess.best_m < 60 < 600 < guess.as_read_m


def test_codes_that_begin_with_zero_stay_texts(table):
    # Amap's categories are six digits: 050000 is dining, 150500 a metro station.
    rows = "id,typecode,lon,lat\n1,050000,112.97,28.2\n2,150500,112.98,28.2\n"
    poi, _ = read_points(table(rows))
    assert poi["typecode"].tolist() == ["050000", "150500"]
    assert poi["id"].tolist() == [1, 2]


def test_signs_of_degrees_do_not_hide_the_encoding(table):
    rows = "名称,位置,lon,lat\n五一,112°58′12″,112.97,28.2\n"
    poi, source = read_points(table(rows))
    assert poi["名称"].tolist() == ["五一"]
    assert source.report.encoding == "UTF-8 (not declared)"


def test_unicode_text_of_excel_is_read(table):
    rows = "名称\t经度\t纬度\n五一\t112.97\t28.2\n"
    poi, source = read_points(table(rows, "utf-16"))
    assert poi["名称"].tolist() == ["五一"]
    assert source.report.encoding == "UTF-16 (byte order mark)"


def test_a_comma_within_a_name_of_a_column_parts_nothing(table):
    poi, _ = read_points(table('"a,b","a,c",lon,lat\n1,2,112.97,28.2\n'))
    assert poi.columns.tolist()[:2] == ["a,b", "a,c"]


def test_an_empty_name_of_a_row_is_refused(table):
    path = table("name,lon,lat\na,112.97,28.2\n,112.98,28.2\n")
    with pytest.raises(InputError, match="'name'.*is empty in 1 rows, the first 1"):
        read_points(path, index="name")


def test_a_place_at_zero_is_none(table):
    poi, source = read_points(table("lon,lat\n112.97,28.2\n112.98,28.2\n0,0\n"))
    assert poi.crs == "EPSG:4547"
    assert len(poi) == 2
    assert "dropped 1: rows at 0, 0, far from all others (2)" in source.told()
