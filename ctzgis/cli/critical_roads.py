"""``ctzgis critical-roads``: roads and bridges whose loss costs most (路网韧性)."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.link_inputs import (
    add_network,
    add_people,
    add_result,
    print_sources,
    read_barriers,
    read_network_of,
    read_people,
)
from ctzgis.cli.map_option import add_map, draw_result, require_map
from ctzgis.cli.table import plain, say, table
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.provenance import Source

__all__ = ["add_command"]

_HEADS: Final = {
    "zh": (
        "#",
        "类型",
        "河流",
        "道路",
        "断路人数",
        "绕行人数",
        "增加 人·分",
        "最多 min",
    ),
    "en": (
        *("#", "kind", "river", "road", "people cut off", "delayed", "person-min more"),
        "most min",
    ),
}
_KINDS: Final = {
    "river": "过江通道",
    "bridge": "桥",
    "parting": "割边",
    "busy": "要道",
    "given": "指定",
}
_WIDTHS: Final = (5, 9, 10, 36, 14, 10, 16, 9)


_NAME: Final = Text("要害道路", "Critical roads")


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "critical-roads",
        help="路网韧性 · roads and bridges whose loss costs most",
        description="Close roads one by one, both carriageways together, and measure who "
        "reaches no centre any more and what others lose (路网韧性). Crossings of rivers "
        "come first.",
        epilog=exit_codes(),
        formatter_class=HelpFormatter,
    )
    add_network(job)
    add_people(job, "needed with another")
    job.add_argument(
        "--points",
        metavar="FILE",
        help="where people go [the centres of the plan that ships, with the network "
        "that ships; needed with another]",
    )
    job.add_argument(
        "--points-crs", metavar="CRS", help="CRS of these points [the file says it]"
    )
    job.add_argument("--id-column", metavar="FIELD", help="field that names each point")
    job.add_argument(
        "--to",
        choices=("nearest", "every"),
        default="nearest",
        help="everyone goes to the nearest centre, or to each in turn [nearest]",
    )
    job.add_argument(
        "--river",
        metavar="FILE",
        help="rivers, lines or areas [what ships, with the network that ships]",
    )
    job.add_argument(
        "--roads",
        nargs="+",
        metavar="ID",
        help="roads to close [over rivers, bridges by name, those that part the network, "
        "the busiest]",
    )
    for name, what in (
        ("--parting", "how many that part the network are closed [50]"),
        ("--busiest", "how many of the busiest are closed [50]"),
    ):
        job.add_argument(name, type=_whole, default=50, metavar="N", help=what)
    add_result(job)
    add_map(job)
    job.set_defaults(run=_run)


def _whole(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 9):
        msg = f"{text!r}: a whole number, 0 or more, is expected"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from ctzgis.analysis.links.resilience import critical_roads
    from ctzgis.errors import InputError
    from ctzgis.reporting.measures import require_writable, write_measure

    if options.out is not None:
        require_writable(options.out, drawn=True)
    require_map(options)
    say("reading …")
    network = read_network_of(options)
    crs = network.roads.crs
    people, from_people = read_people(options, crs)
    if people is None:
        msg = "with --network say where people live: --people"
        raise InputError(msg)
    centres, from_centres = _centres(options, crs)
    rivers, from_rivers = read_barriers(options, crs, ("river",))
    say("measuring …")
    asked: dict[str, Any] = {
        "roads": options.roads,
        "parting": options.parting,
        "busiest": options.busiest,
        "to": options.to,
        "mode": options.mode,
        "profile": options.profile,
    }
    lost = critical_roads(network, people, centres, rivers=rivers, **asked)
    sources = [
        *network.roads.sources, *from_people, *from_centres, *from_rivers,
    ]  # fmt: skip
    if options.out is not None:
        from ctzgis._version import __version__

        about = {**asked, "year": options.year, "ctzgis": __version__}
        write_measure(
            [lost.reset_index()], options.out, sources=sources, parameters=about
        )
    _tell(options, lost, float(people["population"].sum()))
    print_sources(sources, options.lang)
    if len(lost):
        draw_result(options, lost, name=_NAME, sources=sources, by="added_person_min")
    return 0


def _centres(
    options: argparse.Namespace, crs: Any
) -> "tuple[gpd.GeoDataFrame, tuple[Source, ...]]":
    """Read where people go; the plan's centres only on the network that ships."""
    from ctzgis.batch.checks import PointsInput, Reading
    from ctzgis.batch.inputs import points_of
    from ctzgis.errors import InputError

    if options.points:
        wanted = PointsInput(
            file=Path(options.points),
            id_column=options.id_column,
            reading=Reading(crs=options.points_crs),
        )
    elif options.network:
        msg = "with --network say where people go: --points"
        raise InputError(msg)
    else:
        wanted = PointsInput(plan="czt", centres=True)
    found = points_of(wanted, crs)
    return found.frame, tuple(found.sources)


def _tell(options: argparse.Namespace, lost: "gpd.GeoDataFrame", people: float) -> None:
    zh = options.lang == "zh"
    rows = [
        (
            str(road["rank"]),
            _KINDS[road["kind"]] if zh else road["kind"],
            plain(road["river_zh"]),
            plain(road["name_zh"] or road.name),
            f"{road['people_cut_off']:,.0f}",
            f"{road['people_delayed']:,.0f}",
            f"{road['added_person_min']:,.0f}",
            f"{road['longest_added_min']:,.1f}",
        )
        for _, road in lost.head(options.first).iterrows()
    ]
    print("\n".join(table(_HEADS[options.lang], rows, widths=_WIDTHS)))
    over = int(lost["over_river"].sum())
    print(
        f"\n逐一中断 {len(lost):,} 条道路，其中 {over:,} 条过江；共 {people:,.0f} 人"
        if zh
        else f"\n{len(lost):,} roads closed one by one, {over:,} over rivers; "
        f"{people:,.0f} people"
    )
    if options.out is not None:
        print(options.out)
