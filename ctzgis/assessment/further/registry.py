"""Which further measures an assessment can take: one entry each (另行量算的登记)."""

import difflib
from typing import TYPE_CHECKING, Final

from ctzgis.assessment.further.borders import border_roads_of, index_of
from ctzgis.assessment.further.roads import critical_roads_of, missing_links_of
from ctzgis.assessment.further.stations import stations_of
from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.further.parts import Found

__all__ = ["ALL", "FURTHER", "measure_further", "require_further"]

ALL: Final = "all"
"""Asks for every one."""

FURTHER: Final["Mapping[str, Callable[[Case], Found]]"] = {
    "index": index_of,
    "missing_links": missing_links_of,
    "critical_roads": critical_roads_of,
    "borders": border_roads_of,
    "stations": stations_of,
}
"""
Further measures by id. A new one is one entry here: map, legend, cards, report,
workbook, provenance and command line read its words.
"""


def require_further(also: "Iterable[str] | str") -> tuple[str, ...]:
    """
    Return the ids of the measures asked for, each once, in the order of the registry.

    Parameters
    ----------
    also
        Ids, or one; ``-`` counts as ``_``, and ``"all"`` is every one.

    Raises
    ------
    InputError
        If one is not known.

    Examples
    --------
    >>> require_further(["missing-links", "index", "index"])
    ('index', 'missing_links')
    >>> require_further("all") == tuple(FURTHER)
    True
    """
    given = [also] if isinstance(also, str) else list(also)
    asked = [str(name).strip().lower().replace("-", "_") for name in given]
    for name in asked:
        if name not in {*FURTHER, ALL}:
            near = difflib.get_close_matches(name, FURTHER, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            msg = f"also {name!r} is no further measure; {hint}known are {_known()}"
            raise InputError(msg)
    return tuple(key for key in FURTHER if key in asked or ALL in asked)


def _known() -> str:
    return ", ".join([*FURTHER, ALL])


def measure_further(case: "Case", also: "Iterable[str] | str") -> "tuple[Found, ...]":
    """
    Take further measures of a case, in the order of the registry.

    Raises
    ------
    InputError
        If one is not known, or the case lacks what it needs.
    """
    return tuple(FURTHER[key](case) for key in require_further(also))
