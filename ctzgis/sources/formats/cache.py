"""A cache of what takes long to parse, keyed by content (缓存)."""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis._version import __version__
from ctzgis.writing import cache_folder, written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctzgis.network.roads import RoadNetwork

__all__ = [
    "CacheUse",
    "cache_use",
    "cached_json",
    "cached_network",
    "clear_cache",
]

_LEAST_BYTES: Final = 20_000
_DIGEST_BYTES: Final = 32
_MOST_BYTES: Final = 2 * 2**30
_ENDINGS: Final = (".json", ".npz")


def cached_json(text: str, parse: "Callable[[str], Any]") -> Any:
    """
    Parse a text into plain values, or take them from the cache if it was seen before.

    What comes back is the same either way: values pass through JSON, so keys are texts
    and dates are written out. Short texts are not cached. A cache that cannot be read
    or written, or whose content is not what was written, is passed over.
    """
    if len(text) < _LEAST_BYTES:
        return json.loads(_dumped(parse(text)))
    key = _digest(f"{__version__}\0{text}")
    path = cache_folder() / f"{key}.json"
    with contextlib.suppress(OSError, ValueError):
        digest, _, kept = path.read_text("utf-8").partition("\n")
        if digest == _digest(kept):
            return json.loads(kept)
    dumped = _dumped(parse(text))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as part:
            part.write_text(f"{_digest(dumped)}\n{dumped}", encoding="utf-8")
    return json.loads(dumped)


def cached_network(key: str, build: "Callable[[], RoadNetwork]") -> "RoadNetwork":
    """
    Build a network, or take it from the cache if one was built by the same key before.

    What is kept is checked by its hash; a file that is not what was written, or cannot
    be, is passed over. Two processes may build the same at once: the last one's stays.
    Beyond 2 GiB what was not used for longest goes.
    """
    import pandas as pd

    from ctzgis.sources.formats.packing import DAMAGED, pack_network, unpack_network

    name = _digest("\0".join((__version__, pd.__version__, "network", key)))
    path = cache_folder() / f"{name}.npz"
    with contextlib.suppress(*DAMAGED):
        kept = path.read_bytes()
        content, digest = kept[:-_DIGEST_BYTES], kept[-_DIGEST_BYTES:]
        if hashlib.sha256(content).digest() == digest:
            network = unpack_network(content)
            with contextlib.suppress(OSError):
                os.utime(path)
            return network
    network = build()
    # A network of other columns than plain ones is built anew each time.
    with contextlib.suppress(OSError, TypeError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as part:
            pack_network(network, part)
            digest = hashlib.sha256(part.read_bytes()).digest()
            with part.open("ab") as file:
                file.write(digest)
        _make_room()
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """
    What the cache holds.

    Attributes
    ----------
    folder
        Where it is.
    files, size_bytes
        How many files it has, and how large they are together.
    """

    folder: Path
    files: int
    size_bytes: int


def cache_use() -> CacheUse:
    """Count what the cache holds."""
    sizes = [size for _, size in _kept_files()]
    return CacheUse(folder=cache_folder(), files=len(sizes), size_bytes=sum(sizes))


def clear_cache() -> CacheUse:
    """
    Delete what the cache holds, and tell what that was.

    Files that are not the cache's own, and those that were fetched, stay.
    """
    use = cache_use()
    for path, _ in list(_kept_files()):
        with contextlib.suppress(OSError):
            path.unlink()
    return use


def _make_room() -> None:
    """Delete what was not used for longest until the rest is within bounds."""
    room = _MOST_BYTES
    latest_first = sorted(
        _kept_files(), key=lambda kept: kept[0].stat().st_mtime, reverse=True
    )
    for path, size in latest_first:
        room -= size
        if room < 0:
            path.unlink(missing_ok=True)


def _kept_files() -> "Iterator[tuple[Path, int]]":
    for ending in _ENDINGS:
        for path in cache_folder().glob(f"*{ending}"):
            with contextlib.suppress(OSError):
                yield path, path.stat().st_size


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
