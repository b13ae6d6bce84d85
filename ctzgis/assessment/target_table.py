"""How each spatial target is measured and what that takes, as a document (指标与数据需求)."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.indicators.registry import INDICATORS, facility_kinds
from ctzgis.assessment.needs import facility_name, need_of
from ctzgis.assessment.units import demand
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.plan import Measure, Plan, Target

__all__ = ["answered_by", "target_table"]

_STATES: Final = {
    "shipped": Text("用随附数据测算", "measured on the data that ship"),
    "roads": Text("提供道路图层后测算", "measured once a street layer is given"),
    "facilities": Text("提供设施后测算", "measured once facilities are given"),
    "nothing": Text("尚不能由空间数据测算", "not measured"),
}
_ROADS: Final = Text("--roads 道路图层", "--roads with a street layer")
_HEAD: Final = (
    "| id | 目标 Target | 要求 Wanted | 怎样量 How | 需提供 To supply |",
    "|---|---|---|---|---|",
)


def answered_by(target: "Target") -> str:
    """
    Tell what a target's measure rests on: shipped, roads, facilities, or nothing.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> answered_by(plan.target("t002_charge_city")), answered_by(plan.target("t001_gas"))
    ('facilities', 'nothing')
    """
    if target.measure is None:
        return "nothing"
    return INDICATORS[target.measure.indicator].takes


def target_table(plan: "Plan") -> str:
    """
    Return every spatial target of a plan with its measure and what it takes, in Markdown.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> print(target_table(read_plan("gridville")).splitlines()[0])
    # 空间目标怎样量 How spatial targets are measured: gridville
    """
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: "Plan") -> "Iterator[str]":
    spatial = [target for target in plan.targets if target.kind == "spatial"]
    counts = Counter(map(answered_by, spatial))
    yield f"# 空间目标怎样量 How spatial targets are measured: {plan.id}"
    yield ""
    yield f"`ctzgis plan methods --plan {plan.id}` 生成 writes this file."
    yield ""
    yield f"空间目标 spatial targets: {len(spatial)} / {len(plan.targets)}"
    yield ""
    for key, words in _STATES.items():
        yield f"- {words.zh} {words.en}: {counts[key]}"
    for key, words in _STATES.items():
        chosen = [target for target in spatial if answered_by(target) == key]
        if chosen:
            yield ""
            yield f"## {words.zh} {words.en}"
            yield ""
            yield from _HEAD
            yield from (_row(plan, target) for target in chosen)
    yield from _rules(plan)
    yield from _kinds(plan)


def _row(plan: "Plan", target: "Target") -> str:
    wanted = demand(target, target.unit)
    how = _how(target.measure)
    cells = (
        f"`{target.id}`",
        _both(target.name),
        _both(wanted),
        how,
        _supply(plan, target),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _how(measure: "Measure | None") -> str:
    if measure is None:
        return "—"
    name = INDICATORS[measure.indicator].name
    return f"`{measure.indicator}` {name.zh} {name.en}"


def _supply(plan: "Plan", target: "Target") -> str:
    state = answered_by(target)
    if state == "roads" and target.needs is None:
        return _both(_ROADS)
    if state == "shipped":
        return "—" if target.needs is None else _both(target.needs)
    return _both(need_of(plan, target))


def _rules(plan: "Plan") -> "Iterator[str]":
    rules = [rule for rule in plan.rules if rule.measure is not None]
    if not rules:
        return
    yield ""
    yield "## 规则 Rules that are measured"
    yield ""
    yield "| id | 规则 Rule | 怎样量 How |"
    yield "|---|---|---|"
    for rule in rules:
        yield f"| `{rule.id}` | {_both(rule.name)} | {_how(rule.measure)} |"


def _kinds(plan: "Plan") -> "Iterator[str]":
    yield ""
    yield "## 设施类别 Kinds of facilities (`--facilities KIND=FILE`)"
    yield ""
    yield "| KIND | 含义 What they are |"
    yield "|---|---|"
    for kind in facility_kinds(plan):
        yield f"| `{kind}` | {_both(facility_name(plan, kind))} |"


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh}<br>{text.en}"
