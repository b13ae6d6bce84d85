"""Further measures of an assessment: asked for by name, never without."""

import geopandas as gpd
import pytest

import ctzgis
from ctzgis.assessment import further
from ctzgis.assessment.further import FURTHER, Found, Further, Sheet, require_further
from ctzgis.errors import InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network.edits import CloseRoad
from ctzgis.texts import Text


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    # People are read within the counties, whose outlines are rounded: a metre inside.
    path = tmp_path_factory.mktemp("people") / "people.gpkg"
    places = gridville_places()
    centre = places.geometry["centre"]
    inside = places.geometry.affine_transform(
        [0.9998, 0, 0, 0.9998, 0.0002 * centre.x, 0.0002 * centre.y]
    )
    places.set_geometry(inside).to_file(path)
    return path


@pytest.fixture(scope="module")
def town(people):
    also = ["borders", "missing-links", "critical-roads", "stations"]
    return ctzgis.assess("gridville", network=gridville(), population=people, also=also)


@pytest.fixture(scope="module")
def region():
    return ctzgis.assess("czt", year=2020, also="all")


def test_nothing_further_is_measured_without_being_asked(assessment):
    keys = {"missing_links", "critical_roads", "index_borders", "border_links"}
    assert assessment.further == ()
    assert not keys & {*assessment.layers}


def test_findings_are_the_same_with_further_measures(assessment, region):
    assert region.scorecard == assessment.scorecard


def test_all_is_every_one_in_the_order_of_the_registry(region):
    assert [part.id for part in region.further] == list(FURTHER)


def test_keys_of_tables_and_layers_do_not_meet(region):
    sheets = [sheet.key for part in region.further for sheet in part.sheets]
    drawn = [drawn.key for part in region.further for drawn in part.drawn]
    assert len({*region.tables, *region.layers}) == len(region.tables) + len(
        region.layers
    )
    assert {*sheets} <= {*region.tables}
    assert {*drawn} <= {*region.layers}


def test_every_field_is_a_column(region):
    for part in region.further:
        frames = [(s.fields, region.tables[s.key]) for s in part.sheets]
        frames += [(d.fields, region.layers[d.key]) for d in part.drawn]
        for fields, frame in frames:
            for field in fields:
                stem = field.name.removesuffix("*")
                wanted = [f"{stem}zh", f"{stem}en"] if stem != field.name else [stem]
                assert {*wanted} <= {*frame.columns}, (part.id, field)


def test_provenance_names_each_with_method_and_accuracy(region):
    told = {part["id"]: part for part in region.provenance()["further"]}
    assert list(told) == list(FURTHER)
    assert all(
        part["method"]["zh"] and part["accuracy"]["en"] for part in told.values()
    )


def test_weights_of_the_index_are_a_source(region, assessment):
    names = {source.name for source in region.sources}
    assert "index.toml" in names - {source.name for source in assessment.sources}


def test_index_is_that_of_its_own_command(region):
    from ctzgis.assessment.index.joining import integration_index
    from ctzgis.assessment.index.measures import ground_of, measure_components
    from ctzgis.sources.places.population import read_settlements
    from ctzgis.sources.plans.index_terms import read_index_terms

    network, (people, _) = ctzgis.read_network().at(2020), read_settlements()
    ground = ground_of(region.plan, network, people)
    terms, _ = read_index_terms(region.plan)
    known = integration_index(measure_components(ground), terms)
    found = region.tables["index_scores"]
    assert found["index"].tolist() == pytest.approx([i.value for i in known])


def test_totals_of_borders_are_the_links_drawn(region):
    table, layer = region.tables["border_densities"], region.layers["border_links"]
    totals = table[table["road_class"] == "all"]
    assert totals["links"].sum() == len(layer) > 0
    assert totals["links_per_100km"].tolist() == pytest.approx(
        (100 * totals["links"] / totals["border_km"]).tolist()
    )


