"""Simplify lines and borders without parting what meets (保持拓扑的化简)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Marks = NDArray[np.bool_]

__all__ = ["SharedLines", "shared_lines"]

# Keys of points put x above y; degrees times a million need 29 bits.
_Y_BITS: Final = 32
_RING_NEEDS: Final = 3
_INTERIORS_MEET: Final = "T********"


@dataclass(frozen=True, slots=True, eq=False)
class SharedLines:
    """
    Lines and rings, cut where they meet into arcs that are simplified once.

    Attributes
    ----------
    whole
        Points as whole numbers, path after path; rings start where others meet them.
    points, offsets
        Positions in ``whole`` of the points of each arc, both ends included; an arc that
        several paths follow is there once.
    worth_m
        At which tolerance each of these points goes; infinite for ends.
    ids
        What point of the plane each of these is.
    copies, originals
        Positions in ``whole``, and the positions in ``points`` they follow.
    """

    whole: "Longs"
    points: "Longs"
    offsets: "Longs"
    worth_m: "Floats"
    ids: "Longs"
    copies: "Longs"
    originals: "Longs"

    def roughly(self, tolerance_m: float) -> "Marks":
        """Return which points of ``whole`` stay before crossings are looked for."""
        return self._spread(self.worth_m > tolerance_m)

    def kept(self, tolerance_m: float) -> "Marks":
        """
        Return which points of ``whole`` stay.

        Where a shortened stretch would meet another that its original did not meet, both
        are drawn as they were.
        """
        stays = self.worth_m > tolerance_m
        arc = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        restored: Marks | None = None
        while True:
            parts = _Stretches.of(self, arc, stays)
            asked = parts.short if restored is None else parts.within(restored)
            first, second = parts.new_meetings(self, np.flatnonzero(asked))
            wrong = np.unique(np.concatenate([first, second]))
            if not len(wrong := wrong[parts.short[wrong]]):
                return self._spread(stays)
            restored = np.zeros(len(stays), dtype=bool)
            restored[_ranges(parts.start[wrong], parts.end[wrong] + 1)] = True
            stays = stays | restored

    def _spread(self, stays: "Marks") -> "Marks":
        """Return the choice for all paths, of that for every arc once."""
        kept = np.ones(len(self.whole), dtype=bool)
        kept[self.copies] = stays[self.originals]
        return kept


def shared_lines(
    whole: "Longs",
    starts: "Longs",
    *,
    is_ring: "Marks",
    fixed: "Longs",
    metres: tuple[float, float],
    least_m: float = 0.0,
) -> SharedLines:
    """
    Cut lines and rings where they meet, and weigh the points between.

    Fixed are the ends of lines, every point from which more than two ways lead, and three
    points of each ring, so that none collapses.

    Parameters
    ----------
    whole
        Points as whole numbers, path after path.
    starts
        Where each path starts, and after them the number of points.
    is_ring
        Which paths are rings of polygons; others are lines, closed or not.
    fixed
        Further points that must stay, as whole numbers.
    metres
        Metres in a step of one, east and north.
    least_m
        Tolerances below are of no interest.
    """
    ids, fixed_ids = _named(whole, fixed)
    path = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    is_node = _nodes(ids, path)
    is_node[fixed_ids] = True
    ends = np.concatenate([starts[:-1], starts[1:] - 1])
    is_node[ids[ends[~np.tile(is_ring, 2)]]] = True
    _pin_rings(whole, ids, starts, is_node)
    order = _turned(ids, starts, is_ring, is_node)
    whole, ids = whole[order], ids[order]

    cuts = np.flatnonzero(is_node[ids])
    joined = path[cuts[:-1]] == path[cuts[1:]]
    low, high = cuts[:-1][joined], cuts[1:][joined]
    back = (ids[low] > ids[high]) | (
        (ids[low] == ids[high]) & (ids[low + 1] > ids[high - 1])
    )
    firsts = np.where(back, ids[high], ids[low])
    seconds = np.where(back, ids[high - 1], ids[low + 1])
    # Inside an arc every point has two neighbours, so its first step tells it from others.
    keys = firsts * (ids.max(initial=0) + 1) + seconds
    _, chosen, follows = np.unique(keys, return_index=True, return_inverse=True)
    # Points written twice make copies of one arc differ in length.
    same = (high - low) == (high - low)[chosen][follows]
    alone = np.flatnonzero(~same)
    chosen = np.concatenate([chosen, alone])
    follows = follows.astype(np.int64)
    follows[alone] = np.arange(len(alone)) + len(chosen) - len(alone)

    copies = _ranges(low, high + 1, back)
    lengths = high - low + 1
    at = np.cumsum(lengths) - lengths
    points = copies[_ranges(at[chosen], at[chosen] + lengths[chosen])]
    offsets = np.concatenate([[0], np.cumsum(lengths[chosen])])
    originals = _ranges(offsets[follows], offsets[follows] + lengths)
    return SharedLines(
        whole=whole,
        points=points,
        offsets=offsets,
        worth_m=_worth(whole[points], offsets, metres, least_m),
        ids=ids[points],
        copies=copies,
        originals=originals,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """Straight stretches between points that stay; ``short`` where points go between."""

    start: "Longs"
    end: "Longs"
    short: "Marks"
    xy: "Longs"
    ids: "Longs"

    @classmethod
    def of(cls, lines: SharedLines, arc: "Longs", stays: "Marks") -> "_Stretches":
        at = np.flatnonzero(stays)
        inside = arc[at[:-1]] == arc[at[1:]]
        start, end = at[:-1][inside], at[1:][inside]
        both = np.stack([start, end], axis=1)
        return cls(
            start=start,
            end=end,
            short=end - start > 1,
            xy=lines.whole[lines.points[both]],
            ids=lines.ids[both],
        )

    def within(self, marked: "Marks") -> "Marks":
        """Return which stretches lie within marked points."""
        return marked[self.start] & marked[self.end]

    def new_meetings(
        self, lines: SharedLines, asked: "Longs"
    ) -> tuple["Longs", "Longs"]:
        """Return pairs of stretches that meet as their originals did not."""
        none = np.zeros(0, dtype=np.int64)
        if not len(asked) or not self.short.any():
            return none, none
        shapes = shapely.linestrings(self.xy.astype(np.float64))
        first, second = shapely.STRtree(shapes).query(shapes[asked])
        first = asked[first]
        worth_asking = (first != second) & (self.short[first] | self.short[second])
        first, second = first[worth_asking], second[worth_asking]
        met = _meet(self, first, second)
        first, second = first[met], second[met]
        if not len(first):
            return none, none
        old = shapely.relate_pattern(
            self._original(lines, first), self._original(lines, second), _INTERIORS_MEET
        )
        return first[~old], second[~old]

    def _original(self, lines: SharedLines, rows: "Longs") -> "NDArray[Any]":
        sizes = self.end[rows] - self.start[rows] + 1
        at = lines.points[_ranges(self.start[rows], self.end[rows] + 1)]
        owner = np.repeat(np.arange(len(rows)), sizes)
        shapes: NDArray[Any] = shapely.linestrings(
            lines.whole[at].astype(np.float64), indices=owner
        )
        return shapes


def _meet(parts: _Stretches, first: "Longs", second: "Longs") -> "Marks":
    """Return which stretches with overlapping boxes meet elsewhere than in an end."""
    a, b = parts.xy[first, 0], parts.xy[first, 1]
    c, d = parts.xy[second, 0], parts.xy[second, 1]
    apart = (_side(a, b, c) * _side(a, b, d) <= 0) & (
        _side(c, d, a) * _side(c, d, b) <= 0
    )
    ids, others = parts.ids[first], parts.ids[second]
    shared = ids[:, :, None] == others[:, None, :]
    count = shared.sum(axis=(1, 2))
    at_start, to_start = shared.any(axis=2)[:, 0], shared.any(axis=1)[:, 0]
    corner = np.where(at_start[:, None], a, b)
    one = np.where(at_start[:, None], b, a)
    other = np.where(to_start[:, None], d, c)
    along = ((one - corner) * (other - corner)).sum(axis=1) > 0
    folded = (_side(corner, one, other) == 0) & along
    met: Marks = np.select([count == 0, count == 1], [apart, folded], default=count > 1)
    return met


def _side(a: "Longs", b: "Longs", c: "Longs") -> "Longs":
    """Return on which side of the line from a to b a point lies: exact, in integers."""
    sides: Longs = np.sign(_area(a, b, c))
    return sides


def _area(a: "Longs", b: "Longs", c: "Longs") -> "Longs":
    """Return twice the area of triangles, positive where they turn left."""
    twice: Longs = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (
        c[:, 0] - a[:, 0]
    )
    return twice


def _named(whole: "Longs", fixed: "Longs") -> tuple["Longs", "Longs"]:
    """Return a number for each point of the plane, and the numbers of the fixed ones."""
    keys = (whole[:, 0] << _Y_BITS) + whole[:, 1]
    named, ids = np.unique(keys, return_inverse=True)
    wanted = (fixed[:, 0] << _Y_BITS) + fixed[:, 1]
    return ids.astype(np.int64), np.flatnonzero(np.isin(named, wanted))


def _nodes(ids: "Longs", path: "Longs") -> "Marks":
    """Return which points of the plane have not just two neighbours."""
    count = int(ids.max(initial=-1)) + 1
    step = (path[:-1] == path[1:]) & (ids[:-1] != ids[1:])
    a, b = ids[:-1][step], ids[1:][step]
    # Sorting is several times quicker than the hashing of np.unique.
    pairs = np.sort(np.minimum(a, b) * count + np.maximum(a, b))
    pairs = pairs[np.append([True], pairs[1:] != pairs[:-1])[: len(pairs)]]
    degree = np.bincount(pairs // max(count, 1), minlength=count)
    degree += np.bincount(pairs % max(count, 1), minlength=count)
    nodes: Marks = degree != 2
    return nodes


def _pin_rings(whole: "Longs", ids: "Longs", starts: "Longs", is_node: "Marks") -> None:
    """Fix the first and last point of closed paths by x, and one far from both."""
    first, last = starts[:-1], starts[1:] - 1
    closed = np.flatnonzero((ids[first] == ids[last]) & (last - first >= _RING_NEEDS))
    if not len(closed):
        return
    sizes = last[closed] - first[closed] + 1
    rows = _ranges(first[closed], last[closed] + 1)
    at = np.cumsum(sizes) - sizes
    # Numbers rise with x, so that copies of a ring fix the same points.
    west = np.minimum.reduceat(ids[rows], at)
    east = np.maximum.reduceat(ids[rows], at)
    place = np.zeros(len(is_node), dtype=np.int64)
    place[ids] = np.arange(len(ids))
    a = np.repeat(whole[place[west]], sizes, axis=0)
    b = np.repeat(whole[place[east]], sizes, axis=0)
    c = whole[rows]
    off = np.abs(_area(a, b, c))
    farthest = off == np.repeat(np.maximum.reduceat(off, at), sizes)
    is_node[west] = is_node[east] = True
    is_node[ids[rows[farthest]]] = True


def _turned(
    ids: "Longs", starts: "Longs", is_ring: "Marks", is_node: "Marks"
) -> "Longs":
    """Return an order of the points in which every ring starts at a fixed point."""
    order = np.arange(len(ids))
    rings = np.flatnonzero(is_ring)
    if not len(rings):
        return order
    sizes = starts[rings + 1] - starts[rings]
    rows = _ranges(starts[rings], starts[rings + 1])
    step = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    unfixed = np.where(is_node[ids[rows]], step, len(ids))
    start = np.minimum.reduceat(unfixed, np.cumsum(sizes) - sizes)
    turned = (step + np.repeat(start, sizes)) % np.repeat(sizes - 1, sizes)
    order[rows] = np.repeat(starts[rings], sizes) + turned
    return order


def _worth(
    xy: "Longs", offsets: "Longs", metres: tuple[float, float], least_m: float
) -> "Floats":
    from ctzgis.reporting.maps.worth import points_worth

    metric = xy.astype(np.float64) * metres
    x, y = metric[:, 0].copy(), metric[:, 1].copy()
    worth: Floats = points_worth(x, y, offsets[:-1], offsets[1:] - 1, least_m)
    return worth


def _ranges(low: "Longs", high: "Longs", back: "Marks | None" = None) -> "Longs":
    """Return the numbers from each low to its high, without that; some backwards."""
    sizes = high - low
    step = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    numbers: Longs = np.repeat(low, sizes) + step
    if back is None:
        return numbers
    return np.where(np.repeat(back, sizes), np.repeat(high - 1, sizes) - step, numbers)
