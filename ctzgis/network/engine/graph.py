"""The graph that is searched: whole ticks on arcs, rows both ways (搜索图)."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.network.engine.locality import hilbert_order

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ctzgis.network.engine.hierarchy import Hierarchy

__all__ = [
    "CEILING_TICKS",
    "TICKS_PER_MIN",
    "Pairs",
    "Rows",
    "SearchGraph",
    "limit_ticks",
    "search_graph",
    "ticks_of",
    "vertices_of",
]

TICKS_PER_MIN: Final = 6000
"""A tick is a hundredth of a second."""

CEILING_TICKS: Final = 2**30
"""Nothing takes as long as this, 124 days; two such times still fit 32 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """
    Arcs in compressed rows.

    Attributes
    ----------
    start
        Where the row of each vertex begins; one longer than there are vertices.
    head, ticks
        The other end of each arc, and its time.
    """

    start: "NDArray[np.int32]"
    head: "NDArray[np.int32]"
    ticks: "NDArray[np.int32]"


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """
    Which vertices arcs join, whatever their times.

    Attributes
    ----------
    order
        The given arcs, loops left out, sorted by their ends.
    first
        Where in ``order`` each pair of ends begins.
    tail, head
        Ends of each pair.
    given
        Number of given arcs, loops and all.
    """

    order: "NDArray[np.int32]"
    first: "NDArray[np.int32]"
    tail: "NDArray[np.int32]"
    head: "NDArray[np.int32]"
    given: int


@dataclass(slots=True, eq=False)
class Memory:
    """
    What questions to a graph leave behind; no answer depends on it.

    Attributes
    ----------
    settled
        How many vertices all questions would have settled by single searches.
    hierarchy
        The graph prepared, once they have been worth it.
    """

    settled: float = 0.0
    hierarchy: "Hierarchy | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class SearchGraph:
    """
    A directed graph with whole ticks on its arcs, ready to be searched.

    Inside, vertices are numbered so that neighbours are near in memory; functions that
    take the graph speak of vertices as they were given.

    Attributes
    ----------
    count
        Number of vertices.
    pairs
        What is joined, by inner numbers.
    forward, backward
        Open arcs that leave, and that enter, each vertex, by inner numbers.
    inner
        Inner number of each vertex.
    outer
        Vertex of each inner number.
    local
        Whether vertices with near numbers are near in the plane.
    memory
        What questions to the graph leave for others.
    """

    count: int
    pairs: Pairs
    forward: Rows
    backward: Rows
    inner: "NDArray[np.int32]"
    outer: "NDArray[np.int32]"
    local: bool
    memory: "Memory" = field(default_factory=Memory, init=False, repr=False)

    @property
    def arcs(self) -> int:
        """Number of open arcs."""
        return len(self.forward.head)

    @property
    def head(self) -> "NDArray[np.int32]":
        """Inner numbers of the vertices that open arcs lead to."""
        return self.forward.head

    @property
    def ticks(self) -> "NDArray[np.int32]":
        """Time of each open arc."""
        return self.forward.ticks

    def rows(self, *, reverse: bool) -> Rows:
        """Return the arcs as they are travelled from, or to, an origin."""
        return self.backward if reverse else self.forward

    def reweighted(self, minutes: "ArrayLike") -> "SearchGraph":
        """
        Return the graph with other times; ``inf`` closes an arc.

        Parameters
        ----------
        minutes
            One for each arc that :func:`search_graph` was given, in that order.

        Raises
        ------
        InputError
            If there are more or fewer, or one is negative or undefined.
        """
        found = _weighed(self.count, self.pairs, ticks_of(minutes, self.pairs.given))
        return replace(self, forward=found[0], backward=found[1])


