"""Pictures to print: their size, letters, scale and what they refuse."""

import dataclasses
import re
import struct
import warnings

import pytest

from ctzgis.errors import CtzgisWarning, InputError, SourceError
from ctzgis.reporting.pictures import fonts, plates
from ctzgis.reporting.pictures.figures import render_figure
from ctzgis.reporting.pictures.stills import VIEWS, quiet_corner, shortened

pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def quiet_machine():
    """A machine without a Chinese typeface warns; that is told once, below."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CtzgisWarning)
        yield


@pytest.fixture(scope="module")
def still(assessment):
    return VIEWS["core"].draft(assessment)


def test_a_png_has_300_dots_per_inch(assessment, tmp_path):
    plates.write_plate(assessment, tmp_path / "core.png")
    data = (tmp_path / "core.png").read_bytes()
    width = struct.unpack(">I", data[16:20])[0]
    per_metre = struct.unpack(">I", data[data.index(b"pHYs") + 4 :][:4])[0]
    assert width == 6.5 * 300
    assert per_metre * 0.0254 == pytest.approx(300, abs=0.02)


def test_an_svg_is_the_same_every_time_and_asks_nobody(assessment, tmp_path):
    for name in ("a.svg", "b.svg"):
        plates.write_plate(assessment, tmp_path / name, view="times", lang="en")
    text = (tmp_path / "a.svg").read_text()
    assert text == (tmp_path / "b.svg").read_text()
    assert not re.search(r'(href|src)="http', text)


@pytest.mark.parametrize("view", [*VIEWS, "times"])
def test_hostile_names_are_drawn_as_text(nasty, tmp_path, view):
    plates.write_plate(nasty, tmp_path / "a.svg", view=view)
    text = (tmp_path / "a.svg").read_text()
    assert "<script" not in text
    plates.write_plate(nasty, tmp_path / "a.png", view=view)
    width = struct.unpack(">I", (tmp_path / "a.png").read_bytes()[16:20])[0]
    assert width <= 6.5 * 300


def test_the_scale_bar_is_a_round_length_of_about_a_fifth(still):
    wide_km = (still.bounds_m[2] - still.bounds_m[0]) / 1000
    assert still.scale_km in (1, 2, 5, 10, 20, 50)
    assert 0.08 * wide_km <= still.scale_km <= 0.2 * wide_km


def test_the_legend_stands_where_it_hides_least(assessment):
    plan = VIEWS["plan"].draft(assessment)
    wide = plan.bounds_m[2] - plan.bounds_m[0]
    # Roads and railways fill the north of the region; its south-west has none.
    assert quiet_corner(plan, (wide / 4, wide / 4), wide / 20) == "sw"


def test_a_map_of_next_to_nothing_is_drawn(assessment, tmp_path):
    layers = {
        name: layer.iloc[:0] if name != "counties" else layer
        for name, layer in assessment.layers.items()
    }
    bare = dataclasses.replace(
        assessment, layers={**layers, "isochrones": assessment.layers["isochrones"]}
    )
    for view in VIEWS:
        plates.write_plate(bare, tmp_path / "a.png", view=view)
        assert render_figure(bare, view=view).startswith("<svg")


def test_names_are_cut_by_their_width():
    assert shortened("株洲") == "株洲"
    assert shortened("洲" * 14) == "洲" * 13 + "..."
    assert shortened("x" * 26) == "x" * 26


# --- typefaces -------------------------------------------------------------------


def test_without_chinese_glyphs_labels_are_english_and_a_warning_says_so(monkeypatch):
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    with pytest.warns(CtzgisWarning, match="labelled in English; install one"):
        face = fonts.find_typeface("zh")
    assert face.lang == "en"
    assert face.fit("A 长沙") == "A ??"


def test_english_labels_need_no_chinese_glyphs(monkeypatch):
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.find_typeface("en").lang == "en"


def test_a_typeface_is_chosen_by_its_glyphs_not_its_name(monkeypatch):
    path = fonts._plain()[1]
    monkeypatch.setattr(fonts, "_candidates", lambda: iter([("Fake CJK SC", path)]))
    with pytest.warns(CtzgisWarning):
        assert fonts.find_typeface("zh").name != "Fake CJK SC"


def test_a_font_file_that_cannot_be_read_is_passed_over(tmp_path):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert fonts._characters(str(tmp_path / "broken.ttf")) == frozenset()


# --- refusals --------------------------------------------------------------------


def test_another_ending_or_view_is_refused(assessment, tmp_path):
    with pytest.raises(InputError, match=r"as \.png or \.svg"):
        plates.write_plate(assessment, tmp_path / "a.pdf")
    with pytest.raises(InputError, match="known are core, plan, times"):
        plates.write_plate(assessment, tmp_path / "a.png", view="moon")


def test_a_missing_library_names_its_extra(assessment, tmp_path, monkeypatch):
    monkeypatch.setattr(plates, "_drawable", lambda: False)
    with pytest.raises(SourceError, match=r"ctzgis\[figures\]"):
        plates.write_plate(assessment, tmp_path / "a.png")
    assert plates.draw_plates(assessment) == {}
