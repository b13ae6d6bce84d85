"""The report: one HTML page to read, print and hand in (评估报告)."""

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import markupsafe
import pandas as pd

from ctzgis.assessment import Finding, Status
from ctzgis.assessment.units import amount, span
from ctzgis.reporting.figures import render_figure
from ctzgis.reporting.words import WORDS, label, words
from ctzgis.texts import Lang, Text
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from ctzgis.assessment import Assessment
    from ctzgis.provenance import Source

__all__ = ["render_report", "write_report"]


class _Cell(NamedTuple):
    """One cell of a table: its text, and whether it is set as a number."""

    text: str
    number: bool


class _Column(NamedTuple):
    """One column of a report's table: where it comes from and how it is headed."""

    field: str
    head: Text
    unit: str = ""


_PLACE: Final = Text("地点", "Place")
_CENTRE: Final = Text("最近中心", "Nearest centre")
_FREE: Final = Text("自由流/分钟", "Free flow, min")
_PEAK: Final = Text("高峰/分钟", "Peak, min")


def write_report(
    assessment: "Assessment", path: Path | str, *, lang: Lang = "zh"
) -> None:
    """
    Write the report of an assessment as one HTML file.

    Parameters
    ----------
    assessment
        What to report.
    path
        File to write; replaced if it is there.
    lang
        Language of the report.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    path = Path(path)
    text = render_report(assessment, lang=lang)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def render_report(assessment: "Assessment", *, lang: Lang = "zh") -> str:
    """
    Return the report of an assessment as one HTML page.

    The page needs no other file and asks no host for anything. Every text from data
    is escaped.

    Examples
    --------
    >>> from ctzgis import assess
    >>> page = render_report(assess("czt", year=2020), lang="en")
    >>> "Scorecard" in page
    True
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ctzgis.reporting"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html.j2").render(_content(assessment, lang))


def _content(assessment: "Assessment", lang: Lang) -> dict[str, Any]:
    findings = assessment.scorecard.findings
    counts = assessment.scorecard.counts
    return {
        "lang": lang,
        "t": words(lang),
        "title": _title(assessment, lang),
        "asked": _asked(assessment, lang),
        "schematic": assessment.schematic,
        "counts": [
            {"status": s.value, "count": counts[s.value], "label": s.label.get(lang)}
            for s in Status
        ],
        "figure": markupsafe.Markup(
            render_figure(assessment, lang=lang)
        ),  # escaped there
        "figure_caption": _caption(assessment, lang),
        "groups": [
            _group(list(rows), lang)
            for _, rows in groupby(
                (f for f in assessment.scorecard.answered if not f.told),
                key=lambda finding: finding.target_id,
            )
        ],
        "told": [
            _target_row(finding, lang)
            for finding in assessment.scorecard.answered
            if finding.told
        ],
        "waiting": [
            _target_row(finding, lang) for finding in assessment.scorecard.waiting
        ],
        "conflicts": _conflicts(assessment, lang),
        "tables": _tables(assessment, lang),
        "methods": _methods(findings, lang),
        "parameters": json.dumps(dict(assessment.parameters), ensure_ascii=False),
        "sources": [_source(source, lang) for source in assessment.sources],
        "version": assessment.version,
    }


def _title(assessment: "Assessment", lang: Lang) -> str:
    name = assessment.plan.name.get(lang)
    if lang == "zh":
        return f"{name}实施评估（{assessment.year}年）"
    return f"{name}: assessment of {assessment.year}"


def _asked(assessment: "Assessment", lang: Lang) -> str:
    plan = assessment.plan
    documents = "、" if lang == "zh" else ", "
    names = documents.join(document.short.get(lang) for document in plan.documents)
    if lang == "zh":
        return (
            f"以{assessment.year}年底的路网与轨道为准，对照{len(plan.documents)}份文件"
            f"（{names}）的{len(plan.targets)}项目标，得到{len(assessment.scorecard.findings)}条结论。"
        )
    return (
        f"Roads and railways as they stand at the end of {assessment.year}, held against "
        f"{len(plan.targets)} targets of {len(plan.documents)} documents ({names}): "
        f"{len(assessment.scorecard.findings)} findings."
    )


