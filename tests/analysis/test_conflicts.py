"""What lies in protected zones: by hand on Gridville, sums, refusals."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from ctzgis.analysis import (
    SeverityRule,
    conflict_totals,
    lengths_inside,
    zone_conflicts,
)
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones

PLACES, ROADS = gridville_places(), gridville().roads.roads
QUARTERS = gridville_zones().assign(
    regime="2024", zone=["core_protection", "integration", "integration", "other"]
)
CORE = QUARTERS.loc[["sw"]]
X, Y = 495_000, 3_100_000


def layer(*shapes, **columns):
    frame = gpd.GeoDataFrame(
        geometry=list(shapes),
        index=[f"e{i}" for i in range(len(shapes))],
        crs=PLACES.crs,
    )
    return frame.assign(**columns)


def line(*spots):
    return LineString([(X + x, Y + y) for x, y in spots])


def test_a_line_counts_with_its_length_inside():
    found = zone_conflicts({"rails": layer(line((4_000, 2_500), (8_000, 2_500)))}, CORE)
    row = found.iloc[0]
    assert row[["layer", "element_id", "zone_id", "count"]].tolist() == [
        "rails", "e0", "sw", 1,
    ]  # fmt: skip
    assert row["length_km"] == pytest.approx(1)
    assert row["share_inside"] == pytest.approx(0.25)
    assert row["area_km2"] == 0
    assert row.geometry.equals(line((4_000, 2_500), (5_000, 2_500)))


def test_an_area_counts_with_its_area_inside():
    park = box(X + 4_000, Y, X + 6_000, Y + 1_000)
    found = zone_conflicts({"parks": layer(park)}, CORE).iloc[0]
    assert found["area_km2"] == pytest.approx(1, rel=1e-3)
    assert found["share_inside"] == pytest.approx(0.5)


def test_a_settlement_counts_once_in_the_first_zone_of_a_regime():
    # The centre lies on the corner of all four quarters.
    found = zone_conflicts({"settlements": PLACES}, QUARTERS)
    assert found["count"].sum() == 5
    assert found.set_index("element_id").loc["centre", "zone_id"] == "sw"


def test_each_regime_lists_it():
    older = QUARTERS.assign(regime="2018", zone="controlled")
    older.index = [f"{key}_2018" for key in older.index]
    both = gpd.GeoDataFrame(pd.concat([QUARTERS, older]))
    found = zone_conflicts({"settlements": PLACES}, both)
    assert found.groupby("regime")["count"].sum().to_dict() == {"2018": 5, "2024": 5}


def test_streets_of_the_quarters_sum_to_the_town():
    found = zone_conflicts({"roads": ROADS}, QUARTERS)
    # 220 km, of which 40 km on the outer border count half.
    assert found["length_km"].sum() == pytest.approx(200)
    by_zone = found.groupby("zone_id")["length_km"].sum()
    wanted = lengths_inside(ROADS, QUARTERS, by=["road_class"])
    assert by_zone.to_dict() == pytest.approx(
        wanted.set_index("zone_id")["length_km"].to_dict()
    )


def test_what_merely_touches_a_zone_is_no_conflict():
    things = {
        "roads": layer(line((5_000, 2_000), (6_000, 2_000))),
        "parks": layer(box(X + 5_000, Y, X + 6_000, Y + 1_000)),
        "dots": layer(line((1_000, 1_000), (1_000, 1_000))),
    }
    assert zone_conflicts(things, CORE).empty


def test_an_area_that_also_touches_keeps_its_area_alone():
    shape = shapely.Polygon(
        [(X + a, Y + b) for a, b in (
            (4_000, 0), (6_000, 0), (6_000, 4_000), (5_000, 4_000),
            (5_000, 3_000), (5_500, 2_000), (4_000, 1_000),
        )]
    )  # fmt: skip
    found = zone_conflicts({"parks": layer(shape)}, CORE).geometry.item()
    assert found.geom_type in ("Polygon", "MultiPolygon")


def test_a_tunnel_is_told_from_a_bridge_and_the_ground():
    roads = layer(
        *(line((1_000, y), (2_000, y)) for y in (100, 200, 300, 400)),
        tunnel=[True, False, False, None],
        bridge=[False, True, False, None],
    )
    found = zone_conflicts({"roads": roads}, CORE).set_index("element_id")
    assert found["crossing"].to_dict() == {
        "e0": "tunnel", "e1": "bridge", "e2": "ground", "e3": "unknown",
    }  # fmt: skip
    assert found["severity"].to_dict() == {
        "e0": "low", "e1": "high", "e2": "high", "e3": "high",
    }  # fmt: skip


def test_without_columns_the_crossing_of_a_line_is_unknown():
    assert set(zone_conflicts({"roads": ROADS}, CORE)["crossing"]) == {"unknown"}
    assert set(zone_conflicts({"towns": PLACES}, CORE)["crossing"]) == {"ground"}


def test_the_severest_come_first_and_say_by_which_rule():
    found = zone_conflicts({"settlements": PLACES}, QUARTERS)
    assert found["severity"].tolist() == ["high", "high", "medium", "low", "low"]
    assert "非法规" in found.attrs["rules"].zh


def test_a_rule_of_ones_own():
    rule = SeverityRule(zones={"core_protection": 1}, layers={"settlements": -5})
    assert set(
        zone_conflicts({"settlements": PLACES}, CORE, rule=rule)["severity"]
    ) == {"none"}
    assert rule.severity("roads", "core_protection", "ground") == "low"
    assert rule.severity("roads", "elsewhere", "ground") == "medium"


def test_names_and_projects_are_taken_over():
    roads = layer(
        line((0, 100), (900, 100)), project_id="p1", name_zh="一号路", status="planned"
    )
    found = zone_conflicts({"roads": roads}, CORE).iloc[0]
    assert found[["project_id", "name_zh", "status"]].tolist() == [
        "p1", "一号路", "planned",
    ]  # fmt: skip


def test_totals_add_up():
    found = zone_conflicts({"roads": ROADS, "settlements": PLACES}, QUARTERS)
    totals = conflict_totals(found, by=["layer"]).set_index("layer")
    assert totals.loc["roads", "length_km"] == pytest.approx(200)
    assert totals.loc["settlements", "count"] == 5
    assert conflict_totals(found)["length_km"].sum() == pytest.approx(200)


@pytest.mark.parametrize("shift", [(3_000, -7_000), (-20_000.5, 11_111.1)])
def test_moving_the_map_changes_nothing(shift):
    roads, zones = (f.set_geometry(f.translate(*shift)) for f in (ROADS, QUARTERS))
    here, there = (
        zone_conflicts({"r": ROADS}, QUARTERS),
        zone_conflicts({"r": roads}, zones),
    )
    assert here["element_id"].tolist() == there["element_id"].tolist()
    assert there["length_km"].to_numpy() == pytest.approx(here["length_km"], abs=1e-6)


def test_roads_and_rails_in_the_green_heart(czt, network):
    zones = czt.protected[czt.protected["zone"] != "total"]
    found = zone_conflicts({"roads": network.at(2020).roads.roads}, zones)
    assert set(found["regime"]) == {"2018", "2024"}
    # Both regimes cover much the same land.
    km = found.groupby("regime")["length_km"].sum()
    assert km["2018"] == pytest.approx(km["2024"], rel=0.2)
    assert found["share_inside"].between(0, 1).all()


def test_nothing_there_is_an_empty_table_of_the_same_shape():
    for things in ({}, {"roads": ROADS[:0]}):
        found = zone_conflicts(things, CORE)
        assert found.empty
        assert (
            found.columns.tolist()
            == zone_conflicts({"r": ROADS}, CORE).columns.tolist()
        )
        assert found.crs == CORE.crs
    assert zone_conflicts({"roads": ROADS}, CORE[:0]).empty
    assert conflict_totals(zone_conflicts({}, CORE)).empty


def test_nothing_is_changed():
    roads, zones = ROADS.copy(), QUARTERS.copy()
    zone_conflicts({"roads": ROADS}, QUARTERS)
    assert roads.equals(ROADS)
    assert zones.equals(QUARTERS)


def test_degrees_other_crs_and_none_are_refused():
    with pytest.raises(CRSError, match="roads"):
        zone_conflicts({"roads": ROADS.to_crs(4326)}, CORE)
    with pytest.raises(CRSError, match="zones"):
        zone_conflicts({"roads": ROADS}, CORE.to_crs(4326))
    with pytest.raises(CRSError, match="no CRS"):
        zone_conflicts({"roads": ROADS.set_crs(None, allow_override=True)}, CORE)


def test_repeated_ids_and_invalid_areas_are_refused():
    with pytest.raises(SchemaError, match="repeats"):
        zone_conflicts({"roads": ROADS.iloc[[0, 0]]}, CORE)
    bow = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    with pytest.raises(SchemaError, match="invalid"):
        zone_conflicts({"parks": layer(bow)}, CORE)
    with pytest.raises(SchemaError, match="invalid"):
        zone_conflicts({"roads": ROADS}, layer(bow))
    with pytest.raises(SchemaError, match="empty"):
        zone_conflicts({"towns": layer(Point())}, CORE)


@pytest.mark.parametrize("word", ["yes", 2, np.inf])
def test_a_tunnel_is_true_or_false(word):
    roads = layer(line((0, 100), (900, 100)), tunnel=word, bridge=False)
    with pytest.raises(InputError, match="true or false"):
        zone_conflicts({"roads": roads}, CORE)
