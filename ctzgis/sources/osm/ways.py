"""Ways of OpenStreetMap files as arrays, with what their tags mean (OSM 路径)."""

import bz2
import gzip
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ctzgis.errors import InputError, SourceError, fail_for_extra
from ctzgis.network.osm_tags import parse_maxspeed, road_class_of, speeds_of, way_rules
from ctzgis.sources.osm.pbf import require_sound_pbf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["COLUMNS", "Mode", "OsmWays", "read_ways"]

Mode = Literal["drive", "walk", "cycle"]
"""Whose ways are read."""

COLUMNS: Final = (
    "highway", "road_class", "link", "oneway", "drive", "walk", "cycle",
    "cycle_oneway", "roundabout", "bridge", "tunnel", "level", "free_kph", "peak_kph",
    "limit_kph", "lanes",
)  # fmt: skip
"""What the tags of a way mean, in the order of ``OsmWays.meanings``."""

_MAX_XML_BYTES: Final = 2**30
_MAX_FILE_BYTES: Final = 8 * 2**30
_MAX_VERTICES: Final = 100_000_000
_CHUNK_BYTES: Final = 2**22
_UNITS_PER_DEGREE: Final = 10_000_000
_MAX_DEGREES: Final = np.array([180, 90])

# What stops a car but nobody on foot; gates and the like stop whom their tags name.
_CAR_STOPS: Final = frozenset(
    ("block", "bollard", "bus_trap", "chain", "cycle_barrier", "debris",
     "jersey_barrier", "kissing_gate", "log", "motorcycle_barrier", "planter", "stile",
     "turnstile"),
)  # fmt: skip
_KEYS: Final = ("highway", "barrier", "route", "restriction")

# Every tag that has a meaning here, but for names.
_MEANING_KEYS: Final = (
    "highway", "route", "area", "oneway", "oneway:motorcar", "oneway:motor_vehicle",
    "oneway:vehicle", "oneway:bicycle", "cycleway", "junction", "motorroad", "service",
    "tracktype", "motorcar", "motor_vehicle", "vehicle", "access", "foot", "bicycle",
    "bridge", "tunnel", "layer", "maxspeed", "lanes",
)  # fmt: skip
_NAME_KEYS: Final = ("name:zh", "name", "ref")


@dataclass(frozen=True, slots=True, eq=False)
class OsmWays:
    """
    The ways of a file that are open to a mode, and their vertices one after another.

    Attributes
    ----------
    way_id, meaning
        Id of each way, and the position of what its tags mean in ``meanings``.
    names
        ``name_zh`` and ``ref`` of each way; ``None`` where it has none.
    meanings
        Distinct meanings, in the order of ``COLUMNS``.
    way, ref, lonlat
        Position of the way, node id and place in degrees of each vertex; ways of one
        direction run in it.
    signals, barriers
        Node ids of traffic signals, and of what the mode may not pass.
    seen, no_road, closed, incomplete, restrictions
        Ways with a highway or ferry; of these no open roads, and closed to the mode; ways
        with nodes that the file lacks; turn restrictions.
    """

    way_id: "Ints"
    meaning: "Ints"
    names: list[tuple[str | None, str | None]]
    meanings: list[tuple[Any, ...]]
    way: "Ints"
    ref: "Ints"
    lonlat: "Floats"
    signals: "Ints"
    barriers: "Ints"
    seen: int
    no_road: int
    closed: int
    incomplete: int
    restrictions: int


def read_ways(path: "Path", mode: Mode) -> OsmWays:
    """
    Read the ways of a file that are open to a mode.

    Raises
    ------
    SourceError
        If the file is truncated or none of OpenStreetMap's, or the extra ``osm`` is not
        installed.
    InputError
        If it is too large, or holds a way more than once.
    """
    try:
        import osmium
    except ImportError:
        fail_for_extra(f"{path.name} needs a reader", "osm")
    wanted = osmium.filter.KeyFilter(*_KEYS)
    try:
        file = osmium.FileProcessor(_opened(path, osmium))
        found = _gathered(file.with_locations().with_filter(wanted), mode, path)
        if found.vertices and not found.placed:
            # `osmium add-locations-to-ways` leaves places in ways and drops their nodes.
            file = osmium.FileProcessor(_opened(path, osmium))
            found = _gathered(file.with_filter(wanted), mode, path)
    except (
        *(RuntimeError, ValueError, OSError, MemoryError),
        osmium.InvalidLocationError,
    ) as error:
        if isinstance(error, (InputError, SourceError)):
            raise
        msg = f"{path} cannot be read as OpenStreetMap data: {error}"
        raise SourceError(msg) from error
    return found.ways()


def _gathered(processor: Any, mode: Mode, path: "Path") -> "_Found":
    found = _Found(mode, path)
    for item in processor:
        if item.is_way():
            found.add_way(item)
        elif item.is_node():
            found.add_node(item.id, dict(item.tags))
        elif "restriction" in item.tags:
            found.restrictions += 1
    return found


def _opened(path: "Path", osmium: Any) -> Any:
    if path.stat().st_size > _MAX_FILE_BYTES:
        msg = f"{path.name} is larger than {_MAX_FILE_BYTES // 2**30} GiB"
        raise InputError(msg)
    name = path.name.lower()
    if name.endswith(".pbf"):
        require_sound_pbf(path)
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


