"""A still map as SVG, for reports and print (插图)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.reporting.style import FONTS, Style, style_of
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctzgis.assessment import Assessment

__all__ = ["render_figure"]

_WIDTH_PX: Final = 960
_MARGIN_M: Final = 5_000.0
_SCALE_KM: Final = 20
_CUTOFF_MIN: Final = 30
_NORTH: Final = Text("北", "N")
_ROADS: Final = ("secondary", "primary", "trunk", "urban_expressway", "motorway")


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of the map that is shown, and how metres become pixels."""

    west: float
    north: float
    height_px: float
    px_per_m: float

    def path(self, shape: shapely.Geometry) -> str:
        """Return a geometry as the data of an SVG path."""
        parts = []
        for part in shapely.get_parts(shape):
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


def render_figure(assessment: "Assessment", *, lang: Lang = "zh") -> str:
    """
    Return a still map of the centres and what lies around them as an SVG element.

    It shows counties, water, the green heart, built-up areas, the roads open in the
    year, and what lies within 30 minutes of each centre. Every text is escaped.

    Examples
    --------
    >>> from ctzgis import assess
    >>> render_figure(assess("czt", year=2020), lang="en").startswith("<svg")
    True
    """
    import jinja2

    frame, box = _frame(assessment)
    entries = list(_entries(assessment))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ctzgis.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    legend = _legend(entries, lang)
    return environment.get_template("figure.svg.j2").render(
        title=assessment.plan.name.get(lang),
        width=_WIDTH_PX,
        height=round(frame.height_px),
        fonts=", ".join(FONTS),
        shapes=[
            {"d": d, "paint": _paint(style)}
            for _, style, shapes in entries
            if (d := frame.path(_shown(shapes, box)))
        ],
        dots=_dots(assessment, frame, lang),
        north=_NORTH.get(lang),
        scale_px=round(_SCALE_KM * 1000 * frame.px_per_m, 1),
        scale_label=f"{_SCALE_KM} km",
        legend=legend,
        legend_width=60 + max(_text_width(entry["label"]) for entry in legend),
        stamp=WORDS["stamp"].get(lang) if assessment.schematic else "",
    )


def _frame(assessment: "Assessment") -> tuple[_Frame, shapely.Polygon]:
    rings = assessment.layers["isochrones"]
    shapes = np.asarray(rings.geometry[rings["cutoff_min"] == _CUTOFF_MIN])
    if shapely.is_empty(shapes).all():
        shapes = np.asarray(assessment.plan.counties.geometry)
    west, south, east, north = shapely.total_bounds(shapes)
    west, south, east, north = (
        west - _MARGIN_M,
        south - _MARGIN_M,
        east + _MARGIN_M,
        north + _MARGIN_M,
    )
    scale = _WIDTH_PX / (east - west)
    frame = _Frame(west, north, (north - south) * scale, scale)
    return frame, shapely.box(west, south, east, north)


def _entries(
    assessment: "Assessment",
) -> "Iterator[tuple[Text, Style, Iterable[shapely.Geometry]]]":
    """Yield what is drawn, from the ground up: label, style and geometries."""
    layers = assessment.layers

    def entry(key: str, shapes: "Iterable[shapely.Geometry]") -> Any:
        style = style_of(key)
        return style.label, style, shapes

    yield entry("county", layers["counties"].geometry)
    yield entry("built_up", layers["built_up"].geometry)
    structure = layers["structure"]
    heart = structure[(structure["kind"] == "heart") & (structure["role"] == "area")]
    yield entry("structure.heart.area", heart.geometry)
    water = layers["water"]
    yield entry("water.main_stem", water.geometry[water["kind"] == "main_stem"])
    roads = layers["roads"]
    for kind in _ROADS:
        rows = roads[roads["open"] & (roads["road_class"] == kind)]
        yield entry(f"road.{kind}", rows.geometry)
    rings = layers["isochrones"]
    yield entry("isochrone.outline", rings.geometry[rings["cutoff_min"] == _CUTOFF_MIN])


def _shown(
    shapes: "Iterable[shapely.Geometry]", box: shapely.Polygon
) -> shapely.Geometry:
    simple = shapely.simplify(np.asarray(list(shapes), dtype=object), 60)
    inside = shapely.intersection(simple, box)
    parts = shapely.get_parts(inside)
    # A polygon may meet the frame in a line or point: what remains must be drawable.
    return shapely.geometrycollections(parts[~shapely.is_empty(parts)])


def _paint(style: Style) -> dict[str, str]:
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


def _legend(
    entries: list[tuple[Text, Style, "Iterable[shapely.Geometry]"]], lang: Lang
) -> list[dict[str, Any]]:
    return [
        {
            "label": label.get(lang),
            "paint": _paint(style),
            "area": style.fill is not None,
        }
        for label, style, shapes in entries
        if len(list(shapes))
    ]


def _dots(assessment: "Assessment", frame: _Frame, lang: Lang) -> list[dict[str, Any]]:
    centres = assessment.layers["centres"]
    dots = []
    for name, point in zip(centres[f"name_{lang}"], centres.geometry, strict=True):
        x, y = frame.spot(point)
        dots.append({"name": name, "x": x, "y": y})
    return dots


def _text_width(text: str) -> int:
    return sum(15 if ord(character) > 0x2E80 else 8 for character in text)
