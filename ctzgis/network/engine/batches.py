"""Questions to a hierarchy in batches of origins (批量起点)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine.connectors import Connectors
    from ctzgis.network.engine.hierarchy import Hierarchy
    from ctzgis.progress import Progress

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Places = NDArray[np.uint32]
    RowsOf = tuple[Places, Places, Ints]
    Found = tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.uint8]]

__all__ = ["minutes_by_batches", "sums_by_batches"]

# A batch that reaches all of so many vertices takes half a second at most.
_CHUNK_VERTICES: Final = 3_000_000
_MOST_BATCHES_A_CHUNK: Final = 16

# Bytes of work for each place, those of each origin's times apart, and for each arc.
_PLACE_BYTES: Final = 40
_ARC_BYTES: Final = 8


def sums_by_batches(
    hierarchy: "Hierarchy",
    origins: "Connectors",
    cutoffs: "Ints",
    values: "Floats",
    *,
    reverse: bool,
    threads: int | None,
    progress: "Progress | None",
) -> "Floats":
    """Return sums within rising cutoffs: origins and values by inner numbers."""
    from ctzgis.network.engine import lanes, sweeps

    skeleton = hierarchy.skeleton
    by_place = np.empty_like(values)
    by_place[skeleton.place] = values
    # What lies together is asked together; without coordinates the tree knows best.
    by_number = hierarchy.graph.local
    order = _together(origins if by_number else origins.numbered(skeleton.place))
    sorted_ = origins.numbered(skeleton.place).take(order)
    tree = (*_unsigned(skeleton.start, skeleton.above), skeleton.size)
    up, down = _both(hierarchy, reverse=reverse)
    sums = np.empty((len(origins), len(cutoffs), values.shape[1]))
    spare: list[tuple[Ints, Found]] = []

    def work(first: int, after: int) -> None:
        """Answer some of the origins."""
        try:
            state, found = spare.pop()
        except IndexError:  # others are at work in all there are
            state, found = _room(hierarchy.count, len(down[1]))
        part = np.empty((after - first, *sums.shape[1:]))
        some = sorted_.part(first, after)
        starts = some.first, some.vertex, some.ticks
        sweeps.sums_of_batches(
            tree, up, down, starts, cutoffs, by_place, state, found, part
        )
        sums[order[first:after]] = part
        spare.append((state, found))

    times = 5 * lanes.LANES  # 32 bits in each lane, and a quarter to spare
    each = hierarchy.count * (_PLACE_BYTES + times) + len(down[1]) * _ARC_BYTES
    batches = min(_CHUNK_VERTICES // max(hierarchy.count, 1), _MOST_BATCHES_A_CHUNK)
    size = max(batches, 1) * lanes.LANES
    with told(progress, sweeps.sums_of_batches):
        in_chunks(
            work, len(origins), size, processors(threads, each),
            title="sums within reach", progress=progress,
        )  # fmt: skip
    return sums


def _room(count: int, arcs: int) -> "tuple[Ints, Found]":
    """Return the room that a thread needs for what it finds."""
    from ctzgis.network.engine import sweeps

    state = np.empty((count, len(sweeps.STATE)), dtype=np.int32)
    state[:] = sweeps.STATE
    return state, (
        np.empty(count, dtype=np.int32),
        np.empty(count, dtype=np.int32),
        np.empty(count + 1, dtype=np.int32),
        np.empty(arcs + 1, dtype=np.int32),
        np.empty(arcs + 1, dtype=np.int32),
        np.empty(count, dtype=np.uint8),
    )


def minutes_by_batches(
    hierarchy: "Hierarchy",
    origins: "Connectors",
    destinations: "Ints",
    limit: int,
    *,
    reverse: bool,
    threads: int | None,
    progress: "Progress | None",
) -> "Floats":
    """Return minutes from origins to destinations, both by inner numbers."""
    from ctzgis.network.engine import lanes, many_to_many

    starts = origins.numbered(hierarchy.skeleton.place)
    ends = hierarchy.skeleton.place[destinations]
    # Origins that lie together climb the same part of the tree.
    order = _together(starts)
    minutes = np.empty((len(starts), len(ends)))
    with told(progress, many_to_many.part_between, many_to_many.minutes_of_batch):
        number, swept, up, down = many_to_many.part_between(
            *_both(hierarchy, reverse=reverse), starts.vertex, ends
        )
        spare: list[tuple[NDArray[np.uint8], Ints]] = []

        def work(first: int, after: int) -> None:
            """Answer a batch of origins."""
            try:
                climbed, times = spare.pop()
            except IndexError:  # others are at work in all there are
                climbed, times = _columns(len(swept), lanes.LANES)
            rows = order[first:after]
            part = np.empty((len(rows), len(ends)))
            some = starts.take(rows)
            many_to_many.minutes_of_batch(
                swept, up, down, (some.first, number[some.vertex], some.ticks),
                number[ends], limit, climbed, times, part,
            )  # fmt: skip
            minutes[rows] = part
            spare.append((climbed, times))

        each = len(swept) * (4 * lanes.LANES + 8)
        in_chunks(
            work, len(starts), lanes.LANES, processors(threads, each),
            title="matrix", progress=progress,
        )  # fmt: skip
    return minutes


def _together(origins: "Connectors") -> "NDArray[np.int64]":
    """Return origins in the order of the least number they are joined to."""
    least = np.zeros(len(origins), dtype=np.int32)
    found = origins.found
    if found.any():
        least[found] = np.minimum.reduceat(origins.vertex, origins.first[:-1][found])
    return np.argsort(least, kind="stable")


def _columns(count: int, lanes: int) -> "tuple[NDArray[np.uint8], Ints]":
    """Return marks and times of a batch."""
    return np.zeros(count, dtype=np.uint8), np.empty((count, lanes), dtype=np.int32)


def _both(hierarchy: "Hierarchy", *, reverse: bool) -> "tuple[RowsOf, RowsOf]":
    """Return arcs up and down as they are travelled from, or to, an origin."""
    up, down = (
        (*_unsigned(rows.start, rows.head), rows.ticks)
        for rows in (hierarchy.up, hierarchy.down)
    )
    return (down, up) if reverse else (up, down)


def _unsigned(start: "Ints", head: "Ints") -> "tuple[Places, Places]":
    """Return the same numbers for kernels to index with."""
    return start.view(np.uint32), head.view(np.uint32)
