"""Legend, tools, base maps and print of a saved map, in a real browser."""

import base64
import math
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from selenium.webdriver.common.keys import Keys

from ctzgis.reporting.maps.drawing import draw_layers, save_map, write_map

pytestmark = pytest.mark.browser

RADIUS_KM = 6371.0
NASTY = "<img src=x onerror=document.title='hit'>"


@pytest.fixture
def shown(window, pages):
    return window.open(pages["zh"])


def counties(assessment):
    """Counties with a made-up measure that two lack and one cannot reach."""
    frame = assessment.layers["counties"].copy()
    frame["density_km_per_km2"] = np.linspace(0.5, 9.5, len(frame))
    frame.iloc[3:5, -1] = np.nan
    return frame


def saved(drawn, tmp_path, **options):
    save_map(drawn, tmp_path / "map.html", **options)
    return tmp_path / "map.html"


def button(window, text):
    (found,) = (node for node in window.all(".ctzgis-view") if node.text == text)
    found.click()
    window.settle()


def haversine_km(one, other):
    (lat1, lon1), (lat2, lon2) = ([math.radians(v) for v in p] for p in (one, other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * RADIUS_KM * math.asin(math.sqrt(half))


# --- legend and groups ---------------------------------------------------------------


def test_a_group_is_switched_as_a_whole(shown):
    group = "input[data-group='评估']"
    ticks = "return [...document.querySelectorAll(\"input[data-layer^='times.'], input[data-layer='gaps']\")].map(n => n.checked)"
    shown.press(group)
    assert shown.ask(ticks) == [True, True, True]
    shown.press(group)
    assert shown.ask(ticks) == [False, False, False]


def test_a_group_that_is_partly_on_says_so(shown):
    state = "return document.querySelector(\"input[data-group='评估']\").indeterminate"
    assert not shown.ask(state)
    shown.tick("gaps")
    assert shown.ask(state)


def test_headed_parts_of_the_legend_come_and_go_in_their_order(shown):
    assert shown.texts(".ctzgis-legend h3") == []
    shown.press("input[data-group='评估']")
    assert shown.texts(".ctzgis-legend h3") == ["至最近中心的车程"]
    listed = shown.texts(".ctzgis-legend section .ctzgis-entry")
    assert listed == [
        "15分钟以内",
        "30分钟以内",
        "45分钟以内",
        "60分钟以内",
        "60分钟以上",
    ]
    shown.keep("assessment_zh_findings")
    shown.press("input[data-group='评估']")
    assert shown.texts(".ctzgis-legend h3") == []


def test_with_all_layers_off_the_legend_is_empty(shown):
    for group in ("现状", "结构", "等时圈"):
        shown.ask(
            "const n = document.querySelector(`input[data-group='${arguments[0]}']`);"
            "n.checked = false; n.dispatchEvent(new Event('change'))",
            group,
        )
    assert shown.texts(".ctzgis-entry") == []


# --- measuring ---------------------------------------------------------------------


def test_a_distance_is_that_on_the_sphere(shown):
    shown.press("[data-tool=distance]")
    shown.click(28.0, 112.8)
    shown.click(28.0, 113.2)
    said = shown.one(".ctzgis-result").text
    length_km = float(re.search(r"长度 ([\d.]+) 公里", said)[1])
    # Two points of the same latitude, placed to a pixel, of some 80 m.
    assert length_km == pytest.approx(haversine_km((28, 112.8), (28, 113.2)), abs=0.3)
    shown.keep("assessment_zh_distance")


def test_measuring_opens_no_card_and_ends_with_a_double_click(shown, assessment):
    point = assessment.layers["centres"].to_crs(4326).geometry["xiangtan"]
    shown.press("[data-tool=distance]")
    shown.click(28.3, 113.2)
    shown.click(point.y, point.x, double=True)
    assert shown.all(".ctzgis-card") == []
    assert shown.all(".ctzgis-measuring") == []
    assert "公里" in shown.one(".ctzgis-result").text
    shown.click(point.y, point.x)
    assert len(shown.all(".ctzgis-card")) == 1


def test_an_eighth_of_the_sphere_has_an_eighth_of_its_area(shown):
    area = shown.ask(
        "return ctzgisTools.area([L.latLng(0, 0), L.latLng(0, 90), L.latLng(90, 0)])"
    )
    assert area / 1e6 == pytest.approx(4 * math.pi * RADIUS_KM**2 / 8, rel=1e-9)


def test_a_small_square_has_the_area_of_its_sides(shown):
    # On 0.1° at 28° N, curved sides change the area of R² Δλ (sin φ₂ − sin φ₁) by 1e-6.
    corners = [[28, 113], [28, 113.1], [28.1, 113.1], [28.1, 113]]
    area = shown.ask(
        "return ctzgisTools.area(arguments[0].map(p => L.latLng(p)))", corners
    )
    band = math.sin(math.radians(28.1)) - math.sin(math.radians(28))
    assert area / 1e6 == pytest.approx(
        RADIUS_KM**2 * math.radians(0.1) * band, rel=1e-5
    )


def test_an_area_is_measured_and_cleared_with_keys_alone(shown):
    shown.ask("document.querySelector('[data-tool=area]').focus()")
    shown.keys(Keys.ENTER)
    shown.keys(Keys.ENTER)
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN):
        shown.keys(key)
        shown.ask("map.stop()")
        shown.keys(Keys.ENTER)
    assert "面积" in shown.one(".ctzgis-result").text
    shown.keys(Keys.ESCAPE)
    assert not shown.one(".ctzgis-tool").is_displayed()
    assert shown.all(".ctzgis-measuring") == []


# --- finding ------------------------------------------------------------------------


def test_a_thing_of_a_hidden_layer_is_found_shown_and_told_by_keys_alone(shown):
    shown.ask(
        "[...document.querySelectorAll('.ctzgis-view')].find(n => n.textContent === '查找').focus()"
    )
    shown.keys(Keys.SPACE)
    shown.keys("柏加")
    options = shown.texts(".ctzgis-hits li b")
    assert options and all("柏加" in text for text in options)
    shown.keep("assessment_zh_search")
    shown.keys(Keys.ENTER)
    assert shown.one(".ctzgis-card b").text == options[0]
    listed = shown.one(".ctzgis-hits li[aria-selected=true] span").text
    assert listed in {"规划地点", "地点至最近中心的车程"}


def test_arrows_move_through_what_was_found(shown):
    button(shown, "查找")
    shown.keys("长沙", Keys.ARROW_DOWN)
    chosen = shown.ask(
        "return [...document.querySelectorAll('.ctzgis-hits li')]"
        ".findIndex(n => n.getAttribute('aria-selected') === 'true')"
    )
    assert chosen == 1
    active = shown.one(".ctzgis-search").get_attribute("aria-activedescendant")
    assert shown.one(f"#{active}").get_attribute("aria-selected") == "true"


def test_what_is_not_there_is_not_found(shown):
    button(shown, "查找")
    shown.keys("冥王星")
    assert shown.one(".ctzgis-result").text == "没有找到"


def test_hostile_names_are_found_as_texts(window, tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": [NASTY]}, geometry=[shapely.Point(113, 28)], crs="EPSG:4326"
    )
    window.open(saved(draw_layers({NASTY: frame}, title="图"), tmp_path))
    button(window, "查找")
    window.keys("onerror", Keys.ENTER)
    assert window.one(".ctzgis-hits li b").text == NASTY
    assert window.one(".ctzgis-card b").text == NASTY
    assert window.driver.title == "图"
    assert window.complaints() == []


# --- full screen and print -------------------------------------------------------------


def test_full_screen_holds_the_frame(shown):
    button(shown, "全屏")
    inside = shown.ask(
        "return !!document.fullscreenElement && document.fullscreenElement.querySelector('.ctzgis-head') !== null"
    )
    assert inside
    button(shown, "全屏")
    assert shown.ask("return document.fullscreenElement") is None


def test_print_is_one_sheet_of_a3_across_and_leaves_the_window_as_it_was(shown):
    state = "return [map.getZoom(), map.getSize().x, map.getCenter().lat]"
    before = shown.ask(state)
    sheet = shown.driver.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True}
    )
    data = base64.b64decode(sheet["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    (box,) = set(re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", data))
    # 420 mm × 297 mm in points of 1/72 inch.
    assert [float(v) for v in box.split()] == pytest.approx(
        [0, 0, 1190.6, 841.9], abs=1
    )
    # To a pixel, of 0.001°.
    assert shown.ask(state) == pytest.approx(before, abs=1e-3)


