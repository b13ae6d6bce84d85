"""What targets wait for, the same need told once (所缺资料)."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctzgis.assessment.findings import Finding

__all__ = ["Wait", "waits_of"]

_FACILITIES: Final = re.compile(r"--facilities (\w+)=")
_MOST_NAMED: Final = 8
_OTHERS: Final = Text("其他原因，逐项列出", "other reasons, listed one by one")


@dataclass(frozen=True, slots=True)
class Wait:
    """
    What some targets wait for.

    Attributes
    ----------
    needed
        What has to be supplied, in words.
    findings
        The findings that wait for it.
    """

    needed: Text
    findings: "tuple[Finding, ...]"


def waits_of(findings: "Iterable[Finding]", *, most: int = 8) -> tuple[Wait, ...]:
    """
    Return what findings wait for, most wanted first; each finding is in one of them.

    Parameters
    ----------
    findings
        Findings that wait for data, as ``Scorecard.waiting``.
    most
        How many reasons stand for themselves. All facilities are one, after them;
        rarer reasons, and those of a single finding, are the last.

    Examples
    --------
    >>> from ctzgis import assess
    >>> first, *_ = waits_of(assess("czt", year=2020).scorecard.waiting)
    >>> first.needed.en
    'needs a value from statistics (--values)'
    """
    waiting = tuple(findings)
    sites = tuple(f for f in waiting if _FACILITIES.search(f.reason.en))
    others = [f for f in waiting if not _FACILITIES.search(f.reason.en)]
    counted = Counter(finding.reason for finding in others).most_common(most)
    common = [reason for reason, count in counted if count > 1]
    groups = [
        Wait(reason, tuple(f for f in others if f.reason == reason))
        for reason in common
    ]
    rest = tuple(f for f in others if f.reason not in common)
    return (
        *groups,
        *([Wait(_of_facilities(sites), sites)] if sites else ()),
        *([Wait(_OTHERS, rest)] if rest else ()),
    )


def _of_facilities(findings: "Iterable[Finding]") -> Text:
    named = (kind for f in findings for kind in _FACILITIES.findall(f.reason.en))
    kinds = list(dict.fromkeys(named))
    told = ", ".join([*islice(kinds, _MOST_NAMED), *["…"] * (len(kinds) > _MOST_NAMED)])
    return Text(
        f"需要设施：--facilities 种类=文件，种类有 {told}；各需什么见 ctzgis plan methods",
        f"needs facilities, as --facilities KIND=FILE, of the kinds {told}; "
        "`ctzgis plan methods` tells what each takes",
    )
