"""Promise against fact: one finding per measured value (评估结论)."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ctzgis.assessment.units import amount
from ctzgis.plan import Comparator
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctzgis.network import Profile

__all__ = ["Finding", "Measured", "Status", "methods_of"]


class Status(Enum):
    """
    What a finding says: met, unmet, not assessable, superseded.

    达标、未达标、无法评估、已被取代.
    """

    MET = "met"
    UNMET = "unmet"
    NOT_ASSESSABLE = "not_assessable"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> Text:
        """The word in both languages."""
        return _LABELS[self.value]


_LABELS = {
    "met": Text("达标", "met"),
    "unmet": Text("未达标", "unmet"),
    "not_assessable": Text("无法评估", "not assessable"),
    "superseded": Text("已被取代", "superseded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    A value taken on the ground, before it is held against a target.

    Attributes
    ----------
    indicator
        Name of the indicator, e.g. ``"drive_time"``.
    label
        The indicator in words.
    subject
        What it was measured on, e.g. 长沙—株洲.
    value
        The value in ``unit``; ``None`` if nothing could be measured.
    low, high
        Between these the true value lies, by the accuracy of the data; ``None``
        where no accuracy can be given.
    accuracy
        Where the interval comes from.
    obstacle
        Why the value cannot answer the target; ``None`` if it can.
    standard
        What the target means for this value, where that is not the target's own figure,
        e.g. 1 for the share that is built.
    comparator
        How the value is held against the standard, where that differs from the target's.
    answers_target
        Whether the value is of the kind the target speaks of; a value given beside it
        for information is not.
    profile
        ``"free"`` or ``"peak"`` where it matters.
    inputs
        Names of the sources it rests on.
    """

    indicator: str
    label: Text
    subject: Text
    value: float | None
    unit: str
    method: Text
    accuracy: Text
    inputs: tuple[str, ...]
    schematic: bool
    low: float | None = None
    high: float | None = None
    obstacle: Text | None = None
    standard: float | None = None
    comparator: Comparator | None = None
    answers_target: bool = True
    profile: "Profile | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    A measured value held against what a document promises.

    Attributes
    ----------
    target_id
        Id of the target, or of the element of the structure that is measured.
    name
        Name of the target.
    measured
        The value and all that is known of it.
    wanted
        What the document wants, in words; ``None`` where it states no figure.
    target, comparator
        The same as a number and how it is compared.
    due
        Year in which it is due.
    status
        What comes of it.
    reason
        Why, in one sentence.
    source
        Document and chapter.
    """

    target_id: str
    name: Text
    measured: Measured
    wanted: Text | None
    target: float | None
    comparator: str | None
    due: int | None
    status: Status
    reason: Text
    source: Text

    @property
    def waits(self) -> bool:
        """Whether it has neither a value nor a verdict, for want of data."""
        return self.status is Status.NOT_ASSESSABLE and self.measured.value is None

    @property
    def told(self) -> bool:
        """Whether its value is told rather than measured: by a user, by a document."""
        return self.measured.label == self.name

    @property
    def value_shown(self) -> Text:
        """Its value in words: what was told in full, what was measured as it is known."""
        if self.measured.value is None:
            return Text("—", "—")
        return amount(self.measured.value, self.measured.unit, whole=self.told)

    def to_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the finding as plain values, sentences in ``lang``."""
        m = self.measured
        return {
            "target_id": self.target_id,
            "indicator": m.indicator,
            "name_zh": self.name.zh,
            "name_en": self.name.en,
            "label": m.label.get(lang),
            "extent": m.subject.get(lang),
            "profile": m.profile,
            "value": m.value,
            "low": m.low,
            "high": m.high,
            "unit": m.unit,
            "target": self.target,
            "comparator": self.comparator,
            "due": self.due,
            "status": self.status.value,
            "reason": self.reason.get(lang),
            "method": m.method.get(lang),
            "source": self.source.get(lang),
            "inputs": list(m.inputs),
            "accuracy": m.accuracy.get(lang),
            "schematic": m.schematic,
        }


def methods_of(findings: "Iterable[Finding]") -> dict[str, list[dict[str, str]]]:
    """Return how each indicator was measured, each method once, as plain values."""
    found: dict[str, list[dict[str, str]]] = {}
    for finding in findings:
        methods = found.setdefault(finding.measured.indicator, [])
        told = finding.measured.method._asdict()
        if told not in methods:
            methods.append(told)
    return found
