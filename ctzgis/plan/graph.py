"""The plan as a graph (规划结构图)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from ctzgis.plan.plan import Plan

__all__ = ["graph_of"]


def graph_of(plan: "Plan") -> "nx.MultiDiGraph[str]":
    """Return the graph of a plan; see :meth:`Plan.graph`."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for part in ("extents", "structure", "corridors", "systems", "places", "towns"):
        for entry in plan.parts()[part]:
            name = entry.name  # type: ignore[attr-defined]
            graph.add_node(entry.id, part=part, name_zh=name.zh, name_en=name.en)
    for element in plan.structure:
        if element.parent:
            graph.add_edge(element.parent, element.id, relation="part")
        for key in element.spine:
            graph.add_edge(element.id, key, relation="spine")
        for key in element.corridors:
            graph.add_edge(element.id, key, relation="corridor")
        for member in element.members:
            graph.add_edge(element.id, member.place, relation=member.relation)
    for corridor in plan.corridors:
        for order, key in enumerate(corridor.waypoints):
            graph.add_edge(corridor.id, key, relation="waypoint", order=order)
    for system in plan.systems:
        for group in system.groups:
            for key in (*group.members, *group.places):
                graph.add_edge(system.id, key, relation="member", group=group.name.zh)
    for extent in plan.extents:
        for key in extent.places:
            graph.add_edge(extent.id, key, relation="extent")
    for level in plan.towns:
        for key in level.members:
            graph.add_edge(level.id, key, relation="town")
    _add_divisions(plan, graph)
    return graph


def _add_divisions(plan: "Plan", graph: "nx.MultiDiGraph[str]") -> None:
    for place in plan.places:
        for what, name in (("county", place.county_zh), ("city", place.city_zh)):
            if name:
                key = f"{what}:{name}"
                graph.add_node(key, part=what, name_zh=name, name_en=name)
                graph.add_edge(place.id, key, relation="lies_in")
