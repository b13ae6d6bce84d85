import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString, Point

from ctzgis.errors import CRSError, SchemaError, SourceError
from ctzgis.sources.population import read_population


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
