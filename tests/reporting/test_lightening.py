"""Maps of very many roads: light, and honest about it."""

import dataclasses
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from ctzgis.reporting.maps import drawing as maps
from ctzgis.reporting.maps import framing
from ctzgis.reporting.maps import ground as map_ground
from ctzgis.reporting.maps.elements import FilledGroup
from ctzgis.reporting.maps.layers import Drafter, Feature, MapLayer
from ctzgis.reporting.maps.lightening import LAYERS_BYTES, lightened, size_bytes
from tests.reporting.towns import curved_grid


def layer(shapes, *, key="streets", digits=6, name="街道"):
    features = tuple(
        Feature(geometry=shape, style="streets", title="t", stands_for=9)
        for shape in shapes
    )
    return MapLayer(
        id=key, group="now", name=name, features=features, rank=1, digits=digits
    )


def one_line(streets):
    return shapely.multilinestrings(np.asarray(streets.to_crs(4326).geometry.array))


@pytest.fixture(scope="module")
def town():
    """A layer of 20,000 streets of twelve points each."""
    return layer([one_line(curved_grid(100))])


@pytest.fixture(scope="module")
def light_town(town):
    return lightened([town], budget_bytes=300_000)


def with_layer(assessment, name, frame):
    return dataclasses.replace(assessment, layers={**assessment.layers, name: frame})


def drawn_layers(assessment):
    """Return the layers of the ground by id."""
    drafter = Drafter(assessment, "zh")
    return {
        layer.id: layer for layer in map_ground.ground_layers(drafter, borders=False)
    }


@pytest.fixture(scope="module")
def bare(assessment):
    """The assessment without roads and lines of its own, which would take their time."""
    none = {name: assessment.layers[name].iloc[:0] for name in ("roads", "lines")}
    return dataclasses.replace(assessment, layers={**assessment.layers, **none})


# --- the budget --------------------------------------------------------------------


def test_layers_within_the_budget_stay_as_they_are(town):
    light = lightened([town])
    assert size_bytes(town) < LAYERS_BYTES
    assert light.layers == (town,)
    assert light.note("zh") == ""


def test_a_town_of_20_000_streets_gets_into_its_budget(town, light_town):
    assert size_bytes(town) > 700_000
    assert size_bytes(light_town.layers[0]) <= 300_000
    assert light_town.within_budget


def test_no_finer_tolerance_would_do(town, light_town):
    finer = lightened([town], budget_bytes=size_bytes(light_town.layers[0]))
    assert finer.tolerance_m == light_town.tolerance_m
    less = lightened([town], budget_bytes=size_bytes(light_town.layers[0]) - 1)
    assert less.tolerance_m > light_town.tolerance_m


def test_no_street_vanishes(town, light_town):
    before, after = (of.features[0].geometry for of in (town, light_town.layers[0]))
    assert len(after.geoms) == len(before.geoms) == 20_000


def test_streets_end_where_they_ended(town, light_town):
    before, after = (
        of.features[0].geometry.geoms for of in (town, light_town.layers[0])
    )
    for k in (0, -1):
        ends = [
            [shapely.get_point(part, k) for part in parts] for parts in (before, after)
        ]
        assert shapely.distance(*ends).max() < 1e-6


def test_streets_lie_as_near_as_the_note_says(town, light_town):
    before, after = (
        of.features[0].geometry.geoms for of in (town, light_town.layers[0])
    )
    metres = [
        gpd.GeoSeries(list(of)[::37], crs=4326).to_crs(4547) for of in (before, after)
    ]
    off = shapely.hausdorff_distance(
        *(np.asarray(of.array) for of in metres), densify=0.1
    )
    # Positions are taken to a millionth of a degree, 0.1 m.
    assert 0.5 * light_town.tolerance_m < off.max() < light_town.tolerance_m + 0.1


def test_the_layers_given_stay_as_they_are(town):
    before = town.features[0].geometry.wkb
    lightened([town], budget_bytes=200_000)
    assert town.features[0].geometry.wkb == before


def test_light_layers_are_not_touched_and_hold_what_ends_on_them(town):
    # A lone road that ends on the third point of a street must still do so.
    street = town.features[0].geometry.geoms[150]
    road = layer([shapely.LineString([street.coords[2], (120, 30)])], key="road")
    light = lightened([town, road], budget_bytes=300_000)
    assert light.layers[1] is road or light.layers[1].features == road.features
    touched = light.layers[0].features[0].geometry.geoms[150]
    assert touched.distance(shapely.Point(street.coords[2])) < 1e-6


def test_areas_become_lighter_too():
    ring = shapely.Point(113, 28).buffer(0.5, quad_segs=20_000)
    light = lightened([layer([ring], digits=5)], budget_bytes=50_000)
    assert light.within_budget
    (drawn,) = light.layers[0].features
    assert drawn.geometry.is_valid
    assert drawn.geometry.area == pytest.approx(ring.area, rel=1e-3)


def test_what_cannot_become_light_is_drawn_and_said():
    points = layer([shapely.Point(113, 28)] * 100, digits=5)
    light = lightened([points], budget_bytes=1_000)
    assert light.layers == (points,)
    assert light.note("zh") == "显示已简化：数据量仍偏大。量算仍用原始数据"


