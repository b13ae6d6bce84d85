"""What must not matter, and what must add up: streets, coverage, conflicts, borders."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.analysis import (
    border_links,
    conflict_totals,
    corridor_continuity,
    corridor_coverage,
    corridor_overlaps,
    corridor_served,
    dead_ends,
    lengths_inside,
    road_density,
    road_density_by_class,
    served_areas,
    service_coverage,
    settlements_served,
    zone_conflicts,
)
from ctzgis.examples import gridville_zones

ZONES = gridville_zones()
GUARDED = ZONES.assign(regime="2024", zone="core_protection")
X, Y = 495_000, 3_100_000
CLASSES = ("primary", "secondary", "tertiary")

SEEDS = st.integers(0, 10_000)
SHIFTS = st.tuples(st.floats(-30_000, 30_000), st.floats(-30_000, 30_000))
CUTS = st.integers(2, 5)
steady = settings(max_examples=12, deadline=None, derandomize=True)


def frame(shapes, **columns):
    index = [f"e{k}" for k in range(len(shapes))]
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=ZONES.crs)


def wandering(seed, count=30):
    """Lines of four vertices over Gridville and somewhat beyond."""
    draw = np.random.default_rng(seed)
    start = np.add(draw.uniform(0, 10_000, (count, 1, 2)), (X, Y))
    steps = draw.normal(0, 900, (count, 3, 2)).cumsum(axis=1)
    lines = shapely.linestrings(np.concatenate([start, start + steps], axis=1))
    return frame(lines, road_class=draw.choice(CLASSES, count))


def scattered(seed, count):
    spots = np.random.default_rng(seed).uniform(0, 10_000, (count, 2))
    return frame(shapely.points(np.add(spots, (X, Y))), population=1.0)


def cut(lines, parts):
    """Every line in parts of the same length, each a row of its own."""
    edges = np.linspace(0, 1, parts + 1)
    rows = [
        (f"{key}.{k}", shapely.ops.substring(line, *edges[k : k + 2], normalized=True))
        for key, line in lines.geometry.items()
        for k in range(parts)
    ]
    apart = lines.loc[np.repeat(lines.index, parts)]
    return apart.set_geometry([line for _, line in rows], crs=lines.crs).set_axis(
        [key for key, _ in rows]
    )


def moved(given_frame, shift):
    return given_frame.set_geometry(given_frame.translate(*shift))


def whole(lines):
    """All lines as one corridor."""
    return gpd.GeoDataFrame(
        geometry=[shapely.multilinestrings(list(lines.geometry))],
        index=["c"],
        crs=lines.crs,
    )


# Splitting lines changes nothing


@steady
@given(SEEDS, CUTS)
def test_split_roads_have_the_same_density_of_each_class(seed, parts):
    roads = wandering(seed)
    here, there = (road_density_by_class(r, ZONES) for r in (roads, cut(roads, parts)))
    assert here["road_class"].tolist() == there["road_class"].tolist()
    assert there["length_km"].to_numpy() == pytest.approx(here["length_km"], abs=1e-6)


@steady
@given(SEEDS, CUTS)
def test_split_roads_have_the_same_length_inside_zones(seed, parts):
    roads = wandering(seed)
    for measure in (
        lambda r: lengths_inside(r, ZONES, by=["road_class"]),
        lambda r: conflict_totals(
            zone_conflicts({"roads": r}, GUARDED), by=["zone", "severity"]
        ),
    ):
        here, there = (measure(r)["length_km"] for r in (roads, cut(roads, parts)))
        assert there.to_numpy() == pytest.approx(here.to_numpy(), abs=1e-6)


@steady
@given(SEEDS, CUTS)
def test_split_roads_cross_borders_at_the_same_places(seed, parts):
    roads = wandering(seed)
    here, there = (border_links(r, ZONES) for r in (roads, cut(roads, parts)))
    assert len(here)
    for column in ("zone_id", "other_id", "class"):
        assert there[column].tolist() == here[column].tolist()
    assert (here.distance(there) < 1e-6).all()


@steady
@given(SEEDS, CUTS, st.floats(50, 2_000))
def test_split_corridors_cover_and_are_served_as_before(seed, parts, metres):
    line, sites = wandering(seed, 6), scattered(seed + 1, 40)
    split = cut(line, parts)
    covered, as_before = (
        corridor_coverage(sites, whole(c), within_m=[metres])["covered"].tolist()
        for c in (line, split)
    )
    assert as_before == covered
    once, apart = (corridor_served(c, sites, reach=metres) for c in (line, split))
    assert apart["served_km"].sum() == pytest.approx(once["served_km"].sum(), abs=1e-6)


@steady
@given(SEEDS, CUTS)
def test_a_split_corridor_runs_on_as_far_as_before(seed, parts):
    lines = wandering(seed, 4)
    here, there = (
        corridor_continuity(c.assign(corridor_id="c", built=True))
        for c in (lines, cut(lines, parts))
    )
    wanted = here.iloc[0].tolist()
    assert there.iloc[0].tolist() == pytest.approx(wanted, rel=1e-9)


@steady
@given(SEEDS, CUTS)
def test_split_facilities_serve_the_same(seed, parts):
    people, lines = scattered(seed, 60), wandering(seed + 1, 5)
    for demand in (people, ZONES):
        here, there = (
            service_coverage(demand, f, reach=700)["served"].item()
            for f in (lines, cut(lines, parts))
        )
        # A round end of 128 sides lies within the belt of the line that goes on.
        assert there == pytest.approx(here, rel=1e-6)


# Moving the map changes nothing


@steady
@given(SEEDS, SHIFTS)
def test_moving_the_map_changes_no_crossing_end_or_length(seed, shift):
    roads = wandering(seed)
    there = moved(roads, shift), moved(ZONES, shift)
    links, again = border_links(roads, ZONES), border_links(*there)
    assert again["class"].tolist() == links["class"].tolist()
    ends, once_more = dead_ends(roads, ZONES), dead_ends(*there)
    assert once_more["gap_m"].to_numpy() == pytest.approx(
        ends["gap_m"], abs=1e-5, nan_ok=True
    )
    inside, as_well = (
        lengths_inside(*f, by=["road_class"]) for f in ((roads, ZONES), there)
    )
    assert as_well["length_km"].to_numpy() == pytest.approx(
        inside["length_km"], abs=1e-6
    )


@steady
@given(SEEDS, SHIFTS)
def test_moving_the_map_changes_no_corridor(seed, shift):
    lines, sites = wandering(seed, 6), scattered(seed + 1, 40)
    here, there = (
        corridor_coverage(s, c, within_m=[900])["covered"].tolist()
        for s, c in ((sites, lines), (moved(sites, shift), moved(lines, shift)))
    )
    assert there == here
    beside, again = (
        corridor_overlaps(c, c)["overlap_km"] for c in (lines, moved(lines, shift))
    )
    # A piece of 10 m whose middle lies at the tolerance may fall on either side.
    assert again.sum() == pytest.approx(beside.sum(), abs=0.05)


# Parts sum to the whole


@steady
@given(SEEDS)
def test_classes_sum_to_the_density(seed):
    roads = wandering(seed)
    classes = road_density_by_class(roads, ZONES).groupby("zone_id", sort=False)
    all_ = road_density(roads, ZONES)
    for column in ("length_km", "road_density_km_per_km2"):
        assert classes[column].sum().to_numpy() == pytest.approx(all_[column])


@steady
@given(SEEDS)
def test_zones_sum_to_their_union(seed):
    roads, town = wandering(seed), ZONES.dissolve()
    whole_town = GUARDED.dissolve().set_axis(["town"])
    assert lengths_inside(roads, ZONES, by=["road_class"])["length_km"].sum() == (
        pytest.approx(lengths_inside(roads, town, by=["road_class"])["length_km"].sum())
    )
    for measure in (road_density, lambda r, z: zone_conflicts({"r": r}, z)):
        parts, one = (
            measure(roads, z)["length_km"].sum() for z in (GUARDED, whole_town)
        )
        assert parts == pytest.approx(one)
    sites = scattered(seed + 1, 5)
    parts, one = (
        served_areas(z, sites, reach=1_500)["served_km2"].sum() for z in (ZONES, town)
    )
    assert parts == pytest.approx(one, rel=1e-5)


@steady
@given(SEEDS)
def test_links_of_two_layers_of_roads_are_those_of_both(seed):
    roads = wandering(seed)
    parts = [border_links(roads[roads["road_class"] == c], ZONES) for c in CLASSES]
    assert sum(len(p) for p in parts) == len(border_links(roads, ZONES))


@steady
@given(SEEDS, st.floats(100, 3_000))
def test_any_corridor_covers_between_the_most_and_the_sum_of_each(seed, metres):
    lines, sites = wandering(seed, 4), scattered(seed + 1, 60)
    found = corridor_coverage(sites, lines, within_m=[metres])
    *own, any_ = found["covered"]
    assert max(own) <= any_ <= min(sum(own), len(sites))
    assert found["coverage_share"].between(0, 1).all()


# More reach, more coverage; more roads, more density


@steady
@given(SEEDS, st.floats(10, 3_000), st.floats(1, 3))
def test_coverage_grows_with_distance(seed, metres, more):
    lines, sites = wandering(seed, 6), scattered(seed + 1, 12)
    shares = [
        (
            served_areas(ZONES, sites, reach=reach)["served_share"],
            corridor_served(lines, sites, reach=reach)["served_share"],
            settlements_served(
                sites, sites[:3].assign(modes="metro"),
                modes=["metro"], within_km=reach / 1_000,
            )["served"].astype(float),
        )
        for reach in (metres, metres * more)
    ]  # fmt: skip
    for less, most in zip(*shares, strict=True):
        assert less.between(0, 1).all()
        assert most.between(0, 1).all()
        assert (less <= most + 1e-9).all()


@steady
@given(SEEDS, st.floats(1, 1.5))
def test_larger_zones_hold_no_less(seed, factor):
    roads = wandering(seed)
    town = GUARDED.dissolve().set_axis(["town"])
    larger = town.set_geometry(town.scale(factor, factor), crs=town.crs)
    for measure in (
        lambda z: road_density(roads, z)["length_km"].sum(),
        lambda z: lengths_inside(roads, z, by=["road_class"])["length_km"].sum(),
        lambda z: zone_conflicts({"r": roads}, z)["length_km"].sum(),
    ):
        assert measure(town) <= measure(larger) + 1e-9


@steady
@given(SEEDS, SEEDS)
def test_more_roads_make_no_zone_less_dense(seed, other):
    few, added = wandering(seed), wandering(other, 10)
    both = pd.concat([few, added.set_axis([f"more{k}" for k in added.index])])
    column = "road_density_km_per_km2"
    less, more = (road_density(r, ZONES)[column] for r in (few, both))
    assert (less <= more + 1e-12).all()
