"""Roads are fetched from an Overpass and a Nominatim on this machine, recorded small."""

import contextlib
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import osmnx as ox
import pytest
import shapely

from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.sources.osm import fetch, osmnx_web
from ctzgis.sources.osm.fetch import fetch_osm

WEST, SOUTH, EAST, NORTH = 112.96, 28.19, 112.98, 28.21
SQUARE = shapely.box(WEST, SOUTH, EAST, NORTH)  # 1.96 km × 2.22 km

# 1──2──3   a street of two ways, joined at 2 by a one-way street from 4, which cyclists
#    │      may use both ways; 5──6 hangs together with nothing.
#    4
NODES = {
    1: (0.2, 0.5),
    2: (0.5, 0.5),
    3: (0.8, 0.5),
    4: (0.5, 0.2),
    5: (0.1, 0.9),
    6: (0.2, 0.9),
}
WAYS = {
    101: ([1, 2], {"highway": "primary", "name": "五一大道", "maxspeed": "60"}),
    102: ([2, 3], {"highway": "primary", "name": "五一大道", "maxspeed": "60"}),
    103: ([4, 2], {"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}),
    104: ([5, 6], {"highway": "tertiary", "name": "<script>alert(1)</script>"}),
}


def overpass(elements=None, **more):
    """An answer as the Overpass API gives it."""
    ways = [
        {"type": "way", "id": way, "nodes": nodes, "tags": tags}
        for way, (nodes, tags) in WAYS.items()
    ]
    nodes = [
        {
            "type": "node",
            "id": node,
            "lat": SOUTH + y * (NORTH - SOUTH),
            "lon": WEST + x * (EAST - WEST),
        }
        for node, (x, y) in NODES.items()
    ]
    return {
        "version": 0.6,
        "generator": "Overpass API 0.7.62.8 e802775f",
        "osm3s": {
            "timestamp_osm_base": "2026-03-03T10:15:00Z",
            "copyright": "The data included in this document is from www.openstreetmap.org. "
            "The data is made available under ODbL.",
        },
        "elements": ways + nodes if elements is None else elements,
    } | more


def nominatim(geojson):
    """An answer as Nominatim's search gives it."""
    return [
        {
            "place_id": 1,
            "licence": "Data © OpenStreetMap contributors, ODbL 1.0.",
            "osm_type": "relation",
            "osm_id": 3178889,
            "lat": "28.2",
            "lon": "112.97",
            "class": "boundary",
            "type": "administrative",
            "place_rank": 12,
            "importance": 0.5,
            "addresstype": "city_district",
            "name": "岳麓区",
            "display_name": "岳麓区, 长沙市, 湖南省, 中国",
            "boundingbox": [str(SOUTH), str(NORTH), str(WEST), str(EAST)],
            "geojson": geojson,
        }
    ]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def give(self, answer):
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def do_GET(self):
        self.server.places.append(parse_qs(urlsplit(self.path).query)["q"][0])
        self.give(self.server.place)

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self.server.queries.append(parse_qs(self.rfile.read(size).decode())["data"][0])
        time.sleep(self.server.slow_s)
        self.give(
            self.server.answers.pop(0) if self.server.answers else self.server.roads
        )


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.places, server.queries, server.answers, server.slow_s = [], [], [], 0
        server.roads, server.place = (
            overpass(),
            nominatim(shapely.geometry.mapping(SQUARE)),
        )
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(
            target=server.serve_forever, args=(0.01,), daemon=True
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(fetch, "_BUSY_PAUSES_S", (0.0, 0.0))
    # OSMnx waits a second before it asks Nominatim.
    monkeypatch.setattr(ox._nominatim.time, "sleep", lambda seconds: None)


@pytest.fixture
def ask(server, tmp_path):
    def run(place=SQUARE, **options):
        ours = {
            "url": server.url + "/api",
            "nominatim_url": server.url,
            "folder": tmp_path,
        }
        return fetch_osm(place, **ours | options)

    return run


def settings():
    return {n: v for n, v in vars(ox.settings).items() if not n.startswith("_")}


# What goes well


def test_the_roads_of_a_polygon_come_as_a_network(ask):
    roads = ask().roads
    assert sorted(roads["road_class"]) == [
        "primary",
        "primary",
        "residential",
        "tertiary",
    ]
    assert roads.crs == "EPSG:4547"
    # 60 × 0.85
    assert set(roads.loc[roads["name_zh"] == "五一大道", "free_kph"]) == {51}


def test_a_one_way_street_binds_drivers_and_here_no_cyclists(ask):
    roads = ask().roads.set_index("road_class").loc["residential"]
    assert (roads["from_id"], roads["to_id"]) == ("4", "2")
    assert (roads["oneway"], roads["cycle_oneway"]) == (True, False)


def test_a_road_ends_where_its_class_changes_and_not_at_every_point(ask, server):
    # 1──2──3 in one way, then in two of different classes.
    one = {"type": "way", "id": 9, "nodes": [1, 2, 3], "tags": {"highway": "primary"}}
    nodes = [e for e in overpass()["elements"] if e["type"] == "node"]
    server.roads = overpass([one, *nodes])
    assert ask().roads["road_class"].tolist() == ["primary"]
    other = {"type": "way", "id": 8, "nodes": [2, 3], "tags": {"highway": "service"}}
    server.roads = overpass([one | {"nodes": [1, 2]}, other, *nodes])
    assert sorted(ask(mode="all").roads["road_class"]) == ["primary", "service"]


def test_the_source_tells_makers_terms_date_and_address(ask, server):
    (source,) = ask().sources
    assert source.source.startswith("OpenStreetMap contributors")
    assert source.licence.startswith("ODbL 1.0")
    assert (source.date, source.url) == ("2026-03-03", server.url + "/api")
    assert source.report.told()[0] == "7 of 7 edges kept"


def test_a_place_is_found_by_its_name(ask, server):
    network = ask("岳麓区,  长沙")
    assert server.places == ["岳麓区, 长沙"]
    assert len(network.roads) == 4
    assert network.sources[0].what == "roads (drive) of 岳麓区, 长沙"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547"])
def test_an_area_may_be_a_frame_in_any_crs(ask, server, crs):
    frame = gpd.GeoDataFrame(geometry=[SQUARE], crs="EPSG:4326").to_crs(crs)
    assert len(ask(frame).roads) == 4
    assert len(ask(frame.geometry).roads) == 4


@pytest.mark.parametrize(
    ("mode", "filter_part"),
    [
        ("drive", '["motor_vehicle"!~"no"]'),
        ("walk", '["foot"!~"no"]'),
        ("cycle", '["bicycle"!~"no"]'),
    ],
)
def test_the_mode_says_what_is_asked_for(ask, server, mode, filter_part):
    ask(mode=mode)
    assert filter_part in server.queries[0]


def test_walkers_are_bound_to_no_direction(ask):
    assert not ask(mode="walk").roads["oneway"].any()


def test_names_stay_texts(ask):
    assert "<script>alert(1)</script>" in set(ask().roads["name_zh"].dropna())


def test_osmnx_is_left_as_it_was(ask):
    before, resolve = settings(), socket.getaddrinfo
    ask()
    assert settings() == before
    assert socket.getaddrinfo is resolve


def test_osmnx_is_left_as_it_was_after_a_fault_too(ask, server):
    before, resolve = settings(), socket.getaddrinfo
    server.roads = (500, b"")
    with pytest.raises(SourceError):
        ask()
    assert settings() == before
    assert socket.getaddrinfo is resolve


def test_a_moment_says_nothing(ask, capsys):
    ask()
    assert capsys.readouterr() == ("", "")


def test_what_takes_longer_is_told_on_standard_error(ask, server, capsys, monkeypatch):
    monkeypatch.setattr(osmnx_web, "_TELL_AFTER_S", 0.05)
    server.slow_s = 0.3
    ask()
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(
        r"roads of the given area, drive, from 127\.0\.0\.1:\d+: 0 answers, 0\.0 MB so far\n",
        err,
    )


# Kept answers


def test_what_was_fetched_once_needs_no_internet(ask, server):
    first = ask("岳麓区")
    server.roads = server.place = (500, b"")
    again = ask("岳麓区")
    assert len(server.queries) == len(server.places) == 1
    assert again.roads.equals(first.roads)


def test_a_download_that_broke_off_goes_on_where_it_was(ask, server, monkeypatch):
    # Pieces of 1 km²: the square and 500 m around it make several.
    monkeypatch.setattr(ox.settings, "max_query_area_size", 1e6)
    server.answers = [overpass(), overpass(), (500, b"")]
    with pytest.raises(SourceError, match="answers 500"):
        ask()
    assert len(server.queries) == 3
    ask()
    pieces = set(server.queries)
    # Every piece was asked for once, but for the one that failed.
    assert len(server.queries) == len(pieces) + 1
    assert len(pieces) > 5


def test_a_kept_answer_that_is_broken_is_asked_for_again(ask, server, tmp_path):
    ask()
    (kept,) = tmp_path.glob("*/*.json")
    kept.write_text(kept.read_text()[:100])
    assert len(ask().roads) == 4
    assert len(server.queries) == 2


def test_another_mode_is_not_answered_from_what_was_kept(ask, server):
    ask()
    ask(mode="walk")
    assert len(server.queries) == 2


def test_by_default_answers_are_kept_in_the_users_cache(ask, tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path / "cache"))
    (note,) = ask(folder=None).sources[0].notes
    assert note.en.startswith(
        f"answers kept in {tmp_path / 'cache' / 'osm' / 'overpass'}"
    )
    assert len(list((tmp_path / "cache").rglob("*.json"))) == 1


# Servers that are busy, broken or lie


def test_a_busy_server_is_asked_again(ask, server):
    server.answers = [(429, b"slow down"), (504, b"<html>")]
    assert len(ask().roads) == 4
    assert len(server.queries) == 3


def test_a_server_that_stays_busy_is_left_alone(ask, server):
    server.roads = (429, b"")
    with pytest.raises(
        SourceError, match=r"is busy \(it answers 429\); try again later"
    ):
        ask()
    assert len(server.queries) == 3


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((500, b"<html>" * 999), "answers 500"),
        ((403, b""), "answers 403"),
        (b"<html>Please log in</html>", "login page"),
        (b"", "login page"),
        (b"{" + b"[" * 100_000, "cannot be understood"),
        (b'{"elements": [', "cannot be understood"),
        (b"[]", "cannot be understood"),
        ({}, "cannot be understood"),
        (overpass([{"type": "way", "id": 1}]), "cannot be understood"),
        (
            overpass([{"type": "node", "id": 1, "lat": "x", "lon": None}]),
            "cannot be understood",
        ),
        (
            overpass(
                [
                    {
                        "type": "way",
                        "id": 1,
                        "nodes": [1, 2],
                        "tags": {"highway": "primary"},
                    }
                ]
            ),
            "cannot be understood",
        ),
        (
            overpass(remark='runtime error: Query timed out in "query" at line 1'),
            "did not finish: runtime error: Query timed out",
        ),
    ],
)
def test_an_answer_that_is_none_is_told_in_one_line(ask, server, answer, match):
    server.roads = answer
    with pytest.raises(SourceError, match=match) as told:
        ask()
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 400


