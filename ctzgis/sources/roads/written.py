"""Networks in files of their own: GeoPackage or GeoParquet, with their sources (路网文件)."""

import importlib.util
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.errors import InputError, SourceError, fail_for_extra
from ctzgis.network.roads import RoadNetwork
from ctzgis.provenance import ReadReport, Source
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import careful_reading
from ctzgis.tables import ROADS
from ctzgis.texts import Text
from ctzgis.writing import require_place, written_whole

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

__all__ = ["is_written", "roads_as_written", "write_roads"]

_GPKG, _PARQUET = ".gpkg", ".parquet"
_SOURCES: Final = "ctzgis_sources"
_CONTROLS: Final = "ctzgis_controls"


def is_written(frame: "gpd.GeoDataFrame") -> bool:
    """Tell whether a layer is a network's roads, with all their columns."""
    wanted = {name for name, column in ROADS.columns.items() if column.required}
    return wanted <= set(frame.columns)


def require_network_file(path: "Path") -> None:
    """
    Raise unless a network may be written to a path; ask before work begins.

    Raises
    ------
    InputError
        If the format is none of GeoPackage and GeoParquet.
    SourceError
        If there is no such folder, it may not be written to, or a writer is missing.
    """
    suffix = path.suffix.lower()
    if suffix not in (_GPKG, _PARQUET):
        msg = f"{path.name}: a network is written as {_GPKG} or {_PARQUET}"
        raise InputError(msg)
    if suffix == _PARQUET and not importlib.util.find_spec("pyarrow"):
        fail_for_extra(f"{path.name} needs a writer", "parquet")
    require_place(path)


def write_roads(network: RoadNetwork, path: "Path") -> None:
    """
    Write a network's roads, where they come from, and the control of its junctions.

    Raises
    ------
    InputError
        If the format is none of GeoPackage and GeoParquet.
    SourceError
        If the file cannot be written; one that was there stays as it was.
    """
    require_network_file(path)
    roads = network.roads.rename_axis("road_id").reset_index()
    junctions = network.junctions
    control = junctions["control"].dropna() if "control" in junctions else pd.Series()
    metadata = {
        _SOURCES: _dumped([source.to_dict() for source in network.sources]),
        _CONTROLS: _dumped(control.to_dict()),
    }
    with written_whole(path) as part:
        try:
            if path.suffix.lower() == _PARQUET:
                _write_parquet(roads, part, metadata)
            else:
                roads.to_file(
                    part, driver="GPKG", layer="roads", layer_metadata=metadata
                )
        except RuntimeError as error:  # GDAL's, e.g. of a full disk
            msg = f"cannot write {path}: {error}"
            raise SourceError(msg) from error


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_parquet(
    roads: "gpd.GeoDataFrame", path: "Path", metadata: dict[str, str]
) -> None:
    import pyarrow.parquet as pq

    roads.to_parquet(path)
    table = pq.read_table(path)
    ours = {key.encode(): text.encode() for key, text in metadata.items()}
    both = {**(table.schema.metadata or {}), **ours}
    pq.write_table(table.replace_schema_metadata(both), path, write_page_checksum=True)


def roads_as_written(frame: "gpd.GeoDataFrame", path: "Path") -> RoadNetwork:
    """
    Give back the network whose roads were written; its junctions are their ends.

    Raises
    ------
    SchemaError, InputError
        If the file is not what was written.
    """
    import geopandas as gpd

    if "road_id" in frame:
        frame = frame.set_index("road_id")
    ROADS.check(frame)
    lines = np.asarray(frame.geometry.array)
    ends = pd.concat(
        [
            pd.Series(shapely.get_point(lines, at), index=frame[column].to_numpy())
            for column, at in (("from_id", 0), ("to_id", -1))
        ]
    )
    once = ends[~ends.index.duplicated()]
    junctions = gpd.GeoDataFrame(
        geometry=once.to_numpy(), index=once.index.rename("junction_id"), crs=frame.crs
    )
    report = ReadReport(
        rows_in=len(frame), rows_kept=len(frame), unit=Text("条路段", "roads")
    )
    kept = _metadata_within(path)
    inner = _sources_of(kept)
    if controls := _controls_of(kept):
        junctions["control"] = pd.Series(controls).reindex(junctions.index)
    licences = dict.fromkeys(source.licence for source in inner)
    source = file_source(
        path,
        what=Text("ctzgis 写出的路网", "network written by ctzgis"),
        licence="; ".join(licences),
        report=report,
    )
    return RoadNetwork(frame, junctions, (source, *inner))


def _metadata_within(path: "Path") -> dict[str, str]:
    """Return what a written network says of itself; nothing if it does not."""
    import pyogrio

    try:
        if path.suffix.lower() == _PARQUET:
            import pyarrow.parquet as pq

            found = pq.read_schema(path).metadata or {}
            texts = {key: found.get(key.encode(), b"") for key in (_SOURCES, _CONTROLS)}
            return {key: text.decode() for key, text in texts.items()}
        with careful_reading(path):  # what GDAL warns of was noted with the roads
            info = pyogrio.read_info(path)
        return dict(info.get("layer_metadata") or {})
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _sources_of(metadata: dict[str, str]) -> tuple[Source, ...]:
    """Return where a written network came from."""
    try:
        told = json.loads(metadata.get(_SOURCES) or "[]")
        return tuple(Source.from_dict(entry) for entry in told)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _controls_of(metadata: dict[str, str]) -> dict[str, Any]:
    """Return the controls of junctions by their ids."""
    try:
        return dict(json.loads(metadata.get(_CONTROLS) or "{}"))
    except (ValueError, TypeError):
        return {}
