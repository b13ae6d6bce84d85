"""What corridors serve, what serves them, and where two run side by side (廊道覆盖)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.columns import require_metres
from ctzgis.analysis.coverage.corridor_pieces import beside
from ctzgis.analysis.coverage.services import service_coverage
from ctzgis.analysis.coverage.serving import FACILITIES
from ctzgis.analysis.coverage.straight import discs
from ctzgis.analysis.rules import ruled
from ctzgis.crs import GEOGRAPHIC_CRS, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import STREETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.analysis.coverage.service_reaches import ServiceReach

__all__ = [
    "corridor_coverage",
    "corridor_overlaps",
    "corridor_served",
    "with_ends",
]

_MOST_DEGREES: Final = 90.0
_ANY: Final = "any"


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
        ``coverage_share`` (0–1, NaN where there is nothing). ``attrs["rules"]`` tells the
        distances.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If there is no list of distances, one is not above 0, the weight is missing or
        negative, or a corridor is called ``"any"``.

    Notes
    -----
    Distances are of who asks: the documents name corridors and state no width.

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
    require_metres(within_m, "within_m")
    if _ANY in corridors.index:
        msg = f"a corridor is called {_ANY!r}, as all together are; give it another id"
        raise InputError(msg)
    linear = bool(len(elements)) and set(elements.geometry.geom_type) <= set(
        STREETS.geometry
    )
    groups = [(key, corridors.loc[[key]]) for key in corridors.index.unique()]
    rows = []
    for key, group in [*groups, (_ANY, corridors)]:
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
        (0–1, NaN of a line of length zero), ``longest_gap_km`` and the stretches that are
        not served. ``attrs["rules"]`` tells the reach.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If the reach is not one straight distance above 0.

    Examples
    --------
    Gridville's middle street is 10 km long; the disc around the centre covers 2 of them:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> street = gridville().lines[0].path()
    >>> line = gpd.GeoDataFrame(geometry=[street], index=["m"], crs="EPSG:4547")
    >>> found = corridor_served(line, gridville_places(), reach=1_000)
    >>> found[["length_km", "served_km", "longest_gap_km"]].round(2).loc["m"].tolist()
    [10.0, 2.0, 4.0]
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
    length = frame["length_km"]
    frame["served_share"] = frame["served_km"] / length.where(length > 0)
    frame["longest_gap_km"] = (
        longest.reindex(range(len(lines)), fill_value=0.0).to_numpy() / 1000
    )
    return ruled(
        frame.set_geometry(gaps, crs=corridors.crs),
        f"设施直线{metres:g}米以内",
        f"within {metres:g} m of a facility, as the crow flies",
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
        (0–1); pairs of one id, and those without any overlap, are left out, so is a line
        of length zero. ``attrs["rules"]`` tells tolerance and angle.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If tolerance or step is not above 0, or the angle not between 0 and 90.

    Notes
    -----
    Tolerance and angle are conventions of this library.

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
    if not 0 <= most_degrees <= _MOST_DEGREES:
        msg = f"most_degrees is {most_degrees}; an angle from 0 to 90 is expected"
        raise InputError(msg)
    found = beside(corridors, others, tolerance_m, most_degrees, step_m)
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

    Parameters
    ----------
    lines
        Lines in any CRS.

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

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> street = gridville().lines[0].path()
    >>> line = gpd.GeoDataFrame(geometry=[street], index=["m"], crs="EPSG:4547")
    >>> with_ends(line)[["from_lat", "to_lat"]].round(2).loc["m"].tolist()
    [28.06, 28.06]
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
