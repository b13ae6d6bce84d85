"""What holds of every measure of access, change and links, each on Gridville."""

import types
from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ctzgis import analysis
from ctzgis.analysis.access import far_circles
from ctzgis.errors import CRSError, CtzgisError, InputError, SchemaError
from ctzgis.examples import gridville, gridville_places, gridville_zones
from ctzgis.network import CloseRoad, Project, TravelNetwork, TravelRules
from ctzgis.texts import Text

TOWN = gridville()
CLOSED = TOWN.with_edits(CloseRoad(road_id="r44"))
PLACES = gridville_places()
CENTRE = PLACES.loc[["centre"]].assign(supply=10)
ZONES = gridville_zones()
ROADS = TOWN.roads.roads
DECAY = analysis.Linear(zero_min=60)
BY_CAR = {"drive": ("drive",)}
LINKS = analysis.missing_links(CLOSED, within_m=1000)
RIVER = gpd.GeoDataFrame(
    {"kind": ["river"]},
    geometry=[shapely.LineString([(499_500, 3_100_000), (499_500, 3_110_000)])],
    index=["river"],
    crs=PLACES.crs,
)
PROJECTS = [
    Project(id=key, name_zh=key, opens=None, edits=(CloseRoad(road_id=key),))
    for key in ("r0", "r1")
]


def floating(people, facilities):
    found = analysis.floating_catchments(TOWN, people, facilities, cutoff_min=10)
    return found.people, found.facilities


def compared(origins, destinations, population):
    found = analysis.compare(
        TOWN, CLOSED, origins, destinations, cutoff_min=10, population=population
    )
    tables = (getattr(found, field.name) for field in fields(found))
    return tuple(table for table in tables if isinstance(table, pd.DataFrame))


def circles(centres, population):
    study = analysis.circle_study(
        TOWN, centres, states=_STATES, ways=BY_CAR, profiles=("free",),
        population=population,
    )  # fmt: skip
    (circle,) = study.circles
    return study.figures(), study.areas(), circle.times, circle.people


def contributed(places):
    measure = analysis.people_within(PLACES, places, cutoff_min=10)
    return analysis.contributions(TOWN, PROJECTS, measure).table


_STATES = [s for s in analysis.access.circle_study.CIRCLE_STATES if s.id == "2020"]

# By name: the measure, and the frames it takes.
MEASURES = {
    "accessibility": (
        lambda points, there: analysis.accessibility(
            TOWN, points, there, cutoffs_min=[10]
        ),
        (PLACES, PLACES),
    ),
    "gravity_accessibility": (
        lambda points, there: analysis.gravity_accessibility(
            TOWN, points, there, decay=DECAY
        ),
        (PLACES, PLACES),
    ),
    "floating_catchments": (floating, (PLACES, CENTRE)),
    "isochrones": (
        lambda origins: analysis.isochrones(TOWN, origins, cutoffs_min=[2]),
        (CENTRE,),
    ),
    "nearest_facilities": (
        lambda points, there: analysis.nearest_facilities(TOWN, points, there),
        (PLACES, PLACES),
    ),
    "population_within": (
        lambda there, people: analysis.population_within(
            TOWN, there, people, cutoffs_min=[10]
        ),
        (CENTRE, PLACES),
    ),
    "service_areas": (
        lambda there: analysis.service_areas(TOWN, there, cutoff_min=5),
        (PLACES,),
    ),
    "reach": (
        lambda origins: analysis.reach(TOWN, origins, cutoff_min=2),
        (PLACES,),
    ),
    "snapped_points": (lambda points: analysis.snapped_points(TOWN, points), (PLACES,)),
    "travel_times": (
        lambda origins, to: analysis.travel_times(TOWN, origins, to),
        (PLACES, PLACES),
    ),
    "travel_times_in_parts": (
        lambda origins, to: tuple(
            analysis.travel_times_in_parts(TOWN, origins, to, pairs_at_once=1_000)
        ),
        (PLACES, PLACES),
    ),
    "travel_time_matrix": (
        lambda origins, to: analysis.travel_time_matrix(TOWN, origins, to),
        (PLACES, PLACES),
    ),
    "pairwise_distances": (analysis.pairwise_distances, (PLACES,)),
    "edge_travel_times": (
        lambda areas: analysis.edge_travel_times(TOWN, areas),
        (ZONES,),
    ),
    "edge_times": (lambda areas: analysis.edge_times(TOWN, areas), (ZONES,)),
    "centre_times": (
        lambda centres: analysis.centre_times(TOWN, centres, ways=BY_CAR),
        (PLACES,),
    ),
    "people_reached": (
        lambda people, centres: analysis.people_reached(
            TOWN, people, centres, minutes=10, ways=BY_CAR
        ),
        (PLACES, CENTRE),
    ),
    "circle_study": (circles, (CENTRE, PLACES)),
    "logistics_times": (
        lambda origins, to: far_circles.logistics_times(TOWN, origins, to),
        (PLACES, PLACES),
    ),
    "flight_times": (far_circles.flight_times, (CENTRE, PLACES)),
    "air_times": (
        lambda origins, airports, to: far_circles.air_times(
            TOWN, origins, airports, to
        ),
        (PLACES, CENTRE, PLACES),
    ),
    "compare": (compared, (PLACES, CENTRE, PLACES)),
    "contributions": (contributed, (CENTRE,)),
    "measured_links": (
        lambda links, people: analysis.measured_links(CLOSED, links, people=people),
        (LINKS, PLACES),
    ),
    "missing_links": (
        lambda people, zones: analysis.missing_links(
            CLOSED, within_m=1000, people=people, barriers=RIVER, zones=zones
        ),
        (PLACES, ZONES),
    ),
    "critical_roads": (
        lambda people, centres: analysis.critical_roads(
            TOWN, people, centres, roads=["r0", "r1"]
        ),
        (PLACES, CENTRE),
    ),
}

