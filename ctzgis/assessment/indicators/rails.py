"""Indicators of rail: cities with a station, changes between networks (轨道指标)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd

from ctzgis.analysis.coverage.rail_access import settlements_served, stations_of
from ctzgis.analysis.rail.stations import (
    RAIL_NETWORKS,
    SEAMLESS_MIN,
    network_of,
    station_changes,
)
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.ground import (
    extent_land,
    inside,
    numbers,
    told_in_ten_thousands,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target

__all__ = ["CITY", "measure_rail_coverage", "measure_station_changes"]

CITY: Final = "city"
"""Kind of facilities that are cities with their urban ``population``."""

_DISTRICT: Final = "区"
_MODES_ZH: Final = {
    "hsr": "高铁", "conventional": "普铁", "intercity": "城际铁路", "metro": "地铁",
}  # fmt: skip


def measure_rail_coverage(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of cities above a size has a station of some modes near.

    Without cities of the user's (kind ``city``) it is taken on the plan's centres whose
    districts have as many people for certain; that answers for them alone.
    """
    measure = target.measure
    if measure is None or measure.within_km is None or measure.population_from is None:
        return
    given = CITY in case.facilities
    cities = _given_cities(case, target) if given else _centres(case)
    stations = stations_of(case.network_of_year)
    shares = []
    within = measure.within_km
    off_km = case.network_accuracy.position_m / 1000
    near = max(within - off_km, within / 10)
    for km in (within, near, within + off_km):
        served = settlements_served(
            cities,
            stations,
            modes=measure.modes,
            within_km=km,
            population_from=measure.population_from,
        )
        shares.append(100 * float(served["served"].mean()) if len(served) else None)
    people = f"{measure.population_from / 10_000:g}"
    names = [str(name) for name in cities.loc[served.index, "name_zh"]]
    names_en = [str(name) for name in cities.loc[served.index, "name_en"]]
    yield Measured(
        indicator="rail_coverage",
        label=Text(
            f"{people}万人以上城市有车站的占比",
            f"share of cities of {measure.population_from:,.0f} people or more with a station",
        ),
        subject=case.plan.extent(target.extent).name
        if given
        else Text("、".join(names) or "—", ", ".join(names_en) or "—"),
        value=shares[0],
        low=shares[1],
        high=shares[2],
        unit="%",
        method=Text(
            f"{within:g}公里内（直线，自建成区边缘或所给点起；文件未规定距离，此为假定）有"
            f"{_called(measure.modes)}车站的城市数/城市总数",
            f"cities with a station ({', '.join(measure.modes)}) within {within:g} km, "
            "straight, from the edge of the built-up area or the given point (the documents "
            "state no distance: an assumption), over all",
        ),
        accuracy=case.network_accuracy.of_stations,
        obstacle=_no_lines(case, measure.modes)
        or (
            _cities_obstacle(case, target, cities.loc[served.index])
            if given
            else _only_centres(len(names))
        ),
        inputs=(
            *case.given_from(CITY),
            *case.network_inputs,
            *(() if given else (case.population_source.name,)),
        ),
        schematic=case.network_accuracy.schematic,
    )


def _called(modes: tuple[str, ...]) -> str:
    """Return what modes are called in Chinese."""
    return "、".join(_MODES_ZH.get(mode, mode) for mode in modes)


def _no_lines(case: "Case", modes: tuple[str, ...]) -> Text | None:
    """Say that a network without a line of the modes, of any year, tells of none."""
    if any(line.mode in modes for line in case.network.lines):
        return None
    words = _called(modes)
    return Text(
        f"路网数据中没有{words}线路，不能据此判断；请用 --network 提供全部铁路",
        f"the network has no line of {', '.join(modes)}, which decides nothing; give all "
        "railways with --network",
    )


def _cities_obstacle(
    case: "Case", target: "Target", cities: gpd.GeoDataFrame
) -> Text | None:
    """Say why given cities of the size cannot answer: some lack, or the network ends."""
    bound = (target.measure.population_from if target.measure else None) or 0
    people = numbers(case.facilities[CITY], "population", CITY)
    in_wan = told_in_ten_thousands(people, bound)
    if in_wan is not None:
        return in_wan
    if not len(cities):
        return Text("所给城市都不到该人口规模", "no given city has as many people")
    extent = case.plan.extent(target.extent)
    names = case.facilities[CITY].get("name_zh")
    if extent.shape is None and extent.places:
        told = set() if names is None else set(map(str, names))
        wanted = [case.plan.place(key).name for key in extent.places]
        lacking = [name for name in wanted if not told & {name.zh, f"{name.zh}市"}]
        if lacking:
            zh, en = "、".join(n.zh for n in lacking), ", ".join(n.en for n in lacking)
            return Text(
                f"所给城市（name_zh 列）中没有{zh}，不能代表整个范围",
                f"the cities given (column name_zh) lack {en}; they do not stand for the "
                "whole extent",
            )
    reach = case.network_of_year.roads.junctions.union_all().convex_hull
    beyond = int((~cities.intersects(reach)).sum())
    if beyond:
        return Text(
            f"{beyond}座城市在路网范围之外，其车站无从得知；请用 --network 提供全部铁路",
            f"{beyond} cities lie beyond the network, which tells nothing of their "
            "stations; give all railways with --network",
        )
    return None


