"""Shares of land and people, and how they are told (占比)."""

from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.completeness import left_out, settled_whatever
from ctzgis.assessment.indicators.ground import Range
from ctzgis.plan import Comparator
from ctzgis.texts import Text

if TYPE_CHECKING:
    import shapely

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.plan import Target

__all__ = ["covered_range", "share_of", "told_share"]

_SAME_SHARE: Final = 1e-9


def share_of(part: float, rest: float) -> float:
    """
    Return the share of a part of two; of a whole the last digits may lack.

    Examples
    --------
    >>> share_of(1, 3), share_of(1e9, 0.1), share_of(0, 0)
    (0.25, 1.0, 0.0)
    """
    share = part / (part + rest) if part + rest > 0 else 0.0
    return 1.0 if share > 1 - _SAME_SHARE else share


def covered_range(
    land: "Land", covers: "tuple[shapely.Geometry, shapely.Geometry, shapely.Geometry]"
) -> Range:
    """
    Return the share of land that is covered, and between what the true one lies.

    ``covers`` are what covers it, at least and at most. The true land holds what surely
    belongs to it and lies in what may, so the least share leaves out all that is covered
    on the border, and the most takes in nothing else there.
    """
    middle, least, most = covers
    value = _share_in(land.shape, middle)
    if not land.accuracy_m and least is middle and most is middle:
        return Range(value)
    low = share_of(
        land.surely.intersection(least).area, land.perhaps.difference(least).area
    )
    high = share_of(
        land.perhaps.intersection(most).area, land.surely.difference(most).area
    )
    return Range(value, min(low, value), max(high, value))


def _share_in(shape: "shapely.Geometry", cover: "shapely.Geometry") -> float:
    return share_of(shape.intersection(cover).area, shape.difference(cover).area)


def told_share(
    case: "Case",
    target: "Target",
    share: Range | None,
    *,
    indicator: str,
    label: Text,
    method: Text,
    land: "Land | None",
    obstacle: Text | None,
    everywhere: bool = False,
) -> Measured:
    """Return a share, in per cent where the target is, else against what is to be served."""
    measure = target.measure
    assert measure is not None
    percent = target.unit == "%"
    scale = 100.0 if percent else 1.0
    value, low, high = (
        None if number is None else number * scale for number in share or (None,) * 3
    )
    people = (case.population_source.name,) if measure.served == "population" else ()
    accuracy = land.accuracy if land else Text("—", "—")
    wanted = None if measure.share is None else measure.share / 100
    bar = target.value if percent else wanted
    if obstacle is None and land is not None and value is not None and bar is not None:
        held = None if percent else Comparator.AT_LEAST
        if not settled_whatever(target, value, bar, comparator=held):
            kind = measure.facilities or ""
            obstacle = left_out(case, kind, land, everywhere=everywhere)
    return Measured(
        indicator=indicator,
        label=label,
        subject=case.plan.extent(target.extent).name,
        value=value,
        low=low,
        high=high,
        unit="%" if percent else "share",
        method=method,
        accuracy=accuracy,
        obstacle=obstacle,
        standard=None if percent else wanted,
        comparator=None if percent else Comparator.AT_LEAST,
        answers_target=percent or wanted is not None,
        inputs=(
            *case.given_from(measure.facilities or ""),
            *people,
            *(land.inputs if land else ()),
        ),
        schematic=bool(land and land.schematic),
    )
