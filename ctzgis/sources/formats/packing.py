"""Networks as plain arrays in one file: no pickle, nothing to parse (打包)."""

import io
import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyproj.exceptions
import shapely
import shapely.errors

from ctzgis.network.roads import RoadNetwork
from ctzgis.provenance import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

    Arrays = dict[str, np.ndarray[Any, Any]]

__all__ = ["DAMAGED", "pack_network", "unpack_network"]

DAMAGED: Final = (
    OSError, ValueError, LookupError, EOFError, TypeError, AttributeError, RuntimeError,
    NotImplementedError, OverflowError, MemoryError, struct.error, zlib.error,
    zipfile.BadZipFile, shapely.errors.ShapelyError, pyproj.exceptions.ProjError,
)  # fmt: skip
"""What unpacking a damaged file raises."""

_FRAMES: Final = ("roads", "junctions")


def pack_network(network: RoadNetwork, path: "Path") -> None:
    """
    Write a network's tables and sources as arrays.

    Raises
    ------
    TypeError
        If a column holds other things than numbers, flags, texts and missing values.
    """
    frames = dict(zip(_FRAMES, (network.roads, network.junctions), strict=True))
    arrays: Arrays = {}
    for name, frame in frames.items():
        arrays |= {f"{name}/{key}": a for key, a in _packed(frame)}
    head = {
        "crs": network.roads.crs.to_wkt(),
        "index": {name: frame.index.name for name, frame in frames.items()},
        "columns": {
            name: {
                column: str(kind)
                for column, kind in frame.drop(columns="geometry").dtypes.items()
            }
            for name, frame in frames.items()
        },
        "sources": [source.to_dict() for source in network.sources],
    }
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def unpack_network(content: bytes) -> RoadNetwork:
    """
    Give back a network that was packed.

    Raises
    ------
    One of ``DAMAGED``
        If the content is not what was written.
    """
    import geopandas as gpd

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        frames = []
        for name in _FRAMES:
            columns = {
                column: pd.Series(_unpacked(arrays, f"{name}/{column}"), dtype=kind)
                for column, kind in head["columns"][name].items()
            }
            index = _unpacked(arrays, f"{name}/index")
            kind = shapely.GeometryType(int(arrays[f"{name}/geometry.kind"]))
            offsets = [
                arrays[f"{name}/geometry.offsets{i}"]
                for i in range(int(arrays[f"{name}/geometry.depth"]))
            ]
            shapes = shapely.from_ragged_array(
                kind, arrays[f"{name}/geometry.xy"], tuple(offsets)
            )
            frames.append(
                gpd.GeoDataFrame(columns, geometry=shapes, crs=head["crs"]).set_axis(
                    pd.Index(index, name=head["index"][name])
                )
            )
    sources = tuple(Source.from_dict(entry) for entry in head["sources"])
    return RoadNetwork(frames[0], frames[1], sources)


def _packed(frame: "gpd.GeoDataFrame") -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    kind, xy, offsets = shapely.to_ragged_array(np.asarray(frame.geometry.array))
    yield "geometry.kind", np.array(kind.value)
    yield "geometry.xy", xy
    yield "geometry.depth", np.array(len(offsets))
    for i, part in enumerate(offsets):
        yield f"geometry.offsets{i}", part
    yield from _packed_column("index", frame.index.to_series())
    for column in frame.columns.drop("geometry"):
        yield from _packed_column(column, frame[column])


def _packed_column(
    name: str, values: "pd.Series[Any]"
) -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    if values.dtype.kind in "biuf":
        yield name, values.to_numpy()
        return
    missing = values.isna().to_numpy()
    present = values[~missing].tolist()
    if not all(isinstance(value, str) for value in present):
        msg = f"column '{name}' holds other things than numbers, flags and texts"
        raise TypeError(msg)
    texts = [text.encode() for text in present]
    yield f"{name}.missing", missing
    yield f"{name}.sizes", np.array([len(text) for text in texts], dtype=np.int64)
    yield f"{name}.bytes", np.frombuffer(b"".join(texts), dtype=np.uint8)


def _unpacked(arrays: Any, name: str) -> "np.ndarray[Any, Any]":
    if name in arrays:
        plain: np.ndarray[Any, Any] = arrays[name]
        return plain
    missing = arrays[f"{name}.missing"]
    content = arrays[f"{name}.bytes"].tobytes()
    ends = np.cumsum(arrays[f"{name}.sizes"])
    starts = ends - arrays[f"{name}.sizes"]
    texts = [
        content[start:end].decode()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    values = np.full(len(missing), None, dtype=object)
    values[~missing] = texts
    return values
