"""
``ctzgis matrix``, ``isochrones`` and ``accessibility``: measures of Gridville in files.

A kilometre of road takes a minute: 10 min from the centre to each corner, 20 min between
opposite corners. 1,000 people live at each of the five places.
"""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio

from ctzgis import isochrones, read_network, travel_time_surface
from ctzgis.cli import main
from ctzgis.examples import gridville, gridville_places
from ctzgis.reporting import measures

POINTS = ("--crs", "EPSG:4547", "--id-column", "id")


@pytest.fixture
def run(capsys, town):
    """Run a command on Gridville; return exit code, output and complaint."""

    def ran(command, *words, network=("--network", "town.gpkg")):
        files = {
            name: str(town / name) for name in ("town.gpkg", "places.csv", "centre.csv")
        }
        words = [files.get(str(word), str(word)) for word in (*network, *words)]
        code = main([command, *words])
        return code, *capsys.readouterr()

    return ran


def matrix(run, out, *more):
    return run("matrix", "--origins", "places.csv", *POINTS, "--out", out, *more)


def rings(run, out, *more):
    return run(
        "isochrones",
        "--origins",
        "centre.csv",
        *POINTS,
        "--cutoffs",
        "4,2",
        "--out",
        out,
        *more,
    )


def sums(run, out, *more):
    return run(
        "accessibility", "--points", "places.csv", "--opportunities", "places.csv",
        "--cutoffs", "9,10", *POINTS, "--out", out, *more,
    )  # fmt: skip


READERS = {
    ".csv": lambda path: pd.read_csv(path, keep_default_na=False),
    ".parquet": pd.read_parquet,
    ".gpkg": lambda path: pyogrio.read_dataframe(path, read_geometry=False),
}


@pytest.mark.parametrize("ending", READERS)
def test_a_matrix_has_the_minutes_between_all_points(run, tmp_path, ending):
    path = tmp_path / f"times{ending}"
    code, out, complaint = matrix(run, path, "--lang", "en")
    assert (code, complaint) == (0, "")
    assert out.splitlines()[:2] == [str(path), "  25 rows"]
    found = READERS[ending](path)
    assert list(found.columns) == ["from_id", "to_id", "travel_time_min", "reason"]
    minutes = found.set_index(["from_id", "to_id"])["travel_time_min"]
    assert minutes["south_west", "north_east"] == 20
    assert minutes["south_west", "centre"] == 10
    assert minutes["centre", "centre"] == 0


def test_a_matrix_leads_to_other_destinations_and_ends_at_a_cutoff(run, tmp_path):
    path = tmp_path / "times.csv"
    matrix(run, path, "--destinations", "centre.csv", "--cutoff", "9")
    found = READERS[".csv"](path)
    assert set(found["to_id"]) == {"centre"}
    assert found.set_index("from_id")["reason"].to_dict() == {
        **dict.fromkeys(
            ["south_west", "south_east", "north_west", "north_east"],
            "beyond the cutoff",
        ),
        "centre": "",
    }


