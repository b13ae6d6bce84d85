"""Points onto roads: which roads, how far along them, how far off them (吸附)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "MAX_ROADS",
    "RoadIndex",
    "Snaps",
    "at_ends",
    "join_snaps",
    "no_snaps",
    "road_index",
    "snap",
]

MAX_ROADS: Final = 24
"""Most roads one point is attached to; no point of a strategic network has so many."""

# Roads and junctions need fit to a metre only.
_ON_ROAD_M: Final = 1.0
_AT_END_M: Final = 1.0

# Most points of a street map have a road as near as this.
_NEAR_M: Final = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """
    Attachments of points to roads; a point may have several or none.

    Attributes
    ----------
    count
        Number of points.
    point
        Position of the attached point, one entry per attachment.
    road
        Position of the road in its frame.
    along_m
        Metres from the start of the road.
    off_m
        Straight metres from the point to the road.
    """

    count: int
    point: "NDArray[np.int64]"
    road: "NDArray[np.int64]"
    along_m: "NDArray[np.float64]"
    off_m: "NDArray[np.float64]"

    @property
    def found(self) -> "NDArray[np.bool_]":
        """Which points lie near enough to a road."""
        return np.bincount(self.point, minlength=self.count) > 0


@dataclass(frozen=True, slots=True, eq=False)
class RoadIndex:
    """
    Roads that points may be attached to, sorted by where they are.

    Attributes
    ----------
    row
        Position of each in its frame.
    lines
        Their geometries.
    tree
        Finds those near a place.
    """

    row: "NDArray[np.int64]"
    lines: "NDArray[np.object_]"
    tree: shapely.STRtree


def road_index(
    roads: "gpd.GeoDataFrame", usable: "NDArray[np.bool_] | None" = None
) -> RoadIndex:
    """Sort the usable roads of a frame, all of them if not told which."""
    row = np.arange(len(roads)) if usable is None else np.flatnonzero(usable)
    lines = np.asarray(roads.geometry.array)[row]
    return RoadIndex(row, lines, shapely.STRtree(lines))


def snap(
    points: "gpd.GeoSeries",
    roads: RoadIndex,
    *,
    radius_m: float,
    max_distance_m: float,
) -> Snaps:
    """
    Find the roads near each point and the nearest place on each of them.

    A point on a road uses the roads it is on. Any other point uses every road within
    the radius, of more than ``MAX_ROADS`` the nearest, or the nearest road where none
    is. So a new road joins the others and takes the place of none, unless it runs
    through the point, is the first within the radius, or makes too many.

    Parameters
    ----------
    points
        Points in the CRS of the roads.
    roads
        Roads to snap to.
    radius_m
        Distance within which every road counts; 0 takes the nearest road alone, or
        all the roads the point is on.
    max_distance_m
        Farthest a point may lie from a road.
    """
    lines, tree = roads.lines, roads.tree
    dots = np.asarray(points.array)
    point, hit = np.empty((2, 0), dtype=np.int64)
    within = min(max(radius_m, _ON_ROAD_M), max_distance_m)
    if len(lines) and len(dots):
        around = max(within, _NEAR_M)
        point, hit = tree.query(dots, predicate="dwithin", distance=around)
        alone = np.setdiff1d(np.arange(len(dots)), point)
        # Told how far to look, the tree would look at all that is there.
        which, nearest = tree.query_nearest(dots[alone], all_matches=False)
        point = np.concatenate([point, alone[which]])
        hit = np.concatenate([hit, nearest])
    off = shapely.distance(lines[hit], dots[point])
    order = np.lexsort((off, point))
    point, hit, off = point[order], hit[order], off[order]
    first = np.searchsorted(point, point)  # position of the point's nearest road
    rank = np.arange(len(point)) - first
    kept = (
        (off <= max_distance_m) & (rank < MAX_ROADS) & ((off <= within) | (rank == 0))
    )
    kept &= (off <= _ON_ROAD_M) | (off[first] > _ON_ROAD_M)
    point, hit, off = point[kept], hit[kept], off[kept]
    along = shapely.line_locate_point(lines[hit], dots[point])
    return Snaps(len(dots), point, roads.row[hit], along, off)


def at_ends(
    along_m: "NDArray[np.float64]", length_m: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """Return metres along roads; what is within the tolerance of an end is there."""
    along: NDArray[np.float64] = np.where(along_m < _AT_END_M, 0.0, along_m)
    return np.where(length_m - along < _AT_END_M, length_m, along)


def no_snaps() -> Snaps:
    """Return the attachments of no points."""
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return Snaps(0, none, none, nothing, nothing)


def join_snaps(first: Snaps, second: Snaps) -> Snaps:
    """Put the points of one set after those of another."""
    return Snaps(
        first.count + second.count,
        np.concatenate([first.point, second.point + first.count]),
        np.concatenate([first.road, second.road]),
        np.concatenate([first.along_m, second.along_m]),
        np.concatenate([first.off_m, second.off_m]),
    )
