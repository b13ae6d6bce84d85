import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

import ctzgis
from ctzgis.cli import main
from ctzgis.crs import area_km2
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError
from ctzgis.sources.places.boundaries import read_boundaries, with_boundaries

X, Y = 400_000.0, 3_100_000.0
KM = 1000.0


def square(column, row, *, size=10):
    """A square of 10 km × 10 km in a grid of such squares."""
    west, south = X + column * 10 * KM, Y + row * 10 * KM
    return box(west, south, west + size * KM, south + size * KM)


@pytest.fixture
def own():
    """Four counties of 100 km² in two cities, two columns and two rows."""
    return gpd.GeoDataFrame(
        {
            "name_zh": ["芙蓉区", "长沙县", "天元区", "攸县"],
            "name_en": ["Furong", "Changsha County", "Tianyuan", "You County"],
            "city_zh": ["长沙市", "长沙市", "株洲市", "株洲市"],
            "city_en": ["Changsha", "Changsha", "Zhuzhou", "Zhuzhou"],
        },
        geometry=[square(0, 0), square(1, 0), square(0, 1), square(1, 1)],
        index=pd.Index(["430102", "430121", "430211", "430223"], name="code"),
        crs="EPSG:4547",
    )


def written(tmp_path, own, *, crs="EPSG:4547", file="counties.gpkg", **columns):
    path = tmp_path / file
    frame = gpd.GeoDataFrame(columns, geometry=list(own.geometry), crs=own.crs)
    (frame if crs is None else frame.to_crs(crs)).to_file(path)
    return path


def changes(source):
    return {change.what.en: change for change in source.report.changes}


# --- the field that names the county -------------------------------------------------


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("code", ["430102", "430121", "430211", "430223"]),
        ("XZQDM", [430102, 430121, 430211, 430223]),
        ("adcode", [430102.0, 430121.0, 430211.0, 430223.0]),
        ("PAC", ["430102.0", " 430121", "４３０２１１", "430223"]),
        ("行政区划代码", ["430102000", "430121000", "430211000", "430223000"]),
        ("区划码", [430102000000, 430121000000, 430211000000, 430223000000]),
        ("gb", ["156430102", "156430121", "156430211", "156430223"]),
        ("any_field", ["430102", "430121", "430211", "430223"]),
    ],
)
def test_counties_are_found_by_their_division_code(tmp_path, own, field, values):
    path = written(tmp_path, own, **{field: values})
    found, source = read_boundaries(path, own)
    assert found.geometry.geom_equals(own.geometry).all()
    assert source.report.fields == {"code": field}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("NAME", ["芙蓉区", "长沙县", "天元区", "攸县"]),
        ("XZQMC", ["芙蓉", "长沙县", "天元", "攸县"]),
        ("名称", ["芙蓉县", "长沙县", "天元市", "攸 县"]),
        ("name", ["湖南省长沙市芙蓉区", "长沙市长沙县", "株洲市天元区", "株洲市攸县"]),
        ("county", ["furong", "Changsha County", "TIANYUAN", "You County"]),
    ],
)
def test_without_codes_counties_are_found_by_name(tmp_path, own, field, values):
    found, source = read_boundaries(written(tmp_path, own, **{field: values}), own)
    assert found.geometry.geom_equals(own.geometry).all()
    assert source.report.fields == {"name_zh": field}


@pytest.mark.parametrize("name", ["长沙", "长沙市", "湖南省长沙市"])
def test_a_name_that_may_be_the_city_is_not_taken_for_the_county(tmp_path, own, name):
    path = written(tmp_path, own, name=["芙蓉区", name, "天元区", "攸县"])
    with pytest.raises(InputError, match="lacks 1 of the plan's 4.*430121 长沙县"):
        read_boundaries(path, own)


@pytest.mark.parametrize("declared", [True, False])
def test_chinese_names_of_a_shapefile_are_read_and_their_encoding_told(
    tmp_path, own, declared
):
    path = tmp_path / "counties.shp"
    frame = own[["name_zh", "geometry"]].rename(columns={"name_zh": "名称"})
    frame.to_file(path, encoding="GB18030")
    if not declared:
        path.with_suffix(".cpg").unlink()
    found, source = read_boundaries(path, own)
    assert found.geometry.geom_equals(own.geometry).all()
    assert "gb18030" in source.report.encoding.casefold()


