import json
import shutil

import pytest

from ctzgis.errors import InputError, PlanError, SourceError
from ctzgis.sources.formats import cache
from ctzgis.sources.formats.files import data_folder
from ctzgis.sources.plans.folders import read_plan


@pytest.fixture
def own(tmp_path):
    """A copy of the example plan that a test may spoil."""
    return shutil.copytree(data_folder() / "plans" / "gridville", tmp_path / "own")


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_plan_is_read_from_any_folder(own):
    assert read_plan(own).id == "gridville"


def test_the_region_s_plan_is_read_from_a_copy_of_the_data(tmp_path):
    for name in ("plans", "boundaries", "networks"):
        shutil.copytree(data_folder() / name, tmp_path / name)
    assert read_plan("czt", data=tmp_path).id == "czt"


def test_an_unknown_plan_names_the_shipped_ones():
    with pytest.raises(SourceError, match=r"no plan 'mars'.*\(czt, gridville\)"):
        read_plan("mars")


@pytest.mark.parametrize("topic", ["corridors", "systems", "circles"])
def test_a_topic_nothing_refers_to_may_be_left_out(own, topic):
    # What refers to them goes first.
    spoil(own, "targets.yaml", ", circle: tc_quarter_hour", "")
    spoil(own, "structure.yaml", "  spine: [cross_town]\n", "")
    if topic == "corridors":
        (own / "systems.yaml").unlink()
    (own / f"{topic}.yaml").unlink()
    assert read_plan(own).parts()[topic] == ()


@pytest.mark.parametrize(
    "topic", ["documents", "extents", "structure", "places", "targets"]
)
def test_a_topic_no_plan_can_do_without_is_named(own, topic):
    (own / f"{topic}.yaml").unlink()
    with pytest.raises(SourceError, match=rf"{topic}\.yaml cannot be read"):
        read_plan(own)


@pytest.mark.parametrize("name", ["corridor.yaml", "targets.yml"])
def test_a_topic_file_of_another_name_is_not_passed_over(own, name):
    (own / name).write_text("[]\n")
    with pytest.raises(
        PlanError, match=f"{name} is no topic of a plan; topics are doc"
    ):
        read_plan(own)


def test_missing_geometry_is_named(own):
    spoil(own, "plan.yaml", "structure.geojson", "lost.geojson")
    with pytest.raises(SourceError, match=r"lost\.geojson does not exist"):
        read_plan(own)


def test_a_plan_may_have_no_geometry_but_its_counties(own):
    spoil(own, "plan.yaml", "  structure: structure.geojson\n", "")
    plan = read_plan(own)
    assert not any(element.shapes for element in plan.structure)
    # An extent that is an element's area is not located then.
    assert plan.extent("ext_garden").shape is None
    assert plan.extent("ext_gridville").shape is not None


def test_layers_a_plan_does_not_have_are_empty_with_the_columns_others_read(own):
    plan = read_plan(own)
    assert {"regime", "zone", "zone_zh", "stated_area_km2"} <= set(plan.protected)
    assert {"name_zh", "accuracy_m"} <= set(plan.built_up)
    assert {"name_zh", "kind", "accuracy_m"} <= set(plan.water)
    assert len(plan.protected) == len(plan.built_up) == len(plan.water) == 0


def test_geometry_in_another_crs_is_brought_into_the_plan_s(own):
    before = read_plan(own).element("garden").shape("area").geometry
    import geopandas as gpd

    gpd.read_file(own / "structure.geojson").to_crs(32650).to_file(own / "s.gpkg")
    spoil(own, "plan.yaml", "structure.geojson", "s.gpkg")
    after = read_plan(own).element("garden").shape("area").geometry
    assert after.equals_exact(before, 0.001)
    assert before.area / 1e6 == pytest.approx(4, abs=0.01)


