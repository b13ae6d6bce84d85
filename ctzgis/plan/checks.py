"""What a plan must satisfy as a whole: ids, references, membership (规划校核)."""

from typing import TYPE_CHECKING

from ctzgis.plan.rules import OWN_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ctzgis.plan.plan import Entry, Plan

__all__ = ["problems_of"]


def problems_of(plan: "Plan") -> "Iterator[str]":
    """Yield one sentence per fault, each naming topic and entry it is in."""
    yield from _repeated_ids(plan)
    yield from _dangling(plan)
    yield from _cycles(plan)
    yield from _shared_aliases(plan)
    yield from _unfit_replacements(plan)


def _repeated_ids(plan: "Plan") -> "Iterator[str]":
    owners: dict[str, str] = {}
    for topic, part in plan.parts().items():
        for entry in part:
            if first := owners.get(entry.id):
                yield f"{topic}, entry '{entry.id}': its id is used already, in {first}"
            owners[entry.id] = topic


def _dangling(plan: "Plan") -> "Iterator[str]":
    known = {name: {entry.id for entry in part} for name, part in plan.parts().items()}
    known["counties"] = set(plan.counties.index)
    for owner, part, key in _references(plan):
        if key not in known[part]:
            yield f"{owner} names '{key}', which {part} do not define"


def _cycles(plan: "Plan") -> "Iterator[str]":
    parents = {e.id: (e.parent,) if e.parent else () for e in plan.structure}
    for key in _on_cycles(parents):
        yield f"structure, entry '{key}' is part of itself"
    earlier = {
        t.id: (*t.replaces, *((t.repeats,) if t.repeats else ())) for t in plan.targets
    }
    for key in _on_cycles(earlier):
        yield f"targets, entry '{key}' replaces or repeats itself"


def _on_cycles(steps: "Mapping[str, tuple[str, ...]]") -> "Iterator[str]":
    """Yield the ids that lead back to themselves."""
    for start in steps:
        seen: set[str] = set()
        ahead = [*steps[start]]
        while ahead:
            at = ahead.pop()
            if at not in seen:
                seen.add(at)
                ahead += steps.get(at, ())
        if start in seen:
            yield start


def _shared_aliases(plan: "Plan") -> "Iterator[str]":
    owners: dict[str, str] = {}
    for place in plan.places:
        for alias in place.aliases:
            first = owners.setdefault(alias, place.id)
            if first != place.id:
                yield (
                    f"places, entry '{place.id}': alias '{alias}' already stands for "
                    f"'{first}'"
                )


def _unfit_replacements(plan: "Plan") -> "Iterator[str]":
    """Yield targets that replace one of another kind, extent or higher document."""
    targets = {target.id: target for target in plan.targets}
    ranks = {document.id: document.precedence for document in plan.documents}
    for later in plan.targets:
        for key in later.replaces:
            earlier = targets.get(key)
            if earlier is None:
                continue  # told as a reference that leads nowhere
            owner = f"{_owner('targets', later)} replaces '{key}'"
            for what in ("extent", "kind", "unit"):
                if getattr(later, what) != getattr(earlier, what):
                    yield f"{owner}, which has another {what}"
            first, second = (
                ranks.get(t.citation.document, 0) for t in (earlier, later)
            )
            if second < first:
                yield f"{owner} of a document with higher precedence"


def _owner(topic: str, entry: "Entry") -> str:
    return f"{topic}, entry '{entry.id}'"


def _references(plan: "Plan") -> "Iterator[tuple[str, str, str]]":
    """Yield every reference: who refers, to which part, to which id."""
    yield from (("plan", "places", key) for key in plan.centres)
    yield from (("plan", "extents", key) for key in plan.central_areas)
    yield from (("built_up", "places", key) for key in plan.built_up.index)
    yield from _citations(plan)
    for document in plan.documents:
        yield _owner("documents", document), "extents", document.extent
    for rule in plan.precedence_rules:
        yield from (
            (_owner("precedence", rule), "targets", key) for key in rule.applies_to
        )
    for extent in plan.extents:
        owner = _owner("extents", extent)
        yield from ((owner, "counties", key) for key in extent.counties)
        yield from ((owner, "places", key) for key in extent.places)
        yield from ((owner, "structure", key) for key in [extent.element] if key)
    yield from _structure_references(plan)
    yield from _target_references(plan)
    for circle in plan.circles:
        owner = _owner("circles", circle)
        yield from (
            (owner, "places", key) for key in (*circle.origins, *circle.destinations)
        )
        yield from ((owner, "structure", key) for key in circle.destination_elements)
    for baseline in plan.baselines:
        yield _owner("baselines", baseline), "extents", baseline.extent
    for level in plan.towns:
        yield from ((_owner("towns", level), "places", key) for key in level.members)


def _structure_references(plan: "Plan") -> "Iterator[tuple[str, str, str]]":
    for element in plan.structure:
        owner = _owner("structure", element)
        yield from ((owner, "structure", key) for key in [element.parent] if key)
        yield from (
            (owner, "corridors", key) for key in (*element.spine, *element.corridors)
        )
        yield from ((owner, "places", member.place) for member in element.members)
    for corridor in plan.corridors:
        owner = _owner("corridors", corridor)
        yield from ((owner, "places", key) for key in corridor.waypoints)
    for system in plan.systems:
        owner = _owner("systems", system)
        for group in system.groups:
            yield from ((owner, "corridors", key) for key in group.members)
            yield from ((owner, "places", key) for key in group.places)


def _target_references(plan: "Plan") -> "Iterator[tuple[str, str, str]]":
    for target in plan.targets:
        owner = _owner("targets", target)
        yield owner, "extents", target.extent
        yield from ((owner, "targets", key) for key in target.replaces)
        yield from ((owner, "targets", key) for key in [target.repeats] if key)
        if target.measure:
            for part, key in (
                ("circles", target.measure.circle),
                ("systems", target.measure.system),
            ):
                if key:
                    yield owner, part, key
            for kind in (target.measure.facilities, target.measure.each):
                if kind and kind not in OWN_KINDS:
                    yield owner, "facilities", kind
    for conflict in plan.conflicts:
        yield from (
            (_owner("conflicts", conflict), "targets", key) for key in conflict.targets
        )


def _citations(plan: "Plan") -> "Iterator[tuple[str, str, str]]":
    for topic, part in plan.parts().items():
        for entry in part:
            citation = getattr(entry, "citation", None)
            cited = [citation] if citation else []
            for place in [*cited, *getattr(entry, "also_in", ())]:
                yield _owner(topic, entry), "documents", place.document
