"""How far apart sites lie along routes (沿线间距)."""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.analysis.coverage.corridors import with_ends
from ctzgis.analysis.coverage.straight import SAME_M
from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network.substrings import substrings
from ctzgis.tables import POINTS, Table

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from shapely.geometry.base import BaseGeometry

    _Gap = tuple[Hashable, Hashable | None, Hashable | None, float, float, BaseGeometry]

__all__ = ["spacing_along"]

ROUTES: Final = Table(name="routes", geometry=("LineString",))
"""Ways from one end to the other (线路走向): one unbroken line each."""


def spacing_along(
    routes: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    within_m: float,
    at_most_km: float | None = None,
) -> gpd.GeoDataFrame:
    """
    Measure the way between each two sites that follow each other along a route.

    Answers the rule that charging sites between cities lie less than 50 km apart
    (城市间充电网络小于50公里). The way from the start of a route to its first site, and
    from the last to its end, counts as well; a route without a site is one gap.

    Parameters
    ----------
    routes
        One unbroken line each in true metres, indexed by id; ``shapely.line_merge``
        joins pieces.
    sites
        Points in the CRS of ``routes``, indexed by id.
    within_m
        Distance from the route, as the crow flies, within which a site serves it.
    at_most_km
        Longest gap allowed; all count as kept if not given.

    Returns
    -------
    GeoDataFrame
        ``route_id``, ``from_site`` and ``to_site`` (missing at an end of the route),
        ``gap_km``, ``kept`` (whether it is no longer than allowed), the coordinates of
        both ends in degrees and the stretch; in the order of the route.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If a distance is not above 0.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> street = gridville().lines[0].path()
    >>> routes = gpd.GeoDataFrame(geometry=[street], index=["m"], crs="EPSG:4547")
    >>> found = spacing_along(routes, gridville_places(), within_m=500, at_most_km=4)
    >>> found[["from_site", "to_site", "gap_km", "kept"]]
      from_site to_site  gap_km   kept
    0       NaN  centre     5.0  False
    1    centre     NaN     5.0  False
    """
    ROUTES.check(routes)
    POINTS.check(sites)
    require_metric(routes, "routes")
    require_same(routes, sites, left_name="routes", right_name="sites")
    for name, value in (("within_m", within_m), ("at_most_km", at_most_km)):
        if value is not None and not 0 < value < np.inf:
            msg = f"{name} is {value}; a distance above 0 is expected"
            raise InputError(msg)
    gaps = [_gaps(*route, sites, within_m) for route in _named(routes)]
    rows = [row for part in gaps for row in part]
    key, first, last, start, stop, line = zip(*rows, strict=True) if rows else ((),) * 6
    start_m, stop_m = np.array(start, dtype=float), np.array(stop, dtype=float)
    lines = np.array(line, dtype=object)
    km = (stop_m - start_m) / 1000
    frame = gpd.GeoDataFrame(
        {
            "route_id": list(key),
            "from_site": list(first),
            "to_site": list(last),
            "gap_km": km,
            "kept": km <= (np.inf if at_most_km is None else at_most_km),
        },
        geometry=substrings(lines, start_m, stop_m) if rows else [],
        crs=routes.crs,
    )
    most = at_most_km
    return ruled(
        with_ends(frame),
        f"路线直线{within_m:g}米以内的站点"
        + ("" if most is None else f"，间距不超过{most:g}公里"),
        f"sites within {within_m:g} m of the route, as the crow flies"
        + ("" if most is None else f"; gaps of at most {most:g} km"),
    )


def _named(routes: gpd.GeoDataFrame) -> "Iterable[tuple[Hashable, BaseGeometry]]":
    return zip(routes.index, routes.geometry, strict=True)


def _gaps(
    key: "Hashable", line: "BaseGeometry", sites: gpd.GeoDataFrame, within_m: float
) -> "list[_Gap]":
    """Return route, sites, metres and line of each gap; none of length 0 at its ends."""
    near = sites.sindex.query(line, predicate="dwithin", distance=within_m + SAME_M)
    along = shapely.line_locate_point(line, np.asarray(sites.geometry.array)[near])
    order = np.argsort(along, kind="stable")
    names: list[Hashable | None] = [None, *sites.index[near[order]], None]
    metres = [0.0, *along[order].tolist(), line.length]
    return [
        (key, *between, start, stop, line)
        for between, (start, stop) in zip(
            pairwise(names), pairwise(metres), strict=True
        )
        if stop > start or None not in between
    ]
