"""Tables for people: as many digits as their units deserve (给人看的 CSV)."""

from typing import IO, TYPE_CHECKING, Final

import numpy as np

from ctzgis.tables import safe_cells

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["legible", "write_csv"]

_DECIMALS: Final = {
    "km_per_km2": 3,
    "share": 4,
    "kph": 1,
    "km2": 3,
    "min": 2,
    "km": 3,
    "m": 1,
    "s": 1,
    "lon": 6,
    "lat": 6,
}
"""Decimals by the unit at the end of a column's name, or by the whole name."""

_SIGNIFICANT: Final = 6
"""Digits of a number whose column names no unit; whole digits all stay."""

_ENCODING: Final = "utf-8-sig"
"""Excel takes a CSV for UTF-8 only if it starts with a byte order mark."""


def write_csv(
    frame: "pd.DataFrame", to: "Path | IO[str]", *, head: bool = True
) -> None:
    """
    Write a table without its index as people read it: see :func:`legible`.

    Texts that a spreadsheet would run as formulas are marked, and whole numbers have no
    point. The full numbers are in what is written as Parquet or GeoPackage.

    Parameters
    ----------
    frame
        The table; it stays as it is.
    to
        File to write, or an open one to write on; the latter should be opened as
        ``utf-8-sig``.
    head
        Write the names of the columns.

    Examples
    --------
    >>> import sys
    >>> import pandas as pd
    >>> write_csv(pd.DataFrame({"to": ["=A1"], "travel_time_min": [177.40083]}), sys.stdout)
    to,travel_time_min
    '=A1,177.4
    """
    cells = safe_cells(legible(frame))
    # All digits that a number has after rounding, and no ".0" behind whole ones.
    cells.to_csv(to, index=False, header=head, encoding=_ENCODING, float_format="%.15g")


def legible(frame: "pd.DataFrame") -> "pd.DataFrame":
    """
    Return a table with the digits that people use.

    The name of a column tells its unit, and the unit the decimals: minutes 2, metres 1,
    kilometres and square kilometres 3, shares 4, speeds 1, degrees 6. Other numbers keep
    six significant digits and every whole one; identifiers, named ``..._id``, keep all.

    Parameters
    ----------
    frame
        Any table; it stays as it is. Missing values stay missing.

    Examples
    --------
    >>> import pandas as pd
    >>> raw = pd.DataFrame({"length_m": [255.802658], "reached_share": [5 / 9],
    ...                     "people": [9769354.4], "score": [0.012345678]})
    >>> legible(raw).iloc[0].tolist()
    [255.8, 0.5556, 9769354.0, 0.0123457]
    """
    shown = frame.copy()
    for name, column in frame.items():
        if column.dtype.kind == "f" and not str(name).endswith("_id"):
            shown[name] = _rounded(column, str(name))
    return shown


def _rounded(column: "pd.Series[float]", name: str) -> "pd.Series[float]":
    for unit, decimals in _DECIMALS.items():
        if name == unit or name.endswith(f"_{unit}"):
            return column.round(decimals)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    size = np.abs(values)
    counted = (size > 0) & np.isfinite(size)
    magnitude = np.floor(np.log10(size, where=counted, out=np.zeros_like(size)))
    factor = 10.0 ** np.clip(_SIGNIFICANT - 1 - magnitude, 0, 300)
    return column.where(~counted, np.rint(values * factor) / factor)
