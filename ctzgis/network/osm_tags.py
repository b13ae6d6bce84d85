"""What OpenStreetMap's tags say of a road: class, speed, direction, access (OSM 标签)."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctzgis.network.speeds import CLASS_KPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Tags = Mapping[str, str]

__all__ = ["WayRules", "parse_maxspeed", "road_class_of", "speeds_of", "way_rules"]

_CLASSES: Final = {
    "motorway": "motorway",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "tertiary",
    "unclassified": "residential",
    "residential": "residential",
    "living_street": "residential",
    "road": "residential",
    "service": "service",
    "track": "track",
    "path": "path",
    "footway": "path",
    "pedestrian": "path",
    "steps": "path",
    "cycleway": "path",
    "bridleway": "path",
}
_LINK: Final = "_link"

_CLOSED: Final = frozenset(
    ("no", "private", "agricultural", "forestry", "military", "emergency",
     "restricted", "delivery", "use_sidepath"),
)  # fmt: skip
_OPEN: Final = frozenset(("yes", "designated", "permissive", "destination", "official"))

_DRIVERS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
_WALKERS: Final = ("foot", "access")
_CYCLISTS: Final = ("bicycle", "vehicle", "access")

_FORTH: Final = frozenset(("yes", "true", "1"))
_BACK: Final = frozenset(("-1", "reverse"))
_ROUNDABOUTS: Final = frozenset(("roundabout", "circular"))

_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?")
_KPH_OF: Final = {"mph": 1.609344, "knots": 1.852}
_WALKING_KPH: Final = 5.0
_FASTEST_KPH: Final = 200.0

# A planning speed is 0.8-0.85 of the design speed; routers take 0.8 (OSRM) and 0.9
# (GraphHopper) of the limit.
_SHARE_OF_LIMIT: Final = 0.85


def road_class_of(highway: str) -> str | None:
    """
    Return the road class of a ``highway`` value; ``None`` if it is no open road.

    Ramps have the class of their road.

    Examples
    --------
    >>> road_class_of("primary_link"), road_class_of("footway")
    ('primary', 'path')
    >>> road_class_of("construction") is None
    True
    """
    return _CLASSES.get(highway.removesuffix(_LINK))


def parse_maxspeed(text: str) -> float | None:
    """
    Return a speed limit in km/h; ``None`` if the text states no number.

    Of several limits the lowest counts. Zones such as ``CN:urban`` state none here: what
    they mean is another country's law each time.

    Examples
    --------
    >>> [parse_maxspeed(text) for text in ("60", "40 mph", "60;80", "walk")]
    [60.0, 64.37376, 60.0, 5.0]
    >>> [parse_maxspeed(text) for text in ("none", "CN:urban", "-5", "0", "9999")]
    [None, None, None, None, None]
    """
    if not text.isascii():
        return None
    limits = [_parse_one(part.strip()) for part in re.split(r"[;|,]", text)]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def _parse_one(text: str) -> float | None:
    if text == "walk":
        return _WALKING_KPH
    found = _SPEED.fullmatch(text)
    if found is None:
        return None
    kph = float(found[1]) * _KPH_OF.get(found[2], 1.0)
    return kph if 0 < kph <= _FASTEST_KPH else None


def speeds_of(road_class: str, limit_kph: float | None) -> tuple[float, float]:
    """
    Return driving speeds (km/h) in free flow and at the peak.

    Free flow is 0.85 of a stated limit, else the default of the class; the peak keeps
    the proportion of the class.

    Examples
    --------
    >>> speeds_of("primary", None)
    (45.0, 24.0)
    >>> speeds_of("motorway", 120)
    (102.0, 81.6)
    """
    usual = CLASS_KPH[road_class]
    free = float(usual["free"] if limit_kph is None else limit_kph * _SHARE_OF_LIMIT)
    return free, free * usual["peak"] / usual["free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRules:
    """
    Who may use a way, and in which direction.

    Attributes
    ----------
    drive, walk, cycle
        Whether drivers, walkers and cyclists may use it.
    oneway
        Whether drivers may use it in one direction only.
    backward
        Whether that direction is against the way as drawn.
    cycle_oneway
        Whether cyclists are bound to the same direction.
    """

    drive: bool
    walk: bool
    cycle: bool
    oneway: bool
    backward: bool
    cycle_oneway: bool


def way_rules(tags: "Tags") -> WayRules:
    """
    Tell who may use a way of a known class, by the most particular tag that says so.

    Without such a tag drivers keep off paths, and off tracks that are not paved
    (``tracktype=grade1``); walkers off motorways, motor roads and cycleways; cyclists off
    motorways, motor roads and ways for walkers. ``destination`` counts as open.
    A motorway or roundabout has one direction unless it says otherwise.

    Examples
    --------
    >>> way_rules({"highway": "primary", "oneway": "-1", "oneway:bicycle": "no"})
    WayRules(drive=True, walk=True, cycle=True, oneway=True, backward=True, cycle_oneway=False)
    >>> way_rules({"highway": "residential", "access": "private", "foot": "yes"}).walk
    True
    """
    highway = tags.get("highway", "")
    kind = highway.removesuffix(_LINK)
    ferry = tags.get("route") == "ferry" and not kind
    fast = kind == "motorway" or tags.get("motorroad") == "yes"
    oneway, backward = _direction(tags)
    return WayRules(
        drive=_allowed(tags, _DRIVERS, usual=_driven(tags, kind) and not ferry),
        walk=_allowed(tags, _WALKERS, usual=not fast and kind != "cycleway"),
        cycle=_allowed(
            tags,
            _CYCLISTS,
            usual=not fast and kind not in ("footway", "pedestrian", "steps"),
        ),
        oneway=oneway,
        backward=backward,
        cycle_oneway=oneway
        and tags.get("oneway:bicycle") != "no"
        and not tags.get("cycleway", "").startswith("opposite"),
    )


def _driven(tags: "Tags", kind: str) -> bool:
    if tags.get("service") == "emergency_access":
        return False
    if kind == "track":
        return tags.get("tracktype") == "grade1"
    return _CLASSES.get(kind) != "path"


def _allowed(tags: "Tags", keys: "Iterable[str]", *, usual: bool) -> bool:
    """Whether the first of the keys that decides opens a way that ``usual`` may be open."""
    for key in keys:
        value = tags.get(key)
        if value in _CLOSED:
            return False
        # access=yes says nothing of a footway's cars.
        if value in _OPEN and key != "access":
            return True
    return usual


def _direction(tags: "Tags") -> tuple[bool, bool]:
    for key in ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"):
        value = tags.get(key)
        if value in _FORTH:
            return True, False
        if value in _BACK:
            return True, True
        if value == "no":
            return False, False
    # A ramp has one direction mostly, but only its own tag can tell.
    motorway = tags.get("highway") == "motorway"
    return motorway or tags.get("junction") in _ROUNDABOUTS, False
