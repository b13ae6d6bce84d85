"""Dual carriageways counted once: what each line of a street layer weighs (双线道路)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.street_kinds import street_kinds
from ctzgis.crs import require_metric
from ctzgis.errors import InputError
from ctzgis.tables import STREETS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["Traffic", "carriageway_weights"]

Traffic = Literal["right", "left"]
"""The side of the road that is driven on."""

# Roads of these classes are divided; where nothing tells one-way lines from others, only
# such are taken for carriageways.
_DIVIDED: Final = (
    "motorway",
    "urban_expressway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
)

# Two lines nearer than this are one line drawn twice rather than two carriageways.
_LEAST_APART_M: Final = 3.0


def carriageway_weights(
    streets: "gpd.GeoDataFrame",
    *,
    within_m: float = 40.0,
    angle_deg: float = 20.0,
    step_m: float = 20.0,
    bridge_m: float = 60.0,
    traffic: Traffic = "right",
) -> "pd.Series[float]":
    """
    Tell which share of each street's length counts, if divided roads count once.

    Where two lines of one class run side by side, drawn against each other, each with
    the other on the side of oncoming traffic, they are the carriageways of one road:
    along this stretch each counts half. Of several such lines the nearest is the other
    carriageway, and only if it is so for both: frontage roads outside the main
    carriageways count for themselves, and so do ramps, rings and roads of another class
    or level, as an elevated road over its ground road.

    Parameters
    ----------
    streets
        Lines in true metres with ``road_class`` (words of OpenStreetMap serve as well).
        If there is a column ``oneway``, only one-way lines are carriageways; else those
        of divided classes, tertiary and above, by the direction they are drawn in, which
        in OpenStreetMap is that of traffic. ``level`` or ``layer`` keep apart what is
        not on one.
    within_m
        How far apart the middles of carriageways are at most. Six or eight lanes of
        3.5 m and a median of up to 10 m make 20 to 40 m.
    angle_deg
        How far from parallel they are at most.
    step_m
        Length of the parts that are looked at: shares are true to about one part.
    bridge_m
        Gaps up to this length between parts of a line that have a partner count as if
        they had one: at junctions carriageways spread.
    traffic
        ``"right"`` or ``"left"``: the oncoming carriageway lies on the other side.

    Returns
    -------
    Series
        Shares 0.5–1 named ``carriageway_weight``, with the index of ``streets``.

    Raises
    ------
    SchemaError, CRSError
        If streets break their contract or are not in true metres.
    InputError
        If there are no classes, a length is not above 0, or the angle not between 0 and
        90.

    Examples
    --------
    An arterial of 1 km with two carriageways, 20 m apart, driven on the right:

    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (1000, 0)]), LineString([(1000, 20), (0, 20)])]
    >>> road = gpd.GeoDataFrame({"road_class": ["primary"] * 2}, geometry=lines, crs=4547)
    >>> carriageway_weights(road).tolist()
    [0.5, 0.5]
    """
    STREETS.check(streets)
    require_metric(streets, "streets")
    for name, value in (
        ("within_m", within_m),
        ("step_m", step_m),
        ("bridge_m", bridge_m),
    ):
        if not 0 < value < np.inf:
            msg = f"{name} is {value}; metres above 0 are expected"
            raise InputError(msg)
    if not 0 < angle_deg < 90:
        msg = f"angle_deg is {angle_deg}; an angle between 0 and 90 is expected"
        raise InputError(msg)
    if traffic not in ("right", "left"):
        msg = f"traffic is {traffic!r}; 'right' or 'left' is expected"
        raise InputError(msg)
    group, asked = _groups(streets)
    parts = _parts(np.asarray(streets.geometry.array), asked, step_m)
    side = 1.0 if traffic == "right" else -1.0
    pairs = _oncoming(parts, group, within_m, angle_deg, step_m, side)
    paired = _bridged(parts, _mutual(parts, pairs, step_m), bridge_m)
    whole = np.bincount(parts.row, parts.length_m, len(streets))
    half = np.bincount(parts.row, parts.length_m * paired, len(streets))
    share = np.divide(half, whole, out=np.zeros(len(streets)), where=whole > 0)
    return pd.Series(1 - share / 2, index=streets.index, name="carriageway_weight")


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Short parts of lines, in order along them: row, line, middle, heading, length."""

    row: "Ints"
    line: "Ints"
    middle: "Floats"
    heading: "Floats"
    length_m: "Floats"


