"""Read a street network again: ctzgis from its cache, OSMnx from GraphML (再次读取)."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import osmnx
from peers import osmnx_graph
from timing import Job, Row, take_turns

import ctzgis

if TYPE_CHECKING:
    from networks import TownNetwork

__all__ = ["row_reload"]

# OSMnx needs a minute and 4 GB for ten times as many.
_MOST_JUNCTIONS: Final = 100_000


def row_reload(network: "TownNetwork", size: str, rounds: int) -> Row:
    """Write the same graph in both formats, and read both again."""
    work = "read roads with lengths, classes and speeds again"
    if network.count > _MOST_JUNCTIONS:
        return Row("reload", size, f"{work}: measured at 20k only", [])
    graph = osmnx_graph(network)
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("CTZGIS_CACHE")
        os.environ["CTZGIS_CACHE"] = folder
        layer, graphml = Path(folder) / "town.gpkg", Path(folder) / "town.graphml"
        roads = ctzgis.from_osmnx(graph)
        ctzgis.write_network(roads, layer)
        osmnx.save_graphml(graph, graphml)
        ctzgis.read_network(layer)
        jobs = [
            Job(
                "ctzgis, read_network from the cache",
                lambda: ctzgis.read_network(layer),
            ),
            Job("OSMnx, load_graphml", lambda: osmnx.load_graphml(graphml), rounds=3),
        ]
        take_turns(jobs, rounds=rounds)
        found = ctzgis.read_network(layer).roads
        back = osmnx.load_graphml(graphml)
        checks = [
            f"ours: {len(found.roads):,} roads, {len(found.junctions):,} junctions;"
            f" theirs: {back.number_of_edges():,} arcs, {len(back):,} junctions"
        ]
        if before is None:
            del os.environ["CTZGIS_CACHE"]
        else:
            os.environ["CTZGIS_CACHE"] = before
    return Row("reload", size, work, jobs, checks)
