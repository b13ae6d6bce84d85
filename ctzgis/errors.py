"""
What can go wrong, said once.

::

    CtzgisError
    ├── InputError (ValueError)     exit 3   the data or an argument is wrong
    │   ├── SchemaError             .table .problems
    │   ├── CRSError                a reference system that cannot be measured in
    │   ├── PlanError               a plan that contradicts itself
    │   └── EditError               an edit that does not fit its network
    └── SourceError (OSError)       exit 4   a file or service could not be read or written

    CtzgisWarning (UserWarning)
    └── DatumWarning                data look shifted (GCJ-02 or BD-09)
"""

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "CRSError",
    "CtzgisError",
    "CtzgisWarning",
    "DatumWarning",
    "EditError",
    "InputError",
    "PlanError",
    "SchemaError",
    "SourceError",
    "fail_for_extra",
    "naming",
]

_SHOWN_PROBLEMS: Final = 5
_MOST_CHARACTERS: Final = 1_200
# Line breaks, what steers a terminal or turns the direction of writing, half characters.
_NOT_SHOWN: Final = re.compile(
    "[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+"
)


class CtzgisError(Exception):
    """
    Base of every error this library raises; shown as one line, whatever a file holds.

    Attributes
    ----------
    file
        Name of the file it is about, if that is not in its message; shown before it.
    """

    exit_code: int = 3
    file: str = ""

    def __str__(self) -> str:
        text = _NOT_SHOWN.sub(" ", super().__str__()).strip()
        if len(text) > _MOST_CHARACTERS:
            text = f"{text[:_MOST_CHARACTERS]} …"
        return f"{self.file}: {text}" if self.file else text


@contextmanager
def naming(file: str) -> "Iterator[None]":
    """
    Name a file in the errors that are raised about it and do not name it themselves.

    Examples
    --------
    >>> with naming("roads.gpkg"):
    ...     raise CRSError("the zone is another")
    Traceback (most recent call last):
    ctzgis.errors.CRSError: roads.gpkg: the zone is another
    """
    try:
        yield
    except CtzgisError as error:
        if file not in str(error):
            error.file = file
        raise


class InputError(CtzgisError, ValueError):
    """The data or an argument is wrong."""


class SchemaError(InputError):
    """
    A table breaks its contract; every problem is named at once.

    Attributes
    ----------
    table
        Name of the contract, e.g. ``"roads"``.
    problems
        One sentence per broken rule.
    """

    def __init__(self, table: str, problems: "Sequence[str]") -> None:
        self.table = table
        self.problems = tuple(problems)
        shown = "; ".join(self.problems[:_SHOWN_PROBLEMS])
        hidden = len(self.problems) - _SHOWN_PROBLEMS
        more = f"; and {hidden} more" if hidden > 0 else ""
        super().__init__(f"table '{table}' breaks its contract: {shown}{more}")


class CRSError(InputError):
    """A coordinate reference system is missing, unfit for measuring or mixed."""


class PlanError(InputError):
    """A plan contradicts itself or names something it does not define."""


class EditError(InputError):
    """An edit cannot be applied to the network it was given."""


class SourceError(CtzgisError, OSError):
    """A file or service could not be read or written."""

    exit_code = 4


class CtzgisWarning(UserWarning):
    """Base of every warning this library gives."""


class DatumWarning(CtzgisWarning):
    """Coordinates look shifted, as GCJ-02 or BD-09 coordinates are."""


def fail_for_extra(needs: str, *extras: str) -> NoReturn:
    """
    Raise ``SourceError`` where an optional part is not installed, and name its extra.

    Examples
    --------
    >>> fail_for_extra("plan.xlsx needs a writer", "xlsx")
    Traceback (most recent call last):
    ctzgis.errors.SourceError: plan.xlsx needs a writer that is missing: pip install 'ctzgis[xlsx]'
    """
    msg = f"{needs} that is missing: pip install 'ctzgis[{','.join(extras)}]'"
    raise SourceError(msg)