@pytest.mark.parametrize("width", [1400, 390])
def test_on_paper_the_frame_is_whole_and_tells_the_scale(window, pages, width):
    window.open(pages["zh"], width=width, height=800)
    window.ask("window.dispatchEvent(new Event('beforeprint'))")
    window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    window.resize(1528, 1063)
    window.settle()
    try:
        sheet, head, foot, legend, north = window.boxes(
            ".folium-map",
            ".ctzgis-head",
            ".ctzgis-foot",
            ".ctzgis-legend",
            ".ctzgis-north",
        )
        ratio = window.one(".ctzgis-ratio").text
        hidden = [n.is_displayed() for n in window.all(".ctzgis-panel, .leaflet-bar")]
        metres = window.ask(
            "const y = 500; return map.distance(map.containerPointToLatLng([700, y]),"
            " map.containerPointToLatLng([800, y])) / 100"
        )
        window.keep(f"print_zh_from_{width}")
    finally:
        window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        window.ask("window.dispatchEvent(new Event('afterprint'))")
    assert (sheet[2] - sheet[0], sheet[3] - sheet[1]) == (1520, 1055)
    for left, top, right, bottom in (head, foot, legend, north):
        assert sheet[0] <= left < right <= sheet[2]
        assert sheet[1] <= top < bottom <= sheet[3]
    assert not any(hidden)
    # A pixel of a style sheet is 25.4/96 mm on paper.
    stated = float(re.search(r"1:([\d,]+)", ratio)[1].replace(",", ""))
    assert stated == pytest.approx(metres / 0.0254 * 96, rel=0.06)


