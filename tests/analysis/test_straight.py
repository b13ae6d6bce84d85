"""Who is near things of any kind, against every distance there is."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ctzgis.analysis.coverage import straight

CRS = "EPSG:4547"
SIDE_M = 10_000.0


def frame(shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


def things_of(draw, kind, count):
    dots = shapely.points(*draw.uniform(0, SIDE_M, (2, count)))
    if kind == "point":
        return dots
    if kind == "small":
        return shapely.buffer(dots, draw.uniform(1, 200, count), quad_segs=3)
    if kind == "ring":  # its middle is not in it
        return shapely.difference(shapely.buffer(dots, 400), shapely.buffer(dots, 300))
    ends = shapely.points(*draw.uniform(0, SIDE_M, (2, count)))
    return shapely.linestrings(
        np.stack([shapely.get_coordinates(dots), shapely.get_coordinates(ends)], axis=1)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "kinds",
    [("point",), ("small",), ("ring",), ("long",), ("point", "small", "ring", "long")],
)
def test_near_is_what_distances_say(kinds, seed, monkeypatch):
    monkeypatch.setattr(straight, "_SPOTS_AT_ONCE", 100)
    draw = np.random.default_rng(seed)
    things = np.concatenate([things_of(draw, kind, 12) for kind in kinds])
    spots = shapely.points(*draw.uniform(-500, SIDE_M + 500, (2, 1_000)))
    far = shapely.distance(spots[:, None], things[None, :]).min(axis=1)
    found = straight.near(frame(spots), frame(things), 350.0)
    assert found.tolist() == (far <= 350.0 + straight.SAME_M).tolist()
    assert 0 < found.sum() < len(spots)


def test_a_point_exactly_at_the_distance_is_near():
    square = shapely.box(0, 0, 100, 100)
    spots = frame(shapely.points([[600, 50], [600.1, 50], [50, 50]]))
    assert straight.near(spots, frame([square]), 500.0).tolist() == [True, False, True]


def test_nobody_is_near_nothing():
    spots = frame(shapely.points([[0, 0]]))
    assert straight.near(spots, frame([]), 500.0).tolist() == [False]
    assert straight.near(frame([]), spots, 500.0).tolist() == []
