"""Put layers on a map, and a frame round all it holds (图层装配与图廓)."""

from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import InputError
from ctzgis.reporting.maps.layers import GROUPS
from ctzgis.reporting.maps.lightening import lightened
from ctzgis.reporting.maps.words import map_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import folium

    from ctzgis.reporting.maps.basemaps import Basemap
    from ctzgis.reporting.maps.elements import FilledGroup, MapFrame
    from ctzgis.reporting.maps.layers import MapLayer
    from ctzgis.texts import Lang

    Bounds = list[list[float]]

__all__ = ["agreed", "bounds_of", "frame_of", "framed", "groups_of"]

_MIN_ZOOM, _MAX_ZOOM = 3, 17
# What is shown when there is nothing to show: the region; and how near a point is shown.
_NOTHING: Final = (112.0, 26.9, 114.3, 28.7)
_LEAST_DEG: Final = 0.02


def framed(
    layers: "Sequence[MapLayer]",
    texts: "Mapping[str, Any]",
    views: "dict[str, Bounds]",
    *,
    lang: "Lang",
    base: "Basemap | None",
    m: "folium.Map | None",
) -> "folium.Map":
    """Add layers to a map, new or given, and put a frame round all it holds."""
    import html

    from ctzgis.reporting.maps.elements import FilledGroup, MapFrame

    drawn = _empty_map(next(iter(views.values()))) if m is None else m
    old = frame_of(drawn)
    if old:
        texts = dict(old.texts)
        kept = {view["name"]: view["bounds"] for view in old.config["views"]}
        views = _together(kept, views)
        del drawn._children[old.get_name()]
    _leave_out_links(drawn)
    light = lightened(layers)
    for layer in light.layers:
        FilledGroup(layer).add_to(drawn)
    texts = {**texts, "lightened": light.note(lang) or texts.get("lightened", "")}
    figure: Any = drawn.get_root()
    figure.title = html.escape(f"{texts['title']} {texts['subtitle']}".strip())
    config = _config(groups_of(drawn), views, lang)
    drawn.add_child(MapFrame(texts, config, base=base))
    return drawn


def _together(
    old: "dict[str, Bounds]", new: "dict[str, Bounds]"
) -> "dict[str, Bounds]":
    """Return all views; one of the same name shows what both show."""
    joined = dict(old)
    for name, ((south, west), (north, east)) in new.items():
        (s, w), (n, e) = old.get(name, [[south, west], [north, east]])
        joined[name] = [
            [min(s, south), min(w, west)],
            [max(n, north), max(e, east)],
        ]
    return joined


def groups_of(m: "folium.Map") -> "list[FilledGroup]":
    """Return the layers of a map."""
    from ctzgis.reporting.maps.elements import FilledGroup

    return [child for child in m._children.values() if isinstance(child, FilledGroup)]


def frame_of(m: "folium.Map") -> "MapFrame | None":
    """Return the frame of a map; ``None`` if it has none."""
    from ctzgis.reporting.maps.elements import MapFrame

    frames = (child for child in m._children.values() if isinstance(child, MapFrame))
    return next(frames, None)


def agreed(base: "Basemap | None", m: "folium.Map | None") -> "Basemap | None":
    """Return the base map of a map that is added to, if it is not asked for another."""
    frame = frame_of(m) if m is not None else None
    if frame is None:
        return base
    if base is not None and base != frame.base:
        there = frame.base.id if frame.base else None
        msg = (
            f"the map lies on basemap {there!r} and cannot change to {base.id!r}; "
            "name the base map when the map is first drawn"
        )
        raise InputError(msg)
    return frame.base


def _empty_map(bounds: "Bounds") -> "folium.Map":
    import folium

    return folium.Map(
        location=[sum(side) / 2 for side in zip(*bounds, strict=True)],
        tiles=None,
        prefer_canvas=True,
        zoom_snap=0.25,
        zoom_delta=0.5,
        attribution_control=False,
        minZoom=_MIN_ZOOM,
        maxZoom=_MAX_ZOOM,
    )


def _leave_out_links(m: "folium.Map") -> None:
    # The lists of the class are shared by all maps, so they are replaced, not edited;
    # the frame brings Leaflet and jQuery.
    m.default_js = []
    m.default_css = []


def _config(
    groups: "Sequence[FilledGroup]", views: "dict[str, Bounds]", lang: "Lang"
) -> dict[str, Any]:
    """Return what the script of the frame is told."""
    listed = {
        key: [
            {
                "id": group.layer.id,
                "name": group.layer.name,
                "rank": group.layer.rank,
                "heading": group.layer.heading,
                "classes": _classes(group.layer),
                "legend": group.legend(lang),
                "layer": group.get_name(),
            }
            for group in groups
            if group.layer.group == key
        ]
        for key in GROUPS
    }
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "words": map_words(lang),
        "views": [{"name": name, "bounds": bounds} for name, bounds in views.items()],
        "groups": [
            {"title": GROUPS[key].get(lang), "layers": layers}
            for key, layers in listed.items()
            if layers
        ],
    }


def _classes(layer: "MapLayer") -> str:
    """Return what classes a layer has of its own; empty if all maps share them."""
    if not layer.styles:
        return ""
    return "\n".join(style.label.zh for style in layer.styles.values())


def bounds_of(layers: "Sequence[MapLayer]", ids: "Sequence[str]") -> "Bounds":
    """Return south-west and north-east of the first layer named, or of all layers."""
    import numpy as np
    import shapely

    named = [layer for key in ids for layer in layers if layer.id == key]
    shapes = [f.geometry for layer in named[:1] or layers for f in layer.features]
    edges = shapely.total_bounds(shapes) if shapes else np.array(_NOTHING)
    middle = (edges[:2] + edges[2:]) / 2
    half = np.maximum((edges[2:] - edges[:2]) / 2, _LEAST_DEG / 2)
    (west, south), (east, north) = (middle - half).tolist(), (middle + half).tolist()
    return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]