def search_graph(
    count: int,
    tail: "ArrayLike",
    head: "ArrayLike",
    minutes: "ArrayLike",
    xy: "ArrayLike | None" = None,
) -> SearchGraph:
    """
    Build a graph from arcs.

    Times are rounded to ticks of 1/6000 minute, so that an arc is wrong by half a tick
    (0.005 s) at most and sums are exact. Loops are dropped, of parallel arcs the
    quickest counts, and an arc of infinite time is closed: it can be opened by other
    times later. An arc or a trip of 124 days or more counts as infinite.

    Parameters
    ----------
    count
        Number of vertices.
    tail, head
        Vertices 0 … ``count - 1`` at both ends of each arc.
    minutes
        Time of each arc.
    xy
        Places of the vertices, in any unit: searches of large graphs are two to four
        times as fast if neighbours are near in memory.

    Raises
    ------
    InputError
        If an arc has an unknown end or a negative or undefined time, or a vertex has no
        place.

    Examples
    --------
    >>> graph = search_graph(3, [0, 1], [1, 2], [4.0, 2.5])
    >>> graph.ticks
    array([24000, 15000], dtype=int32)
    """
    ends = [vertices_of(part, count, "arcs") for part in (tail, head)]
    if len(ends[0]) != len(ends[1]):
        msg = f"{len(ends[0])} arcs have a tail but {len(ends[1])} a head"
        raise InputError(msg)
    ticks = ticks_of(minutes, len(ends[0]))
    outer = np.arange(count, dtype=np.int32)
    if xy is not None:
        places = np.asarray(xy, dtype=np.float64)
        if places.shape != (count, 2):
            msg = f"places have shape {places.shape}; expected ({count}, 2)"
            raise InputError(msg)
        outer = hilbert_order(places).astype(np.int32)
    inner = np.empty(count, dtype=np.int32)
    inner[outer] = np.arange(count, dtype=np.int32)
    pairs = _pairs(count, inner[ends[0]], inner[ends[1]])
    rows = _weighed(count, pairs, ticks)
    return SearchGraph(count, pairs, *rows, inner, outer, xy is not None)


def ticks_of(minutes: "ArrayLike", arcs: int) -> "NDArray[np.int32]":
    """Return whole ticks of as many arcs; those that are closed have the ceiling."""
    given = np.asarray(minutes, dtype=np.float64)
    if given.shape != (arcs,):
        msg = f"{arcs} arcs need as many minutes; found an array of shape {given.shape}"
        raise InputError(msg)
    bad = ~(given >= 0)
    if bad.any():
        msg = f"{int(bad.sum())} arcs have a negative or undefined time"
        raise InputError(msg)
    ticks: NDArray[np.int32]
    ticks = np.minimum(np.rint(given * TICKS_PER_MIN), CEILING_TICKS).astype(np.int32)
    return ticks


def limit_ticks(limit_min: float) -> int:
    """Return the tick up to which a limit reaches, rounded as times on arcs are."""
    if not limit_min >= 0:
        msg = f"a limit of {limit_min} min reaches nothing; give 0 or more"
        raise InputError(msg)
    return int(min(np.rint(limit_min * TICKS_PER_MIN), CEILING_TICKS - 1))


def vertices_of(given: "ArrayLike", count: int, what: str) -> "NDArray[np.int64]":
    """Return vertices as numbers after a check that they are there."""
    array = np.asarray(given)
    found = array.astype(np.int64)
    if found.ndim != 1 or (len(found) and array.dtype.kind not in "iu"):
        msg = f"{what} need whole numbers of vertices in one row; found {array.dtype}"
        raise InputError(msg)
    if len(found) and not (found.min() >= 0 and found.max() < count):
        unknown = int(((found < 0) | (found >= count)).sum())
        msg = f"{what} name {unknown} vertices that are not there; expected 0 to {count - 1}"
        raise InputError(msg)
    return found


def _pairs(count: int, tail: "NDArray[np.int32]", head: "NDArray[np.int32]") -> Pairs:
    """Sort arcs by their ends and find where each pair begins."""
    kept = np.flatnonzero(tail != head)
    key = tail[kept].astype(np.int64) * count + head[kept]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    at: NDArray[np.int32] = np.flatnonzero(first).astype(np.int32)
    sorted_: NDArray[np.int32] = kept[order].astype(np.int32)
    return Pairs(sorted_, at, tail[sorted_[at]], head[sorted_[at]], len(tail))


def _weighed(count: int, pairs: Pairs, ticks: "NDArray[np.int32]") -> tuple[Rows, Rows]:
    """Return open arcs in rows both ways, of parallel ones the quickest."""
    from scipy.sparse import csr_array

    least = np.empty(0, dtype=np.int32)
    if len(pairs.first):
        least = np.minimum.reduceat(ticks[pairs.order], pairs.first)
    open_ = least < CEILING_TICKS
    tail, head, least = pairs.tail[open_], pairs.head[open_], least[open_]
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=count), out=start[1:])
    turned = csr_array((least, head, start), shape=(count, count)).tocsc()
    back = (turned.indptr, turned.indices, turned.data)
    return Rows(start, head, least), Rows(*(part.astype(np.int32) for part in back))
