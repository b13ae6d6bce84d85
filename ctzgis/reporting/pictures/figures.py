"""A still map as SVG, for reports and print (插图)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.reporting.pictures.stills import CHARTS, VIEWS, quiet_corner, shortened
from ctzgis.reporting.style import FONTS, Style
from ctzgis.texts import Lang, Text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctzgis.assessment import Assessment
    from ctzgis.reporting.pictures.stills import Bars, Dot, Layer, StillMap

__all__ = ["Frame", "frame_of", "paint_of", "render_figure"]

_WIDTH_PX: Final = 960
_GAP_PX: Final = 16
_FOOT_PX: Final = 56
_NAMES_PX: Final = 200
_ROW_PX: Final = 24
_AXIS_PX: Final = 56
_NORTH: Final = Text("北", "N")


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the map that is shown, and how metres become pixels."""

    west: float
    north: float
    height_px: float
    px_per_m: float

    def path(self, shapes: "Iterable[shapely.Geometry]") -> str:
        """Return geometries as the data of an SVG path."""
        parts = []
        for part in shapes:
            if isinstance(part, shapely.Polygon):
                parts += [
                    f"{self._run(r.coords)}Z" for r in (part.exterior, *part.interiors)
                ]
            elif isinstance(part, shapely.LineString):
                parts.append(self._run(part.coords))
        return "".join(parts)

    def spot(self, point: shapely.Point) -> tuple[float, float]:
        """Return where a point lies, in pixels."""
        x = (point.x - self.west) * self.px_per_m
        y = (self.north - point.y) * self.px_per_m
        return round(x, 1), round(y, 1)

    def _run(self, coords: "Iterable[tuple[float, ...]]") -> str:
        xy = np.asarray(coords)[:, :2]
        x = (xy[:, 0] - self.west) * self.px_per_m
        y = (self.north - xy[:, 1]) * self.px_per_m
        return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def render_figure(
    assessment: "Assessment", *, view: str = "core", lang: Lang = "zh"
) -> str:
    """
    Return a still map or chart of an assessment as an SVG element.

    Every text is escaped. It needs no other library, unlike
    :func:`ctzgis.reporting.pictures.plates.write_plate`.

    Parameters
    ----------
    assessment
        What to draw.
    view
        ``"core"``: counties, water, the green heart, built-up areas, the roads open in
        the year, and what lies within 30 minutes of each centre. ``"plan"``: the whole
        region with the plan's structure and what is open or to come. ``"times"``: a
        chart of the minutes from county seats to the nearest centre. ``"index"``: one
        of the integration indices, if they were asked for.
    lang
        Language of the labels.

    Examples
    --------
    >>> from ctzgis import assess
    >>> render_figure(assess("czt", year=2020), lang="en").startswith("<svg")
    True
    """
    if view in CHARTS:
        return _chart(CHARTS[view].draft(assessment), lang)
    return _map(VIEWS[view].draft(assessment), lang)


def _map(still: "StillMap", lang: Lang) -> str:
    frame = frame_of(still)
    legend = [_entry(layer, lang) for layer in still.layers]
    wide = 60 + max((_text_width(e["label"]) for e in legend), default=0)
    return _render(
        "figure.svg.j2",
        width=_WIDTH_PX,
        height=round(frame.height_px, 1),
        title=printable(still.title.get(lang)),
        shapes=[
            {"d": frame.path(layer.shapes), "paint": paint_of(layer.style)}
            for layer in still.layers
        ],
        dots=[_dot(dot, frame, lang) for dot in still.dots],
        north=_NORTH.get(lang),
        scale_px=round(still.scale_km * 1000 * frame.px_per_m, 1),
        scale_label=f"{still.scale_km:g} km",
        legend=legend,
        legend_width=wide,
        legend_at=_legend_at(still, frame, wide, 16 + 24 * len(legend)),
        stamp=still.stamp.get(lang) if still.stamp else "",
    )


def _chart(bars: "Bars", lang: Lang) -> str:
    room = _WIDTH_PX - _NAMES_PX - 2 * _GAP_PX
    px_per_unit = room / bars.longest
    rows = zip(bars.names, bars.shorter, bars.lines(), strict=True)
    return _render(
        "chart.svg.j2",
        width=_WIDTH_PX,
        height=_ROW_PX * len(bars.names) + _AXIS_PX,
        left=_NAMES_PX,
        row=_ROW_PX,
        title=bars.unit.get(lang),
        bars=[
            {
                "name": shortened(printable(name.get(lang))),
                "short": round(short * px_per_unit, 1),
                "start": round(start * px_per_unit, 1),
                "long": round(long * px_per_unit, 1),
                "fill": bars.fill(short),
            }
            for name, short, (start, long) in rows
        ],
        ranged=bool(bars.starts),
        ticks=[(n, round(n * px_per_unit, 1)) for n in bars.ticks()],
        stamp=bars.stamp.get(lang) if bars.stamp else "",
    )


def _render(template: str, **values: Any) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ctzgis.reporting"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    fonts = ", ".join(FONTS)
    return environment.get_template(template).render(fonts=fonts, **values)


def frame_of(still: "StillMap", *, width_px: int = _WIDTH_PX) -> Frame:
    """Return the frame of a map drawn so wide."""
    west, south, east, north = still.bounds_m
    scale = width_px / (east - west)
    return Frame(west, north, (north - south) * scale, scale)


def paint_of(style: Style) -> dict[str, str]:
    """Return a style as attributes of an SVG path."""
    paint = {
        "fill": style.fill or "none",
        "stroke": style.colour if style.width_px else "none",
        "stroke-width": f"{style.width_px:g}",
        "stroke-opacity": f"{style.opacity:g}",
    }
    if style.fill:
        paint["fill-opacity"] = f"{style.fill_opacity:g}"
    if style.dash_px:
        paint["stroke-dasharray"] = " ".join(f"{length:g}" for length in style.dash_px)
    return paint


def _entry(layer: "Layer", lang: Lang) -> dict[str, Any]:
    return {
        "label": layer.style.label.get(lang),
        "paint": paint_of(layer.style),
        "area": layer.style.fill is not None,
    }


def _legend_at(
    still: "StillMap", frame: Frame, wide: float, tall: float
) -> tuple[float, float]:
    """Return left and top of the legend in the corner where it hides least."""
    size = ((wide + _GAP_PX) / frame.px_per_m, (tall + _GAP_PX) / frame.px_per_m)
    corner = quiet_corner(still, size, _FOOT_PX / frame.px_per_m)
    left = _WIDTH_PX - _GAP_PX - wide if corner == "se" else _GAP_PX
    low = round(frame.height_px - _FOOT_PX - tall, 1)
    return left, _GAP_PX if corner == "nw" else low


def _dot(dot: "Dot", frame: Frame, lang: Lang) -> dict[str, Any]:
    x, y = frame.spot(dot.point)
    return {"name": shortened(printable(dot.name.get(lang))), "x": x, "y": y}


def _text_width(text: str) -> int:
    return sum(15 if ord(character) > 0x2E80 else 8 for character in text)
