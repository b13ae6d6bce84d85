"""Columns of a network written down in a graph, and read from it again (列的记录)."""

import json
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import networkx as nx

__all__ = [
    "SCHEMA",
    "crs_text",
    "frame_of",
    "named_as_before",
    "schema_of",
    "schema_text",
]

SCHEMA: Final = "ctzgis"
"""Attribute of the graph that holds the record."""


def schema_text(roads: "gpd.GeoDataFrame", junctions: "gpd.GeoDataFrame") -> str:
    """Write down the columns, so that empty ones and their types come back."""
    listed: dict[str, Any] = {"crs": crs_text(roads.crs)}
    for name, frame in (("roads", roads), ("junctions", junctions)):
        shape = frame.geometry.name
        listed[name] = {str(n): str(t) for n, t in frame.dtypes.items() if n != shape}
        listed[f"{name}_index"] = [frame.index.name, str(frame.index.dtype)]
    return json.dumps(listed, ensure_ascii=False)


def crs_text(crs: Any) -> str:
    """Name a CRS by its code, else write it out."""
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.to_wkt())


def schema_of(graph: "nx.MultiDiGraph[Any]") -> dict[str, Any]:
    """Return what ``to_osmnx`` wrote down of the columns; nothing for other graphs."""
    try:
        schema = json.loads(graph.graph.get(SCHEMA, "{}"))
        texts = [schema["crs"], *schema["roads_index"], *schema["junctions_index"]]
        texts += [*schema["roads"].values(), *schema["junctions"].values()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    pairs = all(len(schema[name]) == 2 for name in ("roads_index", "junctions_index"))
    whole = pairs and all(isinstance(text, str | None) for text in texts)
    return schema if whole and isinstance(schema["crs"], str) else {}


def frame_of(
    rows: list[dict[str, Any]], listed: "Mapping[str, str]", required: "Iterable[str]"
) -> pd.DataFrame:
    """Return rows as a frame, listed columns first, in the types they had."""
    found = dict.fromkeys([*listed, *required, *(name for row in rows for name in row)])
    frame = pd.DataFrame(rows, columns=list(found), index=range(len(rows)))
    for name, kind in ((str(n), str(t)) for n, t in frame.dtypes.items()):
        frame[name] = _retyped(frame[name], listed.get(name, kind))
    return frame


def _retyped(cells: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind == "object":
        return cells.astype("object").where(cells.notna(), None)
    # GraphML holds texts only.
    if kind == "bool":
        cells = cells.map(lambda cell: {"True": True, "False": False}.get(cell, cell))
    if kind == "str":  # pandas 2 would make texts of missing values
        return cells.astype("str").where(cells.notna())
    try:
        return cells.astype(kind)  # type: ignore[call-overload, no-any-return]
    except (ValueError, TypeError, KeyError, OverflowError):
        return cells


def named_as_before(
    roads: "gpd.GeoDataFrame",
    junctions: "gpd.GeoDataFrame",
    schema: "Mapping[str, Any]",
) -> "tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]":
    """Give ids the types and the indices the names that the network had."""
    for frame, listed in ((roads, "roads_index"), (junctions, "junctions_index")):
        if listed in schema:
            name, kind = schema[listed]
            ids = _retyped(pd.Series(frame.index, dtype="object"), kind)
            frame.index = pd.Index(ids, name=name)
    return roads, junctions
