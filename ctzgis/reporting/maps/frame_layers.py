"""Layers of a map from any frame with geometries (任意成果图层)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.reporting.maps.classes import Classes, Shape, classes_of, plain_style
from ctzgis.reporting.maps.column_words import column_word, reason_word, written
from ctzgis.reporting.maps.layers import Feature, MapLayer, Row
from ctzgis.texts import Lang, Text, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.reporting.style import Style


__all__ = ["county_layer", "frame_layers", "named_frames"]

_MAX_CARDS: Final = 20_000
_MAX_ROWS: Final = 5
_MAX_NAME: Final = 80
_RANKS: Final[dict[Shape, int]] = {"area": 15, "line": 45, "dot": 75}
_SHAPES: Final[dict[int, Shape]] = {0: "dot", 1: "line", 2: "area"}
# A frame whose coordinates are in another system lands far from where its own is used.
_FAR_DEG: Final = 5.0
_NAMES: Final = ("name", "name_zh", "name_en", "名称")
_UNLISTED: Final = frozenset({*_NAMES, "geometry", "reason"})


def named_frames(
    layers: "Mapping[str, gpd.GeoDataFrame] | gpd.GeoDataFrame", *, title: str
) -> "dict[str, gpd.GeoDataFrame]":
    """
    Return frames by the name of their layer.

    Raises
    ------
    InputError
        If what is given is neither a GeoDataFrame nor frames by name.
    """
    import geopandas as gpd

    named = {title: layers} if isinstance(layers, gpd.GeoDataFrame) else layers
    if not hasattr(named, "items"):
        msg = (
            f"layers is a {type(layers).__name__}; give a GeoDataFrame, or some by name"
        )
        raise InputError(msg)
    frames = {}
    for name, frame in named.items():
        if not isinstance(frame, gpd.GeoDataFrame):
            msg = (
                f"layer {name!r} is a {type(frame).__name__}; give a GeoDataFrame, "
                "e.g. by joining the table to its zones"
            )
            raise InputError(msg)
        frames[printable(str(name))[:_MAX_NAME]] = frame
    return frames


def frame_layers(
    frames: "Mapping[str, gpd.GeoDataFrame]",
    *,
    by: str | None,
    breaks: "Sequence[float] | None",
    label: str | None = None,
    shown: "Collection[str] | None" = None,
    lang: Lang,
    first: int = 0,
) -> tuple[MapLayer, ...]:
    """
    Draft a layer for each frame, those with the column in its classes.

    Parameters
    ----------
    frames
        Frames in any CRS, by the name of their layer.
    by
        Column that tells the class; a frame without it has one colour.
    breaks
        Limits between classes of numbers; ``None`` to find them, for each frame its own.
    label
        Column whose values are written on the map; ``None`` for none.
    shown
        Names of the layers that are on at first; ``None`` for all.
    lang
        Language of legends and cards.
    first
        How many layers the map has already, so that colours go on.

    Raises
    ------
    InputError
        If no frame has a column, no layer a name of those to be shown, or ``breaks``
        are wrong.
    CRSError
        If a frame has no CRS, or its coordinates cannot be in the one it states.
    """
    for column in (by, label):
        _require_column(frames, column)
    on = frames.keys() if shown is None else {str(name) for name in shown}
    if unknown := sorted(on - frames.keys()):
        msg = f"no layer is called {unknown[0]!r}; there are {', '.join(frames)}"
        raise InputError(msg)
    layers = (
        _layer(
            name,
            frame,
            by=by,
            breaks=breaks,
            label=label,
            lang=lang,
            order=first + order,
        )
        for order, (name, frame) in enumerate(frames.items())
    )
    return tuple(
        replace(layer, shown=name in on)
        for name, layer in zip(frames, layers, strict=True)
    )


def _require_column(
    frames: "Mapping[str, gpd.GeoDataFrame]", column: str | None
) -> None:
    if column is None or not frames or any(column in f for f in frames.values()):
        return
    columns = sorted({str(c) for f in frames.values() for c in f.columns})
    msg = f"no layer has a column {column!r}; there are {', '.join(columns)}"
    raise InputError(msg)


def county_layer(counties: "gpd.GeoDataFrame", lang: Lang) -> MapLayer:
    """
    Return counties, or other areas, as the backdrop of a map.

    Raises
    ------
    InputError, CRSError
        As :func:`named_frames` and :func:`frame_layers`.
    """
    name = Text("县（市、区）", "Counties").get(lang)
    (frame,) = named_frames({name: counties}, title=name).values()
    shapes = _in_degrees(frame, name)
    areas = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)
    rows = frame[areas]
    named = any(c in rows.columns for c in (f"name_{lang}", *_NAMES))
    features = tuple(
        Feature(
            geometry=shape, style="county", title=title, label=title if named else "",
            label_kind="county",
        )
        for shape, title in zip(shapes[areas], _titles(rows, lang), strict=True)
    )  # fmt: skip
    return MapLayer(
        id="counties", group="now", name=name, features=features, rank=0, shown=True,
        hover=False,
    )  # fmt: skip


def _layer(
    name: str,
    frame: "gpd.GeoDataFrame",
    *,
    by: str | None,
    breaks: "Sequence[float] | None",
    label: str | None,
    lang: Lang,
    order: int,
) -> MapLayer:
    shapes = _in_degrees(frame, name)
    drawable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    # Large areas first, so that none hides a small one.
    areas = shapely.area(np.asarray(frame.geometry.array)[drawable])
    order_drawn = np.argsort(-areas, kind="stable")
    rows, shapes = frame[drawable].iloc[order_drawn], shapes[drawable][order_drawn]
    kinds = [_SHAPES[int(d)] for d in shapely.get_dimensions(shapes)]
    if by is not None and by in frame.columns:
        reasons = rows["reason"] if "reason" in rows.columns else None
        classes = classes_of(rows[by], by, lang=lang, breaks=breaks, reasons=reasons)
    else:
        classes = _one_class(name, len(rows), order)
    many = len(rows) > _MAX_CARDS
    keys = [f"{kind}.{cls}" for kind, cls in zip(kinds, classes.of_row, strict=True)]
    features = (
        _merged(shapes, keys, classes, lang=lang)
        if many
        else _features(rows, shapes, keys, by=by, label=label, lang=lang)
    )
    present = dict.fromkeys(kinds)
    return MapLayer(
        id=f"data.{order}",
        group="data",
        name=_listed(name, len(rows), len(frame), lang),
        features=tuple(features),
        rank=min((_RANKS[kind] for kind in present), default=0) + min(order, 20),
        shown=True,
        digits=6,
        heading=classes.heading,
        styles={
            f"{kind}.{number}": _thin(looks[kind]) if many else looks[kind]
            for kind in present
            for number, looks in enumerate(classes.looks)
        },
    )


def _thin(style: "Style") -> "Style":
    """Return a style for very many: lines as thin, and dots as small, as still tell."""
    radius = None if style.radius_px is None else 0.5 * style.radius_px
    width = 0.4 * style.width_px
    return replace(style, width_px=width, radius_px=radius)


def _in_degrees(frame: "gpd.GeoDataFrame", name: str) -> "NDArray[np.object_]":
    """Return the shapes of a frame in degrees, if that is where they can be."""
    import pyproj.exceptions

    if frame.crs is None:
        msg = (
            f"layer {name!r} has no CRS; name the one its coordinates are in, "
            "e.g. `.set_crs('EPSG:4547')`"
        )
        raise CRSError(msg)
    try:
        degrees = frame.geometry.to_crs(GEOGRAPHIC_CRS)
    except pyproj.exceptions.ProjError as error:
        msg = f"layer {name!r} cannot be converted from {frame.crs.name} to degrees"
        raise CRSError(msg) from error
    shapes: NDArray[np.object_] = shapely.force_2d(
        np.asarray(degrees.array, dtype=object)
    )
    bounds = degrees.total_bounds
    if np.isnan(bounds).all():  # nothing to draw
        return shapes
    used = frame.crs.area_of_use
    west, south, east, north = used.bounds if used else (-180, -90, 180, 90)
    far = (
        bounds[2] < west - _FAR_DEG
        or bounds[0] > east + _FAR_DEG
        or bounds[3] < south - _FAR_DEG
        or bounds[1] > north + _FAR_DEG
    )
    if not np.isfinite(bounds).all() or far or np.abs(bounds[1::2]).max() > 90:
        msg = (
            f"layer {name!r} says it is in {frame.crs.name}, but its coordinates, "
            f"{frame.total_bounds.round(3).tolist()}, cannot be; name the right CRS, "
            "e.g. `.set_crs('EPSG:4326', allow_override=True)`"
        )
        raise CRSError(msg)
    return shapes


def _one_class(name: str, count: int, order: int) -> Classes:
    return Classes(
        heading="",
        labels=(name,),
        looks=(plain_style(order, name),),
        of_row=np.zeros(count, dtype=np.int64),
    )


def _listed(name: str, drawn: int, given: int, lang: Lang) -> str:
    """Return the name of a layer, with a note of what could not be drawn."""
    if not drawn:
        return name + Text("（无要素）", " (nothing to draw)").get(lang)
    if drawn < given:
        missing = given - drawn
        note = Text(f"（{missing}个要素无图形）", f" ({missing} without a shape)")
        return name + note.get(lang)
    return name


def _features(
    rows: "gpd.GeoDataFrame",
    shapes: "NDArray[np.object_]",
    keys: list[str],
    *,
    by: str | None,
    label: str | None,
    lang: Lang,
) -> list[Feature]:
    columns = _card_columns(rows, by)
    words = [column_word(column, lang) for column in columns]
    cells = [rows[column].tolist() for column in columns]
    titles = _titles(rows, lang)
    labels = _labels(rows, label, lang)
    if by in columns and "reason" in rows.columns:
        why = [reason_word(reason, lang) for reason in rows["reason"]]
        place = columns.index(by)
        cells[place] = [
            text if text and pd.isna(value) else value
            for text, value in zip(why, cells[place], strict=True)
        ]
    return [
        Feature(
            geometry=shape,
            style=key,
            title=title,
            label=beside,
            label_kind="town",
            rows=tuple(
                _row(word.label, written(value, word, lang))
                for word, value in zip(words, values, strict=True)
            ),
        )
        for shape, key, title, beside, *values in zip(
            shapes, keys, titles, labels, *cells, strict=True
        )
    ]


def _labels(rows: "gpd.GeoDataFrame", column: str | None, lang: Lang) -> list[str]:
    """Return what is written beside each row; nothing without a column or a value."""
    if column is None or column not in rows.columns:
        return [""] * len(rows)
    word = column_word(column, lang)
    return [
        "" if pd.isna(value) else written(value, word, lang) for value in rows[column]
    ]


def _row(label: str, value: str) -> Row:
    return label[:1].upper() + label[1:], value


def _card_columns(rows: "gpd.GeoDataFrame", by: str | None) -> list[str]:
    """Return the columns a card lists: the one shown, and the first few others."""
    others = [
        str(column)
        for column in rows.columns
        if column not in _UNLISTED
        and column not in (by, rows.geometry.name)
        and not str(column).startswith("name_")
    ]
    first = [by] if by is not None and by in rows.columns else []
    return [*first, *others][:_MAX_ROWS]


def _titles(rows: "gpd.GeoDataFrame", lang: Lang) -> list[str]:
    """Return what each row is called: its name, in the other language if need be."""
    columns = [c for c in (f"name_{lang}", *_NAMES) if c in rows.columns]
    names = pd.Series(
        [str(label) for label in rows.index], index=rows.index, dtype=object
    )
    for column in reversed(columns):
        texts = rows[column].astype(object)
        stated = texts.map(lambda text: isinstance(text, str) and bool(text.strip()))
        names = names.where(~stated.astype(bool), texts)
    return [printable(str(name)).strip()[:_MAX_NAME] for name in names]


def _merged(
    shapes: "NDArray[np.object_]", keys: list[str], classes: Classes, *, lang: Lang
) -> list[Feature]:
    """Return one feature a class: a page cannot hold a card for each of so many."""
    count = Text("要素数", "Features").get(lang)
    names = np.asarray(keys)
    features = []
    for key in dict.fromkeys(keys):
        chosen = shapes[names == key]
        parts = shapely.get_parts(chosen)
        build = {
            "dot": shapely.multipoints,
            "line": shapely.multilinestrings,
            "area": shapely.multipolygons,
        }[key.partition(".")[0]]
        features.append(
            Feature(
                geometry=build(parts),
                style=key,
                title=classes.labels[int(key.partition(".")[2])],
                rows=((count, f"{len(chosen):,}"),),
            )
        )
    return features
