"""What the cache keeps is passed over unless it is whole."""

import hashlib

import pytest

from ctzgis.examples import gridville
from ctzgis.sources.formats.cache import cached_network


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CTZGIS_CACHE", str(tmp_path))
    cached_network("key", lambda: gridville().roads)
    (path,) = tmp_path.iterdir()
    return path


def built_anew():
    asked = []

    def build():
        asked.append(1)
        return gridville().roads

    assert len(cached_network("key", build).roads) == 220
    return bool(asked)


def with_hash(content):
    return content + hashlib.sha256(content).digest()


def test_what_was_kept_is_taken(kept):
    assert not built_anew()


@pytest.mark.parametrize("at", [0, 1000, -1])
def test_a_changed_byte_is_seen(kept, at):
    content = bytearray(kept.read_bytes())
    content[at] ^= 1
    kept.write_bytes(content)
    assert built_anew()


# Offsets in the first entry of the archive's directory: version needed, packing, and
# where the member lies.
@pytest.mark.parametrize("offset", [6, 10, 42])
def test_an_archive_that_cannot_be_read_is_passed_over_though_its_hash_is_right(
    kept, offset
):
    content = bytearray(kept.read_bytes()[:-32])
    entry = content.index(b"PK\x01\x02")
    content[entry + offset] = 0xFF
    kept.write_bytes(with_hash(bytes(content)))
    assert built_anew()
