"""
Sums within times of many origins, by sweeps down the hierarchy (多起点下行扫描).

Origins go in batches of 128 that lie together. For each place two bounds on the times of
the whole batch are found first: the least, which is exact, and one that none exceeds.
They settle most places for all origins at once. Times of single origins are found, all
128 in one vector, for the places between, and only over arcs that can matter to them.
Such a time is kept as what it exceeds the least by, which mostly fits 16 bits.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.graph import CEILING_TICKS
from ctzgis.network.engine.lanes import (
    LANES,
    add_within,
    clear,
    greatest,
    pull,
    relate,
    relax,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Words = NDArray[np.uint16]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.uint8]
    Places = NDArray[np.uint32]
    RowsOf = tuple[Places, Places, Ints]
    PartRows = tuple[Ints, Ints, Ints]
    Found = tuple[Ints, Ints, Ints, Ints, Ints, Marks]

__all__ = ["STATE", "sums_of_batches"]

# What is known of a place: bounds, where it is in the list of those reached, and its row
# among those above an origin plus one (-1: above an origin, but too far from all).
_LOW: Final = 0
_HIGH: Final = 1
_AT: Final = 2
_UP: Final = 3
STATE: Final = (CEILING_TICKS, CEILING_TICKS, -1, 0)
"""What is known of a place before anything is reached."""

_MOST_APART: Final = 2**16 - 2


@compiled
def sums_of_batches(
    tree: "RowsOf",
    up: "RowsOf",
    down: "RowsOf",
    origins: "PartRows",
    cutoffs: "Ints",
    values: "Floats",
    state: "Ints",
    found: "Found",
    sums: "Floats",
) -> None:
    """
    Add up values within rising cutoffs of each origin: sums[origin, cutoff, column].

    Indices are unsigned, or Numba would look at each for a count from the end.
    ``tree`` holds the rows of what is above each place, and the sizes; ``origins`` the
    rows of the places where each starts, and after which ticks; values go by places.
    ``state`` has a row :data:`STATE` for each place, before and
    after; ``found`` is room for what is reached.
    """
    above, narrow = np.empty(0, dtype=np.int32), np.empty((0, LANES), dtype=np.uint16)
    times, wide = np.empty((0, LANES), np.int32), np.empty((0, LANES), np.int32)
    limit, columns = cutoffs[len(cutoffs) - 1], values.shape[1]
    within = np.empty((len(cutoffs) * columns, LANES))
    reached, count = found[0], len(origins[0]) - 1
    for first in range(0, count, LANES):
        lanes = min(LANES, count - first)
        rows = origins[0][first : first + lanes + 1]
        some = slice(rows[0], rows[lanes])
        batch = (rows - rows[0], origins[1][some], origins[2][some])
        above = _above(tree, batch[1], state)
        near = _low_bounds(up, down, batch, limit, above, state)
        if near > len(times):
            times = np.empty((near + near // 4, LANES), np.int32)
        _times_above(up, down, batch, limit, above[:near], state, times)
        number = _reach(tree, down, limit, state, found)
        settled = np.zeros((len(cutoffs) + 1, columns))
        needed, apart = _undecided(cutoffs, values, state, found, number, settled)
        within[:] = 0.0
        if apart <= _MOST_APART:
            if needed > len(narrow):
                narrow = np.empty((needed + needed // 4, LANES), np.uint16)
            _sweep(narrow, times, cutoffs, values, state, found, number, within)
        else:
            if needed > len(wide):
                wide = np.empty((needed + needed // 4, LANES), np.int32)
            _sweep(wide, times, cutoffs, values, state, found, number, within)
        for column in range(columns):
            total = 0.0
            for k in range(len(cutoffs)):
                total += settled[k, column]
                for lane in range(lanes):
                    sums[first + lane, k, column] = (
                        total + within[k * columns + column, lane]
                    )
        for k in range(number):
            _forget(state, reached[k])
        for k in range(len(above)):
            _forget(state, above[k])


@compiled
def _forget(state: "Ints", place: int) -> None:
    """Set back what is known of a place."""
    state[place, _LOW], state[place, _HIGH] = CEILING_TICKS, CEILING_TICKS
    state[place, _AT], state[place, _UP] = -1, 0


@compiled
def _above(tree: "RowsOf", starts: "Ints", state: "Ints") -> "Ints":
    """Mark the starts and all above them in the tree, and return them in order."""
    start, head, _ = tree
    marked = 0
    for k in range(len(starts)):
        place = starts[k]
        while state[place, _UP] == 0:
            state[place, _UP] = -1
            marked += 1
            if start[place] == start[place + 1]:
                break
            place = head[start[place + 1] - 1]
    above = np.empty(marked, dtype=np.int32)
    at = 0
    for k in range(len(starts)):
        place = starts[k]
        while state[place, _UP] == -1:
            state[place, _UP] = -2
            above[at] = place
            at += 1
            if start[place] == start[place + 1]:
                break
            place = head[start[place + 1] - 1]
    above.sort()
    return above


@compiled
def _low_bounds(
    up: "RowsOf",
    down: "RowsOf",
    batch: "PartRows",
    limit: int,
    above: "Ints",
    state: "Ints",
) -> int:
    """
    Find the least times of places above origins, and number those within the limit.

    They are moved to the front of ``above``; their number is returned.
    """
    for k in range(len(batch[1])):
        place = batch[1][k]
        state[place, _LOW] = min(state[place, _LOW], batch[2][k])
    for k in range(len(above) - 1, -1, -1):
        place = above[k]
        low = state[place, _LOW]
        state[place, _HIGH] = low  # by ways up alone, for now
        if low <= limit:
            for arc in range(up[0][place], up[0][place + 1]):
                other = up[1][arc]
                state[other, _LOW] = min(state[other, _LOW], low + up[2][arc])
    for k in range(len(above)):
        place = above[k]
        low = state[place, _LOW]
        for arc in range(down[0][place], down[0][place + 1]):
            low = min(low, state[down[1][arc], _LOW] + down[2][arc])
        state[place, _LOW] = low
    near = 0
    for k in range(len(above)):
        place = above[k]
        if state[place, _LOW] <= limit:
            above[k] = above[near]
            above[near] = place
            near += 1
            state[place, _UP] = near
        else:
            state[place, _LOW], state[place, _UP] = CEILING_TICKS, -1
    return near


@compiled
def _times_above(
    up: "RowsOf",
    down: "RowsOf",
    batch: "PartRows",
    limit: int,
    near: "Ints",
    state: "Ints",
    times: "Ints",
) -> None:
    """Find the times of each origin to places above origins: up, then down the tree."""
    for k in range(len(near)):
        clear(times, k)
    # Lanes without an origin repeat the others, and so widen no bounds.
    first, starts, legs = batch
    for lane in range(LANES):
        origin = lane % (len(first) - 1)
        for k in range(first[origin], first[origin + 1]):
            row = state[starts[k], _UP]
            if row > 0:
                times[row - 1, lane] = min(times[row - 1, lane], legs[k])
    for k in range(len(near) - 1, -1, -1):
        place = near[k]
        climbed = state[place, _HIGH]
        for arc in range(up[0][place], up[0][place + 1]):
            row = state[up[1][arc], _UP]
            if row > 0 and climbed + up[2][arc] <= limit:
                pull(times, row - 1, k, up[2][arc])
    for k in range(len(near)):
        place = near[k]
        for arc in range(down[0][place], down[0][place + 1]):
            row = state[down[1][arc], _UP]
            if row > 0 and state[down[1][arc], _LOW] + down[2][arc] <= limit:
                pull(times, k, row - 1, down[2][arc])
        state[place, _HIGH] = min(greatest(times, k), limit + 1)


@compiled
def _reach(
    tree: "RowsOf", down: "RowsOf", limit: int, state: "Ints", found: "Found"
) -> int:
    """
    List the places within the limit of any origin, with bounds and arcs that matter.

    An arc matters if it can beat the upper bound of the place it leads to.
    """
    reached, _, first, source, ticks, _ = found
    start, above, size = tree
    number, arcs, place = 0, 0, 0
    first[0] = 0
    while place < len(size):
        low, high = state[place, _LOW], state[place, _HIGH]
        begin, after = down[0][place], down[0][place + 1]
        if state[place, _UP] == 0:
            met = arcs
            for arc in range(begin, after):
                other = down[1][arc]
                there = state[other, _LOW] + down[2][arc]
                low = min(low, there)
                high = min(high, state[other, _HIGH] + down[2][arc])
                source[met], ticks[met] = state[other, _AT], there
                met += 1
            if low > limit:
                # Ways to what is below lead through this place or one joined with it.
                alive = False
                for arc in range(start[place], start[place + 1]):
                    alive |= state[above[arc], _LOW] <= limit
                place += 1 if alive else size[place]
                continue
            high = min(high, limit + 1)
            for arc in range(arcs, met):
                there = ticks[arc]
                source[arcs], ticks[arcs] = source[arc], there - low
                arcs += there <= high  # else the next arc takes its room
            state[place, _LOW], state[place, _HIGH] = low, high
        elif low > limit:
            place += 1
            continue
        state[place, _AT] = number
        reached[number] = place
        number += 1
        first[number] = arcs
        place += 1
    return number


@compiled
def _undecided(
    cutoffs: "Ints",
    values: "Floats",
    state: "Ints",
    found: "Found",
    number: int,
    settled: "Floats",
) -> tuple[int, int]:
    """
    Add up values of places that all origins reach in time, and mark the others.

    ``settled[k]`` is what all origins reach within cutoff ``k`` but not ``k - 1``. Also
    marked are places that ways to marked ones lead through. Returns how many are, and
    how far the bounds of one of them are apart at most.
    """
    reached, _, first, source, _, needed = found
    for k in range(number):
        needed[k] = 0
    marked, apart = 0, 0
    for k in range(number - 1, -1, -1):
        place = reached[k]
        low, high = state[place, _LOW], state[place, _HIGH]
        some = False
        for column in range(values.shape[1]):
            some |= values[place, column] != 0
        if some:
            all_ = 0
            while all_ < len(cutoffs) and cutoffs[all_] < high:
                needed[k] |= cutoffs[all_] >= low
                all_ += 1
            for column in range(values.shape[1]):
                settled[all_, column] += values[place, column]
        if needed[k]:
            marked += 1
            apart = max(apart, high - low)
            for arc in range(first[k], first[k + 1]):
                needed[source[arc]] = 1
    return marked, apart


@compiled
def _sweep(
    rows: "Ints | Words",
    times: "Ints",
    cutoffs: "Ints",
    values: "Floats",
    state: "Ints",
    found: "Found",
    number: int,
    within: "Floats",
) -> None:
    """Find the times of each origin to marked places, and add up values within cutoffs."""
    reached, slot, first, source, ticks, needed = found
    columns, row = values.shape[1], 0
    for k in range(number):
        if not needed[k]:
            continue
        place = reached[k]
        low, high = state[place, _LOW], state[place, _HIGH]
        if state[place, _UP] > 0:
            relate(rows, row, times, state[place, _UP] - 1, low)
        else:
            for arc in range(first[k], first[k + 1]):
                source[arc] = slot[source[arc]]
            relax(rows, row, source, ticks, first[k], first[k + 1])
        for q in range(len(cutoffs)):
            if low <= cutoffs[q] < high:
                for column in range(columns):
                    value = values[place, column]
                    if value != 0:
                        to = q * columns + column
                        add_within(within, to, rows, row, cutoffs[q] - low, value)
        slot[k] = row
        row += 1
