"""Read values of targets that only statistics tell (统计值)."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.case import GivenValue
from ctzgis.errors import InputError
from ctzgis.sources.formats.csv_tables import open_end
from ctzgis.sources.formats.files import file_source, read_csv_rows
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.provenance import Source

__all__ = ["read_values"]

_COLUMNS: Final = {"target_id", "value", "year", "source"}
_LARGEST: Final = 1e12


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
    rows = read_csv_rows(path, "target_id", "value")
    if unknown := sorted(set(rows[0] if rows else ()) - _COLUMNS):
        msg = (
            f"{path.name} has a column {', '.join(map(repr, unknown))}; target_id and "
            "value are expected, year and source allowed"
        )
        raise InputError(msg)
    values: dict[str, GivenValue] = {}
    for number, row in enumerate(rows, start=2):
        where = f"{path.name}, row {number}"
        key = row["target_id"].strip()
        if not key or key in values:
            msg = f"{where}: " + (
                f"target '{key}' stands twice" if key else "no target"
            )
            raise InputError(msg)
        year = row.get("year", "").strip()
        values[key] = GivenValue(
            value=_number(where, row["value"]),
            year=_year(where, year) if year else None,
            source=row.get("source", ""),
        )
    what = Text("用户提供的目标数值", "values of targets given by the user")
    notes = tuple(map(str, open_end(path)))
    return values, file_source(path, what=what, notes=notes)


def _number(where: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:  # nor is what is no number at all
        msg = f"{where}: {text!r} is no number that a target can have"
        raise InputError(msg)
    return value


def _year(where: str, text: str) -> int:
    if not (text.isdecimal() and len(text) == 4):
        msg = f"{where}: {text!r} is no year"
        raise InputError(msg)
    return int(text)
