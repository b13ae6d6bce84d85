"""A user's own road layer into a network: mapped, placed, cut where lines meet (自有路网)."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import InputError, SchemaError
from ctzgis.network.building import roads_of_lines
from ctzgis.network.roads import RoadNetwork
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.csv_tables import open_end, read_csv_table
from ctzgis.sources.formats.field_names import guessed_field
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import VectorLayer, read_vector
from ctzgis.sources.places.placing import crs_label, placed
from ctzgis.sources.roads.field_words import written
from ctzgis.sources.roads.fields import field_mapping, road_columns
from ctzgis.sources.roads.written import is_written, roads_as_written
from ctzgis.tables import ROADS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from ctzgis.provenance import Source
    from ctzgis.sources.places.datum import Datum
    from ctzgis.sources.places.placing import Axes, BBox, Placed
    from ctzgis.sources.roads.fields import MappingLike

__all__ = ["LayerOptions", "read_road_layer"]

_EDGES, _NODES = "edges.csv", "nodes.csv"
_IDS: Final = ("id", "nodeid", "osmid", "编号", "节点号", "节点编号")
_LONS: Final = ("lon", "lng", "longitude", "x", "经度")
_LATS: Final = ("lat", "latitude", "y", "纬度")
_FROMS: Final = ("from", "u", "fromid", "source", "fromnode", "起点", "起节点")
_TOS: Final = ("to", "v", "toid", "target", "tonode", "终点", "终节点")
_LENGTHS: Final = ("lengthm", "length", "shapelength", "shapeleng", "长度")

_LINES: Final = (1, 5)  # shapely's types LineString and MultiLineString
_SHOWN: Final = 3
_LENGTH_TOLERANCE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerOptions:
    """How a road layer is read; the arguments of ``read_network``."""

    mapping: "MappingLike" = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    axes: "Axes" = "xy"
    datum: "Datum" = "wgs84"
    bbox: "BBox | None" = None
    to_crs: str | None = None
    gap_m: float = 0.0
    at_crossings: bool = False

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that differ from what they are if not given."""
        plain = LayerOptions()
        names = [option.name for option in fields(self)]
        return tuple(n for n in names if getattr(self, n) != getattr(plain, n))


def read_road_layer(path: "Path", options: LayerOptions) -> RoadNetwork:
    """
    Read a road layer into a network.

    Parameters
    ----------
    path
        A vector file, or a folder with ``nodes.csv`` and ``edges.csv``. A file that
        ``write_network`` has written gives back its network.

    Raises
    ------
    SourceError, SchemaError, CRSError, InputError
        If the file cannot be read, holds no lines, or what it holds cannot be trusted.
    """
    if not (np.isfinite(options.gap_m) and options.gap_m >= 0):
        msg = f"gap_m is {options.gap_m}; metres, 0 or more, are expected"
        raise InputError(msg)
    if path.is_dir() and (path / _EDGES).is_file():
        found, crs = _lines_between_nodes(path)
        sources: tuple[Path, ...] = (path / _EDGES, path / _NODES)
    else:
        found, crs = (
            read_vector(path, layer=options.layer, encoding=options.encoding),
            None,
        )
        sources = (path,)
    if is_written(found.frame):
        return _as_written(found, path, options)
    lines, changes = _only_lines(found.frame, path.name)
    if len(sources) > 1:
        changes += [change for table in sources for change in open_end(table)]
    spot = placed(
        lines,
        path.name,
        crs=options.crs or crs,
        axes=options.axes,
        datum=options.datum,
        bbox=options.bbox,
        to_crs=options.to_crs,
    )
    return _network(found, spot, changes, options, sources)


def _as_written(found: VectorLayer, path: "Path", options: LayerOptions) -> RoadNetwork:
    own = found.frame.crs
    same = options.to_crs is not None and own == options.to_crs
    taken = ("layer", "to_crs") if same else ("layer",)
    if unused := [name for name in options.given if name not in taken]:
        msg = (
            f"{path.name} is a network that ctzgis has written, in {crs_label(own)}; it "
            f"takes no {', '.join(unused)}: give them when the layer itself is read"
        )
        raise InputError(msg)
    return roads_as_written(found.frame, path)


