"""Transit lines without a timetable: stops, run times, headways (线路)."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from ctzgis.errors import InputError
from ctzgis.network.speeds import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import LineString, Point

__all__ = ["Stop", "TransitLine"]

LineMode = Literal["hsr", "intercity", "conventional", "metro", "maglev"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    One stop of a line.

    Attributes
    ----------
    station_id
        The station it is at; lines that share a station share this id.
    run_min
        Minutes to the next stop; 0 at the last.
    dwell_min
        Minutes a train stands here.
    """

    station_id: str
    name_zh: str
    point: "Point"
    run_min: float
    dwell_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitLine:
    """
    A line that runs both ways along ordered stops.

    Attributes
    ----------
    mode
        ``"hsr"``, ``"intercity"``, ``"conventional"``, ``"metro"`` or ``"maglev"``.
    headway_min
        Minutes between trains, for every profile.
    status
        ``"built"``, ``"under_construction"`` or ``"planned"``.
    opens, closes
        First year it runs, first year it no longer runs; ``None`` if not known.
    sections
        Its course from each stop to the next, in the CRS of the stops.
    corridors
        Tags of the corridors it belongs to, with the first and last stop (from 0)
        of the part that does.
    project_id
        Id of the project that builds it; ``None`` if none does.
    replaces
        Id of the line it takes the place of when it opens.
    official_length_km
        Published length; ``None`` if none is known.

    Raises
    ------
    InputError
        If it has fewer than two stops, a run time that is not above zero, a
        negative dwell time, a headway that is not above zero, or none for a profile.
    """

    id: str
    name_zh: str
    mode: LineMode
    stops: tuple[Stop, ...]
    headway_min: "Mapping[Profile, float]"
    status: str
    sections: "tuple[LineString, ...]"
    opens: int | None = None
    closes: int | None = None
    corridors: "Mapping[str, tuple[int, int]]" = field(default_factory=dict)
    project_id: str | None = None
    replaces: str | None = None
    official_length_km: float | None = None

    def __post_init__(self) -> None:
        if len(self.stops) < 2:
            self._fail(f"has {len(self.stops)} stop; two or more are expected")
        if len(self.sections) != len(self.stops) - 1:
            self._fail(f"has {len(self.sections)} sections for {len(self.stops)} stops")
        for stop in self.stops[:-1]:
            if not (math.isfinite(stop.run_min) and stop.run_min > 0):
                self._fail(f"runs {stop.run_min} min after {stop.name_zh}")
        for stop in self.stops:
            if not (math.isfinite(stop.dwell_min) and stop.dwell_min >= 0):
                self._fail(f"stands {stop.dwell_min} min at {stop.name_zh}")
        for profile, headway in self.headway_min.items():
            if not (math.isfinite(headway) and headway > 0):
                self._fail(f"has a headway of {headway} min ({profile})")
        if set(self.headway_min) != set(get_args(Profile)):
            found = ", ".join(self.headway_min) or "no profile"
            wanted = " and ".join(get_args(Profile))
            self._fail(f"has headways for {found}; {wanted} are expected")

    def __repr__(self) -> str:
        return (
            f"<TransitLine {self.id}: {self.mode}, {len(self.stops)} stops, "
            f"{self.stops[0].name_zh}–{self.stops[-1].name_zh}, {self.status}>"
        )

    def runs_in(self, year: int) -> bool:
        """Tell whether the line runs at the end of a year."""
        started = self.status == "built" if self.opens is None else self.opens <= year
        return started and (self.closes is None or year < self.closes)

    def to_come(self, year: int) -> bool:
        """Tell whether the line does not run yet at the end of a year but is to."""
        return self.status != "built" if self.opens is None else self.opens > year

    def path(self, first: int = 0, last: int | None = None) -> "LineString":
        """Return the course between two stops (from 0), or of the whole line."""
        sections = self.sections[first:last]
        points = [sections[0].coords[0]]
        for section in sections:
            points.extend(section.coords[1:])
        return type(sections[0])(points)

    def minutes(self, from_station: str, to_station: str) -> float:
        """
        Sum run and dwell times between two of its stations, without any wait.

        Raises
        ------
        InputError
            If the line does not stop at one of them.
        """
        order = [stop.station_id for stop in self.stops]
        for station in (from_station, to_station):
            if station not in order:
                self._fail(f"does not stop at '{station}'")
        first, last = sorted((order.index(from_station), order.index(to_station)))
        run = sum(stop.run_min for stop in self.stops[first:last])
        return run + sum(stop.dwell_min for stop in self.stops[first + 1 : last])

    def _fail(self, reason: str) -> None:
        msg = f"line '{self.id}' {reason}"
        raise InputError(msg)
