"""
The integration index: components scored between floor and goal, and joined (一体化指数).

A component scores 0 at its floor, 100 at its goal, in between in proportion, and never
more or less. The index joins the scores by their weights. Normalisation to goals,
weighting and both ways of joining are those of the OECD and JRC Handbook on Constructing
Composite Indicators (2008); what is counted, and with which weights, is this library's own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ctzgis.assessment.index_components import COMPONENTS, DIMENSIONS, REGION
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

Aggregation = Literal["linear", "geometric"]
"""How scores are joined: ``"linear"``: weak ones are made up for; ``"geometric"``: less."""

LEAST_ASSESSED_SHARE: Final = 2 / 3
"""An index with less of its weight assessed is not told; a convention of this library."""


_NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    A component measured on two cities, or on the region.

    Attributes
    ----------
    component
        Id of the component.
    subject
        Whom it is of: a pair of cities, or ``REGION``.
    value
        In the component's unit; ``None`` if there is none.
    low, high
        Between these the true value lies, by the accuracy of the data.
    reason
        Why there is no value.
    no_way
        Whether there is no value because no way leads there. That is a fact, not a want
        of data: it scores 0, else a first slow link could lower the index.
    """

    component: str
    subject: str
    value: float | None
    low: float | None = None
    high: float | None = None
    reason: Text | None = None
    no_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """
    How a component counts.

    Attributes
    ----------
    id
        Id of the component.
    weight
        0 or more, against the other terms; a term of weight 0 is shown and not counted.
    goal, floor
        Values that score 100 and 0.
    source
        Where the goal is from: document and place, or this library's own choice.
    why
        Why this goal and this floor.

    Raises
    ------
    InputError
        If the component is unknown, the weight negative, or the floor no worse than
        the goal.
    """

    id: str
    weight: float
    goal: float
    floor: float
    source: Text = _NOTHING
    why: Text = _NOTHING

    def __post_init__(self) -> None:
        if self.id not in COMPONENTS:
            self._fail(f"is no component; known are {', '.join(COMPONENTS)}")
        if not 0 <= self.weight < np.inf:
            self._fail(f"has weight {self.weight}; 0 or more is expected")
        rising = COMPONENTS[self.id].rising
        if not np.isfinite([self.goal, self.floor]).all() or (
            self.floor >= self.goal if rising else self.floor <= self.goal
        ):
            side = "below" if rising else "above"
            self._fail(
                f"has floor {self.floor:g} and goal {self.goal:g}; a floor {side} the "
                "goal is expected"
            )

    def _fail(self, reason: str) -> None:
        msg = f"component '{self.id}' {reason}"
        raise InputError(msg)


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


def score(value: float, *, goal: float, floor: float) -> float:
    """
    Score a value: 0 at the floor, 100 at the goal, in proportion in between.

    Examples
    --------
    Half an hour is the goal, an hour and a half the floor:

    >>> [score(minutes, goal=30, floor=90) for minutes in (20, 45, 120)]
    [100.0, 75.0, 0.0]
    """
    return float(scores(np.array(value), goal=np.array(goal), floor=np.array(floor)))


def scores(
    values: "NDArray[np.float64]",
    *,
    goal: "NDArray[np.float64]",
    floor: "NDArray[np.float64]",
) -> "NDArray[np.float64]":
    """Score arrays of values as ``score`` does; NaN stays."""
    found = np.clip(100 * (values - floor) / (goal - floor), 0.0, 100.0)
    return np.asarray(found, dtype=float)


