"""``ctzgis compare``: two years or scenarios side by side (前后对比)."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.states import (
    COUNTY,
    above_zero,
    add_inputs,
    backdrop_of,
    names_of,
    read_asked,
    require_html,
    schematic,
    state_of,
)
from ctzgis.cli.table import plain, say, table
from ctzgis.reporting.changes.words import TRIPS, figure_word, unit_word

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from ctzgis.analysis.change.comparison import Comparison
    from ctzgis.provenance import Source
    from ctzgis.texts import Lang

__all__ = ["add_command"]

_MOST_ROWS: Final = 30


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to a parser's commands."""
    job = commands.add_parser(
        "compare",
        help="前后对比 · two years or scenarios side by side",
        description="Compare two states of a network: changed roads and lines, trips, "
        "people, areas (前后对比).\nA state is a year or a scenario card "
        "(docs/scenario_format.md).",
        epilog=exit_codes(
            example="ctzgis compare 2020 2025 --lang en --html compared.html"
        ),
        formatter_class=HelpFormatter,
    )
    job.add_argument("before", metavar="BEFORE", help="year or scenario card")
    job.add_argument("after", metavar="AFTER", help="year or scenario card")
    add_inputs(job)
    job.add_argument(
        "--zone",
        metavar="FIELD",
        help="field of the people by which winners and losers are counted [the county "
        "of the settlements that ship]",
    )
    job.add_argument(
        "--cell",
        type=above_zero,
        default=500.0,
        metavar="M",
        help="width of the surface's cells [500]",
    )
    job.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="folder for all tables (.csv), layers (.gpkg) and saved.tif",
    )
    job.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="before and after as two linked maps on one page that works offline",
    )
    job.set_defaults(run=_run)


def _run(options: "argparse.Namespace") -> int:
    from ctzgis.analysis.change.comparison import compare
    from ctzgis.writing import require_folder

    if options.out is not None:
        require_folder(options.out)
    if options.html is not None:
        require_html(options.html)
    say("reading …")
    asked = read_asked(options)
    before, before_name, one = state_of(options.before, options, asked.network)
    after, after_name, other = state_of(options.after, options, asked.network)
    zone = options.zone
    if zone is None and asked.population is not None and COUNTY in asked.population:
        zone = COUNTY
    say("measuring …")
    found = compare(
        before,
        after,
        asked.points,
        cutoff_min=options.cutoff,
        population=asked.population,
        zone=zone,
        mode=options.mode,
        profile=options.profile,
        cell_m=options.cell,
    )
    sources = (*asked.sources, *one, *other)
    title = f"{plain(before_name)} → {plain(after_name)}"
    lines = [title + schematic(sources, options.lang), ""]
    lines += _summary(found, options.lang)
    lines += ["", *_trips(found, names_of(asked.points, options.lang), options.lang)]
    if asked.population is not None:
        lines += ["", *_zones(found, options.lang)]
    print("\n".join(lines))
    if options.out is not None:
        _write(found, options, sources)
    if options.html is not None:
        from ctzgis.reporting.changes.comparison_page import write_comparison

        backdrop = backdrop_of(
            options, asked, after, (before_name, after_name), sources
        )
        write_comparison(found, options.html, backdrop=backdrop, lang=options.lang)
        print(options.html)
    return 0


def _summary(found: "Comparison", lang: "Lang") -> list[str]:
    head = ("指标", "值", "单位") if lang == "zh" else ("figure", "value", "unit")
    rows = [
        (figure_word(figure, lang), _shown(value), unit_word(unit, lang))
        for figure, value, unit in found.summary().itertuples(index=False)
    ]
    return table(head, rows, widths=(26, 14, 6))


def _shown(value: Any) -> str:
    """Return a number: whole if it is, else with one digit; a dash if there is none."""
    if math.isnan(value):
        return "—"
    # Adding 0 turns −0.0 into 0.
    tenths = round(value, 1) + 0.0
    return f"{tenths:,.0f}" if value == round(value) else f"{tenths:,.1f}"