def test_the_order_of_the_rows_does_not_matter(tmp_path, own):
    turned = own.iloc[::-1]
    path = written(tmp_path, turned, code=list(turned.index))
    found, _ = read_boundaries(path, own)
    assert found.index.tolist() == own.index.tolist()
    assert found.geometry.geom_equals(own.geometry).all()


def test_codes_count_before_names(tmp_path, own):
    swapped = ["攸县", "天元区", "长沙县", "芙蓉区"]
    path = written(tmp_path, own, name=swapped, code=list(own.index))
    assert read_boundaries(path, own)[1].report.fields == {"code": "code"}


def test_names_and_cities_stay_those_of_the_plan(tmp_path, own):
    path = written(tmp_path, own, code=list(own.index), name_zh=["一"] * 4)
    found, _ = read_boundaries(path, own)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")),
        pd.DataFrame(own.drop(columns="geometry")),
    )


# --- what is left out, joined, repaired ----------------------------------------------


def test_counties_outside_the_plan_are_dropped_and_counted(tmp_path, own):
    more = pd.concat([own, own.iloc[:2].translate(90_000).to_frame("geometry")])
    path = written(tmp_path, more, code=[*own.index, "430404", "430405"])
    found, source = read_boundaries(path, own)
    assert len(found) == 4
    assert changes(source)["rows of no county of the plan"].count == 2
    assert (source.report.rows_in, source.report.rows_kept) == (6, 4)


def test_parts_of_one_county_are_joined_and_told(tmp_path, own):
    west, south, east, north = own.geometry.iloc[0].bounds
    halves = [box(west, south, west + 4 * KM, north), box(west + 4 * KM, south, east, north)]  # fmt: skip
    parts = gpd.GeoDataFrame(geometry=[*halves, *own.geometry.iloc[1:]], crs=own.crs)
    codes = ["430102001", "430102002", "430121", "430211", "430223"]
    found, source = read_boundaries(written(tmp_path, parts, code=codes), own)
    assert found.geometry.iloc[0].equals(own.geometry.iloc[0])
    assert changes(source)["counties joined of several rows"].rows == ("430102 of 2",)


def test_one_county_drawn_twice_is_refused(tmp_path, own):
    double = gpd.GeoDataFrame(
        geometry=[*own.geometry, own.geometry.iloc[0]], crs=own.crs
    )
    path = written(tmp_path, double, code=[*own.index, "430102"])
    with pytest.raises(InputError, match=r"430102 stands 2 times .* 100\.00 km²"):
        read_boundaries(path, own)


def test_a_county_of_the_same_name_elsewhere_is_left_out(tmp_path, own):
    far = translate(own.geometry.iloc[0], xoff=800 * KM)
    two = gpd.GeoDataFrame(geometry=[far, *own.geometry], crs=own.crs)
    path = written(tmp_path, two, name=["芙蓉区", *own["name_zh"]])
    found, source = read_boundaries(path, own)
    assert found.geometry.iloc[0].equals(own.geometry.iloc[0])
    assert changes(source)["counties of the same name elsewhere"].rows == ("430102",)


def test_an_outline_that_crosses_itself_is_repaired_and_told(tmp_path, own):
    x, y = X, Y
    # Two triangles of 25 km² that meet in a point.
    bow = Polygon([(x, y), (x + 10 * KM, y + 10 * KM), (x + 10 * KM, y), (x, y + 10 * KM)])  # fmt: skip
    own_bow = own.set_geometry([bow, *own.geometry.iloc[1:]])
    found, source = read_boundaries(
        written(tmp_path, own_bow, code=list(own.index)), own
    )
    assert found.geometry.is_valid.all()
    assert found.geometry.iloc[0].area == pytest.approx(50 * KM**2)
    assert changes(source)["invalid outlines"].rows == ("430102",)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4525", "EPSG:4526", "EPSG:32649", "EPSG:3857"])  # fmt: skip
