"""Further measures and a user's facilities on a map (另行量算与用户设施)."""

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.assessment.facility_layers import FACILITIES_OF
from ctzgis.assessment.needs import facility_name
from ctzgis.reporting.classes import Shape, classes_of, plain_style
from ctzgis.reporting.map_layers import Drafter, Feature, MapLayer, Row
from ctzgis.reporting.report_tables import field_text
from ctzgis.reporting.style import style_of
from ctzgis.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import geopandas as gpd

    from ctzgis.assessment.further import Drawn, Field
    from ctzgis.reporting.style import Style
    from ctzgis.texts import Text

__all__ = ["facility_map_layers", "further_layers"]

_SHAPES: Final[dict[int, Shape]] = {0: "dot", 1: "line", 2: "area"}
_RANKS: Final[dict[Shape, int]] = {"area": 29, "line": 64, "dot": 76}
_STRAIGHT: Final = "straight"
_MOST_CARDS: Final = 5_000
_MOST_LETTERS: Final = 80
# Facilities lie under findings: lines among roads, dots among places.
_FACILITY_RANKS: Final[dict[Shape, int]] = {"area": 21, "line": 58, "dot": 72}


def further_layers(drafter: Drafter, *, borders: bool) -> "Iterator[MapLayer]":
    """Draft the layers of what was measured besides the targets."""
    for part in drafter.assessment.further:
        for drawn in part.drawn:
            if borders or not drawn.borders:
                yield _layer(drafter, drawn)


def _layer(drafter: Drafter, drawn: "Drawn") -> MapLayer:
    rows = drafter.table(drawn.key)
    shapes = [
        _SHAPES[int(d)] for d in shapely.get_dimensions(np.asarray(rows.geometry.array))
    ]
    marked = ["dot" if drawn.too_short else shape for shape in shapes]
    classes, looks = _looks(drafter, drawn, rows)
    keys = [f"{shape}.{cls}" for shape, cls in zip(marked, classes, strict=True)]
    styles: dict[str, Style] = {
        f"{shape}.{cls}": looks[cls][shape]
        for shape in dict.fromkeys(marked)
        for cls in looks
        if f"{shape}.{cls}" in keys
    }
    features = [
        _feature(drafter, drawn, row, shape, key)
        for row, shape, key in zip(rows.to_dict("records"), rows.geometry, keys, strict=True)
    ]  # fmt: skip
    if drawn.too_short:
        styles[_STRAIGHT] = replace(style_of("found.plain.line"), label=drawn.too_short)
        lines = [replace(feature, style=_STRAIGHT) for feature in features]
        middles = [
            replace(f, geometry=shapely.line_interpolate_point(f.geometry, 0.5, normalized=True))
            for f in features
        ]  # fmt: skip
        features = [*lines, *middles]
    return drafter.layer(
        f"further.{drawn.key}",
        "findings",
        drawn.title.get(drafter.lang),
        # What counts most is drawn last, over the others.
        features[::-1],
        rank=max((_RANKS[shape] for shape in marked), default=0),
        heading=drawn.heading.get(drafter.lang),
        styles=styles,
    )


def _looks(
    drafter: Drafter, drawn: "Drawn", rows: "gpd.GeoDataFrame"
) -> "tuple[list[str], Mapping[str, Mapping[Shape, Style]]]":
    """Return the class of each row, and how each class is drawn by shape."""
    if not drawn.classes:
        found = classes_of(
            rows[drawn.by], drawn.by, lang=drafter.lang, breaks=drawn.breaks or None
        )
        looks = {str(number): look for number, look in enumerate(found.looks)}
        return [str(number) for number in found.of_row], looks
    return [str(key) for key in rows[drawn.by]], {
        key: {
            shape: replace(style_of(f"found.{look}.{shape}"), label=label)
            for shape in _SHAPES.values()
        }
        for key, (label, look) in drawn.classes.items()
    }


def _feature(
    drafter: Drafter,
    drawn: "Drawn",
    row: "dict[Any, Any]",
    shape: shapely.Geometry,
    key: str,
) -> Feature:
    label = drawn.label
    return Feature(
        geometry=shape,
        style=key,
        title=_cut(printable(drafter.name(SimpleNamespace(**row)))),
        rows=tuple(
            (field.head.get(drafter.lang), _value(drafter, row, field))
            for field in drawn.fields
        ),
        label="" if label is None else _value(drafter, row, label),
        label_kind="element",
    )


def _value(drafter: Drafter, row: "dict[Any, Any]", field: "Field") -> str:
    return _cut(printable(field_text(row[field.name], field).get(drafter.lang)))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"


# --- facilities --------------------------------------------------------------------


def facility_map_layers(drafter: Drafter) -> "Iterator[MapLayer]":
    """Draft a layer for each kind of facilities that the user gave."""
    given = [
        key
        for key in drafter.assessment.layers
        if key.startswith(FACILITIES_OF) and key != f"{FACILITIES_OF}built_up"
    ]
    for order, key in enumerate(given):
        kind = facility_name(key.removeprefix(FACILITIES_OF))
        yield _facilities(drafter, key, kind, order)


def _facilities(drafter: Drafter, key: str, kind: "Text", order: int) -> MapLayer:
    rows = drafter.table(key)
    said = drafter.say(f"用户设施：{kind.zh}", f"user's facilities: {kind.en}")
    shapes = np.asarray(rows.geometry.array)
    kinds = [_SHAPES[int(d)] for d in shapely.get_dimensions(shapes)]
    looks = plain_style(order, said)
    word: Row = (drafter.say("类型", "Kind"), kind.get(drafter.lang))
    features: Iterable[Feature] = (
        Feature(
            geometry=row.geometry, style=shape, title=drafter.name(row), rows=(word,)
        )
        for row, shape in zip(rows.itertuples(), kinds, strict=True)
    )
    if len(rows) > _MOST_CARDS:
        features = _merged(drafter, shapes, kinds, said)
    return drafter.layer(
        f"facilities.{key.removeprefix(FACILITIES_OF)}",
        "now",
        said,
        features,
        rank=max((_FACILITY_RANKS[shape] for shape in kinds), default=0),
        shown=True,
        styles={shape: looks[shape] for shape in dict.fromkeys(kinds)},
    )


def _merged(
    drafter: Drafter, shapes: Any, kinds: "list[Shape]", said: str
) -> "Iterator[Feature]":
    """Yield one feature a shape: a page cannot hold a card for each of so many."""
    build: dict[Shape, Any] = {
        "dot": shapely.multipoints,
        "line": shapely.multilinestrings,
        "area": shapely.multipolygons,
    }
    for shape in dict.fromkeys(kinds):
        chosen = shapes[np.asarray(kinds) == shape]
        yield Feature(
            geometry=build[shape](shapely.get_parts(chosen)),
            style=shape,
            title=said,
            rows=((drafter.say("个数", "Number"), f"{len(chosen):,}"),),
            stands_for=len(chosen),
        )
