"""Read a file as a user would, and hold what was read against what must be true of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import ctzgis
from ctzgis.network import TravelNetwork

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """
    What came of a file.

    Attributes
    ----------
    rows
        How many rows, lines or entries it had.
    digest
        Hash of all values.
    told
        What reading said of it.
    """

    rows: int
    digest: str
    told: tuple[str, ...] = ()


def _digest(*frames: pd.DataFrame) -> str:
    whole = hashlib.sha256()
    for frame in frames:
        table = pd.DataFrame(frame)
        for name in table.columns:
            values = table[name]
            if isinstance(values.dtype, gpd.array.GeometryDtype):
                parts = shapely.to_wkb(np.asarray(values.array), output_dimension=3)
                texts = list(parts)
            else:
                texts = [repr(v).encode() for v in values.tolist()]
            whole.update(str(name).encode())
            whole.update(b"\0".join(b"" if t is None else t for t in texts))
        whole.update("\0".join(map(repr, table.index)).encode())
    return whole.hexdigest()


def _told(source: Any) -> tuple[str, ...]:
    report = source.report
    if report is None:
        return tuple(source.notes)
    assert 0 <= report.rows_kept <= report.rows_in, f"{report.rows_kept} of few rows"
    assert repr(report)
    return (*map(str, report.changes), *source.notes, report.encoding)


def _network(read: TravelNetwork) -> Read:
    roads = read.roads.roads
    assert len(roads), "a network without roads"
    assert np.isfinite(roads.length).all(), "lengths that are no numbers"
    assert roads.index.is_unique
    for column in ("free_kph", "peak_kph"):
        assert np.isfinite(roads[column]).all(), column
        assert (roads[column] > 0).all(), column
    source = read.roads.sources[0]
    # Stringing it together is what a user does first.
    assert "roads" in repr(read)
    return Read(
        rows=source.report.rows_in if source.report else len(roads),
        digest=_digest(roads, read.roads.junctions),
        told=_told(source),
    )


def network(path: Path) -> Read:
    return _network(ctzgis.read_network(path))


def mapped(path: Path) -> Read:
    return _network(ctzgis.read_network(path, mapping=path.parent / "m.toml"))


def streets(path: Path) -> Read:
    layer = ctzgis.read_streets(path, reproject=True)
    assert np.isfinite(layer.frame.length).all()
    assert (layer.frame.length > 0).all()
    told = _told(layer.source)
    rows = layer.source.report.rows_in
    return Read(rows=rows, digest=_digest(layer.frame), told=told)


def _points(found: tuple[gpd.GeoDataFrame, Any]) -> Read:
    frame, source = found
    assert len(frame)
    assert np.isfinite(frame.get_coordinates()).all(axis=None)
    assert frame.crs is not None
    return Read(rows=source.report.rows_in, digest=_digest(frame), told=_told(source))


def points(path: Path) -> Read:
    return _points(ctzgis.read_points(path))


def people(path: Path) -> Read:
    frame, source = ctzgis.read_population(path)
    assert np.isfinite(frame["population"].astype(float)).all()
    assert (frame["population"] >= 0).all()
    return _points((frame, source))


def _zones() -> gpd.GeoDataFrame:
    """An area on the drawn rasters, and one on the real one of Porto Alegre."""
    west, south = 399_100.0, 3_120_150.0
    drawn = gpd.GeoSeries(
        [shapely.box(west, south, west + 1500, south + 1200)], crs=4547
    )
    real = gpd.GeoSeries([shapely.box(-51.25, -30.15, -51.1, -30.0)], crs=4326)
    shapes = pd.concat([drawn.to_crs(4326), real])
    return gpd.GeoDataFrame({"geometry": shapes.array}, crs=4326, index=["a", "b"])


def _measured(found: tuple[pd.DataFrame, Any]) -> Read:
    frame, source = found
    assert not np.isinf(frame.select_dtypes("number").to_numpy(dtype=float)).any()
    return Read(rows=len(frame), digest=_digest(frame), told=_told(source))


def sums(path: Path) -> Read:
    return _measured(ctzgis.read_zonal_sums(path, _zones()))


def classes(path: Path) -> Read:
    return _measured(ctzgis.read_class_shares(path, _zones()))


def gtfs(path: Path) -> Read:
    feed = ctzgis.read_gtfs(path)
    assert feed.lines
    spots = [stop.point.coords[0] for line in feed.lines for stop in line.stops]
    assert np.isfinite(spots).all()
    rows = [
        (line.id, len(line.stops), tuple(line.headway_min.items()),
         tuple(stop.run_min for stop in line.stops))
        for line in feed.lines
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    said = _told(feed.source)
    return Read(rows=feed.source.report.rows_in, digest=_digest(frame), told=said)


def boundaries(path: Path) -> Read:
    plan = ctzgis.read_plan("gridville")
    frame, source = ctzgis.read_boundaries(path, plan.counties)
    assert len(frame) == len(plan.counties)
    assert (frame.area > 0).all()
    assert frame.is_valid.all()
    return Read(rows=source.report.rows_in, digest=_digest(frame), told=_told(source))


def values(path: Path) -> Read:
    found, source = ctzgis.read_values(path)
    assert all(np.isfinite(value.value) for value in found.values())
    frame = pd.DataFrame({"id": list(found), "v": [v.value for v in found.values()]})
    return Read(rows=len(found), digest=_digest(frame), told=_told(source))


def plan(path: Path) -> Read:
    from ctzgis.sources.plans.files import entries_of, layers_of

    found = ctzgis.read_plan(path)
    entries, layers = entries_of(found), layers_of(found)
    rows = sum(map(len, entries.values())) + sum(map(len, layers.values()))
    digest = hashlib.sha256(repr(sorted(entries.items())).encode())
    digest.update(_digest(*(layers[name] for name in sorted(layers))).encode())
    return Read(rows=rows, digest=digest.hexdigest())


def _from_cache(path: Path, *, hashed: bool) -> Read:
    from ctzgis.sources.formats.cache import cached_network

    content = path.read_bytes()
    if hashed:
        whole = content[:-32]
        content = whole + hashlib.sha256(whole).digest()

    def build():
        return ctzgis.read_network(path.parent / "r.geojson").roads

    folder = path.parent / "cache"
    before = os.environ["CTZGIS_CACHE"]
    os.environ["CTZGIS_CACHE"] = str(folder)
    try:
        cached_network("key", build)
        (kept,) = folder.iterdir()
        kept.write_bytes(content)
        found = TravelNetwork(cached_network("key", build))
        kept.unlink()
        folder.rmdir()
    finally:
        os.environ["CTZGIS_CACHE"] = before
    return _network(found)


def cache(path: Path) -> Read:
    return _from_cache(path, hashed=False)


def cache_hashed(path: Path) -> Read:
    return _from_cache(path, hashed=True)


READERS: dict[str, Callable[[Path], Read]] = {
    reader.__name__: reader
    for reader in (
        network, mapped, streets, points, people, sums, classes, gtfs, boundaries,
        values, plan, cache, cache_hashed,
    )
}  # fmt: skip