def test_any_crs_is_converted_to_the_regions(tmp_path, own, crs):
    path = written(tmp_path, own, crs=crs, code=list(own.index))
    found, source = read_boundaries(path, own)
    assert found.crs.to_epsg() == 4547
    # 4525 and 4526 put the number of their zone before the easting.
    off = found.geometry.symmetric_difference(own.geometry).area / KM**2
    assert off.max() < 0.01
    assert source.report.crs_in == crs


# --- what is noticed -----------------------------------------------------------------


def test_an_area_that_differs_by_more_than_5_percent_is_noticed(tmp_path, own):
    # 9.4 km × 10 km: 6 % less; the neighbour is 10 % more and overlaps nothing.
    small = box(X, Y, X + 9.4 * KM, Y + 10 * KM)
    other = own.set_geometry([small, *own.geometry.iloc[1:]])
    _, source = read_boundaries(written(tmp_path, other, code=list(own.index)), own)
    what = "counties whose area differs from the plan's own by more than 5 %"
    assert changes(source)[what].rows == ("430102 芙蓉区 100.0 → 94.0 km² (-6.0%)",)


def test_smaller_differences_are_not_noticed(tmp_path, own):
    small = box(X, Y, X + 9.6 * KM, Y + 10 * KM)
    other = own.set_geometry([small, *own.geometry.iloc[1:]])
    _, source = read_boundaries(written(tmp_path, other, code=list(own.index)), own)
    assert source.report.changes == ()


def test_overlaps_are_noticed_with_their_area(tmp_path, own):
    # 芙蓉 reaches 0.2 km into 长沙县 along 10 km: 2 km².
    wide = box(X, Y, X + 10.2 * KM, Y + 10 * KM)
    other = own.set_geometry([wide, *own.geometry.iloc[1:]])
    _, source = read_boundaries(written(tmp_path, other, code=list(own.index)), own)
    noticed = changes(source)["overlaps of counties, 2.00 km² in all"]
    assert noticed.rows == ("430102 and 430121 2.00 km²",)


def test_gaps_are_noticed_with_their_area(tmp_path, own):
    # Each county cuts the middle of the four off by 0.5 km: a hole of 1 km².
    middle = box(X + 9.5 * KM, Y + 9.5 * KM, X + 10.5 * KM, Y + 10.5 * KM)
    holed = own.set_geometry(own.geometry.difference(middle))
    _, source = read_boundaries(written(tmp_path, holed, code=list(own.index)), own)
    noticed = changes(source)["gaps between counties, 1.00 km² in all"]
    assert noticed.rows == ("1.00 km² at 410,000 3,110,000",)


def test_a_hole_that_the_plan_has_too_is_no_gap(tmp_path, own):
    middle = box(X + 9.5 * KM, Y + 9.5 * KM, X + 10.5 * KM, Y + 10.5 * KM)
    holed = own.set_geometry(own.geometry.difference(middle))
    path = written(tmp_path, holed, code=list(own.index))
    assert read_boundaries(path, holed)[1].report.changes == ()


# --- refusals ------------------------------------------------------------------------


def test_a_missing_county_is_named(tmp_path, own):
    path = written(tmp_path, own.iloc[:3], code=list(own.index[:3]))
    with pytest.raises(
        InputError, match="lacks 1 of the plan's 4 .*'code'.*430223 攸县"
    ):
        read_boundaries(path, own)


def test_a_file_without_codes_and_names_is_refused_with_its_fields(tmp_path, own):
    path = written(tmp_path, own, height=[1, 2, 3, 4])
    with pytest.raises(InputError, match="its fields are: height"):
        read_boundaries(path, own)