@pytest.mark.parametrize("ending", READERS)
def test_a_matrix_in_parts_is_one_table(run, tmp_path, monkeypatch, ending):
    whole, parts = tmp_path / f"whole{ending}", tmp_path / f"parts{ending}"
    matrix(run, whole)
    from ctzgis.analysis import travel_times

    def one_by_one(network, origins, destinations, **words):
        for position in range(len(origins)):
            yield travel_times(network, origins.iloc[[position]], destinations, **words)

    monkeypatch.setattr("ctzgis.analysis.travel_times_in_parts", one_by_one)
    _, out, _ = matrix(run, parts, "--lang", "en")
    assert "  25 rows" in out
    pd.testing.assert_frame_equal(READERS[ending](whole), READERS[ending](parts))


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".geojson"])
def test_isochrones_are_drawn(run, tmp_path, ending):
    path = tmp_path / f"rings{ending}"
    assert rings(run, path)[0] == 0
    found = gpd.read_parquet(path) if ending == ".parquet" else gpd.read_file(path)
    wanted = isochrones(
        gridville(), gridville_places().loc[["centre"]], cutoffs_min=[2, 4]
    )
    assert found["cutoff_min"].tolist() == [4, 2]
    assert found["area_km2"].tolist() == pytest.approx(wanted["area_km2"].tolist())
    assert found.crs.to_epsg() == (4326 if ending == ".geojson" else 4547)
    assert found.to_crs(4547).area.tolist() == pytest.approx(
        wanted.area.tolist(), rel=1e-6
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_isochrones_are_put_on_a_map_too(run, tmp_path, lang):
    page = tmp_path / "rings.html"
    code, out, _ = rings(run, tmp_path / "rings.gpkg", "--map", page, "--lang", lang)
    assert code == 0
    assert out.splitlines()[-1] == str(page)
    html = page.read_text(encoding="utf-8")
    assert {"zh": "等时圈", "en": "Isochrones"}[lang] in html
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", html)


def test_a_map_that_is_no_page_is_refused_before_work(run, tmp_path):
    code, _, complaint = rings(
        run, tmp_path / "rings.gpkg", "--map", tmp_path / "rings.png"
    )
    assert code == 3
    assert "a page is written as .html" in complaint
    assert not (tmp_path / "rings.gpkg").exists()


@pytest.mark.parametrize(
    ("kind", "column"), [("edges", "road_km"), ("junctions", "junctions")]
)
def test_isochrones_may_be_roads_or_junctions_and_pooled(run, tmp_path, kind, column):
    path = tmp_path / "rings.gpkg"
    assert rings(run, path, "--kind", kind, "--pooled", "--direction", "to")[0] == 0
    found = gpd.read_file(path)
    assert found["origin_id"].tolist() == ["all", "all"]
    assert found[column].is_monotonic_decreasing


def test_a_geotiff_has_the_minutes_from_the_nearest_origin(run, tmp_path):
    path = tmp_path / "minutes.tif"
    code, out, complaint = rings(run, path, "--lang", "en")
    assert (code, complaint) == (0, "")
    wanted = travel_time_surface(
        gridville(), gridville_places().loc[["centre"]], cutoff_min=4
    )
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), wanted.minutes, equal_nan=True)
        assert json.loads(file.tags()["ctzgis_parameters"])["cutoffs_min"] == [2, 4]
        assert json.loads(file.tags()["ctzgis_sources"])
    assert out.splitlines()[1] == "  80 × 80 cells"


def test_isochrones_of_points_far_from_any_road_are_told_to_be_empty(
    run, town, tmp_path
):
    # The south-west corner of the town, and a point 1,000 km away.
    corner = gridville_places().geometry.iloc[0]
    rows = f"id,x,y\nnear,{corner.x},{corner.y}\nfar,{corner.x + 1e6},{corner.y}\n"
    (town / "far.csv").write_text(rows)
    words = ("--cutoffs", "4,2", "--out", tmp_path / "r.csv", *POINTS)
    found = {}
    for lang in ("zh", "en"):
        _, out, _ = run(
            "isochrones", "--origins", town / "far.csv", *words, "--lang", lang
        )
        found[lang] = out.splitlines()[1]
    assert found == {
        "zh": "  4 行，其中 2 行为空：附近没有道路",
        "en": "  4 rows, 2 of them empty: no road is near",
    }


def test_a_csv_of_isochrones_has_areas_alone(run, tmp_path):
    rings(run, tmp_path / "rings.csv")
    found = READERS[".csv"](tmp_path / "rings.csv")
    assert list(found.columns) == ["origin_id", "cutoff_min", "area_km2"]


def test_accessibility_adds_up_what_is_reached(run, tmp_path):
    sums(run, tmp_path / "sums.csv")
    reached = READERS[".csv"](tmp_path / "sums.csv").set_index(
        ["point_id", "cutoff_min"]
    )["reached"]
    # A corner reaches itself in 9 min, and in 10 min the centre and two neighbours too.
    assert reached.loc["centre"].to_dict() == {9: 1000, 10: 5000}
    assert reached.loc["south_west"].to_dict() == {9: 1000, 10: 4000}