def test_lines_that_are_all_ends_stay_and_that_is_said(town):
    straight = layer([one_line(curved_grid(30, points=2))])
    light = lightened([straight], budget_bytes=1_000)
    assert not light.within_budget
    assert light.dropped_points == 0
    assert light.layers[0].features[0].geometry.geoms[7].length > 0


def test_the_note_says_what_was_done(light_town):
    many = dataclasses.replace(light_town, merged=182_113)
    assert many.note("zh") == (
        f"显示已简化：线形偏离不超过 {many.tolerance_m:g} 米（街道）；182,113 条道路按等级合并绘制。"
        "量算仍用原始数据"
    )
    assert many.note("en") == (
        f"Display simplified: lines within {many.tolerance_m:g} m of their course (街道); "
        "182,113 roads drawn as one line per class. Measured on the data as given"
    )


# --- what is drawn as one ----------------------------------------------------------


def test_streets_are_one_thing_per_class_the_quickest_on_top(bare):
    streets = curved_grid(20)
    features = drawn_layers(with_layer(bare, "streets", streets))["streets"].features
    assert [f.style for f in features] == [
        "streets.residential",
        "streets.tertiary",
        "streets.primary",
    ]
    counts = streets["road_class"].value_counts()
    assert [f.stands_for for f in features] == [
        counts[kind] for kind in ("residential", "tertiary", "primary")
    ]
    length_km = streets.length[streets["road_class"] == "tertiary"].sum() / 1000
    assert features[1].rows == (
        ("条数", f"{counts['tertiary']:,}"),
        ("长度", f"{length_km:,.1f} 公里"),
    )


def test_streets_of_unknown_class_are_drawn_too(bare):
    streets = curved_grid(5)
    streets.loc[:9, "road_class"] = ["alley", None] * 5
    features = drawn_layers(with_layer(bare, "streets", streets))["streets"].features
    assert features[0].style == "streets"
    assert features[0].stands_for == 10


def test_a_street_given_in_both_directions_is_drawn_once(bare):
    streets = curved_grid(5)[["geometry"]]
    back = streets.set_geometry(streets.reverse())
    both = gpd.GeoDataFrame(
        geometry=np.concatenate([streets.geometry, back.geometry]), crs=streets.crs
    )
    one, two = (
        drawn_layers(with_layer(bare, "streets", frame))["streets"].features[0]
        for frame in (streets, both)
    )
    assert two.geometry.length == pytest.approx(one.geometry.length)
    assert two.stands_for == 2 * one.stands_for


def named_roads(bare, count, kind):
    """Return the assessment with so many open roads of a class, each with a name."""
    roads = curved_grid(8, points=3).iloc[:count]
    roads["road_class"] = kind
    roads["name_zh"] = [f"{k}号路" for k in range(len(roads))]
    roads["open"], roads["to_come"] = True, False
    roads["opens"], roads["status"] = np.nan, "built"
    return with_layer(bare, "roads", roads)


@pytest.mark.parametrize(
    ("count", "kind", "cards"),
    [
        (20, "residential", 20),
        (21, "residential", 1),
        (21, "primary", 21),
        (51, "primary", 1),
    ],
)
def test_small_roads_lose_their_names_when_there_are_too_many(
    bare, count, kind, cards, monkeypatch
):
    monkeypatch.setattr(map_ground, "_MOST_NAMES", 20)
    monkeypatch.setattr(map_ground, "_MOST_MAIN_NAMES", 50)
    features = drawn_layers(named_roads(bare, count, kind))[f"roads.{kind}"].features
    assert len(features) == cards
    assert sum(f.stands_for for f in features) == (count if cards == 1 else 0)


# --- the page ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def laden(bare):
    return with_layer(bare, "streets", curved_grid(60))


@pytest.fixture(scope="module")
def page(laden):
    """A map that is too heavy for the budget of this test, and its text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            framing, "lightened", lambda layers: lightened(layers, budget_bytes=700_000)
        )
        drawn = maps.draw_map(laden, lang="en")
    return drawn, drawn.get_root().render()


def test_the_map_and_its_sources_say_what_was_simplified(page):
    note = (
        r"Display simplified: lines within [\d.]+ m of their course \(.*User&#39;s streets\);"
        " 7,200 roads drawn as one line per class. Measured on the data as given"
    )
    assert re.search(f'<p class="ctzgis-lightened">{note}</p>', page[1])
    assert re.search(f"<li>{note}</li>", page[1])


def test_a_map_that_shows_everything_says_nothing(bare):
    html = maps.draw_map(bare).get_root().render()
    assert "显示已简化" not in html
    assert 'class="ctzgis-lightened"' not in html


def test_simplifying_leaves_the_assessment_as_it_was(laden, page):
    assert_geodataframe_equal(laden.layers["streets"], curved_grid(60))


def test_what_is_drawn_can_still_be_asked_for(page):
    groups = [c for c in page[0]._children.values() if isinstance(c, FilledGroup)]
    (streets,) = [group for group in groups if group.layer.id == "streets"]
    shapes = [f["geometry"]["type"] for f in streets.geojson()["features"]]
    assert shapes == ["MultiLineString"] * 3
