"""What an assessment measures beside the scorecard, if asked for (专题)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import pandas as pd

from ctzgis.assessment.index.components import DIMENSIONS, OWN_METHOD
from ctzgis.assessment.indicators.limits import BORDER_M, GAP_M
from ctzgis.assessment.topics import measures as take
from ctzgis.assessment.topics.measures import LINK_M, TRACK_M
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd

    from ctzgis.assessment.case import Case

__all__ = ["TOPICS", "ShownColumn", "Summary", "Topic", "require_topics"]

Precision = Literal["%", "n", "1", "2"]
"""Per cent, whole numbers, one or two decimals."""

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


class Summary(NamedTuple):
    """A short table of a topic, that a report shows in place of its rows."""

    columns: tuple[ShownColumn, ...]
    measure: "Callable[[Case, gpd.GeoDataFrame], pd.DataFrame]"


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
    summary
        What a report says of it; ``None`` if its rows do.
    parameters
        Assumptions of its own, for provenance.
    by
        Column that a map grades it by; empty if all of it looks the same.
    label
        Column that a map writes beside each; empty for none.
    borders
        Whether it is drawn on administrative borders, which public maps leave out.

    Examples
    --------
    >>> TOPICS["borders"].summary_key
    'borders_summary'
    """

    id: str
    title: Text
    note: Text
    columns: tuple[ShownColumn, ...]
    measure: "Callable[[Case], gpd.GeoDataFrame]"
    summary: Summary | None = None
    parameters: "Mapping[str, float]" = field(default_factory=dict)
    by: str = ""
    label: str = ""
    borders: bool = False

    @property
    def summary_key(self) -> str:
        """Name of the table of its summary."""
        return f"{self.id}_summary"


