"""Topics beside the scorecard, in layers, report and map."""

from dataclasses import replace

import geopandas as gpd
import openpyxl
import pytest
import shapely

import ctzgis
from ctzgis.assessment.topics import measures as topic_measures
from ctzgis.assessment.topics.catalogue import TOPICS, require_topics
from ctzgis.cli import main
from ctzgis.errors import CtzgisError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.reporting.files import write_assessment
from ctzgis.reporting.maps.drawing import map_layers
from ctzgis.reporting.pictures.figures import render_figure
from ctzgis.reporting.pictures.plates import write_plate
from ctzgis.reporting.pictures.stills import CHARTS
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.reporting.reports.report import render_report, write_report

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
        assert studied.layers[key].crs == studied.plan.crs


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_topic_is_in_the_report_and_on_the_map(studied, lang):
    layers = {layer.id: layer for layer in map_layers(studied, lang=lang)}
    for key, topic in TOPICS.items():
        assert topic.title.get(lang) in titles(studied, lang)
        if not len(studied.layers[key]):
            continue
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


def test_the_index_is_a_chart_in_its_section(studied):
    (section,) = (
        s for s in report_content(studied).sections if s.title.en == "Integration index"
    )
    assert [type(block).__name__ for block in section.blocks] == ["Figure", "Table"]
    bars = CHARTS["index"].draft(studied)
    assert [round(value, 1) for value in bars.shorter][-1] == 53.2
    for lang in ("zh", "en"):
        drawn = render_figure(studied, view="index", lang=lang)
        assert bars.names[0].get(lang) in drawn
        # A range crosses the end of its bar: a mark at both of its ends.
        assert drawn.count('v10" stroke="#1a1a1a"') == len(bars.names)


def test_without_the_index_there_is_no_chart_of_it(assessment):
    assert CHARTS["index"].draft(assessment).names == ()
    with pytest.raises(InputError, match="nothing to draw"):
        write_plate(assessment, "index.svg", view="index")


def test_the_index_is_written_on_its_border(studied):
    for lang, word in (("zh", "指数 53.1"), ("en", "Index 53.1")):
        layers = {layer.id: layer for layer in map_layers(studied, lang=lang)}
        assert word in {f.label for f in layers["topic.index"].features}


def test_weight_is_graded_and_widens(studied):
    layers = {layer.id: layer for layer in map_layers(studied, lang="en")}
    drawn = layers["topic.critical_roads"]
    assert drawn.heading == "Critical roads · People affected"
    widths = [style.width_px for style in drawn.styles.values()]
    assert widths == sorted(widths)
    assert len({style.colour for style in drawn.styles.values()}) == 1
    # The road that most people need is drawn widest.
    worst = studied.layers["critical_roads"]["people_affected"].idxmax()
    name = studied.layers["critical_roads"]["name_zh"].loc[worst]
    (feature, *_) = (f for f in drawn.features if f.title == name)
    assert drawn.style_of(feature.style).width_px == max(widths)


def test_crossings_of_each_border_add_up(studied):
    table = studied.tables["borders_summary"]
    for way in ("road", "rail"):
        places = studied.layers["borders"]
        count = int((places["way"] == way).sum())
        assert (
            table.loc[table["road_class"] == f"all_{way}", "links"].sum() == count > 0
        )
    whole = table["road_class"].str.startswith("all_")
    assert table.loc[~whole, "links"].sum() == len(places)
    first = table.iloc[0]
    assert first["links_per_100km"] == pytest.approx(
        first["links"] / first["border_km"] * 100
    )


def test_crossings_are_told_for_each_border_not_each_place(studied):
    (section,) = (
        s for s in report_content(studied).sections if s.title.zh == "跨市道路与轨道"
    )
    (table,) = section.blocks
    assert len(table.rows) == len(studied.tables["borders_summary"])
    assert {"高速公路", "高速铁路", "道路合计", "轨道合计"} <= {
        row.cells[1].text.zh for row in table.rows
    }
    assert "layers.gpkg" in table.caption.zh


def test_provenance_tells_method_and_parameters(studied, assessment):
    told = studied.provenance()
    assert list(told["topics"]) == list(TOPICS)
    for key, topic in TOPICS.items():
        assert told["topics"][key]["method"]["en"] == topic.note.en
        assert told["topics"][key]["rows"] == len(studied.layers[key])
    assert told["parameters"]["missing_links"] == {"ends_within_m": 1000.0}
    assert assessment.provenance()["topics"] == {}


