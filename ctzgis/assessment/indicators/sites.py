"""Indicators that count, measure and share out what a user gives (设施数量指标)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.assessment.indicators.completeness import in_part, people_left_out
from ctzgis.assessment.indicators.given import NOT_AREAL, ranged, told_given
from ctzgis.assessment.indicators.ground import (
    BUILT_UP,
    STALE_PEOPLE,
    Range,
    areal,
    census_is_stale,
    extent_land,
    given_for,
    inside,
    merged,
    numbers,
    people_in,
    told_in_ten_thousands,
)
from ctzgis.assessment.needs import facility_name
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.findings import Measured
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.plan import Target

__all__ = [
    "AREA_UNITS",
    "COUNT_UNITS",
    "measure_site_area",
    "measure_site_area_per_person",
    "measure_site_count",
    "measure_site_length_per_people",
    "measure_towns_of_size",
]

COUNT_UNITS: Final = (
    "个", "座", "处", "条", "根", "个村", "个乡镇", "airports",
)  # fmt: skip
"""Units of targets that count things."""

AREA_UNITS: Final["Mapping[str, float]"] = {"km2": 1.0, "万m2": 100.0, "万亩": 0.15}
"""Units of areas, and how many of them a km² is."""

_TEN_THOUSAND: Final = 10_000
_M2_PER_KM2: Final = 1e6
_MANY: Final = 10
"""Where so many are wanted for each county, there should be some in every one."""
_PEOPLE_UNSURE: Final = Text(
    "范围内人口无法确定；请用 --population 提供人口格网",
    "how many people live there cannot be told; give a grid with --population",
)
_ONLY_SITES: Final = Text(
    "此值为站点数，目标计的是站内数量；请在文件中加 count 列",
    "these are sites, and the target counts what is at them; add a column count to the file",
)


def measure_site_count(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Count facilities in the extent; a column ``count`` tells of several at one place.

    A target whose measure names the column counts what is at the sites, not the sites:
    without the column nothing is judged.
    """
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    if "count" in sites:
        sites = sites.assign(count=numbers(sites, "count", kind, whole=True))
    asked = target.measure.column if target.measure else None
    extent = case.plan.extent(target.extent)
    land = extent_land(case, extent)
    name = facility_name(case.plan, kind)
    many = target.value is not None and target.value >= _MANY * len(extent.counties)
    yield told_given(
        case,
        target,
        _counted(sites, land),
        obstacle=None if asked is None or asked in sites else _ONLY_SITES,
        indicator="site_count",
        label=Text(f"{name.zh}数量", f"number: {name.en}"),
        method=Text(
            "中点在范围内的对象之和（有 count 列则按其求和）",
            "those with their middle in the extent (by the column count if there is one)",
        ),
        land=land,
        everywhere=many,
    )