def require_topics(names: "Iterable[str] | str") -> "tuple[Topic, ...]":
    """
    Return topics by name, each once, in the order of ``TOPICS``.

    A text is one name, several with commas between, or ``"all"``.

    Raises
    ------
    InputError
        If a name is not known.

    Examples
    --------
    >>> [topic.title.en for topic in require_topics(["stations", "missing_links"])]
    ['Missing links', 'People near stations']
    >>> len(require_topics("all")) == len(TOPICS)
    True
    """
    if isinstance(names, str):
        names = TOPICS if names == "all" else names.split(",")
    asked = {str(name).strip().replace("-", "_") for name in names}
    if unknown := sorted(asked - TOPICS.keys()):
        msg = f"topic '{unknown[0]}' is not known; known are {', '.join(TOPICS)}"
        raise InputError(msg)
    return tuple(topic for key, topic in TOPICS.items() if key in asked)


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
            measure=take.index,
            label="index",
            borders=True,
        ),
        Topic(
            id="missing_links",
            title=Text("缺失连接", "Missing links"),
            note=Text(
                f"相距不到{LINK_M:g}米、路网绕行达直线3倍以上、其间无路的两端，按修通后每公里"
                "节省的人分钟排序；需求为假设：两端周围的人每天互访一次。骨干路网（如随附者）省略了"
                "许多街道，此处只是线索，须实地核对。",
                f"Ends less than {LINK_M:g} m apart with a way round of at least three "
                "times the straight and no road between, by person-minutes saved per "
                "kilometre; demand is assumed: people around both ends go to one another "
                "once a day. A network of main roads, as the one that ships, leaves out many "
                "streets: hints to be checked on the ground.",
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
            measure=take.links_missing,
            parameters={"ends_within_m": LINK_M},
        ),
        Topic(
            id="critical_roads",
            title=Text("要害道路", "Critical roads"),
            note=Text(
                "逐条中断道路，计到最近中心不再可达的人与增加的人分钟；过江通道在前。随附的干支流"
                "位置为示意（支流±3—4公里），跨支流的道路只作参考。",
                "Roads are severed one by one: people who reach no centre any more, and "
                "person-minutes added on the way to the nearest; river crossings first. "
                "The rivers that ship are schematic (tributaries ±3–4 km): roads across "
                "tributaries are hints.",
            ),
            columns=(
                _NAME,
                ShownColumn("river_zh", Text("河流", "River")),
                ShownColumn(
                    "people_affected", Text("受影响人口", "People affected"), "n"
                ),
                ShownColumn("people_cut_off", Text("隔断人口", "People cut off"), "n"),
                ShownColumn("people_delayed", Text("延误人口", "People delayed"), "n"),
                ShownColumn(
                    "added_person_min", Text("增加/人分钟", "Person-min added"), "n"
                ),
                ShownColumn("longest_added_min", Text("最多增加/分钟", "At most, min")),
            ),
            measure=take.roads_critical,
            by="people_affected",
        ),
        Topic(
            id="borders",
            title=Text("跨市道路与轨道", "Roads and railways across city borders"),
            note=Text(
                "市界两侧都有道路或轨道接上的地点；界线与线位如为示意，沿界线摆动的线路可能多次计入，"
                f"条数按名称计，较可靠；同一方式的线路相距不到{TRACK_M:g}米计为一处。",
                "Places on a city border with a road or railway into either side; where "
                "borders and courses are schematic, a line that weaves along the border may "
                "count twice; lines by name are surer. Those of one mode less than "
                f"{TRACK_M:g} m apart count once.",
            ),
            columns=(
                ShownColumn("name_*", Text("城市对", "Cities")),
                ShownColumn("line", Text("线路", "Line")),
                ShownColumn("road_class", Text("等级或方式", "Class or mode")),
                ShownColumn("lines", Text("相接线路/条", "Lines that meet"), "n"),
            ),
            measure=take.border_crossings,
            summary=Summary(
                (
                    ShownColumn("name_*", Text("城市对", "Cities")),
                    ShownColumn("road_class", Text("等级或方式", "Class or mode")),
                    ShownColumn("border_km", Text("界线长/公里", "Border, km"), "n"),
                    ShownColumn("lines", Text("线路/条", "Lines"), "n"),
                    ShownColumn("links", Text("跨界/处", "Crossings"), "n"),
                    ShownColumn("links_per_100km", Text("处/百公里", "Per 100 km")),
                ),
                take.crossings_per_border,
            ),
        ),
        Topic(
            id="dead_ends",
            title=Text("市界断头路（疑似）", "Roads that end before a border"),
            note=Text(
                f"距市界{BORDER_M:g}米内不接其他道路、对面{GAP_M:g}米内有道路的端点；是否应连通"
                "须人工判断。未用 --roads 提供全部道路时，计的是出行路网。",
                f"Ends within {BORDER_M:g} m of the border that no other road meets, with "
                f"a road within {GAP_M:g} m beyond it; whether one should go on is for a "
                "planner to say. Without all roads by --roads they are those of the network "
                "for travel.",
            ),
            columns=(
                _NAME,
                ShownColumn("road_class", Text("道路等级", "Class")),
                ShownColumn("zone_id", Text("所在市", "City")),
                ShownColumn("other_id", Text("对面", "Beyond")),
                ShownColumn("border_m", Text("距界线/米", "To the border, m"), "n"),
                ShownColumn("gap_m", Text("缺口/米", "Gap, m"), "n"),
            ),
            measure=take.roads_that_end,
            parameters={"ends_within_m_of_border": BORDER_M, "gap_at_most_m": GAP_M},
        ),
        Topic(
            id="stations",
            title=Text("车站周边人口", "People near stations"),
            note=Text(
                "直线800米、步行15分钟、驾车15分钟以内的人口；随附人口平均分到各县居民点，"
                "站点附近的小数值因而不可靠。",
                "People within 800 m, 15 min on foot and 15 min by car; the people "
                "that ship are spread evenly over the settlements of a county, so that small "
                "figures of them mean little.",
            ),
            columns=(
                ShownColumn("name_*", Text("车站", "Station")),
                ShownColumn("straight", Text("800米内", "Within 800 m"), "n"),
                ShownColumn("walk", Text("步行15分钟", "15 min on foot"), "n"),
                ShownColumn("drive", Text("驾车15分钟", "15 min by car"), "n"),
            ),
            measure=take.people_near_stations,
            by="drive",
        ),
    )
}
"""Topics by name, in the order that a report takes them."""
