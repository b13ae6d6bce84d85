"""Time circles to hand in: one page with a map each, or a document (时间圈图页)."""

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import markupsafe

from ctzgis.reporting.circles.content import circle_content, circle_rows, findings
from ctzgis.reporting.circles.maps import (
    HEART_BORDER,
    TOWN_BORDER,
    circle_ground,
    circle_key,
    circle_map,
)
from ctzgis.reporting.circles.notes import notes
from ctzgis.reporting.circles.words import (
    BAND_WITHIN,
    BEYOND,
    WITHIN,
    profile_word,
    state_word,
    way_word,
)
from ctzgis.reporting.pictures.figures import frame_of, paint_of
from ctzgis.reporting.pictures.stills import shortened
from ctzgis.reporting.reports.content import readable
from ctzgis.reporting.reports.report import require_report
from ctzgis.reporting.style import FONTS, style_of
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text, printable
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ctzgis.network import Scenario
    from ctzgis.reporting.circles.content import CircleRow
    from ctzgis.reporting.circles.maps import Ground
    from ctzgis.reporting.circles.region import RegionCircles
    from ctzgis.reporting.pictures.figures import Frame
    from ctzgis.reporting.pictures.stills import StillMap
    from ctzgis.texts import Lang

__all__ = ["render_circles", "write_circles"]

_WIDTH_PX: Final = 480
# How wide and how tall a map is at most on paper: beside all figures, and beside few.
_WIDEST_MM: Final = (54.0, 76.0)
_TALLEST_MM: Final = (66.0, 72.0)
# Of the width of a map in a document, for its legend beside it.
_LEGEND_SHARE: Final = 0.5
# What a card beside its map has room for.
_MOST_ROWS: Final = 12
_KEY: Final = (
    *("water.main_stem", "road.motorway", "line.intercity", "line.metro"),
    "line.hsr",
)
_TEXTS: Final = {
    "figure": Text("数值 [精度区间]", "Figure [band]"),
    "north": Text("北", "N"),
    "sources": WORDS["sources"],
    "schematic": WORDS["schematic_data"],
    "drawn": WORDS["schematic"],
    "units": Text(
        "时间：分钟，较慢方向；人口：份额；面积：平方公里",
        "times: minutes, slower direction; people: shares; areas: km²",
    ),
}
_DASHED: Final = Text("虚线：未开通（示意）", "dashed: not open yet (schematic)")


def write_circles(
    region: "RegionCircles", path: Path | str, *, lang: "Lang" = "zh"
) -> None:
    """
    Write the time circles of a region to hand in, whole or not at all.

    ``.html`` is one file that asks no host for anything and prints on A3 sheets: all
    states and ways in the first profile on the first, with the figures of every
    profile; a sheet of maps for each other profile; and the table, what is to be known
    and the sources. ``.docx``, ``.xlsx`` and ``.md`` say the same, as
    :func:`~ctzgis.reporting.reports.report.write_report` does.

    Parameters
    ----------
    region
        What to write; see :func:`ctzgis.circles.time_circles`.
    path
        File to write; replaced if it is there.
    lang
        Language of the page.

    Raises
    ------
    InputError
        If nothing is written with this ending.
    SourceError
        If a library that writes it is missing or the file cannot be written.
    """
    path = Path(path)
    require_report(path)
    with written_whole(path) as part:
        _WRITERS[path.suffix.lower()](region, part, lang)


