"""The strategic road and rail network that ships, and others in its format (战略路网)."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import in_region, region_transformer
from ctzgis.errors import InputError, SchemaError
from ctzgis.network import RoadNetwork, Stop, TransitLine, TravelNetwork
from ctzgis.sources.formats.files import (
    file_source,
    read_csv_rows,
)
from ctzgis.sources.formats.vector import read_vector

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

__all__ = ["is_strategic", "read_strategic"]

_ROADS, _JUNCTIONS = "roads.geojson", "junctions.geojson"
_LINES, _STOPS = "lines.csv", "stops.csv"
_LINE_COLUMNS: Final = (
    "line_id", "name_zh", "mode", "status", "opens", "closes", "headway_peak_min",
    "headway_offpeak_min", "corridor_ids", "project_id", "replaces",
    "official_length_km",
)  # fmt: skip
_STOP_COLUMNS: Final = (
    "line_id", "seq", "station_id", "name_zh", "lon", "lat", "run_min_to_next",
    "dwell_min", "via_to_next",
)  # fmt: skip


def is_strategic(path: "Path") -> bool:
    """Tell whether a folder holds a network in the format of the shipped one."""
    return path.is_dir() and any(
        (path / n).is_file() for n in (_ROADS, _JUNCTIONS, _LINES)
    )


def read_strategic(base: "Path") -> TravelNetwork:
    """
    Read a folder with ``roads.geojson``, ``junctions.geojson``, ``lines.csv``, ``stops.csv``.

    Raises
    ------
    SourceError
        If a file is missing or cannot be read.
    SchemaError, InputError
        If the tables contradict themselves.
    """
    roads = _indexed_layer(base / _ROADS, "road_id")
    junctions = _indexed_layer(base / _JUNCTIONS, "junction_id")
    names = (_ROADS, _JUNCTIONS, _LINES, _STOPS)
    sources = tuple(file_source(base / name) for name in names)
    return TravelNetwork(RoadNetwork(roads, junctions, sources), _lines(base))


def _indexed_layer(path: "Path", column: str) -> "gpd.GeoDataFrame":
    layer = read_vector(path).frame
    if column not in layer:
        raise SchemaError(path.name, [f"column '{column}' is missing"])
    return in_region(layer.set_index(column), path.name)


def _lines(base: "Path") -> tuple[TransitLine, ...]:
    to_region = region_transformer()
    stops: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_csv_rows(base / _STOPS, *_STOP_COLUMNS):
        stops[row["line_id"]].append(row)
    lines = []
    for row in read_csv_rows(base / _LINES, *_LINE_COLUMNS):
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
