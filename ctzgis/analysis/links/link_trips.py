"""Trips of the people around links, some for all (连接线周边出行抽样)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from ctzgis.network.engine.pairs import pair_minutes
from ctzgis.progress import telling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.links.link_candidates import Links
    from ctzgis.network.engine import Hierarchy
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["SAMPLES", "People", "people_beside", "saved_a_day", "trips_between"]

SAMPLES: Final = 8
"""How many people of each side stand for all: one of each eighth, by distance."""

_LINKS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """
    Where people live, and where they get onto the roads.

    Attributes
    ----------
    xy
        Place of each point.
    number
        How many live there.
    vertex
        Vertex of the graph that they reach first.
    """

    xy: "Numbers"
    number: "Numbers"
    vertex: "Rows"


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """
    People on one side of links.

    Attributes
    ----------
    number
        How many there are on that side of each.
    vertex
        Vertices of those who stand for all: ``SAMPLES`` a link, -1 if nobody is there.
    """

    number: "Numbers"
    vertex: "Rows"

    def take(self, which: "Rows") -> "Beside":
        """Return the people beside some of the links."""
        return Beside(self.number[which], self.vertex[which])


def people_beside(
    links: "Links", people: People, within_m: float
) -> tuple[Beside, Beside]:
    """
    Return the people nearer to the start, and to the end, of those around either.

    Who is as near to both counts half on either side. Those who stand for all are one in
    the middle of each eighth of the people, from the nearest to the farthest.
    """
    sides = links.xy[:, :2], links.xy[:, 2:]
    return (
        _beside(sides[0], sides[1], people, within_m),
        _beside(sides[1], sides[0], people, within_m),
    )


def _beside(
    ends: "Numbers", others: "Numbers", people: People, within_m: float
) -> Beside:
    """Return the people nearer to one end of each link than to the other."""
    number = np.zeros(len(ends))
    vertex = np.full((len(ends), SAMPLES), -1)
    if not len(people.xy) or not len(ends):
        return Beside(number, vertex)
    places, at = np.unique(ends, axis=0, return_inverse=True)
    near = cKDTree(people.xy).query_ball_point(places, within_m, return_sorted=True)
    held = [np.asarray(rows, dtype=np.int64) for rows in near]
    wanted = (np.arange(SAMPLES) + 0.5) / SAMPLES
    for k, place in enumerate(at.ravel()):
        rows = held[place]
        xy = people.xy[rows]
        across = (xy - (ends[k] + others[k]) / 2) @ (others[k] - ends[k])
        share = np.where(across < 0, 1.0, np.where(across > 0, 0.0, 0.5))
        here = people.number[rows] * share
        number[k] = here.sum()
        if number[k] > 0:
            away = np.round(((xy - ends[k]) ** 2).sum(axis=1), 3)
            order = np.argsort(away, kind="stable")
            added = np.cumsum(here[order])
            chosen = np.searchsorted(added, wanted * added[-1])
            vertex[k] = people.vertex[rows[order[chosen]]]
    return Beside(number, vertex)


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


def saved_a_day(
    sides: "tuple[Beside, Beside]",
    ends: "tuple[Rows, Rows]",
    over_min: "tuple[Numbers, Numbers]",
    hierarchy: "Hierarchy",
    *,
    progress: "Progress | None" = None,
) -> "Numbers":
    """
    Return the minutes saved if each person around a link goes to one of all of them.

    Those who stand for both sides go to one another and to their own: over the link, one
    way or the other, if that is quicker than the way there was. A trip that had none
    saves none.

    Parameters
    ----------
    sides
        People on both sides of each link.
    ends
        Vertices where trips get onto the link, and off it.
    over_min
        Minutes from the one to the other over the link, and back.
    hierarchy
        The graph without the links, prepared.
    progress
        Takes a line now and then.
    """
    count = len(sides[0].number)
    saved = np.zeros(count)
    vertex = np.concatenate([side.vertex for side in sides], axis=1)
    weight = np.concatenate(
        [np.repeat(side.number[:, None] / SAMPLES, SAMPLES, axis=1) for side in sides],
        axis=1,
    )
    total = weight.sum(axis=1)
    there = np.flatnonzero(total > 0)
    with telling("what links save", progress) as tell:
        for k in range(0, len(there), _LINKS_AT_ONCE):
            tell(k / len(there))
            rows = there[k : k + _LINKS_AT_ONCE]
            minutes = _saved(
                np.maximum(vertex[rows], 0),
                (ends[0][rows], ends[1][rows]),
                (over_min[0][rows], over_min[1][rows]),
                hierarchy,
            )
            made = weight[rows][:, :, None] * weight[rows][:, None, :]
            saved[rows] = (made * minutes).sum(axis=(1, 2)) / total[rows]
    return saved


def _saved(
    vertex: "Rows",
    ends: "tuple[Rows, Rows]",
    over_min: "tuple[Numbers, Numbers]",
    hierarchy: "Hierarchy",
) -> "Numbers":
    """Return minutes that trips between vertices save, a square for each link."""
    count = vertex.shape[1]
    square = (len(vertex), count, count)
    starts = np.broadcast_to(vertex[:, :, None], square).ravel()
    stops = np.broadcast_to(vertex[:, None, :], square).ravel()
    before = pair_minutes(hierarchy, starts, stops, progress=_silent).reshape(square)
    best = before
    flat = vertex.ravel()
    for on, off, over in (
        (ends[0], ends[1], over_min[0]),
        (ends[1], ends[0], over_min[1]),
    ):
        to, away = (
            pair_minutes(hierarchy, *pair, progress=_silent).reshape(vertex.shape)
            for pair in (
                (flat, np.repeat(on, count)),
                (np.repeat(off, count), flat),
            )
        )
        best = np.minimum(best, to[:, :, None] + over[:, None, None] + away[:, None, :])
    way = np.isfinite(before)
    saved: Numbers = np.where(way, before, 0.0) - np.where(way, best, 0.0)
    return saved


def _silent(_: str) -> None:
    """Tell nobody: the whole is told of."""
