"""Bounded shortest-time search, by SciPy's Dijkstra."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine.arrays import Arrays

__all__ = ["minutes_from", "minutes_from_any"]


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
    if len(vertices) == 0:
        return np.full(arrays.count, np.inf)
    matrix = arrays.backward if reverse else arrays.forward
    found = dijkstra(
        matrix, directed=True, indices=vertices, limit=limit_min, min_only=True
    )
    return np.asarray(found, dtype=np.float64)
