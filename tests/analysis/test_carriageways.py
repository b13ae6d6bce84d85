"""Roads of several carriageways count once: answers by hand, properties, real cities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

from ctzgis.analysis.streets.carriageways import (
    CarriagewayRules,
    carriageway_pieces,
    carriageway_weights,
    drawn_traffic,
)
from ctzgis.errors import CRSError, InputError, SchemaError

FORTH, BACK = [(0, 0), (1000, 0)], [(1000, 20), (0, 20)]


def drawn(*lines, crs="EPSG:4547", **columns):
    """Streets from lists of places; one-way unless said otherwise."""
    columns.setdefault("oneway", [True] * len(lines))
    return gpd.GeoDataFrame(columns, geometry=[LineString(xy) for xy in lines], crs=crs)


def road_m(streets, **rules):
    """Metres of roads, by weights; pieces must say the same."""
    rules = CarriagewayRules(**rules)
    weights = carriageway_weights(streets, rules=rules)
    pieces = carriageway_pieces(streets, rules=rules)
    total = float((weights * streets.length).sum())
    assert (pieces.length * pieces["weight"]).sum() == pytest.approx(total)
    assert pieces.length.sum() == pytest.approx(streets.length.sum())
    return total


def avenue(y=0.0, *, median=20.0, long=1000.0):
    """Two carriageways of right-hand traffic."""
    return [(0, y), (long, y)], [(long, y + median), (0, y + median)]


def ring(radius, *, clockwise=False, parts=1, pieces=180):
    turn = np.linspace(0, 2 * np.pi, pieces + 1) * (-1 if clockwise else 1)
    xy = radius * np.column_stack([np.cos(turn), np.sin(turn)])
    size = pieces // parts
    return [xy[k * size : (k + 1) * size + 1].tolist() for k in range(parts)]


# One road


def test_a_divided_arterial_and_its_cross_streets_are_2200_m():
    # 1 km of two carriageways and three cross streets of 400 m, which OSMnx makes 3,200 m.
    cross = [[(x, -190), (x, 0), (x, 20), (x, 210)] for x in (0, 500, 1000)]
    streets = drawn(FORTH, BACK, *cross, oneway=[True, True, False, False, False])
    assert road_m(streets) == pytest.approx(2200)


def test_cut_at_its_junctions_the_arterial_is_as_long():
    halves = [[(0, 0), (500, 0)], [(500, 0), (1000, 0)], [(1000, 20), (0, 20)]]
    cross = [[(500, -190), (500, 0)], [(500, 0), (500, 20)], [(500, 20), (500, 210)]]
    streets = drawn(*halves, *cross, oneway=[True] * 3 + [False] * 3)
    assert road_m(streets) == pytest.approx(1400)


def test_a_one_way_pair_of_one_name_40_m_apart_is_one_road():
    assert road_m(drawn(*avenue(median=40), name_zh=["解放路"] * 2)) == 1000


def test_what_one_carriageway_lacks_the_other_counts_in_full():
    # Forth 1,000 m; back 300 + 500 m, of which a break of 200 m is nobody's.
    streets = drawn(FORTH, [(1000, 20), (700, 20)], [(500, 20), (0, 20)])
    assert road_m(streets) == pytest.approx(1000)
    assert carriageway_weights(streets).tolist() == pytest.approx([0.6, 0.5, 0.5])


def test_a_curved_pair_is_as_long_as_the_middle_between_them():
    inner, outer = 300.0, 320.0
    streets = drawn(*ring(outer, parts=2), *ring(inner, clockwise=True, parts=2))
    # Polygons of 180 sides; the outer is drawn anticlockwise, as right-hand traffic has it.
    middle = 360 * 310 * np.sin(np.pi / 180)
    assert road_m(streets) == pytest.approx(middle, rel=1e-4)


def test_carriageways_that_part_count_each_where_they_are_further_apart():
    # From 20 m the return carriageway goes off at 10°: 50 m are reached after 170.1 m.
    away = 1000 * np.tan(np.radians(10))
    streets = drawn([(0, 0), (1000, 0)], [(1000, 20 + away), (0, 20)])
    one = 30 / np.tan(np.radians(10))
    whole = streets.length.sum()
    found = road_m(streets)
    # The slanting one sees it along its own normal, so that its end differs by a little.
    assert found == pytest.approx(whole - one / 2 - one / 2, abs=12)


# Roads of their own


def test_one_way_streets_150_m_apart_are_two_roads():
    assert road_m(drawn(*avenue(median=150))) == 2000


def test_one_way_streets_of_two_names_are_two_roads():
    assert road_m(drawn(*avenue(), name_zh=["黄兴路", "蔡锷路"])) == 2000


def test_a_shared_route_number_outdoes_two_names():
    streets = drawn(*avenue(), name_zh=["黄兴路", "蔡锷路"], ref=["G107", "G107"])
    assert road_m(streets) == 1000


def test_two_way_streets_never_pair():
    assert road_m(drawn(FORTH, BACK, oneway=[False, False])) == 2000
    assert road_m(drawn(FORTH, BACK, oneway=[True, False])) == 2000


def test_lines_of_one_direction_alone_are_two_roads():
    assert road_m(drawn(FORTH, [(0, 20), (1000, 20)])) == 2000


def test_the_wrong_hand_is_no_pair_but_where_traffic_keeps_left():
    mirrored = drawn(FORTH, [(1000, -20), (0, -20)])
    assert road_m(mirrored) == 2000
    assert road_m(mirrored, traffic="left") == 1000
    assert road_m(mirrored, traffic="undirected") == 1000


def test_two_divided_roads_30_m_apart_are_two_roads():
    assert road_m(drawn(*avenue(), *avenue(y=50))) == pytest.approx(2000)


def test_lines_at_right_angles_never_pair():
    assert road_m(drawn(FORTH, [(500, -500), (500, 500)])) == 2000


@pytest.mark.parametrize("kind", ["service", "track", "path", "ferry"])
def test_what_is_no_public_road_never_pairs(kind):
    assert road_m(drawn(FORTH, BACK, road_class=[kind, kind])) == 2000


# Several carriageways

FOUR = [
    [(0, -12), (1000, -12)], FORTH, [(1000, 15), (0, 15)], [(1000, 27), (0, 27)],
]  # fmt: skip


def test_side_roads_are_part_of_their_road():
    names = ["湘江路辅路", "湘江路", "湘江路", "湘江路(辅路)"]
    streets = drawn(*FOUR, name_zh=names)
    assert carriageway_weights(streets).tolist() == [0.25] * 4


def test_side_roads_of_a_class_of_their_own_are_a_road_apart():
    classes = ["tertiary", "primary", "primary", "tertiary"]
    streets = drawn(*FOUR, road_class=classes)
    assert road_m(streets) == 1000
    assert road_m(streets, side_roads="apart") == 2000


def test_one_side_road_makes_three_carriageways():
    streets = drawn(*FOUR[:3])
    assert carriageway_weights(streets).tolist() == pytest.approx([1 / 3] * 3)


def test_a_viaduct_over_a_divided_road_is_a_road_of_its_own():
    streets = drawn(*FOUR, level=[0, 1, 1, 0])
    assert road_m(streets) == 2000
    assert road_m(streets.drop(columns="level")) == 1000


# What lines do not say


def test_lines_that_do_not_say_whether_they_are_one_way():
    def unstated(median, kind):
        streets = drawn(*avenue(median=median), road_class=[kind] * 2)
        return streets.drop(columns="oneway")

    assert road_m(unstated(40, "primary")) == 1000
    assert road_m(unstated(40, "residential")) == 2000
    assert road_m(unstated(25, "residential")) == 1000
    assert road_m(unstated(25, "residential"), unstated_within_m=0) == 2000


def test_a_flagged_roundabout_counts_in_full_an_unflagged_narrow_ring_half():
    small = ring(20)
    length = drawn(*small).length.sum()
    assert road_m(drawn(*small, roundabout=[True])) == pytest.approx(length)
    assert road_m(drawn(*small)) == pytest.approx(length / 2, rel=0.02)
    wide = drawn(*ring(60))
    assert road_m(wide) == pytest.approx(wide.length.sum())


# Junctions


def jogged(dy=12.0):
    """An avenue whose return carriageway stands askew (31°) along 20 m."""
    back = [(1000, 20), (510, 20), (490, 20 + dy), (0, 20 + dy)]
    return drawn(FORTH, back)


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    # Forth counts half; back, too, with its 20 m drawn askew as 23.3 m.
    askew = np.hypot(20, 12)
    assert road_m(jogged()) == pytest.approx(980 + (20 + askew) / 2, abs=0.01)
    # Without it 20 m count in full on both; each end by where the normals meet.
    assert road_m(jogged(), bridge_m=0) == pytest.approx(980 + 20 + askew, abs=6)


def test_the_bridge_holds_across_rows():
    whole = jogged()
    forth = [[(0, 0), (495, 0)], [(495, 0), (504, 0)], [(504, 0), (1000, 0)]]
    back = list(whole.geometry[1].coords)
    cut = drawn(*forth, *[back[k : k + 2] for k in range(3)])
    assert road_m(cut) == pytest.approx(road_m(whole))


# Properties

places = st.integers(-120, 120)
streets_of_a_kind = st.lists(
    st.tuples(places, places, places, places).filter(
        lambda p: np.hypot(p[0] - p[2], p[1] - p[3]) > 5
    ),
    min_size=1,
    max_size=7,
)


def random_streets(ends):
    return drawn(*[[(a * 1.7, b * 0.4), (c * 1.7, d * 0.4)] for a, b, c, d in ends])


@given(streets_of_a_kind)
@settings(max_examples=25, deadline=None)
def test_weights_are_shares(ends):
    weights = carriageway_weights(random_streets(ends))
    assert ((weights > 0) & (weights <= 1 + 1e-12)).all()


@given(streets_of_a_kind, st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_splitting_lines_changes_nothing(ends, parts):
    streets = random_streets(ends)
    cut = drawn(
        *[
            [line.interpolate(k / parts, normalized=True) for k in (i, i + 1)]
            for line in streets.geometry
            for i in range(parts)
        ]
    )
    assert road_m(cut) == pytest.approx(road_m(streets), abs=1e-3)


@given(
    streets_of_a_kind,
    st.floats(0, 360),
    st.floats(-3e4, 3e4),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_moving_turning_and_shuffling_change_nothing(ends, degrees, shift, random):
    streets = random_streets(ends)
    order = random.sample(range(len(streets)), len(streets))
    moved = streets.iloc[order].copy()
    moved["geometry"] = moved.rotate(degrees, origin=(0, 0)).translate(shift, -shift)
    expected = (carriageway_weights(streets) * streets.length).sum()
    assert road_m(moved) == pytest.approx(expected, abs=1e-3)


@given(streets_of_a_kind)
@settings(max_examples=20, deadline=None)
def test_reversing_every_line_mirrors_the_traffic(ends):
    streets = random_streets(ends)
    turned = streets.set_geometry(streets.reverse())
    expected = road_m(streets, bridge_m=0)
    assert road_m(turned, traffic="left", bridge_m=0) == pytest.approx(expected)


def test_a_pair_drawn_the_other_way_round_is_one_where_no_direction_is_drawn():
    turned = drawn(FORTH[::-1], BACK)
    assert road_m(turned) == 2000
    assert road_m(turned, traffic="undirected") == 1000


def test_the_hand_of_traffic_is_told_by_the_pairs():
    right, left = drawn(FORTH, BACK), drawn(FORTH[::-1], BACK[::-1])
    both = drawn(FORTH, BACK, [(1000, 500), (0, 500)], [(0, 520), (1000, 520)])
    none = drawn(FORTH)
    found = [drawn_traffic(streets) for streets in (right, left, both, none)]
    assert found == ["right", "left", "undirected", "undirected"]


# Frames


def test_the_frame_is_left_as_it_was_and_its_index_kept():
    streets = drawn(FORTH, BACK)
    streets.index = ["forth", "back"]
    before = streets.copy()
    assert carriageway_weights(streets).index.tolist() == ["forth", "back"]
    assert carriageway_pieces(streets)["street"].tolist() == ["forth", "back"]
    pd.testing.assert_frame_equal(streets, before)


def test_pieces_keep_their_vertices_and_parts():
    bent = LineString([(0, 0), (250, 0), (600, 5)])
    two = MultiLineString([bent, LineString([(700, 0), (700, 90)])])
    streets = gpd.GeoDataFrame({"oneway": [True]}, geometry=[two], crs="EPSG:4547")
    pieces = carriageway_pieces(streets)
    assert [shapely.get_coordinates(g).tolist() for g in pieces.geometry] == [
        shapely.get_coordinates(part).tolist() for part in two.geoms
    ]


def test_no_streets_have_no_weights_and_no_pieces():
    none = drawn(FORTH).iloc[:0]
    assert carriageway_weights(none).empty
    assert carriageway_pieces(none).columns.tolist() == ["street", "weight", "geometry"]


def test_a_line_of_length_zero_weighs_one_and_has_no_piece():
    streets = drawn(FORTH, [(5, 5), (5, 5)])
    assert carriageway_weights(streets).tolist() == [1, 1]
    assert carriageway_pieces(streets)["street"].tolist() == [0]


def test_lines_at_the_ends_of_the_world_need_no_memory():
    west, east = [(-8e6, -9e6), (-8e6, -9e6 + 500)], [(9e6, 9e6), (9e6, 9e6 - 500)]
    assert road_m(drawn(FORTH, BACK, west, east)) == pytest.approx(2000)


# Refusals


def test_degrees_are_refused():
    with pytest.raises(CRSError, match="degree"):
        carriageway_weights(drawn(FORTH, crs="EPSG:4326"))


def test_a_level_that_is_no_number_is_refused():
    with pytest.raises(SchemaError, match="level"):
        carriageway_weights(drawn(FORTH, level=["up"]))


def test_a_direction_that_is_no_flag_is_refused():
    with pytest.raises(SchemaError, match="oneway"):
        carriageway_weights(drawn(FORTH, oneway=["yes"]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"within_m": -1},
        {"within_m": float("nan")},
        {"angle_deg": 60},
        {"traffic": "both"},
        {"side_roads": "half"},
    ],
)
def test_rules_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))} must be"):
        CarriagewayRules(**wrong)


# Real cities


@pytest.fixture(scope="module")
def wuhan(real_data):
    from ctzgis.network.osm_tags import road_class_of

    file = real_data / "wuhan_streets" / "streets.parquet"
    streets = gpd.read_parquet(file).reset_index(drop=True)
    kinds = streets["highway"].astype(str)
    streets["road_class"] = kinds.map(road_class_of)
    return streets[["highway", "road_class", "geometry"]]


def test_wuhans_roads_are_within_a_tenth_of_neatnets_centre_lines(real_data, wuhan):
    peer = gpd.read_parquet(
        real_data / "wuhan_streets" / "centre_lines_by_neatnet.parquet"
    )
    km = (carriageway_weights(wuhan) * wuhan.length).sum() / 1000
    assert km == pytest.approx(peer.length.sum() / 1000, rel=0.1)


def test_hardly_a_road_of_wuhan_pairs_on_the_wrong_hand(wuhan):
    # Traffic keeps right: what pairs on the left are chance and mistakes (3.6 %).
    wrong = carriageway_weights(wuhan, rules=CarriagewayRules(traffic="left"))
    right = carriageway_weights(wuhan)
    saved, by_chance = (((1 - w) * wuhan.length).sum() for w in (right, wrong))
    assert by_chance < 0.05 * saved


def test_wuhan_is_drawn_as_traffic_goes_and_changsha_against_it(
    wuhan, changsha_streets
):
    assert drawn_traffic(wuhan) == "right"
    assert drawn_traffic(gpd.read_file(changsha_streets)) == "left"


def test_in_porto_what_lines_do_not_say_is_guessed_to_one_percent(real_data):
    from ctzgis.sources.osm.roads import read_osm

    roads = read_osm(real_data / "porto" / "porto_portugal.osm.pbf").roads
    roads = roads[~roads["link"] & ~roads["road_class"].isin(["service", "track"])]
    told = (carriageway_weights(roads) * roads.length).sum()
    silent = roads.drop(columns="oneway")
    assert (carriageway_weights(silent) * roads.length).sum() == pytest.approx(
        told, rel=0.01
    )
