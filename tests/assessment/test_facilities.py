"""Facilities that a user gives, held against Gridville's plan, by hand."""

import dataclasses
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely import GeometryCollection, LineString, Point, Polygon, box

import ctzgis
from ctzgis.assessment.indicators import space
from ctzgis.assessment.indicators.registry import (
    measure,
    require_indicator,
    target_of_rule,
)
from ctzgis.assessment.judging import judge
from ctzgis.assessment.needs import need_of
from ctzgis.assessment.target_table import answered_by, target_table
from ctzgis.assessment.units import demand
from ctzgis.cli import main
from ctzgis.errors import CRSError, InputError, PlanError, SchemaError, SourceError
from ctzgis.examples import gridville, gridville_places
from ctzgis.plan import Citation, Comparator, Measure, ServiceRule, Target
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.sources.places.facilities import given_facilities, read_facilities
from ctzgis.texts import Text

CRS = "EPSG:4547"
MIDDLE = gridville_places().geometry["centre"]
X, Y = MIDDLE.x, MIDDLE.y
ROOT = Path(__file__).parents[2]


def square(half_m, x=X, y=Y):
    return box(x - half_m, y - half_m, x + half_m, y + half_m)


def frame(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def target(unit, value, comparator=">=", **on):
    return Target(
        id="asked",
        name=Text("目标", "target"),
        kind="spatial",
        method="asked",
        comparator=Comparator(comparator),
        value=value,
        unit=unit,
        extent="ext_gridville",
        citation=Citation(document="town_plan", place="—"),
        measure=Measure(**on),
    )


@pytest.fixture(scope="module")
def case():
    """Everything of Gridville but facilities."""
    # Corners 4 km east or west and 4 km north or south of the middle.
    people = gridville_places()
    at = shapely.get_coordinates(people.geometry)
    people = people.set_geometry(shapely.points((at - (X, Y)) * 0.8 + (X, Y)), crs=CRS)
    source = ctzgis.provenance.Source(name="people", what="", source="", licence="")
    plan = ctzgis.read_plan("gridville")
    return ctzgis.assessment.Case(
        plan=plan,
        year=2030,
        profile="free",
        network=gridville(),
        population=people,
        population_source=source,
    )


def findings(case, asked, **facilities):
    case = dataclasses.replace(case, facilities=facilities)
    require_indicator(asked)
    return [
        judge(case.plan, asked, found, year=case.year) for found in measure(case, asked)
    ]


def finding(case, asked, **facilities):
    (found,) = findings(case, asked, **facilities)
    return found


def chargers(value, **more):
    return target(
        "km", value, "<", indicator="service_coverage", facilities="charger", **more
    )


# --- service -------------------------------------------------------------------


def test_people_within_the_reach_are_shared_out(case):
    # Corners are 5,657 m from the middle: one of five people lives within 5 km.
    asked = chargers(5, served="population", share=20)
    found = finding(case, asked, charger=frame(MIDDLE))
    assert found.measured.value == 0.2
    assert found.status.value == "met"
    assert found.wanted.en == "≥ 20%"


def test_all_people_are_served_where_the_reach_is_wide(case):
    asked = chargers(5.657, served="population", share=100)
    assert finding(case, asked, charger=frame(MIDDLE)).measured.value == 1.0


def test_given_built_up_land_is_served_by_the_circle(case):
    # A circle of 1 km in a square of 2 km: π/4.
    found = finding(
        case,
        chargers(1, served="built_up", share=100),
        charger=frame(MIDDLE),
        built_up=frame(square(1_000)),
    )
    assert found.measured.value == pytest.approx(0.7854, abs=1e-3)
    assert found.status.value == "unmet"
    assert "percentage points below" in found.reason.en


def drawn(case, half_m, accuracy_m):
    areas = frame(square(half_m), accuracy_m=[accuracy_m]).set_index([["centre"]])
    areas = areas.assign(name_zh="建成区", name_en="built-up", schematic=True)
    return dataclasses.replace(
        case, plan=dataclasses.replace(case.plan, built_up=areas)
    )


def test_a_drawn_border_widens_the_range(case):
    # Of 2 × 2 km ± 500 m at least 1 × 1 km is there; with 3 × 3 km all may be outside.
    drawn_case = drawn(case, 1_000, 500)
    found = finding(
        drawn_case, chargers(1, served="built_up", share=78), charger=frame(MIDDLE)
    )
    m = found.measured
    assert m.low < m.value < m.high
    # All of the sure square lies in the circle: 1 of 1 + (9 − π less the corners' round).
    assert m.high == 1.0
    assert found.status.value == "not_assessable"
    assert "cannot tell" in found.reason.en


def test_a_wide_reach_decides_even_on_a_drawn_border(case):
    found = finding(
        drawn(case, 1_000, 500),
        chargers(5, served="built_up", share=100),
        charger=frame(MIDDLE),
    )
    assert (found.measured.low, found.status.value) == (1.0, "met")


def test_minutes_on_foot_become_metres(case):
    # 15 min at 4.8 km/h are 1,200 m, over 1.3 of detour 923 m.
    asked = target(
        "min", 15, "<=", indicator="service_coverage", facilities="park",
        served="population",
    )  # fmt: skip
    found = finding(case, asked, park=frame(Point(X, Y + 900)))
    assert found.measured.value == 0.2
    assert "923 m" in found.measured.method.en
    # With a detour of 1.6 it would be 750 m.
    assert (found.measured.low, found.measured.high) == (0.0, 0.2)


def test_without_a_share_in_the_document_nothing_is_judged(case):
    asked = chargers(5, served="population")
    found = finding(case, asked, charger=frame(MIDDLE))
    assert found.status.value == "not_assessable"
    assert found.reason.zh == "文件未规定覆盖份额，仅供参考"
    assert found.wanted is None


def test_parks_by_size_need_their_size(case):
    asked = target(
        "%", 90, indicator="service_coverage", facilities="park", served="built_up",
        reach="parks",
    )  # fmt: skip
    areas = {"built_up": frame(square(300))}
    told = finding(case, asked, park=frame(MIDDLE), **areas)
    assert "area_m2" in told.reason.en
    park = frame(square(50))  # 10,000 m² serve 500 m around: all of 300 m
    assert finding(case, asked, park=park, **areas).measured.value == 100


def test_census_settlements_cannot_tell_who_walks(case):
    people = case.population.assign(county_code="sw", is_seat=True)
    coarse = dataclasses.replace(case, population=people)
    asked = chargers(5, served="population", share=20)
    found = finding(coarse, asked, charger=frame(MIDDLE))
    assert found.measured.value is None
    assert "--population" in found.reason.zh


# --- spacing, counts, areas ----------------------------------------------------


def spacing(value):
    return target(
        "km", value, "<", indicator="site_spacing", facilities="charger",
        circle="tc_quarter_hour",
    )  # fmt: skip


def on_drawn_roads(case, **columns):
    """Return a case with roads that are schematic, with more columns."""
    source = ctzgis.provenance.Source(
        name="drawn", what="", source="", licence="", schematic=True
    )
    roads = case.network.roads
    network = ctzgis.RoadNetwork(
        roads.roads.assign(**columns), roads.junctions, (source,)
    )
    return dataclasses.replace(
        case, network=dataclasses.replace(case.network, roads=network)
    )


@pytest.mark.parametrize(
    ("metres", "gap", "status", "status_if_drawn"),
    [
        ((0,), 5.0, "unmet", "unmet"),
        ((-2_500, 0, 2_500), 2.5, "met", "met"),
        # 4.3 km if lengths are 10 % off
        ((-4_900, -1_000, 1_000, 4_900), 3.9, "met", "not_assessable"),
    ],
)
def test_the_longest_gap_along_the_street_is_judged(
    case, metres, gap, status, status_if_drawn
):
    sites = frame(*(Point(X + m, Y) for m in metres))
    found = finding(case, spacing(4), charger=sites)
    assert found.measured.value == pytest.approx(gap)
    assert (found.status.value, found.measured.schematic) == (status, False)
    found = finding(on_drawn_roads(case), spacing(4), charger=sites)
    assert found.measured.value == pytest.approx(gap)
    assert (found.status.value, found.measured.schematic) == (status_if_drawn, True)


def test_ways_shorter_than_the_gap_prove_nothing(case):
    found = finding(case, spacing(50), charger=frame(MIDDLE))
    assert found.measured.value is None
    assert "no way between the places is as long" in found.reason.en


def count(value, **more):
    return target("处", value, indicator="site_count", facilities="camp", **more)


def test_sites_within_the_extent_are_counted(case):
    sites = frame(MIDDLE, Point(X + 1_000, Y), Point(X + 90_000, Y))
    found = finding(case, count(2), camp=sites)
    assert (found.measured.value, found.status.value) == (2, "met")


def test_none_in_the_extent_decides_nothing(case):
    found = finding(case, count(2), camp=frame(Point(X + 90_000, Y)))
    assert found.status.value == "not_assessable"
    assert "none of what is given lies in the extent" in found.reason.en


def test_a_column_says_how_many_are_at_one_place(case):
    sites = frame(MIDDLE, Point(X + 1_000, Y), count=["12", "30"])
    assert finding(case, count(2), camp=sites).measured.value == 42


def test_a_count_that_is_no_number_is_refused(case):
    sites = frame(MIDDLE, MIDDLE, count=[3, -1])
    with pytest.raises(InputError, match=r"facilities camp: 'count' is '-1' in row 1"):
        finding(case, count(2), camp=sites)


def test_areas_cover_their_share(case):
    asked = target("%", 50, indicator="covered_share", facilities="forest")
    half = frame(box(X - 9_000, Y - 9_000, X, Y + 9_000))
    doubled = frame(*half.geometry, *half.geometry)
    found = finding(case, asked, forest=doubled)
    assert found.measured.value == pytest.approx(50, abs=0.01)


def test_points_cover_nothing_and_that_is_said(case):
    asked = target("%", 50, indicator="covered_share", facilities="forest")
    assert finding(case, asked, forest=frame(MIDDLE)).reason.zh == "所给设施须为面"


@pytest.mark.parametrize(
    ("unit", "amount"), [("km2", 4.0), ("万m2", 400.0), ("万亩", 0.6)]
)
def test_areas_are_measured_in_the_targets_unit(case, unit, amount):
    asked = target(unit, 1, indicator="site_area", facilities="farmland")
    found = finding(case, asked, farmland=frame(square(1_000), square(500)))
    assert found.measured.value == pytest.approx(amount)


def test_area_and_length_are_shared_among_the_people(case):
    # 1 km² for 5,000 people, and 10 km for half of 10,000.
    area = target("m2", 13, indicator="site_area_per_person", facilities="park")
    assert finding(case, area, park=frame(square(500))).measured.value == 200
    length = target(
        "km/万人", 1, indicator="site_length_per_people", facilities="greenway"
    )
    line = frame(LineString([(X - 9_000, Y), (X + 9_000, Y)]))
    found = finding(case, length, greenway=line)
    assert found.measured.value == pytest.approx(20, abs=0.01)


def test_towns_of_a_size_are_counted(case):
    asked = target(
        "个", 1, "==", indicator="towns_of_size", facilities="town",
        population_from=20_000, population_to=50_000,
    )  # fmt: skip
    towns = frame(MIDDLE, MIDDLE, MIDDLE, population=[19_999, 20_000, 50_000])
    assert finding(case, asked, town=towns).measured.value == 1


def test_towns_without_people_are_refused(case):
    asked = target("个", 1, indicator="towns_of_size", facilities="town")
    with pytest.raises(InputError, match="need a column 'population'; they have: name"):
        finding(case, asked, town=frame(MIDDLE, name=["a"]))


def test_areas_with_a_facility_are_shared_out(case):
    asked = target(
        "%", 100, indicator="each_served", facilities="sewage", each="town_area"
    )
    quarters = frame(*case.plan.counties.geometry)
    sites = frame(Point(X + 100, Y + 100), Point(X + 200, Y + 200), Point(X - 9, Y - 9))
    found = finding(case, asked, sewage=sites, town_area=quarters)
    assert (found.measured.value, found.status.value) == (50, "unmet")


def test_people_of_the_extent_are_counted(case):
    found = finding(case, target("万人", 0.4, ">", indicator="people"))
    assert found.measured.value == 0.5


def test_less_road_than_wanted_proves_nothing(case):
    roads = case.network.roads.roads
    class_ = roads["road_class"].iloc[0]
    km = roads[roads["road_class"] == class_].length.sum() / 1000
    asked = target("km", km / 2, indicator="road_length", road_class=class_)
    assert finding(case, asked).status.value == "met"
    asked = target("km", km * 2, indicator="road_length", road_class=class_)
    assert "proves nothing" in finding(case, asked).reason.en


def test_a_town_on_the_bound_may_be_of_either_class(case):
    asked = target(
        "个", 2, "==", indicator="towns_of_size", facilities="town",
        population_from=20_000, population_to=50_000,
    )  # fmt: skip
    found = finding(
        case, asked, town=frame(MIDDLE, MIDDLE, population=[20_000, 50_000])
    )
    assert (found.measured.low, found.measured.value, found.measured.high) == (0, 1, 2)
    assert found.status.value == "not_assessable"


def test_lines_drawn_twice_count_once(case):
    asked = target(
        "km/万人", 1, indicator="site_length_per_people", facilities="greenway"
    )
    line = LineString([(X - 2_000, Y), (X + 3_000, Y)])  # 5 km for half of 10,000
    found = finding(case, asked, greenway=frame(line, line, line.reverse()))
    assert found.measured.value == pytest.approx(10)


def test_areas_in_groups_are_measured_as_their_union(case):
    rng = np.random.default_rng(7)
    spots = np.array([X, Y]) + rng.uniform(-4_000, 4_000, (300, 2))
    disks = [
        Point(at).buffer(size)
        for at, size in zip(spots, rng.uniform(50, 400, 300), strict=True)
    ]
    asked = target("km2", 1, indicator="site_area", facilities="farmland")
    found = finding(case, asked, farmland=frame(*disks))
    assert found.measured.value == pytest.approx(shapely.union_all(disks).area / 1e6)


# --- shares that comply --------------------------------------------------------


def comply(value):
    return target(
        "%", value, indicator="complying_share", facilities="clinic", column="standard"
    )


def test_those_marked_are_a_share_of_all(case):
    sites = frame(MIDDLE, MIDDLE, MIDDLE, MIDDLE, standard=["1", "1", "1", "0"])
    found = finding(case, comply(75), clinic=sites)
    assert (found.measured.value, found.status.value) == (75, "met")


def test_lines_are_marked_by_their_length(case):
    long, short = (LineString([(X, Y), (X + m, Y)]) for m in (3_000, 1_000))
    found = finding(case, comply(85), clinic=frame(long, short, standard=[1, 0]))
    assert (found.measured.value, found.status.value) == (75, "unmet")


def test_without_the_mark_nothing_is_judged(case):
    found = finding(case, comply(75), clinic=frame(MIDDLE))
    assert (
        found.reason.en == "the file lacks a column standard: 1 where it holds, else 0"
    )


def test_a_mark_that_is_no_mark_is_refused(case):
    with pytest.raises(InputError, match="'standard' is '2' in row 1; 1 or 0"):
        finding(case, comply(75), clinic=frame(MIDDLE, MIDDLE, standard=[1, 2]))


def test_lines_and_points_are_not_counted_together(case):
    line = LineString([(X, Y), (X + 9, Y)])
    found = finding(case, comply(75), clinic=frame(MIDDLE, line, standard=[1, 1]))
    assert "cannot be counted together" in found.reason.en


# --- what decides nothing ------------------------------------------------------


def test_sites_do_not_count_for_what_is_at_them(case):
    found = finding(case, count(1, column="count"), camp=frame(MIDDLE, MIDDLE))
    assert found.measured.value == 2
    assert "add a column count" in found.reason.en


def borderless(case, asked):
    bare = dataclasses.replace(case.plan.extents[0], id="bare", shape=None, counties=())
    plan = dataclasses.replace(case.plan, extents=(*case.plan.extents, bare))
    asked = dataclasses.replace(asked, extent="bare")
    return dataclasses.replace(case, plan=plan), asked


def test_an_extent_without_a_border_decides_nothing(case):
    found = finding(*borderless(case, count(1)), camp=frame(MIDDLE))
    assert found.measured.value == 1
    assert "draws no border" in found.reason.en


def of_two_cities(value, *spots):
    asked = dataclasses.replace(count(value))
    return lambda case: finding(two_cities(case, None), asked, camp=frame(*spots))


def test_a_city_without_any_is_told_before_unmet(case):
    west = [Point(X - 3_000, Y + 3_000), Point(X - 3_000, Y - 3_000)]
    found = of_two_cities(3, *west)(case)
    assert found.status.value == "not_assessable"
    assert "none of what is given (camp) lies in East" in found.reason.en
    # One more in the east, and the file tells of both.
    assert of_two_cities(4, *west, Point(X + 3_000, Y))(case).status.value == "unmet"


def test_what_one_city_has_is_enough_to_be_met(case):
    west = [Point(X - 3_000, Y + 3_000), Point(X - 3_000, Y - 3_000)]
    assert of_two_cities(2, *west)(case).status.value == "met"


def test_an_area_at_the_border_covers_no_neighbour(case):
    asked = target("%", 80, indicator="covered_share", facilities="forest")
    west = frame(box(X - 9_000, Y - 9_000, X, Y + 9_000))
    found = finding(two_cities(case, None), asked, forest=west)
    assert "lies in East" in found.reason.en


def test_all_that_is_covered_is_all(case):
    asked = target("%", 100, "==", indicator="covered_share", facilities="forest")
    region = case.plan.counties.union_all()
    thirds = frame(*(
        region.intersection(box(X - 9e3 + 6e3 * k, Y - 9e3, X - 3e3 + 6e3 * k, Y + 9e3))
        for k in range(3)
    ))  # fmt: skip
    assert finding(case, asked, forest=thirds).measured.value == 100


def test_a_gap_that_is_not_nothing_shows(case):
    asked = target("%", 0, "==", indicator="covered_share", facilities="forest")
    asked = dataclasses.replace(asked, direction=ctzgis.plan.Direction.FALLING)
    found = finding(case, asked, forest=frame(square(5)))  # 100 m² of 100 km²
    assert found.status.value == "unmet"
    assert "0.0001 percentage points above" in found.reason.en


def residential(value=90):
    return target(
        "%", value, indicator="service_coverage", facilities="park",
        served="residential", reach="parks",
    )  # fmt: skip


def test_a_rate_of_residential_land_is_taken_on_it(case):
    park = frame(square(50))  # serves 500 m around
    homes = frame(square(300), square(200), square(300, X + 3_000, Y))
    found = finding(case, residential(), park=park, residential=homes)
    assert found.measured.value == pytest.approx(50)
    assert found.measured.label.en == "residential land served: park"
    assert found.status.value == "unmet"


def test_without_homes_the_built_up_share_is_for_information(case):
    areas = {"park": frame(square(50)), "built_up": frame(square(300))}
    found = finding(case, residential(), **areas)
    assert (found.measured.value, found.status.value) == (100, "not_assessable")
    assert "--facilities residential=FILE" in found.reason.en


def test_homes_must_be_areas(case):
    with pytest.raises(InputError, match="are residential land; polygons"):
        finding(case, residential(), park=frame(square(9)), residential=frame(MIDDLE))


@pytest.mark.parametrize("off_m", [100, 1_000, 3_000])
def test_a_drawn_road_bounds_the_gap_from_above(case, off_m):
    sites = frame(*(Point(X + m, Y) for m in range(-5_000, 5_001, 500)))
    found = finding(
        on_drawn_roads(case, accuracy_m=float(off_m)), spacing(4), charger=sites
    )
    # Sites every 500 m lie beside any road up to 1.9 km off theirs, none beside one 3 km off.
    most = found.measured.high
    assert most == pytest.approx(11) if off_m == 3_000 else most < 11
    assert found.measured.low <= found.measured.value <= most


# --- dead ends, rails, rules ---------------------------------------------------


def two_cities(case, streets):
    counties = case.plan.counties.copy()
    counties["city_zh"] = [
        "西" if code in ("sw", "nw") else "东" for code in counties.index
    ]
    counties["city_en"] = counties["city_zh"].map({"西": "West", "东": "East"})
    plan = dataclasses.replace(case.plan, counties=counties)
    return dataclasses.replace(case, plan=plan, streets=streets)


def dead(case):
    asked = target("条", 0, "==", indicator="dead_ends")
    asked = dataclasses.replace(asked, direction=ctzgis.plan.Direction.FALLING)
    return finding(case, asked)


def test_ends_before_the_border_of_two_cities_are_candidates(case):
    y = Y + 700
    streets = frame(
        LineString([(X - 4_000, y), (X - 300, y)]),
        LineString([(X + 100, y), (X + 4_000, y)]),
    )
    found = dead(two_cities(case, streets))
    assert (found.measured.value, found.measured.low) == (2, 0)
    assert found.status.value == "not_assessable"  # a person must say which


def test_no_end_before_the_border_says_nothing_of_bottlenecks(case):
    y = Y + 700
    streets = frame(
        LineString([(X - 4_000, y), (X, y)]), LineString([(X, y), (X + 4_000, y)])
    )
    found = dead(two_cities(case, streets))
    assert found.measured.value == 0
    assert "bottlenecks are not counted" in found.reason.en


def test_a_border_with_roads_on_one_side_is_not_judged(case):
    streets = frame(LineString([(X - 4_000, Y + 700), (X - 300, Y + 700)]))
    found = dead(two_cities(case, streets))
    assert found.measured.value is None
    assert "both sides" in found.reason.en


def rail(**more):
    return target(
        "%", 100, "==", indicator="rail_coverage", modes=("metro",), within_km=7,
        population_from=100, **more,
    )  # fmt: skip


def test_given_cities_near_a_station_are_shared_out(case):
    # The middle is a station; a corner is 5 km from the end of the line, and 9 km of
    # north is 9 km away.
    cities = frame(MIDDLE, Point(X, Y + 4_500), population=[200, 50])
    found = finding(case, rail(), city=cities)
    assert found.measured.value == 100
    assert found.measured.low <= 100


def test_a_city_beyond_the_network_is_not_without_a_station(case):
    cities = frame(MIDDLE, Point(X, Y + 60_000), population=[200, 900])
    found = finding(*borderless(case, rail()), city=cities)
    assert (found.measured.value, found.status.value) == (50, "not_assessable")
    assert "1 cities lie beyond the network" in found.reason.en


def test_cities_that_lack_do_not_stand_for_the_extent(czt):
    spots = [czt.place(key).location.point for key in czt.centres]
    names = ["长沙市", "株洲市", "湘潭市"]
    cities = gpd.GeoDataFrame(
        {"name_zh": names, "population": [9e5] * 3}, geometry=spots, crs=czt.crs
    )
    told = ctzgis.assess("czt", facilities={"city": cities}).scorecard.findings
    (found,) = (f for f in told if f.target_id == "t001_hsr_cover")
    assert found.status.value == "not_assessable"
    assert found.reason.en.startswith("the cities given (column name_zh) lack Hengyang")


def test_no_city_as_large_is_said(case):
    found = finding(case, rail(), city=frame(MIDDLE, population=[50]))
    assert found.reason.en == "no given city has as many people"


def test_rules_can_be_measured(assessment):
    told = {
        f.target_id: f.measured
        for f in assessment.scorecard.findings
        if f.target_id.startswith("r_")
    }
    assert set(told) == {"r_zero_transfer", "r_seamless", "r_green_heart_law"}
    assert 0 < told["r_zero_transfer"].value < 1
    assert told["r_green_heart_law"].unit == "km"


def test_a_rule_with_another_indicator_is_refused(case):
    rule = ServiceRule(
        id="r", name=Text("规则", "rule"), rule="",
        citation=Citation(document="town_plan", place="—"),
        measure=Measure(indicator="area"),
    )  # fmt: skip
    with pytest.raises(PlanError, match="known for rules are new_in_zones"):
        target_of_rule(case.plan, rule)


# --- what a plan may say -------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"served": "everyone"}, "'served' is 'everyone'"),
        ({"share": 120.0}, "'share' is 120"),
        ({"within_km": -1.0}, "'within_km' is -1"),
        ({"population_from": 9.0, "population_to": 3.0}, "does not rise"),
    ],
)
def test_measures_that_make_no_sense_are_refused(words, reason):
    with pytest.raises(ValueError, match=reason):
        Measure(indicator="service_coverage", **words)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (chargers(5), "without a served"),
        (chargers(5, served="population", reach="fire_brigades"), "names reach"),
        (
            target(
                "%", 9, indicator="service_coverage", facilities="a", served="built_up"
            ),
            "names no reach",
        ),
        (
            target("min", 9, indicator="site_count", facilities="a"),
            "answers targets in",
        ),
    ],
)
def test_measures_that_do_not_fit_their_target_are_refused(asked, reason):
    with pytest.raises(PlanError, match=reason):
        require_indicator(asked)


