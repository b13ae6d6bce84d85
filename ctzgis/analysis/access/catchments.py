"""Supply shared by those who reach it (两步移动搜索法)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.decays import decay_told, weights_of
from ctzgis.analysis.access.trip_words import lasting, ruled_by_trips
from ctzgis.analysis.access.trips import minutes_in_parts, no_road, trips
from ctzgis.analysis.columns import numbers_of
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.access.decays import Decay
    from ctzgis.analysis.access.trips import Trips
    from ctzgis.progress import Progress

__all__ = ["FloatingCatchments", "floating_catchments"]


@dataclass(frozen=True, slots=True, eq=False)
class FloatingCatchments:
    """
    Supply per person where people are, and where it is offered.

    Attributes
    ----------
    people
        Indexed by id: ``supply_per_person`` (0 where nothing is in reach),
        ``facilities_reached`` and ``reason``; NaN with a reason where no road is near.
    facilities
        Indexed by id: ``demand`` (people in reach, weighed), ``supply_per_person`` of
        each facility (NaN where nobody is in reach) and ``reason``.

    ``attrs["rules"]`` of both tells weights, cutoff and how trips are made.
    """

    people: pd.DataFrame
    facilities: pd.DataFrame


def floating_catchments(
    network: TravelNetwork,
    people: "gpd.GeoDataFrame",
    facilities: "gpd.GeoDataFrame",
    *,
    cutoff_min: float,
    decay: "Decay | None" = None,
    demand: str = "population",
    supply: str = "supply",
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> FloatingCatchments:
    """
    Share supply among all who reach it in time, and add up what each can reach.

    The two-step floating catchment area (2SFCA; Luo and Wang 2003): each facility's
    supply is divided by the people within the cutoff, then each person has the sum of
    these ratios within the cutoff. With weights by zones of time it is the enhanced
    method (E2SFCA; Luo and Qi 2009), with another decay one of its kin. What people
    have, added up, is the supply of all facilities that somebody reaches.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    people
        Points with people, indexed by id, in the CRS of the network.
    facilities
        Points with supply: beds, places, seats.
    cutoff_min
        Longest trip that counts.
    decay
        Weight of a time in both steps, such as
        ``Steps({10: 1, 20: 0.68, 30: 0.22})``; 1 within the cutoff if not given.
    demand, supply
        Columns with people and with supply, 0 or more.
    mode, profile, rules, progress
        As for ``travel_times``.

    Returns
    -------
    FloatingCatchments
        A table of ``people`` and one of ``facilities``, each with the index it was given;
        supply per person is in units of ``supply`` per unit of ``demand``. Who reaches
        nothing has 0; NaN with a reason where no road is near.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the cutoff is not above 0, a column is missing, a number or a weight is
        negative or undefined, or a word is not known.

    Examples
    --------
    Ten beds in the centre serve all 5,000 people of Gridville within ten minutes:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> hospital = places.loc[["centre"]].assign(supply=10)
    >>> found = floating_catchments(gridville(), places, hospital, cutoff_min=10)
    >>> found.people["supply_per_person"].unique().tolist()
    [0.002]
    """
    crowd = numbers_of(people, demand, "people", least=0.0)
    offer = numbers_of(facilities, supply, "facilities", least=0.0)
    asked = trips(
        network, people, facilities, cutoff_min, mode=mode, profile=profile,
        rules=rules, names=("people", "facilities"),
    )  # fmt: skip
    person, facility, weight = _in_reach(asked, decay, progress)
    wanted = np.bincount(facility, weights=crowd[person] * weight, minlength=len(offer))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(wanted > 0, offer / wanted, np.nan)
    gain = np.nan_to_num(ratio[facility]) * weight
    share = np.bincount(person, weights=gain, minlength=len(crowd))
    near, there = asked.points.found, asked.there
    told = decay_told(decay), lasting(cutoff_min)
    tables = (
        pd.DataFrame(
            {
                "supply_per_person": np.where(near, share, np.nan),
                "facilities_reached": np.bincount(person, minlength=len(crowd)),
                "reason": np.where(near, "", no_road("from")),
            },
            index=people.index,
        ),
        pd.DataFrame(
            {
                "demand": np.where(there, wanted, np.nan),
                "supply_per_person": ratio,
                "reason": np.where(there, "", no_road("to")),
            },
            index=facilities.index,
        ),
    )
    for frame in tables:
        ruled_by_trips(
            frame, network, *told, modes=[mode], profile=profile, rules=rules
        )
    return FloatingCatchments(*tables)


def _in_reach(
    asked: "Trips", decay: "Decay | None", progress: "Progress | None"
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]":
    """Return the pairs of people and facilities with a weight above 0, and the weight."""
    pairs: list[tuple[NDArray[np.int64], ...]] = []
    weights: list[NDArray[np.float64]] = []
    for part, minutes in minutes_in_parts(asked, progress=progress):
        weight = weights_of(decay or _even, minutes)
        found = np.nonzero(weight)
        pairs.append((found[0] + part.start, found[1]))
        weights.append(weight[found])
    person, facility = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return person, facility, np.concatenate(weights)


def _even(minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Weigh all times alike."""
    return np.ones(len(minutes))
