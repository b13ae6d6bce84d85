"""What the integration index is made of: components and their places (指数构成)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMPONENTS", "DIMENSIONS", "OWN_METHOD", "REGION", "Component", "Scope"]

Scope = Literal["pair", "region"]
"""Whether a component is measured for each two cities or for the region alone."""

REGION: Final = "region"
"""Subject of what is measured for, or averaged over, the whole region."""

OWN_METHOD: Final = Text(
    "本指数为 ctzgis 自有方法，不是官方一体化发展指数；规划要求研究发布指数，但未给出构成、"
    "权重与目标值。",
    "This index is ctzgis's own method and no official index: the plan asks for one to be "
    "published, but states neither its parts, weights nor a value to reach.",
)
"""What is to be said wherever the index is shown."""

DIMENSIONS: "Final[Mapping[str, Text]]" = {
    "time": Text("交通时间", "travel time"),
    "links": Text("联系通道", "links"),
    "reach": Text("可达与共享", "reach and sharing"),
}
"""Dimensions of the index by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """
    One measure that the index may count.

    Attributes
    ----------
    id
        Its id, by which a file of weights names it.
    dimension
        Key of ``DIMENSIONS``.
    name
        In words.
    method
        What it measures.
    unit
        ``"min"``, ``"share"`` (0–1), ``"per_100km"``, ``"per_hour"`` or ``"count"``.
    accuracy
        What its range covers.
    rising
        Whether more is better.
    scope
        Whether it is measured for each two cities or for the region alone.
    """

    id: str
    dimension: str
    name: Text
    method: Text
    unit: str
    accuracy: Text
    rising: bool
    scope: Scope = "pair"


_SPEEDS: Final = Text("速度±15%，发车间隔±30%", "speeds ±15 %, headways ±30 %")
_EDGES: Final = Text(
    "速度±15%，并计建成区边界的精度",
    "speeds ±15 %, and how well the built-up edges are drawn",
)
_ROADS: Final = Text(
    "假定±1条：路网多数道路的线位与通车年份未经核实",
    "±1 road, an assumption: most courses and openings of the network are unverified",
)


def _time(key: str, name: Text, method: Text, accuracy: Text = _SPEEDS) -> Component:
    return Component(
        id=key, dimension="time", name=name, method=method, unit="min",
        accuracy=accuracy, rising=False,
    )  # fmt: skip


def _people(key: str, name: Text, method: Text, scope: Scope = "pair") -> Component:
    return Component(
        id=key, dimension="reach", name=name, method=method, unit="share",
        accuracy=_SPEEDS, rising=True, scope=scope,
    )  # fmt: skip


_CENTRE: Final = Text(
    "市中心之间，较慢方向，门到门",
    "between the centres, slower direction, door to door",
)
_OTHERS: Final = Text(
    "中心区内两市人口中，驾车（自由流）限时到达对方市中心者的份额",
    "of the people of both cities in the central area, who reach the other city's "
    "centre by car in free flow",
)

