"""What is to be known of time circles: method, what is schematic, what is missing (时间圈说明)."""

from typing import TYPE_CHECKING, Final

from ctzgis.reporting.circles.words import BAND_WITHIN, BEYOND, WITHIN, state_word
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.plan import Corridor
    from ctzgis.reporting.circles.region import RegionCircles

__all__ = ["notes"]

# Modes of a plan's corridors that carry no passengers.
_NO_PASSENGERS: Final = frozenset(
    ("waterway", "pipeline_gas", "pipeline_oil", "power_uhv", "power_grid",
     "water_transfer", "freight_rail", "air", "greenway", "tour_route")
)  # fmt: skip
_NAMED_AT_ONCE: Final = 25


def notes(region: "RegionCircles") -> "Iterator[tuple[Text, tuple[Text, ...]]]":
    """Yield headings and what is to be known: method, what is schematic, what is not drawn."""
    yield Text("如何测算", "How it is measured"), tuple(_method(region))
    if region.schematic:
        yield Text("哪些是示意", "What is schematic"), tuple(_schematic(region))
    yield Text("各状态的差别", "What the states differ by"), tuple(_states(region))
    if region.plan.corridors:
        yield (
            Text("未画入的通道", "Corridors that are not drawn"),
            tuple(_undrawn(region)),
        )


def _method(region: "RegionCircles") -> "Iterator[Text]":
    study = region.study
    speed, headway = study.accuracy.speed_share, study.accuracy.headway_share
    yield Text(
        "方向为前往中心。驾车含接驳；轨道为步行、候车（半个间隔，至多10分钟）、安检、乘车、换乘、步行；"
        "综合取驾车、轨道与停车换乘（驾车＋轨道＋步行）中最快者。中心到中心取较慢的方向。",
        "Trips lead to the centres. Cars with access; by rail walk, wait (half the "
        "headway, at most 10 min), security, ride, change, walk; combined is the quickest "
        "of car, rail and park-and-ride (car, rail, walk). Between centres the slower "
        "direction counts.",
    )
    yield Text(
        f"精度区间：速度±{100 * speed:g}%、发车间隔±{100 * headway:g}%同向取值后在路网上重新测算，"
        "不是时间的百分比；信号、停站、安检与换乘下限不变。",
        f"Band: measured again on the network with all speeds ±{100 * speed:g} % and all "
        f"headways ±{100 * headway:g} % off one way; it is no share of the time. Signals, "
        "dwells, security and least changes stay.",
    )
    yield Text(
        "边缘到边缘为驾车、建成区边界（示意）之间；轨道出行始于车站，无边缘时间，综合方式沿用驾车值。"
        f"人口份额以{region.people_of.zh}为分母（{study.population / 1e4:,.1f}万人）。"
        "图上圈离道路至多2公里，人口与时间不受此限。",
        "Edge to edge is by car between the (schematic) borders of built-up areas; trips by "
        "rail begin at stations, so combined has the car's. Shares are of the people of "
        f"{region.people_of.en} ({study.population:,.0f}). Circles end 2 km off the "
        "roads; people and times do not.",
    )
    yield Text(
        f"{WITHIN} 在{study.minutes:g}分钟内；{BAND_WITHIN} 仅精度区间触及；{BEYOND} 超出。",
        f"{WITHIN} within {study.minutes:g} min; {BAND_WITHIN} by its band only; "
        f"{BEYOND} beyond.",
    )


def _schematic(region: "RegionCircles") -> "Iterator[Text]":
    names = [source.name for source in region.sources if source.schematic]
    yield Text(
        f"示意数据：{'、'.join(names)}。位置为绘制而非测量；不得用于选线、选址或公开发布。",
        f"Schematic: {', '.join(names)}. Positions were drawn, not surveyed; not for "
        "siting, alignments or publication.",
    )
    yield Text(
        "未开通的道路与线路：走向示意，站位、速度与发车间隔为假定（随附数据中已开通线路的间隔也多为假定）。",
        "Roads and lines that are not open: courses are schematic; stations, speeds and "
        "headways are assumed (in the data that ship, so are most headways of open lines).",
    )


def _states(region: "RegionCircles") -> "Iterator[Text]":
    for state in region.study.states:
        roads, lines = region.added(state)
        name = state_word(state)
        first = state is region.study.states[0]
        zh = "" if first else "较前一状态增加"
        en = "" if first else "more than before: "
        told = "、".join(line.name_zh for line in lines) if not first else ""
        yield Text(
            f"{name.zh}：{zh}{roads}段道路、{len(lines)}条线路"
            + (f"（{told}）。" if told else "。"),
            f"{name.en}: {en}{roads} roads, {len(lines)} lines"
            + (f" ({told})." if told else "."),
        )


def _undrawn(region: "RegionCircles") -> "Iterator[Text]":
    missing, count = region.undrawn(), len(region.plan.corridors)
    carried = [c for c in missing if c.mode not in _NO_PASSENGERS]
    coming = [c for c in carried if c.status != "existing"]
    yield Text(
        f"规划提到{count}条通道，其中{len(missing)}条路网中没有（未定位或未建模），“全部规划线路”不含它们；"
        f"不载客的（管道、电力、水运、货运等）{len(missing) - len(carried)}条。",
        f"The documents name {count} corridors; {len(missing)} of them are not in the "
        "network (not located or not modelled), so “every planned line” is without them; "
        f"{len(missing) - len(carried)} carry no passengers (pipes, power, water, freight).",
    )
    yield from _named(coming)
    parts = [c for c in region.plan.corridors if c.drawn_in_part is not None]
    if parts:
        told = [(c.name, c.drawn_in_part) for c in parts if c.drawn_in_part]
        yield Text(
            "只画入一部分：" + "；".join(f"{n.zh}（{t.zh}）" for n, t in told) + "。",
            "Drawn in part only: "
            + "; ".join(f"{n.en} ({t.en})" for n, t in told)
            + ".",
        )


def _named(corridors: "list[Corridor]") -> "Iterator[Text]":
    """Yield their names, so many a paragraph."""
    head = Text(
        "其中未标为现状的载客通道：",
        "Those for passengers that are not said to exist: ",
    )
    for first in range(0, len(corridors), _NAMED_AT_ONCE):
        some = corridors[first : first + _NAMED_AT_ONCE]
        yield Text(
            (head.zh if not first else "") + "、".join(c.name.zh for c in some),
            (head.en if not first else "")
            + ", ".join(c.name.en or c.name.zh for c in some),
        )
