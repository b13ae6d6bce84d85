"""``ctzgis data``: what ships, what was fetched, and fetching more (数据)."""

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from ctzgis.cli.table import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ctzgis.sources.osm.extracts import Extract
    from ctzgis.texts import Lang

__all__ = ["add_command"]

_MB = 10**6
_SECONDS_BETWEEN = 0.2


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command and its parts to a parser's commands."""
    parser = commands.add_parser(
        "data",
        help="数据 · list the data, or fetch more",
        description="List the data that ship and were fetched, or fetch more (数据).",
    )
    _add_common(parser)
    parser.set_defaults(run=_list)
    parts = parser.add_subparsers(metavar="PART")
    listed = parts.add_parser("list", help="what ships, and what was fetched")
    fetch = parts.add_parser("fetch", help="download data")
    kinds = fetch.add_subparsers(required=True, metavar="WHAT")
    osm = kinds.add_parser("osm", help="OpenStreetMap of a region, from Geofabrik")
    osm.add_argument(
        "--region", required=True, help="hunan, 湖南, or a path such as europe/andorra"
    )
    osm.add_argument("--url", help="address of a mirror [$CTZGIS_GEOFABRIK]")
    for part, run in ((listed, _list), (osm, _fetch_osm)):
        _add_common(part)
        part.set_defaults(run=run)


def _add_common(parser: argparse.ArgumentParser) -> None:
    # A part's own default must not undo what was said before it.
    missing = argparse.SUPPRESS
    parser.add_argument(
        "--out", metavar="DIR", default=missing, help="folder of fetched data [cache]"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default=missing, help="[zh]")


def _lang(options: argparse.Namespace) -> "Lang":
    lang: Lang = getattr(options, "lang", "zh")
    return lang


def _list(options: argparse.Namespace) -> int:
    lang = _lang(options)
    head = (
        ("文件", "内容", "许可", "精度 (m)", "示意")
        if lang == "zh"
        else ("file", "what", "licence", "accuracy (m)", "schematic")
    )
    lines = ["随附数据" if lang == "zh" else "shipped"]
    lines += table(head, _shipped_rows(lang), widths=(40, 64, 100, 12, 9))
    lines += ["", *_fetched_lines(getattr(options, "out", None), lang)]
    return _print(lines)


def _shipped_rows(lang: "Lang") -> list[tuple[str, ...]]:
    from ctzgis.sources.formats.files import data_folder, read_toml

    yes, no = ("是", "否") if lang == "zh" else ("yes", "no")
    base = data_folder()
    return [
        (
            plain((index.parent / name).relative_to(base)),
            plain(entry.get(f"what_{lang}", entry.get("what", ""))),
            plain(entry.get(f"licence_{lang}", entry.get("licence", ""))),
            plain(entry.get("accuracy_m", "—")),
            {True: yes, False: no}.get(entry.get("schematic"), "—"),
        )
        for index in sorted(base.glob("**/SOURCES.toml"))
        for name, entry in read_toml(index).items()
    ]


def _fetched_lines(out: str | None, lang: "Lang") -> list[str]:
    from ctzgis.sources.osm.extracts import extracts_folder, fetched_extracts, parts_in

    folder = extracts_folder(out)
    rows = [
        (e.path.name, _size(e.path), e.date, f"md5 {e.md5}", e.url)
        for e in fetched_extracts(out)
    ]
    unfinished = "未完成" if lang == "zh" else "unfinished"
    rows += [(part.name, _size(part), "", unfinished, "") for part in parts_in(folder)]
    title = "已下载" if lang == "zh" else "fetched"
    if not rows:
        return [f"{title}: {folder}", "  —"]
    head = (
        ("文件", "大小", "日期", "校验", "来源")
        if lang == "zh"
        else ("file", "size", "date", "checksum", "from")
    )
    cells = [tuple(plain(cell) for cell in row) for row in rows]
    return [f"{title}: {folder}", *table(head, cells, widths=(56, 12, 10, 36, 80))]


def _fetch_osm(options: argparse.Namespace) -> int:
    from ctzgis.sources.osm.extracts import extracts_folder, fetch_extract, parts_in

    lang = _lang(options)
    out = getattr(options, "out", None)
    bar = _Bar()
    try:
        extract = fetch_extract(
            options.region,
            folder=out,
            url=options.url,
            progress=bar.show if sys.stderr.isatty() else None,
        )
    except KeyboardInterrupt:
        bar.end()
        kept = [f"{part} ({_size(part)})" for part in parts_in(extracts_folder(out))]
        told = ", ".join(kept) or "—"
        said = (
            f"已中断；已下载部分保留，再次运行即续传：{told}"
            if lang == "zh"
            else f"interrupted; kept for going on with the same command: {told}"
        )
        print(f"ctzgis: {said}", file=sys.stderr)
        return 130
    finally:
        bar.end()
    return _print(_fetched(extract, lang))


def _fetched(extract: "Extract", lang: "Lang") -> "Sequence[str]":
    size, date, place = _size(extract.path), extract.date, extract.path
    if lang == "zh":
        state = "已下载" if extract.new else "已是最新"
        return (
            str(place),
            f"  {state}，{size}，数据日期 {date}，md5 {extract.md5}（与服务器一致）",
            "  © OpenStreetMap 贡献者，ODbL 1.0",
        )
    state = "fetched" if extract.new else "there already, up to date"
    return (
        str(place),
        f"  {state}, {size}, content of {date}, md5 {extract.md5} as the server states",
        "  © OpenStreetMap contributors, ODbL 1.0",
    )


class _Bar:
    """A line on the terminal that tells how far a download is."""

    def __init__(self) -> None:
        self._shown_at = 0.0

    def show(self, done: int, total: int | None) -> None:
        """Write the line anew, a few times a second."""
        now = time.monotonic()
        if now - self._shown_at < _SECONDS_BETWEEN and done != total:
            return
        self._shown_at = now
        share = f" / {total / _MB:.1f} MB  {done / total:.0%}" if total else " MB"
        sys.stderr.write(f"\r{done / _MB:.1f}{share}   ")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line, once."""
        if self._shown_at:
            sys.stderr.write("\n")
            self._shown_at = 0.0


def _size(path: "Path") -> str:
    return f"{path.stat().st_size / _MB:.1f} MB"


def _print(lines: "Iterable[str]") -> int:
    for line in lines:
        print(line)
    return 0
