"""Networks to and from the street graphs of OSMnx (与 OSMnx 的互换)."""

import re
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj.exceptions
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS, fitting_crs
from ctzgis.errors import CRSError, InputError
from ctzgis.network.edge_values import (
    BACK,
    OVERRIDES,
    decoded,
    number,
)
from ctzgis.network.graph_edges import (
    MADE_UP,
    ROW,
    change,
    edges_of,
    noticed,
    pairs_of,
    values_of,
)
from ctzgis.network.graph_rows import OWN, junction_ids, node_rows, road_ids, road_row
from ctzgis.network.graph_schema import (
    SCHEMA,
    crs_text,
    frame_of,
    named_as_before,
    schema_of,
    schema_text,
)
from ctzgis.network.roads import RoadNetwork
from ctzgis.provenance import ReadReport, Source
from ctzgis.tables import ROADS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from ctzgis.provenance import Change


__all__ = ["from_osmnx", "to_osmnx"]

_MADE: Final = {"osmid": "osmid", "highway": "highway", "length": "osm_length_m"}
# What OSMnx means by these names a network of ours does not.
_RESERVED: Final = frozenset(
    ("length", "speed_kph", "travel_time", "reversed", "geometry", "u", "v", "key",
     "from", "to", "x", "y", "road_id", "junction_id",
     ROW, MADE_UP),
)  # fmt: skip
_REQUIRED: Final = tuple(n for n, column in ROADS.columns.items() if column.required)
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")
_KPH_PER_MPS: Final = 3.6
_SHOWN: Final = 3


def to_osmnx(network: RoadNetwork) -> "nx.MultiDiGraph[int]":
    """
    Return a network as a street graph that OSMnx takes for everything.

    A two-way road becomes two directed edges, the second one ``reversed``; a one-way road
    one. Every column goes along as an attribute, so that ``from_osmnx`` gives the network
    back; missing values are left out.

    Parameters
    ----------
    network
        Any network of roads, whole or of a year.

    Returns
    -------
    networkx.MultiDiGraph
        In the network's own CRS (``graph["crs"]``), with a geometry on every edge. Nodes
        are the junctions' ids if all are whole numbers, else counted from 1, with the id
        in ``junction_id``; ``osmid`` likewise. On edges ``length`` in metres,
        ``speed_kph`` of free flow, ``travel_time`` in seconds without the delay of signals.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> graph = to_osmnx(gridville().roads)
    >>> graph.number_of_nodes(), graph.number_of_edges()
    (121, 440)
    >>> edge = next(iter(graph.edges(data=True)))[2]
    >>> edge["length"], edge["travel_time"], edge["highway"]
    (1000.0, 60.0, 'secondary')
    """
    roads, junctions = network.roads, network.junctions
    node_of = dict(zip(junctions.index, _numbers(junctions.index), strict=True))
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.graph |= {
        "crs": crs_text(roads.crs),
        "simplified": True,
        SCHEMA: schema_text(roads, junctions),
    }
    ends = pd.concat([roads["from_id"], roads["to_id"]]).value_counts().to_dict()
    for (junction, node), point, attributes in zip(
        node_of.items(), junctions.geometry, _cells(junctions), strict=True
    ):
        spot = {"x": float(point.x), "y": float(point.y)}
        named = {} if str(junction) == str(node) else {"junction_id": junction}
        streets = {"street_count": int(ends.get(junction, 0))}
        graph.add_node(node, **spot, **{**named, **streets, **attributes})
    for row, (road, start_id, end_id, line, osmid, attributes) in enumerate(
        zip(
            roads.index,
            roads["from_id"],
            roads["to_id"],
            roads.geometry,
            _numbers(roads.index),
            _cells(roads, plain=ROADS.columns),
            strict=True,
        )
    ):
        basic = {"osmid": osmid, "road_id": road, ROW: row}
        start, end = node_of[start_id], node_of[end_id]
        lacking = [n for n, c in _MADE.items() if c in roads and c not in attributes]
        if lacking:
            basic[MADE_UP] = " ".join(lacking)
            # Where some roads have numbers of OSM, new ones are negative, as in OSM.
            basic["osmid"] = -1 - row
        forth, back = _both_ways(basic | attributes, line)
        _add(graph, start, end, forth)
        if not attributes["oneway"]:
            _add(graph, end, start, back)
    return graph


