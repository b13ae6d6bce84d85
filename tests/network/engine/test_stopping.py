"""Ctrl-C stops long work, which tells how far it is."""

import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from ctzgis import progress
from ctzgis.network import engine
from ctzgis.network.engine import chunks, hierarchy, ordering, search, singles, stopping

# What a child does: questions that take seconds, of which each is told when it begins
# and when an interrupt has ended it, and asked again in small afterwards.
CHILD = """
import os, sys, threading, time
import numpy as np
from ctzgis.network import engine
from ctzgis.network.engine import prepare, search_graph

def grid(side):
    at = np.arange(side * side).reshape(side, side)
    right, down = (at[:, :-1], at[:, 1:]), (at[:-1], at[1:])
    tail, head = (np.r_[right[k].ravel(), down[k].ravel()] for k in (0, 1))
    minutes = np.random.default_rng(0).integers(1, 9, 2 * len(tail)).astype(float)
    return search_graph(side * side, np.r_[tail, head], np.r_[head, tail], minutes)

def ladder(count):
    # From each vertex to all later ones, so that every arc beats the ones before it.
    tail, head = np.triu_indices(count, 1)
    far = head - tail
    return search_graph(count, tail, head, np.where(far == 1, 1.0, 2.0 * far))

def sums(origins):
    town = prepared[0]
    return engine.sums_within(town, origins, [1e4], values)

def matrix(ends):
    return engine.matrix(small, ends, ends)

def nearest(graph):
    return np.stack(engine.nearest(graph, [0]))

def skeleton(graph):
    return prepare(graph).skeleton.above

small = grid(150)
few, values = np.arange(0, small.count, 400), np.arange(small.count)
prepared = [prepare(small)] if sys.argv[1] == "sums" else []
asked = {
    "prepare": (skeleton, lambda: grid(400), grid(60)),
    "sums": (sums, lambda: np.tile(np.arange(small.count), 40), few),
    "matrix": (matrix, lambda: np.arange(0, small.count, 5), few),
    "nearest": (nearest, lambda: ladder(3500), ladder(50)),
}[sys.argv[1]]
os.environ["CTZGIS_ENGINE"] = "" if sys.argv[1] == "sums" else "search"
question, large, little = asked
before, much = question(little), large()
print("begins", flush=True)
try:
    question(much)
except KeyboardInterrupt:
    ended, threads = time.perf_counter(), threading.active_count()
    same = np.array_equal(question(little), before)
    print(f"{ended} {threads} {same}", flush=True)
    raise
"""

SHARE = re.compile(r"^(.+): (\d+) %")


