"""Read GTFS feeds into transit lines with run times and headways (GTFS 时刻表)."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from ctzgis.crs import GEOGRAPHIC_CRS, fitting_crs, require_metric
from ctzgis.errors import CRSError, InputError, naming
from ctzgis.network.speeds import Profile
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.gtfs.archive import first_few
from ctzgis.sources.gtfs.courses import degrees, shape_courses
from ctzgis.sources.gtfs.lines import Departures, Stations, transit_lines
from ctzgis.sources.gtfs.service import seconds, service_on, timetable
from ctzgis.sources.gtfs.tables import read_tables, refuse
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from ctzgis.network.lines import TransitLine
    from ctzgis.provenance import Source
    from ctzgis.sources.gtfs.service import Timetable
    from ctzgis.sources.gtfs.tables import FeedTables

__all__ = ["DEFAULT_WINDOWS", "TransitFeed", "read_gtfs"]

DEFAULT_WINDOWS: "Final[Mapping[Profile, tuple[str, str]]]" = {
    "free": ("10:00", "15:00"),
    "peak": ("07:00", "09:00"),
}
"""Times of day whose departures make the headway of a profile."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TransitFeed:
    """
    The lines of a GTFS feed on one day.

    Attributes
    ----------
    lines
        A line per route, direction and order of stops, each one-way.
    date
        The day whose service they are.
    crs
        Reference system of their points and courses.
    source
        Where they come from, with a report on what reading did.
    """

    lines: "tuple[TransitLine, ...]"
    date: dt.date
    crs: str
    source: "Source"

    def __repr__(self) -> str:
        stations = {stop.station_id for line in self.lines for stop in line.stops}
        plural = "" if len(self.lines) == 1 else "s"
        return (
            f"<TransitFeed: {len(self.lines)} line{plural}, {len(stations)} stations, "
            f"{self.date}, {self.crs}>"
        )


def read_gtfs(
    path: Path | str,
    *,
    date: dt.date | str | None = None,
    windows: "Mapping[Profile, tuple[str, str]]" = DEFAULT_WINDOWS,
    crs: Any = None,
    prefix: str | None = None,
) -> TransitFeed:
    r"""
    Read the lines of a GTFS feed as they run on one day.

    Trips of one route and direction with the same stops in the same order make one
    line, however rare. It departs every so many minutes as the length of a window
    divided by the departures from its first stop in it, those by ``frequencies.txt``
    counted as time over headway; where there are none it does not run in that
    profile, and where they fill a part of the window only the report says so. Run
    times and dwell times are medians over its trips that depart in a window, or over
    all of them if none does. Times left blank are interpolated along the course.
    Courses follow ``shapes.txt`` where it passes the stops within 250 m, and run
    straight otherwise.

    Parameters
    ----------
    path
        A zip or a folder of GTFS tables, in UTF-8 or GB18030.
    date
        Day of service, as a date or ISO text; without it the first day with the most
        trips.
    windows
        From and to, as ``"HH:MM"``, for every profile; may pass 24:00.
    crs
        Metric CRS of the result, for example that of the roads; without it the one
        that fits the middle of the stops (``fitting_crs``).
    prefix
        Put before the ids of lines and stations, so that feeds can be joined; without
        it the name of the file.

    Returns
    -------
    TransitFeed
        Lines whose ids are ``prefix:route:direction:n``, ``n`` counted from the
        order of stops with the most trips.

    Raises
    ------
    SourceError
        If the feed is missing or broken, or gtfs_kit is not installed.
    InputError
        If it is no GTFS feed, contradicts itself, or nothing runs on the day; the
        file and row are named.
    CRSError
        If ``crs`` is not known or must not be measured in where the stops are.

    Notes
    -----
    Each line has a headway of its own: passengers for whom several would do wait
    shorter than it says. After midnight the trips of the day before are not counted.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> tables = {
    ...     "stops": "stop_id,stop_name,stop_lat,stop_lon\nA,东,28.2,113\nB,西,28.2,112.9",
    ...     "routes": "route_id,route_short_name,route_type\nR,1路,3",
    ...     "calendar_dates": "service_id,date,exception_type\nS,20260105,1",
    ...     "trips": "route_id,service_id,trip_id\nR,S,T",
    ...     "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "T,8:00:00,8:00:00,A,1\nT,8:20:00,8:20:00,B,2",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = Path(folder, f"{name}.txt").write_text(text, encoding="utf-8")
    ...     feed = read_gtfs(folder, prefix="bus")
    >>> feed
    <TransitFeed: 1 line, 2 stations, 2026-01-05, EPSG:4547>
    >>> feed.lines[0].minutes("bus:A", "bus:B"), dict(feed.lines[0].headway_min)
    (20.0, {'free': inf, 'peak': 120.0})
    """
    path = Path(path)
    name = path.absolute().stem if prefix is None else prefix
    spans, day = _spans(windows), _date(date)
    with naming(path.name):
        return _feed(path, day, spans, name, crs)


