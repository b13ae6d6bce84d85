"""The integration index and roads across borders, as an assessment shows them (一体化)."""

from itertools import permutations
from typing import TYPE_CHECKING, Any, Final, TypeVar

import geopandas as gpd
import pandas as pd

from ctzgis.analysis.coverage.borders import border_densities, border_links
from ctzgis.assessment.further.parts import Drawn, Field, Found, Further, Sheet
from ctzgis.assessment.index.components import (
    COMPONENTS,
    DIMENSIONS,
    OWN_METHOD,
    REGION,
)
from ctzgis.assessment.index.joining import IntegrationIndex, integration_index
from ctzgis.assessment.index.links import index_borders
from ctzgis.assessment.index.measures import ground_of, measure_components, pair_of
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Plan

__all__ = ["border_roads_of", "index_of"]

_Frame = TypeVar("_Frame", pd.DataFrame, gpd.GeoDataFrame)

_BETWEEN: Final = Field("name_*", Text("城市对", "Cities"))

# --- the integration index -------------------------------------------------------

_LOW_HIGH: Final = (
    Field("low", Text("下限", "At least"), "n"),
    Field("high", Text("上限", "At most"), "n"),
)
_ASSESSED: Final = Field("assessed_share", Text("可评估权重", "Weight assessed"), "%")
_INDEX_FIELDS: Final = (
    _BETWEEN,
    Field("index", Text("指数（0–100）", "Index (0–100)"), "n"),
    *_LOW_HIGH,
    *(
        Field(key, Text(name.zh, name.en[:1].upper() + name.en[1:]), "n")
        for key, name in DIMENSIONS.items()
    ),
    _ASSESSED,
)
_UNITS: Final = {
    "min": Text("分钟", "min"),
    "share": Text("份额", "share"),
    "per_100km": Text("条/百公里", "per 100 km"),
    "per_hour": Text("班/小时", "per hour"),
    "count": Text("处", "count"),
}
_PART_FIELDS: Final = (
    _BETWEEN,
    Field("component_*", Text("分项", "Component")),
    Field("value", Text("数值", "Value"), "2"),
    Field("goal", Text("目标", "Goal"), "2"),
    Field("floor", Text("下限值", "Floor"), "2"),
    Field("unit", Text("单位", "Unit"), words=_UNITS),
    Field("weight_share", Text("权重", "Weight"), "%"),
    Field("score", Text("得分", "Score"), "n"),
)
_GRADES: Final = (25.0, 50.0, 75.0)


def index_of(case: "Case") -> Found:
    """Join times, links and reach across the cities' borders into the index."""
    if not case.index_terms:
        msg = (
            f"also 'index': the plan '{case.plan.id}' states no weights and goals of an "
            "index; leave it out, or give your own to `ctzgis index --weights`"
        )
        raise InputError(msg)
    people = case.population if len(case.population) else None
    ground = ground_of(case.plan, case.network_of_year, people)
    indices = integration_index(measure_components(ground), case.index_terms)
    names = _pair_names(case.plan)
    borders = _named(index_borders(indices, ground), "subject", names)
    about = Further(
        id="index",
        title=Text("一体化指数", "Integration index"),
        said=_index_said(indices, names),
        method=Text(
            f"{OWN_METHOD.zh}各分项在下限（0分）与目标（100分）之间按比例计分，再按权重线性合并",
            f"{OWN_METHOD.en} Each component scores in proportion between its floor (0) "
            "and its goal (100); scores are joined by their weights",
        ),
        accuracy=Text(
            "上下限为各分项同时取其误差范围的一端，宽于可能的真值范围；权重的影响见 ctzgis index",
            "the range has every component at one end of its own range at once, which is "
            "wider than likely; what weights do is told by ctzgis index",
        ),
        sheets=(
            Sheet(
                key="index_scores",
                title=Text("一体化指数", "Integration index"),
                fields=_INDEX_FIELDS,
                caption=Text(
                    "0为各分项均在下限，100为均达目标；三列为各维度单独的指数",
                    "0: all components at their floor, 100: all at their goal; one column "
                    "for each dimension alone",
                ),
            ),
            Sheet(
                key="index_components",
                title=Text("一体化指数分项", "Components of the index"),
                fields=_PART_FIELDS,
                caption=Text(
                    "分项：数值在下限得0分，达目标得100分；份额为0–1",
                    "components: 0 at the floor, 100 at the goal; shares are of 1",
                ),
            ),
        ),
        drawn=(
            Drawn(
                key="index_borders",
                title=Text("一体化指数（自有方法）", "Integration index (own method)"),
                fields=(*_INDEX_FIELDS[1:4], _ASSESSED),
                by="index",
                breaks=_GRADES,
                heading=Text(
                    "一体化指数（自有方法）", "Integration index (own method)"
                ),
                label=Field("index", Text("指数", "index"), "n"),
                borders=True,
            ),
        ),
        parameters={
            "aggregation": "linear",
            "weights": {term.id: term.weight for term in case.index_terms},
        },
    )
    tables = {
        "index_scores": _named(_score_rows(indices), "subject", names),
        "index_components": _named(_part_rows(indices), "subject", names),
    }
    return Found(about, tables, {"index_borders": borders})


