"""
The network engine and isochrones beside OSRM and Valhalla, on the same roads.

The town's roads are written as a file of OpenStreetMap that both read. OSRM gets our
times, in tenths of a second, by a profile of its own without costs of turns, so that its
tables can be compared with ours. Valhalla gets our speeds in whole km/h and keeps its costs
of turns, so that its areas are told for information. Medians count. Engines take turns,
except that OSRM's tables come after ours; what prepares their data ran before, as often as
is told. Two threads at most.

Their wheels ask for Python 3.12, which is why the extra ``bench`` does not hold them. In
an environment of their own::

    python3.12 -m venv routers
    routers/bin/pip install . osmium osrm-bindings pyvalhalla
    routers/bin/python benchmarks/routers.py --size 20k
    routers/bin/python benchmarks/routers.py --size 200k --json figures.json

Sizes are 2k, 20k and 200k, where OSRM prepares for ten minutes or more.
Rows: prepare, od, od-large, isochrones.
"""

import argparse
import tempfile
import time
import warnings
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numba
import numpy as np
import shapely
from apart import apart
from case import Case
from networks import SIZES, TICKS_PER_MIN, Floats, Ints, town_network
from peers import scipy_rows
from router_peers import CRS, THREADS, Osrm, Roads, Valhalla, tenths
from scipy.spatial import KDTree
from timing import Job, Row, machine, merge, take_turns

import ctzgis
from ctzgis.network import TravelNetwork, engine
from ctzgis.sources.osm.roads import read_osm

if TYPE_CHECKING:
    from collections.abc import Callable

# From so many junctions on, the others' data are prepared once.
_LARGE: Final = 50_000
_MINUTES: Final = 30
_SAME: Final = 0.01
_PEERS: Final = ("osrm-bindings", "pyvalhalla")


@dataclass
class Routers:
    """A town in everybody's hands; the others' data are prepared when it is made."""

    case: Case
    folder: Path

    def __post_init__(self) -> None:
        self.roads = Roads(self.case.network)
        self.file = self.folder / "town.osm.pbf"
        start = time.perf_counter()
        self.roads.write_osm(self.file)
        self.write_s = time.perf_counter() - start
        self.osrm = Osrm(self.file, self.folder, self.roads.lonlat)
        self.valhalla = Valhalla(self.file, self.folder, self.roads.lonlat)
        rounds = 3 if self.case.network.count < _LARGE else 1
        for _ in range(rounds):
            self.osrm.extract.turn()
            self.valhalla.build.turn()
        self.osrm.contract.turn()

    @cached_property
    def travel(self) -> TravelNetwork:
        """Our network of roads."""
        return self.roads.travel_network()

    @cached_property
    def in_tenths(self) -> Any:
        """Our graph, prepared, with times of roads in OSRM's tenths of a second."""
        ticks = 10 * tenths(self.case.network.ticks)
        return self.case.hierarchy.reweighted(ticks / TICKS_PER_MIN)


def row_prepare(routers: Routers) -> Row:
    """Make the network ready for many questions."""
    case = routers.case

    def from_file() -> Any:
        return engine.prepare(TravelNetwork(read_osm(routers.file)).graph().search)

    jobs = [
        Job("ctzgis, prepare", lambda: engine.prepare(case.build())),
        Job("ctzgis, from the file", from_file, rounds=3),
    ]
    row = case.row("routers-prepare", "make the network ready for many questions", jobs)
    row.jobs += [routers.osrm.extract, routers.osrm.contract, routers.valhalla.build]
    row.checks.append(_processor_seconds(row))
    size_mb = routers.file.stat().st_size / 1e6
    row.checks.append(
        f"a file of {len(routers.roads.kph):,} ways and {size_mb:.1f} MB, written in"
        f" {routers.write_s:.1f} s; slower than 5 km/h: {routers.roads.slower_share:.2%}"
    )
    return row


