"""Whether what a user gives is all there is: where it lacks, nothing is judged (资料完整性)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.assessment.indicators.ground import (
    BUILT_UP,
    RESIDENTIAL,
    areal,
    within_extent,
)
from ctzgis.assessment.needs import facility_name
from ctzgis.plan import Comparator, Direction
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.plan import Extent, Target

__all__ = ["in_part", "left_out", "people_left_out", "settled_whatever"]

_NONE_IN: Final = Text(
    "所给对象都不在该范围内，不能据此判断；请核对文件是否覆盖该范围",
    "none of what is given lies in the extent, which decides nothing; check that the file "
    "covers it",
)
_SEVERAL: Final = 2
_AT_BORDER_M: Final = 1_000.0
_DISTRICT: Final = "区"
_CITY_SHARE: Final = 0.05
"""Land is in a city, too, if this share of it lies there."""
_COUNTY_SHARE: Final = 0.5
"""A county is in land if this share of the county is."""
_LEAST_SHARES: Final = {BUILT_UP: 0.5, RESIDENTIAL: 0.1}
"""What land that is given must be, at least, of the plan's own built-up areas."""
_PEOPLED_SHARE: Final = 0.02
"""A county is asked for people if this share of the land lies in it."""


def settled_whatever(
    target: "Target", value: float, bar: float, *, comparator: Comparator | None = None
) -> bool:
    """Tell whether more of the same, that a file may lack, could not change a verdict."""
    match comparator or target.comparator:
        case Comparator.AT_LEAST | Comparator.MORE:
            rising = True
        case Comparator.AT_MOST | Comparator.LESS:
            rising = False
        case _:
            if target.direction is Direction.EXACT:
                return False
            rising = target.direction is Direction.RISING
    return value >= bar if rising else value > bar


def left_out(
    case: "Case", kind: str, land: "Land", *, everywhere: bool = False
) -> Text | None:
    """
    Say where facilities are missing altogether: in the extent, or in one of its cities.

    A file without a single one in a whole city most likely does not cover it. Of what is
    found ``everywhere``, as villages are, that holds for every county, and for the
    districts of a city together.
    """
    sites = case.facilities[kind]
    if not len(sites.sindex.query(land.shape, predicate="intersects")):
        return _NONE_IN
    bare = _empty_of(_cities(case, land), sites)
    if not len(bare) and everywhere:
        bare = _empty_of(_counties(case, land), sites)
    if not len(bare):
        return None
    zh, en = "、".join(bare["name_zh"]), ", ".join(map(str, bare["name_en"]))
    name = facility_name(case.plan, kind)
    return Text(
        f"所给对象（{name.zh}）在{zh}一处也没有，不能据此判断；请核对文件是否覆盖全部范围",
        f"none of what is given ({name.en}) lies in {en}, so it cannot be judged; check "
        "that the file covers all of the extent",
    )


def _empty_of(
    units: "gpd.GeoDataFrame", sites: "gpd.GeoDataFrame"
) -> "gpd.GeoDataFrame":
    """Return the units of several that hold nothing that is given."""
    if len(units) < _SEVERAL:
        return units.iloc[:0]
    # What touches a unit at its border may be its neighbour's.
    inner = np.asarray(units.geometry.buffer(-_AT_BORDER_M).array)
    held = np.unique(sites.sindex.query(inner, predicate="intersects")[0])
    bare: gpd.GeoDataFrame = units.drop(units.index[held])
    return bare


def _cities(case: "Case", land: "Land") -> "gpd.GeoDataFrame":
    """Return the cities that land lies in, with ``name_zh`` and ``name_en``."""
    cities = case.plan.counties.dissolve(by="city_zh", as_index=False)
    inside_m2 = cities.geometry.intersection(land.shape).area
    kept = cities[inside_m2 >= _CITY_SHARE * land.shape.area]
    found: gpd.GeoDataFrame = kept.assign(
        name_zh=kept["city_zh"], name_en=kept["city_en"]
    )
    return found


def _counties(case: "Case", land: "Land") -> "gpd.GeoDataFrame":
    """Return the counties in land, districts of a city as one, with their names."""
    counties = case.plan.counties
    inside_m2 = counties.geometry.intersection(land.shape).area
    counties = counties[inside_m2 >= _COUNTY_SHARE * counties.area]
    urban = counties["name_zh"].str.endswith(_DISTRICT)
    named = counties.assign(
        name_zh=counties["name_zh"].mask(urban, counties["city_zh"] + "各区"),
        name_en=counties["name_en"].mask(urban, counties["city_en"] + " districts"),
    )
    found: gpd.GeoDataFrame = named[["name_zh", "name_en", "geometry"]].dissolve(
        by="name_zh", as_index=False
    )
    return found


def in_part(case: "Case", kind: str, extent: "Extent") -> Text | None:
    """
    Say where given built-up or residential land is too little to be all of it.

    It is held against the plan's own built-up areas: of built-up land half is wanted in
    each of them, of residential land a tenth, where standards have a quarter or more.
    """
    given = case.facilities.get(kind)
    areas = within_extent(case.plan.built_up, extent)
    if given is None or not len(areas) or not areal(given):
        return None
    least = _LEAST_SHARES[kind]
    whole = given.geometry.union_all()
    around = areas.geometry.buffer(areas["accuracy_m"].astype(float))
    bare = areas[around.intersection(whole).area < least * areas.area]
    if not len(bare):
        return None
    zh, en = "、".join(bare["name_zh"]), ", ".join(map(str, bare["name_en"]))
    name = facility_name(case.plan, kind)
    return Text(
        f"所给{name.zh}不到{zh}面积的{least:.0%}，似不完整，不作判定",
        f"what is given ({name.en}) is less than {least:.0%} of {en} and seems to be a "
        "part; not judged",
    )


def people_left_out(case: "Case", land: "Land") -> Text | None:
    """Say in which counties of the land nobody lives by the data; a file may end there."""
    counties = case.plan.counties
    parts = counties.geometry.intersection(land.shape)
    here = np.array(parts.area >= _PEOPLED_SHARE * land.shape.area)
    at = case.population[case.population["population"] > 0]
    held = np.unique(
        at.sindex.query(np.asarray(parts.array), predicate="intersects")[0]
    )
    here[held] = False
    bare = counties[here]
    if not len(bare):
        return None
    zh, en = "、".join(bare["name_zh"]), ", ".join(map(str, bare["name_en"]))
    return Text(
        f"人口数据在{zh}没有人口，不能据此判断；请核对文件是否覆盖全部范围",
        f"by the data nobody lives in {en}, so it cannot be judged; check that the file "
        "covers all of the extent",
    )
