"""The same network in the hands of OSRM and Valhalla (路径引擎)."""

import json
import resource
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import osmium
import osrm
import shapely
import valhalla
from networks import Floats, Ints, TownNetwork
from pyproj import Transformer
from timing import Job

from ctzgis.network import RoadNetwork, TravelNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["THREADS", "Osrm", "Program", "Roads", "Valhalla", "tenths"]

THREADS: Final = 2
CRS: Final = "EPSG:4547"

# Motorways would be one-way by custom, and left at their junctions only.
_HIGHWAY: Final = ("trunk", "primary", "secondary", "tertiary", "residential")
_LEAST_KPH: Final = 5.0
_PLACES: Final = 7

_PROFILE: Final = """
api_version = 4

function setup()
  return {properties = {
    weight_name = 'duration',
    max_speed_for_map_matching = 50,
    process_call_tagless_node = false,
    continue_straight_at_waypoint = false,
    use_turn_restrictions = false,
  }}
end

function process_way(profile, way, result)
  local seconds = tonumber(way:get_value_by_key('seconds'))
  if seconds then
    result.duration = seconds
    result.forward_mode = mode.driving
    if way:get_value_by_key('oneway') == 'no' then
      result.backward_mode = mode.driving
    else
      result.backward_mode = mode.inaccessible
    end
  end
end

function process_turn(profile, turn)
  turn.duration = 0
  turn.weight = 0
end

return {setup = setup, process_way = process_way, process_turn = process_turn}
"""


