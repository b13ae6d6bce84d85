"""
What a new process pays: compiling or loading the kernels, and memory (新进程).

Run as a script it does one thing after another on a network and prints seconds and MB
as JSON; ``row_first`` and ``row_memory`` start it in processes of their own.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from networks import town_network
from timing import Job, Row

__all__ = ["row_first", "row_memory"]

_KB_PER_MB: Final = 1024
_SIDE: Final = 200


def row_first(size: str) -> Row:
    """Compile all kernels in a process, and load them in three later ones."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(size, folder) for _ in range(4)]
    jobs = []
    for step in runs[0]["seconds"]:
        later = [run["seconds"][step] for run in runs[1:]]
        first = runs[0]["seconds"][step]
        jobs += [
            Job(f"{step}, first ever", _nothing, wall_s=[first], cpu_s=[first]),
            Job(f"{step}, later process", _nothing, wall_s=later, cpu_s=later),
        ]
    total = [sum(run["seconds"].values()) for run in runs]
    checks = [f"together {total[0]:.1f} s first, then {np.median(total[1:]):.2f} s"]
    return Row("first", size, "first call in a new process", jobs, checks)


def row_memory(size: str) -> Row:
    """Sum up from every junction, in a process of its own."""
    runs = [_run(size, "") for _ in range(2)]
    jobs = [
        Job(f"ctzgis, {step}", _nothing, wall_s=[r["seconds"][step] for r in runs],
            cpu_s=[0.0])
        for step in runs[0]["seconds"]
    ]  # fmt: skip
    checks = [f"{name}: {mb:,.0f} MB" for name, mb in runs[-1]["peak_mb"].items()]
    return Row("memory", size, "peak memory of a process, step by step", jobs, checks)


def _nothing() -> None:
    """Stand in where figures come from another process."""


def _run(size: str, cache: str) -> dict[str, Any]:
    """Return what a new process measured."""
    environment = dict(os.environ)
    if cache:
        environment["NUMBA_CACHE_DIR"] = cache
    done = subprocess.run(
        [sys.executable, __file__, size],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(size: str) -> None:
    """Go through the steps and print what each took."""
    network = town_network(size)
    seconds: dict[str, float] = {}
    peak: dict[str, float] = {"arrays of the network": _peak_mb()}
    clock = time.perf_counter()

    def step(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        seconds[name], peak[name] = now - clock, _peak_mb()
        clock = now

    from ctzgis.network import engine  # noqa: PLC0415 - its time is measured

    step("import")
    graph = engine.search_graph(
        network.count, network.tail, network.head, network.minutes, xy=network.xy
    )
    step("search_graph")
    # Left alone, a question as small as these would be put to SciPy.
    os.environ["CTZGIS_ENGINE"] = "search"
    engine.reach(graph, 0, 30)
    step("reach")
    some, values = network.scattered(_SIDE), network.opportunities
    engine.sums_within(graph, some, (10, 20, 30), values)
    step("sums_within, searching")
    engine.nearest(graph, some)
    step("nearest")
    del os.environ["CTZGIS_ENGINE"]
    hierarchy = engine.prepare(graph)
    step("prepare")
    engine.matrix(hierarchy, some, some)
    step("matrix")
    engine.sums_within(hierarchy, np.arange(network.count), (10, 20, 30), values)
    step("sums_within, every junction")
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def _peak_mb() -> float:
    """Return the most memory this process had so far; NaN where it is not Linux."""
    # getrusage would tell the parent's peak if that was higher.
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))
    return int(found[1]) / _KB_PER_MB if found else float("nan")


if __name__ == "__main__":
    main(sys.argv[1])
