"""Layers of a plan's geometry: which there are and what each must hold (几何图层)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS
from ctzgis.errors import PlanError
from ctzgis.plan.places import CHINA_DEG

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

__all__ = ["LAYERS", "LayerKind", "checked_layer", "empty_layer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerKind:
    """
    What a layer of geometry must hold.

    Attributes
    ----------
    key
        Column that names the entry a row belongs to, or identifies the row.
    unique
        Whether the key indexes the layer, so that no two rows share it.
    texts, numbers, flags
        Columns that must hold a text, a number above zero, true or false in each row.
    figures
        Columns that hold a number or nothing, as NaN; added where they are missing.
    areas
        Whether every geometry must be a polygon.
    """

    key: str
    unique: bool = True
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ("accuracy_m",)
    flags: tuple[str, ...] = ("schematic",)
    figures: tuple[str, ...] = ()
    areas: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, the key first."""
        return (self.key, *self.texts, *self.numbers, *self.flags, *self.figures)


_NAMES: Final = ("name_zh", "name_en")
_SHAPE: Final = ("half_width_m",)

LAYERS: "Final[Mapping[str, LayerKind]]" = {
    "counties": LayerKind(
        key="code",
        texts=(*_NAMES, "city_zh", "city_en"),
        numbers=(),
        flags=(),
        areas=True,
    ),
    "structure": LayerKind(
        key="element_id", unique=False, texts=("role", "source"), figures=_SHAPE
    ),
    "extents": LayerKind(
        key="extent_id", texts=("source",), figures=_SHAPE, areas=True
    ),
    "corridors": LayerKind(
        key="corridor_id", unique=False, texts=("source",), figures=_SHAPE
    ),
    "protected": LayerKind(
        key="id",
        texts=("zone", "zone_zh", "zone_en", "source"),
        numbers=("accuracy_m", "regime"),
        figures=("stated_area_km2",),
        areas=True,
    ),
    "built_up": LayerKind(key="centre_id", texts=(*_NAMES, "source"), areas=True),
    "water": LayerKind(key="id", texts=(*_NAMES, "kind", "source")),
}
"""Layers of geometry a plan may have."""


def checked_layer(
    name: str, layer: "gpd.GeoDataFrame", file: str
) -> "gpd.GeoDataFrame":
    """
    Return a layer in the region's CRS once it holds what its kind must hold.

    Parameters
    ----------
    name
        Which of ``LAYERS`` it is.
    layer
        As it was read.
    file
        What it was read from, for the message.

    Raises
    ------
    PlanError
        If it has no CRS, a column is missing, a value is of the wrong kind, a key
        stands twice, or a geometry is missing, empty, invalid or outside China; the
        message names file, row and reason.
    """
    kind = LAYERS[name]
    layer = layer.assign(
        **{column: math.nan for column in kind.figures if column not in layer}
    )
    missing = [column for column in kind.columns if column not in layer]
    if missing:
        msg = f"{file}: layer '{name}' has no column {', '.join(map(repr, missing))}"
        raise PlanError(msg)
    if layer.crs is None:
        msg = f"{file}: layer '{name}' does not say its coordinate reference system"
        raise PlanError(msg)
    keys = layer[kind.key]
    for reason, wrong in (*_wrong_values(kind, layer), *_wrong_shapes(kind, layer)):
        if wrong.any():
            msg = f"{file}, entry '{keys[wrong].iloc[0]}': {reason}"
            raise PlanError(msg)
    figures = {column: layer[column].astype(float) for column in kind.figures}
    return layer.assign(**figures).to_crs(REGION_CRS)


def empty_layer(name: str) -> "gpd.GeoDataFrame":
    """Return a layer without rows, with the columns of its kind."""
    import geopandas as gpd

    columns: dict[str, list[object]] = {column: [] for column in LAYERS[name].columns}
    return gpd.GeoDataFrame(columns, geometry=[], crs=REGION_CRS)


def _wrong_values(
    kind: LayerKind, layer: "gpd.GeoDataFrame"
) -> "list[tuple[str, pd.Series[bool]]]":
    """Return reasons, each with the rows it holds for."""
    import numpy as np
    import pandas as pd

    def is_text(value: object) -> bool:
        return isinstance(value, str) and bool(value.strip())

    def is_flag(value: object) -> bool:
        return isinstance(value, (bool, np.bool_))

    found = [
        (f"'{column}' is not a text", ~layer[column].map(is_text).astype(bool))
        for column in (kind.key, *kind.texts)
    ]
    for column in kind.numbers:
        number = pd.to_numeric(layer[column], errors="coerce")
        fits = (number > 0) & (number < np.inf)
        found.append((f"'{column}' is not a number above zero", ~fits))
    for column in kind.flags:
        fits = layer[column].map(is_flag).astype(bool)
        found.append((f"'{column}' is not true or false", ~fits))
    for column in kind.figures:
        number = pd.to_numeric(layer[column], errors="coerce")
        found.append(
            (f"'{column}' is not a number", number.isna() & layer[column].notna())
        )
    if kind.unique:
        found.append(
            (f"its '{kind.key}' stands twice", layer[kind.key].duplicated(keep=False))
        )
    return found


def _wrong_shapes(
    kind: LayerKind, layer: "gpd.GeoDataFrame"
) -> "list[tuple[str, pd.Series[bool]]]":
    """Return reasons, each with the rows it holds for."""
    import shapely

    shapes = layer.geometry
    west, south, east, north = CHINA_DEG
    at = layer.to_crs(GEOGRAPHIC_CRS).bounds
    inside = (
        (at["minx"] >= west)
        & (at["maxx"] <= east)
        & (at["miny"] >= south)
        & (at["maxy"] <= north)
    )
    found = [
        (
            "its geometry is missing or empty",
            shapes.is_empty | shapely.is_missing(shapes.array),
        ),
        ("its geometry lies outside China; are CRS and axes right?", ~inside),
        ("its geometry crosses itself or is otherwise invalid", ~shapes.is_valid),
    ]
    if kind.areas:
        areas = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
        found.append(("its geometry is not a polygon", ~areas))
    return found
