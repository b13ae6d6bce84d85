"""A user's own road layers, small ones drawn by hand and real ones."""

import csv
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

from ctzgis import read_network
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError

X, Y = 399_000.0, 3_120_000.0  # 长沙, EPSG:4547


def line(*xy):
    return LineString([(X + x, Y + y) for x, y in xy])


# A cross of two roads that meet at a vertex, and a third that ends on it.
CROSS = [
    line((0, 0), (100, 0), (200, 0)),
    line((100, -50), (100, 0)),
    line((100, 0), (100, 70)),
]


@pytest.fixture
def layer(tmp_path):
    def write(lines=CROSS, *, crs="EPSG:4547", name="roads.gpkg", **columns):
        frame = gpd.GeoDataFrame(columns, geometry=list(lines), crs=crs)
        path = tmp_path / name
        if name.endswith(".parquet"):
            frame.to_parquet(path)
        else:
            options = {"encoding": "UTF-8"} if name.endswith(".shp") else {}
            frame.to_file(path, **options)
        return path

    return write


def report_of(network):
    return network.roads.sources[0].report


def told(network):
    return [str(change) for change in report_of(network).changes]


def test_lines_become_roads_between_junctions(layer):
    network = read_network(layer())
    assert len(network.roads.roads) == 4
    assert len(network.roads.junctions) == 5
    assert sorted(network.roads.roads.length) == pytest.approx([50, 70, 100, 100])
    assert network.roads.roads.index.tolist() == ["0-0", "0-1", "1", "2"]


def test_chinese_fields_are_guessed_and_the_guess_is_told(layer):
    path = layer(
        道路等级=["主干路", "次干路", "支路"],
        路名=["五一大道", "芙蓉路", None],
        限速=["60", "50", ""],
    )
    network = read_network(path)
    roads = network.roads.roads
    assert roads["road_class"].tolist() == [
        "primary",
        "primary",
        "secondary",
        "tertiary",
    ]
    assert roads["name_zh"].dropna().tolist() == ["五一大道", "五一大道", "芙蓉路"]
    # 0.85 of a limit; without one the default of the class.
    assert roads["free_kph"].tolist() == pytest.approx([51, 51, 42.5, 30])
    assert report_of(network).fields == {
        "road_class": "道路等级 (guessed)",
        "limit_kph": "限速 (guessed)",
        "name_zh": "路名 (guessed)",
    }


def test_a_mapping_names_fields_and_says_what_values_mean(layer):
    path = layer(kind=["A", "B", "A"], dir=["1", "2", "3"])
    mapping = {
        "road_class": "kind",
        "road_class_values": {"A": "trunk", "B": "tertiary"},
        "oneway": "dir",
        "oneway_values": {"1": 0, "2": 1, "3": -1},
    }
    roads = read_network(path, mapping=mapping).roads.roads
    assert roads["road_class"].tolist() == ["trunk", "trunk", "tertiary", "trunk"]
    assert roads["oneway"].tolist() == [False, False, True, True]
    # The last runs against its line, so it is drawn the other way round.
    assert shapely.get_point(roads.geometry.iloc[3], 0).equals(Point(X + 100, Y + 70))


