"""A Word template, read with care: it is a file from outside (Word 模板)."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

from ctzgis.errors import SourceError

__all__ = ["open_template", "read_template"]

_LARGEST_TEMPLATE: Final = 50_000_000
_LARGEST_UNPACKED: Final = 500_000_000
# The type of the document's main part, as a template and as a document.
_AS_TEMPLATE: Final = b"wordprocessingml.template.main+xml"
_AS_DOCUMENT: Final = b"wordprocessingml.document.main+xml"
# RuntimeError: a part is encrypted; NotImplementedError: packed in a way of its own.
_BROKEN_ZIP: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_TYPES: Final = "[Content_Types].xml"


def open_template(path: Path | str) -> Any:
    """
    Return a Word document or template as python-docx has documents.

    Raises
    ------
    SourceError
        If it cannot be read as a document.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    path = Path(path)
    try:
        document = docx.Document(io.BytesIO(read_template(path)))
        whole = _is_whole(document)
    except (
        PackageNotFoundError,
        XMLSyntaxError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        msg = f"template {path.name} is no Word document that can be read: {error}"
        raise SourceError(msg) from error
    if not whole:
        msg = f"template {path.name} is no Word document that can be read: no pages"
        raise SourceError(msg)
    return document


def _is_whole(document: Any) -> bool:
    """Ask a document for all that a report needs: what is broken shows only then."""
    document.save(io.BytesIO())
    parts = (document.styles, document.settings, document.core_properties)
    pages = len(document.sections)
    return None not in (*parts, document.element.body) and pages > 0


def read_template(path: Path | str) -> bytes:
    """
    Return a Word document or template as a document.

    Raises
    ------
    SourceError
        If it is missing, too large, broken, or holds macros.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST_TEMPLATE:
            msg = (
                f"template {path.name} is larger than {_LARGEST_TEMPLATE / 1e6:.0f} MB"
            )
            raise SourceError(msg)
        return _repacked(path)
    except _BROKEN_ZIP as error:
        msg = f"template {path.name} is no Word document (.docx, .dotx): {error}"
        raise SourceError(msg) from error
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        msg = f"cannot read template {path}: {error.strerror or error}"
        raise SourceError(msg) from error


def _repacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
            msg = f"template {path.name} unpacks to more than {_LARGEST_UNPACKED / 1e6:.0f} MB"
            raise SourceError(msg)
        if _TYPES not in archive.namelist():
            msg = f"template {path.name} is no Word document (.docx, .dotx)"
            raise SourceError(msg)
        types = archive.read(_TYPES).replace(_AS_TEMPLATE, _AS_DOCUMENT)
        if _AS_DOCUMENT not in types:
            msg = f"template {path.name} is no Word document without macros (.docx, .dotx)"
            raise SourceError(msg)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
            for part in {part.filename: part for part in parts}.values():
                copy.writestr(
                    part, types if part.filename == _TYPES else archive.read(part)
                )
    return buffer.getvalue()
