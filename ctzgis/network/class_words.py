"""What Chinese and English words say of a road: class, ramp, ring (道路等级用语)."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ctzgis.network.osm_tags import road_class_of
from ctzgis.tables import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_CLASS", "RINGS", "RoadWord", "class_of", "road_word"]

NO_CLASS: Final = frozenset(("unknown", "未知", "不详", "未分类", "无", "无等级"))
"""Words that say that a road's class is not known."""

# Urban roads by their kinds in GB/T 51328-2018 and CJJ 37 (快速路, 主干路, 次干路, 支路),
# highways by their technical classes in JTG B01-2014 (高速, 一级 to 四级), and by whose they
# are (国, 省, 县, 乡, 村道; 公路法), which says less: a 国道 may be of any class. Ⅱ级支路
# are, by GB/T 51328, roads within blocks.
_CHINESE: Final["Mapping[str, str]"] = {
    "高速公路": "motorway", "高速": "motorway", "国家高速": "motorway", "省级高速": "motorway",
    "高速路": "motorway", "国家高速公路": "motorway", "省级高速公路": "motorway",
    "城市高速": "urban_expressway", "快速路": "urban_expressway",
    "快速": "urban_expressway", "快速道路": "urban_expressway",
    "快速干道": "urban_expressway",
    "一级公路": "trunk", "一级": "trunk", "国道": "trunk", "干线公路": "trunk",
    "主干路": "primary", "主干道": "primary", "主干": "primary", "主干道路": "primary",
    "省道": "primary",
    "次干路": "secondary", "次干道": "secondary", "次干": "secondary",
    "次干道路": "secondary", "二级公路": "secondary", "二级": "secondary",
    "支路": "tertiary", "支线": "tertiary", "三级公路": "tertiary", "三级": "tertiary",
    "县道": "tertiary",
    "Ⅱ级支路": "residential", "街坊路": "residential", "街坊道路": "residential",
    "街巷": "residential", "巷道": "residential", "巷弄": "residential",
    "街坊内道路": "residential", "四级公路": "residential", "四级": "residential",
    "乡道": "residential", "村道": "residential", "乡村道路": "residential",
    "乡镇道路": "residential", "农村公路": "residential", "等外公路": "residential",
    "等外": "residential",
    "内部道路": "service", "内部路": "service", "小区道路": "service", "小区路": "service",
    "小区内部路": "service", "小区内部道路": "service", "居住区道路": "service",
    "厂区道路": "service", "园区道路": "service", "校园道路": "service",
    "单位内部道路": "service", "专用公路": "service",
    "机耕路": "track", "机耕道": "track", "土路": "track",
    "步道": "path", "人行道": "path", "人行道路": "path", "步行道": "path",
    "步行街": "path", "步行路": "path", "人行天桥": "path", "绿道": "path",
    "小路": "path", "自行车道": "path", "自行车专用路": "path", "非机动车道": "path",
    "非机动车专用路": "path",
    "轮渡": "ferry", "渡口": "ferry",
}  # fmt: skip

# 国道G107, 省道313线: whose a road is before its number.
_NUMBERED: Final = re.compile(r"([国省县乡村]道)\s*[A-Z]?\d+线?")
# 城市主干路, Ⅰ级主干路, 城市二级支路: kinds of urban roads, with their grade.
_URBAN: Final = re.compile(
    r"(?:城市)?(?P<grade>Ⅰ|Ⅱ|Ⅲ|I{1,3}|[一二三])?(?(grade)级)"
    r"(?P<kind>(?:快速|主干|次干)(?:路|道|道路)?|支路)"
)
_SECOND: Final = frozenset(("Ⅱ", "II", "二"))
_RAMP: Final = re.compile(r"[(（]?(?:匝道|立交匝道|互通匝道)[)）]?$")
_LINK: Final = "_link"
RINGS: Final = frozenset(("环岛", "环形交叉口", "转盘", "roundabout", "circular"))
"""Words for a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadWord:
    """
    What a word says of a road.

    Attributes
    ----------
    road_class
        One of ``ROAD_CLASSES``; ``None`` if it says none, as 匝道 does.
    link, roundabout
        Whether it says that the road is a ramp, or a ring.
    """

    road_class: str | None = None
    link: bool = False
    roundabout: bool = False


def road_word(text: str) -> RoadWord | None:
    """
    Return what a word says of a road; ``None`` if it is not known.

    Known are this library's classes, OpenStreetMap's ``highway`` (also as Geofabrik's layers
    have it), kinds of urban roads (GB/T 51328-2018), classes of highways (JTG B01-2014) and
    the ranks 国道 to 村道, ramps and rings.

    Examples
    --------
    >>> road_word("城市主干道")
    RoadWord(road_class='primary', link=False, roundabout=False)
    >>> road_word("高速公路匝道"), road_word("环岛").roundabout, road_word("甲类")
    (RoadWord(road_class='motorway', link=True, roundabout=False), True, None)
    """
    word = text.strip()
    if word.lower() in NO_CLASS:
        return RoadWord()
    if word.lower() in RINGS:
        return RoadWord(roundabout=True)
    ramp = _RAMP.search(word)
    if ramp is not None:
        rest = word[: ramp.start()]
        of = RoadWord() if not rest else road_word(rest)
        return None if of is None else replace(of, link=True)
    plain = word.lower()
    found = _class_of(word, plain)
    if found is None:
        return None
    return RoadWord(road_class=found, link=plain.endswith(_LINK))


def _class_of(word: str, plain: str) -> str | None:
    if plain in ROAD_CLASSES:
        return plain
    if plain.startswith("track_grade"):  # as Geofabrik's layers name them
        return "track"
    if (osm := road_class_of(plain)) or (osm := _CHINESE.get(word)):
        return osm
    if numbered := _NUMBERED.fullmatch(word):
        return _CHINESE[numbered[1]]
    if urban := _URBAN.fullmatch(word):
        if urban["kind"] == "支路" and urban["grade"] in _SECOND:
            return _CHINESE["Ⅱ级支路"]
        return _CHINESE[urban["kind"]]
    return None


def class_of(text: str) -> str | None:
    """
    Return the road class of a word; ``None`` if it is not known or says none.

    Examples
    --------
    >>> class_of("主干路"), class_of("国道G107"), class_of("primary_link"), class_of("匝道")
    ('primary', 'trunk', 'primary', None)
    """
    found = road_word(text)
    return None if found is None else found.road_class
