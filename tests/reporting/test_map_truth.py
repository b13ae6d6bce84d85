"""What a map of plain layers says is what the data say: zeros, signs, reasons, stamps."""

import numpy as np
import pandas as pd
import pytest

from ctzgis.errors import InputError
from ctzgis.provenance import Source
from ctzgis.reporting.maps.classes import classes_of
from ctzgis.reporting.maps.drawing import draw_layers
from ctzgis.reporting.maps.elements import FilledGroup
from ctzgis.reporting.maps.texts import source_credits
from ctzgis.reporting.palettes import DIVERGING_COLOURS
from tests.reporting.test_draw_layers import cards, layers_of, legend, squares


def counted(classes):
    """Return how many rows each label of a legend stands for."""
    rows = np.bincount(classes.of_row, minlength=len(classes.labels))
    return dict(zip(classes.labels, rows.tolist(), strict=True))


def html_of(drawn):
    return drawn.get_root().render()


# --- zeros and signs ----------------------------------------------------------------


def test_where_much_is_zero_zero_is_a_class_of_its_own():
    values = pd.Series([0.0] * 17 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    classes = classes_of(values, "road_km", lang="en")
    # Quarters of 1 to 8 are at 2.75, 4.5 and 6.25: to two digits 2.8, 4.5, 6.2.
    assert counted(classes) == {
        "0": 17, ">0–2.8": 2, "2.8–4.5": 2, "4.5–6.2": 2, "6.2 and more": 2,
    }  # fmt: skip


def test_a_few_zeros_are_no_class():
    values = pd.Series([0.0, *np.arange(1.0, 100.0)])
    assert classes_of(values, "road_km", lang="en").labels[0].startswith("below")


def test_what_did_not_change_is_neither_gained_nor_lost():
    values = pd.Series([0.0] * 90 + [-8.0, -4.0, -2.0, 2.0, 3.0, 5.0, 7.0, 9.0])
    classes = classes_of(values, "saved_min", lang="en")
    middle = classes.labels[classes.of_row[0]]
    low, high = middle.split(" to ")
    assert low == "\N{MINUS SIGN}" + high
    assert classes.looks[classes.of_row[0]]["area"].fill == DIVERGING_COLOURS[2]


@pytest.mark.parametrize(
    ("breaks", "below"),
    [
        ([-5, -1, 1, 5], [True, True, False, False, False]),
        ([-5, 5], [True, False, False]),
        ([-9, -5, -1, 3], [True, True, True, False, False]),
        ([-3, 0, 3], [True, True, False, False]),
    ],
)
def test_only_classes_wholly_below_zero_are_marked(breaks, below):
    values = pd.Series(np.linspace(-12, 12, 49))
    classes = classes_of(values, "saved_min", lang="en", breaks=breaks)
    for shape in ("area", "line", "dot"):
        assert [look[shape].below for look in classes.looks] == below
    assert len({look["area"].fill for look in classes.looks}) == len(below)


def test_of_one_sign_nothing_is_marked():
    classes = classes_of(pd.Series(np.arange(-20.0, -1.0)), "saved_min", lang="en")
    assert not any(look["area"].below for look in classes.looks)


def test_the_mark_goes_into_the_page():
    drawn = draw_layers(squares(2, saved_min=[-1.0, 1.0]), by="saved_min", breaks=[0])
    assert '"below":true' not in html_of(drawn)  # one limit parts, but has no two sides
    drawn = draw_layers(
        squares(3, saved_min=[-9.0, 0.0, 9.0]), by="saved_min", breaks=[-5, 5]
    )
    assert '"below":true' in html_of(drawn)


def test_near_is_dark_and_large():
    classes = classes_of(pd.Series(np.arange(100.0)), "travel_time_min", lang="en")
    radii = [look["dot"].radius_px for look in classes.looks]
    assert radii == sorted(radii, reverse=True)
    assert classes.looks[0]["dot"].fill == "#00306f"


# --- why there is no number ---------------------------------------------------------


WHY = ["", "beyond the cutoff", "beyond the cutoff", "no road near the destination", ""]


def test_rows_without_a_number_are_classed_by_their_reason():
    values = pd.Series([5.0, np.nan, np.nan, np.nan, np.nan])
    classes = classes_of(values, "travel_time_min", lang="zh", reasons=pd.Series(WHY))
    assert counted(classes) == {"5": 1, "超出时限": 2, "终点附近无道路": 1, "无数据": 1}
    rings = [look["dot"].colour for look in classes.looks[1:]]
    assert len(set(rings)) == 3


def test_a_reason_of_a_row_with_a_number_says_nothing():
    values, why = pd.Series([5.0, 6.0]), pd.Series(["beyond the cutoff", ""])
    classes = classes_of(values, "travel_time_min", lang="en", reasons=why)
    assert classes.labels == ("5", "6")


def test_a_card_gives_the_reason_in_place_of_the_number():
    frame = squares(2, travel_time_min=[5.0, np.nan], reason=WHY[:2])
    (layer,) = layers_of(draw_layers(frame, by="travel_time_min", lang="en"))
    assert cards(layer) == [
        ("0", {"Travel time": "5 min"}),
        ("1", {"Travel time": "beyond the cutoff"}),
    ]
    assert legend(layer, "en") == ["5", "beyond the cutoff"]


def test_travel_times_and_their_map_count_alike(assessment, network):
    from ctzgis.analysis.access.travel_times import travel_times

    places = assessment.layers["places"]
    centre = assessment.layers["centres"].loc[["changsha"]]
    times = travel_times(network, centre, places, cutoff_min=60).set_index("to_id")
    classes = classes_of(
        times["travel_time_min"], "travel_time_min", lang="en", breaks=[30, 45],
        reasons=times["reason"],
    )  # fmt: skip
    minutes, why = times["travel_time_min"], times["reason"]
    assert counted(classes) == {
        "below 30": int((minutes < 30).sum()),
        "30–45": int(minutes.between(30, 45, inclusive="left").sum()),
        "45 and more": int((minutes >= 45).sum()),
        **why[why != ""].value_counts().to_dict(),
    }


# --- frame --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["column", "attrs"])
def test_a_frame_that_says_it_is_schematic_stamps_the_map(how):
    frame = squares(2, schematic=[False, True]) if how == "column" else squares(2)
    if how == "attrs":
        frame.attrs["schematic"] = True
    assert "示意图" in html_of(draw_layers(frame))


def test_a_frame_that_says_it_is_not_schematic_does_not():
    frame = squares(2, schematic=[False, None])
    assert "示意图" not in html_of(draw_layers(frame))


def test_many_names_are_no_title():
    drawn = draw_layers({f"L{k}": squares(1) for k in range(9)}, lang="en")
    assert "<h1>L0, L1, L2 and 6 more</h1>" in html_of(drawn)


def test_the_map_opens_on_its_layers_and_not_on_the_backdrop():
    small, large = squares(1), squares(1)
    large.geometry = large.buffer(90_000)
    alone, backed = draw_layers(small), draw_layers(small, counties=large)
    views = [
        child.config["views"]
        for drawn in (alone, backed)
        for child in drawn._children.values()
        if hasattr(child, "config")
    ]
    assert views[0][0]["bounds"] == views[1][0]["bounds"]
    assert [view["name"] for view in views[1]] == ["数据", "全图"]


def test_areas_without_names_have_no_numbers_written_on_them():
    drawn = draw_layers(squares(1), counties=squares(3))
    backdrop = next(
        c.layer for c in drawn._children.values() if isinstance(c, FilledGroup)
    )
    assert [feature.label for feature in backdrop.features] == ["", "", ""]


def test_a_backdrop_that_is_no_frame_is_refused():
    with pytest.raises(InputError, match="give a GeoDataFrame"):
        draw_layers(squares(1), counties=[1, 2])


def test_one_file_without_a_source_is_one_file():
    unknown = Source(name="a.shp", what="roads", source="unknown", licence="not stated")
    assert source_credits([unknown], "en") == ("1 file of unstated source",)
