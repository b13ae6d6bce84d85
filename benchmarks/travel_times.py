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
from ctzgis.network.engine import matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctzgis.network.engine import Connectors, SearchGraph

ROUNDS = 7


def main() -> None:
    """Time the engines and print medians and ratios."""
    plan, network = ctzgis.read_plan("czt"), ctzgis.read_network().at(2020)
    people, _ = ctzgis.read_settlements()
    spots = [plan.place(key).location.point for key in plan.centres]
    centres = gpd.GeoDataFrame(geometry=spots, index=list(plan.centres), crs=plan.crs)
    graph = network.graph(centres)
    people = people[graph.join(network.snap(people, graph)).connectors.found]
    joined = graph.join(network.snap(people, graph)).connectors
    count, places = graph.search.count, graph.anchors
    origins = count + np.arange(len(people))
    table = arcs_of(graph.search, joined)

    other = nx.from_pandas_edgelist(table, "a", "b", "w", create_using=nx.DiGraph)
    dots = pd.DataFrame(np.zeros((count + len(people), 2)), columns=["x", "y"])
    prepared = pandana.Network(
        dots.x, dots.y, table.a, table.b, table[["w"]], twoway=False
    )
    pairs = [(o, d) for o in origins for d in places]
    starts, ends = ([p[i] for p in pairs] for i in (0, 1))

    def ours() -> np.ndarray:
        return matrix(graph.search, joined, places).ravel()

    def with_networkx() -> np.ndarray:
        found = []
        for origin in origins:
            reached = nx.single_source_dijkstra_path_length(other, origin, weight="w")
            found += [reached[d] for d in places]
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
    print(f"{count} vertices, {len(table)} arcs, {len(pairs)} pairs")
    for name, seconds in medians.items():
        ratio = seconds / medians["ctzgis"]
        print(f"{name:>9}: {1000 * seconds:8.2f} ms, {ratio:6.1f} x ctzgis")


def arcs_of(graph: "SearchGraph", joined: "Connectors") -> pd.DataFrame:
    """Return all arcs for the other engines, those of joined points at the end."""
    rows = graph.forward
    tail = np.repeat(graph.outer, np.diff(rows.start))
    arcs = pd.DataFrame(
        {"a": tail, "b": graph.outer[rows.head], "w": rows.ticks / 6000}
    )
    points = pd.DataFrame(
        {"a": graph.count + joined.point, "b": joined.vertex, "w": joined.minutes}
    )
    return pd.concat([arcs, points], ignore_index=True)


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
