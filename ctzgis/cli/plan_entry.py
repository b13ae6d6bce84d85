"""One entry of a plan in words, for the console (条目说明)."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ctzgis.plan import (
    Citation,
    CorridorGroup,
    Extent,
    Location,
    Measure,
    Member,
    Reading,
    Superseded,
    Target,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.plan import Entry, Plan, Shape
    from ctzgis.texts import Lang

__all__ = ["entry_lines"]

_LABELS: Final[Mapping[str, str]] = {
    "actual": "实际",
    "aliases": "又作",
    "also_in": "又见",
    "applies_to": "适用于",
    "approval_date": "批准日期",
    "attributes": "其他",
    "baseline": "基期",
    "basis": "依据",
    "citation": "出处",
    "city_zh": "城市",
    "completeness": "完整性",
    "composition_zh": "组成",
    "confidence": "把握",
    "corridors": "通道",
    "counties": "县（市、区）",
    "county_zh": "县（市、区）",
    "data": "所需数据",
    "date": "日期",
    "declared_count": "名称所示数",
    "design": "标准",
    "destination_elements": "终点（结构要素）",
    "destinations": "终点",
    "destinations_zh": "终点（原文）",
    "distance_km": "距离（公里）",
    "drawn_in_part": "仅绘部分",
    "element": "结构要素",
    "extent": "范围",
    "groups": "分组",
    "historic": "已到期",
    "inferred": "区划为推定",
    "issuer_zh": "发文机关",
    "kind": "类别",
    "level": "等级",
    "location": "位置",
    "measure": "指标",
    "members": "成员",
    "members_by_county": "分县成员",
    "method": "方法",
    "minutes": "分钟",
    "missing": "未定",
    "mode": "方式",
    "mode_stated": "方式（原文）",
    "modes": "方式",
    "name": "名称",
    "needs": "尚需",
    "note": "说明",
    "origins": "起点",
    "origins_zh": "起点（原文）",
    "other_parts_zh": "其他部分",
    "parent": "上级",
    "period": "时期",
    "places": "地点",
    "population_from": "人口下限",
    "population_to": "人口上限",
    "precedence": "效力",
    "printed": "印作",
    "proposed": "本库的读法",
    "publish_date": "发布日期",
    "question": "问题",
    "reading": "读作",
    "repeats": "重申",
    "replaces": "取代",
    "resolution": "读法",
    "rule": "规则",
    "scope": "性质",
    "short": "简称",
    "spine": "骨干",
    "stated_area_km2": "文件所述面积（平方公里）",
    "status": "状态",
    "superseded": "不再适用",
    "targets": "目标",
    "threshold_population": "人口门槛",
    "unit": "单位",
    "value": "数值",
    "value_zh": "内容",
    "values": "各文件所述",
    "waypoints": "经过",
    "year": "年份",
}

_REFERENCES: Final = {
    *("applies_to", "corridors", "counties", "destination_elements", "destinations"),
    *("element", "extent", "members", "origins", "parent", "places", "repeats"),
    *("replaces", "spine", "targets", "waypoints"),
}
"""Fields that hold ids, shown by name."""

_DEMAND: Final = ("comparator", "direction", "value", "value_to", "value_zh", "unit")
"""Fields of a target that one phrase says together."""


def entry_lines(plan: "Plan", entry: "Entry", topic: str, lang: "Lang") -> list[str]:
    """
    Return an entry in lines: its fields, its geometry, and the elements under it.

    Parameters
    ----------
    plan
        The plan it is of.
    entry
        What to show.
    topic
        What its topic is called.
    lang
        Language of the labels and names.
    """
    return list(_Page(plan, lang).lines(entry, topic))


class _Page:
    """Words for one plan in one language."""

    def __init__(self, plan: "Plan", lang: "Lang") -> None:
        self._plan = plan
        self._lang = lang
        self._names = {
            entry.id: name.get(lang)
            for part in plan.parts().values()
            for entry in part
            if (name := getattr(entry, "name", None))
        }
        self._names |= plan.counties[f"name_{lang}"].to_dict()
        self._names |= {target.id: self._target(target) for target in plan.targets}

    def lines(self, entry: "Entry", topic: str) -> "Iterator[str]":
        yield f"{entry.id}  ({topic})"
        yield from self._fields(entry)
        shape = entry.shape if isinstance(entry, Extent) else None
        for drawn in (shape,) if shape else getattr(entry, "shapes", ()):
            yield f"  {self._say('几何', 'geometry')}: {self._shape(drawn)}"
        if children := self._plan.children(entry.id):
            names = self._list(child.name.get(self._lang) for child in children)
            yield f"  {self._say('下级', 'parts')}: {names}"

    def _fields(self, entry: "Entry") -> "Iterator[str]":
        from ctzgis.assessment.units import demand
        from ctzgis.sources.plans.codec import fields_of

        for field, _ in fields_of(type(entry)):
            value = getattr(entry, field.name)
            if field.name == "id" or value in (None, "", (), {}, False):
                continue
            if isinstance(entry, Target) and field.name in _DEMAND:
                if field.name == "comparator":
                    wanted = demand(entry, entry.unit).get(self._lang)
                    yield f"  {self._say('要求', 'wanted')}: {wanted}"
                continue
            label = self._say(
                _LABELS.get(field.name, field.name),
                field.name.removesuffix("_zh").replace("_", " "),
            )
            if field.name == "groups":
                yield f"  {label}:"
                yield from (f"    {self._group(group)}" for group in value)
            else:
                yield f"  {label}: {self._text(field.name, value)}"

    def _say(self, zh: str, en: str) -> str:
        return Text(zh, en).get(self._lang)

    def _list(self, items: Any) -> str:
        return self._say("、", ", ").join(items)

    def _target(self, target: Target) -> str:
        """Name a target by what it demands; several share a name."""
        from ctzgis.assessment.units import demand

        wanted = demand(target, target.unit).get(self._lang)
        short = self._plan.document(target.citation.document).short.get(self._lang)
        return f"{target.name.get(self._lang)} ({wanted}; {short})"

    def _text(self, field: str, value: Any) -> str:
        plan, lang = self._plan, self._lang
        if isinstance(value, Text):
            return value.get(lang)
        if isinstance(value, Citation):
            return plan.cite(value).get(lang)
        if isinstance(value, Member):
            return f"{self._names[value.place]} ({value.relation})"
        if isinstance(value, Location):
            at = f"{value.lon:.5f}, {value.lat:.5f} ±{value.accuracy_m:,.0f} m"
            return f"{at}; {value.at_zh}; {value.source}"
        if isinstance(value, Reading):
            return f"{value.value:g} ({value.year or value.period})"
        if isinstance(value, Superseded):
            return f"{value.by.get(lang)} ({value.year}; {value.source})"
        if isinstance(value, Measure):
            on = value.circle or value.system
            return value.indicator + (f" ({self._names[on]})" if on else "")
        if isinstance(value, tuple):
            texts = (self._text(field, item) for item in value)
            cited = field == "also_in"
            return self._say("；", "; ").join(texts) if cited else self._list(texts)
        if isinstance(value, Mapping):
            return "; ".join(
                f"{k}: {self._text('members', v)}" for k, v in value.items()
            )
        if isinstance(value, list):
            return self._list(self._text(field, item) for item in value)
        if isinstance(value, bool):
            return self._say("是", "yes") if value else self._say("否", "no")
        if isinstance(value, Enum):
            return str(value.value)
        if isinstance(value, float):
            return f"{value:.12g}"
        return self._names.get(value, value) if field in _REFERENCES else str(value)

    def _group(self, group: CorridorGroup) -> str:
        declared = "?" if group.declared_count is None else group.declared_count
        names = self._list(self._names[key] for key in (*group.members, *group.places))
        note = f" ({group.note})" if group.note else ""
        count = f"{group.name.get(self._lang)} {declared} → {group.listed_count}"
        return f"{count}: {names or '—'}{note}"

    def _shape(self, shape: "Shape") -> str:
        drawn = self._say("，示意", ", schematic") if shape.schematic else ""
        form = shape.geometry.geom_type
        return (
            f"{shape.role}, {form}, ±{shape.accuracy_m:,.0f} m{drawn}; {shape.source}"
        )