def test_a_file_without_crs_is_refused(tmp_path, own):
    path = tmp_path / "counties.shp"
    with pytest.warns(UserWarning, match="crs"):
        own.set_crs(None, allow_override=True).reset_index().to_file(path)
    with pytest.raises(CRSError, match="has no CRS"):
        read_boundaries(path, own)


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (LineString([(X, Y), (X + 1, Y)]), "LineString in row 0; Polygon"),
        (Point(X, Y), "Point in row 0; Polygon"),
        (Polygon(), "missing or empty in row 0"),
        (Polygon([(X, Y), (X, np.inf), (X + 1, Y)]), "outside its CRS in row 0"),
        (Polygon([(X, Y), (-2e304, Y + 1), (X + 1, Y)]), "outside its CRS in row 0"),
        (Polygon([(X, Y), (X + 1, Y), (X, Y)]), "no area in row 0"),
    ],
)
def test_what_is_no_area_is_refused(tmp_path, own, shape, found):
    path = tmp_path / "counties.parquet"
    own.set_geometry([shape, *own.geometry.iloc[1:]]).reset_index().to_parquet(path)
    with pytest.raises(SchemaError, match=found):
        read_boundaries(path, own)


def test_counties_in_the_wrong_place_are_refused(tmp_path, own):
    moved = own.set_geometry(own.translate(300 * KM))
    path = written(tmp_path, moved, code=list(own.index))
    with pytest.raises(InputError, match="430102 芙蓉区.*lie elsewhere.*check the CRS"):
        read_boundaries(path, own)


def test_a_missing_file_and_a_broken_one_are_source_errors(tmp_path, own):
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"SQLite format 3\x00rubbish")
    for path in (tmp_path / "none.shp", broken):
        with pytest.raises(SourceError):
            read_boundaries(path, own)


def test_the_plans_own_counties_are_left_as_they_were(tmp_path, own):
    before = own.copy()
    other = own.set_geometry(own.translate(100))
    read_boundaries(written(tmp_path, other, code=list(own.index)), own)
    pd.testing.assert_frame_equal(own, before)


def test_lists_of_parts_become_multipolygons(tmp_path, own):
    pair = MultiPolygon([square(0, 0, size=4), box(X + 5 * KM, Y, X + 6 * KM, Y + KM)])
    other = own.set_geometry([pair, *own.geometry.iloc[1:]])
    found, _ = read_boundaries(written(tmp_path, other, code=list(own.index)), own)
    assert found.geometry.iloc[0].area == pytest.approx(17 * KM**2)


# --- a plan with other boundaries ----------------------------------------------------


@pytest.fixture(scope="module")
def narrowed(czt, tmp_path_factory):
    """The 23 counties, each drawn in by 500 m, and the plan with them."""
    path = tmp_path_factory.mktemp("official") / "official.gpkg"
    frame = czt.counties[["geometry"]].copy()
    frame.geometry = frame.geometry.buffer(-500)
    frame.reset_index().to_file(path)
    return ctzgis.read_plan("czt", boundaries=path)


def test_the_counties_of_the_plan_follow_the_file(czt, narrowed):
    expected = czt.counties.geometry.buffer(-500).area
    assert narrowed.counties.area.to_numpy() == pytest.approx(expected.to_numpy())


def test_extents_made_of_counties_follow_them(narrowed):
    for key in ("ext_czt_three_cities", "ext_zhuzhou_city", "ext_lukou"):
        extent = narrowed.extent(key)
        parts = narrowed.counties.geometry.loc[list(extent.counties)]
        assert extent.shape.geometry.area == pytest.approx(parts.area.sum())
        assert extent.shape.source.endswith("counties from official.gpkg")


def test_what_was_drawn_beside_the_counties_stays(czt, narrowed):
    # 易俗河镇 is drawn as a disc of 123 km² beside the whole districts.
    extent = narrowed.extent("ext_czt_central_area")
    parts = narrowed.counties.geometry.loc[list(extent.counties)]
    assert extent.shape.geometry.area - parts.area.sum() == pytest.approx(
        123e6, rel=0.01
    )
    assert extent.shape.schematic


def test_everything_else_that_was_drawn_stays(czt, narrowed):
    assert narrowed.structure == czt.structure
    assert narrowed.extent("ext_green_heart") == czt.extent("ext_green_heart")


def test_the_sources_name_the_file_instead_of_the_plans_own(czt, narrowed):
    names = [source.name for source in narrowed.sources]
    assert "official.gpkg" in names
    assert "counties.geojson" not in names
    assert len(names) == len(czt.sources)
    (source,) = [s for s in narrowed.sources if s.name == "official.gpkg"]
    assert not source.schematic


