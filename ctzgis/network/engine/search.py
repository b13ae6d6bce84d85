"""Dijkstra's search, compiled, with a heap of four branches (有界最短路搜索)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.stopping import DONE, STOP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.uint8]

__all__ = ["nearest_of", "reach_from", "sums_from", "ticks_between"]

# A heap holds time and vertex in one number, so that one comparison orders both. Entries
# that a quicker way has overtaken stay and are passed over.
# ``seen`` holds a vertex's time plus one, and 0 where it is not reached: zeroed memory
# costs nothing before it is touched.


@compiled
def push(heap: "Longs", size: int, item: int) -> None:
    """Put an item into a heap of so many."""
    at = size
    while at > 0:
        above = (at - 1) >> 2
        if heap[above] <= item:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = item


@compiled
def pop(heap: "Longs", size: int) -> None:
    """Take the least item out of a heap that will hold so many."""
    item = heap[size]
    at = 0
    while True:
        least = 4 * at + 1
        if least >= size:
            break
        for other in range(least + 1, min(4 * at + 5, size)):
            if heap[other] < heap[least]:
                least = other
        if heap[least] >= item:
            break
        heap[at] = heap[least]
        at = least
    heap[at] = item


@compiled
def reach_from(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    starts: "Ints",
    legs: "Ints",
    limit: int,
    wanted: "Marks",
    missing: int,
    seen: "Ints",
    heap: "Longs",
    order: "Ints",
) -> tuple[int, int]:
    """
    Settle vertices up to a limit, or until no wanted one is missing.

    A search starts from vertices that are reached after ``legs``.

    Returns how many were settled, which ``order`` names in order of their times, and
    how many entries the heap still holds.
    """
    size, settled = 0, 0
    for k in range(len(starts)):
        if legs[k] <= limit:
            seen[starts[k]] = legs[k] + 1
            push(heap, size, np.int64(legs[k]) << 32 | starts[k])
            size += 1
    while size > 0:
        time, vertex = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        size -= 1
        if size > 0:
            pop(heap, size)
        if time >= seen[vertex]:
            continue
        order[settled] = vertex
        settled += 1
        if missing > 0 and wanted[vertex]:
            missing -= 1
            if missing == 0:
                break
        for arc in range(start[vertex], start[vertex + 1]):
            there = time + ticks[arc]
            if there <= limit:
                other = head[arc]
                if seen[other] == 0 or there + 1 < seen[other]:
                    seen[other] = there + 1
                    push(heap, size, there << 32 | other)
                    size += 1
    return settled, size


@compiled
def sums_from(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    first: "Ints",
    starts: "Ints",
    legs: "Ints",
    cutoffs: "Ints",
    values: "Floats",
    wanted: "Marks",
    seen: "Ints",
    heap: "Longs",
    order: "Ints",
    sums: "Floats",
) -> None:
    """Add up values within rising cutoffs of each origin: sums[origin, cutoff, column]."""
    columns, last = values.shape[1], len(cutoffs) - 1
    for row in range(len(first) - 1):
        settled, _ = reach_from(
            start,
            head,
            ticks,
            starts[first[row] : first[row + 1]],
            legs[first[row] : first[row + 1]],
            cutoffs[last],
            wanted,
            0,
            seen,
            heap,
            order,
        )
        at = 0
        for k in range(settled):
            vertex = order[k]
            time = seen[vertex] - 1
            seen[vertex] = 0
            while time > cutoffs[at]:
                for column in range(columns):
                    sums[row, at + 1, column] = sums[row, at, column]
                at += 1
            for column in range(columns):
                sums[row, at, column] += values[vertex, column]
        while at < last:
            for column in range(columns):
                sums[row, at + 1, column] = sums[row, at, column]
            at += 1


@compiled
def ticks_between(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    first: "Ints",
    starts: "Ints",
    legs: "Ints",
    destinations: "Ints",
    limit: int,
    wanted: "Marks",
    missing: int,
    seen: "Ints",
    heap: "Longs",
    order: "Ints",
    found: "Ints",
) -> None:
    """Fill found[origin, destination] with ticks; -1 where not reached."""
    for row in range(len(first) - 1):
        settled, size = reach_from(
            start,
            head,
            ticks,
            starts[first[row] : first[row + 1]],
            legs[first[row] : first[row + 1]],
            limit,
            wanted,
            missing,
            seen,
            heap,
            order,
        )
        for column in range(len(destinations)):
            found[row, column] = seen[destinations[column]] - 1
        for k in range(settled):
            seen[order[k]] = 0
        for k in range(size):
            seen[heap[k] & 0xFFFFFFFF] = 0


@compiled
def nearest_of(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    facilities: "Ints",
    limit: int,
    best: "Longs",
    keys: "Longs",
    vertices: "Ints",
    state: "Longs",
) -> None:
    """
    Find the nearest facility of each vertex: ``best`` holds time and place in the list.

    Both are in one number, so of facilities equally near the first in the list wins.
    ``best`` is the greatest number where nothing is reached.
    """
    size = 0
    for place in range(len(facilities)):
        if place < best[facilities[place]]:
            best[facilities[place]] = place
            _push_pair(keys, vertices, size, place, facilities[place])
            size += 1
    settled = 0
    while size > 0:
        key, vertex = keys[0], vertices[0]
        size -= 1
        if size > 0:
            _pop_pair(keys, vertices, size)
        if key > best[vertex]:
            continue
        settled += 1
        state[DONE] = settled
        if state[STOP]:
            break
        for arc in range(start[vertex], start[vertex + 1]):
            there = (key >> 32) + ticks[arc]
            other, new = head[arc], there << 32 | key & 0xFFFFFFFF
            if there <= limit and new < best[other]:
                best[other] = new
                _push_pair(keys, vertices, size, new, other)
                size += 1


@compiled
def _push_pair(
    keys: "Longs", vertices: "Ints", size: int, key: int, vertex: int
) -> None:
    """Put a key and its vertex into a heap of so many."""
    at = size
    while at > 0:
        above = (at - 1) >> 2
        if keys[above] <= key:
            break
        keys[at], vertices[at] = keys[above], vertices[above]
        at = above
    keys[at], vertices[at] = key, vertex


@compiled
def _pop_pair(keys: "Longs", vertices: "Ints", size: int) -> None:
    """Take the least key out of a heap that will hold so many."""
    key, vertex = keys[size], vertices[size]
    at = 0
    while True:
        least = 4 * at + 1
        if least >= size:
            break
        for other in range(least + 1, min(4 * at + 5, size)):
            if keys[other] < keys[least]:
                least = other
        if keys[least] >= key:
            break
        keys[at], vertices[at] = keys[least], vertices[least]
        at = least
    keys[at], vertices[at] = key, vertex