def row_od(routers: Routers, side: int) -> Row:
    """Fill a matrix from origins to destinations."""
    case, osrm = routers.case, routers.osrm
    side = min(side, case.network.count // 2)
    origins = case.network.scattered(side, seed=21)
    destinations = case.network.scattered(side, seed=22)
    work = f"minutes between {side:,} x {side:,} junctions"
    jobs = case.prepared_jobs(lambda found: engine.matrix(found, origins, destinations))
    row = case.row(f"routers-od-{side}", work, jobs)
    # Its answer takes a gigabyte or more. Once that is given back, whoever asks next
    # waits for memory: several times as long as we need. So its turns come after ours.
    table = Job("OSRM, Table", lambda: osrm.table(origins, destinations))
    take_turns([table], rounds=min(case.rounds, 3))
    row.jobs += [
        table,
        Job("OSRM, with extract and contract", table.run, added_s=osrm.seconds,
            wall_s=table.wall_s, cpu_s=table.cpu_s),
    ]  # fmt: skip
    row.checks.append(_processor_seconds(row))
    theirs = osrm.matrix(origins, destinations)
    for told, graph in (
        ("our times", case.hierarchy),
        ("our times in tenths of a second", routers.in_tenths),
    ):
        ours = 60 * engine.matrix(graph, origins, destinations)
        row.checks.append(f"OSRM beside {told}: {_agreement(ours, theirs)}")
    some = slice(None, None, max(side // 20, 1))
    ours = engine.matrix(case.hierarchy, origins[some], destinations) * TICKS_PER_MIN
    exact = scipy_rows(case.matrix, origins[some])[:, destinations]
    row.checks.append(apart(np.rint(ours), exact).told("SciPy by ctzgis, ticks"))
    return row


def _processor_seconds(row: Row) -> str:
    """Tell what each job took of the processors, which other work disturbs less."""
    first = np.median(row.jobs[0].cpu_s)
    told = [
        f"{job.engine} {(cpu := np.median(job.cpu_s)):.3g} ({cpu / first:.3g} x)"
        for job in row.jobs
        if not job.added_s
    ]
    return f"processor seconds: {'; '.join(told)}"


def _agreement(ours: Floats, theirs: Floats) -> str:
    """Tell how far seconds of two engines are apart, nothing left out."""
    off = np.abs(theirs - ours)
    close = (off <= _SAME * ours).mean()
    return (
        f"{close:.4%} of {ours.size:,} within 1 %, median {np.median(off):.2f} s apart,"
        f" {off.max():.2f} s at most; {(off < 0.05).mean():.2%} the same tenth;"
        f" {np.isnan(theirs).sum()} without an answer"
    )


def places(routers: Routers) -> dict[str, int]:
    """Return a junction in the densest place, in a usual one and in the country."""
    xy = routers.case.network.xy
    around = KDTree(xy).query_ball_point(xy, 1000.0, return_length=True)
    order = np.argsort(around, kind="stable")
    at = {"city core": len(xy) - 1, "town": len(xy) // 2, "country": len(xy) // 20}
    return {name: int(order[rank]) for name, rank in at.items()}


def row_isochrones(routers: Routers, name: str, origin: int) -> Row:
    """Draw what is reached within half an hour."""
    case, valhalla = routers.case, routers.valhalla
    network = case.network
    spot = gpd.GeoDataFrame(
        geometry=shapely.points(network.xy[[origin]]), index=[name], crs=CRS
    )

    def ours(minutes: float = _MINUTES) -> shapely.Geometry:
        found = ctzgis.isochrones(routers.travel, spot, cutoffs_min=[minutes])
        return found.geometry.iloc[0]

    ours()
    jobs = [
        Job("ctzgis, isochrones", ours),
        Job("Valhalla, isochrone", lambda: valhalla.isochrone(origin, _MINUTES)),
    ]
    told = f"{_MINUTES} min by car from the {name}"
    row = case.row(f"routers-isochrone-{name.replace(' ', '-')}", told, jobs)
    row.checks.append(_processor_seconds(row))
    areas = {"ctzgis": ours(), "Valhalla": valhalla.area(origin, _MINUTES)}
    ticks = scipy_rows(case.matrix, np.array([origin]))[0]
    for engine_name, area in areas.items():
        row.checks.append(f"{engine_name}: {_holds(area, network.xy, ticks)}")
    ratio = _ratios(routers, origin, ticks)
    low, middle, high = np.quantile(ratio, [0.1, 0.5, 0.9])
    row.checks += [
        f"IoU {_iou(*areas.values()):.3f}; Valhalla's times to {len(ratio)} junctions are"
        f" {middle:.2f} x ours ({low:.2f} to {high:.2f} for the middle eight tenths)",
        f"IoU with ours of {_MINUTES / middle:.1f} min:"
        f" {_iou(ours(_MINUTES / middle), areas['Valhalla']):.3f}",
    ]
    return row


def _iou(left: shapely.Geometry, right: shapely.Geometry) -> float:
    """Return the area of both as a share of the area of either."""
    both = shapely.intersection(left, right).area
    return float(both / shapely.union(left, right).area)


def _holds(area: shapely.Geometry, xy: Floats, ticks: Floats) -> str:
    """Tell how large an area is, and which junctions it holds by our times."""
    shapely.prepare(area)
    inside = shapely.intersects_xy(area, xy)
    reached = ticks <= _MINUTES * TICKS_PER_MIN
    others = inside[~reached].mean() if (~reached).any() else 0.0
    return (
        f"{area.area / 1e6:,.1f} km², {inside[reached].mean():.2%} of"
        f" {reached.sum():,} junctions that we reach and {others:.2%} of the others"
    )


def _ratios(routers: Routers, origin: int, ticks: Floats) -> Floats:
    """Return Valhalla's times over ours, to junctions that lie within an hour."""
    chosen: Ints = routers.case.network.scattered(1000, seed=9)
    near = chosen[(ticks[chosen] > 0) & (ticks[chosen] < 60 * TICKS_PER_MIN)]
    near = near[:: max(len(near) // 45, 1)][:45]
    return routers.valhalla.minutes(origin, near) * TICKS_PER_MIN / ticks[near]


ROWS: Final[dict[str, "Callable[[Routers], list[Row]]"]] = {
    "prepare": lambda routers: [row_prepare(routers)],
    "od": lambda routers: [row_od(routers, 1000)],
    "od-large": lambda routers: [row_od(routers, 5000)],
    "isochrones": lambda routers: [
        row_isochrones(routers, name, origin)
        for name, origin in places(routers).items()
    ],
}


def main() -> None:
    """Measure the rows that are asked for, and print them."""
    asked = _asked()
    numba.set_num_threads(min(THREADS, numba.config.NUMBA_NUM_THREADS))
    case = Case(
        asked.size, town_network(asked.size), asked.rounds, 100, prepares=True,
        brief=False,
    )  # fmt: skip
    told = ", ".join(f"{name} {version(name)}" for name in _PEERS)
    print(f"{machine()}; {told}", flush=True)
    case.warm()
    kept: list[dict[str, Any]] = []
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        routers = Routers(case, Path(folder))
        for name in asked.rows.split(","):
            for row in ROWS[name](routers):
                print(row.told(), flush=True)
                kept.append(row.as_dict() | {"machine": machine()})
            if asked.json:
                merge(asked.json, kept)
    print(machine())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="20k")
    parser.add_argument(
        "--rows", default=",".join(ROWS), help="names with commas between"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file that keeps the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
