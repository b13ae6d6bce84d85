"""The saved map in a real browser, without a network."""

import json
import warnings

import numpy as np
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from ctzgis.reporting.maps.drawing import write_map
from tests.reporting.towns import curved_grid

pytestmark = pytest.mark.browser

_SIZE = (1400, 900)
_NASTY = "<img src=x onerror=document.title='hit'></script>"


@pytest.fixture
def page(pages):
    return pages["zh"]


@pytest.fixture
def shown(browser, page):
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())
    _settle(browser)
    return browser


def _settle(browser):
    """Wait until the map has drawn what it was asked to draw."""
    browser.set_script_timeout(20)
    browser.execute_async_script(
        "const done = arguments[0];"
        "setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200);"
    )


def _map_name(browser):
    return browser.execute_script("return document.querySelector('.folium-map').id")


def _click(browser, lat, lon):
    from selenium.webdriver.common.action_chains import ActionChains

    x, y = browser.execute_script(
        f"const p = {_map_name(browser)}.latLngToContainerPoint([...arguments]);"
        "return [Math.round(p.x), Math.round(p.y)]",
        lat,
        lon,
    )
    chain = ActionChains(browser)
    chain.w3c_actions.pointer_action.move_to_location(x, y)
    chain.w3c_actions.pointer_action.click()
    chain.perform()
    _settle(browser)


def _tick(browser, layer):
    browser.execute_script(
        "document.querySelector(`input[data-layer='${arguments[0]}']`).click()", layer
    )
    _settle(browser)


def _legend(browser):
    entries = browser.find_elements("css selector", ".ctzgis-entry")
    return [entry.text for entry in entries]


def _labels(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('.ctzgis-label > span')]"
        ".filter(n => n.style.visibility === 'visible')"
        ".map(n => [n.textContent, ...['left','top','right','bottom']"
        ".map(k => n.getBoundingClientRect()[k])])"
    )


def _pixels(browser):
    """Return the window as an array: rows, columns, red-green-blue."""
    png = browser.get_screenshot_as_png()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(png) as file, file.open() as image:
            return np.moveaxis(image.read()[:3], 0, -1)


def test_nothing_is_complained_of(shown):
    assert shown.get_log("browser") == []


def test_nothing_but_the_file_is_asked_for(shown, page):
    events = [
        json.loads(entry["message"])["message"]
        for entry in shown.get_log("performance")
    ]
    asked = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert {u for u in asked if not u.startswith(("data:", "blob:"))} == {page.as_uri()}


def test_the_map_is_drawn(shown):
    map_area = _pixels(shown)[80:-240, 60:-260].reshape(-1, 3)
    colours, counts = np.unique(map_area, axis=0, return_counts=True)
    assert len(colours) > 200
    assert counts.max() < 0.9 * len(map_area)


def test_the_frame_stays_in_the_window(shown):
    boxes = shown.execute_script(
        "return ['.ctzgis-head','.ctzgis-foot','.ctzgis-north','.ctzgis-panel',"
        "'.ctzgis-legend','.leaflet-control-scale'].map(s => {"
        "const r = document.querySelector(s).getBoundingClientRect();"
        "return [r.left, r.top, r.right, r.bottom]})"
    )
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= _SIZE[0]
        assert 0 <= top < bottom <= _SIZE[1]


def test_parts_of_the_frame_do_not_cover_one_another(shown):
    boxes = shown.execute_script(
        "return ['.ctzgis-head','.ctzgis-foot','.ctzgis-north','.ctzgis-panel',"
        "'.ctzgis-legend','.leaflet-control-scale','.leaflet-control-zoom'].map(s => {"
        "const r = document.querySelector(s).getBoundingClientRect();"
        "return [r.left, r.top, r.right, r.bottom]})"
    )
    assert _overlapping(boxes) == []


def test_labels_do_not_cover_one_another(shown):
    labels = _labels(shown)
    assert {"长沙", "株洲", "湘潭", "长株潭生态绿心"} <= {label[0] for label in labels}
    assert _overlapping([label[1:] for label in labels]) == []


