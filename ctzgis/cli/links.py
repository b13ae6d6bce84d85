"""``ctzgis missing-links``: where short roads would save long ways (缺失连接)."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import exit_codes
from ctzgis.cli.table import plain, say, table

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.network import TravelNetwork
    from ctzgis.provenance import Source

__all__ = ["add_command"]

_HEADS: Final = {
    "zh": ("#", "类型", "起", "止", "长 m", "绕行倍数", "现 min", "后 min", "人·分/km"),
    "en": (
        *("#", "kind", "from", "to", "m", "detour", "min now", "min then"),
        "person-min/km",
    ),
}
_KINDS: Final = {
    "river": "过江",
    "rail": "跨铁路",
    "green_heart": "绿心",
    "border": "跨市界",
    "dead_end": "断头路",
    "gap": "缺口",
}
_WIDTHS: Final = (5, 12, 28, 28, 7, 9, 8, 9, 13)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "missing-links",
        help="short roads that would save long ways round",
        description="Find ends of roads that are near each other but far apart by road, "
        "and rank what a road between them would save (缺失连接). Demand is a model: "
        "people around both ends who go to one another.",
        epilog=exit_codes(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_network(job)
    numbers = (
        ("--within", "M", 500.0, "straight metres that ends may be apart [500]"),
        ("--detour", "TIMES", 3.0, "least length of the way round, in straights [3]"),
        ("--at-least", "M", 50.0, "shortest link that counts [50]"),
        (
            "--around",
            "M",
            1000.0,
            "metres around an end within which people use it [1000]",
        ),
    )
    for name, unit, default, what in numbers:
        job.add_argument(name, type=_number, default=default, metavar=unit, help=what)
    job.add_argument(
        "--people",
        metavar="FILE",
        help="points with a field population [those that ship, with the network that "
        "ships; else each junction stands for one person]",
    )
    job.add_argument("--people-crs", metavar="CRS", help="[the file says it]")
    for kind, what in (
        ("river", "rivers"),
        ("rail", "railways"),
        ("green-heart", "the green heart"),
    ):
        job.add_argument(
            f"--{kind}",
            metavar="FILE",
            help=f"{what}, lines or areas"
            + ("" if kind == "rail" else " [what ships, with the network that ships]"),
        )
    job.add_argument(
        "--zones", metavar="FILE", help="areas of cities: links between two are told"
    )
    job.add_argument(
        "--zone-column", metavar="FIELD", help="field that names each city"
    )
    job.add_argument(
        "--road-class", default="secondary", help="class of new roads [secondary]"
    )
    job.add_argument(
        "--first", type=_count, default=10, metavar="N", help="how many are shown [10]"
    )
    job.add_argument(
        "--out", type=Path, metavar="FILE", help=".gpkg, .geojson, .csv or .parquet"
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="[zh]")
    job.set_defaults(run=_run)


def _add_network(job: argparse.ArgumentParser) -> None:
    job.add_argument(
        "--network",
        nargs="+",
        default=(),
        metavar="FILE",
        help="files that network build reads or wrote [the network that ships]",
    )
    job.add_argument(
        "--year",
        type=_count,
        help="state at the end of this year [2020 for the network that ships]",
    )
    job.add_argument("--network-crs", metavar="CRS", help="[the files say it]")
    job.add_argument(
        "--mode", choices=("drive", "walk", "cycle"), default="drive", help="[drive]"
    )
    job.add_argument("--profile", default="free", help="free, peak, … [free]")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        msg = f"{text!r}: a number, 0 or more, is expected"
        raise argparse.ArgumentTypeError(msg)
    return number


def _count(text: str) -> int:
    if not (
        text.isdecimal() and text.isascii() and int(text[:9]) > 0 and len(text) < 9
    ):
        msg = f"{text!r}: a whole number above 0 is expected"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from ctzgis.analysis.links.missing_links import missing_links
    from ctzgis.batch.checks import NetworkInput, Reading
    from ctzgis.batch.inputs import network_of
    from ctzgis.reporting.measures import require_writable, write_measure

    if options.out is not None:
        require_writable(options.out, drawn=True)
    say("reading …")
    network = network_of(
        NetworkInput(
            files=tuple(map(Path, options.network)),
            year=options.year,
            reading=Reading(crs=options.network_crs),
        ),
        options.mode,
    )
    people, barriers, zones, sources = _beside(options, network)
    say("measuring …")
    asked: dict[str, Any] = {
        "within_m": options.within,
        "detour_at_least": options.detour,
        "at_least_m": options.at_least,
        "around_m": options.around,
        "road_class": options.road_class,
        "mode": options.mode,
        "profile": options.profile,
    }
    links = missing_links(
        network, people=people, barriers=barriers, zones=zones, **asked
    )
    sources = [*network.roads.sources, *sources]
    if options.out is not None:
        from ctzgis._version import __version__

        about = {**asked, "year": options.year, "ctzgis": __version__}
        write_measure(
            [links.reset_index()], options.out, sources=sources, parameters=about
        )
    _tell(options, links, sources)
    return 0


def _beside(options: argparse.Namespace, network: "TravelNetwork") -> Any:
    """Return the people, the barriers and the zones, and where they come from."""
    import geopandas as gpd
    import pandas as pd

    from ctzgis.errors import InputError
    from ctzgis.sources.formats.files import data_folder
    from ctzgis.sources.places.points import read_points
    from ctzgis.sources.places.population import read_settlements

    crs, ships = network.roads.crs, not options.network
    people, zones, barriers = None, None, []
    sources: list[Source] = []
    if options.people:
        people, source = read_points(
            options.people, crs=options.people_crs, to_crs=crs.to_string()
        )
        sources.append(source)
    elif ships:
        people, source = read_settlements()
        people = people.to_crs(crs)
        sources.append(source)
    shipped = {"river": "rivers.geojson", "green_heart": "green_heart.geojson"}
    for kind in ("river", "rail", "green_heart"):
        file = getattr(options, kind)
        if not file and ships and kind in shipped:
            file = data_folder() / "boundaries" / shipped[kind]
        if file:
            frame, source = _layer(Path(file), crs)
            barriers.append(gpd.GeoDataFrame(geometry=frame.geometry).assign(kind=kind))
            sources.append(source)
    if options.zones:
        zones, source = _layer(Path(options.zones), crs)
        sources.append(source)
        if options.zone_column:
            if options.zone_column not in zones:
                msg = f"{Path(options.zones).name} has no field '{options.zone_column}'"
                raise InputError(msg)
            zones = zones.dissolve(options.zone_column)
    elif ships:
        counties, source = _layer(
            data_folder() / "boundaries" / "counties.geojson", crs
        )
        sources.append(source)
        zones = counties.dissolve("city_zh")
    joined = pd.concat(barriers, ignore_index=True) if barriers else None
    return people, joined, zones, sources


def _layer(path: Path, crs: Any) -> "tuple[gpd.GeoDataFrame, Source]":
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


def _tell(
    options: argparse.Namespace, links: "gpd.GeoDataFrame", sources: "list[Source]"
) -> None:
    zh = options.lang == "zh"
    rows = [
        (
            str(link["rank"]),
            _KINDS[link["kind"]] if zh else link["kind"].replace("_", " "),
            plain(link["from_name"] or link["from_id"]),
            plain(link["to_name"] or link["to_id"] or link["to_road_id"]),
            f"{link['length_m']:,.0f}",
            _shown(link["detour_ratio"], 1),
            _shown(link["minutes_before"], 1),
            _shown(link["minutes_after"], 1),
            _shown(link["saved_person_min_per_km"], 0),
        )
        for _, link in links.head(options.first).iterrows()
    ]
    print("\n".join(table(_HEADS[options.lang], rows, widths=_WIDTHS)))
    green, across = (
        int(links["crosses_green_heart"].sum()),
        int(links["cross_city"].sum()),
    )
    print(
        f"\n{len(links):,} 条候选连接，其中 {green:,} 条穿过绿心，{across:,} 条连接两市"
        if zh
        else f"\n{len(links):,} candidates, {green:,} through the green heart, "
        f"{across:,} between two cities"
    )
    if len(links) and links["demand"].iloc[0] == "junctions":
        print(
            "没有人口数据：每个交叉口按一人计"
            if zh
            else "no people were given: each junction stands for one"
        )
    if options.out is not None:
        print(options.out)
    drawn = "（示意）" if zh else " (schematic)"
    for source in sources:
        stamp = drawn if source.schematic else ""
        print(f"\n{plain(source.name)} · {plain(source.licence)}{stamp}")
        for line in source.told(options.lang):
            print(f"  {plain(line)}")


def _shown(number: float, digits: int) -> str:
    return "—" if math.isnan(number) else f"{number:,.{digits}f}"
