"""Roads that end before a border (断头路)."""

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.coverage.borders import shared_borders
from ctzgis.analysis.rules import ruled
from ctzgis.crs import GEOGRAPHIC_CRS, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import STREETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["dead_ends"]

# How far back from its end one looks where a road comes from.
_ASIDE_M: Final = 5.0

_COLUMNS: Final = [
    "road_id", "road_class", "name_zh", "zone_id", "other_id", "border_m", "gap_m",
    "nearest_road_id", "lon", "lat", "geometry",
]  # fmt: skip


def dead_ends(
    roads: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    within_m: float = 2_000.0,
    joined_m: float = 1.0,
    classes: "Sequence[str] | None" = None,
) -> gpd.GeoDataFrame:
    """
    List roads that end near a border, and how far the next road beyond it is.

    An end is dead if no other road, whatever its class, comes as near to it as
    ``joined_m``. Whether it should go on is for a planner to say: a farm track ends too.

    Parameters
    ----------
    roads
        Lines in true metres, indexed by id: all roads on both sides, for what is missing
        in the layer looks like an end. ``road_class`` and ``name_zh`` are taken over.
    zones
        Polygons in the CRS of ``roads``, as for :func:`shared_borders`.
    within_m
        Farthest a dead end may lie from the border of its zone with another, straight.
    joined_m
        An end this near to another road is joined to it.
    classes
        Classes whose dead ends are wanted; all if not given.

    Returns
    -------
    GeoDataFrame
        ``road_id``, ``road_class``, ``name_zh``, ``zone_id`` (it ends in), ``other_id``
        (beyond the border), ``border_m``, ``gap_m`` to the nearest other road there (NaN if
        there is none) and ``nearest_road_id``, ``lon``, ``lat`` of the end in degrees,
        and the line across the gap (without any, the end itself); smallest gap first.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If zones overlap, a distance is not above 0, or classes are asked for that
        ``roads`` do not tell.

    Examples
    --------
    >>> from shapely import LineString
    >>> from ctzgis.examples import gridville_zones
    >>> x, y = 495_000, 3_102_000
    >>> roads = gpd.GeoDataFrame(
    ...     geometry=[LineString([(x, y), (x + 4_700, y)]),
    ...               LineString([(x + 5_100, y), (x + 9_000, y)])],
    ...     index=["west", "east"], crs="EPSG:4547")
    >>> found = dead_ends(roads, gridville_zones(), within_m=500)
    >>> found[["road_id", "other_id", "border_m", "gap_m"]]
      road_id other_id  border_m  gap_m
    0    west       se     300.0  400.0
    1    east       sw     100.0  400.0
    """
    STREETS.check(roads)
    require_metric(roads, "roads")
    require_same(roads, zones, left_name="roads", right_name="zones")
    for name, value in (("within_m", within_m), ("joined_m", joined_m)):
        if not 0 < value < np.inf:
            msg = f"{name} is {value}; metres above 0 are expected"
            raise InputError(msg)
    if classes is not None and "road_class" not in roads:
        msg = "roads have no column 'road_class' to choose classes by"
        raise InputError(msg)
    borders = shared_borders(zones)
    ends = _free_ends(roads, borders, within_m, joined_m)
    if classes is not None:
        ends = ends.kept(roads["road_class"].isin(classes).to_numpy()[ends.road])
    parts = []
    for border in borders.itertuples():
        near = ends.kept(shapely.distance(ends.point, border.geometry) <= within_m)
        for names in permutations((border.zone_id, border.other_id)):
            sides = zones.geometry.loc[list(names)]
            parts.append(_before(roads, near, border.geometry, sides))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table = table.reindex(columns=_COLUMNS)
    found = gpd.GeoDataFrame(table, geometry="geometry", crs=roads.crs)
    some = "" if classes is None else ", ".join(classes)
    return ruled(
        found.sort_values("gap_m", kind="stable", ignore_index=True),
        f"距界线{within_m:g}米以内、{joined_m:g}米内不接其他道路的端点"
        + (f"（{some}）" if some else ""),
        f"ends within {within_m:g} m of the border that no other road meets within "
        f"{joined_m:g} m" + (f" ({some})" if some else ""),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Ends of roads, a place just before each, and the position of its road."""

    point: "NDArray[np.object_]"
    before: "NDArray[np.object_]"
    road: "NDArray[np.int64]"

    def kept(self, which: "NDArray[np.bool_]") -> "_Ends":
        """Return some of them."""
        return _Ends(self.point[which], self.before[which], self.road[which])


def _free_ends(
    roads: gpd.GeoDataFrame,
    borders: gpd.GeoDataFrame,
    within_m: float,
    joined_m: float,
) -> _Ends:
    """Return the ends near borders that no other road comes to."""
    lines, owner = shapely.get_parts(
        np.asarray(roads.geometry.array), return_index=True
    )
    open_ = np.flatnonzero(~shapely.is_closed(lines))
    aside = np.minimum(_ASIDE_M, shapely.length(lines[open_]) / 2)
    ends = np.concatenate([shapely.get_point(lines[open_], k) for k in (0, -1)])
    before = np.concatenate(
        [shapely.line_interpolate_point(lines[open_], way * aside) for way in (1, -1)]
    )
    line = np.tile(open_, 2)
    near = np.unique(
        shapely.STRtree(np.asarray(borders.geometry.array)).query(
            ends, predicate="dwithin", distance=within_m
        )[0]
    )
    ends, before, line = ends[near], before[near], line[near]
    end, met = shapely.STRtree(lines).query(
        ends, predicate="dwithin", distance=joined_m
    )
    others = np.bincount(end[met != line[end]], minlength=len(ends))
    return _Ends(ends, before, owner[line]).kept(others == 0)


def _before(
    roads: gpd.GeoDataFrame, ends: _Ends, border: shapely.Geometry, sides: gpd.GeoSeries
) -> pd.DataFrame:
    """Return the ends in one zone before its border with another."""
    home, beyond = sides.to_numpy()
    shapely.prepare(home)
    # An end may lie on the border itself: the road comes from the one side.
    ends = ends.kept(shapely.covers(home, ends.before))
    points, owner = ends.point, ends.road
    gap, road, line = _across(roads, ends, beyond)
    line = np.where(road < 0, points, line)
    place = gpd.GeoSeries(points, crs=roads.crs).to_crs(GEOGRAPHIC_CRS)
    nothing = pd.Series(None, index=roads.index, dtype=object)
    names = np.array([*roads.index, None], dtype=object)
    return pd.DataFrame(
        {
            "road_id": roads.index[owner],
            "road_class": roads.get("road_class", nothing).to_numpy()[owner],
            "name_zh": roads.get("name_zh", nothing).to_numpy()[owner],
            "zone_id": sides.index[0],
            "other_id": sides.index[1],
            "border_m": shapely.distance(points, border),
            "gap_m": gap,
            "nearest_road_id": names[road],
            "lon": shapely.get_x(np.asarray(place.array)),
            "lat": shapely.get_y(np.asarray(place.array)),
            "geometry": line,
        }
    )


def _across(
    roads: gpd.GeoDataFrame, ends: _Ends, beyond: shapely.Geometry
) -> "tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.object_]]":
    """Return metres to the nearest other road in a zone, which it is, and the way."""
    near = roads.sindex.query(beyond, predicate="intersects")
    inside = shapely.intersection(np.asarray(roads.geometry.array)[near], beyond)
    # A road that merely touches the border from the other side does not go on there.
    kept = shapely.length(inside) > 0
    near, inside = near[kept], inside[kept]
    count = len(ends.point)
    gap = np.full(count, np.nan)
    road, line = np.full(count, -1), np.full(count, None, dtype=object)
    if not len(inside):
        return gap, road, line
    tree = shapely.STRtree(inside)
    for place, (point, own) in enumerate(zip(ends.point, ends.road, strict=True)):
        found = tree.nearest(point)
        if near[found] == own:  # what goes on is another road
            others = np.flatnonzero(near != own)
            if not len(others):
                continue
            found = others[np.argmin(shapely.distance(point, inside[others]))]
        gap[place] = shapely.distance(point, inside[found])
        road[place] = near[found]
        line[place] = shapely.shortest_line(point, inside[found])
    return gap, road, line
