"""
Road length in zones, beside geopandas.overlay and beside shapely alone (路网密度对比).

The streets are those of ``networks.py`` with four vertices each; the zones share wiggly
borders, as counties do. ``road_density`` is measured whole, with its checks and the areas
on the ellipsoid; the others only give lengths. Everyone takes turns, and medians count::

    python benchmarks/density.py --size 200k --zones 30
    python benchmarks/density.py --size 1m --streets 500000 --zones 1000 --without-overlay
    python benchmarks/density.py --size 200k --memory
"""

import argparse
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely
from networks import SIZES, Floats, town_network
from timing import Job, Row, machine, take_turns

from ctzgis.analysis import road_density
from ctzgis.analysis.streets.density_rules import rules_named

if TYPE_CHECKING:
    from networks import TownNetwork

_CRS: Final = "EPSG:4547"
_VERTICES: Final = 4


def streets_of(network: "TownNetwork", count: int | None) -> gpd.GeoDataFrame:
    """Return roads as lines of four vertices that leave the straight way a little."""
    once = network.tail < network.head
    ends = np.stack([network.xy[network.tail[once]], network.xy[network.head[once]]], 1)
    ends = ends[:count]
    share = np.linspace(0, 1, _VERTICES)[None, :, None]
    places = ends[:, :1] * (1 - share) + ends[:, 1:] * share
    draw = np.random.default_rng(5)
    places[:, 1:-1] += draw.normal(0, 5, places[:, 1:-1].shape)
    return gpd.GeoDataFrame(geometry=shapely.linestrings(places), crs=_CRS)


def zones_of(network: "TownNetwork", count: int) -> gpd.GeoDataFrame:
    """Return zones that share borders of 100 m steps, none of them straight."""
    low, high = network.xy.min(axis=0), network.xy.max(axis=0)
    seeds = np.random.default_rng(4).uniform(low, high, (count, 2))
    town = shapely.box(*low, *high)
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=town)
    straight = shapely.intersection(shapely.get_parts(cells), town)
    wiggly = shapely.transform(shapely.segmentize(straight, 100.0), _wiggled)
    return gpd.GeoDataFrame(geometry=shapely.make_valid(wiggly), crs=_CRS)


def _wiggled(xy: Floats) -> Floats:
    x, y = xy.T
    east = 300 * np.sin(y / 900) + 120 * np.sin(x / 211 + y / 173)
    north = 300 * np.cos(x / 800) + 120 * np.cos(y / 190 - x / 233)
    return np.stack([x + east, y + north], axis=1)


def by_overlay(streets: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> Floats:
    """Return kilometres by geopandas.overlay."""
    named = zones.assign(zone=np.arange(len(zones)))
    parts = gpd.overlay(streets, named, how="intersection", keep_geom_type=True)
    metres = np.bincount(parts["zone"], parts.length, len(zones))
    return np.asarray(metres) / 1000


def by_shapely(streets: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> Floats:
    """Return kilometres, of whole lines where they do not meet a border."""
    lines, areas = streets.geometry.to_numpy(), zones.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    shapely.prepare(areas)
    zone, line = tree.query(areas, predicate="contains_properly")
    metres = np.bincount(zone, shapely.length(lines[line]), len(areas))
    zone, line = tree.query(shapely.boundary(areas), predicate="intersects")
    cut = shapely.length(shapely.intersection(lines[line], areas[zone]))
    return np.asarray(metres + np.bincount(zone, cut, len(areas))) / 1000


def compared(asked: argparse.Namespace) -> Row:
    """Measure the same streets by everyone."""
    network = town_network(asked.size)
    streets = streets_of(network, asked.streets)
    zones = zones_of(network, asked.zones)
    jobs = [
        Job("ctzgis, road_density", lambda: road_density(streets, zones)),
        Job("shapely, cut at borders only", lambda: by_shapely(streets, zones)),
    ]
    if not asked.without_overlay:
        jobs.append(
            Job("geopandas.overlay", lambda: by_overlay(streets, zones), rounds=2)
        )
    corners = shapely.get_num_coordinates(zones.geometry.to_numpy()).sum()
    row = Row(
        "density",
        asked.size,
        f"{len(streets):,} streets in {len(zones):,} zones of {corners:,} vertices",
        jobs,
    )
    road_density(streets[:10], zones)
    take_turns(jobs, rounds=asked.rounds)
    # No metre of tolerance here: the others know none.
    wanted = by_shapely(streets, zones) if asked.without_overlay else None
    row.checks.append(_apart(streets, zones, wanted))
    return row


def _apart(
    streets: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, wanted: Floats | None
) -> str:
    exact = replace(rules_named("raw"), border="clip", border_m=0.0)
    found = road_density(streets, zones, rules=exact)["length_km"].to_numpy()
    peer = "geopandas.overlay" if wanted is None else "shapely"
    wanted = by_overlay(streets, zones) if wanted is None else wanted
    some = wanted > 0
    apart = np.abs(found[some] / wanted[some] - 1).max()
    return f"largest relative difference of a zone's length to {peer}: {apart:.1e}"


def memory(asked: argparse.Namespace) -> None:
    """Print what the process needed for the input, and how much more for the answer."""
    network = town_network(asked.size)
    zones = zones_of(network, asked.zones)
    road_density(streets_of(network, 10), zones[:1])
    kept = streets_of(network, asked.streets)
    empty = memory_mb("VmRSS")
    streets = kept.set_geometry(shapely.from_wkb(kept.to_wkb()["geometry"]))
    full = memory_mb("VmRSS")
    road_density(streets, zones)
    print(
        f"{len(streets):,} streets take {full - empty:,.0f} MB; to measure them in "
        f"{len(zones):,} zones takes {memory_mb('VmHWM') - full:,.0f} MB more at most"
    )


def memory_mb(field: str) -> float:
    """Return memory of this process now or at its peak; NaN where it is not Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    found = re.search(rf"{field}:\s*(\d+) kB", status.read_text("ascii"))
    return int(found[1]) / 1024 if found else float("nan")


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="20k")
    parser.add_argument("--streets", type=int, help="only so many of the streets")
    parser.add_argument("--zones", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-overlay", action="store_true")
    parser.add_argument("--memory", action="store_true", help="peak of a new process")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        memory(asked)
    elif asked.memory:
        command = [sys.executable, __file__, *sys.argv[1:], "--here"]
        subprocess.run(command, check=True, env=dict(os.environ))
    else:
        print(machine(), flush=True)
        print(compared(asked).told(), flush=True)
        print(machine())


if __name__ == "__main__":
    main()
