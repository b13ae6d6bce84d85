"""Trips while roads are closed (封路出行)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine import connectors, matrix
from ctzgis.network.snapping import Snaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine import Connectors
    from ctzgis.network.travel_graph import TravelGraph

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["Closing"]


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """
    Trips from points to anchors of a graph, some of whose roads can be closed.

    A closed road is severed in its middle: what is on it gets off at the nearer end.

    Attributes
    ----------
    graph
        Roads of one means of travel, with anchors where trips end.
    snaps
        Where points are attached to roads.
    ends
        Where anchors are attached to roads.
    own
        Positions of points and anchors that are one and the same: no minutes apart.
    """

    graph: "TravelGraph"
    snaps: Snaps
    ends: Snaps
    own: "tuple[Rows, Rows]"

    def minutes(self, roads: "Rows | None" = None) -> "Numbers":
        """
        Return minutes from each point to each anchor; ``inf`` where there is no way.

        Parameters
        ----------
        roads
            Rows of the roads that are closed; none if not given.
        """
        graph = self.graph
        search, start = graph.search, graph.join(self.snaps).connectors
        if roads is not None and len(roads):
            severed = self._severed(roads)
            closed = self._arc_minutes()
            # Arcs along the pieces come first, in both directions.
            closed[: 2 * len(severed)][np.tile(severed, 2)] = np.inf
            search, start = search.reweighted(closed), self._start(severed)
        there = graph.anchors >= 0
        minutes = np.full((len(start), len(there)), np.inf)
        if there.any():
            minutes[:, there] = matrix(search, start, graph.anchors[there])
        point, anchor = self.own
        near = start.found[point] & there[anchor]
        minutes[point[near], anchor[near]] = 0.0
        return minutes

    def _severed(self, roads: "Rows") -> "NDArray[np.bool_]":
        """Tell which pieces hold the middle of a closed road."""
        pieces = self.graph.pieces
        middle = self.graph.roads.length.to_numpy()[pieces.road] / 2
        holds = (pieces.start_m <= middle) & (middle < pieces.end_m)
        found: NDArray[np.bool_] = holds & np.isin(pieces.road, roads)
        return found

    def _start(self, severed: "NDArray[np.bool_]") -> "Connectors":
        """Return the ways of points onto the roads, none over a severed place."""
        graph, snaps = self.graph, self.snaps
        joined = graph.join(snaps)
        cut = severed[joined.piece]
        if not cut.any():
            return joined.connectors
        whole = graph.join(_taken(snaps, ~cut)).connectors
        part = graph.join(_taken(snaps, cut)).connectors
        pieces, piece = graph.pieces, joined.piece[cut]
        middle = graph.roads.length.to_numpy()[snaps.road[cut]] / 2
        first = snaps.along_m[cut] < middle
        near = np.where(first, pieces.first[piece], pieces.last[piece])
        count = graph.search.count
        allowed = snaps.point[cut] * np.int64(count) + near
        kept = np.isin(part.point * np.int64(count) + part.vertex, allowed)
        return connectors(
            snaps.count,
            np.concatenate([whole.point, part.point[kept]]),
            np.concatenate([whole.vertex, part.vertex[kept]]),
            np.concatenate([whole.minutes, part.minutes[kept]]),
        )

    def _arc_minutes(self) -> "Numbers":
        """Return minutes of the arcs that the graph was built of, in their order."""
        pieces, lost = self.graph.pieces, self.graph.lost_min
        return np.concatenate(
            [
                pieces.forth_min + lost[pieces.last],
                pieces.back_min + lost[pieces.first],
                self.ends.off_m * self.graph.spread_min_per_m,
            ]
        )


def _taken(snaps: Snaps, which: "NDArray[np.bool_]") -> Snaps:
    """Return some of the attachments of the same points."""
    return Snaps(
        snaps.count, snaps.point[which], snaps.road[which], snaps.along_m[which],
        snaps.off_m[which],
    )  # fmt: skip
