"""Read roads from OpenStreetMap files: .osm.pbf, .osm, .osm.gz, .osm.bz2 (OSM 文件)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS, fitting_crs
from ctzgis.errors import InputError
from ctzgis.network.building import piece_names
from ctzgis.network.roads import RoadNetwork
from ctzgis.network.topology import cut_at, shape_changes, shared_vertices
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source, require_file
from ctzgis.sources.osm.ways import COLUMNS, Mode, OsmWays, read_ways
from ctzgis.sources.places.placing import crs_label, require_crs
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    BBox = tuple[float, float, float, float]

__all__ = ["is_osm", "read_osm"]

_SUFFIXES: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
_LICENCE: Final = "ODbL 1.0, © OpenStreetMap contributors"


def is_osm(path: "Path") -> bool:
    """Tell by its name whether a file is OpenStreetMap's."""
    return path.name.lower().endswith(_SUFFIXES)


def read_osm(
    path: "Path",
    *,
    mode: Mode = "drive",
    bbox: "BBox | None" = None,
    to_crs: str | None = None,
) -> RoadNetwork:
    """
    Read the roads of an OpenStreetMap file.

    Ways are cut at the nodes they share. A barrier that stops the mode ends them; what a
    car may not pass is no way for driving. Ways of one direction are drawn in it.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    mode
        Whose ways are kept: those open to drivers, walkers or cyclists.
    bbox
        West, south, east and north in degrees; roads that do not touch them are left out.
    to_crs
        CRS of the result; EPSG:4547 if it fits the place, else its UTM zone.

    Returns
    -------
    RoadNetwork
        In metres. Beyond the
        contract of roads it has ``way_id``, ``highway``, ``ref``, ``lanes``,
        ``limit_kph``, ``link``, ``roundabout``, ``bridge``, ``tunnel`` and ``level``.

    Raises
    ------
    SourceError
        If the file is missing, truncated or no OpenStreetMap file, or the extra ``osm``
        is not installed.
    InputError
        If it is too large, holds a way twice, or no road for the mode.
    CRSError
        If ``to_crs`` names no CRS in true metres.

    Notes
    -----
    Turn restrictions are counted, not honoured. ``signals`` counts a signal half for each
    road that ends at it, so that a trip through it is charged once.
    """
    if mode not in get_args(Mode):
        msg = f"mode {mode!r} is not known; one of {', '.join(get_args(Mode))}"
        raise InputError(msg)
    if to_crs is not None:
        require_crs(to_crs, "to_crs")
    require_file(path)
    ways = read_ways(path, mode)
    chains = _chains(ways, bbox)
    if not len(chains.start):
        within = "" if bbox is None else " within the given bounds"
        msg = f"{path.name} holds no way open to mode '{mode}'{within}"
        if ways.incomplete:
            msg += (
                f"; {ways.incomplete:,} ways name nodes that are missing, stand behind "
                "them or have negative numbers: `osmium sort` and `osmium renumber` help"
            )
        raise InputError(msg)
    crs = to_crs or fitting_crs(*np.median(chains.lonlat, axis=0))
    return _network(path, ways, chains, mode, crs)


@dataclass(frozen=True, slots=True, eq=False)
class _Chains:
    """
    Pieces of ways between junctions, over arrays of vertices.

    ``lost`` counts ways of which less than two places are known, ``outside`` those beyond
    the bounds.
    """

    ref: "Ints"
    lonlat: "Floats"
    vertex: "Ints"
    way: "Ints"
    start: "Ints"
    end: "Ints"
    lost: int
    outside: int


def _chains(ways: OsmWays, bbox: "BBox | None") -> _Chains:
    ref, lonlat, way = ways.ref, ways.lonlat, ways.way
    ids, vertex = np.unique(ref, return_inverse=True)
    barred = np.isin(ref, ways.barriers)
    # Whoever reaches a barrier stands before it: its vertex is another in every way,
    # and another on each side.
    inner = barred.copy()
    ends = np.flatnonzero(np.diff(way, append=-1, prepend=-1))
    inner[ends[:-1]] = inner[ends[1:] - 1] = False
    line = way + np.cumsum(inner) - inner
    again = np.repeat(np.arange(len(ref)), 1 + inner)
    second = np.diff(again, prepend=-1) == 0
    ref, lonlat, way, vertex = ref[again], lonlat[again], way[again], vertex[again]
    line, barred = line[again] + second, barred[again]
    vertex[barred] = len(ids) + np.arange(int(barred.sum()))
    met = shared_vertices(vertex, line, len(ids) + int(barred.sum()))
    start, end = cut_at(vertex, line, met)
    keep = (vertex[start] != vertex[end]) | (end - start > 1)
    start, end = start[keep], end[keep]
    found = len(np.unique(way[start]))
    if bbox is not None:
        touch = _touches(lonlat, start, end, bbox)
        start, end = start[touch], end[touch]
    outside = found - len(np.unique(way[start]))
    return _Chains(
        ref, lonlat, vertex, way, start, end, len(ways.way_id) - found, outside
    )


def _touches(
    lonlat: "Floats", start: "Ints", end: "Ints", bbox: "BBox"
) -> "NDArray[np.bool_]":
    """Tell which pieces touch bounds."""
    # The vertex where pieces meet is the last of one and the first of the next.
    spans = np.column_stack([start, end + 1]).ravel()
    padded = np.concatenate([lonlat, lonlat[-1:]])
    least = np.minimum.reduceat(padded, spans)[::2]
    most = np.maximum.reduceat(padded, spans)[::2]
    near = (most >= bbox[:2]).all(axis=1) & (least <= bbox[2:]).all(axis=1)
    inside = (least >= bbox[:2]).all(axis=1) & (most <= bbox[2:]).all(axis=1)
    touches: NDArray[np.bool_] = np.array(near & inside)
    unsure = np.flatnonzero(near & ~inside)
    lines = _lines(lonlat, start[unsure], end[unsure])
    touches[unsure] = shapely.intersects(lines, shapely.box(*bbox))
    return touches


