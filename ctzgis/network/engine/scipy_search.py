"""Bounded shortest-time search, by SciPy's Dijkstra."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ctzgis.network.engine.arrays import Arrays
    from ctzgis.network.engine.connectors import Connectors
    from ctzgis.network.engine.graph import SearchGraph

__all__ = ["minutes_between", "minutes_from", "minutes_from_any", "ticks_from"]

_BUDGET_BYTES: Final = 256 * 1024**2


def minutes_from(
    arrays: "Arrays",
    vertices: "NDArray[np.int64]",
    *,
    limit_min: float = np.inf,
    reverse: bool = False,
) -> "NDArray[np.float64]":
    """
    Return minutes from each of the vertices to every vertex.

    Parameters
    ----------
    arrays
        The graph.
    vertices
        Where to start, one row of the result each.
    limit_min
        Vertices farther than this come out as ``inf``.
    reverse
        Whether to give the minutes *to* the given vertices instead.

    Returns
    -------
    ndarray
        Shape ``(len(vertices), arrays.count)``; ``inf`` where not reached.
    """
    from scipy.sparse.csgraph import dijkstra

    if len(vertices) == 0:
        return np.empty((0, arrays.count))
    matrix = arrays.backward if reverse else arrays.forward
    found = dijkstra(matrix, directed=True, indices=vertices, limit=limit_min)
    return np.asarray(found, dtype=np.float64)


def minutes_from_any(
    arrays: "Arrays",
    vertices: "NDArray[np.int64]",
    *,
    limit_min: float = np.inf,
    reverse: bool = False,
) -> "NDArray[np.float64]":
    """
    Return minutes from the nearest of the vertices to every vertex.

    Parameters are those of :func:`minutes_from`; the result has shape
    ``(arrays.count,)``.
    """
    from scipy.sparse.csgraph import dijkstra

    if len(vertices) == 0:
        return np.full(arrays.count, np.inf)
    matrix = arrays.backward if reverse else arrays.forward
    found = dijkstra(
        matrix, directed=True, indices=vertices, limit=limit_min, min_only=True
    )
    return np.asarray(found, dtype=np.float64)


def minutes_between(
    arrays: "Arrays",
    origins: "NDArray[np.int64]",
    destinations: "NDArray[np.int64]",
) -> "NDArray[np.float64]":
    """
    Return minutes from each origin to each destination.

    Searches start from the side with fewer vertices, some at a time: besides the
    result at most 256 MB are needed, or the row of a single search if that is more.

    Returns
    -------
    ndarray
        Shape ``(len(origins), len(destinations))``; ``inf`` where there is no way.
    """
    reverse = len(destinations) < len(origins)
    few, many = (destinations, origins) if reverse else (origins, destinations)
    at_once = max(_BUDGET_BYTES // (8 * max(arrays.count, 1)), 1)
    found = np.empty((len(few), len(many)))
    for k in range(0, len(few), at_once):
        part = slice(k, k + at_once)
        found[part] = minutes_from(arrays, few[part], reverse=reverse)[:, many]
    return found.T if reverse else found


def ticks_from(
    graph: "SearchGraph",
    origins: "Connectors",
    limit: int,
    *,
    reverse: bool,
) -> "Iterator[tuple[slice, NDArray[np.float64]]]":
    """
    Yield ticks from some of the origins at a time to every vertex, by inner numbers.

    With them comes which of the origins they are.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    rows = graph.rows(reverse=reverse)
    # Origins are vertices after the others, with their connectors for arcs.
    ticks = np.concatenate([rows.ticks, origins.ticks]).astype(np.float64)
    head = np.concatenate([rows.head, origins.vertex])
    start = np.concatenate([rows.start, rows.start[-1] + origins.first[1:]])
    count = graph.count + len(origins)
    packed = csr_array((ticks, head, start), shape=(count, count))
    at_once = max(_BUDGET_BYTES // (8 * max(count, 1)), 1)
    for k in range(0, len(origins), at_once):
        part = slice(k, min(k + at_once, len(origins)))
        at = np.arange(graph.count + part.start, graph.count + part.stop)
        found = dijkstra(packed, directed=True, indices=at, limit=limit)
        yield part, found[:, : graph.count]
