from dataclasses import replace

import pytest

from ctzgis.assessment import Measured, Status, judge
from ctzgis.assessment.units import demand
from ctzgis.plan import Comparator, Direction, Superseded
from ctzgis.texts import Text


def measured(value, low=None, high=None, **changes):
    return replace(
        Measured(
            indicator="x",
            label=Text("甲", "x"),
            subject=Text("乙", "y"),
            value=value,
            low=low,
            high=high,
            unit="min",
            method=Text("法", "m"),
            accuracy=Text("精", "a"),
            inputs=("roads.geojson",),
            schematic=True,
        ),
        **changes,
    )


def status(plan, target, found, year=2020):
    return judge(plan, target, found, year=year).status


@pytest.fixture
def half_hour(czt):
    return czt.target("t000_half_hour")


@pytest.mark.parametrize(
    ("comparator", "direction", "met"),
    [
        (Comparator.LESS, Direction.RISING, [0, 28.5, 29.9]),
        (Comparator.AT_MOST, Direction.RISING, [0, 28.5, 29.9, 30]),
        (Comparator.EQUAL, Direction.RISING, [30, 30.1, 31.5, 60]),
        (Comparator.EQUAL, Direction.FALLING, [0, 28.5, 29.9, 30]),
        (Comparator.EQUAL, Direction.EXACT, [30]),
        (Comparator.AT_LEAST, Direction.RISING, [30, 30.1, 31.5, 60]),
        (Comparator.MORE, Direction.RISING, [30.1, 31.5, 60]),
        (Comparator.ABOUT, Direction.EXACT, [28.5, 29.9, 30, 30.1, 31.5]),
        (Comparator.ABOUT, Direction.RISING, [28.5, 29.9, 30, 30.1, 31.5, 60]),
        (Comparator.ABOUT, Direction.FALLING, [0, 28.5, 29.9, 30, 30.1, 31.5]),
    ],
)
def test_a_comparator_means_what_the_document_means(
    czt, half_hour, comparator, direction, met
):
    target = replace(half_hour, comparator=comparator, direction=direction)
    values = [0, 28.5, 29.9, 30, 30.1, 31.5, 60]
    assert [v for v in values if status(czt, target, measured(v)) is Status.MET] == met


def test_a_value_whose_accuracy_spans_the_target_is_not_judged(czt, half_hour):
    finding = judge(czt, half_hour, measured(32.7, 27.8, 37.6), year=2025)
    assert finding.status is Status.NOT_ASSESSABLE
    assert finding.reason.en == (
        "the data cannot tell: the true value lies in 28–38 min, which spans the target"
    )


def test_a_range_that_ends_on_the_target_but_for_rounding_is_not_judged(czt, half_hour):
    target = replace(half_hour, comparator=Comparator.AT_LEAST, value=2.0)
    # A millionth is less than coordinates rounded to 0.1 m can tell; a thousandth is not.
    near, off = measured(1.999999, 1.3, 1.999999), measured(1.998, 1.3, 1.998)
    assert status(czt, target, near) is Status.NOT_ASSESSABLE
    assert status(czt, target, off) is Status.UNMET


def test_a_value_clear_of_the_target_is_judged_with_its_gap(czt, half_hour):
    finding = judge(czt, half_hour, measured(46.5, 39.5, 53.4), year=2025)
    assert finding.status is Status.UNMET
    assert finding.reason.zh == "比目标值高16分钟"
    assert (finding.measured.value, finding.target) == (46.5, 30)
    assert status(czt, half_hour, measured(20, 17, 23)) is Status.MET


def test_what_has_no_value_or_an_obstacle_is_never_unmet(czt, half_hour):
    assert status(czt, half_hour, measured(None)) is Status.NOT_ASSESSABLE
    why = Text("缺", "missing")
    finding = judge(czt, half_hour, measured(99, obstacle=why), year=2025)
    assert finding.status is Status.NOT_ASSESSABLE
    assert finding.reason == why


def test_a_later_document_supersedes_an_earlier_one(czt):
    finding = judge(czt, czt.target("t000_pm25"), measured(None), year=2020)
    assert finding.status is Status.SUPERSEDED
    assert "< 35" in finding.reason.zh


def test_a_law_supersedes_from_its_year_on(czt, half_hour):
    law = Superseded(year=2024, value=20, by=Text("新法", "new law"), source="law")
    target = replace(half_hour, superseded=law)
    assert status(czt, target, measured(10), year=2023) is Status.MET
    assert status(czt, target, measured(10), year=2024) is Status.SUPERSEDED


def test_a_value_beside_the_target_names_no_target(czt, half_hour):
    beside = measured(88, obstacle=Text("无", "none"), answers_target=False)
    finding = judge(czt, half_hour, beside, year=2020)
    assert finding.target is None
    assert finding.wanted is None


