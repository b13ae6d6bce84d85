"""A plan as a value: everything it holds, checked once (规划)."""

import difflib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ctzgis.errors import PlanError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from ctzgis.plan.circles import TimeCircle
    from ctzgis.plan.corridors import Corridor, CorridorSystem
    from ctzgis.plan.documents import Citation, Document
    from ctzgis.plan.places import Place
    from ctzgis.plan.structure import Element, Extent
    from ctzgis.plan.targets import Target
    from ctzgis.provenance import Source

__all__ = ["Plan"]


class _Entry(Protocol):
    @property
    def id(self) -> str: ...


E_ = TypeVar("E_", bound=_Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    A regional plan: its documents and all they promise.

    Geometries are in ``crs``. Every reference between parts is checked when the
    plan is built, so an id that a part names can be looked up without care.

    Attributes
    ----------
    centres
        Ids of the places that are the region's centres.
    central_areas
        Ids of the extents that define its central area; documents may differ.
    counties
        Frame of the counties, indexed by division code: ``name_zh``, ``name_en``,
        ``city_zh``, ``city_en``.
    protected
        Frame of protected zones by regime: ``regime``, ``zone``, ``zone_zh``, ….
    built_up
        Frame of built-up areas, indexed by the id of their centre.
    water
        Frame of rivers.
    sources
        Where the geometry comes from.

    Raises
    ------
    PlanError
        If an id is used twice or a reference leads nowhere; all faults at once.
    """

    id: str
    name: Text
    crs: str
    centres: tuple[str, ...]
    central_areas: tuple[str, ...]
    documents: tuple["Document", ...]
    extents: tuple["Extent", ...]
    structure: tuple["Element", ...]
    corridors: tuple["Corridor", ...]
    systems: tuple["CorridorSystem", ...]
    places: tuple["Place", ...]
    targets: tuple["Target", ...]
    circles: tuple["TimeCircle", ...]
    counties: "gpd.GeoDataFrame"
    protected: "gpd.GeoDataFrame"
    built_up: "gpd.GeoDataFrame"
    water: "gpd.GeoDataFrame"
    sources: "tuple[Source, ...]" = ()

    def __post_init__(self) -> None:
        problems = [*_repeated(self), *_dangling(self)]
        if problems:
            msg = f"plan '{self.id}': " + "; ".join(problems)
            raise PlanError(msg)

    def __repr__(self) -> str:
        return (
            f"<Plan {self.id}: {len(self.documents)} documents, "
            f"{len(self.structure)} elements, {len(self.corridors)} corridors, "
            f"{len(self.places)} places, {len(self.targets)} targets>"
        )

    def document(self, key: str) -> "Document":
        """Return the document of that id, or raise ``PlanError``."""
        return _lookup(self.documents, key, "document")

    def extent(self, key: str) -> "Extent":
        """Return the extent of that id, or raise ``PlanError``."""
        return _lookup(self.extents, key, "extent")

    def element(self, key: str) -> "Element":
        """Return the element of that id, or raise ``PlanError``."""
        return _lookup(self.structure, key, "element")

    def corridor(self, key: str) -> "Corridor":
        """Return the corridor of that id, or raise ``PlanError``."""
        return _lookup(self.corridors, key, "corridor")

    def system(self, key: str) -> "CorridorSystem":
        """Return the corridor system of that id, or raise ``PlanError``."""
        return _lookup(self.systems, key, "corridor system")

    def place(self, key: str) -> "Place":
        """Return the place of that id, or raise ``PlanError``."""
        return _lookup(self.places, key, "place")

    def circle(self, key: str) -> "TimeCircle":
        """Return the time circle of that id, or raise ``PlanError``."""
        return _lookup(self.circles, key, "time circle")

    def target(self, key: str) -> "Target":
        """Return the target of that id, or raise ``PlanError``."""
        return _lookup(self.targets, key, "target")

    def children(self, key: str) -> tuple["Element", ...]:
        """Return the elements that are part of an element, in order."""
        return tuple(element for element in self.structure if element.parent == key)

    def member_places(self, key: str) -> tuple[str, ...]:
        """
        Return the ids of the places of an element and of all its parts.

        Each id once, in the order the documents list them. Places an element
        merely radiates to are not its members.
        """
        element = self.element(key)
        own = [m.place for m in element.members if m.relation != "radiates"]
        parts = [
            p for child in self.children(key) for p in self.member_places(child.id)
        ]
        return tuple(dict.fromkeys([*own, *parts]))

    def cite(self, citation: "Citation") -> Text:
        """Return a citation as it is printed: short title and place."""
        short = self.document(citation.document).short
        return Text(f"《{short.zh}》{citation.place}", f"{short.en}, {citation.place}")


def _lookup(entries: tuple[E_, ...], key: str, what: str) -> E_:
    for entry in entries:
        if entry.id == key:
            return entry
    near = difflib.get_close_matches(key, [entry.id for entry in entries], n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    msg = f"the plan has no {what} '{key}'{hint}"
    raise PlanError(msg)


def _repeated(plan: Plan) -> "Iterator[str]":
    parts = (
        plan.documents,
        plan.extents,
        plan.structure,
        plan.corridors,
        plan.systems,
        plan.places,
        plan.targets,
        plan.circles,
    )
    counts = Counter(entry.id for part in parts for entry in part)
    for key, count in counts.items():
        if count > 1:
            yield f"id '{key}' is used {count} times"


def _dangling(plan: Plan) -> "Iterator[str]":
    known = {
        "document": {d.id for d in plan.documents},
        "extent": {e.id for e in plan.extents},
        "element": {e.id for e in plan.structure},
        "corridor": {c.id for c in plan.corridors},
        "system": {s.id for s in plan.systems},
        "place": {p.id for p in plan.places},
        "target": {t.id for t in plan.targets},
        "circle": {c.id for c in plan.circles},
        "county": set(plan.counties.index),
    }
    for owner, kind, key in _references(plan):
        if key not in known[kind]:
            yield f"{owner} names {kind} '{key}', which is not defined"


def _references(plan: Plan) -> "Iterator[tuple[str, str, str]]":
    yield from (("plan", "place", key) for key in plan.centres)
    yield from (("plan", "extent", key) for key in plan.central_areas)
    for doc in plan.documents:
        yield f"document '{doc.id}'", "extent", doc.extent
    for ext in plan.extents:
        owner = f"extent '{ext.id}'"
        yield owner, "document", ext.citation.document
        yield from ((owner, "county", key) for key in ext.counties)
        yield from ((owner, "place", key) for key in ext.places)
    for element in plan.structure:
        owner = f"element '{element.id}'"
        yield owner, "document", element.citation.document
        yield from ((owner, "element", key) for key in [element.parent] if key)
        yield from ((owner, "corridor", key) for key in element.spine)
        yield from ((owner, "place", member.place) for member in element.members)
    for corridor in plan.corridors:
        owner = f"corridor '{corridor.id}'"
        yield owner, "document", corridor.citation.document
        yield from ((owner, "place", key) for key in corridor.waypoints)
    for system in plan.systems:
        owner = f"system '{system.id}'"
        yield owner, "document", system.citation.document
        yield from ((owner, "corridor", key) for key in system.members)
    for place in plan.places:
        yield f"place '{place.id}'", "document", place.citation.document
    for target in plan.targets:
        owner = f"target '{target.id}'"
        yield owner, "document", target.citation.document
        yield owner, "extent", target.extent
        yield from ((owner, "target", key) for key in target.replaces)
        if target.repeats:
            yield owner, "target", target.repeats
        if target.measure and target.measure.circle:
            yield owner, "circle", target.measure.circle
        if target.measure and target.measure.system:
            yield owner, "system", target.measure.system
    for circle in plan.circles:
        owner = f"circle '{circle.id}'"
        yield owner, "document", circle.citation.document
        yield from ((owner, "place", key) for key in circle.origins)
        yield from ((owner, "place", key) for key in circle.destinations)
        yield from ((owner, "element", key) for key in circle.destination_elements)
