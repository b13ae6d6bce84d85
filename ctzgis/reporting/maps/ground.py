"""The ground on a map: counties, rivers, roads and lines, open or to come (现状与规划)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.reporting.maps.layers import Drafter, Feature, MapLayer, Row
from ctzgis.reporting.style import STYLES
from ctzgis.tables import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

__all__ = ["ground_layers"]

# Cards by name that a layer may have; more would be a heap nobody reads. Main roads are
# looked up by name, so they keep theirs longer.
_MAIN: Final = frozenset({"motorway", "urban_expressway", "trunk", "primary"})
_MOST_MAIN_NAMES: Final = 5_000
_MOST_NAMES: Final = 1_000


def ground_layers(drafter: Drafter, *, borders: bool) -> "Iterator[MapLayer]":
    """
    Draft the layers of what stands and of what is to be built.

    Parameters
    ----------
    drafter
        The assessment and the language.
    borders
        Whether counties are drawn.
    """
    if borders:
        yield from _counties(drafter)
    yield from _land(drafter)
    yield from _roads(drafter)
    yield from _lines(drafter)
    yield from _streets(drafter)


def _counties(drafter: Drafter) -> "Iterator[MapLayer]":
    city = drafter.say("所属市", "City")
    features = [
        Feature(
            geometry=row.geometry,
            style="county",
            title=drafter.name(row),
            rows=((city, drafter.name(row, "city")),),
            label=drafter.name(row),
            label_kind="county",
        )
        for row in drafter.table("counties").itertuples()
    ]
    name = drafter.say("县（市、区）", "Counties")
    yield drafter.layer(
        "counties", "now", name, features, rank=0, shown=True, hover=False
    )


def _land(drafter: Drafter) -> "Iterator[MapLayer]":
    built_up = [
        Feature(
            geometry=row.geometry,
            style="built_up",
            title=drafter.name(row),
            rows=(drafter.km2(row.geometry.area / 1e6), *drafter.accuracy(row)),
        )
        for row in drafter.table("built_up").itertuples()
    ]
    water = [
        Feature(
            geometry=row.geometry,
            style="water.main_stem" if row.kind == "main_stem" else "water.other",
            title=drafter.name(row),
            rows=drafter.accuracy(row),
            label=drafter.name(row),
            label_kind="water",
        )
        for row in drafter.table("water").itertuples()
    ]
    centres = [
        Feature(
            geometry=row.geometry,
            style="centre",
            title=drafter.name(row),
            rows=drafter.accuracy(row),
            label=drafter.name(row),
            label_kind="centre",
        )
        for row in drafter.table("centres").itertuples()
    ]
    names = [
        drafter.say("中心城市", "Centres"),
        drafter.say("建成区", "Built-up areas"),
        drafter.say("水系", "Rivers"),
    ]
    yield drafter.layer("centres", "now", names[0], centres, rank=90, shown=True)
    yield drafter.layer(
        "built_up", "now", names[1], built_up, rank=20, shown=True, hover=False
    )
    yield drafter.layer("water", "now", names[2], water, rank=34, shown=True)


def _roads(drafter: Drafter) -> "Iterator[MapLayer]":
    roads = drafter.table("roads")
    is_open = roads["open"].astype(bool)
    to_come = roads["to_come"].astype(bool)
    for order, kind in enumerate(ROAD_CLASSES):
        rows = roads[is_open & (roads["road_class"] == kind)]
        yield drafter.layer(
            f"roads.{kind}",
            "now",
            drafter.kind(kind),
            _merged_roads(drafter, rows, f"road.{kind}"),
            rank=49 - order,
            shown=kind in {"motorway", "urban_expressway", "trunk"},
        )
    features = [
        feature
        for kind in ROAD_CLASSES
        for feature in _merged_roads(
            drafter,
            roads[to_come & (roads["road_class"] == kind)],
            f"road.{kind}.planned",
        )
    ]
    name = drafter.say("道路（规划或在建）", "Roads not open yet")
    yield drafter.layer("roads.planned", "planned", name, features, rank=40)


def _merged_roads(
    drafter: Drafter, roads: "gpd.GeoDataFrame", style: str
) -> "Iterator[Feature]":
    """
    Return one feature for each road of one name, number and year of opening.

    Of too many names, roads of the class are one feature without a name.
    """
    wanted = ["name_zh", "name_en", "ref", "opens", "status"]
    keys = [column for column in wanted if column in roads]
    kind = style.removeprefix("road.").removesuffix(".planned")
    named = roads.groupby(keys, dropna=False, sort=False)
    if named.ngroups > (_MOST_MAIN_NAMES if kind in _MAIN else _MOST_NAMES):
        yield _one_line(drafter, roads, style, drafter.kind(kind))
        return
    for _, group in named:
        first = next(group.itertuples())
        shapes = np.asarray(group.geometry.array)
        number = getattr(first, "ref", None)
        rows: list[Row] = [(drafter.say("等级", "Class"), drafter.kind(kind))]
        if isinstance(number, str) and number:
            rows.append((drafter.say("编号", "Number"), number))
        rows.append((drafter.say("状态", "State"), _state(drafter, first)))
        rows.append(drafter.km(float(shapely.length(shapes).sum())))
        rows += drafter.accuracy(*group.itertuples())
        yield Feature(
            geometry=shapely.line_merge(shapely.multilinestrings(shapes)),
            style=style,
            title=drafter.name(first),
            rows=tuple(rows),
        )


def _state(drafter: Drafter, row: Any) -> str:
    """Say since or from when something is open."""
    year = "" if pd.isna(row.opens) else f"{row.opens:.0f}"
    if row.open:
        since = drafter.say(f"（{year}年）", f" ({year})") if year else ""
        return drafter.say("已开通", "open") + since
    word = {"built": "planned"}.get(status := getattr(row, "status", "planned"), status)
    words = {
        "planned": drafter.say("规划", "planned"),
        "under_construction": drafter.say("在建", "under construction"),
    }
    text = words.get(word, word)
    if not year:
        return text
    return drafter.say(f"{text}，{year}年开通", f"{text}, opens {year}")


def _lines(drafter: Drafter) -> "Iterator[MapLayer]":
    lines = drafter.table("lines")
    now = lines["open"].astype(bool)
    modes = [key.removeprefix("line.") for key in STYLES if key.startswith("line.")]
    for order, mode in enumerate(modes):
        rows = lines[now & (lines["mode"] == mode)]
        yield drafter.layer(
            f"lines.{mode}",
            "now",
            drafter.kind(mode),
            [_line(drafter, row, f"line.{mode}") for row in rows.itertuples()],
            rank=59 - order,
            shown=mode in {"hsr", "intercity"},
        )
    to_come = lines[lines["to_come"].astype(bool)]
    features = [
        _line(drafter, row, f"line.{row.mode}.planned") for row in to_come.itertuples()
    ]
    name = drafter.say("轨道（规划或在建）", "Railways not open yet")
    yield drafter.layer("lines.planned", "planned", name, features, rank=50)


def _line(drafter: Drafter, row: Any, style: str) -> Feature:
    return Feature(
        geometry=row.geometry,
        style=style,
        title=drafter.name(row),
        rows=(
            (drafter.say("类型", "Mode"), drafter.kind(row.mode)),
            (drafter.say("状态", "State"), _state(drafter, row)),
            drafter.km(row.geometry.length),
        ),
    )


def _streets(drafter: Drafter) -> "Iterator[MapLayer]":
    """Return a user's street layer, one line per class: it may have 200,000 streets."""
    if "streets" not in drafter.assessment.layers:
        return
    streets = drafter.table("streets")
    name = drafter.say("用户道路图层", "User's streets")
    drawn = []
    if "road_class" in streets:
        # The quickest last, over the others.
        drawn = [
            _one_line(drafter, rows, f"streets.{kind}", f"{name}: {drafter.kind(kind)}")
            for kind in reversed(ROAD_CLASSES)
            if len(rows := streets[streets["road_class"] == kind])
        ]
        streets = streets[~streets["road_class"].isin(ROAD_CLASSES)]
    if len(streets):
        drawn.insert(0, _one_line(drafter, streets, "streets", name))
    yield drafter.layer("streets", "now", name, drawn, rank=36, digits=6)


def _one_line(
    drafter: Drafter, rows: "gpd.GeoDataFrame", style: str, title: str
) -> Feature:
    """Return many roads as one feature; what is drawn twice at one place is so once."""
    lines = shapely.force_2d(shapely.get_parts(np.asarray(rows.geometry.array)))
    keys = pd.Series(shapely.to_wkb(shapely.normalize(lines)))
    once = lines[~keys.duplicated().to_numpy()]
    return Feature(
        geometry=shapely.line_merge(shapely.multilinestrings(once)),
        style=style,
        title=title,
        rows=(
            (drafter.say("条数", "Number"), f"{len(rows):,}"),
            drafter.km(float(shapely.length(lines).sum())),
        ),
        stands_for=len(rows),
    )
