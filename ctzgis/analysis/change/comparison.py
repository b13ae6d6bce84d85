"""Before and after: what a change of the network does to trips and people (前后对比)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.isochrones import isochrones
from ctzgis.analysis.access.nearest import nearest_facilities
from ctzgis.analysis.access.surfaces import TravelTimeSurface, travel_time_surface
from ctzgis.analysis.access.travel_times import travel_times
from ctzgis.analysis.access.trip_words import lasting, ruled_by_trips
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.change.changes import line_changes, road_changes
from ctzgis.analysis.change.people import (
    SAME_MIN,
    named_changes,
    nobody,
    people_changes,
    require_people,
    zone_changes,
)
from ctzgis.analysis.change.surface_changes import TravelTimeChange, surface_change
from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, Mode, TravelNetwork, TravelRules
from ctzgis.progress import part_of, telling
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.progress import Progress, Tell

__all__ = ["SAME_MIN", "Comparison", "compare"]

_POLYGON: Final = 3
_SLIVER_M2: Final = 1.0
_TO_NEAREST: Final = Text("前往最近目的地", "to the nearest destination")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """
    What differs between two networks.

    Attributes
    ----------
    roads, lines
        As ``road_changes`` and ``line_changes`` give them.
    trips
        One row per pair: ``from_id``, ``to_id``, ``before_min``, ``after_min``,
        ``saved_min`` (NaN where one is missing), ``change`` (``"quicker"``,
        ``"slower"``, ``"same"``, ``"new"``, ``"lost"``, ``"none"``), ``reason_before``
        and ``reason_after`` of a trip that is not there.
    people
        One row per point of people, with its index and geometry: ``population``,
        ``zone``, ``before_min`` and ``after_min`` to the nearest destination,
        ``saved_min``, ``change`` as of trips, and ``reach``: ``"gained"`` or ``"lost"``
        where the nearest comes into or falls out of the cutoff, else empty.
    zones
        One row per zone, ``zone`` its index: ``population``; of them ``winners``,
        ``losers`` and ``unchanged``; ``reached_before``, ``reached_after``, ``gained``
        and ``lost`` within the cutoff; ``before_min``, ``after_min`` and ``saved_min``
        on average over people with a trip both times.
    areas
        Rows ``change`` ``"gained"`` and ``"lost"``: ``cutoff_min``, ``area_km2`` (planar)
        and the area from which the nearest destination is reached in time after and not
        before, or the reverse.
    rings
        Rows ``state`` ``"before"`` and ``"after"``: ``cutoff_min``, ``area_km2`` and the
        area from which the nearest destination is reached in time.
    surface
        Minutes to the nearest destination, cell by cell, before and after.
    cutoff_min
        Minutes that count as reached.
    surface_min
        Longest trip on the surface.

    ``attrs["rules"]`` of each table tells how trips are made and what is the same.
    """

    roads: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    trips: pd.DataFrame
    people: gpd.GeoDataFrame
    zones: pd.DataFrame
    areas: gpd.GeoDataFrame
    rings: gpd.GeoDataFrame
    surface: TravelTimeChange
    cutoff_min: float
    surface_min: float

    def __repr__(self) -> str:
        changed = self.trips["change"].value_counts()
        quicker = int(changed.get("quicker", 0) + changed.get("new", 0))
        return (
            f"<Comparison: {len(self.roads)} roads and {len(self.lines)} lines changed, "
            f"{quicker} of {len(self.trips)} trips quicker or new>"
        )

    def summary(self) -> pd.DataFrame:
        """
        Return the main figures, one a row: ``figure``, ``value``, ``unit``.

        Trips are pairs of two different points; their mean is over those that are there
        both times.
        """
        rows: list[tuple[str, float, str]] = []
        for frame, what, km in (
            (self.roads, "roads", "road_km"),
            (self.lines, "lines", "line_km"),
        ):
            for change in ("added", "closed", "upgraded"):
                part = frame[frame["change"] == change]
                length = part[f"{km}_before" if change == "closed" else km].sum()
                rows.append((f"{what} {change}", len(part), what))
                rows.append((f"{what} {change}, length", float(length), "km"))
        apart = self.trips[self.trips["from_id"] != self.trips["to_id"]]
        for change in ("quicker", "slower", "new", "lost"):
            count = float((apart["change"] == change).sum())
            rows.append((f"trips {change}", count, "trips"))
        both = apart[apart["saved_min"].notna()]
        for column in ("before_min", "after_min", "saved_min"):
            mean = float(both[column].mean()) if len(both) else np.nan
            rows.append((f"mean trip, {column.removesuffix('_min')}", mean, "min"))
        columns = (
            "population", "winners", "losers", "reached_before", "reached_after",
            "gained", "lost",
        )  # fmt: skip
        rows += [
            (f"people: {c}".replace("people: population", "people"),
             float(self.zones[c].sum()), "people")
            for c in columns
        ]  # fmt: skip
        for row in self.areas.itertuples():
            rows.append((f"area {row.change}", float(row.area_km2), "km2"))
        return pd.DataFrame(rows, columns=["figure", "value", "unit"])


def compare(
    before: TravelNetwork,
    after: TravelNetwork,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame | None = None,
    *,
    cutoff_min: float,
    population: gpd.GeoDataFrame | None = None,
    zone: str | None = None,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    surface_min: float | None = None,
    cell_m: float = 500.0,
    progress: "Progress | None" = None,
) -> Comparison:
    """
    Compare two networks by the trips, people and areas that their difference changes.

    All trips lead to the destinations; people and areas are counted by the nearest one.

    Parameters
    ----------
    before, after
        Networks of one year each: ``network.at(year)``, ``scenario.applied(network)``.
    origins
        Points whose trips are compared, in the CRS of the networks, indexed by id.
    destinations
        Where they lead; the origins if not given.
    cutoff_min
        Minutes that count as reached.
    population
        Points with ``population``; nobody is counted if not given.
    zone
        Column of ``population`` by which winners and losers are counted, e.g. the county;
        all in one if not given.
    mode, profile, rules, progress
        As for ``travel_times``.
    surface_min
        Longest trip on the surface; twice the cutoff if not given.
    cell_m
        Width of the surface's cells, in metres.

    Returns
    -------
    Comparison
        Tables and a surface, times in minutes, shapes in the CRS of the networks. NaN
        where a trip is not there; without people ``people`` and ``zones`` have no rows.
        ``attrs["rules"]`` of each table tells how it was measured.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract, or anything is in another CRS.
    InputError
        If a cutoff or ``cell_m`` is not above 0, ``zone`` is no column, or the mode or
        the profile is not known.

    Notes
    -----
    Times that differ by less than 3 s (``SAME_MIN``) are the same: rounding alone can
    make them differ by that. A comparison of this library, before with after, by the
    same rules.

    Examples
    --------
    The last block of Gridville's south-west corner closes: from there to the south-east
    corner the way is 2 km longer.

    >>> from ctzgis.examples import gridville, gridville_places
    >>> from ctzgis.network import CloseRoad
    >>> places = gridville_places()
    >>> closed = gridville().with_edits(CloseRoad(road_id="r0"))
    >>> found = compare(gridville(), closed, places, cutoff_min=10)
    >>> found.trips.loc[found.trips["change"] == "slower", "saved_min"].tolist()
    [-2.0, -2.0]
    """
    require_cutoff(cutoff_min)
    require_same(
        before.roads.junctions, after.roads.junctions,
        left_name="before", right_name="after",
    )  # fmt: skip
    to = origins if destinations is None else destinations
    require_people(population, zone)
    how: dict[str, Any] = {"mode": mode, "profile": profile, "rules": rules}
    longest_min = 2 * cutoff_min if surface_min is None else surface_min
    drawn = (cutoff_min, longest_min, cell_m)
    with telling("comparing", progress) as tell:
        old = _side(before, origins, to, population, drawn, how, part_of(tell, 0, 0.5))
        new = _side(after, origins, to, population, drawn, how, part_of(tell, 0.5, 1))
    people = people_changes(population, (old.nearest, new.nearest), zone, cutoff_min)
    if people is None:
        people = nobody(before)
    tables = {
        "trips": _trips(old.trips, new.trips),
        "people": people,
        "zones": zone_changes(people, cutoff_min),
        "areas": _areas(old.rings, new.rings, cutoff_min),
        "rings": _rings(old.rings, new.rings, cutoff_min),
    }
    for name, frame in tables.items():
        ruled_by_trips(frame, after, *_what(name, cutoff_min), modes=[mode],
                       profile=profile, rules=rules)  # fmt: skip
    return Comparison(
        roads=road_changes(before, after),
        lines=line_changes(before, after),
        **tables,
        surface=surface_change(old.surface, new.surface),
        cutoff_min=cutoff_min,
        surface_min=longest_min,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """What is measured on one of two networks."""

    trips: pd.DataFrame
    nearest: pd.DataFrame | None
    rings: gpd.GeoDataFrame
    surface: TravelTimeSurface


def _side(
    network: TravelNetwork,
    origins: gpd.GeoDataFrame,
    to: gpd.GeoDataFrame,
    population: gpd.GeoDataFrame | None,
    drawn: tuple[float, float, float],
    how: "Mapping[str, Any]",
    tell: "Tell",
) -> _Side:
    """Measure one of two networks; ``drawn`` is cutoff, longest trip, width of cells."""
    cutoff_min, surface_min, cell_m = drawn
    how = {**how, "progress": _silent}
    trips = travel_times(network, origins, to, **how)
    tell(0.2)
    nearest = None
    if population is not None:
        nearest = nearest_facilities(network, population, to, **how)
    tell(0.4)
    how["direction"] = "to"
    rings = isochrones(network, to, cutoffs_min=[cutoff_min], pooled=True, **how)
    tell(0.7)
    surface = travel_time_surface(
        network, to, cutoff_min=surface_min, cell_m=cell_m, **how
    )
    tell(1.0)
    return _Side(trips, nearest, rings, surface)


def _what(table: str, cutoff_min: float) -> tuple[Text, ...]:
    """Tell what a table compares."""
    if table in ("areas", "rings"):
        return lasting(cutoff_min), _TO_NEAREST
    same = Text(
        f"相差不到{SAME_MIN * 60:g}秒视为不变",
        f"times that differ by less than {SAME_MIN * 60:g} s are the same",
    )
    return (same,) if table == "trips" else (lasting(cutoff_min), _TO_NEAREST, same)


def _silent(_: str) -> None:
    """Tell nobody: the whole is told of."""


def _trips(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the trips of both times, pair by pair."""
    minutes = [frame["travel_time_min"] for frame in (before, after)]
    return before[["from_id", "to_id"]].assign(
        before_min=minutes[0],
        after_min=minutes[1],
        saved_min=minutes[0] - minutes[1],
        change=named_changes(*minutes),
        reason_before=before["reason"],
        reason_after=after["reason"],
    )


