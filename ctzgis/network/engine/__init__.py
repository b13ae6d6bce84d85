"""Shortest times over arrays: arrays in, arrays out (计算内核)."""

from ctzgis.network.engine.arrays import Arrays, pack
from ctzgis.network.engine.choice import matrix, nearest, reach, sums_within
from ctzgis.network.engine.connectors import Connectors, connectors
from ctzgis.network.engine.graph import SearchGraph, search_graph
from ctzgis.network.engine.hierarchy import Hierarchy, prepare
from ctzgis.network.engine.scipy_search import (
    minutes_between,
    minutes_from,
    minutes_from_any,
)

__all__ = [
    "Arrays",
    "Connectors",
    "Hierarchy",
    "SearchGraph",
    "connectors",
    "matrix",
    "minutes_between",
    "minutes_from",
    "minutes_from_any",
    "nearest",
    "pack",
    "prepare",
    "reach",
    "search_graph",
    "sums_within",
]
