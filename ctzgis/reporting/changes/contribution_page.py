"""What each project contributes, as a map with its table beside it (项目贡献图)."""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np

from ctzgis.reporting.changes.layers import (
    PaneLayer,
    county_layer,
    drawn,
    name_of,
    network_layers,
    point_layer,
)
from ctzgis.reporting.changes.page import Backdrop, Page, SideTable, write_page
from ctzgis.reporting.changes.styles import GAINS, LOSSES, NOTHING, UNKNOWN
from ctzgis.reporting.changes.words import (
    MEASURES,
    missing_reason,
    sign_rule,
    signed,
    unit_word,
)
from ctzgis.reporting.style import Style
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ctzgis.analysis.change.contributions import Contributions

__all__ = ["write_contributions"]

_STEPS: Final = len(GAINS)
_WIDTHS_PX: Final = (3.5, 5.0, 7.0, 9.0, 11.0)
_NO_CHANGE: Final = "#4d4d4d"  # darker than any road that stays
_PANE: Final = (0,)
_DIGITS: Final = {"min": 2, "people": 0}
_HEADS: Final = {
    "alone": Text("单独", "Alone"),
    "left_out": Text("在整体中", "Within the whole"),
    "interaction": Text("相互作用", "Interaction"),
}


def write_contributions(
    contributions: "Contributions",
    path: Path | str,
    *,
    backdrop: Backdrop = Backdrop(),  # noqa: B008
    lang: Lang = "zh",
) -> None:
    """
    Write what each project contributes as one page: a map, and its table beside it.

    A project is as wide as what it changes alone, and coloured by what it changes within
    the whole: blue for a gain, orange for a loss, grey for neither. Numbers are changes
    of the measure, as in the table of ``contributions``; the page says which sign is
    the better.

    Parameters
    ----------
    contributions
        What ``contributions`` found; it stays as it is.
    path
        ``.html`` file to write; one that is there is replaced.
    backdrop
        What it is drawn on.
    lang
        Language of the page.

    Raises
    ------
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis import contributions
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network import CloseRoad, Project
    >>> closing = Project(id="a", name_zh="a", opens=None, edits=(CloseRoad(road_id="r0"),))
    >>> found = contributions(gridville(), [closing], lambda n: n.roads.length_m)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_contributions(found, Path(folder) / "projects.html", lang="en")
    ...     (Path(folder) / "projects.html").stat().st_size < 1_000_000
    True
    """
    projects = _projects(contributions, lang)
    layers: list[PaneLayer] = []
    if backdrop.counties is not None:
        crs = contributions.table.crs
        layers.append(county_layer(backdrop.counties.to_crs(crs), lang, _PANE))
    if backdrop.network is not None:
        layers += network_layers(backdrop.network, frozenset(), lang, _PANE)
    layers += projects
    if backdrop.points is not None:
        layers.append(point_layer(backdrop.points, lang, _PANE))
    measure = _measure_word(contributions, lang)
    built = [thing.geometry for layer in projects for thing in layer.things]
    every = [t.geometry for layer in layers for t in layer.things]
    page = Page(
        title=Text("项目贡献图", "What each project contributes").get(lang),
        subtitle=" · ".join(filter(None, (*backdrop.names, measure))),
        panes=(f"{measure}: {_ends(contributions, lang)}",),
        layers=tuple(layers),
        views=(
            (Text("项目", "Projects").get(lang), built),
            (Text("全图", "All").get(lang), every),
        ),
        tables=(_table(contributions, lang),),
        crs=contributions.table.crs.to_string(),
        side_px=520,
    )
    write_page(page, Path(path), backdrop, lang)


def _measure_word(found: "Contributions", lang: Lang) -> str:
    word = MEASURES.get(found.name)
    return word.get(lang) if word is not None else found.name


def _ends(found: "Contributions", lang: Lang) -> str:
    digits = _digits(found)
    unit = unit_word(found.unit, lang)
    return f"{found.before:,.{digits}f} → {found.after:,.{digits}f} {unit}".rstrip()