def render_circles(region: "RegionCircles", *, lang: "Lang" = "zh") -> str:
    """Return the page as HTML; every text from data is escaped."""
    import jinja2

    study = region.study
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ctzgis.reporting"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_fit,
    )
    paths = _Paths()
    ground = circle_ground(region)
    sheets = [
        _sheet(region, profile, lang, paths, ground) for profile in study.profiles
    ]
    frame = paths.frame
    return environment.get_template("circles.html.j2").render(
        lang=lang,
        fonts=markupsafe.Markup(", ".join(f'"{name}"' for name in FONTS)),
        content=circle_content(region),
        t={**{k: text.get(lang) for k, text in _TEXTS.items()}, "marks": _marks(region, lang)},
        key=_key(region, lang),
        sheets=sheets,
        paths=paths.listed,
        width=_WIDTH_PX,
        height=round(frame.height_px, 1) if frame else 0,
        map_mm=_map_mm(frame.height_px) if frame else _WIDEST_MM,
        scale_px=paths.scale_px,
        scale_label=paths.scale_label,
        states=[state_word(state).get(lang) for state in study.states],
        ways=[way_word(way).get(lang) for way in study.ways],
        profiles=[profile_word(profile).get(lang) for profile in study.profiles],
        table=_table(region, lang),
        notes=[
            (title.get(lang), [text.get(lang) for text in texts])
            for title, texts in notes(region)
        ],
        sources=region.sources,
    )  # fmt: skip


def _map_mm(height_px: float) -> tuple[float, ...]:
    """Return how wide maps are printed, beside all figures and beside few."""
    shape = _WIDTH_PX / height_px
    limits = zip(_WIDEST_MM, _TALLEST_MM, strict=True)
    return tuple(round(min(wide, tall * shape), 1) for wide, tall in limits)


def _fit(value: Any) -> Any:
    return readable(value) if type(value) is str else value


@dataclass(slots=True)
class _Paths:
    """Paths of all maps, each kept once however many maps show it."""

    frame: "Frame | None" = None
    scale_px: float = 0.0
    scale_label: str = ""
    listed: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def of(self, still: "StillMap") -> "Iterator[int]":
        """Yield the numbers of the paths of a map, from the ground up."""
        if self.frame is None:
            self.frame = frame_of(still, width_px=_WIDTH_PX)
            self.scale_px = round(still.scale_km * 1000 * self.frame.px_per_m, 1)
            self.scale_label = f"{still.scale_km:g} km"
        for layer in still.layers:
            # Paths come from numbers and the style table; nothing in them is text.
            data, paint = self.frame.path(layer.shapes), paint_of(layer.style)
            number = self._known.setdefault(f"{paint}{data}", len(self.listed))
            if number == len(self.listed):
                self.listed.append({"d": markupsafe.Markup(data), "paint": paint})
            yield number


def _sheet(
    region: "RegionCircles",
    profile: str,
    lang: "Lang",
    paths: _Paths,
    ground: "Ground",
) -> dict[str, Any]:
    study = region.study
    first = profile == study.profiles[0]
    when = profile_word(profile).get(lang)
    shown = study.profiles if first else (profile,)
    cards = []
    for state, way in product(study.states, study.ways):
        circle = study.circle(state.id, way, profile)
        still = circle_map(region, circle, ground=ground)
        rows = _rows(region, [(state, way, p) for p in shown], lang)
        name, how = state_word(state).get(lang), way_word(way).get(lang)
        cards.append(
            {
                "state": name,
                "way": how,
                "when": when,
                "profiles": [profile_word(p).get(lang) for p in shown],
                "map": _picture(still, f"{name} · {how} · {when}", lang, paths),
                "rows": rows[:_MOST_ROWS],
                "more": _more(len(rows) - _MOST_ROWS, lang),
            }
        )
    maps = Text(f"图：{profile_word(profile).zh}", f"Maps: {profile_word(profile).en}")
    lead = circle_content(region).lead.get(lang)
    return {
        "lead": f"{lead} {maps.get(lang)}",
        "findings": [text.get(lang) for text in findings(region)] if first else [],
        "cards": cards,
    }


def _more(count: int, lang: "Lang") -> str:
    if count <= 0:
        return ""
    return Text(f"另{count}项见数值表", f"{count} more in the table").get(lang)


def _picture(
    still: "StillMap", title: str, lang: "Lang", paths: _Paths
) -> dict[str, Any]:
    uses = list(paths.of(still))
    frame = paths.frame
    dots = []
    for dot in still.dots if frame else ():
        x, y = frame.spot(dot.point) if frame else (0.0, 0.0)
        dots.append({"x": x, "y": y, "name": shortened(printable(dot.name.get(lang)))})
    stamp = still.stamp.get(lang) if still.stamp else ""
    return {"title": title, "uses": uses, "dots": dots, "stamp": stamp}


