"""Maps and charts to print: 300 dpi or SVG, by the style table (图版)."""

import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.errors import InputError, fail_for_extra
from ctzgis.reporting.pictures.fonts import find_typeface
from ctzgis.reporting.pictures.stills import CHARTS, VIEWS, quiet_corner, shortened
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ctzgis.assessment import Assessment
    from ctzgis.reporting.pictures.fonts import Typeface
    from ctzgis.reporting.pictures.stills import Bars, Layer, StillMap
    from ctzgis.reporting.style import Style
    from ctzgis.texts import Lang, Text

__all__ = ["draw_plates", "draw_stills", "write_plate"]

_WIDTH_IN: Final = 6.5
_TALLEST_IN: Final = 8.6
_DPI: Final = 300
# The style table is in pixels of a page 960 wide.
_PT_PER_PX: Final = 72 * _WIDTH_IN / 960
_FONT_PT: Final = 7.5
_BAR_IN: Final = 0.19
_INK: Final = "#1a1a1a"
_WARNING: Final = "#a33b00"
_GROUND: Final = "#eef1f3"
_ENDINGS: Final = (".png", ".svg")


def write_plate(
    assessment: "Assessment",
    path: Path | str,
    *,
    view: str = "core",
    lang: "Lang" = "zh",
) -> None:
    """
    Write a map or chart of an assessment as a picture to print.

    Needs the extra ``figures``. Maps have legend, scale bar and north arrow; whatever
    rests on schematic data is stamped.

    Parameters
    ----------
    assessment
        What to draw.
    path
        File to write: ``.png`` with 300 dots per inch, 6.5 inches wide, or ``.svg``
        with its letters as outlines.
    view
        ``"core"``, ``"plan"`` (maps), ``"times"`` (minutes to the nearest centre) or
        ``"index"`` (integration indices, if they were asked for).
    lang
        Language of the labels; English if no installed typeface has Chinese characters.

    Raises
    ------
    InputError
        If no picture has this ending, there is no such view, or nothing to draw in it.
    SourceError
        If matplotlib is missing or the file cannot be written.

    Warns
    -----
    CtzgisWarning
        If Chinese is wanted and no typeface has its characters.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENDINGS:
        msg = f"{path.name}: a picture is written as {' or '.join(_ENDINGS)}"
        raise InputError(msg)
    if view not in (*VIEWS, *CHARTS):
        msg = f"there is no view '{view}'; known are {', '.join((*VIEWS, *CHARTS))}"
        raise InputError(msg)
    if not _drawable():
        fail_for_extra(f"{path.name} needs a library", "figures")
    figure = _figure(assessment, view, find_typeface(lang))
    if figure is None:
        msg = f"view '{view}': the assessment has nothing to draw in it"
        raise InputError(msg)
    with written_whole(path) as part:
        _save(figure, part, path.suffix.lower().removeprefix("."))


def draw_plates(
    assessment: "Assessment", *, lang: "Lang" = "zh"
) -> "Mapping[str, bytes]":
    """
    Return all maps and charts of an assessment as PNG, by name; none without matplotlib.

    Warns
    -----
    CtzgisWarning
        If Chinese is wanted and no typeface has its characters.
    """
    if not _drawable():
        return {}
    face = find_typeface(lang)
    plates = {}
    for view in (*VIEWS, *CHARTS):
        figure = _figure(assessment, view, face)
        if figure is not None:
            plates[view] = _png(figure)
    return plates


def draw_stills(
    stills: "Mapping[str, StillMap]", *, lang: "Lang" = "zh"
) -> "Mapping[str, bytes]":
    """
    Return maps as PNG, by name; none without matplotlib.

    Warns
    -----
    CtzgisWarning
        If Chinese is wanted and no typeface has its characters.
    """
    if not _drawable():
        return {}
    face = find_typeface(lang)
    return {name: _png(_map(still, face)) for name, still in stills.items()}


def _png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    _save(figure, buffer, "png")
    return buffer.getvalue()


def _drawable() -> bool:
    return importlib.util.find_spec("matplotlib") is not None


def _save(figure: "Figure", target: Any, form: str) -> None:
    import matplotlib as mpl

    # Nothing of the moment goes into the file: the same data give the same bytes.
    about = {"Date": None} if form == "svg" else {"Software": "ctzgis"}
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "ctzgis"}):
        figure.savefig(target, format=form, dpi=_DPI, metadata=about)


def _figure(assessment: "Assessment", view: str, face: "Typeface") -> "Figure | None":
    if view in VIEWS:
        return _map(VIEWS[view].draft(assessment), face)
    bars = CHARTS[view].draft(assessment)
    return _chart(bars, face) if bars.names else None


def _page(width_in: float, height_in: float) -> "tuple[Figure, Axes]":
    """Return a page and axes that fill it, without the state that pyplot keeps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), facecolor="white")
    return figure, figure.add_axes((0, 0, 1, 1))


