"""Base maps: which hosts a page may ask, whose key it holds, in which datum it draws."""

import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely

from ctzgis.datums import to_gcj02
from ctzgis.errors import InputError
from ctzgis.reporting.files import write_assessment
from ctzgis.reporting.maps.basemaps import (
    BASEMAPS,
    KEY_VARIABLE,
    basemap_named,
    displayed,
)
from ctzgis.reporting.maps.drawing import (
    draw_layers,
    draw_map,
    map_layers,
    save_map,
    write_map,
)
from ctzgis.reporting.maps.elements import FilledGroup
from ctzgis.reporting.maps.offline import asset_tags, linked_tags, vendored

KEY = "0123456789abcdef-secret"
HOSTS = {
    "tianditu": "https://*.tianditu.gov.cn",
    "osm": "https://tile.openstreetmap.org",
    "gaode": "https://*.is.autonavi.com",
}


def dots(*places, crs="EPSG:4326"):
    names = [f"dot {i}" for i in range(len(places))]
    return gpd.GeoDataFrame(
        {"name": names}, geometry=[shapely.Point(p) for p in places], crs=crs
    )


def saved(drawn, tmp_path, **options):
    save_map(drawn, tmp_path / "map.html", **options)
    return (tmp_path / "map.html").read_bytes().decode()


def policy(html):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]


def hosts(html):
    """Return all hosts that our own part of a page names in addresses."""
    own = html.replace(asset_tags(), "")
    return set(re.findall(r"https?:(?:\\?/){2}([\w.*{}-]+)", own)) - {"www.w3.org"}


def test_without_a_base_map_no_host_is_named_or_allowed(tmp_path):
    html = saved(draw_layers({"a": dots((113, 28))}), tmp_path)
    assert hosts(html) == set()
    assert "http" not in policy(html)


@pytest.mark.parametrize("name", HOSTS)
def test_with_a_base_map_only_its_hosts_are_named_and_allowed(name, tmp_path):
    html = saved(draw_layers({"a": dots((113, 28))}, basemap=name), tmp_path)
    allowed = re.findall(r"https://[^ ;]+", policy(html))
    assert allowed == [HOSTS[name]]
    ending = HOSTS[name].removeprefix("https://").removeprefix("*.")
    assert {host.endswith(ending) for host in hosts(html) - {HOSTS[name]}} == {True}


@pytest.mark.parametrize("name", HOSTS)
def test_images_only_are_allowed_from_there(name, tmp_path):
    html = saved(draw_layers({}, basemap=name), tmp_path)
    parts = dict(part.split(" ", 1) for part in policy(html).split("; "))
    assert [key for key, value in parts.items() if "http" in value] == ["img-src"]


@pytest.mark.parametrize("name", HOSTS)
def test_the_maker_of_the_tiles_is_credited(name, tmp_path):
    html = saved(draw_layers({}, basemap=name), tmp_path)
    assert BASEMAPS[name].credit.zh in html


def test_a_base_map_nobody_knows_is_refused_by_name():
    with pytest.raises(InputError, match="'baidu' is not known; one of tianditu, osm"):
        draw_layers({}, basemap="baidu")


# --- the key of Tianditu --------------------------------------------------------


def test_the_key_is_not_in_a_file_unless_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    drawn = draw_layers({}, basemap="tianditu")
    assert KEY not in drawn.get_root().render()
    html = saved(drawn, tmp_path)
    assert KEY not in html
    assert '"asks":true,"key":""' in html


def test_the_key_is_in_the_file_if_asked_for_and_only_in_that_one(
    monkeypatch, tmp_path
):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    drawn = draw_layers({}, basemap="tianditu")
    assert f'"key":"{KEY}"' in saved(drawn, tmp_path, keep_key=True)
    assert KEY not in saved(drawn, tmp_path)


def test_a_map_of_an_assessment_is_written_without_the_key(
    assessment, monkeypatch, tmp_path
):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    write_map(assessment, tmp_path / "map.html", basemap="tianditu")
    assert KEY not in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_a_key_that_is_to_be_kept_must_be_there(monkeypatch, tmp_path):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(InputError, match=f"{KEY_VARIABLE} is not set"):
        saved(draw_layers({}, basemap="tianditu"), tmp_path, keep_key=True)
    assert not list(tmp_path.iterdir())


