"""Courses of a plan's corridors: from the network, else through their waypoints."""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ctzgis.plan import Corridor, Place, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely

    from ctzgis.network import TravelNetwork

__all__ = ["courses_of", "courses_on_network"]

_LINE_ACCURACY_M: Final = 6_000.0
# A railway or motorway counts as reaching a city from its edge.
_NEAR_M: Final = 20_000.0
_DETOUR: Final = 1.7


def courses_on_network(network: "TravelNetwork") -> dict[str, Shape]:
    """
    Return the course of every corridor that roads or lines are tagged with.

    Roads and lines that later ones replace are left out; planned ones are in.
    """
    import shapely

    roads = network.roads.roads
    parts: defaultdict[str, list[tuple[shapely.Geometry, float]]] = defaultdict(list)
    if "corridor_ids" in roads:
        replaced = set(roads["replaces"].dropna()) if "replaces" in roads else set()
        for row in roads[~roads.index.isin(replaced)].itertuples():
            for tag in str(row.corridor_ids or "").split(";"):
                parts[tag].append((row.geometry, float(row.accuracy_m)))
    successors = {line.replaces for line in network.lines if line.replaces}
    for line in network.lines:
        if line.id not in successors:
            for tag, (first, last) in line.corridors.items():
                parts[tag].append((line.path(first, last), _LINE_ACCURACY_M))
    return {
        tag: Shape(
            role="course",
            geometry=shapely.line_merge(shapely.union_all([g for g, _ in found])),
            accuracy_m=max(accuracy for _, accuracy in found),
            schematic=True,
            source="roads and lines of the strategic network",
        )
        for tag, found in parts.items()
        if tag
    }


def courses_of(
    corridors: tuple[Corridor, ...],
    places: tuple[Place, ...],
    on_network: "Mapping[str, Shape]",
) -> dict[str, Shape]:
    """
    Return the course of each corridor that has one, by id.

    That is its course on the network, else a straight one through its located waypoints
    if there are two or more. ``source`` says where a course misses its waypoints.
    """
    located = {place.id: place for place in places if place.location}
    courses = {}
    for corridor in corridors:
        stops = [located[key] for key in corridor.waypoints if key in located]
        if corridor.id in on_network:
            courses[corridor.id] = _with_misfit(on_network[corridor.id], stops)
        elif len(stops) > 1:
            courses[corridor.id] = _straight(corridor, stops)
    return courses


def _straight(corridor: Corridor, stops: list[Place]) -> Shape:
    at = [stop.location for stop in stops if stop.location]
    return Shape(
        role="course",
        geometry=_chain(stops),
        accuracy_m=max(stop.accuracy_m for stop in at),
        schematic=True,
        source=f"straight through {len(stops)} of its {len(corridor.waypoints)} "
        "waypoints, those that are located; the course between them is not known",
    )


def _with_misfit(course: Shape, stops: list[Place]) -> Shape:
    """Say which waypoints a course misses, and whether it runs on beyond them."""
    notes = []
    missed = [
        stop.name.zh
        for stop in stops
        if stop.location
        and stop.location.point.distance(course.geometry)
        > _NEAR_M + stop.location.accuracy_m
    ]
    if missed:
        notes.append(f"does not reach {', '.join(missed)}")
    if len(stops) > 1:
        chain_m, length_m = _chain(stops).length, course.geometry.length
        if length_m > _DETOUR * chain_m + _NEAR_M:
            notes.append(
                f"runs on beyond its waypoints: {length_m / 1000:.0f} km, and "
                f"{chain_m / 1000:.0f} km straight between them"
            )
    return replace(course, source="; ".join([course.source, *notes]))


def _chain(stops: list[Place]) -> "shapely.LineString":
    import shapely

    return shapely.LineString([s.location.point for s in stops if s.location])
