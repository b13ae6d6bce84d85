"""The whole job from the command line: what comes out, and how it refuses."""

import csv
import json
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString

from ctzgis.cli import main
from ctzgis.errors import SourceError
from ctzgis.reporting import files
from ctzgis.reporting.files import FILES, write_assessment

X, Y = 399_000.0, 3_120_000.0


@pytest.fixture(scope="module")
def out(tmp_path_factory, assessment):
    folder = tmp_path_factory.mktemp("out") / "deep" / "folder"
    write_assessment(assessment, folder, lang="zh")
    return folder


def test_exactly_the_promised_files_are_written(out):
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)


def test_the_scorecard_is_the_assessment(out, assessment):
    data = json.loads((out / "scorecard.json").read_text("utf-8"))
    assert data == json.loads(json.dumps(assessment.to_dict("zh")))


def test_the_csv_has_a_row_per_finding_and_opens_in_a_spreadsheet(out, assessment):
    raw = (out / "scorecard.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel reads it as GBK
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(assessment.scorecard.findings)
    assert {row["status"] for row in rows} <= {
        "met", "unmet", "not_assessable", "superseded",
    }  # fmt: skip


def test_the_layers_can_be_read_back(out, assessment):
    names = set(gpd.list_layers(out / "layers.gpkg")["name"])
    assert set(assessment.layers) <= names
    assert {"corridor_status", "corridor_places", "places_reached"} <= names
    for name in ("isochrones", "roads", "structure"):
        layer = gpd.read_file(out / "layers.gpkg", layer=name)
        assert layer.crs.to_epsg() == 4547
        assert len(layer) == len(assessment.layers[name])


def test_the_provenance_hashes_every_input(out):
    data = json.loads((out / "provenance.json").read_text("utf-8"))
    assert data["parameters"]["travel_rules"]["walk_kph"] == 4.8
    for source in data["inputs"]:
        assert len(source["sha256"]) == 64, source["name"]
        assert source["licence"]
    assert {s["name"] for s in data["inputs"]} >= {"roads.geojson", "targets.yaml"}


def test_the_report_asks_no_host_and_says_it_is_schematic(out):
    page = (out / "report.html").read_text("utf-8")
    assert "示意数据 · 未经审图 · 不得公开传播" in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_writing_again_replaces_the_files(out, assessment):
    before = (out / "scorecard.json").stat().st_mtime_ns
    time.sleep(0.01)
    write_assessment(assessment, out, lang="en")
    assert (out / "scorecard.json").stat().st_mtime_ns > before
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)


def test_a_failure_half_way_leaves_the_folder_as_it_was(
    tmp_path, assessment, monkeypatch
):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "scorecard.csv").write_text("mine")

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_layers", full_disk)
    with pytest.raises(SourceError, match="No space left on device"):
        write_assessment(assessment, folder)
    assert [p.name for p in folder.iterdir()] == ["scorecard.csv"]
    assert (folder / "scorecard.csv").read_text() == "mine"


