import json
import os
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import Point

import ctzgis
from ctzgis.errors import CtzgisError, InputError, PlanError, SourceError
from ctzgis.sources.formats.files import data_folder
from ctzgis.sources.plans import files as plan_files
from ctzgis.sources.plans.codec import encode
from ctzgis.sources.plans.files import write_plan
from ctzgis.sources.plans.folders import read_plan

FRAMES = ("counties", "protected", "built_up", "water")
ENDINGS = (".json", ".gpkg")


@pytest.fixture(scope="module")
def gridville():
    return ctzgis.read_plan("gridville")


@pytest.fixture(scope="module", params=["czt", "gridville"])
def plan(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=ENDINGS)
def pair(request, plan, tmp_path_factory):
    """A plan, and the same plan written and read back."""
    path = tmp_path_factory.mktemp("plan") / f"plan{request.param}"
    write_plan(plan, path)
    return plan, read_plan(path)


def shapes_of(plan):
    found = {e.id: e.shapes for e in (*plan.structure, *plan.corridors)}
    return found | {e.id: (e.shape,) for e in plan.extents if e.shape}


def test_every_entry_comes_back(pair):
    before, after = (
        {topic: [encode(e) for e in part] for topic, part in plan.parts().items()}
        for plan in pair
    )
    assert before == after


def test_the_head_comes_back(pair):
    before, after = ((p.id, p.name, p.crs, p.centres, p.central_areas) for p in pair)
    assert before == after


def test_every_geometry_comes_back_to_the_last_digit(pair):
    before, after = map(shapes_of, pair)
    assert before.keys() == after.keys()
    for key, shapes in before.items():
        for old, new in zip(shapes, after[key], strict=True):
            assert old.geometry.equals_exact(new.geometry, 0), key
            assert old.geometry.geom_type == new.geometry.geom_type
            fields = [
                (s.role, s.accuracy_m, s.schematic, s.source, s.half_width_m)
                for s in (old, new)
            ]
            assert fields[0] == fields[1]
            assert old.drawn_to_stated_area == new.drawn_to_stated_area


def test_every_position_comes_back(pair):
    before, after = pair
    assert before.places == after.places


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_comes_back(pair, name):
    before, after = (getattr(plan, name) for plan in pair)
    assert list(before.index) == list(after.index)
    assert before.index.name == after.index.name
    assert before.crs == after.crs
    columns = sorted(before.columns.drop("geometry"))
    assert columns == sorted(after.columns.drop("geometry"))
    pd.testing.assert_frame_equal(
        pd.DataFrame(before[columns]), pd.DataFrame(after[columns])
    )
    for old, new in zip(before.geometry, after.geometry, strict=True):
        assert old.equals_exact(new, 0)


def test_a_plan_that_came_from_a_file_can_be_written_again(pair, tmp_path):
    _, once = pair
    write_plan(once, tmp_path / "again.json")
    twice = read_plan(tmp_path / "again.json")
    assert [encode(e) for e in once.targets] == [encode(e) for e in twice.targets]


def test_a_workbook_has_a_sheet_for_each_topic_with_a_row_for_each_entry(
    plan, tmp_path
):
    pytest.importorskip("openpyxl")
    write_plan(plan, tmp_path / "plan.xlsx")
    sheets = pd.read_excel(tmp_path / "plan.xlsx", sheet_name=None)
    assert {name: len(sheet) for name, sheet in sheets.items()} == {
        topic: len(part) for topic, part in plan.parts().items() if part
    }
    assert list(sheets["places"]["id"]) == [place.id for place in plan.places]


