"""What words of Chinese and English layers say of a road."""

import pytest

from ctzgis.analysis.streets.street_kinds import street_kinds
from ctzgis.network.class_words import RoadWord, class_of, road_word
from ctzgis.tables import ROAD_CLASSES


@pytest.mark.parametrize(
    ("word", "road_class"),
    [
        # GB/T 51328-2018: kinds and grades of urban roads, and usual other names.
        ("快速路", "urban_expressway"),
        ("城市快速路", "urban_expressway"),
        ("Ⅱ级快速路", "urban_expressway"),
        ("主干路", "primary"),
        ("城市主干道", "primary"),
        ("Ⅲ级主干路", "primary"),
        ("次干路", "secondary"),
        ("次干道", "secondary"),
        ("支路", "tertiary"),
        ("Ⅰ级支路", "tertiary"),
        ("Ⅱ级支路", "residential"),
        # JTG B01-2014: technical classes of highways.
        ("高速公路", "motorway"),
        ("一级公路", "trunk"),
        ("二级公路", "secondary"),
        ("三级公路", "tertiary"),
        ("四级公路", "residential"),
        # Whose a highway is.
        ("国道", "trunk"),
        ("省道S313线", "primary"),
        ("县道", "tertiary"),
        ("乡道", "residential"),
        # What is no public road of the city.
        ("小区路", "service"),
        ("内部道路", "service"),
        ("步行街", "path"),
        ("自行车道", "path"),
        # OpenStreetMap, and Geofabrik's layers of it.
        ("Living_Street", "residential"),
        ("track_grade3", "track"),
    ],
)
def test_words_have_the_class_that_standards_give_them(word, road_class):
    assert class_of(word) == road_class
    assert road_class in ROAD_CLASSES


@pytest.mark.parametrize(
    ("word", "road_class"),
    [("匝道", None), ("高速公路匝道", "motorway"), ("快速路（匝道）", "urban_expressway"),
     ("trunk_link", "trunk")],
)  # fmt: skip
def test_ramps_have_the_class_of_their_road_where_it_is_said(word, road_class):
    assert road_word(word) == RoadWord(road_class=road_class, link=True)


def test_a_ring_and_a_road_of_unknown_class_have_none():
    assert road_word("环岛") == RoadWord(roundabout=True)
    assert road_word("未知") == RoadWord()


@pytest.mark.parametrize("word", ["甲级路", "支路匝", "五级", "国道边", "building", ""])
def test_other_words_are_not_known(word):
    assert road_word(word) is None


def test_a_layer_of_chinese_words_has_the_kinds_of_its_english_twin():
    import geopandas as gpd
    from shapely import LineString

    lines = [LineString([(0, 0), (10, 0)])] * 4
    chinese = ["主干路", "支路", "高速公路匝道", "街坊路"]
    english = ["primary", "tertiary", "motorway_link", "residential"]
    kinds = [
        street_kinds(gpd.GeoDataFrame({"road_class": words}, geometry=lines))
        for words in (chinese, english)
    ]
    assert kinds[0].road_class.tolist() == kinds[1].road_class.tolist()
    assert (
        kinds[0].link.tolist() == kinds[1].link.tolist() == [False, False, True, False]
    )
    assert kinds[0].known.all()
