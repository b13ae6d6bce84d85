"""Isochrones of every kind and direction: by hand, and against other measures."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from ctzgis.analysis import isochrones, reach, travel_time_matrix
from ctzgis.errors import CRSError, InputError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules
from ctzgis.network.reached import ReachedPieces, spans_within

PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]]
KINDS = ["polygons", "edges", "junctions"]
MEASURE = {"polygons": "area_km2", "edges": "road_km", "junctions": "junctions"}


def points(*spots):
    return gpd.GeoDataFrame(
        geometry=[Point(spot) for spot in spots],
        index=[f"p{i}" for i in range(len(spots))],
        crs=PLACES.crs,
    )


def one_way_town():
    frame = gridville().roads.roads
    frame["oneway"] = np.arange(len(frame)) % 3 == 0
    return TravelNetwork(
        RoadNetwork(frame, gridville().roads.junctions), gridville().lines
    )


def test_roads_end_where_the_time_is_up():
    # From the middle of a street 2.5 min lead 2.5 km: 0.5 km to both ends, then 2 km of
    # diamond around each; the street between them once.
    spot = points((500_500, 3_105_000))
    found = isochrones(gridville(), spot, cutoffs_min=[1], kind="edges")
    assert found["road_km"].item() == pytest.approx(1 + 2 * 3 * 0.5)
    ends = found.geometry.item().bounds
    assert ends == pytest.approx((499_500, 3_104_500, 501_500, 3_105_500), abs=0.01)


def test_junctions_are_those_of_reach():
    spots = points((500_300, 3_104_800), (496_000, 3_109_000))
    town = one_way_town()
    for direction in ("from", "to"):
        found = isochrones(
            town, spots, cutoffs_min=[4], kind="junctions", direction=direction
        )
        wanted = reach(town, spots, cutoff_min=4, direction=direction)
        sizes = wanted.groupby("origin_id").size()
        assert found.set_index("origin_id")["junctions"].to_dict() == sizes.to_dict()


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("mode", ["drive", "walk+rail+walk"])
def test_roads_reached_are_those_that_travel_times_reach(direction, mode):
    town = one_way_town()
    minutes = 7 if mode == "drive" else 40
    spots = points((500_300, 3_105_000), (496_000, 3_108_700))
    found = isochrones(
        town, spots, cutoffs_min=[minutes], kind="edges", direction=direction, mode=mode
    )
    frame = town.roads.roads
    along = np.random.default_rng(5).uniform(20, 980, len(frame))
    places = points(
        *shapely.get_coordinates(
            shapely.line_interpolate_point(frame.geometry.array, along)
        ).tolist()
    )
    if direction == "from":
        times = travel_time_matrix(town, spots, places, mode=mode).to_numpy()
    else:
        times = travel_time_matrix(town, places, spots, mode=mode).to_numpy().T
    times = np.nan_to_num(times, nan=np.inf)
    gap = shapely.distance(
        np.asarray(found.geometry.array)[:, None], np.asarray(places.geometry.array)
    )
    clear = np.abs(times - minutes) > 0.3
    if mode != "drive":
        # Isochrones hold what is reached on foot without boarding, times do not.
        clear &= times < minutes
    assert clear.sum() > 40
    assert ((gap < 0.5) == (times < minutes))[clear].all()


@pytest.mark.parametrize("kind", KINDS)
def test_larger_cutoffs_hold_smaller_ones(kind):
    spots = points((500_300, 3_104_800), (496_000, 3_109_000))
    found = isochrones(one_way_town(), spots, cutoffs_min=[2, 4, 7], kind=kind)
    assert found["cutoff_min"].tolist() == [7, 4, 2] * 2
    for _, rows in found.groupby("origin_id"):
        large, middle, small = rows.geometry
        assert middle.difference(small.buffer(0.01)).area >= 0
        assert shapely.buffer(large, 0.01).covers(middle)
        assert shapely.buffer(middle, 0.01).covers(small)
        assert rows[MEASURE[kind]].is_monotonic_decreasing


@pytest.mark.parametrize("kind", KINDS)
def test_from_and_to_are_the_same_where_no_road_is_one_way(kind):
    out, into = (
        isochrones(gridville(), CENTRE, cutoffs_min=[3], kind=kind, direction=way)
        for way in ("from", "to")
    )
    assert out[MEASURE[kind]].item() == pytest.approx(into[MEASURE[kind]].item())
    assert out.geometry.item().symmetric_difference(into.geometry.item()).area < 1


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("kind", KINDS)
def test_pooled_is_the_union_of_each(kind, direction):
    spots = points((500_300, 3_105_000), (501_200, 3_104_000), (600_000, 3_100_000))
    town = one_way_town()
    each, pooled = (
        isochrones(
            town,
            spots,
            cutoffs_min=[3],
            kind=kind,
            direction=direction,
            pooled=together,
        )
        for together in (False, True)
    )
    assert pooled["origin_id"].tolist() == ["all"]
    union = shapely.union_all(each.geometry.array)
    shape = pooled.geometry.item()
    if kind == "junctions":
        assert pooled["junctions"].item() == len(union.geoms)
    else:
        size, wanted = (
            (shape.area, union.area)
            if kind == "polygons"
            else (shape.length, union.length)
        )
        assert size == pytest.approx(wanted, rel=0.005)


def test_the_area_is_that_of_a_band_along_one_straight_road():
    line = LineString([(500_000, 3_105_000), (510_000, 3_105_000)])
    frame = gridville().roads.roads.iloc[[0]].set_geometry([line], crs=PLACES.crs)
    junctions = points((500_000, 3_105_000), (510_000, 3_105_000))
    road = frame.assign(from_id="p0", to_id="p1", oneway=False, free_kph=60.0)
    town = TravelNetwork(RoadNetwork(road, junctions))
    # 60 km/h along, 60 km/h off the road: within 4 min a disc of 4 km around its start
    # and nothing more, since no way round is quicker than the straight one.
    rules = TravelRules(local_kph={"free": 60, "peak": 60}, detour=1.0)
    found = isochrones(
        town,
        junctions.iloc[[0]],
        cutoffs_min=[4],
        rules=rules,
        off_road_m=9_000,
        cell_m=100,
    )
    assert found["area_km2"].item() == pytest.approx(np.pi * 16, rel=0.002)
    # At most 100 m off it, it is a band of 4 km with a round end at both sides.
    narrow = isochrones(
        town, junctions.iloc[[0]], cutoffs_min=[4], rules=rules, off_road_m=100
    )
    assert narrow["area_km2"].item() == pytest.approx(0.8 + np.pi * 0.01 / 2, rel=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_an_origin_without_a_road_has_an_empty_shape(kind):
    far = points((600_000, 3_100_000))
    for pooled in (False, True):
        found = isochrones(gridville(), far, cutoffs_min=[3], kind=kind, pooled=pooled)
        assert found.geometry.item().is_empty
        assert found[MEASURE[kind]].item() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_origins_have_no_rows(kind):
    found = isochrones(gridville(), CENTRE.iloc[:0], cutoffs_min=[3], kind=kind)
    assert found.empty
    assert list(found) == ["origin_id", "cutoff_min", MEASURE[kind], "geometry"]
    assert found.crs == PLACES.crs


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "nodes"}, "kind 'nodes' is not known"),
        ({"direction": "away"}, "one of from, to"),
        ({"off_road_m": -1}, "off_road_m is -1"),
        ({"cutoffs_min": [np.inf]}, "minutes above 0"),
    ],
)
def test_what_is_not_known_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        isochrones(gridville(), CENTRE, **{"cutoffs_min": [3], **options})


def test_origins_in_degrees_are_refused():
    with pytest.raises(CRSError):
        isochrones(gridville(), CENTRE.to_crs(4326), cutoffs_min=[3])


def test_a_street_map_is_left_200_m_at_most():
    shrink = [0.2, 0, 0, 0.2, 0, 0]
    roads, junctions = gridville().roads.roads, gridville().roads.junctions
    small = TravelNetwork(
        RoadNetwork(
            roads.set_geometry(roads.geometry.affine_transform(shrink)),
            junctions.set_geometry(junctions.geometry.affine_transform(shrink)),
        )
    )
    corner = small.roads.junctions.iloc[[0]]
    found = isochrones(small, corner, cutoffs_min=[60])
    west, south, *_ = found.geometry.item().bounds
    x, y = corner.geometry.iloc[0].coords[0]
    assert (x - west, y - south) == pytest.approx((200, 200), abs=2)


def test_a_piece_reached_from_both_ends_is_cut_where_both_take_as_long():
    piece = ReachedPieces(
        np.array([0]),
        *(np.array([value]) for value in (0.0, 100.0, 1.0, 3.0, 10.0, 10.0)),
    )
    spans = spans_within(piece, 30.0)
    # 1 + 10 s = 3 + 10 (1 - s): s = 0.6.
    assert spans.start_m.tolist() == pytest.approx([0, 60])
    assert spans.end_m.tolist() == pytest.approx([60, 100])
    assert spans.from_first.tolist() == [True, False]
    short = spans_within(piece, 4.0)
    assert short.start_m.tolist() == pytest.approx([0, 90])
    assert short.end_m.tolist() == pytest.approx([30, 100])


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("mode", ["drive", "walk+rail+walk", "drive+rail+walk"])
def test_pooled_areas_hold_those_of_each_origin(mode, direction):
    options = {"cutoffs_min": [9], "mode": mode, "direction": direction}
    ends = PLACES.loc[["centre", "south_west"]]
    pooled = isochrones(gridville(), ends, pooled=True, **options).geometry.iloc[0]
    each = isochrones(gridville(), ends, **options).union_all()
    # Borders are true to a few metres.
    assert shapely.difference(each, pooled.buffer(10)).area == 0
