"""The same questions, asked of pandana, SciPy and OSMnx (同类引擎)."""

import contextlib
import os
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import networkx as nx
    from networks import TownNetwork
    from scipy.sparse import csr_array

__all__ = ["Pandana", "osmnx_graph", "scipy_nearest", "scipy_rows", "scipy_sums"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Pandana:
    """pandana's network over the same arcs; its weights are our ticks."""

    def __init__(self, network: "TownNetwork") -> None:
        self.opportunities = network.opportunities
        self.count = network.count
        self.xy = network.xy
        start = time.perf_counter()
        self.net = self.build(network)
        self.build_s = time.perf_counter() - start
        self.net.set(
            pd.Series(np.arange(self.count)),
            variable=pd.Series(network.opportunities),
            name="opportunities",
        )

    @staticmethod
    def build(network: "TownNetwork") -> Any:
        """Build the network, with its contraction hierarchy."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pandana  # noqa: PLC0415 - one second of imports

            with _quiet():
                return pandana.Network(
                    pd.Series(network.xy[:, 0]),
                    pd.Series(network.xy[:, 1]),
                    pd.Series(network.tail),
                    pd.Series(network.head),
                    pd.DataFrame({"ticks": network.ticks.astype(float)}),
                    twoway=False,
                )

    def sums_everywhere(self, cutoffs: "Sequence[int]") -> Floats:
        """Return sums within each cutoff, of every junction."""
        found = [
            self.net.aggregate(t, type="sum", decay="flat", name="opportunities")
            for t in cutoffs
        ]
        return np.stack(found, axis=1)

    def sums(self, origins: Ints, cutoffs: "Sequence[int]") -> Floats:
        """Return sums within each cutoff, of chosen junctions, fifty at a time."""
        parts = []
        for k in range(0, len(origins), 50):
            part = origins[k : k + 50]
            found = self.net.nodes_in_range(part, max(cutoffs))
            row = pd.Index(part).get_indexer(found["source"])
            ticks = found["ticks"].to_numpy()
            values = self.opportunities[found["destination"].to_numpy()]
            near = [ticks <= t for t in cutoffs]
            found_sums = [np.bincount(row[n], values[n], len(part)) for n in near]
            parts.append(np.stack(found_sums, axis=1))
        return np.concatenate(parts)

    def reach(self, origin: int, limit: int) -> Floats:
        """Return ticks to every junction within the limit, else inf."""
        found = self.net.nodes_in_range([origin], limit)
        ticks = np.full(self.count, np.inf)
        ticks[found["destination"].to_numpy()] = found["ticks"].to_numpy()
        return ticks

    def matrix(self, origins: Ints, destinations: Ints) -> Floats:
        """Return ticks from each origin to each destination."""
        pairs = (
            np.repeat(origins, len(destinations)),
            np.tile(destinations, len(origins)),
        )
        found = self.net.shortest_path_lengths(*pairs)
        return np.array(found).reshape(len(origins), len(destinations))

    def set_facilities(self, facilities: Ints, limit: int) -> None:
        """Say where the facilities are."""
        x, y = (pd.Series(self.xy[facilities, axis]) for axis in (0, 1))
        self.net.set_pois("facilities", limit, 1, x, y)

    def nearest(self, limit: int) -> Floats:
        """Return ticks between every junction and its nearest facility."""
        found = self.net.nearest_pois(limit, "facilities", num_pois=1)
        return found[1].to_numpy()


@contextlib.contextmanager
def _quiet() -> "Iterator[None]":
    """Keep what compiled code prints from the terminal."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def scipy_rows(matrix: "csr_array", origins: Ints, *, limit: float = np.inf) -> Floats:
    """Return ticks from each origin to every junction."""
    return np.atleast_2d(dijkstra(matrix, indices=origins, limit=limit))


def scipy_sums(
    matrix: "csr_array", origins: Ints, cutoffs: "Sequence[int]", values: Floats
) -> Floats:
    """Return sums within each cutoff, fifty origins at a time."""
    parts = []
    for k in range(0, len(origins), 50):
        ticks = scipy_rows(matrix, origins[k : k + 50], limit=max(cutoffs))
        row, vertex = np.nonzero(np.isfinite(ticks))
        far, value = ticks[row, vertex], values[vertex]
        parts.append(
            np.stack(
                [
                    np.bincount(row[far <= t], value[far <= t], len(ticks))
                    for t in cutoffs
                ],
                axis=1,
            )
        )
    return np.concatenate(parts)


def scipy_nearest(backward: "csr_array", facilities: Ints, *, limit: float) -> Floats:
    """Return ticks to the nearest facility, over the matrix of arcs turned round."""
    return dijkstra(backward, indices=facilities, min_only=True, limit=limit)


def osmnx_graph(network: "TownNetwork") -> "nx.MultiDiGraph[int]":
    """Return the network as OSMnx has it: dictionaries of nodes and edges."""
    import networkx as nx  # noqa: PLC0415
    from networks import CLASSES  # noqa: PLC0415

    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4547")
    graph.add_nodes_from(
        (k, {"x": float(x), "y": float(y)}) for k, (x, y) in enumerate(network.xy)
    )
    kinds = [CLASSES[k] for k in network.road_class]
    columns = (network.tail, network.head, network.ticks, network.length_m)
    arcs = zip(*(column.tolist() for column in columns), kinds, strict=True)
    graph.add_edges_from(
        (
            tail,
            head,
            0,
            {
                "osmid": k,
                "highway": kind,
                "length": length_m,
                "travel_time": ticks / 100,
                "ticks": ticks,
                "oneway": False,
            },
        )
        for k, (tail, head, ticks, length_m, kind) in enumerate(arcs)
    )
    return graph
