"""Weights of the integration index in files."""

import pytest

from ctzgis.assessment.index_components import COMPONENTS
from ctzgis.errors import CtzgisError, InputError, SourceError
from ctzgis.sources.plans.index_terms import read_index_terms


def read(czt, tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return read_index_terms(czt, weights=path)[0]


def test_the_shipped_file_counts_every_component_once(czt):
    terms, sources = read_index_terms(czt)
    assert [term.id for term in terms] == list(COMPONENTS)
    assert [s.name for s in sources] == ["index.toml"]
    assert "no official index" in sources[0].what


def test_the_shipped_dimensions_weigh_alike(czt):
    weights = dict.fromkeys(("time", "links", "reach"), 0.0)
    for term in read_index_terms(czt)[0]:
        weights[COMPONENTS[term.id].dimension] += term.weight
    assert set(weights.values()) == {10.0}


def test_goals_come_from_the_plan_where_it_has_one(czt):
    terms = {term.id: term for term in read_index_terms(czt)[0]}
    assert terms["centre_drive_free"].goal == czt.circle("tc_30min").minutes == 30
    assert "规划纲要" in terms["centre_drive_free"].source.zh
    assert terms["dead_ends"].goal == czt.target("t000_dead_ends").value == 0
    assert "2015" in terms["network_changes"].source.en
    assert terms["fast_roads"].source.en == "own choice"


def test_every_goal_and_floor_says_why(czt):
    assert all(all(term.why) for term in read_index_terms(czt)[0])


def test_a_file_of_ones_own_may_state_weights_alone(czt, tmp_path):
    text = '[[component]]\nid = "fast_roads"\nweight = 5\n'
    (term,) = read(czt, tmp_path, text)
    assert (term.weight, term.goal, term.floor) == (5, 7, 0)


def test_a_file_of_ones_own_may_move_goals(czt, tmp_path):
    text = '[[component]]\nid = "fast_roads"\nweight = 5\ngoal = 9\nfloor = 1\n'
    (term,) = read(czt, tmp_path, text)
    assert (term.goal, term.floor, term.source.en) == (9, 1, "own choice")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["weight = -1"], "has weight -1.0; 0 to 1,000,000 is expected"),
        (['weight = "much"'], "'weight' is 'much'; a number is expected"),
        (["weight = nan"], "'weight' is nan; a number is expected"),
        (["weight = 1e300"], "0 to 1,000,000"),
        ([], "'weight' is missing"),
        (["weight = 1", "wieght = 2"], "unknown field 'wieght'"),
        (["weight = 1", "floor = 9"], "a floor below the goal is expected"),
        (["weight = 1", 'circle = "tc_30min"'], "is in 'min'; the component is in 'per_100km'"),
        (["weight = 1", 'circle = "tc_31min"'], "the plan has no time circle 'tc_31min'"),
        (["weight = 1", 'target = "t000_dead_ends"'], "is in '条'"),
        (["weight = 1", 'rule = "r_none"'], "no service rule 'r_none'"),
        (["weight = 1", 'rule = "a"', 'circle = "b"'], "names circle and rule"),
        (["weight = 1", "why_zh = 3"], "'why_zh' is 3"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_file_and_reason(czt, tmp_path, lines, words):
    text = "\n".join(['[[component]]\nid = "fast_roads"', *lines])
    with pytest.raises(InputError) as error:
        read(czt, tmp_path, text)
    told = str(error.value)
    assert told.startswith("mine.toml, entry 'fast_roads'")
    assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[component]]\nid = "fast_road"\nweight = 1', "did you mean 'fast_roads'"),
        ('[[component]]\nid = "gdp"\nweight = 1', "entry 'gdp': is no component"),
        ("[[component]]\nweight = 1", "mine.toml: entry 1 has no id"),
        ("component = 3", "mine.toml: a list of entries is expected"),
        ("component = [3]", "mine.toml: entry 1 has no id"),
        ("weights = [3]", "mine.toml: unknown 'weights'"),
        ("", "mine.toml: no component has a weight above 0"),
        ('[[component]]\nid = "fast_roads"\nweight = 0', "no component has a weight above 0"),
        ('[[component]]\nid = "fast_roads"\nweight = 1\n' * 2, "stands twice"),
        ("[[component", "is not valid TOML"),
        ("a = " + "[" * 20_000, "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_the_reason(czt, tmp_path, text, words):
    with pytest.raises(InputError) as error:
        read(czt, tmp_path, text)
    assert "mine.toml" in str(error.value)
    assert words in str(error.value)


def test_a_file_that_is_no_text_is_refused(czt, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00\x01" * 99)
    with pytest.raises(CtzgisError, match=r"mine\.toml"):
        read_index_terms(czt, weights=path)
    with pytest.raises(SourceError, match=r"none\.toml"):
        read_index_terms(czt, weights=tmp_path / "none.toml")


def test_a_plan_without_a_file_wants_one():
    from ctzgis import read_plan

    with pytest.raises(SourceError, match="'gridville' has no index"):
        read_index_terms(read_plan("gridville"))
