"""Transit lines without a timetable: stops, run times, headways (线路)."""

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import shapely

from ctzgis.errors import InputError
from ctzgis.network.speeds import Profile, of_profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely import LineString, Point

__all__ = ["LineMode", "Stop", "TransitLine"]

LineMode = Literal[
    "hsr", "intercity", "conventional", "metro", "maglev",
    "tram", "bus", "ferry", "cable", "funicular",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    One stop of a line.

    Attributes
    ----------
    station_id
        The station it is at; lines that share a station share this id.
    run_min
        Minutes to the next stop; 0 at the last, and where they are not known yet
        (``TransitLine.at_speed``).
    dwell_min
        Minutes a train stands here.
    """

    station_id: str
    name_zh: str
    point: "Point"
    run_min: float = 0.0
    dwell_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitLine:
    """
    A line that runs along ordered stops, both ways unless it is one-way.

    Attributes
    ----------
    mode
        ``"hsr"``, ``"intercity"``, ``"conventional"``, ``"metro"``, ``"maglev"``,
        ``"tram"``, ``"bus"``, ``"ferry"``, ``"cable"`` (aerial lift) or
        ``"funicular"``.
    headway_min
        Minutes between trains, for free flow, peak and any other profile; ``inf`` where
        it does not run.
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
    one_way
        Whether it runs from the first stop to the last only.

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
    headway_min: "Mapping[str, float]"
    status: str
    sections: "tuple[LineString, ...]"
    opens: int | None = None
    closes: int | None = None
    corridors: "Mapping[str, tuple[int, int]]" = field(default_factory=dict)
    project_id: str | None = None
    replaces: str | None = None
    official_length_km: float | None = None
    one_way: bool = False

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
            if not headway > 0:  # nan is not, either
                self._fail(f"has a headway of {headway} min ({profile})")
        if not set(self.headway_min) >= set(get_args(Profile)):
            found = ", ".join(self.headway_min) or "no profile"
            wanted = " and ".join(get_args(Profile))
            self._fail(f"has headways for {found}; {wanted} are expected")

    def __repr__(self) -> str:
        return (
            f"<TransitLine {self.id}: {self.mode}, {len(self.stops)} stops, "
            f"{self.stops[0].name_zh}–{self.stops[-1].name_zh}, {self.status}>"
        )

    @classmethod
    def at_speed(
        cls,
        stops: "Sequence[Stop]",
        *,
        kph: float,
        dwell_min: float | None = None,
        sections: "Sequence[LineString] | None" = None,
        status: str = "built",
        **others: Any,
    ) -> "TransitLine":
        """
        Return a line whose run times follow from a mean speed.

        Parameters
        ----------
        stops
            Its stops in order; their ``run_min`` is put in place.
        kph
            Mean speed from a departure to the next arrival, starting and braking
            included and dwells not.
        dwell_min
            Minutes a train stands at every stop but the ends; those of the stops if not
            given.
        sections
            Its course from each stop to the next, whose lengths count; straight if not
            given.
        status, **others
            Attributes of the line, as ``id``, ``name_zh``, ``mode`` and ``headway_min``.

        Raises
        ------
        InputError
            If the speed is not above 0, two stops in a row lie at one place, or the line
            is refused.

        Examples
        --------
        Twelve kilometres at 60 km/h, with a stop of half a minute between:

        >>> from shapely import Point
        >>> stops = [
        ...     Stop(station_id=name, name_zh=name, point=Point(x, 0))
        ...     for name, x in (("甲", 0), ("乙", 4_000), ("丙", 12_000))
        ... ]
        >>> line = TransitLine.at_speed(
        ...     stops, kph=60, dwell_min=0.5, id="m1", name_zh="1号线", mode="metro",
        ...     headway_min={"free": 8, "peak": 4},
        ... )
        >>> [stop.run_min for stop in line.stops], line.minutes("甲", "丙")
        ([4.0, 8.0, 0.0], 12.5)
        """
        if not (math.isfinite(kph) and kph > 0):
            msg = f"line {others.get('id')!r} runs at {kph} km/h; above 0 is expected"
            raise InputError(msg)
        if sections is None:
            ends = pairwise(stop.point for stop in stops)
            sections = [shapely.LineString(pair) for pair in ends]
        runs = [section.length / 1000 / kph * 60 for section in sections]
        runs += [0.0] * (len(stops) - len(runs))  # a course too short is refused below
        timed = [
            replace(stop, run_min=run) for stop, run in zip(stops, runs, strict=False)
        ]
        if dwell_min is not None:
            timed[1:-1] = [replace(stop, dwell_min=dwell_min) for stop in timed[1:-1]]
        return cls(
            stops=tuple(timed), sections=tuple(sections), status=status, **others
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

        Of a line that stops twice at a station the quicker ride counts.

        Raises
        ------
        InputError
            If the line does not stop at one of them, or is one-way the other way.
        """
        order = [stop.station_id for stop in self.stops]
        for station in (from_station, to_station):
            if station not in order:
                self._fail(f"does not stop at '{station}'")
        starts, ends = (
            [i for i, name in enumerate(order) if name == station]
            for station in (from_station, to_station)
        )
        rides = [
            self._ride_min(*sorted((start, end)))
            for start in starts
            for end in ends
            if start <= end or not self.one_way
        ]
        if not rides:
            self._fail(f"runs one way, not from '{from_station}' to '{to_station}'")
        return min(rides)

    def runs(self, profile: str) -> bool:
        """
        Tell whether trains run in a profile.

        Examples
        --------
        >>> from ctzgis.examples import gridville
        >>> gridville().lines[0].runs("peak")
        True
        """
        return math.isfinite(of_profile(self.headway_min, profile))

    def _ride_min(self, first: int, last: int) -> float:
        run = sum(stop.run_min for stop in self.stops[first:last])
        return run + sum(stop.dwell_min for stop in self.stops[first + 1 : last])

    def _fail(self, reason: str) -> None:
        msg = f"line '{self.id}' {reason}"
        raise InputError(msg)
