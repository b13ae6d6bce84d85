"""What holds of every measure of streets, coverage and rail, each on Gridville."""

import types

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ctzgis import analysis
from ctzgis.analysis.streets.density import mapped_share
from ctzgis.errors import CRSError, CtzgisError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.texts import Text

TOWN = gridville()
ROADS = TOWN.roads.roads
PLACES = gridville_places()
ZONES = gridville_zones()
STREET = gpd.GeoDataFrame(
    geometry=[TOWN.lines[0].path()], index=["main"], crs=ROADS.crs
)
STATIONS = analysis.stations_of(TOWN)
GUARDED = ZONES.assign(regime="2024", zone="core_protection")
PARTS = gpd.GeoDataFrame(
    {"corridor_id": "main", "built": [True, False]},
    geometry=[shapely.LineString([(x, 3_100_000), (x + 900, 3_100_000)])
              for x in (500_000, 501_000)],
    crs=ROADS.crs,
)  # fmt: skip
LOOSE = analysis.BuiltUpRules(least_km_per_km2=1.5, window_m=2_000)

# By name: the measure, and the frames it takes.
MEASURES = {
    "road_density": (analysis.road_density, (ROADS, ZONES)),
    "road_density_by_class": (analysis.road_density_by_class, (ROADS, ZONES)),
    "density_sensitivity": (analysis.density_sensitivity, (ROADS, ZONES)),
    "mapped_share": (mapped_share, (ROADS, ZONES)),
    "derived_built_up": (
        lambda roads: analysis.derived_built_up(roads, rules=LOOSE),
        (ROADS,),
    ),
    "carriageway_weights": (analysis.carriageway_weights, (ROADS,)),
    "carriageway_pieces": (analysis.carriageway_pieces, (ROADS,)),
    "service_coverage": (
        lambda zones, sites: analysis.service_coverage(zones, sites, reach=800.0),
        (ZONES, PLACES),
    ),
    "served_points": (
        lambda demand, sites: analysis.served_points(demand, sites, reach=800.0),
        (PLACES, PLACES),
    ),
    "served_areas": (
        lambda zones, sites: analysis.served_areas(zones, sites, reach=800.0),
        (ZONES, PLACES),
    ),
    "border_points": (
        lambda zones: analysis.border_points(zones, every_m=1_000),
        (ZONES,),
    ),
    "corridor_coverage": (
        lambda places, lines: analysis.corridor_coverage(places, lines, within_m=[500]),
        (PLACES, STREET),
    ),
    "corridor_served": (
        lambda lines, sites: analysis.corridor_served(lines, sites, reach=800.0),
        (STREET, PLACES),
    ),
    "corridor_overlaps": (analysis.corridor_overlaps, (STREET, ROADS)),
    "corridor_gaps": (analysis.corridor_gaps, (PARTS,)),
    "corridor_continuity": (analysis.corridor_continuity, (PARTS,)),
    "corridor_courses": (
        lambda parts: analysis.corridor_courses(parts.assign(kind="road")),
        (PARTS,),
    ),
    "places_served": (
        lambda places: analysis.places_served(TOWN, places, ["none"], year=2020),
        (PLACES,),
    ),
    "spacing_along": (
        lambda lines, sites: analysis.spacing_along(lines, sites, within_m=500),
        (STREET, PLACES),
    ),
    "zone_conflicts": (
        lambda roads, zones: analysis.zone_conflicts({"roads": roads}, zones),
        (ROADS, GUARDED),
    ),
    "lengths_inside": (
        lambda roads, zones: analysis.lengths_inside(roads, zones, by=["road_class"]),
        (ROADS, ZONES),
    ),
    "shared_borders": (analysis.shared_borders, (ZONES,)),
    "border_links": (analysis.border_links, (ROADS, ZONES)),
    "dead_ends": (analysis.dead_ends, (ROADS, ZONES)),
    "settlements_served": (
        lambda places, stations: analysis.settlements_served(
            places, stations, modes=["metro"], within_km=4
        ),
        (PLACES, STATIONS),
    ),
    "station_catchments": (
        lambda people: analysis.station_catchments(
            TOWN, people, walk_min=(), drive_min=()
        ),
        (PLACES,),
    ),
}

# Courses pass on what their parts tell; these parts were drawn by hand and tell nothing.
TELLS_NONE = {"corridor_courses"}

