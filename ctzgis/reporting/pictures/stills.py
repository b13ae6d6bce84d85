"""Still maps as values: what is drawn, how, and where; SVG and print only paint (静态图)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.reporting.palettes import BLUE
from ctzgis.reporting.style import STYLES, Style, cutoff_key, style_of
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pandas as pd

    from ctzgis.assessment import Assessment

__all__ = [
    "CHARTS",
    "VIEWS",
    "Bars",
    "Chart",
    "Dot",
    "Layer",
    "StillMap",
    "View",
    "quiet_corner",
    "round_km",
    "shortened",
    "shown",
]

CUTOFF_MIN: Final = 30
_KNOWN_CRS: Final = {
    "EPSG:4547": Text(
        "CGCS2000 / 3°带 114°E（EPSG:4547）", "CGCS2000 / 3-degree CM 114E (EPSG:4547)"
    )
}
_MARGIN_M: Final = 5_000.0
_SIMPLER_BY_M: Final = 60.0
_SCALE_SHARE: Final = 0.2
_MOST_BARS: Final = 40
_LONGEST_FINE_MIN: Final = 200
_INDEX_AXIS: Final = (100, 20)
# In half characters: a Chinese one is two.
_LONGEST_NAME: Final = 26
_CHINESE_FROM: Final = 0x2E80
_ROADS: Final = ("secondary", "primary", "trunk", "urban_expressway", "motorway")
_RAILS: Final = ("conventional", "metro", "maglev", "intercity", "hsr")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Shapes of one kind, cut to the map and simplified: what they are, how they look."""

    style: Style
    shapes: tuple[shapely.Geometry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dot:
    """A place with its name."""

    name: Text
    point: shapely.Point


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StillMap:
    """
    A map to be drawn.

    Attributes
    ----------
    title
        What it shows.
    bounds_m
        West, south, east and north of what is shown, in the CRS of the plan.
    layers
        What is drawn, from the ground up.
    dots
        Places with names, on top.
    scale_km
        Length of the scale bar: a round number near a fifth of the width.
    stamp
        What is to be printed on it; ``None`` if nothing is schematic.
    """

    title: Text
    bounds_m: tuple[float, float, float, float]
    layers: tuple[Layer, ...]
    dots: tuple[Dot, ...]
    scale_km: float
    stamp: Text | None


@dataclass(frozen=True, slots=True)
class View:
    """
    One of the maps of a report.

    Attributes
    ----------
    draft
        Makes the map of an assessment.
    caption
        Says what it shows.
    """

    draft: "Callable[[Assessment], StillMap]"
    caption: "Callable[[Assessment], Text]"


def shortened(name: str) -> str:
    """Return a name that fits on a picture, with dots for what is cut."""
    kept, room = 0, _LONGEST_NAME
    for character in name[:_LONGEST_NAME]:
        room -= 2 if ord(character) > _CHINESE_FROM else 1
        kept += room >= 0
    return name if kept == len(name) else f"{name[:kept]}..."


def quiet_corner(still: StillMap, size: tuple[float, float], foot: float) -> str:
    """
    Return the corner where a legend hides least: ``"nw"``, ``"sw"`` or ``"se"``.

    Parameters
    ----------
    still
        The map. Its north arrow has the corner that is left.
    size
        Width and height of the legend, in metres of the map.
    foot
        What it stays above at the bottom, for scale bar and stamp, in metres.
    """
    wide, tall = size
    west, south, east, north = still.bounds_m
    corners = {
        "nw": shapely.box(west, north - tall, west + wide, north),
        "sw": shapely.box(west, south + foot, west + wide, south + foot + tall),
        "se": shapely.box(east - wide, south + foot, east, south + foot + tall),
    }
    # Areas lie under everything, so what counts is lines and names.
    shapes = [shape for layer in still.layers for shape in layer.shapes]
    lines = np.asarray([shape for shape in shapes if not shape.area], dtype=object)
    points = np.asarray([dot.point for dot in still.dots], dtype=object)

    def hidden(corner: str) -> tuple[int, float]:
        box = corners[corner]
        inside = shapely.intersection(lines, box)
        return int(shapely.intersects(points, box).sum()), shapely.length(inside).sum()

    return min(corners, key=hidden)


def _core(assessment: "Assessment") -> StillMap:
    rings = assessment.layers["isochrones"]
    shapes = np.asarray(rings.geometry[rings["cutoff_min"] == CUTOFF_MIN])
    if shapely.is_empty(shapes).all():
        shapes = np.asarray(assessment.plan.counties.geometry)
    return _still(assessment, shapes, _core_shapes(assessment))


def _core_shapes(
    assessment: "Assessment",
) -> "Iterator[tuple[Style, Iterable[shapely.Geometry]]]":
    layers = assessment.layers
    yield from _ground(assessment)
    roads = layers["roads"]
    for kind in _ROADS:
        rows = roads[roads["open"] & (roads["road_class"] == kind)]
        yield style_of(f"road.{kind}"), rows.geometry
    rings = layers["isochrones"]
    outline = rings.geometry[rings["cutoff_min"] == CUTOFF_MIN]
    yield style_of("isochrone.outline"), outline


def _core_caption(assessment: "Assessment") -> Text:
    profile = WORDS[assessment.profile]
    return Text(
        f"{assessment.year}年底的路网与各中心30分钟驾车范围（{profile.zh}）；"
        f"交互地图见 map.html。{_crs(assessment).zh}。",
        f"Roads at the end of {assessment.year} and what lies within 30 minutes "
        f"of each centre by car ({profile.en}); the interactive map is map.html. "
        f"{_crs(assessment).en}.",
    )


def _plan(assessment: "Assessment") -> StillMap:
    counties = np.asarray(assessment.plan.counties.geometry)
    return _still(assessment, counties, _plan_shapes(assessment))


def _plan_shapes(
    assessment: "Assessment",
) -> "Iterator[tuple[Style, Iterable[shapely.Geometry]]]":
    layers = assessment.layers
    yield from _ground(assessment)
    structure = layers["structure"]
    for kind in ("belt", "axis"):
        rows = structure[(structure["kind"] == kind) & (structure["role"] == "spine")]
        yield style_of(f"structure.{kind}.spine"), rows.geometry
    roads, lines = layers["roads"], layers["lines"]
    motorways = roads[roads["road_class"] == "motorway"]
    yield from _now_and_later("road.motorway", motorways)
    for mode in _RAILS:
        yield from _now_and_later(f"line.{mode}", lines[lines["mode"] == mode])


def _plan_caption(assessment: "Assessment") -> Text:
    return Text(
        f"规划结构与{assessment.year}年底已开通（实线）、规划或在建（虚线）的高速公路与轨道。"
        f"{_crs(assessment).zh}。",
        f"Structure of the plan, with motorways and railways open at the end of "
        f"{assessment.year} (solid) and still to come (dashed). {_crs(assessment).en}.",
    )


def _crs(assessment: "Assessment") -> Text:
    crs = assessment.plan.crs
    return _KNOWN_CRS.get(crs, Text(f"坐标系 {crs}", f"CRS {crs}"))


VIEWS: Final["Mapping[str, View]"] = {
    "core": View(_core, _core_caption),
    "plan": View(_plan, _plan_caption),
}
"""The maps of a report by name, in the order they are shown."""


def _ground(
    assessment: "Assessment",
) -> "Iterator[tuple[Style, Iterable[shapely.Geometry]]]":
    layers = assessment.layers
    yield style_of("county"), layers["counties"].geometry
    yield style_of("built_up"), layers["built_up"].geometry
    structure = layers["structure"]
    heart = structure[(structure["kind"] == "heart") & (structure["role"] == "area")]
    yield style_of("structure.heart.area"), heart.geometry
    water = layers["water"]
    stems = water.geometry[water["kind"] == "main_stem"]
    yield style_of("water.main_stem"), stems


def _now_and_later(
    key: str, rows: "pd.DataFrame"
) -> "Iterator[tuple[Style, Iterable[shapely.Geometry]]]":
    yield style_of(key).planned(), rows["geometry"][rows["to_come"].astype(bool)]
    yield style_of(key), rows["geometry"][rows["open"].astype(bool)]


def _still(
    assessment: "Assessment",
    around: np.ndarray,
    drawn: "Iterable[tuple[Style, Iterable[shapely.Geometry]]]",
) -> StillMap:
    west, south, east, north = shapely.total_bounds(around).tolist()
    bounds = (west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    layers = (Layer(style, shown(shapes, bounds)) for style, shapes in drawn)
    centres = assessment.layers["centres"]
    names = map(Text, centres["name_zh"], centres["name_en"])
    return StillMap(
        title=assessment.plan.name,
        bounds_m=bounds,
        layers=tuple(layer for layer in layers if layer.shapes),
        dots=tuple(map(Dot, names, centres.geometry)),
        scale_km=round_km((bounds[2] - bounds[0]) * _SCALE_SHARE / 1000),
        stamp=WORDS["stamp"] if assessment.schematic else None,
    )


def shown(
    shapes: "Iterable[shapely.Geometry]",
    bounds: tuple[float, float, float, float],
    *,
    simpler_by_m: float = _SIMPLER_BY_M,
) -> tuple[shapely.Geometry, ...]:
    """Return the lines and areas of some shapes that lie inside, a little simpler."""
    simple = shapely.simplify(np.asarray(list(shapes), dtype=object), simpler_by_m)
    parts = shapely.get_parts(shapely.intersection(simple, shapely.box(*bounds)))
    # A polygon may meet the frame in a line or point: what remains must be drawable.
    parts = shapely.get_parts(parts)
    drawable = (shapely.get_dimensions(parts) > 0) & ~shapely.is_empty(parts)
    return tuple(parts[drawable])


def round_km(about: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not above a length."""
    power = 10.0 ** np.floor(np.log10(about))
    return float(max(step * power for step in (1, 2, 5) if step * power <= about))


# --- charts --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """
    A bar for each place, and a line on from it.

    Attributes
    ----------
    names
        What each bar is of.
    shorter, longer
        Where the bar ends, and where the line does.
    unit
        What is shown, with its unit.
    starts
        Where the line starts; empty if where the bar ends.
    axis
        End of the axis and what lies between its marks; ``None`` for minutes.
    stamp
        What is to be printed on it; ``None`` if nothing is schematic.
    """

    names: tuple[Text, ...]
    shorter: tuple[float, ...]
    longer: tuple[float, ...]
    unit: Text
    stamp: Text | None
    starts: tuple[float, ...] = ()
    axis: tuple[int, int] | None = None

    @property
    def longest(self) -> float:
        """Where the axis ends."""
        return max(self.longer) if self.axis is None else self.axis[0]

    def lines(self) -> "Iterator[tuple[float, float]]":
        """Yield where the line of each bar starts and ends."""
        return zip(self.starts or self.shorter, self.longer, strict=True)

    def fill(self, short: float) -> str:
        """Return the colour of a bar: that of its isochrone, if it is of minutes."""
        shade = None if self.axis else STYLES[cutoff_key(short)].fill
        return shade or BLUE

    def ticks(self) -> range:
        """Return what to mark: every quarter of an hour, or every hour, of minutes."""
        if self.axis is not None:
            return range(0, self.axis[0] + 1, self.axis[1])
        longest = max(self.longer)
        return range(0, int(longest) + 1, 15 if longest <= _LONGEST_FINE_MIN else 60)


@dataclass(frozen=True, slots=True)
class Chart:
    """One of the charts of a report: what makes it, and what says what it shows."""

    draft: "Callable[[Assessment], Bars]"
    caption: Text


def _times(assessment: "Assessment") -> Bars:
    table = assessment.tables["seats_reached"]
    if len(table):
        known = table[["free_min", "peak_min"]].notna().all(axis=1)
        table = table[known].nsmallest(_MOST_BARS, "free_min")
    columns = ("county_zh", "county_en", "free_min", "peak_min")
    zh, en, free, peak = (table[c].tolist() if len(table) else [] for c in columns)
    return Bars(
        names=tuple(map(Text, map(str, zh), map(str, en))),
        shorter=tuple(free),
        longer=tuple(peak),
        unit=Text("驾车至最近中心/分钟", "minutes by car to the nearest centre"),
        stamp=WORDS["stamp"] if assessment.schematic else None,
    )


def _indices(assessment: "Assessment") -> Bars:
    """Return the integration indices, if they were asked for and can be assessed."""
    table = assessment.layers.get("index")
    columns = ("name_zh", "name_en", "index", "low", "high")
    if table is None:
        rows: list[list[Any]] = [[] for _ in columns]
    else:
        known = table[table[["index", "low", "high"]].notna().all(axis=1)]
        rows = [known[c].tolist() for c in columns]
    zh, en, value, low, high = rows
    return Bars(
        names=tuple(map(Text, zh, en)),
        shorter=tuple(value),
        longer=tuple(high),
        starts=tuple(low),
        axis=_INDEX_AXIS,
        unit=Text("一体化指数（0—100）", "integration index (0–100)"),
        stamp=WORDS["stamp"] if assessment.schematic else None,
    )


CHARTS: Final["Mapping[str, Chart]"] = {
    "times": Chart(
        _times,
        Text(
            "区县驻地驾车至最近中心的时间：条为自由流，线到高峰",
            "Minutes by car from county seats to the nearest centre: bars in free flow, "
            "lines on to the peak",
        ),
    ),
    "index": Chart(
        _indices,
        Text(
            "一体化指数：条为指数，线为全部数据同向偏差时的区间",
            "Integration index: bars, with lines over the range of all data off one way",
        ),
    ),
}
"""The charts of a report by name; they are drawn where matplotlib is."""
