"""Tables of a report on what was measured on the ground (报告附表)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctzgis.assessment.topics.catalogue import ShownColumn
from ctzgis.reporting.pictures.stills import CHARTS
from ctzgis.reporting.reports.content import (
    Cell,
    Column,
    Figure,
    Paragraph,
    Row,
    Section,
    Table,
    same,
)
from ctzgis.reporting.words import KINDS, WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment import Assessment
    from ctzgis.assessment.topics.catalogue import Topic
    from ctzgis.reporting.reports.content import Block

__all__ = ["ground_sections", "served_places"]


_FORMATS: Final = {"%": "0%", "n": "#,##0", "1": "#,##0.0", "2": "#,##0.00"}
_FIRST: Final = 10
_ALL: Final = {
    "all_road": Text("道路合计", "all roads"),
    "all_rail": Text("轨道合计", "all railways"),
}
_NONE_FOUND: Final = Text("按以下口径未发现。", "None was found by this rule.")
_PLACE: Final = Text("地点", "Place")
_REACHED: Final = (
    ShownColumn("centre", Text("最近中心", "Nearest centre")),
    ShownColumn("free_min", Text("自由流/分钟", "Free flow, min")),
    ShownColumn("peak_min", Text("高峰/分钟", "Peak, min")),
)
_REACHED_CAPTION: Final = Text("驾车至最近中心的时间", "car time to the nearest centre")
_BOTH: Final = "*"
"""Marks a field that frames hold twice, once for each language: ``name_*``."""


def ground_sections(assessment: "Assessment") -> "Iterator[Section]":
    """
    Yield a section for each table that has rows, and for each topic that was asked for.

    Schematic tables say so.
    """
    for table in _tables(assessment):
        if table.rows:
            yield Section(title=table.name, blocks=(_stamped(table, assessment),))
    for topic in assessment.topics:
        yield Section(title=topic.title, blocks=tuple(_topic(assessment, topic)))


def _stamped(table: Table, assessment: "Assessment") -> Table:
    if not assessment.schematic:
        return table
    said, stamp = table.caption or same(""), WORDS["schematic_data"]
    caption = Text(f"{said.zh} · {stamp.zh}", f"{said.en} · {stamp.en}")
    return replace(table, caption=caption)


def _tables(assessment: "Assessment") -> "Iterator[Table]":
    yield _corridors(assessment.tables["corridor_status"])
    yield _served(assessment.tables["corridor_places"])
    circles = Text("时间圈地点", "Places of the time circles")
    yield _reached(assessment, "places_reached", "name_*", circles)
    seats = Text("区县驻地", "County seats")
    yield _reached(assessment, "seats_reached", "county_*", seats)
    yield _heart_areas(assessment.tables["protected_areas"])
    yield _heart(assessment.tables["green_heart_lengths"])


def _topic(assessment: "Assessment", topic: "Topic") -> "Iterator[Block]":
    """Yield picture and table of a topic: pages show the first rows, sheets all."""
    frame = assessment.layers[topic.id]
    if not len(frame):
        yield Paragraph(_NONE_FOUND)
        yield Paragraph(topic.note, soft=True)
        return
    chart = CHARTS.get(topic.id)
    if chart is not None and chart.draft(assessment).names:
        yield Figure(view=topic.id, caption=chart.caption)
    if topic.summary is None:
        rows = _worded(pd.DataFrame(frame.drop(columns="geometry")))
        table = _table(rows, topic.title, topic.note, *topic.columns)
        yield _stamped(replace(table, first=_FIRST), assessment)
    else:
        rows = _worded(assessment.tables[topic.summary_key])
        note = Text(
            f"{topic.note.zh}共{len(frame):,}处，逐处见 layers.gpkg 的图层 {topic.id}。",
            f"{topic.note.en} Each of the {len(frame):,} is in the layer {topic.id} of "
            "layers.gpkg.",
        )
        table = _table(rows, topic.title, note, *topic.summary.columns)
        yield _stamped(table, assessment)


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with road classes in words."""
    if "road_class" not in frame:
        return frame
    words = {**KINDS, **_ALL}
    return frame.assign(road_class=[words.get(c, c) for c in frame["road_class"]])


def _corridors(frame: pd.DataFrame) -> Table:
    drawn = frame[frame["length_km"] > 0]
    left = len(frame) - len(drawn)
    return _table(
        drawn,
        Text("廊道建成情况", "Corridors built"),
        Text(
            "最终线形长度、已开通长度，以及未建路段或断点的数量与长度"
            + f"；另有{left}条廊道路网数据中没有，不列" * (left > 0),
            "length in its final form, length open, and stretches not built or broken"
            + f"; {left} more that the network does not have are left out" * (left > 0),
        ),
        ShownColumn("name_*", Text("廊道", "Corridor")),
        ShownColumn("length_km", Text("长度/公里", "Length, km")),
        ShownColumn("built_km", Text("已建/公里", "Open, km")),
        ShownColumn("built_share", Text("已建占比", "Share open"), "%"),
        ShownColumn("gaps", Text("缺口/处", "Gaps"), "n"),
        ShownColumn("gap_km", Text("缺口/公里", "Gaps, km")),
    )


