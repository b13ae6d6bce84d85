"""Trips of the people around links, some for all (连接线周边出行抽样)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from ctzgis.network.engine.pairs import pair_minutes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.link_candidates import Links
    from ctzgis.network.engine import Hierarchy
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["SAMPLES", "People", "people_beside", "saved_a_trip", "trips_between"]

SAMPLES: Final = 8
"""How many people of each side stand for all: one of each eighth, by distance."""

_LINKS_AT_ONCE: Final = 2_000


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


def saved_a_trip(
    start: Beside,
    end: Beside,
    ends: "tuple[Rows, Rows]",
    whole_min: "tuple[Numbers, Numbers]",
    hierarchy: "Hierarchy",
    *,
    progress: "Progress | None" = None,
) -> "Numbers":
    """
    Return the minutes that a trip across saves on average.

    Each of those who stand for one side goes to each of those of the other and back: over
    the link, if that is quicker than the way there was. A trip that had none saves none.

    Parameters
    ----------
    start, end
        People on both sides of each link.
    ends
        Vertices where trips get onto the link, and off it.
    whole_min
        Minutes from the one to the other over the link, and back.
    hierarchy
        The graph without the links, prepared.
    progress
        Takes a line now and then.
    """
    saved = np.zeros(len(start.number))
    there = np.flatnonzero((start.number > 0) & (end.number > 0))
    for k in range(0, len(there), _LINKS_AT_ONCE):
        rows = there[k : k + _LINKS_AT_ONCE]
        near, far = start.vertex[rows], end.vertex[rows]
        forth = _saved(
            near, far, ends[0][rows], ends[1][rows], whole_min[0][rows], hierarchy,
            progress,
        )  # fmt: skip
        back = _saved(
            far, near, ends[1][rows], ends[0][rows], whole_min[1][rows], hierarchy,
            progress,
        )  # fmt: skip
        saved[rows] = (forth + back) / 2
    return saved


def _saved(
    near: "Rows",
    far: "Rows",
    on: "Rows",
    off: "Rows",
    whole_min: "Numbers",
    hierarchy: "Hierarchy",
    progress: "Progress | None",
) -> "Numbers":
    """Return minutes that trips from one side to the other save, the mean of all."""
    count = near.shape[1]
    square = (len(near), count, count)
    starts = np.broadcast_to(near[:, :, None], square).ravel()
    ends = np.broadcast_to(far[:, None, :], square).ravel()
    before = pair_minutes(hierarchy, starts, ends, progress=progress).reshape(square)
    to = pair_minutes(hierarchy, near.ravel(), np.repeat(on, count)).reshape(near.shape)
    away = pair_minutes(hierarchy, np.repeat(off, count), far.ravel()).reshape(
        far.shape
    )
    over = to[:, :, None] + whole_min[:, None, None] + away[:, None, :]
    with np.errstate(invalid="ignore"):
        saved = np.where(np.isfinite(before), np.maximum(before - over, 0.0), 0.0)
    mean: Numbers = saved.mean(axis=(1, 2))
    return mean
