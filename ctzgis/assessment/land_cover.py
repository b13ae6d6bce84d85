"""Land cover: what classified rasters call forest, and what one says (土地覆盖)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd

from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from ctzgis.plan import Plan

__all__ = [
    "LAND_COVER_SHARE",
    "LEGENDS",
    "LandCover",
    "LandCoverLegend",
    "forest_extents",
    "legend_named",
]


LAND_COVER_SHARE: Final = "land_cover_share"
"""Name of the indicator that rasters answer."""

_ANY_FOREST: Final = Text("用户指定的类别", "classes named by the user")


@dataclass(frozen=True, slots=True, kw_only=True)
class LandCoverLegend:
    """
    What the numbers of a land-cover raster mean.

    Attributes
    ----------
    name
        The product.
    forest
        Classes that count as forest.
    classes
        All classes of the product; empty if not known.
    nodata
        Number that stands for no data; ``None`` if the file says so itself.
    accuracy_share
        Share (0–1) of the land that the product has right; ``None`` if not known.
    forest_means
        What the product calls forest.
    source
        Where numbers and accuracy are from.
    """

    name: Text
    forest: tuple[int, ...]
    classes: tuple[int, ...] = ()
    nodata: int | None = None
    accuracy_share: float | None = None
    forest_means: Text = _ANY_FOREST
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not self.forest:
            msg = "a legend names no class that counts as forest"
            raise InputError(msg)
        if self.accuracy_share is not None and not 0 < self.accuracy_share <= 1:
            msg = (
                f"accuracy_share is {self.accuracy_share}; above 0, up to 1 is expected"
            )
            raise InputError(msg)


LEGENDS: Final["Mapping[str, LandCoverLegend]"] = {
    "worldcover": LandCoverLegend(
        name=Text("ESA WorldCover（10米）", "ESA WorldCover (10 m)"),
        forest=(10,),
        classes=(10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100),
        nodata=0,
        accuracy_share=0.744,
        forest_means=Text(
            "树木覆盖（树冠，含果园、行道树和人工林）",
            "tree cover: crowns, with orchards, street trees and plantations",
        ),
        source="legend of the product; accuracy of v100 (2020), Zanaga et al. 2021, "
        "doi:10.5281/zenodo.5571936",
    ),
    "clcd": LandCoverLegend(
        name=Text("CLCD 中国年度土地覆盖（30米）", "CLCD, annual land cover of China (30 m)"),
        forest=(2,),
        classes=tuple(range(1, 10)),
        nodata=0,
        accuracy_share=0.7931,
        forest_means=Text("林地（灌木另为一类）", "forest; shrubs are another class"),
        source="accuracy: Yang and Huang 2021, doi:10.5194/essd-13-3907-2021; numbers as "
        "public programs that read the product take them",
    ),
    "globeland30": LandCoverLegend(
        name=Text("GlobeLand30（30米）", "GlobeLand30 (30 m)"),
        forest=(20,),
        classes=tuple(range(10, 101, 10)),
        nodata=0,
        accuracy_share=0.835,
        forest_means=Text("林地（灌木另为一类）", "forest; shrubs are another class"),
        source="legend and accuracy (83.50 % for 2010, 85.72 % for 2020: the lower "
        "counts) as public descriptions of the product state them",
    ),
}  # fmt: skip
"""Legends of usual products; none of them is guessed from a file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LandCover:
    """
    What a raster says of the extents that targets of forest speak of.

    Attributes
    ----------
    legend
        What its numbers mean.
    extents
        By the id of the extent: ``forest_share`` (0–1) of the land with data, NaN without,
        and ``covered_share`` of the extent.
    source_name
        The file.
    """

    legend: LandCoverLegend
    extents: "pd.DataFrame"
    source_name: str


def legend_named(classes: "str | Sequence[int] | LandCoverLegend") -> LandCoverLegend:
    """
    Return the legend of a product's name, or of numbers that count as forest.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> legend_named("worldcover").forest, legend_named("21,22").forest
    ((10,), (21, 22))
    """
    if isinstance(classes, LandCoverLegend):
        return classes
    numbers: Sequence[int]
    if isinstance(classes, str):
        plain = classes.strip().lower()
        if plain in LEGENDS:
            return LEGENDS[plain]
        parts = [part.strip() for part in plain.split(",")]
        if not all(part.isdecimal() and part.isascii() for part in parts):
            msg = (
                f"{classes!r} names no classes of forest; give numbers such as 10,20, or "
                f"one of {', '.join(LEGENDS)}"
            )
            raise InputError(msg)
        numbers = [int(part) for part in parts]
    else:
        numbers = classes
    return LandCoverLegend(
        name=Text("用户的土地覆盖栅格", "land cover given by the user"),
        forest=tuple(dict.fromkeys(int(number) for number in numbers)),
    )


def forest_extents(plan: "Plan") -> gpd.GeoDataFrame:
    """Return the located extents of targets that land cover answers, by their id."""
    wanted = dict.fromkeys(
        target.extent
        for target in plan.targets
        if target.measure is not None and target.measure.indicator == LAND_COVER_SHARE
    )
    shapes = {key: plan.extent(key).shape for key in wanted}
    located = {key: shape.geometry for key, shape in shapes.items() if shape}
    return gpd.GeoDataFrame(
        geometry=list(located.values()), index=list(located), crs=plan.crs
    )
