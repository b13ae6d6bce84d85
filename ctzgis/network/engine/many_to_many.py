"""Times between many origins and many destinations, up and down a hierarchy (起讫点矩阵)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.graph import TICKS_PER_MIN
from ctzgis.network.engine.lanes import clear, pull, relax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.uint8]
    Places = NDArray[np.uint32]
    RowsOf = tuple[Places, Places, Ints]
    PartRows = tuple[Ints, Ints, Ints]

__all__ = ["minutes_of_batch", "part_between"]

_CLIMBED: Final = 1
_SWEPT: Final = 2
_BLOCK: Final = 64


@compiled
def part_between(
    up: "RowsOf", down: "RowsOf", origins: "Ints", destinations: "Ints"
) -> "tuple[Ints, Marks, PartRows, PartRows]":
    """
    Take the part of a hierarchy that trips between two sets of places can use.

    Returns the number in the part of each place (-1 where it is not in it), whether ways
    down are needed to reach each, and the arcs up and down among them.
    """
    marks = np.zeros(len(up[0]) - 1, dtype=np.uint8)
    _mark(up, origins, _CLIMBED, marks)
    _mark(down, destinations, _SWEPT, marks)
    number = np.full(len(marks), -1, dtype=np.int32)
    count = 0
    for place in range(len(marks)):
        if marks[place]:
            number[place] = count
            count += 1
    swept = np.zeros(count, dtype=np.uint8)
    for place in range(len(marks)):
        if marks[place] & _SWEPT:
            swept[number[place]] = 1
    return (
        number,
        swept,
        _rows_among(up, marks, _CLIMBED, number, count),
        _rows_among(down, marks, _SWEPT, number, count),
    )


@compiled
def _mark(rows: "RowsOf", places: "Ints", mark: int, marks: "Marks") -> None:
    """Mark places and all that their rows lead to."""
    stack = np.empty(len(marks), dtype=np.int32)
    for first in places:
        if marks[first] & mark:
            continue
        marks[first] |= mark
        stack[0], size = first, 1
        while size > 0:
            size -= 1
            place = stack[size]
            for arc in range(rows[0][place], rows[0][place + 1]):
                other = rows[1][arc]
                if not marks[other] & mark:
                    marks[other] |= mark
                    stack[size] = other
                    size += 1


@compiled
def _rows_among(
    rows: "RowsOf", marks: "Marks", mark: int, number: "Ints", count: int
) -> "PartRows":
    """Return the rows of marked places, by their numbers."""
    start = np.zeros(count + 1, dtype=np.int32)
    for place in range(len(marks)):
        if marks[place] & mark:
            start[number[place] + 1] = rows[0][place + 1] - rows[0][place]
    for k in range(count):
        start[k + 1] += start[k]
    head = np.empty(start[count], dtype=np.int32)
    ticks = np.empty(start[count], dtype=np.int32)
    for place in range(len(marks)):
        if marks[place] & mark:
            to = start[number[place]]
            for arc in range(rows[0][place], rows[0][place + 1]):
                head[to], ticks[to] = number[rows[1][arc]], rows[2][arc]
                to += 1
    return start, head, ticks


@compiled
def minutes_of_batch(
    swept: "Marks",
    up: "PartRows",
    down: "PartRows",
    origins: "PartRows",
    destinations: "Ints",
    limit: int,
    climbed: "Marks",
    times: "Ints",
    minutes: "Floats",
) -> None:
    """
    Fill minutes[origin, destination], for as many origins as there are lanes.

    ``origins`` holds rows of the places where each starts, and after which ticks.
    ``climbed`` holds zeros, before and after; ``times`` is room for a row a place.
    """
    marked = 0
    stack = np.empty(len(swept), dtype=np.int32)
    first, starts, legs = origins
    for place in starts:
        if not climbed[place]:
            climbed[place] = 1
            stack[marked] = place
            marked += 1
    at = 0
    while at < marked:
        for arc in range(up[0][stack[at]], up[0][stack[at] + 1]):
            other = up[1][arc]
            if not climbed[other]:
                climbed[other] = 1
                stack[marked] = other
                marked += 1
        at += 1
    above = np.sort(stack[:marked])
    for place in above:
        clear(times, place)
    for lane in range(len(first) - 1):
        for k in range(first[lane], first[lane + 1]):
            times[starts[k], lane] = legs[k]
    for k in range(marked - 1, -1, -1):
        place = above[k]
        for arc in range(up[0][place], up[0][place + 1]):
            pull(times, up[1][arc], place, up[2][arc])
    for place in range(len(swept)):
        if not swept[place]:
            continue
        if climbed[place]:
            for arc in range(down[0][place], down[0][place + 1]):
                pull(times, place, down[1][arc], down[2][arc])
        else:
            relax(times, place, down[1], down[2], down[0][place], down[0][place + 1])
    for place in above:
        climbed[place] = 0
    # Blocks keep the rows that are turned into columns in the cache.
    for begin in range(0, len(destinations), _BLOCK):
        after = min(begin + _BLOCK, len(destinations))
        for lane in range(len(first) - 1):
            for k in range(begin, after):
                ticks = times[destinations[k], lane]
                minutes[lane, k] = ticks / TICKS_PER_MIN if ticks <= limit else np.inf
