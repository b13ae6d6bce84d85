"""What OSMnx is allowed on the web: bounded answers, checked before they are kept (联网)."""

import contextlib
import json
import socket
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import SourceError
from ctzgis.sources.osm.downloads import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FURTHER_TAGS", "BusyError", "Tally", "cause_of", "osmnx_set_up", "told"]

_MAX_ANSWER_BYTES: Final = 2**30
_MAX_ANSWER_S: Final = 900.0
_BUSY: Final = (429, 504)
_TELL_AFTER_S: Final = 2.0
_TELL_EVERY_S: Final = 10.0
FURTHER_TAGS: Final = (
    "bicycle", "cycleway", "foot", "motor_vehicle", "motorcar", "motorroad",
    "oneway:bicycle", "tracktype", "vehicle",
)  # fmt: skip
"""Tags of access and direction that OSMnx leaves out by default."""

_DEEPEST: Final = 8
_SAID_BYTES: Final = 4096


def cause_of(error: BaseException) -> str:
    """Return the innermost reason of a fault, short and in one line."""
    inner: Any = error
    for _ in range(_DEEPEST):
        within = getattr(inner, "reason", None) or next(
            iter(getattr(inner, "args", ())), None
        )
        if not isinstance(within, str | Exception):
            break
        inner = within
    text = " ".join(str(inner).split()).rpartition(">: ")[2] or type(error).__name__
    return "".join(c for c in text if c.isprintable())[:160]


class BusyError(SourceError):
    """A server that asks to be left alone for a while."""


class _Bounded:
    """The body of an answer, up to a size and for a time."""

    def __init__(self, body: Any, host: str, tally: "Tally") -> None:
        self._body, self._host, self._tally = body, host, tally
        self._left = _MAX_ANSWER_BYTES
        self._until = time.monotonic() + _MAX_ANSWER_S

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes, unpacked."""
        chunk: bytes = self._body.read(size, decode_content=True)
        self._left -= len(chunk)
        self._tally.size_bytes += len(chunk)
        if self._left < 0 or time.monotonic() > self._until:
            limit = (
                f"{_MAX_ANSWER_BYTES / 2**30:.0f} GiB and {_MAX_ANSWER_S / 60:.0f} min"
            )
            msg = f"an answer of {self._host} exceeds {limit}; ask for a smaller area"
            raise SourceError(msg)
        return chunk

    def close(self) -> None:
        """Close the connection."""
        self._body.close()

    def release_conn(self) -> None:
        """Give the connection back."""
        self._body.release_conn()


@dataclass(slots=True)
class Tally:
    """What has arrived so far."""

    answers: int = 0
    size_bytes: int = 0

    def check(self, response: Any, *_: Any, **__: Any) -> None:
        """Refuse an answer that is not what was asked for, before OSMnx keeps it."""
        try:
            self._check(response)
        except SourceError:
            response.close()
            raise

    def _check(self, response: Any) -> None:
        if response.is_redirect:
            return
        host, status = host_of(response.url), response.status_code
        if status in _BUSY:
            msg = f"{host} is busy (it answers {status})"
            raise BusyError(msg)
        if not response.ok:
            msg = f"{host} answers {status}: {cause_of(ValueError(response.reason))}"
            raise SourceError(msg)
        response.raw = _Bounded(response.raw, host, self)
        content = response.content
        if content.lstrip()[:1] not in (b"{", b"["):
            msg = f"{host} answers with something else than data: a login page of the network?"
            raise SourceError(msg)
        if b'"remark"' in content[-_SAID_BYTES:]:
            # Overpass sends what it has, with status 200, when it runs out of time.
            with contextlib.suppress(ValueError, RecursionError, AttributeError):
                if remark := json.loads(content).get("remark"):
                    reason = cause_of(ValueError(str(remark)))
                    msg = f"{host} did not finish: {reason}; ask for a smaller area"
                    raise SourceError(msg)
        self.answers += 1


@contextlib.contextmanager
def told(what: str, tally: Tally) -> "Iterator[None]":
    """Tell on standard error how far it is, if it takes more than a moment."""
    done = threading.Event()

    def tell() -> None:
        wait_s = _TELL_AFTER_S
        while not done.wait(wait_s):
            size = f"{tally.size_bytes / 10**6:.1f} MB"
            sys.stderr.write(f"{what}: {tally.answers} answers, {size} so far\n")
            sys.stderr.flush()
            wait_s = _TELL_EVERY_S

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


@contextlib.contextmanager
def osmnx_set_up(options: dict[str, Any]) -> "Iterator[None]":
    """Set OSMnx up for one download, and leave it as it was."""
    import osmnx as ox

    settings = ox.settings
    ours = {
        "use_cache": True,
        "cache_only_mode": False,
        "all_oneway": False,
        "default_crs": "epsg:4326",
        "doh_url_template": None,
        "log_console": False,
        "log_file": False,
        # OSMnx would wait a minute for a server without a status page, and for ever
        # for a busy one; busy servers are waited for here instead.
        "overpass_rate_limit": False,
        "useful_tags_way": [*settings.useful_tags_way, *FURTHER_TAGS],
        **options,
    }
    before = {name: getattr(settings, name) for name in ours}
    resolve = socket.getaddrinfo
    try:
        for name, value in ours.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = resolve  # OSMnx binds it to the server's address
