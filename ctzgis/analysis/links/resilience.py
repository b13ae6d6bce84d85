"""Roads whose loss costs most (路网韧性)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.trip_words import ruled_by_trips
from ctzgis.analysis.access.trips import same_points
from ctzgis.analysis.columns import named, numbers_of, whole_number
from ctzgis.analysis.links.betweenness import betweenness
from ctzgis.analysis.links.closing import Closing
from ctzgis.analysis.links.link_frames import BARRIER_KINDS, require_sound
from ctzgis.analysis.links.lost_together import together
from ctzgis.analysis.links.modes import require_means
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.engine.low_links import parting_edges
from ctzgis.network.layers import Means, usable_roads
from ctzgis.progress import telling
from ctzgis.tables import POINTS, POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.progress import Progress

    Numbers = NDArray[np.float64]
    Marks = NDArray[np.bool_]
    Rows = NDArray[np.int64]

__all__ = ["KINDS", "TripsTo", "critical_roads"]

TripsTo = Literal["nearest", "every"]
"""Whether each person goes to the nearest centre, or to every one in turn."""

KINDS: Final = ("river", "bridge", "parting", "busy", "given")
"""Why a road is closed: 过江通道、桥、割边、要道、指定."""

# A bridge ends its part of a name (湘江大桥, 湘潭一大桥—建设路, 银盆岭大桥(北幅)), or a
# side follows: 黄桥大道 and 板桥路 are none.
_OTHER_BARRIERS: Final = frozenset(BARRIER_KINDS) - {"river"}
_BRIDGE: Final = "桥(?![^\\s()（）—–、,，;；/·东西南北主辅引匝-])"
_ORIGINS: Final = 200
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
    mode: Means = "drive",
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
    if rivers is not None and "kind" in rivers:
        rivers = rivers[~rivers["kind"].isin(_OTHER_BARRIERS)]
    over = _over(table, rivers)
    if roads is None:
        why = _chosen(
            network, asked, held, over, parting=parting, busiest=busiest, seed=seed,
            mode=mode, profile=profile, rules=rules, progress=progress,
        )  # fmt: skip
    else:
        why = _given(table, roads, over)
    groups = together(table, np.flatnonzero(why < len(KINDS)), over)
    costs = _costs(asked, held, groups, to, progress)
    told = _told(roads, rivers, parting=parting, busiest=busiest, seed=seed)
    return ruled_by_trips(
        _frame(table, groups, costs, why, over, _river_names(rivers)), network, told,
        _WHERE_TO[to], modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _told(
    roads: "Sequence[str] | None",
    rivers: gpd.GeoDataFrame | None,
    *,
    parting: int,
    busiest: int,
    seed: int,
) -> Text:
    """Tell which roads are closed, and how."""
    if roads is not None:
        which = Text("指定的道路", "given roads")
    else:
        over = (
            Text("过江道路、", "roads over rivers, ")
            if rivers is not None
            else Text("", "")
        )
        which = Text(
            f"{over.zh}桥、割边{parting}条、要道{busiest}条（{_ORIGINS}个起点，种子{seed}）",
            f"{over.en}bridges, {parting} parting and {busiest} busiest roads ({_ORIGINS} "
            f"origins, seed {seed})",
        )
    return Text(
        f"{which.zh}，逐条封闭，两幅同时",
        f"{which.en} closed in turn, both carriageways at once",
    )


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


def _over(roads: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame | None) -> "Rows":
    """Return the row of the first river that each road crosses; -1 if it does none."""
    found = np.full(len(roads), -1)
    if rivers is None or not len(rivers):
        return found
    shapes = np.asarray(rivers.geometry.array)
    tree = shapely.STRtree(shapes)
    lines = np.asarray(roads.geometry.array)
    # A part of a bridge may lie within an area of water.
    road, river = np.concatenate(
        [tree.query(lines, predicate=how) for how in ("crosses", "within")], axis=1
    )
    order = np.lexsort((river, road))[::-1]
    found[road[order]] = river[order]
    return found


def _river_names(rivers: gpd.GeoDataFrame | None) -> "NDArray[np.object_]":
    """Return the names of rivers, and nothing for where there is none."""
    if rivers is None or "name_zh" not in rivers:
        return np.full(1 if rivers is None else len(rivers) + 1, "", dtype=object)
    return np.array([*rivers["name_zh"].fillna(""), ""], dtype=object)


def _given(table: gpd.GeoDataFrame, roads: "Sequence[str]", over: "Rows") -> "Rows":
    """Return why each road is closed, as a place in ``KINDS``; beyond if it is not."""
    roads = named(roads, "roads")
    rows = table.index.get_indexer(roads)
    if (rows < 0).any():
        unknown = [name for name, row in zip(roads, rows, strict=True) if row < 0]
        msg = f"the network has no road {unknown[0]!r}"
        raise InputError(msg)
    why = np.full(len(table), len(KINDS))
    why[rows] = KINDS.index("given")
    named = _named_bridges(table)
    why[rows[named[rows]]] = KINDS.index("bridge")
    why[rows[over[rows] >= 0]] = KINDS.index("river")
    return why


def _named_bridges(table: gpd.GeoDataFrame) -> "Marks":
    if "name_zh" not in table:
        return np.zeros(len(table), dtype=bool)
    named = table["name_zh"].astype("string").str.contains(_BRIDGE)
    return np.asarray(named.fillna(value=False), dtype=bool)


def _chosen(
    network: TravelNetwork,
    asked: Closing,
    held: "Numbers",
    over: "Rows",
    *,
    parting: int,
    busiest: int,
    seed: int,
    mode: Means,
    profile: str,
    rules: TravelRules,
    progress: "Progress | None",
) -> "Rows":
    """Return why each road is closed, as a place in ``KINDS``; beyond if it is not."""
    table = network.roads.roads
    usable = usable_roads(table, mode)
    why = np.full(len(table), len(KINDS))
    if busiest:
        passed = betweenness(
            network, origins=_ORIGINS, seed=seed, mode=mode, profile=profile,
            rules=rules, progress=progress,
        )["betweenness"].to_numpy()  # fmt: skip
        most = np.argsort(-passed, kind="stable")[:busiest]
        why[most[passed[most] > 0]] = KINDS.index("busy")
    if parting:
        lesser = _parted_off(network, asked, held, usable)
        most = np.argsort(-lesser, kind="stable")[:parting]
        why[most[lesser[most] > 0]] = KINDS.index("parting")
    why[_named_bridges(table) & usable] = KINDS.index("bridge")
    why[(over >= 0) & usable] = KINDS.index("river")
    return why


def _parted_off(
    network: TravelNetwork, asked: Closing, held: "Numbers", usable: "Marks"
) -> "Numbers":
    """Return the people on the lesser side of each road that parts the network."""
    roads, junctions = network.roads.roads, network.roads.junctions
    joined = asked.graph.join(asked.snaps).connectors
    # Everybody at the junction that is reached first; beyond anchors are no junctions.
    there = np.zeros(max(len(junctions), int(joined.vertex.max(initial=0)) + 1))
    order = np.lexsort((joined.ticks, joined.point))
    point, vertex = joined.point[order], joined.vertex[order]
    _, first = np.unique(point, return_index=True)
    np.add.at(there, vertex[first], held[point[first]])
    first_row, last_row = (
        junctions.index.get_indexer(roads[name]) for name in ("from_id", "to_id")
    )
    lesser = np.zeros(len(roads))
    rows = np.flatnonzero(usable)
    _, lesser[rows] = parting_edges(
        len(junctions), first_row[rows], last_row[rows], there[: len(junctions)]
    )
    return lesser


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