TIMES = analysis.travel_times(TOWN, PLACES, PLACES)

# What takes no frame of shapes, but networks or another table.
FURTHER = {
    "road_changes": lambda: analysis.road_changes(TOWN, CLOSED),
    "line_changes": lambda: analysis.line_changes(TOWN, CLOSED),
    "betweenness": lambda: analysis.betweenness(TOWN, origins=5),
    "pair_interactions": lambda: analysis.pair_interactions(
        TOWN, PROJECTS, lambda network: len(network.roads.roads)
    ),
    "centres_reached": lambda: analysis.centres_reached(
        TIMES, PLACES["population"], cutoff_min=10
    ),
}

# Speeds, edits, measures of networks and grids are no tables.
OTHERS = {
    "link_edits", "link_kph", "mean_minutes", "people_within", "surface_change",
    "travel_time_surface",
}  # fmt: skip

# Great circles are measured on the ellipsoid, in whatever CRS airports are given.
ANY_CRS = {("flight_times", 0), ("flight_times", 1), ("air_times", 2)}

# A network without people, centres or links has nothing to measure.
NEEDS_ONE = {
    ("critical_roads", 1), ("air_times", 1), ("circle_study", 0),
}  # fmt: skip

# Without people a circle has no table of shares.
SHRINKS = {("circle_study", 1)}

PLACED = [(name, k) for name, (_, given) in MEASURES.items() for k in range(len(given))]
EVERY = pytest.mark.parametrize("name", MEASURES)
EACH_FRAME = pytest.mark.parametrize(("name", "place"), PLACED)


def frames_of(found):
    return found if isinstance(found, tuple) else (found,)


def with_frame(name, place, frame):
    measure, given = MEASURES[name]
    return measure(*(frame if k == place else old for k, old in enumerate(given)))


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


# Every public name is held to this


def test_every_measure_of_the_folders_is_in_the_table():
    folders = tuple(
        f"ctzgis.analysis.{name}." for name in ("access", "change", "links")
    )
    functions = {
        name
        for name in analysis.__all__
        if isinstance(found := getattr(analysis, name), types.FunctionType)
        and found.__module__.startswith(folders)
    }
    far = {"logistics_times", "flight_times", "air_times"}
    assert functions - OTHERS == (MEASURES.keys() | FURTHER.keys()) - far


@EVERY
def test_rules_are_told_beside_the_figures(name):
    measure, given = MEASURES[name]
    for frame in frames_of(measure(*given)):
        rules = frame.attrs["rules"]
        assert isinstance(rules, Text)
        assert all(rules)
        assert not rules.en.endswith((";", "; "))


@pytest.mark.parametrize("name", FURTHER)
def test_rules_are_told_beside_what_sums_up_or_lists(name):
    rules = FURTHER[name]().attrs["rules"]
    assert isinstance(rules, Text)
    assert all(rules)


