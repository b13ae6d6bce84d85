"""``ctzgis index``: the integration index of each two cities and the region (一体化指数)."""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.index_tables import (
    LEGEND,
    State,
    Told,
    change_lines,
    frame_of,
    index_lines,
    part_lines,
)
from ctzgis.cli.map_option import add_map, draw_result, require_map
from ctzgis.cli.states import require_year, state_of
from ctzgis.cli.table import plain, say, source_lines
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.assessment.index.scores import Aggregation, Term
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source

__all__ = ["add_command"]

_NAME: Final = Text("一体化指数（ctzgis 自有方法）", "Integration index (ctzgis's own)")
_BREAKS: Final = (20.0, 40.0, 60.0, 80.0)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "index",
        help="一体化指数 · integration index of each two cities and of the region",
        description="Join times, links and reach across the borders of a plan's cities "
        "into an index of 0–100 (一体化指数), with its sensitivity. The method is this "
        "library's own and no official index.",
        epilog=exit_codes(
            example="ctzgis index --year 2020 --year 2025 --lang en --csv index.csv"
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument(
        "--plan", default="czt", help="shipped plan or a plan's folder [czt]"
    )
    job.add_argument(
        "--year",
        type=_year,
        action="append",
        help="state at the end of a year; may be given again [2020]",
    )
    job.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="FILE",
        help="a scenario card (docs/scenario_format.md); may be given again",
    )
    job.add_argument(
        "--weights",
        metavar="FILE",
        help="weights, goals and floors of one's own (.toml) [the plan's index.toml]",
    )
    job.add_argument(
        "--aggregation", choices=("linear", "geometric"), default="linear",
        help="how scores are joined [linear]",
    )  # fmt: skip
    job.add_argument("--seed", type=_seed, default=1, help="of the random draws [1]")
    job.add_argument(
        "--network", metavar="PATH", help="network of all years [the one that ships]"
    )
    job.add_argument(
        "--undated",
        action="store_true",
        help="a year includes what is planned without a year of opening",
    )
    job.add_argument(
        "--population",
        metavar="FILE",
        help="points or raster with people [census 2020]",
    )
    job.add_argument("--csv", type=Path, metavar="FILE", help="all figures as a table")
    job.add_argument(
        "--borders",
        type=Path,
        metavar="FILE",
        help="the borders with their indices (.gpkg, .geojson)",
    )
    job.add_argument("--chart", type=Path, metavar="FILE", help="the indices as .svg")
    add_map(job)
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.set_defaults(run=_run)


def _year(text: str) -> int:
    if not (text.isdecimal() and len(text) == 4):
        msg = f"{text!r} is no year"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        msg = f"{text!r} is no whole number from 0"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


_OTHER_PARTS: Final = (
    "其余各期的分项见 --csv 写出的表。",
    "The parts of the other states are in the table that --csv writes.",
)


def _run(options: argparse.Namespace) -> int:
    from ctzgis.assessment.index.components import OWN_METHOD
    from ctzgis.assessment.index.sensitivity import index_change
    from ctzgis.reporting.measures import require_writable
    from ctzgis.sources.plans.folders import read_plan
    from ctzgis.sources.plans.index_terms import read_index_terms
    from ctzgis.writing import require_place

    if options.csv is not None:
        require_writable(options.csv, drawn=False)
    if options.borders is not None:
        require_writable(options.borders, drawn=True)
    if options.chart is not None:
        _require_svg(options.chart)
        require_place(options.chart)
    require_map(options)
    say("reading …")
    plan = read_plan(options.plan)
    terms, files = read_index_terms(plan, weights=options.weights)
    states, sources = _states(options, plan, terms)
    told = Told(plan, options.lang)
    print(OWN_METHOD.get(options.lang))
    for index in states[-1].indices:
        print(f"\n{plain(states[-1].name)} · {told.name(index.subject)}")
        print("\n".join(part_lines(index, told)))
    if len(states) > 1:
        print("\n" + told.word(_OTHER_PARTS))
    print()
    print("\n".join(index_lines(states, told)))
    changes = [
        (f"{one.name} → {other.name}", change)
        for one, other in pairwise(states)
        for change in index_change(one.moves, other.moves)
    ]
    if changes:
        print("\n" + "\n".join(change_lines(changes, told)))
    print("\n" + told.word(LEGEND))
    _write(options, states, told, (*files, *sources))
    _draw(options, states, told, (*files, *sources))
    print("\n".join(["", *source_lines((*files, *sources), options.lang)]))
    return 0


