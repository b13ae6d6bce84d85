"""How every kind of thing is drawn and called, on all maps and figures (图式)."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.palettes import (
    BLUE,
    BROWN,
    CRIMSON,
    DEEP_GREEN,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    VIOLET,
)
from ctzgis.reporting.words import KINDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CUTOFF_COLOURS",
    "FONTS",
    "OUTLINED_MIN",
    "STYLES",
    "Style",
    "cutoff_key",
    "style_of",
]

FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "sans-serif",
)
"""Typefaces with Chinese glyphs, in the order they are tried."""

_INK_SHARE: Final = 0.6

CUTOFF_COLOURS: Final["Mapping[int, str]"] = {
    15: "#00306f",
    30: "#3d6b9e",
    45: "#a6a27a",
    60: "#f2d94e",
}
"""Colours of isochrones by minutes, cividis: dark is near, in greyscale too."""

OUTLINED_MIN: Final = 30
"""The isochrone that maps outline when they open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    How one kind of thing is drawn and called.

    Attributes
    ----------
    label
        What the legend calls it.
    colour
        Of the line, or of the outline of an area or dot.
    width_px
        Of the line; 0 for an area without outline.
    dash_px
        Lengths of dash and gap; empty for a solid line. A dash means *not built yet*.
    opacity
        Of the line.
    fill
        Colour of the area or dot; ``None`` for a line.
    fill_opacity
        Of the fill.
    radius_px
        Of a dot; ``None`` for lines and areas.
    below
        Whether it stands for less than nothing: areas are hatched, lines hollow and dots
        barred, so that the sign is seen in grey print too.

    Examples
    --------
    >>> STYLES["road.motorway"].dash_px
    ()
    >>> STYLES["road.motorway"].planned().dash_px
    (7, 5)
    """

    label: Text
    colour: str
    width_px: float = 1.0
    dash_px: tuple[float, ...] = ()
    opacity: float = 1.0
    fill: str | None = None
    fill_opacity: float = 0.0
    radius_px: float | None = None
    below: bool = False

    def planned(self) -> "Style":
        """Return the style of the same kind of thing while it is not built."""
        label = Text(f"{self.label.zh}（规划或在建）", f"{self.label.en}, not open yet")
        return replace(self, label=label, dash_px=(7, 5))

    def ink(self) -> str:
        """Return a darker shade of the line's colour, for text on a light ground."""
        parts = [int(self.colour[i : i + 2], 16) for i in (1, 3, 5)]
        return "#" + "".join(f"{round(part * _INK_SHARE):02x}" for part in parts)

    def to_leaflet(self) -> dict[str, Any]:
        """Return the style as options of a Leaflet path."""
        options: dict[str, Any] = {
            "color": self.colour,
            "weight": self.width_px,
            "opacity": self.opacity,
            "stroke": self.width_px > 0,
            "fill": self.fill is not None,
        }
        if self.dash_px:
            options["dashArray"] = " ".join(f"{length:g}" for length in self.dash_px)
            options["lineCap"] = "butt"
        if self.fill is not None:
            options |= {"fillColor": self.fill, "fillOpacity": self.fill_opacity}
        if self.radius_px is not None:
            options["radius"] = self.radius_px
        if self.below:
            options["below"] = True
        return options


def style_of(key: str) -> Style:
    """
    Return the style of a kind of thing.

    Parameters
    ----------
    key
        E.g. ``"road.motorway"``, ``"line.hsr.planned"``, ``"structure.axis.spine"``.
        What a plan names that is not in the table is drawn as the family's
        ``other``, e.g. ``"structure.other.area"``.

    Returns
    -------
    Style

    Raises
    ------
    KeyError
        If the family of the key is unknown too.

    Examples
    --------
    >>> style_of("line.metro").label.zh
    '地铁'
    >>> style_of("structure.moon_base.area") is STYLES["structure.other.area"]
    True
    """
    if key in STYLES:
        return STYLES[key]
    if key.endswith(".planned"):
        return style_of(key.removesuffix(".planned")).planned()
    family, *_, last = key.split(".")
    other = f"{family}.other.{last}"
    return STYLES[other] if other in STYLES else STYLES[f"{family}.other"]


def cutoff_key(minutes: float) -> str:
    """
    Return the key of the style for what is reached within some minutes.

    Examples
    --------
    >>> cutoff_key(30.0), cutoff_key(30.1), cutoff_key(97), cutoff_key(float("nan"))
    ('reach.30', 'reach.45', 'reach.beyond', 'reach.never')
    """
    if math.isnan(minutes):
        return "reach.never"
    within = [cutoff for cutoff in CUTOFF_COLOURS if minutes <= cutoff]
    return f"reach.{min(within)}" if within else "reach.beyond"