# A row may be named twice where a frame lists parts of things.
NAMES_TWICE = {"corridor_gaps", "corridor_continuity", "corridor_courses"}

# A line of length zero has a row of its own here.
HAS_ITS_ROW = {"corridor_coverage", "corridor_served", "spacing_along"}

KEEPS_INDEX = {
    "road_density": ZONES,
    "mapped_share": ZONES,
    "carriageway_weights": ROADS,
    "served_points": PLACES,
    "served_areas": ZONES,
    "corridor_served": STREET,
    "places_served": PLACES,
    "settlements_served": PLACES,
}

# What takes no frame of shapes, but lines, a network or another table.
CHANGES = analysis.station_changes(TOWN.lines)
FURTHER = {
    "corridor_parts": lambda: analysis.corridor_parts(TOWN, ["none"], year=2020),
    "corridor_status": lambda: analysis.corridor_status(TOWN, ["none"], year=2020),
    "corridor_access": lambda: analysis.corridor_access(TOWN, ["none"], year=2020),
    "rail_networks": lambda: analysis.rail_networks(TOWN.lines),
    "stations": lambda: analysis.stations(TOWN.lines, crs=ROADS.crs),
    "stations_of": lambda: analysis.stations_of(TOWN),
    "station_changes": lambda: analysis.station_changes(TOWN.lines),
    "transfer_matrix": lambda: analysis.transfer_matrix(CHANGES),
    "border_densities": lambda: analysis.border_densities(
        analysis.border_links(ROADS, ZONES), ZONES
    ),
    "conflict_totals": lambda: analysis.conflict_totals(
        analysis.zone_conflicts({"roads": ROADS}, GUARDED)
    ),
    "settlement_coverage": lambda: analysis.settlement_coverage(
        analysis.settlements_served(PLACES, STATIONS, modes=["metro"], within_km=4)
    ),
    "corridor_courses": lambda: analysis.corridor_courses(
        analysis.corridor_parts(TOWN, ["none"], year=2020)
    ),
}

EVERY = pytest.mark.parametrize("name", MEASURES)
PLACED = [
    (name, k, kind)
    for name, (_, frames) in MEASURES.items()
    for k, kind in enumerate(frame.geom_type.iloc[0] for frame in frames)
]
EACH_FRAME = pytest.mark.parametrize(("name", "place"), [p[:2] for p in PLACED])


def each(kind, *, but=()):
    """Every frame of one kind of shape."""
    return pytest.mark.parametrize(
        ("name", "place"), [p[:2] for p in PLACED if p[2] == kind and p[0] not in but]
    )


def with_frame(name, place, frame):
    measure, frames = MEASURES[name]
    return measure(*(frame if k == place else given for k, given in enumerate(frames)))


def refused(name, place, frame, error=CtzgisError):
    with pytest.raises(error) as caught:
        with_frame(name, place, frame)
    return str(caught.value)


def with_first(name, place, reshape):
    """The frame with its first shape made another."""
    frame = MEASURES[name][1][place]
    shapes = frame.geometry.to_numpy().copy()
    shapes[0] = reshape(shapes[0])
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))


def collapsed(line):
    return shapely.LineString([line.coords[0]] * 2)


def halves(line):
    middle = line.interpolate(0.5, normalized=True).coords[0]
    return shapely.MultiLineString(
        [[line.coords[0], middle], [middle, line.coords[-1]]]
    )


def figures(found):
    """Every finite number of a result, added up by column."""
    frame = pd.DataFrame(found).select_dtypes("number")
    return frame.sum().drop(["lines", "count"], errors="ignore").to_dict()


# Every public name is held to this


def test_every_measure_of_the_folders_is_in_the_table():
    folders = tuple(
        f"ctzgis.analysis.{name}." for name in ("streets", "coverage", "rail")
    )
    functions = {
        name
        for name in analysis.__all__
        if isinstance(found := getattr(analysis, name), types.FunctionType)
        and found.__module__.startswith(folders)
    }
    # A word, rules, and what adds columns to a given frame are no measures.
    others = {"drawn_traffic", "reach_of_rule", "service_reach", "with_ends"}
    told = MEASURES.keys() | FURTHER.keys()
    assert functions - others == told - {"mapped_share"}


