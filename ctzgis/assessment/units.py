"""Amounts and demands in words: as precise as they are true (数值表达)."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ctzgis.plan import Comparator, Direction
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.plan import Target

__all__ = ["amount", "demand", "number", "span", "unit_name"]

_UNITS: Final["Mapping[str, Text]"] = {
    "min": Text("分钟", "min"),
    "km": Text("公里", "km"),
    "km2": Text("km²", "km²"),
    "km/km2": Text("km/km²", "km/km²"),
    "ug/m3": Text("微克/立方米", "µg/m³"),
    "share": Text("%", "%"),
    "pp": Text("个百分点", "percentage points"),
    "lines": Text("条", "lines"),
    "airports": Text("个机场", "airports"),
    "closed ring": Text("闭合环线", "closed ring"),
    "km/h": Text("公里/小时", "km/h"),
    "m2": Text("m²", "m²"),
    "km/万人": Text("公里/万人", "km per 10,000 people"),
    "名/团队": Text("名/团队", "for each team"),
    "家/链": Text("家/链", "for each chain"),
    "人/亿元": Text("人/亿元", "people per 100 million yuan"),
    "年": Text("年", "years"),
    "岁": Text("岁", "years"),
    "人": Text("人", "people"),
    "人次": Text("人次", "person-times"),
    "元": Text("元", "yuan"),
    "千瓦": Text("千瓦", "kW"),
    "立方米": Text("立方米", "m³"),
    "天/年": Text("天/年", "days a year"),
    "个村": Text("个村", "villages"),
    "个乡镇": Text("个乡镇", "towns"),
    "根": Text("根", "piles"),
}
# What counts things says nothing in English: the target's name says what they are.
_COUNTING: Final = frozenset("个家项所名处件张支座对位条")
# English counts in thousands, Chinese in tens of thousands (万) and 100 million (亿).
_ENGLISH: Final["Mapping[str, tuple[float, str]]"] = {
    "亿元": (0.1, "billion yuan"),
    "亿元/年": (0.1, "billion yuan a year"),
    "亿美元": (0.1, "billion US dollars"),
    "万元": (10_000, "yuan"),
    "万人": (10_000, "people"),
    "万人次": (10_000, "person-times"),
    "万台": (10_000, "devices"),
    "万套": (10_000, "homes"),
    "万批次": (10_000, "batches"),
    "万千瓦": (10, "MW"),
    "万吨": (10_000, "t"),
    "万吨标准煤": (10_000, "t of standard coal"),
    "万立方米": (10_000, "m³"),
    "万m2": (10_000, "m²"),
    "万亩": (10_000, "mu"),
}

_MANY: Final = {"万": "10,000", "亿": "100 million"}

# A time is known to some 15 %, a distance to some 100 m: more digits would lie.
_DECIMALS: Final["Mapping[str, int]"] = {
    "min": 0,
    "km": 1,
    "share": 0,
    "%": 1,
    "pp": 1,
}
_SMALL_MIN: Final = 10
_FULL: Final = 6
_NOISE: Final = 1e-6
_A_METRE_KM: Final = 1e-3
_NUMBER: Final = re.compile(r"-?[\d.,]*")
_YES_NO: Final = ("boolean", "closed ring")


def number(value: float, decimals: int = 2) -> str:
    """
    Format a number: thousands with commas, no empty decimals.

    Examples
    --------
    >>> number(7.0), number(46.4603), number(28047.83)
    ('7', '46.46', '28,048')
    """
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _in_full(value: float) -> str:
    """Format a number with all of its digits that are not the computer's own."""
    text = f"{value:,.{_FULL}f}"
    return text.rstrip("0").rstrip(".")


