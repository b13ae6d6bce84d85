"""Topics and a user's facilities on a map (专题图层)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.assessment.needs import facility_name
from ctzgis.reporting.maps.classes import Shape, classes_of
from ctzgis.reporting.maps.layers import Drafter, Feature, MapLayer, Row
from ctzgis.reporting.palettes import (
    BROWN,
    CRIMSON,
    DEEP_GREEN,
    GREY,
    INK,
    VIOLET,
)
from ctzgis.reporting.style import Style
from ctzgis.reporting.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from ctzgis.assessment.topics.catalogue import ShownColumn, Topic
    from ctzgis.texts import Text

__all__ = ["topic_layers"]

_FACILITIES: Final = "facilities_"
_WHITE: Final = "#ffffff"
# Colour, and width or radius if not graded; roads, rails and rivers have most colours, so
# that width, white and rims tell topics from them.
_LOOKS: Final = {
    "index": (GREY, 7.0),
    "missing_links": (VIOLET, 8.0),
    "critical_roads": (CRIMSON, 5.0),
    "borders": (_WHITE, 5.0),
    "dead_ends": (VIOLET, 5.0),
}
_OTHER_LOOK: Final = (BROWN, 5.0)
_WIDER: Final = 2.0
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
    frame = drafter.table(topic.id)
    key = f"topic.{topic.id}"
    graded = bool(topic.by) and len(frame) > 0
    styles, keys, heading = (
        _graded(drafter, topic, frame) if graded else ({}, [key] * len(frame), "")
    )
    features = [
        Feature(
            geometry=row.geometry,
            style=style,
            title=drafter.name(row),
            rows=tuple(_row(drafter, row, column) for column in shown)[:_MOST_ROWS],
            label=_label(drafter, topic, row),
            label_kind="town",
        )
        for row, style in zip(frame.itertuples(), keys, strict=True)
    ]
    if not graded:
        colour, size = _LOOKS.get(topic.id, _OTHER_LOOK)
        styles = {key: _style(topic.title, colour, size, features)}
    name = topic.title.get(drafter.lang)
    return drafter.layer(
        key, "findings", name, features, rank=74, styles=styles, heading=heading
    )


def _graded(
    drafter: Drafter, topic: "Topic", frame: "gpd.GeoDataFrame"
) -> tuple[dict[str, Style], list[str], str]:
    """Return styles of classes from little to much, the style of each row, a heading."""
    classes = classes_of(frame[topic.by], topic.by, lang=drafter.lang)
    solid = np.asarray(frame.geometry.array)
    kinds = set(shapely.get_dimensions(solid).tolist())
    shape: Shape = "dot" if kinds == {0} else "line" if 2 not in kinds else "area"
    styles = {
        f"topic.{topic.id}.{number}": look[shape]
        for number, look in enumerate(classes.looks)
    }
    if shape == "line":
        # Grades of colour would be taken for classes of roads: width alone tells them.
        colour = _LOOKS.get(topic.id, _OTHER_LOOK)[0]
        styles = {
            key: replace(style, colour=colour, width_px=style.width_px * _WIDER)
            for key, style in styles.items()
        }
    keys = [f"topic.{topic.id}.{number}" for number in classes.of_row]
    said = next((c.head for c in topic.columns if c.name == topic.by), topic.title)
    title, head = topic.title.get(drafter.lang), said.get(drafter.lang)
    return styles, keys, title if title == head else f"{title} · {head}"


def _label(drafter: Drafter, topic: "Topic", row: Any) -> str:
    """Return what is written beside a row: a value after its word."""
    column = next((c for c in topic.columns if c.name == topic.label), None)
    if column is None or pd.isna(getattr(row, column.name)):
        return ""
    return " ".join(_row(drafter, row, column))


def _row(drafter: Drafter, row: Any, column: "ShownColumn") -> Row:
    value = getattr(row, column.name)
    if isinstance(value, str) and value in KINDS:
        value = KINDS[value].get(drafter.lang)
    return column.head.get(drafter.lang), column.told(value)


def _facilities(drafter: Drafter, name: str) -> MapLayer:
    kind = name.removeprefix(_FACILITIES)
    title = facility_name(drafter.assessment.plan, kind)
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
            colour=INK if colour == _WHITE else "#ffffff",
            width_px=1.6 if colour == _WHITE else 1.2,
            fill=colour,
            fill_opacity=1.0,
            radius_px=size,
        )
    if "Polygon" in kinds:
        return Style(label=label, colour=colour, fill=colour, fill_opacity=0.35)
    return Style(label=label, colour=colour, width_px=size, opacity=0.85)
