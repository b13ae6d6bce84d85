"""What columns of measures are called, and how their values are written (字段用语)."""

import math
from numbers import Real
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from ctzgis.reporting.words import KINDS
from ctzgis.texts import Lang, Text, printable

__all__ = ["ColumnWord", "column_word", "reason_word", "written"]

_MAX_CHARACTERS: Final = 120

# Ends of column names, the longest first: the unit and what a value is multiplied by.
_UNITS: Final[tuple[tuple[str, Text, float], ...]] = (
    ("_km_per_km2", Text("公里/平方公里", "km/km²"), 1.0),
    ("_people_per_km2", Text("人/平方公里", "people/km²"), 1.0),
    ("_person_min", Text("人·分钟", "person-min"), 1.0),
    ("_per_km2", Text("个/平方公里", "per km²"), 1.0),
    ("_share", Text("%", "%"), 100.0),
    ("_pct", Text("%", "%"), 1.0),
    ("_kph", Text("公里/小时", "km/h"), 1.0),
    ("_km2", Text("平方公里", "km²"), 1.0),
    ("_min", Text("分钟", "min"), 1.0),
    ("_km", Text("公里", "km"), 1.0),
    ("_m", Text("米", "m"), 1.0),
)
_STEMS: Final[dict[str, Text]] = {
    "accuracy": Text("位置精度", "position accuracy"),
    "added": Text("增加", "added"),
    "after": Text("之后", "after"),
    "area": Text("面积", "area"),
    "before": Text("之前", "before"),
    "border": Text("边界长度", "border length"),
    "built": Text("已建", "built"),
    "centre_id": Text("中心", "centre"),
    "city_zh": Text("所属市", "city"),
    "city_en": Text("所属市", "city"),
    "code": Text("代码", "code"),
    "coverage": Text("覆盖率", "coverage"),
    "cutoff": Text("时限", "cutoff"),
    "density": Text("密度", "density"),
    "detour": Text("绕行", "detour"),
    "difference": Text("差值", "difference"),
    "distance": Text("距离", "distance"),
    "gap": Text("缺口", "gap"),
    "headway": Text("发车间隔", "headway"),
    "index": Text("指数", "index"),
    "kind": Text("类型", "kind"),
    "length": Text("长度", "length"),
    "line": Text("线路长度", "line length"),
    "lanes": Text("车道数", "lanes"),
    "mapped": Text("已测绘比例", "mapped"),
    "mode": Text("方式", "mode"),
    "opens": Text("开通年份", "opening year"),
    "origin_id": Text("起点", "origin"),
    "overlap": Text("重叠", "overlap"),
    "people": Text("人口", "people"),
    "population": Text("人口", "population"),
    "population_density": Text("人口密度", "population density"),
    "reached": Text("可达", "reached"),
    "reason": Text("原因", "reason"),
    "ref": Text("编号", "number"),
    "road": Text("道路长度", "road length"),
    "road_class": Text("道路等级", "road class"),
    "road_density": Text("路网密度", "road density"),
    "saved": Text("节省", "saved"),
    "served": Text("服务", "served"),
    "speed": Text("速度", "speed"),
    "status": Text("状态", "state"),
    "travel_time": Text("出行时间", "travel time"),
    "within": Text("精度", "within"),
    "zone": Text("分区", "zone"),
}


# Why measures of travel have no number, as they say it.
_REASONS: Final[dict[str, Text]] = {
    "beyond the cutoff": Text("超出时限", "beyond the cutoff"),
    "no road near the origin": Text("起点附近无道路", "no road near the origin"),
    "no road near the destination": Text(
        "终点附近无道路", "no road near the destination"
    ),
    "another part of the network": Text("路网不连通", "another part of the network"),
    "no way along one-way streets": Text(
        "受单行限制不可达", "no way along one-way streets"
    ),
    "no way by rail": Text("乘轨道不可达", "no way by rail"),
}


class ColumnWord(NamedTuple):
    """
    What a column is called and measured in.

    Attributes
    ----------
    label
        Its name.
    unit
        Its unit; empty if it has none.
    factor
        What its values are multiplied by to be in the unit.
    heading
        Name and unit, as a legend is headed.
    """

    label: str
    unit: str
    factor: float
    heading: str


def column_word(name: str, lang: Lang) -> ColumnWord:
    """
    Return what a column of a measure is called.

    The unit is read from the end of the name, as all tables of this library write it; a
    name that is not known is kept.

    Examples
    --------
    >>> column_word("road_density_km_per_km2", "zh").heading
    '路网密度（公里/平方公里）'
    >>> column_word("travel_time_min", "en")
    ColumnWord(label='travel time', unit='min', factor=1.0, heading='Travel time (min)')
    >>> column_word("道路名称", "zh").heading
    '道路名称'
    """
    for end, unit, factor in _UNITS:
        stem = name.removesuffix(end)
        if name not in _STEMS and stem and stem != name:
            known = stem in _STEMS
            label = _STEMS[stem].get(lang) if known else _shown(stem).replace("_", " ")
            said = unit.get(lang)
            headed = Text(f"{label}（{said}）", f"{label} ({said})").get(lang)
            return ColumnWord(label, said, factor, headed[:1].upper() + headed[1:])
    label = _STEMS[name].get(lang) if name in _STEMS else _shown(name)
    return ColumnWord(label, "", 1.0, label[:1].upper() + label[1:])


def written(value: Any, word: ColumnWord, lang: Lang) -> str:
    """
    Return a value of a column as a card writes it.

    Examples
    --------
    >>> written(0.4567, column_word("served_share", "en"), "en")
    '45.7 %'
    >>> written(float("nan"), column_word("travel_time_min", "zh"), "zh")
    '无数据'
    """
    if _missing(value):
        return Text("无数据", "no data").get(lang)
    if isinstance(value, (bool, np.bool_)):
        return Text("是", "yes").get(lang) if value else Text("否", "no").get(lang)
    if isinstance(value, Real):
        number = float(value)
        if math.isinf(number):
            return Text("不可达", "not reached").get(lang)
        # Ids, codes and years are whole and have no unit: no commas in them.
        if not word.unit and number.is_integer():
            return f"{number:.0f}"
        return f"{_number(number * word.factor)} {word.unit}".strip()
    text = str(value)
    if text in KINDS:
        return KINDS[text].get(lang)
    return reason_word(text, lang)


def reason_word(reason: Any, lang: Lang) -> str:
    """
    Return why a row has no number, as a legend says it; empty if nothing is known.

    Examples
    --------
    >>> reason_word("beyond the cutoff", "zh"), reason_word(float("nan"), "zh")
    ('超出时限', '')
    """
    if not isinstance(reason, str):
        return ""
    return _REASONS[reason].get(lang) if reason in _REASONS else _shown(reason)


def _missing(value: Any) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float) and math.isnan(value)


def _number(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(text: str) -> str:
    plain = printable(text).strip()
    if len(plain) > _MAX_CHARACTERS:
        return plain[: _MAX_CHARACTERS - 1] + "…"
    return plain
