"""Indicators of travel time: the half-hour and one-hour circles (时间圈指标)."""

from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from ctzgis.analysis import (
    centres_reached,
    edge_travel_times,
    snapped_points,
    travel_times,
)
from ctzgis.assessment.findings import Measured
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

# Roads out of a built-up area are driven at about this speed, so a border that is off by
# a kilometre moves the edge by a minute, or a minute and a half in the peak.
_EDGE_KPH: Final[dict[Profile, float]] = {"free": 60.0, "peak": 40.0}

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

_SPREAD_METHOD: Final = Text(
    "居民点驾车至各中心的时间；各区县人口均摊到其居民点",
    "car time from settlements to each centre; a county's people are spread evenly over "
    "its settlements",
)
_SPREAD_ACCURACY: Final = Text(
    "区间的另一端把全部人口放在区县驻地",
    "the other end of the range puts everybody at the county seat",
)
_POINTS_METHOD: Final = Text(
    "所给人口点（或格网）驾车至各中心的时间",
    "car time from the given points or cells of people to each centre",
)
_POINTS_ACCURACY: Final = Text(
    "所给人口数据的精度未说明", "the accuracy of the given people is not stated"
)


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
            yield from _people_within(case, profile, target.value)


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
    for mode, (indicator, label, method) in _MODES.items():
        rail = mode != "drive"
        if ("rail" if rail else "drive") not in circle.modes:
            continue
        times = travel_times(
            case.network_of_year,
            places,
            places,
            mode=mode,
            profile=profile,
            rules=case.rules,
        ).set_index(["from_id", "to_id"])["travel_time_min"]
        for a, b in _pairs(circle, places.index):
            # Either direction may be the slower one; a commuter needs both.
            value = float(max(times[a, b], times[b, a]))
            late = mode == "drive" and value > minutes
            yield _time(
                case,
                indicator=indicator,
                obstacle=_off_the_roads(case, places.loc[[a, b]]) if late else None,
                label=label,
                subject=_pair(case, a, b),
                value=value,
                error=accuracy.rail_times if rail else accuracy.times,
                method=method,
                accuracy=accuracy.of_rail_times if rail else accuracy.of_times,
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
    times = edge_travel_times(
        case.network_of_year, areas, profile=profile, rules=case.rules
    ).set_index(["from_id", "to_id"])["travel_time_min"]
    for a, b in pairs:
        off_km = (areas.at[a, "accuracy_m"] + areas.at[b, "accuracy_m"]) / 1000
        off_min = off_km / _EDGE_KPH[profile] * 60
        yield _time(
            case,
            indicator="edge_time",
            label=Text(
                "建成区边缘到边缘：驾车", "edge to edge of the built-up areas, by car"
            ),
            subject=_pair(case, a, b),
            value=float(max(times[a, b], times[b, a])),
            error=accuracy.times,
            error_min=off_min,
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


def _people_within(
    case: "Case", profile: Profile, minutes: float
) -> "Iterator[Measured]":
    if not case.plan.central_areas:
        return
    # The first definition is the one of the document that promises the half hour.
    extent = case.plan.extent(case.plan.central_areas[0])
    if extent.shape is None:
        return
    area = extent.shape.geometry
    people = case.population[case.population.within(area)]
    if people.empty:
        return
    shares = _shares(case, people, profile, minutes)
    seats = _seats_only(case.population)
    spread = seats is not None
    bounds = shares
    if seats is not None:
        at_seats: gpd.GeoDataFrame = seats[seats.within(area)]
        bounds = _shares(case, at_seats, profile, minutes)
    for count, share in shares.items():
        other = bounds[count]
        yield Measured(
            indicator="population_share",
            label=Text(
                f"{minutes:g}分钟内可达{count}个中心的人口",
                f"people within {minutes:g} min of {count} of the centres",
            ),
            subject=extent.name,
            value=100 * share,
            unit="%",
            low=100 * min(share, other) if spread else None,
            high=100 * max(share, other) if spread else None,
            method=_SPREAD_METHOD if spread else _POINTS_METHOD,
            accuracy=_SPREAD_ACCURACY if spread else _POINTS_ACCURACY,
            obstacle=Text("规划未规定人口份额", "the documents set no share of people"),
            answers_target=False,
            profile=profile,
            inputs=_inputs(case, case.population_source.name),
            schematic=spread
            or extent.shape.schematic
            or case.network_accuracy.schematic,
        )


def _shares(
    case: "Case", people: "pd.DataFrame", profile: Profile, minutes: float
) -> dict[int, float]:
    times = travel_times(
        case.network_of_year, people, case.centres, profile=profile, rules=case.rules
    )
    reached = centres_reached(times, people["population"], cutoff_min=minutes)
    shares = reached["population_share"]
    return dict(zip(shares.index.tolist(), shares.tolist(), strict=True))


def _seats_only(people: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame | None":
    if not {"county_code", "is_seat"} <= set(people.columns):
        return None
    # Totals are those of whole counties, so this comes before clipping to an area.
    seats = people[people["is_seat"]].copy()
    totals = people.groupby("county_code")["population"].sum()
    seats["population"] = seats["county_code"].map(totals).to_numpy()
    return seats


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
                value=float(times.max())
                if len(times) and times.notna().all()
                else np.nan,
                error=case.network_accuracy.times,
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


def _time(
    case: "Case",
    *,
    indicator: str,
    label: Text,
    subject: Text,
    value: float,
    error: float,
    method: Text,
    accuracy: Text,
    profile: Profile,
    error_min: float = 0.0,
    schematic: bool = False,
    obstacle: Text | None = None,
) -> Measured:
    known = bool(np.isfinite(value))
    bounded = known and (error > 0 or error_min > 0)
    return Measured(
        indicator=indicator,
        label=label,
        subject=subject,
        value=value if known else None,
        unit="min",
        low=max(value * (1 - error) - error_min, 0.0) if bounded else None,
        high=value * (1 + error) + error_min if bounded else None,
        method=method,
        accuracy=accuracy,
        profile=profile,
        inputs=_inputs(case),
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


def _inputs(case: "Case", *more: str) -> tuple[str, ...]:
    return (
        *(source.name for source in case.network.roads.sources),
        *case.named("places.yaml"),
        *more,
    )