def _writer(axes: "Axes", face: "Typeface") -> "Callable[..., Any]":
    """Return what puts texts on axes: as they are, never as formulas."""
    from matplotlib.font_manager import FontProperties

    def write(x: float, y: float, text: str, **look: Any) -> Any:
        size = look.pop("size", _FONT_PT)
        font = FontProperties(fname=face.path, size=size)
        shown = face.fit(text)
        return axes.text(x, y, shown, fontproperties=font, parse_math=False, **look)

    return write


# --- maps ----------------------------------------------------------------------


def _map(still: "StillMap", face: "Typeface") -> "Figure":
    west, south, east, north = still.bounds_m
    tall = min(_WIDTH_IN * (north - south) / (east - west), _TALLEST_IN)
    wide = tall * (east - west) / (north - south)
    figure, axes = _page(wide, tall)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.set_facecolor(_GROUND)
    for order, layer in enumerate(still.layers):
        _paint(axes, layer, order)
    write = _writer(axes, face)
    _dots(axes, still, face, write)
    per_in = (east - west) / wide
    _legend(axes, still, face, write, per_in)
    _scale_bar(axes, still, write, per_in)
    _north_arrow(axes, still, face, write, per_in)
    if still.stamp:
        write(
            east - 0.12 * per_in,
            south + 0.12 * per_in,
            still.stamp.get(face.lang),
            ha="right",
            color=_WARNING,
            path_effects=_halo(),
            zorder=100,
        )
    return figure


def _paint(axes: "Axes", layer: "Layer", order: int) -> None:
    from matplotlib.collections import LineCollection, PathCollection

    areas = [s for s in layer.shapes if isinstance(s, shapely.Polygon)]
    lines = [s for s in layer.shapes if not isinstance(s, shapely.Polygon)]
    look = _look(layer.style)
    if areas:
        paths = [_path(area) for area in areas]
        axes.add_collection(PathCollection(paths, zorder=order, **look))
    if lines:
        runs = [shapely.get_coordinates(line) for line in lines]
        look.pop("facecolor")
        axes.add_collection(
            LineCollection(runs, zorder=order, capstyle="round", **look)
        )


def _look(style: "Style") -> dict[str, Any]:
    from matplotlib.colors import to_rgba

    dash = tuple(length * _PT_PER_PX for length in style.dash_px)
    return {
        "facecolor": to_rgba(style.fill, style.fill_opacity) if style.fill else "none",
        "edgecolor": to_rgba(style.colour, style.opacity) if style.width_px else "none",
        "linewidth": style.width_px * _PT_PER_PX,
        "linestyle": (0, dash) if dash else "solid",
    }


def _path(area: shapely.Polygon) -> Any:
    from matplotlib.path import Path as Outline

    # Holes must run against the shell, or they are filled.
    turned = shapely.geometry.polygon.orient(area)
    rings = (turned.exterior, *turned.interiors)
    return Outline.make_compound_path(
        *(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _dots(
    axes: "Axes", still: "StillMap", face: "Typeface", write: "Callable[..., Any]"
) -> None:
    west, south, east, north = still.bounds_m
    aside = 0.012 * (east - west)
    for dot in still.dots:
        x, y = dot.point.x, dot.point.y
        if west < x < east and south < y < north:
            axes.plot(x, y, "o", color=_INK, mec="white", ms=4.5, zorder=90)
            name = _short(dot.name, face)
            write(
                x + aside, y, name, size=9, va="center", path_effects=_halo(), zorder=91
            )


def _short(name: "Text", face: "Typeface") -> str:
    return shortened(name.get(face.lang))


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground="white")]


def _legend(
    axes: "Axes",
    still: "StillMap",
    face: "Typeface",
    write: "Callable[..., Any]",
    per_in: float,
) -> None:
    from matplotlib.patches import Rectangle

    # What is called the same is told once.
    styles = {layer.style.label.get(face.lang): layer.style for layer in still.layers}
    labels = list(styles)
    wide = (0.62 + 0.058 * max(map(_letters, labels), default=0)) * per_in
    tall = (0.14 + 0.165 * len(labels)) * per_in
    left, top = _legend_corner(still, wide, tall, per_in)
    box = Rectangle((left, top - tall), wide, tall, fc="white", ec="#d5dbe1", lw=0.6)
    axes.add_patch(box).set_zorder(95)
    for place, (label, style) in enumerate(styles.items()):
        y = top - (0.155 + 0.165 * place) * per_in
        x, end = left + 0.1 * per_in, left + 0.4 * per_in
        look = _look(style)
        if style.fill:
            low = y - 0.045 * per_in
            swatch = Rectangle((x, low), end - x, 0.09 * per_in, **look)
            axes.add_patch(swatch).set_zorder(96)
        else:
            axes.plot(
                [x, end],
                [y, y],
                color=look["edgecolor"],
                lw=look["linewidth"],
                ls=look["linestyle"],
                dash_capstyle="round",
                zorder=96,
            )
        write(end + 0.1 * per_in, y, label, va="center", zorder=97)


