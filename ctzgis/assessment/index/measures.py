"""Measure the components of the integration index on one network (指数分项量算)."""

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.accessibility import centres_reached
from ctzgis.analysis.access.accuracy import DATA_ACCURACY, Accuracy, settings
from ctzgis.analysis.access.circles import centre_times, edge_times
from ctzgis.analysis.access.travel_times import travel_times
from ctzgis.analysis.access.trips import no_road
from ctzgis.analysis.coverage.rail_access import stations_of
from ctzgis.analysis.coverage.service_reaches import service_reach
from ctzgis.analysis.coverage.services import service_coverage
from ctzgis.analysis.rail.stations import RAIL_NETWORKS
from ctzgis.assessment.index.components import COMPONENTS, REGION
from ctzgis.assessment.index.links import link_readings
from ctzgis.assessment.index.scores import Reading
from ctzgis.assessment.network_accuracy import border_minutes
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ctzgis.network import Profile, TravelNetwork
    from ctzgis.plan import Plan

__all__ = ["Ground", "ground_of", "measure_components", "pair_of"]

_TIMES: Final["dict[Profile, dict[str, str]]"] = {
    "free": {
        "centre_drive_free": "drive",
        "centre_rail_free": "rail",
        "centre_rail_foot": "rail_on_foot",
        "centre_quickest_free": "combined",
    },
    "peak": {"centre_drive_peak": "drive"},
}
_RAIL_WAYS: Final = ("rail", "rail_on_foot")

# The outlines are drawn to the stated areas; the worst of the three is off by 14 %.
_OUTLINE_SHARE: Final = 0.15

_NEAR_MIN, _FAR_MIN = 30.0, 60.0