def test_an_interruption_leaves_nothing_behind(tmp_path, assessment, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_write_layers", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_assessment(assessment, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path, assessment):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SourceError, match="cannot write into"):
        write_assessment(assessment, tmp_path / "out")


def run(tmp_path, capsys, *words):
    code = main(["assess", "--out", str(tmp_path / "out"), *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_prints_the_scorecard_and_the_files(tmp_path, capsys, assessment):
    code, text, errors = run(tmp_path, capsys, "--lang", "en")
    assert code == 0
    assert errors == ""
    assert "centre to centre, by car" in text
    counts = assessment.scorecard.shown("free").counts
    assert f"met {counts['met']}  unmet {counts['unmet']}" in text
    both = assessment.scorecard.counts
    assert f"met {both['met']}  unmet {both['unmet']}" in text
    assert "2020 · free flow" in text
    assert str(tmp_path / "out" / "map.html") in text


def test_strict_exits_with_1_when_a_target_is_unmet(tmp_path, capsys):
    assert run(tmp_path, capsys, "--strict")[0] == 1
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--year", "1900"],
        ["--year", "soon"],
        ["--profile", "fast"],
        ["--lang", "fr"],
        ["--nope"],
    ],
)
def test_a_wrong_command_line_exits_with_2(tmp_path, capsys, words):
    with pytest.raises(SystemExit) as caught:
        run(tmp_path, capsys, *words)
    assert caught.value.code == 2


def layer(tmp_path, geometry, crs="EPSG:4547", suffix=".gpkg"):
    path = tmp_path / f"roads{suffix}"
    frame = gpd.GeoDataFrame(geometry=geometry, crs=crs)
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def line(crs=4547):
    return gpd.GeoSeries([LineString([(X, Y), (X + 500, Y)])], crs=4547).to_crs(crs)


def nan_line():
    with np.errstate(invalid="ignore"):
        return [LineString([(X, Y), (np.nan, 0), (X, Y + 1)])]


BAD = {
    "missing": (lambda p: p / "none.gpkg", 4, "does not exist"),
    "rubbish": (lambda p: _rubbish(p), 4, "cannot be read"),
    "polygons": (lambda p: layer(p, [shapely.box(X, Y, X + 9, Y + 9)]), 3, "Polygon"),
    "no crs": (lambda p: layer(p, list(line()), None, ".parquet"), 3, "has no CRS"),
    "degrees": (lambda p: layer(p, line(4326), 4326), 3, "degree"),
    "mercator": (lambda p: layer(p, line(3857), 3857), 3, "changes areas by"),
    "empty": (lambda p: layer(p, []), 3, "holds no rows"),
    "nan": (lambda p: layer(p, nan_line(), suffix=".parquet"), 3, "not numbers"),
    "elsewhere": (lambda p: layer(p, line().translate(5e5, 0)), 3, "does not touch"),
}


def _rubbish(folder):
    path = folder / "roads.gpkg"
    path.write_bytes(b"SQLite format 3\x00 and then nothing")
    return path


@pytest.mark.parametrize("case", BAD)
def test_bad_roads_end_with_one_clear_line_and_nothing_written(tmp_path, capsys, case):
    make, wanted, words = BAD[case]
    code, text, errors = run(tmp_path, capsys, "--roads", make(tmp_path))
    assert code == wanted
    assert text == ""
    assert len(errors.splitlines()) == 1
    assert errors.startswith("ctzgis: ")
    assert words in errors
    assert not (tmp_path / "out").exists()


def test_a_bad_population_and_an_unknown_plan_end_the_same_way(tmp_path, capsys):
    assert run(tmp_path, capsys, "--population", tmp_path / "none.gpkg")[0] == 4
    assert run(tmp_path, capsys, "--plan", "mars")[0] == 4
    assert not (tmp_path / "out").exists()


@pytest.fixture
def shifted_roads(tmp_path, network):
    """Verified roads in GCJ-02, labelled as if they were not."""
    from ctzgis.sources.places.datum import to_gcj02

    roads = network.roads.roads
    known = roads[roads["alignment_verified"]].to_crs(4326)
    moved = shapely.transform(
        np.asarray(known.geometry.array), lambda xy: np.column_stack(to_gcj02(*xy.T))
    )
    return layer(tmp_path, gpd.GeoSeries(moved, crs=4326).to_crs(4547))


def inputs(tmp_path):
    return json.loads((tmp_path / "out" / "provenance.json").read_text("utf-8"))[
        "inputs"
    ]


def test_shifted_roads_are_warned_of_and_assessed(tmp_path, capsys, shifted_roads):
    code, _, errors = run(tmp_path, capsys, "--roads", shifted_roads)
    assert code == 0
    assert errors.startswith("ctzgis: warning: roads.gpkg looks like GCJ-02")
    notes = [note for source in inputs(tmp_path) for note in source["notes"]]
    (said,) = [note for note in notes if "looks like GCJ-02" in note["en"]]
    assert "疑似 GCJ-02" in said["zh"]


def test_roads_in_gcj02_are_converted_when_that_is_said(
    tmp_path, capsys, shifted_roads
):
    code, _, errors = run(
        tmp_path, capsys, "--roads", shifted_roads, "--datum", "gcj02"
    )
    assert (code, errors) == (0, "")
    (read,) = [source for source in inputs(tmp_path) if source["name"] == "roads.gpkg"]
    assert read["report"]["datum"] == "gcj02"
    assert any("datum checked" in note["en"] for note in read["notes"])


def test_hostile_names_of_files_stay_text(tmp_path, capsys):
    path = layer(tmp_path, line()).rename(tmp_path / "=cmd()<script>alert(1)<b>.gpkg")
    code, _, _ = run(tmp_path, capsys, "--roads", path)
    assert code == 0
    for name in ("report.html", "map.html"):
        page = (tmp_path / "out" / name).read_text("utf-8")
        assert "<script>alert(1)" not in page
    rows = csv.reader(
        (tmp_path / "out/scorecard.csv").read_text("utf-8-sig").splitlines()
    )
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_python_m_ctzgis_is_the_command():
    command = [sys.executable, "-m", "ctzgis", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ctzgis 0.")
