"""Travel times between the edges of areas (边缘到边缘的时间)."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.access.trip_words import ruled_by_trips
from ctzgis.crs import require_same
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.engine import matrix
from ctzgis.network.snapping import Snaps
from ctzgis.tables import ZONES
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["EDGES", "edge_travel_times"]

EDGES: Final = Text(
    "自范围边界至范围边界，取道路与边界交点间最短者",
    "from edge to edge, where roads cross the borders of areas",
)
"""Between which places times of areas are taken."""


def edge_travel_times(
    network: TravelNetwork,
    areas: "gpd.GeoDataFrame",
    *,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Find the quickest drive from the edge of each area to the edge of each other.

    An edge is every place where a road crosses the border of the area, motorways
    included; the best pair of crossings counts.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    areas
        Polygons in the CRS of the network, indexed by id, e.g. built-up areas.
    profile
        ``"free"`` flow, ``"peak"``, or another the roads state speeds for.
    rules
        Assumptions on signals and junctions.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``travel_time_min``, a row for each area to each,
        itself included; NaN where no road crosses an edge or no way leads on; 0 where
        two areas share a crossing. ``attrs["rules"]`` tells edges and speeds.

    Raises
    ------
    SchemaError, CRSError
        If areas break their contract or are in another CRS.
    InputError
        If the profile is not known.

    Notes
    -----
    A method of this library, beside that from centre to centre. Borders that are drawn
    roughly make these times rough: ±3 km each are ±6 min (``docs/methods.md``).

    Examples
    --------
    From 2 km of Gridville's street west of the centre to 2 km east of it lie 6 km:

    >>> import geopandas as gpd, shapely
    >>> from ctzgis.examples import gridville
    >>> x, y = 495_000, 3_100_000
    >>> blocks = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(x + a, y + 500, x + a + 2_000, y + 2_500)
    ...               for a in (0, 8_000)],
    ...     index=["west", "east"], crs="EPSG:4547")
    >>> edge_travel_times(gridville(), blocks).loc[1, "travel_time_min"]
    np.float64(6.0)
    """
    roads = network.roads.roads
    ZONES.check(areas)
    require_same(areas, roads, left_name="areas", right_name="roads")
    owner, road, along = _crossings(areas, roads)
    cuts = Snaps(len(road), np.arange(len(road)), road, along, np.zeros(len(road)))
    graph = network.graph(cuts, profile=profile, rules=rules)
    minutes = matrix(graph.search, graph.join(cuts).connectors, graph.anchors)
    rows = []
    for i, start in enumerate(areas.index):
        for j, end in enumerate(areas.index):
            pairs = minutes[np.ix_(owner == i, owner == j)]
            best = float(pairs.min()) if pairs.size else np.inf
            rows.append((start, end, best if np.isfinite(best) else np.nan))
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "travel_time_min"])
    return ruled_by_trips(
        frame, network, EDGES, modes=["drive"], profile=profile, rules=rules,
        snapped=False,
    )  # fmt: skip


def _crossings(
    areas: "gpd.GeoDataFrame", roads: "gpd.GeoDataFrame"
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]":
    """Return area, road and metres along it wherever a road crosses a border."""
    lines = np.asarray(roads.geometry.array)
    borders = np.asarray(areas.boundary.array)
    road, area = areas.sindex.query(lines, predicate="intersects")
    meeting = shapely.intersection(lines[road], borders[area])
    # A road may cross several times; lines along the border count at their ends.
    parts, which = shapely.get_coordinates(meeting, return_index=True)
    road, area = road[which], area[which]
    along = shapely.line_locate_point(lines[road], shapely.points(parts))
    return area, road, along
