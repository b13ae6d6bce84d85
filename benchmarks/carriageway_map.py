"""
Where roads counted once and neatnet's centre lines differ: by reason, on a map.

Both are cut into short pieces; a piece of neatnet's has the class of the nearest line drawn,
as many of its own lost theirs. Prints kilometres by reason and draws a plate: above where
they differ, below places of 1.2 km with both. ``streets.parquet`` holds lines in
metres with OpenStreetMap's ``highway``, ``centre.parquet`` what neatnet made of them (see
``carriageways.py``)::

    python benchmarks/carriageway_map.py streets.parquet centre.parquet plate.png
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.streets.carriageways import (
    CarriagewayRules,
    carriageway_pieces,
    carriageway_weights,
)
from ctzgis.network.class_words import road_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

PIECE_M: Final = 20.0
FAR_M: Final = 30.0
CELL_M: Final = 2_500.0
WINDOW_M: Final = 1_200.0
WIDE_M: Final = 100.0

REASONS: Final = {
    "ramps": "ramps, dissolved at interchanges",
    "fast": "motorways and trunk roads, left in several lines",
    "small": "tertiary roads and streets, merged or shortened",
    "main": "primary and secondary roads",
}
WIDE: Final = ("ramps", "fast", "main")
DRAWN: Final = ("ramps", "fast", "small")
OURS, THEIRS = "#d9702f", "#123e7c"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """
    Short pieces of one way to count.

    Attributes
    ----------
    line
        Their geometries.
    km
        What each counts.
    reason
        Key of ``REASONS``.
    far
        Whether the other way has no line within ``FAR_M``.
    """

    line: "NDArray[np.object_]"
    km: "NDArray[np.float64]"
    reason: "NDArray[np.str_]"
    far: "NDArray[np.bool_]"

    @property
    def middle(self) -> "NDArray[np.object_]":
        """The middle of each piece."""
        return shapely.line_interpolate_point(self.line, 0.5, normalized=True)


def main(streets_file: Path, centre_file: Path, plate: Path) -> None:
    """Print the reasons, and draw them."""
    streets = gpd.read_parquet(streets_file).reset_index(drop=True)
    centre = gpd.read_parquet(centre_file).to_crs(streets.crs)
    ours, theirs = sides(streets, centre)
    print(reasons(ours, theirs).round(0).to_string())
    print(
        f"streets within {WIDE_M:.0f} m of wide roads: "
        f"{near_wide(ours, ours):,.0f} km of ours, {near_wide(theirs, ours):,.0f} km of theirs"
    )
    print(f"km that still pair among theirs: {still_paired(centre, theirs)}")
    draw(plate, ours, theirs)
    print(f"{plate}: {plate.stat().st_size / 1024:,.0f} KB")


def sides(streets: gpd.GeoDataFrame, centre: gpd.GeoDataFrame) -> tuple[Side, Side]:
    """Cut both into short pieces, with what each counts and why it may differ."""
    words = streets["highway"].astype(str)
    drawn = gpd.GeoDataFrame({"road_class": words}, geometry=streets.geometry)
    pieces = carriageway_pieces(drawn)
    reason = words.map(_reason).loc[pieces["street"]].to_numpy().astype(str)
    own = np.asarray(pieces.geometry.array)
    made = np.asarray(centre.geometry.array)
    line, of = _cut(own)
    km = shapely.length(line) / 1000 * pieces["weight"].to_numpy()[of]
    ours = Side(line, km, reason[of], _nearest(line, made)[1] > FAR_M)
    line, _ = _cut(made)
    nearest, distance_m = _nearest(line, own)
    km = shapely.length(line) / 1000
    return ours, Side(line, km, reason[nearest], distance_m > FAR_M)


def _reason(highway: str) -> str:
    word = road_word(highway)
    if word is None:
        return "small"
    if word.link:
        return "ramps"
    if word.road_class in ("motorway", "trunk"):
        return "fast"
    return "main" if word.road_class in ("primary", "secondary") else "small"


def _cut(
    lines: "NDArray[np.object_]",
) -> "tuple[NDArray[np.object_], NDArray[np.int64]]":
    """Cut lines into straight pieces of 20 m at most; tell of which each is."""
    parts, of = shapely.get_parts(shapely.segmentize(lines, PIECE_M), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    start = np.flatnonzero((part[1:] == part[:-1]) & (np.diff(xy, axis=0) != 0).any(1))
    ends = np.stack([xy[start], xy[start + 1]], axis=1)
    return shapely.linestrings(ends), of[part[start]]


def _nearest(
    pieces: "NDArray[np.object_]", lines: "NDArray[np.object_]"
) -> "tuple[NDArray[np.int64], NDArray[np.float64]]":
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    found, distance_m = shapely.STRtree(lines).query_nearest(
        middle, all_matches=False, return_distance=True
    )
    return found[1], distance_m


def reasons(ours: Side, theirs: Side) -> pd.DataFrame:
    """Add up kilometres by reason, and those that the other has nothing near."""
    columns = {}
    for name, side in (("ours", ours), ("theirs", theirs)):
        frame = pd.DataFrame({"km": side.km, "far": side.km * side.far})
        sums = frame.groupby(side.reason).sum()
        columns |= {name: sums["km"], f"{name}_alone": sums["far"]}
    table = pd.DataFrame(columns).loc[list(REASONS)]
    table["more"] = table["ours"] - table["theirs"]
    table.loc["all"] = table.sum()
    return table


def near_wide(side: Side, drawn: Side) -> float:
    """Return the kilometres of small streets close to wide roads and ramps as drawn."""
    wide = np.isin(drawn.reason, WIDE)
    middle = side.middle[side.reason == "small"]
    found, _ = shapely.STRtree(drawn.line[wide]).query_nearest(
        middle, max_distance=WIDE_M, all_matches=False, return_distance=True
    )
    return float(side.km[side.reason == "small"][found[0]].sum())


def still_paired(centre: gpd.GeoDataFrame, theirs: Side) -> dict[str, int]:
    """Return by reason what rules for carriageways would still take off centre lines."""
    lines = gpd.GeoDataFrame(geometry=centre.geometry).reset_index(drop=True)
    rules = CarriagewayRules(traffic="undirected")
    less = 1 - carriageway_weights(lines, rules=rules).to_numpy()
    _, of = _cut(np.asarray(lines.geometry.array))
    km = pd.Series(theirs.km * less[of]).groupby(theirs.reason).sum()
    return {str(name): round(value) for name, value in km.items()}


def draw(plate: Path, ours: Side, theirs: Side) -> None:
    """Draw for each of the three main reasons where it is, and one place of it."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(2, 3, figsize=(12, 8.6), layout="constrained")
    for k, reason in enumerate(DRAWN):
        cells, edges = _more(ours, theirs, reason, CELL_M)
        shown = np.where(cells == 0, np.nan, cells)
        top, below = axes[:, k]
        image = top.pcolormesh(*edges, shown.T, cmap="RdBu_r", vmin=-6, vmax=6)
        window = _most_different(ours, theirs, reason)
        top.plot(*window.centroid.coords[0], "o", mfc="none", mec="k", ms=10, mew=1.4)
        total = f"{cells.sum():+,.0f} km".replace("-", "−")
        top.set_title(f"{REASONS[reason]}\n{total}", fontsize=10)
        _draw_window(below, ours, theirs, window)
        for panel in (top, below):
            panel.set_aspect("equal")
            panel.set(xticks=[], yticks=[])
    label = f"km more (red) or less (blue) by ctzgis, by cells of {CELL_M / 1000:g} km"
    figure.colorbar(image, ax=axes[0, :], shrink=0.9, label=label)
    figure.legend(
        handles=[
            plt.Line2D(
                [], [], color=OURS, lw=4, label="ctzgis, thick where it counts 1"
            ),
            plt.Line2D([], [], color=OURS, lw=1, label="… thin where it counts less"),
            plt.Line2D([], [], color=THEIRS, lw=1.4, label="neatnet"),
        ],
        loc="outside lower center",
        ncols=3,
        frameon=False,
    )
    figure.savefig(plate, dpi=100)


