"""Links as a frame: what they cross, join and save (连接线表)."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.links.divided_roads import DOUBTS
from ctzgis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.analysis.links.link_candidates import Links, Streets
    from ctzgis.analysis.links.link_savings import Minutes
    from ctzgis.network import RoadNetwork

    Numbers = NDArray[np.float64]
    Texts = NDArray[np.object_]
    Which = NDArray[np.bool_] | NDArray[np.int64]

__all__ = [
    "BARRIER_KINDS",
    "Ranked",
    "crossed",
    "links_frame",
    "require_barriers",
    "require_sound",
]

BARRIER_KINDS: Final = ("river", "rail", "green_heart")
"""What may sever roads: 河流、铁路、绿心."""

_NO_WAY: Final = "no way between the ends"
_NOBODY: Final = "nobody lives around one of the ends"

# Names of roads at an end that are told.
_NAMES: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """
    Links and what they save.

    Attributes
    ----------
    links, minutes
        The links, and minutes between their ends.
    people_from, people_to
        People on each side.
    trips
        Trips a day from one side to the other.
    person_min
        Minutes saved a day by all; NaN where there is no way yet.
    detour_m
        Metres of road between the ends; ``inf`` where there is no way yet.
    doubt
        What speaks against them, as a place in ``DOUBTS``.
    """

    links: "Links"
    minutes: "Minutes"
    people_from: "Numbers"
    people_to: "Numbers"
    trips: "Numbers"
    person_min: "Numbers"
    detour_m: "Numbers"
    doubt: "NDArray[np.int64]"

    def take(self, which: "Which") -> "Ranked":
        """Return some of the links."""
        parts: list[Any] = [getattr(self, part.name) for part in fields(self)]
        taken = [part.take(which) for part in parts[:2]]
        return Ranked(*taken, *(part[which] for part in parts[2:]))

    def saving(self, person_min: "Numbers") -> "Ranked":
        """Return the links with other minutes saved."""
        return replace(self, person_min=person_min)

    def order(self) -> "NDArray[np.int64]":
        """Return the links, those that save most a kilometre first, those in doubt last."""
        links, km = self.links, self.links.length_m / 1000
        way = np.isfinite(self.person_min)
        saved = np.where(way, self.person_min, 0.0)
        # Places and rows decide between equals, so that an answer never changes.
        order: NDArray[np.int64] = np.lexsort(
            (
                links.along_m, links.road, links.end, links.start,
                -np.round(self.trips / km, 6),
                -np.round(saved / km, 6), ~way, self.doubt,
            )
        )  # fmt: skip
        return order


def require_barriers(barriers: gpd.GeoDataFrame) -> None:
    """Raise ``InputError`` unless barriers have known kinds and sound shapes."""
    if "kind" not in barriers:
        msg = f"barriers have no column 'kind' with {', '.join(BARRIER_KINDS)}"
        raise InputError(msg)
    unknown = sorted({str(k) for k in barriers["kind"] if k not in BARRIER_KINDS})
    if unknown:
        msg = f"barriers have kind {unknown[0]!r}; known are {', '.join(BARRIER_KINDS)}"
        raise InputError(msg)
    require_sound(barriers, "barriers")


def require_sound(frame: gpd.GeoDataFrame, name: str) -> None:
    """Raise ``InputError`` unless every row has a shape, and no area crosses itself."""
    shapes = np.asarray(frame.geometry.array)
    if (shapely.is_missing(shapes) | shapely.is_empty(shapes)).any():
        msg = f"{name} have rows without geometry; drop them"
        raise InputError(msg)
    if (~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)).any():
        msg = f"{name} have areas that cross themselves; mend them with make_valid()"
        raise InputError(msg)


def links_frame(
    network: "RoadNetwork",
    found: Ranked,
    streets: "Streets",
    barriers: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    *,
    demand: str,
) -> gpd.GeoDataFrame:
    """Return what is known of links, in their order; ``missing_links`` tells what."""
    roads, junctions, links = network.roads, network.junctions, found.links
    ids = np.array([*junctions.index, None], dtype=object)
    road_ids = np.array([*roads.index, None], dtype=object)
    from_name, to_name = _names(roads, links, streets)
    detour = np.where(np.isfinite(found.detour_m), found.detour_m, np.nan)
    way = np.isfinite(found.minutes.before)
    person_min = found.person_min
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(links) + 1),
            **_crossings(found, streets, barriers, zones),
            "from_id": ids[links.start],
            "to_id": ids[links.end],
            "to_road_id": road_ids[links.road],
            "to_along_m": np.where(links.end >= 0, np.nan, links.along_m),
            "from_name": from_name,
            "to_name": to_name,
            "length_m": links.length_m,
            "detour_m": detour,
            "detour_ratio": detour / links.length_m,
            "minutes_before": np.where(way, found.minutes.before, np.nan),
            "minutes_after": found.minutes.after,
            "people_from": found.people_from,
            "people_to": found.people_to,
            "demand": demand,
            "trips_across": found.trips,
            "saved_person_min": person_min,
            "saved_person_min_per_km": person_min / (links.length_m / 1000),
            "reason": np.where(way, np.where(found.trips > 0, "", _NOBODY), _NO_WAY),
        },
        geometry=links.lines(),
        index=pd.Index([f"link_{k + 1}" for k in range(len(links))], name="link_id"),
        crs=roads.crs,
    )


def _crossings(
    found: Ranked,
    streets: "Streets",
    barriers: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
) -> dict[str, Any]:
    """Return the columns of what links cross."""
    links = found.links
    over = crossed(links.lines(), barriers)
    from_zone, to_zone = (_zones_at(links.xy[:, at], zones) for at in ((0, 1), (2, 3)))
    border = pd.notna(from_zone) & pd.notna(to_zone) & (from_zone != to_zone)
    over["border"] = border
    dead = streets.dead_end[links.start] | (
        (links.end >= 0) & streets.dead_end[links.end]
    )
    kind = np.where(dead, "dead_end", "gap").astype(object)
    for name in reversed(over):
        kind = np.where(over[name], name, kind)
    kind = np.where(found.doubt > 0, np.array(DOUBTS, dtype=object)[found.doubt], kind)
    names = [
        ";".join(name for name in over if over[name][k]) for k in range(len(links))
    ]
    ranks = pd.array(np.cumsum(border), dtype="Int64")
    ranks[~border] = pd.NA
    return {
        "rank_cross_city": ranks,
        "kind": kind,
        "crosses": names,
        "crosses_green_heart": over["green_heart"],
        "cross_city": border,
        "from_zone": from_zone,
        "to_zone": to_zone,
    }


def crossed(
    lines: "NDArray[np.object_]", barriers: gpd.GeoDataFrame | None
) -> "dict[str, NDArray[np.bool_]]":
    """Tell which lines cross barriers of each kind."""
    found = {kind: np.zeros(len(lines), dtype=bool) for kind in BARRIER_KINDS}
    if barriers is not None and len(barriers) and len(lines):
        tree = shapely.STRtree(np.asarray(barriers.geometry.array))
        line, hit = tree.query(lines, predicate="intersects")
        kinds = barriers["kind"].to_numpy(dtype=object)[hit]
        for kind, which in found.items():
            which[line[kinds == kind]] = True
    return found


def _zones_at(xy: "Numbers", zones: gpd.GeoDataFrame | None) -> "Texts":
    """Return the zone of each place, the first of several; ``None`` if it is in none."""
    found = np.full(len(xy), None, dtype=object)
    if zones is not None and len(zones) and len(xy):
        tree = shapely.STRtree(np.asarray(zones.geometry.array))
        place, hit = tree.query(shapely.points(xy), predicate="intersects")
        order = np.lexsort((hit, place))[::-1]
        found[place[order]] = zones.index.to_numpy(dtype=object)[hit[order]]
    return found


def _names(
    roads: gpd.GeoDataFrame, links: "Links", streets: "Streets"
) -> "tuple[list[str], list[str]]":
    """Return names of the roads at the start and at the end of each link."""
    if "name_zh" not in roads:
        return [""] * len(links), [""] * len(links)
    names = roads["name_zh"].fillna("").to_numpy(dtype=object)
    # Those that may be joined are told before the motorway they lead to.
    shut = ~streets.open
    owner = np.concatenate([streets.first, streets.last])
    order = np.lexsort((np.tile(shut, 2), owner))
    owner, row = owner[order], np.tile(np.arange(len(roads)), 2)[order]

    def at(junction: int, road: int) -> str:
        """Return the names at one end."""
        if junction < 0:
            return str(names[road])
        begin, after = np.searchsorted(owner, [junction, junction + 1])
        found = dict.fromkeys(names[k] for k in row[begin:after] if names[k])
        return " / ".join(list(found)[:_NAMES])

    return (
        [at(k, -1) for k in links.start],
        [at(k, road) for k, road in zip(links.end, links.road, strict=True)],
    )
