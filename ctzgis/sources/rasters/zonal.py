"""Lay zones over the cells of a raster, and let exactextract add up (分区统计的计算)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.errors import CRSError, InputError, SchemaError, fail_for_extra
from ctzgis.sources.rasters.bands import MAX_CELLS
from ctzgis.tables import ZONES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.sources.rasters.bands import Band

    Cells = NDArray[np.float64]
    Shapes = NDArray[np.object_]

__all__ = ["extracted", "on_raster"]

_MAX_CLASS_SPAN: Final = 100_000
_CELLS_AT_ONCE: Final = 2_000_000
# An edge between two vertices is straight in the CRS of the zones; converted with
# vertices every kilometre it strays less than 2 cm from that.
_STEP_M: Final = 1_000.0
_STEP_DEG: Final = 0.01
_MOST_STEPS: Final = 20_000

_GRS80_AXIS_M: Final = 6_378_137.0
_GRS80_ECCENTRICITY_2: Final = 0.006_694_380_022_90


def on_raster(raster: "Band", zones: "gpd.GeoDataFrame") -> "tuple[Shapes, Cells]":
    """
    Return zones in rows and columns of the raster, and their area.

    The area is in m² on the ellipsoid for a raster of degrees, else in cells: as the
    weights of the cells are.
    """
    ZONES.check(zones)
    if zones.crs is None:
        msg = "zones have no CRS; name the one their coordinates are in"
        raise CRSError(msg)
    shapes = _converted(raster, zones)
    to_cells = ~raster.file.transform

    def on_grid(x: "Cells", y: "Cells") -> "tuple[Cells, Cells]":
        column = to_cells.a * x + to_cells.b * y + to_cells.c
        row = to_cells.d * x + to_cells.e * y + to_cells.f
        return column, -row  # rows count down, y counts up

    placed = _mapped(shapes, on_grid)
    area = shapely.area(placed)
    if raster.crs.is_geographic:
        area = shapely.area(_mapped(shapely.segmentize(shapes, 0.1), _equal_area))
    _require_on(raster, placed)
    return placed, area


def _converted(raster: "Band", zones: "gpd.GeoDataFrame") -> "Shapes":
    import pyproj.exceptions

    if zones.crs == raster.crs:
        return np.asarray(zones.geometry.array, dtype=object)
    west, south, east, north = zones.total_bounds if len(zones) else (0, 0, 0, 0)
    step = _STEP_DEG if zones.crs.is_geographic else _STEP_M
    step = max(step, (east - west + north - south) / _MOST_STEPS)
    try:
        shapes = zones.geometry.segmentize(step).to_crs(raster.crs)
    except pyproj.exceptions.ProjError as error:
        msg = f"zones cannot be converted from {zones.crs.name} to {raster.crs_name}"
        raise CRSError(msg) from error
    bounds = shapes.bounds.to_numpy()
    if not np.isfinite(bounds).all():
        far = zones.index[~np.isfinite(bounds).all(axis=1)][0]
        found = f"zone {far!r} lies where {raster.crs_name} is not defined"
        raise SchemaError(ZONES.name, [found])
    return np.asarray(shapes.array, dtype=object)


def _mapped(shapes: "Shapes", change: Any) -> "Shapes":
    def both(xy: "Cells") -> "Cells":
        return np.column_stack(change(xy[:, 0], xy[:, 1]))

    mapped: Shapes = np.asarray(shapely.transform(shapes, both), dtype=object)
    return mapped


def _equal_area(lon: "Cells", lat: "Cells") -> "tuple[Cells, Cells]":
    """Map degrees onto a cylinder on which every area is true, in metres."""
    sine, root = np.sin(np.radians(lat)), np.sqrt(_GRS80_ECCENTRICITY_2)
    q = (1 - _GRS80_ECCENTRICITY_2) * (
        sine / (1 - _GRS80_ECCENTRICITY_2 * sine**2) + np.arctanh(root * sine) / root
    )
    return _GRS80_AXIS_M * np.radians(lon), _GRS80_AXIS_M * q / 2


def _require_on(raster: "Band", shapes: "Shapes") -> None:
    if not len(shapes):
        return
    height, width = raster.size
    bounds = shapely.bounds(shapes)
    left, low = np.maximum(bounds[:, 0], 0), np.maximum(bounds[:, 1], -height)
    right, high = np.minimum(bounds[:, 2], width), np.minimum(bounds[:, 3], 0)
    wide, tall = np.maximum(right - left, 0), np.maximum(high - low, 0)
    if not (wide * tall).any():
        msg = (
            f"no zone lies on the raster {raster.name}, which is in {raster.crs_name}; "
            "check that both have the right CRS and show the same place"
        )
        raise InputError(msg)
    cells = float((wide * tall).sum())
    if cells > MAX_CELLS:
        msg = (
            f"the zones span {cells:,.0f} cells of {raster.name}; {MAX_CELLS:,} at most. "
            "Give fewer zones or a coarser raster"
        )
        raise InputError(msg)


def extracted(
    raster: "Band", shapes: "Shapes", ops: list[str], *, whole: bool = False
) -> list[dict[str, Any]]:
    """
    Work out operations on ``value`` (the cells) and ``there`` (1 where there is data).

    Weights are the areas of the cells.
    """
    try:
        from exactextract import exact_extract
        from exactextract.feature import JSONFeatureSource
    except ImportError:
        fail_for_extra("zones of rasters need a library", "raster")
    features = [
        {"type": "Feature", "properties": {}, "geometry": shape.__geo_interface__}
        for shape in shapes
    ]
    if not features:
        return []
    value, there, areas = _grids(raster, whole=whole)
    found = exact_extract(
        [value, there],
        JSONFeatureSource(features),
        ops,
        weights=areas,
        max_cells_in_memory=_CELLS_AT_ONCE,
    )
    return [feature["properties"] for feature in found]


def _grids(raster: "Band", *, whole: bool) -> tuple[Any, Any, Any]:
    """Return the cells, where there are any, and their areas, as exactextract asks."""
    from exactextract.raster import RasterSource

    height, width = raster.size

    class Grid(RasterSource):  # type: ignore[misc]
        """A raster in rows and columns, so that rotated ones are upright too."""

        def __init__(self, name: str, read: Any) -> None:
            super().__init__()
            self.set_name(name)
            self.read_window = read

        def res(self) -> tuple[float, float]:
            return 1.0, 1.0

        def extent(self) -> tuple[float, float, float, float]:
            return 0.0, -float(height), float(width), 0.0

        def nodata_value(self) -> None:
            return None

        def srs_wkt(self) -> None:
            return None

    last: dict[tuple[int, ...], Cells] = {}

    def read(x0: int, y0: int, nx: int, ny: int) -> "Cells":
        if (x0, y0, nx, ny) not in last:
            cells = raster.values(y0, x0, ny, nx)
            if whole:
                _require_whole(cells, raster.name)
            last.clear()
            last[x0, y0, nx, ny] = cells
        return last[x0, y0, nx, ny]

    def there(*window: int) -> "Cells":
        return np.where(np.isnan(read(*window)), np.nan, 1.0)

    def areas(x0: int, y0: int, nx: int, ny: int) -> "Cells":
        return _cell_areas(raster, x0, y0, nx, ny)

    return Grid("value", read), Grid("there", there), Grid("area", areas)


def _require_whole(cells: "Cells", name: str) -> None:
    present = cells[~np.isnan(cells)]
    if not (present == np.rint(present)).all():
        msg = f"{name} holds fractions; classes are whole numbers"
        raise InputError(msg)
    if len(present) and np.ptp(present) > _MAX_CLASS_SPAN:
        msg = (
            f"{name} holds numbers from {present.min():,.0f} to {present.max():,.0f}; "
            f"classes span no more than {_MAX_CLASS_SPAN:,}"
        )
        raise InputError(msg)


def _cell_areas(raster: "Band", x0: int, y0: int, nx: int, ny: int) -> "Cells":
    """Return the areas of cells: in m² on GRS80 in degrees, else 1."""
    if not raster.crs.is_geographic:
        return np.ones((ny, nx))
    grid = raster.file.transform
    columns, rows = x0 + np.arange(nx) + 0.5, y0 + np.arange(ny) + 0.5
    lat = np.radians(grid.d * columns[None, :] + grid.e * rows[:, None] + grid.f)
    bend = (1 - _GRS80_ECCENTRICITY_2 * np.sin(lat) ** 2) ** 2
    per_radian2 = _GRS80_AXIS_M**2 * (1 - _GRS80_ECCENTRICITY_2) * np.cos(lat) / bend
    areas: Cells = per_radian2 * abs(grid.determinant) * np.radians(1.0) ** 2
    return areas
