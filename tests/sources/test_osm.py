"""OpenStreetMap files, against hand-drawn ones, published routes and other readers."""

import bz2
import csv
import gzip

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ctzgis import travel_times
from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.network import RoadNetwork, TravelNetwork, TravelRules
from ctzgis.network.osm_tags import parse_maxspeed, road_class_of, way_rules
from ctzgis.sources.osm.roads import read_osm

LON, LAT = 112.97, 28.2
SPOT_DEG = 0.001


def osm(ways, nodes=None, extra=""):
    """OSM XML: nodes a, b, c, … in a row, ways as {"abc": {tag: value}}."""
    nodes = nodes or {}
    names = sorted({name for way, _ in ways for name in way} | set(nodes))
    text = ["<osm version='0.6'>"]
    for i, name in enumerate(names):
        tags = "".join(
            f"<tag k='{k}' v='{v}'/>" for k, v in nodes.get(name, {}).items()
        )
        lon, lat = LON + i * SPOT_DEG, LAT
        text.append(f"<node id='{i + 1}' lat='{lat}' lon='{lon}'>{tags}</node>")
    for number, (way, tags) in enumerate(ways, start=100):
        refs = "".join(f"<nd ref='{names.index(name) + 1}'/>" for name in way)
        inner = "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())
        text.append(f"<way id='{number}'>{refs}{inner}</way>")
    return "\n".join([*text, extra, "</osm>"])


@pytest.fixture
def network_of(tmp_path):
    def read(*ways, nodes=None, mode="drive", bbox=None, extra=""):
        path = tmp_path / "roads.osm"
        path.write_text(osm(ways, nodes, extra), encoding="utf-8")
        return read_osm(path, mode=mode, bbox=bbox)

    return read


def ways_of(network):
    return network.roads["way_id"].tolist()


STREET = {"highway": "residential"}


def test_ways_are_cut_at_the_nodes_they_share(network_of):
    network = network_of(("abc", STREET), ("bd", STREET))
    assert network.roads.index.tolist() == ["100-0", "100-1", "101"]
    assert network.roads["from_id"].tolist() == ["1", "2", "2"]
    assert len(network.junctions) == 4


def test_a_node_in_one_way_only_is_no_junction(network_of):
    network = network_of(("abcd", STREET))
    assert len(network.roads) == 1
    assert shapely.get_num_coordinates(network.roads.geometry.iloc[0]) == 4


def test_a_way_that_meets_itself_is_cut_there(network_of):
    network = network_of(("abcdb", STREET))
    assert list(zip(network.roads["from_id"], network.roads["to_id"], strict=True)) == [
        ("1", "2"),
        ("2", "2"),
    ]


def test_a_reversed_oneway_is_drawn_in_its_direction(network_of):
    road = network_of(("ab", {**STREET, "oneway": "-1"})).roads.iloc[0]
    assert (road["from_id"], road["to_id"], road["oneway"]) == ("2", "1", True)


@pytest.mark.parametrize(
    ("tags", "oneway", "cycle_oneway"),
    [
        ({"highway": "motorway"}, True, True),
        ({"highway": "motorway", "oneway": "no"}, False, False),
        ({"highway": "motorway_link"}, False, False),
        ({"highway": "primary", "oneway": "yes", "oneway:bicycle": "no"}, True, False),
        ({"highway": "primary", "junction": "roundabout"}, True, True),
        (
            {"highway": "primary", "oneway": "yes", "cycleway": "opposite_lane"},
            True,
            False,
        ),
        ({"highway": "primary", "oneway": "reversible"}, False, False),
    ],
)
def test_direction_follows_the_tags(tags, oneway, cycle_oneway):
    rules = way_rules(tags)
    assert (rules.oneway, rules.cycle_oneway) == (oneway, cycle_oneway)


