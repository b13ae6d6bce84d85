"""Work in chunks on all processors that can be stopped between two of them (分块)."""

import os
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BUDGET_BYTES", "in_chunks", "processors"]

BUDGET_BYTES: Final = 3 * 512 * 1024**2
"""What work arrays of all threads may take, besides the answer."""

_LOOK_UP_S: Final = 0.2


def processors(threads: int | None, bytes_each: int) -> int:
    """
    Return how many threads to use: as asked, but no more than memory allows.

    Raises
    ------
    InputError
        If fewer than one is asked for.
    """
    if threads is not None and threads < 1:
        msg = f"{threads} threads do no work; give 1 or more, or None for all"
        raise InputError(msg)
    if threads is None:
        affinity = getattr(os, "sched_getaffinity", None)
        threads = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(min(threads, BUDGET_BYTES // max(bytes_each, 1)), 1)


def in_chunks(
    work: "Callable[[int, int], None]", count: int, size: int, threads: int
) -> None:
    """Call ``work(first, after)`` for all parts of ``count`` things, ``size`` at a time."""
    parts = [(first, min(first + size, count)) for first in range(0, count, size)]
    if threads == 1 or len(parts) == 1:
        for part in parts:
            work(*part)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        left = {pool.submit(work, *part) for part in parts}
        while left:
            # A wait without an end would keep Ctrl-C from coming through on Windows.
            done, left = wait(left, _LOOK_UP_S, FIRST_EXCEPTION)
            for one in done:
                one.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