def _network(
    found: VectorLayer,
    spot: "Placed",
    changes: list[Change],
    options: LayerOptions,
    paths: "tuple[Path, ...]",
) -> RoadNetwork:
    import geopandas as gpd

    frame, name = spot.frame, paths[0].name
    mapping = field_mapping(
        options.mapping, found.frame.columns.drop(found.frame.geometry.name), name
    )
    columns, backward, noticed = road_columns(frame, mapping, name)
    shapes = np.asarray(frame.geometry.array)
    shapes = np.where(backward, shapely.reverse(shapes), shapes)
    lines = gpd.GeoDataFrame(
        columns.assign(row=frame.index), geometry=shapes, crs=frame.crs
    )
    roads, junctions, joined = roads_of_lines(
        lines, gap_m=options.gap_m, at_crossings=options.at_crossings
    )
    if roads.empty:
        told = "; ".join(map(str, joined))
        raise SchemaError(ROADS.name, [f"no line of {name} has a length ({told})"])
    report = ReadReport(
        rows_in=len(found.frame),
        rows_kept=roads["row"].nunique(),
        unit=Text("条线", "lines"),
        changes=(
            *changes,
            *spot.changes,
            *noticed,
            *_stated_lengths(frame),
            *joined,
        ),
        crs_in=spot.crs_in,
        crs_out=spot.crs_out,
        datum="" if options.datum == "wgs84" else options.datum,
        encoding=found.encoding,
        fields=mapping.told,
    )
    return RoadNetwork(roads, junctions, _sources(paths, report, found.notes))


def _sources(
    paths: "tuple[Path, ...]", report: ReadReport, notes: tuple[str, ...]
) -> "tuple[Source, ...]":
    what = Text("用户提供的道路图层", "road layer given by the user")
    first = file_source(
        paths[0], what=what, crs=report.crs_in, notes=notes, report=report
    )
    return (first, *(file_source(path, what=what) for path in paths[1:]))