@pytest.mark.parametrize(
    ("tags", "who"),
    [
        ({"highway": "motorway"}, "d"),
        ({"highway": "trunk", "motorroad": "yes"}, "d"),
        ({"highway": "residential"}, "dwc"),
        ({"highway": "residential", "access": "private"}, ""),
        ({"highway": "residential", "access": "no", "foot": "yes"}, "w"),
        ({"highway": "residential", "motor_vehicle": "no"}, "wc"),
        ({"highway": "residential", "access": "destination"}, "dwc"),
        ({"highway": "footway"}, "w"),
        ({"highway": "footway", "bicycle": "yes"}, "wc"),
        ({"highway": "footway", "access": "yes"}, "w"),
        ({"highway": "pedestrian", "motor_vehicle": "permissive"}, "dw"),
        ({"highway": "steps"}, "w"),
        ({"highway": "cycleway"}, "c"),
        ({"highway": "cycleway", "foot": "designated"}, "wc"),
        ({"highway": "track"}, "wc"),
        ({"highway": "track", "tracktype": "grade1"}, "dwc"),
        ({"route": "ferry"}, "wc"),
        ({"route": "ferry", "motor_vehicle": "yes"}, "dwc"),
        ({"highway": "service", "service": "emergency_access"}, "wc"),
    ],
)
def test_who_may_use_a_way_follows_the_tags(tags, who):
    rules = way_rules(tags)
    found = {"d": rules.drive, "w": rules.walk, "c": rules.cycle}
    assert "".join(key for key, may in found.items() if may) == who


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("50", 50), ("50 km/h", 50), ("30 mph", 48.28), ("5 knots", 9.26),
        ("60|80", 60), ("none", None), ("signals", None), ("1e3", None), ("٥٠", None),
        ("50;rubbish", 50), ("", None),
    ],
)  # fmt: skip
def test_limits_are_read_with_their_units(text, kph):
    assert parse_maxspeed(text) == (
        kph if kph is None else pytest.approx(kph, abs=0.01)
    )


def test_links_have_the_class_of_their_road():
    assert road_class_of("trunk_link") == "trunk"
    assert [road_class_of(x) for x in ("proposed", "raceway", "", "_link")] == [
        None
    ] * 4


def test_a_bollard_ends_a_road_for_drivers_but_not_for_walkers(network_of):
    bollard = {"b": {"barrier": "bollard"}}
    driving = network_of(("abc", STREET), nodes=bollard)
    assert [len(driving.roads), len(driving.junctions)] == [2, 4]
    assert sorted(driving.junctions.index) == ["1", "2", "2:1", "3"]
    assert len(network_of(("abc", STREET), nodes=bollard, mode="walk").roads) == 1


def test_a_gate_stops_only_whom_its_tags_name(network_of):
    gate = {"b": {"barrier": "gate"}}
    assert len(network_of(("abc", STREET), nodes=gate).roads) == 1
    shut = {"b": {"barrier": "gate", "access": "private"}}
    assert len(network_of(("abc", STREET), nodes=shut).roads) == 2


def test_a_barrier_where_ways_meet_parts_them_all(network_of):
    network = network_of(
        ("abc", STREET), ("db", STREET), nodes={"b": {"barrier": "block"}}
    )
    assert len(network.junctions) == 6


def test_a_signal_is_charged_once_to_a_trip_through_it(network_of):
    # b lies between two roads: half of it on each; d lies inside a road.
    lit = {"b": {"highway": "traffic_signals"}, "d": {"highway": "traffic_signals"}}
    network = network_of(("abcde", STREET), ("bx", STREET), nodes=lit)
    assert network.roads["signals"].tolist() == [0.5, 1.5, 0.5]


def test_speeds_follow_the_limit_and_the_class(network_of):
    roads = network_of(
        ("ab", {"highway": "primary", "maxspeed": "60"}), ("bc", {"highway": "primary"})
    ).roads
    assert roads["free_kph"].tolist() == [51, 45]
    assert roads["peak_kph"].tolist() == pytest.approx([51 * 24 / 45, 24])
    assert roads["limit_kph"].tolist() == pytest.approx([60, np.nan], nan_ok=True)


def test_a_road_that_does_not_touch_the_bounds_is_left_out_and_told(network_of):
    ways = (("ab", STREET), ("bc", STREET), ("cd", STREET))
    west = LON + 2.5 * SPOT_DEG
    network = network_of(*ways, bbox=(west, LAT - 1, west + 1, LAT + 1))
    assert ways_of(network) == [102]
    said = list(map(str, network.sources[0].report.changes))
    assert said[0] == "dropped 2: outside the given bounds"


