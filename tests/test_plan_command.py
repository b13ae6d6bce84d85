"""``ctzgis plan`` as a user meets it."""

import json
import shutil

import pytest

from ctzgis.cli import main
from ctzgis.sources.formats.files import data_folder


@pytest.fixture
def own(tmp_path):
    """A copy of the example plan that a test may spoil."""
    return shutil.copytree(data_folder() / "plans" / "gridville", tmp_path / "own")


def run(capsys, *words):
    code = main(["plan", *map(str, words)])
    return code, *capsys.readouterr()


def out(capsys, *words):
    code, text, complaint = run(capsys, *words)
    assert (code, complaint) == (0, "")
    return text


# What it says


def test_the_overview_counts_what_the_plan_holds(capsys):
    text = out(capsys)
    assert text.startswith("长株潭区域空间规划")
    for line in ("结构要素 211", "地点 645", "目标 428", "矛盾 45", "勘误 86"):
        assert line in " ".join(text.split())
    assert "两轨 2→3" in text


def test_the_overview_is_in_english_too(capsys):
    text = out(capsys, "--lang", "en", "--plan", "gridville")
    assert text.startswith("Example plan of Gridville")
    assert "one vertical 1→0" in text
    assert "places with a position 4 of 5" in text


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("sys_3r2l4l", "sys_3r2l4l  (通道体系)"),
        ("三干两轨四连线", "sys_3r2l4l  (通道体系)"),
        ("3 trunks, 2 rails, 4 links", "sys_3r2l4l  (通道体系)"),
        ("三千两轨四连线", "sys_3r2l4l  (通道体系)"),
        ("湘西岸", "axis_west_bank  (结构要素)"),
        ("九郎山职教城", "zhijiao_park  (地点)"),
    ],
)
def test_an_entry_is_shown_by_id_name_alias_or_misprint(capsys, name, first):
    assert out(capsys, "show", name).splitlines()[0] == first


def test_a_system_is_shown_group_by_group(capsys):
    lines = out(capsys, "show", "sys_3r2l4l").splitlines()
    assert "  名称: 三干两轨四连线" in lines
    assert any(line.startswith("  出处: 《规划纲要》第二章") for line in lines)
    assert "    三干 3 → 3: 芙蓉南路、洞株公路、潭州大道" in lines
    assert any(line.startswith("    两轨 2 → 3: 长株潭城际轨道") for line in lines)


def test_an_element_is_shown_in_english(capsys):
    lines = out(
        capsys, "show", "middle_axis", "--plan", "gridville", "--lang", "en"
    ).splitlines()
    assert lines[0] == "middle_axis  (elements of the structure)"
    assert "  name: middle axis" in lines
    assert "  parent: one axis, one garden" in lines
    assert "  citation: Town plan, 第二章" in lines
    assert "  spine: cross-town line" in lines
    assert "  members: West End (node), Centre (node), East End (node)" in lines
    assert any(
        line.startswith("  geometry: spine, LineString, ±10 m") for line in lines
    )


def test_an_element_names_its_parts(capsys):
    text = out(capsys, "show", "one_axis_one_garden", "--plan", "gridville")
    assert "  下级: 横轴、花园" in text


def test_a_target_says_what_it_wants_and_what_it_replaces(capsys):
    text = out(capsys, "show", "t002_pm25")
    assert "  要求: < 35" in text
    assert "  取代: PM2.5平均浓度 (< 40" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_entry_can_be_shown(czt, lang):
    from ctzgis.cli.plan_entry import entry_lines

    for topic, part in czt.parts().items():
        for entry in part[:60]:
            lines = entry_lines(czt, entry, topic, lang)
            assert lines[0] == f"{entry.id}  ({topic})"
            assert len(lines) > 1
            assert not any("(zh=" in line or "Citation" in line for line in lines)


def test_an_unknown_name_is_answered_with_what_is_near(capsys):
    code, text, complaint = run(capsys, "show", "湘江发展")
    assert (code, text) == (3, "")
    assert "'湘江发展'; did you mean '湘江发展轴'" in complaint


def test_targets_show_the_losing_value_of_the_earlier_document(capsys):
    text = out(
        capsys,
        *("targets", "--year", 2025, "--kind", "spatial"),
        *("--extent", "ext_czt_three_cities"),
    )
    (line,) = (line for line in text.splitlines() if line.startswith("PM2.5"))
    assert "< 35" in line
    assert line.endswith("(规划纲要)")
    assert "< 40" in line
    assert "地区生产总值" not in text


