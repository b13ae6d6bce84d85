"""What facilities are held against: areas and people, and how far off they may be (底数)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Extent, Target

__all__ = [
    "BUILT_UP",
    "RESIDENTIAL",
    "STALE_PEOPLE",
    "Land",
    "Range",
    "areal",
    "built_up",
    "census_is_stale",
    "extent_land",
    "given_for",
    "inside",
    "merged",
    "numbers",
    "people_in",
    "residential",
    "settlements_only",
    "told_in_ten_thousands",
    "touching",
    "within_extent",
]

BUILT_UP: Final = "built_up"
"""Kind of facilities that takes the place of a plan's built-up areas."""

RESIDENTIAL: Final = "residential"
"""Kind of facilities that is residential land (居住用地)."""

_NO_ACCURACY: Final = Text(
    "所给数据的精度未说明", "the accuracy of the given data is not stated"
)
STALE_PEOPLE: Final = Text(
    "随附人口为2020年普查；请用 --population 提供当年人口",
    "the people that ship are of the 2020 census; give those of the year with "
    "--population",
)
"""Why people of the census do not answer a target in another year."""

_SHIPPED_PEOPLE: Final = "settlements.csv"
_CENSUS: Final = 2020
_AREAL: Final = 2
_SMALLEST_TOWN: Final = 1_000
_TEN_THOUSAND: Final = 10_000
_MOST: Final = 1e12
"""No count of things or people is larger."""


class Range(NamedTuple):
    """A value, and between what the true one lies; ``None`` where nobody can tell."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def least(self) -> float:
        """The lower end; the value itself where there is none."""
        return self.value if self.low is None else self.low

    @property
    def most(self) -> float:
        """The upper end; the value itself where there is none."""
        return self.value if self.high is None else self.high


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
    areas = within_extent(areas, extent)
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


def within_extent(areas: "gpd.GeoDataFrame", extent: "Extent") -> "gpd.GeoDataFrame":
    """Return the areas that have their middle in an extent; all if it is not located."""
    if extent.shape is None or not len(areas):
        return areas
    middles = areas.geometry.representative_point()
    kept: gpd.GeoDataFrame = areas[middles.within(extent.shape.geometry)]
    return kept


def residential(case: "Case", extent: "Extent") -> Land | None:
    """
    Return the residential land of an extent that the user gave, cut at its border.

    Raises
    ------
    InputError
        If what is given are no areas.
    """
    given = case.facilities.get(RESIDENTIAL)
    if given is None:
        return None
    if not areal(given):
        msg = f"facilities {RESIDENTIAL} are residential land; polygons are expected"
        raise InputError(msg)
    land = extent_land(case, extent)
    if land is None:
        parts, words = merged(given), _NO_ACCURACY
    else:
        near = merged(touching(given, land.shape))
        parts = shapely.intersection(near, land.shape)
        words = Text(
            f"{_NO_ACCURACY.zh}；{land.accuracy.zh}",
            f"{_NO_ACCURACY.en}; {land.accuracy.en}",
        )
    whole = shapely.union_all(parts)
    if not whole.area > 0:
        return None
    return Land(
        shape=whole,
        accuracy_m=0.0,
        accuracy=words,
        schematic=bool(land and land.schematic),
        inputs=(*case.given_from(RESIDENTIAL), *(land.inputs if land else ())),
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
    shapely.prepare(shape)
    middles = np.asarray(frame.geometry.array)
    if not (shapely.get_dimensions(middles) == 0).all():
        middles = np.asarray(frame.geometry.representative_point().array)
    kept: gpd.GeoDataFrame = frame[shapely.intersects(shape, middles)]
    return kept


def touching(
    frame: "gpd.GeoDataFrame", shape: "BaseGeometry", *, within_m: float = 0.0
) -> "gpd.GeoDataFrame":
    """Return what lies in a shape or within metres of it, in the order of the frame."""
    if within_m:
        rows = frame.sindex.query(shape, predicate="dwithin", distance=within_m)
    else:
        rows = frame.sindex.query(shape, predicate="intersects")
    kept: gpd.GeoDataFrame = frame.iloc[np.sort(rows)]
    return kept


def merged(areas: "gpd.GeoDataFrame") -> "NDArray[np.object_]":
    """Merge areas that touch each other, so that none of their land counts twice."""
    shapes = np.asarray(areas.geometry.array)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(shapes),) * 2)
    number, group = connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    found = np.empty(number, dtype=object)
    for place, part in enumerate(parts if number else ()):
        alone = len(part) == 1
        found[place] = shapes[part[0]] if alone else shapely.union_all(shapes[part])
    return found


def settlements_only(people: "gpd.GeoDataFrame") -> bool:
    """Tell whether points stand for settlements that share a county's people evenly."""
    return {"county_code", "is_seat"} <= set(people.columns)


def census_is_stale(case: "Case") -> bool:
    """Tell whether the people are those that ship, of a census of another year."""
    return case.population_source.name == _SHIPPED_PEOPLE and case.year != _CENSUS


def people_in(case: "Case", land: Land) -> Range:
    """
    Count the people on land.

    Of settlements that share a county's people evenly, only whole counties are sure.
    """
    people = case.population
    at = np.asarray(people.geometry.array)
    counts = people["population"].to_numpy()
    found = []
    for shape in (land.shape, land.surely, land.perhaps):
        shapely.prepare(shape)
        found.append(float(counts[shapely.intersects(shape, at)].sum()))
    value, low, high = found
    if settlements_only(people):
        totals = people.groupby("county_code")["population"].sum()
        areas = case.plan.counties.geometry
        held = areas.index[areas.within(land.surely)]
        touched = areas.index[areas.intersects(land.perhaps)]
        low, high = (float(totals.reindex(codes).sum()) for codes in (held, touched))
    return Range(value, min(low, value), max(high, value))


def numbers(
    frame: "gpd.GeoDataFrame", column: str, name: str, *, whole: bool = False
) -> "pd.Series[float]":
    """
    Return a column of a user's facilities as numbers.

    Raises
    ------
    InputError
        If it is missing, or a row holds no number from 0 to a million million, or
        no ``whole`` one where that is asked for.
    """
    if column not in frame:
        known = ", ".join(map(str, frame.columns.drop(frame.geometry.name))) or "none"
        msg = f"facilities {name} need a column '{column}'; they have: {known}"
        raise InputError(msg)
    values: pd.Series[float] = pd.to_numeric(frame[column], errors="coerce").astype(
        float
    )
    wrong = ~((values >= 0) & (values <= _MOST))
    if whole:
        wrong |= values % 1 != 0
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        msg = (
            f"facilities {name}: '{column}' is '{frame[column].iloc[row]}' in row {row}; "
            f"a {'whole ' if whole else ''}number of 0 or more is expected"
        )
        raise InputError(msg)
    return values


def told_in_ten_thousands(people: "pd.Series[float]", bound: float) -> Text | None:
    """
    Say that people of towns seem to be given in 万.

    They are if none has a thousand, and the target asks for tens of thousands.
    """
    small = len(people) > 0 and 0 < people.max() < _SMALLEST_TOWN
    if not small or bound < _TEN_THOUSAND:
        return None
    return Text(
        f"population 列最大为{people.max():g}，似以万人计；请以人计",
        f"the column population has {people.max():g} at most and seems to count in "
        "10,000; give people",
    )
