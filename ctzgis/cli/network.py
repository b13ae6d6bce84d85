"""``ctzgis network``: make a network of files, and look into one (路网构建)."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctzgis.cli.table import say, source_lines, table

if TYPE_CHECKING:
    from ctzgis.network import TravelNetwork
    from ctzgis.texts import Lang

__all__ = ["add_command"]

_PROFILES = {
    "free": ("平均车速（自由流）", "mean speed, free flow"),
    "peak": ("平均车速（高峰）", "mean speed, peak"),
}


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command and its parts to a parser's commands."""
    parser = commands.add_parser(
        "network",
        help="路网构建 · make a network of files, or look into one",
        description="Make a network of files, or look into one (路网构建).",
    )
    parts = parser.add_subparsers(metavar="PART", required=True)
    build = parts.add_parser(
        "build",
        help="read files into one network and write it",
        description="Read OpenStreetMap files, road layers or tables of nodes and edges "
        "into one network and write it. What reading did is printed.",
    )
    _add_reading(build)
    build.add_argument("--out", required=True, metavar="FILE", help=".gpkg or .parquet")
    build.set_defaults(run=_build)
    info = parts.add_parser("info", help="size, parts and what reading did")
    _add_reading(info)
    info.set_defaults(run=_info)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inputs", nargs="+", metavar="INPUT")
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="[zh, where it can be shown]"
    )
    parser.add_argument(
        "--mode",
        choices=("drive", "walk", "cycle"),
        default="drive",
        help="whose ways of OpenStreetMap are read [drive]",
    )
    parser.add_argument(
        "--mapping", metavar="TOML", help="field of each column [guessed by name]"
    )
    parser.add_argument("--layer", help="layer of a file with several [the first]")
    parser.add_argument("--encoding", help="of a Shapefile's texts [found]")
    parser.add_argument("--crs", help="what the coordinates are in [as the file says]")
    parser.add_argument(
        "--axes", choices=("xy", "yx"), default="xy", help="yx: north before east [xy]"
    )
    parser.add_argument(
        "--datum", choices=("wgs84", "gcj02", "bd09"), default="wgs84", help="[wgs84]"
    )
    parser.add_argument(
        "--bbox",
        type=_bbox,
        metavar="W,S,E,N",
        help="bounds in degrees; what lies outside is left out",
    )
    parser.add_argument("--to-crs", metavar="CRS", help="[EPSG:4547 where it fits]")
    parser.add_argument(
        "--gap",
        type=float,
        default=0.0,
        metavar="M",
        help="close gaps up to this many metres [0]",
    )
    parser.add_argument(
        "--at-crossings",
        action="store_true",
        help="lines that cross without a shared vertex meet [they are bridges]",
    )


def _bbox(text: str) -> tuple[float, ...]:
    from ctzgis.errors import InputError
    from ctzgis.sources.places.placing import require_bbox

    try:
        west, south, east, north = (float(part) for part in text.split(","))
        require_bbox((west, south, east, north))
    except (InputError, ValueError) as error:
        msg = f"{text!r}: west,south,east,north in degrees are expected"
        raise argparse.ArgumentTypeError(msg) from error
    return west, south, east, north


def _build(options: argparse.Namespace) -> int:
    from ctzgis.sources.roads.networks import write_network
    from ctzgis.sources.roads.written import require_network_file

    require_network_file(Path(options.out))
    network = _read(options)
    say("writing …")
    write_network(network, options.out)
    _tell(network, _legible(options.lang))
    print(options.out)
    return 0


def _info(options: argparse.Namespace) -> int:
    _tell(_read(options), _legible(options.lang))
    return 0


def _read(options: argparse.Namespace) -> "TravelNetwork":
    from ctzgis.network import TravelNetwork, join_networks
    from ctzgis.sources.osm.roads import is_osm
    from ctzgis.sources.roads.networks import read_network

    to_crs = options.to_crs
    networks = []
    for path in options.inputs:
        say(f"reading {path} …")
        layer: dict[str, Any] = {
            "mapping": options.mapping,
            "layer": options.layer,
            "encoding": options.encoding,
            "crs": options.crs,
            "axes": options.axes,
            "datum": options.datum,
            "gap_m": options.gap,
            "at_crossings": options.at_crossings,
        }
        # What is said of layers is not said of the OpenStreetMap files beside them.
        beside = is_osm(Path(path)) and len(options.inputs) > 1
        network = read_network(
            path,
            mode=options.mode,
            bbox=options.bbox,
            to_crs=to_crs,
            **({} if beside else layer),
        )
        # The others follow the first one.
        to_crs = to_crs or network.roads.roads.crs.to_string()
        networks.append(network)
    if len(networks) == 1:
        return networks[0]
    roads = join_networks([network.roads for network in networks], gap_m=options.gap)
    lines = tuple(line for network in networks for line in network.lines)
    return TravelNetwork(roads, lines)


def _legible(lang: "Lang") -> "Lang":
    """Return English for a console that cannot show Chinese."""
    try:
        "路网".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "en"
    return lang


def _size(network: "TravelNetwork") -> str:
    """Return in Chinese how large a network is."""
    parts = network.roads.components
    share = f"（最大的占 {parts[0] / parts.sum():.1%}）" if len(parts) > 1 else ""
    return (
        f"路网：道路 {len(network.roads.roads):,} 段，"
        f"交叉口 {len(network.roads.junctions):,} 个，"
        f"{network.roads.length_m / 1000:,.1f} km，互不连通的部分 {len(parts)} 个{share}，"
        f"线路 {len(network.lines)} 条，{network.roads.crs.to_string()}"
    )


def _tell(network: "TravelNetwork", lang: "Lang") -> None:
    from ctzgis.reporting.words import KINDS

    roads = network.roads.roads
    print(_size(network) if lang == "zh" else network)
    km = (roads.length / 1000).groupby(roads["road_class"], observed=True).sum()
    rows = [
        (KINDS[str(kind)].get(lang), f"{length:,.1f} km")
        for kind, length in km.sort_values(ascending=False).items()
    ]
    for profile, words in _PROFILES.items():
        kph = (roads[f"{profile}_kph"] * roads.length).sum() / roads.length.sum()
        rows.append((words[lang == "en"], f"{kph:,.1f} km/h"))
    head = ("道路等级", "长度") if lang == "zh" else ("road class", "length")
    print("\n".join(table(head, rows, widths=(30, 20))))
    print("\n".join(["", *source_lines(network.roads.sources, lang)]))
