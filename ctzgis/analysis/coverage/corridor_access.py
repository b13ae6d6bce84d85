"""Where corridors are entered, and how far places are from them (廊道接入)."""

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.analysis.access.travel_times import travel_times
from ctzgis.analysis.columns import named
from ctzgis.analysis.coverage.corridor_parts import built_by, corridor_parts
from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, Profile, TravelNetwork, TravelRules
from ctzgis.tables import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

__all__ = [
    "corridor_access",
    "places_served",
]


def corridor_access(
    network: TravelNetwork, corridor_ids: "Sequence[str]", *, year: int
) -> "gpd.GeoDataFrame":
    """
    Return where corridors may be entered: junctions of their roads, their stations.

    With ``service_coverage`` they tell which share of people or land lies within a time
    of a corridor, along roads.

    Parameters
    ----------
    network, corridor_ids, year
        As for :func:`corridor_parts`.

    Returns
    -------
    GeoDataFrame
        Points of what is open at the end of the year, indexed by junction or station
        id, in the CRS of the network; empty for corridors it does not have.
        ``attrs["rules"]`` tells the year.

    Raises
    ------
    InputError
        If a single text is given for the ids.

    Examples
    --------
    >>> import ctzgis
    >>> ring = corridor_access(ctzgis.read_network(), ["czt_intercity"], year=2020)
    >>> len(ring)
    24
    """
    wanted = set(named(corridor_ids, "corridor_ids"))
    return ruled(_access_points(network.at(year), wanted), *built_by(year))


def places_served(
    network: TravelNetwork,
    places: "gpd.GeoDataFrame",
    corridor_ids: "Sequence[str]",
    *,
    year: int,
    course: "BaseGeometry | None" = None,
    profile: Profile = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Tell how far each place is from a course and from the corridors that carry it.

    Parameters
    ----------
    network
        Network of all years.
    places
        Points in the CRS of the network, indexed by id.
    corridor_ids
        Corridors that carry the element, e.g. a belt's railway and motorway.
    year
        Only what is built by then serves anybody.
    course
        Line to measure the straight distance to; the corridors themselves if not
        given.

    Returns
    -------
    DataFrame
        With the index of ``places``: ``distance_km`` to the course and
        ``travel_time_min`` by car to the nearest interchange, junction or station of
        the corridors; NaN where there is none. ``attrs["rules"]`` tells year and profile.

    Raises
    ------
    SchemaError, CRSError
        If places break their contract or are in another CRS.
    InputError
        If a single text is given for the ids.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> found = places_served(gridville(), gridville_places(), ["none"], year=2020)
    >>> found["distance_km"].isna().all()
    np.True_
    """
    wanted = set(named(corridor_ids, "corridor_ids"))
    POINTS.check(places)
    require_same(
        places, network.roads.roads, left_name="places", right_name="the network"
    )
    parts = corridor_parts(network, corridor_ids, year=year)
    parts = parts[parts["built"]]
    line = course if course is not None else (parts.union_all() if len(parts) else None)
    frame = pd.DataFrame(index=places.index)
    frame["distance_km"] = places.distance(line) / 1000 if line is not None else np.nan
    frame["travel_time_min"] = np.nan
    points = _access_points(network.at(year), wanted)
    if len(points) and len(places):
        times = travel_times(
            network.at(year), places, points, profile=profile, rules=rules
        )
        nearest = times.groupby("from_id")["travel_time_min"].min()
        frame["travel_time_min"] = nearest.reindex(places.index)
    return ruled(
        frame,
        f"至{year}年底开通的廊道；驾车时间取{profile}速度",
        f"corridors open by the end of {year}; by car at speeds '{profile}'",
    )


def _access_points(network: TravelNetwork, wanted: set[str]) -> "gpd.GeoDataFrame":
    roads = network.roads.roads
    points = {}
    if "corridor_ids" in roads:
        tagged = roads[
            [bool(wanted & set(str(tags).split(";"))) for tags in roads["corridor_ids"]]
        ]
        ends = {*tagged["from_id"], *tagged["to_id"]}
        junctions = network.roads.junctions
        points.update(junctions.geometry[junctions.index.isin(ends)])
    for line in network.lines:
        for tag, (first, last) in line.corridors.items():
            if tag in wanted:
                points.update(
                    {s.station_id: s.point for s in line.stops[first : last + 1]}
                )
    return gpd.GeoDataFrame(
        geometry=list(points.values()), index=list(points), crs=roads.crs
    )
