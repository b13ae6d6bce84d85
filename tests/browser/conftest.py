"""A real browser without a network, and a window to look at a map in."""

import io
import json
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from ctzgis.reporting.maps.drawing import write_map

_SIZE = (1400, 900)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def _missing(reason):
    if os.environ.get("CTZGIS_REQUIRE_BROWSER") == "1":
        pytest.fail(f"a browser is required, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    try:
        from selenium import webdriver
    except ImportError:
        _missing("selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    chromedriver = shutil.which("chromedriver")
    if not chromium or not chromedriver:
        _missing("chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*_FLAGS, f"--window-size={_SIZE[0]},{_SIZE[1]}"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(executable_path=chromedriver)
    driver = webdriver.Chrome(options=options, service=service)
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": _SIZE[0],
            "height": _SIZE[1],
            "deviceScaleFactor": 1,
            "mobile": False,
        },
    )
    yield driver
    driver.quit()


def requests(driver):
    """Return all that was asked for, by the page or by its scripts."""
    events = [
        json.loads(e["message"])["message"] for e in driver.get_log("performance")
    ]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [params["request"]["url"] for params in sent]


@pytest.fixture(scope="session")
def pages(tmp_path_factory, assessment):
    """The map of the assessment in both languages."""
    folder = tmp_path_factory.mktemp("maps")
    for lang in ("zh", "en"):
        write_map(assessment, folder / f"{lang}.html", lang=lang)
    return {lang: folder / f"{lang}.html" for lang in ("zh", "en")}


class Window:
    """One map in the browser."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, *, width=_SIZE[0], height=_SIZE[1]):
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.resize(width, height)
        self.driver.get(Path(path).as_uri())
        self.settle()
        return self

    def resize(self, width, height):
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {**size, "mobile": False}
        )

    def settle(self):
        """Wait until the map has drawn what it was asked to draw."""
        self.driver.set_script_timeout(20)
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 120);"
        )

    def ask(self, script, *values):
        """Run a script in which ``map`` is the map."""
        name = "window[document.querySelector('.folium-map').id]"
        found = self.driver.execute_script(f"const map = {name}; {script}", *values)
        self.settle()
        return found

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def one(self, selector):
        (found,) = self.all(selector)
        return found

    def press(self, selector):
        self.one(selector).click()
        self.settle()

    def texts(self, selector):
        return [node.text for node in self.all(selector)]

    def tick(self, layer):
        self.ask(
            "document.querySelector(`input[data-layer='${arguments[0]}']`).click()",
            layer,
        )

    def click(self, lat, lon, *, double=False):
        from selenium.webdriver.common.action_chains import ActionChains

        x, y = self.ask(
            "const p = map.latLngToContainerPoint([...arguments]);"
            "return [Math.round(p.x), Math.round(p.y)]",
            lat,
            lon,
        )
        chain = ActionChains(self.driver)
        chain.w3c_actions.pointer_action.move_to_location(x, y)
        if double:
            chain.w3c_actions.pointer_action.double_click()
        else:
            chain.w3c_actions.pointer_action.click()
        chain.perform()
        self.settle()

    def keys(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()
        self.settle()

    def complaints(self):
        return self.driver.get_log("browser")

    def asked(self):
        """Return what was asked of the web."""
        return [url for url in requests(self.driver) if url.startswith("http")]

    def boxes(self, *selectors):
        return self.ask(
            "return [...arguments].map(s => {"
            "const r = document.querySelector(s).getBoundingClientRect();"
            "return [r.left, r.top, r.right, r.bottom]})",
            *selectors,
        )

    def pixels(self):
        """Return the window as an array: rows, columns, red-green-blue."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            png = io.BytesIO(self.driver.get_screenshot_as_png())
            with MemoryFile(png) as file, file.open() as image:
                return np.moveaxis(image.read()[:3], 0, -1)

    def keep(self, name):
        """Write a picture of the window where one wants to look at it, if anywhere."""
        folder = os.environ.get("CTZGIS_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            picture = self.driver.get_screenshot_as_png()
            (Path(folder) / f"{name}.png").write_bytes(picture)


@pytest.fixture
def window(browser):
    yield Window(browser)
    Window(browser).resize(*_SIZE)
