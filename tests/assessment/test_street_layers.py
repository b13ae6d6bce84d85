"""How a street layer's lines count in the scorecard: once for each road, or as drawn."""

import geopandas as gpd
import pytest
import shapely

import ctzgis
from ctzgis.assessment.indicators import space
from ctzgis.examples import gridville, gridville_places


def divided():
    """Gridville's streets, each of two carriageways of 20 m apart, driven on the right."""
    lines = gridville().roads.roads.geometry.array
    oncoming = shapely.reverse(shapely.offset_curve(lines, 20))
    return gpd.GeoDataFrame(geometry=[*lines, *oncoming], crs=lines.crs)


def density(tmp_path, frame):
    """What the scorecard finds for Gridville on a layer."""
    streets, people = tmp_path / "streets.gpkg", tmp_path / "people.gpkg"
    frame.to_file(streets)
    gridville_places().to_file(people)
    town = ctzgis.assess(
        "gridville", network=gridville(), population=people, roads=streets
    )
    measured = [finding.measured for finding in town.scorecard.findings]
    return next(m for m in measured if m.indicator == "road_density")


def test_divided_roads_count_once_where_classes_are_known(tmp_path):
    found = density(tmp_path, divided().assign(road_class="secondary"))
    drawn = density(tmp_path, divided())
    assert found.value == pytest.approx(drawn.value / 2, rel=0.03)
    assert "once" in found.method.en
    assert "twice" in drawn.method.en


def test_a_layer_drawn_against_its_traffic_counts_once_too():
    frame = divided().assign(road_class="secondary")
    turned = frame.set_geometry(frame.geometry.reverse())
    here, there = (space._counting(layer) for layer in (frame, turned))
    assert here.weight.mean() == pytest.approx(there.weight.mean(), abs=0.01)
    assert here.weight.mean() < 0.55


def test_chinese_classes_count_once_as_openstreetmaps_do(tmp_path):
    english = density(tmp_path, divided().assign(road_class="secondary"))
    chinese = density(tmp_path, divided().assign(道路等级="城市次干道"))
    assert chinese.value == english.value
    assert "once" in chinese.method.en


def test_ramps_and_rings_in_a_field_of_their_own_do_not_count(tmp_path):
    frame = divided().assign(道路等级="次干路", 匝道="否")
    whole = density(tmp_path, frame)
    frame.loc[: len(frame) // 2 - 1, "匝道"] = "是"
    found = density(tmp_path, frame)
    # What is left are the carriageways of one hand, half a road each.
    assert found.value == pytest.approx(whole.value / 2, rel=0.03)


@pytest.mark.parametrize("strange", ["甲级路", "alley"])
def test_classes_that_are_not_known_leave_lines_as_they_are_drawn(tmp_path, strange):
    frame = divided().assign(road_class="secondary")
    frame.loc[0, "road_class"] = strange
    assert "twice" in density(tmp_path, frame).method.en


def test_lines_without_a_direction_of_traffic_count_as_they_are_drawn():
    # No line has another beside it, so nothing tells on which hand traffic keeps.
    single = gridville().roads.roads[["road_class", "geometry"]]
    assert space._counting(single) is space._AS_DRAWN


def test_a_layer_of_main_roads_only_is_not_judged(tmp_path):
    roads = gridville().roads.roads[["geometry"]].iloc[::2]
    people, streets = tmp_path / "people.gpkg", tmp_path / "streets.gpkg"
    gridville_places().to_file(people)

    def told(*classes):
        layer = roads.assign(
            road_class=[classes[i % len(classes)] for i in range(len(roads))]
        )
        layer.to_file(streets)
        town = ctzgis.assess(
            "gridville", network=gridville(), population=people, roads=streets
        )
        found = town.scorecard.findings
        return next(f for f in found if f.measured.indicator == "road_density")

    main, all_ = told("primary"), told("primary", "tertiary")
    assert main.measured.value == all_.measured.value < 1.5
    assert (main.status.value, all_.status.value) == ("not_assessable", "unmet")
    assert "main roads only" in main.reason.en
    assert "只有干道" in main.reason.zh


def test_what_is_too_thin_as_a_whole_may_be_dense_where_it_is_built_up(tmp_path):
    # One street of 500 m in every km², and a town of 1 km² with 16 streets of it.
    people, streets = tmp_path / "people.gpkg", tmp_path / "streets.gpkg"
    gridville_places().to_file(people)
    x, y = 495_000, 3_100_000
    spots = [(x + 1e3 * i, y + 1e3 * j) for i in range(10) for j in range(10)]
    lines = [((a + 250, b + 500), (a + 750, b + 500)) for a, b in spots]
    town = [((x + 5_250, y + 5_030 + 30 * k), (x + 5_750, y + 5_030 + 30 * k))
            for k in range(1, 16)]  # fmt: skip
    layer = shapely.linestrings([*lines, *town])
    gpd.GeoDataFrame(geometry=layer, crs=4547).to_file(streets)
    built = gpd.GeoDataFrame(
        geometry=[shapely.box(x + 5e3, y + 5e3, x + 6e3, y + 6e3)], crs=4547
    )

    def told(**given):
        found = ctzgis.assess(
            "gridville", network=gridville(), population=people, roads=streets, **given
        )
        return next(
            f
            for f in found.scorecard.findings
            if f.measured.indicator == "road_density"
        )

    assert told().status.value == "unmet"  # 57.5 km on 100 km², and 2 are wanted
    town = told(facilities={"built_up": built})
    assert town.measured.value == pytest.approx(0.575, abs=0.01)
    assert town.status.value == "not_assessable"
    assert "over what is built up it is 8.0 km/km²" in town.reason.en
    assert "按建成区为8.0 km/km²" in town.reason.zh
