"""Shares of forest from a land-cover raster, held against the plan."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

import ctzgis
from ctzgis.assessment.case import Case
from ctzgis.assessment.indicators.registry import measure
from ctzgis.assessment.judging import judge
from ctzgis.assessment.land_cover import (
    LEGENDS,
    LandCoverLegend,
    forest_extents,
    legend_named,
)
from ctzgis.cli import main
from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.sources.places.population import read_settlements
from ctzgis.sources.rasters.land_cover import read_land_cover

TARGET = "t002_forest"  # 56.8 % of the three cities
CELL_M = 2_000.0


def cover(path, czt, *, share=0.6, forest=10, other=40, crs="EPSG:4547", part=1.0):
    """Cells of 2 km over the plan's area; of each ten rows the first are forest."""
    west, south, east, north = czt.counties.total_bounds
    height = int(np.ceil((north - south) / CELL_M)) + 2
    width = int(np.ceil((east - west) / CELL_M * part)) + 2
    cells = np.full((height, width), other, dtype="uint8")
    cells[np.arange(height) % 10 < 10 * share] = forest
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=1, dtype="uint8",
        crs=crs, transform=from_origin(west - CELL_M, north + CELL_M, CELL_M, CELL_M),
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path, cells


def by_hand(czt, cells, forest=10):
    """Share of forest in the three cities: every cell cut with shapely."""
    import shapely

    extent = czt.extent(czt.target(TARGET).extent).shape.geometry
    west, north = czt.counties.total_bounds[[0, 3]] + [-CELL_M, CELL_M]
    row, column = np.nonzero(cells == forest)
    boxes = shapely.box(
        west + column * CELL_M,
        north - (row + 1) * CELL_M,
        west + (column + 1) * CELL_M,
        north - row * CELL_M,
    )
    return shapely.area(shapely.intersection(boxes, extent)).sum() / extent.area


@pytest.fixture(scope="module")
def ground(czt, network):
    people, source = read_settlements()
    return Case(
        plan=czt,
        year=2025,
        profile="free",
        network=network,
        population=people,
        population_source=source,
    )


def finding(ground, path, classes):
    """The finding of the target, on a raster."""
    found, source = read_land_cover(path, ground.plan, classes=classes)
    case = replace(ground, land_cover=found, land_cover_source=source)
    target = case.plan.target(TARGET)
    (measured,) = measure(case, target)
    return judge(case.plan, target, measured, year=case.year)


def test_the_share_is_that_of_cells_cut_by_hand(tmp_path, czt):
    path, cells = cover(tmp_path / "c.tif", czt)
    wanted = by_hand(czt, cells)
    found, _ = read_land_cover(path, czt, classes="worldcover")
    row = found.extents.loc[czt.target(TARGET).extent]
    assert row["forest_share"] == pytest.approx(wanted, abs=1e-6)
    assert row["covered_share"] == pytest.approx(1)
    assert wanted == pytest.approx(0.6, abs=0.01)  # six rows of ten


def test_a_map_that_may_be_a_quarter_wrong_cannot_tell_60_from_57(
    tmp_path, czt, ground
):
    path, _ = cover(tmp_path / "c.tif", czt)
    found = finding(ground, path, "worldcover")
    measured = found.measured
    assert measured.value == pytest.approx(60, abs=1)
    assert (measured.low, measured.high) == pytest.approx(
        (measured.value - 25.6, measured.value + 25.6)
    )
    assert found.status.value == "not_assessable"
    assert "spans the target" in found.reason.en
    assert "crown closure" in measured.accuracy.en


@pytest.mark.parametrize(("share", "status"), [(0.9, "met"), (0.2, "unmet")])
def test_what_no_error_of_the_map_explains_is_judged(
    tmp_path, czt, ground, share, status
):
    path, _ = cover(tmp_path / "c.tif", czt, share=share, forest=2, other=1)
    found = finding(ground, path, "clcd")
    assert found.status.value == status
    assert found.measured.inputs[0] == "c.tif"


def test_numbers_whose_accuracy_nobody_knows_are_shown_and_not_judged(
    tmp_path, czt, ground
):
    path, _ = cover(tmp_path / "c.tif", czt, share=0.9)
    found = finding(ground, path, [10, 20])
    assert found.measured.value == pytest.approx(90, abs=1)
    assert found.status.value == "not_assessable"
    assert "accuracy of these classes is not known" in found.reason.en


