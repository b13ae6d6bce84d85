"""People before and after: how long their trips are, by zone (人口变化)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.tables import POPULATION

if TYPE_CHECKING:
    from ctzgis.network import TravelNetwork

__all__ = [
    "SAME_MIN",
    "named_changes",
    "nobody",
    "people_changes",
    "require_people",
    "zone_changes",
]

SAME_MIN: Final = 0.05
"""Times that differ by less are the same: 3 s, ten times what rounding sixty roads does."""

_ALL: Final = "all"


def require_people(population: gpd.GeoDataFrame | None, zone: str | None) -> None:
    """Raise unless people are people, and the zone is a column of theirs."""
    if population is None:
        if zone is not None:
            msg = f"zone '{zone}' is a column of population, which is not given"
            raise InputError(msg)
        return
    POPULATION.check(population)
    if zone is not None and zone not in population:
        known = ", ".join(str(c) for c in population if c != "geometry")
        msg = f"population has no column '{zone}'; it has: {known}"
        raise InputError(msg)


def named_changes(
    before: "pd.Series[float]", after: "pd.Series[float]"
) -> "np.ndarray[Any, Any]":
    """Name the change of each time."""
    saved = before - after
    return np.select(
        [
            before.isna() & after.isna(),
            before.isna(),
            after.isna(),
            saved > SAME_MIN,
            saved < -SAME_MIN,
        ],
        ["none", "new", "lost", "quicker", "slower"],
        default="same",
    ).astype(object)


def people_changes(
    population: gpd.GeoDataFrame | None,
    nearest: tuple[pd.DataFrame | None, pd.DataFrame | None],
    zone: str | None,
    cutoff_min: float,
) -> gpd.GeoDataFrame | None:
    """Return people with their times to the nearest destination."""
    if population is None:
        return None
    minutes = [
        pd.Series(frame["travel_time_min"].to_numpy(), index=population.index)
        for frame in nearest
        if frame is not None
    ]
    in_time = [values <= cutoff_min for values in minutes]
    zones = population[zone].fillna("") if zone is not None else _ALL
    reach = np.select(
        [in_time[1] & ~in_time[0], in_time[0] & ~in_time[1]], ["gained", "lost"], ""
    )
    return gpd.GeoDataFrame(
        {
            "population": population["population"].astype(float),
            "zone": zones,
            "before_min": minutes[0],
            "after_min": minutes[1],
            "saved_min": minutes[0] - minutes[1],
            "change": named_changes(*minutes),
            "reach": reach.astype(object),
        },
        geometry=population.geometry.array,
        index=population.index,
        crs=population.crs,
    )


def nobody(network: "TravelNetwork") -> gpd.GeoDataFrame:
    """Return the table of people without a row."""
    columns: dict[str, Any] = {
        name: pd.Series(dtype=kind)
        for name, kind in (
            ("population", float), ("zone", object), ("before_min", float),
            ("after_min", float), ("saved_min", float), ("change", object),
            ("reach", object),
        )
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=[], crs=network.roads.crs)


def zone_changes(people: gpd.GeoDataFrame, cutoff_min: float) -> pd.DataFrame:
    """Count winners and losers by zone."""
    count = people["population"]
    change = people["change"]
    won, lost = change.isin(["quicker", "new"]), change.isin(["slower", "lost"])
    both = people["saved_min"].notna()
    parts = pd.DataFrame(
        {
            "population": count,
            "winners": count.where(won, 0),
            "losers": count.where(lost, 0),
            "unchanged": count.where(~won & ~lost, 0),
            "reached_before": count.where(people["before_min"] <= cutoff_min, 0),
            "reached_after": count.where(people["after_min"] <= cutoff_min, 0),
            "gained": count.where(people["reach"] == "gained", 0),
            "lost": count.where(people["reach"] == "lost", 0),
            "_both": count.where(both, 0),
            "before_min": (people["before_min"] * count).where(both, 0),
            "after_min": (people["after_min"] * count).where(both, 0),
        }
    )
    sums = parts.groupby(people["zone"], sort=True).sum().rename_axis("zone")
    served = sums.pop("_both").replace(0.0, np.nan)
    for column in ("before_min", "after_min"):
        sums[column] = sums[column] / served
    sums["saved_min"] = sums["before_min"] - sums["after_min"]
    return sums
