"""Real street networks of Changsha and Wuhan, with times by class (真实路网)."""

import os
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from networks import CLASSES, TICKS_PER_MIN, Floats, Ints, TownNetwork, curve_keys
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

__all__ = ["REAL", "real_network"]

REAL: Final = ("wuhan", "changsha")
_KPH: Final = {
    "motorway": 100,
    "trunk": 80,
    "primary": 60,
    "secondary": 45,
    "tertiary": 35,
}
_OTHER_KPH: Final = 25
_LINK_SHARE: Final = 0.6


def real_network(name: str) -> TownNetwork:
    """Return the largest connected part; all streets are open in both directions."""
    folder = Path(os.environ["CTZGIS_REAL_DATA"])
    xy, ends, length_m, kinds = (_wuhan if name == "wuhan" else _changsha)(folder)
    joined = csr_array((np.ones(len(ends)), ends.T), shape=(len(xy), len(xy)))
    part = connected_components(joined, directed=False)[1]
    kept = part == np.bincount(part).argmax()
    order = np.flatnonzero(kept)
    order = order[np.argsort(curve_keys(xy[order]), kind="stable")]
    number = np.full(len(xy), -1)
    number[order] = np.arange(len(order))
    inside = kept[ends[:, 0]] & (ends[:, 0] != ends[:, 1])
    ends, length_m, kinds = number[ends[inside]], length_m[inside], kinds[inside]
    kph = kinds.str.removesuffix("_link").map(_KPH).fillna(_OTHER_KPH).to_numpy(float)
    kph = kph * np.where(kinds.str.endswith("_link"), _LINK_SHARE, 1.0)
    ticks = np.maximum(np.rint(length_m * 0.06 / kph * TICKS_PER_MIN), 1).astype(int)
    classes = kinds.map({kind: k for k, kind in enumerate(CLASSES)}).fillna(4)
    tail, head = np.r_[ends, ends[:, ::-1]].T
    ticks, length_m = np.tile(ticks, 2), np.tile(length_m, 2)
    classes = np.tile(classes.to_numpy(dtype=int), 2)
    by_tail = np.lexsort((ticks, head, tail))
    # Of parallel streets the quickest: SciPy's matrix would hold their sum.
    pair = tail[by_tail] * len(order) + head[by_tail]
    by_tail = by_tail[np.unique(pair, return_index=True)[1]]
    return TownNetwork(
        xy=xy[order],
        tail=tail[by_tail],
        head=head[by_tail],
        ticks=ticks[by_tail],
        length_m=length_m[by_tail],
        road_class=classes[by_tail],
        opportunities=np.ones(len(order)),
    )


def _wuhan(folder: Path) -> tuple[Floats, Ints, Floats, pd.Series]:
    """Return junctions, ends, metres and classes of Wuhan's streets."""
    streets = gpd.read_parquet(folder / "wuhan_streets" / "streets.parquet")
    codes, ids = pd.factorize(np.r_[streets["u"], streets["v"]])
    ends = codes.reshape(2, -1).T
    first = streets.geometry.get_coordinates().groupby(level=0).first().to_numpy()
    last = streets.geometry.get_coordinates().groupby(level=0).last().to_numpy()
    xy = np.empty((len(ids), 2))
    xy[ends[:, 1]], xy[ends[:, 0]] = last, first
    return xy, ends, streets.length.to_numpy(), streets["highway"].astype(str)


def _changsha(folder: Path) -> tuple[Floats, Ints, Floats, pd.Series]:
    """Return junctions, ends and metres of Changsha's streets, which have no class."""
    nodes = pd.read_csv(folder / "changsha_streets" / "nodes.csv")
    edges = pd.read_csv(folder / "changsha_streets" / "edges.csv")
    to_metres = pyproj.Transformer.from_crs(4326, 4547, always_xy=True)
    xy = np.stack(to_metres.transform(nodes["lon"], nodes["lat"]), axis=1)
    place = pd.Index(nodes["id"])
    ends = np.stack([place.get_indexer(edges[end]) for end in ("u", "v")], axis=1)
    kinds = pd.Series(["residential"] * len(edges))
    return xy, ends, edges["length_m"].to_numpy(), kinds
