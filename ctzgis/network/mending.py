"""Lines drawn together: gaps closed, crossings given a vertex (补线)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.network.vertices import numbered_vertices, place_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

__all__ = ["with_crossings", "with_gaps_closed"]

# An end that lies on a line seldom does to the last bit, and a straight line of 1 km in
# degrees is bent by 1 cm in metres.
_ON_M: Final = 0.01


def with_gaps_closed(
    lines: "Shapes", level: "Ints", gap_m: float
) -> "tuple[Shapes, Ints, float]":
    """
    Draw ends that meet nothing to another such end, or to the nearest other line.

    Levels may change at an end; between ends a line of another level is a bridge.

    Returns
    -------
    lines, moved, widest_m
        The lines; whose ends were drawn; how far at most.
    """
    vertex, line, xy = numbered_vertices(lines)
    ends = np.flatnonzero(np.diff(line, append=-1, prepend=-1))
    tips = np.concatenate([ends[:-1], ends[1:] - 1])
    alone = np.bincount(vertex, minlength=len(xy))[vertex[tips]] == 1
    tips = tips[alone & (shapely.length(lines)[line[tips]] > 2 * gap_m)]
    points = shapely.points(xy[vertex[tips]])
    partner = _partners(points, line[tips], gap_m)
    leads = partner == np.arange(len(tips))
    led = np.bincount(partner, minlength=len(tips)) > 1
    tip, other = shapely.STRtree(lines).query(
        points, predicate="dwithin", distance=gap_m
    )
    free = (line[tips[tip]] != other) & (leads & ~led)[tip]
    tip, other = tip[free], other[free]
    bridge = level[line[tips[tip]]] != level[other]
    bridge[bridge] = (
        shapely.distance(points[tip[bridge]], shapely.boundary(lines[other[bridge]]))
        > gap_m
    )
    tip, other = tip[~bridge], other[~bridge]
    order = np.lexsort((other, shapely.distance(points[tip], lines[other]), tip))
    tip, other = tip[order], other[order]
    nearest = np.flatnonzero(np.diff(tip, prepend=-1))
    tip, other = tip[nearest], other[nearest]
    target = _nearest_places(points[tip], lines[other], gap_m)
    coordinates = shapely.get_coordinates(lines)
    moved = np.concatenate([tips[~leads], tips[tip]])
    to = np.concatenate([coordinates[tips[partner[~leads]]], target])
    metres = np.hypot(*(coordinates[moved] - to).T)
    coordinates[moved] = to
    closed: Shapes = shapely.linestrings(coordinates, indices=line)
    closed = _with_vertices(closed, other, shapely.points(target))
    return closed, line[moved], float(metres.max(initial=0))


def _partners(points: "Shapes", line: "Ints", gap_m: float) -> "Ints":
    """Return for each end the first end of another line that is near, or itself."""
    partner = np.arange(len(points))
    left, right = shapely.STRtree(points).query(
        points, predicate="dwithin", distance=gap_m
    )
    near = (left > right) & (line[left] != line[right])
    for one, other in sorted(
        zip(left[near].tolist(), right[near].tolist(), strict=True)
    ):
        # Who follows another cannot lead a third: nobody is drawn farther than the gap.
        if partner[one] == one and partner[other] == other:
            partner[one] = other
    return partner


def _nearest_places(points: "Shapes", lines: "Shapes", gap_m: float) -> "Floats":
    """Return the vertex of each line within reach of the point, else the nearest place."""
    along = shapely.line_locate_point(lines, points)
    place: Floats = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, along)
    )
    for end in (0, -1):
        tip = shapely.get_point(lines, end)
        near = shapely.distance(points, tip) <= gap_m
        place[near] = shapely.get_coordinates(tip[near])
    return place


def with_crossings(lines: "Shapes", level: "Ints") -> "tuple[Shapes, int]":
    """Give lines a vertex where they cross or touch another of their level; count them."""
    tree = shapely.STRtree(lines)
    left, right = tree.query(lines, predicate="intersects")
    once = (left < right) & (level[left] == level[right])
    left, right = left[once], right[once]
    met = shapely.intersection(lines[left], lines[right])
    points, pair = shapely.get_parts(met, return_index=True)
    # Where lines run together, the ends of the common part are places they meet.
    along = shapely.get_type_id(points) != 0
    tips = shapely.boundary(points[along])
    more, which = shapely.get_parts(tips, return_index=True)
    places = np.concatenate([points[~along], more])
    pair = np.concatenate([pair[~along], pair[along][which]])
    under, ends = _ends_on_lines(lines, level)
    cut = _with_vertices(
        lines,
        np.concatenate([left[pair], right[pair], under]),
        np.concatenate([places, places, ends]),
    )
    added = shapely.get_num_coordinates(cut) - shapely.get_num_coordinates(lines)
    return cut, int(added.sum())


def _ends_on_lines(lines: "Shapes", level: "Ints") -> "tuple[Ints, Shapes]":
    """Return lines on which another of their level ends between vertices, and where."""
    vertex, line, xy = numbered_vertices(lines)
    ends = np.flatnonzero(np.diff(line, append=-1, prepend=-1))
    tips = np.concatenate([ends[:-1], ends[1:] - 1])
    floor = level[line] - level.min(initial=0)
    _, first = np.unique(
        vertex[tips] * (floor.max(initial=0) + 1) + floor[tips], return_index=True
    )
    tips = tips[first]
    points = shapely.points(xy[vertex[tips]])
    tip, under = shapely.STRtree(lines).query(
        points, predicate="dwithin", distance=_ON_M
    )
    own = line[tips[tip]]
    passed = np.isin(vertex[tips[tip]] * len(lines) + under, vertex * len(lines) + line)
    on = ~passed & (level[own] == level[under])
    own, under, points = own[on], under[on], points[tip[on]]
    # An end beside an end is a gap, and one just across a line was cut there.
    met = (
        shapely.boundary(lines[under]),
        shapely.intersection(lines[own], lines[under]),
    )
    far = [~(shapely.distance(points, places) <= _ON_M) for places in met]
    on = far[0] & far[1]
    return under[on], points[on]


def _with_vertices(lines: "Shapes", line: "Ints", places: "Shapes") -> "Shapes":
    """Insert places that lie on lines into them, unless there is a vertex already."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.flatnonzero(np.diff(owner, prepend=-1))] = 0
    run = np.cumsum(step)
    first = np.searchsorted(owner, np.arange(len(lines)))
    run -= run[first][owner]
    at = shapely.line_locate_point(lines[line], places)
    all_owner = np.concatenate([owner, line])
    all_run = np.concatenate([run, at])
    all_xy = np.concatenate([xy, shapely.get_coordinates(places)])
    new = np.arange(len(all_run)) >= len(run)
    order = np.lexsort((new, all_run, all_owner))
    all_owner, all_xy, new = all_owner[order], all_xy[order], new[order]
    key = place_keys(all_xy)
    same = np.zeros(len(key), dtype=bool)
    same[1:] = (key[1:] == key[:-1]).all(axis=1) & (all_owner[1:] == all_owner[:-1])
    before = same & new
    after = np.zeros_like(same)
    after[:-1] = same[1:] & new[:-1] & ~new[1:]
    keep = ~(before | after)
    merged: Shapes = shapely.linestrings(all_xy[keep], indices=all_owner[keep])
    return merged
