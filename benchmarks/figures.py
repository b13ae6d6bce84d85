"""
Tables and a plot of figures that ``engine.py --json`` kept (图表).

    python benchmarks/figures.py figures.json docs/images/engine_cost.svg
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from timing import NOT_RUN, shown

mpl.use("svg")
import matplotlib.pyplot as plt

Figures = list[dict[str, Any]]

_JUNCTIONS: Final = {"20k": 20_000, "200k": 200_000, "1m": 1_000_000}
_SIZE: Final = "200k"
_ROWS: Final = (
    "one", "scattered", "every", "od-1000", "od-5000", "nearest", "prepare", "reload",
    "first", "memory", "",
)  # fmt: skip
_ENGINES: Final = {
    "ctzgis, prepared": ("#b3382c", "o-"),
    "ctzgis, with preparation": ("#b3382c", "o--"),
    "ctzgis, searching": ("#d98c3f", "s-"),
    "SciPy": ("#4a7a4a", "^-"),
    "pandana": ("#3b5b92", "v-"),
}


def main(figures: Path, plot: Path) -> None:
    """Print the tables, draw the plot."""
    rows: Figures = json.loads(figures.read_text("utf-8"))
    sizes = [*_JUNCTIONS, *sorted({row["size"] for row in rows} - set(_JUNCTIONS))]
    rows.sort(key=lambda row: (sizes.index(row["size"]), _place(row["name"])))
    print(summary(rows))
    for row in rows:
        print(table(row))
    draw(rows, plot)


def _place(name: str) -> int:
    """Return where a row stands among those of its size."""
    return next(k for k, start in enumerate(_ROWS) if name.startswith(start))


def summary(rows: Figures) -> str:
    """Return all rows as one table in Markdown: ours, and what others need."""
    lines = [
        "| work | size | ours | with preparation | pandana | SciPy | OSMnx |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        if row["name"] in ("first", "memory"):
            continue
        ours, *others = row["jobs"]
        cells = [shown(ours["seconds"])]
        cells += [_cell(others, "ctzgis, with", ours)]
        cells += [_cell(others, peer, ours) for peer in ("pandana", "SciPy", "OSMnx")]
        lines.append(f"| {row['work']} | {row['size']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(jobs: Figures, engine: str, ours: dict[str, Any]) -> str:
    """Return what the first job of an engine needs, and how many times ours that is."""
    for job in jobs:
        if job["engine"].startswith(engine):
            if job["note"] == NOT_RUN:
                return "not run"
            star = " \\*" if job["extrapolated"] else ""
            times = job["seconds"] / ours["seconds"]
            digits = 0 if times >= 10 else 1
            ratio = "" if "ctzgis" in engine else f" ({times:,.{digits}f} ×)"
            return f"{shown(job['seconds'])}{star}{ratio}"
    return "–"


def table(row: dict[str, Any]) -> str:
    """Return a row as a table in Markdown."""
    lines = [
        f"\n{row['size']} · {row['work']}\n",
        "| engine | median | least to most | runs | × ours |",
        "|---|---:|---:|---:|---:|",
    ]
    for job in row["jobs"]:
        star = " \\*" if job["extrapolated"] else ""
        ratio = job["seconds"] / row["jobs"][0]["seconds"]
        low, high = (shown(value) for value in job["range_s"])
        lines.append(
            f"| {job['engine']} | {shown(job['seconds'])}{star} | {low} to {high}"
            f" | {job['rounds']} | {ratio:,.1f} |"
        )
    return "\n".join([*lines, "", *(f"* {check}" for check in row["checks"])])


def draw(rows: Figures, to: Path) -> None:
    """Draw what work costs as it grows, by junctions and by origins."""
    mpl.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "ctzgis", "font.size": 9}
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    by_size = [
        (_JUNCTIONS[row["size"]], row)
        for row in rows
        if row["name"] == "every" and row["size"] in _JUNCTIONS
    ]
    origins = {"one": 1, "scattered": 1000, "every": _JUNCTIONS[_SIZE]}
    by_origins = [
        (origins[row["name"]], row)
        for row in rows
        if row["size"] == _SIZE and row["name"] in origins
    ]
    _lines(left, by_size)
    _lines(right, by_origins)
    left.set(xlabel="junctions, each an origin", ylabel="seconds")
    right.set(xlabel=f"origins, {_JUNCTIONS[_SIZE]:,} junctions")
    right.legend(fontsize=7, frameon=False)
    figure.tight_layout()
    figure.savefig(to, metadata={"Date": None})


def _lines(axes: Any, points: list[tuple[int, dict[str, Any]]]) -> None:
    """Draw a line for each engine; what was extrapolated is hollow."""
    points = sorted(points, key=lambda point: point[0])
    for engine, (colour, style) in _ENGINES.items():
        found = [
            (x, job["seconds"], job["extrapolated"])
            for x, row in points
            if (job := _job(row, engine))
        ]
        if not found:
            continue
        x, y, _guessed = zip(*found, strict=True)
        axes.plot(x, y, style, color=colour, label=engine, mfc="white", ms=5)
        sure = [(a, b) for a, b, far in found if not far]
        if sure:
            axes.plot(*zip(*sure, strict=True), style[0], color=colour, ms=5)
    axes.set(xscale="log", yscale="log")
    axes.minorticks_off()
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _job(row: dict[str, Any], engine: str) -> dict[str, Any] | None:
    """Return an engine's job in a row; one origin is never worth preparing for."""
    names = [engine]
    if row["name"] == "one" and engine == "ctzgis, searching":
        names = ["ctzgis, reach"]
    for job in row["jobs"]:
        if job["note"] == NOT_RUN:
            continue
        if job["engine"] in names or (
            "ctzgis" not in engine
            and job["engine"].startswith(engine)
            and "preparation" not in job["engine"]
        ):
            found: dict[str, Any] = job
            return found
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
