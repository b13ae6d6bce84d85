"""Count a road once, however many carriageways of it are drawn (双线道路归并)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.rules import ruled
from ctzgis.analysis.streets.carriageway_rules import (
    DRAWN,
    HANDS,
    LOOSE_DEG,
    CarriagewayRules,
    lanes,
    reaches_m,
)
from ctzgis.analysis.streets.straight_segments import (
    LONGEST_SEGMENT_M,
    courses,
    segments,
)
from ctzgis.analysis.streets.street_kinds import classes_of
from ctzgis.crs import require_metric
from ctzgis.network.engine.compiled import told
from ctzgis.network.engine.cross_sections import (
    Beside,
    Lanes,
    bridged,
    lines_beside,
    shares_of_a_road,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.progress import Progress

__all__ = [
    "CarriagewayRules",
    "carriageway_pieces",
    "carriageway_weights",
    "drawn_traffic",
]

_RULES: Final = CarriagewayRules()

# How many times as much must pair on one hand as on the other.
_CLEARLY: Final = 5.0


def carriageway_weights(
    streets: "gpd.GeoDataFrame",
    *,
    rules: CarriagewayRules = _RULES,
    progress: "Progress | None" = None,
) -> "pd.Series[float]":
    """
    Tell the share of each line's length that counts, so that a road counts once.

    The mean over the line of what ``carriageway_pieces`` tells; see there for the rules.
    A length times its weight is a length of roads.

    Parameters
    ----------
    streets
        Lines in true metres, drawn in the direction of traffic. ``oneway``, ``road_class``,
        ``name_zh``, ``ref`` and ``level`` are used where they are there and known.
    rules
        When lines are carriageways of one road.
    progress
        Takes a line when the kernels are compiled first; by default it goes to a terminal.

    Returns
    -------
    Series
        Weights above 0, up to 1, named ``carriageway_weight``, with the index of
        ``streets``; 1 of a line of length zero. ``attrs["rules"]`` tells the rules.

    Raises
    ------
    SchemaError, CRSError
        If ``streets`` breaks its contract or is not in true metres.

    Examples
    --------
    A kilometre of an avenue with two carriageways, and a side street:

    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = [[(0, 0), (1000, 0)], [(1000, 20), (0, 20)], [(500, 20), (500, 320)]]
    >>> streets = gpd.GeoDataFrame(
    ...     {"oneway": [True, True, False]}, geometry=[*map(LineString, lines)], crs=4547
    ... )
    >>> carriageway_weights(streets).tolist()
    [0.5, 0.5, 1.0]
    """
    pieces = _pieces(streets, rules, progress)
    counted = np.bincount(pieces.row, pieces.length_m * pieces.weight, len(streets))
    whole = np.bincount(pieces.row, pieces.length_m, len(streets))
    weights = np.ones(len(streets))
    np.divide(counted, whole, out=weights, where=whole > 0)
    found = pd.Series(weights, index=streets.index, name="carriageway_weight")
    return ruled(found, *rules.told)


def carriageway_pieces(
    streets: "gpd.GeoDataFrame",
    *,
    rules: CarriagewayRules = _RULES,
    progress: "Progress | None" = None,
) -> "gpd.GeoDataFrame":
    """
    Cut lines where the share of a road that they are changes.

    At each place of a one-way line the section across it is looked at. Facing forward in
    right-hand traffic, one road is: the lines of the same direction on both sides, then on
    the left those of the opposite one, up to where the direction changes again or a line is
    further than ``within_m``. Each of its *k* carriageways counts 1/*k* if both directions
    are there; else it is a street of its own and counts 1. The lines must be parallel
    within ``angle_deg``, or nearly so along a short gap, such as a junction. Where names
    are known they must be equal (the road's, without 辅路 or 主路), or route numbers.
    Known levels (``level``) must be equal: a viaduct is a road beside the one below.

    A two-way line (``oneway`` is false) is a road of its own, as are service roads,
    tracks, paths and ferries. Where ``oneway`` is not known, a line of a divided class
    (``tertiary`` and above) is taken to be one-way as drawn, any other only within
    ``unstated_within_m``. What is flagged as ``roundabout`` counts in full; without the
    flag a ring narrower than ``within_m`` is two carriageways round an island.

    Parameters
    ----------
    streets
        Lines in true metres, drawn in the direction of traffic. ``oneway``, ``road_class``,
        ``name_zh``, ``ref``, ``level`` and ``roundabout`` are used where they are known.
    rules
        When lines are carriageways of one road.
    progress
        Takes a line when the kernels are compiled first; by default it goes to a terminal.

    Returns
    -------
    GeoDataFrame
        A row a piece: ``street``, its line's place in the index; ``weight``, the share of
        a road that it is; and its geometry. Lines of length zero have none.
        ``attrs["rules"]`` tells the rules.

    Raises
    ------
    SchemaError, CRSError
        If ``streets`` breaks its contract or is not in true metres.

    Notes
    -----
    Which classes are built divided follows CJJ 37; distances and angles are this library's,
    from the widths of such roads.

    Examples
    --------
    The return carriageway begins after 400 m:

    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = [[(0, 0), (1000, 0)], [(1000, 20), (400, 20)]]
    >>> streets = gpd.GeoDataFrame(
    ...     {"oneway": [True, True]}, geometry=[*map(LineString, lines)], crs=4547
    ... )
    >>> pieces = carriageway_pieces(streets)
    >>> [(row.street, row.weight, row.geometry.length) for row in pieces.itertuples()]
    [(0, 1.0, 400.0), (0, 0.5, 600.0), (1, 0.5, 600.0)]
    """
    pieces = _pieces(streets, rules, progress)
    same = np.zeros(len(pieces.row), dtype=bool)
    same[1:] = (
        (np.diff(pieces.part) == 0)
        & np.isclose(np.diff(pieces.weight), 0)
        & (pieces.row[1:] == pieces.row[:-1])
    )
    run = np.cumsum(~same) - 1
    starts = np.flatnonzero(~same)
    # Points of a run: its start, the vertices it passes, its end.
    vertex = (pieces.from_m == 0) & pieces.at_vertex
    kept = vertex | ~same
    last = np.append(starts[1:], len(same))[: len(starts)] - 1
    xy = np.concatenate([pieces.start_xy[kept], pieces.end_xy[last]])
    of = np.concatenate([run[kept], run[last]])
    order = np.argsort(of, kind="stable")
    lines = shapely.linestrings(xy[order], indices=of[order]) if len(of) else []
    found = gpd.GeoDataFrame(
        {
            "street": streets.index[pieces.row[starts]],
            "weight": pieces.weight[starts],
        },
        geometry=lines,
        crs=streets.crs,
    )
    return ruled(found, *rules.told)


def drawn_traffic(
    streets: "gpd.GeoDataFrame", *, rules: CarriagewayRules = _RULES
) -> Literal["right", "left", "undirected"]:
    """
    Tell on which hand traffic keeps as lines are drawn, from the pairs they make.

    Files may keep lines that lost their direction, or have it the wrong way round. Drawn
    in the direction of traffic, lines pair on one hand only; drawn at random, on both.

    Parameters
    ----------
    streets
        As for ``carriageway_weights``.
    rules
        When lines are carriageways of one road; their ``traffic`` does not matter.

    Returns
    -------
    str
        What ``CarriagewayRules.traffic`` should be: ``"right"`` or ``"left"`` if five times
        as much length pairs on that hand as on the other, else ``"undirected"``.

    Raises
    ------
    SchemaError, CRSError
        If ``streets`` breaks its contract or is not in true metres.

    Examples
    --------
    An avenue that was drawn against its traffic:

    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = [[(1000, 0), (0, 0)], [(0, 20), (1000, 20)]]
    >>> streets = gpd.GeoDataFrame(geometry=[*map(LineString, lines)], crs=4547)
    >>> drawn_traffic(streets)
    'left'
    """
    right, left = (
        float(
            (
                (1 - carriageway_weights(streets, rules=replace(rules, traffic=hand)))
                * streets.length
            ).sum()
        )
        for hand in ("right", "left")
    )
    if right > _CLEARLY * left:
        return "right"
    return "left" if left > _CLEARLY * right else "undirected"


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Straight pieces along lines: of which row and part, where, and what they count."""

    row: "NDArray[np.int64]"
    part: "NDArray[np.int64]"
    from_m: "NDArray[np.float64]"
    at_vertex: "NDArray[np.bool_]"
    start_xy: "NDArray[np.float64]"
    end_xy: "NDArray[np.float64]"
    weight: "NDArray[np.float64]"

    @property
    def length_m(self) -> "NDArray[np.float64]":
        """Lengths in metres."""
        length: NDArray[np.float64] = np.hypot(*(self.end_xy - self.start_xy).T)
        return length


def _pieces(
    streets: "gpd.GeoDataFrame", rules: CarriagewayRules, progress: "Progress | None"
) -> _Pieces:
    DRAWN.check(streets)
    require_metric(streets, "streets")
    if "road_class" in streets:
        streets = streets.assign(road_class=classes_of(streets))
    found = segments(streets)
    reach_m = reaches_m(streets, rules)[found.row]
    length_m = np.hypot(*(found.xy[:, 2:] - found.xy[:, :2]).T)
    whole = np.zeros(len(found.row))
    paired = np.flatnonzero(reach_m > 0)
    segment, from_m, to_m, weight = _shares(
        lanes(streets, rules, found, paired, reach_m),
        length_m[paired],
        rules,
        progress,
    )
    alone = np.flatnonzero(reach_m <= 0)
    of = np.concatenate([paired[segment], alone])
    order = np.argsort(of, kind="stable")
    of = of[order]
    start = np.concatenate([from_m, whole[alone]])[order]
    end = np.concatenate([to_m, length_m[alone]])[order]
    step = (found.xy[of, 2:] - found.xy[of, :2]) / length_m[of, None]
    return _Pieces(
        row=found.row[of],
        part=found.part[of],
        from_m=start,
        at_vertex=found.at_vertex[of],
        start_xy=found.xy[of, :2] + step * start[:, None],
        end_xy=np.where(
            (end == length_m[of])[:, None],
            found.xy[of, 2:],
            found.xy[of, :2] + step * end[:, None],
        ),
        weight=np.concatenate([weight, np.ones(len(alone))])[order],
    )


def _shares(
    lanes: Lanes,
    length_m: "NDArray[np.float64]",
    rules: CarriagewayRules,
    progress: "Progress | None",
) -> "tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]":
    """Return pieces of segments: of which, from where, to where, and their shares."""
    none = np.empty(0)
    if not len(length_m):
        return np.empty(0, np.int64), none, none, none
    with told(progress, lines_beside, shares_of_a_road, bridged):
        first, spans, marks = lines_beside(
            lanes,
            LONGEST_SEGMENT_M,
            np.cos(np.radians(rules.angle_deg)) - 1e-12,
            np.cos(np.radians(LOOSE_DEG)),
            rules.side_roads == "apart",
        )
        columns = np.ascontiguousarray(spans.T)
        beside = Beside(first, *columns, *np.ascontiguousarray(marks.T))
        start, pieces = shares_of_a_road(beside, length_m, HANDS[rules.traffic])
        after, before = courses(lanes.xy)
        shares = bridged(start, pieces, after, before, rules.bridge_m)
    segment = np.repeat(np.arange(len(length_m)), np.diff(start))
    return segment, pieces[:, 0], pieces[:, 1], shares
