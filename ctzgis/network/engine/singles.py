"""Questions to a graph by one search for each origin (逐点搜索)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import told
from ctzgis.network.engine.graph import TICKS_PER_MIN
from ctzgis.network.engine.stopping import stoppable
from ctzgis.progress import telling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine.connectors import Connectors
    from ctzgis.network.engine.graph import SearchGraph
    from ctzgis.progress import Progress

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = [
    "mean_reach",
    "minutes_by_searches",
    "nearest_by_search",
    "reach_by_search",
    "sums_by_searches",
]

# Bytes of work that a search needs for each vertex and each arc.
_VERTEX_BYTES: Final = 8
_ARC_BYTES: Final = 8

# A chunk of searches over the whole of a graph takes a fraction of a second.
_CHUNK_VERTICES: Final = 2_000_000

_PROBES: Final = 4
_NONE: Final = np.empty(0, dtype=np.uint8)
_UNREACHED: Final = np.iinfo(np.int64).max


def reach_by_search(
    graph: "SearchGraph",
    origin: "Connectors",
    limit: int,
    *,
    reverse: bool,
    progress: "Progress | None" = None,
) -> "tuple[Ints, Ints]":
    """Return what is reached, nearest first, and the ticks, by inner numbers."""
    from ctzgis.network.engine import search

    seen, heap, order = _scratch(graph, origin)
    rows, starts = _rows(graph, reverse=reverse), (origin.vertex, origin.ticks)
    with told(progress, search.reach_from):
        settled, _ = search.reach_from(
            *rows, *starts, limit, _NONE, 0, seen, heap, order
        )
    found = order[:settled]
    return found, seen[found] - 1


def mean_reach(
    graph: "SearchGraph", origins: "Connectors", limit: int, *, reverse: bool
) -> float:
    """Return how many vertices a few of the origins reach on average."""
    some = range(0, len(origins), max(len(origins) // _PROBES, 1))[:_PROBES]
    parts = [origins.part(at, at + 1) for at in some]
    found = [reach_by_search(graph, at, limit, reverse=reverse)[0] for at in parts]
    return sum(map(len, found)) / len(found)


def sums_by_searches(
    graph: "SearchGraph",
    origins: "Connectors",
    cutoffs: "Ints",
    values: "Floats",
    *,
    reverse: bool,
    threads: int | None,
    progress: "Progress | None",
) -> "Floats":
    """Return sums within rising cutoffs: origins and values by inner numbers."""
    from ctzgis.network.engine import search

    sums = np.zeros((len(origins), len(cutoffs), values.shape[1]))
    rows = _rows(graph, reverse=reverse)

    def work(first: int, after: int) -> None:
        """Search from some of the origins."""
        part, to = origins.part(first, after), sums[first:after]
        scratch = _scratch(graph, part)
        search.sums_from(*rows, *_starts(part), cutoffs, values, _NONE, *scratch, to)

    with told(progress, search.sums_from):
        in_chunks(
            work, len(origins), _at_once(graph), _threads(graph, threads),
            title="sums within reach", progress=progress,
        )  # fmt: skip
    return sums


def minutes_by_searches(
    graph: "SearchGraph",
    origins: "Connectors",
    destinations: "Ints",
    limit: int,
    *,
    reverse: bool,
    threads: int | None,
    progress: "Progress | None",
) -> "Floats":
    """Return minutes from origins to destinations, both by inner numbers."""
    from ctzgis.network.engine import search

    wanted = np.zeros(graph.count, dtype=np.uint8)
    wanted[destinations] = 1
    rows, missing = _rows(graph, reverse=reverse), int(wanted.sum())
    minutes = np.empty((len(origins), len(destinations)))

    def work(first: int, after: int) -> None:
        """Search from some of the origins."""
        found = np.empty((after - first, len(destinations)), dtype=np.int32)
        part = origins.part(first, after)
        search.ticks_between(
            *rows,
            *_starts(part),
            destinations,
            limit,
            wanted,
            missing,
            *_scratch(graph, part),
            found,
        )
        minutes[first:after] = np.where(found < 0, np.inf, found / TICKS_PER_MIN)

    with told(progress, search.ticks_between):
        in_chunks(
            work, len(origins), _at_once(graph), _threads(graph, threads),
            title="matrix", progress=progress,
        )  # fmt: skip
    return minutes


def nearest_by_search(
    graph: "SearchGraph",
    facilities: "Ints",
    limit: int,
    *,
    reverse: bool,
    progress: "Progress | None",
) -> "tuple[Floats, Longs]":
    """Return minutes and place in the list of the nearest, by inner numbers."""
    from ctzgis.network.engine import search

    best = np.full(graph.count, _UNREACHED)
    entries = graph.arcs + len(facilities) + 1
    heap = np.empty(entries, dtype=np.int64), np.empty(entries, dtype=np.int32)
    given = (*_rows(graph, reverse=reverse), facilities, limit, best, *heap)
    with telling("nearest facility", progress) as tell:
        stoppable(
            search.nearest_of, *given,
            tell=lambda done: tell(done / graph.count), progress=progress,
        )  # fmt: skip
    reached = best < _UNREACHED
    minutes = np.where(reached, (best >> 32) / TICKS_PER_MIN, np.inf)
    return minutes, np.where(reached, best & 0xFFFFFFFF, -1)


def _rows(graph: "SearchGraph", *, reverse: bool) -> "tuple[Ints, Ints, Ints]":
    rows = graph.rows(reverse=reverse)
    return rows.start, rows.head, rows.ticks


def _starts(origins: "Connectors") -> "tuple[Ints, Ints, Ints]":
    return origins.first, origins.vertex, origins.ticks


def _scratch(graph: "SearchGraph", origins: "Connectors") -> "tuple[Ints, Longs, Ints]":
    """Return what a search works on; pages that it does not touch cost nothing."""
    most = int(np.diff(origins.first).max(initial=0))
    return (
        np.zeros(graph.count, dtype=np.int32),
        np.empty(graph.arcs + most, dtype=np.int64),
        np.empty(graph.count, dtype=np.int32),
    )


def _at_once(graph: "SearchGraph") -> int:
    """Return how many searches a chunk has."""
    return max(_CHUNK_VERTICES // max(graph.count, 1), 1)


def _threads(graph: "SearchGraph", threads: int | None) -> int:
    """Return how many threads may search at once."""
    return processors(threads, _VERTEX_BYTES * graph.count + _ARC_BYTES * graph.arcs)
