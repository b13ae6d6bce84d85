"""Read and write networks: the shipped one, OpenStreetMap's, a user's own (路网读写)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError, naming
from ctzgis.network import RoadNetwork, TravelNetwork
from ctzgis.sources.formats.cache import cached_network
from ctzgis.sources.formats.files import (
    content_hash,
    data_folder,
    read_toml,
    require_file,
)
from ctzgis.sources.osm.roads import is_osm, read_osm
from ctzgis.sources.places.placing import require_bbox
from ctzgis.sources.roads.road_layers import LayerOptions, read_road_layer
from ctzgis.sources.roads.strategic import is_strategic, read_strategic
from ctzgis.sources.roads.written import write_roads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctzgis.sources.osm.ways import Mode
    from ctzgis.sources.places.datum import Datum
    from ctzgis.sources.places.placing import Axes, BBox
    from ctzgis.sources.roads.fields import MappingLike

__all__ = ["read_network", "write_network"]

_LEAST_CACHED_BYTES: Final = 200_000
# Files of one name that are one layer: its shapes, values, CRS, encoding.
_PARTS: Final = (
    ".shp", ".dbf", ".prj", ".cpg", ".cst", ".qpj", ".shx", ".tab", ".dat", ".map", ".id",
    ".mif", ".mid",
)  # fmt: skip
_SOURCES: Final = "SOURCES.toml"
_OSM_OPTIONS: Final = ("bbox", "to_crs")


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
        If what it holds contradicts itself or cannot be trusted, or an argument is given
        that it does not take.

    Notes
    -----
    Larger files are parsed once: the result is kept in the user's cache folder, found by
    the content of the file, of those that belong to it, and these arguments.

    Files of OpenStreetMap take ``mode``, ``bbox`` and ``to_crs`` only; strategic networks
    take none of these arguments.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> read_network().at(2020)  # doctest: +NORMALIZE_WHITESPACE
    <TravelNetwork: 485 roads, 397 junctions, 4210.9 km, 1 part, 225 × 359 km, free
    and peak, EPSG:4547, 16 lines>
    """
    require_bbox(bbox)
    if bbox is not None:
        west, south, east, north = map(float, bbox)
        bbox = west, south, east, north
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
    if path is None:
        _require_taken(options, (), "the shipped network")
        return read_strategic(data_folder() / "networks")
    path = Path(path)
    require_file(path)
    if is_strategic(path):
        _require_taken(options, (), f"the strategic network {path.name}")
        return read_strategic(path)
    with naming(path.name):
        if is_osm(path):
            _require_taken(options, _OSM_OPTIONS, "a file of OpenStreetMap")
            return _kept(
                path,
                f"{mode} {bbox} {to_crs}",
                lambda: read_osm(path, mode=mode, bbox=bbox, to_crs=to_crs),
            )
        return _kept(path, repr(options), lambda: read_road_layer(path, options))


def _require_taken(options: LayerOptions, taken: tuple[str, ...], what: str) -> None:
    """Refuse options that would be passed over."""
    if unused := [name for name in options.given if name not in taken]:
        also = f" beside mode, {', '.join(taken)}" if taken else ""
        msg = f"{what} takes no {', '.join(unused)}{also}; leave them out"
        raise InputError(msg)


def _plain_mapping(mapping: "MappingLike") -> "MappingLike":
    """Read a mapping's file, so that its content and not its name finds the cache."""
    return read_toml(Path(mapping)) if isinstance(mapping, (str, Path)) else mapping


def _kept(
    path: Path, options: str, build: "Callable[[], RoadNetwork]"
) -> TravelNetwork:
    """Build a network, or take it from the cache if it was built in the same way."""
    parts = sorted(_parts(path))
    if sum(part.stat().st_size for part in parts) < _LEAST_CACHED_BYTES:
        return TravelNetwork(build())
    # The names are in the result's sources, so they are part of what was built.
    hashes = [(part.name, content_hash(part)) for part in parts]
    key = json.dumps([path.name, hashes, options])
    return TravelNetwork(cached_network(key, build))


def _parts(path: Path) -> "Iterator[Path]":
    """Return the files that decide what is read, and what is said of it."""
    if path.is_dir():
        yield from (part for part in path.rglob("*") if part.is_file())
    else:
        yield path
        for beside in path.parent.iterdir():
            one_layer = path.suffix.lower() in _PARTS and (
                beside.stem == path.stem and beside.suffix.lower() in _PARTS
            )
            if beside != path and (one_layer or beside.name == f"{path.name}-wal"):
                yield beside
    if (about := path.parent / _SOURCES).is_file():
        yield about


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
    ...     read_network(f"{folder}/town.gpkg")  # doctest: +NORMALIZE_WHITESPACE
    <TravelNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, free and
    peak, EPSG:4547, 0 lines>
    """
    roads = network.roads if isinstance(network, TravelNetwork) else network
    write_roads(roads, Path(path))