def _line(label: Text, colour: str, width_px: float, **more: Any) -> Style:
    return Style(label=label, colour=colour, width_px=width_px, **more)


def _area(
    label: Text, colour: str, opacity: float, *, width_px: float = 1.0, **more: Any
) -> Style:
    return Style(
        label=label,
        colour=colour,
        fill=colour,
        fill_opacity=opacity,
        width_px=width_px,
        **more,
    )


def _dot(label: Text, colour: str, radius_px: float, *, rim: str = "#ffffff") -> Style:
    return Style(
        label=label,
        colour=rim,
        width_px=1.2,
        fill=colour,
        fill_opacity=1.0,
        radius_px=radius_px,
    )


def _roads() -> dict[str, Style]:
    looks = {
        "motorway": (VERMILLION, 2.6),
        "urban_expressway": (ORANGE, 2.2),
        "trunk": (BROWN, 1.7),
        "primary": ("#6e6e6e", 1.3),
        "secondary": ("#9a9a9a", 1.0),
        "tertiary": ("#b0b0b0", 0.8),
        "residential": ("#c0c0c0", 0.6),
        "service": ("#a8a8a8", 0.5),
        "track": ("#cdb79e", 0.45),
        "path": ("#d0d0d0", 0.4),
        "ferry": (SKY, 0.35),
    }
    return {
        f"road.{kind}": _line(KINDS[kind], colour, width)
        for kind, (colour, width) in looks.items()
    }


def _streets() -> dict[str, Style]:
    """Return a user's streets by class: grey and thin, under the network's colours."""
    return {
        kind.removeprefix("road."): _line(
            Text(f"用户道路：{road.label.zh}", f"user's streets: {road.label.en}"),
            "#585858",
            0.85 * road.width_px,
        )
        for kind, road in _roads().items()
    }


def _lines() -> dict[str, Style]:
    looks = {
        "hsr": (INK, 2.4),
        "intercity": (VIOLET, 2.0),
        "conventional": (GREY, 1.6),
        "metro": (BLUE, 2.0),
        "maglev": (SKY, 1.8),
        "tram": (PURPLE, 1.4),
        "bus": (GREEN, 1.0),
        "ferry": (SKY, 1.0),
        "cable": (BROWN, 1.0),
        "funicular": (BROWN, 1.25),
    }
    return {
        f"line.{mode}": _line(KINDS[mode], colour, width)
        for mode, (colour, width) in looks.items()
    }


def _band(zh: str, en: str, colour: str, opacity: float) -> Style:
    """Return the style of a band whose width the documents do not give."""
    label = Text(f"{zh}（示意宽度）", f"{en} (schematic width)")
    return _area(label, colour, opacity, width_px=0.6)


def _structure() -> dict[str, Style]:
    axis, belt = Text("发展轴", "development axis"), Text("发展带", "development belt")
    forest = Text("生态林带", "ecological forest belt")
    pole, corridor = Text("增长极", "growth pole"), Text("县域走廊", "county corridor")
    heart, cluster = Text("生态绿心", "green heart"), Text("城镇组团", "town cluster")
    water = Text("滨水景观走廊", "waterfront corridor")
    other = Text("其他结构要素", "other structure element")
    return {
        "axis.spine": _line(axis, BLUE, 7, opacity=0.55),
        "axis.corridor": _band("发展轴走廊", "axis corridor", BLUE, 0.12),
        "axis.influence": _band("发展轴影响带", "axis influence", BLUE, 0.06),
        "belt.spine": _line(belt, PURPLE, 7, opacity=0.6),
        "belt.corridor": _band("发展带走廊", "belt corridor", PURPLE, 0.14),
        "heart.area": _area(heart, GREEN, 0.30, width_px=1.6),
        "cluster.area": _area(cluster, ORANGE, 0.12, width_px=1.2),
        "forest_belt.spine": _line(forest, DEEP_GREEN, 4, opacity=0.7),
        "forest_belt.corridor": _band("生态林带", "forest belt", DEEP_GREEN, 0.25),
        "core.area": _area(Text("城市发展核", "growth core"), VERMILLION, 0.15),
        "city_core.area": _area(Text("主城区", "main city"), VERMILLION, 0.25),
        "growth_pole.spine": _line(pole, VIOLET, 4, opacity=0.6),
        "growth_pole.corridor": _band("增长极范围", "growth pole area", VIOLET, 0.15),
        "circle.area": _area(Text("都市圈", "metropolitan circle"), BROWN, 0.10),
        "corridor.spine": _line(corridor, BROWN, 4, opacity=0.6),
        "corridor.corridor": _band("县域走廊", "county corridor", BROWN, 0.10),
        "corridor_landscape.corridor": _area(water, SKY, 0.20, width_px=0.8),
        "other.spine": _line(other, GREY, 4, opacity=0.6),
        "other.area": _area(other, GREY, 0.12),
        "other": _area(other, GREY, 0.10, width_px=0.6),
    }


