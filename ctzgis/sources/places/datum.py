"""Chinese map datums: GCJ-02 and BD-09, and how to notice them (坐标偏移)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    Degrees = NDArray[np.float64]
    Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

__all__ = [
    "DATUM_NAMES",
    "Datum",
    "DatumGuess",
    "from_bd09",
    "from_gcj02",
    "guess_datum",
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

_NEAR_M: Final = 60.0
_SAMPLE_STEP_M: Final = 500.0
_MIN_SAMPLES: Final = 20


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
    west, south, east, north = _CHINA_DEG
    if ((lon < west) | (lon > east) | (lat < south) | (lat > north)).any():
        msg = (
            f"coordinates are said to be {DATUM_NAMES[datum]}, but some lie outside "
            "China, where it is not defined; check the datum and the order of the axes"
        )
        raise InputError(msg)
    return from_gcj02(lon, lat) if datum == "gcj02" else from_bd09(lon, lat)


_SHIFTS: Final["dict[Datum, Shift]"] = {"gcj02": to_gcj02, "bd09": to_bd09}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumGuess:
    """
    What a comparison with a reference says of a layer's datum.

    Attributes
    ----------
    datum
        The datum that fits; ``None`` if none does or there was too little to compare.
    as_read_m
        Median distance of the reference from the layer as read, in metres; NaN if
        there was too little to compare.
    best_m
        The same with the shift of ``datum`` undone, or of the datum that fits least
        badly if none fits.
    """

    datum: Datum | None
    as_read_m: float
    best_m: float

    @property
    def doubtful(self) -> bool:
        """Whether it lies off the reference and no known shift explains it."""
        return self.datum is None and not np.isnan(self.as_read_m)


def guess_datum(layer: "gpd.GeoDataFrame", reference: "gpd.GeoDataFrame") -> DatumGuess:
    """
    Compare a layer with others of known position: streets with roads, stops with stops.

    Places every 500 m on the reference's lines, and its points, are held against the
    nearest thing of the layer. A layer in GCJ-02 lies some 650 m off here, about 540 m
    east and 380 m south, one in BD-09 some 1,200 m, mostly east. A shift is named if
    undoing it halves the median distance and leaves less than 60 m: among dense streets
    the nearest one is never far.

    Parameters
    ----------
    layer
        Lines or points, in a projected CRS.
    reference
        Lines or points whose position is verified, in the same CRS.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> roads = read_network().roads.roads
    >>> verified = roads[roads["alignment_verified"]]
    >>> guess_datum(verified, verified).datum
    'wgs84'
    """
    box = shapely.box(*layer.total_bounds)
    spots = _samples(reference)
    spots = spots[shapely.within(spots, box)]
    if len(spots) < _MIN_SAMPLES:
        return DatumGuess(datum=None, as_read_m=np.nan, best_m=np.nan)
    as_read = _median_distance(layer, spots)
    # Shifting the reference forward is the same test and moves fewer points.
    off: dict[Datum, float] = {
        datum: _median_distance(layer, _shifted(spots, layer.crs, shift))
        for datum, shift in _SHIFTS.items()
    }
    shifted = min(off, key=lambda datum: off[datum])
    if off[shifted] < min(_NEAR_M, as_read / 2):
        return DatumGuess(datum=shifted, as_read_m=as_read, best_m=off[shifted])
    if as_read < _NEAR_M:
        return DatumGuess(datum="wgs84", as_read_m=as_read, best_m=as_read)
    return DatumGuess(datum=None, as_read_m=as_read, best_m=min(as_read, *off.values()))


def _samples(reference: "gpd.GeoDataFrame") -> "NDArray[np.object_]":
    """Return points as they are, and places every so far along lines."""
    shapes = np.asarray(reference.geometry.array)
    lines = shapes[shapely.get_type_id(shapes) != 0]
    along = [
        shapely.line_interpolate_point(line, np.arange(0, line.length, _SAMPLE_STEP_M))
        for line in lines
    ]
    return np.concatenate([shapes[shapely.get_type_id(shapes) == 0], *along])


def _median_distance(layer: "gpd.GeoDataFrame", spots: "NDArray[np.object_]") -> float:
    _, distance = layer.sindex.nearest(spots, return_all=False, return_distance=True)
    return float(np.median(distance))


def _shifted(
    spots: "NDArray[np.object_]", crs: object, shift: "Shift"
) -> "NDArray[np.object_]":
    import pyproj

    forth = pyproj.Transformer.from_crs(crs, GEOGRAPHIC_CRS, always_xy=True)
    back = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, crs, always_xy=True)
    lon, lat = forth.transform(shapely.get_x(spots), shapely.get_y(spots))
    moved: NDArray[np.object_] = shapely.points(*back.transform(*shift(lon, lat)))
    return moved