def _digits(found: "Contributions") -> int:
    return _DIGITS.get(found.unit, 2)


def _changes(found: "Contributions") -> "pd.DataFrame":
    """Return alone, left out and interaction as they are told."""
    columns = found.table[["alone", "left_out", "interaction"]].astype(float)
    changes: pd.DataFrame = columns.round(_digits(found))
    return changes


def _gains(found: "Contributions") -> "pd.DataFrame":
    """Return the changes so that more is better: by them things are drawn and sorted."""
    return _changes(found) * (-1.0 if found.better == "less" else 1.0)


def _projects(found: "Contributions", lang: Lang) -> list[PaneLayer]:
    """Return projects, those that give most on top, and the key to their widths."""
    gains, changes = _gains(found), _changes(found)
    most = float(np.nanmax(np.abs(gains[["alone", "left_out"]].to_numpy()), initial=0))
    styles = _styles(found, most)
    rows = list(_rows_of(found.table))
    order = np.argsort(gains["left_out"].abs().fillna(0).to_numpy(), kind="stable")
    things = []
    for k in order:
        row, gain = rows[k], gains.iloc[k]
        look = _step(gain["left_out"], most) * len(_WIDTHS_PX)
        look += min(abs(_signed(gain["alone"], most)), _STEPS)
        name = name_of(row, lang, str(row.project_id))
        things.append(
            (
                row.geometry,
                {
                    "look": look,
                    "title": name,
                    "label": name,
                    "rows": _card(found, changes.iloc[k], row, lang),
                },
            )
        )
    layer = PaneLayer(
        id="projects",
        name=Text("项目", "Projects").get(lang),
        panes=_PANE,
        styles=styles,
        things=drawn(
            gpd.GeoSeries([shape for shape, _ in things], crs=found.table.crs),
            [card for _, card in things],
        ),
        note=_note(found, lang),
        key=_key(found, most, lang),
    )
    return [layer]


def _note(found: "Contributions", lang: Lang) -> str:
    """Return what colours, widths and signs mean."""
    how = Text(
        "颜色：在整体中的作用；线宽：单独的作用",
        "colour: within the whole; width: alone",
    ).get(lang)
    rule = sign_rule(found.better, lang)
    return Text("；", "; ").get(lang).join(filter(None, (how, rule)))


def _signed(gain: float, most: float) -> int:
    """Return a gain as a step from −4 to 4; 0 where there is none or it is missing."""
    if np.isnan(gain) or gain == 0 or most == 0:
        return 0
    step = min(int(np.ceil(abs(gain) / most * _STEPS - 1e-9)), _STEPS)
    return step if gain > 0 else -step


def _step(gain: float, most: float) -> int:
    """Return the place of a gain's colour: losses, none, gains, and what is missing."""
    return 2 * _STEPS + 1 if np.isnan(gain) else _signed(gain, most) + _STEPS


_COLOURS: Final = (*reversed(LOSSES), NOTHING, *GAINS, UNKNOWN)


def _styles(found: "Contributions", most: float) -> tuple[Style, ...]:
    """Return a style for each colour and width."""
    words = _colour_words(found, most)
    return tuple(
        Style(
            label=words[k],
            colour=_NO_CHANGE if colour == NOTHING else colour,
            width_px=width,
            below=colour in LOSSES,
        )
        for k, colour in enumerate(_COLOURS)
        for width in _WIDTHS_PX
    )


def _bounds(found: "Contributions", most: float) -> list[str]:
    """Return the bounds of the steps as text, from nothing to the most."""
    digits = _digits(found)
    return [f"{most * k / _STEPS:,.{digits}f}" for k in range(_STEPS + 1)]


