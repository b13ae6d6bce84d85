import dataclasses
import json

import pytest

import ctzgis
from ctzgis.assessment import Status
from ctzgis.errors import InputError, PlanError
from ctzgis.plan import Measure


def found(assessment, indicator, profile=None, target=None):
    return {
        f.measured.subject.en: f
        for f in assessment.scorecard.findings
        if f.measured.indicator == indicator
        and (profile is None or f.measured.profile == profile)
        and (target is None or f.target_id == target)
    }


def values(findings):
    return {name: finding.measured.value for name, finding in findings.items()}


def test_drive_times_between_the_centres_are_those_of_an_independent_search(assessment):
    # The strategic network was searched by another program before: 46, 43 and 36–37 min
    # at free flow, 74, 66 and 58 min in the peak.
    free = values(found(assessment, "drive_time", "free"))
    assert list(free.values()) == pytest.approx([46, 43, 36], abs=1)
    peak = values(found(assessment, "drive_time", "peak"))
    assert list(peak.values()) == pytest.approx([74, 66, 58], abs=1)


def test_times_equal_a_networkx_search_of_the_same_roads(network, czt):
    import networkx as nx

    graph = nx.MultiDiGraph()
    for row in network.at(2020).roads.roads.itertuples():
        minutes = row.geometry.length / 1000 / row.free_kph * 60 + row.signals * 0.25
        graph.add_edge(row.from_id, row.to_id, weight=minutes)
        graph.add_edge(row.to_id, row.from_id, weight=minutes)
    wanted = nx.shortest_path_length(graph, "c_wuyi", "z_center", weight="weight")
    junctions = network.roads.junctions.loc[["c_wuyi", "z_center"]]
    table = ctzgis.travel_times(network.at(2020), junctions, junctions)
    # Every road's time is rounded by 0.005 s at most; the way has fewer than 100.
    assert table["travel_time_min"].iloc[1] == pytest.approx(
        wanted, abs=100 * 0.005 / 60
    )


def test_edges_are_nearer_than_centres_and_rail_takes_longer_on_foot(assessment):
    edge = values(found(assessment, "edge_time", "free"))
    drive = values(found(assessment, "drive_time", "free"))
    on_foot = values(found(assessment, "rail_time_on_foot", "free"))
    by_car = values(found(assessment, "rail_time_by_car", "free"))
    for pair in drive:
        assert edge[pair] < drive[pair]
        assert by_car[pair] < on_foot[pair]


def test_fewer_people_reach_more_centres(assessment):
    shares = [
        f.measured.value
        for f in assessment.scorecard.findings
        if f.measured.indicator == "population_share" and f.measured.profile == "free"
    ]
    assert len(shares) == 3
    assert 100 >= shares[0] > shares[1] > shares[2] >= 0


def test_without_streets_density_is_not_assessable_and_says_what_to_give(assessment):
    findings = found(assessment, "road_density")
    assert len(findings) == 2
    for finding in findings.values():
        assert finding.status is Status.NOT_ASSESSABLE
        assert "--roads" in finding.reason.en


def test_a_circular_area_is_not_judged(assessment):
    heart = found(assessment, "area", target="t000_gh_area")["Green heart"]
    assert heart.measured.value == pytest.approx(528.32, abs=0.05)
    assert heart.status is Status.NOT_ASSESSABLE
    region = found(assessment, "area", target="t000_region_area")["Three-city region"]
    assert region.status is Status.MET


def test_the_green_heart_of_2018_is_superseded_from_2024_on():
    later = ctzgis.assess("czt", year=2024)
    assert (
        found(later, "area", target="t000_gh_area")["Green heart"].status
        is Status.SUPERSEDED
    )
    assert set(later.tables["green_heart_lengths"]["regime"]) == {"2024"}


def test_centres_lie_less_than_fifty_kilometres_apart(assessment):
    distances = found(assessment, "centre_distance")
    assert values(distances) == pytest.approx(
        {"Changsha–Zhuzhou": 43.9, "Changsha–Xiangtan": 38.5, "Zhuzhou–Xiangtan": 23.9},
        abs=0.1,
    )
    assert {f.status for f in distances.values()} == {Status.MET}


def test_what_is_built_grows_from_year_to_year(assessment):
    shares = {}
    for year in (2019, 2020, 2025):
        result = assessment if year == 2020 else ctzgis.assess("czt", year=year)
        shares[year] = values(found(result, "system_built"))[
            "3 trunks, 2 rails, 4 links"
        ]
    # Of ten corridors: none complete in 2019; 三干 and 潇湘大道—滨江路 in 2020; all but
    # the two planned railways in 2025.
    assert shares == {2019: 0.0, 2020: 0.4, 2025: 0.8}


def test_every_spatial_target_has_a_finding(assessment):
    judged = {f.target_id for f in assessment.scorecard.findings}
    assert {t.id for t in assessment.plan.targets} <= judged


def test_every_finding_says_how_and_from_what(assessment):
    for finding in assessment.scorecard.findings:
        m = finding.measured
        assert finding.reason.zh
        assert finding.reason.en
        assert finding.source.zh.startswith("《")
        if m.value is not None:
            assert m.inputs
            assert m.method.zh
            assert m.accuracy.en


def test_inputs_of_findings_are_described_sources(assessment):
    known = {source.name for source in assessment.sources}
    for finding in assessment.scorecard.findings:
        assert set(finding.measured.inputs) <= known


