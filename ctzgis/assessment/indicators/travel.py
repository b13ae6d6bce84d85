"""Indicators of travel time: the half-hour and one-hour circles (时间圈指标)."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

import numpy as np

from ctzgis.analysis import (
    centre_times,
    edge_times,
    snapped_points,
    travel_times,
)
from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.people_within import measure_people_within
from ctzgis.assessment.network_accuracy import border_minutes
from ctzgis.network import Mode, Profile
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from ctzgis.assessment.case import Case
    from ctzgis.plan import Target, TimeCircle

__all__ = [
    "measure_places_reached",
    "measure_travel_time",
]

_MODES: Final[dict[Mode, tuple[str, Text, Text]]] = {
    "drive": (
        "drive_time",
        Text("中心到中心：驾车", "centre to centre, by car"),
        Text(
            "路网上最快路径的时间，含接驳",
            "quickest way on the roads, access included",
        ),
    ),
    "walk+rail+walk": (
        "rail_time_on_foot",
        Text(
            "中心到中心：轨道，两端步行",
            "centre to centre, by rail, on foot at both ends",
        ),
        Text(
            "门到门：步行、候车（半个间隔，至多10分钟）、安检、乘车、换乘",
            "door to door: walk, wait (half the headway, at most 10 min), security, "
            "ride, change",
        ),
    ),
    "drive+rail+drive": (
        "rail_time_by_car",
        Text(
            "中心到中心：轨道，两端驾车",
            "centre to centre, by rail, by car at both ends",
        ),
        Text(
            "门到门：驾车接驳、候车、安检、乘车、换乘",
            "door to door: car, wait, security, ride, change, car",
        ),
    ),
}


_NEAR_ROAD_M: Final = 2_000.0
"""Farther than this from any road, a network most likely lacks those of the place."""


def measure_travel_time(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure a circle between its places: point to point, edge to edge, by people.

    The documents do not say from where to where the half hour runs, so every reading
    is given: point to point by each of the circle's modes, and by car edge to edge of
    the built-up areas, and the share of the central area's people within reach.
    """
    measure = target.measure
    if target.value is None or measure is None or measure.circle is None:
        return
    circle = case.plan.circle(measure.circle)
    for profile in get_args(Profile):
        yield from _between_places(case, circle, profile, target.value)
        if "drive" in circle.modes:
            yield from _between_edges(case, circle, profile)
            yield from measure_people_within(case, profile, target.value)


def _pairs(
    circle: "TimeCircle", known: "pd.Index[Any]"
) -> "tuple[tuple[str, str], ...]":
    """Return every origin with every destination that is known, each pair once."""
    pairs = {
        frozenset((a, b)): (a, b)
        for a in reversed(circle.origins)
        for b in reversed(circle.destinations)
        if a != b and a in known and b in known
    }
    return tuple(reversed(pairs.values()))


def _between_places(
    case: "Case", circle: "TimeCircle", profile: Profile, minutes: float
) -> "Iterator[Measured]":
    places = case.places(tuple(dict.fromkeys((*circle.origins, *circle.destinations))))
    accuracy = case.network_accuracy
    asked = [
        mode
        for mode in _MODES
        if ("drive" if mode == "drive" else "rail") in circle.modes
    ]
    if not asked:
        return
    times = centre_times(
        case.network_of_year,
        places,
        ways={mode: (mode,) for mode in asked},
        profile=profile,
        rules=case.rules,
        accuracy=accuracy.travel,
    ).set_index(["way", "from_id", "to_id"])
    for mode in asked:
        indicator, label, method = _MODES[mode]
        drive = mode == "drive"
        for a, b in _pairs(circle, places.index):
            found = _slower(times.loc[[(mode, a, b), (mode, b, a)]])
            late = drive and found.value > minutes
            yield _time(
                case,
                indicator=indicator,
                obstacle=_off_the_roads(case, places.loc[[a, b]]) if late else None,
                label=label,
                subject=_pair(case, a, b),
                time=found,
                method=method,
                accuracy=accuracy.of_times if drive else accuracy.of_rail_times,
                profile=profile,
            )


def _between_edges(
    case: "Case", circle: "TimeCircle", profile: Profile
) -> "Iterator[Measured]":
    areas = case.plan.built_up
    pairs = _pairs(circle, areas.index)
    if not pairs:
        return
    accuracy = case.network_accuracy
    times = edge_times(
        case.network_of_year,
        areas,
        profile=profile,
        rules=case.rules,
        accuracy=accuracy.travel,
    ).set_index(["from_id", "to_id"])
    for a, b in pairs:
        off_m = float(areas.at[a, "accuracy_m"] + areas.at[b, "accuracy_m"])
        off_min = border_minutes(off_m, profile)
        off_km = off_m / 1000
        yield _time(
            case,
            indicator="edge_time",
            label=Text(
                "建成区边缘到边缘：驾车", "edge to edge of the built-up areas, by car"
            ),
            subject=_pair(case, a, b),
            time=_slower(times.loc[[(a, b), (b, a)]], off_min),
            schematic=bool(areas.loc[[a, b], "schematic"].any()),
            method=Text(
                "道路穿越建成区边界之间的最短时间",
                "quickest way between road crossings of the built-up borders",
            ),
            accuracy=Text(
                f"{accuracy.of_times.zh}；两处边界合计±{off_km:g}公里，即±{off_min:g}分钟",
                f"{accuracy.of_times.en}; both borders together ±{off_km:g} km, "
                f"that is ±{off_min:g} min",
            ),
            profile=profile,
        )


