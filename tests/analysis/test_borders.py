"""Links across borders and roads that end before them: by hand on Gridville."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from ctzgis.analysis import (
    border_densities,
    border_links,
    dead_ends,
    shared_borders,
)
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_zones

ROADS, ZONES = gridville().roads.roads, gridville_zones()
WEST_EAST = ZONES.loc[["sw", "se"]]
X, Y = 495_000, 3_100_000


def roads(*courses, **columns):
    frame = gpd.GeoDataFrame(
        geometry=[LineString([(X + x, Y + y) for x, y in c]) for c in courses],
        index=[f"l{i}" for i in range(len(courses))],
        crs=ZONES.crs,
    )
    return frame.assign(**{"road_class": "primary", **columns})


def counts(links):
    return links.groupby(["zone_id", "other_id"]).size().to_dict()


# Borders


def test_quarters_share_four_borders_of_5_km():
    found = shared_borders(ZONES)
    assert found["border_km"].tolist() == [5, 5, 5, 5]
    assert ("sw", "ne") not in set(
        zip(found["zone_id"], found["other_id"], strict=True)
    )
    assert found.geometry.iloc[0].equals(
        LineString([(X + 5_000, Y), (X + 5_000, Y + 5_000)])
    )


def test_zones_apart_share_none():
    assert shared_borders(ZONES.loc[["sw"]]).empty
    assert shared_borders(ZONES[:0]).empty
    apart = ZONES.loc[["sw", "se"]]
    apart = apart.set_geometry(
        [apart.geometry.iloc[0], box(X + 5_001, Y, X + 9_000, Y + 9)]
    )
    assert shared_borders(apart).empty


def test_a_zone_around_another_shares_its_whole_edge():
    inner = box(X, Y, X + 1_000, Y + 1_000)
    zones = gpd.GeoDataFrame(
        geometry=[inner.buffer(500, join_style="mitre").difference(inner), inner],
        index=["ring", "core"],
        crs=ZONES.crs,
    )
    assert shared_borders(zones)["border_km"].tolist() == pytest.approx([4])


# Links


def test_streets_that_meet_at_junctions_on_the_border_are_links():
    # Each border of 5 km is crossed at each of 6 streets, those at its ends included;
    # the streets along it do not cross.
    links = border_links(ROADS, ZONES)
    assert counts(links) == {
        ("sw", "se"): 6, ("sw", "nw"): 6, ("se", "ne"): 6, ("nw", "ne"): 6,
    }  # fmt: skip
    found = border_densities(links, ZONES)
    assert found[found["class"] == "all"]["links_per_km"].tolist() == [1.2] * 4


def test_a_road_across_is_a_link_where_it_crosses():
    link = border_links(roads([(4_000, 1_500), (6_000, 1_500)]), ZONES)
    assert counts(link) == {("sw", "se"): 1}
    assert link.geometry.item().equals(shapely.Point(X + 5_000, Y + 1_500))


@pytest.mark.parametrize(
    "course",
    [
        [(3_000, 1_500), (5_000, 1_500)],  # ends at the border
        [(5_000, 1_000), (5_000, 3_000)],  # runs along it
        [(4_000, 1_000), (5_000, 1_500), (4_000, 2_000)],  # touches it
        [(4_000, 1_000), (4_999, 1_500)],  # ends before it
    ],
)
def test_a_road_that_stays_on_one_side_is_no_link(course):
    assert border_links(roads(course), ZONES).empty


def test_a_road_that_joins_the_border_road_from_one_side_each_is_no_link():
    along = [(5_000, 1_000), (5_000, 3_000)]
    apart = roads(
        along, [(4_000, 1_200), (5_000, 1_200)], [(5_000, 2_800), (6_000, 2_800)]
    )
    assert border_links(apart, ZONES).empty


def test_a_road_that_crosses_three_times_is_three_links():
    course = [(4_000, 1_000), (6_000, 1_000), (6_000, 2_000), (4_000, 2_000),
              (4_000, 3_000), (6_000, 3_000)]  # fmt: skip
    assert counts(border_links(roads(course), ZONES)) == {("sw", "se"): 3}


def test_carriageways_count_once_if_asked():
    pair = roads([(4_000, 1_500), (6_000, 1_500)], [(6_000, 1_530), (4_000, 1_530)])
    assert len(border_links(pair, ZONES)) == 2
    joined = border_links(pair, ZONES, same_place_m=50)
    assert joined["lines"].tolist() == [2]


def test_a_link_has_the_class_that_both_sides_have():
    west, east = [(4_000, 1_500), (5_000, 1_500)], [(5_000, 1_500), (6_000, 1_500)]
    narrowed = roads(west, east, road_class=["motorway", "secondary"])
    assert border_links(narrowed, ZONES)["class"].tolist() == ["secondary"]
    through = roads(west, east, west, road_class=["primary", "primary", "motorway"])
    assert border_links(through, ZONES)["class"].tolist() == ["primary"]


def test_rails_are_told_by_their_mode():
    rails = roads([(4_000, 1_500), (6_000, 1_500)]).assign(mode="hsr")
    links = border_links(rails, ZONES, by="mode")
    found = border_densities(links, WEST_EAST)
    assert found[["class", "links"]].to_numpy().tolist() == [["hsr", 1], ["all", 1]]


def test_a_border_nobody_crosses_has_a_row():
    found = border_densities(border_links(ROADS[:0], ZONES), ZONES)
    assert found[["class", "links", "links_per_km"]].to_numpy().tolist() == [
        ["all", 0, 0.0]
    ] * 4  # fmt: skip


def test_links_of_the_classes_sum_to_all():
    mixed = ROADS.assign(road_class=np.where(np.arange(220) % 3, "primary", "tertiary"))
    found = border_densities(border_links(mixed, ZONES), ZONES)
    each = (
        found[found["class"] != "all"].groupby(["zone_id", "other_id"])["links"].sum()
    )
    assert each.tolist() == [6, 6, 6, 6]


def test_cities_of_the_region_are_linked_as_the_map_shows(czt, network):
    cities = czt.counties.dissolve("city_zh")[["geometry"]]
    links = border_links(network.at(2025).roads.roads, cities)
    found = border_densities(links, cities)
    assert (found[found["class"] == "all"]["links"] >= 5).all()
    # 沪昆高速 and 京港澳高速 among them.
    assert {"motorway", "urban_expressway"} <= set(links["class"])


# Dead ends


GAP = roads([(0, 2_000), (4_700, 2_000)], [(5_100, 2_000), (9_000, 2_000)])


def test_a_road_that_ends_before_the_border_is_a_dead_end():
    found = dead_ends(GAP, ZONES, within_m=500)
    assert found["road_id"].tolist() == ["l0", "l1"]
    assert found["border_m"].tolist() == pytest.approx([300, 100])
    assert found["gap_m"].tolist() == pytest.approx([400, 400])
    assert found["nearest_road_id"].tolist() == ["l1", "l0"]
    there = gpd.GeoSeries([shapely.Point(X + 4_700, Y + 2_000)], crs=ZONES.crs)
    lon, lat = there.to_crs(4326).iloc[0].coords[0]
    assert found[["lon", "lat"]].iloc[0].tolist() == pytest.approx([lon, lat])
    assert found.length.tolist() == pytest.approx([400, 400])


def test_ends_far_from_the_border_do_not_count():
    assert dead_ends(GAP, ZONES, within_m=200)["road_id"].tolist() == ["l1"]


def test_a_road_that_ends_at_another_is_joined():
    tee = roads([(0, 2_000), (4_700, 2_000)], [(4_700, 1_000), (4_700, 4_000)])
    found = dead_ends(tee, WEST_EAST, within_m=500)
    assert "l0" not in set(found["road_id"])


def test_a_town_of_through_streets_has_none():
    assert dead_ends(ROADS, ZONES).empty


def test_an_end_on_the_border_itself_belongs_to_the_side_it_comes_from():
    end = roads([(3_000, 2_000), (5_000, 2_000)], [(6_000, 0), (6_000, 5_000)])
    found = dead_ends(end, WEST_EAST, within_m=500)
    assert found["zone_id"].tolist() == ["sw"]
    assert found["gap_m"].tolist() == pytest.approx([1_000])


def test_without_a_road_beyond_there_is_no_gap_to_tell():
    found = dead_ends(GAP.iloc[[0]], WEST_EAST, within_m=500)
    assert found["gap_m"].isna().tolist() == [True]
    assert found["nearest_road_id"].isna().tolist() == [True]
    assert found.geometry.item().geom_type == "Point"


def test_a_road_does_not_go_on_with_itself():
    # It comes from the east, crosses, and ends 400 m farther.
    hook = roads([(9_000, 2_000), (4_600, 2_000)])
    assert dead_ends(hook, WEST_EAST, within_m=500)["gap_m"].isna().tolist() == [True]


def test_only_classes_asked_for_are_listed_but_all_join():
    mixed = GAP.assign(road_class=["track", "primary"])
    found = dead_ends(mixed, ZONES, within_m=500, classes=["primary"])
    assert found["road_id"].tolist() == ["l1"]
    assert found["nearest_road_id"].tolist() == ["l0"]


def test_a_ring_road_has_no_end():
    ring = roads([(4_000, 1_000), (4_900, 1_000), (4_900, 2_000), (4_000, 1_000)])
    assert dead_ends(ring, ZONES).empty


# Properties


@pytest.mark.parametrize("shift", [(7_000, -3_000), (-20_000.5, 4_444.4)])
def test_moving_the_map_changes_nothing(shift):
    moved = [f.set_geometry(f.translate(*shift)) for f in (ROADS, ZONES, GAP)]
    assert counts(border_links(*moved[:2])) == counts(border_links(ROADS, ZONES))
    here, there = dead_ends(GAP, ZONES), dead_ends(moved[2], moved[1])
    assert there["road_id"].tolist() == here["road_id"].tolist()
    assert there["gap_m"].to_numpy() == pytest.approx(here["gap_m"], abs=1e-6)


def test_drawing_roads_the_other_way_changes_nothing():
    turned = ROADS.set_geometry(shapely.reverse(np.asarray(ROADS.geometry.array)))
    assert counts(border_links(turned, ZONES)) == counts(border_links(ROADS, ZONES))


def test_nothing_is_changed():
    before = ROADS.copy(), ZONES.copy()
    border_links(ROADS, ZONES)
    dead_ends(ROADS, ZONES)
    assert before[0].equals(ROADS)
    assert before[1].equals(ZONES)


def test_nothing_there_is_an_empty_table_of_the_same_shape():
    for found, full in (
        (border_links(ROADS[:0], ZONES), border_links(ROADS, ZONES)),
        (border_links(ROADS, ZONES[:0]), border_links(ROADS, ZONES)),
        (dead_ends(GAP[:0], ZONES), dead_ends(GAP, ZONES)),
        (dead_ends(GAP, ZONES[:0]), dead_ends(GAP, ZONES)),
    ):
        assert found.empty
        assert found.columns.tolist() == full.columns.tolist()
        assert found.crs == ZONES.crs


# Refusals


@pytest.mark.parametrize("measure", [border_links, dead_ends])
def test_bad_frames_are_refused(measure):
    bow = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    wrong = [
        (CRSError, "degree", (GAP.to_crs(4326), ZONES.to_crs(4326))),
        (CRSError, "zones", (GAP, ZONES.to_crs(4326))),
        (CRSError, "no CRS", (GAP.set_crs(None, allow_override=True), ZONES)),
        (SchemaError, "repeats", (GAP.iloc[[0, 0]], ZONES)),
        (SchemaError, "repeats", (GAP, ZONES.iloc[[0, 0]])),
        (SchemaError, "invalid", (GAP, ZONES.iloc[[0]].set_geometry([bow]))),
        (SchemaError, "Polygon", (GAP, GAP)),
    ]
    for error, text, frames in wrong:
        with pytest.raises(error, match=text):
            measure(*frames)


def test_zones_that_overlap_are_refused():
    over = ZONES.loc[["sw", "se"]].buffer(100).to_frame("geometry")
    with pytest.raises(InputError, match="overlap"):
        shared_borders(over)


@pytest.mark.parametrize("metres", [0, -1, np.nan, np.inf])
def test_odd_distances_are_refused(metres):
    for wrong in (
        lambda: border_links(ROADS, ZONES, same_place_m=metres),
        lambda: dead_ends(ROADS, ZONES, within_m=metres),
        lambda: dead_ends(ROADS, ZONES, joined_m=metres),
    ):
        with pytest.raises(InputError, match="above 0"):
            wrong()


def test_missing_classes_are_told():
    bare = GAP[["geometry"]]
    with pytest.raises(InputError, match="no column 'road_class'"):
        border_links(bare, ZONES)
    with pytest.raises(InputError, match="no column 'road_class'"):
        dead_ends(bare, ZONES, classes=["primary"])
    assert len(dead_ends(bare, ZONES, within_m=500)) == 2
