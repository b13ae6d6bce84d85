"""``ctzgis check``: many checks at once, for people and build servers (批量检查)."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.table import plain, say, source_lines, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ctzgis.batch import CheckResult
    from ctzgis.texts import Lang

__all__ = ["add_command"]


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "check",
        help="批量检查 · make the checks of a file",
        description="Make the checks of a file (批量检查): which places reach what in "
        "time. docs/checks.md describes the file.",
        epilog=exit_codes(
            "a check failed; with --strict: or is not assessable",
            example="ctzgis check checks.toml --junit checks.xml --lang en",
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument("checks", metavar="TOML", help="file of checks")
    job.add_argument("--junit", metavar="FILE", help="write results as JUnit XML")
    job.add_argument("--csv", metavar="FILE", help="write results as a table")
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.add_argument(
        "--only", nargs="+", default=(), metavar="ID", help="make these checks alone"
    )
    job.add_argument(
        "--strict", action="store_true", help="exit 1 if one is not assessable"
    )
    job.set_defaults(run=_check)


def _check(options: "argparse.Namespace") -> int:
    from ctzgis.batch import CheckStatus, read_checks, run_checks, write_junit
    from ctzgis.writing import require_place

    checks = read_checks(options.checks)
    for file in (options.junit, options.csv):
        if file is not None:
            require_place(Path(file))
    results = run_checks(checks, only=options.only, progress=say)
    if options.junit is not None:
        name = Path(options.checks).name
        write_junit(results, options.junit, name=name, lang=options.lang)
    if options.csv is not None:
        _write_csv(results, Path(options.csv), options.lang)
    for line in _lines(results, options.lang):
        print(line)
    statuses = {result.status for result in results}
    if CheckStatus.FAILED in statuses:
        return 1
    if CheckStatus.ERROR in statuses:
        return max(result.exit_code for result in results)
    return 1 if options.strict and CheckStatus.NOT_ASSESSABLE in statuses else 0


def _write_csv(results: "Sequence[CheckResult]", path: Path, lang: "Lang") -> None:
    import pandas as pd

    from ctzgis.csv_files import write_csv
    from ctzgis.writing import written_whole

    rows = [result.to_dict(lang) for result in results]
    for row in rows:
        row["worst"] = "; ".join(
            f"{name} —" if value is None else f"{name} {value:.1f}"
            for name, value in row["worst"]
        )
        row["inputs"] = "; ".join(row["inputs"])
    with written_whole(path) as part:
        write_csv(pd.DataFrame(rows), part)


def _lines(results: "Sequence[CheckResult]", lang: "Lang") -> list[str]:
    from ctzgis.batch import CheckStatus

    head = (
        ("检查", "结论", "数值", "要求", "说明", "最差")
        if lang == "zh"
        else ("check", "result", "value", "wanted", "why", "worst")
    )
    rows = [_row(result, lang) for result in results]
    lines = table(head, rows, widths=(60, 14, 44, 52, 110, 90))
    lines += ["", *_methods(results, lang), *_sources(results, lang)]
    counts = Counter(result.status for result in results)
    lines.append("  ".join(f"{s.label.get(lang)} {counts[s]}" for s in CheckStatus))
    return lines


def _row(result: "CheckResult", lang: "Lang") -> tuple[str, ...]:
    from ctzgis.batch.wording import value_told, worst_told

    check = result.check
    title = check.title.get(lang)
    cells = (
        check.id if title == check.id else f"{check.id}: {title}",
        result.status.label.get(lang),
        value_told(result, lang),
        result.wanted.get(lang),
        result.reason.get(lang),
        worst_told(result, lang),
    )
    return tuple(plain(cell) for cell in cells)


def _methods(results: "Sequence[CheckResult]", lang: "Lang") -> list[str]:
    """Say once for each way of measuring which checks were made so."""
    made: dict[str, list[str]] = {}
    for result in results:
        if method := result.method.get(lang):
            made.setdefault(method, []).append(result.check.id)
    head = "方法：" if lang == "zh" else "methods:"
    lines = [f"  {plain(', '.join(ids))}: {plain(how)}" for how, ids in made.items()]
    return [head, *lines, ""] if lines else []


def _sources(results: "Sequence[CheckResult]", lang: "Lang") -> list[str]:
    used = {(s.name, s.sha256): s for result in results for s in result.sources}
    lines = source_lines(used.values(), lang)
    return [*lines, ""] if lines else []
