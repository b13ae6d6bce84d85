"""Further measures on the map and in the report."""

import dataclasses
import html
import json

import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

import ctzgis
from ctzgis.assessment.further import FURTHER
from ctzgis.reporting.content import Cell, Column, Row, Table, same
from ctzgis.reporting.drafting import report_content
from ctzgis.reporting.files import write_assessment
from ctzgis.reporting.maps import draw_map, map_layers
from ctzgis.reporting.report import render_report, write_report
from ctzgis.texts import Text
from tests.reporting.hostile import NASTY


@pytest.fixture(scope="module")
def region():
    return ctzgis.assess("czt", year=2020, also="all")


@pytest.fixture(scope="module")
def nasty_region(region):
    """The same with hostile names of roads, cities and findings, and of facilities."""
    keys = [drawn.key for part in region.further for drawn in part.drawn]
    named = {key: _hostile(region.layers[key]) for key in keys}
    sites = region.layers["settlements"][["geometry"]].head(len(NASTY))
    named["facilities_charger"] = _hostile(sites.assign(name_zh="", name_en=""))
    tables = {
        sheet.key: _hostile(region.tables[sheet.key])
        for part in region.further
        for sheet in part.sheets
    }
    words = [Text(nasty, nasty) for nasty in NASTY]
    return dataclasses.replace(
        region,
        layers={**region.layers, **named},
        tables={**region.tables, **tables},
        further=tuple(
            dataclasses.replace(part, said=word)
            for part, word in zip(region.further, words, strict=False)
        ),
    )


def _hostile(frame):
    texts = [c for c in frame.columns if str(c).endswith(("_zh", "_en"))]
    names = [NASTY[n % len(NASTY)] for n in range(len(frame))]
    column = pd.Series(names, index=frame.index, dtype=object)
    return frame.assign(**dict.fromkeys(texts, column))


@pytest.fixture(scope="module")
def drawn(region):
    return layers_of(region)


def layers_of(assessment, lang="zh", **more):
    return {layer.id: layer for layer in map_layers(assessment, lang=lang, **more)}


def test_each_has_a_layer_among_the_findings(region, drawn):
    ids = [f"further.{d.key}" for part in region.further for d in part.drawn]
    assert len(ids) == len(FURTHER)
    assert {drawn[key].group for key in ids} == {"findings"}


def test_layers_are_off_when_the_map_opens(drawn):
    found = drawn
    assert not any(
        layer.shown for key, layer in found.items() if key.startswith("further.")
    )


def test_legend_lists_only_classes_that_are_drawn(drawn):
    for key, layer in drawn.items():
        if key.startswith("further."):
            assert {*layer.styles} == {feature.style for feature in layer.features} or (
                key == "further.index_borders"
            )


def test_links_too_short_to_see_are_marked_with_dots(region, drawn):
    layer = drawn["further.missing_links"]
    kinds = [feature.geometry.geom_type for feature in layer.features]
    links = len(region.layers["missing_links"])
    assert sorted(kinds) == ["LineString"] * links + ["Point"] * links


def test_worst_are_drawn_over_the_others(region, drawn):
    layer = drawn["further.critical_roads"]
    assert (
        layer.features[-1].title == region.layers["critical_roads"]["name_zh"].iloc[0]
    )


def test_cards_have_no_more_lines_than_others(drawn):
    for key, layer in drawn.items():
        if key.startswith("further."):
            assert all(len(feature.rows) <= 5 for feature in layer.features)


def test_public_map_shows_no_borders(region, drawn):
    assert "further.index_borders" in drawn
    assert "further.index_borders" not in layers_of(region, public=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_report_has_a_section_each_with_sentence_and_method(region, lang):
    page = html.unescape(render_report(region, lang=lang))
    for part in region.further:
        assert f"<h2>{part.title.get(lang)}</h2>" in page
        assert part.said.get(lang) in page
        assert part.method.get(lang) in page
        assert part.accuracy.get(lang) in page


def test_pages_show_ten_rows_and_say_so(region):
    content = report_content(region)
    (table,) = (t for t in content.tables() if t.name.en == "Critical roads")
    printed = table.printed()
    assert len(printed.rows) == 10 < len(table.rows)
    assert f"the first 10 of {len(table.rows)} rows" in printed.caption.en


def test_short_table_says_nothing_of_more_rows():
    rows = tuple(Row((Cell(same(str(n))),)) for n in range(10))
    table = Table(name=same("t"), columns=(Column(same("n")),), rows=rows, first=10)
    assert table.printed().caption is None


def test_workbook_has_all_rows(region, tmp_path):
    write_report(region, tmp_path / "r.xlsx", lang="en")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    names = [
        row[1] for row in book["Critical roads"].values if row[0] not in (None, "")
    ]
    assert set(region.layers["critical_roads"]["name_zh"]) <= {*names}


def test_files_hold_layers_tables_and_provenance(region, tmp_path):
    write_assessment(region, tmp_path, formats=("md",))
    held = {name for name, _ in pyogrio.list_layers(tmp_path / "layers.gpkg")}
    assert {*region.layers, *(k for k, t in region.tables.items() if len(t))} <= held
    told = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))
    assert [part["id"] for part in told["further"]] == list(FURTHER)


def test_hostile_names_stay_text_on_the_map(nasty_region):
    page = draw_map(nasty_region).get_root().render()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text_in_the_report(nasty_region, lang):
    page = render_report(nasty_region, lang=lang)
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_hostile_names_are_no_formulas(nasty_region, tmp_path):
    write_report(nasty_region, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    kinds = {c.data_type for sheet in book for row in sheet.rows for c in row}
    assert "f" not in kinds


def test_facilities_are_drawn_as_given_on_the_ground(nasty_region):
    layer = layers_of(nasty_region, "en")["facilities.charger"]
    assert (layer.group, layer.shown) == ("now", True)
    assert layer.name == "User's facilities: charging sites"
    assert len(layer.features) == len(NASTY)


def test_very_many_facilities_are_one_feature(region):
    import geopandas as gpd

    points = shapely.points([[420_000 + n, 3_110_000] for n in range(5_001)])
    sites = gpd.GeoDataFrame(
        {"name_zh": ["站"] * 5_001, "name_en": ""}, geometry=points, crs=region.plan.crs
    )
    many = dataclasses.replace(
        region, layers={**region.layers, "facilities_shop": sites}
    )
    (feature,) = layers_of(many)["facilities.shop"].features
    assert feature.stands_for == 5_001