def _groups(streets: "gpd.GeoDataFrame") -> "tuple[Ints, Flags]":
    """Return what may be two carriageways of a road, and which lines may at all."""
    kinds = street_kinds(streets)
    if not kinds.has_classes:
        msg = "streets have no column 'road_class', by which carriageways are paired"
        raise InputError(msg)
    level = next((streets[c] for c in ("level", "layer") if c in streets), None)
    heights = "" if level is None else level.fillna(0).astype(str).to_numpy()
    classes = pd.Series(kinds.road_class).astype(str).to_numpy()
    group, _ = pd.factorize(np.char.add(classes.astype(str), heights))
    if "oneway" in streets:
        may = streets["oneway"].isin([True]).to_numpy(dtype=bool)
    else:
        may = np.isin(kinds.road_class.astype(str), _DIVIDED)
    return group, may & ~kinds.link & ~kinds.roundabout


def _parts(lines: "NDArray[np.object_]", asked: "Flags", step_m: float) -> _Parts:
    """Cut the lines asked for into parts of about a step."""
    rows = np.flatnonzero(asked)
    single, owner = shapely.get_parts(lines[rows], return_index=True)
    length = shapely.length(single)
    single, owner, length = single[length > 0], owner[length > 0], length[length > 0]
    counts = np.maximum(np.rint(length / step_m).astype(int), 1)
    line = np.repeat(np.arange(len(single)), counts)
    place = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = 1 / counts[line]
    start, middle, end = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(
                single[line], (place + offset) * share, normalized=True
            )
        )
        for offset in (0.0, 0.5, 1.0)
    )
    ahead = end - start
    size = np.hypot(*ahead.T)
    heading = ahead / np.where(size > 0, size, 1.0)[:, None]
    return _Parts(rows[owner[line]], line, middle, heading, length[line] * share)


def _oncoming(
    parts: _Parts,
    group: "Ints",
    within_m: float,
    angle_deg: float,
    step_m: float,
    side: float,
) -> "Ints":
    """Return the nearest oncoming part of each, -1 where there is none."""
    found = np.full(len(parts.row), -1, dtype=np.int64)
    if not len(found):
        return found
    tree = shapely.STRtree(shapely.points(parts.middle))
    here, there = tree.query(
        tree.geometries, predicate="dwithin", distance=float(np.hypot(within_m, step_m))
    )
    row = parts.row
    kept = (row[here] != row[there]) & (group[row[here]] == group[row[there]])
    here, there = here[kept], there[kept]
    ahead = parts.heading[here]
    against = (ahead * parts.heading[there]).sum(axis=1)
    off = parts.middle[there] - parts.middle[here]
    along = (ahead * off).sum(axis=1)
    across = side * (ahead[:, 0] * off[:, 1] - ahead[:, 1] * off[:, 0])
    fits = (against <= -np.cos(np.radians(angle_deg))) & (np.abs(along) <= step_m)
    fits &= (across >= _LEAST_APART_M) & (across <= within_m)
    here, there, across, along = (
        values[fits] for values in (here, there, across, np.abs(along))
    )
    # The nearest across; of parts of one line the one right beside.
    order = np.lexsort((along, np.round(across, 1), here))
    here, there = here[order], there[order]
    first = np.ones(len(here), dtype=bool)
    first[1:] = here[1:] != here[:-1]
    found[here[first]] = there[first]
    return found


def _mutual(parts: _Parts, partner: "Ints", step_m: float) -> "Flags":
    """Tell which parts are, about, the partner of their partner, not a line beside it."""
    back = np.where(partner >= 0, partner[partner], -1)
    off = parts.middle[back] - parts.middle
    along, across = (
        np.abs((parts.heading * off).sum(axis=1)),
        np.abs(parts.heading[:, 0] * off[:, 1] - parts.heading[:, 1] * off[:, 0]),
    )
    # In a curve the part ahead lies to the side.
    beside = across <= np.maximum(_LEAST_APART_M, along / 4)
    near: Flags = (partner >= 0) & (back >= 0) & (along <= 2 * step_m) & beside
    return near


def _bridged(parts: _Parts, paired: "Flags", bridge_m: float) -> "Flags":
    """Close short gaps between paired parts of a line."""
    if not len(paired):
        return paired
    new = np.ones(len(paired), dtype=bool)
    new[1:] = (parts.line[1:] != parts.line[:-1]) | (paired[1:] != paired[:-1])
    run = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    length = np.bincount(run, parts.length_m)
    line, inside = parts.line[first], np.zeros(len(first), dtype=bool)
    inside[1:-1] = (line[1:-1] == line[:-2]) & (line[1:-1] == line[2:])
    closed = inside & ~paired[first] & (length <= bridge_m)
    found: Flags = paired | closed[run]
    return found
