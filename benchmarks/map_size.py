"""
What a map of 200,000 streets weighs, and how long a browser takes to show them.

Beside folium's own ``GeoJson`` of the same lines, which a browser may not survive: it is
asked for fewer, and what it needs for all is told as measured or not run. Streets are
those of ``networks.py`` with curves: twelve points each, five classes. Chromium opens
each page without a network; seconds are from its start of navigation to the frame in
which the streets stand::

    python benchmarks/map_size.py [streets] [streets for folium]
"""

import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import geopandas as gpd
import numpy as np
import shapely
from networks import CLASSES, town_network
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from timing import machine

import ctzgis
from ctzgis.crs import REGION_CRS
from ctzgis.reporting.maps.drawing import write_map
from ctzgis.reporting.maps.offline import inline_assets

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS = 12
WAVE_SHARE = 0.06
PATIENCE_S = 180
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--window-size=1400,900",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# Two frames after the layer was switched on, it has been painted.
PAINTED = """
const done = arguments[arguments.length - 1];
const paint = () => requestAnimationFrame(() => requestAnimationFrame(
    () => done(performance.now() / 1000)));
const box = document.querySelector("input[data-layer='streets']");
if (box && !box.checked) { box.click(); }
paint();
"""
ZOOMED = """
const done = arguments[arguments.length - 1];
const map = window[document.querySelector('.folium-map').id];
const start = performance.now();
map.setZoom(map.getZoom() + arguments[0], {animate: false});
requestAnimationFrame(() => requestAnimationFrame(
    () => done((performance.now() - start) / 1000)));
"""


def main(count: int = 200_000, for_folium: int = 20_000) -> None:
    """Write the pages, weigh them, open them, and print what came out."""
    print(machine())
    assessment = ctzgis.assess("czt", year=2020)
    streets = curved_streets(count)
    print(f"{len(streets):,} streets, {streets.length.sum() / 1000:,.0f} km")
    print(f"{shapely.get_num_coordinates(streets.geometry).sum():,} points")
    laden = replace(assessment, layers={**assessment.layers, "streets": streets})
    fewer = streets.iloc[:for_folium]
    jobs: "dict[str, Callable[[Path], object]]" = {
        "ctzgis, no streets": lambda path: write_map(assessment, path),
        f"ctzgis, {len(streets):,} streets": lambda path: write_map(laden, path),
        f"folium GeoJson, {len(fewer):,}": lambda path: theirs(fewer, path),
        f"folium GeoJson, {len(streets):,}": lambda path: theirs(streets, path),
    }
    with tempfile.TemporaryDirectory() as folder:
        for k, (name, write) in enumerate(jobs.items()):
            path = Path(folder) / f"{k}.html"
            start = time.perf_counter()
            write(path)
            written_s = time.perf_counter() - start
            print(
                f"{name:36}{path.stat().st_size / 1e6:8.2f} MB"
                f"{written_s:8.1f} s to write  {opened(path)}",
                flush=True,
            )


def curved_streets(count: int) -> gpd.GeoDataFrame:
    """Return so many streets of a town, each a wave of twelve points."""
    town = town_network("200k" if count > 26_000 else "20k")
    low, high = np.minimum(town.tail, town.head), np.maximum(town.tail, town.head)
    _, rows = np.unique(low * town.count + high, return_index=True)
    rows = rows[:count]
    a, b = town.xy[low[rows]], town.xy[high[rows]]
    along = np.linspace(0, 1, POINTS)[None, :, None]
    draw = np.random.default_rng(7)
    height = draw.normal(0, WAVE_SHARE, len(rows))[:, None, None]
    waves = draw.integers(1, 3, len(rows))[:, None, None]
    normal = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]], axis=1)[:, None, :]
    xy = a[:, None, :] + along * (b - a)[:, None, :]
    xy = xy + normal * height * np.sin(np.pi * waves * along)
    names = np.array(CLASSES)[town.road_class[rows]]
    return gpd.GeoDataFrame(
        {"road_class": names}, geometry=shapely.linestrings(xy), crs=REGION_CRS
    )


def theirs(streets: gpd.GeoDataFrame, path: Path) -> None:
    """Write the same streets as folium's documentation shows."""
    west, south, east, north = streets.to_crs(4326).total_bounds
    drawn = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(streets.to_crs(4326)).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    drawn.default_js = drawn.default_js[:2]
    drawn.default_css = drawn.default_css[:1]
    path.write_text(inline_assets(drawn.get_root().render()), encoding="utf-8")


def opened(path: Path) -> str:
    """Tell how long Chromium takes to open a page, to show its streets, and to zoom."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_page_load_timeout(PATIENCE_S)
        driver.set_script_timeout(PATIENCE_S)
        driver.get(path.as_uri())
        shown_s = driver.execute_async_script(PAINTED)
        start = time.perf_counter()
        driver.get_screenshot_as_png()
        picture_s = time.perf_counter() - start
        zooms = [driver.execute_async_script(ZOOMED, by) for by in (1, 2, -3)]
    except WebDriverException as gone:
        return f"Chromium gave up: {type(gone).__name__}"
    finally:
        driver.quit()
    said = ", ".join(f"{seconds:.2f}" for seconds in zooms)
    return (
        f"{shown_s:6.2f} s to show (+ {picture_s:.2f} for a picture), {said} s to zoom"
    )


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