def _colour_words(found: "Contributions", most: float) -> list[Text]:
    ends = _bounds(found, most)
    zh, en = (unit_word(found.unit, lang) for lang in ("zh", "en"))
    spans = [f"{a}–{b}" for a, b in pairwise(ends)]
    gain = (
        "节省" if found.better == "less" else "增加",
        ("saved" if found.better == "less" else "more"),
    )
    loss = (
        "延长" if found.better == "less" else "减少",
        ("longer" if found.better == "less" else "fewer"),
    )
    return [
        *(Text(f"{loss[0]} {s} {zh}", f"{s} {en} {loss[1]}") for s in reversed(spans)),
        Text("无变化", "no change"),
        *(Text(f"{gain[0]} {s} {zh}", f"{s} {en} {gain[1]}") for s in spans),
        Text("无法计算", "cannot be measured"),
    ]


def _key(found: "Contributions", most: float, lang: Lang) -> tuple[Style, ...]:
    """Return what the legend shows: colours that are there, then widths."""
    gains = _gains(found)
    used = sorted({_step(gain, most) for gain in gains["left_out"]})
    words = _colour_words(found, most)
    looks = [_NO_CHANGE if colour == NOTHING else colour for colour in _COLOURS]
    colours = [
        Style(label=words[k], colour=c, width_px=6.0, below=c in LOSSES)
        for k, c in ((k, looks[k]) for k in used)
    ]
    ends, unit = _bounds(found, most), unit_word(found.unit, lang)
    widths = sorted({abs(_signed(gain, most)) for gain in gains["alone"]})
    return (
        *colours,
        *(
            Style(
                label=Text(
                    f"单独：{ends[n - 1]}–{ends[n]} {unit}"
                    if n
                    else "单独：无作用或无法计算",
                    f"alone: {ends[n - 1]}–{ends[n]} {unit}"
                    if n
                    else "alone: none, or cannot be measured",
                ),
                colour="#1a1a1a",
                width_px=_WIDTHS_PX[n],
            )
            for n in widths
        ),
    )


def _card(
    found: "Contributions", change: "pd.Series[float]", row: Any, lang: Lang
) -> tuple[tuple[str, str], ...]:
    """Return the rows of a project's card."""
    unit, digits = unit_word(found.unit, lang), _digits(found)
    rows = [
        (word.get(lang), f"{signed(float(change[column]), digits)} {unit}")
        for column, word in _HEADS.items()
    ]
    if np.isfinite(row.opens):
        rows.append((Text("开通", "Opens").get(lang), f"{row.opens:.0f}"))
    if row.reason:
        reason = missing_reason(str(row.reason), lang)
        rows.append((Text("缺值原因", "Why missing").get(lang), reason))
    return tuple(rows)


def _table(found: "Contributions", lang: Lang) -> SideTable:
    """Return the contributions, those that give most first."""
    gains, changes, digits = _gains(found), _changes(found), _digits(found)
    rows = list(_rows_of(found.table))
    order = np.argsort(-gains["left_out"].fillna(-np.inf).to_numpy(), kind="stable")
    heads = [word.get(lang) for word in _HEADS.values()]
    unit = unit_word(found.unit, lang)
    total, beside = signed(found.total, digits), signed(found.remainder, digits)
    rule = sign_rule(found.better, lang)
    notes = [
        *filter(None, [rule]),
        Text(
            f"单位：{unit}。全部建成：{total}；单独之和以外：{beside}",
            f"In {unit}. All together: {total}; beside the sum of each alone: {beside}",
        ).get(lang),
        Text(
            "相互作用 = 在整体中 − 单独；各项不强行相加",
            "interaction = within the whole − alone; nothing is made to add up",
        ).get(lang),
    ]
    notes += [
        f"{name_of(row, lang, str(row.project_id))}: {missing_reason(str(row.reason), lang)}"
        for row in rows
        if row.reason
    ]
    return SideTable(
        title=Text("贡献", "Contributions").get(lang),
        head=(Text("项目", "Project").get(lang), *heads),
        rows=tuple(
            (
                name_of(rows[k], lang, str(rows[k].project_id)),
                *(signed(float(v), digits) for v in changes.iloc[k]),
            )
            for k in order
        ),
        notes=tuple(notes),
    )


def _rows_of(frame: "pd.DataFrame") -> "Iterator[Any]":
    yield from frame.itertuples()
