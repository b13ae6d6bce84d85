"""Shortest trips that pass over arcs, origin by origin (介数)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import told
from ctzgis.network.engine.graph import limit_ticks, vertices_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ctzgis.network.engine.graph import SearchGraph
    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = ["trips_over_arcs"]

_AT_ONCE: Final = 16


def trips_over_arcs(
    graph: "SearchGraph",
    origins: "ArrayLike",
    limit_min: float = np.inf,
    *,
    progress: "Progress | None" = None,
) -> "tuple[Floats, Floats]":
    """
    Add up, over origins, how many shortest trips to all vertices pass each arc.

    Of equally short trips to one vertex each counts in part (Brandes 2001).

    Parameters
    ----------
    graph
        The graph.
    origins
        Vertices.
    limit_min
        Longest trip that counts.
    progress
        Takes a line now and then.

    Returns
    -------
    sums, squares
        For each open arc, in the order of ``graph.forward``, the sum of the trips of
        each origin, and of their squares.

    Examples
    --------
    >>> from ctzgis.network.engine import search_graph
    >>> trips_over_arcs(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]), [0, 1])
    (array([2., 2.]), array([4., 2.]))
    """
    from ctzgis.network.engine import passing_kernels

    at = graph.inner[vertices_of(origins, graph.count, "origins")]
    parts = [(k, min(k + _AT_ONCE, len(at))) for k in range(0, len(at), _AT_ONCE)]
    found = np.zeros((2, graph.arcs))
    forward, backward = graph.forward, graph.backward
    back_arc = _arcs_of_backward(graph)
    limit = limit_ticks(limit_min)
    halves: dict[int, NDArray[np.float64]] = {}

    def work(first: int, after: int) -> None:
        """Search from some of the origins."""
        ours = np.zeros((2, graph.arcs))
        passing_kernels.pass_over(
            forward.start, forward.head, forward.ticks, backward.start, backward.head,
            backward.ticks, back_arc, at[first:after].astype(np.int32), limit,
            np.empty(0, dtype=np.uint8), ours[0], ours[1],
        )  # fmt: skip
        halves[first] = ours

    threads = processors(None, 40 * (graph.count + graph.arcs))
    with told(progress, passing_kernels.pass_over):
        in_chunks(
            work, len(at), _AT_ONCE, threads, title="betweenness", progress=progress
        )
    for first, _ in parts:  # always added up in one order
        found += halves[first]
    return found[0], found[1]


def _arcs_of_backward(graph: "SearchGraph") -> "NDArray[np.int64]":
    """Return where in ``forward`` each arc of ``backward`` is."""
    tail = np.repeat(np.arange(graph.count), np.diff(graph.forward.start))
    order: NDArray[np.int64] = np.lexsort((tail, graph.forward.head))
    return order
