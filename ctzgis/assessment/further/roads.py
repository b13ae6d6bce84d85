"""Missing links and critical roads, as an assessment shows them (缺失连接与路网韧性)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.analysis.links.missing_links import missing_links
from ctzgis.analysis.links.resilience import critical_roads
from ctzgis.assessment.coverage import zones_in_force
from ctzgis.assessment.further.parts import Drawn, Field, Found, Further, Look, Sheet
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.assessment.case import Case

__all__ = ["critical_roads_of", "missing_links_of"]

_RANK: Final = Field("rank", Text("名次", "Rank"), "n")

_NETWORK: Final = Text(
    "只计路网中的道路：战略路网没有街巷，线位多未经核实，候选以实测路网为准",
    "only roads of the network count: a strategic one has no streets and most of its "
    "courses are unverified, so check candidates on a surveyed network",
)

# --- missing links ---------------------------------------------------------------

_LINK_KINDS: Final["dict[str, tuple[Text, Look]]"] = {
    "river": (Text("过江", "over a river"), "severe"),
    "green_heart": (Text("穿过绿心", "through the green heart"), "severe"),
    "border": (Text("跨市界", "between cities"), "notable"),
    "rail": (Text("跨铁路", "over a railway"), "notable"),
    "dead_end": (Text("断头路", "dead end"), "slight"),
    "gap": (Text("缺口", "gap"), "slight"),
    "no_access": (Text("封闭道路（存疑）", "no access, perhaps"), "doubtful"),
    "median": (Text("分隔带（存疑）", "a median, perhaps"), "doubtful"),
}
_LINK_WORDS: Final = {key: text for key, (text, _) in _LINK_KINDS.items()}
_REASONS: Final = {
    "": Text("—", "—"),
    "nobody lives around one of the ends": Text(
        "一端附近无人居住", "nobody lives around one of the ends"
    ),
    "no way between the ends": Text("两端之间无路", "no way between the ends"),
}
_WITHIN_M: Final = 500.0
_DETOUR: Final = 3.0
_AROUND_M: Final = 1000.0

_LINK_FIELDS: Final = (
    _RANK,
    Field("kind", Text("类型", "Kind"), words=_LINK_WORDS),
    Field("name_*", Text("起止道路", "From, to")),
    Field("length_m", Text("长度/米", "Length, m"), "n"),
    Field("detour_ratio", Text("绕行倍数", "Way round, times")),
    Field("minutes_before", Text("现时/分钟", "Now, min")),
    Field("minutes_after", Text("建成后/分钟", "Then, min")),
    Field(
        "saved_person_min_per_km",
        Text("每公里日节省/人·分钟", "Saved a day per km, person-min"),
        "n",
    ),
    Field("reason", Text("说明", "Note"), words=_REASONS),
)
_LINK_CARD: Final = (
    _RANK,
    *_LINK_FIELDS[3:5],
    Field(
        "minutes",
        Text("用时：现时 → 建成后/分钟", "Minutes now → then"),
    ),
    _LINK_FIELDS[7],
)


def missing_links_of(case: "Case") -> Found:
    """Find where short roads would save long ways round."""
    people = case.population if case.population["population"].sum() > 0 else None
    links = missing_links(
        case.network_of_year,
        within_m=_WITHIN_M,
        detour_at_least=_DETOUR,
        around_m=_AROUND_M,
        people=people,
        barriers=_barriers(case),
        zones=case.plan.counties.dissolve("city_zh")[["geometry"]],
        profile=case.profile,
        rules=case.rules,
    )
    links["name_zh"] = [_between(row) for row in links.itertuples()]
    links["name_en"] = links["name_zh"]
    links["minutes"] = [
        f"{_shown(a)} → {_shown(b)}"
        for a, b in zip(links["minutes_before"], links["minutes_after"], strict=True)
    ]
    about = Further(
        id="missing_links",
        title=Text("缺失连接", "Missing links"),
        said=_links_said(links, by_people=people is not None),
        method=Text(
            f"直线距离{_WITHIN_M:.0f}米以内（过江1,500米）、绕行至少{_DETOUR:.0f}倍的道路端点；"
            "按建成后每公里为两端居民节省的时间排序",
            f"ends of roads within {_WITHIN_M:.0f} m of each other (1,500 m over a river) "
            f"and at least {_DETOUR:.0f} times as far by road, ranked by what a kilometre "
            "would save those who live around both ends",
        ),
        accuracy=Text(
            f"需求为模型，并非交通量：端点{_AROUND_M:,.0f}米内居民每人每日出行一次；{_NETWORK.zh}",
            f"demand is a model, no count: each person within {_AROUND_M:,.0f} m of an end "
            f"makes one trip a day; {_NETWORK.en}",
        ),
        sheets=(
            Sheet(
                key="missing_links_ranked",
                title=Text("缺失连接", "Missing links"),
                fields=_LINK_FIELDS,
                caption=Text("每公里节省最多者在前", "those that save most come first"),
            ),
        ),
        drawn=(
            Drawn(
                key="missing_links",
                title=Text("缺失连接（候选）", "Missing links (candidates)"),
                fields=_LINK_CARD,
                by="kind",
                classes=_LINK_KINDS,
                heading=Text("缺失连接", "Missing links"),
                too_short=Text("候选连接（直线）", "candidate, straight"),
            ),
        ),
        parameters={
            "within_m": _WITHIN_M,
            "detour_at_least": _DETOUR,
            "around_m": _AROUND_M,
            "demand": "junctions" if people is None else "people",
            "profile": case.profile,
        },
    )
    return _found(about, links)


def _links_said(links: gpd.GeoDataFrame, *, by_people: bool) -> Text:
    if not len(links):
        return Text("没有找到候选连接。", "No candidate was found.")
    zh, en = ("居民", "people") if by_people else ("交叉口", "junctions")
    counts = (
        (links["saved_person_min"] > 0, f"条为两端{zh}节省时间", f"would save {en} time"),
        (links["cross_city"], "条跨市", "would join two cities"),
        (links["crosses_green_heart"], "条穿过绿心", "would cross the green heart"),
    )  # fmt: skip
    told = [(n, a, b) for which, a, b in counts if (n := int(which.sum()))]
    return Text(
        "，".join([f"{len(links):,}条候选连接", *(f"{n:,}{a}" for n, a, _ in told)])
        + "。",
        "; ".join(
            [
                f"Candidates found: {len(links):,}",
                ", ".join(f"{n:,} {b}" for n, _, b in told),
            ]
        ).removesuffix("; ")
        + ".",
    )


def _between(row: Any) -> str:
    return (
        f"{row.from_name or row.from_id} → {row.to_name or row.to_id or row.to_road_id}"
    )


def _shown(minutes: float) -> str:
    return "—" if np.isnan(minutes) else f"{minutes:.1f}"


def _barriers(case: "Case") -> gpd.GeoDataFrame | None:
    """Return rivers, and the zones of the green heart in force."""
    parts = [("river", case.plan.water)]
    if len(case.plan.protected):
        heart = zones_in_force(case.plan.protected, case.year)
        parts.append(("green_heart", heart))
    frames = [
        gpd.GeoDataFrame(
            {"kind": kind, "name_zh": frame.get("name_zh")},
            geometry=frame.geometry.make_valid().to_numpy(),
            index=frame.index,
            crs=frame.crs,
        )
        for kind, frame in parts
        if len(frame)
    ]
    return pd.concat(frames, ignore_index=True) if frames else None


# --- critical roads ----------------------------------------------------------------

_WHY: Final = {
    "river": Text("过江通道", "over a river"),
    "bridge": Text("桥", "bridge"),
    "parting": Text("割边", "parts the network"),
    "busy": Text("要道", "busy"),
}
_LOSSES: Final["dict[str, tuple[Text, Look]]"] = {
    "cut_off": (Text("有人无路可达", "some reach no centre"), "severe"),
    "much": (
        Text("人均增加≥0.1分钟", "≥ 0.1 min more per resident"),
        "notable",
    ),
    "little": (Text("人均增加<0.1分钟", "less than 0.1 min more"), "slight"),
    "none": (Text("无人绕行", "nobody goes round"), "doubtful"),
}
_MUCH_MIN: Final = 0.1
_PARTING, _BUSIEST = 50, 50

_ROAD_FIELDS: Final = (
    _RANK,
    Field("name_*", Text("道路", "Road")),
    Field("kind", Text("入选原因", "Closed as"), words=_WHY),
    Field("river_zh", Text("河流", "River")),
    Field("people_cut_off", Text("断路人数", "People cut off"), "n"),
    Field("people_delayed", Text("绕行人数", "People delayed"), "n"),
    Field("added_person_min", Text("增加/人·分钟", "Added, person-min"), "n"),
    Field("longest_added_min", Text("最多增加/分钟", "Most added, min")),
)
_ROAD_CARD: Final = (_RANK, *_ROAD_FIELDS[4:8])


def critical_roads_of(case: "Case") -> Found:
    """Close roads one by one and see who loses."""
    total = float(case.population["population"].sum())
    if not total > 0:
        msg = (
            "also 'critical_roads': nobody is known to live there; give people "
            "(--population)"
        )
        raise InputError(msg)
    lost = critical_roads(
        case.network_of_year,
        case.population,
        case.centres,
        rivers=case.plan.water if len(case.plan.water) else None,
        parting=_PARTING,
        busiest=_BUSIEST,
        profile=case.profile,
        rules=case.rules,
    )
    # Classes read the loss of all residents alike, whatever the region's size.
    lost["loss"] = np.select(
        [
            lost["people_cut_off"] > 0,
            lost["added_person_min"] >= _MUCH_MIN * total,
            lost["added_person_min"] > 0,
        ],
        ["cut_off", "much", "little"],
        default="none",
    )
    lost["name_en"] = lost["name_zh"]
    about = Further(
        id="critical_roads",
        title=Text("关键道路", "Critical roads"),
        said=_roads_said(lost, total),
        method=Text(
            f"逐一中断过江道路、桥、割边（{_PARTING}条）和最繁忙道路（{_BUSIEST}条），两幅车行道"
            "同时中断；每名居民驾车至最近中心出行一次，中断者按无路可达计，其余按绕行时间计",
            f"roads over rivers, bridges, {_PARTING} that part the network and the "
            f"{_BUSIEST} busiest are closed one by one, both carriageways together; "
            "everyone drives to the nearest centre once and is cut off or goes round",
        ),
        accuracy=Text(
            f"时间精度同车速（±15%），不计拥堵转移；断路人数取决于路网是否完整：{_NETWORK.zh}",
            "times are as good as speeds (±15 %), without congestion on the way round; "
            f"who is cut off depends on how complete the network is: {_NETWORK.en}",
        ),
        sheets=(
            Sheet(
                key="critical_roads_ranked",
                title=Text("关键道路", "Critical roads"),
                fields=_ROAD_FIELDS,
                caption=Text(
                    "过江者在前，再按断路人数与增加的时间排序",
                    "those over rivers first, then by people cut off and time added",
                ),
            ),
        ),
        drawn=(
            Drawn(
                key="critical_roads",
                title=Text(
                    "关键道路（逐一中断）", "Critical roads (closed one by one)"
                ),
                fields=_ROAD_CARD,
                by="loss",
                classes=_LOSSES,
                heading=Text("关键道路：中断后", "Critical roads: when lost"),
            ),
        ),
        parameters={
            "parting": _PARTING,
            "busiest": _BUSIEST,
            "to": "nearest",
            "profile": case.profile,
        },
    )
    return _found(about, lost)


def _roads_said(lost: gpd.GeoDataFrame, total: float) -> Text:
    if not len(lost):
        return Text("没有可中断的道路。", "There was no road to close.")
    over = int(lost["over_river"].sum())
    cutting = int((lost["people_cut_off"] > 0).sum())
    worst = lost.loc[lost["people_cut_off"].idxmax()]
    slow = lost.loc[lost["added_person_min"].idxmax()]
    zh = f"逐一中断{len(lost):,}条道路（{over:,}条过江），{cutting:,}条中断后有人无路可达"
    en = (
        f"{len(lost):,} roads were closed one by one ({over:,} over rivers); "
        f"{cutting:,} leave people without any way"
    )
    if cutting:
        zh += f"，最多为{_named(worst)}（{worst['people_cut_off']:,.0f}人）"
        en += f", {_named(worst)} most of all ({worst['people_cut_off']:,.0f})"
    mean = slow["added_person_min"] / total
    zh += f"；{_named(slow)}中断增加的时间最多（全体居民人均{mean:.1f}分钟）。"
    en += f". Losing {_named(slow)} adds most time ({mean:.1f} min per resident)."
    return Text(zh, en)


def _named(road: "pd.Series[Any]") -> str:
    return str(road["name_zh"] or road.name)


def _found(about: Further, frame: gpd.GeoDataFrame) -> Found:
    """Return a measure whose one table lists what its one layer draws."""
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return Found(about, {about.sheets[0].key: table}, {about.drawn[0].key: frame})
