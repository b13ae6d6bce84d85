"""Stations: which settlements have one, and where one changes (车站与换乘)."""

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.straight import SAME_M, nearest_straight
from ctzgis.analysis.travel_times import travel_times
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.tables import POINTS, ZONES, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network.lines import Stop

__all__ = ["interchanges", "settlement_coverage", "settlements_served", "stations_of"]

SETTLEMENTS: Final = Table(
    name="settlements", geometry=(*POINTS.geometry, *ZONES.geometry)
)
"""Towns, as points of their centres or as built-up areas (城镇)."""


def stations_of(network: TravelNetwork) -> gpd.GeoDataFrame:
    """
    List the stations of a network and the modes of the lines that stop there.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.

    Returns
    -------
    GeoDataFrame
        Indexed by ``station_id``: ``name_zh``, ``modes`` (in alphabetical order, with
        ``;`` between), ``lines`` (how many) and the point, in the CRS of the network.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> stations_of(gridville())["modes"].to_dict()
    {'west': 'metro', 'centre': 'metro', 'east': 'metro'}
    """
    modes: defaultdict[str, set[str]] = defaultdict(set)
    lines: defaultdict[str, set[str]] = defaultdict(set)
    stops: dict[str, Stop] = {}
    for line in network.lines:
        for stop in line.stops:
            stops.setdefault(stop.station_id, stop)
            modes[stop.station_id].add(line.mode)
            lines[stop.station_id].add(line.id)
    return gpd.GeoDataFrame(
        {
            "name_zh": [stop.name_zh for stop in stops.values()],
            "modes": [";".join(sorted(modes[key])) for key in stops],
            "lines": [len(lines[key]) for key in stops],
        },
        geometry=[stop.point for stop in stops.values()],
        index=pd.Index(list(stops), name="station_id"),
        crs=network.roads.roads.crs,
    )


def settlements_served(
    settlements: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    *,
    modes: "Sequence[str]",
    within_km: float,
    population_from: float = 0.0,
) -> pd.DataFrame:
    """
    Tell which settlements above a size have a station of some modes near.

    Answers 高铁覆盖50万人口以上城市 and 普铁覆盖20万人口以上城市. The documents state no
    distance, so it is an assumption of who asks.

    Parameters
    ----------
    settlements
        Points of centres or built-up areas in true metres, with ``population``.
    stations
        Stations as :func:`stations_of` gives them.
    modes
        Any of these will do, e.g. ``["hsr", "intercity"]``.
    within_km
        Farthest a station may lie from the centre or the edge of the built-up area, as
        the crow flies.
    population_from
        Settlements with at least as many people fall under the rule.

    Returns
    -------
    DataFrame
        The settlements under the rule, in their order: ``population``, ``station_id``
        of the nearest station of the modes, ``distance_km`` (NaN without any),
        ``served``, ``modes`` and ``within_km``.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If the distance is not above 0, or people are missing or negative.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> found = settlements_served(gridville_places(), stations_of(gridville()),
    ...                            modes=["metro"], within_km=4)
    >>> found["served"].tolist()
    [False, False, False, False, True]
    """
    SETTLEMENTS.check(settlements)
    POINTS.check(stations)
    require_metric(settlements, "settlements")
    require_same(settlements, stations, left_name="settlements", right_name="stations")
    if not 0 < within_km < np.inf:
        msg = f"within_km is {within_km}; kilometres above 0 are expected"
        raise InputError(msg)
    people = numbers_of(settlements, "population", "settlements", least=0)
    wanted = set(modes)
    which = [bool(wanted & set(text.split(";"))) for text in stations["modes"]]
    ours, theirs = settlements[people >= population_from], stations[which]
    place, metres = _nearest_station(ours, theirs)
    names = np.array([*theirs.index, None], dtype=object)
    return pd.DataFrame(
        {
            "population": people[people >= population_from],
            "station_id": names[place],
            "distance_km": np.where(np.isfinite(metres), metres / 1000, np.nan),
            "served": metres <= within_km * 1000 + SAME_M,
            "modes": ";".join(modes),
            "within_km": within_km,
        },
        index=ours.index,
    )


