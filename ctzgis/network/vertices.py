"""Vertices of lines as numbers: those of one place have one (顶点)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

__all__ = ["connected", "numbered_vertices", "place_keys"]

# Coordinates that agree to a millimetre are the same place.
_SAME_M: Final = 0.001
# Keys of places are easting and northing in millimetres, one above the other.
_COLUMN: Final = 2**32


def numbered_vertices(lines: "Shapes") -> "tuple[Ints, Ints, Floats]":
    """Return number and line of each vertex, and the place of each number."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    key = place_keys(xy)
    # Numbers of two places could only agree if they were 4,295 km apart.
    cells, at, vertex = np.unique(
        key[:, 0] * _COLUMN + key[:, 1], return_index=True, return_inverse=True
    )
    number = _merged(cells, xy[at])
    _, first = np.unique(number, return_index=True)
    return number[vertex.reshape(-1)], line, xy[at[first]]


def _merged(cells: "Ints", xy: "Floats") -> "Ints":
    """Give places one number that are a millimetre apart, but in two cells."""
    pairs = []
    for step in (1, _COLUMN - 1, _COLUMN, _COLUMN + 1):
        beside = np.searchsorted(cells, cells + step) % len(cells)
        left = np.flatnonzero(cells[beside] == cells + step)
        right = beside[left]
        near = np.hypot(*(xy[left] - xy[right]).T) <= _SAME_M
        pairs.append(np.stack([left[near], right[near]]))
    left, right = np.concatenate(pairs, axis=1)
    if not len(left):
        return np.arange(len(cells))
    return connected(left, right, len(cells))


def connected(left: "Ints", right: "Ints", count: int) -> "Ints":
    """Return for each the number of the part that hangs together by pairs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(left), dtype=np.int8)
    graph = coo_array((ones, (left, right)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    return np.asarray(part, dtype=np.int64)


def place_keys(xy: "Floats") -> "Ints":
    """Return easting and northing in whole millimetres."""
    return np.round(xy / _SAME_M).astype(np.int64)
