"""The structure on the ground: corridors, the places they serve, the green heart."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from ctzgis.analysis import lengths_inside, places_served
from ctzgis.analysis.coverage.corridor_parts import (
    corridor_gaps,
    corridor_parts,
    corridor_status,
)
from ctzgis.assessment.findings import Finding, Measured, Status
from ctzgis.crs import area_km2
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.network import TransitLine
    from ctzgis.plan import CorridorSystem, Element

__all__ = [
    "NEAR_KM",
    "element_findings",
    "gaps_layer",
    "green_heart_lengths",
    "protected_areas",
    "served_table",
    "status_table",
    "zones_in_force",
]

_CORRIDOR_KINDS: Final = ("axis", "belt")
NEAR_KM: Final = 5.0
"""A place this near to a corridor of a system is listed with it."""


def corridor_elements(case: "Case") -> "tuple[Element, ...]":
    """Return the axes and belts of the plan that have a course."""
    return tuple(
        element
        for element in case.plan.structure
        if element.kind in _CORRIDOR_KINDS and element.shape("spine")
    )


def measured_systems(case: "Case") -> "tuple[CorridorSystem, ...]":
    """Return the systems of corridors that a target is measured on."""
    wanted = {target.measure.system for target in case.plan.targets if target.measure}
    return tuple(system for system in case.plan.systems if system.id in wanted)


def served_table(case: "Case") -> pd.DataFrame:
    """
    Tell how far the places of each axis, belt and planned corridor lie from it.

    Returns
    -------
    DataFrame
        ``corridor_id``, ``corridor_zh``, ``corridor_en``, ``place_id``, ``place_zh``,
        ``place_en``, ``distance_km``, ``travel_time_min``, ``accuracy_m`` (of the
        place). Places are the members the documents list; for a corridor of a system
        they are the places within 5 km of it.
    """
    parts = [
        _served(case, element.id, element.name, case.plan.member_places(element.id))
        for element in corridor_elements(case)
    ]
    everywhere = case.places([place.id for place in case.plan.places])
    members = [key for system in measured_systems(case) for key in system.members]
    courses = corridor_parts(case.network, members, year=case.year)
    for key in dict.fromkeys(members):
        course = courses[(courses["corridor_id"] == key) & courses["built"]]
        if len(course):
            km = everywhere.distance(course.union_all()) / 1000
            near = tuple(everywhere.index[km <= NEAR_KM])
            parts.append(_served(case, key, case.plan.corridor(key).name, near))
    parts = parts or [_served(case, "", Text("", ""), ())]
    return pd.concat(parts, ignore_index=True)


def _served(case: "Case", key: str, name: Text, ids: tuple[str, ...]) -> pd.DataFrame:
    places = case.places(ids)
    elements = {element.id: element for element in case.plan.structure}
    element = elements.get(key)
    course = None
    corridors: tuple[str, ...] = (key,)
    if element is not None:
        corridors = element.spine
        spine = element.shape("spine")
        # A belt's schematic course is drawn through its members, so distance is
        # measured to the railways and motorways that carry it where there are any.
        on_network = len(corridor_parts(case.network, corridors, year=case.year)) > 0
        course = spine.geometry if spine and not on_network else None
    served = places_served(
        case.network,
        places,
        corridors,
        year=case.year,
        course=course,
        profile=case.profile,
        rules=case.rules,
    )
    return pd.DataFrame(
        {
            "corridor_id": key,
            "corridor_zh": name.zh,
            "corridor_en": name.en,
            "place_id": served.index,
            "place_zh": places["name_zh"].to_numpy(),
            "place_en": places["name_en"].to_numpy(),
            "distance_km": served["distance_km"].to_numpy(dtype=float),
            "travel_time_min": served["travel_time_min"].to_numpy(dtype=float),
            "accuracy_m": places["accuracy_m"].to_numpy(dtype=float),
        }
    )


def _all_corridors(case: "Case") -> list[str]:
    spines = [key for element in corridor_elements(case) for key in element.spine]
    members = [key for system in measured_systems(case) for key in system.members]
    return list(dict.fromkeys([*members, *spines]))


def status_table(case: "Case") -> pd.DataFrame:
    """
    Tell how much of each planned corridor, and of each belt's spine, is built.

    Returns
    -------
    DataFrame
        Indexed by ``corridor_id``: ``name_zh``, ``name_en``, ``length_km``,
        ``built_km``, ``built_share`` (NaN where the network does not have it),
        ``gaps`` (count) and ``gap_km``.
    """
    ids = _all_corridors(case)
    table = corridor_status(case.network, ids, year=case.year)
    table.insert(0, "name_zh", [case.plan.corridor(key).name.zh for key in ids])
    table.insert(1, "name_en", [case.plan.corridor(key).name.en for key in ids])
    gaps = gaps_layer(case).groupby("corridor_id")["length_km"].agg(["count", "sum"])
    table["gaps"] = gaps["count"].reindex(table.index, fill_value=0).astype(int)
    table["gap_km"] = gaps["sum"].reindex(table.index, fill_value=0.0)
    return table.drop(columns="complete")


def gaps_layer(case: "Case") -> gpd.GeoDataFrame:
    """List the gaps of all planned corridors and spines as lines."""
    parts = corridor_parts(case.network, _all_corridors(case), year=case.year)
    return corridor_gaps(parts)


def green_heart_lengths(case: "Case") -> gpd.GeoDataFrame:
    """
    Measure roads and railways inside each protected zone in force in the year.

    Returns
    -------
    GeoDataFrame
        ``zone_id``, ``zone_zh``, ``zone_en``, ``regime``, ``kind`` (road class or line
        mode), ``status``, ``length_km``, ``count`` and the parts inside. ``status`` is
        ``"built"`` for what is open in the year, else ``"planned"``. Track that lines
        of one mode share counts once.
    """
    zones = zones_in_force(case.plan.protected, case.year)
    lines = _strategic_lines(case)
    inside = lengths_inside(lines, zones, by=["kind", "status"])
    for column in ("zone_zh", "zone_en", "regime"):
        inside[column] = inside["zone_id"].map(zones[column])
    return inside


def protected_areas(case: "Case") -> pd.DataFrame:
    """
    Hold the area of every protected zone against the stated one, regime by regime.

    Returns
    -------
    DataFrame
        Indexed by zone id: ``regime``, ``zone_zh``, ``zone_en``, ``area_km2`` (on the
        ellipsoid) and ``stated_area_km2`` (NaN where none is stated).
    """
    zones = case.plan.protected
    table = pd.DataFrame(zones[["regime", "zone_zh", "zone_en"]])
    table["area_km2"] = area_km2(zones)
    table["stated_area_km2"] = zones["stated_area_km2"].astype(float)
    return table


def zones_in_force(protected: gpd.GeoDataFrame, year: int) -> gpd.GeoDataFrame:
    """
    Return the zones of the regime in force in a year, without their total.

    Before the first regime the data know, that one is taken.
    """
    regimes = protected["regime"].astype(int)
    started = regimes[regimes <= year]
    regime = started.max() if len(started) else regimes.min()
    return protected[(regimes == regime) & (protected["zone"] != "total")]


def _strategic_lines(case: "Case") -> gpd.GeoDataFrame:
    """Return what is open and what is to come; an upgrade adds no length."""
    now, later = case.network_of_year, case.network.to_come(case.year)
    coming = later.roads.roads
    if "replaces" in coming:
        coming = coming[coming["replaces"].isna()]
    joined: gpd.GeoDataFrame = pd.concat(
        [
            _tagged(now.roads.roads, "road_class", "built"),
            _tagged(coming, "road_class", "planned"),
            _tracks(case, (("built", now.lines), ("planned", later.lines))),
        ],
        ignore_index=True,
    )
    return joined


def _tracks(
    case: "Case", groups: "Iterable[tuple[str, tuple[TransitLine, ...]]]"
) -> gpd.GeoDataFrame:
    """Return the course of each line, without track that one before it has."""
    seen: defaultdict[str, BaseGeometry] = defaultdict(shapely.LineString)
    rows = []
    for status, lines in groups:
        for line in lines:
            track = line.path().difference(seen[line.mode])
            seen[line.mode] = shapely.union(seen[line.mode], track)
            if not track.is_empty:
                rows.append((line.mode, status, track))
    return gpd.GeoDataFrame(
        {"kind": [r[0] for r in rows], "status": [r[1] for r in rows]},
        geometry=[r[2] for r in rows],
        crs=case.plan.crs,
    )


def _tagged(roads: gpd.GeoDataFrame, kind: str, status: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": roads[kind].to_numpy(), "status": status},
        geometry=roads.geometry.to_numpy(),
        crs=roads.crs,
    )


def element_findings(case: "Case", served: pd.DataFrame) -> "Iterator[Finding]":
    """
    Report how far the farthest member of each axis and belt lies from its course.

    The documents list the members and give no distance, so nothing is judged.
    """
    for element in corridor_elements(case):
        table = served[served["corridor_id"] == element.id]
        if table.empty:
            continue
        for indicator, column, unit, label in (
            (
                "farthest_member_distance",
                "distance_km",
                "km",
                Text("成员地点至轴带中线的最远距离", "farthest member from the course"),
            ),
            (
                "farthest_member_time",
                "travel_time_min",
                "min",
                Text(
                    "成员地点至轴带通道的最长车程",
                    "longest drive of a member to the spine",
                ),
            ),
        ):
            values = table[column]
            if values.isna().all():
                continue
            place = table.iloc[int(values.fillna(-1).to_numpy().argmax())]
            yield _element_finding(
                case, element, indicator, label, unit, float(values.max()), place
            )


def _element_finding(
    case: "Case",
    element: "Element",
    indicator: str,
    label: Text,
    unit: str,
    value: float,
    place: "pd.Series[Any]",
) -> Finding:
    accuracy_km = float(str(place["accuracy_m"])) / 1000
    spine = element.shape("spine")
    on_network = len(corridor_parts(case.network, element.spine, year=case.year)) > 0
    course, drawn = case.network_accuracy.of_courses, case.network_accuracy.schematic
    if spine and not on_network:
        course_km = f"{spine.accuracy_m / 1000:g}"
        course = Text(f"中线±{course_km}公里", f"course ±{course_km} km")
        drawn = drawn or spine.schematic
    return Finding(
        target_id=element.id,
        name=element.name,
        measured=Measured(
            indicator=indicator,
            label=label,
            subject=Text(str(place["place_zh"]), str(place["place_en"])),
            value=value,
            unit=unit,
            method=Text(
                "成员为文件所列" + ("；中线示意" if drawn else ""),
                "members as the document lists them"
                + ("; schematic course" if drawn else ""),
            ),
            accuracy=Text(
                f"地点±{accuracy_km:g}公里，{course.zh}",
                f"place ±{accuracy_km:g} km, {course.en}",
            ),
            inputs=(
                *case.named("structure.geojson", "places.yaml"),
                *case.network_inputs,
            ),
            schematic=drawn,
            profile=case.profile if unit == "min" else None,
        ),
        wanted=None,
        target=None,
        comparator=None,
        due=None,
        status=Status.NOT_ASSESSABLE,
        reason=Text(
            "文件未规定距离，仅供参考", "the documents set no distance; for information"
        ),
        source=case.plan.cite(element.citation),
    )
