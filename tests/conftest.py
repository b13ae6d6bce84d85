"""Fixtures shared by all tests."""

import os
import signal
from pathlib import Path

import pytest

import ctzgis
from ctzgis.writing import cache_folder

# Tests keep out of the user's cache, but for kernels, which take long to compile. Numba
# is told before the first test is collected, for it asks only while it is imported.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "kernels"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where nothing may be skipped (``CTZGIS_NO_SKIPS``), a skipped test has failed."""
    report = yield
    if report.skipped and os.environ.get("CTZGIS_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTZGIS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def ctrl_c():
    """Let Ctrl-C reach tests and their children even where a shell had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def czt(own_cache):
    return ctzgis.read_plan("czt")


@pytest.fixture(scope="session")
def network(own_cache):
    return ctzgis.read_network()


@pytest.fixture(scope="session")
def assessment(own_cache):
    return ctzgis.assess("czt", year=2020)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real files that are not part of the project."""
    named = os.environ.get("CTZGIS_REAL_DATA")
    if not named:
        pytest.skip("CTZGIS_REAL_DATA names no folder of real files")
    folder = Path(named).resolve()
    assert folder.is_dir(), f"CTZGIS_REAL_DATA is {named}, which is no folder"
    return folder


@pytest.fixture(scope="session")
def changsha_streets(real_data, tmp_path_factory) -> Path:
    """The real street network of Changsha, converted by the README's recipe."""
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely

    folder = real_data / "changsha_streets"
    path = tmp_path_factory.mktemp("changsha") / "changsha_streets.gpkg"
    nodes = pd.read_csv(folder / "nodes.csv", index_col="id")
    edges = pd.read_csv(folder / "edges.csv")
    ends = np.stack([nodes.loc[edges.u], nodes.loc[edges.v]], axis=1)
    lines = gpd.GeoDataFrame(edges, geometry=shapely.linestrings(ends), crs=4326)
    lines.to_crs(4547).to_file(path)
    return path


@pytest.fixture(scope="session")
def gridville_file(own_cache, tmp_path_factory) -> bytes:
    """Gridville's network as ``write_network`` wrote it."""
    from ctzgis.examples import gridville

    path = tmp_path_factory.mktemp("gridville") / "town.gpkg"
    ctzgis.write_network(gridville(), path)
    return path.read_bytes()


@pytest.fixture
def town(tmp_path, gridville_file) -> Path:
    """A folder with Gridville's network and places."""
    from tests.batch.town import lay_out

    lay_out(tmp_path, gridville_file)
    return tmp_path


@pytest.fixture
def write_checks(town):
    """Write a file of checks in Gridville's folder and return its path."""
    from tests.batch.town import CHECK, HEAD

    def written(text=CHECK, head=HEAD):
        path = town / "checks.toml"
        path.write_text(head + text, encoding="utf-8")
        return path

    return written
