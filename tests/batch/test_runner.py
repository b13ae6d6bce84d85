"""
Checks on Gridville, by hand.

A kilometre of road takes a minute. The centre is 10 min from each corner; a corner is
10 min from its two neighbours and 20 min from the opposite one. 1,000 people live at
each of the five places. West corners are in 西市, east corners in 东市, the centre in 中市.
"""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from ctzgis import isochrones, read_checks, run_checks, write_network, write_plan
from ctzgis.batch import CheckStatus
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork
from tests.batch.town import HEAD, rows

DOCS = Path(__file__).parents[2] / "docs" / "checks.md"


def travel(wanted, *, origins="places", destinations="places", reach="any", more=""):
    return f"""
[[check]]
id = "t"
kind = "travel_time"
origins = "{origins}"
destinations = "{destinations}"
reach = "{reach}"
{wanted}
{more}
"""


def within(minutes, share):
    return f"cutoff_min = {minutes}\nshare_of_origins_at_least = {share}"


@pytest.fixture
def run(write_checks):
    def ran(text, head=HEAD):
        (result,) = run_checks(read_checks(write_checks(text, head)))
        return result

    return ran


@pytest.mark.parametrize(
    ("wanted", "reach", "status", "value"),
    [
        # From each of five places the nearest other one is 10 min away.
        (within(10, 1), "any", "passed", 1.0),
        (within(9.99, 0.1), "any", "failed", 0.0),
        # The farthest is 20 min from the corners and 10 min from the centre.
        (within(10, 0.2), "all", "passed", 0.2),
        (within(10, 0.21), "all", "failed", 0.2),
        ("median_at_most_min = 20", "all", "passed", 20.0),
        ("median_at_most_min = 19", "all", "failed", 20.0),
        ("every_at_most_min = 20", "all", "passed", 20.0),
        ("every_at_most_min = 19.9", "all", "failed", 20.0),
        # In another city: a neighbour across the town, or the centre.
        ("every_at_most_min = 10", "another_city", "passed", 10.0),
    ],
)  # fmt: skip
def test_travel_times_are_those_of_gridville(run, wanted, reach, status, value):
    result = run(travel(wanted, reach=reach))
    assert result.status.value == status
    assert result.value == pytest.approx(value)


def test_a_place_of_ones_own_city_does_not_count_as_another_citys(run, town):
    ends = gridville_places().loc[["south_west", "north_west", "north_east"]]
    (town / "places.csv").write_text(rows(ends), encoding="utf-8")
    # north_west is 10 min away, north_east 20 min: only this one is another city's.
    result = run(
        travel("every_at_most_min = 15", origins="places", reach="another_city")
    )
    assert (result.status, result.value) == (CheckStatus.FAILED, 20.0)
    assert result.worst[0].name.zh == "south_west"


def test_free_flow_is_twice_as_fast_as_the_peak(run):
    assert run(travel("median_at_most_min = 99", more='profile = "peak"')).value == 20.0


def make_eastwards_only(town):
    """Let Gridville's streets from west to east be driven eastwards only."""
    network = gridville()
    roads = network.roads.roads
    ends = roads.geometry.get_coordinates().groupby(level=0, sort=False)["y"].nunique()
    roads["oneway"] = (ends == 1).to_numpy()
    write_network(RoadNetwork(roads, network.roads.junctions), town / "town.gpkg")
    west = gridville_places().loc[["south_west"]]
    (town / "places.csv").write_text(rows(west), encoding="utf-8")


def test_trips_to_the_origins_go_against_one_way_streets(run, town):
    make_eastwards_only(town)
    there = travel("every_at_most_min = 10", destinations="centre")
    assert run(there).status is CheckStatus.PASSED
    back = run(
        travel("every_at_most_min = 10", destinations="centre", more='direction = "to"')
    )
    assert back.status is CheckStatus.NOT_ASSESSABLE
    assert "not one trip" in back.reason.en


@pytest.mark.parametrize(("direction", "reached"), [("from", 1000), ("to", 0)])
def test_opportunities_are_reached_or_reach_by_direction(run, town, direction, reached):
    make_eastwards_only(town)
    text = SUM.replace('opportunities = "places"', 'opportunities = "centre"')
    wanted = (
        f'direction = "{direction}"\ncutoff_min = 10\nopportunities_at_least = 1000'
    )
    assert run(text + wanted).value == reached


