"""Indicators of borders and protected zones: dead ends, new works inside (边界与管控指标)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import shapely

from ctzgis.analysis.coverage.borders import shared_borders
from ctzgis.analysis.coverage.conflicts import zone_conflicts
from ctzgis.analysis.coverage.dead_ends import dead_ends
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.structure import zones_in_force
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = [
    "BORDER_M",
    "GAP_M",
    "dead_end_candidates",
    "measure_dead_ends",
    "measure_new_in_zones",
]

BORDER_M: Final = 500.0
"""A dead end this near to a border of two cities may be meant to cross it."""

GAP_M: Final = 1_000.0
"""And a road beyond the border this near to it is the one it may be meant to join."""

_THROUGH: Final = (
    "motorway", "urban_expressway", "trunk", "primary", "secondary", "tertiary",
)  # fmt: skip
_ZONES_DRAWN: Final = Text("分区为示意", "zones are schematic")
_ZONES_GIVEN: Final = Text("分区精度未说明", "the accuracy of the zones is not stated")
_STRICT: Final = ("prohibited_restricted", "prohibited", "core_protection")


def dead_end_candidates(
    roads: gpd.GeoDataFrame, cities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return ends of through roads just before a border, with a road just beyond it."""
    classed = "road_class" in roads
    found = dead_ends(
        roads, cities, within_m=BORDER_M, classes=_THROUGH if classed else None
    )
    return found[found["gap_m"] <= GAP_M]


def measure_dead_ends(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Count the roads that end before the border of each two cities, of a user's layer.

    Each is a candidate: whether it should go on is for a planner to say, so the range
    starts at none. Roads that narrow at a border need lanes and are not counted, so that
    nothing is judged.
    """
    streets = case.streets
    if streets is None:
        return
    cities = case.plan.counties.dissolve(by="city_zh")[["city_en", "geometry"]]
    borders = shared_borders(cities)
    found = dead_end_candidates(streets, cities)
    for border in borders.itertuples():
        pair = [str(border.zone_id), str(border.other_id)]
        mine = found[found["zone_id"].isin(pair) & found["other_id"].isin(pair)]
        near = streets[streets.dwithin(border.geometry, BORDER_M)]
        both = all(bool(near.intersects(cities.geometry[c]).any()) for c in pair)
        names = [str(cities.at[c, "city_en"]) for c in pair]
        yield _dead(
            case, Text("—".join(pair), "–".join(names)), len(mine) if both else None
        )
    if not len(borders):
        yield _dead(case, case.plan.extent(target.extent).name, None)


def _dead(case: "Case", subject: Text, count: int | None) -> Measured:
    source = case.streets_source
    return Measured(
        indicator="dead_ends",
        label=Text(
            "市界处断头路（疑似）", "roads that end before the border (candidates)"
        ),
        subject=subject,
        value=count,
        low=None if count is None else 0.0,
        high=None if count is None else float(count),
        unit="条",
        method=Text(
            f"距市界{BORDER_M:g}米内断头、且对面{GAP_M:g}米内有道路的支路及以上道路端点；"
            "瓶颈路须另有车道数，未计",
            f"ends of through roads within {BORDER_M:g} m of the border with a road within "
            f"{GAP_M:g} m beyond it; bottlenecks would need lanes and are not counted",
        ),
        accuracy=Text(
            "端点是否应连通须人工判断，故下限为0",
            "whether an end should go on is for a planner to say, so the range starts at 0",
        ),
        obstacle=Text(
            "断头路为疑似，瓶颈路未计，须人工判断",
            "dead ends are candidates and bottlenecks are not counted; a person must judge",
        )
        if count is not None
        else Text(
            "道路图层未覆盖该市界两侧；请用 --roads 提供两侧全部道路",
            "the layer has no roads on both sides of the border; give all of them with "
            "--roads",
        ),
        inputs=(*([source.name] if source else []), *case.named("counties.geojson")),
        schematic=False,
    )


def measure_new_in_zones(case: "Case", _: "Target") -> "Iterator[Measured]":
    """
    Measure new roads and railways in the strict zones in force: opened since, or to come.

    The rule leaves necessary public works to a permit, which no data tell.
    """
    zones = zones_in_force(case.plan.protected, case.year)
    zones = zones[zones["zone"].isin(_STRICT)]
    if not len(zones):
        return
    start = int(zones["regime"].astype(int).max())
    schematic = bool(zones["schematic"].any())
    drawn = _ZONES_DRAWN if schematic else _ZONES_GIVEN
    courses = case.network_accuracy.of_courses
    things = {"roads": _new_roads(case, start), "lines": _new_tracks(case, start)}
    found = zone_conflicts({k: v for k, v in things.items() if len(v)}, zones)
    yield Measured(
        indicator="new_in_zones",
        label=Text(
            "禁止建设区内新建及规划道路、轨道",
            "new and planned roads and railways in strictly protected zones",
        ),
        subject=Text(
            "、".join(zones["zone_zh"]), ", ".join(map(str, zones["zone_en"]))
        ),
        value=float(found["length_km"].sum()),
        unit="km",
        method=Text(
            f"{start}年起开通或待建的线路在区内的长度，隧道未区分",
            f"length inside of what opened since {start} or is to come; tunnels are not "
            "told apart",
        ),
        accuracy=Text(f"{drawn.zh}；{courses.zh}", f"{drawn.en}; {courses.en}"),
        obstacle=Text(
            "必要的公共设施可经许可建设，须人工判断",
            "necessary public works may be permitted; a person must judge",
        ),
        answers_target=False,
        inputs=(
            *case.named("green_heart.geojson"),
            *case.network_inputs,
        ),
        schematic=schematic or case.network_accuracy.schematic,
    )


def _new_roads(case: "Case", start: int) -> gpd.GeoDataFrame:
    """Return roads opened in a year or later, or to come; an upgrade is no new road."""
    now = case.network_of_year.roads.roads
    later = case.network.to_come(case.year).roads.roads
    roads: gpd.GeoDataFrame = pd.concat([now[now["opens"] >= start], later])
    if "replaces" in roads:
        roads = roads[roads["replaces"].isna()]
    return roads[["name_zh", "status", "geometry"]]


def _new_tracks(case: "Case", start: int) -> gpd.GeoDataFrame:
    """Return the track of lines opened in a year or later, or to come, what they share once."""
    now, later = case.network_of_year, case.network.to_come(case.year)
    fresh = [line for line in now.lines if (line.opens or 0) >= start]
    old = [line.path() for line in now.lines if (line.opens or 0) < start]
    new = shapely.union_all([line.path() for line in (*fresh, *later.lines)])
    track = shapely.difference(new, shapely.union_all(old))
    kept = [] if track.is_empty else [shapely.line_merge(track)]
    return gpd.GeoDataFrame(geometry=kept, crs=case.plan.crs)
