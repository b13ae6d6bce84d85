"""Chinese map datums: GCJ-02 and BD-09, and how to notice them (坐标偏移)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["DatumGuess", "from_gcj02", "guess_datum", "to_gcj02"]

# The datum is defined on the Krasovsky 1940 ellipsoid.
_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_2: Final = 0.006_693_421_622_965_943
_TOLERANCE_DEG: Final = 1e-9
_MAX_ROUNDS: Final = 20

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
    x, y = np.array(lon, dtype=float), np.array(lat, dtype=float)
    for _ in range(_MAX_ROUNDS):
        seen_x, seen_y = to_gcj02(x, y)
        dx, dy = lon - seen_x, lat - seen_y
        x, y = x + dx, y + dy
        if max(np.abs(dx).max(initial=0), np.abs(dy).max(initial=0)) < _TOLERANCE_DEG:
            break
    return x, y


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumGuess:
    """
    What a comparison with a reference says of a layer's datum.

    Attributes
    ----------
    shifted
        Whether the layer looks like GCJ-02; ``None`` if there was too little to
        compare.
    as_read_m, unshifted_m
        Median distance of the reference from the layer, as read and with the shift
        undone.
    """

    shifted: bool | None
    as_read_m: float
    unshifted_m: float


def guess_datum(
    streets: "gpd.GeoDataFrame", reference: "gpd.GeoDataFrame"
) -> DatumGuess:
    """
    Compare a street layer with roads of known position.

    Places every 500 m on the reference are held against the nearest street. A layer
    in GCJ-02 lies some 650 m off here, about 540 m east and 380 m south; undoing the
    shift then brings it back onto the reference.

    Parameters
    ----------
    streets
        Lines, in a projected CRS.
    reference
        Lines whose position is verified, in the same CRS.
    """
    box = shapely.box(*streets.total_bounds)
    spots = np.concatenate(
        [np.empty(0, dtype=object)]
        + [
            shapely.line_interpolate_point(
                line, np.arange(0, line.length, _SAMPLE_STEP_M)
            )
            for line in reference.geometry
        ]
    )
    spots = spots[shapely.within(spots, box)]
    if len(spots) < _MIN_SAMPLES:
        return DatumGuess(shifted=None, as_read_m=np.nan, unshifted_m=np.nan)
    as_read = _median_distance(streets, spots)
    # Shifting the reference forward is the same test and moves fewer points.
    unshifted = _median_distance(streets, _shifted(spots, streets.crs))
    shifted = unshifted < _NEAR_M and unshifted < as_read / 2
    return DatumGuess(shifted=bool(shifted), as_read_m=as_read, unshifted_m=unshifted)


def _median_distance(
    streets: "gpd.GeoDataFrame", spots: "NDArray[np.object_]"
) -> float:
    _, distance = streets.sindex.nearest(spots, return_all=False, return_distance=True)
    return float(np.median(distance))


def _shifted(spots: "NDArray[np.object_]", crs: object) -> "NDArray[np.object_]":
    import pyproj

    forth = pyproj.Transformer.from_crs(crs, GEOGRAPHIC_CRS, always_xy=True)
    back = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, crs, always_xy=True)
    lon, lat = forth.transform(shapely.get_x(spots), shapely.get_y(spots))
    moved: NDArray[np.object_] = shapely.points(*back.transform(*to_gcj02(lon, lat)))
    return moved