SUM = """
[[check]]
id = "s"
kind = "opportunities"
origins = "places"
opportunities = "places"
"""


@pytest.mark.parametrize(
    ("wanted", "status", "value"),
    [
        # In 10 min the centre reaches all five places, a corner itself and three others.
        ("cutoff_min = 10\nopportunities_at_least = 4000", "passed", 4000),
        ("cutoff_min = 10\nopportunities_at_least = 4001", "failed", 4000),
        ("cutoff_min = 9\nopportunities_at_least = 1000", "passed", 1000),
        ('cutoff_min = 10\nvalue = "count"\nopportunities_at_least = 4', "passed", 4),
        ("cutoff_min = 10\nopportunities_at_least = 5000\nshare_of_origins_at_least = 0.2", "passed", 0.2),
        ("cutoff_min = 10\nopportunities_at_least = 5000\nshare_of_origins_at_least = 0.3", "failed", 0.2),
    ],
)  # fmt: skip
def test_opportunities_are_those_of_gridville(run, wanted, status, value):
    result = run(SUM + wanted)
    assert (result.status.value, result.value) == (status, value)


def area(least):
    return f'[[check]]\nid = "a"\nkind = "area"\norigins = "centre"\ncutoff_min = 4\narea_at_least_km2 = {least}\n'


def test_an_area_is_that_of_the_isochrone(run):
    centre = gridville_places().loc[["centre"]]
    km2 = isochrones(gridville(), centre, cutoffs_min=[4])["area_km2"].iloc[0]
    # Four minutes of road lead 4 km far: at most the diamond of 2 × 4² km². The middle of a
    # block is 500 m off the road, 1.95 min at 20 km/h and a detour of 1.3: at least 2 × 2.05².
    assert 8.4 < km2 < 32
    passed, failed = run(area(8.4)), run(area(32))
    assert (passed.status, failed.status) == (CheckStatus.PASSED, CheckStatus.FAILED)
    assert passed.value == pytest.approx(km2)


# What the data cannot tell


def with_far_place(town, count=1):
    """Put places a hundred kilometres off every road beside the five."""
    places = gridville_places()
    far = places.iloc[:count].set_index(
        gpd.pd.Index([f"far_{i}" for i in range(count)])
    )
    far = far.set_geometry(far.translate(100_000, 0))
    (town / "places.csv").write_text(
        rows(gpd.pd.concat([places, far])), encoding="utf-8"
    )


def test_an_origin_off_the_network_leaves_open_what_it_could_turn(run, town):
    with_far_place(town)
    # Five of six reach the centre; the sixth may or may not: 83 to 100 %.
    open_ = run(travel(within(10, 0.9), destinations="centre"))
    assert open_.status is CheckStatus.NOT_ASSESSABLE
    assert (open_.low, open_.high) == (pytest.approx(5 / 6), 1.0)
    assert (open_.origins, open_.measured, open_.kept) == (6, 5, 5)
    assert "1 more cannot be measured" in open_.reason.en
    assert (
        run(travel(within(10, 0.8), destinations="centre")).status is CheckStatus.PASSED
    )
    # Only the centre reaches itself in 5 min, so at most two of six.
    assert (
        run(travel(within(5, 0.4), destinations="centre")).status is CheckStatus.FAILED
    )


def test_all_origins_off_the_network_are_not_assessable(run, town):
    far = gridville_places().set_geometry(gridville_places().translate(100_000, 0))
    (town / "places.csv").write_text(rows(far), encoding="utf-8")
    for text in (
        travel(within(10, 1), destinations="centre"),
        SUM + "cutoff_min = 5\nopportunities_at_least = 1",
    ):
        result = run(text)
        assert result.status is CheckStatus.NOT_ASSESSABLE
        assert "no origin can be measured" in result.reason.en
        assert result.value is None


def test_an_opportunity_off_the_network_may_be_within_reach(run, town):
    with_far_place(town)
    text = (
        SUM.replace('origins = "places"', 'origins = "centre"')
        + "cutoff_min = 10\nopportunities_at_least = "
    )
    # The centre reaches 5,000 people; 1,000 more live nobody knows how far.
    assert run(text + "5000").status is CheckStatus.PASSED
    assert run(text + "5500").status is CheckStatus.NOT_ASSESSABLE
    assert run(text + "6001").status is CheckStatus.FAILED