@EVERY
def test_rules_are_told_beside_the_figures(name):
    measure, frames = MEASURES[name]
    rules = measure(*frames).attrs.get("rules")
    if name in TELLS_NONE:
        assert rules is None
    else:
        assert isinstance(rules, Text)
        assert all(rules)


@pytest.mark.parametrize("name", FURTHER)
def test_rules_are_told_beside_what_sums_up_or_lists(name):
    rules = FURTHER[name]().attrs["rules"]
    assert isinstance(rules, Text)
    assert all(rules)


def test_other_rules_are_told_in_other_words():
    near, far = (
        analysis.corridor_served(STREET, PLACES, reach=m).attrs["rules"].en
        for m in (500, 900)
    )
    assert ("500 m" in near, "900 m" in far) == (True, True)
    right, left = (
        analysis.CarriagewayRules(traffic=hand).told for hand in ("right", "left")
    )
    assert right != left


# What is given and what comes back


@EVERY
def test_what_is_given_stays_as_it_is(name):
    measure, frames = MEASURES[name]
    before = [frame.copy(deep=True) for frame in frames]
    measure(*frames)
    for old, new in zip(before, frames, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))
        assert (old.crs, old.attrs) == (new.crs, new.attrs)


@EVERY
def test_geometries_come_in_the_crs_that_was_given(name):
    measure, frames = MEASURES[name]
    found = measure(*frames)
    if isinstance(found, gpd.GeoDataFrame):
        assert found.crs == frames[0].crs


@pytest.mark.parametrize("name", KEEPS_INDEX)
def test_the_index_is_that_of_the_input(name):
    measure, frames = MEASURES[name]
    assert measure(*frames).index.tolist() == KEEPS_INDEX[name].index.tolist()


@EACH_FRAME
def test_nothing_there_gives_a_table_of_the_same_shape(name, place):
    whole = MEASURES[name][0](*MEASURES[name][1])
    found = with_frame(name, place, MEASURES[name][1][place].iloc[:0])
    assert type(found) is type(whole)
    if isinstance(found, pd.DataFrame):
        assert list(found.columns) == list(whole.columns)
    assert found.attrs.keys() == whole.attrs.keys()


# What is refused


@EACH_FRAME
def test_frames_without_crs_are_refused(name, place):
    frame = MEASURES[name][1][place].set_crs(None, allow_override=True)
    assert "CRS" in refused(name, place, frame, CRSError)


@EACH_FRAME
def test_degrees_are_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:4490")
    refused(name, place, frame, CRSError)


@EACH_FRAME
def test_web_mercator_is_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:3857")
    refused(name, place, frame, CRSError)


@pytest.mark.parametrize(
    ("name", "place"),
    [p[:2] for p in PLACED
     if len(MEASURES[p[0]][1]) > 1 or p[0] in ("places_served", "station_catchments")],
)  # fmt: skip
def test_another_crs_is_refused(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:4546")
    assert "EPSG:4546" in refused(name, place, frame, CRSError)


@pytest.mark.parametrize(
    ("name", "place"), [p[:2] for p in PLACED if p[0] not in NAMES_TWICE]
)
def test_twice_the_same_id_is_refused(name, place):
    frame = MEASURES[name][1][place]
    twice = pd.concat([frame, frame.iloc[[0]]])
    assert "repeats" in refused(name, place, twice, SchemaError)


@EACH_FRAME
def test_a_missing_geometry_is_refused(name, place):
    frame = with_first(name, place, lambda _: None)
    assert "missing or empty" in refused(name, place, frame, SchemaError)


@EACH_FRAME
def test_coordinates_that_are_no_numbers_are_refused(name, place):
    def undefined(shape):
        xy = shapely.get_coordinates(shape)
        xy[len(xy) // 2] = np.nan
        return shapely.set_coordinates(shape, xy)

    frame = with_first(name, place, undefined)
    # Before GEOS 3.12 a point of no numbers is an empty one.
    told = refused(name, place, frame, SchemaError)
    assert "not numbers" in told or "missing or empty" in told


@each("Polygon")
def test_polygons_that_cross_themselves_are_refused(name, place):
    def bow(shape):
        x, y = shape.centroid.coords[0]
        return shapely.Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])

    assert "invalid" in refused(name, place, with_first(name, place, bow), SchemaError)


