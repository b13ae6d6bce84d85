"""Questions a planner asks of a plan."""

import dataclasses
import itertools
import math

import networkx as nx
import pytest

import ctzgis
from ctzgis.errors import PlanError


def test_which_parks_lie_on_the_east_bank(czt):
    parks = czt.members("axis_east_bank", relation="park")
    assert parks[0] is czt.place("jinxia_etz")
    assert len(parks) == 6


@pytest.mark.parametrize(
    "text", ["sys_3r2l4l", "三干两轨四连线", "3 trunks, 2 rails, 4 links"]
)
def test_an_entry_is_found_by_id_and_by_either_name(czt, text):
    assert [entry.id for entry in czt.find(text)] == ["sys_3r2l4l"]


def test_case_and_blanks_do_not_matter(czt):
    assert czt.find("  3 TRUNKS, 2 rails, 4 links ") == czt.find("sys_3r2l4l")


def test_an_entry_is_found_by_its_alias(czt):
    place = next(p for p in czt.places if "九郎山职教城" in p.aliases)
    assert czt.find("九郎山职教城") == (place,)


@pytest.mark.parametrize(
    ("misprint", "meant"),
    [("三千两轨四连线", "sys_3r2l4l"), ("湘西岸", "axis_west_bank")],
)
def test_an_entry_is_found_by_its_misprint(czt, misprint, meant):
    assert czt.find(misprint)[0].id == meant


def test_what_is_not_there_is_answered_with_what_is_near(czt):
    with pytest.raises(PlanError, match="called '湘江发展'; did you mean '湘江发展轴'"):
        czt.find("湘江发展")


def test_what_is_near_nothing_has_no_suggestion(czt):
    with pytest.raises(PlanError, match="called 'qqqqqq'$"):
        czt.find("qqqqqq")


def test_what_connects_two_clusters(czt):
    # 醴陵 and 韶山 or 湘乡 share one railway, one expressroad, one belt, one circle.
    found = czt.connections("cluster_shaoshan_xiangxiang", "cluster_liling_youxian")
    assert [entry.name.zh for entry in found] == [
        "韶山至井冈山铁路",
        "湘乡—醴陵",
        "南部（沪昆）发展带",
        "都市圈",
    ]
    back = czt.connections("cluster_liling_youxian", "cluster_shaoshan_xiangxiang")
    assert back == found


def test_an_element_is_not_connected_by_what_it_is_part_of(czt):
    found = {entry.id for entry in czt.connections("axis_east_bank", "belt_north")}
    assert "belt_central" in found
    assert not {"axis_east_bank", "axis_xiangjiang", "s_czt_1a1h3b"} & found


def test_which_groups_of_a_system_lack_members(czt):
    assert [
        (system.id, group.name.zh, group.declared_count, group.listed_count)
        for system, group in czt.incomplete_groups()
    ] == [
        ("sys_3r2l4l", "两轨", 2, 3),
        ("sys_2m1r3b", "两主", 2, 0),
        ("sys_2m1r3b", "一环", 1, 0),
        ("sys_2m1r3b", "三支", 3, 0),
        ("sys_1r11f", "十一射", 11, 0),
        ("sys_4h6v_tianyi", "四横", 4, 0),
        ("sys_4h6v_tianyi", "六纵", 6, 0),
        ("sys_1b1p4b22r", "四带", 4, 0),
        ("sys_1b1p4b22r", "二十二路", 22, 0),
        ("sys_tour_rings", "4", 4, 1),
        ("sys_1c2t6b", "六基地", 6, 0),
    ]


def test_a_group_whose_name_says_no_number_is_neither_complete_nor_not(czt):
    groups = {g.name.zh: g for g in czt.system("sys_hub_feeder").groups}
    assert groups["一枢纽"].complete is True
    assert groups["多支线"].complete is None


def test_which_places_belong_to_nothing(czt):
    assert czt.loose_places() == ()
    example = ctzgis.read_plan("gridville")
    assert [place.id for place in example.loose_places()] == ["north_gate", "old_mill"]


def test_the_graph_has_a_vertex_for_every_entry_that_is_somewhere(czt):
    graph = czt.graph()
    parts = nx.get_node_attributes(graph, "part")
    assert set(parts.values()) == {
        *("extents", "structure", "corridors", "systems", "places", "towns"),
        *("county", "city"),
    }
    for part in ("extents", "structure", "corridors", "systems", "places", "towns"):
        ids = [entry.id for entry in czt.parts()[part]]
        assert [key for key, found in parts.items() if found == part] == ids


