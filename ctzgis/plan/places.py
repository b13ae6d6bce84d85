"""Places a plan names (地点)."""

from dataclasses import dataclass, field
from typing import Final

from shapely import Point

from ctzgis.plan.documents import Citation
from ctzgis.texts import Text

__all__ = ["CHINA_DEG", "Location", "Place"]

CHINA_DEG: Final = (73.0, 3.0, 136.0, 54.0)
"""West, south, east and north end of China; the CRS of plans serves nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """
    Where a place is, how well that is known, and which point stands for it.

    Attributes
    ----------
    lon, lat
        Degrees, WGS-84 or CGCS2000 (the same at this accuracy).
    at_zh
        The point that stands for the place, e.g. a square for a city.
    accuracy_m
        Declared accuracy of the position.
    verified
        Whether the position is supported by data rather than general knowledge.
    source
        Where the position comes from.
    point
        The position in the CRS of the plan.
    """

    lon: float
    lat: float
    at_zh: str
    accuracy_m: float
    verified: bool
    source: str
    point: Point = field(default_factory=Point, metadata={"drawn": True})

    def __post_init__(self) -> None:
        west, south, east, north = CHINA_DEG
        if not (west <= self.lon <= east and south <= self.lat <= north):
            msg = f"lon {self.lon}, lat {self.lat} lies outside China"
            raise ValueError(msg)
        if not self.accuracy_m > 0:
            msg = f"'accuracy_m' is {self.accuracy_m}; more than zero is expected"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    A place the documents name; ``location`` is ``None`` where none is known.

    Attributes
    ----------
    kind
        Type of place, e.g. ``"development_zone"``.
    city_zh, county_zh
        Where it lies administratively; ``None`` if that is not known.
    inferred
        Whether city and county are this library's knowledge rather than the documents'.
    aliases
        Other spellings the documents print.
    """

    id: str
    name: Text
    kind: str
    city_zh: str | None = None
    county_zh: str | None = None
    inferred: bool = False
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str = ""
    location: Location | None = None
