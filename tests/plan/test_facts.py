"""Facts of the five documents, read in the documents and looked up in the data."""

import pytest

from ctzgis.plan import Comparator, Direction


def names(plan, keys):
    known = {e.id: e.name.zh for part in (plan.places, plan.corridors) for e in part}
    return [known[key] for key in keys]


def members(plan, key, relation=None):
    return [place.name.zh for place in plan.members(key, relation=relation)]


def group(plan, system, name):
    found = next(g for g in plan.system(system).groups if g.name.zh == name)
    return found.declared_count, names(plan, (*found.members, *found.places))


# Outline 2020 (规划纲要)


def test_outline_2020_chapter_3_1_three_belts_with_their_parks(czt):
    belts = [e for e in czt.children("s_czt_1a1h3b") if e.kind == "belt"]
    assert [belt.name.zh for belt in belts] == [
        "中部（京广）发展带",
        "北部（渝长厦）发展带",
        "南部（沪昆）发展带",
    ]
    assert members(czt, "belt_central", "park") == [
        "长沙经开区",
        "马栏山视频文创产业园",
        "长沙临空经济示范区",
        "株洲高新区",
        "天易经开区",
    ]
    assert members(czt, "belt_north", "park") == [
        "长沙高新区",
        "宁乡经开区",
        "长沙经开区",
        "望城经开区",
        "浏阳经开区",
    ]
    assert members(czt, "belt_south") == [
        "湘潭经开区",
        "湘潭高新区",
        "岳塘经开区",
        "株洲经开区",
        "醴陵经开区",
        "湘乡",
        "韶山",
        "醴陵",
    ]


def test_outline_2020_chapter_3_1_five_clusters_and_the_nodes_of_liuyang(czt):
    assert [e.name.zh for e in czt.children("clusters_multi")] == [
        "宁乡城镇组团",
        "浏阳城镇组团",
        "韶山—湘乡组团",
        "醴陵—攸县组团",
        "茶陵—炎陵组团",
    ]
    assert members(czt, "cluster_liuyang") == [
        "浏阳主城区",
        "金阳新城",
        "大瑶",
        "社港",
        "镇头",
        "沿溪",
        "柏加",
    ]


def test_outline_2020_chapter_5_1_three_trunks_two_rails_four_links(czt):
    assert group(czt, "sys_3r2l4l", "三干") == (3, ["芙蓉南路", "洞株公路", "潭州大道"])
    assert group(czt, "sys_3r2l4l", "两轨") == (
        2,
        [
            "长株潭城际轨道交通西环线",
            "长沙南—株洲大丰站—株洲西",
            "湘潭北—湘潭站—株洲西",
        ],
    )
    assert group(czt, "sys_3r2l4l", "四连线") == (
        4,
        [
            "湘潭昭云大道—株洲云峰大道",
            "长沙潇湘大道—湘潭滨江路",
            "长沙新韶山路—湘潭昭山大道",
            "湘潭大道—株洲铜霞路",
        ],
    )


def test_outline_2020_chapter_5_5_rivers_and_reservoirs(czt):
    # One river and one reservoir are printed with a wrong character.
    assert group(czt, "sys_water_nodes", "骨干河道")[1] == [
        "浏阳河",
        "涟水",
        "渌水",
        "沅水（疑为沩水或洣水）",
        "涓水",
    ]
    assert group(czt, "sys_water_nodes", "关键水库")[1] == [
        "官庄水库",
        "洮水水库",
        "酒埠江水库",
        "黄材水库",
        "株树桥水库",
        "水府庙水库",
    ]


@pytest.mark.parametrize(
    ("key", "comparator", "value", "unit"),
    [
        ("t000_gdp", Comparator.EQUAL, 27_000, "亿元"),  # 2.7万亿元
        ("t000_gdp_growth", Comparator.ABOUT, 8, "%"),
        ("t000_gdp_pc", Comparator.EQUAL, 16.5, "万元"),
        ("t000_income_urban", Comparator.MORE, 6.8, "万元"),
        ("t000_urban_pop", Comparator.EQUAL, 1300, "万人"),
        ("t000_hitech_va", Comparator.AT_LEAST, 9500, "亿元"),
        ("t000_pm25", Comparator.LESS, 40, "ug/m3"),
        ("t000_fiscal", Comparator.EQUAL, 2.2, "万元"),
        ("t000_life", Comparator.EQUAL, 78, "岁"),
    ],
)
def test_outline_2020_chapter_2_4_targets_for_2025(czt, key, comparator, value, unit):
    target = czt.target(key)
    assert (target.comparator, target.value, target.unit) == (comparator, value, unit)
    assert target.year == 2025
    assert target.citation.document == "outline2020"
    assert target.citation.place.startswith("第二章 总体要求 / 第四节")


