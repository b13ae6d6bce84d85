import geopandas as gpd
import pytest
from shapely import LineString

from ctzgis.sources.formats.encodings import dbf_texts, decoded, encoding_of

CHINESE = "湘江大道快速化改造工程（一期）"


@pytest.mark.parametrize(
    ("encoding", "declared", "found"),
    [
        ("utf-8", None, "UTF-8"),
        ("gbk", None, "GB18030"),
        ("gb18030", None, "GB18030"),
        ("gbk", "GBK", "GB18030"),
        ("gbk", "936", "GB18030"),
        ("gbk", "UTF-8", "GB18030"),
        ("utf-8", "GBK", "UTF-8"),
        ("utf-8", "65001", "UTF-8"),
        ("gbk", "no such thing", "GB18030"),
        ("big5", "big5", "BIG5"),
    ],
)
def test_the_encoding_is_found_whatever_is_declared(encoding, declared, found):
    # Traditional characters for Big5, which has no simplified ones.
    text = "臺灣海峽" if encoding == "big5" else CHINESE
    assert encoding_of([text.encode(encoding)], declared).name == found


def test_plain_ascii_keeps_what_was_declared():
    assert encoding_of([b"road"], "GBK").why == "declared"


def test_rare_characters_of_gb18030_are_read():
    # 㙍 stands in street names of Hunan; GBK has no such character, GB18030 four bytes.
    name = "湘潭㙍塘路".encode("gb18030")
    assert decoded(name, encoding_of([name]).name) == "湘潭㙍塘路"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_character_cut_in_two_by_a_narrow_field_does_not_confuse(encoding):
    whole = CHINESE.encode(encoding)
    cells = [whole[:cut] for cut in range(4, len(whole))]
    assert encoding_of(cells).name == {"utf-8": "UTF-8", "gbk": "GB18030"}[encoding]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_names_and_cells_of_a_dbf_are_found(tmp_path, encoding):
    frame = gpd.GeoDataFrame(
        {
            "路名": ["五一大道", "芙蓉路"],
            "长": [1.5, 2.5],
            "等级": ["主干路", None],
        },
        geometry=[LineString([(0, 0), (1, 1)])] * 2,
        crs=4547,
    )
    frame.to_file(tmp_path / "r.shp", encoding=encoding)
    texts = dbf_texts((tmp_path / "r.dbf").read_bytes())
    read = [text.decode(encoding, errors="replace") for text in texts]
    assert read[-3:] == ["五一大道", "主干路", "芙蓉路"]
    assert "等级" in read[:3]


@pytest.mark.parametrize("size", range(0, 200, 7))
def test_a_truncated_dbf_gives_what_there_is(tmp_path, size):
    frame = gpd.GeoDataFrame(
        {"name": ["五一大道"]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4547
    )
    frame.to_file(tmp_path / "r.shp", encoding="UTF-8")
    texts = dbf_texts((tmp_path / "r.dbf").read_bytes()[:size])
    assert all(isinstance(text, bytes) for text in texts)
