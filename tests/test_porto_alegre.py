"""One whole real case: streets, two feeds, people, points and heights of Porto Alegre."""

import csv

import numpy as np
import pytest

from ctzgis import (
    TravelNetwork,
    accessibility,
    read_gtfs,
    read_network,
    read_points,
    read_population,
    read_zonal_sums,
    travel_times,
)
from ctzgis.network import TravelRules
from ctzgis.sources.gtfs.written import Agency, write_gtfs

HERE = "EPSG:32722"
# On a map of all streets a point uses those around it, not all within 2 km.
NEAR = TravelRules(snap_radius_m=100)
# The buses' feed has no departure before.
WINDOWS = {"free": ("11:20", "15:00"), "peak": ("07:00", "09:00")}


@pytest.fixture(scope="module")
def folder(real_data):
    return real_data / "porto_alegre"


@pytest.fixture(scope="module")
def streets(folder):
    return read_network(folder / "poa_osm.pbf", mode="walk").roads


@pytest.fixture(scope="module")
def feeds(folder):
    return [
        read_gtfs(folder / f"poa_{name}.zip", crs=HERE, windows=WINDOWS)
        for name in ("eptc", "trensurb")
    ]


@pytest.fixture(scope="module")
def rows(folder):
    with (folder / "poa_hexgrid.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def hexagons(folder):
    return read_points(folder / "poa_hexgrid.csv", index="id")[0]


@pytest.fixture(scope="module")
def market(folder):
    points, source = read_points(folder / "poa_points_of_interest.csv", index="id")
    assert source.report.rows_kept == 15
    return points.loc[["public_market"]]


def test_everything_lands_in_one_metric_crs(streets, hexagons, market):
    assert {f.crs.to_string() for f in (streets.roads, hexagons, market)} == {HERE}


def test_people_are_those_of_the_table(folder, rows):
    people, source = read_population(folder / "poa_hexgrid.csv")
    assert source.report.rows_in == len(rows) == 1_227
    assert people["population"].sum() == sum(int(row["population"]) for row in rows)


def test_streets_are_those_of_the_file(streets):
    (source,) = streets.sources
    assert source.report.rows_in == 15_886
    # Nearly everything hangs together where people walk.
    parts = [str(c) for c in source.report.changes if "hang together" in str(c)]
    assert float(parts[0].split("by length ")[1].split("%")[0]) > 98


def test_lines_are_those_of_both_feeds(feeds):
    bus, rail = feeds
    assert {line.mode for line in bus.lines} == {"bus"}
    assert {line.mode for line in rail.lines} <= {"conventional", "metro"}
    stations = {stop.station_id for line in bus.lines for stop in line.stops}
    assert len(stations) == 3_986


def test_heights_of_the_city_are_read_by_zone(folder, hexagons):
    import rasterio

    circles = hexagons.iloc[::100].buffer(300).to_frame("geometry")
    found, _ = read_zonal_sums(folder / "poa_elevation.tif", circles)
    with rasterio.open(folder / "poa_elevation.tif") as raster:
        spots = hexagons.iloc[::100].to_crs(raster.crs).get_coordinates().to_numpy()
        at_centre = np.array([value[0] for value in raster.sample(spots)], dtype=float)
    known = found["mean"].notna().to_numpy()
    assert known.sum() > 8
    # Within 300 m Porto Alegre's hills rise by some 30 m.
    assert np.median(np.abs(found["mean"].to_numpy() - at_centre)[known]) < 15


def test_lines_shorten_trips_and_lengthen_none(streets, feeds, hexagons, market):
    origins = hexagons.iloc[::60]
    lines = tuple(line for feed in feeds for line in feed.lines)
    walking = TravelNetwork(streets)
    riding = TravelNetwork(streets, lines)
    on_foot = travel_times(walking, origins, market, mode="walk", rules=NEAR)
    by_line = travel_times(riding, origins, market, mode="walk+rail+walk", rules=NEAR)
    foot, line = (frame["travel_time_min"].to_numpy() for frame in (on_foot, by_line))
    assert np.isfinite(foot).mean() > 0.9
    # Farther than an hour on foot, buses and trains are faster nearly everywhere.
    far = np.isfinite(foot) & (foot > 60)
    assert far.sum() > 5
    assert (line[far] < foot[far]).mean() > 0.9
    # Never quicker than a straight line at 40 km/h.
    metres = origins.distance(market.geometry.iloc[0]).to_numpy()
    reached = np.isfinite(line)
    assert (line[reached] > metres[reached] / 1000 / 40 * 60).all()


def test_lines_written_and_read_back_give_the_same_times(
    streets, feeds, hexagons, tmp_path
):
    lines = tuple(line for feed in feeds for line in feed.lines)
    path = tmp_path / "poa.zip"
    zone = Agency(timezone="America/Sao_Paulo")
    write_gtfs(lines, path, crs=HERE, year=2019, agency=zone)
    again = read_gtfs(path, crs=HERE).lines
    # What departs in neither window is not written.
    assert len(again) == sum(line.runs("free") or line.runs("peak") for line in lines)
    before, after = (
        travel_times(
            TravelNetwork(streets, some),
            hexagons.iloc[::60],
            hexagons.iloc[::60],
            mode="walk+rail+walk",
            rules=NEAR,
        )["travel_time_min"]
        for some in (lines, again)
    )
    assert before.isna().equals(after.isna())
    # A ride is off by a second at most, a wait by a quarter of one.
    assert (before - after).abs().max() < 5 / 60


def test_lines_put_more_people_and_jobs_within_an_hour(streets, feeds, hexagons):
    lines = tuple(line for feed in feeds for line in feed.lines)
    network = TravelNetwork(streets, lines)
    for value in ("population", "jobs"):
        held = hexagons.assign(**{value: hexagons[value].astype(float).fillna(0.0)})
        on_foot, by_line = (
            accessibility(
                network,
                held.iloc[::60],
                held,
                cutoffs_min=(30, 60),
                value=value,
                mode=mode,
                rules=NEAR,
            )
            for mode in ("walk", "walk+rail+walk")
        )
        foot, line = (
            frame.groupby("cutoff_min")["reached_share"].mean()
            for frame in (on_foot, by_line)
        )
        assert line[60] > 2 * foot[60]
        assert line[60] > line[30] > 0
