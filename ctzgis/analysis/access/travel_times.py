"""Travel times between points (出行时间)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ctzgis.analysis.access.trip_words import lasting, ruled_by_trips, trips_told
from ctzgis.analysis.access.trips import (
    PAIRS_AT_ONCE,
    Trips,
    minutes_in_parts,
    no_road,
    trips,
)
from ctzgis.analysis.columns import whole_number
from ctzgis.analysis.rules import in_one, ruled
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules
from ctzgis.network.engine import matrix
from ctzgis.network.parts import in_one_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.engine import Connectors
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

__all__ = [
    "travel_time_matrix",
    "travel_times",
    "travel_times_in_parts",
]

_REASONS: Final = (
    "",
    no_road("from"),
    no_road("to"),
    "another part of the network",
    "no way along one-way streets",
    "no way by rail",
    "beyond the cutoff",
)

# A row of the long table takes some 40 bytes.
_MOST_PAIRS: Final = 100_000_000


def travel_times(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    cutoff_min: float | None = None,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Find the quickest trip from every origin to every destination.

    A point on a road uses it; any other may use every road near it
    (``rules.snap_radius_m``), or the nearest one if none is near. The way to the road
    counts, at local speed times the detour. A new line never lengthens a time, and a
    new road only where it runs through a point or is the first near it
    (``TravelNetwork.graph`` gives the rule). By one means of travel a point is 0 min
    from itself: the same id at the same place. In a chain with rail every trip boards.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins, destinations
        Points in the CRS of the network, indexed by id.
    cutoff_min
        Longest trip that counts; all if not given.
    mode
        ``"drive"``, ``"walk"``, ``"cycle"``, or a chain as ``"walk+rail+walk"``.
    profile
        ``"free"`` flow, ``"peak"``, or another the roads state speeds for.
    rules
        Assumptions on walking, waiting and local streets.
    progress
        Takes a line now and then when work takes longer than two seconds.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``travel_time_min`` (NaN where there is no trip) and
        ``reason`` (why there is none, else empty), one row per pair, origins first.
        ``attrs["rules"]`` tells the cutoff and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the mode or the profile is not known, the cutoff is not above 0, or there are
        more than 100 million pairs: then ask for ``travel_times_in_parts``.

    Notes
    -----
    Times are rounded to 0.005 s on each road.

    Examples
    --------
    Gridville's opposite corners lie 20 km of road apart, at 60 km/h:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places().loc[["south_west", "north_east"]]
    >>> travel_times(gridville(), places, places)
          from_id       to_id  travel_time_min reason
    0  south_west  south_west              0.0
    1  south_west  north_east             20.0
    2  north_east  south_west             20.0
    3  north_east  north_east              0.0
    """
    _require_room(origins, destinations)
    frames = travel_times_in_parts(
        network, origins, destinations, cutoff_min=cutoff_min, mode=mode,
        profile=profile, rules=rules, pairs_at_once=_MOST_PAIRS, progress=progress,
    )  # fmt: skip
    return next(iter(frames))


def _require_room(
    origins: "gpd.GeoDataFrame", destinations: "gpd.GeoDataFrame"
) -> None:
    if (pairs := len(origins) * len(destinations)) > _MOST_PAIRS:
        msg = (
            f"{pairs:,} pairs do not fit into one table; take them from "
            "travel_times_in_parts, or give fewer points"
        )
        raise InputError(msg)


