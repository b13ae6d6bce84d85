from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Polygon, box

from ctzgis.analysis import DENSITY_RULES, road_density, road_density_by_class
from ctzgis.analysis.streets.density import mapped_share
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones

PLACES, ZONES = gridville_places(), gridville_zones()
STREETS = gridville().roads.roads
TOWN = ZONES.dissolve()
RAW = DENSITY_RULES["raw"]
X, Y = 495_000, 3_100_000


def lines(*shapes, **columns):
    """Streets of Gridville's CRS, in metres from its south-west corner."""
    moved = shapely.transform(
        np.array(shapes, dtype=object), lambda xy: np.add(xy, (X, Y))
    )
    return gpd.GeoDataFrame(columns, geometry=moved, crs=STREETS.crs)


def zones(*shapes, index=None):
    """Zones of Gridville's CRS, in metres from its south-west corner."""
    moved = shapely.transform(
        np.array(shapes, dtype=object), lambda xy: np.add(xy, (X, Y))
    )
    return gpd.GeoDataFrame(geometry=moved, crs=STREETS.crs, index=index)


def km(streets, areas, **options):
    return road_density(streets, areas, **options)["length_km"].tolist()


def test_density_of_gridvilles_quarters_is_the_hand_count():
    # Inside a quarter 8 roads of 5 km; its 20 km border counts half: 50 km on 25 km².
    table = road_density(STREETS, ZONES)
    assert table["length_km"].tolist() == pytest.approx([50] * 4)
    assert table["road_density_km_per_km2"].tolist() == pytest.approx([2] * 4, rel=1e-4)
    assert table.index.tolist() == ["sw", "se", "nw", "ne"]


def test_the_quarters_add_up_to_the_town():
    # The town's outer border counts half, 40 km of it.
    assert km(STREETS, TOWN) == pytest.approx([220 - 20])
    assert sum(km(STREETS, ZONES)) == pytest.approx(200)


@pytest.mark.parametrize(
    ("border", "wanted"), [("half", 50), ("full", 60), ("clip", 60)]
)
def test_each_rule_for_borders_counts_the_border_in_its_way(border, wanted):
    # 40 km inside a quarter and 20 km on its very border, which clipping keeps whole.
    rules = replace(RAW, border=border)
    assert km(STREETS, ZONES, rules=rules) == pytest.approx([wanted] * 4)


def test_a_road_beside_the_border_is_along_it_up_to_the_tolerance():
    # 4 km at 0.9 m outside; at 1.1 m it is no longer along.
    square = zones(box(0, 0, 4000, 4000))
    near, far = (LineString([(0, -off), (4000, -off)]) for off in (0.9, 1.1))
    assert km(lines(near), square) == pytest.approx([2])
    assert km(lines(far), square) == [0]
    assert km(lines(far), square, rules=replace(RAW, border_m=2.0)) == pytest.approx(
        [2]
    )
    assert km(lines(near), square, rules=replace(RAW, border="full")) == [4]
    assert km(lines(near), square, rules=replace(RAW, border="clip")) == [0]


def test_borders_rounded_to_a_decimetre_are_borders_still():
    # Two zones share an oblique border of 5 km, rounded each its own way.
    ends = [(1000.04, 0), (4000.03, 4000.02)]
    rounded = [tuple(np.round(end, 1)) for end in ends]
    west = Polygon([(0, 0), *rounded, (0, 4000)])
    east = Polygon([ends[0], (6000, 0), (6000, 4000), ends[1]])
    found = km(lines(LineString(ends)), zones(west, east))
    assert found == pytest.approx([2.5, 2.5], abs=1e-4)


def test_a_road_that_crosses_a_border_is_cut_there():
    # 10 km from 3 km west of a square, straight and at an angle of 45°.
    square = zones(box(0, 0, 4000, 4000))
    across = LineString([(-3000, 1000), (7000, 1000)])
    corner = LineString([(-1000, 1000), (1000, -1000)])
    slant = LineString([(-1000, 3000), (1000, 1000)])
    assert km(lines(across), square) == pytest.approx([4])
    assert km(lines(corner), square) == pytest.approx([0], abs=2e-3)
    assert km(lines(slant), square) == pytest.approx([2**0.5])


def test_a_road_in_a_hole_is_outside():
    ring = Polygon(
        box(0, 0, 4000, 4000).exterior, [box(1000, 1000, 3000, 3000).exterior]
    )
    assert km(
        lines(LineString([(-500, 2000), (4500, 2000)])), zones(ring)
    ) == pytest.approx([2])


def test_a_zone_of_several_parts_counts_in_each_of_them():
    parts = MultiPolygon([box(0, 0, 1000, 1000), box(2000, 0, 3000, 1000)])
    assert km(
        lines(LineString([(-500, 500), (4500, 500)])), zones(parts)
    ) == pytest.approx([2])


