"""Read roads from OpenStreetMap files: .osm.pbf, .osm, .osm.gz, .osm.bz2 (OSM 文件)."""

import bz2
import gzip
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS, fitting_crs
from ctzgis.errors import InputError, SourceError
from ctzgis.network.building import piece_names
from ctzgis.network.osm_tags import parse_maxspeed, road_class_of, speeds_of, way_rules
from ctzgis.network.roads import RoadNetwork
from ctzgis.network.topology import cut_at, shape_changes, shared_vertices
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.files import file_source, require_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    BBox = tuple[float, float, float, float]

__all__ = ["Mode", "is_osm", "read_osm"]

Mode = Literal["drive", "walk", "cycle"]
"""Whose ways are read."""

_SUFFIXES: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
_MAX_XML_BYTES: Final = 2**30
_MAX_FILE_BYTES: Final = 8 * 2**30
_MAX_VERTICES: Final = 100_000_000
_CHUNK_BYTES: Final = 2**22

# What stops a car but nobody on foot; gates and the like stop whom their tags name.
_CAR_STOPS: Final = frozenset(
    ("block", "bollard", "bus_trap", "chain", "cycle_barrier", "debris",
     "jersey_barrier", "kissing_gate", "log", "motorcycle_barrier", "planter", "stile",
     "turnstile"),
)  # fmt: skip
_KEYS: Final = ("highway", "barrier", "route", "restriction")
_LICENCE: Final = "ODbL 1.0, © OpenStreetMap contributors"


def is_osm(path: "Path") -> bool:
    """Tell by its name whether a file is OpenStreetMap's."""
    return path.name.lower().endswith(_SUFFIXES)


