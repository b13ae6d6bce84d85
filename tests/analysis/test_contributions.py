"""
What projects contribute, worked out on Gridville: a kilometre of road takes a minute.

A diagonal from corner to corner, √200 = 14.14 km at 120 km/h, takes 7.07 min instead of
the 20 min along the streets; each half of it alone leads nowhere.
"""

import math

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctzgis.analysis.change.contributions import (
    contributions,
    mean_minutes,
    pair_interactions,
    people_within,
)
from ctzgis.errors import EditError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import (
    AddRoad,
    CloseRoad,
    Project,
    UpgradeRoad,
    projects_of,
    without_projects,
)

TOWN = gridville()
PLACES = gridville_places()
CORNERS = PLACES.loc[["south_west", "north_east"]]
# Beside the middle street's junction in the centre, so that halves meet nothing else.
MIDDLE = shapely.Point(500_050, 3_105_050)
HALF_MIN = math.hypot(5_050, 5_050) / 1000 / 2


def road(key, ends, points, *, kph=120.0):
    values = {
        "from_id": ends[0], "to_id": ends[1], "road_class": "motorway",
        "oneway": False, "free_kph": kph, "peak_kph": kph, "signals": 0,
        "status": "planned", "name_zh": key, "geometry": shapely.LineString(points),
    }  # fmt: skip
    return AddRoad(road_id=key, values=values, junctions={"middle": MIDDLE})


def project(key, *edits):
    return Project(id=key, name_zh=key, opens=None, edits=edits)


def at(junction):
    return TOWN.roads.junctions.geometry[junction]


WEST = project("west", road("w", ("j0_0", "middle"), [at("j0_0"), MIDDLE]))
EAST = project("east", road("e", ("middle", "j10_10"), [MIDDLE, at("j10_10")]))
# A second way that is as quick as the first.
TWIN = project(
    "twin", road("t", ("j0_0", "j10_10"), [at("j0_0"), MIDDLE, at("j10_10")])
)
WHOLE = project(
    "whole", road("v", ("j0_0", "j10_10"), [at("j0_0"), MIDDLE, at("j10_10")])
)
DIAGONAL_MIN = math.hypot(10_000, 10_000) / 1000 / 2


def row(found, key):
    return found.table.set_index("project_id").loc[key]


def test_two_projects_that_only_work_together():
    found = contributions(TOWN, [WEST, EAST], mean_minutes(CORNERS))
    assert found.before == 20
    assert found.after == pytest.approx(DIAGONAL_MIN, abs=1e-3)
    for key in ("west", "east"):
        assert row(found, key)["alone"] == 0
        assert row(found, key)["left_out"] == pytest.approx(DIAGONAL_MIN - 20, abs=1e-3)
        assert row(found, key)["interaction"] == row(found, key)["left_out"]
    # Nothing is forced to add up: the sum of what each does alone is nothing.
    assert found.remainder == found.total


def test_two_projects_that_do_the_same():
    found = contributions(TOWN, [TWIN, WHOLE], mean_minutes(CORNERS))
    for key in ("twin", "whole"):
        assert row(found, key)["alone"] == pytest.approx(DIAGONAL_MIN - 20, abs=1e-3)
        assert row(found, key)["left_out"] == 0
        assert row(found, key)["interaction"] == -row(found, key)["alone"]
    assert found.remainder == pytest.approx(20 - DIAGONAL_MIN, abs=1e-3)


def test_projects_that_have_nothing_to_do_with_each_other_add_up():
    # Either closes a corner's street: from there to the next corner 2 km are added.
    closing = [project(key, CloseRoad(road_id=key)) for key in ("r0", "r9")]
    found = contributions(TOWN, closing, lambda network: network.roads.length_m / 1000)
    assert found.table["alone"].tolist() == found.table["left_out"].tolist() == [-1, -1]
    assert found.remainder == 0


def test_pairs_tell_who_works_with_whom():
    side = project("side", UpgradeRoad(road_id="r0", by=_faster("r0")))
    found = pair_interactions(TOWN, [WEST, EAST, side], mean_minutes(CORNERS))
    pairs = found.set_index(["project_id", "other_id"])["interaction"]
    assert pairs["west", "east"] == pytest.approx(DIAGONAL_MIN - 20, abs=1e-3)
    assert pairs["west", "side"] == pairs["east", "side"] == 0


def _faster(key):
    values = {str(k): v for k, v in TOWN.roads.roads.loc[key].items()}
    return AddRoad(road_id=key, values={**values, "free_kph": 120.0})


def test_people_within_counts_those_who_come_into_reach():
    # From the north-east the south-west corner is 7.07 min away instead of 20.
    measure = people_within(PLACES, PLACES.loc[["south_west"]], cutoff_min=9)
    found = contributions(TOWN, [WEST, EAST], measure)
    assert (found.before, found.after, found.better) == (1000, 2000, "more")


