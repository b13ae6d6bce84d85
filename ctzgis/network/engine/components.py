"""Parts of a graph, and which points share one (连通分量)."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from ctzgis.network.engine.graph import SearchGraph

    Whole = NDArray[np.integer]

__all__ = ["component_sizes", "components", "memberships", "together"]


def components(
    graph: "SearchGraph", *, without: "Whole", strong: bool = False
) -> "NDArray[np.int32]":
    """
    Return the component that each vertex of a graph is in, by number.

    Parameters
    ----------
    graph
        The graph; closed arcs join nothing.
    without
        Vertices that join nothing either, such as points beside a road.
    strong
        Whether vertices are in one component only if each is reached from the other.

    Examples
    --------
    >>> from ctzgis.network.engine import search_graph
    >>> components(search_graph(4, [0, 2], [1, 1], [1, 1]), without=[1]).tolist()
    [0, 1, 2, 3]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows, count = graph.forward, graph.count
    tail = np.repeat(np.arange(count, dtype=np.int32), np.diff(rows.start))
    out = np.zeros(count, dtype=bool)
    out[graph.inner[without]] = True
    kept = ~(out[tail] | out[rows.head])
    arcs = (np.ones(kept.sum(), np.int8), (tail[kept], rows.head[kept]))
    _, found = connected_components(
        csr_array(arcs, shape=(count, count)),
        directed=True,
        connection="strong" if strong else "weak",
    )
    by_vertex: NDArray[np.int32] = found[graph.inner]
    return by_vertex


def component_sizes(count: int, tail: "Whole", head: "Whole") -> "NDArray[np.int64]":
    """
    Return how many of ``count`` vertices each component holds, the largest first.

    Examples
    --------
    >>> component_sizes(4, np.array([0, 3]), np.array([1, 1])).tolist()
    [3, 1]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    arcs = (np.ones(len(tail), dtype=np.int8), (tail, head))
    _, found = connected_components(
        csr_array(arcs, shape=(count, count)), directed=False
    )
    sizes: NDArray[np.int64] = np.sort(np.bincount(found))[::-1]
    return sizes


def memberships(points: int, point: "Whole", component: "Whole") -> "csr_array":
    """Return a table with a row a point and a column a component, sparse."""
    from scipy.sparse import csr_array

    size = (points, int(np.max(component, initial=-1)) + 1)
    ones = np.ones(len(point), dtype=np.int32)
    return csr_array((ones, (point, component)), shape=size)


def together(left: "csr_array", right: "csr_array") -> "NDArray[np.bool_]":
    """Tell which points of two tables have a component in common, each with each."""
    width = max(left.shape[1], right.shape[1])
    for table in (left, right):
        table.resize(table.shape[0], width)
    found: NDArray[np.bool_] = (left @ right.T).toarray() > 0
    return found