def test_targets_are_shown_in_english(capsys):
    text = out(capsys, "targets", "--plan", "gridville", "--lang", "en")
    assert "≥ 2 km/km²" in text
    assert text.endswith("4 targets\n")


def test_an_unknown_extent_is_answered_with_the_nearest(capsys):
    code, text, complaint = run(capsys, "targets", "--extent", "ext_czt_three_city")
    assert (code, text) == (3, "")
    assert (
        "no extent 'ext_czt_three_city'; did you mean 'ext_czt_three_cities'"
        in complaint
    )


@pytest.mark.parametrize(
    ("lang", "said", "found"),
    [
        ("zh", "规划纲要：2.7万亿元；行动计划：>=2.5", "按较晚的行动计划取2.5万亿元"),
        ("en", "Outline 2020: 2.7万亿元; Action Plan 2021: >=2.5", "use 2.5"),
    ],
)
def test_conflicts_are_shown_with_their_reading(capsys, lang, said, found):
    text = out(capsys, "conflicts", "--lang", lang)
    assert len(text.splitlines()) == 2 + 45
    assert said in text
    assert found in text


@pytest.mark.parametrize("ending", ["json", "gpkg", "xlsx"])
def test_a_plan_is_exported(capsys, tmp_path, ending):
    if ending == "xlsx":
        pytest.importorskip("openpyxl")
    path = tmp_path / f"plan.{ending}"
    assert out(capsys, "export", "--plan", "gridville", "--out", path) == f"{path}\n"
    assert path.stat().st_size > 1000
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_exported_plan_is_a_plan(capsys, tmp_path):
    path = tmp_path / "plan.json"
    out(capsys, "export", "--plan", "gridville", "--out", path)
    assert out(capsys, "validate", path) == out(capsys, "validate", "gridville")
    assert out(capsys, "show", "横轴", "--plan", path).startswith("middle_axis  (结构")


def test_an_export_of_another_kind_is_refused(capsys, tmp_path):
    code, _, complaint = run(capsys, "export", "--out", tmp_path / "plan.csv")
    assert code == 3
    assert "plan.csv ends in '.csv'; .json, .gpkg, .xlsx is expected" in complaint


# What is a valid plan


@pytest.mark.parametrize("name", ["czt", "gridville"])
def test_shipped_plans_are_valid(capsys, name):
    assert "：有效\n" in out(capsys, "validate", name)


def test_a_valid_plan_says_what_it_lacks(capsys):
    assert out(capsys, "validate", "gridville", "--lang", "en").splitlines() == [
        "Example plan of Gridville: valid",
        "  places without a position 1, groups that list another number than they "
        "declare 1, places that belong to nothing 2",
    ]


def test_a_name_with_markup_is_a_name(capsys, own):
    swap(own / "places.yaml", "name_en: Centre", "name_en: <script>alert(1)</script>")
    assert "有效" in out(capsys, "validate", own)
    shown = out(capsys, "show", "centre", "--plan", own, "--lang", "en")
    assert "  name: <script>alert(1)</script>" in shown


# What is not


def swap(path, old, new):
    content = path.read_text("utf-8")
    assert old in content, f"{path.name} does not hold {old!r}"
    path.write_text(content.replace(old, new, 1), "utf-8")


def layer(path, edit):
    content = json.loads(path.read_text("utf-8"))
    edit(content["features"])
    path.write_text(json.dumps(content), "utf-8")


def moved(dlon, dlat, ring):
    return [[[lon + dlon, lat + dlat] for lon, lat in ring]]


def everywhere(key, value=None):
    """Edit a property of every feature, or take it away."""

    def edit(features):
        for feature in features:
            del feature["properties"][key]
            if value is not None:
                feature["properties"][key] = value

    return edit


def geometry(number, **parts):
    return lambda features: features[number]["geometry"].update(parts)


BOW_TIE = [
    [
        [113.96, 28.02],
        [113.98, 28.04],
        [113.98, 28.02],
        [113.96, 28.04],
        [113.96, 28.02],
    ]
]
BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x]"]
    + [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
)  # fmt: skip

