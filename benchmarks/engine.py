"""
The network engine beside pandana, SciPy and OSMnx: same arcs, same weights, same work.

Engines take turns, and medians count. What takes a peer too long is measured on a part
and multiplied, which is marked ``*``. Answers are compared in hundredths of a second.
Needs the extra ``bench``::

    python benchmarks/engine.py --size 20k
    python benchmarks/engine.py --size 200k --rows every,od --json figures.json
    CTZGIS_REAL_DATA=… python benchmarks/engine.py --size wuhan

Sizes are 20k, 200k, 1m, and wuhan and changsha where ``CTZGIS_REAL_DATA`` is set.
Rows: one, scattered, every, od, od-large, nearest, prepare, reload, first, memory.
"""

import argparse
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from apart import apart
from case import CUTOFFS, Case
from fresh import row_first, row_memory
from networks import SIZES, TICKS_PER_MIN, Floats, Ints, town_network
from peers import Pandana, osmnx_graph, scipy_nearest, scipy_rows
from real import REAL, real_network
from reload import row_reload
from timing import NOT_RUN, Job, Row, machine, merge

from ctzgis.network import engine

if TYPE_CHECKING:
    from collections.abc import Callable

# From so many junctions on, what takes pandana long is done once; OSMnx needs seconds.
_LARGE: Final = 50_000
# And here not at all.
_TOO_LARGE: Final = 500_000


def searching(run: "Callable[[], Any]") -> "Callable[[], Any]":
    """Return a question that is answered by searches, though it may pay to prepare."""

    def by_searches() -> Any:
        os.environ["CTZGIS_ENGINE"] = "search"
        try:
            return run()
        finally:
            del os.environ["CTZGIS_ENGINE"]

    return by_searches


def row_one(case: Case) -> Row:
    """Search from one origin within half an hour."""
    origins = case.network.scattered(5, seed=5)
    limit, pandana = CUTOFFS[-1], case.pandana

    def each(
        search: "Callable[[int], Any]", chosen: Ints = origins
    ) -> "Callable[[], Any]":
        return lambda: [search(int(origin)) for origin in chosen]

    jobs = [
        Job("ctzgis, reach", each(lambda o: engine.reach(case.graph, o, 30)), 1 / 5),
        Job("SciPy, dijkstra(limit)",
            each(lambda o: scipy_rows(case.matrix, o, limit=limit)), 1 / 5),
        Job("pandana, nodes_in_range", each(lambda o: pandana.reach(o, limit)), 1 / 5),
    ]  # fmt: skip
    if case.network.count < _TOO_LARGE:
        import networkx as nx  # noqa: PLC0415

        graph = osmnx_graph(case.network)

        def ego(origin: int) -> Any:
            return nx.ego_graph(graph, origin, radius=limit, distance="ticks")

        jobs.append(Job("OSMnx's recipe, ego_graph", each(ego, origins[:2]), 1 / 2, 3))
    row = case.row("one", "junctions within 30 min of one origin, mean of 5", jobs)
    apart_ticks = 0
    for origin in origins.tolist():
        vertices, minutes = engine.reach(case.graph, origin, 30)
        ticks = np.full(case.network.count, np.inf)
        ticks[vertices] = np.rint(minutes * TICKS_PER_MIN)
        wanted = scipy_rows(case.matrix, origin, limit=limit)[0]
        apart_ticks = max(apart_ticks, apart(ticks, wanted).most)
    row.checks.append(f"largest difference to SciPy {apart_ticks} ticks")
    return row