def test_a_destination_off_the_network_may_be_the_nearest(run, town):
    with_far_place(town)
    result = run(
        travel(
            "every_at_most_min = 5",
            origins="centre",
            destinations="places",
            reach="any",
        )
    )
    # The centre itself is among the places, under the same id: 0 min.
    assert result.status is CheckStatus.PASSED
    corner = gridville_places().loc[["south_west"]]
    (town / "centre.csv").write_text(
        rows(corner.rename({"south_west": "corner"})), encoding="utf-8"
    )
    without = gridville_places().drop(index="south_west")
    far = (
        without.iloc[:1]
        .set_geometry(without.iloc[:1].translate(100_000, 0))
        .rename(lambda _: "far")
    )
    (town / "places.csv").write_text(
        rows(gpd.pd.concat([without, far])), encoding="utf-8"
    )
    text = travel(
        "every_at_most_min = 5", origins="centre", destinations="places", reach="any"
    )
    assert run(text).status is CheckStatus.NOT_ASSESSABLE


SCHEMATIC = '["town.gpkg"]\nwhat = "a drawing"\nlicence = "CC0"\nschematic = true\n'


@pytest.mark.parametrize(
    ("minutes", "status"),
    # 10 min on a schematic network are 8.5 to 11.5 min.
    [(8.4, "failed"), (8.6, "not_assessable"), (10, "not_assessable"), (11.4, "not_assessable"), (11.5, "passed")],
)  # fmt: skip
def test_schematic_data_too_coarse_are_not_assessable(run, town, minutes, status):
    (town / "SOURCES.toml").write_text(SCHEMATIC, encoding="utf-8")
    result = run(travel(f"every_at_most_min = {minutes}"))
    assert result.status.value == status
    assert (result.low, result.high) == (pytest.approx(8.5), pytest.approx(11.5))
    assert result.schematic
    assert "±15 %" in result.method.en


@pytest.mark.parametrize(
    ("least", "status"), [(1000, "passed"), (4000, "not_assessable"), (5001, "failed")]
)
def test_opportunities_on_schematic_data_have_bounds_too(run, town, least, status):
    (town / "SOURCES.toml").write_text(SCHEMATIC, encoding="utf-8")
    # 10 min may be 8.5, when a corner reaches itself alone.
    result = run(SUM + f"cutoff_min = 10\nopportunities_at_least = {least}")
    assert (result.status.value, result.low) == (status, 1000)


def test_a_network_of_another_kind_than_the_trip_cannot_tell(run):
    # No line was written with the roads, so no trip by rail is possible.
    result = run(
        travel(
            "every_at_most_min = 60",
            destinations="centre",
            more='mode = "walk+rail+walk"',
        )
    )
    assert result.status is CheckStatus.NOT_ASSESSABLE


def test_an_origin_without_a_way_has_failed_where_others_have_one(run, town):
    network = gridville()
    x = network.roads.roads.bounds
    # The town without its middle: west of 497 km and east of 503 km.
    apart = network.roads.keep((x["maxx"] <= 497_000) | (x["minx"] >= 503_000))
    write_network(apart, town / "town.gpkg")
    corners = gridville_places().drop(index="centre")
    (town / "places.csv").write_text(rows(corners), encoding="utf-8")
    (town / "centre.csv").write_text(
        rows(corners.loc[["south_west"]]), encoding="utf-8"
    )
    result = run(travel(within(60, 0.6), destinations="centre"))
    assert (result.status, result.value, result.no_way) == (CheckStatus.FAILED, 0.5, 2)
    assert "2 have no way" in result.reason.en
    assert [(w.name.zh, w.value) for w in result.worst[:2]] == [
        ("south_east", None),
        ("north_east", None),
    ]


def test_one_destination_without_a_way_fails_those_that_are_to_reach_all(run, town):
    network = gridville()
    x = network.roads.roads.bounds
    apart = network.roads.keep((x["maxx"] <= 497_000) | (x["minx"] >= 503_000))
    write_network(apart, town / "town.gpkg")
    ends = gridville_places().drop(index=["centre", "north_east"])
    (town / "places.csv").write_text(rows(ends), encoding="utf-8")
    # The west corners reach each other; nobody reaches south_east, nor it anybody.
    result = run(travel("median_at_most_min = 60", reach="all"))
    assert (result.status, result.value, result.no_way) == (CheckStatus.FAILED, None, 3)


