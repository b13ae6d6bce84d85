"""Frames, signs and strange pages of maps in a real browser, without a network."""

import base64
import dataclasses
import html
import re
import shutil

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from ctzgis.reporting.maps.drawing import draw_layers, draw_map, save_map
from tests.reporting.towns import curved_grid

pytestmark = pytest.mark.browser

LONG = "A title that goes on and on for all committees of the three cities. " * 20
HOSTILE = (
    "</script><img src=x onerror=document.title='hit'>\u2028\u202eabc\u200f"
    + "名" * 10_000
)


def squares(**columns):
    """Two squares of 20 km beside one another, near Changsha."""
    shapes = [
        shapely.box(x, 3_100_000, x + 20_000, 3_120_000) for x in (400_000, 430_000)
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4547")


def saved(drawn, folder, name="map.html"):
    save_map(drawn, folder / name)
    return folder / name


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# --- frame --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1400, 390])
def test_no_title_pushes_the_stamp_out(window, tmp_path, width):
    page = saved(draw_layers(squares(), title=LONG, lang="en"), tmp_path)
    window.open(page, width=width, height=844)
    head, title, stamp = window.boxes(".ctzgis-head", "h1", ".ctzgis-stamp")
    assert head[0] <= stamp[0] < stamp[2] <= width
    assert stamp[3] <= head[3]
    assert not overlap(title, stamp)
    assert window.one("h1").get_attribute("title").strip() == LONG.strip()


@pytest.fixture(scope="module")
def streets_page(assessment, tmp_path_factory):
    layers = {**assessment.layers, "streets": curved_grid(101)}
    drawn = draw_map(dataclasses.replace(assessment, layers=layers), lang="en")
    return saved(drawn, tmp_path_factory.mktemp("streets"))


@pytest.mark.parametrize("size", [(390, 844), (700, 420), (1400, 900)])
def test_the_note_of_what_was_simplified_lies_under_nothing(window, streets_page, size):
    window.open(streets_page, width=size[0], height=size[1])
    window.ask(
        "document.querySelectorAll('details.ctzgis-box').forEach(b => b.open = true)"
    )
    note, foot, legend, scale, north = window.boxes(
        ".ctzgis-lightened", ".ctzgis-foot", ".ctzgis-legend",
        ".leaflet-control-scale", ".ctzgis-north",
    )  # fmt: skip
    assert foot[1] <= note[1] < note[3] <= foot[3] <= size[1]
    assert not any(overlap(note, box) for box in (legend, scale, north))


def test_an_open_legend_leaves_the_tools_alone(window, pages):
    window.open(pages["zh"], width=700, height=420)
    window.ask("document.querySelector('.ctzgis-legend').open = true")
    legend, tools = window.boxes(".ctzgis-legend", ".leaflet-top.leaflet-left")
    assert not overlap(legend, tools)


def test_a_narrow_sheet_is_no_phone(window, pages):
    # Browsers lay a print out in the width of their own paper before the page's is known.
    window.open(pages["en"], width=816, height=1056)
    on_screen = window.ask(
        "return getComputedStyle(document.querySelector('h1')).fontSize"
    )
    window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        on_paper = window.ask(
            "return getComputedStyle(document.querySelector('h1')).fontSize"
        )
    finally:
        window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (on_screen, on_paper) == ("15px", "21px")


def test_the_scale_bar_is_as_long_as_it_says(window, pages):
    window.open(pages["zh"])
    said, lon, lat, step = window.ask(
        "const bar = document.querySelector('.leaflet-control-scale-line');"
        "const size = map.getSize(), y = size.y / 2, w = bar.offsetWidth;"
        "const a = map.containerPointToLatLng([0, y]), b = map.containerPointToLatLng([w, y]);"
        "return [bar.textContent, a.lng, a.lat, b.lng - a.lng]"
    )
    metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, lon + step, lat)[2]
    number, unit = said.split()
    stated = float(number) * {"km": 1000, "m": 1}[unit]
    assert stated == pytest.approx(metres, rel=0.02)


def test_the_map_is_a_region_with_a_name(window, pages):
    window.open(pages["zh"])
    container = window.one(".folium-map")
    assert container.get_attribute("role") == "region"
    assert container.get_attribute("aria-label") == window.one("h1").text