# What is told


def told(**how):
    return analysis.travel_times(TOWN, CENTRE, CENTRE, **how).attrs["rules"]


def test_a_drive_is_told_with_speeds_delays_and_joining():
    assert told(cutoff_min=30).en.split("; ") == [
        "trips of at most 30 min",
        "by car, free flow",
        "roads at speeds of the network, 15 s per signal, 3 s per other controlled junction",
        "off the road 20 km/h by car, 1.3 times the straight line",
        "points join every road within 2000 m or else the nearest, up to 5000 m away",
    ]
    assert told(cutoff_min=30).zh.split("；") == [
        "出行不超过30分钟",
        "驾车，自由流",
        "道路取路网车速，每处信号灯15秒、其他受控路口3秒",
        "路外驾车20公里/时，路程为直线的1.3倍",
        "点接入2000米内的各条道路，无则接最近者，至多5000米",
    ]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"profile": "peak"}, ["by car, peak", "30 s per signal", "5 s per", "16 km/h"]),
        ({"mode": "walk"}, ["on foot, free flow", "4.8 km/h on foot"]),
        ({"mode": "cycle"}, ["by bicycle", "12 km/h by bicycle"]),
        (
            {"mode": "drive+rail+walk"},
            ["by car + rail + on foot", "0.5 headways, 10 min at most", "hsr 5",
             "changes within 600 m, 4 min at least", "3 min to park", "4.8 km/h"],
        ),
        ({"rules": TravelRules(detour=1.5)}, ["1.5 times the straight line"]),
        ({"rules": TravelRules(snap_radius_m=0)}, ["join the nearest road"]),
        ({"cutoff_min": None}, ["trips of any length"]),
    ],
)  # fmt: skip
def test_what_was_asked_is_told(how, words):
    rules = told(**how).en
    assert [word for word in words if word not in rules] == []


def test_what_does_not_touch_a_trip_is_not_told():
    on_foot = told(mode="walk").en
    assert [w for w in ("signal", "wait", "park", "20 km/h") if w in on_foot] == []
    assert "wait" not in told().en
    assert "park" not in told(mode="walk+rail+walk").en
    edges = analysis.edge_travel_times(TOWN, ZONES).attrs["rules"].en
    assert "join" not in edges
    assert "from edge to edge" in edges


@pytest.mark.parametrize(
    ("decay", "words"),
    [
        (analysis.Exponential(beta_per_min=0.1), "exp(-0.1 t)"),
        (analysis.Gaussian(sigma_min=9), "exp(-t²/(2·9²))"),
        (analysis.Power(alpha=2), "t^-2, t 1 min at least"),
        (analysis.Linear(zero_min=40), "0 at 40 min"),
        (analysis.Steps({10: 1, 20: 0.5}), "up to 10 min 1, 20 min 0.5"),
        (np.ones_like, "by a function of the user"),
    ],
)
def test_weights_are_told(decay, words):
    found = analysis.gravity_accessibility(TOWN, CENTRE, PLACES, decay=decay)
    assert words in found.attrs["rules"].en


def test_directions_are_told():
    words = [
        analysis.reach(TOWN, CENTRE, cutoff_min=1, direction=way).attrs["rules"].en
        for way in ("from", "to")
    ]
    assert ["lead from the origins" in words[0], "lead to the origins" in words[1]] == [
        True, True,
    ]  # fmt: skip


def test_bands_minutes_and_ways_of_circles_are_told():
    figures, areas, times, people = circles(CENTRE, PLACES)
    limit, band = "trips of at most 30 min", "speeds ±15% and headways ±30%"
    for frame in (figures, areas, times, people):
        rules = frame.attrs["rules"].en
        assert [w for w in (band, "by car, free flow") if w not in rules] == []
        assert (limit in rules) == (frame is not times)  # times are told however long


def test_a_sum_tells_the_rules_of_the_times_it_sums_up():
    rules = FURTHER["centres_reached"]().attrs["rules"].en
    assert rules == f"trips of at most 10 min; {TIMES.attrs['rules'].en}"
    bare = TIMES.copy()
    bare.attrs = {}
    found = analysis.centres_reached(bare, PLACES["population"], cutoff_min=10)
    assert found.attrs["rules"].en == "trips of at most 10 min"


