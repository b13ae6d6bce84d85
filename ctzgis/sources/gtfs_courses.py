"""Courses of GTFS lines between stops, cut from the feed's shapes (GTFS 线形)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray
    from shapely import LineString

__all__ = ["cut_course", "degrees", "shape_courses", "straight_course"]

# A shape that passes a stop farther off than this is another line's, or runs back.
_MAX_OFF_M: Final = 250.0
_MAX_CELLS: Final = 20_000_000


def shape_courses(
    shapes: "pd.DataFrame", to_metres: Any
) -> "Mapping[str, NDArray[np.float64]]":
    """Return the vertices of each shape in metres, those that are no degrees left out."""
    lat, lon = shapes["shape_pt_lat"].to_numpy(), shapes["shape_pt_lon"].to_numpy()
    order = np.argsort(shapes["shape_pt_sequence"].to_numpy(), kind="stable")
    xy = np.column_stack(to_metres.transform(lon, lat))
    good = degrees(lon, lat) & np.isfinite(xy).all(axis=1)
    order = order[good[order]]
    names = shapes["shape_id"].to_numpy(dtype=object)[order]
    courses: dict[str, list[int]] = {}
    for name, row in zip(names, order, strict=True):
        courses.setdefault(name, []).append(row)
    return {name: xy[rows] for name, rows in courses.items()}


def degrees(
    lon: "NDArray[np.float64]", lat: "NDArray[np.float64]"
) -> "NDArray[np.bool_]":
    """Tell which places are given in degrees; (0, 0) stands for an unknown place."""
    with np.errstate(invalid="ignore"):
        inside = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        return np.asarray(inside & ((np.abs(lon) > 1e-3) | (np.abs(lat) > 1e-3)))


def straight_course(spots: "NDArray[np.float64]") -> "tuple[LineString, ...]":
    """Return straight lines from each stop to the next."""
    return tuple(shapely.linestrings(np.stack([spots[:-1], spots[1:]], axis=1)))


def cut_course(
    course: "NDArray[np.float64]", spots: "NDArray[np.float64]"
) -> "tuple[LineString, ...] | None":
    """
    Cut a course at stops in order.

    Parameters
    ----------
    course
        Vertices of the line, in metres, from the first stop to the last.
    spots
        Places of the stops, in metres.

    Returns
    -------
    tuple of LineString
        One for each stop and the next; ``None`` if the course does not pass the
        stops in their order within 250 m.
    """
    if len(course) < 2 or len(course) * len(spots) > _MAX_CELLS:
        return None
    metre = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(course, axis=0).T))])
    along = _along(course, metre, spots)
    at = np.column_stack([np.interp(along, metre, axis) for axis in course.T])
    if np.hypot(*(at - spots).T).max() > _MAX_OFF_M:
        return None
    lows = np.searchsorted(metre, along[:-1], side="right")
    highs = np.searchsorted(metre, along[1:], side="left")
    return tuple(
        shapely.linestrings(np.vstack([start, course[low:high], end]))
        for start, end, low, high in zip(at, at[1:], lows, highs, strict=False)
    )


def _along(
    course: "NDArray[np.float64]",
    metre: "NDArray[np.float64]",
    spots: "NDArray[np.float64]",
) -> "NDArray[np.float64]":
    """
    Return the metres along a course at which it passes the stops, never going back.

    Of all such choices it is the one with the least sum of squared distances, so that
    courses that cross themselves or end where they began are followed as they run.
    """
    best, _ = _to_segments(course, spots[0])
    count = np.arange(len(best))
    back = np.zeros((len(spots), len(best)), dtype=np.int32)
    for i, spot in enumerate(spots[1:], start=1):
        least = np.minimum.accumulate(best)
        back[i] = np.maximum.accumulate(np.where(best <= least, count, 0))
        best = _to_segments(course, spot)[0] + least
    segment = np.zeros(len(spots), dtype=np.int64)
    segment[-1] = best.argmin()
    for i in range(len(spots) - 1, 0, -1):
        segment[i - 1] = back[i, segment[i]]
    along = np.empty(len(spots))
    for i, (spot, j) in enumerate(zip(spots, segment, strict=True)):
        share = _to_segments(course[j : j + 2], spot)[1][0]
        along[i] = metre[j] + share * (metre[j + 1] - metre[j])
    return np.maximum.accumulate(along)


def _to_segments(
    course: "NDArray[np.float64]", spot: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return the squared distance to each segment, and the share of it passed there."""
    start, step = course[:-1], np.diff(course, axis=0)
    size = (step**2).sum(axis=1)
    share = ((spot - start) * step).sum(axis=1) / np.where(size > 0, size, 1.0)
    share = np.clip(share, 0.0, 1.0)
    off = start + share[:, None] * step - spot
    return (off**2).sum(axis=1), share