def _zones() -> dict[str, Style]:
    return {
        "prohibited_restricted": _area(
            Text("禁止开发区＋限制开发区", "prohibited and restricted development"),
            DEEP_GREEN,
            0.45,
        ),
        "core_protection": _area(
            Text("核心保护区", "core protection"), DEEP_GREEN, 0.45
        ),
        "controlled": _area(
            Text("控制建设区", "controlled construction"), "#b8c94a", 0.50
        ),
        "integration": _area(
            Text("融合发展区", "integration development"), "#b8c94a", 0.50
        ),
        "other": _area(Text("其他管控区", "other protected zone"), GREEN, 0.30),
    }


def _reach() -> dict[str, Style]:
    bounds = [0, *CUTOFF_COLOURS]
    rings = {
        f"isochrone.{high}": _area(
            Text(f"{low}–{high}分钟可达", f"reached in {low}–{high} min"),
            colour,
            0.42,
            width_px=0.4,
        )
        for low, (high, colour) in zip(bounds, CUTOFF_COLOURS.items(), strict=False)
    }
    dots = {
        f"reach.{cutoff}": _dot(
            Text(f"{cutoff}分钟以内", f"within {cutoff} min"), colour, 5, rim=INK
        )
        for cutoff, colour in CUTOFF_COLOURS.items()
    }
    last = bounds[-1]
    return {
        **rings,
        "isochrone.outline": _area(
            Text(f"{OUTLINED_MIN}分钟圈", f"{OUTLINED_MIN}-minute area"),
            CUTOFF_COLOURS[OUTLINED_MIN],
            0.16,
            width_px=1.2,
        ),
        **dots,
        "reach.beyond": _dot(
            Text(f"{last}分钟以上", f"more than {last} min"), "#ffffff", 5, rim=CRIMSON
        ),
        "reach.never": _dot(
            Text("道路不可达", "no road leads there"), "#bdbdbd", 4, rim=INK
        ),
    }


def _rest() -> dict[str, Style]:
    return {
        "county": Style(
            label=Text("县（市、区）界", "county border"),
            colour="#b8b8b8",
            width_px=0.9,
            opacity=1.0,
            fill="#ffffff",
            fill_opacity=1.0,
        ),
        "water.main_stem": _line(Text("干流", "main river"), SKY, 4.5, opacity=0.9),
        "water.other": _line(Text("支流", "tributary"), SKY, 1.6, opacity=0.9),
        "built_up": _area(Text("建成区", "built-up area"), "#9c8f84", 0.45, width_px=0),
        "streets": _line(
            Text("用户道路", "user's streets"), "#7a7a7a", 0.6, opacity=0.8
        ),
        "centre": _dot(Text("中心城市", "centre"), INK, 6.5),
        "place": _dot(Text("规划地点", "place of the plan"), "#6e6e6e", 3.5),
        "gap.unbuilt": _line(
            Text("通道缺口：未建", "corridor gap: not built"),
            CRIMSON,
            3.6,
            opacity=0.9,
        ),
        "gap.break": _line(Text("通道缺口：断点", "corridor gap: break"), INK, 5.0),
        "gap.other": _line(Text("通道缺口", "corridor gap"), CRIMSON, 2.4, opacity=0.9),
        "crossing.built": _line(
            Text("管控区内线路：已开通", "line inside a zone: open"), CRIMSON, 3.0
        ),
        "crossing.planned": _line(
            Text("管控区内线路：规划或在建", "line inside a zone: not open yet"),
            CRIMSON,
            3.0,
            dash_px=(7, 5),
        ),
    }


def _families(**families: "Mapping[str, Style]") -> dict[str, Style]:
    return {
        f"{family}.{kind}": style
        for family, styles in families.items()
        for kind, style in styles.items()
    }


STYLES: Final["Mapping[str, Style]"] = {
    **_rest(),
    **_roads(),
    **_lines(),
    **_reach(),
    **_families(structure=_structure(), zone=_zones(), streets=_streets()),
}
"""Styles by kind of thing: ``family.kind`` or ``family.kind.role``."""
