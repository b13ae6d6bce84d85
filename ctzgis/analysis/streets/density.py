"""Road density: length of roads per area, by declared rules (路网密度)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.rules import ruled
from ctzgis.analysis.streets.density_lands import land_of
from ctzgis.analysis.streets.density_rules import DensityRules, rules_named
from ctzgis.analysis.streets.line_pieces import line_pieces
from ctzgis.analysis.streets.street_kinds import (
    shares_counted,
    street_kinds,
    untold,
    weights_of,
    widths_m,
)
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.tables import ROAD_CLASSES, STREETS, ZONES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.streets.density_lands import Land
    from ctzgis.analysis.streets.line_pieces import LinePieces
    from ctzgis.analysis.streets.street_kinds import Weight
    from ctzgis.texts import Text

    Floats = NDArray[np.float64]

__all__ = [
    "LANE_M",
    "lengths_by_rule",
    "mapped_share",
    "require_measurable",
    "road_density",
    "road_density_by_class",
]

LANE_M: Final = 3.5
"""Width of a lane where only lanes are known; an assumption."""


def road_density(
    streets: "gpd.GeoDataFrame",
    zones: "gpd.GeoDataFrame",
    *,
    rules: str | DensityRules = "raw",
    weight: "Weight | None" = None,
    built_up: "gpd.GeoDataFrame | None" = None,
    without: "gpd.GeoDataFrame | None" = None,
    lane_m: float = LANE_M,
) -> pd.DataFrame:
    """
    Measure how densely roads serve each zone, by declared rules.

    Every line counts with the length that lies inside a zone's land. What runs along the
    border of two zones, no more than a metre off it, counts half in each by most rules.
    Every zone is measured by itself; zones may overlap. Lengths are those of the plane,
    areas those of the ellipsoid.

    Parameters
    ----------
    streets
        Lines in true metres. ``road_class`` is asked for by rules that count classes;
        ``link`` and ``roundabout`` mark ramps and rings, ``width_m`` and ``lanes`` tell
        the width. A line of length zero counts nothing.
    zones
        Polygons in the CRS of ``streets``.
    rules
        ``"gbt51328"``, ``"mohurd"``, ``"raw"``, or one's own.
    weight
        Share of each street's length that counts where dual carriageways count once:
        a column of ``streets``, or values 0–1 by its index or in
        its order.
    built_up
        Built-up areas in the CRS of ``zones``, for rules that divide by them; derived
        from the streets if not given, and said so.
    without
        Areas to leave out, for rules that leave some out: water, say.
    lane_m
        Width of a lane, in metres, where only ``lanes`` are known.

    Returns
    -------
    DataFrame
        With the index of ``zones``: ``length_km``, ``area_km2`` (on the ellipsoid),
        ``road_density_km_per_km2`` (0 where there is no road, NaN where there is no land)
        and ``denominator`` (``"zone"``, ``"built_up"``, ``"built_up_derived"`` or
        ``"zone_without"``). If streets have ``width_m`` or ``lanes``, also
        ``road_area_share``, of the lines whose width is known, every line of a dual
        carriageway with its own; and ``width_known_share`` of the length. What holds for
        the whole is in ``attrs``, as :class:`Text`: ``"rules"``, ``"denominator"``,
        ``"notes"``.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract (zones are valid polygons), is not in true metres
        or differs in CRS.
    InputError
        If streets do not tell what the rules ask for, a weight is missing or outside
        0–1, or areas are given that the rules do not use.

    Examples
    --------
    220 km of road on 100 km²; the 40 km on the outer border count half:

    >>> from ctzgis.examples import gridville, gridville_zones
    >>> town = gridville_zones().dissolve()
    >>> found = road_density(gridville().roads.roads, town)
    >>> found["road_density_km_per_km2"].round(2).tolist()
    [2.0]
    >>> found.attrs["rules"].en.splitlines()[-3]
    'area: the whole zone'
    """
    chosen = rules_named(rules)
    require_measurable(streets, zones)
    _require_used(chosen, built_up, without)
    kinds = street_kinds(streets)
    share = shares_counted(kinds, chosen, weights_of(streets, weight))
    width = widths_m(streets, lane_m)
    land = land_of(
        streets, zones, chosen.denominator, built_up=built_up, without=without
    )
    pieces = _pieces(streets, land, chosen)
    metres = lengths_by_rule(pieces, chosen)
    by_zone = _sums(pieces.area, metres * share[pieces.line], len(zones))
    frame = _densities(by_zone / 1000, land.km2, zones.index)
    frame["denominator"] = land.word
    if width is not None:
        # A carriageway has lanes of its own, however its length is weighed.
        drawn = metres * (share > 0)[pieces.line]
        known = ~np.isnan(width[pieces.line])
        paved = np.where(known, drawn * np.nan_to_num(width[pieces.line]), 0.0)
        all_m, known_m, paved_m2 = (
            _sums(pieces.area, values, len(zones))
            for values in (drawn, drawn * known, paved)
        )
        frame["road_area_share"] = _over(paved_m2 / 1e6, land.km2)
        frame["width_known_share"] = _over(known_m, all_m)
    return _with_attrs(frame, chosen, land, untold(kinds, chosen))


def road_density_by_class(
    streets: "gpd.GeoDataFrame",
    zones: "gpd.GeoDataFrame",
    *,
    rules: str | DensityRules = "raw",
    weight: "Weight | None" = None,
    built_up: "gpd.GeoDataFrame | None" = None,
    without: "gpd.GeoDataFrame | None" = None,
) -> pd.DataFrame:
    """
    Measure how densely roads of each class serve each zone.

    Parameters
    ----------
    streets, zones, rules, weight, built_up, without
        As for :func:`road_density`. Ramps have the class of their road.

    Returns
    -------
    DataFrame
        One row per zone and class that counts somewhere, the fastest first: ``zone_id``,
        ``road_class`` (``None`` for lines without), ``length_km``, ``area_km2``,
        ``road_density_km_per_km2``, ``length_share`` of the zone's roads and
        ``denominator``. The classes of a zone add up to :func:`road_density`; ``attrs``
        are the same.

    Raises
    ------
    SchemaError, CRSError, InputError
        As for :func:`road_density`, and if streets have no column ``road_class``.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> table = road_density_by_class(gridville().roads.roads, gridville_zones())
    >>> table[["zone_id", "road_class"]].iloc[0].tolist()
    ['sw', 'secondary']
    >>> table["length_km"].tolist()
    [50.0, 50.0, 50.0, 50.0]
    """
    chosen = rules_named(rules)
    require_measurable(streets, zones)
    _require_used(chosen, built_up, without)
    kinds = street_kinds(streets)
    if not kinds.has_classes:
        msg = "streets have no column 'road_class'; add it, or ask for road_density"
        raise InputError(msg)
    share = shares_counted(kinds, chosen, weights_of(streets, weight))
    land = land_of(
        streets, zones, chosen.denominator, built_up=built_up, without=without
    )
    pieces = _pieces(streets, land, chosen)
    metres = lengths_by_rule(pieces, chosen) * share[pieces.line]
    number, names = _class_numbers(kinds.road_class, share > 0)
    count = len(names)
    cell = pieces.area * count + number[pieces.line]
    counted = number[pieces.line] < count
    km = _sums(cell[counted], metres[counted], len(zones) * count) / 1000
    row = np.repeat(np.arange(len(zones)), count)
    frame = _densities(km, land.km2[row], pd.RangeIndex(len(row)))
    frame.insert(0, "zone_id", zones.index.to_numpy()[row])
    frame.insert(1, "road_class", np.tile(names, len(zones)))
    frame["length_share"] = _over(km, _sums(row, km, len(zones))[row])
    frame["denominator"] = land.word
    return _with_attrs(frame, chosen, land, untold(kinds, chosen))


def require_measurable(streets: "gpd.GeoDataFrame", zones: "gpd.GeoDataFrame") -> None:
    """
    Refuse streets and zones that cannot be measured in one another.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    """
    STREETS.check(streets)
    ZONES.check(zones)
    require_metric(streets, "streets")
    require_same(streets, zones, left_name="streets", right_name="zones")


def lengths_by_rule(pieces: "LinePieces", rules: DensityRules) -> "Floats":
    """Return the metres of each piece that count, by the rule for borders."""
    if rules.border == "clip":
        return pieces.inside_m + pieces.covered_m
    return pieces.inside_m + pieces.along_m * (0.5 if rules.border == "half" else 1.0)


def _require_used(
    rules: DensityRules,
    built_up: "gpd.GeoDataFrame | None",
    without: "gpd.GeoDataFrame | None",
) -> None:
    """Refuse areas that would be given for nothing."""
    for name, given, wanted in (
        ("built_up", built_up, "built_up"),
        ("without", without, "zone_without"),
    ):
        if given is not None and rules.denominator != wanted:
            msg = (
                f"rules '{rules.name}' divide by '{rules.denominator}' and do not use "
                f"{name}; leave it out, or "
                f"dataclasses.replace(rules, denominator='{wanted}')"
            )
            raise InputError(msg)


def _pieces(
    streets: "gpd.GeoDataFrame", land: "Land", rules: DensityRules
) -> "LinePieces":
    lines = np.asarray(streets.geometry.array)
    return line_pieces(lines, land.shapes, border_m=rules.border_m)


def _sums(group: "NDArray[Any]", values: "Floats", count: int) -> "Floats":
    sums = np.bincount(group, weights=values, minlength=count)
    return np.asarray(sums, dtype=np.float64)


def _over(part: "Floats", whole: "Floats") -> "Floats":
    """Return shares; of nothing there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _densities(km: "Floats", km2: "Floats", index: "pd.Index[Any]") -> pd.DataFrame:
    columns = {
        "length_km": km,
        "area_km2": km2,
        "road_density_km_per_km2": _over(km, km2),
    }
    return pd.DataFrame(columns, index=index)


