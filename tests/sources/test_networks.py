"""Whatever holds a network is read, kept in the cache, and written and read again."""

import json
import os
import subprocess
import sys

import geopandas as gpd
import pyproj
import pytest
from pandas.testing import assert_frame_equal
from shapely import LineString

import ctzgis
from ctzgis import read_network, write_network
from ctzgis.errors import InputError, SchemaError, SourceError
from ctzgis.examples import gridville
from ctzgis.sources.formats import cache
from ctzgis.sources.formats.cache import cache_use, clear_cache
from ctzgis.sources.roads import networks
from ctzgis.writing import cache_folder


@pytest.fixture
def roads(tmp_path):
    x, y = 399_000.0, 3_120_000.0
    lines = [LineString([(x + 100 * i, y), (x + 100 * i + 100, y)]) for i in range(50)]
    frame = gpd.GeoDataFrame(
        {"路名": ["<script>alert(1)</script>", None] * 25, "等级": ["主干路"] * 50},
        geometry=lines,
        crs="EPSG:4547",
    )
    path = tmp_path / "roads.gpkg"
    frame.to_file(path)
    return path


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(networks, "_LEAST_CACHED_BYTES", 0)
    return tmp_path / "cache"


def same(one, other):
    assert_frame_equal(one.roads.roads, other.roads.roads)
    assert_frame_equal(one.roads.junctions, other.roads.junctions)
    assert one.roads.sources == other.roads.sources


def test_what_is_kept_is_what_was_read(roads, own_folder):
    first = read_network(roads)
    assert len(list(own_folder.iterdir())) == 1
    same(read_network(roads), first)


def test_the_cache_is_used(roads, own_folder, monkeypatch):
    read_network(roads)
    monkeypatch.setattr(networks, "read_road_layer", None)
    assert len(read_network(roads).roads.roads) == 50


@pytest.mark.parametrize(
    "change",
    [
        {"gap_m": 1.0},
        {"bbox": (112, 28, 113.5, 29)},
        {"mapping": {"name_zh": ""}},
        {"at_crossings": True},
    ],
)
def test_other_arguments_are_another_network(roads, own_folder, change):
    read_network(roads)
    read_network(roads, **change)
    assert cache_use().files == 2


def test_other_content_is_another_network(roads, own_folder):
    read_network(roads)
    frame = gpd.read_file(roads)
    frame.iloc[:10].to_file(roads)
    assert len(read_network(roads).roads.roads) == 10


@pytest.fixture
def shapefile(roads, tmp_path):
    (tmp_path / "shp").mkdir()
    path = tmp_path / "shp" / "roads.shp"
    gpd.read_file(roads).to_file(path, encoding="UTF-8")
    return path


def test_other_values_beside_the_same_shapes_are_another_network(shapefile, own_folder):
    # Editing attributes rewrites the .dbf alone.
    read_network(shapefile)
    other = shapefile.with_name("other.shp")
    gpd.read_file(shapefile).assign(等级="支路").to_file(other, encoding="UTF-8")
    other.with_suffix(".dbf").replace(shapefile.with_suffix(".dbf"))
    assert set(read_network(shapefile).roads.roads["road_class"]) == {"tertiary"}


def test_another_crs_beside_the_same_shapes_is_another_network(shapefile, own_folder):
    read_network(shapefile)
    wkt = pyproj.CRS("EPSG:4546").to_wkt("WKT1_ESRI")
    shapefile.with_suffix(".prj").write_text(wkt)
    assert read_network(shapefile).roads.sources[0].report.crs_in == "EPSG:4546"


def test_what_is_said_of_a_file_is_not_taken_from_the_cache(shapefile, own_folder):
    read_network(shapefile)
    shapefile.with_name("SOURCES.toml").write_text(
        '["roads.shp"]\nlicence = "CC0-1.0"\n'
    )
    assert read_network(shapefile).roads.sources[0].licence == "CC0-1.0"


def test_a_folder_with_a_link_to_nowhere_is_read(tmp_path):
    (tmp_path / "nodes.csv").write_text("id,lon,lat\n1,112.9,28.2\n2,112.91,28.2\n")
    (tmp_path / "edges.csv").write_text("from,to\n1,2\n")
    try:
        (tmp_path / "old.csv").symlink_to(tmp_path / "nowhere.csv")
    except OSError:
        pytest.skip("links may not be made here")
    assert len(read_network(tmp_path).roads.roads) == 1


