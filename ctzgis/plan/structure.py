"""Spatial structure of a plan: axes, hearts, belts, clusters, extents (空间结构)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from ctzgis.plan.documents import Citation
from ctzgis.texts import Text

__all__ = ["Element", "Extent", "Member", "Shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """
    A geometry of the plan and how far it can be trusted.

    Attributes
    ----------
    role
        ``"spine"`` (centre line), ``"corridor"`` (band along it), ``"influence"``
        (wider band) or ``"area"``.
    geometry
        In the CRS of the plan.
    accuracy_m
        Declared accuracy of the position.
    schematic
        Whether it was drawn rather than surveyed.
    source
        Where it comes from and what was assumed.
    half_width_m
        Assumed half width of a band; ``None`` if the shape is none.
    drawn_to_stated_area
        Whether it was drawn to have the area the document states, so that
        measuring this area tests nothing.
    """

    role: str
    geometry: BaseGeometry
    accuracy_m: float
    schematic: bool
    source: str
    half_width_m: float | None = None
    drawn_to_stated_area: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A place that belongs to an element, and how (park, node, linked, …)."""

    place: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """
    One element of the structure, e.g. 湘江发展轴.

    Attributes
    ----------
    kind
        ``"axis"``, ``"heart"``, ``"belt"``, ``"cluster"``, ….
    parent
        Id of the element it is part of; ``None`` at the top.
    spine
        Ids of the corridors that carry it.
    corridors
        Ids of further corridors it names.
    members
        Places that belong to it.
    stated_area_km2
        Area the document states.
    attributes
        What else the document lists: functions, industries, …, as plain values.
    shapes
        Its geometries; empty where it is not located.
    """

    id: str
    name: Text
    kind: str
    parent: str | None = None
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    spine: tuple[str, ...] = ()
    corridors: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    stated_area_km2: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    shapes: tuple[Shape, ...] = field(default=(), metadata={"drawn": True})

    def shape(self, role: str) -> Shape | None:
        """Return the geometry of that role, or ``None`` if there is none."""
        return next((shape for shape in self.shapes if shape.role == role), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """
    An area the documents speak of, e.g. 中心区.

    Attributes
    ----------
    counties
        Division codes of the counties it covers; empty if it is not so defined.
    element
        Id of the element of the structure whose area it is.
    places
        Ids of the places that define it.
    composition_zh, other_parts_zh
        What it consists of, and which part is no county.
    stated_area_km2
        Area the document states.
    attributes
        What else the document states of it, e.g. population, as plain values.
    shape
        Its geometry; ``None`` where it is not located.
    """

    id: str
    name: Text
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    counties: tuple[str, ...] = ()
    element: str | None = None
    places: tuple[str, ...] = ()
    composition_zh: str = ""
    other_parts_zh: str = ""
    stated_area_km2: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    shape: Shape | None = field(default=None, metadata={"drawn": True})
