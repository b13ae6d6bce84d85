"""How far one comes: minutes to every junction, and why points do not (可达范围)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.trip_words import (
    directed,
    joining_told,
    lasting,
    ruled_by_trips,
)
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.rules import ruled
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.parts import parts
from ctzgis.network.reached import minutes_everywhere
from ctzgis.progress import telling
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.progress import Progress

__all__ = ["reach", "snapped_points"]


def reach(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    *,
    cutoff_min: float,
    direction: Direction = "from",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Find the junctions within a time of each origin.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins
        Points in the CRS of the network, indexed by id.
    cutoff_min
        How far to go; a junction exactly there is reached.
    direction
        ``"from"``: where each origin leads to; ``"to"``: from where it is reached.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        ``origin_id``, ``junction_id``, ``travel_time_min``, nearest first for each
        origin. An origin without a road near it has no rows: see ``snapped_points``.
        ``attrs["rules"]`` tells cutoff, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If origins break their contract or are in another CRS.
    InputError
        If the cutoff is not above 0, or the mode or the profile is not known.

    Examples
    --------
    A minute from Gridville's centre lie its four neighbours:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> reach(gridville(), centre, cutoff_min=1)["travel_time_min"].tolist()
    [0.0, 1.0, 1.0, 1.0, 1.0]
    """
    require_cutoff(cutoff_min)
    graph = network.graph(direction=direction, mode=mode, profile=profile, rules=rules)
    joined = graph.join(network.snap(origins, graph, rules=rules, name="origins"))
    names = network.roads.junctions.index
    found = []
    with telling("reach", progress) as tell:
        for position, origin in enumerate(origins.index):
            times = minutes_everywhere(graph, joined, position, cutoff_min)
            minutes = times[graph.junctions].min(axis=0)
            at = np.flatnonzero(np.isfinite(minutes))
            at = at[np.argsort(minutes[at], kind="stable")]
            columns = {"junction_id": names[at], "travel_time_min": minutes[at]}
            found.append(pd.DataFrame({"origin_id": [origin] * len(at), **columns}))
            tell((position + 1) / len(origins))
    head = pd.DataFrame(
        {"origin_id": names[:0], "junction_id": names[:0], "travel_time_min": 0.0}
    )
    frame = pd.concat(found, ignore_index=True) if found else head
    return ruled_by_trips(
        frame, network, lasting(cutoff_min),
        directed(direction, Text("各点", "the origins")),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def snapped_points(
    network: TravelNetwork,
    points: "gpd.GeoDataFrame",
    *,
    mode: Mode = "drive",
    direction: Direction = "from",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Tell how points are attached to the network, and what part of it they are in.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    points
        Points in the CRS of the network, indexed by id.
    mode, rules
        As for ``travel_times``.
    direction
        Whether trips start at the points or lead to them, which matters where both ends
        are travelled by other means.

    Returns
    -------
    DataFrame
        Indexed by point id: ``road_id`` of the nearest road that may be used,
        ``snap_distance_m`` to it, ``roads`` the number the point is attached to,
        ``component`` the part of the network (1 is that with most junctions, 2 the
        next), ``component_share`` of all junctions in it (0–1) and ``reason``: NaN and
        none with a reason where no road is within ``rules.max_snap_distance_m``.
        ``attrs["rules"]`` tells which roads points may use.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the mode or the direction is not known.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> found = snapped_points(gridville(), gridville_places())
    >>> found[["snap_distance_m", "component"]].max().tolist()
    [0.0, 1.0]
    """
    graph = network.graph(direction=direction, mode=mode, rules=rules)
    joined = graph.join(network.snap(points, graph, rules=rules))
    snaps = joined.snaps
    near = np.flatnonzero(snaps.found)
    first = np.searchsorted(snaps.point, near)
    layer = graph.junctions[0 if direction == "from" else -1]
    part = parts(graph)
    size = np.bincount(part[layer], minlength=part.max(initial=-1) + 1)
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(1, len(size) + 1)
    at = part[graph.access.first[joined.piece[first]]]
    frame = pd.DataFrame(
        {
            "road_id": graph.roads.index[snaps.road[first]],
            "snap_distance_m": snaps.off_m[first],
            "roads": np.bincount(snaps.point, minlength=len(points))[near],
            "component": pd.array(rank[at], dtype="Int64"),
            "component_share": size[at] / max(len(layer), 1),
            "reason": "",
        },
        index=points.index[near],
    ).reindex(points.index)
    frame = frame.fillna({"roads": 0, "reason": "no road near the point"})
    return ruled(
        frame.astype({"roads": np.int64}),
        *joining_told(mode, direction, network.settled(rules)),
    )