def amount(value: float, unit: str, *, whole: bool = False) -> Text:
    """
    Format a value with its unit, as precise as the data are; ``whole``: in full.

    Examples
    --------
    >>> amount(46.46, "min").zh, amount(4.28, "min").en, amount(0.5201, "share").en
    ('46分钟', '4.3 min', '52%')
    >>> amount(2.2, "万元").en, amount(27000, "亿元").en, amount(3, "个").en
    ('22,000 yuan', '2,700 billion yuan', '3')
    """
    scaled = 100 * value if unit == "share" else value
    decimals = _DECIMALS.get(unit, 2)
    if unit == "min" and abs(scaled) < _SMALL_MIN:
        decimals = 1
    if unit == "pp" and abs(scaled) < 1:
        decimals = 2
    text = _in_full(scaled) if whole else number(scaled, decimals)
    noise = _A_METRE_KM if unit == "km" else _NOISE
    if abs(scaled) > noise and not float(text.replace(",", "")):
        text = f"{Decimal(f'{scaled:.1g}'):f}"  # little is not nothing
    words = _UNITS.get(unit, Text(unit, "" if unit in _COUNTING else unit))
    factor, word = _ENGLISH.get(unit, (1, words.en))
    english = text
    if factor != 1:
        more = scaled * factor
        english = _in_full(more) if whole else number(more, decimals)
    return Text(text + _joined(words.zh), english + _joined(word))


def unit_name(unit: str) -> Text:
    """
    Return the name of a unit for a column of its own, beside numbers as they are.

    Examples
    --------
    >>> unit_name("万人").en, unit_name("个").en, unit_name("亿元").en
    ('10,000 people', 'number', '100 million yuan')
    """
    words = _UNITS.get(unit, Text(unit, "number" if unit in _COUNTING else unit))
    if unit not in _ENGLISH:
        return words
    _, english = _ENGLISH[unit]
    base = _UNITS.get(unit[1:], Text(unit, english.removeprefix("billion ")))
    return Text(unit, f"{_MANY[unit[0]]} {base.en}")


def _joined(unit: str) -> str:
    """Chinese units and per cent follow a number without a space."""
    return unit if unit in ("", "%") or unit[0] >= "一" else f" {unit}"


def span(low: float, high: float, unit: str) -> Text:
    """
    Format a range with its unit.

    Examples
    --------
    >>> span(27.8, 37.6, "min").en, span(1, 2, "km/万人").en
    ('28–38 min', '1–2 km per 10,000 people')
    """
    return _range(amount(low, unit), amount(high, unit))


def _range(low: Text, high: Text) -> Text:
    return Text(f"{_bare(low.zh)}–{high.zh}", f"{_bare(low.en)}–{high.en}")


def demand(target: "Target", unit: str, *, standard: float | None = None) -> Text:
    """
    Say what a target wants, in the unit the value is given in.

    ``standard`` takes the place of the target's figure where it means another.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> demand(plan.target("t000_half_hour"), "min").zh
    '≤ 30分钟'
    """
    if standard is not None:
        wanted = amount(standard, unit)
    elif target.unit in _YES_NO:
        return Text("形成", "formed")
    elif target.value is None:
        wanted = Text(target.value_zh, target.value_en or target.value_zh)
    elif target.value_to is not None:
        low = amount(target.value, unit, whole=True)
        high = amount(target.value_to, unit, whole=True)
        wanted = _range(low, high)
    else:
        wanted = amount(target.value, unit, whole=True)
    sign = _SIGNS[target.comparator]
    if target.comparator is Comparator.EQUAL:
        sign = _REACH[target.direction]
    return Text(f"{sign.zh} {wanted.zh}", f"{sign.en} {wanted.en}")


_SIGNS: Final["Mapping[Comparator, Text]"] = {
    Comparator.LESS: Text("<", "<"),
    Comparator.AT_MOST: Text("≤", "≤"),
    Comparator.EQUAL: Text("=", "="),
    Comparator.AT_LEAST: Text("≥", "≥"),
    Comparator.MORE: Text(">", ">"),
    Comparator.ABOUT: Text("约", "about"),
}
_REACH: Final["Mapping[Direction, Text]"] = {
    Direction.RISING: Text("达到", "reach"),
    Direction.FALLING: Text("降至", "down to"),
    Direction.EXACT: Text("=", "="),
}


def _bare(text: str) -> str:
    """Return the number that a text begins with."""
    return "".join(_NUMBER.findall(text)[:1])