def test_what_to_supply_is_said_by_kind_geometry_and_option(case):
    found = finding(case, spacing(4))
    assert found.reason.en == (
        "needs --facilities charger=FILE (charging sites: points or areas)"
    )
    assert found.reason.zh == "需要：--facilities charger=文件（充电站点：点或面）"


def test_every_spatial_target_is_answered_or_says_what_it_needs(czt, assessment):
    spatial = {t.id: t for t in czt.targets if t.kind == "spatial"}
    told = {}
    for found in assessment.scorecard.findings:
        told.setdefault(found.target_id, []).append(found)
    for key, asked in spatial.items():
        assert key in told
        for found in told[key]:
            assert found.measured.value is not None or len(found.reason.zh) > 5
        if answered_by(asked) == "facilities" and asked.actual is None:
            kind = asked.measure.facilities
            assert f"--facilities {kind}=" in told[key][0].reason.en


def test_a_target_that_nothing_measures_may_be_given_as_a_value(czt):
    assert need_of(czt, czt.target("t001_gas")).en.endswith("(--values)")
    # 一级 is no number that a file could give.
    assert "--values" not in need_of(czt, czt.target("t004_skeleton")).en


def test_a_kind_that_the_plan_does_not_name_is_a_fault(czt):
    with pytest.raises(PlanError, match="names 'charger', which facilities do not"):
        dataclasses.replace(czt, facilities=())