def test_a_road_that_crosses_the_bounds_without_a_vertex_inside_stays(network_of):
    west = LON + 0.4 * SPOT_DEG
    box = (west, LAT - 1e-5, west + 0.2 * SPOT_DEG, LAT + 1e-5)
    assert ways_of(network_of(("ab", STREET), ("bc", STREET), bbox=box)) == [100]


def test_bounds_without_roads_are_told(network_of):
    with pytest.raises(InputError, match="within the given bounds"):
        network_of(("ab", STREET), bbox=(0, 0, 1, 1))


def test_ways_of_one_place_are_told(network_of):
    network = network_of(("ab", STREET), ("c", STREET))
    said = list(map(str, network.sources[0].report.changes))
    assert said[0] == "dropped 1: ways of which less than two places are known"


def test_the_reference_system_may_be_chosen(tmp_path):
    path = tmp_path / "roads.osm"
    path.write_text(osm([("abc", STREET)]))
    network = read_osm(path, to_crs="EPSG:32649")
    assert network.roads.crs == "EPSG:32649"
    assert network.sources[0].report.crs_out == "EPSG:32649"


def test_an_unknown_reference_system_for_the_result_is_refused(tmp_path):
    path = tmp_path / "roads.osm"
    path.write_text(osm([("abc", STREET)]))
    with pytest.raises(CRSError, match="to_crs 'somewhere' is not known"):
        read_osm(path, to_crs="somewhere")


def test_places_that_stand_in_the_ways_are_read(tmp_path):
    osmium = pytest.importorskip("osmium")
    plain, packed = tmp_path / "roads.osm", tmp_path / "roads.osm.pbf"
    plain.write_text(osm([("abc", STREET), ("bd", STREET)]))
    writer = osmium.SimpleWriter(
        osmium.io.File(str(packed), "pbf,locations_on_ways=true")
    )
    with writer:
        for item in osmium.FileProcessor(str(plain)).with_locations():
            if item.is_way():
                writer.add(item)
    found, wanted = read_osm(packed), read_osm(plain)
    assert found.roads.geometry.geom_equals_exact(wanted.roads.geometry, 1e-6).all()


def test_deleted_ways_are_no_roads(tmp_path):
    path = tmp_path / "roads.osm"
    text = osm([("ab", STREET), ("bc", STREET)])
    path.write_text(text.replace("<way id='101'>", "<way id='101' visible='false'>"))
    assert ways_of(read_osm(path)) == [100]


def test_a_file_of_history_is_refused(tmp_path):
    path = tmp_path / "roads.osm"
    text = osm([("ab", STREET), ("bc", STREET)])
    path.write_text(text.replace("<way id='101'>", "<way id='100' version='2'>"))
    with pytest.raises(InputError, match="holds way 100 more than once"):
        read_osm(path)


@pytest.mark.parametrize("turned", ["unsorted", "negative"])
def test_a_file_whose_nodes_are_not_found_says_what_helps(tmp_path, turned):
    text = osm([("ab", STREET)])
    if turned == "negative":
        text = text.replace("id='", "id='-").replace("ref='", "ref='-")
    else:
        head, way = text.removesuffix("</osm>").split("<way", 1)
        start, nodes = head.split("\n", 1)
        text = f"{start}<way{way}{nodes}</osm>"
    path = tmp_path / "roads.osm"
    path.write_text(text)
    with pytest.raises(
        InputError, match="1 ways name nodes that are missing.*osmium sort"
    ):
        read_osm(path)


def test_what_was_left_out_is_told(network_of):
    network = network_of(
        ("ab", STREET),
        ("bc", {"highway": "construction"}),
        ("cd", {"highway": "footway"}),
        ("ad", {"building": "yes"}),
        extra="<relation id='1'><tag k='type' v='restriction'/>"
        "<tag k='restriction' v='no_u_turn'/></relation>",
    )
    said = list(map(str, network.sources[0].report.changes))
    assert said[:3] == [
        "dropped 1: ways that are no open road (areas, construction, …)",
        "dropped 1: ways closed to mode 'drive'",
        "noticed 1: turn restrictions, which are not honoured",
    ]
    assert (network.sources[0].report.rows_in, network.sources[0].report.rows_kept) == (
        3,
        1,
    )
    assert "ODbL" in network.sources[0].licence


