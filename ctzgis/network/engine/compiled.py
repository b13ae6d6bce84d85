"""Compiling of kernels: when they are first called, kept on disk (编译)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from ctzgis.progress import Progress, tell_once

__all__ = ["Progress", "compiled", "ready", "told"]

_WORTH_TELLING_S: Final = 2.0

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """
    Let Numba compile a function at its first call, and keep the code on disk.

    What is kept is renewed when the function's own file changes, not when another does
    whose functions or constants it uses: then ``__pycache__`` has to go.
    """
    from numba import njit

    compiler: Any = njit
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel: Kernel = compiler(cache=True, **options)(function)
    except RuntimeError:  # neither the package's folder nor the user's may be written
        kernel = compiler(**options)(function)
    return kernel


def ready(kernel: Callable[..., Any]) -> bool:
    """Tell whether a kernel is loaded in this process, so that nobody waits for it."""
    return bool(getattr(kernel, "signatures", ()))


@contextmanager
def told(progress: Progress | None, *kernels: Callable[..., Any]) -> Iterator[None]:
    """Tell, while one of the kernels is compiled, why it takes long."""
    if all(ready(kernel) for kernel in kernels):
        yield
        return

    def tell() -> None:
        """Tell it, unless the kernels are compiled by now and at work."""
        if not all(ready(kernel) for kernel in kernels):
            tell_once("compiling the network engine, once on this machine", progress)

    timer = threading.Timer(_WORTH_TELLING_S, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