@pytest.mark.parametrize(
    ("comparator", "low", "value", "high", "expected"),
    [
        (Comparator.EQUAL, 28, 31, 34, Status.NOT_ASSESSABLE),
        (Comparator.EQUAL, 31, 33, 35, Status.UNMET),
        (Comparator.ABOUT, 20, 33, 40, Status.NOT_ASSESSABLE),
        (Comparator.ABOUT, 29, 30, 31, Status.MET),
        (Comparator.ABOUT, 33, 35, 40, Status.UNMET),
    ],
)
def test_a_target_hit_from_both_sides_is_judged_only_when_the_range_is_clear(
    czt, half_hour, comparator, low, value, high, expected
):
    target = replace(half_hour, comparator=comparator, direction=Direction.EXACT)
    assert status(czt, target, measured(value, low, high)) is expected


def test_what_is_unmet_before_it_is_due_says_when_it_is(czt, half_hour):
    early = judge(czt, half_hour, measured(46.5, 39.5, 53.4), year=2020)
    assert early.status is Status.UNMET
    assert early.reason.zh.endswith("；2025年才到期")
    assert early.reason.en.endswith("; not due until 2025")
    due = judge(czt, half_hour, measured(46.5, 39.5, 53.4), year=2025)
    assert "due" not in due.reason.en


@pytest.mark.parametrize(
    ("comparator", "direction", "met"),
    [
        (Comparator.EQUAL, Direction.EXACT, [30, 35, 40]),
        (Comparator.EQUAL, Direction.RISING, [30, 35, 40, 41]),
        (Comparator.EQUAL, Direction.FALLING, [29, 30, 35, 40]),
        (Comparator.ABOUT, Direction.EXACT, [29, 30, 35, 40, 41]),
        (Comparator.AT_MOST, Direction.RISING, [29, 30, 35, 40]),
    ],
)
def test_a_range_has_two_ends(czt, half_hour, comparator, direction, met):
    target = replace(
        half_hour, comparator=comparator, direction=direction, value_to=40.0
    )
    values = [29, 30, 35, 40, 41]
    assert [v for v in values if status(czt, target, measured(v)) is Status.MET] == met


def test_rounding_decides_on_a_strict_bound(czt, half_hour):
    target = replace(half_hour, comparator=Comparator.MORE)
    assert status(czt, target, measured(30)) is Status.NOT_ASSESSABLE
    assert status(czt, target, measured(30.1)) is Status.MET


def test_a_targets_own_figure_is_told_in_full(czt):
    safety = czt.target("t004_safety")
    assert demand(safety, safety.unit).en.startswith("down to 0.026")
    forest = czt.target("t004_forest")
    assert demand(forest, forest.unit).zh == "≥ 62.11%"


def test_the_gap_of_a_range_is_to_its_nearer_end(czt, half_hour):
    target = replace(half_hour, direction=Direction.EXACT, value_to=40.0)
    target = replace(target, comparator=Comparator.EQUAL)
    reasons = [
        judge(czt, target, measured(v), year=2025).reason.en for v in (20, 35, 52)
    ]
    assert reasons == [
        "10 min below the target", "exactly on target", "12 min above the target",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "of", "year", "met", "reason"),
    [
        (20, 2024, 2025, None, "of 2024 and tells nothing of 2025"),
        (40, 2024, 2025, None, "of 2024 and tells nothing of 2025"),
        (40, 2024, 2024, Status.UNMET, "not due until 2025"),
        (20, 2026, 2025, None, "of 2026, after 2025"),
        (40, 2025, 2030, Status.UNMET, "10 min above the target"),
        (20, 2025, 2030, Status.MET, "10 min below the target"),
        (20, 2028, 2030, Status.MET, "it was due in 2025"),
        (20, None, 2030, Status.MET, "at the end of 2030, and it was due in 2025"),
    ],
)
def test_a_value_is_judged_by_the_year_it_is_of(
    czt, half_hour, value, of, year, met, reason
):
    found = judge(czt, half_hour, measured(value, year=of), year=year)
    assert found.status is (met or Status.NOT_ASSESSABLE)
    assert reason in found.reason.en
    assert ("it was due" in found.reason.en) == ("it was due" in reason)


def test_a_promise_without_a_year_says_so_when_it_is_unmet(czt, half_hour):
    target = replace(half_hour, year=None)
    late = judge(czt, target, measured(40), year=2025)
    assert late.reason.en.endswith("; the document sets no year")
    assert "sets no year" not in judge(czt, target, measured(20), year=2025).reason.en
    # An area that a document states is no promise.
    fact = replace(target, direction=Direction.EXACT)
    assert "sets no year" not in judge(czt, fact, measured(40), year=2025).reason.en
