"""How many people live near the stations of the rail networks (车站覆盖人口)."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.accessibility import accessibility
from ctzgis.analysis.access.nearest import population_within
from ctzgis.analysis.access.trips import require_cutoffs
from ctzgis.analysis.columns import numbers_of, require_metres
from ctzgis.analysis.rail.stations import RAIL_NETWORKS, stations
from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.tables import POPULATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network import Direction
    from ctzgis.progress import Progress

__all__ = ["station_catchments"]


def station_catchments(
    network: TravelNetwork,
    population: "gpd.GeoDataFrame",
    *,
    straight_m: "Sequence[float]" = (800.0,),
    walk_min: "Sequence[float]" = (15.0,),
    drive_min: "Sequence[float]" = (15.0,),
    networks: "Mapping[str, str]" = RAIL_NETWORKS,
    direction: "Direction" = "to",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Count the people near each station, near each rail network and near any.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    population
        Points with people, as ``read_population`` gives them.
    straight_m, walk_min, drive_min
        Straight metres, minutes on foot and by car within which people count, the
        limits included; may be empty.
    networks
        As for ``rail_networks``.
    direction
        ``"to"``: people travel to the stations; ``"from"``: from them.
    profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        ``of`` (``"station"``, ``"network"`` or ``"all"``), ``id``, ``by``
        (``"straight"``, ``"walk"`` or ``"drive"``), ``limit`` (m or min), ``population``
        and ``population_share`` of all people (0–1; NaN if there is nobody). Of each
        station everybody near it counts; of a network, and of all, each person once.
        ``attrs["rules"]`` says so.

    Raises
    ------
    SchemaError, CRSError
        If the population breaks its contract or is in another CRS.
    InputError
        If limits are no list, one is not above 0, or a word is not known.

    Examples
    --------
    At Gridville, the centre alone lives near a station; all live within five minutes by
    car:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> found = station_catchments(gridville(), gridville_places(), drive_min=(5,))
    >>> found.query("of == 'all'").set_index("by")["population"].to_dict()
    {'straight': 1000.0, 'walk': 1000.0, 'drive': 5000.0}
    """
    POPULATION.check(population)
    dots = stations(network.lines, crs=network.roads.crs, networks=networks)
    require_same(population, dots, left_name="population", right_name="lines")
    people = numbers_of(population, "population", "people", least=0.0)
    names = sorted({name for held in dots["networks"] for name in held})
    groups = [
        ("network", name, dots[[name in held for held in dots["networks"]]])
        for name in names
    ]
    asked = {"direction": direction, "profile": profile, "rules": rules}
    parts = []
    for by, limits in (
        ("straight", straight_m),
        ("walk", walk_min),
        ("drive", drive_min),
    ):
        if np.ndim(limits) == 1 and not len(limits):
            continue
        if by == "straight":
            require_metres(limits, "straight_m")
            count = _counter(population, people, limits)
        else:
            require_cutoffs(limits)
            count = _traveller(
                network, population, limits, mode=by, progress=progress, **asked
            )
        parts.append(_part("station", dots.index, by, limits, count.each(dots)))
        for of, name, some in (*groups, ("all", "", dots)):
            parts.append(_part(of, [name], by, limits, [count.pooled(some)]))
    head = _part("station", [], "", [], np.empty((0, 0)))
    frame = pd.concat(parts, ignore_index=True) if parts else head
    total = people.sum()
    frame["population_share"] = frame["population"] / total if total else np.nan
    return ruled(
        frame,
        "距离或时间上限（含）以内的人口；整网与合计每人计一次",
        "people within the limits, these included; of a network and of all each once",
    )


class _Counter(NamedTuple):
    """How people near stations are counted: of each, and once near any of them."""

    each: "Callable[[gpd.GeoDataFrame], NDArray[np.float64]]"
    pooled: "Callable[[gpd.GeoDataFrame], Sequence[float]]"


def _counter(
    population: "gpd.GeoDataFrame",
    people: "NDArray[np.float64]",
    limits_m: "Sequence[float]",
) -> _Counter:
    """Count people within straight distances."""
    homes = np.asarray(population.geometry.array)
    tree = shapely.STRtree(homes)

    def near(
        dots: "gpd.GeoDataFrame", limit: float
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        station, home = tree.query(
            np.asarray(dots.geometry.array), predicate="dwithin", distance=limit
        )
        return station, home

    def each(dots: "gpd.GeoDataFrame") -> "NDArray[np.float64]":
        counts = np.zeros((len(dots), len(limits_m)))
        for i, limit in enumerate(limits_m):
            station, home = near(dots, limit)
            np.add.at(counts[:, i], station, people[home])
        return counts

    def pooled(dots: "gpd.GeoDataFrame") -> list[float]:
        return [float(people[np.unique(near(dots, m)[1])].sum()) for m in limits_m]

    return _Counter(each, pooled)


def _traveller(
    network: TravelNetwork,
    population: "gpd.GeoDataFrame",
    limits_min: "Sequence[float]",
    **asked: Any,
) -> _Counter:
    """Count people within times."""

    def each(dots: "gpd.GeoDataFrame") -> "NDArray[np.float64]":
        found = accessibility(
            network, dots, population, cutoffs_min=limits_min, **asked
        )["reached"]
        return found.fillna(0.0).to_numpy().reshape(len(dots), len(limits_min))

    def pooled(dots: "gpd.GeoDataFrame") -> list[float]:
        found = population_within(
            network, dots, population, cutoffs_min=limits_min, **asked
        )
        counts: list[float] = found["population"].tolist()
        return counts

    return _Counter(each, pooled)


def _part(
    of: str, ids: "Iterable[Any]", by: str, limits: "Sequence[float]", counts: Any
) -> pd.DataFrame:
    """Return counts as rows: ids first, then limits."""
    pairs = [(key, limit) for key in ids for limit in limits]
    return pd.DataFrame(
        {
            "of": [of] * len(pairs),
            "id": [key for key, _ in pairs],
            "by": [by] * len(pairs),
            "limit": [float(limit) for _, limit in pairs],
            "population": np.asarray(counts, dtype=float).ravel(),
        }
    )