_SERVED_CAPTION: Final = Text(
    "轴带列文件所列成员；廊道列5公里以内的地点。距离为直线，时间为驾车至最近出入口或车站",
    "members as the documents list them for axes and belts, places within 5 km "
    "for corridors; straight distance, car time to the nearest access or station",
)
_CORRIDOR: Final = ShownColumn("corridor_*", Text("轴带/廊道", "Axis, belt, corridor"))


def _served(frame: pd.DataFrame) -> Table:
    """Return how many places each corridor serves, and the farthest of them."""
    by_corridor = frame.groupby("corridor_id", sort=False)
    farthest = frame.loc[by_corridor["distance_km"].idxmax()].set_index("corridor_id")
    farthest["places"] = by_corridor.size()
    farthest["longest_min"] = by_corridor["travel_time_min"].max()
    return _table(
        farthest,
        Text("轴带与廊道服务的地点", "Places that axes, belts and corridors serve"),
        Text(
            f"{_SERVED_CAPTION.zh}；逐处见附录",
            f"{_SERVED_CAPTION.en}; all in the appendix",
        ),
        _CORRIDOR,
        ShownColumn("places", Text("地点/处", "Places"), "n"),
        ShownColumn("place_*", Text("最远地点", "Farthest")),
        ShownColumn("distance_km", Text("最远距离/公里", "Its distance, km")),
        ShownColumn("longest_min", Text("最长时间/分钟", "Longest time, min")),
    )


def served_places(assessment: "Assessment") -> Table:
    """Return the table of every place that an axis, belt or corridor serves."""
    table = _table(
        assessment.tables["corridor_places"],
        Text("轴带与廊道地点清单", "List of places that corridors serve"),
        _SERVED_CAPTION,
        _CORRIDOR,
        ShownColumn("place_*", _PLACE),
        ShownColumn("distance_km", Text("距离/公里", "Distance, km")),
        ShownColumn("travel_time_min", Text("时间/分钟", "Time, min")),
        ShownColumn("accuracy_m", Text("地点精度/米", "Place within, m"), "n"),
    )
    return _stamped(table, assessment)


def _reached(assessment: "Assessment", key: str, name: str, title: Text) -> Table:
    frame = assessment.tables[key]
    if len(frame):
        centres = {
            centre: assessment.plan.place(centre).name
            for centre in assessment.plan.centres
        }
        frame = frame.assign(centre=frame["centre_id"].map(centres))
    return _table(frame, title, _REACHED_CAPTION, ShownColumn(name, _PLACE), *_REACHED)


def _heart_areas(frame: pd.DataFrame) -> Table:
    return _table(
        frame,
        Text("绿心面积", "Area of the green heart"),
        Text(
            "示意边界按公布面积绘制，二者相符不构成检验",
            "the schematic outlines were drawn to the stated areas: agreement tests nothing",
        ),
        ShownColumn("regime", Text("口径", "Regime")),
        ShownColumn("zone_*", Text("分区", "Zone")),
        ShownColumn("area_km2", Text("边界面积/平方公里", "Area drawn, km²"), "2"),
        ShownColumn(
            "stated_area_km2", Text("公布面积/平方公里", "Area stated, km²"), "2"
        ),
    )


def _heart(frame: pd.DataFrame) -> Table:
    return _table(
        frame.assign(
            kind=[KINDS.get(kind, kind) for kind in frame["kind"]],
            status=[KINDS.get(status, status) for status in frame["status"]],
        ),
        Text("绿心内的道路与铁路", "Roads and railways inside the green heart"),
        Text(
            "当年适用的绿心分区；分区形状为示意，只宜看总量",
            "zones in force in the year; their shapes are schematic: read totals only",
        ),
        ShownColumn("zone_*", Text("分区", "Zone")),
        ShownColumn("kind", Text("类型", "Kind")),
        ShownColumn("status", Text("状态", "State")),
        ShownColumn("length_km", Text("长度/公里", "Length, km")),
        ShownColumn("count", Text("条数", "Count"), "n"),
    )


def _table(
    frame: pd.DataFrame, name: Text, caption: Text, *fields: ShownColumn
) -> Table:
    rows = tuple(
        Row(tuple(_cell(row, field) for field in fields))
        for row in frame.to_dict("records")
    )
    columns = (
        Column(
            field.head,
            "number" if _numeric(rows, place) else "text",
            _FORMATS[field.precision],
        )
        for place, field in enumerate(fields)
    )
    return Table(name=name, columns=tuple(columns), rows=rows, caption=caption)


def _numeric(rows: tuple[Row, ...], place: int) -> bool:
    return any(row.cells[place].value is not None for row in rows)


def _cell(row: "dict[Any, Any]", field: ShownColumn) -> Cell:
    if field.name.endswith(_BOTH):
        stem = field.name.removesuffix(_BOTH)
        return Cell(Text(_word(row[f"{stem}zh"]), _word(row[f"{stem}en"])))
    value = row[field.name]
    if isinstance(value, Text):
        return Cell(value)
    if isinstance(value, str) or pd.isna(value):
        return Cell(same(_word(value)))
    return Cell(same(field.told(value)), float(value))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else "—"