def test_the_graph_leads_from_the_structure_to_parks_and_cities(czt):
    graph = czt.graph()
    path = ["s_czt_1a1h3b", "axis_xiangjiang", "axis_east_bank", "jinxia_etz"]
    relations = [
        {edge["relation"] for edge in graph.get_edge_data(a, b).values()}
        for a, b in itertools.pairwise(path)
    ]
    assert relations == [{"part"}, {"part"}, {"park"}]
    assert "city:长沙市" in nx.descendants(graph, "jinxia_etz")


def test_the_graph_keeps_the_order_of_waypoints_and_the_groups_of_systems():
    graph = ctzgis.read_plan("gridville").graph()
    orders = {
        place: edge["order"]
        for _, place, edge in graph.edges("cross_town", data=True)
        if edge["relation"] == "waypoint"
    }
    assert orders == {"west_end": 0, "centre": 1, "east_end": 2}
    member = graph.get_edge_data("one_vertical_one_horizontal", "cross_town")[0]
    assert (member["relation"], member["group"]) == ("member", "一横")


@pytest.mark.parametrize("part", ["places", "structure", "corridors", "extents"])
def test_a_part_becomes_a_frame_that_says_what_is_not_located(czt, part):
    frame = czt.to_gdf(part)
    entries = czt.parts()[part]
    assert list(dict.fromkeys(frame.index)) == [entry.id for entry in entries]
    assert frame.crs == czt.crs
    assert 0 < frame["located"].sum() < len(frame)
    assert (frame["located"] == frame.geometry.notna()).all()
    assert frame.loc[~frame["located"], "accuracy_m"].isna().all()
    assert (frame.loc[frame["located"], "accuracy_m"] > 0).all()
    assert (frame.loc[frame["located"], "source"] != "").all()


def test_an_element_has_a_row_for_each_of_its_geometries(czt):
    shapes = czt.element("axis_xiangjiang").shapes
    frame = czt.to_gdf("structure").loc[["axis_xiangjiang"]]
    assert list(frame["role"]) == [shape.role for shape in shapes]
    assert len(frame) > 1


@pytest.mark.parametrize("part", ["places", "structure", "corridors", "extents"])
def test_a_part_without_entries_is_an_empty_frame(part):
    example = ctzgis.read_plan("gridville")
    none = dict.fromkeys(("places", "structure", "corridors", "extents"), ())
    rest = dict.fromkeys(("systems", "targets", "circles", "documents"), ())
    empty = dataclasses.replace(
        example, **none, **rest, centres=(), central_areas=()
    ).to_gdf(part)
    assert len(empty) == 0
    assert set(empty.columns) == set(example.to_gdf(part).columns)
    assert empty.crs == example.crs


def test_only_parts_with_geometry_become_frames(czt):
    with pytest.raises(
        PlanError, match="part is 'targets'; places, centres, structure"
    ):
        czt.to_gdf("targets")


def test_the_later_document_holds_and_the_losing_value_is_kept(czt):
    held = {
        h.target.id: h for h in czt.targets.on(year=2025, extent="ext_czt_three_cities")
    }
    assert {key: [t.id for t in h.losing] for key, h in held.items() if h.losing} == {
        "t002_gdp": ["t000_gdp"],
        "t002_gdp_growth": ["t000_gdp_growth"],
        "t002_pm25": ["t000_pm25"],
        "t002_fiscal": ["t000_fiscal"],
    }
    assert held["t002_pm25"].losing[0].value == 40
    assert held["t002_forest"].losing == ()
    assert [t.id for t in held["t002_forest"].same] == ["t000_forest"]


def test_targets_are_chosen_by_year_extent_and_kind(czt):
    chosen = czt.targets.on(year=2020, extent="ext_huan_czt", kind="spatial")
    assert chosen
    assert {h.target.kind for h in chosen} == {"spatial"}
    assert {h.target.extent for h in chosen} == {"ext_huan_czt"}
    assert {h.target.year for h in chosen} <= {2020, None}


def test_every_target_holds_or_is_kept_with_the_one_that_does(czt):
    kept = [
        target.id
        for holding in czt.targets.on()
        for target in (holding.target, *holding.losing, *holding.same)
    ]
    assert sorted(kept) == sorted(target.id for target in czt.targets)


def test_the_centres_are_a_frame_of_their_own(czt):
    centres = czt.to_gdf("centres")
    assert tuple(centres.index) == czt.centres
    places = czt.to_gdf("places").loc[list(czt.centres)]
    assert centres.geometry.geom_equals(places.geometry).all()
    assert centres["name_zh"].tolist() == places["name_zh"].tolist()


def test_an_unlocated_place_has_no_accuracy(czt):
    frame = czt.to_gdf("places")
    unlocated = next(place.id for place in czt.places if place.location is None)
    assert math.isnan(frame.loc[unlocated, "accuracy_m"])
    assert not frame.loc[unlocated, "verified"]
