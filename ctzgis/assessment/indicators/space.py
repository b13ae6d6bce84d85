"""Indicators of space: density, distance, area, what of a system is built (空间指标)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from ctzgis.analysis import (
    CarriagewayRules,
    carriageway_weights,
    corridor_status,
    drawn_traffic,
    pairwise_distances,
    road_density,
)
from ctzgis.analysis.streets.density import mapped_share
from ctzgis.analysis.streets.density_rules import DensityRules, rules_named
from ctzgis.analysis.streets.street_kinds import street_kinds
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.street_obstacles import (
    main_roads_only,
    other_land,
    partly_covered,
)
from ctzgis.crs import area_km2
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Extent, Target

__all__ = [
    "CENTRE_LINE_SHARE",
    "COUNTY_AREA_ERROR_SHARE",
    "FULLY_COVERED_SHARE",
    "measure_area",
    "measure_centre_distance",
    "measure_road_density",
    "measure_system_built",
]

FULLY_COVERED_SHARE: Final = 0.95
"""A zone is covered if this share of it lies within a kilometre of a street."""

# Street layers draw both carriageways. In Wuhan 7,185 km of lines are 4,703 km of
# centre lines once a peer has collapsed them, 65 % of what was drawn.
CENTRE_LINE_SHARE: Final = 0.65

# Counted once for each road, Wuhan is 4 % longer than by a peer's centre lines, and other
# rules of pairing change it by −3 to +6 % (docs/decisions/0020): 4 and 3 % less together,
# and some to spare.
_ONCE_SHARES: Final = (0.92, 1.06)

# Lines without a class are not counted by class; more than a few would be missed.
_CLASSED_SHARE: Final = 0.9

_COUNTIES: Final = "counties.geojson"
_CHECKED_PLAN: Final = "czt"

# The shipped county polygons against official areas: city totals differ by 0.1–0.3 %.
COUNTY_AREA_ERROR_SHARE: Final = 0.003

_DENSITY: Final = Text("路网密度", "road density")

_DRAWN_TO_AREA: Final = Text("边界按规划面积绘制", "drawn to the stated area")
_OFFICIAL: Final = Text(
    "±0.3%：与官方市域面积比较", "±0.3 %: against official city areas"
)
_UNSTATED: Final = Text(
    "所给边界的精度未说明", "the accuracy of the given borders is not stated"
)


def measure_road_density(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure road density in the target's extent, and once in every county within it.

    Without a street layer the target is not assessable: the strategic network holds
    the main roads only. Zones that the layer covers in part are not judged.
    """
    extent = case.plan.extent(target.extent)
    if case.streets is None or extent.shape is None:
        yield _density(
            case,
            extent.name,
            value=None,
            obstacle=Text(
                "出行路网不当作全部道路；请用 --roads 提供该范围全部道路",
                "the network for travel is not taken for all roads; give all of the extent "
                "with --roads",
            ),
        )
        return
    zones = _density_zones(case, extent)
    covered = mapped_share(case.streets, zones).to_dict()
    # The target's own extent stays, whatever the layer covers.
    kept = zones[[covered[zone] > 0 or zone == extent.id for zone in zones.index]]
    counting = _counting(case.streets)
    measured = road_density(
        case.streets, kept, rules=counting.rules, weight=counting.weight
    )
    for zone, density in measured["road_density_km_per_km2"].to_dict().items():
        share = covered[zone]
        obstacle = None
        if share < FULLY_COVERED_SHARE:
            obstacle = partly_covered(share)
        elif zone != extent.id:
            obstacle = Text(
                f"文件要求的是{extent.name.zh}整体，其中一区仅供参考",
                f"the document asks it of {extent.name.en} as a whole; a part of it is for "
                "information",
            )
        elif target.value is not None and density * counting.high < target.value:
            obstacle = main_roads_only(case.streets) or other_land(
                case,
                extent,
                kept.loc[[zone]],
                rules=counting.rules,
                weight=counting.weight,
                high=counting.high,
                wanted=target.value,
            )
        yield _density(
            case,
            Text(kept.at[zone, "name_zh"], kept.at[zone, "name_en"]),
            value=density if share > 0 else None,
            obstacle=obstacle,
            counting=counting,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Counting:
    """How lines count, and between which shares of the value the truth lies."""

    rules: DensityRules
    weight: "pd.Series[float] | None"
    low: float
    high: float
    method: Text
    accuracy: Text


_AS_DRAWN: Final = _Counting(
    rules_named("raw"),
    None,
    CENTRE_LINE_SHARE,
    1.0,
    Text(
        "道路线长/行政区全域面积；分界道路两侧各计一半；线按所绘计入，双线道路计两次",
        "length of lines per area of the whole zone; border roads half to each "
        "side; lines count as drawn, dual carriageways twice",
    ),
    Text(
        "双线道路合并后约为所绘长度的65%至100%（武汉7185公里对4703公里）",
        "centre lines are 65–100 % of what is drawn (Wuhan: 7,185 km against 4,703 km)",
    ),
)


def _counting(streets: gpd.GeoDataFrame) -> _Counting:
    """
    Return how lines count: once for each road where the layer lets it be told.

    For that their classes have to be known, and carriageways to pair as traffic has them.
    """
    kinds = street_kinds(streets)
    strange = ~kinds.known & pd.notna(kinds.road_class)
    told = kinds.known | kinds.link | kinds.roundabout
    if strange.any() or told.mean() < _CLASSED_SHARE:
        return _AS_DRAWN
    hand = drawn_traffic(streets)
    if hand == "undirected":
        return _AS_DRAWN
    return _Counting(
        replace(rules_named("gbt51328"), denominator="zone"),
        carriageway_weights(streets, rules=CarriagewayRules(traffic=hand)),
        *_ONCE_SHARES,
        Text(
            "快速路至街坊路的长度/行政区全域面积；双线道路计一次，匝道、环岛、内部道路不计；"
            "分界道路两侧各计一半",
            "length of roads from expressways to residential streets per area of the "
            "whole zone; dual carriageways once, no ramps, rings or service roads; border "
            "roads half to each side",
        ),
        Text(
            "−8%至+6%：武汉较另一方法长4%，随配对规则变化−3%至+6%",
            "−8 to +6 %: 4 % longer in Wuhan than by another method, −3 to +6 % by the "
            "rules of pairing",
        ),
    )


def _density_zones(case: "Case", extent: "Extent") -> gpd.GeoDataFrame:
    whole = gpd.GeoDataFrame(
        {"name_zh": [extent.name.zh], "name_en": [extent.name.en]},
        geometry=[extent.shape.geometry] if extent.shape else [],
        index=[extent.id],
        crs=case.plan.crs,
    )
    # Documents differ on the central area; its counties are measured once, with the
    # first definition.
    first = extent.id == next(iter(case.plan.central_areas), None)
    codes = list(extent.counties) if first else []
    counties = case.plan.counties.loc[codes, ["name_zh", "name_en", "geometry"]]
    joined: gpd.GeoDataFrame = pd.concat([whole, counties])
    return joined


def _density(
    case: "Case",
    subject: Text,
    *,
    value: float | None,
    obstacle: Text | None,
    counting: _Counting = _AS_DRAWN,
) -> Measured:
    source, method = case.streets_source, counting.method
    rules = counting.rules.name
    return Measured(
        indicator="road_density",
        label=_DENSITY,
        subject=subject,
        value=value,
        unit="km/km2",
        low=None if value is None else value * counting.low,
        high=None if value is None else value * counting.high,
        method=Text(f"{method.zh}（口径{rules}）", f"{method.en} (rules '{rules}')"),
        accuracy=counting.accuracy,
        obstacle=obstacle,
        inputs=(*([source.name] if source else []), *case.named("counties.geojson")),
        schematic=False,
    )


def measure_system_built(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of each corridor of a system is built, and of the system.

    A corridor is built with the length that is open, in its final form, by the end
    of the year. A corridor the network does not have is not assessable.
    """
    if target.measure is None or target.measure.system is None:
        return
    system = case.plan.system(target.measure.system)
    status = corridor_status(case.network, system.members, year=case.year)
    located = status["built_share"].notna()
    parts = {key: _part_drawn(case, str(key)) for key in status.index}
    yield _share(
        case,
        indicator="system_built",
        label=Text("已建成的廊道占比", "share of its corridors that are complete"),
        subject=system.name,
        value=float(status["complete"].sum()) / len(status)
        if located.all() and not any(parts.values())
        else None,
    )
    for key, share in status["built_share"].to_dict().items():
        corridor = case.plan.corridor(str(key))
        yield _share(
            case,
            indicator="corridor_built",
            label=Text("廊道已建长度占比", "share of its length that is built"),
            subject=corridor.name,
            value=None if pd.isna(share) else share,
            part=parts[key],
        )


def _part_drawn(case: "Case", corridor_id: str) -> Text | None:
    """Return which part of a corridor is drawn, if the network is the one drawn so."""
    if not case.network_accuracy.schematic:
        return None
    return case.plan.corridor(corridor_id).drawn_in_part


def _share(
    case: "Case",
    *,
    indicator: str,
    label: Text,
    subject: Text,
    value: float | None,
    part: Text | None = None,
) -> Measured:
    return Measured(
        indicator=indicator,
        label=label,
        subject=subject,
        value=value,
        unit="share",
        method=Text(
            f"至{case.year}年底开通的长度/最终线形长度",
            f"length open by the end of {case.year} over length in its final form",
        ),
        accuracy=case.network_accuracy.of_opening,
        obstacle=_corridor_obstacle(value, part),
        standard=1.0,
        inputs=case.network_inputs,
        schematic=case.network_accuracy.schematic,
    )


def _corridor_obstacle(value: float | None, part: Text | None) -> Text | None:
    if value is None:
        return Text("路网数据中没有该廊道", "the network does not have this corridor")
    if part is not None:
        return Text(
            f"路网数据只有一部分：{part.zh}", f"the network has a part: {part.en}"
        )
    return None


def measure_centre_distance(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure the straight distance of every two centres."""
    centres = case.centres
    pairs = pairwise_distances(centres)
    for first, second, distance_km in zip(
        pairs["from_id"], pairs["to_id"], pairs["distance_km"], strict=True
    ):
        a, b = case.plan.place(first), case.plan.place(second)
        error = (centres.at[a.id, "accuracy_m"] + centres.at[b.id, "accuracy_m"]) / 1000
        yield Measured(
            indicator="centre_distance",
            label=Text("中心间直线距离", "straight distance of two centres"),
            subject=Text(f"{a.name.zh}—{b.name.zh}", f"{a.name.en}–{b.name.en}"),
            value=distance_km,
            low=distance_km - error,
            high=distance_km + error,
            unit=target.unit,
            method=Text("EPSG:4547 平面直线", "straight line in EPSG:4547"),
            accuracy=Text(
                f"两端点位精度之和±{error:.2f}公里",
                f"sum of both points' accuracy, ±{error:.2f} km",
            ),
            inputs=case.named("places.yaml"),
            schematic=not (
                centres.at[a.id, "verified"] and centres.at[b.id, "verified"]
            ),
        )


def _checked(case: "Case") -> bool:
    """Tell whether the counties are those held against official areas: no user's file."""
    replaced = any(source.replaces == _COUNTIES for source in case.plan.sources)
    return case.plan.id == _CHECKED_PLAN and not replaced


def measure_area(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure the area of the target's extent.

    A shape that was drawn to have the stated area cannot test it, so its target is
    not assessable.
    """
    extent = case.plan.extent(target.extent)
    shape = extent.shape
    value = obstacle = error = None
    if shape is None:
        obstacle = Text("该范围没有边界", "the extent has no boundary")
    else:
        value = float(
            area_km2(gpd.GeoSeries([shape.geometry], crs=case.plan.crs)).iloc[0]
        )
        error = value * COUNTY_AREA_ERROR_SHARE if _checked(case) else None
        if shape.drawn_to_stated_area:
            obstacle = Text(
                "示意边界按规划面积绘制，不能反过来检验该面积；请提供官方边界",
                "the schematic shape was drawn to have this area and cannot test it; "
                "supply the official boundary",
            )
    drawn = shape is not None and shape.drawn_to_stated_area
    yield Measured(
        indicator="area",
        label=Text("面积", "area"),
        subject=extent.name,
        value=value,
        low=None if drawn or value is None or error is None else value - error,
        high=None if drawn or value is None or error is None else value + error,
        unit=target.unit,
        method=Text("GRS80 椭球面积", "area on the GRS80 ellipsoid"),
        accuracy=_DRAWN_TO_AREA if drawn else _OFFICIAL if error else _UNSTATED,
        obstacle=obstacle,
        inputs=case.named("extents.geojson", "structure.geojson")
        if drawn
        else case.named("counties.geojson"),
        schematic=shape is not None and shape.schematic,
    )
