"""The plan and the findings on a map: structure, zones, times, gaps (规划与评估)."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import shapely

from ctzgis.assessment.indicators.structure import zones_in_force
from ctzgis.reporting.maps.layers import Drafter, Feature, MapLayer
from ctzgis.reporting.style import (
    OUTLINED_MIN,
    cutoff_key,
)
from ctzgis.reporting.words import KINDS, WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapely.geometry.base import BaseGeometry

__all__ = ["finding_layers"]

# On a map of the whole region nobody sees less, and speeds are known to 15 % only.
_ISOCHRONE_TOLERANCE_M: Final = 60.0
_BANDS: Final = ("axis", "belt")
_OWN_LAYER: Final = ("axis", "belt", "heart", "cluster", "forest_belt")

_PLACE_KINDS: Final[dict[str, Text]] = {
    "prefecture_city": Text("地级市", "prefecture-level city"),
    "county_city": Text("县级市", "county-level city"),
    "county": Text("县", "county"),
    "county_seat": Text("县城", "county seat"),
    "town": Text("镇", "town"),
    "development_zone": Text("开发区", "development zone"),
    "industrial_park": Text("产业园", "industrial park"),
    "science_city": Text("科技城", "science city"),
    "new_town": Text("新城", "new town"),
    "green_heart_area": Text("绿心片区", "part of the green heart"),
    "lake_scenic": Text("湖泊景区", "scenic lake"),
    "scenic_spot": Text("景区", "scenic spot"),
    "mountain": Text("山体", "mountain"),
    "rail_station": Text("火车站", "railway station"),
    "airport": Text("机场", "airport"),
}


def finding_layers(drafter: Drafter) -> "Iterator[MapLayer]":
    """Draft the layers of what is planned and of what was found."""
    yield from _structure(drafter)
    yield from _places(drafter)
    yield from _limits(drafter)
    yield from _isochrones(drafter)
    yield from _gaps(drafter)
    yield from _times(drafter)


def _structure(drafter: Drafter) -> "Iterator[MapLayer]":
    rows = list(drafter.table("structure").itertuples())
    names = {
        "axis": drafter.say("发展轴", "Axes"),
        "belt": drafter.say("发展带", "Belts"),
        "heart": drafter.say("生态绿心", "Green heart"),
        "cluster": drafter.say("城镇组团", "Town clusters"),
        "forest_belt": drafter.say("生态林带", "Forest belts"),
        "bands": drafter.say("轴带走廊（示意宽度）", "Corridors (schematic width)"),
        "other": drafter.say("市县结构要素", "Other elements"),
    }
    ranks = {"heart": 24, "cluster": 22, "bands": 26, "forest_belt": 28, "other": 27}
    for key, name in names.items():
        features = [_element(drafter, r) for r in rows if _structure_layer(r) == key]
        yield drafter.layer(
            f"structure.{key}",
            "structure",
            name,
            sorted(features, key=lambda feature: -feature.geometry.area),
            rank=ranks.get(key, 38),
            shown=key in {"axis", "belt", "heart"},
        )


def _structure_layer(row: Any) -> str:
    if row.kind in _BANDS and row.role != "spine":
        return "bands"
    return str(row.kind) if row.kind in _OWN_LAYER else "other"


def _element(drafter: Drafter, row: Any) -> Feature:
    roles = {
        "spine": drafter.say("中心线", "centre line"),
        "corridor": drafter.say("走廊", "corridor"),
        "influence": drafter.say("影响带", "area of influence"),
        "area": drafter.say("范围", "area"),
    }
    area_km2 = row.geometry.area / 1e6
    size = drafter.km2(area_km2) if area_km2 else drafter.km(row.geometry.length)
    drawn = drafter.say("示意", "schematic"), drafter.say("测绘", "surveyed")
    labelled = row.role in {"spine", "area"}
    return Feature(
        geometry=row.geometry,
        style=f"structure.{row.kind}.{row.role}",
        title=drafter.name(row),
        rows=(
            (drafter.say("图形", "Shape"), roles.get(row.role, row.role)),
            size,
            (drafter.say("性质", "Drawn"), drawn[0 if row.schematic else 1]),
            *drafter.accuracy(row),
        ),
        label=drafter.name(row) if labelled else "",
        label_kind="heart" if row.kind == "heart" else "element",
    )


def _limits(drafter: Drafter) -> "Iterator[MapLayer]":
    zones = zones_in_force(drafter.table("protected_zones"), drafter.assessment.year)
    regime = drafter.say("口径", "Regime")
    features = [
        Feature(
            geometry=row.geometry,
            style=f"zone.{row.zone}",
            title=drafter.name(row, "zone"),
            rows=(
                (regime, drafter.say(f"{row.regime}年", f"{row.regime}")),
                drafter.km2(row.geometry.area / 1e6),
                *drafter.accuracy(row),
            ),
        )
        for row in zones.itertuples()
    ]
    name = drafter.say("绿心管控分区", "Zones of the green heart")
    yield drafter.layer("zones", "limits", name, features, rank=30)
    states = {key: KINDS[key].get(drafter.lang) for key in ("built", "planned")}
    crossings = [
        Feature(
            geometry=row.geometry,
            style=f"crossing.{row.status}",
            title=f"{drafter.kind(row.kind)} · {states[row.status]}",
            rows=(
                (drafter.say("分区", "Zone"), drafter.name(row, "zone")),
                drafter.km(row.length_km * 1000),
                (drafter.say("条数", "Lines"), f"{row.count:,}"),
            ),
        )
        for row in drafter.table("green_heart_crossings").itertuples(index=False)
    ]
    name = drafter.say("管控区内的道路与轨道", "Roads and railways inside")
    yield drafter.layer("crossings", "limits", name, crossings, rank=62)


def _places(drafter: Drafter) -> "Iterator[MapLayer]":
    centres = set(drafter.assessment.layers["centres"].index)
    features = [
        Feature(
            geometry=row.geometry,
            style="place",
            title=drafter.name(row),
            rows=(
                (drafter.say("类型", "Kind"), _place_kind(drafter, row.kind)),
                *drafter.accuracy(row),
            ),
            label=drafter.name(row),
        )
        for row in drafter.table("places").itertuples()
        if row.Index not in centres
    ]
    name = drafter.say("规划地点", "Places of the plan")
    yield drafter.layer("places", "structure", name, features, rank=70)


def _place_kind(drafter: Drafter, kind: str) -> str:
    return _PLACE_KINDS[kind].get(drafter.lang) if kind in _PLACE_KINDS else kind


class _Area(NamedTuple):
    """What is reached within some minutes, as drawn and as measured."""

    shape: "BaseGeometry"
    area_km2: float


def _isochrones(drafter: Drafter) -> "Iterator[MapLayer]":
    names = {
        row.Index: drafter.name(row) for row in drafter.table("centres").itertuples()
    }
    areas: dict[str, dict[int, _Area]] = {}
    for row in drafter.table("isochrones").itertuples():
        plain = shapely.simplify(row.geometry, _ISOCHRONE_TOLERANCE_M)
        within = areas.setdefault(row.origin_id, {})
        within[int(row.cutoff_min)] = _Area(plain, float(row.area_km2))
    yield _outlines(drafter, areas, names)
    if len(areas) > 1:
        nearest = drafter.say("最近中心", "Nearest centre")
        yield _rings(drafter, "isochrones.nearest", nearest, _pooled(areas.values()))
    for origin, within in areas.items():
        yield _rings(drafter, f"isochrones.{origin}", names.get(origin, origin), within)


def _outlines(
    drafter: Drafter, areas: "dict[str, dict[int, _Area]]", names: dict[str, str]
) -> MapLayer:
    features = [
        _reached(
            drafter,
            names.get(origin, origin),
            OUTLINED_MIN,
            within[OUTLINED_MIN],
            "isochrone.outline",
        )
        for origin, within in areas.items()
        if OUTLINED_MIN in within
    ]
    name = drafter.say(
        f"各中心{OUTLINED_MIN}分钟圈", f"{OUTLINED_MIN} min of each centre"
    )
    return drafter.layer(
        "isochrones.outline", "reach", name, features, rank=14, shown=True, hover=False
    )


def _pooled(areas: "Iterable[dict[int, _Area]]") -> "dict[int, _Area]":
    """Return what is reached from any centre."""
    shapes: dict[int, list[BaseGeometry]] = {}
    for within in areas:
        for cutoff, area in within.items():
            shapes.setdefault(cutoff, []).append(area.shape)
    unions = {cutoff: shapely.union_all(parts) for cutoff, parts in shapes.items()}
    return {cutoff: _Area(shape, shape.area / 1e6) for cutoff, shape in unions.items()}


def _rings(
    drafter: Drafter, key: str, name: str, areas: "dict[int, _Area]"
) -> MapLayer:
    """Return nested areas as rings, so that each has the colour of the legend."""
    cutoffs = sorted(areas)
    inner: BaseGeometry = shapely.Polygon()
    features = []
    for cutoff in cutoffs:
        # Simplified outlines may cross by some metres.
        outer = shapely.union(areas[cutoff].shape, inner)
        ring = areas[cutoff]._replace(shape=shapely.difference(outer, inner))
        features.append(_reached(drafter, name, cutoff, ring, f"isochrone.{cutoff}"))
        inner = outer
    listed = drafter.say(
        f"{name} {_span(cutoffs)}分钟", f"{name}, {_span(cutoffs)} min"
    )
    return drafter.layer(key, "reach", listed, features, rank=10, hover=False)


def _reached(
    drafter: Drafter, name: str, cutoff: int, area: _Area, style: str
) -> Feature:
    profile = WORDS[drafter.assessment.profile].get(drafter.lang)
    return Feature(
        geometry=area.shape,
        style=style,
        title=drafter.say(
            f"{name} · {cutoff}分钟以内", f"{name} · within {cutoff} min"
        ),
        rows=(
            drafter.km2(area.area_km2),
            (drafter.say("车速", "Speeds"), profile),
        ),
    )


def _span(cutoffs: list[int]) -> str:
    return f"{cutoffs[0]}–{cutoffs[-1]}" if len(cutoffs) > 1 else f"{cutoffs[0]}"


def _gaps(drafter: Drafter) -> "Iterator[MapLayer]":
    kinds = {
        "unbuilt": drafter.say("未建", "not built"),
        "break": drafter.say("断点", "break"),
    }
    status = drafter.assessment.tables["corridor_status"]
    names = {row.Index: drafter.name(row) for row in status.itertuples()}
    features = [
        Feature(
            geometry=row.geometry,
            style=f"gap.{row.kind}",
            title=names.get(row.corridor_id, row.corridor_id),
            rows=(
                (drafter.say("缺口", "Gap"), kinds.get(row.kind, row.kind)),
                drafter.km(row.length_km * 1000),
            ),
        )
        for row in drafter.table("corridor_gaps").itertuples()
    ]
    name = drafter.say("通道缺口", "Corridor gaps")
    yield drafter.layer("gaps", "findings", name, features, rank=66)


def _times(drafter: Drafter) -> "Iterator[MapLayer]":
    """Draft the places, and the county seats, with minutes to the nearest centre."""
    places = _timed(drafter, "places_reached", "places", "name")
    name = drafter.say("地点至最近中心的车程", "Drive to the nearest centre: places")
    heading = drafter.say("至最近中心的车程", "Drive to the nearest centre")
    yield drafter.layer(
        "times.places", "findings", name, places, rank=80, heading=heading
    )
    seats = _timed(drafter, "seats_reached", "settlements", "county")
    name = drafter.say("县级驻地至最近中心的车程", "Drive to the nearest centre: seats")
    yield drafter.layer(
        "times.seats", "findings", name, seats, rank=78, heading=heading
    )


def _timed(drafter: Drafter, table: str, points: str, stem: str) -> "Iterator[Feature]":
    shapes = drafter.table(points).geometry
    centres = {
        row.Index: drafter.name(row) for row in drafter.table("centres").itertuples()
    }
    profile = drafter.assessment.profile
    for row in drafter.assessment.tables[table].itertuples():
        if row.Index not in shapes.index:
            continue
        minutes = {p: float(getattr(row, f"{p}_min")) for p in ("free", "peak")}
        title = drafter.name(row, stem)
        yield Feature(
            geometry=shapes[row.Index],
            style=cutoff_key(minutes[profile]),
            title=title,
            rows=(
                (
                    drafter.say("最近中心", "Nearest centre"),
                    centres.get(row.centre_id, str(row.centre_id)),
                ),
                *(
                    (WORDS[p].get(drafter.lang), drafter.minutes(m))
                    for p, m in minutes.items()
                ),
                *drafter.accuracy(row),
            ),
            label=f"{title} {drafter.minutes(minutes[profile])}",
            label_kind="town",
        )
