"""Corridors and the systems they form (通道与通道体系)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctzgis.plan.documents import Citation
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
    waypoints
        Ids of the places it runs through, in order.
    """

    id: str
    name: "Text"
    mode: str
    status: str
    citation: "Citation"
    waypoints: tuple[str, ...] = ()
    note: str = ""


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
    """

    name: "Text"
    declared_count: int | None
    members: tuple[str, ...]
    note: str = ""

    @property
    def complete(self) -> bool | None:
        """Whether as many members are listed as declared; ``None`` if open."""
        if self.declared_count is None:
            return None
        return len(self.members) == self.declared_count


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorSystem:
    """A system of corridors, e.g. 三干两轨四连线."""

    id: str
    name: "Text"
    citation: "Citation"
    groups: tuple[CorridorGroup, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of all corridors of the system, group by group."""
        return tuple(member for group in self.groups for member in group.members)
