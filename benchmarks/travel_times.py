"""
Travel times from every settlement to the centres, beside networkx and pandana.

Each engine gets the same graph with all points attached and does the same work; they
take turns, and the ratio of medians counts. Run with the extra ``bench``::

    python benchmarks/travel_times.py
"""

import statistics
import time
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandana
import pandas as pd

import ctzgis
from ctzgis.network.engine import minutes_from

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7


def main() -> None:
    """Time the engines and print medians and ratios."""
    plan, network = ctzgis.read_plan("czt"), ctzgis.read_network().at(2020)
    people, _ = ctzgis.read_settlements()
    spots = [plan.place(key).location.point for key in plan.centres]
    centres = gpd.GeoDataFrame(geometry=spots, index=list(plan.centres), crs=plan.crs)
    graph = network.graph(people, centres)
    origins = graph.origins[graph.origins >= 0]
    arcs = graph.arrays.forward.tocoo()
    table = pd.DataFrame({"a": arcs.row, "b": arcs.col, "w": arcs.data})

    other = nx.from_pandas_edgelist(table, "a", "b", "w", create_using=nx.DiGraph)
    dots = pd.DataFrame(np.zeros((graph.arrays.count, 2)), columns=["x", "y"])
    prepared = pandana.Network(
        dots.x, dots.y, table.a, table.b, table[["w"]], twoway=False
    )
    pairs = [(o, d) for o in origins for d in graph.destinations]
    starts, ends = ([p[i] for p in pairs] for i in (0, 1))

    def ours() -> np.ndarray:
        return minutes_from(graph.arrays, origins)[:, graph.destinations].ravel()

    def with_networkx() -> np.ndarray:
        found = []
        for origin in origins:
            reached = nx.single_source_dijkstra_path_length(other, origin, weight="w")
            found += [reached[d] for d in graph.destinations]
        return np.array(found)

    def with_pandana() -> np.ndarray:
        return np.array(prepared.shortest_path_lengths(starts, ends))

    engines = {"ctzgis": ours, "networkx": with_networkx, "pandana": with_pandana}
    wanted = ours()
    for name, engine in engines.items():
        print(
            f"{name:>9}: largest difference {np.abs(engine() - wanted).max():.4f} min"
        )
    medians = in_turns(engines)
    print(f"{graph.arrays.count} vertices, {len(table)} arcs, {len(pairs)} pairs")
    for name, seconds in medians.items():
        ratio = seconds / medians["ctzgis"]
        print(f"{name:>9}: {1000 * seconds:8.2f} ms, {ratio:6.1f} x ctzgis")


def in_turns(engines: dict[str, "Callable[[], np.ndarray]"]) -> dict[str, float]:
    """Return the median seconds of each engine; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            start = time.perf_counter()
            engine()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main()
