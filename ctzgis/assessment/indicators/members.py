"""Which share of given things has, or is, what a target asks (达标占比)."""

from typing import TYPE_CHECKING

import numpy as np
import shapely

from ctzgis.assessment.indicators.given import NOT_AREAL, told_given
from ctzgis.assessment.indicators.ground import (
    Range,
    areal,
    extent_land,
    given_for,
    inside,
    numbers,
)
from ctzgis.assessment.needs import facility_name
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.findings import Measured
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.plan import Target

__all__ = ["measure_complying_share", "measure_each_served"]


def measure_each_served(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Measure which share of given areas (towns, villages) has a facility within it."""
    taken = given_for(case, target)
    each = target.measure.each if target.measure else None
    if taken is None or each is None or each not in case.facilities:
        return
    kind, sites = taken
    areas = case.facilities[each]
    name, unit = facility_name(case.plan, kind), facility_name(case.plan, each)
    land = extent_land(case, case.plan.extent(target.extent))
    if land is not None:
        areas = inside(areas, land.shape)
    share, obstacle = None, None
    if not areal(areas):
        obstacle = NOT_AREAL
    elif not len(areas):
        obstacle = Text(
            f"所给{unit.zh}都不在该范围内", f"none lies in the extent: {unit.en}"
        )
    else:
        at = np.asarray(sites.geometry.representative_point().array)
        held = np.unique(areas.sindex.query(at, predicate="intersects")[1])
        share = Range(100.0 * len(held) / len(areas))
    yield told_given(
        case,
        target,
        share,
        indicator="each_served",
        label=Text(
            f"有{name.zh}的{unit.zh}占比", f"share of {unit.en} with: {name.en}"
        ),
        method=Text(
            f"含至少一处所给设施的面数/{unit.zh}总数",
            "areas with at least one given facility over all areas",
        ),
        land=land,
        obstacle=obstacle,
        of=(each,),
        everywhere=True,
    )


def measure_complying_share(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of given facilities a column marks with 1, lines by their length.

    Points and areas count one each. Without the column nothing is judged.

    Raises
    ------
    InputError
        If the column holds anything but 0 and 1.
    """
    taken = given_for(case, target)
    column = target.measure.column if target.measure else None
    if taken is None or column is None:
        return
    kind, things = taken
    name = facility_name(case.plan, kind)
    land = extent_land(case, case.plan.extent(target.extent))
    share, obstacle = None, None
    if column not in things:
        obstacle = Text(
            f"请在文件中加 {column} 列：达标者为1，否则为0",
            f"the file lacks a column {column}: 1 where it holds, else 0",
        )
    elif len(np.unique(shapely.get_dimensions(things.geometry) == 1)) > 1:
        obstacle = Text(
            "线与点、面不能一并计算",
            "lines cannot be counted together with points or areas",
        )
    else:
        marks = _marks(things, column, kind)
        share = _marked_share(things, marks, land)
        if share is None:
            obstacle = Text("所给对象都不在该范围内", "none of them lies in the extent")
    yield told_given(
        case,
        target,
        share,
        indicator="complying_share",
        label=Text(f"达标的{name.zh}占比", f"share that complies: {name.en}"),
        method=Text(
            f"{column} 列为1者占范围内所给对象的比例（线按长度，其余按个数）",
            f"those with 1 in the column {column} of all given in the extent (lines by "
            "their length, others one each)",
        ),
        land=land,
        obstacle=obstacle,
        of=(kind,),
        everywhere=True,
    )


def _marks(things: "gpd.GeoDataFrame", column: str, kind: str) -> "NDArray[np.bool_]":
    found = numbers(things, column, kind).to_numpy()
    wrong = np.flatnonzero((found != 0) & (found != 1))
    if len(wrong):
        row = int(wrong[0])
        msg = (
            f"facilities {kind}: '{column}' is '{things[column].iloc[row]}' in row {row}; "
            "1 or 0 is expected"
        )
        raise InputError(msg)
    return np.asarray(found == 1)


def _marked_share(
    things: "gpd.GeoDataFrame", marks: "NDArray[np.bool_]", land: "Land | None"
) -> Range | None:
    """Return the share in per cent, and what it may be where the border is off."""
    shapes = [None] if land is None else [land.shape, land.surely, land.perhaps]
    good, bad = (
        [_amount(things[which], shape) for shape in shapes] for which in (marks, ~marks)
    )
    if good[0] + bad[0] == 0:
        return None
    value = 100 * good[0] / (good[0] + bad[0])
    if land is None or not land.accuracy_m:
        return Range(value)
    ends = [
        100 * part / (part + rest)
        for part, rest in ((good[1], bad[2]), (good[2], bad[1]))
        if part + rest > 0
    ]
    return Range(value, min(value, *ends), max(value, *ends))


def _amount(things: "gpd.GeoDataFrame", shape: "shapely.Geometry | None") -> float:
    """Return the metres of lines, or how many points and areas there are."""
    lines = np.asarray(things.geometry.array)
    linear = shapely.get_dimensions(lines) == 1
    others = things[~linear]
    if shape is not None:
        lines, others = shapely.intersection(lines, shape), inside(others, shape)
    return float(shapely.length(lines[linear]).sum()) + float(len(others))
