"""
Make planar, town-like road networks of 20,000 to 1,000,000 junctions (合成路网).

Nobody's streets: towns of three sizes are scattered over a square around Changsha
(EPSG:4547), junctions gather in them and keep some distance, roads join junctions that
have nobody between them (relative neighbours), and roads between hubs become the
quicker classes. Roads outside a spanning tree may be one-way, so every junction reaches
every other. Minutes are whole hundredths of a second: every engine adds up the same
numbers, and none can gain or lose a junction by rounding. Vertices are numbered along a
curve that fills the plane, which is the order in which *every* engine walks memory best.

The same name always gives the same arrays. They are kept in ``CTZGIS_BENCH_CACHE``, or
in the temporary folder. Figures of all three::

    python benchmarks/networks.py
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, KDTree

__all__ = [
    "CLASSES",
    "SIZES",
    "TICKS_PER_MIN",
    "TownNetwork",
    "curve_keys",
    "town_network",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZES: Final = {"2k": 2_000, "20k": 20_000, "200k": 200_000, "1m": 1_000_000}
CLASSES: Final = ("motorway", "primary", "secondary", "tertiary", "residential")
TICKS_PER_MIN: Final = 6000

_SPEED_KPH: Final = np.array([100.0, 60.0, 45.0, 35.0, 25.0])
_CENTRE_M: Final = np.array([396_000.0, 3_121_000.0])
_JUNCTIONS_PER_KM2: Final = 17.0
_ROADS_PER_JUNCTION: Final = 1.31
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class TownNetwork:
    """
    A road network as arrays.

    Attributes
    ----------
    xy
        Junctions in metres, EPSG:4547.
    tail, head, ticks, length_m, road_class
        From, to, hundredths of a second, metres and class of each arc.
    opportunities
        What can be reached at each junction: jobs, say.
    """

    xy: Floats
    tail: Ints
    head: Ints
    ticks: Ints
    length_m: Floats
    road_class: Ints
    opportunities: Floats

    @property
    def count(self) -> int:
        """Number of junctions."""
        return len(self.xy)

    @property
    def minutes(self) -> Floats:
        """Minutes of each arc."""
        return self.ticks / TICKS_PER_MIN

    def matrix(self) -> csr_array:
        """Return the ticks as a matrix for SciPy."""
        ends = (self.tail.astype(np.int32), self.head.astype(np.int32))
        shape = (self.count, self.count)
        return csr_array((self.ticks.astype(np.float64), ends), shape=shape)

    def scattered(self, count: int, *, seed: int = 11) -> Ints:
        """Return junctions drawn where opportunities are, none twice, in order."""
        weight = self.opportunities + 5.0
        draw = np.random.default_rng(seed)
        found = draw.choice(self.count, count, replace=False, p=weight / weight.sum())
        return np.sort(found)


def town_network(name: str) -> TownNetwork:
    """Return the network of a name in ``SIZES``, made or from the cache."""
    path = cache_folder() / f"towns-{name}-v{_VERSION}.npz"
    if not path.exists():
        keep(path, make(SIZES[name]))
    with np.load(path) as kept:
        return TownNetwork(**{f.name: kept[f.name] for f in fields(TownNetwork)})


def cache_folder() -> Path:
    """Return the folder in which networks are kept."""
    named = os.environ.get("CTZGIS_BENCH_CACHE")
    folder = Path(named or Path(tempfile.gettempdir()) / "ctzgis-benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep(path: Path, network: TownNetwork) -> None:
    """Write a network; a half-written file never has the final name."""
    arrays: dict[str, Any] = {f.name: getattr(network, f.name) for f in fields(network)}
    part = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(part, **arrays)
    part.replace(path)


def make(count: int, *, seed: int = 20) -> TownNetwork:
    """Make a network of so many junctions."""
    draw = np.random.default_rng(seed)
    side_m = 1000 * np.sqrt(count / _JUNCTIONS_PER_KM2)
    towns, spread_m, weight = _towns(side_m, draw)
    xy = _junctions(count, side_m, towns, spread_m, weight, draw)
    xy = xy[np.argsort(curve_keys(xy), kind="stable")]
    ends = _neighbours(xy)
    straight_m = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)
    tree = _in_tree(ends, straight_m, count)
    kept = _thinned(tree, round(_ROADS_PER_JUNCTION * count), draw)
    ends, tree, straight_m = ends[kept], tree[kept], straight_m[kept]
    length_m = straight_m * (1.02 + draw.gamma(1.5, 0.05, len(ends)))
    kinds = _classes(xy, ends, length_m, towns, draw)
    near_m = KDTree(xy).query(xy, k=[9], workers=-1)[0][:, 0]
    per_km2 = 8e6 / (np.pi * np.maximum(near_m, 1.0) ** 2)
    ticks = _ticks(ends, length_m, kinds, per_km2, draw)
    one_way = ~tree & (kinds >= 2) & (draw.random(len(ends)) < 0.25)
    arcs = np.r_[np.arange(len(ends)), np.flatnonzero(~one_way)]
    tail, head = np.r_[ends, ends[~one_way][:, ::-1]].T
    order = np.lexsort((head, tail))
    arcs = arcs[order]
    return TownNetwork(
        xy=xy - side_m / 2 + _CENTRE_M,
        tail=tail[order],
        head=head[order],
        ticks=ticks[arcs],
        length_m=length_m[arcs],
        road_class=kinds[arcs],
        opportunities=draw.poisson(np.minimum(per_km2, 80.0)).astype(np.float64),
    )


def _towns(side_m: float, draw: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return centre, spread and number of junctions of cities, towns and villages."""
    km2 = (side_m / 1000) ** 2
    number = [max(1, int(km2 / 12_000)), max(2, int(km2 / 900)), max(6, int(km2 / 90))]
    spread_km = ((5.5, 8.0), (1.8, 3.5), (0.5, 1.2))
    densest = ((110.0, 110.0), (60.0, 100.0), (30.0, 80.0))
    spread = np.concatenate(
        [draw.uniform(*s, n) for s, n in zip(spread_km, number, strict=True)]
    )
    peak = np.concatenate(
        [draw.uniform(*p, n) for p, n in zip(densest, number, strict=True)]
    )
    centre = draw.uniform(0.06, 0.94, (sum(number), 2)) * side_m
    centre[0] = side_m / 2
    return centre, 1000 * spread, peak * 2 * np.pi * spread**2


