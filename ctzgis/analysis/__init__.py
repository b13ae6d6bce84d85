"""Pure measures: networks and frames in, frames out (分析)."""

from ctzgis.analysis.accessibility import accessibility, centres_reached
from ctzgis.analysis.borders import border_densities, border_links, shared_borders
from ctzgis.analysis.built_up import BuiltUpRules, derived_built_up
from ctzgis.analysis.carriageways import (
    CarriagewayRules,
    carriageway_pieces,
    carriageway_weights,
    drawn_traffic,
)
from ctzgis.analysis.catchments import FloatingCatchments, floating_catchments
from ctzgis.analysis.circles import centre_times, edge_times, people_reached
from ctzgis.analysis.conflicts import (
    SeverityRule,
    conflict_totals,
    lengths_inside,
    zone_conflicts,
)
from ctzgis.analysis.corridors import (
    corridor_continuity,
    corridor_courses,
    corridor_coverage,
    corridor_overlaps,
    corridor_served,
    with_ends,
)
from ctzgis.analysis.coverage import (
    corridor_access,
    corridor_gaps,
    corridor_parts,
    corridor_status,
    places_served,
)
from ctzgis.analysis.dead_ends import dead_ends
from ctzgis.analysis.decays import Decay, Exponential, Gaussian, Linear, Power, Steps
from ctzgis.analysis.density import road_density, road_density_by_class
from ctzgis.analysis.density_rules import DENSITY_RULES, DensityRules
from ctzgis.analysis.density_sensitivity import density_sensitivity
from ctzgis.analysis.distances import pairwise_distances
from ctzgis.analysis.gravity import gravity_accessibility
from ctzgis.analysis.isochrones import isochrones
from ctzgis.analysis.nearest import (
    nearest_facilities,
    population_within,
    service_areas,
)
from ctzgis.analysis.rail_access import (
    settlement_coverage,
    settlements_served,
    stations_of,
)
from ctzgis.analysis.reach import reach, snapped_points
from ctzgis.analysis.service_reaches import (
    SERVICE_REACHES,
    ServiceReach,
    reach_of_rule,
    service_reach,
)
from ctzgis.analysis.services import (
    border_points,
    served_areas,
    served_points,
    service_coverage,
)
from ctzgis.analysis.spacing import spacing_along
from ctzgis.analysis.station_catchments import station_catchments
from ctzgis.analysis.stations import (
    rail_networks,
    station_changes,
    stations,
    transfer_matrix,
)
from ctzgis.analysis.surfaces import TravelTimeSurface, travel_time_surface
from ctzgis.analysis.travel_times import (
    edge_travel_times,
    travel_time_matrix,
    travel_times,
    travel_times_in_parts,
)

__all__ = [
    "DENSITY_RULES",
    "SERVICE_REACHES",
    "BuiltUpRules",
    "CarriagewayRules",
    "Decay",
    "DensityRules",
    "Exponential",
    "FloatingCatchments",
    "Gaussian",
    "Linear",
    "Power",
    "ServiceReach",
    "SeverityRule",
    "Steps",
    "TravelTimeSurface",
    "accessibility",
    "border_densities",
    "border_links",
    "border_points",
    "carriageway_pieces",
    "carriageway_weights",
    "centre_times",
    "centres_reached",
    "conflict_totals",
    "corridor_access",
    "corridor_continuity",
    "corridor_courses",
    "corridor_coverage",
    "corridor_gaps",
    "corridor_overlaps",
    "corridor_parts",
    "corridor_served",
    "corridor_status",
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
    "nearest_facilities",
    "pairwise_distances",
    "people_reached",
    "places_served",
    "population_within",
    "rail_networks",
    "reach",
    "reach_of_rule",
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
    "transfer_matrix",
    "travel_time_matrix",
    "travel_time_surface",
    "travel_times",
    "travel_times_in_parts",
    "with_ends",
    "zone_conflicts",
]