def test_outline_2020_preface_areas(czt):
    areas = [
        czt.extent(key).stated_area_km2
        for key in ("ext_czt_three_cities", "ext_czt_central_area", "ext_green_heart")
    ]
    assert areas == [28_000, 6_600, 528.32]


def test_outline_2020_chapter_1_1_facts_of_2019(czt):
    stated = {b.id: (b.value, b.unit, b.year) for b in czt.baselines}
    assert stated["b000_gdp"] == (16_800, "亿元", 2019)
    assert stated["b000_rev"] == (1266.61, "亿元", 2019)
    assert stated["b000_pop"] == (1530.45, "万人", 2019)
    assert stated["b000_urb"] == (73.5, "%", 2019)


# Scheme 2015 (实施方案)


def test_scheme_2015_section_7_seven_verticals_and_horizontals_of_rail(czt):
    # 蒙华 is called 浩吉铁路 today.
    assert group(czt, "sys_7v7h", "七纵") == (
        7,
        [
            "焦柳",
            "安张衡",
            "常德至桂林至海口",
            "洛湛",
            "京广普铁",
            "浩吉铁路",
            "咸宁—茶陵—炎陵—韶关",
        ],
    )
    assert group(czt, "sys_7v7h", "七横") == (
        7,
        [
            "渝长厦高铁",
            "黔张常和常岳九",
            "重庆秀山至益阳",
            "沪昆铁路/客专",
            "西安至长沙",
            "渝怀及怀邵衡和衡茶吉",
            "湘桂",
        ],
    )


def test_scheme_2015_section_7_ten_horizontal_expressroads(czt):
    assert group(czt, "sys_11v10h", "十横") == (
        10,
        [
            "沪昆高速",
            "莲易大道",
            "319国道北移线",
            "金沙大道",
            "长沙南二环—劳动东路",
            "长沙南横线",
            "湘乡—醴陵",
            "株潭绕城南线",
            "长沙南三环线至江背镇",
            "湘潭鹤岭—南谷",
        ],
    )


def test_scheme_2015_section_7_one_centre_six_rays(czt):
    assert group(czt, "sys_1c6r", "一心") == (1, ["长沙"])
    assert group(czt, "sys_1c6r", "六射") == (
        6,
        [
            "长沙—岳阳城际",
            "长沙—浏阳城际",
            "长沙—益阳—常德城际",
            "株洲—醴陵城际",
            "株洲—衡阳城际",
            "湘潭—娄底城际",
        ],
    )


def test_scheme_2015_section_7_the_railway_through_yanling_has_four_stops(czt):
    line = czt.corridor("rail_v7_xn_cl_yl_sg")
    assert names(czt, line.waypoints) == ["咸宁", "茶陵", "炎陵", "韶关"]


def test_scheme_2015_section_5_five_axes_of_towns(czt):
    # The documents say 长株潭 where the data name the three cities.
    three = ["长沙", "株洲", "湘潭"]
    assert {e.name.zh: members(czt, e.id) for e in czt.children("s_001_axes")} == {
        "京广城镇发展轴": [*three, "岳阳", "衡阳"],
        "沿长江城镇发展轴": ["岳阳", "常德", "益阳"],
        "沪昆城镇发展轴": [*three, "娄底"],
        "长渝城镇发展轴": [*three, "益阳", "常德"],
        "二广城镇发展轴": ["常德", "益阳", "娄底"],
    }


@pytest.mark.parametrize(
    ("key", "comparator", "value", "unit", "start"),
    [
        ("t001_gdp_pc", Comparator.EQUAL, 8.58, "万元", (5.26, 2014)),
        ("t001_export", Comparator.EQUAL, 365, "亿美元", (157.6, 2014)),
        ("t001_land_pc", Comparator.AT_MOST, 95, "m2", (98, 2013)),  # 注5: 2013
        ("t001_air", Comparator.MORE, 85, "%", (66.6, 2014)),
        ("t001_unemp", Comparator.LESS, 4.5, "%", (4.14, 2014)),
        ("t001_medical", Comparator.AT_LEAST, 99, "%", (95, 2014)),
        ("t001_urb_hukou", Comparator.EQUAL, 45, "%", (36, 2014)),
    ],
)
def test_scheme_2015_annex_1_targets_for_2020(czt, key, comparator, value, unit, start):
    target = czt.target(key)
    assert (target.comparator, target.value, target.unit) == (comparator, value, unit)
    assert (target.baseline.value, target.baseline.year) == start
    assert (target.year, target.extent) == (2020, "ext_huan_czt")


