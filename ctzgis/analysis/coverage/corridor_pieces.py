"""Parts of corridors, what of them is joined, and pieces side by side (廊道组成段)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ctzgis.crs import require_metric
from ctzgis.errors import InputError
from ctzgis.tables import STREETS, Column, Table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["PARTS", "beside", "joined", "require_parts", "stretches_m"]

_STRAIGHT_ANGLE: Final = 180.0

PARTS: Final = Table(
    name="parts",
    columns={"corridor_id": Column(kind="text"), "built": Column(kind="flag")},
    geometry=STREETS.geometry,
    unique_index=False,
)
"""Parts of corridors (廊道组成段): lines, each with the corridor that it is part of."""


def require_parts(parts: "gpd.GeoDataFrame", tolerance_m: float = 0.0) -> None:
    """
    Refuse parts of corridors that cannot be measured.

    Raises
    ------
    SchemaError, CRSError
        If they break their contract or are not in true metres.
    InputError
        If the tolerance is below 0 or no number.
    """
    PARTS.check(parts)
    require_metric(parts, "parts")
    if not 0 <= tolerance_m < np.inf:
        msg = f"tolerance_m is {tolerance_m}; metres of 0 or more are expected"
        raise InputError(msg)


def joined(
    lines: "NDArray[np.object_]", tolerance_m: float
) -> "list[NDArray[np.object_]]":
    """
    Return lines in groups, each within the tolerance of another of its group.

    Lines of length zero are in none: they join nothing that is not joined.
    """
    lines = lines[shapely.length(lines) > 0]
    if not len(lines):
        return []
    left, right = shapely.STRtree(lines).query(
        lines, predicate="dwithin", distance=tolerance_m
    )
    pairs = coo_array((np.ones(len(left)), (left, right)), shape=(len(lines),) * 2)
    count, label = connected_components(pairs, directed=False)
    return [lines[label == k] for k in range(count)]


def stretches_m(lines: "NDArray[np.object_]", tolerance_m: float) -> list[float]:
    """Return the metres of each joined stretch, what lines share once."""
    return [
        float(shapely.union_all(group).length) for group in joined(lines, tolerance_m)
    ]


def beside(
    lines: "gpd.GeoDataFrame",
    others: "gpd.GeoDataFrame",
    tolerance_m: float,
    most_degrees: float,
    step_m: float,
) -> pd.DataFrame:
    """Return km of each line beside each other one, by their positions."""
    ours, our_id, our_angle = _straight(lines, step_m)
    theirs, their_id, their_angle = _straight(others, None)
    middles = shapely.line_interpolate_point(ours, 0.5, normalized=True)
    left, right = shapely.STRtree(theirs).query(
        middles, predicate="dwithin", distance=tolerance_m
    )
    turned = np.abs(our_angle[left] - their_angle[right]) % _STRAIGHT_ANGLE
    turned = np.minimum(turned, _STRAIGHT_ANGLE - turned)
    parallel = turned <= most_degrees
    pairs = pd.DataFrame({"piece": left[parallel], "other": their_id[right[parallel]]})
    pairs = pairs.drop_duplicates()
    pairs["corridor"] = our_id[pairs["piece"]]
    pairs["overlap_km"] = shapely.length(ours)[pairs["piece"]] / 1000
    sums = pairs.groupby(["corridor", "other"])["overlap_km"].sum()
    return sums.reset_index()


def _straight(
    lines: "gpd.GeoDataFrame", step_m: float | None
) -> "tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.float64]]":
    """Return straight pieces of lines, whose they are, and how they are turned."""
    parts, owner = shapely.get_parts(
        np.asarray(lines.geometry.array), return_index=True
    )
    drawn = shapely.length(parts) > 0  # of length zero, nothing can be cut
    parts, owner = parts[drawn], owner[drawn]
    if step_m is not None:
        parts = shapely.segmentize(parts, step_m)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    same = np.diff(part) == 0
    ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    dx, dy = (ends[:, 1] - ends[:, 0]).T
    long = np.hypot(dx, dy) > 0
    angle = np.degrees(np.arctan2(dy, dx)) % _STRAIGHT_ANGLE
    return shapely.linestrings(ends[long]), owner[part[:-1][same]][long], angle[long]