def _lines(xy: "Floats", start: "Ints", end: "Ints") -> "NDArray[np.object_]":
    size = end - start + 1
    piece = np.repeat(np.arange(len(size)), size)
    position = np.arange(len(piece)) - (np.cumsum(size) - size)[piece] + start[piece]
    lines: NDArray[np.object_] = shapely.linestrings(xy[position], indices=piece)
    return lines


def _network(
    path: "Path", ways: OsmWays, chains: _Chains, mode: Mode, crs: str
) -> RoadNetwork:
    import geopandas as gpd
    import pandas as pd
    import pyproj

    start, end = chains.start, chains.end
    forth = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, crs, always_xy=True)
    xy = np.column_stack(forth.transform(*chains.lonlat.T))
    of = chains.way[start]
    tips, place = np.unique(
        np.concatenate([chains.vertex[start], chains.vertex[end]]), return_index=True
    )
    at = np.concatenate([start, end])[place]
    names = np.array(list(_junction_names(chains.ref[at])), dtype=object)
    from_, to = (np.searchsorted(tips, chains.vertex[side]) for side in (start, end))
    meanings = pd.DataFrame(ways.meanings, columns=COLUMNS)
    meanings = meanings.astype({"limit_kph": float, "lanes": float})
    frame = meanings.iloc[ways.meaning[of]]
    name_zh, ref = np.array(ways.names, dtype=object)[of].T
    roads = gpd.GeoDataFrame(
        {
            "from_id": names[from_],
            "to_id": names[to],
            **{name: frame[name].to_numpy() for name in COLUMNS},
            "name_zh": name_zh,
            "ref": ref,
            "signals": _signals(ways, chains),
            "way_id": ways.way_id[of],
            "status": "built",
            "opens": np.nan,
            "closes": np.nan,
        },
        geometry=_lines(xy, start, end),
        index=pd.Index(piece_names(ways.way_id[of]), name="road_id"),
        crs=crs,
    )
    junctions = gpd.GeoDataFrame(
        geometry=shapely.points(xy[at]),
        index=pd.Index(names, name="junction_id"),
        crs=crs,
    )
    report = ReadReport(
        rows_in=ways.seen,
        rows_kept=len(np.unique(of)),
        unit=Text("条路径", "ways"),
        crs_in=GEOGRAPHIC_CRS,
        crs_out=crs_label(crs),
        changes=(
            *_changes(ways, chains, mode),
            *shape_changes(from_, to, len(names), roads.length.to_numpy()),
        ),
    )
    source = file_source(
        path,
        what=Text(
            f"OpenStreetMap 道路（方式 {mode}）",
            f"roads of OpenStreetMap for mode '{mode}'",
        ),
        crs=GEOGRAPHIC_CRS,
        licence=_LICENCE,
        notes=(_limits_note(roads),),
        report=report,
    )
    return RoadNetwork(roads, junctions, (source,))


def _junction_names(refs: "Ints") -> "Iterator[str]":
    """Name junctions by their node; those before a barrier are told apart."""
    seen: dict[int, int] = {}
    for ref in refs.tolist():
        seen[ref] = seen.get(ref, -1) + 1
        yield f"{ref}" if not seen[ref] else f"{ref}:{seen[ref]}"


def _signals(ways: OsmWays, chains: _Chains) -> "Floats":
    here = np.isin(chains.ref, ways.signals).astype(float)
    before = np.concatenate([[0.0], np.cumsum(here)])
    all_of_it: Floats = before[chains.end + 1] - before[chains.start]
    at_ends: Floats = here[chains.start] + here[chains.end]
    return all_of_it - at_ends / 2


def _limits_note(roads: "gpd.GeoDataFrame") -> Text:
    known = roads.length[roads["limit_kph"].notna()].sum() / roads.length.sum()
    return Text(
        f"{known:.0%} 的长度有限速值，其余取所属等级的默认车速",
        f"a speed limit is known for {known:.0%} of the length; the rest has the default "
        "of its class",
    )


def _changes(ways: OsmWays, chains: _Chains, mode: Mode) -> "Iterator[Change]":
    told: tuple[tuple[Literal["dropped", "noticed"], Text, int], ...] = (
        (
            "dropped",
            Text(
                "并非开通道路的路径（面、在建等）",
                "ways that are no open road (areas, construction, …)",
            ),
            ways.no_road,
        ),
        (
            "dropped",
            Text(f"不供 '{mode}' 通行的路径", f"ways closed to mode '{mode}'"),
            ways.closed,
        ),
        (
            "dropped",
            Text(
                "已知位置不足两处的路径", "ways of which less than two places are known"
            ),
            chains.lost,
        ),
        (
            "dropped",
            Text("在给定范围之外", "outside the given bounds"),
            chains.outside,
        ),
        (
            "noticed",
            Text("文件缺少其部分结点的路径", "ways with nodes that the file lacks"),
            ways.incomplete,
        ),
        (
            "noticed",
            Text(
                f"使 '{mode}' 道路中断的障碍",
                f"barriers that end roads for mode '{mode}'",
            ),
            len(ways.barriers),
        ),
        (
            "noticed",
            Text("转向限制，未予考虑", "turn restrictions, which are not honoured"),
            ways.restrictions,
        ),
    )
    for action, what, count in told:
        if count:
            yield Change(action=action, what=what, count=count)