def _rings(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, cutoff_min: float
) -> gpd.GeoDataFrame:
    """Return the areas reached in time before and after."""
    shapes = [_polygons(_whole(frame)) for frame in (before, after)]
    return _told("state", ["before", "after"], shapes, cutoff_min, before)


def _areas(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, cutoff_min: float
) -> gpd.GeoDataFrame:
    """Return the areas that are gained and lost."""
    old, new = _whole(before), _whole(after)
    shapes = [_polygons(new.difference(old)), _polygons(old.difference(new))]
    return _told("change", ["gained", "lost"], shapes, cutoff_min, before)


def _told(
    column: str,
    words: list[str],
    shapes: list[shapely.MultiPolygon],
    cutoff_min: float,
    like: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Return a table of areas, each with its word."""
    return gpd.GeoDataFrame(
        {
            column: words,
            "cutoff_min": float(cutoff_min),
            "area_km2": [shape.area / 1e6 for shape in shapes],
        },
        geometry=shapes,
        crs=like.crs,
    )


def _whole(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    return shapely.union_all(np.asarray(frame.geometry.array))


def _polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of a shape, without what is left where borders are one."""
    parts = shapely.get_parts(shape)
    kept = (shapely.get_type_id(parts) == _POLYGON) & (
        shapely.area(parts) >= _SLIVER_M2
    )
    return shapely.MultiPolygon(list(parts[kept]))