def row_scattered(case: Case) -> Row:
    """Sum up from a thousand origins."""
    origins = case.network.scattered(1000)
    some = origins[:: 1000 // case.part][: case.part]
    pandana = case.pandana
    by_part = len(origins) / len(some)
    jobs = [
        *case.prepared_jobs(lambda prepared: case.ours(prepared, origins)),
        Job("ctzgis, searching", searching(lambda: case.ours(case.graph, origins))),
        Job("SciPy, dijkstra(limit)", lambda: case.by_scipy(some), by_part, 3),
        Job(
            "pandana, nodes_in_range",
            lambda: pandana.sums(some, CUTOFFS),
            by_part,
            3,
        ),
    ]
    row = case.row(
        "scattered", "opportunities within 10, 20, 30 min of 1,000 origins", jobs
    )
    found = case.ours(case.best, origins)
    at = np.searchsorted(origins, some)
    row.checks += [
        apart(found, searching(lambda: case.ours(case.graph, origins))()).told(
            "searching, all 1,000"
        ),
        apart(found[at], case.by_scipy(some)).told(f"SciPy, {len(some)}"),
    ]
    return row


def row_every(case: Case) -> Row:
    """Sum up from every junction."""
    count, everywhere = case.network.count, case.everywhere
    some = case.network.scattered(case.part, seed=3)
    by_part = count / len(some)
    # Fewer would not keep all processors busy.
    more = case.network.scattered(1000, seed=4)
    jobs = [
        *case.prepared_jobs(lambda prepared: case.ours(prepared, everywhere)),
        Job("ctzgis, searching", searching(lambda: case.ours(case.graph, more)),
            count / 1000),
        Job("SciPy, dijkstra(limit)", lambda: case.by_scipy(some), by_part, 3),
    ]  # fmt: skip
    found: list[Floats] = []
    pandana = case.pandana
    if count < (_LARGE if case.brief else _TOO_LARGE):
        rounds = 1 if count > _LARGE else 3
        jobs += [
            Job("pandana, aggregate",
                lambda: found.append(pandana.sums_everywhere(CUTOFFS)), rounds=rounds),
        ]  # fmt: skip
    else:
        jobs.append(
            Job("pandana, nodes_in_range", lambda: pandana.sums(some, CUTOFFS), by_part,
                2, note=NOT_RUN),
        )  # fmt: skip
    row = case.row(
        "every", f"opportunities within 10, 20, 30 min of all {count:,} junctions", jobs
    )
    asked = everywhere if case.prepares else more
    sums = case.ours(case.best, asked)
    if found:
        row.jobs.append(_with_preparation(row.jobs[-1], pandana.build_s))
        told = f"pandana, {len(asked):,} junctions"
        row.checks.append(apart(sums, found[0][asked]).told(told))
    row.checks += [
        apart(case.ours(case.best, some), case.by_scipy(some)).told(
            f"SciPy, {len(some)} junctions"
        ),
        apart(
            case.ours(case.best, more), searching(lambda: case.ours(case.graph, more))()
        ).told("searching, 1,000 junctions"),
    ]
    return row


def _with_preparation(job: Job, seconds: float) -> Job:
    """Return a job's figures with the seconds of its preparation added."""
    return Job(
        "pandana, with preparation", job.run, added_s=seconds, wall_s=job.wall_s,
        cpu_s=job.cpu_s, note=f"its {seconds:.2f} s of preparation were measured once",
    )  # fmt: skip


def row_od(case: Case, side: int) -> Row:
    """Fill a matrix from origins to destinations."""
    side = min(side, case.network.count // 2)
    origins = case.network.scattered(side, seed=21)
    destinations = case.network.scattered(side, seed=22)
    some = origins[:: max(side // 20, 1)][:20]
    more = origins[:: max(side // 50, 1)][:50]
    by_part, pandana = side / len(some), case.pandana

    def ours(prepared: Any) -> Floats:
        return engine.matrix(prepared, origins, destinations)

    jobs = [
        *case.prepared_jobs(ours),
        Job("ctzgis, searching", searching(lambda: engine.matrix(case.graph, more, destinations)),
            side / len(more), 2),
        Job("SciPy, dijkstra",
            lambda: scipy_rows(case.matrix, some)[:, destinations], by_part, 2),
        Job("pandana, shortest_path_lengths",
            lambda: pandana.matrix(some, destinations), by_part, 3),
    ]  # fmt: skip
    row = case.row(f"od-{side}", f"minutes between {side:,} x {side:,} junctions", jobs)
    if case.prepares:
        minutes = ours(case.hierarchy)[np.searchsorted(origins, some)]
    else:
        minutes = engine.matrix(case.graph, some, destinations)
    ticks = minutes * TICKS_PER_MIN
    row.checks += [
        apart(np.rint(ticks), scipy_rows(case.matrix, some)[:, destinations]).told(
            f"SciPy, {len(some)} rows, ticks"
        ),
        apart(np.rint(ticks), case.pandana.matrix(some, destinations)).told(
            f"pandana, {len(some)} rows, ticks"
        ),
    ]
    return row


def row_nearest(case: Case) -> Row:
    """Find the nearest of 500 facilities to every junction."""
    facilities = case.network.scattered(500, seed=8)
    backward = case.matrix.T.tocsr()
    limit_min = 240
    limit = limit_min * TICKS_PER_MIN
    case.pandana.set_facilities(facilities, limit)

    def ours() -> Floats:
        return engine.nearest(
            case.graph, facilities, limit_min=limit_min, reverse=True
        )[0]

    jobs = [
        Job("ctzgis, nearest", ours),
        Job("SciPy, dijkstra(min_only)",
            lambda: scipy_nearest(backward, facilities, limit=limit)),
        Job("pandana, nearest_pois", lambda: case.pandana.nearest(limit)),
    ]  # fmt: skip
    row = case.row("nearest", "nearest of 500 facilities to every junction", jobs)
    ticks = np.rint(ours() * TICKS_PER_MIN)
    into, out_of = (
        scipy_nearest(arcs, facilities, limit=limit) for arcs in (backward, case.matrix)
    )
    # pandana gives these in single precision, so that long times are no whole numbers.
    theirs = np.rint(case.pandana.nearest(limit))
    row.checks += [
        apart(ticks, into).told("SciPy, to the facility, ticks"),
        apart(theirs, into).told("SciPy by pandana, to the facility, ticks"),
        apart(theirs, out_of).told("SciPy by pandana, from the facility, ticks"),
    ]
    return row


def row_prepare(case: Case) -> Row:
    """Prepare the network, and again with other times."""
    if not case.prepares:
        return Row("prepare", case.name, "left out with --searching-only", [])
    graph, hierarchy = case.graph, case.hierarchy
    slower = case.network.minutes * np.where(case.network.road_class == 0, 2.0, 1.0)
    jobs = [
        Job("ctzgis, prepare", lambda: engine.prepare(case.build())),
        Job("ctzgis, prepare a built graph", lambda: engine.prepare(graph)),
        Job("ctzgis, new times", lambda: hierarchy.reweighted(slower)),
        Job("pandana, build", lambda: Pandana.build(case.network),
            rounds=3 if case.network.count < _LARGE else 1),
    ]  # fmt: skip
    if case.network.count < _LARGE:
        spare = Pandana.build(case.network)
        jobs.append(
            Job("pandana, precompute 30 min", lambda: spare.precompute(CUTOFFS[-1]),
                rounds=1, note="keeps every pair in memory"),
        )  # fmt: skip
    return case.row("prepare", "make the network ready for many questions", jobs)


ROWS: Final[dict[str, "Callable[[Case], Row]"]] = {
    "one": row_one,
    "scattered": row_scattered,
    "every": row_every,
    "od": lambda case: row_od(case, 1000),
    "od-large": lambda case: row_od(case, 5000),
    "nearest": row_nearest,
    "prepare": row_prepare,
    "reload": lambda case: row_reload(case.network, case.name, case.rounds),
    "first": lambda case: row_first(case.name),
    "memory": lambda case: row_memory(case.name),
}


def main() -> None:
    """Measure the rows that are asked for, and print them."""
    asked = _asked()
    network = (
        real_network(asked.size) if asked.size in REAL else town_network(asked.size)
    )
    part = 20 if asked.quick else 100
    rounds = 2 if asked.quick else asked.rounds
    case = Case(
        asked.size, network, rounds, part, not asked.searching_only, asked.brief
    )
    print(machine(), flush=True)
    if not {"reload", "first", "memory"} >= set(asked.rows.split(",")):
        case.warm()
    kept: list[dict[str, Any]] = []
    for name in asked.rows.split(","):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = ROWS[name](case)
        print(row.told(), flush=True)
        if row.jobs:
            kept.append(row.as_dict() | {"machine": machine()})
        if asked.json:
            merge(asked.json, kept)
    print(machine())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--size", choices=[*SIZES, *REAL], default="20k")
    parser.add_argument(
        "--rows", default=",".join(ROWS), help="names with commas between"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="two rounds, smaller parts"
    )
    parser.add_argument(
        "--searching-only", action="store_true", help="leave out the prepared network"
    )
    parser.add_argument(
        "--brief", action="store_true", help="leave out what takes a peer over a minute"
    )
    parser.add_argument("--json", type=Path, help="file that keeps the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