def test_layers_with_their_own_classes_of_one_measure_have_a_part_each(
    window, tmp_path
):
    layers = {"A": squares(x_km=[1.0, 2.0]), "B": squares(x_km=[3.0, 4.0])}
    window.open(saved(draw_layers(layers, by="x_km", lang="en"), tmp_path))
    assert window.texts(".ctzgis-legend h3") == ["X (km) · A", "X (km) · B"]
    layers = {name: squares(x_km=[1.0, 4.0]) for name in "AB"}
    window.open(saved(draw_layers(layers, by="x_km", breaks=[2], lang="en"), tmp_path))
    assert window.texts(".ctzgis-legend h3") == ["X (km)"]


# --- signs and streets --------------------------------------------------------------


def _grey(window, lat, lon, half=30):
    x, y = window.ask(
        "const p = map.latLngToContainerPoint([...arguments]); return [p.x, p.y]",
        lat,
        lon,
    )
    part = window.pixels()[
        round(y) - half : round(y) + half, round(x) - half : round(x) + half
    ]
    return part @ np.array([0.2126, 0.7152, 0.0722])


def test_a_loss_is_hatched_and_a_gain_is_plain_in_grey_print(window, tmp_path):
    frame = squares(saved_min=[-9.0, 9.0])
    drawn = draw_layers(frame, by="saved_min", breaks=[-5, 5])
    window.open(saved(drawn, tmp_path))
    middles = frame.centroid.to_crs(4326)
    loss, gain = (_grey(window, point.y, point.x).std() for point in middles)
    assert gain < 1
    assert loss > 20
    # A part of the legend that looks like it does.
    assert len(window.all(".ctzgis-entry line[stroke='#fff']")) == 3


def test_streets_are_thinner_from_afar(window, tmp_path):
    streets = {"Streets": curved_grid(101)}  # too many for a card each
    window.open(saved(draw_layers(streets), tmp_path))
    widths = window.ask(
        "const seen = [], plain = CanvasRenderingContext2D.prototype.stroke;"
        "CanvasRenderingContext2D.prototype.stroke = function () {"
        " seen.push(this.lineWidth); return plain.apply(this, arguments); };"
        "const at = map.getCenter();"
        "const found = [8, 13, 16].map(zoom => { seen.length = 0;"
        " map.setView(at, zoom, {animate: false});"
        " map.eachLayer(l => { if (l instanceof L.Canvas) { l._update(); l._redraw(); } });"
        " return Math.max(...seen); });"
        "CanvasRenderingContext2D.prototype.stroke = plain; return found"
    )
    afar, true, near = widths
    assert afar < 0.5 * true
    assert near > 1.3 * true


# --- strange pages ------------------------------------------------------------------


def test_names_of_10_000_signs_that_turn_and_end_scripts_stay_texts(window, tmp_path):
    frame = squares(name=[HOSTILE, "b"], note=[HOSTILE, "c"], kind=[HOSTILE, "d"])
    drawn = draw_layers({HOSTILE: frame}, by="kind", title=HOSTILE)
    window.open(saved(drawn, tmp_path))
    point = frame.centroid.to_crs(4326).iloc[0]
    window.click(point.y, point.x)
    card, legend = window.boxes(".ctzgis-card", ".ctzgis-legend")
    assert card[3] - card[1] <= 0.41 * 900
    assert legend[2] - legend[0] <= 421
    assert "hit" not in window.driver.title.partition("document.title")[0]
    assert window.all("img[src='x']") == []
    assert window.complaints() == []


def test_names_of_10_000_signs_on_the_map_of_an_assessment(
    window, assessment, tmp_path
):
    centres = assessment.layers["centres"].copy()
    centres["name_zh"] = HOSTILE
    spoilt = dataclasses.replace(
        assessment, layers={**assessment.layers, "centres": centres}
    )
    window.open(saved(draw_map(spoilt), tmp_path))
    point = centres.to_crs(4326).geometry["xiangtan"]
    window.click(point.y, point.x)
    (card,) = window.boxes(".ctzgis-card")
    assert card[3] - card[1] <= 0.41 * 900
    assert window.complaints() == []


