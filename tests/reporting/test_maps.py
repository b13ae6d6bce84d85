"""The map of an assessment: what it shows, says, weighs, and keeps to itself."""

import copy
import dataclasses
import hashlib
import importlib.resources
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from ctzgis import assess
from ctzgis.errors import InputError, SourceError
from ctzgis.provenance import Source
from ctzgis.reporting.maps.drawing import (
    draw_layers,
    draw_map,
    map_layers,
    save_map,
    write_map,
)
from ctzgis.reporting.maps.elements import FilledGroup, script_json
from ctzgis.reporting.maps.layers import GROUPS
from ctzgis.reporting.maps.offline import (
    ExternalAssetError,
    asset_tags,
    inline_assets,
    vendored,
)
from ctzgis.reporting.maps.texts import source_credits
from ctzgis.reporting.style import CUTOFF_COLOURS, STYLES, cutoff_key, style_of
from ctzgis.tables import ROAD_CLASSES
from ctzgis.texts import Text

NASTY = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    'it\'s "quoted" \\ back\\slashed \\u003c',
    "line\u2028separator\u2029and`tick${1}`",
    "{{ 7*7 }}{% raise %}{# gone #}",
    "<!--<script>",
)


@pytest.fixture(scope="module")
def layers(assessment):
    return {layer.id: layer for layer in map_layers(assessment)}