def test_arguments_that_a_file_does_not_take_are_refused(roads, tmp_path):
    path = tmp_path / "roads.osm"
    path.write_text("<osm version='0.6'></osm>")
    with pytest.raises(
        InputError, match="roads.osm: a file of OpenStreetMap takes no crs,"
    ):
        read_network(path, crs="EPSG:4526", gap_m=2)
    write_network(read_network(roads), tmp_path / "net.gpkg")
    with pytest.raises(
        InputError, match="net.gpkg is a network that ctzgis has written"
    ):
        read_network(tmp_path / "net.gpkg", bbox=(112, 28, 113, 29))
    with pytest.raises(InputError, match="the shipped network takes no to_crs"):
        read_network(to_crs="EPSG:32649")


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "replaced"])
def test_a_damaged_cache_is_passed_over(roads, own_folder, damage):
    first = read_network(roads)
    (kept,) = own_folder.iterdir()
    content = bytearray(kept.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
    kept.write_bytes(
        {
            "cut": content[:-100],
            "flipped": content,
            "emptied": b"",
            "replaced": b"PK\x03\x04 rubbish",
        }[damage]
    )
    same(read_network(roads), first)


def test_a_cache_that_cannot_be_written_costs_time_only(roads, tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "_LEAST_CACHED_BYTES", 0)
    blocked = tmp_path / "file"
    blocked.write_text("x")
    monkeypatch.setenv("CTZGIS_CACHE", str(blocked / "cache"))
    assert len(read_network(roads).roads.roads) == 50


def test_no_pickle_is_ever_read(roads, own_folder):
    import hashlib
    import io
    import pickle

    import numpy as np

    read_network(roads)
    (kept,) = own_folder.iterdir()

    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was run",))

    buffer = io.BytesIO()
    np.savez(buffer, head=np.array([Evil()], dtype=object))
    assert pickle.PROTO in buffer.getvalue()
    kept.write_bytes(buffer.getvalue() + hashlib.sha256(buffer.getvalue()).digest())
    assert len(read_network(roads).roads.roads) == 50


def test_two_processes_at_once_both_read_rightly(roads, own_folder):
    code = (
        "import sys; from ctzgis.sources.roads import networks; networks._LEAST_CACHED_BYTES=0;"
        "print(len(networks.read_network(sys.argv[1]).roads.roads))"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(roads)], stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    assert [int(run.communicate()[0]) for run in runs] == [50] * 3
    assert cache_use().files == 1


def test_what_was_not_used_for_longest_makes_room(roads, own_folder, monkeypatch):
    read_network(roads)
    (first,) = own_folder.iterdir()
    os.utime(first, (0, 0))
    read_network(roads, gap_m=1)
    (second,) = set(own_folder.iterdir()) - {first}
    os.utime(second, (1, 1))
    read_network(roads)  # used again: now the second is the oldest
    monkeypatch.setattr(cache, "_MOST_BYTES", 2 * first.stat().st_size + 1000)
    read_network(roads, gap_m=2)
    assert cache_use().files == 2
    assert first.exists()
    assert not second.exists()


def test_the_cache_is_counted_and_cleared(roads, own_folder):
    read_network(roads)
    (own_folder / "mine.txt").write_text("stays")
    (own_folder / "osm").mkdir()
    assert cache_use().size_bytes > 1000
    assert cache_use().folder == cache_folder() == own_folder
    assert clear_cache().files == 1
    assert sorted(path.name for path in own_folder.iterdir()) == ["mine.txt", "osm"]


@pytest.mark.parametrize("name", ["town.gpkg", "town.parquet"])
def test_a_written_network_is_read_back(tmp_path, name):
    network = gridville()
    write_network(network, tmp_path / name)
    back = read_network(tmp_path / name)
    columns = network.roads.roads.columns
    assert_frame_equal(
        back.roads.roads[columns], network.roads.roads, check_dtype=False
    )
    ends = back.roads.junctions.geometry.sort_index()
    wanted = network.roads.junctions.geometry.sort_index()
    assert (ends.to_numpy() == wanted.to_numpy()).all()


@pytest.mark.parametrize("name", ["out.gpkg", "out.parquet"])
def test_a_written_network_remembers_where_it_came_from(roads, tmp_path, name):
    network = read_network(roads)
    write_network(network, tmp_path / name)
    back = read_network(tmp_path / name)
    assert back.roads.sources[0].what == "network written by ctzgis"
    assert back.roads.sources[1:] == network.roads.sources


def test_another_format_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"town\.shp: a network is written as"):
        write_network(gridville(), tmp_path / "town.shp")


