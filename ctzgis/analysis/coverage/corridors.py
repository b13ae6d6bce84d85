"""What corridors serve, what serves them, and where two run side by side (廊道覆盖)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ctzgis.analysis.coverage.services import service_coverage
from ctzgis.analysis.coverage.serving import FACILITIES
from ctzgis.analysis.coverage.straight import discs
from ctzgis.analysis.rules import ruled
from ctzgis.crs import GEOGRAPHIC_CRS, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import STREETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.analysis.coverage.service_reaches import ServiceReach

__all__ = [
    "corridor_continuity",
    "corridor_courses",
    "corridor_coverage",
    "corridor_overlaps",
    "corridor_served",
    "with_ends",
]

_STRAIGHT_ANGLE: Final = 180.0


def corridor_courses(
    parts: gpd.GeoDataFrame, *, built: bool | None = None
) -> gpd.GeoDataFrame:
    """
    Join the parts of each corridor into one course.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    built
        Whether only what is built counts, or only what is not; all if not given.

    Returns
    -------
    GeoDataFrame
        Indexed by ``corridor_id``: ``length_km`` and the course; track or road that
        parts share counts once. Corridors without a part are left out.
    """
    kept = parts if built is None else parts[parts["built"] == built]
    courses = {
        str(key): shapely.line_merge(group.geometry.union_all())
        for key, group in kept.groupby("corridor_id", sort=False)
    }
    frame = gpd.GeoDataFrame(
        geometry=list(courses.values()),
        index=pd.Index(list(courses), name="corridor_id"),
        crs=parts.crs,
    )
    frame.insert(0, "length_km", frame.length / 1000)
    return frame


def corridor_coverage(
    elements: gpd.GeoDataFrame,
    corridors: gpd.GeoDataFrame,
    *,
    within_m: "Sequence[float]",
    weight: str | None = "population",
) -> pd.DataFrame:
    """
    Tell which share of elements lies within distances of each corridor, and of any.

    Parameters
    ----------
    elements
        Points (people, stations), lines, or areas in true metres, indexed by id. Areas
        and lines count with the part within the distance.
    corridors
        Lines or areas in the CRS of ``elements``, indexed by id.
    within_m
        Distances as the crow flies.
    weight
        Column of points that counts; they count one each if it is ``None``.

    Returns
    -------
    DataFrame
        ``corridor_id`` (``"any"`` last), ``within_m``, ``counts`` (``"population"``,
        ``"points"``, ``"length_km"`` or ``"area_km2"``), ``total``, ``covered`` and
        ``coverage_share`` (0–1, NaN where there is nothing).

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If a distance is not above 0, or the weight is missing or negative.

    Examples
    --------
    Gridville's middle street passes the centre, 5 km from the corners:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> street = gridville().lines[0].path()
    >>> line = gpd.GeoDataFrame(geometry=[street], index=["m"], crs="EPSG:4547")
    >>> found = corridor_coverage(gridville_places(), line, within_m=[1_000, 5_000])
    >>> found[["corridor_id", "within_m", "coverage_share"]]
      corridor_id  within_m  coverage_share
    0           m      1000             0.2
    1           m      5000             1.0
    2         any      1000             0.2
    3         any      5000             1.0
    """
    linear = bool(len(elements)) and set(elements.geometry.geom_type) <= set(
        STREETS.geometry
    )
    groups = [(key, corridors.loc[[key]]) for key in corridors.index.unique()]
    rows = []
    for key, group in [*groups, ("any", corridors)]:
        for metres in within_m:
            if linear:
                counts, total, covered = _lines_near(elements, group, metres)
            else:
                row = service_coverage(elements, group, reach=metres, weight=weight)
                counts, total, covered = row[["counts", "total", "served"]].iloc[0]
            rows.append((key, metres, counts, total, covered))
    names = ["corridor_id", "within_m", "counts", "total", "covered"]
    frame = pd.DataFrame(rows, columns=names)
    frame["coverage_share"] = frame["covered"] / frame["total"].where(
        frame["total"] > 0
    )
    limits = ", ".join(f"{metres:g}" for metres in within_m)
    return ruled(
        frame,
        f"廊道直线{limits}米以内",
        f"within {limits} m of a corridor, as the crow flies",
    )


def corridor_served(
    corridors: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    reach: "ServiceReach | float",
) -> gpd.GeoDataFrame:
    """
    Tell which share of each corridor lies within the straight reach of facilities.

    Parameters
    ----------
    corridors
        Lines in true metres, indexed by id.
    facilities
        Points, lines or areas in the CRS of ``corridors``, e.g. its stations.
    reach
        Metres, or a straight ``ServiceReach`` of one distance.

    Returns
    -------
    GeoDataFrame
        With the index of ``corridors``: ``length_km``, ``served_km``, ``served_share``
        (0–1), ``longest_gap_km`` and the stretches that are not served.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If the reach is not one straight distance above 0.
    """
    STREETS.check(corridors)
    FACILITIES.check(facilities)
    metres = _straight_metres(reach)
    require_metric(corridors, "corridors")
    require_same(corridors, facilities, left_name="corridors", right_name="facilities")
    cover = shapely.union_all(discs(facilities, metres))
    lines = np.asarray(corridors.geometry.array)
    gaps = shapely.line_merge(shapely.difference(lines, cover))
    parts, owner = shapely.get_parts(gaps, return_index=True)
    longest = pd.Series(shapely.length(parts)).groupby(owner).max()
    frame = gpd.GeoDataFrame(
        {"length_km": corridors.length / 1000}, index=corridors.index
    )
    frame["served_km"] = (frame["length_km"] - shapely.length(gaps) / 1000).clip(
        lower=0
    )
    frame["served_share"] = frame["served_km"] / frame["length_km"]
    frame["longest_gap_km"] = (
        longest.reindex(range(len(lines)), fill_value=0.0).to_numpy() / 1000
    )
    return ruled(
        frame.set_geometry(gaps, crs=corridors.crs),
        f"设施直线{metres:g}米以内",
        f"within {metres:g} m of a facility, as the crow flies",
    )


def corridor_continuity(
    parts: gpd.GeoDataFrame, *, tolerance_m: float = 50.0
) -> pd.DataFrame:
    """
    Tell in how many stretches each corridor is built, and how long the longest is.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    tolerance_m
        Ends nearer than this count as joined, as in :func:`corridor_gaps`.

    Returns
    -------
    DataFrame
        Indexed by ``corridor_id``: ``length_km`` (in its final form), ``built_km``,
        ``stretches`` (built, joined), ``longest_km`` and ``continuous_share`` (the
        longest over the whole, 0–1). Corridors without a part are left out.
    """
    rows = {}
    for key, group in parts.groupby("corridor_id", sort=False):
        whole = group.geometry.union_all().length
        lines = np.asarray(group.geometry[group["built"]].array)
        lengths = _stretches(lines, tolerance_m)
        built, longest = sum(lengths), max(lengths, default=0.0)
        share = longest / whole if whole else np.nan
        rows[str(key)] = whole / 1000, built / 1000, len(lengths), longest / 1000, share
    names = ["length_km", "built_km", "stretches", "longest_km", "continuous_share"]
    index = pd.Index(list(rows), name="corridor_id")
    return ruled(
        pd.DataFrame(list(rows.values()), index=index, columns=names),
        f"端点相距不到{tolerance_m:g}米视为相接",
        f"ends nearer than {tolerance_m:g} m count as joined",
    )


def corridor_overlaps(
    corridors: gpd.GeoDataFrame,
    others: gpd.GeoDataFrame,
    *,
    tolerance_m: float = 100.0,
    most_degrees: float = 15.0,
    step_m: float = 10.0,
) -> pd.DataFrame:
    """
    Measure how much of each corridor runs beside another.

    Pieces of ``step_m`` count that are nearer to the other than the tolerance in their
    middle, and turned against it by no more than ``most_degrees``: one that merely
    crosses does not overlap. Ends are true to a step.

    Parameters
    ----------
    corridors, others
        Lines in true metres and one CRS, indexed by id.
    tolerance_m, most_degrees, step_m
        How near, how parallel, and how finely it is measured.

    Returns
    -------
    DataFrame
        ``corridor_id``, ``other_id``, ``overlap_km``, ``overlap_share`` of the corridor
        (0–1); pairs of one id, and those without any overlap, are left out.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If tolerance or step is not above 0, or the angle not between 0 and 90.

    Examples
    --------
    >>> from shapely import LineString
    >>> x, y = 500_000, 3_100_000
    >>> road, rail = LineString([(x, y), (x + 1000, y)]), LineString(
    ...     [(x + 600, y + 50), (x + 2600, y + 50)])
    >>> lines = gpd.GeoDataFrame(geometry=[road, rail], index=["road", "rail"],
    ...                          crs="EPSG:4547")
    >>> corridor_overlaps(lines, lines)["overlap_share"].round(2).tolist()  # 87 m farther
    [0.49, 0.24]
    """
    for name, frame in (("corridors", corridors), ("others", others)):
        STREETS.check(frame)
        require_metric(frame, name)
    require_same(corridors, others, left_name="corridors", right_name="others")
    _require_above_0(tolerance_m=tolerance_m, step_m=step_m)
    if not 0 <= most_degrees <= _STRAIGHT_ANGLE / 2:
        msg = f"most_degrees is {most_degrees}; an angle from 0 to 90 is expected"
        raise InputError(msg)
    ours, our_id, our_angle = _pieces(corridors, step_m)
    theirs, their_id, their_angle = _pieces(others, None)
    middles = shapely.line_interpolate_point(ours, 0.5, normalized=True)
    left, right = shapely.STRtree(theirs).query(
        middles, predicate="dwithin", distance=tolerance_m
    )
    turned = np.abs(our_angle[left] - their_angle[right]) % _STRAIGHT_ANGLE
    turned = np.minimum(turned, _STRAIGHT_ANGLE - turned)
    beside = turned <= most_degrees
    pairs = pd.DataFrame({"piece": left[beside], "other": their_id[right[beside]]})
    pairs = pairs.drop_duplicates()
    pairs["corridor"] = our_id[pairs["piece"]]
    pairs["overlap_km"] = shapely.length(ours)[pairs["piece"]] / 1000
    found = pairs.groupby(["corridor", "other"], as_index=False)["overlap_km"].sum()
    length = (corridors.length / 1000).to_numpy()[found["corridor"]]
    frame = pd.DataFrame(
        {
            "corridor_id": corridors.index[found["corridor"]],
            "other_id": others.index[found["other"]],
            "overlap_km": found["overlap_km"],
            "overlap_share": np.clip(found["overlap_km"] / length, 0.0, 1.0),
        }
    )
    return ruled(
        frame[frame["corridor_id"] != frame["other_id"]].reset_index(drop=True),
        f"相距{tolerance_m:g}米以内、夹角不超过{most_degrees:g}度视为并行",
        f"beside each other: within {tolerance_m:g} m and {most_degrees:g} degrees",
    )


def with_ends(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Write the coordinates of both ends beside lines, e.g. the gaps of corridors.

    Returns
    -------
    GeoDataFrame
        ``lines`` with ``from_lon``, ``from_lat``, ``to_lon``, ``to_lat`` in degrees; of
        several lines in one row, the start of the first and the end of the last; NaN of
        none.

    Raises
    ------
    CRSError
        If the CRS is missing.
    """
    require_same(lines, lines, left_name="lines", right_name="lines")
    shapes = np.asarray(lines.geometry.to_crs(GEOGRAPHIC_CRS).array)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    frame, rows = lines.copy(), np.arange(len(lines))
    there = np.isin(rows, owner)
    ends = {"from": "left", "to": "right"}
    for name, side in ends.items():
        places = np.full((len(lines), 2), np.nan)
        at = np.searchsorted(owner, rows[there], side=side)  # type: ignore[call-overload]
        places[there] = xy[at - (side == "right")]
        frame[f"{name}_lon"], frame[f"{name}_lat"] = places.T
    return frame


