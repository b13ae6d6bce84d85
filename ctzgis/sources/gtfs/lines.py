"""Lines out of the trips of a GTFS feed: one per route, direction and stops (GTFS 线路)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.network.lines import Stop, TransitLine
from ctzgis.provenance import Change
from ctzgis.sources.gtfs.archive import first_few
from ctzgis.sources.gtfs.courses import cut_course, straight_course
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from ctzgis.network.speeds import Profile
    from ctzgis.sources.gtfs.service import Timetable

__all__ = ["Departures", "Stations", "transit_lines"]

# Timetables in whole minutes have stops at 0 min from each other; a second keeps the
# order of stops and adds least to the whole run.
_LEAST_RUN_MIN: Final = 1 / 60

# No train is faster in service (460 km/h on the maglev of Shanghai, until 2021).
_MAX_KPH: Final = 460.0

# How much of a window must be without departures to be told: a share of it, and times
# the mean between departures, of which there are as many as this.
_MUCH: Final = 0.1
_TIMES: Final = 2.0
_FEWEST: Final = 2

# Stops at one place still follow each other.
_LEAST_STEP_M: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stations:
    """
    Where the stops of a feed are, in the order of its table.

    Attributes
    ----------
    ids
        Stations: the parents of stops that have one.
    names
        Names of the stops.
    xy
        Places of the stations in metres; NaN for stops that no trip uses.
    """

    ids: "NDArray[np.object_]"
    names: "NDArray[np.object_]"
    xy: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Departures:
    """
    How often trips depart in the windows of the profiles.

    Attributes
    ----------
    spans_s
        The window, in seconds of the day.
    counts
        Departures of each trip in the window.
    first_s, last_s
        The first and last of them; ``inf`` and ``-inf`` for none.
    """

    spans_s: "Mapping[Profile, tuple[float, float]]"
    counts: "Mapping[Profile, NDArray[np.float64]]"
    first_s: "Mapping[Profile, NDArray[np.float64]]"
    last_s: "Mapping[Profile, NDArray[np.float64]]"

    def headways_min(self, trips: "NDArray[np.int64]") -> "dict[str, float]":
        """Return the minutes between departures of some trips; ``inf`` for none."""
        found: dict[str, float] = {}
        for profile, counts in self.counts.items():
            count = float(counts[trips].sum())
            low, high = self.spans_s[profile]
            found[profile] = (high - low) / 60 / count if count else np.inf
        return found

    def part_s(
        self, profile: "Profile", trips: "NDArray[np.int64] | slice" = slice(None)
    ) -> "tuple[float, float] | None":
        """
        Return when some trips depart first and last if that is only a part of the window.

        It is one if a tenth of the window at either end, and twice the mean time between
        departures, has none. A single departure tells nothing.
        """
        count = float(self.counts[profile][trips].sum())
        if count < _FEWEST:
            return None
        low, high = self.spans_s[profile]
        first = float(self.first_s[profile][trips].min())
        last = float(self.last_s[profile][trips].max())
        empty_s = max(first - low, high - last)
        between_s = (last - first) / (count - 1)
        much = empty_s > max(_MUCH * (high - low), _TIMES * between_s)
        return (first, last) if much else None

    def somewhere(self, trips: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which of some trips depart in any window."""
        total = np.sum([counts[trips] for counts in self.counts.values()], axis=0)
        return np.asarray(total > 0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Pattern:
    """Trips of one route and direction that stop at the same stops."""

    id: str
    route: int
    stops: "NDArray[np.int64]"
    trips: "NDArray[np.int64]"


def transit_lines(
    table: "Timetable",
    stations: Stations,
    departures: Departures,
    courses: "Mapping[str, NDArray[np.float64]]",
    routes: "pd.DataFrame",
    *,
    prefix: str,
) -> tuple[tuple[TransitLine, ...], tuple[Change, ...]]:
    """Return the lines of a timetable, and what was repaired or noticed in them."""
    tally: Counter[str] = Counter()
    names = _route_names(routes)
    lines = []
    patterns = list(_patterns(table, routes, prefix))
    for pattern in patterns:
        line, seen = _line(
            pattern, table, stations, departures, courses, names[pattern.route]
        )
        lines.append(line)
        tally += seen
    tally["blank"] = int(np.isnan(table.arrive_s).sum())
    changes = [
        Change(action=action, what=what, count=tally[key])
        for key, (action, what) in _TOLD.items()
        if tally[key]
    ]
    for profile in departures.counts:
        if idle := sum(not line.runs(profile) for line in lines):
            what = Text(
                f"在 '{profile}' 时段没有发车的线路：该时段不开行",
                f"lines without a departure in the window of '{profile}': not run in it",
            )
            changes.append(Change(action="noticed", what=what, count=idle))
        changes += _in_part(profile, patterns, departures)
    return tuple(lines), tuple(changes)


def _in_part(
    profile: "Profile", patterns: "list[_Pattern]", departures: Departures
) -> list[Change]:
    """Tell whose departures fill only a part of a window: headways come out too long."""
    low, high = departures.spans_s[profile]
    window = f"'{profile}' {_clock(low)}–{_clock(high)}"
    changes = []
    if whole := departures.part_s(profile):
        first, last = map(_clock, whole)
        what = Text(
            f"分钟在 {window} 时段内没有任何车次始发（首末班 {first}–{last}）："
            "发车间隔按整个时段计，因而偏长；请给出有车的 windows",
            f"minutes of the window {window} in which nothing departs (first and last "
            f"{first}–{last}): headways, of the whole window, are too long; give windows "
            "that are served",
        )
        empty_s = whole[0] - low + high - whole[1]
        changes.append(Change(action="noticed", what=what, count=round(empty_s / 60)))
    found = {
        pattern.id: part
        for pattern in patterns
        if (part := departures.part_s(profile, pattern.trips))
    }
    if found:
        first, last = map(_clock, next(iter(found.values())))
        what = Text(
            f"只在 {window} 时段的一部分发车的线路（第一条 {first}–{last}）："
            "发车间隔按整个时段计",
            f"lines that depart in a part of the window {window} only (the first of them "
            f"{first}–{last}): their headways are of the whole window",
        )
        rows = first_few(list(found))
        changes.append(Change(action="noticed", what=what, count=len(found), rows=rows))
    return changes


def _clock(second: float) -> str:
    """Return a second of the day as a time, which may pass 24:00."""
    return f"{int(second) // 3600:02d}:{int(second) // 60 % 60:02d}"


_TOLD: Final["Mapping[str, tuple[Any, Text]]"] = {
    "blank": (
        "repaired",
        Text(
            "空白的到发时刻，沿线路插补",
            "stop times left blank, interpolated along the course",
        ),
    ),
    "zero": (
        "repaired",
        Text(
            "两站间不足 1 秒的运行时间，改为 1 秒",
            "runs of less than 1 s between two stops, set to 1 s",
        ),
    ),
    "off": (
        "repaired",
        Text(
            "走向不经过其站点的线路，按直线绘制",
            "lines whose shape does not pass their stops, drawn straight",
        ),
    ),
    "lost": (
        "repaired",
        Text(
            "shapes.txt 中没有走向的线路，按直线绘制",
            "lines whose shape is not in shapes.txt, drawn straight",
        ),
    ),
    "fast": (
        "noticed",
        Text(
            f"两站间快于 {_MAX_KPH:.0f} km/h 的运行",
            f"runs faster than {_MAX_KPH:.0f} km/h between two stops",
        ),
    ),
}


def _patterns(
    table: "Timetable", routes: "pd.DataFrame", prefix: str
) -> "Iterator[_Pattern]":
    """Yield the patterns by route and direction, that with the most trips first."""
    route = table.trips["route"].to_numpy(dtype=np.int64)
    direction = table.trips["direction_id"].fillna(-1).to_numpy(dtype=np.int64)
    stops = np.split(table.stop, table.first[1:-1])
    groups: defaultdict[tuple[int, int, bytes], list[int]] = defaultdict(list)
    for trip, (way, there, halts) in enumerate(
        zip(route.tolist(), direction.tolist(), stops, strict=True)
    ):
        groups[way, there, halts.tobytes()].append(trip)
    order = sorted(groups, key=lambda key: (key[:2], -len(groups[key]), groups[key]))
    ranks: Counter[tuple[int, int]] = Counter()
    for key in order:
        way, there, _ = key
        ranks[way, there] += 1
        shown = "-" if there < 0 else there
        yield _Pattern(
            id=f"{prefix}:{routes['route_id'].iloc[way]}:{shown}:{ranks[way, there]}",
            route=way,
            stops=stops[groups[key][0]],
            trips=np.array(groups[key], dtype=np.int64),
        )


def _line(
    pattern: _Pattern,
    table: "Timetable",
    stations: Stations,
    departures: Departures,
    courses: "Mapping[str, NDArray[np.float64]]",
    name: str,
) -> tuple[TransitLine, Counter[str]]:
    """Return the line of a pattern, and how often what was repaired or noticed."""
    spots = stations.xy[pattern.stops]
    parts, seen = _course(pattern, table, spots, courses)
    straight_m = np.hypot(*np.diff(spots, axis=0).T)
    # Stops beyond the end of a shape have no course between them.
    lengths = np.maximum([part.length for part in parts], straight_m)
    along = np.concatenate([[0.0], np.cumsum(np.maximum(lengths, _LEAST_STEP_M))])
    busy = pattern.trips[departures.somewhere(pattern.trips)]
    run_min, dwell_min = _run_and_dwell_min(
        table, busy if len(busy) else pattern.trips, along
    )
    zero = run_min < _LEAST_RUN_MIN
    run_min = np.where(zero, _LEAST_RUN_MIN, run_min)
    seen["zero"] = int(zero.sum())
    seen["fast"] = int((straight_m / 1000 / run_min * 60 > _MAX_KPH).sum())
    stops = tuple(
        Stop(
            station_id=stations.ids[stop],
            name_zh=stations.names[stop],
            point=shapely.Point(spot),
            run_min=float(run),
            dwell_min=float(dwell),
        )
        for stop, spot, run, dwell in zip(
            pattern.stops, spots, [*run_min, 0.0], dwell_min, strict=True
        )
    )
    line = TransitLine(
        id=pattern.id,
        name_zh=name,
        mode=table.trips["mode"].iloc[pattern.trips[0]],
        stops=stops,
        headway_min=departures.headways_min(pattern.trips),
        status="built",
        sections=parts,
        one_way=True,
    )
    return line, seen


def _course(
    pattern: _Pattern,
    table: "Timetable",
    spots: "NDArray[np.float64]",
    courses: "Mapping[str, NDArray[np.float64]]",
) -> "tuple[tuple[shapely.LineString, ...], Counter[str]]":
    """Return the sections of a pattern by the shape most of its trips have."""
    shapes = Counter(table.trips["shape_id"].iloc[pattern.trips])
    shape = shapes.most_common(1)[0][0]
    parts = cut_course(courses[shape], spots) if shape in courses else None
    if parts is not None:
        return parts, Counter()
    why = "off" if shape in courses else "lost" if shape else "none"
    return straight_course(spots), Counter([why])


def _run_and_dwell_min(
    table: "Timetable", trips: "NDArray[np.int64]", along: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return medians over trips: minutes to the next stop, and minutes at each stop."""
    rows = table.first[trips][:, None] + np.arange(len(along))
    arrive, depart = table.arrive_s[rows], table.depart_s[rows]
    for here, leave in zip(arrive, depart, strict=True):
        blank = np.isnan(here)
        if not blank.any():
            continue
        known = np.flatnonzero(~blank)
        told = np.column_stack([here[known], leave[known]]).ravel()
        here[blank] = leave[blank] = np.interp(
            along[blank], np.repeat(along[known], 2), told
        )
    run_min = np.median(arrive[:, 1:] - depart[:, :-1], axis=0) / 60
    return run_min, np.median(depart - arrive, axis=0) / 60


def _route_names(routes: "pd.DataFrame") -> list[str]:
    """Return names as passengers know them: the short one, then the long one."""
    names = []
    for key, short, long in zip(
        routes["route_id"],
        routes["route_short_name"],
        routes["route_long_name"],
        strict=True,
    ):
        parts = dict.fromkeys(part for part in (short, long) if part)
        names.append(" ".join(parts) or key)
    return names