class _Found:
    """What a pass through a file has gathered so far; made and emptied by ``read_ways``."""

    def __init__(self, mode: Mode, path: "Path") -> None:
        self.mode, self.path = mode, path
        self.way_id: list[int] = []
        self.meaning: list[int] = []
        self.names: list[tuple[str | None, str | None]] = []
        self.size: list[int] = []
        self.backward: list[bool] = []
        self.vertices: list[tuple[int, int, int]] = []
        self.known: dict[tuple[Any, ...], int] = {}
        self.signals: list[int] = []
        self.barriers: list[int] = []
        self.seen = self.no_road = self.closed = self.restrictions = 0

    @property
    def placed(self) -> bool:
        """Whether the place of any vertex is known."""
        most = _MAX_DEGREES[0] * _UNITS_PER_DEGREE
        return any(abs(x) <= most for _, x, _ in self.vertices)

    def add_node(self, ref: int, tags: "Mapping[str, str]") -> None:
        if tags.get("highway") == "traffic_signals":
            self.signals.append(ref)
        if "barrier" in tags and _stops(tags, self.mode):
            self.barriers.append(ref)

    def add_way(self, way: Any) -> None:
        get = way.tags.get
        meaning = _meaning(tuple(map(get, _MEANING_KEYS)), self.mode)
        if meaning == "no way":
            return
        self.seen += 1
        if isinstance(meaning, str):
            self.no_road += meaning == "no road"
            self.closed += meaning == "closed"
            return
        if not way.visible:  # deleted, in files of changes and of history
            self.seen -= 1
            return
        values, backward = meaning
        # Plain loops over attributes: half the time of the library's own conversions.
        before = len(self.vertices)
        self.vertices += [
            (node.ref, place.x, place.y)
            for node in way.nodes
            for place in (node.location,)
        ]
        if len(self.vertices) > _MAX_VERTICES:
            msg = (
                f"{self.path.name} has more than {_MAX_VERTICES:,} vertices; cut out what "
                "you need"
            )
            raise InputError(msg)
        chinese, name, ref = map(get, _NAME_KEYS)
        self.size.append(len(self.vertices) - before)
        self.way_id.append(way.id)
        self.meaning.append(self.known.setdefault(values, len(self.known)))
        self.names.append((chinese or name, ref))
        self.backward.append(backward)

    def ways(self) -> OsmWays:
        if len(set(self.way_id)) < len(self.way_id):
            twice = next(i for i, n in Counter(self.way_id).items() if n > 1)
            msg = (
                f"{self.path.name} holds way {twice} more than once: files of history or of "
                "changes are not read (`osmium time-filter` cuts out a day), and extracts "
                "are put together with `osmium merge`"
            )
            raise InputError(msg)
        count = len(self.vertices)
        flat = np.fromiter(
            chain.from_iterable(self.vertices), dtype=np.int64, count=3 * count
        ).reshape(-1, 3)
        way = np.repeat(np.arange(len(self.size)), self.size)
        turned = np.array(self.backward, dtype=bool)[way]
        size = np.array(self.size, dtype=np.int64)
        last = np.cumsum(size)[way] - 1
        at = np.arange(count)
        flat = flat[np.where(turned, last - (at - (last - size[way] + 1)), at)]
        lonlat = flat[:, 1:] / _UNITS_PER_DEGREE
        # A node that the file lacks has no place on Earth.
        there = (np.abs(lonlat) <= _MAX_DEGREES).all(axis=1)
        return OsmWays(
            way_id=np.array(self.way_id, dtype=np.int64),
            meaning=np.array(self.meaning, dtype=np.int64),
            names=self.names,
            meanings=list(self.known),
            way=way[there],
            ref=flat[there, 0],
            lonlat=lonlat[there],
            signals=np.array(self.signals, dtype=np.int64),
            barriers=np.array(self.barriers, dtype=np.int64),
            seen=self.seen,
            no_road=self.no_road,
            closed=self.closed,
            incomplete=len(np.unique(way[~there])),
            restrictions=self.restrictions,
        )


def _stops(tags: "Mapping[str, str]", mode: Mode) -> bool:
    """Whether a barrier stops a mode: by its own tags, else by its kind."""
    rules = way_rules({**tags, "highway": "residential"})
    passes = {"drive": rules.drive, "walk": rules.walk, "cycle": rules.cycle}[mode]
    named = any(tags.get(key) for key in ("motorcar", "motor_vehicle", "vehicle"))
    barred = mode == "drive" and tags["barrier"] in _CAR_STOPS and not named
    return barred or not passes


@lru_cache(maxsize=65_536)
def _meaning(
    values: tuple[str | None, ...], mode: Mode
) -> "tuple[tuple[Any, ...], bool] | Literal['no way', 'no road', 'closed']":
    """Return what tags mean and whether the way runs backward, or why it is left out."""
    pairs = zip(_MEANING_KEYS, values, strict=True)
    tags = {key: value for key, value in pairs if value is not None}
    highway = tags.get("highway", "")
    ferry = not highway and tags.get("route") == "ferry"
    if not highway and not ferry:
        return "no way"
    road_class = "ferry" if ferry else road_class_of(highway)
    if road_class is None or tags.get("area") == "yes":
        return "no road"
    rules = way_rules(tags)
    if not {"drive": rules.drive, "walk": rules.walk, "cycle": rules.cycle}[mode]:
        return "closed"
    limit = parse_maxspeed(tags.get("maxspeed", ""))
    free, peak = speeds_of(road_class, limit)
    means = (
        highway or "ferry", road_class, highway.endswith("_link"), rules.oneway,
        rules.drive, rules.walk, rules.cycle, rules.cycle_oneway,
        tags.get("junction") in ("roundabout", "circular"),
        tags.get("bridge", "no") != "no", tags.get("tunnel", "no") != "no",
        _whole(tags.get("layer"), 0), free, peak, limit, _whole(tags.get("lanes"), None),
    )  # fmt: skip
    return means, rules.backward


def _whole(text: str | None, missing: int | None) -> int | None:
    if text and text.removeprefix("-").isdecimal() and len(text) < 4:
        return int(text)
    return missing
