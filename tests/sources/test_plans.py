import shutil

import pytest

from ctzgis.errors import PlanError, SourceError
from ctzgis.sources.files import data_folder
from ctzgis.sources.plans import read_plan


@pytest.fixture
def own(tmp_path):
    """A copy of the shipped plan that a test may spoil."""
    for name in ("plans", "boundaries"):
        shutil.copytree(data_folder() / name, tmp_path / name)
    return tmp_path / "plans" / "czt"


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_plan_is_read_from_any_folder(own):
    assert read_plan(own).id == "czt"


def test_an_unknown_plan_names_the_shipped_ones():
    with pytest.raises(SourceError, match=r"no plan 'mars'.*\(czt\)"):
        read_plan("mars")


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        ("targets.yaml", "value: 7\n", "value: seven\n", "entry 't000_road_density': 'value' is 'seven'"),
        ("targets.yaml", "value: 7\n", "value: .nan\n", "has value nan"),
        ("targets.yaml", "value: 7\n", "valu: 7\n", "entry 't000_road_density': 'value' is missing"),
        ("targets.yaml", "comparator: ==", "comparator: equals", "'comparator' is 'equals'; one of '<'"),
        ("targets.yaml", "unit: km/km2", "unit: km/km2\n  colour: red", "unknown field 'colour'"),
        ("targets.yaml", "extent: ext_czt_central_area\n", "extent: ext_mars\n", "names extent 'ext_mars'"),
        ("targets.yaml", "indicator: road_density", "indicatr: road_density", "measure: 'indicator' is missing"),
        ("structure.yaml", "parent: s_czt_1a1h3b", "parent: s_none", "names element 's_none'"),
        ("structure.yaml", "kind: axis", "kind: 3", "'kind' is 3; a text is expected"),
        ("structure.yaml", "- id: axis_xiangjiang", "- no: axis_xiangjiang", "entry 2 has no id"),
        ("places.yaml", "lon: 112.97092", "lon: east", "location: 'lon' is 'east'"),
        ("places.yaml", "verified: true", "verified: maybe", "true or false is expected"),
        ("documents.yaml", "precedence: 2", "precedence: 2.5", "a whole number is expected"),
        ("extents.yaml", "'430102'", "'999999'", "counties 999999 are not in the county boundaries"),
        ("circles.yaml", "- id:", "  - id:", "circles.yaml"),
        ("plan.yaml", "centres: [changsha", "centres: [nowhere", "names place 'nowhere'"),
        ("plan.yaml", "id: czt", "id: !!python/name:os.system", "plan.yaml is not valid YAML"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_file_and_reason(own, file, old, new, found):
    spoil(own, file, old, new)
    with pytest.raises((PlanError, ValueError), match=found):
        read_plan(own)


def test_a_missing_topic_is_named(own):
    (own / "circles.yaml").unlink()
    with pytest.raises(SourceError, match=r"circles\.yaml cannot be read"):
        read_plan(own)


def test_missing_geometry_is_named(own):
    spoil(own, "plan.yaml", "structure.geojson", "lost.geojson")
    with pytest.raises(SourceError, match=r"lost\.geojson does not exist"):
        read_plan(own)


def test_geometry_of_an_unknown_element_is_refused(own):
    path = own / "../../boundaries/structure.geojson"
    text = path.read_text("utf-8").replace('"belt_north"', '"belt_mars"')
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match="unknown elements: belt_mars"):
        read_plan(own)


def test_a_text_that_is_not_utf8_is_named(own):
    (own / "systems.yaml").write_bytes("名称".encode("gbk"))
    with pytest.raises(ValueError, match=r"systems\.yaml is not UTF-8"):
        read_plan(own)
