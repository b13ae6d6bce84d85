"""``ctzgis circles --far``: lorries from the centres, and planes (物流圈、航空圈)."""

import math
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.table import plain, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import geopandas as gpd

    from ctzgis.analysis.access.accuracy import Setting
    from ctzgis.cli.circle_case import Case
    from ctzgis.provenance import Source

__all__ = ["tell_far"]

_LOGISTICS_MIN: Final = 120.0
_AIR_MIN: Final = 240.0
_LORRY_HEAD: Final = (
    "从|时段|可达区县驻地|人口|面积/km²",
    "from|when|seats|people|km²",
)
_AIR_HEAD: Final = (
    "从—机场|时段|接驳|范围|四小时可及/km",
    "from–airport|when|access|range|km in four hours",
)
_TO_HEAD: Final = (
    "从—到|方式|时段|分钟|范围",
    "from–to|how|when|min|range",
)
_LORRY: Final = ("货车，含休息", "lorry, with rests")
_PLANE: Final = ("驾车＋航班", "car and plane")


def tell_far(case: "Case", profiles: list[str], options: "argparse.Namespace") -> None:
    """Print how far lorries and planes lead from the centres, with what is assumed."""
    from ctzgis.analysis.access.accuracy import settings
    from ctzgis.sources.places.points import read_points

    given = None
    if options.destinations:
        given = read_points(options.destinations, index=options.id_column)
    parts = settings(case.network)
    minutes = options.minutes or _LOGISTICS_MIN
    title = f"两小时物流圈（{minutes:g}分钟）", f"logistics within {minutes:g} min"
    print(case.word(title))
    rows = [row for p in profiles for row in _lorries(case, parts[0], p, minutes)]
    print(
        "\n".join(
            table(case.word(_LORRY_HEAD).split("|"), rows, widths=(20, 8, 14, 10, 12))
        )
    )
    _tell_promise(case, _LOGISTICS_MIN, "drive")
    print()
    print(case.word(("四小时航空圈", "four hours by air")))
    rows = [row for p in profiles for row in _planes(case, parts, p)]
    if rows:
        print(
            "\n".join(
                table(case.word(_AIR_HEAD).split("|"), rows, widths=(56, 8, 8, 12, 20))
            )
        )
    else:
        print(case.word(("规划未定位机场", "the plan places no airport")))
    _tell_promise(case, _AIR_MIN, "air")
    if given is not None:
        print()
        _tell_destinations(case, parts, profiles, given)
    print()
    _tell_assumed(case)


def _lorries(
    case: "Case", part: "Setting", profile: str, minutes: float
) -> "Iterator[tuple[str, ...]]":
    """Yield what each centre reaches in time: seats, people, area."""
    from ctzgis.analysis import isochrones
    from ctzgis.analysis.access.far_circles import logistics_times

    everybody = case.everybody
    areas = isochrones(
        part.network, case.centres, cutoffs_min=[minutes], profile=profile
    ).set_index("origin_id")["area_km2"]
    times = logistics_times(part.network, case.centres, everybody, profile=profile)
    seats = everybody.get("is_seat")
    for key in case.centres.index:
        near = times[(times["from_id"] == key) & (times["travel_time_min"] <= minutes)]
        reached = everybody.index.isin(near["to_id"])
        people = everybody["population"]
        share = people[reached].sum() / people.sum() if people.sum() else math.nan
        count = "—"
        if seats is not None:
            count = f"{int((seats & reached).sum())} / {int(seats.sum())}"
        told = f"{100 * share:.1f} %" if math.isfinite(share) else "—"
        when = case.word_of_profile(profile)
        yield case.name(key), when, count, told, f"{areas[key]:,.0f}"


def _planes(
    case: "Case", parts: "tuple[Setting, ...]", profile: str
) -> "Iterator[tuple[str, ...]]":
    """Yield how long the way to each airport is, and how far four hours lead then."""
    from ctzgis.analysis import travel_time_matrix
    from ctzgis.analysis.access.far_circles import DEFAULT_AIR, air_reach_km

    airports = case.airports
    if not len(airports):
        return
    drives = [
        travel_time_matrix(part.network, case.centres, airports, profile=profile)
        + part.rules.station_access_min
        for part in parts
    ]
    for airport in airports.index:
        word = case.word(("（登机口到登机口）", " (gate to gate)"))
        whole = f"{air_reach_km(_AIR_MIN):,.0f}"
        yield (
            f"{case.name(airport)}{word}",
            case.word_of_profile(profile),
            "0",
            "—",
            whole,
        )
    fixed = DEFAULT_AIR.check_in_min + DEFAULT_AIR.arrival_min
    for key in case.centres.index:
        for airport in airports.index:
            access, low, high = (float(d.loc[key, airport]) for d in drives)
            left = _AIR_MIN - access - fixed
            km = f"{air_reach_km(left):,.0f}" if left > 0 else "—"
            pair = f"{case.name(key)}—{case.name(airport)}"
            band = f"{low:.0f}–{high:.0f}"
            yield pair, case.word_of_profile(profile), f"{access:.1f}", band, km


