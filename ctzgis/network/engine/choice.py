"""Questions to a graph, each answered by what suits its size (算法选择)."""

import os
import sys
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.network.engine.batches import minutes_by_batches, sums_by_batches
from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import Progress, ready, told
from ctzgis.network.engine.graph import (
    TICKS_PER_MIN,
    SearchGraph,
    limit_ticks,
    vertices_of,
)
from ctzgis.network.engine.scipy_search import ticks_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ctzgis.network.engine.hierarchy import Hierarchy

__all__ = ["matrix", "nearest", "reach", "sums_within"]

_VARIABLE: Final = "CTZGIS_ENGINE"
_ENGINES: Final = ("scipy", "search")

# Fewer fill too little of a batch.
_FEWEST_BY_BATCHES: Final = 8

# SciPy settles a vertex in some 0.15 µs, so this is half a second at most: what it takes
# to load Numba and compiled code. To compile it takes seconds.
_SCIPY_VERTICES: Final = 3_000_000

# Bytes of work that one search needs for each vertex and each arc.
_VERTEX_BYTES: Final = 8
_ARC_BYTES: Final = 8

# A chunk of searches over the whole of a graph takes a fraction of a second.
_CHUNK_VERTICES: Final = 2_000_000


def reach(
    graph: "SearchGraph | Hierarchy",
    origin: int,
    limit_min: float,
    *,
    reverse: bool = False,
    progress: Progress | None = None,
) -> tuple["NDArray[np.int64]", "NDArray[np.float64]"]:
    """
    Find what is reached from an origin, in time that follows the reach.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origin
        Where to start.
    limit_min
        How far to go; what lies exactly there is reached.
    reverse
        Whether to find from where the origin is reached.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

    Returns
    -------
    vertices, minutes
        Reached vertices, nearest first, and their times.

    Raises
    ------
    InputError
        If the origin is not there, or the limit is negative or undefined.

    Examples
    --------
    >>> from ctzgis.network.engine import reach, search_graph
    >>> reach(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]), 0, 5.0)
    (array([0, 1]), array([0., 4.]))
    """
    graph, _ = _parts(graph)
    at = graph.inner[vertices_of([origin], graph.count, "origins")]
    limit = limit_ticks(limit_min)
    if _by_scipy(1, graph.count, "reach_from"):
        row = ticks_from(graph, at, limit, reverse=reverse)[0]
        near = np.flatnonzero(np.isfinite(row))
        near = near[np.argsort(row[near], kind="stable")]
        return graph.outer[near].astype(np.int64), row[near] / TICKS_PER_MIN
    from ctzgis.network.engine import search

    seen, heap, order = _scratch(graph)
    with told(progress, search.reach_from):
        settled, _ = search.reach_from(
            *_rows(graph, reverse=reverse),
            int(at[0]),
            limit,
            _NONE,
            0,
            seen,
            heap,
            order,
        )
    found = order[:settled]
    return graph.outer[found].astype(np.int64), (seen[found] - 1) / TICKS_PER_MIN


