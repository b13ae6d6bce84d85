"""How many shortest trips pass over each road (介数中心性)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.trip_words import lasting, ruled_by_trips
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.columns import whole_number
from ctzgis.analysis.links.modes import require_means
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.engine.graph import ticks_of
from ctzgis.network.engine.passing import trips_over_arcs
from ctzgis.texts import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.network.layers import Means
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["betweenness"]


def betweenness(
    network: TravelNetwork,
    *,
    origins: int | None = 200,
    seed: int = 0,
    cutoff_min: float | None = None,
    mode: "Means" = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Count the quickest trips from every junction to every other that pass each road.

    Trips are counted from a sample of the junctions, drawn without putting back, and
    scaled up (Brandes and Pich 2007). Of equally quick trips, and of equally quick roads
    side by side, each counts in part.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins
        How many junctions trips are counted from; all if ``None``.
    seed
        Which sample is drawn.
    cutoff_min
        Longest trip that counts; all if not given.
    mode
        ``"drive"``, ``"walk"`` or ``"cycle"``.
    profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        Indexed by ``road_id``: ``betweenness`` (trips over the road, both directions
        together), ``standard_error`` of it by sampling (0 when trips from all junctions
        are counted, NaN from a single one) and ``betweenness_share`` of all trips (0–1).
        ``attrs["rules"]`` tells the sample, the cutoff and how trips are made.

    Raises
    ------
    InputError
        If ``origins`` is not a whole number above 0, the cutoff is not above 0, or a
        word is not known.

    Notes
    -----
    The error falls with the square root of ``origins``. It is itself found in the sample:
    for the busiest roads well, but too small for those that few origins use.

    Examples
    --------
    On a street of two blocks each is on 4 of the 6 trips:

    >>> from ctzgis.examples import gridville
    >>> street = gridville()
    >>> two = street.roads.keep(street.roads.roads.index.isin(["r0", "r1"]))
    >>> from ctzgis.network import TravelNetwork
    >>> betweenness(TravelNetwork(two), origins=None)["betweenness"].tolist()
    [4.0, 4.0]
    """
    if origins is not None:
        origins = whole_number(origins, "origins")
    if cutoff_min is not None:
        require_cutoff(cutoff_min)
    require_means(mode)
    graph = network.graph(mode=mode, profile=profile, rules=rules)
    ends = [graph.pieces.first, graph.pieces.last]
    used = np.unique(np.concatenate(ends)) if len(ends[0]) else np.empty(0, np.int64)
    count = len(used)
    size = count if origins is None else min(origins, count)
    drawn = np.random.default_rng(seed).choice(used, size, replace=False)
    limit = np.inf if cutoff_min is None else cutoff_min
    sums, squares = trips_over_arcs(
        graph.search, np.sort(drawn), limit, progress=progress
    )
    found, spread = (_by_road(graph, part) for part in (sums, squares))
    trips = found * count / max(size, 1)
    frame = pd.DataFrame(
        {
            "betweenness": trips,
            "standard_error": _standard_error(found, spread, size, count),
            "betweenness_share": trips / max(count * (count - 1), 1),
        },
        index=graph.roads.index,
    )
    sample = Text(
        f"自{count}个路口中的{size}个出发，放大至全部（种子{seed}）",
        f"trips from {size} of {count} junctions, scaled up to all (seed {seed})",
    )
    return ruled_by_trips(
        frame, network, sample, lasting(cutoff_min), modes=[mode], profile=profile,
        rules=rules, snapped=False,
    )  # fmt: skip


def _by_road(graph: "TravelGraph", by_arc: "Numbers") -> "Numbers":
    """Return what passes each road, of both its directions together."""
    search, pieces = graph.search, graph.pieces
    rows = search.forward
    tails = np.repeat(np.arange(search.count), np.diff(rows.start))
    keys = tails.astype(np.int64) * search.count + rows.head
    total = np.zeros(len(graph.roads))
    tail = search.inner[np.concatenate([pieces.first, pieces.last])].astype(np.int64)
    head = search.inner[np.concatenate([pieces.last, pieces.first])]
    lost = graph.lost_min
    minutes = np.concatenate(
        [
            pieces.forth_min + lost[pieces.last],
            pieces.back_min + lost[pieces.first],
        ]
    )
    if not len(keys):
        return total
    key = tail * search.count + head
    arc = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    # Of roads side by side the quickest are used, each of several in part.
    used = (keys[arc] == key) & (ticks_of(minutes, len(minutes)) == rows.ticks[arc])
    beside = np.bincount(arc[used], minlength=len(keys))
    road = np.tile(pieces.road, 2)[used]
    np.add.at(total, road, by_arc[arc[used]] / beside[arc[used]])
    return total


def _standard_error(
    found: "Numbers", squares: "Numbers", size: int, count: int
) -> "Numbers":
    """
    Return the error of sums scaled up from a sample without putting back.

    Trips from one origin pass a road in one direction only, so squares of both add up.
    """
    if size == count:
        return np.zeros(len(found))
    if size == 1:
        return np.full(len(found), np.nan)
    variance = np.maximum(squares - found**2 / size, 0.0) / (size - 1)
    error: NDArray[np.float64] = count * np.sqrt(variance / size * (1 - size / count))
    return error
