"""Download large files: bounded, resumed where they broke off, told in one line (下载)."""

import re
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ctzgis._version import __version__
from ctzgis.errors import InputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Progress = Callable[[int, int | None], None]

__all__ = ["download", "host_of", "opened", "require_web_address"]

_EXAMPLE: Final = "https://download.geofabrik.de"
_CHUNK_BYTES: Final = 2**18
# The extract of all China was 1.4 GB in 2025, that of Europe some 30 GB.
_MAX_BYTES: Final = 40 * 10**9
_SPARE_BYTES: Final = 64 * 2**20
_TIMEOUT_S: Final = 60.0
# Less than this in so long is a connection that broke without saying so.
_SLOW_S: Final = 120.0
_SLOW_BYTES: Final = 20_000
_ATTEMPTS: Final = 4
_PAUSE_S: Final = 2.0
_MB: Final = 10**6


def require_web_address(url: str) -> str:
    """
    Return an address of the web, or refuse it.

    Raises
    ------
    InputError
        If it is none, or holds a password, which would end up in records.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        whole = False
    if not whole or not url.isascii() or not url.isprintable() or " " in url:
        msg = f"{url[:80]!r} is no address; one like {_EXAMPLE} is expected"
        raise InputError(msg)
    if "@" in parts.netloc:
        msg = "an address with a user name or password is not taken"
        raise InputError(msg)
    return url


def download(url: str, part: "Path", progress: "Progress | None") -> str:
    """
    Fill a part, going on where it ends, and return the date of its content.

    A connection that breaks is taken up again, four times in all; a server that cannot
    go on from a byte begins anew. The part stays if that was not enough.

    Raises
    ------
    SourceError
        If the server cannot be reached or sends a web page, the connection breaks too
        often, the file is larger than 40 GB, or the disk has no room.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_S * 2 ** (attempt - 1))
        try:
            date = _pour(url, part, progress)
        except SourceError as error:
            if not _size(part):
                raise
            msg = f"{error}; {_size(part) / _MB:.1f} MB are kept in {part}"
            raise SourceError(msg) from error
        if date:
            return date
    msg = (
        f"the connection to {host_of(url)} broke {_ATTEMPTS} times; "
        f"{_size(part) / _MB:.1f} MB are kept in {part}: run it again to go on"
    )
    raise SourceError(msg)


def _pour(url: str, part: "Path", progress: "Progress | None") -> str:
    """Write what a server sends into a part; empty if that was not all."""
    from http.client import HTTPException

    have = _size(part)
    answer = opened(url, offset=have)
    if answer is None:  # there is nothing from that byte on
        part.unlink(missing_ok=True)
        return ""
    with answer:
        if answer.headers.get_content_maintype() == "text":
            msg = f"{url} is a web page, no extract: a login page of the network?"
            raise SourceError(msg)
        start = have if answer.status == 206 else 0
        said = answer.headers.get("Content-Range", f"bytes {start}-")
        if not said.startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            return ""
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
        _require_room(part, start, start if total is None else total)
        size, mark, since = start, start, time.monotonic()
        with part.open("ab" if start else "wb") as file:
            while True:
                try:
                    chunk = answer.read1(_CHUNK_BYTES)
                except (HTTPException, OSError):
                    return ""
                if not chunk:
                    break
                size += len(chunk)
                if total is None:
                    _require_room(part, size, size)
                file.write(chunk)
                if progress:
                    progress(size, total)
                if time.monotonic() - since > _SLOW_S:
                    if size - mark < _SLOW_BYTES:
                        return ""
                    mark, since = size, time.monotonic()
        return _date_of(answer.headers) if total is None or size == total else ""


def _require_room(part: "Path", have: int, total: int) -> None:
    if total > _MAX_BYTES:
        msg = f"the extract has {total / 10**9:.1f} GB; {_MAX_BYTES / 10**9:.0f} are taken"
        raise SourceError(msg)
    free = shutil.disk_usage(part.parent).free
    if total - have + _SPARE_BYTES > free:
        msg = (
            f"{part.parent} has {free / _MB:,.0f} MB of room, "
            f"{(total - have + _SPARE_BYTES) / _MB:,.0f} MB are needed; choose another folder"
        )
        raise SourceError(msg)


def _date_of(headers: Any) -> str:
    from email.utils import parsedate_to_datetime

    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(headers["Last-Modified"]).date().isoformat()
    return datetime.now(UTC).date().isoformat()


def _size(part: "Path") -> int:
    return part.stat().st_size if part.exists() else 0


def host_of(url: str) -> str:
    """Return the host of an address, and its port if it names one."""
    from urllib.parse import urlsplit

    return urlsplit(url).netloc


def opened(url: str, *, offset: int = 0) -> Any:
    """
    Open an address from a byte on; ``None`` if it has nothing from there on.

    Raises
    ------
    SourceError
        In one line, if the server cannot be reached or answers with an error.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Redirects(HTTPRedirectHandler):
        def redirect_request(self, *arguments: Any) -> Request | None:
            if url.startswith("https:") and not str(arguments[-1]).startswith("https:"):
                msg = "it leads from https to an unprotected address"
                raise URLError(msg)
            return super().redirect_request(*arguments)

    headers = {"User-Agent": f"ctzgis/{__version__}", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        return build_opener(Redirects).open(
            Request(url, headers=headers), timeout=_TIMEOUT_S
        )
    except HTTPError as error:
        error.close()
        if error.code == 416:
            return None
        kind = "does not exist" if error.code in (404, 410) else f"answers {error.code}"
        msg = f"{url} {kind}"
        raise SourceError(msg) from error
    except (HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        msg = (
            f"cannot reach {host_of(url)}: {str(reason)[:120]}; is there internet? "
            "Another address can be named, e.g. with --url"
        )
        raise SourceError(msg) from error
