"""Elements a folium map is put together from; none lets data become code (地图元件)."""

import importlib.resources
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from branca.element import Element, MacroElement
from folium import FeatureGroup
from jinja2 import Environment, Template

from ctzgis.reporting.maps.offline import asset_tags
from ctzgis.reporting.maps.packing import is_packed, packed
from ctzgis.reporting.style import FONTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from ctzgis.reporting.maps.basemaps import Basemap
    from ctzgis.reporting.maps.layers import Feature, MapLayer

__all__ = ["FilledGroup", "MapFrame", "script_json"]

# Where along a line its name may stand, the best place first.
_LABEL_STOPS: Final = (0.5, 0.35, 0.65, 0.22, 0.78, 0.1, 0.9, 0.28, 0.42, 0.58, 0.72)
_COLOURED_LABELS: Final = frozenset({"element"})
# What would end or change a script, or is a line end to old JavaScript.
_UNSAFE: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}


def script_json(value: Any) -> str:
    r"""
    Return a value as JSON that may stand inside a script.

    Examples
    --------
    >>> script_json({"name": "</script>'路"})
    '{"name":"\\u003c/script\\u003e\\u0027路"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


class Verbatim(Element):
    """
    A text that goes into the page as it is.

    Elements of folium are templates that are rendered twice: a road called
    ``{{ 7*7 }}`` comes out as 49, and worse can be asked of a template. What holds
    data must therefore pass through this element.
    """

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text = text


class _Scripted(MacroElement):
    """An element whose whole part in the page is a script."""

    def script(self) -> str:
        raise NotImplementedError

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        root: Any = self.get_root()
        root.script.add_child(Verbatim(self.script()), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)


class _Filling(_Scripted):
    """Fills a group with the features of a layer."""

    def __init__(self, layer: "MapLayer") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Filling"
        self.layer = layer
        self.styles = list(dict.fromkeys(f.style for f in layer.features))

    def collection(self, features: "Sequence[Feature] | None" = None) -> str:
        """Return the features, or some of them, as GeoJSON, safe inside a script."""
        drawn = self.layer.features if features is None else features
        geometry = np.array([f.geometry for f in drawn], dtype=object)
        digits = self.layer.digits
        rounded = shapely.transform(geometry, lambda xy: np.round(xy, digits))
        parts = [
            f'{{"type":"Feature","properties":{script_json(self._card(feature))},'
            f'"geometry":{shape}}}'
            for feature, shape in zip(drawn, shapely.to_geojson(rounded), strict=True)
        ]
        return f'{{"type":"FeatureCollection","features":[{",".join(parts)}]}}'

    def lines(self, features: "Sequence[Feature]") -> str:
        """Return long lines, packed, safe inside a script."""
        found = []
        for feature in features:
            parts = shapely.get_parts(feature.geometry)
            pack = packed(parts, digits=self.layer.digits)
            found.append(
                {
                    **self._card(feature),
                    "text": pack.text,
                    "digits": pack.digits,
                    "lines": pack.lines,
                    "points": pack.points,
                }
            )
        return script_json(found)

    def _card(self, feature: "Feature") -> dict[str, Any]:
        return {
            "s": self.styles.index(feature.style),
            "t": feature.title,
            "r": feature.rows,
        }

    def script(self) -> str:
        options = {
            "styles": [self.layer.style_of(key).to_leaflet() for key in self.styles],
            "labels": [_label(self.layer, f) for f in self.layer.features if f.label],
            "interactive": self.layer.interactive,
            "hover": self.layer.hover,
        }
        group = self._parent.get_name() if self._parent else ""
        long = [f for f in self.layer.features if is_packed(f.geometry)]
        rest = [f for f in self.layer.features if not is_packed(f.geometry)]
        told = script_json(options)
        script = f"ctzgis.fill({group},{self.collection(rest)},{told});"
        if long:
            script += f"\nctzgis.fillLines({group},{self.lines(long)},{told});"
        return script

    def _get_self_bounds(self) -> list[list[float | None]]:
        shapes = [feature.geometry for feature in self.layer.features]
        if not shapes:
            return [[None, None], [None, None]]
        west, south, east, north = shapely.total_bounds(shapes).tolist()
        return [[south, west], [north, east]]


class FilledGroup(FeatureGroup):
    """
    A folium feature group that holds one layer.

    Attributes
    ----------
    layer
        What it shows.
    """

    def __init__(self, layer: "MapLayer") -> None:
        # Names go into the panel of the frame, which escapes them; folium's own
        # layer control does not.
        super().__init__(name=layer.id, control=False, show=layer.shown)
        self.layer = layer
        self._filling = _Filling(layer)
        self.add_child(self._filling)

    def geojson(self) -> "dict[str, Any]":
        """Return what is drawn; properties are style, title and rows of the card."""
        collection: dict[str, Any] = json.loads(self._filling.collection())
        return collection

    def legend(self, lang: str) -> list[dict[str, Any]]:
        """Return how the kinds of things in the layer look and are called."""
        return [
            {
                "label": s.label.zh if lang == "zh" else s.label.en,
                "look": s.to_leaflet(),
                "rank": rank,
            }
            for rank, s in self.layer.legend()
        ]


class MapFrame(_Scripted):
    """
    Everything round a map: its texts, panel, legend, scale, and the code they need.

    Parameters
    ----------
    texts
        What the template of the frame prints.
    config
        What ``ctzgis.finish`` is told; groups name the JavaScript variables of the
        layers under ``layer``.
    base
        Base map below; ``None`` if there is none.

    Attributes
    ----------
    key
        Key for the base map that the page holds; empty if it asks for one.
    """

    def __init__(
        self,
        texts: "Mapping[str, Any]",
        config: "Mapping[str, Any]",
        *,
        base: "Basemap | None" = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "MapFrame"
        self.texts = texts
        self.config = config
        self.base = base
        self.key = ""

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put code and frame into the page."""
        root: Any = self.get_root()
        fonts = ", ".join(f'"{f}"' if " " in f else f for f in FONTS)
        style = _template("map.css").replace("FONTS", fonts)
        head = f"{asset_tags()}\n<style>\n{style}</style>\n"
        code = "".join(
            f"<script>\n{_template(name)}</script>"
            for name in ("map_tools.js", "map_signs.js", "map.js", "map_lines.js")
        )
        root.header.add_child(Verbatim(head + code), name="ctzgis")
        frame = Environment(autoescape=True).from_string(_template("map_frame.html.j2"))
        html = f'<div id="{self.get_name()}">{frame.render(self.texts)}</div>'
        root.html.add_child(Verbatim(html), name=self.get_name())
        super().render(**kwargs)

    def script(self) -> str:
        """Return the call that puts the frame round the map."""
        groups = [
            {**group, "layers": [_bare(entry) for entry in group["layers"]]}
            for group in self.config["groups"]
        ]
        layers = [
            entry["layer"]
            for group in self.config["groups"]
            for entry in group["layers"]
        ]
        told = {**self.config, "groups": groups, "frame": self.get_name()}
        if self.base:
            told["base"] = {**self.base.config(), "key": self.key}
        config = script_json(told)
        target = self._parent.get_name() if self._parent else ""
        return f"ctzgis.finish({target},{config},[{','.join(layers)}]);"


def _bare(entry: "Mapping[str, Any]") -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "layer"}


def _label(layer: "MapLayer", feature: "Feature") -> dict[str, Any]:
    coloured = feature.label_kind in _COLOURED_LABELS
    return {
        "text": feature.label,
        "kind": feature.label_kind,
        "at": [[round(y, 5), round(x, 5)] for x, y in _label_spots(feature.geometry)],
        "beside": feature.geometry.geom_type == "Point",
        "colour": layer.style_of(feature.style).ink() if coloured else "",
    }


def _label_spots(shape: "BaseGeometry") -> list[tuple[float, float]]:
    """Return where the name of a shape may stand, the best place first."""
    if shape.geom_type == "Point":
        points = [shape]
    elif shape.geom_type.endswith("LineString"):
        longest = max(shapely.get_parts(shape), key=shapely.length)
        points = [longest.interpolate(stop, normalized=True) for stop in _LABEL_STOPS]
    else:
        points = [shape.representative_point(), shape.centroid]
    return [(point.x, point.y) for point in points]


def _template(name: str) -> str:
    folder = importlib.resources.files("ctzgis.reporting") / "templates"
    return (folder / name).read_text(encoding="utf-8")