def _pair_names(plan: "Plan") -> "dict[str, Text]":
    places = {place.id: place.name for place in map(plan.place, plan.centres)}
    names = {
        pair_of(a, b): Text(
            f"{places[a].zh}—{places[b].zh}", f"{places[a].en}–{places[b].en}"
        )
        for a, b in permutations(places, 2)
    }
    return {**names, REGION: Text("全区域", "Region")}


def _named(frame: _Frame, column: str, names: "Mapping[str, Text]") -> _Frame:
    """Return a frame with the names of its subjects in both languages."""
    texts = [names.get(key, Text(key, key)) for key in frame[column]]
    return frame.assign(
        name_zh=[text.zh for text in texts], name_en=[text.en for text in texts]
    )


def _index_said(
    indices: "tuple[IntegrationIndex, ...]", names: "Mapping[str, Text]"
) -> Text:
    told = [i for i in indices if i.value is not None]
    if not told:
        return Text(
            "可评估的权重不足三分之二，没有指数。",
            "Less than two thirds of the weight could be assessed: there is no index.",
        )
    zh = "，".join(f"{names[i.subject].zh} {_span(i)}" for i in told)
    en = ", ".join(f"{names[i.subject].en} {_span(i)}" for i in told)
    return Text(f"{zh}（0–100分，括号内为上下限）。", f"{en} (of 100, with the range).")


def _span(index: IntegrationIndex) -> str:
    if index.low is None or index.high is None:
        return f"{index.value:.0f}"
    return f"{index.value:.0f} ({index.low:.0f}–{index.high:.0f})"


def _score_rows(indices: "tuple[IntegrationIndex, ...]") -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "subject": index.subject,
                "index": index.value,
                "low": index.low,
                "high": index.high,
                **{key: index.dimensions.get(key) for key in DIMENSIONS},
                "assessed_share": index.assessed_share,
            }
            for index in indices
        ]
    ).astype({"index": float, "low": float, "high": float})


def _part_rows(indices: "tuple[IntegrationIndex, ...]") -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for index in indices:
        for part in index.scored:
            component, reading = COMPONENTS[part.term.id], part.reading
            rows.append(
                {
                    "subject": index.subject,
                    "component": component.id,
                    "component_zh": component.name.zh,
                    "component_en": component.name.en,
                    "unit": component.unit,
                    "value": reading.value,
                    "low": reading.low,
                    "high": reading.high,
                    "goal": part.term.goal,
                    "floor": part.term.floor,
                    "weight_share": part.weight_share,
                    "score": part.score,
                    "method_zh": component.method.zh,
                    "method_en": component.method.en,
                }
            )
    return pd.DataFrame(rows)


# --- roads across borders ----------------------------------------------------------

_SAME_PLACE_M: Final = 50.0
_ALL: Final = "all"
_CLASS: Final = Field(
    "road_class", Text("等级", "Class"), words={_ALL: Text("合计", "all")}
)
_BORDER_FIELDS: Final = (
    Field("name_*", Text("边界", "Border")),
    _CLASS,
    Field("border_km", Text("边界长/公里", "Border, km"), "n"),
    Field("links", Text("通道/处", "Links"), "n"),
    Field("links_per_100km", Text("每百公里/处", "Links per 100 km")),
)