def test_what_is_known_to_be_too_far_fails_whatever_is_not_known(run, town):
    with_far_place(town)
    text = "every_at_most_min = {}\n"
    result = run(
        travel(text.format(15), origins="centre", destinations="places", reach="all")
    )
    # Five of six are within 10 min of the centre, and the sixth may be too.
    assert (result.status, result.value) == (CheckStatus.NOT_ASSESSABLE, None)
    result = run(
        travel(text.format(9), origins="centre", destinations="places", reach="all")
    )
    assert (result.status, result.low) == (CheckStatus.FAILED, 10.0)


def test_more_pairs_than_are_compared_are_refused(run, monkeypatch):
    monkeypatch.setattr("ctzgis.batch.measuring._MOST_PAIRS", 24)
    result = run(travel(within(10, 1)))
    assert "25 pairs of origins and destinations are more than" in result.reason.en


def test_a_single_place_has_nothing_else_to_reach(run, town):
    (town / "places.csv").write_text(
        rows(gridville_places().iloc[:1]), encoding="utf-8"
    )
    assert run(travel(within(10, 1))).status is CheckStatus.NOT_ASSESSABLE


def test_an_origin_whose_city_is_not_known_leaves_the_answer_open(run, town):
    text = rows(gridville_places()).replace("south_west,西市", "south_west,")
    (town / "places.csv").write_text(text, encoding="utf-8")
    result = run(travel("every_at_most_min = 10", reach="another_city"))
    assert result.status is CheckStatus.NOT_ASSESSABLE
    assert result.measured == 4


def test_places_of_a_plan_without_a_position_are_counted(run, czt):
    level = next(t for t in czt.towns if t.id == "town_level_4")
    located = [key for key in level.members if czt.place(key).location]
    assert 0 < len(located) < len(level.members)
    head = '[points.towns]\nplan = "czt"\ntown_level = "town_level_4"\n[points.centres]\nplan = "czt"\ncentres = true\n'
    result = run(travel(within(600, 1), origins="towns", destinations="centres"), head)
    assert result.status is CheckStatus.NOT_ASSESSABLE
    assert (result.origins, result.measured) == (len(level.members), len(located))


# Inputs that are wrong


@pytest.mark.parametrize(
    ("file", "content", "code", "told"),
    [
        ("places.csv", None, 4, "places.csv does not exist"),
        ("places.csv", "id,city,population,x,y\n", 3, "places.csv"),
        (
            "places.csv",
            "id,city,x,y\na,b,495000,3100000\na,c,495000,3100000\n",
            3,
            "repeats",
        ),
        ("places.csv", "key,x,y\na,495000,3100000\n", 3, "has no field 'id'"),
        ("town.gpkg", None, 4, "town.gpkg does not exist"),
        ("town.gpkg", "no network", 4, "town.gpkg"),
    ],
)
def test_a_wrong_input_is_an_error_of_its_check(run, town, file, content, code, told):
    if content is None:
        (town / file).unlink()
    else:
        (town / file).write_text(content, encoding="utf-8")
    result = run(travel(within(10, 1)))
    assert (result.status, result.exit_code) == (CheckStatus.ERROR, code)
    assert told in result.reason.en
    assert result.value is None


@pytest.mark.parametrize("name", ["n" * 5000, "n/" * 3000, "./nowhere", "nothing"])
def test_a_plan_that_is_nowhere_is_an_error_of_its_check(run, name):
    result = run(travel(within(10, 1)), f'[points.places]\nplan = "{name}"\n')
    assert (result.status, result.exit_code) == (CheckStatus.ERROR, 4)


def test_a_plan_of_the_users_own_is_looked_for_beside_the_file(run, town, czt):
    write_plan(czt, town / "plan.json")
    head = '[points.places]\nplan = "./plan.json"\ncentres = true\n'
    assert run(travel("every_at_most_min = 120"), head).origins == 3


def test_a_wrong_input_of_one_check_does_not_lose_the_others(write_checks, town):
    head = HEAD + '[points.lost]\nfile = "lost.csv"\n'
    text = travel(within(10, 1)).replace('"t"', '"first"')
    text += travel(within(10, 1), destinations="lost").replace('"t"', '"second"')
    text += travel(within(10, 1)).replace('"t"', '"third"')
    results = run_checks(read_checks(write_checks(text, head)))
    assert [r.status.value for r in results] == ["passed", "error", "passed"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SUM + 'cutoff_min = 5\nvalue = "jobs"\nopportunities_at_least = 1', "no column 'jobs'"),
        (travel(within(5, 1), more='profile = "night"'), "profile 'night' is not known"),
    ],
)  # fmt: skip
def test_what_the_data_do_not_have_is_an_error(run, text, told):
    result = run(text)
    assert result.status is CheckStatus.ERROR
    assert told in result.reason.en


