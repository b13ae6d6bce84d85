"""Earliest arrivals on a grid, from times at places along roads (时间场)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.network.engine.chunks import in_chunks
from ctzgis.network.engine.compiled import told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = ["time_field"]

# Ctrl-C comes through between chunks.
_AT_ONCE: Final = 20_000


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
        Told in lines how far it is when it takes more than two seconds.
    """
    from ctzgis.network.engine import spreading

    field = np.full(shape, np.inf, dtype=np.float32)
    west, south = corner

    def work(first: int, after: int) -> None:
        """Spread times from some of the places."""
        spreading.spread_onto(
            xy[first:after],
            minutes[first:after],
            west,
            south,
            float(cell_m),
            float(reach_m),
            float(min_per_m),
            float(limit_min),
            field,
        )

    with told(progress, spreading.spread_onto):
        in_chunks(
            work, len(xy), _AT_ONCE, 1, title="travel-time surface", progress=progress
        )
    field[~np.isfinite(field)] = np.nan
    return field
