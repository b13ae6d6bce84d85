"""How much road density depends on the rules (路网密度敏感性)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
import pandas as pd

from ctzgis.analysis.rules import ruled
from ctzgis.analysis.streets.density import lengths_by_rule, require_measurable
from ctzgis.analysis.streets.density_lands import land_of
from ctzgis.analysis.streets.density_rules import (
    Border,
    Denominator,
    DensityRules,
    Presence,
    rules_named,
)
from ctzgis.analysis.streets.line_pieces import line_pieces
from ctzgis.analysis.streets.street_kinds import (
    shares_counted,
    street_kinds,
    weights_of,
)
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.streets.street_kinds import StreetKinds, Weight

    Floats = NDArray[np.float64]

__all__ = ["density_sensitivity"]

_MAIN: Final = ("motorway", "urban_expressway", "trunk", "primary", "secondary")

_BORDERS: Final = {
    "half": Text("分界道路各计一半", "border roads half"),
    "clip": Text("分界道路按几何裁切", "border roads as cut"),
    "full": Text("分界道路各计全长", "border roads whole on both sides"),
}
_DENOMINATORS: Final = {
    "zone": Text("除以全域", "over the whole zone"),
    "built_up": Text("除以建成区", "over the built-up area"),
    "zone_without": Text("除以扣除后范围", "over the zone without given areas"),
}


def density_sensitivity(
    streets: "gpd.GeoDataFrame",
    zones: "gpd.GeoDataFrame",
    *,
    rules: str | DensityRules = "raw",
    target_km_per_km2: float = 7.0,
    weight: "Weight | None" = None,
    built_up: "gpd.GeoDataFrame | None" = None,
    without: "gpd.GeoDataFrame | None" = None,
) -> pd.DataFrame:
    """
    Measure road density by variants of rules, one choice changed at a time.

    Varied are the classes (main roads, with local roads, residential and service streets
    in or out), ramps, rings, dual carriageways, the rule for borders and the land. A
    variant that the streets or the arguments cannot tell is left out: classes without
    ``road_class``, carriageways without ``weight``, a zone without nothing.

    Parameters
    ----------
    streets, zones, weight
        As for ``road_density``.
    rules
        What the variants start from.
    target_km_per_km2
        Density that is asked for; the plan's 7 if not given.
    built_up
        Built-up areas; derived from the streets if not given.
    without
        Areas to leave out: water, say.

    Returns
    -------
    DataFrame
        One row per zone and variant, the base first: ``zone_id``, ``variant``,
        ``length_km``, ``area_km2``, ``road_density_km_per_km2``, ``met``,
        ``difference_km_per_km2`` and ``difference_share`` to the base of the same zone,
        and ``denominator``. Where there is no land, values are NaN and nothing is met.
        ``attrs["variants"]`` says each variant in words, ``attrs["rules"]`` the base.

    Raises
    ------
    SchemaError, CRSError, InputError
        As for ``road_density``, and if the target is not above 0.

    Examples
    --------
    Gridville's roads are all of one class; its outer border swings its density by 10 %:

    >>> from ctzgis.examples import gridville, gridville_zones
    >>> town = gridville_zones().dissolve()
    >>> table = density_sensitivity(gridville().roads.roads, town, target_km_per_km2=2.1)
    >>> shown = table.set_index("variant").loc[["base", "border_full"]]
    >>> shown["road_density_km_per_km2"].round(2).tolist(), shown["met"].tolist()
    ([2.0, 2.2], [False, True])
    """
    base = rules_named(rules)
    if not (np.isfinite(target_km_per_km2) and target_km_per_km2 > 0):
        msg = (
            f"target_km_per_km2 is {target_km_per_km2}; a finite number above 0 is "
            "expected"
        )
        raise InputError(msg)
    require_measurable(streets, zones)
    kinds, weights = street_kinds(streets), weights_of(streets, weight)
    lines = np.asarray(streets.geometry.array)
    lands, pieces = {}, {}
    for denominator in get_args(Denominator):
        if denominator != "zone_without" or without is not None:
            land = land_of(
                streets, zones, denominator, built_up=built_up, without=without
            )
            lands[denominator] = land
            pieces[denominator] = line_pieces(
                lines, land.shapes, border_m=base.border_m
            )
    rows, words = [], {}
    variants = _variants(base, kinds, weights, tuple(lands))
    for name, told, chosen in variants:
        land, cut = lands[chosen.denominator], pieces[chosen.denominator]
        share = shares_counted(kinds, chosen, weights)
        metres = lengths_by_rule(cut, chosen) * share[cut.line]
        km = np.bincount(cut.area, metres, len(zones)) / 1000
        rows.append(_rows(name, zones.index, km, land.km2, land.word))
        words[name] = told
        if land.word == "built_up_derived":
            words[name] = Text(
                f"{told.zh}（{land.told.zh}）", f"{told.en} ({land.told.en})"
            )
    table = _compared(rows, target_km_per_km2)
    ruled(table, base.told("zh"), base.told("en"))
    table.attrs["variants"] = words
    return table


def _variants(
    base: DensityRules,
    kinds: "StreetKinds",
    weights: "Floats | None",
    lands: tuple[str, ...],
) -> "Iterator[tuple[str, Text, DensityRules]]":
    """Return name, words and rules of the base and of all that differ from it in one."""
    if base.denominator not in lands:
        msg = f"rules '{base.name}' leave areas out; give without=…"
        raise InputError(msg)
    yield "base", base.title, base
    if kinds.has_classes:
        yield from _class_variants(base)
    for name, zh, en, told in (
        ("links", "匝道", "ramps", kinds.has_links),
        ("roundabouts", "环岛", "rings", kinds.has_roundabouts),
    ):
        if told:
            counted = getattr(base, name) == "counted"
            other: Presence = "left_out" if counted else "counted"
            changed = (
                replace(base, links=other)
                if name == "links"
                else replace(base, roundabouts=other)
            )
            words = (
                Text(f"不计{zh}", f"without {en}")
                if counted
                else Text(f"计入{zh}", f"with {en}")
            )
            key = f"{'without' if counted else 'with'}_{name}"
            yield key, words, changed
    if weights is not None and base.carriageways == "drawn":
        words = Text("双线道路只计一次", "dual carriageways once")
        yield "carriageways_once", words, replace(base, carriageways="once")
    elif base.carriageways == "once":
        words = Text("双线道路按所绘计", "dual carriageways as drawn")
        yield "carriageways_drawn", words, replace(base, carriageways="drawn")
    for border in get_args(Border):
        if border != base.border:
            words = _BORDERS[border]
            yield f"border_{border}", words, replace(base, border=border)
    for land in get_args(Denominator):
        if land in lands and land != base.denominator:
            words = _DENOMINATORS[land]
            yield f"over_{land}", words, replace(base, denominator=land)


def _class_variants(base: DensityRules) -> "Iterator[tuple[str, Text, DensityRules]]":
    known = replace(base, unclassed="left_out")
    main, local = (
        replace(known, classes=classes) for classes in (_MAIN, (*_MAIN, "tertiary"))
    )
    yield "main_roads", Text("只计次干路及以上", "secondary roads and above"), main
    yield "to_local_roads", Text("只计支路及以上", "local roads and above"), local
    for road_class, zh, en in (
        ("residential", "街坊路", "residential streets"),
        ("service", "内部道路", "service roads"),
    ):
        if base.counts_class(road_class):
            words = Text(f"不计{zh}", f"without {en}")
            yield f"without_{road_class}", words, base.without_class(road_class)
        else:
            words = Text(f"计入{zh}", f"with {en}")
            yield f"with_{road_class}", words, base.with_class(road_class)


def _rows(
    name: str, index: "pd.Index[Any]", km: "Floats", km2: "Floats", word: str
) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(km2 > 0, km / km2, np.nan)
    return pd.DataFrame(
        {
            "zone_id": index,
            "variant": name,
            "length_km": km,
            "area_km2": km2,
            "road_density_km_per_km2": density,
            "denominator": word,
            "_row": np.arange(len(index)),
        }
    )


def _compared(rows: "list[pd.DataFrame]", target: float) -> pd.DataFrame:
    """Return all rows by zone, beside the target and the base."""
    count = len(rows)
    table = pd.concat(rows, ignore_index=True)
    table = table.sort_values("_row", kind="stable", ignore_index=True)
    density = table["road_density_km_per_km2"]
    base = density.to_numpy()[(np.arange(len(table)) // count) * count]
    table["met"] = density >= target
    table["difference_km_per_km2"] = density - base
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(base > 0, density / base - 1, np.nan)
    table["difference_share"] = share
    return table[
        ["zone_id", "variant", "length_km", "area_km2", "road_density_km_per_km2", "met",
         "difference_km_per_km2", "difference_share", "denominator"]
    ]  # fmt: skip
