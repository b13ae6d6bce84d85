"""The road network: one immutable object over checked tables (路网)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from ctzgis.cards import card
from ctzgis.crs import require_metric, require_same
from ctzgis.errors import InputError
from ctzgis.network.engine.components import component_sizes
from ctzgis.tables import JUNCTIONS, ROADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from ctzgis.provenance import Source

__all__ = ["RoadNetwork", "Undated"]

Undated = Literal["exclude", "include"]
"""What to do with planned roads and lines whose year of opening is not known."""

_ENDS: Final = ("from_id", "to_id")
_STREET_MEAN_M: Final = 500.0
_NO_PROFILES: Final = ("design_speed", "limit")
_JOIN_TOLERANCE_M: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """
    Roads between junctions, in true metres.

    Parameters
    ----------
    roads
        Frame under the ``ROADS`` contract, indexed by road id.
    junctions
        Frame under the ``JUNCTIONS`` contract, indexed by junction id.
    sources
        Where both come from.

    Raises
    ------
    SchemaError, CRSError
        If a table breaks its contract or cannot be measured in.
    InputError
        If a road names a junction that is missing or does not end at it.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> gridville().roads  # doctest: +NORMALIZE_WHITESPACE
    <RoadNetwork: 220 roads, 121 junctions, 220.0 km, 1 part, 10 × 10 km, free and peak,
    EPSG:4547>
    """

    _roads: "gpd.GeoDataFrame"
    _junctions: "gpd.GeoDataFrame"
    sources: "tuple[Source, ...]" = ()

    def __post_init__(self) -> None:
        JUNCTIONS.check(self._junctions)
        ROADS.check(self._roads)
        require_metric(self._roads, "roads")
        require_same(
            self._roads, self._junctions, left_name="roads", right_name="junctions"
        )
        problems = list(_loose_ends(self._roads, self._junctions))
        if problems:
            shown = "; ".join(problems[:3])
            more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
            msg = f"roads and junctions do not fit: {shown}{more}"
            raise InputError(msg)

    @classmethod
    def of_checked(
        cls,
        roads: "gpd.GeoDataFrame",
        junctions: "gpd.GeoDataFrame",
        sources: "tuple[Source, ...]" = (),
    ) -> "RoadNetwork":
        """Return the network of tables that were part of one before."""
        network = object.__new__(cls)
        for name, value in zip(cls.__slots__, (roads, junctions, sources), strict=True):
            object.__setattr__(network, name, value)
        return network

    def __repr__(self) -> str:
        return f"<RoadNetwork: {self.told()}>"

    def _repr_html_(self) -> str:
        """Return the network as a card for a notebook."""
        return card("路网 RoadNetwork", self.facts(), note=self.note())

    def note(self) -> str:
        """Say that the network is schematic, if it is."""
        drawn = any(source.schematic for source in self.sources)
        return "示意数据 schematic data" if drawn else ""

    def facts(self) -> list[tuple[str, str]]:
        """Return what there is to know of the network in short: names and values."""
        authority = self.crs.to_authority()
        parts = self.components
        share = f" ({parts[0] / parts.sum():.1%})" if len(parts) > 1 else ""
        names = ", ".join(dict.fromkeys(source.name for source in self.sources))
        return [
            ("道路 roads", f"{len(self._roads):,}"),
            ("交叉口 junctions", f"{len(self._junctions):,}"),
            ("长度 length", f"{self.length_m / 1000:,.1f} km"),
            ("连通部分 parts", f"{len(parts):,}{share}"),
            ("时段 profiles", ", ".join(self.profiles)),
            ("CRS", ":".join(authority) if authority else self.crs.name),
            ("来源 sources", names),
        ]

    def told(self) -> str:
        """Return the size, parts, extent, profiles and CRS of the network in a line."""
        authority = self.crs.to_authority()
        parts = self.components
        share = f", the largest {parts[0] / parts.sum():.1%}" if len(parts) > 1 else ""
        facts = [
            f"{len(self._roads)} roads",
            f"{len(self._junctions)} junctions",
            f"{self.length_m / 1000:.1f} km",
            f"{len(parts)} part{'' if len(parts) == 1 else 's'}{share}",
            " and ".join(self.profiles),
            ":".join(authority) if authority else self.crs.name,
        ]
        if len(self._roads):
            west, south, east, north = self._roads.total_bounds / 1000
            facts.insert(4, f"{east - west:.0f} × {north - south:.0f} km")
        return ", ".join(facts)

    @property
    def roads(self) -> "gpd.GeoDataFrame":
        """A copy of the roads."""
        return self._roads.copy()

    @property
    def junctions(self) -> "gpd.GeoDataFrame":
        """A copy of the junctions."""
        return self._junctions.copy()

    @property
    def crs(self) -> "CRS":
        """What the coordinates are in, true metres."""
        crs: CRS = self._roads.crs
        return crs

    @property
    def components(self) -> "NDArray[np.int64]":
        """Number of junctions in each part that roads join, the largest first."""
        ends = np.stack(
            [self._junctions.index.get_indexer(self._roads[e]) for e in _ENDS]
        )
        used, at = np.unique(ends, return_inverse=True)
        return component_sizes(len(used), *at.reshape(ends.shape))

    @property
    def is_street_map(self) -> bool:
        """
        Whether the roads are those of a street map, not of a strategic network.

        Between junctions they are shorter than 500 m on average: 50 to 200 m on maps of
        streets, kilometres on strategic networks.
        """
        return self.length_m < _STREET_MEAN_M * len(self._roads)

    @property
    def profiles(self) -> tuple[str, ...]:
        """Profiles that roads state speeds for."""
        columns = [str(name) for name in self._roads if str(name).endswith("_kph")]
        names = [name.removesuffix("_kph") for name in columns]
        return tuple(name for name in names if name not in _NO_PROFILES)

    @property
    def length_m(self) -> float:
        """Total length of the roads."""
        return float(self._roads.length.sum())

    def at(self, year: int, *, undated: Undated = "exclude") -> "RoadNetwork":
        """
        Return the network as it stands at the end of a year.

        A road without a year of opening counts as there in every year if it is
        built; if it is planned, ``undated`` decides.
        """
        frame = self._roads
        opens, closes = frame["opens"], frame["closes"]
        undated_stands = (frame["status"] == "built") | (undated == "include")
        stands = (opens <= year) | (opens.isna() & undated_stands)
        return self.keep(stands & ~(closes <= year))

    def to_come(self, year: int) -> "RoadNetwork":
        """Return the roads that are not open at the end of a year but are to be."""
        opens, status = self._roads["opens"], self._roads["status"]
        return self.keep((opens > year) | (opens.isna() & (status != "built")))

    def keep(self, rows: "gpd.pd.Series[bool]") -> "RoadNetwork":
        """Return the network of the roads for which ``rows`` is true."""
        return RoadNetwork.of_checked(self._roads[rows], self._junctions, self.sources)


def _loose_ends(
    roads: "gpd.GeoDataFrame", junctions: "gpd.GeoDataFrame"
) -> "Iterator[str]":
    names = roads.index
    for column, position in (("from_id", 0), ("to_id", -1)):
        at = junctions.index.get_indexer(roads[column])
        unknown = at < 0
        for road_id, junction_id in roads.loc[unknown, column].items():
            yield f"road {road_id!r} names junction {junction_id!r}, which is missing"
        lines = np.asarray(roads.geometry.array)[~unknown]
        wanted = np.asarray(junctions.geometry.array)[at[~unknown]]
        gaps = shapely.distance(shapely.get_point(lines, position), wanted)
        far = gaps > _JOIN_TOLERANCE_M
        for road_id, gap in zip(names[~unknown][far], gaps[far], strict=True):
            yield f"road {road_id!r} ends {gap:.0f} m from its junction ({column})"
