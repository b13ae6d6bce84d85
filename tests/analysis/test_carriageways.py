"""Dual carriageways count once: by hand, by properties, and in Wuhan."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.ops
from shapely import LineString

from ctzgis.analysis.carriageways import carriageway_weights
from ctzgis.errors import CRSError, InputError

X, Y = 500_000.0, 3_100_000.0


def streets(*lines, road_class="primary", **columns):
    moved = shapely.transform(
        np.array([LineString(line) for line in lines]), lambda xy: xy + np.array([X, Y])
    )
    frame = gpd.GeoDataFrame(geometry=moved, crs=4547)
    return frame.assign(road_class=road_class, **columns)


def km(frame, **options):
    return float((frame.length * carriageway_weights(frame, **options)).sum() / 1000)


EAST, WEST = [(0, 0), (1000, 0)], [(1000, 20), (0, 20)]


def test_a_divided_arterial_with_three_cross_streets_is_2200_m():
    cross = [[(x, -190), (x, 210)] for x in (100, 500, 900)]
    frame = streets(EAST, WEST, *cross)
    frame["road_class"] = ["primary"] * 2 + ["residential"] * 3
    assert frame.length.sum() == 3200
    assert km(frame) == pytest.approx(2.2)


def test_each_carriageway_counts_half():
    assert carriageway_weights(streets(EAST, WEST)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ([(0, 20), (1000, 20)], "drawn the same way"),
        ([(1000, -20), (0, -20)], "on the right, where nothing comes towards one"),
        ([(1000, 150), (0, 150)], "a block away"),
        ([(1000, 1), (0, 1)], "the same line drawn twice"),
        ([(1000, 300), (500, 20), (0, -300)], "across"),
    ],
)
def test_other_pairs_are_two_roads(other, why):
    assert carriageway_weights(streets(EAST, other)).min() > 0.95, why


def test_in_left_hand_traffic_the_other_side_is_the_right():
    frame = streets(EAST, [(1000, -20), (0, -20)])
    assert carriageway_weights(frame, traffic="left").tolist() == [0.5, 0.5]
    assert carriageway_weights(streets(EAST, WEST), traffic="left").tolist() == [1, 1]


def test_roads_of_another_class_or_level_are_no_pair():
    assert km(streets(EAST, WEST, road_class=["primary", "secondary"])) == 2
    assert km(streets(EAST, WEST, layer=[1, 0])) == 2
    assert km(streets(EAST, WEST, layer=[1, 1])) == 1


def test_local_streets_side_by_side_stay_two_unless_they_are_one_way():
    assert km(streets(EAST, WEST, road_class="residential")) == 2
    assert km(streets(EAST, WEST, road_class="residential", oneway=True)) == 1
    assert km(streets(EAST, WEST, oneway=[True, False])) == 2


def test_ramps_and_rings_are_no_carriageways():
    assert km(streets(EAST, WEST, road_class="primary_link")) == 2
    assert km(streets(EAST, WEST, roundabout=True)) == 2


def test_frontage_roads_outside_count_for_themselves():
    # Main carriageways 20 m apart, frontage roads of the same class 12 m outside.
    frame = streets(EAST, WEST, [(0, -12), (1000, -12)], [(1000, 32), (0, 32)])
    assert carriageway_weights(frame).tolist() == [0.5, 0.5, 1, 1]


def test_where_carriageways_run_apart_both_count():
    # The second leaves the first half way, by 500 m in 500 m.
    frame = streets(EAST, [(1000, 520), (500, 20), (0, 20)])
    weights = carriageway_weights(frame)
    assert weights.iloc[0] == pytest.approx(0.75, abs=0.03)
    half = 500 / frame.length.iloc[1]
    assert weights.iloc[1] == pytest.approx(1 - half / 2, abs=0.03)


def test_a_curved_pair_is_one_road():
    angle = np.linspace(0, np.pi / 2, 40)
    inner, outer = (
        np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1) for r in (800, 820)
    )
    # Counter-clockwise drivers have the centre on their left: the outer lane is theirs.
    frame = streets(outer, inner[::-1])
    assert carriageway_weights(frame).max() < 0.52


def test_a_gap_at_a_junction_is_bridged():
    # The other carriageway spreads to 80 m for 40 m of way.
    bulge = [(1000, 20), (540, 20), (530, 80), (490, 80), (480, 20), (0, 20)]
    narrow, bridged = (
        carriageway_weights(streets(EAST, bulge), bridge_m=bridge_m).iloc[0]
        for bridge_m in (1, 80)
    )
    assert narrow > 0.505
    assert bridged == pytest.approx(0.5)


def town(seed):
    draw = np.random.default_rng(seed)
    lines = []
    for k in range(6):
        y = 300 * k
        wave = np.cumsum(draw.normal(0, 2, 21))
        x = np.linspace(0, 2000, 21)
        lines.append(np.stack([x, y + wave], axis=1))
        if k % 2:
            lines.append(np.stack([x, y + wave + 22], axis=1)[::-1])
    return streets(*lines)


@pytest.mark.parametrize("seed", range(3))
def test_splitting_turning_moving_and_sorting_change_nothing(seed):
    frame = town(seed)
    base = km(frame)
    assert base == pytest.approx(frame.length.sum() / 1000 - 6, abs=0.4)
    turned = frame.set_geometry(frame.geometry.rotate(37, origin=(X, Y)))
    assert km(turned) == pytest.approx(base, abs=0.05)
    moved = frame.set_geometry(frame.geometry.translate(1234.5, -987.6))
    assert km(moved) == pytest.approx(base, abs=0.02)
    assert km(frame.sample(frac=1, random_state=seed)) == pytest.approx(base)
    back = frame.set_geometry(frame.geometry.reverse())
    assert km(back, traffic="left") == pytest.approx(base, abs=0.05)
    halves = pd.concat(
        [
            frame.set_geometry(
                [
                    shapely.ops.substring(line, *part, normalized=True)
                    for line in frame.geometry
                ],
                crs=frame.crs,
            )
            for part in ((0, 0.37), (0.37, 1))
        ],
        ignore_index=True,
    )
    assert km(halves) == pytest.approx(base, abs=0.1)


def test_weights_have_the_index_of_the_streets_and_stay_in_bounds():
    frame = town(5).set_axis([f"s{i}" for i in range(9)])
    weights = carriageway_weights(frame)
    assert weights.index.equals(frame.index)
    assert weights.between(0.5, 1).all()
    assert weights.name == "carriageway_weight"


def test_lines_without_length_and_of_several_parts_do_no_harm():
    frame = streets(EAST, WEST)
    parts = shapely.multilinestrings(
        [shapely.transform(frame.geometry.iloc[0], lambda p: p)]
    )
    odd = gpd.GeoDataFrame(
        {"road_class": ["primary"] * 3},
        geometry=[
            parts,
            frame.geometry.iloc[1],
            LineString([(X, Y), (X, Y)]),
        ],
        crs=4547,
    )
    assert carriageway_weights(odd).tolist() == [0.5, 0.5, 1]
    assert carriageway_weights(odd.iloc[:0]).empty


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"within_m": 0}, "within_m is 0"),
        ({"step_m": np.nan}, "step_m is nan"),
        ({"bridge_m": -1}, "bridge_m is -1"),
        ({"angle_deg": 90}, "angle_deg is 90"),
        ({"traffic": "both"}, "traffic is 'both'"),
    ],
)
def test_impossible_options_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        carriageway_weights(streets(EAST, WEST), **options)


def test_what_cannot_be_paired_is_refused():
    with pytest.raises(InputError, match="road_class"):
        carriageway_weights(streets(EAST).drop(columns="road_class"))
    with pytest.raises(CRSError):
        carriageway_weights(streets(EAST).to_crs(4326))


def test_wuhan_is_within_a_tenth_of_the_centre_lines_of_neatnet(real_data):
    folder = real_data / "wuhan_streets"
    raw = gpd.read_parquet(folder / "streets.parquet").to_crs(4547)
    frame = raw.assign(
        road_class=raw["highway"].map(lambda v: v if isinstance(v, str) else v[0])
    )
    counted = frame.length * carriageway_weights(frame) / 1000
    ramps = frame["road_class"].str.endswith("_link")
    peer = gpd.read_parquet(folder / "centre_lines_by_neatnet.parquet")
    # neatnet takes most ramps away with the carriageways; ours stay, to be dropped by rule.
    assert frame.length.sum() / 1000 == pytest.approx(7182, abs=5)
    assert counted[~ramps].sum() == pytest.approx(peer.length.sum() / 1000, rel=0.1)
