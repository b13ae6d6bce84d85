"""Who and what facilities serve: by hand on Gridville, properties, refusals."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from ctzgis.analysis import (
    SERVICE_REACHES,
    ServiceReach,
    border_points,
    reach_of_rule,
    served_areas,
    served_points,
    service_coverage,
    service_reach,
)
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.network import TravelRules
from ctzgis.texts import Text

PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]]
ZONES = gridville_zones()
TOWN = ZONES.dissolve()
X, Y = 495_000, 3_100_000
PARKS = service_reach("parks")


def points(*spots, **columns):
    frame = gpd.GeoDataFrame(
        geometry=[Point(X + x, Y + y) for x, y in spots],
        index=[f"p{i}" for i in range(len(spots))],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


def square(x, y, side):
    return box(X + x, Y + y, X + x + side, Y + y + side)


def areas(*shapes, **columns):
    frame = gpd.GeoDataFrame(
        geometry=list(shapes),
        index=[f"a{i}" for i in range(len(shapes))],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


def scattered(seed, count, **columns):
    draw = np.random.default_rng(seed)
    return points(*draw.uniform(0, 10_000, (count, 2)).tolist(), **columns)


def walk(**given):
    return ServiceReach(id="walk", name=Text("步行", "walk"), by="walk", **given)


# By hand


def test_people_within_a_radius_of_a_station_are_served():
    # Of five places with 1,000 people each only the centre lies within 800 m of it.
    found = service_coverage(PLACES, CENTRE, reach=service_reach("rail_stations"))
    row = found.loc["all"]
    assert row[["total", "served", "served_share", "unserved"]].tolist() == [
        5000,
        1000,
        0.2,
        4000,
    ]
    assert row["counts"] == "population"


def test_who_lives_exactly_at_the_radius_is_served():
    spots = points((800, 0), (800.001, 0), population=10)
    found = served_points(spots, points((0, 0)), reach=800)
    assert found["served"].tolist() == [True, False]
    assert found["distance_m"].tolist() == pytest.approx([800, 800.001])


def test_points_count_one_each_without_a_weight():
    found = service_coverage(PLACES[["geometry"]], CENTRE, reach=7_072, weight=None)
    assert found.loc["all", ["counts", "total", "served"]].tolist() == ["points", 5, 5]


def test_the_area_of_a_disc_counts_once_where_two_overlap():
    # Two discs of radius r, centres r apart: 2πr² less a lens of r²(2π/3 − √3/2).
    r = 1_000
    found = served_areas(TOWN, points((4_000, 5_000), (5_000, 5_000)), reach=r)
    union = r**2 * (2 * math.pi - (2 * math.pi / 3 - math.sqrt(3) / 2)) / 1e8
    assert found["served_share"].item() == pytest.approx(union, rel=2e-4)


def test_a_park_serves_by_its_size_and_from_its_edge():
    # 100 m wide: 10,000 m², 500 m; 50 m wide: 2,500 m², 300 m; 40 m: 1,600 m², none.
    parks = areas(square(0, 0, 100), square(3_000, 0, 50), square(6_000, 0, 40))
    spots = points(
        (600, 50), (601, 50), (3_350, 25), (3_351, 25), (6_050, 0), (10, 10)
    )  # fmt: skip
    found = served_points(spots, parks, reach=PARKS)
    assert found["served"].tolist() == [True, False, True, False, False, True]
    assert found.loc["p5", "distance_m"] == 0
    # The nearest that counts: the smallest park serves nobody.
    assert found.loc["p4", "facility_id"] == "a1"
    table = service_coverage(spots, parks, reach=PARKS, weight=None)
    assert table["facilities"].tolist() == [2]
    assert table["served"].tolist() == [3]


def test_of_parks_at_the_least_area_the_larger_class_counts():
    parks = points((0, 0), (2_000, 0), area_m2=[5_000, 4_999])
    spots = points((0, 500), (2_000, 500))
    assert served_points(spots, parks, reach=PARKS)["served"].tolist() == [True, False]


def test_housing_within_the_service_of_a_park():
    # A belt of 100 m beyond the park's edge on a side of 100 m: a fifth of the housing.
    park, housing = areas(square(0, 0, 100)), areas(square(100, 0, 100))
    assert served_areas(housing, park, reach=20)["served_km2"].item() == pytest.approx(
        0.002, rel=1e-3
    )


def test_fifteen_minutes_of_walking_are_1200_m_of_street():
    spots = points((5_000, 6_200), (5_000, 6_201), (5_600, 5_600))
    rules = TravelRules(snap_radius_m=0)
    found = served_points(
        spots,
        CENTRE,
        reach=service_reach("park_walk"),
        network=gridville(),
        rules=rules,
    )
    # The third is 849 m as the crow flies, off the streets.
    assert found["served"].tolist()[:2] == [True, False]
    assert found["distance_m"].tolist()[:2] == pytest.approx([1_200, 1_201], abs=0.1)
    assert found["travel_time_min"].iloc[0] == pytest.approx(15, abs=1e-3)


def test_metres_along_streets_are_walked():
    spots = points((5_800, 5_000), (5_801, 5_000))
    reach = replace(service_reach("rail_stations"), by="walk")
    found = served_points(spots, CENTRE, reach=reach, network=gridville())
    assert found["served"].tolist() == [True, False]


def test_along_streets_fewer_are_served_than_as_the_crow_flies():
    spots = scattered(3, 200, population=1)
    straight = service_coverage(spots, CENTRE, reach=3_000)["served"].item()
    walked = service_coverage(
        spots, CENTRE, reach=walk(distance_m=3_000.0), network=gridville()
    )["served"].item()
    assert 0 < walked < straight


def test_areas_along_streets_are_those_of_the_isochrone():
    found = service_coverage(
        ZONES, CENTRE, reach=walk(cutoff_min=15.0), network=gridville()
    )
    whole = service_coverage(
        TOWN, CENTRE, reach=walk(cutoff_min=15.0), network=gridville()
    )
    assert found["served"].sum() == pytest.approx(whole["served"].item(), rel=1e-6)
    # Nobody walks farther than 1.2 km as the crow flies.
    assert 0 < whole["served"].item() < math.pi * 1.2**2


def test_a_fire_brigade_drives_to_the_people():
    reach = service_reach("fire_brigades")
    spots = points((5_000, 10_000), (0, 10_000))
    found = served_points(
        spots, CENTRE, reach=reach, network=gridville(), direction="to"
    )
    assert found["served"].tolist() == [True, False]  # 5 km and 10 km at 60 km/h
    assert found["distance_m"].isna().all()


def test_a_park_of_which_no_gate_is_known_is_entered_anywhere():
    park = areas(square(5_000, 5_000, 1_000))
    gates = border_points(park, every_m=100)
    assert len(gates) == 40
    assert gates["area_m2"].to_numpy() == pytest.approx(1e6, rel=1e-3)
    spots = points((7_200, 5_000))
    found = served_points(
        spots, gates, reach=service_reach("park_walk"), network=gridville()
    )
    assert found["distance_m"].item() == pytest.approx(1_200, abs=0.1)


def test_the_border_of_a_park_with_a_lake_has_two_rings():
    ring = square(0, 0, 1_000).difference(square(400, 400, 200))
    assert len(border_points(areas(ring), every_m=100)) == 40 + 8


# Zones and rules


def test_zones_tell_their_own_coverage():
    # The centre lies in all four quarters: in the first of them.
    found = service_coverage(PLACES, CENTRE, reach=800, zones=ZONES)
    assert found.index.tolist() == ZONES.index.tolist()
    assert found["total"].tolist() == [2000, 1000, 1000, 1000]
    assert found["served"].tolist() == [1000, 0, 0, 0]


def test_a_zone_without_anybody_has_no_share():
    far = areas(square(50_000, 0, 100))
    found = service_coverage(PLACES, CENTRE, reach=800, zones=far)
    assert found["total"].tolist() == [0]
    assert found["served_share"].isna().all()


def test_the_rule_travels_with_the_figures():
    found = service_coverage(PLACES, CENTRE, reach=service_reach("rail_stations"))
    assert found[["reach_id", "by", "reach_m"]].loc["all"].tolist() == [
        "rail_stations",
        "straight",
        800,
    ]
    assert "TD/T 1063" in found.attrs["reach"]["source"]["zh"]
    parks = served_points(PLACES, PLACES.assign(area_m2=3_000), reach=PARKS)
    assert parks["reach_m"].isna().all()  # it depends on the park
    assert parks.attrs["reach"]["by_area_m2"] == ((2000, 300), (5000, 500))


def test_every_reach_of_the_catalogue_has_a_chinese_name_and_a_source():
    for key, reach in SERVICE_REACHES.items():
        assert key == reach.id
        assert reach.name.zh
        assert reach.source.zh
        assert ("未核对" in reach.source.zh) != reach.verified


def test_the_plans_rules_become_reaches(czt):
    stated = {r.id: r for r in czt.rules}
    assert reach_of_rule(stated["r_charge_city"]).limits == (2_500,)
    assert reach_of_rule(stated["r_shop_1km"], by="walk").by == "walk"
    with pytest.raises(InputError, match="radius value not stated"):
        reach_of_rule(stated["r_park_cover"])


# Properties


@settings(max_examples=25, deadline=None)
@given(st.floats(1, 8_000), st.floats(1, 3), st.integers(0, 50))
def test_coverage_grows_with_the_radius_between_none_and_all(radius, more, seed):
    spots, places = scattered(seed, 40, population=2), scattered(seed + 1, 4)
    for demand in (spots, ZONES):
        least, most = (
            service_coverage(demand, places, reach=r)["served_share"].item()
            for r in (radius, radius * more)
        )
        assert 0 <= least <= most + 1e-9 <= 1 + 2e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100), st.floats(-40_000, 40_000), st.floats(-40_000, 40_000))
def test_moving_the_map_changes_nothing(seed, dx, dy):
    spots, places = scattered(seed, 60), scattered(seed + 1, 5)
    moved = [f.set_geometry(f.translate(dx, dy)) for f in (spots, places)]
    here, there = (served_points(*f, reach=1_500) for f in ((spots, places), moved))
    assert here["facility_id"].tolist() == there["facility_id"].tolist()
    assert here["distance_m"].to_numpy() == pytest.approx(there["distance_m"], abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_quarters_sum_to_the_town(seed):
    spots, places = scattered(seed, 300, population=3), scattered(seed + 9, 6)
    houses = areas(
        *(square(x, y, 700) for x in range(0, 9_000, 900) for y in (0, 4_700))
    )
    for demand in (spots, houses):
        parts = service_coverage(demand, places, reach=1_200, zones=ZONES)
        whole = service_coverage(demand, places, reach=1_200)
        for column in ("total", "served", "unserved"):
            assert parts[column].sum() == pytest.approx(whole[column].item(), rel=1e-5)


def test_the_nearest_is_the_nearest_of_all_pairs():
    spots, places = scattered(1, 80), scattered(2, 15)
    far = shapely.distance(
        np.asarray(spots.geometry)[:, None], np.asarray(places.geometry)[None]
    )
    found = served_points(spots, places, reach=1_000)
    assert found["distance_m"].to_numpy() == pytest.approx(far.min(axis=1))
    assert found["facility_id"].tolist() == places.index[far.argmin(axis=1)].tolist()
    assert found["served"].tolist() == (far.min(axis=1) <= 1_000).tolist()


@pytest.mark.parametrize("kind", ["points", "lines", "areas"])
def test_coverage_and_points_agree_for_every_kind_of_facility(kind):
    spots, places = scattered(5, 150, population=1), scattered(6, 400)
    if kind == "lines":
        places = places.set_geometry(
            [LineString([(p.x, p.y), (p.x + 300, p.y)]) for p in places.geometry]
        )
    if kind == "areas":
        places = places.set_geometry(places.buffer(40))
    each = served_points(spots, places, reach=120)["served"].sum()
    assert service_coverage(spots, places, reach=120)["served"].item() == each > 0


def test_areas_and_points_agree():
    spots, places = scattered(7, 4_000), scattered(8, 9)
    part = served_areas(TOWN, places, reach=900).geometry.item()
    inside = shapely.covers(part, np.asarray(spots.geometry))
    served = served_points(spots, places, reach=900)["served"].to_numpy()
    # A point may lie between the circle and its 128 sides.
    assert (inside != served).mean() < 0.002


def test_nothing_is_changed():
    before = PLACES.copy(), ZONES.copy(), CENTRE.copy()
    service_coverage(PLACES, CENTRE, reach=800, zones=ZONES)
    served_areas(ZONES, CENTRE, reach=800)
    border_points(ZONES)
    for frame, old in zip((PLACES, ZONES, CENTRE), before, strict=True):
        assert frame.equals(old)
        assert frame.attrs == {}


# Nothing there


def test_without_facilities_nobody_is_served():
    for demand in (PLACES, ZONES):
        found = service_coverage(demand, CENTRE[:0], reach=800)
        assert found["served_share"].tolist() == [0]
    assert served_points(PLACES, CENTRE[:0], reach=800)["distance_m"].isna().all()
    assert served_areas(ZONES, CENTRE[:0], reach=800).geometry.is_empty.all()
    walked = service_coverage(
        ZONES, CENTRE[:0], reach=walk(cutoff_min=5.0), network=gridville()
    )
    assert walked["served"].tolist() == [0]


def test_without_anybody_there_is_no_share():
    for demand in (PLACES[:0], ZONES[:0]):
        found = service_coverage(demand, CENTRE, reach=800)
        assert found["total"].tolist() == [0]
        assert found["served_share"].isna().all()


# Refusals


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"distance_m": 5.0, "cutoff_min": 5.0},
        {"distance_m": 0.0},
        {"distance_m": math.inf},
        {"distance_m": math.nan},
        {"cutoff_min": 5.0},
        {"by": "drive", "distance_m": 5.0},
        {"by": "swim", "distance_m": 5.0},
        {"by_area_m2": ((-1.0, 5.0),)},
        {"by_area_m2": ((1.0, -5.0),)},
    ],
)
def test_a_reach_that_contradicts_itself_is_refused(given):
    with pytest.raises(InputError, match="service reach 'x'"):
        ServiceReach(id="x", name=Text("", ""), **given)


def test_an_unknown_reach_names_those_there_are():
    with pytest.raises(InputError, match="rail_stations"):
        service_reach("heliports")


def test_degrees_are_refused():
    degrees = PLACES.to_crs(4326)
    with pytest.raises(CRSError, match="to_crs"):
        service_coverage(degrees, degrees, reach=800)
    with pytest.raises(CRSError, match="facilities"):
        service_coverage(PLACES, degrees, reach=800)
    with pytest.raises(CRSError, match="no CRS"):
        service_coverage(PLACES.set_crs(None, allow_override=True), CENTRE, reach=800)


def test_duplicate_ids_are_refused():
    twice = PLACES.iloc[[0, 0]]
    for demand, things in ((twice, CENTRE), (PLACES, twice)):
        with pytest.raises(SchemaError, match="repeats"):
            service_coverage(demand, things, reach=800)


def test_an_invalid_area_is_refused():
    bow = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    with pytest.raises(SchemaError, match="invalid"):
        service_coverage(areas(bow), CENTRE, reach=800)
    with pytest.raises(SchemaError, match="invalid"):
        service_coverage(PLACES, areas(bow), reach=800)


@pytest.mark.parametrize("people", [-1, math.nan, "many"])
def test_odd_numbers_of_people_are_refused(people):
    with pytest.raises(InputError, match="population"):
        service_coverage(PLACES.assign(population=people), CENTRE, reach=800)


def test_a_missing_weight_or_size_is_refused():
    with pytest.raises(InputError, match="no column 'population'"):
        service_coverage(PLACES[["geometry"]], CENTRE, reach=800)
    with pytest.raises(InputError, match="no column 'area_m2'"):
        service_coverage(PLACES, CENTRE, reach=PARKS)


def test_points_and_areas_do_not_mix():
    mixed = gpd.GeoDataFrame(
        {"population": 1},
        geometry=[*PLACES.geometry[:1], *ZONES.geometry[:1]],
        index=["p", "z"],
        crs=PLACES.crs,
    )
    with pytest.raises(SchemaError, match="Polygon"):
        service_coverage(mixed, CENTRE, reach=800)


def test_a_walk_wants_a_network_and_gates():
    with pytest.raises(InputError, match="give network="):
        service_coverage(PLACES, CENTRE, reach=service_reach("park_walk"))
    with pytest.raises(InputError, match="border_points"):
        service_coverage(
            PLACES, ZONES, reach=service_reach("park_walk"), network=gridville()
        )


@pytest.mark.parametrize("every_m", [0, -1, math.nan, math.inf])
def test_odd_steps_along_a_border_are_refused(every_m):
    with pytest.raises(InputError, match="every_m"):
        border_points(ZONES, every_m=every_m)