def interrupted(question):
    """Ask a child, interrupt it, and return seconds it took, its threads, and more."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, question],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline() == "begins\n", child.stderr.read()
        time.sleep(0.3)
        sent = time.perf_counter()
        child.send_signal(signal.SIGINT)
        told, errors = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    assert told, f"it had ended before: {errors}"
    ended, threads, same = told.split()
    return float(ended) - sent, int(threads), same == "True", child.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="sends no SIGINT to a child")
@pytest.mark.parametrize("question", ["prepare", "sums", "matrix", "nearest"])
def test_an_interrupt_ends_a_question_and_spoils_nothing(question):
    took_s, threads, same, code = interrupted(question)
    assert took_s < 2  # a second, on a machine that does other things too
    assert threads == 1
    assert same
    assert code in (-signal.SIGINT, 130)


@pytest.fixture(scope="module")
def line():
    """A thousand vertices in a row, a minute apart."""
    at = np.arange(999)
    return engine.search_graph(1000, at, at + 1, np.ones(999))


def test_a_kernel_told_to_stop_leaves_off(line):
    unreached = np.iinfo(np.int64).max
    best = np.full(1000, unreached)
    rows, room = line.forward, (np.empty(1001, np.int64), np.empty(1001, np.int32))
    given = (rows.start, rows.head, rows.ticks, line.inner[[0]], 10**7, best, *room)
    search.nearest_of(*given, np.array([1, 0]))
    assert (best == unreached).sum() == 999  # the facility itself is there


def test_a_kernel_writes_how_much_it_has_done(line):
    state = np.zeros(2, dtype=np.int64)
    start = np.arange(1001, dtype=np.int32)
    ordering.eliminate(np.zeros_like(start), start[:0], state)  # nobody is joined
    assert state.tolist() == [0, 999]


def test_an_error_in_telling_stops_the_kernel(monkeypatch):
    monkeypatch.setattr(stopping, "LOOK_UP_S", 0.01)
    state = []

    def kernel(given):
        state.append(given)
        while not given[stopping.STOP]:
            time.sleep(0.001)

    def tell(_):
        msg = "full"
        raise OSError(msg)

    with pytest.raises(OSError, match="full"):
        stopping.stoppable(kernel, tell=tell)
    assert state[0][stopping.STOP] == 1
    assert not any("Pool" in one.name for one in threading.enumerate())


def test_a_fault_in_a_kernel_is_told():
    def kernel(_):
        msg = "three"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="three"):
        stopping.stoppable(kernel, tell=lambda _: None)


@pytest.fixture
def at_once(monkeypatch):
    """Tell everything, however short it takes."""
    monkeypatch.setattr(progress, "_WORTH_TELLING_S", 0.0)
    monkeypatch.setattr(progress, "_BETWEEN_S", 0.0)
    monkeypatch.setattr(stopping, "LOOK_UP_S", 0.001)


def shares(told, title):
    """Return the shares of lines under a title, which is the only one."""
    *lines, last = told
    assert re.fullmatch(rf"{title}: done in \d+ s", last)
    found = [SHARE.match(one) for one in lines]
    assert {one[1] for one in found} == {title}
    return [int(one[2]) for one in found]


@pytest.fixture
def mesh():
    """Vertices joined at random: none can be left out without many shortcuts."""
    ends = np.random.default_rng(0).integers(0, 2500, (2, 5000))
    graph = engine.search_graph(2500, *ends, np.ones(5000))
    engine.prepare(graph)  # now kernels are compiled, which else would be told too
    return graph


def test_preparing_tells_shares_that_rise(mesh, at_once):
    told = []
    engine.prepare(mesh, progress=told.append)
    found = shares(told, "preparing the network")
    assert found == sorted(found)
    assert found[0] < 30
    assert 60 < found[-1] < 100


def test_new_times_tell_shares_that_rise(mesh, at_once):
    prepared, told = engine.prepare(mesh), []
    prepared.reweighted(np.ones(5000), progress=told.append)
    found = shares(told, "entering new times")
    assert found == sorted(found)
    assert found[0] < 50


@pytest.mark.parametrize("threads", [1, 2])
def test_chunks_tell_the_share_that_is_done(at_once, threads, monkeypatch):
    monkeypatch.setattr(chunks, "LOOK_UP_S", 0.001)
    told = []
    chunks.in_chunks(
        lambda *_: time.sleep(0.02), 10, 1, threads, title="ten", progress=told.append
    )
    found = shares(told, "ten")
    assert found == sorted(found)
    assert set(found) > {10 * k for k in (0, 2, 4, 6, 8)}


def test_a_single_thread_is_another_too():
    # In the main one a kernel that returns arrays would turn Ctrl-C into a SystemError.
    found = []
    chunks.in_chunks(lambda *_: found.append(threading.current_thread()), 2, 1, 1)
    assert threading.main_thread() not in found
    assert len(set(found)) == 1


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("question", ["sums within reach", "matrix"])
def test_questions_tell_what_they_are(line, question, prepared, at_once, monkeypatch):
    monkeypatch.setenv("CTZGIS_ENGINE", "" if prepared else "search")
    monkeypatch.setattr(singles, "_CHUNK_VERTICES", 1)
    graph, told = engine.prepare(line) if prepared else line, []
    origins = np.arange(500)
    if question == "matrix":
        engine.matrix(graph, origins, origins, progress=told.append)
    else:
        engine.sums_within(graph, origins, [5], np.ones(1000), progress=told.append)
    assert shares(told, question)


def test_nothing_is_told_of_short_work(mesh):
    told = []
    prepared = engine.prepare(mesh, progress=told.append)
    everywhere = np.arange(2500)
    engine.sums_within(prepared, everywhere, [9], everywhere, progress=told.append)
    assert told == []


@pytest.mark.parametrize("count", [1, 2, 3, 10_000])
def test_the_share_eliminated_rises_from_nothing_to_all(count):
    found = [hierarchy._eliminated(done, count) for done in range(count)]
    assert found == sorted(found)
    assert found[0] == 0
    assert max(found) <= 1
    if (
        count == 10_000
    ):  # what is left by then, as many as the root of all, goes at once
        assert found[9900] == pytest.approx(1)