def test_links_tell_lengths_rivers_and_the_new_road():
    rules = MEASURES["missing_links"][0](PLACES, ZONES).attrs["rules"].en
    wanted = [
        "ends 50–1000 m apart", "at least 3 times", "over rivers up to 1500 m",
        "people within 1000 m", "secondary, 35 km/h",
    ]  # fmt: skip
    assert [word for word in wanted if word not in rules] == []
    assert "over rivers" not in LINKS.attrs["rules"].en
    assert "one person at each junction" in LINKS.attrs["rules"].en


def test_closures_tell_what_is_closed_and_where_people_go():
    ask = {"people": PLACES, "centres": CENTRE}
    given = analysis.critical_roads(TOWN, **ask, roads=["r0"]).attrs["rules"].en
    chosen = analysis.critical_roads(TOWN, **ask, parting=1, busiest=2, to="every")
    assert given.startswith("given roads closed in turn")
    assert "1 parting and 2 busiest" in chosen.attrs["rules"].en
    assert "to each centre once" in chosen.attrs["rules"].en


def test_measures_of_networks_tell_their_rules_beside_contributions():
    named = contributed(CENTRE).attrs["rules"].en
    assert named.startswith(
        "people who reach any of the destinations; trips of at most"
    )
    assert FURTHER["pair_interactions"]().attrs["rules"].en == "a measure of the user"


# What is given and what comes back


@EVERY
def test_what_is_given_stays_as_it_is(name):
    measure, given = MEASURES[name]
    before = [(frame.copy(deep=True), dict(frame.attrs)) for frame in given]
    measure(*given)
    for (old, attrs), new in zip(before, given, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))
        assert (old.crs, attrs) == (new.crs, new.attrs)


@EVERY
def test_geometries_come_in_the_crs_of_the_network(name):
    measure, given = MEASURES[name]
    for frame in frames_of(measure(*given)):
        assert not isinstance(frame, gpd.GeoDataFrame) or frame.crs == ROADS.crs


@pytest.mark.parametrize(
    ("name", "place"), [p for p in PLACED if p not in NEEDS_ONE | SHRINKS]
)
def test_nothing_there_gives_tables_of_the_same_shape(name, place):
    whole = frames_of(MEASURES[name][0](*MEASURES[name][1]))
    found = frames_of(with_frame(name, place, MEASURES[name][1][place].iloc[:0]))
    for some, every in zip(found, whole, strict=True):
        assert type(some) is type(every)
        if name != "travel_time_matrix":  # a column for each destination
            assert list(some.columns) == list(every.columns)
        assert some.attrs.keys() == every.attrs.keys()


@pytest.mark.parametrize(("name", "place"), sorted(NEEDS_ONE))
def test_where_one_is_needed_none_is_refused(name, place):
    none = MEASURES[name][1][place].iloc[:0]
    assert "there" in refused(name, place, none, InputError)


# What is refused


@EACH_FRAME
def test_frames_without_crs_are_refused(name, place):
    frame = MEASURES[name][1][place].set_crs(None, allow_override=True)
    assert "CRS" in refused(name, place, frame, CRSError)


@pytest.mark.parametrize(
    ("name", "place", "crs"),
    [
        (*placed, crs)
        for placed in PLACED
        for crs in ("EPSG:4490", "EPSG:3857", "EPSG:4546")
        # Of a single frame in true metres there is nothing to differ from.
        if placed not in ANY_CRS
        and (placed[0], crs) != ("pairwise_distances", "EPSG:4546")
    ],
)
def test_degrees_web_mercator_and_another_crs_are_refused(name, place, crs):
    frame = MEASURES[name][1][place].to_crs(crs)
    refused(name, place, frame, CRSError)


@pytest.mark.parametrize(("name", "place"), sorted(ANY_CRS))
def test_airports_of_arrival_may_be_in_any_crs(name, place):
    frame = MEASURES[name][1][place].to_crs("EPSG:4490")
    one, other = with_frame(name, place, frame), MEASURES[name][0](*MEASURES[name][1])
    assert one["flight_min"].tolist() == pytest.approx(other["flight_min"].tolist())


@EACH_FRAME
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


@pytest.mark.parametrize(
    ("name", "place"),
    [(n, k) for n, k in PLACED if MEASURES[n][1][k].geom_type.iloc[0] == "Point"],
)
def test_several_points_in_one_row_are_refused(name, place):
    frame = with_first(name, place, lambda p: shapely.MultiPoint([p, p]))
    assert "MultiPoint" in refused(name, place, frame, SchemaError)