def test_a_project_that_needs_another_is_told():
    builds = project("builds", road("v", ("j0_0", "j10_10"), WHOLE_POINTS))
    betters = project("betters", UpgradeRoad(road_id="v", by=_v(240.0)))
    found = contributions(TOWN, [builds, betters], mean_minutes(CORNERS))
    assert np.isnan(row(found, "betters")["alone"])
    assert "cannot be built without others" in row(found, "betters")["reason"]
    assert np.isnan(row(found, "builds")["left_out"])
    assert "others cannot be built without it" in row(found, "builds")["reason"]
    assert row(found, "builds")["alone"] == pytest.approx(DIAGONAL_MIN - 20, abs=1e-3)
    assert row(found, "betters")["left_out"] == pytest.approx(
        -DIAGONAL_MIN / 2, abs=1e-3
    )


WHOLE_POINTS = [at("j0_0"), MIDDLE, at("j10_10")]


def _v(kph):
    return road("v", ("j0_0", "j10_10"), WHOLE_POINTS, kph=kph)


def test_a_measure_that_is_undefined_without_a_project_is_told():
    far = project("far", road("w", ("j0_0", "middle"), [at("j0_0"), MIDDLE]))

    def measure(network):
        return 1.0 if "w" in network.roads.roads.index else math.nan

    found = contributions(TOWN, [far, EAST], measure)
    assert np.isnan(row(found, "far")["alone"])
    assert "undefined" in row(found, "far")["reason"]
    assert row(found, "east")["left_out"] == 0


def test_the_course_of_what_is_built_is_its_map():
    found = contributions(TOWN, [WEST, project("c", CloseRoad(road_id="r0"))], _roads)
    assert found.table.crs == TOWN.roads.crs
    assert found.table.geometry.length.tolist() == pytest.approx([5050 * 2**0.5, 1000])


def _roads(network):
    return float(len(network.roads.roads))


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(InputError, match="no project"):
        contributions(TOWN, [], _roads)
    with pytest.raises(InputError, match="'west' is given twice"):
        contributions(TOWN, [WEST, WEST], _roads)
    with pytest.raises(EditError, match="no road 'none'"):
        contributions(TOWN, [project("x", CloseRoad(road_id="none"))], _roads)


def test_leaving_every_project_out_is_before(network):
    projects = [p for p in projects_of(network) if p.opens and p.opens <= 2025]
    base = without_projects(network, projects, year=2025)
    found = contributions(base, projects, _roads)
    assert found.before == _roads(base)
    assert found.after == len(network.at(2025).roads.roads)
    none = contributions(base, projects[:1], _roads)
    assert none.table["without"].tolist() == [none.before]


@pytest.fixture(scope="module")
def centres(czt, network):
    import geopandas as gpd

    places = [place for place in czt.places if place.id in czt.centres]
    return gpd.GeoDataFrame(
        geometry=[place.location.point for place in places],
        index=[place.id for place in places],
        crs=czt.crs,
    ).to_crs(network.roads.crs)


def test_the_eight_projects_open_in_2025(network, centres):
    projects = [p for p in projects_of(network) if p.opens and p.opens <= 2025]
    base = without_projects(network, projects, year=2025)
    found = contributions(base, projects, mean_minutes(centres))
    # 46.5, 44.6 and 36.7 min before, 46.5, 43.5 and 32.7 after (docs/methods.md).
    assert found.before == pytest.approx((46.46 + 44.56 + 36.74) / 3, abs=0.01)
    assert found.after == pytest.approx((46.46 + 43.47 + 32.70) / 3, abs=0.01)
    assert (found.table["alone"] <= 0).all()
    assert (found.table["left_out"] <= 0).all()
    # 潭州大道 and 铜霞路 both shorten 长沙–湘潭–株洲 and take part of each other's gain.
    assert row(found, "tanzhou_avenue")["interaction"] == pytest.approx(0.364, abs=1e-3)
    assert row(found, "link_xiangtan_tongxia")["interaction"] == pytest.approx(
        row(found, "tanzhou_avenue")["interaction"]
    )


@pytest.mark.parametrize(
    ("key", "before", "after"),
    # Published before opening: 45 → 28, 40+ → 20+, 40+ → 20+ (docs/methods.md).
    [
        ("dongzhu_road", 45, 27),
        ("furong_south_road", 33, 23),
        ("tanzhou_avenue", 36, 25),
    ],
)
def test_driving_along_an_upgraded_trunk_road(network, key, before, after):
    trunk = {p.id: p for p in projects_of(network)}[key]
    base = without_projects(network, [trunk], year=2025)
    built = base.with_edits(*trunk.edits)

    def minutes(state, ids):
        roads = state.roads.roads.loc[ids]
        return (roads.length / 1000 / roads["free_kph"] * 60).sum() + (
            roads["signals"].fillna(0) / 4
        ).sum()

    assert round(minutes(base, [e.road_id for e in trunk.edits])) == before
    assert round(minutes(built, [e.by.road_id for e in trunk.edits])) == after


JUNCTIONS = [f"j{column}_{row}" for column in range(11) for row in range(11)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(JUNCTIONS), min_size=2, max_size=2, unique=True),
       st.floats(20, 300))  # fmt: skip
def test_a_road_that_is_added_never_worsens_a_time(ends, kph):
    from ctzgis.analysis.access.travel_times import travel_time_matrix

    added = road("new", tuple(ends), [at(ends[0]), at(ends[1])], kph=kph)
    before = travel_time_matrix(TOWN, PLACES, PLACES)
    after = travel_time_matrix(TOWN.with_edits(added), PLACES, PLACES)
    assert (after <= before + 1e-9).all(axis=None)
