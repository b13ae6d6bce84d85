"""Lines written as a feed and read back give the same service and the same times."""

import csv
import io
import math
import zipfile
from dataclasses import replace

import gtfs_kit
import numpy as np
import pytest
import shapely

from ctzgis import TravelNetwork, read_gtfs, travel_times
from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.examples import gridville, gridville_places
from ctzgis.provenance import Source
from ctzgis.sources.gtfs.written import Agency, write_gtfs

TOWN = gridville()
LINE = TOWN.lines[0]
CRS = "EPSG:4547"
PROFILES = ("free", "peak")


def rows(path, table):
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{table}.txt").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(path, *lines, **options):
    write_gtfs(lines, path, crs=CRS, year=2026, **options)
    return path


@pytest.fixture
def feed(tmp_path):
    return tmp_path / "town.zip"


@pytest.fixture(scope="module")
def shipped(network, tmp_path_factory):
    """The shipped network of 2020 with its lines, and with the same read back."""
    ours = network.at(2020)
    path = tmp_path_factory.mktemp("feed") / "czt.zip"
    write_gtfs(ours.lines, path, crs=CRS, year=2020, sources=ours.roads.sources)
    return ours, TravelNetwork(ours.roads, read_gtfs(path, crs=CRS).lines), path


def test_the_timetable_of_gridville_is_that_of_its_line(feed):
    written(feed, LINE)
    there = [row for row in rows(feed, "stop_times") if row["trip_id"].endswith(":0")]
    assert [(row["stop_id"], row["arrival_time"]) for row in there] == [
        ("west", "06:00:00"), ("centre", "06:02:00"), ("east", "06:04:00"),
    ]  # fmt: skip


def test_headways_hold_in_their_parts_of_the_day(feed):
    written(feed, replace(LINE, one_way=True))
    assert [
        (row["start_time"], row["end_time"], row["headway_secs"])
        for row in rows(feed, "frequencies")
    ] == [
        ("06:00:00", "07:00:00", "240"),
        ("07:00:00", "09:00:00", "120"),
        ("09:00:00", "17:00:00", "240"),
        ("17:00:00", "19:00:00", "120"),
        ("19:00:00", "22:00:00", "240"),
    ]


def test_the_feed_read_back_has_the_runs_headways_and_stops(feed):
    forth, back = read_gtfs(written(feed, LINE), crs=CRS).lines
    for line, stops in ((forth, LINE.stops), (back, LINE.stops[::-1])):
        assert line.headway_min == {"free": 4.0, "peak": 2.0}
        assert [s.station_id for s in line.stops] == [
            f"town:{s.station_id}" for s in stops
        ]
        assert [s.run_min for s in line.stops] == [2.0, 2.0, 0.0]
        assert line.mode == "metro"
        for here, there in zip(line.stops, stops, strict=True):
            assert here.point.distance(there.point) < 1e-3


def test_the_course_read_back_is_the_course(feed):
    bent = shapely.LineString(
        [LINE.stops[0].point, (497_500, 3_106_000), LINE.stops[1].point]
    )
    line = replace(LINE, sections=(bent, LINE.sections[1]))
    found = read_gtfs(written(feed, line), crs=CRS).lines[0]
    assert found.sections[0].length == pytest.approx(bent.length, abs=0.01)
    assert found.path().hausdorff_distance(line.path()) < 0.01


@pytest.mark.parametrize("profile", PROFILES)
def test_gridville_is_travelled_as_before(feed, profile):
    lines = read_gtfs(written(feed, LINE), crs=CRS).lines
    before, after = (
        travel_times(
            network,
            gridville_places(),
            gridville_places(),
            mode="walk+rail+walk",
            profile=profile,
        )["travel_time_min"]
        for network in (TOWN, TravelNetwork(TOWN.roads, lines))
    )
    # Whole seconds all through; what is left are 0.1 mm of the stations' places.
    assert np.abs(before - after).max() < 0.001


@pytest.mark.parametrize("profile", PROFILES)
def test_the_shipped_network_is_travelled_as_before(czt, shipped, profile):
    ours, theirs, _ = shipped
    points = czt.counties.set_geometry(czt.counties.representative_point())
    before, after = (
        travel_times(n, points, points, mode="drive+rail+drive", profile=profile)
        for n in (ours, theirs)
    )
    late = (before["travel_time_min"] - after["travel_time_min"]).abs()
    assert before["travel_time_min"].notna().sum() > 250
    # Its run times are tenths of minutes and its headways whole ones: whole seconds.
    assert late.max() < 0.001
    assert (before["reason"] == after["reason"]).all()


def test_shipped_lines_read_back_are_within_a_second_on_every_section(shipped):
    ours, theirs, _ = shipped
    found = {line.id.removeprefix("czt:"): line for line in theirs.lines}
    for line in ours.lines:
        back = found[f"{line.id}:0:1"]
        for here, there in zip(line.stops, back.stops, strict=True):
            assert abs(here.run_min - there.run_min) <= 1 / 60 + 1e-9
            assert abs(here.dwell_min - there.dwell_min) <= 1 / 60 + 1e-9
        assert back.headway_min == pytest.approx(line.headway_min, abs=1 / 120)
        assert back.mode == ("metro" if line.mode == "maglev" else line.mode)


