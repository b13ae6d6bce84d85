"""Colours of all maps, told apart by colour-blind readers and in grey print (色板)."""

from typing import Final

__all__ = [
    "BLUE",
    "BROWN",
    "CATEGORY_COLOURS",
    "CRIMSON",
    "DEEP_GREEN",
    "DIVERGING_COLOURS",
    "GRADE_COLOURS",
    "GRADE_INKS",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "VIOLET",
    "between",
]

# Okabe and Ito's palette, told apart with every kind of colour blindness.
INK: Final = "#1a1a1a"
ORANGE: Final = "#e69f00"
SKY: Final = "#56b4e9"
GREEN: Final = "#009e73"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"
DEEP_GREEN: Final = "#00694d"
VIOLET: Final = "#5e3c99"
CRIMSON: Final = "#a50044"
BROWN: Final = "#8a6d3b"
GREY: Final = "#707070"

CATEGORY_COLOURS: Final = (
    VERMILLION,
    BLUE,
    ORANGE,
    GREEN,
    PURPLE,
    SKY,
    VIOLET,
    INK,
)
"""Colours of kinds that have no order."""

GRADE_COLOURS: Final = ("#f2e25c", "#c9b85f", "#8f8e76", "#54698f", "#00306f")
"""Colours of classes from little to much, cividis: even steps, in greyscale too."""

GRADE_INKS: Final = ("#c99a00", "#9a8540", "#76746e", "#4b5f8c", "#00306f")
"""The same for lines, which need more ink to be seen."""

DIVERGING_COLOURS: Final = ("#b35806", "#f1a340", "#f0eee8", "#998ec3", "#542788")
"""Colours of classes from below to above nothing, orange to purple."""


def between(first: str, last: str, share: float) -> str:
    """
    Return the colour some share of the way from one to another.

    Examples
    --------
    >>> between("#000000", "#ff8000", 0.5)
    '#804000'
    """
    ends = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (first, last)]
    mixed = (round(a + share * (b - a)) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
