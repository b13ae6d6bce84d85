"""Arcs whose loss parts a graph, found in one walk (割边)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.bool_]

__all__ = ["parting_edges"]


def parting_edges(
    count: int, tail: "ArrayLike", head: "ArrayLike", values: "ArrayLike"
) -> "tuple[Marks, Floats]":
    """
    Find the undirected edges whose loss parts a graph, and what they part off.

    One walk gives each vertex the earliest that is reached from below it (Tarjan 1974);
    an edge down to a vertex that reaches nothing earlier parts the graph.

    Parameters
    ----------
    count
        Number of vertices.
    tail, head
        Ends of each edge; of parallel ones none parts the graph.
    values
        What is at each vertex.

    Returns
    -------
    parting, lesser
        For each edge whether it does, and the lesser sum of the values on its two sides;
        0 where it does not.

    Examples
    --------
    >>> parting_edges(4, [0, 1, 2, 2], [1, 2, 0, 3], [1, 1, 1, 5])
    (array([False, False, False,  True]), array([0., 0., 0., 3.]))
    """
    start = np.asarray(tail, dtype=np.int64)
    end = np.asarray(head, dtype=np.int64)
    ends = np.concatenate([start, end])
    order = np.argsort(ends, kind="stable")
    first = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=count), out=first[1:])
    others = np.concatenate([end, start])[order]
    edges = np.tile(np.arange(len(start)), 2)[order]
    parting = np.zeros(len(start), dtype=np.bool_)
    below = np.zeros(len(start))
    above = np.zeros(len(start))
    held = np.array(values, dtype=np.float64)
    _walk(first, others, edges, held, parting, below, above)
    return parting, np.where(parting, np.minimum(below, above), 0.0)


@compiled
def _walk(
    first: "Longs",
    others: "Longs",
    edges: "Longs",
    held: "Floats",
    parting: "Marks",
    below: "Floats",
    above: "Floats",
) -> None:
    """Walk every part of a graph to its ends; ``held`` becomes sums of what is below."""
    count = len(first) - 1
    number = np.full(count, -1, dtype=np.int64)
    low = np.zeros(count, dtype=np.int64)
    next_ = first[:-1].copy()
    over = np.full(count, -1, dtype=np.int64)  # the edge that led there
    stack = np.empty(count, dtype=np.int64)
    cut = np.empty(len(parting), dtype=np.int64)
    seen = 0
    for root in range(count):
        if number[root] >= 0:
            continue
        depth, cuts = 1, 0
        stack[0] = root
        number[root] = low[root] = seen
        seen += 1
        while depth > 0:
            vertex = stack[depth - 1]
            if next_[vertex] < first[vertex + 1]:
                place = next_[vertex]
                next_[vertex] += 1
                other, edge = others[place], edges[place]
                if edge == over[vertex]:
                    continue
                if number[other] >= 0:
                    low[vertex] = min(low[vertex], number[other])
                    continue
                number[other] = low[other] = seen
                seen += 1
                over[other] = edge
                stack[depth] = other
                depth += 1
                continue
            depth -= 1
            if depth == 0:
                break
            parent = stack[depth - 1]
            low[parent] = min(low[parent], low[vertex])
            if low[vertex] > number[parent]:
                edge = over[vertex]
                parting[edge] = True
                below[edge] = held[vertex]
                cut[cuts] = edge
                cuts += 1
            held[parent] += held[vertex]
        for k in range(cuts):
            above[cut[k]] = held[root] - below[cut[k]]