def _caption(assessment: "Assessment", lang: Lang) -> str:
    profile = WORDS[assessment.profile].get(lang)
    if lang == "zh":
        return (
            f"{assessment.year}年底的战略路网与各中心30分钟驾车范围（{profile}）；"
            "交互地图见 map.html。CGCS2000 / 3°带 114°E（EPSG:4547）。"
        )
    return (
        f"Strategic roads at the end of {assessment.year} and what lies within 30 minutes "
        f"of each centre by car ({profile}); the interactive map is map.html. CGCS2000 / "
        "3-degree CM 114E (EPSG:4547)."
    )


def _group(findings: list[Finding], lang: Lang) -> dict[str, Any]:
    first = findings[0]
    answer = next((f for f in findings if f.wanted is not None), first)
    due = "" if answer.due is None else f" · {answer.due}"
    wanted = WORDS["no_figure"] if answer.wanted is None else answer.wanted
    return {
        "name": first.name.get(lang),
        "wanted": wanted.get(lang) + due,
        "source": first.source.get(lang),
        "rows": [_row(finding, lang) for finding in findings],
    }


def _target_row(finding: Finding, lang: Lang) -> dict[str, str]:
    return {
        "name": finding.name.get(lang),
        "wanted": "—" if finding.wanted is None else finding.wanted.get(lang),
        "due": "—" if finding.due is None else str(finding.due),
        "source": finding.source.get(lang),
        **_row(finding, lang),
    }


def _conflicts(assessment: "Assessment", lang: Lang) -> list[dict[str, str]]:
    return [
        {
            "name": conflict.name.get(lang),
            "values": "；".join(
                f"{who}：{what}" for who, what in conflict.values.items()
            ),
            "resolution": conflict.resolution.get(lang),
        }
        for conflict in assessment.plan.conflicts
    ]


def _row(finding: Finding, lang: Lang) -> dict[str, str]:
    m = finding.measured
    within = "—"
    if m.low is not None and m.high is not None:
        within = span(m.low, m.high, m.unit).get(lang)
    return {
        "status": finding.status.value,
        "label": m.label.get(lang),
        "subject": m.subject.get(lang),
        "profile": WORDS[m.profile].get(lang) if m.profile else "—",
        "value": "—" if m.value is None else amount(m.value, m.unit).get(lang),
        "range": within,
        "finding": finding.status.label.get(lang),
        "reason": finding.reason.get(lang),
    }


def _methods(findings: tuple[Finding, ...], lang: Lang) -> list[dict[str, str]]:
    seen: dict[str, dict[str, str]] = {}
    for finding in findings:
        m = finding.measured
        if m.value is not None:
            seen.setdefault(
                m.method.zh if finding.told else m.indicator,
                {
                    "label": (WORDS["told"] if finding.told else m.label).get(lang),
                    "method": m.method.get(lang),
                    "accuracy": m.accuracy.get(lang),
                },
            )
    return list(seen.values())


def _source(source: "Source", lang: Lang) -> dict[str, Any]:
    known = source.accuracy_m is not None
    return {
        "name": source.name,
        "what": source.what,
        "source": source.source,
        "licence": source.licence,
        "schematic": source.schematic,
        "notes": source.told(lang),
        "accuracy": f"{source.accuracy_m:,.0f} m" if known else "—",
    }


