"""The nearest thing as the crow flies, and discs around things (直线距离与圆域)."""

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

# Pairs of one thing and the points near it are found for so many things at a time.
_THINGS_AT_ONCE: Final = 256


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
    index = shapely.STRtree(spots)
    for start in range(0, len(shapes), _THINGS_AT_ONCE):
        part = shapes[start : start + _THINGS_AT_ONCE]
        found[index.query(part, predicate="dwithin", distance=limit)[1]] = True
    return found


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
