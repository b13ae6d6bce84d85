"""What of a GTFS feed runs on a day: its services, trips and times (GTFS 运营日)."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.provenance import Change
from ctzgis.sources.gtfs.archive import first_few
from ctzgis.sources.gtfs.tables import WEEKDAYS, library, refuse
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from numpy.typing import NDArray

    from ctzgis.network.lines import LineMode
    from ctzgis.sources.gtfs.tables import FeedTables

__all__ = ["Service", "Timetable", "seconds", "service_on", "timetable"]

_MAX_DAYS: Final = 10_000

_TIME: Final = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")

_MODES: Final["Mapping[int, LineMode]"] = {
    0: "tram", 1: "metro", 2: "conventional", 3: "bus", 4: "ferry", 5: "tram",
    6: "cable", 7: "funicular", 11: "bus", 12: "metro", 101: "hsr", 103: "intercity",
    1701: "cable",
}  # fmt: skip
"""Modes of the types of routes; for the rest of the extended ones see the hundreds."""

_MODES_OF_HUNDREDS: Final["Mapping[int, LineMode]"] = {
    1: "conventional", 2: "bus", 3: "conventional", 4: "metro", 5: "metro",
    6: "metro", 7: "bus", 8: "bus", 9: "tram", 10: "ferry", 12: "ferry", 13: "cable",
    14: "funicular",
}  # fmt: skip

# Air, taxi, self drive, miscellaneous: nobody boards them as one boards a line.
_NO_LINES: Final = (11, 15, 16, 17)


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """
    The trips of a feed that run on one day.

    Attributes
    ----------
    day
        The day.
    trips
        Rows of the trips that run, with the ``mode`` of their route.
    changes
        What was left out.
    """

    day: dt.date
    trips: "pd.DataFrame"
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """
    Stops and times of trips, in seconds after the day's midnight.

    Attributes
    ----------
    trips
        Rows of the trips that run and stop twice or more.
    first
        Position of each trip's first stop below; one more for the end of the last.
    stop
        Positions of the stops in their table.
    arrive_s, depart_s
        NaN where the feed leaves a time blank, never at a trip's ends.
    changes
        What was left out or noticed.
    """

    trips: "pd.DataFrame"
    first: "NDArray[np.int64]"
    stop: "NDArray[np.int64]"
    arrive_s: "NDArray[np.float64]"
    depart_s: "NDArray[np.float64]"
    changes: tuple[Change, ...]


def seconds(text: str) -> float:
    """
    Return the seconds of a time of day, which may pass 24:00; NaN if it is none.

    Examples
    --------
    >>> seconds("25:10:00") / 3600, seconds("7:30:00") / 60, seconds("7h30")
    (25.166666666666668, 450.0, nan)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return float("nan")
    hours, minutes, rest = found.groups()
    return float(int(hours) * 3600 + int(minutes) * 60 + int(rest))


def service_on(tables: "FeedTables", wanted: dt.date | None) -> Service:
    """
    Return the trips of a day; without one, of the first day with the most trips.

    Raises
    ------
    InputError
        If the calendar is wrong, no trip runs on the day, or a trip or route that
        does is wrong.
    """
    frames = tables.frames
    trips = frames["trips"]
    _check_calendar(frames)
    active = _by_day(frames)
    per_service = trips["service_id"].value_counts()

    def runs(day: dt.date) -> int:
        return int(per_service.reindex(list(active(day))).fillna(0).sum())

    days = _days_of_change(frames) if wanted is None else [wanted]
    day = max(days, key=lambda day: (runs(day), -day.toordinal()), default=None)
    if day is None or not runs(day):
        raise InputError(_no_service(frames, day if wanted else None))
    known = {*frames["calendar"]["service_id"], *frames["calendar_dates"]["service_id"]}
    changes = _dropped(
        Text("服务日历中没有的车次", "trips of a service in no calendar"),
        trips,
        ~_in(trips["service_id"], known),
        "trip_id",
    )
    trips = trips[_in(trips["service_id"], active(day))]
    trips, more = _with_modes(trips, frames["routes"])
    if trips.empty:
        msg = f"no trip on {day} is by a vehicle that runs on lines"
        raise InputError(msg)
    return Service(day, trips.reset_index(drop=True), (*changes, *more))


