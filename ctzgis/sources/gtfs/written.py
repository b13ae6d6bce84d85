"""Write lines as a GTFS feed, so that other engines can travel them (GTFS 写出)."""

import csv
import io
import zipfile
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
import shapely

from ctzgis._version import __version__
from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.network.speeds import Profile, of_profile
from ctzgis.sources.gtfs.service import seconds
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapely import LineString

    from ctzgis.network.lines import LineMode, Stop, TransitLine
    from ctzgis.provenance import Source

    Row = tuple[object, ...]
    Span = tuple[int, int, str]

__all__ = ["DAY", "PEAKS", "Agency", "write_gtfs"]

DAY: Final = ("06:00", "22:00")
"""First and last departure from the first stop of a line, an assumption."""

PEAKS: Final[tuple[tuple[str, str], ...]] = (("07:00", "09:00"), ("17:00", "19:00"))
"""Times of day at which the headways of the peak hold, an assumption."""

_ROUTE_TYPES: "Final[Mapping[LineMode, int]]" = {
    "hsr": 101, "intercity": 103, "conventional": 2, "metro": 1, "maglev": 405,
    "tram": 0, "bus": 3, "ferry": 4, "cable": 6, "funicular": 7,
}  # fmt: skip

_SERVICE: Final = "daily"

# A degree has some 111 km: a tenth of a millimetre, so that places stay on their roads.
_DECIMALS: Final = 9

_SAME_STATION_M: Final = 1.0

# Every file of a zip has the same date, so that the same lines give the same bytes.
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """
    Who runs the lines, as a feed has to say.

    Attributes
    ----------
    name
        Name of the operator.
    url
        Its address.
    timezone
        Where its clock is, e.g. ``"Asia/Shanghai"``.
    """

    name: str = "ctzgis"
    url: str = "https://example.org/"
    timezone: str = "Asia/Shanghai"


def write_gtfs(
    lines: "Iterable[TransitLine]",
    path: Path | str,
    *,
    crs: Any,
    year: int,
    day: tuple[str, str] = DAY,
    peaks: "Sequence[tuple[str, str]]" = PEAKS,
    agency: Agency | None = None,
    sources: "Sequence[Source]" = (),
) -> None:
    """
    Write lines as a GTFS feed with headways (``frequencies.txt``).

    A line is a route with a trip each way, or one way if it is so; its course becomes a
    shape. Every day of the year has the same service: from the first to the last hour
    of the day trains leave the first stop at the line's headway, in the peaks at that
    of the peak, else at that of free flow; other profiles are not written. A line that
    runs in neither is left out.

    Parameters
    ----------
    lines
        Lines of one year; ask ``network.at(year)`` first.
    path
        A ``.zip``; it appears whole or not at all.
    crs
        CRS of the lines.
    year
        Year of the calendar.
    day
        From and to, as ``"HH:MM"``; may pass 24:00.
    peaks
        The same for each peak of the day, in order and within it.
    agency
        Who runs the lines, and in which time zone.
    sources
        Where the lines come from, told in ``attributions.txt`` with their licences.

    Raises
    ------
    InputError
        If no line runs, ids are missing, used twice or have blanks at their ends, a
        course is no line, or times of day contradict each other.
    CRSError
        If ``crs`` is not known, or the lines are not where it leads.
    SourceError
        If the file cannot be written; one that was there stays as it was.

    Notes
    -----
    Times are whole seconds in GTFS: a ride is off by a second at most, a headway by half
    a second. ``read_gtfs`` gives the lines back with a line for each direction, the
    station ids with its prefix, and maglevs, which GTFS does not know, as metros.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.sources.gtfs.feed import read_gtfs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_gtfs(gridville().lines, f"{folder}/town.zip", crs="EPSG:4547", year=2026)
    ...     feed = read_gtfs(f"{folder}/town.zip")
    >>> feed
    <TransitFeed: 2 lines, 3 stations, 2026-01-01, EPSG:4547>
    >>> feed.lines[0].minutes("town:west", "town:east"), feed.lines[0].headway_min
    (4.0, {'free': 4.0, 'peak': 2.0})
    """
    path = Path(path)
    if path.suffix.lower() != ".zip":
        msg = f"a feed is written to a .zip; {path.name} is given"
        raise InputError(msg)
    spans = _spans(day, peaks)
    running = [line for line in lines if any(map(line.runs, get_args(Profile)))]
    _check(running, year)
    tables = _tables(running, spans, year, _to_degrees(crs), agency or Agency())
    if sources:
        tables["attributions"] = _attributions(sources)
    with written_whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, rows in tables.items():
            info = zipfile.ZipInfo(f"{name}.txt", date_time=_ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _csv(rows))


