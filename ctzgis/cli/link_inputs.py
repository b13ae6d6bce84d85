"""What the commands on links are given: a network, people, barriers (连接线命令的输入)."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.table import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from ctzgis.network import TravelNetwork
    from ctzgis.provenance import Source

__all__ = [
    "add_network",
    "add_people",
    "add_result",
    "count",
    "number",
    "print_sources",
    "read_barriers",
    "read_layer",
    "read_network_of",
    "read_people",
]

_SHIPPED: Final = {"river": "rivers.geojson", "green_heart": "green_heart.geojson"}


def add_network(job: argparse.ArgumentParser) -> None:
    """Add the arguments that say on what network, and how it is travelled."""
    job.add_argument(
        "--network",
        nargs="+",
        default=(),
        metavar="FILE",
        help="files that network build reads or wrote [the network that ships]",
    )
    job.add_argument(
        "--year",
        type=count,
        help="state at the end of this year [2020 for the network that ships]",
    )
    job.add_argument("--network-crs", metavar="CRS", help="[the files say it]")
    job.add_argument(
        "--mode", choices=("drive", "walk", "cycle"), default="drive", help="[drive]"
    )
    job.add_argument("--profile", default="free", help="free, peak, … [free]")


def add_people(job: argparse.ArgumentParser, otherwise: str) -> None:
    """Add the arguments that say where people live."""
    job.add_argument(
        "--people",
        metavar="FILE",
        help="points with a field population [those that ship, with the network that "
        f"ships; {otherwise}]",
    )
    job.add_argument("--people-crs", metavar="CRS", help="[the file says it]")


def add_result(job: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is shown and written."""
    job.add_argument(
        "--first", type=count, default=10, metavar="N", help="how many are shown [10]"
    )
    job.add_argument(
        "--out", type=Path, metavar="FILE", help=".gpkg, .geojson, .csv or .parquet"
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="[zh]")


def number(text: str) -> float:
    """Return a number, 0 or more, of the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        msg = f"{text!r}: a number, 0 or more, is expected"
        raise argparse.ArgumentTypeError(msg)
    return value


def count(text: str) -> int:
    """Return a whole number above 0 of the command line."""
    if not (
        text.isdecimal() and text.isascii() and int(text[:9]) > 0 and len(text) < 9
    ):
        msg = f"{text!r}: a whole number above 0 is expected"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def read_network_of(options: argparse.Namespace) -> "TravelNetwork":
    """Read the network as it stands in the year."""
    from ctzgis.batch.checks import NetworkInput, Reading
    from ctzgis.batch.inputs import network_of

    wanted = NetworkInput(
        files=tuple(map(Path, options.network)),
        year=options.year,
        reading=Reading(crs=options.network_crs),
    )
    return network_of(wanted, options.mode)


def read_people(
    options: argparse.Namespace, crs: Any
) -> "tuple[gpd.GeoDataFrame | None, tuple[Source, ...]]":
    """Read the people; those that ship only with the network that ships."""
    from ctzgis.sources.places.points import read_points
    from ctzgis.sources.places.population import read_settlements

    if options.people:
        people, source = read_points(
            options.people, crs=options.people_crs, to_crs=crs.to_string()
        )
        return people, (source,)
    if options.network:
        return None, ()
    people, source = read_settlements()
    return people.to_crs(crs), (source,)


def read_barriers(
    options: argparse.Namespace, crs: Any, kinds: "Iterable[str]"
) -> "tuple[gpd.GeoDataFrame | None, tuple[Source, ...]]":
    """Read what severs roads: the files given, or what ships with the network."""
    import pandas as pd

    from ctzgis.sources.formats.files import data_folder

    found, sources = [], []
    for kind in kinds:
        file = getattr(options, kind)
        if not file and not options.network and kind in _SHIPPED:
            file = data_folder() / "boundaries" / _SHIPPED[kind]
        if file:
            frame, source = read_layer(Path(file), crs)
            named = frame[[c for c in ("name_zh", "geometry") if c in frame]]
            found.append(named.assign(kind=kind))
            sources.append(source)
    joined = pd.concat(found, ignore_index=True) if found else None
    return joined, tuple(sources)


def read_layer(path: Path, crs: Any) -> "tuple[gpd.GeoDataFrame, Source]":
    """Read lines or areas into the CRS of the network."""
    from ctzgis.errors import CRSError
    from ctzgis.sources.formats.files import file_source
    from ctzgis.sources.formats.vector import read_vector

    frame = read_vector(path).frame
    if frame.crs is None:
        msg = f"{path.name} has no CRS; name the one its coordinates are in"
        raise CRSError(msg)
    shapes = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    shapes = shapes.set_geometry(shapes.geometry.make_valid())
    return shapes.to_crs(crs), file_source(path)


def print_sources(sources: "Iterable[Source]", lang: Any) -> None:
    """Print where a result comes from and what reading did."""
    drawn = "（示意）" if lang == "zh" else " (schematic)"
    print()
    for source in sources:
        stamp = drawn if source.schematic else ""
        print(f"{plain(source.name)} · {plain(source.licence)}{stamp}")
        for line in source.told(lang):
            print(f"  {plain(line)}")
