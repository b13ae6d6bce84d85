"""Why a density of roads cannot answer its target: layer and land (路网密度的不可判原因)."""

from typing import TYPE_CHECKING, Final

from ctzgis.analysis import road_density
from ctzgis.analysis.streets.street_kinds import street_kinds
from ctzgis.assessment.indicators.ground import built_up
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ctzgis.analysis.streets.density_rules import DensityRules
    from ctzgis.assessment.case import Case
    from ctzgis.plan import Extent

__all__ = ["main_roads_only", "other_land", "partly_covered"]

_LESSER: Final = ("tertiary", "residential")


def partly_covered(share: float) -> Text:
    """Say how much of the land a layer covers."""
    return Text(
        f"道路图层只部分覆盖：仅{share:.0%}的土地1公里内有道路，不作判定",
        f"partly covered: only {share:.0%} of the land is within 1 km of a street of the "
        "layer; not judged",
    )


def main_roads_only(streets: "gpd.GeoDataFrame") -> Text | None:
    """Say that a layer whose classes are all of main roads is not one of all roads."""
    kinds = street_kinds(streets)
    classes = set(kinds.road_class[kinds.known])
    if not classes or classes & {*_LESSER}:
        return None
    return Text(
        "道路图层只有干道，没有支路；请提供全部道路",
        "the layer has main roads only and none below secondary; give all roads",
    )


def other_land(
    case: "Case",
    extent: "Extent",
    zone: "gpd.GeoDataFrame",
    *,
    rules: "DensityRules",
    weight: "pd.Series[float] | None",
    high: float,
    wanted: float,
) -> Text | None:
    """
    Say that a zone which is not dense enough as a whole may be where it is built up.

    Documents name no land that a density is taken over. ``zone`` is one row; ``high`` is
    how many times as large the density may be.
    """
    land = built_up(case, extent)
    if land is None or case.streets is None:
        return None
    town = zone.set_geometry(zone.geometry.intersection(land.shape))
    if not town.geometry.iloc[0].area > 0:
        return None
    found = road_density(case.streets, town, rules=rules, weight=weight)
    density = float(found["road_density_km_per_km2"].iloc[0])
    if density * high < wanted:
        return None
    return Text(
        f"文件未说明按何种土地计算：按全域不足，按建成区为{density:.1f} km/km²，不能判断",
        "the documents do not say over which land: over all of it the density is too low, "
        f"over what is built up it is {density:.1f} km/km², so it cannot be judged",
    )