def test_a_key_is_of_no_use_to_other_base_maps(monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    html = saved(draw_layers({}, basemap="osm"), tmp_path, keep_key=True)
    assert KEY not in html


def test_a_key_cannot_leave_its_place(monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, "</script><img src=x>")
    html = saved(draw_layers({}, basemap="tianditu"), tmp_path, keep_key=True)
    assert "<img src=x>" not in html


# --- GCJ-02 ---------------------------------------------------------------------


def groups_of(drawn):
    children = drawn._children.values()
    return [child for child in children if isinstance(child, FilledGroup)]


def test_over_gaode_shapes_are_shifted_copies():
    frame = dots((112.97, 28.2))
    before = frame.copy()
    (group,) = groups_of(draw_layers({"a": frame}, basemap="gaode"))
    (lon,), (lat,) = to_gcj02(np.array([112.97]), np.array([28.2]))
    (feature,) = group.geojson()["features"]
    assert feature["geometry"]["coordinates"] == [round(lon, 6), round(lat, 6)]
    assert frame.equals(before)


def test_the_shift_is_that_of_changsha():
    # Some 540 m east and 380 m south, as measured on streets: 0.0055°, -0.0034°.
    (group,) = groups_of(draw_layers({"a": dots((112.97, 28.2))}, basemap="gaode"))
    lon, lat = group.geojson()["features"][0]["geometry"]["coordinates"]
    assert (lon - 112.97, lat - 28.2) == pytest.approx((0.0055, -0.0034), abs=1e-4)


@pytest.mark.parametrize("name", [None, "osm", "tianditu"])
def test_over_all_else_shapes_stay(name):
    (group,) = groups_of(draw_layers({"a": dots((112.97, 28.2))}, basemap=name))
    coordinates = group.geojson()["features"][0]["geometry"]["coordinates"]
    assert coordinates == [112.97, 28.2]


@pytest.fixture(scope="module")
def layers(assessment):
    return map_layers(assessment)


def test_all_layers_of_an_assessment_are_shifted(layers):
    for old, new in zip(layers, displayed(layers, BASEMAPS["gaode"]), strict=True):
        bounds = [
            shapely.total_bounds([f.geometry for f in x.features]) for x in (old, new)
        ]
        moved = bounds[1] - bounds[0]
        assert moved == pytest.approx([0.0055, -0.0034] * 2, abs=2e-3)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("zh", ("GCJ-02 偏移显示", "仅供浏览", "Web 墨卡托（GCJ-02 偏移）")),
        ("en", ("shown in GCJ-02", "for looking only", "shifted (GCJ-02)")),
    ],
)
def test_a_shifted_map_says_so(lang, texts, tmp_path):
    html = saved(draw_layers({}, basemap="gaode", lang=lang), tmp_path)
    assert all(text in html for text in texts)
    assert "偏移显示" not in saved(draw_layers({}, basemap="osm"), tmp_path)


def test_outside_china_there_is_no_shift():
    with pytest.raises(InputError, match="outside China"):
        draw_layers({"Porto": dots((-8.6, 41.15))}, basemap="gaode")


def test_a_folder_of_results_has_its_map_on_the_base_map_asked_for(
    assessment, tmp_path
):
    write_assessment(assessment, tmp_path, formats=("md",), basemap="osm")
    assert HOSTS["osm"] in policy((tmp_path / "map.html").read_text(encoding="utf-8"))


# --- borders and backdrop ---------------------------------------------------------


def test_a_public_map_shows_no_borders_that_were_not_approved(assessment):
    with pytest.raises(InputError, match="borders were not approved"):
        draw_map(assessment, public=True, basemap="osm")
    assert basemap_named("tianditu", public=True).reviewed


def test_counties_do_not_hide_the_tiles(layers):
    drawn = {layer.id: layer for layer in layers}
    over = {layer.id: layer for layer in displayed(layers, BASEMAPS["osm"])}
    assert drawn["counties"].style_of("county").fill == "#ffffff"
    assert over["counties"].style_of("county").fill is None
    assert over["built_up"].styles == {}


# --- adding to a map ----------------------------------------------------------------


def test_what_is_added_lies_on_the_base_map_that_is_there():
    drawn = draw_layers({"a": dots((112.97, 28.2))}, basemap="gaode")
    draw_layers({"b": dots((112.97, 28.2))}, m=drawn)
    first, second = (group.geojson()["features"] for group in groups_of(drawn))
    assert first[0]["geometry"] == second[0]["geometry"]


def test_a_map_keeps_its_base_map():
    drawn = draw_layers({"a": dots((112.97, 28.2))})
    with pytest.raises(InputError, match="cannot change to 'gaode'"):
        draw_layers({"b": dots((112.97, 28.2))}, basemap="gaode", m=drawn)


# --- the usual links -----------------------------------------------------------------


def test_online_the_usual_hosts_are_linked_and_checked(tmp_path):
    html = saved(draw_layers({}), tmp_path, online=True)
    loaded = re.findall(r'<(?:script|link)[^>]*?(?:src|href)="https://([^/"]+)', html)
    assert loaded == ["cdn.jsdelivr.net", "cdn.jsdelivr.net", "code.jquery.com"]
    assert html.count('integrity="sha256-') == 3
    assert len(html) < 60_000


def test_links_are_checked_by_the_published_hash():
    # As the project's own page states for Leaflet 1.9.4.
    assert "sha256-20nQCchB9co0qIjJZRGuk2/Z9VM+kNiyxNV1lvTlZBo=" in linked_tags()
    assert vendored()["leaflet.js"].version in linked_tags()


def test_a_map_of_folium_can_be_added_to_and_saved(tmp_path):
    own = folium.Map(tiles=None)
    drawn = draw_layers({"a": dots((113, 28))}, m=own)
    assert drawn is own
    assert "Leaflet 1.9.4" in saved(own, tmp_path)
