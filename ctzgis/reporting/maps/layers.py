"""Layers of a map: things drawn, labelled and switched together (图层)."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely

from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.reporting.style import STYLES, Style, style_of
from ctzgis.reporting.words import KINDS
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment import Assessment

__all__ = ["GROUPS", "Drafter", "Feature", "Group", "LabelKind", "MapLayer", "Row"]

Group = Literal["now", "planned", "structure", "limits", "reach", "findings", "data"]
LabelKind = Literal["centre", "town", "place", "element", "heart", "water", "county"]
Row = tuple[str, str]

GROUPS: Final[dict[Group, Text]] = {
    "now": Text("现状", "On the ground"),
    "planned": Text("规划", "Planned"),
    "structure": Text("结构", "Structure"),
    "limits": Text("约束", "Constraints"),
    "reach": Text("等时圈", "Isochrones"),
    "findings": Text("评估", "Findings"),
    "data": Text("数据", "Data"),
}
"""Groups of layers, in the order they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """
    One thing on the map.

    Attributes
    ----------
    geometry
        Where it is.
    style
        Key of its style.
    title, rows
        What its card says: a name, and up to five labels with values.
    label
        Text written beside it; empty if none is.
    label_kind
        How the label is set.
    stands_for
        How many things of one kind are drawn as this one; 0 if it is one thing.
    """

    geometry: "BaseGeometry"
    style: str
    title: str
    rows: tuple[Row, ...] = ()
    label: str = ""
    label_kind: LabelKind = "place"
    stands_for: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapLayer:
    """
    Things that are switched on and off together.

    Attributes
    ----------
    id
        What it holds, e.g. ``"roads.motorway"``.
    group
        Key of its group.
    name
        What the list of layers calls it.
    features
        In EPSG:4326.
    rank
        Layers of a higher rank are drawn over lower ones.
    shown
        Whether it is on when the map opens.
    interactive
        Whether a click opens a card.
    hover
        Whether its name shows under the pointer.
    digits
        Decimals of degrees that its positions are worth.
    heading
        What its part of the legend is headed with, e.g. a measure and its unit; empty
        if its entries speak for themselves.
    styles
        Styles of its own by key, in the order of the legend, which lists them all.
    """

    id: str
    group: Group
    name: str
    features: tuple[Feature, ...]
    rank: int
    shown: bool = False
    interactive: bool = True
    hover: bool = True
    digits: int = 5
    heading: str = ""
    styles: "Mapping[str, Style]" = field(default_factory=dict)

    def style_of(self, key: str) -> Style:
        """Return a style of its own, or else of the table all maps share."""
        return self.styles[key] if key in self.styles else style_of(key)

    def legend(self) -> tuple[tuple[int, Style], ...]:
        """Return the styles its part of the legend lists, in order, with their rank."""
        used = dict.fromkeys([*self.styles, *(f.style for f in self.features)])
        ranks = {key: rank for rank, key in enumerate([*self.styles, *STYLES])}
        listed = [(ranks.get(k.removesuffix(".planned"), len(ranks)), k) for k in used]
        return tuple((rank, self.style_of(key)) for rank, key in sorted(listed))

    def see_through(self) -> "MapLayer":
        """Return the layer with areas that hide what is below as outlines."""
        keys = dict.fromkeys(feature.style for feature in self.features)
        hollow = {
            key: replace(style, fill=None, fill_opacity=0.0)
            for key in keys
            if (style := self.style_of(key)).fill_opacity == 1
            and style.radius_px is None
        }
        return replace(self, styles={**self.styles, **hollow}) if hollow else self


@dataclass(frozen=True, slots=True, eq=False)
class Drafter:
    """An assessment and a language: what every layer is drafted from."""

    assessment: "Assessment"
    lang: Lang

    def say(self, zh: str, en: str) -> str:
        """Return the wording in the language of the map."""
        return Text(zh, en).get(self.lang)

    def table(self, name: str) -> "gpd.GeoDataFrame":
        """Return a layer of the assessment without things that are nowhere."""
        frame = self.assessment.layers[name]
        shapes = np.asarray(frame.geometry.array)
        return frame[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]

    def name(self, row: Any, stem: str = "name") -> str:
        """Return what a row is called, in the other language if need be."""
        for column in (f"{stem}_{self.lang}", f"{stem}_zh", f"{stem}_en"):
            text = getattr(row, column, None)
            if isinstance(text, str) and text.strip():
                return text
        return self.say("（无名称）", "(no name)")

    def kind(self, key: str) -> str:
        """Return the word for a road class or line mode."""
        return KINDS[key].get(self.lang) if key in KINDS else key

    def km(self, length_m: float) -> Row:
        """Return a length as a row of a card."""
        return (
            self.say("长度", "Length"),
            f"{length_m / 1000:,.1f} {self.say('公里', 'km')}",
        )

    def km2(self, area_km2: float) -> Row:
        """Return an area as a row of a card."""
        return (
            self.say("面积", "Area"),
            f"{area_km2:,.0f} {self.say('平方公里', 'km²')}",
        )

    def minutes(self, minutes: float) -> str:
        """Return a travel time as text."""
        if np.isnan(minutes):
            return self.say("道路不可达", "no road leads there")
        return f"{minutes:.0f} {self.say('分钟', 'min')}"

    def accuracy(self, *rows: Any) -> tuple[Row, ...]:
        """Return how far positions may be off, the worst of several, if known."""
        stated = [float(getattr(row, "accuracy_m", np.nan)) for row in rows]
        known = [metres for metres in stated if not np.isnan(metres)]
        if not known:
            return ()
        text = f"± {max(known):,.0f} {self.say('米', 'm')}"
        return ((self.say("位置精度", "Position"), text),)

    def layer(
        self,
        key: str,
        group: Group,
        name: str,
        features: "Iterable[Feature]",
        *,
        rank: int,
        **more: Any,
    ) -> MapLayer:
        """Return a layer in degrees; nothing else on the way to a map reprojects."""
        import geopandas as gpd

        drawn = list(features)
        metres = gpd.GeoSeries(
            [feature.geometry for feature in drawn], crs=self.assessment.plan.crs
        )
        degrees = metres.to_crs(GEOGRAPHIC_CRS) if drawn else metres
        return MapLayer(
            id=key,
            group=group,
            name=name[:1].upper() + name[1:],
            features=tuple(
                replace(feature, geometry=shape)
                for feature, shape in zip(drawn, degrees, strict=True)
            ),
            rank=rank,
            **more,
        )
