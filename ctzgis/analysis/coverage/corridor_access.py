"""Corridors on the ground: what is built, where it breaks, whom it serves (廊道)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from ctzgis.analysis.access.travel_times import travel_times
from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, Profile, TravelNetwork, TravelRules
from ctzgis.tables import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

__all__ = [
    "corridor_access",
    "corridor_gaps",
    "corridor_parts",
    "corridor_status",
    "places_served",
]

_PART_COLUMNS: Final = ["corridor_id", "kind", "status", "opens", "built", "length_km"]


def corridor_parts(
    network: TravelNetwork, corridor_ids: "Sequence[str]", *, year: int
) -> "gpd.GeoDataFrame":
    """
    Return the roads and lines that carry corridors, in their final form.

    A road or line that another part of the corridor replaces is left out, so a
    corridor that is upgraded counts as built with the part whose upgrade is open. What
    has closed and is replaced by none stays, as not built.

    Parameters
    ----------
    network
        Network of all years.
    corridor_ids
        Ids of the corridors.
    year
        What opens and does not close by the end of this year is built.

    Returns
    -------
    GeoDataFrame
        One row per corridor and road or line: ``corridor_id``, ``kind`` (``"road"``
        or ``"line"``), ``status``, ``opens`` (NaN where not known), ``built``,
        ``length_km`` and the course; empty for corridors the network does not have.
    """
    wanted = set(corridor_ids)
    rows = [*_road_rows(network, wanted), *_line_rows(network, wanted)]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=[*_PART_COLUMNS[:4], "closes", "geometry"]),
        geometry="geometry",
        crs=network.roads.roads.crs,
    )
    opens, closes = frame["opens"].astype(float), frame["closes"].astype(float)
    frame["opens"] = opens
    opened = (opens <= year) | (opens.isna() & (frame["status"] == "built"))
    frame["built"] = opened & ~(closes <= year)
    frame["length_km"] = frame.length / 1000
    return frame[[*_PART_COLUMNS, "geometry"]]


def corridor_status(
    network: TravelNetwork, corridor_ids: "Sequence[str]", *, year: int
) -> pd.DataFrame:
    """
    Tell how much of each corridor is built by a year.

    Track that several lines share counts once.

    Returns
    -------
    DataFrame
        Indexed by ``corridor_ids``: ``length_km`` in its final form, ``built_km``,
        ``built_share`` (0–1) and ``complete``, that is built without a gap (as
        :func:`corridor_gaps` finds them); lengths are 0 and the share is NaN for a
        corridor the network does not have.
    """
    parts = corridor_parts(network, corridor_ids, year=year)
    index = pd.Index(list(corridor_ids), name="corridor_id")
    length = _course_km(parts).reindex(index, fill_value=0.0)
    built = _course_km(parts[parts["built"]]).reindex(index, fill_value=0.0)
    share = (built / length.where(length > 0)).rename("built_share")
    complete = share.notna() & ~index.isin(corridor_gaps(parts)["corridor_id"])
    return pd.DataFrame(
        {
            "length_km": length,
            "built_km": built,
            "built_share": share,
            "complete": complete,
        }
    )


def corridor_gaps(
    parts: "gpd.GeoDataFrame", *, tolerance_m: float = 50.0
) -> "gpd.GeoDataFrame":
    """
    List where each corridor is missing: stretches not built, breaks between parts.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    tolerance_m
        Ends nearer than this count as joined.

    Returns
    -------
    GeoDataFrame
        ``corridor_id``, ``kind`` (``"unbuilt"`` or ``"break"``), ``length_km`` and the
        stretch, or the shortest line across the break. A stretch that another part of
        the corridor has built is none.
    """
    rows: list[tuple[str, str, BaseGeometry]] = []
    for corridor_id, group in parts.groupby("corridor_id", sort=False):
        built = group["built"]
        missing = shapely.difference(
            group.geometry[~built].union_all(), group.geometry[built].union_all()
        )
        rows += [
            (str(corridor_id), "unbuilt", stretch)
            for stretch in shapely.get_parts(shapely.line_merge(missing))
        ]
        rows += [
            (str(corridor_id), "break", line)
            for line in _breaks(np.asarray(group.geometry.array), tolerance_m)
        ]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["corridor_id", "kind", "geometry"]),
        geometry="geometry",
        crs=parts.crs,
    )
    frame["length_km"] = frame.length / 1000
    return ruled(
        frame,
        f"端点相距不到{tolerance_m:g}米视为相接",
        f"ends nearer than {tolerance_m:g} m count as joined",
    )


def corridor_access(
    network: TravelNetwork, corridor_ids: "Sequence[str]", *, year: int
) -> "gpd.GeoDataFrame":
    """
    Return where corridors may be entered: junctions of their roads, their stations.

    With ``service_coverage`` they tell which share of people or land lies within a time
    of a corridor, along roads.

    Returns
    -------
    GeoDataFrame
        Points of what is open at the end of the year, indexed by junction or station
        id, in the CRS of the network; empty for corridors it does not have.

    Examples
    --------
    >>> import ctzgis
    >>> ring = corridor_access(ctzgis.read_network(), ["czt_intercity"], year=2020)
    >>> len(ring)
    24
    """
    return _access_points(network.at(year), set(corridor_ids))


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
        the corridors; NaN where there is none.

    Raises
    ------
    SchemaError, CRSError
        If places break their contract or are in another CRS.
    """
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
    points = _access_points(network.at(year), set(corridor_ids))
    if len(points) and len(places):
        times = travel_times(
            network.at(year), places, points, profile=profile, rules=rules
        )
        nearest = times.groupby("from_id")["travel_time_min"].min()
        frame["travel_time_min"] = nearest.reindex(places.index)
    return frame