def from_osmnx(graph: "nx.MultiDiGraph[Any]", *, crs: str | None = None) -> RoadNetwork:
    """
    Return a street graph of OSMnx as a network.

    Two edges between the same junctions become one two-way road if both are not marked
    ``oneway``, have the same ``osmid`` and speeds, and run along the same line in opposite
    directions; every other edge becomes a one-way road, since that is how the graph can be
    travelled. Nothing is left out: parallel edges, loops and junctions without roads stay,
    and further attributes become columns, lists in them as JSON texts. What differs on the
    way back is kept in a column ``NAME:back``.

    Class and speed come from ``road_class``, ``free_kph`` and ``peak_kph`` if the edges
    have them; else the class from ``highway``, the speed from ``speed_kph`` as it is, from
    ``maxspeed`` × 0.85, or the class's default. Of several values, which edges have where
    OSMnx joined ways, the slowest class and the lowest limit count. An unknown ``highway``
    counts as ``path``; an edge without one, where others have it, as a ``path`` that is
    open to nobody, and as ``residential`` where none has it. The report says how many.

    ``to_osmnx`` gives the graph back, in the network's CRS. What cannot survive: attributes
    of the graph itself but its CRS, ``travel_time`` other than length by speed, whether a
    straight line was written down, missing (NaN) values, ids of nodes that are no whole
    numbers (they stay in ``junction_id``), an attribute that only one of two twins has, and
    values of the network's own columns that break their contract.

    Parameters
    ----------
    graph
        In degrees or projected, simplified or not. An edge without a geometry is straight.
    crs
        CRS of the network, in metres. By default that of the network the graph was made
        of, else the region's EPSG:4547 where it fits, else the UTM zone.

    Returns
    -------
    RoadNetwork
        With the nodes' ids, as texts, for junctions; roads are named ``u-v-key``. The
        report in ``sources`` says what was merged and noticed.

    Raises
    ------
    InputError
        If it is no such graph, has no nodes, nodes without coordinates, or lines that
        are none or lead elsewhere.
    CRSError
        If the graph does not say its CRS, or ``crs`` cannot be measured in.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> from_osmnx(to_osmnx(gridville().roads))  # doctest: +NORMALIZE_WHITESPACE
    <RoadNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, free and
    peak, EPSG:4547>
    """
    spots = _spots(graph)
    schema = schema_of(graph)
    target = crs or schema.get("crs") or _fitting(spots)
    edges, flipped = edges_of(graph, spots)
    values = values_of(edges)
    pairs = pairs_of(edges, values)
    notes = [
        change(
            "noticed",
            Text("与对向边合并的边", "edges merged with their twins"),
            [b for _, b in pairs],
            edges,
        ),
        change(
            "repaired",
            Text("自终点绘起、已调转的线", "lines drawn from the end, turned"),
            flipped,
            edges,
        ),
        *noticed(edges, metric=not spots.crs.is_geographic),
    ]
    ids = junction_ids(graph)
    rows = [road_row(edges, values, pair, ids, schema) for pair in pairs]
    roads = frame_of(rows, schema.get("roads", {}), _REQUIRED)
    roads = gpd.GeoDataFrame(
        roads, geometry=[edges[forth][4] for forth, _ in pairs], crs=spots.crs
    )
    roads.index = pd.Index(road_ids(edges, pairs), name="road_id", dtype="object")
    junctions = frame_of(node_rows(graph, schema), schema.get("junctions", {}), ())
    junctions = gpd.GeoDataFrame(junctions, geometry=spots.array, crs=spots.crs)
    junctions.index = pd.Index(list(ids.values()), name="junction_id", dtype="object")
    roads, junctions = named_as_before(roads, junctions, schema)
    try:
        roads, junctions = roads.to_crs(target), junctions.to_crs(target)
    except pyproj.exceptions.ProjError as error:
        msg = f"the graph cannot be converted to {target}: {error}"
        raise CRSError(msg) from error
    source = _source(graph, len(edges), notes, spots.crs, roads.crs)
    return RoadNetwork(roads, junctions, (source,))


# A network's side


def _numbers(ids: "pd.Index[Any]") -> list[int]:
    """Read ids as whole numbers; if one of them is none, count from 1 instead."""
    texts = [str(name) for name in ids]
    if all(map(_WHOLE.fullmatch, texts)) and len(set(texts)) == len(texts):
        return [int(text) for text in texts]
    return list(range(1, len(texts) + 1))


def _cells(
    frame: gpd.GeoDataFrame, *, plain: "Container[str]" = ()
) -> "Iterator[dict[str, Any]]":
    """Give the attributes of each row: its cells, lists unpacked, missing ones left out."""
    columns = [
        name
        for name in frame.columns
        if name not in ("from_id", "to_id", frame.geometry.name)
    ]
    known = [
        (_attribute(str(name)), _reader(str(name), plain), frame[name].tolist())
        for name in columns
    ]
    there = [frame[name].notna().to_numpy() for name in columns]
    for row in range(len(frame)):
        yield {
            name: read(cells[row])
            for (name, read, cells), full in zip(known, there, strict=True)
            if full[row]
        }