def _class_numbers(
    road_class: "NDArray[np.object_]", counts: "NDArray[np.bool_]"
) -> "tuple[NDArray[np.int64], NDArray[np.object_]]":
    """Return the number of each line's class, one too many if it does not count."""
    found = set(pd.unique(road_class[counts]))
    names: list[str | None] = [c for c in ROAD_CLASSES if c in found]
    names += sorted(found.difference(names, [None]))
    names += [None] if None in found else []
    place = {name: k for k, name in enumerate(names)}
    number = np.array([place.get(name, len(names)) for name in road_class], dtype=int)
    return np.where(counts, number, len(names)), np.array(names, dtype=object)


def _with_attrs(
    frame: pd.DataFrame, rules: DensityRules, land: "Land", notes: tuple["Text", ...]
) -> pd.DataFrame:
    ruled(frame, rules.told("zh"), rules.told("en"))
    frame.attrs["denominator"] = land.told
    frame.attrs["notes"] = notes
    return frame


def mapped_share(
    streets: "gpd.GeoDataFrame",
    zones: "gpd.GeoDataFrame",
    *,
    within_m: float = 1_000.0,
    step_m: float = 250.0,
) -> "pd.Series[float]":
    """
    Tell which share of each zone a street layer can be said to map.

    Where no line is near, a layer may be cut off or the land may be empty; the two
    cannot be told apart, so such land counts as not mapped.

    Parameters
    ----------
    streets
        Lines in true metres.
    zones
        Polygons in the CRS of ``streets``.
    within_m
        Land nearer to a line than this is mapped.
    step_m
        Distance of the places that are looked at; the share is true to about one
        place in the zone.

    Returns
    -------
    Series
        Shares 0–1 named ``mapped_share``, with the index of ``zones``; NaN for a zone
        too small to hold a place. ``attrs["rules"]`` tells the distance.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract, is not in true metres or differs in CRS.
    InputError
        If a distance is not above 0.

    Notes
    -----
    A convention of this library: no standard says when a layer maps land.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_zones
    >>> mapped_share(gridville().roads.roads, gridville_zones()).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    require_measurable(streets, zones)
    for name, value in (("within_m", within_m), ("step_m", step_m)):
        if not 0 < value < np.inf:
            msg = f"{name} is {value}; metres above 0 are expected"
            raise InputError(msg)
    shares = [_near_share(streets, zone, within_m, step_m) for zone in zones.geometry]
    found = pd.Series(shares, index=zones.index, name="mapped_share", dtype="float64")
    return ruled(
        found,
        f"距任一道路不足{within_m:g}米的土地，每{step_m:g}米看一处",
        f"land within {within_m:g} m of a line, looked at every {step_m:g} m",
    )


def _near_share(
    streets: "gpd.GeoDataFrame",
    zone: "shapely.Geometry",
    within_m: float,
    step_m: float,
) -> float:
    west, south, east, north = zone.bounds
    x, y = np.meshgrid(
        np.arange(west + step_m / 2, east, step_m),
        np.arange(south + step_m / 2, north, step_m),
    )
    places = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(zone)
    places = places[shapely.contains(zone, places)]
    if not len(places) or not len(streets):
        return float("nan") if not len(places) else 0.0
    near, _ = streets.sindex.nearest(places, max_distance=within_m, return_all=False)
    return len(near) / len(places)
