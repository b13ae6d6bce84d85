"""Layers of a travel graph: roads cut at points, and lines with their stations."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.lines import TransitLine
    from ctzgis.network.snapping import Snaps
    from ctzgis.network.speeds import Profile, TravelRules

__all__ = ["Arcs", "LineLayer", "Pieces", "RoadLayer", "line_layer", "road_layer"]

Means = Literal["drive", "walk"]


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Arcs between numbered vertices, with their minutes."""

    tail: "NDArray[np.int64]"
    head: "NDArray[np.int64]"
    minutes: "NDArray[np.float64]"

    def shifted(self, by: int) -> "Arcs":
        """Return the arcs with every vertex number raised."""
        return Arcs(self.tail + by, self.head + by, self.minutes)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """
    Pieces of roads between two vertices, as the isochrone draws them.

    Attributes
    ----------
    road
        Position of the road in its frame.
    start_m, end_m
        Metres along the road.
    first, last
        Vertices at both ends.
    forth_min, back_min
        Minutes for the whole piece; ``inf`` where it may not be used.
    """

    road: "NDArray[np.int64]"
    start_m: "NDArray[np.float64]"
    end_m: "NDArray[np.float64]"
    first: "NDArray[np.int64]"
    last: "NDArray[np.int64]"
    forth_min: "NDArray[np.float64]"
    back_min: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, eq=False)
class RoadLayer:
    """Roads cut at snapped points: vertices, arcs, and which vertex is which point."""

    count: int
    arcs: Arcs
    cut_vertices: "NDArray[np.int64]"
    pieces: Pieces


def minutes_per_road(
    roads: "gpd.GeoDataFrame", *, means: Means, profile: "Profile", rules: "TravelRules"
) -> "NDArray[np.float64]":
    """Return minutes for each whole road, signals included when driving."""
    length_km: NDArray[np.float64] = roads.length.to_numpy() / 1000
    if means == "walk":
        return length_km / rules.walk_kph * 60
    minutes: NDArray[np.float64]
    minutes = length_km / roads[f"{profile}_kph"].to_numpy(dtype=float) * 60
    if "signals" in roads:
        minutes = minutes + roads["signals"].fillna(0).to_numpy(dtype=float) * (
            rules.signal_s[profile] / 60
        )
    return minutes


def usable_roads(roads: "gpd.GeoDataFrame", means: Means) -> "NDArray[np.bool_]":
    """Tell which roads may be travelled: nobody walks on a motorway."""
    if means == "drive":
        return np.ones(len(roads), dtype=bool)
    walkable: NDArray[np.bool_] = (roads["road_class"] != "motorway").to_numpy()
    return walkable


def road_layer(
    roads: "gpd.GeoDataFrame",
    junctions: "NDArray[np.object_]",
    cuts: "Snaps",
    *,
    means: Means,
    profile: "Profile",
    rules: "TravelRules",
) -> RoadLayer:
    """
    Build the vertices and arcs of the roads, cut where points are snapped to them.

    Vertices 0 … n-1 are the junctions in the given order, further ones the cuts;
    splitting a road changes no time on it. Points that were not snapped get -1.
    """
    number = {name: i for i, name in enumerate(junctions)}
    whole = minutes_per_road(roads, means=means, profile=profile, rules=rules)
    whole = np.where(usable_roads(roads, means), whole, np.inf)
    length = roads.length.to_numpy()
    ends = (
        np.column_stack(
            [
                roads["from_id"].map(number).to_numpy(),
                roads["to_id"].map(number).to_numpy(),
            ]
        )
        .astype(np.int64)
        .reshape(-1, 2)
    )
    found = np.flatnonzero(cuts.found)
    cut_vertices = np.full(len(cuts), -1, dtype=np.int64)
    cut_vertices[found] = len(junctions) + np.arange(len(found))
    # Every road contributes its two ends and its cuts, in order along it.
    rows = np.arange(len(roads))
    road = np.concatenate([rows, rows, cuts.road[found]])
    along = np.concatenate(
        [
            np.zeros(len(rows)),
            length,
            np.clip(cuts.along_m[found], 0, length[cuts.road[found]]),
        ]
    )
    vertex = np.concatenate([ends[:, 0], ends[:, 1], cut_vertices[found]])
    rank = np.concatenate(
        [np.zeros(len(rows)), np.full(len(rows), 2), np.ones(len(found))]
    )
    order = np.lexsort((rank, along, road))
    road, along, vertex = road[order], along[order], vertex[order]
    same = road[1:] == road[:-1]
    owner, start, end = road[1:][same], along[:-1][same], along[1:][same]
    share = (end - start) / np.where(length[owner] > 0, length[owner], 1.0)
    forth = np.where(
        share > 0, whole[owner] * share, np.where(whole[owner] < np.inf, 0, np.inf)
    )
    oneway = roads["oneway"].to_numpy(dtype=bool)[owner]
    one_way_street = oneway if means == "drive" else np.zeros_like(oneway)
    back = np.where(one_way_street, np.inf, forth)
    first, last = vertex[:-1][same], vertex[1:][same]
    pieces = Pieces(owner, start, end, first, last, forth, back)
    arcs = Arcs(
        np.concatenate([first, last]),
        np.concatenate([last, first]),
        np.concatenate([forth, back]),
    )
    return RoadLayer(len(junctions) + len(found), arcs, cut_vertices, pieces)