def test_counts_speak_english(czt):
    wanted = [demand(t, t.unit).en for t in czt.targets if t.unit != "text"]
    assert not [words for words in wanted if re.search("[一-鿿]", words)]


def test_the_document_lists_what_the_plan_says(czt):
    assert (ROOT / "docs" / "targets.md").read_text("utf-8") == target_table(czt)


# --- reading -------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    def write(*shapes, name="sites.gpkg", crs=CRS, **columns):
        path = tmp_path / name
        gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs).to_file(path)
        return path

    return write


def test_outlines_that_cross_themselves_are_repaired_and_told(file):
    bow = Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    sites, source = read_facilities(file(bow), "park")
    assert sites.geometry.is_valid.all()
    assert "repaired 1: invalid outlines (0)" in source.report.told()


def test_two_at_one_place_are_noticed(file):
    _, source = read_facilities(file(MIDDLE, MIDDLE), "park")
    assert "noticed 1: at the same place as one before (1)" in str(source.report.told())


def test_a_table_in_gbk_gives_the_same_count(case, tmp_path):
    path = tmp_path / "营地.csv"
    at = frame(MIDDLE).to_crs(4326).geometry[0]
    rows = f"名称,经度,纬度,count\n<script>甲</script>,{at.x},{at.y},7\n"
    path.write_bytes(rows.encode("gbk"))
    sites, _ = read_facilities(path, "camp")
    assert sites["名称"].tolist() == ["<script>甲</script>"]
    assert finding(case, count(7), camp=sites).measured.value == 7


