"""What lies inside a protected zone (冲突)."""

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.crs import require_metric, require_same
from ctzgis.tables import STREETS, ZONES

__all__ = ["lengths_inside"]


def lengths_inside(
    lines: "gpd.GeoDataFrame", zones: "gpd.GeoDataFrame", *, by: "list[str]"
) -> "gpd.GeoDataFrame":
    """
    Measure the lines inside each zone, grouped by columns of the lines.

    A line on the border of a zone counts half there, as :func:`road_density` has it,
    so that two zones which share the border count it once together.

    Parameters
    ----------
    lines
        Lines in true metres, with the columns ``by``.
    zones
        Polygons in the CRS of ``lines``, indexed by id.
    by
        Columns of ``lines`` to group by, e.g. status and kind; a missing value is a
        group of its own.

    Returns
    -------
    GeoDataFrame
        ``zone_id``, the columns ``by``, ``length_km``, ``count`` (lines that touch the
        zone) and the parts inside as geometry; groups without any are left out.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    """
    STREETS.check(lines)
    ZONES.check(zones)
    require_metric(lines, "lines")
    require_same(lines, zones, left_name="lines", right_name="zones")
    named = zones[[zones.geometry.name]].rename_axis("zone_id").reset_index()
    parts: gpd.GeoDataFrame = gpd.overlay(
        lines[[*by, lines.geometry.name]].assign(_line=np.arange(len(lines))),
        named,
        how="intersection",
        keep_geom_type=True,
    )
    whole = np.asarray(lines.geometry.array)[parts["_line"].to_numpy(dtype=np.int64)]
    border = np.asarray(zones.boundary.loc[parts["zone_id"]].array)
    on_border = shapely.length(shapely.intersection(whole, border))
    parts["length_km"] = (parts.length - on_border / 2) / 1000
    parts["count"] = 1
    keys: list[str] = ["zone_id", *by]
    return parts.drop(columns="_line").dissolve(
        by=keys,
        aggfunc={"length_km": "sum", "count": "sum"},
        as_index=False,
        dropna=False,
    )
