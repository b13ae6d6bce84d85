"""Which roads are closed, and why (封闭哪些道路)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.analysis.columns import named
from ctzgis.analysis.links.betweenness import betweenness
from ctzgis.analysis.links.link_frames import BARRIER_KINDS
from ctzgis.errors import InputError
from ctzgis.network.engine.low_links import parting_edges
from ctzgis.network.layers import usable_roads
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.links.closing import Closing
    from ctzgis.network import TravelNetwork, TravelRules
    from ctzgis.network.layers import Means
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Marks = NDArray[np.bool_]
    Rows = NDArray[np.int64]

__all__ = [
    "KINDS",
    "chosen_roads",
    "closed_told",
    "given_roads",
    "only_rivers",
    "over_rivers",
    "river_names",
]

KINDS: Final = ("river", "bridge", "parting", "busy", "given")
"""Why a road is closed: 过江通道、桥、割边、要道、指定."""

# A bridge ends its part of a name (湘江大桥, 湘潭一大桥—建设路, 银盆岭大桥(北幅)), or a
# side follows: 黄桥大道 and 板桥路 are none.
_OTHER_BARRIERS: Final = frozenset(BARRIER_KINDS) - {"river"}
_BRIDGE: Final = "桥(?![^\\s()（）—–、,，;；/·东西南北主辅引匝-])"
_ORIGINS: Final = 200


def only_rivers(barriers: "gpd.GeoDataFrame | None") -> "gpd.GeoDataFrame | None":
    """Return the rows that are rivers, or all if no column ``kind`` tells."""
    if barriers is None or "kind" not in barriers:
        return barriers
    return barriers[~barriers["kind"].isin(_OTHER_BARRIERS)]


def closed_told(
    roads: "Sequence[str] | None",
    rivers: "gpd.GeoDataFrame | None",
    *,
    parting: int,
    busiest: int,
    seed: int,
) -> Text:
    """Tell which roads are closed, and how."""
    if roads is not None:
        which = Text("指定的道路", "given roads")
    else:
        over = (
            Text("过江道路、", "roads over rivers, ")
            if rivers is not None
            else Text("", "")
        )
        which = Text(
            f"{over.zh}桥、割边{parting}条、要道{busiest}条（{_ORIGINS}个起点，种子{seed}）",
            f"{over.en}bridges, {parting} parting and {busiest} busiest roads ({_ORIGINS} "
            f"origins, seed {seed})",
        )
    return Text(
        f"{which.zh}，逐条封闭，两幅同时",
        f"{which.en} closed in turn, both carriageways at once",
    )


def over_rivers(roads: "gpd.GeoDataFrame", rivers: "gpd.GeoDataFrame | None") -> "Rows":
    """Return the row of the first river that each road crosses; -1 if it does none."""
    found = np.full(len(roads), -1)
    if rivers is None or not len(rivers):
        return found
    shapes = np.asarray(rivers.geometry.array)
    tree = shapely.STRtree(shapes)
    lines = np.asarray(roads.geometry.array)
    # A part of a bridge may lie within an area of water.
    road, river = np.concatenate(
        [tree.query(lines, predicate=how) for how in ("crosses", "within")], axis=1
    )
    order = np.lexsort((river, road))[::-1]
    found[road[order]] = river[order]
    return found


def river_names(rivers: "gpd.GeoDataFrame | None") -> "NDArray[np.object_]":
    """Return the names of rivers, and nothing for where there is none."""
    if rivers is None or "name_zh" not in rivers:
        return np.full(1 if rivers is None else len(rivers) + 1, "", dtype=object)
    return np.array([*rivers["name_zh"].fillna(""), ""], dtype=object)


def given_roads(
    table: "gpd.GeoDataFrame", roads: "Sequence[str]", over: "Rows"
) -> "Rows":
    """Return why each road is closed, as a place in ``KINDS``; beyond if it is not."""
    rows = table.index.get_indexer(list(named(roads, "roads")))
    if (rows < 0).any():
        unknown = [name for name, row in zip(roads, rows, strict=True) if row < 0]
        msg = f"the network has no road {unknown[0]!r}"
        raise InputError(msg)
    why = np.full(len(table), len(KINDS))
    why[rows] = KINDS.index("given")
    bridges = _named_bridges(table)
    why[rows[bridges[rows]]] = KINDS.index("bridge")
    why[rows[over[rows] >= 0]] = KINDS.index("river")
    return why


def _named_bridges(table: "gpd.GeoDataFrame") -> "Marks":
    if "name_zh" not in table:
        return np.zeros(len(table), dtype=bool)
    named = table["name_zh"].astype("string").str.contains(_BRIDGE)
    return np.asarray(named.fillna(value=False), dtype=bool)


def chosen_roads(
    network: "TravelNetwork",
    asked: "Closing",
    held: "Numbers",
    over: "Rows",
    *,
    parting: int,
    busiest: int,
    seed: int,
    mode: "Means",
    profile: str,
    rules: "TravelRules",
    progress: "Progress | None",
) -> "Rows":
    """Return why each road is closed, as a place in ``KINDS``; beyond if it is not."""
    table = network.roads.roads
    usable = usable_roads(table, mode)
    why = np.full(len(table), len(KINDS))
    if busiest:
        passed = betweenness(
            network, origins=_ORIGINS, seed=seed, mode=mode, profile=profile,
            rules=rules, progress=progress,
        )["betweenness"].to_numpy()  # fmt: skip
        most = np.argsort(-passed, kind="stable")[:busiest]
        why[most[passed[most] > 0]] = KINDS.index("busy")
    if parting:
        lesser = _parted_off(network, asked, held, usable)
        most = np.argsort(-lesser, kind="stable")[:parting]
        why[most[lesser[most] > 0]] = KINDS.index("parting")
    why[_named_bridges(table) & usable] = KINDS.index("bridge")
    why[(over >= 0) & usable] = KINDS.index("river")
    return why


def _parted_off(
    network: "TravelNetwork", asked: "Closing", held: "Numbers", usable: "Marks"
) -> "Numbers":
    """Return the people on the lesser side of each road that parts the network."""
    roads, junctions = network.roads.roads, network.roads.junctions
    joined = asked.graph.join(asked.snaps).connectors
    # Everybody at the junction that is reached first; beyond anchors are no junctions.
    there = np.zeros(max(len(junctions), int(joined.vertex.max(initial=0)) + 1))
    order = np.lexsort((joined.ticks, joined.point))
    point, vertex = joined.point[order], joined.vertex[order]
    _, first = np.unique(point, return_index=True)
    np.add.at(there, vertex[first], held[point[first]])
    first_row, last_row = (
        junctions.index.get_indexer(roads[name]) for name in ("from_id", "to_id")
    )
    lesser = np.zeros(len(roads))
    rows = np.flatnonzero(usable)
    _, lesser[rows] = parting_edges(
        len(junctions), first_row[rows], last_row[rows], there[: len(junctions)]
    )
    return lesser
