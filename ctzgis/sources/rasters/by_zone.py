"""Sum and share out rasters by zone, with exact parts of cells (分区统计)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import InputError
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.rasters.bands import open_band
from ctzgis.sources.rasters.zonal import extracted, on_raster
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from ctzgis.provenance import Source
    from ctzgis.sources.rasters.bands import Band

    Cells = NDArray[np.float64]

__all__ = ["read_class_shares", "read_zonal_sums"]

_MAX_CLASSES: Final = 1_000
_COVERED: Final = "covered_share"
_WHOLE: Final = 0.999
_MAX_AREAL_CHANGE: Final = 0.01
_SHOWN: Final = 5


def read_zonal_sums(
    path: Path | str,
    zones: "gpd.GeoDataFrame",
    *,
    band: int = 1,
    nodata: float | None = None,
) -> "tuple[pd.DataFrame, Source]":
    """
    Add up a raster's cells in each zone: people, metres, tonnes.

    A cell that lies partly in a zone counts with the share of it that does, worked out
    exactly. Cells without data count nowhere. The raster is read in parts, so it may be
    larger than memory; rotated rasters are read as they are.

    Parameters
    ----------
    path
        GeoTIFF, VRT of such, Erdas Imagine or Arc/Info ASCII file.
    zones
        Polygons in any CRS; they are converted to the raster's.
    band
        Which band to read, from 1.
    nodata
        A value that stands for no data, where the file does not say so.

    Returns
    -------
    DataFrame, Source
        With the index of ``zones``: ``sum``; ``mean``, by area; ``min`` and ``max`` of
        the cells touched; ``covered_share``, the share (0–1) of the zone's area on cells
        with data. All but the share are NaN where it is 0. The report names zones that
        are not covered whole.

    Raises
    ------
    SourceError
        If the file is missing, is no raster or is cut off.
    CRSError, SchemaError
        If the raster or the zones have no CRS, or zones are no valid polygons.
    InputError
        If exactextract is not installed, no zone touches the raster, a value such as
        −9999 or −3.4e38 is not declared as no data, the band does not exist, or there
        are more than 5 billion cells to read.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd, numpy as np, rasterio
    >>> from shapely import box
    >>> from ctzgis import read_zonal_sums
    >>> path = tempfile.mkdtemp() + "/people.tif"
    >>> with rasterio.open(path, "w", driver="GTiff", width=2, height=1, count=1,
    ...         dtype="float32", crs="EPSG:4547",
    ...         transform=rasterio.Affine(100, 0, 400_000, 0, -100, 3_100_100)) as file:
    ...     file.write(np.array([[8, 4]], dtype="float32"), 1)
    >>> half = gpd.GeoDataFrame(geometry=[box(400_050, 3_100_000, 400_200, 3_100_100)],
    ...     index=["a"], crs="EPSG:4547")
    >>> read_zonal_sums(path, half)[0]["sum"].to_dict()
    {'a': 8.0}
    """
    path = Path(path)
    with open_band(path, band=band, nodata=nodata) as raster:
        shapes, area = on_raster(raster, zones)
        ops = ["sum", "min", "max", "weighted_mean", "weighted_sum"]
        found = extracted(raster, shapes, ops)
        frame = _frame(
            zones,
            {
                "sum": _numbers(row["value_sum"] for row in found),
                "mean": _numbers(row["value_area_weighted_mean"] for row in found),
                "min": _numbers(row["value_min"] for row in found),
                "max": _numbers(row["value_max"] for row in found),
            },
            _numbers(row["there_area_weighted_sum"] for row in found) / area,
        )
        changes = [
            _change(
                Text("有负值的分区", "zones with values below zero"),
                frame["min"] < 0,
                zones,
            )
        ]
        return frame, _source(path, raster, zones, frame, changes)


def read_class_shares(
    path: Path | str,
    zones: "gpd.GeoDataFrame",
    *,
    names: "Mapping[int, str] | None" = None,
    band: int = 1,
    nodata: float | None = None,
) -> "tuple[pd.DataFrame, Source]":
    """
    Share out each zone among the classes of a raster, such as land cover (地类占比).

    Cells count with the part of them that lies in the zone, and with their true area:
    in a raster of degrees a cell in the north is smaller than one in the south.

    Parameters
    ----------
    path
        As for :func:`read_zonal_sums`; cells hold whole numbers.
    zones
        Polygons in any CRS; they are converted to the raster's.
    names
        What each class is called; without it its number.
    band
        Which band to read, from 1.
    nodata
        A value that stands for no data, where the file does not say so.

    Returns
    -------
    DataFrame, Source
        With the index of ``zones``: a column for each class, in the order of ``names``
        and then of the numbers, with its share (0–1) of the zone's area on cells with
        data; and ``covered_share``, the share of the zone's area that has data. Shares
        are NaN where that is 0.

    Raises
    ------
    SourceError, CRSError, SchemaError, InputError
        As for :func:`read_zonal_sums`, and if cells hold fractions, more than 1,000
        classes are found, or two classes are called the same.
    """
    path = Path(path)
    called = dict(names or {})
    if len({*called.values(), _COVERED}) <= len(called):
        msg = f"names calls two classes the same, or one '{_COVERED}': {called}"
        raise InputError(msg)
    with open_band(path, band=band, nodata=nodata) as raster:
        shapes, area = on_raster(raster, zones)
        ops = ["unique", "weighted_frac", "weighted_sum"]
        found = extracted(raster, shapes, ops, whole=True)
        shares = [
            dict(zip(map(int, row["value_unique"]), row["value_area_weighted_frac"],
                     strict=True))
            for row in found
        ]  # fmt: skip
        classes = sorted(set().union(*shares))
        if len(classes) > _MAX_CLASSES:
            msg = (
                f"{path.name} holds {len(classes):,} classes; {_MAX_CLASSES:,} at most"
            )
            raise InputError(msg)
        unnamed = [number for number in classes if number not in called]
        columns = called | {number: str(number) for number in unnamed}
        frame = _frame(
            zones,
            {
                column: _numbers(row.get(number, 0.0) for row in shares)
                for number, column in columns.items()
            },
            _numbers(row["there_area_weighted_sum"] for row in found) / area,
        )
        lost = unnamed if called else []
        changes = [
            Change(
                action="noticed",
                what=Text("没有名称的类别", "classes without a name"),
                count=len(lost),
                rows=tuple(map(str, lost[:_SHOWN])),
            )
        ]
        return frame, _source(path, raster, zones, frame, changes)


def _numbers(values: "Iterable[Any]") -> "Cells":
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _frame(
    zones: "gpd.GeoDataFrame", columns: "dict[str, Cells]", covered: "Cells"
) -> "pd.DataFrame":
    import pandas as pd

    share = np.clip(np.nan_to_num(covered), 0, 1)
    nowhere = share == 0
    for values in columns.values():
        values[nowhere] = np.nan
    return pd.DataFrame({**columns, _COVERED: share}, index=zones.index)


def _source(
    path: Path,
    raster: "Band",
    zones: "gpd.GeoDataFrame",
    frame: "pd.DataFrame",
    changes: list[Change],
) -> "Source":
    share = frame[_COVERED]
    changes = [
        _change(Text("没有数据的分区", "zones without any data"), share == 0, zones),
        _change(
            Text("部分没有数据的分区", "zones partly without data"),
            (share > 0) & (share < _WHOLE),
            zones,
        ),
        *changes,
        _change(
            Text(
                "栅格坐标系使其面积变形超过 1% 的分区",
                "zones across which the raster's CRS changes areas by more than 1 %",
            ),
            _uneven(raster, zones),
            zones,
        ),
    ]
    height, width = raster.size
    report = ReadReport(
        rows_in=len(zones),
        rows_kept=int((share > 0).sum()),
        unit=Text("个分区", "zones"),
        changes=tuple(change for change in changes if change.count),
        crs_in=raster.crs_name,
    )
    return file_source(
        path,
        what=Text("用户提供的栅格", "raster given by the user"),
        crs=raster.crs_name,
        notes=(
            Text(
                f"第 {raster.number} 波段，{width:,} × {height:,} 个像元",
                f"band {raster.number} of {width:,} × {height:,} cells",
            ),
        ),
        report=report,
    )


def _change(what: Text, which: Any, zones: "gpd.GeoDataFrame") -> Change:
    rows = tuple(map(str, zones.index[np.asarray(which, dtype=bool)]))
    return Change(action="noticed", what=what, count=len(rows), rows=rows[:_SHOWN])


def _uneven(raster: "Band", zones: "gpd.GeoDataFrame") -> "NDArray[np.bool_]":
    """Tell in which zones cells of a projected raster are not of one true area."""
    import pyproj

    if raster.crs.is_geographic or not len(zones):
        return np.zeros(len(zones), dtype=bool)
    at = zones.geometry.to_crs("EPSG:4326").bounds
    lon = at[["minx", "maxx", "minx", "maxx"]].to_numpy()
    lat = at[["miny", "miny", "maxy", "maxy"]].to_numpy()
    scale = np.asarray(pyproj.Proj(raster.crs).get_factors(lon, lat).areal_scale)
    with np.errstate(invalid="ignore"):  # undefined factors are uneven too
        even = np.ptp(scale, axis=1) <= _MAX_AREAL_CHANGE * scale.min(axis=1)
    uneven: NDArray[np.bool_] = ~even
    return uneven
