"""``ctzgis index``: the integration index of each two cities and the region (一体化指数)."""

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import exit_codes
from ctzgis.cli.states import require_year, state_of
from ctzgis.cli.table import plain, say, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from ctzgis.assessment.index_sensitivity import Change, Sensitivity, Span
    from ctzgis.assessment.integration_index import (
        Aggregation,
        IntegrationIndex,
        Scored,
        Term,
    )
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source
    from ctzgis.texts import Lang

__all__ = ["add_command"]

_ALL_PAIRS: Final = ("全区域", "the region")
_PARTS_HEAD: Final = (
    "分项|单位|数值|范围|目标|下限|权重|得分",
    "component|unit|value|range|goal|floor|weight|score",
)
_INDEX_HEAD: Final = (
    "情形|对象|指数|数据|权重|下限|几何|缺一项|综合九成|名次",
    "state|of|index|data|weights|floors|geometric|less one|all, 9/10|rank",
)
_CHANGE_HEAD: Final = (
    "变化|对象|指数之差|综合九成|同向份额",
    "change|of|difference|all, 9/10|same sign",
)
_UNITS: Final = {
    "min": ("分钟", "min"),
    "share": ("%", "%"),
    "per_100km": ("条/百公里", "per 100 km"),
    "per_hour": ("班/小时", "per hour"),
    "count": ("处", "places"),
}
_LEGEND: Final = (
    "数据：全部分项取精度区间的劣端与优端；权重：各权重±50%（九成抽样）；下限：与目标的距离±25%；"
    "几何：加权几何平均；缺一项：逐项剔除的最低与最高；综合九成：数据、权重、下限同时抽样。",
    "data: all components at the worse and better end of their ranges; weights: each ±50 % "
    "(nine tenths of the draws); floors: their distance to the goal ±25 %; geometric: "
    "weighted geometric mean; less one: each component left out in turn; all: data, "
    "weights and floors drawn at once.",
)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "index",
        help="integration index of each two cities and of the region",
        description="Join times, links and reach across the borders of a plan's cities "
        "into an index of 0–100 (一体化指数), with its sensitivity. The method is this "
        "library's own and no official index.",
        epilog=exit_codes(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    job.add_argument(
        "--plan", default="czt", help="shipped plan or a plan's folder [czt]"
    )
    job.add_argument(
        "--year",
        type=int,
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
    job.add_argument("--seed", type=int, default=1, help="of the random draws [1]")
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
    job.add_argument("--chart", type=Path, metavar="FILE", help="the indices as .svg")
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.set_defaults(run=_run)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A year or a scenario with its indices."""

    name: str
    indices: "tuple[IntegrationIndex, ...]"
    moves: "tuple[Sensitivity, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """Words and names in one language."""

    plan: "Plan"
    lang: "Lang"

    def word(self, pair: tuple[str, str]) -> str:
        """Return a word in the language asked for."""
        return pair[self.lang == "en"]

    def name(self, subject: str) -> str:
        """Return what a pair of cities, or the region, is called."""
        places = {
            place.id: place.name for place in map(self.plan.place, self.plan.centres)
        }
        for a in places:
            for b in places:
                if subject == f"{a}–{b}":
                    return plain(
                        f"{places[a].get(self.lang)}—{places[b].get(self.lang)}"
                    )
        return self.word(_ALL_PAIRS)


def _run(options: argparse.Namespace) -> int:
    from ctzgis.assessment.index_components import OWN_METHOD
    from ctzgis.assessment.index_sensitivity import index_change
    from ctzgis.reporting.measures import require_place, require_writable
    from ctzgis.sources.plans.folders import read_plan
    from ctzgis.sources.plans.index_terms import read_index_terms

    if options.csv is not None:
        require_writable(options.csv, drawn=False)
    if options.chart is not None:
        _require_svg(options.chart)
        require_place(options.chart)
    say("reading …")
    plan = read_plan(options.plan)
    terms, files = read_index_terms(plan, weights=options.weights)
    states, sources = _states(options, plan, terms)
    told = _Told(plan, options.lang)
    print(OWN_METHOD.get(options.lang))
    for state in states:
        for index in state.indices:
            print(f"\n{plain(state.name)} · {told.name(index.subject)}")
            print("\n".join(_parts(index, told)))
    print()
    print("\n".join(_indices(states, told)))
    changes = [
        (f"{one.name} → {other.name}", change)
        for one, other in pairwise(states)
        for change in index_change(one.moves, other.moves)
    ]
    if changes:
        print("\n" + "\n".join(_changed(changes, told)))
    print("\n" + told.word(_LEGEND))
    _write(options, states, told, (*files, *sources))
    for source in (*files, *sources):
        stamp = told.word(("（示意）", " (schematic)")) if source.schematic else ""
        print(f"\n{plain(source.name)} · {plain(source.licence)}{stamp}")
    return 0


def _require_svg(path: Path) -> None:
    from ctzgis.errors import InputError

    if path.suffix.lower() != ".svg":
        msg = f"{path.name}: the chart is written as .svg"
        raise InputError(msg)


def _states(
    options: argparse.Namespace, plan: "Plan", terms: "tuple[Term, ...]"
) -> "tuple[list[_State], tuple[Source, ...]]":
    """Measure every year and scenario that is asked for."""
    from ctzgis.assessment.index_measures import ground_of, measure_components
    from ctzgis.assessment.index_sensitivity import index_sensitivity
    from ctzgis.assessment.integration_index import integration_index
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
        readings = measure_components(ground_of(plan, of_state, people))
        how: Aggregation = options.aggregation
        found.append(
            _State(
                name,
                integration_index(readings, terms, aggregation=how),
                index_sensitivity(readings, terms, aggregation=how, seed=options.seed),
            )
        )
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


def _parts(index: "IntegrationIndex", told: _Told) -> list[str]:
    """Return the table of an index's components, dimension by dimension."""
    from ctzgis.assessment.index_components import COMPONENTS, DIMENSIONS

    rows: list[tuple[str, ...]] = []
    for dimension, words in DIMENSIONS.items():
        here = [
            part
            for part in index.scored
            if COMPONENTS[part.term.id].dimension == dimension
        ]
        if here:
            total = index.dimensions.get(dimension)
            shown = told.word(("—", "—")) if total is None else f"{total:.0f}"
            weight = sum(part.weight_share for part in here)
            rows.append(
                (
                    f"【{words.get(told.lang)}】",
                    "",
                    "",
                    "",
                    "",
                    "",
                    _cent(weight),
                    shown,
                )
            )
            rows += [_part(part, told) for part in here]
    head = told.word(_PARTS_HEAD).split("|")
    return table(head, rows, widths=(40, 10, 22, 16, 6, 6, 6, 8))


def _part(part: "Scored", told: _Told) -> tuple[str, ...]:
    from ctzgis.assessment.index_components import COMPONENTS

    component, reading = COMPONENTS[part.term.id], part.reading
    factor = 100 if component.unit == "share" else 1
    if reading.value is None:
        value = "" if reading.reason is None else reading.reason.get(told.lang)
        span = ""
    else:
        value = f"{factor * reading.value:.1f}"
        span = "—"
        if reading.low is not None and reading.high is not None:
            span = f"{factor * reading.low:.1f}–{factor * reading.high:.1f}"
    shown = "—" if part.score is None else f"{part.score:.0f}"
    return (
        component.name.get(told.lang),
        told.word(_UNITS[component.unit]),
        plain(value),
        span,
        f"{factor * part.term.goal:g}",
        f"{factor * part.term.floor:g}",
        _cent(part.weight_share),
        shown,
    )


def _cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _indices(states: list[_State], told: _Told) -> list[str]:
    """Return the table of the indices and of what moves them."""
    rows: list[tuple[str, ...]] = []
    for state in states:
        moves = {move.subject: move for move in state.moves}
        for index in state.indices:
            head = plain(state.name), told.name(index.subject)
            move = moves.get(index.subject)
            if move is None or index.value is None:
                none = told.word(("无法评估", "not assessable"))
                why = told.word(("已评估权重", "weight assessed"))
                share = f"{why} {_cent(index.assessed_share)}"
                rows.append((*head, none, share, "", "", "", "", "", ""))
            else:
                rows.append((*head, f"{index.value:.1f}", *_moved(move)))
    widths = (20, 22, 14, 22, 8, 8, 9, 9, 9, 9)
    return table(told.word(_INDEX_HEAD).split("|"), rows, widths=widths)


def _changed(changes: "list[tuple[str, Change]]", told: _Told) -> list[str]:
    """Return the table of how the indices differ from one state to the next."""
    rows = [
        (
            plain(name),
            told.name(change.subject),
            f"{change.value:+.1f}",
            f"{change.span.low:+.1f} … {change.span.high:+.1f}",
            _cent(change.same_sign_share),
        )
        for name, change in changes
    ]
    head = told.word(_CHANGE_HEAD).split("|")
    return table(head, rows, widths=(40, 22, 12, 16, 10))


def _moved(move: "Sensitivity") -> tuple[str, ...]:
    rank = ""
    if move.rank is not None:
        rank = f"{move.rank} ({move.best_rank}–{move.worst_rank})"
    return (
        _span(move.data), _span(move.weights), _span(move.floors),
        f"{move.geometric:.0f}", _span(move.without), _span(move.everything), rank,
    )  # fmt: skip


def _span(span: "Span") -> str:
    return f"{span.low:.0f}–{span.high:.0f}"


def _write(
    options: argparse.Namespace,
    states: list[_State],
    told: _Told,
    sources: "tuple[Source, ...]",
) -> None:
    """Write the table and the chart that are asked for, and name them."""
    from ctzgis._version import __version__
    from ctzgis.assessment.index_components import OWN_METHOD
    from ctzgis.reporting.index_chart import index_chart
    from ctzgis.reporting.measures import write_measure
    from ctzgis.texts import Text
    from ctzgis.writing import written_whole

    if options.csv is not None:
        parameters = {
            "aggregation": options.aggregation,
            "seed": options.seed,
            "undated": options.undated,
            "method": OWN_METHOD.en,
            "ctzgis": __version__,
        }
        write_measure(
            [_frame(states, told)], options.csv, sources=sources, parameters=parameters
        )
        print(f"\n{options.csv}")
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
        title = Text(
            "一体化指数（ctzgis 自有方法）", "Integration index (ctzgis's own)"
        )
        svg = index_chart(bars, title=title, note=OWN_METHOD, lang=told.lang)
        with written_whole(options.chart) as part:
            part.write_text(svg, encoding="utf-8")
        print(f"\n{options.chart}")


def _frame(states: list[_State], told: _Told) -> "pd.DataFrame":
    """Return a row for each component, index and range of each state."""
    import pandas as pd

    rows = [
        {"state": state.name, "subject": index.subject, **row}
        for state in states
        for index in state.indices
        for row in (*_component_rows(index, told), *_index_rows(index, state.moves))
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS: Final = [
    "state", "subject", "figure", "name", "dimension", "unit", "value", "low", "high",
    "goal", "floor", "weight_share", "score", "score_low", "score_high", "reason",
    "goal_source", "why", "method", "accuracy",
]  # fmt: skip


def _component_rows(
    index: "IntegrationIndex", told: _Told
) -> "Iterator[dict[str, Any]]":
    from ctzgis.assessment.index_components import COMPONENTS

    for part in index.scored:
        component, reading, lang = COMPONENTS[part.term.id], part.reading, told.lang
        yield {
            "figure": component.id,
            "name": component.name.get(lang),
            "dimension": component.dimension,
            "unit": component.unit,
            "value": reading.value,
            "low": reading.low,
            "high": reading.high,
            "goal": part.term.goal,
            "floor": part.term.floor,
            "weight_share": part.weight_share,
            "score": part.score,
            "score_low": part.low,
            "score_high": part.high,
            "reason": "" if reading.reason is None else reading.reason.get(lang),
            "goal_source": part.term.source.get(lang),
            "why": part.term.why.get(lang),
            "method": component.method.get(lang),
            "accuracy": component.accuracy.get(lang),
        }


def _index_rows(
    index: "IntegrationIndex", moves: "tuple[Sensitivity, ...]"
) -> "Iterator[dict[str, Any]]":
    yield {
        "figure": "index",
        "weight_share": index.assessed_share,
        "score": index.value,
        "score_low": index.low,
        "score_high": index.high,
    }
    for name, value in index.dimensions.items():
        yield {"figure": f"dimension_{name}", "dimension": name, "score": value}
    move = next((m for m in moves if m.subject == index.subject), None)
    if move is None:
        return
    for name in ("linear", "geometric"):
        yield {"figure": f"index_{name}", "score": getattr(move, name)}
    for name in ("data", "weights", "floors", "without", "everything"):
        span = getattr(move, name)
        yield {
            "figure": f"index_{name}",
            "score_low": span.low,
            "score_high": span.high,
        }
    if move.rank is not None:
        yield {
            "figure": "rank", "value": move.rank, "low": move.best_rank,
            "high": move.worst_rank,
        }  # fmt: skip
