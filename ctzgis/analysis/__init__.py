"""Pure measures: networks and frames in, frames out (分析)."""

from ctzgis.analysis.accessibility import accessibility, centres_reached
from ctzgis.analysis.conflicts import lengths_inside
from ctzgis.analysis.coverage import corridor_gaps, corridor_status, places_served
from ctzgis.analysis.density import road_density
from ctzgis.analysis.distances import pairwise_distances
from ctzgis.analysis.isochrones import isochrones
from ctzgis.analysis.travel_times import (
    edge_travel_times,
    travel_time_matrix,
    travel_times,
    travel_times_in_parts,
)

__all__ = [
    "accessibility",
    "centres_reached",
    "corridor_gaps",
    "corridor_status",
    "edge_travel_times",
    "isochrones",
    "lengths_inside",
    "pairwise_distances",
    "places_served",
    "road_density",
    "travel_time_matrix",
    "travel_times",
    "travel_times_in_parts",
]
