"""Earliest arrivals on a grid, from times at places along roads (时间场)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = ["time_field"]


def time_field(
    xy: "Floats",
    minutes: "Floats",
    *,
    corner: tuple[float, float],
    shape: tuple[int, int],
    cell_m: float,
    reach_m: float,
    min_per_m: float,
    limit_min: float,
    progress: "Progress | None" = None,
) -> "NDArray[np.float32]":
    """
    Return the earliest arrival at the centre of each cell, NaN where there is none.

    Parameters
    ----------
    xy, minutes
        Places in metres, and when they are reached.
    corner, shape, cell_m
        South-west corner, rows and columns, and width of the cells; rows go north.
    reach_m, min_per_m, limit_min
        How far one comes off a place, how fast, and by when.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.
    """
    from ctzgis.network.engine import spreading

    field = np.full(shape, np.inf, dtype=np.float32)
    west, south = corner
    with told(progress, spreading.spread_onto):
        spreading.spread_onto(
            xy,
            minutes,
            west,
            south,
            float(cell_m),
            float(reach_m),
            float(min_per_m),
            float(limit_min),
            field,
        )
    field[~np.isfinite(field)] = np.nan
    return field
