"""Areas within times of roads, from the distance to their borders (到达范围面)."""

from typing import TYPE_CHECKING, Any, Final

import contourpy
import numpy as np
import shapely

from ctzgis.errors import InputError
from ctzgis.network.engine.fields import TimedSegments, grid_over, lower, tapers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network.engine.fields import Grid, Spread, Tapers
    from ctzgis.network.reached import ReachedPieces
    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = ["areas_within", "timed_segments"]

# A border through the very centre of a cell would meet itself there; so near to it, as a
# share of a cell, it is moved off.
_OFF_CENTRE: Final = 1e-6

# Roads put one after another need a gap, so that no metre belongs to two.
_BETWEEN_ROADS_M: Final = 1.0


def timed_segments(
    roads: "NDArray[np.object_]", pieces: "ReachedPieces"
) -> TimedSegments:
    """
    Break the reached pieces of roads into straight segments with times.

    Along a piece time passes evenly, from either end at which it may be entered.

    Parameters
    ----------
    roads
        Lines of the roads.
    pieces
        What is reached of them.

    Returns
    -------
    TimedSegments
        In the order of the pieces, each from its first end to its last.
    """
    ends, piece, low, high = _broken(roads, pieces)
    with np.errstate(invalid="ignore"):  # inf × 0 where a direction is not allowed
        ways = [
            (start[piece] + way[piece] * before, way[piece] * (high - low))
            for start, way, before in (
                (pieces.first_min, pieces.from_first_min, low),
                (pieces.last_min, pieces.from_last_min, 1 - high),
            )
        ]
    first_min, last_min = (np.where(np.isnan(at), np.inf, at) for at, _ in ways)
    along = [np.where(np.isnan(run), np.inf, run) for _, run in ways]
    return TimedSegments(
        ends=ends,
        first_min=first_min,
        last_min=last_min,
        along_min=np.stack(along, axis=1),
    )


def _broken(
    roads: "NDArray[np.object_]", pieces: "ReachedPieces"
) -> "tuple[Floats, NDArray[np.int64], Floats, Floats]":
    """Return straight segments, whose piece each is, and from and to which share of it."""
    if not len(pieces.road):
        return np.empty((0, 4)), np.empty(0, np.int64), np.empty(0), np.empty(0)
    which, road = np.unique(pieces.road, return_inverse=True)
    xy, owner = shapely.get_coordinates(roads[which], return_index=True)
    # Metres along all roads one after another, so that one sorted list holds them.
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    opens = np.diff(owner, prepend=-1) > 0
    step[opens] = _BETWEEN_ROADS_M
    metre = np.cumsum(step)
    base, final = metre[opens][road], metre[np.roll(opens, -1)][road]
    start, end = (
        np.clip(base + part, base, final) for part in (pieces.start_m, pieces.end_m)
    )
    # Points of a piece: its start, the corners inside it, its end.
    after = np.searchsorted(metre, start, side="right")
    until = np.maximum(np.searchsorted(metre, end, side="left"), after)
    counts = until - after + 2
    piece = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_first, is_last = place == 0, place == counts[piece] - 1
    along = metre[np.clip(after[piece] + place - 1, 0, len(metre) - 1)]
    along[is_first], along[is_last] = start, end
    points = np.stack([np.interp(along, metre, axis) for axis in xy.T], axis=1)
    length = np.where(end > start, end - start, 1.0)
    share = (along - start[piece]) / length[piece]
    share[is_last] = 1.0
    ends = np.concatenate([points[~is_last], points[~is_first]], axis=1)
    return ends, piece[~is_last], share[~is_last], share[~is_first]


