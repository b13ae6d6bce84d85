"""Graphs of the modes of travel, with points attached (出行图)."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np

from ctzgis.network.engine import Connectors, connectors, search_graph
from ctzgis.network.layers import (
    Arcs,
    Means,
    Pieces,
    line_layer,
    open_roads,
    road_layer,
    usable_roads,
)
from ctzgis.network.snapping import (
    RoadIndex,
    Snaps,
    at_ends,
    no_snaps,
    road_index,
    snap,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ctzgis.network.engine import SearchGraph
    from ctzgis.network.layers import LineLayer, RoadLayer
    from ctzgis.network.lines import TransitLine
    from ctzgis.network.speeds import TravelRules

__all__ = [
    "CHAINS",
    "Direction",
    "Joined",
    "Mode",
    "TravelGraph",
    "snapped",
    "travel_graph",
]

Mode = Literal[
    "drive",
    "walk",
    "cycle",
    "walk+rail+walk",
    "cycle+rail+walk",
    "drive+rail+walk",
    "drive+rail+drive",
]
"""How a trip is made; a chain names access, main mode and egress."""

Direction = Literal["from", "to"]
"""Trips from the points asked for, or to them."""

CHAINS: Final["Mapping[Mode, tuple[Means, ...]]"] = {
    "drive": ("drive",),
    "walk": ("walk",),
    "cycle": ("cycle",),
    "walk+rail+walk": ("walk", "walk"),
    "cycle+rail+walk": ("cycle", "walk"),
    "drive+rail+walk": ("drive", "walk"),
    "drive+rail+drive": ("drive", "drive"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """
    Points joined to a graph.

    Attributes
    ----------
    connectors
        From the points to the ends of pieces of road, or the other way.
    snaps
        Which roads each point is attached to, and where.
    piece
        Piece of road of each attachment.
    leg_min
        Minutes between the point and the road, of each attachment.
    """

    connectors: Connectors
    snaps: Snaps
    piece: "NDArray[np.int64]"
    leg_min: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, eq=False)
class TravelGraph:
    """
    A graph of a mode, ready to be searched.

    Points come in two ways: those the graph was built with, its anchors, are vertices
    and cut the roads; others are joined to it without changing it.

    Attributes
    ----------
    search
        Vertices and arcs.
    direction
        ``"from"``: trips lead from joined points to anchors; ``"to"``: the other way.
    anchors
        Vertex of each anchor; -1 where it lies too far from any road.
    lines
        Whether trips are made by rail and other lines.
    roads
        The roads of the network.
    index
        Those of them that joined points may use.
    junctions
        Vertices of the junctions: a row a layer of roads, the first for access.
    access
        Pieces of road that points are joined to.
    lost_min
        Minutes lost at each vertex that is a junction when a trip gets there.
    open
        Which of ``pieces`` may be left anywhere, others at junctions only.
    pieces
        Pieces of road, in a chain first those travelled before boarding, then those
        after alighting.
    min_per_m
        Minutes a straight metre takes between a joined point and its road.
    spread_min_per_m
        The same where a trip ends (starts, for trips to a point) off the road.
    """

    search: "SearchGraph"
    direction: Direction
    anchors: "NDArray[np.int64]"
    lines: bool
    roads: gpd.GeoDataFrame
    index: RoadIndex
    junctions: "NDArray[np.int64]"
    access: Pieces
    lost_min: "NDArray[np.float64]"
    pieces: Pieces
    open: "NDArray[np.bool_]"
    min_per_m: float
    spread_min_per_m: float

    @property
    def reverse(self) -> bool:
        """Whether searches go against the direction of trips."""
        return self.direction == "to"

    def join(self, snaps: Snaps) -> Joined:
        """Join points that are attached to roads."""
        length = self.roads.length.to_numpy()[snaps.road]
        along = at_ends(snaps.along_m, length)
        piece = _piece_of(self.access, snaps.road, along)
        start, end = self.access.start_m[piece], self.access.end_m[piece]
        span = np.where(end > start, end - start, 1.0)
        behind = np.clip((along - start) / span, 0.0, 1.0)
        ahead = np.clip((end - along) / span, 0.0, 1.0)
        forth, back = self.access.forth_min[piece], self.access.back_min[piece]
        if self.reverse:
            to_first, to_last = _part(forth, behind), _part(back, ahead)
        else:
            to_first = _part(back, behind) + self.lost_min[self.access.first[piece]]
            to_last = _part(forth, ahead) + self.lost_min[self.access.last[piece]]
        leg = snaps.off_m * self.min_per_m
        found = connectors(
            snaps.count,
            np.concatenate([snaps.point, snaps.point]),
            np.concatenate([self.access.first[piece], self.access.last[piece]]),
            np.concatenate([leg + to_first, leg + to_last]),
        )
        return Joined(found, snaps, piece, leg)


def _part(
    minutes: "NDArray[np.float64]", share: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """Return a share of minutes; none of an endless time is no time."""
    with np.errstate(invalid="ignore"):
        return np.where(share > 0, minutes * share, 0.0)


def _piece_of(
    pieces: Pieces, road: "NDArray[np.int64]", along: "NDArray[np.float64]"
) -> "NDArray[np.int64]":
    """Return the piece of a road that holds a place along it."""
    first = np.searchsorted(pieces.road, road, side="left")
    after = np.searchsorted(pieces.road, road, side="right")
    # Metres counted on from road to road, so that one search finds all.
    length = pieces.end_m - pieces.start_m
    before = np.cumsum(length) - length
    wanted = before[first] + along
    found = np.searchsorted(before, wanted, side="right") - 1
    at: NDArray[np.int64] = np.clip(found, first, after - 1)
    return at


def snapped(points: gpd.GeoSeries, roads: RoadIndex, rules: "TravelRules") -> Snaps:
    """Attach points to the roads near them, as rules say."""
    return snap(
        points,
        roads,
        radius_m=rules.snap_radius_m or 0.0,
        max_distance_m=rules.max_snap_distance_m,
    )


def travel_graph(
    roads: gpd.GeoDataFrame,
    junctions: gpd.GeoDataFrame,
    lines: "Sequence[TransitLine]",
    anchors: "gpd.GeoSeries | Snaps | None",
    *,
    direction: Direction,
    mode: Mode,
    profile: str,
    rules: "TravelRules",
) -> TravelGraph:
    """Build the graph of a mode; ``TravelNetwork.graph`` tells what the parts are."""
    chain, out = CHAINS[mode], direction == "from"
    may_leave = open_roads(roads)
    index: dict[Means, RoadIndex] = {
        means: road_index(roads, may_leave & usable_roads(roads, means))
        for means in set(chain)
    }
    if anchors is None:
        anchors = no_snaps()
    elif not isinstance(anchors, Snaps):
        anchors = snapped(anchors, index[chain[-1 if out else 0]], rules)

    ends = (no_snaps(), anchors) if out else (anchors, no_snaps())
    layer = partial(road_layer, roads, junctions, profile=profile, rules=rules)
    if len(chain) == 1:
        only = layer(*ends, means=chain[0])
        whole = _Whole(only.count, only.arcs, only.xy, only, only, 0)
    else:
        rail = line_layer(lines, profile=profile, rules=rules)
        stations = gpd.GeoSeries(list(rail.points), crs=roads.crs)
        stops = [snapped(stations, index[means], rules) for means in chain]
        access = layer(ends[0], stops[0], means=chain[0])
        egress = layer(stops[1], ends[1], means=chain[1])
        whole = _with_rail(access, rail, egress, [_parking(m, rules) for m in chain])
    found = whole.egress.destinations + whole.base if out else whole.access.origins
    pieces = whole.access.pieces
    if len(chain) > 1:
        pieces = pieces.joined(whole.egress.pieces.shifted(whole.base))
    near, far = whole.access, whole.egress
    if not out:
        near, far = far, near
    arcs = whole.arcs
    return TravelGraph(
        search=search_graph(
            whole.count, arcs.tail, arcs.head, arcs.minutes, xy=whole.xy
        ),
        direction=direction,
        anchors=np.where(anchors.found, found, -1),
        lines=len(chain) > 1,
        roads=roads,
        junctions=np.array([[0], [whole.base]][: len(chain)])
        + np.arange(len(junctions)),
        index=index[chain[0 if out else -1]],
        access=near.pieces if out else near.pieces.shifted(whole.base),
        lost_min=_lost(whole.count, near.lost_min, 0 if out else whole.base),
        pieces=pieces,
        open=may_leave[pieces.road],
        min_per_m=near.min_per_m,
        spread_min_per_m=far.min_per_m,
    )


def _parking(means: Means, rules: "TravelRules") -> float:
    """Return minutes between road and station."""
    return rules.station_access_min if means == "drive" else 0.0


def _lost(
    count: int, lost_min: "NDArray[np.float64]", base: int
) -> "NDArray[np.float64]":
    """Spread minutes lost at junctions over all vertices."""
    everywhere = np.zeros(count)
    everywhere[base : base + len(lost_min)] = lost_min
    return everywhere


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """Vertices and arcs of a mode; those of the egress roads begin at ``base``."""

    count: int
    arcs: Arcs
    xy: "NDArray[np.float64]"
    access: "RoadLayer"
    egress: "RoadLayer"
    base: int


def _with_rail(
    access: "RoadLayer", rail: "LineLayer", egress: "RoadLayer", park: "Sequence[float]"
) -> _Whole:
    """Put lines between two copies of the roads: to stations, and from them."""
    base = access.count + rail.count
    board, alight = access.destinations >= 0, egress.origins >= 0
    arcs = [
        access.arcs,
        rail.arcs.shifted(access.count),
        egress.arcs.shifted(base),
        Arcs(
            access.destinations[board],
            rail.board[board] + access.count,
            np.full(board.sum(), park[0]),
        ),
        Arcs(
            rail.alight[alight] + access.count,
            egress.origins[alight] + base,
            np.full(alight.sum(), park[1]),
        ),
    ]
    joined = Arcs(
        *(
            np.concatenate([getattr(part, name) for part in arcs])
            for name in ("tail", "head", "minutes")
        )
    )
    xy = np.concatenate([access.xy, rail.xy, egress.xy])
    return _Whole(base + egress.count, joined, xy, access, egress, base)
