"""Words of Chinese and English road layers, and what they mean (字段用语)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.network.class_words import RINGS
from ctzgis.network.osm_tags import parse_maxspeed
from ctzgis.tables import ROAD_CLASSES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EMPTY",
    "EXPECTED",
    "FIELD_NAMES",
    "NUMBERED_DIRECTIONS",
    "STREET_FIELD_NAMES",
    "bridge_of",
    "direction_of",
    "flag_of",
    "junction_of",
    "kph_of",
    "metres_of",
    "sense_of",
    "status_of",
    "tunnel_of",
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

STREET_FIELD_NAMES: Final["Mapping[str, tuple[str, ...]]"] = {
    **{
        column: FIELD_NAMES[column]
        for column in ("road_class", "oneway", "name_zh", "level", "lanes", "ref")
    },
    "link": ("link", "islink", "ramp", "isramp", "匝道", "是否匝道"),
    "roundabout": ("roundabout", "isroundabout", "junction", "环岛", "是否环岛"),
    "bridge": ("bridge", "isbridge", "桥梁", "桥", "是否桥梁", "是否高架", "高架"),
    "tunnel": ("tunnel", "istunnel", "隧道", "是否隧道"),
    "width_m": ("widthm", "width", "estwidth", "路面宽度", "道路宽度", "路宽", "路幅宽度", "宽度",
                "lmkd", "dlkd"),
}  # fmt: skip

# In fields named so 1 is a direction in some data (OpenStreetMap's) and none in others
# (navigation data, which have 0 and 1 for both, 2 for forth and 3 for back).
NUMBERED_DIRECTIONS: Final = frozenset(("direction", "方向", "通行方向"))
_FORTH: Final = frozenset(
    ("yes", "true", "1", "f", "ft", "是", "单向", "单行", "正向", "顺向")
)
_BACK: Final = frozenset(("-1", "t", "tf", "reverse", "逆向", "反向"))
_BOTH: Final = frozenset(("no", "false", "0", "b", "both", "否", "双向", "双行"))
_YES: Final = frozenset(("yes", "true", "1", "t", "y", "是", "有"))
_NO: Final = frozenset(("no", "false", "0", "f", "n", "否", "无"))
_BRIDGES: Final = frozenset(
    ("viaduct", "aqueduct", "boardwalk", "cantilever", "covered", "low_water_crossing",
     "movable", "trestle", "桥", "桥梁", "大桥", "高架", "高架桥", "立交桥")
)  # fmt: skip
_TUNNELS: Final = frozenset(
    (
        "building_passage",
        "avalanche_protector",
        "culvert",
        "covered",
        "隧道",
        "地下道",
        "地道",
    )
)
_OTHER_JUNCTIONS: Final = frozenset(
    (
        "approach",
        "filter",
        "intersection",
        "jughandle",
        "spui",
        "uncontrolled",
        "交叉口",
    )
)
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
    "link": "yes, no",
    "roundabout": "yes, no",
    "bridge": "yes, no",
    "tunnel": "yes, no",
    "width_m": "metres",
}
_FASTEST_KPH: Final = 200.0
_WIDEST_M: Final = 200.0


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


def flag_of(text: str) -> bool | None:
    """Return whether a word says yes; ``None`` if it is neither yes nor no."""
    plain = text.lower()
    return True if plain in _YES else False if plain in _NO else None


def bridge_of(text: str) -> bool | None:
    """Return whether a word says that a line is a bridge; ``None`` if it is not known."""
    return True if text.lower() in _BRIDGES else flag_of(text)


def tunnel_of(text: str) -> bool | None:
    """Return whether a word says that a line is a tunnel; ``None`` if it is not known."""
    return True if text.lower() in _TUNNELS else flag_of(text)


def junction_of(text: str) -> bool | None:
    """Return whether a word says that a line is a ring; ``None`` if it is not known."""
    plain = text.lower()
    if plain in _OTHER_JUNCTIONS:
        return False
    return True if plain in RINGS else flag_of(text)


def metres_of(text: str) -> float | None:
    """
    Return a width in metres; ``None`` if it is none above 0, up to 200.

    Examples
    --------
    >>> metres_of("12"), metres_of("7.5 m"), metres_of("24米"), metres_of("narrow")
    (12.0, 7.5, 24.0, None)
    """
    number = text.lower().removesuffix("米").removesuffix("m").strip()
    try:
        metres = float(number)
    except ValueError:
        return None
    return metres if 0 < metres <= _WIDEST_M else None
