"""Distances to the border of tapers on a grid, compiled (边界距离)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["lower_rows"]

# In short rows it pays to look whether a cell lies deep inside already; long ones go
# through the processor's vectors.
_SHORT: Final = 24

# Lines rise too little for a division if it is by less than this share of their reach.
_LEVEL: Final = 1e-9


@compiled
def lower_rows(
    field: "Floats",
    origin_x: float,
    origin_y: float,
    cell: float,
    lines: "Floats",
    first: int,
    after: int,
) -> None:
    """
    Lower some rows of a field to the least of distance less radius along lines.

    Lines have x and y of both ends and the radii there. The place of a line that counts
    for a cell lies ahead of or behind the foot of its perpendicular: where radius grows
    by g a metre, by g / √(1 - g²) of the distance to it. Cells more than two cells inside
    may keep what they hold.
    """
    columns, per_cell, deep = field.shape[1], 1 / cell, -2 * cell
    for k in range(len(lines)):
        x1, y1, x2, y2, r1, r2 = lines[k]
        radius = max(r1, r2)
        far = radius + cell
        low = max(first, int(np.ceil((min(y1, y2) - far - origin_y) / cell)))
        high = min(after - 1, int(np.floor((max(y1, y2) + far - origin_y) / cell)))
        if low > high:
            continue
        length = np.hypot(x2 - x1, y2 - y1)
        if abs(r2 - r1) >= length:
            # The larger disc holds the other.
            if r2 > r1:
                x1, y1 = x2, y2
            x2, y2, r1 = x1, y1, radius
            length, east, north, slope, lean = 0.0, 1.0, 0.0, 0.0, 0.0
        else:
            east, north = (x2 - x1) / length, (y2 - y1) / length
            slope = (r2 - r1) / length
            lean = slope / np.sqrt(1 - slope * slope)
        # Only this stretch of the line is near enough to a row.
        level = abs(y2 - y1) < _LEVEL * far
        per_y = 0.0 if level else 1 / (y2 - y1)
        stretch = abs(far * per_y)
        for row in range(low, high + 1):
            y = origin_y + row * cell
            a, b = 0.0, 1.0
            if not level:
                a = max((y - y1) * per_y - stretch, 0.0)
                b = min((y - y1) * per_y + stretch, 1.0)
            west, right = x1 + a * (x2 - x1), x1 + b * (x2 - x1)
            if west > right:
                west, right = right, west
            left = max(0, int(np.ceil((west - far - origin_x) * per_cell)))
            end = min(columns, int(np.floor((right + far - origin_x) * per_cell)) + 1)
            if left >= end:
                continue
            dy = y - y1
            across, over = dy * north, dy * east
            cells = field[row, left:end]
            dx_left = origin_x + left * cell - x1
            if len(cells) < _SHORT:
                for column in range(len(cells)):
                    held = cells[column]
                    if held > deep:
                        dx = dx_left + column * cell
                        ahead = dx * east + across
                        aside = abs(dx * north - over)
                        at = min(max(ahead + aside * lean, 0.0), length)
                        back = at - ahead
                        metres = np.sqrt(back * back + aside * aside) - r1 - slope * at
                        if metres < held:
                            cells[column] = metres
                continue
            for column in range(len(cells)):
                dx = dx_left + column * cell
                ahead = dx * east + across
                aside = abs(dx * north - over)
                at = ahead + aside * lean
                at = at if at > 0.0 else 0.0
                at = at if at < length else length
                back = at - ahead
                metres = np.sqrt(back * back + aside * aside) - r1 - slope * at
                held = cells[column]
                cells[column] = metres if metres < held else held