def _tell_promise(case: "Case", minutes: float, mode: str) -> None:
    """Print what the plan's own circle names, and what of it cannot be measured."""
    for circle in case.plan.circles:
        if circle.minutes == minutes and mode in circle.modes:
            name = plain(circle.name.get(case.lang))
            ends = plain(circle.destinations_zh)
            print(case.word((
                f"{name}：{plain(circle.origins_zh)}→{ends}。文件只给出名称，"
                "须以 --destinations 给出坐标才能测算。",
                f"{name}: {plain(circle.origins_zh)} → {ends}. The document only names "
                "them; give coordinates with --destinations.",
            )))  # fmt: skip


def _tell_destinations(
    case: "Case",
    parts: "tuple[Setting, ...]",
    profiles: list[str],
    given: "tuple[gpd.GeoDataFrame, Source]",
) -> None:
    """Print how long lorries and planes take to the places given."""
    ends, source = given
    rows = [row for p in profiles for row in _to(case, parts, p, ends)]
    print(
        "\n".join(
            table(case.word(_TO_HEAD).split("|"), rows, widths=(36, 20, 8, 8, 14))
        )
    )
    print(case.word(("— 路网不到之处", "— where the network does not lead")))
    print(plain(source.name))


def _to(
    case: "Case", parts: "tuple[Setting, ...]", profile: str, ends: "gpd.GeoDataFrame"
) -> "Iterator[tuple[str, ...]]":
    from ctzgis.analysis.access.far_circles import air_times, logistics_times

    here = ends.to_crs(case.network.roads.crs)
    found: dict[str, list[Any]] = {case.word(_LORRY): [
        logistics_times(p.network, case.centres, here, profile=profile) for p in parts
    ]}  # fmt: skip
    if len(case.airports):
        found[case.word(_PLANE)] = [
            air_times(
                p.network, case.centres, case.airports, ends, profile=profile,
                rules=p.rules,
            )
            for p in parts
        ]  # fmt: skip
    for how, tables in found.items():
        values = zip(*(t["travel_time_min"] for t in tables), strict=True)
        pairs = zip(tables[0]["from_id"], tables[0]["to_id"], strict=True)
        for (a, b), (value, low, high) in zip(pairs, values, strict=True):
            pair = f"{case.name(a)}—{plain(b)}"
            known = math.isfinite(value)
            band = f"{low:.0f}–{high:.0f}" if known else "—"
            told = f"{value:.0f}" if known else "—"
            yield pair, how, case.word_of_profile(profile), told, band


def _tell_assumed(case: "Case") -> None:
    """Print what lorries and planes rest on."""
    from ctzgis.analysis.access.far_circles import DEFAULT_AIR, DRIVING_BREAKS

    breaks, air = DRIVING_BREAKS, DEFAULT_AIR
    print(case.word((
        f"货车与小汽车同速，不计装卸；每驾驶{breaks.drive_min:g}分钟休息{breaks.rest_min:g}分钟"
        "（道路交通安全法实施条例第六十二条第七项）。路网止于区域边界，圈的外缘因此偏小。",
        "Lorries drive as cars do, loading not counted; "
        f"{breaks.rest_min:g} min of rest after each {breaks.drive_min:g} min of driving "
        "(道路交通安全法实施条例, article 62 (7)). The network ends at the region's border, "
        "so circles are too small there.",
    )))  # fmt: skip
    print(case.word((
        f"航程按大圆距离（WGS-84椭球）：巡航{air.cruise_kph:g} km/h（11 km 高度马赫0.78）；航路绕行"
        f"{air.detour:g}、地面与升降{air.ground_min:g}分钟、值机{air.check_in_min:g}分钟、到达"
        f"{air.arrival_min:g}分钟均为假定。不问是否有航班。范围只含驾车部分。",
        f"Flights along great circles (WGS-84): {air.cruise_kph:g} km/h at cruise (Mach "
        f"0.78 at 11 km); detour {air.detour:g}, {air.ground_min:g} min on the ground, in "
        f"climb and descent, {air.check_in_min:g} of check-in and {air.arrival_min:g} at "
        "arrival are assumptions. Whether anybody flies there is not asked. Ranges are "
        "those of the drive.",
    )))  # fmt: skip
