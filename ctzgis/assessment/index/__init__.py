"""An integration index of two cities and of a region, our own method (一体化指数)."""

from ctzgis.assessment.index.joining import IntegrationIndex, integration_index
from ctzgis.assessment.index.links import index_borders
from ctzgis.assessment.index.measures import ground_of, measure_components
from ctzgis.assessment.index.sensitivity import index_change, index_sensitivity

__all__ = [
    "IntegrationIndex",
    "ground_of",
    "index_borders",
    "index_change",
    "index_sensitivity",
    "integration_index",
    "measure_components",
]
