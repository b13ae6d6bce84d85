"""Figures of time circles from times found once for each setting (时间圈数值)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctzgis.analysis.access.accessibility import centres_reached
from ctzgis.analysis.access.edges import edge_travel_times
from ctzgis.analysis.access.travel_times import travel_times
from ctzgis.analysis.access.trip_words import ruled_by_trips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from ctzgis.analysis.access.accuracy import Accuracy, Setting
    from ctzgis.network import Mode
    from ctzgis.progress import Progress
    from ctzgis.texts import Text

    Settings = tuple[Setting, Setting, Setting]

__all__ = [
    "TimesByMode",
    "centre_table",
    "edge_table",
    "people_table",
    "ruled_by_circle",
    "slower_direction",
    "times_by_mode",
]

_BAND = ("travel_time_min", "low_min", "high_min")


@dataclass(frozen=True, slots=True, eq=False)
class TimesByMode:
    """
    Minutes by each mode: as stated, at the quickest and at the slowest.

    Each has ``from_id``, ``to_id`` and a column for each mode.
    """

    stated: pd.DataFrame
    quick: pd.DataFrame
    slow: pd.DataFrame


def times_by_mode(
    parts: "Settings",
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    modes: "Sequence[Mode]",
    profile: str,
    progress: "Progress | None" = None,
) -> TimesByMode:
    """Find the quickest trips by each mode in each setting."""
    tables = []
    for part in parts:
        columns: dict[str, pd.Series[float]] = {}
        for mode in modes:
            times = travel_times(
                part.network, origins, destinations, mode=mode, profile=profile,
                rules=part.rules, progress=progress,
            )  # fmt: skip
            columns[mode] = times["travel_time_min"]
        tables.append(times[["from_id", "to_id"]].assign(**columns))
    return TimesByMode(*tables)


def centre_table(
    times: TimesByMode, ways: "Mapping[str, Sequence[Mode]]"
) -> pd.DataFrame:
    """Return the quickest mode of each way from each centre to each other, with bands."""
    stated = times.stated
    apart = stated["from_id"] != stated["to_id"]
    rows = []
    for way, modes in ways.items():
        names = list(modes)
        least = stated[names].to_numpy()
        found = ~np.isnan(least).all(axis=1)
        best = np.where(np.isnan(least), np.inf, least).argmin(axis=1)
        rows.append(
            pd.DataFrame(
                {
                    "from_id": stated["from_id"],
                    "to_id": stated["to_id"],
                    "way": way,
                    "mode": np.where(found, np.array(names, dtype=object)[best], ""),
                    "travel_time_min": stated[names].min(axis=1),
                    "low_min": times.quick[names].min(axis=1),
                    "high_min": times.slow[names].min(axis=1),
                }
            )[apart]
        )
    return pd.concat(rows, ignore_index=True)


def edge_table(
    parts: "Settings", areas: "gpd.GeoDataFrame", *, profile: str
) -> pd.DataFrame:
    """Return the quickest drive from the edge of each area to each other, with bands."""
    stated, quick, slow = (
        edge_travel_times(part.network, areas, profile=profile, rules=part.rules)
        for part in parts
    )
    found = stated.assign(
        low_min=quick["travel_time_min"], high_min=slow["travel_time_min"]
    )
    return found[found["from_id"] != found["to_id"]].reset_index(drop=True)


def people_table(
    times: TimesByMode,
    population: "gpd.GeoDataFrame",
    ways: "Mapping[str, Sequence[Mode]]",
    *,
    minutes: float,
) -> pd.DataFrame:
    """Return which share reaches one, two, … centres in time by each way, with bands."""
    rows = []
    for way, modes in ways.items():
        stated, quick, slow = (
            centres_reached(
                table.assign(travel_time_min=table[list(modes)].min(axis=1)),
                population["population"],
                cutoff_min=minutes,
            )
            for table in (times.stated, times.quick, times.slow)
        )
        frame = stated.assign(
            way=way,
            low_share=slow["population_share"],
            high_share=quick["population_share"],
        )
        rows.append(frame.reset_index())
    columns = ["way", "centres", *stated.columns, "low_share", "high_share"]
    return pd.concat(rows, ignore_index=True)[columns]


def ruled_by_circle(
    frame: pd.DataFrame,
    stated: "Setting",
    accuracy: "Accuracy",
    *what: "Text",
    modes: "Sequence[Mode]",
    profile: str,
    snapped: bool = True,
) -> pd.DataFrame:
    """Tell beside a new table what was measured, how trips are made and what bands are."""
    return ruled_by_trips(
        frame, stated.network, *what, accuracy.told, modes=modes, profile=profile,
        rules=stated.rules, snapped=snapped,
    )  # fmt: skip


def slower_direction(times: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row for each two places, with the slower of both directions.

    A commuter goes both ways; without a trip in one direction there is none.

    Parameters
    ----------
    times
        ``from_id``, ``to_id``, ``travel_time_min``, ``low_min`` and ``high_min``: a row
        for each direction.

    Returns
    -------
    DataFrame
        The same columns, a row for each two places in the order they first appear.

    Examples
    --------
    >>> there_and_back = pd.DataFrame({
    ...     "from_id": ["a", "b"], "to_id": ["b", "a"], "travel_time_min": [5.0, 6.0],
    ...     "low_min": [4.5, 4.0], "high_min": [7.0, float("nan")]})
    >>> slower_direction(there_and_back).to_numpy().tolist()
    [['a', 'b', 6.0, 4.5, nan]]
    """
    pairs = list(zip(times["from_id"].tolist(), times["to_id"].tolist(), strict=True))
    known = dict(zip(pairs, times[list(_BAND)].to_numpy(dtype=float), strict=True))
    rows = {
        (a, b): np.maximum(known[a, b], known.get((b, a), known[a, b]))
        for k, (a, b) in enumerate(pairs)
        if (b, a) not in pairs[:k]
    }
    return pd.DataFrame(
        [(a, b, *values.tolist()) for (a, b), values in rows.items()],
        columns=["from_id", "to_id", *_BAND],
    )