def test_a_street_of_several_parts_counts_with_all_of_them():
    # Nothing lies between the parts, though they are listed one after the other.
    two = MultiLineString([[(0, 100), (900, 100)], [(0, 900), (600, 900)]])
    assert km(lines(two), zones(box(-1, -1, 1000, 1000))) == pytest.approx([1.5])


def test_overlapping_zones_are_measured_each_by_itself():
    street = lines(LineString([(0, 500), (4000, 500)]))
    overlapping = zones(box(0, 0, 3000, 1000), box(1000, 0, 4000, 1000))
    assert km(street, overlapping) == [3, 3]


def test_a_street_drawn_twice_counts_twice_and_one_of_no_length_not_at_all():
    street = LineString([(0, 500), (2000, 500)])
    point = LineString([(500, 500), (500, 500)])
    assert km(lines(street, street, point), zones(box(0, 0, 9000, 900))) == [4]


def test_no_streets_have_no_density():
    found = road_density(STREETS[:0], ZONES)
    assert found["road_density_km_per_km2"].tolist() == [0] * 4


def test_no_zones_give_an_empty_table_of_the_right_shape():
    found = road_density(STREETS, ZONES[:0])
    assert found.empty
    assert list(found.columns) == [
        "length_km", "area_km2", "road_density_km_per_km2", "denominator",
    ]  # fmt: skip


def test_a_zone_without_roads_has_density_zero():
    empty = zones(box(600_000, 0, 601_000, 10))
    assert road_density(STREETS, empty)["road_density_km_per_km2"].tolist() == [0.0]


@given(st.integers(1, 7), st.floats(-3e4, 3e4), st.floats(-3e4, 3e4))
@settings(max_examples=20, deadline=None)
def test_splitting_roads_or_moving_the_map_changes_no_density(parts, dx, dy):
    split = [
        LineString([r.interpolate(k / parts, normalized=True) for k in (i, i + 1)])
        for r in STREETS.geometry
        for i in range(parts)
    ]
    moved = gpd.GeoDataFrame(geometry=split, crs=STREETS.crs)
    moved["geometry"] = moved.translate(dx, dy)
    areas = ZONES.set_geometry(ZONES.translate(dx, dy))
    assert km(moved, areas) == pytest.approx([50] * 4, rel=1e-6)


def random_streets(draw, count=60):
    """Wandering lines of four vertices in a square of 10 km."""
    start = draw.uniform(0, 10_000, (count, 1, 2))
    steps = draw.normal(0, 800, (count, 3, 2)).cumsum(axis=1)
    return lines(*shapely.linestrings(np.concatenate([start, start + steps], axis=1)))


def random_partition(draw, count=7):
    """Zones without gaps or overlaps around the square, with oblique borders."""
    whole = box(-9000, -9000, 19_000, 19_000)
    seeds = shapely.multipoints(draw.uniform(0, 10_000, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=whole))
    return zones(*shapely.intersection(cells, whole))


