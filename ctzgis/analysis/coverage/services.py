"""Who and what lies within the service of facilities (服务半径覆盖率)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.coverage.service_reaches import ServiceReach
from ctzgis.analysis.coverage.serving import (
    Way,
    areal_parts,
    areas_served_by,
    bands,
    served_by,
    whether_served,
)
from ctzgis.analysis.rules import ruled
from ctzgis.crs import area_km2, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Direction, TravelNetwork, TravelRules
from ctzgis.tables import POINTS, ZONES
from ctzgis.texts import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["border_points", "served_areas", "served_points", "service_coverage"]

_NO_MATCH: Final = -1

# Dimensions of an area.
_AREAL: Final = 2


def service_coverage(
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    reach: ServiceReach | float,
    weight: str | None = "population",
    zones: gpd.GeoDataFrame | None = None,
    network: TravelNetwork | None = None,
    direction: Direction = "from",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Tell which share of people, or of areas, facilities serve.

    Of points the column ``weight`` counts, of areas their km²; what several facilities
    serve counts once. A point belongs to the first zone that holds it, an area to each
    zone with its part there; what lies in no zone does not count.

    Parameters
    ----------
    demand
        Points of people, or areas (residential, built-up), in true metres. Areas that
        overlap count as often as they are drawn.
    facilities
        Points, lines or areas in the CRS of ``demand``; areas serve from their edge.
    reach
        How far they serve: a :class:`ServiceReach`, or metres as the crow flies.
    weight
        Column of people; points count one each if it is ``None``.
    zones
        Areas to tell the coverage of; all together in one row ``"all"`` if not given.
    network
        Network to walk, cycle or drive on; needed unless the reach is straight.
    direction
        ``"from"``: trips lead to the facility; ``"to"``: from it, as a fire engine's.
    profile, rules
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        With the index of ``zones``: ``counts`` (what is counted: ``"population"``,
        ``"points"`` or ``"area_km2"``), ``total``, ``served``, ``served_share`` (0–1,
        NaN where there is nothing), ``unserved``, ``facilities`` (that count under the
        rule, anywhere), ``reach_id``, ``by``, ``reach_m`` or ``reach_min`` (NaN where it
        depends on the area). ``attrs["reach"]`` holds the rule with its
        source, ``attrs["rules"]`` the same in words.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If a reach along roads comes without network or with facilities that are not
        points, or the weight is missing or negative.

    Examples
    --------
    800 m around the middle of Gridville's 100 km²:

    >>> from ctzgis.analysis.coverage.service_reaches import service_reach
    >>> from ctzgis.examples import gridville_places, gridville_zones
    >>> town, station = gridville_zones().dissolve(), gridville_places().loc[["centre"]]
    >>> found = service_coverage(town, station, reach=service_reach("rail_stations"))
    >>> found["served"].round(3).tolist()  # 0.64 π
    [2.011]
    """
    reach = _reach(reach)
    way = Way(network=network, direction=direction, profile=profile, rules=rules)
    areal = _is_areal(demand, weight)
    parts, owner = _by_zone(demand, zones, areal=areal)
    names = pd.Index(["all"]) if zones is None else zones.index
    if areal:
        shares = areas_served_by(parts, facilities, reach, way)[1]
        amount = area_km2(parts).to_numpy()
        counts = "area_km2"
    else:
        shares = whether_served(parts, facilities, reach, way).astype(float)
        amount = _weights(parts, weight)
        counts = "points" if weight is None else weight
    total = np.bincount(owner, weights=amount, minlength=len(names))
    served = np.bincount(owner, weights=amount * shares, minlength=len(names))
    frame = pd.DataFrame({"counts": counts, "total": total, "served": served}, names)
    frame["served_share"] = frame["served"] / frame["total"].where(frame["total"] > 0)
    frame["unserved"] = frame["total"] - frame["served"]
    frame["facilities"] = sum(len(rows) for _, rows in bands(facilities, reach))
    _tell(frame, reach)
    return frame


