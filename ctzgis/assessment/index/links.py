"""Measure roads, trains, dead ends and changes across city borders (跨界联系)."""

from itertools import combinations
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.analysis.coverage.borders import border_links, shared_borders
from ctzgis.analysis.coverage.dead_ends import dead_ends
from ctzgis.analysis.rail.stations import RAIL_NETWORKS, station_changes, stations
from ctzgis.assessment.index.scores import Reading
from ctzgis.tables import ROAD_CLASSES
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ctzgis.analysis.access.accuracy import Accuracy
    from ctzgis.assessment.index.joining import IntegrationIndex
    from ctzgis.assessment.index.measures import Ground
    from ctzgis.network import TransitLine

__all__ = [
    "FAST_CLASSES",
    "MAIN_CLASSES",
    "border_roads",
    "index_borders",
    "link_readings",
]

FAST_CLASSES: Final = ("motorway", "urban_expressway", "trunk")
"""Classes of fast roads: 高速、快速路、一级干线."""

MAIN_CLASSES: Final = ("primary", "secondary")
"""Classes of main roads: 主干路、次干路."""

_OFF_ROADS: Final = 1
_NEAR_M, _BORDER_OFF_M = 2_000.0, 500.0

_NO_BORDER: Final = Text("两市没有共同边界", "the cities share no border")
_NO_LINES: Final = Text("路网没有轨道线路", "the network has no rail lines")

# Each two of the networks trunk, intercity and urban, whether they are there yet or not: a
# network that opens must not lower the share.
_NETWORK_PAIRS: Final = tuple(combinations(sorted({*RAIL_NETWORKS.values()}), 2))


def link_readings(ground: "Ground", accuracy: "Accuracy") -> "Iterator[Reading]":
    """Yield what links each two cities: roads, trains, dead ends and changes."""
    yield from _roads(ground)
    yield from _trains(ground, accuracy)
    yield from _dead_ends(ground)
    yield from _changes(ground)


def border_roads(ground: "Ground") -> pd.DataFrame:
    """
    List the roads that lead across the border of each two cities, each road once.

    A road drawn roughly along a border crosses it several times, so roads count by name,
    not by place; a road without a name counts by its row.

    Parameters
    ----------
    ground
        Network, and cities that share borders.

    Returns
    -------
    DataFrame
        ``zone_id``, ``other_id``, ``road`` (its name or row) and ``class``, the best
        that it has where it crosses.

    Examples
    --------
    All of Gridville's streets have one name:

    >>> from ctzgis.assessment.index.measures import Ground
    >>> from ctzgis.examples import gridville, gridville_places, gridville_zones
    >>> centres = gridville_places().iloc[[0, 1]].set_axis(["sw", "se"])
    >>> ground = Ground(network=gridville(), centres=centres, cities=gridville_zones())
    >>> border_roads(ground).iloc[0].tolist()
    ['sw', 'se', '方格路', 'secondary']
    """
    roads = ground.network.roads.roads
    roads = roads[roads["road_class"].isin((*FAST_CLASSES, *MAIN_CLASSES))]
    links = named_links(roads, ground.cities, by="road_class")
    found = pd.DataFrame(links[["zone_id", "other_id", "class"]])
    found["road"] = links["line"].to_numpy()
    order = found["class"].map(list(ROAD_CLASSES).index).argsort(kind="stable")
    once = found.iloc[order].drop_duplicates(["zone_id", "other_id", "road"])
    columns = ["zone_id", "other_id", "road", "class"]
    return once.sort_index()[columns].reset_index(drop=True)