def _feed(
    path: Path,
    day: dt.date | None,
    spans: "Mapping[Profile, tuple[float, float]]",
    name: str,
    crs: Any,
) -> TransitFeed:
    tables = read_tables(path)
    frames = tables.frames
    service = service_on(tables, day)
    table = timetable(tables, service)
    stations, label, to_metres, moved = _stations(frames["stops"], table, name, crs)
    departures, by_headway = _departures(tables, table, spans)
    shapes = frames["shapes"]
    shapes = shapes[shapes["shape_id"].isin(set(table.trips["shape_id"]))]
    lines, seen = transit_lines(
        table,
        stations,
        departures,
        shape_courses(shapes, to_metres),
        frames["routes"],
        prefix=name,
    )
    report = ReadReport(
        rows_in=len(frames["trips"]),
        rows_kept=len(table.trips),
        unit=Text("车次", "trips"),
        changes=(
            _running(table, service.day, day),
            *tables.changes,
            *service.changes,
            *table.changes,
            *moved,
            *by_headway,
            *seen,
        ),
        crs_in=GEOGRAPHIC_CRS,
        crs_out=label,
        encoding=tables.encoding,
    )
    source = file_source(
        path, what=Text("公交时刻数据（GTFS）", "transit feed (GTFS)"), report=report
    )
    source = replace(source, date=service.day.isoformat(), crs=GEOGRAPHIC_CRS)
    return TransitFeed(lines=lines, date=service.day, crs=label, source=source)


def _running(table: "Timetable", day: dt.date, wanted: dt.date | None) -> Change:
    weekday = "一二三四五六日"[day.weekday()]
    what = Text(
        f"{day} 星期{weekday} 的车次{'' if wanted else '（首个车次最多之日）'}",
        f"trips on {day}, a {day:%A}"
        f"{'' if wanted else ', the first day with the most of them'}",
    )
    return Change(action="noticed", what=what, count=len(table.trips))


def _date(date: dt.date | str | None) -> dt.date | None:
    if isinstance(date, dt.datetime):
        return date.date()
    if date is None or isinstance(date, dt.date):
        return date
    try:
        return dt.date.fromisoformat(date)
    except (ValueError, TypeError) as error:
        msg = f"date is {date!r}; a date like '2026-01-31' is expected"
        raise InputError(msg) from error


def _spans(
    windows: "Mapping[Profile, tuple[str, str]]",
) -> "dict[Profile, tuple[float, float]]":
    """Return the windows in seconds of the day."""
    profiles = get_args(Profile)
    if set(windows) != set(profiles):
        msg = f"windows are {windows!r}; one for each of {', '.join(profiles)} is expected"
        raise InputError(msg)
    spans: dict[Profile, tuple[float, float]] = {}
    for profile, window in windows.items():
        try:
            start, end = (seconds(f"{text}:00") for text in window)
        except (ValueError, TypeError):
            start, end = 0.0, 0.0
        if not start < end:
            msg = (
                f"the window of '{profile}' is {window!r}; from and to are expected, "
                "like ('07:00', '09:00')"
            )
            raise InputError(msg)
        spans[profile] = (start, end)
    return spans


def _stations(
    stops: "pd.DataFrame", table: "Timetable", prefix: str, crs: Any
) -> "tuple[Stations, str, Any, tuple[Change, ...]]":
    """Return the stations of the stops in use, their CRS, the way to it, and changes."""
    import pandas as pd

    used = np.zeros(len(stops), dtype=bool)
    used[table.stop] = True
    ids = pd.Index(stops["stop_id"])
    own = np.arange(len(stops))
    lon, lat = stops["stop_lon"].to_numpy(), stops["stop_lat"].to_numpy()
    placed = degrees(lon, lat)
    above = ids.get_indexer(stops["parent_station"])
    lost = used & (stops["parent_station"] != "").to_numpy(dtype=bool)
    lost &= (above < 0) | ~placed[above]
    parent = np.where((above >= 0) & placed[above], above, own)
    # Boarding areas belong to platforms, and platforms to stations.
    parent = parent[parent]
    reason = (
        "stop_id {stop_id!r} is at {stop_lon}, {stop_lat}; degrees of longitude and "
        "latitude are expected"
    )
    refuse("stops", stops, used & ~placed[parent], reason)
    lon, lat = lon[parent], lat[parent]
    label, to_metres = _metric(lon[used], lat[used], crs)
    xy = np.full((len(stops), 2), np.nan)
    xy[used] = np.column_stack(to_metres.transform(lon[used], lat[used]))
    refuse("stops", stops, used & ~np.isfinite(xy).all(axis=1), reason)
    names = np.where(stops["stop_name"] == "", stops["stop_id"], stops["stop_name"])
    stations = Stations(
        ids=np.array([f"{prefix}:{ids[i]}" for i in parent], dtype=object),
        names=names,
        xy=xy,
    )
    if not lost.any():
        return stations, label, to_metres, ()
    change = Change(
        action="repaired",
        what=Text(
            "上级车站缺失或没有位置的站点，按车站保留",
            "stops whose parent_station is missing or has no place, kept as stations",
        ),
        count=int(lost.sum()),
        rows=first_few(stops.loc[lost, "stop_id"]),
    )
    return stations, label, to_metres, (change,)


