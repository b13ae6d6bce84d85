"""Isochrones: what is reached within given minutes (等时圈)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.areas import areas_within, timed_segments
from ctzgis.analysis.access.trip_words import directed, lasting, ruled_by_trips
from ctzgis.analysis.access.trips import require_cutoffs
from ctzgis.errors import InputError
from ctzgis.network import (
    DEFAULT_RULES,
    Direction,
    Mode,
    TravelNetwork,
    TravelRules,
)
from ctzgis.network.engine.fields import Spread
from ctzgis.network.reached import (
    ReachedPieces,
    lines_within,
    minutes_everywhere,
    pieces_beside,
    pieces_between,
    pooled_minutes,
)
from ctzgis.progress import telling
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ctzgis.network.travel_graph import TravelGraph
    from ctzgis.progress import Progress

__all__ = ["Kind", "cell_width", "isochrones", "off_road_reach"]

Kind = Literal["polygons", "edges", "junctions"]
"""What is drawn: areas, parts of roads, or junctions."""

_MEASURES: dict[Kind, str] = {
    "polygons": "area_km2",
    "edges": "road_km",
    "junctions": "junctions",
}


def isochrones(
    network: TravelNetwork,
    origins: gpd.GeoDataFrame,
    *,
    cutoffs_min: "Sequence[float]",
    direction: Direction = "from",
    kind: Kind = "polygons",
    pooled: bool = False,
    mode: Mode = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    off_road_m: float | None = None,
    cell_m: float | None = None,
    progress: "Progress | None" = None,
) -> gpd.GeoDataFrame:
    """
    Draw what is reached from each origin within each cutoff, or from where it is.

    Times run along every reached piece of road and from there straight off the road, at
    local speed times the detour, up to ``off_road_m``. An area is the union of discs
    around all places reached in time, as wide as the time that is left allows. Larger
    cutoffs therefore contain smaller ones, and what no road comes near stays out, as
    holes too. Motorways are left at their junctions with other roads only. The origin
    spreads as a road does, so its areas hold it. In a chain with rail, what is reached
    without boarding counts too.

    Parameters
    ----------
    network
        Network of one year.
    origins
        Points in the CRS of the network, indexed by id.
    cutoffs_min
        Minutes, each above zero.
    direction
        ``"from"``: where trips from the origins lead; ``"to"``: from where trips lead to
        them.
    kind
        ``"polygons"``, ``"edges"`` (the roads themselves, cut where the time is up) or
        ``"junctions"``.
    pooled
        Whether all origins together have one shape, of what is reached from any.
    mode, profile, rules, progress
        As in :func:`travel_times`.
    off_road_m
        How far off the road an area reaches at most, in metres. By default 2 km on a
        strategic network, where it stands for the local streets that are left out, and
        200 m on a street map.
    cell_m
        Width of the cells the distance to the border is taken on: borders are true to a
        few hundredths of it, but in corners and where area or gap are narrower than a
        cell to half a cell. By default a twentieth of ``off_road_m``, but 50 m at least if
        that is narrower than a quarter.

    Returns
    -------
    GeoDataFrame
        ``origin_id`` (``"all"`` if pooled), ``cutoff_min``, by kind ``area_km2``
        (planar), ``road_km`` or ``junctions``, and MultiPolygons, MultiLineStrings or
        MultiPoints in the CRS of the network: one row per origin and cutoff, large
        cutoffs first. An origin farther than ``rules.max_snap_distance_m`` from any road
        has empty ones. ``attrs["rules"]`` tells cutoffs, direction, how far off the road
        areas reach, and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If origins break their contract or are in another CRS.
    InputError
        If a cutoff is not above zero, a word is not known, or the cells would not fit
        into memory.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> rings = isochrones(gridville(), centre, cutoffs_min=[2, 4])
    >>> rings["cutoff_min"].tolist()
    [4, 2]
    >>> roads = isochrones(gridville(), centre, cutoffs_min=[1], kind="edges")
    >>> roads["road_km"].round(3).tolist()
    [4.0]
    """
    require_cutoffs(cutoffs_min)
    if kind not in get_args(Kind):
        msg = f"kind {kind!r} is not known; one of {', '.join(get_args(Kind))}"
        raise InputError(msg)
    reach_m = off_road_reach(network, off_road_m)
    cell_m = cell_width(reach_m) if cell_m is None else cell_m
    cutoffs = sorted(set(cutoffs_min), reverse=True)
    options = _Trips(direction, mode, profile, rules)
    found = (_pooled if pooled else _each)(
        network, origins, cutoffs[0], options, progress
    )
    rows = []
    for reached in found:
        if kind == "polygons":
            shapes, sizes = _areas(reached, cutoffs, reach_m, cell_m)
        elif kind == "edges":
            shapes, sizes = _roads(reached, cutoffs)
        else:
            shapes, sizes = _junctions(reached, cutoffs, network)
        rows += [
            (reached.name, *row) for row in zip(cutoffs, sizes, shapes, strict=True)
        ]
    names = ["origin_id", "cutoff_min", _MEASURES[kind], "geometry"]
    table = pd.DataFrame(rows, columns=names)
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=network.roads.crs)
    told = [lasting(*cutoffs[::-1]), directed(direction, Text("各点", "the origins"))]
    if kind == "polygons":
        told.append(
            Text(
                f"范围面至路外{reach_m:g}米", f"areas reach {reach_m:g} m off the road"
            )
        )
    return ruled_by_trips(
        frame, network, *told, modes=[mode], profile=profile, rules=rules
    )


def off_road_reach(network: TravelNetwork, off_road_m: float | None) -> float:
    """
    Return how far off the road one comes: as given, or as suits the network.

    Raises
    ------
    InputError
        If it is negative or not finite.
    """
    if off_road_m is None:
        return 200.0 if network.roads.is_street_map else 2_000.0
    if not 0 <= off_road_m < np.inf:
        msg = f"off_road_m is {off_road_m}; metres of 0 or more are expected"
        raise InputError(msg)
    return float(off_road_m)


def cell_width(reach_m: float) -> float:
    """Return how wide cells are drawn that suit a reach off the road."""
    return min(max(reach_m / 20, 50.0), max(reach_m / 4, 1.0))


@dataclass(frozen=True, slots=True)
class _Trips:
    """How trips are made."""

    direction: Direction
    mode: Mode
    profile: str
    rules: TravelRules


@dataclass(frozen=True, slots=True, eq=False)
class _Reached:
    """What is reached of a graph: from one origin, or from all."""

    name: object
    graph: "TravelGraph"
    times: "NDArray[np.float64]"
    pieces: ReachedPieces
    points: "NDArray[np.object_]"
    off_road_min_per_m: float


def _each(
    network: TravelNetwork,
    origins: gpd.GeoDataFrame,
    limit_min: float,
    by: _Trips,
    progress: "Progress | None",
) -> "Iterator[_Reached]":
    """Yield what each origin reaches; its point only if a road is near."""
    graph = network.graph(
        direction=by.direction, mode=by.mode, profile=by.profile, rules=by.rules
    )
    joined = graph.join(network.snap(origins, graph, rules=by.rules, name="origins"))
    points = np.asarray(origins.geometry.array)
    near = joined.connectors.found
    with telling("isochrones", progress) as tell:
        for k, name in enumerate(origins.index):
            times = minutes_everywhere(graph, joined, k, limit_min)
            pieces, _ = pieces_between(graph, times, reverse=graph.reverse)
            beside = pieces_beside(graph, joined, k, times)
            here = points[k : k + 1][near[k : k + 1]]
            yield _Reached(
                name, graph, times, pieces.joined(beside), here, graph.spread_min_per_m
            )
            tell((k + 1) / len(origins))


def _pooled(
    network: TravelNetwork,
    origins: gpd.GeoDataFrame,
    limit_min: float,
    by: _Trips,
    progress: "Progress | None",
) -> "Iterator[_Reached]":
    """Yield what is reached from any of the origins."""
    graph, times = pooled_minutes(
        network, origins, limit_min, direction=by.direction, mode=by.mode,
        profile=by.profile, rules=by.rules, progress=progress,
    )  # fmt: skip
    pieces, _ = pieces_between(graph, times, reverse=not graph.reverse)
    near = np.asarray(origins.geometry.array)[graph.anchors >= 0]
    # The graph runs the other way, so trips that leave the road do so at its near side.
    yield _Reached("all", graph, times, pieces, near, graph.min_per_m)


def _areas(
    reached: _Reached, cutoffs: list[float], reach_m: float, cell_m: float
) -> "tuple[list[shapely.MultiPolygon], Sequence[float]]":
    """Return the areas reached and their km²."""
    spread = Spread(min_per_m=reached.off_road_min_per_m, reach_m=reach_m)
    lines = np.asarray(reached.graph.roads.geometry.array)
    segments = timed_segments(lines, reached.pieces)
    areas = areas_within(segments, spread, cutoffs_min=cutoffs, cell_m=cell_m)
    # What is reached around an origin in a short time may be smaller than a cell.
    discs = [
        shapely.union_all(shapely.buffer(reached.points, spread.metres_in(cutoff)))
        for cutoff in cutoffs
    ]
    areas = [
        area if shapely.covers(area, disc) else _together(area, disc)
        for area, disc in zip(areas, discs, strict=True)
    ]
    return areas, [area.area / 1e6 for area in areas]


def _together(
    area: shapely.MultiPolygon, disc: shapely.Geometry
) -> shapely.MultiPolygon:
    """Return both as one area."""
    return shapely.multipolygons(shapely.get_parts(shapely.union(area, disc)))


def _roads(
    reached: _Reached, cutoffs: list[float]
) -> "tuple[list[shapely.MultiLineString], Sequence[float]]":
    """Return the parts of roads reached and their km."""
    roads = reached.graph.roads
    lines = [lines_within(roads, reached.pieces, cutoff) for cutoff in cutoffs]
    shapes = [shapely.multilinestrings(part) for part in lines]
    return shapes, [shape.length / 1000 for shape in shapes]


def _junctions(
    reached: _Reached, cutoffs: list[float], network: TravelNetwork
) -> "tuple[list[shapely.MultiPoint], Sequence[float]]":
    """Return the junctions reached and how many they are."""
    minutes = reached.times[reached.graph.junctions].min(axis=0)
    places = np.asarray(network.roads.junctions.geometry.array)
    found = [places[minutes <= cutoff] for cutoff in cutoffs]
    return [shapely.multipoints(part) for part in found], [len(part) for part in found]
