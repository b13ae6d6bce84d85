"""Shortest times over arrays: arrays in, arrays out (计算内核)."""

from ctzgis.network.engine.choice import matrix, nearest, reach, sums_within
from ctzgis.network.engine.connectors import Connectors, connectors
from ctzgis.network.engine.graph import SearchGraph, search_graph
from ctzgis.network.engine.hierarchy import Hierarchy, prepare

__all__ = [
    "Connectors",
    "Hierarchy",
    "SearchGraph",
    "connectors",
    "matrix",
    "nearest",
    "prepare",
    "reach",
    "search_graph",
    "sums_within",
]
