"""Where coordinates truly lie: zones, axes and units of Chinese layers (坐标归位)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS, fitting_crs
from ctzgis.errors import CRSError, InputError
from ctzgis.provenance import Change
from ctzgis.sources.places.datum import DATUM_NAMES, Datum, to_wgs84
from ctzgis.sources.places.doubts import (
    at_origin,
    doubts,
    false_easting,
    middle,
    stretched,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    BBox = tuple[float, float, float, float]

__all__ = [
    "Axes",
    "Placed",
    "crs_label",
    "elsewhere",
    "likely_readings",
    "placed",
    "require_bbox",
    "require_crs",
]

Axes = Literal["xy", "yx"]
"""East before north, or north before east."""

# CGCS2000 in 3° zones 25-45, with the zone's number before the easting and without.
_ZONES_3: Final = {zone: (4488 + zone, 4509 + zone) for zone in range(25, 46)}
# The same in 6° zones 13-23.
_ZONES_6: Final = {zone: (4478 + zone, 4489 + zone) for zone in range(13, 24)}
_CGCS2000: Final = "EPSG:4490"

_MAX_DEGREES: Final = 360.0
_FARTHEST: Final = 1e9  # 25 times around the Earth in metres
_HALF_ZONE_M: Final = 500_000.0
_ZONE_STEP_M: Final = 1_000_000.0
_NORTHINGS_M: Final = (1_500_000.0, 6_500_000.0)  # of China
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """
    A frame in metres.

    Attributes
    ----------
    frame
        The rows, in ``crs_out``.
    crs_in, crs_out
        Reference system the coordinates were in, and are in now.
    changes
        What was done to them, or noticed.
    """

    frame: "gpd.GeoDataFrame"
    crs_in: str
    crs_out: str
    changes: tuple[Change, ...]


def placed(
    frame: "gpd.GeoDataFrame",
    name: str,
    *,
    crs: str | None = None,
    axes: Axes = "xy",
    datum: Datum = "wgs84",
    bbox: "BBox | None" = None,
    to_crs: str | None = None,
) -> Placed:
    """
    Bring a frame to metres, or say why its coordinates cannot be what they claim.

    Parameters
    ----------
    frame
        Geometries as read.
    name
        What they are called in messages.
    crs
        What their coordinates are in; the frame's own CRS if not given.
    axes
        ``"yx"`` if north stands before east.
    datum
        Datum of the coordinates.
    bbox
        West, south, east and north in degrees; what does not touch it is left out.
    to_crs
        CRS of the result; EPSG:4547 if it fits the place, else its UTM zone.

    Raises
    ------
    CRSError
        If the CRS is missing, cannot be what the numbers are in, or cannot be converted.
    InputError
        If the datum is unknown, or nothing touches ``bbox``; readings of the numbers that
        would lie inside are named.
    """
    import pyproj.exceptions

    changes: list[Change] = []
    frame = _labelled(frame, name, crs, changes)
    if axes not in ("xy", "yx"):
        msg = f"axes {axes!r} is not known; 'xy' or 'yx'"
        raise InputError(msg)
    if axes == "yx":
        frame = frame.set_geometry(_turned(frame.geometry))
        _note(
            changes,
            "repaired",
            Text("横纵坐标已对调的图形", "geometries with their axes swapped"),
            len(frame),
        )
    require_bbox(bbox)
    if to_crs is not None:
        require_crs(to_crs, "to_crs")
    if (lost := at_origin(frame)).any():
        what = Text("坐标为 0, 0 的行", "rows at 0, 0, far from all others")
        shown = tuple(map(str, frame.index[lost][:_SHOWN]))
        changes.append(
            Change(action="dropped", what=what, count=int(lost.sum()), rows=shown)
        )
        frame = frame[~lost]
    _require_possible(frame, name)
    try:
        degrees = frame.to_crs(GEOGRAPHIC_CRS)
    except pyproj.exceptions.ProjError as error:
        msg = f"{name} cannot be converted from {crs_label(frame.crs)}: {error}"
        raise CRSError(msg) from error
    if datum != "wgs84":
        degrees = degrees.set_geometry(_unshifted(degrees.geometry, datum))
        what = Text(
            f"由 {DATUM_NAMES[datum]} 转换的图形",
            f"geometries converted from {DATUM_NAMES[datum]}",
        )
        _note(changes, "repaired", what, len(frame))
    _require_finite(degrees, name)
    if bbox is not None:
        inside = degrees.intersects(shapely.box(*bbox)).to_numpy()
        if not inside.any():
            raise InputError(elsewhere(frame, degrees, name, bbox))
        _note(
            changes,
            "dropped",
            Text("在给定范围之外", "outside the given bounds"),
            int((~inside).sum()),
        )
        frame, degrees = frame[inside], degrees[inside]
    changes += doubts(frame.crs, degrees)
    target = to_crs or fitting_crs(*middle(degrees))
    changes += stretched(target, degrees)
    start = frame if datum == "wgs84" else degrees
    return Placed(
        start.to_crs(target), crs_label(frame.crs), crs_label(target), tuple(changes)
    )


def _note(
    changes: list[Change],
    action: Literal["dropped", "repaired"],
    what: Text,
    count: int,
) -> None:
    if count:
        changes.append(Change(action=action, what=what, count=count))


def crs_label(crs: Any) -> str:
    """Return how a CRS is written: its authority and code, else its name."""
    import pyproj

    crs = pyproj.CRS(crs)
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def require_bbox(bbox: "BBox | None") -> None:
    """
    Refuse bounds that are none.

    Raises
    ------
    InputError
        Unless they are west, south, east and north in degrees, each less than the other.
    """
    if bbox is None:
        return
    try:
        west, south, east, north = map(float, bbox)
    except (TypeError, ValueError) as error:
        msg = f"bbox is {bbox!r}; west, south, east and north in degrees are expected"
        raise InputError(msg) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        msg = (
            f"bbox is {west:g}, {south:g}, {east:g}, {north:g}; west, south, east and "
            "north in degrees are expected"
        )
        raise InputError(msg)


def require_crs(crs: Any, argument: str) -> Any:
    """
    Return the CRS that an argument names.

    Raises
    ------
    CRSError
        If it names none.
    """
    import pyproj.exceptions

    try:
        return pyproj.CRS(crs)
    except pyproj.exceptions.CRSError as error:
        msg = f"{argument} {str(crs)[:60]!r} is not known; give e.g. 'EPSG:4526'"
        raise CRSError(msg) from error


def _labelled(
    frame: "gpd.GeoDataFrame", name: str, crs: str | None, changes: list[Change]
) -> "gpd.GeoDataFrame":
    if crs is None:
        if frame.crs is None:
            readings = likely_readings(frame.total_bounds)
            hint = f"; the numbers may be {' or '.join(readings)}" if readings else ""
            msg = f"{name} has no CRS; name the one its coordinates are in{hint}"
            raise CRSError(msg)
        return frame
    wanted = require_crs(crs, "crs")
    if frame.crs is not None and frame.crs != wanted:
        was, now = crs_label(frame.crs), crs_label(wanted)
        what = Text(
            f"标为 {was}、按 {now} 读取的行", f"rows labelled {was}, read as {now}"
        )
        _note(changes, "repaired", what, len(frame))
    return frame.set_crs(wanted, allow_override=True)


def _turned(shapes: "gpd.GeoSeries") -> "NDArray[np.object_]":
    turned: NDArray[np.object_] = shapely.transform(
        np.asarray(shapes.array), lambda xy: xy[:, ::-1]
    )
    return turned


def _unshifted(shapes: "gpd.GeoSeries", datum: Datum) -> "NDArray[np.object_]":
    moved: NDArray[np.object_] = shapely.transform(
        np.asarray(shapes.array),
        lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)),
    )
    return moved


def _require_finite(degrees: "gpd.GeoDataFrame", name: str) -> None:
    if not np.isfinite(degrees.total_bounds).all():
        finite = np.isfinite(degrees.bounds.to_numpy()).all(axis=1)
        first = degrees.index[np.flatnonzero(~finite)[0]]
        msg = (
            f"{name} has coordinates that lie nowhere on Earth in the CRS it claims, in "
            f"{int((~finite).sum()):,} of {len(degrees):,} rows, the first {first}; check "
            "the CRS and the order of the axes"
        )
        raise CRSError(msg)


def _require_possible(frame: "gpd.GeoDataFrame", name: str) -> None:
    """Raise ``CRSError`` if numbers cannot be coordinates in the CRS they claim."""
    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        return
    fault = _fault(frame.crs, bounds)
    if fault:
        readings = likely_readings(bounds)
        hint = f"; read it with {' or '.join(readings)}" if readings else ""
        msg = f"{name} is labelled {crs_label(frame.crs)}, but {fault}{hint}"
        raise CRSError(msg)


def _fault(crs: Any, bounds: "NDArray[np.float64]") -> str:
    west, south, east, north = bounds
    if np.abs(bounds).max() > _FARTHEST:
        return f"its numbers, e.g. {bounds[np.abs(bounds).argmax()]:.4g}, lie nowhere"
    if crs.is_geographic:
        if max(abs(west), abs(east)) > _MAX_DEGREES:
            return f"its numbers, e.g. {west:.0f}, are no degrees"
        if max(abs(south), abs(north)) > 90:
            return f"its axes are swapped: {north:.1f} is no latitude"
        return ""
    if np.abs(bounds).max() <= _MAX_DEGREES:
        return f"its numbers, e.g. {west:.4g}, {south:.4g}, look like degrees"
    easting = false_easting(crs)
    if easting is None:
        return ""
    if max(abs(west - easting), abs(east - easting)) <= _HALF_ZONE_M:
        return ""
    if max(abs(south - easting), abs(north - easting)) <= _HALF_ZONE_M:
        return f"its axes are swapped: {north:.0f} is an easting"
    zone = int(west // _ZONE_STEP_M)
    if zone in _ZONES_3 or zone in _ZONES_6:
        return f"its eastings start with zone {zone}, e.g. {west:.0f}"
    if easting > _ZONE_STEP_M and abs(west) < _ZONE_STEP_M:
        return f"its eastings lack the zone's number, e.g. {west:.0f}"
    return ""


def likely_readings(bounds: "NDArray[np.float64]") -> tuple[str, ...]:
    """
    Return what numbers of a Chinese layer may be, as arguments of a reader.

    Parameters
    ----------
    bounds
        Least x and y, greatest x and y.

    Examples
    --------
    >>> likely_readings(np.array([38_390_000, 3_110_000, 38_410_000, 3_130_000]))
    ("crs='EPSG:4526'",)
    >>> likely_readings(np.array([27.9, 112.7, 28.4, 113.2]))
    ("crs='EPSG:4490', axes='yx'",)
    """
    if not np.isfinite(bounds).all():
        return ()
    upright = _reading(*bounds)
    turned = _reading(*bounds[[1, 0, 3, 2]])
    return (
        *((upright,) if upright else ()),
        *((f"{turned}, axes='yx'",) if turned else ()),
    )


def _reading(west: float, south: float, east: float, north: float) -> str:
    if west >= 70 and east <= 140 and south >= 0 and north <= 60:
        return f"crs='{_CGCS2000}'"
    zone = int(west // _ZONE_STEP_M)
    in_china = _NORTHINGS_M[0] <= south and north <= _NORTHINGS_M[1]
    if not in_china or zone != int(east // _ZONE_STEP_M):
        return ""
    if zone in _ZONES_3:
        return f"crs='EPSG:{_ZONES_3[zone][0]}'"
    if zone in _ZONES_6:
        return f"crs='EPSG:{_ZONES_6[zone][0]}'"
    return "crs='EPSG:4547', if that is their zone" if zone == 0 else ""


def elsewhere(
    frame: "gpd.GeoDataFrame", degrees: "gpd.GeoDataFrame", name: str, bbox: "BBox"
) -> str:
    """Say where a layer lies that misses its bounds, and how it would lie inside."""
    west, south, east, north = degrees.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    ways = list(_readings_inside(frame, bbox))[:_SHOWN]
    hint = (
        f"; it would lie inside with {' or '.join(ways)}"
        if ways
        else "; check its CRS, axes and extent"
    )
    return (
        f"{name} lies around {lon:.2f}° E, {lat:.2f}° N, outside the bounds "
        f"{', '.join(f'{edge:.2f}' for edge in bbox)}{hint}"
    )


def _readings_inside(frame: "gpd.GeoDataFrame", bbox: "BBox") -> "Iterator[str]":
    """Return the readings of the numbers whose middle lies in the bounds."""
    import pyproj

    # Every zone is the same grid about another meridian.
    grid = pyproj.Proj(proj="tmerc", lon_0=0, x_0=_HALF_ZONE_M, ellps="GRS80")
    x0, y0, x1, y1 = frame.total_bounds
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    for axes, (x, y) in (("", middle), (", axes='yx'", middle[::-1])):
        if _inside(x, y, bbox):
            yield f"crs='{_CGCS2000}'{axes}"
        number = int(x // _ZONE_STEP_M)
        off, lat = grid(x - number * _ZONE_STEP_M, y, inverse=True)
        if number == 0:
            for zone, (_, plain) in _ZONES_3.items():
                if _inside(3 * zone + off, lat, bbox):
                    yield f"crs='EPSG:{plain}'{axes}"
        elif number in _ZONES_3 and _inside(3 * number + off, lat, bbox):
            yield f"crs='EPSG:{_ZONES_3[number][0]}'{axes}"
        elif number in _ZONES_6 and _inside(6 * number - 3 + off, lat, bbox):
            yield f"crs='EPSG:{_ZONES_6[number][0]}'{axes}"


def _inside(lon: float, lat: float, bbox: "BBox") -> bool:
    west, south, east, north = bbox
    return west <= lon <= east and south <= lat <= north
