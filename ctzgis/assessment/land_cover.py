"""Share of land under forest, from a classified raster (森林覆盖率)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd

from ctzgis.assessment.covers import measure_covered_share
from ctzgis.assessment.findings import Measured
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Plan, Target

__all__ = [
    "LEGENDS",
    "LandCover",
    "LandCoverLegend",
    "forest_extents",
    "legend_named",
    "measure_land_cover_share",
]

_NAME: Final = "land_cover_share"

_ANY_FOREST: Final = Text("用户指定的类别", "classes named by the user")

# Less than this of an extent on cells with data, and its share is not judged.
_WHOLE_SHARE: Final = 0.99


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
        if target.measure is not None and target.measure.indicator == _NAME
    )
    shapes = {key: plan.extent(key).shape for key in wanted}
    located = {key: shape.geometry for key, shape in shapes.items() if shape}
    return gpd.GeoDataFrame(
        geometry=list(located.values()), index=list(located), crs=plan.crs
    )


def measure_land_cover_share(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of the target's extent is forest, by raster or else by areas.

    Without either nothing is measured. An extent that the raster covers in part is not
    judged, nor one by classes whose accuracy nobody has told. The interval holds whatever
    a map of the product's accuracy can have wrong.
    """
    cover = case.land_cover
    if cover is None:
        yield from measure_covered_share(case, target)
        return
    extent = case.plan.extent(target.extent)
    value, obstacle = _value(cover, extent.id)
    legend = cover.legend
    low = high = None
    if value is not None and legend.accuracy_share is not None:
        wrong = 100 * (1 - legend.accuracy_share)
        low, high = max(0.0, value - wrong), min(100.0, value + wrong)
    elif value is not None and obstacle is None:
        obstacle = Text(
            "不知道所给类别的精度，不作判定；请用产品名（--forest-classes worldcover 等）",
            "the accuracy of these classes is not known; not judged: name a product "
            "(--forest-classes worldcover, …)",
        )
    yield Measured(
        indicator=_NAME,
        label=Text("森林占土地面积的比例", "share of land under forest"),
        subject=extent.name,
        value=value,
        low=low,
        high=high,
        unit="%",
        method=_method(legend),
        accuracy=_accuracy(legend),
        obstacle=obstacle,
        inputs=(cover.source_name, *case.named("counties.geojson")),
        schematic=extent.shape is not None and extent.shape.schematic,
    )


def _value(cover: LandCover, extent_id: str) -> tuple[float | None, Text | None]:
    """Return the share of an extent in per cent, and why it cannot be judged."""
    if extent_id not in cover.extents.index:
        return None, Text("该范围没有边界", "the extent has no boundary")
    forest: float = cover.extents["forest_share"].to_dict()[extent_id]
    covered: float = cover.extents["covered_share"].to_dict()[extent_id]
    if covered == 0:
        return None, Text("栅格不在该范围内", "the raster does not reach the extent")
    if covered < _WHOLE_SHARE:
        return 100 * forest, Text(
            f"栅格只部分覆盖：仅{covered:.0%}的土地有数据，不作判定",
            f"partly covered: the raster has data for {covered:.0%} of the land; not judged",
        )
    return 100 * forest, None


def _method(legend: LandCoverLegend) -> Text:
    numbers = ", ".join(map(str, legend.forest))
    return Text(
        f"{legend.name.zh}中类别{numbers}的面积/有数据的土地面积；{legend.forest_means.zh}；"
        "边界像元按落入部分计",
        f"area of class {numbers} of {legend.name.en} over the land with data; "
        f"{legend.forest_means.en}; cells on the border by the part inside",
    )


def _accuracy(legend: LandCoverLegend) -> Text:
    other = Text(
        "每个像元只属一类；森林覆盖率按郁闭度0.2以上的乔木林、竹林、国家规定的灌木林和四旁树计，"
        "口径与遥感类别不同",
        "a cell has one class only; 森林覆盖率 counts woods and bamboo of a crown closure of "
        "0.2 and above, shrubs the state names and trees along roads and homes, which no "
        "class of a satellite map does",
    )
    if legend.accuracy_share is None:
        return Text(f"精度未说明；{other.zh}", f"accuracy not stated; {other.en}")
    wrong = 1 - legend.accuracy_share
    return Text(
        f"±{100 * wrong:.1f}个百分点：产品总体精度{legend.accuracy_share:.1%}，"
        f"误分全在一侧时；{other.zh}",
        f"±{100 * wrong:.1f} points: overall accuracy {legend.accuracy_share:.1%}, if all "
        f"that is wrong is wrong one way; {other.en}",
    )
