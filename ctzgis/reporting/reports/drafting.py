"""Draft what the report of an assessment says (报告起草)."""

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ctzgis.assessment import Finding, Status
from ctzgis.assessment.topics.catalogue import TOPICS
from ctzgis.assessment.units import span, unit_name
from ctzgis.assessment.waiting import waits_of
from ctzgis.reporting.maps.texts import source_credits
from ctzgis.reporting.pictures.stills import CHARTS, VIEWS
from ctzgis.reporting.reports.content import (
    Cell,
    Column,
    Counts,
    Figure,
    Paragraph,
    ReportContent,
    Row,
    Section,
    Table,
    same,
)
from ctzgis.reporting.reports.parameter_words import named_parameters
from ctzgis.reporting.reports.report_tables import ground_sections, served_places
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ctzgis.assessment import Assessment
    from ctzgis.assessment.waiting import Wait
    from ctzgis.provenance import Source

__all__ = ["report_content", "sources_section"]

_DASH: Final = same("—")


def report_content(assessment: "Assessment") -> ReportContent:
    """
    Return what the report of an assessment says, in both languages.

    Examples
    --------
    >>> from ctzgis import assess
    >>> [s.title.en for s in report_content(assess("czt", year=2020)).sections][:3]
    ['What was asked', 'Maps and charts', 'Scorecard']
    """
    credit = {lang: source_credits(assessment.sources, lang) for lang in ("zh", "en")}
    version = f"ctzgis {assessment.version} · "
    told = WORDS["provenance"]
    return ReportContent(
        title=_title(assessment),
        lead=WORDS["lead"],
        stamp=WORDS["stamp"] if assessment.schematic else None,
        credits=Text(
            "数据来源：" + "；".join(credit["zh"]),
            "Sources: " + "; ".join(credit["en"]),
        ),
        sections=tuple(_sections(assessment)),
        findings=_all_findings(assessment.scorecard.findings),
        colophon=Text(version + told.zh, version + told.en),
    )


def _sections(assessment: "Assessment") -> "Iterator[Section]":
    yield _asked(assessment)
    yield _maps(assessment)
    yield from _scorecard(assessment)
    yield from ground_sections(assessment)
    waits = waits_of(assessment.scorecard.waiting)
    yield from _waiting(waits)
    yield from _conflicts(assessment)
    yield _methods(assessment.scorecard.findings)
    yield _assumptions(assessment.parameters)
    yield sources_section(assessment.sources)
    yield from _appendices(assessment, waits)


def _title(assessment: "Assessment") -> Text:
    name = assessment.plan.name
    return Text(
        f"{name.zh}实施评估（{assessment.year}年）",
        f"{name.en}: assessment of {assessment.year}",
    )


def _asked(assessment: "Assessment") -> Section:
    plan, year = assessment.plan, assessment.year
    found, counts = len(assessment.scorecard.findings), assessment.scorecard.counts
    names = Text(
        "、".join(document.short.zh for document in plan.documents),
        ", ".join(document.short.en for document in plan.documents),
    )
    text = Text(
        f"以{year}年底的路网与轨道为准，对照{len(plan.documents)}份文件（{names.zh}）的"
        f"{len(plan.targets)}项目标，得到{found}条结论。",
        f"Roads and railways as they stand at the end of {year}, held against "
        f"{len(plan.targets)} targets of {len(plan.documents)} documents ({names.en}): "
        f"{found} findings.",
    )
    items = tuple((s.value, counts[s.value], s.label) for s in Status)
    return Section(
        title=WORDS["asked"],
        blocks=(
            Paragraph(text),
            Counts(items),
            Paragraph(WORDS["statuses"], soft=True),
        ),
    )


def _maps(assessment: "Assessment") -> Section:
    maps = (
        Figure(view=name, caption=view.caption(assessment))
        for name, view in VIEWS.items()
    )
    charts = (
        Figure(view=name, caption=chart.caption)
        for name, chart in CHARTS.items()
        if name not in TOPICS and chart.draft(assessment).names
    )
    # Measuring circles of other years takes longer than the whole assessment.
    several = len(assessment.layers["centres"]) > 1
    page = (Paragraph(WORDS["circles_page"], soft=True),) if several else ()
    return Section(title=WORDS["maps"], blocks=(*maps, *charts, *page))


# --- findings ------------------------------------------------------------------


def _scorecard(assessment: "Assessment") -> "Iterator[Section]":
    yield Section(title=WORDS["scorecard"], blocks=())
    answered = assessment.scorecard.answered
    measured = (finding for finding in answered if not finding.told)
    for _, rows in groupby(measured, key=lambda finding: finding.target_id):
        yield _target(list(rows))
    told = tuple(finding for finding in answered if finding.told)
    if told:
        heads = ("target", "subject", "wanted", "value", "finding", "reason", "origin")
        table = _table(
            WORDS["told"],
            _columns(heads),
            (_row(finding, _told_cells(finding)) for finding in told),
        )
        yield Section(title=WORDS["told"], blocks=(table,), level=2)


def _target(findings: list[Finding]) -> Section:
    first = findings[0]
    answer = next((f for f in findings if f.wanted is not None), first)
    due = "" if answer.due is None else f" · {answer.due}"
    wanted = WORDS["no_figure"] if answer.wanted is None else answer.wanted
    heads = ("indicator", "subject", "profile", "value", "range", "finding", "reason")
    table = _table(
        first.name,
        _columns(heads),
        (_row(finding, _measured_cells(finding)) for finding in findings),
    )
    return Section(
        title=first.name,
        blocks=(table,),
        level=2,
        aside=Text(
            f"{wanted.zh}{due} · {first.source.zh}",
            f"{wanted.en}{due} · {first.source.en}",
        ),
    )


def _measured_cells(finding: Finding) -> "tuple[Text, ...]":
    m = finding.measured
    within = _DASH
    if m.low is not None and m.high is not None:
        within = span(m.low, m.high, m.unit)
    return (
        m.label,
        m.subject,
        WORDS[m.profile] if m.profile else _DASH,
        finding.value_shown,
        within,
        finding.status.label,
        finding.reason,
    )


def _told_cells(finding: Finding) -> "tuple[Text, ...]":
    return (
        finding.name,
        finding.measured.subject,
        finding.wanted or _DASH,
        finding.value_shown,
        finding.status.label,
        finding.reason,
        finding.source,
    )


def _all_findings(findings: tuple[Finding, ...]) -> Table:
    number = {"value", "low", "high", "goal", "due"}
    heads = (
        "target", "indicator", "subject", "profile", "value", "low", "high", "unit",
        "goal", "wanted", "due", "finding", "reason", "method", "accuracy", "origin",
    )  # fmt: skip
    columns = tuple(
        Column(WORDS[head], "number" if head in number else "text") for head in heads
    )
    return Table(
        name=WORDS["scorecard"],
        columns=columns,
        rows=tuple(Row(_sheet_cells(f), f.status.value) for f in findings),
    )


def _sheet_cells(finding: Finding) -> tuple[Cell, ...]:
    m = finding.measured
    return (
        Cell(finding.name),
        Cell(m.label),
        Cell(m.subject),
        Cell(WORDS[m.profile] if m.profile else _DASH),
        *(Cell(_DASH, value) for value in (m.value, m.low, m.high)),
        Cell(WORDS["of_one"] if m.unit == "share" else unit_name(m.unit)),
        Cell(_DASH, finding.target),
        Cell(finding.wanted or _DASH),
        Cell(_DASH, finding.due),
        Cell(finding.status.label),
        Cell(finding.reason),
        Cell(m.method),
        Cell(m.accuracy),
        Cell(finding.source),
    )


def _waiting(waits: "Iterable[Wait]") -> "Iterator[Section]":
    rows = tuple(
        Row((Cell(wait.needed), Cell(same(str(count)), count)))
        for wait in waits
        if (count := len(wait.findings))
    )
    if rows:
        columns = (Column(WORDS["needed"]), Column(WORDS["count"], "number", "0"))
        note = Paragraph(WORDS["waiting_note"], soft=True)
        table = _table(WORDS["waiting_for"], columns, rows)
        yield Section(title=WORDS["waiting"], blocks=(note, table))


# --- appendices ------------------------------------------------------------------


def _appendices(
    assessment: "Assessment", waits: "Iterable[Wait]"
) -> "Iterator[Section]":
    """Yield the lists that are looked up, not read."""
    listed = (
        served_places(assessment),
        _waiting_list(finding for wait in waits for finding in wait.findings),
    )
    for table in listed:
        if table.rows:
            title = Text(
                WORDS["appendix"].zh + table.name.zh,
                WORDS["appendix"].en + table.name.en,
            )
            yield Section(title=title, blocks=(table,))


