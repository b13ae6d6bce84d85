"""Two real GTFS feeds against counts by the standard library alone."""

import csv
import datetime as dt
import io
import statistics
import zipfile
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import shapely

from ctzgis import TravelNetwork, read_gtfs
from ctzgis.errors import InputError
from ctzgis.examples import gridville


def rows_of(path, table):
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{table}.txt").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def clock_s(text):
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def services_on(path, day):
    text, weekday = f"{day:%Y%m%d}", f"{day:%A}".lower()
    active = {
        row["service_id"]
        for row in rows_of(path, "calendar")
        if row["start_date"] <= text <= row["end_date"] and row[weekday] == "1"
    }
    with zipfile.ZipFile(path) as archive:
        if "calendar_dates.txt" not in archive.namelist():
            return active
    for row in rows_of(path, "calendar_dates"):
        if row["date"] == text:
            change = active.add if row["exception_type"] == "1" else active.discard
            change(row["service_id"])
    return active


@pytest.fixture(scope="module")
def eptc(real_data):
    path = real_data / "porto_alegre" / "poa_eptc.zip"
    return path, read_gtfs(path)


@pytest.fixture(scope="module")
def trensurb(real_data):
    path = real_data / "porto_alegre" / "poa_trensurb.zip"
    return path, read_gtfs(path)


@pytest.fixture(params=["eptc", "trensurb"])
def real_feed(request):
    return request.getfixturevalue(request.param)


def trips_on(path, day):
    active = services_on(path, day)
    return {
        row["trip_id"]: row
        for row in rows_of(path, "trips")
        if row["service_id"] in active
    }


def halts_of(path, trips):
    halts = defaultdict(list)
    for row in rows_of(path, "stop_times"):
        if row["trip_id"] in trips:
            halts[row["trip_id"]].append(row)
    for rows in halts.values():
        rows.sort(key=lambda row: int(row["stop_sequence"]))
    return halts


def test_the_default_day_of_real_feeds_is_the_first_with_most_trips(real_feed):
    path, read = real_feed
    per_service = Counter(row["service_id"] for row in rows_of(path, "trips"))
    calendar = rows_of(path, "calendar")
    first, last = (
        dt.datetime.strptime(edge(row[column] for row in calendar), "%Y%m%d").date()
        for edge, column in ((min, "start_date"), (max, "end_date"))
    )
    # Six weeks hold every weekday with and without the exceptions.
    days = [first + dt.timedelta(n) for n in range(min(42, (last - first).days + 1))]
    counts = {
        day: sum(per_service[service] for service in services_on(path, day))
        for day in days
    }
    most = max(counts.values())
    assert read.date == min(day for day, count in counts.items() if count == most)
    assert read.source.report.rows_kept == most
    assert read.source.report.changes[0].count == most


def test_lines_of_real_feeds_are_routes_directions_and_orders_of_stops(real_feed):
    path, read = real_feed
    trips = trips_on(path, read.date)
    halts = halts_of(path, trips)
    orders = {
        (
            trips[key]["route_id"],
            trips[key].get("direction_id", ""),
            tuple(row["stop_id"] for row in rows),
        )
        for key, rows in halts.items()
    }
    assert len(read.lines) == len(orders)
    used = {row["stop_id"] for rows in halts.values() for row in rows}
    stations = {s.station_id for line in read.lines for s in line.stops}
    assert stations == {f"{path.stem}:{stop}" for stop in used}


@pytest.mark.parametrize("profile", ["peak", "free"])
def test_departures_of_real_routes_are_those_of_the_table(real_feed, profile):
    path, read = real_feed
    low, high = {"peak": (7, 9), "free": (10, 15)}[profile]
    trips = trips_on(path, read.date)
    counted = Counter(
        trips[key]["route_id"]
        for key, rows in halts_of(path, trips).items()
        if low * 3600 <= clock_s(rows[0]["departure_time"]) < high * 3600
    )
    found = Counter()
    for line in read.lines:
        route = line.id.split(":")[1]
        found[route] += (high - low) * 60 / line.headway_min[profile]
    assert {k: round(v, 6) for k, v in found.items() if v} == dict(counted)


def test_trains_of_trensurb_take_what_the_table_says(trensurb):
    path, read = trensurb
    # Mercado (MR) to Novo Hamburgo (NH), all 22 stations: departure to arrival, by the
    # median of each part over the trips of the windows.
    line = read.lines[0]
    names = [stop.name_zh for stop in line.stops]
    assert (names[0], names[-1]) == ("ESTACAO MERCADO", "ESTACAO NOVO HAMBURGO")
    order = [stop.station_id.split(":")[1] for stop in line.stops]
    rides = []
    for rows in halts_of(path, trips_on(path, read.date)).values():
        start = clock_s(rows[0]["departure_time"]) / 3600
        if [row["stop_id"] for row in rows] == order and (
            7 <= start < 9 or 10 <= start < 15
        ):
            rides.append(
                [
                    (clock_s(b["arrival_time"]) - clock_s(a["departure_time"])) / 60
                    for a, b in pairwise(rows)
                ]
            )
    medians = [statistics.median(part) for part in zip(*rides, strict=True)]
    assert [stop.run_min for stop in line.stops[:-1]] == pytest.approx(medians)
    canoas = order.index("CN")
    assert line.minutes(f"{path.stem}:MR", f"{path.stem}:CN") == pytest.approx(
        sum(medians[:canoas]) + sum(s.dwell_min for s in line.stops[1:canoas])
    )


def test_courses_of_real_feeds_pass_their_stops_in_order(real_feed):
    _, read = real_feed
    for line in read.lines:
        for stop, there, section in zip(
            line.stops, line.stops[1:], line.sections, strict=False
        ):
            ends = shapely.Point(section.coords[0]), shapely.Point(section.coords[-1])
            assert ends[0].distance(stop.point) <= 250
            assert ends[1].distance(there.point) <= 250


def test_both_feeds_of_porto_alegre_join_into_one_network(eptc, trensurb):
    lines = eptc[1].lines + trensurb[1].lines
    assert eptc[1].crs == trensurb[1].crs == "EPSG:32722"
    assert len(TravelNetwork(gridville().roads, lines).lines) == len(lines)


def test_a_feed_that_fills_a_part_of_the_window_is_told_of(eptc):
    path, read = eptc
    trips = {row["trip_id"] for row in rows_of(path, "trips")}
    first: dict[str, str] = {}
    for row in rows_of(path, "stop_times"):
        if row["stop_sequence"] == "1" and row["trip_id"] in trips:
            first[row["trip_id"]] = row["departure_time"]
    inside = sorted(
        clock_s(text)
        for text in first.values()
        if 10 * 3600 <= clock_s(text) < 15 * 3600
    )
    empty_s = inside[0] - 10 * 3600 + 15 * 3600 - inside[-1]
    (change,) = [
        c for c in read.source.report.changes if "nothing departs" in c.what.en
    ]
    assert change.count == round(empty_s / 60) == 81
    assert "11:20–14:59" in change.what.en


def test_fares_are_no_feed(real_data):
    with pytest.raises(InputError, match=r"is no GTFS feed, without stops\.txt"):
        read_gtfs(real_data / "porto_alegre" / "fares_poa.zip")
