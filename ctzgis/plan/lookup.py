"""Questions a planner asks of a plan: what is so called, what joins what (查询)."""

import difflib
from typing import TYPE_CHECKING, Final

from ctzgis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.plan.places import Place
    from ctzgis.plan.plan import Entry, Plan

__all__ = ["connections", "find", "loose_places"]

_QUOTES: Final = "“”「」《》\"' "


def find(plan: "Plan", text: str) -> "tuple[Entry, ...]":
    """Return every entry a text names; see :meth:`Plan.find`."""
    wanted = text.strip()
    if not wanted:
        msg = "an empty text names nothing"
        raise PlanError(msg)
    names = list(_names(plan))
    found = [entry for name, entry in names if name == wanted]
    exact = [p for p in plan.printings if p.printed.strip(_QUOTES) == wanted]
    if not found:
        lowered = wanted.casefold()
        found = [entry for name, entry in names if name.casefold() == lowered]
    if not found:
        found = list(_printed(plan, wanted, names))
    if not found:
        known = [name for name, _ in names]
        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        msg = f"nothing in the plan is called '{text}'{hint}"
        raise PlanError(msg)
    return tuple({entry.id: entry for entry in [*found, *exact]}.values())


def _printed(
    plan: "Plan", wanted: str, names: "list[tuple[str, Entry]]"
) -> "Iterator[Entry]":
    """Yield what a misprinted text names when read rightly, and the misprints."""
    for printing in plan.printings:
        printed, reading = printing.printed.strip(_QUOTES), printing.reading
        if printed in wanted:
            right = wanted.replace(printed, reading.strip(_QUOTES))
            yield from (entry for name, entry in names if name == right)
        core = wanted.strip(_QUOTES)
        if core == printed or (len(core) > 1 and core in printed):
            yield printing


def _names(plan: "Plan") -> "Iterator[tuple[str, Entry]]":
    for part in plan.parts().values():
        for entry in part:
            yield entry.id, entry
            for text in (getattr(entry, "name", None), getattr(entry, "short", None)):
                if text is not None:
                    yield text.zh, entry
                    yield text.en, entry
            for alias in getattr(entry, "aliases", ()):
                yield alias, entry


def connections(plan: "Plan", first: str, second: str) -> "tuple[Entry, ...]":
    """Return what touches places of two elements; see :meth:`Plan.connections`."""
    near, far = set(plan.member_places(first)), set(plan.member_places(second))
    corridors = [
        corridor
        for corridor in plan.corridors
        if near & set(corridor.waypoints) and far & set(corridor.waypoints)
    ]
    related = {*_line(plan, first), *_line(plan, second)}
    elements = [
        element
        for element in plan.structure
        if element.id not in related
        and near & (own := {member.place for member in element.members})
        and far & own
    ]
    return (*corridors, *elements)


def _line(plan: "Plan", key: str) -> "Iterator[str]":
    """Yield an element, those it is part of, and those that are part of it."""
    at: str | None = key
    while at is not None:
        yield at
        at = plan.element(at).parent
    below = [key]
    while below:
        children = [child.id for child in plan.children(below.pop())]
        yield from children
        below += children


def loose_places(plan: "Plan") -> "tuple[Place, ...]":
    """Return the places nothing refers to; see :meth:`Plan.loose_places`."""
    used = {
        *plan.centres,
        *(member.place for element in plan.structure for member in element.members),
        *(key for corridor in plan.corridors for key in corridor.waypoints),
        *(key for s in plan.systems for group in s.groups for key in group.places),
        *(key for extent in plan.extents for key in extent.places),
        *(key for level in plan.towns for key in level.members),
        *(key for circle in plan.circles for key in circle.origins),
        *(key for circle in plan.circles for key in circle.destinations),
    }
    return tuple(place for place in plan.places if place.id not in used)
