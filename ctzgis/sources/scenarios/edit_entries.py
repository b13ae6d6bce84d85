"""Edits of scenario cards, entry by entry (编辑条目)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ctzgis.network import (
    CLASS_KPH,
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    UpgradeRoad,
)
from ctzgis.sources.scenarios.entries import hint, is_number
from ctzgis.sources.scenarios.line_entries import read_headways, read_line
from ctzgis.tables import ROAD_CLASSES, ROADS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import shapely

    from ctzgis.network import Edit
    from ctzgis.sources.scenarios.entries import CardEntry
    from ctzgis.sources.scenarios.positions import Drawn

__all__ = ["VERBS", "EditReader"]

VERBS: Final = (
    "add_road", "upgrade_road", "close_road", "add_line", "close_line",
    "change_headway",
)  # fmt: skip
"""First key of an edit: what it does, and to which road or line."""

_MOST_KPH: Final = 300
"""No road is driven faster; what is has its unit or a digit wrong."""

_SAME_M: Final = 0.5

# Columns a network may have that no road may lack, and what they follow from.
_MODES: Final = {"drive": ("path",), "walk": ("motorway",), "cycle": ("motorway",)}


@dataclass(frozen=True, slots=True, eq=False)
class EditReader:
    """
    Reads the edits of a card, each of which may name what earlier ones add.

    Attributes
    ----------
    drawn
        Positions and shapes of the card.
    roads, junctions
        What is there before any edit.
    lines
        Ids of the lines that are there.
    profiles
        Profiles that the roads have speeds of.
    new_roads, new_junctions, new_lines
        What the edits read so far add.
    """

    drawn: "Drawn"
    roads: "gpd.GeoDataFrame"
    junctions: "gpd.GeoDataFrame"
    lines: "frozenset[str]"
    profiles: tuple[str, ...]
    new_roads: "dict[str, Mapping[str, Any]]" = field(default_factory=dict)
    new_junctions: "dict[str, shapely.Point]" = field(default_factory=dict)
    new_lines: "set[str]" = field(default_factory=set)

    def read(self, entry: "CardEntry", *, project_id: str, opens: int | None) -> "Edit":
        """
        Return the edit of an entry.

        Parameters
        ----------
        entry
            One edit of a project.
        project_id, opens
            The project, and the year it opens: what its roads and lines are told.

        Raises
        ------
        EditError
            If the entry is wrong, or names what is not there.
        """
        dated: dict[str, Any] = {"project_id": project_id}
        if opens is not None:
            dated["opens"] = float(opens)
        verbs = [verb for verb in VERBS if verb in entry]
        if len(verbs) != 1:
            found = " and ".join(verbs) if verbs else "none"
            entry.fail(f"one of {', '.join(VERBS)} is expected, found {found}")
        verb = verbs[0]
        key = entry.needed_id(verb)
        edit: Edit
        if verb == "add_road":
            edit = self._road(entry, key, dated)
        elif verb == "upgrade_road":
            edit = self._upgrade(entry, key, dated)
        elif verb == "add_line":
            edit = AddLine(line=read_line(entry, key, dated, self.drawn, self.profiles))
            self.new_lines.add(key)
        elif verb == "close_road":
            edit = CloseRoad(road_id=self._known_road(entry, key))
        elif verb == "close_line":
            edit = CloseLine(line_id=self._known_line(entry, key))
        else:
            edit = self._headway(entry, key)
        entry.close()
        return edit

    def _known_road(self, entry: "CardEntry", key: str) -> str:
        if key not in self.roads.index and key not in self.new_roads:
            near = hint(key, [*map(str, self.roads.index), *self.new_roads])
            entry.fail(f"the network has no road '{key}'{near}")
        return key

    def _known_line(self, entry: "CardEntry", key: str) -> str:
        if key not in self.lines and key not in self.new_lines:
            near = hint(key, [*self.lines, *self.new_lines])
            entry.fail(f"the network has no line '{key}'{near}")
        return key

    def _headway(self, entry: "CardEntry", key: str) -> ChangeHeadway:
        self._known_line(entry, key)
        headways = read_headways(entry, self.profiles)
        if not headways:
            entry.fail("'headway_min' is missing; {free: …, peak: …} is expected")
        return ChangeHeadway(line_id=key, headway_min=headways)

    def _upgrade(
        self, entry: "CardEntry", key: str, dated: "Mapping[str, Any]"
    ) -> UpgradeRoad:
        """Return an upgrade: a whole road in its place (``by``), or values changed."""
        self._known_road(entry, key)
        whole, part = entry.take("by"), entry.take("with")
        if (whole is None) == (part is None):
            entry.fail("either 'by' (a whole road) or 'with' (new values) is expected")
        if part is None:
            road = entry.inner("by", whole)
            new = road.needed_id("road_id")
            told = {**dated, "replaces": key} if new != key else dated
            by = self._road(road, new, told)
            road.close()
            return UpgradeRoad(road_id=key, by=by)
        changed = entry.inner("with", part)
        new_values = self._columns(changed)
        if not new_values:
            changed.fail("is empty; one new value or more is expected")
        values = {**self._values_of(key), **dated, **new_values}
        by = AddRoad(road_id=key, values=self._checked(changed, values))
        self.new_roads[key] = by.values
        return UpgradeRoad(road_id=key, by=by)

    def _values_of(self, key: str) -> "dict[str, Any]":
        """Return the values of a road that is there."""
        if key in self.new_roads:
            return dict(self.new_roads[key])
        row = self.roads.loc[key]
        return {str(k): _plain(v) for k, v in row.items() if not _is_missing(v)}

    def _columns(self, entry: "CardEntry") -> "dict[str, Any]":
        """Return the values that are left of a road, which must be known columns."""
        known = {*self.roads.columns, *ROADS.columns, "replaces"} - {"geometry"}
        left = entry.rest()
        for name in left:
            if name not in known:
                entry.fail(f"unknown key {name!r}{hint(name, map(str, known))}")
        return left

    def _checked(
        self, entry: "CardEntry", values: "dict[str, Any]"
    ) -> "dict[str, Any]":
        """Return a road's values without those that hold nothing, speeds checked."""
        kept = {key: value for key, value in values.items() if value is not None}
        for name, value in kept.items():
            if name.endswith("_kph") and not (
                is_number(value) and 0 < value <= _MOST_KPH
            ):
                entry.fail(
                    f"'{name}' is {value!r}; a number above 0 and at most {_MOST_KPH} "
                    "is expected"
                )
        return kept

    def _road(
        self, entry: "CardEntry", key: str, dated: "Mapping[str, Any]"
    ) -> AddRoad:
        """Return a road with the values that its entry gives, and defaults."""
        values: dict[str, Any] = {
            "from_id": entry.needed_id("from_id"),
            "to_id": entry.needed_id("to_id"),
            "road_class": entry.word("road_class", ROAD_CLASSES),
            "oneway": entry.flag("oneway", default=False),
            "status": entry.word("status", STATUSES, "planned"),
        }
        self.new_junctions.update(self._junctions(entry))
        ends = [self._junction(entry, values[end]) for end in ("from_id", "to_id")]
        # Each road brings its new junctions along, so that projects stand alone.
        junctions = {
            end: self.new_junctions[end]
            for end in (values["from_id"], values["to_id"])
            if end in self.new_junctions
        }
        for profile, kph in CLASS_KPH[values["road_class"]].items():
            values[f"{profile}_kph"] = entry.number(
                f"{profile}_kph", float(kph), above=0
            )
        values["geometry"] = self._course(entry, key, ends)
        values |= {**dated, **self._columns(entry)}
        values = self._filled(self._checked(entry, values))
        self.new_roads[key] = values
        return AddRoad(road_id=key, values=values, junctions=junctions)

    def _junctions(self, entry: "CardEntry") -> "dict[str, shapely.Point]":
        """Return the junctions an entry adds, by their ids."""
        raw = entry.take("junctions")
        if raw is None:
            return {}
        inner = entry.inner("junctions", raw)
        found = {}
        for key in map(str, raw):
            point = self.drawn.point(inner, key, key)
            if key in self.junctions.index:
                there, where = self.junctions.geometry[key], "the network"
            else:
                there, where = self.new_junctions.get(key, point), "this card"
            if there.distance(point) > _SAME_M:
                inner.fail(
                    f"'{key}' is another junction of {where} already, "
                    f"{there.distance(point):,.0f} m away"
                )
            found[key] = point
        return {k: v for k, v in found.items() if k not in self.junctions.index}

    def _junction(self, entry: "CardEntry", key: str) -> "shapely.Point":
        """Return where a junction is, of the network or of this card."""
        import shapely

        if key in self.junctions.index:
            return shapely.Point(self.junctions.geometry[key])
        if key not in self.new_junctions:
            known = [*map(str, self.junctions.index), *self.new_junctions]
            entry.fail(
                f"the network has no junction '{key}'{hint(key, known)}; a new one is "
                "given under 'junctions'"
            )
        return self.new_junctions[key]

    def _course(
        self, entry: "CardEntry", key: str, ends: "list[shapely.Point]"
    ) -> "shapely.LineString":
        """Return a road's course: given, drawn beside the card, or straight."""
        import shapely

        spots = self.drawn.positions(entry, "course")
        if len(spots) == 1:
            entry.fail("'course' has one position; two or more are expected")
        line = shapely.LineString(spots) if spots else self.drawn.line(key)
        if line is None:
            line = shapely.LineString(ends)
        if not line.length > 0:
            entry.fail("its course has no length")
        return line

    def _filled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add values for columns of the network in which no road may be without."""
        columns = self.roads.columns
        kind = values["road_class"]
        fill: dict[str, Any] = {
            mode: kind not in barred for mode, barred in _MODES.items()
        }
        fill |= {"cycle_oneway": values["oneway"], "signals": 0}
        needed = {k: v for k, v in fill.items() if k in columns}
        return needed | values


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return not hasattr(value, "geom_type") and bool(pd.isna(value))


def _plain(value: Any) -> Any:
    """Return a value as Python has it, not NumPy."""
    return value.item() if hasattr(value, "item") else value