def test_scheme_2015_section_7_railways_by_size_of_city(czt):
    rules = {rule.id: rule for rule in czt.rules}
    assert rules["r_hsr_500k"].threshold_population == 500_000
    assert rules["r_rail_200k"].threshold_population == 200_000


# Action plan 2021 (行动计划)


def test_action_plan_2_2_logistics_hub_of_the_land_port(czt):
    # 整合七处, in the reading of places that go by more than one name.
    assert members(czt, "lh_land") == [
        "长沙货运北站",
        "株洲北站",
        "湘潭铁路货站",
        "长沙金霞物流枢纽",
        "旺东物流",
        "湾田国际物流园",
        "长沙红星全球农批中心",
    ]


def test_action_plan_2_3_one_trunk_three_branches_of_gas(czt):
    assert group(czt, "sys_1t3b_gas", "一干") == (1, ["新粤浙干线"])
    assert group(czt, "sys_1t3b_gas", "三支") == (
        3,
        ["忠武线潜湘支线", "西二线樟湘支线", "新粤浙广西支线"],
    )


def test_action_plan_2_3_charging_within_2_5_and_50_km(czt):
    rules = {rule.id: rule for rule in czt.rules}
    found = [rules[key] for key in ("r_charge_city", "r_charge_inter")]
    assert [rule.distance_km for rule in found] == [2.5, 50]
    assert {rule.comparator for rule in found} == {Comparator.LESS}
    piles = czt.target("t002_pile")  # 20万根左右
    assert (piles.comparator, piles.value) == (Comparator.ABOUT, 200_000)


def test_action_plan_2_1_a_railway_line_with_its_stops(czt):
    line = czt.corridor("rail_xueshi_yunlong")
    assert names(czt, line.waypoints) == ["长沙学士路", "先锋", "云塘", "云龙"]


def test_action_plan_9_three_economic_corridors(czt):
    assert [e.name.zh for e in czt.children("s_002_econ_corridors")] == [
        "长岳衡经济走廊",
        "长益常经济走廊",
        "长株潭娄经济走廊",
    ]


# Action plan 2021, opening (行动计划, 开头)


def test_action_plan_opening_ten_actions(czt):
    assert czt.element("s_ten_together").attributes["members"] == [
        "规划同图",
        "设施同网",
        "三市同城",
        "市场同治",
        "产业同兴",
        "生态同建",
        "创新同为",
        "开放同步",
        "平台同体",
        "服务同享",
    ]


@pytest.mark.parametrize(
    ("key", "comparator", "value", "unit"),
    [
        ("t002_gdp", Comparator.AT_LEAST, 25_000, "亿元"),  # 2.5万亿元以上
        ("t002_adv_mfg", Comparator.AT_LEAST, 75, "%"),
        ("t002_hitech_firms", Comparator.EQUAL, 10_000, "家"),
        ("t002_pm25", Comparator.LESS, 35, "ug/m3"),
        ("t002_fiscal", Comparator.AT_LEAST, 2, "万元"),
        ("t002_jobs", Comparator.EQUAL, 29, "万人"),
    ],
)
def test_action_plan_opening_1_2_targets(czt, key, comparator, value, unit):
    target = czt.target(key)
    assert (target.comparator, target.value, target.unit) == (comparator, value, unit)
    assert "action2021_opening" in {c.document for c in target.also_in}


def test_action_plan_opening_1_3_metropolitan_circle(czt):
    # The counties beyond the central area: 浏阳市、宁乡市、醴陵市、韶山市、湘潭县
    circle = czt.extent("ext_czt_circle")
    assert names(czt, circle.places) == ["浏阳", "宁乡", "醴陵", "韶山", "湘潭县"]
    assert set(czt.counties.loc[list(circle.counties), "name_zh"]) == {
        "浏阳市",
        "宁乡市",
        "醴陵市",
        "韶山市",
        "湘潭县",
    }


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        ("两江两岸", "一江两岸"),  # 二(一)1
        ("无缝对接", "全方位对接"),  # 二(一)1
        ("物联网、能源同网", "物流同网"),  # 二(二)
        ("创新同兴", "创新同为"),  # 一(一)
    ],
)
def test_action_plan_opening_has_the_right_spelling(czt, printed, right):
    readings = {p.printed: p.reading for p in czt.printings}
    assert readings[printed] == right


# Zhuzhou 14th five-year plan (株洲十四五)


