"""Compiling of kernels: when they are first called, kept on disk (编译)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from ctzgis.progress import Progress, tell_once
from ctzgis.writing import cache_folder

__all__ = ["Progress", "compiled", "ready", "told"]

_WORTH_TELLING_S: Final = 2.0

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """
    Let Numba compile a function at its first call, and keep the code on disk.

    It is kept in ``kernels`` in the folder of the cache, or where ``NUMBA_CACHE_DIR``
    says, and never beside the package: what an uninstaller does not know it leaves,
    and a folder that is left hides the package that is installed next. What is kept is
    renewed when the function's own file changes, not when another does whose functions
    or constants it uses: then ``kernels`` has to go.
    """
    from numba import njit

    compiler: Any = njit
    options = {"nogil": True, "error_model": "numpy"}
    with _kept_apart():
        try:
            kernel: Kernel = compiler(cache=True, **options)(function)
        except RuntimeError:  # no folder may be written
            kernel = compiler(**options)(function)
    return kernel


@contextmanager
def _kept_apart() -> Iterator[None]:
    """Let Numba keep what is decorated meanwhile in the folder of the cache."""
    from numba import config

    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = before or str(cache_folder() / "kernels")
    try:
        yield
    finally:
        settings.CACHE_DIR = before


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
