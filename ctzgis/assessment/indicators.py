"""Which indicator answers which target, and what stands where none does (指标)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.land_cover import measure_land_cover_share
from ctzgis.assessment.needs import need
from ctzgis.assessment.space import (
    measure_area,
    measure_centre_distance,
    measure_road_density,
    measure_system_built,
)
from ctzgis.assessment.travel import measure_places_reached, measure_travel_time
from ctzgis.errors import PlanError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["INDICATORS", "Indicator", "measure", "require_indicator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """
    A measure that answers targets.

    Attributes
    ----------
    measure
        Takes it.
    units
        Units of the targets it answers.
    on
        Field of a target's ``measure`` that names what it is taken on, if any.
    """

    measure: "Callable[[Case, Target], Iterator[Measured]]"
    units: tuple[str, ...]
    on: str = ""


INDICATORS: Final["Mapping[str, Indicator]"] = {
    "area": Indicator(measure=measure_area, units=("km2",)),
    "centre_distance": Indicator(measure=measure_centre_distance, units=("km",)),
    "land_cover_share": Indicator(measure=measure_land_cover_share, units=("%",)),
    "places_reached": Indicator(
        measure=measure_places_reached, units=("min",), on="circle"
    ),
    "road_density": Indicator(measure=measure_road_density, units=("km/km2",)),
    "system_built": Indicator(
        measure=measure_system_built, units=("boolean", "lines"), on="system"
    ),
    "travel_time": Indicator(measure=measure_travel_time, units=("min",), on="circle"),
}
"""Indicators by the name that a target's ``measure`` gives."""


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
    given = _given(case, target)
    if given is not None:
        yield given
    if target.measure is not None:
        indicator = INDICATORS[target.measure.indicator]
        yield from list(indicator.measure(case, target)) or [_unanswered(case, target)]
    elif given is None:
        yield _stated(case, target)


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
        if indicator.on and getattr(target.measure, indicator.on) is None:
            reason = f"names indicator '{name}' without a {indicator.on}"
        elif target.unit not in indicator.units:
            answers = " or ".join(indicator.units)
            reason = f"is in '{target.unit}'; {name} answers targets in {answers}"
    if reason:
        msg = f"targets, entry '{target.id}' {reason}"
        raise PlanError(msg)


def _given(case: "Case", target: "Target") -> Measured | None:
    """Return the value a user gives for a target, measured or not."""
    given = next(filter(None, map(case.values.get, _same(case, target))), None)
    if given is None:
        return None
    name = case.values_source.name if case.values_source else "values"
    when = "" if given.year is None else f" ({given.year})"
    return _told(
        case,
        target,
        given.value,
        method=Text(f"用户提供{when}", f"given by the user{when}"),
        accuracy=Text(given.source or "未说明", given.source or "not stated"),
        inputs=(name,),
    )


def _stated(case: "Case", target: "Target") -> Measured:
    """Return what a document says was reached, or say what is missing."""
    if target.actual is None:
        return _unanswered(case, target)
    return _told(
        case,
        target,
        target.actual.value,
        method=Text("文件所述的完成值", "value reached, as the document states"),
        accuracy=Text("统计值，精度未说明", "statistics, accuracy not stated"),
        inputs=case.named("targets.yaml"),
    )


def _same(case: "Case", target: "Target") -> "Iterator[str]":
    """Yield the ids of a target and of those that say the same in other documents."""
    yield target.id
    first = target.repeats or target.id
    for other in case.plan.targets:
        if first in (other.id, other.repeats) and other.id != target.id:
            yield other.id


def _told(
    case: "Case",
    target: "Target",
    value: float,
    *,
    method: Text,
    accuracy: Text,
    inputs: tuple[str, ...],
) -> Measured:
    words = Text(
        "目标为文字或等级，须人工判断",
        "the target is a text or class; a person must judge",
    )
    return Measured(
        indicator=target.method,
        label=target.name,
        subject=case.plan.extent(target.extent).name,
        value=value,
        unit=target.unit,
        method=method,
        accuracy=accuracy,
        obstacle=words if target.value is None else None,
        inputs=inputs,
        schematic=False,
    )


def _unanswered(case: "Case", target: "Target") -> Measured:
    wanted = target.needs or need(target.method)
    return Measured(
        indicator=target.method,
        label=target.name,
        subject=case.plan.extent(target.extent).name,
        value=None,
        unit=target.unit,
        method=Text("未计算", "not computed"),
        accuracy=Text("—", "—"),
        obstacle=Text(f"需要：{wanted.zh}", f"needs {wanted.en}"),
        inputs=(),
        schematic=False,
    )
