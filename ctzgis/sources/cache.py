"""A cache of what takes long to parse, keyed by content (缓存)."""

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis._version import __version__
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cache_folder", "cached_json"]

_LEAST_BYTES: Final = 20_000


def cache_folder() -> Path:
    """
    Return the folder of the cache: ``$CTZGIS_CACHE`` or the user's usual one.

    It may be deleted at any time; nothing is lost but time.
    """
    if named := os.environ.get("CTZGIS_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "ctzgis"


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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