def _check(lines: "Sequence[TransitLine]", year: int) -> None:
    """Refuse what a feed cannot hold."""
    if not 1900 <= year <= 9999:
        msg = f"year is {year}; a year of four figures from 1900 is expected"
        raise InputError(msg)
    if not lines:
        msg = "there is no line that runs; a feed has one or more"
        raise InputError(msg)
    ids = [line.id for line in lines]
    if len(set(ids)) < len(ids):
        twice = sorted({key for key in ids if ids.count(key) > 1})
        msg = f"line ids are used twice: {', '.join(twice)}"
        raise InputError(msg)
    for line in lines:
        for key in (line.id, *(stop.station_id for stop in line.stops)):
            if not key or key != " ".join(key.split()):
                msg = (
                    f"line {line.id!r} has the id {key!r}; GTFS keeps ids without "
                    "blanks at their ends and line breaks only"
                )
                raise InputError(msg)


def _spans(
    day: tuple[str, str], peaks: "Sequence[tuple[str, str]]"
) -> "tuple[Span, ...]":
    """Return the parts of the day in seconds, each with its profile."""
    (start, end), *inner = (_seconds(span) for span in (day, *peaks))
    edges = [start, *chain.from_iterable(inner), end]
    if any(later < earlier for earlier, later in pairwise(edges)):
        msg = f"peaks {tuple(peaks)!r} are not in order within the day {day!r}"
        raise InputError(msg)
    parts = enumerate(pairwise(edges))
    return tuple(
        (low, high, "peak" if i % 2 else "free")
        for i, (low, high) in parts
        if low < high
    )


def _seconds(span: tuple[str, str]) -> tuple[int, int]:
    try:
        start, end = (seconds(f"{text}:00") for text in span)
    except (ValueError, TypeError):
        start, end = 0.0, 0.0
    if not start < end:
        msg = f"{span!r} is given; from and to are expected, like ('07:00', '09:00')"
        raise InputError(msg)
    return int(start), int(end)


