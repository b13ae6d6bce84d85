"""Roads that are missing between ends that nearly meet (缺失连接)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.link_candidates import Links, Streets, found_links, streets_of
from ctzgis.analysis.link_savings import (
    different,
    lengths_round,
    minutes_of,
    people_beside,
    trips_between,
)
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.engine import prepare
from ctzgis.network.layers import Means
from ctzgis.network.speeds import CLASS_KPH, of_profile
from ctzgis.tables import POPULATION, ZONES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Texts = NDArray[np.object_]

__all__ = ["BARRIER_KINDS", "link_kph", "missing_links"]

BARRIER_KINDS: Final = ("river", "rail", "green_heart")
"""What may sever roads: 河流、铁路、绿心."""

_NO_WAY: Final = "no way between the ends"

# Names of roads at an end that are told.
_NAMES: Final = 3


def missing_links(
    network: TravelNetwork,
    *,
    within_m: float = 500.0,
    detour_at_least: float = 3.0,
    at_least_m: float = 50.0,
    people: gpd.GeoDataFrame | None = None,
    around_m: float = 1000.0,
    trips_a_day: float = 1.0,
    barriers: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    road_class: str = "secondary",
    mode: Means = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> gpd.GeoDataFrame:
    """
    Find where a short road would save a long way round, and rank what it saves.

    A candidate is the straight line between two junctions, or between a dead end and
    the nearest place on a road, that meets no road in between and whose way round, by
    road in either direction, is at least ``detour_at_least`` times as long. Of those
    beside each other the shortest is taken. Motorways and ferries are not joined. Then,
    in order of rank, every candidate is dropped between whose ends one of those before
    makes a way below that ratio: it would do the same.

    Demand is a model, not a count. Around both ends live the people within ``around_m``
    of either, each on the side of the nearer end. Each makes ``trips_a_day`` trips to
    one of all of them, so ``2 a b / (a + b)`` trips of ``a`` and ``b`` people cross, and
    each saves what a trip between the ends saves. So a link from many to nobody saves
    nothing, and who lives farther off saves less in truth: ``measured_links`` tells.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    within_m
        Straight metres that two ends may be apart.
    detour_at_least
        How many times the straight line the way round is at least.
    at_least_m
        Shortest link that counts; less is the median of a street drawn twice.
    people
        Points with a column ``population``, in the CRS of the network. Without any,
        each junction stands for one person; the column ``demand`` tells.
    around_m
        Straight metres from an end within which people use a link.
    trips_a_day
        Trips of a person to those who live around either end.
    barriers
        Lines or areas with a column ``kind``: river, rail or green_heart.
    zones
        Cities, indexed by name: a link between two of them is a cross-city one.
    road_class
        Class of the new road, which gives its speed (``CLASS_KPH``).
    mode
        ``"drive"``, ``"walk"`` or ``"cycle"``.
    profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    GeoDataFrame
        Candidates by ``rank`` (1 saves most person-minutes a kilometre), indexed by
        ``link_id``: ``rank_cross_city`` (among those between zones; missing for others),
        ``kind`` (the first of river, rail, green_heart and border that is crossed, else
        dead_end or gap), ``crosses`` (all of them), ``crosses_green_heart``,
        ``cross_city``, ``from_zone``, ``to_zone``, ``from_id`` and ``to_id`` (junctions),
        ``to_road_id`` and ``to_along_m`` (where it ends on a road), ``from_name`` and
        ``to_name`` (of the roads there), ``length_m``, ``detour_m``, ``detour_ratio``,
        ``minutes_before``, ``minutes_after`` (the mean of both directions),
        ``people_from``, ``people_to``, ``demand``, ``saved_person_min`` (a day),
        ``saved_person_min_per_km`` and ``reason``. Where no way leads between the ends
        what is saved is NaN with that reason, and they come last, by trips that cross.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract or is in another CRS.
    InputError
        If a number is out of range, a word not known, or too many junctions are near
        each other.

    Notes
    -----
    Detours are found by one search a junction, bounded at ``detour_at_least`` ×
    ``within_m``; minutes by the prepared graph. Lengths are rounded to 1 cm a road.

    Examples
    --------
    Without one block of Gridville's the way round it is 3 km, at a minute each:

    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network.edits import CloseRoad
    >>> town = gridville().with_edits(CloseRoad(road_id="r44"))
    >>> links = missing_links(town, within_m=1000)
    >>> links[["from_id", "to_id", "length_m", "detour_m", "minutes_before"]].values
    array([['j4_4', 'j5_4', 1000.0, 3000.0, 3.0]], dtype=object)
    """
    asked = _Asked(
        within_m=within_m, detour_at_least=detour_at_least, at_least_m=at_least_m,
        around_m=around_m, trips_a_day=trips_a_day, road_class=road_class, mode=mode,
    )  # fmt: skip
    crs_of = network.roads.junctions
    _check_frames(crs_of, people, barriers, zones)
    graph = network.graph(mode=mode, profile=profile, rules=rules)
    streets = streets_of(network.roads, mode)
    links = found_links(
        streets, within_m=within_m, detour_at_least=detour_at_least, progress=progress
    )
    links = links.take(links.length_m >= at_least_m)
    min_per_m = 60 / 1000 / link_kph(road_class, mode, profile, rules)
    saved = _Saved.of(links, graph, streets, people, asked, min_per_m, progress)
    useful = saved.minutes_before > saved.minutes_after
    links, saved = links.take(useful), saved.take(useful)
    order = saved.order(links)
    kept = different(links, streets, order, detour_at_least)
    return _frame(
        network, links.take(kept), saved.take(kept), streets, barriers, zones,
        demand="junctions" if people is None else "people",
    )  # fmt: skip


def link_kph(
    road_class: str, mode: str, profile: str, rules: TravelRules = DEFAULT_RULES
) -> float:
    """Return the speed on a new road of a class."""
    if mode == "walk":
        return rules.walk_kph
    if mode == "cycle":
        return rules.cycle_kph
    return float(of_profile(_speeds(road_class), profile))


def _speeds(road_class: str) -> "Mapping[Any, float]":
    if road_class not in CLASS_KPH:
        msg = f"road_class {road_class!r} is not known; one of {', '.join(CLASS_KPH)}"
        raise InputError(msg)
    return CLASS_KPH[road_class]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What was asked for, checked."""

    within_m: float
    detour_at_least: float
    at_least_m: float
    around_m: float
    trips_a_day: float
    road_class: str
    mode: str

    def __post_init__(self) -> None:
        for name, least in (
            ("within_m", 0.0),
            ("around_m", 0.0),
            ("trips_a_day", 0.0),
            ("detour_at_least", 1.0),
        ):
            value = getattr(self, name)
            if not least < value < np.inf:
                msg = f"{name} is {value!r}; a number above {least:g} is expected"
                raise InputError(msg)
        if not 0 <= self.at_least_m <= self.within_m:
            msg = (
                f"at_least_m is {self.at_least_m!r}; a number from 0 to within_m "
                f"({self.within_m:g}) is expected"
            )
            raise InputError(msg)
        if self.mode not in get_args(Means):
            msg = f"mode {self.mode!r} is not known; one of {', '.join(get_args(Means))}"
            raise InputError(msg)
        _speeds(self.road_class)


