"""Measures of a whole network, one number each (整体指标)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ctzgis.analysis.access.nearest import population_within
from ctzgis.analysis.access.travel_times import travel_time_matrix
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Measure", "NamedMeasure", "mean_minutes", "people_within"]

Measure = Callable[[TravelNetwork], float]
"""Takes a network and returns one number; NaN where it is undefined."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedMeasure:
    """
    A measure with its name and unit.

    Attributes
    ----------
    of
        Takes a network, returns the number.
    name
        What is measured.
    unit
        Unit of the number.
    better
        Whether ``"less"`` or ``"more"`` of it is better.
    """

    of: Measure
    name: str
    unit: str
    better: Literal["less", "more"]

    def __call__(self, network: TravelNetwork) -> float:
        """Measure a network."""
        return self.of(network)


def mean_minutes(
    points: "gpd.GeoDataFrame",
    *,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> NamedMeasure:
    """
    Return the measure of the mean time between every two of some points, both ways.

    It is NaN while any of the pairs has no trip: a mean over fewer pairs could fall
    because trips are lost.

    Examples
    --------
    Between Gridville's corners and its centre, from and to each: 8 trips of 10 min with
    the centre, 8 of 10 min along a side and 4 of 20 min between opposite corners.

    >>> from ctzgis.examples import gridville, gridville_places
    >>> mean_minutes(gridville_places())(gridville())
    12.0
    """

    def of(network: TravelNetwork) -> float:
        minutes = travel_time_matrix(
            network, points, points, mode=mode, profile=profile, rules=rules
        ).to_numpy()
        apart = minutes[~np.eye(len(points), dtype=bool)]
        return float(apart.mean()) if apart.size else np.nan

    return NamedMeasure(of, "mean_minutes", "min", "less")


def people_within(
    population: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    cutoff_min: float,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> NamedMeasure:
    """
    Return the measure of the people who reach any of the destinations in time.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> people_within(places, places.loc[["centre"]], cutoff_min=10)(gridville())
    5000.0
    """

    def of(network: TravelNetwork) -> float:
        found = population_within(
            network, destinations, population, cutoffs_min=[cutoff_min], mode=mode,
            profile=profile, rules=rules,
        )  # fmt: skip
        return float(found["population"].iloc[0])

    return NamedMeasure(of, "people_within", "people", "more")