@pytest.mark.parametrize("direction", ["from", "to"])
def test_accessibility_counts_rows_in_both_directions(run, tmp_path, direction):
    sums(run, tmp_path / "sums.csv", "--value", "count", "--direction", direction)
    assert READERS[".csv"](tmp_path / "sums.csv")["reached"].tolist()[:2] == [1, 4]


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".geojson"])
def test_accessibility_keeps_the_points_where_it_can(run, tmp_path, ending):
    path = tmp_path / f"sums{ending}"
    sums(run, path)
    found = gpd.read_parquet(path) if ending == ".parquet" else gpd.read_file(path)
    at = found[found["point_id"] == "centre"].to_crs(4547).geometry.iloc[0]
    assert (at.x, at.y) == pytest.approx((500_000, 3_105_000), abs=0.01)


@pytest.mark.parametrize("ending", [".gpkg", ".parquet"])
def test_the_file_says_what_it_was_made_of(run, tmp_path, ending):
    path = tmp_path / f"rings{ending}"
    rings(run, path, "--profile", "peak")
    if ending == ".gpkg":
        about = pyogrio.read_info(path)["layer_metadata"]
    else:
        about = {
            k.decode(): v.decode() for k, v in pq.read_schema(path).metadata.items()
        }
    parameters = json.loads(about["ctzgis_parameters"])
    assert (parameters["mode"], parameters["profile"], parameters["cutoffs_min"]) == (
        "drive",
        "peak",
        [2, 4],
    )
    names = [source["name"] for source in json.loads(about["ctzgis_sources"])]
    assert {"town.gpkg", "centre.csv"} <= set(names)


def test_the_shipped_network_is_taken_in_a_year(run, town, tmp_path):
    (town / "cities.csv").write_text(
        "id,lon,lat\na,112.97,28.2\nb,113.14,27.83\n", encoding="utf-8"
    )
    words = (
        "--origins",
        town / "cities.csv",
        "--id-column",
        "id",
        "--mode",
        "drive+rail+drive",
    )
    found = {}
    for year in (2015, 2035):
        path = tmp_path / f"{year}.csv"
        code, out, _ = run("matrix", *words, "--year", year, "--out", path, network=())
        assert code == 0
        assert "roads.geojson" in out
        assert "（示意）" in out
        found[year] = READERS[".csv"](path)["travel_time_min"].iloc[1]
    assert float(found[2035]) < float(found[2015])


def test_what_reading_did_is_told(run, tmp_path):
    _, out, _ = matrix(run, tmp_path / "t.csv", "--lang", "en")
    assert "5 of 5 points kept" in out


def test_two_files_are_joined_to_one_network(run, town, tmp_path):
    import ctzgis

    network = read_network(town / "town.gpkg")
    x = network.roads.roads.bounds
    west = x["maxx"] <= 500_000
    ctzgis.write_network(network.roads.keep(west), town / "west.gpkg")
    ctzgis.write_network(network.roads.keep(~west), town / "east.gpkg")
    code, *_ = run(
        "matrix", "--origins", "places.csv", *POINTS, "--out", tmp_path / "t.csv",
        network=("--network", town / "west.gpkg", town / "east.gpkg"),
    )  # fmt: skip
    assert code == 0
    minutes = READERS[".csv"](tmp_path / "t.csv").set_index(["from_id", "to_id"])[
        "travel_time_min"
    ]
    assert float(minutes["south_west", "north_east"]) == 20


# Refusals


@pytest.mark.parametrize(
    ("command", "name", "told"),
    [
        (matrix, "t.xlsx", "t.xlsx: the result is written as .csv, .parquet or .gpkg"),
        (
            matrix,
            "t.geojson",
            "t.geojson: the result is written as .csv, .parquet or .gpkg",
        ),
        (matrix, "t", "t: the result is written as"),
        (
            rings,
            "t.shp",
            "t.shp: the result is written as .csv, .parquet, .gpkg or .geojson",
        ),
        (sums, "t.json", "written as .csv, .parquet, .gpkg or .geojson"),
    ],
)
def test_an_unknown_ending_is_told_before_anything_is_read(
    run, tmp_path, monkeypatch, command, name, told
):
    monkeypatch.setattr(
        "ctzgis.cli.access._read", lambda *a: pytest.fail("it was read")
    )
    code, out, complaint = command(run, tmp_path / name)
    assert (code, out) == (3, "")
    assert told in complaint


