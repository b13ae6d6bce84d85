"""The quickest roads between places, as lines (最快路径)."""

from itertools import combinations
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from ctzgis.network import TravelNetwork

__all__ = ["quickest_ways"]


def quickest_ways(
    network: "TravelNetwork", places: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """
    Return the quickest way by road between each two places, from junction to junction.

    Either direction of a road may be driven; delays at junctions are left out.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    places
        Points in the CRS of the network, indexed by id. Each starts at the junction next
        to it.

    Returns
    -------
    GeoDataFrame
        Lines indexed by both ids with ``|`` between, in the order of ``places``; pairs
        that no road joins, or of one junction, are left out.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places().loc[["south_west", "north_east"]]
    >>> quickest_ways(gridville(), places).length.tolist()  # 10 km east, 10 km north
    [20000.0]
    """
    roads = network.roads.roads
    ends = pd.concat([roads["from_id"], roads["to_id"]], ignore_index=True)
    code, names = pd.factorize(ends)
    start, stop = code[: len(roads)], code[len(roads) :]
    hours = roads.length.to_numpy() / 1000 / roads["free_kph"].to_numpy(dtype=float)
    size = (len(names), len(names))
    # Of parallel roads the quickest one stands for the pair.
    order = np.argsort(hours, kind="stable")
    pairs = pd.DataFrame({"a": start[order], "b": stop[order], "row": order})
    pairs = pairs[pairs["a"] != pairs["b"]]
    both = pd.concat([pairs, pairs.rename(columns={"a": "b", "b": "a"})])
    both = both.sort_values("row", key=lambda row: hours[row], kind="stable")
    both = both.drop_duplicates(["a", "b"])
    row_of = dict(zip(zip(both["a"], both["b"], strict=True), both["row"], strict=True))
    # Older SciPy searches graphs with 32-bit numbers of vertices alone.
    at = both["a"].to_numpy(np.int32), both["b"].to_numpy(np.int32)
    graph = coo_array((hours[both["row"]], at), shape=size).tocsr()
    spots = network.roads.junctions.geometry.reindex(names)
    near = [int(spots.distance(point).to_numpy().argmin()) for point in places.geometry]
    _, before = dijkstra(graph, indices=near, return_predecessors=True)
    lines = np.asarray(roads.geometry.array)
    found = {}
    for i, j in combinations(range(len(places)), 2):
        steps = _steps(before[i], near[j])
        if not steps:
            continue
        parts = []
        for a, b in steps:
            line = lines[row_of[a, b]]
            parts.append(line if start[row_of[a, b]] == a else line.reverse())
        found[f"{places.index[i]}|{places.index[j]}"] = _joined(parts)
    return gpd.GeoDataFrame(
        geometry=list(found.values()), index=list(found), crs=roads.crs
    )


def _steps(
    before: "np.ndarray[tuple[int], np.dtype[np.int32]]", last: int
) -> list[tuple[int, int]]:
    """Return the pairs of junctions from the start to the last."""
    steps = []
    while (previous := int(before[last])) >= 0:
        steps.append((previous, last))
        last = previous
    return steps[::-1]


def _joined(lines: "list[shapely.LineString]") -> shapely.LineString:
    xy = np.concatenate([shapely.get_coordinates(line) for line in lines])
    fresh = np.append(True, np.any(np.diff(xy, axis=0) != 0, axis=1))
    return shapely.LineString(xy[fresh])
