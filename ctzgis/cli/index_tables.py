"""Tables of the integration index, on a console and in a file (指数表格)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.table import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from ctzgis.assessment.index_sensitivity import Change, Sensitivity, Span
    from ctzgis.assessment.integration_index import IntegrationIndex, Scored
    from ctzgis.plan import Plan
    from ctzgis.texts import Lang

__all__ = [
    "LEGEND",
    "State",
    "Told",
    "change_lines",
    "frame_of",
    "index_lines",
    "part_lines",
]

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
# What shows as 0.0 has no sign.
_SHOWN: Final = 0.05

LEGEND: Final = (
    "数据：全部分项取精度区间的劣端与优端；权重：各权重±50%（九成抽样）；下限：与目标的距离±25%；"
    "几何：加权几何平均；缺一项：逐项剔除的最低与最高；综合九成：数据、权重、下限同时抽样。",
    "data: all components at the worse and better end of their ranges; weights: each ±50 % "
    "(nine tenths of the draws); floors: their distance to the goal ±25 %; geometric: "
    "weighted geometric mean; less one: each component left out in turn; all: data, "
    "weights and floors drawn at once.",
)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A year or a scenario with its indices, and the borders they are drawn on."""

    name: str
    indices: "tuple[IntegrationIndex, ...]"
    moves: "tuple[Sensitivity, ...]"
    borders: "gpd.GeoDataFrame"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
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


def part_lines(index: "IntegrationIndex", told: Told) -> list[str]:
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


def _part(part: "Scored", told: Told) -> tuple[str, ...]:
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


def index_lines(states: list[State], told: Told) -> list[str]:
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


def change_lines(changes: "list[tuple[str, Change]]", told: Told) -> list[str]:
    """Return the table of how the indices differ from one state to the next."""
    rows = [
        (
            plain(name),
            told.name(change.subject),
            f"{change.value:+.1f}",
            f"{change.span.low:+.1f} … {change.span.high:+.1f}",
            _cent(change.same_sign_share) if abs(change.value) >= _SHOWN else "—",
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


def frame_of(states: list[State], told: Told) -> "pd.DataFrame":
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
    index: "IntegrationIndex", told: Told
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
