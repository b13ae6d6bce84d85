"""Readings, terms and scores of the integration index, as values and arrays (指数计分)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ctzgis.assessment.index_components import COMPONENTS, REGION
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "LEAST_ASSESSED_SHARE",
    "Aggregation",
    "Reading",
    "Sheet",
    "Term",
    "joined",
    "score",
    "scores",
    "sheet_of",
]

Aggregation = Literal["linear", "geometric"]
"""How scores are joined: ``"linear"``: weak ones are made up for; ``"geometric"``: less."""

LEAST_ASSESSED_SHARE: Final = 2 / 3
"""An index with less of its weight assessed is not told; a convention of this library."""


# Weights, goals and floors beyond this are slips of the pen, and would overflow.
_MOST: Final = 1e6

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
        if not 0 <= self.weight <= _MOST:
            self._fail(f"has weight {self.weight}; 0 to {_MOST:,.0f} is expected")
        rising = COMPONENTS[self.id].rising
        if not max(abs(self.goal), abs(self.floor)) <= _MOST or (
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