def test_zhuzhou_box_7_six_verticals_four_horizontals_of_rail(czt):
    assert group(czt, "sys_6v4h", "六纵") == (
        6,
        [
            "京广高铁",
            "京广普铁",
            "长株潭城际铁路",
            "蒙华铁路南延（咸宁至韶关高铁）",
            "岳长衡高铁城际复合通道",
            "长沙至福州高铁",
        ],
    )
    assert group(czt, "sys_6v4h", "四横") == (
        4,
        ["沪昆高铁", "沪昆普铁", "醴娄高铁（城际）复合通道", "衡茶吉铁路"],
    )


def test_zhuzhou_box_7_national_roads(czt):
    assert group(czt, "sys_1v4h", "一纵") == (1, ["G106"])
    assert group(czt, "sys_1v4h", "四横") == (4, ["G320", "G322", "G356", "G357"])


def test_zhuzhou_box_25_levels_of_towns(czt):
    found = [(t.declared_count, t.population_from, t.population_to) for t in czt.towns]
    assert found == [
        (1, 1_000_000, None),
        (2, 200_000, 500_000),
        (2, 100_000, 200_000),
        (3, 50_000, 100_000),
        (13, 20_000, 50_000),
        (44, None, 20_000),
    ]


def test_zhuzhou_box_25_towns_of_level_4_and_5(czt):
    # 淶田 is printed for 渌田.
    towns = {level.level: names(czt, level.members) for level in czt.towns}
    assert towns[4] == ["淦田", "左权", "东富"]
    assert towns[5] == [
        "朱亭",
        "三门",
        "白兔潭",
        "泗汾",
        "李畋",
        "茶山",
        "明月",
        "腰潞",
        "网岭",
        "皇图岭",
        "酒埠江",
        "渌田",
        "鹿原",
    ]


def test_zhuzhou_box_25_small_towns_by_county(czt):
    by_county = czt.towns[5].members_by_county
    assert {county: len(keys) for county, keys in by_county.items()} == {
        "渌口区": 4,
        "醴陵": 12,
        "攸县": 9,
        "茶陵": 11,
        "炎陵": 8,
    }
    assert names(czt, by_county["渌口区"]) == ["古岳峰", "龙船", "龙潭", "龙门"]


@pytest.mark.parametrize(
    ("key", "comparator", "value", "unit", "start"),
    [
        ("t004_urb", Comparator.EQUAL, 75, "%", 71.26),  # 3
        ("t004_mfg_share", Comparator.MORE, 35, "%", 33),  # 4
        ("t004_unemp", Comparator.LESS, 5.5, "%", 5.6),  # 15
        ("t004_doctors", Comparator.EQUAL, 3.28, "人", 2.83),  # 17
        ("t004_nursery", Comparator.EQUAL, 4.5, "个", 1.78),  # 19
        ("t004_forest", Comparator.AT_LEAST, 62.11, "%", 62.11),  # 25
        ("t004_grain", Comparator.EQUAL, 145, "万吨", 155),  # 26
        (
            "t004_energy_cap",
            Comparator.EQUAL,
            400,
            "万吨标准煤",
            140,
        ),  # 27: 亿吨 misprinted
        ("t004_safety", Comparator.EQUAL, 0.026, "人/亿元", 0.031),  # 28
    ],
)
def test_zhuzhou_box_5_targets_for_2025(czt, key, comparator, value, unit, start):
    target = czt.target(key)
    assert (target.comparator, target.value, target.unit) == (comparator, value, unit)
    assert (target.baseline.value, target.baseline.year) == (start, 2020)
    assert (target.year, target.extent) == (2025, "ext_zhuzhou_city")


def test_zhuzhou_box_5_fewer_accidents_are_better(czt):
    assert czt.target("t004_safety").direction is Direction.FALLING


def test_zhuzhou_chapter_5_2_four_mountains_four_rivers_four_districts(czt):
    assert members(czt, "four_mountains") == [
        "大京山-雪峰山",
        "阔坊山-大安山",
        "云阳山-九曲山",
        "八担山-钟形山",
    ]
    assert members(czt, "four_rivers") == ["湘江", "渌水", "洣水", "攸水"]
    assert czt.element("four_agri").attributes["members"] == [
        "株醴都市休闲农业区",
        "攸县丘岗传统农业区",
        "茶陵丘岗传统农业区",
        "炎陵山地特色农业区",
    ]


# Between the documents


def test_documents_differ_on_gdp_and_on_what_the_three_belts_are(czt):
    conflicts = {conflict.id: conflict for conflict in czt.conflicts}
    assert conflicts["c_gdp"].targets == ("t000_gdp", "t002_gdp")
    assert conflicts["c_gdp"].values["规划纲要"] == "2.7万亿元"
    assert conflicts["c_gdp"].values["行动计划"] == ">=2.5万亿元"
    assert set(conflicts["c_three_belts"].values) == {"规划纲要", "株洲十四五"}
