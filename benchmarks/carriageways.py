"""
Lengths of roads counted once, beside neatnet's centre lines: time, memory, kilometres.

Prints how far the result hangs on each parameter, and how ours and neatnet's lengths lie
apart by class. neatnet needs packages of its own, so it runs under another interpreter if
one is named. ``streets.parquet`` holds lines in metres with OpenStreetMap's ``highway``::

    python benchmarks/carriageways.py streets.parquet [python-with-neatnet|made.parquet]

``made.parquet`` holds what neatnet made earlier; ``carriageway_map.py`` draws where the two
differ.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ctzgis.analysis.streets.carriageways import CarriagewayRules, carriageway_weights
from ctzgis.network.osm_tags import road_class_of

ROUNDS = 5

VARIED: dict[str, tuple[Any, ...]] = {
    "within_m": (30.0, 40.0, 60.0, 80.0),
    "angle_deg": (5.0, 10.0, 20.0, 30.0),
    "bridge_m": (0.0, 25.0, 100.0),
    "unstated_within_m": (0.0, 20.0, 25.0, 40.0, 50.0),
    "side_roads": ("apart",),
    "traffic": ("undirected", "left"),
}

_PEER = """
import resource, sys, time, warnings
import geopandas, neatnet
warnings.simplefilter("ignore")
lines = geopandas.read_parquet(sys.argv[1])
start = time.perf_counter()
found = neatnet.neatify(lines)
seconds = time.perf_counter() - start
found.to_parquet(sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"neatnet {neatnet.__version__}: {found.length.sum() / 1000:,.0f} km in {seconds:.1f} s,"
      f" peak {peak:,.0f} MB")
"""


def main(path: Path, peer: str | None) -> None:
    """Measure ours, then the peer."""
    warnings.simplefilter("ignore")
    streets = gpd.read_parquet(path).reset_index(drop=True)
    kinds = streets["highway"].astype(str)
    streets["road_class"] = kinds.map(road_class_of)
    seconds = []
    for k in range(ROUNDS + 1):
        start = time.perf_counter()
        weights = carriageway_weights(streets)
        seconds.append(time.perf_counter() - start)
        if k == 0:
            print(
                f"first call, with what must be compiled or loaded: {seconds.pop():.2f} s"
            )
    km = streets.length / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"ctzgis: {km.sum():,.0f} km drawn are {(km * weights).sum():,.0f} km of roads, in"
        f" {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}),"
        f" peak {peak:,.0f} MB with the data"
    )
    base = (km * weights).sum()
    for name, values in VARIED.items():
        for value in values:
            rules = CarriagewayRules(**{name: value})
            varied = (km * carriageway_weights(streets, rules=rules)).sum()
            print(f"  {name} = {value}: {varied:,.0f} km ({varied / base - 1:+.1%})")
    table = pd.DataFrame({"drawn": km, "ours": km * weights}).groupby(kinds).sum()
    if peer:
        made = peer.endswith(".parquet")
        found = gpd.read_parquet(peer) if made else _by_peer(streets, peer)
        theirs = found.length.groupby(found["highway"].astype(str)).sum() / 1000
        table["neatnet"] = theirs.reindex(table.index)
    print(table.round(1))


def _by_peer(lines: gpd.GeoDataFrame, python: str) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "lines.parquet", Path(folder) / "made.parquet"
        kept = lines[["highway", "geometry"]]
        kept.assign(highway=lines["highway"].astype(str)).to_parquet(source)
        command = [python, "-c", _PEER, str(source), str(made)]
        subprocess.run(command, check=True)
        return gpd.read_parquet(made)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
