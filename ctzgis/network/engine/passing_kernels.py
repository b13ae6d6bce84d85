"""Shortest trips that pass over arcs, compiled (介数内核)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.search import reach_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.uint8]

__all__ = ["pass_over"]


@compiled
def pass_over(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    back_start: "Ints",
    back_tail: "Ints",
    back_ticks: "Ints",
    back_arc: "Longs",
    origins: "Ints",
    limit: int,
    wanted: "Marks",
    sums: "Floats",
    squares: "Floats",
) -> None:
    """
    Add to ``sums`` the trips over each arc, and to ``squares`` those of each origin².

    A vertex is reached over those of its arcs that come from one settled before it and
    take exactly the time between both; arcs that take no time make no circles so.
    """
    count = len(start) - 1
    seen = np.zeros(count, dtype=np.int32)
    heap = np.empty(len(head) + 1, dtype=np.int64)
    order = np.empty(count, dtype=np.int32)
    rank = np.full(count, -1, dtype=np.int64)
    ways = np.zeros(count)
    beyond = np.zeros(count)
    leg = np.zeros(1, dtype=np.int32)
    for k in range(len(origins)):
        settled, _ = reach_from(
            start, head, ticks, origins[k : k + 1], leg, limit, wanted, 0, seen, heap,
            order,
        )  # fmt: skip
        for at in range(settled):
            vertex = order[at]
            rank[vertex] = at
            ways[vertex] = 1.0 if at == 0 else 0.0
            beyond[vertex] = 0.0
            for arc in range(back_start[vertex], back_start[vertex + 1]):
                before = back_tail[arc]
                on_time = seen[before] + back_ticks[arc] == seen[vertex]
                if on_time and rank[before] >= 0 and before != vertex:
                    ways[vertex] += ways[before]
        for at in range(settled - 1, 0, -1):
            vertex = order[at]
            for arc in range(back_start[vertex], back_start[vertex + 1]):
                before = back_tail[arc]
                on_time = seen[before] + back_ticks[arc] == seen[vertex]
                if on_time and rank[before] >= 0 and rank[before] < at:
                    part = ways[before] / ways[vertex] * (1.0 + beyond[vertex])
                    beyond[before] += part
                    sums[back_arc[arc]] += part
                    squares[back_arc[arc]] += part * part
        for at in range(settled):
            seen[order[at]] = 0
            rank[order[at]] = -1