def areas_within(
    segments: "TimedSegments",
    spread: "Spread",
    *,
    cutoffs_min: "Sequence[float]",
    cell_m: float,
    progress: "Progress | None" = None,
) -> "list[shapely.MultiPolygon]":
    """
    Draw what is reached from segments of roads within each cutoff.

    The area of a cutoff is the union, over all places reached by then, of discs with a
    radius of what time is left over ``spread.min_per_m``, but ``spread.reach_m`` at most.
    On a grid the distance to the border of this union is taken exactly and its contour
    drawn; so borders are true to a small share of a cell wherever the area or the gap is
    wider than a cell. Areas of larger cutoffs contain those of smaller ones.

    Parameters
    ----------
    segments
        Straight pieces of road with the times at which they are entered.
    spread
        How times spread off the road.
    cutoffs_min
        Minutes, in any order; what is reached exactly then counts.
    cell_m
        Width of the cells, in metres.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.

    Returns
    -------
    list of MultiPolygon
        One for each cutoff, valid, with holes; empty where nothing is reached.

    Raises
    ------
    InputError
        If a cutoff is not finite, or the field would not fit into memory.

    Examples
    --------
    >>> import numpy as np
    >>> from ctzgis.network.engine.fields import Spread, TimedSegments
    >>> road = TimedSegments(
    ...     ends=np.array([[0.0, 0, 1000, 0]]),
    ...     first_min=np.array([0.0]),
    ...     last_min=np.array([np.inf]),
    ...     along_min=np.array([[10.0, np.inf]]),
    ... )
    >>> street = Spread(min_per_m=0, reach_m=100)
    >>> (area,) = areas_within(road, street, cutoffs_min=[5], cell_m=10)
    >>> [round(bound) for bound in area.bounds]
    [-100, -100, 600, 100]
    """
    wrong = [cutoff for cutoff in cutoffs_min if not np.isfinite(cutoff)]
    if wrong:
        msg = f"cutoffs_min is {list(cutoffs_min)}; finite minutes are expected"
        raise InputError(msg)
    rising = sorted(set(cutoffs_min))
    added = []
    for cutoff in rising:
        parts, full = tapers(segments, spread, cutoff)
        added.append(parts)
        # What is reached to the full stays as it is.
        segments = segments.kept(~full)
    reached = next((k for k, parts in enumerate(added) if len(parts)), len(added))
    areas = dict.fromkeys(rising, shapely.MultiPolygon())
    if reached == len(added) or spread.reach_m == 0:
        return [areas[cutoff] for cutoff in cutoffs_min]
    windows = _grids(added[reached:], cell_m)
    grid = windows[-1]
    field = grid.outside()
    for cutoff, parts, window in zip(
        rising[reached:], added[reached:], windows, strict=True
    ):
        lower(field, grid, parts, progress=progress)
        row, column = window.row - grid.row, window.column - grid.column
        part = field[row : row + window.rows, column : column + window.columns]
        areas[cutoff] = _contour(part, window, spread.reach_m)
    return [areas[cutoff] for cutoff in cutoffs_min]


def _grids(added: "Sequence[Tapers]", cell_m: float) -> "list[Grid]":
    """Return cells around the first tapers, around these and the next, and so on."""
    boxes = np.array([parts.bounds() for parts in added if len(parts)])
    found = np.cumsum([len(parts) > 0 for parts in added]) - 1
    low = np.minimum.accumulate(boxes[:, :2])[found].tolist()
    high = np.maximum.accumulate(boxes[:, 2:])[found].tolist()
    # The widest first: if that one is too large, nothing has to be done.
    both = list(zip(low, high, strict=True))[::-1]
    return [grid_over((*west, *east), cell_m) for west, east in both][::-1]


def _contour(field: "Floats", grid: "Grid", reach_m: float) -> shapely.MultiPolygon:
    """Return where the field is not above 0; what is next to 0 in it is moved off."""
    off = _OFF_CENTRE * grid.cell_m
    field[np.abs(field) < off] = -off
    lines = contourpy.contour_generator(
        grid.x(),
        grid.y(),
        field,
        fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
    )
    filled: Any = lines.filled(-2 * (reach_m + off), 0.0)
    (points,), (rings,), (polygons,) = filled
    if points is None:
        return shapely.MultiPolygon()
    offsets = (rings, polygons, np.array([0, len(polygons) - 1]))
    (area,) = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, points, offsets
    )
    return area