def named_links(
    lines: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    by: str,
    same_place_m: float = 1.0,
) -> gpd.GeoDataFrame:
    """
    List where lines cross from one zone into another, and which line it is.

    As ``border_links``, with ``line``: its ``name_zh``, or its row where it has none.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> found = named_links(gridville().roads.roads, gridville_zones(), by="road_class")
    >>> len(found), set(found["line"])
    (24, {'方格路'})
    """
    named = lines.get("name_zh", pd.Series(None, index=lines.index, dtype=object))
    named = named.astype(object).where(named.notna() & (named != ""))
    labels = named.fillna(pd.Series(lines.index.astype(str), index=lines.index))
    told = lines[[by, lines.geometry.name]].assign(line=labels)
    # The places are the same, whatever lines are told apart by.
    links, by_name = (
        border_links(told, zones, by=column, same_place_m=same_place_m)
        for column in (by, "line")
    )
    return links.assign(line=by_name["class"].to_numpy())


def index_borders(
    indices: "Iterable[IntegrationIndex]", ground: "Ground"
) -> gpd.GeoDataFrame:
    """
    Draw the index of each two cities on their border, for a map.

    Parameters
    ----------
    indices
        As ``integration_index`` gives them.
    ground
        The cities they are of.

    Returns
    -------
    GeoDataFrame
        ``subject``, ``index``, ``low``, ``high`` (NaN where it is not assessable),
        ``assessed_share``, ``border_km`` and the border, in the CRS of the ground. The
        region, and cities that share no border, are left out.

    Examples
    --------
    >>> from ctzgis.assessment.index.measures import Ground, measure_components
    >>> from ctzgis.assessment.index.joining import Term, integration_index
    >>> from ctzgis.examples import gridville, gridville_places, gridville_zones
    >>> centres = gridville_places().iloc[[0, 1]].set_axis(["sw", "se"])
    >>> ground = Ground(network=gridville(), centres=centres, cities=gridville_zones())
    >>> terms = [Term(id="main_roads", weight=1, goal=40, floor=0)]
    >>> found = integration_index(measure_components(ground), terms)
    >>> index_borders(found, ground)[["subject", "index", "border_km"]]
      subject  index  border_km
    0   sw–se   50.0        5.0
    """
    by_subject = {index.subject: index for index in indices}
    borders = shared_borders(ground.cities)
    keys = [
        next((k for k in (f"{a}–{b}", f"{b}–{a}") if k in by_subject), None)
        for a, b in zip(borders["zone_id"], borders["other_id"], strict=True)
    ]
    kept = np.array([key is not None for key in keys], dtype=bool)
    found = [by_subject[key] for key in keys if key is not None]
    numbers = {
        name: np.array([getattr(i, key) for i in found], dtype=float)
        for name, key in (
            ("index", "value"), ("low", "low"), ("high", "high"),
            ("assessed_share", "assessed_share"),
        )
    }  # fmt: skip
    columns = {"subject": [i.subject for i in found], **numbers}
    return gpd.GeoDataFrame(
        {**columns, "border_km": borders["border_km"].to_numpy()[kept]},
        geometry=borders.geometry.to_numpy()[kept],
        crs=borders.crs,
    )


def _roads(ground: "Ground") -> "Iterator[Reading]":
    crossing = border_roads(ground)
    km = _border_km(ground)
    both = [
        frozenset(p)
        for p in zip(crossing["zone_id"], crossing["other_id"], strict=True)
    ]
    for key, classes in (("fast_roads", FAST_CLASSES), ("main_roads", MAIN_CLASSES)):
        for a, b in ground.pairs:
            length = km.get(frozenset((a, b)))
            if length is None:
                yield _missing(key, a, b, _NO_BORDER)
                continue
            here = np.array([pair == {a, b} for pair in both], dtype=bool)
            count = int(crossing["class"].isin(classes).to_numpy()[here].sum())
            off = (0, -_OFF_ROADS, _OFF_ROADS)
            value, low, high = (100 * max(count + d, 0) / length for d in off)
            yield _reading(key, a, b, value, low, high)


def _border_km(ground: "Ground") -> "Mapping[frozenset[str], float]":
    borders = shared_borders(ground.cities)
    return {
        frozenset((row.zone_id, row.other_id)): float(row.border_km)
        for row in borders.itertuples()
    }


