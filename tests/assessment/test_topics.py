"""Topics beside the scorecard, in layers, report and map."""

import geopandas as gpd
import openpyxl
import pytest

import ctzgis
from ctzgis.assessment.topics import TOPICS
from ctzgis.cli import main
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.reporting.drafting import report_content
from ctzgis.reporting.files import write_assessment
from ctzgis.reporting.maps import map_layers
from ctzgis.reporting.report import write_report

NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def studied(own_cache):
    return ctzgis.assess("czt", year=2020, also=tuple(TOPICS))


def titles(assessment, lang):
    return [s.title.get(lang) for s in report_content(assessment).sections]


def test_without_being_asked_nothing_is_measured_beside(assessment):
    assert assessment.topics == ()
    assert not TOPICS.keys() & assessment.layers.keys()


def test_every_topic_has_a_layer_in_the_crs_of_the_plan(studied):
    for key in TOPICS:
        assert len(studied.layers[key])
        assert studied.layers[key].crs == studied.plan.crs


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_topic_is_in_the_report_and_on_the_map(studied, lang):
    layers = {layer.id: layer for layer in map_layers(studied, lang=lang)}
    for key, topic in TOPICS.items():
        assert topic.title.get(lang) in titles(studied, lang)
        drawn = layers[f"topic.{key}"]
        assert drawn.name == topic.title.get(lang)
        assert all(feature.title for feature in drawn.features)


def test_long_tables_say_how_much_they_leave_out(studied):
    (section,) = (
        s for s in report_content(studied).sections if s.title.en == "Critical roads"
    )
    (table,) = section.blocks
    found = len(studied.layers["critical_roads"])
    assert found > 10
    assert len(table.printed().rows) == 10
    assert f"the first 10 of {found}" in table.printed().caption.en
    assert "chematic" in table.caption.en


def test_workbook_has_all_rows_of_a_topic(studied, tmp_path):
    write_report(studied, tmp_path / "r.xlsx", lang="en")
    names = {
        row[0]
        for row in openpyxl.load_workbook(tmp_path / "r.xlsx")["Critical roads"].values
    }
    assert set(studied.layers["critical_roads"]["name_zh"]) <= names


def test_public_map_shows_no_index_on_borders(studied):
    drawn = {layer.id for layer in map_layers(studied)}
    public = {layer.id for layer in map_layers(studied, public=True)}
    assert {"topic.index", "topic.missing_links"} <= drawn
    assert drawn - public == {"topic.index", "counties"}


def test_the_index_is_that_of_its_own_command(studied):
    # docs/methods.md: 53.2 for the region in 2020.
    table = studied.layers["index"].set_index("subject")
    assert table.loc["region", "index"] == pytest.approx(53.2, abs=0.05)
    assert table.loc["region"].geometry is None
    assert table.loc["changsha–zhuzhou", "name_en"] == "Changsha – Zhuzhou"
    assert {"index.toml"} <= {source.name for source in studied.sources}


def test_roads_that_cost_nothing_are_left_out(studied):
    found = studied.layers["critical_roads"]
    assert ((found["people_cut_off"] > 0) | (found["added_person_min"] > 0)).all()
    assert found["over_river"].iloc[0]


def test_a_topic_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="'nothing' is not known; known are index"):
        ctzgis.assess("czt", also=["nothing"])


def test_the_command_names_what_it_knows(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "--also", "borders,nothing"])
    assert stopped.value.code == 2
    assert "missing-links" in capsys.readouterr().err


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    path = tmp_path_factory.mktemp("town") / "people.gpkg"
    gridville_places().to_file(path)
    return {"plan": "gridville", "network": gridville(), "population": path}


def test_topics_of_a_town_without_rivers_or_gaps_are_empty_or_small(town):
    also = ["missing_links", "critical_roads", "borders", "stations"]
    found = ctzgis.assess(**town, also=also)
    # Streets join everywhere: nothing is missing.
    assert len(found.layers["missing_links"]) == 0
    # The centre's 1,000 people alone live near a station; corners are 10 km off.
    near = found.layers["stations"].set_index("name_zh")["straight"]
    assert near.max() == 1000
    assert "Missing links" not in titles(found, "en")
    assert found.provenance()


def _kind():
    """A kind of facilities that Gridville's plan asks for."""
    return next(
        t.measure.facilities
        for t in ctzgis.read_plan("gridville").targets
        if t.measure is not None and t.measure.facilities
    )


def test_facilities_given_are_drawn_with_names_as_text(town):
    sites = gpd.GeoDataFrame(
        {"name_zh": [NASTY]}, geometry=[gridville_places().geometry["centre"]],
        index=["a"], crs="EPSG:4547",
    )  # fmt: skip
    kind = _kind()
    found = ctzgis.assess(**town, facilities={kind: sites})
    layers = {layer.id: layer for layer in map_layers(found, lang="en")}
    (feature,) = layers[f"facilities_{kind}"].features
    assert feature.title == NASTY
    drawn = ctzgis.draw_map(found).get_root().render()
    assert NASTY not in drawn


def test_thousands_of_facilities_are_drawn_as_one(town):
    centre = gridville_places().geometry["centre"]
    xy = [(centre.x + k % 60, centre.y + k // 60) for k in range(3_000)]
    sites = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*zip(*xy, strict=True)), crs=4547
    )
    found = ctzgis.assess(**town, facilities={_kind(): sites})
    layers = {layer.id: layer for layer in map_layers(found, lang="en")}
    (feature,) = layers[f"facilities_{_kind()}"].features
    assert feature.geometry.geom_type == "MultiPoint"
    assert feature.rows == (("Count", "3,000"),)


@pytest.mark.parametrize(
    "fields", [{"fid": ["x", "x"]}, {"fid": [1, 1]}, {"A": [1, 2], "a": [3, 4]}]
)
def test_fields_of_facilities_break_no_file(town, fields, tmp_path):
    centre = gridville_places().geometry["centre"]
    sites = gpd.GeoDataFrame(
        {"名称": ["站一", None], **fields}, geometry=[centre, centre], crs=4547
    )
    found = ctzgis.assess(**town, facilities={_kind(): sites})
    write_assessment(found, tmp_path)
    layer = found.layers[f"facilities_{_kind()}"]
    assert list(layer.columns) == ["name_zh", "name_en", "geometry"]
    assert layer["name_zh"].iloc[0] == layer["name_en"].iloc[0] == "站一"
