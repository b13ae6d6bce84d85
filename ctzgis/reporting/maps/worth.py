"""At which tolerance each point of a line becomes superfluous, compiled (点的取舍)."""

from typing import TYPE_CHECKING

import numpy as np

from ctzgis.network.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Longs = NDArray[np.int64]

__all__ = ["points_worth"]


@compiled
def points_worth(
    x: "Floats", y: "Floats", starts: "Longs", ends: "Longs", least: float
) -> "Floats":
    """
    Return how far a line would lie from each of its points without it.

    Douglas and Peucker's choice for every tolerance at once: a point is worth the
    distance from the chord it was chosen over, but no more than the points chosen
    before it. So what is worth more than a tolerance is the line simplified with it.

    Parameters
    ----------
    x, y
        Points in metres, line after line.
    starts, ends
        First and last point of each line; neither is ever dropped.
    least
        Where no point lies farther from its chord, all below are worth nothing.
    """
    worth = np.zeros(len(x))
    low = np.empty(64, dtype=np.int64)
    high = np.empty(64, dtype=np.int64)
    most = np.empty(64, dtype=np.float64)
    for line in range(len(starts)):
        worth[starts[line]] = np.inf
        worth[ends[line]] = np.inf
        size = 1
        low[0], high[0], most[0] = starts[line], ends[line], np.inf
        while size > 0:
            size -= 1
            i, j, bound = low[size], high[size], most[size]
            if j - i < 2:
                continue
            dx, dy = x[j] - x[i], y[j] - y[i]
            square = dx * dx + dy * dy
            farthest, at = -1.0, i + 1
            for k in range(i + 1, j):
                px, py = x[k] - x[i], y[k] - y[i]
                if square > 0.0:
                    along = min(1.0, max(0.0, (px * dx + py * dy) / square))
                    px, py = px - along * dx, py - along * dy
                distance = px * px + py * py
                if distance > farthest:
                    farthest, at = distance, k
            value = min(bound, np.sqrt(farthest))
            if value <= least:
                continue
            worth[at] = value
            if size + 2 > len(low):
                low = np.concatenate((low, np.empty_like(low)))
                high = np.concatenate((high, np.empty_like(high)))
                most = np.concatenate((most, np.empty_like(most)))
            low[size], high[size], most[size] = i, at, value
            low[size + 1], high[size + 1], most[size + 1] = at, j, value
            size += 2
    return worth