@each("Polygon")
def test_zones_without_area_are_refused(name, place):
    def flat(shape):
        a, b, *_ = shape.exterior.coords
        return shapely.Polygon([a, b, a, a])

    assert "invalid" in refused(name, place, with_first(name, place, flat), SchemaError)


@each("Point")
def test_several_points_in_one_row_are_refused(name, place):
    frame = with_first(name, place, lambda p: shapely.MultiPoint([p, p]))
    assert "MultiPoint" in refused(name, place, frame, SchemaError)


@pytest.mark.parametrize("name", ["shared_borders", "border_links", "dead_ends"])
def test_zones_that_overlap_have_no_border(name):
    place = len(MEASURES[name][1]) - 1
    frame = with_first(name, place, lambda shape: shape.buffer(500))
    assert "overlap" in refused(name, place, frame, InputError)


@pytest.mark.parametrize("name", ["road_density", "lengths_inside", "mapped_share"])
def test_zones_that_overlap_are_measured_each_by_itself(name):
    measure, (roads, zones) = MEASURES[name]
    wide = with_first(name, 1, lambda shape: shape.buffer(500))
    alone = figures(measure(roads, wide.iloc[[0]]))
    rest = figures(measure(roads, zones.iloc[1:]))
    wanted = {key: alone[key] + rest[key] for key in alone}
    assert figures(measure(roads, wide)) == pytest.approx(wanted)


def test_where_zones_of_a_regime_overlap_a_point_counts_once_and_a_line_in_each():
    twice = pd.concat([GUARDED.iloc[[0]], GUARDED.iloc[[0]].set_axis(["again"])])
    layers = {"places": PLACES.loc[["south_west"]], "roads": ROADS}
    found = analysis.zone_conflicts(layers, twice)
    totals = analysis.conflict_totals(found, by=["layer"]).set_index("layer")
    assert totals.loc["places", "count"] == 1
    assert totals.loc["roads", "length_km"] == pytest.approx(100)


# Lines of length zero, and of several parts


@each("LineString", but=HAS_ITS_ROW | NAMES_TWICE)
def test_a_line_of_length_zero_counts_as_none(name, place):
    measure, frames = MEASURES[name]
    frame = frames[place]
    zero = collapsed(frame.geometry.iloc[0])
    added = gpd.GeoDataFrame(
        pd.concat([frame, frame.iloc[[0]].set_axis(["zero"])]), crs=frame.crs
    )
    added.loc["zero", added.geometry.name] = zero
    found = figures(with_frame(name, place, added))
    wanted = figures(measure(*frames))
    if name == "carriageway_weights":
        wanted = {key: value + 1 for key, value in wanted.items()}
    assert found == pytest.approx(wanted, nan_ok=True)


def test_a_corridor_of_length_zero_has_no_share():
    frame = with_first("corridor_served", 0, collapsed)
    found = with_frame("corridor_served", 0, frame).loc["main"]
    assert found[["length_km", "served_km", "longest_gap_km"]].tolist() == [0, 0, 0]
    assert np.isnan(found["served_share"])
    assert with_frame("spacing_along", 0, frame).empty


@pytest.mark.parametrize("name", NAMES_TWICE)
def test_a_part_of_length_zero_adds_nothing_to_a_corridor(name):
    at_end = PARTS.iloc[[0]].set_geometry(
        [shapely.LineString([PARTS.geometry[0].coords[-1]] * 2)], crs=PARTS.crs
    )
    found, wanted = (
        with_frame(name, 0, parts) for parts in (pd.concat([PARTS, at_end]), PARTS)
    )
    assert len(found) == len(wanted)
    assert figures(found) == pytest.approx(figures(wanted))


@each("LineString", but={"spacing_along", "carriageway_pieces"})
def test_a_line_in_two_parts_counts_as_the_whole(name, place):
    found = figures(with_frame(name, place, with_first(name, place, halves)))
    wanted = figures(MEASURES[name][0](*MEASURES[name][1]))
    assert found == pytest.approx(wanted, nan_ok=True)


