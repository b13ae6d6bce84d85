"""Roads whose loss costs most (路网韧性)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.trip_words import ruled_by_trips
from ctzgis.analysis.access.trips import same_points
from ctzgis.analysis.columns import numbers_of, whole_number
from ctzgis.analysis.links.closing import Closing
from ctzgis.analysis.links.closures import (
    KINDS,
    chosen_roads,
    closed_told,
    given_roads,
    only_rivers,
    over_rivers,
    river_names,
)
from ctzgis.analysis.links.link_frames import require_sound
from ctzgis.analysis.links.lost_together import together
from ctzgis.analysis.links.modes import require_means
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.progress import telling
from ctzgis.tables import POINTS, POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.network.layers import Means
    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Marks = NDArray[np.bool_]
    Rows = NDArray[np.int64]

__all__ = ["TripsTo", "critical_roads"]

TripsTo = Literal["nearest", "every"]
"""Whether each person goes to the nearest centre, or to every one in turn."""

_WHERE_TO: "Final[dict[TripsTo, Text]]" = {
    "nearest": Text("每人前往最近中心", "everyone goes to the nearest centre"),
    "every": Text("每人前往各中心一次", "everyone goes to each centre once"),
}


def critical_roads(
    network: TravelNetwork,
    people: gpd.GeoDataFrame,
    centres: gpd.GeoDataFrame,
    *,
    roads: "Sequence[str] | None" = None,
    rivers: gpd.GeoDataFrame | None = None,
    parting: int = 50,
    busiest: int = 50,
    seed: int = 0,
    to: TripsTo = "nearest",
    mode: "Means" = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> gpd.GeoDataFrame:
    """
    Close roads one by one and measure who is cut off and what others lose.

    Both carriageways of a road are closed together: one-way roads of one name that run
    in opposite directions within 60 m of each other, and, over a river, all that run
    side by side that near. Everyone makes one trip, to the nearest centre or, with
    ``to="every"``, one to each. A closed road is severed in its middle: who or what is
    on it gets off at the nearer end.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    people
        Points with a column ``population``, in the CRS of the network.
    centres
        Points where people go, indexed by id.
    roads
        Ids of the roads to close. If not given: those over ``rivers``, those whose name
        or a part of it ends in 桥, the ``parting`` ones whose loss parts the network with
        most people on the lesser side, and the ``busiest`` by :func:`betweenness` from 200 origins.
    rivers
        Lines or areas; rows of another ``kind`` are left out if there is such a column,
        and ``name_zh`` is told if there is one.
    parting, busiest, seed
        See ``roads``; which origins are drawn.
    to
        Where people go.
    mode
        ``"drive"``, ``"walk"`` or ``"cycle"``.
    profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    GeoDataFrame
        Indexed by ``road_id``, over rivers first, then by people cut off and by
        person-minutes added: ``rank``, ``kind`` (the first of those that hold: river,
        bridge, parting, busy; else given), ``over_river``, ``river_zh``, ``name_zh``,
        ``road_ids`` (all that are closed, with semicolons), ``people_cut_off`` (who reached
        a centre before and reach it no more), ``people_delayed``, ``added_person_min``,
        ``longest_added_min``. ``attrs["rules"]`` tells what is closed, where people go and
        how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract or is in another CRS.
    InputError
        If a road or word is not known, a single text is given for ``roads``, a number is
        negative, or rivers have rows without geometry.

    Examples
    --------
    A corner of Gridville that hangs on one road, and half its people with it:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> from ctzgis.network.edits import CloseRoad
    >>> town, places = gridville().with_edits(CloseRoad(road_id="r0")), gridville_places()
    >>> lost = critical_roads(
    ...     town, places.loc[["south_west", "south_east"]], places.loc[["centre"]],
    ...     roads=["r110", "r5"],
    ... )
    >>> lost[["people_cut_off", "added_person_min"]]
             people_cut_off  added_person_min
    road_id
    r110             1000.0               0.0
    r5                  0.0               0.0
    """
    _check(network, people, centres, rivers, parting=parting, busiest=busiest, to=to)
    require_means(mode)
    held = numbers_of(people, "population", "people", least=0.0)
    plain = network.graph(mode=mode, profile=profile, rules=rules)
    ends = network.snap(centres, plain, rules=rules, name="centres")
    graph = network.graph(ends, mode=mode, profile=profile, rules=rules)
    snaps = network.snap(people, graph, rules=rules, name="people")
    asked = Closing(graph, snaps, ends, same_points(people, centres))
    table = network.roads.roads
    rivers = only_rivers(rivers)
    over = over_rivers(table, rivers)
    if roads is None:
        why = chosen_roads(
            network, asked, held, over, parting=parting, busiest=busiest, seed=seed,
            mode=mode, profile=profile, rules=rules, progress=progress,
        )  # fmt: skip
    else:
        why = given_roads(table, roads, over)
    groups = together(table, np.flatnonzero(why < len(KINDS)), over)
    costs = _costs(asked, held, groups, to, progress)
    told = closed_told(roads, rivers, parting=parting, busiest=busiest, seed=seed)
    return ruled_by_trips(
        _frame(table, groups, costs, why, over, river_names(rivers)), network, told,
        _WHERE_TO[to], modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _check(
    network: TravelNetwork,
    people: gpd.GeoDataFrame,
    centres: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame | None,
    *,
    parting: int,
    busiest: int,
    to: str,
) -> None:
    junctions = network.roads.junctions
    require_metric(junctions, "network")
    for name, frame in (("people", people), ("centres", centres), ("rivers", rivers)):
        if frame is not None:
            require_same(frame, junctions, left_name=name, right_name="network")
    POPULATION.check(people)
    POINTS.check(centres)
    if not len(centres):
        msg = "there are no centres; give one at least"
        raise InputError(msg)
    if rivers is not None:
        require_sound(rivers, "rivers")
    for name, number in (("parting", parting), ("busiest", busiest)):
        whole_number(number, name, least=0)
    if to not in get_args(TripsTo):
        msg = f"to is {to!r}; one of {', '.join(get_args(TripsTo))} is expected"
        raise InputError(msg)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What the loss of a road costs."""

    people_cut_off: float
    people_delayed: float
    added_person_min: float
    longest_added_min: float