def _require_svg(path: Path) -> None:
    from ctzgis.errors import InputError

    if path.suffix.lower() != ".svg":
        msg = f"{path.name}: the chart is written as .svg"
        raise InputError(msg)


def _states(
    options: argparse.Namespace, plan: "Plan", terms: "tuple[Term, ...]"
) -> "tuple[list[State], tuple[Source, ...]]":
    """Measure every year and scenario that is asked for."""
    from ctzgis.assessment.index.joining import integration_index
    from ctzgis.assessment.index.links import index_borders
    from ctzgis.assessment.index.measures import ground_of, measure_components
    from ctzgis.assessment.index.sensitivity import index_sensitivity
    from ctzgis.sources.roads.networks import read_network

    asked = options.year or ([] if options.scenario else [2020])
    for year in asked:
        require_year(year, options)
    network = read_network(options.network)
    people, more = _people(options)
    found = []
    sources = (*network.roads.sources, *more)
    for text in (*(f"{year:04d}" for year in asked), *options.scenario):
        of_state, name, card = state_of(text, options, network)
        sources = (*sources, *card)
        say(f"measuring {name} …")
        ground = ground_of(plan, of_state, people)
        readings = measure_components(ground)
        how: Aggregation = options.aggregation
        indices = integration_index(readings, terms, aggregation=how)
        moves = index_sensitivity(readings, terms, aggregation=how, seed=options.seed)
        borders = index_borders(indices, ground)
        borders.insert(0, "state", name)
        found.append(State(name, indices, moves, borders))
    return found, sources


def _people(
    options: argparse.Namespace,
) -> "tuple[gpd.GeoDataFrame | None, tuple[Source, ...]]":
    """Read the people; those that ship only on the network that ships."""
    from ctzgis.sources.places.population import read_population, read_settlements

    if options.population is not None:
        people, source = read_population(options.population)
    elif options.network is None:
        people, source = read_settlements()
    else:
        return None, ()
    return people, (source,)


def _draw(
    options: argparse.Namespace,
    states: list[State],
    told: Told,
    sources: "tuple[Source, ...]",
) -> None:
    """Draw the borders with their indices, a layer for each state."""
    layers = {
        plain(state.name): state.borders.assign(
            name=[told.name(subject) for subject in state.borders["subject"]]
        )
        for state in states
    }
    drawn = {name: borders for name, borders in layers.items() if len(borders)}
    if drawn:
        draw_result(
            options,
            drawn,
            name=_NAME,
            sources=sources,
            by="index",
            breaks=_BREAKS,
            label="index",
        )


def _write(
    options: argparse.Namespace,
    states: list[State],
    told: Told,
    sources: "tuple[Source, ...]",
) -> None:
    """Write the table, borders and chart that are asked for, and name them."""
    import pandas as pd

    from ctzgis._version import __version__
    from ctzgis.assessment.index.components import OWN_METHOD
    from ctzgis.reporting.measures import write_measure
    from ctzgis.reporting.pictures.index_chart import index_chart
    from ctzgis.writing import written_whole

    parameters = {
        "aggregation": options.aggregation,
        "seed": options.seed,
        "undated": options.undated,
        "method": OWN_METHOD.en,
        "ctzgis": __version__,
    }
    tables = (
        (options.csv, [frame_of(states, told)]),
        (options.borders, [pd.concat([s.borders for s in states], ignore_index=True)]),
    )
    for path, frames in tables:
        if path is not None:
            write_measure(frames, path, sources=sources, parameters=parameters)
            print(f"\n{path}")
    if options.chart is not None:
        bars = [
            (
                f"{plain(state.name)} · {told.name(index.subject)}",
                index.value,
                next(
                    (m.everything for m in state.moves if m.subject == index.subject),
                    None,
                ),
            )
            for state in states
            for index in state.indices
        ]
        svg = index_chart(bars, title=_NAME, note=OWN_METHOD, lang=told.lang)
        with written_whole(options.chart) as part:
            part.write_text(svg, encoding="utf-8")
        print(f"\n{options.chart}")
