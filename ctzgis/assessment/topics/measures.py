"""Measures of the whole case that stand beside the scorecard (专题测算)."""

from typing import TYPE_CHECKING, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.analysis import (
    border_densities,
    critical_roads,
    missing_links,
    station_catchments,
    stations,
)
from ctzgis.analysis.rules import ruled_as
from ctzgis.assessment.index import (
    ground_of,
    index_borders,
    integration_index,
    measure_components,
)
from ctzgis.assessment.index.components import DIMENSIONS, REGION
from ctzgis.assessment.index.links import named_links
from ctzgis.assessment.index.measures import pair_of
from ctzgis.assessment.indicators.limits import dead_end_candidates
from ctzgis.assessment.indicators.structure import zones_in_force
from ctzgis.texts import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctzgis.assessment.case import Case

__all__ = [
    "LINK_M",
    "TRACK_M",
    "border_crossings",
    "crossings_per_border",
    "index",
    "links_missing",
    "people_near_stations",
    "roads_critical",
    "roads_that_end",
]

LINK_M: Final = 1_000.0
"""Ends farther apart than this are no missing link."""

_BORDER: Final = ["zone_id", "other_id", "class"]

TRACK_M: Final = 200.0
"""Railways of one mode that cross a border nearer than this share their track."""


def index(case: "Case") -> gpd.GeoDataFrame:
    """Return the integration index of each two cities and of the region."""
    ground = ground_of(case.plan, case.network_of_year, case.population)
    readings = measure_components(ground)
    indices = integration_index(readings, case.index_terms)
    names = {pair_of(a, b): (a, b) for a, b in ground.pairs}
    rows = pd.DataFrame(
        [
            {
                "subject": index.subject,
                "index": index.value,
                "low": index.low,
                "high": index.high,
                **{key: index.dimensions.get(key) for key in DIMENSIONS},
            }
            for index in indices
        ]
    )
    region = Text("全区域", "the region")
    for lang in ("zh", "en"):
        rows[f"name_{lang}"] = [
            region.get(lang)
            if subject == REGION
            else " – ".join(case.plan.place(k).name.get(lang) for k in names[subject])
            for subject in rows["subject"]
        ]
    borders = index_borders(indices, ground)
    drawn = dict(zip(borders["subject"], borders.geometry, strict=True))
    shapes = [drawn.get(subject) for subject in rows["subject"]]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=ground.cities.crs)


def links_missing(case: "Case") -> gpd.GeoDataFrame:
    """Return pairs of ends with no road between that would save time."""
    crs = case.network.roads.crs
    severing = [
        part.to_crs(crs)[["geometry"]].assign(kind=kind)
        for kind, part in (
            ("river", case.plan.water),
            ("green_heart", zones_in_force(case.plan.protected, case.year)),
        )
        if len(part)
    ]
    found = missing_links(
        case.network_of_year,
        within_m=LINK_M,
        people=case.population.to_crs(crs),
        barriers=pd.concat(severing, ignore_index=True) if severing else None,
        zones=_cities(case),
        rules=case.rules,
    )
    found = found[found["saved_person_min"] > 0]
    ends = found[["from_name", "to_name"]].astype(object).fillna("…")
    names = _joined(ends, " ↔ ")
    return found.assign(name_zh=names, name_en=names)


def roads_critical(case: "Case") -> gpd.GeoDataFrame:
    """Return roads whose loss cuts off or delays somebody."""
    crs = case.network.roads.crs
    found = critical_roads(
        case.network_of_year,
        case.population.to_crs(crs),
        case.centres.to_crs(crs),
        rivers=case.plan.water.to_crs(crs) if len(case.plan.water) else None,
        rules=case.rules,
    )
    # Columns before rows: pandas gives a frame without rows those of a new column.
    told = found.assign(
        name_en=found["name_zh"],
        people_affected=found["people_cut_off"] + found["people_delayed"],
    )
    return told[(told["people_cut_off"] > 0) | (told["added_person_min"] > 0)]


