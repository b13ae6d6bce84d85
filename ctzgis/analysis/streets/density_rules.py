"""What counts as road length, and over which area (路网密度口径)."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from ctzgis.analysis.streets.line_pieces import BORDER_M
from ctzgis.errors import InputError
from ctzgis.tables import ROAD_CLASSES
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DENSITY_RULES",
    "Border",
    "Carriageways",
    "Denominator",
    "DensityRules",
    "Presence",
    "Remark",
    "rules_named",
]

Presence = Literal["counted", "left_out"]
"""Whether a kind of road is part of the length."""

Carriageways = Literal["drawn", "once"]
"""Whether both lines of a dual carriageway count, or the road once."""

Border = Literal["half", "clip", "full"]
"""
How roads along the border of a zone count.

Half on each side; as geometry has it, which on the very border is whole on both sides;
whole on both sides.
"""

Denominator = Literal["zone", "built_up", "zone_without"]
"""Which land of a zone counts: all of it, what is built up, or all but given areas."""

_WORDS: Final["Mapping[str, Text]"] = MappingProxyType({
    "counted": Text("计入", "counted"),
    "left_out": Text("不计", "left out"),
    "drawn": Text("按所绘，两线各计", "as drawn, each line counts"),
    "once": Text("双线道路只计一次", "dual carriageways count once"),
    "half": Text("两侧各计一半", "half on each side"),
    "clip": Text("按几何裁切", "as geometry cuts them"),
    "full": Text("两侧各计全长", "whole on both sides"),
    "zone": Text("统计单元全域", "the whole zone"),
    "built_up": Text("统计单元内建成区", "the built-up area within the zone"),
    "zone_without": Text("统计单元扣除指定范围", "the zone without given areas"),
})  # fmt: skip

_CLASS_WORDS: Final["Mapping[str, str]"] = MappingProxyType({
    "motorway": "高速公路", "urban_expressway": "快速路", "trunk": "干线公路",
    "primary": "主干路", "secondary": "次干路", "tertiary": "支路",
    "residential": "街坊路", "service": "内部道路", "track": "土路", "path": "步道",
    "ferry": "轮渡",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """
    A statement about a rule set, with how sure it is.

    Attributes
    ----------
    text
        What is said.
    mark
        ``"S"``: found in a secondary source. ``"M"``: general knowledge, not verified.
        ``"A"``: assumed by this library.
    """

    text: Text
    mark: Literal["S", "M", "A"]


_MARKS: Final["Mapping[str, Text]"] = MappingProxyType({
    "S": Text("二手来源", "secondary source"),
    "M": Text("记忆，未核实", "from memory, not verified"),
    "A": Text("本库假定", "assumed by this library"),
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityRules:
    """
    What counts as road length, and over which area.

    Length and area are always of the same land: over built-up area only roads within it
    count.

    Attributes
    ----------
    name
        What the rules are called in results.
    title
        Where they are from.
    classes
        Road classes that count; ``None`` for all lines, whatever their class.
    links
        Ramps: lines with ``link``, or a class such as ``primary_link``.
    roundabouts
        Rings: lines with ``roundabout``.
    unclassed
        Lines without a class, where ``classes`` are named.
    carriageways
        ``"once"`` needs a weight for each street.
    border
        How roads along a zone's border count.
    border_m
        How far off a border is still along it, in metres.
    denominator
        Which land of a zone counts.
    remarks
        What is known of the rules, and what is not sure.

    Examples
    --------
    >>> strict = rules_named("gbt51328").without_class("residential")
    >>> print(strict.told("en").splitlines()[1])
    classes: motorway, urban_expressway, trunk, primary, secondary, tertiary
    """

    name: str
    title: Text
    classes: tuple[str, ...] | None = None
    links: Presence = "counted"
    roundabouts: Presence = "counted"
    unclassed: Presence = "counted"
    carriageways: Carriageways = "drawn"
    border: Border = "half"
    border_m: float = BORDER_M
    denominator: Denominator = "zone"
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        for name, words in (
            ("links", Presence),
            ("roundabouts", Presence),
            ("unclassed", Presence),
            ("carriageways", Carriageways),
            ("border", Border),
            ("denominator", Denominator),
        ):
            value = getattr(self, name)
            if value not in get_args(words):
                allowed = ", ".join(get_args(words))
                msg = f"{name} is {value!r}; one of {allowed} is expected"
                raise InputError(msg)
        unknown = [c for c in self.classes or () if c not in ROAD_CLASSES]
        if unknown or self.classes == ():
            found = ", ".join(map(repr, unknown)) or "empty"
            msg = f"classes is {found}; some of {', '.join(ROAD_CLASSES)} are expected"
            raise InputError(msg)
        if not (np.isfinite(self.border_m) and self.border_m >= 0):
            msg = (
                f"border_m is {self.border_m}; a finite number of metres, 0 or more, "
                "is expected"
            )
            raise InputError(msg)

    def with_class(self, road_class: str) -> "DensityRules":
        """Return rules by which a class counts too."""
        if self.classes is None or road_class in self.classes:
            return self
        wanted = {*self.classes, road_class}
        kept = tuple(c for c in ROAD_CLASSES if c in wanted)
        return replace(self, classes=kept + tuple(wanted.difference(kept)))

    def without_class(self, road_class: str) -> "DensityRules":
        """Return rules by which a class does not count."""
        kept = tuple(c for c in self.classes or ROAD_CLASSES if c != road_class)
        return replace(self, classes=kept)

    def counts_class(self, road_class: str) -> bool:
        """Tell whether a class counts."""
        return self.classes is None or road_class in self.classes

    def told(self, lang: Lang) -> str:
        """Return the rules as lines of text: every choice, then what is known of them."""
        if self.classes is None:
            classes = Text("全部线，不论等级", "all lines, whatever their class")
        else:
            chinese = "、".join(_CLASS_WORDS[c] for c in self.classes)
            classes = Text(chinese, ", ".join(self.classes))
        along = _WORDS[self.border]
        rows = [
            (Text("道路等级", "classes"), classes),
            (Text("无等级线", "lines without class"), _WORDS[self.unclassed]),
            (Text("匝道", "ramps"), _WORDS[self.links]),
            (Text("环岛", "roundabouts"), _WORDS[self.roundabouts]),
            (Text("双线道路", "carriageways"), _WORDS[self.carriageways]),
            (Text("分界道路", "border roads"), Text(
                f"距边界{self.border_m:g}米内：{along.zh}",
                f"within {self.border_m:g} m of the border: {along.en}",
            )),
            (Text("分母", "area"), _WORDS[self.denominator]),
        ]  # fmt: skip
        colon = "：" if lang == "zh" else ": "
        lines = [f"{self.name}{colon}{self.title.get(lang)}"]
        lines += [name.get(lang) + colon + words.get(lang) for name, words in rows]
        lines += [f"[{r.mark}] {r.text.get(lang)}" for r in self.remarks]
        marks = dict.fromkeys(r.mark for r in self.remarks)
        lines += [f"[{m}] = {_MARKS[m].get(lang)}" for m in marks]
        return "\n".join(lines)


_CITY_CLASSES: Final = (
    "motorway", "urban_expressway", "trunk", "primary", "secondary", "tertiary",
    "residential",
)  # fmt: skip

_GBT51328: Final = DensityRules(
    name="gbt51328",
    title=Text(
        "GB/T 51328-2018《城市综合交通体系规划标准》",
        "GB/T 51328-2018, standard for urban comprehensive transport system planning",
    ),
    classes=_CITY_CLASSES,
    links="left_out",
    roundabouts="left_out",
    unclassed="left_out",
    carriageways="once",
    denominator="built_up",
    remarks=(
        Remark(Text(
            "快速路、主干路、次干路、支路按中心线计，除以中心城区建设用地；不低于8公里/平方公里",
            "expressways, main, secondary and local roads by centre line over the "
            "construction land of the central city; at least 8 km/km²",
        ), "M"),
        Remark(Text(
            "分界道路各计一半是常见做法", "border roads half on each side is common practice",
        ), "M"),
        Remark(Text(
            "以建成区代建设用地；街坊路计入，因 OSM 的 residential 兼有支路和小区路；"
            "建成区内高速按快速路计；匝道、环岛不计",
            "built-up area stands for construction land; residential streets count, as "
            "OSM's residential holds local roads and roads of estates; motorways count "
            "as expressways; ramps and rings do not count",
        ), "A"),
    ),
)  # fmt: skip

_MOHURD: Final = DensityRules(
    name="mohurd",
    title=Text(
        "住建部《城乡建设统计年鉴》建成区路网密度",
        "Ministry of Housing, yearbook of urban construction: density of built-up areas",
    ),
    classes=(*_CITY_CLASSES, "service"),
    links="left_out",
    roundabouts="left_out",
    unclassed="left_out",
    carriageways="once",
    denominator="built_up",
    remarks=(
        Remark(Text(
            "路面宽3.5米以上的铺装道路，含桥隧和开放的厂区、居住区道路，沿车行道中心线，"
            "每路只计一次，除以建成区面积（把握较大）",
            "paved roads of 3.5 m and wider, with bridges, tunnels and open roads of "
            "works and estates, along the centre of the carriageway, each road once, over "
            "built-up area (high confidence)",
        ), "M"),
        Remark(Text(
            "以等级代路面宽度：街坊路、内部道路全部计入，内部道路是否开放未知；"
            "匝道、环岛不计",
            "classes stand for widths: all residential and service roads count, open or "
            "not; ramps and rings do not count",
        ), "A"),
    ),
)  # fmt: skip

_RAW: Final = DensityRules(
    name="raw",
    title=Text("按所绘之线", "lines as they are drawn"),
    remarks=(
        Remark(Text(
            "不对应任何标准：双线道路计两次，分母为全域",
            "no standard's method: dual carriageways count twice, over the whole zone",
        ), "A"),
    ),
)  # fmt: skip

DENSITY_RULES: Final["Mapping[str, DensityRules]"] = MappingProxyType(
    {rules.name: rules for rules in (_GBT51328, _MOHURD, _RAW)}
)
"""Rule sets by name."""


def rules_named(rules: "str | DensityRules") -> DensityRules:
    """
    Return the rules of a name; rules are returned as they are.

    Raises
    ------
    InputError
        If there are none of this name.
    """
    if isinstance(rules, DensityRules):
        return rules
    if rules not in DENSITY_RULES:
        msg = f"rules {rules!r} are not known; give one of {', '.join(DENSITY_RULES)}"
        raise InputError(msg)
    return DENSITY_RULES[rules]
