"""Files that appear whole or not at all (写文件)."""

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ctzgis.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["require_folder", "written_whole"]


@contextmanager
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
        part.unlink(missing_ok=True)


def require_folder(folder: "Path") -> None:
    """
    Make a folder to write into, unless there is one.

    Raises
    ------
    SourceError
        If it cannot be made, or a file is in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot write into {folder}: {error.strerror or error}"
        raise SourceError(msg) from error