def _course_km(parts: "gpd.GeoDataFrame") -> "pd.Series[float]":
    """Measure each corridor, track that its parts share once."""
    courses = {
        corridor_id: group.geometry.union_all().length / 1000
        for corridor_id, group in parts.groupby("corridor_id", sort=False)
    }
    return pd.Series(courses, dtype="float64")


def _road_rows(network: TravelNetwork, wanted: set[str]) -> list[tuple[object, ...]]:
    roads = network.roads.roads
    if "corridor_ids" not in roads:
        return []
    tagged = roads[roads["corridor_ids"].notna()]
    replaces = tagged["replaces"] if "replaces" in roads else [None] * len(tagged)
    tags = [text.split(";") for text in tagged["corridor_ids"]]
    replaced = {
        (tag, old) for own, old in zip(tags, replaces, strict=True) for tag in own
    }
    return [
        (tag, "road", *values)
        for own, road_id, *values in zip(
            tags,
            tagged.index,
            tagged["status"],
            tagged["opens"],
            tagged["closes"],
            tagged.geometry,
            strict=True,
        )
        for tag in own
        if tag in wanted and (tag, road_id) not in replaced
    ]


def _line_rows(network: TravelNetwork, wanted: set[str]) -> list[tuple[object, ...]]:
    lines = network.lines
    replaced = {(tag, line.replaces) for line in lines for tag in line.corridors}
    return [
        (tag, "line", line.status, line.opens, line.closes, line.path(first, last))
        for line in lines
        for tag, (first, last) in line.corridors.items()
        if tag in wanted and (tag, line.id) not in replaced
    ]


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


def _breaks(
    lines: "np.ndarray[tuple[int], np.dtype[np.object_]]", tolerance_m: float
) -> "list[BaseGeometry]":
    """Return the shortest lines that would join the parts into one."""
    left, right = shapely.STRtree(lines).query(
        lines, predicate="dwithin", distance=tolerance_m
    )
    joined = coo_array((np.ones(len(left)), (left, right)), shape=(len(lines),) * 2)
    count, label = connected_components(joined, directed=False)
    if count == 1:
        return []
    groups = [shapely.union_all(lines[label == k]) for k in range(count)]
    gaps = np.array([[a.distance(b) for b in groups] for a in groups])
    tree = minimum_spanning_tree(gaps).tocoo()
    return [
        shapely.shortest_line(groups[i], groups[j])
        for i, j in zip(tree.row, tree.col, strict=True)
    ]
