"""What is wanted: a plan's documents, structure, corridors, places, targets (规划)."""

from ctzgis.plan.circles import TimeCircle
from ctzgis.plan.corridors import Corridor, CorridorGroup, CorridorSystem
from ctzgis.plan.documents import Citation, Document, PrecedenceRule, Printing
from ctzgis.plan.places import Location, Place
from ctzgis.plan.plan import Entry, Plan
from ctzgis.plan.rules import (
    OWN_KINDS,
    Baseline,
    Conflict,
    FacilityKind,
    ServiceRule,
    Task,
    TownLevel,
)
from ctzgis.plan.structure import Element, Extent, Member, Shape
from ctzgis.plan.targets import (
    Comparator,
    Direction,
    Holding,
    Measure,
    Reading,
    Superseded,
    Target,
    TargetList,
)

__all__ = [
    "OWN_KINDS",
    "Baseline",
    "Citation",
    "Comparator",
    "Conflict",
    "Corridor",
    "CorridorGroup",
    "CorridorSystem",
    "Direction",
    "Document",
    "Element",
    "Entry",
    "Extent",
    "FacilityKind",
    "Holding",
    "Location",
    "Measure",
    "Member",
    "Place",
    "Plan",
    "PrecedenceRule",
    "Printing",
    "Reading",
    "ServiceRule",
    "Shape",
    "Superseded",
    "Target",
    "TargetList",
    "Task",
    "TimeCircle",
    "TownLevel",
]