def test_a_name_that_looks_like_a_formula_is_stored_as_text(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    folder = shutil.copytree(data_folder() / "plans/gridville", tmp_path / "own")
    path = folder / "places.yaml"
    text = path.read_text("utf-8").replace("name_en: Centre", "name_en: =1+1")
    path.write_text(text, "utf-8")
    plan = read_plan(folder)
    assert plan.place("centre").name.en == "=1+1"
    write_plan(plan, tmp_path / "plan.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["places"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert "'=1+1" in [cell.value for cell in cells]


@pytest.mark.parametrize("name", ["plan.csv", "plan.geojson", "plan"])
def test_another_ending_is_refused(gridville, tmp_path, name):
    with pytest.raises(InputError, match=r"\.json, \.gpkg, \.xlsx is expected"):
        write_plan(gridville, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_named(gridville, tmp_path, monkeypatch):
    monkeypatch.setattr(plan_files.importlib.util, "find_spec", lambda name: None)
    wanted = re.escape("plan.xlsx needs a writer that is missing: pip install 'ctzgis[")
    with pytest.raises(SourceError, match=f"^{wanted}"):
        write_plan(gridville, tmp_path / "plan.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [*ENDINGS, ".xlsx"])
def test_a_folder_that_does_not_exist_is_named(gridville, tmp_path, ending):
    with pytest.raises(SourceError, match=f"cannot write .*plan{ending}"):
        write_plan(gridville, tmp_path / "lost" / f"plan{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_file_that_was_there(
    gridville, tmp_path, monkeypatch, ending
):
    path = tmp_path / f"plan{ending}"
    write_plan(gridville, path)
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(pyogrio, "write_dataframe", full)
    with pytest.raises(SourceError, match="No space left on device"):
        write_plan(gridville, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208


def test_a_failure_of_the_driver_is_told_as_a_failed_write(
    gridville, tmp_path, monkeypatch
):
    def failing(*args, **kwargs):
        msg = "disk I/O error"
        raise pyogrio.errors.DataSourceError(msg)

    monkeypatch.setattr(pyogrio, "write_dataframe", failing)
    with pytest.raises(SourceError, match="cannot write .*disk I/O error"):
        write_plan(gridville, tmp_path / "plan.gpkg")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def content(gridville, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_plan(gridville, path)
    return path.read_text("utf-8")


def county(parsed):
    return parsed["layers"]["counties"][0]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda p: p.update(format="ctzgis-plan-9"), "format is 'ctzgis-plan-9'"),
        (lambda p: p.pop("format"), "format is None"),
        (lambda p: p.pop("head"), "'head' is missing"),
        (lambda p: p.pop("crs"), "'crs' is missing"),
        (lambda p: p.update(head=[1]), r"'head' is \[1\]; a mapping is expected"),
        (lambda p: p["head"].pop("id"), "the head: 'id' is missing"),
        (lambda p: p.update(topics=[]), r"'topics' is \[\]; a mapping is expected"),
        (lambda p: p["topics"].update(zoo=[]), "no plan has 'zoo'"),
        (lambda p: p["topics"].update(places={}), "places: a list of entries"),
        (lambda p: p["topics"]["places"].append(3), "places: entry 6 has no id"),
        (lambda p: p["topics"]["places"][0].update(cite=[]), "'centre': 'cite' is"),
        (lambda p: p["topics"]["places"][0].update(name_zh={}), "'name_zh' is {}"),
        (lambda p: p.update(layers=3), "'layers' is 3; a mapping is expected"),
        (lambda p: p.update(layers={}), "has no layer 'counties'"),
        (lambda p: p["layers"].update(zoo=[]), "no plan has 'zoo'"),
        (lambda p: p["layers"].update(counties=3), "geometry of counties"),
        (lambda p: p["layers"].update(counties=[]), "counties: .* has no column 'code'"),
        (lambda p: p["layers"]["counties"].append({}), "geometry of counties"),
        (lambda p: county(p).update(geometry="x"), "geometry of counties"),
        (lambda p: county(p)["geometry"].update(type="Blob"), "geometry of counties"),
        (lambda p: county(p)["geometry"].update(coordinates=[1]), "geometry of count"),
        (lambda p: county(p)["geometry"].update(coordinates=[[[1, 2]] * 2]), "linearring"),
        (lambda p: county(p)["properties"].update(code=[1]), "'code' is not a text"),
        (lambda p: p.update(crs="EPSG:99999999"), "geometry of .*EPSG:99999999"),
        (lambda p: p.update(crs=None), "does not say its coordinate reference"),
        (lambda p: p.update(crs="EPSG:4326"), "lies outside China"),
    ],
)  # fmt: skip
def test_a_file_of_the_wrong_shape_is_refused(content, tmp_path, spoil, found):
    parsed = json.loads(content)
    spoil(parsed)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(parsed), "utf-8")
    with pytest.raises(PlanError, match=found) as caught:
        read_plan(path)
    assert "plan.json" in str(caught.value)


@pytest.mark.parametrize("text", ["[1]", "3", '"plan"', "null"])
def test_json_that_is_no_mapping_is_refused(tmp_path, text):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(PlanError, match=r"plan\.json is no plan: format is None"):
        read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize("size", [0, 1, 3000])
def test_truncated_json_is_refused(content, tmp_path, size):
    (tmp_path / "plan.json").write_text(content[:size], "utf-8")
    with pytest.raises(PlanError, match=r"plan\.json is not valid JSON"):
        read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 6_000])