def test_a_mapping_may_be_a_toml_file(layer, tmp_path):
    toml = tmp_path / "fields.toml"
    toml.write_text('road_class = "kind"\n[road_class_values]\nA = "trunk"\n', "utf-8")
    roads = read_network(layer(kind=["A"] * 3), mapping=toml).roads.roads
    assert set(roads["road_class"]) == {"trunk"}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"road_class": "nothing"}, "has no field nothing; it has kind"),
        ({"colour": "kind"}, "mapping names colour; columns are road_class"),
        (
            {"road_class": "kind", "road_class_values": {"A": "boulevard"}},
            "road_class_values has boulevard; allowed are motorway",
        ),
        ({"road_class": "kind"}, "3 values that mean no road_class: A; say what"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(layer, mapping, said):
    with pytest.raises(InputError, match=said):
        read_network(layer(kind=["A"] * 3), mapping=mapping)


def test_few_unknown_values_are_taken_as_missing_and_told(layer):
    lines = [line((0, i), (10, i)) for i in range(40)]
    path = layer(lines, 等级=["主干路"] * 39 + ["??"])
    network = read_network(path)
    assert network.roads.roads["road_class"].tolist()[-1] == "tertiary"
    assert told(network)[0] == (
        "noticed 1: values of '等级' that mean no road_class (??), taken as missing (39)"
    )


def test_a_cad_layer_name_is_not_taken_for_a_level(layer):
    # CAD exports have a text field "Layer"; guessing it to be a level must not harm.
    network = read_network(layer(Layer=["DL_ROAD"] * 3))
    assert set(network.roads.roads["level"]) == {0}


@pytest.mark.parametrize(
    ("values", "free"),
    [
        ([np.nan, 40.0, 40.0], 30),
        (["", "40", "40"], 30),
        (["40 km/h", "40公里/小时", "40"], 40),
    ],
)
def test_a_missing_speed_is_that_of_the_class(layer, values, free):
    roads = read_network(layer(speed=values)).roads.roads
    assert roads["free_kph"].tolist() == [free, free, 40, 40]


def test_speeds_that_are_none_are_told_not_used(layer):
    network = read_network(layer(speed=[-40.0, 0.0, 9999.0]))
    assert network.roads.roads["free_kph"].tolist() == [30] * 4
    assert any("mean no free_kph (-40, 0, 9999)" in text for text in told(network))


def test_speeds_that_are_none_are_refused_in_a_field_that_was_named(layer):
    with pytest.raises(InputError, match="mean no free_kph"):
        read_network(layer(v=[-40.0, 0.0, 9999.0]), mapping={"free_kph": "v"})


def test_lengths_that_contradict_the_geometry_are_noticed(layer):
    network = read_network(layer(length_m=[200.0, -50.0, 70.0]))
    assert told(network)[-2] == (
        "noticed 1: lengths in field 'length_m' that contradict the geometry, which "
        "counts (1)"
    )
    assert network.roads.length_m == pytest.approx(320)


def test_status_and_years_are_read(layer):
    path = layer(状态=["现状", "在建", "规划"], 通车年份=["2019", "2026-05", None])
    network = read_network(path)
    roads = network.roads.roads
    assert roads["status"].tolist() == [
        "built",
        "built",
        "under_construction",
        "planned",
    ]
    assert roads["opens"].tolist()[:3] == [2019, 2019, 2026]
    assert len(network.at(2020).roads.roads) == 2


@pytest.mark.parametrize("encoding", ["GBK", "GB18030", "UTF-8"])
@pytest.mark.parametrize("cpg", [True, False])
def test_a_shapefile_is_read_whatever_its_encoding(tmp_path, encoding, cpg):
    frame = gpd.GeoDataFrame(
        {
            "等级": ["主干路"] * 3,
            "路名": ["湘江大道", "㙍塘路" if encoding != "GBK" else "韶山路", ""],
        },
        geometry=CROSS,
        crs="EPSG:4547",
    )
    frame.to_file(tmp_path / "roads.shp", encoding=encoding)
    if not cpg:
        (tmp_path / "roads.cpg").unlink()
    network = read_network(tmp_path / "roads.shp")
    names = network.roads.roads["name_zh"].dropna().tolist()
    assert names == ["湘江大道", "湘江大道", frame["路名"][1]]
    assert report_of(network).encoding.startswith(
        "UTF-8" if encoding == "UTF-8" else "GB18030"
    )


def test_a_cpg_that_lies_is_seen_through(tmp_path):
    frame = gpd.GeoDataFrame(
        {"路名": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    frame.to_file(tmp_path / "roads.shp", encoding="GBK")
    (tmp_path / "roads.cpg").write_text("UTF-8")
    network = read_network(tmp_path / "roads.shp")
    assert set(network.roads.roads["name_zh"]) == {"湘江大道"}
    assert report_of(network).encoding == (
        "GB18030 (declared as UTF-8, which does not fit)"
    )


def test_a_name_cut_in_the_middle_of_a_character_does_not_stop_reading(tmp_path):
    frame = gpd.GeoDataFrame(
        {"路名": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    frame.to_file(tmp_path / "roads.shp", encoding="GBK")
    dbf = bytearray((tmp_path / "roads.dbf").read_bytes())
    at = dbf.index("湘江大道".encode("gbk"))
    dbf[at + 7 : at + 8] = b" "  # half of the last character is gone
    (tmp_path / "roads.dbf").write_bytes(bytes(dbf))
    network = read_network(tmp_path / "roads.shp")
    assert network.roads.roads["name_zh"].iloc[0].startswith("湘江大")
    assert "湘江大道" in set(network.roads.roads["name_zh"])


def test_a_wrong_encoding_that_is_given_shows_and_is_told(tmp_path):
    frame = gpd.GeoDataFrame(
        {"路名": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    frame.to_file(tmp_path / "roads.shp", encoding="GBK")
    network = read_network(tmp_path / "roads.shp", encoding="UTF-8")
    (source,) = network.roads.sources
    assert source.report.encoding == "UTF-8 (given)"
    assert any("hold �" in note for note in source.notes)


def test_a_zipped_shapefile_is_read_with_its_encoding(tmp_path):
    frame = gpd.GeoDataFrame(
        {"路名": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    frame.to_file(tmp_path / "roads.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        for end in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(tmp_path / f"roads{end}", f"道路/roads{end}")
            archive.write(tmp_path / f"roads{end}", f"other{end}")
    network = read_network(tmp_path / "roads.zip")
    assert set(network.roads.roads["name_zh"]) == {"湘江大道"}
    assert network.roads.sources[0].notes == (
        "'道路/roads.shp' read; left out: other.shp",
    )
    assert read_network(tmp_path / "roads.zip", layer="other").roads.length_m > 0


@pytest.mark.parametrize("kind", ["gpkg", "gdb", "geojson"])
def test_other_formats_are_read_from_archives(tmp_path, kind):
    frame = gpd.GeoDataFrame(
        {"name": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    data = tmp_path / f"roads.{kind}"
    driver = {"gdb": "OpenFileGDB", "gpkg": "GPKG", "geojson": "GeoJSON"}[kind]
    (frame.to_crs(4326) if kind == "geojson" else frame).to_file(data, driver=driver)
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        for part in data.rglob("*") if data.is_dir() else (data,):
            archive.write(part, f"数据/{part.relative_to(tmp_path)}")
    network = read_network(tmp_path / "roads.zip")
    assert len(network.roads.roads) == 4
    assert read_network(data).roads.length_m == pytest.approx(network.roads.length_m)


def test_an_archive_without_a_layer_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(InputError, match="holds no Shapefile"):
        read_network(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["../roads.shp", "/roads.shp", "a/../../b", "C:\\x"])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(InputError, match="leaves its folder"):
        read_network(tmp_path / "evil.zip")


def test_an_archive_that_unpacks_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ctzgis.sources.formats.archives.MAX_UNZIPPED_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("roads.shp", b"\0" * (2 * 2**20))
    with pytest.raises(InputError, match="unpacks to"):
        read_network(tmp_path / "bomb.zip")


def test_an_archive_of_too_many_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ctzgis.sources.formats.archives._MAX_MEMBERS", 3)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(4):
            archive.writestr(f"{i}.txt", b"")
    with pytest.raises(InputError, match="4 members; 3 are the most"):
        read_network(tmp_path / "many.zip")


def test_a_geojson_in_gbk_is_read(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["湘江大道"] * 3}, geometry=CROSS, crs="EPSG:4547"
    )
    path = tmp_path / "roads.geojson"
    frame.to_crs(4326).to_file(path)
    text = path.read_text("utf-8")
    path.write_bytes(text.encode("gbk"))
    network = read_network(path)
    assert set(network.roads.roads["name_zh"]) == {"湘江大道"}


def test_mixed_geometry_keeps_the_lines_and_tells_the_rest(layer):
    shapes = [*CROSS, Point(X, Y), shapely.box(X, Y, X + 1, Y + 1), None, LineString()]
    network = read_network(layer(shapes, name="roads.parquet"))
    assert len(network.roads.roads) == 4
    assert told(network)[:2] == [
        "dropped 2: rows without geometry (5, 6)",
        "dropped 2: rows that are no lines (3, 4)",
    ]
    assert (report_of(network).rows_in, report_of(network).rows_kept) == (7, 3)


def test_undefined_coordinates_are_dropped_and_told(layer):
    with np.errstate(invalid="ignore"):
        broken = LineString([(X, Y), (np.nan, np.nan)])
    network = read_network(layer([*CROSS, broken], name="roads.parquet"))
    assert told(network)[0] == "dropped 1: lines with undefined coordinates (3)"


@pytest.mark.parametrize(
    "shapes", [[], [Point(X, Y)], [shapely.box(X, Y, X + 1, Y + 1)]]
)
def test_a_layer_without_lines_is_refused(layer, shapes):
    with pytest.raises(SchemaError, match="holds no (rows|lines)"):
        read_network(layer(shapes))


def test_a_layer_whose_lines_have_no_length_is_refused(layer):
    with pytest.raises(
        SchemaError, match="no line of roads.gpkg has a length .dropped 1"
    ):
        read_network(layer([line((0, 0), (0, 0))]))


def test_multipart_lines_are_taken_apart(layer):
    network = read_network(layer([MultiLineString([CROSS[1], CROSS[2]]), CROSS[0]]))
    assert len(network.roads.roads) == 4
    assert network.roads.roads["row"].tolist() == [0, 0, 1, 1]


def test_heights_are_left_out(layer):
    high = shapely.force_3d(CROSS[0], z=50)
    network = read_network(layer([high, *CROSS[1:]]))
    assert not network.roads.roads.geometry.has_z.any()


def test_gaps_are_closed_when_asked_for(layer):
    lines = [line((0, 0), (100, 0)), line((100.4, 0), (200, 0))]
    assert len(read_network(layer(lines)).roads.junctions) == 4
    network = read_network(layer(lines), gap_m=0.5)
    assert len(network.roads.junctions) == 3
    assert told(network)[1].startswith("repaired 1: gaps closed, the widest 0.40 m")


@pytest.mark.parametrize("gap_m", [-1, np.nan, np.inf])
def test_a_gap_that_is_none_is_refused(layer, gap_m):
    with pytest.raises(InputError, match="gap_m is"):
        read_network(layer(), gap_m=gap_m)


def test_layers_in_degrees_land_in_metres(tmp_path, layer):
    path = tmp_path / "degrees.gpkg"
    gpd.read_file(layer()).to_crs(4490).to_file(path)
    network = read_network(path)
    assert network.roads.length_m == pytest.approx(320, abs=0.01)
    assert (report_of(network).crs_in, report_of(network).crs_out) == (
        "EPSG:4490",
        "EPSG:4547",
    )


def test_a_layer_elsewhere_on_earth_gets_a_crs_that_fits(tmp_path):
    lines = [LineString([(-8.61, 41.15), (-8.60, 41.15)])]
    path = tmp_path / "porto.gpkg"
    gpd.GeoDataFrame(geometry=lines, crs=4326).to_file(path)
    assert read_network(path).roads.roads.crs.to_epsg() == 32629


def test_a_layer_of_the_wrong_zone_is_refused_by_its_numbers(layer):
    path = layer(gpd.GeoSeries(CROSS, crs=4547).to_crs(4525), crs="EPSG:4526")
    with pytest.raises(CRSError, match="zone 37.*crs='EPSG:4525'"):
        read_network(path)
    assert read_network(path, crs="EPSG:4525").roads.length_m == pytest.approx(
        320, abs=0.2
    )


def test_one_layer_of_several_is_chosen_by_name(tmp_path):
    path = tmp_path / "many.gpkg"
    frame = gpd.GeoDataFrame(geometry=CROSS, crs="EPSG:4547")
    frame.iloc[:1].to_file(path, layer="first")
    frame.to_file(path, layer="second")
    assert len(read_network(path).roads.roads) == 1
    assert len(read_network(path, layer="second").roads.roads) == 4
    with pytest.raises(InputError, match="no layer 'third'; it has first, second"):
        read_network(path, layer="third")


# Tables of nodes and edges.


@pytest.fixture
def tables(tmp_path):
    def write(nodes, edges, encoding="utf-8"):
        (tmp_path / "nodes.csv").write_text(nodes, encoding)
        (tmp_path / "edges.csv").write_text(edges, encoding)
        return tmp_path

    return write


NODES = "id,lon,lat\n1,112.9,28.2\n2,112.91,28.2\n3,112.91,28.21\n"


@pytest.mark.parametrize(
    ("nodes", "edges", "encoding"),
    [
        (NODES, "u,v\n1,2\n2,3\n", "utf-8"),
        (NODES.replace("id,lon,lat", "编号,经度,纬度"), "起点,终点\n1,2\n2,3\n", "gbk"),
        (NODES.replace(",", ";"), "from;to\n1;2\n2;3\n", "utf-8-sig"),
        (NODES.replace("\n", "\r\n"), "source,target\r\n1,2\r\n2,3\r\n", "utf-8"),
    ],
)
def test_tables_of_nodes_and_edges_are_read(tables, nodes, edges, encoding):
    network = read_network(tables(nodes, edges, encoding))
    assert len(network.roads.roads) == 2
    assert len(network.roads.junctions) == 3
    # 0.01° of longitude at 28.2° N is 982 m, of latitude 1,108 m.
    assert network.roads.length_m == pytest.approx(982 + 1108, abs=2)


@pytest.mark.parametrize(
    ("nodes", "edges", "said"),
    [
        (NODES, "u,v\n1,9\n", "names? a node that is missing, e.g. 9 in row 2"),
        (NODES + "1,113,28\n", "u,v\n1,2\n", "id 1 is there twice"),
        (NODES, "a,b\n1,2\n", "has no column like 'from'"),
        ("id,a,b\n1,2,3\n", "u,v\n1,1\n", "has no column like 'lon'"),
        (NODES, "u,v\n1,2,3,4\n1", "not valid CSV|holds no lines|missing"),
        (NODES, "u,u\n1,2\n", "two columns of one name"),
        (NODES, "", "has no column|not valid CSV"),
        (NODES.replace("id,lon,lat", "id,x,y"), "u,v\n1,2\n", "has no CRS.*EPSG:4490"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tables, nodes, edges, said):
    with pytest.raises((InputError, SourceError), match=said):
        read_network(tables(nodes, edges))


def test_a_node_without_coordinates_drops_its_edges(tables):
    network = read_network(tables(NODES + "4,,\n", "u,v\n1,2\n2,4\n"))
    assert told(network)[0] == "dropped 1: lines with undefined coordinates (1)"


# Real layers.


def test_changshas_streets_from_their_tables(real_data):
    folder = real_data / "changsha_streets"
    network = read_network(folder)
    with (folder / "edges.csv").open() as file:
        edges = list(csv.DictReader(file))
    stated_km = sum(float(edge["length_m"]) for edge in edges) / 1000
    assert report_of(network).rows_in == len(edges) == 74_673
    # As its description says: 5 of length zero and 127 drawn twice.
    assert told(network)[1:3] == [
        "dropped 5: lines of length zero (24188, 53979, 54006, …)",
        "dropped 127: pieces drawn twice (4066, 16268, 16325, …)",
    ]
    assert len(network.roads.roads) == 74_673 - 5 - 127
    # Great circle against EPSG:4547, and 127 pieces fewer.
    assert network.roads.length_m / 1000 == pytest.approx(stated_km, rel=0.003)


def test_wuhans_streets_from_parquet(real_data):
    path = real_data / "wuhan_streets/streets.parquet"
    network = read_network(path)
    frame = gpd.read_parquet(path)
    assert report_of(network).rows_in == len(frame) == 92_667
    # 82,902 nodes in the file's own columns; eleven of them share a place with another.
    ends = pd.concat([frame["u"], frame["v"]]).nunique()
    assert (ends, len(network.roads.junctions)) == (82_902, 82_891)
    metres = frame.to_crs(4547).length.sum()
    assert network.roads.length_m == pytest.approx(metres, rel=0.001)
    # The 25 pieces drawn twice apart, classes are as the file has them.
    assert told(network)[-2].startswith("dropped 25: pieces drawn twice")
    classes = network.roads.roads["road_class"].value_counts()
    raw = frame["highway"].astype(str).str.removesuffix("_link").value_counts()
    assert raw["primary"] - 25 <= classes["primary"] <= raw["primary"]
    assert classes["motorway"] == pytest.approx(raw["motorway"], abs=25)


def test_a_campus_from_xml(real_data):
    from xml.etree import ElementTree as ET

    path = real_data / "hnu_campus/map.osm"
    walking, driving = read_network(path, mode="walk"), read_network(path)
    # Oracle: the file itself. Ways with a highway, and of those that were kept the nodes
    # that stand twice among them or at an end.
    ways = {
        int(way.get("id")): [nd.get("ref") for nd in way.iter("nd")]
        for way in ET.parse(path).iter("way")
        if any(tag.get("k") == "highway" for tag in way.iter("tag"))
    }
    assert len(ways) == report_of(driving).rows_in == report_of(walking).rows_in == 56
    for network, kept in ((driving, 21), (walking, 56)):
        taken = set(network.roads.roads["way_id"])
        assert len(taken) == report_of(network).rows_kept == kept
        refs = [ref for way_id in taken for ref in ways[way_id]]
        ends = {ways[way_id][end] for way_id in taken for end in (0, -1)}
        meeting = {ref for ref in refs if refs.count(ref) > 1} | ends
        assert set(network.roads.junctions.index) == meeting


@pytest.mark.parametrize(
    ("ids", "edges"),
    [(("a", "2", "3"), "a,2\n2,3\n"), (("01", "02", "10"), "01,02\n02,10\n")],
)
def test_ids_are_what_is_written_whatever_each_column_looks_like(tmp_path, ids, edges):
    rows = "".join(f"{name},{112.9 + i / 100},28.2\n" for i, name in enumerate(ids))
    (tmp_path / "nodes.csv").write_text(f"id,lon,lat\n{rows}")
    (tmp_path / "edges.csv").write_text(f"from,to\n{edges}")
    assert len(read_network(tmp_path).roads.roads) == 2


@pytest.mark.parametrize("wanted", ["EPSG:9999999", "somewhere"])
def test_an_unknown_reference_system_for_the_result_is_refused(layer, wanted):
    with pytest.raises(CRSError, match="to_crs .* is not known; give e.g. 'EPSG:4526'"):
        read_network(layer(), to_crs=wanted)


def test_a_mapping_that_is_none_is_refused(layer):
    with pytest.raises(InputError, match="mapping is list; a dict or a TOML file"):
        read_network(layer(), mapping=["road_class"])


def test_a_column_mapped_to_none_takes_no_field(layer):
    roads = read_network(layer(等级=["主干路"] * 3), mapping={"road_class": None})
    assert set(roads.roads.roads["road_class"]) == {"tertiary"}


@pytest.mark.parametrize(
    ("nodes", "edges", "said"),
    [
        ("1,113,28\n,113.01,28\n", "1,\n", "nodes.csv: 'id' is empty in row 3"),
        ("1,113,28\n2,113.01,28\n", "1,2\n1,\n", "edges.csv: 'v' is empty in row 3"),
    ],
)
def test_nodes_and_edges_without_ids_are_refused(tmp_path, nodes, edges, said):
    (tmp_path / "nodes.csv").write_text(f"id,lon,lat\n{nodes}")
    (tmp_path / "edges.csv").write_text(f"u,v\n{edges}")
    with pytest.raises(InputError, match=said):
        read_network(tmp_path)


def test_coordinates_that_are_truth_values_are_none(tmp_path):
    (tmp_path / "nodes.csv").write_text("id,lon,lat\na,112.0,true\nb,112.1,true\n")
    (tmp_path / "edges.csv").write_text("u,v\na,b\n")
    with pytest.raises(InputError, match="no line"):
        read_network(tmp_path)