def test_a_map_opens_from_a_folder_with_spaces_and_chinese_characters(
    window, pages, tmp_path
):
    folder = tmp_path / "成果 地图 #1 100%"
    folder.mkdir()
    shutil.copy(pages["zh"], folder / "评估 图.html")
    window.open(folder / "评估 图.html")
    assert window.ask("return map.getZoom()") > 5
    assert window.complaints() == []


def _two(tmp_path, write):
    """Write two maps of one square each into one page."""
    maps = [draw_layers({name: squares()}, title=name) for name in ("first", "second")]
    (tmp_path / "both.html").write_text(write(maps), encoding="utf-8")
    return tmp_path / "both.html"


def test_two_maps_of_a_notebook_do_not_know_one_another(window, tmp_path):
    page = _two(
        tmp_path,
        lambda maps: "<meta charset='utf-8'>" + "".join(m._repr_html_() for m in maps),
    )
    driver = window.driver
    window.resize(1400, 900)
    driver.get_log("browser")
    driver.get(page.as_uri())
    window.settle()
    frames = window.all("iframe")
    assert len(frames) == 2
    found = []
    for frame in frames:
        driver.switch_to.frame(frame)
        title = window.one("h1").get_attribute("textContent")
        ticked = "return document.querySelector('input[data-layer]').checked"
        found.append((title, driver.execute_script(ticked)))
        driver.execute_script("document.querySelector('input[data-layer]').click()")
        driver.switch_to.default_content()
    # Switching the first off left the second on.
    assert found == [("first", True), ("second", True)]
    assert window.complaints() == []


def test_two_maps_in_one_document_work_both(window, tmp_path):
    def together(maps):
        pages = [m.get_root().render() for m in maps]
        inner = [
            re.sub(r"</?(html|head|body)\b[^>]*>|<!DOCTYPE[^>]*>", "", p) for p in pages
        ]
        style = "<style>.folium-map { height: 400px !important; position: relative; }</style>"
        return f"<!DOCTYPE html><html><body>{''.join(inner)}{style}</body></html>"

    page = _two(tmp_path, together)
    driver = window.driver
    window.resize(1400, 900)
    driver.get_log("browser")
    driver.get(page.as_uri())
    window.settle()
    shown = (
        "return [...document.querySelectorAll('.folium-map')].map(n => {"
        "let count = 0; window[n.id].eachLayer(l => { if (l.feature) { count += 1; } });"
        "return [n.querySelector('h1').textContent, count]; })"
    )
    assert driver.execute_script(shown) == [["first", 2], ["second", 2]]
    driver.execute_script("document.querySelector('input[data-layer]').click()")
    assert driver.execute_script(shown) == [["first", 0], ["second", 2]]
    # The first map still knows its own canvas when it is printed.
    driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    ratios = [n.get_attribute("textContent") for n in window.all(".ctzgis-ratio")]
    driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert all("1:" in ratio for ratio in ratios)
    assert window.complaints() == []


def test_a_page_cannot_send_forms_or_move_its_base(tmp_path):
    text = saved(draw_layers(squares()), tmp_path).read_text(encoding="utf-8")
    policy = html.unescape(
        re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    )
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'none'" in policy
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", text.split("<script", 1)[0])


# --- report -------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_is_a4_with_contents_that_lead_somewhere(
    window, assessment, tmp_path, lang
):
    from ctzgis.reporting.reports.report import write_report

    write_report(assessment, tmp_path / "report.html", lang=lang)
    window.driver.get((tmp_path / "report.html").as_uri())
    lost = window.driver.execute_script(
        "return [...document.querySelectorAll('nav a')].filter(a => {"
        "const to = document.querySelector(a.getAttribute('href'));"
        "return !to || !to.textContent.trim().startsWith(a.textContent); }).length"
    )
    headings = window.all("h2, h3")
    assert lost == 0
    assert len(window.all("nav a")) == len(headings) > 10
    sheet = window.driver.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True}
    )
    boxes = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", base64.b64decode(sheet["data"]))
    sizes = {tuple(round(float(v)) for v in box.split()) for box in boxes}
    assert sizes == {(0, 0, 595, 842)}