def _reader(column: str, plain: "Container[str]") -> "Callable[[Any], Any]":
    """Return how the cells of a column are read; plain ones as they are."""
    if column in plain:
        return lambda cell: cell
    if column.removesuffix(BACK) == "osmid":
        return lambda cell: int(cell) if _WHOLE.fullmatch(str(cell)) else decoded(cell)
    return decoded


def _attribute(column: str) -> str:
    return OWN + column if column in _RESERVED else column


def _both_ways(
    attributes: dict[str, Any], line: shapely.LineString
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of the edges forth and back along a road."""
    forth = {n: v for n, v in attributes.items() if not n.endswith(BACK)}
    back = forth | {
        n.removesuffix(BACK): v for n, v in attributes.items() if n.endswith(BACK)
    }
    # The network's own words are highway values too, but for one, which China's
    # mappers tag as a trunk road.
    word = {"urban_expressway": "trunk"}.get(
        str(forth["road_class"]), forth["road_class"]
    )
    for edge, shape, is_reversed in (
        (forth, line, False),
        (back, shapely.reverse(line), True),
    ):
        edge.setdefault("highway", word)
        if "name_zh" in edge:
            edge.setdefault("name", edge["name_zh"])
        edge.setdefault(OVERRIDES["reversed"], is_reversed)
        edge.setdefault(OVERRIDES["length"], float(shape.length))
        for name, column in OVERRIDES.items():
            if column in edge:
                edge[name] = edge.pop(column)
        edge["geometry"] = shape
        edge["speed_kph"] = float(edge["free_kph"])
        edge["travel_time"] = edge["length"] * _KPH_PER_MPS / edge["speed_kph"]
    return forth, back


def _add(
    graph: "nx.MultiDiGraph[int]", start: int, end: int, edge: dict[str, Any]
) -> None:
    key = edge.pop("key", None)
    whole = number(key)
    key = int(whole) if whole is not None and whole.is_integer() else key
    taken = key is None or graph.has_edge(start, end, key)
    # Attributes apart: networkx would take one named like its argument for that argument.
    key = graph.new_edge_key(start, end) if taken else key
    graph.add_edge(start, end, key)
    graph.edges[start, end, key].update(edge)


# A graph's side


def _spots(graph: Any) -> gpd.GeoSeries:
    if not isinstance(graph, nx.MultiDiGraph):
        msg = (
            "a street graph of OSMnx (networkx.MultiDiGraph) is expected, "
            f"not {type(graph).__name__}"
        )
        raise InputError(msg)
    if graph.graph.get("crs") is None:
        msg = "the graph does not say its CRS; set graph.graph['crs'], e.g. 'EPSG:4326'"
        raise CRSError(msg)
    if not len(graph):
        msg = "the graph has no nodes"
        raise InputError(msg)
    spots = {
        node: (number(data.get("x")), number(data.get("y")))
        for node, data in graph.nodes(data=True)
    }
    lost = [node for node, spot in spots.items() if None in spot]
    if lost:
        shown = ", ".join(map(repr, lost[:_SHOWN]))
        msg = f"{len(lost)} nodes have no coordinates x and y: {shown}"
        raise InputError(msg)
    points = shapely.points(np.array(list(spots.values()), dtype=float))
    try:
        return gpd.GeoSeries(list(points), crs=graph.graph["crs"])
    except pyproj.exceptions.ProjError as error:
        msg = f"the graph's CRS is not known: {str(graph.graph['crs'])[:80]!r}"
        raise CRSError(msg) from error


def _fitting(spots: gpd.GeoSeries) -> str:
    west, south, east, north = spots.to_crs(GEOGRAPHIC_CRS).total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        msg = f"nodes lie at {lon:.6g}, {lat:.6g}, which is nowhere; check graph['crs']"
        raise CRSError(msg)
    return fitting_crs(float(lon), float(lat))


def _source(
    graph: "nx.MultiDiGraph[Any]",
    count: int,
    notes: "Iterable[Change | None]",
    crs_in: Any,
    crs_out: Any,
) -> Source:
    about = graph.graph
    report = ReadReport(
        rows_in=count,
        rows_kept=count,
        unit=Text("条边", "edges"),
        changes=tuple(note for note in notes if note is not None),
        crs_in=crs_text(crs_in),
        crs_out=crs_text(crs_out),
    )
    return Source(
        name="graph",
        what="street graph given by the user",
        what_zh="用户提供的街道图",
        source=str(about.get("created_with", "not stated"))[:80],
        licence="unknown",
        crs=report.crs_in,
        date=str(about.get("created_date", ""))[:40],
        report=report,
    )
