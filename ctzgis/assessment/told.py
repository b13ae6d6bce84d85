"""Values that are told, by a user or a document, and what is told where none is (给定值)."""

from typing import TYPE_CHECKING

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.needs import need_of
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["given_value", "stated_value"]


def given_value(case: "Case", target: "Target") -> Measured | None:
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
