"""``--map``: what a command measured on a map that works offline (成果图)."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ctzgis.cli.states import require_html

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import geopandas as gpd

    from ctzgis.provenance import Source
    from ctzgis.texts import Text

__all__ = ["add_map", "draw_result", "require_map"]


def add_map(job: "argparse.ArgumentParser") -> None:
    """Add the argument that names the map's file."""
    job.add_argument(
        "--map", type=Path, metavar="FILE", help="the result on a map (.html), offline"
    )


def require_map(options: "argparse.Namespace") -> None:
    """Raise unless the map may be written; ask before work begins."""
    if options.map is not None:
        require_html(options.map)


def draw_result(
    options: "argparse.Namespace",
    result: "gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame]",
    *,
    name: "Text",
    sources: "Sequence[Source]",
    by: str | None,
    breaks: "Sequence[float] | None" = None,
    label: str | None = None,
) -> None:
    """
    Draw a result over the county borders of the network that ships, and name the file.

    A result of several states is a layer for each, by the state's name; the last is on.
    """
    if options.map is None:
        return
    from ctzgis.reporting.maps.drawing import draw_layers, save_map
    from ctzgis.sources.plans.folders import read_plan

    title = name.get(options.lang)
    layers = dict(result) if isinstance(result, Mapping) else {title: result}
    drawn = draw_layers(
        layers,
        by=by,
        breaks=breaks,
        label=label,
        shown=[*layers][-1:],
        title=title,
        counties=None if options.network else read_plan("czt").counties,
        sources=sources,
        lang=options.lang,
    )
    save_map(drawn, options.map)
    print(options.map)
