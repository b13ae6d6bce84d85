"""Indicators of totals in an extent: its people, its roads of a class (总量指标)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.completeness import people_left_out
from ctzgis.assessment.indicators.ground import (
    STALE_PEOPLE,
    census_is_stale,
    extent_land,
    people_in,
    settlements_only,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["measure_people", "measure_road_length"]

_TEN_THOUSAND: Final = 10_000
_MAYBE_TWICE: Final = Text(
    "，单行线可能是双线道路之一，下限计其一半",
    ", and one-way lines may be one of two carriageways: the lower end counts them half",
)
_NO_ACCURACY: Final = Text(
    "所给人口数据的精度未说明", "the accuracy of the given people is not stated"
)


def measure_people(case: "Case", target: "Target") -> "Iterator[Measured]":
    """Count the people of the extent, in 10,000."""
    land = extent_land(case, case.plan.extent(target.extent))
    if land is None:
        return
    people = people_in(case, land)
    yield Measured(
        indicator="people",
        label=Text("常住人口", "resident people"),
        subject=case.plan.extent(target.extent).name,
        value=people.value / _TEN_THOUSAND,
        low=None if people.low is None else people.low / _TEN_THOUSAND,
        high=None if people.high is None else people.high / _TEN_THOUSAND,
        unit="万人",
        method=Text("范围内人口点之和", "sum of the points of people in the extent"),
        accuracy=Text(
            "下限为全在范围内的区县，上限为与范围相接的区县",
            "from the counties wholly within to all that the extent touches",
        )
        if settlements_only(case.population)
        else Text(
            f"{_NO_ACCURACY.zh}；{land.accuracy.zh}",
            f"{_NO_ACCURACY.en}; {land.accuracy.en}",
        ),
        obstacle=STALE_PEOPLE if census_is_stale(case) else people_left_out(case, land),
        inputs=(case.population_source.name, *land.inputs),
        schematic=land.schematic,
    )


def measure_road_length(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure the length of roads of a class in the extent, of all or of those opened since.

    What opened after the target was due is none of those. A network may lack some roads,
    so a length below the target decides nothing.
    """
    measure = target.measure
    land = extent_land(case, case.plan.extent(target.extent))
    if measure is None or land is None or target.value is None:
        return
    roads = case.network_of_year.roads.roads
    roads = roads[roads["road_class"] == measure.road_class]
    until = case.year
    if measure.since is not None:
        if case.year < measure.since:
            return
        until = min(case.year, target.year or case.year)
        roads = roads[roads["opens"].between(measure.since, until)]
    lines = shapely.intersection(np.asarray(roads.geometry.array), land.shape)
    # A road drawn once for each direction is one road; a one-way road of a given network
    # may be one of its two carriageways.
    accuracy = case.network_accuracy
    halves = np.where(_drawn_twice(roads), 0.5, 1.0)
    apart = (halves == 1.0) & roads["oneway"].to_numpy(dtype=bool)
    least = np.where(apart & (not accuracy.schematic), 0.5, halves)
    lengths_km = shapely.length(lines) / 1000
    km = float((lengths_km * halves).sum())
    low = float((lengths_km * least).sum()) * (1 - accuracy.lengths)
    high = km * (1 + accuracy.lengths)
    short = low < target.value
    twice = _MAYBE_TWICE if low < km * (1 - accuracy.lengths) else Text("", "")
    yield Measured(
        indicator="road_length",
        label=Text("道路长度", "length of roads"),
        subject=case.plan.extent(target.extent).name,
        value=km,
        low=None if short else low,
        high=None if short else high,
        unit="km",
        method=Text(
            f"至{until}年底开通的长度"
            + (f"，{measure.since}年起" if measure.since else ""),
            f"length open by the end of {until}"
            + (f", opened since {measure.since}" if measure.since else ""),
        ),
        accuracy=Text(
            f"{accuracy.of_lengths.zh}；路网可能缺路{twice.zh}",
            f"{accuracy.of_lengths.en}; roads may be missing{twice.en}",
        ),
        obstacle=Text(
            "路网可能缺路，短于目标不能说明未达标",
            "the network may lack roads; less than the target proves nothing",
        )
        if short
        else None,
        inputs=(
            *case.network_inputs,
            *land.inputs,
        ),
        schematic=accuracy.schematic,
        year=until,
    )


def _drawn_twice(roads: "gpd.GeoDataFrame") -> "NDArray[np.bool_]":
    """Tell which one-way roads have another between the same junctions the other way."""
    pairs = set(zip(roads["from_id"], roads["to_id"], strict=True))
    back = [
        pair in pairs for pair in zip(roads["to_id"], roads["from_id"], strict=True)
    ]
    oneway: NDArray[np.bool_] = roads["oneway"].to_numpy(dtype=bool)
    return np.array(back, dtype=bool) & oneway
