"""What an assessment measures beside the scorecard, if asked for (专题)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import geopandas as gpd
import pandas as pd

from ctzgis.analysis import (
    border_links,
    critical_roads,
    missing_links,
    station_catchments,
    stations,
)
from ctzgis.assessment.coverage import zones_in_force
from ctzgis.assessment.index import (
    ground_of,
    index_borders,
    integration_index,
    measure_components,
)
from ctzgis.assessment.index.components import DIMENSIONS, OWN_METHOD, REGION
from ctzgis.assessment.index.measures import pair_of
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ctzgis.assessment.case import Case

__all__ = ["TOPICS", "ShownColumn", "Topic", "require_topics"]

Precision = Literal["%", "n", "1", "2"]
"""Per cent, whole numbers, one or two decimals."""

_LINK_M: Final = 1_000.0


_SPECS: Final = {"%": ".0%", "n": ",.0f", "1": ",.1f", "2": ",.2f"}


class ShownColumn(NamedTuple):
    """One column that report and map show: ``name_*`` is a name in both languages."""

    name: str
    head: Text
    precision: Precision = "1"

    def told(self, value: Any) -> str:
        """
        Return a value as text; a dash where there is none.

        Examples
        --------
        >>> ShownColumn("length_m", Text("米", "m"), "n").told(1234.5)
        '1,234'
        """
        if isinstance(value, str):
            return value or "—"
        return "—" if pd.isna(value) else format(value, _SPECS[self.precision])


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """
    A measure of the whole case that report, map and files show beside the scorecard.

    Attributes
    ----------
    id
        Name of its layer, e.g. ``"missing_links"``.
    title
        What report and map call it.
    note
        How it is measured, and how far to trust it.
    columns
        What is shown of it.
    measure
        Takes it: a frame with ``name_zh`` and ``name_en``, in the order of weight. Rows
        without geometry are not on the map.
    borders
        Whether it is drawn on administrative borders, which public maps leave out.
    """

    id: str
    title: Text
    note: Text
    columns: tuple[ShownColumn, ...]
    measure: "Callable[[Case], gpd.GeoDataFrame]"
    borders: bool = False


def require_topics(names: "Iterable[str]") -> "tuple[Topic, ...]":
    """
    Return topics by name, each once, in the order of ``TOPICS``.

    Raises
    ------
    InputError
        If a name is not known.

    Examples
    --------
    >>> [topic.title.en for topic in require_topics(["stations", "missing_links"])]
    ['Missing links', 'People near stations']
    """
    asked = set(names)
    if unknown := sorted(asked - TOPICS.keys()):
        msg = f"topic '{unknown[0]}' is not known; known are {', '.join(TOPICS)}"
        raise InputError(msg)
    return tuple(topic for key, topic in TOPICS.items() if key in asked)


def _index(case: "Case") -> gpd.GeoDataFrame:
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


def _missing_links(case: "Case") -> gpd.GeoDataFrame:
    crs = case.network.roads.crs
    severing = [
        part.to_crs(crs)[["geometry"]].assign(kind=kind)
        for kind, part in (
            ("river", case.plan.water),
            ("green_heart", zones_in_force(case.plan.protected, case.year)),
        )
        if len(part)
    ]
    cities = case.plan.counties.to_crs(crs).dissolve(by="city_zh")[["geometry"]]
    found = missing_links(
        case.network_of_year,
        within_m=_LINK_M,
        people=case.population.to_crs(crs),
        barriers=pd.concat(severing, ignore_index=True) if severing else None,
        zones=cities,
        rules=case.rules,
    )
    found = found[found["saved_person_min"] > 0]
    ends = found[["from_name", "to_name"]].astype(object).fillna("…")
    names = _joined(ends, " ↔ ")
    return found.assign(name_zh=names, name_en=names)


def _critical_roads(case: "Case") -> gpd.GeoDataFrame:
    crs = case.network.roads.crs
    found = critical_roads(
        case.network_of_year,
        case.population.to_crs(crs),
        case.centres.to_crs(crs),
        rivers=case.plan.water.to_crs(crs) if len(case.plan.water) else None,
        rules=case.rules,
    )
    costs = (found["people_cut_off"] > 0) | (found["added_person_min"] > 0)
    return found[costs].assign(name_en=found["name_zh"])


def _borders(case: "Case") -> gpd.GeoDataFrame:
    roads = case.network_of_year.roads.roads
    counties = case.plan.counties.to_crs(roads.crs)
    cities = counties.dissolve(by="city_zh")[["geometry"]]
    found = border_links(roads, cities)
    english = counties.drop_duplicates("city_zh").set_index("city_zh")["city_en"]
    sides = found[["zone_id", "other_id"]].astype(str)
    return found.rename(columns={"class": "road_class"}).assign(
        name_zh=_joined(sides, " – "),
        name_en=_joined(sides.replace(english.to_dict()), " – "),
    )


def _joined(names: pd.DataFrame, mark: str) -> list[str]:
    """Return the names of each row as one text."""
    return [mark.join(row) for row in names.itertuples(index=False)]


def _stations(case: "Case") -> gpd.GeoDataFrame:
    network = case.network_of_year
    dots = stations(network.lines, crs=network.roads.crs)
    people = case.population.to_crs(network.roads.crs)
    found = station_catchments(network, people, rules=case.rules)
    each = found[found["of"] == "station"].pivot_table(
        index="id", columns="by", values="population"
    )
    table = dots[["name_zh", "geometry"]].join(each)
    return table.assign(name_en=table["name_zh"]).sort_values("drive", ascending=False)


_NAME: Final = ShownColumn("name_*", Text("名称", "Name"))

TOPICS: Final["Mapping[str, Topic]"] = {
    topic.id: topic
    for topic in (
        Topic(
            id="index",
            title=Text("一体化指数", "Integration index"),
            note=Text(
                f"{OWN_METHOD.zh}区间为各分项数据精度同向偏差时的值；敏感性见 ctzgis index。",
                f"{OWN_METHOD.en} The range is that of all data off one way; for its "
                "sensitivity see ctzgis index.",
            ),
            columns=(
                ShownColumn("name_*", Text("城市对", "Of")),
                ShownColumn("index", Text("指数", "Index")),
                ShownColumn("low", Text("低", "Low")),
                ShownColumn("high", Text("高", "High")),
                *(ShownColumn(key, name) for key, name in DIMENSIONS.items()),
            ),
            measure=_index,
            borders=True,
        ),
        Topic(
            id="missing_links",
            title=Text("缺失连接", "Missing links"),
            note=Text(
                f"相距不到{_LINK_M:g}米、路网绕行达直线3倍以上、其间无路的两端，按修通后每公里"
                "节省的人分钟排序；需求为假设：两端周围的人每天互访一次。示意路网省略了许多街道，"
                "此处只是线索，须实地核对。",
                f"ends less than {_LINK_M:g} m apart with a way round of at least three "
                "times the straight and no road between, by person-minutes saved per "
                "kilometre; demand is assumed: people around both ends go to one another "
                "once a day. The strategic network leaves out many streets: hints to be "
                "checked on the ground.",
            ),
            columns=(
                _NAME,
                ShownColumn("length_m", Text("长度/米", "Length, m"), "n"),
                ShownColumn("detour_ratio", Text("绕行倍数", "Detour ratio")),
                ShownColumn("minutes_before", Text("现需/分钟", "Min now")),
                ShownColumn("minutes_after", Text("修通后/分钟", "Min then")),
                ShownColumn(
                    "saved_person_min_per_km",
                    Text("每公里节省/人分钟", "Person-min saved per km"),
                    "n",
                ),
            ),
            measure=_missing_links,
        ),
        Topic(
            id="critical_roads",
            title=Text("要害道路", "Critical roads"),
            note=Text(
                "逐条中断道路，计到最近中心不再可达的人与增加的人分钟；过江通道在前。干支流位置"
                "为示意（支流±3—4公里），跨支流的道路只作参考。",
                "roads are severed one by one: people who reach no centre any more, and "
                "person-minutes added on the way to the nearest; river crossings first. "
                "Rivers are schematic (tributaries ±3–4 km).",
            ),
            columns=(
                _NAME,
                ShownColumn("river_zh", Text("河流", "River")),
                ShownColumn("people_cut_off", Text("隔断人口", "People cut off"), "n"),
                ShownColumn("people_delayed", Text("延误人口", "People delayed"), "n"),
                ShownColumn(
                    "added_person_min", Text("增加/人分钟", "Person-min added"), "n"
                ),
                ShownColumn("longest_added_min", Text("最多增加/分钟", "At most, min")),
            ),
            measure=_critical_roads,
        ),
        Topic(
            id="borders",
            title=Text("跨市道路", "Roads across city borders"),
            note=Text(
                "市界两侧都有道路接上的地点；界线与道路均为示意，沿界线摆动的道路可能多次计入。",
                "places on a city border with a road into either side; borders and roads "
                "are schematic, so a road that weaves along the border may count twice.",
            ),
            columns=(
                ShownColumn("name_*", Text("城市对", "Cities")),
                ShownColumn("road_class", Text("道路等级", "Class")),
                ShownColumn("lines", Text("相接道路/条", "Roads that meet"), "n"),
            ),
            measure=_borders,
        ),
        Topic(
            id="stations",
            title=Text("车站周边人口", "People near stations"),
            note=Text(
                "直线800米、步行15分钟、驾车15分钟以内的人口；各县人口平均分到居民点，"
                "故站点附近的小数值不可靠。",
                "people within 800 m, 15 min on foot and 15 min by car; those of a county "
                "are spread evenly over its settlements, so small figures mean little.",
            ),
            columns=(
                ShownColumn("name_*", Text("车站", "Station")),
                ShownColumn("straight", Text("800米内", "Within 800 m"), "n"),
                ShownColumn("walk", Text("步行15分钟", "15 min on foot"), "n"),
                ShownColumn("drive", Text("驾车15分钟", "15 min by car"), "n"),
            ),
            measure=_stations,
        ),
    )
}
"""Topics by name, in the order that a report takes them."""
