"""Where compiled kernels are kept."""

from pathlib import Path

from numba import config

import ctzgis
from ctzgis.network.engine import search
from ctzgis.network.engine.compiled import compiled


def _twice(number):
    return 2 * number


def _kept(folder):
    return [path.name for path in Path(folder).rglob("*.nbi")]


def test_kernels_are_kept_in_the_folder_of_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    assert compiled(_twice)(21) == 42
    assert len(_kept(tmp_path / "kernels")) == 1


def test_a_folder_named_for_numba_holds_its_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "named"))
    compiled(_twice)(21)
    assert len(_kept(tmp_path / "named")) == 1


def test_settings_of_numba_stay_as_they_were(monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", "")
    compiled(_twice)
    assert config.CACHE_DIR == ""


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "file"))
    assert compiled(_twice)(21) == 42


def test_engine_keeps_its_kernels_apart_from_the_package():
    package = Path(ctzgis.__file__).parent
    assert not Path(search.push.stats.cache_path).is_relative_to(package)
