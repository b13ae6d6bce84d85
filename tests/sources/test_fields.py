"""Fields of road layers as Chinese data name and fill them."""

import numpy as np
import pandas as pd
import pytest

from ctzgis.errors import InputError
from ctzgis.sources.roads.fields import field_mapping, road_columns


def read(mapping=None, **fields):
    table = pd.DataFrame(fields)
    found = field_mapping(mapping, table.columns, "roads.shp")
    columns, backward, changes = road_columns(table, found, "roads.shp")
    return columns.assign(backward=backward), [str(change) for change in changes]


@pytest.mark.parametrize("field", ["JSDJ", "RTEG", "DLDJ", "道路等级"])
def test_fields_of_surveys_are_known(field):
    columns, _ = read(**{field: ["一级", "等外", "国道G107", "省道 S313"]})
    assert columns["road_class"].tolist() == [
        "trunk",
        "residential",
        "trunk",
        "primary",
    ]


def test_lines_whose_class_is_empty_are_told():
    columns, told = read(等级=["主干路", None, "<Null>"])
    assert columns["road_class"].tolist() == ["primary", "tertiary", "tertiary"]
    assert told == ["noticed 2: lines without a road class, taken as tertiary"]


@pytest.mark.parametrize(
    "codes",
    [[1, 2, 2], [1.0, 2.0, np.nan], ["1", "2", None], ["1.0", "2.0", ""]],
)
@pytest.mark.parametrize("key", [int, float, str])
def test_codes_mean_the_same_whatever_their_type(codes, key):
    means = {key(1): "motorway", key(2): "primary"}
    columns, _ = read({"road_class_values": means}, 等级=codes)
    assert columns["road_class"].tolist()[:2] == ["motorway", "primary"]


@pytest.mark.parametrize(
    "means",
    [
        {"双通": "no", "顺": "yes", "逆": "-1"},
        {"双通": False, "顺": True, "逆": -1},
        {"双通": "双向", "顺": "正向", "逆": "逆向"},
    ],
)
def test_directions_are_mapped_to_words_as_well_as_numbers(means):
    columns, _ = read({"oneway_values": means}, 单行=["双通", "顺", "逆"])
    assert columns["oneway"].tolist() == [False, True, True]
    assert columns["backward"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("column", "meaning", "said"),
    [
        ("oneway", "perhaps", "oneway_values has perhaps; allowed are yes, no, -1"),
        ("limit_kph", "fast", "limit_kph_values has fast; allowed are km/h"),
        ("opens", "soon", "opens_values has soon; allowed are years"),
    ],
)
def test_meanings_that_there_are_not_are_refused(column, meaning, said):
    with pytest.raises(InputError, match=said):
        read({column: "f", f"{column}_values": {"x": meaning}}, f=["x"])


def test_values_of_names_are_refused():
    with pytest.raises(InputError, match="mapping names name_zh"):
        read({"name_zh_values": {"a": "b"}}, 名称=["a"])


def test_an_empty_meaning_is_no_value():
    mapping = {"limit_kph": "v", "limit_kph_values": {0: ""}}
    columns, told = read(mapping, v=[60, 0, 0], 等级=["支路"] * 3)
    assert columns["limit_kph"].tolist()[0] == 60
    assert columns["limit_kph"].isna().tolist() == [False, True, True]
    assert told == []


@pytest.mark.parametrize("field", ["DIRECTION", "通行方向", "oneway"])
def test_codes_of_navigation_data_are_no_directions_until_said(field):
    # There 0 and 1 are both ways, 2 forth and 3 back; 1 alone means forth elsewhere.
    codes = [1] * 97 + [0, 2, 3]
    with pytest.raises(InputError, match="say what 1 means too"):
        read(**{field: codes})
    means = {"0": "no", "1": "no", "2": "yes", "3": "-1"}
    columns, _ = read({"oneway_values": means}, **{field: codes})
    assert columns["oneway"].sum() == 2
    assert columns["backward"].tolist() == [False] * 99 + [True]


def test_one_in_a_field_of_directions_is_no_direction_until_said():
    with pytest.raises(InputError, match="say what 1 means too"):
        read(DIRECTION=[1, 1])


def test_flags_are_directions():
    flags = pd.array([True, False, None], dtype="boolean")
    columns, _ = read(oneway=flags)
    assert columns["oneway"].tolist() == [True, False, False]


def test_years_are_taken_from_dates_numbers_and_texts():
    dates = pd.to_datetime(["2019-07-01", None])
    assert read(通车时间=dates)[0]["opens"].tolist()[0] == 2019
    assert read(建成年份=[2019.0, np.nan])[0]["opens"].tolist()[0] == 2019
    assert read(建成年份=["2019年", None])[0]["opens"].tolist()[0] == 2019


def test_lists_of_several_are_values_that_mean_nothing():
    lists = [np.array(["primary", "secondary"]), np.array(["primary"]), None]
    with pytest.raises(InputError, match="no road_class: primary;secondary"):
        read(highway=lists)


def test_a_list_of_one_is_its_value():
    lists = [np.array(["primary"]), np.array(["secondary"])]
    assert read(highway=lists)[0]["road_class"].tolist() == ["primary", "secondary"]


def test_numbers_of_roads_are_whole_where_others_are_missing():
    assert read(ref=[107.0, np.nan])[0]["ref"].tolist()[0] == "107"


def test_reading_leaves_the_table_as_it_was():
    table = pd.DataFrame({"等级": ["支路", None], "单行": [1, 0]})
    before = table.copy(deep=True)
    road_columns(table, field_mapping(None, table.columns, "roads"), "roads")
    pd.testing.assert_frame_equal(table, before)
