"""Targets of a plan and how they are compared (目标值)."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctzgis.plan.documents import Citation
    from ctzgis.texts import Text

__all__ = ["Comparator", "Direction", "Measure", "Superseded", "Target"]


class Comparator(Enum):
    """
    How a value is held against a target.

    ``EQUAL`` is a document's 达到 or 为 without 以上: a value at least as good
    counts, in the direction the target is meant (see ``Direction``).
    """

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "=="
    AT_LEAST = ">="
    MORE = ">"
    ABOUT = "approx"


class Direction(Enum):
    """Which values are at least as good as the one a document gives with 达到 or 为."""

    RISING = "rising"
    FALLING = "falling"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    Which indicator answers a target, and on what.

    Attributes
    ----------
    indicator
        Name of the indicator, e.g. ``"road_density"``.
    circle, system
        Id of the time circle or corridor system it is taken on.
    """

    indicator: str
    circle: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """From which year a target no longer holds, and what holds instead."""

    year: int
    value: float | None
    by: "Text"
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    One target of a document.

    Attributes
    ----------
    kind
        ``"spatial"`` or ``"statistical"``.
    method
        How it can be computed, e.g. ``"density"``, ``"isochrone"``.
    value
        The wanted value, in ``unit``.
    year
        When it is due; ``None`` if the document does not say.
    extent
        Id of the extent it holds for.
    direction
        For ``Comparator.EQUAL``: whether more or less is better, or neither.
    basis
        ``"printed"``, or ``"wording"`` where the number follows from a phrase.
    measure
        What answers it; ``None`` while nothing does.
    needs
        What an answer would need, where the method alone does not tell.
    replaces
        Ids of targets of earlier documents that no longer hold.
    repeats
        Id of the target of an earlier document with the same content.
    superseded
        Set where later law replaced it.
    """

    id: str
    name: "Text"
    kind: str
    method: str
    comparator: Comparator
    value: float
    unit: str
    year: int | None
    extent: str
    citation: "Citation"
    direction: Direction = Direction.RISING
    basis: str = "printed"
    note: str = ""
    measure: Measure | None = None
    needs: "Text | None" = None
    replaces: tuple[str, ...] = ()
    repeats: str | None = None
    superseded: Superseded | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            msg = f"target '{self.id}' has value {self.value}; a number is expected"
            raise ValueError(msg)
