"""A network in the hands of each engine (对比用例)."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from networks import TICKS_PER_MIN, Floats, Ints, TownNetwork
from peers import Pandana, scipy_rows, scipy_sums
from timing import Job, Row, take_turns

from ctzgis.network import engine

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CUTOFFS", "CUTOFFS_MIN", "Case"]

CUTOFFS_MIN: Final = (10, 20, 30)
CUTOFFS: Final = tuple(c * TICKS_PER_MIN for c in CUTOFFS_MIN)


@dataclass
class Case:
    """A network, with what each engine makes of it, made when it is asked for."""

    name: str
    network: TownNetwork
    rounds: int
    part: int
    prepares: bool
    brief: bool

    @property
    def arcs(self) -> tuple[int, Ints, Ints, Floats]:
        """What our engine takes."""
        network = self.network
        return network.count, network.tail, network.head, network.minutes

    @property
    def everywhere(self) -> Ints:
        """Every junction."""
        return np.arange(self.network.count)

    def build(self) -> Any:
        """Build our graph."""
        return engine.search_graph(*self.arcs, xy=self.network.xy)

    @cached_property
    def graph(self) -> Any:
        """Our graph, for searching."""
        return self.build()

    @cached_property
    def hierarchy(self) -> Any:
        """Our graph, prepared."""
        return engine.prepare(self.graph)

    @property
    def best(self) -> Any:
        """What answers many questions soonest, of what is measured."""
        return self.hierarchy if self.prepares else self.graph

    @cached_property
    def matrix(self) -> Any:
        """What SciPy takes."""
        return self.network.matrix()

    @cached_property
    def pandana(self) -> Pandana:
        """What pandana makes of it."""
        return Pandana(self.network)

    def warm(self) -> None:
        """Build, prepare and compile what is measured, so that no turn pays for it."""
        some = self.network.scattered(200, seed=1)
        # Left alone, small questions are put to SciPy until a kernel was called.
        os.environ["CTZGIS_ENGINE"] = "search"
        engine.reach(self.graph, 0, 1)
        engine.nearest(self.graph, some, limit_min=1)
        self.ours(self.graph, some)
        engine.matrix(self.graph, some, some, limit_min=1)
        del os.environ["CTZGIS_ENGINE"]
        self.ours(self.best, some)
        engine.matrix(self.best, some, some)
        scipy_rows(self.matrix, some[:1])

    def ours(self, prepared: Any, origins: Ints) -> Floats:
        """Sum up opportunities within the cutoffs."""
        values = self.network.opportunities
        return engine.sums_within(prepared, origins, CUTOFFS_MIN, values)

    def prepared_jobs(self, question: "Callable[[Any], Any]") -> list[Job]:
        """Return the question to a prepared network, and with preparation counted."""
        if not self.prepares:
            return []
        hierarchy = self.hierarchy
        return [
            Job("ctzgis, prepared", lambda: question(hierarchy)),
            Job(
                "ctzgis, with preparation",
                lambda: question(engine.prepare(self.build())),
            ),
        ]

    def by_scipy(self, origins: Ints) -> Floats:
        """Sum up opportunities within the cutoffs."""
        return scipy_sums(self.matrix, origins, CUTOFFS, self.network.opportunities)

    def row(self, name: str, work: str, jobs: list[Job]) -> Row:
        """Let the jobs take turns."""
        take_turns(jobs, rounds=self.rounds)
        return Row(name, self.name, work, jobs)
