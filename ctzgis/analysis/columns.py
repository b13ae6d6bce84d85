"""Numbers in the columns of frames (数值列)."""

from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import pandas as pd

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "is_above_0",
    "named",
    "numbers_of",
    "require_columns",
    "require_function",
    "require_metres",
    "whole_number",
]

Word = TypeVar("Word", bound=str)


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


def named(words: "Sequence[Word]", what: str) -> tuple[Word, ...]:
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


def require_function(value: object, what: str, *, of: str) -> None:
    """Raise ``InputError`` unless something can be called."""
    if not callable(value):
        msg = f"{what} is {value!r}; a function of {of} is expected"
        raise InputError(msg)


def require_metres(values: "Sequence[float] | float", what: str) -> None:
    """
    Refuse anything but a list of metres above 0.

    Raises
    ------
    InputError
        If there is no list, nothing in it, or something not above 0.

    Examples
    --------
    >>> require_metres([500, 1_000], "within_m")
    """
    if isinstance(values, (int, float, str)) or np.ndim(values) != 1:
        msg = f"{what} is {values!r}; a list of metres is expected, e.g. [{values}]"
        raise InputError(msg)
    wrong = [metres for metres in values if not is_above_0(metres)]
    if wrong or not len(values):
        found = f"holds {wrong[0]!r}" if wrong else "is empty"
        msg = f"{what} {found}; metres above 0 are expected"
        raise InputError(msg)


def is_above_0(value: object) -> bool:
    """Tell whether something is a finite number above 0."""
    number = isinstance(value, (int, float, np.number))
    return number and bool(0 < value < np.inf)  # type: ignore[operator]


def whole_number(value: object, what: str, *, least: Literal[0, 1] = 1) -> int:
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
        wanted = (
            "a whole number above 0" if least == 1 else "a whole number of 0 or more"
        )
        msg = f"{what} is {value!r}; {wanted} is expected"
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
    require_columns(frame, [column], what)
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
