"""Bounded shortest-time search, by SciPy's Dijkstra."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ctzgis.network.engine.connectors import Connectors
    from ctzgis.network.engine.graph import SearchGraph

__all__ = ["ticks_from"]

_BUDGET_BYTES: Final = 256 * 1024**2


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