@dataclass(frozen=True, slots=True, eq=False)
class LineLayer:
    """
    Lines and their stations: boarding halls, alighting halls, trains.

    Attributes
    ----------
    stations
        Ids of the stations, in the order of ``points``.
    board, alight
        Vertex of each station's boarding and alighting hall.
    """

    count: int
    arcs: Arcs
    stations: tuple[str, ...]
    points: "NDArray[np.object_]"
    board: "NDArray[np.int64]"
    alight: "NDArray[np.int64]"


def line_layer(
    lines: "Sequence[TransitLine]", *, profile: "Profile", rules: "TravelRules"
) -> LineLayer:
    """
    Build the graph of the lines, both directions, with waits and changes.

    Boarding costs the wait and the security check, a change of lines at least
    ``rules.transfer_min``, and between stations the walk if that is longer.
    """
    points = {stop.station_id: stop.point for line in lines for stop in line.stops}
    stations = tuple(points)
    board = np.arange(len(stations), dtype=np.int64)
    alight = board + len(stations)
    at = {station: i for i, station in enumerate(stations)}
    tail: list[int] = []
    head: list[int] = []
    minutes: list[float] = []
    count = 2 * len(stations)

    def arc(start: int, end: int, cost: float) -> None:
        tail.append(start)
        head.append(end)
        minutes.append(cost)

    for line in lines:
        wait = min(line.headway_min[profile] * rules.wait_share, rules.max_wait_min)
        wait += rules.security_min.get(line.mode, 0.0)
        size = len(line.stops)
        forth = [stop.run_min for stop in line.stops[:-1]]
        for stops, runs in (
            (line.stops, forth),
            (line.stops[::-1], forth[::-1]),
        ):
            arrive = [count + 2 * i for i in range(size)]
            depart = [count + 2 * i + 1 for i in range(size)]
            count += 2 * size
            for i, stop in enumerate(stops):
                station = at[stop.station_id]
                arc(int(board[station]), depart[i], wait)
                arc(arrive[i], int(alight[station]), 0.0)
                arc(arrive[i], depart[i], stop.dwell_min)
                if i + 1 < size:
                    arc(depart[i], arrive[i + 1], runs[i])
    dots = np.array(list(points.values()), dtype=object)
    for i, j, metres in _neighbours(dots, rules.max_transfer_m):
        walk = metres * rules.detour / 1000 / rules.walk_kph * 60
        arc(int(alight[i]), int(board[j]), max(rules.transfer_min, walk))
    arcs = Arcs(
        np.array(tail, dtype=np.int64),
        np.array(head, dtype=np.int64),
        np.array(minutes, dtype=np.float64),
    )
    return LineLayer(count, arcs, stations, dots, board, alight)


def _neighbours(
    points: "NDArray[np.object_]", within_m: float
) -> list[tuple[int, int, float]]:
    if not len(points):
        return []
    tree = shapely.STRtree(points)
    left, right = tree.query(points, predicate="dwithin", distance=within_m)
    metres = shapely.distance(points[left], points[right])
    return list(zip(left.tolist(), right.tolist(), metres.tolist(), strict=True))