def _trips(found: "Comparison", names: "Mapping[Any, str]", lang: "Lang") -> list[str]:
    head = (
        ("起点", "终点", "前", "后", "节省", "变化")
        if lang == "zh"
        else ("from", "to", "before", "after", "saved", "change")
    )
    apart = found.trips[found.trips["from_id"] != found.trips["to_id"]]
    rows = [
        (
            plain(names[row.from_id]),
            plain(names[row.to_id]),
            _shown(row.before_min),
            _shown(row.after_min),
            _shown(row.saved_min),
            TRIPS[str(row.change)].get(lang),
        )
        for row in apart.head(_MOST_ROWS).itertuples()
    ]
    return [*table(head, rows, widths=(20, 20, 8, 8, 8, 8)), *_more(apart, lang)]


def _more(frame: "pd.DataFrame", lang: "Lang") -> list[str]:
    left = len(frame) - _MOST_ROWS
    if left <= 0:
        return []
    return [f"……另有 {left:,} 行" if lang == "zh" else f"… and {left:,} more"]


def _zones(found: "Comparison", lang: "Lang") -> list[str]:
    head = (
        ("分区", "人口", "受益", "受损", "新增可达", "失去可达", "人均节省")
        if lang == "zh"
        else ("zone", "people", "winners", "losers", "gained", "lost", "mean saved")
    )
    zones = found.zones
    moved = zones[(zones["winners"] > 0) | (zones["losers"] > 0)]
    order = moved.sort_values("winners", ascending=False, kind="stable")
    counts = ("population", "winners", "losers", "gained", "lost")
    rows = [
        (
            plain(row.Index),
            *(f"{getattr(row, count):,.0f}" for count in counts),
            _shown(row.saved_min),
        )
        for row in order.head(_MOST_ROWS).itertuples()
    ]
    return [
        *table(head, rows, widths=(20, *(12,) * 5, 10)),
        *_more(order, lang),
        *_still(zones, len(moved), lang),
    ]


def _still(zones: "pd.DataFrame", moved: int, lang: "Lang") -> list[str]:
    """Return how many zones the table leaves out."""
    left = len(zones) - moved
    if not left:
        return []
    if lang == "zh":
        return [f"另有 {left:,} 个分区无人受益或受损"]
    return [f"{left:,} more zones have neither winners nor losers"]


def _write(
    found: "Comparison", options: "argparse.Namespace", sources: "tuple[Source, ...]"
) -> None:
    """Write every part of a comparison into a folder, and name the files."""
    from ctzgis._version import __version__
    from ctzgis.reporting.measures import write_measure
    from ctzgis.sources.rasters.written import write_surface

    parameters = {
        "before": options.before,
        "after": options.after,
        "undated": options.undated,
        "mode": options.mode,
        "profile": options.profile,
        "cutoff_min": options.cutoff,
        "ctzgis": __version__,
    }
    print()
    for name, frame in _parts(found):
        if len(frame):
            path = options.out / name
            write_measure([frame], path, sources=sources, parameters=parameters)
            print(path)
    if found.surface.before_min.size:
        path = options.out / "saved.tif"
        saved = found.surface.surface()
        write_surface(saved, path, sources=sources, parameters=parameters)
        print(path)


def _named_in_both(summary: "pd.DataFrame") -> "pd.DataFrame":
    """Return a summary with what its figures are called in Chinese and English."""
    figures = summary["figure"]
    return summary.assign(
        name_zh=[figure_word(figure, "zh") for figure in figures],
        name_en=[figure_word(figure, "en") for figure in figures],
    )


def _parts(found: "Comparison") -> "Iterator[tuple[str, pd.DataFrame]]":
    """Yield the frames of a comparison with the files they go to."""
    yield "summary.csv", _named_in_both(found.summary())
    yield "trips.csv", found.trips
    yield "zones.csv", found.zones.reset_index()
    yield "roads.gpkg", found.roads
    yield "lines.gpkg", found.lines
    yield "people.gpkg", found.people.reset_index(names="point_id")
    yield "areas.gpkg", found.areas
    yield "rings.gpkg", found.rings
