"""Opportunities that count for less the longer the trip (重力模型可达性)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.decays import decay_told, weights_of
from ctzgis.analysis.access.trip_words import directed, lasting, ruled_by_trips
from ctzgis.analysis.access.trips import minutes_in_parts, no_road, trips
from ctzgis.analysis.columns import numbers_of
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.analysis.access.decays import Decay
    from ctzgis.progress import Progress

__all__ = ["gravity_accessibility"]


def gravity_accessibility(
    network: TravelNetwork,
    points: "gpd.GeoDataFrame",
    opportunities: "gpd.GeoDataFrame",
    *,
    decay: "Decay",
    cutoff_min: float | None = None,
    value: str = "population",
    direction: Direction = "from",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Add up opportunities, each weighed by the time to it (Hansen 1959).

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    points
        Points in the CRS of the network, indexed by id.
    opportunities
        Points with what is there: people, jobs, hospitals.
    decay
        Weight of a time, such as ``Exponential(beta_per_min=0.05)``.
    cutoff_min
        Longest trip that counts; all if not given.
    value
        Column of ``opportunities`` that is weighed.
    direction
        ``"from"``: what each point reaches; ``"to"``: what reaches each point.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        Indexed by point id: ``potential``, the weighed sum, in units of ``value``, and
        ``reason``; NaN with a reason where no road is near the point. ``attrs["rules"]``
        tells weights, cutoff, direction and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the column is missing, a value is undefined, the cutoff is not above 0, a
        word is not known, or a weight is negative or undefined.

    Examples
    --------
    The corners of Gridville are 10 minutes from its centre:

    >>> from ctzgis.analysis import Exponential
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> found = gravity_accessibility(
    ...     gridville(), places.loc[["centre"]], places, decay=Exponential(beta_per_min=0.1)
    ... )
    >>> found["potential"].round(1).tolist()
    [2471.5]
    """
    values = numbers_of(opportunities, value, "opportunities")
    asked = trips(
        network, points, opportunities, cutoff_min, direction=direction, mode=mode,
        profile=profile, rules=rules,
    )  # fmt: skip
    potential = np.full(len(points), np.nan)
    for part, minutes in minutes_in_parts(asked, progress=progress):
        potential[part] = weights_of(decay, minutes) @ values
    near = asked.points.found
    potential[~near] = np.nan
    frame = pd.DataFrame(
        {"potential": potential, "reason": np.where(near, "", no_road(direction))},
        index=points.index,
    )
    return ruled_by_trips(
        frame, network, decay_told(decay), lasting(cutoff_min),
        directed(direction, Text("各点", "each point")),
        modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip
