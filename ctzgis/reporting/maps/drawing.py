"""Maps to hand in: one page that needs no network (成果图)."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctzgis.reporting.maps.basemaps import basemap_named, displayed, tianditu_key
from ctzgis.reporting.maps.findings import finding_layers
from ctzgis.reporting.maps.frame_layers import county_layer, frame_layers, named_frames
from ctzgis.reporting.maps.framing import agreed, bounds_of, frame_of, framed, groups_of
from ctzgis.reporting.maps.ground import ground_layers
from ctzgis.reporting.maps.layers import GROUPS, Drafter, MapLayer
from ctzgis.reporting.maps.offline import asset_tags, inline_assets, linked_tags
from ctzgis.reporting.maps.texts import frame_texts, layer_texts
from ctzgis.reporting.maps.topics import topic_layers
from ctzgis.texts import Lang, Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import folium
    import geopandas as gpd

    from ctzgis.assessment import Assessment
    from ctzgis.provenance import Source
    from ctzgis.reporting.maps.basemaps import BasemapName

__all__ = ["draw_layers", "draw_map", "map_layers", "save_map", "write_map"]

# What a view shows: the first of these layers that the map has, or else everything.
_CORE: Final = ("isochrones.outline", "centres")
_REGION: Final = ("counties", "structure.belt", "isochrones.nearest")


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
    for anything. What would make the page heavier than 8 MB is drawn simplified, and
    the map says so.

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
    >>> from ctzgis.reporting.maps.drawing import draw_map
    >>> drawn = draw_map(assess("czt", year=2020))
    >>> south_west, north_east = drawn.get_bounds()
    >>> south_west[0] < 28.2 < north_east[0]
    True
    """
    base = agreed(basemap_named(basemap, public=public), m)
    layers = displayed(map_layers(assessment, lang=lang, public=public), base)
    texts = frame_texts(assessment, lang=lang, approval_no=approval_no, base=base)
    views = {
        Text("中心区", "Core").get(lang): bounds_of(layers, _CORE),
        Text("全域", "Region").get(lang): bounds_of(layers, _REGION),
    }
    return framed(layers, texts, views, lang=lang, base=base, m=m)


def draw_layers(
    layers: "Mapping[str, gpd.GeoDataFrame] | gpd.GeoDataFrame",
    *,
    by: str | None = None,
    breaks: "Sequence[float] | None" = None,
    label: str | None = None,
    shown: "Collection[str] | None" = None,
    title: str = "",
    counties: "gpd.GeoDataFrame | None" = None,
    sources: "Sequence[Source]" = (),
    lang: Lang = "zh",
    basemap: "BasemapName | None" = None,
    m: "folium.Map | None" = None,
) -> "folium.Map":
    """
    Draw frames of any measure with legend, cards and frame.

    Numbers in the column ``by`` are graduated, other values get a colour each; what
    has no value is drawn hollow and listed as such, by the column ``reason`` if there is
    one. What is below 0 among values of both signs is hatched, hollow or barred. A name
    is read from ``name_zh``, ``name_en`` or ``name``, else from the index; cards list the
    column shown and the first of the others. Above 20,000 rows a layer has one card a
    class.

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
    label
        Column whose values are written beside what is drawn, where there is room;
        ``None`` for none.
    shown
        Names of the layers that are on when the map opens; ``None`` for all.
    title
        Title of the map (图名); empty for the names of the layers.
    counties
        Polygons to draw all on, as ``Plan.counties``; no backdrop if not given. The map
        begins with what is drawn on them.
    sources
        Where it all comes from: credited on the map, which is stamped if one of them is
        schematic, or if a frame says so in a column ``schematic`` or in its ``attrs``.
    lang, basemap, m
        As in :func:`draw_map`. A map that has a frame keeps its title.

    Returns
    -------
    folium.Map
        To show in a notebook, to add to, or to write with :func:`save_map`.

    Raises
    ------
    InputError
        If something is not a GeoDataFrame, no frame has a column, no layer a name, or
        breaks or the base map are wrong.
    CRSError
        If a frame has no CRS or its coordinates cannot be in the one it states.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps.drawing import draw_layers
    >>> areas = assess("czt", year=2020).layers["isochrones"]
    >>> drawn = draw_layers({"等时圈": areas}, by="cutoff_min", breaks=[30, 45])
    >>> (group,) = (c for c in drawn._children.values() if hasattr(c, "layer"))
    >>> [style.label.zh for _, style in group.layer.legend()]
    ['30 以下', '30–45', '45 及以上']
    """
    base = agreed(basemap_named(basemap), m)
    name = title or Text("图层", "Layer").get(lang)
    frames = named_frames(layers, title=name)
    first = len(groups_of(m)) if m is not None else 0
    drafted = frame_layers(
        frames, by=by, breaks=breaks, label=label, shown=shown, lang=lang, first=first
    )
    ground = () if counties is None else (county_layer(counties, lang),)
    data = displayed(drafted, base)
    whole = (*displayed(ground, base), *data)
    texts = layer_texts(frames, title=title, sources=sources, lang=lang, base=base)
    views = {Text("全图", "All").get(lang): bounds_of(whole, ())}
    if ground and any(layer.features for layer in data):
        views = {Text("数据", "Data").get(lang): bounds_of(data, ()), **views}
    return framed(whole, texts, views, lang=lang, base=base, m=m)


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
    >>> from ctzgis.reporting.maps.drawing import draw_layers, save_map
    >>> belts = assess("czt", year=2020).layers["structure"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_map(draw_layers(belts, by="kind"), Path(folder) / "map.html")
    ...     (Path(folder) / "map.html").stat().st_size < 1_000_000
    True
    """
    path = Path(path)
    frame = frame_of(m)
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
    >>> from ctzgis.reporting.maps.drawing import write_map
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
    >>> from ctzgis.reporting.maps.drawing import map_layers
    >>> layers = {layer.id: layer for layer in map_layers(assess("czt", year=2020))}
    >>> layers["structure.heart"].features[0].title
    '长株潭生态绿心'
    """
    drafter = Drafter(assessment, lang)
    drafted = [
        *ground_layers(drafter, borders=not public),
        *finding_layers(drafter),
        *topic_layers(drafter, borders=not public),
    ]
    order = list(GROUPS)
    return tuple(
        sorted(
            (layer for layer in drafted if layer.features),
            key=lambda layer: order.index(layer.group),
        )
    )
