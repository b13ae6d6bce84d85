"""Download the roads of a place or polygon from OpenStreetMap (下载路网)."""

import hashlib
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from ctzgis.crs import GEOGRAPHIC_CRS, area_km2
from ctzgis.errors import CRSError, InputError, SourceError
from ctzgis.network.adapters import from_osmnx
from ctzgis.network.roads import RoadNetwork
from ctzgis.sources.osm.downloads import host_of, require_web_address
from ctzgis.sources.osm.osmnx_web import (
    FURTHER_TAGS,
    BusyError,
    Tally,
    cause_of,
    osmnx_set_up,
    told,
)
from ctzgis.texts import Text
from ctzgis.writing import cache_folder

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

__all__ = ["FetchMode", "fetch_osm"]

FetchMode = Literal["drive", "walk", "cycle", "all"]
"""Whose roads are fetched."""

_NETWORK_TYPES: Final = {
    "drive": "drive",
    "walk": "walk",
    "cycle": "bike",
    "all": "all",
}
_OVERPASS: Final = "https://overpass-api.de/api"
_NOMINATIM: Final = "https://nominatim.openstreetmap.org"
_MAX_KM2: Final = 5_000.0
_MAX_PLACE_LETTERS: Final = 200
# A road has one value of each.
_ONE_EACH: Final = ("highway", "name", "maxspeed", "access", "junction", *FURTHER_TAGS)
_BUSY_PAUSES_S: Final = (15.0, 30.0, 60.0)
_HEAD_BYTES: Final = 4096
_STAMP: Final = re.compile(rb'"timestamp_osm_base":\s*"(\d{4}-\d{2}-\d{2})')


def fetch_osm(
    place: "str | shapely.Geometry | gpd.GeoDataFrame | gpd.GeoSeries",
    *,
    mode: FetchMode = "drive",
    folder: Path | str | None = None,
    url: str = _OVERPASS,
    nominatim_url: str = _NOMINATIM,
    max_km2: float = _MAX_KM2,
    timeout_s: float = 180.0,
    crs: str | None = None,
) -> RoadNetwork:
    """
    Download the roads of a place or polygon from OpenStreetMap through OSMnx.

    Every answer is kept on disk, so that a download that broke off goes on where it was,
    and one that was finished needs no internet. Roads run between junctions, and are cut
    where class, name, speed limit, access or direction change. Roads that leave the area end
    at their first point outside; parts that hang together with nothing stay.

    Parameters
    ----------
    place
        Name of a place with an outline in OpenStreetMap (``"岳麓区, 长沙"``), or the area
        itself: a polygon in degrees, or a frame with a CRS.
    mode
        Whose roads: ``"drive"`` without service roads, ``"walk"``, ``"cycle"`` or ``"all"``.
    folder
        Where answers are kept; ``osm/overpass`` in the user's cache by default. They never
        grow old: delete the folder, named in the source's notes, to ask again.
    url, nominatim_url
        Addresses of an Overpass and a Nominatim server.
    max_km2
        Largest area to ask for; take an extract for a larger one.
    timeout_s
        Seconds to wait for the server to say something.
    crs
        CRS of the network; see ``from_osmnx``.

    Returns
    -------
    RoadNetwork
        With its source: OpenStreetMap contributors, ODbL 1.0, date of the data, address.

    Raises
    ------
    InputError
        If the place is unknown or has no outline, the area is too large or holds no roads.
    SourceError
        If a server cannot be reached, is busy for minutes, or answers with something else.
    """
    if mode not in get_args(FetchMode):
        msg = f"mode is {mode!r}; one of {', '.join(get_args(FetchMode))} is expected"
        raise InputError(msg)
    require_web_address(url)
    require_web_address(nominatim_url)
    asked = _asked(place)
    area = None if isinstance(place, str) else _outline(place)
    label = asked if area is None else "the given area"
    key = json.dumps([asked if area is None else area.wkb_hex, mode, url])
    base = Path(folder) if folder else cache_folder() / "osm" / "overpass"
    kept = base / hashlib.sha256(key.encode()).hexdigest()[:16]
    tally = Tally()
    options = {
        "cache_folder": kept,
        "overpass_url": url,
        "nominatim_url": nominatim_url,
        "requests_timeout": timeout_s,
        "requests_kwargs": {"hooks": {"response": tally.check}},
    }
    with (
        told(f"roads of {label}, {mode}, from {host_of(url)}", tally),
        osmnx_set_up(options),
    ):
        if area is None:
            area = _tried(lambda: _geocoded(asked), kept, nominatim_url)
        _require_size(area, max_km2)
        graph = _tried(lambda: _graph(area, mode), kept, url)
    network = from_osmnx(graph, crs=crs)
    source = replace(
        network.sources[0],
        name="OpenStreetMap",
        what=f"roads ({mode}) of {label}",
        what_zh=f"{label} 的道路（{mode}）",
        source="OpenStreetMap contributors, through Overpass and OSMnx",
        source_zh="OpenStreetMap 贡献者，经 Overpass 与 OSMnx",
        licence="ODbL 1.0 (© OpenStreetMap contributors)",
        licence_zh="ODbL 1.0（© OpenStreetMap 贡献者）",
        date=_date_in(kept),
        url=url,
        notes=(Text(f"应答保存在 {kept}", f"answers kept in {kept}"),),
    )
    return RoadNetwork(network.roads, network.junctions, (source,))