def test_a_legend_of_ones_own_is_judged_by_its_accuracy(tmp_path, czt, ground):
    path, _ = cover(tmp_path / "c.tif", czt, share=0.6)
    own = replace(LEGENDS["worldcover"], accuracy_share=0.99)
    assert finding(ground, path, own).status.value == "met"


def test_an_extent_covered_in_part_is_not_judged(tmp_path, czt, ground):
    path, _ = cover(tmp_path / "c.tif", czt, share=0.9, part=0.5)
    found = finding(ground, path, "worldcover")
    assert found.measured.value == pytest.approx(90, abs=1)
    assert found.status.value == "not_assessable"
    assert "partly covered" in found.reason.en


def test_without_a_raster_the_finding_says_what_to_give(assessment):
    found = next(
        f for f in assessment.scorecard.findings if f.target_id == "t004_forest"
    )
    assert found.measured.value is None
    assert "--land-cover" in found.reason.en
    assert "--facilities forest=FILE" in found.reason.en


def test_areas_of_forest_answer_where_no_raster_is_given(czt, ground):
    where = czt.extent(czt.target("t004_forest").extent).shape.geometry
    areas = gpd.GeoDataFrame(geometry=[where], crs=czt.crs)
    case = replace(ground, facilities={"forest": areas})
    measured = next(measure(case, czt.target("t004_forest")))
    assert measured.indicator == "covered_share"
    assert measured.value == pytest.approx(100)


def test_a_raster_in_the_wrong_place_is_refused(tmp_path, czt):
    path, _ = cover(tmp_path / "c.tif", czt, crs="EPSG:4545")  # 3 zones off
    with pytest.raises(InputError, match="no zone lies on the raster.*right CRS"):
        read_land_cover(path, czt, classes="worldcover")


def test_a_raster_without_crs_is_refused(tmp_path, czt):
    path, _ = cover(tmp_path / "c.tif", czt, crs=None)
    with pytest.raises(CRSError):
        read_land_cover(path, czt, classes="worldcover")


def test_a_file_that_is_no_raster_is_refused(tmp_path, czt):
    path = tmp_path / "c.tif"
    path.write_bytes(b"no raster")
    with pytest.raises(SourceError):
        read_land_cover(path, czt, classes="worldcover")


def test_classes_are_never_guessed(tmp_path, czt):
    path, _ = cover(tmp_path / "c.tif", czt)
    with pytest.raises(InputError, match="10 in ESA WorldCover, 2 in CLCD, 20"):
        read_land_cover(path, czt, classes=None)
    with pytest.raises(InputError, match="no land_cover is given"):
        ctzgis.assess("czt", land_cover_classes="clcd")


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("clcd", "class 10, 40, which CLCD.* has not"),
        ("globeland30", "no class 20 in the planning area; it holds 10, 40"),
        ([7], "no class 7 in the planning area"),
        ("forest", "'forest' names no classes.*worldcover, clcd, globeland30"),
        ("10,²", "names no classes"),
        ([], "no class that counts"),
    ],
)
def test_classes_that_do_not_fit_the_file_are_refused(tmp_path, czt, classes, message):
    path, _ = cover(tmp_path / "c.tif", czt)
    with pytest.raises(InputError, match=message):
        read_land_cover(path, czt, classes=classes)


def test_an_accuracy_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"accuracy_share is 74.4"):
        LandCoverLegend(name=legend_named([1]).name, forest=(1,), accuracy_share=74.4)


def test_targets_of_forest_have_extents(czt):
    extents = forest_extents(czt)
    cities = czt.extent(czt.target(TARGET).extent).shape.geometry
    assert cities.equals(extents.geometry[czt.target(TARGET).extent])
    assert extents.intersects(box(*czt.counties.total_bounds)).all()


def test_the_command_takes_a_raster(tmp_path, czt, capsys):
    path, _ = cover(tmp_path / "c.tif", czt)
    argv = ["assess", "--land-cover", str(path), "--lang", "en", "--out", str(tmp_path)]
    assert main([*argv, "--forest-classes", "worldcover", "--year", "2025"]) == 0
    assert "share of land under forest" in capsys.readouterr().out
    assert "c.tif" in (tmp_path / "provenance.json").read_text("utf-8")
    assert main(argv) == 3
