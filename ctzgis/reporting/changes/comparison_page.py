"""Before and after as two linked maps on one offline page (前后对比图)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.reporting.changes.layers import (
    change_layers,
    county_layer,
    network_layers,
    point_layer,
)
from ctzgis.reporting.changes.page import Backdrop, Page, SideTable, write_page
from ctzgis.reporting.changes.words import figure_word, unit_word
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from ctzgis.analysis.change.comparison import Comparison
    from ctzgis.reporting.changes.layers import PaneLayer

__all__ = ["write_comparison"]

_MOST_ZONES: Final = 200
_CORE: Final = ("rings", "points")
_CHANGED: Final = ("changed_roads", "changed_lines")


def write_comparison(
    comparison: "Comparison",
    path: Path | str,
    *,
    backdrop: Backdrop = Backdrop(),  # noqa: B008
    lang: Lang = "zh",
) -> None:
    """
    Write a comparison as one page with before and after as linked maps.

    Both maps pan and zoom together and work without a network. They show the roads and
    lines that change, the isochrone before and after and, after, the time saved to the
    nearest point; beside them stand the legend, winners and losers by zone, and the main
    figures.

    Parameters
    ----------
    comparison
        What ``compare`` found; it stays as it is.
    path
        ``.html`` file to write; one that is there is replaced.
    backdrop
        What it is drawn on: names, network, points, counties, sources.
    lang
        Language of the page.

    Raises
    ------
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis import compare
    >>> from ctzgis.examples import gridville, gridville_places
    >>> from ctzgis.network import CloseRoad
    >>> closed = gridville().with_edits(CloseRoad(road_id="r0"))
    >>> found = compare(gridville(), closed, gridville_places(), cutoff_min=10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_comparison(found, Path(folder) / "closed.html", lang="en")
    ...     (Path(folder) / "closed.html").stat().st_size < 1_000_000
    True
    """
    layers = tuple(_layers(comparison, backdrop, lang))
    names = [
        f"{word.get(lang)}{name}"
        for word, name in zip(
            (Text("前　", "Before  "), Text("后　", "After  ")),
            backdrop.names,
            strict=True,
        )
    ]
    core = Text("等时圈", "Reach").get(lang), _shapes(layers, _CORE)
    changed = Text("变化", "Changes").get(lang), _shapes(layers, _CHANGED)
    every = Text("全图", "All").get(lang), _shapes(layers, ("counties", "saved"))
    page = Page(
        title=Text("前后对比图", "Before and after").get(lang),
        subtitle=" → ".join(filter(None, backdrop.names)),
        panes=tuple(name.strip() for name in names),
        layers=layers,
        views=(core, changed, every),
        tables=tuple(_tables(comparison, lang)),
        crs=comparison.roads.crs.to_string(),
        side_px=400,
    )
    write_page(page, Path(path), backdrop, lang)


def _layers(
    found: "Comparison", backdrop: Backdrop, lang: Lang
) -> "Iterator[PaneLayer]":
    """Yield all layers, the lowest first."""
    if backdrop.counties is not None:
        yield county_layer(backdrop.counties.to_crs(found.roads.crs), lang)
    changes = list(change_layers(found, lang))
    below = ("saved", "areas", "rings")
    yield from (layer for layer in changes if layer.id in below)
    if backdrop.network is not None:
        changed = [
            *found.roads["road_id"],
            *found.roads["replaced_id"].dropna(),
            *found.lines["line_id"],
            *found.lines["replaced_id"].dropna(),
        ]
        yield from network_layers(backdrop.network, frozenset(map(str, changed)), lang)
    yield from (layer for layer in changes if layer.id not in below)
    if backdrop.points is not None:
        yield point_layer(backdrop.points, lang)


def _shapes(
    layers: "Sequence[PaneLayer]", ids: "Sequence[str]"
) -> "list[BaseGeometry]":
    return [t.geometry for layer in layers if layer.id in ids for t in layer.things]


def _tables(found: "Comparison", lang: Lang) -> "Iterator[SideTable]":
    if len(found.people):
        yield _zones(found, lang)
    head = Text("指标", "Figure"), Text("值", "Value"), Text("单位", "Unit")
    yield SideTable(
        title=Text("主要数字", "Main figures").get(lang),
        head=tuple(word.get(lang) for word in head),
        rows=tuple(
            (figure_word(figure, lang), _number(value), unit_word(unit, lang))
            for figure, value, unit in found.summary().itertuples(index=False)
            if value != 0 and (len(found.people) or unit != "people")
        ),
        notes=(Text("为零的指标从略", "figures of 0 are left out").get(lang),),
    )


def _zones(found: "Comparison", lang: Lang) -> SideTable:
    """Return winners and losers by zone."""
    zones = found.zones
    moved = zones[(zones["winners"] > 0) | (zones["losers"] > 0)]
    order = moved.assign(net=moved["winners"] - moved["losers"]).sort_values(
        "net", ascending=False, kind="stable"
    )
    head = (
        Text("分区", "Zone"), Text("人口", "People"), Text("受益", "Winners"),
        Text("受损", "Losers"), Text("新可达", "Newly"), Text("节省/分", "Saved"),
    )  # fmt: skip
    rows = [
        (
            str(row.Index),
            *(f"{getattr(row, c):,.0f}" for c in ("population", "winners", "losers")),
            f"{row.gained - row.lost:+,.0f}" if row.gained != row.lost else "0",
            _number(row.saved_min),
        )
        for row in _rows_of(order.head(_MOST_ZONES))
    ]
    notes = [
        Text(
            f"受益：到最近点的时间缩短；新可达：进入{found.cutoff_min:g}分钟圈，减去退出的；"
            "节省：人均分钟",
            "winners: the nearest point is quicker to reach; newly: within "
            f"{found.cutoff_min:g} min, less those no longer; saved: minutes a head",
        ).get(lang)
    ]
    if more := len(order) - len(rows):
        notes.append(Text(f"另有 {more:,} 个分区", f"and {more:,} more").get(lang))
    if still := len(zones) - len(moved):
        notes.append(
            Text(
                f"另有 {still:,} 个分区无人受益或受损",
                f"{still:,} more zones have neither winners nor losers",
            ).get(lang)
        )
    return SideTable(
        title=Text("受益与受损", "Winners and losers").get(lang),
        head=tuple(word.get(lang) for word in head),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _rows_of(frame: "pd.DataFrame") -> "Iterator[Any]":
    yield from frame.itertuples()


def _number(value: float) -> str:
    """Return a number: whole if it is, else with one digit; a dash if there is none."""
    if np.isnan(value):
        return "—"
    tenths = round(float(value), 1) + 0.0
    return f"{tenths:,.0f}" if value == round(value) else f"{tenths:,.1f}"