def tenths(ticks: Ints) -> Ints:
    """Return whole tenths of a second, at least one, from hundredths."""
    return np.maximum((ticks + 5) // 10, 1)


class Program(Job):
    """A job that is another program's; its processor seconds are those of children."""

    def turn(self) -> None:
        """Do it once."""
        wall, cpu = time.perf_counter(), _seconds_of_children()
        self.run()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(_seconds_of_children() - cpu)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _runs(*words: object) -> "Callable[[], Any]":
    """Return a call of a program that keeps quiet unless it fails."""

    def run() -> None:
        done = subprocess.run(
            [str(word) for word in words], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stdout + done.stderr)[-2000:]
            msg = f"{Path(str(words[0])).name} ended with {done.returncode}: {said}"
            raise RuntimeError(msg)

    return run


@dataclass
class Roads:
    """A network's roads, each once, drawn straight from junction to junction."""

    network: TownNetwork

    def __post_init__(self) -> None:
        network = self.network
        arc = network.tail * network.count + network.head
        back = np.isin(arc, network.head * network.count + network.tail)
        self.arcs: Ints = np.flatnonzero(~back | (network.tail < network.head))
        self.oneway: "NDArray[np.bool_]" = ~back[self.arcs]
        self.tail, self.head = network.tail[self.arcs], network.head[self.arcs]
        straight_m = np.hypot(*(network.xy[self.tail] - network.xy[self.head]).T)
        self.kph: Floats = 360 * straight_m / network.ticks[self.arcs]

    @cached_property
    def lonlat(self) -> Floats:
        """Junctions in degrees, as a file of OpenStreetMap has them."""
        to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
        lonlat: Floats = np.stack(to_degrees.transform(*self.network.xy.T), axis=1)
        return lonlat.round(_PLACES)

    @property
    def slower_share(self) -> float:
        """Share of roads that are slower than Valhalla knows."""
        return float((self.kph < _LEAST_KPH).mean())

    def travel_network(self) -> TravelNetwork:
        """Return them as our network, at the same times."""
        network = self.network
        ids = np.array([f"j{k}" for k in range(network.count)], dtype=object)
        ends = network.xy[np.stack([self.tail, self.head], axis=1)]
        kinds = np.array(_HIGHWAY, dtype=object)[network.road_class[self.arcs]]
        junctions = gpd.GeoDataFrame(
            geometry=shapely.points(network.xy), index=ids, crs=CRS
        ).rename_axis("junction_id")
        roads = gpd.GeoDataFrame(
            {
                "from_id": ids[self.tail],
                "to_id": ids[self.head],
                "road_class": kinds,
                "oneway": self.oneway,
                "free_kph": self.kph,
                "peak_kph": self.kph,
                "status": "built",
                "opens": np.nan,
                "closes": np.nan,
            },
            geometry=shapely.linestrings(ends),
            index=[f"r{k}" for k in range(len(ends))],
            crs=CRS,
        ).rename_axis("road_id")
        return TravelNetwork(RoadNetwork(roads, junctions))

    def write_osm(self, path: Path) -> None:
        """
        Write them as a file of OpenStreetMap.

        ``seconds`` is for the profile of OSRM, in the tenths it reckons in; Valhalla has
        ``maxspeed``, in whole km/h.
        """
        kinds = self.network.road_class[self.arcs].tolist()
        seconds = tenths(self.network.ticks)[self.arcs] / 10
        columns = (self.tail, self.head, seconds, self.kph, self.oneway)
        ways = zip(*(column.tolist() for column in columns), kinds, strict=True)
        with osmium.SimpleWriter(str(path)) as file:
            for k, place in enumerate(self.lonlat.tolist(), start=1):
                file.add_node(osmium.osm.mutable.Node(id=k, location=tuple(place)))
            for k, (tail, head, seconds, kph, oneway, kind) in enumerate(ways, start=1):
                tags = {
                    "highway": _HIGHWAY[kind],
                    "maxspeed": str(max(round(kph), int(_LEAST_KPH))),
                    "oneway": "yes" if oneway else "no",
                    "seconds": f"{seconds:.1f}",
                }
                nodes = [tail + 1, head + 1]
                file.add_way(osmium.osm.mutable.Way(id=k, nodes=nodes, tags=tags))


class Osrm:
    """OSRM with contraction hierarchies, at our times and without costs of turns."""

    def __init__(self, source: Path, folder: Path, lonlat: Floats) -> None:
        self.lonlat = lonlat
        profile = folder / "plain.lua"
        profile.write_text(_PROFILE, "utf-8")
        self.path = folder / "town.osrm"
        programs = Path(osrm.__file__).parent / "bin"
        threads = ("--threads", THREADS)
        self.extract = Program(
            "OSRM, extract",
            _runs(programs / "osrm-extract", source, "--profile", profile,
                  "--output", self.path, *threads),
        )  # fmt: skip
        self.contract = Program(
            "OSRM, contract", _runs(programs / "osrm-contract", self.path, *threads)
        )

    @property
    def seconds(self) -> float:
        """Seconds from the file to what answers."""
        return self.extract.seconds + self.contract.seconds

    @cached_property
    def engine(self) -> Any:
        """What answers, once extracted and contracted."""
        return osrm.OSRM(
            storage_config=str(self.path), algorithm="CH", use_shared_memory=False,
            max_locations_distance_table=1_000_000,
        )  # fmt: skip

    def table(self, origins: Ints, destinations: Ints) -> Any:
        """Return its own answer: rows of seconds."""
        places = self.lonlat[np.concatenate([origins, destinations])]
        asked = osrm.TableParameters(
            coordinates=[tuple(place) for place in places.tolist()],
            sources=list(range(len(origins))),
            destinations=list(range(len(origins), len(places))),
            annotations=["duration"],
            generate_hints=False,
        )
        return self.engine.Table(asked)

    def matrix(self, origins: Ints, destinations: Ints) -> Floats:
        """Return seconds from each origin to each destination."""
        rows = self.table(origins, destinations)["durations"]
        return np.array([list(row) for row in rows], dtype=np.float64)


class Valhalla:
    """Valhalla's tiles and what answers from them, with its own costs of turns."""

    def __init__(self, source: Path, folder: Path, lonlat: Floats) -> None:
        self.lonlat = lonlat
        tiles = folder / "tiles"
        tiles.mkdir()
        self.config = valhalla.get_config(tile_extract="", tile_dir=tiles)
        self.config["mjolnir"]["concurrency"] = THREADS
        path = folder / "valhalla.json"
        path.write_text(json.dumps(self.config), "utf-8")
        program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        self.build = Program(
            "Valhalla, build tiles", _runs(program, "--config", path, source)
        )

    @cached_property
    def actor(self) -> Any:
        """What answers, once tiles are built."""
        return valhalla.Actor(self.config)

    def isochrone(self, origin: int, minutes: float) -> Any:
        """Return its own answer, as GeoJSON."""
        return self.actor.isochrone(
            {
                "locations": [self._place(origin)],
                "costing": "auto",
                "contours": [{"time": minutes}],
                "polygons": True,
            }
        )

    def area(self, origin: int, minutes: float) -> shapely.Geometry:
        """Return what is reached in time, in metres."""
        found = gpd.GeoDataFrame.from_features(
            self.isochrone(origin, minutes), crs="EPSG:4326"
        )
        return shapely.make_valid(found.to_crs(CRS).union_all())

    def minutes(self, origin: int, destinations: Ints) -> Floats:
        """Return minutes from an origin to each destination."""
        found = self.actor.matrix(
            {
                "sources": [self._place(origin)],
                "targets": [self._place(place) for place in destinations],
                "costing": "auto",
            }
        )
        return np.array([pair["time"] for pair in found["sources_to_targets"][0]]) / 60

    def _place(self, junction: int) -> dict[str, float]:
        lon, lat = self.lonlat[junction].tolist()
        return {"lon": lon, "lat": lat}
