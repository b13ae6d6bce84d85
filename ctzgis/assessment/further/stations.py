"""People near rail stations, as an assessment shows them (车站覆盖人口)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from ctzgis.analysis.rail.station_catchments import station_catchments
from ctzgis.analysis.rail.stations import stations
from ctzgis.assessment.further.parts import Drawn, Field, Found, Further, Sheet
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.assessment.case import Case

__all__ = ["stations_of"]

_STRAIGHT_M: Final = 800.0
_WALK_MIN: Final = 15.0
_DRIVE_MIN: Final = 15.0
_BREAKS: Final = (10_000.0, 50_000.0, 100_000.0)

_NETWORKS: Final = {
    "trunk": Text("干线铁路", "trunk railways"),
    "intercity": Text("城际铁路", "intercity railways"),
    "urban": Text("城市轨道", "urban rail"),
    "all": Text("全部", "all"),
}
_WAYS: Final = {
    "straight": Text(
        f"直线{_STRAIGHT_M:.0f}米", f"within {_STRAIGHT_M:.0f} m straight"
    ),
    "walk": Text(f"步行{_WALK_MIN:.0f}分钟", f"{_WALK_MIN:.0f} min on foot"),
    "drive": Text(f"驾车{_DRIVE_MIN:.0f}分钟", f"{_DRIVE_MIN:.0f} min by car"),
}
_PEOPLE: Final = tuple(
    Field(f"{by}_people", Text(f"{way.zh}/人", f"People {way.en}"), "n")
    for by, way in _WAYS.items()
)
_SHARES: Final = tuple(
    Field(f"{by}_share", Text(f"{way.zh}/占比", f"Share {way.en}"), "%")
    for by, way in _WAYS.items()
)


def stations_of(case: "Case") -> Found:
    """Count the people near each rail station and each rail network."""
    if not case.population["population"].sum() > 0:
        msg = (
            "also 'stations': nobody is known to live there; give people (--population)"
        )
        raise InputError(msg)
    network = case.network_of_year
    found = station_catchments(
        network,
        case.population,
        straight_m=(_STRAIGHT_M,),
        walk_min=(_WALK_MIN,),
        drive_min=(_DRIVE_MIN,),
        profile=case.profile,
        rules=case.rules,
    )
    dots = _dots(stations(network.lines, crs=network.roads.crs), found)
    networks = _wide(found[found["of"] != "station"].replace({"id": {"": "all"}}))
    networks = networks.rename_axis("network").reset_index()
    about = Further(
        id="stations",
        title=Text("车站覆盖人口", "People near stations"),
        said=_said(networks, len(dots)),
        method=Text(
            "路网中各车站（含区域以外的）直线距离、步行与驾车时限内的居民；全网每人只计一次",
            "residents within a straight distance and within minutes on foot and by car of "
            "each station of the network, outside the region too; near a network each person "
            "counts once",
        ),
        accuracy=Text(
            "人口按点计：普查居民点代表整个乡镇或街道，步行与直线范围内的人数只宜作量级看；时间"
            "精度同车速（±15%）",
            "people stand at points: where these are whole towns, counts on foot and "
            "straight tell no more than the order of size; times are as good as speeds "
            "(±15 %)",
        ),
        sheets=(
            Sheet(
                key="station_networks",
                title=Text("轨道网络覆盖人口", "People near rail networks"),
                fields=(
                    Field("network", Text("网络", "Network"), words=_NETWORKS),
                    *_PEOPLE,
                    *_SHARES,
                ),
                caption=Text("每人只计一次", "each person once"),
            ),
            Sheet(
                key="station_people",
                title=Text("车站覆盖人口", "People near stations"),
                fields=(Field("name_*", Text("车站", "Station")), *_PEOPLE),
                caption=Text(
                    f"各车站，步行{_WALK_MIN:.0f}分钟内人口多者在前",
                    f"stations, most people within {_WALK_MIN:.0f} min on foot first",
                ),
            ),
        ),
        drawn=(
            Drawn(
                key="station_catchments",
                title=Text("车站覆盖人口", "People near stations"),
                fields=_PEOPLE,
                by="walk_people",
                breaks=_BREAKS,
                heading=Text(
                    f"车站步行{_WALK_MIN:.0f}分钟内人口",
                    f"People within {_WALK_MIN:.0f} min on foot of a station",
                ),
            ),
        ),
        parameters={
            "straight_m": _STRAIGHT_M,
            "walk_min": _WALK_MIN,
            "drive_min": _DRIVE_MIN,
            "profile": case.profile,
        },
    )
    table = pd.DataFrame(dots.drop(columns="geometry"))
    tables = {"station_networks": networks, "station_people": table}
    return Found(about, tables, {"station_catchments": dots})


def _dots(dots: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the stations with the people near each, most on foot first."""
    named = gpd.GeoDataFrame(
        {
            "name_zh": dots["name_zh"],
            "name_en": dots["name_zh"],
            "networks": [";".join(held) for held in dots["networks"]],
        },
        geometry=dots.geometry,
        crs=dots.crs,
    )
    people = _wide(found[found["of"] == "station"])
    return named.join(people).sort_values(
        "walk_people", ascending=False, kind="stable", na_position="last"
    )


def _wide(found: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each station or network, a column for each way and figure."""
    keys = list(dict.fromkeys(found["id"]))
    columns = {}
    for by in _WAYS:
        rows = found[found["by"] == by].set_index("id")
        columns[f"{by}_people"] = rows["population"].reindex(keys).astype(float)
        columns[f"{by}_share"] = rows["population_share"].reindex(keys).astype(float)
    return pd.DataFrame(columns, index=keys)


def _said(networks: pd.DataFrame, count: int) -> Text:
    if not count:
        return Text("路网没有轨道车站。", "The network has no rail stations.")
    every = networks[networks["network"] == "all"].iloc[0]
    zh = "，".join(f"{way.zh}内{every[f'{by}_share']:.0%}" for by, way in _WAYS.items())
    en = ", ".join(f"{every[f'{by}_share']:.0%} {way.en}" for by, way in _WAYS.items())
    return Text(
        f"{count:,}座车站；居民中{zh}。", f"{count:,} stations; of the residents {en}."
    )
