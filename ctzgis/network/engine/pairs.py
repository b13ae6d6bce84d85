"""Times of many single pairs, each its own question (点对时间)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import told
from ctzgis.network.engine.graph import TICKS_PER_MIN, limit_ticks, vertices_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ctzgis.network.engine.graph import SearchGraph
    from ctzgis.network.engine.hierarchy import Hierarchy
    from ctzgis.progress import Progress

__all__ = ["pair_minutes", "pair_minutes_within"]

_AT_ONCE: Final = 1000
_FAR: Final = 1 << 40


def pair_minutes_within(
    graph: "SearchGraph",
    origins: "ArrayLike",
    destinations: "ArrayLike",
    limits_min: "ArrayLike",
    *,
    progress: "Progress | None" = None,
) -> "NDArray[np.float64]":
    """
    Return minutes of pairs that are no farther apart than limits.

    Pairs of one origin share a search, which goes as far as the greatest of their limits.

    Parameters
    ----------
    graph
        The graph.
    origins, destinations
        Vertices, one of each for a pair.
    limits_min
        How far each is looked for.
    progress
        Takes a line now and then.

    Returns
    -------
    ndarray
        One a pair; ``inf`` beyond the limit of its search.

    Raises
    ------
    InputError
        If a vertex is not there, there are more of one than of the other, or a limit is
        negative or undefined.

    Examples
    --------
    >>> from ctzgis.network.engine import search_graph
    >>> graph = search_graph(3, [0, 1], [1, 2], [4.0, 2.5])
    >>> pair_minutes_within(graph, [0, 0, 1], [1, 2, 2], [5, 5, 5])
    array([4. , inf, 2.5])
    """
    from ctzgis.network.engine import pair_kernels

    start, end = _ends(origins, destinations, graph.count)
    limits = np.asarray(limits_min, dtype=np.float64)
    if limits.shape != start.shape or not (limits >= 0).all():
        msg = f"{len(start)} pairs need as many limits, 0 or more"
        raise InputError(msg)
    minutes = np.full(len(start), np.inf)
    if not len(start):
        return minutes
    tails, heads = graph.inner[start], graph.inner[end]
    order = np.argsort(tails, kind="stable")
    alone, first = np.unique(tails[order], return_index=True)
    # A limit of ticks is rounded as arcs are; half a tick more loses no pair at it.
    most = np.maximum.reduceat(limits[order], first)
    ticks = np.array([limit_ticks(limit) for limit in most], dtype=np.int32)
    bounds = np.append(first, len(start)).astype(np.int64)
    goals = heads[order].astype(np.int32)
    found = np.empty(len(start), dtype=np.int32)
    rows = graph.forward

    def work(begin: int, after: int) -> None:
        """Search from some of the origins."""
        here = slice(bounds[begin], bounds[after])
        pair_kernels.pairs_from(
            rows.start, rows.head, rows.ticks, alone[begin:after].astype(np.int32),
            ticks[begin:after], bounds[begin : after + 1], goals[here],
            np.empty(0, dtype=np.uint8), np.zeros(graph.count, dtype=np.int32),
            np.empty(graph.arcs + 1, dtype=np.int64),
            np.empty(graph.count, dtype=np.int32), found[here],
        )  # fmt: skip

    threads = processors(None, 8 * (graph.count + graph.arcs))
    with told(progress, pair_kernels.pairs_from):
        in_chunks(
            work, len(alone), _AT_ONCE, threads, title="detours", progress=progress
        )
    minutes[order] = np.where(found < 0, np.inf, found / TICKS_PER_MIN)
    return minutes


def pair_minutes(
    hierarchy: "Hierarchy",
    origins: "ArrayLike",
    destinations: "ArrayLike",
    *,
    progress: "Progress | None" = None,
) -> "NDArray[np.float64]":
    """
    Return minutes of pairs, however far apart, on a prepared graph.

    Parameters
    ----------
    hierarchy
        The graph, prepared.
    origins, destinations
        Vertices, one of each for a pair.
    progress
        Takes a line now and then.

    Returns
    -------
    ndarray
        One a pair; ``inf`` where there is no way.

    Raises
    ------
    InputError
        If a vertex is not there, or there are more of one than of the other.

    Examples
    --------
    >>> from ctzgis.network.engine import prepare, search_graph
    >>> graph = prepare(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]))
    >>> pair_minutes(graph, [0, 2, 1], [2, 0, 1])
    array([6.5, inf, 0. ])
    """
    from ctzgis.network.engine import pair_kernels

    start, end = _ends(origins, destinations, hierarchy.count)
    places, skeleton = hierarchy.places, hierarchy.skeleton
    tails, heads = places[start], places[end]
    found = np.empty(len(start), dtype=np.int64)
    up, down = hierarchy.up, hierarchy.down

    def work(begin: int, after: int) -> None:
        """Find some of the pairs."""
        pair_kernels.climb_pairs(
            skeleton.start, skeleton.above, up.start, up.head, up.ticks,
            down.start, down.head, down.ticks, tails[begin:after], heads[begin:after],
            np.full(hierarchy.count, _FAR), np.full(hierarchy.count, _FAR),
            found[begin:after],
        )  # fmt: skip

    with told(progress, pair_kernels.climb_pairs):
        in_chunks(
            work, len(start), _AT_ONCE, processors(None, 16 * hierarchy.count),
            title="detours", progress=progress,
        )  # fmt: skip
    return np.where(found < 0, np.inf, found / TICKS_PER_MIN)


def _ends(
    origins: "ArrayLike", destinations: "ArrayLike", count: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return both ends of pairs after a check that they are there."""
    start = vertices_of(np.asarray(origins, dtype=np.int64), count, "origins")
    end = vertices_of(np.asarray(destinations, dtype=np.int64), count, "destinations")
    if len(start) != len(end):
        msg = f"{len(start)} origins make no pairs with {len(end)} destinations"
        raise InputError(msg)
    return start, end