def measure_towns_of_size(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Count given towns whose people are within the bounds of the target's measure."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    people = numbers(sites, "population", kind)
    measure = target.measure
    least = measure.population_from if measure else None
    most = measure.population_to if measure else None
    least, most = least or 0.0, most or np.inf
    towns = sites.drop(columns="count", errors="ignore")
    of_size = (people >= least) & (people < most)
    kept = towns[of_size]
    land = extent_land(case, case.plan.extent(target.extent))
    found = _counted(kept, land)
    # A round figure on the bound may mean the class below or the one above.
    on_bound = (people == least) | (people == most)
    if on_bound.any():
        sure, all_ = towns[of_size & ~on_bound], towns[of_size | on_bound]
        found = Range(
            found.value,
            _counted(sure, land).least,
            _counted(all_, land).most,
        )
    size = _size(least, most)
    yield told_given(
        case,
        target,
        found,
        obstacle=told_in_ten_thousands(people, least or most),
        indicator="towns_of_size",
        label=Text(f"人口{size.zh}的城镇数", f"towns of {size.en} people"),
        method=Text(
            "按所给 population 列；恰在界上者两可",
            "by the column population of what is given; who is on a bound may count or not",
        ),
        land=land,
        everywhere=True,
    )


def _size(least: float, most: float) -> Text:
    """Say how many people a town has, from least to most."""
    if most == np.inf:
        return Text(f"{least / _TEN_THOUSAND:g}万以上", f"at least {least:,.0f}")
    return Text(
        f"{least / _TEN_THOUSAND:g}–{most / _TEN_THOUSAND:g}万",
        f"{least:,.0f}–{most:,.0f}",
    )


def measure_site_area(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure the area of given polygons in the extent, overlaps once."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    land = extent_land(case, case.plan.extent(target.extent))
    name = facility_name(case.plan, kind)
    area = _area(sites)
    scale = AREA_UNITS[target.unit]
    extent = case.plan.extent(target.extent)
    part = in_part(case, kind, extent) if kind == BUILT_UP else None
    yield told_given(
        case,
        target,
        None if area is None else ranged(land, lambda shape: area(shape) * scale),
        indicator="site_area",
        label=Text(f"{name.zh}面积", f"area: {name.en}"),
        method=Text(
            "所给面在范围内的面积，重叠计一次",
            "area of the given polygons within the extent, overlaps once",
        ),
        land=land,
        obstacle=NOT_AREAL if area is None else part,
    )


def measure_site_area_per_person(
    case: "Case", target: "Target"
) -> "Iterator[Measured]":
    """Measure the m² of given polygons in the extent for each of its people."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    area = _area(sites)
    name = facility_name(case.plan, kind)
    yield from _per_people(
        case,
        target,
        None if area is None else (lambda shape: area(shape) * _M2_PER_KM2),
        indicator="site_area_per_person",
        label=Text(f"人均{name.zh}面积", f"area per person: {name.en}"),
        obstacle=NOT_AREAL,
    )


def measure_site_length_per_people(
    case: "Case", target: "Target"
) -> "Iterator[Measured]":
    """Measure the km of given lines in the extent for each 10,000 of its people."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    name = facility_name(case.plan, kind)
    lines = np.asarray(sites.geometry.array)
    linear = bool((shapely.get_dimensions(lines) == 1).all())

    def length(shape: "BaseGeometry") -> float:
        # A stretch that several lines share is one stretch.
        once = shapely.union_all(_cut(lines, shape))
        return float(once.length) / 1000 * _TEN_THOUSAND

    yield from _per_people(
        case,
        target,
        length if linear else None,
        indicator="site_length_per_people",
        label=Text(f"万人拥有{name.zh}长度", f"length per 10,000 people: {name.en}"),
        obstacle=Text("所给对象须为线", "lines are expected"),
    )


def _counted(sites: "gpd.GeoDataFrame", land: "Land | None") -> Range:
    """Count sites; at least without those at the very place of one before, maybe twice."""
    found = ranged(land, lambda shape: _number(sites, shape))
    twice = sites.geometry.to_wkb().duplicated().to_numpy()
    if not twice.any():
        return found
    once = ranged(land, lambda shape: _number(sites[~twice], shape))
    return Range(found.value, once.least, found.most)


def _number(sites: "gpd.GeoDataFrame", shape: "BaseGeometry | None") -> float:
    kept = sites if shape is None else inside(sites, shape)
    return float(kept["count"].sum()) if "count" in kept else float(len(kept))


def _area(
    areas: "gpd.GeoDataFrame",
) -> "Callable[[BaseGeometry | None], float] | None":
    """Return what measures areas within a shape in km²; ``None`` if they are none."""
    if not areal(areas):
        return None
    whole = merged(areas)

    def area(shape: "BaseGeometry | None") -> float:
        parts = whole if shape is None else _cut(whole, shape)
        return float(shapely.area(parts).sum()) / _M2_PER_KM2

    return area


def _cut(shapes: "NDArray[np.object_]", land: "BaseGeometry") -> "NDArray[np.object_]":
    """Return what of shapes lies on land; those wholly inside as they are."""
    shapely.prepare(land)
    near = shapes[shapely.intersects(land, shapes)]
    inner = shapely.contains_properly(land, near)
    cut: NDArray[np.object_] = near.copy()
    cut[~inner] = shapely.intersection(near[~inner], land)
    return cut


def _per_people(
    case: "Case",
    target: "Target",
    amount: "Callable[[BaseGeometry], float] | None",
    *,
    indicator: str,
    label: Text,
    obstacle: Text,
) -> "Iterator[Measured]":
    land = extent_land(case, case.plan.extent(target.extent))
    share: Range | None = None
    why: Text | None = obstacle if amount is None else None
    if land is None:
        why = Text("该范围没有边界", "the extent has no boundary")
    elif amount is not None:
        people = people_in(case, land)
        if people.value > 0:
            why = STALE_PEOPLE if census_is_stale(case) else people_left_out(case, land)
            value = amount(land.shape) / people.value
            share = Range(value)
            if people.low and people.high:
                low = amount(land.surely) / people.high
                high = amount(land.perhaps) / people.low
                share = Range(value, min(low, value), max(high, value))
            else:
                why = _PEOPLE_UNSURE
        else:
            why = Text("该范围内没有人口数据", "there are no people in the extent")
    yield told_given(
        case,
        target,
        share,
        indicator=indicator,
        label=label,
        method=Text(
            "范围内所给对象的量/范围内人口", "amount in the extent over its people"
        ),
        land=land,
        obstacle=why,
        people=True,
    )
