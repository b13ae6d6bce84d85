"""Time circles: centre to centre, edge to edge, people within reach, with bands (时间圈)."""

from typing import TYPE_CHECKING, Final

from ctzgis.analysis.access.accuracy import DATA_ACCURACY, Accuracy, settings
from ctzgis.analysis.access.circle_tables import (
    centre_table,
    edge_table,
    people_table,
    ruled_by_circle,
    times_by_mode,
)
from ctzgis.analysis.access.edges import EDGES
from ctzgis.analysis.access.trip_words import lasting
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.columns import named
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules
from ctzgis.tables import POPULATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from ctzgis.progress import Progress

    Ways = Mapping[str, Sequence[Mode]]

__all__ = ["COMBINED", "WAYS", "centre_times", "edge_times", "people_reached"]

WAYS: "Final[Ways]" = {
    "drive": ("drive",),
    "rail_on_foot": ("walk+rail+walk",),
    "rail": ("walk+rail+walk", "drive+rail+walk", "drive+rail+drive"),
}
"""
Ways to travel and the modes each may use, the quickest of which counts.

``"rail"`` is reached on foot or by car (parked, or a taxi at both ends).
"""

COMBINED: Final = "combined"
"""The quickest of all modes of all ways."""


def centre_times(
    network: TravelNetwork,
    centres: "gpd.GeoDataFrame",
    *,
    ways: "Ways" = WAYS,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    accuracy: Accuracy = DATA_ACCURACY,
    progress: "Progress | None" = None,
) -> "pd.DataFrame":
    """
    Find the quickest trip from each centre to each other, by each way and combined.

    The band is no share of the time: all times are found again on the network at its
    quickest and at its slowest (``settings``), where another road or line may be best.
    All speeds and headways are off in one direction there, so the truth lies inside
    more often than each share alone says.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    centres
        Points in the CRS of the network, indexed by id.
    ways
        Modes of each way; ``"combined"`` is added.
    profile, rules, progress
        As for ``travel_times``.
    accuracy
        How well speeds and headways are known.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``way``, ``mode`` (which of its modes is the quickest),
        ``travel_time_min``, ``low_min`` and ``high_min``: a row for each way and each
        two centres; NaN and an empty mode where there is no trip. ``attrs["rules"]``
        tells modes, bands and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If centres break their contract or are in another CRS.
    InputError
        If a way has no modes or is called ``"combined"``, or a mode or the profile is
        not known.

    Examples
    --------
    A kilometre a minute, from corner to corner of Gridville, at 25 % more or less:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> corners = gridville_places().loc[["south_west", "north_east"]]
    >>> found = centre_times(
    ...     gridville(), corners, ways={"drive": ("drive",)},
    ...     accuracy=Accuracy(speed_share=0.25),
    ... )
    >>> found.loc[0, ["travel_time_min", "low_min", "high_min"]].round(1).tolist()
    [20.0, 16.0, 26.7]
    """
    grouped = _with_combined(ways)
    parts = settings(network, rules=rules, accuracy=accuracy)
    times = times_by_mode(
        parts, centres, centres, modes=grouped[COMBINED], profile=profile,
        progress=progress,
    )  # fmt: skip
    return ruled_by_circle(
        centre_table(times, grouped), parts[0], accuracy,
        modes=grouped[COMBINED], profile=profile,
    )  # fmt: skip


