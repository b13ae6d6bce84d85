"""What is said of a measure wherever it is shown: words, tables, layers (量算说明)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

__all__ = ["Drawn", "Field", "Found", "Further", "Look", "Precision", "Sheet"]

Precision = Literal["%", "n", "1", "2"]
"""How numbers are written: in percent, whole, with one or with two decimals."""

Look = Literal["severe", "notable", "slight", "doubtful", "plain"]
"""How a class is drawn, by what it means; the style table has a style for each."""


class Field(NamedTuple):
    """
    One column of a table or line of a card.

    Attributes
    ----------
    name
        Column of the frame; ``"name_*"`` for one that it holds in both languages.
    head
        What it is called, with its unit.
    precision
        How its numbers are written.
    words
        What its values are called, where they are keys.
    """

    name: str
    head: Text
    precision: Precision = "1"
    words: "Mapping[str, Text] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    A table of the report, of its workbook and of ``layers.gpkg``.

    Attributes
    ----------
    key
        Name of its frame among the tables of an assessment.
    title
        What it is called.
    fields
        Its columns, in reading order.
    caption
        What is to be known to read it.
    """

    key: str
    title: Text
    fields: tuple[Field, ...]
    caption: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """
    A layer of the map.

    Attributes
    ----------
    key
        Name of its frame among the layers of an assessment, which has ``name_zh`` and
        ``name_en``.
    title
        What the list of layers calls it.
    fields
        What its cards say.
    by
        Column that tells the class.
    classes
        Classes by value, in the order of the legend: what each is called and its look.
        Empty where the column is of numbers or of road classes.
    breaks
        Limits between classes of numbers.
    heading
        What its part of the legend is headed with.
    label
        Field written beside each thing; ``None`` for none.
    too_short
        What its lines are called if they are too short to be seen on a map of the
        region, so that a dot of the class marks each; ``None`` if they are not.
    borders
        Whether it shows administrative borders, which public maps leave out.
    """

    key: str
    title: Text
    fields: tuple[Field, ...]
    by: str
    classes: "Mapping[str, tuple[Text, Look]]" = field(default_factory=dict)
    breaks: tuple[float, ...] = ()
    heading: Text
    label: Field | None = None
    too_short: Text | None = None
    borders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """
    What was measured besides the targets, in words.

    Attributes
    ----------
    id
        By which it is asked for.
    title
        What it is called.
    said
        What was found, in a sentence or two.
    method, accuracy
        How it was measured and how far it holds.
    sheets, drawn
        Its tables and layers.
    parameters
        Assumptions it rests on.
    """

    id: str
    title: Text
    said: Text
    method: Text
    accuracy: Text
    sheets: tuple[Sheet, ...]
    drawn: tuple[Drawn, ...]
    parameters: "Mapping[str, Any]" = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return what was measured and how, for provenance."""
        return {
            "id": self.id,
            "title": _both(self.title),
            "said": _both(self.said),
            "method": _both(self.method),
            "accuracy": _both(self.accuracy),
            "tables": [sheet.key for sheet in self.sheets],
            "layers": [drawn.key for drawn in self.drawn],
            "parameters": dict(self.parameters),
        }


class Found(NamedTuple):
    """
    A measure's words with its frames.

    Attributes
    ----------
    about
        The words.
    tables, layers
        Frames by the keys that the words name.
    """

    about: Further
    tables: "Mapping[str, pd.DataFrame]"
    layers: "Mapping[str, gpd.GeoDataFrame]"


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
