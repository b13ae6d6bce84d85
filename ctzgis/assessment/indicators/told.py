"""Values that are told, by a user or a document, and what is told where none is (给定值)."""

from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.needs import need_of
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["given_value", "stated_value"]

_NEAR: Final = 2.0
"""A share of 1 or less is taken for a fraction if that is within this factor of the target."""


def given_value(case: "Case", target: "Target") -> Measured | None:
    """Return the value a user gives for a target, measured or not."""
    given = next(filter(None, map(case.values.get, _same(case, target))), None)
    if given is None:
        return None
    fraction = _looks_like_fraction(target, given.value)
    name = case.values_source.name if case.values_source else "values"
    when = "" if given.year is None else f" ({given.year})"
    return _told(
        case,
        target,
        given.value,
        method=Text(f"用户提供{when}", f"given by the user{when}"),
        accuracy=Text(given.source or "未说明", given.source or "not stated"),
        inputs=(name,),
        year=given.year,
        obstacle=_in_per_cent(given.value) if fraction else None,
    )


def stated_value(case: "Case", target: "Target") -> Measured:
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
        year=target.actual.year,
    )


def _looks_like_fraction(target: "Target", value: float) -> bool:
    """Tell whether a share seems to be given as 0.57 where 57 % is meant."""
    if target.unit != "%" or not target.value or not 0 < value <= 1:
        return False
    return 1 / _NEAR <= 100 * value / target.value <= _NEAR


def _in_per_cent(value: float) -> Text:
    return Text(
        f"数值{value:g}似为小数；单位为%，若为{100 * value:g}%请填{100 * value:g}",
        f"{value:g} looks like a fraction; the unit is %: give {100 * value:g} for "
        f"{100 * value:g} %",
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
    year: int | None,
    obstacle: Text | None = None,
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
        obstacle=words if target.value is None else obstacle,
        inputs=inputs,
        schematic=False,
        year=year,
    )


def _unanswered(case: "Case", target: "Target") -> Measured:
    wanted = need_of(case.plan, target)
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
