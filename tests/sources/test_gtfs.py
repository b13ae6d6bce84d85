"""Reading GTFS feeds: what counts by hand, and what is refused."""

import datetime as dt
import math
import sys
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctzgis import TransitFeed, TravelNetwork, read_gtfs, travel_times
from ctzgis.crs import region_transformer
from ctzgis.errors import CRSError, CtzgisError, InputError, SourceError
from ctzgis.examples import gridville
from ctzgis.sources.gtfs import archive as gtfs_archive
from ctzgis.sources.gtfs import tables as gtfs_tables

# A bus along three stops 5 km apart in the middle row of Gridville. Mornings a trip each
# 40 min, one at noon, one back; the trip at 8:20 takes longer.
WEST, CENTRE, EAST = (stop.point for stop in gridville().lines[0].stops)


def lonlat(point):
    to_degrees = region_transformer()
    lon, lat = to_degrees.transform(point.x, point.y, direction="INVERSE")
    return f"{lat:.8f},{lon:.8f}"


STOPS = f"""stop_id,stop_name,stop_lat,stop_lon
A,西站,{lonlat(WEST)}
B,中站,{lonlat(CENTRE)}
C,东站,{lonlat(EAST)}
"""
ROUTES = """route_id,route_short_name,route_long_name,route_type
R,1路,西站—东站,3
"""
TRIPS = """route_id,service_id,trip_id,direction_id
R,WK,T0700,0
R,WK,T0740,0
R,WK,T0820,0
R,WK,T1200,0
R,WK,U0800,1
"""
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
T0700,07:00:00,07:00:00,A,1
T0700,07:05:00,07:06:00,B,2
T0700,07:16:00,07:16:00,C,3
T0740,07:40:00,07:40:00,A,1
T0740,07:45:00,07:46:00,B,2
T0740,07:56:00,07:56:00,C,3
T0820,08:20:00,08:20:00,A,1
T0820,08:29:00,08:32:00,B,2
T0820,08:52:00,08:52:00,C,3
T1200,12:00:00,12:00:00,A,1
T1200,12:05:00,12:06:00,B,2
T1200,12:16:00,12:16:00,C,3
U0800,08:00:00,08:00:00,C,1
U0800,08:12:00,08:12:00,A,2
"""
# 2026-01-05 is a Monday.
CALENDAR = """service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
WK,1,1,1,1,1,0,0,20260105,20260118
"""
BASE = {
    "stops": STOPS,
    "routes": ROUTES,
    "trips": TRIPS,
    "stop_times": TIMES,
    "calendar": CALENDAR,
}


def zipped(path, tables, folder="", encoding="utf-8"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            data = text if isinstance(text, bytes) else text.encode(encoding)
            archive.writestr(f"{folder}{name}.txt", data)
    return path


@pytest.fixture
def feed(tmp_path):
    """Write the base feed with some tables replaced (``None``: left out) as a zip."""

    def write(name="town", **changed):
        tables = {k: v for k, v in {**BASE, **changed}.items() if v is not None}
        return zipped(tmp_path / f"{name}.zip", tables)

    return write


def changes(read):
    return {
        change.what.en: (change.action, change.count)
        for change in read.source.report.changes
    }


def told(read, word):
    found = [change for what, change in changes(read).items() if word in what]
    assert len(found) == 1, changes(read)
    return found[0]


# Lines


def test_a_line_is_a_route_a_direction_and_an_order_of_stops(feed):
    read = read_gtfs(feed())
    assert [line.id for line in read.lines] == ["town:R:0:1", "town:R:1:1"]
    assert [[s.name_zh for s in line.stops] for line in read.lines] == [
        ["西站", "中站", "东站"],
        ["东站", "西站"],
    ]
    assert all(line.one_way and line.status == "built" for line in read.lines)
    assert {line.name_zh for line in read.lines} == {"1路 西站—东站"}
    assert repr(read) == "<TransitFeed: 2 lines, 3 stations, 2026-01-05, EPSG:4547>"


def test_a_rare_order_of_stops_is_a_line_of_its_own(feed):
    express = "X0730,07:30:00,07:30:00,A,1\nX0730,07:40:00,07:40:00,C,2\n"
    read = read_gtfs(feed(trips=TRIPS + "R,WK,X0730,0\n", stop_times=TIMES + express))
    assert [len(line.stops) for line in read.lines] == [3, 2, 2]
    assert read.lines[1].id == "town:R:0:2"
    assert read.lines[1].headway_min == {"free": math.inf, "peak": 120}


def test_headways_are_the_window_over_the_departures_in_it(feed):
    there, back = read_gtfs(feed()).lines
    # 3 from 7 to 9, 1 from 10 to 15; 1 and 0 on the way back
    assert there.headway_min == {"peak": 120 / 3, "free": 300 / 1}
    assert back.headway_min == {"peak": 120 / 1, "free": math.inf}
    assert (back.runs("peak"), back.runs("free")) == (True, False)


def test_a_window_holds_its_beginning_and_not_its_end(feed):
    windows = {"peak": ("07:00", "08:20"), "free": ("12:00", "25:00")}
    line = read_gtfs(feed(), windows=windows).lines[0]
    assert line.headway_min == {"peak": 80 / 2, "free": 780 / 1}


def departing(*clocks):
    """Trips and times of the line from A to C at other times of the day."""
    trips = "".join(f"R,WK,X{k},0\n" for k in range(len(clocks)))
    times = "".join(
        f"X{k},{clock}:00,{clock}:00,A,1\nX{k},24:00:00,24:00:00,C,2\n"
        for k, clock in enumerate(clocks)
    )
    return {
        "trips": TRIPS.splitlines()[0] + "\n" + trips,
        "stop_times": TIMES.splitlines()[0] + "\n" + times,
    }


AFTERNOON = [f"{hour}:{minute}" for hour in (13, 14) for minute in ("00", "20", "40")]


def test_departures_in_a_part_of_a_window_are_told(feed):
    # From 13:00 to 14:40 of 10:00 to 15:00: 180 + 20 of 300 min without any, and every
    # 50 min by the window what departs every 20.
    read = read_gtfs(feed(**departing(*AFTERNOON)))
    assert read.lines[0].headway_min["free"] == 50
    assert told(read, "in which nothing departs (first and last 13:00–14:40)") == (
        "noticed",
        200,
    )
    assert told(read, "lines that depart in a part of the window 'free'") == (
        "noticed",
        1,
    )
    (change,) = [c for c in read.source.report.changes if "in a part" in c.what.en]
    assert change.rows == ("town:R:0:1",)
    assert "10:00–15:00" in change.told("zh")


def test_windows_that_are_served_are_not_told(feed):
    windows = {"peak": ("07:00", "09:00"), "free": ("13:00", "15:00")}
    read = read_gtfs(feed(**departing(*AFTERNOON)), windows=windows)
    assert read.lines[0].headway_min["free"] == 20
    assert not [what for what in changes(read) if "in a part" in what]


def test_one_departure_in_a_window_does_not_tell_when_a_line_runs(feed):
    read = read_gtfs(feed(**departing("14:30")))
    assert not [what for what in changes(read) if "in a part" in what]


def test_a_line_that_rests_while_others_run_is_told_by_its_id(feed):
    # The hourly trips do not stop at A but at B.
    hourly = [f"{hour}:15" for hour in range(10, 15)]
    rows = departing(*AFTERNOON, *hourly)
    times = rows["stop_times"]
    for clock in hourly:
        times = times.replace(f"{clock}:00,A,", f"{clock}:00,B,")
    read = read_gtfs(feed(trips=rows["trips"], stop_times=times))
    assert len(read.lines) == 2
    assert told(read, "in a part of the window 'free'") == ("noticed", 1)
    assert not [what for what in changes(read) if "nothing departs" in what]


@pytest.mark.parametrize(("start", "minutes"), [("10:00:00", 0), ("12:00:00", 120)])
def test_departures_by_headway_fill_a_window_while_they_last(feed, start, minutes):
    rows = f"trip_id,start_time,end_time,headway_secs\nT1200,{start},15:00:00,600\n"
    read = read_gtfs(feed(frequencies=rows))
    found = [c.count for c in read.source.report.changes if "nothing" in c.what.en]
    assert found == ([minutes] if minutes else [])


def test_run_times_are_medians_from_departure_to_arrival(feed):
    # runs 5, 5, 9 and 5 min, then 10, 10, 20 and 10; dwells 1, 1, 3 and 1
    first, second, last = read_gtfs(feed()).lines[0].stops
    assert (first.run_min, second.run_min, last.run_min) == (5, 10, 0)
    assert (first.dwell_min, second.dwell_min, last.dwell_min) == (0, 1, 0)


def test_only_trips_that_depart_in_a_window_count_for_run_times(feed):
    windows = {"peak": ("08:00", "09:00"), "free": ("08:00", "09:00")}
    line = read_gtfs(feed(), windows=windows).lines[0]
    assert line.minutes("town:A", "town:C") == 9 + 3 + 20


def test_all_trips_count_for_run_times_where_none_departs_in_a_window(feed):
    windows = {"peak": ("03:00", "04:00"), "free": ("03:00", "04:00")}
    read = read_gtfs(feed(), windows=windows)
    assert read.lines[0].minutes("town:A", "town:C") == 16
    assert told(read, "'peak'") == ("noticed", 2)


def test_times_may_pass_midnight(feed):
    night = TIMES.replace("12:00:00", "23:58:00").replace("12:05:00", "24:04:00")
    night = night.replace("12:06:00", "24:05:00").replace("12:16:00", "24:17:00")
    windows = {"peak": ("07:00", "09:00"), "free": ("23:00", "25:00")}
    line = read_gtfs(feed(stop_times=night), windows=windows).lines[0]
    assert line.headway_min["free"] == 120
    # medians of 5, 5, 9, 6 and 10, 10, 20, 12
    assert [stop.run_min for stop in line.stops] == [5.5, 11, 0]


def test_stops_are_ordered_by_their_sequence_not_by_their_rows(feed):
    head, *rows = TIMES.splitlines()
    mixed = "\n".join([head, *rows[::-1]])
    assert read_gtfs(feed(stop_times=mixed)).lines == read_gtfs(feed()).lines


def test_blank_times_are_interpolated_along_the_course(feed):
    blank = TIMES.replace("07:05:00,07:06:00,B", ",,B")
    read = read_gtfs(feed(trips=TRIPS, stop_times=blank))
    assert told(read, "blank") == ("repaired", 1)
    only = {"trips": "\n".join(TRIPS.splitlines()[:2])}
    line = read_gtfs(feed(stop_times=blank, **only)).lines[0]
    # 16 min for two equal halves
    assert [stop.run_min for stop in line.stops] == pytest.approx([8, 8, 0], abs=1e-3)


def test_one_of_two_times_is_enough(feed):
    half = TIMES.replace("07:00:00,07:00:00,A", ",07:00:00,A")
    half = half.replace("07:16:00,07:16:00,C", "07:16:00,,C")
    assert read_gtfs(feed(stop_times=half)).lines == read_gtfs(feed()).lines


def test_runs_of_no_time_take_a_second(feed):
    hasty = TIMES.replace("08:12:00,08:12:00,A", "08:00:00,08:00:00,A")
    read = read_gtfs(feed(stop_times=hasty))
    assert read.lines[1].stops[0].run_min == pytest.approx(1 / 60)
    assert told(read, "less than 1 s") == ("repaired", 1)
    assert told(read, "faster than 460 km/h") == ("noticed", 1)


def test_frequencies_count_as_time_over_headway(feed):
    # Every 7 min from 8:00 to 10:30: 60 of the 120 min of the peak, 30 of the 300 free.
    table = "trip_id,start_time,end_time,headway_secs\nT1200,08:00:00,10:30:00,420\n"
    read = read_gtfs(feed(frequencies=table))
    peak, free = 3 + 60 / 7, 30 / 7
    assert read.lines[0].headway_min == pytest.approx(
        {"peak": 120 / peak, "free": 300 / free}
    )
    assert told(read, "by headway") == ("noticed", 1)


def test_frequencies_alone_give_their_headway(feed):
    table = "trip_id,start_time,end_time,headway_secs\nT1200,05:00:00,23:00:00,420\n"
    trips = "route_id,service_id,trip_id\nR,WK,T1200\n"
    line = read_gtfs(feed(frequencies=table, trips=trips)).lines[0]
    assert line.headway_min == pytest.approx({"peak": 7, "free": 7})
    assert line.id == "town:R:-:1"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        (0, "tram"), (1, "metro"), (2, "conventional"), (3, "bus"), (4, "ferry"),
        (5, "tram"), (6, "cable"), (7, "funicular"), (11, "bus"), (12, "metro"),
        (100, "conventional"), (101, "hsr"), (109, "conventional"), (200, "bus"),
        (401, "metro"), (700, "bus"), (715, "bus"), (800, "bus"), (900, "tram"),
        (1000, "ferry"), (1300, "cable"), (1400, "funicular"), (1701, "cable"),
    ],
)  # fmt: skip
def test_the_type_of_a_route_gives_the_mode(feed, kind, mode):
    read = read_gtfs(feed(routes=ROUTES.replace(",3\n", f",{kind}\n")))
    assert {line.mode for line in read.lines} == {mode}


def test_what_is_no_line_is_left_out_and_counted(feed):
    routes = ROUTES + "FLY,,机场,1100\n"
    read = read_gtfs(feed(routes=routes, trips=TRIPS.replace("R,WK,U", "FLY,WK,U")))
    assert len(read.lines) == 1
    assert told(read, "by air") == ("dropped", 1)


# Places and courses


def test_points_are_metres_in_the_crs_that_fits(feed):
    stops = read_gtfs(feed()).lines[0].stops
    for stop, point in zip(stops, (WEST, CENTRE, EAST), strict=True):
        assert stop.point.distance(point) < 0.01


def test_another_crs_may_be_asked_for(feed):
    read = read_gtfs(feed(), crs="EPSG:32649")
    assert read.crs == read.source.report.crs_out == "EPSG:32649"
    there = gpd.GeoSeries([WEST], crs="EPSG:4547").to_crs(32649).iloc[0]
    assert read.lines[0].stops[0].point.distance(there) < 0.01


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:32630", "nonsense"])
def test_a_crs_that_cannot_be_measured_in_is_refused(feed, crs):
    with pytest.raises(CRSError):
        read_gtfs(feed(), crs=crs)


def test_platforms_are_one_station_with_their_parent(feed):
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        f"P,西站,{lonlat(WEST)},1,\nA,西站甲,28.2,113.0,0,P\nD,西站乙,28.2,113.1,0,P\n"
        f"B,中站,{lonlat(CENTRE)},0,\nC,东站,{lonlat(EAST)},0,\n"
    )
    times = TIMES.replace("08:12:00,A,2", "08:12:00,D,2")
    there, back = read_gtfs(feed(stops=stops, stop_times=times)).lines
    assert there.stops[0].station_id == back.stops[-1].station_id == "town:P"
    assert there.stops[0].point == back.stops[-1].point
    assert there.stops[0].point.distance(WEST) < 0.01
    assert (there.stops[0].name_zh, back.stops[-1].name_zh) == ("西站甲", "西站乙")


def test_a_parent_that_is_not_there_leaves_the_stop_a_station(feed):
    stops = STOPS.replace("stop_lon\n", "stop_lon,parent_station\n")
    stops = stops.replace("\nB", ",GONE\nB")
    read = read_gtfs(feed(stops=stops))
    assert read.lines[0].stops[0].station_id == "town:A"
    assert told(read, "parent_station") == ("repaired", 1)


def test_feeds_of_different_names_can_be_joined(feed):
    one, two = read_gtfs(feed("one")), read_gtfs(feed("two"))
    network = TravelNetwork(gridville().roads, one.lines + two.lines)
    stations = {s.station_id for line in network.lines for s in line.stops}
    assert stations == {"one:A", "one:B", "one:C", "two:A", "two:B", "two:C"}
    with pytest.raises(InputError, match="line ids are used twice"):
        TravelNetwork(gridville().roads, one.lines + one.lines)


def test_the_prefix_may_be_given(feed):
    assert read_gtfs(feed(), prefix="changsha").lines[0].id == "changsha:R:0:1"


def shape(*spots):
    rows = [f"S,{lonlat(shapely.Point(x, y))},{i}\n" for i, (x, y) in enumerate(spots)]
    return "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n" + "".join(rows)


SHAPED = (
    TRIPS.replace("_id\n", "_id,shape_id\n", 1)
    .replace(",0\n", ",0,S\n")
    .replace(",1\n", ",1,\n")
)


def test_courses_follow_shapes_and_are_cut_at_stops(feed):
    x, y = WEST.x, WEST.y
    # 1 km aside of the straight way between the second and third stop
    bend = shape((x, y), (x + 5000, y), (x + 7500, y + 1000), (x + 10_000, y))
    line = read_gtfs(feed(trips=SHAPED, shapes=bend)).lines[0]
    assert line.sections[0].length == pytest.approx(5000, abs=0.1)
    assert line.sections[1].length == pytest.approx(2 * math.hypot(2500, 1000), abs=0.1)
    assert line.path().coords[0] == pytest.approx((x, y), abs=0.1)


def test_a_course_that_comes_back_is_followed_as_it_runs(feed):
    x, y = WEST.x, WEST.y
    loop = shape((x, y), (x + 10_000, y), (x + 10_000, y + 100), (x, y + 100), (x, y))
    times = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T0700,07:00:00,07:00:00,A,1\nT0700,07:20:00,07:20:00,C,2\n"
        "T0700,07:30:00,07:30:00,B,3\nT0700,07:40:00,07:40:00,A,4\n"
    )
    trips = "\n".join(SHAPED.splitlines()[:2])
    line = read_gtfs(feed(trips=trips, stop_times=times, shapes=loop)).lines[0]
    lengths = [section.length for section in line.sections]
    # out; back on the other side, to the middle, and to where it began
    assert lengths == pytest.approx([10_000, 5_100, 5_100], abs=0.1)
    assert line.minutes("town:B", "town:A") == 10


def test_a_shape_elsewhere_is_not_followed(feed):
    away = shape((WEST.x, WEST.y + 300), (EAST.x, EAST.y + 300))
    read = read_gtfs(feed(trips=SHAPED, shapes=away))
    assert read.lines[0].path().length == pytest.approx(10_000, abs=0.1)
    assert told(read, "does not pass") == ("repaired", 1)


def test_a_shape_drawn_backwards_is_not_followed(feed):
    back = shape((EAST.x, EAST.y), (WEST.x, WEST.y))
    assert told(read_gtfs(feed(trips=SHAPED, shapes=back)), "does not pass")


def test_a_shape_that_is_not_there_is_counted(feed):
    assert told(read_gtfs(feed(trips=SHAPED)), "not in shapes.txt") == ("repaired", 1)


# Travelling by the lines


def by_transit(lines, profile):
    places = gpd.GeoDataFrame(
        geometry=[WEST, EAST], index=["west", "east"], crs="EPSG:4547"
    )
    network = TravelNetwork(gridville().roads, lines)
    found = travel_times(
        network, places, places, mode="walk+rail+walk", profile=profile
    )
    return found.set_index(["from_id", "to_id"])["travel_time_min"]


def test_trips_by_the_lines_of_a_feed_are_the_hand_count(feed):
    minutes = by_transit(read_gtfs(feed()).lines, "peak")
    # Half of 40 and of 120 min exceed the longest wait of 10 min; rides of 5 + 1 + 10
    # and of 12 min.
    assert minutes["west", "east"] == pytest.approx(10 + 16, abs=0.01)
    assert minutes["east", "west"] == pytest.approx(10 + 12, abs=0.01)


def test_a_line_cannot_be_boarded_when_it_does_not_run(feed):
    minutes = by_transit(read_gtfs(feed()).lines, "free")
    assert minutes["west", "east"] == pytest.approx(10 + 16, abs=0.01)
    # No bus goes back: 10 km on foot (125 min), ride to the middle (10 + 5 min), and
    # 5 km on foot again.
    assert minutes["east", "west"] == pytest.approx(125 + 15 + 62.5, abs=0.01)


# Calendar


def test_a_date_may_be_given_as_a_date_or_as_text(feed):
    path = feed()
    for day in (dt.date(2026, 1, 9), "2026-01-09", dt.datetime(2026, 1, 9, 12)):
        assert read_gtfs(path, date=day).date == dt.date(2026, 1, 9)


def test_the_report_tells_the_day_and_its_trips(feed):
    read = read_gtfs(feed())
    first = read.source.report.changes[0]
    assert str(first) == (
        "noticed 5: trips on 2026-01-05, a Monday, the first day with the most of them"
    )
    assert read.source.date == "2026-01-05"
    assert (read.source.report.rows_in, read.source.report.rows_kept) == (5, 5)


def test_the_busiest_day_counts_additions_and_removals(feed):
    dates = (
        "service_id,date,exception_type\n"
        "WK,20260105,2\nWK,20260106,2\nWK,20260110,1\nSAT,20260110,1\n"
    )
    trips = TRIPS + "R,SAT,S1,0\n"
    times = TIMES + "S1,09:00:00,09:00:00,A,1\nS1,09:20:00,09:20:00,C,2\n"
    tables = {"calendar_dates": dates, "trips": trips, "stop_times": times}
    assert read_gtfs(feed(**tables)).date == dt.date(2026, 1, 10)  # 6 trips
    assert len(read_gtfs(feed(**tables), date="2026-01-10").lines) == 3
    # without the extra Saturday the first Wednesday is the first with 5
    tables["calendar_dates"] = "\n".join(dates.splitlines()[:3])
    assert read_gtfs(feed(**tables)).date == dt.date(2026, 1, 7)


def test_calendar_dates_alone_are_enough(feed):
    dates = "service_id,date,exception_type\nWK,20260203,1\nWK,20260201,1\n"
    read = read_gtfs(feed(calendar=None, calendar_dates=dates))
    assert read.date == dt.date(2026, 2, 1)


def test_a_calendar_of_centuries_is_no_burden(feed):
    calendar = CALENDAR.replace("20260105,20260118", "00010101,99991231")
    assert read_gtfs(feed(calendar=calendar)).date == dt.date(1, 1, 1)


@pytest.mark.parametrize("day", ["2026-01-10", "2027-01-04"])
def test_a_day_without_service_is_refused_with_the_span(feed, day):
    with pytest.raises(InputError, match="goes from 2026-01-05 to 2026-01-18"):
        read_gtfs(feed(), date=day)


def test_a_service_in_no_calendar_never_runs(feed):
    read = read_gtfs(feed(trips=TRIPS.replace("R,WK,U", "R,GHOST,U")))
    assert len(read.lines) == 1
    assert told(read, "no calendar") == ("dropped", 1)


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", 20260105])
def test_what_is_no_date_is_refused(feed, day):
    with pytest.raises(InputError, match="a date like '2026-01-31' is expected"):
        read_gtfs(feed(), date=day)


@pytest.mark.parametrize(
    "windows",
    [
        {"peak": ("07:00", "09:00")},
        {"peak": ("09:00", "07:00"), "free": ("10:00", "15:00")},
        {"peak": ("7", "9"), "free": ("10:00", "15:00")},
        {"peak": ("07:00",), "free": ("10:00", "15:00")},
        {"peak": None, "free": ("10:00", "15:00")},
    ],
)
def test_what_is_no_window_is_refused(feed, windows):
    with pytest.raises(InputError, match="expected"):
        read_gtfs(feed(), windows=windows)


# Files


def test_a_folder_and_a_zip_with_a_folder_are_read_like_a_zip(feed, tmp_path):
    folder = tmp_path / "town"
    folder.mkdir()
    for name, text in BASE.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    inner = zipped(tmp_path / "inner.zip", BASE, folder="google/")
    lines = read_gtfs(feed()).lines
    assert read_gtfs(folder).lines == lines
    assert read_gtfs(inner, prefix="town").lines == lines


def test_gb18030_is_read_and_told(feed):
    read = read_gtfs(feed(stops=STOPS.encode("gb18030")))
    assert read.lines[0].stops[0].name_zh == "西站"
    assert read.source.report.encoding == "GB18030, as stops is not UTF-8"


def test_other_encodings_are_refused(feed):
    with pytest.raises(InputError, match=r"stops\.txt is neither UTF-8 nor GB18030"):
        read_gtfs(feed(stops=STOPS.encode("utf-16")))


def test_a_byte_order_mark_quotes_blanks_and_windows_lines_are_read(feed):
    stops = "\ufeff" + STOPS.replace("stop_id,", '"stop_id", ').replace(
        "\nA,", "\n A ,"
    )
    stops = stops.replace("西站", '"西站, 南口"').replace("\n", "\r\n")
    line = read_gtfs(feed(stops=stops)).lines[0]
    assert line.stops[0].name_zh == "西站, 南口"
    assert line.stops[0].station_id == "town:A"


def test_a_station_may_be_called_na_or_null(feed):
    stops = STOPS.replace("\nA,西站", "\nNA,null")
    read = read_gtfs(feed(stops=stops, stop_times=TIMES.replace(",A,", ",NA,")))
    assert read.lines[0].stops[0].station_id == "town:NA"
    assert read.lines[0].stops[0].name_zh == "null"


def test_scripts_in_names_stay_text(feed):
    name = "<script>alert(1)</script>"
    line = read_gtfs(feed(stops=STOPS.replace("西站", name))).lines[0]
    assert line.stops[0].name_zh == name


def test_a_slip_in_a_column_that_is_not_used_spoils_nothing(feed):
    stops = STOPS.replace("stop_lon\n", "stop_lon,wheelchair_boarding\n")
    stops = stops.replace("\nB", ",yes\nB")
    assert read_gtfs(feed(stops=stops)).lines == read_gtfs(feed()).lines


def test_rows_said_twice_and_rows_without_id_are_dropped(feed):
    stops = STOPS + STOPS.splitlines()[1] + "\n,nameless,28,113\n"
    read = read_gtfs(feed(stops=stops))
    assert told(read, "stops.txt said twice") == ("dropped", 1)
    assert told(read, "stops.txt without stop_id") == ("dropped", 1)
    assert read.lines == read_gtfs(feed()).lines


def test_stop_times_of_unknown_trips_and_trips_that_stop_once_are_dropped(feed):
    times = TIMES + "GHOST,1:00:00,1:00:00,A,1\nS1,09:00:00,09:00:00,A,1\n"
    read = read_gtfs(feed(stop_times=times, trips=TRIPS + "R,WK,S1,0\n"))
    assert told(read, "not in trips.txt") == ("dropped", 1)
    assert told(read, "fewer than two stops") == ("dropped", 1)
    assert read.lines == read_gtfs(feed()).lines


def test_stops_without_boarding_are_counted(feed):
    times = TIMES.replace("sequence\n", "sequence,pickup_type,drop_off_type\n")
    times = times.replace("B,2\n", "B,2,1,0\n", 1).replace("A,1\n", "A,1,0,1\n")
    assert told(read_gtfs(feed(stop_times=times)), "without boarding") == ("noticed", 1)


@pytest.mark.parametrize(
    ("table", "old", "new", "found"),
    [
        ("stops", "B,中站", "A,中站", r"stops\.txt row 3: stop_id 'A' is there already"),
        ("stops", "stop_lon", "stop_long", r"stops\.txt has no column 'stop_lon'"),
        ("stops", "stop_name", "stop_id", r"stops\.txt has column 'stop_id' twice"),
        ("stops", lonlat(WEST), "28.2,east", r"stops\.txt row 2: stop_lon is 'east'"),
        ("stops", lonlat(WEST), "28.2,", r"stops\.txt row 2: stop_id 'A' is at nan"),
        ("stops", lonlat(WEST), "0,0", r"row 2: stop_id 'A' is at 0, 0; degrees"),
        ("stops", lonlat(WEST), "3120000,500000", r"row 2: stop_id 'A' is at 500000"),
        ("stops", lonlat(WEST), "113,28.2", r"row 2: stop_id 'A' is at 28.2, 113"),
        ("routes", ",3", ",bus", r"routes\.txt row 2: route_type is 'bus'"),
        ("routes", ",3", ",3.5", r"row 2: route_type is '3\.5'; a whole number up to"),
        ("routes", ",3", ",99999999999", r"route_type is '99999999999'; a whole number"),
        ("routes", ",3", ",99", r"routes\.txt row 2: route_type 99 is no type of GTFS"),
        ("routes", ",3", ",", r"routes\.txt row 2: route_type is empty"),
        ("trips", "R,WK,T0740", "Q,WK,T0740", r"trips\.txt row 3: route_id 'Q' is not in"),
        ("trips", "T0740,0", "T0700,1", r"trips\.txt row 3: trip_id 'T0700' is there"),
        ("stop_times", "07:05:00", "7h05", r"row 3: arrival_time '7h05' is no time"),
        ("stop_times", "07:05:00", "07:65:00", r"row 3: arrival_time '07:65:00' is no"),
        ("stop_times", "07:05:00", "-7:05:00", r"row 3: arrival_time '-7:05:00' is no"),
        ("stop_times", "07:05:00", "07:07:00", r"row 3: trip 'T0700' goes back in time"),
        ("stop_times", "07:16:00,07:16:00", "07:01:00,07:16:00", "row 4: .* back in time"),
        ("stop_times", "07:16:00,07:16:00", ",", "row 4: trip 'T0700' has no time at its"),
        ("stop_times", ",B,2", ",Z,2", r"row 3: stop_id 'Z' is not in stops\.txt"),
        ("stop_times", ",B,2", ",B,1", r"row 3: trip_id 'T0700', stop_sequence 1 is there"),
        ("stop_times", ",B,2", ",B,two", r"row 3: stop_sequence is 'two'; a whole"),
        ("stop_times", ",B,2", ",B,", r"stop_times\.txt row 3: has no stop_sequence"),
        ("stop_times", ",B,2", ",B,2,,", r"stop_times\.txt cannot be read as a table"),
        ("calendar", "20260105", "2026-01-05", "row 2: start_date '2026-01-05' is no date"),
        ("calendar", "20260118", "20260230", "row 2: end_date '20260230' is no date"),
        ("calendar", "WK,1", "WK,2", "row 2: monday is 2; 0 or 1 is expected"),
        ("calendar", "WK,1,1,1,1,1", "WK,0,0,0,0,0", "no trip runs on any day|no service"),
    ],
)  # fmt: skip
def test_what_makes_the_result_untrustworthy_is_refused(feed, table, old, new, found):
    assert old in BASE[table]
    with pytest.raises(InputError, match=found):
        read_gtfs(feed(**{table: BASE[table].replace(old, new, 1)}))


def test_rows_longer_than_the_header_are_refused(feed):
    long = STOPS.replace("\n", ",x\n").replace("stop_lon,x", "stop_lon")
    with pytest.raises(InputError, match="rows have more fields than the header"):
        read_gtfs(feed(stops=long))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("T1200,9:00:00,8:00:00,600", "row 2: '9:00:00' to '8:00:00' is no time"),
        ("T1200,8:00:00,9:00:00,0", "row 2: headway_secs 0 is not above 0"),
        (
            "T1200,8:00:00,9:00:00,often",
            "headway_secs is 'often'; a whole number up to",
        ),
    ],
)
def test_impossible_frequencies_are_refused(feed, row, found):
    table = f"trip_id,start_time,end_time,headway_secs\n{row}\n"
    with pytest.raises(InputError, match=found):
        read_gtfs(feed(frequencies=table))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("WK,20260106,3", "row 2: exception_type is 3; 1 or 2 is expected"),
        ("WK,tuesday,1", "row 2: date 'tuesday' is no date like 20260131"),
    ],
)
def test_impossible_exceptions_are_refused(feed, row, found):
    with pytest.raises(InputError, match=found):
        read_gtfs(feed(calendar_dates=f"service_id,date,exception_type\n{row}\n"))


@pytest.mark.parametrize(
    "table", ["stops", "routes", "trips", "stop_times", "calendar"]
)
def test_a_feed_without_a_needed_table_is_refused(feed, table):
    with pytest.raises(InputError, match=f"is no GTFS feed, without {table}.txt"):
        read_gtfs(feed(**{table: None}))


@pytest.mark.parametrize("table", ["stops", "routes", "trips", "stop_times"])
def test_an_empty_table_is_refused(feed, table):
    head = BASE[table].splitlines()[0]
    with pytest.raises(InputError, match=f"{table}.txt holds no rows"):
        read_gtfs(feed(**{table: head}))
    with pytest.raises(InputError, match=f"{table}.txt has no column"):
        read_gtfs(feed(**{table: ""}))


def test_a_zip_that_is_cut_off_is_refused(feed):
    path = feed()
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="cannot be read as a folder or zip of GTFS"):
        read_gtfs(path)


def test_a_broken_member_is_refused(feed):
    path = feed()
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF  # within the compressed stops
    path.write_bytes(data)
    with pytest.raises(SourceError, match="cannot be read as a folder or zip of GTFS"):
        read_gtfs(path)


def test_what_is_not_there_or_no_feed_is_refused(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_gtfs(tmp_path / "none.zip")
    text = tmp_path / "notes.zip"
    text.write_text("not a zip")
    with pytest.raises(SourceError, match="not a zip file"):
        read_gtfs(text)
    with pytest.raises(InputError, match="is no GTFS feed.* it holds notes.zip"):
        read_gtfs(tmp_path)


def test_a_line_that_no_table_has_is_refused(feed):
    path = feed()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("shapes.txt", "shape_id" + "," * 100_000)
    with pytest.raises(InputError, match="line of more than 65,536 bytes"):
        read_gtfs(path)


@pytest.mark.parametrize(
    "name", ["../stops.txt", "/etc/stops.txt", "C:\\stops.txt", "a/../../b"]
)
def test_members_that_would_leave_the_folder_are_refused(feed, name):
    path = feed()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(InputError, match="would leave its folder"):
        read_gtfs(path)


def test_two_feeds_in_one_zip_are_refused(tmp_path):
    path = tmp_path / "two.zip"
    zipped(path, BASE, folder="a/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b/stops.txt", STOPS)
    with pytest.raises(InputError, match="holds stops.txt twice"):
        read_gtfs(path)


def test_a_member_without_a_name_is_passed_over(feed):
    path = feed()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Z.bin", "x")
    path.write_bytes(path.read_bytes().replace(b"Z.bin", b"\0.bin"))
    assert len(read_gtfs(path).lines) == 2


def test_too_many_files_are_refused(feed, monkeypatch):
    monkeypatch.setattr(gtfs_archive, "_MAX_MEMBERS", 4)
    with pytest.raises(InputError, match="holds 5 files; a feed has 4 at most"):
        read_gtfs(feed())


def test_too_many_bytes_are_refused_whatever_the_zip_declares(feed, monkeypatch):
    monkeypatch.setattr(gtfs_archive, "_MAX_BYTES", 2**20)
    bomb = feed(stop_times=TIMES + "\n" * 2**21)
    assert bomb.stat().st_size < 2**14
    with pytest.raises(InputError, match="more than 1 MiB of tables"):
        read_gtfs(bomb)


def test_a_missing_library_is_named_with_its_extra(feed, monkeypatch):
    monkeypatch.setitem(sys.modules, "gtfs_kit", None)
    with pytest.raises(SourceError, match=r"pip install 'ctzgis\[gtfs\]'"):
        read_gtfs(feed())


def test_reading_leaves_nothing_behind(feed, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    path = feed()
    before = path.read_bytes()
    read_gtfs(path)
    with pytest.raises(InputError):
        read_gtfs(feed("bad", routes=ROUTES.replace(",3", ",x")))
    assert list(scratch.iterdir()) == []
    assert path.read_bytes() == before


# Anything at all


def read_or_refuse(path):
    try:
        read = read_gtfs(path)
    except CtzgisError as error:
        assert str(error)
        return
    assert isinstance(read, TransitFeed)
    assert read.lines
    for line in read.lines:
        assert all(
            math.isfinite(v) for stop in line.stops for v in stop.point.coords[0]
        )
    TravelNetwork(gridville().roads, read.lines)


SHAPES = shape((WEST.x, WEST.y), (CENTRE.x, CENTRE.y), (EAST.x, EAST.y))
FULL = {
    **BASE,
    "trips": SHAPED,
    "shapes": SHAPES,
    "calendar_dates": "service_id,date,exception_type\nWK,20260106,2\n",
    "frequencies": "trip_id,start_time,end_time,headway_secs\nT1200,8:00:00,9:00:00,600\n",
}
BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)
CELLS = st.one_of(
    st.text(max_size=6),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", "NA", '"', '"A', "A", "B", "0", "1", "2", "-1", "1e400", "24:00:00", "99:59:59",
         "00:00:00", "20260106", "99991231", "00000000", "WK", "T0700", "R", ",", "\n", "\r",
         "\0", "<script>", "１", "0x10", "1_000", "inf", " "]
    ),
)  # fmt: skip


@BOUNDED
@given(st.data())
def test_changed_cells_give_lines_or_one_clear_error(data):
    tables = dict(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(tables)))
        rows = [row.split(",") for row in tables[name].split("\n")]
        row = data.draw(st.sampled_from(rows))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
        tables[name] = "\n".join(map(",".join, rows))
    with tempfile.TemporaryDirectory() as folder:
        encoded = {k: v.encode("utf-8", "surrogatepass") for k, v in tables.items()}
        read_or_refuse(zipped(Path(folder, "f.zip"), encoded))


@BOUNDED
@given(st.data())
def test_changed_bytes_give_lines_or_one_clear_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = zipped(Path(folder, "f.zip"), FULL)
        whole = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(
                st.integers(0, 255)
            )
        path.write_bytes(
            whole[: data.draw(st.sampled_from([len(whole), len(whole) // 2]))]
        )
        read_or_refuse(path)


def test_needed_columns_and_keys_are_among_those_read():
    for table in gtfs_tables._TABLES.values():
        assert set(table.needed) | set(table.key) <= set(table.columns)
