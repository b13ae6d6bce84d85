"""A graph prepared for many questions: its customizable hierarchy (可定制收缩层次)."""

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.graph import Rows, SearchGraph
from ctzgis.network.engine.stopping import stoppable
from ctzgis.progress import part_of, telling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ctzgis.progress import Progress, Tell

__all__ = ["Hierarchy", "Skeleton", "prepare"]

# Share of the time until the skeleton stands, at 200,000 vertices as at a million.
_ORDERED: Final = 0.49


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """
    What a hierarchy is like whatever the times.

    Vertices have places such that all below one in the elimination tree follow it at
    once, and ways lead up to smaller places, then down to greater ones.

    Attributes
    ----------
    place
        Place of each vertex, by inner number.
    start, above
        Rows of the places that each place is joined with and that lie above it; the
        last is its parent.
    size
        How many places each takes with all below it.
    """

    place: "NDArray[np.int32]"
    start: "NDArray[np.int32]"
    above: "NDArray[np.int32]"
    size: "NDArray[np.int32]"


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """
    A graph with shortcuts, so that trips go up, then down, and many are found at once.

    Attributes
    ----------
    graph
        The graph.
    skeleton
        Its order and tree.
    up, down
        Ticks from each place to those above it, and from those to it.
    """

    graph: SearchGraph
    skeleton: Skeleton
    up: Rows
    down: Rows

    @property
    def count(self) -> int:
        """Number of vertices."""
        return self.graph.count

    @property
    def places(self) -> "NDArray[np.int32]":
        """Place of each vertex as it was given."""
        places: NDArray[np.int32] = self.skeleton.place[self.graph.inner]
        return places

    def reweighted(
        self, minutes: "ArrayLike", *, progress: "Progress | None" = None
    ) -> "Hierarchy":
        """
        Return the hierarchy with other times, in a fraction of the time to prepare it.

        Parameters
        ----------
        minutes
            One for each arc that the graph was built from, in that order; ``inf``
            closes an arc, a number opens one that was closed.
        progress
            Told in lines how far it is when it takes more than two seconds; by default
            only a terminal or notebook is.

        Raises
        ------
        InputError
            If there are more or fewer, or one is negative or undefined.
        """
        graph = self.graph.reweighted(minutes)
        with telling("entering new times", progress) as tell:
            return _customised(graph, self.skeleton, progress, tell)


def prepare(graph: SearchGraph, *, progress: "Progress | None" = None) -> Hierarchy:
    """
    Prepare a graph for many questions.

    Vertices are contracted by least degree (Dibbelt, Strasser and Wagner 2016): the
    order does not depend on times, so that new ones are entered quickly.

    Parameters
    ----------
    graph
        The graph, open and closed arcs.
    progress
        Told in lines how far it is when it takes more than two seconds; by default only
        a terminal or notebook is.

    Examples
    --------
    >>> from ctzgis.network.engine import matrix, prepare, search_graph
    >>> hierarchy = prepare(search_graph(3, [0, 1], [1, 2], [4.0, 2.5]))
    >>> matrix(hierarchy, [0], [2])
    array([[6.5]])
    >>> matrix(hierarchy.reweighted([4.0, 3.0]), [0], [2])
    array([[7.]])
    """
    from scipy.sparse import csr_array

    tail, head = graph.pairs.tail, graph.pairs.head
    ends = np.concatenate([tail, head]), np.concatenate([head, tail])
    joined = csr_array(
        (np.ones(2 * len(tail), dtype=np.int8), ends), shape=(graph.count, graph.count)
    )
    joined.sum_duplicates()
    start, head = (part.astype(np.int32) for part in (joined.indptr, joined.indices))
    with telling("preparing the network", progress) as tell:
        skeleton = _skeleton(start, head, progress, part_of(tell, 0, _ORDERED))
        return _customised(graph, skeleton, progress, part_of(tell, _ORDERED, 1))


def _skeleton(
    start: "NDArray[np.int32]",
    head: "NDArray[np.int32]",
    progress: "Progress | None",
    tell: "Tell",
) -> Skeleton:
    """Return the skeleton over rows of joined vertices."""
    from ctzgis.network.engine import ordering

    count = len(start) - 1
    order, *left = stoppable(
        ordering.eliminate, start, head,
        tell=lambda done: tell(_eliminated(done, count)), progress=progress,
    )  # fmt: skip
    place, size = stoppable(
        ordering.places, order, *left, tell=lambda _: tell(1), progress=progress
    )
    rows = stoppable(
        ordering.fill_rows, place, *left, tell=lambda _: tell(1), progress=progress
    )
    start, above = rows
    return Skeleton(place, start, above, size)


def _eliminated(done: int, count: int) -> float:
    """
    Return the share of the time to eliminate all that so many vertices take.

    Most of the time goes into the last hundredths, until the last, as many as the square
    root of all, are joined with each other and go at once. The square of the logarithm
    follows what was measured on street networks and grids within 0.15.
    """
    return min(-2 * log(1 - done / count) / log(count), 1.0) ** 2 if done else 0.0


def _customised(
    graph: SearchGraph, skeleton: Skeleton, progress: "Progress | None", tell: "Tell"
) -> Hierarchy:
    """Return the hierarchy of a skeleton with the graph's times."""
    from ctzgis.network.engine import customising

    arcs = graph.forward
    total = max(2 * len(skeleton.above), 1)
    found = stoppable(
        customising.customise, skeleton.start, skeleton.above, skeleton.place,
        arcs.start, arcs.head, arcs.ticks,
        tell=lambda done: tell(done / total), progress=progress,
    )  # fmt: skip
    return Hierarchy(graph, skeleton, Rows(*found[:3]), Rows(*found[3:]))