def test_a_file_in_web_mercator_measures_the_same_area(case, tmp_path):
    parts = [square(500), square(500, X + 500), square(100, X - 3_000)]  # 1.54 km²
    path = tmp_path / "farms.gpkg"
    frame(shapely.multipolygons(parts[:1]), *parts[1:]).to_crs(3857).to_file(path)
    sites, _ = read_facilities(path, "farmland")
    asked = target("km2", 1, indicator="site_area", facilities="farmland")
    found = finding(case, asked, farmland=sites)
    assert found.measured.value == pytest.approx(1.54, rel=1e-6)


def test_mixed_points_and_areas_are_read(file):
    sites, _ = read_facilities(file(MIDDLE, square(9), name="mixed.geojson"), "park")
    assert len(sites) == 2


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        ("", SourceError, "sites"),
        ('{"type": "FeatureCollection", "features": []}', SchemaError, "no rows"),
        ("{]", SourceError, "sites"),
    ],
)
def test_broken_files_are_refused(tmp_path, content, error, reason):
    path = tmp_path / "sites.geojson"
    path.write_text(content, "utf-8")
    with pytest.raises(error, match=reason):
        read_facilities(path, "park")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"none\.gpkg"):
        read_facilities(tmp_path / "none.gpkg", "park")


def test_collections_are_refused():
    odd = frame(GeometryCollection([MIDDLE, square(9)]))
    with pytest.raises(SchemaError, match="facilities park"):
        given_facilities(odd, "park")


