"""Pieces of road that are reached in time from a point, or to it (可达路段)."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine import nearest, reach
from ctzgis.network.substrings import substrings

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.speeds import TravelRules
    from ctzgis.network.travel import TravelNetwork
    from ctzgis.network.travel_graph import Direction, Joined, Mode, TravelGraph
    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = [
    "ReachedPieces",
    "Spans",
    "lines_within",
    "minutes_everywhere",
    "pieces_beside",
    "pieces_between",
    "pooled_minutes",
    "spans_within",
]


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

    def joined(self, other: "ReachedPieces") -> "ReachedPieces":
        """Return these pieces and others after them."""
        names = [part.name for part in fields(self)]
        both = [(getattr(self, name), getattr(other, name)) for name in names]
        return ReachedPieces(*(np.concatenate(pair) for pair in both))


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """
    Parts of pieces that are reached in time, each from one end.

    Attributes
    ----------
    piece
        Position of the piece.
    start_m, end_m
        Metres along the road.
    from_first
        Whether the part is reached from the first end of the piece.
    """

    piece: "NDArray[np.int64]"
    start_m: "Floats"
    end_m: "Floats"
    from_first: "NDArray[np.bool_]"


def spans_within(pieces: ReachedPieces, limit_min: float) -> Spans:
    """
    Return what is reached of each piece within a limit.

    Where a piece is reached from both ends the parts meet where both take as long.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Shares of the piece that are reached from each end; 0 / 0 takes no time.
        ahead = _share(limit_min - pieces.first_min, pieces.from_first_min)
        behind = 1 - _share(limit_min - pieces.last_min, pieces.from_last_min)
        late = pieces.last_min + pieces.from_last_min - pieces.first_min
        meet = np.clip(late / (pieces.from_first_min + pieces.from_last_min), 0.0, 1.0)
    meet = np.where(np.isfinite(meet), meet, 1.0)
    both = (ahead > 0) & (behind < 1) & (ahead > behind)
    ahead = np.where(both, np.clip(meet, behind, ahead), ahead)
    behind = np.where(both, ahead, behind)
    length = pieces.end_m - pieces.start_m
    found = [np.flatnonzero(ahead > 0), np.flatnonzero(behind < 1)]
    start, end = pieces.start_m, pieces.start_m + ahead * length
    back = pieces.start_m + behind * length
    return Spans(
        np.concatenate(found),
        np.concatenate([start[found[0]], back[found[1]]]),
        np.concatenate([end[found[0]], pieces.end_m[found[1]]]),
        np.repeat([True, False], [len(part) for part in found]),
    )


def lines_within(
    roads: "gpd.GeoDataFrame", pieces: ReachedPieces, limit_min: float
) -> "NDArray[np.object_]":
    """Return what is reached of roads within a limit, each part once, as lines."""
    spans = spans_within(pieces, limit_min)
    road = pieces.road[spans.piece]
    length = roads.length.to_numpy()
    before = np.cumsum(length) - length
    order = np.lexsort((spans.start_m, road))
    road, start, end = road[order], spans.start_m[order], spans.end_m[order]
    # Metres counted on from road to road: how far any part up to here comes.
    far = np.maximum.accumulate(before[road] + end)
    apart = np.ones(len(road), dtype=bool)
    apart[1:] = (before[road] + start)[1:] > far[:-1]
    apart[1:] |= road[1:] != road[:-1]
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(road)) - 1 if len(first) else first
    start, end, road = start[first], far[last] - before[road[first]], road[first]
    kept = end > start
    lines = np.asarray(roads.geometry.array)[road[kept]]
    return substrings(lines, start[kept], end[kept])


def _share(minutes: "Floats", whole_min: "Floats") -> "Floats":
    """Return the share of a way that is made in minutes, at most all of it."""
    made = np.where(whole_min > 0, minutes / whole_min, 1.0)
    made = np.where((minutes >= 0) & np.isfinite(whole_min), made, 0.0)
    return np.clip(made, 0.0, 1.0)


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


def pooled_minutes(
    network: "TravelNetwork",
    points: "gpd.GeoDataFrame",
    limit_min: float,
    *,
    direction: "Direction",
    mode: "Mode",
    profile: str,
    rules: "TravelRules",
    progress: "Progress | None" = None,
) -> "tuple[TravelGraph, Floats]":
    """
    Return minutes from the nearest of points, or to it, at every vertex.

    With them comes the graph, which is cut at the points; its own direction is the
    other way.
    """
    graph = network.graph(
        points,
        direction="to" if direction == "from" else "from",
        mode=mode,
        profile=profile,
        rules=rules,
        name="origins",
    )
    minutes, _ = nearest(
        graph.search,
        graph.anchors[graph.anchors >= 0],
        limit_min,
        reverse=not graph.reverse,
        progress=progress,
    )
    return graph, minutes


def pieces_between(
    graph: "TravelGraph", times: "Floats", *, reverse: bool
) -> "tuple[ReachedPieces, tuple[NDArray[np.int64], NDArray[np.int64]]]":
    """
    Return the pieces with an end that is reached, and the vertices at their ends.

    Parameters
    ----------
    graph
        The graph.
    times
        Minutes to each vertex; ``inf`` where it is not reached.
    reverse
        Whether they are the minutes that are left from there instead.
    """
    pieces = graph.pieces
    from_first, from_last = pieces.forth_min, pieces.back_min
    if reverse:
        from_first, from_last = from_last, from_first
    first, last = times[pieces.first], times[pieces.last]
    forth = np.isfinite(first) & np.isfinite(from_first)
    back = np.isfinite(last) & np.isfinite(from_last)
    used = np.flatnonzero(graph.open & (forth | back))
    found = ReachedPieces(
        pieces.road[used],
        pieces.start_m[used],
        pieces.end_m[used],
        first[used],
        last[used],
        from_first[used],
        from_last[used],
    )
    return found, (pieces.first[used], pieces.last[used])


def pieces_beside(
    graph: "TravelGraph", joined: "Joined", position: int, times: "Floats"
) -> ReachedPieces:
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
    return ReachedPieces(
        np.tile(near.road[piece], 2),
        np.concatenate([start, along]),
        np.concatenate([along, end]),
        np.concatenate([times[near.first[piece]], leg]),
        np.concatenate([leg, times[near.last[piece]]]),
        np.nan_to_num(np.concatenate([against, ahead]), nan=0.0, posinf=np.inf),
        np.nan_to_num(np.concatenate([behind, from_end]), nan=0.0, posinf=np.inf),
    )
