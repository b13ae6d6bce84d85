"""Indicators that count, measure and share out what a user gives (设施数量指标)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.ground import (
    Range,
    areal,
    extent_land,
    given_for,
    inside,
    numbers,
    people_in,
)
from ctzgis.assessment.needs import facility_name
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.ground import Land
    from ctzgis.plan import Target

__all__ = [
    "AREA_UNITS",
    "COUNT_UNITS",
    "measure_each_served",
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
_NOT_AREAL: Final = Text("所给对象须为面", "areas are expected")
_PEOPLE_UNSURE: Final = Text(
    "范围内人口无法确定；请用 --population 提供人口格网",
    "how many people live there cannot be told; give a grid with --population",
)
_WHOLE_FILE: Final = Text(
    "所给文件须含全部对象；其完整性与精度未说明",
    "the file must hold all of them; how complete and accurate it is, is not stated",
)
_NO_BORDER: Final = Text(
    "该范围没有边界，计入所给全部对象",
    "the extent has no border; all that is given counts",
)


def measure_site_count(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Count facilities in the extent; a column ``count`` tells of several at one place."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    if "count" in sites:
        sites = sites.assign(count=numbers(sites, "count", kind))
    land = extent_land(case, case.plan.extent(target.extent))
    name = facility_name(kind)
    yield _given(
        case,
        target,
        _ranged(land, lambda shape: _number(sites, shape)),
        indicator="site_count",
        label=Text(f"{name.zh}数量", f"number: {name.en}"),
        method=Text(
            "中点在范围内的对象之和（有 count 列则按其求和）",
            "those with their middle in the extent (by the column count if there is one)",
        ),
        land=land,
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
    kept = sites[(people >= least) & (people < most)].drop(
        columns="count", errors="ignore"
    )
    land = extent_land(case, case.plan.extent(target.extent))
    upper = "" if most == np.inf else f"{most / _TEN_THOUSAND:g}"
    size = f"{least / _TEN_THOUSAND:g}–{upper}"
    size_en = f"{least:,.0f}–" + ("" if most == np.inf else f"{most:,.0f}")
    yield _given(
        case,
        target,
        _ranged(land, lambda shape: _number(kept, shape)),
        indicator="towns_of_size",
        label=Text(f"人口{size}万的城镇数", f"towns of {size_en} people"),
        method=Text(
            "按所给 population 列", "by the column population of what is given"
        ),
        land=land,
    )


def measure_site_area(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure the area of given polygons in the extent, overlaps once."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    land = extent_land(case, case.plan.extent(target.extent))
    name = facility_name(kind)
    area = _area(sites)
    scale = AREA_UNITS[target.unit]
    yield _given(
        case,
        target,
        None if area is None else _ranged(land, lambda shape: area(shape) * scale),
        indicator="site_area",
        label=Text(f"{name.zh}面积", f"area: {name.en}"),
        method=Text(
            "所给面在范围内的面积，重叠计一次",
            "area of the given polygons within the extent, overlaps once",
        ),
        land=land,
        obstacle=_NOT_AREAL if area is None else None,
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
    name = facility_name(kind)
    yield from _per_people(
        case,
        target,
        None if area is None else (lambda shape: area(shape) * _M2_PER_KM2),
        indicator="site_area_per_person",
        label=Text(f"人均{name.zh}面积", f"area per person: {name.en}"),
        obstacle=_NOT_AREAL,
    )


def measure_site_length_per_people(
    case: "Case", target: "Target"
) -> "Iterator[Measured]":
    """Measure the km of given lines in the extent for each 10,000 of its people."""
    taken = given_for(case, target)
    if taken is None:
        return
    kind, sites = taken
    name = facility_name(kind)
    lines = np.asarray(sites.geometry.array)
    linear = bool((shapely.get_dimensions(lines) == 1).all())

    def length(shape: "BaseGeometry") -> float:
        inner = shapely.intersection(lines, shape)
        return float(shapely.length(inner).sum()) / 1000 * _TEN_THOUSAND

    yield from _per_people(
        case,
        target,
        length if linear else None,
        indicator="site_length_per_people",
        label=Text(f"万人拥有{name.zh}长度", f"length per 10,000 people: {name.en}"),
        obstacle=Text("所给对象须为线", "lines are expected"),
    )


def measure_each_served(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure which share of given areas (towns, villages) has a facility within it."""
    taken = given_for(case, target)
    each = target.measure.each if target.measure else None
    if taken is None or each is None or each not in case.facilities:
        return
    kind, sites = taken
    areas = case.facilities[each]
    name, unit = facility_name(kind), facility_name(each)
    land = extent_land(case, case.plan.extent(target.extent))
    if land is not None:
        areas = inside(areas, land.shape)
    share, obstacle = None, None
    if not areal(areas):
        obstacle = _NOT_AREAL
    elif not len(areas):
        obstacle = Text(
            f"所给{unit.zh}都不在该范围内", f"none lies in the extent: {unit.en}"
        )
    else:
        at = np.asarray(sites.geometry.representative_point().array)
        held = np.unique(areas.sindex.query(at, predicate="intersects")[1])
        share = Range(100.0 * len(held) / len(areas))
    yield _given(
        case,
        target,
        share,
        indicator="each_served",
        label=Text(
            f"有{name.zh}的{unit.zh}占比", f"share of {unit.en} with: {name.en}"
        ),
        method=Text(
            f"含至少一处所给设施的面数/{unit.zh}总数",
            "areas with at least one given facility over all areas",
        ),
        land=land,
        obstacle=obstacle,
        more=(each,),
    )