def test_the_scorecard_has_the_promised_keys(assessment):
    data = json.loads(json.dumps(assessment.to_dict("zh")))
    assert (data["plan"], data["year"]) == ("czt", 2020)
    wanted = {
        "target_id", "indicator", "name_zh", "name_en", "extent", "value", "unit", "target",
        "comparator", "status", "reason", "method", "source", "inputs", "accuracy", "schematic",
    }  # fmt: skip
    for finding in data["findings"]:
        assert wanted <= set(finding)
        assert finding["status"] in {"met", "unmet", "not_assessable", "superseded"}


def test_counts_add_up(assessment):
    assert sum(assessment.scorecard.counts.values()) == len(
        assessment.scorecard.findings
    )
    shown = assessment.scorecard.shown("free")
    assert all(f.measured.profile in (None, "free") for f in shown.findings)
    assert repr(assessment).startswith("<Assessment of czt in 2020 (free): ")


def test_layers_are_in_the_regions_crs(assessment):
    for name, layer in assessment.layers.items():
        assert layer.crs.to_epsg() == 4547, name


def test_the_peak_isochrones_are_smaller(assessment):
    peak = ctzgis.assess("czt", year=2020, profile="peak")
    for free_ring, peak_ring in zip(
        assessment.layers["isochrones"].itertuples(),
        peak.layers["isochrones"].itertuples(),
        strict=True,
    ):
        assert peak_ring.area_km2 < free_ring.area_km2


def test_an_unknown_indicator_is_refused(czt):
    target = dataclasses.replace(czt.targets[0], measure=Measure(indicator="charm"))
    plan = dataclasses.replace(czt, targets=(target, *czt.targets[1:]))
    with pytest.raises(PlanError, match="names indicator 'charm'; known are area"):
        ctzgis.assess(plan)


@pytest.mark.parametrize("year", [2014, 2036])
def test_years_outside_the_data_are_refused(year):
    with pytest.raises(InputError, match="known from 2015 to 2035"):
        ctzgis.assess("czt", year=year)


def test_own_population_takes_the_place_of_the_census(tmp_path, czt):
    import geopandas as gpd

    centre = czt.place("changsha").location.point
    path = tmp_path / "people.gpkg"
    gpd.GeoDataFrame({"population": [100]}, geometry=[centre], crs=czt.crs).to_file(
        path
    )
    result = ctzgis.assess(czt, population=path)
    shares = found(result, "population_share", "free")
    first = next(iter(shares.values()))
    assert first.measured.inputs[-1] == "people.gpkg"
    reached = [
        f.measured.value
        for f in result.scorecard.findings
        if f.measured.indicator == "population_share" and f.measured.profile == "free"
    ]
    assert reached == [100, 0, 0]  # everybody lives in one centre, the others are far


def test_changshas_districts_are_measured_and_the_cut_ones_not_judged(changsha_streets):
    result = ctzgis.assess("czt", year=2020, roads=changsha_streets)
    density = found(result, "road_density", target="t000_road_density")
    furong = density["Furong"]
    assert furong.measured.value == pytest.approx(9.68, abs=0.01)
    assert furong.measured.low < 7 < furong.measured.high
    assert "as a whole; a part of it is for information" in furong.reason.en
    cut = {name for name, f in density.items() if "partly covered" in f.reason.en}
    assert {"Tianxin", "Yuelu", "Kaifu", "Yuhua", "Wangcheng", "Changsha County"} <= cut
    assert "Liuyang" not in density
    assert all(density[name].status is Status.NOT_ASSESSABLE for name in cut)
    assert any("datum checked" in line for s in result.sources for line in s.told())


@pytest.mark.parametrize("profile", ["free", "peak"])
def test_a_time_has_one_range_in_scorecard_circles_and_index(assessment, czt, profile):
    network = ctzgis.read_network().at(2020)
    centres = czt.to_gdf("centres")
    readings = {
        (r.component, r.subject): r
        for r in ctzgis.measure_components(ctzgis.ground_of(czt, network, None))
    }
    circles = ctzgis.centre_times(network, centres, profile=profile)
    for indicator, component in (
        ("drive_time", f"centre_drive_{profile}"),
        ("edge_time", f"edge_drive_{profile}"),
    ):
        findings = [
            f.measured
            for f in assessment.scorecard.findings
            if f.measured.indicator == indicator and f.measured.profile == profile
        ]
        mine = sorted((m.value, m.low, m.high) for m in findings)
        other = sorted(
            (r.value, r.low, r.high) for (c, _), r in readings.items() if c == component
        )
        assert len(mine) == 3
        for one, two in zip(mine, other, strict=True):
            assert one == pytest.approx(two)
    drives = circles[circles["way"] == "drive"].set_index(["from_id", "to_id"])
    slower = drives.loc[[("changsha", "zhuzhou"), ("zhuzhou", "changsha")]].max(
        numeric_only=True
    )
    (found,) = (
        f.measured
        for f in assessment.scorecard.findings
        if f.measured.indicator == "drive_time"
        and f.measured.profile == profile
        and f.measured.subject.en == "Changsha–Zhuzhou"
    )
    assert (found.low, found.high) == pytest.approx(
        (slower["low_min"], slower["high_min"])
    )