def _only_lines(
    frame: "gpd.GeoDataFrame", name: str
) -> "tuple[gpd.GeoDataFrame, list[Change]]":
    """Return single plane lines with finite coordinates; what else there was is told."""
    if frame.empty:
        raise SchemaError(ROADS.name, [f"{name} holds no rows"])
    frame = frame.reset_index(drop=True)
    shapes = np.asarray(frame.geometry.array)
    kinds = shapely.get_type_id(shapes)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    other = ~missing & ~np.isin(kinds, _LINES)
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    undefined = np.zeros(len(shapes), dtype=bool)
    undefined[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    undefined &= ~other & ~missing
    changes = []
    for what, rows in (
        (Text("没有图形的行", "rows without geometry"), missing),
        (Text("不是线的行", "rows that are no lines"), other),
        (Text("坐标无定义的线", "lines with undefined coordinates"), undefined),
    ):
        if rows.any():
            shown = tuple(map(str, np.flatnonzero(rows)[:_SHOWN]))
            changes.append(
                Change(action="dropped", what=what, count=int(rows.sum()), rows=shown)
            )
    keep = ~(missing | other | undefined)
    if not keep.any():
        told = "; ".join(map(str, changes))
        raise SchemaError(ROADS.name, [f"{name} holds no lines ({told})"])
    kept = frame[keep]
    kept = kept.set_geometry(shapely.force_2d(np.asarray(kept.geometry.array)))
    return kept.explode(index_parts=False), changes


def _stated_lengths(frame: "gpd.GeoDataFrame") -> list[Change]:
    """Notice rows whose own field of lengths contradicts their geometry."""
    name = guessed_field(frame.columns, _LENGTHS)
    if name is None or frame.index.has_duplicates:
        return []
    stated = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
    drawn = frame.length.to_numpy()
    known = np.isfinite(stated)
    # Lengths in km or degrees differ by one factor, which is not a contradiction.
    ratio = stated[known & (drawn > 0)] / drawn[known & (drawn > 0)]
    if not len(ratio):
        return []
    factor = np.median(ratio) if (ratio > 0).mean() > 0.5 else 1.0
    off = known & (
        np.abs(stated - factor * drawn) > _LENGTH_TOLERANCE * factor * drawn + 1
    )
    if not off.any():
        return []
    what = Text(
        f"字段 '{name}' 中与图形不符的长度，以图形为准",
        f"lengths in field '{name}' that contradict the geometry, which counts",
    )
    shown = tuple(map(str, frame.index[off][:_SHOWN]))
    return [Change(action="noticed", what=what, count=int(off.sum()), rows=shown)]


def _lines_between_nodes(folder: "Path") -> tuple[VectorLayer, str | None]:
    """Draw straight lines between the nodes of two CSV tables."""
    import geopandas as gpd

    nodes, said = read_csv_table(folder / _NODES)
    edges, _ = read_csv_table(folder / _EDGES)
    key, x, y = (
        _required(nodes, wanted, folder / _NODES) for wanted in (_IDS, _LONS, _LATS)
    )
    ends = [_required(edges, wanted, folder / _EDGES) for wanted in (_FROMS, _TOS)]
    columns = [nodes[key], *(edges[end] for end in ends)]
    if not all(pd.api.types.is_numeric_dtype(column) for column in columns):
        # A column of numbers beside one of texts: both are what is written.
        nodes[key] = nodes[key].map(written)
        edges[ends] = edges[ends].map(written)
    for table, column, file in (
        (nodes, key, _NODES),
        *((edges, end, _EDGES) for end in ends),
    ):
        # Else the node without an id would be that of every road without one.
        if (missing := table[column].isna()).any():
            row = int(np.flatnonzero(missing)[0]) + 2
            msg = f"{folder / file}: '{column}' is empty in row {row}"
            raise InputError(msg)
    if nodes[key].duplicated().any():
        twice = nodes.loc[nodes[key].duplicated(), key].iloc[0]
        msg = f"{folder / _NODES}: {key} {twice} is there twice"
        raise InputError(msg)
    xy = pd.DataFrame({axis: _numbers(nodes[axis]) for axis in (x, y)})
    xy = xy.set_axis(nodes[key])
    for end in ends:
        unknown = ~edges[end].isin(xy.index)
        if unknown.any():
            row = int(np.flatnonzero(unknown)[0])
            msg = (
                f"{folder / _EDGES}: {int(unknown.sum()):,} rows name a node that is "
                f"missing, e.g. {edges[end].iloc[row]} in row {row + 2}"
            )
            raise InputError(msg)
    spots = np.stack([xy.loc[edges[end]].to_numpy() for end in ends], axis=1)
    with np.errstate(invalid="ignore"):
        lines = shapely.linestrings(spots)
    degrees = _plain_degrees(x) and _plain_degrees(y)
    frame = gpd.GeoDataFrame(edges, geometry=lines)
    return VectorLayer(frame, said), GEOGRAPHIC_CRS if degrees else None


def _numbers(column: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the numbers of a column, NaN for all else."""
    # A column of nothing but "true" is read as truth values, which are no numbers.
    truth = pd.api.types.is_bool_dtype(column)
    texts = column.astype(str) if truth else column
    return pd.to_numeric(texts, errors="coerce").astype(float)


def _plain_degrees(name: str) -> bool:
    return name.lower() not in ("x", "y")


def _required(table: pd.DataFrame, wanted: tuple[str, ...], path: "Path") -> str:
    found = guessed_field(table.columns, wanted)
    if found is None:
        msg = (
            f"{path} has no column like {', '.join(map(repr, wanted[:3]))}; it has "
            f"{', '.join(map(str, table.columns[:10]))}"
        )
        raise InputError(msg)
    return found
