"""Targets of a plan and how they are compared (目标值)."""

import difflib
import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ctzgis.plan.documents import Citation
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS",
    "METHOD_UNITS",
    "SERVED",
    "UNITS",
    "Comparator",
    "Direction",
    "Holding",
    "Measure",
    "Reading",
    "Superseded",
    "Target",
    "TargetList",
]


KINDS: Final = ("spatial", "statistical")
"""What tells whether a target is reached: space, or statistics."""

UNITS: Final = (
    "%", "pp", "share", "ratio", "boolean", "closed ring", "class", "text", "lines",
    "airports", "min", "km", "m2", "km2", "km/km2", "km/万人", "km/h", "ug/m3", "USD",
)  # fmt: skip
"""Units beside Chinese counting words and amounts (个, 家, 万人, 亿元, …)."""

SERVED: Final = ("built_up", "population", "residential")
"""What facilities can be asked to serve: built-up areas, people, or residential land."""

_WHOLE: Final = 100.0

METHOD_UNITS: Final["Mapping[str, tuple[str, ...]]"] = {
    "density": ("km/km2",),
    "isochrone": ("min",),
    "isochrone_air": ("min",),
    "distance": ("km",),
    "raster_share": ("%",),
    "raster_zonal_mean": ("ug/m3",),
    "length_per_capita": ("km/万人",),
}
"""Units a target must be in, by how it is computed."""


class Comparator(Enum):
    """
    How a value is held against a target.

    ``EQUAL`` is a document's 达到 or 为 without 以上, ``ABOUT`` its 约: a value at least
    as good counts, in the direction the target is meant (see ``Direction``).
    """

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "=="
    AT_LEAST = ">="
    MORE = ">"
    ABOUT = "approx"