def _tables(assessment: "Assessment", lang: Lang) -> list[dict[str, Any]]:
    tables = assessment.tables
    name = f"name_{lang}"
    made = [
        _table(
            tables["corridor_status"],
            Text("廊道建成情况", "Corridors built"),
            Text(
                "最终线形长度、已开通长度，以及未建路段或断点的数量与长度",
                "length in its final form, length open, and stretches not built or broken",
            ),
            [
                _Column(name, Text("廊道", "Corridor")),
                _Column("length_km", Text("长度/公里", "Length, km")),
                _Column("built_km", Text("已建/公里", "Open, km")),
                _Column("built_share", Text("已建占比", "Share open"), "%"),
                _Column("gaps", Text("缺口/处", "Gaps"), "n"),
                _Column("gap_km", Text("缺口/公里", "Gaps, km")),
            ],
            lang,
        ),
        _table(
            tables["corridor_places"],
            Text("轴带与廊道服务的地点", "Places that axes, belts and corridors serve"),
            Text(
                "轴带列文件所列成员；廊道列5公里以内的地点。距离为直线，时间为驾车至最近出入口或车站",
                "members as the documents list them for axes and belts, places within 5 km "
                "for corridors; straight distance, car time to the nearest access or station",
            ),
            [
                _Column(f"corridor_{lang}", Text("轴带/廊道", "Axis, belt, corridor")),
                _Column(f"place_{lang}", _PLACE),
                _Column("distance_km", Text("距离/公里", "Distance, km")),
                _Column("travel_time_min", Text("时间/分钟", "Time, min")),
                _Column("accuracy_m", Text("地点精度/米", "Place within, m"), "n"),
            ],
            lang,
        ),
        _reached(
            assessment,
            "places_reached",
            name,
            Text("时间圈地点", "Places of the time circles"),
            lang,
        ),
        _reached(
            assessment,
            "seats_reached",
            f"county_{lang}",
            Text("区县驻地", "County seats"),
            lang,
        ),
        _heart_areas(assessment, lang),
        _heart(assessment, lang),
    ]
    return [table for table in made if table["rows"]]


def _reached(
    assessment: "Assessment", key: str, name: str, title: Text, lang: Lang
) -> dict[str, Any]:
    table = assessment.tables[key]
    if len(table):
        centres = {
            k: assessment.plan.place(k).name.get(lang) for k in assessment.plan.centres
        }
        table = table.assign(centre=table["centre_id"].map(centres))
    caption = Text("驾车至最近中心的时间", "car time to the nearest centre")
    columns = [
        _Column(name, _PLACE),
        _Column("centre", _CENTRE),
        _Column("free_min", _FREE),
        _Column("peak_min", _PEAK),
    ]
    return _table(table, title, caption, columns, lang)


def _heart_areas(assessment: "Assessment", lang: Lang) -> dict[str, Any]:
    return _table(
        assessment.tables["protected_areas"],
        Text("绿心面积", "Area of the green heart"),
        Text(
            "示意边界按公布面积绘制，二者相符不构成检验",
            "the schematic outlines were drawn to the stated areas: agreement tests nothing",
        ),
        [
            _Column("regime", Text("口径", "Regime")),
            _Column(f"zone_{lang}", Text("分区", "Zone")),
            _Column("area_km2", Text("边界面积/平方公里", "Area drawn, km²"), "2"),
            _Column(
                "stated_area_km2", Text("公布面积/平方公里", "Area stated, km²"), "2"
            ),
        ],
        lang,
    )


def _heart(assessment: "Assessment", lang: Lang) -> dict[str, Any]:
    table = assessment.tables["green_heart_lengths"]
    table = table.assign(
        kind=[label(kind, lang) for kind in table["kind"]],
        status=[label(status, lang) for status in table["status"]],
    )
    return _table(
        table,
        Text("绿心内的道路与铁路", "Roads and railways inside the green heart"),
        Text(
            "当年适用的绿心分区；分区形状为示意，只宜看总量",
            "zones in force in the year; their shapes are schematic: read totals only",
        ),
        [
            _Column(f"zone_{lang}", Text("分区", "Zone")),
            _Column("kind", Text("类型", "Kind")),
            _Column("status", Text("状态", "State")),
            _Column("length_km", Text("长度/公里", "Length, km")),
            _Column("count", Text("条数", "Count"), "n"),
        ],
        lang,
    )


def _table(
    frame: pd.DataFrame, title: Text, caption: Text, columns: list[_Column], lang: Lang
) -> dict[str, Any]:
    rows = [
        [_cell(row[column.field], column.unit) for column in columns]
        for row in frame.to_dict("records")
    ]
    return {
        "title": title.get(lang),
        "caption": caption.get(lang),
        "head": [column.head.get(lang) for column in columns],
        "rows": rows,
    }


def _cell(value: Any, unit: str) -> _Cell:
    if isinstance(value, str):
        return _Cell(value, number=False)
    if value is None or pd.isna(value):
        return _Cell("—", number=True)
    if unit == "%":
        return _Cell(f"{value:.0%}", number=True)
    if unit == "2":
        return _Cell(f"{value:,.2f}", number=True)
    if unit == "n":
        return _Cell(f"{value:,.0f}", number=True)
    return _Cell(f"{value:,.1f}", number=True)
