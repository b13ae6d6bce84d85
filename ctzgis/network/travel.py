"""Roads and lines travelled together: one graph for every mode (综合出行网络)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

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
from ctzgis.network.engine import Arrays, pack
from ctzgis.network.layers import (
    Arcs,
    Means,
    Pieces,
    line_layer,
    open_roads,
    road_layer,
)
from ctzgis.network.roads import RoadNetwork, Undated
from ctzgis.network.snapping import Snaps, snap
from ctzgis.network.speeds import DEFAULT_RULES, Profile, TravelRules
from ctzgis.tables import POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely import Point

    from ctzgis.network.lines import TransitLine

__all__ = ["Mode", "TravelGraph", "TravelNetwork"]

Mode = Literal["drive", "walk", "walk+rail+walk", "drive+rail+drive"]
"""How a trip is made; a chain names access, main mode and egress."""

_SAME_STATION_M: Final = 1.0

_CHAINS: Final["Mapping[str, tuple[Means, ...]]"] = {
    "drive": ("drive",),
    "walk": ("walk",),
    "walk+rail+walk": ("walk", "walk"),
    "drive+rail+drive": ("drive", "drive"),
}


@dataclass(frozen=True, slots=True, eq=False)
class TravelGraph:
    """
    A graph ready to be searched between given origins and destinations.

    Attributes
    ----------
    arrays
        Vertices and arcs.
    origins, destinations
        Vertex of each point; -1 where it lies too far from any road.
    roads
        The roads of the network.
    pieces
        Pieces of those that may be left anywhere, with the graph's vertices; in a
        chain first those travelled before boarding, then those after alighting.
    """

    arrays: Arrays
    origins: "NDArray[np.int64]"
    destinations: "NDArray[np.int64]"
    roads: "gpd.GeoDataFrame"
    pieces: Pieces


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
    >>> gridville()
    <TravelNetwork: 220 roads, 121 junctions, 220.0 km, 1 line>
    """

    roads: RoadNetwork
    lines: tuple["TransitLine", ...] = ()

    def __post_init__(self) -> None:
        ids = [line.id for line in self.lines]
        if len(set(ids)) < len(ids):
            twice = sorted({key for key in ids if ids.count(key) > 1})
            msg = f"line ids are used twice: {', '.join(twice)}"
            raise InputError(msg)
        _check_stations(self.lines)

    def __repr__(self) -> str:
        inner = repr(self.roads).removeprefix("<RoadNetwork: ").rsplit(", ", 1)[0]
        plural = "" if len(self.lines) == 1 else "s"
        return f"<TravelNetwork: {inner}, {len(self.lines)} line{plural}>"

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
        origins: "gpd.GeoDataFrame | Snaps",
        destinations: "gpd.GeoDataFrame | Snaps",
        *,
        mode: Mode = "drive",
        profile: Profile = "free",
        rules: TravelRules = DEFAULT_RULES,
    ) -> TravelGraph:
        """
        Build the graph of a mode with origins and destinations attached.

        A point on a road that is no motorway is attached to it; any other point to
        every such road within ``rules.snap_radius_m`` (of more than 24 the nearest), or
        to the nearest one if there is none. The way to a road counts at local speed
        times the detour, and the quickest choice is taken. Stations are attached in the
        same way. So a new line never lengthens a trip, and a new road only trips of
        points that it runs through, or that had no road within the radius, or 24:
        there it takes the place of another.

        Raises
        ------
        InputError
            If the mode or the profile is not known.
        SchemaError, CRSError
            If points break their contract or are in another CRS than the roads.
        """
        if mode not in _CHAINS:
            msg = f"mode {mode!r} is not known; one of {', '.join(get_args(Mode))}"
            raise InputError(msg)
        if profile not in get_args(Profile):
            known = ", ".join(get_args(Profile))
            msg = f"profile {profile!r} is not known; one of {known}"
            raise InputError(msg)
        frame = self.roads.roads
        starts, ends = (
            part if isinstance(part, Snaps) else self._snap(part, frame, rules, name)
            for part, name in ((origins, "origins"), (destinations, "destinations"))
        )
        chain = _CHAINS[mode]
        if len(chain) == 1:
            return _road_graph(self, frame, starts, ends, chain[0], profile, rules)
        return _rail_graph(self, frame, starts, ends, chain, profile, rules)

    def _snap(
        self,
        points: "gpd.GeoDataFrame",
        frame: "gpd.GeoDataFrame",
        rules: TravelRules,
        name: str,
    ) -> Snaps:
        POINTS.check(points)
        require_same(points, frame, left_name=name, right_name="roads")
        return _attached(points.geometry, frame, rules)


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


def _road_graph(
    network: TravelNetwork,
    frame: "gpd.GeoDataFrame",
    starts: Snaps,
    ends: Snaps,
    means: Means,
    profile: Profile,
    rules: TravelRules,
) -> TravelGraph:
    names = network.roads.junctions.index.to_numpy()
    layer = road_layer(
        frame, names, starts, ends, means=means, profile=profile, rules=rules
    )
    return TravelGraph(
        arrays=pack(layer.count, layer.arcs.tail, layer.arcs.head, layer.arcs.minutes),
        origins=layer.origins,
        destinations=layer.destinations,
        roads=frame,
        pieces=layer.pieces,
    )


def _rail_graph(
    network: TravelNetwork,
    frame: "gpd.GeoDataFrame",
    starts: Snaps,
    ends: Snaps,
    chain: "Sequence[Means]",
    profile: Profile,
    rules: TravelRules,
) -> TravelGraph:
    names = network.roads.junctions.index.to_numpy()
    rail = line_layer(network.lines, profile=profile, rules=rules)
    stations = _attached(gpd.GeoSeries(list(rail.points), crs=frame.crs), frame, rules)
    access, egress = (
        road_layer(frame, names, *points, means=means, profile=profile, rules=rules)
        for points, means in (
            ((starts, stations), chain[0]),
            ((stations, ends), chain[1]),
        )
    )
    # Vertices: access roads, then lines, then egress roads.
    line_base, egress_base = access.count, access.count + rail.count
    near = stations.found
    park = [
        np.full(near.sum(), rules.station_access_min if means == "drive" else 0.0)
        for means in chain
    ]
    arcs = [
        access.arcs,
        rail.arcs.shifted(line_base),
        egress.arcs.shifted(egress_base),
        Arcs(access.destinations[near], rail.board[near] + line_base, park[0]),
        Arcs(
            rail.alight[near] + line_base, egress.origins[near] + egress_base, park[1]
        ),
    ]
    return TravelGraph(
        arrays=pack(
            egress_base + egress.count,
            np.concatenate([part.tail for part in arcs]),
            np.concatenate([part.head for part in arcs]),
            np.concatenate([part.minutes for part in arcs]),
        ),
        origins=access.origins,
        destinations=np.where(ends.found, egress.destinations + egress_base, -1),
        roads=frame,
        pieces=access.pieces.joined(egress.pieces.shifted(egress_base)),
    )


def _attached(
    points: "gpd.GeoSeries", frame: "gpd.GeoDataFrame", rules: TravelRules
) -> Snaps:
    return snap(
        points,
        frame,
        radius_m=rules.snap_radius_m,
        max_distance_m=rules.max_snap_distance_m,
        usable=open_roads(frame),
    )
