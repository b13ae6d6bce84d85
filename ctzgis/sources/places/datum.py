"""How to notice that a layer is in GCJ-02 or BD-09 (坐标偏移的识别)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.datums import (
    DATUM_NAMES,
    Datum,
    from_bd09,
    from_gcj02,
    to_bd09,
    to_gcj02,
    to_wgs84,
)

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

_NEAR_M: Final = 60.0
_SAMPLE_STEP_M: Final = 500.0
_MIN_SAMPLES: Final = 20


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
