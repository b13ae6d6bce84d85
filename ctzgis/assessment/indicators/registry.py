"""Which indicator answers which target, and what stands where none does (指标)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ctzgis.analysis.coverage.service_reaches import SERVICE_REACHES
from ctzgis.assessment.indicators import (
    covers,
    limits,
    members,
    rails,
    services,
    sites,
    spacing,
    totals,
)
from ctzgis.assessment.indicators.forest import measure_land_cover_share
from ctzgis.assessment.indicators.ground import BUILT_UP, RESIDENTIAL
from ctzgis.assessment.indicators.space import (
    measure_area,
    measure_centre_distance,
    measure_road_density,
    measure_system_built,
)
from ctzgis.assessment.indicators.told import given_value, stated_value
from ctzgis.assessment.indicators.travel import (
    measure_places_reached,
    measure_travel_time,
)
from ctzgis.errors import PlanError
from ctzgis.plan import Comparator, Target
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.findings import Measured
    from ctzgis.plan import Plan, ServiceRule

__all__ = [
    "INDICATORS",
    "WALKABLE",
    "Indicator",
    "facility_kinds",
    "measure",
    "require_indicator",
    "target_of_rule",
]


Takes = Literal["shipped", "roads", "facilities"]
"""What an indicator rests on: data that ship, a street layer, or facilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """
    A measure that answers targets.

    Attributes
    ----------
    measure
        Takes it.
    name
        What it tells, in words.
    units
        Units of the targets it answers.
    on
        Fields of a target's ``measure`` that name what it is taken on.
    takes
        What it rests on.
    """

    measure: "Callable[[Case, Target], Iterator[Measured]]"
    name: Text
    units: tuple[str, ...]
    on: tuple[str, ...] = ()
    takes: Takes = "shipped"


INDICATORS: Final["Mapping[str, Indicator]"] = {
    "area": Indicator(
        measure=measure_area,
        name=Text("范围面积", "area of the extent"),
        units=("km2",),
    ),
    "centre_distance": Indicator(
        measure=measure_centre_distance,
        name=Text("中心间直线距离", "straight distance of centres"),
        units=("km",),
    ),
    "complying_share": Indicator(
        measure=members.measure_complying_share,
        name=Text("达标设施占比", "share of facilities that comply"),
        units=("%",),
        on=("facilities", "column"),
        takes="facilities",
    ),
    "covered_share": Indicator(
        measure=covers.measure_covered_share,
        name=Text("面覆盖的比重", "share that polygons cover"),
        units=("%",),
        on=("facilities",),
        takes="facilities",
    ),
    "dead_ends": Indicator(
        measure=limits.measure_dead_ends,
        name=Text("市界处断头路", "roads that end before the border of two cities"),
        units=("条",),
        takes="roads",
    ),
    "each_served": Indicator(
        measure=members.measure_each_served,
        name=Text("有设施的单元占比", "share of areas that have a facility"),
        units=("%",),
        on=("facilities", "each"),
        takes="facilities",
    ),
    "land_cover_share": Indicator(
        measure=measure_land_cover_share,
        name=Text("森林占土地面积的比例", "share of land under forest"),
        units=("%",),
        on=("facilities",),
        takes="facilities",
    ),
    "new_in_zones": Indicator(
        measure=limits.measure_new_in_zones,
        name=Text("管控区内的新线路", "new roads and railways in protected zones"),
        units=("km",),
    ),
    "people": Indicator(
        measure=totals.measure_people,
        name=Text("范围内常住人口", "people of the extent"),
        units=("万人",),
    ),
    "places_reached": Indicator(
        measure=measure_places_reached,
        name=Text("最远地点至最近中心的车程", "farthest place to its nearest centre"),
        units=("min",),
        on=("circle",),
    ),
    "rail_coverage": Indicator(
        measure=rails.measure_rail_coverage,
        name=Text("有车站的城市占比", "share of cities with a station"),
        units=("%",),
        on=("modes", "within_km", "population_from"),
    ),
    "road_density": Indicator(
        measure=measure_road_density,
        name=Text("路网密度", "road density"),
        units=("km/km2",),
        takes="roads",
    ),
    "road_length": Indicator(
        measure=totals.measure_road_length,
        name=Text("某级道路的长度", "length of roads of a class"),
        units=("km",),
        on=("road_class",),
    ),
    "service_coverage": Indicator(
        measure=services.measure_service_coverage,
        name=Text("服务半径覆盖率", "share within reach of facilities"),
        units=("%", "km", "min"),
        on=("facilities", "served"),
        takes="facilities",
    ),
    "site_area": Indicator(
        measure=sites.measure_site_area,
        name=Text("面的面积", "area of polygons"),
        units=tuple(sites.AREA_UNITS),
        on=("facilities",),
        takes="facilities",
    ),
    "site_area_per_person": Indicator(
        measure=sites.measure_site_area_per_person,
        name=Text("人均面积", "area of polygons per person"),
        units=("m2",),
        on=("facilities",),
        takes="facilities",
    ),
    "site_count": Indicator(
        measure=sites.measure_site_count,
        name=Text("设施数量", "number of facilities"),
        units=sites.COUNT_UNITS,
        on=("facilities",),
        takes="facilities",
    ),
    "site_length_per_people": Indicator(
        measure=sites.measure_site_length_per_people,
        name=Text("万人拥有长度", "length of lines per 10,000 people"),
        units=("km/万人",),
        on=("facilities",),
        takes="facilities",
    ),
    "site_spacing": Indicator(
        measure=spacing.measure_site_spacing,
        name=Text("沿线最大间距", "longest gap between sites along the way"),
        units=("km",),
        on=("facilities", "circle"),
        takes="facilities",
    ),
    "station_changes": Indicator(
        measure=rails.measure_station_changes,
        name=Text("轨网间同站换乘的占比", "share of changes within one node"),
        units=("share",),
    ),
    "system_built": Indicator(
        measure=measure_system_built,
        name=Text("各廊道建成的长度", "what of each corridor is built"),
        units=("boolean", "lines"),
        on=("system",),
    ),
    "towns_of_size": Indicator(
        measure=sites.measure_towns_of_size,
        name=Text("某人口规模的城镇数", "number of towns of a size"),
        units=sites.COUNT_UNITS,
        on=("facilities",),
        takes="facilities",
    ),
    "travel_time": Indicator(
        measure=measure_travel_time,
        name=Text("时间圈各地之间的时间", "time between the places of a circle"),
        units=("min",),
        on=("circle",),
    ),
}
"""Indicators by the name that a target's ``measure`` gives."""