@pytest.mark.parametrize("name", ["town.gpkg", "town.parquet"])
def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, name):
    with pytest.raises(SourceError, match="cannot write"):
        write_network(gridville(), tmp_path / "none" / name)
    assert list(tmp_path.iterdir()) == []


def test_a_written_network_that_was_broken_is_refused(tmp_path):
    path = tmp_path / "town.gpkg"
    write_network(gridville(), path)
    frame = gpd.read_file(path)
    frame.loc[0, "free_kph"] = -1
    frame.to_file(path, layer="roads")
    with pytest.raises(SchemaError, match="'free_kph' is not above 0 in row 'r0'"):
        read_network(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_network(tmp_path / "none.shp")


def test_an_empty_folder_is_no_network(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_network(tmp_path)


def test_the_shipped_network_stays_what_read_network_gives():
    assert len(ctzgis.read_network().lines) > 0


# The command.


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "ctzgis", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_network_is_built_and_looked_into_from_the_command_line(roads, tmp_path):
    out = tmp_path / "net.gpkg"
    built = run("network", "build", roads, "--lang", "en", "--out", out)
    assert (built.returncode, built.stderr) == (0, "")
    assert (
        "fields: road_class ← 等级 (guessed), name_zh ← 路名 (guessed)" in built.stdout
    )
    told = run("network", "info", out)
    assert told.stdout.splitlines()[0] == (
        "<TravelNetwork: 50 roads, 51 junctions, 5.0 km, 1 part, 5 × 0 km, "
        "free and peak, EPSG:4547, 0 lines>"
    )


def test_a_console_without_chinese_is_told_in_english(roads, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    told = run("network", "info", roads)
    assert "50 of 50 lines kept" in told.stdout


def test_several_files_become_one_network(roads, tmp_path):
    write_network(gridville(), tmp_path / "town.gpkg")
    built = run(
        "network", "build", roads, tmp_path / "town.gpkg", "--out", tmp_path / "b.gpkg"
    )
    assert "<TravelNetwork: 270 roads" in built.stdout


def test_what_is_said_of_layers_is_not_said_of_the_openstreetmap_beside(
    roads, tmp_path
):
    nodes = "".join(
        f"<node id='{i}' lat='28.2' lon='{112.9 + i / 100}'/>" for i in (1, 2)
    )
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way>"
    (tmp_path / "a.osm").write_text(f"<osm version='0.6'>{nodes}{way}</osm>")
    words = ("--gap", "1", "--crs", "EPSG:4547", "--out", tmp_path / "b.gpkg")
    built = run("network", "build", roads, tmp_path / "a.osm", *words)
    assert "<TravelNetwork: 51 roads" in built.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["none.shp"], 4, "does not exist"),
        (["roads.gpkg", "--crs", "EPSG:4490"], 3, "are no degrees"),
        (["roads.gpkg", "--bbox", "1,1,2,2"], 3, "outside the bounds"),
        (["roads.gpkg", "--bbox", "2,1,1,2"], 2, "west,south,east,north"),
        (["roads.gpkg", "--layer", "x"], 3, "has no layer 'x'"),
        (["roads.gpkg", "--mapping", "none.toml"], 4, "none.toml"),
    ],
)
def test_faults_are_told_in_words_with_their_exit_code(
    roads, tmp_path, words, code, said
):
    found = run(
        "network", "info", *(str(roads) if w == "roads.gpkg" else w for w in words)
    )
    assert found.returncode == code
    # Of a wrong command line the last line tells where its help is.
    assert said in found.stderr.splitlines()[-2 if code == 2 else -1]


def test_the_cache_is_told_and_cleared_from_the_command_line(roads):
    assert "files" in run("cache", "info").stdout
    assert run("cache", "clear").stdout.startswith("deleted: ")


def test_sources_are_plain_values(roads):
    (source,) = read_network(roads).roads.sources
    assert type(source).from_dict(json.loads(json.dumps(source.to_dict()))) == source


@pytest.mark.parametrize("name", ["net.gpkg", "net.parquet"])
def test_a_written_network_keeps_the_control_of_its_junctions(tmp_path, name):
    town = gridville().roads
    junctions = town.junctions
    junctions["control"] = [None, "signals", "stop", *[None] * (len(junctions) - 3)]
    network = ctzgis.RoadNetwork(town.roads, junctions)
    path = tmp_path / name
    write_network(network, path)
    back = read_network(path).roads.junctions["control"].dropna()
    assert back.to_dict() == junctions["control"].dropna().to_dict()
