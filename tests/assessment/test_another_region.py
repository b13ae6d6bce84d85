"""Another region's plan, network, people and streets, end to end on Gridville."""

import dataclasses

import geopandas as gpd
import pytest

import ctzgis
from ctzgis.assessment.indicators.registry import require_indicator
from ctzgis.errors import InputError, PlanError
from ctzgis.examples import gridville, gridville_places
from ctzgis.plan import Measure


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    path = tmp_path_factory.mktemp("gridville") / "people.gpkg"
    gridville_places().to_file(path)
    return path


@pytest.fixture(scope="module")
def town(people, tmp_path_factory):
    streets = tmp_path_factory.mktemp("gridville") / "streets.gpkg"
    gridville().roads.roads.reset_index(drop=True)[["geometry"]].to_file(streets)
    return ctzgis.assess(
        "gridville", network=gridville(), population=people, roads=streets
    )


def values(assessment, indicator, profile=None):
    return {
        f.measured.subject.en: f.measured.value
        for f in assessment.scorecard.findings
        if f.measured.indicator == indicator and f.measured.profile == profile
    }


def test_times_are_those_between_the_circles_places(town):
    # 5 km at 60 km/h, and at half of that in the peak.
    for profile, minutes in (("free", 5), ("peak", 10)):
        times = values(town, "drive_time", profile)
        assert list(times) == ["Centre–West End", "Centre–East End"]
        assert list(times.values()) == pytest.approx([minutes] * 2, abs=0.01)


def test_people_are_counted_as_given_without_a_range(town):
    # Corners are 10 km from the centre: 10 min in free flow.
    (share,) = values(town, "population_share", "free").values()
    assert share == 100
    finding = next(
        f for f in town.scorecard.findings if f.measured.indicator == "population_share"
    )
    assert finding.measured.low is None
    assert "given" in finding.measured.method.en


def test_density_is_near_the_hand_count(town):
    # 220 km less half of the 40 km along the border, on 100 km²; the border is
    # rounded to 0.1 m, so that a road along it counts as in or out.
    density = values(town, "road_density")
    assert density["All of Gridville"] == pytest.approx(2.0, rel=0.1)
    assert len(density) == 5


def test_what_waits_for_statistics_is_judged_when_they_are_given(people, tmp_path):
    given = tmp_path / "values.csv"
    given.write_text("target_id,value,source\ngrid_trees,31,survey\n", "utf-8")
    result = ctzgis.assess(
        "gridville", network=gridville(), population=people, values=given
    )
    trees = next(f for f in result.scorecard.findings if f.target_id == "grid_trees")
    assert trees.status.value == "met"
    assert trees.measured.accuracy.en == "survey"
    assert trees.measured.inputs == ("values.csv",)


def test_all_files_are_written(town, tmp_path):
    files = ctzgis.write_assessment(town, tmp_path / "out", lang="en")
    assert all(file.stat().st_size > 100 for file in files)
    assert "长沙" not in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_people_elsewhere_are_refused(tmp_path):
    path = tmp_path / "beijing.gpkg"
    spot = gpd.points_from_xy([116.4], [39.9], crs=4326)
    gpd.GeoDataFrame({"population": [1000]}, geometry=spot).to_file(path)
    with pytest.raises(InputError, match=r"around 116.40.*outside the bounds"):
        ctzgis.assess("gridville", network=gridville(), population=path)


def test_without_people_the_rest_is_assessed():
    result = ctzgis.assess("gridville", network=gridville())
    assert values(result, "drive_time", "free")
    assert not values(result, "population_share", "free")


def test_a_plan_without_axes_or_systems_is_assessed(people):
    plan = ctzgis.read_plan("gridville")
    bare = dataclasses.replace(
        plan, structure=tuple(e for e in plan.structure if e.kind != "axis")
    )
    result = ctzgis.assess(bare, network=gridville(), population=people)
    assert result.tables["corridor_places"].empty


def test_a_network_elsewhere_is_refused(czt):
    with pytest.raises(InputError, match="does not touch the planning area"):
        moved = czt.counties.assign(geometry=czt.counties.translate(xoff=9e5))
        ctzgis.assess(dataclasses.replace(czt, counties=moved))


@pytest.mark.parametrize(
    ("measure", "unit", "reason"),
    [
        (Measure(indicator="density"), "min", "known are area"),
        (Measure(indicator="travel_time"), "min", "without a circle"),
        (Measure(indicator="area"), "min", "answers targets in km2"),
    ],
)
def test_an_indicator_that_cannot_answer_is_refused(measure, unit, reason):
    target = dataclasses.replace(
        ctzgis.read_plan("gridville").target("grid_quarter_hour"),
        measure=measure,
        unit=unit,
    )
    with pytest.raises(PlanError, match=reason):
        require_indicator(target)


def test_a_target_whose_indicator_yields_nothing_waits():
    plan = ctzgis.read_plan("gridville")
    circles = tuple(dataclasses.replace(c, modes=()) for c in plan.circles)
    result = ctzgis.assess(
        dataclasses.replace(plan, circles=circles), network=gridville()
    )
    waiting = [f.target_id for f in result.scorecard.waiting]
    assert "grid_quarter_hour" in waiting


def test_a_value_answers_every_document_that_says_the_same(tmp_path):
    given = tmp_path / "values.csv"
    given.write_text("target_id,value\nt002_urbanization,81\n", "utf-8")
    findings = ctzgis.assess("czt", values=given).scorecard.findings
    status = {f.target_id: f.status.value for f in findings}
    assert status["t000_urbanization"] == status["t002_urbanization"] == "met"


def test_a_value_given_for_a_measured_target_stands_beside_it(tmp_path):
    given = tmp_path / "values.csv"
    given.write_text("target_id,value\ngrid_density,2.1\n", "utf-8")
    result = ctzgis.assess("gridville", network=gridville(), values=given)
    found = [f for f in result.scorecard.findings if f.target_id == "grid_density"]
    assert [f.status.value for f in found] == ["met", "not_assessable"]


def test_times_on_a_given_network_claim_no_accuracy_of_the_shipped_one(town):
    times = [
        finding.measured
        for finding in town.scorecard.findings
        if finding.measured.indicator == "drive_time"
    ]
    assert len(times) == 4
    for measured in times:
        assert (measured.low, measured.high, measured.schematic) == (None, None, False)
        assert measured.accuracy.en == "the accuracy of the given network is not stated"
    assert town.parameters["error_of_speeds_share"] == 0


def test_density_of_a_part_is_for_information(town):
    found = [
        finding
        for finding in town.scorecard.findings
        if finding.measured.indicator == "road_density"
    ]
    whole, *parts = found
    assert whole.measured.subject.en == "All of Gridville"
    assert {part.status.value for part in parts} == {"not_assessable"}
    assert all("as a whole; a part of it is for" in part.reason.en for part in parts)
