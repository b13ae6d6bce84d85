"""Pieces of road that are reached in time from a point, or to it (可达路段)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine import reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine.compiled import Progress
    from ctzgis.network.travel_graph import Joined, TravelGraph

    Floats = NDArray[np.float64]

__all__ = ["ReachedPieces", "minutes_everywhere", "reached_pieces"]


@dataclass(frozen=True, slots=True, eq=False)
class ReachedPieces:
    """
    Pieces of road with something on them that is reached.

    A place at a share ``s`` of a piece is reached after the lesser of
    ``first_min + s * from_first_min`` and ``last_min + (1 - s) * from_last_min``. If
    trips lead to the point, all is the time that is left.

    Attributes
    ----------
    road
        Position of the road in its frame.
    start_m, end_m
        Metres along the road.
    first_min, last_min
        Minutes to the ends; ``inf`` where one is not reached.
    from_first_min, from_last_min
        Minutes along the whole piece from its ends; ``inf`` where it may not be used.
    """

    road: "NDArray[np.int64]"
    start_m: "Floats"
    end_m: "Floats"
    first_min: "Floats"
    last_min: "Floats"
    from_first_min: "Floats"
    from_last_min: "Floats"


def minutes_everywhere(
    graph: "TravelGraph",
    joined: "Joined",
    position: int,
    limit_min: float,
    *,
    progress: "Progress | None" = None,
) -> "Floats":
    """Return minutes from, or to, a joined point at every vertex; ``inf`` beyond."""
    origin = joined.connectors.part(position, position + 1)
    vertices, minutes = reach(
        graph.search, origin, limit_min, reverse=graph.reverse, progress=progress
    )
    everywhere = np.full(graph.search.count, np.inf)
    everywhere[vertices] = minutes
    return everywhere


def reached_pieces(
    graph: "TravelGraph", joined: "Joined", position: int, limit_min: float
) -> ReachedPieces:
    """Return the pieces that are reached from, or lead in time to, a joined point."""
    times = minutes_everywhere(graph, joined, position, limit_min)
    pieces = graph.pieces
    from_first, from_last = pieces.forth_min, pieces.back_min
    if graph.reverse:
        from_first, from_last = from_last, from_first
    first, last = times[pieces.first], times[pieces.last]
    forth = np.isfinite(first) & np.isfinite(from_first)
    back = np.isfinite(last) & np.isfinite(from_last)
    used = np.flatnonzero(graph.open & (forth | back))
    whole = (
        pieces.road[used],
        pieces.start_m[used],
        pieces.end_m[used],
        first[used],
        last[used],
        from_first[used],
        from_last[used],
    )
    parts = zip(whole, _beside(graph, joined, position, times), strict=True)
    return ReachedPieces(*(np.concatenate(part) for part in parts))


def _beside(
    graph: "TravelGraph", joined: "Joined", position: int, times: "Floats"
) -> "tuple[NDArray[np.int64], Floats, Floats, Floats, Floats, Floats, Floats]":
    """Return both sides of the pieces that the point itself is joined to."""
    at = np.flatnonzero(joined.snaps.point == position)
    piece, leg = joined.piece[at], joined.leg_min[at]
    near = graph.access
    start, end = near.start_m[piece], near.end_m[piece]
    along = np.clip(joined.snaps.along_m[at], start, end)
    share = (along - start) / np.where(end > start, end - start, 1.0)
    from_first, from_last = near.forth_min[piece], near.back_min[piece]
    if graph.reverse:
        from_first, from_last = from_last, from_first
    with np.errstate(invalid="ignore"):  # inf × 0 has no length
        behind, ahead = from_last * share, from_first * (1 - share)
        against, from_end = from_first * share, from_last * (1 - share)
    return (
        np.tile(near.road[piece], 2),
        np.concatenate([start, along]),
        np.concatenate([along, end]),
        np.concatenate([times[near.first[piece]], leg]),
        np.concatenate([leg, times[near.last[piece]]]),
        np.nan_to_num(np.concatenate([against, ahead]), nan=0.0, posinf=np.inf),
        np.nan_to_num(np.concatenate([behind, from_end]), nan=0.0, posinf=np.inf),
    )
