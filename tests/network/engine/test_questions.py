"""What the engine refuses, what it leaves alone, and which way it answers."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from ctzgis.errors import InputError
from ctzgis.network import engine
from ctzgis.network.engine import batches, choice, chunks, compiled, graph, search


@pytest.fixture(scope="module")
def line():
    """Three vertices in a line: 4 min, then 2.5 min, one way."""
    return engine.search_graph(3, [0, 1], [1, 2], [4.0, 2.5])


@pytest.fixture(scope="module")
def grid():
    """30 × 30 vertices, a minute or two apart."""
    side = 30
    at = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.c_[at[:, :-1].ravel(), at[:, 1:].ravel()],
            np.c_[at[:-1].ravel(), at[1:].ravel()],
        ]
    )
    tail, head = np.concatenate([pairs, pairs[:, ::-1]]).T
    minutes = np.random.default_rng(0).integers(1, 3, len(tail)).astype(float)
    xy = np.stack(np.divmod(np.arange(side * side), side), axis=1)
    return engine.search_graph(side * side, tail, head, minutes, xy=xy)


def test_an_arc_is_rounded_to_the_nearest_tick():
    # 0.1 s and a third of it: 10 and 3.33 ticks.
    built = engine.search_graph(2, [0, 1], [1, 0], [1 / 600, 1 / 1800])
    assert built.ticks.tolist() == [10, 3]


def test_a_limit_is_rounded_as_arcs_are():
    minutes = 7.12345  # 42,740.7 ticks
    built = engine.search_graph(2, [0], [1], [minutes])
    assert len(engine.reach(built, 0, minutes)[0]) == 2


def test_what_takes_124_days_is_not_reached():
    half = graph.CEILING_TICKS / graph.TICKS_PER_MIN / 2
    built = engine.search_graph(4, [0, 1, 2], [1, 2, 3], [half, half - 0.001, 1.0])
    for asked in (built, engine.prepare(built)):
        found = engine.matrix(asked, [0] * 9, [1, 2, 3])
        assert np.isfinite(found[0]).tolist() == [True, True, False]


def test_an_arc_of_a_thousand_years_is_closed():
    built = engine.search_graph(2, [0], [1], [5e8])
    assert built.arcs == 0


def test_a_graph_without_vertices_answers():
    built = engine.search_graph(0, [], [], [])
    for asked in (built, engine.prepare(built)):
        assert engine.matrix(asked, [], []).shape == (0, 0)
        assert engine.sums_within(asked, [], [1], []).shape == (0, 1)
        assert engine.nearest(asked, [])[0].shape == (0,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"minutes": [-1.0, 1.0]}, "1 arcs have a negative or undefined time"),
        ({"minutes": [np.nan, 1.0]}, "1 arcs have a negative or undefined time"),
        ({"minutes": [1.0]}, "2 arcs need as many minutes"),
        ({"head": [1, 3]}, "arcs name 1 vertices that are not there; expected 0 to 2"),
        ({"tail": [-1, 0]}, "arcs name 1 vertices"),
        ({"tail": [0]}, "1 arcs have a tail but 2 a head"),
        ({"tail": [0.0, 1.0]}, "whole numbers"),
        ({"xy": np.zeros((2, 2))}, "expected \\(3, 2\\)"),
        ({"xy": np.full((3, 2), np.nan)}, "3 vertices have coordinates"),
    ],
)
def test_arcs_that_make_no_graph_are_refused(change, told):
    given = {"tail": [0, 1], "head": [1, 2], "minutes": [1.0, 1.0], **change}
    with pytest.raises(InputError, match=told):
        engine.search_graph(3, **given)


@pytest.mark.parametrize("limit", [-1.0, np.nan])
def test_a_limit_below_zero_or_undefined_is_refused(line, limit):
    with pytest.raises(InputError, match="reaches nothing"):
        engine.reach(line, 0, limit)
    with pytest.raises(InputError, match="reaches nothing"):
        engine.sums_within(line, [0], [limit], [1, 1, 1])


def test_a_vertex_that_is_not_there_is_refused(line):
    with pytest.raises(InputError, match="origins name 1 vertices"):
        engine.reach(line, -1, 1)
    with pytest.raises(InputError, match="facilities name 1 vertices"):
        engine.nearest(line, [3])
    with pytest.raises(InputError, match="destinations name 1 vertices"):
        engine.matrix(line, [0], [3])


@pytest.mark.parametrize(
    ("values", "told"), [([1, 2], "3 vertices need"), ([1, np.nan, 2], "not finite")]
)
def test_values_that_do_not_fit_are_refused(line, values, told):
    with pytest.raises(InputError, match=told):
        engine.sums_within(line, [0], [1], values)


def test_an_engine_that_is_not_known_is_refused(line, monkeypatch):
    monkeypatch.setenv("CTZGIS_ENGINE", "magic")
    with pytest.raises(InputError, match="'magic'"):
        engine.reach(line, 0, 1)


def test_no_thread_is_refused(grid):
    with pytest.raises(InputError, match="0 threads"):
        engine.matrix(engine.prepare(grid), range(9), range(9), threads=0)


def test_other_times_leave_the_first_ones_alone(line):
    first = engine.prepare(line)
    other = first.reweighted([np.inf, 1.0])
    assert np.isinf(engine.matrix(other, [0] * 9, [2])).all()
    assert engine.matrix(first, [0] * 9, [2]).tolist() == [[6.5]] * 9


def test_other_times_for_fewer_arcs_are_refused(line):
    with pytest.raises(InputError, match="2 arcs need as many"):
        engine.prepare(line).reweighted([1.0])


def test_a_small_memory_budget_changes_no_answer(grid, monkeypatch):
    everywhere = np.arange(grid.count)
    prepared = engine.prepare(grid)
    values = np.arange(grid.count)
    wide = engine.sums_within(prepared, everywhere, [3, 9], values, threads=2)
    monkeypatch.setattr(chunks, "BUDGET_BYTES", 1)
    monkeypatch.setattr(batches, "_CHUNK_VERTICES", 1)
    narrow = engine.sums_within(prepared, everywhere, [3, 9], values, threads=2)
    assert np.array_equal(wide, narrow)


def test_sums_of_fractions_do_not_depend_on_threads(grid):
    prepared, everywhere = engine.prepare(grid), np.arange(grid.count)
    values = np.random.default_rng(1).random(grid.count)
    one, two = (
        engine.sums_within(prepared, everywhere, [3, 9], values, threads=threads)
        for threads in (1, 2)
    )
    assert np.array_equal(one, two)


def test_a_question_worth_it_is_answered_by_preparing(grid, monkeypatch):
    monkeypatch.setattr(choice, "_SCIPY_VERTICES", 0)
    monkeypatch.setattr(choice, "_VERTICES_A_COMPILATION", 0)
    made = []
    monkeypatch.setattr(
        choice, "prepare", lambda g, **_: made.append(g) or engine.prepare(g)
    )
    everywhere, values = np.arange(grid.count), np.arange(grid.count)
    found = engine.sums_within(grid, everywhere, [120], values)
    engine.sums_within(grid, everywhere[:50], [120], values)
    assert made == [grid]
    assert (found == values.sum()).all()


def test_the_environment_can_ask_for_searches_alone(grid, monkeypatch):
    prepared = engine.prepare(grid)
    monkeypatch.setenv("CTZGIS_ENGINE", "search")
    for name in ("sums_by_batches", "minutes_by_batches", "prepare", "ticks_from"):
        monkeypatch.delattr(choice, name)
    everywhere = np.arange(grid.count)
    assert engine.sums_within(prepared, everywhere, [60], everywhere).shape == (900, 1)
    assert engine.matrix(prepared, everywhere, [5]).shape == (900, 1)


def test_small_questions_load_no_compiler():
    code = (
        "import sys, ctzgis\n"
        "from ctzgis.network import engine\n"
        "g = engine.search_graph(3, [0, 1], [1, 2], [4.0, 2.5])\n"
        "engine.reach(g, 0, 9); engine.nearest(g, [0]); engine.matrix(g, [0], [1])\n"
        "engine.sums_within(g, [0], [5], [1, 1, 1])\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_interrupt_stops_within_a_second():
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    done = []

    def work(first, _):
        time.sleep(0.05)
        done.append(first)

    began = time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        chunks.in_chunks(work, 1000, 1, 2)
    assert time.perf_counter() - began < 1.3
    assert len(done) < 100


def test_a_fault_in_a_chunk_is_told():
    def work(first, _):
        if first == 3:
            msg = "three"
            raise InputError(msg)

    with pytest.raises(InputError, match="three"):
        chunks.in_chunks(work, 9, 1, 2)


def test_waiting_for_the_compiler_is_told(monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH_TELLING_S", 0.05)
    told = []
    with compiled.told(told.append, lambda: None):
        time.sleep(0.3)
    assert told == ["compiling the network engine, once on this machine"]


def test_nothing_is_told_once_a_kernel_is_there(grid, monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH_TELLING_S", 0.0)
    monkeypatch.setenv("CTZGIS_ENGINE", "search")
    engine.reach(grid, 0, 1)
    told = []
    with compiled.told(told.append, search.reach_from):
        time.sleep(0.1)
    assert told == []


def test_inputs_are_left_as_they_were(grid):
    origins, values = np.arange(40)[::-1].copy(), np.arange(grid.count)
    before = origins.copy(), values.copy()
    engine.sums_within(engine.prepare(grid), origins, [9, 3], values)
    assert np.array_equal(origins, before[0])
    assert np.array_equal(values, before[1])