def joined(
    values: "NDArray[np.float64]",
    weights: "NDArray[np.float64]",
    aggregation: Aggregation = "linear",
) -> "NDArray[np.float64]":
    """
    Join scores along the last axis by their weights; NaN where nothing counts.

    A score that is NaN does not count, nor does its weight. The geometric mean is that of
    the scores + 1, less 1, so that a single 0 does not wipe out the rest.

    Examples
    --------
    >>> both, even = np.array([100.0, 0.0]), np.array([1.0, 1.0])
    >>> [float(joined(both, even, how).round(2)) for how in ("linear", "geometric")]
    [50.0, 9.05]
    """
    known = ~np.isnan(values)
    used = np.where(known, weights, 0.0)
    filled = np.where(known, values, 0.0)
    total = used.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        if aggregation == "linear":
            found = (used * filled).sum(axis=-1) / total
        else:
            found = np.expm1((used * np.log1p(filled)).sum(axis=-1) / total)
    return np.asarray(np.where(total > 0, found, np.nan), dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """
    Readings as arrays: subjects × terms, the region last.

    Attributes
    ----------
    subjects
        Pairs in the order of the readings, then ``REGION``.
    terms
        The columns.
    values
        Stated, worse end, better end of each reading (3 × subjects × terms); NaN where
        there is none. The region's row holds what is measured for it alone.
    no_way
        Where no way leads.
    """

    subjects: tuple[str, ...]
    terms: "tuple[Term, ...]"
    values: "NDArray[np.float64]"
    no_way: "NDArray[np.bool_]"

    @property
    def weights(self) -> "NDArray[np.float64]":
        """Weights of the terms."""
        return np.array([term.weight for term in self.terms])

    def scored(
        self, values: "NDArray[np.float64]", *, floor_factor: "NDArray[np.float64]"
    ) -> "NDArray[np.float64]":
        """
        Score values (… × subjects × terms), the region's from those of the pairs.

        ``floor_factor`` stretches the way from goal to floor (1: as the terms say).
        """
        goal = np.array([term.goal for term in self.terms])
        floor = np.array([term.floor for term in self.terms])
        moved = goal + (floor - goal) * floor_factor[..., None, None]
        found = scores(values, goal=goal, floor=moved)
        found = np.where(self.no_way, 0.0, found)
        pairs = found[..., :-1, :]
        count = (~np.isnan(pairs)).sum(axis=-2)
        with np.errstate(invalid="ignore"):
            mean = np.nansum(pairs, axis=-2) / count
        own = np.array([COMPONENTS[term.id].scope == "region" for term in self.terms])
        found[..., -1, :] = np.where(own, found[..., -1, :], mean)
        return found


def sheet_of(readings: "Sequence[Reading]", terms: "Sequence[Term]") -> Sheet:
    """
    Arrange readings by subject and term.

    Raises
    ------
    InputError
        If a component is read twice of one subject or counts twice, or no weight is
        above 0.
    """
    ids = [term.id for term in terms]
    if len(set(ids)) < len(ids):
        msg = f"component '{_first_twice(ids)}' counts twice; once is expected"
        raise InputError(msg)
    if not any(term.weight > 0 for term in terms):
        msg = "no component has a weight above 0; at least one is expected"
        raise InputError(msg)
    pairs = dict.fromkeys(r.subject for r in readings if r.subject != REGION)
    subjects = (*pairs, REGION)
    shape = (len(subjects), len(ids))
    values, no_way = np.full((3, *shape), np.nan), np.zeros(shape, dtype=bool)
    seen = [(r.subject, r.component) for r in readings]
    if len(set(seen)) < len(seen):
        subject, component = _first_twice(seen)
        msg = f"component '{component}' is measured twice of '{subject}'"
        raise InputError(msg)
    for reading in readings:
        if reading.component not in ids:
            continue
        at = subjects.index(reading.subject), ids.index(reading.component)
        no_way[at] = reading.no_way
        values[(slice(None), *at)] = _three(reading)
    return Sheet(subjects, tuple(terms), values, no_way)


def _first_twice(items: "Sequence[Any]") -> Any:
    return next(item for item in items if items.count(item) > 1)


def _three(reading: Reading) -> tuple[float, float, float]:
    """Return value, worse end and better end of a reading."""
    if reading.value is None:
        return np.nan, np.nan, np.nan
    low = reading.value if reading.low is None else reading.low
    high = reading.value if reading.high is None else reading.high
    if COMPONENTS[reading.component].rising:
        return reading.value, low, high
    return reading.value, high, low


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
