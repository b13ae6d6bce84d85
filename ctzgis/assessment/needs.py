"""What a user would have to supply for a target that is not computed yet."""

from typing import TYPE_CHECKING, Final

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.plan import Measure, Target

__all__ = ["FACILITY_KINDS", "facility_name", "need", "need_of"]

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


FACILITY_KINDS: Final["Mapping[str, Text]"] = {
    "airport": Text("机场", "airports"),
    "base_station_5g": Text("5G基站", "5G base stations"),
    "border_town": Text("湘赣边走廊乡镇", "towns of the border corridor"),
    "border_village": Text("湘赣边走廊村庄", "villages of the border corridor"),
    "built_up": Text("建成区", "built-up areas"),
    "camp": Text("自驾游营地", "camps for self-driving tours"),
    "car_park": Text("公共停车场", "public car parks"),
    "charger": Text("充电站点", "charging sites"),
    "charger_new": Text("新建充电站点", "new charging sites"),
    "city": Text("城市", "cities"),
    "coverage_5g": Text("5G覆盖范围", "5G coverage"),
    "culture": Text("公共文化设施", "cultural facilities"),
    "culture_spot": Text("门前三小设施", "small cultural spots"),
    "convenience": Text("便民生活服务设施", "services of daily life"),
    "demo_village": Text("特色乡村示范点", "model villages"),
    "eco_river": Text("河道生态走廊", "ecological river corridors"),
    "farm_district": Text("特色农业片区", "agricultural districts"),
    "farmland": Text("高标准农田", "high-standard farmland"),
    "forest": Text("森林", "forest"),
    "government": Text("政务服务点", "government service points"),
    "green_cover": Text("绿化覆盖", "green cover"),
    "green_land": Text("绿地", "green land"),
    "greenway": Text("绿道", "greenways"),
    "health_centre": Text("标准化乡镇卫生院", "standard town health centres"),
    "hydrogen": Text("加氢站", "hydrogen stations"),
    "industrial_park": Text("特色产业园区", "characteristic industrial parks"),
    "irrigation": Text("续建灌区", "upgraded irrigation districts"),
    "key_town": Text("重点镇和试点镇", "key and pilot towns"),
    "mountain": Text("保护山体", "protected mountains"),
    "park": Text("公园绿地", "parks"),
    "public_green": Text("公共绿地", "public green space"),
    "reserve": Text("自然保护地", "nature reserves"),
    "scenic_4a": Text("新增4A级景区", "new 4A scenic spots"),
    "sewage": Text("污水处理设施", "sewage facilities"),
    "sewage_gap": Text("污水收集处理空白区", "areas without sewage treatment"),
    "shop": Text("商业网点", "shops"),
    "slow_zone": Text("慢行示范片区", "slow-traffic areas"),
    "smart_car_park": Text("智能停车场", "smart car parks"),
    "sponge_area": Text("海绵城市达标区", "sponge-city areas"),
    "sports_ground": Text("体育场地", "sports grounds"),
    "tcm_clinic": Text("有中医药服务的村卫生室", "village clinics with TCM"),
    "tour_line": Text("精品旅游线", "tour lines"),
    "tour_ring": Text("旅游环线", "tour rings"),
    "tourism_street": Text("文旅商业街区", "tourism streets"),
    "town": Text("城镇", "towns"),
    "town_area": Text("乡镇", "town areas"),
    "village_area": Text("行政村", "village areas"),
    "village_clinic": Text("标准化村卫生室", "standard village clinics"),
    "village_group": Text("村组、社区", "village groups and communities"),
    "waste_sorting": Text("垃圾分类设施", "waste-sorting facilities"),
    "water_county": Text("受水县（市、区）", "counties supplied with water"),
    "water_irrigation": Text("受水灌区", "irrigation districts supplied"),
}
"""Kinds of facilities that the shipped plans name, in words; a plan may name others."""

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


def facility_name(kind: str) -> Text:
    """
    Return what a kind of facilities is called; a kind of another plan by its own word.

    Examples
    --------
    >>> facility_name("charger").zh, facility_name("lighthouse").en
    ('充电站点', 'lighthouse')
    """
    return FACILITY_KINDS.get(kind, Text(kind, kind))


def need_of(target: "Target") -> Text:
    """
    Return what has to be supplied for a target, from facilities to a value.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> need_of(read_plan("czt").target("t002_charge_inter")).en
    '--facilities charger=FILE (charging sites: points or areas)'
    """
    measure = target.measure
    if measure is not None and measure.facilities is not None:
        return _facilities(measure)
    wanted = target.needs or need(target.method)
    if target.kind == "statistical" or target.value is None or "--values" in wanted.en:
        return wanted
    return Text(wanted.zh + _OR_VALUE.zh, wanted.en + _OR_VALUE.en)


def _facilities(measure: "Measure") -> Text:
    kind = measure.facilities or ""
    shape = _SHAPES.get(measure.indicator, _ANY)
    if measure.reach in _BY_SIZE:
        shape = _SIZED
    parts = [_file(kind, shape)]
    if measure.indicator == "land_cover_share":
        parts[0] = Text(_RASTER.zh + parts[0].zh, _RASTER.en + parts[0].en)
    if measure.each is not None:
        parts.append(_file(measure.each, _AREAS))
    if measure.served == "population":
        parts.append(
            Text("--population 人口格网或点", "--population with a grid or points")
        )
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


def _file(kind: str, shape: Text) -> Text:
    name = facility_name(kind)
    return Text(
        f"--facilities {kind}=文件（{name.zh}：{shape.zh}）",
        f"--facilities {kind}=FILE ({name.en}: {shape.en})",
    )