def sums_within(
    graph: "SearchGraph | Hierarchy",
    origins: "ArrayLike",
    cutoffs_min: "Sequence[float]",
    values: "ArrayLike",
    *,
    reverse: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> "NDArray[np.float64]":
    """
    Add up what lies within times of origins.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origins
        Where to start.
    cutoffs_min
        How far to go, in any order; what lies exactly there counts.
    values
        What is at each vertex: one number or several.
    reverse
        Whether trips lead to the origins instead.
    threads
        How many processors to use; all by default. The answer is the same.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

    Returns
    -------
    ndarray
        Sum for each origin and cutoff, and each column of ``values`` if it has columns.
        Sums of whole numbers are exact up to 2⁵³.

    Raises
    ------
    InputError
        If an origin is not there, a cutoff is negative or undefined, or values are not
        finite or not as many as vertices.

    Examples
    --------
    >>> from ctzgis.network.engine import search_graph, sums_within
    >>> graph = search_graph(3, [0, 1], [1, 2], [4.0, 2.5])
    >>> sums_within(graph, [0, 1], [4, 10], [1, 20, 300])
    array([[ 21., 321.],
           [320., 320.]])
    """
    graph, hierarchy = _parts(graph)
    at = graph.inner[vertices_of(origins, graph.count, "origins")]
    cutoffs = np.array([limit_ticks(cutoff) for cutoff in cutoffs_min], dtype=np.int32)
    columns, shape = _columns(values, graph, len(at), len(cutoffs))
    if not len(at) or not len(cutoffs):
        return np.zeros(shape)
    rising = np.argsort(cutoffs, kind="stable")
    if hierarchy is not None and len(at) >= _FEWEST_BY_BATCHES:
        sums = sums_by_batches(
            hierarchy, at, cutoffs[rising], columns,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
        return sums[:, np.argsort(rising)].reshape(shape)
    if _by_scipy(len(at), graph.count, "sums_from"):
        times = ticks_from(graph, at, int(cutoffs.max()), reverse=reverse)
        sums = np.stack([(times <= cutoff) @ columns for cutoff in cutoffs], axis=1)
        return sums.reshape(shape)
    from ctzgis.network.engine import search

    sums = np.zeros((len(at), len(cutoffs), columns.shape[1]))
    rows, sorted_cutoffs = _rows(graph, reverse=reverse), cutoffs[rising]

    def work(first: int, after: int) -> None:
        """Search from some of the origins."""
        part = slice(first, after)
        search.sums_from(
            *rows,
            at[part],
            sorted_cutoffs,
            columns,
            _NONE,
            *_scratch(graph),
            sums[part],
        )

    with told(progress, search.sums_from):
        in_chunks(work, len(at), _at_once(graph), _threads(graph, threads))
    return sums[:, np.argsort(rising)].reshape(shape)


def nearest(
    graph: "SearchGraph | Hierarchy",
    facilities: "ArrayLike",
    limit_min: float = np.inf,
    *,
    reverse: bool = False,
    progress: Progress | None = None,
) -> tuple["NDArray[np.float64]", "NDArray[np.int64]"]:
    """
    Find the nearest facility of every vertex.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    facilities
        Vertices of the facilities.
    limit_min
        How far to go; what lies exactly there is reached.
    reverse
        Whether trips lead *to* the facility, as to a hospital; otherwise they come from
        it, as a fire engine does.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

    Returns
    -------
    minutes, facility
        For every vertex the time, ``inf`` where there is none, and the place of the
        facility in the list, -1 where there is none. Of facilities equally near the
        first in the list is taken.

    Raises
    ------
    InputError
        If a facility is not there, or the limit is negative or undefined.

    Examples
    --------
    >>> from ctzgis.network.engine import nearest, search_graph
    >>> nearest(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]), [1, 0])
    (array([0. , 0. , 2.5]), array([1, 0, 0]))
    """
    graph, _ = _parts(graph)
    at = graph.inner[vertices_of(facilities, graph.count, "facilities")]
    limit = limit_ticks(limit_min)
    if not len(at):
        return np.full(graph.count, np.inf), np.full(graph.count, -1)
    if _by_scipy(len(at), graph.count, "nearest_of"):
        times = ticks_from(graph, at, limit, reverse=reverse)
        place = times.argmin(axis=0)
        ticks = times[place, np.arange(graph.count)]
        place = np.where(np.isfinite(ticks), place, -1)
        return (ticks / TICKS_PER_MIN)[graph.inner], place[graph.inner]
    from ctzgis.network.engine import search

    best = np.full(graph.count, np.iinfo(np.int64).max)
    entries = graph.arcs + len(at) + 1
    heap = np.empty(entries, dtype=np.int64), np.empty(entries, dtype=np.int32)
    with told(progress, search.nearest_of):
        search.nearest_of(*_rows(graph, reverse=reverse), at, limit, best, *heap)
    best = best[graph.inner]
    reached = best < np.iinfo(np.int64).max
    minutes = np.where(reached, (best >> 32) / TICKS_PER_MIN, np.inf)
    return minutes, np.where(reached, best & 0xFFFFFFFF, -1)


def matrix(
    graph: "SearchGraph | Hierarchy",
    origins: "ArrayLike",
    destinations: "ArrayLike",
    limit_min: float = np.inf,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> "NDArray[np.float64]":
    """
    Return minutes from each origin to each destination.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origins, destinations
        Vertices.
    limit_min
        How far to go; what lies exactly there is reached.
    threads
        How many processors to use; all by default. The answer is the same.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

    Returns
    -------
    ndarray
        One row an origin, one column a destination; ``inf`` where not reached.

    Raises
    ------
    InputError
        If a vertex is not there, or the limit is negative or undefined.

    Examples
    --------
    >>> from ctzgis.network.engine import matrix, search_graph
    >>> matrix(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]), [0, 2], [2, 1])
    array([[6.5, 4. ],
           [0. , inf]])
    """
    graph, hierarchy = _parts(graph)
    start = graph.inner[vertices_of(origins, graph.count, "origins")]
    end = graph.inner[vertices_of(destinations, graph.count, "destinations")]
    limit = limit_ticks(limit_min)
    reverse = len(end) < len(start)
    few, many = (end, start) if reverse else (start, end)
    minutes = np.empty((len(few), len(many)))
    if not minutes.size:
        return minutes.T if reverse else minutes
    if hierarchy is not None and len(few) >= _FEWEST_BY_BATCHES:
        minutes = minutes_by_batches(
            hierarchy, few, many, limit,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
        return minutes.T if reverse else minutes
    if _by_scipy(len(few), graph.count, "ticks_between"):
        minutes = (
            ticks_from(graph, few, limit, reverse=reverse)[:, many] / TICKS_PER_MIN
        )
        return minutes.T if reverse else minutes
    from ctzgis.network.engine import search

    wanted = np.zeros(graph.count, dtype=np.uint8)
    wanted[many] = 1
    rows, missing = _rows(graph, reverse=reverse), int(wanted.sum())

    def work(first: int, after: int) -> None:
        """Search from some of the fewer ends."""
        part = slice(first, after)
        found = np.empty((after - first, len(many)), dtype=np.int32)
        search.ticks_between(
            *rows, few[part], many, limit, wanted, missing, *_scratch(graph), found
        )
        minutes[part] = np.where(found < 0, np.inf, found / TICKS_PER_MIN)

    with told(progress, search.ticks_between):
        in_chunks(work, len(few), _at_once(graph), _threads(graph, threads))
    return minutes.T if reverse else minutes


_NONE: Final = np.empty(0, dtype=np.uint8)


def _asked() -> str:
    """Return the engine that the environment names, if it does."""
    asked = os.environ.get(_VARIABLE, "")
    if asked not in ("", *_ENGINES):
        known = ", ".join(_ENGINES)
        msg = f"{_VARIABLE} is {asked!r}; expected one of {known}, or nothing"
        raise InputError(msg)
    return asked


def _parts(graph: "SearchGraph | Hierarchy") -> "tuple[SearchGraph, Hierarchy | None]":
    """Return the graph, and the hierarchy if there is one to use."""
    if isinstance(graph, SearchGraph):
        return graph, None
    return graph.graph, None if _asked() else graph


def _by_scipy(searches: int, count: int, kernel: str) -> bool:
    """Tell whether SciPy answers before a kernel that was not called yet is loaded."""
    if asked := _asked():
        return asked == "scipy"
    loaded = sys.modules.get("ctzgis.network.engine.search")
    if loaded is not None and ready(getattr(loaded, kernel)):
        return False
    return searches * count <= _SCIPY_VERTICES


def _rows(
    graph: "SearchGraph", *, reverse: bool
) -> tuple["NDArray[np.int32]", "NDArray[np.int32]", "NDArray[np.int32]"]:
    rows = graph.rows(reverse=reverse)
    return rows.start, rows.head, rows.ticks


def _scratch(
    graph: "SearchGraph",
) -> tuple["NDArray[np.int32]", "NDArray[np.int64]", "NDArray[np.int32]"]:
    """Return what a search works on; pages that it does not touch cost nothing."""
    return (
        np.zeros(graph.count, dtype=np.int32),
        np.empty(graph.arcs + 1, dtype=np.int64),
        np.empty(graph.count, dtype=np.int32),
    )


def _at_once(graph: "SearchGraph") -> int:
    """Return how many searches a chunk has."""
    return max(_CHUNK_VERTICES // max(graph.count, 1), 1)


def _threads(graph: "SearchGraph", threads: int | None) -> int:
    """Return how many threads may search at once."""
    return processors(threads, _VERTEX_BYTES * graph.count + _ARC_BYTES * graph.arcs)


def _columns(
    values: "ArrayLike", graph: "SearchGraph", origins: int, cutoffs: int
) -> tuple["NDArray[np.float64]", tuple[int, ...]]:
    """Return values as columns by inner number, and the shape of their sums."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim not in (1, 2) or len(found) != graph.count:
        msg = f"{graph.count} vertices need as many values; found shape {found.shape}"
        raise InputError(msg)
    if not np.isfinite(found).all():
        msg = (
            f"{int((~np.isfinite(found)).sum())} values are not finite; fill them first"
        )
        raise InputError(msg)
    shape = (origins, cutoffs, *found.shape[1:])
    return np.ascontiguousarray(found.reshape(graph.count, -1)[graph.outer]), shape
