"""
How far the integration index rests on choices and on the data (指数敏感性).

Uncertainty analysis by random draws, and each choice varied on its own, after the OECD
and JRC Handbook on Constructing Composite Indicators (2008).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from ctzgis.assessment.index_components import COMPONENTS, REGION
from ctzgis.assessment.index_scores import (
    LEAST_ASSESSED_SHARE,
    Aggregation,
    Sheet,
    joined,
    sheet_of,
)
from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.assessment.index_scores import Reading, Term

__all__ = [
    "DRAWS",
    "FLOOR_SHARE",
    "SEED",
    "WEIGHT_SHARE",
    "Change",
    "Sensitivity",
    "Span",
    "index_change",
    "index_sensitivity",
]

DRAWS: Final = 2_000
"""Random draws; the ends of the ranges move by some tenths of a point from seed to seed."""

SEED: Final = 1
"""Seed of the draws, so that the same readings give the same ranges."""

WEIGHT_SHARE: Final = 0.5
"""Each weight is drawn from this share below to this share above itself."""

FLOOR_SHARE: Final = 0.25
"""The way from goal to floor is taken shorter and longer by this share."""

_TAILS: Final = (5.0, 95.0)


@dataclass(frozen=True, slots=True)
class Span:
    """Lowest and highest index, as something varies."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sensitivity:
    """
    How the index of one subject moves.

    Attributes
    ----------
    subject
        Two cities, or the region.
    data
        With all readings at the worse, at the better end of their ranges.
    weights
        With each weight drawn within ±50 %: nine tenths of the draws.
    floors
        With all floors a quarter farther from, a quarter nearer to the goals.
    value
        The index itself.
    linear, geometric
        By both ways of joining.
    without
        With one component left out: the span over all, and which give its ends.
    everything
        Data, weights and floors drawn at once: nine tenths of the draws.
    rank, best_rank, worst_rank
        Place among the pairs (1 is best), and the places that nine tenths of these
        draws lie in; ``None`` for the region.
    draws
        The index of each of these draws.
    """

    subject: str
    value: float
    data: Span
    weights: Span
    floors: Span
    linear: float
    geometric: float
    without: Span
    without_ids: tuple[str, str]
    everything: Span
    rank: int | None
    best_rank: int | None
    worst_rank: int | None
    draws: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    How the index of a subject differs between two states.

    Attributes
    ----------
    subject
        Two cities, or the region.
    value
        The second index less the first.
    span
        Nine tenths of the draws, the same in both states.
    same_sign_share
        Share of the draws in which it changes the same way (0–1).
    """

    subject: str
    value: float
    span: Span
    same_sign_share: float


def index_sensitivity(
    readings: "Sequence[Reading]",
    terms: "Sequence[Term]",
    *,
    aggregation: Aggregation = "linear",
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[Sensitivity, ...]:
    """
    Tell how far each index moves with data, weights, floors and the way of joining.

    Errors of the data are drawn in common: where speeds are off, they are off for all
    components and cities.

    Parameters
    ----------
    readings, terms, aggregation
        As for ``integration_index``.
    draws, seed
        Number of random draws, and their seed.

    Returns
    -------
    tuple of Sensitivity
        In the order of ``integration_index``, without subjects that have no index.

    Raises
    ------
    InputError
        As by ``integration_index``, or if there is no draw.

    Examples
    --------
    >>> from ctzgis.assessment.integration_index import Reading, Term
    >>> found, _ = index_sensitivity(
    ...     [Reading(component="centre_drive_free", subject="a–b", value=60.0),
    ...      Reading(component="fast_roads", subject="a–b", value=9.0)],
    ...     [Term(id="centre_drive_free", weight=1, goal=30, floor=90),
    ...      Term(id="fast_roads", weight=1, goal=8, floor=0)],
    ... )
    >>> found.linear, found.without, found.without_ids
    (75.0, Span(low=50.0, high=100.0), ('fast_roads', 'centre_drive_free'))
    """
    if draws < 1:
        msg = f"draws is {draws}; 1 or more is expected"
        raise InputError(msg)
    sheet = sheet_of(readings, terms)
    stated = sheet.scored(sheet.values[0], floor_factor=np.array(1.0))
    kept = [row for row in range(len(sheet.subjects)) if _assessed(sheet, stated, row)]
    everything = _draws(sheet, draws, seed, aggregation)
    known = [row for row in kept if sheet.subjects[row] != REGION]
    ranks = _ranks(everything[:, known])
    place = _ranks(_index(sheet, stated, sheet.weights, aggregation)[None, known])[0]
    return tuple(
        _of_subject(
            sheet, stated, row, aggregation, everything[:, row], seed,
            ranks=ranks[:, known.index(row)] if row in known else None,
            rank=int(place[known.index(row)]) if row in known else None,
        )
        for row in kept
    )  # fmt: skip


def index_change(
    before: "Sequence[Sensitivity]", after: "Sequence[Sensitivity]"
) -> tuple[Change, ...]:
    """
    Compare the index of two states, draw by draw, so that what is off in both cancels.

    Parameters
    ----------
    before, after
        As ``index_sensitivity`` gives them, with the same terms, joining, draws and seed.

    Returns
    -------
    tuple of Change
        One for each subject of both states, in the order of the first.

    Raises
    ------
    InputError
        If the numbers of draws differ.
    """
    later = {found.subject: found for found in after}
    changes = []
    for one in before:
        other = later.get(one.subject)
        if other is None:
            continue
        if len(one.draws) != len(other.draws):
            msg = f"{len(one.draws)} and {len(other.draws)} draws; as many are expected"
            raise InputError(msg)
        moved = other.draws - one.draws
        middle = float(np.median(moved))
        changes.append(
            Change(
                subject=one.subject,
                value=other.value - one.value,
                span=_middle(moved),
                same_sign_share=float((np.sign(moved) == np.sign(middle)).mean()),
            )
        )
    return tuple(changes)


def _counted(sheet: Sheet, row: int) -> "NDArray[np.bool_]":
    """Tell which terms count for a subject."""
    region = sheet.subjects[row] == REGION
    return np.array([region or COMPONENTS[t.id].scope == "pair" for t in sheet.terms])


def _assessed(sheet: Sheet, stated: "NDArray[np.float64]", row: int) -> bool:
    own = np.where(_counted(sheet, row), sheet.weights, 0.0)
    known = own[~np.isnan(stated[row])].sum()
    return bool(own.sum() and known / own.sum() >= LEAST_ASSESSED_SHARE)


def _index(
    sheet: Sheet,
    found: "NDArray[np.float64]",
    weights: "NDArray[np.float64]",
    aggregation: Aggregation,
) -> "NDArray[np.float64]":
    """Join scores (… × subjects × terms) by weights (… × terms)."""
    counts = np.array([_counted(sheet, row) for row in range(len(sheet.subjects))])
    return joined(found, weights[..., None, :] * counts, aggregation)


def _drawn_weights(
    sheet: Sheet, rng: np.random.Generator, draws: int
) -> "NDArray[np.float64]":
    factor = rng.uniform(
        1 - WEIGHT_SHARE, 1 + WEIGHT_SHARE, size=(draws, len(sheet.terms))
    )
    return np.asarray(sheet.weights * factor, dtype=float)


def _draws(
    sheet: Sheet, draws: int, seed: int, aggregation: Aggregation
) -> "NDArray[np.float64]":
    """Return the index (draws × subjects) with data, weights and floors drawn at once."""
    rng = np.random.default_rng(seed)
    weights = _drawn_weights(sheet, rng, draws)
    floor = rng.uniform(1 - FLOOR_SHARE, 1 + FLOOR_SHARE, size=draws)
    off = rng.uniform(-1, 1, size=draws)[:, None, None]
    stated, worse, better = sheet.values
    values = stated + np.where(
        off < 0, -off * (worse - stated), off * (better - stated)
    )
    found = sheet.scored(values, floor_factor=floor)
    return _index(sheet, found, weights, aggregation)


def _ranks(index: "NDArray[np.float64]") -> "NDArray[np.int64]":
    """Rank subjects (columns), the highest index first; equals share the better rank."""
    higher = index[:, None, :] > index[:, :, None] + 1e-9
    return np.asarray(1 + higher.sum(axis=2), dtype=np.int64)


def _middle(values: "NDArray[np.float64]") -> Span:
    low, high = np.percentile(values, _TAILS)
    return Span(float(low), float(high))


def _of_subject(
    sheet: Sheet,
    stated: "NDArray[np.float64]",
    row: int,
    aggregation: Aggregation,
    everything: "NDArray[np.float64]",
    seed: int,
    *,
    ranks: "NDArray[np.int64] | None",
    rank: int | None,
) -> Sensitivity:
    weights = sheet.weights
    ends = sheet.scored(sheet.values[1:], floor_factor=np.ones(2))
    data = _index(sheet, ends, np.tile(weights, (2, 1)), aggregation)[:, row]
    factors = np.array([1 - FLOOR_SHARE, 1 + FLOOR_SHARE])
    moved = sheet.scored(np.stack([sheet.values[0]] * 2), floor_factor=factors)
    floors = _index(sheet, moved, np.tile(weights, (2, 1)), aggregation)[:, row]
    drawn = _drawn_weights(sheet, np.random.default_rng(seed), len(everything))
    by_weight = _index(sheet, stated[None], drawn, aggregation)[:, row]
    both = [_index(sheet, stated, weights, how)[row] for how in get_args(Aggregation)]
    left_out = _left_out(sheet, stated, row, aggregation)
    ids = min(left_out, key=left_out.__getitem__), max(left_out, key=left_out.get)  # type: ignore[arg-type]
    ranked = None if ranks is None else np.percentile(ranks, _TAILS, method="nearest")
    return Sensitivity(
        subject=sheet.subjects[row],
        value=float(_index(sheet, stated, weights, aggregation)[row]),
        data=Span(*map(float, data)),
        weights=_middle(by_weight),
        floors=Span(float(floors.min()), float(floors.max())),
        linear=float(both[0]),
        geometric=float(both[1]),
        without=Span(left_out[ids[0]], left_out[ids[1]]),
        without_ids=ids,
        everything=_middle(everything),
        rank=rank,
        best_rank=None if ranked is None else int(ranked[0]),
        worst_rank=None if ranked is None else int(ranked[1]),
        draws=everything,
    )


def _left_out(
    sheet: Sheet, stated: "NDArray[np.float64]", row: int, aggregation: Aggregation
) -> dict[str, float]:
    """Return the index without each component that counts, or as it is if one does."""
    counted = _counted(sheet, row) & (sheet.weights > 0) & ~np.isnan(stated[row])
    found = {}
    for column in np.flatnonzero(counted):
        weights = sheet.weights.copy()
        if counted.sum() > 1:
            weights[column] = 0.0
        index = float(_index(sheet, stated, weights, aggregation)[row])
        found[sheet.terms[column].id] = index
    return found
