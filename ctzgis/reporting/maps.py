"""The map of an assessment: one page that needs no network (评估图)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.lightening import lightened
from ctzgis.reporting.map_findings import finding_layers
from ctzgis.reporting.map_ground import ground_layers
from ctzgis.reporting.map_layers import GROUPS, Drafter, MapLayer
from ctzgis.reporting.map_texts import frame_texts
from ctzgis.reporting.offline import inline_assets
from ctzgis.texts import Lang, Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import folium

    from ctzgis.assessment import Assessment
    from ctzgis.reporting.map_elements import FilledGroup

__all__ = ["draw_map", "map_layers", "write_map"]

# What a view shows: the first of these layers that the map has, or else everything.
_CORE: Final = ("isochrones.outline", "centres")
_REGION: Final = ("counties", "structure.belt", "isochrones.nearest")
_MIN_ZOOM, _MAX_ZOOM = 6, 17


def draw_map(
    assessment: "Assessment",
    *,
    lang: Lang = "zh",
    public: bool = False,
    approval_no: str | None = None,
) -> "folium.Map":
    """
    Draw the map of an assessment.

    Layers are grouped into what stands, what is planned, structure, constraints,
    isochrones and findings; a click on a thing tells what it is. There are no tiles:
    the backdrop is counties and rivers, and the map asks no host for anything. What would
    make the page heavier than 8 MB is drawn simplified, and the map says so.

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

    Returns
    -------
    folium.Map
        To show in a notebook or to add to. Its children that are feature groups have
        what they show as ``layer``.

    Examples
    --------
    >>> from ctzgis import assess
    >>> from ctzgis.reporting.maps import draw_map
    >>> drawn = draw_map(assess("czt", year=2020))
    >>> south_west, north_east = drawn.get_bounds()
    >>> south_west[0] < 28.2 < north_east[0]
    True
    """
    import html

    from ctzgis.reporting.map_elements import FilledGroup, MapFrame

    light = lightened(map_layers(assessment, lang=lang, public=public))
    layers = light.layers
    views = {
        Text("中心区", "Core").get(lang): _bounds(layers, _CORE),
        Text("全域", "Region").get(lang): _bounds(layers, _REGION),
    }
    drawn = _empty_map(_bounds(layers, _CORE))
    groups = [FilledGroup(layer) for layer in layers]
    for group in groups:
        group.add_to(drawn)
    texts = frame_texts(assessment, lang=lang, approval_no=approval_no)
    texts["lightened"] = light.note(lang)
    figure: Any = drawn.get_root()
    figure.title = html.escape(f"{texts['title']} {texts['subtitle']}")
    drawn.add_child(MapFrame(texts, _config(groups, views, lang)))
    return drawn


def write_map(
    assessment: "Assessment",
    path: Path | str,
    *,
    lang: Lang = "zh",
    public: bool = False,
    approval_no: str | None = None,
) -> None:
    """
    Write the map of an assessment as one HTML file that works without a network.

    The file appears whole or not at all; one that is there is replaced.

    Parameters
    ----------
    assessment, lang, public, approval_no
        As in :func:`draw_map`.
    path
        File to write.

    Raises
    ------
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
    path = Path(path)
    drawn = draw_map(assessment, lang=lang, public=public, approval_no=approval_no)
    page = inline_assets(drawn.get_root().render())
    with written_whole(path) as part:
        part.write_text(page, encoding="utf-8", newline="\n")


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


def _empty_map(bounds: list[list[float]]) -> "folium.Map":
    import folium

    drawn = folium.Map(
        location=[sum(side) / 2 for side in zip(*bounds, strict=True)],
        tiles=None,
        prefer_canvas=True,
        zoom_snap=0.25,
        zoom_delta=0.5,
        attribution_control=False,
        minZoom=_MIN_ZOOM,
        maxZoom=_MAX_ZOOM,
    )
    # The lists of the class are shared by all maps, so they are replaced, not edited;
    # the frame brings Leaflet and jQuery.
    drawn.default_js = []
    drawn.default_css = []
    return drawn


def _config(
    groups: "Sequence[FilledGroup]", views: dict[str, list[list[float]]], lang: Lang
) -> dict[str, Any]:
    """Return what the script of the frame is told."""
    listed = {
        key: [
            {
                "id": group.layer.id,
                "name": group.layer.name,
                "rank": group.layer.rank,
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
        "words": {
            "layers": Text("图层", "Layers").get(lang),
            "legend": Text("图例", "Legend").get(lang),
        },
        "views": [{"name": name, "bounds": bounds} for name, bounds in views.items()],
        "groups": [
            {"title": GROUPS[key].get(lang), "layers": layers}
            for key, layers in listed.items()
            if layers
        ],
    }


def _bounds(layers: "Sequence[MapLayer]", ids: "Sequence[str]") -> list[list[float]]:
    """Return south-west and north-east of the first layer named, or of all layers."""
    import shapely

    named = [layer for key in ids for layer in layers if layer.id == key]
    shapes = [f.geometry for layer in named[:1] or layers for f in layer.features]
    west, south, east, north = shapely.total_bounds(shapes).round(5).tolist()
    return [[south, west], [north, east]]
