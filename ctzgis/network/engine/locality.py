"""Places in the plane in an order that keeps neighbours together (希尔伯特曲线)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["hilbert_order"]

# Cells of a province are then some 10 m wide.
_BITS: Final = 16


def hilbert_order(xy: "NDArray[np.float64]") -> "NDArray[np.int64]":
    """
    Return the places in their order along Hilbert's curve.

    Parameters
    ----------
    xy
        Coordinates, one row a place, in any unit.

    Raises
    ------
    InputError
        If a coordinate is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> hilbert_order(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    array([0, 2, 3, 1])
    """
    if not np.isfinite(xy).all():
        rows = int((~np.isfinite(xy).all(axis=1)).sum())
        msg = f"{rows} vertices have coordinates that are not finite; give all a place"
        raise InputError(msg)
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    least = xy.min(axis=0)
    side = max(float((xy - least).max()), np.finfo(float).tiny)
    last = 2**_BITS - 1
    column, row = ((xy - least) / side * last).astype(np.int64).T
    key = np.zeros(len(xy), dtype=np.int64)
    for bit in range(_BITS - 1, -1, -1):
        east, north = (column >> bit) & 1, (row >> bit) & 1
        key = key << 2 | (3 * east ^ north)
        # The southern quarters are mirrored, so that the curve goes on where it came in.
        south = north == 0
        flipped = south & (east == 1)
        column, row = (np.where(flipped, last - line, line) for line in (column, row))
        column, row = np.where(south, row, column), np.where(south, column, row)
    return np.argsort(key, kind="stable")
