"""Any frame on a map in one line: classes, legend, cards, refusals."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ctzgis.errors import CRSError, InputError
from ctzgis.provenance import Source
from ctzgis.reporting.maps.classes import classes_of
from ctzgis.reporting.maps.column_words import column_word, written
from ctzgis.reporting.maps.drawing import draw_layers, save_map
from ctzgis.reporting.maps.elements import FilledGroup
from ctzgis.reporting.maps.framing import frame_of
from ctzgis.reporting.maps.offline import asset_tags
from ctzgis.reporting.style import STYLES

NASTY = "<script>alert(1)</script>{{ 7*7 }}\u2028'"


def squares(count, **columns):
    """Squares of 1 km beside one another, near Changsha."""
    shapes = [
        shapely.box(400_000 + i * 1000, 3_120_000, 401_000 + i * 1000, 3_121_000)
        for i in range(count)
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4547")


def layers_of(drawn):
    children = drawn._children.values()
    return [child.layer for child in children if isinstance(child, FilledGroup)]


def legend(layer, lang="zh"):
    return [style.label.get(lang) for _, style in layer.legend()]


def cards(layer):
    return [(feature.title, dict(feature.rows)) for feature in layer.features]


# --- classes ------------------------------------------------------------------------


def test_numbers_are_graduated_between_round_limits():
    classes = classes_of(pd.Series(np.arange(1.0, 1001.0)), "area_km2", lang="en")
    # Fifths of 1–1000 are 200.8, 400.6, 600.4, 800.2: to two digits, 200 to 800.
    assert classes.heading == "Area (km²)"
    assert classes.labels == (
        "below 200",
        "200–400",
        "400–600",
        "600–800",
        "800 and more",
    )
    assert np.bincount(classes.of_row).tolist() == [199, 200, 200, 200, 201]


def test_a_value_on_a_limit_is_in_the_class_that_starts_there():
    classes = classes_of(
        pd.Series([9.9, 10.0, 20.0]), "x_km", lang="en", breaks=[10, 20]
    )
    assert classes.of_row.tolist() == [0, 1, 2]


def test_few_values_are_a_class_each():
    classes = classes_of(pd.Series([30, 15, 30, 60]), "cutoff_min", lang="zh")
    assert classes.labels == ("15", "30", "60")
    assert classes.of_row.tolist() == [1, 0, 1, 2]


def test_a_share_is_shown_in_per_cent():
    classes = classes_of(pd.Series([0.1, 0.9]), "served_share", lang="en", breaks=[0.5])
    assert classes.heading == "Served (%)"
    assert classes.labels == ("below 50", "50 and more")


def test_no_value_and_no_way_are_classes_of_their_own_at_the_end():
    values = pd.Series([5.0, np.nan, np.inf, 7.0])
    classes = classes_of(values, "travel_time_min", lang="zh")
    assert classes.labels == ("5", "7", "不可达", "无数据")
    assert classes.of_row.tolist() == [0, 3, 2, 1]


def test_change_has_two_colours_and_its_limits_are_the_same_on_both_sides():
    values = pd.Series(np.linspace(-10, 30, 81))
    classes = classes_of(values, "saved_min", lang="en")
    limits = [float(t) for t in re.findall(r"[\d.]+", classes.labels[2])]
    assert classes.labels[2].startswith("\N{MINUS SIGN}")
    assert limits[0] == limits[1]
    assert len(classes.labels) == 5


def test_all_without_a_value_is_one_class():
    classes = classes_of(pd.Series([np.nan, np.nan]), "area_km2", lang="en")
    assert "no data" in classes.labels
    assert set(classes.of_row) == {classes.labels.index("no data")}


def test_one_value_is_one_class():
    classes = classes_of(pd.Series([3.0, 3.0]), "area_km2", lang="en")
    assert classes.labels == ("3",)


def test_whole_numbers_that_may_be_missing_are_numbers():
    values = pd.Series([1, None, 3], dtype="Int64")
    classes = classes_of(values, "lanes", lang="en")
    assert classes.labels == ("1", "3", "no data")


def test_kinds_have_a_colour_each_and_the_rare_ones_one_together():
    kinds = [f"kind {i:02}" for i in range(12) for _ in range(12 - i)]
    classes = classes_of(pd.Series(kinds), "kind", lang="en")
    assert classes.labels == (*(f"kind {i:02}" for i in range(7)), "other")
    assert classes.of_row[-1] == 7
    colours = [look["area"].fill for look in classes.looks]
    assert len(set(colours)) == 8


def test_yes_and_no_are_kinds():
    classes = classes_of(pd.Series([True, False, True]), "built", lang="zh")
    assert set(classes.labels) == {"是", "否"}


def test_road_classes_look_as_on_all_maps():
    classes = classes_of(pd.Series(["primary", "motorway"]), "road_class", lang="zh")
    assert classes.labels == ("高速公路", "主干路")
    assert classes.looks[0]["line"] is STYLES["road.motorway"]


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        ([2, 1], "give finite limits that rise"),
        ([1, 1], "give finite limits that rise"),
        ([float("nan")], "give finite limits that rise"),
        ([1, 2, 3, 4, 5], "at most 5 classes"),
    ],
)
def test_limits_that_part_nothing_are_refused(breaks, message):
    with pytest.raises(InputError, match=message):
        classes_of(pd.Series([1.0, 2.0]), "x_km", lang="en", breaks=breaks)


def test_kinds_have_no_limits():
    with pytest.raises(InputError, match="has no numbers"):
        classes_of(pd.Series(["a"]), "kind", lang="en", breaks=[1])


# --- words of columns ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("road_density_km_per_km2", "路网密度（公里/平方公里）"),
        ("travel_time_min", "出行时间（分钟）"),
        ("population_share", "人口（%）"),
        ("my_own_km", "My own（公里）"),
        ("名称长度", "名称长度"),
        ("_min", "_min"),
    ],
)
def test_a_column_is_called_by_its_word_and_unit(name, heading):
    assert column_word(name, "zh").heading == heading


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1234.5678, "length_km", "1,235 公里"),
        (12.34, "length_km", "12.3 公里"),
        (0.5, "length_km", "0.5 公里"),
        (0.4567, "served_share", "45.7 %"),
        (430100, "code", "430100"),
        (2035, "opens", "2035"),
        (np.inf, "travel_time_min", "不可达"),
        (None, "name", "无数据"),
        (pd.NA, "lanes", "无数据"),
        (True, "open", "是"),
        ("motorway", "road_class", "高速公路"),
    ],
)
def test_values_are_written_as_readers_expect(value, name, text):
    assert written(value, column_word(name, "zh"), "zh") == text


# --- layers --------------------------------------------------------------------------


def test_one_line_shows_a_measure():
    frame = squares(3, density_km_per_km2=[1.0, 2.0, np.nan], name_zh=list("甲乙丙"))
    (layer,) = layers_of(draw_layers({"各县": frame}, by="density_km_per_km2"))
    assert layer.name == "各县"
    assert layer.heading == "密度（公里/平方公里）"
    assert legend(layer) == ["1", "2", "无数据"]
    assert cards(layer)[0] == ("甲", {"密度": "1 公里/平方公里"})


def test_a_frame_needs_no_name():
    (layer,) = layers_of(draw_layers(squares(2), title="两格"))
    assert layer.name == "两格"
    assert [title for title, _ in cards(layer)] == ["0", "1"]


def test_layers_without_the_column_have_one_colour_each():
    drawn = draw_layers({"a": squares(2, x_km=[1, 2]), "b": squares(1)}, by="x_km")
    first, second = layers_of(drawn)
    assert (len(legend(first)), legend(second)) == (2, ["b"])


def test_a_column_no_layer_has_is_refused_with_those_there_are():
    with pytest.raises(
        InputError, match="no column|no layer has a column 'speed'.*x_km"
    ):
        draw_layers({"a": squares(1, x_km=[1.0])}, by="speed")


def test_mixed_shapes_are_drawn_each_in_its_way():
    shapes = [
        shapely.Point(113, 28),
        shapely.LineString([(113, 28), (113.1, 28)]),
        shapely.box(113, 28, 113.1, 28.1),
        shapely.GeometryCollection(
            [shapely.Point(113, 28), shapely.box(113, 28, 113.1, 28.1)]
        ),
    ]
    frame = gpd.GeoDataFrame({"x_km": [1.0] * 4}, geometry=shapes, crs="EPSG:4326")
    (layer,) = layers_of(draw_layers({"混合": frame}, by="x_km"))
    kinds = {feature.style.partition(".")[0] for feature in layer.features}
    assert kinds == {"dot", "line", "area"}
    assert len(layer.legend()) == 3


def test_small_areas_lie_over_large_ones():
    small, large = shapely.box(113, 28, 113.1, 28.1), shapely.box(112, 27, 114, 29)
    frame = gpd.GeoDataFrame(
        {"name": ["small", "large"]}, geometry=[small, large], crs="EPSG:4326"
    )
    (layer,) = layers_of(draw_layers({"a": frame}))
    assert [feature.title for feature in layer.features] == ["large", "small"]


def test_an_empty_frame_is_listed_as_empty(tmp_path):
    drawn = draw_layers({"道路": squares(0)})
    (layer,) = layers_of(drawn)
    assert layer.name == "道路（无要素）"
    save_map(drawn, tmp_path / "map.html")
    assert "无要素" in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_what_has_no_shape_is_told():
    frame = squares(3)
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = shapely.Polygon()
    (layer,) = layers_of(draw_layers({"a": frame}, lang="en"))
    assert layer.name == "a (2 without a shape)"
    assert len(layer.features) == 1


def test_heights_are_left_out():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(113, 28, 99)], crs="EPSG:4326")
    (layer,) = layers_of(draw_layers({"a": frame}))
    assert not shapely.has_z(layer.features[0].geometry)


def test_frames_stay_as_they_were():
    frame = squares(3, x_km=[3.0, 1.0, np.inf])
    before = frame.copy(deep=True)
    draw_layers({"a": frame}, by="x_km")
    assert frame.equals(before)


def test_a_frame_too_long_for_cards_has_one_a_class():
    points = shapely.points(np.linspace(112, 114, 20_001), 28.0)
    frame = gpd.GeoDataFrame(
        {"x_km": np.arange(20_001) % 2}, geometry=points, crs="EPSG:4326"
    )
    (layer,) = layers_of(draw_layers({"a": frame}, by="x_km"))
    assert cards(layer) == [("0", {"要素数": "10,001"}), ("1", {"要素数": "10,000"})]


def test_layers_add_up_on_one_map():
    drawn = draw_layers({"a": squares(1)}, title="first")
    again = draw_layers({"b": squares(2)}, m=drawn, title="second")
    assert again is drawn
    assert [layer.id for layer in layers_of(drawn)] == ["data.0", "data.1"]
    html = drawn.get_root().render()
    assert "<h1>first</h1>" in html
    assert html.count("ctzgis.finish(") == 1


def test_added_layers_go_on_with_the_colours():
    drawn = draw_layers({"a": squares(1)})
    first, second = layers_of(draw_layers({"b": squares(1)}, m=drawn))
    assert first.legend()[0][1].fill != second.legend()[0][1].fill


# --- refusals -----------------------------------------------------------------------


def test_a_frame_without_a_crs_is_refused():
    frame = squares(1).set_crs(None, allow_override=True)
    with pytest.raises(CRSError, match="layer 'a' has no CRS"):
        draw_layers({"a": frame})


def test_degrees_that_say_they_are_metres_are_refused():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(113, 28)], crs="EPSG:4547")
    with pytest.raises(CRSError, match="its coordinates, .*113.0.*, cannot be"):
        draw_layers({"a": frame})


def test_metres_that_say_they_are_degrees_are_refused():
    frame = squares(1).set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(CRSError, match="cannot be; name the right CRS"):
        draw_layers({"a": frame})


@pytest.mark.parametrize(
    "wrong", [3, "roads.gpkg", pd.DataFrame({"a": [1]}), {"a": pd.DataFrame()}]
)
def test_what_is_no_frame_with_shapes_is_refused(wrong):
    with pytest.raises(InputError, match="give a GeoDataFrame|layer .* is a"):
        draw_layers(wrong)


def test_hostile_names_stay_texts(tmp_path):
    frame = squares(2, **{"name": [NASTY, "b"], NASTY: [NASTY, NASTY]})
    drawn = draw_layers({NASTY: frame}, by=NASTY, title=NASTY)
    save_map(drawn, tmp_path / "map.html")
    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html.replace(asset_tags(), "")
    assert "49\u2028" not in html and "{{ 7*7 }}" in html
    (layer,) = layers_of(drawn)
    assert layer.features[1].title in {NASTY.replace("\u2028", " "), "b"}


def test_a_map_of_layers_is_small_and_loads_nothing(tmp_path):
    frame = squares(50, x_km=np.arange(50.0))
    save_map(draw_layers({"a": frame}, by="x_km"), tmp_path / "map.html")
    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert len(html) < 320_000
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", html)


def test_the_frame_tells_the_systems_of_the_data():
    drawn = draw_layers({"a": squares(1), "b": squares(1).to_crs("EPSG:4490")})
    html = drawn.get_root().render()
    assert "数据：EPSG:4547、EPSG:4490" in html


def test_cards_go_into_the_page_as_json():
    frame = squares(1, name=["甲"], length_km=[12.0])
    (group,) = (
        child
        for child in draw_layers(frame)._children.values()
        if isinstance(child, FilledGroup)
    )
    properties = json.loads(json.dumps(group.geojson()))["features"][0]["properties"]
    assert properties["r"] == [["长度", "12 公里"]]


def source(name, *, schematic=False):
    return Source(
        name=name, what="x", source="City survey", licence="internal", crs="",
        accuracy_m=None, schematic=schematic, date="", url="", sha256="",
    )  # fmt: skip


def test_sources_are_credited_and_schematic_ones_stamp_the_map():
    plain = draw_layers(squares(1), sources=[source("a.gpkg")]).get_root().render()
    drawn = draw_layers(squares(1), sources=[source("a.gpkg", schematic=True)])
    stamped = drawn.get_root().render()
    assert "City survey" in plain
    assert "图层由用户提供" not in plain
    assert "示意图" not in plain
    assert "示意图" in stamped


def test_counties_are_a_backdrop_below_all_else_with_their_names():
    counties = squares(2, name_zh=["甲县", NASTY])
    drawn = draw_layers({"x": squares(1, x_km=[1.0])}, by="x_km", counties=counties)
    backdrop, layer = layers_of(drawn)
    assert (backdrop.id, backdrop.rank) == ("counties", 0)
    assert backdrop.rank < layer.rank
    assert backdrop.features[0].label == "甲县"
    assert "<script>alert" not in drawn.get_root().render()


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "970万 以下"), ("en", "below 9,700,000")]
)
def test_large_numbers_are_said_without_powers_of_ten(lang, said):
    frame = squares(3, people=[1e6, 1.1e7, 1.2e7])
    (layer,) = layers_of(draw_layers(frame, by="people", breaks=[9.7e6], lang=lang))
    assert said in legend(layer, lang)


def shown_first(drawn):
    return frame_of(drawn).config["views"]


def test_a_map_over_counties_begins_with_its_data():
    counties = squares(60, name_zh=["县"] * 60)
    drawn = draw_layers({"x": squares(10)}, counties=counties)
    data, everything = shown_first(drawn)
    assert [view["name"] for view in (data, everything)] == ["数据", "全图"]
    assert data["bounds"][1][1] < everything["bounds"][1][1]


def test_a_map_without_counties_or_data_begins_with_all_there_is():
    (view,) = shown_first(draw_layers({"x": squares(10)}))
    assert view["name"] == "全图"
    (view,) = shown_first(draw_layers({"x": squares(0)}, counties=squares(2)))
    assert view["name"] == "全图"


def test_values_are_written_beside_what_is_drawn_where_there_are_any():
    frame = squares(3, served_share=[0.25, np.nan, 1.0])
    drawn = draw_layers(frame, label="served_share", lang="en")
    (layer,) = layers_of(drawn)
    assert sorted(feature.label for feature in layer.features) == ["", "100 %", "25 %"]
    (plain,) = layers_of(draw_layers(frame))
    assert {feature.label for feature in plain.features} == {""}


def test_layers_may_be_off_when_a_map_opens():
    frames = {"2020": squares(1), "2025": squares(2)}
    assert [layer.shown for layer in layers_of(draw_layers(frames))] == [True, True]
    drawn = draw_layers(frames, shown=["2025"])
    assert [(layer.name, layer.shown) for layer in layers_of(drawn)] == [
        ("2020", False),
        ("2025", True),
    ]


def test_labels_and_layers_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="no layer has a column 'b'; there are a, geo"):
        draw_layers(squares(1, a=[1]), label="b")
    with pytest.raises(InputError, match="no layer is called '2035'; there are 2020"):
        draw_layers({"2020": squares(1)}, shown=["2035"])
