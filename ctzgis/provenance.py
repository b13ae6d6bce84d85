"""Where a figure comes from: one record per input, and what reading did to it (数据来源)."""

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from ctzgis.cards import card
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.texts import Lang

__all__ = ["Change", "ReadReport", "Source"]

Action = Literal["dropped", "repaired", "noticed"]
"""Taken out, changed, or left as it is."""

_ACTIONS: Final[dict[Action, Text]] = {
    "dropped": Text("舍去", "dropped"),
    "repaired": Text("修复", "repaired"),
    "noticed": Text("注意", "noticed"),
}
_COLON: Final = Text("：", ": ")
_COMMA: Final = Text("、", ", ")
_ROWS: Final = Text("行", "rows")
_UNSTATED: Final = {"not stated": "未注明", "unknown": "未注明"}
_SILENT: Final = ("", *_UNSTATED)
_DRAWN: Final = Text("示意", "schematic")

# What readers add to an encoding or a field, in English; the rest are names.
_REMARKS: Final = (
    (r" \(not declared; (\S+) does not fit\)", r"（未声明；不合 \1）"),
    (r" \(declared as (.+), which does not fit\)", r"（声明为 \1，不符）"),
    (r" \(not declared\)", "（未声明）"),
    (r" \(declared\)", "（已声明）"),
    (r" \(guessed\)", "（推测）"),
)


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
        What they are, e.g. ``Text("零长度线", "lines of length zero")``.
    count
        How many there are.
    rows
        The first of them, as the file numbers or names them.

    Examples
    --------
    >>> change = Change(action="dropped", what=Text("零长度线", "lines of length zero"),
    ...     count=2, rows=("4",))
    >>> print(change, change.told("zh"))
    dropped 2: lines of length zero (4, …) 舍去 2：零长度线（4、…）
    """

    action: Action
    what: Text
    count: int
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.told()

    def told(self, lang: "Lang" = "en") -> str:
        """Return the change as a line of text."""
        done = f"{_ACTIONS[self.action].get(lang)} {self.count:,}{_COLON.get(lang)}"
        if not self.rows:
            return f"{done}{self.what.get(lang)}"
        more = (*self.rows, "…") if self.count > len(self.rows) else self.rows
        rows = _COMMA.get(lang).join(more)
        shown = f" ({rows})" if lang == "en" else f"（{rows}）"
        return f"{done}{self.what.get(lang)}{shown}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadReport:
    """
    What was read, and what reading did to it (读取报告).

    Attributes
    ----------
    rows_in, rows_kept
        Rows of the file, and how many of them went on.
    unit
        What a row is, e.g. ``Text("条线", "lines")``.
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
    >>> report = ReadReport(rows_in=10, rows_kept=9, crs_in="EPSG:4490",
    ...     crs_out="EPSG:4547", fields={"road_class": "等级"})
    >>> report
    9 of 10 rows kept
    CRS: EPSG:4490 → EPSG:4547
    fields: road_class ← 等级
    >>> report.told("zh")[0]
    '10 行，保留 9 行'
    """

    rows_in: int
    rows_kept: int
    unit: Text = _ROWS
    changes: tuple[Change, ...] = ()
    crs_in: str = ""
    crs_out: str = ""
    datum: str = ""
    encoding: str = ""
    fields: "Mapping[str, str]" = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n".join(self.told())

    def _repr_html_(self) -> str:
        """Return the report as a card for a notebook."""
        first, *rest = zip(self.told("zh"), self.told("en"), strict=True)
        return card("读取报告 " + " · ".join(first), rest)

    def told(self, lang: "Lang" = "en") -> tuple[str, ...]:
        """Return the report as short lines of text."""
        unit = self.unit.get(lang)
        said = [
            f"{self.rows_kept:,} of {self.rows_in:,} {unit} kept"
            if lang == "en"
            else f"{self.rows_in:,} {unit}，保留 {self.rows_kept:,} {unit}"
        ]
        changed = self.crs_out not in ("", self.crs_in)
        fields = (f"{column} ← {name}" for column, name in self.fields.items())
        for name, value in (
            (Text("坐标系", "CRS"), self.crs_in),
            (Text("坐标基准", "datum"), self.datum),
            (Text("编码", "encoding"), self.encoding),
            (Text("字段", "fields"), _COMMA.get(lang).join(fields)),
        ):
            if value:
                arrow = f" → {self.crs_out}" if name.en == "CRS" and changed else ""
                said.append(
                    f"{name.get(lang)}{_COLON.get(lang)}{_worded(value, lang)}{arrow}"
                )
        return (*said, *(change.told(lang) for change in self.changes))


def _worded(value: str, lang: "Lang") -> str:
    """Return an encoding or fields with what readers remark, in a language."""
    if lang == "zh":
        for remark, said in _REMARKS:
            value = re.sub(remark, said, value)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    One input of a result.

    Attributes
    ----------
    name
        File name or short name.
    what, what_zh
        What it holds, in English and in Chinese; ``what_zh`` is empty where only the
        English is known.
    source, source_zh
        Who made it, from what; ``"not stated"`` if the user's file does not say.
    licence, licence_zh
        Under which terms; ``"unknown"`` if the user's file does not say. ``source_zh``
        and ``licence_zh`` are empty where only the English is known.
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
    replaces
        Name of the shipped file it takes the place of; empty if it takes none's.
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
    notes: tuple[Text | str, ...] = ()
    report: ReadReport | None = None
    replaces: str = ""
    what_zh: str = ""
    source_zh: str = ""
    licence_zh: str = ""

    def holds(self, lang: "Lang" = "en") -> str:
        """Return what it holds in a language, or in English if that is all there is."""
        return (self.what_zh or self.what) if lang == "zh" else self.what

    def made_by(self, lang: "Lang" = "en") -> str:
        """Return who made it, in a language, or in English if that is all there is."""
        if lang == "en":
            return self.source
        return self.source_zh or _UNSTATED.get(self.source, self.source)

    def terms(self, lang: "Lang" = "en") -> str:
        """Return its licence in a language, or in English if that is all there is."""
        if lang == "en":
            return self.licence
        return self.licence_zh or _UNSTATED.get(self.licence, self.licence)

    def described(self, lang: "Lang" = "en") -> str:
        """Return all that is stated of it, in one line."""
        stated = {
            self.name: self.name,
            self.what: self.holds(lang),
            self.source: self.made_by(lang),
            self.licence: self.terms(lang),
            self.date: self.date,
        }
        parts = [told for part, told in stated.items() if part not in _SILENT]
        return " · ".join([*parts, *[_DRAWN.get(lang)] * self.schematic])

    def told(self, lang: "Lang" = "en") -> tuple[str, ...]:
        """Return what reading did to it, and what else is to be known, line by line."""
        notes = (n.get(lang) if isinstance(n, Text) else n for n in self.notes)
        return (*(self.report.told(lang) if self.report else ()), *notes)

    def to_dict(self) -> "Mapping[str, Any]":
        """Return the record as plain values, ready for JSON; texts in both languages."""
        plain: Mapping[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_dict(cls, values: "Mapping[str, Any]") -> "Source":
        """Give back the record that ``to_dict`` made these values of."""
        rest = {key: _text(value) for key, value in values.items()}
        notes = tuple(_text(note) for note in values["notes"])
        report = rest.pop("report")
        if report is not None:
            changes = tuple(
                Change(**{k: _text(v) for k, v in change.items()} | _rows(change))
                for change in report["changes"]
            )
            unit = _text(report["unit"])
            report = ReadReport(**{**report, "unit": unit, "changes": changes})
        return cls(**{**rest, "notes": notes, "report": report})


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value


def _text(value: Any) -> Any:
    return (
        Text(**value)
        if isinstance(value, dict) and set(value) == {"zh", "en"}
        else value
    )


def _rows(change: "Mapping[str, Any]") -> dict[str, tuple[str, ...]]:
    return {"rows": tuple(change["rows"])}
