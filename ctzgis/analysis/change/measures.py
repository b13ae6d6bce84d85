"""Measures of a whole network, one number each (整体指标)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ctzgis.analysis.access.nearest import population_within
from ctzgis.analysis.access.travel_times import travel_time_matrix
from ctzgis.analysis.access.trip_words import lasting, trips_told
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.rules import in_one
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules
from ctzgis.network.travel_graph import CHAINS
from ctzgis.tables import POINTS, POPULATION
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["OWN_MEASURE", "Measure", "NamedMeasure", "mean_minutes", "people_within"]

Measure = Callable[[TravelNetwork], float]
"""Takes a network and returns one number; NaN where it is undefined."""

OWN_MEASURE: Final = Text("指标由用户给定", "a measure of the user")
"""What is told of a measure that tells nothing of itself."""


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
    rules
        What is measured, and how, in words.
    """

    of: Measure
    name: str
    unit: str
    better: Literal["less", "more"]
    rules: Text = OWN_MEASURE

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

    Parameters
    ----------
    points
        Points in the CRS of the networks that are measured, indexed by id.
    mode, profile, rules
        As for ``travel_times``.

    Returns
    -------
    NamedMeasure
        Takes a network of one year, returns minutes. NaN while any of the pairs has no
        trip, for a mean over fewer pairs could fall because trips are lost; NaN of fewer
        than two points. ``rules`` tells how trips are made.

    Raises
    ------
    SchemaError
        If points break their contract.
    InputError
        If the mode is not known.
    CRSError, InputError
        When a network is measured that is in another CRS or has no such profile.

    Notes
    -----
    A measure of this library; every pair counts alike, however many people make it.

    Examples
    --------
    Between Gridville's corners and its centre, from and to each: 8 trips of 10 min with
    the centre, 8 of 10 min along a side and 4 of 20 min between opposite corners.

    >>> from ctzgis.examples import gridville, gridville_places
    >>> mean_minutes(gridville_places())(gridville())
    12.0
    """
    POINTS.check(points)
    _require_mode(mode)

    def of(network: TravelNetwork) -> float:
        minutes = travel_time_matrix(
            network, points, points, mode=mode, profile=profile, rules=rules
        ).to_numpy()
        apart = minutes[~np.eye(len(points), dtype=bool)]
        return float(apart.mean()) if apart.size else np.nan

    every_pair = Text("每两点往返时间的平均", "mean over every two points, both ways")
    told = in_one(every_pair, trips_told([mode], profile=profile, rules=rules))
    return NamedMeasure(of, "mean_minutes", "min", "less", told)


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

    Parameters
    ----------
    population
        Points with ``population``, in the CRS of the networks that are measured.
    destinations
        Points in that CRS, indexed by id.
    cutoff_min
        Longest trip that counts; one that takes exactly so long does.
    mode, profile, rules
        As for ``travel_times``.

    Returns
    -------
    NamedMeasure
        Takes a network of one year, returns people; who has no road near counts as not
        reaching any. ``rules`` tells the cutoff and how trips are made.

    Raises
    ------
    SchemaError
        If points break their contract.
    InputError
        If the cutoff is not above 0 or the mode is not known.
    CRSError, InputError
        When a network is measured that is in another CRS or has no such profile.

    Notes
    -----
    As ``population_within`` counts them, with trips to the destinations.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> people_within(places, places.loc[["centre"]], cutoff_min=10)(gridville())
    5000.0
    """
    require_cutoff(cutoff_min)
    POPULATION.check(population)
    POINTS.check(destinations)
    _require_mode(mode)

    def of(network: TravelNetwork) -> float:
        found = population_within(
            network, destinations, population, cutoffs_min=[cutoff_min], mode=mode,
            profile=profile, rules=rules,
        )  # fmt: skip
        return float(found["population"].iloc[0])

    nearest = Text("到达任一目的地的人口", "people who reach any of the destinations")
    told = in_one(
        nearest, lasting(cutoff_min), trips_told([mode], profile=profile, rules=rules)
    )
    return NamedMeasure(of, "people_within", "people", "more", told)


def _require_mode(mode: str) -> None:
    if mode not in tuple(CHAINS):
        msg = f"mode {mode!r} is not known; one of {', '.join(CHAINS)}"
        raise InputError(msg)