_ALL: Final = (
    _time("centre_drive_free", Text("中心到中心：驾车，自由流", "centres by car, free"), _CENTRE),
    _time("centre_drive_peak", Text("中心到中心：驾车，高峰", "centres by car, peak"), _CENTRE),
    _time(
        "centre_rail_free",
        Text("中心到中心：轨道，步行或驾车接驳", "centres by rail, on foot or by car to it"),
        _CENTRE,
    ),
    _time(
        "centre_rail_foot",
        Text("中心到中心：轨道，两端步行", "centres by rail, on foot to it"),
        _CENTRE,
    ),
    _time(
        "centre_quickest_free",
        Text("中心到中心：最快方式", "centres by the quickest way"),
        _CENTRE,
    ),
    _time(
        "edge_drive_free",
        Text("建成区边缘到边缘：驾车，自由流", "edges by car, free"),
        Text("建成区边缘之间，较慢方向", "between built-up edges, slower direction"),
        _EDGES,
    ),
    _time(
        "edge_drive_peak",
        Text("建成区边缘到边缘：驾车，高峰", "edges by car, peak"),
        Text("建成区边缘之间，较慢方向", "between built-up edges, slower direction"),
        _EDGES,
    ),
    Component(
        id="fast_roads", dimension="links",
        name=Text("跨界快速道路", "fast roads across the border"),
        method=Text(
            "每百公里市界上的高速、快速路和一级干线条数；一路多次穿越计一次",
            "motorways, urban expressways and trunk roads per 100 km of border; a road "
            "that crosses several times counts once",
        ),
        unit="per_100km", accuracy=_ROADS, rising=True,
    ),
    Component(
        id="main_roads", dimension="links",
        name=Text("跨界干路", "main roads across the border"),
        method=Text(
            "每百公里市界上的主、次干路条数；一路多次穿越计一次",
            "primary and secondary roads per 100 km of border; a road that crosses "
            "several times counts once",
        ),
        unit="per_100km", accuracy=_ROADS, rising=True,
    ),
    Component(
        id="direct_trains", dimension="links",
        name=Text("直达列车", "direct trains"),
        method=Text(
            "在两市均停站的轨道线路每小时班次（平峰，较少方向）",
            "trains an hour of rail lines that stop in both cities (off peak, the "
            "direction with fewer)",
        ),
        unit="per_hour",
        accuracy=Text("发车间隔±30%，多为假定", "headways ±30 %, most are assumed"),
        rising=True,
    ),
    Component(
        id="dead_ends", dimension="links",
        name=Text("市界附近的断头路", "dead ends near the border"),
        method=Text(
            "路网中距市界2公里以内的断头；路网没有的道路不计",
            "roads of the network that end within 2 km of the border; what it lacks is not "
            "known",
        ),
        unit="count",
        accuracy=Text("市界±500米", "the border ±500 m"),
        rising=False,
    ),
    _people(
        "other_centre_30",
        Text("30分钟可达对方市中心的人口", "people within 30 min of the other centre"),
        _OTHERS,
    ),
    _people(
        "other_centre_60",
        Text("60分钟可达对方市中心的人口", "people within 60 min of the other centre"),
        _OTHERS,
    ),
    Component(
        id="station_cover", dimension="reach",
        name=Text("轨道站点800米覆盖的建成区", "built-up area within 800 m of a station"),
        method=Text(
            "两市建成区中距轨道站点800米（直线）以内的份额",
            "share of both built-up areas within 800 m (straight) of a rail station",
        ),
        unit="share",
        accuracy=Text(
            "±15%：所绘建成区面积与公布值最多相差15%",
            "±15 %: outlines differ from the stated areas by up to that",
        ),
        rising=True,
    ),
    Component(
        id="network_changes", dimension="reach",
        name=Text("轨道网络之间的零换乘", "seamless changes between rail networks"),
        method=Text(
            "干线、城际、城市轨道三网两两之间，在两市有零换乘车站的份额",
            "of the three pairs of rail networks (trunk, intercity, urban), those with a "
            "seamless change in the two cities",
        ),
        unit="share",
        accuracy=Text(
            "从同站换乘到600米以内换乘", "from changes in one station to any within 600 m"
        ),
        rising=True,
    ),
    _people(
        "two_centres_30",
        Text("30分钟可达两个以上市中心的人口", "people within 30 min of two centres"),
        Text("中心区人口，驾车（自由流）", "people of the central area, by car, free flow"),
        "region",
    ),
    _people(
        "all_centres_60",
        Text("60分钟可达全部市中心的人口", "people within 60 min of every centre"),
        Text("中心区人口，驾车（自由流）", "people of the central area, by car, free flow"),
        "region",
    ),
)  # fmt: skip

COMPONENTS: "Final[Mapping[str, Component]]" = {part.id: part for part in _ALL}
"""Everything the index may count, by id, in the order of its tables."""