def test_a_frame_without_a_crs_is_refused():
    with pytest.raises(CRSError, match="facilities park have no CRS"):
        given_facilities(gpd.GeoDataFrame(geometry=[MIDDLE]), "park")


@pytest.mark.parametrize(
    "kind", ["", "Park", "../park", "park charger", "<b>", "a" * 99]
)
def test_kinds_that_are_no_words_are_refused(kind):
    with pytest.raises(InputError, match="kind of facilities"):
        given_facilities(frame(MIDDLE), kind)


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'charger'"):
        ctzgis.assess(
            "czt", facilities={"chargers": gpd.GeoDataFrame(geometry=[MIDDLE], crs=CRS)}
        )


def test_facilities_elsewhere_are_refused(file):
    far = file(Point(116.4, 39.9), crs=4326)
    with pytest.raises(InputError, match=r"sites\.gpkg: none of the 1 facilities lies"):
        ctzgis.assess("czt", facilities={"charger": far})


# --- the whole way -------------------------------------------------------------


@pytest.fixture(scope="module")
def charged(czt):
    """长株潭 with 40 × 40 chargers over its middle and a built-up area between them."""
    middle = czt.built_up.geometry["changsha"].centroid
    spots = [
        Point(middle.x + 2_000 * i, middle.y + 2_000 * j)
        for i in range(-20, 20)
        for j in range(-20, 20)
    ]
    town = gpd.GeoDataFrame(geometry=[middle.buffer(5_000)], crs=czt.crs)
    sites = gpd.GeoDataFrame(geometry=spots, crs=czt.crs).assign(count=10)
    return ctzgis.assess("czt", facilities={"charger": sites, "built_up": town})


