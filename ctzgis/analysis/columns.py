"""Numbers in the columns of frames (数值列)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["numbers_of"]


def numbers_of(
    frame: pd.DataFrame, column: str, what: str, *, least: float = -np.inf
) -> "NDArray[np.float64]":
    """
    Return the numbers of a column.

    Raises
    ------
    InputError
        If the column is missing, or one of its values is undefined or too small.
    """
    if column not in frame:
        msg = f"{what} have no column '{column}'"
        raise InputError(msg)
    values: NDArray[np.float64]
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(values).all():
        rows = frame.index[~np.isfinite(values)]
        msg = f"column '{column}' is undefined in row {rows[0]!r}"
        raise InputError(msg)
    if (values < least).any():
        row = frame.index[values < least][0]
        msg = f"column '{column}' is below {least:g} in row {row!r}"
        raise InputError(msg)
    return values
