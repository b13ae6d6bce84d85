"""Speeds, waits and walks assumed where nothing is measured (出行参数)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLASS_KPH", "DEFAULT_RULES", "Profile", "TravelRules", "of_profile"]

Profile = Literal["free", "peak"]
"""
Free flow (自由流) or commuting peak (高峰), the profiles that every network has.

Roads may state speeds for others in a column of their own, as ``night_kph`` for
``"night"``; rules and lines that say nothing of such a profile keep to free flow.
"""


CLASS_KPH: "Final[Mapping[str, Mapping[Profile, float]]]" = {
    "motorway": {"free": 100, "peak": 80},
    "urban_expressway": {"free": 65, "peak": 35},
    "trunk": {"free": 60, "peak": 45},
    "primary": {"free": 45, "peak": 24},
    "secondary": {"free": 35, "peak": 22},
    "tertiary": {"free": 30, "peak": 20},
    "residential": {"free": 20, "peak": 16},
    "service": {"free": 15, "peak": 15},
    "track": {"free": 10, "peak": 10},
    "path": {"free": 5, "peak": 5},
    "ferry": {"free": 15, "peak": 15},
}
"""
Driving speed by road class where a network states none (km/h).

Down to ``residential`` these are suggested planning speeds: design speeds of CJJ 37 and
JTG B01 × 0.8–0.85 for free flow, peaks anchored on those observed in Changsha in 2018 and
2020. The others follow routers' defaults (OSRM: service 15; ferry without a duration 15).
Nobody drives on a ``path``. All are assumptions, ±15 %.
"""


def of_profile(values: "Mapping[str, float]", profile: str) -> float:
    """Return the value of a profile, or of free flow where it has none of its own."""
    return values.get(profile, values["free"])


def _by_profile(free: float, peak: float) -> "Mapping[str, float]":
    return {"free": free, "peak": peak}


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRules:
    """
    Assumptions of a trip outside what a network states; each may be replaced.

    Attributes
    ----------
    walk_kph
        Walking speed; 4.8 km/h = 1.33 m/s.
    cycle_kph
        Cycling speed, stops included; an e-bike makes 18 km/h.
    detour
        Length of a way over its straight line where no network tells it.
    local_kph
        Driving speed on local streets that the network leaves out, by profile.
    signal_s
        Delay per traffic signal, on roads or as the ``control`` of a junction, by profile.
    junction_s
        Delay at any other junction with a ``control``, by profile.
    wait_share
        Share of the headway that is waited.
    max_wait_min
        Longest wait charged: who travels by a rare train comes by its timetable.
    security_min
        Minutes at a station before boarding, by mode of the line.
    transfer_min
        Least minutes of a change of lines.
    max_transfer_m
        Straight distance between two stations that still is a change.
    station_access_min
        Minutes to park or alight from a car at a station.
    snap_radius_m
        Straight distance within which a point or station that is on no road may use
        every road, of more than 24 the nearest; if there is none, the nearest beyond;
        0 means the nearest road alone. A new road can therefore lengthen trips only of
        points that it runs through, that had no road within this distance, or that had
        24. If not given: on a strategic network 2 km, as far as isochrones reach off the
        road; on a street map, whose roads are shorter than 500 m on average, 0.
    max_snap_distance_m
        Farthest a point may lie from a road to use it.

    Notes
    -----
    Speeds and delays follow the suggested planning speeds of the region, which lie
    between router defaults and the peaks observed in Changsha in 2018 and 2020
    (31 km/h on expressways, 21 km/h on arterials); they are assumptions, ±15 %.
    """

    walk_kph: float = 4.8
    cycle_kph: float = 12.0
    detour: float = 1.3
    local_kph: "Mapping[str, float]" = field(
        default_factory=lambda: _by_profile(20, 16)
    )
    signal_s: "Mapping[str, float]" = field(default_factory=lambda: _by_profile(15, 30))
    junction_s: "Mapping[str, float]" = field(default_factory=lambda: _by_profile(3, 5))
    wait_share: float = 0.5
    max_wait_min: float = 10.0
    security_min: "Mapping[str, float]" = field(
        default_factory=lambda: {"hsr": 5.0, "intercity": 5.0, "conventional": 5.0}
    )
    transfer_min: float = 4.0
    max_transfer_m: float = 600.0
    station_access_min: float = 3.0
    snap_radius_m: float | None = None
    max_snap_distance_m: float = 5_000.0


DEFAULT_RULES = TravelRules()
