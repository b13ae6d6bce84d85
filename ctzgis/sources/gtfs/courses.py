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
    if along is None:
        return None
    at = np.column_stack([np.interp(along, metre, axis) for axis in course.T])
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
) -> "NDArray[np.float64] | None":
    """
    Return the metres along a course at which it passes the stops, never going back.

    Of all such choices it is the one with the least sum of squared distances, so that
    courses that cross themselves or end where they began are followed as they run.
    """
    passed: list[NDArray[np.float64]] = []
    came_from: list[NDArray[np.int64]] = []
    total = np.zeros(1)
    for spot in spots:
        off2, share = _to_segments(course, spot)
        near = np.flatnonzero(off2 <= _MAX_OFF_M**2)
        here = metre[near] + share[near] * np.diff(metre)[near]
        if passed:
            # The best of the places of the stop before that are not farther along.
            best = np.minimum.accumulate(total)
            which = np.maximum.accumulate(
                np.where(total <= best, np.arange(len(total)), 0)
            )
            last = np.searchsorted(passed[-1], here, side="right") - 1
            near, here, last = near[last >= 0], here[last >= 0], last[last >= 0]
            came_from.append(which[last])
            total = off2[near] + best[last]
        else:
            total = off2[near]
        if not len(near):
            return None
        passed.append(here)
    place = int(total.argmin())
    along = [passed[-1][place]]
    for here, back in zip(passed[-2::-1], came_from[::-1], strict=True):
        place = int(back[place])
        along.append(here[place])
    return np.array(along[::-1])


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
