"""What facilities serve, class by class of their size (设施服务计算)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.isochrones import isochrones
from ctzgis.analysis.access.nearest import nearest_facilities
from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.coverage.straight import SAME_M, discs, near, nearest_straight
from ctzgis.crs import area_km2, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import Direction, TravelNetwork, TravelRules
from ctzgis.tables import FACILITIES, ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.coverage.service_reaches import ServiceReach

__all__ = [
    "FACILITIES",
    "Way",
    "areal_parts",
    "areas_served_by",
    "bands",
    "served_by",
    "whether_served",
]

_SAME_MIN: Final = 1e-9

_NO_MATCH: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How facilities are reached."""

    network: TravelNetwork | None
    direction: Direction
    profile: str
    rules: TravelRules

    def minutes(self, reach: "ServiceReach", limit: float) -> float:
        """Return the minutes that metres take, or the minutes given."""
        return limit if reach.cutoff_min is not None else limit / self._pace(reach)

    def metres(
        self, reach: "ServiceReach", minutes: "NDArray[np.float64]"
    ) -> "NDArray[np.float64]":
        """Return the metres that minutes make; undefined by car."""
        if reach.by == "drive":
            return np.full(len(minutes), np.nan)
        return minutes * self._pace(reach)

    def _pace(self, reach: "ServiceReach") -> float:
        kph = self.rules.walk_kph if reach.by == "walk" else self.rules.cycle_kph
        return kph * 1000 / 60


def areal_parts(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the areas of a shape; lines and points where borders touch are dropped."""
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])


def bands(
    facilities: "gpd.GeoDataFrame", reach: "ServiceReach"
) -> "Iterator[tuple[float, gpd.GeoDataFrame]]":
    """Yield the facilities that count, with the limit of each class of size."""
    if not reach.by_area_m2:
        yield reach.limits[0], facilities
        return
    if set(facilities.geometry.geom_type) <= set(ZONES.geometry):
        size = area_km2(facilities).to_numpy() * 1e6
    else:
        size = numbers_of(facilities, "area_m2", "facilities", least=0)
    steps = sorted(reach.by_area_m2)
    band = np.searchsorted([least for least, _ in steps], size, side="right") - 1
    for k, (_, metres) in enumerate(steps):
        yield metres, facilities[band == k]


def _check(
    demand: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    reach: "ServiceReach",
    way: Way,
) -> None:
    FACILITIES.check(facilities)
    require_metric(demand, "demand")
    require_same(demand, facilities, left_name="demand", right_name="facilities")
    if reach.by == "straight":
        return
    if way.network is None:
        msg = f"service reach '{reach.id}' goes along roads; give network="
        raise InputError(msg)
    if set(facilities.geometry.geom_type) - {"Point"}:
        msg = (
            f"service reach '{reach.id}' goes along roads, to points; give the gates of "
            "the facilities, or take `border_points(facilities)`"
        )
        raise InputError(msg)


def whether_served(
    points: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    reach: "ServiceReach",
    way: Way,
) -> "NDArray[np.bool_]":
    """Tell which points any facility serves."""
    _check(points, facilities, reach, way)
    served = np.zeros(len(points), dtype=bool)
    for limit, group in bands(facilities, reach):
        if reach.by == "straight":
            served |= near(points, group, limit)
        else:
            minutes, _ = _nearest_along(points, group, reach, way)
            served |= minutes <= way.minutes(reach, limit) + _SAME_MIN
    return served


def served_by(
    points: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    reach: "ServiceReach",
    way: Way,
) -> pd.DataFrame:
    """Find what serves each point, class by class."""
    _check(points, facilities, reach, way)
    served = np.zeros(len(points), dtype=bool)
    least = np.full(len(points), np.inf)
    which = np.full(len(points), _NO_MATCH)
    for limit, group in bands(facilities, reach):
        if reach.by == "straight":
            found, place = nearest_straight(points, group)
            served |= found <= limit + SAME_M
        else:
            found, place = _nearest_along(points, group, reach, way)
            served |= found <= way.minutes(reach, limit) + _SAME_MIN
        nearer = found < least
        least[nearer] = found[nearer]
        position = np.append(facilities.index.get_indexer(group.index), _NO_MATCH)
        which[nearer] = position[place[nearer]]
    names = np.array([*facilities.index, None], dtype=object)
    found = np.where(np.isfinite(least), least, np.nan)
    straight = reach.by == "straight"
    columns: dict[str, Any] = {
        "served": served,
        "facility_id": names[which],
        "distance_m": found if straight else way.metres(reach, found),
        "travel_time_min": np.nan if straight else found,
    }
    return pd.DataFrame(columns, index=points.index)


def _nearest_along(
    points: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    reach: "ServiceReach",
    way: Way,
) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Return minutes along roads to the nearest facility, and its position."""
    assert way.network is not None
    mode: Any = reach.by
    table = nearest_facilities(
        way.network, points, facilities, direction=way.direction, mode=mode,
        profile=way.profile, rules=way.rules,
    )  # fmt: skip
    minutes = table["travel_time_min"].fillna(np.inf).to_numpy(dtype=float)
    place = facilities.index.get_indexer(table["facility_id"])
    return minutes, place


def areas_served_by(
    areas: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    reach: "ServiceReach",
    way: Way,
) -> "tuple[NDArray[np.object_], NDArray[np.float64]]":
    """Return the part of each area that is served, and its share."""
    ZONES.check(areas)
    _check(areas, facilities, reach, way)
    groups = []
    for limit, group in bands(facilities, reach):
        if reach.by == "straight":
            groups.append(discs(group, limit))
        elif len(group):
            groups.append(_isochrone(group, way.minutes(reach, limit), reach, way))
    cover = np.concatenate(groups) if groups else np.empty(0, dtype=object)
    shapes = np.asarray(areas.geometry.array)
    parts = np.array([shapely.MultiPolygon()] * len(shapes), dtype=object)
    index = shapely.STRtree(cover)
    # Most areas that are small beside the reach lie within a single disc.
    within = np.unique(index.query(shapes, predicate="within")[0])
    parts[within] = shapes[within]
    rest = np.setdiff1d(np.arange(len(shapes)), within)
    row, beside = index.query(shapes[rest], predicate="intersects")
    order = np.argsort(row, kind="stable")
    found, start = np.unique(row[order], return_index=True)
    stop = np.append(start, len(row))[1:]
    for place, first, last in zip(found, start, stop, strict=True):
        together = shapely.union_all(cover[beside[order[first:last]]])
        shape = shapes[rest[place]]
        parts[rest[place]] = areal_parts(shapely.intersection(shape, together))
    # A whole that is served may lack the last digit.
    return parts, np.clip(shapely.area(parts) / shapely.area(shapes), 0.0, 1.0)


def _isochrone(
    facilities: "gpd.GeoDataFrame", minutes: float, reach: "ServiceReach", way: Way
) -> "NDArray[np.object_]":
    """Return from where, or whereto, the facilities are reached in time."""
    assert way.network is not None
    mode: Any = reach.by
    table = isochrones(
        way.network, facilities, cutoffs_min=[minutes], pooled=True, mode=mode,
        direction="to" if way.direction == "from" else "from",
        profile=way.profile, rules=way.rules,
    )  # fmt: skip
    parts: NDArray[np.object_] = shapely.get_parts(np.asarray(table.geometry.array))
    return parts
