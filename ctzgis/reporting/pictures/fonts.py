"""Find an installed typeface that has the characters a picture needs (中文字体)."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import CtzgisWarning
from ctzgis.reporting.style import FONTS
from ctzgis.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctzgis.texts import Lang

__all__ = ["Typeface", "find_typeface"]

# Common characters, some of them rare in typefaces of other scripts.
_PROBE: Final = "长沙株洲湘潭规划绿心县区公里（），。"
_CHINESE_NAMES: Final = (
    "CJK SC", "Source Han Sans", "Hei", "YaHei", "Fang", "Song", "SimSun", "Kai", "CJK",
    "Han", "Ming",
)  # fmt: skip
_TOFU: Final = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeface:
    """
    A typeface on this machine, and what can be written with it.

    Attributes
    ----------
    name
        What it is called.
    path
        Its file; empty for the one that comes with matplotlib.
    lang
        Language that can be written with it: the wanted one, or English if no typeface
        has Chinese characters.
    characters
        Code points it has.
    """

    name: str
    path: str
    lang: "Lang"
    characters: frozenset[int]

    def fit(self, text: str) -> str:
        """Return a text in a line, with ``?`` for what the typeface does not have."""
        line = " ".join(printable(text).split())
        return "".join(c if ord(c) in self.characters else _TOFU for c in line)


def find_typeface(lang: "Lang") -> Typeface:
    """
    Return an installed typeface with Chinese characters, by looking at its glyphs.

    Without one, pictures are labelled in English, and a warning says so. English
    labels look for one too, for names that have no English form.

    Warns
    -----
    CtzgisWarning
        If Chinese is wanted and no typeface has its characters.
    """
    for name, path in _candidates():
        characters = _characters(path)
        if characters.issuperset(map(ord, _PROBE)):
            return Typeface(name=name, path=path, lang=lang, characters=characters)
    if lang == "zh":
        warnings.warn(
            "no installed typeface has Chinese characters, so pictures are labelled in "
            f"English; install one, e.g. {FONTS[0]} (Debian: fonts-noto-cjk)",
            CtzgisWarning,
            stacklevel=2,
        )
    name, path = _plain()
    return Typeface(name=name, path=path, lang="en", characters=_characters(path))


def _candidates() -> "Iterator[tuple[str, str]]":
    """Yield name and file of typefaces that may do, the best first."""
    fonts = [font for font in _installed() if font.style == "normal"]
    regular = sorted(fonts, key=lambda font: abs(_weight(font) - 400))
    wanted = (*(name for name in FONTS if name != "sans-serif"), *_CHINESE_NAMES)
    seen: set[str] = set()
    for part in wanted:
        for font in regular:
            if part in font.name and font.fname not in seen:
                seen.add(font.fname)
                yield font.name, font.fname


def _installed() -> "Iterable[Any]":
    from matplotlib.font_manager import fontManager

    return fontManager.ttflist


def _weight(font: Any) -> int:
    return font.weight if isinstance(font.weight, int) else 400


def _plain() -> tuple[str, str]:
    from matplotlib.font_manager import FontProperties, findfont

    return "DejaVu Sans", str(findfont(FontProperties(family="DejaVu Sans")))


def _characters(path: str) -> frozenset[int]:
    """Return the code points of a typeface; none if its file cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
