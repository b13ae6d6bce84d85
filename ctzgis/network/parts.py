"""Which parts of a network points are in (连通分量)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.components import components, memberships, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine import Connectors
    from ctzgis.network.travel_graph import TravelGraph

__all__ = ["in_one_part", "parts"]


def parts(graph: "TravelGraph", *, strong: bool = False) -> "NDArray[np.int32]":
    """
    Return the part of the network that each vertex is in; anchors join none.

    Parameters
    ----------
    graph
        The graph.
    strong
        Whether vertices are in one part only if each is reached from the other.
    """
    anchors = graph.anchors[graph.anchors >= 0]
    return components(graph.search, without=anchors, strong=strong)


def in_one_part(
    graph: "TravelGraph", points: "Connectors", *, strong: bool = False
) -> "NDArray[np.bool_]":
    """Tell which joined points and which anchors are in one part, each with each."""
    part = parts(graph, strong=strong)
    search = graph.search
    there = np.flatnonzero(graph.anchors >= 0)
    at = search.inner[graph.anchors[there]]
    rows = search.rows(reverse=not graph.reverse)
    counts = rows.start[at + 1] - rows.start[at]
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places = search.outer[rows.head[np.repeat(rows.start[at], counts) + inside]]
    anchor = np.repeat(there, counts)
    return together(
        memberships(len(points), points.point, part[points.vertex]),
        memberships(len(graph.anchors), anchor, part[places]),
    )
