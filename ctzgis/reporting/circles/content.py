"""What a page about time circles says, before any format gives it a look (时间圈文字)."""

import math
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from ctzgis.reporting.circles.notes import notes
from ctzgis.reporting.circles.words import (
    BAND_WITHIN,
    BEYOND,
    WITHIN,
    circle_name,
    profile_word,
    state_word,
    way_word,
)
from ctzgis.reporting.maps.texts import source_credits
from ctzgis.reporting.reports.content import (
    Cell,
    Column,
    Figure,
    Paragraph,
    ReportContent,
    Row,
    Section,
    Table,
    same,
)
from ctzgis.reporting.reports.drafting import sources_section
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ctzgis.analysis.access.measured_circles import MeasuredCircle
    from ctzgis.network import Scenario
    from ctzgis.reporting.circles.region import RegionCircles

__all__ = [
    "CircleRow",
    "circle_content",
    "circle_rows",
    "findings",
]

_NONE: Final = same("—")
_SHARE: Final = "population_share"


class CircleRow(NamedTuple):
    """
    One figure of a circle: what it is, the value and its band, and how it stands.

    Attributes
    ----------
    label
        What is measured.
    value, band
        As read; a dash where there is none.
    mark
        ``●`` within the minutes, ``◐`` only within its band, ``○`` beyond; empty for
        what is no time.
    number
        The value to compute with; ``None`` if there is none.
    kind
        ``"centre_time"``, ``"edge_time"``, ``"population_share"`` or ``"area"``.
    """

    label: Text
    value: Text
    band: Text
    mark: str
    number: float | None
    kind: str


def circle_rows(
    region: "RegionCircles", circle: "MeasuredCircle"
) -> tuple[CircleRow, ...]:
    """Return the figures of a circle: centres, edges, people, area."""
    minutes = region.study.minutes
    edge = Text("边缘", "edges ")
    return (
        *_time_rows(region, circle.times, minutes, same(""), "centre_time"),
        *_time_rows(region, circle.edge_times, minutes, edge, "edge_time"),
        *_people_rows(circle.people),
        _area_row(circle),
    )


def _time_rows(
    region: "RegionCircles",
    times: "pd.DataFrame",
    minutes: float,
    what: Text,
    kind: str,
) -> "Iterator[CircleRow]":
    for a, b, value, low, high in times.itertuples(index=False, name=None):
        first, second = region.name(str(a)), region.name(str(b))
        label = Text(
            f"{what.zh}{first.zh}—{second.zh}", f"{what.en}{first.en}–{second.en}"
        )
        if math.isnan(value):
            yield CircleRow(label, _NONE, _NONE, "", None, kind)
            continue
        late = "∞" if math.isnan(high) else f"{high:.0f}"
        mark = BEYOND
        if value <= minutes:
            mark = WITHIN
        elif low <= minutes:
            mark = BAND_WITHIN
        band = same(f"{low:.0f}–{late}")
        yield CircleRow(label, same(f"{value:.1f}"), band, mark, value, kind)


def _people_rows(people: "pd.DataFrame") -> "Iterator[CircleRow]":
    columns = ["centres", "population_share", "low_share", "high_share"]
    for count, share, low, high in people[columns].itertuples(index=False, name=None):
        label = Text(f"人口，达≥{count}个中心", f"people, ≥ {count} centres")
        if math.isnan(share):
            yield CircleRow(label, _NONE, _NONE, "", None, _SHARE)
            continue
        band = same(f"{100 * low:.0f}–{100 * high:.0f}%")
        yield CircleRow(label, same(f"{100 * share:.1f}%"), band, "", share, _SHARE)


def _area_row(circle: "MeasuredCircle") -> CircleRow:
    shapes = circle.reached[0], circle.inner, circle.outer
    value, low, high = (shape.area / 1e6 for shape in shapes)
    label = Text("圈内面积/km²", "area, km²")
    band = same(f"{low:,.0f}–{high:,.0f}")
    return CircleRow(label, same(f"{value:,.0f}"), band, "", value, "area")


def findings(region: "RegionCircles") -> tuple[Text, ...]:
    """Return a sentence for each state: how many pairs and people are within time."""
    return tuple(_finding(region, state) for state in region.study.states)


def _finding(region: "RegionCircles", state: "Scenario") -> Text:
    study = region.study
    way = list(study.ways)[-1]
    zh, en = [], []
    for profile in study.profiles:
        circle = study.circle(state.id, way, profile)
        rows = tuple(_time_rows(region, circle.times, study.minutes, same(""), ""))
        within = sum(row.mark == WITHIN for row in rows)
        maybe = sum(row.mark == BAND_WITHIN for row in rows)
        word = profile_word(profile)
        more = Text(f"（另{maybe}对仅精度区间触及）", f" ({maybe} more by band only)")
        more = more if maybe else same("")
        said = Text(
            f"{word.zh}{within}/{len(rows)}对中心在{study.minutes:g}分钟内{more.zh}",
            f"{word.en}, {within} of {len(rows)} pairs within {study.minutes:g} "
            f"min{more.en}",
        )
        shares = Text("", "")
        if told := " / ".join(row.value.zh for row in _people_rows(circle.people)):
            counts = "/".join(str(n + 1) for n in range(len(circle.people)))
            shares = Text(
                f"，至少可达{counts}个中心的人口{told}",
                f", {told} of people reach at least {counts} centres",
            )
        zh.append(said.zh + shares.zh)
        en.append(said.en + shares.en)
    name, how = state_word(state), way_word(way)
    return Text(
        f"{name.zh}，{how.zh}：" + "；".join(zh) + "。",
        f"{name.en}, {how.en.lower()}: " + "; ".join(en) + ".",
    )