BROKEN_ENTRIES = [
    # ids
    ("places.yaml", "- id: centre\n", "- no: centre\n", "places.yaml: entry 1 has no id"),
    ("places.yaml", "- id: centre\n", "- id: 7\n", "places.yaml: entry 1 has no id"),
    ("places.yaml", "- id: centre\n", "- id: ''\n", "places.yaml: entry 1 has no id"),
    ("places.yaml", "- id: old_mill", "- id: centre", "places, entry 'centre': its id is used"),
    ("places.yaml", "- id: old_mill", "- id: garden", "'garden': its id is used already, in structure"),
    # references
    ("plan.yaml", "[centre]", "[nowhere]", "plan names 'nowhere', which places"),
    ("plan.yaml", "[ext_gridville]", "[nowhere]", "plan names 'nowhere', which extents"),
    ("documents.yaml", "extent: ext_gridville", "extent: nowhere", "documents, entry 'town_plan' names 'nowhere'"),
    ("extents.yaml", "counties: [sw,", "counties: [nowhere,", "extents.yaml, entry 'ext_gridville': counties nowhere"),
    ("extents.yaml", "element: garden", "element: nowhere", "extents, entry 'ext_garden' names 'nowhere', which structure"),
    ("structure.yaml", "parent: one_axis_one_garden", "parent: nowhere", "structure, entry 'middle_axis' names 'nowhere'"),
    ("structure.yaml", "[cross_town]", "[nowhere]", "'middle_axis' names 'nowhere', which corridors"),
    ("structure.yaml", "place: west_end", "place: nowhere", "'middle_axis' names 'nowhere', which places"),
    ("corridors.yaml", "[west_end,", "[nowhere,", "corridors, entry 'cross_town' names 'nowhere'"),
    ("systems.yaml", "[cross_town]", "[nowhere]", "systems, entry 'one_vertical_one_horizontal' names 'nowhere'"),
    ("circles.yaml", "[centre]", "[nowhere]", "circles, entry 'tc_quarter_hour' names 'nowhere'"),
    ("targets.yaml", "extent: ext_gridville", "extent: nowhere", "targets, entry 'grid_density' names 'nowhere', which extents"),
    ("targets.yaml", "circle: tc_quarter_hour", "circle: nowhere", "'grid_quarter_hour' names 'nowhere', which circles"),
    ("targets.yaml", "document: town_plan", "document: nowhere", "'grid_density' names 'nowhere', which documents"),
    ("targets.yaml", "value: 2\n", "value: 2\n  replaces: [nowhere]\n", "'grid_density' names 'nowhere', which targets"),
    # membership
    ("structure.yaml", "kind: structure\n", "kind: structure\n  parent: garden\n", "structure, entry 'garden' is part of itself"),
    ("structure.yaml", "kind: axis\n  parent: one_axis_one_garden", "kind: axis\n  parent: middle_axis", "'middle_axis' is part of itself"),
    ("targets.yaml", "value: 2\n", "value: 2\n  replaces: [grid_density]\n", "'grid_density' replaces or repeats itself"),
    ("places.yaml", "name_en: North Gate\n", "name_en: North Gate\n  aliases: [西瑞]\n", "'north_gate': alias '西瑞' already stands for 'west_end'"),
    # values
    ("targets.yaml", "unit: km/km2", "unit: min", "'grid_density': 'unit' is 'min'; density is in km/km2"),
    ("targets.yaml", "unit: km/km2", "unit: km2/km", "'unit' is 'km2/km', which is not known; did you mean 'km/km2'"),
    ("targets.yaml", "comparator: '>='", "comparator: '=>'", "'grid_density': 'comparator' is '=>'; one of '<'"),
    ("targets.yaml", "kind: spatial", "kind: special", "'grid_density': 'kind' is 'special'; one of spatial"),
    ("targets.yaml", "value: 2\n", "value: two\n", "'grid_density': 'value' is 'two'; a number is expected"),
    ("targets.yaml", "value: 2\n", "value: true\n", "'grid_density': 'value' is True; a number is expected"),
    ("targets.yaml", "value: 2\n", "value: .nan\n", "'grid_density': 'value' is nan; a number is expected"),
    ("targets.yaml", "value: 2\n", f"value: 1{'0' * 400}\n", "a number is expected"),
    ("targets.yaml", "value: 2\n", "value: 2\n  value_to: 1\n", "'grid_density': the range 2.0–1.0 does not rise"),
    ("targets.yaml", "value: 2\n", "valu: 2\n", "'grid_density': unknown field 'valu'"),
    ("targets.yaml", "value: 2\n", "value: 2\n  value: 3\n", "targets.yaml is not valid YAML: 'value' stands twice"),
    ("targets.yaml", "year: 2030", "year: .inf", "'grid_density': 'year' is inf"),
    ("targets.yaml", "year: 2030", "year: 2030.5", "'grid_density': 'year' is 2030.5; a whole number is expected"),
    ("targets.yaml", "  cite: {document: town_plan, place: 第三章}\n", "", "'grid_density': 'cite' is missing"),
    ("targets.yaml", "place: 第三章", "place: ''", "'grid_density', cite: 'place' is empty"),
    ("targets.yaml", "{indicator: road_density}", "{circle: tc_quarter_hour}", "'grid_density', measure: 'indicator' is missing"),
    ("targets.yaml", "{indicator: road_density}", "{indicator: density}", "targets, entry 'grid_density' names indicator 'density'; known are area"),
    ("circles.yaml", "minutes: 15", "minutes: -15", "circles.yaml, entry 'tc_quarter_hour': 'minutes' is -15.0"),
    ("systems.yaml", "declared_count: 1", "declared_count: -1", "groups 1: 'declared_count' is -1"),
    ("extents.yaml", "stated_area_km2: 100", "stated_area_km2: .nan", "'ext_gridville': 'stated_area_km2' is nan"),
    ("places.yaml", "lon: 114.0", "lon: -114.0", "places.yaml, entry 'centre', location: lon -114.0"),
    ("places.yaml", "lon: 114.0, lat: 28.059179", "lon: 28.059179, lat: 114.0", "'centre', location: lon 28.059179, lat 114.0 lies outside China"),
    ("places.yaml", "accuracy_m: 1", "accuracy_m: -1", "'centre', location: 'accuracy_m' is -1.0"),
    ("places.yaml", "verified: true", "verified: maybe", "'centre', location: 'verified' is 'maybe'; true or false"),
    ("places.yaml", "  name_en: Centre\n", "", "'centre': 'name_en' is None; a line of text is expected"),
    ("places.yaml", "name_zh: 中心", "name_zh: ' '", "'centre': 'name_zh' is ' '; a line of text"),
    ("places.yaml", "name_en: Centre", r'name_en: "\e[2J"', "'centre': 'name_en' is '\\x1b[2J'; a line of text"),
    ("plan.yaml", "structure: structure", "structur: structure", "plan.yaml, geometry: structur; layers are"),
    ("plan.yaml", "  counties: counties.geojson\n", "", "plan.yaml, geometry: counties missing"),
    ("plan.yaml", "id: gridville", "id: !!python/name:os.system", "plan.yaml is not valid YAML"),
    ("systems.yaml", "- id: one", "- id: [one", "systems.yaml is not valid YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "reason"), BROKEN_ENTRIES)
def test_a_broken_entry_is_refused_with_file_entry_and_reason(
    capsys, own, file, old, new, reason
):
    swap(own / file, old, new)
    refused(capsys, own, reason)


def refused(capsys, path, reason):
    """Refused in one line that tells why, and without a traceback."""
    code, said, complaint = run(capsys, "validate", path)
    assert code in (3, 4)
    assert said == ""
    assert complaint.startswith("ctzgis: ")
    assert complaint.count("\n") == 1
    assert reason in complaint


@pytest.mark.parametrize(
    ("file", "edit", "reason"),
    [
        ("structure", geometry(1, coordinates=BOW_TIE), "structure.geojson, entry 'garden': its geometry crosses itself"),
        ("structure", geometry(1, coordinates=[]), "structure.geojson, entry 'garden': its geometry is missing or empty"),
        ("structure", lambda f: f[1].update(geometry=None), "entry 'garden': its geometry is missing or empty"),
        ("structure", geometry(1, coordinates=moved(-111, 20, BOW_TIE[0])), "'garden': its geometry lies outside China"),
        ("structure", geometry(0, coordinates=[[28.06, 113.95], [28.06, 114.05]]), "'middle_axis': its geometry lies outside China"),
        ("structure", lambda f: f[0]["properties"].update(element_id="nowhere"), "structure names unknown entries: nowhere"),
        ("structure", everywhere("element_id"), "structure.geojson: layer 'structure' has no column 'element_id'"),
        ("structure", everywhere("accuracy_m"), "structure.geojson: layer 'structure' has no column 'accuracy_m'"),
        ("structure", everywhere("schematic"), "layer 'structure' has no column 'schematic'"),
        ("structure", everywhere("source"), "layer 'structure' has no column 'source'"),
        ("structure", lambda f: f[0]["properties"].pop("accuracy_m"), "'middle_axis': 'accuracy_m' is not a number above zero"),
        ("structure", everywhere("accuracy_m", "good"), "'middle_axis': 'accuracy_m' is not a number above zero"),
        ("structure", everywhere("accuracy_m", -5), "'middle_axis': 'accuracy_m' is not a number above zero"),
        ("structure", everywhere("schematic", "no"), "'middle_axis': 'schematic' is not true or false"),
        ("structure", everywhere("source", " "), "'middle_axis': 'source' is not a text"),
        ("counties", everywhere("code"), "counties.geojson: layer 'counties' has no column 'code'"),
        ("counties", everywhere("name_zh"), "counties.geojson: layer 'counties' has no column 'name_zh'"),
        ("counties", everywhere("code", "sw"), "counties.geojson, entry 'sw': its 'code' stands twice"),
        ("counties", geometry(0, coordinates=BOW_TIE), "counties.geojson, entry 'sw': its geometry crosses itself"),
        ("counties", geometry(0, type="Point", coordinates=[114, 28]), "entry 'sw': its geometry is not a polygon"),
        ("counties", geometry(0, coordinates=[[[5e5, 3e6], [6e5, 3e6], [6e5, 4e6], [5e5, 3e6]]]), "entry 'sw': its geometry lies outside China"),
        ("counties", lambda f: f[0]["geometry"]["coordinates"][0].pop(), "counties.geojson cannot be read"),
        ("counties", list.clear, "counties.geojson"),
    ],
)  # fmt: skip
def test_broken_geometry_is_refused_with_file_entry_and_reason(
    capsys, own, file, edit, reason
):
    layer(own / f"{file}.geojson", edit)
    refused(capsys, own, reason)


@pytest.mark.parametrize(
    ("name", "column"), [("protected", "'zone'"), ("built_up", "'accuracy_m'")]
)
def test_a_layer_of_another_kind_is_refused_with_what_it_lacks(
    capsys, own, name, column
):
    swap(own / "plan.yaml", "geometry:\n", f"geometry:\n  {name}: counties.geojson\n")
    refused(capsys, own, f"counties.geojson: layer '{name}' has no column")
    _, _, complaint = run(capsys, "validate", own)
    assert column in complaint


def test_a_built_up_area_of_an_unknown_centre_is_refused(capsys, own):
    content = json.loads((own / "counties.geojson").read_text("utf-8"))
    for feature in content["features"]:
        feature["properties"] |= {
            "centre_id": feature["properties"]["code"],
            "source": "invented",
            "accuracy_m": 10,
            "schematic": True,
        }
    (own / "built_up.geojson").write_text(json.dumps(content))
    swap(own / "plan.yaml", "geometry:\n", "geometry:\n  built_up: built_up.geojson\n")
    refused(capsys, own, "built_up names 'sw', which places do not define")


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("targets.yaml", b"", "targets.yaml: a list of entries is expected, found nothing"),
        ("targets.yaml", b"a: 1\n", "targets.yaml: a list of entries is expected, found a mapping"),
        ("targets.yaml", b"- 3\n", "targets.yaml: entry 1 has no id"),
        ("plan.yaml", b"- 1\n", "plan.yaml: a mapping is expected, found a list"),
        ("systems.yaml", "- id: 名称\n".encode("gbk"), "systems.yaml is not UTF-8 text"),
        ("systems.yaml", b"- id: a\0b\n", "systems.yaml is not valid YAML"),
        ("systems.yaml", b"[" * 3000, "systems.yaml is not valid YAML"),
        ("systems.yaml", b"- id: " + b"1" * 5000, "systems.yaml is not valid YAML"),
        ("systems.yaml", b"- !!python/object/apply:os.system [ls]\n", "systems.yaml is not valid YAML"),
        ("systems.yaml", b"- ? [a]\n  : 1\n", "systems.yaml is not valid YAML"),
        ("systems.yaml", BOMB.encode(), "systems.yaml uses an alias (*name)"),
        ("systems.yaml", b"- &a\n  id: x\n  self: *a\n", "systems.yaml uses an alias (*name)"),
        ("counties.geojson", b"", "counties.geojson cannot be read as a vector layer"),
        ("counties.geojson", b'{"type": "Feat', "counties.geojson cannot be read as a vector layer"),
        ("corridor.yaml", b"[]", "corridor.yaml is no topic of a plan"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_name(capsys, own, file, content, reason):
    (own / file).write_bytes(content)
    refused(capsys, own, reason)


@pytest.mark.parametrize("name", ["plan.yaml", "targets.yaml", "structure.geojson"])
def test_a_missing_file_is_named(capsys, own, name):
    (own / name).unlink()
    refused(capsys, own, "own" if name == "plan.yaml" else name)


def test_every_fault_between_entries_is_told_at_once(capsys, own):
    swap(own / "corridors.yaml", "[west_end,", "[nowhere,")
    swap(own / "circles.yaml", "[centre]", "[nobody]")
    refused(capsys, own, "circles, entry 'tc_quarter_hour' names 'nobody'")
    refused(capsys, own, "corridors, entry 'cross_town' names 'nowhere'")


def test_a_path_that_is_no_plan_is_refused(capsys, tmp_path):
    refused(capsys, tmp_path / "lost", "no plan")
