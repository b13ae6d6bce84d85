"""Rule sets of road density, what they change, and derived built-up areas."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from ctzgis.analysis.built_up import BuiltUpRules, derived_built_up
from ctzgis.analysis.carriageways import carriageway_weights
from ctzgis.analysis.density import road_density
from ctzgis.analysis.density_rules import DENSITY_RULES, DensityRules, rules_named
from ctzgis.analysis.density_sensitivity import density_sensitivity
from ctzgis.errors import InputError
from ctzgis.texts import Text

X, Y = 500_000.0, 3_100_000.0


def streets(rows):
    """Streets of a class from a kilometre of each kind, on a square of 4 km²."""
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["road_class", "geometry"]), crs=4547
    )
    return frame.set_geometry(frame.geometry.translate(X, Y))


def line(y, back=False):
    xy = [(500, y), (1500, y)]
    return LineString(xy[::-1] if back else xy)


SQUARE = gpd.GeoDataFrame(geometry=[box(X, Y, X + 2000, Y + 2000)], crs=4547)
TOWN = streets(
    [
        ("primary", line(500)),
        ("primary", line(520, back=True)),
        ("residential", line(900)),
        ("service", line(1200)),
        ("path", line(1500)),
        ("primary_link", line(1700)),
        (None, line(1900)),
    ]
)


def km(rules, **options):
    return road_density(TOWN, SQUARE, rules=rules, **options)["length_km"].item()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # The arterial once, and the residential street; by the yearbook service roads too.
        ("gbt51328", 2.0),
        ("mohurd", 3.0),
    ],
)
def test_a_rule_set_counts_what_it_says(name, wanted):
    weights = carriageway_weights(TOWN)
    built = SQUARE
    assert km(name, weight=weights, built_up=built) == pytest.approx(wanted, abs=0.01)
    assert km("raw") == pytest.approx(7)


def test_rules_that_count_carriageways_once_ask_for_weights():
    with pytest.raises(InputError, match="weight"):
        km("gbt51328", built_up=SQUARE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", DENSITY_RULES)
def test_rules_tell_every_choice_and_how_sure_it_is(name, lang):
    told = rules_named(name).told(lang).splitlines()
    assert told[0].startswith(name)
    assert len(told) >= 10
    assert any(row.startswith("[A]") for row in told)


def test_residential_streets_may_be_left_out():
    strict = rules_named("gbt51328").without_class("residential")
    weights = carriageway_weights(TOWN)
    assert km(strict, weight=weights, built_up=SQUARE) == pytest.approx(1, abs=0.01)
    again = strict.with_class("residential")
    assert again.counts_class("residential")
    assert km(again, weight=weights, built_up=SQUARE) == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"border": "most"}, "border is 'most'"),
        ({"classes": ()}, "classes is empty"),
        ({"classes": ("alley",)}, "classes is 'alley'"),
        ({"border_m": -1}, "border_m is -1"),
        ({"denominator": "sea"}, "denominator is 'sea'"),
    ],
)
def test_unknown_choices_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        DensityRules(name="own", title=Text("自", "own"), **change)


def test_unknown_rule_sets_name_the_known():
    with pytest.raises(InputError, match="gbt51328, mohurd, raw"):
        rules_named("iso")


def test_water_can_be_left_out_of_the_land():
    lake = gpd.GeoDataFrame(geometry=[box(X, Y, X + 2000, Y + 400)], crs=4547)
    dry = replace(rules_named("raw"), denominator="zone_without")
    found = road_density(TOWN, SQUARE, rules=dry, without=lake).iloc[0]
    assert found["area_km2"] == pytest.approx(3.2, rel=1e-3)
    assert found["length_km"] == pytest.approx(7)
    assert found["denominator"] == "zone_without"
    with pytest.raises(InputError, match="do not use without"):
        road_density(TOWN, SQUARE, without=lake)


def test_sensitivity_changes_one_choice_at_a_time():
    table = density_sensitivity(
        TOWN, SQUARE, target_km_per_km2=1.6, weight=carriageway_weights(TOWN)
    )
    shown = table.set_index("variant")
    base = shown.loc["base"]
    assert base["length_km"] == pytest.approx(7)
    assert base["met"]
    once = shown[shown.index.str.contains("once")].iloc[0]
    assert once["length_km"] == pytest.approx(6, abs=0.01)
    assert once["difference_share"] == pytest.approx(-1 / 7, abs=0.01)
    assert not once["met"]
    assert set(table.attrs["variants"]) == set(table["variant"])
    with pytest.raises(InputError, match="target_km_per_km2 is 0"):
        density_sensitivity(TOWN, SQUARE, target_km_per_km2=0)


def grid(blocks, step_m):
    xy = np.arange(blocks + 1) * step_m
    ways = [LineString([(xy[0], y), (xy[-1], y)]) for y in xy]
    ways += [LineString([(x, xy[0]), (x, xy[-1])]) for x in xy]
    return gpd.GeoSeries(ways).translate(X, Y)


def test_a_dense_grid_is_built_up_and_a_road_beyond_it_is_not():
    # 3 km of blocks of 200 m, 10 km/km², and a road of 10 km that leads away.
    road = gpd.GeoSeries([LineString([(X + 3000, Y), (X + 13_000, Y)])])
    town = gpd.GeoDataFrame(
        geometry=pd.concat([grid(15, 200), road], ignore_index=True), crs=4547
    )
    found = derived_built_up(town)
    assert len(found) == 1
    square = box(X, Y, X + 3000, Y + 3000)
    shape = found.geometry.iloc[0]
    assert shape.intersection(square).area / square.area > 0.95
    assert found["area_km2"].item() == pytest.approx(9, rel=0.3)
    assert shape.distance(shapely.Point(X + 9000, Y)) > 4000
    assert found["derived"].all()
    assert "km" in found.attrs["method"].en


def test_nothing_is_built_up_without_streets_or_by_lines_of_no_length():
    none = gpd.GeoDataFrame(geometry=[LineString([(X, Y), (X, Y)])], crs=4547)
    assert derived_built_up(none).empty
    assert derived_built_up(none.iloc[:0]).empty


def test_land_that_was_derived_says_so():
    town = gpd.GeoDataFrame(geometry=grid(15, 200), crs=4547)
    zone = gpd.GeoDataFrame(geometry=[box(X, Y, X + 6000, Y + 3000)], crs=4547)
    rules = replace(rules_named("raw"), denominator="built_up")
    found = road_density(town, zone, rules=rules)
    assert found["denominator"].tolist() == ["built_up_derived"]
    assert 8 < found["road_density_km_per_km2"].item() < 12
    assert found["area_km2"].item() < 13


def test_odd_patterns_are_refused():
    with pytest.raises(InputError, match="cell_m"):
        BuiltUpRules(cell_m=0)
