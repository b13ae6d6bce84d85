"""What lies inside a protected zone (冲突)."""

import geopandas as gpd

from ctzgis.crs import require_metric, require_same
from ctzgis.tables import STREETS, ZONES

__all__ = ["lengths_inside"]


def lengths_inside(
    lines: "gpd.GeoDataFrame", zones: "gpd.GeoDataFrame", *, by: "list[str]"
) -> "gpd.GeoDataFrame":
    """
    Measure the lines inside each zone, grouped by columns of the lines.

    Parameters
    ----------
    lines
        Lines in true metres, with the columns ``by``.
    zones
        Polygons in the CRS of ``lines``, indexed by id.
    by
        Columns of ``lines`` to group by, e.g. status and kind.

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
        lines[[*by, lines.geometry.name]],
        named,
        how="intersection",
        keep_geom_type=True,
    )
    parts["length_km"] = parts.length / 1000
    parts["count"] = 1
    keys: list[str] = ["zone_id", *by]
    return parts.dissolve(
        by=keys, aggfunc={"length_km": "sum", "count": "sum"}, as_index=False
    )
