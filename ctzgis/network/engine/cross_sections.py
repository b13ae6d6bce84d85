"""Which lines run beside a line, place by place along it (横断面)."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]

__all__ = ["Beside", "Lanes", "bridged", "lines_beside", "shares_of_a_road"]


_NOTHING_M = 1e-6
_NO_SLOPE = 1e-12
_MOST_CELLS = 4_000_000


class Lanes(NamedTuple):
    """
    Straight directed segments, and what tells whether two may belong to one road.

    Attributes
    ----------
    xy
        Start and end, four numbers a segment, in metres.
    reach_m
        How near another line must be; the lesser of two counts.
    name, ref, road_class
        Numbers that stand for names, route numbers and classes; negative if not known.
    level
        Level of the road; NaN if not known.
    """

    xy: "Floats"
    reach_m: "Floats"
    name: "Whole"
    ref: "Whole"
    road_class: "Whole"
    level: "Floats"


class Beside(NamedTuple):
    """
    Stretches of segments along which another one runs beside, ordered by segment.

    Attributes
    ----------
    first
        Where the stretches of each segment begin, and where the last ones end.
    from_m, to_m
        Metres along the segment.
    left_m, left_by_m
        Distance to the left at its start, and what is added in each metre.
    along
        Whether the other is drawn in the same direction.
    firm
        Whether the two are as parallel as they must be.
    """

    first: "Whole"
    from_m: "Floats"
    to_m: "Floats"
    left_m: "Floats"
    left_by_m: "Floats"
    along: "Flags"
    firm: "Flags"


@compiled
def _cells(
    xy: "Floats", x0: float, y0: float, size: float, wide: int, high: int
) -> "tuple[Whole, Whole]":
    """List the segments whose box touches each cell."""
    count = np.zeros(wide * high + 1, np.int64)
    held = np.empty(0, np.int64)
    for step in range(2):
        for k in range(len(xy)):
            ax = int((min(xy[k, 0], xy[k, 2]) - x0) / size)
            bx = int((max(xy[k, 0], xy[k, 2]) - x0) / size)
            ay = int((min(xy[k, 1], xy[k, 3]) - y0) / size)
            by = int((max(xy[k, 1], xy[k, 3]) - y0) / size)
            for y in range(ay, by + 1):
                for x in range(ax, bx + 1):
                    cell = y * wide + x
                    if step == 0:
                        count[cell + 1] += 1
                    else:
                        held[count[cell]] = k
                        count[cell] += 1
        if step == 0:
            count = np.cumsum(count)
            held = np.empty(count[-1], np.int64)
    # Filling has moved every start to the next cell's.
    first = np.zeros(len(count), np.int64)
    first[1:] = count[:-1]
    return first, held


@compiled
def _may_be_one_road(lanes: Any, i: int, j: int, same_class: bool) -> bool:  # noqa: FBT001
    if lanes.level[i] != lanes.level[j] and not (
        np.isnan(lanes.level[i]) or np.isnan(lanes.level[j])
    ):
        return False
    if (
        same_class
        and lanes.road_class[i] != lanes.road_class[j]
        and min(lanes.road_class[i], lanes.road_class[j]) >= 0
    ):
        return False
    if lanes.name[i] == lanes.name[j] or min(lanes.name[i], lanes.name[j]) < 0:
        return True
    return bool(lanes.ref[i] == lanes.ref[j] and lanes.ref[i] >= 0)


@compiled
def lines_beside(
    lanes: Any,
    size_m: float,
    least_cosine: float,
    loose_cosine: float,
    same_class: bool,  # noqa: FBT001
) -> Any:
    """
    Find where the normal of a segment meets another one that may be of its road.

    Parameters
    ----------
    lanes
        The segments; none may have length zero.
    size_m
        Side of the cells they are looked up in.
    least_cosine, loose_cosine
        Cosines of the angles up to which two are parallel, firmly and loosely.
    same_class
        Whether only lines of one class may be of one road.
    """
    xy, n = lanes.xy, len(lanes.xy)
    x0, y0 = min(xy[:, 0].min(), xy[:, 2].min()), min(xy[:, 1].min(), xy[:, 3].min())
    width = max(xy[:, 0].max(), xy[:, 2].max()) - x0
    height = max(xy[:, 1].max(), xy[:, 3].max()) - y0
    # However far apart the lines are, there are not many more cells than lines.
    size_m = max(size_m, np.sqrt(width / _MOST_CELLS * height), width / _MOST_CELLS)
    size_m = max(size_m, height / _MOST_CELLS)
    wide, high = int(width / size_m) + 1, int(height / size_m) + 1
    start, held = _cells(xy, x0, y0, size_m, wide, high)
    room, found = 4 * n + 16, 0
    spans = np.empty((room, 4))
    marks = np.empty((room, 2), np.bool_)
    first = np.zeros(n + 1, np.int64)
    seen = np.full(n, -1, np.int64)
    for i in range(n):
        ax, ay = xy[i, 0], xy[i, 1]
        dx, dy = xy[i, 2] - ax, xy[i, 3] - ay
        long = np.hypot(dx, dy)
        dx, dy = dx / long, dy / long
        reach = lanes.reach_m[i]
        cx0 = max(int((min(ax, xy[i, 2]) - reach - x0) / size_m), 0)
        cy0 = max(int((min(ay, xy[i, 3]) - reach - y0) / size_m), 0)
        cx1 = min(int((max(ax, xy[i, 2]) + reach - x0) / size_m), wide - 1)
        cy1 = min(int((max(ay, xy[i, 3]) + reach - y0) / size_m), high - 1)
        for cy in range(cy0, cy1 + 1):
            for h in range(start[cy * wide + cx0], start[cy * wide + cx1 + 1]):
                j = held[h]
                if seen[j] == i or j == i:
                    continue
                seen[j] = i
                px, py = xy[j, 0] - ax, xy[j, 1] - ay
                qx, qy = xy[j, 2] - ax, xy[j, 3] - ay
                from_s, to_s = px * dx + py * dy, qx * dx + qy * dy
                low, top = max(min(from_s, to_s), 0.0), min(max(from_s, to_s), long)
                if top - low <= _NOTHING_M:
                    continue
                cosine = (to_s - from_s) / np.hypot(qx - px, qy - py)
                if abs(cosine) < loose_cosine:
                    continue
                left, left_to = py * dx - px * dy, qy * dx - qx * dy
                slope = (left_to - left) / (to_s - from_s)
                left -= slope * from_s
                near = min(reach, lanes.reach_m[j])
                if abs(slope) > _NO_SLOPE:
                    one, two = (-near - left) / slope, (near - left) / slope
                    low, top = max(low, min(one, two)), min(top, max(one, two))
                elif abs(left) > near:
                    continue
                if top - low <= _NOTHING_M:
                    continue
                if not _may_be_one_road(lanes, i, j, same_class):
                    continue
                if found == room:
                    room *= 2
                    spans = _grown(spans, room)
                    marks = _grown(marks, room)
                spans[found, 0], spans[found, 1] = low, top
                spans[found, 2], spans[found, 3] = left, slope
                marks[found, 0] = cosine > 0
                marks[found, 1] = abs(cosine) >= least_cosine
                found += 1
        first[i + 1] = found
    return first, spans[:found], marks[:found]


@compiled
def _grown(table: Any, room: int) -> Any:
    more = np.empty((room, table.shape[1]), table.dtype)
    more[: len(table)] = table
    return more


@compiled
def _share(left: "Floats", along: "Flags", count: int, hand: int) -> float:
    """
    Tell which share of a road a carriageway is, from those beside it.

    ``hand`` is 1 where traffic keeps right, -1 where it keeps left, 0 if lines are drawn in
    any direction. Facing forward in right-hand traffic, carriageways of the same direction
    may follow on both sides, and beyond them on the left those of the opposite one; what
    comes after an opposite one on the right, or after a forward one beyond them, is another
    road's.
    """
    if count == 0:
        return 1.0
    if hand == 0:
        return 1.0 / (1 + count)
    order = np.argsort(left[:count] * hand)
    middle = 0
    while middle < count and left[order[middle]] * hand < -_NOTHING_M:
        middle += 1
    lanes, opposite = 1, 0
    k = middle - 1
    while k >= 0 and along[order[k]]:
        lanes, k = lanes + 1, k - 1
    k = middle
    while k < count and along[order[k]]:
        lanes, k = lanes + 1, k + 1
    while k < count and not along[order[k]]:
        opposite, k = opposite + 1, k + 1
    return 1.0 / (lanes + opposite) if opposite else 1.0


@compiled
def shares_of_a_road(beside: Any, length_m: "Floats", hand: int) -> Any:
    """
    Cut segments where what runs beside them changes, and tell each piece's share.

    Returns where the pieces of each segment begin; and for each piece its start and end in
    metres, its share by firmly parallel lines, and by loosely parallel ones too.
    """
    n = len(length_m)
    first = np.zeros(n + 1, np.int64)
    room, found = 2 * n + 16, 0
    pieces = np.empty((room, 4))
    for i in range(n):
        a, b = beside.first[i], beside.first[i + 1]
        cuts = _cuts(beside, a, b, length_m[i])
        left, along = np.empty(b - a), np.empty(b - a, np.bool_)
        for q in range(len(cuts) - 1):
            if cuts[q + 1] - cuts[q] <= _NOTHING_M and len(cuts) > 2:
                continue
            middle = (cuts[q] + cuts[q + 1]) / 2
            shares = (1.0, 1.0)
            for loose in range(2):
                count = 0
                for k in range(a, b):
                    if beside.from_m[k] < middle < beside.to_m[k] and (
                        beside.firm[k] or loose == 1
                    ):
                        left[count] = beside.left_m[k] + beside.left_by_m[k] * middle
                        along[count] = beside.along[k]
                        count += 1
                share = _share(left, along, count, hand)
                shares = (share, share) if loose == 0 else (shares[0], share)
            if found == room:
                room *= 2
                pieces = _grown(pieces, room)
            pieces[found, 0] = pieces[found - 1, 1] if found > first[i] else 0.0
            pieces[found, 1] = cuts[q + 1]
            pieces[found, 2], pieces[found, 3] = shares
            found += 1
        pieces[found - 1, 1] = length_m[i]
        first[i + 1] = found
    return first, pieces[:found]


@compiled
def _cuts(beside: Any, a: int, b: int, long: float) -> "Floats":
    """Places along a segment where lines beside it begin, end, or change their order."""
    cuts = np.empty(2 + 2 * (b - a) + (b - a) * (b - a))
    cuts[0], cuts[1], count = 0.0, long, 2
    for k in range(a, b):
        cuts[count], cuts[count + 1] = beside.from_m[k], beside.to_m[k]
        count += 2
        for m in range(k, b):
            apart, by = beside.left_m[k], beside.left_by_m[k]
            if m > k:
                apart, by = apart - beside.left_m[m], by - beside.left_by_m[m]
            crossing = -apart / by if abs(by) > _NO_SLOPE else -1.0
            low = max(beside.from_m[k], beside.from_m[m])
            top = min(beside.to_m[k], beside.to_m[m])
            if low < crossing < top:
                cuts[count] = crossing
                count += 1
    return np.sort(cuts[:count])


@compiled
def _lone_m(
    first: Any,
    pieces: Any,
    segment: int,
    forward: bool,  # noqa: FBT001
) -> "tuple[float, bool]":
    """Metres from an end of a segment to its first piece that shares a road, if any."""
    metres = 0.0
    for step in range(first[segment + 1] - first[segment]):
        k = first[segment] + step if forward else first[segment + 1] - 1 - step
        if pieces[k, 2] < 1:
            return metres, True
        metres += pieces[k, 1] - pieces[k, 0]
    return metres, False


@compiled
def bridged(
    first: "Whole", pieces: "Floats", after: "Whole", before: "Whole", most_m: float
) -> "Floats":
    """
    Return each piece's share of a road, short gaps between shared stretches closed.

    Parameters
    ----------
    first, pieces
        As ``shares_of_a_road`` returns them.
    after, before
        The segment that goes on from each, and that it goes on from; negative if none.
    most_m
        Longest gap that is closed, where lines beside are loosely parallel.
    """
    shares = pieces[:, 2].copy()
    for i in range(len(first) - 1):
        for k in range(first[i], first[i + 1]):
            if pieces[k, 2] < 1 or pieces[k, 3] == 1:
                continue
            metres, closed = pieces[k, 1] - pieces[k, 0], 0
            for forward in (True, False):
                q, segment, met = k, i, False
                step = 1 if forward else -1
                while first[i] <= q + step < first[i + 1] and not met:
                    q += step
                    met = pieces[q, 2] < 1
                    metres += 0.0 if met else pieces[q, 1] - pieces[q, 0]
                while not met and metres <= most_m:
                    segment = after[segment] if forward else before[segment]
                    if segment < 0:
                        break
                    more, met = _lone_m(first, pieces, segment, forward)
                    metres += more
                closed += met
            if closed == 2 and metres <= most_m:
                shares[k] = pieces[k, 3]
    return shares