def test_a_plan_from_one_file_takes_boundaries_too(tmp_path, own):
    plan = ctzgis.read_plan("gridville")
    ctzgis.write_plan(plan, tmp_path / "plan.json")
    wide = plan.counties[["geometry"]].copy()
    wide.geometry = wide.geometry.buffer(1000, join_style="mitre")
    wide.reset_index().to_file(tmp_path / "wide.gpkg")
    again = ctzgis.read_plan(tmp_path / "plan.json", boundaries=tmp_path / "wide.gpkg")
    # 10 km × 10 km with a margin of 1 km: 12 km × 12 km.
    assert again.extent("ext_gridville").shape.geometry.area == pytest.approx(144e6, rel=1e-3)  # fmt: skip
    assert [s.name for s in again.sources] == ["plan.json", "wide.gpkg"]


def test_an_extent_drawn_apart_from_its_counties_stays_and_is_told(tmp_path):
    from dataclasses import replace

    plan = ctzgis.read_plan("gridville")
    whole = plan.extent("ext_gridville")
    part = replace(whole.shape, geometry=whole.shape.geometry.buffer(-2000))
    others = [e for e in plan.extents if e.id != "ext_gridville"]
    plan = replace(plan, extents=(replace(whole, shape=part), *others))
    plan.counties[["geometry"]].reset_index().to_file(tmp_path / "same.gpkg")
    again = with_boundaries(plan, tmp_path / "same.gpkg")
    assert again.extent("ext_gridville").shape == part
    notes = next(s for s in again.sources if s.name == "same.gpkg").told()
    assert "extents drawn apart from their counties stay: ext_gridville" in notes


def test_the_command_takes_boundaries_and_names_what_they_lack(tmp_path, capsys, czt):
    path = tmp_path / "most.gpkg"
    czt.counties.iloc[1:][["geometry"]].reset_index().to_file(path)
    words = ["assess", "--boundaries", str(path), "--out", str(tmp_path / "out")]
    assert main(words) == 3
    assert "lacks 1 of the plan's 23 counties" in capsys.readouterr().err


# --- real files ----------------------------------------------------------------------


def test_amaps_counties_have_the_official_areas(real_data):
    path = real_data / "county_boundaries" / "counties_detailed.geojson"
    counties = ctzgis.read_plan("czt", boundaries=path).counties
    areas = area_km2(counties).groupby(counties["city_zh"]).sum()
    # Measured independently by whoever gathered the file.
    stated = {"长沙市": 11_818.8, "株洲市": 11_267.8, "湘潭市": 5_013.5}
    for city, km2 in stated.items():
        assert areas[city] == pytest.approx(km2, rel=5e-4)


def test_a_file_of_the_whole_province_gives_the_23_counties(real_data):
    path = real_data / "hunan_counties_population" / "hunan_counties_pop.geojson"
    plan = ctzgis.read_plan("czt", boundaries=path)
    (source,) = [s for s in plan.sources if s.report]
    assert source.report.fields == {"code": "Code_County"}
    assert changes(source)["rows of no county of the plan"].count == 99
    # Its outlines are those of before the latest boundary changes.
    what = "counties whose area differs from the plan's own by more than 5 %"
    assert any(row.startswith("430111 雨花区") for row in changes(source)[what].rows)


def test_areas_are_assessed_with_the_users_boundaries(real_data):
    path = real_data / "county_boundaries" / "counties_detailed.geojson"
    assessment = ctzgis.assess("czt", year=2020, boundaries=path)
    (area,) = [
        finding.measured
        for finding in assessment.scorecard.findings
        if finding.measured.indicator == "area"
        and finding.measured.subject.en == "Three-city region"
    ]
    assert area.inputs == ("counties_detailed.geojson",)
    assert area.value == pytest.approx(11_818.8 + 11_267.8 + 5_013.5, rel=5e-4)
    assert "counties_detailed.geojson" in [s.name for s in assessment.sources]
