"""Indicators of service: who and what lies within reach of facilities (服务覆盖指标)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import shapely

from ctzgis.analysis.coverage.service_reaches import ServiceReach, service_reach
from ctzgis.analysis.coverage.services import service_coverage
from ctzgis.analysis.coverage.spacing import spacing_along
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.ground import (
    Range,
    areal,
    built_up,
    extent_land,
    given_for,
    inside,
    settlements_only,
)
from ctzgis.assessment.needs import facility_name
from ctzgis.assessment.ways import quickest_ways
from ctzgis.plan import Comparator
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.ground import Land
    from ctzgis.network import TravelRules
    from ctzgis.plan import Target

__all__ = [
    "BESIDE_ROUTE_M",
    "LENGTH_ERROR_SHARE",
    "WALK_DETOURS",
    "measure_covered_share",
    "measure_service_coverage",
    "measure_site_spacing",
    "reach_of_target",
]

WALK_DETOURS: Final = (1.0, 1.6)
"""Ways on foot are longer than the straight line by these factors, least and most."""

BESIDE_ROUTE_M: Final = 2_000.0
"""A site this near to a route between cities, as the crow flies, serves it."""

LENGTH_ERROR_SHARE: Final = 0.10
"""Relative error of lengths: 22 of 25 corridors are within 10 % of the published ones."""

_METRES_PER_KM: Final = 1000.0
_SAME_SHARE: Final = 1e-9
_NO_SHARE: Final = Text(
    "文件未规定覆盖份额，仅供参考", "the documents set no share; for information"
)
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
    extent = case.plan.extent(target.extent)
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
    land = built_up(case, extent)
    if land is None:
        words = Text("该范围内没有建成区", "there is no built-up area in the extent")
        yield _service(case, target, None, reaches[0], obstacle=words)
        return
    yield _service(
        case, target, _land_served(case, land, sites, reaches), reaches[0], land=land
    )


def _land_served(
    case: "Case",
    land: "Land",
    sites: gpd.GeoDataFrame,
    reaches: "tuple[ServiceReach, ...]",
) -> Range:
    farthest = max(limit for reach in reaches for limit in reach.limits)
    near = _near(sites, land.shape.union(land.perhaps), farthest)
    middle, least, most = (
        [
            service_coverage(_whole(shape, case), near, reach=reach, weight=None).iloc[
                0
            ]
            for shape in (land.shape, land.surely, land.perhaps)
        ]
        for reach in reaches
    )
    value = _share(middle[0]["served"], middle[0]["unserved"])
    if land.accuracy_m == 0 and reaches[1] == reaches[2]:
        return Range(value)
    return Range(
        value,
        min(_share(least[1]["served"], least[2]["unserved"]), value),
        max(_share(most[2]["served"], most[1]["unserved"]), value),
    )


def _near(
    sites: gpd.GeoDataFrame, land: "BaseGeometry", limit_m: float
) -> gpd.GeoDataFrame:
    """Return the sites that may serve land: all others are too far."""
    reach_m = 1.001 * limit_m + 1  # discs around points are a little wider
    box = shapely.box(*land.bounds).buffer(reach_m)
    some = sites.iloc[sites.sindex.query(box, sort=True)]
    kept: gpd.GeoDataFrame = some.iloc[
        some.sindex.query(land, predicate="dwithin", distance=reach_m, sort=True)
    ]
    return kept


def _people_served(
    case: "Case",
    target: "Target",
    sites: gpd.GeoDataFrame,
    reaches: "tuple[ServiceReach, ...]",
) -> Measured:
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
    return _service(case, target, share, reaches[0], land=land)


def measure_covered_share(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure which share of an extent, or of its built-up land, given areas cover."""
    taken, measure = given_for(case, target), target.measure
    if taken is None or measure is None:
        return
    kind, areas = taken
    extent = case.plan.extent(target.extent)
    built = measure.served == "built_up"
    land = built_up(case, extent) if built else extent_land(case, extent)
    share, obstacle = None, None
    if land is None:
        obstacle = Text("该范围没有边界", "the extent has no boundary")
    elif not areal(areas):
        obstacle = Text("所给设施须为面", "the facilities given must be areas")
    else:
        cover = areas.geometry.union_all()
        sure, more = (
            (shape.intersection(cover).area, shape.difference(cover).area)
            for shape in (land.surely, land.perhaps)
        )
        value = land.shape.intersection(cover).area / land.shape.area
        share = Range(value)
        if land.accuracy_m:
            low, high = _share(sure[0], more[1]), _share(more[0], sure[1])
            share = Range(value, min(low, value), max(high, value))
    whole = Text("建成区", "built-up area") if built else Text("范围", "extent")
    name = facility_name(kind)
    yield _measured(
        case,
        target,
        share,
        indicator="covered_share",
        label=Text(f"{name.zh}占{whole.zh}比重", f"share of the {whole.en}: {name.en}"),
        method=Text(
            "所给面（重叠计一次）与范围相交的面积/范围面积",
            "area of the given polygons, overlaps once, within the land over its area",
        ),
        land=land,
        obstacle=obstacle,
    )


