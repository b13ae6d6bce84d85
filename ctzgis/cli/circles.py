"""``ctzgis circles``: how long between the centres, and who reaches them (时间圈)."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctzgis.cli.circle_case import PROFILES, USUAL_YEAR, Case, read_case
from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.table import plain, say, source_lines, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


__all__ = ["add_command"]

_WAYS = {
    "drive": ("驾车", "by car"),
    "rail_on_foot": ("轨道，两端步行", "by rail, on foot"),
    "rail": ("轨道，步行或驾车接驳", "by rail, on foot or by car"),
    "combined": ("最快方式", "the quickest way"),
}
_USUAL_MIN = 30.0
_EDGES = ("驾车，建成区边缘", "by car, edge to edge")
_TIMES_HEAD = ("从—到|方式|时段|分钟|范围", "from–to|how|when|min|range")
_SHARES_HEAD = ("人口|方式|时段|份额|范围", "people who reach|how|when|share|range")


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "circles",
        help="时间圈 · how long between a plan's centres, and who reaches them in time",
        description="Find how long it takes from centre to centre and from edge to edge, "
        "and how many people reach one, two, … centres in time (时间圈). The range is that "
        "of the quickest and the slowest network within the accuracy of the data.",
        epilog=exit_codes(
            example="ctzgis circles --year 2025 --lang en --report circles.html"
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument(
        "--plan", default="czt", help="shipped plan or a plan's folder [czt]"
    )
    job.add_argument("--year", type=_year, help="state at the end of this year [2020]")
    job.add_argument(
        "--planned",
        action="store_true",
        help="with every planned road and line that has no year of opening",
    )
    job.add_argument(
        "--network",
        metavar="PATH",
        help="roads and lines of another region [those that ship]",
    )
    job.add_argument(
        "--population",
        metavar="FILE",
        help="points or raster with people [census 2020]",
    )
    job.add_argument("--mode", choices=(*_WAYS, "all"), default="all", help="[all]")
    job.add_argument(
        "--profile", choices=(*PROFILES, "both"), default="both", help="[both]"
    )
    job.add_argument(
        "--minutes", type=_minutes, metavar="MIN", help="[30; of lorries 120]"
    )
    job.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="a page to hand in, with a map each of 2020, 2025 and every planned line by "
        "car, by rail and combined: .html (A3), .docx, .xlsx or .md",
    )
    job.add_argument(
        "--far",
        action="store_true",
        help="how far lorries lead in two hours, and planes in four",
    )
    job.add_argument(
        "--destinations",
        metavar="FILE",
        help="places beyond the region to be measured to with --far",
    )
    job.add_argument(
        "--id-column", metavar="FIELD", help="field that names each destination"
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.set_defaults(run=_circles)


def _year(text: str) -> int:
    from ctzgis.workflow import FIRST_YEAR, LAST_YEAR

    if not (text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        msg = f"{text!r} is no year from {FIRST_YEAR} to {LAST_YEAR}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        msg = f"{text!r} is no number of minutes above 0"
        raise argparse.ArgumentTypeError(msg)
    return minutes


def _circles(options: argparse.Namespace) -> int:
    _require_one_job(options)
    if options.report is not None:
        return _report(options)
    say("reading …")
    case = read_case(options)
    ways = list(_WAYS) if options.mode == "all" else [options.mode]
    profiles = list(PROFILES) if options.profile == "both" else [options.profile]
    say("measuring …")
    print(f"{plain(case.plan.name.get(options.lang))} · {_state(case, options)}\n")
    if options.far:
        from ctzgis.cli.far import tell_far

        tell_far(case, profiles, options)
    else:
        _near(case, ways, profiles, options.minutes or _USUAL_MIN)
    print("\n".join(["", *source_lines(case.sources, options.lang)]))
    return 0


def _state(case: Case, options: argparse.Namespace) -> str:
    """Return which state of the network is measured, in words."""
    year = options.year or USUAL_YEAR
    roads, lines = len(case.network.roads.roads), len(case.network.lines)
    planned = case.word(("，含全部规划", ", with everything planned"))
    return case.word(
        (
            f"{year}年底{planned if options.planned else ''}：{roads:,}段道路、{lines}条线路",
            f"end of {year}{planned if options.planned else ''}: {roads:,} roads, "
            f"{lines} lines",
        )
    )


def _require_one_job(options: argparse.Namespace) -> None:
    """Raise if words are given that say nothing to what is asked."""
    from ctzgis.errors import InputError

    if options.report is not None:
        asked = {
            "--far": options.far,
            "--year": options.year is not None,
            "--planned": options.planned,
            "--mode": options.mode != "all",
        }
        if idle := [word for word, given in asked.items() if given]:
            msg = f"--report tells every state and way by itself; leave out {idle[0]}"
            raise InputError(msg)
    if options.far and options.mode != "all":
        msg = "--far tells lorries and planes; leave out --mode"
        raise InputError(msg)
    if options.destinations is not None and not options.far:
        msg = "--destinations are for --far; ask for both"
        raise InputError(msg)


def _report(options: argparse.Namespace) -> int:
    """Write the page, and tell what it found."""
    from ctzgis.circles import time_circles
    from ctzgis.reporting.circles.content import findings
    from ctzgis.reporting.circles.page import write_circles
    from ctzgis.reporting.reports.report import require_report
    from ctzgis.writing import require_place

    require_report(options.report)
    require_place(options.report)
    say("reading and measuring …")
    profiles = list(PROFILES) if options.profile == "both" else [options.profile]
    region = time_circles(
        options.plan,
        minutes=options.minutes or _USUAL_MIN,
        profiles=profiles,
        network=options.network,
        population=options.population,
    )
    say("writing …")
    write_circles(region, options.report, lang=options.lang)
    for text in findings(region):
        print(plain(text.get(options.lang)))
    print(plain(options.report))
    return 0


def _near(case: Case, ways: list[str], profiles: list[str], minutes: float) -> None:
    """Print times between the centres, and who reaches them."""
    rows = [row for p in profiles for row in _times(case, ways, p)]
    _print(case.word(_TIMES_HEAD), rows)
    print()
    if len(case.people):
        shares = (_shares(case, ways, p, minutes) for p in profiles)
        _print(case.word(_SHARES_HEAD), [row for part in shares for row in part])
    else:
        print(
            case.word(
                ("所给人口无人在该范围内", "nobody of the given people lives there")
            )
        )


def _print(head: str, rows: "list[tuple[str, ...]]") -> None:
    print("\n".join(table(head.split("|"), rows, widths=(34, 28, 8, 8, 16))))


def _times(case: Case, ways: list[str], profile: str) -> "Iterator[tuple[str, ...]]":
    """Yield a row for each two centres and way, in the slower direction."""
    from ctzgis.analysis.access.circles import centre_times, edge_times

    found = centre_times(case.network, case.centres, profile=profile)
    tables = [(case.word(_WAYS[way]), found[found["way"] == way]) for way in ways]
    areas = case.plan.built_up
    areas = areas[areas.index.isin(case.centres.index)]
    if "drive" in ways and len(areas) > 1:
        areas = areas.to_crs(case.network.roads.crs)
        edges = edge_times(case.network, areas, profile=profile)
        tables.append((case.word(_EDGES), edges))
    when = case.word(PROFILES[profile])
    for how, times in tables:
        for (a, b), row in _slower(times).items():
            pair = f"{case.name(a)}—{case.name(b)}"
            yield pair, how, when, *row


def _slower(times: "pd.DataFrame") -> dict[tuple[str, str], tuple[str, str]]:
    """Return time and range of each two places, in the slower direction."""
    columns = ("travel_time_min", "low_min", "high_min")
    pairs = list(zip(times["from_id"].tolist(), times["to_id"].tolist(), strict=True))
    values = times[list(columns)].to_numpy(dtype=float).tolist()
    known = dict(zip(pairs, values, strict=True))
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for a, b in pairs:
        if (b, a) not in found:
            # Without a way in one direction there is none for a commuter.
            both = zip(known[a, b], known[b, a], strict=True)
            value, low, high = (max(pair, key=_late) for pair in both)
            found[a, b] = _number(value), f"{_number(low)}–{_number(high)}"
    return found


def _late(minutes: float) -> float:
    return math.inf if math.isnan(minutes) else minutes


def _number(minutes: float) -> str:
    return "—" if math.isnan(minutes) else f"{minutes:.1f}"


def _shares(
    case: Case, ways: list[str], profile: str, minutes: float
) -> "Iterator[tuple[str, ...]]":
    """Yield a row for each way and number of centres."""
    from ctzgis.analysis.access.circles import people_reached

    found = people_reached(
        case.network, case.people, case.centres, minutes=minutes, profile=profile
    )
    when = case.word(PROFILES[profile])
    shown = found[found["way"].isin(ways)]
    columns = ("way", "centres", "population_share", "low_share", "high_share")
    for way, centres, *shares in zip(
        *(shown[c].tolist() for c in columns), strict=True
    ):
        plural = "" if centres == 1 else "s"
        what = (
            f"{minutes:g}分钟内可达{centres}个中心",
            f"{centres} centre{plural} within {minutes:g} min",
        )
        share, low, high = (f"{100 * value:.1f}" for value in shares)
        how = case.word(_WAYS[way])
        yield case.word(what), how, when, f"{share} %", f"{low}–{high}"
