"""Pages of comparisons and contributions: what is drawn, stamped and told."""

import json
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ctzgis.analysis.change.comparison import compare
from ctzgis.analysis.change.contributions import contributions, mean_minutes
from ctzgis.errors import SourceError
from ctzgis.examples import gridville, gridville_places
from ctzgis.network import CloseRoad, Project, UpgradeRoad
from ctzgis.network.edits import AddRoad
from ctzgis.provenance import Source
from ctzgis.reporting.changes.comparison_page import write_comparison
from ctzgis.reporting.changes.contribution_page import write_contributions
from ctzgis.reporting.changes.layers import change_layers
from ctzgis.reporting.changes.page import Backdrop
from ctzgis.reporting.changes.styles import BANDS, band_of

TOWN = gridville()
PLACES = gridville_places()
SOUTH_WEST = PLACES.loc[["south_west"]]


def faster(*keys, kph=120.0):
    edits = []
    for key in keys:
        row = {str(k): v for k, v in TOWN.roads.roads.loc[key].items()}
        by = AddRoad(road_id=key, values={**row, "free_kph": kph})
        edits.append(UpgradeRoad(road_id=key, by=by))
    return tuple(edits)


# The ten blocks of the south side: 10 min at 60 km/h, 5 at 120.
SIDE = tuple(f"r{k}" for k in range(10))


@pytest.fixture(scope="module")
def found():
    after = TOWN.with_edits(*faster(*SIDE))
    people = PLACES.assign(side=["south", "south", "north", "north", "middle"])
    return compare(
        TOWN, after, PLACES, SOUTH_WEST, cutoff_min=9, population=people, zone="side"
    )


@pytest.fixture(scope="module")
def shares():
    projects = [
        Project(id="a", name_zh="甲", name_en="A", opens=2030, edits=faster("r0")),
        Project(id="b", name_zh="乙", opens=None, edits=faster("r1", kph=30.0)),
        Project(id="c", name_zh="丙", opens=None, edits=(CloseRoad(road_id="r50"),)),
    ]
    return contributions(TOWN, projects, mean_minutes(PLACES))


def page_of(write, *what, tmp_path, **more):
    path = tmp_path / "page.html"
    write(*what, path, **more)
    text = path.read_text(encoding="utf-8")
    told = re.search(r"ctzgisPanes\((\{.*\}),\[(\{\"type\".*\})?\]\);", text)
    return text, json.loads(told[1]), json.loads(f"[{told[2] or ''}]")


def layers_of(config, data):
    return list(zip(config["layers"], data, strict=True))


def test_what_changes_is_drawn_before_and_after(found, tmp_path):
    _, config, data = page_of(write_comparison, found, tmp_path=tmp_path)
    drawn = {
        tuple(entry["panes"]): len(things["features"])
        for entry, things in layers_of(config, data)
        if entry["id"] == "changed_roads"
    }
    assert drawn == {(0,): 10, (1,): 10}
    rings = [
        entry["panes"] for entry, _ in layers_of(config, data) if entry["id"] == "rings"
    ]
    assert rings == [[0], [1]]


def test_a_card_tells_before_and_after(found):
    layer = next(x for x in change_layers(found, "en") if x.id == "changed_roads")
    rows = dict(layer.things[0].rows)
    assert rows["Free flow, km/h"] == "60 → 120"
    assert rows["Length, km"] == "1 → 1"
    assert rows["Change"] == "upgraded"


def test_bands_lie_where_time_is_saved(found):
    layer = next(x for x in change_layers(found, "en") if x.id == "saved")
    by_title = {thing.title: thing.geometry for thing in layer.things}
    ends = gpd.GeoSeries(PLACES.geometry, crs=PLACES.crs).to_crs(4326)
    # From the south-east corner 5 of 10 min are saved; at the south-west nothing.
    assert (
        by_title["2–5 min saved"]
        .union(by_title["5–10 min saved"])
        .buffer(0.003)
        .contains(ends["south_east"])
    )
    assert (
        by_title["less than 0.5 min of change"]
        .buffer(0.003)
        .contains(ends["south_west"])
    )
    assert not any("longer" in title for title in by_title)


def test_bands_are_told_apart_at_their_bounds():
    before = np.array([[10, 10, 10, 10, 10, 10, np.nan, 10, np.nan]])
    after = np.array([[0, 5, 9.5, 9.6, 10.5, 25, 10, np.nan, np.nan]])
    words = [BANDS[k].label.en if k >= 0 else "" for k in band_of(before, after)[0]]
    assert words == [
        "≥ 10 min saved", "5–10 min saved", "0.5–2 min saved",
        "less than 0.5 min of change", "0.5–2 min longer", "≥ 10 min longer",
        "newly reached", "no longer reached", "",
    ]  # fmt: skip


def test_the_legend_tells_gain_loss_none_and_no_data(found, tmp_path):
    _, config, _ = page_of(write_comparison, found, tmp_path=tmp_path, lang="en")
    (saved,) = [entry for entry in config["layers"] if entry["id"] == "saved"]
    labels = [item["label"] for item in saved["legend"]]
    assert labels[0] == "≥ 10 min saved"
    assert "less than 0.5 min of change" in labels
    assert "≥ 10 min longer" in labels
    assert saved["note"] == "blank: not within 18 min either time, or no data"


def test_gains_and_losses_differ_in_lightness_too():
    # Steps of one side grow darker, so that they are told apart without any colour.
    for side in (BANDS[:4], BANDS[8:4:-1]):
        light = [sum(int(s.fill[i : i + 2], 16) for i in (1, 3, 5)) for s in side]
        assert light == sorted(light)