def closed(**how):
    return analysis.critical_roads(TOWN, PLACES, CENTRE, **how)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: closed(roads="r0"),
        lambda: analysis.centre_times(TOWN, PLACES, ways={"drive": "drive"}),
        lambda: analysis.circle_study(TOWN, PLACES, ways={"drive": "drive"}),
        lambda: analysis.circle_study(TOWN, PLACES, profiles="free"),
        lambda: analysis.corridor_coverage(PLACES, LINKS, within_m=500),
        lambda: analysis.corridor_coverage(PLACES, LINKS, within_m="500"),
        lambda: analysis.station_catchments(TOWN, PLACES, straight_m=500),
        lambda: analysis.contributions(TOWN, PROJECTS[0], len),
        lambda: analysis.contributions(TOWN, "r0", len),
    ],
)
def test_one_is_not_taken_for_a_list(ask):
    with pytest.raises(InputError, match="a list of|a list is expected"):
        ask()


@pytest.mark.parametrize("cutoffs", [30, "30", None, [], [0], [np.nan], ["30"], [None]])
def test_odd_cutoffs_are_refused(cutoffs):
    for ask in (analysis.accessibility, analysis.population_within):
        with pytest.raises(InputError, match="cutoffs are minutes above 0"):
            ask(TOWN, PLACES, PLACES, cutoffs_min=cutoffs)
    with pytest.raises(InputError, match="cutoffs are minutes above 0"):
        analysis.isochrones(TOWN, PLACES, cutoffs_min=cutoffs)


@pytest.mark.parametrize("cutoff", [0, -1, np.nan, np.inf, "30", [30]])
@pytest.mark.parametrize(
    "ask",
    [
        lambda m: analysis.travel_times(TOWN, PLACES, PLACES, cutoff_min=m),
        lambda m: analysis.reach(TOWN, PLACES, cutoff_min=m),
        lambda m: analysis.service_areas(TOWN, PLACES, cutoff_min=m),
        lambda m: analysis.travel_time_surface(TOWN, PLACES, cutoff_min=m),
        lambda m: analysis.people_reached(TOWN, PLACES, PLACES, minutes=m),
        lambda m: analysis.circle_study(TOWN, PLACES, minutes=m),
        lambda m: analysis.compare(TOWN, CLOSED, PLACES, cutoff_min=m),
        lambda m: analysis.betweenness(TOWN, cutoff_min=m),
        lambda m: analysis.people_within(PLACES, PLACES, cutoff_min=m),
        lambda m: analysis.centres_reached(TIMES, PLACES["population"], cutoff_min=m),
    ],
)
def test_an_odd_cutoff_is_refused(ask, cutoff):
    with pytest.raises(InputError, match="cutoffs are minutes above 0"):
        ask(cutoff)


@pytest.mark.parametrize("number", [0, 1.5, -1, np.nan, np.inf, "2", None, [1]])
@pytest.mark.parametrize(
    "ask",
    [
        lambda n: analysis.nearest_facilities(TOWN, PLACES, PLACES, k=n),
        lambda n: analysis.measured_links(CLOSED, LINKS, first=n),
        lambda n: next(
            analysis.travel_times_in_parts(TOWN, PLACES, PLACES, pairs_at_once=n)
        ),
        lambda n: closed(parting=-1 if n == 0 else n),
    ],
)
def test_an_odd_number_is_refused(ask, number):
    with pytest.raises(
        InputError, match="a whole number (above 0|of 0 or more) is expected"
    ):
        ask(number)


@pytest.mark.parametrize("mode", ["plane", None, ["drive"], "walk+rail+walk"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda m: analysis.betweenness(TOWN, mode=m),
        lambda m: analysis.missing_links(CLOSED, mode=m),
        lambda m: analysis.measured_links(CLOSED, LINKS, mode=m),
        lambda m: analysis.link_kph("secondary", m, "free"),
        lambda m: closed(mode=m),
    ],
)
def test_other_modes_than_those_on_roads_are_refused(ask, mode):
    with pytest.raises(InputError, match="is not known"):
        ask(mode)