def timetable(tables: "FeedTables", service: Service) -> Timetable:
    """
    Return the times of the trips that run; those that stop once at most are left out.

    Raises
    ------
    InputError
        If a time or stop of a trip that runs is wrong, or none has two stops.
    """
    frames = tables.frames
    rows = frames["stop_times"]
    strangers = ~_in(rows["trip_id"], set(frames["trips"]["trip_id"]))
    changes = _dropped(
        Text("trips.txt 没有的车次的到发时刻", "stop times of trips not in trips.txt"),
        rows,
        strangers,
        "row",
    )
    position = pd.Index(service.trips["trip_id"]).get_indexer(rows["trip_id"])
    rows, position = rows[position >= 0], position[position >= 0]
    refuse(
        "stop_times",
        rows,
        rows["stop_sequence"].isna().to_numpy(),
        "has no stop_sequence",
    )
    order = np.lexsort((rows["stop_sequence"].to_numpy(), position))
    rows, position = rows.iloc[order], position[order]
    stop = pd.Index(frames["stops"]["stop_id"]).get_indexer(rows["stop_id"])
    refuse("stop_times", rows, stop < 0, "stop_id {stop_id!r} is not in stops.txt")

    count = np.bincount(position, minlength=len(service.trips))
    short = count < 2
    changes += _dropped(
        Text("不足两站的车次", "trips with fewer than two stops"),
        service.trips,
        short,
        "trip_id",
    )
    kept = ~short[position]
    rows, stop = rows[kept], stop[kept]
    if rows.empty:
        msg = f"no trip on {service.day} stops twice in stop_times.txt"
        raise InputError(msg)
    first = np.concatenate([[0], np.cumsum(count[~short])])
    arrive, depart = _times(rows, first)
    changes += _unboardable(rows, first)
    trips = service.trips[~short].reset_index(drop=True)
    return Timetable(trips, first, stop, arrive, depart, tuple(changes))


