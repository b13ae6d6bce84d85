"""Words of Chinese and English road layers, and what they mean (字段用语)."""

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.network.osm_tags import parse_maxspeed, road_class_of
from ctzgis.tables import ROAD_CLASSES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EMPTY",
    "EXPECTED",
    "FIELD_NAMES",
    "NUMBERED_DIRECTIONS",
    "class_of",
    "direction_of",
    "kph_of",
    "sense_of",
    "status_of",
    "whole_of",
    "written",
    "year_of",
]

FIELD_NAMES: Final["Mapping[str, tuple[str, ...]]"] = {
    "road_class": (
        "roadclass", "fclass", "highway", "class", "道路等级", "公路等级", "技术等级",
        "路等级", "等级", "道路类型", "roadtype", "type", "类型", "dldj", "lxdj", "rteg",
        "jsdj", "gldj",
    ),
    "oneway": (
        "oneway", "单行", "单行线", "是否单行", "单向", "通行方向", "方向", "direction",
    ),
    "free_kph": ("freekph", "speedkph", "speed", "速度", "车速", "运行速度", "行驶速度"),
    "limit_kph": (
        "maxspeed", "limitkph", "speedlimit", "限速", "设计速度", "设计时速", "设计车速",
        "designspeed", "designspeedkph", "sjsd",
    ),
    "name_zh": (
        "namezh", "name", "名称", "路名", "道路名", "道路名称", "路线名称", "lxmc", "dlmc",
        "roadname",
    ),
    "status": ("status", "状态", "建设状态", "建设情况", "jszt"),
    "opens": (
        "opens", "openyear", "year", "建成年份", "通车年份", "通车时间", "竣工年份", "年份",
    ),
    "level": ("level", "layer", "层", "层级"),
    "lanes": ("lanes", "车道数", "车道"),
    "ref": ("ref", "路线编号", "道路编号", "路线代码", "lxbh", "lxdm"),
}  # fmt: skip

_CHINESE_CLASSES: Final["Mapping[str, str]"] = {
    "高速公路": "motorway", "高速": "motorway", "国家高速": "motorway", "省级高速": "motorway",
    "快速路": "urban_expressway", "城市快速路": "urban_expressway",
    "快速": "urban_expressway",
    "一级公路": "trunk", "一级": "trunk", "国道": "trunk", "干线公路": "trunk",
    "主干路": "primary", "主干道": "primary", "城市主干路": "primary", "主干": "primary",
    "城市主干道": "primary", "省道": "primary",
    "次干路": "secondary", "次干道": "secondary", "城市次干路": "secondary",
    "次干": "secondary", "城市次干道": "secondary", "二级公路": "secondary",
    "二级": "secondary",
    "支路": "tertiary", "城市支路": "tertiary", "三级公路": "tertiary", "三级": "tertiary",
    "县道": "tertiary",
    "街坊路": "residential", "街巷": "residential", "巷道": "residential",
    "四级公路": "residential", "四级": "residential", "乡道": "residential",
    "村道": "residential", "等外公路": "residential", "等外": "residential",
    "内部道路": "service", "小区道路": "service", "机耕路": "track", "土路": "track",
    "步道": "path", "人行道": "path", "步行街": "path", "绿道": "path", "轮渡": "ferry",
    "渡口": "ferry",
}  # fmt: skip
# 国道G107, 省道313线: the kind of a road before its number.
_NUMBERED: Final = re.compile(r"([国省县乡村]道)\s*[A-Z]?\d+线?")
# In fields named so 1 is a direction in some data (OpenStreetMap's) and none in others
# (navigation data, which have 0 and 1 for both, 2 for forth and 3 for back).
NUMBERED_DIRECTIONS: Final = frozenset(("direction", "方向", "通行方向"))
_FORTH: Final = frozenset(
    ("yes", "true", "1", "f", "ft", "是", "单向", "单行", "正向", "顺向")
)
_BACK: Final = frozenset(("-1", "t", "tf", "reverse", "逆向", "反向"))
_BOTH: Final = frozenset(("no", "false", "0", "b", "both", "否", "双向", "双行"))
# Texts that say that there is none, as spreadsheets and ArcGIS write it.
EMPTY: Final = frozenset(("", "nan", "none", "null", "<null>", "<空>"))
_CHINESE_STATUSES: Final["Mapping[str, str]"] = {
    "现状": "built", "已建": "built", "建成": "built", "已建成": "built", "在用": "built",
    "通车": "built", "existing": "built", "在建": "under_construction",
    "施工": "under_construction", "construction": "under_construction",
    "规划": "planned", "拟建": "planned", "proposed": "planned", "未建": "planned",
}  # fmt: skip

EXPECTED: Final["Mapping[str, str]"] = {
    "road_class": ", ".join(ROAD_CLASSES),
    "oneway": "yes, no, -1",
    "free_kph": "km/h",
    "limit_kph": "km/h",
    "status": ", ".join(STATUSES),
    "opens": "years",
    "level": "whole numbers",
    "lanes": "whole numbers",
}
_FASTEST_KPH: Final = 200.0


def written(value: Any) -> str:
    """
    Return how a value is written, whatever its type.

    Integers become fractions where a field has gaps: 1.0 is 1.

    Examples
    --------
    >>> written(1.0), written(" 主干路 "), written(np.True_)
    ('1', '主干路', 'true')
    """
    text = str(value).strip().removesuffix(".0")
    return text.lower() if isinstance(value, (bool, np.bool_)) else text


def class_of(text: str) -> str | None:
    """
    Return the road class of a word; ``None`` if it is not known.

    Examples
    --------
    >>> class_of("主干路"), class_of("国道G107"), class_of("primary_link"), class_of("匝道")
    ('primary', 'trunk', 'primary', None)
    """
    if text in ROAD_CLASSES:
        return text
    plain = text.lower()
    if plain.startswith("track_grade"):  # as Geofabrik's layers name them
        return "track"
    numbered = _NUMBERED.fullmatch(text)
    kind = numbered[1] if numbered else text
    return road_class_of(plain) or _CHINESE_CLASSES.get(kind)


def direction_of(text: str) -> int | None:
    """Return 1 for as drawn, -1 for against, 0 for both ways; ``None`` if not known."""
    plain = text.lower()
    return (
        1
        if plain in _FORTH
        else -1
        if plain in _BACK
        else 0
        if plain in _BOTH
        else None
    )


def sense_of(text: str) -> int | None:
    """Return a direction that is not said as a number, other than 0."""
    return None if text.isdecimal() and text != "0" else direction_of(text)


def status_of(text: str) -> str | None:
    """Return the status of a word; ``None`` if it is not known."""
    plain = text.lower()
    return plain if plain in STATUSES else _CHINESE_STATUSES.get(plain)


def kph_of(text: str) -> float | None:
    """Return a speed in km/h; ``None`` if it is none up to 200."""
    plain = text.lower().replace("公里/小时", "").replace("千米/小时", "").strip()
    kph = parse_maxspeed(plain)
    return kph if kph is not None and 0 < kph <= _FASTEST_KPH else None


def year_of(text: str) -> float | None:
    """Return the year a text or date begins with; ``None`` if there is none."""
    digits = text[:4]
    if digits.isascii() and digits.isdecimal() and 1800 <= int(digits) <= 2100:
        return float(digits)
    return None


def whole_of(text: str) -> int | None:
    """Return a whole number below 100; ``None`` if it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if abs(number) < 100 and number == int(number) else None