def measure_places_reached(case: "Case", target: "Target") -> "Iterator[Measured]":
    """
    Measure a circle around the centres: how long the farthest place of each part takes.

    Destinations that are elements (clusters) are measured element by element,
    destinations that are places one by one; by car, whatever the circle's modes.
    """
    plan = case.plan
    measure = target.measure
    if measure is None or measure.circle is None:
        return
    circle = plan.circle(measure.circle)
    groups: list[tuple[Text, tuple[str, ...]]] = [
        (plan.place(key).name, (key,)) for key in circle.destinations
    ]
    for element in circle.destination_elements:
        parts = plan.children(element) or (plan.element(element),)
        groups += [(part.name, plan.member_places(part.id)) for part in parts]
    for profile in get_args(Profile):
        ids = tuple(dict.fromkeys(key for _, keys in groups for key in keys))
        nearest = nearest_centre(case, case.places(ids), profile)["travel_time_min"]
        for name, keys in groups:
            located = [key for key in keys if key in nearest.index]
            times = nearest.loc[located]
            late = target.value is not None and times.max() > target.value
            yield _time(
                case,
                indicator="farthest_place_time",
                obstacle=_off_the_roads(case, case.places(located)) if late else None,
                label=Text(
                    "至最近中心：最远地点，驾车",
                    "farthest place to the nearest centre, by car",
                ),
                subject=name,
                time=_at_speeds(
                    float(times.max(skipna=False)) if len(times) else np.nan,
                    case.network_accuracy.times,
                ),
                method=_MODES["drive"][2],
                accuracy=case.network_accuracy.of_times,
                profile=profile,
            )


def nearest_centre(
    case: "Case", points: "pd.DataFrame", profile: Profile
) -> "pd.DataFrame":
    """Return each point's ``travel_time_min`` to its nearest centre, and ``centre_id``."""
    times = travel_times(
        case.network_of_year, points, case.centres, profile=profile, rules=case.rules
    )
    known = times.dropna(subset="travel_time_min")
    best = known.loc[known.groupby("from_id", sort=False)["travel_time_min"].idxmin()]
    return (
        best.set_index("from_id")
        .reindex(points.index)
        .rename(columns={"to_id": "centre_id"})[["centre_id", "travel_time_min"]]
    )


class _Minutes(NamedTuple):
    """A time, and between which ends it lies."""

    value: float
    low: float
    high: float


def _slower(both: "pd.DataFrame", off_min: float = 0.0) -> _Minutes:
    """Return the time of the slower direction: a commuter needs both."""
    value, low, high = (
        float(both[name].max(skipna=False))
        for name in ("travel_time_min", "low_min", "high_min")
    )
    return _Minutes(value, max(low - off_min, 0.0), high + off_min)


def _at_speeds(minutes: float, share: float) -> _Minutes:
    """Return a time by car with its ends, all speeds being off by a share."""
    return _Minutes(minutes, minutes / (1 + share), minutes / (1 - share))


def _time(
    case: "Case",
    *,
    indicator: str,
    label: Text,
    subject: Text,
    time: _Minutes,
    method: Text,
    accuracy: Text,
    profile: Profile,
    schematic: bool = False,
    obstacle: Text | None = None,
) -> Measured:
    known = bool(np.isfinite(time.value))
    bounded = known and time.low < time.high
    return Measured(
        indicator=indicator,
        label=label,
        subject=subject,
        value=time.value if known else None,
        unit="min",
        low=time.low if bounded else None,
        high=time.high if bounded else None,
        method=method,
        accuracy=accuracy,
        profile=profile,
        inputs=(*case.network_inputs, *case.named("places.yaml")),
        schematic=schematic or case.network_accuracy.schematic,
        obstacle=obstacle
        if known
        else Text("路网上没有通路", "the network offers no way"),
    )


def _off_the_roads(case: "Case", places: "gpd.GeoDataFrame") -> Text | None:
    """
    Say which places are far from any road of a given network, which may lack theirs.

    Of the network that ships it is known what it leaves out: its times allow for it.
    """
    if case.network_accuracy.schematic:
        return None
    snapped = snapped_points(case.network_of_year, places, rules=case.rules)
    far = places[(snapped["snap_distance_m"] > _NEAR_ROAD_M).to_numpy()]
    if not len(far):
        return None
    zh, en = "、".join(far["name_zh"]), ", ".join(map(str, far["name_en"]))
    km = f"{_NEAR_ROAD_M / 1000:g}"
    return Text(
        f"{zh}{km}公里内没有道路，路网可能不全，不能据此判断",
        f"no road within {km} km of {en}: the network may lack some, so it cannot be "
        "judged",
    )


def _pair(case: "Case", a: str, b: str) -> Text:
    first, second = case.plan.place(a).name, case.plan.place(b).name
    return Text(f"{first.zh}—{second.zh}", f"{first.en}–{second.en}")
