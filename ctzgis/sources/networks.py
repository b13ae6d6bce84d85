"""Read networks: the strategic one that ships, and a user's street layer (路网读取)."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import region_transformer, require_metric
from ctzgis.errors import InputError, SchemaError
from ctzgis.network import RoadNetwork, Stop, TransitLine, TravelNetwork
from ctzgis.sources.files import (
    data_folder,
    file_source,
    in_region,
    layers_note,
    read_csv_rows,
    read_layer,
)
from ctzgis.tables import STREETS

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.provenance import Source

__all__ = ["StreetLayer", "read_network", "read_streets"]

# A plan's region seen from its own centre never spans half the globe.
_DEGREES_LIKE: Final = 360.0

_STREET_COLUMNS: Final = ("road_class", "name_zh")
_LINE_COLUMNS: Final = (
    "line_id", "name_zh", "mode", "status", "opens", "closes", "headway_peak_min",
    "headway_offpeak_min", "corridor_ids", "project_id", "replaces",
    "official_length_km",
)  # fmt: skip
_STOP_COLUMNS: Final = (
    "line_id", "seq", "station_id", "name_zh", "lon", "lat", "run_min_to_next",
    "dwell_min", "via_to_next",
)  # fmt: skip


def read_network(folder: Path | None = None) -> TravelNetwork:
    """
    Read the strategic road and rail network that ships with the library.

    Parameters
    ----------
    folder
        Folder with the network's four files, instead of the shipped one.

    Returns
    -------
    TravelNetwork
        Every road and line from 2015 to those planned, in EPSG:4547; ask
        ``.at(year)`` for the network of a year. Schematic: positions ±50 m to ±6 km.

    Raises
    ------
    SourceError
        If a file is missing or cannot be read.
    SchemaError, InputError
        If the tables contradict themselves.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> read_network().at(2020)
    <TravelNetwork: 485 roads, 397 junctions, 4210.9 km, 16 lines>
    """
    base = folder or data_folder() / "networks"
    roads = _indexed_layer(base / "roads.geojson", "road_id")
    junctions = _indexed_layer(base / "junctions.geojson", "junction_id")
    names = ("roads.geojson", "junctions.geojson", "lines.csv", "stops.csv")
    return TravelNetwork(
        RoadNetwork(
            roads,
            junctions,
            tuple(file_source(base / name) for name in names),
        ),
        _lines(base),
    )


def _indexed_layer(path: Path, column: str) -> "gpd.GeoDataFrame":
    layer = read_layer(path)
    if column not in layer:
        raise SchemaError(path.name, [f"column '{column}' is missing"])
    return in_region(layer.set_index(column), path.name)


def _lines(base: Path) -> tuple[TransitLine, ...]:
    to_region = region_transformer()
    stops: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_csv_rows(base / "stops.csv", *_STOP_COLUMNS):
        stops[row["line_id"]].append(row)
    lines = []
    for row in read_csv_rows(base / "lines.csv", *_LINE_COLUMNS):
        key = row["line_id"]
        try:
            in_order = sorted(stops[key], key=lambda stop: int(stop["seq"]))
            lines.append(_line(row, in_order, to_region))
        except (ValueError, TypeError) as error:
            msg = f"lines.csv and stops.csv, line '{key}': {error}"
            raise InputError(msg) from error
    return tuple(lines)


def _line(
    row: dict[str, str], rows: list[dict[str, str]], to_region: Any
) -> TransitLine:
    import shapely

    spots = [(float(stop["lon"]), float(stop["lat"])) for stop in rows]
    sections = []
    for stop, here, there in zip(rows, spots, spots[1:], strict=False):
        via = [
            tuple(map(float, pair.split()))
            for pair in stop["via_to_next"].split(";")
            if pair.strip()
        ]
        sections.append(
            shapely.LineString(list(to_region.itransform([here, *via, there])))
        )
    corridors = {}
    for tag in filter(None, row["corridor_ids"].split(";")):
        name, _, part = tag.partition("@")
        first, last = (
            (int(n) - 1 for n in part.split("-")) if part else (0, len(rows) - 1)
        )
        corridors[name] = (first, last)
    return TransitLine(
        id=row["line_id"],
        name_zh=row["name_zh"],
        mode=row["mode"],  # type: ignore[arg-type]
        stops=tuple(
            Stop(
                station_id=stop["station_id"],
                name_zh=stop["name_zh"],
                point=shapely.Point(to_region.transform(*spot)),
                run_min=float(stop["run_min_to_next"] or 0),
                dwell_min=float(stop["dwell_min"] or 0),
            )
            for stop, spot in zip(rows, spots, strict=True)
        ),
        headway_min={
            "free": float(row["headway_offpeak_min"]),
            "peak": float(row["headway_peak_min"]),
        },
        status=row["status"],
        sections=tuple(sections),
        opens=int(row["opens"]) if row["opens"] else None,
        closes=int(row["closes"]) if row["closes"] else None,
        corridors=corridors,
        project_id=row["project_id"] or None,
        replaces=row["replaces"] or None,
        official_length_km=float(row["official_length_km"] or "nan")
        if row["official_length_km"]
        else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class StreetLayer:
    """
    A user's road layer, ready to be measured.

    Attributes
    ----------
    frame
        Lines under the ``STREETS`` contract, in EPSG:4547.
    source
        What was read, with notes on what was dropped.
    """

    frame: "gpd.GeoDataFrame"
    source: "Source"


def read_streets(path: Path | str, *, reproject: bool = False) -> StreetLayer:
    """
    Read a road layer to be measured, from any vector file.

    Lines of length zero are dropped and said so; nothing else is repaired.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, GeoJSON, FileGDB, GeoParquet, ….
    reproject
        Whether a layer in degrees or in a CRS unfit for measuring may be
        converted to EPSG:4547; without it such a layer is refused.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    CRSError
        If the layer has no CRS, or one that must not be measured in.
    SchemaError
        If it is empty, holds other things than lines, or undefined coordinates.
    """
    path = Path(path)
    frame = read_layer(path)
    if frame.empty:
        raise SchemaError(STREETS.name, [f"{path.name} holds no rows"])
    STREETS.check(frame)
    if frame.crs is None or not reproject:
        require_metric(frame, path.name)
    crs = frame.crs
    # Columns nothing reads may clash with those of the files the layer ends up in.
    kept = [column for column in _STREET_COLUMNS if column in frame]
    frame = in_region(_bare(frame, kept), path.name)
    zero = frame.length == 0
    notes = [*layers_note(path), f"{len(frame)} lines read"]
    if zero.any():
        notes.append(f"{int(zero.sum())} lines of length zero dropped")
    source = file_source(path, what="road layer given by the user", notes=tuple(notes))
    return StreetLayer(frame[~zero], _with_crs(source, crs))


def _bare(frame: "gpd.GeoDataFrame", columns: list[str]) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    rows = frame.reset_index(drop=True)
    return gpd.GeoDataFrame(
        rows[columns].copy(), geometry=rows.geometry.array, crs=rows.crs
    )


def _with_crs(source: "Source", crs: Any) -> "Source":
    from dataclasses import replace

    authority = crs.to_authority()
    return replace(source, crs=":".join(authority) if authority else str(crs.name))


def require_overlap(layer: StreetLayer, region: "gpd.GeoSeries") -> None:
    """
    Refuse a layer that does not touch the region it is to be measured in.

    Raises
    ------
    InputError
        With a guess at the cause: degrees labelled as metres, or another zone.
    """
    bounds = layer.frame.total_bounds
    inside = layer.frame.sindex.query(region.union_all(), predicate="intersects")
    if len(inside):
        return
    hint = (
        "the numbers look like degrees labelled as metres"
        if abs(bounds).max() <= _DEGREES_LIKE
        else "check its CRS: another zone, a missing zone prefix or swapped axes"
    )
    msg = f"{layer.source.name} does not touch the planning area; {hint}"
    raise InputError(msg)
