"""What links save, and which of them do the same (连接线的节省)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.analysis.links.link_candidates import METRES_A_MINUTE, Links, Streets
from ctzgis.network.engine import connectors, reach
from ctzgis.network.engine.pairs import pair_minutes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine import Connectors, Hierarchy
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Vertices = NDArray[np.int64]

__all__ = [
    "Minutes",
    "different",
    "lengths_round",
    "minutes_of",
    "onto_roads",
]


# A link does the same as another that leaves only this share of the metres it saves.
_SAME_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Minutes:
    """
    Minutes between the ends of links, the mean of both directions.

    Attributes
    ----------
    before, after
        Without the link, and with it.
    over
        From start to end over the link itself, and back.
    """

    before: "Numbers"
    after: "Numbers"
    over: "tuple[Numbers, Numbers]"

    def take(self, which: "NDArray[np.bool_] | NDArray[np.int64]") -> "Minutes":
        """Return the minutes of some of the links."""
        over = self.over[0][which], self.over[1][which]
        return Minutes(self.before[which], self.after[which], over)

    @property
    def saved(self) -> "Numbers":
        """Minutes a trip between the ends saves; NaN where there is no way yet."""
        before = np.where(np.isfinite(self.before), self.before, np.nan)
        return before - self.after


def minutes_of(
    links: Links,
    graph: "TravelGraph",
    hierarchy: "Hierarchy",
    min_per_m: float,
    *,
    progress: "Progress | None" = None,
) -> Minutes:
    """
    Return minutes between the ends of links without them and with each alone.

    Parameters
    ----------
    links
        The links.
    graph
        Roads without anchors, so that each is one piece.
    hierarchy
        The same, prepared.
    min_per_m
        Minutes a metre of a link takes.
    progress
        Takes a line now and then.
    """
    forth, back = _both_ways(links, graph, hierarchy, progress)
    whole = links.length_m * min_per_m
    # As on any road, what is lost at the junction where a way ends is added to it.
    to_end = np.where(links.end >= 0, graph.lost_min[links.end], 0.0)
    to_start = graph.lost_min[links.start]
    over = whole + to_end, whole + to_start
    after = np.minimum(forth, over[0]) + np.minimum(back, over[1])
    return Minutes((forth + back) / 2, after / 2, over)


def _both_ways(
    links: Links,
    graph: "TravelGraph",
    hierarchy: "Hierarchy",
    progress: "Progress | None",
) -> "tuple[Numbers, Numbers]":
    """Return minutes from the start of each link to its end, and back."""
    forth, back = np.empty(len(links)), np.empty(len(links))
    at = links.end >= 0
    start, end = links.start[at], links.end[at]
    forth[at] = pair_minutes(hierarchy, start, end, progress=progress)
    back[at] = pair_minutes(hierarchy, end, start, progress=progress)
    start, road = links.start[~at], links.road[~at]
    pieces = graph.pieces
    first, last = pieces.first[road], pieces.last[road]
    share = links.along_m[~at] / pieces.end_m[road]
    ahead, behind = pieces.forth_min[road], pieces.back_min[road]
    to_first, to_last, from_first, from_last = np.split(
        pair_minutes(
            hierarchy,
            np.concatenate([start, start, first, last]),
            np.concatenate([first, last, start, start]),
            progress=progress,
        ),
        4,
    )
    forth[~at] = np.minimum(to_first + ahead * share, to_last + behind * (1 - share))
    back[~at] = np.minimum(
        behind * share + graph.lost_min[first] + from_first,
        ahead * (1 - share) + graph.lost_min[last] + from_last,
    )
    return forth, back


def onto_roads(
    links: Links, graph: "TravelGraph", minutes: Minutes
) -> "tuple[tuple[Vertices, Vertices], tuple[Numbers, Numbers]]":
    """
    Return the vertices at both ends of links, and minutes over each link both ways.

    One that ends on a road goes on to the end of that road that is sooner there and back.
    """
    forth, back = (part.copy() for part in minutes.over)
    end = links.end.copy()
    at = np.flatnonzero(links.end < 0)
    road, pieces = links.road[at], graph.pieces
    share = links.along_m[at] / pieces.end_m[road]
    ahead, behind = pieces.forth_min[road], pieces.back_min[road]
    first, last = pieces.first[road], pieces.last[road]
    to_first = behind * share + graph.lost_min[first], ahead * share
    to_last = ahead * (1 - share) + graph.lost_min[last], behind * (1 - share)
    sooner = to_first[0] + to_first[1] <= to_last[0] + to_last[1]
    end[at] = np.where(sooner, first, last)
    forth[at] += np.where(sooner, to_first[0], to_last[0])
    back[at] += np.where(sooner, to_first[1], to_last[1])
    return (links.start, end), (forth, back)


def lengths_round(links: Links, streets: Streets, hierarchy: "Hierarchy") -> "Numbers":
    """Return metres of road between the ends of links; ``inf`` if there is no way."""
    road = links.road
    by = np.where(links.end >= 0, links.end, streets.first[road])
    or_by = np.where(links.end >= 0, links.end, streets.last[road])
    rest = np.where(links.end >= 0, 0.0, streets.length_m[road] - links.along_m)
    return np.minimum(
        METRES_A_MINUTE * pair_minutes(hierarchy, links.start, by) + links.along_m,
        METRES_A_MINUTE * pair_minutes(hierarchy, links.start, or_by) + rest,
    )


def different(
    links: Links,
    streets: Streets,
    order: "NDArray[np.int64]",
    detour_m: "Numbers",
    detour_at_least: float,
    bridges: "NDArray[np.bool_]",
) -> "NDArray[np.int64]":
    """
    Return the links, in order, that do other things than all before them.

    One does the same if over one of those before the way between its ends is shorter
    than ``detour_at_least`` times its length, or saves half of the metres that it saves
    itself. They are looked for as far from each as the longest way that could be a detour:
    for bridges of all links, for others of those that are no bridges.
    """
    of_all, of_others = (
        float(links.length_m[which].max(initial=0.0)) * detour_at_least
        for which in (slice(None), ~bridges)
    )
    half_m = _SAME_SHARE * (detour_m - links.length_m)
    by_start = np.argsort(links.start, kind="stable")
    starts = links.start[by_start]
    dropped = np.zeros(len(links), dtype=bool)
    away = np.full((2, len(streets.xy)), np.inf)
    kept = []
    for k in order:
        if dropped[k]:
            continue
        kept.append(k)
        near = []
        limit_m = of_all if bridges[k] else of_others
        for side, ends in enumerate(_ends_of(links, streets, k)):
            vertices, minutes = reach(streets.graph, ends, limit_m / METRES_A_MINUTE)
            away[side, vertices] = minutes * METRES_A_MINUTE
            near.append(vertices)
        begin, after = (
            np.searchsorted(starts, np.union1d(*near), side=side)
            for side in ("left", "right")
        )
        counts = after - begin
        inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = by_start[np.repeat(begin, counts) + inside]
        from_start = away[:, links.start[rows]]
        to_end = _away_from_end(links, streets, rows, away, int(k))
        over = links.length_m[k] + np.minimum(
            from_start[0] + to_end[1], from_start[1] + to_end[0]
        )
        length = links.length_m[rows]
        same = (over < detour_at_least * length) | (over - length <= half_m[rows])
        dropped[rows[same & np.isfinite(over)]] = True
        for side in (0, 1):
            away[side, near[side]] = np.inf
    return np.array(kept, dtype=np.int64)


def _ends_of(
    links: Links, streets: Streets, k: int
) -> "tuple[int | Connectors, int | Connectors]":
    """Return where searches from both ends of a link begin."""
    start, end = int(links.start[k]), int(links.end[k])
    if end >= 0:
        return start, end
    road, along = links.road[k], links.along_m[k]
    metres = np.array([along, streets.length_m[road] - along])
    ends = [streets.first[road], streets.last[road]]
    return start, connectors(1, [0, 0], ends, metres / METRES_A_MINUTE)


def _away_from_end(
    links: Links,
    streets: Streets,
    rows: "NDArray[np.int64]",
    away: "Numbers",
    k: int,
) -> "Numbers":
    """Return metres from the ends of a link to the ends of some others."""
    road, along = links.road[rows], links.along_m[rows]
    at = links.end[rows] >= 0
    by_first = away[:, np.where(at, links.end[rows], streets.first[road])] + along
    rest = np.where(at, 0.0, streets.length_m[road] - along)
    by_last = away[:, np.where(at, links.end[rows], streets.last[road])] + rest
    found = np.minimum(by_first, by_last)
    # Places on one road need not go by its ends.
    same = ~at & (road == links.road[k])
    gap = np.abs(along - links.along_m[k])
    found[1] = np.where(same, np.minimum(found[1], gap), found[1])
    return found
