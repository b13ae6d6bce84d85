"""Indicator of the people who reach the centres in time (可达人口指标)."""

from typing import TYPE_CHECKING, Final

from ctzgis.analysis import centres_reached, travel_times
from ctzgis.assessment.findings import Measured
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from ctzgis.assessment.case import Case
    from ctzgis.network import Profile

__all__ = ["measure_people_within"]

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


def measure_people_within(
    case: "Case", profile: "Profile", minutes: float
) -> "Iterator[Measured]":
    """
    Measure which share of the central area's people reaches one, two, … centres in time.

    Where people are spread over the settlements of their county, the other end of the
    range puts them all at its seat.
    """
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
            inputs=(
                *case.network_inputs,
                *case.named("places.yaml"),
                case.population_source.name,
            ),
            schematic=spread
            or extent.shape.schematic
            or case.network_accuracy.schematic,
        )


def _shares(
    case: "Case", people: "pd.DataFrame", profile: "Profile", minutes: float
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
