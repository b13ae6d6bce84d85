"""Vector files that lost a part, contradict themselves or lead elsewhere are refused."""

import shutil
import sqlite3
import zipfile

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from ctzgis import read_network, read_streets, write_network
from ctzgis.errors import InputError, SourceError
from ctzgis.examples import gridville
from ctzgis.sources.formats.vector import read_vector

X, Y = 399_000.0, 3_120_000.0  # 长沙, EPSG:4547
LINES = [
    shapely.LineString([(X + 100 * i, Y), (X + 100 * i + 100, Y + 10 * i)])
    for i in range(30)
]
NAMES = [f"五一大道{i}号" for i in range(30)]


@pytest.fixture
def layer(tmp_path):
    def write(name, **options):
        path = tmp_path / name
        frame = gpd.GeoDataFrame({"name": NAMES}, geometry=LINES, crs=4547)
        if name.endswith(".shp"):
            options = {"encoding": "UTF-8", **options}
        frame.to_file(path, **options)
        return path

    return write


def cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


# Parts that are lost


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_that_is_cut_off_is_refused(layer, part, share):
    path = layer("roads.shp")
    cut(path.with_suffix(part), share)
    with pytest.raises(
        SourceError, match=rf"roads\{part} cannot be read.*copy it again"
    ):
        read_network(path)


def test_a_shapefile_without_its_index_is_refused(layer):
    path = layer("roads.shp")
    path.with_suffix(".shx").unlink()
    with pytest.raises(SourceError, match="has no .shx beside it"):
        read_network(path)


def test_attributes_of_another_shapefile_are_refused(layer, tmp_path):
    path = layer("roads.shp")
    other = gpd.GeoDataFrame({"name": NAMES[:9]}, geometry=LINES[:9], crs=4547)
    other.to_file(tmp_path / "few.shp", encoding="UTF-8")
    shutil.copyfile(tmp_path / "few.dbf", path.with_suffix(".dbf"))
    with pytest.raises(SourceError, match="30 shapes but 9 rows of attributes"):
        read_network(path)


def test_an_index_that_swaps_shapes_of_other_lengths_is_refused(tmp_path):
    path = tmp_path / "roads.shp"
    longer = shapely.LineString([(X, Y), (X + 1, Y), (X + 2, Y)])
    frame = gpd.GeoDataFrame({"name": NAMES[:2]}, geometry=[LINES[0], longer], crs=4547)
    frame.to_file(path, encoding="UTF-8")
    index = path.with_suffix(".shx")
    head, first, second = (
        index.read_bytes()[a:b] for a, b in ((0, 100), (100, 108), (108, 116))
    )
    index.write_bytes(head + first[:4] + second[4:] + second[:4] + first[4:])
    with pytest.raises(SourceError, match="its .shx is that of another file"):
        read_network(path)


def test_bytes_after_the_end_of_a_shapefile_change_nothing(layer):
    path = layer("roads.shp")
    whole = read_vector(path).frame
    for part in (".shp", ".shx", ".dbf"):
        with path.with_suffix(part).open("ab") as file:
            file.write(b"\0" * 16)
    pd.testing.assert_frame_equal(read_vector(path).frame, whole)


def test_a_zipped_shapefile_that_is_cut_off_names_the_archive(layer, tmp_path):
    path = layer("roads.shp")
    cut(path.with_suffix(".dbf"), 0.9)
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        for part in tmp_path.glob("roads.*"):
            if part.suffix != ".zip":
                archive.write(part, f"道路/{part.name}")
    with pytest.raises(
        SourceError, match=r"roads.zip \(道路/roads.dbf\) cannot be read"
    ):
        read_network(tmp_path / "roads.zip")


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_a_geopackage_that_is_cut_off_is_refused(layer, share):
    path = layer("roads.gpkg")
    cut(path, share)
    with pytest.raises(SourceError, match="ends before its .* pages do"):
        read_network(path)


def test_a_geopackage_with_a_damaged_page_is_refused(layer):
    path = layer("roads.gpkg")
    with sqlite3.connect(path) as database:
        (page,) = database.execute(
            "select rootpage from sqlite_master where name = 'roads'"
        ).fetchone()
    database.close()
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    content[(page - 1) * size + 3 : (page - 1) * size + 5] = b"\0\x02"  # two cells left
    path.write_bytes(content)
    with pytest.raises(SourceError, match="copy it again"):
        read_network(path)


