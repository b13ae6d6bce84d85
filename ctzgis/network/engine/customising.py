"""Times of all shortcuts of a hierarchy (层次结构的权重定制)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.graph import CEILING_TICKS
from ctzgis.network.engine.stopping import DONE, STOP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Marks = NDArray[np.bool_]

__all__ = ["customise"]

# Places gone through between two looks at the state, which in the inner loops would cost
# three hundredths of the time. The longest rows, of some 10,000, take 0.1 s each.
_BLOCK: Final = 8


@compiled
def customise(
    start: "Ints",
    above: "Ints",
    place: "Ints",
    arc_start: "Ints",
    arc_head: "Ints",
    arc_ticks: "Ints",
    state: "Longs",
) -> "tuple[Ints, Ints, Ints, Ints, Ints, Ints]":
    """
    Find the quickest times between each place and those above it.

    Returns two sets of rows, start, place above and ticks: of the arcs up, and of the
    arcs down. An arc that another way beats is left out. Done, of twice the length of
    ``above``, are arcs shortened from below, then from above.
    """
    up = np.full(len(above), CEILING_TICKS, dtype=np.int32)
    down = np.full(len(above), CEILING_TICKS, dtype=np.int32)
    _enter_arcs(start, above, place, arc_start, arc_head, arc_ticks, up, down, state)
    _through_below(start, above, up, down, state)
    up_used, down_used = _through_above(start, above, up, down, state)
    up_rows = _kept(start, above, up, up_used)
    down_rows = _kept(start, above, down, down_used)
    return (*up_rows, *down_rows)


@compiled
def _enter_arcs(
    start: "Ints",
    above: "Ints",
    place: "Ints",
    arc_start: "Ints",
    arc_head: "Ints",
    arc_ticks: "Ints",
    up: "Ints",
    down: "Ints",
    state: "Longs",
) -> None:
    """Enter the times of the graph's own arcs."""
    for vertex in range(len(place)):
        if state[STOP]:
            break
        here = place[vertex]
        for arc in range(arc_start[vertex], arc_start[vertex + 1]):
            there = place[arc_head[arc]]
            low, high = max(here, there), min(here, there)
            first, after = start[low], start[low + 1]
            at = first + np.searchsorted(above[first:after], high)
            if here == low:
                up[at] = min(up[at], arc_ticks[arc])
            else:
                down[at] = min(down[at], arc_ticks[arc])


@compiled
def _through_below(
    start: "Ints", above: "Ints", up: "Ints", down: "Ints", state: "Longs"
) -> None:
    """Shorten arcs by ways through a place below both ends, from the bottom up."""
    for after in range(len(start) - 1, 0, -_BLOCK):
        state[DONE] = len(above) - start[after]
        if state[STOP]:
            break
        _below(start, above, up, down, max(after - _BLOCK, 0), after)


@compiled
def _below(
    start: "Ints", above: "Ints", up: "Ints", down: "Ints", least: int, most: int
) -> None:
    """Shorten arcs through some places."""
    for low in range(most - 1, least - 1, -1):
        first, after = start[low], start[low + 1]
        for b in range(first + 1, after):
            arc = start[above[b]]
            for a in range(first, b):
                while above[arc] != above[a]:
                    arc += 1
                up[arc] = min(up[arc], down[b] + up[a])
                down[arc] = min(down[arc], down[a] + up[b])


@compiled
def _through_above(
    start: "Ints", above: "Ints", up: "Ints", down: "Ints", state: "Longs"
) -> "tuple[Marks, Marks]":
    """Shorten arcs by ways through a third place above the lower end, from the top down."""
    up_used, down_used = up < CEILING_TICKS, down < CEILING_TICKS
    count = len(start) - 1
    for first in range(0, count, _BLOCK):
        state[DONE] = len(above) + start[first]
        if state[STOP]:
            break
        after = min(first + _BLOCK, count)
        _above(start, above, up, down, up_used, down_used, first, after)
    return up_used, down_used


@compiled
def _above(
    start: "Ints",
    above: "Ints",
    up: "Ints",
    down: "Ints",
    up_used: "Marks",
    down_used: "Marks",
    least: int,
    most: int,
) -> None:
    """Shorten the arcs of some places."""
    for low in range(least, most):
        first, after = start[low], start[low + 1]
        for b in range(first + 1, after):
            arc = start[above[b]]
            for a in range(first, b):
                while above[arc] != above[a]:
                    arc += 1
                if up[a] + down[arc] < up[b]:
                    up[b], up_used[b] = up[a] + down[arc], False
                if up[b] + up[arc] < up[a]:
                    up[a], up_used[a] = up[b] + up[arc], False
                if up[arc] + down[a] < down[b]:
                    down[b], down_used[b] = up[arc] + down[a], False
                if down[arc] + down[b] < down[a]:
                    down[a], down_used[a] = down[arc] + down[b], False


@compiled
def _kept(
    start: "Ints", above: "Ints", ticks: "Ints", used: "Marks"
) -> "tuple[Ints, Ints, Ints]":
    """Return the rows of arcs that are used."""
    count, number = len(start) - 1, used.sum()
    begin = np.zeros(count + 1, dtype=np.int32)
    head, kept = np.empty(number, dtype=np.int32), np.empty(number, dtype=np.int32)
    to = 0
    for low in range(count):
        for arc in range(start[low], start[low + 1]):
            if used[arc]:
                head[to], kept[to] = above[arc], ticks[arc]
                to += 1
        begin[low + 1] = to
    return begin, head, kept