def test_no_fault_is_kept(ask, server):
    server.answers = [overpass(remark="runtime error: out of memory")]
    with pytest.raises(SourceError):
        ask()
    assert len(ask().roads) == 4


def test_an_answer_without_end_is_cut_off(ask, monkeypatch):
    monkeypatch.setattr(osmnx_web, "_MAX_ANSWER_BYTES", 500)
    with pytest.raises(SourceError, match="exceeds"):
        ask()


def test_an_answer_that_takes_for_ever_is_cut_off(ask, monkeypatch):
    monkeypatch.setattr(osmnx_web, "_MAX_ANSWER_S", -1.0)
    with pytest.raises(SourceError, match="exceeds"):
        ask()


def test_no_internet_is_told_in_one_line_at_once(ask):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(
            SourceError, match=r"cannot reach 127\.0\.0\.1.*is there internet"
        ) as told:
            ask(url=url)
    assert time.monotonic() - start < 5
    assert "\n" not in str(told.value)


def test_a_host_without_a_name_server_is_told_at_once(ask):
    with pytest.raises(SourceError, match=r"cannot reach nowhere\.invalid"):
        ask(url="http://nowhere.invalid/api")


# What is refused


def test_an_unknown_place_is_told(ask, server):
    server.place = []
    with pytest.raises(InputError, match="'Atlantis' is not known to OpenStreetMap"):
        ask("Atlantis")


