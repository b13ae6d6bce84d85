"""Measure work of several engines that take turns, and tell how sure that is (计时)."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NOT_RUN", "Job", "Row", "machine", "merge", "shown", "take_turns"]

NOT_RUN: Final = "its aggregate was not run"
"""What is said where pandana's slower function stands in for its sums."""

_SHORT_S: Final = 0.05
_PACKAGES: Final = ("numpy", "scipy", "numba", "pandana", "osmnx", "networkx", "pandas")


@dataclass(slots=True)
class Job:
    """
    One engine's way to do the work of a row.

    Attributes
    ----------
    engine
        Who does it, and how.
    run
        Does it, or a part of it.
    whole_by_part
        How many such parts the work has; above 1, seconds are extrapolated. Below 1 the
        work is done several times over, and the mean is told.
    rounds
        How often it is done at most.
    added_s
        Seconds measured elsewhere that belong to the work: preparation, say.
    note
        What else a reader must know.
    """

    engine: str
    run: Callable[[], Any]
    whole_by_part: float = 1.0
    rounds: int = 99
    added_s: float = 0.0
    note: str = ""
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Median of the work, extrapolated to the whole."""
        return statistics.median(self.wall_s) * self.whole_by_part + self.added_s

    @property
    def range_s(self) -> tuple[float, float]:
        """Least and most."""
        low, high = min(self.wall_s), max(self.wall_s)
        by = self.whole_by_part
        return low * by + self.added_s, high * by + self.added_s

    def turn(self) -> None:
        """Do it once; what is over at once is done several times."""
        again = 5 if self.wall_s and self.wall_s[0] < _SHORT_S else 1
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(again):
            self.run()
        self.wall_s.append((time.perf_counter() - wall) / again)
        self.cpu_s.append((time.process_time() - cpu) / again)


@dataclass(slots=True)
class Row:
    """A row of the comparison: the same work by several engines, ours first."""

    name: str
    size: str
    work: str
    jobs: list[Job]
    checks: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Return the row as text, for a terminal."""
        lines = [f"\n{self.size} · {self.name}: {self.work}"]
        ours = self.jobs[0].seconds if self.jobs else 0.0
        for job in self.jobs:
            low, high = job.range_s
            lines.append(
                f"  {job.engine:<36}{'*' if job.whole_by_part > 1 else ' '}"
                f"{shown(job.seconds):>10} ({shown(low)} to {shown(high)},"
                f" {len(job.wall_s)} x){job.seconds / ours:>10.1f} x"
                + (f"  [{job.note}]" if job.note else "")
            )
        return "\n".join([*lines, *(f"  {check}" for check in self.checks)])

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {
            "name": self.name,
            "size": self.size,
            "work": self.work,
            "checks": self.checks,
            "jobs": [
                {
                    "engine": job.engine,
                    "seconds": job.seconds,
                    "range_s": job.range_s,
                    "cpu_s": statistics.median(job.cpu_s) * job.whole_by_part,
                    "rounds": len(job.wall_s),
                    "extrapolated": job.whole_by_part > 1,
                    "note": job.note,
                }
                for job in self.jobs
            ],
        }


def take_turns(jobs: Sequence[Job], *, rounds: int) -> None:
    """Let the jobs take turns for some rounds."""
    for k in range(rounds):
        for job in jobs:
            if k < job.rounds:
                job.turn()


def merge(path: "Path", rows: list[dict[str, Any]]) -> None:
    """Add rows to the file; those measured again replace the old ones."""
    old = json.loads(path.read_text("utf-8")) if path.exists() else []
    new = {(row["size"], row["name"]) for row in rows}
    stay = [row for row in old if (row["size"], row["name"]) not in new]
    path.write_text(json.dumps([*stay, *rows], indent=1, ensure_ascii=False), "utf-8")


def machine() -> str:
    """Tell where this runs, and how busy it is."""
    told = ", ".join(
        f"{name} {found}" for name in _PACKAGES if (found := _version(name))
    )
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} CPUs ({_processor()}), load {load};"
        f" Python {platform.python_version()}, {told}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """Return the processor's name, where the system says it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
            names = [
                line.split(":")[1].strip() for line in lines if "model name" in line
            ]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


def shown(seconds: float) -> str:
    """Write seconds with three digits."""
    if seconds >= 100:
        return f"{seconds:,.0f} s"
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{1000 * seconds:.3g} ms"
