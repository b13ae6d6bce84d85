"""Lines into roads: where they meet, where they nearly do, what hangs together (拓扑)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.provenance import Change
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

__all__ = ["NodedLines", "cut_at", "join_lines", "shape_changes", "shared_vertices"]

# Coordinates that agree to a millimetre are the same place.
_SAME_M: Final = 0.001
# An end that lies on a line seldom does to the last bit, and a straight line of 1 km in
# degrees is bent by 1 cm in metres.
_ON_M: Final = 0.01
# Keys of places are easting and northing in millimetres, one above the other.
_COLUMN: Final = 2**32
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class NodedLines:
    """
    Lines cut where they meet.

    Attributes
    ----------
    lines
        The pieces, drawn as their lines were.
    owner
        Position of the line each piece is of.
    first, last
        Number of the junction at each end of a piece.
    junctions
        The junctions' points, by number.
    changes
        What was dropped, repaired or noticed.
    """

    lines: "Shapes"
    owner: "Ints"
    first: "Ints"
    last: "Ints"
    junctions: "Shapes"
    changes: tuple[Change, ...]


def cut_at(
    vertex: "Ints", line: "Ints", is_junction: "NDArray[np.bool_]"
) -> "tuple[Ints, Ints]":
    """
    Cut chains of vertices at junctions and at their own ends.

    Parameters
    ----------
    vertex
        Number of each vertex, line after line.
    line
        Line of each vertex, ascending.
    is_junction
        Whether a vertex, by number, is a junction.

    Returns
    -------
    start, end
        Position of the first and the last vertex of each piece, in order; a vertex where
        a line is cut ends one piece and starts the next.
    """
    ends = np.flatnonzero(np.diff(line, append=-1, prepend=-1))
    cut = is_junction[vertex]
    cut[ends[:-1]] = True
    cut[ends[1:] - 1] = True
    at = np.flatnonzero(cut)
    same = line[at[:-1]] == line[at[1:]]
    return at[:-1][same], at[1:][same]


def shared_vertices(vertex: "Ints", line: "Ints", count: int) -> "NDArray[np.bool_]":
    """
    Tell which vertices lines meet at: passed more than once, or an end of a line.

    A vertex that a line merely repeats in a row is passed once.
    """
    again = np.zeros(len(vertex), dtype=bool)
    again[1:] = (vertex[1:] == vertex[:-1]) & (line[1:] == line[:-1])
    passed = np.bincount(vertex[~again], minlength=count)
    met: NDArray[np.bool_] = passed > 1
    ends = np.flatnonzero(np.diff(line, append=-1, prepend=-1))
    met[vertex[ends[:-1]]] = True
    met[vertex[ends[1:] - 1]] = True
    return met


def join_lines(
    lines: "Shapes",
    *,
    names: "Sequence[object]",
    oneway: "NDArray[np.bool_] | None" = None,
    level: "Ints | None" = None,
    kind: "Ints | None" = None,
    gap_m: float = 0.0,
    at_crossings: bool = False,
) -> NodedLines:
    """
    Cut lines where they share a vertex, and say what is wrong with them.

    Lines that merely cross are bridges until ``at_crossings`` says otherwise: then those
    of one level are cut where they cross and where one ends on another, to a centimetre.
    Lines of length zero are dropped, and of what is drawn twice on one level one; a
    one-way line and its opposite are not the same. The repairs are counted, and so are
    ends that lead nowhere, lines that cross themselves, and parts that do not hang
    together.

    Parameters
    ----------
    lines
        Line strings with finite coordinates, in metres.
    names
        What each line is called in the changes.
    oneway
        Whether each line may be used as drawn only; none is if not given.
    level
        On which level each line runs, e.g. 1 on a bridge; all on one if not given.
    kind
        Number of what each line is, e.g. built or planned: lines of several kinds are
        not the same, though drawn alike.
    gap_m
        An end that meets nothing is drawn to the nearest other line within this
        distance; 0 closes no gap. Lines up to twice as long stay as they are.
    at_crossings
        Whether lines are cut where they cross.
    """
    changes: list[Change] = []
    owner = np.arange(len(lines))
    oneway = np.zeros(len(lines), dtype=bool) if oneway is None else oneway
    level = np.zeros(len(lines), dtype=np.int64) if level is None else level
    group = level if kind is None else level * (kind.max(initial=0) + 1) + kind
    keep = shapely.length(lines) > 0
    _tell(
        changes,
        "dropped",
        Text("零长度线", "lines of length zero"),
        owner[~keep],
        names,
    )
    owner, lines = owner[keep], lines[keep]
    own = _crossing_themselves(lines)
    _tell(
        changes,
        "noticed",
        Text("自相交的线", "lines that cross themselves"),
        owner[own],
        names,
    )
    if gap_m > 0:
        lines = _with_gaps_closed(lines, owner, gap_m, names, changes)
    if at_crossings:
        lines = _with_crossings(lines, level[owner], changes)
    vertex, line, xy = _vertices(lines)
    met = shared_vertices(vertex, line, len(xy))
    start, end = cut_at(vertex, line, met)
    # A piece of one place only is what two equal vertices in a row leave.
    keep = (vertex[start] != vertex[end]) | (end - start > 1)
    start, end = start[keep], end[keep]
    pieces = _pieces(xy[vertex], start, end)
    of = line[start]
    once = _once(pieces, oneway[owner[of]], group[owner[of]])
    _tell(
        changes,
        "dropped",
        Text("重复绘制的线段", "pieces drawn twice"),
        owner[of[~once]],
        names,
    )
    start, end, pieces, of = start[once], end[once], pieces[once], of[once]
    used, number = np.unique(
        np.concatenate([vertex[start], vertex[end]]), return_inverse=True
    )
    first, last = number[: len(start)], number[len(start) :]
    changes += shape_changes(first, last, len(used), shapely.length(pieces))
    return NodedLines(
        pieces, owner[of], first, last, shapely.points(xy[used]), tuple(changes)
    )


def _tell(
    changes: list[Change],
    action: str,
    what: Text,
    rows: "Ints",
    names: "Sequence[object]",
) -> None:
    if len(rows):
        shown = tuple(str(names[row]) for row in np.unique(rows)[:_SHOWN])
        changes.append(Change(action=action, what=what, count=len(rows), rows=shown))  # type: ignore[arg-type]


def _crossing_themselves(lines: "Shapes") -> "NDArray[np.bool_]":
    simple: NDArray[np.bool_] = shapely.is_simple(lines)
    return ~simple


def _vertices(lines: "Shapes") -> "tuple[Ints, Ints, Floats]":
    """Return number and line of each vertex, and the place of each number."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    key = _keys(xy)
    # Numbers of two places could only agree if they were 4,295 km apart.
    cells, at, vertex = np.unique(
        key[:, 0] * _COLUMN + key[:, 1], return_index=True, return_inverse=True
    )
    number = _merged(cells, xy[at])
    _, first = np.unique(number, return_index=True)
    return number[vertex.reshape(-1)], line, xy[at[first]]


