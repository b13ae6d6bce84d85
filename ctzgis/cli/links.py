"""``ctzgis missing-links``: where short roads would save long ways (缺失连接)."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.link_inputs import (
    add_network,
    add_people,
    add_result,
    number,
    print_sources,
    read_barriers,
    read_layer,
    read_network_of,
    read_people,
)
from ctzgis.cli.map_option import add_map, draw_result, require_map
from ctzgis.cli.table import plain, say, table
from ctzgis.texts import Text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

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
    "no_access": "封闭道路",
    "median": "分隔带",
}
_WIDTHS: Final = (5, 12, 28, 28, 7, 9, 8, 9, 13)
_CROSS_CITY: Final = 5


_NAME: Final = Text("缺失连接", "Missing links")


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "missing-links",
        help="缺失连接 · short roads that would save long ways round",
        description="Find ends of roads that are near each other but far apart by road, "
        "and rank what a road between them would save (缺失连接). Demand is a model: "
        "people around both ends who go to one another.",
        epilog=exit_codes(
            example="ctzgis missing-links --within 800 --lang en --map links.html"
        ),
        formatter_class=HelpFormatter,
    )
    add_network(job)
    numbers = (
        ("--within", "M", 500.0, "straight metres that ends may be apart [500]"),
        ("--detour", "TIMES", 3.0, "least length of the way round, in straights [3]"),
        (
            "--over-rivers",
            "M",
            1500.0,
            "straight metres that junctions may be apart over a river [1500]",
        ),
        ("--at-least", "M", 50.0, "shortest link that counts [50]"),
        (
            "--around",
            "M",
            1000.0,
            "metres around an end within which people use it [1000]",
        ),
    )
    for name, unit, default, what in numbers:
        job.add_argument(name, type=number, default=default, metavar=unit, help=what)
    add_people(job, "else each junction stands for one person")
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
    add_result(job)
    add_map(job)
    job.set_defaults(run=_run)


def _run(options: "argparse.Namespace") -> int:
    from ctzgis.analysis.links.missing_links import missing_links
    from ctzgis.reporting.measures import require_writable, write_measure

    if options.out is not None:
        require_writable(options.out, drawn=True)
    require_map(options)
    say("reading …")
    network = read_network_of(options)
    crs = network.roads.crs
    people, from_people = read_people(options, crs)
    barriers, from_barriers = read_barriers(
        options, crs, ("river", "rail", "green_heart")
    )
    zones, from_zones = _zones(options, crs)
    say("measuring …")
    asked: dict[str, Any] = {
        "within_m": options.within,
        "detour_at_least": options.detour,
        "at_least_m": options.at_least,
        "over_rivers_m": options.over_rivers,
        "around_m": options.around,
        "road_class": options.road_class,
        "mode": options.mode,
        "profile": options.profile,
    }
    links = missing_links(
        network, people=people, barriers=barriers, zones=zones, **asked
    )
    sources = [
        *network.roads.sources, *from_people, *from_barriers, *from_zones,
    ]  # fmt: skip
    if options.out is not None:
        from ctzgis._version import __version__

        about = {**asked, "year": options.year, "ctzgis": __version__}
        write_measure(
            [links.reset_index()], options.out, sources=sources, parameters=about
        )
    _tell(options, links, sources)
    if len(links):
        draw_result(
            options, links, name=_NAME, sources=sources, by="saved_person_min_per_km"
        )
    return 0


def _zones(
    options: "argparse.Namespace", crs: Any
) -> "tuple[gpd.GeoDataFrame | None, tuple[Source, ...]]":
    """Read the cities; those that ship only with the network that ships."""
    from ctzgis.errors import InputError
    from ctzgis.sources.formats.files import data_folder

    if options.zones:
        zones, source = read_layer(Path(options.zones), crs)
        if not options.zone_column:
            return zones, (source,)
        if options.zone_column not in zones:
            msg = f"{Path(options.zones).name} has no field '{options.zone_column}'"
            raise InputError(msg)
        return zones.dissolve(options.zone_column), (source,)
    if options.network:
        return None, ()
    counties, source = read_layer(
        data_folder() / "boundaries" / "counties.geojson", crs
    )
    return counties.dissolve("city_zh"), (source,)


def _tell(
    options: "argparse.Namespace", links: "gpd.GeoDataFrame", sources: "list[Source]"
) -> None:
    zh = options.lang == "zh"
    rows = [
        (
            str(link["rank"]),
            _KINDS[link["kind"]] if zh else link["kind"].replace("_", " "),
            *_ends(link),
            f"{link['length_m']:,.0f}",
            _shown(link["detour_ratio"], 1),
            _shown(link["minutes_before"], 1),
            _shown(link["minutes_after"], 1),
            _shown(link["saved_person_min_per_km"], 0),
        )
        for _, link in links.head(options.first).iterrows()
    ]
    print("\n".join(table(_HEADS[options.lang], rows, widths=_WIDTHS)))
    for line in _remarks(links, zh=zh):
        print(line)
    if options.out is not None:
        print(options.out)
    print_sources(sources, options.lang)


def _remarks(links: "gpd.GeoDataFrame", *, zh: bool) -> "Iterator[str]":
    """Yield what all links have in common, and those between cities."""
    marks = (
        links["crosses_green_heart"], links["cross_city"], links["kind"] == "no_access",
        links["kind"] == "median", links["trips_across"] == 0,
    )  # fmt: skip
    green, across, closed, medians, nobody = (int(mark.sum()) for mark in marks)
    yield (
        f"\n{len(links):,} 条候选连接，其中 {green:,} 条穿过绿心，{across:,} 条连接两市"
        if zh
        else f"\n{len(links):,} candidates, {green:,} through the green heart, "
        f"{across:,} between two cities"
    )
    for _, link in links[links["cross_city"]].head(_CROSS_CITY).iterrows():
        ends = " → ".join(_ends(link))
        cities = plain(f"{link['from_zone']}—{link['to_zone']}")
        yield f"  #{link['rank']} {cities}{'：' if zh else ': '}{ends}"
    of_people = len(links) and links["demand"].iloc[0] != "junctions"
    if nobody and of_people:
        yield (
            f"{nobody:,} 条的一端 --around 以内无人居住，节省为 0"
            if zh
            else f"{nobody:,} without a saving: nobody lives within --around of one end"
        )
    if closed or medians:
        yield (
            f"列在最后：{closed:,} 条接到两幅并行、1 km 内无交叉口的道路（可能封闭），"
            f"{medians:,} 条只连接并行的两幅车行道（分隔带）"
            if zh
            else f"last come {closed:,} at roads of two carriageways without a junction for "
            f"1 km (no access, perhaps) and {medians:,} between two carriageways (medians)"
        )
    if len(links) and not of_people:
        yield (
            "没有人口数据：每个交叉口按一人计"
            if zh
            else "no people were given: each junction stands for one"
        )


def _ends(link: "pd.Series[Any]") -> tuple[str, str]:
    """Return the names of what a link joins, or else their ids."""
    return (
        plain(link["from_name"] or link["from_id"]),
        plain(link["to_name"] or link["to_id"] or link["to_road_id"]),
    )


def _shown(value: float, digits: int) -> str:
    return "—" if math.isnan(value) else f"{value:,.{digits}f}"
