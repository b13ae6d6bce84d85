"""Built-up area from the pattern of streets, where nobody gives one (推算建成区)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.analysis.rules import ruled
from ctzgis.crs import area_km2, require_metric
from ctzgis.errors import InputError
from ctzgis.tables import STREETS
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["BuiltUpRules", "derived_built_up"]

_MAX_CELLS: Final = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltUpRules:
    """
    What pattern of streets is taken for a built-up area.

    Attributes
    ----------
    cell_m
        Side of the cells that are looked at, and with that the detail of the outline.
    window_m
        Side of the square around a cell in which streets are counted.
    least_km_per_km2
        Street in the square, from which on the cell is built up.
    close_m
        Gaps narrower than this are closed: rivers, railways, squares.
    least_km2
        Smaller parts are villages, interchanges or yards, and smaller holes parks:
        parts are dropped, holes are filled.
    """

    cell_m: float = 100.0
    window_m: float = 1500.0
    least_km_per_km2: float = 4.0
    close_m: float = 600.0
    least_km2: float = 1.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            least = name in ("close_m", "least_km2")
            if not (np.isfinite(value) and (value > 0 or (least and value == 0))):
                wanted = "0 or more" if least else "above 0"
                msg = f"{name} is {value}; a finite number, {wanted}, is expected"
                raise InputError(msg)
        if self.window_m < self.cell_m:
            msg = (
                f"window_m is {self.window_m:g}, less than a cell of {self.cell_m:g} m"
            )
            raise InputError(msg)

    def told(self, lang: Lang) -> str:
        """Return the method as a sentence."""
        return Text(
            f"由道路推算：{self.cell_m:g}米格网，{self.window_m:g}米窗口内道路不少于"
            f"{self.least_km_per_km2:g}公里/平方公里，合并{self.close_m:g}米内间隙，"
            f"去除不足{self.least_km2:g}平方公里的斑块和孔洞；并非规划或统计的建成区",
            f"derived from the streets: cells of {self.cell_m:g} m with at least "
            f"{self.least_km_per_km2:g} km/km² of street in a square of "
            f"{self.window_m:g} m, gaps up to {self.close_m:g} m closed, parts and holes "
            f"below {self.least_km2:g} km² dropped; not the built-up area of any plan or "
            "yearbook",
        ).get(lang)


_DEFAULT: Final = BuiltUpRules()


def derived_built_up(
    streets: gpd.GeoDataFrame, *, rules: BuiltUpRules = _DEFAULT
) -> gpd.GeoDataFrame:
    """
    Derive built-up areas from where streets lie densely.

    A makeshift for want of an official outline: all lines count as they are drawn, and
    where a street layer is sparse or has no streets of estates, built-up land is missed.
    A density over land that was chosen for its density is high by choice: compare it with
    others of the same method only.

    Parameters
    ----------
    streets
        Lines in true metres.
    rules
        What pattern is taken for a built-up area.

    Returns
    -------
    GeoDataFrame
        One row per connected part, the largest first: ``area_km2`` (on the ellipsoid)
        and ``derived`` (always true), in the CRS of ``streets``; the method as a
        :class:`Text` in ``attrs["rules"]``. Without any rows where streets are sparse.

    Raises
    ------
    SchemaError, CRSError
        If streets break their contract or are not in true metres.
    InputError
        If they spread over more cells than can be looked at.

    Examples
    --------
    Gridville has 2.2 km/km², no more than villages; by a looser rule it is built up, but
    for its corners:

    >>> from ctzgis.examples import gridville
    >>> streets = gridville().roads.roads
    >>> len(derived_built_up(streets))
    0
    >>> loose = BuiltUpRules(least_km_per_km2=1.5, window_m=2_000)
    >>> derived_built_up(streets, rules=loose)["area_km2"].round(1).tolist()
    [91.7]
    """
    STREETS.check(streets)
    require_metric(streets, "streets")
    shapes = np.empty(0, dtype=object)
    lines = np.asarray(streets.geometry.array)
    lines = lines[shapely.length(lines) > 0]
    if len(lines):
        origin, cells = _built_up_cells(lines, rules)
        shapes = _outlines(cells, origin, rules)
    frame = gpd.GeoDataFrame(geometry=shapes, crs=streets.crs).assign(derived=True)
    frame["area_km2"] = area_km2(frame)
    frame = frame.sort_values("area_km2", ascending=False, ignore_index=True)
    frame = frame[["area_km2", "derived", "geometry"]]
    return ruled(frame, rules.told("zh"), rules.told("en"))


def _built_up_cells(
    lines: "NDArray[np.object_]", rules: BuiltUpRules
) -> "tuple[Floats, Flags]":
    """Return the corner of a grid, and which of its cells, south first, are built up."""
    cell_m = rules.cell_m
    reach = int(np.ceil((rules.window_m / 2 + rules.close_m) / cell_m)) + 1
    bounds = shapely.total_bounds(lines)
    # Cells lie alike whatever the lines: their corners are multiples of their side.
    corner = np.floor(bounds[:2] / cell_m) - reach
    sides = np.floor(bounds[2:] / cell_m) - corner + 1 + reach
    if sides.prod() > _MAX_CELLS:
        msg = (
            f"streets spread over {sides.prod():,.0f} cells of {cell_m:g} m; at most "
            f"{_MAX_CELLS:,} are looked at: give a larger cell_m or fewer streets"
        )
        raise InputError(msg)
    columns, rows = (int(side) for side in sides)
    km = _length_by_cell(lines, corner * cell_m, cell_m, rows, columns) / 1000
    half = _half_width(rules.window_m, cell_m)
    looked_km2 = ((2 * half + 1) * cell_m / 1000) ** 2
    dense = _sums_around(km, half) >= rules.least_km_per_km2 * looked_km2
    gap = _half_width(rules.close_m, cell_m)
    spread = _sums_around(dense, gap) > 0
    closed = _sums_around(~spread, gap) == 0
    return corner * cell_m, closed


def _half_width(width_m: float, cell_m: float) -> int:
    """Return how many cells to each side make a square of about this width."""
    return round((width_m / cell_m - 1) / 2) if width_m > cell_m else 0


def _length_by_cell(
    lines: "NDArray[np.object_]",
    corner: "Floats",
    cell_m: float,
    rows: int,
    columns: int,
) -> "Floats":
    """Add up the metres of lines in cells; no piece that is put in one is longer than a third."""
    fine = shapely.segmentize(lines, cell_m / 3)
    parts = shapely.get_parts(fine)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    ends = xy[:-1][joined], xy[1:][joined]
    column, row = ((sum(ends) / 2 - corner) // cell_m).astype(np.int64).T
    metres = np.hypot(*(ends[1] - ends[0]).T)
    total = np.bincount(row * columns + column, metres, rows * columns)
    return np.asarray(total, dtype=np.float64).reshape(rows, columns)


def _sums_around(values: "Floats | Flags", half: int) -> "Floats":
    """Add up the square of cells around each cell; nothing lies beyond the grid."""
    sums = np.asarray(values, dtype=np.float64)
    for axis in (0, 1):
        ahead = [(0, 0), (0, 0)]
        ahead[axis] = (half + 1, half)
        run = np.cumsum(np.pad(sums, ahead), axis=axis)
        wide = 2 * half + 1
        first, last = (
            np.take(run, np.arange(at, at + sums.shape[axis]), axis=axis)
            for at in (0, wide)
        )
        sums = last - first
    return sums


def _outlines(
    cells: "Flags", origin: "Floats", rules: BuiltUpRules
) -> "NDArray[np.object_]":
    """Return the connected parts of cells as polygons, without small parts and holes."""
    edge = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edge == 1)
    _, after = np.nonzero(edge == -1)
    if not len(row):
        return np.empty(0, dtype=object)
    west, south = origin
    strips = shapely.box(
        west + start * rules.cell_m,
        south + row * rules.cell_m,
        west + after * rules.cell_m,
        south + (row + 1) * rules.cell_m,
    )
    parts = shapely.get_parts(shapely.union_all(strips))
    least_m2 = rules.least_km2 * 1e6
    parts = parts[shapely.area(parts) >= least_m2]
    return np.array([_filled(part, least_m2) for part in parts], dtype=object)


def _filled(part: "shapely.Polygon", least_m2: float) -> "shapely.Polygon":
    holes = [hole for hole in part.interiors if shapely.Polygon(hole).area >= least_m2]
    return shapely.Polygon(part.exterior, holes)