def _legend_corner(
    still: "StillMap", wide: float, tall: float, per_in: float
) -> tuple[float, float]:
    """Return left and top of the legend in the corner where it hides least."""
    west, south, east, north = still.bounds_m
    gap, foot = 0.12 * per_in, 0.4 * per_in
    corner = quiet_corner(still, (wide + gap, tall + gap), foot)
    left = east - gap - wide if corner == "se" else west + gap
    return left, north - gap if corner == "nw" else south + foot + tall


def _letters(text: str) -> int:
    """Return how wide a text is, in half characters."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _scale_bar(
    axes: "Axes", still: "StillMap", write: "Callable[..., Any]", per_in: float
) -> None:
    x, y = still.bounds_m[0] + 0.18 * per_in, still.bounds_m[1] + 0.16 * per_in
    end, tick = x + still.scale_km * 1000, 0.06 * per_in
    axes.plot([x, x, end, end], [y + tick, y, y, y + tick], color=_INK, lw=1, zorder=95)
    label = f"{still.scale_km:g} km"
    write(end + tick, y, label, va="bottom", path_effects=_halo(), zorder=95)


def _north_arrow(
    axes: "Axes",
    still: "StillMap",
    face: "Typeface",
    write: "Callable[..., Any]",
    per_in: float,
) -> None:
    from matplotlib.patches import Polygon

    x, y = still.bounds_m[2] - 0.3 * per_in, still.bounds_m[3] - 0.15 * per_in
    points = [(0, 0), (0.07, -0.26), (0, -0.2), (-0.07, -0.26)]
    shape = np.asarray(points) * per_in + (x, y)
    axes.add_patch(Polygon(shape, fc=_INK, ec="none", zorder=95))
    letter = "北" if face.lang == "zh" else "N"
    write(x, y - 0.29 * per_in, letter, ha="center", va="top", zorder=95)


# --- charts --------------------------------------------------------------------


def _chart(bars: "Bars", face: "Typeface") -> "Figure":
    """Draw a bar for each place with its line: on to the peak, or over a range."""
    rows = len(bars.names)
    tall = 0.75 + _BAR_IN * rows
    figure, axes = _page(_WIDTH_IN, tall)
    axes.set_position((0.22, 0.42 / tall, 0.74, 1 - 0.75 / tall))
    longest, ranged = bars.longest, bool(bars.starts)
    axes.set(xlim=(0, longest * 1.08), ylim=(rows - 0.4, -0.6), yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
    write = _writer(axes, face)
    axes.set_xticks(bars.ticks())
    axes.grid(axis="x", color="#d5dbe1", lw=0.6)
    axes.set_axisbelow(True)
    pairs = zip(bars.names, bars.shorter, bars.lines(), strict=True)
    for place, (name, short, line) in enumerate(pairs):
        colour, seen = bars.fill(short), _halo() if ranged else []
        axes.barh(place, short, 0.62, fc=colour, ec=_INK, lw=0.4, zorder=2)
        order = 3 if ranged else 1
        axes.plot(
            line, [place] * 2, color=_INK, lw=0.8, zorder=order, path_effects=seen
        )
        ends = line if ranged else line[1:]
        axes.plot(ends, [place] * len(ends), "|", color=_INK, ms=6, zorder=3)
        write(-0.01 * longest, place, _short(name, face), ha="right", va="center")
    _frame(figure, axes, bars, face)
    return figure


def _frame(figure: "Figure", axes: "Axes", bars: "Bars", face: "Typeface") -> None:
    from matplotlib.font_manager import FontProperties

    font = FontProperties(fname=face.path, size=_FONT_PT)
    axes.set_xlabel(
        face.fit(bars.unit.get(face.lang)), fontproperties=font, parse_math=False
    )
    for tick in axes.get_xticklabels():
        tick.set_fontproperties(font)
    if bars.stamp:
        figure.text(
            0.99,
            0.99,
            face.fit(bars.stamp.get(face.lang)),
            fontproperties=font,
            parse_math=False,
            color=_WARNING,
            ha="right",
            va="top",
        )
