"""Numbers in the columns of frames (数值列)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["named", "numbers_of", "require_columns", "whole_number"]


def require_columns(frame: pd.DataFrame, columns: "Sequence[str]", what: str) -> None:
    """
    Refuse a frame without columns that are asked for.

    Raises
    ------
    InputError
        If any is missing; those that are there are told.
    """
    missing = [name for name in columns if name not in frame]
    if missing:
        told = ", ".join(str(name) for name in frame.columns) or "none"
        msg = f"{what} have no column '{missing[0]}'; there are {told}"
        raise InputError(msg)


def named(words: "Sequence[str]", what: str) -> tuple[str, ...]:
    """
    Return words, and refuse a single text, which would be taken letter by letter.

    Raises
    ------
    InputError
        If a text is given where several are expected.

    Examples
    --------
    >>> named(["metro", "tram"], "modes")
    ('metro', 'tram')
    """
    if isinstance(words, str):
        msg = f"{what} is {words!r}; a list is expected, e.g. [{words!r}]"
        raise InputError(msg)
    return tuple(words)


def whole_number(value: object, what: str, *, least: int = 1) -> int:
    """
    Return a whole number.

    Raises
    ------
    InputError
        If it is none, or below ``least``.

    Examples
    --------
    >>> whole_number(2.0, "k")
    2
    """
    is_number = isinstance(value, (int, float, np.number)) and np.isfinite(value)
    if not is_number or value != int(value) or value < least:  # type: ignore[call-overload,operator]
        msg = f"{what} is {value!r}; a whole number, {least} or more, is expected"
        raise InputError(msg)
    return int(value)  # type: ignore[call-overload,no-any-return]


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
