"""Links at roads of two carriageways that nobody may need (分幅道路旁的连接线)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.links.link_candidates import Links, Streets

    Marks = NDArray[np.bool_]
    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["DOUBTS", "doubts", "over_medians", "without_access"]

DOUBTS: Final = ("", "no_access", "median")
"""What speaks against a link: 无, 两幅之间无出入口的道路, 中央分隔带."""

_BESIDE_M: Final = 60.0

_ALIGNED: Final = float(np.cos(np.radians(30)))

# How far along a road its direction is taken.
_AHEAD_M: Final = 50.0

# A road that may be joined has a junction somewhere along so much of it.
_CLOSED_M: Final = 1000.0


def doubts(links: "Links", streets: "Streets") -> "NDArray[np.int64]":
    """Return what speaks against each link, as a place in ``DOUBTS``."""
    found = np.where(without_access(links, streets), DOUBTS.index("no_access"), 0)
    median = over_medians(links, streets)
    return np.where(median, DOUBTS.index("median"), found).astype(np.int64)


def without_access(links: "Links", streets: "Streets") -> "Marks":
    """
    Tell which links end on a road that seems closed to those beside it.

    It is one of two roads within 60 m and 30° of each other there, neither of which has a
    junction with a third for a kilometre: motorways and their like, where their class is
    not known.
    """
    found = np.zeros(len(links), dtype=bool)
    if not len(links):
        return found
    chain, chain_m = _chains(streets)
    tree = shapely.STRtree(streets.lines)
    at_end = np.where(links.end >= 0, _between(links.end, streets), links.road)
    sides = (
        (links.xy[:, :2], _between(links.start, streets)),
        (links.xy[:, 2:], at_end),
    )
    for xy, road in sides:
        rows = np.flatnonzero((road >= 0) & (chain_m[road] >= _CLOSED_M))
        dots = shapely.points(xy[rows])
        at, near = tree.query(dots, predicate="dwithin", distance=_BESIDE_M)
        here = road[rows[at]]
        other = streets.usable[near] & (chain_m[near] >= _CLOSED_M)
        other &= chain[near] != chain[here]
        at, near, here = at[other], near[other], here[other]
        ways = (_ways(streets.lines[row], dots[at]) for row in (here, near))
        aligned = np.abs(np.multiply(*ways).sum(axis=1)) > _ALIGNED
        found[rows[at[aligned]]] = True
    return found


def _chains(streets: "Streets") -> "tuple[Rows, Numbers]":
    """Return which roads follow each other without a junction, and metres of each such."""
    roads = np.flatnonzero(streets.usable)
    owner = np.concatenate([streets.first[roads], streets.last[roads]])
    row = np.tile(roads, 2)
    between = _neighbours(streets)[owner] == 2
    order = np.argsort(owner[between], kind="stable")
    owner, row = owner[between][order], row[between][order]
    same = owner[1:] == owner[:-1]
    size = (len(streets.lines), len(streets.lines))
    pairs = row[:-1][same], row[1:][same]
    joined = csr_array((np.ones(len(pairs[0]), np.int8), pairs), shape=size)
    _, chain = connected_components(joined, directed=False)
    metres = np.bincount(chain, streets.length_m)
    return chain.astype(np.int64), metres[chain]


def _neighbours(streets: "Streets") -> "Rows":
    """Return how many junctions each junction has a road to."""
    ends = np.stack([streets.first, streets.last], axis=1)[streets.usable]
    pairs = np.unique(np.sort(ends, axis=1), axis=0)
    apart = pairs[pairs[:, 0] != pairs[:, 1]]
    return np.bincount(apart.ravel(), minlength=len(streets.xy)).astype(np.int64)


def _between(junctions: "Rows", streets: "Streets") -> "Rows":
    """Return a road through each junction that only joins two pieces; -1 for others."""
    through = np.full(len(streets.xy) + 1, -1)
    roads = np.flatnonzero(streets.usable)
    for ends in (streets.first, streets.last):
        through[ends[roads]] = roads
    through[:-1][_neighbours(streets) != 2] = -1
    through[-1] = -1
    found: Rows = through[junctions]
    return found


def _ways(lines: "NDArray[np.object_]", dots: "NDArray[np.object_]") -> "Numbers":
    """Return the directions of lines where they are nearest to places."""
    along = shapely.line_locate_point(lines, dots)
    ends = [
        np.clip(along + step, 0.0, shapely.length(lines))
        for step in (-_AHEAD_M / 2, _AHEAD_M / 2)
    ]
    start, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, end)).reshape(
            -1, 2
        )
        for end in ends
    )
    step = after - start
    length = np.hypot(*step.T)[:, None]
    ways: Numbers = np.divide(step, length, out=np.zeros_like(step), where=length > 0)
    return ways


def over_medians(links: "Links", streets: "Streets") -> "Marks":
    """
    Tell which links join two roads that run side by side, as carriageways do.

    Both roads go on beyond the link on both sides, within 30° of straight on and of each
    other, and are no more than 60 m apart.
    """
    if not len(links):
        return np.zeros(0, dtype=bool)
    at_start = _through(links.start, np.full(len(links), -1), links.along_m, streets)
    at_end = _through(links.end, links.road, links.along_m, streets)
    found = np.zeros(len(links), dtype=bool)
    across = links.xy[:, 2:] - links.xy[:, :2]
    for k in range(len(links)):
        for one in at_start[k]:
            for other in at_end[k]:
                apart_m = abs(one[0] * across[k, 1] - one[1] * across[k, 0])
                aligned = abs(float(one @ other)) > _ALIGNED
                found[k] |= aligned and apart_m <= _BESIDE_M
    return found


def _through(
    ends: "Rows", roads: "Rows", along_m: "Numbers", streets: "Streets"
) -> "list[list[Numbers]]":
    """Return the directions in which roads go on straight through the ends of links."""
    owner = np.concatenate([streets.first, streets.last])
    rows = np.tile(np.arange(len(streets.lines)), 2)
    backward = np.arange(len(owner)) >= len(streets.lines)
    usable = streets.usable[rows]
    owner, rows, backward = owner[usable], rows[usable], backward[usable]
    order = np.argsort(owner, kind="stable")
    owner, rows, backward = owner[order], rows[order], backward[order]
    found = []
    for end, road, along in zip(ends, roads, along_m, strict=True):
        if end < 0:
            line, length = streets.lines[road], streets.length_m[road]
            found.append([_direction(line, along, min(along + _AHEAD_M, length))])
            continue
        begin, after = np.searchsorted(owner, [end, end + 1])
        ways = []
        for k in range(begin, after):
            line, length = streets.lines[rows[k]], streets.length_m[rows[k]]
            ahead = min(_AHEAD_M, length)
            ways.append(
                _direction(line, length, length - ahead)
                if backward[k]
                else _direction(line, 0.0, ahead)
            )
        found.append(
            [
                one
                for k, one in enumerate(ways)
                if any(float(one @ other) < -_ALIGNED for other in ways[k + 1 :])
            ]
        )
    return found


def _direction(line: shapely.LineString, from_m: float, to_m: float) -> "Numbers":
    """Return the direction from one place on a line to another, of length one."""
    ends = shapely.line_interpolate_point(line, [from_m, to_m])
    step: Numbers = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    length = float(np.hypot(*step))
    return step / length if length > 0 else step
