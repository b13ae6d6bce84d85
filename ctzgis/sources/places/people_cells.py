"""Read the inhabited cells of a raster, part by part (人口栅格)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import InputError, SchemaError
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.places.placing import require_bbox
from ctzgis.sources.rasters.bands import MAX_CELLS, open_band
from ctzgis.tables import POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.sources.rasters.bands import Band

    Cells = NDArray[np.float64]
    BBox = tuple[float, float, float, float]

__all__ = ["read_people_cells"]

_MAX_INHABITED: Final = 10_000_000
_CELLS_AT_ONCE: Final = 2_000_000
_EDGE_STEP_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """A part of a raster in rows and columns."""

    row: int
    column: int
    height: int
    width: int

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.height * self.width


def read_people_cells(
    path: "Path",
    *,
    crs: str | None = None,
    bbox: "BBox | None" = None,
    nodata: float | None = None,
) -> "tuple[gpd.GeoDataFrame, ReadReport]":
    """
    Read the centres of a raster's cells with people, in the raster's CRS.

    Parameters
    ----------
    path
        A raster whose first band counts people by cell.
    crs
        What it is in, if not what it says.
    bbox
        West, south, east and north in degrees; cells far from it are not read.
    nodata
        A value that stands for no data, where the file does not say so.

    Raises
    ------
    SourceError, CRSError, InputError
        As for :func:`open_band`; also if nothing lies in ``bbox``, or too many cells do.
    SchemaError
        If a cell counts less than nobody.
    """
    import geopandas as gpd

    require_bbox(bbox)
    with open_band(path, nodata=nodata, crs=crs) as raster:
        window = _window(raster, bbox)
        people, x, y, empty, without = _inhabited(raster, window)
        points = gpd.GeoDataFrame(
            {"population": people}, geometry=gpd.points_from_xy(x, y), crs=raster.crs
        )
        report = ReadReport(
            rows_in=window.cells,
            rows_kept=len(points),
            unit=Text("个像元", "cells"),
            changes=tuple(
                Change(action="dropped", what=what, count=count)
                for what, count in (
                    (Text("无人的像元", "cells without people"), empty),
                    (Text("没有数据的像元", "cells without data"), without),
                )
                if count
            ),
        )
        return points, report


def _window(raster: "Band", bbox: "BBox | None") -> _Window:
    """Return the part of a raster that covers the bounds."""
    height, width = raster.size
    window = _Window(row=0, column=0, height=height, width=width)
    if bbox is not None:
        left, top, right, bottom = _bounds_in_cells(raster, bbox)
        column, row = max(int(np.floor(left)), 0), max(int(np.floor(top)), 0)
        window = _Window(
            row=row,
            column=column,
            height=min(int(np.ceil(bottom)), height) - row,
            width=min(int(np.ceil(right)), width) - column,
        )
    if window.height <= 0 or window.width <= 0:
        msg = (
            f"{raster.name}, which is in {raster.crs_name}, does not touch the bounds "
            f"{', '.join(f'{edge:.2f}' for edge in bbox or ())}; check its CRS"
        )
        raise InputError(msg)
    if window.cells > MAX_CELLS:
        msg = (
            f"{raster.name} has {window.cells:,} cells to read; {MAX_CELLS:,} at most: "
            "give a bbox, or a coarser raster"
        )
        raise InputError(msg)
    return window


def _bounds_in_cells(raster: "Band", bbox: "BBox") -> "Cells":
    import pyproj

    step = _EDGE_STEP_SHARE * max(bbox[2] - bbox[0], bbox[3] - bbox[1])
    edge = shapely.get_coordinates(shapely.segmentize(shapely.box(*bbox), step))
    forth = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, raster.crs, always_xy=True)
    x, y = forth.transform(edge[:, 0], edge[:, 1])
    grid = ~raster.file.transform
    column, row = grid.a * x + grid.b * y + grid.c, grid.d * x + grid.e * y + grid.f
    found = np.array([column.min(), row.min(), column.max(), row.max()])
    if not np.isfinite(found).all():
        msg = f"the bounds lie where {raster.crs_name} of {raster.name} is not defined"
        raise InputError(msg)
    return found


def _parts(raster: "Band", window: _Window) -> "Iterator[_Window]":
    """Cut a window along the blocks in which the raster is stored."""
    block_height, block_width = raster.file.block_shapes[raster.number - 1]
    across = max(1, _CELLS_AT_ONCE // (block_height * block_width))
    wide = block_width * across
    down = max(1, _CELLS_AT_ONCE // (block_height * min(wide, window.width)))
    tall = block_height * down
    last_row, last_column = window.row + window.height, window.column + window.width
    for top in range(window.row // tall * tall, last_row, tall):
        row, bottom = max(top, window.row), min(top + tall, last_row)
        for left in range(window.column // wide * wide, last_column, wide):
            column, right = max(left, window.column), min(left + wide, last_column)
            yield _Window(
                row=row, column=column, height=bottom - row, width=right - column
            )


def _inhabited(
    raster: "Band", window: _Window
) -> "tuple[Cells, Cells, Cells, int, int]":
    """Return people and centres of inhabited cells, and how many are empty or unknown."""
    kept: list[tuple[Any, ...]] = []
    count = empty = without = 0
    grid = raster.file.transform
    for part in _parts(raster, window):
        cells = raster.values(part.row, part.column, part.height, part.width)
        if (cells < 0).any():
            msg = (
                f"column 'population' is below 0 in cells of {raster.name}, e.g. "
                f"{np.nanmin(cells):g}; if that stands for no data, name it with nodata="
            )
            raise SchemaError(POPULATION.name, [msg])
        rows, columns = np.nonzero(cells > 0)
        nothing = int(np.isnan(cells).sum())
        count, without = count + len(rows), without + nothing
        empty += part.cells - nothing - len(rows)
        if count > _MAX_INHABITED:
            msg = (
                f"{raster.name} has more than {_MAX_INHABITED:,} cells with people; give "
                "a bbox, or a coarser raster"
            )
            raise InputError(msg)
        right, down = columns + part.column + 0.5, rows + part.row + 0.5
        kept.append(
            (
                cells[rows, columns],
                grid.a * right + grid.b * down + grid.c,
                grid.d * right + grid.e * down + grid.f,
            )
        )
    people, x, y = (np.concatenate(values) for values in zip(*kept, strict=True))
    return people, x, y, empty, without