def test_winners_and_losers_stand_beside_the_maps(found, tmp_path):
    text, *_ = page_of(write_comparison, found, tmp_path=tmp_path, lang="en")
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.S)
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    # The south-east and what passes it wins; 5 min are within 9, 10 were not.
    assert ["south", "2,000", "1,000", "0", "+1,000", "2.5"] in cells


def test_schematic_data_are_stamped(found, tmp_path):
    drawn = Source(name="a", what="roads", source="drawn", licence="", schematic=True)
    backdrop = Backdrop(sources=(drawn,), approval_no="湘S(2025)001号")
    text, *_ = page_of(
        write_comparison, found, tmp_path=tmp_path, backdrop=backdrop, lang="zh"
    )
    assert "示意图 · 审图号：湘S(2025)001号" in text
    plain, *_ = page_of(write_comparison, found, tmp_path=tmp_path)
    assert "示意图" not in plain
    assert "未经审图" in plain


def test_roads_that_stay_are_drawn_once_for_both(found, tmp_path):
    backdrop = Backdrop(network=TOWN, points=PLACES)
    _, config, data = page_of(
        write_comparison, found, tmp_path=tmp_path, backdrop=backdrop
    )
    ((entry, things),) = [
        pair for pair in layers_of(config, data) if pair[0]["id"] == "roads"
    ]
    assert entry["panes"] == [0, 1]
    (feature,) = things["features"]
    lines = gpd.GeoSeries([shapely.geometry.shape(feature["geometry"])], crs=4326)
    # 220 km of streets without the ten kilometres of the side that changes.
    assert lines.to_crs(TOWN.roads.crs).length.sum() == pytest.approx(210_000, rel=1e-3)


def test_the_page_asks_no_host(found, shares, tmp_path):
    for write, what in ((write_comparison, found), (write_contributions, shares)):
        text, *_ = page_of(write, what, tmp_path=tmp_path)
        assert "Content-Security-Policy" in text
        assert not re.search(r"""(src|href)=["']?https?://""", text)


def test_names_cannot_end_the_script_or_ask_the_template(found, tmp_path):
    nasty = "</script><script>alert(1)</script>{{ 7*7 }}\u2028"
    places = PLACES.assign(name_zh=nasty)
    backdrop = Backdrop(names=(nasty, nasty), points=places)
    text, config, data = page_of(
        write_comparison, found, tmp_path=tmp_path, backdrop=backdrop
    )
    assert "<script>alert" not in text
    assert "49" not in config["panes"][0]
    points = data[[e["id"] for e in config["layers"]].index("points")]
    assert points["features"][0]["properties"]["t"] == nasty


def test_projects_are_as_wide_as_what_they_give_alone(shares, tmp_path):
    _, config, data = page_of(write_contributions, shares, tmp_path=tmp_path, lang="en")
    ((entry, things),) = [
        pair for pair in layers_of(config, data) if pair[0]["id"] == "projects"
    ]
    looks = {
        f["properties"]["t"]: entry["styles"][f["properties"]["s"]]
        for f in things["features"]
    }
    # A gains half a minute for 8 of 20 pairs; B loses a minute for some of them;
    # C closes a street that nobody needs.
    assert looks["A"]["weight"] > looks["丙"]["weight"]
    assert looks["A"]["color"] in ("#c3dcee", "#86badb", "#3f8dc4", "#14508f")
    assert looks["乙"]["color"] in ("#fbdcae", "#f1ae5c", "#d97a12", "#8f4203")
    assert looks["丙"]["color"] == "#4d4d4d"


def test_minutes_saved_are_minus_as_in_the_table_and_said_to_be_gains(shares, tmp_path):
    text, *_ = page_of(write_contributions, shares, tmp_path=tmp_path, lang="en")
    cells = [
        re.findall(r"<td>(.*?)</td>", row)
        for row in re.findall(r"<tr>(.*?)</tr>", text)
    ]
    table = {row[0]: row[1:] for row in cells if row}
    # 8 of 20 ordered pairs along the side gain half a minute.
    assert shares.table["alone"].iloc[0] == pytest.approx(-0.2)
    assert table["A"][0] == "-0.20"
    assert table["丙"] == ["0", "0", "0"]
    # The caption of the map's key and the notes of the table say the same rule.
    assert text.count("minus is a gain: less than before") == 2


def test_what_cannot_be_measured_is_told(tmp_path):
    builds = Project(id="a", name_zh="甲", opens=None, edits=faster("r0"))
    found = contributions(TOWN, [builds], lambda network: float("nan"))
    text, config, _ = page_of(write_contributions, found, tmp_path=tmp_path, lang="zh")
    (projects,) = [e for e in config["layers"] if e["id"] == "projects"]
    assert projects["legend"][0]["label"] == "无法计算"
    assert "单独：没有它或只有它时指标无值" in text


def test_nothing_that_changes_is_a_page_too(tmp_path):
    same = compare(TOWN, TOWN, PLACES, cutoff_min=5)
    _, config, _ = page_of(write_comparison, same, tmp_path=tmp_path)
    assert "changed_roads" not in [entry["id"] for entry in config["layers"]]


def test_a_folder_that_is_not_there_is_told(found, tmp_path):
    with pytest.raises(SourceError, match="cannot write"):
        write_comparison(found, tmp_path / "no" / "page.html")


def test_drawing_leaves_its_inputs_alone(found, shares, tmp_path):
    frames = [found.roads, found.people, found.zones, shares.table]
    before = [frame.copy() for frame in frames]
    write_comparison(found, tmp_path / "a.html", backdrop=Backdrop(network=TOWN))
    write_contributions(shares, tmp_path / "b.html", backdrop=Backdrop(network=TOWN))
    for frame, copy in zip(frames, before, strict=True):
        assert frame.equals(copy)
