"""Edits of a network as values, and the projects they make up (工程项目)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import Point

    from ctzgis.network.lines import TransitLine

__all__ = [
    "AddLine",
    "AddRoad",
    "ChangeHeadway",
    "CloseLine",
    "CloseRoad",
    "Edit",
    "Project",
    "UpgradeRoad",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRoad:
    """
    Add a road.

    Attributes
    ----------
    road_id
        Id of the new road.
    values
        A value for every column of the roads' contract, ``geometry`` included.
    junctions
        Positions of junctions the network does not have yet, by id.
    """

    road_id: str
    values: "Mapping[str, Any]"
    junctions: "Mapping[str, Point]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeRoad:
    """Put a better road in the place of one that is there."""

    road_id: str
    by: AddRoad


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRoad:
    """Take a road out."""

    road_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLine:
    """Add a transit line."""

    line: "TransitLine"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLine:
    """Take a transit line out."""

    line_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHeadway:
    """Let a line run more or less often."""

    line_id: str
    headway_min: "Mapping[str, float]"


Edit = AddRoad | UpgradeRoad | CloseRoad | AddLine | CloseLine | ChangeHeadway


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """
    A project: a named tuple of edits.

    Attributes
    ----------
    id
        Id of the corridor it builds.
    name_zh, name_en
        What it is called; read off a network, the names of the roads and lines it builds.
    opens
        Year in which its last part opens; ``None`` if one is not known.
    edits
        What it changes.
    """

    id: str
    name_zh: str
    opens: int | None
    edits: tuple[Edit, ...]
    name_en: str = ""
