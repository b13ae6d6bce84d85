"""Places a plan names (地点)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely import Point

    from ctzgis.plan.documents import Citation
    from ctzgis.texts import Text

__all__ = ["Location", "Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """
    Where a place is, how well that is known, and which point stands for it.

    Attributes
    ----------
    point
        In the CRS of the plan.
    at_zh
        The point that stands for the place, e.g. a square for a city.
    accuracy_m
        Declared accuracy of the position.
    verified
        Whether the position is supported by data rather than general knowledge.
    source
        Where the position comes from.
    """

    point: "Point"
    at_zh: str
    accuracy_m: float
    verified: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    A place the documents name; ``location`` is ``None`` where none is known.

    Attributes
    ----------
    kind
        Type of place, e.g. ``"development_zone"``.
    city_zh, county_zh
        Where it lies administratively; ``None`` if the documents do not tell.
    aliases
        Other spellings the documents print.
    """

    id: str
    name: "Text"
    kind: str
    city_zh: str | None
    county_zh: str | None
    citation: "Citation"
    aliases: tuple[str, ...] = ()
    location: Location | None = None
