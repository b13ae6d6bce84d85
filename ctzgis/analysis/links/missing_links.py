"""Roads that are missing between ends that nearly meet (缺失连接)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ctzgis.analysis.access.trip_words import ruled_by_trips
from ctzgis.analysis.columns import numbers_of
from ctzgis.analysis.links.divided_roads import doubts
from ctzgis.analysis.links.link_candidates import (
    Links,
    Streets,
    found_links,
    streets_of,
)
from ctzgis.analysis.links.link_frames import (
    Ranked,
    crossed,
    links_frame,
    require_barriers,
)
from ctzgis.analysis.links.link_savings import (
    different,
    lengths_round,
    minutes_of,
    onto_roads,
)
from ctzgis.analysis.links.link_trips import (
    People,
    people_beside,
    saved_a_day,
    trips_between,
)
from ctzgis.analysis.links.new_roads import demand_told, link_kph, road_told
from ctzgis.analysis.rules import in_one
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.engine import prepare
from ctzgis.tables import POPULATION, ZONES
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.layers import Means
    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

__all__ = ["missing_links"]


def missing_links(
    network: TravelNetwork,
    *,
    within_m: float = 500.0,
    detour_at_least: float = 3.0,
    at_least_m: float = 50.0,
    over_rivers_m: float = 1500.0,
    people: "gpd.GeoDataFrame | None" = None,
    around_m: float = 1000.0,
    trips_a_day: float = 1.0,
    barriers: "gpd.GeoDataFrame | None" = None,
    zones: "gpd.GeoDataFrame | None" = None,
    road_class: str = "secondary",
    mode: "Means" = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> "gpd.GeoDataFrame":
    """
    Find where a short road would save a long way round, and rank what it saves.

    A candidate is the straight line between two junctions, or between a dead end and
    the nearest place on a road, that meets no road in between and whose way round, by
    road in either direction, is at least ``detour_at_least`` times as long. Of those
    beside each other the shortest is taken. Motorways and ferries are not joined, and
    what saves its ends no minutes is left out. Then, in order, every candidate is dropped
    that would do the same as one before it: built, that one makes the way between its
    ends shorter than ``detour_at_least`` allows, or saves half of the metres, with no
    more road between both than that times the longest candidate (if the one before is
    no bridge: the longest that is none).

    Demand is a model, not a count: each of the people within ``around_m`` of either end
    makes ``trips_a_day`` trips to one of all of them. What they save is estimated from 16
    of them, who go to each other: eight from the side of each end, one from every eighth
    of its people by distance. Candidates are dropped in the order of what those would
    save who cross, if all of them lived at the ends. ``measured_links`` builds links and
    measures all trips.

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
    over_rivers_m
        Straight metres that two junctions may be apart with a river of ``barriers``
        between them, if that is more than ``within_m``.
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
        ``kind`` (median or no_access, see the notes; the first of river, rail, green_heart
        and border that is crossed; else dead_end or gap), ``crosses`` (all of them),
        ``crosses_green_heart``,
        ``cross_city``, ``from_zone``, ``to_zone``, ``from_id`` and ``to_id`` (junctions),
        ``to_road_id`` and ``to_along_m`` (where it ends on a road), ``from_name`` and
        ``to_name`` (of the roads there), ``length_m``, ``detour_m``, ``detour_ratio``,
        ``minutes_before``, ``minutes_after`` (the mean of both directions),
        ``people_from``, ``people_to``, ``trips_across`` (a day), ``demand``,
        ``saved_person_min`` (a day),
        ``saved_person_min_per_km`` and ``reason`` (why what is saved is 0 or not known).
        Where no way leads between the ends what is saved is NaN, and they come after the
        others, by trips that cross. ``attrs["rules"]`` tells lengths, detour, demand and
        how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract or is in another CRS.
    InputError
        If a number is out of range, a word not known, or too many junctions are near
        each other.

    Notes
    -----
    Links that nobody may need, unless they cross a river, come last. A median joins two
    roads that run on side by side, within 60 m and 30°. No access has a link that ends
    between the junctions of one of two such roads neither of which meets a third for a
    kilometre: they may be a motorway whose class is not known.

    Detours are found by one search a junction, bounded at ``detour_at_least`` times the
    longest line from it; minutes by the prepared graph. Lengths are rounded to 1 cm a road.

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
    kph = link_kph(road_class, mode, profile, rules)
    asked = _Asked(
        within_m=within_m,
        detour_at_least=detour_at_least,
        at_least_m=at_least_m,
        over_rivers_m=over_rivers_m,
        around_m=around_m,
        trips_a_day=trips_a_day,
        min_per_m=60 / 1000 / kph,
    )
    _check_frames(network.roads.junctions, people, barriers, zones)
    graph = network.graph(mode=mode, profile=profile, rules=rules)
    streets = streets_of(network.roads, mode)
    dwellers = _people(network, people, graph, streets, rules)
    links = found_links(
        streets, within_m=within_m, detour_at_least=detour_at_least,
        rivers=_rivers(barriers), over_rivers_m=over_rivers_m, progress=progress,
    )  # fmt: skip
    links = links.take(links.length_m >= at_least_m)
    frame = links_frame(
        network.roads,
        _ranked(links, graph, streets, dwellers, barriers, asked, progress),
        streets,
        barriers,
        zones,
        demand="junctions" if people is None else "people",
    )
    return ruled_by_trips(
        frame, network, asked.told(over_rivers=barriers is not None),
        demand_told(people, around_m, trips_a_day),
        road_told(road_class, kph, mode), modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _ranked(
    links: Links,
    graph: "TravelGraph",
    streets: Streets,
    people: People,
    barriers: "gpd.GeoDataFrame | None",
    asked: "_Asked",
    progress: "Progress | None",
) -> Ranked:
    """Return the links that do different things, those that save most first."""
    hierarchy = prepare(graph.search, progress=progress)
    minutes = minutes_of(links, graph, hierarchy, asked.min_per_m, progress=progress)
    useful = minutes.before > minutes.after
    links, minutes = links.take(useful), minutes.take(useful)
    start, end = people_beside(links, people, asked.around_m)
    trips = trips_between(start.number, end.number) * asked.trips_a_day
    detour = lengths_round(links, streets, prepare(streets.graph, progress=progress))
    # Whoever builds a bridge gives its ends a junction.
    bridges = crossed(links.lines(), barriers)["river"]
    doubt = np.where(bridges, 0, doubts(links, streets))
    first = Ranked(
        links, minutes, start.number, end.number, trips, trips * minutes.saved, detour,
        doubt,
    )  # fmt: skip
    kept = different(
        links, streets, first.order(), detour, asked.detour_at_least, bridges
    )
    minutes = minutes.take(kept)
    ends, over = onto_roads(links.take(kept), graph, minutes)
    sides = start.take(kept), end.take(kept)
    saved = saved_a_day(sides, ends, over, hierarchy, progress=progress)
    saved = np.where(np.isfinite(minutes.before), saved * asked.trips_a_day, np.nan)
    found = first.take(kept).saving(saved)
    return found.take(found.order())


def _rivers(barriers: "gpd.GeoDataFrame | None") -> "NDArray[np.object_] | None":
    """Return the shapes of the rivers among barriers."""
    if barriers is None:
        return None
    return np.asarray(barriers.geometry.array[barriers["kind"] == "river"])


def _people(
    network: TravelNetwork,
    people: "gpd.GeoDataFrame | None",
    graph: "TravelGraph",
    streets: Streets,
    rules: TravelRules,
) -> People:
    """Return who lives where; one at each junction that may be joined if not told."""
    if people is None:
        rows = np.flatnonzero(streets.joinable)
        return People(streets.xy[rows], np.ones(len(rows)), rows)
    held = numbers_of(people, "population", "people", least=0.0)
    joined = graph.join(network.snap(people, graph, rules=rules, name="people"))
    at = joined.connectors
    order = np.lexsort((at.ticks, at.point))
    # Who has no road near makes no trips.
    point, first = np.unique(at.point[order], return_index=True)
    xy = shapely.get_coordinates(people.geometry.array)
    return People(xy[point], held[point], at.vertex[order][first].astype(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What was asked for, checked."""

    within_m: float
    detour_at_least: float
    at_least_m: float
    over_rivers_m: float
    around_m: float
    trips_a_day: float
    min_per_m: float

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
        if not 0 <= self.over_rivers_m < np.inf:
            msg = f"over_rivers_m is {self.over_rivers_m!r}; a number, 0 or more, is expected"
            raise InputError(msg)
        if not 0 <= self.at_least_m <= self.within_m:
            msg = (
                f"at_least_m is {self.at_least_m!r}; a number from 0 to within_m "
                f"({self.within_m:g}) is expected"
            )
            raise InputError(msg)

    def told(self, *, over_rivers: bool) -> Text:
        """Tell which links are looked for."""
        length = f"{self.at_least_m:g}–{self.within_m:g}"
        times = f"{self.detour_at_least:g}"
        links = Text(
            f"两端直线相距{length}米、绕行至少{times}倍",
            f"ends {length} m apart, the way round at least {times} times that",
        )
        if not over_rivers or self.over_rivers_m <= self.within_m:
            return links
        wide = f"{self.over_rivers_m:g}"
        return in_one(
            links, Text(f"跨河至{wide}米", f"over rivers up to {wide} m apart")
        )


def _check_frames(
    junctions: "gpd.GeoDataFrame",
    people: "gpd.GeoDataFrame | None",
    barriers: "gpd.GeoDataFrame | None",
    zones: "gpd.GeoDataFrame | None",
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
        require_barriers(barriers)
