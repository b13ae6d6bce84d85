"""Maps of time circles: the circle, its band, and what leads there (时间圈图)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.reporting.pictures.stills import Dot, Layer, StillMap, round_km, shown
from ctzgis.reporting.style import Style, style_of
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ctzgis.analysis.access.measured_circles import MeasuredCircle
    from ctzgis.network import TravelNetwork
    from ctzgis.reporting.circles.region import RegionCircles

    Drawn = tuple[Style, Iterable[shapely.Geometry]]

__all__ = [
    "HEART_BORDER",
    "TOWN_BORDER",
    "Ground",
    "circle_ground",
    "circle_key",
    "circle_map",
]

_MARGIN_M: Final = 3_000.0
_STEPS_ACROSS: Final = 900
_SCALE_SHARE: Final = 0.25
# Printed a third of a page wide, lines of the style table would be too strong.
_THINNER: Final = 0.4
_ROADS: Final = ("trunk", "urban_expressway", "motorway")
_RAILS: Final = ("conventional", "metro", "maglev", "intercity", "hsr")

# Light to dark in greyscale too: the more centres are reached, the darker.
_OUTER: Final = "#e4eaf0"
_SHADES: Final = ("#b9cbe2", "#6c96c9", "#1d4f91")
_BAND_INK: Final = "#5b6875"

# A fill would hide how dark the circle is.
TOWN_BORDER: Final = replace(
    style_of("built_up"), fill=None, width_px=1.0, opacity=1.0, colour="#7a6a5c"
)
"""How built-up areas are drawn over a circle."""

HEART_BORDER: Final = replace(
    style_of("structure.heart.area"), fill_opacity=0.12, width_px=1.4
)
"""How the green heart is drawn over a circle."""


def circle_key(count: int) -> tuple[Style, ...]:
    """Return how circle and band are drawn, for so many centres, outermost first."""
    outer = Style(
        label=Text(
            "精度区间最远（速度取高、间隔取短）", "band, farthest (quick, frequent)"
        ),
        colour=_BAND_INK,
        width_px=0.6,
        fill=_OUTER,
        fill_opacity=1.0,
    )
    inner = Style(
        label=Text("精度区间最近（速度取低、间隔取长）", "band, nearest (slow, rare)"),
        colour="#1a1a1a",
        width_px=1.3,
        dash_px=(0.1, 2.8),
    )
    return (outer, *(_shade(n + 1, count) for n in range(count)), inner)


def _shade(count: int, most: int) -> Style:
    zh = f"可达{count}个中心" if count == most else f"可达{count}个以上中心"
    plural = "" if count == 1 else "s"
    en = f"{count} centre{plural} reached" + ("" if count == most else ", or more")
    return Style(
        label=Text(zh, en),
        colour=_SHADES[-1],
        width_px=0.5,
        fill=_SHADES[min(count, len(_SHADES)) - 1],
        fill_opacity=1.0,
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ground:
    """
    What all maps of a region share, so that they can be laid side by side.

    Attributes
    ----------
    bounds_m
        West, south, east and north of what is shown.
    below, above
        What lies under the circle, and over it.
    ways
        Roads and lines of each state, by its id and the way.
    """

    bounds_m: tuple[float, float, float, float]
    below: tuple[Layer, ...]
    above: tuple[Layer, ...]
    ways: "Mapping[tuple[str, str], tuple[Layer, ...]]"


def circle_ground(region: "RegionCircles", *, legend_share: float = 0.0) -> Ground:
    """Return what the maps of a region share, with room in the west for a legend."""
    study = region.study
    west, south, east, north = _bounds(region)
    bounds = (west - legend_share * (east - west), south, east, north)
    return Ground(
        bounds_m=bounds,
        below=_layers(_below(region), bounds),
        above=_layers(_above(region), bounds),
        ways={
            (state.id, way): _layers(_ways(region.networks[state.id], modes), bounds)
            for state in study.states
            for way, modes in study.ways.items()
        },
    )


def circle_map(
    region: "RegionCircles", circle: "MeasuredCircle", *, ground: Ground
) -> StillMap:
    """Return the map of a circle, to be painted as SVG or print."""
    west, _, east, _ = bounds = ground.bounds_m
    outer, *shades, inner = circle_key(len(circle.reached))
    areas = [(outer, [circle.outer])]
    areas += [(s, [area]) for s, area in zip(shades, circle.reached, strict=True)]
    centres = region.study.centres
    names = (region.name(str(key)) for key in centres.index)
    return StillMap(
        title=region.plan.name,
        bounds_m=bounds,
        layers=(
            *ground.below,
            *_layers(areas, bounds),
            *ground.above,
            *ground.ways[circle.state, circle.way],
            *_layers([(inner, [circle.inner.boundary])], bounds),
        ),
        dots=tuple(map(Dot, names, centres.geometry)),
        scale_km=round_km((east - west) * _SCALE_SHARE / 1000),
        stamp=WORDS["stamp"] if region.schematic else None,
    )


def _layers(
    drawn: "Iterable[Drawn]", bounds: tuple[float, float, float, float]
) -> tuple[Layer, ...]:
    step = (bounds[2] - bounds[0]) / _STEPS_ACROSS
    layers = (
        Layer(style, shown(shapes, bounds, simpler_by_m=step))
        for style, shapes in drawn
    )
    return tuple(layer for layer in layers if layer.shapes)


def _bounds(region: "RegionCircles") -> tuple[float, float, float, float]:
    shapes = [circle.outer for circle in region.study.circles]
    around = np.asarray([s for s in shapes if not s.is_empty], dtype=object)
    if not len(around):
        counties = region.plan.counties.to_crs(region.study.centres.crs)
        around = np.asarray(counties.geometry)
    west, south, east, north = shapely.total_bounds(around).tolist()
    return west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M


def _below(region: "RegionCircles") -> "Iterator[Drawn]":
    yield (
        style_of("county"),
        region.plan.counties.to_crs(region.study.centres.crs).geometry,
    )


def _above(region: "RegionCircles") -> "Iterator[Drawn]":
    plan, crs = region.plan, region.study.centres.crs
    borders = plan.counties.to_crs(crs).boundary
    yield replace(style_of("county"), fill=None, width_px=0.6), borders
    yield TOWN_BORDER, plan.built_up.to_crs(crs).boundary
    heart = [
        shape.geometry
        for element in plan.structure
        for shape in element.shapes
        if element.kind == "heart" and shape.role == "area"
    ]
    yield HEART_BORDER, _in(heart, plan.crs, crs)
    water = plan.water.to_crs(crs)
    yield _thin("water.main_stem"), water.geometry[water["kind"] == "main_stem"]


def _ways(network: "TravelNetwork", modes: "Iterable[str]") -> "Iterator[Drawn]":
    """Yield the strong roads and the lines of a network, if a way uses them."""
    used = tuple(modes)
    if any("drive" in mode for mode in used):
        roads = network.roads.roads
        for kind in _ROADS:
            rows = roads[roads["road_class"] == kind]
            later = rows["status"] != "built"
            yield _thin(f"road.{kind}").planned(), rows.geometry[later]
            yield _thin(f"road.{kind}"), rows.geometry[~later]
    if any("rail" in mode for mode in used):
        for kind in _RAILS:
            lines = [line for line in network.lines if line.mode == kind]
            for built in (False, True):
                style = _thin(f"line.{kind}")
                yield (
                    style if built else style.planned(),
                    [
                        section
                        for line in lines
                        for section in line.sections
                        if (line.status == "built") is built
                    ],
                )


def _thin(key: str) -> Style:
    style = style_of(key)
    return replace(style, width_px=style.width_px * _THINNER)


def _in(
    shapes: "list[shapely.Geometry]", source: str, target: object
) -> "Iterable[shapely.Geometry]":
    """Return shapes in another CRS."""
    import geopandas as gpd

    return list(gpd.GeoSeries(shapes, crs=source).to_crs(target))
