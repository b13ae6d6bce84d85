"""Points onto roads: which road, how far along it, how far off it (吸附)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Snaps", "join_snaps", "snap"]


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """
    Points on roads, one entry per point, in its order.

    Attributes
    ----------
    road
        Position of the road in its frame; -1 where no road is near enough.
    along_m
        Metres from the start of the road.
    off_m
        Straight metres from the point to the road; NaN where there is none.
    """

    road: "NDArray[np.int64]"
    along_m: "NDArray[np.float64]"
    off_m: "NDArray[np.float64]"

    @property
    def found(self) -> "NDArray[np.bool_]":
        """Which points lie near enough to a road."""
        return self.road >= 0

    def __len__(self) -> int:
        return len(self.road)


def snap(
    points: "gpd.GeoSeries",
    roads: "gpd.GeoDataFrame",
    *,
    max_distance_m: float,
    usable: "NDArray[np.bool_] | None" = None,
) -> Snaps:
    """
    Find the nearest usable road of each point and the nearest place on it.

    Parameters
    ----------
    points
        Points in the CRS of ``roads``.
    roads
        Roads to snap to.
    max_distance_m
        Farthest a point may lie from a road.
    usable
        Which roads may be used; all if not given.
    """
    rows = np.arange(len(roads)) if usable is None else np.flatnonzero(usable)
    lines = np.asarray(roads.geometry.array)[rows]
    dots = np.asarray(points.array)
    road = np.full(len(dots), -1, dtype=np.int64)
    along, off = np.zeros(len(dots)), np.full(len(dots), np.nan)
    if len(lines) and len(dots):
        tree = shapely.STRtree(lines)
        (which, hit), distance = tree.query_nearest(
            dots, max_distance=max_distance_m, return_distance=True, all_matches=False
        )
        road[which] = rows[hit]
        along[which] = shapely.line_locate_point(lines[hit], dots[which])
        off[which] = distance
    return Snaps(road, along, off)


def join_snaps(*parts: Snaps) -> Snaps:
    """Put several sets of snapped points after one another."""
    return Snaps(
        np.concatenate([part.road for part in parts]),
        np.concatenate([part.along_m for part in parts]),
        np.concatenate([part.off_m for part in parts]),
    )
