"""Which indicator answers which target, and what stands where none does (指标)."""

from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
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

__all__ = ["INDICATORS", "measure", "require_indicator"]

INDICATORS: Final["Mapping[str, Callable[[Case, Target], Iterator[Measured]]]"] = {
    "area": measure_area,
    "centre_distance": measure_centre_distance,
    "places_reached": measure_places_reached,
    "road_density": measure_road_density,
    "system_built": measure_system_built,
    "travel_time": measure_travel_time,
}
"""Indicators by the name that a target's ``measure`` gives."""


def measure(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure a target; one that no indicator answers says what to supply.

    Raises
    ------
    PlanError
        If the target names an indicator that does not exist.
    """
    if target.measure is None:
        yield _without_indicator(case, target)
        return
    require_indicator(target)
    found = list(INDICATORS[target.measure.indicator](case, target))
    yield from found or [_unanswered(case, target)]


_TAKEN_ON: Final["Mapping[str, tuple[str, tuple[str, ...]]]"] = {
    "area": ("", ("km2",)),
    "centre_distance": ("", ("km",)),
    "places_reached": ("circle", ("min",)),
    "road_density": ("", ("km/km2",)),
    "system_built": ("system", ("boolean", "lines")),
    "travel_time": ("circle", ("min",)),
}
"""What an indicator is taken on, and the units of the targets it answers."""


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
        taken_on, units = _TAKEN_ON[name]
        if taken_on and getattr(target.measure, taken_on) is None:
            reason = f"names indicator '{name}' without a {taken_on}"
        elif target.unit not in units:
            answers = " or ".join(units)
            reason = f"is in '{target.unit}'; {name} answers targets in {answers}"
    if reason:
        msg = f"targets, entry '{target.id}' {reason}"
        raise PlanError(msg)


def _without_indicator(case: "Case", target: "Target") -> Measured:
    """Take a target's value from the user or the document, or say what is missing."""
    given = next(filter(None, map(case.values.get, _same(case, target))), None)
    if given is not None:
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
    if target.actual is not None:
        return _told(
            case,
            target,
            target.actual.value,
            method=Text("文件所述的完成值", "value reached, as the document states"),
            accuracy=Text("统计值，精度未说明", "statistics, accuracy not stated"),
            inputs=case.named("targets.yaml"),
        )
    return _unanswered(case, target)


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
