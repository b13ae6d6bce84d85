"""Isochrones: the area reached within given minutes (等时圈)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import contourpy
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.trips import require_cutoffs
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules
from ctzgis.network.reached import ReachedPieces, reached_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network.travel_graph import Joined, TravelGraph

__all__ = ["isochrones"]

_MAX_CELLS: Final = 20_000_000


def isochrones(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    *,
    cutoffs_min: "Sequence[float]",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    off_road_m: float = 2_000.0,
    cell_m: float = 250.0,
) -> "gpd.GeoDataFrame":
    """
    Draw the area reached from each origin within each cutoff.

    Arrival times run along every reached piece of road and from there off the
    road, at local speed times the detour, up to ``off_road_m``; the area is the
    part of this field of times below the cutoff. Larger cutoffs therefore contain
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
        Width of the cells the field is taken on; the border of an area is true to
        about half a cell.

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
    require_cutoffs(cutoffs_min)
    cutoffs = sorted(set(cutoffs_min), reverse=True)
    graph = network.graph(mode=mode, profile=profile, rules=rules)
    joined = graph.join(network.snap(origins, graph, rules=rules, name="origins"))
    spread = _Spread(graph.spread_min_per_m, off_road_m, cell_m)
    rows = []
    for position, origin in enumerate(origins.index):
        shapes = _areas(
            graph, joined, position, origins.geometry.iloc[position], cutoffs, spread
        )
        rows += [
            (origin, c, s.area / 1e6, s) for c, s in zip(cutoffs, shapes, strict=True)
        ]
    table = pd.DataFrame(
        rows, columns=["origin_id", "cutoff_min", "area_km2", "geometry"]
    )
    return gpd.GeoDataFrame(table, geometry="geometry", crs=graph.roads.crs)


@dataclass(frozen=True, slots=True)
class _Spread:
    """How times spread off the road: minutes per metre, how far, on which cells."""

    min_per_m: float
    reach_m: float
    cell_m: float

    def metres_in(self, minutes: float) -> float:
        """Return how far off the road one comes in a time."""
        return min(minutes / self.min_per_m, self.reach_m)


def _areas(
    graph: "TravelGraph",
    joined: "Joined",
    position: int,
    origin: "shapely.Point",
    cutoffs: list[float],
    spread: _Spread,
) -> "list[shapely.Geometry]":
    if not joined.connectors.found[position]:
        return [shapely.MultiPolygon()] * len(cutoffs)
    # Cells are too coarse for what is reached around the origin in short times.
    around = [origin.buffer(spread.metres_in(cutoff)) for cutoff in cutoffs]
    limit = cutoffs[0]
    pieces = reached_pieces(graph, joined, position, limit)
    xy, minutes = _samples(graph, pieces, spread.cell_m / 2)
    kept = minutes <= limit
    if not kept.any():
        return around
    x, y, field = _field(xy[kept], minutes[kept], spread)
    contours = contourpy.contour_generator(
        x, y, np.minimum(field, limit * 10), fill_type=contourpy.FillType.OuterOffset
    )
    return [
        shapely.union(_polygons(contours.filled(-1.0, cutoff)), disc)
        for cutoff, disc in zip(cutoffs, around, strict=True)
    ]


def _samples(
    graph: "TravelGraph", pieces: "ReachedPieces", step_m: float
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return places along the reached roads, and when each is reached."""
    length = pieces.end_m - pieces.start_m
    counts = np.maximum(np.ceil(length / step_m).astype(int), 1) + 1
    piece = np.repeat(np.arange(len(length)), counts)
    offset = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = offset / (counts[piece] - 1)
    along = pieces.start_m[piece] + share * length[piece]
    with np.errstate(invalid="ignore"):  # inf × 0 where a direction is not allowed
        forth = pieces.first_min[piece] + share * pieces.from_first_min[piece]
        back = pieces.last_min[piece] + (1 - share) * pieces.from_last_min[piece]
    minutes = np.fmin(forth, back)
    lines = np.asarray(graph.roads.geometry.array)[pieces.road[piece]]
    return shapely.get_coordinates(
        shapely.line_interpolate_point(lines, along)
    ), minutes


def _field(
    xy: "NDArray[np.float64]", minutes: "NDArray[np.float64]", spread: _Spread
) -> "tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]":
    """Spread times from the road onto cells: arrival plus the way off the road."""
    cell = spread.cell_m
    ring = int(np.ceil(spread.reach_m / cell))
    low = np.floor(xy.min(axis=0) / cell).astype(int) - ring - 1
    high = np.ceil(xy.max(axis=0) / cell).astype(int) + ring + 1
    width, height = (high - low + 1).tolist()
    if width * height > _MAX_CELLS:
        msg = (
            f"the field of times needs {width} × {height} cells of {cell:g} m; "
            "give a larger cell_m or a smaller cutoff"
        )
        raise InputError(msg)
    column, line = np.round(xy / cell).astype(int).T - low[:, None]
    roads = np.full((height, width), np.inf)
    np.minimum.at(roads, (line, column), minutes)
    field = roads.copy()
    for dy in range(-ring, ring + 1):
        for dx in range(-ring, ring + 1):
            metres = np.hypot(dx, dy) * cell
            if 0 < metres <= spread.reach_m:
                shifted = roads[
                    max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)
                ]
                target = field[
                    max(dy, 0) : height - max(-dy, 0), max(dx, 0) : width - max(-dx, 0)
                ]
                np.minimum(target, shifted + metres * spread.min_per_m, out=target)
    x = (low[0] + np.arange(width)) * cell
    y = (low[1] + np.arange(height)) * cell
    return x, y, field


def _polygons(filled: Any) -> "shapely.Geometry":
    """Make areas of contourpy's rings: an outer ring with its holes, one after another."""
    parts = []
    for points, offsets in zip(*filled, strict=True):
        rings = [points[a:b] for a, b in pairwise(offsets)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return (
        shapely.union_all(shapely.make_valid(parts))
        if parts
        else shapely.MultiPolygon()
    )
