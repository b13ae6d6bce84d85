"""Read and write networks: the shipped one, OpenStreetMap's, a user's own (路网读写)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import naming
from ctzgis.network import RoadNetwork, TravelNetwork
from ctzgis.sources.cache import cached_network
from ctzgis.sources.files import content_hash, data_folder, read_toml, require_file
from ctzgis.sources.osm import is_osm, read_osm
from ctzgis.sources.placing import require_bbox
from ctzgis.sources.road_layers import LayerOptions, read_road_layer
from ctzgis.sources.strategic import is_strategic, read_strategic
from ctzgis.sources.written import write_roads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ctzgis.sources.datum import Datum
    from ctzgis.sources.fields import MappingLike
    from ctzgis.sources.osm_ways import Mode
    from ctzgis.sources.placing import Axes, BBox

__all__ = ["read_network", "write_network"]

_LEAST_CACHED_BYTES: Final = 200_000


def read_network(
    path: Path | str | None = None,
    *,
    mode: "Mode" = "drive",
    bbox: "BBox | None" = None,
    mapping: "MappingLike" = None,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    axes: "Axes" = "xy",
    datum: "Datum" = "wgs84",
    to_crs: str | None = None,
    gap_m: float = 0.0,
    at_crossings: bool = False,
) -> TravelNetwork:
    """
    Read a network, from whatever holds one; what reading did is in its sources.

    Parameters
    ----------
    path
        Nothing for the strategic road and rail network that ships; ``.osm.pbf``,
        ``.osm``, ``.osm.gz`` or ``.osm.bz2``; a vector file of lines (Shapefile, also
        zipped, FileGDB, GeoPackage, GeoJSON, GeoParquet, …); a folder with ``nodes.csv``
        and ``edges.csv``; a folder with another region's strategic network; a file that
        ``write_network`` wrote.
    mode
        Whose ways of OpenStreetMap are read: ``"drive"``, ``"walk"`` or ``"cycle"``.
    bbox
        West, south, east and north in degrees. What does not touch them is left out; if
        all does not, the error names readings of the coordinates that would.
    mapping
        Field of each column, e.g. ``{"road_class": "等级", "limit_kph": "限速"}``, or a
        TOML file; fields not named are guessed by their Chinese or English names, and the
        guesses told. ``{"road_class_values": {"A": "primary"}}`` says what values mean.
    layer
        Which layer of a file with several; the first if not given.
    encoding
        Encoding of a Shapefile's texts; found if not given.
    crs
        What the coordinates are in, e.g. ``"EPSG:4526"``; as the file says if not given.
    axes
        ``"yx"`` if north stands before east.
    datum
        ``"wgs84"`` (with it CGCS2000), ``"gcj02"`` or ``"bd09"``.
    to_crs
        CRS of the result; EPSG:4547 where it fits, else the UTM zone of the place.
    gap_m
        Ends that meet nothing are drawn to another line within this distance.
    at_crossings
        Whether lines that cross without a shared vertex meet; else they are bridges.

    Returns
    -------
    TravelNetwork
        ``network.roads.sources[0].report`` tells rows read and kept, what was repaired,
        dropped or noticed, CRS, datum, encoding and fields. The shipped network is
        schematic (±50 m to ±6 km) and has every road and line from 2015 to those
        planned: ask ``.at(year)``.

    Raises
    ------
    SourceError
        If a file is missing or cannot be read, or its reader is not installed.
    SchemaError, CRSError, InputError
        If what it holds contradicts itself or cannot be trusted.

    Notes
    -----
    Larger files are parsed once: the result is kept in the user's cache folder, found by
    the content of the file and these arguments.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> read_network().at(2020)
    <TravelNetwork: 485 roads, 397 junctions, 4210.9 km, 16 lines>
    """
    if path is None:
        return read_strategic(data_folder() / "networks")
    path = Path(path)
    require_file(path)
    if is_strategic(path):
        return read_strategic(path)
    require_bbox(bbox)
    options = LayerOptions(
        mapping=_plain_mapping(mapping),
        layer=layer,
        encoding=encoding,
        crs=crs,
        axes=axes,
        datum=datum,
        bbox=bbox,
        to_crs=to_crs,
        gap_m=gap_m,
        at_crossings=at_crossings,
    )
    with naming(path.name):
        if is_osm(path):
            return _kept(
                path,
                {"mode": mode, "bbox": bbox},
                lambda: read_osm(path, mode=mode, bbox=bbox),
            )
        return _kept(path, asdict(options), lambda: read_road_layer(path, options))


def _plain_mapping(mapping: "MappingLike") -> "MappingLike":
    """Read a mapping's file, so that its content and not its name finds the cache."""
    return read_toml(Path(mapping)) if isinstance(mapping, (str, Path)) else mapping


def _kept(
    path: Path, options: "Mapping[str, Any]", build: "Callable[[], RoadNetwork]"
) -> TravelNetwork:
    """Build a network, or take it from the cache if it was built in the same way."""
    size = sum(
        p.stat().st_size for p in (path.rglob("*") if path.is_dir() else (path,))
    )
    if size < _LEAST_CACHED_BYTES:
        return TravelNetwork(build())
    # The name is in the result's source, so it is part of what was built.
    key = json.dumps([path.name, content_hash(path), options], default=str)
    return TravelNetwork(cached_network(key, build))


def write_network(network: "TravelNetwork | RoadNetwork", path: Path | str) -> None:
    """
    Write a network's roads and their sources; ``read_network`` gives them back.

    Lines that run beside the roads are not written.

    Parameters
    ----------
    path
        ``.gpkg`` or ``.parquet`` (which needs the extra ``parquet``).

    Raises
    ------
    InputError
        If the format is another one.
    SourceError
        If the file cannot be written; one that was there stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis.examples import gridville
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_network(gridville(), f"{folder}/town.gpkg")
    ...     read_network(f"{folder}/town.gpkg")
    <TravelNetwork: 220 roads, 121 junctions, 220.0 km, 0 lines>
    """
    roads = network.roads if isinstance(network, TravelNetwork) else network
    write_roads(roads, Path(path))