def _junctions(
    count: int,
    side_m: float,
    towns: Floats,
    spread_m: Floats,
    weight: Floats,
    draw: np.random.Generator,
) -> Floats:
    """Draw junctions in towns and between them, then push near ones apart."""
    between = 2.2 * (side_m / 1000) ** 2
    share = np.append(weight, between) / (weight.sum() + between)
    parts: list[Floats] = []
    while sum(map(len, parts)) < count:
        town = draw.choice(len(share), count, p=share)
        xy = draw.uniform(0, side_m, (count, 2))
        inside = town < len(towns)
        where = town[inside]
        around = draw.normal(size=(len(where), 2)) * spread_m[where, None]
        xy[inside] = towns[where] + around
        parts.append(xy[((xy > 0) & (xy < side_m)).all(axis=1)])
    xy = np.concatenate(parts)[:count]
    for _ in range(3):
        apart, near = KDTree(xy).query(xy, k=5, workers=-1)
        away = xy[:, None] - xy[near[:, 1:]]
        want = apart[:, 4:]
        push = (want - apart[:, 1:]) / np.maximum(apart[:, 1:], 1e-3)
        xy = xy + 0.25 * (np.minimum(push, 3.0)[..., None] * away).mean(axis=1)
    return np.clip(xy, 0, side_m) + draw.uniform(0, 0.01, xy.shape)


def curve_keys(xy: Floats, bits: int = 20) -> Ints:
    """Return the place of each point on Hilbert's curve."""
    x, y = ((xy - xy.min(axis=0)) / np.ptp(xy) * (2**bits - 1)).astype(np.int64).T
    key = np.zeros(len(xy), dtype=np.int64)
    for level in range(bits - 1, -1, -1):
        right, upper = (x >> level) & 1, (y >> level) & 1
        key = (key << 2) | ((3 * right) ^ upper)
        # The lower quarters are turned, so that the curve enters and leaves at corners.
        low, turned = upper == 0, (upper == 0) & (right == 1)
        x, y = np.where(turned, ~x, x), np.where(turned, ~y, y)
        x, y = np.where(low, y, x), np.where(low, x, y)
    return key


def _neighbours(xy: Floats, at_once: int = 500_000) -> Ints:
    """Return pairs that have no third point closer to both (of the nearest twelve)."""
    faces = Delaunay(xy).simplices
    pairs = np.sort(np.r_[faces[:, :2], faces[:, 1:], faces[:, ::2]], axis=1)
    pairs = np.unique(pairs.astype(np.int64), axis=0)
    near = KDTree(xy).query(xy, k=13, workers=-1)[1][:, 1:]
    alone = np.empty(len(pairs), dtype=bool)
    for start in range(0, len(pairs), at_once):
        part = pairs[start : start + at_once]
        left, right = xy[part[:, 0]], xy[part[:, 1]]
        between2 = ((left - right) ** 2).sum(axis=1)[:, None]
        third = xy[near[part[:, 0]]]
        closer = ((third - left[:, None]) ** 2).sum(axis=2) < between2
        closer &= ((third - right[:, None]) ** 2).sum(axis=2) < between2
        closer &= near[part[:, 0]] != part[:, 1:]
        alone[start : start + at_once] = ~closer.any(axis=1)
    return pairs[alone]


def _in_tree(ends: Ints, length_m: Floats, count: int) -> NDArray[np.bool_]:
    """Tell which roads are in the shortest tree that joins all junctions."""
    tree = minimum_spanning_tree(_both_ways(ends, length_m, count, once=True)).tocoo()
    low, high = np.minimum(tree.row, tree.col), np.maximum(tree.row, tree.col)
    return np.isin(ends[:, 0] * count + ends[:, 1], low.astype(np.int64) * count + high)


