"""Roads and lines travelled together: one graph for every mode (综合出行网络)."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.cards import card
from ctzgis.crs import require_same
from ctzgis.errors import EditError, InputError
from ctzgis.network.edits import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    Edit,
    UpgradeRoad,
)
from ctzgis.network.roads import RoadNetwork, Undated
from ctzgis.network.snapping import Snaps
from ctzgis.network.speeds import DEFAULT_RULES, TravelRules
from ctzgis.network.travel_graph import (
    Direction,
    Mode,
    TravelGraph,
    snapped,
    travel_graph,
)
from ctzgis.tables import POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely import Point

    from ctzgis.network.lines import TransitLine

__all__ = ["TravelNetwork"]

_SAME_STATION_M: Final = 1.0

# Prepared, a million vertices take half a gigabyte.
_KEPT_GRAPHS: Final = 4
_KEPT_VERTICES: Final = 1_500_000

_STRATEGIC_RADIUS_M: Final = 2_000.0


@dataclass(frozen=True, slots=True, eq=False)
class TravelNetwork:
    """
    A road network and the lines that run beside it.

    Raises
    ------
    InputError
        If two lines share an id, or one station lies at two places.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> gridville()  # doctest: +NORMALIZE_WHITESPACE
    <TravelNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, free and peak,
    EPSG:4547, 1 line>
    """

    roads: RoadNetwork
    lines: tuple["TransitLine", ...] = ()
    _graphs: "list[tuple[_Key, TravelGraph]]" = field(
        default_factory=list, init=False, repr=False
    )
    _radius_m: list[float] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        ids = [line.id for line in self.lines]
        if len(set(ids)) < len(ids):
            twice = sorted({key for key in ids if ids.count(key) > 1})
            msg = f"line ids are used twice: {', '.join(twice)}"
            raise InputError(msg)
        _check_stations(self.lines)

    def __repr__(self) -> str:
        plural = "" if len(self.lines) == 1 else "s"
        return f"<TravelNetwork: {self.roads.told()}, {len(self.lines)} line{plural}>"

    def _repr_html_(self) -> str:
        """Return the network as a card for a notebook."""
        modes = Counter(line.mode for line in self.lines)
        lines = ", ".join(f"{count} {mode}" for mode, count in modes.most_common())
        facts = [*self.roads.facts(), ("线路 lines", lines)]
        return card("出行网络 TravelNetwork", facts, note=self.roads.note())

    def at(self, year: int, *, undated: Undated = "exclude") -> "TravelNetwork":
        """
        Return the network as it stands at the end of a year.

        Parameters
        ----------
        year
            Roads and lines that open later or closed by then are left out.
        undated
            Whether planned ones without a year of opening are included.

        Examples
        --------
        >>> from ctzgis import read_network
        >>> network = read_network()
        >>> len(network.at(2015).lines) < len(network.at(2025).lines)
        True
        """
        return TravelNetwork(
            self.roads.at(year, undated=undated),
            tuple(line for line in self.lines if _stands(line, year, undated)),
        )

    def to_come(self, year: int) -> "TravelNetwork":
        """
        Return the roads and lines that are not open at the end of a year but are to be.

        Upgrades of what is open are among them; what has closed is not.
        """
        return TravelNetwork(
            self.roads.to_come(year),
            tuple(line for line in self.lines if line.to_come(year)),
        )

    def with_edits(self, *edits: Edit) -> "TravelNetwork":
        """
        Return the network with edits applied in order; this one stays as it is.

        Raises
        ------
        EditError
            If an edit names a road or line that is not there, or adds one that is.
        """
        roads, junctions = self.roads.roads, self.roads.junctions
        lines = {line.id: line for line in self.lines}
        for edit in edits:
            if isinstance(edit, AddLine):
                _require(
                    f"line '{edit.line.id}' is there already",
                    holds=edit.line.id not in lines,
                )
                lines[edit.line.id] = edit.line
            elif isinstance(edit, CloseLine):
                _require(
                    f"there is no line '{edit.line_id}'", holds=edit.line_id in lines
                )
                del lines[edit.line_id]
            elif isinstance(edit, ChangeHeadway):
                _require(
                    f"there is no line '{edit.line_id}'", holds=edit.line_id in lines
                )
                line = lines[edit.line_id]
                headway = {**line.headway_min, **edit.headway_min}
                lines[edit.line_id] = replace(line, headway_min=headway)
            else:
                roads, junctions = _edited_roads(roads, junctions, edit)
        return TravelNetwork(
            RoadNetwork(roads, junctions, self.roads.sources), tuple(lines.values())
        )

    def graph(
        self,
        anchors: "gpd.GeoDataFrame | Snaps | None" = None,
        *,
        direction: Direction = "from",
        mode: Mode = "drive",
        profile: str = "free",
        rules: TravelRules = DEFAULT_RULES,
        name: str = "points",
    ) -> TravelGraph:
        """
        Return the graph of a mode, with anchors as vertices; other points can be joined.

        A point on a road that is no motorway is attached to it; any other point to
        every such road within ``rules.snap_radius_m`` (of more than 24 the nearest), or
        to the nearest one if there is none; on a street map to the nearest alone. The
        way to a road counts at local speed times the detour, and the quickest choice is
        taken. Stations are attached in the same way. So a new line never lengthens a
        trip, and a new road only trips of points that it runs through, or that had no
        road within the radius, or 24: there it takes the place of another.

        The last graphs are kept with the network, so that the same question, or one
        from other points, does not build them again.

        Parameters
        ----------
        anchors
            Points where trips end or, if ``direction`` is ``"to"``, where they start.
        direction
            Whether trips lead from points that are joined later, or to them.
        mode, profile, rules
            How trips are made.
        name
            What the anchors are called if they are refused.

        Raises
        ------
        InputError
            If the mode or the profile is not known.
        SchemaError, CRSError
            If points break their contract or are in another CRS than the roads.
        """
        self._require_known(direction, mode, profile)
        rules = self.settled(rules)
        if anchors is not None and not isinstance(anchors, Snaps):
            self._check(anchors, name)
        key = _Key(direction, mode, profile, rules, _places_of(anchors))
        for known, graph in self._graphs:
            if known.equals(key):
                return graph
        graph = travel_graph(
            self.roads.roads,
            self.roads.junctions,
            self.lines,
            anchors.geometry if isinstance(anchors, gpd.GeoDataFrame) else anchors,
            direction=direction,
            mode=mode,
            profile=profile,
            rules=rules,
        )
        self._keep(key, graph)
        return graph

    def _keep(self, key: "_Key", graph: TravelGraph) -> None:
        """Keep a graph, and of earlier ones the last few, unless they are large."""
        kept, vertices = [(key, graph)], graph.search.count
        for earlier in self._graphs[: _KEPT_GRAPHS - 1]:
            vertices += earlier[1].search.count
            if vertices <= _KEPT_VERTICES:
                kept.append(earlier)
        self._graphs[:] = kept

    def snap(
        self,
        points: gpd.GeoDataFrame,
        graph: TravelGraph,
        *,
        rules: TravelRules = DEFAULT_RULES,
        name: str = "points",
    ) -> Snaps:
        """
        Attach points to the roads that those joined to a graph may use.

        Raises
        ------
        SchemaError, CRSError
            If points break their contract or are in another CRS than the roads.
        """
        self._check(points, name)
        return snapped(points.geometry, graph.index, self.settled(rules))

    def settled(self, rules: TravelRules) -> TravelRules:
        """
        Return rules with the radius of snapping that suits the network, if they have none.

        Examples
        --------
        >>> from ctzgis.examples import gridville
        >>> gridville().settled(DEFAULT_RULES).snap_radius_m
        2000.0
        """
        if rules.snap_radius_m is not None:
            return rules
        if not self._radius_m:  # measured once, for it takes the length of every road
            streets = self.roads.is_street_map
            self._radius_m.append(0.0 if streets else _STRATEGIC_RADIUS_M)
        return replace(rules, snap_radius_m=self._radius_m[0])

    def _check(self, points: gpd.GeoDataFrame, name: str) -> None:
        POINTS.check(points)
        require_same(points, self.roads.junctions, left_name=name, right_name="roads")

    def _require_known(self, direction: str, mode: str, profile: str) -> None:
        for what, given, known in (
            ("direction", direction, get_args(Direction)),
            ("mode", mode, get_args(Mode)),
            ("profile", profile, self.roads.profiles),
        ):
            if given not in known:
                msg = f"{what} {given!r} is not known; one of {', '.join(known)}"
                raise InputError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """What a graph was built of, besides the network."""

    direction: str
    mode: str
    profile: str
    rules: TravelRules
    places: "tuple[NDArray[np.float64], ...]"

    def equals(self, other: "_Key") -> bool:
        """Tell whether the same graph would be built."""
        return (
            (self.direction, self.mode, self.profile, self.rules)
            == (other.direction, other.mode, other.profile, other.rules)
            and len(self.places) == len(other.places)
            and all(map(np.array_equal, self.places, other.places))
        )


def _places_of(
    anchors: "gpd.GeoDataFrame | Snaps | None",
) -> "tuple[NDArray[np.float64], ...]":
    """Return what tells anchors from others."""
    if anchors is None:
        return ()
    if isinstance(anchors, Snaps):
        return (
            anchors.point.astype(float),
            anchors.road.astype(float),
            anchors.along_m,
        )
    return (shapely.get_coordinates(anchors.geometry.array),)


def _check_stations(lines: "tuple[TransitLine, ...]") -> None:
    seen: dict[str, tuple[str, Point]] = {}
    for line in lines:
        for stop in line.stops:
            other, point = seen.setdefault(stop.station_id, (line.id, stop.point))
            if (metres := point.distance(stop.point)) > _SAME_STATION_M:
                msg = (
                    f"station '{stop.station_id}' of line '{line.id}' lies "
                    f"{metres:.0f} m from where line '{other}' has it; give one place, "
                    "or two station ids"
                )
                raise InputError(msg)


def _stands(line: "TransitLine", year: int, undated: Undated) -> bool:
    if line.opens is None and line.status != "built":
        return undated == "include"
    return line.runs_in(year)


def _require(reason: str, *, holds: bool) -> None:
    if not holds:
        raise EditError(reason)


def _edited_roads(
    roads: "gpd.GeoDataFrame",
    junctions: "gpd.GeoDataFrame",
    edit: AddRoad | UpgradeRoad | CloseRoad,
) -> "tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]":
    there = edit.road_id in roads.index
    if isinstance(edit, AddRoad):
        _require(f"road '{edit.road_id}' is there already", holds=not there)
        new = [key for key in edit.junctions if key not in junctions.index]
        for key in new:
            junctions = _with_row(junctions, key, {"geometry": edit.junctions[key]})
        return _with_row(roads, edit.road_id, edit.values), junctions
    _require(f"there is no road '{edit.road_id}'", holds=there)
    rest = roads.drop(index=edit.road_id)
    if isinstance(edit, CloseRoad):
        return rest, junctions
    return _edited_roads(rest, junctions, edit.by)


def _with_row(
    frame: "gpd.GeoDataFrame", key: str, values: "Mapping[str, Any]"
) -> "gpd.GeoDataFrame":
    row = type(frame)(
        {**values}, index=pd.Index([key], name=frame.index.name), crs=frame.crs
    )
    joined: gpd.GeoDataFrame = pd.concat([frame, row.dropna(axis=1, how="all")])
    return joined
