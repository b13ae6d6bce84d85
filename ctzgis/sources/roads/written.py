"""Networks in files of their own: GeoPackage or GeoParquet, with their sources (路网文件)."""

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.errors import InputError, SourceError
from ctzgis.network.roads import RoadNetwork
from ctzgis.provenance import ReadReport, Source
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import careful_reading
from ctzgis.tables import ROADS
from ctzgis.texts import Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

__all__ = ["is_written", "roads_as_written", "write_roads"]

_GPKG, _PARQUET = ".gpkg", ".parquet"
_KEY: Final = "ctzgis_sources"


def is_written(frame: "gpd.GeoDataFrame") -> bool:
    """Tell whether a layer is a network's roads, with all their columns."""
    wanted = {name for name, column in ROADS.columns.items() if column.required}
    return wanted <= set(frame.columns)


def write_roads(network: RoadNetwork, path: "Path") -> None:
    """
    Write a network's roads and where they come from.

    Raises
    ------
    InputError
        If the format is none of GeoPackage and GeoParquet.
    SourceError
        If the file cannot be written; one that was there stays as it was.
    """
    suffix = path.suffix.lower()
    if suffix not in (_GPKG, _PARQUET):
        msg = f"{path.name}: a network is written as {_GPKG} or {_PARQUET}"
        raise InputError(msg)
    roads = network.roads.rename_axis("road_id").reset_index()
    sources = json.dumps([s.to_dict() for s in network.sources], ensure_ascii=False)
    with written_whole(path) as part:
        try:
            if suffix == _PARQUET:
                _write_parquet(roads, part, sources)
            else:
                metadata = {_KEY: sources}
                roads.to_file(
                    part, driver="GPKG", layer="roads", layer_metadata=metadata
                )
        except ImportError as error:
            msg = f"{path.name} needs a writer that is missing: pip install 'ctzgis[parquet]'"
            raise SourceError(msg) from error
        except RuntimeError as error:  # GDAL's, e.g. of a full disk
            msg = f"cannot write {path}: {error}"
            raise SourceError(msg) from error


def _write_parquet(roads: "gpd.GeoDataFrame", path: "Path", sources: str) -> None:
    import pyarrow.parquet as pq

    roads.to_parquet(path)
    table = pq.read_table(path)
    metadata = {**(table.schema.metadata or {}), _KEY.encode(): sources.encode()}
    pq.write_table(
        table.replace_schema_metadata(metadata), path, write_page_checksum=True
    )


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
    inner = _sources_within(path)
    licences = dict.fromkeys(source.licence for source in inner)
    source = file_source(
        path,
        what="network written by ctzgis",
        licence="; ".join(licences),
        report=report,
    )
    return RoadNetwork(frame, junctions, (source, *inner))


def _sources_within(path: "Path") -> tuple[Source, ...]:
    """Return where a written network came from; nothing if the file does not tell."""
    import pyogrio

    try:
        if path.suffix.lower() == _PARQUET:
            import pyarrow.parquet as pq

            told: Any = (pq.read_schema(path).metadata or {}).get(_KEY.encode(), b"[]")
        else:
            with careful_reading(path):  # what GDAL warns of was noted with the roads
                info = pyogrio.read_info(path)
            told = (info.get("layer_metadata") or {}).get(_KEY, "[]")
        return tuple(Source.from_dict(entry) for entry in json.loads(told))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
