"""
The integration index: components scored between floor and goal, and joined (一体化指数).

A component scores 0 at its floor, 100 at its goal, in between in proportion, and never
more or less. The index joins the scores by their weights. Normalisation to goals,
weighting and both ways of joining are those of the OECD and JRC Handbook on Constructing
Composite Indicators (2008); what is counted, and with which weights, is this library's own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.assessment.index_components import COMPONENTS, DIMENSIONS, REGION
from ctzgis.assessment.index_scores import (
    LEAST_ASSESSED_SHARE,
    Aggregation,
    Reading,
    Sheet,
    Term,
    joined,
    score,
    sheet_of,
)
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "LEAST_ASSESSED_SHARE",
    "Aggregation",
    "IntegrationIndex",
    "Reading",
    "Scored",
    "Term",
    "integration_index",
    "joined",
    "score",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """
    A reading with its score, 0–100.

    Attributes
    ----------
    reading, term
        What was measured, and how it counts. Of the region's averages the value is the
        mean of the pairs'.
    weight_share
        Share of all weights (0–1).
    score, low, high
        The score, and those of the range's worse and better end; ``None`` where the
        component is not assessable.
    """

    reading: Reading
    term: Term
    weight_share: float
    score: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationIndex:
    """
    The index of two cities, or of the region.

    Attributes
    ----------
    subject
        Whom it is of.
    scored
        Its components, in the order of the terms.
    value
        0–100; ``None`` if too little of its weight could be assessed.
    low, high
        With every component at the worse, at the better end of its range: an outer
        range, for hardly all are off in one direction.
    dimensions
        The index of each dimension alone, where anything of it could be assessed.
    assessed_share
        Share of the weight that could be assessed (0–1).
    aggregation
        How the scores were joined.
    """

    subject: str
    scored: tuple[Scored, ...]
    value: float | None
    low: float | None
    high: float | None
    dimensions: "Mapping[str, float]"
    assessed_share: float
    aggregation: Aggregation


def integration_index(
    readings: "Sequence[Reading]",
    terms: "Sequence[Term]",
    *,
    aggregation: Aggregation = "linear",
) -> tuple[IntegrationIndex, ...]:
    """
    Join the components into the index of each two cities and of the region.

    A component that could not be assessed does not count, and its weight falls to the
    others; with less than two thirds of the weight assessed there is no index. The
    region's score of a component is the mean of the pairs', or what was measured for
    the region alone.

    Parameters
    ----------
    readings
        Measured components, as ``measure_components`` gives them.
    terms
        Weight, goal and floor of each component that counts or is shown.
    aggregation
        ``"linear"`` or ``"geometric"``.

    Returns
    -------
    tuple of IntegrationIndex
        One for each two cities in the order of the readings, the region's last.

    Raises
    ------
    InputError
        If a component is read or counts twice, no weight is above 0, or the aggregation
        is another word.

    Examples
    --------
    Half way between floor and goal in time, at the goal in roads, weights 3 and 1:

    >>> found = integration_index(
    ...     [Reading(component="centre_drive_free", subject="a–b", value=60.0),
    ...      Reading(component="fast_roads", subject="a–b", value=9.0)],
    ...     [Term(id="centre_drive_free", weight=3, goal=30, floor=90),
    ...      Term(id="fast_roads", weight=1, goal=8, floor=0)],
    ... )
    >>> found[0].value  # (3 × 50 + 1 × 100) / 4
    62.5
    """
    if aggregation not in ("linear", "geometric"):
        msg = f"aggregation is {aggregation!r}; 'linear' or 'geometric' is expected"
        raise InputError(msg)
    sheet = sheet_of(readings, terms)
    found = sheet.scored(sheet.values, floor_factor=np.ones(3))
    known = {(r.subject, r.component): r for r in readings}
    return tuple(
        _index_of(sheet, row, found[:, row], known, aggregation)
        for row in range(len(sheet.subjects))
    )


def _index_of(
    sheet: Sheet,
    row: int,
    found: "NDArray[np.float64]",
    known: "Mapping[tuple[str, str], Reading]",
    aggregation: Aggregation,
) -> IntegrationIndex:
    """Return the index of one subject from its scores (stated, worse, better × terms)."""
    subject, weights = sheet.subjects[row], sheet.weights
    counts = np.array(
        [subject == REGION or COMPONENTS[t.id].scope == "pair" for t in sheet.terms]
    )
    own = np.where(counts, weights, 0.0)
    assessed = ~np.isnan(found[0])
    share = float(own[assessed].sum() / own.sum()) if own.sum() else 0.0
    value, low, high = (float(v) for v in joined(found, own, aggregation))
    told = share >= LEAST_ASSESSED_SHARE
    scored = tuple(
        Scored(
            reading=known.get((subject, term.id)) or _mean_of(sheet, column, known),
            term=term,
            weight_share=float(own[column] / own.sum()) if own.sum() else 0.0,
            score=_or_none(found[0, column]),
            low=_or_none(found[1, column]),
            high=_or_none(found[2, column]),
        )
        for column, term in enumerate(sheet.terms)
        if counts[column]
    )
    of = np.array([COMPONENTS[term.id].dimension for term in sheet.terms])
    by_dimension = {
        name: float(joined(found[0, of == name], own[of == name], aggregation))
        for name in DIMENSIONS
        if (own[of == name] * assessed[of == name]).any()
    }
    return IntegrationIndex(
        subject=subject,
        scored=scored,
        value=value if told else None,
        low=low if told else None,
        high=high if told else None,
        dimensions=by_dimension,
        assessed_share=share,
        aggregation=aggregation,
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _mean_of(
    sheet: Sheet, column: int, known: "Mapping[tuple[str, str], Reading]"
) -> Reading:
    """Return the mean of the pairs that have a value, as a reading of the region."""
    key = sheet.terms[column].id
    found = [known.get((subject, key)) for subject in sheet.subjects[:-1]]
    values = [r for r in found if r is not None and r.value is not None]
    if not values:
        reasons = [r.reason for r in found if r is not None and r.reason is not None]
        nothing = Text("未量算", "not measured")
        return Reading(
            component=key,
            subject=REGION,
            value=None,
            reason=reasons[0] if reasons else nothing,
            no_way=any(r is not None and r.no_way for r in found),
        )
    ends = [
        float(np.mean([r.value if end is None else end for r, end in pairs]))
        for pairs in ([(r, r.low) for r in values], [(r, r.high) for r in values])
    ]
    return Reading(
        component=key,
        subject=REGION,
        value=float(np.mean([r.value for r in values])),
        low=ends[0],
        high=ends[1],
        reason=_part_of(len(values), len(found)),
    )


def _part_of(known: int, pairs: int) -> Text | None:
    if known == pairs:
        return None
    return Text(f"{pairs}对城市中{known}对的均值", f"mean of {known} of {pairs} pairs")
