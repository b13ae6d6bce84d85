"""Extracts are fetched from servers on this machine that behave well, and badly."""

import contextlib
import hashlib
import re
import shutil
import socket
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from ctzgis.cli import main
from ctzgis.errors import InputError, SourceError
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.osm import downloads
from ctzgis.sources.osm.extracts import REGIONS, fetch_extract, fetched_extracts

CONTENT = bytes(range(256)) * 4000  # 1,024,000 bytes
PAGE = b"<html><script>alert(1)</script>Please log in</html>"
PATH = "/asia/china/hunan-latest.osm.pbf"


class Server(ThreadingHTTPServer):
    """A mirror of Geofabrik; its attributes say how it behaves."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.md5 = CONTENT, hashlib.md5(CONTENT).hexdigest()
        self.asked, self.ranges, self.headers = [], True, {}
        self.breaks_after = []
        self.pages, self.moved, self.length, self.unsized = set(), {}, None, False
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def do_GET(self):
        server, ask = self.server, self.headers.get("Range")
        server.asked.append((self.path, ask))
        if self.path in server.moved:
            return self.answer(302, b"", Location=server.moved[self.path])
        if self.path in server.pages:
            return self.answer(
                200, PAGE, Content_Type="text/html", Content_Length=len(PAGE)
            )
        if self.path == PATH + ".md5":
            return self.answer(200, f"{server.md5}  hunan-latest.osm.pbf\n".encode())
        if self.path != PATH:
            return self.answer(404, PAGE, Content_Type="text/html")
        start = (
            int(re.fullmatch(r"bytes=(\d+)-", ask)[1]) if ask and server.ranges else 0
        )
        if start >= len(server.content):
            return self.answer(416, b"")
        body = server.content[start:]
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": server.length or len(body),
            "Last-Modified": "Tue, 03 Mar 2026 21:20:00 GMT",
        }
        if server.unsized:
            del headers["Content-Length"]
        if start:
            headers["Content-Range"] = (
                f"bytes {start}-{start + len(body) - 1}/{len(CONTENT)}"
            )
        if server.breaks_after:
            body = body[: server.breaks_after.pop(0)]
        return self.answer(206 if start else 200, body, **headers | server.headers)


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(
            target=server.serve_forever, args=(0.01,), daemon=True
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(downloads, "_PAUSE_S", 0.0)


@pytest.fixture
def fetch(server, tmp_path):
    def run(region="hunan", **options):
        return fetch_extract(
            region, **{"folder": tmp_path, "url": server.url} | options
        )

    return run


def parts(folder):
    return sorted(folder.glob("*.part"))


# What goes well


def test_an_extract_arrives_whole_with_its_size_date_and_checksum(fetch, tmp_path):
    extract = fetch()
    assert extract.path == tmp_path / "hunan-latest.osm.pbf"
    assert extract.path.read_bytes() == CONTENT
    assert (extract.size_bytes, extract.date, extract.new) == (
        1_024_000,
        "2026-03-03",
        True,
    )
    assert extract.md5 == hashlib.md5(CONTENT).hexdigest()
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["湖南", "湖南省", "Hunan", "asia/china/hunan", " hunan "]
)
def test_a_region_may_be_named_in_many_ways(fetch, name):
    assert fetch(name).region == "asia/china/hunan"


def test_all_33_extracts_of_china_are_known():
    assert len(REGIONS) == 33
    assert len(set(REGIONS.values())) == 33


def test_its_terms_are_written_beside_it_for_every_reader(fetch, server):
    source = file_source(fetch().path)
    assert source.licence.startswith("ODbL 1.0")
    assert "OpenStreetMap" in source.source
    assert (source.date, source.url) == ("2026-03-03", server.url + PATH)


def test_other_entries_beside_it_stay_as_they_were(fetch, tmp_path):
    own = '# mine\n["a.gpkg"]\nwhat = "a"  # a note\n'
    (tmp_path / "SOURCES.toml").write_text(own, encoding="utf-8")
    fetch()
    (tmp_path / "hunan-latest.osm.pbf").unlink()
    fetch()
    text = (tmp_path / "SOURCES.toml").read_text("utf-8")
    assert text.startswith(own)
    assert list(tomllib.loads(text)) == ["a.gpkg", "hunan-latest.osm.pbf"]


def test_what_is_there_and_up_to_date_is_not_fetched_again(fetch, server):
    fetch()
    server.asked.clear()
    assert not fetch().new
    assert server.asked == [(PATH + ".md5", None)]


def test_what_was_spoilt_on_disk_is_fetched_again(fetch):
    path = fetch().path
    path.write_bytes(b"spoilt")
    assert fetch().new
    assert path.read_bytes() == CONTENT


def test_a_new_day_replaces_the_extract(fetch, server):
    fetch()
    server.content = CONTENT[::-1]
    server.md5 = hashlib.md5(server.content).hexdigest()
    assert fetch().path.read_bytes() == server.content


def test_progress_is_told_up_to_the_whole(fetch):
    told = []
    fetch(progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1_024_000, 1_024_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_environment_may_name_a_mirror(fetch, server, monkeypatch):
    monkeypatch.setenv("CTZGIS_GEOFABRIK", server.url + "/")
    assert fetch(url=None).url == server.url + PATH


def test_a_redirect_is_followed(fetch, server):
    server.moved["/mirror" + PATH] = server.url + PATH
    server.moved["/mirror" + PATH + ".md5"] = server.url + PATH + ".md5"
    assert fetch(url=server.url + "/mirror").path.read_bytes() == CONTENT


def test_without_a_folder_it_goes_to_the_cache(fetch, tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path / "cache"))
    assert (
        fetch(folder=None).path == tmp_path / "cache" / "osm" / "hunan-latest.osm.pbf"
    )
    assert [e.region for e in fetched_extracts()] == ["asia/china/hunan"]


# Connections that break


def test_a_broken_connection_is_taken_up_where_it_broke(fetch, server):
    server.breaks_after = [400_000]
    assert fetch().path.read_bytes() == CONTENT
    assert [ask for path, ask in server.asked if path == PATH] == [
        None,
        "bytes=400000-",
    ]


def test_after_four_breaks_the_part_is_kept_and_a_later_call_goes_on(
    fetch, server, tmp_path
):
    server.breaks_after = [100_000] * 4
    with pytest.raises(
        SourceError, match=r"broke 4 times; 0\.4 MB are kept in .*run it again"
    ):
        fetch()
    (part,) = parts(tmp_path)
    assert part.read_bytes() == CONTENT[:400_000]
    server.asked.clear()
    assert fetch().path.read_bytes() == CONTENT
    assert server.asked[-1] == (PATH, "bytes=400000-")
    assert parts(tmp_path) == []


def test_a_server_that_cannot_go_on_begins_anew(fetch, server):
    server.ranges, server.breaks_after = False, [400_000]
    assert fetch().path.read_bytes() == CONTENT


def test_a_part_of_an_earlier_day_is_not_gone_on_with(fetch, server, tmp_path):
    server.breaks_after = [100_000] * 4
    with pytest.raises(SourceError):
        fetch()
    server.content = CONTENT[::-1]
    server.md5 = hashlib.md5(server.content).hexdigest()
    assert fetch().path.read_bytes() == CONTENT[::-1]
    assert parts(tmp_path) == []


def test_a_part_that_is_whole_already_is_only_put_in_place(fetch, server, tmp_path):
    part = tmp_path / f"hunan-latest.osm.pbf.{server.md5[:12]}.part"
    part.write_bytes(CONTENT)
    assert fetch().path.read_bytes() == CONTENT
    assert [path for path, _ in server.asked] == [PATH + ".md5"]


def test_a_part_longer_than_the_extract_begins_anew(fetch, server, tmp_path):
    (tmp_path / f"hunan-latest.osm.pbf.{server.md5[:12]}.part").write_bytes(
        CONTENT + b"x"
    )
    assert fetch().path.read_bytes() == CONTENT


def test_an_interruption_keeps_the_part(fetch, tmp_path):
    def interrupt(done, total):
        if done > 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=interrupt)
    (part,) = parts(tmp_path)
    assert CONTENT.startswith(part.read_bytes())
    assert part.stat().st_size > 0
    assert not (tmp_path / "hunan-latest.osm.pbf").exists()


# Servers that lie


def test_a_wrong_checksum_deletes_what_arrived(fetch, server, tmp_path):
    server.md5 = "0" * 32
    with pytest.raises(SourceError, match=r"does not have the checksum.*deleted"):
        fetch()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_checksum_leaves_the_extract_of_yesterday(fetch, server):
    path = fetch().path
    server.md5 = "0" * 32
    with pytest.raises(SourceError):
        fetch()
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("page", [PATH, PATH + ".md5"])
def test_a_login_page_is_no_extract(fetch, server, tmp_path, page):
    server.pages = {page}
    with pytest.raises(SourceError, match="login page"):
        fetch()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_region_is_told_with_its_path(fetch):
    with pytest.raises(SourceError, match=r"has no extract 'europe/atlantis'"):
        fetch("europe/atlantis")


@pytest.mark.parametrize(
    "region",
    ["", "../../etc/passwd", "a b", "a\nb", "<script>", "/europe", "a//b", "x" * 9999],
)
def test_what_is_no_region_is_refused_before_anything_is_asked(fetch, server, region):
    if region == "x" * 9999:
        region = "é" * 9999
    with pytest.raises(InputError, match="is no region") as told:
        fetch(region)
    assert server.asked == []
    assert len(str(told.value)) < 700


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc",
        "ftp://host",
        "host",
        "http://",
        "http://a b",
        "http://[x",
        "http://h:x",
    ],
)
def test_what_is_no_address_is_refused(fetch, url):
    with pytest.raises(InputError, match="is no address"):
        fetch(url=url)


def test_an_address_with_a_password_is_refused(fetch):
    with pytest.raises(InputError, match="password"):
        fetch(url="https://me:secret@host")


def test_a_redirect_to_a_file_is_not_followed(fetch, server):
    server.moved[PATH + ".md5"] = "file:///etc/passwd"
    with pytest.raises(SourceError, match="answers 302"):
        fetch()


def test_redirects_in_a_circle_end(fetch, server):
    server.moved[PATH + ".md5"] = server.url + PATH + ".md5"
    with pytest.raises(SourceError, match="answers 302"):
        fetch()


def test_an_extract_too_large_to_take_is_refused(fetch, server, tmp_path):
    server.length = 10**14
    with pytest.raises(SourceError, match=r"100000\.0 GB; 40 are taken"):
        fetch()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(fetch, monkeypatch, tmp_path):
    room = SimpleNamespace(free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room)
    with pytest.raises(SourceError, match="has 1 MB of room, 68 MB are needed"):
        fetch()
    assert list(tmp_path.iterdir()) == []


def test_an_extract_of_unknown_size_arrives_too(fetch, server):
    server.unsized, told = True, []
    assert fetch(progress=lambda *at: told.append(at)).path.read_bytes() == CONTENT
    assert told[-1] == (1_024_000, None)


def test_an_extract_of_unknown_size_stops_before_the_disk_is_full(
    fetch, server, monkeypatch
):
    server.unsized = True
    rooms = iter([10**9, 10**9])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: SimpleNamespace(free=next(rooms, 10**6))
    )
    with pytest.raises(SourceError, match="has 1 MB of room, 67 MB are needed"):
        fetch()


def test_a_server_that_trickles_counts_as_broken(fetch, monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "_SLOW_S", -1.0)
    monkeypatch.setattr(downloads, "_SLOW_BYTES", 10**9)
    monkeypatch.setattr(downloads, "_CHUNK_BYTES", 1000)
    with pytest.raises(SourceError, match="broke 4 times"):
        fetch()
    (part,) = parts(tmp_path)
    assert part.stat().st_size == 4000


def test_a_folder_that_cannot_be_written_is_told(fetch, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot write"):
        fetch(folder=tmp_path / "file")


def test_an_extract_does_not_take_the_place_of_another_regions(fetch, tmp_path):
    fetch()
    with pytest.raises(InputError, match="is the extract of asia/china/hunan"):
        fetch("europe/hunan")


def test_no_internet_is_told_in_one_line(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(
            SourceError, match="cannot reach 127.0.0.1:.*is there internet"
        ) as told:
            fetch_extract("hunan", folder=tmp_path, url=url)
    assert "\n" not in str(told.value)


# On the command line


def run(capsys, *words):
    code = main(["data", *map(str, words)])
    return code, *capsys.readouterr()


def test_the_command_tells_where_the_file_went(server, tmp_path, capsys):
    words = ("fetch", "osm", "--region", "湖南", "--out", tmp_path, "--url", server.url)
    code, out, err = run(capsys, *words, "--lang", "en")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == str(tmp_path / "hunan-latest.osm.pbf")
    assert f"fetched, 1.0 MB, content of 2026-03-03, md5 {server.md5}" in out
    assert "ODbL 1.0" in out


def test_the_command_says_so_in_chinese_too(server, tmp_path, capsys):
    words = (
        "fetch",
        "osm",
        "--region",
        "hunan",
        "--out",
        tmp_path,
        "--url",
        server.url,
    )
    run(capsys, *words)
    _, out, _ = run(capsys, *words)
    assert "已是最新，1.0 MB，数据日期 2026-03-03" in out


def test_an_interruption_of_the_command_says_what_is_kept(
    server, tmp_path, capsys, monkeypatch
):
    def pour(url, part, progress):
        part.write_bytes(CONTENT[:500_000])
        raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "_pour", pour)
    words = (
        "fetch",
        "osm",
        "--region",
        "hunan",
        "--out",
        tmp_path,
        "--url",
        server.url,
    )
    code, out, err = run(capsys, *words, "--lang", "en")
    assert (code, out) == (130, "")
    (part,) = parts(tmp_path)
    assert (
        err
        == f"ctzgis: interrupted; kept for going on with the same command: {part} (0.5 MB)\n"
    )


def test_the_command_fails_with_4_and_one_line_without_internet(tmp_path, capsys):
    words = (
        "fetch",
        "osm",
        "--region",
        "hunan",
        "--out",
        tmp_path,
        "--url",
        "http://127.0.0.1:9",
    )
    code, out, err = run(capsys, *words)
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert err.startswith("ctzgis: SourceError: cannot reach 127.0.0.1:9")


def test_the_command_fails_with_3_for_what_is_no_region(capsys):
    code, _, err = run(capsys, "fetch", "osm", "--region", "../x")
    assert code == 3
    assert "is no region" in err
