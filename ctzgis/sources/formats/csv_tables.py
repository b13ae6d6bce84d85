"""CSV tables as people have them: any encoding, comma, semicolon or tab (CSV 表格)."""

import codecs
import csv
import io
import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import InputError, SourceError
from ctzgis.provenance import Change
from ctzgis.sources.formats.encodings import Encoding, decoded, encoding_of
from ctzgis.sources.formats.files import require_file
from ctzgis.texts import Text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["open_end", "read_csv_table"]

_MAX_BYTES: Final = 2 * 2**30
_MAX_COLUMNS: Final = 2_000
_SEPARATORS: Final = (",", ";", "\t")
_LEADING_ZERO: Final = re.compile(r"[,;\t\n\"]0\d")


def open_end(path: "Path") -> tuple[Change, ...]:
    """
    Notice a table whose last line has no end: its last value may be cut off.

    Nothing in a table of lines says how many there are to be, so one that was cut off
    between two lines looks whole.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        if file.read() in (b"\n", b"\r", b""):
            return ()
    what = Text(
        f"{path.name} 末行没有换行：文件完整吗？",
        f"last line of {path.name} without an end: is the file whole?",
    )
    return (Change(action="noticed", what=what, count=1),)


def read_csv_table(path: "Path") -> "tuple[pd.DataFrame, str]":
    """
    Read a CSV table with a header.

    Returns
    -------
    table, encoding
        Its columns as numbers or texts, and how its texts were read. Whole numbers of
        which some begin with 0 stay texts: they are codes.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    InputError
        If it is larger than 2 GiB, has more than 2,000 columns, rows of another length
        than its header, or two columns of one name.
    """
    import pandas as pd

    require_file(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            msg = f"{path.name} is larger than {_MAX_BYTES // 2**30} GiB"
            raise InputError(msg)
        content = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    encoding = _encoding(content)
    text = decoded(content, encoding.name).removeprefix("\ufeff")
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    names = _head_names(head.rstrip("\r"), separator, path)
    if len(names) > _MAX_COLUMNS:
        msg = f"{path} has {len(names):,} columns; {_MAX_COLUMNS:,} are the most"
        raise InputError(msg)
    if len(set(names)) < len(names):
        msg = f"{path} has two columns of one name"
        raise InputError(msg)
    try:
        table = _parsed(text, separator)
        if _LEADING_ZERO.search(text):
            # 050000 is a category, not fifty thousand.
            texts = _parsed(text, separator, dtype=str)
            for name in table.columns[table.dtypes == "int64"]:
                if texts[name].str.fullmatch(r"\s*0\d+\s*").any():
                    table[name] = texts[name]
    except (ValueError, OverflowError, pd.errors.ParserWarning) as error:
        msg = f"{path} is not valid CSV: {str(error).strip()}"
        raise InputError(msg) from error
    return table, str(encoding)


def _head_names(head: str, separator: str, path: "Path") -> list[str]:
    try:
        return next(csv.reader([head], delimiter=separator), [])
    except csv.Error as error:
        msg = f"{path} is not valid CSV: its header: {error}"
        raise InputError(msg) from error


def _encoding(content: bytes) -> Encoding:
    """Find a table's encoding; Excel's "Unicode text" is UTF-16, which a mark tells."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("UTF-16", "byte order mark")
    return encoding_of([content])


def _parsed(text: str, separator: str, **options: Any) -> "pd.DataFrame":
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table: pd.DataFrame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            index_col=False,
            # In parts, a column may be numbers in one and texts in the next.
            low_memory=False,
            **options,
        )
    return table