def _metric(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]", crs: Any
) -> tuple[str, Any]:
    """Return the label of the CRS of the result, and the conversion from degrees."""
    import geopandas as gpd
    import pyproj
    import pyproj.exceptions

    if crs is None:
        crs = fitting_crs(float(np.median(lon)), float(np.median(lat)))
    try:
        known = pyproj.CRS.from_user_input(crs)
        points = gpd.GeoSeries.from_xy(lon, lat, crs=GEOGRAPHIC_CRS).to_crs(known)
    except pyproj.exceptions.ProjError as error:
        msg = f"crs is {crs!r}, which cannot be used: {error}; try 'EPSG:4547'"
        raise CRSError(msg) from error
    require_metric(points, "the feed")
    authority = known.to_authority()
    label = ":".join(authority) if authority else str(known.name)
    to_metres = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, known, always_xy=True)
    return label, to_metres


def _departures(
    tables: "FeedTables",
    table: "Timetable",
    spans: "Mapping[Profile, tuple[float, float]]",
) -> "tuple[Departures, tuple[Change, ...]]":
    """Count the departures of each trip in each window, with those by headway."""
    import pandas as pd

    rows = tables.frames["frequencies"]
    strange = ~rows["trip_id"].isin(tables.frames["trips"]["trip_id"]).to_numpy(bool)
    changes = []
    if strange.any():
        what = Text(
            "frequencies.txt 中 trips.txt 没有的车次",
            "rows of frequencies.txt for trips not in trips.txt",
        )
        names = first_few(rows.loc[strange, "row"])
        changes.append(
            Change(action="dropped", what=what, count=int(strange.sum()), rows=names)
        )
    trip = pd.Index(table.trips["trip_id"]).get_indexer(rows["trip_id"])
    rows, trip = rows[trip >= 0], trip[trip >= 0]
    start, end = (
        np.array([seconds(text) for text in rows[column]], dtype=float)
        for column in ("start_time", "end_time")
    )
    every = rows["headway_secs"].to_numpy(dtype=float)
    wrong = ~(start < end)
    reason = "{start_time!r} to {end_time!r} is no time from one to a later one"
    refuse("frequencies", rows, wrong, reason)
    refuse(
        "frequencies", rows, ~(every > 0), "headway_secs {headway_secs} is not above 0"
    )
    if len(trip):
        what = Text(
            "按间隔发车的车次（frequencies.txt）",
            "trips that stand for departures by headway (frequencies.txt)",
        )
        count = len(np.unique(trip))
        changes.append(Change(action="noticed", what=what, count=count))
    leaves = table.depart_s[table.first[:-1]].copy()
    leaves[trip] = np.nan
    counts: dict[Profile, NDArray[np.float64]] = {}
    firsts: dict[Profile, NDArray[np.float64]] = {}
    lasts: dict[Profile, NDArray[np.float64]] = {}
    for profile, (low, high) in spans.items():
        inside = (leaves >= low) & (leaves < high)
        begin, after = np.maximum(start, low), np.minimum(end, high)
        shared_s = np.maximum(after - begin, 0.0)
        counts[profile] = inside.astype(float)
        np.add.at(counts[profile], trip, shared_s / every)
        firsts[profile] = np.where(inside, leaves, np.inf)
        lasts[profile] = np.where(inside, leaves, -np.inf)
        shared = shared_s > 0
        np.minimum.at(firsts[profile], trip[shared], begin[shared])
        np.maximum.at(lasts[profile], trip[shared], after[shared])
    departures = Departures(spans_s=spans, counts=counts, first_s=firsts, last_s=lasts)
    return departures, tuple(changes)
