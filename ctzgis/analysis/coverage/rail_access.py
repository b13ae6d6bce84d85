"""Which settlements have a station of a mode (城镇铁路覆盖)."""

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.coverage.straight import SAME_M, nearest_straight
from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import POINTS, ZONES, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network import TravelNetwork
    from ctzgis.network.lines import Stop

__all__ = ["settlement_coverage", "settlements_served", "stations_of"]

SETTLEMENTS: Final = Table(
    name="settlements", geometry=(*POINTS.geometry, *ZONES.geometry)
)
"""Towns, as points of their centres or as built-up areas (城镇)."""


def stations_of(network: "TravelNetwork") -> gpd.GeoDataFrame:
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
    frame = pd.DataFrame(
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
    some = ", ".join(modes)
    return ruled(
        frame,
        f"{population_from:,.0f}人以上、直线{within_km:g}公里内有车站（{some}）",
        f"of {population_from:,.0f} people and more; a station ({some}) within "
        f"{within_km:g} km, as the crow flies",
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
