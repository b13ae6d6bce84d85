"""What of each line lies inside each area, and what along its border (线段切分)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.analysis.streets.line_cutting import box_pairs, cut_lines, fill_slabs
from ctzgis.errors import InputError
from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Numbers = NDArray[np.int32]
    Shapes = NDArray[np.object_]

__all__ = ["BORDER_M", "LinePieces", "line_pieces"]

BORDER_M: Final = 1.0
"""A line nearer to a border than this, and as good as parallel to it, runs along it."""

# Coordinates of the region are rounded to half a nanometre, cuts to a few of them.
_ON_BORDER_M: Final = 1e-8

_LINES_AT_ONCE: Final = 20_000
# Slabs of an area hold so many segments of its border on average, at most.
_SEGMENTS_A_SLAB: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LinePieces:
    """
    Lengths of lines in areas: one row per line, or part of one, and area it meets.

    Attributes
    ----------
    line, area
        Row of the line and row of the area.
    inside_m
        What lies inside, off the border.
    along_m
        What runs along the border, on either side of it.
    covered_m
        What of that lies on the border itself or inside.
    """

    line: "Ints"
    area: "Ints"
    inside_m: "Floats"
    along_m: "Floats"
    covered_m: "Floats"


@dataclass(frozen=True, slots=True, eq=False)
class _Borders:
    """
    Segments of borders, in the order of the areas, and horizontal slabs to find them by.

    ``first`` is the first segment of each area, ``slab_first`` its first slab, and
    ``held_first`` the first of a slab's segments in ``held``.
    """

    ends: "Floats"
    first: "Ints"
    box: "Floats"
    slab_first: "Ints"
    held_first: "Ints"
    held: "Ints"


def line_pieces(
    lines: "Shapes",
    areas: "Shapes",
    *,
    border_m: float = BORDER_M,
    progress: "Progress | None" = None,
) -> LinePieces:
    """
    Cut lines at the borders of areas, and measure each piece.

    Every area is taken by itself: areas may overlap, and a line on the border of two runs
    along both. A piece of a straight segment runs along a border where it lies beside a
    straight segment of it, no farther off than ``border_m``, and turned against it by
    less than 10°. What merely crosses a border is cut there.

    Parameters
    ----------
    lines
        Lines or multi-part lines, in metres.
    areas
        Valid polygons or multi-part polygons, in the same metres.
    border_m
        How far off a border is still along it, in metres; at 0 what lies on it is.
    progress
        Called with the share done where it takes long.

    Raises
    ------
    InputError
        If ``border_m`` is no finite number of 0 or more.

    Examples
    --------
    A line of 3 m that starts 1 m before a square of 10 m:

    >>> from shapely import LineString, box
    >>> cut = line_pieces(
    ...     np.array([LineString([(-1, 5), (2, 5)])]), np.array([box(0, 0, 10, 10)])
    ... )
    >>> cut.inside_m.tolist(), cut.along_m.tolist()
    ([2.0], [0.0])
    """
    if not (np.isfinite(border_m) and border_m >= 0):
        msg = (
            f"border_m is {border_m}; a finite number of metres, 0 or more, is expected"
        )
        raise InputError(msg)
    parts, owner = _parts(lines)
    xy = shapely.get_coordinates(parts)
    first = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(parts))))
    first = first.astype(np.int64)
    if not len(xy) or not len(areas):
        return _none()
    border_m = max(border_m, _ON_BORDER_M)
    # Near zero coordinates lose nothing when they are subtracted.
    origin = xy.min(axis=0)
    xy = xy - origin
    with told(progress, fill_slabs, box_pairs, cut_lines):
        borders = _borders(areas, origin, border_m)
        part, area = _meeting(xy, first, borders.box)
        measured = np.zeros((len(part), 3))

        def cut(start: int, after: int) -> None:
            cut_lines(
                xy, first, part[start:after], area[start:after], borders.ends,
                borders.box, borders.slab_first, borders.held_first,
                borders.held, border_m, _ON_BORDER_M, measured[start:after],
            )  # fmt: skip

        _in_chunks(cut, len(part), progress)
    kept = measured.any(axis=1)
    inside_m, along_m, covered_m = measured[kept].T
    return LinePieces(
        line=owner[part[kept]], area=area[kept].astype(np.int64),
        inside_m=inside_m, along_m=along_m, covered_m=covered_m,
    )  # fmt: skip


def _parts(lines: "Shapes") -> "tuple[Shapes, Ints]":
    """Return single lines and the row each is from; single lines are not copied."""
    single = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    if single.all():
        return lines, np.arange(len(lines))
    parts, owner = shapely.get_parts(lines, return_index=True)
    return parts, owner


def _none() -> LinePieces:
    rows, metres = np.empty(0, dtype=np.int64), np.empty(0)
    return LinePieces(
        line=rows, area=rows, inside_m=metres, along_m=metres, covered_m=metres
    )


def _in_chunks(
    work: "Callable[[int, int], None]", count: int, progress: "Progress | None"
) -> None:
    threads = processors(None, 1) if count > _LINES_AT_ONCE else 1
    in_chunks(
        work, count, _LINES_AT_ONCE, threads, title="cutting lines", progress=progress
    )


def _borders(areas: "Shapes", origin: "Floats", border_m: float) -> _Borders:
    """Take the borders of areas apart and sort their segments into slabs."""
    parts, area = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = xy - origin
    joined = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    ends = np.ascontiguousarray(np.hstack([xy[:-1], xy[1:]])[joined])
    owner = area[part[ring[:-1][joined]]]
    first = np.searchsorted(owner, np.arange(len(areas) + 1)).astype(np.int64)
    box = _boxes(ends, first, border_m)
    slabs = _slab_counts(ends, first, box)
    slab_first = np.concatenate(([0], np.cumsum(slabs))).astype(np.int64)
    held_first, held = _held(ends, first, box, slab_first)
    return _Borders(ends, first, box, slab_first, held_first, held)


def _boxes(ends: "Floats", first: "Ints", border_m: float) -> "Floats":
    """Return west, south, east and north of each area, widened; nowhere if it is empty."""
    box = np.full((len(first) - 1, 4), np.inf)
    box[:, 2:] = -np.inf
    there = np.flatnonzero(np.diff(first))
    at = first[there]
    if len(there):
        box[there, :2] = np.minimum.reduceat(ends, at)[:, :2] - border_m
        box[there, 2:] = np.maximum.reduceat(ends, at)[:, :2] + border_m
    return box


def _slab_counts(ends: "Floats", first: "Ints", box: "Floats") -> "Ints":
    """Return how many slabs each area has, so that all hold few segments on average."""
    count = np.diff(first)
    rise = np.concatenate(([0.0], np.cumsum(np.abs(ends[:, 3] - ends[:, 1]))))
    rise = rise[first[1:]] - rise[first[:-1]]
    with np.errstate(invalid="ignore", divide="ignore"):
        slabs = _SEGMENTS_A_SLAB * count * (box[:, 3] - box[:, 1]) / rise
    slabs = np.where(np.isfinite(slabs), slabs, 1.0)
    return np.clip(slabs, 1, np.maximum(count, 1)).astype(np.int64)


def _meeting(xy: "Floats", first: "Ints", box: "Floats") -> "tuple[Numbers, Numbers]":
    """Return the parts of lines and the areas whose boxes meet."""
    strips = _strips(box)
    count = np.zeros(len(first) - 1, dtype=np.int64)
    nothing = np.empty(0, dtype=np.int32)
    box_pairs(xy, first, box, *strips, count, nothing)
    start = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    area = np.empty(start[-1], dtype=np.int32)
    box_pairs(xy, first, box, *strips, start[:-1].copy(), area)
    part = np.repeat(np.arange(len(count), dtype=np.int32), count)
    return part.astype(np.int32), area


def _strips(box: "Floats") -> "tuple[Floats, Ints, Ints]":
    """Return the bounds of upright strips, and the areas each of them touches."""
    there = np.flatnonzero(box[:, 0] < box[:, 2])
    if not len(there):
        return np.array([0.0, 1.0]), np.zeros(2, dtype=np.int64), there
    # To the strips an area is a segment from its west to its east.
    spans = np.zeros((len(there), 4))
    spans[:, 1], spans[:, 3] = box[there, 0], box[there, 2]
    bounds = np.array([spans[:, 1].min(), spans[:, 3].max()])
    whole = np.array([[0.0, bounds[0], 0.0, bounds[1]]])
    one = np.array([0, len(there)])
    count = np.array([0, _slab_counts(spans, one, whole)[0]])
    first, held = _held(spans, one, whole, count)
    return bounds, first, there[held]


def _held(
    ends: "Floats", first: "Ints", box: "Floats", slab_first: "Ints"
) -> "tuple[Ints, Ints]":
    """Return the first of each slab's segments, and the segments slab by slab."""
    count = np.zeros(slab_first[-1] + 1, dtype=np.int64)
    fill_slabs(ends, first, box, slab_first, count, np.empty(0, dtype=np.int64))
    held_first = np.concatenate(([0], np.cumsum(count[:-1]))).astype(np.int64)
    held = np.empty(held_first[-1], dtype=np.int64)
    fill_slabs(ends, first, box, slab_first, held_first[:-1].copy(), held)
    return held_first, held
