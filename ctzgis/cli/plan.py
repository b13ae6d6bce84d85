"""``ctzgis plan``: look into a plan, export it, check one's own (规划数据)."""

import argparse
import gc
from typing import TYPE_CHECKING, Any

from ctzgis.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctzgis.plan import CorridorGroup, Plan, Target
    from ctzgis.texts import Lang

__all__ = ["add_command"]


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command and its parts to a parser's commands."""
    parser = commands.add_parser(
        "plan",
        help="规划数据 · look into a plan, export it, or check one's own",
        description="Look into a plan, export it, or check one's own (规划数据).",
    )
    _add_common(parser)
    parser.set_defaults(run=_overview)
    parts = parser.add_subparsers(metavar="PART")
    show = parts.add_parser("show", help="one entry, by id, name or printed spelling")
    show.add_argument("name")
    targets = parts.add_parser("targets", help="the targets that hold")
    targets.add_argument("--year", type=int, help="due in this year, or without one")
    targets.add_argument("--extent", help="id or name of the extent they hold for")
    targets.add_argument("--kind", choices=("spatial", "statistical"))
    conflicts = parts.add_parser("conflicts", help="where documents differ")
    methods = parts.add_parser(
        "methods", help="how each spatial target is measured, and what that takes"
    )
    export = parts.add_parser("export", help="the whole plan in one file")
    export.add_argument(
        "--out", required=True, metavar="FILE", help=".json .gpkg .xlsx"
    )
    validate = parts.add_parser("validate", help="check a plan's folder or file")
    validate.add_argument("path")
    for part, run in (
        (show, _show),
        (targets, _targets),
        (conflicts, _conflicts),
        (methods, _methods),
        (export, _export),
        (validate, _validate),
    ):
        _add_common(part)
        part.set_defaults(run=run)


def _add_common(parser: argparse.ArgumentParser) -> None:
    # A part's own default must not undo what was said before it.
    missing = argparse.SUPPRESS
    parser.add_argument("--plan", default=missing, help="shipped plan or folder [czt]")
    parser.add_argument("--lang", choices=("zh", "en"), default=missing, help="[zh]")


def _plan_and_lang(options: argparse.Namespace) -> "tuple[Plan, Lang]":
    # Nothing that is read becomes garbage, so looking for it only takes time.
    gc.disable()
    try:
        from ctzgis.sources.plans.folders import read_plan

        plan = read_plan(getattr(options, "plan", "czt"))
    finally:
        gc.enable()
    return plan, getattr(options, "lang", "zh")


def _print(lines: "Iterable[str]") -> int:
    for line in lines:
        print(line)
    return 0


def _overview(options: argparse.Namespace) -> int:
    from ctzgis.plan.part_names import PART_NAMES

    plan, lang = _plan_and_lang(options)
    lines = [plan.name.get(lang), ""]
    counts = [
        (PART_NAMES[name].get(lang), str(len(part)))
        for name, part in plan.parts().items()
    ]
    located = sum(p.location is not None for p in plan.places)
    lines += table(
        ("内容", "数量") if lang == "zh" else ("part", "count"), counts, widths=(30, 8)
    )
    lines += [
        "",
        f"有坐标的地点 {located}/{len(plan.places)}"
        if lang == "zh"
        else f"places with a position {located} of {len(plan.places)}",
        "",
    ]
    head = (
        ("文件", "时期", "效力", "完整性")
        if lang == "zh"
        else ("document", "period", "precedence", "completeness")
    )
    documents = [
        (d.short.get(lang), d.period, str(d.precedence), d.completeness.get(lang))
        for d in plan.documents
    ]
    lines += table(head, documents, widths=(30, 30, 10, 60))
    lines += ["", *_system_lines(plan, lang)]
    return _print(lines)


def _system_lines(plan: "Plan", lang: "Lang") -> list[str]:
    yes, no, unknown = ("是", "否", "未定数") if lang == "zh" else ("yes", "NO", "open")
    head = (
        ("通道体系", "名称所示 → 所列", "齐全")
        if lang == "zh"
        else ("corridor system", "declared → listed", "complete")
    )
    rows = []
    for system in plan.systems:
        groups = "  ".join(
            f"{group.name.get(lang)} {_declared(group)}→{group.listed_count}"
            for group in system.groups
        )
        states = {group.complete for group in system.groups}
        whole = no if False in states else unknown if None in states else yes
        rows.append((system.name.get(lang), groups, whole))
    return table(head, rows, widths=(40, 60, 8))


