"""Maps to hand in: one page that needs no network (成果图)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import InputError
from ctzgis.reporting.basemaps import basemap_named, displayed, tianditu_key
from ctzgis.reporting.frame_layers import frame_layers, named_frames
from ctzgis.reporting.map_findings import finding_layers
from ctzgis.reporting.map_ground import ground_layers
from ctzgis.reporting.map_layers import GROUPS, Drafter, MapLayer
from ctzgis.reporting.map_texts import frame_texts, layer_texts
from ctzgis.reporting.map_words import map_words
from ctzgis.reporting.offline import asset_tags, inline_assets, linked_tags
from ctzgis.texts import Lang, Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import folium
    import geopandas as gpd

    from ctzgis.assessment import Assessment
    from ctzgis.reporting.basemaps import Basemap, BasemapName
    from ctzgis.reporting.map_elements import FilledGroup, MapFrame

    Bounds = list[list[float]]

__all__ = ["draw_layers", "draw_map", "map_layers", "save_map", "write_map"]

# What a view shows: the first of these layers that the map has, or else everything.
_CORE: Final = ("isochrones.outline", "centres")
_REGION: Final = ("counties", "structure.belt", "isochrones.nearest")
_MIN_ZOOM, _MAX_ZOOM = 3, 17
# What is shown when there is nothing to show: the region; and how near a point is shown.
_NOTHING: Final = (112.0, 26.9, 114.3, 28.7)
_LEAST_DEG: Final = 0.02


def draw_map(
    assessment: "Assessment",
    *,
    lang: Lang = "zh",
    public: bool = False,
    approval_no: str | None = None,
    basemap: "BasemapName | None" = None,
    m: "folium.Map | None" = None,
) -> "folium.Map":
    """
    Draw the map of an assessment.

    Layers are grouped into what stands, what is planned, structure, constraints,
    isochrones and findings; a click on a thing tells what it is. Without a base map
    there are no tiles: the backdrop is counties and rivers, and the map asks no host
    for anything.

    Parameters
    ----------
    assessment
        What to draw; it stays as it is.
    lang
        Language of all texts; what has no English name keeps its Chinese one.
    public
        Whether administrative borders are left out. That alone does not make a map
        fit for publication.
    approval_no
        Number under which the map was approved (审图号); printed if given, and the
        note that it was not reviewed is left out.
    basemap
        Tiles below: ``"tianditu"`` (天地图; the page asks for a key unless the map is
        saved with one), ``"osm"``, or ``"gaode"`` (高德), over which shifted copies
        (GCJ-02) of all shapes are drawn, as the map then says.
    m
        Map to add to; ``None`` for a new one.

    Returns
    -------
    folium.Map
        To show in a notebook or to add to. Its children that are feature groups have
        what they show as ``layer``.

    Raises
    ------
    InputError
        If the base map is not known, shows borders that a public map must not, or is
        another than that of ``m``; or if shapes for ``"gaode"`` lie outside China.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import draw_map
    >>> drawn = draw_map(assess("czt", year=2020))
    >>> south_west, north_east = drawn.get_bounds()
    >>> south_west[0] < 28.2 < north_east[0]
    True
    """
    base = _agreed(basemap_named(basemap, public=public), m)
    layers = displayed(map_layers(assessment, lang=lang, public=public), base)
    texts = frame_texts(assessment, lang=lang, approval_no=approval_no, base=base)
    views = {
        Text("中心区", "Core").get(lang): _bounds(layers, _CORE),
        Text("全域", "Region").get(lang): _bounds(layers, _REGION),
    }
    return _framed(layers, texts, views, lang=lang, base=base, m=m)


def draw_layers(
    layers: "Mapping[str, gpd.GeoDataFrame] | gpd.GeoDataFrame",
    *,
    by: str | None = None,
    breaks: "Sequence[float] | None" = None,
    title: str = "",
    lang: Lang = "zh",
    basemap: "BasemapName | None" = None,
    m: "folium.Map | None" = None,
) -> "folium.Map":
    """
    Draw frames of any measure with legend, cards and frame.

    Numbers in the column ``by`` are graduated, other values get a colour each; what
    has no value is drawn hollow and listed as such. A name is read from ``name_zh``,
    ``name_en`` or ``name``, else from the index; cards list the column shown and the
    first of the others. Above 20,000 rows a layer has one card a class.

    Parameters
    ----------
    layers
        A frame, or frames by the name of their layer, in any CRS.
    by
        Column that tells the class, e.g. ``"road_density_km_per_km2"``; frames without
        it have one colour. ``None`` for one colour each.
    breaks
        Up to four limits between classes of numbers, in the unit of the column;
        ``None`` for five classes of about equal size between round limits.
    title
        Title of the map (图名); empty for the names of the layers.
    lang, basemap, m
        As in :func:`draw_map`. A map that has a frame keeps its title.

    Returns
    -------
    folium.Map
        To show in a notebook, to add to, or to write with :func:`save_map`.

    Raises
    ------
    InputError
        If something is not a GeoDataFrame, no frame has the column, or breaks or the
        base map are wrong.
    CRSError
        If a frame has no CRS or its coordinates cannot be in the one it states.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import draw_layers
    >>> areas = assess("czt", year=2020).layers["isochrones"]
    >>> drawn = draw_layers({"等时圈": areas}, by="cutoff_min", breaks=[30, 45])
    >>> (group,) = (c for c in drawn._children.values() if hasattr(c, "layer"))
    >>> [style.label.zh for style in group.layer.legend()]
    ['30以下', '30–45', '45及以上']
    """
    base = _agreed(basemap_named(basemap), m)
    name = title or Text("图层", "Layer").get(lang)
    frames = named_frames(layers, title=name)
    first = len(_groups(m)) if m is not None else 0
    drafted = frame_layers(frames, by=by, breaks=breaks, lang=lang, first=first)
    shown = displayed(drafted, base)
    texts = layer_texts(frames, title=title, lang=lang, base=base)
    views = {Text("全图", "All").get(lang): _bounds(shown, ())}
    return _framed(shown, texts, views, lang=lang, base=base, m=m)


def save_map(
    m: "folium.Map", path: Path | str, *, keep_key: bool = False, online: bool = False
) -> None:
    """
    Write a map as one HTML file.

    The file appears whole or not at all; one that is there is replaced. It asks no
    host, but those of its base map for tiles.

    Parameters
    ----------
    m
        A map of :func:`draw_map` or :func:`draw_layers`, or what has been added to it.
    path
        File to write.
    keep_key
        Whether the key for Tianditu in ``CTZGIS_TIANDITU_KEY`` is written into the
        file, where all can read it; otherwise the page asks for one and stores it
        nowhere.
    online
        Whether Leaflet and jQuery are linked from their usual hosts instead of being
        in the file, which is then a fifth of a megabyte smaller.

    Raises
    ------
    InputError
        If a key is to be kept but there is none, or something that was added to the
        map loads what cannot be put into a file.
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import draw_layers, save_map
    >>> belts = assess("czt", year=2020).layers["structure"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_map(draw_layers(belts, by="kind"), Path(folder) / "map.html")
    ...     (Path(folder) / "map.html").stat().st_size < 1_000_000
    True
    """
    path = Path(path)
    frame = _frame(m)
    base = frame.base if frame else None
    if frame and base and base.needs_key:
        frame.key = tianditu_key() if keep_key else ""
    try:
        page = m.get_root().render()
    finally:
        if frame:
            frame.key = ""
    if online:
        page = page.replace(asset_tags(), linked_tags())
    else:
        page = inline_assets(page, images_from=base.hosts if base else ())
    with written_whole(path) as part:
        part.write_text(page, encoding="utf-8", newline="\n")


def write_map(
    assessment: "Assessment",
    path: Path | str,
    *,
    lang: Lang = "zh",
    public: bool = False,
    approval_no: str | None = None,
    basemap: "BasemapName | None" = None,
) -> None:
    """
    Write the map of an assessment as one HTML file that works without a network.

    The file appears whole or not at all; one that is there is replaced. A key for
    Tianditu is never in it; :func:`save_map` can keep one.

    Parameters
    ----------
    assessment, lang, public, approval_no, basemap
        As in :func:`draw_map`.
    path
        File to write.

    Raises
    ------
    InputError
        As :func:`draw_map`.
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import write_map
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_map(assess("czt", year=2020), Path(folder) / "map.html")
    ...     (Path(folder) / "map.html").stat().st_size < 3_000_000
    True
    """
    drawn = draw_map(
        assessment, lang=lang, public=public, approval_no=approval_no, basemap=basemap
    )
    save_map(drawn, path)


def map_layers(
    assessment: "Assessment", *, lang: Lang = "zh", public: bool = False
) -> tuple[MapLayer, ...]:
    """
    Return the layers of an assessment's map, in the order they are listed.

    Parameters
    ----------
    assessment, lang, public
        As in :func:`draw_map`.

    Returns
    -------
    tuple of MapLayer
        In EPSG:4326, without layers that would be empty.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import map_layers
    >>> layers = {layer.id: layer for layer in map_layers(assess("czt", year=2020))}
    >>> layers["structure.heart"].features[0].title
    '长株潭生态绿心'
    """
    drafter = Drafter(assessment, lang)
    drafted = [*ground_layers(drafter, borders=not public), *finding_layers(drafter)]
    order = list(GROUPS)
    return tuple(
        sorted(
            (layer for layer in drafted if layer.features),
            key=lambda layer: order.index(layer.group),
        )
    )


def _framed(
    layers: "Sequence[MapLayer]",
    texts: dict[str, Any],
    views: "dict[str, Bounds]",
    *,
    lang: Lang,
    base: "Basemap | None",
    m: "folium.Map | None",
) -> "folium.Map":
    """Add layers to a map, new or given, and put a frame round all it holds."""
    import html

    from ctzgis.reporting.map_elements import FilledGroup, MapFrame

    drawn = _empty_map(next(iter(views.values()))) if m is None else m
    old = _frame(drawn)
    if old:
        texts = dict(old.texts)
        kept = {view["name"]: view["bounds"] for view in old.config["views"]}
        views = _together(kept, views)
        del drawn._children[old.get_name()]
    _leave_out_links(drawn)
    for layer in layers:
        FilledGroup(layer).add_to(drawn)
    figure: Any = drawn.get_root()
    figure.title = html.escape(f"{texts['title']} {texts['subtitle']}".strip())
    config = _config(_groups(drawn), views, lang)
    drawn.add_child(MapFrame(texts, config, base=base))
    return drawn


def _together(old: "dict[str, Bounds]", new: "dict[str, Bounds]") -> "dict[str, Bounds]":
    """Return all views; one of the same name shows what both show."""
    joined = dict(old)
    for name, ((south, west), (north, east)) in new.items():
        (s, w), (n, e) = old.get(name, [[south, west], [north, east]])
        joined[name] = [
            [min(s, south), min(w, west)],
            [max(n, north), max(e, east)],
        ]
    return joined


def _groups(m: "folium.Map") -> "list[FilledGroup]":
    from ctzgis.reporting.map_elements import FilledGroup

    return [child for child in m._children.values() if isinstance(child, FilledGroup)]


def _frame(m: "folium.Map") -> "MapFrame | None":
    from ctzgis.reporting.map_elements import MapFrame

    frames = (child for child in m._children.values() if isinstance(child, MapFrame))
    return next(frames, None)


def _agreed(base: "Basemap | None", m: "folium.Map | None") -> "Basemap | None":
    """Return the base map of a map that is added to, if it is not asked for another."""
    frame = _frame(m) if m is not None else None
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
    groups: "Sequence[FilledGroup]", views: "dict[str, Bounds]", lang: Lang
) -> dict[str, Any]:
    """Return what the script of the frame is told."""
    listed = {
        key: [
            {
                "id": group.layer.id,
                "name": group.layer.name,
                "rank": group.layer.rank,
                "heading": group.layer.heading,
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


def _bounds(layers: "Sequence[MapLayer]", ids: "Sequence[str]") -> "Bounds":
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