_NO_WAY: Final = Text("没有通路", "no way leads there")
_NO_ROAD: Final = Text("市中心附近没有道路", "no road near a centre")
_NO_LINES: Final = Text("路网没有轨道线路", "the network has no rail lines")
_NO_AREAS: Final = Text("没有两市的建成区范围", "no built-up outlines of both cities")
_NOBODY: Final = Text("中心区内没有两市人口数据", "no people known there")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ground:
    """
    What the components are measured on.

    Attributes
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    centres
        Points of the cities' centres, indexed by id, in the CRS of the network.
    cities
        Polygons of the cities, with the same ids; neighbours share one border.
    built_up
        Outlines of built-up areas by the same ids, with ``accuracy_m`` if that is known.
    people
        Points with ``population`` of the area that people are counted in.

    Raises
    ------
    InputError
        If there are fewer than two centres, or a centre has no city.
    """

    network: "TravelNetwork"
    centres: gpd.GeoDataFrame
    cities: gpd.GeoDataFrame
    built_up: gpd.GeoDataFrame | None = None
    people: gpd.GeoDataFrame | None = None

    def __post_init__(self) -> None:
        if len(self.centres) < 2:
            msg = f"{len(self.centres)} centre; two or more are expected"
            raise InputError(msg)
        if lost := [k for k in self.centres.index if k not in self.cities.index]:
            msg = f"centres without a city: {', '.join(map(str, lost))}"
            raise InputError(msg)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each two centres once, in the order of the centres."""
        return tuple(combinations(self.centres.index, 2))


def pair_of(a: str, b: str) -> str:
    """
    Return the subject of a pair of cities.

    Examples
    --------
    >>> pair_of("changsha", "zhuzhou")
    'changsha–zhuzhou'
    """
    return f"{a}–{b}"


def ground_of(
    plan: "Plan", network: "TravelNetwork", people: gpd.GeoDataFrame | None
) -> Ground:
    """
    Lay out a plan's centres, their cities and central area for the measures.

    Cities are the counties whose ``city_zh`` is that of the centre's place; people are
    those in the first central area that is drawn, everywhere if none is.

    Raises
    ------
    InputError
        If fewer than two centres are placed, one lies in a city without counties, or the
        network does not touch the plan's counties.
    """
    crs = network.roads.crs
    found = [p for p in map(plan.place, plan.centres) if p.location is not None]
    centres = gpd.GeoDataFrame(
        geometry=[p.location.point for p in found if p.location],
        index=[p.id for p in found],
        crs=plan.crs,
    )
    if len(found) < 2:
        msg = f"plan '{plan.id}' places {len(found)} centre; two or more are expected"
        raise InputError(msg)
    by_city = plan.counties.dissolve(by="city_zh").geometry
    if lost := [p.id for p in found if p.city_zh not in by_city.index]:
        msg = f"plan '{plan.id}' has no counties of the city of {', '.join(lost)}"
        raise InputError(msg)
    cities = gpd.GeoDataFrame(
        geometry=by_city.loc[[p.city_zh for p in found]].to_numpy(),
        index=centres.index,
        crs=plan.crs,
    )
    if not len(network.roads.roads.sindex.query(by_city.to_crs(crs).union_all())):
        msg = f"the network does not touch the planning area of '{plan.id}'"
        raise InputError(msg)
    if people is not None:
        shapes = [plan.extent(key).shape for key in plan.central_areas]
        drawn = [shape.geometry for shape in shapes if shape is not None]
        area = gpd.GeoSeries(drawn[:1], crs=plan.crs).to_crs(people.crs)
        people = people[people.within(area.iloc[0])] if drawn else people
        people = people.to_crs(crs)
    return Ground(
        network=network,
        centres=centres.to_crs(crs),
        cities=cities.to_crs(crs),
        built_up=plan.built_up.to_crs(crs) if len(plan.built_up) else None,
        people=people,
    )


def measure_components(
    ground: Ground, *, accuracy: Accuracy = DATA_ACCURACY
) -> tuple[Reading, ...]:
    """
    Measure every component for each two cities, and what there is of the region alone.

    Parameters
    ----------
    ground
        Network of the year, centres, cities, outlines and people.
    accuracy
        How well speeds and headways are known.

    Returns
    -------
    tuple of Reading
        Pairs in the order of the centres; a component that the data cannot answer has
        a reason in place of a value.

    Raises
    ------
    SchemaError, CRSError, InputError
        If a frame breaks its contract, or cities overlap.

    Examples
    --------
    Two corners of Gridville, a kilometre a minute:

    >>> from ctzgis.examples import gridville, gridville_places, gridville_zones
    >>> centres = gridville_places().iloc[[0, 1]].set_axis(["sw", "se"])
    >>> ground = Ground(network=gridville(), centres=centres, cities=gridville_zones())
    >>> found = {r.component: r for r in measure_components(ground)}
    >>> found["centre_drive_free"].value, found["centre_drive_peak"].value
    (10.0, 20.0)
    """
    readings = [
        *_times(ground, accuracy),
        *_edges(ground, accuracy),
        *link_readings(ground, accuracy),
        *_people(ground, accuracy),
        *_stations(ground),
    ]
    order = list(COMPONENTS)
    return tuple(sorted(readings, key=lambda r: order.index(r.component)))


def _times(ground: Ground, accuracy: Accuracy) -> "Iterator[Reading]":
    """Yield the times between centres, of the slower direction."""
    lines, lost = bool(ground.network.lines), _off_roads(ground)
    for profile, parts in _TIMES.items():
        ways: dict[str, tuple[str, ...]] = {"drive": ("drive",)}
        if lines and profile == "free":
            ways["rail_on_foot"] = ("walk+rail+walk",)
            ways["rail"] = ("walk+rail+walk", "drive+rail+walk", "drive+rail+drive")
        found = centre_times(
            ground.network, ground.centres, ways=ways, profile=profile, accuracy=accuracy  # type: ignore[arg-type]
        ).set_index(["way", "from_id", "to_id"])  # fmt: skip
        for key, way in parts.items():
            for a, b in ground.pairs:
                if way in _RAIL_WAYS and not lines:
                    yield _missing(key, pair_of(a, b), _NO_LINES)
                    continue
                if {a, b} & lost:
                    yield _missing(key, pair_of(a, b), _NO_ROAD)
                    continue
                both = found.loc[[(way, a, b), (way, b, a)]]
                yield _slower(key, pair_of(a, b), both)


def _off_roads(ground: Ground) -> set[str]:
    """Return the centres that no road is near: a want of data, not of a way."""
    times = travel_times(ground.network, ground.centres, ground.centres)
    lost = times[times["reason"] == no_road("from")]
    return set(lost["from_id"])


def _edges(ground: Ground, accuracy: Accuracy) -> "Iterator[Reading]":
    """Yield the drives between built-up edges, of the slower direction."""
    areas = _outlines(ground)
    for profile in ("free", "peak"):
        key = f"edge_drive_{profile}"
        found = None
        if areas is not None and len(areas) > 1:
            found = edge_times(
                ground.network, areas, profile=profile, accuracy=accuracy
            ).set_index(["from_id", "to_id"])
        for a, b in ground.pairs:
            if areas is None or found is None or not {a, b} <= set(areas.index):
                yield _missing(key, pair_of(a, b), _NO_AREAS)
                continue
            off_m = areas.get("accuracy_m", pd.Series(0.0, areas.index))[[a, b]].sum()
            off_min = border_minutes(float(off_m), profile)
            yield _slower(key, pair_of(a, b), found.loc[[(a, b), (b, a)]], off_min)


def _outlines(ground: Ground) -> gpd.GeoDataFrame | None:
    if ground.built_up is None:
        return None
    return ground.built_up[ground.built_up.index.isin(ground.centres.index)]


def _slower(
    key: str, subject: str, both: pd.DataFrame, off_min: float = 0.0
) -> Reading:
    """Return the time of the slower direction; none if one direction has no way."""
    value, low, high = (
        both[name].max(skipna=False)
        for name in ("travel_time_min", "low_min", "high_min")
    )
    if np.isnan(value):
        return Reading(
            component=key, subject=subject, value=None, reason=_NO_WAY, no_way=True
        )
    return Reading(
        component=key,
        subject=subject,
        value=float(value),
        low=max(float(low) - off_min, 0.0),
        high=float(high) + off_min,
    )


def _missing(key: str, subject: str, reason: Text) -> Reading:
    return Reading(component=key, subject=subject, value=None, reason=reason)


def _people(ground: Ground, accuracy: Accuracy) -> "Iterator[Reading]":
    """Yield the shares of people who reach the other centre, two centres, and all."""
    people = ground.people
    cutoffs = {"30": _NEAR_MIN, "60": _FAR_MIN}
    if people is None or not people["population"].sum() > 0:
        for a, b in ground.pairs:
            for name in cutoffs:
                yield _missing(f"other_centre_{name}", pair_of(a, b), _NOBODY)
        for key in ("two_centres_30", "all_centres_60"):
            yield _missing(key, REGION, _NOBODY)
        return
    # As stated, at the quickest, at the slowest.
    times = [
        travel_times(part.network, people, ground.centres, rules=part.rules)
        for part in settings(ground.network, accuracy=accuracy)
    ]
    tables = [
        t.pivot_table(
            index="from_id", columns="to_id", values="travel_time_min", dropna=False
        ).reindex(index=people.index, columns=ground.centres.index)
        for t in times
    ]
    heads = people["population"].to_numpy(dtype=float)
    lives = _homes(ground, people)
    for name, cutoff in cutoffs.items():
        for a, b in ground.pairs:
            both = float(heads[lives[a] | lives[b]].sum())
            if not both:
                yield _missing(f"other_centre_{name}", pair_of(a, b), _NOBODY)
                continue
            shares = [
                sum(
                    float(heads[lives[home] & (table[other] <= cutoff)].sum())
                    for home, other in ((a, b), (b, a))
                )
                / both
                for table in tables
            ]
            yield _shares(f"other_centre_{name}", pair_of(a, b), shares)
    for key, cutoff, count in (
        ("two_centres_30", _NEAR_MIN, 2),
        ("all_centres_60", _FAR_MIN, len(ground.centres)),
    ):
        reached = [
            centres_reached(t, people["population"], cutoff_min=cutoff) for t in times
        ]
        shares = [float(r["population_share"].to_numpy()[count - 1]) for r in reached]
        yield _shares(key, REGION, shares)


def _homes(ground: Ground, people: gpd.GeoDataFrame) -> "dict[str, NDArray[np.bool_]]":
    """Tell who lives in which city; on a border, in the first that holds the place."""
    points, free = np.asarray(people.geometry.array), np.ones(len(people), dtype=bool)
    found = {}
    for key in ground.centres.index:
        shape = ground.cities.geometry[key]
        shapely.prepare(shape)
        found[key] = free & shapely.covers(shape, points)
        free = free & ~found[key]
    return found


def _shares(key: str, subject: str, shares: list[float]) -> Reading:
    value, quick, slow = shares
    return Reading(component=key, subject=subject, value=value, low=slow, high=quick)


def _stations(ground: Ground) -> "Iterator[Reading]":
    """Yield the shares of built-up areas near rail stations."""
    key, areas = "station_cover", _outlines(ground)
    stations = stations_of(ground.network)
    rail = [bool({*text.split(";")} & {*RAIL_NETWORKS}) for text in stations["modes"]]
    for a, b in ground.pairs:
        subject = pair_of(a, b)
        if not any(rail):
            yield _missing(key, subject, _NO_LINES)
        elif areas is None or not {a, b} <= set(areas.index):
            yield _missing(key, subject, _NO_AREAS)
        else:
            found = service_coverage(
                areas.loc[[a, b]], stations[rail],
                reach=service_reach("rail_stations"), weight=None,
            )  # fmt: skip
            share = float(found["served_share"].iloc[0])
            yield Reading(
                component=key,
                subject=subject,
                value=share,
                low=share * (1 - _OUTLINE_SHARE),
                high=min(share * (1 + _OUTLINE_SHARE), 1.0),
            )