WALKABLE: Final = tuple(
    key for key, reach in SERVICE_REACHES.items() if reach.by in ("straight", "walk")
)
"""Reaches that a target's ``measure`` may name."""

_RULE_UNITS: Final["Mapping[str, str]"] = {
    "new_in_zones": "km",
    "station_changes": "share",
}


def target_of_rule(plan: "Plan", rule: "ServiceRule") -> Target:
    """
    Return a service rule as a target, to be measured as one.

    It holds for the extent of its document. A rule without a figure is told in words.

    Raises
    ------
    PlanError
        If it names an indicator that answers no rule.
    """
    name = rule.measure.indicator if rule.measure else ""
    if name not in _RULE_UNITS:
        msg = (
            f"rules, entry '{rule.id}' names indicator '{name}'; known for rules are "
            f"{', '.join(_RULE_UNITS)}"
        )
        raise PlanError(msg)
    return Target(
        id=rule.id,
        name=rule.name,
        kind="spatial",
        method=name,
        comparator=rule.comparator or Comparator.EQUAL,
        value_zh=rule.name.zh,
        unit=_RULE_UNITS[name],
        extent=plan.document(rule.citation.document).extent,
        citation=rule.citation,
        also_in=rule.also_in,
        measure=rule.measure,
    )


def measure(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure a target; what nothing answers says what to supply.

    A value that the user gives comes first, beside what is measured.

    Raises
    ------
    PlanError
        If the target names an indicator that does not exist.
    """
    require_indicator(target)
    given = given_value(case, target)
    if given is not None:
        yield given
    if target.measure is not None:
        indicator = INDICATORS[target.measure.indicator]
        yield from list(indicator.measure(case, target)) or [stated_value(case, target)]
    elif given is None:
        yield stated_value(case, target)


def require_indicator(target: "Target") -> None:
    """
    Check that a target's indicator exists, has what it is taken on, and fits its unit.

    Raises
    ------
    PlanError
        With the entry and the reason.
    """
    if target.measure is None:
        return
    name = target.measure.indicator
    reason = ""
    if name not in INDICATORS:
        reason = f"names indicator '{name}'; known are {', '.join(sorted(INDICATORS))}"
    else:
        indicator = INDICATORS[name]
        missing = [on for on in indicator.on if not getattr(target.measure, on)]
        reach = target.measure.reach
        if missing:
            reason = f"names indicator '{name}' without a {missing[0]}"
        elif target.unit not in indicator.units:
            answers = " or ".join(indicator.units)
            reason = f"is in '{target.unit}'; {name} answers targets in {answers}"
        elif reach is not None and reach not in WALKABLE:
            reason = f"names reach '{reach}'; known are {', '.join(WALKABLE)}"
        elif name == "service_coverage" and target.unit == "%" and reach is None:
            reason = f"is in '{target.unit}' and names no reach"
    if reason:
        msg = f"targets, entry '{target.id}' {reason}"
        raise PlanError(msg)


def facility_kinds(plan: "Plan") -> tuple[str, ...]:
    """
    Return the kinds of facilities that a plan's targets are measured on, in order.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> "charger" in facility_kinds(read_plan("czt"))
    True
    """
    kinds = {BUILT_UP}
    for target in plan.targets:
        if target.measure is not None:
            kinds |= {target.measure.facilities or "", target.measure.each or ""}
            if target.measure.served == RESIDENTIAL:
                kinds.add(RESIDENTIAL)
            if target.measure.indicator == "rail_coverage":
                kinds.add(rails.CITY)
    return tuple(sorted(kinds - {""}))
