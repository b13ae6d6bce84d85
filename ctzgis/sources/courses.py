"""Courses of a plan's corridors: from the network, else through their waypoints."""

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ctzgis.plan import Corridor, Place, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.network import TravelNetwork

__all__ = ["courses_on_network", "courses_through_waypoints"]

_LINE_ACCURACY_M: Final = 6_000.0


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


def courses_through_waypoints(
    corridors: tuple[Corridor, ...], places: tuple[Place, ...]
) -> "Mapping[str, Shape]":
    """Return straight courses of corridors with two located waypoints or more."""
    import shapely

    located = {place.id: place.location for place in places if place.location}
    courses = {}
    for corridor in corridors:
        stops = [located[key] for key in corridor.waypoints if key in located]
        if len(stops) > 1:
            courses[corridor.id] = Shape(
                role="course",
                geometry=shapely.LineString([stop.point for stop in stops]),
                accuracy_m=max(stop.accuracy_m for stop in stops),
                schematic=True,
                source=f"straight through {len(stops)} of its {len(corridor.waypoints)} "
                "waypoints, those that are located; the course between them is not known",
            )
    return courses
