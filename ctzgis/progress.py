"""How far long work is, told in a line a second (进度)."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Final, TextIO

from ctzgis.errors import InputError

__all__ = ["Progress", "Tell", "part_of", "tell_once", "telling"]

Progress = Callable[[str], None]
"""Takes a line that tells how far work is."""

Tell = Callable[[float], None]
"""Takes the share of work that is done, 0 to 1."""

_VARIABLE: Final = "CTZGIS_PROGRESS"

_WORTH_TELLING_S: Final = 2.0
_BETWEEN_S: Final = 1.0

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


@contextmanager
def telling(title: str, progress: Progress | None = None) -> Iterator[Tell]:
    """
    Tell how far work is, once it has taken two seconds, about once a second.

    Shares never fall. When the work ends well and a share was told, so is how long it
    took; when it is broken off, the last share stands.

    Parameters
    ----------
    title
        What is being done.
    progress
        Takes the lines. By default a terminal or notebook shows the last one, and
        nothing is shown elsewhere; ``CTZGIS_PROGRESS=0`` shows none anywhere, and
        ``CTZGIS_PROGRESS=1`` writes them to any standard error.

    Yields
    ------
    Tell
        To be called with the share done, as often as one likes, by one thread.

    Raises
    ------
    InputError
        If ``CTZGIS_PROGRESS`` is neither 0, 1 nor empty.

    Examples
    --------
    >>> with telling("adding up", print) as tell:
    ...     for done in range(4):
    ...         tell(done / 4)  # too short to be told
    """
    line = None if progress else _shown_line()
    to = progress or line
    if to is None:
        yield _nowhere
        return
    lines = _Lines(title, to)
    try:
        yield lines.tell
        lines.end()
    finally:
        if line:
            line.end()


def tell_once(text: str, progress: Progress | None = None) -> None:
    """Tell a line at once, where :func:`telling` would."""
    line = None if progress else _shown_line()
    if to := progress or line:
        to(text)
    if line:
        line.end()


def part_of(tell: Tell, first: float, after: float) -> Tell:
    """
    Return what tells the share of a step that takes work from one share to another.

    Examples
    --------
    >>> part_of(print, 0.5, 0.75)(0.5)
    0.625
    """
    return lambda share: tell(first + share * (after - first))


class _Lines:
    """Lines about one piece of work."""

    def __init__(self, title: str, to: Progress) -> None:
        self._title, self._to = title, to
        self._began = self._counted = time.monotonic()
        self._next = self._began + _WORTH_TELLING_S
        self._share, self._called, self._told = 0.0, False, False

    def tell(self, share: float) -> None:
        """Tell the share and the time left, if it is time to."""
        now = time.monotonic()
        if (
            not self._called
        ):  # what came before, as compiling, tells nothing of the rest
            self._counted, self._called = now, True
        self._share = max(self._share, min(share, 1.0))
        if now < self._next:
            return
        self._next, self._told = now + _BETWEEN_S, True
        # Rounded down: 100 % would be said of what is not done yet.
        text = f"{self._title}: {int(100 * self._share)} %"
        if self._share > 0:
            left = (now - self._counted) * (1 - self._share) / self._share
            text += f" (about {_duration(left)} left)"
        self._to(text)

    def end(self) -> None:
        """Tell that all is done, if anything was told."""
        if self._told:
            taken = _duration(time.monotonic() - self._began)
            self._to(f"{self._title}: done in {taken}")


class _Line:
    """A line that each text overwrites, or one for each where none can be."""

    def __init__(self, stream: TextIO, *, rewritten: bool) -> None:
        self._stream, self._rewritten = stream, rewritten
        self._width = 0

    def __call__(self, text: str) -> None:
        """Show a text in place of the last."""
        text = f"ctzgis: {text}"
        self._stream.write(
            f"\r{text.ljust(self._width)}" if self._rewritten else f"{text}\n"
        )
        self._stream.flush()
        self._width = len(text)

    def end(self) -> None:
        """Leave the line as it is, and go to the next."""
        if self._width and self._rewritten:
            self._stream.write("\n")
            self._stream.flush()
        self._width = 0


def _shown_line() -> _Line | None:
    """Return the line that somebody sees, if there is one."""
    asked = os.environ.get(_VARIABLE, "")
    if asked not in ("", "0", "1"):
        msg = f"{_VARIABLE} is {asked!r}; expected '0' for no progress, '1' or nothing"
        raise InputError(msg)
    stream: TextIO | None = sys.stderr  # None without a console on Windows
    if asked == "0" or stream is None:
        return None
    seen = stream.isatty() or type(stream).__module__.startswith("ipykernel.")
    return _Line(stream, rewritten=seen) if seen or asked == "1" else None


def _duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds < 2 * _MINUTE_S:
        return f"{ceil(seconds)} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.0f} h"


def _nowhere(_: float) -> None:
    """Tell nobody."""