def test_a_road_that_ends_before_the_border_is_named_with_its_gap(studied):
    # 昭山大道 ends 911 m before the border and 1,419 m before the next road: too far.
    assert len(studied.layers["dead_ends"]) == 0
    (section,) = (
        s
        for s in report_content(studied).sections
        if s.title.zh == "市界断头路（疑似）"
    )
    assert section.blocks[0].text.zh == "按以下口径未发现。"


def test_dead_ends_are_those_of_the_layer_that_was_given(tmp_path, own_cache):
    cities = ctzgis.read_plan("czt").counties.dissolve(by="city_zh").geometry
    border = cities["长沙市"].intersection(cities["株洲市"])
    middle = max(shapely.get_parts(border), key=shapely.length).interpolate(
        0.5, normalized=True
    )
    # One road ends 150 m before the border, and another 150 m beyond it.
    roads = []
    for name in ("长沙市", "株洲市"):
        away = cities[name].buffer(-150)
        end = shapely.shortest_line(middle, away).coords[-1]
        back = shapely.shortest_line(middle, away.buffer(-2_000)).coords[-1]
        roads.append(shapely.LineString([back, end]))
    path = tmp_path / "streets.gpkg"
    gpd.GeoDataFrame({"name_zh": [NASTY, "东路"]}, geometry=roads, crs=4547).to_file(
        path
    )
    found = ctzgis.assess("czt", roads=path, also="dead-ends")
    ends = found.layers["dead_ends"]
    assert set(ends["name_zh"]) == {NASTY, "东路"}
    assert (ends["border_m"].round() <= 150).all()
    for lang in ("zh", "en"):
        assert NASTY not in render_report(found, lang=lang)
        assert NASTY not in ctzgis.draw_map(found, lang=lang).get_root().render()
    write_assessment(found, tmp_path / "out", formats=("html", "docx", "xlsx", "md"))


def test_the_help_names_every_topic(capsys):
    with pytest.raises(SystemExit):
        main(["assess", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    for key in TOPICS:
        assert key.replace("_", "-") in told.replace("- ", "-")


def test_a_topic_without_a_look_of_its_own_is_drawn(studied):
    new = replace(TOPICS["borders"], id="new", by="", summary=None)
    other = replace(
        studied,
        topics=(new,),
        layers={**studied.layers, "new": studied.layers["borders"]},
    )
    layers = {layer.id: layer for layer in map_layers(other, lang="en")}
    assert len(layers["topic.new"].features) == len(studied.layers["borders"])
    assert "Roads and railways across city borders" in titles(other, "en")
    assert list(other.provenance()["topics"]) == ["new"]


@pytest.mark.parametrize("also", ["all", "stations,missing-links", ["missing-links"]])
def test_topics_may_be_named_as_on_the_command_line(also):
    assert "missing_links" in {topic.id for topic in require_topics(also)}


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
    (section,) = (
        s for s in report_content(found).sections if s.title.en == "Missing links"
    )
    assert section.blocks[0].text.en == "None was found by this rule."


def test_where_nobody_lives_no_road_is_critical():
    found = ctzgis.assess("gridville", network=gridville(), also=["critical_roads"])
    assert len(found.layers["critical_roads"]) == 0
    assert found.provenance()["topics"]["critical_roads"]["rows"] == 0


def test_a_plan_without_terms_of_an_index_says_what_to_ask_for():
    with pytest.raises(CtzgisError, match="leave the topic 'index' out"):
        ctzgis.assess("gridville", network=gridville(), also="all")


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


def test_a_change_of_one_name_is_one_station():
    points = gpd.GeoDataFrame(
        {"name_zh": ["甲", "乙", "甲", "甲"]},
        geometry=gpd.points_from_xy([0, 0, 500, 5_000], [0, 0, 0, 0]),
        crs="EPSG:4547",
    )
    kept = topic_measures._first_of_a_change(points, 600.0)
    assert kept.tolist() == [True, True, False, True]


def test_stations_are_listed_once(assessment):
    found = ctzgis.assess("czt", year=2020, also="stations").layers["stations"]
    assert len(found) > 100
    near = found.sindex.query(found.geometry, predicate="dwithin", distance=600)
    names = found["name_zh"].to_numpy()
    assert all(names[a] != names[b] for a, b in near.T if a != b)
