"""Documents a plan consists of, and places in them (规划文件)."""

from dataclasses import dataclass

from ctzgis.texts import Text

__all__ = ["Citation", "Document", "PrecedenceRule", "Printing"]


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
    date, publish_date, approval_date
        Dates the document gives; ``None`` if it gives none.
    period
        Years it speaks of.
    extent
        Id of the extent it governs.
    precedence
        Where two documents differ on one extent, the higher number holds.
    scope
        What kind of document it is.
    completeness
        What of the document was at hand.
    note
        How its date was found, where it gives none.
    """

    id: str
    name: Text
    short: Text
    issuer_zh: str
    date: str | None = None
    publish_date: str | None = None
    approval_date: str | None = None
    period: str
    extent: str
    precedence: int
    scope: str = ""
    completeness: Text
    note: str = ""


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

    def __post_init__(self) -> None:
        if not self.place.strip():
            msg = "'place' is empty; a chapter is expected"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"{self.document}, {self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedenceRule:
    """
    Which document holds where two differ.

    Attributes
    ----------
    proposed
        Whether the rule is this library's reading rather than the documents'.
    applies_to
        Ids of the targets it has decided.
    """

    id: str
    name: Text
    proposed: bool = False
    applies_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """
    A printing error: what a document prints, and how it is read (勘误).

    Attributes
    ----------
    printed
        As it stands in the document.
    reading
        The right reading, or what is known of it.
    confidence
        ``"high"``, ``"medium"`` or ``"low"``.
    """

    id: str
    citation: Citation
    printed: str
    reading: str
    confidence: str
