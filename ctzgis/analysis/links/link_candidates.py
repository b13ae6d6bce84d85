"""Where roads nearly meet but do not: candidates of links (断头与缺口)."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

from ctzgis.errors import InputError
from ctzgis.network.engine import search_graph
from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.pairs import pair_minutes_within
from ctzgis.network.layers import open_roads, usable_roads
from ctzgis.progress import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network import RoadNetwork
    from ctzgis.network.engine import SearchGraph
    from ctzgis.network.layers import Means
    from ctzgis.progress import Progress

    Rows = NDArray[np.int64]
    Metres = NDArray[np.float64]

__all__ = ["METRES_A_MINUTE", "Links", "Streets", "found_links", "streets_of"]

METRES_A_MINUTE: Final = 60.0
"""Lengths are searched as minutes at this pace: a tick of the engine is a centimetre."""

# Closer ends are one place that was drawn twice: mending's work, not a road's.
_LEAST_M: Final = 1.0

# What a link may touch of the roads at its ends.
_CLEAR_M: Final = 1.0

# A place on a road this near to its end is the junction there.
_AT_JUNCTION_M: Final = 20.0

# Lengths on arcs are rounded to a centimetre; a hundred of them make up this share.
_ROUNDING: Final = 1e-4

# Stretches of a line that meet a road soonest, as shares of it: with fewer roads around
# them than the whole they rule most lines out.
_MIDDLE: Final = ((1 / 3, 2 / 3),)
_BANKS: Final = ((1 / 12, 1 / 4), (3 / 4, 11 / 12))

_LINES_AT_ONCE: Final = 20_000

# Work on a pair takes some 200 bytes until most are ruled out: 4 GB.
_MOST_PAIRS: Final = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """
    Roads as a graph of lengths, and what may be joined.

    Attributes
    ----------
    xy
        Place of each junction.
    first, last
        Rows of the junctions at the ends of each road.
    length_m
        Length of each road.
    lines
        Where each road lies.
    usable
        Which roads are travelled.
    open
        Which of them may be joined between their ends.
    joinable
        Which junctions may be joined.
    dead_end
        Which have one neighbour only.
    graph
        Lengths of usable roads, both ways whatever their direction.
    """

    xy: "Metres"
    first: "Rows"
    last: "Rows"
    length_m: "Metres"
    lines: "NDArray[np.object_]"
    usable: "NDArray[np.bool_]"
    open: "NDArray[np.bool_]"
    joinable: "NDArray[np.bool_]"
    dead_end: "NDArray[np.bool_]"
    graph: "SearchGraph"


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """
    Straight lines that no road follows.

    Attributes
    ----------
    start
        Row of the junction where each begins.
    end
        Row of the junction where it ends; -1 where it ends on a road.
    road, along_m
        Row of that road and the metres along it; -1 and 0 where it ends at a junction.
    xy
        Both ends: x, y, x, y.
    length_m
        Straight length.
    """

    start: "Rows"
    end: "Rows"
    road: "Rows"
    along_m: "Metres"
    xy: "Metres"
    length_m: "Metres"

    def __len__(self) -> int:
        return len(self.start)

    def take(self, which: "NDArray[np.bool_] | Rows") -> "Links":
        """Return some of the links."""
        return Links(*(getattr(self, part.name)[which] for part in fields(self)))

    def joined(self, other: "Links") -> "Links":
        """Return these links and others."""
        return Links(
            *(
                np.concatenate([getattr(self, part.name), getattr(other, part.name)])
                for part in fields(self)
            )
        )

    def lines(self, *, clear_m: float = 0.0) -> "NDArray[np.object_]":
        """Return the lines, shortened at both ends."""
        a, b = self.xy[:, :2], self.xy[:, 2:]
        # Of a link shorter than twice that, a third is left.
        share = np.minimum(clear_m / self.length_m, 1 / 3)[:, None]
        return _lines(a + (b - a) * share, b - (b - a) * share)

    def stretch(self, begin: float, after: float) -> "NDArray[np.object_]":
        """Return the lines from one share of their length to another."""
        a, b = self.xy[:, :2], self.xy[:, 2:]
        return _lines(a + (b - a) * begin, a + (b - a) * after)


def _lines(start: "Metres", end: "Metres") -> "NDArray[np.object_]":
    """Return the straight lines between places."""
    lines: NDArray[np.object_] = shapely.linestrings(np.stack([start, end], axis=1))
    return lines


def streets_of(network: "RoadNetwork", means: "Means") -> Streets:
    """Return the roads of a network as a means of travel uses them."""
    roads, junctions = network.roads, network.junctions
    first = junctions.index.get_indexer(roads["from_id"]).astype(np.int64)
    last = junctions.index.get_indexer(roads["to_id"]).astype(np.int64)
    length = roads.length.to_numpy()
    usable = usable_roads(roads, means)
    opened = usable & open_roads(roads)
    count = len(junctions)
    joinable = np.zeros(count, dtype=bool)
    joinable[first[opened]] = joinable[last[opened]] = True
    tail = np.concatenate([first[usable], last[usable]])
    head = np.concatenate([last[usable], first[usable]])
    apart = tail != head
    pairs = np.unique(np.stack([tail[apart], head[apart]], axis=1), axis=0)
    xy = shapely.get_coordinates(junctions.geometry.array)
    metres = np.tile(length[usable], 2)
    return Streets(
        xy=xy,
        first=first,
        last=last,
        length_m=length,
        lines=np.asarray(roads.geometry.array),
        usable=usable,
        open=opened,
        joinable=joinable,
        dead_end=np.bincount(pairs[:, 0], minlength=count) == 1,
        graph=search_graph(count, tail, head, metres / METRES_A_MINUTE, xy=xy),
    )


def found_links(
    streets: Streets,
    *,
    within_m: float,
    detour_at_least: float,
    rivers: "NDArray[np.object_] | None" = None,
    over_rivers_m: float = 0.0,
    progress: "Progress | None" = None,
) -> Links:
    """
    Find ends near each other whose way round is long, and a free line between them.

    A line that meets a road between its ends is none, nor is one beside a shorter one
    that a neighbouring junction at either end offers. Over rivers ends may be farther
    apart than elsewhere.
    """
    joinable = np.flatnonzero(streets.joinable)
    links = _between_junctions(streets, joinable, within_m)
    links = links.joined(_from_dead_ends(streets, within_m))
    links = links.take(_long_way(streets, links, detour_at_least, progress))
    links = links.take(_free(streets, links, progress))
    if rivers is not None and len(rivers) and over_rivers_m > within_m:
        far = _over_rivers(streets, joinable, rivers, over_rivers_m, progress)
        far = far.take(far.length_m > within_m)
        # Most of them meet a road on a bank, and the ways round are long to search.
        far = far.take(_free(streets, far, progress, _BANKS))
        far = far.take(_long_way(streets, far, detour_at_least, progress))
        links = links.joined(far)
    return links.take(_shortest_there(streets, links))


def _over_rivers(
    streets: Streets,
    rows: "Rows",
    rivers: "NDArray[np.object_]",
    over_m: float,
    progress: "Progress | None",
) -> Links:
    """
    Return the pairs of junctions on both sides of a river.

    A line that meets the water is at least as long as both its ends are away from it.
    """
    water = shapely.union_all(rivers)
    shapely.prepare(water)
    dots = shapely.points(streets.xy[rows])
    rows = rows[shapely.dwithin(dots, water, over_m)]
    away_m = np.zeros(len(streets.xy))
    away_m[rows] = shapely.distance(shapely.points(streets.xy[rows]), water)
    links = _between_junctions(streets, rows, over_m)
    links = links.take(
        away_m[links.start] + away_m[links.end] <= links.length_m * (1 + _ROUNDING)
    )
    over = np.zeros(len(links), dtype=bool)
    with telling("rivers", progress) as tell:
        # One after the other: a prepared shape must not be asked by two at once.
        for begin in range(0, len(links), _LINES_AT_ONCE):
            tell(begin / len(links))
            part = links.take(np.arange(begin, min(begin + _LINES_AT_ONCE, len(links))))
            over[begin : begin + len(part)] = shapely.intersects(water, part.lines())
    return links.take(over)


def _between_junctions(streets: Streets, rows: "Rows", within_m: float) -> Links:
    """Return the pairs of some junctions that are near each other."""
    tree = cKDTree(streets.xy[rows])
    pairs = (int(tree.count_neighbors(tree, within_m)) - len(rows)) // 2
    if pairs > _MOST_PAIRS:
        msg = (
            f"{pairs:,} pairs of junctions lie within {within_m:g} m, and no more than "
            f"{_MOST_PAIRS:,} are looked at; lower within_m (over rivers: over_rivers_m) "
            "or take a part of the network"
        )
        raise InputError(msg)
    near = tree.query_pairs(within_m, output_type="ndarray").astype(np.int64)
    start, end = rows[near].reshape(-1, 2).T
    xy = np.concatenate([streets.xy[start], streets.xy[end]], axis=1)
    length = np.hypot(*(xy[:, :2] - xy[:, 2:]).T)
    none = np.full(len(start), -1)
    links = Links(start, end, none, np.zeros(len(start)), xy, length)
    return links.take(length >= _LEAST_M)


def _from_dead_ends(streets: Streets, within_m: float) -> Links:
    """Return the ways from dead ends straight to places along roads."""
    ends = np.flatnonzero(streets.dead_end & streets.joinable)
    roads = np.flatnonzero(streets.open)
    dots = shapely.points(streets.xy[ends])
    tree = shapely.STRtree(streets.lines[roads])
    point, hit = tree.query(dots, predicate="dwithin", distance=within_m)
    start, road, dots = ends[point], roads[hit], dots[point]
    along = shapely.line_locate_point(streets.lines[road], dots)
    inside = (along > _AT_JUNCTION_M) & (
        along < streets.length_m[road] - _AT_JUNCTION_M
    )
    inside &= (streets.first[road] != start) & (streets.last[road] != start)
    start, road, along = start[inside], road[inside], along[inside]
    feet = shapely.line_interpolate_point(streets.lines[road], along)
    there = shapely.get_coordinates(feet).reshape(-1, 2)
    xy = np.concatenate([streets.xy[start], there], axis=1)
    length = np.hypot(*(xy[:, :2] - xy[:, 2:]).T)
    links = Links(start, np.full(len(start), -1), road, along, xy, length)
    return links.take(length >= _LEAST_M)


def _long_way(
    streets: Streets, links: Links, times: float, progress: "Progress | None"
) -> "NDArray[np.bool_]":
    """Tell between which ends roads are so many times as long as the line, or more."""
    wanted_m = links.length_m * times
    way = np.empty(len(links))
    on_road = links.end < 0
    start, road, along = (
        links.start[on_road],
        links.road[on_road],
        links.along_m[on_road],
    )
    starts = np.concatenate([links.start[~on_road], start, start])
    ends = np.concatenate(
        [links.end[~on_road], streets.first[road], streets.last[road]]
    )
    wanted = np.concatenate([wanted_m[~on_road], np.tile(wanted_m[on_road], 2)])
    found = METRES_A_MINUTE * pair_minutes_within(
        streets.graph, starts, ends, wanted / METRES_A_MINUTE, progress=progress
    )
    direct, by_first, by_last = np.split(
        found, [int((~on_road).sum()), int((~on_road).sum() + len(start))]
    )
    way[~on_road] = direct
    rest = streets.length_m[road] - along
    way[on_road] = np.minimum(by_first + along, by_last + rest)
    return way >= wanted_m * (1 - _ROUNDING)


def _free(
    streets: Streets,
    links: Links,
    progress: "Progress | None",
    first: "Sequence[tuple[float, float]]" = _MIDDLE,
) -> "NDArray[np.bool_]":
    """Tell which lines meet no road between their ends, after a look at parts of them."""
    tree = shapely.STRtree(streets.lines)
    free = np.ones(len(links), dtype=bool)
    for stretch in (*first, None):
        rows = np.flatnonzero(free)

        def work(
            begin: int,
            after: int,
            rows: "Rows" = rows,
            stretch: tuple[float, float] | None = stretch,
        ) -> None:
            """Look at some of the lines."""
            part = links.take(rows[begin:after])
            lines = part.stretch(*stretch) if stretch else part.lines(clear_m=_CLEAR_M)
            met = tree.query(lines, predicate="intersects")[0]
            free[rows[begin:after][met]] = False

        in_chunks(
            work, len(rows), _LINES_AT_ONCE, processors(None, 1),
            title="crossings", progress=progress,
        )  # fmt: skip
    return free


def _shortest_there(streets: Streets, links: Links) -> "NDArray[np.bool_]":
    """Tell beside which links no shorter one begins or ends a junction further."""
    count = np.int64(len(streets.xy))
    kept = np.ones(len(links), dtype=bool)
    pair = np.flatnonzero(links.end >= 0)
    if not len(pair):
        return kept
    start, end = links.start[pair], links.end[pair]
    key = np.minimum(start, end) * count + np.maximum(start, end)
    order = np.argsort(key)
    keys, length = key[order], links.length_m[pair][order]
    rows = streets.graph.forward
    inner, outer = streets.graph.inner, streets.graph.outer
    for near, far in ((start, end), (end, start)):
        at = inner[near]
        counts = rows.start[at + 1] - rows.start[at]
        which = np.repeat(np.arange(len(pair)), counts)
        inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        beside = outer[rows.head[rows.start[at][which] + inside]].astype(np.int64)
        other = np.minimum(beside, far[which]) * count + np.maximum(beside, far[which])
        place = np.minimum(np.searchsorted(keys, other), len(keys) - 1)
        shorter = length[place] < links.length_m[pair][which] * (1 - _ROUNDING)
        kept[pair[which[(keys[place] == other) & shorter]]] = False
    return kept & ~_beside_feet(streets, links)


def _beside_feet(streets: Streets, links: Links) -> "NDArray[np.bool_]":
    """Tell which links lead to the end of a road that is nearer in between."""
    beside = np.zeros(len(links), dtype=bool)
    foot = np.flatnonzero(links.end < 0)
    pair = np.flatnonzero(links.end >= 0)
    count = np.int64(len(streets.xy))
    start, end = links.start[pair], links.end[pair]
    keys = np.minimum(start, end) * count + np.maximum(start, end)
    order = np.argsort(keys)
    keys, pair = keys[order], pair[order]
    if not len(pair):
        return beside
    for ends in (streets.first, streets.last):
        other, here = ends[links.road[foot]], links.start[foot]
        key = np.minimum(here, other) * count + np.maximum(here, other)
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        nearer = links.length_m[foot] < links.length_m[pair[place]] * (1 - _ROUNDING)
        beside[pair[place[(keys[place] == key) & nearer]]] = True
    return beside
