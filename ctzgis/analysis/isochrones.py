"""Isochrones: the area reached within given minutes (等时圈)."""

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.areas import areas_within, timed_segments
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, Profile, TravelNetwork, TravelRules
from ctzgis.network.engine import minutes_from
from ctzgis.network.engine.fields import Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.network.travel import TravelGraph

__all__ = ["isochrones"]


def isochrones(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    *,
    cutoffs_min: "Sequence[float]",
    mode: Mode = "drive",
    profile: Profile = "free",
    rules: TravelRules = DEFAULT_RULES,
    off_road_m: float = 2_000.0,
    cell_m: float = 100.0,
) -> "gpd.GeoDataFrame":
    """
    Draw the area reached from each origin within each cutoff.

    Arrival times run along every reached piece of road and from there off the
    road, at local speed times the detour, up to ``off_road_m``; the area is what
    is reached so by the cutoff. Larger cutoffs therefore contain
    smaller ones, and what no road comes near stays out, as holes too. Motorways are
    left at their junctions with other roads only. The origin spreads as a road does,
    so its areas hold it. In a chain with rail, what is reached without boarding
    counts too.

    Parameters
    ----------
    network
        Network of one year.
    origins
        Points in the CRS of the network, indexed by id.
    cutoffs_min
        Minutes, each above zero.
    mode, profile, rules
        As in :func:`travel_times`.
    off_road_m
        How far off the road an area reaches at most, in metres. On a strategic
        network it stands for the local streets that the network leaves out.
    cell_m
        Width of the cells on which the distance to the border of an area is taken.
        The border is true to a few hundredths of a cell, save in corners and where
        the area or a gap in it is narrower than a cell; there to half a cell.

    Returns
    -------
    GeoDataFrame
        ``origin_id``, ``cutoff_min``, ``area_km2`` (planar) and polygons, in the CRS
        of the network: one row per origin and cutoff, large cutoffs first. An origin
        farther than ``rules.max_snap_distance_m`` from any road has empty polygons.

    Raises
    ------
    SchemaError, CRSError
        If origins break their contract or are in another CRS.
    InputError
        If a cutoff is not above zero, or the field would not fit into memory.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> rings = isochrones(gridville(), centre, cutoffs_min=[2, 4])
    >>> rings["cutoff_min"].tolist()
    [4, 2]
    """
    wrong = [c for c in cutoffs_min if not (np.isfinite(c) and c > 0)]
    if wrong or not len(cutoffs_min):
        msg = f"cutoffs_min is {list(cutoffs_min)}; minutes above zero are expected"
        raise InputError(msg)
    cutoffs = sorted(set(cutoffs_min), reverse=True)
    graph = network.graph(origins, origins[:0], mode=mode, profile=profile, rules=rules)
    kph = rules.local_kph[profile] if mode.endswith("drive") else rules.walk_kph
    spread = Spread(min_per_m=rules.detour / 1000 / kph * 60, reach_m=off_road_m)
    rows = []
    for position, origin in enumerate(origins.index):
        point = origins.geometry.iloc[position]
        shapes = _areas(graph, position, point, cutoffs, spread, cell_m)
        rows += [
            (origin, c, s.area / 1e6, s) for c, s in zip(cutoffs, shapes, strict=True)
        ]
    table = pd.DataFrame(
        rows, columns=["origin_id", "cutoff_min", "area_km2", "geometry"]
    )
    return gpd.GeoDataFrame(table, geometry="geometry", crs=graph.roads.crs)


def _areas(
    graph: "TravelGraph",
    position: int,
    origin: "shapely.Point",
    cutoffs: list[float],
    spread: Spread,
    cell_m: float,
) -> "list[shapely.Geometry]":
    vertex = graph.origins[position]
    if vertex < 0:
        return [shapely.MultiPolygon()] * len(cutoffs)
    limit = cutoffs[0]
    times = minutes_from(graph.arrays, np.array([vertex]), limit_min=limit)[0]
    segments = timed_segments(
        graph.roads.geometry.array, graph.pieces, times, limit_min=limit
    )
    areas = areas_within(segments, spread, cutoffs_min=cutoffs, cell_m=cell_m)
    # What is reached around the origin in a short time may be smaller than a cell.
    discs = [origin.buffer(spread.metres_in(cutoff)) for cutoff in cutoffs]
    return [
        area if shapely.covers(area, disc) else _together(area, disc)
        for area, disc in zip(areas, discs, strict=True)
    ]


def _together(
    area: "shapely.MultiPolygon", disc: "shapely.Polygon"
) -> "shapely.MultiPolygon":
    """Return both as one area."""
    return shapely.multipolygons(shapely.get_parts(shapely.union(area, disc)))
