"""Words of pages about time circles (时间圈用语)."""

from typing import TYPE_CHECKING, Final

from ctzgis.reporting.reports.content import same
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.network import Scenario

__all__ = [
    "BAND_WITHIN",
    "BEYOND",
    "WITHIN",
    "circle_name",
    "profile_word",
    "state_word",
    "way_word",
]

_WAYS: Final = {
    "drive": Text("驾车", "By car"),
    "rail": Text("轨道（两端步行）", "By rail, on foot to it"),
    "combined": Text("综合（取最快）", "Combined, the quickest"),
}
_NAMES: Final = {30.0: Text("半小时圈", "Half-hour circle"),
                 60.0: Text("一小时圈", "One-hour circle")}  # fmt: skip
WITHIN: Final = "●"
BAND_WITHIN: Final = "◐"
BEYOND: Final = "○"


def circle_name(minutes: float) -> Text:
    """
    Return what a circle of so many minutes is called.

    Examples
    --------
    >>> circle_name(30).zh, circle_name(45).en
    ('半小时圈', '45-minute circle')
    """
    plain = Text(f"{minutes:g}分钟圈", f"{minutes:g}-minute circle")
    return _NAMES.get(float(minutes), plain)


def way_word(way: str) -> Text:
    """Return the word for a way; its own name if there is none."""
    return _WAYS.get(way, same(way))


def profile_word(profile: str) -> Text:
    """Return the word for a profile; its own name if there is none."""
    return WORDS[profile] if profile in ("free", "peak") else same(profile)


def state_word(state: "Scenario") -> Text:
    """Return what a state is called."""
    return Text(state.name_zh, state.name_en or state.name_zh)
