"""Where points join a graph: vertices, and the times to them (连接弧)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.graph import (
    CEILING_TICKS,
    TICKS_PER_MIN,
    ticks_of,
    vertices_of,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int32]

__all__ = ["Connectors", "connectors", "connectors_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Connectors:
    """
    Ways between points outside a graph and its vertices, in compressed rows.

    A trip from a point starts over any one of its connectors, a trip to it ends over
    one. Points without a connector are not reached and reach nothing.

    Attributes
    ----------
    first
        Where the connectors of each point begin; one longer than there are points.
    vertex, ticks
        The vertex at the other end of each, and its time; no vertex twice for a point.
    """

    first: "Ints"
    vertex: "Ints"
    ticks: "Ints"

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def found(self) -> "NDArray[np.bool_]":
        """Which points have a connector."""
        return np.diff(self.first) > 0

    @property
    def vertices(self) -> bool:
        """Whether every point is a vertex."""
        return bool((np.diff(self.first) == 1).all() and not self.ticks.any())

    @property
    def point(self) -> "Ints":
        """The point of each connector."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.first))

    @property
    def minutes(self) -> "NDArray[np.float64]":
        """Time of each connector."""
        return self.ticks / TICKS_PER_MIN

    def numbered(self, number: "NDArray[np.int32]") -> "Connectors":
        """Return the connectors with other numbers for vertices."""
        return Connectors(self.first, number[self.vertex], self.ticks)

    def take(self, points: "NDArray[np.int64]") -> "Connectors":
        """Return the connectors of some of the points, in the given order."""
        counts = np.diff(self.first)[points]
        first = np.concatenate([[0], np.cumsum(counts)])
        inside = np.arange(first[-1]) - np.repeat(first[:-1], counts)
        at = np.repeat(self.first[points], counts) + inside
        return Connectors(first.astype(np.int32), self.vertex[at], self.ticks[at])

    def part(self, after: int, before: int) -> "Connectors":
        """Return the connectors of the points from one on and before another."""
        first = self.first[after : before + 1]
        rows = slice(first[0], first[-1])
        return Connectors(first - first[0], self.vertex[rows], self.ticks[rows])

    def least(self, ticks: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """
        Return times of the points from those of the vertices.

        Parameters
        ----------
        ticks
            A row for each trip's other end, a column for each connector: the time to, or
            from, its vertex.

        Returns
        -------
        ndarray
            A column for each point; ``inf`` where it has no connector.
        """
        times = np.full((len(ticks), len(self)), np.inf)
        found = self.found
        if found.any():
            sums = ticks + self.ticks
            times[:, found] = np.minimum.reduceat(sums, self.first[:-1][found], axis=1)
        return times


def connectors(
    points: int, point: "ArrayLike", vertex: "ArrayLike", minutes: "ArrayLike"
) -> Connectors:
    """
    Build connectors; of those of one point to one vertex the quickest counts.

    Parameters
    ----------
    points
        Number of points.
    point, vertex
        Ends of each connector.
    minutes
        Time of each; ``inf`` leaves it out. It is rounded to ticks of 1/6000 minute.

    Raises
    ------
    InputError
        If a point is not there, or a time is negative or undefined.

    Examples
    --------
    >>> connectors(2, [1, 0, 1], [5, 4, 5], [2.0, 0.5, 1.0]).ticks
    array([3000, 6000], dtype=int32)
    """
    start = vertices_of(point, points, "connectors")
    end = np.asarray(vertex, dtype=np.int64)
    ticks = ticks_of(minutes, len(start))
    open_ = np.flatnonzero(ticks < CEILING_TICKS)
    order = open_[np.lexsort((ticks[open_], end[open_], start[open_]))]
    start, end, ticks = start[order], end[order], ticks[order]
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    counts = np.bincount(start[kept], minlength=points)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return Connectors(first, end[kept].astype(np.int32), ticks[kept])


def connectors_of(
    points: "ArrayLike | Connectors", count: int, what: str
) -> Connectors:
    """
    Return connectors of points; a vertex is a point that is there in no time.

    Raises
    ------
    InputError
        If a vertex is not among the ``count`` of the graph.
    """
    if isinstance(points, Connectors):
        vertices_of(points.vertex, count, what)
        return points
    at = vertices_of(points, count, what).astype(np.int32)
    return Connectors(
        np.arange(len(at) + 1, dtype=np.int32), at, np.zeros(len(at), dtype=np.int32)
    )
