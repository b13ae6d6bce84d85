"""Open rasters with care: in parts, in place, and no gap taken for a measure (栅格)."""

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.sources.formats.files import require_file
from ctzgis.sources.rasters.mosaics import require_plain_mosaic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Cells = NDArray[np.float64]

__all__ = ["MAX_CELLS", "RASTER_FORMATS", "Band", "open_band"]

# Formats that lie in files; others ask hosts or run what is in them.
RASTER_FORMATS: Final = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".vrt": "VRT",
    ".img": "HFA",
    ".asc": "AAIGrid",
}
"""Formats of rasters by the endings of their files, as GDAL calls them."""

MAX_CELLS: Final = 5_000_000_000
"""Cells that are read at most in one call: 20 GB of float32, one to two minutes."""

_MAX_BLOCK_BYTES: Final = 256 * 2**20
_CACHE_BYTES: Final = 64 * 2**20

# Bounds of coordinates and of a cell's area, in any unit, that leave room to reckon.
_FARTHEST: Final = 1e12
_SMALLEST_CELL: Final = 1e-16

# What programs write where nothing was measured; least values of int16 and int32.
_NOTHING: Final = (-9999.0, -99999.0, -999999.0, -32768.0, -2147483648.0)
# Least and greatest floats (3.4e38, 1.8e308) as several programs round them.
_NO_MEASURE: Final = 1e30
_SAME_VALUE_SHARE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """
    A band of an open raster.

    Attributes
    ----------
    name
        Name of its file.
    file
        The open dataset of rasterio.
    number
        Which band it is, from 1.
    crs
        Reference system, of pyproj.
    nodata
        A further value that stands for nothing; ``None`` if there is none.
    """

    name: str
    file: Any
    number: int
    crs: Any
    nodata: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return int(self.file.height), int(self.file.width)

    @property
    def crs_name(self) -> str:
        """Reference system in short."""
        authority = self.crs.to_authority()
        return ":".join(authority) if authority else str(self.crs.name)

    def values(self, row: int, column: int, height: int, width: int) -> "Cells":
        """
        Read a window; NaN where nothing was measured.

        Raises
        ------
        SourceError
            If the file ends before its cells do.
        InputError
            If a cell holds what is usual for no data, and the file does not say so.
        """
        import rasterio.errors
        from rasterio.windows import Window

        window = Window(column, row, width, height)
        try:
            read = self.file.read(self.number, window=window, masked=True)
        except (rasterio.errors.RasterioError, MemoryError) as error:
            msg = f"{self.name} cannot be read; is it whole? {error.__cause__ or error}"
            raise SourceError(msg) from error
        with np.errstate(invalid="ignore"):  # what lies under the mask may be anything
            cells = np.ma.filled(read.astype(np.float64), np.nan)
        if self.nodata is not None:
            cells[_are(cells, self.nodata)] = np.nan
        _require_measures(cells, self.name)
        at = self.number - 1
        scale, offset = self.file.scales[at], self.file.offsets[at]
        return cells if (scale, offset) == (1.0, 0.0) else cells * scale + offset


@contextmanager
def open_band(
    path: "Path",
    *,
    band: int = 1,
    nodata: float | None = None,
    crs: str | None = None,
) -> "Iterator[Band]":
    """
    Open one band of a GeoTIFF, VRT, Erdas Imagine or Arc/Info ASCII file.

    Parameters
    ----------
    path
        The file.
    band
        Which band, from 1.
    nodata
        A value that stands for no data, besides the one the file declares.
    crs
        What the file is in, if not what it says.

    Raises
    ------
    SourceError
        If the file is missing or is no raster.
    CRSError
        If it has no CRS.
    InputError
        If it has no such band, no georeference, blocks too large to be read in parts,
        or leads to other places than files.
    """
    import rasterio
    import rasterio.errors

    require_file(path)
    if path.suffix.lower() not in RASTER_FORMATS:
        msg = f"{path.name} ends in '{path.suffix}'; {', '.join(RASTER_FORMATS)} is expected"
        raise InputError(msg)
    if path.suffix.lower() == ".vrt":
        require_plain_mosaic(path)
    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES), warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(
                path, driver=RASTER_FORMATS[path.suffix.lower()]
            ) as file:
                kind = _cells_kind(path.name, file, band)
                _require_blocks(path.name, file.block_shapes[band - 1], kind)
                _require_grid(path.name, file.transform)
                yield Band(
                    name=path.name,
                    file=file,
                    number=band,
                    crs=_crs_of(path.name, file.crs, crs),
                    nodata=nodata,
                )
    except (rasterio.errors.RasterioError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error


def _cells_kind(name: str, file: Any, band: int) -> Any:
    """Return the type of a band's cells, which must be numbers."""
    if not 1 <= band <= file.count:
        msg = (
            f"{name} has {file.count} band{'s' * (file.count > 1)}, but no band {band}"
        )
        raise InputError(msg)
    kind = file.dtypes[band - 1]
    if kind.startswith("complex"):
        msg = f"{name}: cells are of type {kind}; plain numbers are expected"
        raise InputError(msg)
    return np.dtype(kind)


def _require_blocks(name: str, shape: tuple[int, int], kind: Any) -> None:
    if np.prod(shape, dtype=float) * kind.itemsize > _MAX_BLOCK_BYTES:
        msg = (
            f"{name} is stored in blocks of more than {_MAX_BLOCK_BYTES // 2**20} MiB; "
            "rewrite it in tiles, e.g. `rio convert in.tif out.tif --co tiled=yes`"
        )
        raise InputError(msg)


def _require_grid(name: str, grid: Any) -> None:
    finite = np.isfinite(grid).all() and np.abs(grid).max() < _FARTHEST
    if not finite or grid.is_identity or abs(grid.determinant) < _SMALLEST_CELL:
        msg = (
            f"{name} does not say where its cells lie (no georeference); warp it first"
        )
        raise InputError(msg)


def _crs_of(name: str, found: Any, given: str | None) -> Any:
    """Return the given CRS, or that of the file."""
    import pyproj
    import pyproj.exceptions

    if found is None and given is None:
        msg = f"{name} has no CRS; name the one its coordinates are in"
        raise CRSError(msg)
    try:
        crs = pyproj.CRS(found.to_wkt() if given is None else given)
    except pyproj.exceptions.CRSError as error:
        msg = f"{name} is in a CRS that cannot be understood: {error}"
        raise CRSError(msg) from error
    if not (crs.is_geographic or crs.is_projected):
        msg = f"{name} is in {crs.name}, which says nothing of the place on Earth"
        raise CRSError(msg)
    return crs


def _are(cells: "Cells", value: float) -> "NDArray[np.bool_]":
    """Tell which cells hold a value as it was typed: -3.4e38 is -3.4028235e38."""
    found: NDArray[np.bool_]
    if abs(value) >= _NO_MEASURE:
        found = cells * np.sign(value) >= _NO_MEASURE
    else:
        found = np.abs(cells - value) <= _SAME_VALUE_SHARE * abs(value)
    return found


def _require_measures(cells: "Cells", name: str) -> None:
    wrong = np.isin(cells, _NOTHING) | (np.abs(cells) >= _NO_MEASURE)
    if wrong.any():
        value = float(cells[wrong][0])
        msg = (
            f"{name} holds cells of {value:g}, which looks like 'no data' but is not "
            f"declared; name it with nodata={value!r}, or declare it in the file"
        )
        raise InputError(msg)
