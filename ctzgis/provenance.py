"""Where a figure comes from: one record per input, and what reading did to it (数据来源)."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Change", "ReadReport", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One thing that was done to rows while they were read, or noticed in them.

    Attributes
    ----------
    action
        ``"dropped"``, ``"repaired"`` or ``"noticed"``: taken out, changed, or left as
        it is.
    what
        What they are, e.g. ``"lines of length zero"``.
    count
        How many there are.
    rows
        The first of them, as the file numbers or names them.
    """

    action: Literal["dropped", "repaired", "noticed"]
    what: str
    count: int
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.action}: {self.count:,} {self.what}"
        more = ", …" if self.count > len(self.rows) else ""
        return (
            f"{self.action}: {self.count:,} {self.what} ({', '.join(self.rows)}{more})"
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadReport:
    """
    What was read, and what reading did to it (读取报告).

    Attributes
    ----------
    rows_in, rows_kept
        Rows of the file, and how many of them went on.
    unit
        What a row is, e.g. ``"lines"``.
    changes
        What was dropped, repaired or noticed, and how often.
    crs_in, crs_out
        Reference system of the file and of the result; empty for a table.
    datum
        Datum of the file's coordinates, if it was given.
    encoding
        Encoding of the texts and how it was found; empty if the format has its own.
    fields
        Field of the file that each column was taken from.

    Examples
    --------
    >>> ReadReport(rows_in=10, rows_kept=9, unit="lines", crs_in="EPSG:4490",
    ...     crs_out="EPSG:4547", fields={"road_class": "等级"},
    ...     changes=(Change(action="dropped", what="of length zero", count=1),))
    9 of 10 lines kept
    CRS: EPSG:4490 → EPSG:4547
    fields: road_class ← 等级
    dropped: 1 of length zero
    """

    rows_in: int
    rows_kept: int
    unit: str = "rows"
    changes: tuple[Change, ...] = ()
    crs_in: str = ""
    crs_out: str = ""
    datum: str = ""
    encoding: str = ""
    fields: "Mapping[str, str]" = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """The report as short lines of text."""
        said = [f"{self.rows_kept:,} of {self.rows_in:,} {self.unit} kept"]
        if self.crs_in:
            same = self.crs_out in ("", self.crs_in)
            said.append(f"CRS: {self.crs_in}" + ("" if same else f" → {self.crs_out}"))
        if self.datum:
            said.append(f"datum: {self.datum}")
        if self.encoding:
            said.append(f"encoding: {self.encoding}")
        if self.fields:
            pairs = (f"{column} ← {name}" for column, name in self.fields.items())
            said.append(f"fields: {', '.join(pairs)}")
        return (*said, *map(str, self.changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    One input of a result.

    Attributes
    ----------
    name
        File name or short name.
    what
        What it holds.
    source
        Who made it, from what.
    licence
        Under which terms; ``"unknown"`` if the user's file does not say.
    crs
        Reference system as read; empty for a table.
    accuracy_m
        Positional accuracy in metres; ``None`` where it is not known.
    schematic
        Whether positions were drawn rather than surveyed.
    date
        Date of the content.
    url
        Where it can be found; empty if nowhere.
    sha256
        Hash of the file as read; empty for what is not a file.
    notes
        What else is to be known of it.
    report
        What reading did to it; ``None`` for what is taken as it is.
    """

    name: str
    what: str
    source: str
    licence: str
    crs: str = ""
    accuracy_m: float | None = None
    schematic: bool = False
    date: str = ""
    url: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    report: ReadReport | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What reading did to it, and what else is to be known."""
        return (*(self.report.lines if self.report else ()), *self.notes)

    def to_dict(self) -> "Mapping[str, Any]":
        """Return the record as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: "Mapping[str, Any]") -> "Source":
        """Give back the record that ``to_dict`` made these values of."""
        rest = dict(values)
        report = rest.pop("report", None)
        if report is not None:
            changes = tuple(
                Change(**{**change, "rows": tuple(change["rows"])})
                for change in report["changes"]
            )
            report = ReadReport(**{**report, "changes": changes})
        return cls(**{**rest, "notes": tuple(rest["notes"]), "report": report})