def measure_site_spacing(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure the longest gap between sites on the quickest ways between a circle's places.

    The way from a city to the first site counts as well; ways that are shorter than the
    longest gap allowed prove nothing and are left out.
    """
    taken = given_for(case, target)
    key = target.measure.circle if target.measure else None
    if taken is None or key is None or target.value is None:
        return
    sites = taken[1].set_geometry(taken[1].geometry.representative_point())
    circle = case.plan.circle(key)
    places = case.places(tuple(dict.fromkeys((*circle.origins, *circle.destinations))))
    routes = quickest_ways(case.network_of_year, places)
    routes = routes[routes.length > target.value * _METRES_PER_KM]
    if not len(routes):
        words = Text(
            "各地之间没有比该间距更长的道路", "no way between the places is as long"
        )
        yield _gap(case, target, None, target.name, obstacle=words)
        return
    roads = case.network_of_year.roads.roads
    off_m = float(roads["accuracy_m"].max()) if "accuracy_m" in roads else 0.0
    found = spacing_along(routes, sites, within_m=BESIDE_ROUTE_M)
    near = spacing_along(routes, sites, within_m=BESIDE_ROUTE_M + off_m)
    worst = found.loc[found["gap_km"].idxmax()]
    a, b = (case.plan.place(key).name for key in str(worst["route_id"]).split("|"))
    km = float(worst["gap_km"])
    gap = Range(
        km,
        float(near["gap_km"].max()) * (1 - LENGTH_ERROR_SHARE),
        km * (1 + LENGTH_ERROR_SHARE),
    )
    yield _gap(case, target, gap, Text(f"{a.zh}—{b.zh}", f"{a.en}–{b.en}"))


def _gap(
    case: "Case",
    target: "Target",
    gap: Range | None,
    subject: Text,
    *,
    obstacle: Text | None = None,
) -> Measured:
    kind = target.measure.facilities if target.measure else None
    name = facility_name(kind or "")
    return Measured(
        indicator="site_spacing",
        label=Text(f"沿线{name.zh}最大间距", f"longest gap along the way: {name.en}"),
        subject=subject,
        value=gap.value if gap else None,
        low=gap.low if gap else None,
        high=gap.high if gap else None,
        unit="km",
        method=Text(
            f"各地间最快道路沿线、两侧{BESIDE_ROUTE_M / 1000:g}公里内设施之间的路程",
            f"way between sites within {BESIDE_ROUTE_M / 1000:g} km of the quickest road "
            "between the places, ends included",
        ),
        accuracy=Text(
            "长度±10%；道路为示意，下限另计入其位置误差内的设施",
            "lengths ±10 %; the lower end counts sites within the error of the drawn roads",
        ),
        obstacle=obstacle,
        inputs=(
            *case.given_from(kind or ""),
            *(source.name for source in case.network.roads.sources),
        ),
        schematic=True,
    )


def _service(
    case: "Case",
    target: "Target",
    share: Range | None,
    reach: ServiceReach,
    *,
    land: "Land | None" = None,
    obstacle: Text | None = None,
) -> Measured:
    measure = target.measure
    assert measure is not None
    name = facility_name(measure.facilities or "")
    people = measure.served == "population"
    of = Text("人口", "people") if people else Text("建成区", "built-up area")
    named = service_reach(measure.reach) if measure.reach else None
    on_foot = target.unit == "min" or (named is not None and named.by == "walk")
    walked = _WALKED if on_foot else Text("", "")
    steps = "/".join(f"{metres:,.0f}" for metres in reach.limits)
    if obstacle is None and target.unit != "%" and measure.share is None:
        obstacle = _NO_SHARE
    return _measured(
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


def _measured(
    case: "Case",
    target: "Target",
    share: Range | None,
    *,
    indicator: str,
    label: Text,
    method: Text,
    land: "Land | None",
    obstacle: Text | None,
) -> Measured:
    """Return a share, in per cent where the target is, else against what is to be served."""
    measure = target.measure
    assert measure is not None
    percent = target.unit == "%"
    scale = 100.0 if percent else 1.0
    value, low, high = (
        None if number is None else number * scale for number in share or (None,) * 3
    )
    people = (case.population_source.name,) if measure.served == "population" else ()
    accuracy = land.accuracy if land else Text("—", "—")
    wanted = None if measure.share is None else measure.share / 100
    return Measured(
        indicator=indicator,
        label=label,
        subject=case.plan.extent(target.extent).name,
        value=value,
        low=low,
        high=high,
        unit="%" if percent else "share",
        method=method,
        accuracy=accuracy,
        obstacle=obstacle,
        standard=None if percent else wanted,
        comparator=None if percent else Comparator.AT_LEAST,
        answers_target=percent or wanted is not None,
        inputs=(
            *case.given_from(measure.facilities or ""),
            *people,
            *(land.inputs if land else ()),
        ),
        schematic=bool(land and land.schematic),
    )


def _whole(shape: "shapely.Geometry", case: "Case") -> gpd.GeoDataFrame:
    """Return a shape as areas of a frame; none if it is empty."""
    parts = [p for p in shapely.get_parts(shape) if p.area > 0]
    return gpd.GeoDataFrame(geometry=parts, crs=case.plan.crs)


def _share(part: float, rest: float) -> float:
    """Return the share of a part of two; of a whole the last digits may lack."""
    share = part / (part + rest) if part + rest > 0 else 0.0
    return 1.0 if share > 1 - _SAME_SHARE else share
