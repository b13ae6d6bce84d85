"""Curved streets on a grid: as many as one likes, at once."""

import geopandas as gpd
import numpy as np
import shapely


def curved_grid(blocks, *, points=12, side_m=200.0, seed=1):
    """Return the streets of a square of blocks, each a curve from corner to corner."""
    draw = np.random.default_rng(seed)
    low = np.stack(np.meshgrid(np.arange(blocks), np.arange(blocks)), -1).reshape(-1, 2)
    east, north = low + np.array([1, 0]), low + np.array([0, 1])
    a = np.concatenate([low, low]) * side_m + [400_000, 3_100_000]
    b = np.concatenate([east, north]) * side_m + [400_000, 3_100_000]
    along = np.linspace(0, 1, points)[None, :, None]
    normal = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]], axis=1)[:, None, :]
    height = draw.normal(0, 0.08, len(a))[:, None, None]
    xy = a[:, None, :] + along * (b - a)[:, None, :]
    xy = xy + normal * height * np.sin(np.pi * along)
    classes = np.array(["residential", "tertiary", "primary"])[
        (low.min(axis=1) % 8 == 0).astype(int) + (low.min(axis=1) % 16 == 0)
    ]
    return gpd.GeoDataFrame(
        {"road_class": np.concatenate([classes, classes])},
        geometry=shapely.linestrings(xy),
        crs="EPSG:4547",
    )
