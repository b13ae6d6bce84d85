"""Make the layers of a map light enough to open at once (地图减重)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.reporting.maps.layers import Feature, MapLayer
from ctzgis.reporting.maps.packing import is_packed, packed_size
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ctzgis.reporting.maps.shared_lines import SharedLines

__all__ = ["LAYERS_BYTES", "Lightened", "lightened", "size_bytes"]

LAYERS_BYTES: Final = 7_500_000
"""What the layers of a map may weigh, so that the page stays within 8 MB."""

_TOLERANCES_M: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_GRID_DIGITS: Final = 6
_HEAVY_BYTES: Final = 200_000
_MANY: Final = 2_000
_METRES_PER_DEGREE: Final = 111_320.0
_CARD_BYTES: Final = 40
_POINT_BYTES: Final = 11  # brackets, commas, and what stands before the decimals


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lightened:
    """
    Layers of a map, and what was done to make them light.

    Attributes
    ----------
    layers
        All layers, in their order.
    tolerance_m
        How far a drawn line may lie from the true one; 0 if none was simplified.
    simplified
        Names of the layers that were simplified.
    dropped_points, all_points
        Points left out, and points before, of these layers.
    merged
        Roads that are drawn as one line per class instead of one by one.
    within_budget
        Whether the layers weigh no more than they may.
    """

    layers: tuple[MapLayer, ...]
    tolerance_m: float = 0.0
    simplified: tuple[str, ...] = ()
    dropped_points: int = 0
    all_points: int = 0
    merged: int = 0
    within_budget: bool = True

    def note(self, lang: Lang) -> str:
        """Return what a reader must be told; empty if the map shows all there is."""
        told = []
        if self.simplified:
            names = Text("、", ", ").get(lang).join(self.simplified)
            told.append(
                Text(
                    f"线形偏离不超过 {self.tolerance_m:g} 米（{names}）",
                    f"lines within {self.tolerance_m:g} m of their course ({names})",
                )
            )
        if self.merged > _MANY:
            told.append(
                Text(
                    f"{self.merged:,} 条道路按等级合并绘制",
                    f"{self.merged:,} roads drawn as one line per class",
                )
            )
        if not self.within_budget:
            told.append(Text("数据量仍偏大", "still larger than advised"))
        if not told:
            return ""
        said = Text("；", "; ").get(lang).join(text.get(lang) for text in told)
        return Text(
            f"显示已简化：{said}。量算仍用原始数据",
            f"Display simplified: {said}. Measured on the data as given",
        ).get(lang)


def lightened(
    layers: "Sequence[MapLayer]", *, budget_bytes: int = LAYERS_BYTES
) -> Lightened:
    """
    Return layers that weigh no more than a budget, simplified as little as that takes.

    Layers within the budget stay as they are. Else tolerances from 0.5 to 64 m are
    tried, the finest first, on all layers above 200 kB at once. Points where lines meet
    or end stay where they are, borders that areas share stay shared, nothing vanishes,
    and no two lines meet that did not before (positions are taken to 1e-6°). Points of
    lighter layers hold on to what passes through them.

    Parameters
    ----------
    layers
        In EPSG:4326; they stay as they are.
    budget_bytes
        What they may weigh in a page.

    Examples
    --------
    >>> import shapely
    >>> from ctzgis.reporting.maps.layers import Feature, MapLayer
    >>> bends = [(113 + k / 1e5, 28 + (k % 2) / 1e6) for k in range(40_000)]
    >>> road = Feature(geometry=shapely.LineString(bends), style="streets", title="a")
    >>> layer = MapLayer(id="a", group="now", name="A", features=(road,), rank=1)
    >>> light = lightened([layer], budget_bytes=50_000)
    >>> light.tolerance_m, light.note("en")
    (0.5, 'Display simplified: lines within 0.5 m of their course (A). Measured on ...')
    """
    merged = sum(feature.stands_for for layer in layers for feature in layer.features)
    sizes = [size_bytes(layer) for layer in layers]
    if sum(sizes) <= budget_bytes:
        return Lightened(layers=tuple(layers), merged=merged)
    heavy = _to_simplify(layers, sizes, budget_bytes)
    if not heavy:
        return Lightened(layers=tuple(layers), merged=merged, within_budget=False)
    rest = sum(size for k, size in enumerate(sizes) if k not in heavy)
    drawing = _Drawing.of(layers, heavy)
    for tolerance_m in _TOLERANCES_M:
        last = tolerance_m == _TOLERANCES_M[-1]
        rough = drawing.drawn(drawing.lines.roughly(tolerance_m))
        if rest + _weight(rough, heavy) > budget_bytes and not last:
            continue
        # Where lines would cross, points come back, so that it may be too much after all.
        done = drawing.drawn(drawing.lines.kept(tolerance_m))
        fits = rest + _weight(done, heavy) <= budget_bytes
        if fits or last:
            break
    before, after = (sum(_points(of[k]) for k in heavy) for of in (layers, done))
    return Lightened(
        layers=done,
        tolerance_m=tolerance_m,
        simplified=tuple(layers[k].name for k in heavy),
        dropped_points=before - after,
        all_points=before,
        merged=merged,
        within_budget=fits,
    )


def _to_simplify(
    layers: "Sequence[MapLayer]", sizes: "Sequence[int]", budget_bytes: int
) -> list[int]:
    """Return which layers with lines or areas are heavy, or all of them if none is."""
    able = [
        k
        for k, layer in enumerate(layers)
        if any(_kind(f.geometry.geom_type) is not None for f in layer.features)
    ]
    least = min(_HEAVY_BYTES, budget_bytes // 4)
    return [k for k in able if sizes[k] > least] or able


def size_bytes(layer: MapLayer) -> int:
    """
    Return what a layer will weigh in a page, labels left out.

    Packed lines are counted to the byte, GeoJSON by its points.
    """
    shapes = np.array([feature.geometry for feature in layer.features], dtype=object)
    packs = np.array([is_packed(shape) for shape in shapes], dtype=bool)
    points = int(shapely.get_num_coordinates(shapes[~packs]).sum())
    lines = shapely.get_parts(shapes[packs])
    return (
        sum(_card(feature) for feature in layer.features)
        + points * (2 * layer.digits + _POINT_BYTES)
        + packed_size(lines, digits=layer.digits)
    )


def _card(feature: Feature) -> int:
    texts = [feature.title, *(text for row in feature.rows for text in row)]
    return _CARD_BYTES + sum(6 + len(text.encode()) for text in texts)


def _weight(layers: "Sequence[MapLayer]", heavy: "Sequence[int]") -> int:
    return sum(size_bytes(layers[k]) for k in heavy)


def _points(layer: MapLayer) -> int:
    shapes = [feature.geometry for feature in layer.features]
    return int(shapely.get_num_coordinates(shapes).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """
    The layers to be simplified, as points that stay or go.

    Attributes
    ----------
    layers
        All layers.
    places
        Layer and number in it of each line, and of each area.
    offsets
        Of lines (0) and areas (1), if there are any, as shapely's ragged arrays have them.
    lines
        The points of all of them, lines first.
    """

    layers: tuple[MapLayer, ...]
    places: tuple[list[tuple[int, int]], list[tuple[int, int]]]
    offsets: "Mapping[int, tuple[NDArray[np.int64], ...]]"
    lines: "SharedLines"

    @classmethod
    def of(cls, layers: "Sequence[MapLayer]", heavy: "Sequence[int]") -> "_Drawing":
        from ctzgis.reporting.maps.shared_lines import shared_lines

        by_kind: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        pinned = []
        for k, layer in enumerate(layers):
            for n, feature in enumerate(layer.features):
                kind = _kind(feature.geometry.geom_type)
                if k in heavy and kind is not None:
                    by_kind[kind].append((k, n))
                else:
                    pinned.append(feature.geometry)
        whole, starts, is_ring = [], [np.zeros(1, dtype=np.int64)], []
        offsets: dict[int, tuple[NDArray[np.int64], ...]] = {}
        for kind, places in enumerate(by_kind):
            if not places:
                continue
            shapes = np.array(
                [layers[k].features[n].geometry for k, n in places], dtype=object
            )
            multi = _as_multi(shapes, kind)
            _, xy, ragged = shapely.to_ragged_array(multi, include_z=False)
            steps = tuple(part.astype(np.int64) for part in ragged)
            starts.append(steps[0][1:] + starts[-1][-1])
            is_ring.append(np.full(len(steps[0]) - 1, kind == 1))
            whole.append(_whole(xy))
            offsets[kind] = steps
        points = np.concatenate(whole)
        middle = np.radians(points[:, 1].mean() / 10**_GRID_DIGITS)
        step_m = _METRES_PER_DEGREE / 10**_GRID_DIGITS
        lines = shared_lines(
            points,
            np.concatenate(starts),
            is_ring=np.concatenate(is_ring),
            fixed=_whole(shapely.get_coordinates(pinned)),
            metres=(step_m * float(np.cos(middle)), step_m),
            least_m=_TOLERANCES_M[0],
        )
        return cls(tuple(layers), by_kind, offsets, lines)

    def drawn(self, stays: "NDArray[np.bool_]") -> tuple[MapLayer, ...]:
        """Return all layers with the points that stay."""
        new: dict[tuple[int, int], Any] = {}
        at = 0
        types = (
            shapely.GeometryType.MULTILINESTRING,
            shapely.GeometryType.MULTIPOLYGON,
        )
        for kind, steps in self.offsets.items():
            here = slice(at, at := at + int(steps[0][-1]))
            kept = stays[here]
            sums = np.concatenate([[0], np.cumsum(kept)])
            xy = self.lines.whole[here][kept] / 10**_GRID_DIGITS
            shapes = shapely.from_ragged_array(
                types[kind], xy, (sums[steps[0]], *steps[1:])
            )
            new.update(zip(self.places[kind], shapes, strict=True))
        return tuple(
            replace(
                layer,
                features=tuple(
                    replace(f, geometry=new[k, n]) if (k, n) in new else f
                    for n, f in enumerate(layer.features)
                ),
            )
            for k, layer in enumerate(self.layers)
        )


def _kind(geom_type: str) -> int | None:
    """Return 0 for lines, 1 for areas."""
    if geom_type.endswith("LineString"):
        return 0
    return 1 if geom_type.endswith("Polygon") else None


def _as_multi(shapes: "NDArray[Any]", kind: int) -> "NDArray[Any]":
    parts, owner = shapely.get_parts(shapes, return_index=True)
    build = shapely.multipolygons if kind else shapely.multilinestrings
    multi: NDArray[Any] = build(parts, indices=owner)
    return multi


def _whole(degrees: "NDArray[np.float64]") -> "NDArray[np.int64]":
    whole: NDArray[np.int64] = np.rint(degrees * 10**_GRID_DIGITS).astype(np.int64)
    return whole