def _number(sites: "gpd.GeoDataFrame", shape: "BaseGeometry | None") -> float:
    kept = sites if shape is None else inside(sites, shape)
    return float(kept["count"].sum()) if "count" in kept else float(len(kept))


def _area(
    areas: "gpd.GeoDataFrame",
) -> "Callable[[BaseGeometry | None], float] | None":
    """Return what measures areas within a shape in km²; ``None`` if they are none."""
    if not areal(areas):
        return None
    whole = areas.geometry.union_all()

    def area(shape: "BaseGeometry | None") -> float:
        part = whole if shape is None else whole.intersection(shape)
        return float(part.area) / _M2_PER_KM2

    return area


def _ranged(
    land: "Land | None", amount: "Callable[[BaseGeometry | None], float]"
) -> Range:
    """Return an amount in land, and what it may be where its border is off."""
    if land is None:
        return Range(amount(None))
    value = amount(land.shape)
    if not land.accuracy_m:
        return Range(value)
    return Range(value, amount(land.surely), amount(land.perhaps))


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
    yield _given(
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


def _given(
    case: "Case",
    target: "Target",
    found: Range | None,
    *,
    indicator: str,
    label: Text,
    method: Text,
    land: "Land | None",
    obstacle: Text | None = None,
    more: tuple[str, ...] = (),
    people: bool = False,
) -> Measured:
    """Return what was measured on facilities that a user gave."""
    kind = (target.measure.facilities if target.measure else None) or ""
    if obstacle is None and land is not None and _none_in(case, kind, land):
        obstacle = Text(
            "所给对象都不在该范围内，不能据此判断；请核对文件是否覆盖该范围",
            "none of what is given lies in the extent, which decides nothing; check that "
            "the file covers it",
        )
    border = _NO_BORDER if land is None else land.accuracy
    return Measured(
        indicator=indicator,
        label=label,
        subject=case.plan.extent(target.extent).name,
        value=found.value if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        unit=target.unit,
        method=method,
        accuracy=Text(
            f"{_WHOLE_FILE.zh}；{border.zh}", f"{_WHOLE_FILE.en}; {border.en}"
        ),
        obstacle=obstacle,
        inputs=(
            *case.given_from(kind, *more),
            *((case.population_source.name,) if people else ()),
            *(land.inputs if land else ()),
        ),
        schematic=bool(land and land.schematic),
    )


def _none_in(case: "Case", kind: str, land: "Land") -> bool:
    """Tell whether nothing that is given touches an extent."""
    return not len(case.facilities[kind].sindex.query(land.perhaps, "intersects"))
