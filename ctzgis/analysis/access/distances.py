"""Straight distances (直线距离)."""

from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_metric
from ctzgis.tables import POINTS

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["pairwise_distances"]


def pairwise_distances(points: "gpd.GeoDataFrame") -> pd.DataFrame:
    """
    Measure the straight distance of every two points.

    Parameters
    ----------
    points
        Points in true metres, indexed by id.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``distance_km``, each pair once. ``attrs["rules"]`` says that they
        are straight.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are not in true metres.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places
    >>> places = gridville_places().loc[["south_west", "south_east"]]
    >>> pairwise_distances(places)
          from_id       to_id  distance_km
    0  south_west  south_east         10.0
    """
    POINTS.check(points)
    require_metric(points, "points")
    rows = [
        (a, b, points.geometry[a].distance(points.geometry[b]) / 1000)
        for a, b in combinations(points.index, 2)
    ]
    return ruled(
        pd.DataFrame(rows, columns=["from_id", "to_id", "distance_km"]),
        "直线距离，平面坐标",
        "as the crow flies, in the plane of the CRS",
    )
