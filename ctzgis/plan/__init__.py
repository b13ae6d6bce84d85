"""What is wanted: a plan's documents, structure, corridors, places and targets (规划)."""

from ctzgis.plan.circles import TimeCircle
from ctzgis.plan.corridors import Corridor, CorridorGroup, CorridorSystem
from ctzgis.plan.documents import Citation, Document
from ctzgis.plan.places import Location, Place
from ctzgis.plan.plan import Plan
from ctzgis.plan.structure import Element, Extent, Member, Shape
from ctzgis.plan.targets import Comparator, Direction, Measure, Superseded, Target

__all__ = [
    "Citation",
    "Comparator",
    "Corridor",
    "CorridorGroup",
    "CorridorSystem",
    "Direction",
    "Document",
    "Element",
    "Extent",
    "Location",
    "Measure",
    "Member",
    "Place",
    "Plan",
    "Shape",
    "Superseded",
    "Target",
    "TimeCircle",
]
