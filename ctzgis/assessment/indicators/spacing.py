"""The longest gap between sites on the way between places (设施间距指标)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.analysis.coverage.spacing import spacing_along
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.completeness import left_out
from ctzgis.assessment.indicators.ground import Range, extent_land, given_for
from ctzgis.assessment.indicators.ways import quickest_ways
from ctzgis.assessment.needs import facility_name
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["BESIDE_ROUTE_M", "measure_site_spacing"]

BESIDE_ROUTE_M: Final = 2_000.0
"""A site this near to a route between cities, as the crow flies, serves it."""

_METRES_PER_KM: Final = 1000.0
_STEP_M: Final = 250.0
_ON_ROAD_M: Final = 1.0


def measure_site_spacing(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure the longest gap between sites on the quickest ways between a circle's places.

    The way from a city to the first site counts as well; ways that are shorter than the
    longest gap allowed prove nothing and are left out.
    """
    taken = given_for(case, target)
    key = target.measure.circle if target.measure else None
    if taken is None or key is None or target.value is None:
        return
    sites = taken[1].set_geometry(taken[1].geometry.representative_point())
    circle = case.plan.circle(key)
    places = case.places(tuple(dict.fromkeys((*circle.origins, *circle.destinations))))
    routes = quickest_ways(case.network_of_year, places)
    routes = routes[routes.length > target.value * _METRES_PER_KM]
    if not len(routes):
        words = Text(
            "各地之间没有比该间距更长的道路", "no way between the places is as long"
        )
        yield _gap(case, target, None, target.name, obstacle=words)
        return
    roads = case.network_of_year.roads.roads
    off_m = float(roads["accuracy_m"].max()) if "accuracy_m" in roads else 0.0
    found = spacing_along(routes, sites, within_m=BESIDE_ROUTE_M)
    near = spacing_along(routes, sites, within_m=BESIDE_ROUTE_M + off_m)
    accuracy = case.network_accuracy
    worst = found.loc[found["gap_km"].idxmax()]
    a, b = (case.plan.place(key).name for key in str(worst["route_id"]).split("|"))
    km = float(worst["gap_km"])
    sure = [km, *(_surely_no_more(line, sites, roads) for line in routes.geometry)]
    gap = Range(
        km,
        float(near["gap_km"].max()) * (1 - accuracy.lengths),
        max(sure) * (1 + accuracy.lengths),
    )
    land = extent_land(case, case.plan.extent(target.extent))
    lacking = None
    if land is not None and km >= target.value:
        lacking = left_out(case, taken[0], land, everywhere=True)
    yield _gap(
        case,
        target,
        gap,
        Text(f"{a.zh}—{b.zh}", f"{a.en}–{b.en}"),
        obstacle=lacking,
    )


def _surely_no_more(
    route: "shapely.LineString", sites: "gpd.GeoDataFrame", roads: "gpd.GeoDataFrame"
) -> float:
    """
    Return the km that the longest gap of a route cannot exceed, wherever the road runs.

    A spot has a site for sure if all that lies within the error of the road around it is
    beside a site.
    """
    if "accuracy_m" not in roads:
        return 0.0
    metres = np.append(np.arange(0.0, route.length, _STEP_M), route.length)
    spots = shapely.line_interpolate_point(route, metres)
    row, road = roads.sindex.query(spots, predicate="dwithin", distance=_ON_ROAD_M)
    off_m = np.zeros(len(spots))
    np.maximum.at(off_m, row, roads["accuracy_m"].to_numpy(dtype=float)[road])
    near = sites.sindex.query(
        route, predicate="dwithin", distance=BESIDE_ROUTE_M + off_m.max()
    )
    discs = shapely.buffer(np.asarray(sites.geometry.array)[near], BESIDE_ROUTE_M)
    beside = shapely.union_all(discs)
    shapely.prepare(beside)
    sure = shapely.intersects(beside, spots)
    sure &= shapely.distance(spots, shapely.boundary(beside)) >= off_m
    held = np.concatenate(([0.0], metres[sure], [route.length]))
    return float(np.diff(held).max() + _slack(sure)) / _METRES_PER_KM


def _slack(sure: "NDArray[np.bool_]") -> float:
    """Return the metres by which sites may lie before or behind the spots they serve."""
    return 2 * BESIDE_ROUTE_M if sure.any() else 0.0


def _gap(
    case: "Case",
    target: "Target",
    gap: Range | None,
    subject: Text,
    *,
    obstacle: Text | None = None,
) -> Measured:
    kind = target.measure.facilities if target.measure else None
    name = facility_name(case.plan, kind or "")
    length = case.network_accuracy.of_lengths
    return Measured(
        indicator="site_spacing",
        label=Text(f"沿线{name.zh}最大间距", f"longest gap along the way: {name.en}"),
        subject=subject,
        value=gap.value if gap else None,
        low=gap.low if gap else None,
        high=gap.high if gap else None,
        unit="km",
        method=Text(
            f"各地间最快道路沿线、两侧{BESIDE_ROUTE_M / 1000:g}公里内设施之间的路程",
            f"way between sites within {BESIDE_ROUTE_M / 1000:g} km of the quickest road "
            "between the places, ends included",
        ),
        accuracy=Text(
            f"{length.zh}；下限计入道路位置误差内的设施，上限只计无论道路实际走向如何都在旁的设施",
            f"{length.en}; the lower end counts sites within the error of the roads, the "
            "upper one only sites that are beside them wherever they run",
        ),
        obstacle=obstacle,
        inputs=(
            *case.given_from(kind or ""),
            *case.network_inputs,
        ),
        schematic=case.network_accuracy.schematic,
    )
