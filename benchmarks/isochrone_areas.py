"""
Areas within 30 minutes, beside the exact union of buffers and OSMnx's recipe (等时圈面).

What is drawn is what lies within 200 m of the streets reached in time, cut to the metre
where time is over. Starts are the core of the city, a town and the country, so that the
reach is large, middling and small. Ways take turns, and medians count; a recipe that takes
many seconds is run once. How well each agrees with the exact union is told as the share of
both areas together that they have in common (intersection over union). OSMnx's recipe, the
union of the reached subgraph's buffered edges and nodes, is run as its examples give it,
with buffers of 25 and 50 m; and with 200 m, so that it draws the same thing::

    python benchmarks/isochrone_areas.py --size 200k --json figures.json

Needs the extra ``bench``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from networks import SIZES, TICKS_PER_MIN, Ints, TownNetwork, town_network
from peers import osmnx_graph
from timing import Job, Row, machine, take_turns

from ctzgis.analysis.access.areas import areas_within
from ctzgis.network import engine
from ctzgis.network.engine.fields import Spread, TimedSegments

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LIMIT_MIN: Final = 30.0
_REACH_M: Final = 200.0
_CELLS_M: Final = (50.0, 25.0, 100.0)
_QUAD_SEGS: Final = 16
# What the examples of OSMnx draw with.
_EDGES_M: Final = 25.0
_NODES_M: Final = 50.0


@dataclass(frozen=True)
class Start:
    """A start on a network, in the hands of each way to draw."""

    network: TownNetwork
    graph: Any
    origin: int

    def times(self) -> tuple[Ints, "NDArray[np.float64]"]:
        """Return when each junction is reached."""
        vertices, minutes = engine.reach(self.graph, self.origin, _LIMIT_MIN)
        times = np.full(self.network.count, np.inf)
        times[vertices] = minutes
        return vertices, times

    def segments(self) -> TimedSegments:
        """Return the reached streets; each direction is a segment of its own."""
        network = self.network
        _, times = self.times()
        used = np.flatnonzero(np.isfinite(times[network.tail]))
        tail, head = network.tail[used], network.head[used]
        never = np.full(len(used), np.inf)
        along = np.stack([network.ticks[used] / TICKS_PER_MIN, never], axis=1)
        return TimedSegments(
            ends=np.concatenate([network.xy[tail], network.xy[head]], axis=1),
            first_min=times[tail],
            last_min=never,
            along_min=along,
        )


def ours(segments: TimedSegments, cell_m: float) -> Any:
    """Return the area from the field."""
    street = Spread(min_per_m=0, reach_m=_REACH_M)
    (area,) = areas_within(segments, street, cutoffs_min=[_LIMIT_MIN], cell_m=cell_m)
    return area


def cut_lines(segments: TimedSegments) -> "NDArray[np.object_]":
    """Return the streets cut where time is over, each once if both ways reach it all."""
    share = (_LIMIT_MIN - segments.first_min) / segments.along_min[:, 0]
    share = np.clip(share, 0, 1)
    start, way = segments.ends[:, :2], segments.ends[:, 2:] - segments.ends[:, :2]
    pairs = np.stack([start, start + share[:, None] * way], axis=1)
    pairs[share == 1] = np.array(
        [pair[np.lexsort(pair.T)] for pair in pairs[share == 1]]
    )
    return shapely.linestrings(np.unique(pairs, axis=0))


def exact(lines: "NDArray[np.object_]") -> Any:
    """Return the union of buffers."""
    return shapely.union_all(shapely.buffer(lines, _REACH_M, quad_segs=_QUAD_SEGS))


def osmnx_recipe(graph: Any, origin: int, edges_m: float, nodes_m: float) -> Any:
    """Return the union of buffered edges and nodes of the reached subgraph, filled."""
    import geopandas as gpd  # noqa: PLC0415
    import networkx as nx  # noqa: PLC0415

    limit = _LIMIT_MIN * TICKS_PER_MIN
    reached = nx.ego_graph(graph, origin, radius=limit, distance="ticks")
    points = {n: shapely.Point(d["x"], d["y"]) for n, d in reached.nodes(data=True)}
    lines = [shapely.LineString([points[u], points[v]]) for u, v in reached.edges()]
    nodes = gpd.GeoSeries(list(points.values())).buffer(nodes_m)
    edges = gpd.GeoSeries(lines).buffer(edges_m)
    area = gpd.GeoSeries([*nodes, *edges]).union_all()
    parts = shapely.get_parts(area)
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])


def agreement(area: Any, wanted: Any) -> str:
    """Tell how well an area agrees with the exact one."""
    common = shapely.intersection(area, wanted).area
    share = common / (area.area + wanted.area - common)
    return f"IoU {share:.4f}, area {area.area / wanted.area:.2%}"


def row(start: Start, place: str, graph: Any, asked: argparse.Namespace) -> Row:
    """Draw the area around a start in every way."""
    segments = start.segments()
    lines = cut_lines(segments)
    drawn: list[Any] = []
    jobs = [
        Job("ctzgis, field and contour, 50 m", lambda: ours(segments, 50.0)),
        Job("ctzgis, with the search", lambda: ours(start.segments(), 50.0)),
        Job("ctzgis, field and contour, 25 m", lambda: ours(segments, 25.0)),
        Job("ctzgis, field and contour, 100 m", lambda: ours(segments, 100.0)),
        Job("Shapely, union of 200 m buffers", lambda: exact(lines), rounds=3),
    ]
    if graph is not None:
        jobs += [
            Job(
                f"OSMnx's recipe, {edges:.0f} and {nodes:.0f} m",
                lambda edges=edges, nodes=nodes: drawn.append(
                    osmnx_recipe(graph, start.origin, edges, nodes)
                ),
                rounds=1,
            )
            for edges, nodes in ((_EDGES_M, _NODES_M), (_REACH_M, _REACH_M))
        ]
    take_turns(jobs, rounds=asked.rounds)
    work = (
        f"{place}: {len(start.times()[0]):,} junctions, {len(lines):,} streets"
        f" within 30 min"
    )
    wanted = exact(lines)
    found = Row(place, asked.size, work, jobs)
    found.checks = [
        f"ctzgis, {cell:g} m: {agreement(ours(segments, cell), wanted)}"
        for cell in _CELLS_M
    ]
    for area, buffers in zip(drawn, ("25 and 50 m", "200 m"), strict=False):
        found.checks.append(f"OSMnx's recipe, {buffers}: {agreement(area, wanted)}")
    return found


def starts(network: TownNetwork) -> dict[str, int]:
    """Return the junction with most neighbours, and others with fewer."""
    cell = np.floor(network.xy / 2000).astype(np.int64)
    _, where, counts = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    near = counts[where.ravel()]
    order = np.argsort(near, kind="stable")
    last = network.count - 1
    # By how dense it is around them: the densest, the median and the sparsest twentieth.
    return {
        "city": int(order[last]),
        "town": int(order[last // 2]),
        "country": int(order[last // 20]),
    }


def main() -> None:
    """Measure the three starts, and print them."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="200k")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--places", default="city,town,country")
    parser.add_argument("--brief", action="store_true", help="leave out OSMnx")
    parser.add_argument("--json", type=Path, help="file that keeps the figures")
    asked = parser.parse_args()
    network = town_network(asked.size)
    arcs = (network.count, network.tail, network.head, network.minutes)
    graph = engine.search_graph(*arcs, xy=network.xy)
    peer = None if asked.brief else osmnx_graph(network)
    print(machine(), flush=True)
    rows = []
    for place, origin in starts(network).items():
        if place not in asked.places.split(","):
            continue
        start = Start(network, graph, origin)
        for cell in _CELLS_M:
            ours(start.segments(), cell)
        rows.append(row(start, place, peer, asked))
        print(rows[-1].told(), flush=True)
    if asked.json:
        kept = [found.as_dict() | {"machine": machine()} for found in rows]
        asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False), "utf-8")
    print(machine())


if __name__ == "__main__":
    main()
