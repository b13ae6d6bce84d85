"""Read people at points: the shipped census settlements, or a user's file (人口)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS
from ctzgis.errors import CRSError, InputError, SchemaError, SourceError
from ctzgis.sources.files import (
    data_folder,
    file_source,
    in_region,
    layers_note,
    read_csv_rows,
    read_layer,
    require_file,
)
from ctzgis.tables import POPULATION

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.provenance import Source

__all__ = ["read_population", "read_settlements"]

_COLUMNS: Final = (
    "settlement_id", "name_zh", "county_code", "lon", "lat", "is_seat", "population",
    "accuracy_m",
)  # fmt: skip
_MAX_CELLS: Final = 50_000_000
_RASTERS: Final = {".tif", ".tiff", ".vrt", ".img"}


def read_settlements(folder: Path | None = None) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read the shipped settlements with the people of the 2020 census.

    Returns
    -------
    GeoDataFrame, Source
        Indexed by ``settlement_id``: ``name_zh``, ``county_code``, ``is_seat``,
        ``population``, ``accuracy_m`` and points in EPSG:4547. A county's people are
        spread evenly over its settlements.
    """
    import geopandas as gpd
    import pandas as pd

    path = data_folder(folder) / "boundaries" / "settlements.csv"
    rows = pd.DataFrame(read_csv_rows(path, *_COLUMNS)).set_index("settlement_id")
    points = gpd.points_from_xy(
        rows["lon"].astype(float), rows["lat"].astype(float), crs=GEOGRAPHIC_CRS
    )
    frame = gpd.GeoDataFrame(
        {
            "name_zh": rows["name_zh"],
            "county_code": rows["county_code"],
            "is_seat": rows["is_seat"] == "true",
            "population": rows["population"].astype(int),
            "accuracy_m": rows["accuracy_m"].astype(float),
        },
        geometry=points,
    )
    return frame.to_crs(REGION_CRS), file_source(path)


def read_population(path: Path | str) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read a user's population: points with a ``population`` column, or a raster.

    Parameters
    ----------
    path
        A vector file of points in any CRS, or a GeoTIFF whose cells count people.

    Returns
    -------
    GeoDataFrame, Source
        ``population`` at points in EPSG:4547; of a raster the centres of the cells
        with anybody in them.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    SchemaError, CRSError, InputError
        If it has no CRS, no such column, negative counts, or too many cells.
    """
    import geopandas as gpd

    path = Path(path)
    raster = path.suffix.lower() in _RASTERS
    frame = _raster_points(path) if raster else read_layer(path)
    if frame.crs is None:
        msg = f"{path.name} has no CRS; name the one its coordinates are in"
        raise CRSError(msg)
    if frame.empty:
        raise SchemaError(POPULATION.name, [f"{path.name} holds no rows"])
    POPULATION.check(frame)
    if not frame["population"].sum() > 0:
        msg = f"{path.name} holds nobody: its population adds up to 0"
        raise InputError(msg)
    frame = gpd.GeoDataFrame(
        {"population": frame["population"].to_numpy()},
        geometry=frame.geometry.array,
        crs=frame.crs,
    )
    notes = () if raster else layers_note(path)
    return in_region(frame, path.name), file_source(
        path, what="population given by the user", notes=notes
    )


def _raster_points(path: Path) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import rasterio
    import rasterio.errors

    require_file(path)
    try:
        with rasterio.open(path) as raster:
            if raster.width * raster.height > _MAX_CELLS:
                msg = f"{path.name} has more than {_MAX_CELLS:,} cells; clip it first"
                raise InputError(msg)
            counts = raster.read(1, masked=True).astype(float).filled(np.nan)
            lines, columns = np.nonzero(np.nan_to_num(counts) != 0)
            x, y = _cell_centres(raster.transform, lines, columns)
            crs = raster.crs
    except rasterio.errors.RasterioError as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error
    return gpd.GeoDataFrame(
        {"population": counts[lines, columns]},
        geometry=gpd.points_from_xy(x, y),
        crs=None if crs is None else crs.to_wkt(),
    )


def _cell_centres(
    transform: Any, lines: "NDArray[np.int64]", columns: "NDArray[np.int64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    right, down = columns + 0.5, lines + 0.5
    x = transform.a * right + transform.b * down + transform.c
    y = transform.d * right + transform.e * down + transform.f
    return x, y
