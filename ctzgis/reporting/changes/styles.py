"""Colours of changes: blue for what is gained, orange for what is lost (变化图式)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ctzgis.reporting.style import Style
from ctzgis.reporting.words import KINDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "BANDS",
    "BAND_LOOKS",
    "CHANGE_LOOKS",
    "GAINS",
    "LOSSES",
    "NOTHING",
    "RING",
    "UNCHANGED",
    "UNKNOWN",
    "band_of",
]

GAINS: Final = ("#c3dcee", "#86badb", "#3f8dc4", "#14508f")
"""From little to much gained; told apart from losses with every colour blindness."""

LOSSES: Final = ("#fbdcae", "#f1ae5c", "#d97a12", "#8f4203")
"""From little to much lost."""

NOTHING: Final = "#d9d9d9"
"""Where nothing changes."""

UNKNOWN: Final = "#1a1a1a"
"""What could not be measured."""

BAND_LOOKS: Final["Mapping[str, str]"] = {"new": "#5e3c99", "gone": "#a50044"}
"""What comes into reach, and what falls out of it."""

_STEPS_MIN: Final = (0.5, 2.0, 5.0, 10.0)


def _area(zh: str, en: str, colour: str, opacity: float = 0.75) -> Style:
    return Style(
        label=Text(zh, en), colour=colour, width_px=0, fill=colour, fill_opacity=opacity
    )


def _steps(zh: str, en: str, colours: tuple[str, ...]) -> list[Style]:
    low = _STEPS_MIN[:-1]
    words = [f"{a:g}–{b:g}" for a, b in zip(low, _STEPS_MIN[1:], strict=True)]
    words.append(f"≥ {_STEPS_MIN[-1]:g}")
    return [
        _area(f"{zh} {word} 分钟", f"{word} min {en}", colour)
        for word, colour in zip(words, colours, strict=True)
    ]


BANDS: Final = (
    *reversed(_steps("节省", "saved", GAINS)),
    _area("变化不到 0.5 分钟", "less than 0.5 min of change", NOTHING, 0.5),
    *(replace(style, below=True) for style in _steps("延长", "longer", LOSSES)),
    _area("新可达（此前无路或更远）", "newly reached", BAND_LOOKS["new"], 0.6),
    replace(
        _area("不再可达（无路或更远）", "no longer reached", BAND_LOOKS["gone"], 0.6),
        below=True,
    ),
)
"""Bands of minutes saved, the most first; then what is new, and what is gone."""

_UNCHANGED_BAND: Final = len(_STEPS_MIN)
_NEW, _GONE = len(BANDS) - 2, len(BANDS) - 1


def band_of(
    before_min: "NDArray[np.float32]", after_min: "NDArray[np.float32]"
) -> "NDArray[np.int16]":
    """
    Return the place among ``BANDS`` of each cell; −1 where there is nothing.

    Examples
    --------
    >>> before, after = np.array([[20, 20, np.nan, 9]]), np.array([[4, 20.4, 8, np.nan]])
    >>> [BANDS[k].label.en for k in band_of(before, after)[0]]
    ['≥ 10 min saved', 'less than 0.5 min of change', 'newly reached',
     'no longer reached']
    """
    saved = before_min - after_min
    step = np.searchsorted(_STEPS_MIN, np.abs(saved), side="right")
    band = np.where(saved > 0, _UNCHANGED_BAND - step, _UNCHANGED_BAND + step)
    there, still = np.isfinite(before_min), np.isfinite(after_min)
    found: NDArray[np.int16] = np.full(saved.shape, -1, dtype=np.int16)
    found[there & still] = band[there & still]
    found[still & ~there] = _NEW
    found[there & ~still] = _GONE
    return found


def _stroke(zh: str, en: str, colour: str, width_px: float) -> Style:
    return Style(label=Text(zh, en), colour=colour, width_px=width_px)


CHANGE_LOOKS: Final["Mapping[tuple[str, str], Style]"] = {
    ("road", "added"): _stroke("新增道路", "road added", "#009e73", 4.5),
    ("road", "closed"): _stroke("关闭道路", "road closed", "#1a1a1a", 4.5),
    ("road", "upgraded"): _stroke("提升道路", "road upgraded", "#cc79a7", 4.5),
    ("line", "added"): _stroke("新增线路", "line added", "#00573f", 2.4),
    ("line", "closed"): _stroke("关闭线路", "line closed", "#555555", 2.4),
    ("line", "upgraded"): _stroke("调整线路", "line upgraded", "#8a3a6b", 2.4),
}
"""How roads and lines that change are drawn."""

RING: Final = Style(
    label=Text("等时圈", "isochrone"), colour="#1a1a1a", width_px=1.6,
    fill="#00306f", fill_opacity=0.05,
)  # fmt: skip
"""How the isochrone is drawn."""

UNCHANGED: Final["Mapping[str, Style]"] = {
    **{
        kind: Style(label=KINDS[kind], colour=colour, width_px=width)
        for kind, colour, width in (
            ("motorway", "#7d7d7d", 1.8),
            ("urban_expressway", "#8d8d8d", 1.6),
            ("trunk", "#9b9b9b", 1.2),
            ("primary", "#ababab", 1.0),
            ("secondary", "#bcbcbc", 0.8),
        )
    },
    "line": Style(
        label=Text("轨道线路", "rail line"),
        colour="#6b6b6b",
        width_px=1.2,
        dash_px=(1, 4),
    ),
}
"""What stays: grey, so that what changes stands out."""