def _asked(place: "str | shapely.Geometry | gpd.GeoDataFrame | gpd.GeoSeries") -> str:
    """Return the name of a place as it is asked for; empty for an area."""
    if not isinstance(place, str):
        return ""
    name = " ".join(place.split())
    if not name or len(name) > _MAX_PLACE_LETTERS or not name.isprintable():
        msg = f"{name[:40]!r} is no name of a place"
        raise InputError(msg)
    return name


def _outline(area: Any) -> Any:
    """Return an area as one valid polygon in degrees."""
    import geopandas as gpd
    import shapely

    if isinstance(area, gpd.GeoDataFrame | gpd.GeoSeries):
        if area.crs is None:
            msg = "the area has no CRS; name the one it is in, e.g. `.set_crs('EPSG:4490')`"
            raise CRSError(msg)
        area = area.geometry.to_crs(GEOGRAPHIC_CRS).union_all()
    if not isinstance(area, shapely.Polygon | shapely.MultiPolygon) or area.is_empty:
        kind = getattr(area, "geom_type", type(area).__name__)
        msg = f"a polygon or the name of a place is expected, not {kind}"
        raise InputError(msg)
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        msg = f"the area reaches {area.bounds}, which are no degrees; give a frame with a CRS"
        raise InputError(msg)
    if not area.is_valid:
        msg = f"the area is invalid: {shapely.is_valid_reason(area)}"
        raise InputError(msg)
    return area


def _require_size(area: Any, max_km2: float) -> None:
    import geopandas as gpd

    # OSMnx asks for the hull of several polygons.
    hull = area.convex_hull if area.geom_type == "MultiPolygon" else area
    size = float(area_km2(gpd.GeoSeries([hull], crs=GEOGRAPHIC_CRS)).iloc[0])
    if not size <= max_km2:
        msg = (
            f"the area has {size:,.0f} km², at most {max_km2:,.0f} are asked for; give "
            "max_km2, or fetch an extract: ctzgis data fetch osm --region"
        )
        raise InputError(msg)


# Asking


def _geocoded(name: str) -> Any:
    import osmnx as ox

    try:
        found = ox.geocoder.geocode_to_gdf(name).union_all()
    except TypeError as error:
        if "did not geocode" not in str(error):
            raise
        msg = f"'{name}' has no outline in OpenStreetMap; give a polygon"
        raise InputError(msg) from error
    except ValueError as error:
        if "returned 0 results" not in str(error):
            raise
        msg = f"'{name}' is not known to OpenStreetMap"
        raise InputError(msg) from error
    return _outline(found)


def _graph(area: Any, mode: FetchMode) -> Any:
    import osmnx as ox

    try:
        graph = ox.graph.graph_from_polygon(
            area,
            network_type=_NETWORK_TYPES[mode],
            simplify=False,
            retain_all=True,
            truncate_by_edge=True,
        )
        return ox.simplification.simplify_graph(
            graph, edge_attrs_differ=_ONE_EACH, remove_rings=False
        )
    except ValueError as error:
        said = str(error)
        if "No data elements" not in said and "no graph nodes" not in said:
            raise
        msg = f"OpenStreetMap has no roads ({mode}) in the area"
        raise InputError(msg) from error


def _tried(ask: Any, kept: Path, url: str) -> Any:
    """Ask again while the server is busy, a few times, and tell faults in one line."""
    import networkx as nx
    import requests
    import shapely.errors
    import urllib3.exceptions

    for pause_s in (*_BUSY_PAUSES_S, None):
        try:
            return ask()
        except BusyError as error:
            if pause_s is None:
                msg = f"{error}; try again later: what arrived is kept"
                raise SourceError(msg) from error
            time.sleep(pause_s)
        except (InputError, SourceError):
            raise
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
        ) as error:
            msg = (
                f"cannot reach {host_of(url)}: {cause_of(error)}; is there internet? "
                "What arrived is kept; another server can be named"
            )
            raise SourceError(msg) from error
        except (
            ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError,
            nx.NetworkXException, shapely.errors.ShapelyError,
        ) as error:  # fmt: skip
            if _drop_broken(kept):
                continue
            msg = (
                f"the answer of {host_of(url)} cannot be understood: {cause_of(error)}"
            )
            raise SourceError(msg) from error
    msg = f"the answers kept in {kept} cannot be read"
    raise SourceError(msg)


def _drop_broken(folder: Path) -> int:
    """Delete kept answers that are not whole, and count them."""
    count = 0
    for path in folder.glob("*.json"):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            path.unlink()
            count += 1
    return count


def _date_in(folder: Path) -> str:
    """Return the date of the oldest answer that is kept."""
    dates = []
    for path in folder.glob("*.json"):
        with path.open("rb") as file:
            found = _STAMP.search(file.read(_HEAD_BYTES))
        if found:
            dates.append(found[1].decode())
    return min(dates, default="")
