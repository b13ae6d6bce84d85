"""Pure measures: networks and frames in, frames out (分析)."""

from ctzgis.analysis.access.accessibility import accessibility, centres_reached
from ctzgis.analysis.access.catchments import FloatingCatchments, floating_catchments
from ctzgis.analysis.access.circle_study import circle_study
from ctzgis.analysis.access.circles import centre_times, edge_times, people_reached
from ctzgis.analysis.access.decays import (
    Decay,
    Exponential,
    Gaussian,
    Linear,
    Power,
    Steps,
)
from ctzgis.analysis.access.distances import pairwise_distances
from ctzgis.analysis.access.edges import edge_travel_times
from ctzgis.analysis.access.gravity import gravity_accessibility
from ctzgis.analysis.access.isochrones import isochrones
from ctzgis.analysis.access.nearest import (
    nearest_facilities,
    population_within,
    service_areas,
)
from ctzgis.analysis.access.reach import reach, snapped_points
from ctzgis.analysis.access.surfaces import TravelTimeSurface, travel_time_surface
from ctzgis.analysis.access.travel_times import (
    travel_time_matrix,
    travel_times,
    travel_times_in_parts,
)
from ctzgis.analysis.change.changes import line_changes, road_changes
from ctzgis.analysis.change.comparison import Comparison, compare
from ctzgis.analysis.change.contributions import (
    Contributions,
    NamedMeasure,
    contributions,
    mean_minutes,
    pair_interactions,
    people_within,
)
from ctzgis.analysis.change.surface_changes import TravelTimeChange, surface_change
from ctzgis.analysis.coverage.borders import (
    border_densities,
    border_links,
    shared_borders,
)
from ctzgis.analysis.coverage.conflicts import (
    SeverityRule,
    conflict_totals,
    lengths_inside,
    zone_conflicts,
)
from ctzgis.analysis.coverage.corridor_access import corridor_access, places_served
from ctzgis.analysis.coverage.corridor_parts import (
    corridor_continuity,
    corridor_courses,
    corridor_gaps,
    corridor_parts,
    corridor_status,
)
from ctzgis.analysis.coverage.corridors import (
    corridor_coverage,
    corridor_overlaps,
    corridor_served,
    with_ends,
)
from ctzgis.analysis.coverage.dead_ends import dead_ends
from ctzgis.analysis.coverage.rail_access import (
    settlement_coverage,
    settlements_served,
    stations_of,
)
from ctzgis.analysis.coverage.service_reaches import (
    SERVICE_REACHES,
    ServiceReach,
    reach_of_rule,
    service_reach,
)
from ctzgis.analysis.coverage.services import (
    border_points,
    served_areas,
    served_points,
    service_coverage,
)
from ctzgis.analysis.coverage.spacing import spacing_along
from ctzgis.analysis.links.betweenness import betweenness
from ctzgis.analysis.links.link_checks import link_edits, measured_links
from ctzgis.analysis.links.missing_links import missing_links
from ctzgis.analysis.links.new_roads import link_kph
from ctzgis.analysis.links.resilience import critical_roads
from ctzgis.analysis.rail.station_catchments import station_catchments
from ctzgis.analysis.rail.stations import (
    rail_networks,
    station_changes,
    stations,
    transfer_matrix,
)
from ctzgis.analysis.streets.built_up import BuiltUpRules, derived_built_up
from ctzgis.analysis.streets.carriageways import (
    CarriagewayRules,
    carriageway_pieces,
    carriageway_weights,
    drawn_traffic,
)
from ctzgis.analysis.streets.density import road_density, road_density_by_class
from ctzgis.analysis.streets.density_rules import DENSITY_RULES, DensityRules
from ctzgis.analysis.streets.density_sensitivity import density_sensitivity

__all__ = [
    "DENSITY_RULES",
    "SERVICE_REACHES",
    "BuiltUpRules",
    "CarriagewayRules",
    "Comparison",
    "Contributions",
    "Decay",
    "DensityRules",
    "Exponential",
    "FloatingCatchments",
    "Gaussian",
    "Linear",
    "NamedMeasure",
    "Power",
    "ServiceReach",
    "SeverityRule",
    "Steps",
    "TravelTimeChange",
    "TravelTimeSurface",
    "accessibility",
    "betweenness",
    "border_densities",
    "border_links",
    "border_points",
    "carriageway_pieces",
    "carriageway_weights",
    "centre_times",
    "centres_reached",
    "circle_study",
    "compare",
    "conflict_totals",
    "contributions",
    "corridor_access",
    "corridor_continuity",
    "corridor_courses",
    "corridor_coverage",
    "corridor_gaps",
    "corridor_overlaps",
    "corridor_parts",
    "corridor_served",
    "corridor_status",
    "critical_roads",
    "dead_ends",
    "density_sensitivity",
    "derived_built_up",
    "drawn_traffic",
    "edge_times",
    "edge_travel_times",
    "floating_catchments",
    "gravity_accessibility",
    "isochrones",
    "lengths_inside",
    "line_changes",
    "link_edits",
    "link_kph",
    "mean_minutes",
    "measured_links",
    "missing_links",
    "nearest_facilities",
    "pair_interactions",
    "pairwise_distances",
    "people_reached",
    "people_within",
    "places_served",
    "population_within",
    "rail_networks",
    "reach",
    "reach_of_rule",
    "road_changes",
    "road_density",
    "road_density_by_class",
    "served_areas",
    "served_points",
    "service_areas",
    "service_coverage",
    "service_reach",
    "settlement_coverage",
    "settlements_served",
    "shared_borders",
    "snapped_points",
    "spacing_along",
    "station_catchments",
    "station_changes",
    "stations",
    "stations_of",
    "surface_change",
    "transfer_matrix",
    "travel_time_matrix",
    "travel_time_surface",
    "travel_times",
    "travel_times_in_parts",
    "with_ends",
    "zone_conflicts",
]
