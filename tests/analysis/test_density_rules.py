"""Declared rules of road density: what counts, over which land, and how much it matters."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from ctzgis.analysis import (
    DENSITY_RULES,
    BuiltUpRules,
    DensityRules,
    density_sensitivity,
    derived_built_up,
    road_density,
)
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_zones
from ctzgis.texts import Text

ZONES = gridville_zones()
STREETS = gridville().roads.roads
RAW, GBT, MOHURD = (DENSITY_RULES[name] for name in ("raw", "gbt51328", "mohurd"))
SQUARE = gpd.GeoDataFrame(
    geometry=[box(500_000, 3_100_000, 502_000, 3_102_000)], index=["z"], crs=STREETS.crs
)
WHOLE = gpd.GeoDataFrame(geometry=[box(0, 0, 1e6, 4e6)], crs=STREETS.crs)


def parallel(classes, **columns):
    """Streets of 1 km, 100 m apart, in a square of 4 km²."""
    y = 3_100_100 + 100 * np.arange(len(classes))
    shapes = [LineString([(500_500, v), (501_500, v)]) for v in y]
    kinds = pd.Series(classes, dtype=object)
    return gpd.GeoDataFrame(
        {"road_class": kinds, **columns}, geometry=shapes, crs=STREETS.crs
    )


def km(streets, rules, **options):
    return road_density(streets, SQUARE, rules=rules, **options)["length_km"].iloc[0]


KINDS = ["primary", "tertiary", "residential", "service", "path", "primary_link", None]
ONE = np.ones(len(KINDS))


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [(RAW, 7), (GBT, 3), (MOHURD, 4), (GBT.without_class("residential"), 2),
     (GBT.with_class("path"), 4), (replace(GBT, links="counted"), 4),
     (replace(GBT, unclassed="counted"), 4)],
)  # fmt: skip
def test_each_rule_set_counts_its_classes(rules, wanted):
    given = {} if rules is RAW else {"built_up": WHOLE, "weight": ONE}
    assert km(parallel(KINDS), rules, **given) == pytest.approx(wanted)


def test_rings_are_left_out_where_they_are_marked():
    streets = parallel(["primary"] * 3, roundabout=[True, False, None])
    rules = replace(RAW, roundabouts="left_out")
    assert km(streets, rules) == pytest.approx(2)
    found = road_density(streets[["road_class", "geometry"]], SQUARE, rules=rules)
    assert "marks no rings" in found.attrs["notes"][0].en


def test_weights_count_a_dual_carriageway_once():
    streets = parallel(["primary"] * 3, part=[0.5, 0.5, 1.0])
    rules = replace(RAW, carriageways="once")
    assert km(streets, rules, weight="part") == pytest.approx(2)
    shuffled = streets["part"].sample(frac=1, random_state=1)
    assert km(streets, rules, weight=shuffled) == pytest.approx(2)
    assert km(streets, RAW, weight="part") == pytest.approx(3)


@pytest.mark.parametrize(
    ("weight", "problem"),
    [(None, "needs a weight"), ("gone", "no column 'gone'"), ([1, 2, 1], "0 to 1"),
     ([1, np.nan, 1], "0 to 1"), ([1, 1], "2 values for 3"),
     (pd.Series([1.0, 1.0], index=[0, 0]), "repeats")],
)  # fmt: skip
def test_weights_that_are_none_are_refused(weight, problem):
    with pytest.raises(InputError, match=problem):
        km(parallel(["primary"] * 3), replace(RAW, carriageways="once"), weight=weight)


def test_streets_that_tell_no_class_cannot_be_counted_by_class():
    with pytest.raises(InputError, match="no column 'road_class'"):
        km(STREETS[["geometry"]], GBT, weight=np.ones(len(STREETS)), built_up=WHOLE)
    with pytest.raises(InputError, match="do not know road_class 'boulevard'"):
        km(parallel(["boulevard"]), GBT, weight=[1], built_up=WHOLE)


def test_flags_that_are_none_are_refused():
    with pytest.raises(InputError, match="column 'link' of streets is 'no'"):
        km(parallel(["primary"], link=["no"]), RAW)


def test_roads_and_land_are_those_of_the_built_up_area():
    # The western half: 3 streets of 500 m on 2 km².
    half = SQUARE.set_geometry([box(499_000, 3_000_000, 501_000, 3_200_000)])
    rules = replace(RAW, denominator="built_up")
    found = road_density(parallel(["primary"] * 3), SQUARE, rules=rules, built_up=half)
    assert found["length_km"].iloc[0] == pytest.approx(1.5)
    assert found["area_km2"].iloc[0] == pytest.approx(2, rel=1e-3)
    assert found["denominator"].tolist() == ["built_up"]


def test_given_areas_are_left_out_with_their_roads():
    # A lake over the eastern quarter leaves 3 km² and 3 streets whole, two lakes that
    # overlap are left out once.
    lake = gpd.GeoDataFrame(
        geometry=[box(501_500, 3_100_000, 502_000, 3_102_000)] * 2, crs=STREETS.crs
    )
    rules = replace(RAW, denominator="zone_without")
    found = road_density(parallel(["primary"] * 3), SQUARE, rules=rules, without=lake)
    assert found["road_density_km_per_km2"].iloc[0] == pytest.approx(1, rel=1e-3)


def test_a_zone_without_land_has_no_density():
    rules = replace(RAW, denominator="zone_without")
    found = road_density(parallel(["primary"]), SQUARE, rules=rules, without=WHOLE)
    assert found["area_km2"].tolist() == [0]
    assert found["road_density_km_per_km2"].isna().all()


def test_areas_the_rules_do_not_use_are_refused():
    with pytest.raises(InputError, match="do not use built_up"):
        km(STREETS, RAW, built_up=WHOLE)
    with pytest.raises(InputError, match="do not use without"):
        km(STREETS, RAW, without=WHOLE)
    with pytest.raises(InputError, match="give without"):
        km(STREETS, replace(RAW, denominator="zone_without"))
    rules = replace(RAW, denominator="built_up")
    with pytest.raises(CRSError, match="built_up is in EPSG:4326"):
        km(STREETS, rules, built_up=SQUARE.to_crs(4326))


@pytest.mark.parametrize(
    "choice",
    [{"links": "some"}, {"border": "third"}, {"denominator": "city"}, {"classes": ()},
     {"classes": ("boulevard",)}, {"border_m": -1}, {"border_m": np.nan},
     {"carriageways": "twice"}],
)  # fmt: skip
def test_rules_that_say_nothing_are_refused(choice):
    with pytest.raises(InputError, match=next(iter(choice))):
        replace(RAW, **choice)


def test_rules_of_an_unknown_name_are_refused():
    with pytest.raises(InputError, match="give one of gbt51328, mohurd, raw"):
        road_density(STREETS, ZONES, rules="gb50220")


@pytest.mark.parametrize("rules", DENSITY_RULES.values(), ids=DENSITY_RULES)
def test_every_rule_set_tells_its_choices_and_how_sure_they_are(rules):
    for lang, area in (("en", "area: "), ("zh", "分母：")):
        told = rules.told(lang)
        assert area in told
        assert all(f"[{remark.mark}]" in told for remark in rules.remarks)
        assert all(remark.text.get(lang) in told for remark in rules.remarks)


def test_results_carry_their_rules():
    attrs = road_density(STREETS, ZONES).attrs
    assert attrs["rules"] == Text(RAW.told("zh"), RAW.told("en"))
    assert attrs["denominator"].en == "the whole zone"


def test_ones_own_rules_serve_like_named_ones():
    own = DensityRules(name="own", title=Text("自定", "own"), classes=("primary",))
    assert km(parallel(KINDS), own) == pytest.approx(
        3
    )  # its ramp and the unclassed too


def sensitivity(streets=None, **options):
    streets = parallel(KINDS) if streets is None else streets
    return density_sensitivity(streets, SQUARE, **options).set_index("variant")


def test_sensitivity_changes_one_choice_at_a_time():
    found = sensitivity(weight=ONE / 2, built_up=WHOLE)["length_km"].to_dict()
    wanted = {
        "base": 7, "main_roads": 2, "to_local_roads": 3, "without_residential": 6,
        "without_service": 6, "without_links": 6, "carriageways_once": 3.5,
        "border_clip": 7, "border_full": 7, "over_built_up": 7,
    }  # fmt: skip
    assert found == pytest.approx(wanted)


def test_sensitivity_equals_density_by_the_same_rules():
    rules = replace(RAW, border="full")
    table = density_sensitivity(STREETS, ZONES, target_km_per_km2=2.1)
    found = table[table["variant"] == "border_full"].set_index("zone_id")
    wanted = road_density(STREETS, ZONES, rules=rules)["road_density_km_per_km2"]
    assert found["road_density_km_per_km2"].to_dict() == pytest.approx(wanted.to_dict())
    assert found["met"].all()
    assert not table.loc[table["variant"] == "base", "met"].any()
    # 10 km of border more on 25 km².
    assert found["difference_km_per_km2"].tolist() == pytest.approx([0.4] * 4, rel=1e-3)
    assert found["difference_share"].tolist() == pytest.approx([0.2] * 4)


def test_sensitivity_leaves_out_what_streets_do_not_tell():
    variants = sensitivity(STREETS[["geometry"]]).index.tolist()
    assert variants == ["base", "border_clip", "border_full", "over_built_up"]


def test_sensitivity_says_where_the_built_up_area_is_from():
    table = density_sensitivity(STREETS, ZONES)
    derived = table[table["variant"] == "over_built_up"]
    assert set(derived["denominator"]) == {"built_up_derived"}
    assert not derived["met"].any()
    assert "derived from the streets" in table.attrs["variants"]["over_built_up"].en


@pytest.mark.parametrize("target", [0, -7, np.nan, np.inf])
def test_an_impossible_target_is_refused(target):
    with pytest.raises(InputError, match="target_km_per_km2"):
        density_sensitivity(STREETS, ZONES, target_km_per_km2=target)


def moved_in(xy):
    return np.add(xy, (5e5, 3.1e6))


def blocks(x, y, side_m, count):
    """Square blocks of streets around a corner."""
    size = side_m * count
    steps = np.arange(count + 1) * side_m
    return [LineString([(x, y + s), (x + size, y + s)]) for s in steps] + [
        LineString([(x + s, y), (x + s, y + size)]) for s in steps
    ]


def test_a_town_of_dense_blocks_is_built_up_and_country_roads_are_not():
    # 3 × 3 km of blocks of 200 m, 10 km/km²; a country road; a yard of 0.4 km².
    town, yard = blocks(0, 0, 200, 15), blocks(8000, 0, 100, 5)
    country = LineString([(0, 9000), (12_000, 9000)])
    shapes = shapely.transform([*town, *yard, country], moved_in)
    streets = gpd.GeoDataFrame(geometry=shapes, crs=STREETS.crs)
    found = derived_built_up(streets)
    assert len(found) == 1
    assert found["derived"].all()
    outline = found.geometry.iloc[0]
    assert outline.contains(
        shapely.box(5e5, 3.1e6, 5e5 + 3000, 3.1e6 + 3000).buffer(-400)
    )
    assert (
        shapely.box(5e5, 3.1e6, 5e5 + 3000, 3.1e6 + 3000).buffer(700).contains(outline)
    )
    assert found["area_km2"].iloc[0] == pytest.approx(9, rel=0.25)


def test_the_built_up_area_moves_with_the_map():
    shapes = shapely.transform(blocks(0, 0, 200, 15), moved_in)
    streets = gpd.GeoDataFrame(geometry=shapes, crs=STREETS.crs)
    moved = streets.set_geometry(streets.translate(7300, -4100))
    here, there = (derived_built_up(s).geometry.iloc[0] for s in (streets, moved))
    assert shapely.affinity.translate(here, 7300, -4100).equals(there)


def test_a_density_over_derived_land_says_so():
    shapes = shapely.transform(blocks(0, 0, 200, 15), moved_in)
    streets = gpd.GeoDataFrame(geometry=shapes, crs=STREETS.crs)
    found = road_density(streets, SQUARE, rules=replace(RAW, denominator="built_up"))
    assert found["denominator"].tolist() == ["built_up_derived"]
    assert "derived from the streets" in found.attrs["denominator"].en


def test_streets_spread_over_too_many_cells_are_refused():
    # 10 km by 10 km in cells of a metre.
    with pytest.raises(InputError, match="larger cell_m"):
        derived_built_up(STREETS, rules=BuiltUpRules(cell_m=1))


@pytest.mark.parametrize(
    "choice", [{"cell_m": 0}, {"window_m": 50}, {"close_m": -1}, {"least_km2": np.nan}]
)
def test_built_up_rules_that_say_nothing_are_refused(choice):
    with pytest.raises(InputError, match=next(iter(choice))):
        BuiltUpRules(**choice)


def test_no_streets_are_no_built_up_area():
    assert derived_built_up(STREETS[:0]).empty
    with pytest.raises(SchemaError, match="streets"):
        derived_built_up(ZONES)


def test_changshas_derived_area_comes_near_the_drawn_one(changsha_streets, czt):
    # The outline was drawn to the published 567 km²; the rules were chosen on these streets.
    streets = gpd.read_file(changsha_streets)
    found = derived_built_up(streets[streets.length > 0])
    drawn = czt.built_up.geometry["changsha"]
    derived = found.geometry.union_all()
    both = derived.intersection(drawn).area
    assert found["area_km2"].sum() == pytest.approx(578, rel=0.02)
    assert both / derived.union(drawn).area == pytest.approx(0.67, abs=0.02)