def _to_degrees(crs: Any) -> Any:
    import pyproj
    import pyproj.exceptions

    try:
        return pyproj.Transformer.from_crs(crs, GEOGRAPHIC_CRS, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        msg = f"crs is {crs!r}, which is not known: {error}; try 'EPSG:4547'"
        raise CRSError(msg) from error


def _degrees(xy: "np.ndarray[Any, Any]", to_degrees: Any) -> "list[tuple[str, str]]":
    """Return latitudes and longitudes as texts."""
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        msg = "stops or courses lie where their CRS leads nowhere; check crs"
        raise CRSError(msg)
    return [
        (f"{y:.{_DECIMALS}f}", f"{x:.{_DECIMALS}f}")
        for x, y in zip(lon, lat, strict=True)
    ]


def _stations(lines: "Sequence[TransitLine]") -> "dict[str, Stop]":
    """Return the stations of lines, each at one place."""
    stations: dict[str, Stop] = {}
    for line in lines:
        for stop in line.stops:
            first = stations.setdefault(stop.station_id, stop)
            if (metres := first.point.distance(stop.point)) > _SAME_STATION_M:
                msg = (
                    f"station '{stop.station_id}' of line '{line.id}' lies {metres:.0f} "
                    "m from where another line has it; give one place, or two ids"
                )
                raise InputError(msg)
    return stations


def _tables(
    lines: "Sequence[TransitLine]",
    spans: "Sequence[Span]",
    year: int,
    to_degrees: Any,
    agency: Agency,
) -> "dict[str, Iterable[Row]]":
    """Return the rows of every table, headers first."""
    stations = _stations(lines)
    spots = shapely.get_coordinates([stop.point for stop in stations.values()])
    places = _degrees(spots, to_degrees)
    trips = [trip for line in lines for trip in _trips(line)]
    return {
        "agency": [
            ("agency_id", "agency_name", "agency_url", "agency_timezone"),
            ("1", agency.name, agency.url, agency.timezone),
        ],
        "stops": [
            ("stop_id", "stop_name", "stop_lat", "stop_lon"),
            *(
                (key, stop.name_zh or key, *place)
                for (key, stop), place in zip(stations.items(), places, strict=True)
            ),
        ],
        "routes": [
            (
                *("route_id", "agency_id", "route_short_name"),
                *("route_long_name", "route_type"),
            ),
            *((x.id, "1", "", x.name_zh or x.id, _ROUTE_TYPES[x.mode]) for x in lines),
        ],
        "trips": [
            ("route_id", "service_id", "trip_id", "direction_id", "shape_id"),
            *((t.line.id, _SERVICE, t.id, t.direction, t.id) for t in trips),
        ],
        "stop_times": [
            ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"),
            *(row for trip in trips for row in trip.times(spans[0][0])),
        ],
        "frequencies": [
            ("trip_id", "start_time", "end_time", "headway_secs", "exact_times"),
            *(row for trip in trips for row in trip.headways(spans)),
        ],
        "calendar": [
            (
                *("service_id", "monday", "tuesday", "wednesday", "thursday", "friday"),
                *("saturday", "sunday", "start_date", "end_date"),
            ),
            (_SERVICE, *[1] * 7, f"{year}0101", f"{year}1231"),
        ],
        "shapes": [
            ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
            *(row for trip in trips for row in trip.shape(to_degrees)),
        ],
        "feed_info": [
            (
                *("feed_publisher_name", "feed_publisher_url", "feed_lang"),
                *("feed_start_date", "feed_end_date", "feed_version"),
            ),
            (
                *(agency.name, agency.url, "zh", f"{year}0101", f"{year}1231"),
                f"ctzgis {__version__}: headways, no timetable",
            ),
        ],
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Trip:
    """A line in one of its directions."""

    line: "TransitLine"
    direction: int
    stops: "tuple[Stop, ...]"
    runs_min: tuple[float, ...]
    sections: "tuple[LineString, ...]"

    @property
    def id(self) -> str:
        return f"{self.line.id}:{self.direction}"

    def times(self, start_s: int) -> "Iterator[Row]":
        """Yield when the first trip of the day stops where."""
        # Rounded from the start, so that errors do not add up.
        minutes = chain.from_iterable(
            (stop.dwell_min, run)
            for stop, run in zip(self.stops, (*self.runs_min, 0.0), strict=True)
        )
        clock = [start_s + round(60 * m) for m in accumulate(minutes, initial=0.0)]
        for i, stop in enumerate(self.stops):
            arrive, depart = _clock(clock[2 * i]), _clock(clock[2 * i + 1])
            yield self.id, arrive, depart, stop.station_id, i + 1

    def headways(self, spans: "Sequence[Span]") -> "Iterator[Row]":
        """Yield how often trips leave in each part of the day."""
        for low, high, profile in spans:
            if self.line.runs(profile):
                every_s = round(60 * of_profile(self.line.headway_min, profile))
                yield self.id, _clock(low), _clock(high), max(every_s, 1), 0

    def shape(self, to_degrees: Any) -> "Iterator[Row]":
        """Yield the places of the course."""
        parts = [shapely.get_coordinates(part) for part in self.sections]
        xy = np.concatenate(parts)
        fresh = np.ones(len(xy), dtype=bool)
        fresh[1:] = (np.diff(xy, axis=0) != 0).any(axis=1)
        for i, place in enumerate(_degrees(xy[fresh], to_degrees)):
            yield self.id, *place, i + 1


def _trips(line: "TransitLine") -> "Iterator[_Trip]":
    """Yield the directions in which a line runs."""
    runs = tuple(stop.run_min for stop in line.stops[:-1])
    yield _Trip(line, 0, line.stops, runs, line.sections)
    if not line.one_way:
        back = tuple(section.reverse() for section in line.sections[::-1])
        yield _Trip(line, 1, line.stops[::-1], runs[::-1], back)


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _attributions(sources: "Sequence[Source]") -> "list[Row]":
    head: Row = ("attribution_id", "organization_name", "is_producer")
    rows = (
        (i + 1, f"{source.name}: {source.source} ({source.licence})", 1)
        for i, source in enumerate(sources)
    )
    return [head, *rows]


def _csv(rows: "Iterable[Row]") -> str:
    """Return rows as a table of texts without line breaks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([" ".join(str(cell).split()) for cell in row] for row in rows)
    return text.getvalue()
