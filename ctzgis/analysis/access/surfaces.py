"""Travel time at every cell of a grid (出行时间栅格)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.analysis.access.isochrones import off_road_reach
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.errors import InputError
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.engine.time_field import time_field
from ctzgis.network.reached import pieces_between, pooled_minutes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from ctzgis.network.reached import ReachedPieces
    from ctzgis.progress import Progress

__all__ = ["TravelTimeSurface", "travel_time_surface"]

_MAX_CELLS: Final = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class TravelTimeSurface:
    """
    Minutes on a grid.

    Attributes
    ----------
    minutes
        Rows from north to south, columns from west to east; NaN where nothing comes in
        time.
    west, north
        Corner of the grid, in metres.
    cell_m
        Width and height of a cell.
    crs
        What the corner is in.
    """

    minutes: "NDArray[np.float32]"
    west: float
    north: float
    cell_m: float
    crs: "CRS"

    def __repr__(self) -> str:
        rows, columns = self.minutes.shape
        reached = np.isfinite(self.minutes).mean() if self.minutes.size else 0.0
        return (
            f"<TravelTimeSurface: {rows} × {columns} cells of {self.cell_m:g} m, "
            f"{reached:.0%} reached>"
        )


def travel_time_surface(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    *,
    cutoff_min: float,
    cell_m: float = 100.0,
    direction: Direction = "from",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    off_road_m: float | None = None,
    progress: "Progress | None" = None,
) -> TravelTimeSurface:
    """
    Find the time from the nearest of the origins to every cell around them.

    As for ``isochrones``, times run along the roads and from there straight off them, at
    local speed times the detour.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins
        Points in the CRS of the network, indexed by id.
    cutoff_min
        Longest trip that counts.
    cell_m
        Width of the cells.
    direction
        ``"from"`` the origins or ``"to"`` them.
    mode, profile, rules, progress
        As for ``travel_times``.
    off_road_m
        How far off the road one comes at most, in metres: by default 2 km on a strategic
        network and 200 m on a street map.

    Returns
    -------
    TravelTimeSurface
        The time at the centre of each cell, right to the time off the road over a
        quarter of a cell: places along roads are taken half a cell apart. Without a
        road near any origin it has no cells.

    Raises
    ------
    SchemaError, CRSError
        If origins break their contract or are in another CRS.
    InputError
        If the cutoff or ``cell_m`` is not above 0, or there are more than 50 million
        cells.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> travel_time_surface(gridville(), centre, cutoff_min=4)
    <TravelTimeSurface: 80 × 80 cells of 100 m, 37% reached>
    """
    require_cutoff(cutoff_min)
    if not 0 < cell_m < np.inf:
        msg = f"cell_m is {cell_m}; a number above 0 is expected"
        raise InputError(msg)
    reach_m = off_road_reach(network, off_road_m)
    graph, times = pooled_minutes(
        network, origins, cutoff_min, direction=direction, mode=mode, profile=profile,
        rules=rules, progress=progress,
    )  # fmt: skip
    pieces, _ = pieces_between(graph, times, reverse=not graph.reverse)
    xy, minutes = _places_along(graph.roads, pieces, cell_m / 2)
    near = shapely.get_coordinates(origins.geometry.array)[graph.anchors >= 0]
    kept = minutes <= cutoff_min
    xy = np.concatenate([near, xy[kept]])
    minutes = np.concatenate([np.zeros(len(near)), minutes[kept]])
    if not len(xy):
        none = np.empty((0, 0), dtype=np.float32)
        return TravelTimeSurface(none, 0.0, 0.0, cell_m, graph.roads.crs)
    # The graph runs the other way, so its near side is where trips leave the road.
    left = np.minimum((cutoff_min - minutes) / graph.min_per_m, reach_m)
    low, high = (xy - left[:, None]).min(axis=0), (xy + left[:, None]).max(axis=0)
    west, south = np.floor(low / cell_m) * cell_m
    columns, rows = np.ceil((high - (west, south)) / cell_m)
    if columns * rows > _MAX_CELLS:
        msg = (
            f"{rows:.0f} × {columns:.0f} cells of {cell_m:g} m do not fit into memory; "
            "give a larger cell_m or a smaller cutoff"
        )
        raise InputError(msg)
    field = time_field(
        xy,
        minutes,
        corner=(float(west), float(south)),
        shape=(int(rows), int(columns)),
        cell_m=cell_m,
        reach_m=reach_m,
        min_per_m=graph.min_per_m,
        limit_min=cutoff_min,
        progress=progress,
    )
    north = float(south + rows * cell_m)
    return TravelTimeSurface(field[::-1], float(west), north, cell_m, graph.roads.crs)


def _places_along(
    roads: "gpd.GeoDataFrame", pieces: "ReachedPieces", step_m: float
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
    lines = np.asarray(roads.geometry.array)[pieces.road[piece]]
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
    return xy, np.fmin(forth, back)
