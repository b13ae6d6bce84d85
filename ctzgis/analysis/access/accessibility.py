"""Who can reach what in time (可达性)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ctzgis.analysis.access.trip_words import directed, lasting, ruled_by_trips
from ctzgis.analysis.access.trips import (
    Trips,
    no_road,
    require_cutoff,
    require_cutoffs,
    trips,
)
from ctzgis.analysis.columns import numbers_of, require_columns
from ctzgis.analysis.rules import in_one, ruled
from ctzgis.errors import InputError
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.engine import Connectors, connectors, sums_within
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from ctzgis.progress import Progress

__all__ = ["accessibility", "centres_reached"]

_POINTS: Final = Text("各点", "each point")


def accessibility(
    network: TravelNetwork,
    points: "gpd.GeoDataFrame",
    opportunities: "gpd.GeoDataFrame",
    *,
    cutoffs_min: "Sequence[float]",
    value: str = "population",
    direction: Direction = "from",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Add up the opportunities that each point reaches in time (累积机会).

    Trips are those of ``travel_times``; one that takes exactly the cutoff counts. By car
    or on foot a point reaches what is at its own place, if both have one id.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    points
        Points in the CRS of the network, indexed by id.
    opportunities
        Points with what is there: people, jobs, hospitals.
    cutoffs_min
        Minutes within which an opportunity counts.
    value
        Column of ``opportunities`` that is added up.
    direction
        ``"from"``: what each point reaches; ``"to"``: what reaches each point.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        One row per point and cutoff, points first: ``point_id``, ``cutoff_min``,
        ``reached`` (sum of ``value``), ``reached_share`` of all there is (0–1; NaN if
        that is 0) and ``reason``; NaN with a reason where no road is near the point.
        ``attrs["rules"]`` tells cutoffs, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If a cutoff is not above 0, the column is missing, or a value is undefined.

    Notes
    -----
    Times are rounded to 0.005 s on each road.

    Examples
    --------
    From Gridville's centre the corners are 10 km of road away, a minute each:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> accessibility(gridville(), places.loc[["centre"]], places, cutoffs_min=(9, 10))
      point_id  cutoff_min  reached  reached_share reason
    0   centre           9   1000.0            0.2
    1   centre          10   5000.0            1.0
    """
    require_cutoffs(cutoffs_min)
    values = numbers_of(opportunities, value, "opportunities")
    asked = trips(
        network, points, opportunities, direction=direction, mode=mode,
        profile=profile, rules=rules,
    )  # fmt: skip
    graph, near, there = asked.graph, asked.points.found, asked.there
    reached = np.full((len(points), len(cutoffs_min)), np.nan)
    held = np.bincount(
        graph.anchors[there], weights=values[there], minlength=graph.search.count
    )
    reached[near] = sums_within(
        graph.search,
        _with_own(asked).take(np.flatnonzero(near)),
        cutoffs_min,
        held,
        reverse=graph.reverse,
        progress=progress,
    )
    pairs = pd.MultiIndex.from_product(
        [points.index, cutoffs_min], names=["point_id", "cutoff_min"]
    )
    frame: pd.DataFrame = pairs.to_frame(index=False)
    frame["reached"] = reached.ravel()
    total = values.sum()
    frame["reached_share"] = frame["reached"] / total if total else np.nan
    why = np.where(near, "", no_road(direction))
    frame["reason"] = np.repeat(why, len(cutoffs_min))
    return ruled_by_trips(
        frame, network, lasting(*cutoffs_min), directed(direction, _POINTS),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _with_own(asked: Trips) -> Connectors:
    """Return the connectors of points with ways of no time to what they are at."""
    here, graph = asked.points, asked.graph
    point, anchor = asked.own
    both = here.found[point] & asked.there[anchor]
    return connectors(
        len(here),
        np.concatenate([here.point, point[both]]),
        np.concatenate([here.vertex, graph.anchors[anchor[both]]]),
        np.concatenate([here.minutes, np.zeros(both.sum())]),
    )


def centres_reached(
    times: pd.DataFrame, population: "pd.Series[float]", *, cutoff_min: float
) -> pd.DataFrame:
    """
    Tell which share of the population reaches one, two, … centres in time.

    Parameters
    ----------
    times
        ``from_id`` (settlement), ``to_id`` (centre) and ``travel_time_min``, a row a
        pair, as ``travel_times`` gives them; NaN where there is no trip.
    population
        People by settlement id, 0 or more; settlements outside it do not count, those
        without a time reach nothing.
    cutoff_min
        Minutes within which a centre counts as reached, these included.

    Returns
    -------
    DataFrame
        Indexed by ``centres`` (1 … number of centres): ``population`` that reaches
        at least so many, and ``population_share`` of all people (0–1; NaN if there
        is nobody). ``attrs["rules"]`` tells the cutoff, then what ``times`` tell.

    Raises
    ------
    InputError
        If the cutoff is not above 0, a column is missing, a pair or a settlement is
        given twice, or a number of people is missing or negative.

    Notes
    -----
    A circle of a plan (``TimeCircle``, 半小时通勤圈) is a time between places; how many
    people it serves is a measure of this library.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.DataFrame({"from_id": ["a", "a", "b", "b"],
    ...                       "to_id": ["x", "y", "x", "y"],
    ...                       "travel_time_min": [10, 25, 20, 40]})
    >>> people = pd.Series({"a": 300, "b": 100})
    >>> centres_reached(times, people, cutoff_min=30)["population_share"].to_dict()
    {1: 1.0, 2: 0.75}
    """
    require_cutoff(cutoff_min)
    require_columns(times, ["from_id", "to_id", "travel_time_min"], "times")
    _require_once(times, population)
    table = times.pivot_table(
        index="from_id", columns="to_id", values="travel_time_min", dropna=False
    ).reindex(population.index)
    count = (table <= cutoff_min).sum(axis=1)
    people = population.to_numpy(dtype=float)
    levels = np.arange(1, table.shape[1] + 1)
    reached = [float(people[count.to_numpy() >= level].sum()) for level in levels]
    total = people.sum()
    frame = pd.DataFrame(
        {
            "population": reached,
            "population_share": [r / total if total else np.nan for r in reached],
        },
        index=pd.Index(levels, name="centres"),
    )
    made = times.attrs.get("rules", Text("", ""))
    return ruled(frame, *in_one(lasting(cutoff_min), made))


def _require_once(times: pd.DataFrame, population: "pd.Series[float]") -> None:
    """Refuse pairs or settlements given twice, and people that are no numbers."""
    twice = times.duplicated(["from_id", "to_id"])
    if twice.any():
        pair = times.loc[twice, ["from_id", "to_id"]].iloc[0].tolist()
        msg = f"times have the pair {pair[0]!r}, {pair[1]!r} twice; one row is expected"
        raise InputError(msg)
    if population.index.has_duplicates:
        key = population.index[population.index.duplicated()][0]
        msg = f"population repeats {key!r}; one number a settlement is expected"
        raise InputError(msg)
    numbers_of(population.to_frame("population"), "population", "people", least=0.0)