class Direction(Enum):
    """Which values are at least as good as one a document gives with 达到, 为 or 约."""

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
    facilities
        Kind of the facilities it is taken on, which a user gives, e.g. ``"charger"``.
    column
        Column of the facilities whose numbers are added up, where the target counts what
        is at a site and not the sites, e.g. ``"count"`` of the piles.
    each
        Kind of the areas of which each is to have a facility, e.g. ``"town"``.
    served
        What facilities are to serve: ``"built_up"``, ``"population"`` or ``"residential"``.
    reach
        Id of a service reach, for targets that state no distance or time themselves.
    share
        Share in % that must be served, where the document says so.
    road_class
        Class of the roads it is taken on.
    since
        Only what was opened in this year or later counts.
    modes
        Modes of the lines it is taken on.
    within_km
        Distance that an assumption adds, where the document states none.
    population_from, population_to
        People a place has that counts, the lower end included.
    """

    indicator: str
    circle: str | None = None
    system: str | None = None
    facilities: str | None = None
    column: str | None = None
    each: str | None = None
    served: str | None = None
    reach: str | None = None
    share: float | None = None
    road_class: str | None = None
    since: int | None = None
    modes: tuple[str, ...] = ()
    within_km: float | None = None
    population_from: float | None = None
    population_to: float | None = None

    def __post_init__(self) -> None:
        if self.served not in (None, *SERVED):
            msg = f"'served' is {self.served!r}; one of {', '.join(SERVED)} is expected"
            raise ValueError(msg)
        if self.share is not None and not 0 < self.share <= _WHOLE:
            msg = (
                f"'share' is {self.share}; per cent above 0 and up to 100 are expected"
            )
            raise ValueError(msg)
        for name in ("within_km", "population_from", "population_to"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                msg = f"'{name}' is {value}; a number above 0 is expected"
                raise ValueError(msg)
        start, end = self.population_from, self.population_to
        if start is not None and end is not None and not start < end:
            msg = f"the range of people {start:g}–{end:g} does not rise"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """From which year a target no longer holds, and what holds instead."""

    year: int
    value: float | None
    by: Text
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    A value of a year or of some years: where a target starts, or what was reached.

    Attributes
    ----------
    year
        Of which year it is; ``None`` if it spans several.
    period
        Of which years it is, e.g. ``"2016-2020"``.
    """

    value: float
    year: int | None = None
    period: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    One target of a document.

    Attributes
    ----------
    kind
        ``"spatial"`` or ``"statistical"``.
    method
        How it can be computed, e.g. ``"density"``, ``"isochrone"``; ``"input_value"``
        where only statistics tell.
    value
        The wanted value, in ``unit``; the lower end of a range.
    value_to
        The upper end of a range; ``None`` if the target is none.
    value_zh, value_en
        What is wanted where it is no number, e.g. 一级, class 1.
    year
        When it is due; ``None`` if the document does not say.
    period
        When it is due, where that is no single year, e.g. 远期.
    extent
        Id of the extent it holds for.
    direction
        For ``EQUAL`` and ``ABOUT``: whether more or less is better, or neither.
    basis
        ``"printed"``, or ``"wording"`` where the number follows from a phrase.
    baseline
        Where it starts from.
    actual
        What was reached, for targets of a period that is over.
    historic
        Whether its period is over.
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
    name: Text
    kind: str
    method: str
    comparator: Comparator
    direction: Direction = Direction.RISING
    value: float | None = None
    value_to: float | None = None
    value_zh: str = ""
    value_en: str = ""
    unit: str
    year: int | None = None
    period: str = ""
    extent: str
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    basis: str = "printed"
    baseline: Reading | None = None
    actual: Reading | None = None
    historic: bool = False
    note: str = ""
    measure: Measure | None = None
    needs: Text | None = None
    replaces: tuple[str, ...] = ()
    repeats: str | None = None
    superseded: Superseded | None = None

    def __post_init__(self) -> None:
        numbers = [n for n in (self.value, self.value_to) if n is not None]
        if not all(math.isfinite(n) for n in numbers):
            msg = f"'value' is {self.value}; a finite number is expected"
            raise ValueError(msg)
        if self.value is None and not self.value_zh:
            msg = "'value' is missing; a number is expected, or a text in 'value_zh'"
            raise ValueError(msg)
        if self.value_to is not None and (
            self.value is None or self.value_to < self.value
        ):
            msg = f"the range {self.value}–{self.value_to} does not rise"
            raise ValueError(msg)
        if self.kind not in KINDS:
            msg = f"'kind' is {self.kind!r}; one of {', '.join(KINDS)} is expected"
            raise ValueError(msg)
        if self.unit not in UNITS and not _is_counting_word(self.unit):
            near = difflib.get_close_matches(self.unit, UNITS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            msg = f"'unit' is {self.unit!r}, which is not known{hint}"
            raise ValueError(msg)
        wanted = METHOD_UNITS.get(self.method)
        if wanted and self.unit not in wanted:
            msg = f"'unit' is {self.unit!r}; {self.method} is in {' or '.join(wanted)}"
            raise ValueError(msg)


def _is_counting_word(unit: str) -> bool:
    """Tell whether a unit is written in Chinese, as 个, 家 or 万人 are."""
    letters = [character for character in unit if character not in "/0123456789m"]
    return bool(letters) and all("一" <= character <= "鿿" for character in letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """
    A target that holds, and those it stands for.

    Attributes
    ----------
    target
        The one that holds.
    losing
        Targets of earlier documents it replaces.
    same
        Targets of earlier documents it repeats.
    """

    target: Target
    losing: tuple[Target, ...] = ()
    same: tuple[Target, ...] = ()


class TargetList(tuple[Target, ...]):
    """
    The targets of a plan, in the order of its files.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> targets = read_plan("czt").targets
    >>> held = {h.target.id: h for h in targets.on(year=2025, kind="statistical")}
    >>> held["t002_gdp"].target.value, held["t002_gdp"].losing[0].value
    (25000.0, 27000.0)
    """

    __slots__ = ()

    def on(
        self,
        *,
        year: int | None = None,
        extent: str | None = None,
        kind: str | None = None,
    ) -> tuple[Holding, ...]:
        """
        Return the targets that hold, each with those it replaces or repeats.

        Parameters
        ----------
        year
            Targets due in this year, and those without one; all if not given.
        extent
            Id of the extent they hold for; any if not given.
        kind
            ``"spatial"`` or ``"statistical"``; both if not given.
        """
        by_id = {target.id: target for target in self}
        gone = {key for target in self for key in target.replaces}
        gone |= {target.repeats for target in self if target.repeats}
        return tuple(
            Holding(
                target=target,
                losing=tuple(by_id[key] for key in target.replaces),
                same=(by_id[target.repeats],) if target.repeats else (),
            )
            for target in self
            if target.id not in gone
            and (year is None or target.year in (None, year))
            and (extent is None or target.extent == extent)
            and (kind is None or target.kind == kind)
        )
