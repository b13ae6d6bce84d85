"""What lies inside a protected zone (冲突)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.coverage.serving import FACILITIES
from ctzgis.analysis.rules import ruled
from ctzgis.crs import area_km2, require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import STREETS, ZONES
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "DEFAULT_SEVERITY",
    "SeverityRule",
    "conflict_totals",
    "lengths_inside",
    "zone_conflicts",
]

_OURS: Final = Text("本库约定，非法规文本", "a convention of this library, not law")

SEVERITIES: Final = ("none", "low", "medium", "high")
"""Words for how severe a conflict is: 无、轻、中、重."""

_COLUMNS: Final = [
    "layer", "element_id", "name_zh", "project_id", "status", "regime", "zone_id",
    "zone", "crossing", "count", "length_km", "area_km2", "share_inside", "severity",
    "geometry",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityRule:
    """
    How severe it is that something lies in a protected zone (冲突程度规则).

    The step of the zone, and what the kind of crossing and the layer add to it, from 0
    (none) to 3 (high).

    Attributes
    ----------
    zones
        Step by the word of the zone.
    other_zones
        Step of any other zone.
    crossings
        What is added by ``"tunnel"``, ``"bridge"``, ``"ground"`` and ``"unknown"``.
    layers
        What is added by layer, e.g. −3 for parks that the regulations welcome.
    source
        Who says so.
    """

    zones: "Mapping[str, int]" = field(
        default_factory=lambda: {
            "prohibited_restricted": 3,
            "prohibited": 3,
            "restricted": 2,
            "controlled": 1,
            "core_protection": 3,
            "integration": 1,
        }
    )
    other_zones: int = 2
    crossings: "Mapping[str, int]" = field(default_factory=lambda: {"tunnel": -2})
    layers: "Mapping[str, int]" = field(default_factory=dict)
    source: Text = _OURS

    def severity(self, layer: str, zone: str, crossing: str) -> str:
        """
        Return the word for one conflict.

        Examples
        --------
        >>> rule = SeverityRule()
        >>> rule.severity("roads", "core_protection", "ground")
        'high'
        >>> rule.severity("roads", "core_protection", "tunnel")
        'low'
        """
        step = self.zones.get(zone, self.other_zones)
        step += self.crossings.get(crossing, 0) + self.layers.get(layer, 0)
        return SEVERITIES[min(max(step, 0), len(SEVERITIES) - 1)]


DEFAULT_SEVERITY: Final = SeverityRule()
"""Steps that follow how strict the zones of the green heart are."""


def zone_conflicts(
    things: "Mapping[str, gpd.GeoDataFrame]",
    zones: gpd.GeoDataFrame,
    *,
    rule: SeverityRule = DEFAULT_SEVERITY,
) -> gpd.GeoDataFrame:
    """
    List what lies inside protected zones: roads, rails, projects, parks, settlements.

    A line counts with its length inside, half where it runs along the border of a zone;
    an area with its area; a point once, on a border in the first zone of a regime.

    Parameters
    ----------
    things
        Points, lines or areas by layer, in true metres, indexed by id. The columns
        ``name_zh``, ``project_id`` and ``status`` are taken over; ``tunnel`` and
        ``bridge`` (true or false) tell how a line crosses.
    zones
        Polygons in the same CRS, indexed by id, with ``regime`` and ``zone`` (words).
        Zones of one regime must not overlap: leave out its total.
    rule
        How severe what is.

    Returns
    -------
    GeoDataFrame
        One row per element and zone, most severe first: ``layer``, ``element_id``,
        ``name_zh``, ``project_id``, ``status``, ``regime``, ``zone_id``, ``zone``,
        ``crossing`` (``"tunnel"``, ``"bridge"``, ``"ground"``, ``"unknown"``),
        ``count`` (1), ``length_km``, ``area_km2`` (0 where it has none),
        ``share_inside`` (of the element, 0–1), ``severity`` and the part inside.
        ``attrs["rules"]`` says who made the rule of severity.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If ``tunnel`` or ``bridge`` hold anything but true, false or nothing.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> heart = gridville_zones().loc[["sw"]].assign(regime="2024", zone="core_protection")
    >>> found = zone_conflicts({"roads": gridville().roads.roads}, heart)
    >>> float(found["length_km"].sum())  # 60 km of streets, 20 of them on the border
    50.0
    """
    ZONES.check(zones)
    require_metric(zones, "zones")
    frames = [
        _inside(layer, frame, zones, rule)
        for layer, frame in things.items()
        if _checked(layer, frame, zones)
    ]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    table = table.reindex(columns=_COLUMNS)
    order = pd.Categorical(table["severity"], SEVERITIES[::-1], ordered=True)
    table = table.iloc[np.argsort(order.codes, kind="stable")]
    found = gpd.GeoDataFrame(
        table.reset_index(drop=True), geometry="geometry", crs=zones.crs
    )
    source = rule.source
    return ruled(found, f"严重程度：{source.zh}", f"severity: {source.en}")


def conflict_totals(
    found: pd.DataFrame,
    *,
    by: "Sequence[str]" = ("regime", "zone", "layer", "severity"),
) -> pd.DataFrame:
    """
    Add up conflicts by some of their columns.

    Returns
    -------
    DataFrame
        The columns ``by``, ``count`` (of elements in zones), ``length_km``, ``area_km2``.
    """
    sums = {"count": "sum", "length_km": "sum", "area_km2": "sum"}
    return found.groupby(list(by), as_index=False, dropna=False).agg(sums)


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


def _checked(layer: str, frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> bool:
    """Check one layer; tell whether it holds anything."""
    FACILITIES.check(frame)
    require_same(frame, zones, left_name=layer, right_name="zones")
    return len(frame) > 0


def _inside(
    layer: str, frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, rule: SeverityRule
) -> pd.DataFrame:
    """Return a row for each element of a layer and each zone it lies in."""
    shapes, areas = (np.asarray(f.geometry.array) for f in (frame, zones))
    row, zone = zones.sindex.query(shapes, predicate="intersects")
    order = np.lexsort((zone, row))
    row, zone = row[order], zone[order]
    whole, area = shapes[row], areas[zone]
    part = _of_same_kind(whole, shapely.intersection(whole, area))
    size, km, km2 = _sizes(whole, part, area, frame.crs)
    regime = _words(zones, "regime", "")[zone]
    kept = size > 0
    dots = shapely.get_dimensions(whole) == 0
    first = ~pd.DataFrame({"row": row, "regime": regime}).duplicated().to_numpy()
    kept |= dots & first
    names = _words(zones, "zone", zones.index)[zone]
    crossing = _crossings(frame)[row]
    columns: dict[str, Any] = {
        "layer": layer,
        "element_id": frame.index[row],
        "regime": regime,
        "zone_id": zones.index[zone],
        "zone": names,
        "crossing": crossing,
        "count": 1,
        "length_km": km,
        "area_km2": km2,
        "share_inside": np.where(dots, 1.0, size),
        "severity": [
            rule.severity(layer, str(word), str(way))
            for word, way in zip(names, crossing, strict=True)
        ],
        "geometry": part,
    }
    for name in ("name_zh", "project_id", "status"):
        columns[name] = _words(frame, name, None)[row]
    return pd.DataFrame(columns)[kept]


def _sizes(
    whole: "NDArray[np.object_]",
    part: "NDArray[np.object_]",
    area: "NDArray[np.object_]",
    crs: Any,
) -> "tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]":
    """Return share inside (0 of points), km and km² of parts inside areas."""
    dimension = shapely.get_dimensions(whole)
    along = shapely.length(shapely.intersection(whole, shapely.boundary(area)))
    metres = np.where(dimension == 1, shapely.length(part) - along / 2, 0.0)
    planar = np.where(dimension == 2, shapely.area(part), 0.0)
    full = np.where(dimension == 1, shapely.length(whole), shapely.area(whole))
    share = np.divide(metres + planar, full, out=np.zeros(len(full)), where=full > 0)
    km2 = np.zeros(len(part))
    areal = planar > 0
    km2[areal] = area_km2(gpd.GeoSeries(part[areal], crs=crs)).to_numpy()
    return share, metres / 1000, km2


def _of_same_kind(
    whole: "NDArray[np.object_]", part: "NDArray[np.object_]"
) -> "NDArray[np.object_]":
    """Drop the points and lines where parts merely touch an area."""
    mixed = shapely.get_type_id(part) == shapely.GeometryType.GEOMETRYCOLLECTION
    for place in np.flatnonzero(mixed):
        parts = shapely.get_parts(part[place])
        same = shapely.get_dimensions(parts) == shapely.get_dimensions(whole[place])
        part[place] = shapely.union_all(parts[same])
    return part


def _flags(frame: gpd.GeoDataFrame, name: str) -> "pd.Series[Any]":
    """Return a column of true and false, missing where not known."""
    values = pd.Series(_words(frame, name, None))
    wrong = ~values.isna() & ~values.isin([True, False])
    if wrong.any():
        msg = (
            f"column '{name}' is {values[wrong].iloc[0]!r} in row "
            f"{frame.index[wrong][0]!r}; true or false is expected"
        )
        raise InputError(msg)
    return values.astype("boolean")


def _words(frame: gpd.GeoDataFrame, name: str, other: Any) -> "NDArray[np.object_]":
    """Return a column, or what stands for it."""
    values = frame.get(name, other)
    return np.asarray(pd.Series(values, index=frame.index, dtype=object), dtype=object)


def _crossings(frame: gpd.GeoDataFrame) -> "NDArray[np.object_]":
    """Tell how each element crosses: what is no line lies on the ground."""
    linear = frame.geometry.geom_type.isin(STREETS.geometry).to_numpy()
    told = {way: _flags(frame, way) for way in ("tunnel", "bridge")}
    known = np.ones(len(frame), dtype=bool)
    for way in told.values():
        known &= way.notna().to_numpy()
    found = np.where(linear & ~known, "unknown", "ground").astype(object)
    for name, way in told.items():
        found[linear & way.fillna(value=False).to_numpy(dtype=bool)] = name
    return found
