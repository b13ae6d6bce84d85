"""What a user would have to supply for a target that is not computed yet."""

from typing import TYPE_CHECKING, Final

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["need"]

_NEEDS: Final["Mapping[str, Text]"] = {
    "density": Text(
        "规划范围内的全部道路（--roads）", "all roads of the extent (--roads)"
    ),
    "isochrone_air": Text(
        "航线或机场间航时", "flight routes, or flight times between airports"
    ),
    "service_area_coverage": Text(
        "设施点、步行路网和人口或居住用地",
        "facility points, a walking network, and population or residential land",
    ),
    "buffer_coverage": Text(
        "设施点，以及要覆盖的用地、人口或道路",
        "facility points, and the land, people or roads to be covered",
    ),
    "connectivity": Text(
        "成员明确的网络清单及其线位",
        "a list of the network's members and their courses",
    ),
    "raster_share": Text(
        "分类土地覆盖栅格（森林：--land-cover）",
        "a classified land-cover raster (of forest: --land-cover)",
    ),
    "raster_zonal_mean": Text(
        "年均浓度栅格或监测值", "a raster or station values of the year"
    ),
    "overlay_share": Text("设施或措施的覆盖范围", "polygons of what is covered"),
    "point_count": Text("全部设施点", "all facility points"),
    "area_sum": Text("官方边界", "the official boundary"),
    "distance": Text("中心点坐标", "positions of the centres"),
    "input_value": Text("统计值（--values）", "a value from statistics (--values)"),
    "count_in_area": Text("全部对象及其属性", "all objects, with their attributes"),
    "point_in_polygon": Text(
        "设施点与统计单元", "facility points and the units they serve"
    ),
    "route_class_check": Text("道路或线路的等级", "class of the roads or lines"),
    "raster_population_sum": Text(
        "人口栅格与城镇范围", "a population raster and an urban mask"
    ),
    "raster_population_share": Text(
        "人口栅格与城镇范围", "a population raster and an urban mask"
    ),
    "area_per_capita": Text("用地范围与人口", "areas of the land and population"),
    "length_per_capita": Text("线路与人口", "lines and population"),
    "overlay_area": Text("用地范围", "polygons of the land"),
    "network_length": Text("线路及其等级", "lines with their class"),
    "network_length_share": Text(
        "线路及其达标属性", "lines with the attribute that counts"
    ),
}
_OTHER: Final = Text(
    "可计算的口径（文件未给出）",
    "a definition that can be computed; the document gives none",
)


def need(method: str) -> Text:
    """
    Return what has to be supplied for a method.

    Examples
    --------
    >>> need("raster_share").en
    'a classified land-cover raster (of forest: --land-cover)'
    """
    return _NEEDS.get(method, _OTHER)