def test_a_way_whose_nodes_the_file_lacks_ends_where_it_knows_it(tmp_path):
    path = tmp_path / "cut.osm"
    path.write_text(osm([("abc", STREET)]).replace("<nd ref='3'/>", "<nd ref='999'/>"))
    network = read_osm(path)
    assert len(network.junctions) == 2
    assert "noticed 1: ways with nodes that the file lacks" in map(
        str, network.sources[0].report.changes
    )


def test_names_stay_text(network_of):
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    road = network_of(("ab", {**STREET, "name": evil})).roads.iloc[0]
    assert road["name_zh"] == "<script>alert(1)</script>"


def test_packed_files_give_the_same_network(tmp_path):
    text = osm([("abc", STREET), ("bd", STREET)]).encode()
    found = []
    for name, pack in (
        ("a.osm", bytes),
        ("a.osm.gz", gzip.compress),
        ("a.osm.bz2", bz2.compress),
    ):
        (tmp_path / name).write_bytes(pack(text))
        found.append(read_osm(tmp_path / name).roads)
    for other in found[1:]:
        assert other.equals(found[0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b""),
        ("a.osm.pbf", b"\x00\x00\x00\x0d rubbish" * 9),
        ("a.osm", b""),
        ("a.osm", b"<osm version='0.6'><node id='1'"),
        ("a.osm", b"<html>no map</html>"),
        ("a.osm.gz", gzip.compress(b"<osm version='0.6'>" + b" " * 9999)[:40]),
        ("a.osm.gz", b"no gzip"),
        ("a.osm.bz2", bz2.compress(b"<osm/>" * 999)[:30]),
        ("a.osm.bz2", b"no bzip2"),
    ],
)
def test_broken_files_give_one_clear_error(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((SourceError, InputError), match=r"a\.osm") as caught:
        read_osm(path)
    assert "\n" not in str(caught.value)


def test_xml_entities_are_refused(tmp_path):
    path = tmp_path / "bomb.osm"
    path.write_text(
        "<!DOCTYPE osm [<!ENTITY a SYSTEM 'file:///etc/passwd'>"
        "<!ENTITY b '&a;&a;&a;'>]><osm version='0.6'>&b;</osm>"
    )
    with pytest.raises(SourceError, match="entities"):
        read_osm(path)


def test_a_gzip_that_grows_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("ctzgis.sources.osm.ways._MAX_XML_BYTES", 10 * 2**20)
    monkeypatch.setattr("ctzgis.sources.osm.ways._CHUNK_BYTES", 2**20)
    path = tmp_path / "bomb.osm.gz"
    path.write_bytes(gzip.compress(b"<osm version='0.6'>" + b" " * (11 * 2**20)))
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match="of XML; convert it"):
        read_osm(path)


def test_a_file_without_roads_says_so(network_of):
    with pytest.raises(InputError, match="no way open to mode 'drive'"):
        network_of(("ab", {"highway": "footway"}))


def test_an_unknown_mode_is_refused(network_of):
    with pytest.raises(InputError, match="one of drive, walk, cycle"):
        network_of(("ab", STREET), mode="fly")


# Real files.

GREAT_CIRCLE_M = 6_371_000.0


def great_circle_lengths(lines):
    """Lengths on the sphere, as GraphHopper measures."""
    degrees = np.asarray(lines.to_crs(4326).array)
    lonlat, row = shapely.get_coordinates(degrees, return_index=True)
    lon, lat = np.radians(lonlat).T
    a = np.sin(np.diff(lat) / 2) ** 2
    a += np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    step = 2 * GREAT_CIRCLE_M * np.arcsin(np.sqrt(a))
    same = row[1:] == row[:-1]
    return np.bincount(row[:-1][same], weights=step[same], minlength=len(degrees))


