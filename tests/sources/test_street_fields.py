"""What a street layer's fields say, and what its report tells of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

import ctzgis
from ctzgis.analysis import DENSITY_RULES, carriageway_weights
from ctzgis.errors import InputError
from ctzgis.sources.roads.streets import read_streets

X, Y = 399_000.0, 3_120_000.0  # 长沙, EPSG:4547


def layer(tmp_path, *, suffix=".gpkg", **columns):
    count = len(next(iter(columns.values())))
    lines = [LineString([(X, Y + 20 * i), (X + 500, Y + 20 * i)]) for i in range(count)]
    path = tmp_path / f"streets{suffix}"
    frame = gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4547")
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    return path


def told(found):
    return "\n".join(map(str, found.source.told()))


def test_chinese_fields_are_taken_and_told(tmp_path):
    path = layer(
        tmp_path,
        道路等级=["主干路", "次干路"],
        路名=["五一大道", "蔡锷路"],
        单行=["是", "否"],
        车道数=[4, 2],
        路面宽度=["24米", "12"],
        层级=[1, 0],
    )
    found = read_streets(path)
    row = found.frame.iloc[0]
    assert row["road_class"] == "primary"
    assert row["name_zh"] == "五一大道"
    assert found.frame["oneway"].tolist() == [True, False]
    assert found.frame["lanes"].tolist() == [4, 2]
    assert found.frame["width_m"].tolist() == [24, 12]
    assert found.frame["level"].tolist() == [1, 0]
    assert "road_class ← 道路等级 (guessed)" in told(found)


def test_geofabriks_fields_are_taken(tmp_path):
    path = layer(
        tmp_path,
        suffix=".shp",
        fclass=["primary", "motorway_link", "track_grade2"],
        oneway=["F", "T", "B"],
        bridge=["T", "F", "F"],
        tunnel=["F", "F", "F"],
        layer=[1, 0, 0],
    )
    found = read_streets(path)
    frame = found.frame
    assert frame["road_class"].tolist() == ["primary", "motorway", "track"]
    assert frame["link"].tolist() == [False, True, False]
    assert frame["bridge"].tolist() == [True, False, False]
    assert frame["oneway"].tolist() == [True, True, False]
    # The second is driven against the way it is drawn.
    assert frame.geometry.iloc[1].coords[0] == (X + 500, Y + 20)
    assert "repaired 1: lines that are one-way against" in told(found)


def test_openstreetmaps_words_mark_rings_bridges_and_tunnels(tmp_path):
    path = layer(
        tmp_path,
        highway=["primary", "secondary", "tertiary"],
        junction=["roundabout", None, "approach"],
        bridge=[None, "viaduct", None],
        tunnel=[None, None, "yes"],
    )
    found = read_streets(path)
    assert found.frame["roundabout"].tolist() == [True, False, False]
    assert found.frame["level"].tolist() == [0, 1, -1]
    assert "2: lines whose level is 1 as a bridge" in told(found)


def test_ramps_and_rings_are_read_from_words_for_classes(tmp_path):
    frame = read_streets(layer(tmp_path, 类型=["主干路", "匝道", "环岛"])).frame
    assert frame["road_class"].fillna("").tolist() == ["primary", "", ""]
    assert frame["link"].tolist() == [False, True, False]
    assert frame["roundabout"].tolist() == [False, False, True]


def test_words_that_are_not_known_stay_and_are_told(tmp_path):
    found = read_streets(layer(tmp_path, 道路等级=["主干路", "支路", "甲级路"]))
    assert found.frame["road_class"].tolist() == ["primary", "tertiary", "甲级路"]
    assert (
        "noticed 1: values of '道路等级' that are no known road class (甲级路)"
        in told(found)
    )


def test_a_mapping_says_what_words_mean(tmp_path):
    path = layer(tmp_path, KIND=["A", "B", "C"])
    mapping = {"road_class": "KIND", "road_class_values": {"A": "快速路", "B": "支路", "C": ""}}  # fmt: skip
    frame = read_streets(path, mapping=mapping).frame
    assert frame["road_class"].fillna("").tolist() == [
        "urban_expressway",
        "tertiary",
        "",
    ]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"road_class": "KIND"}, "has no field KIND"),
        ({"free_kph": "type"}, "mapping names free_kph"),
        ({"road_class_values": {"A": "甲级路"}}, "road_class_values has 甲级路"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path, mapping, message):
    with pytest.raises(InputError, match=message):
        read_streets(layer(tmp_path, type=["primary"]), mapping=mapping)


def test_a_field_that_holds_other_things_is_not_taken_for_classes(tmp_path):
    found = read_streets(layer(tmp_path, type=["asphalt", "concrete", "支路"]))
    assert "road_class" not in found.frame
    assert "(asphalt, concrete): the field is not taken" in told(found)


@pytest.mark.parametrize("field", ["direction", "oneway"])
def test_directions_as_codes_are_not_guessed(tmp_path, field):
    found = read_streets(layer(tmp_path, **{field: [1, 2, 3]}))
    assert "oneway" not in found.frame
    assert "as numbers that nothing explains" in told(found)
    assert len(found.frame) == 3


def test_a_direction_that_is_not_said_stays_unknown(tmp_path):
    frame = read_streets(layer(tmp_path, oneway=["yes", None, "no"])).frame
    assert frame["oneway"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_what_was_read_can_be_written_again(tmp_path, suffix):
    path = layer(tmp_path, highway=["primary", "x", None], oneway=["yes", None, "no"])
    frame = read_streets(path).frame
    again = tmp_path / f"again{suffix}"
    frame.to_parquet(again) if suffix == ".parquet" else frame.to_file(again)
    assert len(read_streets(again).frame) == 3


def test_streets_of_opposite_directions_count_once_and_two_way_ones_twice(tmp_path):
    # Two lines 20 m apart, drawn alike; the second is driven back, or both ways.
    pair = layer(tmp_path, highway=["primary"] * 2, oneway=["yes", "-1"])
    assert carriageway_weights(read_streets(pair).frame).tolist() == [0.5, 0.5]
    apart = layer(tmp_path, highway=["primary"] * 2, oneway=["no", "no"])
    assert carriageway_weights(read_streets(apart).frame).tolist() == [1, 1]


def test_a_chinese_layer_counts_by_class_and_width(tmp_path):
    path = layer(
        tmp_path,
        道路等级=["主干路", "次干路", "匝道", "小区路"],
        宽度=[30, 20, 8, 6],
    )
    from dataclasses import replace

    from shapely import box

    zone = gpd.GeoDataFrame(geometry=[box(X, Y - 500, X + 500, Y + 500)], crs=4547)
    rules = replace(DENSITY_RULES["gbt51328"], denominator="zone", carriageways="drawn")
    found = ctzgis.road_density(read_streets(path).frame, zone, rules=rules).iloc[0]
    assert found["length_km"] == pytest.approx(1.0)
    km2 = found["area_km2"]
    assert found["road_area_share"] == pytest.approx((0.5 * 30 + 0.5 * 20) / 1000 / km2)


def test_rows_keep_their_values_when_a_line_of_length_zero_goes(tmp_path):
    path = layer(tmp_path, highway=["primary", "secondary", "tertiary"])
    frame = gpd.read_file(path)
    frame.loc[1, "geometry"] = LineString([(X, Y), (X, Y)])
    frame.to_file(path)
    kept = read_streets(path).frame
    assert kept["road_class"].tolist() == ["primary", "tertiary"]
    assert isinstance(kept.index, pd.Index)
    assert np.array_equal(kept.index, [0, 2])


def test_lists_of_values_are_read_as_one_text(tmp_path):
    path = layer(
        tmp_path,
        suffix=".parquet",
        name=[["东风路", "湘春路"], ["五一大道"], None],
        highway=[["primary"], ["primary"], ["primary", "residential"]],
    )
    found = read_streets(path)
    assert found.frame["name_zh"].fillna("").tolist() == [
        "东风路;湘春路",
        "五一大道",
        "",
    ]
    assert found.frame["road_class"].tolist() == ["primary"] * 2 + [
        "primary;residential"
    ]
    assert "no known road class (primary;residential)" in told(found)
