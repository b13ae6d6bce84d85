"""Count a road once, however many carriageways of it are drawn (双线道路归并)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.straight_segments import (
    LONGEST_SEGMENT_M,
    Segments,
    courses,
    segments,
)
from ctzgis.crs import require_metric
from ctzgis.errors import InputError
from ctzgis.network.engine.compiled import told
from ctzgis.network.engine.cross_sections import (
    Beside,
    Lanes,
    bridged,
    lines_beside,
    shares_of_a_road,
)
from ctzgis.tables import STREETS, Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.progress import Progress

__all__ = ["CarriagewayRules", "carriageway_pieces", "carriageway_weights"]

# CJJ 37 builds expressways, main and collector roads with two or four carriageways, local
# roads (支路) with one. Ways that are no roads of their own kind are never carriageways.
_DIVIDED: Final = (
    "motorway", "urban_expressway", "trunk", "primary", "secondary", "tertiary",
)  # fmt: skip
_NEVER: Final = ("service", "track", "path", "ferry")

# What names of main and side carriageways add to the name of their road.
_PARTS_OF_A_ROAD: Final = r"[(（]?(?:辅路|辅道|副道|主路|主道|主线)[)）]?$"

_TEXT: Final = Column(kind="text", required=False, nullable=True)
_FLAG: Final = Column(kind="flag", required=False, nullable=True)
_DRAWN: Final = Table(
    name="streets",
    columns={
        **STREETS.columns,
        "ref": _TEXT,
        "oneway": _FLAG,
        "roundabout": _FLAG,
        "level": Column(kind="number", required=False, nullable=True),
    },
    geometry=STREETS.geometry,
)

_LOOSE_DEG: Final = 45.0
_HANDS: Final = {"right": 1, "left": -1, "undirected": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriagewayRules:
    """
    When lines are carriageways of one road.

    The defaults come from how roads are built, not from a result. GB/T 51328 lets a road
    be 70 m wide between its red lines, side roads of expressways included; less pavements
    and half of the outer carriageways that leaves 50 m between the outermost centre lines.
    Two-way roads need plots between them: nearer than 30 m there is no room for them.

    Attributes
    ----------
    within_m
        Greatest distance of two centre lines of one road, in metres.
    angle_deg
        Greatest angle between them.
    bridge_m
        Longest stretch, such as a junction, along which they may stand at up to 45°.
    unstated_within_m
        Greatest distance where a line does not say whether it is one-way, nor is of a
        class that is built divided; 0 lets no such line pair.
    side_roads
        ``"once"``: one-way side roads (辅路) are part of their road. ``"apart"``: only
        carriageways of one class and one name are of one road, so that the two side roads
        make a road of their own.
    traffic
        The side that traffic keeps to; ``"undirected"`` if lines are not drawn in the
        direction of traffic, so that any two parallel lines are of one road.
    """

    within_m: float = 50.0
    angle_deg: float = 15.0
    bridge_m: float = 50.0
    unstated_within_m: float = 30.0
    side_roads: Literal["once", "apart"] = "once"
    traffic: Literal["right", "left", "undirected"] = "right"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name, low, high in (
            ("within_m", 0, 500),
            ("angle_deg", 0, _LOOSE_DEG),
            ("bridge_m", 0, 1_000),
            ("unstated_within_m", 0, 500),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                msg = f"{name} must be from {low} to {high:g}, found {value}"
                raise InputError(msg)
        for name, allowed in (
            ("side_roads", ("once", "apart")),
            ("traffic", tuple(_HANDS)),
        ):
            if (value := getattr(self, name)) not in allowed:
                msg = f"{name} must be one of {', '.join(allowed)}, found {value!r}"
                raise InputError(msg)


_RULES: Final = CarriagewayRules()


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
        ``streets``.

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
    return pd.Series(weights, index=streets.index, name="carriageway_weight")


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

    Raises
    ------
    SchemaError, CRSError
        If ``streets`` breaks its contract or is not in true metres.

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
    return gpd.GeoDataFrame(
        {
            "street": streets.index[pieces.row[starts]],
            "weight": pieces.weight[starts],
        },
        geometry=lines,
        crs=streets.crs,
    )


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
    _DRAWN.check(streets)
    require_metric(streets, "streets")
    found = segments(streets)
    reach_m = _reaches_m(streets, rules)[found.row]
    length_m = np.hypot(*(found.xy[:, 2:] - found.xy[:, :2]).T)
    whole = np.zeros(len(found.row))
    paired = np.flatnonzero(reach_m > 0)
    segment, from_m, to_m, weight = _shares(
        _lanes(streets, rules, found, paired, reach_m),
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


def _reaches_m(
    streets: "gpd.GeoDataFrame", rules: CarriagewayRules
) -> "NDArray[np.float64]":
    """Distance within which each line may pair; 0 for a road of its own."""
    reach = np.full(len(streets), min(rules.unstated_within_m, rules.within_m))
    if "road_class" in streets:
        reach[streets["road_class"].isin(_DIVIDED).to_numpy()] = rules.within_m
    if "oneway" in streets:
        reach[_flagged(streets["oneway"], value=True)] = rules.within_m
        reach[_flagged(streets["oneway"], value=False)] = 0
    if "road_class" in streets:
        reach[streets["road_class"].isin(_NEVER).to_numpy()] = 0
    if "roundabout" in streets:
        reach[_flagged(streets["roundabout"], value=True)] = 0
    return reach


def _flagged(values: "pd.Series[bool]", *, value: bool) -> "NDArray[np.bool_]":
    flagged: NDArray[np.bool_] = (values.notna() & (values == value)).to_numpy(bool)
    return flagged


def _lanes(
    streets: "gpd.GeoDataFrame",
    rules: CarriagewayRules,
    found: Segments,
    paired: "NDArray[np.int64]",
    reach_m: "NDArray[np.float64]",
) -> Lanes:
    row = found.row[paired]

    def numbers(column: str) -> "NDArray[np.int64]":
        if column not in streets:
            return np.full(len(row), -1)
        texts = streets[column].astype("string")
        if column == "name_zh" and rules.side_roads == "once":
            texts = texts.str.replace(_PARTS_OF_A_ROAD, "", regex=True)
        texts = texts.str.strip().mask(lambda text: text == "")
        code: NDArray[np.int64] = pd.factorize(texts)[0].astype(np.int64)[row]
        return code

    level = np.full(len(row), np.nan)
    if "level" in streets:
        level = pd.to_numeric(streets["level"]).to_numpy(float, na_value=np.nan)[row]
    return Lanes(
        xy=np.ascontiguousarray(found.xy[paired]),
        reach_m=reach_m[paired],
        name=numbers("name_zh"),
        ref=numbers("ref"),
        road_class=numbers("road_class"),
        level=level,
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
            np.cos(np.radians(_LOOSE_DEG)),
            rules.side_roads == "apart",
        )
        columns = np.ascontiguousarray(spans.T)
        beside = Beside(first, *columns, *np.ascontiguousarray(marks.T))
        start, pieces = shares_of_a_road(beside, length_m, _HANDS[rules.traffic])
        after, before = courses(lanes.xy)
        shares = bridged(start, pieces, after, before, rules.bridge_m)
    segment = np.repeat(np.arange(len(length_m)), np.diff(start))
    return segment, pieces[:, 0], pieces[:, 1], shares
