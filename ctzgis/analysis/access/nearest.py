"""The nearest facility, and what each one serves (最近设施与服务区)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.trip_words import directed, lasting, ruled_by_trips
from ctzgis.analysis.access.trips import (
    minutes_in_parts,
    no_road,
    require_cutoff,
    require_cutoffs,
    trips,
)
from ctzgis.analysis.columns import numbers_of, whole_number
from ctzgis.errors import InputError
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.engine import nearest
from ctzgis.network.reached import pieces_between, spans_within
from ctzgis.network.substrings import substrings
from ctzgis.network.travel_graph import CHAINS
from ctzgis.tables import POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.analysis.access.trips import Trips
    from ctzgis.progress import Progress

    Found = tuple[NDArray[np.float64], NDArray[np.int64]]

__all__ = ["nearest_facilities", "population_within", "service_areas"]

_POINTS: Final = Text("各点", "each point")
_FACILITIES: Final = Text("设施", "the facilities")


def nearest_facilities(
    network: TravelNetwork,
    points: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    k: int = 1,
    cutoff_min: float | None = None,
    direction: Direction = "from",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Find the nearest facilities of every point.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    points
        Points in the CRS of the network, indexed by id.
    facilities
        Points of what is looked for, indexed by id. Of those equally near, the first in
        the frame is taken.
    k
        How many.
    cutoff_min
        Longest trip that counts; all if not given.
    direction
        ``"from"``: trips lead from the points, as to a hospital; ``"to"``: to them, as a
        fire engine's do.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        ``point_id``, ``rank`` (1 is the nearest), ``facility_id``, ``travel_time_min``
        and ``reason``: ``k`` rows a point, NaN with a reason where there are fewer.
        ``attrs["rules"]`` tells cutoff, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If ``k`` is not a whole number above 0, or the cutoff is not above 0.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> found = nearest_facilities(
    ...     gridville(), places.loc[["centre"]], places.drop(index="centre"), k=2
    ... )
    >>> found[["rank", "facility_id", "travel_time_min"]]
       rank facility_id  travel_time_min
    0     1  south_west             10.0
    1     2  south_east             10.0
    """
    k = whole_number(k, "k")
    asked = trips(
        network, points, facilities, cutoff_min, direction=direction, mode=mode,
        profile=profile, rules=rules, names=("points", "facilities"),
    )  # fmt: skip
    if k == 1:
        minutes, place = (part[:, None] for part in _nearest(asked, progress))
    else:
        minutes, place = _nearest_of_all(asked, k, progress)
    ranks = pd.MultiIndex.from_product(
        [points.index, range(1, k + 1)], names=["point_id", "rank"]
    )
    frame: pd.DataFrame = ranks.to_frame(index=False)
    names = np.array([*facilities.index, None], dtype=object)
    frame["facility_id"] = names[place.ravel()]
    frame["travel_time_min"] = minutes.ravel()
    none = "no facility within the cutoff" if cutoff_min else "no way to a facility"
    near = np.where(asked.points.found, none, no_road(direction))
    frame["reason"] = np.where(place.ravel() >= 0, "", np.repeat(near, k))
    return ruled_by_trips(
        frame, network, lasting(cutoff_min), directed(direction, _POINTS),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def population_within(
    network: TravelNetwork,
    facilities: gpd.GeoDataFrame,
    population: gpd.GeoDataFrame,
    *,
    cutoffs_min: "Sequence[float]",
    direction: Direction = "to",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Count the people within times of any of the facilities.

    Each person counts once. What every single facility has in reach is found by
    ``accessibility(network, facilities, population, direction="to", ...)``.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    facilities
        Points in the CRS of the network, indexed by id.
    population
        Points with people, as ``read_population`` gives them.
    cutoffs_min
        Minutes within which people count; a trip that takes exactly one counts.
    direction
        ``"to"``: trips lead to the facilities; ``"from"``: from them.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        Indexed by ``cutoff_min``, in the given order: ``population``,
        ``population_share`` of all people (0–1; NaN if there is nobody) and
        ``off_network``, those of all people whom no road is near. ``attrs["rules"]``
        tells cutoffs, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If a cutoff is not above 0, or the mode or the profile is not known.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> centre = places.loc[["centre"]]
    >>> found = population_within(gridville(), centre, places, cutoffs_min=[5, 10])
    >>> found["population"].to_dict()
    {5: 1000.0, 10: 5000.0}
    """
    require_cutoffs(cutoffs_min)
    POPULATION.check(population)
    people = numbers_of(population, "population", "people", least=0.0)
    asked = trips(
        network, population, facilities, max(cutoffs_min),
        direction="from" if direction == "to" else "to", mode=mode, profile=profile,
        rules=rules, names=("population", "facilities"),
    )  # fmt: skip
    minutes, _ = _nearest(asked, progress)
    reached = [float(people[minutes <= cutoff].sum()) for cutoff in cutoffs_min]
    total = people.sum()
    frame = pd.DataFrame(
        {
            "population": reached,
            "population_share": [part / total if total else np.nan for part in reached],
            "off_network": float(people[~asked.points.found].sum()),
        },
        index=pd.Index(cutoffs_min, name="cutoff_min"),
    )
    return ruled_by_trips(
        frame, network, lasting(*cutoffs_min), directed(direction, _FACILITIES),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def service_areas(
    network: TravelNetwork,
    facilities: gpd.GeoDataFrame,
    *,
    cutoff_min: float,
    direction: Direction = "to",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> gpd.GeoDataFrame:
    """
    Share the roads among facilities: each part to the one nearest to it in time.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    facilities
        Points in the CRS of the network, indexed by id. Where two take equally long,
        the first in the frame is taken.
    cutoff_min
        Longest trip that counts.
    direction
        ``"to"``: trips lead to the facilities; ``"from"``: from them.
    mode
        One means of travel: a chain passes roads that it does not stop at.
    profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    GeoDataFrame
        Indexed by facility id, in the CRS of the network: ``road_km`` and a
        MultiLineString of the roads it serves, cut where the service of another
        begins. Motorways and ferries are shared out at junctions only and so are not
        in it; a facility without roads has an empty one. ``attrs["rules"]`` tells
        cutoff, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If facilities break their contract or are in another CRS.
    InputError
        If the cutoff is not above 0, or the mode or the profile is not known.

    Examples
    --------
    Gridville's corners share its 220 km of streets:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> corners = gridville_places().drop(index="centre")
    >>> areas = service_areas(gridville(), corners, cutoff_min=30)
    >>> float(areas["road_km"].sum())
    220.0
    """
    require_cutoff(cutoff_min)
    if mode in tuple(CHAINS) and len(CHAINS[mode]) > 1:
        msg = f"service areas are those of one means of travel, not of {mode!r}"
        raise InputError(msg)
    none = facilities.iloc[:0]
    asked = trips(
        network, none, facilities, cutoff_min,
        direction="from" if direction == "to" else "to", mode=mode, profile=profile,
        rules=rules, names=("points", "facilities"),
    )  # fmt: skip
    minutes, place = _nearest_of_vertices(asked, progress)
    graph = asked.graph
    pieces, ends = pieces_between(graph, minutes, reverse=not graph.reverse)
    spans = spans_within(pieces, cutoff_min)
    owner = place[
        np.where(spans.from_first, ends[0][spans.piece], ends[1][spans.piece])
    ]
    kept = spans.end_m > spans.start_m
    lines = substrings(
        np.asarray(graph.roads.geometry.array)[pieces.road[spans.piece[kept]]],
        spans.start_m[kept],
        spans.end_m[kept],
    )
    order = np.argsort(owner[kept], kind="stable")
    shapes = np.full(len(facilities), shapely.MultiLineString(), dtype=object)
    found = np.unique(owner[kept])
    shapes[found] = shapely.multilinestrings(
        lines[order], indices=np.searchsorted(found, owner[kept][order])
    )
    frame = gpd.GeoDataFrame(
        {"road_km": shapely.length(shapes) / 1000},
        geometry=shapes,
        index=facilities.index,
        crs=graph.roads.crs,
    )
    return ruled_by_trips(
        frame, network, lasting(cutoff_min), directed(direction, _FACILITIES),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _nearest_of_vertices(asked: "Trips", progress: "Progress | None") -> "Found":
    """Return minutes to the nearest anchor, and its place, of every vertex."""
    there = np.flatnonzero(asked.there)
    minutes, place = nearest(
        asked.graph.search,
        asked.graph.anchors[there],
        asked.cutoff_min,
        reverse=not asked.graph.reverse,
        progress=progress,
    )
    return minutes, np.append(there, -1)[place]


def _nearest(asked: "Trips", progress: "Progress | None") -> "Found":
    """Return minutes to the nearest anchor, and its place, of every point."""
    minutes, place = _nearest_of_vertices(asked, progress)
    points = asked.points
    arrive = minutes[points.vertex] + points.minutes
    order = np.lexsort((place[points.vertex], arrive, points.point))
    first = order[points.first[:-1][points.found]]  # rows stay where they were
    least = np.full(len(points), np.nan)
    which = np.full(len(points), -1, dtype=np.int64)
    near = points.found
    late = ~(arrive[first] <= asked.cutoff_min) | ~np.isfinite(arrive[first])
    least[near] = np.where(late, np.nan, arrive[first])
    which[near] = np.where(late, -1, place[points.vertex[first]])
    start, end = asked.own
    start, end = (
        start[near[start] & asked.there[end]],
        end[near[start] & asked.there[end]],
    )
    own = ~(least[start] <= 0)
    least[start], which[start[own]] = 0.0, end[own]
    return least, which


def _nearest_of_all(asked: "Trips", k: int, progress: "Progress | None") -> "Found":
    """Return minutes to the nearest anchors, and their places, of every point."""
    size = len(asked.points), k
    least, which = np.full(size, np.nan), np.full(size, -1, dtype=np.int64)
    for part, minutes in minutes_in_parts(asked, progress=progress):
        order = np.argsort(minutes, axis=1, kind="stable")[:, :k]  # NaN is last
        found = np.take_along_axis(minutes, order, axis=1)
        least[part, : order.shape[1]] = found
        which[part, : order.shape[1]] = np.where(np.isnan(found), -1, order)
    return least, which
