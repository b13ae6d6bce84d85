"""What comes of a check (检查结果)."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from ctzgis.batch.checks import Check
    from ctzgis.provenance import Source

__all__ = ["CheckResult", "CheckStatus", "NamedValue"]


class CheckStatus(Enum):
    """
    What a check says: passed, failed, not assessable, error.

    通过、未通过、无法评估、出错.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASSESSABLE = "not_assessable"
    ERROR = "error"

    @property
    def label(self) -> Text:
        """The word in both languages."""
        return _LABELS[self.value]


_NOTHING: Final = Text("", "")
_LABELS = {
    "passed": Text("通过", "passed"),
    "failed": Text("未通过", "failed"),
    "not_assessable": Text("无法评估", "not assessable"),
    "error": Text("出错", "error"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedValue:
    """An origin and its value; ``None`` where there is no way."""

    name: Text
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """
    What a check found, and all that is needed to believe it.

    Attributes
    ----------
    check
        The check.
    status
        ``PASSED``, ``FAILED``, ``NOT_ASSESSABLE`` (the data cannot tell) or ``ERROR``
        (an input is wrong).
    reason
        Why, in one sentence.
    wanted
        What the check wants, in words.
    value
        What was measured, in ``unit``; ``None`` if nothing could be, or where there is
        no way.
    low, high
        Between these the true value lies, by the accuracy of the network and by origins
        that could not be measured; ``None`` for no bound.
    threshold
        What is wanted of it, in the same unit.
    comparator
        ``"at_least"`` or ``"at_most"``.
    unit
        ``"share"`` (0–1), ``"min"``, ``"km2"``, or the column that was added up.
    origins, measured, kept, no_way
        How many origins there are, have a value, keep what is wanted of each, and have
        a value but no way.
    worst
        The origins farthest from what is wanted, at most five, worst first.
    worst_unit
        Unit of their values.
    method
        How it was measured.
    sources
        Where network and points come from.
    schematic
        Whether the network is schematic.
    seconds
        How long it took.
    exit_code
        What the command line answers to an error; 0 if there is none.
    """

    check: "Check"
    status: CheckStatus
    reason: Text
    wanted: Text
    value: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    comparator: str = ""
    unit: str = ""
    origins: int = 0
    measured: int = 0
    kept: int = 0
    no_way: int = 0
    worst: tuple[NamedValue, ...] = ()
    worst_unit: str = ""
    method: Text = _NOTHING
    sources: "tuple[Source, ...]" = ()
    schematic: bool = False
    seconds: float = 0.0
    exit_code: int = 0

    def to_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the result as plain values, sentences in ``lang``."""
        check = self.check
        return {
            "check_id": check.id,
            "title_zh": check.title.zh,
            "title_en": check.title.en,
            "status": self.status.value,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "threshold": self.threshold,
            "comparator": self.comparator,
            "wanted": self.wanted.get(lang),
            "reason": self.reason.get(lang),
            "origins": self.origins,
            "measured": self.measured,
            "kept": self.kept,
            "no_way": self.no_way,
            "worst": [[named.name.get(lang), named.value] for named in self.worst],
            "worst_unit": self.worst_unit,
            "mode": check.mode,
            "profile": check.profile,
            "year": check.network.year,
            "method": self.method.get(lang),
            "inputs": [source.name for source in self.sources],
            "schematic": self.schematic,
        }
