"""A part of the broken files of every format, in every run; ``python -m tests.fuzz`` reads more."""

import csv
import io
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctzgis import read_network, read_points, read_population, read_values
from ctzgis.errors import CtzgisError
from tests.fuzz.runner import run

COUNT = 780  # twenty of each format


@pytest.fixture(scope="module")
def tallies(tmp_path_factory):
    return run(count=COUNT, seed=1, processes=2, keep=tmp_path_factory.mktemp("kept"))


def test_nothing_crashes_hangs_or_errs_on_broken_files(tallies):
    assert [fault for tally in tallies.values() for fault in tally.faults] == []


def test_every_format_was_broken_and_read(tallies):
    assert all(
        sum(tally.counts.values()) >= COUNT // len(tallies)
        for tally in tallies.values()
    )
    assert sum(sum(tally.counts.values()) for tally in tallies.values()) == COUNT


def test_most_broken_files_are_refused_or_told_of(tallies):
    # Some changes hurt nothing, e.g. in what nobody reads; others are read and told.
    refused = sum(tally.counts["refused"] for tally in tallies.values())
    assert refused > COUNT / 2


# Tables of any cells

TABLES = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
STRANGE = (
    *(
        "",
        " ",
        "NA",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "-0.0",
        "0x10",
        "1_000",
        "１２",
        "五一",
    ),
    *(
        "\0",
        "\n",
        '"',
        ",",
        ";",
        "\t",
        "=1+1",
        "<b>",
        "true",
        "99999999999999999999",
        "a" * 999,
    ),
)
CELLS = st.one_of(
    st.sampled_from(STRANGE),
    st.text(max_size=5).filter(lambda text: text.isprintable()),
    st.floats().map(repr),
    st.integers().map(str),
)
LONS = st.one_of(st.floats(112, 114).map(repr), CELLS)
LATS = st.one_of(st.floats(27, 29).map(repr), CELLS)


def table(path, head, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    return path


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


@TABLES
@given(st.lists(st.tuples(LONS, LATS, CELLS), min_size=1, max_size=6))
def test_points_of_any_table_lie_where_their_cells_say_or_are_refused(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder, "p.csv"), ("lon", "lat", "name"), rows)
        try:
            points, source = read_points(path)
        except CtzgisError as error:
            assert "p.csv" in str(error)
            return
    found = points.to_crs(4326).get_coordinates().to_numpy()
    given_ = np.array([(number(lon), number(lat)) for lon, lat, _ in rows])
    report = source.report
    dropped = sum(
        change.count for change in report.changes if change.action == "dropped"
    )
    assert report.rows_kept == len(points) == report.rows_in - dropped
    for spot in found:
        assert np.isclose(given_, spot, atol=1e-7).all(axis=1).any()


@TABLES
@given(st.lists(st.tuples(LONS, LATS, CELLS), min_size=1, max_size=6))
def test_people_of_any_table_add_up_or_are_refused(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder, "p.csv"), ("lon", "lat", "population"), rows)
        try:
            people, _ = read_population(path)
        except CtzgisError as error:
            assert "p.csv" in str(error)
            return
    total = sum(number(cell) for *_, cell in rows)
    assert people["population"].sum() == pytest.approx(total)


@TABLES
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_values_of_any_table_are_those_of_its_cells_or_refused(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder, "v.csv"), ("target_id", "value"), rows)
        try:
            values, _ = read_values(path)
        except CtzgisError as error:
            assert "v.csv" in str(error)
            return
    assert sorted(v.value for v in values.values()) == sorted(
        number(cell) for _, cell in rows
    )


@TABLES
@given(
    st.lists(st.tuples(CELLS, LONS, LATS), min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), CELLS, CELLS), min_size=1),
)
def test_roads_of_any_two_tables_hold_together_or_are_refused(nodes, edges):
    names = [name for name, *_ in nodes]
    rows = [
        (names[a % len(names)], names[b % len(names)], kind, limit)
        for a, b, kind, limit in edges
    ]
    with tempfile.TemporaryDirectory() as folder:
        table(Path(folder, "nodes.csv"), ("id", "lon", "lat"), nodes)
        table(Path(folder, "edges.csv"), ("u", "v", "name", "limit_kph"), rows)
        try:
            network = read_network(folder).roads
        except CtzgisError as error:
            known = ("edges.csv", "nodes.csv", Path(folder).name)
            assert any(name in str(error) for name in known)
            return
    report = network.sources[0].report
    assert 0 < report.rows_kept <= report.rows_in
    assert np.isfinite(network.roads.length).all()
