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
_INDEX: Final = "index of the frame"
_BETWEEN: Final = "\0"


def pack_network(network: RoadNetwork, path: "Path") -> None:
    """
    Write a network's tables and sources as arrays; every text is written once.

    Raises
    ------
    TypeError
        If a column holds other things than numbers, flags, texts and missing values.
    """
    frames = dict(zip(_FRAMES, (network.roads, network.junctions), strict=True))
    arrays: Arrays = {}
    texts: dict[str, pd.Series[Any]] = {}
    for name, frame in frames.items():
        arrays |= {f"{name}/{key}": a for key, a in _packed_shapes(frame)}
        columns = frame.drop(columns="geometry").assign(**{_INDEX: frame.index})
        for column in columns:
            values = columns[column]
            if values.dtype.kind in "biuf":
                arrays[f"{name}/{column}"] = values.to_numpy()
            else:
                texts[f"{name}/{column}"] = values
    codes, pool = _coded(texts)
    arrays |= codes
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
    arrays["texts"] = np.frombuffer(_BETWEEN.join(pool).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def unpack_network(content: bytes) -> RoadNetwork:
    """
    Give back a network that was packed, without checking it again.

    Raises
    ------
    One of ``DAMAGED``
        If the content is not what was written.
    """
    import geopandas as gpd

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        texts = arrays["texts"].tobytes().decode().split(_BETWEEN)
        pool = np.array([*texts, None], dtype=object)
        frames = []
        for name in _FRAMES:
            columns = {
                column: pd.Series(
                    _unpacked(arrays, f"{name}/{column}", pool), dtype=kind
                )
                for column, kind in head["columns"][name].items()
            }
            index = _unpacked(arrays, f"{name}/{_INDEX}", pool)
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
    return RoadNetwork.of_checked(frames[0], frames[1], sources)


def _packed_shapes(
    frame: "gpd.GeoDataFrame",
) -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    kind, xy, offsets = shapely.to_ragged_array(np.asarray(frame.geometry.array))
    yield "geometry.kind", np.array(kind.value)
    yield "geometry.xy", xy
    yield "geometry.depth", np.array(len(offsets))
    for i, part in enumerate(offsets):
        yield f"geometry.offsets{i}", part


def _coded(columns: "dict[str, pd.Series[Any]]") -> "tuple[Arrays, list[str]]":
    """Return texts by their places in a pool of all, -1 where one is missing."""
    for name, values in columns.items():
        present = values.dropna()
        if not all(isinstance(text, str) and _BETWEEN not in text for text in present):
            msg = f"column '{name}' holds other things than numbers, flags and texts"
            raise TypeError(msg)
    every = [values.astype(object).to_numpy() for values in columns.values()]
    codes, pool = pd.factorize(np.concatenate(every))
    ends = np.cumsum([len(values) for values in every])[:-1]
    parts = np.split(codes.astype(np.int32), ends)
    names = [f"{name}.codes" for name in columns]
    return dict(zip(names, parts, strict=True)), pool.tolist()


def _unpacked(
    arrays: Any, name: str, pool: "np.ndarray[Any, Any]"
) -> "np.ndarray[Any, Any]":
    if name in arrays:
        plain: np.ndarray[Any, Any] = arrays[name]
        return plain
    texts: np.ndarray[Any, Any] = pool[arrays[f"{name}.codes"]]
    return texts
