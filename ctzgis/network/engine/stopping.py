"""Long kernels that Ctrl-C stops and that tell how far they are (可中断的内核)."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.network.engine.compiled import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctzgis.progress import Progress

__all__ = ["DONE", "LOOK_UP_S", "STOP", "stoppable"]

STOP: Final = 0
"""Where in its last argument a kernel reads that it should leave off, if not 0."""

DONE: Final = 1
"""Where in its last argument a kernel writes how much it has done."""

# A wait without an end would keep Ctrl-C from coming through on Windows.
LOOK_UP_S: Final = 0.2


def stoppable(
    kernel: "Callable[..., Any]",
    *given: object,
    tell: "Callable[[int], None]",
    progress: "Progress | None" = None,
) -> Any:
    """
    Return what a kernel returns, from a thread that an interrupt stops.

    The kernel takes one argument more, the last: an array in which it looks up
    :data:`STOP` every few milliseconds and writes :data:`DONE`. Whatever is raised while
    it runs makes it leave off, and what it has half made is dropped.

    Parameters
    ----------
    kernel
        A compiled function.
    *given
        Its arguments but the last.
    tell
        Told what is done, as the kernel writes it, a few times a second.
    progress
        Told in a line when the kernel is compiled and that takes more than two seconds.
    """
    state = np.zeros(2, dtype=np.int64)
    with told(progress, kernel):
        _compile(kernel, *given, state)
    pool = ThreadPoolExecutor(1)
    try:
        call = pool.submit(kernel, *given, state)
        while wait([call], LOOK_UP_S).not_done:
            tell(int(state[DONE]))
    finally:
        state[STOP] = 1
        pool.shutdown(wait=True)
    return call.result()


def _compile(kernel: "Callable[..., Any]", *given: object) -> None:
    """Compile a kernel for arguments here: no other thread would be interrupted."""
    from numba import typeof

    compile_ = getattr(kernel, "compile", None)
    if compile_ is not None:  # Numba can be told not to compile
        compile_(tuple(map(typeof, given)))
