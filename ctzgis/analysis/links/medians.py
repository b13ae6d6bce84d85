"""Which links only cross the median of one road (中央分隔带)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.links.link_candidates import Links, Streets

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["over_medians"]

_BESIDE_M: Final = 60.0

_ALIGNED: Final = float(np.cos(np.radians(30)))

# How far along a road its direction is taken.
_AHEAD_M: Final = 50.0


def over_medians(links: "Links", streets: "Streets") -> "NDArray[np.bool_]":
    """
    Tell which links join two roads that run side by side, as carriageways do.

    Both roads go on beyond the link on both sides, within 30° of straight on and of each
    other, and are no more than 60 m apart.
    """
    if not len(links):
        return np.zeros(0, dtype=bool)
    at_start = _through(links.start, np.full(len(links), -1), links.along_m, streets)
    at_end = _through(links.end, links.road, links.along_m, streets)
    found = np.zeros(len(links), dtype=bool)
    across = links.xy[:, 2:] - links.xy[:, :2]
    for k in range(len(links)):
        for one in at_start[k]:
            for other in at_end[k]:
                apart_m = abs(one[0] * across[k, 1] - one[1] * across[k, 0])
                aligned = abs(float(one @ other)) > _ALIGNED
                found[k] |= aligned and apart_m <= _BESIDE_M
    return found


def _through(
    ends: "Rows", roads: "Rows", along_m: "Numbers", streets: "Streets"
) -> "list[list[Numbers]]":
    """Return the directions in which roads go on straight through the ends of links."""
    owner = np.concatenate([streets.first, streets.last])
    rows = np.tile(np.arange(len(streets.lines)), 2)
    backward = np.arange(len(owner)) >= len(streets.lines)
    usable = streets.usable[rows]
    owner, rows, backward = owner[usable], rows[usable], backward[usable]
    order = np.argsort(owner, kind="stable")
    owner, rows, backward = owner[order], rows[order], backward[order]
    found = []
    for end, road, along in zip(ends, roads, along_m, strict=True):
        if end < 0:
            line, length = streets.lines[road], streets.length_m[road]
            found.append([_direction(line, along, min(along + _AHEAD_M, length))])
            continue
        begin, after = np.searchsorted(owner, [end, end + 1])
        ways = []
        for k in range(begin, after):
            line, length = streets.lines[rows[k]], streets.length_m[rows[k]]
            ahead = min(_AHEAD_M, length)
            ways.append(
                _direction(line, length, length - ahead)
                if backward[k]
                else _direction(line, 0.0, ahead)
            )
        found.append(
            [
                one
                for k, one in enumerate(ways)
                if any(float(one @ other) < -_ALIGNED for other in ways[k + 1 :])
            ]
        )
    return found


def _direction(line: shapely.LineString, from_m: float, to_m: float) -> "Numbers":
    """Return the direction from one place on a line to another, of length one."""
    ends = shapely.line_interpolate_point(line, [from_m, to_m])
    step: Numbers = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    length = float(np.hypot(*step))
    return step / length if length > 0 else step
