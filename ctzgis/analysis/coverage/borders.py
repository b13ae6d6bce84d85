"""Roads and rails across borders, and roads that end before them (市际连通与断头路)."""

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import ROAD_CLASSES, STREETS, ZONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["border_densities", "border_links", "shared_borders"]

# Zones that share their border may differ in the last digits; more is another drawing.
_MOST_OVERLAP_M2: Final = 1.0
_ON_BORDER_M: Final = 1e-3

# How far along a line one looks which side of a border it is on.
_ASIDE_M: Final = 5.0

_LINK_COLUMNS: Final = ["zone_id", "other_id", "class", "lines", "geometry"]


def shared_borders(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return the border that each two zones share.

    Parameters
    ----------
    zones
        Polygons in true metres, indexed by id. Neighbours must be drawn with one border:
        where two drawings differ by some metres they share none.

    Returns
    -------
    GeoDataFrame
        ``zone_id``, ``other_id`` (each pair once, in the order of ``zones``),
        ``border_km`` and the border. Zones that meet in a point alone share none.

    Raises
    ------
    SchemaError, CRSError
        If zones break their contract or are not in true metres.
    InputError
        If two zones overlap.

    Examples
    --------
    >>> from ctzgis.examples import gridville_zones
    >>> shared_borders(gridville_zones())[["zone_id", "other_id", "border_km"]]
      zone_id other_id  border_km
    0      sw       se        5.0
    1      sw       nw        5.0
    2      se       ne        5.0
    3      nw       ne        5.0
    """
    ZONES.check(zones)
    require_metric(zones, "zones")
    shapes = np.asarray(zones.geometry.array)
    near = {(int(a), int(b)) for a, b in zip(*zones.sindex.query(shapes), strict=True)}
    pairs = [p for p in combinations(range(len(shapes)), 2) if p in near]
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    over = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    if (wrong := over > _MOST_OVERLAP_M2).any():
        first, last = zones.index[left[wrong][0]], zones.index[right[wrong][0]]
        msg = (
            f"zones {first!r} and {last!r} overlap by {over[wrong][0] / 1e6:.3g} km²; "
            "neighbours that share a border are expected"
        )
        raise InputError(msg)
    edges = shapely.boundary(shapes)
    border = _lines_only(shapely.intersection(edges[left], edges[right]))
    kept = shapely.length(border) > 0
    frame = gpd.GeoDataFrame(
        {
            "zone_id": zones.index[left[kept]],
            "other_id": zones.index[right[kept]],
            "border_km": shapely.length(border[kept]) / 1000,
        },
        geometry=border[kept],
        crs=zones.crs,
    )
    return frame.reset_index(drop=True)


def border_links(
    lines: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    by: str = "road_class",
    same_place_m: float = 1.0,
) -> gpd.GeoDataFrame:
    """
    List where roads or rails cross from one zone into another.

    A place on a shared border is a link if a line leads from it into the one zone and a
    line into the other; so a road may change its row, or its class, at the border. A
    road along the border is none.

    Parameters
    ----------
    lines
        Roads or rails in true metres, indexed by id, with the column ``by``.
    zones
        Polygons in the CRS of ``lines``, as for :func:`shared_borders`.
    by
        Class of lines. A link has the best class that both sides have, or else the worse
        of the two; road classes are ranked, others alike.
    same_place_m
        Places nearer than this are one link; 50 m join both carriageways of a road, and
        other roads so near.

    Returns
    -------
    GeoDataFrame
        ``zone_id``, ``other_id``, ``class``, ``lines`` (that meet there) and the point,
        pair by pair.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If zones overlap, the column is missing, or the distance is not above 0.

    Examples
    --------
    Streets of Gridville cross between its southern quarters at each kilometre, the ends
    of the border and streets along the town's edge included:

    >>> from ctzgis.examples import gridville, gridville_zones
    >>> links = border_links(gridville().roads.roads, gridville_zones())
    >>> int(((links["zone_id"] == "sw") & (links["other_id"] == "se")).sum())
    6
    """
    STREETS.check(lines)
    require_metric(lines, "lines")
    require_same(lines, zones, left_name="lines", right_name="zones")
    if by not in lines:
        msg = f"lines have no column '{by}'"
        raise InputError(msg)
    if not 0 < same_place_m < np.inf:
        msg = f"same_place_m is {same_place_m}; metres above 0 are expected"
        raise InputError(msg)
    parts = lines[[by, lines.geometry.name]].explode(index_parts=False)
    rows: list[tuple[object, ...]] = []
    for border in shared_borders(zones).itertuples():
        sides = [zones.geometry.loc[key] for key in (border.zone_id, border.other_id)]
        for name, count, point in _links(
            parts, by, border.geometry, sides, same_place_m
        ):
            rows.append((border.zone_id, border.other_id, name, count, point))
    table = pd.DataFrame(rows, columns=_LINK_COLUMNS)
    return ruled(
        gpd.GeoDataFrame(table, geometry="geometry", crs=lines.crs),
        f"界线两侧都有线路接上的地点；相距不到{same_place_m:g}米计为一处",
        "places with a line into either side; one place if nearer than "
        f"{same_place_m:g} m",
    )


def border_densities(links: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Tell how many links of each class there are per kilometre of each shared border.

    Parameters
    ----------
    links
        As :func:`border_links` gives them.
    zones
        The zones they were found for.

    Returns
    -------
    DataFrame
        ``zone_id``, ``other_id``, ``class`` (``"all"`` last), ``border_km``, ``links``
        and ``links_per_km``. Borders without links have one row of class ``"all"``.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> zones = gridville_zones()
    >>> found = border_densities(border_links(gridville().roads.roads, zones), zones)
    >>> found[["class", "links", "links_per_km"]].iloc[:2]
           class  links  links_per_km
    0  secondary      6           1.2
    1        all      6           1.2
    """
    rows = []
    pairs = links["zone_id"].astype(object), links["other_id"].astype(object)
    for border in shared_borders(zones).itertuples():
        here = links[(pairs[0] == border.zone_id) & (pairs[1] == border.other_id)]
        counts = here["class"].value_counts(dropna=False)
        told = sorted(counts.items(), key=lambda pair: _rank(pair[0]))
        rows += [
            (border.zone_id, border.other_id, name, border.border_km, int(count))
            for name, count in [*told, ("all", len(here))]
        ]
    names = ["zone_id", "other_id", "class", "border_km", "links"]
    frame = pd.DataFrame(rows, columns=names)
    frame["links_per_km"] = frame["links"] / frame["border_km"]
    return frame


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Where lines meet a border: the place, whose line it is, which sides it leads to."""

    xy: "NDArray[np.float64]"
    line: "NDArray[np.int64]"
    into: "NDArray[np.bool_]"


def _links(
    parts: gpd.GeoDataFrame,
    by: str,
    border: shapely.Geometry,
    sides: "Sequence[shapely.Geometry]",
    same_place_m: float,
) -> "list[tuple[object, int, shapely.Point]]":
    """Return class, number of lines and place of each link across one border."""
    meetings = _meetings(np.asarray(parts.geometry.array), parts, border, sides)
    words, ids = parts[by].to_numpy(dtype=object), np.asarray(parts.index)
    found = []
    for group in _together(meetings.xy, same_place_m):
        into, line = meetings.into[group], meetings.line[group]
        if not into.any(axis=0).all():
            continue
        classes = [set(words[line[into[:, side]]]) for side in (0, 1)]
        point = shapely.Point(meetings.xy[group].mean(axis=0))
        count = len(set(ids[line[into.any(axis=1)]]))
        found.append((_class_of(*classes), count, point))
    return found


def _meetings(
    lines: "NDArray[np.object_]",
    parts: gpd.GeoDataFrame,
    border: shapely.Geometry,
    sides: "Sequence[shapely.Geometry]",
) -> _Meetings:
    """Find where lines meet a border, and into which of its sides they lead there."""
    near = parts.sindex.query(border, predicate="dwithin", distance=_ON_BORDER_M)
    touching = shapely.shortest_line(lines[near], border)
    at = shapely.intersection(lines[near], border)
    at = np.where(shapely.is_empty(at), shapely.get_point(touching, 0), at)
    xy, which = shapely.get_coordinates(at, return_index=True)
    line = near[which]
    along = shapely.line_locate_point(lines[line], shapely.points(xy))
    into = np.zeros((len(xy), 2), dtype=bool)
    shapely.prepare(border)
    for step in (-_ASIDE_M, _ASIDE_M):
        there = np.clip(along + step, 0.0, shapely.length(lines[line]))
        probe = shapely.line_interpolate_point(lines[line], there)
        aside = (there != along) & ~shapely.dwithin(probe, border, _ON_BORDER_M)
        for side, zone in enumerate(sides):
            shapely.prepare(zone)
            into[:, side] |= aside & shapely.dwithin(probe, zone, _ON_BORDER_M)
    return _Meetings(xy, line, into)


def _together(xy: "NDArray[np.float64]", within_m: float) -> "list[NDArray[np.int64]]":
    """Return groups of places, each nearer to another of its group than this."""
    if not len(xy):
        return []
    pairs = cKDTree(xy).query_pairs(within_m, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(xy),) * 2)
    count, label = connected_components(joined, directed=False)
    return [np.flatnonzero(label == k) for k in range(count)]


def _class_of(left: set[object], right: set[object]) -> object:
    """Return the best class that both sides have, or the worse of their best."""
    both = left & right
    if both:
        return min(both, key=_rank)
    return max((min(side, key=_rank) for side in (left, right)), key=_rank)


def _rank(name: object) -> tuple[int, str]:
    """Rank road classes from the best; others come after them, by name."""
    place = ROAD_CLASSES.index(name) if name in ROAD_CLASSES else len(ROAD_CLASSES)
    return place, str(name)


def _lines_only(shapes: "NDArray[np.object_]") -> "NDArray[np.object_]":
    """Drop the points where borders merely meet."""
    found = np.empty(len(shapes), dtype=object)
    for place, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        found[place] = shapely.line_merge(
            shapely.multilinestrings(parts[shapely.get_dimensions(parts) == 1])
        )
    return found
