"""
An OpenStreetMap file to a routable network for driving, beside pyrosm and OSMnx.

pyrosm gives its tables of nodes and edges (every stretch between two nodes), and with one
more step a graph. OSMnx reads XML only: it gets the ways we found open to driving, and
simplifies its graph, which is what our cutting at junctions does. The readers take turns;
the ratio of medians counts. What they found is compared too. Needs the extra ``bench`` and
a file of ways, e.g. of Porto::

    python benchmarks/osm_reading.py porto_portugal.osm.pbf
"""

import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
import osmnx
import pyrosm

from ctzgis.sources.osm.roads import read_osm

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from ctzgis.network import RoadNetwork

ROUNDS = 5


def main(path: Path) -> None:
    """Time the readers and print medians, ratios and what they found."""
    warnings.simplefilter("ignore")
    network = read_osm(path)
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder) / "ways.osm"
        write_xml(path, xml, set(network.roads["way_id"]))

        def with_osmnx() -> Any:
            return osmnx.graph_from_xml(xml, bidirectional=False, retain_all=True)

        readers: dict[str, Callable[[], Any]] = {
            "ctzgis, to a checked network": lambda: read_osm(path),
            "pyrosm, to tables": lambda: pyrosm_tables(path),
            "pyrosm, to a graph": lambda: pyrosm_graph(path),
            "OSMnx, XML to a simplified graph": with_osmnx,
        }
        times: dict[str, list[float]] = {name: [] for name in readers}
        for _ in range(ROUNDS):
            for name, reader in readers.items():
                start = time.perf_counter()
                reader()
                times[name].append(time.perf_counter() - start)
    ours = statistics.median(next(iter(times.values())))
    print(f"{path.name}: {network}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(
            f"  {name:<34} {median:6.2f} s ({min(seconds):.2f}-{max(seconds):.2f})"
            f"  ours is {ours / median:5.2f} x"
        )
    compare(network, pyrosm_tables(path)[1])


def write_xml(path: Path, to: Path, ways: set[int]) -> None:
    """Write the nodes and the given ways of a file as XML."""
    nodes = {
        node.ref
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if way.id in ways
        for node in way.nodes
    }
    with osmium.SimpleWriter(str(to)) as writer:
        for item in osmium.FileProcessor(str(path)):
            if (item.is_node() and item.id in nodes) or (
                item.is_way() and item.id in ways
            ):
                writer.add(item)


def pyrosm_tables(path: Path) -> "tuple[Any, gpd.GeoDataFrame]":
    """Return pyrosm's nodes and edges for driving."""
    found: tuple[Any, Any] = pyrosm.OSM(str(path)).get_network(
        network_type="driving", nodes=True
    )
    return found


def pyrosm_graph(path: Path) -> Any:
    """Return pyrosm's graph for driving."""
    osm = pyrosm.OSM(str(path))
    nodes, edges = osm.get_network(network_type="driving", nodes=True)
    return osm.to_graph(nodes, edges, graph_type="networkx")


def compare(network: "RoadNetwork", edges: "gpd.GeoDataFrame") -> None:
    """Print lengths and directions by both, on the ways that both took and on the rest."""
    roads = network.roads
    theirs = edges.to_crs(roads.crs)
    ours_too, theirs_too = (
        roads["way_id"].isin(edges["id"]),
        edges["id"].isin(roads["way_id"]),
    )
    print("\nways, km, metre for metre in one CRS")
    print(
        f"  both        {roads.loc[ours_too, 'way_id'].nunique():>7,} ways"
        f" {roads[ours_too].length.sum() / 1000:>9,.3f} km by us"
        f" {theirs[theirs_too.to_numpy()].length.sum() / 1000:>9,.3f} km by pyrosm"
    )
    for name, frame in (
        ("only ours", roads[~ours_too].rename(columns={"way_id": "id"})),
        ("only pyrosm", theirs[~theirs_too.to_numpy()]),
    ):
        km = (frame.length.groupby(frame["highway"]).sum() / 1000).sort_values()
        told = ", ".join(f"{kind} {value:.1f}" for kind, value in km[::-1].items())
        print(f"  {name:<11} {frame['id'].nunique():>7,} ways: {told} km")
    tagged = edges[theirs_too].drop_duplicates("id").set_index("id")["oneway"]
    tagged = tagged.isin(["yes", "true", "1", "-1", "reverse"])
    one = roads[ours_too].drop_duplicates("way_id").set_index("way_id")
    differ = one["oneway"] != tagged.reindex(one.index)
    implied = one["roundabout"] | (one["highway"] == "motorway")
    print(f"  one-way: {int(one['oneway'].sum()):,} ways by us, {int(tagged.sum()):,} by"
          f" pyrosm's tag; {int((differ & implied).sum())} of the {int(differ.sum())} that"
          " differ are roundabouts and motorways without the tag")  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
