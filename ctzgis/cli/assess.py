"""``ctzgis assess``: hold a region against its plan (规划实施评估)."""

import argparse
import sys
import warnings
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.table import folded, one_line, say, table, terminal_columns
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.assessment import Assessment, Finding, Scorecard
    from ctzgis.sources.roads.streets import StreetLayer
    from ctzgis.texts import Lang
    from ctzgis.workflow import Facilities

__all__ = ["add_command"]

_WIDTHS: Final = (22, 32, 26, 16, 16, 14, 90)
_WAITING_COLUMNS: Final = 100
_WITH_REASONS: Final = 160
"""Width of a terminal from which on findings have their reasons beside them."""
_NO_REASONS: Final = Text(
    f"说明见报告；窗口宽于 {_WITH_REASONS} 列时也列在此处",
    f"reasons: in the report, or here in a window of {_WITH_REASONS} columns",
)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "assess",
        help="评估 · hold a region against its plan; write scorecard, map and report",
        description="Hold a region against its plan; write scorecard, map and report "
        "(规划实施评估：记分卡、地图、报告).",
        epilog=exit_codes(
            "with --strict: a target is unmet",
            example="ctzgis assess --year 2025 --lang en --formats html,docx --out out",
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument(
        "--plan", default="czt", help="shipped plan or a plan's folder [czt]"
    )
    job.add_argument(
        "--year",
        type=_year,
        default=2020,
        help="state at the end of this year, 2015 to 2035 [2020]",
    )
    job.add_argument(
        "--network",
        metavar="DIR",
        help="roads and lines of another region [those that ship]",
    )
    job.add_argument("--roads", metavar="FILE", help="street layer, for road density")
    job.add_argument(
        "--crs", help="what the street layer's coordinates are in [as the file says]"
    )
    job.add_argument(
        "--datum",
        choices=("wgs84", "gcj02", "bd09"),
        default="wgs84",
        help="datum of the street layer [wgs84]",
    )
    job.add_argument(
        "--population",
        metavar="FILE",
        help="points or raster with people [census 2020]",
    )
    job.add_argument(
        "--values",
        metavar="FILE",
        help="CSV with target_id,value of targets that only statistics tell",
    )
    job.add_argument(
        "--facilities",
        metavar="KIND=FILE",
        action="append",
        default=[],
        type=_kind_and_file,
        help="points, lines or areas of a kind, e.g. charger=chargers.gpkg; may be "
        "repeated; `ctzgis plan methods` lists the kinds",
    )
    job.add_argument(
        "--facilities-datum",
        choices=("wgs84", "gcj02", "bd09"),
        default="wgs84",
        help="datum of the facilities [wgs84]",
    )
    job.add_argument(
        "--also",
        metavar="TOPICS",
        type=_topics,
        default=(),
        help="topics for map and report: index, missing-links, critical-roads, borders, "
        "dead-ends, stations, joined by commas, or all",
    )
    job.add_argument(
        "--boundaries",
        metavar="FILE",
        help="counties with division codes or names [the plan's own]",
    )
    job.add_argument(
        "--land-cover",
        metavar="FILE",
        help="classified raster, for targets of forest; needs --forest-classes",
    )
    job.add_argument(
        "--forest-classes",
        metavar="LIST",
        help="its classes that are forest, e.g. 10,20, or the product: worldcover, clcd "
        "or globeland30",
    )
    job.add_argument(
        "--profile",
        choices=("free", "peak"),
        default="free",
        help="speeds of the isochrones and of the printed table [free]",
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.add_argument(
        "--out", metavar="DIR", help="folder to write into [ctzgis-PLAN-YEAR]"
    )
    job.add_argument(
        "--formats",
        metavar="LIST",
        type=_formats,
        default=("html",),
        help="reports to write, of html, docx, xlsx and md, with commas between; docx "
        "and xlsx need the extras of their names [html]",
    )
    job.add_argument(
        "--template",
        metavar="FILE",
        help="Word document or template whose looks report.docx takes",
    )
    job.add_argument(
        "--basemap",
        choices=("tianditu", "osm", "gaode"),
        help="tiles below map.html, which then needs the internet [none]",
    )
    job.add_argument(
        "--strict", action="store_true", help="exit 1 when a target is unmet"
    )
    job.add_argument(
        "--reproject",
        action="store_true",
        help="convert a street layer in degrees or an unfit CRS to EPSG:4547",
    )
    job.set_defaults(run=_assess)


def _year(text: str) -> int:
    from ctzgis.workflow import FIRST_YEAR, LAST_YEAR

    if not (text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        msg = f"{text!r} is no year from {FIRST_YEAR} to {LAST_YEAR}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _kind_and_file(text: str) -> tuple[str, str]:
    kind, sign, file = text.partition("=")
    if not (kind and sign and file):
        msg = f"{text!r} is no KIND=FILE, e.g. charger=chargers.gpkg"
        raise argparse.ArgumentTypeError(msg)
    return kind, file


def _formats(text: str) -> tuple[str, ...]:
    names = [name.strip().lower() for name in text.split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


def _assess(options: argparse.Namespace) -> int:
    from ctzgis.errors import CtzgisWarning
    from ctzgis.reporting.files import require_results_folder, write_assessment
    from ctzgis.workflow import assess

    require_results_folder(_folder(options), options.formats, template=options.template)
    say("reading and measuring …")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CtzgisWarning)
        assessment = assess(
            options.plan,
            year=options.year,
            profile=options.profile,
            network=options.network,
            roads=_streets(options),
            population=options.population,
            values=options.values,
            boundaries=options.boundaries,
            land_cover=options.land_cover,
            land_cover_classes=options.forest_classes,
            facilities=_facilities(options),
            also=options.also,
        )
        say("writing …")
        files = write_assessment(
            assessment,
            _folder(options),
            lang=options.lang,
            formats=options.formats,
            template=options.template,
            basemap=options.basemap,
        )
    for warning in caught:
        if issubclass(warning.category, CtzgisWarning):
            print(f"ctzgis: warning: {one_line(warning.message)}", file=sys.stderr)
    for line in _scorecard_lines(assessment, options.lang):
        print(line)
    print()
    for file in files:
        print(file)
    return 1 if options.strict and assessment.scorecard.unmet else 0


def _folder(options: argparse.Namespace) -> Path:
    """Return the folder to write into; a plan's folder gives its last name."""
    name = Path(options.plan).resolve().name
    return Path(options.out or f"ctzgis-{name}-{options.year}")


def _streets(options: argparse.Namespace) -> "StreetLayer | None":
    from ctzgis.sources.roads.streets import read_streets

    if options.roads is None:
        return None
    return read_streets(
        options.roads,
        reproject=options.reproject,
        crs=options.crs,
        datum=options.datum,
    )


def _topics(text: str) -> tuple[str, ...]:
    """Return the topics of a list on the command line."""
    from ctzgis.assessment.topics.catalogue import TOPICS

    names = [name.strip().replace("-", "_") for name in text.split(",")]
    if names == ["all"]:
        return tuple(TOPICS)
    if unknown := [name for name in names if name not in TOPICS]:
        known = ", ".join(name.replace("_", "-") for name in TOPICS)
        msg = f"topic '{unknown[0]}' is not known; known are {known}, all"
        raise argparse.ArgumentTypeError(msg)
    return tuple(names)


def _facilities(options: argparse.Namespace) -> "dict[str, Facilities]":
    from ctzgis.errors import InputError
    from ctzgis.sources.places.facilities import read_facilities

    given: dict[str, Facilities] = {}
    for kind, file in options.facilities:
        if kind in given:
            msg = f"--facilities {kind} stands twice; join the files"
            raise InputError(msg)
        given[kind] = read_facilities(file, kind, datum=options.facilities_datum)
    return given


def _scorecard_lines(assessment: "Assessment", lang: "Lang") -> list[str]:
    from ctzgis.reporting.words import WORDS

    shown = assessment.scorecard.shown(assessment.profile)
    title = assessment.plan.name.get(lang)
    speeds = WORDS[assessment.profile].get(lang)
    lines = [f"{title} · {assessment.year} · {speeds}"]
    if assessment.schematic:
        lines.append(
            "示意数据：位置为示意，结论按所列精度理解"
            if lang == "zh"
            else "Schematic data: positions are drawn; read results within their accuracy"
        )
    lines.append("")
    head = (
        ("目标", "指标", "对象", "数值", "要求", "结论", "说明")
        if lang == "zh"
        else ("target", "indicator", "on", "value", "wanted", "finding", "why")
    )
    rows = _once([_row(finding, lang) for finding in shown.answered])
    columns = terminal_columns()
    if columns is None or columns >= _WITH_REASONS:
        lines += table(head, rows, widths=_WIDTHS)
    else:
        lines += table(head[:-1], [row[:-1] for row in rows], widths=_WIDTHS[:-1])
        lines += ["", _NO_REASONS.get(lang)]
    lines += ["", *_waiting_lines(shown.waiting, lang), ""]
    lines.append(f"{_counts_line(shown, lang)}  ({speeds})")
    if len(assessment.scorecard.findings) > len(shown.findings):
        both = (
            "自由流与高峰合计，同报告"
            if lang == "zh"
            else "both speeds, as in the report"
        )
        lines.append(f"{_counts_line(assessment.scorecard, lang)}  ({both})")
    return lines


def _counts_line(card: "Scorecard", lang: "Lang") -> str:
    from ctzgis.assessment import Status

    counts = card.counts
    return "  ".join(f"{s.label.get(lang)} {counts[s.value]}" for s in Status)


def _waiting_lines(waiting: "Sequence[Finding]", lang: "Lang") -> list[str]:
    """Say what most targets wait for."""
    from ctzgis.assessment.waiting import waits_of
    from ctzgis.reporting.words import WORDS

    lines = [WORDS["waiting"].get(lang)] if waiting else []
    most = min(terminal_columns() or _WAITING_COLUMNS, _WAITING_COLUMNS)
    for wait in waits_of(waiting):
        starts = chain([f"{len(wait.findings):>5}  "], repeat(" " * 7))
        pieces = folded(wait.needed.get(lang), most - 7)
        lines += map("".join, zip(starts, pieces, strict=False))
    return lines


def _row(finding: "Finding", lang: "Lang") -> tuple[str, ...]:
    m = finding.measured
    wanted = "—" if finding.wanted is None else finding.wanted.get(lang)
    return (
        finding.name.get(lang),
        m.label.get(lang) if m.label != finding.name else "",
        m.subject.get(lang),
        finding.value_shown.get(lang),
        wanted,
        finding.status.label.get(lang),
        finding.reason.get(lang),
    )


def _once(rows: "Sequence[tuple[str, ...]]") -> list[tuple[str, ...]]:
    """Name each target once, at the first of its rows."""
    names = ["", *(row[0] for row in rows)]
    return [
        ("" if row[0] == before else row[0], *row[1:])
        for row, before in zip(rows, names, strict=False)
    ]