def _costs(
    asked: Closing,
    held: "Numbers",
    groups: "list[Rows]",
    to: TripsTo,
    progress: "Progress | None",
) -> list[_Cost]:
    """Close groups of roads in turn and measure every trip again."""
    before = _of_trips(asked.minutes(), to)
    costs = []
    with telling("closing roads", progress) as tell:
        for k, group in enumerate(groups):
            tell(k / len(groups))
            costs.append(_cost(held, before, _of_trips(asked.minutes(group), to)))
    return costs


def _of_trips(minutes: "Numbers", to: TripsTo) -> "Numbers":
    """Return the minutes of each person's trips, a row each."""
    return minutes if to == "every" else minutes.min(axis=1, keepdims=True)


def _cost(held: "Numbers", before: "Numbers", after: "Numbers") -> _Cost:
    """Compare trips before a loss with those after it."""
    lost = np.isfinite(before) & ~np.isfinite(after)
    still = np.isfinite(after)
    added = np.where(still, after, 0.0) - np.where(still, before, 0.0)
    return _Cost(
        people_cut_off=float(held[lost.any(axis=1)].sum()),
        people_delayed=float(held[(added > 0).any(axis=1)].sum()),
        added_person_min=float(held @ added.sum(axis=1)),
        longest_added_min=float(added.max(initial=0.0)),
    )


def _frame(
    table: gpd.GeoDataFrame,
    groups: "list[Rows]",
    costs: list[_Cost],
    why: "Rows",
    over: "Rows",
    rivers: "NDArray[np.object_]",
) -> gpd.GeoDataFrame:
    """Return what is known of the roads, over rivers first, then by what is lost."""
    names = table["name_zh"] if "name_zh" in table else pd.Series("", table.index)
    kinds = np.array([*KINDS, ""], dtype=object)
    lines = np.asarray(table.geometry.array)
    columns = _Cost.__slots__
    frame = gpd.GeoDataFrame(
        {
            "kind": [kinds[why[group].min()] for group in groups],
            "over_river": [bool((over[group] >= 0).any()) for group in groups],
            "river_zh": [rivers[over[group].max()] for group in groups],
            "name_zh": [names.iloc[group[0]] for group in groups],
            "road_ids": [";".join(map(str, table.index[group])) for group in groups],
            **{name: [float(getattr(c, name)) for c in costs] for name in columns},
        },
        geometry=[shapely.union_all(lines[group]) for group in groups],
        index=pd.Index([table.index[group[0]] for group in groups], name="road_id"),
        crs=table.crs,
    )
    order = np.lexsort(
        (
            -frame["added_person_min"], -frame["people_cut_off"], ~frame["over_river"],
        )
    )  # fmt: skip
    frame = frame.iloc[order]
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame
