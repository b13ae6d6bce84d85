"""An order to contract vertices in, and the tree it makes (最小度排序与消去树)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.stopping import DONE, STOP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]

__all__ = ["eliminate", "fill_rows", "places"]


@compiled
def eliminate(
    start: "Ints", head: "Ints", state: "Longs"
) -> "tuple[Ints, Longs, Ints, Ints]":
    """
    Eliminate vertices one by one, always one that has fewest neighbours left.

    What it leaves behind become neighbours of each other. Arcs lead both ways and none
    twice.

    Returns the vertices in order, and where in the last array the neighbours that each
    had when it went begin, how many they were, and which.
    """
    count = len(start) - 1
    first = np.empty(count, dtype=np.int64)
    degree = np.empty(count, dtype=np.int32)
    room = np.empty(count, dtype=np.int32)
    used = 0
    for vertex in range(count):
        first[vertex] = used
        degree[vertex] = start[vertex + 1] - start[vertex]
        room[vertex] = degree[vertex] + 4
        used += room[vertex]
    pool = np.empty(2 * used + 1024, dtype=np.int32)
    for vertex in range(count):
        for k in range(degree[vertex]):
            pool[first[vertex] + k] = head[start[vertex] + k]
    # Vertices of equal degree are in a list: the last one that came is the first to go.
    last = np.full(count + 1, -1, dtype=np.int32)
    before = np.full(count, -1, dtype=np.int32)
    after = np.full(count, -1, dtype=np.int32)
    for vertex in range(count - 1, -1, -1):
        _enter(vertex, degree[vertex], last, before, after)
    order = np.empty(count, dtype=np.int32)
    seen = np.zeros(count, dtype=np.int32)
    stamp, least = 0, 0
    for turn in range(count):
        state[DONE] = turn
        if state[STOP]:
            break
        while last[least] < 0:
            least += 1
        gone = last[least]
        _leave(gone, least, last, before, after)
        order[turn] = gone
        size = degree[gone]
        for k in range(size):
            vertex = pool[first[gone] + k]
            stamp += 1
            seen[vertex] = stamp
            kept = 0
            for q in range(first[vertex], first[vertex] + degree[vertex]):
                other = pool[q]
                if other != gone:
                    pool[first[vertex] + kept] = other
                    seen[other] = stamp
                    kept += 1
            if kept + size > room[vertex]:
                more = 2 * (kept + size)
                if used + more > len(pool):
                    wider = np.empty(2 * len(pool) + more, dtype=np.int32)
                    wider[:used] = pool[:used]
                    pool = wider
                for q in range(kept):
                    pool[used + q] = pool[first[vertex] + q]
                first[vertex], room[vertex] = used, more
                used += more
            for q in range(first[gone], first[gone] + size):
                other = pool[q]
                if seen[other] != stamp:
                    pool[first[vertex] + kept] = other
                    kept += 1
            if kept != degree[vertex]:
                _leave(vertex, degree[vertex], last, before, after)
                degree[vertex] = kept
                _enter(vertex, kept, last, before, after)
                least = min(least, kept)
    return order, first, degree, pool


@compiled
def _enter(
    vertex: int, degree: int, last: "Ints", before: "Ints", after: "Ints"
) -> None:
    """Put a vertex into the list of its degree."""
    other = last[degree]
    before[vertex], after[vertex] = -1, other
    if other >= 0:
        before[other] = vertex
    last[degree] = vertex


@compiled
def _leave(
    vertex: int, degree: int, last: "Ints", before: "Ints", after: "Ints"
) -> None:
    """Take a vertex out of the list of its degree."""
    left, right = before[vertex], after[vertex]
    if left >= 0:
        after[left] = right
    else:
        last[degree] = right
    if right >= 0:
        before[right] = left


@compiled
def places(
    order: "Ints", first: "Longs", degree: "Ints", pool: "Ints", state: "Longs"
) -> "tuple[Ints, Ints]":
    """
    Give vertices places so that each comes before those eliminated below it.

    The neighbour that goes next is the vertex's parent in the elimination tree; all
    others are above that. The tree is numbered depth first, so that all below a vertex
    follow it at once.

    Returns the place of each vertex, and how many places it and those below it take.
    """
    count = len(order)
    turn = np.empty(count, dtype=np.int32)
    for k in range(count):
        turn[order[k]] = k
    parent = np.full(count, -1, dtype=np.int32)
    size = np.ones(count, dtype=np.int32)
    for k in range(count):
        state[DONE] = k
        if state[STOP]:
            return turn, size
        vertex = order[k]
        for q in range(first[vertex], first[vertex] + degree[vertex]):
            if parent[vertex] < 0 or turn[pool[q]] < turn[parent[vertex]]:
                parent[vertex] = pool[q]
        if parent[vertex] >= 0:
            size[parent[vertex]] += size[vertex]
    place = np.empty(count, dtype=np.int32)
    free = np.empty(count, dtype=np.int32)
    roots = 0
    for k in range(count - 1, -1, -1):
        if state[STOP]:
            return turn, size
        vertex = order[k]
        above = parent[vertex]
        if above < 0:
            place[vertex] = roots
            roots += size[vertex]
        else:
            place[vertex] = free[above]
            free[above] += size[vertex]
        free[vertex] = place[vertex] + 1
    by_place = np.empty(count, dtype=np.int32)
    for vertex in range(count):
        by_place[place[vertex]] = size[vertex]
    return place, by_place


@compiled
def fill_rows(
    place: "Ints", first: "Longs", degree: "Ints", pool: "Ints", state: "Longs"
) -> "tuple[Ints, Ints]":
    """Return what is above each place, sorted, in rows: where they begin, and the rows."""
    count = len(place)
    start = np.zeros(count + 1, dtype=np.int32)
    for vertex in range(count):
        start[place[vertex] + 1] = degree[vertex]
    for at in range(count):
        start[at + 1] += start[at]
    above = np.empty(start[count], dtype=np.int32)
    for vertex in range(count):
        state[DONE] = vertex
        if state[STOP]:
            break
        begin = start[place[vertex]]
        for k in range(degree[vertex]):
            new, at = place[pool[first[vertex] + k]], begin + k
            while at > begin and above[at - 1] > new:
                above[at] = above[at - 1]
                at -= 1
            above[at] = new
    return start, above
