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

__all__ = ["INDICATORS", "measure"]

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
        yield _unanswered(case, target)
        return
    name = target.measure.indicator
    if name not in INDICATORS:
        known = ", ".join(sorted(INDICATORS))
        msg = f"target '{target.id}' names indicator '{name}'; known are {known}"
        raise PlanError(msg)
    yield from INDICATORS[name](case, target)


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