def _overlapping(boxes):
    return [
        (a, b)
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def test_chinese_characters_have_glyphs(shown):
    # A missing glyph is drawn as the same box for every character.
    widths = shown.execute_script(
        "const c = document.createElement('canvas').getContext('2d');"
        "c.font = getComputedStyle(document.querySelector('.ctzgis-head h1')).font;"
        "const drawn = t => { c.clearRect(0, 0, 300, 150); c.fillText(t, 20, 80);"
        "return c.canvas.toDataURL(); };"
        "return [...'长株潭湘江绿心'].map(drawn)"
    )
    assert len(set(widths)) == len("长株潭湘江绿心")


def test_layers_are_listed_by_group_and_can_be_switched(shown):
    groups = shown.find_elements("css selector", ".ctzgis-panel details > summary")
    assert [g.text for g in groups] == [
        "现状",
        "规划",
        "结构",
        "约束",
        "等时圈",
        "评估",
    ]
    counts = [_crimson(shown)]
    for _ in range(2):
        _tick(shown, "gaps")
        counts.append(_crimson(shown))
    off, on, off_again = counts
    assert off == off_again == 0
    assert on > 500


def _crimson(browser):
    """Count the pixels of corridor gaps, the only things of their colour here."""
    inside = _pixels(browser)[80:-60, :-260].astype(int)
    wanted = np.array([165, 0, 68])
    return int((np.abs(inside - wanted).max(axis=2) < 40).sum())


def test_the_legend_follows_the_layers(shown):
    assert "发展带" in _legend(shown)
    assert "通道缺口：未建" not in _legend(shown)
    _tick(shown, "gaps")
    _tick(shown, "structure.belt")
    assert "通道缺口：未建" in _legend(shown)
    assert "发展带" not in _legend(shown)


def test_layers_keep_their_order_however_they_are_switched(shown):
    centre = _centre_pixel(shown)
    for layer in ("centres", "counties", "counties", "centres", "isochrones.changsha"):
        _tick(shown, layer)
    assert _centre_pixel(shown) == centre


def _centre_pixel(browser):
    """Return the colour in the middle of Changsha's dot, which lies over all areas."""
    x, y = browser.execute_script(
        f"const p = {_map_name(browser)}.latLngToContainerPoint([28.19949, 112.97613]);"
        "return [Math.round(p.x), Math.round(p.y)]"
    )
    return _pixels(browser)[y, x].tolist()


def test_a_click_on_a_thing_tells_what_it_is(shown, assessment):
    point = assessment.layers["centres"].to_crs(4326).geometry["xiangtan"]
    _click(shown, point.y, point.x)
    (card,) = shown.find_elements("css selector", ".ctzgis-card")
    assert card.text.splitlines() == ["湘潭", "位置精度 ± 700 米"]


def test_sources_unfold(shown):
    shown.execute_script("document.querySelector('.ctzgis-foot details').open = true")
    _settle(shown)
    listed = shown.find_elements("css selector", ".ctzgis-foot li")
    assert any("roads.geojson" in entry.text for entry in listed)


def test_views_move_the_map(shown):
    view = f"return {_map_name(shown)}.getZoom()"
    before = shown.execute_script(view)
    shown.find_elements("css selector", ".ctzgis-view")[1].click()
    _settle(shown)
    shown.execute_async_script("setTimeout(arguments[0], 600)")
    assert shown.execute_script(view) < before


def test_names_from_data_run_nothing(browser, assessment, tmp_path):
    import dataclasses

    centres = assessment.layers["centres"].copy()
    centres["name_zh"] = _NASTY
    spoilt = dataclasses.replace(
        assessment, layers={**assessment.layers, "centres": centres}
    )
    write_map(spoilt, tmp_path / "map.html")
    browser.get_log("browser")
    browser.get((tmp_path / "map.html").as_uri())
    _settle(browser)
    point = centres.to_crs(4326).geometry["xiangtan"]
    _click(browser, point.y, point.x)
    (title,) = browser.find_elements("css selector", ".ctzgis-card b")
    assert title.text == _NASTY
    assert browser.title.startswith("长株潭")
    assert browser.get_log("browser") == []


def test_a_small_window_opens_with_boxes_folded(browser, page):
    size = {"width": 700, "height": 420, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(page.as_uri())
        _settle(browser)
        opened = browser.execute_script(
            "return [...document.querySelectorAll('details.ctzgis-box')].map(b => b.open)"
        )
    finally:
        full = {**size, "width": _SIZE[0], "height": _SIZE[1]}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", full)
    assert opened == [False, False]


# --- very many streets ---------------------------------------------------------------


@pytest.fixture(scope="module")
def street_page(tmp_path_factory, assessment):
    """A map with 20,000 curved streets round Changsha."""
    import dataclasses

    layers = {**assessment.layers, "streets": curved_grid(100)}
    path = tmp_path_factory.mktemp("browser") / "streets.html"
    write_map(dataclasses.replace(assessment, layers=layers), path)
    return path


@pytest.fixture
def streets(browser, street_page):
    browser.get_log("browser")
    browser.get(street_page.as_uri())
    _settle(browser)
    # The south-western block, far from everything else that is drawn.
    browser.execute_script(
        f"{_map_name(browser)}.setView([28.011, 112.984], 16, {{animate: false}})"
    )
    _settle(browser)
    return browser


def _differ(one, other):
    """Return where two pictures differ by more than smoothed edges do."""
    return np.abs(one.astype(int) - other).max(axis=2) > 20


def _street_layers(browser):
    return (
        "const found = [];"
        f"{_map_name(browser)}.eachLayer(l => {{ if (l._world) found.push(l); }});"
    )


def test_streets_are_painted_when_they_are_switched_on(streets):
    pictures = [_pixels(streets)]
    for _ in range(2):
        _tick(streets, "streets")
        pictures.append(_pixels(streets))
    before, on, off = (picture[80:-60, 420:-260] for picture in pictures)
    painted = _differ(on, before)
    assert painted.sum() > 2_000
    assert not (painted & _differ(off, before)).any()
    assert streets.get_log("browser") == []


def test_the_page_unpacks_what_was_packed(streets, assessment):
    _tick(streets, "streets")
    west, north, points = streets.execute_script(
        _street_layers(streets) + "const all = found.map(l => l._world);"
        "return [Math.min(...all.map(w => w.x.reduce((a, b) => Math.min(a, b)))),"
        "Math.min(...all.map(w => w.y.reduce((a, b) => Math.min(a, b)))),"
        "all.map(w => w.x.length).reduce((a, b) => a + b)]"
    )
    given = curved_grid(100).to_crs(3857)
    half = np.pi * 6378137
    bounds = given.total_bounds
    assert west * 2 * half - half == pytest.approx(bounds[0], abs=0.1)
    assert half - north * 2 * half == pytest.approx(bounds[3], abs=0.1)
    assert 230_000 < points <= 240_000


def test_streets_are_painted_where_they_lie(streets):
    lon, lat = curved_grid(100).to_crs(4326).geometry.iloc[505].coords[5]
    x, y = streets.execute_script(
        f"const p = {_map_name(streets)}.setView([{lat}, {lon}], 16, {{animate: false}})"
        f".latLngToContainerPoint([{lat}, {lon}]); return [p.x, p.y]"
    )
    _settle(streets)
    bare = _pixels(streets)
    _tick(streets, "streets")
    changed = _differ(_pixels(streets), bare)
    x, y = round(x), round(y)
    assert changed[y - 2 : y + 3, x - 2 : x + 3].any()
    # Blocks are 200 m, some 95 pixels: a quarter of that away is nothing.
    assert not changed[y + 20 : y + 25, x - 2 : x + 3].any()


def test_a_click_on_a_street_tells_of_its_class(streets):
    _tick(streets, "streets")
    lon, lat = curved_grid(100).to_crs(4326).geometry.iloc[505].coords[5]
    streets.execute_script(
        f"{_map_name(streets)}.setView([{lat}, {lon}], 16, {{animate: false}})"
    )
    _settle(streets)
    _click(streets, lat, lon)
    (card,) = streets.find_elements("css selector", ".ctzgis-card")
    assert card.text.splitlines()[0].startswith("用户道路图层")
    assert "条数" in card.text


def test_streets_open_and_zoom_without_a_wait(streets):
    _tick(streets, "streets")
    took_ms = streets.execute_async_script(
        "const done = arguments[0], start = performance.now();"
        f"{_map_name(streets)}.setZoom(11, {{animate: false}});"
        "requestAnimationFrame(() => requestAnimationFrame("
        "() => done(performance.now() - start)));"
    )
    assert took_ms < 5_000