def settlement_coverage(served: pd.DataFrame) -> "pd.Series[float]":
    """
    Sum up what :func:`settlements_served` tells.

    Returns
    -------
    Series
        ``settlements`` under the rule, ``served``, ``served_share`` of them, and
        ``population_share`` of their people (0–1; NaN where there are none).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"population": [300_000, 100_000], "served": [True, False]})
    >>> settlement_coverage(table).tolist()
    [2.0, 1.0, 0.5, 0.75]
    """
    count, people = len(served), float(served["population"].sum())
    found = served[served["served"].astype(bool)]
    return pd.Series(
        {
            "settlements": float(count),
            "served": float(len(found)),
            "served_share": len(found) / count if count else np.nan,
            "population_share": (
                float(found["population"].sum()) / people if people else np.nan
            ),
        }
    )


def interchanges(
    network: TravelNetwork,
    *,
    within_m: float = 600.0,
    rules: TravelRules = DEFAULT_RULES,
) -> gpd.GeoDataFrame:
    """
    List where one changes between modes on foot (零换乘).

    A pair is a station of one mode and one of another within the distance as the crow
    flies; a station that both modes share is a pair with itself.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    within_m
        Farthest two stations may be apart.
    rules
        Walking speed and detour.

    Returns
    -------
    GeoDataFrame
        ``from_station``, ``from_mode``, ``to_station``, ``to_mode`` (each pair once,
        modes in alphabetical order), ``distance_m``, ``walk_min`` along the roads of the
        network (NaN where there is no way), ``direct_min`` (the straight line times the
        detour) and the line between them; nearest first.

    Raises
    ------
    InputError
        If the distance is not above 0.

    Notes
    -----
    On a strategic network, which leaves out local streets, ``direct_min`` is the better
    figure; lifts, gates and platforms are in neither.
    """
    if not 0 < within_m < np.inf:
        msg = f"within_m is {within_m}; metres above 0 are expected"
        raise InputError(msg)
    stations = stations_of(network)
    spots = np.asarray(stations.geometry.array)
    left, right = shapely.STRtree(spots).query(
        spots, predicate="dwithin", distance=within_m
    )
    modes = [text.split(";") for text in stations["modes"]]
    pairs = sorted(
        (a, b, start, end)
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
        for start in modes[a]
        for end in modes[b]
        if start < end
    )
    first, last = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    metres = shapely.distance(spots[first], spots[last])
    frame = gpd.GeoDataFrame(
        {
            "from_station": stations.index[first],
            "from_mode": [pair[2] for pair in pairs],
            "to_station": stations.index[last],
            "to_mode": [pair[3] for pair in pairs],
            "distance_m": metres,
            "walk_min": _walks(network, stations, first, last, rules),
            "direct_min": metres * rules.detour / (rules.walk_kph * 1000 / 60),
        },
        geometry=shapely.shortest_line(spots[first], spots[last]),
        crs=stations.crs,
    )
    return frame.sort_values("distance_m", kind="stable", ignore_index=True)


def _nearest_station(
    settlements: gpd.GeoDataFrame, stations: gpd.GeoDataFrame
) -> "tuple[NDArray[np.int64], NDArray[np.float64]]":
    """Return the position of the nearest station and the metres to it."""
    if set(settlements.geometry.geom_type) <= set(POINTS.geometry):
        metres, place = nearest_straight(settlements, stations)
        return place, metres
    metres, place = np.full(len(settlements), np.inf), np.full(len(settlements), -1)
    if len(stations):
        tree = shapely.STRtree(np.asarray(stations.geometry.array))
        (row, found), far = tree.query_nearest(
            np.asarray(settlements.geometry.array),
            return_distance=True,
            all_matches=False,
        )
        metres[row], place[row] = far, found
    return place, metres


def _walks(
    network: TravelNetwork,
    stations: gpd.GeoDataFrame,
    first: list[int],
    last: list[int],
    rules: TravelRules,
) -> "NDArray[np.float64]":
    """Return the minutes to walk between stations, pair by pair."""
    if not first:
        return np.empty(0)
    some = stations.iloc[sorted({*first, *last})][["geometry"]]
    table = travel_times(network, some, some, mode="walk", rules=rules)
    minutes = table.set_index(["from_id", "to_id"])["travel_time_min"]
    pairs = pd.MultiIndex.from_arrays([stations.index[first], stations.index[last]])
    return minutes.reindex(pairs).to_numpy(dtype=float)
