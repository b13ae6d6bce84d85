"""Lines into roads: where they meet, where they nearly do, what hangs together (拓扑)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.network.mending import with_crossings, with_gaps_closed
from ctzgis.network.vertices import connected, numbered_vertices
from ctzgis.provenance import Change
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

__all__ = ["NodedLines", "cut_at", "join_lines", "shape_changes", "shared_vertices"]

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
        distance; 0 closes no gap. Lines up to twice as long stay as they are, and lines
        of another level are met at their ends only.
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
        lines, moved, widest_m = with_gaps_closed(lines, level[owner], gap_m)
        what = Text(
            f"已闭合的断口，最宽 {widest_m:.2f} m",
            f"gaps closed, the widest {widest_m:.2f} m",
        )
        _tell(changes, "repaired", what, owner[moved], names)
    if at_crossings:
        lines, added = with_crossings(lines, level[owner])
        if added:
            what = Text(
                "在线的相交或相接处加入的顶点",
                "vertices added where lines cross or touch",
            )
            changes.append(Change(action="repaired", what=what, count=added))
    vertex, line, xy = numbered_vertices(lines)
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


def shape_changes(
    first: "Ints", last: "Ints", count: int, length: "Floats"
) -> list[Change]:
    """Count the dead ends, and the parts that do not hang together."""
    degree = np.bincount(np.concatenate([first, last]), minlength=count)
    dead = int((degree == 1).sum())
    changes = []
    if dead:
        changes.append(
            Change(action="noticed", what=Text("断头", "dead ends"), count=dead)
        )
    label = connected(first, last, count)
    parts = int(label.max(initial=-1)) + 1
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
