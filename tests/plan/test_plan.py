import dataclasses

import pytest

from ctzgis.errors import PlanError
from ctzgis.plan import Comparator, Direction


def test_the_structure_is_one_axis_one_heart_three_belts_and_clusters(czt):
    kinds = [e.kind for e in czt.children("s_czt_1a1h3b")]
    assert kinds == ["axis", "heart", "belt", "belt", "belt", "clusters"]
    assert len(czt.children("clusters_multi")) == 5


def test_the_east_bank_lists_six_parks_and_two_service_places(czt):
    bank = czt.element("axis_east_bank")
    names = [czt.place(m.place).name.zh for m in bank.members if m.relation == "park"]
    assert names == [
        "金霞经开区",
        "长沙经开区",
        "湘潭高新区",
        "岳塘经开区",
        "株洲经开区",
        "渌口经开区",
    ]
    assert sum(m.relation == "service" for m in bank.members) == 2


def test_the_west_bank_lists_seven_parks(czt):
    bank = czt.element("axis_west_bank")
    assert [m.relation for m in bank.members] == ["park"] * 7


def test_two_rails_is_said_and_three_are_listed(czt):
    groups = {g.name.zh: g for g in czt.system("sys_3r2l4l").groups}
    assert groups["三干"].complete is True
    assert groups["四连线"].complete is True
    assert groups["两轨"].complete is False
    assert (groups["两轨"].declared_count, len(groups["两轨"].members)) == (2, 3)


def test_targets_carry_the_documents_numbers(czt):
    density = czt.target("t000_road_density")
    assert (density.value, density.unit, density.year) == (7.0, "km/km2", 2025)
    assert density.comparator is Comparator.EQUAL
    assert density.direction is Direction.RISING
    assert czt.target("t000_gh_area").value == 528.32
    assert czt.target("t000_gh_area").direction is Direction.EXACT
    assert czt.target("t000_forest").value == czt.target("t002_forest").value == 56.8


def test_the_later_document_wins_where_two_differ(czt):
    assert czt.target("t002_pm25").replaces == ("t000_pm25",)
    later, earlier = czt.document("action2021"), czt.document("outline2020")
    assert later.precedence > earlier.precedence


def test_the_two_definitions_of_the_central_area_differ_by_yisuhe(czt):
    outline, action = (czt.extent(key) for key in czt.central_areas)
    assert outline.counties == action.counties
    assert len(outline.counties) == 14
    assert outline.shape.drawn_to_stated_area
    assert not action.shape.drawn_to_stated_area
    more = outline.shape.geometry.difference(action.shape.geometry)
    assert more.area / 1e6 == pytest.approx(123, abs=1.5)


def test_members_of_an_element_include_those_of_its_parts(czt):
    members = czt.member_places("axis_xiangjiang")
    assert {"changsha", "jinxia_etz", "yuelushan_utech"} <= set(members)
    assert len(members) == len(set(members))


def test_places_a_belt_radiates_to_are_not_its_members(czt):
    assert "gba" in {m.place for m in czt.element("belt_central").members}
    assert "gba" not in czt.member_places("belt_central")


def test_unknown_ids_are_refused_with_the_nearest_one(czt):
    with pytest.raises(PlanError, match="did you mean 'belt_north'"):
        czt.element("belt_nort")


def test_a_citation_names_document_and_chapter(czt):
    cited = czt.cite(czt.target("t000_road_density").citation)
    assert cited.zh.startswith("《规划纲要》第二章")


def test_a_reference_that_leads_nowhere_is_refused(czt):
    lost = dataclasses.replace(czt.structure[1], parent="nowhere")
    with pytest.raises(
        PlanError, match="names element 'nowhere', which is not defined"
    ):
        dataclasses.replace(czt, structure=(czt.structure[0], lost, *czt.structure[2:]))


def test_an_id_used_twice_is_refused(czt):
    with pytest.raises(PlanError, match="'changsha' is used 2 times"):
        dataclasses.replace(czt, places=(*czt.places, czt.place("changsha")))


def test_a_plan_cannot_be_changed(czt):
    with pytest.raises(dataclasses.FrozenInstanceError):
        czt.id = "other"


def test_the_repr_tells_what_is_in_it(czt):
    assert repr(czt).startswith("<Plan czt: 5 documents, 38 elements")
