"""Amounts and demands in words: as precise as they are true (数值表达)."""

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
    "m2": Text("m²", "m²"),
    "km/万人": Text("公里/万人", "km per 10,000 people"),
    "km/h": Text("公里/小时", "km/h"),
    "closed ring": Text("闭合环线", "closed ring"),
    "万m2": Text("万m²", "m²"),
    # What is counted stands in the name of the target.
    "个": Text("个", ""),
    "座": Text("座", ""),
    "处": Text("处", "sites"),
    "条": Text("条", ""),
    "根": Text("根", "piles"),
    "家": Text("家", ""),
    "项": Text("项", ""),
    "所": Text("所", ""),
    "件": Text("件", ""),
    "张": Text("张", ""),
    "支": Text("支", ""),
    "对": Text("对", "pairs"),
    "个村": Text("个村", "villages"),
    "个乡镇": Text("个乡镇", "towns"),
    "人": Text("人", "people"),
    "名": Text("名", "people"),
    "位": Text("位", "people"),
    "人次": Text("人次", "visits"),
    "岁": Text("岁", "years of age"),
    "年": Text("年", "years"),
    "亩": Text("亩", "mu"),
    "元": Text("元", "yuan"),
    "美元": Text("美元", "US dollars"),
    "元/年": Text("元/年", "yuan a year"),
    "吨": Text("吨", "t"),
    "吨标准煤": Text("吨标准煤", "t of standard coal"),
    "千瓦": Text("千瓦", "kW"),
    "立方米": Text("立方米", "m³"),
    "台": Text("台", ""),
    "套": Text("套", ""),
    "批次": Text("批次", "batches"),
    "家/链": Text("家/链", "for each chain"),
    "名/团队": Text("名/团队", "people in each team"),
    "人/亿元": Text("人/亿元", "people per 100 million yuan"),
    "天/年": Text("天/年", "days a year"),
}

_TIMES: Final["Mapping[str, float]"] = {"万": 1e4, "亿": 1e8}
_TIMES_EN: Final = {"万": "10,000", "亿": "100 million"}
"""Chinese counts in myriads; English writes the number out, or in millions."""

# A time is known to some 15 %, a distance to some 100 m: more digits would lie.
_DECIMALS: Final["Mapping[str, int]"] = {"min": 0, "km": 1, "share": 0, "%": 1}
_SMALL_MIN: Final = 10
_FULL: Final = 6
_NOISE: Final = 1e-6
_MILLION: Final = 1e6
_BILLION: Final = 1e9
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


def amount(value: float, unit: str, *, whole: bool = False) -> Text:
    """
    Format a value with its unit, as precise as the data are; ``whole``: in full.

    Examples
    --------
    >>> amount(46.46, "min").zh, amount(4.28, "min").en, amount(0.5201, "share").en
    ('46分钟', '4.3 min', '52%')
    >>> amount(180, "万人").zh, amount(180, "万人").en, amount(53, "万亩").en
    ('180万人', '1.8 million people', '530,000 mu')
    """
    scaled = 100 * value if unit == "share" else value
    decimals = _DECIMALS.get(unit, 2)
    if unit == "min" and abs(scaled) < _SMALL_MIN:
        decimals = 1
    if whole and abs(scaled) < 1000:
        decimals = _FULL
    text = number(scaled, decimals)
    if abs(scaled) > _NOISE and not float(text.replace(",", "")):
        text = f"{Decimal(f'{scaled:.1g}'):f}"  # little is not nothing
    zh = _UNITS[unit].zh if unit in _UNITS else unit
    english, en = _in_english(scaled, text, unit)
    return Text(text + _joined(zh), english + _joined(en))


def unit_name(unit: str) -> Text:
    """
    Return the name of a unit for a column of its own, beside numbers as they are.

    Examples
    --------
    >>> unit_name("万人").en, unit_name("个").en, unit_name("km2").en
    ('10,000 people', 'number', 'km²')
    """
    zh = _UNITS[unit].zh if unit in _UNITS else unit
    base = unit[1:] if unit[:1] in _TIMES else unit
    words = _UNITS[base].en if base in _UNITS else base
    times = _TIMES_EN.get(unit[:1], "")
    return Text(zh, f"{times} {words}".strip() or "number")


def _in_english(value: float, text: str, unit: str) -> tuple[str, str]:
    """Return a number and its unit in English: 180万人 is 1.8 million people."""
    times = _TIMES.get(unit[:1], 1.0)
    base = unit if times == 1 else unit[1:]
    words = _UNITS[base].en if base in _UNITS else base
    if times == 1:
        return text, words
    whole = value * times
    if abs(whole) < _MILLION:
        return number(whole), words
    large, name = (
        (_BILLION, "billion") if abs(whole) >= _BILLION else (_MILLION, "million")
    )
    return f"{number(whole / large, 3)} {name}", words


def _joined(unit: str) -> str:
    """Chinese units and per cent follow a number without a space."""
    return unit if unit in ("", "%") or unit[:1] >= "一" else f" {unit}"


def span(low: float, high: float, unit: str) -> Text:
    """
    Format a range with its unit.

    Examples
    --------
    >>> span(27.8, 37.6, "min").en
    '28–38 min'
    """
    return _range(amount(low, unit), amount(high, unit))


def _range(low: Text, high: Text) -> Text:
    return Text(_from_to(low.zh, high.zh), _from_to(low.en, high.en))


def _from_to(low: str, high: str) -> str:
    """Join two amounts; the first keeps its unit only where the second has another."""
    number, unit = _parted(low)
    same = unit == _parted(high)[1] or "illion" not in unit
    return f"{number if same else low}–{high}"


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


def _parted(text: str) -> tuple[str, str]:
    """Part an amount into its number and what follows."""
    rest = text.lstrip("0123456789.,-")
    return text[: len(text) - len(rest)], rest