def _check_frames(
    junctions: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
) -> None:
    """Raise unless the frames that are there can be used with the network."""
    require_metric(junctions, "network")
    for name, frame in (("people", people), ("barriers", barriers), ("zones", zones)):
        if frame is not None:
            require_same(frame, junctions, left_name=name, right_name="network")
    if people is not None:
        POPULATION.check(people)
    if zones is not None:
        ZONES.check(zones)
    if barriers is not None:
        _check_barriers(barriers)


def _check_barriers(barriers: gpd.GeoDataFrame) -> None:
    if "kind" not in barriers:
        msg = f"barriers have no column 'kind' with {', '.join(BARRIER_KINDS)}"
        raise InputError(msg)
    unknown = sorted({str(k) for k in barriers["kind"] if k not in BARRIER_KINDS})
    if unknown:
        msg = f"barriers have kind {unknown[0]!r}; known are {', '.join(BARRIER_KINDS)}"
        raise InputError(msg)
    shapes = np.asarray(barriers.geometry.array)
    if (shapely.is_missing(shapes) | shapely.is_empty(shapes)).any():
        msg = "barriers have rows without geometry; drop them"
        raise InputError(msg)
    if (~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)).any():
        msg = "barriers have areas that cross themselves; mend them with make_valid()"
        raise InputError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Saved:
    """What each link saves."""

    minutes_before: "Numbers"
    minutes_after: "Numbers"
    people_from: "Numbers"
    people_to: "Numbers"
    trips: "Numbers"

    @classmethod
    def of(
        cls,
        links: Links,
        graph: "TravelGraph",
        streets: Streets,
        people: gpd.GeoDataFrame | None,
        asked: _Asked,
        min_per_m: float,
        progress: "Progress | None",
    ) -> "_Saved":
        """Measure what links save."""
        hierarchy = prepare(graph.search, progress=progress)
        minutes = minutes_of(links, graph, hierarchy, min_per_m, progress=progress)
        if people is None:
            xy, held = streets.xy[streets.joinable], np.ones(streets.joinable.sum())
        else:
            xy = shapely.get_coordinates(people.geometry.array)
            held = numbers_of(people, "population", "people", least=0.0)
        beside = people_beside(links, xy, held, asked.around_m)
        trips = trips_between(*beside) * asked.trips_a_day
        return cls(minutes.before, minutes.after, *beside, trips)

    def take(self, which: "NDArray[np.bool_] | NDArray[np.int64]") -> "_Saved":
        """Return what some of the links save."""
        names = self.__slots__
        return _Saved(*(getattr(self, name)[which] for name in names))

    @property
    def minutes(self) -> "Numbers":
        """Minutes saved on a trip between the ends; NaN where there is no way yet."""
        way = np.isfinite(self.minutes_before)
        before = np.where(way, self.minutes_before, np.nan)
        return before - np.where(way, self.minutes_after, np.nan)

    def order(self, links: Links) -> "NDArray[np.int64]":
        """Return the links, those that save most a kilometre first."""
        way = np.isfinite(self.minutes_before)
        km = links.length_m / 1000
        minutes = np.where(way, self.minutes, 0.0)
        # Places and rows decide between equals, so that an answer never changes.
        order: NDArray[np.int64] = np.lexsort(
            (
                links.along_m, links.road, links.end, links.start,
                -np.round(minutes / km, 6), -np.round(self.trips / km, 6),
                -np.round(minutes * self.trips / km, 6), ~way,
            )
        )  # fmt: skip
        return order


