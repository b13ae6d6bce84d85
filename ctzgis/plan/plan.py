"""A plan as a value: everything it holds, checked once (规划)."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ctzgis.cards import card, table
from ctzgis.errors import PlanError
from ctzgis.plan import lookup
from ctzgis.plan.checks import problems_of
from ctzgis.plan.circles import TimeCircle
from ctzgis.plan.corridors import Corridor, CorridorGroup, CorridorSystem
from ctzgis.plan.documents import Citation, Document, PrecedenceRule, Printing
from ctzgis.plan.frames import frame_of
from ctzgis.plan.graph import graph_of
from ctzgis.plan.part_names import PART_NAMES
from ctzgis.plan.places import Place
from ctzgis.plan.rules import (
    Baseline,
    Conflict,
    FacilityKind,
    ServiceRule,
    Task,
    TownLevel,
)
from ctzgis.plan.structure import Element, Extent
from ctzgis.plan.targets import Target, TargetList
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import networkx as nx

    from ctzgis.provenance import Source

__all__ = ["Entry", "Plan"]


class Entry(Protocol):
    """What every entry of a plan has: an id."""

    @property
    def id(self) -> str:
        """Its id, unique within the plan."""


E_ = TypeVar("E_", bound=Entry)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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
    documents, precedence_rules, extents, structure, corridors, systems, places
        What the plan consists of.
    targets, circles, rules, tasks, baselines
        What it promises, asks and states.
    facilities
        Kinds of facilities that its targets are measured on, which a user gives.
    towns, conflicts, printings
        Town hierarchy, differences between documents, printing errors.
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
        If an id is used twice, a reference leads nowhere, an element is part of
        itself or an alias stands for two places; all faults at once.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> read_plan("czt")
    <Plan czt: 5 documents, 211 elements, 219 corridors, 645 places, 428 targets>
    """

    id: str
    name: Text
    crs: str
    centres: tuple[str, ...]
    central_areas: tuple[str, ...]
    documents: tuple[Document, ...]
    precedence_rules: tuple[PrecedenceRule, ...] = ()
    extents: tuple[Extent, ...]
    structure: tuple[Element, ...]
    corridors: tuple[Corridor, ...]
    systems: tuple[CorridorSystem, ...]
    places: tuple[Place, ...]
    targets: TargetList
    circles: tuple[TimeCircle, ...]
    rules: tuple[ServiceRule, ...] = ()
    tasks: tuple[Task, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    facilities: tuple[FacilityKind, ...] = ()
    towns: tuple[TownLevel, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    printings: tuple[Printing, ...] = ()
    counties: "gpd.GeoDataFrame"
    protected: "gpd.GeoDataFrame"
    built_up: "gpd.GeoDataFrame"
    water: "gpd.GeoDataFrame"
    sources: "tuple[Source, ...]" = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", TargetList(self.targets))
        problems = list(problems_of(self))
        if problems:
            msg = f"plan '{self.id}': " + "; ".join(problems)
            raise PlanError(msg)

    def __repr__(self) -> str:
        return (
            f"<Plan {self.id}: {len(self.documents)} documents, "
            f"{len(self.structure)} elements, {len(self.corridors)} corridors, "
            f"{len(self.places)} places, {len(self.targets)} targets>"
        )

    def _repr_html_(self) -> str:
        """Return the plan as a card for a notebook."""
        facts = [
            (f"{PART_NAMES[topic].zh} {PART_NAMES[topic].en}", str(len(part)))
            for topic, part in self.parts().items()
            if part
        ]
        rows = [(d.short.zh, d.short.en, d.name.zh) for d in self.documents]
        documents = table(("文件 document", "", ""), rows, title="文件 documents")
        name = f"{self.name.zh} · {self.name.en}"
        schematic = any(source.schematic for source in self.sources)
        return card(
            f"规划 Plan {self.id}: {name}",
            [*facts, ("CRS", self.crs)],
            note="示意数据 schematic data" if schematic else "",
            more=documents,
        )

    def parts(self) -> "Mapping[str, Sequence[Entry]]":
        """Return everything the plan holds, by the name of its topic."""
        return {
            "documents": self.documents,
            "precedence": self.precedence_rules,
            "extents": self.extents,
            "structure": self.structure,
            "corridors": self.corridors,
            "systems": self.systems,
            "places": self.places,
            "targets": self.targets,
            "circles": self.circles,
            "rules": self.rules,
            "tasks": self.tasks,
            "baselines": self.baselines,
            "facilities": self.facilities,
            "towns": self.towns,
            "conflicts": self.conflicts,
            "printings": self.printings,
        }

    def document(self, key: str) -> Document:
        """Return the document of that id, or raise ``PlanError``."""
        return _lookup(self.documents, key, "document")

    def extent(self, key: str) -> Extent:
        """Return the extent of that id, or raise ``PlanError``."""
        return _lookup(self.extents, key, "extent")

    def element(self, key: str) -> Element:
        """Return the element of that id, or raise ``PlanError``."""
        return _lookup(self.structure, key, "element")

    def corridor(self, key: str) -> Corridor:
        """Return the corridor of that id, or raise ``PlanError``."""
        return _lookup(self.corridors, key, "corridor")

    def system(self, key: str) -> CorridorSystem:
        """Return the corridor system of that id, or raise ``PlanError``."""
        return _lookup(self.systems, key, "corridor system")

    def place(self, key: str) -> Place:
        """Return the place of that id, or raise ``PlanError``."""
        return _lookup(self.places, key, "place")

    def circle(self, key: str) -> TimeCircle:
        """Return the time circle of that id, or raise ``PlanError``."""
        return _lookup(self.circles, key, "time circle")

    def target(self, key: str) -> Target:
        """Return the target of that id, or raise ``PlanError``."""
        return _lookup(self.targets, key, "target")

    def find(self, text: str) -> tuple[Entry, ...]:
        """
        Return every entry that a text names: by id, name, alias or printed spelling.

        Raises
        ------
        PlanError
            If nothing is so named; the message suggests what is near.

        Examples
        --------
        >>> from ctzgis import read_plan
        >>> [entry.id for entry in read_plan("czt").find("三干两轨四连线")]
        ['sys_3r2l4l']
        """
        return lookup.find(self, text)

    def children(self, key: str) -> tuple[Element, ...]:
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

    def members(self, key: str, *, relation: str | None = None) -> tuple[Place, ...]:
        """
        Return the places of an element, of one relation if that is given.

        Examples
        --------
        >>> from ctzgis import read_plan
        >>> plan = read_plan("czt")
        >>> [p.name.zh for p in plan.members("axis_east_bank", relation="park")][:2]
        ['金霞经开区', '长沙经开区']
        """
        return tuple(
            self.place(member.place)
            for member in self.element(key).members
            if relation is None or member.relation == relation
        )

    def connections(self, first: str, second: str) -> tuple[Entry, ...]:
        """
        Return the corridors and elements that touch places of two elements.

        A corridor touches an element if one of its waypoints is a member of it; an
        element if they share a member, unless one is part of the other.
        """
        return lookup.connections(self, first, second)

    def incomplete_groups(self) -> tuple[tuple[CorridorSystem, CorridorGroup], ...]:
        """Return the groups of systems that list another number than they declare."""
        return tuple(
            (system, group)
            for system in self.systems
            for group in system.groups
            if group.complete is False
        )

    def loose_places(self) -> tuple[Place, ...]:
        """Return the places that nothing in the plan refers to."""
        return lookup.loose_places(self)

    def graph(self) -> "nx.MultiDiGraph[str]":
        """
        Return the plan as a graph: what consists of, runs through or lies in what.

        Vertices are ids with ``part``, ``name_zh`` and ``name_en``; counties and cities
        are ``county:…`` and ``city:…``. Edges have ``relation``: ``part``, ``spine``,
        ``corridor``, ``waypoint``, ``member`` (with ``group``), ``town``, ``extent``,
        ``lies_in``, or the relation of an element's member.
        """
        return graph_of(self)

    def to_gdf(self, part: str) -> "gpd.GeoDataFrame":
        """
        Return a part as a frame with geometry; what is not located has none.

        Parameters
        ----------
        part
            ``"places"``, ``"centres"`` (the places that stand for the cities),
            ``"structure"``, ``"corridors"`` or ``"extents"``.

        Returns
        -------
        GeoDataFrame
            Indexed by id (one row per geometry for structure and corridors), in the
            CRS of the plan: names, kind, ``role``, ``accuracy_m``, ``schematic``,
            ``source``; ``located`` is false where geometry is missing.

        Raises
        ------
        PlanError
            If there is no such part.
        """
        return frame_of(self, part)

    def cite(self, citation: Citation) -> Text:
        """Return a citation as it is printed: short title and place."""
        short = self.document(citation.document).short
        return Text(f"《{short.zh}》{citation.place}", f"{short.en}, {citation.place}")


def _lookup(entries: "Sequence[E_]", key: str, what: str) -> E_:
    for entry in entries:
        if entry.id == key:
            return entry
    near = difflib.get_close_matches(key, [entry.id for entry in entries], n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    msg = f"the plan has no {what} '{key}'{hint}"
    raise PlanError(msg)
