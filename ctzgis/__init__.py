"""
Check a regional spatial plan against the ground (区域空间规划评估).

A planner asks whether the region, as it is and as planned, keeps the promises of its
plans. ``ctzgis`` holds the plans of 长株潭 (Changsha–Zhuzhou–Xiangtan) as data,
measures networks and areas against them, and shows the answer.

>>> import ctzgis
>>> ctzgis.read_plan("czt").system("sys_3r2l4l").name.zh
'三干两轨四连线'
"""

import lazy_loader as _lazy

from ctzgis._version import __version__

__getattr__, __dir__, _names = _lazy.attach(
    __name__,
    submod_attrs={
        "assessment": ["Assessment", "Finding", "Scorecard", "Status"],
        "analysis": [
            "DensityRules",
            "accessibility",
            "centres_reached",
            "corridor_gaps",
            "corridor_status",
            "density_sensitivity",
            "derived_built_up",
            "edge_travel_times",
            "floating_catchments",
            "gravity_accessibility",
            "isochrones",
            "lengths_inside",
            "nearest_facilities",
            "pairwise_distances",
            "places_served",
            "population_within",
            "reach",
            "road_density",
            "road_density_by_class",
            "service_areas",
            "snapped_points",
            "travel_time_matrix",
            "travel_time_surface",
            "travel_times",
            "travel_times_in_parts",
        ],
        "batch.checks": ["read_checks"],
        "batch.runner": ["run_checks"],
        "network": [
            "RoadNetwork",
            "TransitLine",
            "TravelNetwork",
            "join_networks",
            "projects_of",
        ],
        "network.adapters": ["from_osmnx", "to_osmnx"],
        "network.other_graphs": ["to_networkx", "to_pandana"],
        "plan": ["Plan", "Target"],
        "reporting.files": ["write_assessment"],
        "reporting.maps": ["draw_map", "write_map"],
        "reporting.report": ["write_report"],
        "sources.places.boundaries": ["read_boundaries", "with_boundaries"],
        "sources.osm.extracts": ["Extract", "fetch_extract"],
        "sources.osm.fetch": ["fetch_osm"],
        "sources.gtfs.feed": ["TransitFeed", "read_gtfs"],
        "sources.roads.networks": ["read_network", "write_network"],
        "sources.plans.files": ["write_plan"],
        "sources.plans.folders": ["read_plan"],
        "sources.places.points": ["read_points"],
        "sources.places.datum": ["guess_datum"],
        "sources.places.population": ["read_population", "read_settlements"],
        "sources.rasters.by_zone": ["read_class_shares", "read_zonal_sums"],
        "sources.rasters.written": ["write_surface"],
        "sources.roads.streets": ["read_streets"],
        "sources.plans.values": ["read_values"],
        "workflow": ["assess"],
    },
)
__all__ = [*_names, "__version__"]