def _merged(cells: "Ints", xy: "Floats") -> "Ints":
    """Give places one number that are a millimetre apart, but in two cells."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = []
    for step in (1, _COLUMN - 1, _COLUMN, _COLUMN + 1):
        beside = np.searchsorted(cells, cells + step) % len(cells)
        left = np.flatnonzero(cells[beside] == cells + step)
        right = beside[left]
        near = np.hypot(*(xy[left] - xy[right]).T) <= _SAME_M
        pairs.append(np.stack([left[near], right[near]]))
    left, right = np.concatenate(pairs, axis=1)
    if not len(left):
        return np.arange(len(cells))
    graph = coo_array(
        (np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(cells),) * 2
    )
    _, number = connected_components(graph, directed=False)
    return np.asarray(number, dtype=np.int64)


def _keys(xy: "Floats") -> "Ints":
    return np.round(xy / _SAME_M).astype(np.int64)


def _pieces(xy: "Floats", start: "Ints", end: "Ints") -> "Shapes":
    size = end - start + 1
    piece = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    position = np.arange(len(piece)) - first[piece] + start[piece]
    lines: Shapes = shapely.linestrings(xy[position], indices=piece)
    return lines


def _once(
    lines: "Shapes", oneway: "NDArray[np.bool_]", group: "Ints"
) -> "NDArray[np.bool_]":
    """
    Tell which lines were not drawn before in their group.

    A one-way line repeats one drawn in its direction, or one that runs both ways.
    """
    either = shapely.normalize(lines)
    turned = oneway & ~shapely.equals_exact(lines, either)
    _, shape = np.unique(shapely.to_wkb(either), return_inverse=True)
    # Lines of both ways come first in each group, so that they are the ones that stay.
    order = np.lexsort((np.arange(len(lines)), turned, oneway, group, shape))
    new = np.diff(shape[order], prepend=-1) != 0
    new |= np.diff(group[order], prepend=0) != 0
    both_ways = ~oneway[order][
        np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    ]
    other_way = np.diff(turned[order].astype(np.int8), prepend=0) != 0
    once = np.zeros(len(lines), dtype=bool)
    once[order] = new | (other_way & ~both_ways)
    return once


def _with_gaps_closed(
    lines: "Shapes",
    owner: "Ints",
    gap_m: float,
    names: "Sequence[object]",
    changes: list[Change],
) -> "Shapes":
    """Draw ends that meet nothing to another such end, or to the nearest other line."""
    vertex, line, xy = _vertices(lines)
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
    if len(moved):
        closed = _with_vertices(closed, other, shapely.points(target))
        what = Text(
            f"已闭合的断口，最宽 {metres.max():.2f} m",
            f"gaps closed, the widest {metres.max():.2f} m",
        )
        _tell(changes, "repaired", what, owner[line[moved]], names)
    return closed


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


def _with_crossings(lines: "Shapes", level: "Ints", changes: list[Change]) -> "Shapes":
    """Give lines a vertex where they cross or touch another of their level."""
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
    if added.any():
        what = Text(
            "在线的相交或相接处加入的顶点", "vertices added where lines cross or touch"
        )
        changes.append(Change(action="repaired", what=what, count=int(added.sum())))
    return cut


def _ends_on_lines(lines: "Shapes", level: "Ints") -> "tuple[Ints, Shapes]":
    """Return lines on which another of their level ends between vertices, and where."""
    vertex, line, xy = _vertices(lines)
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
    key = _keys(all_xy)
    same = np.zeros(len(key), dtype=bool)
    same[1:] = (key[1:] == key[:-1]).all(axis=1) & (all_owner[1:] == all_owner[:-1])
    before = same & new
    after = np.zeros_like(same)
    after[:-1] = same[1:] & new[:-1] & ~new[1:]
    keep = ~(before | after)
    merged: Shapes = shapely.linestrings(all_xy[keep], indices=all_owner[keep])
    return merged


def shape_changes(
    first: "Ints", last: "Ints", count: int, length: "Floats"
) -> list[Change]:
    """Count the dead ends, and the parts that do not hang together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    degree = np.bincount(np.concatenate([first, last]), minlength=count)
    dead = int((degree == 1).sum())
    changes = []
    if dead:
        changes.append(
            Change(action="noticed", what=Text("断头", "dead ends"), count=dead)
        )
    ones = np.ones(len(first), dtype=np.int8)
    graph = coo_array((ones, (first, last)), shape=(count, count))
    parts, label = connected_components(graph, directed=False)
    if parts > 1:
        metres = np.bincount(label[first], weights=length, minlength=parts)
        shares = np.sort(metres)[::-1] / metres.sum()
        shown = ", ".join(f"{share:.1%}" for share in shares[:_SHOWN])
        more = ", …" if parts > _SHOWN else ""
        what = Text(
            f"互不连通的部分，按长度占 {shown}{more}",
            f"parts that do not hang together, by length {shown}{more}",
        )
        changes.append(Change(action="noticed", what=what, count=parts))
    return changes
