"""Lines and stations of the rail networks, and changes between them (四网与换乘)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.rules import ruled
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ctzgis.network import TransitLine

__all__ = [
    "RAIL_NETWORKS",
    "SEAMLESS_MIN",
    "rail_networks",
    "station_changes",
    "stations",
    "transfer_matrix",
]

RAIL_NETWORKS: "Final[Mapping[str, str]]" = {
    "hsr": "trunk",
    "conventional": "trunk",
    "intercity": "intercity",
    "metro": "urban",
    "maglev": "urban",
    "tram": "urban",
}
"""
Network of each mode of lines: 干线铁路 trunk, 城际铁路 intercity, 城市轨道 urban.

No mode tells 市域(郊)铁路 (suburban): name its lines by their ids. Modes that are not
here (buses, ferries, …) belong to no rail network.
"""

SEAMLESS_MIN: Final = 3.0
"""
Longest walk between stations that counts as 零换乘 where their ids differ, an assumption.

The scheme of 2015 asks for all lines "within the same node" and states no minutes; 3 min at
4.8 km/h and a detour of 1.3 are 185 m straight.
"""

_CHANGES: Final = (
    "from_line_id", "to_line_id", "from_network", "to_network", "from_station_id",
    "to_station_id", "straight_m", "walk_min", "change_min", "seamless",
)  # fmt: skip


def network_of(line: "TransitLine", networks: "Mapping[str, str]") -> str | None:
    """Return the rail network of a line, by its id or else by its mode."""
    return networks.get(line.id, networks.get(line.mode))


def rail_networks(
    lines: "Iterable[TransitLine]", *, networks: "Mapping[str, str]" = RAIL_NETWORKS
) -> pd.DataFrame:
    """
    List the lines of the rail networks.

    Parameters
    ----------
    lines
        Lines of any years.
    networks
        Network of each mode or, before it, of each line id, e.g.
        ``{**RAIL_NETWORKS, "rail_cs_ningxiang": "suburban"}``.

    Returns
    -------
    DataFrame
        Indexed by ``line_id``: ``network``, ``mode``, ``name_zh``, ``status``,
        ``opens``, ``closes`` (missing where not known), ``stations`` (number) and
        ``length_km`` of the course as drawn; lines of no rail network are left out.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> found = rail_networks(read_network().at(2020).lines)
    >>> found.groupby("network").size().to_dict()
    {'intercity': 2, 'trunk': 8, 'urban': 6}
    """
    kept = [(line, network_of(line, networks)) for line in lines]
    kept = [(line, name) for line, name in kept if name is not None]
    years = {
        name: pd.array([getattr(line, name) for line, _ in kept], dtype="Int64")
        for name in ("opens", "closes")
    }
    return pd.DataFrame(
        {
            "network": [name for _, name in kept],
            "mode": [line.mode for line, _ in kept],
            "name_zh": [line.name_zh for line, _ in kept],
            "status": [line.status for line, _ in kept],
            **years,
            "stations": [len({s.station_id for s in line.stops}) for line, _ in kept],
            "length_km": [line.path().length / 1000 for line, _ in kept],
        },
        index=pd.Index([line.id for line, _ in kept], name="line_id"),
    )


def stations(
    lines: "Iterable[TransitLine]",
    *,
    crs: Any,
    networks: "Mapping[str, str]" = RAIL_NETWORKS,
) -> gpd.GeoDataFrame:
    """
    List the stations of the rail networks.

    Parameters
    ----------
    lines
        Lines of one year; ask ``network.at(year)`` first.
    crs
        CRS of the lines.
    networks
        As for ``rail_networks``.

    Returns
    -------
    GeoDataFrame
        Points indexed by ``station_id``: ``name_zh``, ``networks`` (a tuple, in
        alphabetical order) and ``lines``, the ids of the lines that stop there.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> stations(gridville().lines, crs="EPSG:4547")["networks"].to_dict()
    {'west': ('urban',), 'centre': ('urban',), 'east': ('urban',)}
    """
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        network = network_of(line, networks)
        if network is None:
            continue
        for stop in line.stops:
            first = {"name_zh": stop.name_zh, "geometry": stop.point}
            station = found.setdefault(
                stop.station_id, {**first, "networks": set(), "lines": {}}
            )
            station["networks"].add(network)
            station["lines"][line.id] = None
    rows = found.values()
    return gpd.GeoDataFrame(
        {
            "name_zh": [row["name_zh"] for row in rows],
            "networks": [tuple(sorted(row["networks"])) for row in rows],
            "lines": [tuple(row["lines"]) for row in rows],
        },
        geometry=[row["geometry"] for row in rows],
        index=pd.Index(list(found), name="station_id", dtype=object),
        crs=crs,
    )


def station_changes(
    lines: "Iterable[TransitLine]",
    *,
    networks: "Mapping[str, str]" = RAIL_NETWORKS,
    rules: TravelRules = DEFAULT_RULES,
    seamless_min: float = SEAMLESS_MIN,
) -> pd.DataFrame:
    """
    Find where passengers can change from each line to each other, at the nearest pair.

    Changes are those of ``travel_times``: between stations at most
    ``rules.max_transfer_m`` apart, on foot at walking speed over the straight line
    times the detour, ``rules.transfer_min`` at least. The wait comes on top.

    Parameters
    ----------
    lines
        Lines of one year; ask ``network.at(year)`` first.
    networks
        As for ``rail_networks``.
    rules
        Walking speed, detour, least minutes and farthest change.
    seamless_min
        Longest walk of a 零换乘 between stations of different ids.

    Returns
    -------
    DataFrame
        A row for every pair of different lines and every pair of their stations near
        enough: ``from_line_id``, ``to_line_id``, ``from_network``, ``to_network``,
        ``from_station_id``, ``to_station_id``, ``straight_m``, ``walk_min`` (0 in one
        station), ``change_min`` and ``seamless``: whether it is one station or the walk
        is short enough.

    Raises
    ------
    InputError
        If ``seamless_min`` is below 0 or no number.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> changes = station_changes(read_network().at(2020).lines)
    >>> across = changes[changes["from_network"] < changes["to_network"]]
    >>> transfer_matrix(across)[["least_walk_min", "seamless"]].round(1)
                              least_walk_min  seamless
    from_network to_network
    intercity    trunk                   0.0      True
                 urban                   2.3      True
    trunk        urban                   2.9      True
    """
    if not seamless_min >= 0:
        msg = f"seamless_min is {seamless_min}; minutes of 0 or more are expected"
        raise InputError(msg)
    known = [(line, network_of(line, networks)) for line in lines]
    halts = [
        (line.id, network, stop.station_id, stop.point)
        for line, network in known
        if network is not None
        for stop in {stop.station_id: stop for stop in line.stops}.values()
    ]
    line_id, network, station, point = (
        np.array([halt[i] for halt in halts], dtype=object) for i in range(4)
    )
    near = shapely.STRtree(point).query(
        point, predicate="dwithin", distance=rules.max_transfer_m
    )
    a, b = near[:, np.lexsort(near[::-1])]
    a, b = (rows[line_id[a] != line_id[b]] for rows in (a, b))
    same = station[a] == station[b]
    metres = np.where(same, 0.0, shapely.distance(point[a], point[b]))
    walk = metres * rules.detour / 1000 / rules.walk_kph * 60
    columns = (
        line_id[a], line_id[b], network[a], network[b], station[a], station[b], metres,
        walk, np.maximum(walk, rules.transfer_min),
        (same | (walk <= seamless_min)).astype(bool),
    )  # fmt: skip
    return ruled(
        pd.DataFrame(dict(zip(_CHANGES, columns, strict=True))),
        f"相距{rules.max_transfer_m:g}米以内可换乘；步行不超过{seamless_min:g}分钟或同站为零换乘",
        f"changes within {rules.max_transfer_m:g} m; seamless within {seamless_min:g} min "
        "on foot or in one station",
    )


def transfer_matrix(changes: pd.DataFrame, *, between: str = "network") -> pd.DataFrame:
    """
    Sum up changes by pairs of networks or lines (换乘矩阵).

    Parameters
    ----------
    changes
        As ``station_changes`` gives them.
    between
        ``"network"`` or ``"line_id"``.

    Returns
    -------
    DataFrame
        Indexed by from and to: ``station_pairs`` (number), ``seamless_pairs``,
        ``least_walk_min`` and ``seamless``, whether there is a 零换乘 at all; pairs
        without any change are not in it.

    Raises
    ------
    InputError
        If ``between`` is another word.
    """
    if between not in ("network", "line_id"):
        msg = f"between is {between!r}; 'network' or 'line_id' is expected"
        raise InputError(msg)
    keys = [f"from_{between}", f"to_{between}"]
    # Lines that share track share stations: each pair of stations counts once.
    once = changes.drop_duplicates([*keys, "from_station_id", "to_station_id"])
    groups = once.groupby(keys, sort=True)
    return pd.DataFrame(
        {
            "station_pairs": groups.size(),
            "seamless_pairs": groups["seamless"].sum().astype(int),
            "least_walk_min": groups["walk_min"].min(),
            "seamless": groups["seamless"].any(),
        }
    )
