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

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

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
]

_SHOWN_PROBLEMS: Final = 5


class CtzgisError(Exception):
    """Base of every error this library raises."""

    exit_code: int = 3


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