def travel_times_in_parts(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    cutoff_min: float | None = None,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    pairs_at_once: int = PAIRS_AT_ONCE,
    progress: "Progress | None" = None,
) -> "Iterator[pd.DataFrame]":
    """
    Yield the table of ``travel_times`` for some of the origins after others.

    Parameters
    ----------
    network, origins, destinations, cutoff_min, mode, profile, rules, progress
        As for ``travel_times``.
    pairs_at_once
        Rows of a part, or those of one origin if they are more; a row takes some 40
        bytes.

    Yields
    ------
    DataFrame
        At least one, in the order of the origins; columns, missing values and
        ``attrs["rules"]`` as of ``travel_times``; the index counts on. What is wrong with
        the input is said when the first is asked for.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the mode or profile is not known, the cutoff is not above 0, or
        ``pairs_at_once`` no whole number above 0.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> tables = travel_times_in_parts(gridville(), places, places, pairs_at_once=10)
    >>> [len(table) for table in tables]
    [10, 10, 5]
    """
    pairs_at_once = whole_number(pairs_at_once, "pairs_at_once")
    asked = trips(
        network, origins, destinations, cutoff_min, mode=mode, profile=profile,
        rules=rules, names=("origins", "destinations"),
    )  # fmt: skip
    how = trips_told([mode], profile=profile, rules=network.settled(rules))
    told = in_one(lasting(cutoff_min), how)
    size = max(pairs_at_once // max(len(destinations), 1), 1)
    for part, minutes in minutes_in_parts(asked, size, progress=progress):
        why = _reasons(asked, part, minutes)
        pairs = pd.MultiIndex.from_product(
            [origins.index[part], destinations.index], names=["from_id", "to_id"]
        )
        frame: pd.DataFrame = pairs.to_frame(index=False)
        frame["travel_time_min"] = minutes.ravel()
        frame["reason"] = np.array(_REASONS, dtype=object)[why.ravel()]
        frame.index = frame.index + part.start * len(destinations)
        yield ruled(frame, *told)


def travel_time_matrix(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    cutoff_min: float | None = None,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Find the quickest trips as ``travel_times`` does, a row an origin.

    Parameters
    ----------
    network, origins, destinations, cutoff_min, mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        Minutes, indexed by ``from_id``, a column for each ``to_id``; NaN where there is
        no trip. ``attrs`` as of ``travel_times``.

    Raises
    ------
    SchemaError, CRSError, InputError
        As by ``travel_times``.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places().loc[["centre", "north_east"]]
    >>> travel_time_matrix(gridville(), places, places).loc["centre"].tolist()
    [0.0, 10.0]
    """
    _require_room(origins, destinations)
    asked = trips(
        network, origins, destinations, cutoff_min, mode=mode, profile=profile,
        rules=rules, names=("origins", "destinations"),
    )  # fmt: skip
    _, minutes = next(minutes_in_parts(asked, max(len(origins), 1), progress=progress))
    frame = pd.DataFrame(
        minutes,
        index=origins.index.rename("from_id"),
        columns=destinations.index.rename("to_id"),
    )
    return ruled_by_trips(
        frame, network, lasting(cutoff_min), modes=[mode], profile=profile, rules=rules
    )


def _reasons(
    asked: Trips, part: slice, minutes: "NDArray[np.float64]"
) -> "NDArray[np.int8]":
    """Tell why there is no trip, by the place in the list of reasons."""
    graph, origins = asked.graph, asked.points.part(part.start, part.stop)
    near, there = origins.found, asked.there
    why = np.zeros(minutes.shape, dtype=np.int8)
    missing = np.isnan(minutes)
    if not missing.any():
        return why
    # Where lines are taken, it is they that do not lead there.
    apart = "no way by rail" if graph.lines else "another part of the network"
    closed = "no way by rail" if graph.lines else "no way along one-way streets"
    joined = in_one_part(graph, origins)
    why[missing] = _REASONS.index(apart)
    why[missing & joined] = _REASONS.index(closed)
    if np.isfinite(asked.cutoff_min):
        late = missing & joined & _reachable(graph, origins, missing & joined)
        why[late] = _REASONS.index("beyond the cutoff")
    why[:, ~there] = _REASONS.index(no_road("to"))
    why[~near] = _REASONS.index(no_road("from"))
    return why


def _reachable(
    graph: "TravelGraph", origins: "Connectors", asked: "NDArray[np.bool_]"
) -> "NDArray[np.bool_]":
    """Tell which of the asked pairs have a trip, however long."""
    both = in_one_part(graph, origins, strong=True)
    open_ = asked & ~both
    rows, columns = (np.flatnonzero(open_.any(axis=axis)) for axis in (1, 0))
    if len(rows):
        found = matrix(graph.search, origins.take(rows), graph.anchors[columns])
        both[np.ix_(rows, columns)] |= np.isfinite(found)
    return both
