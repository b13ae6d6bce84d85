"""Whether all readers can tell the colours of maps apart, on screen and in grey print."""

import functools
import importlib.resources
import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from ctzgis.reporting.maps.classes import classes_of
from ctzgis.reporting.maps.drawing import map_layers
from ctzgis.reporting.palettes import (
    CATEGORY_COLOURS,
    DIVERGING_COLOURS,
    GRADE_COLOURS,
    GRADE_INKS,
)
from ctzgis.reporting.style import CUTOFF_COLOURS, STYLES

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear red, green, blue.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# IEC 61966-2-1: linear sRGB to CIE XYZ, white D65.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
PAGES = ("#ffffff", "#eef1f4")
NOTICED = 10.0
"""Distance in CIELAB from which two colours side by side are different at a glance."""
GREY_NOTICED = 6.0
"""Difference in lightness from which two greys in print are different."""


def linear(colour):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / (TO_XYZ @ np.ones(3))
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@functools.cache
def as_seen(colour, sight):
    return lab(SIGHTS[sight] @ linear(colour))


def distance(one, other, sight="full"):
    return float(np.linalg.norm(as_seen(one, sight) - as_seen(other, sight)))


def lightness(colour):
    return float(as_seen(colour, "full")[0])


def contrast(one, other):
    """Return the ratio of the accessibility guidelines (WCAG 2)."""
    dark, light = sorted(float(TO_XYZ[1] @ linear(c)) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def over_white(colour, opacity):
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(opacity * part + (1 - opacity) * 255) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def seen(style):
    """Return the colour a style has on paper."""
    if style.fill is not None:
        return over_white(style.fill, style.fill_opacity)
    return over_white(style.colour, style.opacity)


def form(style):
    """Return what tells two styles apart without any colour."""
    if style.radius_px is not None:
        return ("dot", style.colour, style.fill == "#ffffff")
    if style.fill is not None:
        return ("area", style.width_px > 0, style.fill == "#ffffff")
    return ("line", bool(style.dash_px))


def wider(one, other):
    widths = sorted((one.width_px, other.width_px))
    return widths[1] >= 1.25 * widths[0]


def test_distances_agree_with_published_values():
    # White and black are 100 apart; sRGB red is L* 53.24, a* 80.09, b* 67.20.
    assert distance("#ffffff", "#000000") == pytest.approx(100, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_simulated_readers_confuse_what_they_are_known_to_confuse():
    # Red and green of traffic lights to those who lack a red or green receptor, blue
    # and green to those who lack the blue one; greys are grey to all.
    assert distance("#b2182b", "#4d7d1f", "deuteranopia") < 25
    assert distance("#b2182b", "#4d7d1f") > 80
    assert (
        distance("#0080ff", "#00b0a0", "tritanopia")
        < distance("#0080ff", "#00b0a0") / 2
    )
    for matrix in SIGHTS.values():
        assert matrix @ np.full(3, 0.5) == pytest.approx(0.5, abs=1e-3)


def test_texts_of_the_page_have_contrast():
    folder = importlib.resources.files("ctzgis.reporting") / "templates"
    css = (folder / "map.css").read_text(encoding="utf-8")
    colours = set(re.findall(r"(?<![-\w])color:\s*(#[0-9a-f]{3,6})", css)) - {"#fff"}
    assert len(colours) >= 5
    for short in colours:
        long = short if len(short) == 7 else "#" + "".join(c * 2 for c in short[1:])
        assert all(contrast(long, page) >= 4.5 for page in PAGES), short


def test_names_of_elements_have_contrast_on_every_ground():
    for key, style in STYLES.items():
        if key.startswith("structure.") and key.endswith((".spine", ".area")):
            assert all(contrast(style.ink(), page) >= 4.5 for page in PAGES), key


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(
    "ramp",
    [GRADE_COLOURS, GRADE_INKS, DIVERGING_COLOURS, tuple(CUTOFF_COLOURS.values())],
    ids=["areas", "lines", "diverging", "isochrones"],
)
def test_classes_are_told_apart(ramp, sight):
    for one, other in combinations(ramp, 2):
        shown = [over_white(colour, 0.75) for colour in (one, other)]
        assert distance(*shown, sight) >= NOTICED


@pytest.mark.parametrize("sight", SIGHTS)
def test_kinds_are_told_apart(sight):
    for one, other in combinations(CATEGORY_COLOURS, 2):
        assert distance(one, other, sight) >= NOTICED, (one, other)


@pytest.mark.parametrize("ramp", [GRADE_COLOURS, GRADE_INKS], ids=["areas", "lines"])
def test_more_is_darker_in_grey_print(ramp):
    steps = [light - dark for light, dark in pairwise(map(lightness, ramp))]
    assert min(steps) >= GREY_NOTICED


def test_both_ends_of_a_diverging_ramp_are_darker_than_its_middle():
    greys = [lightness(colour) for colour in DIVERGING_COLOURS]
    assert greys[0] < greys[1] < greys[2] > greys[3] > greys[4]
    assert min(abs(a - b) for a, b in pairwise(greys)) >= GREY_NOTICED


def test_what_has_no_value_is_hollow_and_no_shade_of_the_ramp():
    import pandas as pd

    classes = classes_of(pd.Series([1.0, 2.0, None]), "area_km2", lang="en")
    shaded, hollow = classes.looks[0], classes.looks[-1]
    assert classes.labels[-1] == "no data"
    for shape in ("area", "dot"):
        assert hollow[shape].fill == "#ffffff" != shaded[shape].fill
    assert hollow["line"].width_px < shaded["line"].width_px


@pytest.fixture(scope="module")
def opened(assessment):
    """Styles the legend lists when the map opens, each once."""
    shown = [layer for layer in map_layers(assessment) if layer.shown]
    return list(dict.fromkeys(style for each in shown for _, style in each.legend()))


@pytest.mark.parametrize("sight", SIGHTS)
def test_what_the_map_opens_with_is_told_apart(opened, sight):
    for one, other in combinations(opened, 2):
        if form(one) == form(other) and not wider(one, other):
            apart = distance(seen(one), seen(other), sight)
            assert apart >= NOTICED, (one.label.en, other.label.en)


def test_what_the_map_opens_with_is_told_apart_in_grey_print(opened):
    for one, other in combinations(opened, 2):
        if form(one) == form(other) and not wider(one, other):
            apart = abs(lightness(seen(one)) - lightness(seen(other)))
            assert apart >= GREY_NOTICED, (one.label.en, other.label.en)


@pytest.mark.parametrize("family", ["road", "line", "reach", "isochrone", "gap"])
def test_kinds_of_a_family_are_told_apart_without_colour(family):
    styles = [s for key, s in STYLES.items() if key.startswith(f"{family}.")]
    styles = [s for s in styles if s is not STYLES.get("isochrone.outline")]
    for one, other in combinations(styles, 2):
        if form(one) == form(other) and not wider(one, other):
            apart = abs(lightness(seen(one)) - lightness(seen(other)))
            assert apart >= GREY_NOTICED, (one.label.en, other.label.en)
