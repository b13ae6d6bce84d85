"""The share of land that given areas cover (面覆盖指标)."""

from typing import TYPE_CHECKING

import shapely

from ctzgis.assessment.indicators.completeness import in_part
from ctzgis.assessment.indicators.ground import (
    BUILT_UP,
    areal,
    built_up,
    extent_land,
    given_for,
    merged,
    touching,
)
from ctzgis.assessment.indicators.shares import covered_range, told_share
from ctzgis.assessment.needs import facility_name
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.findings import Measured
    from ctzgis.plan import Target

__all__ = ["measure_covered_share"]


def measure_covered_share(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure which share of an extent, or of its built-up land, given areas cover."""
    taken, measure = given_for(case, target), target.measure
    if taken is None or measure is None:
        return
    kind, areas = taken
    extent = case.plan.extent(target.extent)
    built = measure.served == "built_up"
    land = built_up(case, extent) if built else extent_land(case, extent)
    share, obstacle = None, in_part(case, BUILT_UP, extent) if built else None
    if land is None:
        obstacle = Text("该范围没有边界", "the extent has no boundary")
    elif not areal(areas):
        obstacle = Text("所给设施须为面", "the facilities given must be areas")
    else:
        near = shapely.intersection(merged(touching(areas, land.perhaps)), land.perhaps)
        cover = shapely.union_all(near)
        share = covered_range(land, (cover, cover, cover))
    whole = Text("建成区", "built-up area") if built else Text("范围", "extent")
    name = facility_name(case.plan, kind)
    yield told_share(
        case,
        target,
        share,
        indicator="covered_share",
        label=Text(f"{name.zh}占{whole.zh}比重", f"share of the {whole.en}: {name.en}"),
        method=Text(
            "所给面（重叠计一次）与范围相交的面积/范围面积",
            "area of the given polygons, overlaps once, within the land over its area",
        ),
        land=land,
        obstacle=obstacle,
        everywhere=True,
    )
