"""Topics and a user's facilities on a map (专题图层)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.assessment.needs import facility_name
from ctzgis.reporting.map_layers import Drafter, Feature, MapLayer, Row
from ctzgis.reporting.palettes import (
    BLUE,
    BROWN,
    CRIMSON,
    DEEP_GREEN,
    INK,
    VERMILLION,
    VIOLET,
)
from ctzgis.reporting.style import Style
from ctzgis.reporting.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from ctzgis.assessment.topics import ShownColumn, Topic
    from ctzgis.texts import Text

__all__ = ["topic_layers"]

_FACILITIES: Final = "facilities_"
_LOOKS: Final = {
    "index": (VIOLET, 6.0),
    "missing_links": (VERMILLION, 5.0),
    "critical_roads": (INK, 4.5),
    "borders": (CRIMSON, 5.0),
    "stations": (BLUE, 4.5),
}
_OTHER_LOOK: Final = (BROWN, 4.0)
_MOST_ROWS: Final = 4
_MOST_CARDS: Final = 2_000
_FEW_PX, _MANY_PX = 3.5, 2.0


def topic_layers(drafter: Drafter, *, borders: bool) -> "Iterator[MapLayer]":
    """
    Draft a layer for each topic, and for each kind of facilities that was given.

    Parameters
    ----------
    drafter
        The assessment and the language.
    borders
        Whether topics that are drawn on administrative borders are among them.
    """
    for topic in drafter.assessment.topics:
        if borders or not topic.borders:
            yield _topic(drafter, topic)
    for name in drafter.assessment.layers:
        if name.startswith(_FACILITIES):
            yield _facilities(drafter, name)


def _topic(drafter: Drafter, topic: "Topic") -> MapLayer:
    shown = [c for c in topic.columns if not c.name.endswith("_*")]
    features = [
        Feature(
            geometry=row.geometry,
            style=f"topic.{topic.id}",
            title=drafter.name(row),
            rows=tuple(_row(drafter, row, column) for column in shown)[:_MOST_ROWS],
        )
        for row in drafter.table(topic.id).itertuples()
    ]
    colour, size = _LOOKS.get(topic.id, _OTHER_LOOK)
    return drafter.layer(
        f"topic.{topic.id}",
        "findings",
        topic.title.get(drafter.lang),
        features,
        rank=74,
        styles={f"topic.{topic.id}": _style(topic.title, colour, size, features)},
    )


def _row(drafter: Drafter, row: Any, column: "ShownColumn") -> Row:
    value = getattr(row, column.name)
    if isinstance(value, str) and value in KINDS:
        value = KINDS[value].get(drafter.lang)
    return column.head.get(drafter.lang), column.told(value)


def _facilities(drafter: Drafter, name: str) -> MapLayer:
    kind = name.removeprefix(_FACILITIES)
    title = facility_name(kind)
    rows = drafter.table(name)
    if len(rows) > _MOST_CARDS:
        count = drafter.say("数量", "Count")
        features = _merged(rows, name, title.get(drafter.lang), count)
    else:
        features = [
            Feature(geometry=row.geometry, style=name, title=drafter.name(row))
            for row in rows.itertuples()
        ]
    called = drafter.say(f"设施：{title.zh}", f"Facilities: {title.en}")
    size = _MANY_PX if len(rows) > _MOST_CARDS else _FEW_PX
    style = _style(title, DEEP_GREEN, size, features)
    return drafter.layer(name, "now", called, features, rank=70, styles={name: style})


def _merged(
    rows: "gpd.GeoDataFrame", style: str, title: str, count: str
) -> list[Feature]:
    """Return points, lines and areas as one thing each: so many need no card of their own."""
    parts = shapely.get_parts(np.asarray(rows.geometry.array))
    kinds = shapely.get_dimensions(parts)
    builds = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return [
        Feature(
            geometry=build(parts[kinds == kind]),
            style=style,
            title=title,
            rows=((count, f"{int((kinds == kind).sum()):,}"),),
        )
        for kind, build in enumerate(builds)
        if (kinds == kind).any()
    ]


def _style(label: "Text", colour: str, size: float, features: list[Feature]) -> Style:
    kinds = {feature.geometry.geom_type.removeprefix("Multi") for feature in features}
    if kinds <= {"Point"}:
        return Style(
            label=label,
            colour="#ffffff",
            width_px=1.2,
            fill=colour,
            fill_opacity=1.0,
            radius_px=size,
        )
    if "Polygon" in kinds:
        return Style(label=label, colour=colour, fill=colour, fill_opacity=0.35)
    return Style(label=label, colour=colour, width_px=size, opacity=0.85)