def test_another_city_needs_cities(run):
    head = HEAD.replace('city_column = "city"', "", 1)
    result = run(travel(within(5, 1), reach="another_city"), head)
    assert "do not tell their cities; name the field (city_column)" in result.reason.en


def test_cities_that_are_spelt_differently_are_told(run, town):
    text = rows(gridville_places().loc[["centre"]]).replace("中市", "Middle")
    (town / "centre.csv").write_text(text, encoding="utf-8")
    result = run(travel(within(5, 1), destinations="centre", reach="another_city"))
    assert result.status is CheckStatus.ERROR
    assert "spell them alike" in result.reason.en


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('kind = "twon"', "did you mean 'town'"),
        ('element = "clusters_mult"', "did you mean 'clusters_multi'"),
        ('town_level = "town_level_9"', "did you mean 'town_level_"),
        ('centres = true\nkind = "river"', "is all that is asked for"),
    ],
)
def test_a_plan_without_such_places_is_told(run, keys, told):
    head = f'[points.places]\nplan = "czt"\n{keys}\n'
    result = run(travel(within(5, 1)), head)
    assert result.status is CheckStatus.ERROR
    assert told in result.reason.en


def test_a_network_that_changes_with_the_years_asks_for_one(run, town):
    network = gridville()
    roads = network.roads.roads
    roads.loc["r0", "opens"] = 2030.0
    write_network(RoadNetwork(roads, network.roads.junctions), town / "town.gpkg")
    result = run(travel(within(10, 1)))
    assert "1 of its roads open, close or are not built yet" in result.reason.en
    head = HEAD.replace("[network]", "[network]\nyear = 2020")
    assert run(travel(within(10, 1)), head).status is CheckStatus.PASSED


def test_the_shipped_network_knows_its_years(run, write_checks):
    head = '[network]\nyear = 2050\n[points.places]\nplan = "czt"\ncentres = true\n'
    assert "known from 2015 to 2035" in run(travel(within(10, 1)), head).reason.en


# All of it


def test_only_some_checks_are_made(write_checks):
    text = travel(within(10, 1)) + travel(within(10, 1)).replace('"t"', '"u"')
    checks = read_checks(write_checks(text))
    told = []
    (result,) = run_checks(checks, only=["u"], progress=told.append)
    assert (result.check.id, told) == ("u", ["u"])


def test_an_unknown_id_is_refused(write_checks):
    with pytest.raises(InputError, match="there is no check 'tt'; did you mean 't'"):
        run_checks(read_checks(write_checks(travel(within(10, 1)))), only=["tt"])


def test_a_result_names_the_worst_five_and_its_sources(run):
    result = run(travel("every_at_most_min = 20", reach="all"))
    assert [(w.name.zh, w.value) for w in result.worst[:4]] == [
        ("south_west", 20.0), ("south_east", 20.0), ("north_west", 20.0), ("north_east", 20.0),
    ]  # fmt: skip
    assert len(result.worst) == 5
    assert {"town.gpkg", "places.csv"} <= {source.name for source in result.sources}
    assert all(
        len(source.sha256) == 64
        for source in result.sources
        if source.name != "gridville"
    )


def test_what_is_wanted_is_said_in_both_languages(run):
    result = run(travel(within(10, 0.9)))
    assert result.wanted == ("≥ 90%的起点 ≤ 10分钟", "≥ 90% of origins ≤ 10 min")
    found = run(SUM + "cutoff_min = 5\nopportunities_at_least = 9000")
    assert found.wanted == (
        "全部起点 5分钟内 ≥ 9,000人",
        "every origin ≥ 9,000 people within 5 min",
    )
    assert found.method.zh.startswith("时间内可达的人口之和，")


def test_the_example_of_the_documentation_runs(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "checks.toml"
    path.write_text(text, encoding="utf-8")
    results = run_checks(read_checks(path))
    assert [r.check.id for r in results] == [
        "another_city_60",
        "between_centres_2035",
        "people_60",
        "area_30",
    ]
    assert CheckStatus.ERROR not in {r.status for r in results}
    assert all(r.schematic and np.isfinite(r.value) for r in results)
    assert all(r.check.title.zh != r.check.title.en for r in results)
