"""Files that appear whole or not at all, and the folder of what is kept (写文件)."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ctzgis.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cache_folder", "require_folder", "require_place", "written_whole"]


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


@contextlib.contextmanager
def written_whole(path: "Path") -> "Iterator[Path]":
    """
    Give a path to write to, and put what was written in place when it is whole.

    The path lies in the folder of the file, so nobody ever sees half of it, and a
    file that was there stays if anything goes wrong.

    Raises
    ------
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with written_whole(Path(folder) / "report.html") as part:
    ...         _ = part.write_text("whole")
    ...     [p.name for p in Path(folder).iterdir()]
    ['report.html']
    """
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        msg = f"cannot write {path}: {error.strerror or error}"
        raise SourceError(msg) from error
    finally:
        # A folder that may not be written refuses this too, with nothing to take away.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def require_place(path: "Path") -> None:
    """
    Raise unless a file can be put at a path; ask before work begins.

    A file without a name is made in the folder and is gone at once: whether a folder
    may be written to is known only when something was.

    Raises
    ------
    SourceError
        If there is no such folder, it may not be written to, or a folder has this name.
    """
    if not path.parent.is_dir():
        msg = f"cannot write {path}: there is no folder {path.parent}"
        raise SourceError(msg)
    if path.is_dir():
        msg = f"cannot write {path}: it is a folder"
        raise SourceError(msg)
    try:
        _try_to_write(path.parent)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise SourceError(msg) from error


def require_folder(folder: "Path", *, make: bool = True) -> None:
    """
    Raise unless files can be put into a folder; ask before work begins.

    Parameters
    ----------
    folder
        The folder. If there is none, the nearest folder above is tried.
    make
        Make it, if there is none.

    Raises
    ------
    SourceError
        If it cannot be made or written to, or a file is in its place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as name:
    ...     require_folder(Path(name) / "new" / "out", make=False)
    ...     any(Path(name).iterdir())
    False
    """
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        _try_to_write(there)
    except OSError as error:
        msg = f"cannot write into {folder}: {error.strerror or error}"
        raise SourceError(msg) from error


def _try_to_write(folder: "Path") -> None:
    with tempfile.TemporaryFile(dir=folder):
        pass
