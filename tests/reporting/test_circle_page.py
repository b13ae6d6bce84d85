"""The page of time circles: its maps, figures and words, in every format."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import shapely

from ctzgis.analysis.access.circle_study import CIRCLE_STATES, CIRCLE_WAYS
from ctzgis.circles import time_circles
from ctzgis.errors import InputError, SourceError
from ctzgis.provenance import Source
from ctzgis.reporting.circles.content import circle_content, circle_rows, findings
from ctzgis.reporting.circles.maps import circle_ground, circle_key, circle_map
from ctzgis.reporting.circles.notes import notes
from ctzgis.reporting.circles.page import render_circles, write_circles
from ctzgis.reporting.circles.words import circle_name
from ctzgis.reporting.reports.content import Figure
from ctzgis.texts import Text
from tests.reporting.hostile import NASTY

STATES = (CIRCLE_STATES[0], CIRCLE_STATES[2])


@pytest.fixture(scope="module")
def region():
    return time_circles("czt", states=STATES)


@pytest.fixture(scope="module")
def page(region):
    return render_circles(region, lang="en")


def small(region):
    """Return the region with the first circle alone."""
    study = region.study
    return replace(
        region,
        study=replace(
            study,
            states=study.states[:1],
            ways={"drive": ("drive",)},
            profiles=("free",),
            circles=study.circles[:1],
        ),
    )


class _Tags(HTMLParser):
    """Counts tags, and fails where one is closed that is not open."""

    void = frozenset(("meta", "path", "use", "circle", "br"))

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.said = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def parsed(page):
    tags = _Tags()
    tags.feed(page)
    assert not tags.open
    return tags


def test_the_times_are_those_of_the_methods(region):
    # docs/methods.md: by car in 2020 46.5, 43.5 and 35.6 min free, 74, 66 and 58 peak.
    for profile, wanted in (("free", (46.5, 43.5, 35.6)), ("peak", (73.8, 65.8, 58.3))):
        times = region.study.circle("2020", "drive", profile).times
        assert times["travel_time_min"].tolist() == pytest.approx(wanted, abs=0.06)


def test_there_is_a_map_for_each_state_way_and_profile(page, region):
    maps = [
        a for tag, a in parsed(page).seen if tag == "svg" and a.get("class") == "map"
    ]
    assert len(maps) == 2 * 3 * 2
    titles = [a["aria-label"] for a in maps]
    assert len(set(titles)) == len(titles)
    assert "With every planned line · Combined, the quickest · peak" in titles


def test_every_part_of_a_map_is_there_once_and_all_are_used(page):
    tags = parsed(page)
    known = [a["id"] for tag, a in tags.seen if tag == "path" and "id" in a]
    used = [a["href"].removeprefix("#") for tag, a in tags.seen if tag == "use"]
    assert len(known) == len(set(known))
    assert set(known) == set(used)
    # The ground is shared.
    assert len(used) > 2 * len(known)


def test_the_page_needs_nothing_else(page):
    for tag, attributes in parsed(page).seen:
        assert tag not in ("script", "link", "img", "iframe", "object")
        assert not any(key.startswith("on") for key in attributes)
        assert not {"src", "action", "style"} & set(attributes) or tag == "svg"
    assert not re.search(r"url\(|@import", page)
    assert set(re.findall(r"https?://[^\"<\s]+", page)) <= {
        "http://www.w3.org/2000/svg"
    }


def test_it_prints_on_sheets_of_their_own(page):
    assert "size: A3 landscape" in page
    # One for each profile, and one of figures and words.
    assert page.count('<section class="sheet">') == 3


def test_every_map_and_sheet_is_stamped(page):
    said = parsed(page).said
    assert sum("not for publication" in text for text in said) >= 12 + 3


def test_values_stand_with_their_bands(page, region):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Changsha–Zhuzhou ○ 46.5 [40–55] ○ 73.8 [64–87]" in text
    row = circle_rows(region, region.study.circle("2020", "drive", "free"))[0]
    assert (row.value.en, row.band.en, row.mark) == ("46.5", "40–55", "○")


def test_what_only_the_band_reaches_is_half_a_dot(region):
    rows = circle_rows(region, region.study.circle("planned", "drive", "free"))
    pair = next(r for r in rows if r.label.en == "Zhuzhou–Xiangtan")
    # 32.7 min, and 28 on the quickest network.
    assert pair.mark == "◐"
    edges = next(r for r in rows if r.label.en == "edges Zhuzhou–Xiangtan")
    assert edges.mark == "●"


def test_planned_lines_are_said_to_be_schematic_and_what_is_missing_is_named(region):
    told = {title.en: " ".join(t.en for t in texts) for title, texts in notes(region)}
    assert "headways are assumed" in told["What is schematic"]
    missing = told["Corridors that are not drawn"]
    assert f"name {len(region.plan.corridors)} corridors" in missing
    assert f"{len(region.undrawn())} of them are not in the network" in missing
    tags = ";".join(region.network.roads.roads["corridor_ids"].dropna()).split(";")
    drawn = {*tags, *(key for x in region.network.lines for key in x.corridors)}
    assert {c.id for c in region.undrawn()} == {
        c.id for c in region.plan.corridors if c.id not in drawn
    }


def test_states_say_what_they_add(region):
    roads, lines = region.added(STATES[1])
    before, after = (region.networks[state.id] for state in STATES)
    assert {x.id for x in lines} == {x.id for x in after.lines} - {
        x.id for x in before.lines
    }
    known = set(before.roads.roads.index)
    assert roads == len([r for r in after.roads.roads.index if r not in known])


def test_findings_count_pairs_and_people(region):
    first, last = findings(region)
    assert "自由流0/3对中心在30分钟内，" in first.zh
    assert "0 of 3 pairs within 30 min (1 more by band only)" in last.en


def test_planned_lines_are_dashed_where_they_are_planned(region):
    ground = circle_ground(region)
    dashes = {
        key: any(layer.style.dash_px for layer in layers)
        for key, layers in ground.ways.items()
    }
    assert dashes == {
        (state.id, way): state.id == "planned"
        for state in STATES
        for way in CIRCLE_WAYS
    }


def test_rail_maps_have_no_roads_and_maps_by_car_no_rails(region):
    ground = circle_ground(region)
    labels = {
        way: {layer.style.label.en.split(",")[0] for layer in ground.ways["2020", way]}
        for way in CIRCLE_WAYS
    }
    assert "motorway" in labels["drive"] - labels["rail"]
    assert "metro" in labels["rail"] - labels["drive"]
    assert labels["combined"] == labels["drive"] | labels["rail"]


def test_all_maps_show_the_same_and_everything(region):
    ground = circle_ground(region)
    frame = shapely.box(*ground.bounds_m)
    for circle in region.study.circles:
        assert frame.covers(circle.outer)
        assert circle_map(region, circle, ground=ground).bounds_m == ground.bounds_m


def test_a_legend_is_given_room_beside_the_circle(region):
    west, south, east, north = circle_ground(region).bounds_m
    roomy = circle_ground(region, legend_share=0.5)
    assert roomy.bounds_m == (west - (east - west) / 2, south, east, north)


def test_shades_are_darker_the_more_centres_are_reached():
    def lightness(colour):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    *areas, inner = circle_key(3)
    shades = [lightness(style.fill) for style in areas]
    steps = [a - b for a, b in pairwise(shades)]
    # Told apart in print without colours.
    assert min(steps) > 25
    assert inner.fill is None


def test_circles_are_called_by_their_minutes():
    assert circle_name(60.0).zh == "一小时圈"
    assert circle_name(45).en == "45-minute circle"


def test_both_languages_say_the_same_figures(region, page):
    chinese = render_circles(region, lang="zh")
    assert '<html lang="zh-CN">' in chinese
    assert "半小时圈" in chinese
    values = re.compile(r"<b>[\d.,]+%?</b>")
    assert values.findall(chinese) == values.findall(page)


def test_the_same_data_give_the_same_page(region, page):
    assert render_circles(region, lang="en") == page


def hostile(region):
    """Return the region with nasty names of plan, centres, states, sources, corridors."""
    names = [Text(nasty, nasty) for nasty in NASTY]
    places = tuple(
        replace(place, name=names[n % len(names)])
        for n, place in enumerate(region.plan.places)
    )
    corridors = tuple(
        replace(corridor, name=names[n % len(names)])
        for n, corridor in enumerate(region.plan.corridors)
    )
    plan = replace(region.plan, name=names[0], places=places, corridors=corridors)
    lines = tuple(
        replace(line, name_zh=NASTY[n % len(NASTY)])
        for n, line in enumerate(region.network.lines)
    )
    network = replace(region.network, lines=lines)
    states = tuple(
        replace(state, name_zh=NASTY[n], name_en=NASTY[n])
        for n, state in enumerate(STATES)
    )
    sources = tuple(
        Source(name=x, what=x, source=x, licence=x, schematic=True) for x in NASTY
    )
    return replace(
        region,
        plan=plan,
        network=network,
        networks={state.id: state.applied(network) for state in states},
        study=replace(region.study, states=states),
        sources=sources,
        people_of=names[1],
    )


@pytest.fixture(scope="module")
def nasty(region):
    return hostile(region)


def test_hostile_names_are_text_and_nothing_else(nasty):
    page = render_circles(nasty, lang="en")
    tags = parsed(page)
    assert not {"script", "img", "b onerror"} & {tag for tag, _ in tags.seen}
    assert all(not k.startswith("on") for _, a in tags.seen for k in a)
    assert "<script>alert(1)</script>" in "".join(tags.said)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x0b\ud800]", page)
    assert len(page) < 2_000_000


@pytest.mark.parametrize("ending", ["html", "docx", "xlsx", "md"])
def test_every_format_takes_hostile_names(nasty, tmp_path, ending):
    pytest.importorskip({"docx": "docx", "xlsx": "openpyxl"}.get(ending, "html"))
    path = tmp_path / f"circles.{ending}"
    write_circles(small(nasty), path, lang="en")
    assert path.stat().st_size > 1_000


def test_the_document_has_a_picture_for_each_state_and_way(region, tmp_path):
    docx = pytest.importorskip("docx")
    path = tmp_path / "circles.docx"
    write_circles(small(region), path, lang="en")
    document = docx.Document(io.BytesIO(path.read_bytes()))
    assert len(document.inline_shapes) == 1
    # Figures of the state, and sources.
    assert len(document.tables) == 2
    views = [
        block.view
        for section in circle_content(region).sections
        for block in section.blocks
        if isinstance(block, Figure)
    ]
    assert len(views) == len(set(views)) == 2 * 3


def test_the_workbook_has_all_figures(region, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "circles.xlsx"
    write_circles(region, path)
    book = openpyxl.load_workbook(path)
    longest = max(sheet.max_row for sheet in book)
    assert longest >= len(region.study.figures())


def test_the_report_has_the_same_title_everywhere(region, tmp_path):
    path = tmp_path / "circles.md"
    write_circles(region, path)
    title = circle_content(region).title.zh
    assert path.read_text(encoding="utf-8").startswith(f"# {title}")


def test_other_endings_are_refused(region, tmp_path):
    with pytest.raises(InputError, match="written as"):
        write_circles(region, tmp_path / "circles.pdf")
    with pytest.raises(SourceError, match="cannot write"):
        write_circles(region, tmp_path / "nowhere" / "circles.html")


def test_a_plan_with_one_centre_has_no_circle_study():
    with pytest.raises(InputError, match="two or more are expected"):
        time_circles("gridville")