def circle_content(region: "RegionCircles") -> ReportContent:
    """Return the page as a report, in both languages."""
    study = region.study
    name, place = circle_name(study.minutes), region.plan.name
    credit = {lang: source_credits(region.sources, lang) for lang in ("zh", "en")}
    return ReportContent(
        title=Text(f"{place.zh}：{name.zh}", f"{place.en}: {name.en.lower()}"),
        lead=_lead(region),
        stamp=WORDS["stamp"] if region.schematic else None,
        credits=Text(
            "数据来源：" + "；".join(credit["zh"]),
            "Sources: " + "; ".join(credit["en"]),
        ),
        sections=tuple(_sections(region)),
        findings=_figures_table(region),
        colophon=same(f"ctzgis {region.version}"),
    )


def _lead(region: "RegionCircles") -> Text:
    study = region.study
    modes = "、".join(way_word(way).zh for way in study.ways)
    ways = ", ".join(way_word(way).en.lower() for way in study.ways)
    return Text(
        f"从何处可在{study.minutes:g}分钟内到达一个、两个……中心：{modes}；"
        "每个数值附精度区间。",
        f"From where one, two, … centres are reached within {study.minutes:g} min: "
        f"{ways}; every figure with its band.",
    )


def _sections(region: "RegionCircles") -> "Iterator[Section]":
    study = region.study
    told = tuple(Paragraph(text) for text in findings(region))
    yield Section(title=Text("结论", "What was found"), blocks=told)
    maps = tuple(
        Figure(view=f"{state.id}/{way}", caption=_caption(region, state, way))
        for state, way in product(study.states, study.ways)
    )
    yield Section(title=WORDS["maps"], blocks=maps)
    tables = tuple(_state_table(region, state) for state in study.states)
    yield Section(title=Text("数值", "Figures"), blocks=tables)
    for title, texts in notes(region):
        yield Section(title=title, blocks=tuple(map(Paragraph, texts)))
    yield sources_section(region.sources)


def _caption(region: "RegionCircles", state: "Scenario", way: str) -> Text:
    name, how = state_word(state), way_word(way)
    when = profile_word(region.study.profiles[0])
    return Text(
        f"{name.zh}，{how.zh}，{when.zh}：深色可达中心多，浅灰与点线为精度区间",
        f"{name.en}, {how.en.lower()}, {when.en}: the darker, the more centres; pale "
        "area and dotted line are the band",
    )


def _state_table(region: "RegionCircles", state: "Scenario") -> Table:
    study = region.study
    keys = list(product(study.ways, study.profiles))
    columns = [Column(Text("数值", "Figure"))]
    for way, profile in keys:
        how, when = way_word(way), profile_word(profile)
        head = Text(f"{how.zh} {when.zh}", f"{how.en}, {when.en}")
        columns.append(Column(head, "number", "#,##0.0##"))
    by_key = [
        {row.label: row for row in circle_rows(region, study.circle(state.id, *key))}
        for key in keys
    ]
    labels = dict.fromkeys(label for rows in by_key for label in rows)
    rows = [
        Row((Cell(label), *(_cell(rows.get(label)) for rows in by_key)))
        for label in labels
    ]
    caption = Text(
        "分钟、份额与面积，其下为精度区间", "minutes, shares and area, the band below"
    )
    if region.schematic:
        stamp = WORDS["schematic_data"]
        caption = Text(f"{caption.zh} · {stamp.zh}", f"{caption.en} · {stamp.en}")
    return Table(
        name=state_word(state),
        columns=tuple(columns),
        rows=tuple(rows),
        caption=caption,
    )


def _cell(row: CircleRow | None) -> Cell:
    if row is None or row.number is None:
        return Cell(_NONE)
    value = f"{row.mark} {row.value.zh}".strip()
    return Cell(same(f"{value}\n{row.band.zh}"), row.number)


def _figures_table(region: "RegionCircles") -> Table:
    frame = region.study.figures()
    numeric = {"value", "low", "high", "centres"}
    columns = tuple(
        Column(same(name), "number" if name in numeric else "code", "#,##0.0###")
        for name in frame.columns
    )
    rows = tuple(
        Row(tuple(_plain_cell(value) for value in row))
        for row in frame.astype(object).itertuples(index=False, name=None)
    )
    return Table(name=Text("全部数值", "All figures"), columns=columns, rows=rows)


def _plain_cell(value: object) -> Cell:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return Cell(same(""))
    if isinstance(value, (int, float)):
        return Cell(same(f"{value:g}"), float(value))
    return Cell(same(str(value)))