def _declared(group: "CorridorGroup") -> str:
    return "?" if group.declared_count is None else str(group.declared_count)


def _show(options: argparse.Namespace) -> int:
    from ctzgis.cli.plan_entry import entry_lines
    from ctzgis.plan.part_names import PART_NAMES

    plan, lang = _plan_and_lang(options)
    topics = {entry.id: name for name, part in plan.parts().items() for entry in part}
    lines: list[str] = []
    for entry in plan.find(options.name):
        topic = PART_NAMES[topics[entry.id]].get(lang)
        lines += [*entry_lines(plan, entry, topic, lang), ""]
    return _print(lines[:-1])


def _targets(options: argparse.Namespace) -> int:
    from ctzgis.assessment.units import demand

    plan, lang = _plan_and_lang(options)
    extent = _extent_id(plan, options.extent) if options.extent else None
    held = plan.targets.on(year=options.year, extent=extent, kind=options.kind)
    head = (
        ("目标", "要求", "期限", "范围", "出处", "不再适用")
        if lang == "zh"
        else ("target", "wanted", "due", "extent", "source", "no longer holds")
    )
    rows = []
    for holding in held:
        target = holding.target
        losing = "; ".join(
            f"{demand(lost, lost.unit).get(lang)} ({_short(plan, lost, lang)})"
            for lost in holding.losing
        )
        rows.append(
            (
                target.name.get(lang),
                demand(target, target.unit).get(lang),
                str(target.year or target.period or "—"),
                plan.extent(target.extent).name.get(lang),
                _short(plan, target, lang),
                losing,
            )
        )
    lines = table(head, rows, widths=(44, 22, 8, 30, 24, 60))
    lines.append(f"{len(rows)} 项" if lang == "zh" else f"{len(rows)} targets")
    return _print(lines)


def _extent_id(plan: "Plan", text: str) -> str:
    """Return the id of an extent that is called by id or by name."""
    called = [e.id for e in plan.extents if text in (e.id, *e.name)]
    return called[0] if called else plan.extent(text).id


def _short(plan: "Plan", target: "Target", lang: "Lang") -> str:
    return plan.document(target.citation.document).short.get(lang)


def _conflicts(options: argparse.Namespace) -> int:
    plan, lang = _plan_and_lang(options)
    head = (
        ("事项", "各文件所述", "读法")
        if lang == "zh"
        else ("point", "what each says", "how it is read")
    )
    titles = [document.short for document in plan.documents]
    rows = [
        (
            conflict.name.get(lang),
            conflict.said(titles).get(lang),
            conflict.resolution.get(lang),
        )
        for conflict in plan.conflicts
    ]
    return _print(table(head, rows, widths=(36, 80, 60)))


def _methods(options: argparse.Namespace) -> int:
    from ctzgis.assessment.target_table import target_table

    plan, _ = _plan_and_lang(options)
    return _print(target_table(plan).splitlines())


def _export(options: argparse.Namespace) -> int:
    from ctzgis.sources.plans.files import write_plan

    plan, _ = _plan_and_lang(options)
    write_plan(plan, options.out)
    return _print([str(options.out)])


def _validate(options: argparse.Namespace) -> int:
    from ctzgis.assessment.indicators.registry import require_indicator, target_of_rule
    from ctzgis.sources.plans.folders import read_plan

    plan = read_plan(options.path)
    for target in plan.targets:
        require_indicator(target)
    for rule in plan.rules:
        if rule.measure is not None:
            require_indicator(target_of_rule(plan, rule))
    return _print(_validation_lines(plan, getattr(options, "lang", "zh")))


def _validation_lines(plan: "Plan", lang: "Lang") -> "Sequence[str]":
    unlocated = sum(place.location is None for place in plan.places)
    groups = plan.incomplete_groups()
    loose = plan.loose_places()
    if lang == "zh":
        return (
            f"{plan.name.zh}：有效",
            f"  无坐标的地点 {unlocated}，成员与名称不符的分组 {len(groups)}，"
            f"无归属的地点 {len(loose)}",
        )
    return (
        f"{plan.name.en}: valid",
        f"  places without a position {unlocated}, groups that list another number than "
        f"they declare {len(groups)}, places that belong to nothing {len(loose)}",
    )