@pytest.fixture(scope="module")
def page(assessment, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(assessment, path)
    return path.read_text(encoding="utf-8")


def with_layer(assessment, name, frame):
    return dataclasses.replace(assessment, layers={**assessment.layers, name: frame})


def groups_of(drawn):
    children = drawn._children.values()
    return {
        child.layer.id: child for child in children if isinstance(child, FilledGroup)
    }


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags_of(html):
    return Tags(html).found


# --- style ---------------------------------------------------------------------


def luminance(colour):
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_style_is_called_something_in_both_languages():
    assert all(style.label.zh and style.label.en for style in STYLES.values())


def test_nearer_isochrones_are_darker_in_greyscale():
    greys = [luminance(CUTOFF_COLOURS[cutoff]) for cutoff in (15, 30, 45, 60)]
    steps = [far - near for near, far in pairwise(greys)]
    assert min(steps) > 0.1


def test_higher_road_classes_are_wider_so_that_colour_is_not_needed():
    widths = [STYLES[f"road.{kind}"].width_px for kind in ROAD_CLASSES]
    assert widths == sorted(set(widths), reverse=True)


def test_only_what_is_not_built_is_dashed():
    dashed = {key for key, style in STYLES.items() if style.dash_px}
    assert dashed == {"crossing.planned"}
    assert style_of("line.hsr.planned").to_leaflet()["dashArray"] == "7 5"


def test_what_a_plan_names_that_has_no_style_is_drawn_as_other():
    assert style_of("structure.moon_base.spine") is STYLES["structure.other.spine"]
    assert style_of("zone.unheard_of") is STYLES["zone.other"]


def test_a_family_nobody_knows_is_refused():
    with pytest.raises(KeyError):
        style_of("unknown.thing")


def test_minutes_on_a_cutoff_belong_to_it():
    assert [cutoff_key(m) for m in (0, 15, 15.01, 60, 60.01)] == [
        "reach.15",
        "reach.15",
        "reach.30",
        "reach.60",
        "reach.beyond",
    ]


# --- layers --------------------------------------------------------------------


def test_layers_come_in_the_order_of_their_groups(layers):
    groups = [layer.group for layer in layers.values()]
    assert [*dict.fromkeys(groups), "data"] == list(GROUPS)


def test_the_map_opens_on_heart_axis_belts_main_roads_and_half_hour(layers):
    shown = {key for key, layer in layers.items() if layer.shown}
    assert shown == {
        "counties",
        "centres",
        "built_up",
        "water",
        "roads.motorway",
        "roads.urban_expressway",
        "roads.trunk",
        "lines.hsr",
        "lines.intercity",
        "structure.axis",
        "structure.belt",
        "structure.heart",
        "isochrones.outline",
    }


def test_roads_of_one_name_are_one_feature(assessment, layers):
    roads = assessment.layers["roads"]
    motorways = roads[roads["open"] & (roads["road_class"] == "motorway")]
    drawn = layers["roads.motorway"].features
    keys = ["name_zh", "ref", "opens", "status"]
    assert len(drawn) == motorways.groupby(keys, dropna=False).ngroups < len(motorways)


def test_merging_roads_loses_no_length(assessment, layers):
    roads = assessment.layers["roads"]
    motorways = roads[roads["open"] & (roads["road_class"] == "motorway")]
    shapes = [f.geometry for f in layers["roads.motorway"].features]
    drawn = gpd.GeoSeries(shapes, crs="EPSG:4326").to_crs(motorways.crs)
    assert drawn.length.sum() == pytest.approx(motorways.length.sum(), rel=1e-6)


def test_a_line_that_was_replaced_is_neither_now_nor_planned(assessment, layers):
    lines = assessment.layers["lines"]
    replaced = lines[~lines["open"] & (lines["opens"] <= 2020)]
    later = [
        f for key in layers if key.startswith("lines.") for f in layers[key].features
    ]
    assert len(replaced) == 2
    assert len(later) == len(lines) - len(replaced)


def test_planned_things_are_dashed_and_apart(layers):
    for key in ("roads.planned", "lines.planned"):
        assert layers[key].group == "planned"
        assert all(style_of(f.style).dash_px for f in layers[key].features)


def test_a_planned_road_says_when_it_opens(layers):
    states = {
        dict(f.rows)["状态"]
        for f in layers["roads.planned"].features
        if f.title.startswith("京港澳高速扩容东移线")
    }
    assert states == {"在建，2028年开通"}


def test_there_is_one_isochrone_layer_per_centre_and_one_for_the_nearest(layers):
    ids = {key for key in layers if key.startswith("isochrones.")}
    centres = {"changsha", "zhuzhou", "xiangtan"}
    assert ids == {f"isochrones.{key}" for key in (*centres, "nearest", "outline")}


def test_rings_of_an_isochrone_do_not_overlap(layers):
    rings = [f.geometry for f in layers["isochrones.changsha"].features]
    whole = shapely.union_all(rings)
    assert len(rings) == 4
    assert sum(ring.area for ring in rings) == pytest.approx(whole.area, rel=1e-6)


def test_a_ring_states_the_whole_area_within_its_minutes(assessment, layers):
    table = assessment.layers["isochrones"]
    row = (table["origin_id"] == "changsha") & (table["cutoff_min"] == 30)
    stated = dict(layers["isochrones.changsha"].features[1].rows)["面积"]
    number = float(stated.removesuffix(" 平方公里").replace(",", ""))
    # Simplified by 60 m, which changes an area of 1 429 km² by less than 1 %.
    assert number == pytest.approx(float(table.loc[row, "area_km2"].iloc[0]), rel=0.01)


@pytest.mark.parametrize(
    ("year", "zones"),
    [
        (2020, {"zone.prohibited_restricted", "zone.controlled"}),
        (2025, {"zone.core_protection", "zone.integration"}),
    ],
)
def test_only_zones_of_the_regime_in_force_are_drawn(year, zones):
    drawn = {layer.id: layer for layer in map_layers(assess("czt", year=year))}
    assert {feature.style for feature in drawn["zones"].features} == zones


def test_minutes_follow_the_profile(assessment):
    peak = dataclasses.replace(assessment, profile="peak")
    label = {
        layer.id: layer.features[0].label
        for layer in map_layers(peak)
        if layer.id == "times.places"
    }
    assert label == {"times.places": "金洲新城 50 分钟"}


def test_cards_have_six_fields_at_most(layers):
    rows = [len(f.rows) for layer in layers.values() for f in layer.features]
    assert max(rows) + 1 <= 6  # and the title


def test_cards_are_in_the_language_asked_for(assessment):
    english = {layer.id: layer for layer in map_layers(assessment, lang="en")}
    heart = english["structure.heart"].features[0]
    assert heart.title == "CZT ecological green heart"
    assert heart.rows[1] == ("Area", "528 km²")
    names = " ".join(layer.name for layer in english.values())
    assert not re.search("[\u4e00-\u9fff]", names)


def test_a_public_map_has_no_administrative_borders(assessment, layers):
    public = {layer.id for layer in map_layers(assessment, public=True)}
    assert set(layers) - public == {"counties"}


def test_every_shape_is_drawn_where_it_lies(assessment, layers):
    expected = assessment.layers["counties"].to_crs("EPSG:4326").total_bounds
    drawn = shapely.total_bounds([f.geometry for f in layers["counties"].features])
    assert drawn.tolist() == pytest.approx(expected.tolist())


def test_a_layer_is_reprojected_once(assessment, monkeypatch):
    calls = []
    original = gpd.GeoSeries.to_crs

    def counted(self, *args, **kwargs):
        calls.append(len(self))
        return original(self, *args, **kwargs)

    def refused(self, *args, **kwargs):
        pytest.fail("a whole frame was reprojected")

    monkeypatch.setattr(gpd.GeoSeries, "to_crs", counted)
    monkeypatch.setattr(gpd.GeoDataFrame, "to_crs", refused)
    drawn = map_layers(assessment)
    assert sorted(calls) == sorted(len(layer.features) for layer in drawn)


def test_drawing_leaves_the_assessment_as_it_was(assessment):
    layers_before = copy.deepcopy(dict(assessment.layers))
    tables_before = copy.deepcopy(dict(assessment.tables))
    draw_map(assessment).get_root().render()
    for name, frame in assessment.layers.items():
        assert_geodataframe_equal(frame, layers_before[name])
    for name, table in assessment.tables.items():
        assert_frame_equal(table, tables_before[name])


def test_shapes_that_are_missing_or_empty_are_passed_over(assessment):
    water = assessment.layers["water"].copy()
    water.iloc[0, water.columns.get_loc("geometry")] = None
    water.iloc[1, water.columns.get_loc("geometry")] = shapely.LineString()
    drawn = {
        layer.id: layer for layer in map_layers(with_layer(assessment, "water", water))
    }
    assert len(drawn["water"].features) == len(water) - 2


def test_a_street_layer_is_one_thing_and_off_at_first(assessment):
    # 200 streets of 1 km whose middle point is 2 m off the straight line: few enough
    # to be drawn with it.
    lines = [
        shapely.LineString([(400_000, y), (400_500, y + 2), (401_000, y)])
        for y in range(3_100_000, 3_120_000, 100)
    ]
    streets = gpd.GeoDataFrame(geometry=lines, crs="EPSG:4547")
    drawn = {
        layer.id: layer
        for layer in map_layers(with_layer(assessment, "streets", streets))
    }
    (feature,) = drawn["streets"].features
    assert not drawn["streets"].shown
    assert len(feature.geometry.geoms) == len(lines)
    assert shapely.get_num_coordinates(feature.geometry) == 3 * len(lines)


def test_a_city_of_75_000_streets_fits_into_a_map(assessment, changsha_streets):
    streets = gpd.read_file(changsha_streets)
    drawn = draw_map(with_layer(assessment, "streets", streets))
    group = groups_of(drawn)["streets"]
    assert len(streets) > 70_000
    assert len(group.geojson()["features"]) == 1
    assert len(drawn.get_root().render()) < 5_000_000


# --- the map -------------------------------------------------------------------


def test_each_layer_is_one_feature_group(assessment, layers):
    groups = groups_of(draw_map(assessment))
    assert list(groups) == list(layers)
    for key, group in groups.items():
        assert group.show == layers[key].shown
        assert len(group.geojson()["features"]) == len(layers[key].features)


def test_bounds_of_the_map_hold_all_counties(assessment):
    (south, west), (north, east) = draw_map(assessment).get_bounds()
    bounds = assessment.layers["counties"].to_crs("EPSG:4326").total_bounds
    assert west <= bounds[0] and south <= bounds[1]
    assert east >= bounds[2] and north >= bounds[3]


def test_positions_have_the_decimals_they_are_worth(assessment):
    group = groups_of(draw_map(assessment))["centres"]
    for feature in group.geojson()["features"]:
        assert all(round(x, 5) == x for x in feature["geometry"]["coordinates"])


def test_drawing_changes_nothing_for_other_folium_maps(assessment):
    scripts, styles = list(folium.Map.default_js), list(folium.Map.default_css)
    draw_map(assessment)
    assert folium.Map.default_js == scripts
    assert folium.Map.default_css == styles


def test_a_map_in_a_notebook_asks_no_host_either(assessment):
    html = draw_map(assessment).get_root().render()
    assert not [a for _, a in tags_of(html) if {"src", "href"} & a.keys()]


def test_what_is_added_to_the_map_with_a_popup_works_offline(assessment):
    drawn = draw_map(assessment)
    folium.CircleMarker([28.2, 113.0], popup="here").add_to(drawn)
    assert "here" in inline_assets(drawn.get_root().render())


def test_the_page_loads_nothing(page):
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", page)
    assert not [a for _, a in tags_of(page) if {"src", "href"} & a.keys()]
    assert "default-src 'none'" in page


def test_the_page_is_small(page):
    assert len(page.encode()) < 3_000_000


def test_an_empty_map_is_small(tmp_path):
    save_map(draw_layers({}), tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 300_000


def test_the_frame_says_what_when_how_and_from_whom(page):
    for text in (
        "长株潭区域空间规划评估图",
        "2020年 · 自由流",
        "数据来源：",
        "© OpenStreetMap contributors (ODbL)",
        "天地图",
        "EPSG:4547",
        "指北针",
        "位置精度 ± 50–10,000 米",
        "制图：20",
    ):
        assert text in page


def test_the_frame_speaks_english(assessment, tmp_path):
    write_map(assessment, tmp_path / "map.html", lang="en")
    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Spatial plans of the Chang-Zhu-Tan region: assessment map" in html
    assert "Sources: " in html
    assert "not reviewed · not for publication" in html


def test_schematic_results_are_stamped(assessment):
    sources = (Source(name="a", what="", source="", licence="", schematic=True),)
    html = (
        draw_map(dataclasses.replace(assessment, sources=sources)).get_root().render()
    )
    assert "示意图 · 未经审图 · 不得公开传播" in html


def test_a_surveyed_map_is_not_called_schematic_but_still_not_reviewed(assessment):
    sources = (Source(name="a", what="", source="", licence=""),)
    html = (
        draw_map(dataclasses.replace(assessment, sources=sources)).get_root().render()
    )
    assert "示意图" not in html
    assert "未经审图 · 不得公开传播" in html
    assert "审图号" not in html


def test_an_approval_number_is_printed_if_given(assessment):
    html = draw_map(assessment, approval_no="湘S(2024)001号").get_root().render()
    assert "审图号：湘S(2024)001号" in html
    assert "未经审图" not in html


def test_credits_are_short_and_come_once():
    def source(name, maker, licence):
        return Source(name=name, what="", source=maker, licence=licence)

    sources = [
        source("roads", "as surveyed; OpenStreetMap, GeoNames", "ODbL 1.0"),
        source("places", "OpenStreetMap", "ODbL 1.0"),
        source("lines", "roads; years added", "ODbL 1.0"),
        source("plan", "the documents", "facts; no rights claimed"),
        source("mine.shp", "not stated", "unknown"),
        source("city.gdb", "Survey " * 20, "internal"),
    ]
    named = source_credits(sources, "zh")
    assert named[:2] == (
        "© OpenStreetMap contributors (ODbL)",
        "GeoNames (CC BY 4.0)",
    )
    assert named[2].endswith("… (internal)") and len(named[2]) < 75
    assert named[3:] == ("1个文件未注明来源",)


# --- what data say is never code -------------------------------------------------


@pytest.mark.parametrize("text", NASTY)
def test_json_in_a_script_is_the_text_and_nothing_else(text):
    written = script_json({"name": text})
    assert json.loads(written) == {"name": text}
    assert not re.search("[<>&\u2028\u2029]", written)


@pytest.fixture(scope="module")
def nasty(assessment):
    """Names from data that try to leave their place, in every place of the map."""
    roads = assessment.layers["roads"].copy()
    opened = roads.index[roads["open"] & (roads["road_class"] == "motorway")]
    roads.loc[opened[: len(NASTY)], "name_zh"] = NASTY
    roads.loc[opened[0], "ref"] = NASTY[0]
    centres = assessment.layers["centres"].copy()
    centres["name_zh"] = NASTY[:3]
    gaps = assessment.layers["corridor_gaps"].copy()
    gaps["kind"] = NASTY[4]
    text = Text(NASTY[1], NASTY[1])
    sources = [
        Source(
            name=text, what=text, source=text, licence=text, date=text, schematic=True
        )
        for text in NASTY
    ]
    spoilt = dataclasses.replace(
        assessment,
        plan=dataclasses.replace(assessment.plan, name=text),
        version=NASTY[4],
        sources=tuple(sources),
        layers={
            **assessment.layers,
            "roads": roads,
            "centres": centres,
            "corridor_gaps": gaps,
        },
    )
    drawn = draw_map(spoilt, approval_no=NASTY[0])
    return drawn, inline_assets(drawn.get_root().render())


def test_names_from_data_add_no_tag(nasty, page):
    def skeleton(html):
        return [tag for tag, _ in tags_of(html) if tag not in {"li", "span"}]

    _, html = nasty
    assert skeleton(html) == skeleton(page)
    assert not [a for tag, a in tags_of(html) if tag == "img" or "onerror" in a]


def test_names_from_data_are_shown_as_they_are(nasty):
    drawn, _ = nasty
    features = groups_of(drawn)["roads.motorway"].geojson()["features"]
    assert set(NASTY) <= {feature["properties"]["t"] for feature in features}


def test_names_from_data_are_no_template(nasty):
    _, html = nasty
    assert "{{ 7*7 }}" in html
    assert "49{% raise" not in html


def test_names_of_layers_from_data_are_in_no_tag(nasty):
    drawn, html = nasty
    assert "isochrones.changsha" in groups_of(drawn)
    assert NASTY[0] not in html.replace(asset_tags(), "")


# --- writing -------------------------------------------------------------------


def test_the_file_is_utf8_and_nothing_is_left_beside_it(assessment, tmp_path):
    write_map(assessment, tmp_path / "图.html")
    assert [path.name for path in tmp_path.iterdir()] == ["图.html"]
    assert "长株潭" in (tmp_path / "图.html").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_a_source_error(assessment, tmp_path):
    with pytest.raises(SourceError, match="cannot write"):
        write_map(assessment, tmp_path / "nowhere" / "map.html")


def test_a_failure_leaves_the_old_file_and_nothing_else(
    assessment, tmp_path, monkeypatch
):
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SourceError, match="No space left"):
        write_map(assessment, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_importing_the_library_does_not_load_folium():
    code = (
        "import sys, ctzgis, ctzgis.reporting.maps.drawing, ctzgis.reporting.style\n"
        "assert not {'folium', 'branca'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- offline pages -------------------------------------------------------------


def plain_map():
    drawn = folium.Map(tiles=None, location=[28, 113])
    drawn.default_js = [folium.Map.default_js[0], folium.Map.default_js[1]]
    drawn.default_css = [folium.Map.default_css[0]]
    return drawn


def test_a_plain_folium_map_becomes_self_contained():
    html = inline_assets(plain_map().get_root().render())
    assert not [a for _, a in tags_of(html) if {"src", "href"} & a.keys()]
    assert "Leaflet 1.9.4" in html
    assert "jQuery v3.7.1" in html


def test_images_of_leaflet_are_in_its_style_sheet():
    urls = re.findall(r"url\(([^)]*)\)", asset_tags())
    assert [url for url in urls if url.startswith("data:image/png;base64,")]
    assert not [u for u in urls if not u.startswith(("data:", "#")) and "." in u]


def test_licences_travel_with_the_code():
    assert "Vladimir Agafonkin" in asset_tags()
    assert "OpenJS Foundation" in asset_tags()


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ('<script src="https://x.org/d3.js"></script>', "https://x.org/d3.js"),
        ("<script src=//x.org/d3.js></script>", "//x.org/d3.js"),
        ('<link rel="stylesheet" href="https://x.org/a.css"/>', "https://x.org/a.css"),
        ('<LINK REL=icon HREF="favicon.ico">', "favicon.ico"),
        ('<img src="map.png">', "map.png"),
        ('<iframe src="https://x.org"></iframe>', "https://x.org"),
        ('<style>@import "https://x.org/a.css";</style>', "https://x.org/a.css"),
        (
            "<style>a{background:url( 'https://x.org/a.png' )}</style>",
            "https://x.org/a.png",
        ),
    ],
)
def test_what_is_not_vendored_is_refused_by_name(html, url):
    with pytest.raises(ExternalAssetError, match=re.escape(url)) as caught:
        inline_assets(f"<head></head>{html}")
    assert caught.value.url == url
    assert isinstance(caught.value, InputError)


def test_leaflet_plugins_are_not_taken_for_leaflet():
    with pytest.raises(ExternalAssetError):
        inline_assets(
            '<script src="https://x.org/my-leaflet@1.9.4/dist/leaflet.js"></script>'
        )


def test_links_to_click_and_embedded_data_stay():
    html = '<head></head><a href="https://x.org">x</a><img src="data:image/png;base64,AA==">'
    assert html.removeprefix("<head></head>") in inline_assets(html)


def test_tags_in_the_text_of_a_script_are_no_tags():
    html = "<script>var a = '<img src=\"https://x.org/a.png\">';</script>"
    assert html in inline_assets(html)


def test_inlining_twice_changes_nothing():
    once = inline_assets(plain_map().get_root().render())
    assert inline_assets(once) == once


def test_a_script_that_holds_an_end_tag_does_not_end_early():
    scripts = [tag for tag, _ in tags_of(asset_tags())]
    assert scripts == ["style", "script", "script"]


def test_vendored_files_are_as_their_projects_published_them():
    for file in vendored().values():
        assert hashlib.sha256(file.read()).hexdigest() == file.sha256


def test_every_vendored_file_is_listed_with_its_licence():
    folder = importlib.resources.files("ctzgis.reporting") / "vendor"
    there = {entry.name for entry in folder.iterdir()} - {"VENDORED.toml"}
    licences = {file.licence_file for file in vendored().values()}
    assert there == set(vendored()) | licences


def test_frames_without_optional_columns_are_drawn(assessment):
    roads = assessment.layers["roads"].drop(columns=["ref", "accuracy_m", "name_zh"])
    drawn = {
        layer.id: layer for layer in map_layers(with_layer(assessment, "roads", roads))
    }
    assert {f.title for f in drawn["roads.trunk"].features} == {"（无名称）"}


def test_nothing_within_any_minute_still_draws_a_map(assessment):
    none = assessment.layers["isochrones"].iloc[:0]
    empty = with_layer(assessment, "isochrones", none)
    empty = dataclasses.replace(
        empty, tables={**empty.tables, "seats_reached": pd.DataFrame()}
    )
    ids = set(groups_of(draw_map(empty)))
    assert not {key for key in ids if key.startswith("isochrones")}
    assert "times.seats" not in ids
