"""Networks out of lines, and out of other networks (建网)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.crs import require_same
from ctzgis.errors import InputError
from ctzgis.network.layers import usable_roads
from ctzgis.network.roads import RoadNetwork
from ctzgis.network.topology import join_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.provenance import Change

__all__ = ["join_networks", "piece_names", "roads_of_lines"]

_TIMES: Final = ["status", "opens", "closes"]


def roads_of_lines(
    lines: "gpd.GeoDataFrame", *, gap_m: float = 0.0, at_crossings: bool = False
) -> "tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Change, ...]]":
    """
    Cut lines where they meet, and name the junctions they run between.

    Parameters
    ----------
    lines
        Line strings in metres with what roads need but ``from_id`` and ``to_id``; a
        column ``level`` says on which level each runs. Several may share a name. Of
        lines drawn alike one is kept if they are there in the same years.
    gap_m, at_crossings
        As ``join_lines`` takes them.

    Returns
    -------
    roads, junctions, changes
        Tables of a ``RoadNetwork``, and what was dropped, repaired or noticed. A road
        keeps its line's name; if the line was cut, a number follows it.
    """
    rows = lines.index.to_numpy()
    noded = join_lines(
        np.asarray(lines.geometry.array),
        names=rows,
        oneway=lines["oneway"].to_numpy(dtype=bool),
        level=lines["level"].to_numpy() if "level" in lines else None,
        kind=lines.groupby(_TIMES, dropna=False, observed=True).ngroup().to_numpy(),
        gap_m=gap_m,
        at_crossings=at_crossings,
    )
    ids = np.array([f"j{n}" for n in range(len(noded.junctions))], dtype=object)
    values = lines.drop(columns=lines.geometry.name).iloc[noded.owner]
    roads = gpd.GeoDataFrame(
        {
            "from_id": ids[noded.first],
            "to_id": ids[noded.last],
            **{str(key): values[key].to_numpy() for key in values},
        },
        geometry=noded.lines,
        index=pd.Index(piece_names(rows[noded.owner]), name="road_id"),
        crs=lines.crs,
    )
    junctions = gpd.GeoDataFrame(
        geometry=noded.junctions, index=pd.Index(ids, name="junction_id"), crs=lines.crs
    )
    return roads, junctions, noded.changes


def piece_names(names: "NDArray[Any]") -> list[str]:
    """
    Name pieces by what they are of; those of one whole are numbered.

    Examples
    --------
    >>> piece_names(np.array(["a", "b", "b"]))
    ['a', 'b-0', 'b-1']
    """
    pieces = pd.Series(names)
    texts = pieces.astype(str)
    number = pieces.groupby(pieces, sort=False).cumcount().astype(str)
    alone = ~pieces.duplicated(keep=False)
    return texts.where(alone, texts + "-" + number).tolist()


def join_networks(
    networks: "Sequence[RoadNetwork]", *, gap_m: float = 0.0
) -> RoadNetwork:
    """
    Join networks into one: their roads meet where they share a vertex.

    Parameters
    ----------
    networks
        In one CRS. Their ids stay if none is there twice; else a number stands before
        those of each.
    gap_m
        Ends that meet nothing are drawn to another road within this distance.

    Raises
    ------
    CRSError
        If they are in several reference systems.
    InputError
        If there is none.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> roads = gridville().roads
    >>> east = roads.roads.geometry.centroid.x > 500_000
    >>> join_networks([roads.keep(east), roads.keep(~east)])  # doctest: +NORMALIZE_WHITESPACE
    <RoadNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, free and
    peak, EPSG:4547>
    """
    if not networks:
        msg = "there is no network to join"
        raise InputError(msg)
    frames = [network.roads for network in networks]
    for frame in frames[1:]:
        require_same(frames[0], frame, left_name="the first", right_name="another")
    if pd.concat([frame.index.to_series() for frame in frames]).duplicated().any():
        frames = [
            frame.set_axis([f"{number}:{name}" for name in frame.index])
            for number, frame in enumerate(frames, start=1)
        ]
    columns = frozenset().union(*(frame.columns for frame in frames))
    lines = pd.concat(
        [
            _completed(frame.drop(columns=["from_id", "to_id"]), columns)
            for frame in frames
        ]
    )
    roads, junctions, _ = roads_of_lines(lines, gap_m=gap_m)
    sources = tuple(source for network in networks for source in network.sources)
    return RoadNetwork(roads, junctions, sources)


def _completed(
    roads: "gpd.GeoDataFrame", columns: "frozenset[str]"
) -> "gpd.GeoDataFrame":
    """Give roads the columns of others that must not be empty, by what is known."""
    walk = usable_roads(roads, "walk")
    known: dict[str, Any] = {
        "signals": 0,
        "level": 0,
        "drive": usable_roads(roads, "drive"),
        "walk": walk,
        "cycle": walk,
        "cycle_oneway": roads["oneway"],
    }
    missing = {k: v for k, v in known.items() if k in columns and k not in roads}
    completed: gpd.GeoDataFrame = roads.assign(**missing)
    return completed