def _frame(
    network: TravelNetwork,
    links: Links,
    saved: _Saved,
    streets: Streets,
    barriers: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    *,
    demand: str,
) -> gpd.GeoDataFrame:
    """Return what is known of the links, in their order."""
    roads, junctions = network.roads.roads, network.roads.junctions
    lines, ids = links.lines(), np.array([*junctions.index, None], dtype=object)
    road_ids = np.array([*roads.index, None], dtype=object)
    crossed = _crossed(lines, barriers)
    from_zone, to_zone = (_zones_at(links.xy[:, at], zones) for at in ((0, 1), (2, 3)))
    border = pd.notna(from_zone) & pd.notna(to_zone) & (from_zone != to_zone)
    crossed["border"] = border
    dead = streets.dead_end[links.start] | (
        (links.end >= 0) & streets.dead_end[links.end]
    )
    kind = np.where(dead, "dead_end", "gap").astype(object)
    for name in reversed(crossed):
        kind = np.where(crossed[name], name, kind)
    detour = lengths_round(links, streets, prepare(streets.graph))
    way = np.isfinite(saved.minutes_before)
    person_min = saved.minutes * saved.trips
    frame = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(links) + 1),
            "rank_cross_city": pd.array(
                np.where(border, np.cumsum(border), 0), dtype="Int64"
            ),
            "kind": kind,
            "crosses": [
                ";".join(name for name in crossed if crossed[name][k])
                for k in range(len(links))
            ],
            "crosses_green_heart": crossed["green_heart"],
            "cross_city": border,
            "from_zone": from_zone,
            "to_zone": to_zone,
            "from_id": ids[links.start],
            "to_id": ids[links.end],
            "to_road_id": road_ids[links.road],
            "to_along_m": np.where(links.end >= 0, np.nan, links.along_m),
            "length_m": links.length_m,
            "detour_m": np.where(np.isfinite(detour), detour, np.nan),
            "detour_ratio": np.where(
                np.isfinite(detour), detour / links.length_m, np.nan
            ),
            "minutes_before": np.where(way, saved.minutes_before, np.nan),
            "minutes_after": saved.minutes_after,
            "people_from": saved.people_from,
            "people_to": saved.people_to,
            "demand": demand,
            "saved_person_min": person_min,
            "saved_person_min_per_km": person_min / (links.length_m / 1000),
            "reason": np.where(way, "", _NO_WAY),
        },
        geometry=lines,
        index=pd.Index([f"link_{k + 1}" for k in range(len(links))], name="link_id"),
        crs=roads.crs,
    )
    frame.loc[~border, "rank_cross_city"] = pd.NA
    for column, name in zip(
        ("from_name", "to_name"), _names(roads, links, streets), strict=True
    ):
        frame.insert(frame.columns.get_loc("length_m"), column, name)
    return frame


