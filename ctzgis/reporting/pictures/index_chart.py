"""The integration index as a small chart: bars with their ranges (指数图)."""

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from ctzgis.texts import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.assessment.index.sensitivity import Span
    from ctzgis.texts import Lang, Text

__all__ = ["index_chart"]

_LEFT, _WIDE, _ROW, _TOP = 300, 400, 26, 44
_FONT: Final = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
_BAR, _RANGE, _GRID = "#4c78a8", "#222222", "#d9d9d9"
_NOTE: Final = {
    "zh": "条：指数（0–100）；线：数据、权重与下限同时变动时的九成范围",
    "en": "bar: index (0–100); line: nine tenths of draws of data, weights and floors",
}


def index_chart(
    bars: "Sequence[tuple[str, float | None, Span | None]]",
    *,
    title: "Text",
    note: "Text",
    lang: "Lang",
) -> str:
    """
    Draw indices as an SVG.

    Parameters
    ----------
    bars
        Label, index (``None``: not assessable) and range of each bar, from the top.
    title, note
        What stands above and below.
    lang
        Language of what is written.

    Returns
    -------
    str
        The SVG, with no reference to anything outside it.

    Examples
    --------
    >>> from ctzgis.texts import Text
    >>> svg = index_chart([("a–b", 50.0, None)], title=Text("指数", "index"),
    ...                   note=Text("自定", "our own"), lang="en")
    >>> 'width="200"' in svg  # half of the axis
    True
    """
    bottom = _TOP + _ROW * len(bars)
    rows = [_text(8, 20, title.get(lang), size=15, weight="bold")]
    for tick in range(0, 101, 20):
        x = _x(tick)
        rows.append(
            f'<line x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{bottom}" stroke="{_GRID}"/>'
        )
        rows.append(_text(x, _TOP - 10, str(tick), size=11, anchor="middle"))
    for number, (label, value, span) in enumerate(bars):
        rows += _bar(_TOP + _ROW * number, label, value, span, lang)
    rows += [
        _text(8, bottom + 20 + 16 * line, text, size=11)
        for line, text in enumerate((_NOTE[lang], *_lines(note.get(lang), lang)))
    ]
    wide, high = _LEFT + _WIDE + 60, bottom + 66
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" font-family="{_FONT}" role="img">\n'
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>\n'
        + "\n".join(rows)
        + "\n</svg>\n"
    )


def _x(value: float) -> float:
    return round(_LEFT + _WIDE * value / 100, 1)


def _bar(
    y: int, label: str, value: "float | None", span: "Span | None", lang: "Lang"
) -> "list[str]":
    rows = [_text(_LEFT - 8, y + 15, label, size=13, anchor="end")]
    if value is None:
        none = "无法评估" if lang == "zh" else "not assessable"
        return [*rows, _text(_LEFT + 6, y + 15, none, size=12)]
    long = round(_WIDE * value / 100, 1)
    rows.append(
        f'<rect x="{_LEFT}" y="{y + 3}" width="{long:g}" height="{_ROW - 10}" '
        f'fill="{_BAR}"/>'
    )
    end = _x(value)
    if span is not None:
        low, high, middle = _x(span.low), _x(span.high), y + 11
        end = max(high, end)
        ends = "".join(
            f'<line x1="{x}" y1="{middle - 4}" x2="{x}" y2="{middle + 4}" '
            f'stroke="{_RANGE}"/>'
            for x in (low, high)
        )
        rows.append(
            f'<line x1="{low}" y1="{middle}" x2="{high}" y2="{middle}" '
            f'stroke="{_RANGE}"/>{ends}'
        )
    return [*rows, _text(end + 6, y + 15, f"{value:.0f}", size=12)]


def _lines(text: str, lang: "Lang") -> "list[str]":
    """Break a note into two lines at most, near its middle."""
    if len(text) < (60 if lang == "zh" else 110):
        return [text]
    marks = [i for i, c in enumerate(text) if c in "：；，。:;,. "]
    cut = min(marks, key=lambda i: abs(i - len(text) // 2), default=len(text) // 2)
    return [text[: cut + 1].strip(), text[cut + 1 :].strip()]


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    anchor: str = "start",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(printable(text))}</text>'
    )
