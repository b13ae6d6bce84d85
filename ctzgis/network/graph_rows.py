"""Rows of a network for the edges and nodes of a street graph (由图到表)."""

from typing import TYPE_CHECKING, Any, Final

from ctzgis.network.edge_values import (
    BACK,
    OVERRIDES,
    binds_cyclists,
    encoded,
)
from ctzgis.network.graph_edges import MADE_UP, ROW
from ctzgis.tables import ROADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

    from ctzgis.network.graph_edges import Edge

__all__ = ["OWN", "junction_ids", "node_rows", "road_ids", "road_row"]

OWN: Final = "own:"
"""What a column's name begins with in a graph where it means something else there."""


def junction_ids(graph: "nx.MultiDiGraph[Any]") -> dict[Any, Any]:
    """Return the id of the junction of each node."""
    own = [data.get("junction_id", str(n)) for n, data in graph.nodes(data=True)]
    if all(isinstance(name, str | int) for name in own) and len(set(own)) == len(own):
        return dict(zip(graph.nodes, own, strict=True))
    return {node: str(node) for node in graph.nodes}


def road_ids(edges: "list[Edge]", pairs: "list[tuple[int, int | None]]") -> list[Any]:
    """Return the ids the roads had in a network, else names of the edges."""
    own = [edges[forth][3].get("road_id") for forth, _ in pairs]
    if all(isinstance(name, str | int) for name in own) and len(set(own)) == len(own):
        return own
    return ["{}-{}-{}".format(*edges[forth][:3]) for forth, _ in pairs]


def road_row(
    edges: "list[Edge]",
    values: "list[dict[str, Any]]",
    pair: tuple[int, int | None],
    ids: dict[Any, Any],
    schema: "Mapping[str, Any]",
) -> dict[str, Any]:
    """Return the row of a road, made of an edge or of an edge and its twin."""
    forth, back = pair
    start, end, *_ = edges[forth]
    row = {"from_id": ids[start], "to_id": ids[end], "oneway": back is None}
    listed = schema.get("roads")
    # A column that the network did not have does not come back filled from a default.
    row |= {
        n: v
        for n, v in values[forth].items()
        if listed is None or n in listed or ROADS.columns[n].required
    }
    if listed is None:
        bound = back is None and binds_cyclists(edges[forth][3])
        row.setdefault("cycle_oneway", bound)
    there = _further(
        edges[forth], row.get("name_zh"), listed, oneway=back is None, is_reversed=False
    )
    row |= there
    if back is not None:
        here = _further(
            edges[back],
            values[back]["name_zh"],
            listed,
            oneway=False,
            is_reversed=True,
        )
        name = edges[back][3].get("name")
        if encoded(name) != encoded(edges[forth][3].get("name")):
            here["name"] = encoded(name)
        row |= {n + BACK: v for n, v in here.items() if v != there.get(n)}
    return row


def _further(
    edge: "Edge",
    name_zh: str | None,
    listed: "Mapping[str, str] | None",
    *,
    oneway: bool,
    is_reversed: bool,
) -> dict[str, Any]:
    """Return the attributes of an edge that the network's own columns do not tell."""
    _, _, key, data, _ = edge
    usual = {"oneway": oneway, "reversed": is_reversed}
    made_up = str(data.get(MADE_UP, "")).split()
    found: dict[str, Any] = {}
    for name, value in {**data, "key": key}.items():
        column = OVERRIDES.get(name, str(name))
        derived = name in ("osmid", "highway", "name", "length", "key")
        if (
            name in ("geometry", "speed_kph", "travel_time", "road_id", ROW, MADE_UP)
            or name in made_up
            or column in ROADS.columns
            or (name in usual and value in (usual[name], str(usual[name])))
            or (derived and listed is not None and column not in listed)
            or (name == "name" and value == name_zh)
        ):
            continue
        text = encoded(value)
        if text is not None:
            found[column.removeprefix(OWN)] = str(text) if name == "osmid" else text
    return found


def node_rows(
    graph: "nx.MultiDiGraph[Any]", schema: "Mapping[str, Any]"
) -> list[dict[str, Any]]:
    """Return the row of each junction, without its place."""
    listed = schema.get("junctions")
    told = {"x", "y", "junction_id"}
    if listed is not None and "street_count" not in listed:
        told.add("street_count")
    return [
        {
            str(name).removeprefix(OWN): encoded(value)
            for name, value in data.items()
            if name not in told
        }
        for _, data in graph.nodes(data=True)
    ]