# --- phones --------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_the_stamp_is_seen_and_nothing_lies_over_it(window, pages, lang):
    window.open(pages[lang], width=390, height=800)
    window.keep(f"phone_{lang}")
    head, stamp, zoom, foot = window.boxes(
        ".ctzgis-head", ".ctzgis-stamp", ".leaflet-control-zoom", ".ctzgis-foot"
    )
    assert 0 <= stamp[0] < stamp[2] <= 390
    assert head[1] <= stamp[1] < stamp[3] <= head[3] <= zoom[1]
    assert foot[3] <= 800
    assert window.complaints() == []


# --- plain layers -------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "entry"), [("zh", "无数据"), ("en", "no data")])
def test_any_measure_is_shown_with_its_classes(
    window, assessment, tmp_path, lang, entry
):
    drawn = draw_layers(
        {"各县" if lang == "zh" else "Counties": counties(assessment)},
        by="density_km_per_km2",
        lang=lang,
    )
    window.open(saved(drawn, tmp_path))
    window.keep(f"layers_{lang}_graduated")
    assert window.texts(".ctzgis-entry")[-1] == entry
    colours = np.unique(window.pixels()[80:-60, 60:-260].reshape(-1, 3), axis=0)
    assert len(colours) > 20
    assert window.complaints() == []
    assert window.asked() == []


def test_a_card_of_a_plain_layer_opens(window, assessment, tmp_path):
    frame = counties(assessment)
    window.open(saved(draw_layers({"各县": frame}, by="density_km_per_km2"), tmp_path))
    point = frame.to_crs(4326).geometry.iloc[0].representative_point()
    window.click(point.y, point.x)
    title, first, *_ = window.one(".ctzgis-card").text.splitlines()
    assert title == frame["name_zh"].iloc[0]
    assert first == "密度 0.5 公里/平方公里"


def test_kinds_of_roads_and_an_empty_layer(window, assessment, tmp_path):
    roads = assessment.layers["roads"]
    drawn = draw_layers({"道路": roads, "空": roads.iloc[:0]}, by="road_class")
    window.open(saved(drawn, tmp_path))
    window.keep("layers_zh_kinds")
    assert window.texts(".ctzgis-entry")[0] == "高速公路"
    assert "空（无要素）" in window.one(".ctzgis-panel").text
    assert window.complaints() == []


# --- base maps ----------------------------------------------------------------------


def dot():
    return gpd.GeoDataFrame(geometry=[shapely.Point(113, 28)], crs="EPSG:4326")


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("osm", r"https://tile\.openstreetmap\.org/"),
        ("gaode", r"https://webrd0\d\.is\."),
    ],
)
def test_tiles_are_asked_of_their_host_only(window, tmp_path, name, host):
    window.open(saved(draw_layers({"a": dot()}, basemap=name), tmp_path))
    asked = window.asked()
    assert asked and all(re.match(host, url) for url in asked)


def test_tianditu_is_not_asked_before_a_key_is_given_nor_is_it_stored(window, tmp_path):
    window.open(saved(draw_layers({"a": dot()}, basemap="tianditu"), tmp_path))
    window.keep("tianditu_zh_asks_for_a_key")
    assert window.asked() == []
    window.one(".ctzgis-key input").send_keys("my key", Keys.ENTER)
    window.settle()
    asked = window.asked()
    assert asked and all(
        re.match(r"https://t\d\.tianditu\.gov\.cn/.*tk=my%20key$", url) for url in asked
    )
    assert window.ask("return localStorage.length + sessionStorage.length") == 0
    assert window.one(".ctzgis-key input").get_attribute("value") == ""


def test_without_its_tiles_a_map_is_as_readable(window, assessment, tmp_path):
    write_map(assessment, tmp_path / "map.html", basemap="gaode")
    window.open(tmp_path / "map.html")
    window.keep("gaode_zh_offline")
    assert "GCJ-02 偏移显示" in window.one(".ctzgis-stamp").text
    colours = np.unique(window.pixels()[80:-240, 60:-260].reshape(-1, 3), axis=0)
    assert len(colours) > 200


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_map_asks_nothing_and_complains_of_nothing(window, pages, lang):
    window.open(pages[lang])
    window.keep(f"assessment_{lang}")
    assert window.complaints() == []
    assert window.asked() == []


def test_a_map_fits_its_window(shown):
    sizes = "return [document.documentElement.scrollHeight - innerHeight, map.getSize().x - innerWidth]"
    assert shown.ask(sizes) == [0, 0]


def test_lines_are_drawn_on_whole_pixels(shown):
    place = (
        "const r = document.querySelector('.leaflet-overlay-pane canvas')"
        ".getBoundingClientRect(); return [r.left % 1, r.top % 1]"
    )
    assert shown.ask(place) == [0, 0]
    shown.ask("map.setView([28.123456, 113.123456], 10.25, { animate: false })")
    assert shown.ask(place) == [0, 0]