def test_given_chargers_answer_three_targets(charged):
    told = {f.target_id: f for f in charged.scorecard.findings}
    assert told["t002_charge_city"].measured.value == 1
    # It is served, but no more than a part of what is built in three cities.
    assert "seems to be a part" in told["t002_charge_city"].reason.en
    assert told["t002_charge_city"].measured.unit == "share"
    assert told["t002_pile"].measured.value == 15_040
    assert told["t002_charge_inter"].measured.value > 40  # Liling has none
    # The built-up area given is that of another city.
    assert "seems to be a part" in told["t004_centre_area"].reason.en


def test_rule_and_files_are_in_the_provenance(charged):
    record = charged.provenance()
    reach = record["parameters"]["service_reaches"]["t002_charge_city"]
    assert reach["distance_m"] == 2_500
    assert "facilities charger" in [source["name"] for source in record["inputs"]]
    assert (
        charged.scorecard.to_frame("en")
        .loc[lambda t: t["target_id"] == "t002_pile", "inputs"]
        .str.contains("facilities charger")
        .all()
    )


def test_reports_show_the_new_findings(charged, tmp_path):
    ctzgis.write_assessment(
        charged, tmp_path, lang="en", formats=("html", "xlsx", "md")
    )
    label = "built-up area served: charging sites"
    for name in ("report.md", "report.html"):
        assert label in (tmp_path / name).read_text("utf-8")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")
    cells = {cell.value for page in sheet for row in page for cell in row}
    assert label in cells
    assert "10,000 people" in cells
    assert not cells & {"个", "座", "处", "根", "万人", "万亩"}