def test_another_library_finds_the_same_in_the_feed(shipped):
    ours, _, path = shipped
    feed = gtfs_kit.read_feed(path, dist_units="km")
    assert gtfs_kit.drop_invalid_columns(feed).routes.equals(feed.routes)
    assert len(feed.trips) == 2 * len(ours.lines)
    assert set(feed.get_active_services("20200701")) == {"daily"}
    stats = feed.compute_trip_stats().set_index("trip_id")
    for line in ours.lines:
        whole = sum(s.run_min + s.dwell_min for s in line.stops)
        whole -= line.stops[0].dwell_min + line.stops[-1].dwell_min
        found = stats.loc[f"{line.id}:0"]
        assert found["num_stops"] == len(line.stops)
        assert found["duration"] * 60 == pytest.approx(whole, abs=1 / 60 + 1e-9)
        # Its lengths are in a UTM zone of its own choice.
        assert found["distance"] == pytest.approx(line.path().length / 1000, rel=0.002)


def test_a_feed_says_where_its_lines_come_from(shipped):
    *_, path = shipped
    told = [row["organization_name"] for row in rows(path, "attributions")]
    assert any("stops.csv" in text and "ODbL" in text for text in told)


def test_a_line_that_does_not_run_in_the_peak_has_no_trains_in_it(feed):
    quiet = replace(LINE, headway_min={"free": 4.0, "peak": math.inf})
    found = read_gtfs(written(feed, quiet), crs=CRS).lines[0]
    assert found.headway_min == {"free": 4.0, "peak": math.inf}


def test_a_line_that_never_runs_is_left_out(feed):
    never = replace(LINE, id="never", headway_min=dict.fromkeys(PROFILES, math.inf))
    assert len(read_gtfs(written(feed, LINE, never)).lines) == 2
    with pytest.raises(InputError, match="there is no line that runs"):
        written(feed, never)


def test_a_one_way_line_has_one_trip(feed):
    assert len(rows(written(feed, replace(LINE, one_way=True)), "trips")) == 1


def test_a_feed_that_was_read_can_be_written_and_read_again(feed, tmp_path):
    once = read_gtfs(written(feed, LINE), crs=CRS).lines
    again = read_gtfs(written(tmp_path / "again.zip", *once), crs=CRS, prefix="x").lines
    assert [line.headway_min for line in again] == [line.headway_min for line in once]
    assert again[0].minutes("x:town:west", "x:town:east") == 4


def test_names_are_kept_and_break_no_table(feed):
    name = 'a "b", <script>\n=1+1'
    stops = (replace(LINE.stops[0], name_zh=name), *LINE.stops[1:])
    line = read_gtfs(written(feed, replace(LINE, stops=stops, name_zh=name))).lines[0]
    assert line.name_zh == line.stops[0].name_zh == 'a "b", <script> =1+1'


def test_the_same_lines_give_the_same_bytes(feed, tmp_path):
    other = written(tmp_path / "other.zip", LINE)
    assert written(feed, LINE).read_bytes() == other.read_bytes()


def test_who_runs_the_lines_is_told(feed):
    poa = Agency(name="EPTC", url="https://x.org/", timezone="America/Sao_Paulo")
    (row,) = rows(written(feed, LINE, agency=poa), "agency")
    assert (row["agency_name"], row["agency_timezone"]) == ("EPTC", "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"day": ("22:00", "06:00")}, "from and to are expected"),
        ({"day": ("6", "22:00")}, "from and to are expected"),
        ({"peaks": (("05:00", "06:30"),)}, "not in order within the day"),
        ({"peaks": (("09:00", "10:00"), ("07:00", "08:00"))}, "not in order"),
        ({"year": 20}, "year is 20"),
    ],
)
def test_times_that_contradict_each_other_are_refused(feed, options, found):
    with pytest.raises(InputError, match=found):
        write_gtfs([LINE], feed, **{"crs": CRS, "year": 2026, **options})
    assert not feed.exists()


def test_lines_that_a_feed_cannot_hold_are_refused(feed):
    with pytest.raises(InputError, match="used twice: cross_town"):
        written(feed, LINE, LINE)
    with pytest.raises(InputError, match="has the id ''"):
        written(feed, replace(LINE, id=""))
    with pytest.raises(InputError, match="has the id ' a'"):
        written(feed, replace(LINE, id=" a"))
    moved = tuple(
        replace(s, point=shapely.Point(s.point.x + 50, s.point.y)) for s in LINE.stops
    )
    with pytest.raises(InputError, match="station 'west' of line 'b' lies 50 m"):
        written(feed, LINE, replace(LINE, id="b", stops=moved))
    assert not feed.exists()


def test_an_unknown_or_unfit_crs_is_refused(feed):
    with pytest.raises(CRSError, match="which is not known"):
        write_gtfs([LINE], feed, crs="EPSG:nothing", year=2026)
    lost = replace(
        LINE, stops=tuple(replace(s, point=shapely.Point(1e12, 0)) for s in LINE.stops)
    )
    with pytest.raises(CRSError, match="leads nowhere"):
        written(feed, lost)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(SourceError, match="cannot write"):
        written(tmp_path / "none" / "town.zip", LINE)
    with pytest.raises(InputError, match=r"written to a \.zip"):
        written(tmp_path / "town.txt", LINE)
    assert list(tmp_path.iterdir()) == []


def test_arguments_stay_as_they_were(feed):
    before = repr(LINE), dict(LINE.headway_min), LINE.path().wkb
    written(feed, LINE)
    assert (repr(LINE), dict(LINE.headway_min), LINE.path().wkb) == before


def test_sources_are_told_with_their_licence(feed):
    source = Source(name="stops.csv", what="stops", source="us", licence="CC0")
    (row,) = rows(written(feed, LINE, sources=[source]), "attributions")
    assert row["organization_name"] == "stops.csv: us (CC0)"
