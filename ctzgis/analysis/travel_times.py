"""Travel times between points and between areas (出行时间)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, Mode, Profile, TravelNetwork, TravelRules
from ctzgis.network.engine import minutes_between
from ctzgis.network.snapping import Snaps
from ctzgis.tables import ZONES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["edge_travel_times", "same_points", "travel_times"]

_REASONS: Final = (
    "",
    "no road near the origin",
    "no road near the destination",
    "no way",
)


def travel_times(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    mode: Mode = "drive",
    profile: Profile = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Find the quickest trip from every origin to every destination.

    A point on a road uses it; any other may use every road near it
    (``rules.snap_radius_m``), or the nearest one if none is near. The way to the road
    counts, at local speed times the detour. A new line never lengthens a time, and a
    new road only where it runs through a point or is the first near it
    (``TravelNetwork.graph`` gives the rule). By car or on foot a point is 0 min from
    itself: the same id at the same place. In a chain with rail every trip boards.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins, destinations
        Points in the CRS of the network, indexed by id.
    mode
        ``"drive"``, ``"walk"``, ``"walk+rail+walk"`` or ``"drive+rail+drive"``.
    profile
        ``"free"`` flow or ``"peak"``.
    rules
        Assumptions on walking, waiting and local streets.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``travel_time_min`` (NaN where there is no trip) and
        ``reason`` (why there is none, else empty), one row per pair, origins first.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the mode or the profile is not known.

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
    graph = network.graph(
        origins, destinations, mode=mode, profile=profile, rules=rules
    )
    near, there = graph.origins >= 0, graph.destinations >= 0
    minutes = np.full((len(origins), len(destinations)), np.nan)
    reached = minutes_between(
        graph.arrays, graph.origins[near], graph.destinations[there]
    )
    minutes[np.ix_(near, there)] = np.where(np.isfinite(reached), reached, np.nan)
    if mode in ("drive", "walk"):
        # A point's way to itself needs no road.
        start, end = same_points(origins, destinations)
        minutes[start[near[start]], end[near[start]]] = 0.0
    why = np.where(~near[:, None], 1, np.where(~there[None, :], 2, 3))
    why = np.where(np.isnan(minutes), why, 0)
    pairs = pd.MultiIndex.from_product(
        [origins.index, destinations.index], names=["from_id", "to_id"]
    )
    frame: pd.DataFrame = pairs.to_frame(index=False)
    frame["travel_time_min"] = minutes.ravel()
    frame["reason"] = np.array(_REASONS, dtype=object)[why.ravel()]
    return frame


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


def edge_travel_times(
    network: TravelNetwork,
    areas: "gpd.GeoDataFrame",
    *,
    profile: Profile = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Find the quickest drive from the edge of each area to the edge of each other.

    An edge is every place where a road crosses the border of the area, motorways
    included; the best pair of crossings counts.

    Parameters
    ----------
    network
        Network of one year.
    areas
        Polygons in the CRS of the network, indexed by id.
    profile
        ``"free"`` flow or ``"peak"``.
    rules
        Assumptions on signals.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``travel_time_min``; NaN where no road crosses an
        edge or no way leads on; 0 where two areas share a crossing.

    Raises
    ------
    SchemaError, CRSError
        If areas break their contract or are in another CRS.
    """
    roads = network.roads.roads
    ZONES.check(areas)
    require_same(areas, roads, left_name="areas", right_name="roads")
    owner, road, along = _crossings(areas, roads)
    cuts = Snaps(len(road), np.arange(len(road)), road, along, np.zeros(len(road)))
    graph = network.graph(cuts, cuts, profile=profile, rules=rules)
    minutes = minutes_between(graph.arrays, graph.origins, graph.destinations)
    rows = []
    for i, start in enumerate(areas.index):
        for j, end in enumerate(areas.index):
            pairs = minutes[np.ix_(owner == i, owner == j)]
            best = float(pairs.min()) if pairs.size else np.inf
            rows.append((start, end, best if np.isfinite(best) else np.nan))
    return pd.DataFrame(rows, columns=["from_id", "to_id", "travel_time_min"])


def _crossings(
    areas: "gpd.GeoDataFrame", roads: "gpd.GeoDataFrame"
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]":
    """Return area, road and metres along it wherever a road crosses a border."""
    lines = np.asarray(roads.geometry.array)
    borders = np.asarray(areas.boundary.array)
    road, area = areas.sindex.query(lines, predicate="intersects")
    meeting = shapely.intersection(lines[road], borders[area])
    # A road may cross several times; lines along the border count at their ends.
    parts, which = shapely.get_coordinates(meeting, return_index=True)
    road, area = road[which], area[which]
    along = shapely.line_locate_point(lines[road], shapely.points(parts))
    return area, road, along
