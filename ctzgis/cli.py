"""The command line: parses, calls, prints, exits (命令行)."""

import argparse
import sys
import unicodedata
import warnings
from typing import TYPE_CHECKING

from ctzgis._version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.assessment import Assessment, Finding
    from ctzgis.texts import Lang

__all__ = ["main"]

_FIRST_YEAR, _LAST_YEAR = 2015, 2035

_EXIT_CODES = """\
exit codes:
  0  done
  1  with --strict: a target is unmet
  2  the command line is wrong
  3  the data are wrong
  4  a file could not be read or written
"""


def main(arguments: "Sequence[str] | None" = None) -> int:
    """
    Run a command and return its exit code.

    Parameters
    ----------
    arguments
        Words of the command line; those of the process if not given.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark instead.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from ctzgis.errors import CtzgisError

    try:
        return int(options.run(options))
    except CtzgisError as error:
        print(f"ctzgis: {type(error).__name__}: {_one_line(error)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("ctzgis: interrupted; nothing was written", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctzgis",
        description="Check a regional spatial plan against the ground (区域空间规划评估).",
    )
    parser.add_argument("--version", action="version", version=f"ctzgis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    job = commands.add_parser(
        "assess",
        help="hold a region against its plan; write scorecard, map and report",
        description="Hold a region against its plan; write scorecard, map and report "
        "(规划实施评估：记分卡、地图、报告).",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    job.add_argument(
        "--plan", default="czt", help="shipped plan or a plan's folder [czt]"
    )
    job.add_argument(
        "--year",
        type=_year,
        default=2020,
        help=f"state at the end of this year, {_FIRST_YEAR}–{_LAST_YEAR} [2020]",
    )
    job.add_argument("--roads", metavar="FILE", help="street layer, for road density")
    job.add_argument(
        "--population",
        metavar="FILE",
        help="points or raster with people [census 2020]",
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
        "--strict", action="store_true", help="exit 1 when a target is unmet"
    )
    job.add_argument(
        "--reproject",
        action="store_true",
        help="convert a street layer in degrees or an unfit CRS to EPSG:4547",
    )
    job.set_defaults(run=_assess)
    return parser


def _year(text: str) -> int:
    if not (text.isdecimal() and _FIRST_YEAR <= int(text) <= _LAST_YEAR):
        msg = f"{text!r} is no year from {_FIRST_YEAR} to {_LAST_YEAR}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _assess(options: argparse.Namespace) -> int:
    from ctzgis.errors import CtzgisWarning
    from ctzgis.reporting.files import write_assessment
    from ctzgis.workflow import assess

    _say("reading and measuring …")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CtzgisWarning)
        assessment = assess(
            options.plan,
            year=options.year,
            profile=options.profile,
            roads=options.roads,
            population=options.population,
            reproject=options.reproject,
        )
    for warning in caught:
        if issubclass(warning.category, CtzgisWarning):
            print(f"ctzgis: warning: {_one_line(warning.message)}", file=sys.stderr)
    _say("writing …")
    folder = options.out or f"ctzgis-{assessment.plan.id}-{assessment.year}"
    files = write_assessment(assessment, folder, lang=options.lang)
    for line in _scorecard_lines(assessment, options.lang):
        print(line)
    print()
    for file in files:
        print(file)
    return 1 if options.strict and assessment.scorecard.unmet else 0


def _say(text: str) -> None:
    """Tell a waiting person, and nobody else, what is being done."""
    if sys.stderr.isatty():
        print(f"ctzgis: {text}", file=sys.stderr)


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _scorecard_lines(assessment: "Assessment", lang: "Lang") -> list[str]:
    from ctzgis.assessment import Status

    shown = assessment.scorecard.shown(assessment.profile)
    counts = shown.counts
    title = assessment.plan.name.get(lang)
    lines = [f"{title} · {assessment.year} · {assessment.profile}"]
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
    rows = [_row(finding, lang) for finding in shown.findings]
    lines += _table(head, _once(rows), widths=(22, 32, 26, 16, 16, 14, 90))
    lines.append("")
    lines.append("  ".join(f"{s.label.get(lang)} {counts[s.value]}" for s in Status))
    return lines


def _row(finding: "Finding", lang: "Lang") -> tuple[str, ...]:
    from ctzgis.assessment.units import amount

    m = finding.measured
    value = "—" if m.value is None else amount(m.value, m.unit).get(lang)
    wanted = "—" if finding.wanted is None else finding.wanted.get(lang)
    return (
        finding.name.get(lang),
        m.label.get(lang) if m.label != finding.name else "",
        m.subject.get(lang),
        value,
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


def _table(
    head: "Sequence[str]", rows: "Sequence[Sequence[str]]", *, widths: "Sequence[int]"
) -> list[str]:
    limits = [
        min(limit, max(_width(row[i]) for row in (head, *rows)))
        for i, limit in enumerate(widths)
    ]
    lines = [head, ["─" * limit for limit in limits], *rows]
    return [
        "  ".join(_fit(c, n) for c, n in zip(line, limits, strict=True)).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, width: int) -> str:
    """Pad or cut a text to a width in columns; Chinese characters take two."""
    if _width(text) <= width:
        return text + " " * (width - _width(text))
    kept, used = "", 0
    for character in text:
        step = _width(character)
        if used + step > width - 1:
            break
        kept, used = kept + character, used + step
    return kept + "…" + " " * (width - used - 1)
