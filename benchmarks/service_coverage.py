"""
Who lies within 500 m of a facility: a million cells, ten thousand facilities.

Beside what geopandas offers for it, ``sjoin_nearest`` with a longest distance, and the
union of buffers with ``sjoin``. All must find the same people; they take turns, and the
ratio of medians counts::

    python benchmarks/service_coverage.py [cells] [facilities]
"""

import sys

import geopandas as gpd
import numpy as np
import shapely
from timing import Job, Row, machine, take_turns

from ctzgis.analysis import service_coverage
from ctzgis.crs import REGION_CRS

RADIUS_M = 500.0
SIDE_M = 200_000.0
ROUNDS = 3


def main(cells: int = 1_000_000, facilities: int = 10_000) -> None:
    """Time the engines, print medians, ratios and what they found."""
    people, places = scattered(cells, 1), scattered(facilities, 2)
    parks = places.set_geometry(places.buffer(50, quad_segs=4))
    print(machine())
    for name, things in (("points", places), ("areas", parks)):
        row = Row(name, f"{cells:,} × {facilities:,}", f"within {RADIUS_M:g} m", [])
        row.jobs += [
            Job("ctzgis service_coverage", lambda t=things: ours(people, t)),
            Job("geopandas sjoin_nearest", lambda t=things: nearest(people, t)),
            Job("geopandas sjoin dwithin", lambda t=things: dwithin(people, t)),
        ]
        row.checks.append(f"people found: {[round(job.run()) for job in row.jobs]}")
        take_turns(row.jobs, rounds=ROUNDS)
        print(row.told())


def scattered(count: int, seed: int) -> gpd.GeoDataFrame:
    """Return points of 1 to 100 people anywhere in a square."""
    draw = np.random.default_rng(seed)
    x, y = draw.uniform(0, SIDE_M, (2, count))
    points = shapely.points(400_000 + x, 3_000_000 + y)
    return gpd.GeoDataFrame(
        {"population": draw.integers(1, 100, count)}, geometry=points, crs=REGION_CRS
    )


def ours(people: gpd.GeoDataFrame, things: gpd.GeoDataFrame) -> float:
    """Return the people served."""
    return float(service_coverage(people, things, reach=RADIUS_M)["served"].item())


def nearest(people: gpd.GeoDataFrame, things: gpd.GeoDataFrame) -> float:
    """Return the people who have a nearest facility."""
    found = gpd.sjoin_nearest(
        people, things[["geometry"]], max_distance=RADIUS_M, how="inner"
    )
    return float(found[~found.index.duplicated()]["population"].sum())


def dwithin(people: gpd.GeoDataFrame, things: gpd.GeoDataFrame) -> float:
    """Return the people near any facility."""
    found = gpd.sjoin(
        people, things[["geometry"]], predicate="dwithin", distance=RADIUS_M
    )
    return float(found[~found.index.duplicated()]["population"].sum())


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
