"""Cards that notebooks show: small, escaped, and asking nobody."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from ctzgis.cards import card, table
from ctzgis.examples import gridville
from ctzgis.plan.part_names import PART_NAMES
from ctzgis.provenance import Change, ReadReport
from ctzgis.texts import Text
from tests.reporting.hostile import NASTY

REPORT = ReadReport(
    rows_in=10,
    rows_kept=8,
    crs_in="EPSG:4490",
    changes=(Change(action="dropped", what=Text("零长度线", "of length 0"), count=2),),
)


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found, self.open, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


@pytest.fixture(scope="module")
def cards(assessment, czt, network, nasty):
    shown = (assessment, assessment.scorecard, czt, network, network.roads, REPORT)
    hostile = (nasty, nasty.scorecard, nasty.plan)
    return [value._repr_html_() for value in (*shown, *hostile)]


def test_every_tag_is_closed_and_none_runs_or_fetches(cards):
    allowed = {"div", "table", "tr", "th", "td", "details", "summary", "br"}
    for html in cards:
        tags = Tags(html)
        assert not tags.open
        assert set(tags.found) <= allowed


def test_cards_are_small(cards):
    assert max(map(len, cards)) < 40_000


def test_cards_have_no_colour_of_their_own(cards):
    for html in cards:
        assert "#" not in re.sub(r"&#\w+;|>[^<]*<", "><", html)
        assert "background:none" in html


def test_a_network_tells_its_size():
    # 11 × 11 junctions; 10 roads of 1 km in each of 11 rows and 11 columns.
    text = Tags(gridville()._repr_html_()).text
    assert "junctions 121" in text
    assert "roads 220" in text
    assert "220.0 km" in text


def test_a_read_report_tells_what_was_done_in_both_languages():
    text = Tags(REPORT._repr_html_()).text
    assert "10 行，保留 8 行 · 8 of 10 rows kept" in text
    assert "舍去 2：零长度线" in text
    assert "dropped 2: of length 0" in text


def test_an_assessment_says_that_it_is_schematic(assessment):
    assert "示意数据 schematic data" in Tags(assessment._repr_html_()).text
    surveyed = dataclasses.replace(assessment, sources=())
    assert "schematic data" not in Tags(surveyed._repr_html_()).text


def test_the_scorecard_counts_and_names(assessment):
    text = Tags(assessment.scorecard._repr_html_()).text
    assert f"未达标 unmet {assessment.scorecard.counts['unmet']} " in text
    assert "Half-hour commute circle formed" in text
    assert "✗ 未达标 unmet" in text


def test_of_many_rows_the_first_are_shown_and_the_rest_counted():
    html = table(("n",), [(str(n),) for n in range(100)])
    assert html.count("<td") == 60
    assert "+40" in html


@pytest.mark.parametrize("nasty_name", NASTY)
def test_any_name_is_text(nasty_name):
    html = card(nasty_name, [(nasty_name, nasty_name)], note=nasty_name)
    assert {*Tags(html).found} <= {"div", "table", "tr", "td", "br"}
    assert len(html) < 4_000
    html.encode("utf-8")


def test_card_of_a_plan_names_its_parts_in_both_languages(czt):
    text = Tags(czt._repr_html_()).text
    assert "结构要素 elements of the structure" in text
    assert set(czt.parts()) == set(PART_NAMES)


def test_card_of_an_assessment_names_its_speeds(assessment):
    assert "2020 (自由流 free flow)" in Tags(assessment._repr_html_()).text
