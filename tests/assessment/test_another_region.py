"""Another region's plan, network, people and streets, end to end on Gridville."""

import geopandas as gpd
import pytest

import ctzgis
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places


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
    with pytest.raises(InputError, match="nobody lives within the planning area"):
        ctzgis.assess("gridville", network=gridville(), population=path)