def without_small_parts(network, least=200):
    import networkx as nx

    roads = network.roads
    graph = nx.Graph(list(zip(roads["from_id"], roads["to_id"], strict=True)))
    big = [part for part in nx.connected_components(graph) if len(part) >= least]
    return network.keep(roads["from_id"].isin(set().union(*big)))


@pytest.fixture(scope="module")
def andorra(real_data):
    return read_osm(real_data / "andorra/andorra.osm.pbf")


def test_andorra_xml_and_pbf_give_the_same_network(real_data, andorra):
    other = read_osm(real_data / "andorra/andorra.osm.gz")
    assert other.junctions.equals(andorra.junctions)
    roads, others = andorra.roads, other.roads
    # The two files were cut at other times: one way has lost its name in the XML.
    named = roads["name_zh"].notna() & others["name_zh"].isna()
    assert (len(roads), named.sum(), roads.loc[named, "way_id"].nunique()) == (
        2053,
        10,
        1,
    )
    assert others[~named].equals(roads[~named])
    assert others.drop(columns="name_zh").equals(roads.drop(columns="name_zh"))


def test_andorras_published_routes_are_met_within_two_metres(real_data, andorra):
    network = without_small_parts(andorra)
    roads = network.roads
    # A kilometre of great circle takes a minute, so minutes are kilometres.
    kph = roads.length / great_circle_lengths(roads.geometry) * 60
    network = RoadNetwork(roads.assign(free_kph=kph, signals=0), network.junctions)
    rules = TravelRules(snap_radius_m=0, local_kph={"free": 1e9, "peak": 1e9})
    with (real_data / "andorra/EXPECTED.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    for row in rows:
        lon = [float(row["from_lon"]), float(row["to_lon"])]
        lat = [float(row["from_lat"]), float(row["to_lat"])]
        points = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(roads.crs)
        start, end = (
            gpd.GeoDataFrame(geometry=points.iloc[[i]].to_numpy(), crs=roads.crs)
            for i in (0, 1)
        )
        found = travel_times(
            TravelNetwork(network), start, end, mode="drive", rules=rules
        )
        metres = found["travel_time_min"].iloc[0] * 1000
        assert metres == pytest.approx(
            float(row["length_m"]), abs=float(row["tolerance_m"])
        )


def test_coordinates_that_are_no_numbers_are_refused(tmp_path):
    path = tmp_path / "roads.osm"
    path.write_text(osm([("ab", STREET)]).replace("lat='28.2'", "lat='28.2['"), "utf-8")
    with pytest.raises(SourceError, match="roads.osm cannot be read"):
        read_osm(path)


def area_within(network, rules, cutoffs, *, centre=(1.573792, 42.531073)):
    from ctzgis import isochrones

    point = gpd.GeoSeries.from_xy([centre[0]], [centre[1]], crs=4326)
    origin = gpd.GeoDataFrame(geometry=point.to_crs(network.roads.crs))
    found = isochrones(TravelNetwork(network), origin, cutoffs_min=cutoffs, rules=rules)
    return found.set_index("cutoff_min").geometry.to_crs(4326)


def test_andorras_published_places_lie_inside_and_outside_the_isochrones(andorra):
    # GraphHopper's car has speeds of its own; its three places leave room for that.
    areas = area_within(andorra, TravelRules(snap_radius_m=0), (2.5, 5.0))
    assert areas[5.0].contains(shapely.Point(1.589756, 42.558012))
    assert areas[2.5].contains(shapely.Point(1.587224, 42.5386))
    assert not areas[5.0].contains(shapely.Point(1.635246, 42.53841))


def test_andorras_published_places_lie_inside_and_outside_the_circles_by_distance(
    andorra,
):
    # At 60 km/h on every road a minute is a kilometre.
    plain = RoadNetwork(
        andorra.roads.assign(free_kph=60.0, signals=0), andorra.junctions
    )
    areas = area_within(plain, TravelRules(snap_radius_m=0), (1.5, 3.0))
    assert areas[3.0].contains(shapely.Point(1.591644, 42.543216))
    assert areas[1.5].contains(shapely.Point(1.57937, 42.531706))
    assert not areas[1.5].contains(shapely.Point(1.587224, 42.5386))