def served_points(
    points: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    reach: ServiceReach | float,
    network: TravelNetwork | None = None,
    direction: Direction = "from",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Tell of each point whether a facility serves it, and which is the nearest.

    Parameters
    ----------
    points
        Points in true metres, indexed by id.
    facilities, reach, network, direction, profile, rules
        As for :func:`service_coverage`.

    Returns
    -------
    DataFrame
        With the index of ``points``: ``served``; ``facility_id`` of the nearest facility
        that counts (of a larger class it may be another that serves); ``distance_m`` to
        it, along roads if the reach is (NaN by car); ``travel_time_min`` (NaN if
        straight); NaN where there is none.

    Raises
    ------
    SchemaError, CRSError, InputError
        As for :func:`service_coverage`.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places
    >>> places = gridville_places()
    >>> found = served_points(places[:3], places.loc[["centre"]], reach=7_072)
    >>> found["served"].tolist(), found["distance_m"].round().tolist()
    ([True, True, True], [7071.0, 7071.0, 7071.0])
    """
    POINTS.check(points)
    reach = _reach(reach)
    way = Way(network=network, direction=direction, profile=profile, rules=rules)
    frame = served_by(points, facilities, reach, way)
    _tell(frame, reach)
    return frame


def served_areas(
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    reach: ServiceReach | float,
    network: TravelNetwork | None = None,
    direction: Direction = "from",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> gpd.GeoDataFrame:
    """
    Cut out of each area the part that facilities serve.

    As the crow flies it is the union of discs around points, drawn with 128 sides and
    the area of the circle, and of belts around lines and areas. Along roads it is the
    isochrone of all facilities together.

    Parameters
    ----------
    areas
        Polygons in true metres, indexed by id.
    facilities, reach, network, direction, profile, rules
        As for :func:`service_coverage`.

    Returns
    -------
    GeoDataFrame
        With the index of ``areas``: ``area_km2`` (on the ellipsoid), ``served_km2``,
        ``served_share`` (0–1) and the part that is served, empty where nothing is.

    Raises
    ------
    SchemaError, CRSError, InputError
        As for :func:`service_coverage`.

    Examples
    --------
    >>> from ctzgis.examples import gridville_places, gridville_zones
    >>> centre = gridville_places().loc[["centre"]]
    >>> found = served_areas(gridville_zones(), centre, reach=2_000)
    >>> found["served_share"].round(4).tolist()  # a quarter of 4 π of 25 km²
    [0.1257, 0.1257, 0.1257, 0.1257]
    """
    reach = _reach(reach)
    way = Way(network=network, direction=direction, profile=profile, rules=rules)
    shapes, share = areas_served_by(areas, facilities, reach, way)
    size = area_km2(areas)
    frame = gpd.GeoDataFrame(
        {"area_km2": size, "served_km2": size * share, "served_share": share},
        geometry=shapes,
        index=areas.index,
        crs=areas.crs,
    )
    _tell(frame, reach)
    return frame


def border_points(
    areas: gpd.GeoDataFrame, *, every_m: float = 100.0
) -> gpd.GeoDataFrame:
    """
    Put points along the border of areas, where they may be entered if nothing is fenced.

    Walking times to a park whose gates are not known are measured to these points, which
    flatters a park that is fenced.

    Parameters
    ----------
    areas
        Polygons in true metres, indexed by id.
    every_m
        Farthest two neighbours may be apart along the border.

    Returns
    -------
    GeoDataFrame
        Points with ``facility_id`` (of the area) and the other columns of ``areas``, its
        ``area_m2`` among them; indexed ``"<id>#<number>"``.

    Raises
    ------
    SchemaError, CRSError
        If areas break their contract or are not in true metres.
    InputError
        If the distance is not above 0.

    Examples
    --------
    >>> from ctzgis.examples import gridville_zones
    >>> len(border_points(gridville_zones().loc[["sw"]], every_m=1_000))
    20
    """
    ZONES.check(areas)
    require_metric(areas, "areas")
    if not 0 < every_m < np.inf:
        msg = f"every_m is {every_m}; metres above 0 are expected"
        raise InputError(msg)
    rings = shapely.get_rings(np.asarray(areas.geometry.array))
    owner = np.repeat(
        np.arange(len(areas)),
        [len(shapely.get_rings(area)) for area in areas.geometry],
    )
    xy, ring = shapely.get_coordinates(
        shapely.segmentize(rings, every_m), return_index=True
    )
    kept = np.append(np.diff(ring) == 0, False) if len(ring) else ring.astype(bool)
    which = owner[ring[kept]]  # a ring's last point is its first
    frame = areas.iloc[which].copy()
    frame["facility_id"] = areas.index[which]
    frame["area_m2"] = area_km2(areas).to_numpy()[which] * 1e6
    frame = frame.set_geometry(shapely.points(xy[kept]), crs=areas.crs)
    count = frame.groupby("facility_id", sort=False).cumcount()
    frame.index = pd.Index(
        [f"{key}#{k}" for key, k in zip(frame["facility_id"], count, strict=True)]
    )
    return frame


def _reach(reach: ServiceReach | float) -> ServiceReach:
    if isinstance(reach, ServiceReach):
        return reach
    name = Text(f"直线{reach:g}米", f"{reach:g} m as the crow flies")
    return ServiceReach(id=f"straight_{reach:g}_m", name=name, distance_m=float(reach))


def _tell(frame: pd.DataFrame, reach: ServiceReach) -> None:
    """Write the rule beside the figures that it gave, in place."""
    frame["reach_id"], frame["by"] = reach.id, reach.by
    one = reach.limits[0] if not reach.by_area_m2 else np.nan
    timed = reach.cutoff_min is not None
    frame["reach_min" if timed else "reach_m"] = float(one)
    frame.attrs["reach"] = reach.as_dict()
    ruled(frame, *reach.told)


def _is_areal(demand: gpd.GeoDataFrame, weight: str | None) -> bool:
    """Tell whether areas are asked about, and check them, or points."""
    kinds = np.unique(shapely.get_dimensions(np.asarray(demand.geometry.array)))
    areal = bool(len(kinds)) and bool((kinds == _AREAL).all())
    if not len(demand):  # of nothing, the column tells
        areal = weight is not None and weight not in demand
    (ZONES if areal else POINTS).check(demand)
    require_metric(demand, "demand")
    return areal


def _weights(points: gpd.GeoDataFrame, weight: str | None) -> "NDArray[np.float64]":
    if weight is None:
        return np.ones(len(points))
    return numbers_of(points, weight, "demand", least=0)


def _by_zone(
    demand: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, *, areal: bool
) -> "tuple[gpd.GeoDataFrame, NDArray[np.int64]]":
    """Return what lies in zones, and the position of the zone of each part."""
    if zones is None:
        return demand, np.zeros(len(demand), dtype=np.int64)
    ZONES.check(zones)
    require_same(demand, zones, left_name="demand", right_name="zones")
    shapes = np.asarray(demand.geometry.array)
    row, zone = zones.sindex.query(shapes, predicate="intersects")
    order = np.lexsort((zone, row))
    row, zone = row[order], zone[order]
    if not areal:
        first = np.diff(row, prepend=_NO_MATCH) > 0
        return demand.iloc[row[first]], zone[first]
    cut = shapely.intersection(shapes[row], np.asarray(zones.geometry.array)[zone])
    kept = shapely.area(cut) > 0
    parts = gpd.GeoDataFrame(
        geometry=[areal_parts(shape) for shape in cut[kept]], crs=demand.crs
    )
    return parts, zone[kept]
