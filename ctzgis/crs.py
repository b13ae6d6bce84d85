"""What may be measured, and in which reference system (坐标参考系)."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import CRSError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = [
    "GEOGRAPHIC_CRS",
    "REGION_CRS",
    "area_km2",
    "fitting_crs",
    "in_region",
    "region_transformer",
    "require_metric",
    "require_same",
]

REGION_CRS: Final = "EPSG:4547"
"""CGCS2000 / 3-degree Gauss-Kruger CM 114E: every measure of the region is taken in it."""

GEOGRAPHIC_CRS: Final = "EPSG:4326"
"""Longitude and latitude of files and maps; CGCS2000 agrees with it within decimetres."""

# Spherical Mercator calls itself metric, but at 28° N it enlarges areas by 29 %;
# a Gauss-Kruger or UTM zone used where it is meant stays far below 1 %.
_MAX_AREAL_ERROR: Final = 0.01


@cache
def region_transformer() -> Any:
    """Return the conversion from degrees to the region's CRS, east before north."""
    import pyproj

    return pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, REGION_CRS, always_xy=True)


def fitting_crs(lon: float, lat: float) -> str:
    """
    Name a CRS in which a place may be measured.

    The region's own as far as it changes areas by no more than 1 %, else the UTM zone of
    the place.

    Examples
    --------
    >>> fitting_crs(112.97, 28.2), fitting_crs(-8.6, 41.15), fitting_crs(-51.2, -30.1)
    ('EPSG:4547', 'EPSG:32629', 'EPSG:32722')
    """
    import pyproj

    region = pyproj.Proj(REGION_CRS)
    factors = region.get_factors(lon, lat)
    if abs(factors.areal_scale - 1) <= _MAX_AREAL_ERROR:
        return REGION_CRS
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{32600 + zone if lat >= 0 else 32700 + zone}"


def in_region(frame: "gpd.GeoDataFrame", name: str) -> "gpd.GeoDataFrame":
    """
    Return a frame in the CRS of the region.

    Raises
    ------
    CRSError
        If there is no way from its CRS, e.g. from a local engineering grid.
    """
    import pyproj.exceptions

    try:
        return frame.to_crs(REGION_CRS)
    except pyproj.exceptions.ProjError as error:
        msg = f"{name} cannot be converted from {frame.crs.name} to {REGION_CRS}"
        raise CRSError(msg) from error


def require_metric(frame: "gpd.GeoDataFrame | gpd.GeoSeries", name: str) -> None:
    """
    Refuse a frame whose coordinates are not true metres where its data lie.

    Parameters
    ----------
    frame
        Geometries to be measured; an empty frame needs a metric CRS all the same.
    name
        What the frame is called in the message.

    Raises
    ------
    CRSError
        If the CRS is missing, geographic, not in metres, or enlarges or shrinks
        areas by more than 1 % in the middle of the data (EPSG:3857, a wrong zone).
    """
    crs = _crs_of(frame, name)
    remedy = f"reproject it, e.g. `.to_crs('{REGION_CRS}')`"
    unit = crs.axis_info[0].unit_name if crs.axis_info else "unknown"
    if not crs.is_projected or unit != "metre":
        msg = f"{name} is in {_label(crs)}, whose unit is '{unit}'; {remedy}"
        raise CRSError(msg)
    error = _areal_error(frame, crs)
    if abs(error) > _MAX_AREAL_ERROR:
        msg = (
            f"{name} is in {_label(crs)}, which changes areas by {error:+.0%} "
            f"where the data lie and must not be measured in; {remedy}"
        )
        raise CRSError(msg)


def require_same(
    left: "gpd.GeoDataFrame | gpd.GeoSeries",
    right: "gpd.GeoDataFrame | gpd.GeoSeries",
    *,
    left_name: str,
    right_name: str,
) -> None:
    """
    Refuse two frames in different reference systems.

    Raises
    ------
    CRSError
        If either CRS is missing or the two differ.
    """
    left_crs, right_crs = _crs_of(left, left_name), _crs_of(right, right_name)
    if left_crs != right_crs:
        msg = (
            f"{left_name} is in {_label(left_crs)} but {right_name} is in "
            f"{_label(right_crs)}; reproject one, e.g. `.to_crs({left_name}.crs)`"
        )
        raise CRSError(msg)


def area_km2(frame: "gpd.GeoDataFrame | gpd.GeoSeries") -> "pd.Series[float]":
    """
    Measure areas on the ellipsoid, free of any projection's scale.

    Parameters
    ----------
    frame
        Polygons in any CRS, their rings wound either way; other geometries measure 0.

    Returns
    -------
    Series
        Area in km² on GRS80, named ``area_km2``, with the index of ``frame``;
        NaN where the geometry is missing.

    Raises
    ------
    CRSError
        If the CRS is missing.

    Notes
    -----
    EPSG:4547 enlarges areas by 0.02–0.1 % in this region, which matters when a
    result is compared with an official figure; the ellipsoid does not.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> square = gpd.GeoSeries([box(500_000, 3_100_000, 501_000, 3_101_000)],
    ...                        crs="EPSG:4547")
    >>> area_km2(square).round(3).tolist()
    [1.0]
    """
    import numpy as np
    import pandas as pd
    import pyproj
    import shapely

    _crs_of(frame, "frame")
    geod = pyproj.Geod(ellps="GRS80")
    # Areas are signed by the winding of each ring: shells and holes must differ in it,
    # and all shells agree.
    shapes = shapely.normalize(
        np.asarray(frame.geometry.to_crs(GEOGRAPHIC_CRS).array, dtype=object)
    )
    areas = [
        float("nan")
        if shape is None
        else abs(geod.geometry_area_perimeter(shape)[0]) / 1e6
        for shape in shapes
    ]
    return pd.Series(areas, index=frame.index, name="area_km2", dtype="float64")


def _crs_of(frame: "gpd.GeoDataFrame | gpd.GeoSeries", name: str) -> Any:
    if frame.crs is None:
        msg = (
            f"{name} has no CRS; name the one its coordinates are in, "
            "e.g. `.set_crs('EPSG:4490')`"
        )
        raise CRSError(msg)
    return frame.crs


def _label(crs: Any) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def _areal_error(frame: "gpd.GeoDataFrame | gpd.GeoSeries", crs: Any) -> float:
    import numpy as np
    import pyproj

    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        return 0.0
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    lon, lat = pyproj.Proj(crs)(x, y, inverse=True)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return float("inf")
    return float(pyproj.Proj(crs).get_factors(lon, lat).areal_scale) - 1.0
