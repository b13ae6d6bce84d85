"""Networks for networkx and pandana (与 networkx、pandana 的互换)."""

from typing import TYPE_CHECKING, Any, get_args

import networkx as nx
import numpy as np
import pandas as pd

from ctzgis.errors import InputError, fail_for_extra
from ctzgis.network.layers import (
    Means,
    minutes_at_junctions,
    minutes_per_road,
    one_way_roads,
    usable_roads,
)
from ctzgis.network.speeds import DEFAULT_RULES, TravelRules

if TYPE_CHECKING:
    import pandana

    from ctzgis.network.roads import RoadNetwork

__all__ = ["to_networkx", "to_pandana"]


def to_networkx(
    network: "RoadNetwork",
    *,
    means: Means = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> "nx.MultiDiGraph[Any]":
    """
    Return the roads of a network as a graph of networkx, a way in each direction.

    Parameters
    ----------
    network
        Any network of roads, whole or of a year.
    means, profile, rules
        Who travels, and how fast: ``"drive"``, ``"walk"`` or ``"cycle"``. Roads that may
        not be used are left out; a one-way road has one way.

    Returns
    -------
    networkx.MultiDiGraph
        Junction ids with ``x`` and ``y`` in the network's own CRS (``graph["crs"]``);
        road ids as keys, with ``length_m``, ``travel_time_min``, ``road_class`` and
        ``geometry``, turned for the way back.

    Raises
    ------
    InputError
        If the means or the profile is not known.

    Examples
    --------
    >>> import networkx as nx
    >>> from ctzgis.examples import gridville
    >>> graph = to_networkx(gridville().roads)
    >>> corners = "j0_0", "j10_10"
    >>> nx.shortest_path_length(graph, *corners, weight="travel_time_min")
    20.0
    """
    junctions = network.junctions
    ways = _ways(network, means, profile, rules)
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs)
    for junction, point in zip(junctions.index, junctions.geometry, strict=True):
        graph.add_node(junction, x=float(point.x), y=float(point.y))
    for way in ways.itertuples(index=False):
        graph.add_edge(
            way.start,
            way.end,
            key=way.road_id,
            length_m=way.length_m,
            travel_time_min=way.travel_time_min,
            road_class=way.road_class,
            geometry=way.geometry,
        )
    return graph


def to_pandana(
    network: "RoadNetwork",
    *,
    means: Means = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> "pandana.Network":
    """
    Return the roads of a network as one of pandana.

    Parameters
    ----------
    network, means, profile, rules
        As for ``to_networkx``.

    Returns
    -------
    pandana.Network
        One-way where roads are, with the impedance ``travel_time_min``. Its nodes are the
        positions of the junctions in ``network.junctions``: pandana takes whole numbers.

    Raises
    ------
    InputError
        If the means or the profile is not known.
    SourceError
        If pandana is not installed; the extra ``pandana`` brings it.
    """
    try:
        import pandana
    except ImportError:
        fail_for_extra("to_pandana needs a library", "pandana")
    ways = _ways(network, means, profile, rules)
    junctions = network.junctions
    position = pd.Series(np.arange(len(junctions)), index=junctions.index)
    return pandana.Network(
        pd.Series(junctions.geometry.x.to_numpy()),
        pd.Series(junctions.geometry.y.to_numpy()),
        position[ways["start"]].reset_index(drop=True),
        position[ways["end"]].reset_index(drop=True),
        ways[["travel_time_min"]],
        twoway=False,
    )


def _ways(
    network: "RoadNetwork", means: Means, profile: str, rules: TravelRules
) -> pd.DataFrame:
    """Return a row for each road and direction that may be travelled."""
    for what, given, known in (
        ("means", means, get_args(Means)),
        ("profile", profile, network.profiles),
    ):
        if given not in known:
            msg = f"{what} {given!r} is not known; one of {', '.join(known)}"
            raise InputError(msg)
    roads, junctions = network.roads, network.junctions
    minutes = minutes_per_road(roads, means=means, profile=profile, rules=rules)
    lost = pd.Series(
        minutes_at_junctions(junctions, means=means, profile=profile, rules=rules),
        index=junctions.index,
    )
    one_way = one_way_roads(roads, means)
    forth = pd.DataFrame(
        {
            "start": roads["from_id"].to_numpy(),
            "end": roads["to_id"].to_numpy(),
            "road_id": roads.index,
            "length_m": roads.length.to_numpy(),
            "travel_time_min": minutes,
            "road_class": roads["road_class"].to_numpy(),
            "geometry": np.asarray(roads.geometry.array),
        }
    )
    turned = {"start": "end", "end": "start"}
    back = forth.assign(geometry=roads.geometry.reverse().to_numpy())[~one_way]
    usable = usable_roads(roads, means)
    forth["travel_time_min"] = minutes + lost[roads["to_id"]].to_numpy()
    back["travel_time_min"] += lost[roads["from_id"]].to_numpy()[~one_way]
    both = [forth[usable], back[usable[~one_way]].rename(columns=turned)]
    return pd.concat(both, ignore_index=True)
