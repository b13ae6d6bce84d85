"""Hold a measured value against a target (达标判定)."""

from dataclasses import replace
from typing import Final

from ctzgis.assessment.findings import Finding, Measured, Status
from ctzgis.assessment.units import amount, demand, span
from ctzgis.plan import Comparator, Direction, Plan, Target
from ctzgis.texts import Text

__all__ = ["ABOUT_SHARE", "judge"]

ABOUT_SHARE: Final = 0.05
"""A document's 约 is read as within 5 %."""

_ROUNDING_SHARE: Final = 1e-4
"""What rounded coordinates may do to a length or an area; less decides nothing."""

_NO_YEAR: Final = Text("；文件未定期限", "; the document sets no year")


def judge(plan: Plan, target: Target, measured: Measured, *, year: int) -> Finding:
    """
    Say what a measured value means for a target in a year.

    A target that a later document or law replaced is *superseded*; one that the
    value cannot answer, or that lies within the accuracy of the value, is *not
    assessable*; only what is left is met or unmet. A value of a later year than the
    one assessed cannot answer either, nor one of a year before it and before the target
    is due.
    """
    held = _held(target, measured)
    status, reason = _verdict(plan, held, measured, year)
    answers = measured.answers_target
    return Finding(
        target_id=target.id,
        name=target.name,
        measured=measured,
        wanted=_wanted(held, measured) if answers else None,
        target=_bar(target, measured) if answers else None,
        comparator=held.comparator.value if answers else None,
        due=target.year,
        status=status,
        reason=reason,
        source=plan.cite(target.citation),
    )


def _held(target: Target, measured: Measured) -> Target:
    """Return the target as the value is held against it."""
    if measured.comparator is None:
        return target
    return replace(target, comparator=measured.comparator, value_to=None)


def _verdict(
    plan: Plan, target: Target, measured: Measured, year: int
) -> tuple[Status, Text]:
    if target.superseded and year >= target.superseded.year:
        return Status.SUPERSEDED, target.superseded.by
    for later in plan.targets:
        if target.id in later.replaces:
            by = plan.cite(later.citation)
            wanted = demand(later, later.unit)
            return Status.SUPERSEDED, Text(
                f"以{by.zh}为准：{wanted.zh}", f"{by.en} holds instead: {wanted.en}"
            )
    if measured.obstacle is not None:
        return Status.NOT_ASSESSABLE, measured.obstacle
    bar = _bar(target, measured)
    if measured.value is None or bar is None:
        return Status.NOT_ASSESSABLE, Text("没有测得数值", "no value was measured")
    untimely = _untimely(target, measured, year)
    if untimely is not None:
        return Status.NOT_ASSESSABLE, untimely
    value, low, high = measured.value, measured.low, measured.high
    met = _holds(target, bar, value)
    if low is not None and high is not None:
        possible = [value, low, high, *([bar] if _spans(low, high, bar) else [])]
        if len({_holds(target, bar, number) for number in possible}) > 1:
            within = span(low, high, measured.unit)
            return Status.NOT_ASSESSABLE, Text(
                f"数据精度不足：真值在{within.zh}之间，跨越目标值",
                f"the data cannot tell: the true value lies in {within.en}, which spans "
                "the target",
            )
    elif value == bar and target.comparator in (Comparator.LESS, Comparator.MORE):
        return Status.NOT_ASSESSABLE, Text(
            "数值按所给位数恰在界上，取决于舍入",
            "as stated the value lies on the bound; rounding decides",
        )
    status = Status.MET if met else Status.UNMET
    upper = bar if target.value_to is None else target.value_to
    gap = _gap(value - min(max(value, bar), upper), measured.unit)
    due = _due(target, measured.year or year, met=met)
    return status, Text(gap.zh + due.zh, gap.en + due.en)


def _untimely(target: Target, measured: Measured, year: int) -> Text | None:
    """Say why a value of its own year tells nothing of the year that is assessed."""
    when = measured.year
    if when is None:
        return None
    wanted = year if target.year is None else min(year, target.year)
    if when > year:
        return Text(
            f"数值为{when}年的，晚于所评的{year}年",
            f"the value is of {when}, after {year}, which is assessed",
        )
    if when < wanted:
        return Text(
            f"数值为{when}年的，不能说明{wanted}年；请提供{wanted}年的数值",
            f"the value is of {when} and tells nothing of {wanted}; give one of {wanted}",
        )
    return None


def _due(target: Target, year: int, *, met: bool) -> Text:
    """Say when a target is due, where the year of the value alone may mislead."""
    due = target.year
    if due is None:
        stated = met or target.direction is Direction.EXACT
        return Text("", "") if stated else _NO_YEAR
    if met and year > due:
        return Text(
            f"；此为{year}年底的状况，期限为{due}年",
            f"; this is how it stands at the end of {year}, and it was due in {due}",
        )
    if not met and due > year:
        return Text(f"；{due}年才到期", f"; not due until {due}")
    return Text("", "")


def _spans(low: float, high: float, bar: float) -> bool:
    """Tell whether a target lies in a range, or nearer to it than coordinates tell."""
    slack = _ROUNDING_SHARE * abs(bar)
    return low - slack <= bar <= high + slack


def _bar(target: "Target", measured: Measured) -> float | None:
    return target.value if measured.standard is None else measured.standard


def _wanted(target: "Target", measured: Measured) -> Text:
    return demand(target, measured.unit, standard=measured.standard)


def _gap(gap: float, unit: str) -> Text:
    if gap == 0:
        return Text("与目标一致", "exactly on target")
    points = {"%": 1, "share": 100}.get(unit)
    by = amount(abs(gap) * points, "pp") if points else amount(abs(gap), unit)
    if gap > 0:
        return Text(f"比目标值高{by.zh}", f"{by.en} above the target")
    return Text(f"比目标值低{by.zh}", f"{by.en} below the target")


def _holds(target: "Target", wanted: float, value: float) -> bool:
    """Tell whether a value reaches a target; ``wanted`` is its lower end."""
    upper = wanted if target.value_to is None else target.value_to
    match target.comparator:
        case Comparator.LESS:
            return value < upper
        case Comparator.AT_MOST:
            return value <= upper
        case Comparator.AT_LEAST:
            return value >= wanted
        case Comparator.MORE:
            return value > wanted
        case Comparator.ABOUT:
            least = wanted - ABOUT_SHARE * abs(wanted)
            most = upper + ABOUT_SHARE * abs(upper)
        case Comparator.EQUAL:
            least, most = wanted, upper
    match target.direction:
        case Direction.RISING:
            return value >= least
        case Direction.FALLING:
            return value <= most
        case Direction.EXACT:
            return least <= value <= most