@pytest.mark.parametrize("mode", ["plane", None, ["drive"]])
@pytest.mark.parametrize(
    "ask",
    [
        lambda m: analysis.travel_times(TOWN, PLACES, PLACES, mode=m),
        lambda m: analysis.service_areas(TOWN, PLACES, cutoff_min=9, mode=m),
        lambda m: analysis.mean_minutes(PLACES, mode=m),
        lambda m: analysis.people_within(PLACES, PLACES, cutoff_min=9, mode=m),
    ],
)
def test_unknown_modes_are_refused(ask, mode):
    with pytest.raises(InputError, match="is not known"):
        ask(mode)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: analysis.accessibility(
            TOWN, PLACES, PLACES, cutoffs_min=[9], value="jobs"
        ),
        lambda: analysis.gravity_accessibility(
            TOWN, PLACES, PLACES, decay=DECAY, value="jobs"
        ),
        lambda: analysis.floating_catchments(TOWN, PLACES, PLACES, cutoff_min=9),
        lambda: analysis.centres_reached(PLACES, PLACES["population"], cutoff_min=9),
        lambda: analysis.measured_links(CLOSED, LINKS.drop(columns="length_m")),
        lambda: analysis.link_edits(CLOSED, LINKS.iloc[0].drop("from_id")),
        lambda: analysis.missing_links(CLOSED, barriers=RIVER.drop(columns="kind")),
    ],
)
def test_a_missing_column_is_named(ask):
    with pytest.raises(InputError, match="have no column '"):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda river: analysis.missing_links(CLOSED, barriers=river),
        lambda river: closed(rivers=river),
    ],
)
def test_rivers_without_geometry_are_refused(ask):
    river = RIVER.set_geometry([None], crs=RIVER.crs)
    with pytest.raises(InputError, match="have rows without geometry"):
        ask(river)


@pytest.mark.parametrize("name", ["around_m", "trips_a_day"])
@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_odd_demand_of_measured_links_is_refused(name, value):
    with pytest.raises(InputError, match=f"{name} is"):
        analysis.measured_links(CLOSED, LINKS, **{name: value})


@pytest.mark.parametrize("changes", [analysis.road_changes, analysis.line_changes])
def test_networks_in_two_crs_are_not_compared(changes):
    roads = TOWN.roads
    other = TravelNetwork(
        type(roads)(
            roads.roads.to_crs("EPSG:4546"), roads.junctions.to_crs("EPSG:4546")
        )
    )
    with pytest.raises(CRSError, match="EPSG:4546"):
        changes(TOWN, other)


def test_a_pair_of_times_or_a_settlement_given_twice_is_refused():
    people = PLACES["population"]
    with pytest.raises(
        InputError, match="have the pair 'south_west', 'south_west' twice"
    ):
        analysis.centres_reached(pd.concat([TIMES, TIMES]), people, cutoff_min=9)
    with pytest.raises(InputError, match="population repeats 'south_west'"):
        analysis.centres_reached(TIMES, pd.concat([people, people]), cutoff_min=9)
    with pytest.raises(InputError, match="is below 0"):
        analysis.centres_reached(TIMES, -people, cutoff_min=9)


def test_what_is_no_function_and_no_surface_is_refused():
    with pytest.raises(InputError, match="measure is 7; a function of a network"):
        analysis.contributions(TOWN, PROJECTS, 7)
    with pytest.raises(InputError, match=r"decay is 0\.1; a function of minutes"):
        analysis.gravity_accessibility(TOWN, PLACES, PLACES, decay=0.1)
    with pytest.raises(
        InputError, match="what travel_time_surface returns is expected"
    ):
        analysis.surface_change(PLACES, PLACES)


@pytest.mark.parametrize("metres", [0, -1, np.nan, np.inf, "500", None])
def test_odd_distances_are_refused_as_metres(metres):
    with pytest.raises(
        InputError, match="within_m holds .* metres above 0 are expected"
    ):
        analysis.corridor_coverage(PLACES, LINKS, within_m=[metres])
    with pytest.raises(InputError, match="straight_m holds .* metres above 0"):
        analysis.station_catchments(TOWN, PLACES, straight_m=(metres,))


def test_no_corridor_may_be_called_as_all_together_are():
    with pytest.raises(InputError, match="a corridor is called 'any'"):
        analysis.corridor_coverage(
            PLACES, LINKS.rename(index={"link_1": "any"}), within_m=[500]
        )