def _both_ways(
    ends: Ints, values: Floats, count: int, *, once: bool = False
) -> csr_array:
    """Return roads as a matrix, once or in both directions."""
    low, high = ends.T
    if not once:
        low, high, values = np.r_[low, high], np.r_[high, low], np.r_[values, values]
    ij = (low.astype(np.int32), high.astype(np.int32))
    return csr_array((values, ij), shape=(count, count))


def _thinned(
    tree: NDArray[np.bool_], wanted: int, draw: np.random.Generator
) -> NDArray[np.bool_]:
    """Drop roads outside the tree until no more are left than wanted."""
    kept = np.ones(len(tree), dtype=bool)
    surplus = max(len(tree) - wanted, 0)
    kept[draw.choice(np.flatnonzero(~tree), surplus, replace=False)] = False
    return kept


def _classes(
    xy: Floats,
    ends: Ints,
    length_m: Floats,
    towns: Floats,
    draw: np.random.Generator,
) -> Ints:
    """Raise the quickest ways between hubs of each level to its class."""
    count = len(xy)
    cities = max(3, len(towns) // 10)
    nearest = KDTree(xy)
    hubs = [
        np.unique(nearest.query(towns[:cities])[1]),
        np.unique(nearest.query(towns)[1]),
        draw.choice(count, count // 300, replace=False),
        draw.choice(count, count // 60, replace=False),
    ]
    kinds = np.full(len(ends), len(CLASSES) - 1)
    for level, group in enumerate(hubs):
        on_way = _between(group, ends, length_m / _SPEED_KPH[kinds], count)
        kinds[on_way] = np.minimum(kinds[on_way], level)
    return kinds


def _between(hubs: Ints, ends: Ints, cost: Floats, count: int) -> NDArray[np.bool_]:
    """Tell which roads lie on the quickest way between hubs that adjoin each other."""
    far, back, owner = dijkstra(
        _both_ways(ends, cost, count), indices=hubs, min_only=True,
        return_predecessors=True,
    )  # fmt: skip
    left, right = owner[ends[:, 0]].astype(np.int64), owner[ends[:, 1]].astype(np.int64)
    border = np.flatnonzero(left != right)
    pair = np.minimum(left, right)[border] * count + np.maximum(left, right)[border]
    through = far[ends[border]].sum(axis=1) + cost[border]
    order = np.lexsort((through, pair))
    first = np.unique(pair[order], return_index=True)[1]
    doors = border[order[first]]
    on_way = np.zeros(count, dtype=bool)
    step = np.unique(ends[doors])
    while len(step):
        on_way[step] = True
        before = back[step]
        step = np.unique(before[before >= 0])
        step = step[~on_way[step]]
    marked = np.zeros(len(ends), dtype=bool)
    marked[doors] = True
    for this, other in (ends.T, ends.T[::-1]):
        marked |= on_way[this] & (back[this] == other)
    return marked


def _ticks(
    ends: Ints,
    length_m: Floats,
    kinds: Ints,
    per_km2: Floats,
    draw: np.random.Generator,
) -> Ints:
    """Return hundredths of a second: slower in towns, and waiting at their junctions."""
    urban = per_km2[ends].mean(axis=1) > 40
    kph = _SPEED_KPH[kinds] * draw.uniform(0.85, 1.1, len(ends))
    seconds = length_m * 3.6 / (kph * np.where(urban, 0.75, 1.0))
    seconds += np.where(urban & (kinds > 0), 4.0, 0.0)
    return np.maximum(np.rint(100 * seconds), 1).astype(np.int64)


def figures(name: str) -> None:
    """Print what a network is like."""
    start = time.perf_counter()
    network = town_network(name)
    took = time.perf_counter() - start
    matrix = network.matrix()
    parts = connected_components(matrix, directed=True, connection="strong")[0]
    road = network.tail * network.count + network.head
    back = np.isin(road, network.head * network.count + network.tail)
    once = ~back | (network.tail < network.head)
    km = network.length_m[once] / 1000
    by_class = np.bincount(network.road_class[once], km, len(CLASSES))
    reach = [
        np.isfinite(dijkstra(matrix, indices=origin, limit=30 * TICKS_PER_MIN)).sum()
        for origin in network.scattered(40)
    ]
    print(
        f"{name}: {network.count:,} junctions, {once.sum():,} roads,"
        f" {len(road):,} arcs, {km.sum():,.0f} km; median road"
        f" {1000 * np.median(km):.0f} m, {2 * once.sum() / network.count:.2f} roads at"
        f" a junction, {(~back).sum() / once.sum():.0%} one-way, {parts} strong"
        f" part{'' if parts == 1 else 's'}; {np.mean(reach):,.0f} junctions within"
        f" 30 min on average; ready in {took:.1f} s"
    )
    told = ", ".join(f"{c} {k:,.0f}" for c, k in zip(CLASSES, by_class, strict=True))
    print(f"  km: {told}")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SIZES:
        figures(chosen)
