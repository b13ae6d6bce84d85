"""A file that ends within the extent, an old value, a late road: none of them decides."""

import dataclasses

import geopandas as gpd
import pytest
from shapely import LineString, Point

import ctzgis
from ctzgis.assessment import Case
from ctzgis.assessment.case import GivenValue
from ctzgis.assessment.indicators.registry import measure
from ctzgis.assessment.judging import judge
from ctzgis.sources.places.population import read_settlements


@pytest.fixture(scope="module")
def region(czt, network):
    """长株潭 in 2025, without anything of a user's."""
    people, source = read_settlements()
    return Case(
        plan=czt,
        year=2025,
        profile="free",
        network=network,
        population=people,
        population_source=source,
    )


def frame(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4547")


def finding(case, key, *, at=0, **changes):
    case = dataclasses.replace(case, **changes)
    target = case.plan.target(key)
    found = list(measure(case, target))[at]
    return judge(case.plan, target, found, year=case.year)


def county(case, code):
    return case.plan.counties.geometry[code]


def spots(case, extent="ext_zhuzhou_city"):
    """A point in each county of an extent."""
    codes = case.plan.extent(extent).counties
    return [county(case, code).representative_point() for code in codes]


@pytest.mark.parametrize(
    ("key", "sites", "areas", "columns"),
    [
        ("t004_sewage_town", "sewage", "town_area", {}),
        ("t004_village_waste", "waste_sorting", "village_area", {}),
        ("t004_tcm_county", "tcm_hospital", None, {"class_2a": 1}),
        ("t004_levee_county", "levee", None, {"complies": 1}),
    ],
)
def test_a_share_of_one_countys_things_is_none_of_a_city(
    region, key, sites, areas, columns
):
    def asked(points):
        given = {sites: frame(*points).assign(**columns)}
        if areas:
            given[areas] = frame(*(point.buffer(1_000) for point in points))
        return finding(region, key, facilities=given)

    part = asked(spots(region)[-1:])
    assert (part.measured.value, part.status.value) == (100, "not_assessable")
    assert "lies in You County, Zhuzhou districts, Yanling, Chaling" in part.reason.en
    assert "攸县、株洲市各区、炎陵县、茶陵县" in part.reason.zh
    assert asked(spots(region)).status.value == "met"


def test_towns_of_one_county_are_not_those_of_a_city(region):
    one = {"town": frame(*spots(region)[-1:], population=[60_000])}
    assert finding(region, "t004_hier_l4", facilities=one).status.value == (
        "not_assessable"
    )
    few = spots(region)
    all_ = {"town": frame(*few, population=[60_000] * 2 + [9_000] * (len(few) - 2))}
    found = finding(region, "t004_hier_l4", facilities=all_)
    assert (found.measured.value, found.status.value) == (2, "unmet")


def test_many_that_are_wanted_are_wanted_in_every_county(region):
    def stations(points):
        given = {"base_station_5g": frame(*points)}
        return finding(region, "t004_5g", facilities=given)

    assert "none of what is given" in stations(spots(region)[-1:]).reason.en
    assert stations(spots(region)).status.value == "unmet"
    # Ten parks need not be in each of nine counties.
    parks = {"industrial_park": frame(*spots(region)[-1:])}
    assert finding(region, "t004_char_parks", facilities=parks).status.value == "unmet"


def test_forest_of_one_county_is_not_that_of_a_city(region):
    part = {"forest": frame(county(region, "430281"))}
    found = finding(region, "t004_forest", facilities=part)
    assert found.measured.value == pytest.approx(19.1, abs=0.1)  # 2,157 of 11,257 km²
    assert found.status.value == "not_assessable"


def test_chargers_of_one_city_do_not_serve_the_built_up_land_of_three(region):
    x, y = region.plan.built_up.geometry["changsha"].centroid.coords[0]
    around = [
        Point(x + 2_000 * i, y + 2_000 * j)
        for i in range(-9, 10)
        for j in range(-9, 10)
    ]
    found = finding(region, "t002_charge_city", facilities={"charger": frame(*around)})
    assert 0.6 < found.measured.value < 0.75  # Changsha has 567 of 806 km²
    assert found.status.value == "not_assessable"
    assert "株洲市、湘潭市" in found.reason.zh


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("t002_charge_city", "charger"),
        ("t004_greenland", "green_land"),
        ("t004_centre_area", None),
    ],
)
def test_a_patch_is_not_all_that_is_built(region, key, given):
    areas = region.plan.built_up.geometry

    def asked(town):
        facilities = {"built_up": frame(*town)}
        if given:
            facilities[given] = frame(*(part.buffer(100) for part in town))
        return finding(region, key, facilities=facilities)

    patch = asked([areas["zhuzhou"].representative_point().buffer(300)])
    assert patch.status.value == "not_assessable"
    assert "less than 50%" in patch.reason.en
    assert "不到" in patch.reason.zh
    assert asked(areas).status.value == ("met" if given else "unmet")