def _times(
    rows: "pd.DataFrame", first: "NDArray[np.int64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return arrivals and departures, each in the other's place where one is blank."""
    told = {}
    for column in ("arrival_time", "departure_time"):
        codes, texts = pd.factorize(rows[column])
        told[column] = np.array([seconds(text) for text in texts], dtype=float)[codes]
        wrong = np.isnan(told[column]) & (rows[column] != "").to_numpy(dtype=bool)
        refuse(
            "stop_times",
            rows,
            wrong,
            f"{column} {{{column}!r}} is no time like 07:30:00",
        )
    arrive, depart = told.values()
    arrive, depart = (
        np.where(np.isnan(arrive), depart, arrive),
        np.where(np.isnan(depart), arrive, depart),
    )
    ends = np.zeros(len(rows), dtype=bool)
    ends[first[:-1]] = ends[first[1:] - 1] = True
    refuse(
        "stop_times",
        rows,
        ends & np.isnan(arrive),
        "trip {trip_id!r} has no time at its first or last stop",
    )
    trip = np.repeat(np.arange(len(first) - 1), np.diff(first))
    known = np.flatnonzero(~np.isnan(arrive))
    here, before = known[1:], known[:-1]
    back = np.zeros(len(rows), dtype=bool)
    back[here] = (arrive[here] < depart[before]) & (trip[here] == trip[before])
    refuse(
        "stop_times",
        rows,
        back | (depart < arrive),
        "trip {trip_id!r} goes back in time, to {arrival_time}–{departure_time}",
    )
    return arrive, depart


def _unboardable(rows: "pd.DataFrame", first: "NDArray[np.int64]") -> list[Change]:
    """Count the stops on the way where nobody boards or alights."""
    closed = (rows["pickup_type"] == 1).to_numpy(copy=True)
    shut = (rows["drop_off_type"] == 1).to_numpy(copy=True)
    closed[first[1:] - 1] = shut[first[:-1]] = False
    count = int((closed | shut).sum())
    if not count:
        return []
    what = Text(
        "不可上客或下客的停站，按可上下客处理",
        "stop times without boarding or alighting, taken as if with both",
    )
    return [Change(action="noticed", what=what, count=count)]


def _with_modes(
    trips: "pd.DataFrame", routes: "pd.DataFrame"
) -> "tuple[pd.DataFrame, list[Change]]":
    at = pd.Index(routes["route_id"]).get_indexer(trips["route_id"])
    refuse("trips", trips, at < 0, "route_id {route_id!r} is not in routes.txt")
    kinds = routes["route_type"]
    used = np.isin(np.arange(len(routes)), at)
    refuse("routes", routes, used & kinds.isna().to_numpy(), "route_type is empty")
    kinds = kinds.fillna(-1).astype(int)
    modes = np.array([_mode(kind) for kind in kinds], dtype=object)
    unknown = np.array([mode is None for mode in modes]) & used
    refuse(
        "routes",
        routes.assign(route_type=kinds),
        unknown,
        "route_type {route_type} is no type of GTFS",
    )
    trips = trips.assign(mode=modes[at], route=at)
    out = (modes[at] == "").astype(bool)
    what = Text(
        "航空、出租车等不成线路的车次",
        "trips by air, taxi or other vehicles that are no lines",
    )
    return trips[~out], _dropped(what, trips, out, "trip_id")


def _mode(kind: int) -> "LineMode | Literal[''] | None":
    """Return the mode of a type of route: "" if it is none, ``None`` if unknown."""
    if kind in _MODES:
        return _MODES[kind]
    if kind // 100 in _NO_LINES:
        return ""
    return _MODES_OF_HUNDREDS.get(kind // 100)


def _dropped(
    what: Text, frame: "pd.DataFrame", out: "NDArray[np.bool_]", name: str
) -> list[Change]:
    if not out.any():
        return []
    rows = first_few(frame.loc[out, name])
    return [Change(action="dropped", what=what, count=int(out.sum()), rows=rows)]


def _in(column: "pd.Series[Any]", known: "set[str]") -> "NDArray[np.bool_]":
    return column.isin(known).to_numpy(dtype=bool)


def _check_calendar(frames: "Mapping[str, pd.DataFrame]") -> None:
    calendar, exceptions = frames["calendar"], frames["calendar_dates"]
    for table, column in (
        ("calendar", "start_date"), ("calendar", "end_date"), ("calendar_dates", "date"),
    ):  # fmt: skip
        frame = frames[table]
        wrong = np.array([_day(text) is None for text in frame[column]], dtype=bool)
        refuse(table, frame, wrong, f"{column} {{{column}!r}} is no date like 20260131")
    for column in WEEKDAYS:
        wrong = ~calendar[column].isin((0, 1)).to_numpy(dtype=bool)
        refuse(
            "calendar", calendar, wrong, f"{column} is {{{column}}}; 0 or 1 is expected"
        )
    wrong = ~exceptions["exception_type"].isin((1, 2)).to_numpy(dtype=bool)
    refuse(
        "calendar_dates",
        exceptions,
        wrong,
        "exception_type is {exception_type}; 1 or 2 is expected",
    )


def _by_day(
    frames: "Mapping[str, pd.DataFrame]",
) -> "Callable[[dt.date], set[str]]":
    """Return the question which services run on a day, answered by gtfs_kit."""
    gtfs_kit = library()
    calendar = frames["calendar"]
    table = frames["calendar_dates"]
    exceptions: dict[Hashable, pd.DataFrame] = dict(list(table.groupby("date")))

    def active(day: dt.date) -> set[str]:
        text = _text(day)
        feed = gtfs_kit.Feed(
            dist_units="m",
            calendar=calendar,
            calendar_dates=exceptions.get(text, table.iloc[:0]),
        )
        return set(feed.get_active_services(text))

    return active


def _days_of_change(frames: "Mapping[str, pd.DataFrame]") -> list[dt.date]:
    """
    Return the days among which the first busiest day is.

    Between two days on which the calendar changes, what runs depends on the weekday
    only, so the first seven of them tell all.
    """
    starts = _days(frames["calendar"]["start_date"])
    exceptions = _days(frames["calendar_dates"]["date"])
    if not starts:
        found = exceptions
    else:
        ends = _days(frames["calendar"]["end_date"])
        after = {n + 1 for n in ends | exceptions}
        last = max(ends | exceptions)
        turns = starts | exceptions | after
        found = {n + i for n in turns for i in range(7) if n + i <= last}
    if len(found) > _MAX_DAYS:
        msg = (
            f"the feed's calendar changes too often to compare its {len(found):,} days; "
            "give the date"
        )
        raise InputError(msg)
    return [dt.date.fromordinal(n) for n in sorted(found)]


def _no_service(frames: "Mapping[str, pd.DataFrame]", day: dt.date | None) -> str:
    calendar, exceptions = frames["calendar"], frames["calendar_dates"]
    added = exceptions.loc[exceptions["exception_type"] == 1, "date"]
    days = _days(calendar["start_date"]) | _days(calendar["end_date"]) | _days(added)
    if not days:
        return "no trip of the feed runs on any day: its calendars hold no service"
    first, last = map(dt.date.fromordinal, (min(days), max(days)))
    on = "any day" if day is None else f"{day}, a {day:%A}"
    return f"no trip runs on {on}; the feed's calendar goes from {first} to {last}"


def _days(texts: "pd.Series[Any]") -> set[int]:
    days = (_day(text) for text in texts.unique())
    return {day.toordinal() for day in days if day is not None}


def _day(text: str) -> dt.date | None:
    if re.fullmatch("[0-9]{8}", text) is None:
        return None
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _text(day: dt.date) -> str:
    return day.isoformat().replace("-", "")
