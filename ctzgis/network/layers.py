"""Layers of a travel graph: roads cut at points, and lines with their stations."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely

from ctzgis.errors import InputError
from ctzgis.network.snapping import at_ends, join_snaps
from ctzgis.network.speeds import of_profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.lines import TransitLine
    from ctzgis.network.snapping import Snaps
    from ctzgis.network.speeds import TravelRules

__all__ = [
    "Arcs",
    "LineLayer",
    "Means",
    "Pieces",
    "RoadLayer",
    "line_layer",
    "minutes_off_road",
    "open_roads",
    "road_layer",
]

Means = Literal["drive", "walk", "cycle"]
"""How one part of a trip is made."""


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
    Pieces of roads between two vertices.

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

    def shifted(self, by: int) -> "Pieces":
        """Return the pieces with every vertex number raised."""
        return replace(self, first=self.first + by, last=self.last + by)

    def kept(self, which: "NDArray[np.bool_]") -> "Pieces":
        """Return the pieces for which ``which`` is true."""
        return Pieces(*(getattr(self, part.name)[which] for part in fields(self)))

    def joined(self, other: "Pieces") -> "Pieces":
        """Return these pieces and the other ones of the same roads."""
        return Pieces(
            *(
                np.concatenate([getattr(self, part.name), getattr(other, part.name)])
                for part in fields(self)
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class RoadLayer:
    """
    Roads with points attached.

    Attributes
    ----------
    count
        Number of vertices.
    arcs
        Arcs along the roads and between the points and their roads.
    xy
        Where each vertex is, about.
    lost_min
        Minutes lost at each junction.
    origins, destinations
        Vertex of each point; -1 where it is attached to no road.
    pieces
        Pieces of all roads, in order of the roads and along them.
    min_per_m
        Minutes a metre takes off the road.
    """

    count: int
    arcs: Arcs
    xy: "NDArray[np.float64]"
    lost_min: "NDArray[np.float64]"
    origins: "NDArray[np.int64]"
    destinations: "NDArray[np.int64]"
    pieces: Pieces
    min_per_m: float


def minutes_per_road(
    roads: "gpd.GeoDataFrame", *, means: Means, profile: str, rules: "TravelRules"
) -> "NDArray[np.float64]":
    """Return minutes for each whole road, signals included when driving."""
    length_km: NDArray[np.float64] = roads.length.to_numpy() / 1000
    if means != "drive":
        return (
            length_km / {"walk": rules.walk_kph, "cycle": rules.cycle_kph}[means] * 60
        )
    kph = pd.to_numeric(roads[f"{profile}_kph"], errors="coerce").to_numpy(dtype=float)
    if not (kph > 0).all():
        road = roads.index[~(kph > 0)][0]
        msg = f"column '{profile}_kph' has no speed above 0 for road {road!r}"
        raise InputError(msg)
    minutes: NDArray[np.float64] = length_km / kph * 60
    if "signals" in roads:
        minutes = minutes + roads["signals"].fillna(0).to_numpy(dtype=float) * (
            of_profile(rules.signal_s, profile) / 60
        )
    return minutes


def minutes_at_junctions(
    junctions: "gpd.GeoDataFrame",
    *,
    means: Means,
    profile: str,
    rules: "TravelRules",
) -> "NDArray[np.float64]":
    """Return minutes that drivers lose at each junction with a control."""
    if means != "drive" or "control" not in junctions:
        return np.zeros(len(junctions))
    control = junctions["control"]
    signal, other = (
        of_profile(values, profile) / 60
        for values in (rules.signal_s, rules.junction_s)
    )
    lost = np.where(control == "signals", signal, other)
    return np.where(control.isna(), 0.0, lost)


def minutes_off_road(*, means: Means, profile: str, rules: "TravelRules") -> float:
    """Return minutes a straight metre takes to and from the roads of a network."""
    kph = {
        "drive": of_profile(rules.local_kph, profile),
        "walk": rules.walk_kph,
        "cycle": rules.cycle_kph,
    }[means]
    return rules.detour / 1000 / kph * 60


def usable_roads(roads: "gpd.GeoDataFrame", means: Means) -> "NDArray[np.bool_]":
    """
    Tell which roads may be travelled, by their column ``means`` or else by class.

    Nobody walks or cycles on a motorway or drives on a path.
    """
    if means in roads:
        return np.asarray(roads[means], dtype=bool)
    barred = {"drive": "path", "walk": "motorway", "cycle": "motorway"}[means]
    return np.asarray(roads["road_class"] != barred, dtype=bool)


def one_way_roads(roads: "gpd.GeoDataFrame", means: Means) -> "NDArray[np.bool_]":
    """Tell which roads are travelled as they are drawn only."""
    if means == "walk":
        return np.zeros(len(roads), dtype=bool)
    known = means == "cycle" and "cycle_oneway" in roads
    return np.asarray(roads["cycle_oneway" if known else "oneway"], dtype=bool)


def open_roads(roads: "gpd.GeoDataFrame") -> "NDArray[np.bool_]":
    """Tell which roads may be joined and left anywhere: others at junctions only."""
    return ~np.asarray(roads["road_class"].isin(("motorway", "ferry")), dtype=bool)


def road_layer(
    roads: "gpd.GeoDataFrame",
    junctions: "gpd.GeoDataFrame",
    starts: "Snaps",
    ends: "Snaps",
    *,
    means: Means,
    profile: str,
    rules: "TravelRules",
) -> RoadLayer:
    """
    Build the vertices and arcs of the roads, with origins and destinations attached.

    Vertices 0 … n-1 are the junctions in the given order; then come the places where
    points are attached, which cut the roads without changing a time on them; then the
    origins, from which arcs lead to their places at the cost of the way to the road,
    and the destinations, to which arcs lead. A way that ends at a junction takes the
    delay there too, which its piece does not: what lies along it is reached before.
    """
    cuts = join_snaps(starts, ends)
    whole = minutes_per_road(roads, means=means, profile=profile, rules=rules)
    whole = np.where(usable_roads(roads, means), whole, np.inf)
    pieces = _pieces(roads, junctions.index, cuts, whole, one_way_roads(roads, means))
    place = len(junctions) + np.arange(len(cuts.road))
    points = len(junctions) + len(place) + np.arange(cuts.count)
    off_road = minutes_off_road(means=means, profile=profile, rules=rules)
    leg = cuts.off_m * off_road
    lost = np.zeros(len(junctions) + len(place) + cuts.count)
    lost[: len(junctions)] = minutes_at_junctions(
        junctions, means=means, profile=profile, rules=rules
    )
    point, leaves = points[cuts.point], cuts.point < starts.count
    arcs = Arcs(
        np.concatenate([pieces.first, pieces.last, np.where(leaves, point, place)]),
        np.concatenate([pieces.last, pieces.first, np.where(leaves, place, point)]),
        np.concatenate(
            [
                pieces.forth_min + lost[pieces.last],
                pieces.back_min + lost[pieces.first],
                leg,
            ]
        ),
    )
    vertices = np.where(cuts.found, points, -1)
    return RoadLayer(
        count=len(junctions) + len(place) + cuts.count,
        arcs=arcs,
        xy=_places(roads, junctions.geometry, cuts),
        lost_min=lost[: len(junctions)],
        origins=vertices[: starts.count],
        destinations=vertices[starts.count :],
        pieces=pieces,
        min_per_m=off_road,
    )


def _places(
    roads: "gpd.GeoDataFrame", junctions: "gpd.GeoSeries", cuts: "Snaps"
) -> "NDArray[np.float64]":
    """Return where vertices are: a point where its first place on a road is."""
    here = shapely.get_coordinates(junctions.array)
    lines = np.asarray(roads.geometry.array)[cuts.road]
    places = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, cuts.along_m)
    )
    points = np.zeros((cuts.count, 2))
    points[:] = here[0] if len(here) else 0.0  # as good as any without a road
    points[cuts.point[::-1]] = places[::-1]
    return np.concatenate([here, places, points])


def _pieces(
    roads: "gpd.GeoDataFrame",
    junctions: "pd.Index[str]",
    cuts: "Snaps",
    whole: "NDArray[np.float64]",
    one_way: "NDArray[np.bool_]",
) -> Pieces:
    """Cut roads, which take ``whole`` minutes each, where points are attached."""
    length = roads.length.to_numpy()
    # Every road contributes its two ends and its cuts, in order along it.
    rows = np.arange(len(roads))
    road = np.concatenate([rows, rows, cuts.road])
    along = at_ends(cuts.along_m, length[cuts.road])
    metre = np.concatenate([np.zeros(len(rows)), length, along])
    vertex = np.concatenate(
        [
            junctions.get_indexer(roads["from_id"]).astype(np.int64),
            junctions.get_indexer(roads["to_id"]).astype(np.int64),
            len(junctions) + np.arange(len(cuts.road)),
        ]
    )
    rank = np.repeat([0, 2, 1], [len(rows), len(rows), len(cuts.road)])
    order = np.lexsort((rank, metre, road))
    road, metre, vertex = road[order], metre[order], vertex[order]
    same = road[1:] == road[:-1]
    owner, start, end = road[1:][same], metre[:-1][same], metre[1:][same]
    share = (end - start) / np.where(length[owner] > 0, length[owner], 1.0)
    forth = np.full(len(owner), np.inf)
    usable = np.isfinite(whole[owner])
    forth[usable] = whole[owner[usable]] * share[usable]
    # Both ends of a piece of length zero are one place, one-way street or not.
    back = np.where(one_way[owner] & (share > 0), np.inf, forth)
    return Pieces(owner, start, end, vertex[:-1][same], vertex[1:][same], forth, back)


@dataclass(frozen=True, slots=True, eq=False)
class LineLayer:
    """
    Lines and their stations: boarding halls, alighting halls, trains.

    Attributes
    ----------
    stations
        Ids of the stations, in the order of ``points``.
    xy
        Where each vertex is.
    board, alight
        Vertex of each station's boarding and alighting hall.
    """

    count: int
    arcs: Arcs
    xy: "NDArray[np.float64]"
    stations: tuple[str, ...]
    points: "NDArray[np.object_]"
    board: "NDArray[np.int64]"
    alight: "NDArray[np.int64]"


def line_layer(
    lines: "Sequence[TransitLine]", *, profile: str, rules: "TravelRules"
) -> LineLayer:
    """
    Build the graph of the lines that run in a profile, with waits and changes.

    A line is there in both directions unless it is one-way. Boarding costs the wait
    and the security check, a change of lines at least ``rules.transfer_min``, and
    between stations the walk if that is longer.
    """
    running = [line for line in lines if line.runs(profile)]
    points = {stop.station_id: stop.point for line in running for stop in line.stops}
    stations = tuple(points)
    board = np.arange(len(stations), dtype=np.int64)
    alight = board + len(stations)
    at = {station: i for i, station in enumerate(stations)}
    tail: list[int] = []
    head: list[int] = []
    minutes: list[float] = []
    count = 2 * len(stations)
    places = list(points.values()) * 2

    def arc(start: int, end: int, cost: float) -> None:
        tail.append(start)
        head.append(end)
        minutes.append(cost)

    for line in running:
        headway = of_profile(line.headway_min, profile)
        wait = min(headway * rules.wait_share, rules.max_wait_min)
        wait += rules.security_min.get(line.mode, 0.0)
        size = len(line.stops)
        forth = [stop.run_min for stop in line.stops[:-1]]
        ways = [(line.stops, forth), (line.stops[::-1], forth[::-1])]
        for stops, runs in ways[:1] if line.one_way else ways:
            arrive = [count + 2 * i for i in range(size)]
            depart = [count + 2 * i + 1 for i in range(size)]
            count += 2 * size
            places += [stop.point for stop in stops for _ in ("arrive", "depart")]
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
    xy = shapely.get_coordinates(places).reshape(-1, 2)
    return LineLayer(count, arcs, xy, stations, dots, board, alight)


def _neighbours(
    points: "NDArray[np.object_]", within_m: float
) -> list[tuple[int, int, float]]:
    if not len(points):
        return []
    tree = shapely.STRtree(points)
    left, right = tree.query(points, predicate="dwithin", distance=within_m)
    metres = shapely.distance(points[left], points[right])
    return list(zip(left.tolist(), right.tolist(), metres.tolist(), strict=True))
