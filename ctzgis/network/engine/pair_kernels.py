"""Times of single pairs, compiled: bounded searches, and up a hierarchy (点对搜索)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled
from ctzgis.network.engine.search import reach_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Marks = NDArray[np.uint8]

__all__ = ["climb_pairs", "pairs_from"]

_FAR = np.int64(1) << 40


@compiled
def pairs_from(
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    origins: "Ints",
    limits: "Ints",
    first: "Longs",
    destinations: "Ints",
    wanted: "Marks",
    seen: "Ints",
    heap: "Longs",
    order: "Ints",
    found: "Ints",
) -> None:
    """Fill ``found`` with ticks from each origin to its own destinations; -1 beyond."""
    leg = np.zeros(1, dtype=np.int32)
    base = first[0]
    for row in range(len(origins)):
        settled, _ = reach_from(
            start,
            head,
            ticks,
            origins[row : row + 1],
            leg,
            limits[row],
            wanted,
            0,
            seen,
            heap,
            order,
        )
        for k in range(first[row], first[row + 1]):
            found[k - base] = seen[destinations[k - base]] - 1
        for k in range(settled):
            seen[order[k]] = 0


@compiled
def climb_pairs(
    skeleton_start: "Ints",
    above: "Ints",
    up_start: "Ints",
    up_head: "Ints",
    up_ticks: "Ints",
    down_start: "Ints",
    down_head: "Ints",
    down_ticks: "Ints",
    origins: "Ints",
    destinations: "Ints",
    out: "Longs",
    back: "Longs",
    found: "Longs",
) -> None:
    """
    Fill ``found`` with ticks of pairs of places; -1 where there is no way.

    Ways lead up the elimination tree, then down: all that a place is joined with above
    it is among its ancestors, so one walk to the root settles them.
    """
    for k in range(len(origins)):
        # Pairs of one origin that follow each other climb from it once.
        if k == 0 or origins[k] != origins[k - 1]:
            _climb(
                skeleton_start, above, up_start, up_head, up_ticks, origins[k], out
            )  # fmt: skip
        _climb(
            skeleton_start, above, down_start, down_head, down_ticks,
            destinations[k], back,
        )  # fmt: skip
        least, at = _FAR, destinations[k]
        while at >= 0:
            least = min(least, out[at] + back[at])
            back[at] = _FAR
            at = _parent(skeleton_start, above, at)
        found[k] = least if least < _FAR else -1
        if k + 1 == len(origins) or origins[k + 1] != origins[k]:
            at = origins[k]
            while at >= 0:
                out[at] = _FAR
                at = _parent(skeleton_start, above, at)


@compiled
def _climb(
    skeleton_start: "Ints",
    above: "Ints",
    start: "Ints",
    head: "Ints",
    ticks: "Ints",
    place: int,
    times: "Longs",
) -> None:
    """Give a place and its ancestors their times over the arcs that lead up."""
    times[place] = 0
    at = place
    while at >= 0:
        time = times[at]
        if time < _FAR:
            for arc in range(start[at], start[at + 1]):
                there = time + ticks[arc]
                if there < times[head[arc]]:
                    times[head[arc]] = there
        at = _parent(skeleton_start, above, at)


@compiled
def _parent(skeleton_start: "Ints", above: "Ints", place: int) -> int:
    """Return the parent of a place in the elimination tree, -1 for a root."""
    after = skeleton_start[place + 1]
    return above[after - 1] if after > skeleton_start[place] else -1