def _crossed(
    lines: "NDArray[np.object_]", barriers: gpd.GeoDataFrame | None
) -> "dict[str, NDArray[np.bool_]]":
    """Tell which lines cross barriers of each kind."""
    found = {kind: np.zeros(len(lines), dtype=bool) for kind in BARRIER_KINDS}
    if barriers is not None and len(barriers) and len(lines):
        tree = shapely.STRtree(np.asarray(barriers.geometry.array))
        line, hit = tree.query(lines, predicate="intersects")
        kinds = barriers["kind"].to_numpy(dtype=object)[hit]
        for kind, which in found.items():
            which[line[kinds == kind]] = True
    return found


def _zones_at(xy: "Numbers", zones: gpd.GeoDataFrame | None) -> "Texts":
    """Return the zone of each place, the first of several; ``None`` if it is in none."""
    names = np.full(len(xy), None, dtype=object)
    if zones is not None and len(zones) and len(xy):
        tree = shapely.STRtree(np.asarray(zones.geometry.array))
        place, hit = tree.query(shapely.points(xy), predicate="intersects")
        order = np.lexsort((hit, place))[::-1]
        names[place[order]] = zones.index.to_numpy(dtype=object)[hit[order]]
    return names


def _names(
    roads: gpd.GeoDataFrame, links: Links, streets: Streets
) -> "tuple[list[str], list[str]]":
    """Return names of the roads at the start and at the end of each link."""
    if "name_zh" not in roads:
        return [""] * len(links), [""] * len(links)
    names = roads["name_zh"].fillna("").to_numpy(dtype=object)
    owner = np.concatenate([streets.first, streets.last])
    order = np.argsort(owner, kind="stable")
    owner, row = owner[order], np.tile(np.arange(len(roads)), 2)[order]

    def at(junction: int, road: int) -> str:
        """Return the names at one end."""
        if junction < 0:
            return str(names[road])
        begin, after = np.searchsorted(owner, [junction, junction + 1])
        found = dict.fromkeys(names[k] for k in row[begin:after] if names[k])
        return " / ".join(list(found)[:_NAMES])

    return (
        [at(k, -1) for k in links.start],
        [at(k, road) for k, road in zip(links.end, links.road, strict=True)],
    )
