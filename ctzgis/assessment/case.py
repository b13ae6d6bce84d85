"""What is assessed: a plan, a year and the ground it is held against (评估对象)."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd

from ctzgis.assessment.network_accuracy import NetworkAccuracy, accuracy_of_network
from ctzgis.crs import require_metric
from ctzgis.errors import naming
from ctzgis.network import DEFAULT_RULES, Profile, TravelNetwork, TravelRules
from ctzgis.tables import FACILITIES, POPULATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctzgis.assessment.index.scores import Term
    from ctzgis.assessment.land_cover import LandCover
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source

__all__ = ["Case", "GivenValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenValue:
    """
    A value of a target that a user supplies, e.g. from statistics.

    Attributes
    ----------
    value
        In the unit of the target.
    year
        Of which year it is; ``None`` if not said.
    source
        Where the user has it from; empty if not said.
    """

    value: float
    year: int | None = None
    source: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """
    Everything an assessment rests on.

    Attributes
    ----------
    plan
        What is promised.
    year
        The ground is taken as it stands at the end of this year.
    profile
        The profile that the scorecard and the isochrones show; findings are taken
        for free flow and peak alike.
    network
        Roads and lines of all years.
    population
        People at points, under the ``POPULATION`` contract; ``county_code`` and
        ``is_seat`` where known.
    population_source
        Where the population comes from.
    streets
        A user's street layer in true metres; ``None`` if none was given.
    streets_source
        Where it comes from.
    land_cover
        Shares of forest, from a raster; ``None`` if none was given.
    land_cover_source
        Where they come from.
    rules
        Assumptions on walking, waiting and local streets.
    values
        Values of targets that the user supplies, by target id.
    values_source
        Where they come from.
    facilities
        Points, lines or areas that the user supplies, by kind, in the CRS of the plan.
    facility_sources
        Where they come from, by kind.
    index_terms
        Weights, goals and floors of the integration index, if that is asked for.
    index_sources
        Where they come from.
    """

    plan: "Plan"
    year: int
    profile: Profile
    network: TravelNetwork
    population: gpd.GeoDataFrame
    population_source: "Source"
    streets: gpd.GeoDataFrame | None = None
    streets_source: "Source | None" = None
    land_cover: "LandCover | None" = None
    land_cover_source: "Source | None" = None
    rules: TravelRules = DEFAULT_RULES
    values: "Mapping[str, GivenValue]" = field(default_factory=dict)
    values_source: "Source | None" = None
    facilities: "Mapping[str, gpd.GeoDataFrame]" = field(default_factory=dict)
    facility_sources: "Mapping[str, Source]" = field(default_factory=dict)
    index_terms: "tuple[Term, ...]" = ()
    index_sources: "tuple[Source, ...]" = ()

    def __post_init__(self) -> None:
        POPULATION.check(self.population)
        for kind, frame in self.facilities.items():
            with naming(f"facilities {kind}"):
                FACILITIES.check(frame)
                require_metric(frame, kind)
        for key in self.values:
            self.plan.target(key)

    @cached_property
    def network_of_year(self) -> TravelNetwork:
        """The network as it stands at the end of the year."""
        return self.network.at(self.year)

    @cached_property
    def network_accuracy(self) -> NetworkAccuracy:
        """How far times, lengths and positions on the network may be off."""
        return accuracy_of_network(self.network)

    @cached_property
    def centres(self) -> gpd.GeoDataFrame:
        """The centres of the plan as points."""
        return self.places(self.plan.centres)

    @property
    def sources(self) -> "tuple[Source, ...]":
        """All inputs, in the order they are used."""
        return (
            *self.plan.sources,
            *self.network.roads.sources,
            self.population_source,
            *(
                source
                for source in (
                    self.streets_source,
                    self.land_cover_source,
                    self.values_source,
                )
                if source
            ),
            *self.facility_sources.values(),
            *self.index_sources,
        )

    @property
    def network_inputs(self) -> tuple[str, ...]:
        """Names of the network's sources, for a finding's inputs."""
        return tuple(source.name for source in self.network.roads.sources)

    def named(self, *names: str) -> tuple[str, ...]:
        """
        Return those of the plan's sources that are so named, for a finding's inputs.

        A file of the user's that takes the place of one so named counts too. All of them,
        if none does: a plan may come from one file.
        """
        known = tuple(source.name for source in self.plan.sources)
        meant = (s.name for s in self.plan.sources if {s.name, s.replaces} & {*names})
        return tuple(meant) or known

    def given_from(self, *kinds: str) -> tuple[str, ...]:
        """Return the names of the sources of facilities of some kinds."""
        found = (self.facility_sources.get(kind) for kind in kinds)
        return tuple(source.name for source in found if source)

    def places(self, ids: "Sequence[str]") -> gpd.GeoDataFrame:
        """Return the located places of the given ids as points, with their names."""
        found = [p for p in map(self.plan.place, ids) if p.location is not None]
        return gpd.GeoDataFrame(
            {
                "name_zh": [p.name.zh for p in found],
                "name_en": [p.name.en for p in found],
                "kind": [p.kind for p in found],
                "accuracy_m": [p.location.accuracy_m for p in found if p.location],
                "verified": [p.location.verified for p in found if p.location],
            },
            geometry=[p.location.point for p in found if p.location],
            index=[p.id for p in found],
            crs=self.plan.crs,
        ).rename_axis("place_id")
