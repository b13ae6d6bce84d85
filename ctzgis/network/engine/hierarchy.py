"""A graph prepared for many questions: its customizable hierarchy (可定制收缩层次)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import Progress, told
from ctzgis.network.engine.graph import Rows, SearchGraph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Hierarchy", "Skeleton", "prepare"]


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
        self, minutes: "ArrayLike", *, progress: Progress | None = None
    ) -> "Hierarchy":
        """
        Return the hierarchy with other times, in a fraction of the time to prepare it.

        Parameters
        ----------
        minutes
            One for each arc that the graph was built from, in that order; ``inf``
            closes an arc, a number opens one that was closed.
        progress
            Told in a line when code has to be compiled that takes more than two seconds.

        Raises
        ------
        InputError
            If there are more or fewer, or one is negative or undefined.
        """
        return _customised(self.graph.reweighted(minutes), self.skeleton, progress)


def prepare(graph: SearchGraph, *, progress: Progress | None = None) -> Hierarchy:
    """
    Prepare a graph for many questions.

    Vertices are contracted by least degree (Dibbelt, Strasser and Wagner 2016): the
    order does not depend on times, so that new ones are entered quickly.

    Parameters
    ----------
    graph
        The graph, open and closed arcs.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

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

    from ctzgis.network.engine import ordering

    tail, head = graph.pairs.tail, graph.pairs.head
    ends = np.concatenate([tail, head]), np.concatenate([head, tail])
    joined = csr_array(
        (np.ones(2 * len(tail), dtype=np.int8), ends), shape=(graph.count, graph.count)
    )
    joined.sum_duplicates()
    start, head = (part.astype(np.int32) for part in (joined.indptr, joined.indices))
    with told(progress, ordering.eliminate, ordering.places, ordering.fill_rows):
        order, first, degree, pool = ordering.eliminate(start, head)
        place, size = ordering.places(order, first, degree, pool)
        rows = ordering.fill_rows(place, first, degree, pool)
    skeleton = Skeleton(place, *rows, size)
    return _customised(graph, skeleton, progress)


def _customised(
    graph: SearchGraph, skeleton: Skeleton, progress: Progress | None
) -> Hierarchy:
    """Return the hierarchy of a skeleton with the graph's times."""
    from ctzgis.network.engine import customising

    arcs = graph.forward
    with told(progress, customising.customise):
        found = customising.customise(
            skeleton.start,
            skeleton.above,
            skeleton.place,
            arcs.start,
            arcs.head,
            arcs.ticks,
        )
    return Hierarchy(graph, skeleton, Rows(*found[:3]), Rows(*found[3:]))
