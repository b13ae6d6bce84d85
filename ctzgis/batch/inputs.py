"""What checks are made on: networks and points, each read once (输入)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import geopandas as gpd

from ctzgis.batch.checks import SHIPPED_YEAR
from ctzgis.batch.sections import hint
from ctzgis.errors import CtzgisError, InputError
from ctzgis.network import TravelNetwork, join_networks
from ctzgis.sources.osm.roads import is_osm
from ctzgis.sources.places.points import read_points
from ctzgis.sources.places.population import read_settlements
from ctzgis.sources.plans.folders import read_plan
from ctzgis.sources.roads.networks import read_network
from ctzgis.texts import Text
from ctzgis.workflow import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    import pandas as pd

    from ctzgis.batch.checks import NetworkInput, PointsInput
    from ctzgis.network import Mode
    from ctzgis.plan import Place, Plan
    from ctzgis.provenance import Source
    from ctzgis.sources.osm.ways import Mode as Ways

__all__ = ["COUNT", "Inputs", "PointSet", "counted", "network_of", "points_of"]

COUNT: Final = "count"
"""Column of ones that opportunities have, if they have no such field themselves."""

T_ = TypeVar("T_")


@dataclass(frozen=True, slots=True, eq=False)
class PointSet:
    """
    Points that were read, and what is known of each.

    Attributes
    ----------
    frame
        Points in the CRS of the network, indexed by id, with all their fields.
    names
        What each is called, by its position.
    cities
        The city each is in, by its position, ``None`` where it is not known; ``None``
        altogether where the input does not tell cities.
    lost
        Names of those that belong to the set but have no position.
    sources
        Where they come from.
    """

    frame: gpd.GeoDataFrame
    names: tuple[Text, ...]
    cities: tuple[str | None, ...] | None
    lost: tuple[Text, ...]
    sources: "tuple[Source, ...]"


class Inputs:
    """Inputs of many checks; each is read once, and fails for each in the same way."""

    def __init__(self) -> None:
        self._read: dict[Hashable, Any] = {}

    def network(self, wanted: "NetworkInput", mode: "Mode") -> TravelNetwork:
        """Return a network, as travelled by a mode."""
        key = (wanted, ways_of(mode))
        return self._once(key, lambda: network_of(wanted, mode))

    def points(self, wanted: "PointsInput", network: TravelNetwork) -> PointSet:
        """Return points in the CRS of a network."""
        crs = network.roads.roads.crs
        return self._once(
            (wanted, crs.to_wkt()), lambda: points_of(wanted, crs, self._plan)
        )

    def _plan(self, name: str) -> "Plan":
        return self._once(("plan", name), lambda: read_plan(name))

    def _once(self, key: "Hashable", read: "Callable[[], T_]") -> T_:
        if key not in self._read:
            try:
                self._read[key] = read()
            except CtzgisError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, CtzgisError):
            raise found
        return cast("T_", found)


def ways_of(mode: "Mode") -> "Ways":
    """Return whose ways of OpenStreetMap a mode uses, from its first leg."""
    return cast("Ways", mode.partition("+")[0])


def network_of(wanted: "NetworkInput", mode: "Mode") -> TravelNetwork:
    """
    Read a network as it stands in a year.

    Raises
    ------
    SourceError
        If a file cannot be read.
    InputError
        If what it holds is wrong, or it changes with the years and none is given.
    """
    year = wanted.year
    if not wanted.files:
        year = SHIPPED_YEAR if year is None else year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            msg = (
                f"year is {year}; the shipped network is known from {FIRST_YEAR} to "
                f"{LAST_YEAR}"
            )
            raise InputError(msg)
        return read_network().at(year)
    network = _joined([_read(file, wanted, mode) for file in wanted.files])
    if year is None:
        _require_timeless(network)
        return network
    return network.at(year)


def _read(file: "Path", wanted: "NetworkInput", mode: "Mode") -> TravelNetwork:
    reading = wanted.reading
    # What is said of layers is not said of the OpenStreetMap files beside them.
    beside = is_osm(file) and len(wanted.files) > 1
    said: dict[str, Any] = (
        {}
        if beside
        else {
            "crs": reading.crs,
            "datum": reading.datum,
            "axes": reading.axes,
            "layer": reading.layer,
            "encoding": reading.encoding,
        }
    )
    return read_network(file, mode=ways_of(mode), **said)


def _joined(networks: list[TravelNetwork]) -> TravelNetwork:
    if len(networks) == 1:
        return networks[0]
    roads = join_networks([network.roads for network in networks])
    return TravelNetwork(roads, tuple(line for n in networks for line in n.lines))


def _require_timeless(network: TravelNetwork) -> None:
    """Refuse to guess a year where the network is another one in another year."""
    roads = network.roads.roads
    dated = roads[["opens", "closes"]].notna().any(axis=1)
    changing = int((dated | (roads["status"] != "built")).sum())
    if changing:
        msg = (
            f"the network changes with the years: {changing:,} of its roads open, close "
            "or are not built yet; say the year it is taken in (year)"
        )
        raise InputError(msg)


def points_of(
    wanted: "PointsInput", crs: Any, plan_named: "Callable[[str], Plan] | None" = None
) -> PointSet:
    """
    Read points into the CRS of a network.

    Raises
    ------
    SourceError
        If a file cannot be read.
    InputError
        If it has no such field, or a plan no such places.
    """
    if wanted.file is not None:
        return _of_file(wanted, crs)
    plan_named = plan_named or read_plan
    if wanted.plan is not None:
        return _of_plan(wanted, plan_named(wanted.plan), crs)
    return _settlements(crs, plan_named("czt"))


def counted(opportunities: gpd.GeoDataFrame, value: str) -> gpd.GeoDataFrame:
    """Return opportunities with a column of ones, if that is what is to be added up."""
    if value == COUNT and COUNT not in opportunities:
        return opportunities.assign(**{COUNT: 1})
    return opportunities


def _of_file(wanted: "PointsInput", crs: Any) -> PointSet:
    file = cast("Path", wanted.file)
    reading = wanted.reading
    frame, source = read_points(
        file,
        index=wanted.id_column,
        layer=reading.layer,
        encoding=reading.encoding,
        crs=reading.crs,
        axes=reading.axes,
        datum=reading.datum,
        to_crs=crs.to_string(),
    )
    names = _texts(frame, wanted.name_column, file.name) or (None,) * len(frame)
    cities = _texts(frame, wanted.city_column, file.name)
    return PointSet(
        frame,
        tuple(
            Text(name or str(key), name or str(key))
            for name, key in zip(names, frame.index, strict=True)
        ),
        cities,
        (),
        (source,),
    )


def _texts(
    frame: gpd.GeoDataFrame, column: str | None, file: str
) -> tuple[str | None, ...] | None:
    """Return the texts of a column, ``None`` where it is empty."""
    if column is None:
        return None
    # The field that names the rows is their index.
    if column == frame.index.name:
        return tuple(map(str, frame.index))
    if column not in frame:
        known = [str(c) for c in frame.columns.drop(frame.geometry.name)]
        shown = ", ".join(known) or "none"
        msg = f"{file} has no field '{column}'{hint(column, known)}; it has: {shown}"
        raise InputError(msg)
    return _or_none(frame[column])


def _or_none(values: "pd.Series[Any]") -> tuple[str | None, ...]:
    gone = values.isna()
    return tuple(
        None if empty or not str(value).strip() else str(value).strip()
        for value, empty in zip(values, gone, strict=True)
    )


def _of_plan(wanted: "PointsInput", plan: "Plan", crs: Any) -> PointSet:
    places = _chosen(wanted, plan)
    if not places:
        msg = (
            f"points '{wanted.name}': no place of plan '{plan.id}' is all that is asked "
            f"for{_kinds(wanted, plan)}"
        )
        raise InputError(msg)
    located = [place for place in places if place.location]
    frame = gpd.GeoDataFrame(
        {
            "name_zh": [place.name.zh for place in located],
            "name_en": [place.name.en for place in located],
        },
        geometry=[place.location.point for place in located if place.location],
        index=[place.id for place in located],
        crs=plan.crs,
    )
    named = tuple(s for s in plan.sources if "places" in s.name)
    return PointSet(
        frame.to_crs(crs),
        tuple(place.name for place in located),
        tuple(place.city_zh for place in located),
        tuple(place.name for place in places if not place.location),
        named or plan.sources,
    )


def _chosen(wanted: "PointsInput", plan: "Plan") -> "list[Place]":
    """Return the places for which all holds that is said."""
    kept = [{place.id for place in plan.places}]
    if wanted.centres:
        kept.append(set(plan.centres))
    if wanted.element is not None:
        kept.append(set(plan.member_places(wanted.element)))
    if wanted.town_level is not None:
        levels: Mapping[str, tuple[str, ...]] = {t.id: t.members for t in plan.towns}
        if wanted.town_level not in levels:
            msg = (
                f"plan '{plan.id}' has no town level '{wanted.town_level}'"
                f"{hint(wanted.town_level, levels)}; it has: {', '.join(levels) or 'none'}"
            )
            raise InputError(msg)
        kept.append(set(levels[wanted.town_level]))
    if wanted.kind is not None:
        kept.append({place.id for place in plan.places if place.kind == wanted.kind})
    ids = set.intersection(*kept)
    return [place for place in plan.places if place.id in ids]


def _kinds(wanted: "PointsInput", plan: "Plan") -> str:
    kinds = sorted({place.kind for place in plan.places})
    if wanted.kind is None or wanted.kind in kinds:
        return ""
    return f"{hint(wanted.kind, kinds)}; kinds are {', '.join(kinds)}"


def _settlements(crs: Any, plan: "Plan") -> PointSet:
    frame, source = read_settlements()
    cities = frame["county_code"].map(plan.counties["city_zh"])
    names = tuple(Text(str(name), str(name)) for name in frame["name_zh"])
    return PointSet(frame.to_crs(crs), names, _or_none(cities), (), (source,))
