"""Share out inputs among processes, and see which of them die, hang or err."""

from __future__ import annotations

import multiprocessing as mp
import shutil
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.formats import FORMATS
from tests.fuzz.seeds import write_seeds
from tests.fuzz.worker import Result, Task, break_file, work

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_READ_S = 10.0
_MAX_START_S = 180.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the inputs of one format."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    slowest_s: float = 0.0
    faults: list[str] = field(default_factory=list)
    noise: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class _Worker:
    process: Any
    connection: Any
    folder: Path
    task: Task | None = None
    deadline: float = 0.0


def run(
    *, count: int, seed: int, processes: int, keep: Path, only: str = ""
) -> dict[str, Tally]:
    """
    Read broken files of every format in turn.

    Parameters
    ----------
    count
        How many inputs in all.
    seed
        Which inputs: the same number makes the same ones.
    processes
        How many at once.
    keep
        Folder for the inputs that something is wrong with.
    only
        Part of the names of formats to read.
    """
    tallies = {f.name: Tally() for f in FORMATS if only in f.name}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        tasks = _tasks(base / "seeds", count=count, seed=seed, only=only)
        workers = [_started(base / f"worker{n}") for n in range(processes)]
        done = 0
        while any(worker.task or worker.deadline for worker in workers):
            _wait(workers)
            for worker in workers:
                done += _attend(worker, tasks, tallies, keep)
        for worker in workers:
            worker.process.join(timeout=10)
    return tallies


def _tasks(base: Path, *, count: int, seed: int, only: str) -> Iterator[Task]:
    made = write_seeds(base)
    formats = [f for f in FORMATS if only in f.name]
    for number in range(count):
        kind = formats[number % len(formats)]
        yield Task(
            format=kind,
            seeds=tuple(made[kind.name]),
            number=number // len(formats),
            seed=seed,
        )


def _started(folder: Path) -> _Worker:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, folder, deadline=time.monotonic() + _MAX_START_S)


def _wait(workers: list[_Worker]) -> None:
    first = min(worker.deadline for worker in workers if worker.deadline)
    connections = [worker.connection for worker in workers if worker.deadline]
    wait(connections, timeout=max(0.0, first - time.monotonic()) + 0.01)


def _attend(
    worker: _Worker, tasks: Iterator[Task], tallies: dict[str, Tally], keep: Path
) -> int:
    """Hear what a worker says, or see that it says nothing any more."""
    if not worker.deadline:
        return 0
    if worker.connection.poll():
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            fault = f"died with {worker.process.exitcode}: {_last_words(worker)}"
            return _lost(
                worker, tasks, tallies, keep, Result(outcome="crashed", how=fault)
            )
        if said == "start":
            worker.deadline = time.monotonic() + MAX_READ_S
            return 0
        if worker.task is not None:
            _count(worker.task, said, tallies, keep)
        _next(worker, tasks)
        return isinstance(said, Result)
    if time.monotonic() > worker.deadline:
        worker.process.kill()
        worker.process.join()
        fault = f"read for more than {MAX_READ_S:.0f} s"
        return _lost(worker, tasks, tallies, keep, Result(outcome="hung", how=fault))
    return 0


def _last_words(worker: _Worker) -> str:
    text = (worker.folder / "stderr").read_text("utf-8", "replace").strip()
    return text[-300:]


def _lost(
    worker: _Worker, tasks: Iterator[Task], tallies: dict[str, Tally], keep: Path,
    result: Result,
) -> int:  # fmt: skip
    if worker.task is None:
        msg = f"a process ended before it read anything: {result.how}"
        raise RuntimeError(msg)
    _count(worker.task, result, tallies, keep)
    fresh = _started(worker.folder)
    worker.process, worker.connection = fresh.process, fresh.connection
    worker.deadline, worker.task = fresh.deadline, None
    return 1


def _next(worker: _Worker, tasks: Iterator[Task]) -> None:
    worker.task = next(tasks, None)
    worker.connection.send(worker.task)
    worker.deadline = time.monotonic() + _MAX_START_S if worker.task else 0.0


def _count(task: Task, result: Result, tallies: dict[str, Tally], keep: Path) -> None:
    tally = tallies[task.format.name]
    tally.counts[result.outcome] += 1
    tally.slowest_s = max(tally.slowest_s, result.took_s)
    if result.noise:
        tally.noise[result.noise.splitlines()[0][:120]] += 1
    if result.outcome in ("wrong", "crashed", "hung"):
        folder = keep / f"{task.format.name}_{task.seed}_{task.number}".replace(
            " ", "_"
        )
        how = break_file(task, folder)
        fault = f"{folder.name}: {how}: {result.outcome}: {result.said or result.how}"
        tally.faults.append(fault)


def table(tallies: dict[str, Tally]) -> str:
    """One line per format."""
    heads = ("inputs", "same", "other", "refused", "wrong", "crashed", "hung")
    rows = [f"{'format':<24}" + "".join(f"{head:>9}" for head in heads) + "  slowest"]
    for name, tally in tallies.items():
        counts = [sum(tally.counts.values()), *(tally.counts[h] for h in heads[1:])]
        cells = "".join(f"{count:>9,}" for count in counts)
        rows.append(f"{name:<24}{cells}{tally.slowest_s:>7.2f} s")
    sums = [sum(sum(t.counts.values()) for t in tallies.values())]
    sums += [sum(t.counts[h] for t in tallies.values()) for h in heads[1:]]
    slowest = max((t.slowest_s for t in tallies.values()), default=0.0)
    cells = "".join(f"{count:>9,}" for count in sums)
    return "\n".join([*rows, f"{'all':<24}{cells}{slowest:>7.2f} s"])