def test_homes_of_one_quarter_are_not_those_of_a_city(region):
    town = region.plan.built_up.geometry["zhuzhou"]  # 150 km²
    middle = town.representative_point()

    def asked(homes):
        given = {"park": frame(homes), "residential": frame(homes)}
        return finding(region, "t004_park_cover", facilities=given)

    few = asked(middle.buffer(1_000))  # 3 km²
    assert few.measured.label.en.startswith("residential land served")
    assert "less than 10%" in few.reason.en
    assert asked(town.buffer(-1_500)).status.value == "met"


def test_at_one_place_may_be_one_thing_twice(region):
    spot = spots(region)[0]
    ten = {"hydrogen_new": frame(*[spot] * 10)}
    found = finding(region, "t004_h2", facilities=ten)
    assert (found.measured.low, found.measured.high) == (1, 10)
    assert found.status.value == "not_assessable"
    apart = [Point(spot.x + 10 * i, spot.y) for i in range(10)]
    apart = {"hydrogen_new": frame(*apart)}
    assert finding(region, "t004_h2", facilities=apart).status.value == "met"


def test_people_of_one_county_are_not_those_of_a_city(region):
    source = ctzgis.provenance.Source(name="people.csv", what="", source="", licence="")
    ground = {"sports_ground": frame(*(point.buffer(1_000) for point in spots(region)))}

    def asked(points):
        people = frame(*points, population=[100_000] * len(points))
        return finding(
            region, "t004_sport_area", facilities=ground, population=people,
            population_source=source,
        )  # fmt: skip

    few = asked(spots(region)[:1])
    assert few.status.value == "not_assessable"
    assert "nobody lives in Tianyuan, Lukou" in few.reason.en
    # 9 discs of 3.137 km² for 900,000 people.
    assert asked(spots(region)).measured.value == pytest.approx(31.4, abs=0.1)
    assert asked(spots(region)).status.value == "met"


def test_people_elsewhere_do_not_leave_a_town_empty(region):
    source = ctzgis.provenance.Source(name="people.csv", what="", source="", licence="")
    people = frame(county(region, "430102").representative_point(), population=[1e6])
    found = finding(
        region, "t004_centre_pop", population=people, population_source=source
    )
    assert (found.measured.value, found.status.value) == (0, "not_assessable")


@pytest.mark.parametrize("year", [2019, 2021])
def test_the_census_is_of_2020(region, year):
    found = finding(region, "t004_centre_pop", year=year)
    assert "of the 2020 census" in found.reason.en


def test_what_opens_after_the_due_year_was_not_built_by_then(region):
    now, later = (finding(region, "t004_expwy_new", year=year) for year in (2025, 2035))
    assert later.measured.value == now.measured.value
    assert "by the end of 2025" in later.measured.method.en
    assert later.status.value == "not_assessable"


def opening(region, years):
    """One straight motorway of 60 km for each year, within 株洲."""
    x, y = county(region, "430223").representative_point().coords[0]
    roads = region.network.roads
    frame = roads.roads.head(len(years)).copy()
    lines = [
        LineString([(x - 5e3, y + 1e3 * i), (x + 5e3, y + 1e3 * i)])
        for i in range(len(years))
    ]
    frame = frame.assign(road_class="motorway", opens=[float(y) for y in years])
    return frame.set_geometry(lines, crs=frame.crs)