def _rows(
    region: "RegionCircles",
    keys: "Sequence[tuple[Scenario, str, str]]",
    lang: "Lang",
) -> list[dict[str, Any]]:
    """Return a row for each figure, with a cell for each state, way and profile."""
    found: list[dict[Text, CircleRow]] = [
        {
            row.label: row
            for row in circle_rows(region, region.study.circle(state.id, way, profile))
        }
        for state, way, profile in keys
    ]
    labels = list(dict.fromkeys(label for rows in found for label in rows))
    kinds = [
        next(rows[label].kind for rows in found if label in rows) for label in labels
    ]
    return [
        {
            "label": label.get(lang),
            "turn": n > 0 and kinds[n] != kinds[n - 1],
            "cells": [_cell(rows.get(label), lang) for rows in found],
        }
        for n, label in enumerate(labels)
    ]


def _cell(row: "CircleRow | None", lang: "Lang") -> dict[str, str] | None:
    if row is None or row.number is None:
        return None
    value, band = row.value.get(lang), row.band.get(lang)
    return {"mark": row.mark, "value": value, "band": band}


def _table(region: "RegionCircles", lang: "Lang") -> list[dict[str, Any]]:
    study = region.study
    keys = product(study.states, study.ways, study.profiles)
    return _rows(region, list(keys), lang)


def _key(region: "RegionCircles", lang: "Lang") -> list[dict[str, Any]]:
    """Return what the colours mean."""
    around = (TOWN_BORDER, HEART_BORDER, *map(style_of, _KEY))
    styles = [*circle_key(len(region.study.centres)), *around]
    return [
        {
            "label": style.label.get(lang),
            "paint": paint_of(style),
            "area": style.fill is not None,
        }
        for style in styles
    ]


def _marks(region: "RegionCircles", lang: "Lang") -> str:
    minutes = region.study.minutes
    within = Text(
        f"{WITHIN} {minutes:g}分钟内　{BAND_WITHIN} 仅精度区间触及　{BEYOND} 超出",
        f"{WITHIN} within {minutes:g} min  {BAND_WITHIN} by its band only  {BEYOND} beyond",
    )
    return f"{_DASHED.get(lang)} · {within.get(lang)}"


# --- other formats ---------------------------------------------------------------


def _write_html(region: "RegionCircles", path: Path, lang: "Lang") -> None:
    page = render_circles(region, lang=lang)
    path.write_text(page, encoding="utf-8", newline="\n")


def _write_docx(region: "RegionCircles", path: Path, lang: "Lang") -> None:
    from ctzgis.reporting.pictures.plates import draw_stills
    from ctzgis.reporting.reports.word import write_document

    study, ground = region.study, circle_ground(region, legend_share=_LEGEND_SHARE)
    first = study.profiles[0]
    maps = {
        f"{state.id}/{way}": circle_map(
            region, study.circle(state.id, way, first), ground=ground
        )
        for state, way in product(study.states, study.ways)
    }
    pictures = draw_stills(maps, lang=lang)
    write_document(circle_content(region), path, lang=lang, pictures=pictures)


def _write_xlsx(region: "RegionCircles", path: Path, lang: "Lang") -> None:
    from ctzgis.reporting.reports.workbook import write_workbook

    write_workbook(circle_content(region), path, lang=lang)


def _write_md(region: "RegionCircles", path: Path, lang: "Lang") -> None:
    from ctzgis.reporting.reports.markdown import render_markdown

    text = render_markdown(circle_content(region), lang=lang)
    path.write_text(text, encoding="utf-8", newline="\n")


_WRITERS: Final["dict[str, Callable[[RegionCircles, Path, Lang], None]]"] = {
    ".html": _write_html,
    ".docx": _write_docx,
    ".xlsx": _write_xlsx,
    ".md": _write_md,
}
