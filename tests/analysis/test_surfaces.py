"""Travel times on grids: by hand, and against the definition."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from shapely import Point

from ctzgis import travel_time_surface, write_surface
from ctzgis.errors import InputError, SourceError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules

PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]]
# Straight off the road at 20 km/h, a detour of 1.3.
MIN_PER_M = 1.3 / 1000 / 20 * 60


def centres(surface):
    """Coordinates of all cells' centres, as the rows of minutes go."""
    rows, columns = surface.minutes.shape
    x = surface.west + (np.arange(columns) + 0.5) * surface.cell_m
    y = surface.north - (np.arange(rows) + 0.5) * surface.cell_m
    return np.meshgrid(x, y)


def test_each_cell_has_the_least_of_arrival_and_way_off_the_road():
    surface = travel_time_surface(
        gridville(), CENTRE, cutoff_min=5, cell_m=200, off_road_m=400
    )
    x, y = centres(surface)
    # Places every 10 m along the streets, at a minute a kilometre from the centre.
    along = np.arange(-5000, 5001, 10.0)
    lines = np.arange(-5000, 5001, 1000.0)
    dx, dy = (part.ravel() for part in np.meshgrid(along, lines))
    dx, dy = np.concatenate([dx, dy]), np.concatenate([dy, dx])
    minutes = (np.abs(dx) + np.abs(dy)) / 1000
    wanted = np.full(x.shape, np.inf)
    for at in np.ndindex(*x.shape):
        off = np.hypot(x[at] - 500_000 - dx, y[at] - 3_105_000 - dy)
        there = np.where(off <= 400, minutes + off * MIN_PER_M, np.inf)
        wanted[at] = there.min()
    wanted[wanted > 5] = np.nan
    # A quarter of a cell off the road takes 0.2 min.
    both = np.isfinite(wanted) & np.isfinite(surface.minutes)
    assert np.abs(surface.minutes - wanted)[both].max() < 50 * MIN_PER_M
    apart = np.isfinite(wanted) != np.isfinite(surface.minutes)
    assert (wanted[apart & np.isfinite(wanted)] > 5 - 50 * MIN_PER_M).all()
    assert apart.mean() < 0.02
    assert both.mean() > 0.1


def test_the_nearest_of_several_origins_counts():
    one, other, both = (
        travel_time_surface(gridville(), PLACES.loc[names], cutoff_min=6).minutes
        for names in (["south_west"], ["north_east"], ["south_west", "north_east"])
    )
    assert np.isfinite(both).sum() == np.isfinite(one).sum() + np.isfinite(other).sum()


def test_from_and_to_differ_on_one_way_roads():
    frame = gridville().roads.roads
    frame["oneway"] = True
    town = TravelNetwork(RoadNetwork(frame, gridville().roads.junctions))
    out, into = (
        travel_time_surface(town, CENTRE, cutoff_min=4, direction=direction)
        for direction in ("from", "to")
    )
    # Streets are drawn east and north.
    assert out.west > into.west + 2000
    assert out.north > into.north + 2000


def test_around_an_origin_off_the_road_time_starts_at_none():
    spot = gpd.GeoDataFrame(
        geometry=[Point(500_500, 3_105_500)], index=["p"], crs=PLACES.crs
    )
    surface = travel_time_surface(gridville(), spot, cutoff_min=3, cell_m=50)
    x, y = centres(surface)
    off = np.hypot(x - 500_500, y - 3_105_500)
    near = off < 300
    assert surface.minutes[near] == pytest.approx(off[near] * MIN_PER_M, abs=1e-4)


def test_without_a_road_there_are_no_cells():
    far = gpd.GeoDataFrame(
        geometry=[Point(600_000, 3_100_000)], index=["far"], crs=PLACES.crs
    )
    surface = travel_time_surface(gridville(), far, cutoff_min=5)
    assert surface.minutes.shape == (0, 0)
    assert "0 × 0 cells" in repr(surface)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cell_m": 0}, "cell_m is 0"),
        ({"off_road_m": np.nan}, "off_road_m is nan"),
        ({"cutoff_min": -1}, "minutes above 0"),
        ({"cell_m": 0.5}, "do not fit into memory"),
    ],
)
def test_impossible_grids_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        travel_time_surface(gridville(), CENTRE, **{"cutoff_min": 9, **options})


def test_a_geotiff_keeps_minutes_place_and_unit(tmp_path):
    surface = travel_time_surface(gridville(), CENTRE, cutoff_min=4)
    path = write_surface(surface, tmp_path / "minutes.tif")
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), surface.minutes, equal_nan=True)
        assert file.crs.to_epsg() == 4547
        assert file.units == ("min",)
        assert np.isnan(file.nodata)
        (value,) = next(file.sample([(500_050, 3_105_050)]))
        row, column = file.index(500_050, 3_105_050)
    assert value == surface.minutes[row, column]
    assert value < 0.5


def test_another_ending_is_refused_and_a_folder_is_told(tmp_path):
    surface = travel_time_surface(gridville(), CENTRE, cutoff_min=4)
    with pytest.raises(InputError, match="written as .tif"):
        write_surface(surface, tmp_path / "minutes.png")
    with pytest.raises(SourceError):
        write_surface(surface, tmp_path / "none" / "minutes.tif")
    assert list(tmp_path.iterdir()) == []


def test_rules_and_walkers_spread_at_their_own_speed():
    slow = travel_time_surface(
        gridville(),
        CENTRE,
        cutoff_min=20,
        mode="walk",
        rules=TravelRules(walk_kph=3.0, detour=1.0),
    )
    x, y = centres(slow)
    off = np.hypot(x - 500_000, y - 3_105_000)
    # In the open one walks as fast as on the road; 20 min at 3 km/h are a kilometre.
    assert slow.minutes[off < 900] == pytest.approx(off[off < 900] / 50, abs=1e-3)
    assert np.isnan(slow.minutes[off > 1001]).all()
    assert shapely.Point(slow.west, slow.north).distance(
        CENTRE.geometry.iloc[0]
    ) == pytest.approx(np.sqrt(2) * 1050, abs=150)