def test_reports_speak_chinese_of_the_new_findings(charged):
    told = report_content(charged).findings
    words = {cell.text.zh for row in told.rows for cell in row.cells}
    assert {"充电站点服务覆盖的建成区占比", "沿线充电站点最大间距"} <= words


def test_the_command_takes_facilities(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ctzgis.reporting.files.write_assessment", lambda *_, **__: [])
    sites = tmp_path / "sites.csv"
    sites.write_text("lon,lat,count\n112.98,28.2,7\n", "utf-8")
    code = main(
        ["assess", "--facilities", f"charger={sites}", "--lang", "en",
         "--facilities-datum", "gcj02", "--out", str(tmp_path / "out")]
    )  # fmt: skip
    assert code == 0
    assert "Charging piles built" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["charger", "=file", "charger="])
def test_the_command_refuses_what_is_no_pair(word, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["assess", "--facilities", word])
    assert stop.value.code == 2
    assert "no KIND=FILE" in capsys.readouterr().err


def test_the_command_refuses_a_kind_twice(tmp_path, capsys):
    sites = tmp_path / "sites.csv"
    sites.write_text("lon,lat\n112.98,28.2\n", "utf-8")
    pair = f"charger={sites}"
    assert main(["assess", "--facilities", pair, "--facilities", pair]) == 3
    assert "stands twice" in capsys.readouterr().err


def test_the_command_prints_the_methods(capsys):
    assert main(["plan", "methods", "--plan", "gridville"]) == 0
    assert "| `grid_density` |" in capsys.readouterr().out


def test_a_part_that_is_drawn_is_said_of_the_drawn_network_only(case):
    (corridor, *_) = case.plan.corridors
    half = dataclasses.replace(corridor, drawn_in_part=Text("一半", "half"))
    halved = dataclasses.replace(
        case, plan=dataclasses.replace(case.plan, corridors=(half,))
    )
    assert space._part_drawn(halved, corridor.id) is None
    assert space._part_drawn(on_drawn_roads(halved), corridor.id).en == "half"
