"""What facilities are held against: areas and people, and how far off they may be (底数)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Extent, Target

__all__ = [
    "BUILT_UP",
    "Land",
    "Range",
    "areal",
    "built_up",
    "extent_land",
    "given_for",
    "inside",
    "numbers",
    "people_in",
    "settlements_only",
]

BUILT_UP: Final = "built_up"
"""Kind of facilities that takes the place of a plan's built-up areas."""

_NO_ACCURACY: Final = Text(
    "所给数据的精度未说明", "the accuracy of the given data is not stated"
)
_AREAL: Final = 2


class Range(NamedTuple):
    """A value, and between what the true one lies; ``None`` where nobody can tell."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Land:
    """
    Land whose border may be off.

    Attributes
    ----------
    shape
        As it is drawn.
    accuracy_m
        How far its border may be off; 0 if that is not stated.
    accuracy
        The same in words.
    """

    shape: "BaseGeometry"
    accuracy_m: float
    accuracy: Text
    schematic: bool
    inputs: tuple[str, ...]

    @property
    def surely(self) -> "BaseGeometry":
        """What belongs to it wherever the true border runs."""
        return self.shape.buffer(-self.accuracy_m) if self.accuracy_m else self.shape

    @property
    def perhaps(self) -> "BaseGeometry":
        """What may belong to it."""
        return self.shape.buffer(self.accuracy_m) if self.accuracy_m else self.shape


def extent_land(case: "Case", extent: "Extent") -> Land | None:
    """Return the land of an extent; ``None`` if it is not located."""
    shape = extent.shape
    if shape is None:
        return None
    metres = shape.accuracy_m
    return Land(
        shape=shape.geometry,
        accuracy_m=metres,
        accuracy=Text(
            f"范围边界±{metres / 1000:g}公里", f"border ±{metres / 1000:g} km"
        ),
        schematic=shape.schematic,
        inputs=case.named("extents.geojson", "structure.geojson", "counties.geojson"),
    )


def built_up(case: "Case", extent: "Extent") -> Land | None:
    """
    Return the built-up land of an extent, the user's before the plan's own.

    An area belongs to the extent that holds its middle; all do if it is not located.

    Raises
    ------
    InputError
        If the user's built-up areas are no areas.
    """
    given = case.facilities.get(BUILT_UP)
    areas = case.plan.built_up if given is None else given
    if given is not None and not areal(given):
        msg = f"facilities {BUILT_UP} are the built-up areas; polygons are expected"
        raise InputError(msg)
    if extent.shape is not None and len(areas):
        middles = areas.geometry.representative_point()
        areas = areas[middles.within(extent.shape.geometry)]
    if not len(areas):
        return None
    metres = 0.0 if given is not None else float(areas["accuracy_m"].max())
    words = Text(
        f"示意建成区边界±{metres / 1000:g}公里",
        f"schematic built-up border ±{metres / 1000:g} km",
    )
    return Land(
        shape=areas.geometry.union_all(),
        accuracy_m=metres,
        accuracy=_NO_ACCURACY if given is not None else words,
        schematic=given is None,
        inputs=case.given_from(BUILT_UP) or case.named("built_up_areas.geojson"),
    )


def given_for(case: "Case", target: "Target") -> "tuple[str, gpd.GeoDataFrame] | None":
    """Return the kind and the facilities a target is measured on; ``None`` if not given."""
    kind = target.measure.facilities if target.measure else None
    if kind is None or kind not in case.facilities:
        return None
    return kind, case.facilities[kind]


def areal(frame: "gpd.GeoDataFrame") -> bool:
    """Tell whether all that is given are areas."""
    kinds = shapely.get_dimensions(np.asarray(frame.geometry.array))
    return bool((kinds == _AREAL).all())


def inside(frame: "gpd.GeoDataFrame", shape: "BaseGeometry") -> "gpd.GeoDataFrame":
    """Return what has its middle in a shape."""
    middles = frame.geometry.representative_point()
    within = middles.sindex.query(shape, predicate="intersects", sort=True)
    kept: gpd.GeoDataFrame = frame.iloc[within]
    return kept


def settlements_only(people: "gpd.GeoDataFrame") -> bool:
    """Tell whether points stand for settlements that share a county's people evenly."""
    return {"county_code", "is_seat"} <= set(people.columns)


def people_in(case: "Case", land: Land) -> Range:
    """
    Count the people on land.

    Of settlements that share a county's people evenly, only whole counties are sure.
    """
    people = case.population
    at = np.asarray(people.geometry.array)
    value, low, high = (
        float(people["population"].to_numpy()[shapely.intersects(shape, at)].sum())
        for shape in (land.shape, land.surely, land.perhaps)
    )
    if settlements_only(people):
        totals = people.groupby("county_code")["population"].sum()
        areas = case.plan.counties.geometry
        held = areas.index[areas.within(land.surely)]
        touched = areas.index[areas.intersects(land.perhaps)]
        low, high = (float(totals.reindex(codes).sum()) for codes in (held, touched))
    return Range(value, min(low, value), max(high, value))


def numbers(frame: "gpd.GeoDataFrame", column: str, name: str) -> "pd.Series[float]":
    """
    Return a column of a user's facilities as numbers.

    Raises
    ------
    InputError
        If it is missing, or a row holds no number of 0 or more.
    """
    if column not in frame:
        known = ", ".join(map(str, frame.columns.drop(frame.geometry.name))) or "none"
        msg = f"facilities {name} need a column '{column}'; they have: {known}"
        raise InputError(msg)
    values: pd.Series[float] = pd.to_numeric(frame[column], errors="coerce").astype(
        float
    )
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        msg = (
            f"facilities {name}: '{column}' is '{frame[column].iloc[row]}' in row {row}; "
            "a number of 0 or more is expected"
        )
        raise InputError(msg)
    return values
