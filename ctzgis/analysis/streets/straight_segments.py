"""Lines as straight segments, and which goes on from which (路段走向)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["LONGEST_SEGMENT_M", "Segments", "courses", "segments"]

LONGEST_SEGMENT_M: Final = 100.0
_BRANCH_DEG: Final = 45.0


@dataclass(frozen=True, slots=True)
class Segments:
    """
    Straight segments of lines, none longer than 100 m nor of length zero.

    Attributes
    ----------
    row, part
        Number of the line, and of its part among those of all lines.
    xy
        Start and end, four numbers a segment, in metres.
    at_vertex
        Whether it starts at a vertex of its line.
    """

    row: "NDArray[np.int64]"
    part: "NDArray[np.int64]"
    xy: "NDArray[np.float64]"
    at_vertex: "NDArray[np.bool_]"


def segments(streets: "gpd.GeoDataFrame") -> Segments:
    """Cut lines into straight segments."""
    parts, row = shapely.get_parts(
        np.asarray(streets.geometry.array), return_index=True
    )
    xy, part = shapely.get_coordinates(parts, return_index=True)
    inner = np.flatnonzero(
        (np.diff(part) == 0) & (np.diff(xy, axis=0) != 0).any(axis=1)
    )
    start, step = xy[inner], xy[inner + 1] - xy[inner]
    cuts = np.ceil(np.hypot(*step.T) / LONGEST_SEGMENT_M).astype(np.int64)
    of = np.repeat(np.arange(len(inner)), cuts)
    k = np.arange(len(of)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    ends = np.where(
        (k + 1 == cuts[of])[:, None],
        xy[inner + 1][of],
        start[of] + step[of] * ((k + 1) / cuts[of])[:, None],
    )
    starts = start[of] + step[of] * (k / cuts[of])[:, None]
    owner = part[inner][of]
    return Segments(
        row=row[owner], part=owner, xy=np.hstack([starts, ends]), at_vertex=k == 0
    )


def courses(
    xy: "NDArray[np.float64]",
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Tell which segment goes on from each, and which it goes on from: the straightest."""
    ends = np.concatenate([xy[:, :2], xy[:, 2:]])
    _, place = np.unique(ends[:, 0] + 1j * ends[:, 1], return_inverse=True)
    head, tail = place[: len(xy)], place[len(xy) :]
    order = np.argsort(head, kind="stable")
    low = np.searchsorted(head[order], tail, side="left")
    count = np.searchsorted(head[order], tail, side="right") - low
    come = np.repeat(np.arange(len(xy)), count)
    go = order[np.arange(len(come)) + np.repeat(low - np.cumsum(count) + count, count)]
    step = xy[:, 2:] - xy[:, :2]
    turn = np.arctan2(
        step[come, 0] * step[go, 1] - step[come, 1] * step[go, 0],
        (step[come] * step[go]).sum(axis=1),
    )
    kept = np.abs(turn) <= np.radians(_BRANCH_DEG)
    come, go, turn = come[kept], go[kept], turn[kept]
    # Of two that turn alike the one to the right comes first, in whatever order they stand.
    best = np.lexsort((np.round(turn, 9), np.round(np.abs(turn), 9)))
    come, go = come[best], go[best]
    first_go, first_come = (
        np.unique(come, return_index=True)[1],
        np.unique(go, return_index=True)[1],
    )
    both = np.intersect1d(first_go, first_come)
    after, before = np.full(len(xy), -1), np.full(len(xy), -1)
    after[come[both]], before[go[both]] = go[both], come[both]
    return after, before