def border_crossings(case: "Case") -> gpd.GeoDataFrame:
    """
    Return the places where a road or railway crosses the border of two cities.

    ``way`` is ``"road"`` or ``"rail"``, ``line`` its name; lines of one mode on one track
    cross once.
    """
    network, cities = case.network_of_year, _cities(case)
    roads = named_links(network.roads.roads, cities, by="road_class")
    rails = gpd.GeoDataFrame(
        {
            "mode": [line.mode for line in network.lines],
            "name_zh": [line.name_zh for line in network.lines],
        },
        geometry=[line.path() for line in network.lines],
        index=pd.Index([line.id for line in network.lines], name="line_id"),
        crs=network.roads.crs,
    )
    # Mode by mode, for a place on the border has one class only.
    by_rail = [
        named_links(lines, cities, by="mode", same_place_m=TRACK_M).assign(way="rail")
        for _, lines in rails.groupby("mode")
    ]
    found = pd.concat([roads.assign(way="road"), *by_rail], ignore_index=True)
    return _sides(case, ruled_as(found, roads))


def crossings_per_border(case: "Case", links: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Return how many roads and railways of each class cross each border, all last.

    ``lines`` counts each name once, ``links`` each place.
    """
    found, cities = links.rename(columns={"road_class": "class"}), _cities(case)
    tables = []
    for way in ("road", "rail"):
        here = found[found["way"] == way]
        table = border_densities(here, cities)
        names = here.groupby(_BORDER)["line"].nunique().rename("lines")
        of_all = here.groupby(_BORDER[:2])["line"].nunique().rename("of_all")
        table = table.join(names, on=_BORDER).join(of_all, on=_BORDER[:2])
        table["lines"] = table["lines"].fillna(table["of_all"]).fillna(0).astype(int)
        tables.append(table.replace({"class": {"all": f"all_{way}"}}))
    per_border = pd.concat(tables).sort_values(_BORDER[:2], kind="stable")
    per_border["links_per_100km"] = per_border.pop("links_per_km") * 100
    told = per_border.drop(columns="of_all").reset_index(drop=True)
    return _sides(case, ruled_as(told, links))


def roads_that_end(case: "Case") -> gpd.GeoDataFrame:
    """Return roads that end before a border, of the user's layer if there is one."""
    roads = case.network_of_year.roads.roads if case.streets is None else case.streets
    found = dead_end_candidates(roads, _cities(case).to_crs(roads.crs))
    names = found["name_zh"].where(found["name_zh"].notna(), found["road_id"])
    return found.assign(name_zh=names.astype(str), name_en=names.astype(str))


def _cities(case: "Case") -> gpd.GeoDataFrame:
    """Return the cities of the plan, in the CRS of the network."""
    counties = case.plan.counties.to_crs(case.network.roads.crs)
    return counties.dissolve(by="city_zh")[["geometry"]]


Frame = TypeVar("Frame", bound=pd.DataFrame)


def _sides(case: "Case", found: Frame) -> Frame:
    """Name the two cities of each row."""
    counties = case.plan.counties
    english = counties.drop_duplicates("city_zh").set_index("city_zh")["city_en"]
    sides = found[["zone_id", "other_id"]].astype(str)
    return found.rename(columns={"class": "road_class"}).assign(
        name_zh=_joined(sides, " – "),
        name_en=_joined(sides.replace(english.to_dict()), " – "),
    )


def _joined(names: pd.DataFrame, mark: str) -> list[str]:
    """Return the names of each row as one text."""
    return [mark.join(row) for row in names.itertuples(index=False)]


def people_near_stations(case: "Case") -> gpd.GeoDataFrame:
    """
    Return stations open in the year with the people near them.

    Stations of one name within reach of a change are one, with the people of the best.
    """
    network = case.network_of_year
    dots = stations(network.lines, crs=network.roads.crs)
    people = case.population.to_crs(network.roads.crs)
    found = station_catchments(network, people, rules=case.rules)
    each = found[found["of"] == "station"].pivot_table(
        index="id", columns="by", values="population"
    )
    table = dots[["name_zh", "geometry"]].join(each)
    table = table.assign(name_en=table["name_zh"])
    table = table.sort_values("drive", ascending=False)
    return table[_first_of_a_change(table, case.rules.max_transfer_m)]


def _first_of_a_change(
    points: gpd.GeoDataFrame, within_m: float
) -> "NDArray[np.bool_]":
    """Tell which points have none of their name before them so near."""
    first, second = points.sindex.query(
        points.geometry, predicate="dwithin", distance=within_m
    )
    names = points["name_zh"].to_numpy()
    later = first[(second < first) & (names[first] == names[second])]
    kept = np.ones(len(points), dtype=bool)
    kept[later] = False
    return kept