def border_roads_of(case: "Case") -> Found:
    """List where roads cross from one city into another."""
    zones, names, cities = _zones(case.plan)
    roads = case.network_of_year.roads.roads
    links = border_links(roads, zones, same_place_m=_SAME_PLACE_M)
    counted = border_densities(links, zones)
    counted["links_per_100km"] = 100 * counted.pop("links_per_km")
    links, counted = (
        frame.rename(columns={"class": "road_class"}).assign(
            pair=[
                pair_of(str(a), str(b))
                for a, b in zip(frame["zone_id"], frame["other_id"], strict=True)
            ]
        )
        for frame in (links, counted)
    )
    pairs = {
        pair_of(a, b): Text(f"{x.zh}—{y.zh}", f"{x.en}–{y.en}")
        for (a, x), (b, y) in permutations(names.items(), 2)
    }
    what = Text("市", "cities") if cities else Text("县（市、区）", "counties")
    about = Further(
        id="borders",
        title=Text("跨界道路", "Roads across borders"),
        said=_borders_said(counted, pairs, what),
        method=Text(
            f"道路从一{what.zh}进入另一{what.zh}之处；{_SAME_PLACE_M:.0f}米以内的算一处，沿边界"
            "走的不算；等级取两侧共有的最高等级",
            f"places where a road leads from one of the {what.en} into another; those "
            f"within {_SAME_PLACE_M:.0f} m are one, and a road along a border is none; the "
            "class is the best that both sides have",
        ),
        accuracy=Text(
            "边界与道路线位的误差会使沿边界的道路多次计入；只计路网中的道路",
            "where borders or roads are drawn roughly, a road near a border may count "
            "several times; only roads of the network count",
        ),
        sheets=(
            Sheet(
                key="border_densities",
                title=Text("跨界道路密度", "Roads across borders"),
                fields=_BORDER_FIELDS,
                caption=Text("各边界各等级的通道数", "links of each border by class"),
            ),
        ),
        drawn=(
            Drawn(
                key="border_links",
                title=Text("跨界道路通道", "Roads across borders"),
                fields=(_CLASS, Field("lines", Text("相接道路/条", "Roads"), "n")),
                by="road_class",
                heading=Text("跨界道路通道", "Roads across borders"),
            ),
        ),
        parameters={"same_place_m": _SAME_PLACE_M},
    )
    counted = _named(counted, "pair", pairs)
    return Found(
        about,
        {"border_densities": counted},
        {"border_links": _named(links, "pair", pairs)},
    )


def _zones(plan: "Plan") -> "tuple[gpd.GeoDataFrame, dict[str, Text], bool]":
    """Return the plan's cities, or its counties if it has one city, and their names."""
    counties = plan.counties
    cities = bool((counties["city_zh"] != counties["city_zh"].iloc[0]).any())
    zones = counties.dissolve("city_zh", sort=False) if cities else counties
    stem = "city" if cities else "name"
    zh = zones.index if cities else zones["name_zh"]
    names = {
        str(key): Text(str(a), str(b))
        for key, a, b in zip(zones.index, zh, zones[f"{stem}_en"], strict=True)
    }
    return zones[["geometry"]], names, cities


def _borders_said(
    counted: pd.DataFrame, pairs: "Mapping[str, Text]", what: Text
) -> Text:
    totals = counted[counted["road_class"] == _ALL]
    if not len(totals):
        return Text(f"没有两个{what.zh}相邻。", f"No two {what.en} share a border.")
    rows = [
        (pairs[str(r.pair)], r.links, r.links_per_100km) for r in totals.itertuples()
    ]
    zh = "，".join(f"{name.zh} {n}处（每百公里{d:.1f}处）" for name, n, d in rows[:5])
    en = ", ".join(f"{name.en} {n} ({d:.1f} per 100 km)" for name, n, d in rows[:5])
    total = int(totals["links"].sum())
    return Text(
        f"{len(rows)}条边界上共{total}处：{zh}{'等' if len(rows) > 5 else ''}。",
        f"{total} places on {len(rows)} borders: {en}{' and so on' if len(rows) > 5 else ''}.",
    )
