"""What links save, and which of them do the same (连接线的节省)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.analysis.link_candidates import METRES_A_MINUTE, Links, Streets
from ctzgis.network.engine import connectors, reach
from ctzgis.network.engine.pairs import pair_minutes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.engine import Connectors, Hierarchy
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]

__all__ = [
    "Minutes",
    "different",
    "lengths_round",
    "minutes_of",
    "people_beside",
    "trips_between",
]

@dataclass(frozen=True, slots=True, eq=False)
class Minutes:
    """Minutes between the ends of links, the mean of both directions."""

    before: "Numbers"
    after: "Numbers"


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
    after = np.minimum(forth, whole + to_end) + np.minimum(back, whole + to_start)
    return Minutes((forth + back) / 2, after / 2)


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


def people_beside(
    links: Links, xy: "Numbers", people: "Numbers", within_m: float
) -> "tuple[Numbers, Numbers]":
    """Return the people nearer to the start, and to the end, of those around either."""
    from scipy.spatial import cKDTree

    beside = np.zeros((2, len(links)))
    if not len(xy) or not len(links):
        return beside[0], beside[1]
    tree = cKDTree(xy)
    for side, ends in enumerate((links.xy[:, :2], links.xy[:, 2:])):
        other = links.xy[:, 2:] if side == 0 else links.xy[:, :2]
        places, at = np.unique(ends, axis=0, return_inverse=True)
        near = tree.query_ball_point(places, within_m, return_sorted=True)
        held = [np.asarray(rows, dtype=np.int64) for rows in near]
        for k, place in enumerate(at.ravel()):
            rows = held[place]
            middle, towards = (ends[k] + other[k]) / 2, other[k] - ends[k]
            across = (xy[rows] - middle) @ towards
            # Who is as near to both counts half on either side.
            share = np.where(across < 0, 1.0, np.where(across > 0, 0.0, 0.5))
            beside[side, k] = (people[rows] * share).sum()
    return beside[0], beside[1]


def trips_between(start: "Numbers", end: "Numbers") -> "Numbers":
    """
    Return trips from one side to the other if each person goes to one of all.

    Examples
    --------
    Of 300 people on one side a quarter goes across, of 100 on the other three quarters:

    >>> import numpy as np
    >>> trips_between(np.array([300.0]), np.array([100.0])).tolist()
    [150.0]
    """
    both = start + end
    return np.divide(2 * start * end, both, out=np.zeros_like(both), where=both > 0)


def different(
    links: Links, streets: Streets, order: "NDArray[np.int64]", detour_at_least: float
) -> "NDArray[np.int64]":
    """
    Return the links, in order, that are still missing when any before them is built.

    One is not if the way between its ends over one of those before is shorter than
    ``detour_at_least`` times its length.
    """
    limit_m = float(links.length_m.max(initial=0.0)) * detour_at_least
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
        dropped[rows[over < detour_at_least * links.length_m[rows]]] = True
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
