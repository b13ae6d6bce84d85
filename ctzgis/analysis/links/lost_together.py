"""Carriageways of one road (同一道路的两幅)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

__all__ = ["together"]

_BESIDE_M: Final = 60.0

# Directions within 30° of each other, or of the opposite.
_ALIGNED: Final = np.cos(np.radians(30))


def together(
    roads: "gpd.GeoDataFrame", rows: "Rows", over: "Rows | None" = None
) -> "list[Rows]":
    """
    Group roads that are lost together: both carriageways of one.

    Two one-way roads are one if they run in opposite directions, the middle of the
    shorter is within 60 m of the other, and neither has another name than the other. So
    are two roads side by side over one river, in whatever direction.

    Parameters
    ----------
    roads
        Roads of a network.
    rows
        Which of them are to be lost; what belongs with them is added.
    over
        Row of the river that each road crosses; -1 where it does none.

    Returns
    -------
    list of ndarray
        Rows of each group, that from ``rows`` first; no road is in two.
    """
    lines = np.asarray(roads.geometry.array)
    tree = shapely.STRtree(lines)
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    left, right = tree.query(middles[rows], predicate="dwithin", distance=_BESIDE_M)
    left = rows[left]
    # The middle of either may be beside the other.
    back, there = tree.query(lines[rows], predicate="dwithin", distance=_BESIDE_M)
    back = rows[back]
    beside = shapely.dwithin(middles[there], lines[back], _BESIDE_M)
    left = np.concatenate([left, back[beside]])
    right = np.concatenate([right, there[beside]])
    one = left != right
    left, right = left[one], right[one]
    same = _one_road(roads, left, right)
    if over is not None:
        river = (over[left] >= 0) & (over[left] == over[right])
        same |= river & (np.abs(_aligned(lines, left, right)) > _ALIGNED)
    left, right = left[same], right[same]
    size = (len(roads), len(roads))
    joined = csr_array((np.ones(len(left), np.int8), (left, right)), shape=size)
    _, part = connected_components(joined, directed=False)
    found: dict[int, list[int]] = {}
    for row in dict.fromkeys([*rows.tolist(), *right.tolist()]):
        found.setdefault(int(part[row]), []).append(row)
    return [np.array(group) for group in found.values()]


def _one_road(
    roads: "gpd.GeoDataFrame", left: "Rows", right: "Rows"
) -> "NDArray[np.bool_]":
    """Tell which pairs are one-way roads in opposite directions and of one name."""
    oneway = roads["oneway"].to_numpy(dtype=bool)
    opposite = _aligned(np.asarray(roads.geometry.array), left, right) < -_ALIGNED
    same: NDArray[np.bool_] = oneway[left] & oneway[right] & opposite
    if "name_zh" in roads:
        names = roads["name_zh"].fillna("").to_numpy(dtype=object)
        same &= names[left] == names[right]
    return same


def _aligned(
    lines: "NDArray[np.object_]", left: "Rows", right: "Rows"
) -> "NDArray[np.float64]":
    """Return the cosine between the directions of roads from end to end."""
    chords = shapely.get_coordinates(shapely.get_point(lines, -1))
    chords = chords - shapely.get_coordinates(shapely.get_point(lines, 0))
    length = np.hypot(*chords.T)
    chords = chords / np.where(length > 0, length, 1.0)[:, None]
    cosine: NDArray[np.float64] = (chords[left] * chords[right]).sum(axis=1)
    return cosine