def edge_times(
    network: TravelNetwork,
    areas: "gpd.GeoDataFrame",
    *,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    accuracy: Accuracy = DATA_ACCURACY,
) -> "pd.DataFrame":
    """
    Find the quickest drive from the edge of each area to the edge of each other.

    Edges are those of ``edge_travel_times``, the band that of ``centre_times``; that the
    areas themselves are drawn roughly comes on top. By rail there is no such time: a
    trip begins at a station, not at an edge.

    Parameters
    ----------
    network
        Network of one year.
    areas
        Polygons in the CRS of the network, indexed by id.
    profile, rules, accuracy
        As for ``centre_times``.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``travel_time_min``, ``low_min``, ``high_min`` for each
        two areas; NaN where no road crosses an edge or no way leads on.
        ``attrs["rules"]`` tells edges, bands and speeds.

    Raises
    ------
    SchemaError, CRSError
        If areas break their contract or are in another CRS.

    Examples
    --------
    Between two blocks of Gridville lie 6 km, 6 min and at half the speed 12:

    >>> import geopandas as gpd, shapely
    >>> from ctzgis.examples import gridville
    >>> x, y = 495_000, 3_100_000
    >>> blocks = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(x + a, y + 500, x + a + 2_000, y + 2_500)
    ...               for a in (0, 8_000)],
    ...     index=["west", "east"], crs="EPSG:4547")
    >>> found = edge_times(gridville(), blocks, accuracy=Accuracy(speed_share=0.5))
    >>> found.loc[0, ["travel_time_min", "low_min", "high_min"]].tolist()
    [6.0, 4.0, 12.0]
    """
    parts = settings(network, rules=rules, accuracy=accuracy)
    return ruled_by_circle(
        edge_table(parts, areas, profile=profile), parts[0], accuracy, EDGES,
        modes=["drive"], profile=profile, snapped=False,
    )  # fmt: skip


def people_reached(
    network: TravelNetwork,
    population: "gpd.GeoDataFrame",
    centres: "gpd.GeoDataFrame",
    *,
    minutes: float,
    ways: "Ways" = WAYS,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    accuracy: Accuracy = DATA_ACCURACY,
    progress: "Progress | None" = None,
) -> "pd.DataFrame":
    """
    Tell which share of people reaches one, two, … centres in time, by each way.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    population
        Points with people, as ``read_population`` gives them.
    centres
        Points in the CRS of the network, indexed by id.
    minutes
        Longest trip that counts; one that takes exactly so long does.
    ways, profile, rules, accuracy, progress
        As for ``centre_times``.

    Returns
    -------
    DataFrame
        ``way``, ``centres`` (1 … their number), ``population`` that reaches at least
        so many, ``population_share`` of all people (0–1; NaN if there is nobody),
        ``low_share`` on the network at its slowest and ``high_share`` at its quickest.
        ``attrs["rules"]`` tells minutes, modes, bands and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or are in another CRS.
    InputError
        If the minutes are not above 0, or as for ``centre_times``.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> people_reached(
    ...     gridville(), places, places.loc[["centre"]], minutes=10,
    ...     ways={"drive": ("drive",)},
    ... ).loc[0, ["population", "low_share", "high_share"]].tolist()
    [5000.0, 0.2, 1.0]
    """
    require_cutoff(minutes)
    POPULATION.check(population)
    grouped = _with_combined(ways)
    parts = settings(network, rules=rules, accuracy=accuracy)
    times = times_by_mode(
        parts, population, centres, modes=grouped[COMBINED], profile=profile,
        progress=progress,
    )  # fmt: skip
    return ruled_by_circle(
        people_table(times, population, grouped, minutes=minutes), parts[0], accuracy,
        lasting(minutes), modes=grouped[COMBINED], profile=profile,
    )  # fmt: skip


def _with_combined(ways: "Ways") -> "dict[str, tuple[Mode, ...]]":
    """Return the ways and, as the last, all of their modes."""
    grouped = {way: named(modes, f"way {way!r}") for way, modes in ways.items()}
    if COMBINED in grouped or not grouped or not all(grouped.values()):
        msg = (
            f"ways are {dict(ways)!r}; one or more with their modes are expected, none "
            f"of them called {COMBINED!r}"
        )
        raise InputError(msg)
    every = dict.fromkeys(mode for modes in grouped.values() for mode in modes)
    return {**grouped, COMBINED: tuple(every)}
