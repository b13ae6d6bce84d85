"""The integration index: scores, joining, sensitivity."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctzgis.assessment.index_components import COMPONENTS, REGION
from ctzgis.assessment.index_scores import joined, score
from ctzgis.assessment.index_sensitivity import (
    WEIGHT_SHARE,
    index_change,
    index_sensitivity,
)
from ctzgis.assessment.integration_index import Reading, Term, integration_index
from ctzgis.errors import InputError
from ctzgis.texts import Text

TIME = Term(id="centre_drive_free", weight=3, goal=30, floor=90)
ROADS = Term(id="fast_roads", weight=1, goal=8, floor=0)
TERMS = (TIME, ROADS)


def readings(minutes, roads, subject="a–b"):
    return [
        Reading(component="centre_drive_free", subject=subject, value=minutes),
        Reading(component="fast_roads", subject=subject, value=roads),
    ]


def value(*args, terms=TERMS, how="linear"):
    return integration_index(readings(*args), terms, aggregation=how)[0].value


@pytest.mark.parametrize(
    ("minutes", "points"),
    [(20, 100), (30, 100), (45, 75), (60, 50), (90, 0), (120, 0)],
)
def test_a_time_scores_between_floor_and_goal_and_no_further(minutes, points):
    assert score(minutes, goal=30, floor=90) == points


def test_the_linear_index_is_the_weighted_mean_of_scores():
    # 60 min: 50 points, weight 3; 2 roads of 8: 25 points, weight 1.
    assert value(60.0, 2.0) == (3 * 50 + 25) / 4


def test_the_geometric_index_is_that_of_scores_plus_one():
    assert value(60.0, 2.0, how="geometric") == pytest.approx(
        (51**3 * 26) ** 0.25 - 1, rel=1e-12
    )


@pytest.mark.parametrize("how", ["linear", "geometric"])
def test_all_at_their_goals_are_a_hundred_and_all_at_their_floors_none(how):
    assert value(30.0, 8.0, how=how) == pytest.approx(100, abs=1e-9)
    assert value(90.0, 0.0, how=how) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("how", ["linear", "geometric"])
@settings(deadline=None, max_examples=60)
@given(
    minutes=st.floats(5, 150), saved=st.floats(0, 100), roads=st.floats(0, 20)
)  # fmt: skip
def test_a_quicker_trip_never_lowers_the_index(how, minutes, saved, roads):
    quicker = max(minutes - saved, 0.0)
    assert value(quicker, roads, how=how) >= value(minutes, roads, how=how) - 1e-9


@pytest.mark.parametrize("how", ["linear", "geometric"])
@settings(deadline=None, max_examples=60)
@given(factor=st.floats(0.01, 1000), minutes=st.floats(20, 100))
def test_weights_count_against_each_other_only(how, factor, minutes):
    scaled = [replace(term, weight=term.weight * factor) for term in TERMS]
    assert value(minutes, 3.0, terms=scaled, how=how) == pytest.approx(
        value(minutes, 3.0, how=how)
    )


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 9)), min_size=1, max_size=8),
    st.randoms(),
)
def test_the_order_of_components_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    for how in ("linear", "geometric"):
        one, other = (
            joined(*np.array(p, dtype=float).T, how) for p in (pairs, shuffled)
        )
        assert one == pytest.approx(float(other))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 9)), min_size=1, max_size=8)
)
def test_weak_scores_weigh_more_in_the_geometric_index(pairs):
    values, weights = np.array(pairs, dtype=float).T
    low = joined(values, weights, "geometric")
    assert low <= joined(values, weights, "linear") + 1e-9


def test_what_is_missing_does_not_count_and_is_not_zero():
    terms = (TIME, replace(ROADS, weight=1))
    missing = Reading(
        component="fast_roads", subject="a–b", value=None, reason=Text("无", "none")
    )
    found = integration_index([readings(60.0, 2.0)[0], missing], terms)[0]
    assert found.value == 50
    assert found.assessed_share == 0.75
    assert found.scored[1].score is None
    assert found.scored[1].reading.reason.en == "none"


def test_with_too_little_of_its_weight_assessed_there_is_no_index():
    found = integration_index(readings(60.0, 2.0)[1:], TERMS)[0]
    assert found.assessed_share == 0.25
    assert found.value is None
    assert index_sensitivity(readings(60.0, 2.0)[1:], TERMS) == ()


def test_no_way_is_a_fact_and_scores_nothing():
    none = replace(readings(60.0, 8.0)[0], value=None, no_way=True)
    found = integration_index([none, readings(60.0, 8.0)[1]], TERMS)[0]
    assert found.value == (3 * 0 + 100) / 4
    # A first way, however slow, does not lower it.
    assert value(300.0, 8.0) >= found.value


def test_the_region_is_the_mean_of_its_pairs():
    both = [*readings(60.0, 2.0, "a–b"), *readings(30.0, 8.0, "a–c")]
    ab, ac, region = integration_index(both, TERMS)
    assert region.subject == REGION
    assert region.value == (ab.value + ac.value) / 2
    assert region.scored[0].reading.value == 45


def test_a_pair_beyond_its_goal_does_not_make_up_for_another():
    # 10 and 90 min are 50 on average, yet half of the pairs are at the floor.
    both = [*readings(10.0, 8.0, "a–b"), *readings(90.0, 8.0, "a–c")]
    region = integration_index(both, (TIME,))[-1]
    assert region.value == 50


def test_what_is_measured_for_the_region_counts_for_it_alone():
    people = Term(id="two_centres_30", weight=4, goal=1, floor=0)
    seen = Reading(component="two_centres_30", subject=REGION, value=0.2)
    pair, region = integration_index([*readings(60.0, 2.0), seen], (*TERMS, people))
    assert pair.value == value(60.0, 2.0)
    # 43.75 with weight 4, 20 with weight 4.
    assert region.value == pytest.approx((43.75 + 20) / 2)


def test_a_region_tells_how_many_of_its_pairs_were_assessed():
    both = [*readings(60.0, 2.0, "a–b"), readings(30.0, 8.0, "a–c")[0]]
    region = integration_index(both, TERMS)[-1]
    assert region.scored[1].reading.reason.en == "mean of 1 of 2 pairs"


def test_the_range_holds_the_index_and_takes_the_right_end_of_times():
    ranged = [
        Reading(component="centre_drive_free", subject="a–b", value=60.0, low=45.0, high=75.0),
        Reading(component="fast_roads", subject="a–b", value=2.0, low=0.0, high=4.0),
    ]  # fmt: skip
    found = integration_index(ranged, TERMS)[0]
    assert found.low == (3 * 25 + 0) / 4
    assert found.high == (3 * 75 + 50) / 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "gdp"}, "no component"),
        ({"weight": -1}, "0 to 1,000,000"),
        ({"weight": float("nan")}, "0 to 1,000,000"),
        ({"floor": 30}, "a floor above the goal"),
        ({"floor": 10}, "a floor above the goal"),
        ({"goal": float("nan")}, "a floor above the goal"),
    ],
)
def test_a_wrong_term_is_refused(change, words):
    with pytest.raises(InputError, match=words):
        replace(TIME, **change)


def test_readings_and_terms_that_stand_twice_are_refused():
    with pytest.raises(InputError, match="'fast_roads' counts twice"):
        integration_index(readings(60.0, 2.0), (*TERMS, ROADS))
    with pytest.raises(InputError, match="'fast_roads' is measured twice of 'a–b'"):
        integration_index([*readings(60.0, 2.0), readings(1.0, 1.0)[1]], TERMS)


def test_an_index_without_weights_or_of_another_joining_is_refused():
    none = [replace(term, weight=0) for term in TERMS]
    with pytest.raises(InputError, match="weight above 0"):
        integration_index(readings(60.0, 2.0), none)
    with pytest.raises(InputError, match="'linear' or 'geometric'"):
        integration_index(readings(60.0, 2.0), TERMS, aggregation="median")


def test_every_component_has_a_dimension_words_and_an_accuracy():
    for key, part in COMPONENTS.items():
        assert key == part.id
        assert part.dimension in ("time", "links", "reach")
        assert all((*part.name, *part.method, *part.accuracy))


# Sensitivity


def test_floors_move_as_far_as_by_hand():
    found = index_sensitivity(readings(60.0, 8.0), (TIME,))[0]
    # Floors of 75 and 105 min: (75 − 60) / 45 and (105 − 60) / 75.
    assert found.floors.low == pytest.approx(100 * 15 / 45)
    assert found.floors.high == pytest.approx(60)


def test_each_component_is_left_out_once():
    found = index_sensitivity(readings(60.0, 8.0), TERMS)[0]
    assert (found.without.low, found.without.high) == (50, 100)
    assert found.without_ids == ("fast_roads", "centre_drive_free")


def test_weights_move_the_index_no_further_than_they_may():
    found = index_sensitivity(readings(60.0, 8.0), TERMS)[0]
    # 50 points with weight 3, 100 points with weight 1, each ±50 %.
    least, most = 3 * (1 - WEIGHT_SHARE), 3 * (1 + WEIGHT_SHARE)
    bounds = [
        (50 * most + 100 * 0.5) / (most + 0.5),
        (50 * least + 100 * 1.5) / (least + 1.5),
    ]
    assert bounds[0] < found.weights.low < 62.5 < found.weights.high < bounds[1]


def test_equal_scores_do_not_move_with_weights():
    found = index_sensitivity(readings(60.0, 4.0), TERMS)[0]
    assert found.weights.low == pytest.approx(50)
    assert found.weights.high == pytest.approx(50)


def test_the_same_seed_gives_the_same_ranges_and_another_other_ones():
    one, same, other = (
        index_sensitivity(readings(60.0, 8.0), TERMS, seed=seed)[0]
        for seed in (1, 1, 2)
    )
    assert one.everything == same.everything
    assert one.everything != other.everything


def test_ranks_are_certain_where_one_pair_is_better_in_everything():
    both = [*readings(80.0, 1.0, "a–b"), *readings(40.0, 7.0, "a–c")]
    ab, ac, region = index_sensitivity(both, TERMS)
    assert (ac.rank, ac.best_rank, ac.worst_rank) == (1, 1, 1)
    assert (ab.rank, ab.best_rank, ab.worst_rank) == (2, 2, 2)
    assert region.rank is None


def test_ranks_are_open_where_weights_decide_them():
    both = [*readings(60.0, 8.0, "a–b"), *readings(45.0, 2.1, "a–c")]
    even = (replace(TIME, weight=2), replace(ROADS, weight=1))
    found = index_sensitivity(both, even)[:2]
    assert {(f.best_rank, f.worst_rank) for f in found} == {(1, 2)}


def test_a_change_is_more_certain_than_either_index():
    first = [
        replace(r, low=r.value * 0.8, high=r.value * 1.2) for r in readings(60.0, 4.0)
    ]
    second = [
        replace(r, low=r.value * 0.8, high=r.value * 1.2) for r in readings(50.0, 5.0)
    ]
    before, after = (index_sensitivity(r, TERMS) for r in (first, second))
    change = index_change(before, after)[0]
    assert change.value == pytest.approx(after[0].value - before[0].value)
    assert change.same_sign_share == 1
    wide = before[0].everything.high - before[0].everything.low
    assert change.span.high - change.span.low < wide / 2


def test_draws_of_different_number_are_not_compared():
    one, other = (
        index_sensitivity(readings(60.0, 4.0), TERMS, draws=draws) for draws in (10, 20)
    )
    with pytest.raises(InputError, match="10 and 20 draws"):
        index_change(one, other)
    with pytest.raises(InputError, match="1 or more"):
        index_sensitivity(readings(60.0, 4.0), TERMS, draws=0)
