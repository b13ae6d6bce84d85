"""What is odd about where rows lie, though they may lie there (位置存疑)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.provenance import Change
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["at_origin", "doubts", "false_easting", "middle", "stretched"]

_ORIGIN_DEG: Final = 1.0
_ORIGIN_M: Final = 100_000.0
_ASTRAY_DEG: Final = 10.0
_MAX_ASTRAY_SHARE: Final = 0.01
_FAR_FROM_MERIDIAN_DEG: Final = 2.5
_FAR_IN_WIDE_ZONE_DEG: Final = 4.0
_ZONE_STEP_M: Final = 1_000_000.0
_ZONES_6: Final = range(13, 24)
# WGS-84, GRS80 and CGCS2000 agree to a decimetre; the ellipsoids of 北京54 and 西安80
# are 108 m and 3 m larger.
_AXIS_M: Final = 6_378_137.0
_AXIS_TOLERANCE_M: Final = 1.0
_MAX_AREAL_ERROR: Final = 0.02  # lengths by half of it
_NO_SHIFT_DEG: Final = 1e-9
_SHOWN: Final = 3


def middle(frame: "gpd.GeoDataFrame") -> "tuple[float, float]":
    """Return the median of a frame's x and of its y, which a few stray rows do not move."""
    x, y = np.median(shapely.get_coordinates(np.asarray(frame.geometry.array)), axis=0)
    return float(x), float(y)


def at_origin(frame: "gpd.GeoDataFrame") -> "NDArray[np.bool_]":
    """
    Tell which rows have a vertex at 0, 0 although the layer lies elsewhere.

    So programs write places that they do not know.
    """
    xy, row = shapely.get_coordinates(
        np.asarray(frame.geometry.array), return_index=True
    )
    found = np.zeros(len(frame), dtype=bool)
    zero = (xy == 0).all(axis=1)
    if not zero.any():
        return found
    found[row[zero]] = True
    elsewhere = xy[~found[row]]
    near = _ORIGIN_DEG if frame.crs.is_geographic else _ORIGIN_M
    if not len(elsewhere) or np.hypot(*np.median(elsewhere, axis=0)) < near:
        found[:] = False
    return found


def doubts(crs: Any, degrees: "gpd.GeoDataFrame") -> "Iterator[Change]":
    """
    Notice what is odd about where rows lie.

    Parameters
    ----------
    crs
        What their coordinates were in.
    degrees
        The rows in longitude and latitude.
    """
    lon, lat = middle(degrees)
    yield from _far_from_meridian(crs, lon, len(degrees))
    yield from _unknown_shift(crs, lon, lat, len(degrees))
    yield from _astray(degrees, lon, lat)


def false_easting(crs: Any) -> float | None:
    """Return the false easting of a Gauss-Kruger grid; ``None`` of any other CRS."""
    return _grid(crs).get("False easting")


def _grid(crs: Any) -> dict[str, float]:
    """Return the parameters of a Gauss-Kruger grid, also under heights and shifts."""
    while crs.is_compound or crs.is_bound:
        crs = crs.sub_crs_list[0] if crs.is_compound else crs.source_crs
    operation = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return {}
    return {p.name: float(p.value) for p in operation.params}


def _far_from_meridian(crs: Any, lon: float, count: int) -> "Iterator[Change]":
    """Notice what lies so far from its grid's meridian that another zone is likely."""
    grid = _grid(crs)
    meridian = grid.get("Longitude of natural origin")
    if meridian is None:
        return
    # UTM's zones, which shrink their meridian, are 6° wide; so are zones 13 to 23.
    wide = (
        grid.get("Scale factor at natural origin", 1.0) < 1
        or grid.get("False easting", 0.0) // _ZONE_STEP_M in _ZONES_6
    )
    off = abs(lon - meridian)
    if off > (_FAR_IN_WIDE_ZONE_DEG if wide else _FAR_FROM_MERIDIAN_DEG):
        what = Text(
            f"距投影带中央经线 {off:.1f}° 的行：带号对吗？",
            f"rows that lie {off:.1f}° from the zone's meridian: is it the right zone?",
        )
        yield Change(action="noticed", what=what, count=count)


def _unknown_shift(crs: Any, lon: float, lat: float, count: int) -> "Iterator[Change]":
    """Notice a datum on another ellipsoid whose shift is not known where the rows lie."""
    import pyproj

    own = crs.geodetic_crs
    if abs(own.ellipsoid.semi_major_metre - _AXIS_M) <= _AXIS_TOLERANCE_M:
        return
    forth = pyproj.Transformer.from_crs(own, GEOGRAPHIC_CRS, always_xy=True)
    if np.abs(np.subtract(forth.transform(lon, lat), (lon, lat))).max() < _NO_SHIFT_DEG:
        what = Text(
            f"基准为 {own.datum.name} 的行，此处与 WGS-84 的转换参数未知：可能偏移约 100 m",
            f"rows in {own.datum.name}, whose shift to WGS-84 is not known here: they may "
            "lie some 100 m off",
        )
        yield Change(action="noticed", what=what, count=count)


def _astray(degrees: "gpd.GeoDataFrame", lon: float, lat: float) -> "Iterator[Change]":
    """Notice a few rows that lie far from all others."""
    xy, row = shapely.get_coordinates(
        np.asarray(degrees.geometry.array), return_index=True
    )
    far = np.unique(row[(np.abs(xy - (lon, lat)) > _ASTRAY_DEG).any(axis=1)])
    if 0 < len(far) <= max(1, _MAX_ASTRAY_SHARE * len(degrees)) < len(degrees):
        what = Text(
            f"距大多数行超过 {_ASTRAY_DEG:.0f}° 的行",
            f"rows that lie more than {_ASTRAY_DEG:.0f}° from most others",
        )
        shown = tuple(map(str, degrees.index[far[:_SHOWN]]))
        yield Change(action="noticed", what=what, count=len(far), rows=shown)


def stretched(crs: Any, degrees: "gpd.GeoDataFrame") -> "Iterator[Change]":
    """Notice rows so far from the middle of the CRS of the result that it stretches them."""
    import pyproj

    target = pyproj.CRS(crs)
    if not target.is_projected:
        return
    bounds = degrees.bounds.to_numpy()
    spots = (bounds[:, :2] + bounds[:, 2:]) / 2
    west, south, east, north = degrees.total_bounds
    corners = np.array([(x, y) for x in (west, east) for y in (south, north)])
    projection = pyproj.Proj(target)
    for places in (corners, spots):
        factors = projection.get_factors(*places.T)
        off = np.abs(np.nan_to_num(factors.areal_scale, nan=np.inf) - 1)
        if not (off > _MAX_AREAL_ERROR).any():
            return
    what = Text(
        f"{target.name} 使其面积变化超过 {_MAX_AREAL_ERROR:.0%}（最多 {off.max():.0%}）的行："
        "请用 bbox 读取一部分，或用 to_crs 另选",
        f"rows where {target.name} changes areas by more than {_MAX_AREAL_ERROR:.0%}, by up "
        f"to {off.max():.0%}: read a part (bbox), or name another (to_crs)",
    )
    count = int((off > _MAX_AREAL_ERROR).sum())
    yield Change(action="noticed", what=what, count=count)
