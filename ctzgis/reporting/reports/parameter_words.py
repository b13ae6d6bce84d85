"""What the assumptions of an assessment are called in a report (参数名称)."""

from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.reports.content import same
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["named_parameters"]

_REACHES: Final = "service_reaches"
_WAYS: Final["Mapping[str, Text]"] = {
    "straight": Text("直线", "straight"),
    "walk": Text("步行", "walking"),
    "cycle": Text("骑行", "cycling"),
    "drive": Text("驾车", "driving"),
}

_WORDS: Final["Mapping[str, Text]"] = {
    "travel_rules.walk_kph": Text("步行速度/（公里/时）", "walking speed, km/h"),
    "travel_rules.cycle_kph": Text("骑行速度/（公里/时）", "cycling speed, km/h"),
    "travel_rules.detour": Text(
        "无路网处的绕行系数", "length of a way over its straight line, off the network"
    ),
    "travel_rules.local_kph.free": Text(
        "未入网支路车速，自由流/（公里/时）",
        "driving on streets left out, free flow, km/h",
    ),
    "travel_rules.local_kph.peak": Text(
        "未入网支路车速，高峰/（公里/时）", "driving on streets left out, peak, km/h"
    ),
    "travel_rules.signal_s.free": Text(
        "每处信号灯延误，自由流/秒", "delay per traffic signal, free flow, s"
    ),
    "travel_rules.signal_s.peak": Text(
        "每处信号灯延误，高峰/秒", "delay per traffic signal, peak, s"
    ),
    "travel_rules.junction_s.free": Text(
        "每处其他路口延误，自由流/秒", "delay per other junction, free flow, s"
    ),
    "travel_rules.junction_s.peak": Text(
        "每处其他路口延误，高峰/秒", "delay per other junction, peak, s"
    ),
    "travel_rules.wait_share": Text(
        "候车时间占发车间隔的份额", "share of the headway that is waited"
    ),
    "travel_rules.max_wait_min": Text("候车时间上限/分钟", "longest wait, min"),
    "travel_rules.security_min.hsr": Text(
        "高铁进站安检/分钟", "before boarding, high-speed rail, min"
    ),
    "travel_rules.security_min.intercity": Text(
        "城际铁路进站安检/分钟", "before boarding, intercity rail, min"
    ),
    "travel_rules.security_min.conventional": Text(
        "普速铁路进站安检/分钟", "before boarding, conventional rail, min"
    ),
    "travel_rules.transfer_min": Text(
        "换乘最少时间/分钟", "least time of a change of lines, min"
    ),
    "travel_rules.max_transfer_m": Text(
        "可换乘两站的最大直线距离/米", "farthest stations that are a change apart, m"
    ),
    "travel_rules.station_access_min": Text(
        "车站停车或下客/分钟", "parking or alighting at a station, min"
    ),
    "travel_rules.snap_radius_m": Text(
        "地点可用其内各条道路的半径/米（空：按路网取）",
        "radius within which a point may use every road, m (none: by the network)",
    ),
    "travel_rules.max_snap_distance_m": Text(
        "地点距道路的最大距离/米", "farthest a point may lie from a road, m"
    ),
    "isochrone_cutoffs_min": Text("等时圈时限/分钟", "cutoffs of isochrones, min"),
    "error_of_speeds_share": Text("速度的相对误差", "error of speeds, share"),
    "error_of_headways_share": Text("发车间隔的相对误差", "error of headways, share"),
    "error_of_county_areas_share": Text(
        "区县面积的相对误差", "error of the areas of counties, share"
    ),
    "centre_lines_share_of_drawn": Text(
        "只计中心线时长度占所绘的份额", "centre lines over lines as drawn, share"
    ),
    "zone_is_covered_from_share": Text(
        "图层覆盖分区多少即视为完整", "a layer covers a zone from this share"
    ),
    "places_near_a_corridor_within_km": Text(
        "廊道服务地点的距离/公里", "places near a corridor lie within, km"
    ),
    "walks_are_longer_than_straight": Text(
        "步行路程为直线的倍数，下限与上限", "walks over straight lines, least and most"
    ),
    "sites_serve_routes_within_m": Text(
        "设施服务沿线的距离/米", "facilities serve a route within, m"
    ),
    "dead_ends_within_m_of_border": Text(
        "断头路距市界的距离/米", "dead ends lie from a border within, m"
    ),
    "dead_ends_gap_at_most_m": Text(
        "断头路间隙上限/米", "widest gap between two dead ends, m"
    ),
    "about_means_within_share": Text(
        "“约”的容许偏差", "“about” means within this share"
    ),
}


def named_parameters(parameters: "Mapping[str, Any]") -> "Iterator[tuple[Text, str]]":
    """
    Yield what assumptions are called, and their values.

    Those of a mapping follow one another; what has no name keeps the one in code. How
    far a kind of facility serves is one line.

    Examples
    --------
    >>> for name, value in named_parameters({"travel_rules": {"walk_kph": 4.8}}):
    ...     print(name.en, value)
    walking speed, km/h 4.8
    """
    for key, value in parameters.items():
        if key == _REACHES:
            yield from map(_reach, value.values())
        else:
            for name, text in _flat(key, value):
                yield _WORDS.get(name, same(name)), text


def _flat(name: str, value: Any) -> "Iterator[tuple[str, str]]":
    """Yield names and values, those of a mapping after its name and a dot."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, (tuple, list)):
        yield name, ", ".join(map(str, value))
    else:
        yield name, "—" if value is None else str(value)


def _reach(reach: "Mapping[str, Any]") -> tuple[Text, str]:
    """Return of which facilities a reach is and how it is measured, and its limit."""
    by = _WAYS[reach["by"]]
    limits = {key: reach.get(key) for key in ("distance_m", "cutoff_min")}
    told = [
        f"{value:g} {key.rsplit('_', 1)[1]}" for key, value in limits.items() if value
    ]
    zh, en = reach["name"]["zh"], reach["name"]["en"]
    name = Text(f"服务范围（{by.zh}）：{zh}", f"reach ({by.en}): {en}")
    return name, ", ".join(told) or "—"
