"""What is measured for each origin of a check, and how far it may be off (测量)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ctzgis.analysis import (
    accessibility,
    isochrones,
    snapped_points,
    travel_time_matrix,
)
from ctzgis.analysis.columns import numbers_of
from ctzgis.assessment.network_accuracy import accuracy_of_network
from ctzgis.batch.inputs import COUNT, counted
from ctzgis.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.batch.checks import Check
    from ctzgis.batch.inputs import PointSet
    from ctzgis.network import Direction, TravelNetwork

__all__ = ["Measures", "error_share", "measure"]


# Each takes some 60 bytes while it is judged.
_MOST_PAIRS: Final = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """
    A value for each origin, and the bounds within which the true one lies.

    Attributes
    ----------
    middle
        Values as measured: minutes, sums or km²; ``inf`` minutes where there is no way,
        NaN where nothing can be measured.
    low, high
        Bounds by the accuracy of the network, and by what has no road near it or no
        position; 0 and ``inf`` where nothing is known.
    no_trip
        Whether trips were looked for and the network offers not a single one.
    """

    middle: "NDArray[np.float64]"
    low: "NDArray[np.float64]"
    high: "NDArray[np.float64]"
    no_trip: bool = False

    @property
    def known(self) -> "NDArray[np.bool_]":
        """Which origins have a value."""
        return ~np.isnan(self.middle)


def error_share(network: "TravelNetwork", check: "Check") -> float:
    """Return how far times may be off: known for schematic networks, else taken as 0."""
    accuracy = accuracy_of_network(network)
    return accuracy.rail_times if "rail" in check.mode else accuracy.times


def measure(
    check: "Check",
    network: "TravelNetwork",
    origins: "PointSet",
    destinations: "PointSet | None",
) -> Measures:
    """
    Measure every origin of a check; those without a position come last.

    Raises
    ------
    InputError
        If the check asks for a column, mode or profile that is not there.
    """
    error = error_share(network, check)
    if destinations is None:
        found = _areas(check, network, origins.frame, error)
    elif check.kind == "travel_time":
        found = _times(check, network, origins, destinations, error)
    else:
        found = _sums(check, network, origins.frame, destinations, error)
    unknown = np.full(len(origins.lost), np.nan)
    return Measures(
        np.concatenate([found.middle, unknown]),
        np.concatenate([found.low, np.zeros(len(unknown))]),
        np.concatenate([found.high, np.full(len(unknown), np.inf)]),
        no_trip=found.no_trip,
    )


def _times(
    check: "Check",
    network: "TravelNetwork",
    origins: "PointSet",
    destinations: "PointSet",
    error: float,
) -> Measures:
    minutes = _minutes(check, network, origins.frame, destinations.frame)
    counts, maybe = _pairs(check, origins, destinations)
    unknown = np.isnan(minutes)
    low = np.where(unknown, 0.0, minutes * (1 - error))
    high = np.where(unknown, np.inf, minutes * (1 + error))
    measured = counts & ~unknown
    if check.reach == "all":
        middle = _farthest(minutes, counts)
        low, high = _farthest(low, counts), _farthest(high, counts)
        if destinations.lost:  # which may be farther than all others
            middle, high = np.full_like(middle, np.nan), np.full_like(high, np.inf)
    else:
        middle = _nearest(np.where(unknown, np.inf, minutes), counts)
        # Nothing that can be measured is no time, not an infinite one.
        middle[~measured.any(axis=1)] = np.nan
        low, high = _nearest(low, counts | maybe), _nearest(high, counts)
        if destinations.lost:  # which may be nearer than all others
            low = np.zeros_like(low)
    nothing = ~(counts | maybe).any(axis=1)
    middle[nothing], low[nothing], high[nothing] = np.nan, 0.0, np.inf
    return Measures(
        middle,
        low,
        high,
        no_trip=bool(measured.any() and np.isposinf(minutes[measured]).all()),
    )


def _nearest(
    minutes: "NDArray[np.float64]", counts: "NDArray[np.bool_]"
) -> "NDArray[np.float64]":
    nearest: NDArray[np.float64] = np.where(counts, minutes, np.inf).min(
        axis=1, initial=np.inf
    )
    return nearest


def _farthest(
    minutes: "NDArray[np.float64]", counts: "NDArray[np.bool_]"
) -> "NDArray[np.float64]":
    """Return the longest; NaN where one that counts is not known."""
    farthest: NDArray[np.float64] = np.where(counts, minutes, 0.0).max(
        axis=1, initial=0.0
    )
    return farthest


def _minutes(
    check: "Check",
    network: "TravelNetwork",
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
) -> "NDArray[np.float64]":
    """Return a row an origin: ``inf`` where there is no way, NaN off the network."""
    if (pairs := len(origins) * len(destinations)) > _MOST_PAIRS:
        msg = (
            f"{pairs:,} pairs of origins and destinations are more than a check "
            f"compares ({_MOST_PAIRS:,}); take fewer points"
        )
        raise InputError(msg)
    toward = check.direction == "to"
    start, end = (destinations, origins) if toward else (origins, destinations)
    table = travel_time_matrix(
        network, start, end, mode=check.mode, profile=check.profile
    )
    minutes = np.nan_to_num(table.to_numpy(dtype=float), nan=np.inf)
    minutes[_off(check, network, start, "from")] = np.nan
    minutes[:, _off(check, network, end, "to")] = np.nan
    square: NDArray[np.float64] = minutes.T if toward else minutes
    return square


def _off(
    check: "Check",
    network: "TravelNetwork",
    points: "gpd.GeoDataFrame",
    direction: "Direction",
) -> "NDArray[np.bool_]":
    """Tell which points have no road near them that a trip may start or end on."""
    found = snapped_points(network, points, mode=check.mode, direction=direction)
    off: NDArray[np.bool_] = (found["reason"] != "").to_numpy(dtype=bool)
    return off


def _pairs(
    check: "Check", origins: "PointSet", destinations: "PointSet"
) -> "tuple[NDArray[np.bool_], NDArray[np.bool_]]":
    """Return which pairs count, and which may as far as is known."""
    shape = (len(origins.frame), len(destinations.frame))
    counts, maybe = np.ones(shape, dtype=bool), np.zeros(shape, dtype=bool)
    if check.origins == check.destinations:
        # A place is not asked whether it reaches itself.
        np.fill_diagonal(counts, val=False)
    if check.reach != "another_city":
        return counts, maybe
    here = _cities(origins, check.origins.name)
    there = _cities(destinations, _destinations_name(check))
    if not set(here) & set(there) - {None}:
        msg = (
            f"no city of '{check.origins.name}' is one of those of "
            f"'{_destinations_name(check)}'; spell them alike, or write reach = \"any\" "
            "if every destination is another city's"
        )
        raise InputError(msg)
    codes = pd.factorize(np.array([*here, *there], dtype=object))[0]
    first, second = codes[: len(here), None], codes[None, len(here) :]
    blank = (first < 0) | (second < 0)
    return counts & (first != second) & ~blank, counts & blank


def _destinations_name(check: "Check") -> str:
    """Return what the file calls the destinations."""
    return check.destinations.name if check.destinations else ""


def _cities(points: "PointSet", name: str) -> tuple[str | None, ...]:
    if points.cities is None:
        msg = f"points '{name}' do not tell their cities; name the field (city_column)"
        raise InputError(msg)
    return points.cities


def _sums(
    check: "Check",
    network: "TravelNetwork",
    origins: "gpd.GeoDataFrame",
    opportunities: "PointSet",
    error: float,
) -> Measures:
    frame = counted(opportunities.frame, check.value)
    cutoffs = _cutoffs(check, error)
    table = accessibility(
        network,
        origins,
        frame,
        cutoffs_min=cutoffs,
        value=check.value,
        direction=check.direction,
        mode=check.mode,
        profile=check.profile,
    )
    sums = table["reached"].to_numpy().reshape(len(origins), len(cutoffs))
    far_side: Direction = "to" if check.direction == "from" else "from"
    off = _off(check, network, frame, far_side)
    values = numbers_of(frame, check.value, "opportunities")
    # What cannot be placed might be within reach.
    beyond = float(values[off].sum())
    beyond += len(opportunities.lost) if check.value == COUNT else 0
    known = ~np.isnan(sums[:, 0])
    return _bounded(sums, known, beyond)


def _areas(
    check: "Check", network: "TravelNetwork", origins: "gpd.GeoDataFrame", error: float
) -> Measures:
    cutoffs = _cutoffs(check, error)
    table = isochrones(
        network,
        origins,
        cutoffs_min=cutoffs,
        direction=check.direction,
        mode=check.mode,
        profile=check.profile,
        off_road_m=check.off_road_m,
    )
    km2 = table.set_index(["origin_id", "cutoff_min"])["area_km2"]
    square = np.array(
        [[km2[key, cutoff] for cutoff in cutoffs] for key in origins.index]
    )
    return _bounded(square, ~_off(check, network, origins, check.direction), 0.0)


def _cutoffs(check: "Check", error: float) -> list[float]:
    """Return the cutoff between those that stand for it if times are off."""
    cutoff = float(check.cutoff_min or 0)
    return [cutoff / (1 + error), cutoff, cutoff / (1 - error)] if error else [cutoff]


def _bounded(
    amounts: "NDArray[np.float64]", known: "NDArray[np.bool_]", beyond: float
) -> Measures:
    """Return amounts within the cutoffs as values with their bounds."""
    middle = amounts[:, amounts.shape[1] // 2]
    return Measures(
        np.where(known, middle, np.nan),
        np.where(known, amounts[:, 0], 0.0),
        np.where(known, amounts[:, -1] + beyond, np.inf),
    )
