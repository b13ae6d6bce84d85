"""How far every cell lies inside or outside of what roads reach (到达边界场)."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.network.engine.chunks import in_chunks, processors
from ctzgis.network.engine.compiled import ready, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.progress import Progress

    Floats = NDArray[np.float64]

__all__ = ["Grid", "Spread", "Tapers", "TimedSegments", "grid_over", "lower", "tapers"]

_MAX_CELLS: Final = 20_000_000

# Plain NumPy goes through so many tapers, or cells of theirs, in 0.1 s. To load Numba and
# compiled code takes 0.3 s, to compile it half a second more.
_PLAIN_TAPERS: Final = 5_000
_PLAIN_CELLS: Final = 10_000_000

# A thread is worth starting for so many cells.
_CELLS_A_THREAD: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How times spread off the road: minutes per metre, and how far at most."""

    min_per_m: float
    reach_m: float

    def __post_init__(self) -> None:
        for name in ("min_per_m", "reach_m"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                msg = f"{name} is {value}; a finite number, 0 or more, is expected"
                raise InputError(msg)

    def metres_in(self, minutes: float) -> float:
        """Return how far off the road one comes in a time."""
        if minutes >= self.min_per_m * self.reach_m:
            return self.reach_m
        return minutes / self.min_per_m


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TimedSegments:
    """
    Straight pieces of road, with the times at which they are entered.

    Attributes
    ----------
    ends
        x and y of the first and of the last end, in metres: four columns.
    first_min, last_min
        When travel forth starts at the first end, and travel back at the last end;
        ``inf`` where it does not.
    along_min
        Minutes for the whole segment, forth and back: two columns; ``inf`` where that
        way is not allowed.

    Raises
    ------
    InputError
        If sizes differ, places are not finite, times undefined or minutes negative.
    """

    ends: "Floats"
    first_min: "Floats"
    last_min: "Floats"
    along_min: "Floats"

    def __post_init__(self) -> None:
        count = len(self.ends)
        shapes = (self.ends.shape, self.first_min.shape, self.last_min.shape)
        if (*shapes, self.along_min.shape) != (
            (count, 4),
            (count,),
            (count,),
            (count, 2),
        ):
            msg = (
                f"{count} segments need four coordinates, two times and two durations "
                f"each; found arrays of {shapes} and {self.along_min.shape}"
            )
            raise InputError(msg)
        if not np.isfinite(self.ends).all():
            msg = (
                "ends of segments hold coordinates that are not finite; drop them first"
            )
            raise InputError(msg)
        if np.isnan(self.first_min).any() or np.isnan(self.last_min).any():
            msg = "times of segments are undefined (NaN); give inf where nobody arrives"
            raise InputError(msg)
        if not (self.along_min >= 0).all():
            msg = (
                "minutes along segments are negative or undefined; give 0 or more, "
                "inf where a way is not allowed"
            )
            raise InputError(msg)

    def __len__(self) -> int:
        return len(self.ends)

    def kept(self, which: "NDArray[np.bool_]") -> "TimedSegments":
        """Return the segments for which ``which`` is true."""
        return TimedSegments(
            ends=self.ends[which],
            first_min=self.first_min[which],
            last_min=self.last_min[which],
            along_min=self.along_min[which],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tapers:
    """
    What is reached around straight lines whose reach changes evenly along them.

    Each is the union of the discs along its line, which is the convex hull of the discs
    at both ends.

    Attributes
    ----------
    ends
        x and y of both ends, in metres.
    radii
        How far is reached around them, in metres.
    """

    ends: "Floats"
    radii: "Floats"

    def __len__(self) -> int:
        return len(self.ends)

    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all."""
        radii = self.radii[:, [0, 0, 1, 1]]
        low, high = self.ends - radii, self.ends + radii
        west, south = low.reshape(-1, 2).min(axis=0).tolist()
        east, north = high.reshape(-1, 2).max(axis=0).tolist()
        return west, south, east, north


@dataclass(frozen=True, slots=True)
class Grid:
    """Cell centres at whole multiples of the width: of columns and of rows."""

    cell_m: float
    column: int
    row: int
    columns: int
    rows: int

    def x(self) -> "Floats":
        """Return x of the columns."""
        return _multiples(self.column, self.columns, self.cell_m)

    def y(self) -> "Floats":
        """Return y of the rows."""
        return _multiples(self.row, self.rows, self.cell_m)

    def outside(self) -> "Floats":
        """Return a field where every cell is farther outside than its contour asks."""
        return np.full((self.rows, self.columns), 2.0 * self.cell_m)


def _multiples(first: int, count: int, step: float) -> "Floats":
    """Return so many whole multiples."""
    found: Floats = np.arange(first, first + count, dtype=np.float64)
    found *= step
    return found


def grid_over(bounds: tuple[float, float, float, float], cell_m: float) -> Grid:
    """
    Return the cells whose centres surround a rectangle.

    Raises
    ------
    InputError
        If cells have no width, or would be more than fit into memory.

    Examples
    --------
    >>> grid_over((0, 0, 100, 30), 50)
    Grid(cell_m=50, column=-1, row=-1, columns=5, rows=4)
    """
    if not (np.isfinite(cell_m) and cell_m > 0):
        msg = f"cell_m is {cell_m}; a width above zero, in metres, is expected"
        raise InputError(msg)
    west, south, east, north = (bound / cell_m for bound in bounds)
    width, height = (
        np.ceil(high) - np.floor(low) + 3
        for low, high in ((west, east), (south, north))
    )
    if not width * height <= _MAX_CELLS:
        msg = (
            f"the field of times needs {width:.0f} × {height:.0f} cells of {cell_m:g} m; "
            "give a larger cell_m or a smaller cutoff"
        )
        raise InputError(msg)
    column, row = int(np.floor(west)) - 1, int(np.floor(south)) - 1
    return Grid(cell_m, column, row, int(width), int(height))


def tapers(
    segments: TimedSegments, spread: Spread, cutoff_min: float
) -> tuple[Tapers, "NDArray[np.bool_]"]:
    """
    Return what is reached around segments by a time, and which are reached to the full.

    Around a place that is reached at a time *a*, everything within (cutoff − *a*) /
    ``min_per_m`` metres is, but no farther than ``reach_m``. Along a segment *a* grows
    evenly from either end to where both ways meet, so that radius is even in parts.
    Segments reached to the full have the same tapers for every longer time.
    """
    forth, back = segments.along_min.T
    first = np.where(np.isfinite(forth), segments.first_min, np.inf)
    last = np.where(np.isfinite(back), segments.last_min, np.inf)
    forth, back = (np.where(np.isfinite(way), way, 0.0) for way in (forth, back))
    meet = _meeting(first, forth, last, back)
    ends = segments.ends
    turned = ends[:, [2, 3, 0, 1]]
    parts = []
    full = first <= cutoff_min
    full |= last <= cutoff_min
    for line, start, run, until in (
        (ends, first, forth, meet),
        (turned, last, back, 1 - meet),
    ):
        open_ = (start <= cutoff_min) & (until > 0)
        wide, reached = _stretches(cutoff_min - start, run, until, open_, spread)
        full &= (until == 0) | (wide == until)
        parts.append((line, start, run, open_, wide, reached))
    found = [(ends[full], np.full((int(full.sum()), 2), spread.reach_m))]
    for line, start, run, open_, wide, reached in parts:
        part = open_ & ~full
        some = part & (wide >= 0)
        radii = np.full((int(some.sum()), 2), spread.reach_m)
        found.append((_cut(line[some], np.zeros(len(radii)), wide[some]), radii))
        some = part & (reached > np.maximum(wide, 0))
        share = np.stack([np.maximum(wide, 0), reached], axis=1)[some]
        if some.any():
            left_min = cutoff_min - start[some, None] - run[some, None] * share
            radii = np.clip(left_min / spread.min_per_m, 0, spread.reach_m)
            found.append((_cut(line[some], *share.T), radii))
    whole = Tapers(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return whole, full


def _meeting(
    first: "Floats", forth: "Floats", last: "Floats", back: "Floats"
) -> "Floats":
    """Return the share of each segment that is reached sooner from its first end."""
    never = ~np.isfinite(first) & ~np.isfinite(last)
    with np.errstate(invalid="ignore", divide="ignore"):
        meet = np.clip((last + back - first) / (forth + back), 0, 1)
    sooner = np.where(first <= last, 1.0, 0.0)
    return np.where(never, 0.0, np.where(np.isnan(meet), sooner, meet))


def _stretches(
    left_min: "Floats",
    run_min: "Floats",
    until: "Floats",
    open_: "NDArray[np.bool_]",
    spread: Spread,
) -> tuple["Floats", "Floats"]:
    """Return the shares up to which the full reach counts (-1: nowhere), and any."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spare = left_min - spread.min_per_m * spread.reach_m
        wide, reached = (
            np.where(run_min > 0, np.clip(minutes / run_min, 0, until), until)
            for minutes in (spare, left_min)
        )
    return (
        np.where(open_ & (spare >= 0), wide, -1.0),
        np.where(open_, reached, -1.0),
    )


def _cut(lines: "Floats", low: "Floats", high: "Floats") -> "Floats":
    """Return lines from one share of their length to another."""
    start, way = lines[:, :2], lines[:, 2:] - lines[:, :2]
    return np.concatenate([start + low[:, None] * way, start + high[:, None] * way], 1)


def lower(
    field: "Floats", grid: Grid, parts: Tapers, *, progress: "Progress | None" = None
) -> None:
    """
    Lower a field to the distance from the border of tapers, in metres.

    Outside that is the distance to the nearest of them; inside it is negative: the least
    of distance less radius along the lines. It changes by a metre per metre at most and
    is exactly 0 on the border. So cells more than one cell outside or two inside do not
    matter for a contour at 0; these may keep what they held.

    Parameters
    ----------
    field
        Rows and columns of the grid; changed in place.
    grid
        Where its cells are.
    parts
        The tapers.
    progress
        Told in a line when code has to be compiled that takes more than two seconds.
    """
    lines = np.concatenate([parts.ends, parts.radii], axis=1)
    cells = _cells_of(lines, grid.cell_m)
    if _plainly(len(lines), cells):
        _lower_plainly(field, grid.x(), grid.y(), lines, grid.cell_m)
        return
    from ctzgis.network.engine.margins import lower_rows

    threads = min(processors(None, 0), max(int(cells // _CELLS_A_THREAD), 1))
    origin_x, origin_y = grid.column * grid.cell_m, grid.row * grid.cell_m

    def work(first: int, after: int) -> None:
        lower_rows(field, origin_x, origin_y, grid.cell_m, lines, first, after)

    with told(progress, lower_rows):
        # Rows are the threads' own; in small parts, so that all have as much to do.
        size = grid.rows if threads == 1 else -(-grid.rows // (4 * threads))
        in_chunks(work, grid.rows, size, threads)


def _cells_of(lines: "Floats", cell_m: float) -> float:
    """Return about how many cells lines have to be compared with."""
    wide = 2 * (lines[:, 4:].max(axis=1, initial=0) + cell_m) / cell_m
    long = np.abs(lines[:, 2:4] - lines[:, :2]).max(axis=1, initial=0) / cell_m
    return float((wide * (wide + long)).sum())


def _plainly(count: int, cells: float) -> bool:
    """Tell whether NumPy is done before a kernel that was not called yet is loaded."""
    loaded = sys.modules.get("ctzgis.network.engine.margins")
    if loaded is not None and ready(loaded.lower_rows):
        return False
    return count <= _PLAIN_TAPERS and cells <= _PLAIN_CELLS


def _lower_plainly(
    field: "Floats", x: "Floats", y: "Floats", lines: "Floats", cell_m: float
) -> None:
    """Do what the kernel does, line by line."""
    for x1, y1, x2, y2, r1, r2 in lines.tolist():
        far = max(r1, r2) + cell_m
        columns = slice(*np.searchsorted(x, [min(x1, x2) - far, max(x1, x2) + far]))
        rows = slice(*np.searchsorted(y, [min(y1, y2) - far, max(y1, y2) + far]))
        length = np.hypot(x2 - x1, y2 - y1)
        dx, dy = x[None, columns] - x1, y[rows, None] - y1
        if abs(r2 - r1) >= length:
            # The larger disc holds the other.
            shift = (x2 - x1, y2 - y1) if r2 > r1 else (0.0, 0.0)
            metres = np.hypot(dx - shift[0], dy - shift[1]) - max(r1, r2)
        else:
            along, slope = ((x2 - x1) / length, (y2 - y1) / length), (r2 - r1) / length
            ahead = dx * along[0] + dy * along[1]
            aside = np.abs(dx * along[1] - dy * along[0])
            lean = slope / np.sqrt(1 - slope * slope)
            at = np.clip(ahead + aside * lean, 0, length)
            metres = np.sqrt((at - ahead) ** 2 + aside**2) - (r1 + slope * at)
        np.minimum(field[rows, columns], metres, out=field[rows, columns])
