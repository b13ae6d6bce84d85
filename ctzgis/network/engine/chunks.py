"""Work in chunks on all processors that can be stopped between two of them (分块)."""

import os
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError
from ctzgis.network.engine.stopping import LOOK_UP_S
from ctzgis.progress import telling

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctzgis.progress import Progress

__all__ = ["BUDGET_BYTES", "in_chunks", "processors"]

BUDGET_BYTES: Final = 3 * 512 * 1024**2
"""What work arrays of all threads may take, besides the answer."""


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
    work: "Callable[[int, int], None]",
    count: int,
    size: int,
    threads: int,
    *,
    title: str = "network engine",
    progress: "Progress | None" = None,
) -> None:
    """
    Call ``work(first, after)`` for all parts of ``count`` things, ``size`` at a time.

    The share of parts done is told under the title.
    """
    parts = [(first, min(first + size, count)) for first in range(0, count, size)]
    with telling(title, progress) as tell:
        if threads == 1 or len(parts) == 1:
            for done, part in enumerate(parts):
                tell(done / len(parts))
                work(*part)
            return
        pool = ThreadPoolExecutor(threads)
        try:
            left = {pool.submit(work, *part) for part in parts}
            while left:
                ended, left = wait(left, LOOK_UP_S, FIRST_EXCEPTION)
                for one in ended:
                    one.result()
                tell(1 - len(left) / len(parts))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
