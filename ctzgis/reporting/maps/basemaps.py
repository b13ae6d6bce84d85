"""Tiles under a map: whose they are, where they come from, in which datum (底图)."""

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely

from ctzgis.datums import in_china, to_gcj02
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ctzgis.reporting.maps.layers import MapLayer

__all__ = [
    "BASEMAPS",
    "KEY_VARIABLE",
    "Basemap",
    "BasemapName",
    "basemap_named",
    "displayed",
    "tianditu_key",
]

BasemapName = Literal["tianditu", "osm", "gaode"]

KEY_VARIABLE: Final = "CTZGIS_TIANDITU_KEY"
"""Environment variable with the user's key for Tianditu (天地图密钥)."""

_TIANDITU: Final = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile"
    "&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{tk}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basemap:
    """
    One source of tiles.

    Attributes
    ----------
    id
        What it is asked for by.
    name
        What the panel calls it, by itself in both languages.
    credit
        Whom the foot of the map names.
    tiles
        Addresses with ``{s}``, ``{z}``, ``{x}``, ``{y}``, and ``{tk}`` for a key.
    subdomains
        What ``{s}`` may be.
    hosts
        Hosts the page asks, as a content security policy writes them.
    max_zoom
        Closest zoom with tiles of its own.
    needs_key
        Whether tiles are given to holders of a key only.
    gcj02
        Whether tiles are shifted (GCJ-02), so that what is drawn on them must be too.
    reviewed
        Whether the borders in the tiles are those approved in China.
    """

    id: BasemapName
    name: str
    credit: Text
    tiles: tuple[str, ...]
    subdomains: str
    hosts: tuple[str, ...]
    max_zoom: int = 18
    needs_key: bool = False
    gcj02: bool = False
    reviewed: bool = True

    def config(self) -> dict[str, Any]:
        """Return what the script of the frame is told; never a key."""
        return {
            "name": self.name,
            "tiles": self.tiles,
            "subdomains": self.subdomains,
            "maxZoom": self.max_zoom,
            "asks": self.needs_key,
        }


BASEMAPS: Final[dict[BasemapName, Basemap]] = {
    "tianditu": Basemap(
        id="tianditu",
        name="天地图 Tianditu",
        credit=Text("底图：天地图", "base map: Tianditu"),
        tiles=tuple(_TIANDITU.format(layer=layer) for layer in ("vec", "cva")),
        subdomains="01234567",
        hosts=("https://*.tianditu.gov.cn",),
        needs_key=True,
    ),
    "osm": Basemap(
        id="osm",
        name="OpenStreetMap",
        credit=Text(
            "底图：© OpenStreetMap contributors",
            "base map: © OpenStreetMap contributors",
        ),
        tiles=("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        subdomains="",
        hosts=("https://tile.openstreetmap.org",),
        max_zoom=19,
        reviewed=False,
    ),
    "gaode": Basemap(
        id="gaode",
        name="高德地图 Gaode",
        credit=Text("底图：© 高德地图", "base map: © Gaode (Amap)"),
        tiles=(
            "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1"
            "&style=8&x={x}&y={y}&z={z}",
        ),
        subdomains="1234",
        hosts=("https://*.is.autonavi.com",),
        gcj02=True,
    ),
}
"""Base maps by name."""


def basemap_named(name: str | None, *, public: bool = False) -> Basemap | None:
    """
    Return the base map of a name; ``None`` for none.

    Raises
    ------
    InputError
        If there is none of that name, or a public map is to show borders that were
        not approved.

    Examples
    --------
    >>> basemap_named("gaode").gcj02
    True
    """
    if name is None:
        return None
    found = next((base for base in BASEMAPS.values() if base.id == name), None)
    if found is None:
        msg = f"basemap {name!r} is not known; one of {', '.join(BASEMAPS)}, or None"
        raise InputError(msg)
    if public and not found.reviewed:
        msg = (
            f"a public map cannot lie on {name!r}, whose borders were not approved; "
            "take 'tianditu', 'gaode' or no base map"
        )
        raise InputError(msg)
    return found


def tianditu_key() -> str:
    """
    Return the user's key for Tianditu.

    Raises
    ------
    InputError
        If the environment names none.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        msg = (
            f"a key for Tianditu is to be kept in the file, but {KEY_VARIABLE} is not "
            "set; set it to your browser-side key, or leave out `keep_key`"
        )
        raise InputError(msg)
    return key


def displayed(
    layers: "Iterable[MapLayer]", base: Basemap | None
) -> "tuple[MapLayer, ...]":
    """
    Return layers as they are drawn over a base map.

    Over any, areas that would hide the tiles have no fill. Over one in GCJ-02, shapes
    are shifted copies; those given stay as they are.

    Raises
    ------
    InputError
        If a shape lies outside China, where GCJ-02 is not defined.
    """
    drawn = [layer if base is None else layer.see_through() for layer in layers]
    if base is None or not base.gcj02:
        return tuple(drawn)
    return tuple(
        replace(
            layer,
            features=tuple(
                replace(f, geometry=shapely.transform(f.geometry, _shifted))
                for f in layer.features
            ),
        )
        for layer in drawn
    )


def _shifted(degrees: "NDArray[np.float64]") -> "NDArray[np.float64]":
    lon, lat = degrees[:, 0], degrees[:, 1]
    if not in_china(lon, lat):
        msg = (
            "some shapes lie outside China, where GCJ-02 is not defined; take another "
            "base map than 'gaode'"
        )
        raise InputError(msg)
    return np.column_stack(to_gcj02(lon, lat))
