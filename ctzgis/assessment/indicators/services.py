"""Indicators of service: who and what lies within reach of facilities (服务覆盖指标)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import shapely

from ctzgis.analysis.coverage.service_reaches import ServiceReach, service_reach
from ctzgis.analysis.coverage.services import served_areas, service_coverage
from ctzgis.assessment.indicators.completeness import in_part, people_left_out
from ctzgis.assessment.indicators.ground import (
    BUILT_UP,
    RESIDENTIAL,
    Range,
    areal,
    built_up,
    extent_land,
    given_for,
    inside,
    residential,
    settlements_only,
    touching,
)
from ctzgis.assessment.indicators.shares import covered_range, told_share
from ctzgis.assessment.needs import facility_name
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.findings import Measured
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.network import TravelRules
    from ctzgis.plan import Target

__all__ = ["WALK_DETOURS", "measure_service_coverage", "reach_of_target"]

WALK_DETOURS: Final = (1.0, 1.6)
"""Ways on foot are longer than the straight line by these factors, least and most."""

_METRES_PER_KM: Final = 1000.0
_NO_SHARE: Final = Text(
    "文件未规定覆盖份额，仅供参考", "the documents set no share; for information"
)
_NO_HOMES: Final = Text(
    "覆盖率按居住用地计，此值按建成区计，仅供参考；请用 --facilities residential=文件 提供居住用地",
    "the rate is of residential land and this of the built-up area, for information; give "
    "residential land with --facilities residential=FILE",
)
_PEOPLE: Final = Text("人口", "people")
_BUILT: Final = Text("建成区", "built-up area")
_HOMES: Final = Text("居住用地", "residential land")
_WALKED: Final = Text(
    "；步行按步速与绕行系数折算",
    "; a walk by speed and detour, for want of a network to walk on",
)
_COARSE: Final = Text(
    "普查居民点各代表一片城镇，步行尺度的覆盖无法据此判断；请用 --population 提供人口格网",
    "census settlements stand for whole towns and cannot tell what is within a walk; give a "
    "grid of people with --population",
)


def reach_of_target(
    target: "Target", rules: "TravelRules"
) -> "tuple[ServiceReach, ...]":
    """
    Return how far the facilities of a target serve: in the middle, at least, at most.

    A target in km is taken as the crow flies. Minutes on foot become a straight distance
    at walking speed and the usual detour, for a network of main roads is none to walk on.
    """
    measure = target.measure
    key = measure.reach if measure else None
    cited = f"{target.citation.document} {target.citation.place}"
    source = Text(cited, cited)
    if key is not None:
        stated = service_reach(key)
    elif target.unit == "km" and target.value is not None:
        stated = ServiceReach(
            id=target.id,
            name=target.name,
            distance_m=target.value * _METRES_PER_KM,
            source=source,
        )
    else:
        stated = ServiceReach(
            id=target.id,
            name=target.name,
            by="walk",
            cutoff_min=target.value,
            source=source,
        )
    if stated.by == "straight":
        return (stated, stated, stated)
    assert stated.cutoff_min is not None
    walked = stated.cutoff_min / 60 * rules.walk_kph * _METRES_PER_KM
    least, most = WALK_DETOURS
    return tuple(
        replace(stated, by="straight", cutoff_min=None, distance_m=walked / detour)
        for detour in (rules.detour, most, least)
    )


def measure_service_coverage(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of built-up land or of people lies within reach of facilities.

    Without the facilities nothing is measured.
    """
    taken, measure = given_for(case, target), target.measure
    if taken is None or measure is None:
        return
    sites = taken[1]
    reaches = reach_of_target(target, case.rules)
    if reaches[0].by_area_m2 and "area_m2" not in sites and not areal(sites):
        words = Text(
            "服务半径按面积分级，请提供面，或带 area_m2 列的点",
            "the reach depends on the size: give areas, or points with a column area_m2",
        )
        yield _service(case, target, None, reaches[0], obstacle=words)
        return
    if measure.served == "population":
        yield _people_served(case, target, sites, reaches)
        return
    land, of, obstacle = _land_of(case, target)
    share = None if land is None else _land_served(case, land, sites, reaches)
    yield _service(case, target, share, reaches[0], land=land, of=of, obstacle=obstacle)