def test_json_no_parser_can_hold_is_refused(tmp_path, text):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(PlanError, match=r"plan\.json is not valid JSON"):
        read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize("data", [b"", b"no database"])
def test_a_file_that_is_no_geopackage_is_refused(tmp_path, data):
    (tmp_path / "plan.gpkg").write_bytes(data)
    with pytest.raises(SourceError, match=r"plan\.gpkg cannot be read"):
        read_plan(tmp_path / "plan.gpkg")


def test_a_truncated_geopackage_is_refused(gridville, tmp_path):
    path = tmp_path / "plan.gpkg"
    write_plan(gridville, path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SourceError, match=r"plan\.gpkg cannot be read"):
        read_plan(tmp_path / "plan.gpkg")


def test_a_geopackage_without_entries_is_no_plan(tmp_path):
    path = tmp_path / "other.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(1, 1)], crs=4326).to_file(path)
    with pytest.raises(PlanError, match=r"other\.gpkg is no plan: it has no table"):
        read_plan(path)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({"something": ["else"]}, "table 'plan_entries' cannot be read"),
        ({"topic": ["head"], "entry": ["{"]}, "table 'plan_entries' cannot be read"),
        ({"topic": ["head", "places"], "entry": ["{}", None]}, "cannot be read"),
        ({"topic": ["places"], "entry": ["{}"]}, "the head: 'id' is missing"),
        ({"topic": ["head"], "entry": ["[]"]}, r"'head' is \[\]; a mapping"),
    ],
)
def test_a_spoiled_table_of_entries_is_refused(gridville, tmp_path, table, found):
    path = tmp_path / "plan.gpkg"
    write_plan(gridville, path)
    pyogrio.write_dataframe(pd.DataFrame(table), path, layer="plan_entries")
    with pytest.raises(PlanError, match=found):
        read_plan(path)


def test_a_workbook_is_not_read_back(gridville, tmp_path):
    pytest.importorskip("openpyxl")
    write_plan(gridville, tmp_path / "plan.xlsx")
    with pytest.raises(CtzgisError, match=r"plan\.xlsx"):
        read_plan(tmp_path / "plan.xlsx")


def test_a_fault_in_a_plan_names_its_file(gridville, tmp_path):
    path = tmp_path / "own.json"
    write_plan(gridville, path)
    text = path.read_text("utf-8")
    path.write_text(text.replace('"id": "middle_axis"', '"id": "other_axis"'), "utf-8")
    with pytest.raises(PlanError, match="own.json: .*middle_axis"):
        read_plan(path)
