"""Kernels that cut lines at the borders of areas (线段切分内核)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Numbers = NDArray[np.int32]

__all__ = ["box_pairs", "cut_lines", "fill_slabs"]

# Sine of 10°: what is turned more against a border crosses it. Within a metre of it that
# is 12 m of line, half of them on each side.
_ALONG_SINE: Final = 0.17364817766693033

# Cuts beyond a border's ends do no harm: both sides of them are then found to be alike.
_BEYOND: Final = 1e-9


@compiled
def _slab_of(y: float, south: float, north: float, count: int) -> int:
    """Return the slab of a height, the nearest one for heights beyond them all."""
    place = (y - south) / (north - south) * count
    return int(min(max(place, 0.0), count - 1.0))


@compiled
def fill_slabs(
    ends: "Floats",
    first: "Ints",
    box: "Floats",
    slab_first: "Ints",
    place: "Ints",
    held: "Ints",
) -> None:
    """Sort segments into the slabs they touch; without room for them count them."""
    for area in range(len(first) - 1):
        count = slab_first[area + 1] - slab_first[area]
        south, north = box[area, 1], box[area, 3]
        for k in range(first[area], first[area + 1]):
            low = _slab_of(min(ends[k, 1], ends[k, 3]), south, north, count)
            high = _slab_of(max(ends[k, 1], ends[k, 3]), south, north, count)
            for slab in range(slab_first[area] + low, slab_first[area] + high + 1):
                if len(held):
                    held[place[slab]] = k
                place[slab] += 1


@compiled
def box_pairs(
    xy: "Floats",
    first: "Ints",
    box: "Floats",
    strips: "Floats",
    strip_first: "Ints",
    strip_held: "Ints",
    place: "Ints",
    area_of: "Numbers",
) -> None:
    """
    List the areas whose box meets that of a line; without room for them count them.

    Areas are looked for in upright strips, which ``strips`` bounds from west to east.
    """
    count = len(strip_first) - 1
    for part in range(len(first) - 1):
        if first[part] == first[part + 1]:
            continue
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for k in range(first[part], first[part + 1]):
            west, east = min(west, xy[k, 0]), max(east, xy[k, 0])
            south, north = min(south, xy[k, 1]), max(north, xy[k, 1])
        low = _slab_of(west, strips[0], strips[1], count)
        high = _slab_of(east, strips[0], strips[1], count)
        for strip in range(low, high + 1):
            for at in range(strip_first[strip], strip_first[strip + 1]):
                area = strip_held[at]
                if west > box[area, 2] or east < box[area, 0]:
                    continue
                if south > box[area, 3] or north < box[area, 1]:
                    continue
                # It is in every strip it touches, and wanted once.
                if strip > low and strip > _slab_of(
                    box[area, 0], strips[0], strips[1], count
                ):
                    continue
                if len(area_of):
                    area_of[place[part]] = area
                place[part] += 1


@compiled
def _holds(
    x: float,
    y: float,
    ends: "Floats",
    box: "Floats",
    slabs: int,
    slab_first: int,
    held_first: "Ints",
    held: "Ints",
) -> bool:
    """Tell whether an area holds a place: whether an odd number of borders lie east."""
    if y < box[1] or y > box[3] or x < box[0] or x > box[2]:
        return False
    slab = slab_first + _slab_of(y, box[1], box[3], slabs)
    odd = False
    for at in range(held_first[slab], held_first[slab + 1]):
        k = held[at]
        low, high = ends[k, 1], ends[k, 3]
        # Of two segments that meet at this height only one counts.
        if (low > y) != (high > y):
            share = (y - low) / (high - low)
            if ends[k, 0] + share * (ends[k, 2] - ends[k, 0]) > x:
                odd = not odd
    return odd


@compiled
def _beside(
    ax: float, ay: float, ex: float, ey: float, metres: float,
    border: "Floats", off_m: float,
) -> tuple[float, float]:  # fmt: skip
    """Return between which shares a segment lies beside one of a border, near it."""
    ux, uy = border[2] - border[0], border[3] - border[1]
    along_m = np.sqrt(ux * ux + uy * uy)
    ux, uy = ux / along_m, uy / along_m
    turn = ex * uy - ey * ux
    if abs(turn) > _ALONG_SINE * metres:
        return 1.0, 0.0
    wx, wy = ax - border[0], ay - border[1]
    off, place, advance = wx * uy - wy * ux, wx * ux + wy * uy, ex * ux + ey * uy
    # Never 0: the segment is turned against the border by less than 10°.
    one, other = -place / advance, (along_m - place) / advance
    low, high = max(min(one, other), 0.0), min(max(one, other), 1.0)
    if turn == 0.0:
        return (low, high) if abs(off) <= off_m else (1.0, 0.0)
    one, other = (-off_m - off) / turn, (off_m - off) / turn
    return max(low, min(one, other)), min(high, max(one, other))


@compiled
def _grown(values: "Floats") -> "Floats":
    """Return the values with room for as many again."""
    more = np.empty((2 * len(values), values.shape[1]))
    more[: len(values)] = values
    return more


@compiled
def _reach(spans: "Floats", at: float, seen: int, reach: float) -> tuple[int, float]:
    """Go on through sorted spans up to a place, and return how far they reach."""
    while seen < len(spans) and spans[seen, 0] <= at:
        reach = max(reach, spans[seen, 1])
        seen += 1
    return seen, reach


@compiled
def cut_lines(
    xy: "Floats", first: "Ints", part_of: "Numbers", area_of: "Numbers", ends: "Floats",
    boxes: "Floats", slab_first: "Ints", held_first: "Ints",
    held: "Ints", border_m: float, on_m: float, measured: "Floats",
) -> None:  # fmt: skip
    """
    Measure what of each line lies inside an area, along its border, and of that covered.

    ``part_of`` and ``area_of`` name the line and the area of each row of ``measured``.
    """
    cuts, near, on = np.empty((32, 1)), np.empty((16, 2)), np.empty((16, 2))
    for row in range(len(part_of)):
        part, area = part_of[row], area_of[row]
        box, base = boxes[area], slab_first[area]
        slabs = slab_first[area + 1] - base
        for v in range(first[part], first[part + 1] - 1):
            ax, ay, bx, by = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            west, east = min(ax, bx) - border_m, max(ax, bx) + border_m
            south, north = min(ay, by) - border_m, max(ay, by) + border_m
            ex, ey = bx - ax, by - ay
            metres = np.sqrt(ex * ex + ey * ey)
            if metres == 0.0 or east < box[0] or west > box[2]:
                continue
            if north < box[1] or south > box[3]:
                continue
            low = _slab_of(south, box[1], box[3], slabs)
            high = _slab_of(north, box[1], box[3], slabs)
            cut_count = near_count = on_count = 0
            for slab in range(low, high + 1):
                for at in range(held_first[base + slab], held_first[base + slab + 1]):
                    k = held[at]
                    cy, dy = ends[k, 1], ends[k, 3]
                    if min(cy, dy) > north or max(cy, dy) < south:
                        continue
                    cx, dx = ends[k, 0], ends[k, 2]
                    if min(cx, dx) > east or max(cx, dx) < west:
                        continue
                    # It is in every slab it touches, and wanted once.
                    if slab > low and slab > _slab_of(
                        min(cy, dy), box[1], box[3], slabs
                    ):
                        continue
                    if cut_count + 5 > len(cuts):
                        cuts = _grown(cuts)
                    if near_count + 1 > len(near):
                        near = _grown(near)
                    if on_count + 1 > len(on):
                        on = _grown(on)
                    ux, uy = dx - cx, dy - cy
                    turn = ex * uy - ey * ux
                    if turn != 0.0:
                        share = ((cx - ax) * uy - (cy - ay) * ux) / turn
                        place = ((cx - ax) * ey - (cy - ay) * ex) / turn
                        if 0 < share < 1 and -_BEYOND <= place <= 1 + _BEYOND:
                            cuts[cut_count, 0] = share
                            cut_count += 1
                    start, after = _beside(ax, ay, ex, ey, metres, ends[k], border_m)
                    if after <= start:
                        continue
                    near[near_count, 0], near[near_count, 1] = start, after
                    cuts[cut_count, 0], cuts[cut_count + 1, 0] = start, after
                    near_count, cut_count = near_count + 1, cut_count + 2
                    start, after = _beside(ax, ay, ex, ey, metres, ends[k], on_m)
                    if after > start:
                        on[on_count, 0], on[on_count, 1] = start, after
                        cuts[cut_count, 0], cuts[cut_count + 1, 0] = start, after
                        on_count, cut_count = on_count + 1, cut_count + 2
            if cut_count == 0:
                if _holds(
                    ax + ex / 2, ay + ey / 2, ends, box, slabs, base, held_first, held
                ):
                    measured[row, 0] += metres
                continue
            shares = np.sort(cuts[:cut_count, 0])
            spans = near[np.argsort(near[:near_count, 0])]
            ons = on[np.argsort(on[:on_count, 0])]
            seen = on_seen = 0
            reach = on_reach = before = 0.0
            for number in range(cut_count + 1):
                after = shares[number] if number < cut_count else 1.0
                if after > before:
                    middle = (before + after) / 2
                    piece_m = (after - before) * metres
                    seen, reach = _reach(spans, middle, seen, reach)
                    on_seen, on_reach = _reach(ons, middle, on_seen, on_reach)
                    inside = on_reach > middle or _holds(
                        ax + middle * ex, ay + middle * ey, ends, box, slabs, base,
                        held_first, held,
                    )  # fmt: skip
                    if reach > middle:
                        measured[row, 1] += piece_m
                        if inside:
                            measured[row, 2] += piece_m
                    elif inside:
                        measured[row, 0] += piece_m
                    before = after
