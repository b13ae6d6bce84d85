"""Read which components an integration index counts, and how (指数权重)."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.index.components import COMPONENTS
from ctzgis.assessment.index.scores import Term
from ctzgis.errors import InputError, PlanError, SourceError
from ctzgis.provenance import ReadReport
from ctzgis.sources.formats.files import data_folder, file_source, read_toml
from ctzgis.sources.plans.codec import decode
from ctzgis.sources.plans.entries import entries_in
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.plan import Plan
    from ctzgis.plan.documents import Citation
    from ctzgis.provenance import Source
    from ctzgis.sources.plans.entries import Entry

__all__ = ["read_index_terms"]

_FILE: Final = "index.toml"
_LIST: Final = "component"
_OWN: Final = Text("自定", "own choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermEntry:
    """A component as a file of weights holds it, e.g. ``data/plans/czt/index.toml``."""

    id: str
    weight: float
    goal: float | None = None
    floor: float | None = None
    circle: str | None = None
    target: str | None = None
    rule: str | None = None
    why: Text | None = None


def read_index_terms(
    plan: "Plan", *, weights: Path | str | None = None
) -> "tuple[tuple[Term, ...], tuple[Source, ...]]":
    """
    Read the weight, goal and floor of each component of a plan's index.

    Parameters
    ----------
    plan
        Holds the circles, targets and rules that goals are from.
    weights
        The user's own TOML file instead of the plan's ``index.toml``. Its entries may
        leave goal and floor out where the plan's file has them; a component that it
        does not name is not counted.

    Returns
    -------
    tuple of Term, tuple of Source
        The terms in the order of ``COMPONENTS``, and the files they are from.

    Raises
    ------
    SourceError
        If a file cannot be read.
    InputError
        If a file is no TOML, or an entry is wrong: file, entry and reason are named.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> terms, _ = read_index_terms(read_plan("czt"))
    >>> terms[0].id, terms[0].weight, terms[0].goal, terms[0].source.zh[:8]
    ('centre_drive_free', 2.0, 30.0, '《规划纲要》第五')
    """
    shipped = data_folder() / "plans" / plan.id / _FILE
    known: dict[str, Term] = {}
    sources = []
    if shipped.is_file():
        known = _terms(shipped, plan, {})
        sources.append(_source(shipped, known))
    if weights is not None:
        path = Path(weights)
        known = _terms(path, plan, known)
        sources.append(_source(path, known))
    if not known:
        msg = (
            f"plan '{plan.id}' has no {_FILE}; give weights, goals and floors of your own "
            "(ctzgis index --weights), or leave the topic 'index' out of an assessment"
        )
        raise SourceError(msg)
    return tuple(known[key] for key in COMPONENTS if key in known), tuple(sources)


def _source(path: Path, terms: "Mapping[str, Term]") -> "Source":
    count = len(terms)
    report = ReadReport(
        rows_in=count, rows_kept=count, unit=Text("个分项", "components")
    )
    return file_source(path, report=report)


def _terms(path: Path, plan: "Plan", defaults: "Mapping[str, Term]") -> dict[str, Term]:
    raw = read_toml(path)
    if unknown := sorted(set(raw) - {_LIST}):
        msg = (
            f"{path.name}: unknown {', '.join(map(repr, unknown))}; a list of "
            f"[[{_LIST}]] is expected"
        )
        raise InputError(msg)
    found: dict[str, Term] = {}
    for entry in entries_in(raw.get(_LIST, []), path.name):
        term = _term(entry, plan, defaults)
        if term.id in found:
            entry.fail("stands twice; once is expected")
        found[term.id] = term
    if not any(term.weight > 0 for term in found.values()):
        msg = (
            f"{path.name}: no component has a weight above 0; at least one is expected"
        )
        raise InputError(msg)
    return found


def _term(entry: "Entry", plan: "Plan", defaults: "Mapping[str, Term]") -> Term:
    read = decode(TermEntry, entry)
    if read.id not in COMPONENTS:
        near = difflib.get_close_matches(read.id, COMPONENTS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "known are "
        entry.fail(
            f"is no component of the index; {hint if near else hint + ', '.join(COMPONENTS)}"
        )
    default = defaults.get(read.id)
    goal, source = _goal(entry, read, plan, default)
    floor = read.floor if read.floor is not None else default.floor if default else None
    if floor is None:
        entry.fail("has no 'floor'; the value that scores 0 is expected")
    why = read.why or (default.why if default else Text("", ""))
    try:
        return Term(
            id=read.id,
            weight=read.weight,
            goal=goal,
            floor=floor,
            source=source,
            why=why,
        )
    except InputError as error:
        entry.fail(str(error).removeprefix(f"component '{read.id}' "))


def _goal(
    entry: "Entry", read: TermEntry, plan: "Plan", default: Term | None
) -> tuple[float, Text]:
    """Return the goal of a component and where it is from."""
    named = [key for key in ("circle", "target", "rule") if getattr(read, key)]
    if len(named) > 1:
        entry.fail(f"names {' and '.join(named)}; one is expected")
    try:
        if read.circle:
            circle = plan.circle(read.circle)
            stated, citation = circle.minutes, circle.citation
            unit, needed = "min", COMPONENTS[read.id].unit
        elif read.target:
            target = plan.target(read.target)
            stated, citation = target.value, target.citation
            # A target counted in 条 answers a component that is counted.
            unit, needed = target.unit, _TARGET_UNITS[COMPONENTS[read.id].unit]
        else:
            stated, citation, unit, needed = read.goal, None, "", ""
            if read.rule:
                citation = _rule_citation(entry, read.rule, plan)
    except PlanError as error:
        entry.fail(str(error))
    if named and named[0] != "rule":
        if read.goal is not None:
            entry.fail(f"has a 'goal' and a '{named[0]}'; one is expected")
        if stated is None:
            entry.fail(f"{named[0]} '{getattr(read, named[0])}' states no figure")
        if unit != needed:
            entry.fail(f"{named[0]} is in '{unit}'; the component is in '{needed}'")
    if stated is None:
        if default is None:
            entry.fail("has no 'goal'; a figure, a 'circle' or a 'target' is expected")
        return default.goal, default.source
    return stated, plan.cite(citation) if citation else _OWN


_TARGET_UNITS: Final["Mapping[str, str]"] = {
    "min": "min",
    "share": "share",
    "count": "条",
    "per_100km": "per_100km",
    "per_hour": "per_hour",
}


def _rule_citation(entry: "Entry", key: str, plan: "Plan") -> "Citation":
    found = [rule.citation for rule in plan.rules if rule.id == key]
    if not found:
        entry.fail(f"the plan has no service rule '{key}'")
    return found[0]