def test_a_corridor_runs_through_its_waypoints_where_nothing_is_drawn(own):
    (course,) = read_plan(own).corridor("cross_town").shapes
    assert (course.role, course.schematic) == ("course", True)
    # West End to East End: 10 km.
    assert course.geometry.length == pytest.approx(10_000, rel=0.001)


def test_a_corridor_that_is_drawn_keeps_its_course(own):
    feature = {
        "type": "Feature",
        "properties": {
            "corridor_id": "cross_town",
            "accuracy_m": 25.0,
            "schematic": False,
            "source": "surveyed",
        },
        "geometry": {
            "type": "LineString",
            "coordinates": [[113.95, 28.06], [114.0, 28.07], [114.05, 28.06]],
        },
    }
    drawn = {"type": "FeatureCollection", "features": [feature]}
    (own / "lines.geojson").write_text(json.dumps(drawn))
    spoil(own, "plan.yaml", "geometry:\n", "geometry:\n  corridors: lines.geojson\n")
    (course,) = read_plan(own).corridor("cross_town").shapes
    assert (course.role, course.source, course.accuracy_m) == ("course", "surveyed", 25)
    assert len(course.geometry.coords) == 3


def test_a_layer_without_crs_is_refused(own):
    import geopandas as gpd

    columns = ["element_id", "role", "accuracy_m", "schematic", "source", "geometry"]
    areas = gpd.read_file(own / "structure.geojson")[columns].iloc[1:]
    areas.to_file(own / "areas.shp")
    (own / "areas.prj").unlink()
    spoil(own, "plan.yaml", "structure.geojson", "areas.shp")
    with pytest.raises(PlanError, match=r"areas\.shp: .*coordinate reference system"):
        read_plan(own)


def test_a_text_that_is_not_utf8_is_named(own):
    (own / "systems.yaml").write_bytes("名称".encode("gbk"))
    with pytest.raises(InputError, match=r"systems\.yaml is not UTF-8"):
        read_plan(own)


def test_sources_name_every_file_that_was_read(own):
    names = {source.name for source in read_plan(own).sources}
    assert {"targets.yaml", "counties.geojson", "structure.geojson"} <= names


# The cache of parsed YAML


LONG = "- id: a\n" + "# " + "x" * 30_000 + "\n"


def test_a_long_text_is_parsed_once(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    calls = []

    def parse(text):
        calls.append(text)
        return [{"id": "a"}]

    first, second = (cache.cached_json(LONG, parse) for _ in range(2))
    assert first == second == [{"id": "a"}]
    assert len(calls) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_another_text_is_another_entry_of_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    cache.cached_json(LONG, lambda text: 1)
    assert cache.cached_json(LONG + "\n", lambda text: 2) == 2


def test_a_spoiled_cache_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    cache.cached_json(LONG, lambda text: 1)
    for path in tmp_path.iterdir():
        path.write_text("{")
    assert cache.cached_json(LONG, lambda text: 2) == 2


def test_a_cache_that_cannot_be_written_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path / "file"))
    assert cache.cached_json(LONG, lambda text: 1) == 1


def test_a_cache_that_was_changed_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    text = "x" * 30_000
    assert cache.cached_json(text, len) == 30_000
    (kept,) = tmp_path.iterdir()
    for wrong in ("[]", "[" * 100_000, "", kept.read_text().replace("30000", "3")):
        kept.write_text(wrong)
        assert cache.cached_json(text, len) == 30_000


def test_a_fault_between_files_of_a_plan_names_its_folder(tmp_path):
    own = tmp_path / "own_plan"
    shutil.copytree(data_folder() / "plans" / "gridville", own)
    text = (own / "structure.yaml").read_text("utf-8")
    assert "middle_axis" in text
    (own / "structure.yaml").write_text(
        text.replace("middle_axis", "other_axis"), "utf-8"
    )
    with pytest.raises(PlanError, match="own_plan: .*middle_axis"):
        read_plan(own)
