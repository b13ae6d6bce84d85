"""The whole job: read what is needed, assess, write it down (评估流程)."""

import difflib
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from ctzgis._version import __version__
from ctzgis.assessment import Assessment, Case, assess_case
from ctzgis.assessment.indicators.registry import facility_kinds
from ctzgis.assessment.topics.catalogue import require_topics
from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import DatumWarning, InputError
from ctzgis.sources.places.boundaries import with_boundaries
from ctzgis.sources.places.datum import DATUM_NAMES, DatumGuess, guess_datum
from ctzgis.sources.places.facilities import (
    given_facilities,
    read_facilities,
    require_kind,
)
from ctzgis.sources.places.population import read_population, read_settlements
from ctzgis.sources.plans.folders import read_plan
from ctzgis.sources.plans.index_terms import read_index_terms
from ctzgis.sources.plans.values import read_values
from ctzgis.sources.rasters.land_cover import read_land_cover
from ctzgis.sources.roads.networks import read_network
from ctzgis.sources.roads.streets import StreetLayer, read_streets, require_overlap
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.assessment.land_cover import LandCoverLegend
    from ctzgis.network import Profile, TravelNetwork
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source

    Facilities: TypeAlias = (
        Path | str | gpd.GeoDataFrame | tuple[gpd.GeoDataFrame, Source]
    )
    """Facilities of a kind: a file, a frame, or a frame with its source."""

__all__ = ["FIRST_YEAR", "LAST_YEAR", "assess"]

FIRST_YEAR, LAST_YEAR = 2015, 2035
"""Years the shipped network can be asked for."""


def assess(
    plan: "Plan | str | Path" = "czt",
    *,
    year: int = 2020,
    profile: "Profile" = "free",
    network: "TravelNetwork | Path | str | None" = None,
    roads: StreetLayer | Path | str | None = None,
    population: Path | str | None = None,
    values: Path | str | None = None,
    boundaries: Path | str | None = None,
    land_cover: Path | str | None = None,
    land_cover_classes: "str | Sequence[int] | LandCoverLegend | None" = None,
    facilities: "Mapping[str, Facilities] | None" = None,
    also: "Sequence[str] | str" = (),
    reproject: bool = False,
) -> Assessment:
    """
    Hold a region against its plan, with the data that ship or with the user's own.

    Parameters
    ----------
    plan
        A plan, the id of a shipped one, or the folder of another.
    year
        The ground is taken as it stands at the end of this year, 2015–2035.
    profile
        ``"free"`` flow or ``"peak"``: what the isochrones are drawn with. Findings
        are taken for both.
    network
        Roads and lines of another region, or their folder, instead of those that ship.
    roads
        A street layer to measure road density with: a file, or what ``read_streets`` gave,
        e.g. with a CRS or datum of its own.
    population
        Points or a raster with people, instead of the census settlements of 长株潭.
    values
        A CSV file with values of targets that only statistics tell: ``target_id``,
        ``value``, and if you like ``year`` and ``source``.
    boundaries
        A vector file with outlines of the plan's counties, by division code or name,
        instead of the plan's own.
    land_cover
        A classified raster, for targets of forest.
    land_cover_classes
        Which of its classes are forest: the product (``"worldcover"``, ``"clcd"``,
        ``"globeland30"``), numbers, or a legend; needed with ``land_cover``.
    facilities
        Points, lines or areas by kind, each a file, a frame, or what ``read_facilities``
        gave, e.g. with a datum of its own: ``{"charger": …, "park": …}``. Targets name
        the kinds, and ``docs/targets.md`` lists them; ``"built_up"`` takes the place of
        the plan's built-up areas.
    also
        Topics to measure beside the scorecard: ``"index"``, ``"missing_links"``,
        ``"critical_roads"``, ``"borders"``, ``"dead_ends"``, ``"stations"``, or ``"all"``;
        map, report and layers show them.
    reproject
        Whether a street layer in degrees or an unfit CRS may be converted.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        If the year or a file's content is wrong.
    SourceError
        If a file cannot be read.

    Warns
    -----
    DatumWarning
        If the street layer looks like GCJ-02 or BD-09, or lies off for another reason.

    Examples
    --------
    >>> from ctzgis import assess
    >>> assessment = assess("czt", year=2020)
    >>> assessment.scorecard.counts["unmet"] > 0
    True
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        msg = f"year is {year}; the network is known from {FIRST_YEAR} to {LAST_YEAR}"
        raise InputError(msg)
    if isinstance(plan, (str, Path)):
        wanted = read_plan(plan, boundaries=boundaries)
    else:
        wanted = plan if boundaries is None else with_boundaries(plan, boundaries)
    if network is None or isinstance(network, (str, Path)):
        network = read_network(None if network is None else Path(network))
    streets = None
    if roads is not None:
        layer = roads
        if not isinstance(layer, StreetLayer):
            layer = read_streets(layer, reproject=reproject)
        streets = _checked_streets(layer, wanted, network)
    _require_network(network, wanted)
    if population is None:
        # The census settlements are those of 长株潭; another plan starts with nobody.
        people, people_source = read_settlements()
        people = people.iloc[_inside(people, wanted)]
    else:
        people, people_source = read_population(population, bbox=_bounds_deg(wanted))
        people = people.to_crs(wanted.crs)
        _require_people(people, people_source.name, wanted)
    cover = cover_source = None
    if land_cover is not None:
        cover, cover_source = read_land_cover(
            land_cover, wanted, classes=land_cover_classes
        )
    elif land_cover_classes is not None:
        msg = "land_cover_classes says what is forest, but no land_cover is given"
        raise InputError(msg)
    sites, site_sources = _facilities(facilities or {}, wanted)
    topics = require_topics(also)
    indexed = any(topic.id == "index" for topic in topics)
    terms = read_index_terms(wanted) if indexed else ((), ())
    given, given_source = ({}, None) if values is None else read_values(values)
    case = Case(
        plan=wanted,
        year=year,
        profile=profile,
        network=network,
        population=people,
        population_source=people_source,
        streets=None if streets is None else streets.frame,
        streets_source=None if streets is None else streets.source,
        land_cover=cover,
        land_cover_source=cover_source,
        values=given,
        values_source=given_source,
        facilities=sites,
        facility_sources=site_sources,
        index_terms=terms[0],
        index_sources=terms[1],
    )
    return assess_case(case, version=__version__, topics=topics)


def _facilities(
    given: "Mapping[str, Facilities]", plan: "Plan"
) -> "tuple[dict[str, gpd.GeoDataFrame], dict[str, Source]]":
    """Read what is given of each kind; some of it must lie in the region."""
    frames, sources = {}, {}
    known = facility_kinds(plan)
    for kind, what in given.items():
        require_kind(kind)
        if kind not in known:
            near = difflib.get_close_matches(kind, known, n=1)
            hint = (
                f"did you mean '{near[0]}'?"
                if near
                else f"known are {', '.join(known)}"
            )
            msg = f"facilities '{kind}': no target of '{plan.id}' is measured on them; {hint}"
            raise InputError(msg)
        if isinstance(what, (str, Path)):
            frame, source = read_facilities(what, kind, to_crs=plan.crs)
        elif isinstance(what, tuple):
            frame, source = what
            frame = frame.to_crs(plan.crs)
        else:
            frame, source = given_facilities(what, kind, to_crs=plan.crs)
        if not len(_inside(frame, plan)):
            msg = (
                f"{source.name}: none of the {len(frame):,} facilities lies within the "
                f"planning area of '{plan.id}'; check the CRS, and that the file covers it"
            )
            raise InputError(msg)
        frames[kind], sources[kind] = frame, source
    return frames, sources


def _inside(frame: "gpd.GeoDataFrame", plan: "Plan") -> "NDArray[np.int64]":
    """Return the positions of what touches the plan's counties."""
    region = plan.counties.geometry.union_all()
    rows = frame.reset_index(drop=True)
    return np.sort(rows.sindex.query(region, predicate="intersects"))


