import dataclasses
from collections import Counter

import pytest

from ctzgis.errors import PlanError
from ctzgis.plan import Citation, Comparator, Direction


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
        PlanError, match=f"'{lost.id}' names 'nowhere', which structure do not define"
    ):
        dataclasses.replace(czt, structure=(czt.structure[0], lost, *czt.structure[2:]))


def test_an_id_used_twice_is_refused(czt):
    with pytest.raises(
        PlanError, match="'changsha': its id is used already, in places"
    ):
        dataclasses.replace(czt, places=(*czt.places, czt.place("changsha")))


def test_a_plan_cannot_be_changed(czt):
    with pytest.raises(dataclasses.FrozenInstanceError):
        czt.id = "other"


def test_the_repr_tells_what_is_in_it(czt):
    assert repr(czt).startswith("<Plan czt: 5 documents, 211 elements")


def test_every_fault_of_a_plan_is_named_at_once(czt):
    twice = (*czt.places, czt.place("changsha"))
    lost = (dataclasses.replace(czt.circles[0], origins=("nowhere",)),)
    with pytest.raises(PlanError, match=r"'changsha': its id.*; circles.*'nowhere'"):
        dataclasses.replace(czt, places=twice, circles=lost)


@pytest.mark.parametrize(
    "how", [{"replaces": ("t000_pm25",)}, {"repeats": "t000_pm25"}]
)
def test_targets_that_replace_each_other_in_a_circle_are_refused(czt, how):
    # t002_pm25 replaces t000_pm25 already.
    targets = tuple(
        dataclasses.replace(t, replaces=("t002_pm25",))
        if t.id == "t000_pm25"
        else dataclasses.replace(t, **how)
        if t.id == "t002_pm25"
        else t
        for t in czt.targets
    )
    with pytest.raises(PlanError, match="'t000_pm25' replaces or repeats itself"):
        dataclasses.replace(czt, targets=targets)


def test_counts_are_those_of_the_documents(czt):
    assert {topic: len(part) for topic, part in czt.parts().items()} == {
        "documents": 5,
        "precedence": 5,
        "extents": 48,
        "structure": 211,
        "corridors": 219,
        "systems": 28,
        "places": 645,
        "targets": 428,
        "circles": 11,
        "rules": 31,
        "tasks": 39,
        "baselines": 62,
        "facilities": 51,
        "towns": 6,
        "conflicts": 45,
        "printings": 86,
    }
    assert sum(element.parent is None for element in czt.structure) == 107
    assert sum(len(level.members) for level in czt.towns) == 65
    assert Counter(t.kind for t in czt.targets) == {"spatial": 128, "statistical": 300}
    assert Counter(t.citation.document for t in czt.targets) == {
        "outline2020": 33,
        "scheme2015": 37,
        "action2021": 33,
        "zhuzhou2021": 325,
    }
    assert sum(target.historic for target in czt.targets) == 47


def test_towns_are_as_many_as_each_level_declares_and_stand_once(czt):
    assert [len(level.members) for level in czt.towns] == [
        level.declared_count for level in czt.towns
    ]
    towns = [key for level in czt.towns for key in level.members]
    assert len(set(towns)) == len(towns)


def test_ids_are_unique(czt):
    ids = Counter(entry.id for part in czt.parts().values() for entry in part)
    assert max(ids.values()) == 1


def test_every_entry_says_document_and_chapter(czt):
    uncited = {
        topic
        for topic, part in czt.parts().items()
        for entry in part
        if getattr(entry, "citation", None) is None
    }
    # Documents are cited themselves; precedence and conflicts say which documents they
    # compare; kinds of facilities are words of the targets that name them.
    assert uncited == {"documents", "precedence", "conflicts", "facilities"}
    documents = {document.id for document in czt.documents}
    cited = [
        citation
        for part in czt.parts().values()
        for entry in part
        if hasattr(entry, "citation")
        for citation in (entry.citation, *getattr(entry, "also_in", ()))
    ]
    assert {citation.document for citation in cited} == documents
    assert all(citation.place.strip() for citation in cited)


def test_no_two_documents_are_quoted_by_the_same_short_title(czt):
    for titles in zip(*(document.short for document in czt.documents), strict=True):
        assert len(set(titles)) == 5


def test_names_are_in_both_languages(czt):
    named = [
        entry
        for part in czt.parts().values()
        for entry in part
        if hasattr(entry, "name")
    ]
    assert len(named) == sum(map(len, czt.parts().values())) - len(czt.printings)
    assert all(entry.name.zh.strip() and entry.name.en.strip() for entry in named)


def test_located_corridors_say_how_exact_they_are(czt):
    shapes = [shape for c in czt.corridors for shape in c.shapes]
    assert shapes
    assert all(shape.accuracy_m >= 100 and shape.source for shape in shapes)
    assert all(shape.schematic for shape in shapes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit": "亿元"}, "replaces 't000_pm25', which has another unit"),
        ({"kind": "statistical"}, "which has another kind"),
        ({"extent": "ext_zhuzhou_city"}, "which has another extent"),
        (
            {"citation": Citation(document="scheme2015", place="三")},
            "of a document with higher precedence",
        ),
    ],
)
def test_a_target_replaces_only_its_like_in_a_lower_document(czt, changes, reason):
    later = dataclasses.replace(czt.target("t002_pm25"), method="input_value")
    later = dataclasses.replace(later, **changes)
    targets = tuple(later if t.id == later.id else t for t in czt.targets)
    with pytest.raises(PlanError, match=reason):
        dataclasses.replace(czt, targets=targets)


def test_an_empty_text_names_nothing(czt):
    with pytest.raises(PlanError, match="names nothing"):
        czt.find(" ")


def test_a_misprint_is_found_beside_what_bears_its_name(czt):
    assert "ocr_005" in {entry.id for entry in czt.find("沅水")}