def test_a_geopackage_is_left_as_it_was(layer, tmp_path):
    path = layer("roads.gpkg")
    before = path.read_bytes()
    read_network(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_pages_of_a_written_network_are_checked(tmp_path):
    path = tmp_path / "town.parquet"
    write_network(gridville(), path)
    column = pq.read_metadata(path).row_group(0).column(4)
    content = bytearray(path.read_bytes())
    at = column.data_page_offset + column.total_compressed_size // 2
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(SourceError, match="town.parquet cannot be read"):
        read_network(path)


# What leads elsewhere

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="roads"><SrcDataSource>{}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.mark.parametrize(
    "suffix",
    [".gpkg", ".geojson", ".json", ".shp", ".fgb", ".kml", ".gpx", ".tab", ".vrt"],
)
@pytest.mark.parametrize("read", [read_network, read_streets])
def test_a_file_of_any_name_that_leads_to_another_is_refused(
    layer, tmp_path, suffix, read
):
    path = tmp_path / f"lure{suffix}"
    path.write_text(VRT.format(layer("secret.gpkg")))
    with pytest.raises((SourceError, InputError), match="lure"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read secret.gpkg"}',
        '{"note": "' + VRT.replace('"', "'") + '"}',
    ],
)
def test_json_that_leads_elsewhere_is_refused(tmp_path, text):
    path = tmp_path / "lure.geojson"
    path.write_text(text)
    with pytest.raises(InputError, match="leads to other files or hosts"):
        read_network(path)


def test_xml_that_declares_entities_is_refused(layer):
    path = layer("roads.kml", driver="KML")
    text = path.read_text("utf-8")
    entity = '<!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    path.write_text(
        text.replace("?>", f"?>{entity}", 1).replace(NAMES[0], "&e;"), "utf-8"
    )
    with pytest.raises(InputError, match="<!doctype"):
        read_network(path)


def test_a_lure_inside_an_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        archive.writestr("roads.geojson", VRT.format("/etc/hostname"))
    with pytest.raises(SourceError, match="roads.zip .roads.geojson. cannot be read"):
        read_network(tmp_path / "roads.zip")


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(SourceError, match="holds no Shapefile"):
        read_network(tmp_path)


# What readers underneath trip over


def test_a_reference_system_in_no_encoding_is_refused(layer):
    path = layer("roads.shp")
    path.with_suffix(".prj").write_bytes(b'PROJCS["\xff\xfe')
    with pytest.raises((SourceError, InputError), match="roads.shp"):
        read_network(path)


def test_texts_of_a_parquet_that_are_no_texts_are_refused(tmp_path):
    path = tmp_path / "roads.parquet"
    frame = gpd.GeoDataFrame({"name": NAMES}, geometry=LINES, crs=4547)
    frame.to_parquet(path, compression=None)
    content = path.read_bytes()
    assert NAMES[3].encode() in content
    path.write_bytes(
        content.replace(NAMES[3].encode(), b"\xff" * len(NAMES[3].encode()))
    )
    with pytest.raises(SourceError, match="roads.parquet cannot be read"):
        read_network(path)


def test_numbers_that_lie_nowhere_are_refused(tmp_path):
    path = tmp_path / "roads.gpkg"
    far = shapely.LineString([(X, Y), (1e300, Y)])
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[far], crs=4547).to_file(path)
    with pytest.raises(InputError, match="its numbers, e.g. 1e[+]300, lie nowhere"):
        read_network(path)


def test_an_archive_whose_directory_contradicts_it_is_refused(layer, tmp_path):
    path = layer("roads.geojson")
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        archive.write(path, "roads.geojson")
    content = (tmp_path / "roads.zip").read_bytes()
    (tmp_path / "roads.zip").write_bytes(content[40:])  # a hole at its beginning
    with pytest.raises(SourceError, match="roads.zip"):
        read_network(tmp_path / "roads.zip")


def test_what_gdal_warns_of_is_noted(layer):
    path = layer("roads.gpkg")
    content = bytearray(path.read_bytes())
    content[68:72] = b"none"  # SQLite's application id, GPKG by its standard
    path.write_bytes(content)
    notes = read_network(path).roads.sources[0].notes
    assert any("GDAL warns: GPKG: bad application_id" in note for note in notes)


def test_a_table_whose_last_line_has_no_end_is_told(tmp_path):
    (tmp_path / "nodes.csv").write_text("id,lon,lat\n1,113,28\n2,113.01,28\n")
    (tmp_path / "edges.csv").write_text("u,v,length\n1,2,1000\n2,1,10")
    report = read_network(tmp_path).roads.sources[0].report
    told = [str(change) for change in report.changes]
    assert any("last line of edges.csv without an end" in text for text in told)
    assert not any("nodes.csv" in text for text in told)


@pytest.mark.parametrize(
    "text",
    ["a = " + "9" * 5000, "a = " + "[" * 100_000, "a = [1", "\0", "a = 1\na = 2"],
)
def test_a_mapping_that_cannot_be_read_is_refused(layer, tmp_path, text):
    mapping = tmp_path / "fields.toml"
    mapping.write_text(text)
    with pytest.raises(InputError, match="fields.toml is not valid TOML"):
        read_network(layer("roads.gpkg"), mapping=mapping)


def test_a_table_of_too_many_columns_is_refused(tmp_path):
    (tmp_path / "nodes.csv").write_text("id,lon,lat" + ",".join(map(str, range(5000))))
    (tmp_path / "edges.csv").write_text("u,v\n")
    with pytest.raises(
        InputError, match="nodes.csv has 5,002 columns; 2,000 are the most"
    ):
        read_network(tmp_path)