def _land_of(case: "Case", target: "Target") -> "tuple[Land | None, Text, Text | None]":
    """Return the land that is to be served, its name, and why it cannot answer."""
    extent = case.plan.extent(target.extent)
    obstacle = None
    if target.measure is not None and target.measure.served == RESIDENTIAL:
        homes = residential(case, extent)
        if homes is not None:
            return homes, _HOMES, in_part(case, RESIDENTIAL, extent)
        obstacle = _NO_HOMES
    land = built_up(case, extent)
    if land is None:
        none = Text("该范围内没有建成区", "there is no built-up area in the extent")
        return None, _BUILT, none
    return land, _BUILT, obstacle or in_part(case, BUILT_UP, extent)


def _land_served(
    case: "Case",
    land: "Land",
    sites: gpd.GeoDataFrame,
    reaches: "tuple[ServiceReach, ...]",
) -> Range:
    whole = land.perhaps
    parts = [part for part in shapely.get_parts(whole) if part.area > 0]
    areas = gpd.GeoDataFrame(geometry=parts, crs=case.plan.crs)
    widest = max(limit for reach in reaches for limit in reach.limits)
    # Discs around points are a little wider than the limit.
    near = touching(sites, whole, within_m=1.001 * widest)
    covers = {}
    for reach in reaches:
        if reach.limits not in covers:
            shapes = served_areas(areas, near, reach=reach).geometry
            covers[reach.limits] = shapes.union_all()
    middle, least, most = (covers[reach.limits] for reach in reaches)
    return covered_range(land, (middle, least, most))


def _people_served(
    case: "Case",
    target: "Target",
    sites: gpd.GeoDataFrame,
    reaches: "tuple[ServiceReach, ...]",
) -> "Measured":
    people = case.population
    land = extent_land(case, case.plan.extent(target.extent))
    if land is not None:
        people = inside(people, land.shape)
    if settlements_only(people):
        return _service(case, target, None, reaches[0], obstacle=_COARSE)
    if not people["population"].sum() > 0:
        words = Text("该范围内没有人口数据", "there are no people in the extent")
        return _service(case, target, None, reaches[0], obstacle=words)
    shares = [
        float(service_coverage(people, sites, reach=reach)["served_share"].iloc[0])
        for reach in reaches
    ]
    exact = reaches[1] == reaches[2]
    share = Range(shares[0]) if exact else Range(*shares)
    lacking = None if land is None else people_left_out(case, land)
    return _service(case, target, share, reaches[0], land=land, obstacle=lacking)


def _service(
    case: "Case",
    target: "Target",
    share: Range | None,
    reach: ServiceReach,
    *,
    land: "Land | None" = None,
    of: Text | None = None,
    obstacle: Text | None = None,
) -> "Measured":
    measure = target.measure
    assert measure is not None
    name = facility_name(case.plan, measure.facilities or "")
    of = of or (_PEOPLE if measure.served == "population" else _BUILT)
    named = service_reach(measure.reach) if measure.reach else None
    on_foot = target.unit == "min" or (named is not None and named.by == "walk")
    walked = _WALKED if on_foot else Text("", "")
    steps = "/".join(f"{metres:,.0f}" for metres in reach.limits)
    if obstacle is None and target.unit != "%" and measure.share is None:
        obstacle = _NO_SHARE
    return told_share(
        case,
        target,
        share,
        indicator="service_coverage",
        label=Text(f"{name.zh}服务覆盖的{of.zh}占比", f"{of.en} served: {name.en}"),
        method=Text(
            f"直线{steps}米以内计为覆盖（{reach.name.zh}{walked.zh}）",
            f"within {steps} m as the crow flies ({reach.name.en}{walked.en})",
        ),
        land=land,
        obstacle=obstacle,
    )
