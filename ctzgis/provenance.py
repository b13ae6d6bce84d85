"""Where a figure comes from: one record per input (数据来源)."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    One input of a result.

    Attributes
    ----------
    name
        File name or short name.
    what
        What it holds.
    source
        Who made it, from what.
    licence
        Under which terms; ``"unknown"`` if the user's file does not say.
    crs
        Reference system as read; empty for a table.
    accuracy_m
        Positional accuracy in metres; ``None`` where it is not known.
    schematic
        Whether positions were drawn rather than surveyed.
    date
        Date of the content.
    url
        Where it can be found; empty if nowhere.
    sha256
        Hash of the file as read; empty for what is not a file.
    notes
        What was done or noticed while reading it.
    """

    name: str
    what: str
    source: str
    licence: str
    crs: str = ""
    accuracy_m: float | None = None
    schematic: bool = False
    date: str = ""
    url: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()

    def to_dict(self) -> "Mapping[str, Any]":
        """Return the record as plain values, ready for JSON."""
        return asdict(self)
