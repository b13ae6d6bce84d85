"""What a check wants, found and did, in words (检查用语)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.assessment.units import number
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.batch.checks import Check
    from ctzgis.batch.results import CheckResult
    from ctzgis.texts import Lang

__all__ = [
    "amount",
    "method",
    "span",
    "unit_of_origin",
    "value_told",
    "wanted",
    "worst_told",
]

_UNITS: Final = {
    "share": Text("%", "%"),
    "min": Text("分钟", " min"),
    "km2": Text(" km²", " km²"),
    "population": Text("人", " people"),
    "count": Text("处", " points"),
}
_SUMMED: Final = {"population": "人口", "count": "地点数"}
"""What usual columns hold, in Chinese; another column is named as it is."""
_DIGITS: Final = 6

_MEANS: Final = {
    "drive": Text("驾车", "by car"),
    "walk": Text("步行", "on foot"),
    "cycle": Text("骑行", "by bicycle"),
    "rail": Text("轨道", "by rail"),
}
_PROFILES: Final = {
    "free": Text("自由流", "in free flow"),
    "peak": Text("高峰", "in the peak"),
}
_REACH: Final = {
    "any": Text("最近的目的地", "the nearest destination"),
    "all": Text("最远的目的地", "the farthest destination"),
    "another_city": Text(
        "另一城市最近的目的地", "the nearest destination of another city"
    ),
}


def amount(value: float | None, unit: str, *, beside: float | None = None) -> Text:
    """
    Format a value with its unit, so exactly that it does not look like another one.

    Examples
    --------
    >>> amount(0.8996, "share", beside=0.9).en, amount(60.04, "min", beside=60).zh
    ('89.96%', '60.04分钟')
    """
    if value is None or not np.isfinite(value):
        return Text("—", "—")
    factor = 100 if unit == "share" else 1
    decimals = 1
    if beside is not None and value != beside:
        while decimals < _DIGITS and (
            number(value * factor, decimals) == number(beside * factor, decimals)
        ):
            decimals += 1
    text = number(value * factor, decimals)
    words = _UNITS.get(unit, Text(f" {unit}", f" {unit}"))
    return Text(text + words.zh, text + words.en)


def span(low: float | None, high: float | None, unit: str) -> Text:
    """
    Format bounds; an open one is a dash.

    Examples
    --------
    >>> span(8.5, 11.5, "min").en, span(10, None, "min").zh
    ('8.5 min–11.5 min', '10分钟–∞')
    """
    ends = [
        amount(end, unit) if end is not None and np.isfinite(end) else Text("∞", "∞")
        for end in (low, high)
    ]
    return Text("–".join(end.zh for end in ends), "–".join(end.en for end in ends))


def value_told(result: "CheckResult", lang: "Lang") -> str:
    """Return a result's value, and its bounds where they are not the same."""
    value = amount(result.value, result.unit, beside=result.threshold).get(lang)
    if result.low == result.high == result.value:
        return value
    return f"{value} [{span(result.low, result.high, result.unit).get(lang)}]"


def worst_told(result: "CheckResult", lang: "Lang") -> str:
    """Return the worst origins of a result with their values."""
    return ", ".join(
        f"{named.name.get(lang)} {amount(named.value, result.worst_unit).get(lang)}"
        for named in result.worst
    )


def unit_of_origin(check: "Check") -> str:
    """Return the unit of what is measured for each origin."""
    return {"travel_time": "min", "opportunities": check.value, "area": "km2"}[
        check.kind
    ]


def wanted(check: "Check") -> Text:
    """Say what a check wants."""
    want = check.threshold
    each = amount(want.each, unit_of_origin(check))
    who = {
        "every": Text("全部起点", "every origin"),
        "median": Text("中位数", "median"),
        "share": Text(
            f"≥ {amount(want.share, 'share').zh}的起点",
            f"≥ {amount(want.share, 'share').en} of origins",
        ),
    }[want.origins]
    if check.kind == "travel_time":
        return Text(f"{who.zh} ≤ {each.zh}", f"{who.en} ≤ {each.en}")
    within = amount(check.cutoff_min, "min")
    return Text(
        f"{who.zh} {within.zh}内 ≥ {each.zh}",
        f"{who.en} ≥ {each.en} within {within.en}",
    )


def method(check: "Check", error: float, *, schematic: bool) -> Text:
    """Say how a check is measured, and how true that is."""
    legs = [_MEANS[leg] for leg in check.mode.split("+")]
    means = Text("、".join(t.zh for t in legs), ", ".join(t.en for t in legs))
    profile = _PROFILES.get(check.profile, Text(check.profile, check.profile))
    how = Text(f"{means.zh}（{profile.zh}）", f"{means.en}, {profile.en}")
    toward = check.direction == "to"
    reach = _REACH[check.reach]
    if check.kind == "travel_time":
        said = Text(
            f"{reach.zh}{'至各起点' if toward else ''}的最短时间，{how.zh}",
            f"quickest trip {'to each origin from' if toward else 'to'} {reach.en}, "
            f"{how.en}",
        )
    elif check.kind == "opportunities":
        summed = _SUMMED.get(check.value, f" {check.value} ")
        said = Text(
            f"时间内{'可达各起点' if toward else '可达'}的{summed}之和，{how.zh}",
            f"sum of {check.value} that {'reaches each origin' if toward else 'is reached'}"
            f" in time, {how.en}",
        )
    else:
        off = f" {check.off_road_m:g} m" if check.off_road_m is not None else ""
        said = Text(
            f"{'可达各起点的范围面积' if toward else '时间内可达面积'}"
            f"（离路至多{off or '路网默认距离'}），{how.zh}",
            f"area {'from where each origin is' if toward else ''} reached in time, "
            f"up to{off or ' what suits the network'} off the road, {how.en}".replace(
                "  ", " "
            ),
        )
    return _with_accuracy(said, error, schematic=schematic)


def _with_accuracy(said: Text, error: float, *, schematic: bool) -> Text:
    if schematic:
        return Text(
            f"{said.zh}；示意路网，时间±{100 * error:g}%",
            f"{said.en}; schematic network, times ±{100 * error:g} %",
        )
    return Text(
        f"{said.zh}；所给路网的精度未说明",
        f"{said.en}; the accuracy of the given network is not stated",
    )
