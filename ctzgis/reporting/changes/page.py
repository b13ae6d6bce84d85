"""Pages of linked maps with tables beside them, which need no network (联动对比图)."""

import importlib.resources
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from jinja2 import Environment
from markupsafe import Markup

from ctzgis._version import __version__
from ctzgis.reporting.maps.elements import script_json
from ctzgis.reporting.maps.offline import asset_tags, inline_assets
from ctzgis.reporting.maps.texts import source_credits
from ctzgis.reporting.style import FONTS
from ctzgis.texts import Lang, Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from ctzgis.network import TravelNetwork
    from ctzgis.provenance import Source
    from ctzgis.reporting.changes.layers import PaneLayer

__all__ = ["Backdrop", "Page", "SideTable", "write_page"]

_REGION: Final = ((20.0, 100.0), (35.0, 120.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backdrop:
    """
    What a map of changes is drawn on, and what it is called.

    Attributes
    ----------
    names
        What before and after are called, e.g. ``("2015", "2025")``.
    network
        Roads and lines; those that stay are drawn in grey. None if not given.
    points
        Points that trips join, named by ``name_zh`` and ``name_en`` or their index.
    counties
        Polygons named by ``name_zh`` and ``name_en``; without them no border is drawn.
    sources
        Where everything comes from; the page is stamped if one is schematic.
    approval_no
        Number under which the map was approved (审图号).
    """

    names: tuple[str, str] = ("", "")
    network: "TravelNetwork | None" = None
    points: "gpd.GeoDataFrame | None" = None
    counties: "gpd.GeoDataFrame | None" = None
    sources: "tuple[Source, ...]" = ()
    approval_no: str | None = None

    def stamp(self, lang: Lang) -> str:
        """Return what is stamped on the page."""
        drawn = any(source.schematic for source in self.sources)
        words = [Text("示意图", "Schematic")] if drawn else []
        if self.approval_no:
            words.append(
                Text(f"审图号：{self.approval_no}", f"Approval no. {self.approval_no}")
            )
        else:
            words.append(
                Text("未经审图 · 不得公开传播", "not reviewed · not for publication")
            )
        return " · ".join(word.get(lang) for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTable:
    """A table beside the maps: its title, heads, rows, and notes beneath."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """
    A page of maps.

    Attributes
    ----------
    title, subtitle
        What it is called.
    panes
        Names of its maps.
    layers
        What they show, the lowest first.
    views
        Names of its views, and the shapes each shows, in EPSG:4326.
    tables
        Tables beside them.
    side_px
        Width of what stands beside the maps.
    crs
        What was measured in.
    """

    title: str
    subtitle: str
    panes: tuple[str, ...]
    layers: "tuple[PaneLayer, ...]"
    views: "tuple[tuple[str, Sequence[BaseGeometry]], ...]"
    tables: tuple[SideTable, ...]
    crs: str
    side_px: int = 330


def write_page(page: Page, path: "Path", backdrop: Backdrop, lang: Lang) -> None:
    """
    Write a page as one HTML file that asks no host for anything.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    html = inline_assets(_rendered(page, backdrop, lang))
    with written_whole(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")


def _rendered(page: Page, backdrop: Backdrop, lang: Lang) -> str:
    fonts = ", ".join(f'"{f}"' if " " in f else f for f in FONTS)
    style = _template("compare.css").replace("FONTS", fonts)
    layers = [layer for layer in page.layers if layer.things]
    template = Environment(autoescape=True).from_string(_template("compare.html.j2"))
    # Markup is what this library wrote; all else is escaped.
    return template.render(
        html_lang="zh-CN" if lang == "zh" else "en",
        title=page.title,
        subtitle=page.subtitle,
        stamp=backdrop.stamp(lang),
        panes=page.panes,
        tables=page.tables,
        words=_words(lang),
        credits=source_credits(backdrop.sources, lang),
        sources=[source.described(lang) for source in backdrop.sources],
        crs=Text(
            f"量算：{page.crs} · 图面：Web 墨卡托",
            f"Measured in {page.crs} · shown in Web Mercator",
        ).get(lang),
        version=__version__,
        assets=Markup(asset_tags()),
        style=Markup(style.replace("SIDE", str(page.side_px))),
        code=Markup(_template("map_signs.js") + _template("compare.js")),
        config=Markup(script_json(_config(page, layers, lang))),
        data=Markup(",".join(layer.geojson() for layer in layers)),
    )


def _config(page: Page, layers: "Sequence[PaneLayer]", lang: Lang) -> dict[str, Any]:
    """Return what the script of the page is told."""
    views = [
        {"name": name, "bounds": _bounds(shapes)}
        for name, shapes in page.views
        if len(shapes)
    ]
    return {
        "panes": list(page.panes),
        "layers": [layer.config(lang) for layer in layers],
        "views": views or [{"name": page.title, "bounds": _REGION}],
        "words": {"north": Text("北", "N").get(lang)},
    }


def _bounds(shapes: "Sequence[BaseGeometry]") -> list[list[float]]:
    """Return south-west and north-east of shapes; a single point gets some room."""
    west, south, east, north = shapely.total_bounds(np.asarray(shapes)).tolist()
    room = 0.02 * max(east - west, north - south, 0.5)
    return [
        [round(south - room, 5), round(west - room, 5)],
        [round(north + room, 5), round(east + room, 5)],
    ]


def _words(lang: Lang) -> dict[str, str]:
    words = {
        "layers": Text("图层", "Layers"),
        "legend": Text("图例", "Legend"),
        "sources": Text("数据来源：", "Sources: "),
        "comma": Text("；", "; "),
    }
    return {key: text.get(lang) for key, text in words.items()}


def _template(name: str) -> str:
    folder = importlib.resources.files("ctzgis.reporting") / "templates"
    return (folder / name).read_text(encoding="utf-8")
