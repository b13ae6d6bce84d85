"""Times spread from places along roads onto the cells of a grid (时间场)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["spread_onto"]


@compiled
def spread_onto(
    xy: "Floats",
    minutes: "Floats",
    west: float,
    south: float,
    cell_m: float,
    reach_m: float,
    min_per_m: float,
    limit_min: float,
    field: "NDArray[np.float32]",
) -> None:
    """
    Lower each cell to the earliest arrival at its centre.

    From a place one comes ``reach_m`` off the road at most, and nowhere after the limit.
    Rows of the field go from south to north.
    """
    rows, columns = field.shape
    for k in range(len(xy)):
        left = limit_min - minutes[k]
        radius = reach_m
        if min_per_m * radius > left:
            radius = left / min_per_m
        x, y = (xy[k, 0] - west) / cell_m - 0.5, (xy[k, 1] - south) / cell_m - 0.5
        cells = radius / cell_m
        for row in range(
            max(int(np.ceil(y - cells)), 0), min(int(y + cells) + 1, rows)
        ):
            across = cells * cells - (row - y) * (row - y)
            if across < 0:
                continue
            half = np.sqrt(across)
            first = max(int(np.ceil(x - half)), 0)
            for column in range(first, min(int(x + half) + 1, columns)):
                off = np.sqrt((column - x) ** 2 + (row - y) ** 2) * cell_m
                there = np.float32(minutes[k] + off * min_per_m)
                if there < field[row, column]:
                    field[row, column] = there
