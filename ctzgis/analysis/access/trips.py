"""Trips asked for: points on a graph, and the minutes between them (出行)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ctzgis.analysis.columns import is_above_0
from ctzgis.errors import InputError
from ctzgis.network.engine import matrix
from ctzgis.network.travel_graph import CHAINS
from ctzgis.progress import telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network import Direction, Mode, TravelNetwork, TravelRules
    from ctzgis.network.engine import Connectors
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

__all__ = [
    "PAIRS_AT_ONCE",
    "Trips",
    "minutes_in_parts",
    "no_road",
    "require_cutoff",
    "require_cutoffs",
    "same_points",
    "trips",
]

PAIRS_AT_ONCE = 4_000_000
"""Pairs whose minutes are held at a time: 32 MB, and some times that around them."""


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """
    Trips between points and anchors of a graph.

    Attributes
    ----------
    graph
        The graph; its direction tells which way trips lead.
    points
        The points that are joined to it.
    own
        Positions of points and anchors that are one and the same: no minutes apart.
    cutoff_min
        Longest trip that counts, or ``inf``.
    """

    graph: "TravelGraph"
    points: "Connectors"
    own: "tuple[NDArray[np.int64], NDArray[np.int64]]"
    cutoff_min: float

    @property
    def there(self) -> "NDArray[np.bool_]":
        """Which anchors are near a road."""
        return self.graph.anchors >= 0


def trips(
    network: "TravelNetwork",
    points: "gpd.GeoDataFrame",
    anchors: "gpd.GeoDataFrame",
    cutoff_min: float | None = None,
    *,
    direction: "Direction" = "from",
    mode: "Mode",
    profile: str,
    rules: "TravelRules",
    names: tuple[str, str] = ("points", "opportunities"),
) -> Trips:
    """
    Join points to the graph of a network with anchors.

    Raises
    ------
    InputError
        If the cutoff is not above 0, or the mode or the profile is not known.
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    """
    if cutoff_min is not None:
        require_cutoff(cutoff_min)
    graph = network.graph(
        anchors, direction=direction, mode=mode, profile=profile, rules=rules,
        name=names[1],
    )  # fmt: skip
    joined = graph.join(network.snap(points, graph, rules=rules, name=names[0]))
    # A point's way to itself needs no road; a chain boards a train first.
    none = np.empty(0, dtype=np.int64)
    own = same_points(points, anchors) if len(CHAINS[mode]) == 1 else (none, none)
    limit = np.inf if cutoff_min is None else cutoff_min
    return Trips(graph, joined.connectors, own, limit)


def minutes_in_parts(
    asked: Trips, size: int | None = None, *, progress: "Progress | None" = None
) -> "Iterator[tuple[slice, NDArray[np.float64]]]":
    """
    Yield minutes between some of the points at a time and every anchor.

    Parameters
    ----------
    asked
        The trips.
    size
        How many points at a time; as fit into the budget if not given.
    progress
        Takes a line now and then.

    Yields
    ------
    slice, ndarray
        Which points, and a row for each: NaN where there is no trip. One part at least.
    """
    count = len(asked.points)
    if size is None:
        size = max(PAIRS_AT_ONCE // max(len(asked.there), 1), 1)
    parts = [slice(k, min(k + size, count)) for k in range(0, max(count, 1), size)]
    if len(parts) == 1:
        yield parts[0], _minutes(asked, parts[0], progress)
        return
    with telling("travel times", progress) as tell:
        for part in parts:
            yield part, _minutes(asked, part, _silent)
            tell(part.stop / count)


def _minutes(
    asked: Trips, part: slice, progress: "Progress | None"
) -> "NDArray[np.float64]":
    """Return minutes between some of the points and every anchor."""
    graph, there = asked.graph, asked.there
    minutes = np.full((part.stop - part.start, len(there)), np.nan)
    points = asked.points.part(part.start, part.stop)
    anchors = graph.anchors[there]
    if graph.reverse:
        found = matrix(
            graph.search, anchors, points, asked.cutoff_min, progress=progress
        ).T
    else:
        found = matrix(
            graph.search, points, anchors, asked.cutoff_min, progress=progress
        )
    minutes[:, there] = np.where(np.isfinite(found), found, np.nan)
    point, anchor = asked.own
    ours = (point >= part.start) & (point < part.stop)
    point, anchor = point[ours], anchor[ours]
    near = asked.points.found[point]
    minutes[point[near] - part.start, anchor[near]] = 0.0
    return minutes


def _silent(_: str) -> None:
    """Tell nobody: the whole is told of."""


def require_cutoffs(cutoffs_min: "Sequence[float] | float | str") -> None:
    """Raise ``InputError`` unless there is a list of cutoffs, all finite and above 0."""
    if isinstance(cutoffs_min, (str, int, float)) or np.ndim(cutoffs_min) != 1:
        msg = f"cutoffs are minutes above 0, in a list; {cutoffs_min!r} is given"
        raise InputError(msg)
    wrong = [cutoff for cutoff in cutoffs_min if not is_above_0(cutoff)]
    if wrong or not len(cutoffs_min):
        found = f"{wrong[0]!r} is given" if wrong else "none is given"
        msg = f"cutoffs are minutes above 0; {found}"
        raise InputError(msg)


def require_cutoff(cutoff_min: float | None) -> None:
    """Raise ``InputError`` unless a cutoff is finite and above 0."""
    if not is_above_0(cutoff_min):
        msg = f"cutoffs are minutes above 0; {cutoff_min!r} is given"
        raise InputError(msg)


def no_road(direction: "Direction") -> str:
    """Return why a point has no trips, if no road is near it."""
    return f"no road near the {'origin' if direction == 'from' else 'destination'}"


def same_points(
    origins: "gpd.GeoDataFrame", destinations: "gpd.GeoDataFrame"
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return the positions of the points that have one id and one place in both."""
    end = destinations.index.get_indexer(origins.index)
    start = np.flatnonzero(end >= 0)
    end = end[start]
    here = np.asarray(origins.geometry.array)[start]
    same = shapely.equals(here, np.asarray(destinations.geometry.array)[end])
    return start[same], end[same]
