"""What a user would have to supply for a target that is not computed yet."""

from typing import TYPE_CHECKING, Final

from ctzgis.plan import OWN_KINDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.plan import Measure, Plan, Target

__all__ = ["facility_name", "need", "need_of"]

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


_RASTER: Final = Text(
    "--land-cover 分类土地覆盖栅格，或 ", "--land-cover with a classified raster, or "
)
_ANY: Final = Text("点、线或面", "points, lines or areas")
_AREAS: Final = Text("面", "areas")
_SHAPES: Final["Mapping[str, Text]"] = {
    "covered_share": _AREAS,
    "land_cover_share": _AREAS,
    "each_served": Text("点", "points"),
    "service_coverage": Text("点或面", "points or areas"),
    "site_area": _AREAS,
    "site_area_per_person": _AREAS,
    "site_count": Text(
        "一行一处，一处多个时带 count 列", "one row each, or a column count of how many"
    ),
    "site_length_per_people": Text("线", "lines"),
    "site_spacing": Text("点或面", "points or areas"),
    "towns_of_size": Text(
        "点或面，带 population 列（城区人口）",
        "points or areas with a column population, of the urban area",
    ),
}
_BY_SIZE: Final = ("parks", "parks_by_class")
_SIZED: Final = Text(
    "面，或带 area_m2 列的点", "areas, or points with a column area_m2"
)
_OR_VALUE: Final = Text(
    "；或统计值（--values）", "; or a value from statistics (--values)"
)


def facility_name(plan: "Plan", kind: str) -> Text:
    """
    Return what a kind of facilities is called in a plan; its own word if in none.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> facility_name(plan, "charger").zh, facility_name(plan, "lighthouse").en
    ('充电站点', 'lighthouse')
    """
    names = {entry.id: entry.name for entry in plan.facilities}
    return names.get(kind) or OWN_KINDS.get(kind) or Text(kind, kind)


def need_of(plan: "Plan", target: "Target") -> Text:
    """
    Return what has to be supplied for a target of a plan, from facilities to a value.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> need_of(plan, plan.target("t002_charge_inter")).en
    '--facilities charger=FILE (charging sites: points or areas)'
    """
    measure = target.measure
    if measure is not None and measure.facilities is not None:
        return _facilities(plan, measure)
    wanted = target.needs or need(target.method)
    if target.kind == "statistical" or target.value is None or "--values" in wanted.en:
        return wanted
    return Text(wanted.zh + _OR_VALUE.zh, wanted.en + _OR_VALUE.en)


def _facilities(plan: "Plan", measure: "Measure") -> Text:
    kind = measure.facilities or ""
    shape = _SHAPES.get(measure.indicator, _ANY)
    if measure.reach in _BY_SIZE:
        shape = _SIZED
    if measure.indicator == "complying_share":
        shape = Text(
            f"全部，达标者 {measure.column} 列为1，否则为0",
            f"all of them, with 1 in a column {measure.column} where it holds, else 0",
        )
    elif measure.column is not None:
        shape = Text(
            f"一行一处，{measure.column} 列为该处数量",
            f"one row each, and in a column {measure.column} how many are there",
        )
    parts = [_file(plan, kind, shape)]
    if measure.indicator == "land_cover_share":
        parts[0] = Text(_RASTER.zh + parts[0].zh, _RASTER.en + parts[0].en)
    if measure.each is not None:
        parts.append(_file(plan, measure.each, _AREAS))
    if measure.served == "population":
        parts.append(
            Text("--population 人口格网或点", "--population with a grid or points")
        )
    elif measure.served == "residential":
        parts.append(_file(plan, "residential", _AREAS))
    elif measure.served == "built_up":
        parts.append(
            Text(
                "较准时另给 --facilities built_up=文件（建成区：面）",
                "for a closer answer also --facilities built_up=FILE (built-up areas)",
            )
        )
    return Text(
        "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    )


def _file(plan: "Plan", kind: str, shape: Text) -> Text:
    name = facility_name(plan, kind)
    return Text(
        f"--facilities {kind}=文件（{name.zh}：{shape.zh}）",
        f"--facilities {kind}=FILE ({name.en}: {shape.en})",
    )
