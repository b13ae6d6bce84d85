"""Chinese map datums: the shifts of GCJ-02 and BD-09, and back (坐标偏移)."""

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Degrees = NDArray[np.float64]
    Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

__all__ = [
    "DATUM_NAMES",
    "Datum",
    "from_bd09",
    "from_gcj02",
    "in_china",
    "to_bd09",
    "to_gcj02",
    "to_wgs84",
]

Datum = Literal["wgs84", "gcj02", "bd09"]
"""WGS-84 (with it CGCS2000), GCJ-02 (火星坐标) and BD-09 (百度坐标)."""

DATUM_NAMES: "Final[dict[Datum, str]]" = {
    "wgs84": "WGS-84",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}
"""How each datum is written."""

# The datum is defined on the Krasovsky 1940 ellipsoid.
_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_2: Final = 0.006_693_421_622_965_943
_TOLERANCE_DEG: Final = 1e-9
_MAX_ROUNDS: Final = 20

# Where the shifts are defined (west, south, east, north).
_CHINA_DEG: Final = (72.004, 0.8293, 137.8347, 55.8271)


def to_gcj02(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """
    Shift WGS-84 degrees as GCJ-02 does; meant for places in China only.

    Examples
    --------
    >>> lon, lat = to_gcj02(np.array([112.97]), np.array([28.2]))
    >>> (lon - 112.97).round(4).tolist(), (lat - 28.2).round(4).tolist()
    ([0.0055], [-0.0034])
    """
    x, y = np.asarray(lon) - 105.0, np.asarray(lat) - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y**2
        + 0.1 * x * y
        + 0.2 * root
        + 2 / 3 * (waves + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3))
        + 2 / 3 * (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30))
    )
    east = (
        300
        + x
        + 2 * y
        + 0.1 * x**2
        + 0.1 * x * y
        + 0.1 * root
        + 2 / 3 * (waves + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3))
        + 2 / 3 * (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30))
    )
    angle = np.radians(lat)
    w2 = 1 - _ECCENTRICITY_2 * np.sin(angle) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY_2) / w2**1.5
    parallel = _AXIS_M / np.sqrt(w2) * np.cos(angle)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def from_gcj02(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """
    Undo the GCJ-02 shift by iteration, to better than a millimetre.

    Examples
    --------
    >>> there = to_gcj02(np.array([112.97]), np.array([28.2]))
    >>> [float(v[0].round(8)) for v in from_gcj02(*there)]
    [112.97, 28.2]
    """
    return _undone(to_gcj02, lon, lat)


def _undone(
    shift: "Shift", lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    x, y = np.array(lon, dtype=float), np.array(lat, dtype=float)
    for _ in range(_MAX_ROUNDS):
        seen_x, seen_y = shift(x, y)
        dx, dy = lon - seen_x, lat - seen_y
        x, y = x + dx, y + dy
        if max(np.abs(dx).max(initial=0), np.abs(dy).max(initial=0)) < _TOLERANCE_DEG:
            break
    return x, y


def to_bd09(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """
    Shift WGS-84 degrees as BD-09 does, on top of GCJ-02; meant for places in China.

    Examples
    --------
    >>> lon, lat = to_bd09(np.array([112.97]), np.array([28.2]))
    >>> (lon - 112.97).round(4).tolist(), (lat - 28.2).round(4).tolist()
    ([0.0121], [0.0022])
    """
    x, y = to_gcj02(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * np.pi * 3000 / 180)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * np.pi * 3000 / 180)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def from_bd09(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """
    Undo the BD-09 shift, and GCJ-02's below it, by iteration to better than a millimetre.

    Examples
    --------
    >>> there = to_bd09(np.array([112.97]), np.array([28.2]))
    >>> [float(v[0].round(8)) for v in from_bd09(*there)]
    [112.97, 28.2]
    """
    return _undone(to_bd09, lon, lat)


def to_wgs84(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]", datum: Datum
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """
    Convert degrees of a datum to WGS-84.

    Raises
    ------
    InputError
        If the datum is not known, or there are places outside China, where neither
        shift is defined.

    Examples
    --------
    >>> lon, lat = to_wgs84(np.array([112.9755]), np.array([28.1966]), "gcj02")
    >>> (lon.round(3).tolist(), lat.round(3).tolist())
    ([112.97], [28.2])
    """
    if datum not in DATUM_NAMES:
        msg = f"datum {datum!r} is not known; one of {', '.join(DATUM_NAMES)}"
        raise InputError(msg)
    if datum == "wgs84":
        return lon, lat
    if not in_china(lon, lat):
        msg = (
            f"coordinates are said to be {DATUM_NAMES[datum]}, but some lie outside "
            "China, where it is not defined; check the datum and the order of the axes"
        )
        raise InputError(msg)
    return from_gcj02(lon, lat) if datum == "gcj02" else from_bd09(lon, lat)


def in_china(lon: "NDArray[np.float64]", lat: "NDArray[np.float64]") -> bool:
    """
    Return whether all places lie where the shifts are defined.

    Examples
    --------
    >>> in_china(np.array([112.97]), np.array([28.2]))
    True
    >>> in_china(np.array([112.97, 0.0]), np.array([28.2, 51.5]))
    False
    """
    west, south, east, north = _CHINA_DEG
    within = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return bool(np.all(within))
