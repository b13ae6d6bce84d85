"""Parts of lines between two places along them (线段截取)."""

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["substrings"]


def substrings(
    lines: "NDArray[np.object_]",
    start_m: "NDArray[np.float64]",
    end_m: "NDArray[np.float64]",
) -> "NDArray[np.object_]":
    """
    Cut a part out of each line.

    Parameters
    ----------
    lines
        Lines, in metres; the same one may be there several times.
    start_m, end_m
        Metres along each, the start before the end.

    Examples
    --------
    >>> import shapely
    >>> line = shapely.LineString([(0, 0), (10, 0), (10, 10)])
    >>> print(substrings(np.array([line]), np.array([4.0]), np.array([12.0]))[0])
    LINESTRING (4 0, 10 0, 10 2)
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    first = np.searchsorted(line, np.arange(len(lines)))
    along = np.cumsum(step)
    along -= along[first][line]
    inside = (along > start_m[line]) & (along < end_m[line])
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines, metres))
        for metres in (start_m, end_m)
    ]
    rows = np.arange(len(lines))
    every = np.concatenate([rows, line[inside], rows])
    order = np.argsort(every, kind="stable")
    places = np.concatenate([ends[0], xy[inside], ends[1]])
    found: NDArray[np.object_] = shapely.linestrings(
        places[order], indices=every[order]
    )
    return found
