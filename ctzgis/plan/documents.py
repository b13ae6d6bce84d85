"""Documents a plan consists of, and places in them (规划文件)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctzgis.texts import Text

__all__ = ["Citation", "Document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """
    One document of a plan.

    Attributes
    ----------
    id
        Short name used in citations.
    name
        Full title.
    short
        Title as quoted in tables.
    issuer_zh
        Who issued it.
    date
        Date printed; ``None`` if none is.
    period
        Years it speaks of.
    extent
        Id of the extent it governs.
    precedence
        Where two documents differ on one extent, the higher number holds.
    completeness
        What of the document was at hand.
    """

    id: str
    name: "Text"
    short: "Text"
    issuer_zh: str
    date: str | None
    period: str
    extent: str
    precedence: int
    completeness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """
    Where something is said: a document and the chapter, section or box in it.

    Examples
    --------
    >>> str(Citation(document="outline2020", place="第三章 / 第一节"))
    'outline2020, 第三章 / 第一节'
    """

    document: str
    place: str

    def __str__(self) -> str:
        return f"{self.document}, {self.place}"