@each("Polygon", but={"border_points"})
def test_a_zone_in_two_parts_counts_as_both(name, place):
    whole = MEASURES[name][1][place].iloc[[0]]
    west, south, east, north = whole.total_bounds
    cuts = (shapely.box(west, south, west + 2_250, north),
            shapely.box(west + 2_750, south, east, north))  # fmt: skip
    both = whole.set_geometry([shapely.MultiPolygon(cuts)], crs=whole.crs)
    apart = pd.concat([whole, whole]).set_axis(["a", "b"])
    apart = apart.set_geometry(list(cuts), crs=whole.crs)
    one, two = (with_frame(name, place, frame) for frame in (both, apart))
    columns = {"length_km", "area_km2", "served_km2", "total", "served", "links"}
    for column in columns & set(getattr(one, "columns", ())):
        assert one[column].sum() == pytest.approx(two[column].sum()), column


# Words and columns


@pytest.mark.parametrize(
    "ask",
    [
        lambda: analysis.lengths_inside(ROADS, ZONES, by="road_class"),
        lambda: analysis.conflict_totals(
            analysis.zone_conflicts({"r": ROADS}, GUARDED), by="zone"
        ),
        lambda: analysis.settlements_served(
            PLACES, STATIONS, modes="metro", within_km=4
        ),
        lambda: analysis.dead_ends(ROADS, ZONES, classes="secondary"),
        lambda: analysis.corridor_parts(TOWN, "none", year=2020),
        lambda: analysis.corridor_status(TOWN, "none", year=2020),
        lambda: analysis.corridor_access(TOWN, "none", year=2020),
        lambda: analysis.places_served(TOWN, PLACES, "none", year=2020),
    ],
)
def test_a_text_is_not_taken_for_a_list_of_letters(ask):
    with pytest.raises(InputError, match="a list is expected"):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: analysis.lengths_inside(ROADS, ZONES, by=["colour"]),
        lambda: analysis.border_links(ROADS, ZONES, by="colour"),
        lambda: analysis.conflict_totals(PLACES, by=["colour"]),
        lambda: analysis.border_densities(PLACES, ZONES),
        lambda: analysis.settlement_coverage(PLACES),
        lambda: analysis.transfer_matrix(PLACES),
        lambda: analysis.settlements_served(
            PLACES, PLACES, modes=["metro"], within_km=4
        ),
        lambda: analysis.dead_ends(
            ROADS.drop(columns="road_class"), ZONES, classes=["secondary"]
        ),
    ],
)
def test_a_missing_column_is_named(ask):
    with pytest.raises(InputError, match="have no column '"):
        ask()


@pytest.mark.parametrize("name", NAMES_TWICE)
def test_parts_without_corridor_are_refused(name):
    with pytest.raises(SchemaError, match="column 'corridor_id' is missing"):
        getattr(analysis, name)(STREET)


@pytest.mark.parametrize("name", ["corridor_gaps", "corridor_continuity"])
@pytest.mark.parametrize("metres", [-1, np.nan, np.inf])
def test_odd_tolerances_are_refused(name, metres):
    with pytest.raises(InputError, match="metres of 0 or more are expected"):
        getattr(analysis, name)(PARTS, tolerance_m=metres)


@pytest.mark.parametrize("ask", [{"within_m": 0}, {"step_m": 0}, {"step_m": np.nan}])
def test_odd_distances_of_mapped_land_are_refused(ask):
    with pytest.raises(InputError, match="metres above 0 are expected"):
        mapped_share(ROADS, ZONES, **ask)


def test_without_a_mode_nothing_is_asked():
    with pytest.raises(InputError, match="at least one is expected"):
        analysis.settlements_served(PLACES, STATIONS, modes=[], within_km=4)


def test_a_station_whose_modes_are_not_known_serves_nobody():
    found = analysis.settlements_served(
        PLACES, STATIONS.assign(modes=None), modes=["metro"], within_km=4
    )
    assert not found["served"].any()


def test_links_in_another_crs_than_zones_are_refused():
    links = analysis.border_links(ROADS, ZONES).to_crs("EPSG:4546")
    with pytest.raises(CRSError, match="EPSG:4546"):
        analysis.border_densities(links, ZONES)


# Provenance


def test_rules_and_methods_are_in_the_provenance(assessment):
    record = assessment.provenance()
    assert "50" in record["rules"]["corridor_gaps"]["en"]
    assert record["rules"]["corridor_status"]["zh"].startswith("至2020年底")
    (method,) = record["methods"]["centre_distance"]
    assert method["en"] == "straight line in EPSG:4547"
