"""Words of comparisons and contributions in both languages (对比用语)."""

import math
from typing import TYPE_CHECKING, Final

from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CHANGES",
    "FIGURES",
    "MEASURES",
    "TRIPS",
    "UNITS",
    "figure_word",
    "missing_reason",
    "sign_rule",
    "signed",
    "unit_word",
]

FIGURES: Final["Mapping[str, Text]"] = {
    key: Text(zh, en)
    for key, zh, en in (
        ("roads added", "新增道路", "roads added"),
        ("roads added, length", "新增道路长度", "length of roads added"),
        ("roads closed", "关闭道路", "roads closed"),
        ("roads closed, length", "关闭道路长度", "length of roads closed"),
        ("roads upgraded", "提升道路", "roads upgraded"),
        ("roads upgraded, length", "提升道路长度", "length of roads upgraded"),
        ("lines added", "新增线路", "lines added"),
        ("lines added, length", "新增线路长度", "length of lines added"),
        ("lines closed", "关闭线路", "lines closed"),
        ("lines closed, length", "关闭线路长度", "length of lines closed"),
        ("lines upgraded", "调整线路", "lines upgraded"),
        ("lines upgraded, length", "调整线路长度", "length of lines upgraded"),
        ("trips quicker", "缩短的出行", "trips quicker"),
        ("trips slower", "延长的出行", "trips slower"),
        ("trips new", "新通的出行", "trips new"),
        ("trips lost", "中断的出行", "trips lost"),
        ("mean trip, before", "平均时间（前）", "mean trip before"),
        ("mean trip, after", "平均时间（后）", "mean trip after"),
        ("mean trip, saved", "平均节省", "saved on average"),
        ("people", "人口", "people"),
        ("people: winners", "受益人口", "winners"),
        ("people: losers", "受损人口", "losers"),
        ("people: reached_before", "限时可达人口（前）", "in time before"),
        ("people: reached_after", "限时可达人口（后）", "in time after"),
        ("people: gained", "新增可达人口", "newly in time"),
        ("people: lost", "失去可达人口", "no longer in time"),
        ("area gained", "等时圈新增面积", "isochrone gained"),
        ("area lost", "等时圈减少面积", "isochrone lost"),
    )
}
"""Figures of ``Comparison.summary``."""

UNITS: Final["Mapping[str, Text]"] = {
    "roads": Text("段", "roads"),
    "lines": Text("条", "lines"),
    "trips": Text("对", "trips"),
    "people": Text("人", "people"),
    "min": Text("分钟", "min"),
    "km2": Text("km²", "km²"),
}
"""Units of figures and measures."""

TRIPS: Final["Mapping[str, Text]"] = {
    "quicker": Text("缩短", "quicker"),
    "slower": Text("延长", "slower"),
    "same": Text("不变", "same"),
    "new": Text("新通", "new"),
    "lost": Text("中断", "lost"),
    "none": Text("不通", "none"),
}
"""Changes of trips."""

CHANGES: Final["Mapping[str, Text]"] = {
    "added": Text("新增", "added"),
    "closed": Text("关闭", "closed"),
    "upgraded": Text("提升", "upgraded"),
}
"""Changes of roads and lines."""

MEASURES: Final["Mapping[str, Text]"] = {
    "mean_minutes": Text("各点间平均时间", "mean minutes between the points"),
    "people_within": Text("限时可达人口", "people who reach a point in time"),
    "measure": Text("指标", "measure"),
}
"""Measures of contributions."""

_SIGNS: Final["Mapping[str, Text]"] = {
    "less": Text("负数为改善：比之前少", "minus is a gain: less than before"),
    "more": Text("正数为改善：比之前多", "plus is a gain: more than before"),
}

_REASONS: Final["Mapping[str, str]"] = {
    "alone: it cannot be built without others": "单独：没有其他项目不能建",
    "alone: the measure is undefined without it, or with it alone": (
        "单独：没有它或只有它时指标无值"
    ),
    "within the whole: others cannot be built without it": "在整体中：没有它其他项目不能建",
    "within the whole: the measure is undefined without it, or with all": (
        "在整体中：没有它或全部建成时指标无值"
    ),
}


def figure_word(figure: str, lang: Lang) -> str:
    """
    Return what a figure of a summary is called.

    Examples
    --------
    >>> figure_word("people: gained", "en")
    'newly in time'
    """
    return FIGURES[figure].get(lang) if figure in FIGURES else figure


def unit_word(unit: str, lang: Lang) -> str:
    """Return what a unit is called."""
    return UNITS[unit].get(lang) if unit in UNITS else unit


def sign_rule(better: str, lang: Lang) -> str:
    """
    Return which sign of a change is the better, or nothing where nobody said.

    Changes are after minus before wherever they are shown.

    Examples
    --------
    >>> sign_rule("less", "en"), sign_rule("more", "zh"), sign_rule("", "en")
    ('minus is a gain: less than before', '正数为改善：比之前多', '')
    """
    return _SIGNS[better].get(lang) if better in _SIGNS else ""


def signed(value: float, digits: int) -> str:
    """
    Return a change with its sign; none at all is ``0``, a missing one ``—``.

    Examples
    --------
    >>> signed(-1.346, 2), signed(60233, 0), signed(-0.001, 2), signed(float("nan"), 2)
    ('-1.35', '+60,233', '0', '—')
    """
    if math.isnan(value):
        return "—"
    told = round(value, digits)
    return f"{told:+,.{digits}f}" if told else "0"


def missing_reason(reason: str, lang: Lang) -> str:
    """
    Return why a contribution is missing, in a language.

    Examples
    --------
    >>> missing_reason("within the whole: others cannot be built without it", "zh")
    '在整体中：没有它其他项目不能建'
    """
    if lang == "en" or not reason:
        return reason
    return "；".join(_REASONS.get(part, part) for part in reason.split("; "))
