"""Read values of targets that only statistics tell (统计值)."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.case import GivenValue
from ctzgis.errors import InputError
from ctzgis.sources.files import file_source, read_csv_rows

if TYPE_CHECKING:
    from ctzgis.provenance import Source

__all__ = ["read_values"]

_COLUMNS: Final = {"target_id", "value", "year", "source"}


def read_values(path: Path | str) -> "tuple[dict[str, GivenValue], Source]":
    r"""
    Read values of targets from a CSV file.

    Parameters
    ----------
    path
        UTF-8 CSV with the columns ``target_id`` and ``value`` (in the target's unit), and
        if you like ``year`` and ``source``.

    Returns
    -------
    dict, Source
        Values by target id, and where they come from.

    Raises
    ------
    SourceError
        If the file cannot be read.
    InputError
        If a column is missing or unknown, an id stands twice, or a value is no number;
        the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "values.csv"
    ...     _ = path.write_text("target_id,value\nt002_gdp,24500\n")
    ...     read_values(path)[0]["t002_gdp"].value
    24500.0
    """
    path = Path(path)
    rows = read_csv_rows(path)
    found = set(rows[0]) if rows else {"target_id", "value"}
    if not {"target_id", "value"} <= found <= _COLUMNS:
        msg = (
            f"{path.name} has the columns {', '.join(sorted(found))}; target_id and value "
            "are expected, year and source allowed"
        )
        raise InputError(msg)
    values: dict[str, GivenValue] = {}
    for number, row in enumerate(rows, start=2):
        key = row["target_id"].strip()
        if key in values:
            msg = f"{path.name}, row {number}: target '{key}' stands twice"
            raise InputError(msg)
        values[key] = GivenValue(
            value=_number(path, number, row["value"]),
            year=int(_number(path, number, row["year"])) if row.get("year") else None,
            source=row.get("source", ""),
        )
    return values, file_source(path, what="values of targets given by the user")


def _number(path: Path, row: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = f"{path.name}, row {row}: {text!r} is no number"
        raise InputError(msg)
    return value