@pytest.mark.parametrize("seed", range(8))
def test_lengths_equal_a_geopandas_overlay(seed):
    draw = np.random.default_rng(seed)
    streets, areas = random_streets(draw), random_partition(draw)
    parts = gpd.overlay(
        streets, areas.assign(zone=range(len(areas))), keep_geom_type=True
    )
    wanted = np.bincount(parts["zone"], parts.length, len(areas)) / 1000
    exact = replace(RAW, border="clip", border_m=0.0)
    assert km(streets, areas, rules=exact) == pytest.approx(wanted.tolist(), rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_zones_without_gaps_or_overlaps_add_up_to_all_streets(seed):
    draw = np.random.default_rng(100 + seed)
    streets, areas = random_streets(draw), random_partition(draw)
    borders = shapely.get_parts(
        shapely.line_merge(shapely.union_all(shapely.boundary(areas.geometry.array)))
    )
    inner = shapely.intersection(borders, box(X, Y, X + 10_000, Y + 10_000))
    along = gpd.GeoDataFrame(geometry=inner[shapely.length(inner) > 0], crs=streets.crs)
    both = pd.concat([streets, along.explode()], ignore_index=True)
    whole = streets.length.sum() + along.length.sum()
    assert sum(km(both, areas)) * 1000 == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_of_a_split_street_add_up_to_it(seed):
    draw = np.random.default_rng(200 + seed)
    streets, areas = random_streets(draw), random_partition(draw)
    split = streets.set_geometry(streets.segmentize(37.0)).reset_index(drop=True)
    pieces = [
        LineString(pair)
        for line in split.geometry
        for pair in zip(line.coords[:-1], line.coords[1:], strict=True)
    ]
    fine = gpd.GeoDataFrame(geometry=pieces, crs=streets.crs)
    assert km(fine, areas) == pytest.approx(km(streets, areas), rel=1e-9)


def test_a_zone_of_very_many_teeth_is_cut_like_any_other():
    # 2,000 teeth of 1 m, each as high as the comb: 1 m in, 1 m out.
    x = np.arange(4001)
    top = [(a, 900 if (a // 1) % 2 else 100) for a in x]
    upright = [p for a, y in top for p in ((a, y), (a + 1, y))]
    comb = Polygon([(0, 0), *upright, (4001, 0)])
    street = lines(LineString([(0, 500), (4001, 500)]))
    assert km(street, zones(comb)) == pytest.approx([2.0])


def test_classes_add_up_to_the_density_of_the_zone():
    kinds = np.array(["primary", "residential", "service", None], dtype=object)
    streets = STREETS.assign(road_class=kinds[np.arange(len(STREETS)) % 4])
    table = road_density_by_class(streets, ZONES)
    assert table["road_class"].iloc[:3].tolist() == [
        "primary",
        "residential",
        "service",
    ]
    assert pd.isna(table["road_class"].iloc[3])
    assert table.groupby("zone_id", sort=False)["length_km"].sum().to_dict() == (
        pytest.approx(road_density(streets, ZONES)["length_km"].to_dict())
    )
    assert table.groupby("zone_id")["length_share"].sum().tolist() == pytest.approx(
        [1] * 4
    )


def test_words_of_openstreetmap_are_classes_too():
    streets = lines(
        *(LineString([(0, y), (1000, y)]) for y in (100, 200, 300)),
        road_class=["primary_link", "unclassified", "living_street"],
    )
    table = road_density_by_class(streets, zones(box(-9, 0, 2000, 2000)))
    assert table["road_class"].tolist() == ["primary", "residential"]
    assert table["length_km"].tolist() == pytest.approx([1, 2])


def test_density_by_class_needs_classes():
    with pytest.raises(InputError, match="no column 'road_class'"):
        road_density_by_class(STREETS[["geometry"]], ZONES)


def test_lanes_give_the_area_of_roads():
    # 1 km of 4 lanes of 3.5 m and 1 km of 20 m: 34,000 m² of 4 km²; 1 km says nothing.
    streets = lines(
        *(LineString([(0, y), (1000, y)]) for y in (500, 1000, 1500)),
        lanes=["4", None, "many"],
        width_m=[np.nan, 20, np.nan],
    )
    found = road_density(streets, zones(box(-500, 0, 1500, 2000))).iloc[0]
    assert found["road_area_share"] == pytest.approx(0.034 / 4, rel=1e-3)
    assert found["width_known_share"] == pytest.approx(2 / 3)


def test_each_carriageway_has_lanes_of_its_own():
    # Both lines of a dual carriageway, of 2 lanes each: 1 km of road, 14,000 m².
    streets = lines(
        LineString([(0, 500), (1000, 500)]),
        LineString([(0, 520), (1000, 520)]),
        lanes=[2, 2],
        part=[0.5, 0.5],
    )
    square = zones(box(-500, 0, 1500, 2000))
    rules = replace(RAW, carriageways="once")
    found = road_density(streets, square, rules=rules, weight="part").iloc[0]
    assert found["length_km"] == pytest.approx(1)
    assert found["road_area_share"] == pytest.approx(0.014 / 4, rel=1e-3)


def test_density_refuses_what_cannot_be_measured():
    with pytest.raises(CRSError, match="degree"):
        road_density(STREETS.to_crs(4326), ZONES.to_crs(4326))
    with pytest.raises(CRSError, match=r"EPSG:3857, which changes areas"):
        road_density(STREETS.to_crs(3857), ZONES.to_crs(3857))
    with pytest.raises(CRSError, match="no CRS"):
        road_density(STREETS.set_crs(None, allow_override=True), ZONES)
    with pytest.raises(CRSError, match="zones is in EPSG:4526"):
        road_density(STREETS, ZONES.to_crs(4526))
    with pytest.raises(SchemaError, match="zones"):
        road_density(STREETS, PLACES)


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), "invalid"),
        (Polygon([(0, 0), (9, 9), (0, 0)]), "invalid"),
        (Polygon(), "empty"),
        (None, "missing"),
    ],
)
def test_a_zone_that_has_no_sure_area_is_refused(shape, problem):
    bad = gpd.GeoDataFrame(geometry=[shape], crs=STREETS.crs)
    with pytest.raises(SchemaError, match=problem):
        road_density(STREETS, bad)


def test_density_leaves_its_inputs_alone():
    streets, areas = STREETS.copy(), ZONES.copy()
    road_density_by_class(STREETS, ZONES)
    assert streets.equals(STREETS)
    assert areas.equals(ZONES)


def test_land_far_from_any_street_counts_as_not_mapped():
    # Streets end at the town's border: a kilometre beyond it is near, the rest is not.
    strip = zones(box(10_000, 2_000, 14_000, 8_000))
    assert mapped_share(STREETS, strip).iloc[0] == pytest.approx(0.25, abs=0.02)