def _waiting_list(findings: "Iterable[Finding]") -> Table:
    heads = ("target", "subject", "wanted", "due", "needed", "origin")
    rows = (
        _row(
            finding,
            (
                finding.name,
                finding.measured.subject,
                finding.wanted or _DASH,
                _DASH if finding.due is None else same(str(finding.due)),
                finding.reason,
                finding.source,
            ),
        )
        for finding in findings
    )
    return _table(WORDS["waiting_list"], _columns(heads), rows)


# --- documents, methods, inputs --------------------------------------------------


def _conflicts(assessment: "Assessment") -> "Iterator[Section]":
    if not assessment.plan.conflicts:
        return
    titles = [document.short for document in assessment.plan.documents]
    rows = (
        Row(
            (
                Cell(conflict.name),
                Cell(conflict.said(titles)),
                Cell(conflict.resolution),
            )
        )
        for conflict in assessment.plan.conflicts
    )
    columns = _columns(("point", "says", "read_as"))
    table = _table(WORDS["conflicts"], columns, rows)
    yield Section(title=WORDS["conflicts"], blocks=(table,))


def _methods(findings: tuple[Finding, ...]) -> Section:
    seen: dict[str, Row] = {}
    for finding in findings:
        m = finding.measured
        if m.value is not None:
            label = WORDS["told"] if finding.told else m.label
            row = Row((Cell(label), Cell(m.method), Cell(m.accuracy)))
            seen.setdefault(m.method.zh if finding.told else m.indicator, row)
    columns = _columns(("indicator", "method", "accuracy"))
    table = _table(WORDS["methods"], columns, seen.values())
    return Section(title=WORDS["methods"], blocks=(table,))


def _assumptions(parameters: "Mapping[str, Any]") -> Section:
    rows = (
        Row((Cell(name), Cell(same(text))))
        for name, text in named_parameters(parameters)
    )
    columns = (Column(WORDS["parameter"]), Column(WORDS["value"], "code"))
    table = _table(WORDS["parameters"], columns, rows)
    return Section(title=WORDS["parameters"], blocks=(table,), level=2)


def sources_section(sources: "tuple[Source, ...]") -> Section:
    """Return the section that tells what was read."""
    columns = (
        Column(WORDS["file"], "code"),
        *_columns(("what", "origin", "licence")),
        Column(WORDS["within_m"], "number", "#,##0"),
        *(
            Column(WORDS[head], "code", printed=False)
            for head in ("date", "crs", "url", "sha256")
        ),
    )
    rows = (Row(_source_cells(source)) for source in sources)
    table = _table(WORDS["sources"], columns, rows)
    return Section(title=WORDS["sources"], blocks=(table,))


def _source_cells(source: "Source") -> tuple[Cell, ...]:
    within = source.accuracy_m
    what = Text(
        "\n".join((source.holds("zh"), *source.told("zh"))),
        "\n".join((source.what, *source.told("en"))),
    )
    return (
        Cell(same(source.name)),
        Cell(what, mark=WORDS["schematic"] if source.schematic else None),
        Cell(Text(source.made_by("zh"), source.source)),
        Cell(Text(source.terms("zh"), source.licence)),
        Cell(_DASH if within is None else same(f"{within:,.0f}"), within),
        *(Cell(same(t)) for t in (source.date, source.crs, source.url, source.sha256)),
    )


# --- tables --------------------------------------------------------------------

_KINDS: Final[dict[str, Any]] = {
    "value": "number",
    "range": "number",
    "wanted": "number",
    "due": "number",
    "finding": "status",
    "origin": "soft",
}


def _columns(heads: "Iterable[str]") -> tuple[Column, ...]:
    return tuple(Column(WORDS[head], _KINDS.get(head, "text")) for head in heads)


def _row(finding: Finding, texts: "tuple[Text, ...]") -> Row:
    return Row(tuple(Cell(text) for text in texts), finding.status.value)


def _table(name: Text, columns: tuple[Column, ...], rows: "Iterable[Row]") -> Table:
    return Table(name=name, columns=columns, rows=tuple(rows))
