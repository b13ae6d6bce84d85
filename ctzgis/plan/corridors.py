"""Corridors and the systems they form (通道与通道体系)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ctzgis.plan.documents import Citation
from ctzgis.plan.structure import Shape
from ctzgis.texts import Text

__all__ = ["Corridor", "CorridorGroup", "CorridorSystem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """
    A road, railway or waterway the documents name.

    Attributes
    ----------
    mode
        ``"urban_expressway"``, ``"hsr"``, ``"waterway"``, ….
    status
        As the documents say, at their date: ``"existing"``, ``"planned"``, ….
    design
        Standard the documents want, e.g. 快速化改造.
    waypoints
        Ids of the places it runs through, in order.
    attributes
        What else the document lists, e.g. its roads by city, as plain values.
    drawn_in_part
        What of it the network has, where that is only a part; ``None`` if it has the
        whole of it, or nothing.
    shapes
        Its course; empty where it is not located.
    """

    id: str
    name: Text
    mode: str
    status: str
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    design: str = ""
    waypoints: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    drawn_in_part: Text | None = None
    note: str = ""
    shapes: tuple[Shape, ...] = field(default=(), metadata={"drawn": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorGroup:
    """
    A named group of a system, e.g. 两轨.

    Attributes
    ----------
    declared_count
        The number in its name; ``None`` if the name leaves it open.
    members
        Ids of the corridors the documents list.
    places
        Ids of the places they list, where a group is one of places (一心, 一枢纽).
    """

    name: Text
    declared_count: int | None = None
    members: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.declared_count is not None and self.declared_count < 0:
            msg = f"'declared_count' is {self.declared_count}; zero or more is expected"
            raise ValueError(msg)

    @property
    def listed_count(self) -> int:
        """How many members the documents list."""
        return len(self.members) + len(self.places)

    @property
    def complete(self) -> bool | None:
        """Whether as many members are listed as declared; ``None`` if open."""
        if self.declared_count is None:
            return None
        return self.listed_count == self.declared_count


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorSystem:
    """A system of corridors, e.g. 三干两轨四连线."""

    id: str
    name: Text
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    groups: tuple[CorridorGroup, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of all corridors of the system, group by group."""
        return tuple(member for group in self.groups for member in group.members)