def test_a_place_without_an_outline_is_told(ask, server):
    server.place = nominatim({"type": "Point", "coordinates": [112.97, 28.2]})
    with pytest.raises(InputError, match="has no outline"):
        ask("五一广场")


def test_a_nominatim_that_lies_is_told(ask, server):
    server.place = [{"geojson": {"type": "Polygon", "coordinates": "far away"}}]
    with pytest.raises(SourceError, match="cannot be understood"):
        ask("长沙")


def test_an_area_without_roads_is_told(ask, server):
    server.roads = overpass([])
    with pytest.raises(InputError, match=r"has no roads \(drive\) in the area"):
        ask()


def test_an_area_too_large_is_refused_before_it_is_asked_for(ask, server):
    # 10° × 10° at 30° N: 1,112 km × 1,112 km × cos 30° = 1.07 million km².
    with pytest.raises(InputError, match=r"has 1,0[67]\d,\d\d\d km², at most 5,000"):
        ask(shapely.box(105, 25, 115, 35))
    assert server.queries == []


def test_two_squares_far_apart_count_with_what_lies_between(ask):
    apart = shapely.MultiPolygon([SQUARE, shapely.box(113.96, 29.19, 113.98, 29.21)])
    with pytest.raises(InputError, match="at most 100 are asked for"):
        ask(apart, max_km2=100)


@pytest.mark.parametrize(
    ("area", "error", "match"),
    [
        (shapely.Point(112, 28), InputError, "not Point"),
        (shapely.Polygon(), InputError, "a polygon"),
        (shapely.box(399_000, 3_120_000, 400_000, 3_121_000), InputError, "no degrees"),
        (
            shapely.Polygon([(112, 28), (113, 29), (113, 28), (112, 29)]),
            InputError,
            "invalid",
        ),
        (gpd.GeoSeries([SQUARE]), CRSError, "no CRS"),
        (7, InputError, "not int"),
        ("", InputError, "no name of a place"),
        ("a\x00b", InputError, "no name of a place"),
        ("x" * 999, InputError, "no name of a place"),
    ],
)
def test_what_is_no_area_is_refused(ask, server, area, error, match):
    with pytest.raises(error, match=match):
        ask(area)
    assert server.queries == server.places == []


@pytest.mark.parametrize(
    ("option", "match"),
    [
        ({"mode": "fly"}, "one of drive, walk, cycle, all"),
        ({"url": "file:///x"}, "is no address"),
    ],
)
def test_options_that_are_none_are_refused(ask, option, match):
    with pytest.raises(InputError, match=match):
        ask(**option)
