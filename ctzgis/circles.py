"""The whole job of time circles: read what is needed, measure (时间圈流程)."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd

from ctzgis._version import __version__
from ctzgis.analysis.access.circle_study import CIRCLE_STATES, CIRCLE_WAYS, circle_study
from ctzgis.errors import InputError
from ctzgis.reporting.circles.region import RegionCircles
from ctzgis.sources.places.population import read_population, read_settlements
from ctzgis.sources.plans.folders import read_plan
from ctzgis.sources.roads.networks import read_network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctzgis.network import Mode, Scenario, TravelNetwork
    from ctzgis.plan import Plan
    from ctzgis.progress import Progress
    from ctzgis.texts import Text

__all__ = ["time_circles"]

# Parts of a plan that no circle rests on.
_UNUSED: Final = frozenset(
    ("plan", "documents", "precedence", "systems", "circles", "rules", "targets",
     "tasks", "baselines", "facilities", "towns", "conflicts", "printings")
)  # fmt: skip


def time_circles(
    plan: "Plan | str | Path" = "czt",
    *,
    minutes: float = 30.0,
    states: "Sequence[Scenario]" = CIRCLE_STATES,
    ways: "Mapping[str, Sequence[Mode]]" = CIRCLE_WAYS,
    profiles: "Sequence[str]" = ("free", "peak"),
    network: "TravelNetwork | Path | str | None" = None,
    population: Path | str | None = None,
    progress: "Progress | None" = None,
) -> RegionCircles:
    """
    Measure the time circles around a plan's centres, with the data that ship or others.

    Parameters
    ----------
    plan
        A plan, the id of a shipped one, or the folder of another.
    minutes
        Longest trip that counts.
    states, ways, profiles, progress
        As for :func:`~ctzgis.analysis.access.circle_study.circle_study`.
    network
        Roads and lines of another region, or their folder, instead of those that ship.
    population
        Points or a raster with people, instead of the census settlements of 长株潭.

    Returns
    -------
    RegionCircles
        To be written by :func:`ctzgis.reporting.circles.page.write_circles`.

    Raises
    ------
    InputError
        If the plan places fewer than two centres, or as by ``circle_study``.
    SourceError
        If a file cannot be read.

    Examples
    --------
    No two of the three cities are half an hour apart by car:

    >>> region = time_circles("czt", states=CIRCLE_STATES[:1], profiles=["free"])
    >>> drives = region.study.circle("2020", "drive", "free").times
    >>> drives["travel_time_min"].round(1).tolist()
    [46.5, 43.5, 35.6]
    """
    wanted = read_plan(plan) if isinstance(plan, (str, Path)) else plan
    if network is None or isinstance(network, (str, Path)):
        network = read_network(None if network is None else Path(network))
    crs = network.roads.crs
    found = [p for p in map(wanted.place, wanted.centres) if p.location is not None]
    if len(found) < 2:
        msg = f"plan '{wanted.id}' places {len(found)} centre; two or more are expected"
        raise InputError(msg)
    centres = gpd.GeoDataFrame(
        geometry=[p.location.point for p in found if p.location],
        index=[p.id for p in found],
        crs=wanted.crs,
    ).to_crs(crs)
    if population is None:
        people, source = read_settlements()
    else:
        people, source = read_population(population)
    people = people.to_crs(crs)
    name, area = _people_area(wanted)
    here = gpd.GeoSeries([area], crs=wanted.crs).to_crs(crs).iloc[0]
    areas = wanted.built_up
    areas = areas[areas.index.isin(centres.index)].to_crs(crs)
    study = circle_study(
        network,
        centres,
        minutes=minutes,
        states=states,
        ways=ways,
        profiles=profiles,
        population=people[people.within(here)],
        areas=areas,
        progress=progress,
    )
    own = (s for s in wanted.sources if Path(s.name).stem not in _UNUSED)
    sources = (*network.roads.sources, source, *own)
    return RegionCircles(
        plan=wanted,
        network=network,
        networks={state.id: state.applied(network) for state in states},
        study=study,
        sources=tuple({s.name: s for s in sources}.values()),
        people_of=name,
        version=__version__,
    )


def _people_area(plan: "Plan") -> "tuple[Text, gpd.base.BaseGeometry]":
    """Return the central area of a plan, or all of it if none is drawn."""
    for key in plan.central_areas:
        extent = plan.extent(key)
        if extent.shape is not None:
            return extent.name, extent.shape.geometry
    return plan.name, plan.counties.geometry.union_all()
