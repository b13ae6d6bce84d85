"""Layers of a map of changes: ground, what changes, isochrones, saved time (变化图层)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.reporting.changes.styles import (
    BAND_LOOKS,
    BANDS,
    CHANGE_LOOKS,
    RING,
    UNCHANGED,
    band_of,
)
from ctzgis.reporting.changes.words import CHANGES
from ctzgis.reporting.maps.elements import script_json
from ctzgis.reporting.style import STYLES, Style
from ctzgis.reporting.words import label
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

    from ctzgis.analysis.change.comparison import Comparison
    from ctzgis.analysis.change.surface_changes import TravelTimeChange
    from ctzgis.network import TravelNetwork

__all__ = [
    "Drawn",
    "PaneLayer",
    "change_layers",
    "county_layer",
    "drawn",
    "network_layers",
    "point_layer",
]

BEFORE, AFTER = 0, 1
_BOTH: Final = (BEFORE, AFTER)
# On a page of two panes streets say little, and weigh much.
_GROUND: Final = ("motorway", "urban_expressway", "trunk", "primary", "secondary")
_SIMPLIFIED_M: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """
    One thing on a pane.

    Attributes
    ----------
    geometry
        Where it is, in EPSG:4326.
    look
        Place of its style among those of the layer.
    title, rows
        What its card says.
    label
        Text written beside it; empty if none is.
    """

    geometry: "BaseGeometry"
    look: int = 0
    title: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaneLayer:
    """
    Things that are switched together, in one pane or both.

    Attributes
    ----------
    id, name
        What it holds, and what the list of layers calls it; layers of one id are
        switched together.
    panes
        Panes it is drawn in, from 0.
    styles
        Styles of its things.
    things
        What is drawn.
    shown
        Whether it is on when the page opens.
    interactive
        Whether a click opens a card.
    note
        Said in the legend beneath it; empty if nothing is.
    key
        What the legend shows; the styles that are drawn if not given.
    """

    id: str
    name: str
    panes: tuple[int, ...]
    styles: tuple[Style, ...]
    things: tuple[Drawn, ...]
    shown: bool = True
    interactive: bool = True
    note: str = ""
    key: tuple[Style, ...] = ()

    def config(self, lang: Lang) -> dict[str, Any]:
        """Return what the script is told of it, besides its things."""
        used = [self.styles[n] for n in sorted({t.look for t in self.things})]
        return {
            "id": self.id,
            "name": self.name,
            "panes": list(self.panes),
            "styles": [style.to_leaflet() for style in self.styles],
            "legend": [
                {"label": style.label.get(lang), "look": style.to_leaflet()}
                for style in self.key or used
            ],
            "note": self.note,
            "shown": self.shown,
            "interactive": self.interactive,
        }

    def geojson(self) -> str:
        """Return its things as GeoJSON that may stand inside a script."""
        shapes = np.asarray([thing.geometry for thing in self.things])
        rounded = shapely.transform(shapes, lambda xy: np.round(xy, 5))
        parts = []
        for thing, shape in zip(self.things, shapely.to_geojson(rounded), strict=True):
            told = {"s": thing.look, "t": thing.title, "r": thing.rows}
            if thing.label:
                spot = _label_spot(thing.geometry)
                told |= {"l": thing.label, "p": [round(spot.y, 5), round(spot.x, 5)]}
            card = script_json(told)
            parts.append(f'{{"type":"Feature","properties":{card},"geometry":{shape}}}')
        return f'{{"type":"FeatureCollection","features":[{",".join(parts)}]}}'


def _label_spot(shape: "BaseGeometry") -> shapely.Point:
    """Return where the name of a shape stands: on it, in its middle."""
    if shape.geom_type.endswith("LineString"):
        longest = max(shapely.get_parts(shape), key=shapely.length)
        return shapely.Point(longest.interpolate(0.5, normalized=True))
    return shapely.Point(shape.representative_point())


def drawn(
    shapes: gpd.GeoSeries, cards: "Iterable[dict[str, Any]]"
) -> tuple[Drawn, ...]:
    """Return things with what they say, in degrees, without those that are nowhere."""
    degrees = shapes.to_crs(GEOGRAPHIC_CRS)
    return tuple(
        Drawn(geometry=shape, **card)
        for shape, card in zip(degrees, cards, strict=True)
        if shape is not None and not shape.is_empty
    )


def name_of(row: Any, lang: Lang, otherwise: str = "") -> str:
    """Return what a row is called, in the other language if need be."""
    for column in (f"name_{lang}", "name_zh", "name_en"):
        text = getattr(row, column, None)
        if isinstance(text, str) and text.strip():
            return text
    return otherwise


def county_layer(
    counties: gpd.GeoDataFrame, lang: Lang, panes: tuple[int, ...] = _BOTH
) -> PaneLayer:
    """Return the borders of counties, with their names."""
    shapes = counties.geometry.simplify(_SIMPLIFIED_M)
    names = [name_of(row, lang) for row in counties.itertuples()]
    return PaneLayer(
        id="counties",
        name=Text("县（市、区）", "Counties").get(lang),
        panes=panes,
        styles=(STYLES["county"],),
        things=drawn(shapes, [{"title": n, "label": n} for n in names]),
        interactive=False,
    )


def point_layer(
    points: gpd.GeoDataFrame, lang: Lang, panes: tuple[int, ...] = _BOTH
) -> PaneLayer:
    """Return the points that trips join, with their names."""
    names = [name_of(row, lang, str(row.Index)) for row in points.itertuples()]
    return PaneLayer(
        id="points",
        name=Text("起讫点", "Points of trips").get(lang),
        panes=panes,
        styles=(_dot(),),
        things=drawn(points.geometry, [{"title": n, "label": n} for n in names]),
    )


def _dot() -> Style:
    return Style(
        label=Text("起讫点", "point of trips"), colour="#ffffff", width_px=1.5,
        fill="#1a1a1a", fill_opacity=1.0, radius_px=5.5,
    )  # fmt: skip


def network_layers(
    network: "TravelNetwork",
    changed: "frozenset[str]",
    lang: Lang,
    panes: tuple[int, ...] = _BOTH,
) -> "Iterator[PaneLayer]":
    """Yield the roads and lines of a network that do not change."""
    roads = network.roads.roads
    same = roads[~roads.index.isin(changed)]
    looks, shapes = [], []
    for look, kind in enumerate(_GROUND):
        rows = same.geometry[same["road_class"] == kind]
        if len(rows):
            looks.append(look)
            shapes.append(_merged(rows))
    yield PaneLayer(
        id="roads",
        name=Text("不变的道路", "Roads that stay").get(lang),
        panes=panes,
        styles=tuple(UNCHANGED[kind] for kind in _GROUND),
        things=drawn(
            gpd.GeoSeries(shapes, crs=roads.crs), [{"look": n} for n in looks]
        ),
        interactive=False,
        note=_left_out(same, lang),
    )
    rows = [line.path() for line in network.lines if line.id not in changed]
    courses = gpd.GeoSeries([_merged(gpd.GeoSeries(rows))], crs=roads.crs)
    yield PaneLayer(
        id="lines",
        name=Text("不变的线路", "Lines that stay").get(lang),
        panes=panes,
        styles=(UNCHANGED["line"],),
        things=drawn(courses, [{}]) if rows else (),
        interactive=False,
    )


def _merged(rows: gpd.GeoSeries) -> shapely.Geometry:
    joined = shapely.line_merge(shapely.union_all(np.asarray(rows.array)))
    return shapely.simplify(joined, _SIMPLIFIED_M)


def _left_out(roads: gpd.GeoDataFrame, lang: Lang) -> str:
    """Return the note that lower classes are not drawn, if there are any."""
    left = int((~roads["road_class"].isin(_GROUND)).sum())
    if not left:
        return ""
    return Text(
        f"未绘支路及以下 {left:,} 段", f"{left:,} roads of lower class are not drawn"
    ).get(lang)


def change_layers(found: "Comparison", lang: Lang) -> "Iterator[PaneLayer]":
    """Yield the layers of a comparison, the lowest first."""
    minutes = f"{found.cutoff_min:g}"
    yield _saved(found, lang)
    ring = Text(f"{minutes}分钟圈", f"{minutes}-minute isochrone")
    rings = found.rings.set_index("state").geometry
    for pane, state in enumerate(("before", "after")):
        yield PaneLayer(
            id="rings",
            name=ring.get(lang),
            panes=(pane,),
            styles=(replace(RING, label=ring),),
            things=drawn(rings.loc[[state]], [{}]),
            interactive=False,
        )
    looks = (BAND_LOOKS["new"], BAND_LOOKS["gone"])
    words = (
        Text(f"{minutes}分钟圈新增", f"newly within {minutes} min"),
        Text(f"{minutes}分钟圈减少", f"no longer within {minutes} min"),
    )
    km2 = Text("面积", "Area").get(lang)
    yield PaneLayer(
        id="areas",
        name=Text("等时圈增减", "Isochrone gained or lost").get(lang),
        panes=(AFTER,),
        styles=tuple(
            Style(
                label=word,
                colour=look,
                width_px=1.0,
                fill=look,
                fill_opacity=0.55,
                below=lost,
            )
            for word, look, lost in zip(words, looks, (False, True), strict=True)
        ),
        things=drawn(
            found.areas.geometry,
            [
                {
                    "look": n,
                    "title": words[n].get(lang),
                    "rows": ((km2, f"{row.area_km2:,.1f} km²"),),
                }
                for n, row in enumerate(found.areas.itertuples())
            ],
        ),
        shown=False,
    )
    yield from _changed(found.roads, "road", lang)
    yield from _changed(found.lines, "line", lang)


def _saved(found: "Comparison", lang: Lang) -> PaneLayer:
    """Return the minutes saved as areas of one band each."""
    change = found.surface
    areas = _band_areas(change)
    longest = f"{found.surface_min:g}"
    return PaneLayer(
        id="saved",
        name=Text("到最近点节省的时间", "Time saved to the nearest point").get(lang),
        panes=(AFTER,),
        styles=BANDS,
        things=drawn(
            gpd.GeoSeries([shape for _, shape in areas], crs=change.crs),
            [{"look": n, "title": BANDS[n].label.get(lang)} for n, _ in areas],
        ),
        note=Text(
            f"空白：{longest} 分钟内前后均不可达，或无数据",
            f"blank: not within {longest} min either time, or no data",
        ).get(lang),
        key=BANDS,
    )


def _band_areas(change: "TravelTimeChange") -> "list[tuple[int, shapely.Geometry]]":
    """Return the area of each band of minutes saved that there is."""
    from rasterio.features import shapes
    from rasterio.transform import from_origin

    bands = band_of(change.before_min, change.after_min)
    if not bands.size:
        return []
    place = from_origin(change.west, change.north, change.cell_m, change.cell_m)
    found: dict[int, list[shapely.Geometry]] = {}
    for outline, value in shapes(bands, mask=bands >= 0, transform=place):
        found.setdefault(int(value), []).append(shapely.geometry.shape(outline))
    return [(n, shapely.MultiPolygon(found[n])) for n in sorted(found)]


def _changed(frame: gpd.GeoDataFrame, kind: str, lang: Lang) -> "Iterator[PaneLayer]":
    """Yield what changes: what was in the first pane, what is in the second."""
    order = tuple(CHANGES)
    for pane, gone in ((BEFORE, "added"), (AFTER, "closed")):
        rows = frame[frame["change"] != gone]
        yield PaneLayer(
            id=f"changed_{kind}s",
            name={
                "road": Text("变化的道路", "Roads that change"),
                "line": Text("变化的线路", "Lines that change"),
            }[kind].get(lang),
            panes=(pane,),
            styles=tuple(CHANGE_LOOKS[kind, change] for change in order),
            things=drawn(
                rows.geometry,
                [
                    {"look": order.index(row.change), **_card(row, kind, lang)}
                    for row in rows.itertuples()
                ],
            ),
        )


def _card(row: Any, kind: str, lang: Lang) -> dict[str, Any]:
    """Return the title and rows of a road or line that changes."""
    key = getattr(row, f"{kind}_id")
    rows = [(Text("变化", "Change").get(lang), CHANGES[row.change].get(lang))]
    figures: Sequence[tuple[str, Text]]
    if kind == "road":
        words = [label(w, lang) for w in _both(row, "road_class") if isinstance(w, str)]
        kinds = " → ".join(dict.fromkeys(words))
        rows.append((Text("等级", "Class").get(lang), kinds))
        figures = (
            ("free_kph", Text("自由流 km/h", "Free flow, km/h")),
            ("peak_kph", Text("高峰 km/h", "Peak, km/h")),
            ("road_km", Text("长度 km", "Length, km")),
        )
    else:
        rows.append((Text("类别", "Kind").get(lang), label(row.mode, lang)))
        figures = (
            ("run_min", Text("全程 分钟", "End to end, min")),
            ("peak_headway_min", Text("高峰间隔 分钟", "Peak headway, min")),
            ("line_km", Text("长度 km", "Length, km")),
        )
    rows += [
        (word.get(lang), " → ".join(_number(v) for v in _both(row, column)))
        for column, word in figures
    ]
    return {"title": name_of(row, lang, str(key)), "rows": tuple(rows)}


def _both(row: Any, column: str) -> tuple[Any, Any]:
    return getattr(row, f"{column}_before", None), getattr(row, column, None)


def _number(value: Any) -> str:
    """Return a figure; a dash where there is none."""
    if value is None or not np.isfinite(value):
        return "—"
    return f"{float(value):,.1f}".removesuffix(".0")