def _more(
    ours: Side, theirs: Side, reason: str, cell_m: float
) -> "tuple[NDArray[np.float64], list[NDArray[np.float64]]]":
    """Return by cells how many kilometres more ours counts, and the cells' edges."""
    west, south, east, north = shapely.total_bounds(ours.line)
    edges = [
        np.arange(low, high + cell_m, cell_m)
        for low, high in ((west, east), (south, north))
    ]
    more = np.zeros([len(edge) - 1 for edge in edges])
    for side, sign in ((ours, 1), (theirs, -1)):
        of = side.reason == reason
        at = shapely.get_coordinates(side.middle[of])
        more += sign * np.histogram2d(*at.T, bins=edges, weights=side.km[of])[0]
    return more, edges


def _most_different(ours: Side, theirs: Side, reason: str) -> shapely.Polygon:
    """Return the window in which the reason weighs most, towards its total."""
    more, edges = _more(ours, theirs, reason, WINDOW_M)
    column, row = np.unravel_index(np.argmax(more * np.sign(more.sum())), more.shape)
    west, south = edges[0][column], edges[1][row]
    return shapely.box(west, south, west + WINDOW_M, south + WINDOW_M)


def _draw_window(
    panel: "Axes", ours: Side, theirs: Side, window: shapely.Polygon
) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415

    for side, colour in ((ours, OURS), (theirs, THEIRS)):
        there = shapely.intersects(side.line, window)
        counts = side.km[there] * 1000 / shapely.length(side.line[there])
        ends = shapely.get_coordinates(side.line[there]).reshape(-1, 2, 2)
        width = 4 * counts if side is ours else np.full(len(ends), 1.4)
        alpha = 0.55 if side is ours else 1
        panel.add_collection(
            LineCollection(ends, colors=colour, linewidths=width, alpha=alpha)
        )
    west, south, east, north = window.bounds
    panel.set(xlim=(west, east), ylim=(south, north))
    panel.plot([west + 50, west + 250], [south + 40] * 2, color="k", lw=3)
    panel.text(west + 60, south + 60, "200 m", fontsize=8)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
