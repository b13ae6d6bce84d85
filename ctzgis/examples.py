"""
Gridville: a town whose answers a reader can work out by hand (示例城镇).

::

    NW ─────────── NE      10 × 10 blocks of 1 km, a road on every block edge:
    │               │      2 × 11 roads of 10 km = 220 km on 100 km².
    │       C       │      Every road is 60 km/h, so a kilometre takes a minute.
    │               │      A line of three stops crosses the town from W to E
    SW ─────────── SE      through the centre C, 2 minutes a section.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ctzgis.crs import REGION_CRS

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.network import TravelNetwork

__all__ = ["gridville", "gridville_places", "gridville_zones"]

_BLOCKS: Final = 10
_BLOCK_M: Final = 1000.0
_ORIGIN: Final = (495_000.0, 3_100_000.0)
_KPH: Final = 60.0


def _xy(column: float, row: float) -> tuple[float, float]:
    return _ORIGIN[0] + column * _BLOCK_M, _ORIGIN[1] + row * _BLOCK_M


def gridville() -> "TravelNetwork":
    """
    Return Gridville's roads and its one line, in EPSG:4547.

    The line stops at the west end, the centre and the east end of the middle
    street, takes 2 min a section, stands 0 min and runs every 4 min.
    """
    import geopandas as gpd
    import shapely

    from ctzgis.network import RoadNetwork, Stop, TransitLine, TravelNetwork

    spots = [(c, r) for r in range(_BLOCKS + 1) for c in range(_BLOCKS + 1)]
    junctions = gpd.GeoDataFrame(
        {"name_zh": [f"{c}-{r}" for c, r in spots]},
        geometry=[shapely.Point(_xy(c, r)) for c, r in spots],
        index=[f"j{c}_{r}" for c, r in spots],
        crs=REGION_CRS,
    ).rename_axis("junction_id")
    steps = [((c, r), (c + 1, r)) for c, r in spots if c < _BLOCKS]
    steps += [((c, r), (c, r + 1)) for c, r in spots if r < _BLOCKS]
    roads = gpd.GeoDataFrame(
        {
            "from_id": [f"j{a[0]}_{a[1]}" for a, _ in steps],
            "to_id": [f"j{b[0]}_{b[1]}" for _, b in steps],
            "road_class": "secondary",
            "oneway": False,
            "free_kph": _KPH,
            "peak_kph": _KPH / 2,
            "signals": 0,
            "status": "built",
            "opens": float("nan"),
            "closes": float("nan"),
            "name_zh": "方格路",
        },
        geometry=[shapely.LineString([_xy(*a), _xy(*b)]) for a, b in steps],
        index=[f"r{i}" for i in range(len(steps))],
        crs=REGION_CRS,
    ).rename_axis("road_id")
    middle = _BLOCKS // 2
    halts = [("west", 0), ("centre", middle), ("east", _BLOCKS)]
    points = [shapely.Point(_xy(column, middle)) for _, column in halts]
    line = TransitLine(
        id="cross_town",
        name_zh="横贯线",
        mode="metro",
        stops=tuple(
            Stop(station_id=name, name_zh=name, point=point, run_min=run)
            for (name, _), point, run in zip(
                halts, points, (2.0, 2.0, 0.0), strict=True
            )
        ),
        headway_min={"free": 4.0, "peak": 2.0},
        status="built",
        sections=tuple(shapely.LineString([a, b]) for a, b in pairwise(points)),
    )
    return TravelNetwork(RoadNetwork(roads, junctions), (line,))


def gridville_places() -> "gpd.GeoDataFrame":
    """Return Gridville's corners and its centre, with 1,000 people each."""
    import geopandas as gpd
    import shapely

    n, half = _BLOCKS, _BLOCKS / 2
    spots = {
        "south_west": (0, 0),
        "south_east": (n, 0),
        "north_west": (0, n),
        "north_east": (n, n),
        "centre": (half, half),
    }
    return gpd.GeoDataFrame(
        {"population": 1000},
        geometry=[shapely.Point(_xy(*spot)) for spot in spots.values()],
        index=list(spots),
        crs=REGION_CRS,
    )


def gridville_zones() -> "gpd.GeoDataFrame":
    """Return Gridville's four quarters of 5 × 5 km."""
    import geopandas as gpd
    import shapely

    half = _BLOCKS / 2
    corners = {"sw": (0, 0), "se": (half, 0), "nw": (0, half), "ne": (half, half)}
    return gpd.GeoDataFrame(
        geometry=[
            shapely.box(*_xy(c, r), *_xy(c + half, r + half))
            for c, r in corners.values()
        ],
        index=list(corners),
        crs=REGION_CRS,
    )
