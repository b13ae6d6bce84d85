"""Edges of a street graph: their lines, their twins, what is odd in them (图的边)."""

from typing import TYPE_CHECKING, Any, Final

import shapely

from ctzgis.errors import InputError
from ctzgis.network.edge_values import (
    as_list,
    class_of,
    marked_oneway,
    number,
    road_values,
)
from ctzgis.provenance import Change
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import networkx as nx

    Data = dict[str, Any]

__all__ = [
    "MADE_UP",
    "ROW",
    "Edge",
    "change",
    "edges_of",
    "noticed",
    "pairs_of",
    "values_of",
]

ROW: Final = "road_row"
"""Attribute of the row a road had in its network."""

MADE_UP: Final = "made_up"
"""Attribute that names those the network had no value for."""

_NOBODY: Final = {"road_class": "path", "drive": False, "walk": False, "cycle": False}
_SHOWN: Final = 3
_LENGTH_SHARE: Final = 0.01

Edge = tuple[Any, Any, Any, "Data", shapely.LineString]
"""Start, end, key, attributes, line from start to end."""


def edges_of(
    graph: "nx.MultiDiGraph[Any]", spots: "Iterable[shapely.Point]"
) -> tuple[list[Edge], list[int]]:
    """Return the edges with their lines, and which lines were drawn from the end."""
    point = dict(zip(graph.nodes, spots, strict=True))
    found: list[Edge] = []
    flipped: list[int] = []
    for start, end, key, data in graph.edges(keys=True, data=True):
        line = data.get("geometry")
        if line is None:
            line = shapely.LineString([point[start], point[end]])
        elif not isinstance(line, shapely.LineString) or line.is_empty:
            msg = f"edge {start!r}-{end!r}-{key!r} has a geometry that is no line"
            raise InputError(msg)
        first_point, last_point = (shapely.get_point(line, i) for i in (0, -1))
        gap = first_point.distance(point[start]) + last_point.distance(point[end])
        turned = first_point.distance(point[end]) + last_point.distance(point[start])
        if turned < gap:
            flipped.append(len(found))
            line = shapely.reverse(line)
        found.append((start, end, key, data, line))
    return found, flipped


def values_of(edges: list[Edge]) -> list[dict[str, Any]]:
    """Return what each edge says for the columns of a road."""
    known = any("highway" in data for *_, data, _ in edges)
    return [
        road_values(data | _NOBODY if known and _is_bare(data) else data)
        for *_, data, _ in edges
    ]


def _is_bare(data: "Data") -> bool:
    return class_of(data)[1] == "missing"


def pairs_of(
    edges: list[Edge], values: "list[dict[str, Any]]"
) -> list[tuple[int, int | None]]:
    """Pair the edges that are the two directions of one street."""
    waiting: dict[Any, list[int]] = {}
    twin: dict[int, int] = {}
    for i, (start, end, _, data, line) in enumerate(edges):
        if marked_oneway(data.get("oneway")):
            continue
        same = (
            frozenset(map(repr, as_list(data.get("osmid")))),
            repr(data.get("road_id")),
            tuple(v for n, v in values[i].items() if n != "name_zh"),
        )
        path = shapely.get_coordinates(line)
        mirrored = waiting.get((end, start, path[::-1].tobytes(), same))
        if mirrored:
            other = mirrored.pop(0)
            twin[other], twin[i] = i, other
        else:
            waiting.setdefault((start, end, path.tobytes(), same), []).append(i)
    pairs: list[tuple[int, int | None]] = []
    for i in range(len(edges)):
        other_way = twin.get(i)
        if other_way is None:
            pairs.append((i, None))
        elif i < other_way:
            backward = edges[i][3].get("reversed") in (True, "True")
            pairs.append((other_way, i) if backward else (i, other_way))
    # A graph keeps its edges by node; a network made of one has its rows in order.
    rows = [number(edges[forth][3].get(ROW)) for forth, _ in pairs]
    order = sorted(range(len(pairs)), key=lambda at: (rows[at] or 0.0, at))
    return [pairs[at] for at in order]


def noticed(edges: list[Edge], *, metric: bool) -> "Iterator[Change | None]":
    """Tell what is odd about edges; lengths only where lines are in metres."""
    wrong = [class_of(data)[1] for *_, data, _ in edges]
    known = any("highway" in data for *_, data, _ in edges)
    bare = (
        Text("不供通行", "open to nobody")
        if known
        else Text("按街坊路处理", "taken for residential")
    )
    for fault, what in (
        (
            "unknown",
            Text(
                "highway 值不明的边，按步道处理",
                "edges of unknown highway, taken for paths",
            ),
        ),
        (
            "missing",
            Text(f"没有 highway 的边，{bare.zh}", f"edges without highway, {bare.en}"),
        ),
    ):
        rows = [i for i, found in enumerate(wrong) if found == fault]
        yield change("noticed", what, rows, edges)
    if metric:
        off = [
            i
            for i, (_, _, _, data, line) in enumerate(edges)
            if (said := number(data.get("length"))) is not None
            and abs(said - line.length) > _LENGTH_SHARE * max(said, line.length)
        ]
        yield change(
            "noticed",
            Text("长度与线形不符的边", "edges whose length is not their line's"),
            off,
            edges,
        )


def change(
    action: Any, what: Text, rows: "Iterable[int | None]", edges: list[Edge]
) -> Change | None:
    """Say what was done to edges, or nothing if there are none."""
    found = [row for row in rows if row is not None]
    if not found:
        return None
    named = tuple("{}-{}-{}".format(*edges[row][:3]) for row in found[:_SHOWN])
    return Change(action=action, what=what, count=len(found), rows=named)