def _lines_near(
    lines: gpd.GeoDataFrame, corridors: gpd.GeoDataFrame, metres: float
) -> tuple[str, float, float]:
    """Measure the lines, and what of them lies within metres of corridors."""
    served = corridor_served(lines, corridors, reach=metres)
    return (
        "length_km",
        float(served["length_km"].sum()),
        float(served["served_km"].sum()),
    )


def _straight_metres(reach: "ServiceReach | float") -> float:
    metres = reach if isinstance(reach, (int, float)) else None
    if metres is None and reach.by == "straight":  # type: ignore[union-attr]
        metres = reach.distance_m  # type: ignore[union-attr]
    if metres is None:
        msg = "a corridor is served within one straight distance; give metres"
        raise InputError(msg)
    _require_above_0(reach=metres)
    return float(metres)


def _require_above_0(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < np.inf:
            msg = f"{name} is {value}; metres above 0 are expected"
            raise InputError(msg)


def _stretches(lines: "NDArray[np.object_]", tolerance_m: float) -> list[float]:
    """Return the metres of each joined stretch, what lines share once."""
    if not len(lines):
        return []
    left, right = shapely.STRtree(lines).query(
        lines, predicate="dwithin", distance=tolerance_m
    )
    joined = coo_array((np.ones(len(left)), (left, right)), shape=(len(lines),) * 2)
    count, label = connected_components(joined, directed=False)
    return [float(shapely.union_all(lines[label == k]).length) for k in range(count)]


def _pieces(
    lines: gpd.GeoDataFrame, step_m: float | None
) -> "tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.float64]]":
    """Return straight pieces of lines, whose they are, and how they are turned."""
    parts, owner = shapely.get_parts(
        np.asarray(lines.geometry.array), return_index=True
    )
    if step_m is not None:
        parts = shapely.segmentize(parts, step_m)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    same = np.diff(part) == 0
    ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    dx, dy = (ends[:, 1] - ends[:, 0]).T
    long = np.hypot(dx, dy) > 0
    angle = np.degrees(np.arctan2(dy, dx)) % _STRAIGHT_ANGLE
    return shapely.linestrings(ends[long]), owner[part[:-1][same]][long], angle[long]
