"""Questions to a graph, each answered by what suits its size (算法选择)."""

import os
import sys
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.network.engine.batches import minutes_by_batches, sums_by_batches
from ctzgis.network.engine.compiled import ready
from ctzgis.network.engine.connectors import Connectors, connectors_of
from ctzgis.network.engine.graph import (
    TICKS_PER_MIN,
    SearchGraph,
    limit_ticks,
)
from ctzgis.network.engine.hierarchy import prepare
from ctzgis.network.engine.scipy_search import ticks_from
from ctzgis.network.engine.singles import (
    mean_reach,
    minutes_by_searches,
    nearest_by_search,
    reach_by_search,
    sums_by_searches,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ctzgis.network.engine.hierarchy import Hierarchy
    from ctzgis.progress import Progress

__all__ = ["matrix", "nearest", "reach", "sums_within"]

_VARIABLE: Final = "CTZGIS_ENGINE"

# SciPy settles a vertex in some 0.15 µs, so this is half a second at most: what it takes
# to load Numba and compiled code. To compile it takes seconds.
_SCIPY_VERTICES: Final = 3_000_000

# Scattered over 200,000 vertices, fewer origins are summed up for by searches as fast as
# by a batch. Times to given destinations are faster by a batch from the first on.
_FEWEST_BY_BATCHES: Final = 16

# A graph is prepared once searches would have settled so many vertices, which then cost
# as much: as often as it has any, and for the seconds that compiling takes.
_VERTICES_A_PREPARATION: Final = 100
_VERTICES_A_COMPILATION: Final = 100_000_000


def reach(
    graph: "SearchGraph | Hierarchy",
    origin: "int | Connectors",
    limit_min: float,
    *,
    reverse: bool = False,
    progress: "Progress | None" = None,
) -> tuple["NDArray[np.int64]", "NDArray[np.float64]"]:
    """
    Find what is reached from an origin, in time that follows the reach.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origin
        Where to start: a vertex, or a point with its connectors.
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
        If the origin is not there or not one point, or the limit is negative or undefined.

    Examples
    --------
    >>> from ctzgis.network.engine import reach, search_graph
    >>> reach(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]), 0, 5.0)
    (array([0, 1]), array([0., 4.]))
    """
    graph, _ = _parts(graph)
    given = origin if isinstance(origin, Connectors) else [origin]
    at = connectors_of(given, graph.count, "origins").numbered(graph.inner)
    limit = limit_ticks(limit_min)
    if len(at) != 1:
        msg = f"{len(at)} points are given as one origin"
        raise InputError(msg)
    if _by_scipy(1, graph.count, "reach_from"):
        ((_, (row,)),) = ticks_from(graph, at, limit, reverse=reverse)
        near = np.flatnonzero(np.isfinite(row))
        near = near[np.argsort(row[near], kind="stable")]
        return graph.outer[near].astype(np.int64), row[near] / TICKS_PER_MIN
    found, ticks = reach_by_search(graph, at, limit, reverse=reverse, progress=progress)
    return graph.outer[found].astype(np.int64), ticks / TICKS_PER_MIN


def sums_within(
    graph: "SearchGraph | Hierarchy",
    origins: "ArrayLike | Connectors",
    cutoffs_min: "Sequence[float]",
    values: "ArrayLike",
    *,
    reverse: bool = False,
    threads: int | None = None,
    progress: "Progress | None" = None,
) -> "NDArray[np.float64]":
    """
    Add up what lies within times of origins.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origins
        Where to start: vertices, or points with their connectors.
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
    at = connectors_of(origins, graph.count, "origins").numbered(graph.inner)
    cutoffs = np.array([limit_ticks(cutoff) for cutoff in cutoffs_min], dtype=np.int32)
    columns, shape = _columns(values, graph, len(at), len(cutoffs))
    if not len(at) or not len(cutoffs):
        return np.zeros(shape)
    if hierarchy is None and _by_scipy(len(at), graph.count, "sums_from"):
        sums = np.empty((len(at), len(cutoffs), columns.shape[1]))
        limit = int(cutoffs.max())
        for part, ticks in ticks_from(graph, at, limit, reverse=reverse):
            for k, cutoff in enumerate(cutoffs):
                sums[part, k] = (ticks <= cutoff) @ columns
        return sums.reshape(shape)
    order = np.argsort(cutoffs, kind="stable")
    rising = cutoffs[order]
    if hierarchy is None:
        hierarchy = _if_it_pays(graph, at, int(rising[-1]), progress, reverse=reverse)
    if hierarchy is not None and len(at) >= _FEWEST_BY_BATCHES:
        sums = sums_by_batches(
            hierarchy, at, rising, columns,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
    else:
        sums = sums_by_searches(
            graph, at, rising, columns,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
    return sums[:, np.argsort(order)].reshape(shape)


def nearest(
    graph: "SearchGraph | Hierarchy",
    facilities: "ArrayLike",
    limit_min: float = np.inf,
    *,
    reverse: bool = False,
    progress: "Progress | None" = None,
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
    from_ = connectors_of(facilities, graph.count, "facilities").numbered(graph.inner)
    at = from_.vertex
    limit = limit_ticks(limit_min)
    if not len(at):
        return np.full(graph.count, np.inf), np.full(graph.count, -1)
    if _by_scipy(len(at), graph.count, "nearest_of"):
        least = np.full(graph.count, np.inf)
        place = np.full(graph.count, -1)
        for part, ticks in ticks_from(graph, from_, limit, reverse=reverse):
            better = ticks.min(axis=0) < least
            place[better] = part.start + ticks[:, better].argmin(axis=0)
            least[better] = ticks[:, better].min(axis=0)
        return least[graph.inner] / TICKS_PER_MIN, place[graph.inner]
    minutes, place = nearest_by_search(
        graph, at, limit, reverse=reverse, progress=progress
    )
    return minutes[graph.inner], place[graph.inner]


def matrix(
    graph: "SearchGraph | Hierarchy",
    origins: "ArrayLike | Connectors",
    destinations: "ArrayLike | Connectors",
    limit_min: float = np.inf,
    *,
    threads: int | None = None,
    progress: "Progress | None" = None,
) -> "NDArray[np.float64]":
    """
    Return minutes from each origin to each destination.

    Parameters
    ----------
    graph
        The graph, prepared or not.
    origins, destinations
        Vertices, or points with their connectors. Trips pass through a vertex: one
        between two points of the same road needs a vertex at one of them.
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
    start = connectors_of(origins, graph.count, "origins").numbered(graph.inner)
    end = connectors_of(destinations, graph.count, "destinations").numbered(graph.inner)
    limit = limit_ticks(limit_min)
    reverse = len(end) < len(start)
    few, many = (end, start) if reverse else (start, end)
    if not len(few) or not len(many):
        return np.empty((len(start), len(end)))
    if hierarchy is None and _by_scipy(len(few), graph.count, "ticks_between"):
        minutes = np.empty((len(few), len(many)))
        for part, ticks in ticks_from(graph, few, limit, reverse=reverse):
            minutes[part] = _arrivals(ticks[:, many.vertex], many, limit)
        return minutes.T if reverse else minutes
    if hierarchy is None:
        hierarchy = _if_it_pays(graph, few, limit, progress, reverse=reverse)
    ends, at = many.vertex, None
    if not many.vertices:
        ends, at = np.unique(many.vertex, return_inverse=True)
    if hierarchy is not None:
        minutes = minutes_by_batches(
            hierarchy, few, ends, limit,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
    else:
        minutes = minutes_by_searches(
            graph, few, ends, limit,
            reverse=reverse, threads=threads, progress=progress,
        )  # fmt: skip
    if at is not None:
        minutes = _arrivals(np.rint(minutes[:, at] * TICKS_PER_MIN), many, limit)
    return minutes.T if reverse else minutes


def _arrivals(
    ticks: "NDArray[np.float64]", points: "Connectors", limit: int
) -> "NDArray[np.float64]":
    """Return minutes to points from ticks to the vertices of their connectors."""
    found = ticks if points.vertices else points.least(ticks)
    return np.where(found <= limit, found / TICKS_PER_MIN, np.inf)


def _asked() -> str:
    """Return the engine that the environment asks for, if it does."""
    asked = os.environ.get(_VARIABLE, "")
    if asked not in ("", "scipy", "search"):
        msg = f"{_VARIABLE} is {asked!r}; expected 'search', 'scipy' or nothing"
        raise InputError(msg)
    return asked


def _parts(graph: "SearchGraph | Hierarchy") -> "tuple[SearchGraph, Hierarchy | None]":
    """Return the graph, and the hierarchy if there is one to use."""
    known = graph.memory.hierarchy if isinstance(graph, SearchGraph) else graph
    plain = graph if isinstance(graph, SearchGraph) else graph.graph
    return plain, None if _asked() else known


def _by_scipy(searches: int, count: int, kernel: str) -> bool:
    """Tell whether SciPy answers before a kernel that was not called yet is loaded."""
    if asked := _asked():
        return asked == "scipy"
    loaded = sys.modules.get("ctzgis.network.engine.search")
    if loaded is not None and ready(getattr(loaded, kernel)):
        return False
    return searches * count <= _SCIPY_VERTICES


def _if_it_pays(
    graph: "SearchGraph",
    origins: "Connectors",
    limit: int,
    progress: "Progress | None",
    *,
    reverse: bool,
) -> "Hierarchy | None":
    """Prepare a graph once the questions so far and a new one are worth it."""
    if _asked():
        return None
    reach_ = mean_reach(graph, origins, limit, reverse=reverse)
    graph.memory.settled += len(origins) * reach_
    least = max(_VERTICES_A_PREPARATION * graph.count, _VERTICES_A_COMPILATION)
    if graph.memory.settled > least:
        graph.memory.hierarchy = prepare(graph, progress=progress)
    return graph.memory.hierarchy


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
    columns = found if found.ndim > 1 else found[:, None]
    return np.ascontiguousarray(columns[graph.outer]), shape