def _only_centres(found: int) -> Text:
    return Text(
        f"只核对了{found}座中心城市；范围内其余城市须用 --facilities city=文件（name_zh、"
        "population 列，城区人口）提供，区域外的铁路须用 --network 提供",
        f"only {found} centres were checked; give the other cities of the extent with "
        "--facilities city=FILE (columns name_zh and population, of the urban area), and "
        "railways beyond the region with --network",
    )


def _given_cities(case: "Case", target: "Target") -> gpd.GeoDataFrame:
    cities = case.facilities[CITY]
    land = extent_land(case, case.plan.extent(target.extent))
    if land is not None:
        cities = inside(cities, land.shape)
    names = cities["name_zh"] if "name_zh" in cities else cities.index.astype(str)
    return gpd.GeoDataFrame(
        {
            "population": numbers(cities, "population", CITY),
            "name_zh": list(names),
            "name_en": list(names),
        },
        geometry=cities.geometry,
        crs=cities.crs,
    )


def _centres(case: "Case") -> gpd.GeoDataFrame:
    """Return the built-up areas of the centres with the people of their districts."""
    areas = case.plan.built_up
    counties = case.plan.counties
    urban = counties[counties["name_zh"].str.endswith(_DISTRICT)]
    people = case.population
    if "county_code" in people:
        totals = people.groupby("county_code")["population"].sum()
    else:
        held = gpd.sjoin(people[["population", "geometry"]], urban[["geometry"]])
        totals = held.groupby(held.columns[-1])["population"].sum()
    by_city = totals.reindex(urban.index).groupby(urban["city_zh"]).sum()
    rows = []
    for key in areas.index:
        spot = areas.geometry[key].representative_point()
        around = counties[counties.contains(spot)]["city_zh"]
        rows.append(float(by_city.get(around.iloc[0], 0.0)) if len(around) else 0.0)
    places = [case.plan.place(str(key)) for key in areas.index]
    return gpd.GeoDataFrame(
        {
            "population": rows,
            "name_zh": [place.name.zh for place in places],
            "name_en": [place.name.en for place in places],
        },
        geometry=list(areas.geometry),
        index=areas.index,
        crs=case.plan.crs,
    )


def measure_station_changes(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure which share of the pairs of stations where networks meet is one node.

    Pairs are stations of two rail networks within reach of a change; with ``since`` one
    of them must be of a line opened in that year or later. The documents set no share.
    """
    measure = target.measure
    lines = case.network_of_year.lines
    since = measure.since if measure else None
    fresh = {line.id for line in lines if since is None or (line.opens or 0) >= since}
    changes = station_changes(lines, rules=case.rules)
    across = changes[changes["from_network"] < changes["to_network"]]
    across = across[
        across["from_line_id"].isin(fresh) | across["to_line_id"].isin(fresh)
    ]
    pairs = across.drop_duplicates(["from_station_id", "to_station_id"])
    count = len(pairs)
    one = float((pairs["from_station_id"] == pairs["to_station_id"]).mean())
    networks = {network_of(line, RAIL_NETWORKS) for line in lines if line.id in fresh}
    yield Measured(
        indicator="station_changes",
        label=Text(
            "不同轨网间同站换乘的占比", "changes between rail networks within one node"
        ),
        subject=Text(
            f"{count}对可换乘车站" + (f"（{since}年起开通）" if since else ""),
            f"{count} pairs of stations" + (f" opened since {since}" if since else ""),
        ),
        value=float(pairs["seamless"].mean()) if count else None,
        low=one if count else None,
        high=1.0 if count else None,
        unit="share",
        method=Text(
            f"同站，或步行不超过{SEAMLESS_MIN:g}分钟，占步行可换乘站对的比例",
            f"one station, or a walk of at most {SEAMLESS_MIN:g} min, of the pairs within "
            "reach of a change",
        ),
        accuracy=Text(
            "异站间距离不准；下限只计同站",
            "distances between stations are rough; the lower end counts one station only",
        ),
        obstacle=Text(
            "文件未规定份额，公交不在数据内",
            "the documents set no share, and buses are not in the data",
        )
        if networks - {None} and count
        else Text("没有这样的车站", "there are no such stations"),
        answers_target=False,
        inputs=case.network_inputs,
        schematic=case.network_accuracy.schematic,
    )
