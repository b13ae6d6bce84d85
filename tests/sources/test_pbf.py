"""PBF files that end early or would take their reader down are refused before it."""

import struct
import zlib

import osmium
import pytest

from ctzgis import read_network
from ctzgis.errors import InputError, SourceError
from ctzgis.sources.osm.pbf import require_sound_pbf

XML = (
    "<osm version='0.6'>"
    "<node id='1' version='1' lat='28.2' lon='113'/>"
    "<node id='2' version='1' lat='28.2' lon='113.01'/>"
    "<way id='9' version='1'><nd ref='1'/><nd ref='2'/>"
    "<tag k='highway' v='residential'/><tag k='name' v='五一大道'/></way></osm>"
).encode()


PLAIN = "pbf,pbf_compression=none,pbf_dense_nodes=false"


def written(path, kind):
    with osmium.SimpleWriter(osmium.io.File(str(path), kind)) as writer:
        for item in osmium.FileProcessor(osmium.io.FileBuffer(XML, "osm")):
            writer.add(item)
    return path


@pytest.fixture(params=["pbf", PLAIN])
def roads(tmp_path, request):
    return written(tmp_path / "roads.osm.pbf", request.param)


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(kind, body):
    head = field(1, kind) + varint(3 << 3) + varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def packed(content):
    return varint(2 << 3) + varint(len(content)) + field(3, zlib.compress(content))


def strings(*texts):
    return field(1, b"".join(field(1, text) for text in texts))


HEADER = blob(b"OSMHeader", packed(field(4, b"OsmSchema-V0.6")))


@pytest.fixture
def file_of(tmp_path):
    def write(*blobs):
        path = tmp_path / "made.osm.pbf"
        path.write_bytes(b"".join(blobs))
        return path

    return write


def test_whole_files_are_read(roads):
    require_sound_pbf(roads)
    assert read_network(roads).roads.roads["name_zh"].tolist() == ["五一大道"]


def test_a_file_that_ends_within_a_block_is_refused(roads):
    content = roads.read_bytes()
    ends = []
    for size in range(1, len(content)):
        roads.write_bytes(content[:size])
        try:
            require_sound_pbf(roads)
        except SourceError:
            continue
        ends.append(size)
    # Between two blocks nothing tells that another was to come.
    assert len(ends) == content.count(b"OSMData")


def test_texts_with_a_zero_byte_are_refused(tmp_path):
    path = written(tmp_path / "roads.osm.pbf", PLAIN)
    content = path.read_bytes()
    assert b"residential" in content
    path.write_bytes(content.replace(b"residential", b"resi\0ential"))
    with pytest.raises(SourceError, match="a text in block . holds a zero byte"):
        read_network(path)


@pytest.mark.parametrize(
    "texts",
    [(b"", b"high\0way"), (b"", b"\n\0"), (b"\0",), (b"", b"a" * 130 + b"\0")],
)
def test_a_zero_byte_is_found_wherever_it_hides(file_of, texts):
    path = file_of(HEADER, blob(b"OSMData", packed(strings(*texts))))
    with pytest.raises(SourceError, match="holds a zero byte"):
        require_sound_pbf(path)


def test_texts_of_any_length_without_one_pass(file_of):
    texts = (b"", *(b"x" * size for size in (0, 1, 127, 128, 300)), b"", b"\n")
    require_sound_pbf(file_of(HEADER, blob(b"OSMData", packed(strings(*texts)))))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (field(3, b"no zlib") + b"\x10\x05", "damaged"),
        (varint(2 << 3) + varint(9) + field(3, zlib.compress(b"abc")), "does not unpack to the 9 bytes"),
        (packed(b"a") + packed(b"b"), "stands twice"),
        (varint(2 << 3) + varint(2**26) + field(3, zlib.compress(b"\0" * 2**26)), "does not unpack"),
        (b"\xff" * 12, "longer than 64 bits"),
        (field(1, b"a")[:-1] + b"", "reaches beyond its block"),
    ],
)  # fmt: skip
def test_a_damaged_block_is_refused(file_of, body, said):
    path = file_of(HEADER, blob(b"OSMData", body))
    with pytest.raises(SourceError, match=said):
        require_sound_pbf(path)


def test_a_block_that_claims_gigabytes_is_refused(file_of):
    head = field(1, b"OSMData") + varint(3 << 3) + varint(2**31)
    path = file_of(HEADER, struct.pack(">I", len(head)) + head)
    with pytest.raises(SourceError, match="claims 2,147,483,648 bytes"):
        require_sound_pbf(path)


def test_other_packing_is_refused_with_a_remedy(file_of):
    path = file_of(
        HEADER, blob(b"OSMData", varint(2 << 3) + b"\x05" + field(6, b"lz4.."))
    )
    with pytest.raises(InputError, match="osmium cat"):
        read_network(path)


def test_what_is_no_pbf_is_refused(tmp_path):
    path = tmp_path / "roads.pbf"
    path.write_bytes(b"<osm version='0.6'/>")
    with pytest.raises(SourceError, match="cannot be read as OpenStreetMap data"):
        read_network(path)
