"""Two surfaces of travel time on one grid, and what is saved (出行时间变化面)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np

from ctzgis.analysis.access.surfaces import TravelTimeSurface
from ctzgis.crs import require_same
from ctzgis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["TravelTimeChange", "surface_change"]

_MAX_CELLS: Final = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class TravelTimeChange:
    """
    Minutes before and after on one grid.

    Attributes
    ----------
    before_min, after_min
        Rows from north to south, columns from west to east; NaN where nothing comes in
        time.
    west, north
        Corner of the grid, in metres.
    cell_m
        Width and height of a cell.
    crs
        What the corner is in.
    """

    before_min: "NDArray[np.float32]"
    after_min: "NDArray[np.float32]"
    west: float
    north: float
    cell_m: float
    crs: "CRS"

    @property
    def saved_min(self) -> "NDArray[np.float32]":
        """Minutes saved: below 0 where it takes longer, NaN where one is missing."""
        return self.before_min - self.after_min

    def surface(self) -> TravelTimeSurface:
        """Return the minutes saved as a surface, ready for ``write_surface``."""
        return TravelTimeSurface(
            self.saved_min, self.west, self.north, self.cell_m, self.crs
        )

    def __repr__(self) -> str:
        rows, columns = self.before_min.shape
        known = np.isfinite(self.saved_min)
        most = float(np.nanmax(self.saved_min)) if known.any() else 0.0
        return (
            f"<TravelTimeChange: {rows} × {columns} cells of {self.cell_m:g} m, "
            f"up to {most:.1f} min saved>"
        )


def surface_change(
    before: TravelTimeSurface, after: TravelTimeSurface
) -> TravelTimeChange:
    """
    Lay two surfaces on the grid that holds both.

    Corners of ``travel_time_surface`` are whole numbers of cells, so no value is moved.

    Parameters
    ----------
    before, after
        Surfaces with cells of one width in one CRS, each as ``travel_time_surface`` gives
        it.

    Returns
    -------
    TravelTimeChange
        Minutes before and after, in the CRS of both; NaN where one surface has no time
        or does not reach. Without a cell in either it has none.

    Raises
    ------
    InputError
        If something else than surfaces is given, cells differ in width, their corners do
        not fit together, or the grid that holds both has more than 50 million cells.
    CRSError
        If they differ in CRS.

    Notes
    -----
    Minutes saved are those before less those after, cell by cell: no model, and no value
    is estimated where one is missing.

    Examples
    --------
    >>> from ctzgis import travel_time_surface
    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> small, large = (
    ...     travel_time_surface(gridville(), centre, cutoff_min=m, cell_m=500)
    ...     for m in (2, 4)
    ... )
    >>> surface_change(small, large)
    <TravelTimeChange: 16 × 16 cells of 500 m, up to 0.0 min saved>
    """
    _require_surface(before, "before")
    _require_surface(after, "after")
    cell_m = before.cell_m
    if after.cell_m != cell_m:
        msg = f"cells are {cell_m:g} m and {after.cell_m:g} m wide; give one width"
        raise InputError(msg)
    require_same(
        gpd.GeoSeries([], crs=before.crs),
        gpd.GeoSeries([], crs=after.crs),
        left_name="before",
        right_name="after",
    )
    both = [s for s in (before, after) if s.minutes.size]
    if not both:
        return TravelTimeChange(
            before.minutes, after.minutes, before.west, before.north, cell_m, before.crs
        )
    west, north = min(s.west for s in both), max(s.north for s in both)
    ends = [_offset(s, west, north) for s in both]
    rows = max(row + s.minutes.shape[0] for (row, _), s in zip(ends, both, strict=True))
    columns = max(
        column + s.minutes.shape[1] for (_, column), s in zip(ends, both, strict=True)
    )
    if rows * columns > _MAX_CELLS:
        msg = (
            f"{rows:,} × {columns:,} cells do not fit into memory; give a larger cell_m"
        )
        raise InputError(msg)
    laid = []
    for surface in (before, after):
        field = np.full((rows, columns), np.nan, dtype=np.float32)
        if surface.minutes.size:
            row, column = _offset(surface, west, north)
            high, wide = surface.minutes.shape
            field[row : row + high, column : column + wide] = surface.minutes
        laid.append(field)
    return TravelTimeChange(laid[0], laid[1], west, north, cell_m, before.crs)


def _require_surface(given: object, name: str) -> None:
    if not isinstance(given, TravelTimeSurface):
        msg = f"{name} is {given!r}; what travel_time_surface returns is expected"
        raise InputError(msg)


def _offset(surface: TravelTimeSurface, west: float, north: float) -> tuple[int, int]:
    """Return the row and column at which a surface begins on a grid."""
    steps = (
        (north - surface.north) / surface.cell_m,
        (surface.west - west) / surface.cell_m,
    )
    row, column = map(round, steps)
    if max(abs(steps[0] - row), abs(steps[1] - column)) > 1e-6:
        msg = "the grids are shifted against each other by part of a cell"
        raise InputError(msg)
    return row, column
