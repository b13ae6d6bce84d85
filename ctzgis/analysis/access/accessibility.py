"""Who can reach what in time (可达性)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.trips import Trips, no_road, require_cutoffs, trips
from ctzgis.analysis.columns import numbers_of
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.engine import Connectors, connectors, sums_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from ctzgis.progress import Progress


__all__ = ["accessibility", "centres_reached"]


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
        ``reached`` (sum of ``value``), ``reached_share`` of all there is (0–1) and
        ``reason``; NaN with a reason where no road is near the point.

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
    return frame


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
        Travel times from each settlement (``from_id``) to each centre (``to_id``).
    population
        People by settlement id; settlements outside it do not count.
    cutoff_min
        Minutes within which a centre counts as reached.

    Returns
    -------
    DataFrame
        Indexed by ``centres`` (1 … number of centres): ``population`` that reaches
        at least so many, and ``population_share`` of all people (0–1; NaN if there
        is nobody).

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
    table = times.pivot_table(
        index="from_id", columns="to_id", values="travel_time_min", dropna=False
    ).reindex(population.index)
    count = (table <= cutoff_min).sum(axis=1)
    people = population.to_numpy(dtype=float)
    levels = np.arange(1, table.shape[1] + 1)
    reached = [float(people[count.to_numpy() >= level].sum()) for level in levels]
    total = people.sum()
    return pd.DataFrame(
        {
            "population": reached,
            "population_share": [r / total if total else np.nan for r in reached],
        },
        index=pd.Index(levels, name="centres"),
    )
