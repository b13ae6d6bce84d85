"""Travel times as a GeoTIFF (出行时间栅格文件)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctzgis.errors import InputError, SourceError
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from ctzgis.analysis.access.surfaces import TravelTimeSurface
    from ctzgis.provenance import Source

__all__ = ["write_surface"]


def write_surface(
    surface: "TravelTimeSurface",
    path: "str | os.PathLike[str]",
    *,
    sources: "Iterable[Source]" = (),
    parameters: "Mapping[str, Any] | None" = None,
) -> Path:
    """
    Write travel times as a GeoTIFF of one band, in minutes.

    Parameters
    ----------
    surface
        What ``travel_time_surface`` gave.
    path
        File ending in ``.tif`` or ``.tiff``; one that is there is replaced.
    sources, parameters
        What the times rest on and with what they were found, kept in the file's tags.

    Returns
    -------
    Path
        The file: 32-bit floats, compressed, NaN where nothing comes in time.

    Raises
    ------
    InputError
        If the file ends otherwise, or the surface has no cells.
    SourceError
        If the file cannot be written; one that was there stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis import travel_time_surface
    >>> from ctzgis.examples import gridville, gridville_places
    >>> centre = gridville_places().loc[["centre"]]
    >>> found = travel_time_surface(gridville(), centre, cutoff_min=4)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_surface(found, f"{folder}/minutes.tif").name
    'minutes.tif'
    """
    import rasterio
    from rasterio.errors import RasterioError

    path = Path(path)
    if path.suffix.lower() not in (".tif", ".tiff"):
        msg = f"{path.name}: travel times are written as .tif or .tiff"
        raise InputError(msg)
    rows, columns = surface.minutes.shape
    if not rows or not columns:
        msg = "the surface has no cells: no origin has a road near it"
        raise InputError(msg)
    cell = surface.cell_m
    tags = {
        "ctzgis_sources": json.dumps(
            [s.to_dict() for s in sources], ensure_ascii=False
        ),
        "ctzgis_parameters": json.dumps(dict(parameters or {}), ensure_ascii=False),
    }
    with written_whole(path) as part:
        try:
            with rasterio.open(
                part,
                "w",
                driver="GTiff",
                height=rows,
                width=columns,
                count=1,
                dtype="float32",
                nodata=float("nan"),
                crs=surface.crs.to_wkt(),
                transform=rasterio.Affine(
                    cell, 0, surface.west, 0, -cell, surface.north
                ),
                compress="deflate",
                predictor=3,
                tiled=True,
                BIGTIFF="IF_SAFER",
            ) as file:
                file.write(surface.minutes, 1)
                file.set_band_description(1, "travel time")
                file.set_band_unit(1, "min")
                file.update_tags(**tags)
        except RasterioError as error:
            msg = f"cannot write {path}: {error}"
            raise SourceError(msg) from error
    return path