def test_a_missing_writer_is_named_before_anything_is_read(run, tmp_path, monkeypatch):
    monkeypatch.setattr(measures.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(
        "ctzgis.cli.access._read", lambda *a: pytest.fail("it was read")
    )
    code, _, complaint = matrix(run, tmp_path / "t.parquet")
    assert code == 4
    assert "pip install 'ctzgis[parquet]'" in complaint


def test_a_missing_folder_is_told_before_anything_is_read(run, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "ctzgis.cli.access._read", lambda *a: pytest.fail("it was read")
    )
    code, _, complaint = matrix(run, tmp_path / "no" / "t.csv")
    assert code == 4
    assert "there is no folder" in complaint


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--cutoffs", "0"), "minutes above 0 are expected"),
        (("--cutoffs", "15,-1"), "'-1': minutes above 0"),
        (("--cutoffs", "15,,30"), "minutes above 0"),
        (("--cutoffs", "nan"), "minutes above 0"),
        (("--cutoffs", "inf"), "minutes above 0"),
        (("--mode", "fly"), "invalid choice"),
        (("--year", "20x5"), "is no year"),
        (("--cell", "0"), "metres above 0"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_told_by_the_command_line(run, tmp_path, capsys, words, told):
    with pytest.raises(SystemExit) as stopped:
        rings(run, tmp_path / "r.csv", *words)
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--network", "lost.gpkg"), 4, "lost.gpkg does not exist"),
        (("--origins", "lost.csv"), 4, "lost.csv does not exist"),
        (("--id-column", "key"), 3, "has no field 'key'"),
        (("--profile", "night"), 3, "profile 'night' is not known"),
        (("--crs", "EPSG:1"), 3, "EPSG:1"),
        (
            ("--destinations", "places.csv", "--to-id-column", "nr"),
            3,
            "has no field 'nr'",
        ),
    ],
)
def test_wrong_data_are_one_line_on_the_error_stream(run, tmp_path, words, code, told):
    found, out, complaint = matrix(run, tmp_path / "t.csv", *words)
    assert (found, out) == (code, "")
    assert told in complaint
    assert len(complaint.splitlines()) == 1
    assert not (tmp_path / "t.csv").exists()


def test_a_missing_column_is_told(run, tmp_path):
    code, _, complaint = sums(run, tmp_path / "t.csv", "--value", "jobs")
    assert code == 3
    assert "no column 'jobs'" in complaint


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".gpkg"])
def test_a_full_disk_leaves_the_file_that_was_there(run, tmp_path, monkeypatch, ending):
    path = tmp_path / f"t{ending}"
    path.write_text("mine")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    monkeypatch.setattr(pyogrio, "write_dataframe", full)
    monkeypatch.setattr(pq, "ParquetWriter", full)
    code, _, complaint = matrix(run, path)
    assert code == 4
    assert "cannot write" in complaint
    assert "No space left on device" in complaint
    assert path.read_text() == "mine"
    assert not list(tmp_path.glob(".part*"))


def test_a_failure_of_the_driver_is_told_as_a_failed_write(run, tmp_path, monkeypatch):
    def failing(*args, **kwargs):
        msg = "disk I/O error"
        raise pyogrio.errors.DataSourceError(msg)

    monkeypatch.setattr(pyogrio, "write_dataframe", failing)
    code, _, complaint = rings(run, tmp_path / "r.gpkg")
    assert (code, "disk I/O error" in complaint) == (4, True)


def test_an_interruption_leaves_nothing_behind(run, tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("pandas.DataFrame.to_csv", interrupt)
    code, out, complaint = matrix(run, tmp_path / "t.csv")
    assert (code, out) == (130, "")
    assert complaint == "ctzgis: interrupted; nothing was written\n"
    assert not list(tmp_path.glob("*t.csv"))


def test_ids_are_no_formulas_and_obey_nobody(run, town, tmp_path):
    places = (
        (town / "places.csv").read_text("utf-8").replace("south_west", "=1+1<script>")
    )
    (town / "places.csv").write_text(places, encoding="utf-8")
    matrix(run, tmp_path / "t.csv")
    assert READERS[".csv"](tmp_path / "t.csv")["from_id"][0] == "'=1+1<script>"


def test_each_help_tells_the_exit_codes(capsys):
    for command in ("matrix", "isochrones", "accessibility", "check"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "3  the data are wrong" in capsys.readouterr().out