def _bounds_deg(plan: "Plan") -> tuple[float, float, float, float]:
    """Return west, south, east and north of the plan's counties."""
    west, south, east, north = plan.counties.to_crs(GEOGRAPHIC_CRS).total_bounds
    return float(west), float(south), float(east), float(north)


def _require_network(network: "TravelNetwork", plan: "Plan") -> None:
    if not len(_inside(network.roads.roads, plan)):
        msg = (
            f"the network does not touch the planning area of '{plan.id}'; give the "
            "region's own (--network)"
        )
        raise InputError(msg)


def _require_people(people: "gpd.GeoDataFrame", name: str, plan: "Plan") -> None:
    if not len(_inside(people, plan)):
        msg = (
            f"{name}: nobody lives within the planning area; check its CRS, and that "
            "it covers the region"
        )
        raise InputError(msg)


def _checked_streets(
    layer: StreetLayer, plan: "Plan", network: "TravelNetwork"
) -> StreetLayer:
    require_overlap(layer, plan.counties.geometry)
    roads = network.roads.roads
    checked = roads.get("alignment_verified", default=False)
    guess = guess_datum(layer.frame, roads[pd.Series(checked, index=roads.index)])
    warned, note = _datum_note(guess)
    if warned:
        warnings.warn(f"{layer.source.name} {note.en}", DatumWarning, stacklevel=3)
    source = replace(layer.source, notes=(*layer.source.notes, note))
    return StreetLayer(layer.frame, source)


def _datum_note(guess: DatumGuess) -> tuple[bool, Text]:
    """Return whether a layer is to be warned of, and what is to be said of it."""
    as_read, best = guess.as_read_m, guess.best_m
    if guess.doubtful:
        return True, Text(
            f"与任何已知坐标基准都不符：已核实道路按原坐标相距 {as_read:.0f} m，消除已知偏移后仍有 "
            f"{best:.0f} m；请核对坐标",
            f"fits no known datum: verified roads lie {as_read:.0f} m off as read, and no "
            f"less than {best:.0f} m with a known shift undone; check its coordinates",
        )
    if guess.datum is None:
        return False, Text(
            "坐标基准未核对：图层范围内没有已核实道路",
            "datum not checked: no verified road lies within the layer",
        )
    if guess.datum == "wgs84":
        return False, Text(
            f"坐标基准已核对：已核实道路相距 {as_read:.0f} m（中位数）",
            f"datum checked: verified roads lie {as_read:.0f} m off as read (median)",
        )
    name = DATUM_NAMES[guess.datum]
    return True, Text(
        f"疑似 {name}：已核实道路按原坐标相距 {as_read:.0f} m，消除偏移后 {best:.0f} m；转换之前"
        f"（datum='{guess.datum}'），边界附近的密度有误",
        f"looks like {name}: verified roads lie {as_read:.0f} m off as read and {best:.0f} m "
        "with the shift undone; densities near borders are wrong until it is converted "
        f"(datum='{guess.datum}')",
    )
