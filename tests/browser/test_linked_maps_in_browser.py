"""Comparisons and contributions in a real browser, without a network."""

import re

import pytest
import shapely

from ctzgis.analysis.change.comparison import compare
from ctzgis.analysis.change.contributions import contributions, mean_minutes
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import AddRoad, CloseRoad, Project
from ctzgis.reporting.changes.comparison_page import write_comparison
from ctzgis.reporting.changes.contribution_page import write_contributions
from ctzgis.reporting.changes.page import Backdrop

pytestmark = pytest.mark.browser

NASTY = "<img src=x onerror=document.title='hit'></script>{{ 7*7 }}"
TOWN = gridville()
PLACES = gridville_places()


def diagonal():
    ends = [TOWN.roads.junctions.geometry[key] for key in ("j0_0", "j10_10")]
    values = {
        "from_id": "j0_0", "to_id": "j10_10", "road_class": "motorway", "oneway": False,
        "free_kph": 120.0, "peak_kph": 120.0, "signals": 0, "status": "planned",
        "name_zh": NASTY, "geometry": shapely.LineString(ends),
    }  # fmt: skip
    return AddRoad(road_id="diagonal", values=values)


@pytest.fixture(scope="module")
def backdrop():
    places = PLACES.assign(name_zh=[NASTY, *PLACES.index[1:]])
    return Backdrop(names=(NASTY, "2025"), network=TOWN, points=places)


@pytest.fixture(scope="module")
def linked(tmp_path_factory, backdrop):
    folder = tmp_path_factory.mktemp("linked")
    after = TOWN.with_edits(diagonal(), CloseRoad(road_id="r0"))
    people = PLACES.assign(zone=[NASTY, *PLACES.index[1:]])
    found = compare(TOWN, after, PLACES, cutoff_min=5, population=people, zone="zone")
    write_comparison(found, folder / "compared.html", backdrop=backdrop)
    projects = [
        Project(id="a", name_zh=NASTY, opens=None, edits=(diagonal(),)),
        Project(id="b", name_zh="b", opens=None, edits=(CloseRoad(road_id="r0"),)),
    ]
    shares = contributions(TOWN, projects, mean_minutes(PLACES))
    write_contributions(shares, folder / "projects.html", backdrop=backdrop)
    return folder


@pytest.fixture
def shown(browser, linked):
    def done(name):
        for log in ("browser", "performance"):
            browser.get_log(log)
        browser.get((linked / name).as_uri())
        settle(browser)
        return browser

    return done


def settle(window):
    window.set_script_timeout(20)
    window.execute_async_script("setTimeout(arguments[0], 300)")


def view(window, pane):
    return window.execute_script(
        "const m = ctzgisMaps[arguments[0]], c = m.getCenter();"
        "return [c.lat.toFixed(4), c.lng.toFixed(4), m.getZoom()]",
        pane,
    )


@pytest.mark.parametrize("name", ["compared.html", "projects.html"])
def test_nothing_is_asked_for_or_complained_of(shown, name):
    window = shown(name)
    asked = re.findall(
        r'"requestWillBeSent".*?"url":"([^"]*)"',
        " ".join(entry["message"] for entry in window.get_log("performance")),
    )
    others = [u for u in asked if not u.startswith(("data:", "blob:"))]
    assert [u for u in others if name not in u] == []
    assert window.get_log("browser") == []


@pytest.mark.parametrize("pane", [0, 1])
def test_one_map_follows_the_other(shown, pane):
    window = shown("compared.html")
    before = view(window, 1 - pane)
    window.execute_script("ctzgisMaps[arguments[0]].panBy([80, -40])", pane)
    settle(window)
    window.execute_script("ctzgisMaps[arguments[0]].zoomIn(1)", pane)
    settle(window)
    assert view(window, 1 - pane) == view(window, pane)
    assert view(window, 1 - pane) != before


def test_the_pointer_shows_in_the_other_map(shown):
    from selenium.webdriver.common.action_chains import ActionChains

    window = shown("compared.html")
    count = (
        "return document.querySelectorAll('#pane1 .leaflet-pointers-pane path').length"
    )
    assert window.execute_script(count) == 0
    pane = window.find_element("id", "pane0")
    ActionChains(window).move_to_element_with_offset(pane, 40, 60).perform()
    settle(window)
    assert window.execute_script(count) == 1


def test_a_layer_is_switched_in_both_maps(shown):
    window = shown("compared.html")
    count = (
        "return ctzgisMaps.map(m => { let n = 0; m.eachLayer(l => { if (l.feature"
        " && l.feature.properties.t === '方格路') { n += 1; } }); return n; })"
    )
    # The street that is closed is drawn before, and no longer after.
    assert window.execute_script(count) == [1, 0]
    box = window.find_element("css selector", "input[data-layer='changed_roads']")
    box.click()
    settle(window)
    assert window.execute_script(count) == [0, 0]
    legend = [e.text for e in window.find_elements("css selector", ".entry")]
    assert "5分钟圈" in legend
    assert "关闭道路" not in legend


@pytest.mark.parametrize("name", ["compared.html", "projects.html"])
def test_names_from_data_run_nothing(shown, name):
    window = shown(name)
    assert window.title.startswith(("前后对比图", "项目贡献图"))
    assert NASTY in window.find_element("tag name", "body").text
    assert window.find_elements("css selector", "img[src=x]") == []
    window.execute_script(
        "ctzgisMaps[0].eachLayer(l => {"
        " if (l.feature && l.feature.properties.t === arguments[0]) { l.openPopup(); } })",
        NASTY,
    )
    settle(window)
    (title,) = window.find_elements("css selector", ".card b")
    assert title.text == NASTY
    assert "49" not in title.text


def test_maps_stand_side_by_side_and_fill_the_window(shown):
    window = shown("compared.html")
    boxes = window.execute_script(
        "return ['#pane0', '#pane1', 'aside'].map(s => {"
        "const r = document.querySelector(s).getBoundingClientRect();"
        "return [r.left, r.top, r.right, r.bottom]})"
    )
    (_, top, right, bottom), (left, *_), (beside, *_) = boxes
    assert right <= left
    assert beside >= boxes[1][2]
    assert bottom - top > 600
    wide = window.execute_script(
        "return document.documentElement.scrollWidth - innerWidth"
    )
    assert wide <= 0
