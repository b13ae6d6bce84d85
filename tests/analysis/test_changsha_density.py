"""Road density of Changsha's inner districts, beside values worked out elsewhere."""

from dataclasses import replace

import geopandas as gpd
import pytest

from ctzgis.analysis import (
    DENSITY_RULES,
    CarriagewayRules,
    carriageway_weights,
    drawn_traffic,
    road_density,
)
from ctzgis.analysis.streets.density import mapped_share
from ctzgis.errors import InputError
from ctzgis.sources.roads.streets import read_streets

# Length of the extract on older outlines, by others: every line as drawn, over
# the whole district. 天心 and 雨花 have grown since.
INDEPENDENT = {"芙蓉区": 9.39, "雨花区": 7.68, "天心区": 6.73}


@pytest.fixture(scope="module")
def streets(changsha_streets):
    return read_streets(changsha_streets).frame


@pytest.fixture(scope="module")
def districts(real_data):
    path = real_data / "hunan_counties_population" / "hunan_counties_pop.geojson"
    outlines = gpd.read_file(path).set_index("Name_County").to_crs(4547)
    return outlines.loc[list(INDEPENDENT)]


@pytest.fixture(scope="module")
def weight(streets):
    hand = drawn_traffic(streets)
    return carriageway_weights(streets, rules=CarriagewayRules(traffic=hand))


def test_raw_densities_are_the_independent_ones_to_one_percent(streets, districts):
    found = road_density(streets, districts)["road_density_km_per_km2"]
    assert found.to_dict() == pytest.approx(INDEPENDENT, rel=0.01)


def test_these_districts_are_mapped_whole(streets, districts):
    assert (mapped_share(streets, districts) > 0.999).all()


@pytest.mark.parametrize("rules", ["gbt51328", "mohurd"])
def test_rules_that_count_classes_refuse_a_layer_without(
    streets, districts, weight, rules
):
    with pytest.raises(InputError, match="no column 'road_class'.*unclassed='counted'"):
        road_density(streets, districts, rules=rules, weight=weight)


@pytest.mark.parametrize("name", ["gbt51328", "mohurd"])
def test_counted_without_classes_they_lie_about_the_published_average(
    streets, districts, weight, name
):
    # 6.6 km/km² in 36 cities (2024); the extract is of 2019 and holds service roads.
    rules = replace(DENSITY_RULES[name], unclassed="counted")
    found = road_density(streets, districts, rules=rules, weight=weight)
    whole = found["length_km"].sum() / found["area_km2"].sum()
    assert whole == pytest.approx(6.6, rel=0.15)
    assert found["road_density_km_per_km2"].between(5, 7.5).all()
    assert "74,668 lines without a class count" in [n.en for n in found.attrs["notes"]]
    assert set(found["denominator"]) == {"built_up_derived"}


def test_a_third_of_what_is_drawn_are_second_carriageways(streets, districts, weight):
    once = replace(DENSITY_RULES["gbt51328"], unclassed="counted", denominator="zone")
    drawn = road_density(streets, districts)["length_km"].sum()
    found = road_density(streets, districts, rules=once, weight=weight)
    assert found["length_km"].sum() / drawn == pytest.approx(0.69, abs=0.02)