def read_osm(
    path: "Path", *, mode: Mode = "drive", bbox: "BBox | None" = None
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
        West, south, east and north in degrees; roads with no vertex inside are left out.

    Returns
    -------
    RoadNetwork
        In EPSG:4547, or the UTM zone of the data where that does not fit. Beyond the
        contract of roads it has ``way_id``, ``highway``, ``ref``, ``lanes``,
        ``limit_kph``, ``link``, ``roundabout``, ``bridge``, ``tunnel`` and ``level``.

    Raises
    ------
    SourceError
        If the file is missing, truncated or no OpenStreetMap file, or the extra ``osm``
        is not installed.
    InputError
        If it is too large, or holds no road for the mode.

    Notes
    -----
    Turn restrictions are counted, not honoured. ``signals`` counts a signal half for each
    road that ends at it, so that a trip through it is charged once.
    """
    if mode not in get_args(Mode):
        msg = f"mode {mode!r} is not known; one of {', '.join(get_args(Mode))}"
        raise InputError(msg)
    require_file(path)
    ways = _read_ways(path, mode)
    chains = _chains(ways, bbox)
    if not len(chains.start):
        within = "" if bbox is None else " within the given bounds"
        msg = f"{path.name} holds no way open to mode '{mode}'{within}"
        raise InputError(msg)
    return _network(path, ways, chains, mode)


@dataclass(slots=True)
class _Ways:
    """The ways of a file, one entry per way, and their vertices one after another."""

    way_id: list[int] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    ref: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    signals: set[int] = field(default_factory=set)
    barriers: set[int] = field(default_factory=set)
    seen: int = 0
    no_road: int = 0
    closed: int = 0
    incomplete: int = 0
    restrictions: int = 0


_COLUMNS: Final = (
    "highway", "road_class", "link", "oneway", "drive", "walk", "cycle",
    "cycle_oneway", "roundabout", "bridge", "tunnel", "level", "free_kph", "peak_kph",
    "limit_kph", "lanes", "name_zh", "ref",
)  # fmt: skip


def _read_ways(path: "Path", mode: Mode) -> _Ways:
    try:
        import osmium
    except ImportError as error:
        msg = f"{path.name} needs a reader that is missing: pip install 'ctzgis[osm]'"
        raise SourceError(msg) from error
    ways = _Ways()
    try:
        processor = (
            osmium.FileProcessor(_opened(path, osmium))
            .with_locations()
            .with_filter(osmium.filter.KeyFilter(*_KEYS))
        )
        item: Any
        for item in processor:
            if item.is_node():
                _add_node(ways, item.id, dict(item.tags), mode)
            elif item.is_way():
                _add_way(ways, item, mode, path)
            elif "restriction" in item.tags:
                ways.restrictions += 1
    except (RuntimeError, ValueError, OSError, MemoryError) as error:
        if isinstance(error, (InputError, SourceError)):
            raise
        msg = f"{path} cannot be read as OpenStreetMap data: {error}"
        raise SourceError(msg) from error
    return ways


def _opened(path: "Path", osmium: Any) -> Any:
    if path.stat().st_size > _MAX_FILE_BYTES:
        msg = f"{path.name} is larger than {_MAX_FILE_BYTES // 2**30} GiB"
        raise InputError(msg)
    name = path.name.lower()
    if name.endswith(".pbf"):
        return osmium.io.File(str(path), "pbf")
    # XML is unpacked here, so that a file that grows without end is stopped.
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix.lower(), open)
    parts, total = [], 0
    try:
        with opener(path, "rb") as file:  # type: ignore[operator]
            while part := file.read(_CHUNK_BYTES):
                total += len(part)
                if total > _MAX_XML_BYTES:
                    limit = _MAX_XML_BYTES // 2**30
                    msg = (
                        f"{path.name} holds more than {limit} GiB of XML; convert it to "
                        ".osm.pbf"
                    )
                    raise InputError(msg)
                parts.append(part)
    except (EOFError, zlib.error) as error:
        msg = f"{path} is cut off or damaged: {error}"
        raise SourceError(msg) from error
    return osmium.io.FileBuffer(b"".join(parts), "osm")


def _add_node(ways: _Ways, ref: int, tags: "Mapping[str, str]", mode: Mode) -> None:
    if tags.get("highway") == "traffic_signals":
        ways.signals.add(ref)
    barrier = tags.get("barrier")
    if barrier is None:
        return
    # A barrier is a way of length zero: its own tags decide, else its kind.
    rules = way_rules({**tags, "highway": "residential"})
    passes = {"drive": rules.drive, "walk": rules.walk, "cycle": rules.cycle}[mode]
    named = any(tags.get(key) for key in ("motorcar", "motor_vehicle", "vehicle"))
    if not passes or (mode == "drive" and barrier in _CAR_STOPS and not named):
        ways.barriers.add(ref)


def _add_way(ways: _Ways, way: Any, mode: Mode, path: "Path") -> None:
    tags = dict(way.tags)
    highway = tags.get("highway", "")
    ferry = not highway and tags.get("route") == "ferry"
    if not highway and not ferry:
        return
    ways.seen += 1
    road_class = "ferry" if ferry else road_class_of(highway)
    if road_class is None or tags.get("area") == "yes":
        ways.no_road += 1
        return
    rules = way_rules(tags)
    if not {"drive": rules.drive, "walk": rules.walk, "cycle": rules.cycle}[mode]:
        ways.closed += 1
        return
    places = [(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()]
    ways.incomplete += len(places) < len(way.nodes)
    if len(places) < 2:
        return
    if len(ways.ref) > _MAX_VERTICES:
        msg = f"{path.name} has more than {_MAX_VERTICES:,} vertices; give a bbox or clip it"
        raise InputError(msg)
    if rules.backward:
        places.reverse()
    ref, lon, lat = zip(*places, strict=True)
    ways.ref.extend(ref)
    ways.lon.extend(lon)
    ways.lat.extend(lat)
    ways.size.append(len(places))
    ways.way_id.append(way.id)
    limit = parse_maxspeed(tags.get("maxspeed", ""))
    free, peak = speeds_of(road_class, limit)
    values = (
        highway or "ferry", road_class, highway.endswith("_link"), rules.oneway,
        rules.drive, rules.walk, rules.cycle, rules.cycle_oneway,
        tags.get("junction") in ("roundabout", "circular"),
        tags.get("bridge", "no") != "no", tags.get("tunnel", "no") != "no",
        _whole(tags.get("layer"), 0), free, peak, limit,
        _whole(tags.get("lanes"), None), tags.get("name:zh") or tags.get("name"),
        tags.get("ref"),
    )  # fmt: skip
    ways.values.append(values)


def _whole(text: str | None, missing: int | None) -> int | None:
    if text and text.removeprefix("-").isdecimal() and len(text) < 4:
        return int(text)
    return missing


@dataclass(frozen=True, slots=True, eq=False)
class _Chains:
    """Pieces of ways between junctions, over arrays of vertices."""

    ref: "Ints"
    lonlat: "Floats"
    vertex: "Ints"
    way: "Ints"
    start: "Ints"
    end: "Ints"


def _chains(ways: _Ways, bbox: "BBox | None") -> _Chains:
    ref = np.array(ways.ref, dtype=np.int64)
    lonlat = np.column_stack([ways.lon, ways.lat]) if len(ref) else np.empty((0, 2))
    way = np.repeat(np.arange(len(ways.size)), ways.size)
    ids, vertex = np.unique(ref, return_inverse=True)
    barred = np.isin(ref, list(ways.barriers))
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
    if bbox is not None:
        west, south, east, north = bbox
        inside = (lonlat >= (west, south)).all(axis=1) & (lonlat <= (east, north)).all(
            axis=1
        )
        before = np.concatenate([[0], np.cumsum(inside)])
        keep &= before[end + 1] > before[start]
    return _Chains(ref, lonlat, vertex, way, start[keep], end[keep])


def _network(path: "Path", ways: _Ways, chains: _Chains, mode: Mode) -> RoadNetwork:
    import geopandas as gpd
    import pandas as pd
    import pyproj

    start, end = chains.start, chains.end
    crs = fitting_crs(*np.median(chains.lonlat, axis=0))
    forth = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, crs, always_xy=True)
    xy = np.column_stack(forth.transform(*chains.lonlat.T))
    size = end - start + 1
    piece = np.repeat(np.arange(len(size)), size)
    position = np.arange(len(piece)) - (np.cumsum(size) - size)[piece] + start[piece]
    of = chains.way[start]
    tips, place = np.unique(
        np.concatenate([chains.vertex[start], chains.vertex[end]]), return_index=True
    )
    at = np.concatenate([start, end])[place]
    names = np.array(list(_junction_names(chains.ref[at])), dtype=object)
    from_, to = (np.searchsorted(tips, chains.vertex[side]) for side in (start, end))
    frame = pd.DataFrame(ways.values, columns=_COLUMNS).iloc[of]
    frame = frame.astype({"limit_kph": float, "lanes": float})
    roads = gpd.GeoDataFrame(
        {
            "from_id": names[from_],
            "to_id": names[to],
            **{name: frame[name].to_numpy() for name in _COLUMNS},
            "signals": _signals(ways, chains),
            "way_id": np.array(ways.way_id)[of],
            "status": "built",
            "opens": np.nan,
            "closes": np.nan,
        },
        geometry=shapely.linestrings(xy[position], indices=piece),
        index=pd.Index(piece_names(np.array(ways.way_id)[of]), name="road_id"),
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
        unit="ways",
        crs_in=GEOGRAPHIC_CRS,
        crs_out=crs,
        changes=(
            *_changes(ways, mode),
            *shape_changes(from_, to, len(names), roads.length.to_numpy()),
        ),
    )
    source = file_source(
        path,
        what=f"roads of OpenStreetMap for mode '{mode}'",
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


def _signals(ways: _Ways, chains: _Chains) -> "Floats":
    here = np.isin(chains.ref, list(ways.signals)).astype(float)
    before = np.concatenate([[0.0], np.cumsum(here)])
    all_of_it: Floats = before[chains.end + 1] - before[chains.start]
    at_ends: Floats = here[chains.start] + here[chains.end]
    return all_of_it - at_ends / 2


def _limits_note(roads: "gpd.GeoDataFrame") -> str:
    known = roads.length[roads["limit_kph"].notna()].sum() / roads.length.sum()
    return (
        f"a speed limit is known for {known:.0%} of the length; the rest has the default "
        "of its class"
    )


def _changes(ways: _Ways, mode: Mode) -> "Iterator[Change]":
    told: tuple[tuple[Literal["dropped", "noticed"], str, int], ...] = (
        (
            "dropped",
            "ways that are no open road (areas, construction, …)",
            ways.no_road,
        ),
        ("dropped", f"ways closed to mode '{mode}'", ways.closed),
        ("noticed", "ways with nodes that the file lacks", ways.incomplete),
        ("noticed", f"barriers that end roads for mode '{mode}'", len(ways.barriers)),
        ("noticed", "turn restrictions, which are not honoured", ways.restrictions),
    )
    for action, what, count in told:
        if count:
            yield Change(action=action, what=what, count=count)
