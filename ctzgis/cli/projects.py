"""``ctzgis projects``: projects of a network, their cards and contributions (工程项目)."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.states import (
    add_inputs,
    backdrop_of,
    read_asked,
    require_html,
    require_year,
    schematic,
    undated_of,
)
from ctzgis.cli.table import plain, say, table
from ctzgis.reporting.changes.words import (
    MEASURES,
    missing_reason,
    sign_rule,
    signed,
    unit_word,
)

if TYPE_CHECKING:
    from ctzgis.analysis.change.contributions import Contributions, NamedMeasure
    from ctzgis.cli.states import Asked
    from ctzgis.network import Project, Scenario, TravelNetwork
    from ctzgis.texts import Lang

__all__ = ["add_command"]

_USUAL_YEAR: Final = 2025
_MOST_CARDS: Final = 20


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "projects",
        help="工程项目 · projects of a network, as cards, and what each contributes",
        description="List the projects of a network or of a scenario card, write them as "
        "cards,\nor measure what each contributes alone and within the whole (工程项目).",
        epilog=exit_codes(
            example="ctzgis projects --contribution minutes --lang en --html gains.html"
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument(
        "--scenario",
        metavar="FILE",
        help="card whose projects are meant [the network's]",
    )
    job.add_argument(
        "--corridors",
        action="store_true",
        help="every corridor that is drawn, beside the projects",
    )
    job.add_argument("--year", type=_year, help="state they are put into [2025]")
    job.add_argument(
        "--contribution",
        choices=("minutes", "people"),
        help="mean minutes between the points, or people within --cutoff of one",
    )
    job.add_argument(
        "--cards", type=Path, metavar="FOLDER", help="write a card for each project"
    )
    add_inputs(job)
    job.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="contributions as .csv, .parquet, .gpkg or .geojson, with the courses",
    )
    job.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="contributions as a map with its table, on one page that works offline",
    )
    job.set_defaults(run=_run)


def _year(text: str) -> int:
    if not (text.isdecimal() and len(text) == 4):
        msg = f"{text!r} is no year"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from ctzgis.errors import InputError

    if options.contribution is not None:
        if options.cards is not None:
            msg = "--cards and --contribution are two things; ask one after the other"
            raise InputError(msg)
        return _contributions(options)
    if options.out is not None or options.html is not None:
        given = "--html" if options.out is None else "--out"
        msg = f"{given} is for contributions; say --contribution minutes or people"
        raise InputError(msg)
    return _list(options)


def _list(options: argparse.Namespace) -> int:
    """List projects, and write their cards if a folder is given."""
    from ctzgis.sources.roads.networks import read_network
    from ctzgis.writing import require_folder

    if options.cards is not None:
        require_folder(options.cards)
    network = read_network(options.network)
    projects, _ = _projects(options, network)
    print("\n".join(_listed(projects, options.lang)))
    if options.cards is not None:
        _write_cards(options, network, projects)
    return 0


def _projects(
    options: argparse.Namespace, network: "TravelNetwork"
) -> "tuple[tuple[Project, ...], Scenario | None]":
    """Return the projects that are meant, and the scenario that they are of."""
    from ctzgis.network import corridor_projects, projects_of
    from ctzgis.sources.scenarios.reading import read_scenario

    if options.scenario is not None:
        scenario, _ = read_scenario(Path(options.scenario), network)
        return scenario.projects, scenario
    others = corridor_projects(network) if options.corridors else ()
    return (*projects_of(network), *others), None


def _listed(projects: "tuple[Project, ...]", lang: "Lang") -> list[str]:
    from ctzgis.network import AddLine, AddRoad, CloseLine, CloseRoad, UpgradeRoad

    head = (
        ("项目", "名称", "开通", "新增道路", "提升", "线路", "关闭")
        if lang == "zh"
        else ("project", "name", "opens", "roads", "upgrades", "lines", "closed")
    )
    kinds = (AddRoad, UpgradeRoad, AddLine, (CloseRoad, CloseLine))
    rows = [
        (
            plain(project.id),
            _name(project.name_zh, project.name_en, lang),
            str(project.opens or "—"),
            *(str(sum(isinstance(e, kind) for e in project.edits)) for kind in kinds),
        )
        for project in projects
    ]
    return table(head, rows, widths=(28, 36, 5, 8, 8, 6, 6))


def _name(name_zh: str, name_en: str, lang: "Lang") -> str:
    """Return a name; what has no English one keeps its Chinese one."""
    return plain((name_en if lang == "en" else "") or name_zh)


def _write_cards(
    options: argparse.Namespace,
    network: "TravelNetwork",
    projects: "tuple[Project, ...]",
) -> None:
    from ctzgis.network import scenarios_of
    from ctzgis.sources.scenarios.written import write_scenario

    cards = scenarios_of(network, projects, year=_year_of(options))
    paths = [options.cards / f"{card.id}.yaml" for card in cards]
    for card, path in zip(cards, paths, strict=True):
        write_scenario(card, path, crs=network.roads.crs.to_string())
    print()
    if len(paths) <= _MOST_CARDS:
        print(*paths, sep="\n")
    else:
        word = "张卡片" if options.lang == "zh" else "cards"
        print(f"{options.cards}: {len(paths)} {word}")


def _year_of(options: argparse.Namespace) -> int:
    year = _USUAL_YEAR if options.year is None else int(options.year)
    require_year(year, options)
    return year


def _contributions(options: argparse.Namespace) -> int:
    from ctzgis.analysis.change.contributions import contributions
    from ctzgis.reporting.measures import require_writable

    if options.out is not None:
        require_writable(options.out, drawn=True)
    if options.html is not None:
        require_html(options.html)
    say("reading …")
    asked = read_asked(options)
    base, projects, waiting = _base(options, asked.network)
    say("measuring …")
    found = contributions(base, projects, _measure(options, asked))
    stamp = schematic(asked.sources, options.lang)
    lines = _shown(found, options.lang, stamp) + _waiting(waiting, options.lang)
    print("\n".join(lines))
    if options.out is not None:
        _write(found, options, asked)
    if options.html is not None:
        _draw(found, options, asked, base)
    return 0


def _draw(
    found: "Contributions",
    options: argparse.Namespace,
    asked: "Asked",
    base: "TravelNetwork",
) -> None:
    """Write the map of contributions on the network without the projects."""
    from ctzgis.reporting.changes.contribution_page import write_contributions

    name = str(options.scenario or _year_of(options))
    backdrop = backdrop_of(options, asked, base, (Path(name).stem, ""), asked.sources)
    write_contributions(found, options.html, backdrop=backdrop, lang=options.lang)
    print(options.html)


def _base(
    options: argparse.Namespace, network: "TravelNetwork"
) -> "tuple[TravelNetwork, tuple[Project, ...], tuple[Project, ...]]":
    """Return the network without the projects, those open in the year, and the rest."""
    from ctzgis.errors import InputError
    from ctzgis.network import without_projects

    projects, scenario = _projects(options, network)
    if scenario is not None:
        if options.year not in (None, scenario.year):
            msg = f"the card says year {scenario.year}; leave --year out"
            raise InputError(msg)
        return scenario.base(network), projects, ()
    year = _year_of(options)
    kept = tuple(
        p for p in projects if (options.undated if p.opens is None else p.opens <= year)
    )
    if not kept:
        msg = f"no project is open in {year}; with --undated those without a year are"
        raise InputError(msg)
    undated = undated_of(options)
    ids = {project.id for project in kept}
    waiting = tuple(project for project in projects if project.id not in ids)
    return without_projects(network, kept, year=year, undated=undated), kept, waiting


def _waiting(projects: "tuple[Project, ...]", lang: "Lang") -> list[str]:
    """Return which projects were left out, since they do not open in time."""
    if not projects:
        return []
    if lang == "zh":
        names = "、".join(plain(project.name_zh) for project in projects)
        return [f"未计入（尚未开通）：{names}"]
    names = ", ".join(plain(project.name_en or project.id) for project in projects)
    return [f"not open yet: {names}"]


def _measure(options: argparse.Namespace, asked: "Asked") -> "NamedMeasure":
    from ctzgis.analysis.change.contributions import mean_minutes, people_within
    from ctzgis.errors import InputError

    mode, profile = options.mode, options.profile
    if options.contribution == "minutes":
        return mean_minutes(asked.points, mode=mode, profile=profile)
    if asked.population is None:
        msg = "there are no people to count; give --population"
        raise InputError(msg)
    return people_within(
        asked.population,
        asked.points,
        cutoff_min=options.cutoff,
        mode=mode,
        profile=profile,
    )


def _shown(found: "Contributions", lang: "Lang", stamp: str) -> list[str]:
    """Return the table, and what it adds up to."""
    digits = 2 if found.unit == "min" else 0
    head = (
        ("项目", "名称", "单独", "在整体中", "相互作用", "缺值原因")
        if lang == "zh"
        else (
            "project",
            "name",
            "alone",
            "within the whole",
            "interaction",
            "why missing",
        )
    )

    rows = [
        (
            plain(row.project_id),
            _name(str(row.name_zh), str(row.name_en), lang),
            signed(row.alone, digits),
            signed(row.left_out, digits),
            signed(row.interaction, digits),
            missing_reason(str(row.reason), lang),
        )
        for row in found.table.itertuples()
    ]
    ends = f"{found.before:,.{digits}f} → {found.after:,.{digits}f} {unit_word(found.unit, lang)}"
    words = ("合计", "单独之和以外") if lang == "zh" else ("all", "beside the sum")
    return [
        f"{MEASURES[found.name].get(lang)}{stamp}: {ends}",
        "",
        *table(head, rows, widths=(28, 30, 16, 16, 16, 40)),
        "",
        f"{words[0]} {signed(found.total, digits)}; {words[1]} {signed(found.remainder, digits)}",
        *filter(None, [sign_rule(found.better, lang)]),
    ]


def _write(found: "Contributions", options: argparse.Namespace, asked: "Asked") -> None:
    from ctzgis._version import __version__
    from ctzgis.reporting.measures import write_measure

    of_card = options.scenario is not None
    parameters = {
        "measure": found.name,
        "unit": found.unit,
        "before": found.before,
        "after": found.after,
        "year": None if of_card else options.year or _USUAL_YEAR,
        "scenario": options.scenario,
        "undated": options.undated,
        "mode": options.mode,
        "profile": options.profile,
        "cutoff_min": options.cutoff if found.unit == "people" else None,
        "ctzgis": __version__,
    }
    write_measure(
        [found.table], options.out, sources=asked.sources, parameters=parameters
    )
    print(options.out)
