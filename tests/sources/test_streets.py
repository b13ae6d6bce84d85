import csv
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString

import ctzgis
from ctzgis.analysis import DENSITY_RULES
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError
from ctzgis.sources.places.datum import from_gcj02, guess_datum, to_bd09, to_gcj02
from ctzgis.sources.roads.streets import read_streets, require_overlap

X, Y = 399_000.0, 3_120_000.0  # 长沙, EPSG:4547


def write(path, lines, crs="EPSG:4547", **columns):
    gpd.GeoDataFrame(columns, geometry=list(lines), crs=crs).to_file(path)
    return path


def lines(count=3):
    return [LineString([(X, Y + 10 * i), (X + 500, Y + 10 * i)]) for i in range(count)]


def test_streets_are_read_with_their_hash_and_counts(tmp_path):
    path = write(tmp_path / "streets.gpkg", lines(), name_zh=["五一路"] * 3)
    layer = read_streets(path)
    assert layer.frame.length.tolist() == pytest.approx([500] * 3)
    assert layer.source.crs == "EPSG:4547"
    assert str(layer.source.told()[0]) == "3 of 3 lines kept"
    assert len(layer.source.sha256) == 64


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".parquet"])
def test_common_formats_are_read(tmp_path, suffix):
    path = tmp_path / f"streets{suffix}"
    frame = gpd.GeoDataFrame(geometry=lines(), crs="EPSG:4547")
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".geojson":
        frame.to_crs(4326).to_file(path)
    else:
        frame.to_file(path)
    assert len(read_streets(path, reproject=True).frame) == 3


def test_lines_of_length_zero_are_dropped_and_said_so(tmp_path):
    path = write(tmp_path / "s.gpkg", [*lines(2), LineString([(X, Y), (X, Y)])])
    layer = read_streets(path)
    assert len(layer.frame) == 2
    assert layer.source.told()[-1] == "dropped 1: lines of length zero"


def test_a_missing_file_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_streets(tmp_path / "none.gpkg")


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".parquet"])
def test_a_file_of_rubbish_is_a_source_error(tmp_path, suffix):
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(b"\x00\x01rubbish" * 100)
    with pytest.raises(SourceError, match="cannot be read"):
        read_streets(path)


def test_a_truncated_geopackage_is_a_source_error(tmp_path):
    path = write(tmp_path / "s.gpkg", lines(2000))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((SourceError, InputError)):
        read_streets(path)


def test_polygons_are_no_roads(tmp_path):
    path = write(tmp_path / "p.gpkg", [shapely.box(X, Y, X + 1, Y + 1)])
    with pytest.raises(SchemaError, match="geometry is Polygon"):
        read_streets(path)


def test_an_empty_layer_is_refused(tmp_path):
    path = write(tmp_path / "e.gpkg", [])
    with pytest.raises(SchemaError, match="holds no rows"):
        read_streets(path)


def test_missing_geometry_is_refused(tmp_path):
    path = write(tmp_path / "m.gpkg", [*lines(1), None])
    with pytest.raises(SchemaError, match="missing or empty in row 1"):
        read_streets(path)


def test_undefined_coordinates_are_refused(tmp_path):
    with np.errstate(invalid="ignore"):
        broken = LineString([(X, Y), (np.nan, np.nan), (X + 1, Y)])
    frame = gpd.GeoDataFrame(geometry=[*lines(1), broken], crs="EPSG:4547")
    path = tmp_path / "n.parquet"
    frame.to_parquet(path)
    with pytest.raises(SchemaError, match="coordinates that are not numbers in row 1"):
        read_streets(path)


def test_a_layer_without_crs_is_refused(tmp_path):
    frame = gpd.GeoDataFrame(geometry=lines())
    path = tmp_path / "c.parquet"
    frame.to_parquet(path)
    for reproject in (False, True):
        with pytest.raises(CRSError, match="has no CRS"):
            read_streets(path, reproject=reproject)


@pytest.mark.parametrize(
    ("crs", "found"), [(4326, "degree"), (4490, "degree"), (3857, r"\+2\d%")]
)
def test_degrees_and_mercator_are_refused_unless_conversion_is_asked_for(
    tmp_path, crs, found
):
    frame = gpd.GeoDataFrame(geometry=lines(), crs="EPSG:4547").to_crs(crs)
    path = tmp_path / "d.gpkg"
    frame.to_file(path)
    with pytest.raises(CRSError, match=found):
        read_streets(path)
    layer = read_streets(path, reproject=True)
    assert layer.frame.length.tolist() == pytest.approx([500] * 3, abs=0.01)


def test_a_table_without_geometry_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b"], [1, 2]])
    with pytest.raises(InputError, match="a vector layer is expected"):
        read_streets(path)


@pytest.mark.parametrize(
    ("crs", "found"),
    [("EPSG:4546", "crs='EPSG:4546'"), ("EPSG:4525", "crs='EPSG:4546'")],
)
def test_a_layer_of_another_zone_is_refused_with_the_right_reading(
    tmp_path, czt, crs, found
):
    # Numbers of zone 37 (111° E), labelled as those of zone 38 (114° E).
    frame = gpd.GeoDataFrame(geometry=lines(), crs="EPSG:4547").to_crs(crs)
    if crs == "EPSG:4525":
        frame = frame.set_geometry(frame.translate(-37e6, 0))
    frame = frame.set_crs("EPSG:4547", allow_override=True)
    path = tmp_path / "e.gpkg"
    frame.to_file(path)
    with pytest.raises(InputError, match=f"does not touch the planning area.*{found}"):
        require_overlap(read_streets(path), czt.counties.geometry)


