"""What ``ctzgis circles`` is asked about: a network, a plan's centres, people (时间圈对象)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.table import plain

if TYPE_CHECKING:
    import argparse

    import geopandas as gpd

    from ctzgis.network import TravelNetwork
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source
    from ctzgis.texts import Lang

__all__ = ["PROFILES", "USUAL_YEAR", "Case", "read_case"]

PROFILES: Final = {"free": ("自由流", "free"), "peak": ("高峰", "peak")}
USUAL_YEAR: Final = 2020


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is measured: the network of the year, centres, people around them, all people."""

    network: "TravelNetwork"
    plan: "Plan"
    centres: "gpd.GeoDataFrame"
    people: "gpd.GeoDataFrame"
    everybody: "gpd.GeoDataFrame"
    sources: "tuple[Source, ...]"
    lang: "Lang"

    def word(self, pair: tuple[str, str]) -> str:
        """Return a word in the language asked for."""
        return pair[self.lang == "en"]

    def name(self, key: str) -> str:
        """Return what a place is called."""
        return plain(self.plan.place(key).name.get(self.lang))

    def word_of_profile(self, profile: str) -> str:
        """Return what a profile is called."""
        return self.word(PROFILES[profile])

    @property
    def airports(self) -> "gpd.GeoDataFrame":
        """Airports the plan places, in the CRS of the network."""
        import geopandas as gpd

        found = [p for p in self.plan.places if p.kind == "airport" and p.location]
        points = [p.location.point for p in found if p.location]
        crs = self.network.roads.crs
        frame = gpd.GeoDataFrame(
            geometry=points, index=[p.id for p in found], crs=self.plan.crs
        )
        return frame.to_crs(crs)


def read_case(options: "argparse.Namespace") -> Case:
    """Read the plan, the network of the year and the people of the central area."""
    import geopandas as gpd

    from ctzgis.errors import InputError
    from ctzgis.sources.places.population import read_population, read_settlements
    from ctzgis.sources.plans.folders import read_plan
    from ctzgis.sources.roads.networks import read_network

    plan = read_plan(options.plan)
    network = read_network(Path(options.network) if options.network else None)
    of_year = network.at(
        options.year or USUAL_YEAR, undated="include" if options.planned else "exclude"
    )
    found = [p for p in map(plan.place, plan.centres) if p.location is not None]
    if len(found) < 2:
        msg = f"plan '{plan.id}' places {len(found)} centre; two or more are expected"
        raise InputError(msg)
    centres = gpd.GeoDataFrame(
        geometry=[p.location.point for p in found if p.location],
        index=[p.id for p in found],
        crs=plan.crs,
    ).to_crs(network.roads.crs)
    if options.population is None:
        people, source = read_settlements()
    else:
        people, source = read_population(options.population)
    people = people.to_crs(network.roads.crs)
    area = gpd.GeoSeries([_area(plan)], crs=plan.crs).to_crs(people.crs).iloc[0]
    return Case(
        of_year,
        plan,
        centres,
        people[people.within(area)],
        people,
        (*network.roads.sources, source),
        options.lang,
    )


def _area(plan: "Plan") -> Any:
    """Return the central area of a plan, or all of it if none is drawn."""
    for key in plan.central_areas:
        extent = plan.extent(key)
        if extent.shape is not None:
            return extent.shape.geometry
    return plan.counties.geometry.union_all()