def test_one_way_lines_of_a_given_network_may_be_half_of_a_road(region):
    rows = opening(region, [2022, 2023]).assign(
        oneway=True, from_id=["a", "c"], to_id=["b", "d"]
    )
    target = dataclasses.replace(region.plan.target("t004_expwy_new"), value=15.0)
    given = with_roads(region, rows)
    (found,) = measure(given, target)
    assert found.value == pytest.approx(20)
    assert "proves nothing" in found.obstacle.en  # 10 km if they are one road's
    target = dataclasses.replace(target, value=9.0)
    (found,) = measure(given, target)
    assert (found.low, found.high) == pytest.approx((10, 20))
    assert "half" in found.accuracy.en


def with_roads(region, rows):
    """Return the case on a given network of some roads only."""

    class Roads:
        roads = rows
        sources = ()

    class Network:
        roads = Roads
        lines = ()

        def at(self, _):
            return self

    return dataclasses.replace(region, network=Network())


def test_a_network_without_railways_tells_of_no_station(region):
    extent = region.plan.extent("ext_huan_czt")
    names = [region.plan.place(key).name.zh for key in extent.places]
    spots = [region.plan.place(key).location.point for key in region.plan.centres]
    cities = frame(
        *(spots[i % 3] for i in range(len(names))),
        name_zh=names,
        population=[2e6] * len(names),
    )
    roads = dataclasses.replace(region.network, lines=())
    found = finding(
        region, "t001_hsr_cover", network=roads, facilities={"city": cities}
    )
    assert (found.measured.value, found.status.value) == (0, "not_assessable")
    assert "no line of hsr" in found.reason.en
    assert "没有高铁线路" in found.reason.zh


def test_a_fraction_is_not_taken_for_per_cent(region):
    def asked(key, value):
        return finding(region, key, values={key: GivenValue(value=value)})

    assert "give 57" in asked("t000_forest", 0.57).reason.en
    assert asked("t000_forest", 57).status.value == "met"
    assert asked("t000_rd", 0.3).status.value == "unmet"  # of 3 %, and no fraction


def test_what_was_reached_in_2020_says_nothing_of_2015(region):
    early, then, later = (
        finding(region, "h135_forest", year=year) for year in (2015, 2020, 2030)
    )
    assert early.status.value == "not_assessable"
    assert "of 2020, after 2015" in early.reason.en
    assert then.status.value == later.status.value == "met"


def test_preliminary_works_are_not_counted_as_water_that_flows(czt):
    for key in ("t004_yintao_counties", "t004_yintao_irr"):
        assert czt.target(key).measure is None
        assert "preliminary works" in czt.target(key).needs.en


def test_people_in_ten_thousands_are_not_taken_for_people(region):
    few = spots(region)
    towns = {"town": frame(*few, population=[6] * len(few))}
    found = finding(region, "t004_hier_l4", facilities=towns)
    assert found.status.value == "not_assessable"
    assert "give people" in found.reason.en
    cities = {"city": frame(*few, population=[90] * len(few))}
    found = finding(region, "t001_hsr_cover", facilities=cities)
    assert "以人计" in found.reason.zh


@pytest.mark.parametrize("count", [0.5, 1e308, float("nan"), -1, "12根"])
def test_a_count_that_counts_nothing_is_refused(region, count):
    given = {"charger_new": frame(*spots(region)[:1], count=[count])}
    with pytest.raises(ctzgis.errors.InputError, match="whole number of 0 or more"):
        finding(region, "t004_piles", facilities=given)


def test_a_network_that_ends_before_a_city_makes_no_trip_too_long(region):
    # All roads but those within 2.4 km of the centre of 株洲.
    centre = region.plan.place("zhuzhou").location.point
    roads = region.network.roads
    kept = roads.roads[roads.roads.distance(centre) > 2_400]
    cut = ctzgis.RoadNetwork(kept, roads.junctions, ())
    given = dataclasses.replace(region.network, roads=cut)
    told = [finding(region, "t000_half_hour", at=k, network=given) for k in range(3)]
    by_pair = {f.measured.subject.zh: f for f in told}
    assert by_pair["长沙—株洲"].measured.value > 30
    assert by_pair["长沙—株洲"].status.value == "not_assessable"
    assert "no road within 2 km of Zhuzhou" in by_pair["长沙—株洲"].reason.en
    assert by_pair["长沙—湘潭"].status.value == "unmet"