def _trains(ground: "Ground", accuracy: "Accuracy") -> "Iterator[Reading]":
    """Yield the trains an hour of lines that stop in both cities."""
    key = "direct_trains"
    lines = [line for line in ground.network.lines if line.mode in RAIL_NETWORKS]
    inside = {line.id: _cities_of(line, ground) for line in lines}
    off = accuracy.headway_share
    for a, b in ground.pairs:
        if not lines:
            yield _missing(key, a, b, _NO_LINES)
            continue
        there, back = (
            sum(
                60 / line.headway_min["free"]
                for line in lines
                if _leads(inside[line.id], start, end, one_way=line.one_way)
            )
            for start, end in ((a, b), (b, a))
        )
        value = min(there, back)
        yield _reading(key, a, b, value, value / (1 + off), value / (1 - off))


def _cities_of(line: "TransitLine", ground: "Ground") -> "list[str | None]":
    """Return the city of each stop of a line, from the first."""
    points = [stop.point for stop in line.stops]
    found: list[str | None] = [None] * len(points)
    for key in ground.centres.index:
        shape = ground.cities.geometry[key]
        for place, point in enumerate(points):
            if found[place] is None and shape.covers(point):
                found[place] = key
    return found


def _leads(cities: "list[str | None]", start: str, end: str, *, one_way: bool) -> bool:
    if start not in cities or end not in cities:
        return False
    last = len(cities) - 1 - cities[::-1].index(end)
    return not one_way or cities.index(start) < last


def _dead_ends(ground: "Ground") -> "Iterator[Reading]":
    """Yield the roads that end near the border; how near, the border's accuracy tells."""
    key, km = "dead_ends", _border_km(ground)
    roads = ground.network.roads.roads
    ends = dead_ends(roads, ground.cities, within_m=_NEAR_M + _BORDER_OFF_M)
    pairs = [frozenset(p) for p in zip(ends["zone_id"], ends["other_id"], strict=True)]
    far_m = ends["border_m"].to_numpy(dtype=float)
    for a, b in ground.pairs:
        if frozenset((a, b)) not in km:
            yield _missing(key, a, b, _NO_BORDER)
            continue
        here = far_m[np.array([pair == {a, b} for pair in pairs], dtype=bool)]
        value, low, high = (
            float((here <= _NEAR_M + off).sum())
            for off in (0.0, -_BORDER_OFF_M, _BORDER_OFF_M)
        )
        yield _reading(key, a, b, value, low, high)


def _changes(ground: "Ground") -> "Iterator[Reading]":
    """Yield the shares of pairs of rail networks with a seamless change."""
    key, crs = "network_changes", ground.network.roads.crs
    halts = stations(ground.network.lines, crs=crs)
    changes = station_changes(ground.network.lines)
    for a, b in ground.pairs:
        area = ground.cities.geometry[[a, b]]
        here = halts[[area.covers(point).any() for point in halts.geometry]]
        if halts.empty:
            yield _missing(key, a, b, _NO_LINES)
            continue
        near = changes[
            changes["from_station_id"].isin(here.index)
            & changes["to_station_id"].isin(here.index)
        ]
        same = near["from_station_id"] == near["to_station_id"]
        value, low, high = (
            _joined_share(part) for part in (near[near["seamless"]], near[same], near)
        )
        yield _reading(key, a, b, value, low, high)


def _joined_share(changes: pd.DataFrame) -> float:
    found = zip(changes["from_network"], changes["to_network"], strict=True)
    return len({*_NETWORK_PAIRS} & {*found}) / len(_NETWORK_PAIRS)


def _reading(
    key: str, a: str, b: str, value: float, low: float, high: float
) -> Reading:
    return Reading(
        component=key, subject=f"{a}–{b}", value=value, low=low, high=high
    )  # fmt: skip


def _missing(key: str, a: str, b: str, reason: Text) -> Reading:
    return Reading(component=key, subject=f"{a}–{b}", value=None, reason=reason)
