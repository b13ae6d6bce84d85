"""The nearest thing as the crow flies, and discs around things (直线距离与圆域)."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["SAME_M", "discs", "near", "nearest_straight"]

SAME_M: Final = 1e-6
"""What is exactly at a distance is there after rounding of coordinates too."""

_SIDES_OF_A_QUARTER: Final = 32

# Pairs of a point and the things near it are found for so many points at a time.
_SPOTS_AT_ONCE: Final = 20_000


def nearest_straight(
    points: "gpd.GeoDataFrame", things: "gpd.GeoDataFrame"
) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """
    Return the metres from each point to the nearest thing, and its position.

    ``inf`` and −1 where there is none. Of things equally near any one is taken.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places
    >>> places = gridville_places()
    >>> nearest_straight(places.loc[["centre"]], places.loc[["centre", "north_east"]])
    (array([0.]), array([0]))
    """
    if not len(things) or not len(points):
        return np.full(len(points), np.inf), np.full(len(points), -1)
    xy = shapely.get_coordinates(np.asarray(points.geometry.array))
    shapes = np.asarray(things.geometry.array)
    if (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all():
        tree = cKDTree(shapely.get_coordinates(shapes))
        metres, place = tree.query(xy, workers=-1)
        return metres, place.astype(np.int64)
    (row, found), far = shapely.STRtree(shapes).query_nearest(
        np.asarray(points.geometry.array), return_distance=True, all_matches=False
    )
    metres, place = np.full(len(points), np.inf), np.full(len(points), -1)
    metres[row], place[row] = far, found
    return metres, place


def near(
    points: "gpd.GeoDataFrame", things: "gpd.GeoDataFrame", within_m: float
) -> "NDArray[np.bool_]":
    """
    Tell which points lie within metres of any thing.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places
    >>> places = gridville_places()
    >>> near(places, places.loc[["centre"]], 7_000).tolist()
    [False, False, False, False, True]
    """
    found = np.zeros(len(points), dtype=bool)
    if not len(things) or not len(points):
        return found
    spots, shapes = np.asarray(points.geometry.array), np.asarray(things.geometry.array)
    limit = within_m + SAME_M
    if (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all():
        tree = cKDTree(shapely.get_coordinates(shapes))
        metres, _ = tree.query(
            shapely.get_coordinates(spots),
            workers=-1,
            distance_upper_bound=np.nextafter(limit, np.inf),
        )
        return np.asarray(metres <= limit)
    centres, radius = _within_circles(shapes)
    small = radius <= within_m
    far = np.full(len(spots), np.inf)
    if small.any():
        far, _ = cKDTree(centres[small]).query(
            shapely.get_coordinates(spots),
            workers=-1,
            distance_upper_bound=limit + radius[small].max(),
        )
    found = far <= within_m  # a centre lies in its thing, so that is as near at least
    for things_left, open_ in (
        (shapes[~small], ~found),
        (shapes[small], np.isfinite(far)),
    ):
        left = np.flatnonzero(open_ & ~found)
        found[left[_near_exactly(spots[left], things_left, limit)]] = True
    return found


def _within_circles(
    shapes: "NDArray[np.object_]",
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return a point in each shape, and how far from it the shape goes."""
    centres = shapely.get_coordinates(shapely.point_on_surface(shapes))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    radius = np.zeros(len(shapes))
    np.maximum.at(radius, owner, np.hypot(*(xy - centres[owner]).T))
    return centres, radius


def _near_exactly(
    spots: "NDArray[np.object_]", shapes: "NDArray[np.object_]", limit: float
) -> "NDArray[np.int64]":
    """Return the positions of points that lie within metres of a shape."""
    if not len(spots) or not len(shapes):
        return np.empty(0, dtype=np.int64)
    index = shapely.STRtree(shapes)

    def positions(start: int) -> "NDArray[np.int64]":
        part = spots[start : start + _SPOTS_AT_ONCE]
        pairs = index.query(part, predicate="dwithin", distance=limit)
        return start + np.unique(pairs[0])

    # The first call builds the tree; after that it is only read, without Python's lock.
    first, *others = range(0, len(spots), _SPOTS_AT_ONCE)
    found = [positions(first)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found.extend(pool.map(positions, others))
    return np.concatenate(found)


def discs(things: "gpd.GeoDataFrame", radius_m: float) -> "NDArray[np.object_]":
    """
    Return what lies within metres of each thing.

    Around points they are polygons of 128 sides with the area of the circle, which pass
    its border by 1/5,000 of the radius at most; belts around lines and areas are as wide
    as asked.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places
    >>> disc, = discs(gridville_places().loc[["centre"]], 1_000)
    >>> round(disc.area / 1e6, 9)  # π
    3.141592654
    """
    shapes = np.asarray(things.geometry.array)
    dots = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    step = np.pi / 2 / _SIDES_OF_A_QUARTER
    wider = np.sqrt(step / np.sin(step))
    radius = np.where(dots, radius_m * wider, radius_m)
    return np.asarray(
        shapely.buffer(shapes, radius, quad_segs=_SIDES_OF_A_QUARTER), dtype=object
    )
