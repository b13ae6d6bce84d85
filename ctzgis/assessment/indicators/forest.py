"""Share of land under forest, from a classified raster (森林覆盖率)."""

from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.covers import measure_covered_share
from ctzgis.assessment.land_cover import LAND_COVER_SHARE
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.land_cover import LandCover, LandCoverLegend
    from ctzgis.plan import Target

__all__ = ["measure_land_cover_share"]

# Less than this of an extent on cells with data, and its share is not judged.
_WHOLE_SHARE: Final = 0.99


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
        indicator=LAND_COVER_SHARE,
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


def _value(cover: "LandCover", extent_id: str) -> tuple[float | None, Text | None]:
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


def _method(legend: "LandCoverLegend") -> Text:
    numbers = ", ".join(map(str, legend.forest))
    return Text(
        f"{legend.name.zh}中类别{numbers}的面积/有数据的土地面积；{legend.forest_means.zh}；"
        "边界像元按落入部分计",
        f"area of class {numbers} of {legend.name.en} over the land with data; "
        f"{legend.forest_means.en}; cells on the border by the part inside",
    )


def _accuracy(legend: "LandCoverLegend") -> Text:
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