def test_counties_of_a_single_city_are_told_apart(town):
    # Four quarters of 5 km × 5 km.
    table = town.tables["border_densities"]
    totals = table[table["road_class"] == "all"]
    assert len(totals) == 4
    assert totals["border_km"].tolist() == pytest.approx([5.0] * 4, abs=0.001)


def test_grid_has_no_road_that_cuts_people_off(town):
    assert len(town.layers["critical_roads"])
    assert (town.layers["critical_roads"]["people_cut_off"] == 0).all()


def test_road_that_cuts_people_off_is_classed_so(people):
    # The south-west corner hangs on one road once the other is closed.
    cut = gridville().with_edits(CloseRoad(road_id="r0"))
    found = ctzgis.assess(
        "gridville", network=cut, population=people, also="critical_roads"
    ).layers["critical_roads"]
    (road,) = found[found["loss"] == "cut_off"].itertuples()
    assert (road.Index, road.people_cut_off) == ("r110", 1000)


def test_people_near_stations_are_those_of_the_middle_street(town):
    # Only the one at the centre has a station within 15 min on foot; a car takes
    # 15 min for 15 km.
    rows = town.tables["station_networks"].set_index("network").loc["all"]
    assert (rows["walk_people"], rows["drive_people"]) == (1000, 5000)


def test_no_candidate_is_said(town):
    # Blocks are 1 km; ends further than 500 m apart are no candidates.
    (part,) = (part for part in town.further if part.id == "missing_links")
    assert len(town.layers["missing_links"]) == 0
    assert part.said.en == "No candidate was found."


def test_plan_without_weights_has_no_index(people):
    with pytest.raises(InputError, match="'gridville' states no weights"):
        ctzgis.assess(
            "gridville", network=gridville(), population=people, also=["index"]
        )


def test_roads_are_not_critical_where_nobody_lives():
    with pytest.raises(InputError, match="give people"):
        ctzgis.assess("gridville", network=gridville(), also=["critical_roads"])


@pytest.mark.parametrize("name", ["", "missing", "help", "<b>", "index;drop", "全部"])
def test_unknown_name_lists_those_known(name):
    with pytest.raises(InputError, match="known are index, missing_links, "):
        require_further([name])


def test_unknown_name_is_told_before_anything_is_read():
    with pytest.raises(InputError, match="did you mean 'borders'"):
        ctzgis.assess("czt", network="/no/such/folder", also=["border"])


def test_next_measure_is_one_entry(people, monkeypatch):
    def counted(case):
        sheet = Sheet(
            key="counted", title=Text("数", "n"), fields=(), caption=Text("", "")
        )
        about = Further(
            id="counted", title=Text("数", "n"), said=Text("有", "yes"), sheets=(sheet,),
            method=Text("数", "count"), accuracy=Text("准", "exact"), drawn=(),
        )  # fmt: skip
        return Found(about, {"counted": case.population.drop(columns="geometry")}, {})

    monkeypatch.setitem(further.FURTHER, "counted", counted)
    found = ctzgis.assess(
        "gridville", network=gridville(), population=people, also="counted"
    )
    assert len(found.tables["counted"]) == len(gridville_places())
    assert found.provenance()["further"][0]["said"] == {"zh": "有", "en": "yes"}


@pytest.fixture(scope="module")
def chargers():
    sites = gpd.GeoDataFrame(
        {"名称": ["站一", None, "上海"], "fid": ["x", "x", "x"], "geom": [1, 2, 3]},
        geometry=gpd.points_from_xy([112.98, 113.1, 121.5], [28.2, 27.8, 31.2]),
        crs=4326,
    )
    return ctzgis.assess("czt", facilities={"charger": sites}).layers[
        "facilities_charger"
    ]


def test_facilities_given_are_a_layer_with_names_alone(chargers):
    assert list(chargers.columns) == ["name_zh", "name_en", "geometry"]


def test_facilities_without_a_name_are_called_by_their_kind(chargers):
    assert chargers["name_zh"].tolist()[:2] == ["站一", "充电站点"]


def test_facilities_far_away_are_not_drawn(chargers):
    assert "上海" not in set(chargers["name_zh"])