def test_a_layer_far_away_is_refused(tmp_path, czt):
    moved = [shapely.affinity.translate(line, 0, -3e5) for line in lines()]
    path = write(tmp_path / "e.gpkg", moved)
    with pytest.raises(InputError, match="around 113.0.* 25.4.*check its CRS"):
        require_overlap(read_streets(path), czt.counties.geometry)


def test_degrees_labelled_as_metres_are_refused(tmp_path):
    path = write(tmp_path / "e.gpkg", [LineString([(112.9, 28.2), (113.0, 28.2)])])
    with pytest.raises(
        CRSError, match="look like degrees; read it with crs='EPSG:4490'"
    ):
        read_streets(path)


def test_gcj02_is_undone_to_a_millimetre():
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(108, 115, 2000), rng.uniform(24, 31, 2000)
    back = from_gcj02(*to_gcj02(lon, lat))
    metres = np.hypot((back[0] - lon) * 98_000, (back[1] - lat) * 111_000)
    assert metres.max() < 0.001


def test_the_shift_at_the_three_cities_is_that_of_independent_conversions():
    lon, lat = np.array([112.97, 113.14, 112.91]), np.array([28.20, 27.83, 27.86])
    there = to_gcj02(lon, lat)
    metres = np.hypot((there[0] - lon) * 98_300, (there[1] - lat) * 110_900)
    assert metres.tolist() == pytest.approx([665, 672, 657], abs=10)


@pytest.fixture(scope="module")
def reference(network):
    roads = network.roads.roads
    return roads[roads["alignment_verified"]]


def in_datum(streets, shift):
    degrees = np.asarray(streets.to_crs(4326).geometry.array)
    moved = shapely.transform(degrees, lambda xy: np.column_stack(shift(*xy.T)))
    return gpd.GeoDataFrame(geometry=moved, crs=4326).to_crs(4547)


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", to_gcj02), ("bd09", to_bd09)])
def test_a_layer_in_a_chinese_map_datum_is_noticed(reference, datum, shift):
    guess = guess_datum(in_datum(reference, shift), reference)
    assert guess.datum == datum
    assert guess.best_m < 1 < guess.as_read_m
    assert not guess.doubtful


def test_a_layer_in_place_is_noticed_too(reference):
    guess = guess_datum(reference, reference)
    assert (guess.datum, guess.doubtful) == ("wgs84", False)
    assert guess.best_m == guess.as_read_m < 1


def test_a_layer_that_no_datum_explains_is_doubtful(reference):
    # 5 km south is no datum's shift.
    moved = reference.set_geometry(reference.translate(0, -5000))
    guess = guess_datum(moved, reference)
    assert (guess.datum, guess.doubtful) == (None, True)


def test_bd09_lies_a_kilometre_off_at_changsha():
    # GCJ-02 is 0.0055° east and 0.0034° south of it; BD-09 adds about 0.0065° and 0.006°.
    lon, lat = to_bd09(np.array([112.97]), np.array([28.20]))
    east, north = (lon[0] - 112.97) * 98_300, (lat[0] - 28.20) * 110_900
    assert (east, north) == pytest.approx((1_190, 248), abs=15)


def test_too_little_to_compare_is_no_guess(reference):
    far = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1, 1)])], crs=4547)
    guess = guess_datum(far, reference)
    assert (guess.datum, guess.doubtful) == (None, False)


def test_metro_stations_in_gcj02_land_on_their_converted_twins(real_data):
    path = real_data / "changsha_metro/changsha_metro_stations.csv"
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    lon, lat, wlon, wlat = (
        np.array([float(r[k]) for r in rows])
        for k in ("lng", "lat", "lon_wgs84", "lat_wgs84")
    )
    x, y = from_gcj02(lon, lat)
    metres = np.hypot((x - wlon) * 98_300, (y - wlat) * 110_900)
    assert len(rows) == 143
    assert np.median(metres) < 1.5


def test_changshas_real_streets_are_in_place_and_a_shifted_copy_is_not(
    changsha_streets, reference
):
    streets = read_streets(changsha_streets)
    assert streets.source.told() == (
        "74,668 of 74,673 lines kept",
        "CRS: EPSG:4547",
        "dropped 5: lines of length zero",
    )
    assert streets.frame.length.sum() / 1000 == pytest.approx(5_829, rel=0.002)
    assert guess_datum(streets.frame, reference).datum == "wgs84"
    for datum, shift in (("gcj02", to_gcj02), ("bd09", to_bd09)):
        shifted = in_datum(streets.frame, shift)
        assert guess_datum(shifted, reference).datum == datum


def test_density_of_furong_equals_a_geopandas_overlay(changsha_streets, czt):
    streets = read_streets(changsha_streets).frame
    furong = czt.counties.loc[["430102"]]
    # Without the metre of tolerance at the border, which an overlay does not know.
    exact = replace(DENSITY_RULES["raw"], border="clip", border_m=0.0)
    found = ctzgis.road_density(streets, furong, rules=exact)
    wanted = (
        gpd.overlay(streets[["geometry"]], furong[["geometry"]]).length.sum() / 1000
    )
    assert found["length_km"].iloc[0] == pytest.approx(wanted, rel=1e-9)
    # 9.39 km/km² is what an older outline of the district gives.
    assert found["road_density_km_per_km2"].iloc[0] == pytest.approx(9.39, rel=0.05)
